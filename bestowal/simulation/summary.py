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
written whole or not at all, and holds a CRC-32 of each part. Large worlds (`store.block_size`) are kept in
worlds.zarr as well: beside the time one takes, its record is small.
"""

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.core.files import arrays, locked, results, texts, write
from bestowal.core.files import cluster as cluster_at
from bestowal.models.registry import load
from bestowal.simulation.engine import BLOCK, cores, in_threads, simulate
from bestowal.simulation.scenario import Scenario, key
from bestowal.simulation.store import (
    TRIES,
    block_size,
    check_blocks,
    check_counts,
    complaints,
    described,
    failing,
    note,
    part,
    set_aside,
    silent,
    stored,
)

if TYPE_CHECKING:
    import xarray as xr

MOST_WORLDS = 1_000_000_000
LARGEST = 1 << 16  # worlds in a file: what one damaged file costs
AT_ONCE = 1 << 24  # bytes of records that one thread holds before it reduces them
TASK = 4.0  # seconds of work that a thread does before it is kept, about
TASK_THERE = 30.0  # the same on a cluster
TASKS_THERE = 512  # of large runs, at least: enough for some hundred threads
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
FORMAT = 1

_DIGITS = 8  # of the mantissa kept, beside the leading one
_SHIFT = 52 - _DIGITS
_ZERO = 1 << (63 - _SHIFT)  # where 0 stands among the ranks of one column
_STRIDE = 2 * _ZERO + 1


@dataclass(frozen=True)
class Summary:
    """Worlds reduced: a column for every observable in every year, (columns,) each; and how often each value occurs.

    `bins` are ascending: column · _STRIDE + rank of the rounded value among all there could be; `counts` beside them.
    """

    n: NDArray[np.int64]
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]  # summed squared distances from the mean
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    bins: NDArray[np.int64]
    counts: NDArray[np.int64]


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
    """Worlds 0 to worlds - 1 of a scenario, reduced: from the store where they are there, run where not.

    One variable an observable, dims (statistic, year); statistics are n, mean, sd, min, max, then quantiles, as q0.05.
    Arguments and attrs as of `store.run`. Memory doesn't grow with the number of worlds. Workers of a cluster
    reduce what they run, and run also what is here in full.
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

    def keep(task: range, found: Summary) -> None:
        nonlocal done
        with locked(home):
            keep_summary(folder, task.start, len(task), found, columns, repaired)
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


def n_columns(scenario: Scenario) -> int:
    return scenario.years * len(load(scenario.model).observables)


# ------------------------------------------------------------------------------------------------- the tree over worlds


def trees_of(worlds: range) -> Iterator[tuple[int, int]]:
    """Whole blocks of worlds as the largest trees there are, from the first on: (first world, how many)."""
    first = worlds.start
    while first < worlds.stop:
        size = 1 << (worlds.stop - first).bit_length() - 1
        if first:
            size = min(size, first & -first)  # a tree begins at a multiple of its size
        yield first, size
        first += size


def gaps_in(folder: Path, first: int, size: int) -> list[tuple[int, int]]:
    """What of these worlds no file holds."""
    if summary_file(folder, first, size).exists():
        return []
    if size == BLOCK:
        return [(first, size)]
    half = size // 2
    gaps = [*gaps_in(folder, first, half), *gaps_in(folder, first + half, half)]
    return [(first, size)] if gaps == [(first, half), (first + half, half)] else gaps


def is_within(folder: Path, first: int, size: int) -> bool:
    """Whether a larger file holds these worlds."""
    while size < LARGEST:
        size *= 2
        if summary_file(folder, first - first % size, size).exists():
            return True
    return False


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


def of_worlds(scenario: Scenario, worlds: range, home: Path | None = None) -> Summary:
    """These worlds, run, or taken from the records where a run's folder has them; a power of two of blocks."""
    columns = n_columns(scenario)
    if len(worlds) > BLOCK and len(worlds) * columns * 8 > AT_ONCE:
        half = len(worlds) // 2
        return joined(of_worlds(scenario, worlds[:half], home), of_worlds(scenario, worlds[half:], home))
    records = stored(home, scenario, worlds) if home else None
    if records is None:
        records = simulate(scenario, worlds)
    return reduced(records.reshape(len(worlds), columns))


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


