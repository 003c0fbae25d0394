"""Intervals for shares, means, paired differences and survival times.

SciPy does the arithmetic wherever it has the method. Every function says which method it is and where it is from, so
that a reader of an answer can look it up. SciPy and NumPy are imported inside the functions: reading a stored answer
needs neither.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LEVEL = 0.95
POWER_FACTOR = 2.04  # ((1.960 + 0.842) / 1.960)^2: worlds for 80 % power over worlds for 50 %, two-sided 5 %


@dataclass(frozen=True)
class Interval:
    """An estimate between two limits, and the number of worlds it rests on.

    ``estimate``, ``low`` and ``high`` are None where there was nothing to estimate from.
    """

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    level: float = LEVEL

    def excludes(self, value: float) -> bool:
        """Whether the whole interval lies on one side of ``value``."""
        if self.low is None or self.high is None:
            return False
        return self.low > value or self.high < value

    def width(self) -> float:
        """Upper limit minus lower limit; infinite where there is no interval."""
        if self.low is None or self.high is None:
            return math.inf
        return self.high - self.low


@dataclass(frozen=True)
class Survival:
    """Kaplan-Meier estimate of the share still standing after ``times`` full years.

    ``median`` is None where fewer than half had ended when watching stopped; ``low`` and ``high`` are None where their
    limit lies beyond that time too (Brookmeyer & Crowley 1982).
    """

    times: list[float]
    share: list[float]
    share_low: list[float]
    share_high: list[float]
    median: float | None
    low: float | None
    high: float | None
    ended: int
    n: int


def proportion(successes: int, n: int, level: float = LEVEL) -> Interval:
    """A share of ``n`` worlds with Wilson's score interval (Wilson 1927)."""
    from scipy.stats import binomtest

    if n == 0:
        return Interval(None, None, None, 0, level)
    limits = binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    return Interval(successes / n, float(limits.low), float(limits.high), n, level)


def mean(values: npt.ArrayLike, level: float = LEVEL) -> Interval:
    """The mean of one number a world with Student's t interval. NaN (nobody lives there) is left out of ``n``."""
    import numpy as np

    every = np.asarray(values, dtype=float)
    seen = every[~np.isnan(every)]
    if seen.size == 0:
        return Interval(None, None, None, 0, level)
    return mean_of(int(seen.size), float(seen.mean()), float(seen.std(ddof=1)) if seen.size > 1 else math.nan, level)


def mean_of(n: int, centre: float, sd: float, level: float = LEVEL) -> Interval:
    """The same from the mean and the standard deviation of n numbers."""
    if n < 2:
        return Interval(centre if n else None, None, None, n, level)
    from scipy.stats import t

    half = float(t.ppf(0.5 + level / 2, n - 1)) * sd / math.sqrt(n)
    return Interval(centre, centre - half, centre + half, n, level)


def nanmean(values: npt.NDArray[np.float64], axis: int) -> npt.NDArray[np.float64]:
    """The mean along an axis, NaN left out; NaN where there is nothing else, without NumPy's warning."""
    import numpy as np

    seen = ~np.isnan(values)
    n = seen.sum(axis=axis)
    return np.where(n > 0, np.where(seen, values, 0.0).sum(axis=axis) / np.maximum(n, 1), np.nan)


def means(values: npt.NDArray[np.float64], level: float = LEVEL) -> tuple[npt.NDArray, ...]:
    """``mean`` of every column at once: (worlds, k) -> estimate, low, high, n, each (k,)."""
    import numpy as np
    from scipy.stats import t

    seen = ~np.isnan(values)
    n = seen.sum(axis=0)
    at_least_one = np.maximum(n, 1)
    centre = np.where(seen, values, 0.0).sum(axis=0) / at_least_one
    squares = np.where(seen, (values - centre) ** 2, 0.0).sum(axis=0)
    freedom = np.maximum(n - 1, 1)
    half = t.ppf(0.5 + level / 2, freedom) * np.sqrt(squares / freedom / at_least_one)
    half = np.where(n > 1, half, np.nan)
    centre = np.where(n > 0, centre, np.nan)
    return centre, centre - half, centre + half, n


