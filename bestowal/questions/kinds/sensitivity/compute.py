"""Which parameters move the answer: the parameters left to vary, screened, and the foremost walked."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.models.registry import load, parameters
from bestowal.questions.dose import sized
from bestowal.questions.kind import Case
from bestowal.questions.kinds.sensitivity.result import Number, Range, Sensitivity
from bestowal.questions.kinds.sensitivity.screening import foremost, screened
from bestowal.questions.kinds.sensitivity.walks import flips_of, sentences, walked_points
from bestowal.questions.question import Lever, tested
from bestowal.simulation.scenario import Scenario, rows
from bestowal.uncertainty.prior import open_to


def varied(base: Scenario, change: Lever) -> list[Range]:
    """The parameters of the prior that neither the scenario states nor the change sets.

    Where a parameter is zero with some probability, and else somewhere in its range, the range is taken.
    """
    known = {p.name: p for p in parameters(load(base.model))}
    here = rows(base)
    moved = {name for moment in change.moments for name in moment.values}
    return [
        Range(name, r.low, r.high, r.scale == "log", float(here[name][0]), known[name].kind == "int")
        for name, r in open_to(base)[0].items()
        if name not in moved and r.low < r.high
    ]


def sensitivity(
    ranges: Sequence[Range],
    number: Number,
    *,
    seed: int,
    matters: float,
    trajectories: int = 16,
    worlds: int = 32,
    walked: int = 6,
    points: int = 5,
    halvings: int = 2,
    walk_worlds: int = 256,
) -> Sensitivity:
    """Find the parameters that the answer depends on, and the values at which it changes.

    Parameters
    ----------
    number : success at many points, over worlds with the same luck at each. Called once for the screening, and
        1 + ``halvings`` times or fewer for the walks.
    seed : of the trajectories and the bootstrap. A longer screening begins with the trajectories of a shorter one.
    matters : as in `bestowal.questions.levers.read`.
    trajectories, worlds : of the screening: trajectories × (parameters + 2) points, each on so many worlds.
    walked : how many parameters are walked: in turn the foremost for the effect and for P(success).
    points : of a walk, from end to end of the prior; the scenario's value comes besides.
    halvings : how often the gap between two points with different readings is halved.
    walk_worlds : at each point of a walk.
    """
    if not ranges:
        raise BestowalError("sensitivity: no parameter of the prior is left to vary")
    if trajectories < 8 or trajectories % 4 or worlds < 2:
        raise BestowalError("sensitivity: trajectories must be 8, 12, 16, …, and worlds 2 or more")
    for r in ranges:
        if not r.low < r.high or (r.log and r.low <= 0):
            raise BestowalError(f"sensitivity: {r.name}: no range from {r.low:g} to {r.high:g}")
    screens = screened(ranges, number, seed, trajectories, worlds)
    known = {r.name: r for r in ranges}
    chosen = [known[name] for name in foremost(screens, walked)]
    walks = walked_points(chosen, number, matters, points, halvings, walk_worlds)
    flips = [flip for walk in walks for flip in flips_of(walk, known[walk.name])]
    return Sensitivity(
        sentences(walks, flips, walk_worlds), flips, walks, screens, matters, trajectories, worlds, walk_worlds
    )


def parts(case: Case) -> dict[str, Callable[[], Sensitivity]] | str:
    """Sensitivity of the foremost change to the parameters that neither it nor the scenario states."""
    change = case.changes[0]
    ranges = varied(case.base, change)
    if not ranges:
        return "The scenario and the change state every parameter of the prior: none is left to vary."
    return {"": functools.partial(_of_change, change, ranges, case)}


def _of_change(change: Lever, ranges: Sequence[Range], case: Case) -> Sensitivity:
    def number(points: Sequence[Mapping[str, float]], among: range) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        bases = [case.base.but(None, **point) for point in points]
        without = case.evaluator.judge([tested(base, case.asked) for base in bases], among)
        changed = [tested(sized(base, change, 1, {}), case.asked) for base in bases]
        with_it = case.evaluator.judge(changed, among)
        return np.array([o.success for o in without]), np.array([o.success for o in with_it])

    return sensitivity(
        ranges, number, seed=case.seed, matters=case.asked.matters, trajectories=16, worlds=16, walk_worlds=128
    )
