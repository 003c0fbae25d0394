"""The smallest change that would have been enough: which levers, at which sizes, nearest to history.

A change turns some levers to sizes above 0 (history) up to 1 (as the question file states them). Its distance is the
sum over its levers of weight × distance at full size × size. Distances are added, not squared: a reader can add them,
and a norm would call a little of everything nearer than one clear change. Its sufficiency is the share, of the worlds
that failed in history, that succeed with it. It is *enough* when the lower limit (Wilson, 95 %) of its sufficiency is
at least the target.

1. Sets at full size, smallest first, without those that contain a set already enough; and, from all levers together,
   down by the lever that is best left out. Each change begins on a few worlds and goes on to twice as many (successive
   halving, Jamieson & Talwalkar 2016) only while it isn't hopeless: while the upper limit at 99.9 % reaches the target.
   Where no set is enough so, sizes inside are tried: each lever alone at every size, and then, from all levers together
   and from the change that saved most, each lever in turn at the best of every second size, the others held
   (coordinate ascent). Where sets are enough, a lever alone is still tried at every second size that would be nearer.
2. Sizes, on a grid of STEP: of a set with one lever that has sizes, all; of others, by a tree-structured Parzen
   estimator (Bergstra et al. 2011; Optuna, asked for BATCH changes at a time, so that nothing hangs on who is first).
   Then each lever is made smaller, or left out, while that is still enough; and from the nearest change so found, less
   of one lever is traded for more of another, in the set or not: two small changes can be nearer than one large one.
3. What was found is run on fresh worlds, as many again, that no search has seen. The answer is the nearest change whose
   share there is at least the target, and its numbers are those of the fresh worlds.
4. As the lower limit must reach the target, the sizes found lie above the smallest that are enough. So sizes around
   them are run on the fresh worlds too: ``threshold`` is where the share itself reaches the target, with the sizes that
   can't be told from it. And the worlds of the search are drawn again RESAMPLES times, with replacement, to see which
   other sets of levers might as well have come out nearest: ``rivals``.

Adding a lever can do harm, so more isn't always better: a set is minimal where no part of it was enough at full size.
The search is no proof: a nearer change may have been missed.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.statistics.intervals import Interval, proportion

Succeeds = Callable[[Sequence[Mapping[str, float]], range], NDArray[np.bool_]]
"""Changes (lever -> size; {} is history) and worlds -> (changes, worlds): whether each succeeds. Luck is a world's."""

Change = tuple[tuple[str, float], ...]
"""A change as a key: (lever, size) in the order of the levers."""

STEP = 0.05
FIRST = 32  # worlds on which every change begins
HOPELESS = 0.999
BATCH = 8
RESAMPLES = 200
RIVALS = 4  # other sets of levers that are named
QUARTERS = (0.25, 0.5, 0.75, 1.0)  # sizes of a lever that another is traded for
MOST_SETS = 600  # of one number of levers; more are not tried
ROUNDS = 4  # of trading, each for a change at least 5 % nearer
KEPT = 5  # minimal sets whose sizes are searched
TRIED = 8  # changes run on fresh worlds in search of the nearest that holds up
SHOWN = 12  # points of the frontier


@dataclass(frozen=True)
class Knob:
    """A lever that the search may turn; ``distance``: from history at full size; ``whole``: it has no other size.

    ``least``: no smaller size than this can be had; 0 is any.
    """

    name: str
    distance: float
    weight: float = 1.0
    whole: bool = False
    least: float = 0.0


@dataclass(frozen=True)
class Found:
    """A change: P(success) and sufficiency on fresh worlds, sufficiency in the search, whether it held up."""

    sizes: dict[str, float]
    distance: float
    success: Interval
    sufficiency: Interval
    searched: Interval
    held_up: bool


@dataclass(frozen=True)
class Threshold:
    """The share of the answer's sizes at which its share of worlds saved is the target.

    ``estimate``: where the estimate, going down from 1, falls below the target, in proportion between two steps;
    ``low`` and ``high``: the smallest step at which its upper, and its lower, limit is at least the target; None where
    no step's is.
    """

    estimate: float
    low: float
    high: float | None


@dataclass(frozen=True)
class Rival:
    """A set of levers, and the share of resamples of the worlds of the search in which it is nearest and enough."""

    levers: list[str]
    distance: float
    share: float


