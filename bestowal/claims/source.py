"""The claims of the source tradition as experiments over a prior, and a verdict on each.

A claim is one file, `catalogue/claims/source/C08.toml`: what it says, how it is made into numbers, the rival account,
and an experiment. The prior, `catalogue/priors/<model>.toml`, says how far each parameter is unknown. Draw d of the
prior is run in every arm, with the same luck in all of them; its number is what the kind of experiment makes of the
arms' means over its worlds (`numbers`). Where data have been held against the model, the posterior that they left,
`catalogue/posteriors/<model>.csv`, takes the place of the prior of its parameters, and is drawn from jointly.
The claim holds at a draw or it doesn't, and the verdict is over draws:

    supported in the model      the share of draws at which it holds is above 2/3, with all of its Wilson interval
    contradicted in the model   below 1/3, with all of its interval
    depends on NAME             neither, but draws with little and with much of one parameter differ in that share
                                (Fisher's exact test, 0.05 / parameters tried), and one of the two is past a limit
    not decided                 neither, or more than half of the draws have no number
    not a testable claim        no experiment could bear on it

A draw at which the arms compared are the same in every world has no number where the claim doesn't hold there: it is
not counted against the claim (`tied`). The power of an experiment is not measured: a claim can be contradicted for want
of it.

What decides knows arms by their place in the file, never by name. Luck is part of a draw's number, the more the fewer
its worlds; `noise` says how much. What a scenario states is not drawn (`open_to`): every value that its file writes,
though it be the default, and what it changes from some year on. Draws of the posterior are conditioned on what it
states of people; where no measured people are like that, people are drawn from the prior, and that is said. What an arm
sets is an intervention on the same people, over the scenario and the draw; it conditions nothing.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError, model_validator

from bestowal.core.errors import BestowalError, nearest
from bestowal.core.files import STRICT, Number, arrays, complaint, content_digest, results, toml, write
from bestowal.core.version import NUMERICS
from bestowal.models.registry import load, parameters
from bestowal.questions.question_file import (
    DEFAULT_SUCCESS,
    DEFAULT_TEST,
    TEST_YEARS,
    Moment,
    Question,
    hold,
    plain,
    tested,
)
from bestowal.simulation.code_digest import of_functions, of_model
from bestowal.simulation.engine import cores, simulate
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario import key as key_of
from bestowal.simulation.scenario_file import scenario as read_scenario
from bestowal.statistics.intervals import LEVEL, POWER_FACTOR, Interval, mean, nanmean, proportion, round_up
from bestowal.uncertainty.draws import crc, draw, luck, uniform
from bestowal.uncertainty.posterior import WEIGHS, weight_on_another
from bestowal.uncertainty.prior import Calibrated, People, Range, content, open_to

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "claims" / "source"
CHUNK = 25  # draws in a file
MOST_DRAWS = 100_000
MOST, LEAST = 2 / 3, 1 / 3
SAME = 1e-6  # relative: total weight on others is the same in two arms

Array = NDArray[np.float64]
ARMS_NEEDED = {
    "level": 1,
    "difference": 2,
    "quotient": 2,
    "kept": 3,
    "best": 2,
    "ablations": 3,
    "ceiling": 1,
    "sweep": 0,
}


# ------------------------------------------------------------------------------------------------------------ the files


class Holds(BaseModel):
    """When the claim holds at a draw: its number is above, below, or between."""

    model_config = STRICT

    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _some(self) -> Holds:
        if self.above is None and self.below is None:
            raise ValueError("needs above, or below, or both")
        return self

    def at(self, numbers: Array) -> NDArray[np.bool_]:
        """At which draws the claim holds; nowhere where there is no number."""
        above, below = self.ends
        return (numbers > above) & (numbers < below)

    def near(self, numbers: Array, matters: float) -> NDArray[np.bool_]:
        """Which draws lie so near a threshold that the difference doesn't matter."""
        away = [np.abs(numbers - end) for end in self.ends if math.isfinite(end)]
        return np.asarray(np.min(away, axis=0) <= matters)

    @property
    def ends(self) -> tuple[float, float]:
        """Above what and below what."""
        return -math.inf if self.above is None else self.above, math.inf if self.below is None else self.below

    @property
    def asks(self) -> str:
        """In words: above 0.1 and below 0.3."""
        named = zip(("above", "below"), self.ends, strict=True)
        return " and ".join(f"{word} {end:g}" for word, end in named if math.isfinite(end))


class Statistic(BaseModel):
    """The number taken of one world. The words are those of `taken`."""

    model_config = STRICT

    take: Literal["mean", "success", "years_standing", "half_life", "ratio"]
    observable: str | None = None
    first: int = Field(0, ge=0, alias="from")
    last: int | None = Field(None, ge=0, alias="to")
    limit: float | None = None


class Shift(BaseModel):
    """From this step on, these values."""

    model_config = STRICT

    year: int = Field(ge=0)
    values: dict[str, Number]


