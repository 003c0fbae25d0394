"""The sizes of a change: on a grid, by random search around the best so far, made smaller, traded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bestowal.questions.kinds.smallest.result import Change, Knob
from bestowal.questions.kinds.smallest.search import FIRST, Search, saved

STEP = 0.05
BATCH = 8
AROUND = 0.75  # of the changes of a batch: drawn around the nearest that is enough
STEPS_P = 0.3
DRAWS = 1000  # for a batch, most of which may be no nearer
QUARTERS = (0.25, 0.5, 0.75, 1.0)  # sizes of a lever that another is traded for
ROUNDS = 4  # of trading, each for a change at least 5 % nearer


def alone(search: Search, step: float) -> list[Change]:
    """Each lever alone at sizes below its full one, nearest first."""
    every = [search.key({knob.name: z}) for knob in search.knobs.values() for z in _grid(knob, step) if z < 1]
    return sorted(every, key=search.rank)


def inside(search: Search, most: int) -> list[Change]:
    """A change that is enough where no set is so at full size; none where none is found."""
    search.notes.append(
        f"At full size, all sets of up to {most} of the levers were tried, and larger ones from all levers downwards; "
        f"then each lever alone at every {100 * STEP:.0f}\u00a0% of its size; then, from all levers together and from "
        f"the change that saved most, each lever in turn at every {200 * STEP:.0f}\u00a0%. A change that is enough may "
        "have been missed."
    )
    passed = search.enough(alone(search, STEP))
    if passed:
        return [min(passed, key=search.rank)]
    together = search.key(dict.fromkeys(search.knobs, 1.0))
    search.judged([together], min(FIRST, search.worlds))
    best = max((key for key in search.known if key), key=lambda key: (saved(search, key), -search.distance(key)))
    for start in dict.fromkeys((together, best)):
        found = _climbed(search, start)
        if found:
            return [found]
    return []


def _climbed(search: Search, change: Change) -> Change:
    """Each lever in turn at the size with which most worlds are saved, until that is enough (else: nothing)."""
    for _ in range(ROUNDS):
        before = change
        for name, knob in search.knobs.items():
            tried = [search.key(dict(change) | {name: z}) for z in (0.0, *_grid(knob, 2 * STEP))]
            passed = search.enough(other for other in tried if other)
            if passed:
                return min(passed, key=search.rank)
            known = [change, *(other for other in tried if other)]
            change = max(known, key=lambda other: saved(search, other))  # the first of several alike: no change
        if change == before:
            break
    return ()


def _grid(knob: Knob, step: float | None = None) -> list[float]:
    """The sizes it can have, smallest first."""
    step = step or STEP
    steps = [round(step * k, 6) for k in range(1, round(1 / step) + 1)]
    return [1.0] if knob.whole else [size for size in steps if size >= knob.least - 1e-9]


def sizes_of(search: Search, whole: Change, seed: int, trials: int) -> Change:
    """The nearest change found that turns these levers and is enough; ``whole`` turns them fully, and is."""
    free = [name for name, _ in whole if not search.knobs[name].whole]
    best = whole
    if len(free) == 1:
        passed = search.enough(search.key(dict(whole) | {free[0]: size}) for size in _grid(search.knobs[free[0]]))
        best = min([whole, *passed], key=search.rank)
    elif free:
        best = _in_batches(search, whole, free, seed, trials)
    return shrunk(search, best)


def _in_batches(search: Search, whole: Change, free: list[str], seed: int, trials: int) -> Change:
    """Random search for a nearer change: the levers ``free`` at sizes drawn BATCH changes at a time.

    First all levers are turned down in proportion, by bisection. A batch then draws most of its changes (AROUND) near
    the nearest that is enough, each lever some steps of the grid up or down (the difference of two geometric numbers of
    mean 1 / STEPS_P), and the rest anywhere. Only changes nearer than that one are run: no other can be the answer.
    """
    rng = np.random.default_rng(seed)
    grids = [_grid(search.knobs[name]) for name in free]

    def at(places: Sequence[int]) -> Change:
        sizes = {
            name: grid[min(max(place, 0), len(grid) - 1)] for name, grid, place in zip(free, grids, places, strict=True)
        }
        return search.key(dict(whole) | sizes)

    best = whole
    short, enough = 0, BATCH  # in parts of BATCH of every lever's size
    while enough - short > 1:
        middle = (short + enough) // 2
        change = at([round(middle * len(grid) / BATCH) - 1 for grid in grids])
        if search.enough([change]):
            enough, best = middle, min(best, change, key=search.rank)
        else:
            short = middle
    for _ in range(BATCH, trials, BATCH):
        here = [grid.index(dict(best)[name]) for name, grid in zip(free, grids, strict=True)]
        batch = []
        for _ in range(DRAWS):
            if rng.random() < AROUND:
                steps = rng.geometric(STEPS_P, (2, len(free)))
                change = at([place + int(up) - int(down) for place, up, down in zip(here, *steps, strict=True)])
            else:
                change = at([int(rng.integers(len(grid))) for grid in grids])
            if search.rank(change) < search.rank(best) and change not in search.known and change not in batch:
                batch.append(change)
            if len(batch) == BATCH:
                break
        best = min([best, *search.enough(batch)], key=search.rank)
    return best


def shrunk(search: Search, change: Change) -> Change:
    """Each lever in turn, the one that is furthest from history first, as small as is still enough; 0 leaves it out."""
    while True:
        before = change
        for name, size in sorted(change, key=lambda part: -search.distance((part,))):
            smaller = [0.0, *(z for z in _grid(search.knobs[name]) if z < size)]
            tried = [search.key(dict(change) | {name: z}) for z in smaller]
            change = min([change, *search.enough(other for other in tried if other)], key=search.rank)
        if change == before:
            return change


def traded(search: Search, change: Change) -> Change:
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
        change = shrunk(search, min(passed, key=search.rank))
    return change
