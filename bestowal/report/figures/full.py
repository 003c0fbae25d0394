"""The figures of what `ask --full` adds to an answer, each as SVG for a wide and for a narrow screen.

One file a kind of question, under the name its computation has in `bestowal.questions.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.report.figures import divergence, last_year, over_the_prior, sensitivity, shapley, smallest, survival
from bestowal.report.svg import twice


def draw(answer: Answer, full: Full) -> dict[str, dict[str, str]]:
    """Every figure that there is something to draw for, by name and then by screen."""
    figures: dict[str, Callable[[bool], Figure]] = {"curves": lambda wide: survival.draw(answer, full, wide)}
    if full.smallest is not None:
        figures["frontier"] = lambda wide: smallest.draw(answer, full, wide)
    if full.last_years:
        figures["last_year"] = lambda wide: last_year.draw(answer, full, wide)
    if full.blame:
        figures["blame"] = lambda wide: shapley.draw(full, wide)
    if full.who is not None and full.who.first is not None:
        figures["who"] = lambda wide: divergence.draw(answer, full, wide)
    if full.sensitivity is not None:
        figures["sensitivity"] = lambda wide: sensitivity.draw(full, wide)
    figures["uncertain"] = lambda wide: over_the_prior.draw(full, wide)
    return {name: twice(drawn) for name, drawn in figures.items()}
