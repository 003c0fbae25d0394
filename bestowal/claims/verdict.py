"""Verdicts on claims, and the effect that a verdict over draws rests on; imported without NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bestowal.statistics.intervals import Interval


class Verdict(StrEnum):
    """The verdict on a claim; its value is how it reads.

    A claim of a paper agrees, disagrees, or is one of which the model cannot tell (`paper.judge`). A claim of the
    source is supported, contradicted, dependent on one parameter, undecided or untestable (`judge.judge`).
    """

    AGREES = "agrees"
    DISAGREES = "disagrees"
    CANNOT_TELL = "cannot tell"
    SUPPORTED = "supported in the model"
    CONTRADICTED = "contradicted in the model"
    DEPENDS = "depends on a parameter"
    UNDECIDED = "not decided"
    UNTESTABLE = "not a testable claim"


@dataclass(frozen=True)
class Split:
    """The draws on either side of one parameter's value, and the share of each at which the claim holds.

    ``below`` holds the draws up to ``at`` and ``above`` the others; ``p`` is Fisher's exact test of the two shares, not
    corrected for the number of parameters tried.
    """

    parameter: str
    at: float
    below: Interval
    above: Interval
    p: float


@dataclass(frozen=True)
class Judgement:
    """A verdict over draws, and the effect it rests on.

    ``share``: of the draws with a number, the share at which the claim holds, with its Wilson interval; ``number``: the
    mean of their numbers, with its interval, in the unit of the experiment; ``near``: the share of draws within the
    equivalence margin of the threshold; ``tried``: parameters tested for a split. Power is not measured; how many draws
    would decide is estimated by `judge.draws_to_decide`.
    """

    verdict: Verdict
    share: Interval
    number: Interval
    near: float | None
    split: Split | None
    tried: int