def keep_summary(folder: Path, first: int, size: int, found: Summary, columns: int, repaired: list[str]) -> None:
    """Write the file of these worlds; where its neighbour is there, of both as one, and so on. Under the lock."""
    gone: list[Path] = []
    while size < LARGEST:
        other = first ^ size
        beside = summary_file(folder, other, size)
        known = read_summary(beside, columns, repaired) if beside.exists() else None
        if known is None:
            break
        found = joined(found, known) if first < other else joined(known, found)
        gone += [beside, summary_file(folder, first, size)]
        first, size = min(first, other), 2 * size
    write_summary(summary_file(folder, first, size), found, columns)
    for file in gone:
        file.unlink(missing_ok=True)


def stored_summary(folder: Path, first: int, size: int, columns: int, repaired: list[str]) -> Summary | None:
    """The summary of these worlds from its file or those it would be made of; None if a part is damaged or gone."""
    file = summary_file(folder, first, size)
    if file.exists():
        return read_summary(file, columns, repaired)
    if size == BLOCK:
        return None
    one = stored_summary(folder, first, size // 2, columns, repaired)
    two = stored_summary(folder, first + size // 2, size // 2, columns, repaired)
    return joined(one, two) if one is not None and two is not None else None


# ------------------------------------------------------------------------------------------------------------- numbers


def reduced(records: NDArray[np.float64]) -> Summary:
    """The summary of whole worlds, (worlds, columns); the moments in the one tree, whatever the number of blocks."""
    worlds, columns = records.shape
    many = worlds > BLOCK  # a power of two of blocks
    blocks = records.reshape(worlds // BLOCK, BLOCK, columns) if many else records[None]
    n, mean, squares = _moments(blocks)
    while len(n) > 1:
        n, mean, squares = _together((n[::2], mean[::2], squares[::2]), (n[1::2], mean[1::2], squares[1::2]))
    found = [_rounded(records[:, c : c + 64], c) for c in range(0, columns, 64)]  # few at a time, in the cache
    bins, counts = (np.concatenate(parts) for parts in zip(*found, strict=True))
    low = np.fmin.reduce(records, axis=0)
    high = np.fmax.reduce(records, axis=0)
    return Summary(n[0], mean[0], squares[0], low, high, bins, counts)


def joined(a: Summary, b: Summary) -> Summary:
    """The summary of the worlds of both, those of `a` first."""
    moments = _together((a.n, a.mean, a.squares), (b.n, b.mean, b.squares))
    bins = np.concatenate((a.bins, b.bins))
    order = np.argsort(bins, kind="stable")
    counted = _counted(bins[order], np.concatenate((a.counts, b.counts))[order])
    return Summary(*moments, np.fmin(a.low, b.low), np.fmax(a.high, b.high), *counted)


def quantile(of: Summary, q: float) -> NDArray[np.float64]:
    """The least value with at least a share q of the worlds at or below it; NaN where no world has one: (columns,)."""
    columns = len(of.n)
    starts = np.searchsorted(of.bins, np.arange(columns) * _STRIDE)
    before = np.concatenate(([0], np.cumsum(of.counts)))
    # Rounded first: 0.07 · 100 must not ask for an eighth world.
    wanted = np.clip(np.ceil(np.round(q * of.n, 6)), 1, None).astype(np.int64)
    at = np.searchsorted(before[1:], before[starts] + wanted)
    seen = of.n > 0
    rank = of.bins[np.where(seen, at, 0)] % _STRIDE - _ZERO if len(of.bins) else np.zeros(columns, np.int64)
    size = (np.abs(rank) << _SHIFT).view(np.float64)
    # Rounding may have led past the least or the greatest, which are known.
    value = np.clip(np.where(rank < 0, -size, size), of.low, of.high)
    return np.where(seen, value, np.nan)


def _rounded(values: NDArray[np.float64], column: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bins and counts of some columns, (worlds, columns), the first of which is number `column`. NaN is in none."""
    bits = np.ascontiguousarray(values.T).view(np.int64)
    rank = bits & np.int64((1 << 63) - 1)
    rank += 1 << (_SHIFT - 1)
    rank >>= _SHIFT
    np.negative(rank, out=rank, where=bits < 0)
    rank += _ZERO
    rank[np.isnan(values.T)] = _STRIDE
    small = rank.astype(np.int32)  # sorted several times as fast
    small.sort(axis=1)
    bins = small + np.arange(column, column + len(small), dtype=np.int64)[:, None] * _STRIDE
    return _counted(bins[small < _STRIDE], None)


def _counted(bins: NDArray[np.int64], counts: NDArray[np.int64] | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sorted bins, each once, with what they count together; each counts one where `counts` is None."""
    if not len(bins):
        return bins, np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate(([True], bins[1:] != bins[:-1])))
    if counts is None:
        return bins[starts], np.diff(np.append(starts, len(bins)))
    return bins[starts], np.add.reduceat(counts, starts)


_Moments = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]


def _moments(blocks: NDArray[np.float64]) -> _Moments:
    """Of each block, (blocks, worlds, columns): how many are numbers, their mean, their squared distances from it.

    World by world, so that every sum is taken in the order of the worlds and in no other; and from the least on, so
    that what is the same in all has exactly that mean and no spread.
    """
    n = np.zeros((blocks.shape[0], blocks.shape[2]), np.int64)
    total = np.zeros(n.shape)
    least = np.fmin.reduce(blocks, axis=1)
    for w in range(blocks.shape[1]):
        seen = ~np.isnan(blocks[:, w])
        n += seen
        total += np.where(seen, blocks[:, w] - least, 0.0)
    mean = np.where(n > 0, least, 0.0) + total / np.maximum(n, 1)
    squares = np.zeros(n.shape)
    for w in range(blocks.shape[1]):
        away = np.where(np.isnan(blocks[:, w]), 0.0, blocks[:, w] - mean)
        squares += away * away
    return n, mean, squares


def _together(a: _Moments, b: _Moments) -> _Moments:
    n = a[0] + b[0]
    share = b[0] / np.maximum(n, 1)
    apart = b[1] - a[1]
    mean = np.where(a[0] > 0, a[1] + apart * share, b[1])
    return n, mean, a[2] + b[2] + np.where((a[0] > 0) & (b[0] > 0), apart * apart * a[0] * share, 0.0)


# --------------------------------------------------------------------------------------------------------------- files


def summary_file(folder: Path, first: int, size: int) -> Path:
    return folder / f"{first}-{first + size - 1}.npz"


def write_summary(file: Path, found: Summary, columns: int) -> None:
    """As differences, bins are small numbers, which take little room."""
    out = io.BytesIO()
    np.savez_compressed(
        out,
        format=np.array([FORMAT, columns]),
        n=found.n,
        mean=found.mean,
        squares=found.squares,
        low=found.low,
        high=found.high,
        steps=np.diff(found.bins, prepend=0),
        counts=found.counts,
    )
    write(file, out.getvalue())


def read_summary(file: Path, columns: int, repaired: list[str]) -> Summary | None:
    """What is in a file; None where it is damaged, and then it is set aside."""
    names = ("format", "n", "mean", "squares", "low", "high", "steps", "counts")
    parts = arrays(file.read_bytes(), names)
    if parts is not None and parts["format"].tolist() == [FORMAT, columns]:
        return Summary(
            n=parts["n"],
            mean=parts["mean"],
            squares=parts["squares"],
            low=parts["low"],
            high=parts["high"],
            bins=np.cumsum(parts["steps"]),
            counts=parts["counts"],
        )
    kept = set_aside(file.parent.parent, file)
    repaired.append(f"the summary of worlds {file.stem} was damaged: run again, the old file is {kept}")
    return None


def _dataset(
    found: Summary, scenario: Scenario, worlds: int, quantiles: Sequence[float], repaired: list[str]
) -> "xr.Dataset":
    sd = np.sqrt(np.where(found.n > 1, found.squares / np.maximum(found.n - 1, 1), np.nan))
    mean = np.where(found.n > 0, found.mean, np.nan)
    rows = [found.n.astype(float), mean, sd, found.low, found.high, *(quantile(found, q) for q in quantiles)]
    names = ["n", "mean", "sd", "min", "max", *(f"q{q:g}" for q in quantiles)]
    model = load(scenario.model)
    table = np.stack(rows).reshape(len(rows), scenario.years, len(model.observables))
    data = described(scenario, ("statistic", "year"), np.moveaxis(table, 2, 0), {"statistic": texts(names)}, repaired)
    data.attrs["worlds"] = worlds
    data.attrs["quantiles"] = (
        "the value in the world of that rank (the inverse of the distribution function), to within one part in 512"
    )
    return data
