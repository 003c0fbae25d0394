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

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bestowal.models.registry import load, parameters
from bestowal.questions.answer import NOTHING_TO_SAVE, succeeds_already
from bestowal.questions.kind import Case
from bestowal.questions.outcomes import BLOCK, Branches, Judge
from bestowal.questions.question import Lever, Moment, Question, hold, tested
from bestowal.simulation.scenario import Scenario, rows
from bestowal.statistics.intervals import LEVEL, Interval, proportion

COARSE = 10  # years
FINE = 5  # years
STEEP = 0.2  # of sufficiency
RESAMPLES = 2000
GLANCE = 12  # failed worlds on which every year is looked at
UNLIKE = 0.99  # level of the interval there


@dataclass(frozen=True)
class Year:
    """The change made in this year (0 is the first): its sufficiency."""

    year: int
    sufficiency: Interval


@dataclass(frozen=True)
class LastYear:
    """The curve of a change's sufficiency against the year it is made in.

    ``last``: the last year tried in which it is at least one half, between ``low`` and ``high``; None where it never
    is. ``surely_until``: the last year whose whole interval is at least one half; ``lost_from``: the first year from
    which on every interval lies below one half, None where the change can be made in year 0 alone. ``left_out``: what
    is read when a world begins, and so is changed in year 0 and in no later one: then the rest is of the later years,
    whose change lacks it. ``glanced``: years looked at on the first ``glance`` worlds alone. ``cost``: years lived,
    over those of straight runs for every year.
    """

    name: str
    label: str
    years: list[Year]
    last: int | None
    low: int | None
    high: int | None
    surely_until: int | None
    lost_from: int | None
    left_out: list[str]
    failed: int
    worlds: int
    glanced: list[int]
    glance: int
    cost: float


def last_year(
    change: Lever,
    asked: Question,
    base: Scenario,
    judge: Judge,
    branches: Branches,
    *,
    worlds: int,
    coarse: int = COARSE,
) -> LastYear:
    """The curve, and the last year, of one change over worlds 0 to ``worlds`` - 1."""
    left_out = sorted(set(_values(change)) & _fixed(base))
    failed = ~judge([tested(base, asked)], range(worlds))[0].success
    glance = _glance(failed)
    saved, seen, lived = _run(change, asked, base, failed, branches, worlds=worlds, coarse=coarse, glance=glance)

    years = sorted(saved)
    curve = [Year(year, proportion(int(saved[year].sum()), int(failed.sum()))) for year in years]
    joined_years = [year for year in years if year or not left_out] or [0]
    verdicts = np.array([saved[year] for year in joined_years])
    last, low, high = _crossing(np.array(joined_years), verdicts)
    on = [y for y in curve if y.year in joined_years]
    sure = [y.year for y in on if y.sufficiency.low is not None and y.sufficiency.low >= 0.5]
    open_ = [k for k, y in enumerate(on) if y.sufficiency.high is None or y.sufficiency.high >= 0.5]
    after = open_[-1] + 1 if open_ else 0
    lost = on[after].year if after < len(on) and failed.any() and joined_years != [0] else None
    return LastYear(
        change.name,
        change.label,
        curve,
        last,
        low,
        high,
        max(sure, default=None),
        lost,
        left_out,
        int(failed.sum()),
        worlds,
        sorted(set(seen) - set(saved)),
        glance,
        lived / base.years**2,
    )


def _values(change: Lever) -> dict[str, float]:
    return {name: value for moment in change.moments for name, value in moment.values.items()}


def _fixed(base: Scenario) -> set[str]:
    """The parameters that are read only when a world begins."""
    return {p.name for p in parameters(load(base.model)) if p.fixed}


def _run(
    change: Lever,
    asked: Question,
    base: Scenario,
    failed: NDArray[np.bool_],
    branches: Branches,
    *,
    worlds: int,
    coarse: int,
    glance: int,
) -> tuple[dict[int, NDArray[np.bool_]], dict[int, NDArray[np.bool_]], float]:
    """Run the years that decide where the curve crosses one half.

    Returns whether each failed world is saved, by year, on all worlds and on the first ``glance`` of them, and how many
    years were run in all, in units of ``worlds``.
    """
    history, values, fixed = tested(base, asked), _values(change), _fixed(base)
    later = {name: value for name, value in values.items() if name not in fixed}
    left_out = set(values) & fixed
    ends = [0, *_moving(history, asked, later)]
    saved: dict[int, NDArray[np.bool_]] = {}
    seen: dict[int, NDArray[np.bool_]] = {}
    lived = 0.0
    wanted = sorted({*ends[::coarse], ends[-1], *(ends[1:2] if left_out else [])})

    def lives(years: list[int], among: int) -> dict[int, NDArray[np.bool_]]:
        nonlocal lived
        made = [(year, _made(base, asked, year, later if year else values)) for year in years]
        found = branches(history, made, range(among))
        lived += (sum(base.years - year for year in years) + max(years)) * among / worlds
        return {year: outcome.success[failed[:among]] for year, outcome in zip(years, found, strict=True)}

    while wanted:
        saved |= lives(wanted, worlds)
        # What is made in year 0 alone is another change: no curve runs from it to the next year.
        joined = {year: found for year, found in saved.items() if year or not left_out}
        wanted = _between(joined)
        if not wanted and failed.any():
            unseen = [year for year in ends if min(joined, default=0) < year and year not in saved and year not in seen]
            if unseen and glance < worlds:
                seen |= lives(unseen, glance)
            wanted = _unlike(joined, {year: found for year, found in seen.items() if year not in saved})
    return saved, seen, lived


