"""Make an answer of the runs of a question: success, measures, survival, courses, levers, what stays undecided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bestowal.models.registry import load as load_model
from bestowal.questions.question import HISTORY, TESTED, Question, runs
from bestowal.simulation.in_force import not_held
from bestowal.simulation.scenario import Scenario
from bestowal.statistics.intervals import Interval, Survival

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
from bestowal.questions.answer import (
    COURSE,
    MEASURES,
    TOO_WIDE,
    Answer,
    Best,
    Course,
    Ending,
    Growth,
    LeverResult,
    Measure,
    PartResult,
    Undecided,
    tells,
)
from bestowal.questions.levers import best_of, lever_result
from bestowal.questions.success import end_of, fell, rule, successes


def answered(asked: Question, base: Scenario, data: Mapping[str, xr.Dataset], keys: dict[str, str]) -> Answer:
    """The answer that these runs give. Pure: the same runs, the same answer.

    ``data``: for each name of ``runs``, one variable an observable, each (world, year); the same worlds in every run.
    """
    import numpy as np

    from bestowal.statistics.intervals import proportion
    from bestowal.uncertainty.posterior import as_stated

    met = {name: successes(asked, run) for name, run in data.items() if name != HISTORY}
    whole = {name: np.logical_and.reduce(list(parts.values())) for name, parts in met.items()}
    before = whole[TESTED]
    n = int(before.size)
    stood = {name: fell(asked, run)[0] for name, run in data.items()}
    arms = runs(asked, base)
    levers = [
        lever_result(
            lever,
            asked,
            base,
            before,
            whole[lever.name],
            list(met[lever.name].values()),
            stood[lever.name] - stood[TESTED],
            [
                str(of)
                for moment in lever.moments
                for of in not_held(arms[lever.name], data[lever.name], moment.values, moment.year)
            ],
        )
        for lever in asked.levers
    ]
    best = [best_of(group, asked, levers, before, whole) for group in ("motive", "institution")]
    success = proportion(int(before.sum()), n)
    bounds = {o.name: (o.low, o.high) for o in load_model(base.model).observables}
    return Answer(
        id="",
        question=asked,
        scenario_title=base.title,
        scenario_about=base.about,
        worlds=n,
        seed=int(base.seed),
        first_year=int(base.first_year),
        test_changes_nothing=keys[HISTORY] == keys[TESTED],
        keys=keys,
        success=success,
        parts=[
            PartResult(part.name, part.label, rule(part, asked), proportion(int(met[TESTED][part.name].sum()), n))
            for part in asked.success
        ],
        measures=_measures(asked, data[TESTED], bounds),
        standing=_standing(asked, data[HISTORY]),
        endings=_endings(data[HISTORY]),
        courses=_courses(data, bounds),
        levers=levers,
        best=[b for b in best if b is not None],
        undecided=_undecided(asked, levers, [b for b in best if b is not None]),
        growth=_growth(asked, success, levers),
        people=as_stated(base.values.model_dump()),
    )


def _growth(asked: Question, success: Interval, levers: list[LeverResult]) -> Growth:
    widths = {"": success.width(), **{lever.name: lever.effect.width() for lever in levers}}
    what = max(widths, key=lambda name: widths[name])
    stopped = "budget"
    if asked.most_worlds == asked.worlds:
        stopped = "asked"
    elif widths[what] <= asked.narrow:
        stopped = "narrow"
    return Growth(stopped, asked.narrow, widths[what], what, asked.worlds, asked.most_worlds)


def wanted_worlds(answer: Answer) -> int:
    """How many worlds to run next: as many as there are, where that is enough or all that may be run.

    Widths shrink as 1/sqrt(worlds); a tenth more, so that a second step is rarely needed.
    """
    growth = answer.growth
    if growth.stopped != "budget" or answer.worlds >= growth.most_worlds:
        return answer.worlds
    wanted = math.ceil(1.1 * answer.worlds * (growth.widest / growth.narrow) ** 2)
    return min(max(wanted, answer.worlds + 1), growth.most_worlds)


def _measures(asked: Question, run: xr.Dataset, bounds: Mapping[str, tuple[float, float]]) -> list[Measure]:
    from bestowal.statistics.intervals import mean

    measures = []
    for name in MEASURES:
        if name in run:
            when = "last year" if name == "standing" else "last years"
            attrs = run[name].attrs
            ends = mean(end_of(run, name, when, asked), bounds=bounds[name])
            measures.append(Measure(name, attrs.get("units", ""), attrs.get("long_name", name), when, ends))
    return measures


def _standing(asked: Question, run: xr.Dataset) -> Survival:
    from bestowal.statistics.intervals import survival

    years, ended = fell(asked, run)
    return survival(years, ended)


def _endings(run: xr.Dataset) -> list[Ending]:
    from bestowal.statistics.intervals import proportion

    endings = []
    for name in (str(name) for name in run.data_vars):
        if name.startswith("ended_"):
            ever = (run[name].transpose("world", "year").values > 0).any(axis=1)
            share = proportion(int(ever.sum()), int(ever.size))
            endings.append(Ending(name, run[name].attrs.get("long_name", name), share))
    return endings


def _courses(data: Mapping[str, xr.Dataset], bounds: Mapping[str, tuple[float, float]]) -> list[Course]:
    runs = [(run, name) for name in COURSE for run in (HISTORY, TESTED) if name in data[run]]
    return [_course(data[run], run, name, bounds[name]) for run, name in runs]


def _course(data: xr.Dataset, run: str, name: str, bounds: tuple[float, float]) -> Course:
    from bestowal.statistics.intervals import means

    centre, low, high, n = means(data[name].transpose("world", "year").values.astype(float), bounds=bounds)

    def numbers(values: np.ndarray) -> list[float | None]:
        return [None if math.isnan(value) else float(value) for value in values]

    attrs = data[name].attrs
    years = [int(year) for year in data["year"].values]
    return Course(
        run,
        name,
        attrs.get("units", ""),
        attrs.get("long_name", name),
        years,
        numbers(centre),
        numbers(low),
        numbers(high),
        [int(count) for count in n],
    )


def _undecided(asked: Question, levers: list[LeverResult], best: list[Best]) -> list[Undecided]:
    from bestowal.statistics.intervals import round_up, worlds_to_decide

    open_points: list[Undecided] = []

    def leave_open(what: str, changes: list[LeverResult], needed: list[int | None]) -> None:
        if changes:
            others = [lever for lever in levers if lever not in changes]
            most = len(others) < len(changes) / 2
            names = "; ".join(f"“{lever.label}”" for lever in (others if most else changes))
            if most:
                names = f"every change but {names}" if others else "every change"
            known = [worlds for worlds in needed if worlds is not None]
            open_points.append(Undecided(f"{what} {names}", max(known) if len(known) == len(needed) else None))

    moved = [lever for lever in levers if lever.reading == "not decided"]
    leave_open(
        "whether P(success) moves at all, for",
        moved,
        [worlds_to_decide(lever.effect, asked.matters) for lever in moved],
    )
    for name, nobody in (("sufficiency", "no world failed"), ("necessity", "no world succeeded with the change")):
        shares: dict[str, Interval] = {lever.name: getattr(lever, name) for lever in levers}
        few = [lever for lever in levers if shares[lever.name].n > 0 and not tells(shares[lever.name])]
        factors = [(shares[lever.name].width() / TOO_WIDE) ** 2 for lever in few]
        leave_open(f"the {name} (too few worlds to judge by) of", few, [round_up(few[0].effect.n * f) for f in factors])
        none = [lever for lever in levers if shares[lever.name].n == 0]
        leave_open(f"the {name} ({nobody}) of", none, [None])
    labels = {lever.name: lever.label for lever in levers}
    for result in best:
        if result.status == "tied" and result.lead is not None:
            names = "; ".join(f"“{labels[name]}”" for name in result.names)
            needed = worlds_to_decide(result.lead, asked.matters)
            open_points.append(Undecided(f"which single change of {result.group} does most: {names}", needed))
    return open_points
