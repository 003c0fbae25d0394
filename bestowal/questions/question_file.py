"""Question files: a scenario (history), what counts as success, a test, and levers. Read, checked, made into runs.

A complaint names the file, the place in it, the value and the nearest valid name, in one line.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from bestowal.core.errors import BestowalError, nearest, shown
from bestowal.core.files import absent, expanded, is_path, toml
from bestowal.models.registry import Observable, load, names, parameters
from bestowal.simulation.scenario import MAX_YEARS, Scenario
from bestowal.simulation.scenario import key as key_of
from bestowal.simulation.scenario_file import from_table, scenarios, to_table
from bestowal.simulation.scenario_file import scenario as read_scenario

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "questions"
GROUPS = ("motive", "institution", "surroundings")
WORLDS = 400
MATTERS = 0.05
NARROW = 0.12
BUDGET = 5
TARGET = 0.8
TOP_KEYS = (
    "title",
    "words",
    "source",
    "about",
    "scenario",
    "horizon",
    "worlds",
    "most_worlds",
    "narrow",
    "matters",
    "target",
    "against",
)
LEVER_KEYS = ("name", "label", "group", "year", "values", "together", "weight", "forbidden", "least")
HEADINGS = ("test", "success", "levers")
HISTORY, TESTED = "history", "history with the test"
DEFAULT_TEST: dict[str, Any] = {"values": {"coercion": 0.0, "exit_right": 1.0}}
TEST_YEARS = 10  # of the test, where the horizon is longer
DEFAULT_SUCCESS: dict[str, Any] = {
    "standing": {"label": "it stands", "when": "last year", "all": ["standing >= 0.5"]},
    "sharing": {
        "label": "it still shares",
        "when": "last years",
        "all": ["pay_link <= 0.5", "common_share >= 0.5"],
    },
    "need": {"label": "the worst-off tenth's need is met", "when": "last years", "all": ["need_met >= 0.9"]},
    "output": {"label": "output holds up", "when": "last years", "all": ["output_ratio >= 0.7"]},
}


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


def questions() -> list[str]:
    """The names of the catalogue's questions."""
    return sorted(file.stem for file in CATALOGUE.glob("*.toml"))


def question(name_or_path: str | Path) -> tuple[Question, Scenario]:
    """Read and check a question of the catalogue, or a file of one's own, and the scenario it is about on its clock."""
    if not isinstance(name_or_path, str | os.PathLike):
        raise BestowalError(f"ask: needs the name of a question or the path of a file, not {shown(name_or_path)}")
    text = os.fspath(name_or_path)
    if is_path(text):
        file = expanded(text)
        if not file.is_file():
            raise BestowalError(absent(file))
    else:
        file = CATALOGUE / f"{text}.toml"
        if not file.is_file():
            hint = nearest(text, questions())
            if text in scenarios() or text in names():
                hint = f"; it is a scenario: bestowal run {text}"
            raise BestowalError(f'there is no question "{text}"{hint}')
    table = toml(file)
    if {"model", "extends", "values"} & table.keys() and not {"scenario", "levers"} & table.keys():
        raise BestowalError(
            f"{file}: is a scenario, not a question; run it: bestowal run {file}; to ask about it, write a file with "
            f'scenario = "{file.name}" and [[levers]], such as `bestowal show kibbutz --question` prints'
        )
    return _read(_Table(str(file), "", table, TOP_KEYS + HEADINGS), file)


class _Table:
    """A table of the file that knows where it stands, so that every complaint can say so.

    With ``keys``, no other key may stand in it.
    """

    def __init__(self, file: str, place: str, table: Mapping[str, Any], keys: Sequence[str] = ()) -> None:
        self.file, self.place, self.table = file, place, table
        for key in table if keys else ():
            if key not in keys:
                raise self.error(key, f"no such key here{nearest(key, keys)}")

    def error(self, key: str, message: str) -> BestowalError:
        where = ".".join(filter(None, [self.place, key]))
        return BestowalError(f"{self.file}: {where}: {message}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, f"must be text, not {_shown(value)}")
        return value

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.error(key, f"must be a whole number from {low} to {high}, not {_shown(value)}")
        return value

    def share(self, key: str, default: float) -> float:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
            raise self.error(key, f"must be a number between 0 and 1, not {_shown(value)}")
        return float(value)

    def positive(self, key: str, default: float) -> float:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise self.error(key, f"must be a number above 0, not {_shown(value)}")
        return float(value)

    def flag(self, key: str) -> bool:
        value = self._get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {_shown(value)}")
        return value

    def names(self, key: str) -> list[str]:
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"must be a list of names, not {_shown(value)}")
        return list(value)

    def inner(self, key: str, keys: Sequence[str] = (), default: Mapping[str, Any] | None = None) -> _Table:
        value = self._get(key, default)
        if not isinstance(value, Mapping):
            raise self.error(key, f"must be a table, not {_shown(value)}")
        return _Table(self.file, ".".join(filter(None, [self.place, key])), value, keys)

    def each(self, key: str, keys: Sequence[str]) -> Iterator[_Table]:
        value = self._get(key, None)
        if not isinstance(value, list) or not value or not all(isinstance(item, Mapping) for item in value):
            raise self.error(key, f"must be a list of [[{key}]], not {_shown(value)}")
        for index, item in enumerate(value, 1):
            name = item.get("name")
            yield _Table(self.file, f"{key} {json.dumps(name) if isinstance(name, str) else index}", item, keys)

    def _get(self, key: str, default: Any) -> Any:
        if key not in self.table and default is None:
            raise self.error(key, "is missing")
        return self.table.get(key, default)


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str) if not isinstance(value, float) else repr(value)
    return text if len(text) <= 100 else f"{text[:80]}… ({len(text):,} characters)"


