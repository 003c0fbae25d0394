"""The search for the smallest change, and its result on fresh worlds."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.questions.answer import NOTHING_TO_SAVE, succeeds_already
from bestowal.questions.dose import distance, scales, sized, unsized
from bestowal.questions.kind import Case
from bestowal.questions.kinds.smallest.result import Change, Found, Knob, Rival, Smallest, Succeeds, Threshold
from bestowal.questions.kinds.smallest.search import FIRST, Search
from bestowal.questions.kinds.smallest.sets import minimal_sets
from bestowal.questions.kinds.smallest.sizes import STEP, alone, inside, shrunk, sizes_of, traded
from bestowal.questions.question import tested
from bestowal.simulation.scenario import Scenario
from bestowal.statistics.intervals import Interval, proportion
from bestowal.uncertainty.prior import prior

RESAMPLES = 200
RIVALS = 4  # other sets of levers that are named
KEPT = 5  # minimal sets whose sizes are searched
TRIED = 8  # changes run on fresh worlds in search of the nearest that holds up
SHOWN = 12  # points of the frontier


def smallest(
    knobs: Sequence[Knob],
    succeeds: Succeeds,
    *,
    target: float,
    worlds: int,
    seed: int,
    most: int = 3,
    trials: int = 48,
) -> Smallest:
    """The change nearest to history that is enough, all minimal sets, and the frontier.

    Parameters
    ----------
    target : the sufficiency asked for, between 0 and 1.
    worlds : of the search: 0 to ``worlds`` - 1; the fresh ones are as many from there on.
    seed : of the search over sizes.
    most : levers in the sets that are all tried; larger ones are reached from all levers downwards.
    trials : of sizes for each minimal set of two levers or more.
    """
    if not 0 < target < 1:
        raise BestowalError(f"smallest change: target must lie between 0 and 1, not {target:g}")
    search = Search(knobs, succeeds, target, worlds)
    history = search.judged([()], worlds)[0]
    if (proportion(int(history.sum()), worlds).low or 0.0) >= target or history.all():
        return _told(search, "nothing to save", [], [], 0)

    minimal, undecided = minimal_sets(search, most)
    nearest = [sizes_of(search, chosen, seed, trials) for chosen in minimal[:KEPT]]
    if len(minimal) > KEPT:
        search.notes.append(
            f"{len(minimal)} minimal sets were found; sizes were searched for the {KEPT} nearest at full size."
        )
    if nearest:
        best = min(nearest, key=search.rank)
        near = [change for change in alone(search, 2 * STEP) if search.distance(change) < search.distance(best)]
        nearest += [shrunk(search, change) for change in search.enough(near)[:1]]
        nearest.append(traded(search, min(nearest, key=search.rank)))
    else:
        nearest += [shrunk(search, change) for change in inside(search, most)]
    return _told(search, "", nearest, undecided, TRIED)


def _told(search: Search, status: str, nearest: list[Change], undecided: list[list[str]], most: int) -> Smallest:
    passed = [key for key, verdicts in search.known.items() if len(verdicts) == search.worlds and key]
    passed = sorted((key for key in passed if search.shortfall(key) <= 0), key=search.rank)[:most]
    points = _frontier(search)
    asked = list(dict.fromkeys([(), *nearest, *passed, *points]))
    fresh = range(search.worlds, 2 * search.worlds)
    verdicts = dict(zip(asked, search.succeeds([dict(key) for key in asked], fresh), strict=True))
    failed = ~verdicts[()]

    def found(key: Change) -> Found:
        success, saved = verdicts[key], verdicts[key][failed]
        share = proportion(int(saved.sum()), int(saved.size))
        return Found(
            dict(key),
            search.distance(key),
            proportion(int(success.sum()), int(success.size)),
            share,
            search.sufficiency(key),
            bool(key) and share.estimate is not None and share.estimate >= search.target,
        )

    ranked = sorted({*nearest, *passed}, key=search.rank)
    chosen = next((key for key in ranked if found(key).held_up), None)
    answer = None if chosen is None else found(chosen)
    best: list[Found] = []
    for one in map(found, points):
        if not best or (one.success.estimate or 0.0) > (best[-1].success.estimate or 0.0):
            best.append(one)
    if not status:
        status = "found" if answer is not None else "none"
    sizes = sorted({len(verdicts) for verdicts in search.known.values()})
    return Smallest(
        status,
        search.target,
        answer,
        [found(key) for key in sorted(set(nearest), key=search.rank)],
        undecided,
        best,
        len(search.known) - 1,
        {str(n): sum(len(verdicts) >= n for key, verdicts in search.known.items() if key) for n in sizes},
        len({*nearest, *passed}),
        search.worlds,
        search.notes,
        None if chosen is None else _threshold(search, chosen, failed),
        [] if chosen is None else _rivals(search, chosen),
    )


def _threshold(search: Search, change: Change, failed: NDArray[np.bool_]) -> Threshold | None:
    """See ``Threshold``; None where no lever of the change has another size. Every run is of the fresh worlds."""
    free = {name: size for name, size in change if not search.knobs[name].whole}
    if not free:
        return None
    full, n = max(free.values()), int(failed.sum())
    fresh = range(search.worlds, 2 * search.worlds)

    def share(step: int) -> Interval:
        """With all sizes in proportion, the largest larger by so many steps."""
        part = (full + step * STEP) / full
        sizes = {name: min(max(size * part, search.knobs[name].least), 1.0) for name, size in free.items()}
        saved = search.succeeds([dict(search.key(dict(change) | sizes))], fresh)[0][failed]
        return proportion(int(saved.sum()), n)

    lowest, highest = -math.ceil(full / STEP - 1e-9) + 1, math.floor((1 - full) / STEP + 1e-9)
    at = {0: share(0)}
    low = 0
    while low > lowest:
        at[low - 1] = share(low - 1)
        if (at[low - 1].high or 0.0) < search.target:
            break
        low -= 1
    reached = 0  # the lowest step down to which every estimate is at least the target
    while (at[reached].estimate or 0.0) >= search.target and reached - 1 in at:
        if (at[reached - 1].estimate or 0.0) < search.target:
            break
        reached -= 1
    estimate = float(reached)
    if reached - 1 in at:  # between that step and the next, in proportion
        above, below = at[reached].estimate or 0.0, at[reached - 1].estimate or 0.0
        estimate -= (above - search.target) / (above - below) if above > below else 0.0
    high: int | None = 0
    while high is not None and (at[high].low or 0.0) < search.target:
        high = high + 1 if high < highest else None
        if high is not None:
            at[high] = share(high)
    while high is not None and high - 1 >= low and (at[high - 1].low or 0.0) >= search.target:
        high -= 1
    scale = STEP / full
    return Threshold(1 + estimate * scale, 1 + low * scale, None if high is None else 1 + high * scale)


def _rivals(search: Search, answer: Change) -> list[Rival]:
    """See ``Rival``: the answer's set first, then the others, the most frequent first."""
    failed = np.flatnonzero(~search.known[()])
    whole = [key for key, verdicts in search.known.items() if key and len(verdicts) == search.worlds]
    ranked = sorted(whole, key=search.rank)
    saved = np.array([search.known[key][failed] for key in ranked], dtype=float)
    n = failed.size
    needed = next((x for x in range(n + 1) if (proportion(x, n).low or 0.0) >= search.target), n + 1)
    times = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    passed = times @ saved.T >= needed
    counts: dict[tuple[str, ...], int] = {tuple(name for name, _ in answer): 0}
    nearest = {tuple(name for name, _ in answer): search.distance(answer)}
    for first in np.argmax(passed, axis=1)[passed.any(axis=1)]:
        names = tuple(name for name, _ in ranked[first])
        counts[names] = counts.get(names, 0) + 1
        nearest.setdefault(names, search.distance(ranked[first]))
    own, *others = [Rival(list(names), nearest[names], count / RESAMPLES) for names, count in counts.items()]
    return [own, *sorted(others, key=lambda rival: -rival.share)[:RIVALS]]


