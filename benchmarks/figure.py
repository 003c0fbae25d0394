"""The figure of benchmarks/RESULTS.md: how many times as fast as others, all on one log axis, with every round."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from bestowal.drawing.svg import COLOURS, canvas, standalone, twice

LINE = 15.0  # points
NAMES, NUMBERS = 250.0, 160.0  # room for what is compared, and for what came out
TOP, FOOT = 30.0, 60.0
MARKS = {"as fast": (COLOURS["institution"], "o"), "as slow": (COLOURS["motive"], "s"), "": (COLOURS["soft"], "D")}


def draw(sections: Sequence[Mapping[str, Any]]) -> str:
    """As SVG; empty where no section has a ratio to draw."""
    groups = [(s["title"], [row for row in s.get("rows", ()) if row["drawn"] and row["rounds"]]) for s in sections]
    groups = [(title, rows) for title, rows in groups if rows]
    if not groups:
        return ""
    return standalone(twice(lambda wide: _drawn(groups, wide))["wide"])


def times(row: Mapping[str, Any]) -> list[float]:
    """How many times as fast ours is, of each round."""
    return [1 / x for x in row["rounds"]] if row["slower"] else list(row["rounds"])


def told(row: Mapping[str, Any]) -> str:
    """In words: ours is so many times as fast or as slow, with the range of the rounds; neither where they disagree."""
    values = times(row)
    way = verdict(values)
    shown = sorted(values if way != "as slow" else [1 / x for x in values])
    middle = statistics.median(shown)
    form = ",.0f" if middle >= 100 else ".1f" if middle >= 10 else ".2f"
    return f"{middle:{form}} × {way} ({shown[0]:{form}}–{shown[-1]:{form}})".replace("×  (", "× (")


def verdict(values: Sequence[float]) -> str:
    """What every round says of ours; empty where they disagree."""
    return "as fast" if min(values) > 1 else "as slow" if max(values) < 1 else ""


def _drawn(groups: Sequence[tuple[str, Sequence[Mapping[str, Any]]]], wide: bool) -> Figure:
    lines = sum(1.5 + len(rows) for _, rows in groups)
    width, height = 790.0 if wide else 650.0, TOP + FOOT + LINE * lines
    picture = canvas(width, height)
    axes = picture.add_axes(
        (NAMES / width, FOOT / height, (width - NAMES - NUMBERS) / width, (height - TOP - FOOT) / height)
    )
    everything = [x for _, rows in groups for row in rows for x in times(row)]
    low, high = min(*everything, 0.5) / 1.6, max(*everything, 2) * 1.6
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(lines, 0)
    axes.axvspan(1, high, color=COLOURS["wash"], lw=0, zorder=0)
    axes.axvline(1, color=COLOURS["ink"], lw=1, zorder=1)
    at = 0.0
    for title, rows in groups:
        at += 0.75
        picture.text(8 / width, _height(at, lines, height), title, fontweight="bold", va="center")
        at += 0.75
        for row in rows:
            middle = statistics.median(times(row))
            colour, marker = MARKS[verdict(times(row))]
            at += 0.5
            y = _height(at, lines, height)
            picture.text((NAMES - 10) / width, y, row["drawn"], ha="right", va="center", fontsize=8.5)
            axes.plot(
                [min(times(row)), max(times(row))], [at, at], color=colour, lw=1.6, solid_capstyle="butt", zorder=3
            )
            axes.plot(times(row), [at] * len(times(row)), "|", color=colour, ms=6, mew=0.8, zorder=3)
            axes.plot([middle], [at], marker, color=colour, ms=5, zorder=4)
            picture.text((width - NUMBERS + 8) / width, y, told(row), color=colour, va="center", fontsize=8.5)
            at += 0.5
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    axes.xaxis.set_major_locator(FixedLocator([10.0**k for k in powers]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if x >= 1 else f"1/{1 / x:,.0f}"))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", zorder=0)
    axes.set_xlabel("time of the other side / time of ours (log axis)")
    above = (height - 18) / height
    one = (NAMES + math.log(1 / low) / math.log(high / low) * (width - NAMES - NUMBERS)) / width
    soft = {"color": COLOURS["soft"], "va": "center", "fontsize": 8.5}
    picture.text((NAMES - 10) / width, above, "the other side: ours", ha="right", **soft)
    picture.text(one - 8 / width, above, "← the other is faster", ha="right", **soft)
    picture.text(one + 8 / width, above, "ours is faster →", **soft)
    picture.text((width - NUMBERS + 8) / width, above, "ours is", **soft)
    note = (
        "Dots: medians over rounds; ticks: every round; lines and brackets: their whole range. Grey: rounds disagree."
    )
    picture.text(8 / width, 12 / height, note, **soft)
    return picture


def _height(at: float, lines: float, height: float) -> float:
    """Where line `at` stands in the figure, from below."""
    return (height - TOP - at / lines * (height - TOP - FOOT)) / height
