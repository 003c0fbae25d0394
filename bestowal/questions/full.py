"""`ask --full`: every kind of question about one society, each kept as soon as it is answered.

In the order in which a reader asks: how long it stood, and with which change longer; the smallest change that would
have been enough; when it was too late; whose fault it was, motives or institutions; who is touched, and through what;
what the answer hangs on; and what is left of it over all that isn't known. Answers are kept under ``<answer>/full/``,
one file a kind; verdicts on worlds under ``<store>/outcomes``. So the same command goes on where it was stopped.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bestowal.core.files import kept
from bestowal.questions.answer import Answer, succeeds_already
from bestowal.questions.kinds import last_year as last_years
from bestowal.questions.kinds.divergence import Who, choose, who
from bestowal.questions.kinds.dose import distance, scales, sized, unsized
from bestowal.questions.kinds.last_year import LastYear
from bestowal.questions.kinds.over_the_prior import Uncertain, uncertain
from bestowal.questions.kinds.sensitivity import compute as sensitivities
from bestowal.questions.kinds.sensitivity.result import Range, Sensitivity
from bestowal.questions.kinds.shapley import Blame, shares
from bestowal.questions.kinds.smallest.compute import smallest
from bestowal.questions.kinds.smallest.result import Knob, Smallest
from bestowal.questions.kinds.survival import Standing, standing
from bestowal.questions.outcomes import BLOCK, Court
from bestowal.questions.question import TESTED, Lever, Question, runs, tested
from bestowal.simulation.code_digest import of_functions
from bestowal.simulation.scenario import Scenario
from bestowal.uncertainty.prior import content, prior, states

T = TypeVar("T")
SEED = 1  # of searches and samples; the luck of worlds is the scenario's
WORLDS = 256  # for each kind of question, but for the fresh worlds of the smallest change: as many again


@dataclass(frozen=True)
class Full:
    """What `ask --full` adds to an answer; a part is None where it can't be asked, and ``why_not`` says why.

    ``changes``: those looked at closely, the foremost first.
    """

    base: Scenario
    changes: list[Lever]
    standing: Standing
    smallest: Smallest | None
    last_years: list[LastYear]
    blame: list[Blame]
    who: Who | None
    sensitivity: Sensitivity | None
    uncertain: Uncertain
    why_not: dict[str, str]


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
    """Everything else there is to ask of an answered question.

    Parameters
    ----------
    answer : of `bestowal.ask`, with its folder.
    base : the question's scenario.
    worlds : for each kind of question; a block of them at least. Sensitivity and draws of what is not known have
        numbers of their own.
    progress : called with (blocks of worlds done, blocks asked for so far, the kind of question).
    threads, store, on : as for `bestowal.run`; the curve of the last year and the two worlds person by person are
        lived on this machine.
    """
    asked = answer.question
    worlds = max(worlds, BLOCK)
    kind = ""
    tell = progress or (lambda done, total, kind: None)
    court = Court(asked, threads=threads, store=store, on=on, progress=lambda done, total: tell(done, total, kind))
    folder = Path(answer.folder) / "full"
    levers = {lever.name: lever for lever in asked.levers}
    why_not: dict[str, str] = {}
    code = f"{_code(base.model)} {sorted(states(base))}"

    def part(name: str, of: type[T], make: Callable[[], T]) -> T:
        nonlocal kind
        kind = name.replace("_", " ")
        tell(court.done, court.total, kind)
        return kept(folder / f"{name}-{worlds}.json", of, code, make)

    arms = runs(asked, base)
    stood = part("standing", Standing, lambda: _standing(arms, asked, court, worlds))
    saved = succeeds_already(answer)
    least: Smallest | None = None
    if saved:
        why_not["smallest"] = why_not["last_years"] = (
            f"There is nothing to save: it succeeds as it is, at the target of {asked.target:g} or above."
        )
    else:
        least = part("smallest", Smallest, lambda: _smallest(asked, base, court, worlds))
    changes = _changes(answer, levers, least)
    curves = [
        part(
            f"last_year-{change.name}",
            LastYear,
            lambda change=change: last_years.last_year(  # type: ignore[misc]
                change, asked, base, court.judge, court.branches, worlds=worlds
            ),
        )
        for change in ([] if saved else changes)
    ]
    blamed: list[Blame] = []
    if asked.other is not None:
        other = tested(asked.other, asked)
        blamed = [
            part(
                f"blame-{of}",
                Blame,
                lambda of=of: shares(  # type: ignore[misc]
                    tested(base, asked), other, court.judge, worlds=worlds, seed=SEED, of=of
                ),
            )
            for of in ("success", "years")
        ]
    else:
        why_not["blame"] = 'The question names no society to compare: against = "…" does.'
    first = changes[0]
    touched = part("who", Who, lambda: _who(arms, first, base, asked, court, worlds))
    hangs: Sensitivity | None = None
    if varied := sensitivities.varied(base, first):
        hangs = part("sensitivity", Sensitivity, lambda: _sensitivity(first, varied, asked, base, court))
    else:
        why_not["sensitivity"] = "The scenario and the change state every parameter of the prior: none is left to vary."
    over = part("uncertain", Uncertain, lambda: uncertain(base, changes, asked, court.judge, seed=SEED))
    return Full(base, changes, stood, least, curves, blamed, touched, hangs, over, why_not)


def _changes(answer: Answer, levers: Mapping[str, Lever], least: Smallest | None) -> list[Lever]:
    """The changes looked at closely: the smallest set that is enough, the best of all, and the best single one."""
    chosen: dict[str, Lever] = {}
    if least is not None and least.answer is not None:
        smallest = together([levers[name] for name in least.answer.sizes])
        chosen[smallest.name] = smallest
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


def _standing(arms: Mapping[str, Scenario], asked: Question, court: Court, worlds: int) -> Standing:
    found = court.judge(list(arms.values()), range(worlds))
    return standing(dict(zip(arms, found, strict=True)), asked.horizon, TESTED)


def _smallest(asked: Question, base: Scenario, court: Court, worlds: int) -> Smallest:
    scale = scales(base.model, prior(base.model))
    levers = {lever.name: lever for lever in asked.levers if not lever.together and not lever.forbidden}
    knobs = [
        Knob(lever.name, distance(base, lever, scale), lever.weight, unsized(lever, base.model), lever.least)
        for lever in levers.values()
    ]

    @functools.cache  # changes share their first levers
    def changed(change: tuple[tuple[str, float], ...]) -> Scenario:
        if not change:
            return base
        name, size = change[-1]
        return sized(changed(change[:-1]), levers[name], size, scale)

    def succeeds(changes: Sequence[Mapping[str, float]], among: range) -> NDArray[np.bool_]:
        scenarios = [tested(changed(tuple(change.items())), asked) for change in changes]
        return np.array([outcome.success for outcome in court.judge(scenarios, among)])

    return smallest(knobs, succeeds, target=asked.target, worlds=worlds, seed=SEED)


def _who(
    arms: Mapping[str, Scenario], change: Lever, base: Scenario, asked: Question, court: Court, worlds: int
) -> Who:
    with_it = tested(_made(base, change), asked)
    before, after = court.judge([arms[TESTED], with_it], range(worlds))
    world = choose(before.stood, after.stood, before.success, after.success)
    return who(arms[TESTED], with_it, 0 if world is None else world)


def _made(base: Scenario, change: Lever) -> Scenario:
    return sized(base, change, 1, {})


def _sensitivity(change: Lever, varied: list[Range], asked: Question, base: Scenario, court: Court) -> Sensitivity:
    def number(points: Sequence[Mapping[str, float]], among: range) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        bases = [base.but(None, **point) for point in points]
        without = court.judge([tested(b, asked) for b in bases], among)
        with_it = court.judge([tested(_made(b, change), asked) for b in bases], among)
        return np.array([o.success for o in without]), np.array([o.success for o in with_it])

    return sensitivities.sensitivity(
        varied,
        number,
        seed=SEED,
        matters=asked.matters,
        trajectories=16,
        worlds=16,
        walk_worlds=128,
    )


def _code(model: str) -> str:
    """What decides the parts besides the answer's id: the code that answers, and what is known of the parameters."""
    known = json.dumps(content(prior(model)), sort_keys=True)
    return f"{of_functions(in_full)} {known}"
