"""An answer in the terminal, as rich renderables.

Rich is imported inside the functions: a program that only reads answers does not need it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bestowal.questions.answer import Answer, LeverResult, grouped, tells
from bestowal.report.answer_sentences import (
    CAUSATION,
    SCOPE,
    SIZES,
    best_sentence,
    bundle_sentences,
    growth_sentences,
    not_held_sentences,
    people_sentence,
    setting,
    span,
    standing_sentence,
    success_sentence,
    test_sentence,
    undecided_sentences,
)
from bestowal.statistics.intervals import Interval
from bestowal.statistics.number_format import limits, number, plural, points, share, with_limits_below, years

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Group as Lines
    from rich.console import RenderableType
    from rich.padding import Padding
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    from bestowal.questions.kind import Full
    from bestowal.questions.section import Table as Numbers


def terminal(answer: Answer, page: Path | str | None = None, full: Full | None = None) -> Lines:
    """Lay an answer out for the terminal.

    Parameters
    ----------
    answer : the answer.
    page : where its page lies; not named where it is None.
    full : what `ask --full` adds.

    Returns
    -------
    rich.console.Group
        Print it with `rich.console.Console().print`.
    """
    from rich.console import Group

    return Group(
        _question(answer),
        *_scenario(answer),
        *_changes(answer),
        *_criteria(answer),
        _heading("Which change does most"),
        *(_line(best_sentence(best, answer)) for best in answer.best),
        *(_line(sentence) for sentence in bundle_sentences(answer)),
        *(_sections(answer, full) if full is not None else []),
        *_open(answer),
        _heading("Files and command"),
        *([] if page is None else [_line(f"page   {page}")]),
        _line(f"data   {answer.folder}"),
        _line(f"again  {answer.command}"),
        _line(f"id     {answer.id}"),
    )


def _heading(text: str) -> Text:
    from rich.text import Text

    return Text(f"\n{text}", style="bold")


def _line(text: str, style: str = "") -> Padding:
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(text, style=style), (0, 0, 0, 2))


def _question(answer: Answer) -> Panel:
    from rich.panel import Panel
    from rich.text import Text

    question = answer.question
    head = Text(question.words, style="bold")
    if question.source:
        head.append(f"\n{question.source}", style="not bold dim")
    return Panel(head, title=Text(question.title), title_align="left", border_style="dim", padding=(1, 2))


def _scenario(answer: Answer) -> list[RenderableType]:
    """What the scenario does, with and without the test: sentences, criteria of success, observables at the end."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from bestowal.report.tables import Stacked

    criteria = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    criteria.add_column("criterion of success")
    criteria.add_column("worlds that meet it (95\u00a0%)", justify="right")
    for part in answer.parts:
        label = Text(part.label).append(f"\n{part.rule}", style="dim")
        criteria.add_row(label, f"{share(part.share.estimate)}  ({limits(part.share)})")
    measures = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    measures.add_column("at the end, with the test")
    for column in ("mean", "95\u00a0%", "worlds"):
        measures.add_column(column, justify="right")
    for measure in answer.measures:
        label = Text(measure.name).append(f"  {measure.meaning}", style="dim")
        measures.add_row(label, number(measure.mean.estimate), limits(measure.mean, number), f"{measure.mean.n:,}")
    return [
        _heading(f"What happened in the scenario ({answer.scenario_title}, {span(answer)})"),
        _line(success_sentence(answer)),
        _line(standing_sentence(answer)),
        _line(test_sentence(answer), "dim"),
        *([_line(people_sentence(answer), "dim")] if answer.people else []),
        Padding(Stacked(criteria), (1, 0, 0, 0)),
        Padding(Stacked(measures), (1, 0, 0, 0)),
    ]


