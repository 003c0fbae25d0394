"""Each group's Shapley share with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bestowal.drawing.svg import COLOURS, MARKERS, canvas, few
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.shapley.compute import Blame
from bestowal.statistics.intervals import Interval
from bestowal.statistics.number_format import signed_number


def draw(answer: Answer, full: Full, results: Sequence[Blame], wide: bool) -> Figure:
    step, top, bottom = 30.0, 24.0, 40.0
    n = max(len(blame.shares) for blame in results) + 1
    panel = top + bottom + step * n
    height = panel * len(results)
    figure = canvas(620 if wide else 350, height)
    left, width = (0.17, 0.8) if wide else (0.27, 0.69)
    for k, blame in enumerate(results):
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
    axes.xaxis.set_major_formatter(lambda value, _: signed_number(scale * value))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    unit = "points of P(success)" if blame.of == "success" else "years stood"
    axes.set_xlabel(f"{unit}; ▷ added first, ◁ added last")
    axes.set_title(f"From “{blame.a}” to “{blame.b}”: {'P(success)' if blame.of == 'success' else 'years stood'}")
