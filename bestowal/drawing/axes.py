"""What the axes of several figures share: ticks of shares, interval bars, a legend above the axes."""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bestowal.statistics.intervals import Interval

SHARES = ([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
HUES = ("ink", "institution", "motive", "surroundings", "mixed")
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 2, 1.5, 2)), (0, (9, 2)))


def plain(axes: Axes, wide: bool, *, shares: bool = True) -> None:
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    if shares:
        axes.set_ylim(0, 1.03)
        axes.set_yticks(*SHARES)


def interval_bar(axes: Axes, x: float, interval: Interval, colour: str) -> None:
    if interval.low is not None and interval.high is not None:
        axes.plot([x, x], [interval.low, interval.high], color=colour, lw=1.4, solid_capstyle="butt")


def legend_above(figure: Figure, axes: Axes, wide: bool) -> None:
    """What each line is, in a column above the axes: labels are sentences, and don't fit beside one another."""
    handles, labels = axes.get_legend_handles_labels()
    wrapped = ["\n".join(textwrap.wrap(label, 96 if wide else 52)) for label in labels]
    legend = axes.legend(
        handles,
        wrapped,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        frameon=False,
        fontsize=8.5,
        handlelength=2.4,
        borderaxespad=0.2,
        labelspacing=0.25,
    )
    legend.set_zorder(5)
