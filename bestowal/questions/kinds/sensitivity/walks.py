"""Walks of one parameter from end to end of its prior, and where on them a reading flips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bestowal.questions.kinds.sensitivity.result import (
    HALF,
    UNDECIDED,
    Flip,
    Number,
    Point,
    Range,
    Walk,
    at_share,
    typed,
)
from bestowal.questions.levers import read
from bestowal.statistics.intervals import paired_difference, proportion


def walked_points(
    chosen: Sequence[Range], number: Number, matters: float, points: int, halvings: int, worlds: int
) -> list[Walk]:
    found: dict[str, dict[float, Point]] = {r.name: {} for r in chosen}
    wanted = [(r, value) for r in chosen for value in sorted({typed(r, r.here), *_grid(r, points)})]
    for _ in range(1 + halvings):
        if not wanted:
            break
        without, with_it = number([{r.name: value} for r, value in wanted], range(worlds))
        for (r, value), before, after in zip(wanted, without, with_it, strict=True):
            found[r.name][value] = _point(value, before, after, matters)
        wanted = [(r, value) for r in chosen for value in _between(r, found[r.name])]
    return [Walk(r.name, r.low, r.high, r.here, [p for _, p in sorted(found[r.name].items())]) for r in chosen]


def _grid(r: Range, points: int) -> list[float]:
    """From end to end; the scenario's value takes the place of one that differs from it by rounding alone."""
    values = [at_share(r, k / (points - 1)) for k in range(points)]
    return [value for value in values if not math.isclose(value, r.here, rel_tol=1e-9, abs_tol=1e-9 * (r.high - r.low))]


def _point(value: float, before: NDArray[np.bool_], after: NDArray[np.bool_], matters: float) -> Point:
    effect = paired_difference(before, after)
    success = proportion(int(after.sum()), after.size)
    half = UNDECIDED
    if success.low is not None and success.low >= 0.5:
        half = HALF[0]
    elif success.high is not None and success.high < 0.5:
        half = HALF[1]
    return Point(value, effect, success, read(effect, matters), half)


def _middle(r: Range, a: float, b: float) -> float:
    value = math.sqrt(a * b) if r.log and a > 0 and b > 0 else (a + b) / 2
    return typed(r, value)


def _between(r: Range, found: Mapping[float, Point]) -> Iterator[float]:
    """Halfway between neighbours that are read differently."""
    for a, b in pairwise(sorted(found)):
        middle = _middle(r, a, b)
        if (found[a].reading, found[a].half) != (found[b].reading, found[b].half) and a < middle < b:
            yield middle


def flips_of(walk: Walk, r: Range) -> Iterator[Flip]:
    for of, name in (("effect", "reading"), ("success", "half")):
        told = [(point.value, str(getattr(point, name))) for point in walk.points]
        at = [value for value, _ in told].index(walk.here)
        here = told[at][1]
        for way, path in ((">", told[at:]), ("<", told[at::-1])):
            for k, ((a, _), (b, there)) in enumerate(pairwise(path)):
                if there not in (here, UNDECIDED):
                    # Between neighbouring whole numbers there is no middle: it turns at the one nearer to here.
                    value = a if r.whole and abs(a - b) == 1 else _middle(r, a, b)
                    back = next((further for further, reading in path[k + 2 :] if reading == here), None)
                    yield Flip(walk.name, of, way, value, min(a, b), max(a, b), back, here, there)
                    break


def sentences(walks: Sequence[Walk], flips: Sequence[Flip], worlds: int) -> list[str]:
    what = {"effect": "The answer", "success": "P(success with the change)"}
    by_name = {walk.name: walk for walk in walks}
    says = []
    for f in flips:
        walk = by_name[f.name]
        there, here = (f'"{f.there}"', f'"{f.here}"') if f.of == "effect" else (f.there, f.here)
        back = "" if f.back is None else f", but as here again at {f.back:.3g}"
        says.append(
            f"{what[f.of]} would be {there} if {f.name} {f.way} {f.value:.3g} (here {walk.here:.3g}: {here};"
            f" it turns between {f.low:.3g} and {f.high:.3g}{back}; prior {walk.low:.3g} to {walk.high:.3g})."
        )
    flipped = {(f.name, f.of) for f in flips}
    for of, name in (("effect", "reading"), ("success", "half")):
        still = [walk for walk in walks if (walk.name, of) not in flipped]
        lost = [w.name for w in still if len({getattr(point, name) for point in w.points}) > 1]
        steady = [w.name for w in still if w.name not in lost]
        if lost:
            says.append(
                f"{what[of]} is not flipped, but not decided everywhere with {worlds} worlds, by: {', '.join(lost)}."
            )
        if steady:
            says.append(f"{what[of]}: no value in the prior of these, alone, flips it: {', '.join(steady)}.")
    return says