@dataclass(frozen=True)
class Smallest:
    """What the search found.

    ``status``: "found", "none" or "nothing to save". ``answer``: the nearest change that held up. ``minimal``: every
    minimal set found, at its smallest sizes. ``undecided``: sets whose interval holds the target even on all worlds.
    ``frontier``: changes that no nearer one beats in P(success), history first. ``judged``: changes tried; ``spent``:
    how many of them on at least so many worlds. ``tried``: changes run on fresh worlds to find the answer.
    ``threshold``, ``rivals``: of the answer; the first of the rivals is its own set of levers.
    """

    status: str
    target: float
    answer: Found | None
    minimal: list[Found]
    undecided: list[list[str]]
    frontier: list[Found]
    judged: int
    spent: dict[str, int]
    tried: int
    worlds: int
    notes: list[str]
    threshold: Threshold | None
    rivals: list[Rival]


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
    search = _Search(knobs, succeeds, target, worlds)
    history = search.judged([()], worlds)[0]
    if (proportion(int(history.sum()), worlds).low or 0.0) >= target or history.all():
        return _told(search, "nothing to save", [], [], 0)

    minimal, undecided = _sets(search, most)
    nearest = [_sizes(search, chosen, seed, trials) for chosen in minimal[:KEPT]]
    if len(minimal) > KEPT:
        search.notes.append(
            f"{len(minimal)} minimal sets were found; sizes were searched for the {KEPT} nearest at full size."
        )
    if nearest:
        best = min(nearest, key=search.rank)
        alone = [change for change in _alone(search, 2 * STEP) if search.distance(change) < search.distance(best)]
        nearest += [_shrunk(search, change) for change in search.enough(alone)[:1]]
        nearest.append(_traded(search, min(nearest, key=search.rank)))
    else:
        nearest += [_shrunk(search, change) for change in _inside(search, most)]
    return _told(search, "", nearest, undecided, TRIED)


class _Search:
    """What has been asked of the worlds of the search, so that nothing is asked twice."""

    def __init__(self, knobs: Sequence[Knob], succeeds: Succeeds, target: float, worlds: int) -> None:
        self.knobs = {knob.name: knob for knob in knobs}
        self.succeeds, self.target, self.worlds = succeeds, target, worlds
        self.known: dict[Change, NDArray[np.bool_]] = {}
        self.notes: list[str] = []

    def key(self, sizes: Mapping[str, float]) -> Change:
        return tuple((name, round(sizes[name], 6)) for name in self.knobs if sizes.get(name, 0) > 0)

    def distance(self, change: Change) -> float:
        return sum(self.knobs[name].weight * self.knobs[name].distance * size for name, size in change)

    def rank(self, change: Change) -> tuple[float, int, Change]:
        """Nearest first; of equally near ones, fewest levers first."""
        return (round(self.distance(change), 9), len(change), change)

    def judged(self, changes: Sequence[Change], worlds: int) -> list[NDArray[np.bool_]]:
        """Verdicts on the first worlds, those not known yet asked for together."""
        nothing = np.empty(0, dtype=bool)
        short: dict[int, list[Change]] = {}
        for change in dict.fromkeys(changes):
            has = len(self.known.get(change, nothing))
            if has < worlds:
                short.setdefault(has, []).append(change)
        for has, some in sorted(short.items()):
            found = self.succeeds([dict(change) for change in some], range(has, worlds))
            for change, verdicts in zip(some, found, strict=True):
                self.known[change] = np.concatenate([self.known.get(change, nothing), verdicts])
        return [self.known[change][:worlds] for change in changes]

    def sufficiency(self, change: Change, level: float = 0.95) -> Interval:
        """On as many worlds as it has been judged on."""
        verdicts = self.known[change]
        saved = verdicts[~self.known[()][: len(verdicts)]]
        return proportion(int(saved.sum()), int(saved.size), level)

    def shortfall(self, change: Change) -> float:
        """How far the lower limit is from the target; 0 or less is enough, if it was judged on all worlds."""
        low = self.sufficiency(change).low
        return self.target - (low if low is not None else 0.0)

    def enough(self, changes: Iterable[Change]) -> list[Change]:
        """Those of the changes that are enough, in their order: the hopeless are left on the way."""
        changes = list(dict.fromkeys(changes))
        alive, n = changes, min(FIRST, self.worlds)
        while alive:
            self.judged(alive, n)
            if n == self.worlds:
                break
            alive = [change for change in alive if not self._hopeless(change)]
            n = min(2 * n, self.worlds)
        return [change for change in alive if self.shortfall(change) <= 0]

    def _hopeless(self, change: Change) -> bool:
        high = self.sufficiency(change, HOPELESS).high
        return high is not None and high < self.target


