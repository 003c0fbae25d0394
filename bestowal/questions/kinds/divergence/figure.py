"""Persons who differ between a world and its changed twin, by year and channel."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from bestowal.drawing.axes import HUES
from bestowal.drawing.svg import COLOURS, canvas, few, whole_years
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.divergence.compute import Who


def draw(answer: Answer, full: Full, results: Sequence[Who], wide: bool) -> Figure:
    found = results[0]
    channels = [name for name, count in found.by_channel.items() if count]
    channels = sorted(channels, key=lambda name: -found.by_channel[name])[:5]
    start = answer.first_year
    figure = canvas(620 if wide else 350, 330)
    left, width = (0.085, 0.89) if wide else (0.14, 0.82)
    lines = figure.add_axes((left, 0.62, width, 0.31))
    bars = figure.add_axes((left, 0.11, width, 0.3 if len(channels) < 4 or wide else 0.26))
    years = [start + y.year for y in found.by_year]
    lines.plot(
        years, [y.at_work_a for y in found.by_year], color=COLOURS["soft"], lw=1, label="at work, without the change"
    )
    lines.plot(
        years,
        [y.at_work_b for y in found.by_year],
        color=COLOURS["soft"],
        lw=1,
        ls=(0, (4, 2)),
        label="at work, with the change",
    )
    lines.plot(years, [y.differing for y in found.by_year], color=COLOURS["ink"], lw=1.6, label="differ")
    lines.set_ylim(bottom=0)
    lines.legend(
        frameon=False,
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(0, 1.22),
        ncols=3 if wide else 2,
        columnspacing=1.2,
        handlelength=1.8,
        borderaxespad=0,
    )
    lines.tick_params(labelbottom=False)
    under = [0.0] * len(years)
    for name, hue in zip(channels, HUES, strict=False):
        counts = [float(y.channels.get(name, 0)) for y in found.by_year]
        bars.bar(years, counts, bottom=under, width=0.9, color=COLOURS[hue], label=name, lw=0)
        under = [a + b for a, b in zip(under, counts, strict=True)]
    bars.set_title("First difference, by channel", y=1.18 if wide else 1.34)
    bars.legend(
        frameon=False,
        fontsize=8,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=5 if wide else 3,
        columnspacing=1.2,
        handlelength=1,
        handleheight=0.9,
        borderaxespad=0.1,
    )
    for axes in (lines, bars):
        axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
        axes.xaxis.set_major_locator(whole_years(7 if wide else 5))
        axes.yaxis.set_major_locator(few())
        axes.grid(axis="y")
        axes.set_axisbelow(True)
    bars.set_xlabel("year")
    return figure
