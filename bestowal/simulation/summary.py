"""Ensembles too large to keep, reduced as they run: what remains is a summary over worlds.

    results/<key>/summary/<first>-<last>.npz    worlds first to last, for anyone with NumPy; beside worlds.zarr
                          <worlds>.csv          the table of a run of so many worlds

Of every observable in every year: in how many worlds it is a number, its mean, standard deviation, least, greatest,
and how often each value occurs. For that last, values are rounded to nine significant binary digits: so a quantile is
the value in the world of that rank (the inverse of the distribution function: Hyndman & Fan's type 1, 1996) to within
one part in 512, and whole numbers up to 512, 0 and 1 among them, are exact. Counts are whole numbers and add up
exactly. Moments are joined by Chan, Golub & LeVeque's (1983) formula, always in one tree over the worlds' numbers:
32 worlds by 32, then pairs, pairs of pairs. So the bits depend on no thread, no order, and not on how often a run was
stopped or grown.

A file covers 32 · 2^k worlds, from a multiple of that; two neighbours become one file, up to 65,536 worlds. Each is
written whole or not at all, and holds a CRC-32 of each part. Large worlds (`blocks.block_size`) are kept in
worlds.zarr as well: beside the time one takes, its record is small.
"""

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.core.files import cluster as cluster_at
from bestowal.core.files import locked, results, texts, write
from bestowal.models.registry import load
from bestowal.simulation.blocks import block_size, stored
from bestowal.simulation.engine import BLOCK, cores, in_threads, simulate
from bestowal.simulation.provenance import note
from bestowal.simulation.reduction import Summary, joined, n_columns, of_worlds, quantile, reduced
from bestowal.simulation.scenario import Scenario, key
from bestowal.simulation.store import (
    TRIES,
    check_blocks,
    check_counts,
    complaints,
    described,
    failing,
    part,
    silent,
)
from bestowal.simulation.summary_files import LARGEST, gaps_in, is_within, keep_summary, stored_summary, trees_of

if TYPE_CHECKING:
    import xarray as xr

MOST_WORLDS = 1_000_000_000
TASK = 4.0  # seconds of work that a thread does before it is kept, about
TASK_THERE = 30.0  # the same on a cluster
TASKS_THERE = 512  # of large runs, at least: enough for some hundred threads
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def run(
    scenario: Scenario,
    worlds: int = 500,
    *,
    quantiles: Sequence[float] = QUANTILES,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Callable[[float, int], None] | None = None,
    on: str | None = None,
) -> "xr.Dataset":
    """Return statistics over worlds 0 to ``worlds`` - 1 of a scenario; run the worlds that are not stored.

    Memory does not grow with the number of worlds. Workers of a cluster reduce what they run.

    Parameters
    ----------
    worlds : number of worlds, 1 to 1,000,000,000.
    quantiles : of the worlds, between 0 and 1.
    scenario, threads, store, progress, on : as for `bestowal.run`.

    Returns
    -------
    xarray.Dataset
        One variable an observable, dims (statistic, year), with its unit; statistics are n, mean, sd, min, max, then
        the quantiles, as q0.05. Attributes as of `bestowal.run`.

    Raises
    ------
    BestowalError
        An argument is out of its bounds.

    Examples
    --------
    >>> import bestowal
    >>> means = bestowal.summary.run(bestowal.scenario("sen_1966").clock(years=5), 32).sel(statistic="mean")
    >>> dict(means.sizes)
    {'year': 5}
    """
    _check(worlds, threads)
    for q in quantiles:
        if not 0 <= q <= 1:
            raise BestowalError(f"quantiles: {q} must be from 0 to 1")
    home = results(store) / key(scenario)
    repaired: list[str] = []
    threads, tell, on = threads or cores(), progress or silent, cluster_at(on)
    with complaints(home):
        if block_size(scenario) < BLOCK:
            repaired += part(scenario, range(worlds), threads=threads, store=store, progress=tell, on=on)[1]
            tell, on = silent, None  # what is left to do takes no time
        found = _filled(home, scenario, worlds, threads, on, tell, repaired)
    return _dataset(found, scenario, worlds, quantiles, repaired)


