"""What a kind of question is, what it is asked about, and what comes of asking every kind.

Each module or package in `bestowal.questions.kinds` is a kind by being there: its KIND says what it computes, how its
results are put into words, and which module draws them. Nothing else names it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from bestowal.questions.answer import Answer
from bestowal.questions.outcomes import Evaluator
from bestowal.questions.question import Lever, Question, runs
from bestowal.questions.section import Section
from bestowal.simulation.scenario import Scenario

T = TypeVar("T")
FOLDER = "bestowal.questions.kinds"


@dataclass(frozen=True)
class Case:
    """What a kind is asked about: an answered question, its scenario, and the evaluator of worlds.

    ``worlds``: for each kind of question; ``seed``: of searches and samples, while the random numbers of worlds are the
    scenario's; ``changes``: those examined closely, the foremost first.
    """

    answer: Answer
    base: Scenario
    evaluator: Evaluator
    worlds: int
    seed: int
    changes: list[Lever]

    @property
    def asked(self) -> Question:
        """The question."""
        return self.answer.question

    @cached_property
    def arms(self) -> dict[str, Scenario]:
        """The runs of the question, by name."""
        return runs(self.asked, self.base)


@dataclass(frozen=True)
class Full:
    """What `ask --full` adds to an answer.

    ``changes``: those examined closely, the foremost first. ``results``: by kind, what it found: one result or several,
    none where it can't be asked, and ``why_not`` then says why.
    """

    base: Scenario
    changes: list[Lever]
    results: dict[str, list[Any]]
    why_not: dict[str, str]

    def every(self, result: type[T]) -> list[T]:
        """Return the results of this type, in the order in which they were asked for."""
        return [found for results in self.results.values() for found in results if isinstance(found, result)]

    def first(self, result: type[T]) -> T | None:
        """Return the first result of this type; None where there is none."""
        return next(iter(self.every(result)), None)


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of question by its parts.

    Parameters
    ----------
    order : its place among the kinds, in asking and in reading.
    title : the heading of its section.
    result : the type of each of its results; a result is stored as JSON as soon as it is computed.
    parts : for a case, what computes each result, by a name for its file ("" where there is one result); or a sentence
        that says why the question can't be asked.
    section : its results in words and tables.
    figure : the dotted name of a module with draw(answer, full, results, wide), which is imported when it is drawn;
        empty where there is no figure.
    drawn : whether there is something to draw.
    foremost : the levers of a result that the kinds after it examine closely, together as one change.
    """

    order: int
    title: str
    result: type[T]
    parts: Callable[[Case], Mapping[str, Callable[[], T]] | str]
    section: Callable[[Answer, Full, Sequence[T]], Section]
    figure: str = ""
    drawn: Callable[[Sequence[T]], bool] = field(default=bool)
    foremost: Callable[[T], list[str]] | None = None


def kinds() -> dict[str, Kind[Any]]:
    """Return every kind of question that there is, by name, in their order."""
    package = importlib.import_module(FOLDER)
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    found: dict[str, Kind[Any]] = {name: importlib.import_module(f"{FOLDER}.{name}").KIND for name in names}
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))
