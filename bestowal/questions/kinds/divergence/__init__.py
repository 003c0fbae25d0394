"""Who differs first, and through what: a twin pair of worlds, followed person by person.

Everybody at work in a year is looked up by lineage in both worlds. A person differs who is at work in one world only,
or in both with anything about them unlike, compared exactly. Each is counted once, in the first year they differ, under
the first rule of CHANNELS that fits. The rules read what can be seen at work and no causes: LIMITS says what they leave
open. The look is at work: what happens after it – learning, practice, departures, newcomers, a split, in this order –
shows in the year after.
"""

from bestowal.questions.kind import Kind
from bestowal.questions.kinds.divergence.compute import Who, drawn, parts
from bestowal.questions.kinds.divergence.section import TITLE, section

KIND = Kind(
    order=40,
    title=TITLE,
    result=Who,
    parts=parts,
    section=section,
    figure="bestowal.questions.kinds.divergence.figure",
    drawn=drawn,
)
