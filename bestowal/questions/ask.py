"""`ask`: what would have made it last?

History is run twice: as it was, and with the *test* (all force withdrawn, all exits opened, for the last years). Each
lever is run alone, from its year on, with the same test and the same luck. `judging.py` says how the runs are judged,
`question_file.py` what may be asked. An answer is kept under ``<store>/answers/<id>/`` with checksums; asking again
reads it there and imports neither Numba, SciPy nor xarray.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bestowal.core.errors import BestowalError
from bestowal.core.files import results
from bestowal.models.registry import load, parameters
from bestowal.questions.answer import Answer
from bestowal.questions.answer_files import load_answer, save
from bestowal.questions.judging import answered, wanted_worlds
from bestowal.questions.question import HISTORY, TESTED, Question, runs, without
from bestowal.questions.question_file import CATALOGUE, question, questions
from bestowal.simulation.code_digest import of_functions
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario import key as key_of

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["CATALOGUE", "Answer", "Question", "ask", "question", "questions"]

FORMAT = 3
NULL_TEST = 32  # worlds; a change that moves no number in so many is left out


def ask(
    name_or_path: str | Path,
    worlds: int | None = None,
    *,
    threads: int | None = None,
    store: Path | str | None = None,
    progress: Callable[[float, int], None] | None = None,
    on: str | None = None,
) -> Answer:
    """Answer a question file, from the store if it was asked before.

    Parameters
    ----------
    name_or_path : a question of the catalogue ("russia") or the path of a file.
    worlds : how many worlds in each run, exactly; by default the file's number, and more until no headline interval is
        wider than the file's ``narrow`` or its ``most_worlds`` are run.
    threads, store, on : as for `bestowal.run`.
    progress : called with (worlds done, worlds in all runs together).

    Returns
    -------
    Answer
        ``folder`` is where ``answer.json``, ``worlds.csv`` and ``years.csv`` lie; `report.answer_page.save` adds
        the page.

    Raises
    ------
    BestowalError
        There is no such question, or a key of its file is wrong, or the model lacks what the question needs.

    Examples
    --------
    >>> import bestowal
    >>> answer = bestowal.ask("commons", worlds=32)
    >>> answer.success.n  # worlds behind P(success)
    32
    """
    asked, base = question(name_or_path)
    if worlds is not None:
        if worlds < 1:
            raise BestowalError(f"worlds must be at least 1, not {worlds}")
        asked = replace(asked, worlds=worlds, most_worlds=worlds)
    arms = runs(asked, base)
    keys = {name: key_of(arm) for name, arm in arms.items()}
    answer_id = identity(asked, keys)
    folder = results(store) / "answers" / answer_id
    command = shlex.join(["bestowal", "ask", str(name_or_path), *([] if worlds is None else ["--worlds", str(worlds)])])

    said: list[str] = []
    if folder.is_dir():
        found = load_answer(folder)
        if found is not None and found.id == answer_id:
            return replace(found, folder=str(folder), command=command)
        said.append(f"{folder}: damaged or unfinished, so it was worked out again")

    n, wanted = 0, asked.worlds
    while n < wanted:
        n = wanted
        every = _run_all(arms, keys, n, threads, store, progress, on, said)
        left = without(asked, _same_as_history(every))
        data = {name: run for name, run in every.items() if name in runs(left, base)}
        answer = replace(answered(left, base, data, {name: keys[name] for name in data}), id=answer_id)
        wanted = wanted_worlds(answer)
    try:
        save(answer, data, folder, base)
    except OSError as error:
        raise BestowalError(f"{folder}: can't be written: {error.strerror}") from None
    return replace(answer, folder=str(folder), command=command, said=said)


def _run_all(
    arms: Mapping[str, Scenario],
    keys: Mapping[str, str],
    worlds: int,
    threads: int | None,
    store: Path | str | None,
    progress: Callable[[float, int], None] | None,
    on: str | None,
    said: list[str],
) -> dict[str, xr.Dataset]:
    """Every arm's run, by name; an arm that is another by another name is run once."""
    from bestowal.simulation.store import run_each

    unlike = {keys[name]: arm for name, arm in arms.items()}  # a test that changes nothing needs no second run
    runs = run_each(list(unlike.values()), worlds, threads=threads, store=store, progress=progress, on=on)
    by_key = dict(zip(unlike, runs, strict=True))
    said += [line for run in by_key.values() for line in run.attrs["repaired"].splitlines()]
    return {name: by_key[keys[name]] for name in arms}


def _same_as_history(data: Mapping[str, xr.Dataset]) -> dict[str, str]:
    """The levers that move no number in all these worlds, and in what words that is said."""
    worlds = data[TESTED].sizes["world"]
    if worlds < NULL_TEST:
        return {}
    why = f"in {worlds} worlds every number is that of the scenario"
    return {name: why for name in data if name not in (HISTORY, TESTED) and data[name].equals(data[TESTED])}


def identity(asked: Question, keys: Mapping[str, str]) -> str:
    """Return the id of an answer, 16 hex digits: a digest of everything the answer prints and of nothing else.

    Parameters
    ----------
    asked : the question with its scenarios resolved, and the worlds it asks for.
    keys : the key of each of its `runs`, which cover the numbers of the worlds.

    That is: the question, the scenarios of history and of ``against`` with their calendars and titles, what the model
    says of its parameters and observables, the run keys, and the code that makes numbers of worlds. The code that lays
    them out is not in it.
    """
    from pydantic import TypeAdapter

    model = load(asked.base.model)
    content = {
        "format": FORMAT,
        "question": TypeAdapter(Question).dump_python(asked, mode="json"),
        "model": [repr(parameters(model)), repr(model.observables)],
        "keys": dict(keys),
        "code": of_functions(answered, wanted_worlds, _same_as_history, without),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
