"""Numbers and intervals as text: the only place that prints them, for terminal, page and figure alike.

Every number that is rounded for a reader is rounded here; a missing one is a dash. Values that a file or an option
takes (`0.2`, with `:g`) and numbers in data files (ten digits and more) are exact text and need no format of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bestowal.statistics.intervals import Interval

PERCENT = "\u00a0%"  # a no-break space keeps the sign with its number
MISSING = "–"


def share(value: float | None) -> str:
    """Format a share as a percentage.

    Parameters
    ----------
    value : share from 0 to 1; None prints as a dash.

    Returns
    -------
    str
        Whole percent, with one decimal below 10 % and above 90 %.

    Examples
    --------
    >>> share(0.123), share(0.0123), share(None)
    ('12\\xa0%', '1.2\\xa0%', '–')
    """
    if value is None:
        return MISSING
    hundred = 100 * value
    return (f"{hundred:.0f}" if 10 <= hundred <= 90 or hundred in (0, 100) else f"{hundred:.1f}") + PERCENT


def percent(value: float | None) -> str:
    """Format a share as whole percent, for targets and sizes that are stated so: 0.9 is "90 %"."""
    return MISSING if value is None else f"{100 * value:.0f}{PERCENT}"


def points(value: float | None) -> str:
    """Format a difference of shares in percentage points, with its sign: 0.123 is "+12.3"."""
    return MISSING if value is None else _signed(100 * value)


def size_in_points(value: float | None) -> str:
    """Format the size of a difference of shares in percentage points, without a sign: 0.123 is "12.3"."""
    return MISSING if value is None else decimals(100 * value, 1)


def years(value: float | None) -> str:
    """Format a difference in years, with its sign and one decimal."""
    return MISSING if value is None else _signed(value)


def _signed(value: float) -> str:
    shown = _minus(f"{value:+.1f}")
    return "0.0" if shown in ("+0.0", "−0.0") else shown


def number(value: float | None) -> str:
    """Format a quantity to three significant digits, from 1,000 on to the unit."""
    if value is None or math.isnan(value):
        return MISSING
    return _minus(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}")


def signed_number(value: float) -> str:
    """Format a quantity to three significant digits with its sign; zero has none."""
    return "0" if value == 0 else _minus(f"{value:+.3g}")


def whole(value: float | None) -> str:
    """Format a quantity to the unit, with commas between thousands."""
    return decimals(value, 0)


def decimals(value: float | None, places: int, signed: bool = False) -> str:
    """Format a quantity with a fixed number of decimals, so that a column of a table lines up.

    Parameters
    ----------
    value : None and NaN print as a dash.
    places : decimals, 0 or more.
    signed : whether a positive value has a plus sign.
    """
    if value is None or math.isnan(value):
        return MISSING
    return _minus(f"{value:+,.{places}f}" if signed else f"{value:,.{places}f}")


def p_value(value: float | None, name: str = "") -> str:
    """Format a p-value with three decimals, "< 0.001" below that; with a name, "p = 0.012" and "p < 0.001"."""
    if value is None:
        return MISSING
    relation, shown = ("< ", "0.001") if value < 0.001 else ("= " if name else "", f"{value:.3f}")
    return f"{name} {relation}{shown}" if name else f"{relation}{shown}"


Shown = Callable[[float | None], str]
"""How the estimate and the limits of an interval are printed: `share`, `points`, `years`, `number` or `whole`."""


def limits(interval: Interval, shown: Shown = share) -> str:
    """Format the two limits of an interval: "9.1 to 16 %"; "no interval" where there are none."""
    return "no interval" if interval.low is None else between(interval.low, interval.high, shown)


def between(low: float | None, high: float | None, shown: Shown = number) -> str:
    """Format a range: "0.2 to 0.5"; a per cent sign stands once, behind the second number."""
    first, second = shown(low), shown(high)
    return f"{first.removesuffix(PERCENT) if second.endswith(PERCENT) else first} to {second}"


def with_limits(interval: Interval, shown: Shown = share) -> str:
    """Format an estimate with its limits in brackets: "81 % (75 to 86 %)"; a dash where there is no estimate."""
    if interval.estimate is None:
        return MISSING
    return shown(interval.estimate) + (f" ({limits(interval, shown)})" if interval.low is not None else "")


def with_limits_below(interval: Interval, shown: Shown = share) -> str:
    """Format an estimate with its limits on a second line, for a narrow cell of a table."""
    return shown(interval.estimate) + (f"\n{limits(interval, shown)}" if interval.low is not None else "")


def mean_with_limits(interval: Interval) -> str:
    """Format a mean with its limits, to the decimals that its interval carries: "0.123 (0.101 to 0.145)".

    The width of the interval is printed to two significant digits, with at most six decimals.
    """
    if interval.low is None or interval.high is None:
        return number(interval.estimate)
    width = interval.high - interval.low
    places = min(max(1 - math.floor(math.log10(width)), 0), 6) if width > 0 else 3
    return with_limits(interval, lambda value: decimals(value, places))


def half_width(centre: float | None, low: float | None) -> str:
    """Format a mean and half its interval, for tables with many columns: "0.831 ±0.012".

    Parameters
    ----------
    centre, low : the mean and the lower limit of its symmetric interval; None or NaN where there is none.

    Returns
    -------
    str
        Half the interval to two significant digits and the mean to the same decimals; "±0" where half of the interval
        is below the rounding error of the mean.
    """
    if centre is None or math.isnan(centre):
        return MISSING
    half = centre - low if low is not None and not math.isnan(low) else None
    if half is None:
        return _minus(f"{centre:.4g}")
    if half <= 1e-12 * abs(centre):
        return _minus(f"{centre:.4g} ±0")
    places = max(1 - int(f"{half:e}".partition("e")[2]), 0)
    if places > 6:
        return _minus(f"{centre:.4g} ±{half:.1g}")
    return _minus(f"{centre:.{places}f} ±{half:.{places}f}")


def plural(count: int, noun: str) -> str:
    """Format a count with its noun: "1 world", "1,400 worlds"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _minus(text: str) -> str:
    """Put a minus sign for each hyphen, but in an exponent: "1e-05" stays."""
    return "".join("−" if sign == "-" and text[k - 1 : k] != "e" else sign for k, sign in enumerate(text))
