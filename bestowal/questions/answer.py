"""What an answer is, and how the runs give it.

World w has the same luck in every run, so levers are judged world by world:

* effect is P(success) with the lever minus P(success) without, paired (Bonett & Price 2012);
* sufficiency is the share, of the worlds that failed, that succeed with the lever;
* necessity is the share, of the worlds that succeed with the lever, that failed without it;
* ruined is the share, of the worlds that succeeded, that fail with the lever;

the last three with Wilson's interval. The first two of these are Pearl's probabilities of causation; twin worlds show
both outcomes, so no assumption of monotony is needed. Each is against history, in which no other lever is set: where
two levers suffice alone, both are 100 % necessary.

A lever that did nothing but redraw the random numbers would make the two runs independent. With the same two shares of
success it then had sufficiency P(success with), necessity 1 - P(success without) and ruined 1 - P(success with): the
``_redrawn`` values. Where the three equal these, they show no more than the effect does, and where the effect is 0
nothing but redrawn random numbers. Nothing is concluded that an interval doesn't carry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bestowal.models.registry import load as load_model
from bestowal.models.registry import parameters
from bestowal.questions.question_file import GROUPS, HISTORY, TESTED, Lever, Part, Question, runs
from bestowal.simulation.in_force import not_held
from bestowal.simulation.scenario import Scenario, rows
from bestowal.statistics.intervals import LEVEL, Interval, Survival

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

TOO_WIDE = 0.4  # a sufficiency or necessity whose interval is wider says "cannot tell"
MEASURES = ("standing", "output_ratio", "need_met", "gini", "harm", "gifts")
COURSE = ("effort", "output_ratio", "need_met", "motive", "members", "wish_to_leave")


@dataclass(frozen=True)
class PartResult:
    """How often one part of success was met, on its own."""

    name: str
    label: str
    rule: str
    share: Interval


@dataclass(frozen=True)
class Measure:
    """One success number at the end of history with the test: the mean over worlds in which anybody lives."""

    name: str
    unit: str
    meaning: str
    when: str
    mean: Interval


@dataclass(frozen=True)
class Ending:
    """In how many worlds of history as it was at least one community ended this way."""

    name: str
    meaning: str
    share: Interval


@dataclass(frozen=True)
class Setting:
    """What a lever sets: the parameter, history's values before (from the lever's year on, least and most), the new."""

    name: str
    meaning: str
    unit: str
    from_low: float
    from_high: float
    to: float
    year: int


@dataclass(frozen=True)
class LeverResult:
    """What one lever did, paired world by world with history under the same test."""

    name: str
    label: str
    group: str
    together: list[str]
    settings: list[Setting]
    success: Interval
    effect: Interval
    reading: str  # "raises", "lowers", "no difference that matters" or "not decided"
    sufficiency: Interval
    necessity: Interval
    parts: list[Interval]  # how often each part of success was met on its own, in the question's order
    ruined: Interval
    sufficiency_redrawn: float | None  # the three of two independent runs with the same shares of success
    necessity_redrawn: float | None
    ruined_redrawn: float | None
    years: Interval  # full years stood within the horizon, with the lever minus without: paired mean
    both: int
    gained: int
    lost: int
    neither: int
    saved: (
        float | None
    )  # worlds that would be needed with separate luck, for each one with shared: see `saved_by_pairs`
    not_held: list[str] = field(default_factory=list)  # a sentence for each value that did not stay as set


@dataclass(frozen=True)
class Growth:
    """Why there are as many worlds as there are.

    ``stopped``: "narrow" (no headline interval is wider than ``narrow``), "budget" (``most_worlds`` are run) or "asked"
    (so many were asked for). ``widest`` is the width of the widest of them, ``what`` the one it is: P(success) of
    history, or a lever's effect. Worlds are added for width alone, never for where an interval lies.
    """

    stopped: str
    narrow: float
    widest: float
    what: str
    first_worlds: int
    most_worlds: int


@dataclass(frozen=True)
class Best:
    """Which single lever of a group raised P(success) most, as far as it can be told.

    ``status``: "best" (its paired difference from every rival excludes 0, Bonferroni over the rivals), "tied" (those in
    ``names`` can't be told apart), "none" (not even the top one's effect is seen to be above 0, Bonferroni over all).
    ``lead`` is the top lever's lead over ``runner_up``, the rival nearest to it, at that level.
    """

    group: str
    status: str
    names: list[str]
    runner_up: str
    lead: Interval | None
    levers: int


@dataclass(frozen=True)
class Undecided:
    """Something this number of worlds doesn't decide, and about how many would (None: no number can be named)."""

    what: str
    worlds: int | None


@dataclass(frozen=True)
class Course:
    """One observable over the years of one run: mean over the worlds in which anybody lives, with its interval."""

    run: str
    observable: str
    unit: str
    meaning: str
    years: list[int]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]
    worlds: list[int]


