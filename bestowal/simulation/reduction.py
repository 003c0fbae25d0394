"""Worlds reduced: moments, least and greatest, and how often each value occurs, joined in one tree over the worlds.

A worker of a cluster is asked for this file's digest (`dask.software`): what it reduces must be what is reduced here.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bestowal.models.registry import load
from bestowal.simulation.blocks import stored
from bestowal.simulation.engine import BLOCK, simulate
from bestowal.simulation.scenario import Scenario

AT_ONCE = 1 << 24  # bytes of records that one thread holds before it reduces them

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


def n_columns(scenario: Scenario) -> int:
    """Return the number of columns of a summary: years times observables."""
    return scenario.years * len(load(scenario.model).observables)


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


def quantile(summary: Summary, q: float) -> NDArray[np.float64]:
    """Return the least value with at least a share q of the worlds at or below it: (columns,).

    NaN where no world has a value.
    """
    columns = len(summary.n)
    starts = np.searchsorted(summary.bins, np.arange(columns) * _STRIDE)
    before = np.concatenate(([0], np.cumsum(summary.counts)))
    # Rounded first: 0.07 · 100 must not ask for an eighth world.
    place = np.clip(np.ceil(np.round(q * summary.n, 6)), 1, None).astype(np.int64)
    at = np.searchsorted(before[1:], before[starts] + place)
    seen = summary.n > 0
    rank = summary.bins[np.where(seen, at, 0)] % _STRIDE - _ZERO if len(summary.bins) else np.zeros(columns, np.int64)
    size = (np.abs(rank) << _SHIFT).view(np.float64)
    # Rounding may have led past the least or the greatest, which are known.
    value = np.clip(np.where(rank < 0, -size, size), summary.low, summary.high)
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
