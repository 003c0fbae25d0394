"""An answer laid out: in the terminal, and as one page that opens anywhere, offline.

Every sentence here says what an interval carries and no more. The page holds its figures as SVG drawn twice, for a wide
and for a narrow screen; their colours are the page's CSS variables, so that they follow light and dark.
Matplotlib, Jinja and rich are imported inside the functions.
"""

from __future__ import annotations

import hashlib
import io
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bestowal.answer import (
    DATA,
    SUMS,
    Answer,
    Best,
    Course,
    LeverResult,
    Setting,
    tells,
    write,
)
from bestowal.model import BestowalError
from bestowal.question_file import GROUPS, HISTORY, TESTED
from bestowal.statistics import Interval, Survival

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.console import Group as Lines

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "answer.html"

# Figures are drawn in these colours, and each is then replaced by the page's variable of that name.
COLOURS = {
    "ink": "#111112",
    "soft": "#666667",
    "rule": "#d0d0d1",
    "wash": "#efefee",
    "motive": "#b4540a",
    "institution": "#1f5fa8",
    "surroundings": "#3c7d4a",
    "mixed": "#7a4b94",
}
MARKERS = {"motive": "o", "institution": "s", "surroundings": "^", "mixed": "D"}
SHORT = {  # what a figure calls an observable
    "effort": "Effort (full = 1)",
    "output_ratio": "Output against same people\nworking each for himself",
    "need_met": "Need met, worst-off tenth",
    "motive": "Motive (for others = 1)",
    "members": "Members",
    "wish_to_leave": "Would be better off outside",
}


# ----------------------------------------------------------------------------------------------------------- in words


def share(value: float | None) -> str:
    """A share as a percentage, with a decimal only near 0 and 1, where it says something."""
    if value is None:
        return "–"
    hundred = 100 * value
    return f"{hundred:.0f} %" if 10 <= hundred <= 90 or hundred in (0, 100) else f"{hundred:.1f} %"


def points(value: float | None) -> str:
    """A difference of shares in percentage points, signed."""
    return "–" if value is None else f"{100 * value:+.1f}".replace("-", "−")


def number(value: float | None) -> str:
    """A quantity to three significant digits."""
    if value is None:
        return "–"
    return (f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}").replace("-", "−")


def limits(interval: Interval, shown: Callable[[float | None], str] = share) -> str:
    """An interval's two limits: "9.1 to 16 %"."""
    if interval.low is None:
        return "no interval"
    low, high = shown(interval.low), shown(interval.high)
    return f"{low.removesuffix(' %') if high.endswith(' %') else low} to {high}"


def fraction(interval: Interval, count: int) -> str:
    """A sufficiency or necessity with its denominator, or that it can't be told."""
    if interval.n == 0:
        return "cannot tell (0 worlds)"
    if not tells(interval):
        return f"cannot tell ({count} of {interval.n})"
    return f"{share(interval.estimate)} ({limits(interval)}), {count} of {interval.n}"