# --------------------------------------------------------------------------------------------------- sets, at full size


def _sets(search: _Search, most: int) -> tuple[list[Change], list[list[str]]]:
    """The minimal sets that are enough at full size, nearest first, and the sets that can't be told."""
    names = list(search.knobs)
    found: list[frozenset[str]] = []
    seen: list[Change] = []

    def change(some: Iterable[str]) -> Change:
        return search.key(dict.fromkeys(some, 1.0))

    def enough(sets: list[frozenset[str]]) -> list[frozenset[str]]:
        keys = {change(some): some for some in sets}
        seen.extend(keys)
        return [keys[passed] for passed in search.enough(keys)]

    for size in range(1, min(most, len(names)) + 1):
        sets = [frozenset(some) for some in combinations(names, size)]
        sets = [some for some in sets if not any(part <= some for part in found)]
        if len(sets) > MOST_SETS:
            search.notes.append(f"Sets of {size} levers were not all tried: there are {len(sets):,} of them.")
            break
        found += enough(sets)

    here = frozenset(names)
    while len(here) > most and not any(part <= here for part in found):
        passed = enough([here])
        parts = [here - {name} for name in names if name in here]
        smaller = enough(parts)
        if passed and not smaller:
            found.append(here)
            break
        # On towards the fewest levers: where parts are enough, the nearest; where none is, the one that saves most.
        here = min(
            smaller or parts,
            key=lambda some: search.rank(change(some)) if smaller else (-_saved(search, change(some)), 0, change(some)),
        )
    undecided = [
        [name for name, _ in key]
        for key in dict.fromkeys(seen)
        if len(search.known[key]) == search.worlds
        and search.shortfall(key) > 0
        and (search.sufficiency(key).high or 0.0) >= search.target
    ]
    return sorted((change(some) for some in found), key=search.rank), undecided


def _saved(search: _Search, change: Change) -> float:
    """The share saved on the worlds on which every change has been judged."""
    first = min(FIRST, search.worlds)
    verdicts, failed = search.known[change][:first], ~search.known[()][:first]
    return float(verdicts[failed].mean()) if failed.any() else 0.0


# ------------------------------------------------------------------------------------------------------------- sizes


def _alone(search: _Search, step: float) -> list[Change]:
    """Each lever alone at sizes below its full one, nearest first."""
    every = [search.key({knob.name: z}) for knob in search.knobs.values() for z in _grid(knob, step) if z < 1]
    return sorted(every, key=search.rank)


def _inside(search: _Search, most: int) -> list[Change]:
    """A change that is enough where no set is so at full size; none where none is found."""
    search.notes.append(
        f"At full size, all sets of up to {most} of the levers were tried, and larger ones from all levers downwards; "
        f"then each lever alone at every {100 * STEP:.0f}\u00a0% of its size; then, from all levers together and from "
        f"the change that saved most, each lever in turn at every {200 * STEP:.0f}\u00a0%. A change that is enough may "
        "have been missed."
    )
    passed = search.enough(_alone(search, STEP))
    if passed:
        return [min(passed, key=search.rank)]
    together = search.key(dict.fromkeys(search.knobs, 1.0))
    search.judged([together], min(FIRST, search.worlds))
    best = max((key for key in search.known if key), key=lambda key: (_saved(search, key), -search.distance(key)))
    for start in dict.fromkeys((together, best)):
        found = _climbed(search, start)
        if found:
            return [found]
    return []


def _climbed(search: _Search, change: Change) -> Change:
    """Each lever in turn at the size with which most worlds are saved, until that is enough (else: nothing)."""
    for _ in range(ROUNDS):
        before = change
        for name, knob in search.knobs.items():
            tried = [search.key(dict(change) | {name: z}) for z in (0.0, *_grid(knob, 2 * STEP))]
            passed = search.enough(other for other in tried if other)
            if passed:
                return min(passed, key=search.rank)
            known = [change, *(other for other in tried if other)]
            change = max(known, key=lambda other: _saved(search, other))  # the first of several alike: no change
        if change == before:
            break
    return ()


