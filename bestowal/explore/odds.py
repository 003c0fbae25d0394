"""The odds of a change: P(success) with and without it, refined as worlds come in.

Four runs at most: history and its twin as the page draws them, for the bands around a pair, and each with the
question's test, for success. They go through the store block by block, so what `bestowal run` has run is not run
again, nor what was run here before a client went away. Success, effect, sufficiency and necessity are worked out by
`judging.py`, as in the answer to a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.explore.pairs import Stopped, check_size, never, twin
from bestowal.models.registry import load
from bestowal.questions.levers import paired, read
from bestowal.questions.question import Question, tested
from bestowal.questions.question_file import plain
from bestowal.questions.success import successes
from bestowal.simulation.engine import BLOCK, cores, simulate
from bestowal.simulation.scenario import Scenario, key
from bestowal.simulation.store import part
from bestowal.statistics.intervals import Interval, proportion

MOST_WORLDS = 20_000
BAND_WORLDS = 256  # the first so many give the bands; past them only success is refined
QUANTILES = {"low": 0.1, "mid": 0.5, "high": 0.9}
STEP = 64  # worlds between two looks


@dataclass(frozen=True)
class Ask:
    """What to find the odds of: by name "a", "b" (the test made) and "a.seen", "b.seen" (as the page draws them)."""

    asked: Question
    base: Scenario
    arms: dict[str, Scenario]
    most_worlds: int


def ask(
    base: Scenario, values: Mapping[str, float], from_year: int, question: Question | None, most_worlds: int
) -> Ask:
    """Check what is asked. ``question`` says what success is and what the test; without one, the default ones are."""
    if most_worlds > MOST_WORLDS:
        raise BestowalError(f"most_worlds = {most_worlds:,}: must be {MOST_WORLDS:,} or fewer on this page")
    observed = {o.name for o in load(base.model).observables}
    if question is not None:
        wanted = {c.observable for p in question.success for c in p.conditions}
        if not wanted <= observed:
            raise BestowalError(
                f"{question.name}: asks about {', '.join(sorted(wanted - observed))}, "
                f"which model {base.model} doesn't observe"
            )
        if question.horizon != base.years:
            base = base.clock(years=question.horizon)
    elif "standing" not in observed:
        raise BestowalError(f"{base.name}: model {base.model} observes no standing, so success can't be asked about")
    elif base.years < 11:
        raise BestowalError(f"{base.name}: runs for {base.years} years; the default test needs 11 or more")
    asked = question or plain(base)
    changed = twin(base, values, from_year)
    check_size(base, changed)
    arms = {"a": tested(base, asked), "b": tested(changed, asked), "a.seen": base, "b.seen": changed}
    return Ask(asked, base, arms, most_worlds)


def refine(wanted: Ask, store: Path | None = None, stopped: Callable[[], bool] = never) -> Iterator[dict[str, Any]]:
    """Lines of ``/api/odds``, each with more worlds than the one before; the last has ``done``.

    Raises `Stopped` where ``stopped`` says so, after the blocks under way.
    """
    names = [o.name for o in load(wanted.base.model).observables]
    keys = {name: key(arm) for name, arm in wanted.arms.items()}
    unique = {keys[name]: arm for name, arm in wanted.arms.items()}
    judged_by = {keys[name] for name in "ab"}
    drawn_by = {keys[f"{name}.seen"] for name in "ab"}
    met: dict[str, list[NDArray[np.bool_]]] = {k: [] for k in judged_by}
    seen: dict[str, list[NDArray[np.float32]]] = {k: [] for k in drawn_by}
    simulate(wanted.base, [])  # compile here, once, and not on every thread
    at_once = min(len(unique), cores())
    threads = max(1, cores() // at_once)

    def tell(done: float, total: int) -> None:
        if stopped():
            raise Stopped

    said = 0
    with ThreadPoolExecutor(at_once) as pool:
        worlds = range(0)
        while worlds.stop < wanted.most_worlds:
            # A first look soon, at one block; then steps that hardly grow, so that a stop is heard soon too.
            more = BLOCK if worlds.stop < 2 * BLOCK else STEP
            worlds = range(worlds.stop, min(worlds.stop + more, wanted.most_worlds))
            # The bands rest on the first worlds: past those, what only they need isn't run.
            arms = {k: arm for k, arm in unique.items() if k in judged_by or worlds.start < BAND_WORLDS}
            jobs = {
                k: pool.submit(part, arm, worlds, threads=threads, store=store, progress=tell)
                for k, arm in arms.items()
            }
            for k, job in jobs.items():
                values, _ = job.result()
                if k in judged_by:
                    met[k].append(_met(wanted.asked, names, values))
                if k in drawn_by and worlds.start < BAND_WORLDS:
                    seen[k].append(values[:, : BAND_WORLDS - worlds.start].astype(np.float32))
            done = worlds.stop >= wanted.most_worlds
            if done or worlds.stop >= 1.2 * said:
                said = worlds.stop
                shares = [np.concatenate(met[keys[name]], axis=1) for name in "ab"]
                bands = {k: _bands(names, np.concatenate(parts, axis=1)) for k, parts in seen.items()}
                drawn = {name: {"a": bands[keys["a.seen"]][name], "b": bands[keys["b.seen"]][name]} for name in names}
                yield {"worlds": said, "done": done, **_odds(wanted.asked, *shares), "bands": drawn}


def _met(asked: Question, names: list[str], values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(parts, worlds) which parts of success each world met."""
    import xarray as xr

    run = xr.Dataset({name: (("world", "year"), of_one) for name, of_one in zip(names, values, strict=True)})
    return np.array(list(successes(asked, run).values()))