def plural(count: int, word: str) -> str:
    """A count with its noun: "1 world", "400 worlds"."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")


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
    """How often history, put to the test, was a success."""
    met = round((answer.success.estimate or 0) * answer.worlds)
    return (
        f"Of {plural(answer.worlds, 'simulated world')} run as history had it and then put to the test, {met:,} met "
        f"every part of success at the end: {share(answer.success.estimate)} (95 %: {limits(answer.success)})."
    )


def standing_sentence(answer: Answer) -> str:
    """How long history as it was stood."""
    stood: Survival = answer.standing
    watched = answer.question.horizon
    if stood.median is None:
        fewer = "none" if stood.ended == 0 else f"{stood.ended:,}"
        start = f"With no test made, {fewer} of {plural(stood.n, 'world')} fell within the {watched} years watched"
        return start + (
            ": the median lies beyond them."
            if stood.low is None
            else f"; the median lies beyond them (95 %: {stood.low:.0f} or more)."
        )
    high = f"{stood.high:.0f}" if stood.high is not None else f"more than {watched}"
    return (
        f"With no test made, half of the worlds had fallen after {stood.median:.0f} full years "
        f"(95 %: {stood.low:.0f} to {high}); {stood.n - stood.ended:,} of {stood.n:,} were still standing "
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
    reached = f"P(success) {share(top.success.estimate)} (95 %: {limits(top.success)})"
    if best.levers == 1:
        return f"The one single change of {best.group}, “{top.label}”, raises success: {reached}."
    if best.status == "best":
        assert best.lead is not None
        return (
            f"Of {of}, “{top.label}” raises success most: {reached}. Its lead over the nearest, "
            f"“{lever[best.runner_up].label}”, is {points(best.lead.estimate)} points "
            f"({limits(best.lead, points)}, 95 % over all its rivals together)."
        )
    names = ", ".join(f"“{lever[name].label}” ({share(lever[name].success.estimate)})" for name in best.names)
    return (
        f"Of {of}, these {len(best.names)} lead and can't be told apart at {plural(answer.worlds, 'world')}: {names}."
    )


def bundle_sentences(answer: Answer) -> list[str]:
    """What the bundles did; never compared with single changes."""
    return [
        f"Bundle “{lever.label}” ({len(lever.together)} changes at once): P(success) {share(lever.success.estimate)} "
        f"(95 %: {limits(lever.success)})."
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


def test_sentence(answer: Answer) -> str:
    """What the test is."""
    asked = answer.question
    values = ", ".join(f"{name} = {number(value)}" for name, value in asked.test.values.items())
    years = asked.horizon - asked.test.year
    told = (
        f"The test: for the last {plural(years, 'year')} (from {answer.first_year + asked.test.year}), {values}, "
        "in history and beside every change alike."
    )
    return told + (" Here it alters nothing: history was so already." if answer.test_changes_nothing else "")


SIZES = (
    "Every change is made at the one size that the question file states, from the year it states. A different size could "
    "rank differently, and sizes of different changes have no common measure: that one change does more than another here "
    "says which stated change does more, not which cause weighs more."
)
SCOPE = (
    "These are results in a model with stated parameters. They say what would have followed in the model; how far "
    "it stands for the society named is a separate question."
)


# -------------------------------------------------------------------------------------------------------- the terminal


def terminal(answer: Answer, page: Path | str | None = None) -> Lines:
    """The answer as rich renderables: print it with ``rich.console.Console().print``."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    asked = answer.question
    head = Text(asked.words, style="bold")
    if asked.source:
        head.append(f"\n{asked.source}", style="not bold dim")
    parts: list[Any] = [Panel(head, title=asked.title, title_align="left", border_style="dim", padding=(1, 2))]

    def heading(text: str) -> None:
        parts.append(Text(f"\n{text}", style="bold"))

    def say(text: str, style: str = "") -> None:
        parts.append(Padding(Text(text, style=style), (0, 0, 0, 2)))

    heading(f"What happened in the simulated history ({answer.scenario_title}, {span(answer)})")
    say(success_sentence(answer))
    say(standing_sentence(answer))
    say(test_sentence(answer), "dim")
    rows = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    rows.add_column("part of success")
    rows.add_column("worlds that met it (95 %)", justify="right")
    for part in answer.parts:
        rows.add_row(
            Text(part.label).append(f"\n{part.rule}", style="dim"),
            f"{share(part.share.estimate)}  ({limits(part.share)})",
        )
    parts.append(Padding(rows, (1, 0, 0, 0)))
    rows = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    rows.add_column("at the end, with the test")
    for column in ("mean", "95 %", "worlds"):
        rows.add_column(column, justify="right")
    for measure in answer.measures:
        about = Text(measure.name).append(f"  {measure.meaning}", style="dim")
        rows.add_row(about, number(measure.mean.estimate), limits(measure.mean, number), f"{measure.mean.n:,}")
    parts.append(Padding(rows, (1, 0, 0, 0)))

    heading("One thing changed, the same luck")
    rows = Table(box=None, padding=(0, 1, 0, 2), header_style="dim")
    for column in ("change", "P(success)", "effect, points", "sufficiency", "necessity"):
        rows.add_column(column, justify="left" if column == "change" else "right")
    for title, levers in grouped(answer):
        rows.add_row(Text(title, style="bold"), *[""] * 4)
        for lever in levers:
            rows.add_row(
                Text(lever.label).append(f"\n{_settings(lever, answer)}", style="dim"),
                f"{share(lever.success.estimate)}\n{limits(lever.success)}",
                f"{points(lever.effect.estimate)}\n{limits(lever.effect, points)}",
                _cell(lever.sufficiency, lever.gained),
                _cell(lever.necessity, lever.gained),
            )
    parts.append(rows)
    say(
        "Sufficiency: of the worlds that failed, the share that would have stood. Necessity: of those that stood with",
        "dim",
    )
    say("the change, the share that would have failed without it. Below each, 95 % and the worlds it rests on.", "dim")
    say(SIZES, "dim")

    heading("Which single change does most")
    for best in answer.best:
        say(best_sentence(best, answer))
    for sentence in bundle_sentences(answer):
        say(sentence)
    heading("Not decided")
    for sentence in undecided_sentences(answer) or [
        f"Nothing that was asked is left open by {plural(answer.worlds, 'world')}."
    ]:
        say(f"· {sentence}")
    say(SCOPE, "dim")
    heading("Where it is")
    if page is not None:
        say(f"page   {page}")
    say(f"data   {answer.folder}")
    say(f"again  {answer.command}")
    say(f"id     {answer.id}")
    return Group(*parts)


