"""Question files: a scenario (history), what counts as success, a test, and levers. Read, checked, made into runs.

A complaint names the file, the place in it, the value and the nearest valid name, in one line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bestowal.core.errors import BestowalError, nearest, shown
from bestowal.core.files import absent, expanded, is_path, toml
from bestowal.models.registry import Observable, load, names, parameters
from bestowal.questions.question import (
    GROUPS,
    HISTORY,
    MATTERS,
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
from bestowal.questions.question_table import (
    DEFAULT_PARTS,
    MAX_WORLDS,
    QuestionFile,
    Test,
    Values,
    lever_place,
    read,
    shown_value,
    wrong,
)
from bestowal.questions.question_table import Lever as LeverTable
from bestowal.questions.question_table import Part as PartTable
from bestowal.simulation.scenario import MAX_YEARS, Scenario
from bestowal.simulation.scenario import key as key_of
from bestowal.simulation.scenario_file import scenario as read_scenario
from bestowal.simulation.scenario_file import scenarios

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "questions"


def questions() -> list[str]:
    """The names of the catalogue's questions."""
    return sorted(file.stem for file in CATALOGUE.glob("*.toml"))


def question(name_or_path: str | Path) -> tuple[Question, Scenario]:
    """Read and check a question of the catalogue, or a file of one's own, and the scenario it is about on its clock.

    Parameters
    ----------
    name_or_path : a question of the catalogue, or the path of a .toml file.

    Returns
    -------
    (Question, Scenario)
        The question with its levers and criteria, and the scenario with the question's clock.

    Raises
    ------
    BestowalError
        There is no such question, or a key of the file is wrong; one line names the file, the key and the value.

    Examples
    --------
    >>> import bestowal
    >>> question, base = bestowal.question("commons")
    >>> question.title, base.name
    ('What carries a commons through a drought?', 'commons')
    """
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
    return _asked(read(str(file), table), file)


