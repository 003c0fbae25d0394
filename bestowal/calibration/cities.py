"""Sixteen cities of Herrmann, Thöni & Gächter (2008), without punishment, tested without refit; and the effect of
punishment, predicted before any data on it are seen.

The people are those fitted to Fischbacher & Gächter (2010), in groups of four that stay together. The model has no
city: in one prediction all sixteen have the same people (one draw of the posterior) and independent random numbers.
The data lack the number of subjects of a city. It follows from the means, which are whole numbers of tokens divided by
that number: the least multiple of four at which all ten are (Athens 44).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bestowal.calibration.datasets import data
from bestowal.calibration.motives import PERIODS, Motives, experiment
from bestowal.calibration.simulated import central, column
from bestowal.calibration.smc import Array
from bestowal.simulation.scenario import Scenario, defaults

REPLICATES = 400
MOST_SUBJECTS = 200
# What is not known of sanctions: the society's prior (catalogue/priors/society.toml), and nothing of their force.
SANCTIONS = {"punishment": (0.0, 1.0), "punished_giving": (0.3, 0.9), "crowding_out": (0.0, 1.0)}
MATTERS = 0.5  # tokens


@dataclass(frozen=True)
class Period:
    """One period, tokens: the mean over cities measured (if it was), and predicted with 95 %; likewise the spread."""

    period: int
    measured: float | None
    low: float
    middle: float
    high: float
    spread: float | None
    spread_low: float
    spread_middle: float
    spread_high: float


@dataclass(frozen=True)
class City:
    """One city: mean over the ten periods, tokens, measured and predicted with 95 %; periods that lie outside."""

    city: str
    subjects: int
    measured: float
    low: float
    middle: float
    high: float
    outside: int


@dataclass(frozen=True)
class Cities:
    """``off``: mean absolute gap of a city's period from the predicted median, tokens, with the range over replicates
    of what it would be were the model true; ``inside``: share of the 160 in their 95 % range; ``first_last``: the
    correlation over cities of the first period with the last, measured and predicted."""

    periods: list[Period]
    cities: list[City]
    off: float
    off_low: float
    off_high: float
    inside: float
    first_last: float
    first_last_low: float
    first_last_middle: float
    first_last_high: float


@dataclass(frozen=True)
class Punished:
    """What punishment should do: by period, tokens, with 95 %; and in words that can fail."""

    periods: list[Period]
    rises: float  # share of replicates in which the mean of the ten periods is higher by more than MATTERS with it
    falls: float
    last_rises: float  # … in the last period
    holds: float  # share in which giving with it falls by less than MATTERS from the first period to the last
    replicates: int


@cache
def means() -> tuple[list[str], NDArray[np.float64], list[int]]:
    """Cities, their means (cities, periods) in tokens, and how many subjects each had."""
    table = data("pgg_herrmann2008_no_punishment").pivot(index="city", columns="period", values="mean_contribution")
    values = table.to_numpy(dtype=float)
    return [str(city) for city in table.index], values, [subjects(row) for row in values]


def subjects(row: NDArray[np.float64]) -> int:
    """The least multiple of four at which every mean is a whole number of tokens, to the four decimals given."""
    for n in range(4, MOST_SUBJECTS + 1, 4):
        total = row * n
        if (np.abs(total - np.round(total)) <= n * 0.51e-4).all():
            return n
    raise ValueError("no number of subjects fits these means")


def city_scenario(n: int, seed: int) -> Scenario:
    """One city's session: groups that stay together."""
    return defaults("public_goods").but(sessions=1, session_size=n, fixed_groups=1).clock(years=PERIODS, seed=seed)


def replicates(found: Motives, *, seed: int, threads: int, sanctions: Array | None = None) -> NDArray[np.float64]:
    """Return mean contributions in tokens, (replicates, cities, periods); ``sanctions`` has a row a replicate."""
    draws = np.array(found.draws)
    chosen = draws[np.linspace(0, len(draws) - 1, REPLICATES).astype(int)]
    names = list(found.names)
    if sanctions is not None:
        chosen, names = np.column_stack([chosen, sanctions]), [*names, *SANCTIONS]
    contribution = column("public_goods", "contribution")
    cities, _, sizes = means()
    predicted = np.empty((REPLICATES, len(cities), PERIODS))
    for c, n in enumerate(sizes):
        at = experiment(chosen, c * REPLICATES, names=names, scenario=city_scenario(n, seed), threads=threads)
        predicted[:, c] = at[:, :, contribution]
    return predicted


def held_against(found: Motives, *, seed: int, threads: int) -> Cities:
    """Return how the sixteen cities compare with what is predicted of them."""
    names, measured, sizes = means()
    predicted = replicates(found, seed=seed, threads=threads)
    middle = np.median(predicted, axis=0)
    low, high = np.quantile(predicted, [0.025, 0.975], axis=0)
    outside = (measured < low) | (measured > high)
    off_low, _, off_high = central(np.abs(predicted - middle).mean(axis=(1, 2)))
    first_last = [np.corrcoef(p[:, 0], p[:, -1])[0, 1] for p in predicted]
    whole = predicted.mean(axis=2)
    return Cities(
        _periods(predicted, measured),
        [
            City(name, sizes[c], float(measured[c].mean()), *central(whole[:, c]), int(outside[c].sum()))
            for c, name in enumerate(names)
        ],
        float(np.abs(measured - middle).mean()),
        off_low,
        off_high,
        float(1.0 - outside.mean()),
        float(np.corrcoef(measured[:, 0], measured[:, -1])[0, 1]),
        *central(np.array(first_last)),
    )


def punished(found: Motives, *, seed: int, threads: int) -> Punished:
    """Return the predicted effect of punishment: the same people, common random numbers, no data on it seen."""
    rng = np.random.default_rng([seed, 21])
    sanctions = np.column_stack([low + (high - low) * rng.random(REPLICATES) for low, high in SANCTIONS.values()])
    without = replicates(found, seed=seed, threads=threads)
    with_it = replicates(found, seed=seed, threads=threads, sanctions=sanctions)
    gained = (with_it - without).mean(axis=1)  # (replicates, periods)
    course = with_it.mean(axis=1)
    return Punished(
        _periods(with_it, None),
        float((gained.mean(axis=1) > MATTERS).mean()),
        float((gained.mean(axis=1) < -MATTERS).mean()),
        float((gained[:, -1] > MATTERS).mean()),
        float((course[:, 0] - course[:, -1] < MATTERS).mean()),
        REPLICATES,
    )


def _periods(predicted: NDArray[np.float64], measured: NDArray[np.float64] | None) -> list[Period]:
    told = []
    for t in range(PERIODS):
        here: tuple[float | None, float | None] = (None, None)
        if measured is not None:
            here = (float(measured[:, t].mean()), float(measured[:, t].std(ddof=1)))
        average, spread = predicted[:, :, t].mean(axis=1), predicted[:, :, t].std(axis=1, ddof=1)
        told.append(Period(t + 1, here[0], *central(average), here[1], *central(spread)))
    return told
