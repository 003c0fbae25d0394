"""An answer laid out: in the terminal, and as one page that opens anywhere, offline.

Every sentence here says what an interval carries and no more. Jinja and rich are
imported inside the functions, and so are the figures, since a stored answer needs none of them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bestowal.core.errors import BestowalError
from bestowal.core.files import digest, expanded, read_only, write
from bestowal.questions.answer import Answer, LeverResult, grouped, tells
from bestowal.questions.answer_files import DATA, SUMS
from bestowal.questions.question import HISTORY, TESTED
from bestowal.report.answer_sentences import (
    CAUSATION,
    SCOPE,
    SIZES,
    best_sentence,
    bundle_sentences,
    growth_sentences,
    not_held_sentences,
    parts_sentence,
    people_sentence,
    setting,
    span,
    standing_sentence,
    success_sentence,
    test_sentence,
    undecided_sentences,
)
from bestowal.statistics.intervals import Interval
from bestowal.statistics.number_format import decimals, limits, number, plural, points, share, whole, years

if TYPE_CHECKING:
    from jinja2 import Environment
    from rich.console import Group as Lines

    from bestowal.questions.full import Full
    from bestowal.report.sections.section import Table as Numbers

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "answer.html"
PACKAGE = Path(__file__).parents[1]
DRAWING = tuple(
    PACKAGE / name
    for name in (
        "report/answer_page.py",
        "report/answer_sentences.py",
        "report/svg.py",
        "report/figures/answer.py",
        "report/templates/answer.html",
        "report/templates/style.css",
        "statistics/number_format.py",
    )
)
FULL_PAGE = "full.html"


def terminal(answer: Answer, page: Path | str | None = None, full: Full | None = None) -> Lines:
    """The answer as rich renderables: print it with ``rich.console.Console().print``."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    from bestowal.report.tables import Stacked

    asked = answer.question
    head = Text(asked.words, style="bold")
    if asked.source:
        head.append(f"\n{asked.source}", style="not bold dim")
    parts: list[Any] = [Panel(head, title=Text(asked.title), title_align="left", border_style="dim", padding=(1, 2))]

    def heading(text: str) -> None:
        parts.append(Text(f"\n{text}", style="bold"))

    def say(text: str, style: str = "") -> None:
        parts.append(Padding(Text(text, style=style), (0, 0, 0, 2)))

    heading(f"What happened in the scenario ({answer.scenario_title}, {span(answer)})")
    say(success_sentence(answer))
    say(standing_sentence(answer))
    say(test_sentence(answer), "dim")
    if answer.people:
        say(people_sentence(answer), "dim")
    rows = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    rows.add_column("criterion of success")
    rows.add_column("worlds that meet it (95\u00a0%)", justify="right")
    for part in answer.parts:
        rows.add_row(
            Text(part.label).append(f"\n{part.rule}", style="dim"),
            f"{share(part.share.estimate)}  ({limits(part.share)})",
        )
    parts.append(Padding(Stacked(rows), (1, 0, 0, 0)))
    rows = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    rows.add_column("at the end, with the test")
    for column in ("mean", "95\u00a0%", "worlds"):
        rows.add_column(column, justify="right")
    for measure in answer.measures:
        about = Text(measure.name).append(f"  {measure.meaning}", style="dim")
        rows.add_row(about, number(measure.mean.estimate), limits(measure.mean, number), f"{measure.mean.n:,}")
    parts.append(Padding(Stacked(rows), (1, 0, 0, 0)))

    heading("One change at a time, with common random numbers")
    rows = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    for column in ("change", "P(success)", "effect, points", "sufficiency", "necessity", "ruined"):
        rows.add_column(column, justify="left" if column == "change" else "right")
    for title, levers in grouped(answer):
        rows.add_row(Text(title, style="bold"), *[""] * 5)
        for lever in levers:
            rows.add_row(
                Text(lever.label).append(f"\n{_settings(lever, answer)}", style="dim"),
                f"{share(lever.success.estimate)}\n{limits(lever.success)}",
                f"{points(lever.effect.estimate)}\n{limits(lever.effect, points)}",
                _cell(lever.sufficiency, lever.gained, lever.sufficiency_redrawn),
                _cell(lever.necessity, lever.gained, lever.necessity_redrawn),
                _cell(lever.ruined, lever.lost, lever.ruined_redrawn),
            )
    parts.append(Stacked(rows))
    for sentence in not_held_sentences(answer):
        say(sentence)
    say(f"{CAUSATION} Below each: its 95\u00a0% interval and the worlds counted.", "dim")
    say(SIZES, "dim")
    for sentence in asked.dropped:
        say(sentence)

    heading("Each criterion alone, and survival")
    rows = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    rows.add_column("change")
    for name in ("years gained", *(part.name for part in asked.success)):
        rows.add_column(Text(name), justify="right")
    history = [f"{share(part.share.estimate)}\n{limits(part.share)}" for part in answer.parts]
    rows.add_row(Text("The scenario with the test", style="dim"), "", *history)
    for _, levers in grouped(answer):
        for lever in levers:
            met = [f"{share(part.estimate)}\n{limits(part)}" for part in lever.parts]
            rows.add_row(Text(lever.label), f"{years(lever.years.estimate)}\n{limits(lever.years, years)}", *met)
    parts.append(Stacked(rows))
    say(f"Years gained: full years of survival within {asked.horizon} years, with the change minus without.", "dim")

    heading("Which change does most")
    for best in answer.best:
        say(best_sentence(best, answer))
    for sentence in bundle_sentences(answer):
        say(sentence)
    if full is not None:
        from bestowal.report.sections import sections

        for section in sections(answer, full):
            heading(section.title)
            for sentence in section.says:
                say(sentence)
            for numbers in section.tables:
                parts.append(Padding(Stacked(_table(numbers), keys=max(numbers.words, 1)), (1, 0, 0, 0)))
            for sentence in section.small:
                say(sentence, "dim")

    heading("Not decided")
    for sentence in undecided_sentences(answer) or [
        f"Every comparison is decided at {plural(answer.worlds, 'world')}."
    ]:
        say(f"· {sentence}")
    for sentence in growth_sentences(answer):
        say(sentence, "dim")
    say(SCOPE, "dim")
    heading("Files and command")
    if page is not None:
        say(f"page   {page}")
    say(f"data   {answer.folder}")
    say(f"again  {answer.command}")
    say(f"id     {answer.id}")
    return Group(*parts)


