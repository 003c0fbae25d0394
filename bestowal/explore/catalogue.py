"""What the page may choose: the packaged scenarios, questions, models and claims, and the user's own .toml files.

A request says a name. It is looked up in what is listed here, and is never made into a path. The user's own go by
their file's name without its ending, with a number where another goes by that already.
"""

import functools
import itertools
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bestowal.core.errors import BestowalError, nearest
from bestowal.core.files import expanded, is_path, toml
from bestowal.models import registry as models
from bestowal.questions.kinds.shapley.compute import GROUPS
from bestowal.questions.question import Question
from bestowal.questions.question_file import CATALOGUE as QUESTIONS
from bestowal.questions.question_file import question as read_question
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import CATALOGUE as SCENARIOS
from bestowal.simulation.scenario_file import scenario as read_scenario

OWN_FILES = 200  # .toml files of the user's folder that are looked at
OWN_BYTES = 1 << 20


@dataclass
class Listing:
    """Files by the names they go by, and what is wrong with those that can't be read, one line each."""

    scenarios: dict[str, Path] = field(default_factory=dict)
    questions: dict[str, Path] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def listing(folder: Path) -> Listing:
    """The packaged scenarios and questions, and those in this folder."""
    found = Listing(
        scenarios={file.stem: file for file in sorted(SCENARIOS.glob("*.toml"))},
        questions={file.stem: file for file in sorted(QUESTIONS.glob("*.toml"))},
    )
    for file in sorted(folder.glob("*.[tT][oO][mM][lL]"))[:OWN_FILES]:
        try:
            if not file.is_file() or file.stat().st_size > OWN_BYTES:
                continue
            table = toml(file)
        except (BestowalError, OSError) as error:
            found.problems.append(f"{file.name}: {_said(error, folder)}")
            continue
        kind = found.questions if "levers" in table else found.scenarios if {"model", "extends"} & set(table) else None
        if kind is not None:  # else it is somebody else's, such as pyproject.toml
            name = _free(file.stem, {*found.scenarios, *found.questions})
            kind[name] = file
            found.own.add(name)
    return found


