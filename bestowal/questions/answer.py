"""What an answer says, as records, and what is read off them: which lever's share tells, levers by group.

Shares are 0 to 1. `judging.py` makes an answer of runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bestowal.questions.question import GROUPS, Question
from bestowal.statistics.intervals import LEVEL, Interval, Survival

if TYPE_CHECKING:
    import pandas as pd

TOO_WIDE = 0.4  # a sufficiency or necessity whose interval is wider says "cannot tell"
MEASURES = ("standing", "output_ratio", "need_met", "gini", "harm", "gifts")
NOTHING_TO_SAVE = "There is nothing to save: it succeeds as it is, at the target of {target:g} or above."
COURSE = ("effort", "output_ratio", "need_met", "motive", "members", "wish_to_leave")


@dataclass(frozen=True)
class PartResult:
    """How often one part of success was met, on its own."""

    name: str
    label: str
    rule: str
    share: Interval


@dataclass(frozen=True)
class Measure:
    """One success number at the end of history with the test: the mean over worlds in which anybody lives."""

    name: str
    unit: str
    meaning: str
    when: str
    mean: Interval


@dataclass(frozen=True)
class Ending:
    """In how many worlds of history as it was at least one community ended this way."""

    name: str
    meaning: str
    share: Interval


@dataclass(frozen=True)
class Setting:
    """What a lever sets: the parameter, history's values before (from the lever's year on, least and most), the new."""

    name: str
    meaning: str
    unit: str
    from_low: float
    from_high: float
    to: float
    year: int


@dataclass(frozen=True)
class LeverResult:
    """What one lever did, paired world by world with history under the same test."""

    name: str
    label: str
    group: str
    together: list[str]
    settings: list[Setting]
    success: Interval
    effect: Interval
    reading: str  # "raises", "lowers", "no difference that matters" or "not decided"
    sufficiency: Interval
    necessity: Interval
    parts: list[Interval]  # how often each part of success was met on its own, in the question's order
    ruined: Interval
    sufficiency_redrawn: float | None  # the three of two independent runs with the same shares of success
    necessity_redrawn: float | None
    ruined_redrawn: float | None
    years: Interval  # full years stood within the horizon, with the lever minus without: paired mean
    both: int
    gained: int
    lost: int
    neither: int
    saved: (
        float | None
    )  # worlds that would be needed with separate luck, for each one with shared: see `saved_by_pairs`
    not_held: list[str] = field(default_factory=list)  # a sentence for each value that did not stay as set


@dataclass(frozen=True)
class Growth:
    """Why there are as many worlds as there are.

    ``stopped``: "narrow" (no headline interval is wider than ``narrow``), "budget" (``most_worlds`` are run) or "asked"
    (so many were asked for). ``widest`` is the width of the widest of them, ``what`` the one it is: P(success) of
    history, or a lever's effect. Worlds are added for width alone, never for where an interval lies.
    """

    stopped: str
    narrow: float
    widest: float
    what: str
    first_worlds: int
    most_worlds: int


@dataclass(frozen=True)
class Best:
    """Which single lever of a group raised P(success) most, as far as it can be told.

    ``status``: "best" (its paired difference from every rival excludes 0, Bonferroni over the rivals), "tied" (those in
    ``names`` can't be told apart), "none" (not even the top one's effect is seen to be above 0, Bonferroni over all).
    ``lead`` is the top lever's lead over ``runner_up``, the rival nearest to it, at that level.
    """

    group: str
    status: str
    names: list[str]
    runner_up: str
    lead: Interval | None
    levers: int


@dataclass(frozen=True)
class Undecided:
    """Something this number of worlds doesn't decide, and about how many would (None: no number can be named)."""

    what: str
    worlds: int | None


@dataclass(frozen=True)
class Course:
    """One observable over the years of one run: mean over the worlds in which anybody lives, with its interval."""

    run: str
    observable: str
    unit: str
    meaning: str
    years: list[int]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]
    worlds: list[int]


@dataclass(frozen=True)
class Answer:
    """Everything an answer says; the terminal and the page only lay it out. Shares are 0 to 1."""

    id: str
    question: Question
    scenario_title: str
    scenario_about: str
    worlds: int
    seed: int
    first_year: int
    test_changes_nothing: bool
    keys: dict[str, str]
    success: Interval
    parts: list[PartResult]
    measures: list[Measure]
    standing: Survival
    endings: list[Ending]
    courses: list[Course]
    levers: list[LeverResult]
    best: list[Best]
    undecided: list[Undecided]
    growth: Growth
    level: float = LEVEL
    too_wide: float = TOO_WIDE
    people: str = ""  # of history, in a few words: `bestowal.uncertainty.posterior.as_stated`
    # Where this copy lies, what asked for it, and what was mended on the way: of this call, so not in answer.json.
    folder: str = ""
    command: str = ""
    said: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        """One line: the question, the worlds, P(success) and where the data lies."""
        met, title = self.success, self.question.title
        limits = "" if met.low is None or met.high is None else f" [{met.low:.3f}, {met.high:.3f}]"
        estimate = "-" if met.estimate is None else f"{met.estimate:.3f}"
        return (
            f"<Answer {self.id}: {title if len(title) <= 100 else title[:99] + '…'}; {self.worlds} worlds in each run; "
            f"P(success) {estimate}{limits}; {len(self.levers)} changes, in to_dataframe()>"
        )

    def to_dataframe(self) -> pd.DataFrame:
        """The changes as rows, named by lever: label, group, reading, and of each number estimate, low, high and n.

        `success` is P(success) with the change, `effect` that minus P(success) without, `years` the full years stood,
        with minus without; shares are 0 to 1. Where nothing can be said a number is NaN.
        """
        import pandas as pd

        rows = []
        for lever in self.levers:
            row: dict[str, object] = {"label": lever.label, "group": lever.group, "reading": lever.reading}
            for name in ("success", "effect", "sufficiency", "necessity", "ruined", "years"):
                interval: Interval = getattr(lever, name)
                ends = (interval.estimate, interval.low, interval.high)
                for column, number in zip((name, f"{name}_low", f"{name}_high"), ends, strict=True):
                    row[column] = math.nan if number is None else number
                row[f"{name}_n"] = interval.n
            rows.append(row)
        return pd.DataFrame(rows, index=pd.Index([lever.name for lever in self.levers], name="lever"))


def succeeds_already(answer: Answer) -> bool:
    """Return whether the lower limit of P(success) reaches the target without any change."""
    return answer.success.low is not None and answer.success.low >= answer.question.target


def tells(share: Interval, too_wide: float = TOO_WIDE) -> bool:
    """Whether a sufficiency or necessity rests on enough worlds to be read."""
    return share.n > 0 and share.width() <= too_wide


def grouped(answer: Answer) -> list[tuple[str, list[LeverResult]]]:
    """The levers under headings: single changes of each group, then the bundles."""
    groups = [
        (f"Single changes of {group}", [x for x in answer.levers if x.group == group and not x.together])
        for group in GROUPS
    ]
    groups.append(("Bundles: several changes at once", [x for x in answer.levers if x.together]))
    return [(title, levers) for title, levers in groups if levers]
