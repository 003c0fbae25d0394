"""`ask --full`: every kind of question about one society, each stored as soon as it is answered.

Kinds are found by being in `bestowal.questions.kinds` and asked in the order in which a reader asks. Answers are stored
under ``<answer>/full/``, one file a result; verdicts on worlds under ``<store>/outcomes``. So the same command goes on
where it was stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bestowal.core.files import kept
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Case, Full, Kind, kinds
from bestowal.questions.outcomes import BLOCK, Evaluator
from bestowal.questions.question import Lever
from bestowal.simulation.code_digest import of_functions
from bestowal.simulation.scenario import Scenario
from bestowal.uncertainty.prior import content, prior, states

SEED = 1  # of searches and samples; the random numbers of worlds are the scenario's
WORLDS = 256  # for each kind of question, but for the fresh worlds of the smallest change: as many again


def in_full(
    answer: Answer,
    base: Scenario,
    *,
    threads: int | None = None,
    store: Path | str | None = None,
    worlds: int = WORLDS,
    progress: Callable[[int, int, str], None] | None = None,
    on: str | None = None,
) -> Full:
    """Answer every further kind of question about an answered question.

    Parameters
    ----------
    answer : the result of `bestowal.ask`, with its folder.
    base : the question's scenario.
    worlds : number of worlds for each kind of question, at least one block. Sensitivity and draws from the prior set
        their own numbers.
    progress : called with (blocks of worlds done, blocks requested so far, the kind of question).
    threads, store, on : as for `bestowal.run`; the curve of the last year and the pair of worlds person by person
        always run on this machine.
    """
    worlds = max(worlds, BLOCK)
    shown = ""
    report = progress or (lambda done, total, kind: None)
    evaluator = Evaluator(
        answer.question, threads=threads, store=store, on=on, progress=lambda done, total: report(done, total, shown)
    )
    folder = Path(answer.folder) / "full"
    case = Case(answer, base, evaluator, worlds, SEED, examined(answer, []))
    results: dict[str, list[Any]] = {}
    why_not: dict[str, str] = {}
    for name, kind in kinds().items():
        shown = name.replace("_", " ")
        report(evaluator.done, evaluator.total, shown)
        parts = kind.parts(case)
        results[name] = []
        if isinstance(parts, str):
            why_not[name] = parts
            continue
        code = f"{_code(base.model, kind)} {sorted(states(base))}"
        for part, compute in parts.items():
            file = folder / f"{'-'.join(filter(None, [name, part]))}-{worlds}.json"
            results[name].append(kept(file, kind.result, code, compute))
        if kind.foremost is not None:
            case = replace(case, changes=examined(answer, kind.foremost(results[name][0])))
    return Full(base, case.changes, results, why_not)


def examined(answer: Answer, foremost: Sequence[str]) -> list[Lever]:
    """The changes examined closely: these levers together, the best of all levers, and the best single one."""
    levers: Mapping[str, Lever] = {lever.name: lever for lever in answer.question.levers}
    chosen: dict[str, Lever] = {}
    if foremost:
        first = together([levers[name] for name in foremost])
        chosen[first.name] = first
    for results in (answer.levers, [result for result in answer.levers if not result.together]):
        best = max(results, key=lambda result: result.success.estimate or 0.0)
        chosen[best.name] = levers[best.name]
    return list(chosen.values())


def together(levers: Sequence[Lever]) -> Lever:
    """These levers at once, each as the question file states it."""
    if len(levers) == 1:
        return levers[0]
    return Lever(
        "-".join(lever.name for lever in levers),
        " + ".join(lever.label for lever in levers),
        "mixed",
        [moment for lever in levers for moment in lever.moments],
        [lever.name for lever in levers],
    )


def _code(model: str, *of: Kind[Any]) -> str:
    """What decides the results of these kinds (all, where none is named) besides the answer's id.

    That is the code that computes them, and what is known of the parameters.
    """
    known = json.dumps(content(prior(model)), sort_keys=True)
    return f"{of_functions(in_full, *(kind.parts for kind in of or kinds().values()))} {known}"
