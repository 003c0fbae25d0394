"""The figures of a claim over its prior: the number of every draw, the arms, the split by one parameter."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bestowal.drawing.svg import COLOURS, canvas, few, twice
from bestowal.statistics.intervals import Interval
from bestowal.statistics.number_format import number


def draws_figure(
    numbers: Sequence[float],
    arms: Sequence[tuple[str, Sequence[float], Interval]],
    *,
    above: float | None,
    below: float | None,
    matters: float,
    mean: Interval | None,
    label: str,
    arms_label: str,
) -> dict[str, str]:
    """The number of every draw as a histogram with the threshold, and under it every arm's draws, one dot a draw.

    ``numbers`` and each arm's values: one a draw, NaN where left out. ``above``, ``below``: where the claim holds.
    """
    known = [value for value in numbers if math.isfinite(value)]

    def drawn(wide: bool) -> Figure:
        lanes = 34.0 if wide else 46.0
        top, bottom, gap = 30.0, 40.0, 46.0 + 24.0
        upper, lower = (150.0 if wide else 140.0), lanes * len(arms)
        height = top + upper + bottom + (gap - 40.0 + lower + 34.0 if arms else 0.0)
        figure = canvas(620 if wide else 350, height)
        left, width = (0.055, 0.925) if wide else (0.085, 0.885)
        axes = figure.add_axes((left, 1 - (top + upper) / height, width, upper / height))
        _draw_histogram(axes, known, above, below, matters, mean, label, wide)
        if arms:
            at = (0.3, 0.68) if wide else (left, width)
            _draw_arms(figure.add_axes((at[0], 34.0 / height, at[1], lower / height)), arms, arms_label, wide)
        return figure

    return twice(drawn)


def holds_at(value: float, above: float | None, below: float | None) -> bool:
    """Whether a claim that asks for more than ``above`` and less than ``below`` holds at this number."""
    return (above is None or value > above) and (below is None or value < below)


def _draw_histogram(
    axes: Axes,
    known: Sequence[float],
    above: float | None,
    below: float | None,
    matters: float,
    mean: Interval | None,
    label: str,
    wide: bool,
) -> None:
    thresholds = [at for at in (above, below) if at is not None]
    ends = [*known, *thresholds, *(at + side * matters for at in thresholds for side in (-1, 1))]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = (high - low or 1.0) * 0.04
    edges, counts = _classes(known, above, below, (low, high), 34 if wide else 22)
    for at in thresholds:
        axes.axvspan(at - matters, at + matters, color=COLOURS["wash"], lw=0, zorder=0)
    for count, left, right in zip(counts, edges, edges[1:], strict=False):
        inside = holds_at((left + right) / 2, above, below)
        colour = COLOURS["institution"] if inside else COLOURS["soft"]
        gap = (right - left) * 0.08
        axes.bar(
            left + gap, count, right - left - 2 * gap, align="edge", color=colour, alpha=0.85 if inside else 0.45, lw=0
        )
    tallest = max(counts, default=1) or 1
    axes.set_ylim(0, tallest * 1.3)
    axes.set_xlim(low - room, high + room)
    for at in thresholds:
        axes.axvline(at, color=COLOURS["ink"], lw=1.0)
    held = sum(holds_at(value, above, below) for value in known)
    told = (f"holds at {held:,} draws", f"does not at {len(known) - held:,}")
    right = 0 if above is not None else 1  # what is said above the end on the right
    between = above is not None and below is not None
    for text, x, side in (
        (told[right] if not between else " · ".join(told), 1.0, "right"),
        (told[1 - right] if not between else "", 0.0, "left"),
    ):
        colour = COLOURS["institution"] if text.startswith("holds") else COLOURS["soft"]
        axes.annotate(
            text, (x, 1.0), xycoords="axes fraction", xytext=(0, 5), textcoords="offset points", ha=side, color=colour
        )
    if mean is not None and mean.estimate is not None:
        y = tallest * 1.11
        if mean.low is not None and mean.high is not None:
            axes.plot([mean.low, mean.high], [y, y], color=COLOURS["ink"], lw=1.8, solid_capstyle="butt")
        axes.plot([mean.estimate], [y], "D", color=COLOURS["ink"], ms=4.5)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_locator(MaxNLocator(7 if wide else 5, steps=[1, 2, 2.5, 5, 10]))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.set_xlabel("\n".join(textwrap.wrap(label, 100 if wide else 54)))


def _classes(
    known: Sequence[float], above: float | None, below: float | None, span: tuple[float, float], most: int
) -> tuple[list[float], list[int]]:
    """Return the edges of about `most` classes over the span, and the count in each; every threshold is an edge."""
    low, high = span
    thresholds = [at for at in (above, below) if at is not None]
    # A threshold is an edge of a bar, so that no bar stands on both sides of it.
    width = (high - low or 1.0) / most
    start = thresholds[0] if thresholds else low
    first, last = math.floor((low - start) / width - 1e-9), math.ceil((high - start) / width + 1e-9)
    edges = sorted({start + width * i for i in range(first, last + 1)} | set(thresholds))
    counts = [0] * (len(edges) - 1)
    for value in known:
        # A number on a threshold doesn't hold, on whichever side of it the others do.
        index = next((i for i in range(len(counts)) if edges[i] <= value < edges[i + 1]), len(counts) - 1)
        if above is not None and value == above and index:
            index -= 1
        counts[index] += 1
    return edges, counts


def _draw_arms(axes: Axes, arms: Sequence[tuple[str, Sequence[float], Interval]], label: str, wide: bool) -> None:
    for row, (name, values, centre) in enumerate(arms):
        y = row + (0.5 if wide else 0.66)
        # The golden ratio spreads the dots over the lane, the same way each time.
        dots = [(x, y + ((i * 0.6180339887) % 1 - 0.5) * 0.4) for i, x in enumerate(values) if math.isfinite(x)]
        style: Any = {"color": COLOURS["institution"], "ms": 2.8, "alpha": 0.4, "mew": 0}
        axes.plot([x for x, _ in dots], [at for _, at in dots], "o", **style)
        if centre.low is not None and centre.high is not None:
            axes.plot([centre.low, centre.high], [y, y], color=COLOURS["ink"], lw=1.8, solid_capstyle="butt")
        if centre.estimate is not None:
            axes.plot([centre.estimate], [y], "D", color=COLOURS["ink"], ms=4.5)
        axes.annotate(
            "\n".join(textwrap.wrap(name, 32)[:2]) if wide else name if len(name) <= 54 else name[:53] + "…",
            (0, y if wide else row + 0.2),
            xycoords=("axes fraction", "data"),
            xytext=(-10 if wide else 0, 0),
            textcoords="offset points",
            ha="right" if wide else "left",
            va="center",
            linespacing=1.05,
        )
    axes.set_ylim(len(arms), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.03)
    axes.xaxis.set_major_locator(MaxNLocator(6 if wide else 5, steps=[1, 2, 2.5, 5, 10]))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_xlabel("\n".join(textwrap.wrap(label, 72 if wide else 54)))


def split_figure(
    numbers: Sequence[float],
    points: Sequence[float],
    *,
    name: str,
    at: float,
    shares: tuple[str, str],
    above: float | None,
    below: float | None,
    label: str,
) -> dict[str, str]:
    """The number of every draw against the one parameter that the verdict depends on, split where the verdict is."""
    known = [(x, y) for x, y in zip(points, numbers, strict=True) if math.isfinite(x) and math.isfinite(y)]
    positive = [x for x, _ in known if x > 0]
    logarithmic = len(positive) == len(known) > 0 and max(positive) > 10 * min(positive)

    def drawn(wide: bool) -> Figure:
        figure = canvas(620 if wide else 350, 240)
        axes = figure.add_axes((0.065, 0.2, 0.915, 0.64) if wide else (0.11, 0.2, 0.86, 0.64))
        for held in (False, True):
            some = [(x, y) for x, y in known if holds_at(y, above, below) is held]
            colour = COLOURS["institution"] if held else COLOURS["soft"]
            axes.plot([x for x, _ in some], [y for _, y in some], "o", color=colour, ms=3.6, alpha=0.6, mew=0)
        if logarithmic:
            axes.set_xscale("log")
            low, high = min(positive), max(positive)
            ticks = [t for e in range(-6, 7) for t in (10.0**e, 2 * 10.0**e, 5 * 10.0**e) if low <= t <= high]
            axes.set_xticks(ticks, [number(tick) for tick in ticks])
            axes.minorticks_off()
        axes.axvline(at, color=COLOURS["ink"], lw=0.9, ls=(0, (3, 2)))
        for threshold in (above, below):
            if threshold is not None:
                axes.axhline(threshold, color=COLOURS["ink"], lw=1.0)
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.yaxis.set_major_locator(few())
        for side, text in (("right", shares[0]), ("left", shares[1])):
            axes.annotate(
                text if wide else text.replace(" (", "\n("),
                (at, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(-8 if side == "right" else 8, 6),
                textcoords="offset points",
                ha=side,
                va="bottom",
                fontsize=8.5,
            )
        axes.set_xlabel(name)
        axes.set_ylabel(label if len(label) < 34 else "number of the draw")
        return figure

    return twice(drawn)