def _asked(top: QuestionFile, path: Path) -> tuple[Question, Scenario]:
    file = str(path)
    name = path.stem if path.parent == CATALOGUE else path.name
    try:
        base = read_scenario(top.scenario, path.parent)
    except BestowalError as error:
        raise wrong(file, "scenario", str(error)) from None
    base = base.clock(years=top.horizon or base.years)
    if base.years < 2:
        raise wrong(file, "horizon", f"must be a whole number from 2 to {MAX_YEARS}, not {base.years}")
    if top.most() < top.worlds:
        most = f"must be a whole number from {top.worlds} to {MAX_WORLDS}, not {top.most_worlds}"
        raise wrong(file, "most_worlds", most)
    model = load(base.model)
    if "standing" not in [o.name for o in model.observables]:
        raise wrong(file, "scenario", f'model "{model.name}" observes no "standing", which a question asks about')

    test, parts = _test(file, top.test, base), _success(file, top.success, model.observables)

    levers: list[Lever] = []
    for table in top.levers:
        levers.append(_lever(file, table, base, levers))
    other = _other(file, top.against, base, path.parent) if top.against else None
    asked = Question(
        name,
        top.title,
        top.words.strip(),
        top.source,
        top.about.strip(),
        top.scenario,
        base.years,
        top.worlds,
        top.matters,
        test,
        parts,
        levers,
        top.most(),
        top.narrow,
        top.target,
        top.against,
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


def _other(file: str, against: str, base: Scenario, folder: Path) -> Scenario:
    """The scenario that the question compares, on the clock of its own scenario."""
    try:
        other = read_scenario(against, folder)
    except BestowalError as error:
        raise wrong(file, "against", str(error)) from None
    if other.model != base.model:
        raise wrong(file, "against", f'"{against}" is of model "{other.model}", "{base.name}" of "{base.model}"')
    return other.clock(years=base.years, seed=base.seed)


def plain(base: Scenario) -> Question:
    """What a file would ask of a scenario that names nothing but it: the default test and success, and no lever."""
    success = _success(base.name, DEFAULT_PARTS, load(base.model).observables)
    test = _test(base.name, Test(), base)
    return Question(
        base.name, base.title, "", "", "", base.name, base.years, WORLDS, MATTERS, test, success, [], base=base
    )


def _test(file: str, table: Test, base: Scenario) -> Moment:
    most = base.years - 1
    years = table.years if "years" in table.model_fields_set else min(table.years, most)
    if years > most:
        raise wrong(file, "test.years", f"must be a whole number from 1 to {most}, not {years}")
    return Moment(base.years - years, _values(file, "test.values", table.values, base))


def _success(file: str, success: Mapping[str, PartTable], observables: Sequence[Observable]) -> list[Part]:
    parts = []
    known = {o.name: o for o in observables}
    limits = {(o.name, when): (o.low, o.high) for o in observables for when in ("last year", "last years")}
    for key, part in success.items():
        where = f"success.{key}.all"
        if key == "success":
            raise wrong(file, "success.success", "is the name of the whole; call the part something else")
        conditions = [_condition(file, where, rule, list(known)) for rule in part.all]
        for rule, asked in zip(part.all, conditions, strict=True):
            low, high = limits[asked.observable, part.when]
            low, high = (max(low, asked.bound), high) if asked.sign == ">=" else (low, min(high, asked.bound))
            if low > high:
                of = known[asked.observable]
                least, most = limits[asked.observable, part.when]
                whole = (of.low, of.high) == (least, most)
                why = "it lies" if whole else "what is asked before leaves it"
                raise wrong(file, where, f"{shown_value(rule)} can't be met: {why} between {least:g} and {most:g}")
            limits[asked.observable, part.when] = low, high
        parts.append(Part(key, part.label, part.when, conditions))
    return parts


def _lever(file: str, table: LeverTable, base: Scenario, before: list[Lever]) -> Lever:
    """The lever of a table, checked against the scenario and the levers above it."""
    name, place = table.name, lever_place(table.name)
    if name in (HISTORY, TESTED, *GROUPS):
        needed = "must be small letters, digits and _, and no group's name"
        raise wrong(file, f"{place}.name", f"{needed}, not {shown_value(name)}")
    if name in [lever.name for lever in before]:
        raise wrong(file, f"{place}.name", f"{shown_value(name)} is taken by an earlier lever")
    if table.together:
        return _bundle(file, table, before)
    if table.group not in GROUPS:
        raise wrong(file, f"{place}.group", f'must be one of {", ".join(GROUPS)}, not "mixed", which is for bundles')
    if table.year >= base.years:
        most = base.years - 1
        raise wrong(file, f"{place}.year", f"must be a whole number from 0 to {most}, not {table.year}")
    if not table.values:
        missing = "is empty" if "values" in table.model_fields_set else "is missing"
        raise wrong(file, f"{place}.values", f"{missing}: a lever sets at least one parameter")
    moment = Moment(table.year, _values(file, f"{place}.values", table.values, base))
    return Lever(name, table.label, table.group, [moment], [], table.weight, table.not_offered, table.smallest_size)


def _bundle(file: str, table: LeverTable, before: list[Lever]) -> Lever:
    """The lever that changes several levers above it together."""
    place = lever_place(table.name)
    where = f"{place}.together"
    if extra := {"year", "values", "weight", "not_offered", "smallest_size"} & table.model_fields_set:
        message = "a bundle takes its years, values and weights from the levers it names"
        raise wrong(file, f"{place}.{sorted(extra)[0]}", message)
    singles = {lever.name: lever for lever in before if not lever.together}
    members: list[Lever] = []
    for wanted in table.together:
        if wanted in GROUPS:
            members += [lever for lever in singles.values() if lever.group == wanted]
        elif wanted in singles:
            members.append(singles[wanted])
        else:
            raise wrong(file, where, f"no single lever {shown_value(wanted)} above{nearest(wanted, singles)}")
    if len({lever.name for lever in members}) < 2:
        raise wrong(file, where, "a bundle needs at least two levers, named above it")
    values_at: dict[int, dict[str, float]] = {}
    owner: dict[str, str] = {}
    for lever in {lever.name: lever for lever in members}.values():
        for moment in lever.moments:
            for key, value in moment.values.items():
                if key in owner:
                    raise wrong(file, where, f'"{owner[key]}" and "{lever.name}" both set {key}')
                owner[key] = lever.name
                values_at.setdefault(moment.year, {})[key] = value
    moments = [Moment(year, values) for year, values in sorted(values_at.items())]
    together = sorted({lever.name for lever in members}, key=list(singles).index)
    return Lever(table.name, table.label, table.group, moments, together)


def _condition(file: str, where: str, rule: str, observables: list[str]) -> Condition:
    match = re.fullmatch(r"\s*(\w+)\s*(>=|<=)\s*(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s*", rule)
    if match is None:
        raise wrong(file, where, f'must read like "standing >= 0.5", not {shown_value(rule)}')
    if match[1] not in observables:
        raise wrong(file, where, f'the model observes no "{match[1]}"{nearest(match[1], observables)}')
    return Condition(match[1], match[2], float(match[3]))


def _values(file: str, where: str, values: Values, base: Scenario) -> dict[str, float]:
    """The values of a lever or of the test, checked together by the scenario itself."""
    try:
        base.but(**values)
    except BestowalError as error:
        raise wrong(file, where, str(error)) from None
    kinds = {p.name: p.kind for p in parameters(load(base.model))}
    return {name: value if kinds[name] == "int" else float(value) for name, value in values.items()}
