"""What the search for the smallest change is given and what it returns, as records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bestowal.statistics.intervals import Interval

Succeeds = Callable[[Sequence[Mapping[str, float]], range], NDArray[np.bool_]]
"""Changes (lever -> size; {} is history) and worlds -> (changes, worlds): whether each succeeds. Luck is a world's."""
Change = tuple[tuple[str, float], ...]
"""A change as a key: (lever, size) in the order of the levers."""


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
