"""Which parameters the answer hangs on: those that neither the scenario nor the change states, over their prior.

Two numbers at each point of the prior: the effect, P(success) with the change minus P(success) without over the same
worlds, and P(success) with it.

All parameters are screened by elementary effects (Morris 1991): from a point of the prior one parameter at a time is
moved by two thirds of its range, and what the number moves by is taken per whole range (on a logarithmic scale where
the prior's is). Its mean absolute value is mu* (Campolongo, Cariboni & Saltelli 2007), its mean mu, its standard
deviation sigma: for a number linear in the parameters mu* is |slope| × range, and sigma 0. A few worlds a point leave
chance in mu*, which doesn't average out, since absolute values are added: ``noise`` is the mu* that chance alone would
give. A dummy that is handed to nothing goes along. As the same worlds with the same luck are run at every point, its
mu* is exactly 0; with luck of its own at each point it would not be.

Then the foremost parameters are walked one at a time from the scenario's value over their range, with more worlds:
where does the reading of the answer turn? What two of them would do together is not seen there, and each reading is at
its own level, so of many some are wrong by chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.models.registry import load, parameters
from bestowal.questions.answer import read
from bestowal.questions.question_file import Lever
from bestowal.simulation.scenario import Scenario, rows
from bestowal.statistics.intervals import LEVEL, Interval, paired_difference, proportion
from bestowal.uncertainty.prior import open_to

Number = Callable[[Sequence[Mapping[str, float]], range], tuple[NDArray[np.bool_], NDArray[np.bool_]]]
"""Points (parameter -> value) and worlds -> success without and with the change, each (points, worlds)."""

DUMMY = "(dummy)"
LEVELS = 4  # of Morris's grid, so that a step is two thirds of a range
TOP = 5
UNDECIDED = "not decided"
HALF = ("at least one half", "below one half")


@dataclass(frozen=True)
class Range:
    """What is known of a parameter, uniform (in the logarithm where ``log``), and the scenario's own value."""

    name: str
    low: float
    high: float
    log: bool
    here: float
    whole: bool = False


@dataclass(frozen=True)
class Elementary:
    """The elementary effects of one parameter, per whole range of its prior.

    ``mu_star`` with an interval over trajectories (its ``n``) and over worlds, which are the same at every point:
    Student's t, with the standard error over trajectories and the jackknife's over worlds (Efron & Tibshirani 1993)
    squared and added. ``quarter``, ``half``: as it was at a quarter and half of the trajectories.
    ``noise``: the mu* that chance alone would give with so few worlds.
    """

    name: str
    mu_star: Interval
    mu: float
    sigma: float
    noise: float
    quarter: Interval
    half: Interval


@dataclass(frozen=True)
class Agreement:
    """How far two sets of trajectories rank alike.

    ``common``: how many of the ``top`` foremost they share, of those that moved anything; ``savage``: correlation of
    Savage scores, in which the foremost ranks weigh most (Iman & Conover 1987); None where one of them ranks nothing.
    """

    one: str
    other: str
    common: int
    top: int
    savage: float | None


@dataclass(frozen=True)
class Screen:
    """Morris's screening of one number, "effect" or "success" (with the change): parameters, foremost first."""

    of: str
    parameters: list[Elementary]
    dummy: Elementary
    agreement: list[Agreement]


@dataclass(frozen=True)
class Point:
    """The answer with one parameter at this value and all others as in the scenario."""

    value: float
    effect: Interval
    success: Interval  # with the change
    reading: str  # as `bestowal.questions.answer.read` has it
    half: str  # "at least one half", "below one half", "not decided": what the interval of ``success`` carries


@dataclass(frozen=True)
class Walk:
    """One parameter moved over its prior: points by value, the scenario's own among them."""

    name: str
    low: float
    high: float
    here: float
    points: list[Point]


@dataclass(frozen=True)
class Flip:
    """Going up (">") or down ("<") from the scenario's value: the first decided reading that isn't the one there.

    It turns between ``low`` and ``high``, about ``value``; ``back``: where, further on, it is as here again (or None).
    The effect of a change is often large only in a band, between where nothing is saved by it and where nothing needs
    it; a band narrower than the points lie apart can be missed. ``of``: "effect" or "success".
    """

    name: str
    of: str
    way: str
    value: float
    low: float
    high: float
    back: float | None
    here: str
    there: str


