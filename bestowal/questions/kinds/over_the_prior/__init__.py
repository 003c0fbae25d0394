"""P(success) over all that isn't known at once: as it was, and with each change, at joint draws of prior and posterior.

At each draw every parameter of the prior that the scenario doesn't state takes the value drawn, of people given what it
states of them (`bestowal.claims.source.open_to`); what the scenario states stands, and a change's own values stand over
both. All runs have the same draws and, at each, the
same worlds with the same luck; each draw has luck of its own. So an effect is paired, and draws are independent.

Of few worlds a draw's P(success) is known roughly: by luck alone it has a standard deviation of ``noise``, which is in
the spread over draws but averages out of the mean.
"""

from bestowal.questions.kind import Kind
from bestowal.questions.kinds.over_the_prior.compute import Uncertain, parts
from bestowal.questions.kinds.over_the_prior.section import TITLE, section

KIND = Kind(
    order=70,
    title=TITLE,
    result=Uncertain,
    parts=parts,
    section=section,
    figure="bestowal.questions.kinds.over_the_prior.figure",
)