def _changes(answer: Answer) -> list[RenderableType]:
    """Every change with its effect, and what the shares mean."""
    from rich.table import Table
    from rich.text import Text

    from bestowal.report.tables import Stacked

    table = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    for column in ("change", "P(success)", "effect, points", "sufficiency", "necessity", "ruined"):
        table.add_column(column, justify="left" if column == "change" else "right")
    for title, levers in grouped(answer):
        table.add_row(Text(title, style="bold"), *[""] * 5)
        for lever in levers:
            table.add_row(
                Text(lever.label).append(f"\n{_settings(lever, answer)}", style="dim"),
                with_limits_below(lever.success),
                with_limits_below(lever.effect, points),
                _cell(lever.sufficiency, lever.gained, lever.sufficiency_redrawn),
                _cell(lever.necessity, lever.gained, lever.necessity_redrawn),
                _cell(lever.ruined, lever.lost, lever.ruined_redrawn),
            )
    return [
        _heading("One change at a time, with common random numbers"),
        Stacked(table),
        *(_line(sentence) for sentence in not_held_sentences(answer)),
        _line(f"{CAUSATION} Below each: its 95\u00a0% interval and the worlds counted.", "dim"),
        _line(SIZES, "dim"),
        *(_line(sentence) for sentence in answer.question.dropped),
    ]


def _criteria(answer: Answer) -> list[RenderableType]:
    """Every change with the years gained and each criterion of success on its own."""
    from rich.table import Table
    from rich.text import Text

    from bestowal.report.tables import Stacked

    question = answer.question
    table = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    table.add_column("change")
    for name in ("years gained", *(part.name for part in question.success)):
        table.add_column(Text(name), justify="right")
    table.add_row(
        Text("The scenario with the test", style="dim"), "", *(with_limits_below(part.share) for part in answer.parts)
    )
    for _, levers in grouped(answer):
        for lever in levers:
            table.add_row(
                Text(lever.label),
                with_limits_below(lever.years, years),
                *(with_limits_below(part) for part in lever.parts),
            )
    about = f"Years gained: full years of survival within {question.horizon} years, with the change minus without."
    return [_heading("Each criterion alone, and survival"), Stacked(table), _line(about, "dim")]


def _sections(answer: Answer, full: Full) -> Iterator[RenderableType]:
    from rich.padding import Padding

    from bestowal.report.kinds import sections
    from bestowal.report.tables import Stacked

    for section in sections(answer, full):
        yield _heading(section.title)
        yield from (_line(sentence) for sentence in section.says)
        for table in section.tables:
            yield Padding(Stacked(_table(table), keys=max(table.words, 1)), (1, 0, 0, 0))
        yield from (_line(sentence, "dim") for sentence in section.small)


def _open(answer: Answer) -> list[RenderableType]:
    """What is not decided, and why there are as many worlds as there are."""
    decided = [f"Every comparison is decided at {plural(answer.worlds, 'world')}."]
    return [
        _heading("Not decided"),
        *(_line(f"· {sentence}") for sentence in undecided_sentences(answer) or decided),
        *(_line(sentence, "dim") for sentence in growth_sentences(answer)),
        _line(SCOPE, "dim"),
    ]


def _table(numbers: Numbers) -> Table:
    from rich.table import Table
    from rich.text import Text

    rows = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    for k, column in enumerate(numbers.columns):
        rows.add_column(Text(column), justify="left" if k < numbers.words else "right")
    for row in numbers.rows:
        cells = [cell.partition("\n") for cell in row]
        rows.add_row(*(Text(said).append(f"{line}{softly}", style="dim") for said, line, softly in cells))
    return rows


def _cell(interval: Interval, count: int, redrawn: float | None) -> str:
    said = f"{share(interval.estimate)}\n{limits(interval)}" if tells(interval) else "cannot tell"
    return f"{said}\n{count} of {interval.n}\nindependent {share(redrawn)}"


def _settings(lever: LeverResult, answer: Answer) -> str:
    if lever.together:
        return f"bundle of {len(lever.together)}"
    return ", ".join(setting(changed, answer.first_year) for changed in lever.settings)
