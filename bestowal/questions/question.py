"""What a question is, as records, and the runs it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from bestowal.core.errors import BestowalError
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import from_table, to_table

GROUPS = ("motive", "institution", "surroundings")
WORLDS = 400
MATTERS = 0.05
NARROW = 0.12
BUDGET = 5
TARGET = 0.8
HISTORY, TESTED = "history", "history with the test"


def _resolved(value: Any) -> Scenario:
    return value if isinstance(value, Scenario) else from_table(value)


Resolved = Annotated[Scenario, PlainValidator(_resolved), PlainSerializer(to_table)]
"""A scenario with all it amounts to, which is written whole into the answer's file."""


@dataclass(frozen=True)
class Condition:
    """An observable that must be at least, or at most, a bound."""

    observable: str
    sign: str  # ">=" or "<="
    bound: float


@dataclass(frozen=True)
class Part:
    """One part of success: all its conditions, in the last year or on average over the test's years."""

    name: str
    label: str
    when: str  # "last year" or "last years"
    conditions: list[Condition]


@dataclass(frozen=True)
class Moment:
    """From step ``year`` on, these parameters take these values whatever history did to them."""

    year: int
    values: dict[str, int | float]


@dataclass(frozen=True)
class Lever:
    """One thing changed, or a bundle of levers changed together (``together`` then names them)."""

    name: str
    label: str
    group: str
    moments: list[Moment]
    together: list[str]
    weight: float = 1.0  # the price of a standard deviation of it, in the search for the smallest change
    forbidden: bool = False  # tried alone and in bundles, but never offered as the smallest change
    least: float = 0.0  # the smallest share of its size that can be had; 0 is any


@dataclass(frozen=True)
class Question:
    """A question file, read and checked, with the scenarios that it names.

    ``scenario`` and ``against`` are the names as the file has them; ``base`` and ``other`` what they resolve to, from
    the folder of the question, on the question's clock and with the seed of ``base``.
    """

    name: str
    title: str
    words: str
    source: str
    about: str
    scenario: str
    horizon: int
    worlds: int
    matters: float
    test: Moment
    success: list[Part]
    levers: list[Lever]
    most_worlds: int = BUDGET * WORLDS  # worlds in each run are added up to so many …
    narrow: float = NARROW  # … until no headline interval is wider than this
    target: float = TARGET  # the sufficiency that the smallest sufficient change must have
    against: str = ""  # a scenario that is compared: shares of blame
    dropped: list[str] = field(default_factory=list)  # a line on each lever of the file that is left out
    base: Resolved = field(kw_only=True)
    other: Resolved | None = field(default=None, kw_only=True)


def without(asked: Question, same: Mapping[str, str]) -> Question:
    """The question without the levers that change nothing (name -> why), and a line on each in ``dropped``.

    A bundle loses them too, and is left out where fewer than two levers remain in it.
    """
    levers, lines = [], list(asked.dropped)
    for lever in asked.levers:
        left = [name for name in lever.together if name not in same]
        if lever.name in same:
            lines.append(f'{asked.name}: levers "{lever.name}": left out, since it changes nothing: {same[lever.name]}')
        elif lever.together and len(left) < 2:
            lines.append(f'{asked.name}: levers "{lever.name}": left out, since no two of its levers change anything')
        else:
            levers.append(replace(lever, together=left))
    if not levers:
        raise BestowalError(f"{lines[0]}; no lever is left" if lines else f"{asked.name}: levers: none")
    return replace(asked, levers=levers, dropped=lines)


def hold(base: Scenario, moment: Moment) -> Scenario:
    """The scenario with these values from ``moment.year`` to the end: later changes of history don't undo them."""
    kept = []
    for change in base.changes:
        values = {
            key: value for key, value in change.values.items() if change.year < moment.year or key not in moment.values
        }
        if values:
            kept.append(replace(change, values=values))
    base = replace(base, changes=tuple(kept))
    return base.but(base.first_year + moment.year if moment.year else None, **moment.values)


def held(base: Scenario, lever: Lever) -> Scenario:
    for moment in lever.moments:
        base = hold(base, moment)
    return base


def tested(base: Scenario, asked: Question) -> Scenario:
    """The scenario with the question's test."""
    return hold(base, asked.test)


def runs(asked: Question, base: Scenario) -> dict[str, Scenario]:
    """The scenarios to run, by name: history as it was, history with the test, and each lever with the test."""
    levers = {lever.name: tested(held(base, lever), asked) for lever in asked.levers}
    return {HISTORY: base, TESTED: tested(base, asked), **levers}
