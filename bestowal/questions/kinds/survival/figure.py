"""Kaplan–Meier curves of the reference and the changes examined."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from bestowal.drawing.axes import DASHES, HUES, legend_above, plain
from bestowal.drawing.svg import COLOURS, canvas, whole_years
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.survival.compute import Standing
from bestowal.questions.question import TESTED


def draw(answer: Answer, full: Full, results: Sequence[Standing], wide: bool) -> Figure:
    """The reference and the changes looked at closely."""
    labels = {lever.name: lever.label for lever in answer.levers}
    shown = [TESTED, *(change.name for change in full.changes if change.name in labels)]
    runs = [run for name in shown for run in results[0].runs if run.run == name]
    key = 15.0 * len(runs) + 6
    height = 210 + key
    figure = canvas(620 if wide else 350, height)
    left, width = (0.075, 0.9) if wide else (0.13, 0.83)
    axes = figure.add_axes((left, 38 / height, width, (210 - 46) / height))
    plain(axes, wide)
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
    legend_above(figure, axes, wide)
    return figure