def _cell(interval: Interval, count: int) -> str:
    if not tells(interval):
        return f"cannot tell\n{count} of {interval.n}"
    return f"{share(interval.estimate)}\n{limits(interval)}\n{count} of {interval.n}"


def _settings(lever: LeverResult, answer: Answer) -> str:
    if lever.together:
        return f"bundle of {len(lever.together)}"
    return ", ".join(setting(changed, answer.first_year) for changed in lever.settings)


def grouped(answer: Answer) -> list[tuple[str, list[LeverResult]]]:
    """The levers under headings: single changes of each group, then the bundles."""
    groups = [
        (f"Single changes of {group}", [x for x in answer.levers if x.group == group and not x.together])
        for group in GROUPS
    ]
    groups.append(("Bundles: several changes at once", [x for x in answer.levers if x.together]))
    return [(title, levers) for title, levers in groups if levers]


# -------------------------------------------------------------------------------------------------------------- the page


def save(answer: Answer, out: Path | str | None = None) -> Path:
    """Put the page beside the answer's data, or find it there; where the page is.

    ``out`` takes a copy: of the page alone where it ends in .html, else, as a folder, of the page and all the data.
    """
    folder = Path(answer.folder)
    file, sum_file = folder / PAGE, folder / f"{PAGE}.sha256"
    try:
        if not _vouched(file, sum_file):
            write(file, page(answer))
            write(sum_file, f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {PAGE}\n")
        if out is None:
            return file
        target = Path(out)
        copies = {target: file} if target.suffix == ".html" else {target / f: folder / f for f in (PAGE, *DATA, SUMS)}
        for copy, original in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            write(copy, original.read_text(encoding="utf-8"))
        return next(iter(copies))
    except OSError as error:
        raise BestowalError(f"{error.filename or out or folder}: can't be written: {error.strerror}") from None


def _vouched(file: Path, sum_file: Path) -> bool:
    try:
        wanted = sum_file.read_text(encoding="utf-8").partition(" ")[0]
        return hashlib.sha256(file.read_bytes()).hexdigest() == wanted
    except (OSError, UnicodeDecodeError):
        return False


def page(answer: Answer) -> str:
    """The answer as one HTML page that needs nothing else: no network, no script."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"share": share, "points": points, "number": number}
    lever_rows = sum(len(levers) for _, levers in grouped(answer))
    return environment.get_template(PAGE).render(
        answer=answer,
        asked=answer.question,
        groups=grouped(answer),
        labels={lever.name: lever.label for lever in answer.levers},
        span=span(answer),
        in_short=[
            success_sentence(answer),
            *(best_sentence(best, answer) for best in answer.best),
            *bundle_sentences(answer),
        ],
        standing_sentence=standing_sentence(answer),
        test_sentence=test_sentence(answer),
        undecided=undecided_sentences(answer),
        sizes=SIZES,
        scope=SCOPE,
        limits=limits,
        fraction=fraction,
        tells=tells,
        plural=plural,
        setting=setting,
        history=HISTORY,
        tested=TESTED,
        data=DATA,
        figures={
            "standing": _twice(lambda wide: _draw_standing(answer, wide)),
            "course": _twice(lambda wide: _draw_course(answer, wide)),
            "levers": _twice(lambda wide: _draw_levers(answer, wide, lever_rows)),
        },
    )


def _twice(draw: Callable[[bool], Figure]) -> dict[str, str]:
    import matplotlib

    settings = {
        "font.size": 9,
        "font.family": "DejaVu Sans",
        "svg.fonttype": "none",
        "axes.edgecolor": COLOURS["rule"],
        "axes.labelcolor": COLOURS["soft"],
        "axes.titlesize": 9,
        "axes.titlecolor": COLOURS["ink"],
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "text.color": COLOURS["ink"],
        "xtick.color": COLOURS["rule"],
        "ytick.color": COLOURS["rule"],
        "xtick.labelcolor": COLOURS["soft"],
        "ytick.labelcolor": COLOURS["soft"],
        "grid.color": COLOURS["rule"],
        "grid.linewidth": 0.5,
    }
    drawn = {}
    for name in ("wide", "narrow"):
        with matplotlib.rc_context(settings):
            drawn[name] = _svg(draw(name == "wide"))
    return drawn


def _svg(figure: Figure) -> str:
    """A figure as inline SVG: the page's colours and font, as wide as it is given, the same text for the same figure."""
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "bestowal"}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*"', r"\1", svg)
    svg = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*"', r"\1", svg)
    svg = re.sub(r"font: (?:(\d+) )?([\d.]+)px [^;\"]*", r"font-size: \2px; font-weight: \1", svg)
    svg = svg.replace("font-weight: ;", "font-weight: 400;").replace('font-weight: "', 'font-weight: 400"')
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    # Two figures on a page may not share the names of what they define.
    prefix = "f" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width / 72, height / 72))


