"""The figures of an answer, and of a claim over its prior, each as SVG for a wide and for a narrow screen."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bestowal.questions.answer import Answer, Course, grouped, tells
from bestowal.questions.question_file import TESTED
from bestowal.report.svg import COLOURS, MARKERS, canvas, few, twice, whole_years
from bestowal.statistics.intervals import Interval

SHORT = {  # what a figure calls an observable
    "effort": "Effort (full = 1)",
    "output_ratio": "Output against same people\nworking each for himself",
    "need_met": "Need met, worst-off tenth",
    "motive": "Motive (for others = 1)",
    "members": "Members",
    "wish_to_leave": "Would be better off outside",
}


def draw(answer: Answer) -> dict[str, dict[str, str]]:
    """Every figure, by name and then by screen: "wide" or "narrow"."""
    return {
        "standing": twice(lambda wide: _draw_standing(answer, wide)),
        "course": twice(lambda wide: _draw_course(answer, wide)),
        "levers": twice(lambda wide: _draw_levers(answer, wide)),
    }


def _test_shade(axes: Axes, answer: Answer) -> None:
    start = answer.first_year + answer.question.test.year
    axes.axvspan(start, answer.first_year + answer.question.horizon - 1, color=COLOURS["wash"], lw=0, zorder=0)


def _draw_standing(answer: Answer, wide: bool) -> Figure:
    stood = answer.standing
    figure = canvas(620 if wide else 350, 210 if wide else 220)
    axes = figure.add_axes((0.075, 0.2, 0.9, 0.7) if wide else (0.13, 0.2, 0.83, 0.68))
    end = answer.question.horizon
    times = [answer.first_year + time for time in (*stood.times, end)]
    curves = [[*curve, curve[-1]] for curve in (stood.share, stood.share_low, stood.share_high)]
    axes.fill_between(times, curves[1], curves[2], step="post", color=COLOURS["ink"], alpha=0.13, lw=0)
    axes.step(times, curves[0], where="post", color=COLOURS["ink"], lw=1.6)
    if stood.median is not None:
        year = answer.first_year + stood.median
        axes.plot([answer.first_year, year, year], [0.5, 0.5, 0], color=COLOURS["soft"], lw=0.8, ls=(0, (3, 2)))
        axes.plot([year], [0.5], "o", color=COLOURS["ink"], ms=4)
        late = stood.median > 0.6 * end
        axes.annotate(
            f"half had fallen after {stood.median:.0f} years",
            (year, 0.5),
            xytext=(-7 if late else 7, 7),
            textcoords="offset points",
            ha="right" if late else "left",
            color=COLOURS["ink"],
        )
    axes.set_ylim(0, 1.03)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlim(answer.first_year, answer.first_year + end)
    axes.xaxis.set_major_locator(whole_years(7 if wide else 5))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.set_title("Worlds still standing, without the test")
    axes.set_xlabel("year")
    return figure


def _draw_course(answer: Answer, wide: bool) -> Figure:
    names = list(dict.fromkeys(course.observable for course in answer.courses))
    columns = 3 if wide else 2
    lines = -(-len(names) // columns)
    height = 150 if wide else 132
    figure = canvas(620 if wide else 350, max(lines, 1) * height + 14)
    grid = figure.subplots(lines, columns, squeeze=False)
    for axes in list(grid.flat)[len(names) :]:
        axes.set_visible(False)
    for axes, name in zip(grid.flat, names, strict=False):
        _test_shade(axes, answer)
        units: list[Course] = [course for course in answer.courses if course.observable == name]
        for course in units:
            tested = course.run == TESTED
            if tested and answer.test_changes_nothing:
                continue
            known = [i for i, value in enumerate(course.mean) if value is not None]
            if tested:  # before the test, the same to the bit
                known = [i for i in known if i >= answer.question.test.year - 1]
            years = [course.years[i] for i in known]
            bounded = [i for i in known if course.low[i] is not None]
            colour = COLOURS["institution"] if tested else COLOURS["ink"]
            axes.fill_between(
                [course.years[i] for i in bounded],
                [course.low[i] or 0.0 for i in bounded],
                [course.high[i] or 0.0 for i in bounded],
                color=colour,
                alpha=0.13,
                lw=0,
            )
            axes.plot(years, [course.mean[i] or 0.0 for i in known], color=colour, lw=1.5, ls="--" if tested else "-")
        axes.set_title(SHORT.get(name, name) if wide else textwrap.fill(SHORT.get(name, name).replace("\n", " "), 24))
        axes.set_xlim(answer.first_year, answer.first_year + answer.question.horizon - 1)
        axes.set_ylim(bottom=0)
        if axes.get_ylim()[1] <= 1.05 and name != "members":
            axes.set_ylim(0, 1.02)
        axes.xaxis.set_major_locator(whole_years(4 if wide else 3))
        axes.yaxis.set_major_locator(few())
        axes.grid(axis="y")
        axes.set_axisbelow(True)
    figure.subplots_adjust(
        left=0.055 if wide else 0.095,
        right=0.985,
        top=1 - 30 / (max(lines, 1) * height + 14),
        bottom=24 / (max(lines, 1) * height + 14),
        hspace=0.55 if wide else 0.72,
        wspace=0.2 if wide else 0.3,
    )
    return figure


def _draw_levers(answer: Answer, wide: bool) -> Figure:
    """P(success), sufficiency and necessity of every lever, one line each; narrow screens get P(success) only."""
    step, head, top, bottom = (24.0, 26.0, 22.0, 32.0) if wide else (37.0, 30.0, 22.0, 32.0)
    groups = grouped(answer)
    n_rows = sum(len(levers) for _, levers in groups)
    height = top + bottom + step * (n_rows + 1) + head * len(groups)
    figure = canvas(620 if wide else 350, height)
    body = (height - top - bottom) / height
    boxes = [(0.37, 0.21), (0.615, 0.14), (0.785, 0.085), (0.9, 0.085)] if wide else [(0.03, 0.94)]
    panels = [figure.add_axes((left, bottom / height, width, body)) for left, width in boxes]
    depth = height - top - bottom
    for axes, title in zip(panels, ("P(success)", "Years gained", "Sufficiency, %", "Necessity, %"), strict=False):
        axes.set_ylim(depth, 0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.set_title(title, fontweight="bold", fontsize=8)
        if title.startswith("Years"):
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
            axes.axvline(0, color=COLOURS["soft"], lw=0.9)
        else:
            axes.set_xlim(-0.02, 1.02)
            ticks = [0, 0.5, 1] if axes is panels[0] else [0, 1]
            axes.set_xticks(
                ticks, [f"{100 * tick:.0f}" + (" %" if tick and axes is panels[0] else "") for tick in ticks]
            )
    first = panels[0]
    base = answer.success
    first.axvspan(base.low or 0.0, base.high or 0.0, color=COLOURS["ink"], alpha=0.1, lw=0)
    first.axvline(base.estimate or 0.0, color=COLOURS["soft"], lw=0.9)

    def label(text: str, y: float, colour: str = COLOURS["ink"], weight: str = "normal") -> None:
        if wide:
            lines = textwrap.wrap(text, 44)
            first.annotate(
                "\n".join(lines[:2]),
                (0, y),
                xycoords=("axes fraction", "data"),
                xytext=(-228, 0),
                textcoords="offset points",
                va="center",
                ha="left",
                color=colour,
                fontweight=weight,
                fontsize=8.5,
                linespacing=1.05,
            )
        else:
            first.annotate(
                text if len(text) <= 52 else text[:51] + "…",
                (0, y),
                xycoords=("axes fraction", "data"),
                xytext=(10, 9),
                textcoords="offset points",
                va="bottom",
                ha="left",
                color=colour,
                fontweight=weight,
                bbox={"facecolor": "none", "edgecolor": "none", "pad": 0},
            )

    def mark(axes: Axes, interval: Interval, y: float, colour: str, marker: str, filled: bool = True) -> None:
        if interval.low is None or interval.high is None or interval.estimate is None:
            return
        axes.plot([interval.low, interval.high], [y, y], color=colour, lw=1.6, solid_capstyle="butt")
        face = colour if filled else "none"
        axes.plot([interval.estimate], [y], marker, color=colour, ms=5.5, markerfacecolor=face, clip_on=False)

    y = step / 2 if wide else step * 0.62
    label("The scenario with the test", y, COLOURS["soft"])
    mark(first, base, y, COLOURS["ink"], "|")
    y += step / 2 if wide else step * 0.38
    for title, levers in groups:
        y += head * 0.6
        label(title, y if wide else y + 12, weight="bold")
        y += head * 0.4
        for lever in levers:
            at = y + (step / 2 if wide else step * 0.62)
            colour, marker = COLOURS[lever.group], MARKERS[lever.group]
            label(lever.label, at)
            mark(first, lever.success, at, colour, marker, not lever.together)
            if wide:
                mark(panels[1], lever.years, at, colour, marker, not lever.together)
            for axes, part in zip(panels[2:], (lever.sufficiency, lever.necessity), strict=False):
                if tells(part):
                    mark(axes, part, at, colour, marker, not lever.together)
                else:
                    axes.text(0.5, at, "cannot tell", ha="center", va="center", color=COLOURS["soft"], fontsize=7)
            y += step
    return figure


# ---------------------------------------------------------------------------------------------- a claim over its prior


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
    # A threshold is an edge of a bar, so that no bar stands on both sides of it.
    width = (high - low or 1.0) / (34 if wide else 22)
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
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
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
