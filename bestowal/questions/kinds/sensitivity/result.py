"""What is varied and what sensitivity returns, as records, and a parameter's value at a share of its range."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bestowal.statistics.intervals import Interval

Number = Callable[[Sequence[Mapping[str, float]], range], tuple[NDArray[np.bool_], NDArray[np.bool_]]]
"""Points (parameter -> value) and worlds -> success without and with the change, each (points, worlds)."""
DUMMY = "(dummy)"
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
    reading: str  # as `bestowal.questions.levers.read` has it
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


def at_share(r: Range, u: float) -> float:
    """The value a share u of the way through the range."""
    value = r.low * (r.high / r.low) ** u if r.log else r.low + (r.high - r.low) * u
    return typed(r, min(max(value, r.low), r.high))  # rounding must not lead out


def typed(r: Range, value: float) -> float:
    """As the model takes it: a scenario refuses 10.0 where it wants 10."""
    return round(value) if r.whole else float(value)