def _grid(knob: Knob, step: float | None = None) -> list[float]:
    """The sizes it can have, smallest first."""
    step = step or STEP
    steps = [round(step * k, 6) for k in range(1, round(1 / step) + 1)]
    return [1.0] if knob.whole else [size for size in steps if size >= knob.least - 1e-9]


def _sizes(search: _Search, whole: Change, seed: int, trials: int) -> Change:
    """The nearest change found that turns these levers and is enough; ``whole`` turns them fully, and is."""
    free = [name for name, _ in whole if not search.knobs[name].whole]
    best = whole
    if len(free) == 1:
        passed = search.enough(search.key(dict(whole) | {free[0]: size}) for size in _grid(search.knobs[free[0]]))
        best = min([whole, *passed], key=search.rank)
    elif free:
        best = _parzen(search, whole, free, seed, trials)
    return _shrunk(search, best)


def _parzen(search: _Search, whole: Change, free: list[str], seed: int, trials: int) -> Change:
    with warnings.catch_warnings():  # tqdm, which it brings along, warns where a notebook has no widgets
        warnings.simplefilter("ignore")
        import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():  # `multivariate` and `constant_liar` are called experimental
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(
            seed=seed, multivariate=True, constant_liar=True, n_startup_trials=2 * BATCH
        )
    study = optuna.create_study(sampler=sampler)
    space: dict[str, optuna.distributions.BaseDistribution] = {
        name: optuna.distributions.FloatDistribution(_grid(search.knobs[name])[0], 1.0, step=STEP) for name in free
    }
    for size in reversed(QUARTERS):
        study.enqueue_trial({name: max(size, _grid(search.knobs[name])[0]) for name in free})
    best, worst = whole, search.distance(whole)
    for _ in range(0, trials, BATCH):
        asked = [study.ask(space) for _ in range(BATCH)]
        tried = [search.key(dict(whole) | trial.params) for trial in asked]
        # What is no nearer than the best so far needs no worlds: it can't be the answer.
        nearer = [change for change in tried if search.rank(change) < search.rank(best)]
        passed = set(search.enough(nearer))
        for trial, change in zip(asked, tried, strict=True):
            short = change in nearer and change not in passed
            # What isn't enough is worse than anything that is, and the worse the further from it.
            study.tell(trial, worst * (1 + search.shortfall(change)) if short else search.distance(change))
        best = min([best, *passed], key=search.rank)
    return best


def _shrunk(search: _Search, change: Change) -> Change:
    """Each lever in turn, the one that is furthest from history first, as small as is still enough; 0 leaves it out."""
    while True:
        before = change
        for name, size in sorted(change, key=lambda part: -search.distance((part,))):
            smaller = [0.0, *(z for z in _grid(search.knobs[name]) if z < size)]
            tried = [search.key(dict(change) | {name: z}) for z in smaller]
            change = min([change, *search.enough(other for other in tried if other)], key=search.rank)
        if change == before:
            return change


def _traded(search: _Search, change: Change) -> Change:
    """More of one lever, in the set or not, for less of another, as long as that is nearer and still enough."""
    for _ in range(ROUNDS):
        limit = 0.95 * search.distance(change)
        has = dict(change)
        tried = []
        for more, knob in search.knobs.items():
            for size in (size for size in QUARTERS if size in _grid(knob)):
                for less, most in has.items():
                    room = limit - search.distance(search.key(has | {more: size, less: 0.0}))
                    if size > has.get(more, 0.0) and less != more and room >= 0:
                        price = search.distance(((less, 1.0),))
                        fit = [z for z in _grid(search.knobs[less]) if z <= most and z * price <= room + 1e-9]
                        tried.append(search.key(has | {more: size, less: max(fit, default=0.0)}))
        passed = search.enough(tried)
        if not passed:
            break
        change = _shrunk(search, min(passed, key=search.rank))
    return change


# ----------------------------------------------------------------------------------------------------- fresh worlds


def _told(search: _Search, status: str, nearest: list[Change], undecided: list[list[str]], most: int) -> Smallest:
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


def _threshold(search: _Search, change: Change, failed: NDArray[np.bool_]) -> Threshold | None:
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


def _rivals(search: _Search, answer: Change) -> list[Rival]:
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


def _frontier(search: _Search) -> list[Change]:
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
