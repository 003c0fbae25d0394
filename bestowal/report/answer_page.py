"""An answer as one HTML page that needs nothing else: no network, no script.

Jinja and the figures are imported inside the functions, since a stored answer needs none of them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from bestowal.core.errors import BestowalError
from bestowal.core.files import digest, expanded, read_only, write
from bestowal.questions.answer import Answer, grouped, tells
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
from bestowal.statistics.number_format import decimals, limits, number, plural, points, share, whole, years

if TYPE_CHECKING:
    from jinja2 import Environment

    from bestowal.questions.kind import Full

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "answer.html"
PACKAGE = Path(__file__).parents[1]
DRAWING = tuple(
    PACKAGE / name
    for name in (
        "report/answer_page.py",
        "report/answer_sentences.py",
        "drawing/svg.py",
        "report/figures/answer.py",
        "report/templates/answer.html",
        "report/templates/style.css",
        "statistics/number_format.py",
    )
)
FULL_PAGE = "full.html"


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
    """Return the answer as one HTML page, with what `ask --full` adds where that is given."""
    from bestowal.report.figures.answer import draw

    figures, more = draw(answer), []
    if full is not None:
        from bestowal.report.kinds import draw as draw_more
        from bestowal.report.kinds import sections

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
    """Return the environment of the page templates, with the number formats as filters."""
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
