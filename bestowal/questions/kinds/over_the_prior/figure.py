"""P(success) at each draw of what is not known."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence

from matplotlib.figure import Figure

from bestowal.drawing.axes import SHARES
from bestowal.drawing.svg import COLOURS, canvas
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.over_the_prior.compute import Uncertain


def draw(answer: Answer, full: Full, results: Sequence[Uncertain], wide: bool) -> Figure:
    found = results[0]
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
    axes.set_title("Over the unknown parameters")
    return figure