def _frontier(search: Search) -> list[Change]:
    """What no nearer change beats on the worlds that all were judged on: at most SHOWN, history first."""
    first = min(FIRST, search.worlds)
    points: list[Change] = []
    best = -1.0
    for key in sorted(search.known, key=search.rank):
        share = float(search.known[key][:first].mean())
        if share > best:
            points.append(key)
            best = share
    if len(points) <= SHOWN:
        return points
    return [points[round(k * (len(points) - 1) / (SHOWN - 1))] for k in range(SHOWN)]


def parts(case: Case) -> dict[str, Callable[[], Smallest]] | str:
    """The search over the levers of the question that may be offered."""
    if succeeds_already(case.answer):
        return NOTHING_TO_SAVE.format(target=case.asked.target)
    return {"": functools.partial(_of_case, case)}


def foremost(found: Smallest) -> list[str]:
    """The levers of the smallest change that is enough; none where none was found."""
    return list(found.answer.sizes) if found.answer is not None else []


def _of_case(case: Case) -> Smallest:
    asked, base = case.asked, case.base
    scale = scales(base.model, prior(base.model))
    levers = {lever.name: lever for lever in asked.levers if not lever.together and not lever.forbidden}
    knobs = [
        Knob(lever.name, distance(base, lever, scale), lever.weight, unsized(lever, base.model), lever.least)
        for lever in levers.values()
    ]

    @functools.cache  # changes share their first levers
    def changed(change: tuple[tuple[str, float], ...]) -> Scenario:
        if not change:
            return base
        name, size = change[-1]
        return sized(changed(change[:-1]), levers[name], size, scale)

    def succeeds(changes: Sequence[Mapping[str, float]], among: range) -> NDArray[np.bool_]:
        scenarios = [tested(changed(tuple(change.items())), asked) for change in changes]
        return np.array([outcome.success for outcome in case.evaluator.judge(scenarios, among)])

    return smallest(knobs, succeeds, target=asked.target, worlds=case.worlds, seed=case.seed)
