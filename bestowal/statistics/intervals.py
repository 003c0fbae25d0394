"""Intervals for shares, means, paired differences and survival times.

SciPy does the arithmetic wherever it has the method. Every function says which method it is and where it is from, so
that a reader of an answer can look it up. SciPy and NumPy are imported inside the functions: reading a stored answer
needs neither.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LEVEL = 0.95
FEW_WORLDS = 16  # of fewer, a share has Clopper & Pearson's interval
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
    """A share of ``n`` worlds with Wilson's score interval (Wilson 1927), modified where it covers too little.

    From FEW_WORLDS on, with one to three successes (or failures) the limit towards 0 (or 1) is the one-sided Poisson
    limit, as Brown, Cai & DasGupta (2001), Statistical Science 16:101-133, propose: Wilson's alone covers a rare share
    in 84 % of samples. Below FEW_WORLDS the interval is that of Clopper & Pearson (1934).
    """
    from scipy.special import betaincinv, gammaincinv, ndtri

    if n == 0:
        return Interval(None, None, None, 0, level)
    failures = n - successes
    if n < FEW_WORLDS:
        tail = (1 - level) / 2
        low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
        high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures else 1.0
        return Interval(successes / n, low, high, n, level)
    z2 = float(ndtri(0.5 + level / 2)) ** 2
    centre = (successes + z2 / 2) / (n + z2)
    half = math.sqrt(z2 * (successes * failures / n + z2 / 4)) / (n + z2)
    low = centre - half if successes else 0.0
    high = centre + half if failures else 1.0
    if 1 <= successes <= 3:
        low = min(low, float(gammaincinv(successes, 1 - level)) / n)
    if 1 <= failures <= 3:
        high = max(high, 1 - float(gammaincinv(failures, 1 - level)) / n)
    return Interval(successes / n, low, high, n, level)


def mean(values: npt.ArrayLike, level: float = LEVEL, bounds: tuple[float, float] | None = None) -> Interval:
    """The mean of one number a world with Student's t interval. NaN (nobody lives there) is left out of ``n``.

    Parameters
    ----------
    bounds : between which every number must lie, where that is known: the interval is then as `means` says, and holds
        where nearly all worlds have the same number, of which Student's t makes an interval of no width.
    """
    import numpy as np

    every = np.asarray(values, dtype=float)
    seen = every[~np.isnan(every)]
    if seen.size == 0:
        return Interval(None, None, None, 0, level)
    if bounds is not None and seen.size > 1:
        centre, low, high, n = (float(one[0]) for one in means(seen[:, None], level, bounds))
        return Interval(centre, low, high, int(n), level)
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


def means(
    values: npt.NDArray[np.float64], level: float = LEVEL, bounds: tuple[float, float] | None = None
) -> tuple[npt.NDArray[Any], ...]:
    """``mean`` of every column at once: (worlds, k) -> estimate, low, high, n, each (k,).

    With finite ``bounds``, two worlds that weren't run are added before Student's interval is taken, one on each side
    of the median, as Bonett & Price (2012) add one to each kind of unlike pair. They lie as far from the median as the
    worlds that differ from it do (root mean square), with one more among these that differs by as much as it could. So
    they say much where few worlds differ, and next to nothing where many do. The estimate is the plain mean.
    """
    import numpy as np
    from scipy.special import stdtrit

    seen = ~np.isnan(values)
    n = seen.sum(axis=0)
    at_least_one = np.maximum(n, 1)
    centre = np.where(seen, values, 0.0).sum(axis=0) / at_least_one
    squares = np.where(seen, (values - centre) ** 2, 0.0).sum(axis=0)
    freedom = np.maximum(n - 1, 1)
    t = stdtrit(freedom, 0.5 + level / 2)
    if bounds is None or not np.isfinite(bounds).all():
        half = np.where(n > 1, t * np.sqrt(squares / freedom / at_least_one), np.nan)
        centre = np.where(n > 0, centre, np.nan)
        return centre, centre - half, centre + half, n
    median = np.nan_to_num(nanmedian(values))
    unlike = np.where(seen, values - median, 0.0)
    apart = (unlike**2).sum(axis=0)
    furthest = np.maximum(median - bounds[0], bounds[1] - median)
    added = (apart + furthest**2) / ((unlike != 0).sum(axis=0) + 1)  # the square of the two worlds' distance
    middle = (n * centre + 2 * median) / (n + 2)
    spread = apart + 2 * added - (n + 2) * (middle - median) ** 2
    half = np.where(n > 1, t * np.sqrt(spread / (n + 1) / (n + 2)), np.nan)
    centre = np.where(n > 0, centre, np.nan)
    return centre, np.maximum(middle - half, bounds[0]), np.minimum(middle + half, bounds[1]), n


def nanmedian(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The lower median of every column, NaN left out; NaN where there is nothing else."""
    import numpy as np

    if not np.isnan(values).any() and values.size:
        half = (len(values) - 1) // 2
        return np.asarray(np.partition(values, half, axis=0)[half])
    ordered = np.sort(values, axis=0)  # NaN comes last
    n = (~np.isnan(values)).sum(axis=0)
    return np.take_along_axis(ordered, np.maximum(n - 1, 0)[None] // 2, axis=0)[0]  # type: ignore[no-any-return]


def paired_difference(before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_], level: float = LEVEL) -> Interval:
    """P(after) - P(before) over the same worlds: Wald's interval as Bonett & Price (2012) adjust it.

    Journal of Educational and Behavioral Statistics 37:479-488: one is added to each of the two counts of unlike pairs,
    the worlds gained and the worlds lost. So it has a width where no pair is unlike. The estimate is the plain one.

    Parameters
    ----------
    before, after : (worlds,), whether each world succeeded; the same position is the same luck.
    """
    from scipy.special import ndtri

    n = int(before.size)
    if n == 0:
        return Interval(None, None, None, 0, level)
    gained = int((after & ~before).sum())
    lost = int((~after & before).sum())
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    half = float(ndtri(0.5 + level / 2)) * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    return Interval((gained - lost) / n, max(up - down - half, -1.0), min(up - down + half, 1.0), n, level)


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
        return Survival([0.0, last], [1.0, 1.0], [lowest, lowest], [1.0, 1.0], None, None, None, 0, n)
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
        [all_standing.low or 0.0, *low.tolist()],  # up to the first end, none of n has ended
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
