"""When was it too late? The same worlds, the same luck, the change made in year t instead.

Sufficiency at t is the share, of the worlds that failed, that succeed with the change made in year t. The last year is
the last one in which it is at least one half. Years are tried on a coarse grid first, then between two neighbours that
differ by more than STEEP or lie on both sides of one half, down to FINE, and to single years at the last fall below one
half, and at the fall below which it is surely too late. Its interval is a percentile bootstrap over worlds (Efron &
Tibshirani 1993), a world's verdicts in all years kept together.

Between the years so tried, every year is looked at on a few worlds: as many of the first as hold GLANCE that failed.
Where its interval there (at UNLIKE) leaves out everything between its neighbours' shares, it is run on all worlds: so a
window of years is found that the grid misses, if the change then saves most of the worlds or nearly none.

The curve need not fall steadily: a change can come too early as well as too late (before a war it doesn't outlast).
"""

from bestowal.questions.kind import Kind
from bestowal.questions.kinds.last_year.compute import LastYear, parts
from bestowal.questions.kinds.last_year.section import TITLE, section

KIND = Kind(
    order=20,
    title=TITLE,
    result=LastYear,
    parts=parts,
    section=section,
    figure="bestowal.questions.kinds.last_year.figure",
)
