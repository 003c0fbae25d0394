"""Collapse as survival data: how long worlds stand in each run, and what a change does to that.

Kaplan & Meier's estimate with censoring at the horizon; hazard by age in discrete time, as the share of the years
begun in which a world ended (Singer & Willett 1993); restricted mean years standing, which is the plain mean here,
since every world is watched to the horizon, and so equals the area under the curve (Royston & Parmar 2013). Against the
reference: log-rank (Mantel 1966; it takes the runs as separate samples, and so says less than pairs do), the mean
difference of pairs, and of the pairs that differ, the share in which the change stood longer.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bestowal.questions.kind import Case
from bestowal.questions.outcomes import Outcome
from bestowal.questions.question import TESTED
from bestowal.statistics.intervals import Interval, Survival, mean, proportion, survival

BAND = 10  # years


@dataclass(frozen=True)
class Hazard:
    """The share of years at risk in which a world ended, at ages from ``start`` to before ``stop`` full years."""

    start: int
    stop: int
    ends: int
    at_risk: int  # world-years begun
    hazard: Interval


@dataclass(frozen=True)
class Stood:
    """How long the worlds of one run stood; the last four against the reference, None for itself."""

    run: str
    curve: Survival
    hazards: list[Hazard]
    years: Interval
    difference: Interval | None
    longer: Interval | None
    sign_p: float | None
    logrank_p: float | None


@dataclass(frozen=True)
class Standing:
    """Every run against the reference; years are full years stood within the horizon."""

    reference: str
    horizon: int
    worlds: int
    runs: list[Stood]


def standing(arms: Mapping[str, Outcome], horizon: int, reference: str) -> Standing:
    """How long the worlds of each run stood, and longer than the reference's by how much."""
    base = arms[reference]
    runs = [_stood(name, outcome, None if name == reference else base, horizon) for name, outcome in arms.items()]
    return Standing(reference, horizon, int(base.stood.size), runs)


def _stood(name: str, outcome: Outcome, base: Outcome | None, horizon: int) -> Stood:
    curve = survival(outcome.stood, outcome.ended)
    hazards = [_hazard(outcome, start, min(start + BAND, horizon)) for start in range(0, horizon, BAND)]
    years = mean(outcome.stood, bounds=(0, horizon))
    if base is None:
        return Stood(name, curve, hazards, years, None, None, None, None)
    gained = outcome.stood - base.stood
    longer, differ = int((gained > 0).sum()), int((gained != 0).sum())
    sign_p = None
    if differ:
        from scipy.stats import binomtest

        sign_p = float(binomtest(longer, differ).pvalue)
    difference = mean(gained, bounds=(-horizon, horizon))
    return Stood(name, curve, hazards, years, difference, proportion(longer, differ), sign_p, _logrank(base, outcome))


def _hazard(outcome: Outcome, start: int, stop: int) -> Hazard:
    at_risk = int(np.clip(outcome.stood + outcome.ended - start, 0, stop - start).sum())  # a year begun is at risk
    ends = int((outcome.ended & (outcome.stood >= start) & (outcome.stood < stop)).sum())
    return Hazard(start, stop, ends, at_risk, proportion(ends, at_risk))


def _logrank(a: Outcome, b: Outcome) -> float | None:
    """Two-sided; None where it has no value: nothing ended in either run, or in each everything in the same year."""
    if not (a.ended.any() or b.ended.any()):
        return None
    from scipy.stats import CensoredData, logrank

    def censored(outcome: Outcome) -> CensoredData:
        return CensoredData(uncensored=outcome.stood[outcome.ended], right=outcome.stood[~outcome.ended])

    with warnings.catch_warnings():  # where no risk set is left, it divides 0 by 0
        warnings.simplefilter("ignore", RuntimeWarning)
        p = float(logrank(censored(a), censored(b)).pvalue)
    return None if math.isnan(p) else p


def parts(case: Case) -> dict[str, Callable[[], Standing]]:
    """Every run of the question against the scenario with the test."""

    def compute() -> Standing:
        found = case.evaluator.judge(list(case.arms.values()), range(case.worlds))
        return standing(dict(zip(case.arms, found, strict=True)), case.asked.horizon, TESTED)

    return {"": compute}
