"""The number of each draw, from the statistic of its worlds in every arm; ties; and Monte Carlo error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bestowal.claims.experiment import Array
from bestowal.statistics.intervals import nanmean


def numbers(kind: str, stat: Array, matters: float) -> Array:
    """Return the number of each draw from the statistic of its worlds: (draws, arms, worlds) -> (draws,), NaN if none.

    With a, b, c … the arms' means over their worlds, in the file's order:

    level       a
    difference  a - b
    quotient    a / b, where b is above 0
    kept        (a - c) / (b - c): the share of b's gain over c that a keeps, where the gain exceeds `matters`
    best        a less the largest of the others; the largest of several noisy means is biased upwards, so the number
                is biased against a, the more so with fewer worlds
    ablations   a the full set, b none, c … all less one: the smallest 1 - (c - b) / (a - b), where a - b is above
                `matters`; the smallest of several noisy shares is biased downwards
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
    """Return the draws at which the compared arms are identical in every world, as where no world of any arm succeeds.

    Such draws carry no information on a difference. Kinds that compare no arms have none.
    """
    if kind not in ("difference", "best"):
        return np.zeros(stat.shape[0], dtype=bool)
    compared = stat[:, : 2 if kind == "difference" else stat.shape[1]]
    return np.asarray((compared == compared[:, :1]).all(axis=(1, 2)))


def noise(kind: str, stat: Array, matters: float) -> float | None:
    """Return the Monte Carlo error of a draw's number: its jackknife standard error over worlds, median over draws."""
    worlds = stat.shape[2]
    if worlds < 2:
        return None
    without = np.stack([numbers(kind, np.delete(stat, w, axis=2), matters) for w in range(worlds)])
    errors = np.sqrt((worlds - 1) * without.var(axis=0))
    errors = errors[~np.isnan(errors)]
    return float(np.median(errors)) if errors.size else None