def _test_shade(axes: Axes, answer: Answer) -> None:
    start = answer.first_year + answer.question.test.year
    axes.axvspan(start, answer.first_year + answer.question.horizon - 1, color=COLOURS["wash"], lw=0, zorder=0)


def _draw_standing(answer: Answer, wide: bool) -> Figure:
    stood = answer.standing
    figure = _figure(620 if wide else 350, 210 if wide else 220)
    axes = figure.add_axes((0.075, 0.2, 0.9, 0.7) if wide else (0.13, 0.2, 0.83, 0.68))
    end = answer.question.horizon
    times = [answer.first_year + time for time in (*stood.times, end)]
    curves = [[*curve, curve[-1]] for curve in (stood.share, stood.share_low, stood.share_high)]
    axes.fill_between(times, curves[1], curves[2], step="post", color=COLOURS["ink"], alpha=0.13, lw=0)
    axes.step(times, curves[0], where="post", color=COLOURS["ink"], lw=1.6)
    if stood.median is not None:
        year = answer.first_year + stood.median
        axes.plot([answer.first_year, year, year], [0.5, 0.5, 0], color=COLOURS["soft"], lw=0.8, ls=(0, (3, 2)))
        axes.plot([year], [0.5], "o", color=COLOURS["ink"], ms=4)
        late = stood.median > 0.6 * end
        axes.annotate(
            f"half had fallen after {stood.median:.0f} years",
            (year, 0.5),
            xytext=(-7 if late else 7, 7),
            textcoords="offset points",
            ha="right" if late else "left",
            color=COLOURS["ink"],
        )
    axes.set_ylim(0, 1.03)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlim(answer.first_year, answer.first_year + end)
    axes.xaxis.set_major_locator(_whole_years(7 if wide else 5))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.set_title("Worlds still standing, history as it was")
    axes.set_xlabel("year")
    return figure


