"""Sensitivity of the answer to the parameters that neither the scenario nor the change states, over their prior.

Two numbers at each point of the prior: the effect, P(success) with the change minus P(success) without over the same
worlds, and P(success) with it.

All parameters are screened by elementary effects (Morris 1991): from a point of the prior one parameter at a time is
moved by two thirds of its range, and what the number moves by is taken per whole range (on a logarithmic scale where
the prior's is). Its mean absolute value is mu* (Campolongo, Cariboni & Saltelli 2007), its mean mu, its standard
deviation sigma: for a number linear in the parameters mu* is |slope| × range, and sigma 0. A few worlds a point leave
chance in mu*, which doesn't average out, since absolute values are added: ``noise`` is the mu* that chance alone would
give. A dummy that is handed to nothing goes along. As the same worlds with the same luck are run at every point, its
mu* is exactly 0; with luck of its own at each point it would not be.

Then the foremost parameters are walked one at a time from the scenario's value over their range, with more worlds:
where does the reading of the answer turn? What two of them would do together is not seen there, and each reading is at
its own level, so of many some are wrong by chance.
"""

from bestowal.questions.kind import Kind
from bestowal.questions.kinds.sensitivity.compute import parts
from bestowal.questions.kinds.sensitivity.result import Sensitivity
from bestowal.questions.kinds.sensitivity.section import TITLE, section

KIND = Kind(
    order=60,
    title=TITLE,
    result=Sensitivity,
    parts=parts,
    section=section,
    figure="bestowal.questions.kinds.sensitivity.figure",
)
