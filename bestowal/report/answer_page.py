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
from bestowal.questions.answer import Answer, Best, LeverResult, Setting, grouped, succeeds_already, tells
from bestowal.questions.answer_files import DATA, SUMS
from bestowal.questions.question_file import HISTORY, TESTED
from bestowal.report.number_format import limits, number, plural, points, share, years
from bestowal.statistics.intervals import Interval, Survival

if TYPE_CHECKING:
    from jinja2 import Environment
    from rich.console import Group as Lines

    from bestowal.questions.full import Full
    from bestowal.report.full_sections import Table as Numbers

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "answer.html"
DRAWING = ("answer_page.py", "number_format.py", "svg.py", "figures.py")
FULL_PAGE = "full.html"


def setting(changed: Setting, first_year: int) -> str:
    """What a lever sets: "pay_link 0 → 0.5", with the year where it isn't the first."""
    was = number(changed.from_low)
    if changed.from_low != changed.from_high:
        was += f"–{number(changed.from_high)}"
    late = f" from {first_year + changed.year}" if changed.year else ""
    return f"{changed.name} {was} → {number(changed.to)}{late}"


def span(answer: Answer) -> str:
    """The years simulated: "1918 to 1991"."""
    return f"{answer.first_year} to {answer.first_year + answer.question.horizon - 1}"


def success_sentence(answer: Answer) -> str:
    """How often the scenario, put to the test, was a success."""
    met = round((answer.success.estimate or 0) * answer.worlds)
    told = (
        f"Of {plural(answer.worlds, 'simulated world')} run as the scenario states it and then put to the test, "
        f"{met:,} met every part of success at the end: {share(answer.success.estimate)} "
        f"(95\u00a0%: {limits(answer.success)})."
    )
    if succeeds_already(answer):
        target = answer.question.target
        told += f" It succeeds as it is, at the target of {target:g} or above: there is nothing to save."
    return told


def parts_sentence(answer: Answer) -> str:
    """How often each part of success was met on its own."""
    met = "; ".join(f"{part.label}: {share(part.share.estimate)} ({limits(part.share)})" for part in answer.parts)
    return f"Part by part (share of worlds, 95\u00a0%): {met}."


def standing_sentence(answer: Answer) -> str:
    """How long the scenario stood without the test."""
    stood: Survival = answer.standing
    watched = answer.question.horizon
    if stood.median is None:
        fewer = "none" if stood.ended == 0 else f"{stood.ended:,}"
        start = f"With no test made, {fewer} of {plural(stood.n, 'world')} fell within the {watched} years watched"
        return start + (
            ": the median lies beyond them."
            if stood.low is None
            else f"; the median lies beyond them (95\u00a0%: {stood.low:.0f} or more)."
        )
    high = f"{stood.high:.0f}" if stood.high is not None else f"more than {watched}"
    return (
        f"With no test made, half of the worlds had fallen after {stood.median:.0f} full years "
        f"(95\u00a0%: {stood.low:.0f} to {high}); {stood.n - stood.ended:,} of {stood.n:,} were still standing "
        f"when watching stopped after {watched}."
    )


def best_sentence(best: Best, answer: Answer) -> str:
    """Which single change of a group does most, as far as it can be told."""
    lever = {result.name: result for result in answer.levers}
    of = f"the {plural(best.levers, 'single change')} of {best.group}"
    if best.status == "none":
        start = f"The one single change of {best.group} isn't" if best.levers == 1 else f"None of {of} is"
        tries = "" if best.levers == 1 else f" once allowance is made for {best.levers} tries"
        return f"{start} seen to raise P(success) at {plural(answer.worlds, 'world')}{tries}."
    top = lever[best.names[0]]
    reached = f"P(success) {share(top.success.estimate)} (95\u00a0%: {limits(top.success)})"
    if best.levers == 1:
        return f"The one single change of {best.group}, “{top.label}”, raises success: {reached}."
    if best.status == "best":
        assert best.lead is not None
        return (
            f"Of {of}, “{top.label}” raises success most: {reached}. Its lead over the nearest, "
            f"“{lever[best.runner_up].label}”, is {points(best.lead.estimate)} points "
            f"({limits(best.lead, points)}, 95\u00a0% over all its rivals together)."
        )
    names = ", ".join(f"“{lever[name].label}” ({share(lever[name].success.estimate)})" for name in best.names)
    return (
        f"Of {of}, these {len(best.names)} lead and can't be told apart at {plural(answer.worlds, 'world')}: {names}."
    )


def bundle_sentences(answer: Answer) -> list[str]:
    """What the bundles did; never compared with single changes."""
    return [
        f"Bundle “{lever.label}” ({len(lever.together)} changes at once): P(success) {share(lever.success.estimate)} "
        f"(95\u00a0%: {limits(lever.success)})."
        for lever in answer.levers
        if lever.together
    ]


def undecided_sentences(answer: Answer) -> list[str]:
    """What isn't decided, with the number of worlds that about would."""
    return [
        point.what
        + (f": about {point.worlds:,} worlds" if point.worlds is not None else ": no number of worlds can be named")
        for point in answer.undecided
    ]


