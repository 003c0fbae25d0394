"""The society model: people who share, their motives, and the institutions around them.

One file a mechanism, in the order of a year: `surroundings`, `work`, `intention`, `rule`, `sharing`, `contests`,
`perception`, `learning`, `practice`, `membership`, `votes`, `entry`. The equations stand in
`docs/reference/society-equations.md`.
"""

from bestowal.models.registry import Model, Overruled
from bestowal.models.society.observables import OBSERVABLES, PERSON_OBSERVABLES
from bestowal.models.society.params import Params

MODEL = Model(
    name="society",
    title="A society of giving: motives, institutions and surroundings",
    params=Params,
    observables=OBSERVABLES,
    kernels="bestowal.models.society.year",
    persons="bestowal.models.society.persons",
    person_observables=PERSON_OBSERVABLES,
    # Members may vote on it, and until property becomes common all pay is by own work.
    overruled=(Overruled("pay_link", "pay_link", hold=(("vote_every", 0), ("readiness", 0.0))),),
)