def _whole_years(most: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(most, integer=True, steps=[1, 2, 5, 10])


def _draw_course(answer: Answer, wide: bool) -> Figure:
    names = list(dict.fromkeys(course.observable for course in answer.courses))
    columns = 3 if wide else 2
    lines = -(-len(names) // columns)
    height = 150 if wide else 132
    figure = _figure(620 if wide else 350, max(lines, 1) * height + 14)
    grid = figure.subplots(lines, columns, squeeze=False)
    for axes in list(grid.flat)[len(names) :]:
        axes.set_visible(False)
    for axes, name in zip(grid.flat, names, strict=False):
        _test_shade(axes, answer)
        units: list[Course] = [course for course in answer.courses if course.observable == name]
        for course in units:
            tested = course.run == TESTED
            known = [i for i, value in enumerate(course.mean) if value is not None]
            if tested:  # before the test, the same to the bit
                known = [i for i in known if i >= answer.question.test.year - 1]
            years = [course.years[i] for i in known]
            bounded = [i for i in known if course.low[i] is not None]
            colour = COLOURS["institution"] if tested else COLOURS["ink"]
            axes.fill_between(
                [course.years[i] for i in bounded],
                [course.low[i] or 0.0 for i in bounded],
                [course.high[i] or 0.0 for i in bounded],
                color=colour,
                alpha=0.13,
                lw=0,
            )
            axes.plot(years, [course.mean[i] or 0.0 for i in known], color=colour, lw=1.5, ls="--" if tested else "-")
        axes.set_title(SHORT.get(name, name) if wide else textwrap.fill(SHORT.get(name, name).replace("\n", " "), 24))
        axes.set_xlim(answer.first_year, answer.first_year + answer.question.horizon - 1)
        axes.set_ylim(bottom=0)
        if axes.get_ylim()[1] <= 1.05 and name != "members":
            axes.set_ylim(0, 1.02)
        axes.xaxis.set_major_locator(_whole_years(4 if wide else 3))
        axes.yaxis.set_major_locator(_few())
        axes.grid(axis="y")
        axes.set_axisbelow(True)
    figure.subplots_adjust(
        left=0.055 if wide else 0.095,
        right=0.985,
        top=1 - 30 / (max(lines, 1) * height + 14),
        bottom=24 / (max(lines, 1) * height + 14),
        hspace=0.55 if wide else 0.72,
        wspace=0.2 if wide else 0.3,
    )
    return figure


def _few() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4, steps=[1, 2, 2.5, 5, 10])


def _draw_levers(answer: Answer, wide: bool, n_rows: int) -> Figure:
    """P(success), sufficiency and necessity of every lever, one line each; narrow screens get P(success) only."""
    step, head, top, bottom = (24.0, 26.0, 22.0, 32.0) if wide else (37.0, 30.0, 22.0, 32.0)
    groups = grouped(answer)
    height = top + bottom + step * (n_rows + 1) + head * len(groups)
    figure = _figure(620 if wide else 350, height)
    body = (height - top - bottom) / height
    if wide:
        boxes = [(0.375, 0.27), (0.68, 0.14), (0.845, 0.14)]
    else:
        boxes = [(0.03, 0.94)]
    panels = [figure.add_axes((left, bottom / height, width, body)) for left, width in boxes]
    depth = height - top - bottom
    for axes, title in zip(panels, ("P(success)", "Sufficiency", "Necessity"), strict=False):
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(depth, 0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        ticks = [0, 0.25, 0.5, 0.75, 1] if axes is panels[0] else [0, 0.5, 1]
        axes.set_xticks(
            ticks, [f"{100 * tick:.0f} %" if tick in (0, 1) or axes is panels[0] else "50" for tick in ticks]
        )
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        axes.set_title(title, fontweight="bold")
    first = panels[0]
    base = answer.success
    first.axvspan(base.low or 0.0, base.high or 0.0, color=COLOURS["ink"], alpha=0.1, lw=0)
    first.axvline(base.estimate or 0.0, color=COLOURS["soft"], lw=0.9)

    def label(text: str, y: float, colour: str = COLOURS["ink"], weight: str = "normal") -> None:
        if wide:
            lines = textwrap.wrap(text, 40)
            first.annotate(
                "\n".join(lines[:2]),
                (0, y),
                xycoords=("axes fraction", "data"),
                xytext=(-228, 0),
                textcoords="offset points",
                va="center",
                ha="left",
                color=colour,
                fontweight=weight,
                fontsize=8.5 if len(lines) > 1 else 9,
                linespacing=1.05,
            )
        else:
            first.annotate(
                text if len(text) <= 52 else text[:51] + "…",
                (0, y),
                xycoords=("axes fraction", "data"),
                xytext=(0, 9),
                textcoords="offset points",
                va="bottom",
                ha="left",
                color=colour,
                fontweight=weight,
                bbox={"facecolor": "none", "edgecolor": "none", "pad": 0},
            )

    def mark(axes: Axes, interval: Interval, y: float, colour: str, marker: str, filled: bool = True) -> None:
        if interval.low is None or interval.high is None or interval.estimate is None:
            return
        axes.plot([interval.low, interval.high], [y, y], color=colour, lw=1.6, solid_capstyle="butt")
        face = colour if filled else "none"
        axes.plot([interval.estimate], [y], marker, color=colour, ms=5.5, markerfacecolor=face, clip_on=False)

    y = step / 2 if wide else step * 0.62
    label("History with the test", y, COLOURS["soft"])
    mark(first, base, y, COLOURS["ink"], "|")
    y += step / 2 if wide else step * 0.38
    for title, levers in groups:
        y += head * 0.6
        label(title, y if wide else y + 12, weight="bold")
        y += head * 0.4
        for lever in levers:
            at = y + (step / 2 if wide else step * 0.62)
            colour, marker = COLOURS[lever.group], MARKERS[lever.group]
            label(lever.label, at)
            mark(first, lever.success, at, colour, marker, not lever.together)
            for axes, part in zip(panels[1:], (lever.sufficiency, lever.necessity), strict=False):
                if tells(part):
                    mark(axes, part, at, colour, marker, not lever.together)
                else:
                    axes.text(0.5, at, "cannot tell", ha="center", va="center", color=COLOURS["soft"], fontsize=8)
            y += step
    return figure
