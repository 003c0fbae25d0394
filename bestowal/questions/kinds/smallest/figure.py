"""P(success) of each change against its distance from the scenario."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from bestowal.drawing.axes import interval_bar, plain
from bestowal.drawing.svg import COLOURS, canvas
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.smallest.result import Smallest


def draw(answer: Answer, full: Full, results: Sequence[Smallest], wide: bool) -> Figure:
    least = results[0]
    figure = canvas(620 if wide else 350, 260)
    axes = figure.add_axes((0.075, 0.17, 0.9, 0.74) if wide else (0.13, 0.17, 0.83, 0.74))
    plain(axes, wide)
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
        interval_bar(axes, p.distance, p.success, colour)
        axes.plot([p.distance], [p.success.estimate or 0.0], "D" if enough else "o", color=colour, ms=5)
    for found in least.minimal:
        if tuple(sorted(found.sizes.items())) not in {tuple(sorted(p.sizes.items())) for p in points}:
            colour = COLOURS["motive"] if found.held_up else COLOURS["soft"]
            interval_bar(axes, found.distance, found.success, colour)
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
