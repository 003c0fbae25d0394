"""The figures of an answer: survival without the test, the course of observables, every change with its effect."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bestowal.drawing.svg import COLOURS, MARKERS, canvas, few, twice, whole_years
from bestowal.questions.answer import Answer, Course, grouped, tells
from bestowal.questions.question import TESTED
from bestowal.statistics.intervals import Interval
from bestowal.statistics.number_format import PERCENT, whole

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
        "standing": twice(lambda wide: survival(answer, wide)),
        "course": twice(lambda wide: course(answer, wide)),
        "levers": twice(lambda wide: changes(answer, wide)),
    }


def _test_shade(axes: Axes, answer: Answer) -> None:
    start = answer.first_year + answer.question.test.year
    axes.axvspan(start, answer.first_year + answer.question.horizon - 1, color=COLOURS["wash"], lw=0, zorder=0)


def survival(answer: Answer, wide: bool) -> Figure:
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
            f"half had fallen after {whole(stood.median)} years",
            (year, 0.5),
            # The curve is above the point on its left and below it on its right.
            xytext=(-7, -5) if late else (7, 5),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top" if late else "bottom",
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


def course(answer: Answer, wide: bool) -> Figure:
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


def changes(answer: Answer, wide: bool) -> Figure:
    """P(success), sufficiency and necessity of every lever, one line each; narrow screens get P(success) only."""
    step, head, top, bottom = (24.0, 26.0, 22.0, 32.0) if wide else (37.0, 30.0, 22.0, 32.0)
    groups = grouped(answer)
    n_rows = sum(len(levers) for _, levers in groups)
    height = top + bottom + step * (n_rows + 1) + head * len(groups)
    figure = canvas(620 if wide else 350, height)
    body = (height - top - bottom) / height
    boxes = [(0.37, 0.21), (0.615, 0.14), (0.785, 0.085), (0.9, 0.085)] if wide else [(0.03, 0.94)]
    panels = [figure.add_axes((left, bottom / height, width, body)) for left, width in boxes]
    _prepare(panels, height - top - bottom)
    first = panels[0]
    base = answer.success
    first.axvspan(base.low or 0.0, base.high or 0.0, color=COLOURS["ink"], alpha=0.1, lw=0)
    first.axvline(base.estimate or 0.0, color=COLOURS["soft"], lw=0.9)

    y = step / 2 if wide else step * 0.62
    _label(first, wide, "The scenario with the test", y, COLOURS["soft"])
    _mark(first, base, y, COLOURS["ink"], "|")
    y += step / 2 if wide else step * 0.38
    for title, levers in groups:
        y += head * 0.6
        _label(first, wide, title, y if wide else y + 12, weight="bold")
        y += head * 0.4
        for lever in levers:
            at = y + (step / 2 if wide else step * 0.62)
            colour, marker = COLOURS[lever.group], MARKERS[lever.group]
            _label(first, wide, lever.label, at)
            _mark(first, lever.success, at, colour, marker, not lever.together)
            if wide:
                _mark(panels[1], lever.years, at, colour, marker, not lever.together)
            for axes, part in zip(panels[2:], (lever.sufficiency, lever.necessity), strict=False):
                if tells(part):
                    _mark(axes, part, at, colour, marker, not lever.together)
                else:
                    axes.text(0.5, at, "cannot tell", ha="center", va="center", color=COLOURS["soft"], fontsize=7)
            y += step
    return figure


def _prepare(panels: Sequence[Axes], depth: float) -> None:
    """Set limits, ticks and titles of the panels; y runs downwards to the depth."""
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
                ticks, [whole(100 * tick) + (PERCENT if tick and axes is panels[0] else "") for tick in ticks]
            )


def _label(first: Axes, wide: bool, text: str, y: float, colour: str = COLOURS["ink"], weight: str = "normal") -> None:
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


def _mark(axes: Axes, interval: Interval, y: float, colour: str, marker: str, filled: bool = True) -> None:
    if interval.low is None or interval.high is None or interval.estimate is None:
        return
    axes.plot([interval.low, interval.high], [y, y], color=colour, lw=1.6, solid_capstyle="butt")
    face = colour if filled else "none"
    axes.plot([interval.estimate], [y], marker, color=colour, ms=5.5, markerfacecolor=face, clip_on=False)