def _odds(asked: Question, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, Any]:
    """Return what a line shows of success, from (criteria, worlds) the criteria met without and with the change."""
    whole, whole_after = np.logical_and.reduce(before), np.logical_and.reduce(after)
    n = int(whole.size)
    found = paired(whole, whole_after)
    parts = [
        {
            "name": part.name,
            "label": part.label,
            "a": _told(proportion(int(before[k].sum()), n)),
            "b": _told(proportion(int(after[k].sum()), n)),
        }
        for k, part in enumerate(asked.success)
    ]
    return {
        "success": {"a": _told(proportion(int(whole.sum()), n)), "b": _told(found.success)},
        "effect": _told(found.effect),
        "sufficiency": _told(found.sufficiency),
        "necessity": _told(found.necessity),
        "reading": read(found.effect, asked.matters),
        "parts": parts,
    }


def _told(interval: Interval) -> list[float | None] | None:
    """Estimate, low, high and the worlds behind them; None where there is none to judge by."""
    return None if interval.n == 0 else [interval.estimate, interval.low, interval.high, interval.n]


def _bands(names: list[str], values: NDArray[np.float32]) -> dict[str, dict[str, list[float | None]]]:
    """The percentiles of each observable by year over the worlds in which it is defined: (observables, worlds, years).

    `np.nanpercentile` gives the same, a hundred times slower where there is a NaN.
    """
    ordered = np.sort(values, axis=1)  # NaN last
    n = (~np.isnan(values)).sum(axis=1, keepdims=True)
    found: dict[str, dict[str, list[float | None]]] = {name: {} for name in names}
    for label, q in QUANTILES.items():
        at = np.maximum(q * (n - 1), 0.0)
        low = np.floor(at).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(n - 1, 0))
        below, above = (np.take_along_axis(ordered, k, axis=1).astype(float) for k in (low, high))
        line = np.round(below + (above - below) * (at - low), 6)[:, 0]
        for name, numbers in zip(names, line.tolist(), strict=True):
            found[name][label] = [None if number != number else number for number in numbers]
    return found