def fill(
    scenario: Scenario,
    worlds: int,
    blocks: range,
    *,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Callable[[float, int], None] | None = None,
    on: str | None = None,
) -> tuple[range, list[str]]:
    """Have the worlds of these blocks reduced and kept, so that several processes with one store can share a `run`.

    Gives which worlds those are, and what was repaired. Worlds beyond a multiple of 32 are no block: `run` runs them.
    """
    _check(worlds, threads)
    if block_size(scenario) < BLOCK:
        raise BestowalError(
            f"{scenario.name}: its worlds are large, and kept one by one: run blocks of them without a summary, and "
            "ask for one when all are there"
        )
    there = worlds // BLOCK
    which = f"are blocks 0-{there - 1}, of {BLOCK} each, for a summary" if there else f"fill no block of {BLOCK}"
    check_blocks(blocks, there, f"{worlds} worlds {which}")
    home = results(store) / key(scenario)
    span = range(blocks.start * BLOCK, blocks.stop * BLOCK)
    repaired: list[str] = []
    threads, tell, on = threads or cores(), progress or silent, cluster_at(on)
    with complaints(home):
        for _ in range(TRIES):
            missing = _missing(home, scenario, span, on)
            _run(home, scenario, missing, span, threads, on, tell, repaired)
            if not missing:  # and no file that one of these was joined to was found damaged
                return span, repaired
    raise failing(home / "summary")


def _check(worlds: int, threads: int | None) -> None:
    check_counts(worlds, threads, MOST_WORLDS, " with a summary kept")