class Arm(BaseModel):
    """One way to set the society up, on top of the base and the draw: held whatever history did later."""

    model_config = STRICT

    label: str
    values: dict[str, Number] = Field(default_factory=dict)
    changes: tuple[Shift, ...] = ()


class Experiment(BaseModel):
    """What is run for a claim, and when the claim holds."""

    model_config = STRICT

    scenario: str
    years: int | None = Field(None, ge=1)
    worlds: int = Field(ge=1)
    kind: Literal["level", "difference", "quotient", "kept", "best", "ablations", "sweep", "ceiling"]
    holds: Holds
    matters: float = Field(ge=0)
    statistic: Statistic
    iso: bool = False
    arms: dict[str, Arm] = Field(default_factory=dict)
    levers: dict[str, tuple[Number, Number]] = Field(default_factory=dict)
    bundles: int | None = Field(None, ge=2)

    @model_validator(mode="after")
    def _whole(self) -> Experiment:
        sweep, ceiling = self.kind == "sweep", self.kind == "ceiling"
        needed = ARMS_NEEDED[self.kind]
        if len(self.arms) < needed:
            raise ValueError(f'arms: kind = "{self.kind}" needs {needed} of them, not {len(self.arms)}')
        if sweep != bool(self.levers) or sweep != (self.bundles is not None):
            raise ValueError('levers and bundles go with kind = "sweep", and it needs both')
        if sweep and (len(self.arms) > 1 or self.worlds % 2):
            raise ValueError("a sweep has at most one arm, under all its bundles, and an even number of worlds")
        wanted = self.statistic.take in ("mean", "half_life", "ratio") or ceiling
        if wanted != (self.statistic.observable is not None):
            how = "needs" if wanted else "takes no"
            raise ValueError(f'statistic: take = "{self.statistic.take}" {how} observable')
        if ceiling != (self.statistic.limit is not None) or (ceiling and self.statistic.take != "success"):
            raise ValueError('statistic: limit goes with kind = "ceiling" and take = "success"')
        n = {"level": self.worlds, "sweep": self.worlds // 2, "ceiling": self.worlds * len(self.arms)}.get(self.kind)
        for end in self.holds.ends:
            inner = min(end, 1 - end)
            if n is not None and self.statistic.take == "success" and 0 < inner < 1 and n * inner < 1:
                # Else "below 0.05" would mean "in none of 4 worlds", and hold in half the cases at a chance of 0.16.
                raise ValueError(f"worlds = {self.worlds}: a share of {n} worlds can't be told from {end:g}; needs "
                                 f"{math.ceil(self.worlds / n / inner)} worlds")  # fmt: skip
        return self


class SourceClaim(BaseModel):
    """A claim of the source, in our words, with its reading, its rival and its experiment."""

    model_config = STRICT

    id: str
    sentence: str
    claim: str = Field(min_length=1)
    reading: str
    rival: str
    rival_predicts: str
    status: Literal["T", "T*", "N"]
    theme: str
    would_change: str
    limits: str
    why_not: str = ""
    experiment: Experiment | None = None

    @model_validator(mode="after")
    def _testable_or_not(self) -> SourceClaim:
        if self.status == "N" and self.experiment is not None:
            raise ValueError('status = "N": has no experiment, and why_not says why')
        if (self.experiment is None) != bool(self.why_not.strip()):
            raise ValueError(f'status = "{self.status}": needs an experiment, or why_not to say why there is none')
        return self


_TABLES: dict[str, type[BaseModel]] = {
    "experiment": Experiment,
    "holds": Holds,
    "statistic": Statistic,
    "arms": Arm,
    "changes": Shift,
}


def source_claims(folder: Path | None = None) -> list[SourceClaim]:
    """The claims of the catalogue in order, C1 to C25 and then P24, each read and checked."""
    files = sorted((folder or CATALOGUE).glob("*.toml"))
    return [source_claim(file) for file in files]


def source_claim(file: Path) -> SourceClaim:
    """The claim in a file, checked against its scenario, its model and the prior."""
    try:
        claim = SourceClaim.model_validate(toml(file))
    except ValidationError as error:
        raise BestowalError(f"{file}: {complaint(error, SourceClaim, _TABLES)}") from None
    written = re.fullmatch(r"([A-Z])0*(\d+)", file.stem)
    if written is None or claim.id != "".join(written.groups()):
        raise BestowalError(f"{file}: id = {claim.id!r}: the file's name says otherwise; C08.toml holds C8")
    if claim.experiment is not None:
        try:
            _plan(claim.experiment, 0)
        except BestowalError as error:
            raise BestowalError(f"{file}: {error}") from None
    return claim


def _bundle(levers: Mapping[str, tuple[float, float]], model: str, seed: int, d: int, b: int) -> dict[str, float]:
    """Bundle b of draw d: each lever at its low end, at its high end, or anywhere between, a third of chance each.

    Ends on purpose: an institution is as often all or nothing as a measure, and a uniform draw never reaches an end.
    """
    whole = {p.name for p in parameters(load(model)) if p.kind == "int"}
    bundle = {}
    for name, (low, high) in levers.items():
        where, u = 3 * uniform(seed, d, crc(name), b), uniform(seed, d, crc(name), b, 1)
        value = low if where < 1 else high if where < 2 else low + (high - low) * u
        bundle[name] = round(value) if name in whole else float(value)
    return bundle


# -------------------------------------------------------------------------------------------------------------- running


@dataclass(frozen=True)
class _Plan:
    """An experiment made ready to run: nothing in it knows what an arm is called."""

    experiment: Experiment
    seed: int
    model: str
    years: int
    prior: dict[str, Range]  # of what the scenario leaves open
    people: People
    arms: tuple[Scenario, ...]  # on top of the base, before the draw; with the test of success unless there are levers
    set_by: tuple[frozenset[str], ...]  # what an arm sets from the start, over the draw
    asked: Question | None  # the default question, where success is asked
    at: dict[str, int]  # observable -> column

    @property
    def shape(self) -> tuple[int, int]:
        """Rows a draw leaves, and worlds in each. A sweep's: its best bundle on fresh worlds, and where chosen."""
        worlds = self.experiment.worlds
        return (2, worlds // 2) if self.experiment.kind == "sweep" else (len(self.arms), worlds)

    @property
    def work(self) -> int:
        """Worlds run for a draw."""
        worlds = self.experiment.worlds
        return worlds // 2 * (1 + (self.experiment.bundles or 0)) if self.experiment.levers else worlds * len(self.arms)

    @property
    def free(self) -> list[str]:
        """Parameters of the prior that decide something in at least one arm."""
        bundled = set(self.experiment.levers)
        return [n for n in self.prior if n not in bundled and any(n not in own for own in self.set_by)]


@dataclass(frozen=True)
class _Record:
    """What is kept of draws, one row each."""

    stat: Array  # (draws, rows, worlds): the statistic of each world
    seen: Array  # (draws, rows, worlds): for a ceiling, the observable its limit is on; else NaN
    others: Array  # (draws, rows): mean weight on others at the first step; NaN unless iso


def _plan(experiment: Experiment, seed: int) -> _Plan:
    """The plan of an experiment, or a complaint about what its scenario, model or prior doesn't have."""
    try:
        base = read_scenario(experiment.scenario)
        base = base.clock(years=experiment.years) if experiment.years is not None else base
    except BestowalError as error:
        raise BestowalError(f"experiment.scenario = {experiment.scenario!r}: {error}") from None
    model = load(base.model)
    at = {o.name: i for i, o in enumerate(model.observables)}
    _check_statistic(experiment, at, base)
    asked = None
    if experiment.statistic.take == "success":
        try:
            asked = plain(base)
        except BestowalError as error:
            raise BestowalError(f'experiment.statistic.take = "success": {error}') from None
    arms = []
    for name, arm in (experiment.arms or {"base": Arm(label="")}).items():
        moments = [
            Moment(0, arm.values),
            *(Moment(c.year, c.values) for c in sorted(arm.changes, key=lambda c: c.year)),
        ]
        made = base
        try:
            for moment in moments:
                made = hold(made, moment)
        except BestowalError as error:
            raise BestowalError(f"experiment.arms.{name}: {error}") from None
        arms.append(made)
    for end in (0, 1):
        try:
            hold(base, Moment(0, {name: ends[end] for name, ends in experiment.levers.items()}))
        except BestowalError as error:
            raise BestowalError(f"experiment.levers: {error}") from None
    if experiment.iso and "motive" not in at:
        raise BestowalError(f'experiment.iso = true: model {base.model} observes no "motive"')
    known, people = open_to(base)
    return _Plan(
        experiment,
        seed,
        base.model,
        base.years,
        known,
        people,
        tuple(arm if asked is None or experiment.levers else tested(arm, asked) for arm in arms),
        tuple(frozenset(arm.values) for arm in experiment.arms.values()) or (frozenset(),),
        asked,
        at,
    )


def _check_statistic(experiment: Experiment, at: Mapping[str, int], base: Scenario) -> None:
    taken = experiment.statistic
    name = "standing" if taken.take == "years_standing" else taken.observable
    if name is not None and name not in at:
        what = f"take = {taken.take!r}" if taken.observable is None else f"observable = {name!r}"
        raise BestowalError(f"experiment.statistic.{what}: {base.model} observes no {name!r}{nearest(name, at)}")
    last = base.years - 1 if taken.last is None else taken.last
    if not taken.first <= last < base.years:
        raise BestowalError(
            f"experiment.statistic.from = {taken.first}, to = {last}: must be two of the {base.years} steps, in order"
        )


def taken(statistic: Statistic, values: Array, at: Mapping[str, int], asked: Question | None) -> Array:
    """The statistic of each world of a run (worlds, years, observables); NaN where there is nothing to take.

    mean             of the observable over the steps from .. to, without those where nobody lives
    success          1 or 0: every part of a question's default success, under its default test
    years_standing   steps from .. to with at least half of the founded communities standing
    half_life        steps from `from` until the observable has come down to half of what it was, or is gone with those
                     who gave; to + 1 - from where that never happens (it is then censored: at least so many)
    ratio            the observable at `to` over that at `from`
    """
    last = values.shape[1] - 1 if statistic.last is None else statistic.last
    if statistic.take == "success":
        assert asked is not None
        return _succeeded(values, at, asked)
    course = values[:, :, at["standing" if statistic.take == "years_standing" else statistic.observable or ""]]
    span = course[:, statistic.first : last + 1]
    if statistic.take == "mean":
        return nanmean(span, 1)
    if statistic.take == "years_standing":
        return (span >= 0.5).sum(axis=1).astype(float)  # type: ignore[no-any-return]
    start = np.where(span[:, 0] > 0, span[:, 0], np.nan)
    if statistic.take == "ratio":
        return np.asarray(span[:, -1] / start)
    down = ~(span > start[:, None] / 2)
    down[:, 0] = False
    steps = np.where(down.any(axis=1), down.argmax(axis=1), span.shape[1])
    return np.where(np.isnan(start), np.nan, steps)


def _succeeded(values: Array, at: Mapping[str, int], asked: Question) -> Array:
    import xarray as xr

    from bestowal.questions.answer import successes

    names = {condition.observable for part in asked.success for condition in part.conditions}
    run = xr.Dataset({name: (("world", "year"), values[:, :, at[name]]) for name in names})
    return np.logical_and.reduce(list(successes(asked, run).values())).astype(float)  # type: ignore[no-any-return]


def _run_draw(plan: _Plan, d: int) -> tuple[Array, Array, Array]:
    """Draw d in every arm with the same luck: what `_Record` keeps of it."""
    rows, worlds = plan.shape
    stat, seen, others = np.full((rows, worlds), np.nan), np.full((rows, worlds), np.nan), np.full(rows, np.nan)
    drawn = draw(plan.prior, plan.model, plan.seed, d)
    own = luck(plan.seed, d)
    statistic = plan.experiment.statistic

    def run(arm: int, numbers: Sequence[int], bundle: Mapping[str, float]) -> Array:
        made = plan.arms[arm]
        if bundle:  # set the institutions, and only then test them
            made = hold(made, Moment(0, dict(bundle)))
            made = tested(made, plan.asked) if plan.asked is not None else made
        free: dict[str, Any] = {n: v for n, v in drawn.items() if n not in plan.set_by[arm] and n not in bundle}
        return simulate(made.but(**free).clock(seed=own), numbers)

    if plan.experiment.levers:
        best, chosen = -math.inf, dict[str, float]()
        for b in range(plan.experiment.bundles or 0):
            bundle = _bundle(plan.experiment.levers, plan.model, plan.seed, d, b)
            found = taken(statistic, run(0, range(worlds), bundle), plan.at, plan.asked)
            score = float(nanmean(found, 0))
            if score > best:  # the first of several alike
                best, chosen, stat[1] = score, bundle, found
        if chosen:
            stat[0] = taken(statistic, run(0, range(worlds, 2 * worlds), chosen), plan.at, plan.asked)
        return stat, seen, others
    for arm in range(rows):
        values = run(arm, range(worlds), {})
        stat[arm] = taken(statistic, values, plan.at, plan.asked)
        if plan.experiment.kind == "ceiling":
            of = Statistic(take="mean", observable=statistic.observable, first=statistic.first, last=statistic.last)
            seen[arm] = taken(of, values, plan.at, None)
        if plan.experiment.iso:
            weight = values[:, 0, plan.at["motive"]]
            if "inclusion" in plan.at:
                weight = weight * values[:, 0, plan.at["inclusion"]]
            others[arm] = weight.mean()
    return stat, seen, others


def _check_iso(others: Array, first: int) -> None:
    """Complain where arms don't begin with the same weight on others; `first` is the number of the first draw."""
    same = np.abs(others - others[:, :1]) <= SAME * np.abs(others[:, :1])
    for d, arm in np.argwhere(~same)[:1]:
        raise BestowalError(
            f"iso = true, but at draw {first + d} arm {arm + 1} begins with {others[d, arm]:.6g} of weight on others, "
            f"and arm 1 with {others[d, 0]:.6g}"
        )


def _record(
    plan: _Plan, folder: Path, draws: int, threads: int, progress: Callable[[int, int], None] | None
) -> _Record:
    """Draws 0 to draws - 1, from the folder where they are there, run and kept there, chunk by chunk, where not."""
    chunks = []
    done = 0
    compiled = False

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done * plan.work, draws * plan.work)

    pool = ThreadPoolExecutor(threads)
    try:
        for start in range(0, draws, CHUNK):
            wanted = min(CHUNK, draws - start)
            file = _file(folder, start)
            kept = _kept(file, plan)
            have = kept.stat.shape[0]
            tell(min(have, wanted))
            if have < wanted:
                if not compiled:  # here: threads would only queue for the compiler, deaf to Ctrl-C
                    simulate(plan.arms[0], [])
                    compiled = True
                jobs = {pool.submit(_run_draw, plan, start + i): i for i in range(have, wanted)}
                found: list[Any] = [None] * (wanted - have)
                for job in as_completed(jobs):
                    found[jobs[job] - have] = job.result()
                    tell(1)
                news = [np.array(part) for part in zip(*found, strict=True)]
                kept = _joined([kept, _Record(*news)])
                if plan.experiment.iso:
                    _check_iso(kept.others, start)
                packed = io.BytesIO()
                np.savez(packed, stat=kept.stat, seen=kept.seen, others=kept.others)
                write(file, packed.getvalue())
            chunks.append(_Record(kept.stat[:wanted], kept.seen[:wanted], kept.others[:wanted]))
    finally:
        pool.shutdown(cancel_futures=True)
    return _joined(chunks)


def _joined(chunks: Sequence[_Record]) -> _Record:
    return _Record(*(np.concatenate([getattr(c, part) for c in chunks]) for part in ("stat", "seen", "others")))


def _file(folder: Path, start: int) -> Path:
    """The file of the draws from `start` on."""
    return folder / f"draws-{start:06}.npz"


def _kept(file: Path, plan: _Plan) -> _Record:
    """The draws kept in a file; none where it isn't there or is damaged (every array in it has a checksum)."""
    rows, worlds = plan.shape
    none = _Record(np.empty((0, rows, worlds)), np.empty((0, rows, worlds)), np.empty((0, rows)))
    try:
        parts = arrays(file.read_bytes(), ("stat", "seen", "others"))
    except FileNotFoundError:
        return none
    if parts is None:
        return none
    record = _Record(**parts)
    n = record.stat.shape[0]
    right = record.stat.shape == record.seen.shape == (n, rows, worlds) and record.others.shape == (n, rows)
    return record if right and 0 < n <= CHUNK else none


def _identity(plan: _Plan) -> dict[str, Any]:
    """Everything a draw's record depends on: not how many draws there are, nor what anything is called."""
    experiment = plan.experiment
    taken = experiment.statistic.model_dump()
    return {
        "numerics": NUMERICS,
        "code": [of_model(load(plan.model)), of_functions(_run_draw)],
        "seed": plan.seed,
        "prior": content(plan.prior),
        "arms": [[key_of(arm), sorted(own)] for arm, own in zip(plan.arms, plan.set_by, strict=True)],
        "worlds": experiment.worlds,
        "statistic": {name: value for name, value in taken.items() if name != "limit"},
        "success": [DEFAULT_SUCCESS, DEFAULT_TEST, TEST_YEARS] if plan.asked is not None else None,
        "ceiling": experiment.kind == "ceiling",
        "iso": experiment.iso,
        "levers": {name: list(ends) for name, ends in sorted(experiment.levers.items())},
        "bundles": experiment.bundles,
    }


# -------------------------------------------------------------------------------------------------------------- numbers


def numbers(kind: str, stat: Array, matters: float) -> Array:
    """The number of each draw, from the statistic of its worlds: (draws, arms, worlds) -> (draws,), NaN where none.

    With a, b, c … the arms' means over their worlds, in the file's order:

    level       a
    difference  a - b
    quotient    a / b, where b is above 0
    kept        (a - c) / (b - c): how much of what b gained over c is left in a, where that gain is above `matters`
    best        a less the largest of the others; the largest of several vague means is on average too large, so this
                leans against a, the more the fewer the worlds
    ablations   a the full set, b none, c … all less one: the smallest 1 - (c - b) / (a - b), where a - b is above
                `matters`; the smallest of several vague shares is on average too small
    sweep       the best bundle's mean over worlds that had no part in choosing it
    ceiling     the mean over the worlds of all arms (those at or above the limit are NaN already)
    """
    if kind == "ceiling":
        return nanmean(stat.reshape(stat.shape[0], -1), 1)
    means = nanmean(stat, 2)
    first = means[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        if kind in ("level", "sweep"):
            return first
        second, third = means[:, 1], means[:, 2] if means.shape[1] > 2 else None
        if kind == "difference":
            return first - second
        if kind == "quotient":
            return np.where(second > 0, first / second, np.nan)
        if kind == "kept":
            assert third is not None
            return np.where(second - third > matters, (first - third) / (second - third), np.nan)
        if kind == "best":
            return np.asarray(first - np.fmax.reduce(means[:, 1:], axis=1))
        lost = 1 - (means[:, 2:] - second[:, None]) / (first - second)[:, None]
        return np.where(first - second > matters, lost.min(axis=1), np.nan)


def tied(kind: str, stat: Array) -> NDArray[np.bool_]:
    """The draws at which the arms that are compared are the same in every world: they say nothing of a difference.

    For example where no world of any arm succeeds. Of kinds that compare no arms, none.
    """
    if kind not in ("difference", "best"):
        return np.zeros(stat.shape[0], dtype=bool)
    compared = stat[:, : 2 if kind == "difference" else stat.shape[1]]
    return np.asarray((compared == compared[:, :1]).all(axis=(1, 2)))


def noise(kind: str, stat: Array, matters: float) -> float | None:
    """How far luck alone moves a draw's number: the median over draws of its jackknife standard error over worlds."""
    worlds = stat.shape[2]
    if worlds < 2:
        return None
    without = np.stack([numbers(kind, np.delete(stat, w, axis=2), matters) for w in range(worlds)])
    errors = np.sqrt((worlds - 1) * without.var(axis=0))
    errors = errors[~np.isnan(errors)]
    return float(np.median(errors)) if errors.size else None


# -------------------------------------------------------------------------------------------------------------- verdict


@dataclass(frozen=True)
class Split:
    """The draws with little and with much of one parameter, and the share of each at which the claim holds."""

    parameter: str
    at: float
    below: Interval
    above: Interval
    p: float  # Fisher's exact test, not yet corrected for the number of parameters tried


@dataclass(frozen=True)
class Judgement:
    """A verdict and the numbers it rests on."""

    verdict: str
    share: Interval
    number: Interval
    near: float | None
    split: Split | None
    tried: int  # parameters


def judge(found: Array, points: Mapping[str, Array], zeros: Iterable[str], holds: Holds, matters: float) -> Judgement:
    """The verdict on the numbers of draws: it knows neither arms nor claim. NaN is left out.

    `points` has each parameter's value at each draw; those in `zeros` are split at 0, the others at their median.
    """
    used = ~np.isnan(found)
    seen = found[used]
    held = holds.at(seen)
    share = proportion(int(held.sum()), int(held.size))
    near = float(holds.near(seen, matters).mean()) if seen.size else None
    splits = _splits(held, {name: values[used] for name, values in points.items()}, frozenset(zeros))
    telling = [s for s in splits if s.p < (1 - LEVEL) / len(splits) and _beyond(s)]
    split = min(telling, key=lambda s: s.p, default=None)
    if 2 * seen.size < found.size:
        verdict, split = "not decided", None  # what is left of the prior may be unlike the rest
    elif share.low is not None and share.low > MOST:
        verdict, split = "supported in the model", None
    elif share.high is not None and share.high < LEAST:
        verdict, split = "contradicted in the model", None
    elif split is not None:
        verdict = f"depends on {split.parameter}"
    else:
        verdict = "not decided"
    return Judgement(verdict, share, mean(seen), near, split, len(splits))


def _splits(held: NDArray[np.bool_], points: Mapping[str, Array], zeros: frozenset[str]) -> list[Split]:
    from scipy.stats import fisher_exact

    splits = []
    for name, values in points.items():
        at = 0.0 if name in zeros else float(np.median(values)) if values.size else 0.0
        low = values == 0 if name in zeros else values <= at
        if low.all():  # more than half the draws have the largest value there is
            low = values < at
        counts = [(int(held[side].sum()), int(side.sum())) for side in (low, ~low)]
        if all(n for _, n in counts):
            p = float(fisher_exact([[k, n - k] for k, n in counts]).pvalue)
            splits.append(Split(name, at, proportion(*counts[0]), proportion(*counts[1]), p))
    return splits


def _beyond(split: Split) -> bool:
    shares = [side.estimate for side in (split.below, split.above) if side.estimate is not None]
    return max(shares) > MOST or min(shares) < LEAST


def draws_to_decide(share: Interval) -> int | None:
    """About how many draws with a number would bring the share's interval beyond a limit, four times in five, if the
    share is what it now seems; None where it lies between the limits and so no number would."""
    if share.estimate is None or share.low is None or share.high is None:
        return None
    if share.estimate > MOST:
        inner, away = share.estimate - share.low, share.estimate - MOST
    elif share.estimate < LEAST:
        inner, away = share.high - share.estimate, LEAST - share.estimate
    else:
        return None
    return round_up(max(share.n * (inner / away) ** 2 * POWER_FACTOR, share.n + 1))


# --------------------------------------------------------------------------------------------------------------- checks


@dataclass(frozen=True)
class Result:
    """What the model says of a claim. Where there is no experiment, the numbers are None or empty."""

    claim: SourceClaim
    verdict: str
    because: str
    share: Interval | None  # of draws at which the claim holds
    number: Interval | None  # the mean of the draws' numbers
    near: float | None  # share of draws within `matters` of the threshold
    split: tuple[str, float, Interval, Interval] | None  # parameter, at, share up to there, share above
    draws: int
    left_out: int  # draws where there was nothing to measure, or no difference to be for or against
    numbers: tuple[float, ...]  # one a draw, NaN where left out
    arms: tuple[tuple[str, tuple[float, ...]], ...]  # label, and the statistic at each draw
    points: dict[str, tuple[float, ...]]  # parameters of the prior that some arm leaves free, at each draw
    key: str  # sixteen hex digits that follow the content: experiment, prior, code, seed and draws
    noise: float | None = None  # how far luck alone moves a draw's number (standard error, median over draws)
    folder: str = ""  # where its draws are kept
    people: str = ""  # whose people it was run with, in a line
    weight: tuple[float, ...] = ()  # of ordinary people on another person, mean over draws, by arm; () of other models


def check_source(
    claims: Sequence[SourceClaim],
    *,
    draws: int = 200,
    seed: int = 1,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[Result]:
    """The verdict on each claim, in the order given, as it comes.

    Draws are kept in the store, so that what was interrupted goes on, and more draws run only those that are new.
    `progress(claim, done, worlds)` is called as draws finish.
    """
    limits = {
        "draws": (draws, 1, MOST_DRAWS),
        "seed": (seed, 0, (1 << 64) - 1),
        "threads": (1 if threads is None else threads, 1, 4096),
    }
    for name, (value, low, high) in limits.items():
        if not low <= value <= high:
            raise BestowalError(f"{name} = {value}: must be from {low} to {high}")
    for claim in claims:
        if claim.experiment is None:
            yield _untestable(claim)
            continue

        def tell(done: int, total: int, claim: SourceClaim = claim) -> None:
            if progress is not None:
                progress(claim.id, done, total)

        try:
            plan = _plan(claim.experiment, seed)
            identity = _identity(plan)
            folder = results(store) / "claims" / content_digest(identity)
            write(folder / "experiment.json", json.dumps(identity, indent=1, ensure_ascii=False) + "\n")
            record = _record(plan, folder, draws, threads or cores(), tell)
        except BestowalError as error:
            raise BestowalError(f"{claim.id}: {error}") from None
        except OSError as error:
            raise BestowalError(f"{error.filename or results(store)}: {error.strerror or error}") from error
        yield _result(claim, claim.experiment, plan, record, folder.name, folder)


def stored(claim: SourceClaim, *, store: str | os.PathLike[str] | None = None) -> list[tuple[Result, int, datetime]]:
    """What the store has of a claim as it stands today, and runs nothing: results with all the draws kept under a
    seed, that seed, and when the last of them was computed. A claim without experiment has its result at once.
    """
    if claim.experiment is None:
        return [(_untestable(claim), 1, datetime.now(UTC))]
    found = []
    plan = _plan(claim.experiment, 0)
    for seed in _seeds(results(store) / "claims"):
        plan = replace(plan, seed=seed)
        folder = results(store) / "claims" / content_digest(_identity(plan))
        chunks, times = list[_Record](), list[float]()
        while not chunks or chunks[-1].stat.shape[0] == CHUNK:
            path = _file(folder, CHUNK * len(chunks))
            chunks.append(_kept(path, plan))
            times += [path.stat().st_mtime] if chunks[-1].stat.shape[0] else []
        if times:
            result = _result(claim, claim.experiment, plan, _joined(chunks), folder.name, folder)
            found.append((result, seed, datetime.fromtimestamp(max(times), UTC)))
    return found


def _seeds(folder: Path) -> list[int]:
    """The seeds under which any claim's draws are kept, each once, ascending."""
    seeds = set()
    for file in folder.glob("*/experiment.json"):
        try:
            seed = json.loads(file.read_text(encoding="utf-8"))["seed"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if type(seed) is int:  # as it was written: JSON's true is 1 to a set
            seeds.add(seed)
    return sorted(seeds)


def _untestable(claim: SourceClaim) -> Result:
    return Result(
        claim=claim,
        verdict="not a testable claim" if claim.status == "N" else "not decided",
        because=claim.why_not,
        share=None,
        number=None,
        near=None,
        split=None,
        draws=0,
        left_out=0,
        numbers=(),
        arms=(),
        points={},
        key=content_digest([claim.id, claim.claim, claim.why_not]),
    )


def _result(claim: SourceClaim, experiment: Experiment, plan: _Plan, record: _Record, key: str, folder: Path) -> Result:
    stat = record.stat
    if experiment.statistic.limit is not None:
        stat = np.where(record.seen < experiment.statistic.limit, stat, np.nan)
    found = numbers(experiment.kind, stat, experiment.matters)
    ties = tied(experiment.kind, stat) & ~np.isnan(found) & ~experiment.holds.at(found)
    found = np.where(ties, np.nan, found)
    draws = int(found.size)
    drawn = [draw(plan.prior, plan.model, plan.seed, d) for d in range(draws)]
    points = {name: np.array([values[name] for values in drawn], dtype=float) for name in plan.free}
    zeros = [name for name, r in plan.prior.items() if r.zero is not None]
    judged = judge(found, points, zeros, experiment.holds, experiment.matters)
    shaken = noise(experiment.kind, stat, experiment.matters)
    weights, kappa = (_of_arms(plan, points, names, law) for names, law in (WEIGHT, COMMITMENT))
    calibrated = any(isinstance(plan.prior[name], Calibrated) for name in plan.free)
    of = "what is known" if calibrated else "the prior"
    labels = [arm.label for arm in experiment.arms.values()]
    if experiment.levers:
        labels = ["the best bundle, on fresh worlds", "the best bundle, on the worlds it was chosen on"]
    means = nanmean(stat, 2)
    split = judged.split
    rule = [experiment.kind, list(experiment.holds.ends), experiment.matters, experiment.statistic.limit]
    return Result(
        claim,
        judged.verdict,
        f"{_because(judged, experiment, draws, int(ties.sum()), shaken, of)} {_who(plan.people, weights, kappa)}",
        judged.share,
        judged.number,
        judged.near,
        None if split is None else (split.parameter, split.at, split.below, split.above),
        draws,
        int(np.isnan(found).sum()),
        tuple(found.tolist()),
        tuple((label, tuple(means[:, row].tolist())) for row, label in enumerate(labels)),
        {name: tuple(values.tolist()) for name, values in points.items()},
        content_digest([key, [repr(part) for part in rule], draws]),
        shaken,
        str(folder),
        plan.people.says,
        weights,
    )


def _because(judged: Judgement, experiment: Experiment, draws: int, ties: int, shaken: float | None, of: str) -> str:
    """The numbers behind a verdict in one sentence."""
    n = judged.share.n
    if n == 0 and ties < draws:
        return f"At none of {draws} draws of {of} was there anything to measure."
    said = [f"the number is {experiment.holds.asks} at {percent(judged.share)} of {n} draws of {of}"]
    if n < draws:
        few = ", too many for a verdict" if 2 * n < draws else ""
        nothing = draws - n - ties
        said += [f"at {nothing} more there was nothing to measure{'' if ties else few}"] if nothing else []
        if ties:
            said.append(f"at {ties} more the arms are the same in every world, which is not counted against it{few}")
    said.append(f"its mean is {shown(judged.number)}")
    if judged.near is not None:
        said.append(f"{100 * judged.near:.0f} % of the draws lie within {experiment.matters:g} of the threshold")
    if shaken is not None:
        said.append(f"luck alone moves a draw's number by about {shaken:.2g}")
    if judged.split is not None:
        s = judged.split
        sides = (f"{s.parameter} = 0", "above") if s.at == 0 else (f"{s.parameter} up to {s.at:.3g}", "beyond")
        said.append(
            f"with {sides[0]} it is {percent(s.below)}, {sides[1]} {percent(s.above)} (Fisher's exact p = {s.p:.1g}, "
            f"the smallest of {judged.tried} parameters tried)"
        )
    elif judged.verdict == "not decided" and 2 * n >= draws:
        needed = draws_to_decide(judged.share)
        said.append(
            f"about {needed} draws would decide, if the share is what it seems"
            if needed is not None
            else "a share between 1/3 and 2/3 is not decided by more draws, unless a parameter comes to divide them"
        )
    text = "; ".join(said) + "."
    return text[0].upper() + text[1:]


WEIGHT = (WEIGHS, weight_on_another)
COMMITMENT = (("commitment",), np.asarray)


def _of_arms(
    plan: _Plan, points: Mapping[str, Array], names: Sequence[str], law: Callable[..., Array]
) -> tuple[float, ...]:
    """Something that parameters make, mean over draws, at the start of each arm; () where the model has others."""
    if not set(names) <= {p.name for p in parameters(load(plan.model))}:
        return ()
    draws = max((len(values) for values in points.values()), default=1)

    def column(arm: int, name: str) -> Array:
        if name in points and name not in plan.set_by[arm]:
            return points[name]
        return np.full(draws, float(getattr(plan.arms[arm].values, name)))

    return tuple(float(law(*(column(arm, name) for name in names)).mean()) for arm in range(len(plan.arms)))


def _who(people: People, weights: Sequence[float], kappa: Sequence[float]) -> str:
    """Whose people a claim was run with, in a sentence: means over draws, from the least arm to the most."""
    said = [f"People: {people.says}"]
    for name, values in (("mean weight on another person", weights), ("commitment κ", kappa)):
        if values:
            least, most = f"{min(values):.2f}", f"{max(values):.2f}"
            said.append(f"{name} {least}" if least == most else f"{name} {least} to {most} by arm")
    return "; ".join(said) + "."


def percent(share: Interval) -> str:
    """A share with its interval: 81 % [75 %, 86 %]."""
    if share.estimate is None or share.low is None or share.high is None:
        return "–"
    return f"{100 * share.estimate:.0f} % [{100 * share.low:.0f} %, {100 * share.high:.0f} %]"


def shown(number: Interval) -> str:
    """A mean with its interval, to the digits the interval carries: 0.123 [0.101, 0.145]."""
    if number.estimate is None:
        return "–"
    if number.low is None or number.high is None:
        return f"{number.estimate:.3g}"
    width = number.high - number.low
    digits = min(max(1 - math.floor(math.log10(width)), 0), 6) if width > 0 else 3
    return f"{number.estimate:.{digits}f} [{number.low:.{digits}f}, {number.high:.{digits}f}]"
