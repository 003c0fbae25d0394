"""What `ask --full` adds to an answer, in words and tables: the same in a terminal and on a page.

One file a kind of question, under the name its computation has in `bestowal.questions.kinds`.
"""

from __future__ import annotations

from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.report.sections import divergence, last_year, over_the_prior, sensitivity, shapley, smallest, survival
from bestowal.report.sections.section import Section


def sections(answer: Answer, full: Full) -> list[Section]:
    """In the order in which a reader asks."""
    return [
        smallest.section(answer, full),
        last_year.section(answer, full),
        shapley.section(answer, full),
        divergence.section(answer, full),
        survival.section(answer, full.standing),
        sensitivity.section(answer, full),
        over_the_prior.section(full.uncertain),
    ]