def _made(base: Scenario, asked: Question, year: int, values: dict[str, float]) -> Scenario:
    """History with the change made in this year, and the test, which comes after whatever is made."""
    return tested(hold(base, Moment(year, values)), asked)


def _moving(history: Scenario, asked: Question, values: dict[str, float]) -> list[int]:
    """The years after the first in which making the change moves anything: in its own years the test may undo it."""
    lived = rows(history)
    moved = np.zeros(history.years, dtype=bool)
    for name, value in values.items():
        end = asked.test.year if name in asked.test.values else history.years
        moved[:end] |= lived[name][:end] != value
    return [year for year in range(1, history.years) if moved[year:].any()]


def _glance(failed: NDArray[np.bool_]) -> int:
    """The number of worlds, in whole blocks, that hold GLANCE that failed."""
    enough = np.flatnonzero(failed.cumsum() >= GLANCE)
    worlds = int(enough[0]) + 1 if enough.size else failed.size
    return min(-(-worlds // BLOCK) * BLOCK, failed.size)


def _unlike(saved: dict[int, NDArray[np.bool_]], seen: dict[int, NDArray[np.bool_]]) -> list[int]:
    """Years whose interval on a few worlds leaves out everything between their neighbours' shares."""
    years = sorted(saved)
    wanted = []
    for year, found in seen.items():
        near = [saved[y].mean() for a, b in itertools.pairwise(years) if a < year < b for y in (a, b)]
        share = proportion(int(found.sum()), found.size, UNLIKE)
        known = near and share.low is not None and share.high is not None
        if known and (share.low > max(near) or share.high < min(near)):
            wanted.append(year)
    return sorted(wanted)


def _between(saved: dict[int, NDArray[np.bool_]]) -> list[int]:
    """Years halfway between neighbours.

    To single years at the last fall below one half, and at the fall after which every interval lies below it; else to
    FINE where it is steep.
    """
    years = sorted(saved)
    share = {year: saved[year].mean() if saved[year].size else 0.0 for year in years}
    gaps = list(itertools.pairwise(years))
    falls = [gap for gap in gaps if share[gap[0]] >= 0.5 > share[gap[1]]][-1:]
    open_ = {year: (proportion(int(saved[year].sum()), saved[year].size).high or 1.0) >= 0.5 for year in years}
    falls += [gap for gap in gaps if open_[gap[0]] and not open_[gap[1]]][-1:]
    wanted = []
    for a, b in gaps:
        steep = abs(share[a] - share[b]) > STEEP or (share[a] >= 0.5) != (share[b] >= 0.5) or (a, b) in falls
        if b - a > (1 if (a, b) in falls else FINE) and steep:
            wanted.append((a + b) // 2)
    return wanted


def _crossing(years: NDArray[np.int_], verdicts: NDArray[np.bool_]) -> tuple[int | None, int | None, int | None]:
    """The last year with at least one half, and its interval; ``verdicts`` is (years, failed worlds)."""
    n = verdicts.shape[1]
    if n == 0:
        return None, None, None

    def last(shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """(…, years) -> (…,): -1 where no year reaches one half."""
        reached = shares >= 0.5
        at = len(years) - 1 - np.argmax(reached[..., ::-1], axis=-1)
        return np.where(reached.any(axis=-1), years[at], -1)

    # Which worlds, how often: drawn anew from the same address each time, so that an answer doesn't change.
    times = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    found = last(times @ verdicts.T / n)
    ends = np.quantile(found, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], method="inverted_cdf")
    here = int(last(verdicts.mean(axis=1)))
    low, high = (int(end) if end >= 0 else None for end in ends)
    return (here if here >= 0 else None), low, high


def parts(case: Case) -> dict[str, Callable[[], LastYear]] | str:
    """A curve for each change examined closely."""
    if succeeds_already(case.answer):
        return NOTHING_TO_SAVE.format(target=case.asked.target)
    return {change.name: functools.partial(_of_change, change, case) for change in case.changes}


def _of_change(change: Lever, case: Case) -> LastYear:
    evaluator = case.evaluator
    return last_year(change, case.asked, case.base, evaluator.judge, evaluator.branches, worlds=case.worlds)