def growth_sentences(answer: Answer) -> list[str]:
    """Why there are as many worlds as there are, and what shared luck was worth."""
    grown = answer.growth
    labels = {lever.name: lever.label for lever in answer.levers}
    which = f"the effect of “{labels[grown.what]}”" if grown.what else "P(success) of the scenario"
    width = f"{100 * grown.widest:.0f} points wide ({which})"
    ran = f"{plural(answer.worlds, 'world')} in each run"
    narrow = f"{100 * grown.narrow:.0f} points"
    more = f"{grown.first_worlds:,} asked"
    if answer.worlds > grown.first_worlds:
        more += f", and more until no headline interval was wider than {narrow}"
    said = {
        "asked": f"{ran}, as many as asked: the widest headline interval is {width}.",
        "narrow": f"{ran}: {more}. The widest headline interval is {width}.",
        "budget": f"{ran}, the most that the question allows: {more}. The widest headline interval is still {width}.",
    }[grown.stopped]
    saved = sorted(lever.saved for lever in answer.levers if lever.saved is not None)
    if not saved:
        return [said]
    middle = saved[len(saved) // 2]
    return [
        said,
        f"Shared luck: to know the effects as well from worlds with luck of their own would take {middle:.1f} times as "
        f"many (the middle one of {plural(len(saved), 'change')}; {saved[0]:.1f} to {saved[-1]:.1f} times).",
    ]


def people_sentence(answer: Answer) -> str:
    """Whose people history was run with."""
    return f"People as the scenario and the model's defaults have them: {answer.people}."


def test_sentence(answer: Answer) -> str:
    """What the test is."""
    asked = answer.question
    values = ", ".join(f"{name} = {number(value)}" for name, value in asked.test.values.items())
    length = asked.horizon - asked.test.year
    told = (
        f"The test: for the last {plural(length, 'year')} (from {answer.first_year + asked.test.year}), {values}, "
        "in the scenario and with every change alike."
    )
    if answer.test_changes_nothing:
        told += " Here it alters nothing: the scenario has these values already."
    return told


CAUSATION = (
    "Sufficiency: of the worlds that failed, the share that succeed with the change. Necessity: of the worlds that "
    "succeed with it, the share that fail without it, when nothing else is changed either: two changes that are each "
    "enough alone are both 100\u00a0% necessary. Ruined: of the worlds that succeeded, the share that fail with the "
    "change. Redrawn: the value that the same two shares of success would give if the two runs had nothing in common; "
    "where the three equal it, they show no more than the effect does, and where the effect is 0 nothing but redrawn "
    "random numbers."
)
SIZES = (
    "Every change is made at the one size that the question file states, from the year it states. Other sizes could "
    "rank differently, and the sizes of different changes have no common measure: that one does more than another "
    "says which stated change does more, not which cause weighs more."
)
SCOPE = (
    "These are results in a model with stated parameters. They say what would have followed in the model; how far "
    "it stands for the society named is a separate question."
)


def not_held_sentences(answer: Answer) -> list[str]:
    """A sentence for each value of a single change that did not stay as set."""
    return [f"{lever.label}: {said}." for lever in answer.levers if not lever.together for said in lever.not_held]


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
    rows.add_column("part of success")
    rows.add_column("worlds that met it (95\u00a0%)", justify="right")
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

    heading("One thing changed, the same luck")
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
    say(f"{CAUSATION} Below each, 95\u00a0% and the worlds it rests on.", "dim")
    say(SIZES, "dim")
    for sentence in asked.dropped:
        say(sentence)

    heading("Each part alone, and years standing")
    rows = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    rows.add_column("change")
    for name in ("years standing", *(part.name for part in asked.success)):
        rows.add_column(Text(name), justify="right")
    history = [f"{share(part.share.estimate)}\n{limits(part.share)}" for part in answer.parts]
    rows.add_row(Text("The scenario with the test", style="dim"), "", *history)
    for _, levers in grouped(answer):
        for lever in levers:
            met = [f"{share(part.estimate)}\n{limits(part)}" for part in lever.parts]
            rows.add_row(Text(lever.label), f"{years(lever.years.estimate)}\n{limits(lever.years, years)}", *met)
    parts.append(Stacked(rows))
    say(f"Years standing: full years stood within the {asked.horizon} watched, with the change minus without.", "dim")

    heading("What does most")
    for best in answer.best:
        say(best_sentence(best, answer))
    for sentence in bundle_sentences(answer):
        say(sentence)
    if full is not None:
        from bestowal.report.full_sections import sections

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
        f"Nothing that was asked is left open by {plural(answer.worlds, 'world')}."
    ]:
        say(f"· {sentence}")
    for sentence in growth_sentences(answer):
        say(sentence, "dim")
    say(SCOPE, "dim")
    heading("Where it is")
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
    return f"{said}\n{count} of {interval.n}\nredrawn {share(redrawn)}"


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
    here = Path(__file__).parent
    return digest([*(here / name for name in DRAWING), TEMPLATES / PAGE, TEMPLATES / "style.css"])


def page(answer: Answer, full: Full | None = None) -> str:
    """The answer as one HTML page that needs nothing else: no network, no script."""
    from bestowal.report.figures import draw

    figures, more = draw(answer), []
    if full is not None:
        from bestowal.report.full_figures import draw as draw_more
        from bestowal.report.full_sections import sections

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
    environment.filters |= {"share": share, "points": points, "number": number}
    return environment
