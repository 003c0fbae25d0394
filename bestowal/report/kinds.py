"""What `ask --full` adds to an answer, in words, tables and figures: the same in a terminal and on a page.

Each kind of question brings its own (`bestowal.questions.kind`); here they are put in order.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial

from matplotlib.figure import Figure

from bestowal.drawing.svg import twice
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full, kinds
from bestowal.questions.section import Section


def sections(answer: Answer, full: Full) -> list[Section]:
    """Return the section of every kind in the order in which a reader asks; where one can't be asked, why."""
    return [
        kind.section(answer, full, full.results[name])
        if full.results[name]
        else Section(name, kind.title, [full.why_not[name]])
        for name, kind in kinds().items()
    ]


def draw(answer: Answer, full: Full) -> dict[str, dict[str, str]]:
    """Return every figure that there is something to draw for, by the name of its kind and then by screen."""
    figures: dict[str, Callable[[bool], Figure]] = {}
    for name, kind in kinds().items():
        results = full.results[name]
        if kind.figure and results and kind.drawn(results):
            figures[name] = partial(importlib.import_module(kind.figure).draw, answer, full, results)
    return {name: twice(drawn) for name, drawn in figures.items()}