def _read(top: _Table, file: Path) -> tuple[Question, Scenario]:
    name = file.stem if file.parent == CATALOGUE else file.name
    title, words = top.text("title"), top.text("words").strip()
    source, about = top.text("source", ""), top.text("about", "").strip()
    wanted = top.text("scenario")
    try:
        base = read_scenario(wanted, file.parent)
    except BestowalError as error:
        raise top.error("scenario", str(error)) from None
    horizon = top.integer("horizon", base.years, 2, MAX_YEARS)
    base = base.clock(years=horizon)
    worlds = top.integer("worlds", WORLDS, 1, 10_000_000)
    most_worlds = top.integer("most_worlds", min(BUDGET * worlds, 10_000_000), worlds, 10_000_000)
    narrow = top.share("narrow", NARROW)
    matters = top.share("matters", MATTERS)
    target = top.share("target", TARGET)
    against = top.text("against", "")
    model = load(base.model)
    observables = [o.name for o in model.observables]
    if "standing" not in observables:
        raise top.error("scenario", f'model "{model.name}" observes no "standing", which a question asks about')

    test, parts = _test(top, base), _success(top, model.observables)

    levers: list[Lever] = []
    for item in top.each("levers", LEVER_KEYS):
        levers.append(_lever(item, base, levers))
    other = _other(top, against, base, file.parent) if against else None
    asked = Question(
        name,
        title,
        words,
        source,
        about,
        wanted,
        horizon,
        worlds,
        matters,
        test,
        parts,
        levers,
        most_worlds,
        narrow,
        target,
        against,
        base=base,
        other=other,
    )
    history = key_of(tested(base, asked))
    same = {
        lever.name: "the scenario already has "
        + ", ".join(f"{key} = {value:g}" for moment in lever.moments for key, value in moment.values.items())
        for lever in levers
        if key_of(tested(_held(base, lever), asked)) == history
    }
    return without(asked, same), base


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


def _other(top: _Table, against: str, base: Scenario, folder: Path) -> Scenario:
    """The scenario that the question compares, on the clock of its own scenario."""
    try:
        other = read_scenario(against, folder)
    except BestowalError as error:
        raise top.error("against", str(error)) from None
    if other.model != base.model:
        raise top.error("against", f'"{against}" is of model "{other.model}", "{base.name}" of "{base.model}"')
    return other.clock(years=base.years, seed=base.seed)


def plain(base: Scenario) -> Question:
    """What a file would ask of a scenario that names nothing but it: the default test and success, and no lever."""
    top = _Table(base.name, "", {})
    success = _success(top, load(base.model).observables)
    test = _test(top, base)
    return Question(
        base.name, base.title, "", "", "", base.name, base.years, WORLDS, MATTERS, test, success, [], base=base
    )


def _test(top: _Table, base: Scenario) -> Moment:
    table = top.inner("test", ("years", "values"), DEFAULT_TEST)
    years = table.integer("years", min(TEST_YEARS, base.years - 1), 1, base.years - 1)
    return Moment(base.years - years, _values(table.inner("values", default=DEFAULT_TEST["values"]), base))


