"""How a number is said: shares, differences, quantities and their intervals, the same in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Callable

from bestowal.statistics.intervals import Interval

PERCENT = "\u00a0%"  # never parted from its number


def share(value: float | None) -> str:
    """A share as a percentage, with a decimal only near 0 and 1, where it says something."""
    if value is None:
        return "–"
    hundred = 100 * value
    return (f"{hundred:.0f}" if 10 <= hundred <= 90 or hundred in (0, 100) else f"{hundred:.1f}") + PERCENT


def points(value: float | None) -> str:
    """A difference of shares in percentage points, signed."""
    return "–" if value is None else _signed(100 * value)


def years(value: float | None) -> str:
    """A difference in years, signed."""
    return "–" if value is None else _signed(value)


def _signed(value: float) -> str:
    shown = f"{value:+.1f}".replace("-", "−")
    return "0.0" if shown in ("+0.0", "−0.0") else shown


def number(value: float | None) -> str:
    """A quantity to three significant digits."""
    if value is None:
        return "–"
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}").replace("-", "−")


def limits(interval: Interval, shown: Callable[[float | None], str] = share) -> str:
    """An interval's two limits: "9.1 to 16 %"."""
    if interval.low is None:
        return "no interval"
    low, high = shown(interval.low), shown(interval.high)
    return f"{low.removesuffix(PERCENT) if high.endswith(PERCENT) else low} to {high}"


def plural(count: int, word: str) -> str:
    """A count with its noun: "1 world", "400 worlds"."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")