@dataclass(frozen=True)
class Answer:
    """Everything an answer says; the terminal and the page only lay it out. Shares are 0 to 1."""

    id: str
    question: Question
    scenario_title: str
    scenario_about: str
    worlds: int
    seed: int
    first_year: int
    test_changes_nothing: bool
    keys: dict[str, str]
    success: Interval
    parts: list[PartResult]
    measures: list[Measure]
    standing: Survival
    endings: list[Ending]
    courses: list[Course]
    levers: list[LeverResult]
    best: list[Best]
    undecided: list[Undecided]
    growth: Growth
    level: float = LEVEL
    too_wide: float = TOO_WIDE
    people: str = ""  # of history, in a few words: `bestowal.uncertainty.posterior.as_stated`
    # Where this copy lies, what asked for it, and what was mended on the way: of this call, so not in answer.json.
    folder: str = ""
    command: str = ""
    said: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        """One line: the question, the worlds, P(success) and where the data lies."""
        met, title = self.success, self.question.title
        limits = "" if met.low is None or met.high is None else f" [{met.low:.3f}, {met.high:.3f}]"
        estimate = "-" if met.estimate is None else f"{met.estimate:.3f}"
        return (
            f"<Answer {self.id}: {title if len(title) <= 100 else title[:99] + '…'}; {self.worlds} worlds in each run; "
            f"P(success) {estimate}{limits}; {len(self.levers)} changes, in to_dataframe()>"
        )

    def to_dataframe(self) -> pd.DataFrame:
        """The changes as rows, named by lever: label, group, reading, and of each number estimate, low, high and n.

        `success` is P(success) with the change, `effect` that minus P(success) without, `years` the full years stood,
        with minus without; shares are 0 to 1. Where nothing can be said a number is NaN.
        """
        import pandas as pd

        rows = []
        for lever in self.levers:
            row: dict[str, object] = {"label": lever.label, "group": lever.group, "reading": lever.reading}
            for name in ("success", "effect", "sufficiency", "necessity", "ruined", "years"):
                interval: Interval = getattr(lever, name)
                ends = (interval.estimate, interval.low, interval.high)
                for column, number in zip((name, f"{name}_low", f"{name}_high"), ends, strict=True):
                    row[column] = math.nan if number is None else number
                row[f"{name}_n"] = interval.n
            rows.append(row)
        return pd.DataFrame(rows, index=pd.Index([lever.name for lever in self.levers], name="lever"))


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
        _lever_result(
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
    best = [_best(group, asked, levers, before, whole) for group in ("motive", "institution")]
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


def succeeds_already(answer: Answer) -> bool:
    """Whether history, put to the test, is seen to succeed as often as a change would have to: nothing to save."""
    return answer.success.low is not None and answer.success.low >= answer.question.target


def saved_by_pairs(before: np.ndarray, after: np.ndarray) -> float | None:
    """Var(after) + Var(before) over Var(after - before), over worlds with the same luck.

    That is, how many worlds with luck of their own would give the effect as exactly as one pair does. None where no
    world differs.
    """
    apart = float(after.var() + before.var())
    together = float((after.astype(float) - before.astype(float)).var())
    return apart / together if together > 0 else None


def successes(asked: Question, run: xr.Dataset) -> dict[str, np.ndarray]:
    """Which worlds met each part of success: part name -> (worlds,) bool. Where nobody lives, nothing is met."""
    import numpy as np

    met = {}
    for part in asked.success:
        held = [
            end_of(run, c.observable, part.when, asked) >= c.bound
            if c.sign == ">="
            else end_of(run, c.observable, part.when, asked) <= c.bound
            for c in part.conditions
        ]
        met[part.name] = np.logical_and.reduce(held)
    return met


def end_of(run: xr.Dataset, observable: str, when: str, asked: Question) -> np.ndarray:
    """An observable at the end, (worlds,): in the last year, or averaged over the test's years when anybody lives."""
    import numpy as np

    values = run[observable].transpose("world", "year").values.astype(float)
    if when == "last year":
        return np.asarray(values[:, -1])
    last = values[:, asked.test.year :]
    seen = ~np.isnan(last)
    n = seen.sum(axis=1)
    return np.where(n > 0, np.where(seen, last, 0.0).sum(axis=1) / np.maximum(n, 1), np.nan)


def rule(part: Part, asked: Question) -> str:
    """A part of success in words: "need_met ≥ 0.9, mean of the last 10 years"."""
    signs = {">=": "≥", "<=": "≤"}
    conditions = " and ".join(f"{c.observable} {signs[c.sign]} {c.bound:g}" for c in part.conditions)
    years = asked.horizon - asked.test.year
    return f"{conditions}, {'in the last year' if part.when == 'last year' else f'mean of the last {years} years'}"


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


def fell(asked: Question, run: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Full years stood in each world, and whether it then fell: (worlds,) float and bool.

    It stands while `standing` keeps the bound that success asks of it.
    """
    import numpy as np

    bounds = [
        c.bound for part in asked.success for c in part.conditions if (c.observable, c.sign) == ("standing", ">=")
    ]
    values = run["standing"].transpose("world", "year").values
    fallen = np.logical_not(values >= max(bounds, default=0.5))
    ended: np.ndarray = np.any(fallen, axis=1)
    return np.where(ended, np.argmax(fallen, axis=1), values.shape[1]).astype(float), ended


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


def _lever_result(
    lever: Lever,
    asked: Question,
    base: Scenario,
    before: np.ndarray,
    after: np.ndarray,
    parts: list[np.ndarray],
    years: np.ndarray,
    overruled: list[str],
) -> LeverResult:
    from bestowal.statistics.intervals import mean, proportion

    found = paired(before, after)
    return LeverResult(
        lever.name,
        lever.label,
        lever.group,
        lever.together,
        _settings(lever, base),
        found.success,
        found.effect,
        read(found.effect, asked.matters),
        found.sufficiency,
        found.necessity,
        [proportion(int(part.sum()), int(part.size)) for part in parts],
        found.ruined,
        found.success.estimate,
        1 - found.before.estimate if found.before.estimate is not None else None,
        1 - found.success.estimate if found.success.estimate is not None else None,
        mean(years, bounds=(-asked.horizon, asked.horizon)),
        found.both,
        found.gained,
        found.lost,
        found.neither,
        saved_by_pairs(before, after),
        overruled,
    )


@dataclass(frozen=True)
class Paired:
    """What a change did to success, world by world: P(success) without and with it, the effect, what caused what."""

    before: Interval
    success: Interval
    effect: Interval
    sufficiency: Interval
    necessity: Interval
    ruined: Interval
    both: int
    gained: int
    lost: int
    neither: int


def paired(before: np.ndarray, after: np.ndarray) -> Paired:
    """``Paired`` from (worlds,) whether each succeeded without and with the change."""
    from bestowal.statistics.intervals import paired_difference, proportion

    both, gained = int((before & after).sum()), int((~before & after).sum())
    lost, neither = int((before & ~after).sum()), int((~before & ~after).sum())
    return Paired(
        proportion(both + lost, int(before.size)),
        proportion(both + gained, int(before.size)),
        paired_difference(before, after),
        proportion(gained, gained + neither),
        proportion(gained, gained + both),
        proportion(lost, lost + both),
        both,
        gained,
        lost,
        neither,
    )


def read(effect: Interval, matters: float) -> str:
    """What an effect's interval carries."""
    if effect.low is None or effect.high is None:
        return "not decided"
    if effect.excludes(0):
        return "raises" if effect.low > 0 else "lowers"
    return "no difference that matters" if -matters < effect.low and effect.high < matters else "not decided"


def tells(share: Interval, too_wide: float = TOO_WIDE) -> bool:
    """Whether a sufficiency or necessity rests on enough worlds to be read."""
    return share.n > 0 and share.width() <= too_wide


def _settings(lever: Lever, base: Scenario) -> list[Setting]:
    known = {p.name: p for p in parameters(load_model(base.model))}
    history = rows(base)
    settings = []
    for moment in lever.moments:
        for name, value in moment.values.items():
            was = history[name][moment.year :]
            p = known[name]
            low, high = float(was.min()), float(was.max())
            settings.append(Setting(name, p.meaning, p.unit, low, high, float(value), moment.year))
    return settings


def _best(
    group: str, asked: Question, levers: list[LeverResult], before: np.ndarray, whole: Mapping[str, np.ndarray]
) -> Best | None:
    """See ``Best``. A bundle is no single lever and doesn't compete."""
    from bestowal.statistics.intervals import paired_difference

    singles = [lever for lever in levers if lever.group == group and not lever.together]
    if not singles:
        return None
    top = max(singles, key=lambda lever: lever.success.estimate or 0.0)  # the first of several alike
    raised = paired_difference(before, whole[top.name], 1 - (1 - LEVEL) / len(singles))
    rivals = [lever for lever in singles if lever is not top]
    leads = {
        rival.name: paired_difference(whole[rival.name], whole[top.name], 1 - (1 - LEVEL) / len(rivals))
        for rival in rivals
    }
    runner_up = min(leads, key=lambda name: leads[name].estimate or 0.0, default="")
    lead = leads.get(runner_up)
    if raised.low is None or raised.low <= 0:
        return Best(group, "none", [], runner_up, lead, len(singles))
    tied = [name for name, difference in leads.items() if not difference.excludes(0)]
    return Best(group, "tied" if tied else "best", [top.name, *tied], runner_up, lead, len(singles))


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


def grouped(answer: Answer) -> list[tuple[str, list[LeverResult]]]:
    """The levers under headings: single changes of each group, then the bundles."""
    groups = [
        (f"Single changes of {group}", [x for x in answer.levers if x.group == group and not x.together])
        for group in GROUPS
    ]
    groups.append(("Bundles: several changes at once", [x for x in answer.levers if x.together]))
    return [(title, levers) for title, levers in groups if levers]
