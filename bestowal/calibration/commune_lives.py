"""The printed lives of communes, simulated lives, and the likelihood of the first given the second.

The model counts whole years: a commune that ends in year t (from 0) lived between t and t + 1 years. A printed life is
an interval of months.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.stats import chi2

from bestowal.calibration.datasets import data
from bestowal.calibration.simulated import column
from bestowal.calibration.smc import Array
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import scenario as read_scenario

AGES = (0, 1, 2, 3, 4, 6, 9, 14)  # first years of the life table's rows: late years are few, and share one hazard


def commune() -> Scenario:
    """The commune scenario."""
    return read_scenario("commune")


def lives(observed: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the full years each commune stood, and whether it ended within those observed: one a world."""
    standing = observed[:, :, column("society", "communities")] > 0
    ended = ~standing[:, -1]
    return np.where(ended, np.argmin(standing, axis=1), standing.shape[1]), ended


def hazard(years: NDArray[np.int64], ended: NDArray[np.bool_]) -> float:
    """Return endings per year begun; half an ending where there is none, so that it has a logarithm."""
    endings = int(ended.sum())
    return max(endings, 0.5) / max(int(years.sum()) + endings, 1)


def printed(unreported: bool = False) -> Array:
    """(lives, years): the share of each printed life that lies in each year of the commune scenario.

    With ``unreported`` the twelve that have no printed life come last, in the first year.
    """
    table = data("communes_lives")
    reported = table[table["first_months"].notna()]
    shares = by_year(
        reported["first_months"].to_numpy(dtype=float), reported["last_months"].to_numpy(dtype=float), commune().years
    )
    if unreported:
        more = np.zeros((len(table) - len(reported), shares.shape[1]))
        more[:, 0] = 1.0
        shares = np.concatenate([shares, more])
    return shares


def by_year(first: Array, last: Array, years: int) -> Array:
    """Return (lives, years): the share of each interval of months in each year; one number is ± half a month."""
    point = first == last
    low, high = (first - 0.5 * point)[:, None], (last + 0.5 * point)[:, None]
    start = 12.0 * np.arange(years)
    inside = np.minimum(high, start + 12.0) - np.maximum(low, start)
    return np.maximum(inside, 0.0) / (high - low)  # type: ignore[no-any-return]


def ending(years: NDArray[np.int64], ended: NDArray[np.bool_], span: int) -> Array:
    """Return (span,): the probability of ending in each year, by a life table of simulated communes.

    The hazard is one number in each group of years that begins at ``AGES``: endings plus a half over years begun plus
    one, so that no year is impossible.
    """
    begun = (years[:, None] >= np.arange(span)).sum(axis=0)
    ends = np.bincount(years[ended], minlength=span)[:span]
    starts = [age for age in AGES if age < span]
    rates = (np.add.reduceat(ends, starts) + 0.5) / (np.add.reduceat(begun, starts) + 1.0)
    rate = np.repeat(rates, np.diff([*starts, span]))
    return np.asarray(rate * np.concatenate([[1.0], np.cumprod(1.0 - rate)[:-1]]))


def log_likelihood(shares: Array, chance: Array) -> float:
    """Return the log likelihood of interval-censored lives, (lives, years), given the chance of each year."""
    return float(np.log(np.maximum(shares @ chance, 1e-300)).sum())


def constant_hazard(shares: Array) -> tuple[float, float, float]:
    """Return the maximum-likelihood constant yearly hazard and its 95 % likelihood-ratio limits.

    Limit: where every life lies in one year it is endings over years begun (`hazard`). The limits are those of the
    likelihood ratio: log L lies 1.92 below its greatest.
    """
    age = np.arange(shares.shape[1])

    def fit(rate: float) -> float:
        return log_likelihood(shares, np.asarray(rate * (1.0 - rate) ** age, dtype=np.float64))

    best = float(minimize_scalar(lambda rate: -fit(rate), bounds=(1e-6, 1 - 1e-6), method="bounded").x)
    floor = fit(best) - 0.5 * chi2.ppf(0.95, 1)
    low, high = (float(brentq(lambda rate: fit(rate) - floor, end, best)) for end in (1e-9, 1 - 1e-9))
    return best, low, high


def weibull_shape(years: NDArray[np.int64], ended: NDArray[np.bool_]) -> float:
    """The maximum-likelihood shape of a Weibull life known to the year: an ending in year t lies between t and t + 1.

    Limits: a constant hazard gives 1; the sample of one or no ending gives NaN.
    """
    if ended.sum() < 2:
        return math.nan

    def minus_log_likelihood(at: NDArray[np.float64]) -> float:
        shape, scale = np.exp(at)

        def survival(t: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(np.exp(-np.minimum((t / scale) ** shape, 700.0)))

        t = years.astype(float)
        chance = np.where(ended, survival(t) - survival(t + 1), survival(t))
        return float(-np.log(np.maximum(chance, 1e-300)).sum())

    start = np.array([0.0, math.log(max(float(years.mean()), 0.5))])
    best = minimize(minus_log_likelihood, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6})
    return float(np.exp(best.x[0]))
