"""Collapse as survival data: how long worlds stand in each run, and what a change does to that.

Kaplan & Meier's estimate with censoring at the horizon; hazard by age in discrete time, as the share of the years
begun in which a world ended (Singer & Willett 1993); restricted mean years standing, which is the plain mean here,
since every world is watched to the horizon, and so equals the area under the curve (Royston & Parmar 2013). Against the
reference: log-rank (Mantel 1966; it takes the runs as separate samples, and so says less than pairs do), the mean
difference of pairs, and of the pairs that differ, the share in which the change stood longer.
"""

from bestowal.questions.kind import Kind
from bestowal.questions.kinds.survival.compute import Standing, parts
from bestowal.questions.kinds.survival.section import TITLE, section

KIND = Kind(
    order=50,
    title=TITLE,
    result=Standing,
    parts=parts,
    section=section,
    figure="bestowal.questions.kinds.survival.figure",
)
