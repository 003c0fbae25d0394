"""Draws of the prior: run in every arm of an experiment, and stored in chunks."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bestowal.claims.experiment import Array, Statistic
from bestowal.claims.plan import Plan
from bestowal.core.errors import BestowalError
from bestowal.core.files import arrays, write
from bestowal.core.progress import Progress
from bestowal.core.version import NUMERICS
from bestowal.models.registry import load, parameters
from bestowal.questions.question import Moment, Question, hold, tested
from bestowal.questions.question_table import DEFAULT_SUCCESS, DEFAULT_TEST, TEST_YEARS
from bestowal.simulation.code_digest import of_functions, of_model
from bestowal.simulation.engine import simulate
from bestowal.simulation.scenario import key as key_of
from bestowal.statistics.intervals import nanmean
from bestowal.uncertainty.draws import crc, draw, luck, uniform
from bestowal.uncertainty.prior import content

CHUNK = 25  # draws in a file
SAME = 1e-6  # relative: total weight on others is the same in two arms


@dataclass(frozen=True)
class Record:
    """What is stored of draws, one row each."""

    stat: Array  # (draws, rows, worlds): the statistic of each world
    seen: Array  # (draws, rows, worlds): for a ceiling, the observable its limit is on; else NaN
    others: Array  # (draws, rows): mean weight on others at the first step; NaN unless iso


def identity(plan: Plan) -> dict[str, Any]:
    """Return everything that a draw's record depends on: neither the number of draws nor any label."""
    experiment = plan.experiment
    taken = experiment.statistic.model_dump()
    return {
        "numerics": NUMERICS,
        "code": [of_model(load(plan.model)), of_functions(run_draw)],
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


def run_draws(plan: Plan, folder: Path, draws: int, threads: int, progress: Progress | None) -> Record:
    """Return draws 0 to ``draws`` - 1: read from the folder where stored, else run and stored there, chunk by chunk."""
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
            size = min(CHUNK, draws - start)
            file = draws_file(folder, start)
            kept = stored_draws(file, plan)
            have = kept.stat.shape[0]
            tell(min(have, size))
            if have < size:
                if not compiled:  # here: threads would only queue for the compiler, deaf to Ctrl-C
                    simulate(plan.arms[0], [])
                    compiled = True
                jobs = {pool.submit(run_draw, plan, start + i): i for i in range(have, size)}
                rows: list[Any] = [None] * (size - have)
                for job in as_completed(jobs):
                    rows[jobs[job] - have] = job.result()
                    tell(1)
                news = [np.array(part) for part in zip(*rows, strict=True)]
                kept = joined([kept, Record(*news)])
                if plan.experiment.iso:
                    _check_iso(kept.others, start)
                packed = io.BytesIO()
                np.savez(packed, stat=kept.stat, seen=kept.seen, others=kept.others)
                write(file, packed.getvalue())
            chunks.append(Record(kept.stat[:size], kept.seen[:size], kept.others[:size]))
    finally:
        pool.shutdown(cancel_futures=True)
    return joined(chunks)


def joined(chunks: Sequence[Record]) -> Record:
    """Return the draws of several chunks, in order."""
    return Record(*(np.concatenate([getattr(c, part) for c in chunks]) for part in ("stat", "seen", "others")))


def draws_file(folder: Path, start: int) -> Path:
    """Return the file of the draws from `start` on."""
    return folder / f"draws-{start:06}.npz"


def stored_draws(file: Path, plan: Plan) -> Record:
    """Return the draws stored in a file; none if it is absent or damaged (every array in it has a checksum)."""
    rows, worlds = plan.shape
    none = Record(np.empty((0, rows, worlds)), np.empty((0, rows, worlds)), np.empty((0, rows)))
    try:
        parts = arrays(file.read_bytes(), ("stat", "seen", "others"))
    except FileNotFoundError:
        return none
    if parts is None:
        return none
    record = Record(**parts)
    n = record.stat.shape[0]
    right = record.stat.shape == record.seen.shape == (n, rows, worlds) and record.others.shape == (n, rows)
    return record if right and 0 < n <= CHUNK else none


def run_draw(plan: Plan, d: int) -> tuple[Array, Array, Array]:
    """Run draw d in every arm with common random numbers; return the row that `Record` has of it."""
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
            each = taken(statistic, run(0, range(worlds), bundle), plan.at, plan.asked)
            score = float(nanmean(each, 0))
            if score > best:  # the first of several alike
                best, chosen, stat[1] = score, bundle, each
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


def _bundle(levers: Mapping[str, tuple[float, float]], model: str, seed: int, d: int, b: int) -> dict[str, float]:
    """Return bundle b of draw d: each lever at its low end, at its high end, or uniform between, with probability 1/3.

    Ends have their own probability because institutions are often all or nothing, and a uniform draw never reaches one.
    """
    whole = {p.name for p in parameters(load(model)) if p.kind == "int"}
    bundle = {}
    for name, (low, high) in levers.items():
        where, u = 3 * uniform(seed, d, crc(name), b), uniform(seed, d, crc(name), b, 1)
        value = low if where < 1 else high if where < 2 else low + (high - low) * u
        bundle[name] = round(value) if name in whole else float(value)
    return bundle


def taken(statistic: Statistic, values: Array, at: Mapping[str, int], asked: Question | None) -> Array:
    """Return the statistic of each world of a run, (worlds, years, observables) -> (worlds,); NaN where undefined.

    mean             of the observable over the steps from .. to, without those where nobody lives
    success          1 or 0: every part of a question's default success, under its default test
    years_standing   steps from .. to with at least half of the founded communities standing
    half_life        steps from `from` until the observable is at most half of its first value, or nobody lives;
                     to + 1 - from where that never happens (censored: at least so many)
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

    from bestowal.questions.success import successes

    names = {condition.observable for part in asked.success for condition in part.conditions}
    run = xr.Dataset({name: (("world", "year"), values[:, :, at[name]]) for name in names})
    return np.logical_and.reduce(list(successes(asked, run).values())).astype(float)  # type: ignore[no-any-return]


def _check_iso(others: Array, first: int) -> None:
    """Raise if arms begin with unequal weights on others; `first` is the number of the first draw."""
    same = np.abs(others - others[:, :1]) <= SAME * np.abs(others[:, :1])
    for d, arm in np.argwhere(~same)[:1]:
        raise BestowalError(
            f"iso = true, but at draw {first + d} arm {arm + 1} begins with {others[d, arm]:g} of weight on others, "
            f"and arm 1 with {others[d, 0]:g}"
        )
