"""What an answer is, how the runs give it, and how it is kept.

World w has the same luck in every run, so levers are judged world by world:

* effect is P(success) with the lever minus P(success) without, paired (Newcombe 1998, method 10);
* sufficiency is the share, of the worlds that failed, that stand with the lever;
* necessity is the share, of the worlds that stand with the lever, that failed without it;

the last two with Wilson's interval. They are Pearl's probabilities of causation; twin worlds show both outcomes, so no
assumption of monotony is needed. Nothing is concluded that an interval doesn't carry.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bestowal.model import load as load_model
from bestowal.model import parameters
from bestowal.question_file import HISTORY, TESTED, Lever, Part, Question
from bestowal.scenario import Scenario, rows, to_toml
from bestowal.statistics import LEVEL, Interval, Survival

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

TOO_WIDE = 0.4  # a sufficiency or necessity whose interval is wider says "cannot tell"
MEASURES = ("standing", "output_ratio", "need_met", "gini", "harm", "gifts")
COURSE = ("effort", "output_ratio", "need_met", "motive", "members", "wish_to_leave")
SUMS = "SHA256SUMS"
DATA = ("answer.json", "worlds.csv", "years.csv", "scenario.toml")


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
    both: int
    gained: int
    lost: int
    neither: int


@dataclass(frozen=True)
class Best:
    """Which single lever of a group raised P(success) most, as far as it can be told.

    ``status``: "best" (the paired difference from every rival excludes 0, Bonferroni over the rivals), "tied" (``names``
    can't be told apart), "none" (the top one's effect doesn't exclude a fall or nothing, Bonferroni over the group).
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
    level: float = LEVEL
    too_wide: float = TOO_WIDE
    # Where this copy lies, what asked for it, and what was mended on the way: of this call, so not in answer.json.
    folder: str = ""
    command: str = ""
    said: list[str] = field(default_factory=list)


def answered(asked: Question, base: Scenario, data: Mapping[str, xr.Dataset], keys: dict[str, str]) -> Answer:
    """The answer that these runs give. Pure: the same runs, the same answer.

    ``data``: for each name of ``runs``, one variable an observable, each (world, year), the same worlds in the same order.
    """
    import numpy as np

    from bestowal.statistics import proportion

    met = {name: successes(asked, run) for name, run in data.items() if name != HISTORY}
    whole = {name: np.logical_and.reduce(list(parts.values())) for name, parts in met.items()}
    before = whole[TESTED]
    n = int(before.size)
    levers = [_lever_result(lever, asked, base, before, whole[lever.name]) for lever in asked.levers]
    best = [_best(group, asked, levers, before, whole) for group in ("motive", "institution")]
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
        success=proportion(int(before.sum()), n),
        parts=[
            PartResult(part.name, part.label, rule(part, asked), proportion(int(met[TESTED][part.name].sum()), n))
            for part in asked.success
        ],
        measures=_measures(asked, data[TESTED]),
        standing=_standing(asked, data[HISTORY]),
        endings=_endings(data[HISTORY]),
        courses=_courses(data),
        levers=levers,
        best=[b for b in best if b is not None],
        undecided=_undecided(asked, levers, [b for b in best if b is not None]),
    )


def successes(asked: Question, run: xr.Dataset) -> dict[str, np.ndarray]:
    """Which worlds met each part of success: part name -> (worlds,) bool. Where nobody lives, nothing is met."""
    import numpy as np

    met = {}
    for part in asked.success:
        held = [
            _end(run, c.observable, part.when, asked) >= c.bound
            if c.sign == ">="
            else _end(run, c.observable, part.when, asked) <= c.bound
            for c in part.conditions
        ]
        met[part.name] = np.logical_and.reduce(held)
    return met


def _end(run: xr.Dataset, observable: str, when: str, asked: Question) -> np.ndarray:
    """An observable at the end, (worlds,): in the last year, or averaged over those of the test's years when anybody lives."""
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


def _measures(asked: Question, run: xr.Dataset) -> list[Measure]:
    from bestowal.statistics import mean

    measures = []
    for name in MEASURES:
        if name in run:
            when = "last year" if name == "standing" else "last years"
            attrs = run[name].attrs
            ends = mean(_end(run, name, when, asked))
            measures.append(Measure(name, attrs.get("units", ""), attrs.get("long_name", name), when, ends))
    return measures