def _table(numbers: Numbers) -> Any:
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


def save(answer: Answer, out: Path | str | None = None, full: Full | None = None) -> Path | None:
    """Write the page beside the answer's data, or find it there, and return where it is.

    ``out`` takes a copy: of the page alone where it ends in .html, else, as a folder, of the page and all the data.
    None where no copy is asked for and the answer's folder can only be read.
    """
    folder = Path(answer.folder)
    name = PAGE if full is None else FULL_PAGE
    file, sum_file = folder / name, folder / f"{name}.sha256"
    try:
        there = True
        if full is None and _vouched(file, sum_file):
            text = file.read_text(encoding="utf-8")
        else:
            text = page(answer, full)
            there = _kept(file, sum_file, text)
        if out is None:
            return file if there else None
        target = expanded(out)
        if target.suffix == ".html":
            write(target, text)
            return target
        for part in (*DATA, SUMS):
            write(target / part, (folder / part).read_text(encoding="utf-8"))
        write(target / name, text)
        return target / name
    except OSError as error:
        raise BestowalError(f"{error.filename or out or folder}: can't be written: {error.strerror}") from None


def _kept(file: Path, sum_file: Path, text: str) -> bool:
    """Write a page and its checksum; False where the folder can only be read."""
    try:
        write(file, text)
        write(sum_file, f"{hashlib.sha256(text.encode()).hexdigest()}  {file.name}\n{_drawing()}\n")
    except OSError as error:
        if not read_only(error):
            raise
        return False
    return True


def _vouched(file: Path, sum_file: Path) -> bool:
    """Whether a page is whole and was laid out by the code of today."""
    try:
        first, _, drawing = sum_file.read_text(encoding="utf-8").partition("\n")
        whole = first.partition(" ")[0] == hashlib.sha256(file.read_bytes()).hexdigest()
        return whole and drawing.strip() == _drawing()
    except (OSError, UnicodeDecodeError):
        return False


def _drawing() -> str:
    """A digest of the code that lays out a page."""
    return digest([*DRAWING])


def page(answer: Answer, full: Full | None = None) -> str:
    """The answer as one HTML page that needs nothing else: no network, no script."""
    from bestowal.report.figures.answer import draw

    figures, more = draw(answer), []
    if full is not None:
        from bestowal.report.figures.full import draw as draw_more
        from bestowal.report.sections import sections

        figures |= draw_more(answer, full)
        more = sections(answer, full)
    template = templates().get_template(PAGE)
    return template.render(
        answer=answer,
        asked=answer.question,
        groups=grouped(answer),
        labels={lever.name: lever.label for lever in answer.levers},
        span=span(answer),
        in_short=[
            success_sentence(answer),
            parts_sentence(answer),
            standing_sentence(answer),
            *(best_sentence(best, answer) for best in answer.best),
            *bundle_sentences(answer),
            *(sentence for section in more for sentence in section.short),
        ],
        more=more,
        test_sentence=test_sentence(answer),
        people_sentence=people_sentence(answer) if answer.people else "",
        undecided=undecided_sentences(answer),
        overruled=not_held_sentences(answer),
        growth=growth_sentences(answer),
        sizes=SIZES,
        scope=SCOPE,
        limits=limits,
        numbered=number,
        pointed=points,
        years=years,
        causation=CAUSATION,
        tells=tells,
        plural=plural,
        setting=setting,
        history=HISTORY,
        tested=TESTED,
        data=DATA,
        figures=figures,
    )


def templates() -> Environment:
    """The templates of pages, with the ways to show a number."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"share": share, "points": points, "number": number, "whole": whole, "decimals": decimals}
    return environment
