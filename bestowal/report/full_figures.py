"""The figures of what `ask --full` adds to an answer, each as SVG for a wide and for a narrow screen."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.questions.kinds.shapley import Blame
from bestowal.questions.question_file import TESTED
from bestowal.report.svg import COLOURS, MARKERS, canvas, few, twice, whole_years
from bestowal.statistics.intervals import Interval

SHARES = ([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
TOP = 10  # parameters drawn
HUES = ("ink", "institution", "motive", "surroundings", "mixed")
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 2, 1.5, 2)), (0, (9, 2)))


def draw(answer: Answer, full: Full) -> dict[str, dict[str, str]]:
    """Every figure that there is something to draw for, by name and then by screen."""
    figures: dict[str, Callable[[bool], Figure]] = {"curves": lambda wide: _curves(answer, full, wide)}
    if full.smallest is not None:
        figures["frontier"] = lambda wide: _frontier(answer, full, wide)
    if full.last_years:
        figures["last_year"] = lambda wide: _last_years(answer, full, wide)
    if full.blame:
        figures["blame"] = lambda wide: _blame(full, wide)
    if full.who is not None and full.who.first is not None:
        figures["who"] = lambda wide: _who(answer, full, wide)
    if full.sensitivity is not None:
        figures["sensitivity"] = lambda wide: _sensitivity(full, wide)
    figures["uncertain"] = lambda wide: _uncertain(full, wide)
    return {name: twice(drawn) for name, drawn in figures.items()}


def _plain(axes: Axes, wide: bool, *, shares: bool = True) -> None:
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    if shares:
        axes.set_ylim(0, 1.03)
        axes.set_yticks(*SHARES)


def _limits(axes: Axes, x: float, interval: Interval, colour: str) -> None:
    if interval.low is not None and interval.high is not None:
        axes.plot([x, x], [interval.low, interval.high], color=colour, lw=1.4, solid_capstyle="butt")


def _key(figure: Figure, axes: Axes, wide: bool) -> None:
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


def _frontier(answer: Answer, full: Full, wide: bool) -> Figure:
    least = full.smallest
    assert least is not None
    figure = canvas(620 if wide else 350, 260)
    axes = figure.add_axes((0.075, 0.17, 0.9, 0.74) if wide else (0.13, 0.17, 0.83, 0.74))
    _plain(axes, wide)
    points = sorted(least.frontier, key=lambda found: found.distance)
    axes.plot(
        [p.distance for p in points],
        [p.success.estimate or 0.0 for p in points],
        color=COLOURS["soft"],
        lw=0.9,
        drawstyle="steps-post",
    )
    sufficient = {tuple(sorted(found.sizes.items())) for found in least.minimal if found.held_up}
    if least.answer is not None:
        sufficient.add(tuple(sorted(least.answer.sizes.items())))
    for p in points:
        enough = tuple(sorted(p.sizes.items())) in sufficient
        colour = COLOURS["motive"] if enough else COLOURS["ink"]
        _limits(axes, p.distance, p.success, colour)
        axes.plot([p.distance], [p.success.estimate or 0.0], "D" if enough else "o", color=colour, ms=5)
    for found in least.minimal:
        if tuple(sorted(found.sizes.items())) not in {tuple(sorted(p.sizes.items())) for p in points}:
            colour = COLOURS["motive"] if found.held_up else COLOURS["soft"]
            _limits(axes, found.distance, found.success, colour)
            axes.plot(
                [found.distance], [found.success.estimate or 0.0], "D", color=colour, ms=5, markerfacecolor="none"
            )
    best = least.answer
    if best is not None:
        axes.annotate(
            "nearest that is enough",
            (best.distance, best.success.estimate or 0.0),
            xytext=(-8 if best.distance > 0.5 * axes.get_xlim()[1] else 8, -3),
            textcoords="offset points",
            ha="right" if best.distance > 0.5 * axes.get_xlim()[1] else "left",
            color=COLOURS["motive"],
        )
    axes.set_xlim(left=0)
    axes.margins(x=0.06)
    axes.set_xlabel("distance from the scenario, standard deviations of the prior")
    axes.set_title("P(success)")
    return figure


def _last_years(answer: Answer, full: Full, wide: bool) -> Figure:
    curves = full.last_years
    panel, top, bottom = (150.0 if wide else 140.0), 24.0, 36.0
    height = len(curves) * (panel + top) + bottom
    figure = canvas(620 if wide else 350, height)
    left, width = (0.075, 0.9) if wide else (0.13, 0.83)
    start, end = answer.first_year, answer.first_year + answer.question.horizon
    for k, curve in enumerate(curves):
        y = height - (k + 1) * (panel + top)
        axes = figure.add_axes((left, y / height, width, panel / height))
        _plain(axes, wide)
        axes.axhline(0.5, color=COLOURS["soft"], lw=0.8, ls=(0, (3, 2)))
        # Where something can be changed in the first year alone, that point is another change.
        joined = curve.years[1:] if curve.left_out else curve.years
        known = [p for p in joined if p.sufficiency.estimate is not None]
        at = [start + p.year for p in known]
        axes.fill_between(
            at,
            [p.sufficiency.low or 0.0 for p in known],
            [p.sufficiency.high or 0.0 for p in known],
            color=COLOURS["ink"],
            alpha=0.13,
            lw=0,
        )
        axes.plot(at, [p.sufficiency.estimate or 0.0 for p in known], "o-", color=COLOURS["ink"], lw=1.4, ms=3)
        if curve.left_out and curve.years[0].sufficiency.estimate is not None:
            _limits(axes, start, curve.years[0].sufficiency, COLOURS["soft"])
            axes.plot([start], [curve.years[0].sufficiency.estimate], "o", color=COLOURS["soft"], ms=4, clip_on=False)
        if curve.last is not None:
            year = start + curve.last
            axes.plot([year, year], [0, 1], color=COLOURS["motive"], lw=1.2)
            if curve.low is not None and curve.high is not None:
                axes.axvspan(start + curve.low, start + curve.high, color=COLOURS["motive"], alpha=0.18, lw=0)
            late = curve.last > 0.7 * answer.question.horizon
            axes.annotate(
                f"last: {year}",
                (year, 0.93),
                xytext=(-6 if late else 6, 0),
                textcoords="offset points",
                ha="right" if late else "left",
                color=COLOURS["motive"],
            )
        axes.set_xlim(start, end - 1)
        axes.xaxis.set_major_locator(whole_years(7 if wide else 5))
        axes.set_title(textwrap.shorten(f"Sufficiency of “{curve.label}”", 90 if wide else 56, placeholder="…"))
        if k + 1 < len(curves):
            axes.tick_params(labelbottom=False)
        else:
            axes.set_xlabel("made in")
    return figure


def _blame(full: Full, wide: bool) -> Figure:
    step, top, bottom = 30.0, 24.0, 40.0
    n = max(len(blame.shares) for blame in full.blame) + 1
    panel = top + bottom + step * n
    height = panel * len(full.blame)
    figure = canvas(620 if wide else 350, height)
    left, width = (0.17, 0.8) if wide else (0.27, 0.69)
    for k, blame in enumerate(full.blame):
        box = (left, (height - (k + 1) * panel + bottom) / height, width, step * n / height)
        _shares(figure.add_axes(box), blame)
    return figure


def _shares(axes: Axes, blame: Blame) -> None:
    axes.axvline(0, color=COLOURS["soft"], lw=0.9)

    def line(y: float, interval: Interval, colour: str, marker: str, size: float) -> None:
        if interval.low is not None and interval.high is not None:
            axes.plot([interval.low, interval.high], [y, y], color=colour, lw=2, solid_capstyle="butt")
        axes.plot([interval.estimate or 0.0], [y], marker, color=colour, ms=size)

    for y, share in enumerate(blame.shares):
        colour = COLOURS.get(share.player, COLOURS["ink"])
        line(y, share.share, colour, MARKERS.get(share.player, "o"), 6)
        for at, marker in ((share.first, ">"), (share.last, "<")):
            if at is not None:
                axes.plot([at.estimate or 0.0], [y + 0.28], marker, color=colour, ms=5, markerfacecolor="none")
    n = len(blame.shares)
    line(n, blame.gap, COLOURS["ink"], "|", 9)
    axes.set_yticks(range(n + 1), [*(share.player for share in blame.shares), "all together"])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(n + 0.6, -0.6)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.06)
    axes.xaxis.set_major_locator(few())
    scale = 100 if blame.of == "success" else 1
    axes.xaxis.set_major_formatter(lambda value, _: f"{scale * value:+.3g}".replace("-", "−").replace("+0", "0"))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    unit = "points of P(success)" if blame.of == "success" else "years stood"
    axes.set_xlabel(f"{unit}; ▷ joining first, ◁ joining last")
    axes.set_title(f"From “{blame.a}” to “{blame.b}”: {'P(success)' if blame.of == 'success' else 'years stood'}")


def _who(answer: Answer, full: Full, wide: bool) -> Figure:
    found = full.who
    assert found is not None
    channels = [name for name, count in found.by_channel.items() if count]
    channels = sorted(channels, key=lambda name: -found.by_channel[name])[:5]
    start = answer.first_year
    figure = canvas(620 if wide else 350, 330)
    left, width = (0.085, 0.89) if wide else (0.14, 0.82)
    lines = figure.add_axes((left, 0.62, width, 0.31))
    bars = figure.add_axes((left, 0.11, width, 0.3 if len(channels) < 4 or wide else 0.26))
    years = [start + y.year for y in found.by_year]
    lines.plot(years, [y.at_work_a for y in found.by_year], color=COLOURS["soft"], lw=1, label="at work, as it was")
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
    bars.set_title("Differ for the first time, through …", y=1.18 if wide else 1.34)
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


def _curves(answer: Answer, full: Full, wide: bool) -> Figure:
    """The reference and the changes looked at closely."""
    labels = {lever.name: lever.label for lever in answer.levers}
    shown = [TESTED, *(change.name for change in full.changes if change.name in labels)]
    runs = [run for name in shown for run in full.standing.runs if run.run == name]
    key = 15.0 * len(runs) + 6
    height = 210 + key
    figure = canvas(620 if wide else 350, height)
    left, width = (0.075, 0.9) if wide else (0.13, 0.83)
    axes = figure.add_axes((left, 38 / height, width, (210 - 46) / height))
    _plain(axes, wide)
    end = answer.question.horizon
    for run, hue, dash in zip(runs, HUES, DASHES, strict=False):
        curve = run.curve
        times = [answer.first_year + time for time in (*curve.times, end)]
        share, low, high = ([*some, some[-1]] for some in (curve.share, curve.share_low, curve.share_high))
        axes.fill_between(times, low, high, step="post", color=COLOURS[hue], alpha=0.12, lw=0)
        label = labels.get(run.run, "The scenario with the test")
        axes.step(times, share, where="post", color=COLOURS[hue], lw=1.6, ls=dash, label=label)
    axes.set_xlim(answer.first_year, answer.first_year + end)
    axes.xaxis.set_major_locator(whole_years(7 if wide else 5))
    axes.set_xlabel("year")
    _key(figure, axes, wide)
    return figure


def _sensitivity(full: Full, wide: bool) -> Figure:
    found = full.sensitivity
    assert found is not None
    screen = next(s for s in found.screens if s.of == "effect")
    shown = [*screen.parameters[:TOP], screen.dummy]
    step, top, bottom = 19.0, 24.0, 36.0
    height = top + bottom + step * len(shown)
    figure = canvas(620 if wide else 350, height)
    left, width = (0.3, 0.67) if wide else (0.42, 0.54)
    axes = figure.add_axes((left, bottom / height, width, 1 - (top + bottom) / height))
    for k, e in enumerate(shown):
        if e.mu_star.low is not None and e.mu_star.high is not None:
            axes.plot([e.mu_star.low, e.mu_star.high], [k, k], color=COLOURS["institution"], lw=1.8)
        axes.plot([e.mu_star.estimate or 0.0], [k], "o", color=COLOURS["institution"], ms=5)
        axes.plot([e.noise], [k], "o", color=COLOURS["soft"], ms=4, markerfacecolor="none")
    axes.set_yticks(range(len(shown)), [e.name for e in shown])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(few())
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_xlabel("μ*: points of the change's effect over a parameter's whole range" if wide else "μ*, points")
    axes.set_title("What moves the effect of the change")
    return figure


def _uncertain(full: Full, wide: bool) -> Figure:
    found = full.uncertain
    step, top, bottom = 52.0, 24.0, 36.0
    height = top + bottom + step * len(found.runs)
    figure = canvas(620 if wide else 350, height)
    left, width = (0.03, 0.94) if wide else (0.04, 0.92)
    axes = figure.add_axes((left, bottom / height, width, 1 - (top + bottom) / height))
    for k, run in enumerate(found.runs):
        colour = COLOURS["institution"] if k else COLOURS["ink"]
        counts = Counter(run.each)
        sizes = [320 * count / found.draws for count in counts.values()]
        axes.plot([run.low, run.high], [k, k], color=colour, lw=5, alpha=0.2, solid_capstyle="butt")
        axes.scatter(list(counts), [k] * len(counts), s=sizes, color=COLOURS["soft"], alpha=0.45, lw=0, zorder=2.5)
        if run.success.low is not None and run.success.high is not None:
            axes.plot(
                [run.success.low, run.success.high], [k, k], color=colour, lw=1.6, solid_capstyle="butt", zorder=3
            )
        axes.plot([run.success.estimate or 0.0], [k], "D", color=colour, ms=5, zorder=3)
        label = textwrap.shorten(run.label, 100 if wide else 58, placeholder="…")
        axes.annotate(label, (0, k), xytext=(0, 12), textcoords="offset points", color=COLOURS["ink"])
    axes.set_yticks([])
    axes.set_ylim(len(found.runs) - 0.5, -0.7)
    axes.set_xlim(-0.03, 1.03)
    axes.set_xticks(*SHARES)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_xlabel("P(success) at a draw")
    axes.set_title("Over all that isn't known")
    return figure