def paired_difference(before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_], level: float = LEVEL) -> Interval:
    """P(after) - P(before) over the same worlds: Newcombe's square-and-add interval for paired proportions.

    Method 10 of Newcombe (1998), Statistics in Medicine 17:2635-2650: Wilson limits of the two shares, joined with the
    correlation of the 2 x 2 table, itself corrected for continuity.

    Parameters
    ----------
    before, after : (worlds,), whether each world succeeded; the same position is the same luck.
    """
    n = int(before.size)
    if n == 0:
        return Interval(None, None, None, 0, level)
    both = int((after & before).sum())
    gained = int((after & ~before).sum())
    lost = int((~after & before).sum())
    neither = n - both - gained - lost
    share_after, share_before = proportion(both + gained, n, level), proportion(both + lost, n, level)
    assert share_after.estimate is not None and share_before.estimate is not None
    p1, l1, u1 = share_after.estimate, share_after.low or 0.0, share_after.high or 0.0
    p2, l2, u2 = share_before.estimate, share_before.low or 0.0, share_before.high or 0.0
    margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    product = float(both * neither - gained * lost)
    if product > 0:
        product = max(product - n / 2, 0.0)
    phi = product / math.sqrt(margins) if margins else 0.0
    below = (p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2
    above = (u1 - p1) ** 2 - 2 * phi * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2
    centre = (gained - lost) / n
    return Interval(centre, centre - math.sqrt(max(below, 0.0)), centre + math.sqrt(max(above, 0.0)), n, level)


def survival(times: npt.ArrayLike, ended: npt.NDArray[np.bool_], level: float = LEVEL) -> Survival:
    """Kaplan & Meier's (1958) estimate with log-log limits; a world still standing at the end is right-censored.

    Parameters
    ----------
    times : (worlds,), full years stood, counted until the end or until watching stopped.
    ended : (worlds,), False where watching stopped first.
    """
    import numpy as np
    from scipy.stats import CensoredData, ecdf

    times = np.asarray(times, dtype=float)
    n = int(times.size)
    if n == 0 or not ended.any():
        last = float(times.max()) if n else 0.0
        lowest = proportion(n, n, level).low or 0.0
        return Survival([0.0, last], [1.0, 1.0], [1.0, lowest], [1.0, 1.0], None, None, None, 0, n)
    function = ecdf(CensoredData(uncensored=times[ended], right=times[~ended])).sf
    with warnings.catch_warnings():  # log(-log S) has no value at S = 0 or 1: those limits are set below
        warnings.simplefilter("ignore", RuntimeWarning)
        limits = function.confidence_interval(confidence_level=level, method="log-log")
    at = np.asarray(function.quantiles, dtype=float)
    share = np.asarray(function.probabilities, dtype=float)
    low, high = (np.asarray(side.probabilities, dtype=float) for side in (limits.low, limits.high))
    # Where all or none have ended, Wilson's limits of 0 or n worlds in n stand in.
    all_standing, none_standing = proportion(n, n, level), proportion(0, n, level)
    low = np.where(share == 1, all_standing.low or 0.0, np.where(share == 0, 0.0, low))
    high = np.where(share == 1, 1.0, np.where(share == 0, none_standing.high or 1.0, high))

    def first_at_most_half(curve: npt.NDArray[np.float64]) -> float | None:
        reached = np.flatnonzero(curve <= 0.5)
        return float(at[reached[0]]) if reached.size else None

    return Survival(
        [0.0, *at.tolist()],
        [1.0, *share.tolist()],
        [1.0, *low.tolist()],
        [1.0, *high.tolist()],
        first_at_most_half(share),
        first_at_most_half(low),
        first_at_most_half(high),
        int(ended.sum()),
        n,
    )


def worlds_to_decide(difference: Interval, matters: float) -> int | None:
    """About how many worlds would decide a difference, four times in five, if it is what it now seems to be.

    Decided means: the interval excludes 0, or lies wholly inside +-``matters``. Widths shrink as 1/sqrt(worlds). None
    where no number would (an estimate of exactly ``matters`` in size cannot be shown to be smaller, nor a zero larger).
    """
    if difference.estimate is None or difference.low is None or difference.high is None:
        return None
    size = abs(difference.estimate)
    below, above = difference.estimate - difference.low, difference.high - difference.estimate
    towards_zero = below if difference.estimate > 0 else above
    outer = max(below, above)
    needed = []
    if size > 0:
        needed.append((towards_zero / size) ** 2)
    if size < matters:
        needed.append((outer / (matters - size)) ** 2)
    if not needed:
        return None
    return round_up(max(difference.n * min(needed) * POWER_FACTOR, difference.n + 1))


def round_up(value: float) -> int:
    """Up to two significant digits: more would claim more than a number of worlds still to be run can."""
    unit = 10 ** max(math.floor(math.log10(value)) - 1, 0)
    return int(math.ceil(value / unit) * unit)