def save(data: "xr.Dataset", store: str | os.PathLike[str] | None = None) -> Path:
    """Write a summary as a table, one row an observable and year, beside its files; gives its path."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["observable", "unit", "year", *(str(s) for s in data["statistic"].values)])
    for name in data.data_vars:
        values = data[name].transpose("year", "statistic").values
        for year, row in zip(data["year"].values, values, strict=True):
            numbers = ["" if np.isnan(x) else f"{x:.10g}" for x in row]
            table.writerow([name, data[name].attrs["units"], int(year), *numbers])
    path = results(store) / data.attrs["key"] / "summary" / f"{data.attrs['worlds']}.csv"
    write(path, out.getvalue())
    return path  # type: ignore[no-any-return]


def _filled(
    home: Path,
    scenario: Scenario,
    worlds: int,
    threads: int,
    on: str | None,
    progress: Callable[[float, int], None],
    repaired: list[str],
) -> Summary:
    """The summary of these worlds, after whatever is missing or damaged has been run."""
    folder = home / "summary"
    columns = n_columns(scenario)
    whole = range(worlds - worlds % BLOCK)  # no file holds part of a block; the few worlds beyond are run each time

    def tell(done: float, _: int) -> None:
        progress(done, worlds)

    for _ in range(TRIES):
        _run(home, scenario, _missing(home, scenario, whole, on, exactly=True), whole, threads, on, tell, repaired)
        with locked(home, reading=True):
            parts = [stored_summary(folder, first, size, columns, repaired) for first, size in trees_of(whole)]
        found = [part for part in parts if part is not None]
        if len(found) == len(parts):
            if len(whole) < worlds:
                found.append(_of_rest(scenario, home, range(len(whole), worlds), threads, on, progress))
            return reduce(joined, found)
    raise failing(folder)


def _missing(
    home: Path, scenario: Scenario, worlds: range, on: str | None, *, exactly: bool = False
) -> list[tuple[int, int]]:
    """What of these whole blocks of worlds no file holds, written down as being run now: (first world, how many).

    A file that holds others too serves unless `exactly` these are wanted.
    """
    folder = home / "summary"
    folder.mkdir(parents=True, exist_ok=True)
    with locked(home, reading=True):
        gaps = [gap for part in trees_of(worlds) for gap in gaps_in(folder, *part)]
        missing = gaps if exactly else [gap for gap in gaps if not is_within(folder, *gap)]
        if missing:
            note(home, scenario, [f"{first}-{first + size - 1}" for first, size in missing], "summaries", on)
    return missing


def _run(
    home: Path,
    scenario: Scenario,
    missing: Sequence[tuple[int, int]],
    worlds: range,
    threads: int,
    on: str | None,
    progress: Callable[[float, int], None],
    repaired: list[str],
) -> None:
    """Run and keep what is missing of these worlds."""
    folder = home / "summary"
    columns = n_columns(scenario)
    done = len(worlds) - sum(size for _, size in missing)

    def keep(task: range, summary: Summary) -> None:
        nonlocal done
        with locked(home):
            keep_summary(folder, task.start, len(task), summary, columns, repaired)
        done += len(task)
        progress(done, len(worlds))

    progress(done, len(worlds))
    if not missing:
        return
    size = _task_size(scenario, sum(size for _, size in missing), on)
    tasks = (task for gap in missing for task in _cut(*gap, size))
    if on:
        from bestowal.simulation import dask as cluster

        cluster.run(on, tasks, lambda task: (scenario, task), keep, of_worlds)
    else:
        in_threads(tasks, lambda task: of_worlds(scenario, task, home), threads, keep)


def _cut(first: int, size: int, most: int) -> Iterator[range]:
    """A gap as tasks of no more than `most` worlds, a power of two."""
    for start in range(first, first + size, min(size, most)):
        yield range(start, start + min(size, most))


def _task_size(scenario: Scenario, worlds: int, on: str | None) -> int:
    """How many of these worlds a thread runs before they are kept: a power of two. The result doesn't depend on it.

    On a cluster more, since one process keeps what all its threads bring; but not so many that threads go without.
    """
    seconds, most = (TASK_THERE, worlds // TASKS_THERE) if on else (TASK, LARGEST)
    if block_size(scenario) < BLOCK or most < 2 * BLOCK:
        return BLOCK  # large worlds have been run; of few, none need be timed or compiled here
    simulate(scenario, [])  # compile here: threads would only queue for the compiler, deaf to Ctrl-C
    began = monotonic()
    simulate(scenario, [0])
    one = monotonic() - began
    size = BLOCK
    while 2 * size <= min(most, LARGEST // 8) and 2 * size * one < seconds:
        size *= 2
    return size


def _of_rest(
    scenario: Scenario,
    home: Path,
    rest: range,
    threads: int,
    on: str | None,
    progress: Callable[[float, int], None],
) -> Summary:
    """Worlds that fill no file, run one a thread; large ones have been run and kept."""
    if block_size(scenario) < BLOCK and (found := stored(home, scenario, rest)) is not None:
        return reduced(found.reshape(len(rest), -1))
    records: dict[int, NDArray[np.float64]] = {}

    def keep(world: int, record: NDArray[np.float64]) -> None:
        records[world] = record.reshape(1, -1)
        progress(rest.start + len(records), rest.stop)

    if on:
        from bestowal.simulation import dask as cluster

        cluster.run(on, rest, lambda world: (scenario, range(world, world + 1)), keep)
    else:
        simulate(scenario, [])  # compile on this thread
        in_threads(rest, lambda world: simulate(scenario, [world]), threads, keep)
    return reduced(np.concatenate([records[world] for world in rest]))


def _dataset(
    summary: Summary, scenario: Scenario, worlds: int, quantiles: Sequence[float], repaired: list[str]
) -> "xr.Dataset":
    sd = np.sqrt(np.where(summary.n > 1, summary.squares / np.maximum(summary.n - 1, 1), np.nan))
    mean = np.where(summary.n > 0, summary.mean, np.nan)
    rows = [summary.n.astype(float), mean, sd, summary.low, summary.high, *(quantile(summary, q) for q in quantiles)]
    names = ["n", "mean", "sd", "min", "max", *(f"q{q:g}" for q in quantiles)]
    model = load(scenario.model)
    table = np.stack(rows).reshape(len(rows), scenario.years, len(model.observables))
    data = described(scenario, ("statistic", "year"), np.moveaxis(table, 2, 0), {"statistic": texts(names)}, repaired)
    data.attrs["worlds"] = worlds
    data.attrs["quantiles"] = (
        "the value in the world of that rank (the inverse of the distribution function), to within one part in 512"
    )
    return data
