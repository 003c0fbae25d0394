"""Citation of an answer, a run, a scenario, a question, a model or a data set: a methods paragraph and references."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from importlib.metadata import version as version_of
from pathlib import Path

from bestowal.calibration import datasets
from bestowal.core.errors import BestowalError, nearest
from bestowal.core.files import expanded, is_path, results, toml
from bestowal.core.files import text as text_of
from bestowal.models import registry
from bestowal.questions import question_file
from bestowal.questions.answer import Answer
from bestowal.questions.answer_files import load_answer
from bestowal.questions.ask import identity
from bestowal.questions.question import HISTORY, runs
from bestowal.report import methods
from bestowal.report.references import Reference, bibliography, named_in, of_data, of_model, ordered
from bestowal.simulation import scenario_file
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario import key as key_of

SHORTEST = 6  # characters of an id or a key that may stand for the whole


@dataclass(frozen=True)
class Citation:
    """A citation. `methods` is empty if nothing was run; `notes` then states what is missing."""

    title: str
    version: str
    methods: str
    references: list[Reference]
    texts: list[str]  # sources that no structured reference is recorded for, as the catalogue has them
    notes: list[str]

    def bibtex(self) -> str:
        """Return every reference, and the software, as BibTeX."""
        software = (
            "@software{bestowal,\n  author = {{The bestowal authors}},\n"
            "  title = {{bestowal: a laboratory for societies of giving}},\n"
            f"  version = {{{self.version}}},\n}}"
        )
        return "\n\n".join([software, *([bibliography(self.references)] if self.references else [])])

    def software(self) -> str:
        """Return the reference of the software, as one line."""
        return f"The bestowal authors. bestowal: a laboratory for societies of giving. Version {self.version}."


def cite(name: str, worlds: int | None = None, *, store: Path | str | None = None) -> Citation:
    """Return the citation of an item of the catalogue or of the store; runs nothing.

    Parameters
    ----------
    name : an answer's id or a run's key, or their first six characters or more; the path of an answer's folder; else
        the name of a question, scenario, model or data set, or the path of a .toml file. A name that several of them
        share is taken in this order.
    worlds : number of worlds of the result; by default all stored worlds of a run, and as in `ask` for a question.
    store : the folder of results.

    Raises
    ------
    BestowalError
        Nothing has that name, or several answers or runs begin with it.

    Examples
    --------
    >>> import bestowal
    >>> [(work.authors[0], work.year) for work in bestowal.cite("oneida").references]
    [('Nordhoff, C.', 1875), ('Noyes, J. H.', 1870)]
    """
    folder = results(store)
    if (path := expanded(name)).name == "answer.json" or (path / "answer.json").is_file():
        return _of_answer(_loaded(path.parent if path.name == "answer.json" else path), folder)
    if re.fullmatch(rf"[0-9a-f]{{{SHORTEST},64}}", name):
        if (stored := _starting_with(folder / "answers", name)) is not None:
            return _of_answer(_loaded(stored), folder)
        if (stored := _starting_with(folder, name)) is not None:
            return _of_run(scenario_file.scenario(stored / "scenario.toml"), "", stored, worlds)
    is_file = is_path(name)
    if name in question_file.questions() or (is_file and not {"success", "levers"}.isdisjoint(toml(expanded(name)))):
        return _of_question(name, folder, worlds)
    if is_file or name in scenario_file.scenarios() or name in registry.names():
        scenario = scenario_file.scenario(name)
        return _of_run(scenario, name, folder / key_of(scenario), worlds)
    if name in datasets.names():
        return _of_data(name)
    names = {*question_file.questions(), *scenario_file.scenarios(), *registry.names(), *datasets.names()}
    raise BestowalError(
        f"cite {name}: no answer or run in {folder} has this name, and nothing in the catalogue"
        f"{nearest(name, sorted(names))}"
    )


def _of_answer(answer: Answer, folder: Path) -> Citation:
    base = answer.question.base
    version = _ran(folder / answer.keys[HISTORY])
    paragraph = methods.of_answer(answer, version)
    text = "\n".join([paragraph, _text(base, answer.question.scenario), _question_text(answer.question.name)])
    sources = [answer.question.source] if answer.question.source else []
    return Citation(answer.question.title, version, paragraph, _references(base.model, text), sources, [])


def _of_run(scenario: Scenario, name: str, stored: Path, worlds: int | None) -> Citation:
    there = _worlds(stored)
    version = _ran(stored)
    notes, paragraph = [], ""
    if worlds is not None and worlds > there and not (stored / "summary").is_dir():
        raise BestowalError(f"--worlds {worlds}: {stored} holds {there} worlds")
    if worlds is None and there:
        notes.append(f"{there} worlds of it are stored; --worlds says how many of them the result is of")
    if worlds or there:
        paragraph = methods.of_run(scenario, stored.name, worlds or there, version)
    else:
        notes.append(f"no run of it is stored in {stored.parent}; after a run there is a methods paragraph too")
    text = f"{paragraph}\n{_text(scenario, name)}"
    return Citation(scenario.title, version, paragraph, _references(scenario.model, text), [], notes)


def _of_question(name: str, folder: Path, worlds: int | None) -> Citation:
    question, base = question_file.question(name)
    if worlds is not None:
        question = replace(question, worlds=worlds, most_worlds=worlds)
    keys = {arm: key_of(scenario) for arm, scenario in runs(question, base).items()}
    stored = folder / "answers" / identity(question, keys)
    if (answer := load_answer(stored)) is not None:
        return _of_answer(answer, folder)
    text = f"{_text(base, question.scenario)}\n{_question_text(name)}"
    note = f"no answer to it is stored in {folder}; after `bestowal ask {name}` there is a methods paragraph too"
    sources = [question.source] if question.source else []
    return Citation(question.title, version_of("bestowal"), "", _references(base.model, text), sources, [note])


def _of_data(name: str) -> Citation:
    parts = [name] if name != datasets.FG2010 else [f"{name}_{part}" for part in datasets.FG2010_PARTS]
    files = [datasets.CATALOGUE / f"{part}.csv" for part in parts]
    said = datasets.head(files[0]).said
    found = ordered([reference for file in files for reference in of_data(file)])
    sources = [f"{said['source']} (grade {said['grade']}; {said['licence']})", *([] if found else [said["citation"]])]
    return Citation(said["title"], version_of("bestowal"), "", found, sources, [])


def _references(model: str, text: str) -> list[Reference]:
    return ordered([*of_model(model), *named_in(text)])


def _text(scenario: Scenario, name: str) -> str:
    """What a scenario says of its sources: its values with theirs, and the files it is made of, comments and all."""
    texts = [scenario_file.to_toml(scenario)]
    seen = set[Path]()
    while name:
        file = expanded(name) if is_path(name) else scenario_file.CATALOGUE / f"{name}.toml"
        if file in seen or not file.is_file():
            break
        seen.add(file)
        texts.append(text_of(file))
        name = str(toml(file).get("extends", ""))
        if is_path(name):
            name = str(file.parent / name)
    return "\n".join(texts)


def _question_text(name: str) -> str:
    file = expanded(name) if is_path(name) else question_file.CATALOGUE / f"{name}.toml"
    return text_of(file) if file.is_file() else ""


def _loaded(stored: Path) -> Answer:
    answer = load_answer(stored)
    if answer is None:
        raise BestowalError(f"{stored}: no answer, or a damaged one; ask the question again")
    return answer


def _starting_with(place: Path, start: str) -> Path | None:
    """The folder there whose name begins so; None where there is none, and a complaint where there are several."""
    found = sorted(path for path in place.glob(f"{start}*") if path.is_dir())
    if len(found) > 1:
        raise BestowalError(f"cite {start}: {len(found)} in {place} begin so; give more characters")
    return found[0] if found else None


def _worlds(stored: Path) -> int:
    """How many worlds of a run are stored."""
    array = stored / "worlds.zarr" / "observed"
    blocks = sum(path.name.isdigit() for path in (array / "c").glob("*"))
    if not blocks:
        return 0
    grid = json.loads((array / "zarr.json").read_text(encoding="utf-8"))["chunk_grid"]
    return blocks * int(grid["configuration"]["chunk_shape"][0])


def _ran(stored: Path) -> str:
    """The version of bestowal that ran this, as its provenance says; this one's where nothing says it."""
    try:
        runs = json.loads((stored / "provenance.json").read_text(encoding="utf-8"))["runs"]
        return str(runs[-1]["bestowal"])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return version_of("bestowal")