def _free(stem: str, taken: set[str]) -> str:
    """A name that an address can hold and nobody else has."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", stem)
    names = itertools.chain([plain], (f"{plain}-{k}" for k in itertools.count(2)))
    return next(name for name in names if name not in taken)


def place(name_or_path: str) -> tuple[str, Path]:
    """What a scenario the user names is called on the page, and the folder whose files the page then offers."""
    if not is_path(name_or_path):
        scenario(name_or_path, Path.cwd())
        return name_or_path, Path.cwd()
    file = expanded(name_or_path).resolve()
    _of_package(read_scenario(file, imports=False))  # and what is wrong with it is said by its name
    known = listing(file.parent)
    for name in known.own:
        if known.scenarios.get(name, Path()).resolve() == file:
            return name, file.parent
    raise BestowalError(f"{name_or_path}: is not among the first {OWN_FILES} .toml files of its folder")


def titles(folder: Path) -> dict[str, str]:
    """The names of the listed scenarios by their titles."""
    known = listing(folder).scenarios
    return {str(toml(file).get("title", name)): name for name, file in reversed(known.items())}


def scenario(name: str, folder: Path) -> Scenario:
    """The listed scenario of that name."""
    known = listing(folder)
    if name not in known.scenarios:
        raise BestowalError(f"there is no scenario {name!r}{nearest(name, known.scenarios)}")
    try:
        if name not in known.own:
            return read_scenario(name)
        return _of_package(read_scenario(known.scenarios[name], imports=False))
    except BestowalError as error:
        raise BestowalError(_said(error, folder)) from None


def _of_package(found: Scenario) -> Scenario:
    """Refuse a scenario of a model in a file: the page runs no code that lies in a folder."""
    if models.is_file(found.model):
        raise BestowalError(
            f"model {found.model}: a file, which explore does not run; run it: bestowal run {found.model}"
        )
    return found


def question(name: str, folder: Path) -> tuple[Question, Scenario]:
    """The listed question of that name, and its scenario on its clock."""
    known = listing(folder)
    if name not in known.questions:
        raise BestowalError(f"there is no question {name!r}{nearest(name, known.questions)}")
    try:
        if name in known.own:
            file = known.questions[name]
            table = toml(file)
            for path in filter(is_path, (str(table.get(key, "")) for key in ("scenario", "against"))):
                _of_package(read_scenario(path, file.parent, imports=False))
            return read_question(file)
        return read_question(name)
    except BestowalError as error:
        raise BestowalError(_said(error, folder)) from None


def catalogue(folder: Path) -> dict[str, Any]:
    """The answer to ``/api/catalogue``."""
    known = listing(folder)
    scenarios, questions, problems = [], [], list(known.problems)
    for name in known.scenarios:
        try:
            found = scenario(name, folder)
        except BestowalError as error:
            problems.append(_line(str(error)))
            continue
        told = {what: getattr(found, what) for what in ("title", "about", "model", "years", "first_year")}
        scenarios.append({"name": name, **told, "own": name in known.own})
    for name, file in known.questions.items():
        table = toml(file)
        told = {what: _line(str(table.get(what, ""))) for what in ("title", "words")}
        of = _scenario_of(str(table.get("scenario", "")), file, known)
        if of is None:
            problems.append(f"{name}: its scenario {table.get('scenario', '')!r} is not among those listed")
            continue
        questions.append({"name": name, **told, "scenario": of, "own": name in known.own})
    return {
        "scenarios": scenarios,
        "questions": questions,
        "models": _models(),
        "claims": _claims(),
        "problems": problems,
    }


def model(name: str) -> dict[str, Any]:
    """The answer to ``/api/models/{model}``: parameters and observables, with what a reader needs to know of each."""
    of = models.load(name)
    parameters = [{**asdict(p), "side": GROUPS.get(p.group, "surroundings")} for p in models.parameters(of)]
    observables = [
        {"name": o.name, "unit": o.unit, "meaning": o.meaning, "low": _finite(o.low), "high": _finite(o.high)}
        for o in of.observables
    ]
    about = {"name": of.name, "title": of.title, "step": of.step, "steps": of.steps, "people": bool(of.persons)}
    return {**about, "parameters": parameters, "observables": observables}


def shown_scenario(name: str, folder: Path) -> dict[str, Any]:
    """The answer to ``/api/scenarios/{name}``."""
    found = scenario(name, folder)
    told = {what: getattr(found, what) for what in ("title", "about", "model", "years", "first_year", "seed")}
    changes = [{"year": change.year, "values": dict(change.values)} for change in found.changes]
    return {"name": name, **told, "values": found.values.model_dump(), "changes": changes}


def shown_question(name: str, folder: Path) -> dict[str, Any]:
    """The answer to ``/api/questions/{name}``."""
    from bestowal.questions.success import rule

    asked, _ = question(name, folder)
    known = listing(folder)
    levers = [
        {
            "name": lever.name,
            "label": lever.label,
            "group": lever.group,
            "moments": [asdict(moment) for moment in lever.moments],
            "together": lever.together,
        }
        for lever in asked.levers
    ]
    return {
        "name": name,
        "title": asked.title,
        "words": _line(asked.words),
        "scenario": _scenario_of(asked.scenario, known.questions[name], known) or asked.scenario,
        "horizon": asked.horizon,
        "worlds": asked.worlds,
        "levers": levers,
        "success": [{"name": part.name, "label": part.label, "rule": rule(part, asked)} for part in asked.success],
        "test": asdict(asked.test),
    }


@functools.cache
def _models() -> list[dict[str, str]]:
    return [{"name": name, "title": title, "step": models.load(name).step} for name, title in models.titles().items()]


@functools.cache
def _claims() -> list[dict[str, str]]:
    from bestowal.claims.claim_file import CATALOGUE

    tables = [toml(file) for file in sorted(CATALOGUE.glob("*.toml"))]
    return [{"id": str(table["id"]), "says": _line(str(table["claim"]))} for table in tables]


def _scenario_of(wanted: str, file: Path, known: Listing) -> str | None:
    """The name here of the scenario that the question in a file is about; None where it isn't listed."""
    if not wanted.endswith(".toml"):
        return wanted if wanted in known.scenarios and wanted not in known.own else None
    if "\0" in wanted:
        return None
    path = (file.parent / wanted).resolve()
    return next((name for name in known.own if known.scenarios.get(name, Path()).resolve() == path), None)


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None


def _said(error: Exception, folder: Path) -> str:
    """A complaint about a file of the user's, without the folder it lies in."""
    text = str(error.strerror or error) if isinstance(error, OSError) else str(error)
    return _line(text.replace(f"{folder}/", ""))


def _line(text: str) -> str:
    return " ".join(text.split())