def _fell(asked: Question, run: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Full years stood in each world, and whether it then fell: (worlds,) float and bool.

    It stands while `standing` keeps the bound that success asks of it.
    """
    import numpy as np

    bounds = [
        c.bound for part in asked.success for c in part.conditions if (c.observable, c.sign) == ("standing", ">=")
    ]
    values = run["standing"].transpose("world", "year").values
    fallen = ~(values >= max(bounds, default=0.5))
    ended = fallen.any(axis=1)
    return np.where(ended, np.argmax(fallen, axis=1), values.shape[1]).astype(float), ended


def _standing(asked: Question, run: xr.Dataset) -> Survival:
    from bestowal.statistics import survival

    years, ended = _fell(asked, run)
    return survival(years, ended)


def _endings(run: xr.Dataset) -> list[Ending]:
    from bestowal.statistics import proportion

    endings = []
    for name in (str(name) for name in run.data_vars):
        if name.startswith("ended_"):
            ever = (run[name].transpose("world", "year").values > 0).any(axis=1)
            share = proportion(int(ever.sum()), int(ever.size))
            endings.append(Ending(name, run[name].attrs.get("long_name", name), share))
    return endings


def _courses(data: Mapping[str, xr.Dataset]) -> list[Course]:
    return [_course(data[run], run, name) for name in COURSE for run in (HISTORY, TESTED) if name in data[run]]


def _course(data: xr.Dataset, run: str, name: str) -> Course:
    from bestowal.statistics import means

    centre, low, high, n = means(data[name].transpose("world", "year").values.astype(float))

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


def _lever_result(lever: Lever, asked: Question, base: Scenario, before: np.ndarray, after: np.ndarray) -> LeverResult:
    from bestowal.statistics import paired_difference, proportion

    both, gained = int((before & after).sum()), int((~before & after).sum())
    lost, neither = int((before & ~after).sum()), int((~before & ~after).sum())
    effect = paired_difference(before, after)
    return LeverResult(
        lever.name,
        lever.label,
        lever.group,
        lever.together,
        _settings(lever, base),
        proportion(both + gained, int(before.size)),
        effect,
        read(effect, asked.matters),
        proportion(gained, gained + neither),
        proportion(gained, gained + both),
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
    from bestowal.statistics import paired_difference

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
    from bestowal.statistics import worlds_to_decide

    open_points = []
    for lever in levers:
        if lever.reading == "not decided":
            needed = worlds_to_decide(lever.effect, asked.matters)
            open_points.append(Undecided(f"whether “{lever.label}” moves P(success) at all", needed))
        for name, share in (("sufficiency", lever.sufficiency), ("necessity", lever.necessity)):
            if not tells(share):
                factor = None if share.n == 0 else (share.width() / TOO_WIDE) ** 2
                needed = None if factor is None else _round_up(lever.effect.n * factor)
                open_points.append(Undecided(f"the {name} of “{lever.label}” ({share.n} worlds to judge by)", needed))
    labels = {lever.name: lever.label for lever in levers}
    for result in best:
        if result.status == "tied" and result.lead is not None:
            names = "; ".join(f"“{labels[name]}”" for name in result.names)
            needed = worlds_to_decide(result.lead, asked.matters)
            open_points.append(Undecided(f"which single change of {result.group} does most: {names}", needed))
    return open_points


def _round_up(value: float) -> int:
    unit = 10 ** max(math.floor(math.log10(value)) - 1, 0)
    return int(math.ceil(value / unit) * unit)


def save(answer: Answer, data: Mapping[str, xr.Dataset], folder: Path, base: Scenario) -> None:
    """Write the answer and its data, each file whole or not at all, and last the checksums that vouch for them."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "answer.json", _json(answer))
    write(folder / "worlds.csv", _worlds_csv(answer.question, data))
    write(folder / "years.csv", _years_csv(data))
    write(folder / "scenario.toml", to_toml(base))
    sums = "".join(f"{_sha256(folder / name)}  {name}\n" for name in DATA)
    write(folder / SUMS, sums)


def write(file: Path, text: str) -> None:
    """Write a file by a temporary one beside it and a rename, so that no reader ever sees half of it."""
    handle, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def load_answer(folder: Path) -> Answer | None:
    """The answer kept in this folder, or None where a file is missing or isn't what the checksums say."""
    from pydantic import TypeAdapter, ValidationError

    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
        if set(sums) != set(DATA) or any(_sha256(folder / name) != digest for name, digest in sums.items()):
            return None
        return TypeAdapter(Answer).validate_json((folder / "answer.json").read_bytes())
    except (OSError, UnicodeDecodeError, ValidationError):
        return None


def _json(answer: Answer) -> str:
    content = asdict(answer)
    for of_this_call in ("folder", "command", "said"):
        del content[of_this_call]
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _worlds_csv(asked: Question, data: Mapping[str, xr.Dataset]) -> str:
    """One row a run and world: success and its parts (1 or 0), full years stood, whether it fell, the end numbers.

    History as it was is not put to the test, so its success is left empty.
    """
    import numpy as np

    parts = [part.name for part in asked.success]
    shown = [name for name in MEASURES if name in data[TESTED]]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(
        [
            "run",
            "world",
            "success",
            *(f"met_{name}" for name in parts),
            "years_standing",
            "fell",
            *(f"end_{name}" for name in shown),
        ]
    )
    for run, values in data.items():
        met = successes(asked, values)
        whole = np.logical_and.reduce(list(met.values()))
        years, ended = _fell(asked, values)
        ends = [_end(values, name, "last year" if name == "standing" else "last years", asked) for name in shown]
        for i, world in enumerate(values["world"].values):
            flags = ["" if run == HISTORY else int(flag[i]) for flag in (whole, *met.values())]
            numbers = ["" if math.isnan(end[i]) else repr(float(end[i])) for end in ends]
            table.writerow([run, int(world), *flags, int(years[i]), int(ended[i]), *numbers])
    return out.getvalue()


def _years_csv(data: Mapping[str, xr.Dataset]) -> str:
    """One row a run, observable and year: the mean over worlds in which anybody lives, its interval, those worlds."""
    from bestowal.statistics import means

    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["run", "observable", "unit", "year", "mean", "low", "high", "worlds"])
    for run, values in data.items():
        years = [int(year) for year in values["year"].values]
        for name in values.data_vars:
            numbers = means(values[name].transpose("world", "year").values.astype(float))
            unit = values[name].attrs.get("units", "")
            for year, centre, low, high, n in zip(years, *numbers, strict=True):
                limits = ["" if math.isnan(value) else f"{value:.10g}" for value in (centre, low, high)]
                table.writerow([run, name, unit, year, *limits, int(n)])
    return out.getvalue()
