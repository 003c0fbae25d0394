"""Elementary effects (Morris) of each parameter, with their intervals and the agreement of parts of the sample."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bestowal.questions.kinds.sensitivity.result import DUMMY, Agreement, Elementary, Number, Range, Screen, at_share
from bestowal.statistics.intervals import LEVEL, Interval

LEVELS = 4  # of Morris's grid, so that a step is two thirds of a range
TOP = 5


def screened(ranges: Sequence[Range], number: Number, seed: int, trajectories: int, worlds: int) -> list[Screen]:
    from SALib.sample.morris import sample

    names = [*(r.name for r in ranges), DUMMY]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    # One trajectory after the other is drawn, so the first quarter is what a quarter of them would have been.
    shares = sample(problem, N=trajectories, num_levels=LEVELS, seed=seed)
    at = [{r.name: at_share(r, float(u)) for r, u in zip(ranges, row, strict=False)} for row in shares]
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


def foremost(screens: Sequence[Screen], n: int) -> list[str]:
    names = [e.name for pair in zip(*(screen.parameters for screen in screens), strict=True) for e in pair]
    return list(dict.fromkeys(names))[:n]
