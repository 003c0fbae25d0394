"""Elementary effects of the foremost parameters."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from bestowal.drawing.svg import COLOURS, canvas, few
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.sensitivity.result import Sensitivity
from bestowal.statistics.number_format import whole

TOP = 10  # parameters drawn


def draw(answer: Answer, full: Full, results: Sequence[Sensitivity], wide: bool) -> Figure:
    found = results[0]
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
    axes.xaxis.set_major_formatter(lambda value, _: whole(100 * value))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_xlabel("μ*: points of the change's effect over a parameter's whole range" if wide else "μ*, points")
    axes.set_title("What moves the effect of the change")
    return figure
