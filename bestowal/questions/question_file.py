"""Question files: a scenario (history), what counts as success, a test, and levers. Read, checked, made into runs.

A complaint names the file, the place in it, the value and the nearest valid name, in one line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bestowal.core.errors import BestowalError, nearest, shown
from bestowal.core.files import absent, expanded, is_path, toml
from bestowal.models.registry import Observable, load, names, parameters
from bestowal.questions.question import (
    BUDGET,
    GROUPS,
    HISTORY,
    MATTERS,
    NARROW,
    TARGET,
    TESTED,
    WORLDS,
    Condition,
    Lever,
    Moment,
    Part,
    Question,
    held,
    tested,
    without,
)
from bestowal.questions.question_table import Table, shown_value
from bestowal.simulation.scenario import MAX_YEARS, Scenario
from bestowal.simulation.scenario import key as key_of
from bestowal.simulation.scenario_file import scenario as read_scenario
from bestowal.simulation.scenario_file import scenarios

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "questions"
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
LEVER_KEYS = ("name", "label", "group", "year", "values", "together", "weight", "not_offered", "smallest_size")
RENAMED = {"forbidden": "not_offered", "least": "smallest_size"}  # keys of levers that are read for one more release
HEADINGS = ("test", "success", "levers")
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
    return _read(Table(str(file), "", table, TOP_KEYS + HEADINGS), file)


def _read(top: Table, file: Path) -> tuple[Question, Scenario]:
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
    for item in top.each("levers", LEVER_KEYS, RENAMED):
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
        if key_of(tested(held(base, lever), asked)) == history
    }
    return without(asked, same), base


def _other(top: Table, against: str, base: Scenario, folder: Path) -> Scenario:
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
    top = Table(base.name, "", {})
    success = _success(top, load(base.model).observables)
    test = _test(top, base)
    return Question(
        base.name, base.title, "", "", "", base.name, base.years, WORLDS, MATTERS, test, success, [], base=base
    )


def _test(top: Table, base: Scenario) -> Moment:
    table = top.inner("test", ("years", "values"), DEFAULT_TEST)
    years = table.integer("years", min(TEST_YEARS, base.years - 1), 1, base.years - 1)
    return Moment(base.years - years, _values(table.inner("values", default=DEFAULT_TEST["values"]), base))


def _success(top: Table, observables: Sequence[Observable]) -> list[Part]:
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
            raise part.error("when", f'must be "last year" or "last years", not {shown_value(when)}')
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
                raise part.error("all", f"{shown_value(rule)} can't be met: {why} between {least:g} and {most:g}")
            limits[asked.observable, when] = low, high
        parts.append(Part(key, label, when, conditions))
    if not parts:
        raise success.error("", "has no part")
    return parts


def _lever(item: Table, base: Scenario, before: list[Lever]) -> Lever:
    name, label, group = item.text("name"), item.text("label"), item.text("group")
    if name in (HISTORY, TESTED, *GROUPS) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise item.error("name", f"must be small letters, digits and _, and no group's name, not {shown_value(name)}")
    if name in [lever.name for lever in before]:
        raise item.error("name", f"{shown_value(name)} is taken by an earlier lever")
    together = item.names("together")
    if together and (extra := {"year", "values", "weight", "not_offered", "smallest_size"} & set(item.table)):
        raise item.error(sorted(extra)[0], "a bundle takes its years, values and weights from the levers it names")
    if group not in GROUPS and not (together and group == "mixed"):
        raise item.error(
            "group", f"must be one of {', '.join(GROUPS)}, not {shown_value(group)}{nearest(group, GROUPS)}"
        )
    if not together:
        year = item.integer("year", 0, 0, base.years - 1)
        values = _values(item.inner("values"), base)
        if not values:
            raise item.error("values", "is empty: a lever sets at least one parameter")
        weight, forbidden = item.positive("weight", 1.0), item.flag("not_offered")
        least = item.share("smallest_size", 1.0) if "smallest_size" in item.table else 0.0
        return Lever(name, label, group, [Moment(year, values)], [], weight, forbidden, least)

    singles = {lever.name: lever for lever in before if not lever.together}
    members: list[Lever] = []
    for wanted in together:
        if wanted in GROUPS:
            members += [lever for lever in singles.values() if lever.group == wanted]
        elif wanted in singles:
            members.append(singles[wanted])
        else:
            raise item.error("together", f"no single lever {shown_value(wanted)} above{nearest(wanted, singles)}")
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


def _condition(rule: str, part: Table, observables: list[str]) -> Condition:
    match = re.fullmatch(r"\s*(\w+)\s*(>=|<=)\s*(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*", rule)
    if match is None:
        raise part.error("all", f'must read like "standing >= 0.5", not {shown_value(rule)}')
    if match[1] not in observables:
        raise part.error("all", f'the model observes no "{match[1]}"{nearest(match[1], observables)}')
    return Condition(match[1], match[2], float(match[3]))


def _values(table: Table, base: Scenario) -> dict[str, float]:
    """The values of a lever or of the test, checked together by the scenario itself."""
    try:
        base.but(**table.table)
    except BestowalError as error:
        raise table.error("", str(error)) from None
    kinds = {p.name: p.kind for p in parameters(load(base.model))}
    return {name: value if kinds[name] == "int" else float(value) for name, value in table.table.items()}
