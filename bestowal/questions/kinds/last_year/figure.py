"""Sufficiency of a change against the year in which it is made."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure

from bestowal.drawing.axes import interval_bar, plain
from bestowal.drawing.svg import COLOURS, canvas, whole_years
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.last_year.compute import LastYear


def draw(answer: Answer, full: Full, results: Sequence[LastYear], wide: bool) -> Figure:
    curves = results
    panel, top, bottom = (150.0 if wide else 140.0), 24.0, 36.0
    height = len(curves) * (panel + top) + bottom
    figure = canvas(620 if wide else 350, height)
    left, width = (0.075, 0.9) if wide else (0.13, 0.83)
    start, end = answer.first_year, answer.first_year + answer.question.horizon
    for k, curve in enumerate(curves):
        y = height - (k + 1) * (panel + top)
        axes = figure.add_axes((left, y / height, width, panel / height))
        plain(axes, wide)
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
            interval_bar(axes, start, curve.years[0].sufficiency, COLOURS["soft"])
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