def _success(top: _Table, observables: Sequence[Observable]) -> list[Part]:
    parts = []
    known = {o.name: o for o in observables}
    limits = {(o.name, when): (o.low, o.high) for o in observables for when in ("last year", "last years")}
    success = top.inner("success", default=DEFAULT_SUCCESS)
    for key in success.table:
        if key == "success":
            raise success.error(key, "is the name of the whole; call the part something else")
        part = success.inner(key, ("label", "when", "all"))
        label, when, rules = part.text("label"), part.text("when", "last years"), part.names("all")
        if when not in ("last year", "last years"):
            raise part.error("when", f'must be "last year" or "last years", not {_shown(when)}')
        if not rules:
            raise part.error("all", 'is missing: a list such as ["standing >= 0.5"]')
        conditions = [_condition(rule, part, list(known)) for rule in rules]
        for rule, asked in zip(rules, conditions, strict=True):
            low, high = limits[asked.observable, when]
            low, high = (max(low, asked.bound), high) if asked.sign == ">=" else (low, min(high, asked.bound))
            if low > high:
                of = known[asked.observable]
                least, most = limits[asked.observable, when]
                whole = (of.low, of.high) == (least, most)
                why = "it lies" if whole else "what is asked before leaves it"
                raise part.error("all", f"{_shown(rule)} can't be met: {why} between {least:g} and {most:g}")
            limits[asked.observable, when] = low, high
        parts.append(Part(key, label, when, conditions))
    if not parts:
        raise success.error("", "has no part")
    return parts


def _lever(item: _Table, base: Scenario, before: list[Lever]) -> Lever:
    name, label, group = item.text("name"), item.text("label"), item.text("group")
    if name in (HISTORY, TESTED, *GROUPS) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise item.error("name", f"must be small letters, digits and _, and no group's name, not {_shown(name)}")
    if name in [lever.name for lever in before]:
        raise item.error("name", f"{_shown(name)} is taken by an earlier lever")
    together = item.names("together")
    if together and (extra := {"year", "values", "weight", "forbidden", "least"} & set(item.table)):
        raise item.error(sorted(extra)[0], "a bundle takes its years, values and weights from the levers it names")
    if group not in GROUPS and not (together and group == "mixed"):
        raise item.error("group", f"must be one of {', '.join(GROUPS)}, not {_shown(group)}{nearest(group, GROUPS)}")
    if not together:
        year = item.integer("year", 0, 0, base.years - 1)
        values = _values(item.inner("values"), base)
        if not values:
            raise item.error("values", "is empty: a lever sets at least one parameter")
        weight, forbidden = item.positive("weight", 1.0), item.flag("forbidden")
        least = item.share("least", 1.0) if "least" in item.table else 0.0
        return Lever(name, label, group, [Moment(year, values)], [], weight, forbidden, least)

    singles = {lever.name: lever for lever in before if not lever.together}
    members: list[Lever] = []
    for wanted in together:
        if wanted in GROUPS:
            members += [lever for lever in singles.values() if lever.group == wanted]
        elif wanted in singles:
            members.append(singles[wanted])
        else:
            raise item.error("together", f"no single lever {_shown(wanted)} above{nearest(wanted, singles)}")
    if len({lever.name for lever in members}) < 2:
        raise item.error("together", "a bundle needs at least two levers, named above it")
    values_at: dict[int, dict[str, float]] = {}
    owner: dict[str, str] = {}
    for lever in {lever.name: lever for lever in members}.values():
        for moment in lever.moments:
            for key, value in moment.values.items():
                if key in owner:
                    raise item.error("together", f'"{owner[key]}" and "{lever.name}" both set {key}')
                owner[key] = lever.name
                values_at.setdefault(moment.year, {})[key] = value
    moments = [Moment(year, values) for year, values in sorted(values_at.items())]
    return Lever(name, label, group, moments, sorted({lever.name for lever in members}, key=list(singles).index))


def _condition(rule: str, part: _Table, observables: list[str]) -> Condition:
    match = re.fullmatch(r"\s*(\w+)\s*(>=|<=)\s*(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*", rule)
    if match is None:
        raise part.error("all", f'must read like "standing >= 0.5", not {_shown(rule)}')
    if match[1] not in observables:
        raise part.error("all", f'the model observes no "{match[1]}"{nearest(match[1], observables)}')
    return Condition(match[1], match[2], float(match[3]))


def _values(table: _Table, base: Scenario) -> dict[str, float]:
    """The values of a lever or of the test, checked together by the scenario itself."""
    try:
        base.but(**table.table)
    except BestowalError as error:
        raise table.error("", str(error)) from None
    kinds = {p.name: p.kind for p in parameters(load(base.model))}
    return {name: value if kinds[name] == "int" else float(value) for name, value in table.table.items()}


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


def _held(base: Scenario, lever: Lever) -> Scenario:
    for moment in lever.moments:
        base = hold(base, moment)
    return base


def tested(base: Scenario, asked: Question) -> Scenario:
    """The scenario with the question's test."""
    return hold(base, asked.test)


def runs(asked: Question, base: Scenario) -> dict[str, Scenario]:
    """The scenarios to run, by name: history as it was, history with the test, and each lever with the test."""
    levers = {lever.name: tested(_held(base, lever), asked) for lever in asked.levers}
    return {HISTORY: base, TESTED: tested(base, asked), **levers}