@dataclass(frozen=True)
class Sensitivity:
    """``says`` puts the flips, and those of the walked parameters that have none, into sentences."""

    says: list[str]
    flips: list[Flip]
    walks: list[Walk]
    screens: list[Screen]
    matters: float
    trajectories: int
    worlds: int
    walk_worlds: int


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
    """Which of these parameters the answer hangs on, and at which of their values it flips.

    Parameters
    ----------
    number : success at many points, over worlds with the same luck at each. Called once for the screening, and
        1 + ``halvings`` times or fewer for the walks.
    seed : of the trajectories and the bootstrap. A longer screening begins with the trajectories of a shorter one.
    matters : as in `bestowal.questions.answer.read`.
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
    screens = _screened(ranges, number, seed, trajectories, worlds)
    known = {r.name: r for r in ranges}
    chosen = [known[name] for name in _foremost(screens, walked)]
    walks = _walked(chosen, number, matters, points, halvings, walk_worlds)
    flips = [flip for walk in walks for flip in _flips(walk, known[walk.name])]
    return Sensitivity(
        _says(walks, flips, walk_worlds), flips, walks, screens, matters, trajectories, worlds, walk_worlds
    )


def _at(r: Range, u: float) -> float:
    """The value a share u of the way through the range."""
    value = r.low * (r.high / r.low) ** u if r.log else r.low + (r.high - r.low) * u
    return _typed(r, min(max(value, r.low), r.high))  # rounding must not lead out


def _typed(r: Range, value: float) -> float:
    """As the model takes it: a scenario refuses 10.0 where it wants 10."""
    return round(value) if r.whole else float(value)


# ------------------------------------------------------------------------------------------------------------ screening


def _screened(ranges: Sequence[Range], number: Number, seed: int, trajectories: int, worlds: int) -> list[Screen]:
    from SALib.sample.morris import sample

    names = [*(r.name for r in ranges), DUMMY]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    # One trajectory after the other is drawn, so the first quarter is what a quarter of them would have been.
    shares = sample(problem, N=trajectories, num_levels=LEVELS, seed=seed)
    at = [{r.name: _at(r, float(u)) for r, u in zip(ranges, row, strict=False)} for row in shares]
    without, with_it = number(at, range(worlds))
    after = with_it.astype(float)
    return [
        _screen("effect", problem, shares, after - without, seed, trajectories),
        _screen("success", problem, shares, after, seed, trajectories),
    ]


def _screen(
    of: str,
    problem: dict[str, Any],
    shares: NDArray[np.float64],
    found: NDArray[np.float64],
    seed: int,
    trajectories: int,
) -> Screen:
    """``shares``: (points, parameters), ``found``: (points, worlds)."""
    from SALib.analyze.morris import analyze

    size = len(problem["names"]) + 1
    answer = found.mean(axis=1)

    effects = _effects(shares.reshape(trajectories, size, -1), found.reshape(trajectories, size, -1))

    def part(start: int, stop: int) -> dict[str, NDArray[np.float64]]:
        some = slice(start * size, stop * size)
        table = analyze(
            problem, shares[some], answer[some], num_levels=LEVELS, conf_level=LEVEL, num_resamples=2, seed=seed
        )
        named = {name: np.asarray(table[name], dtype=float) for name in ("mu", "mu_star", "sigma")}
        return named | {"half": _half_width(effects[start:stop])}

    def interval(table: Mapping[str, NDArray[np.float64]], k: int, n: int) -> Interval:
        centre, half = float(table["mu_star"][k]), float(table["half"][k])
        return Interval(centre, max(0.0, centre - half), centre + half, n)

    quarter, half = trajectories // 4, trajectories // 2
    by = {n: part(0, n) for n in (quarter, half, trajectories)}
    every, other_half = by[trajectories], part(half, trajectories)
    noise = _noise(shares.reshape(trajectories, size, -1), found.reshape(trajectories, size, -1))
    told = [
        Elementary(
            name,
            interval(every, k, trajectories),
            float(every["mu"][k]),
            float(every["sigma"][k]),
            float(noise[k]),
            interval(by[quarter], k, quarter),
            interval(by[half], k, half),
        )
        for k, name in enumerate(problem["names"])
    ]
    stars = {n: table["mu_star"][:-1] for n, table in by.items()}  # without the dummy
    order = np.argsort(-stars[trajectories], kind="stable")
    agreement = [
        _agreement("first quarter", "all", stars[quarter], stars[trajectories]),
        _agreement("first half", "all", stars[half], stars[trajectories]),
        _agreement("first half", "second half", stars[half], other_half["mu_star"][:-1]),
    ]
    return Screen(of, [told[k] for k in order], told[-1], agreement)


def _effects(shares: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """(trajectories, parameters, worlds): each elementary effect, world by world; arrays as for ``_noise``."""
    steps = np.diff(shares, axis=1)
    order = np.abs(steps).argmax(axis=2)  # (trajectories, steps): the parameter moved
    size = np.take_along_axis(steps, order[:, :, None], axis=2)
    by_parameter = np.zeros((shares.shape[0], shares.shape[2], found.shape[2]))
    np.put_along_axis(by_parameter, order[:, :, None], np.diff(found, axis=1) / size, axis=1)
    return by_parameter


def _half_width(effects: NDArray[np.float64]) -> NDArray[np.float64]:
    """(parameters,): half the width of the interval of mu*, as ``Elementary`` says."""
    from scipy.special import stdtrit

    trajectories, _, worlds = effects.shape
    total = effects.sum(axis=2)
    over_trajectories = np.abs(total / worlds).var(axis=0, ddof=1) / trajectories
    without_one = np.abs((total[:, :, None] - effects) / (worlds - 1)).mean(axis=0)  # (parameters, worlds)
    over_worlds = without_one.var(axis=1) * (worlds - 1)
    t = float(stdtrit(min(trajectories, worlds) - 1, 0.5 + LEVEL / 2))
    return np.asarray(t * np.sqrt(over_trajectories + over_worlds))


def _noise(shares: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """(parameters,): the mean absolute elementary effect if each were normal about 0 with its standard error.

    That error is of the mean over worlds of what one step moves. ``shares``: (trajectories, points, parameters),
    ``found``: (trajectories, points, worlds).
    """
    worlds = found.shape[2]
    steps = np.diff(shares, axis=1)
    which = np.abs(steps).argmax(axis=2)  # (trajectories, steps): the parameter moved
    size = np.abs(steps).max(axis=2)
    errors = np.diff(found, axis=1).std(axis=2, ddof=1) / math.sqrt(worlds) / size
    by_parameter = np.zeros(shares.shape[::2])
    np.put_along_axis(by_parameter, which, errors, axis=1)
    return np.asarray(by_parameter.mean(axis=0) * math.sqrt(2 / math.pi))


def _agreement(one: str, other: str, a: NDArray[np.float64], b: NDArray[np.float64]) -> Agreement:
    foremost = [{int(k) for k in np.argsort(-stars, kind="stable")[:TOP] if stars[k] > 0} for stars in (a, b)]
    top = max(len(some) for some in foremost)
    savage = None
    if np.ptp(a) > 0 and np.ptp(b) > 0:
        savage = float(np.corrcoef(_savage(a), _savage(b))[0, 1])
    return Agreement(one, other, len(foremost[0] & foremost[1]), top, savage)


def _savage(stars: NDArray[np.float64]) -> NDArray[np.float64]:
    """Savage scores, the greatest first: rank i of k has 1/i + … + 1/k; those that are tied share theirs."""
    scores = np.cumsum(1 / np.arange(stars.size, 0, -1))[::-1]
    values, group = np.unique(-stars, return_inverse=True)
    ranked = np.sort(group)
    return np.asarray([scores[ranked == g].mean() for g in range(values.size)])[group]


def _foremost(screens: Sequence[Screen], n: int) -> list[str]:
    names = [e.name for pair in zip(*(screen.parameters for screen in screens), strict=True) for e in pair]
    return list(dict.fromkeys(names))[:n]


# ---------------------------------------------------------------------------------------------------------------- walks


def _walked(
    chosen: Sequence[Range], number: Number, matters: float, points: int, halvings: int, worlds: int
) -> list[Walk]:
    found: dict[str, dict[float, Point]] = {r.name: {} for r in chosen}
    wanted = [(r, value) for r in chosen for value in sorted({_typed(r, r.here), *_grid(r, points)})]
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
    values = [_at(r, k / (points - 1)) for k in range(points)]
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
    return _typed(r, value)


def _between(r: Range, found: Mapping[float, Point]) -> Iterator[float]:
    """Halfway between neighbours that are read differently."""
    for a, b in pairwise(sorted(found)):
        middle = _middle(r, a, b)
        if (found[a].reading, found[a].half) != (found[b].reading, found[b].half) and a < middle < b:
            yield middle


def _flips(walk: Walk, r: Range) -> Iterator[Flip]:
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


def _says(walks: Sequence[Walk], flips: Sequence[Flip], worlds: int) -> list[str]:
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
