"""The pages: of a claim, of a question, and the two indexes."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bestowal.core.files import write
from bestowal.questions.answer import grouped
from bestowal.questions.answer_files import DATA, SUMS
from bestowal.questions.question import HISTORY
from bestowal.questions.question_file import questions
from bestowal.report import answer_page as report
from bestowal.report import answer_sentences as sentences
from bestowal.report.answer_sentences import SCOPE, span
from bestowal.report.site.claim_page import claim_page, draws_csv
from bestowal.report.site.items import PHRASES, Asked, Checked, Item, because, day, family, related
from bestowal.report.site.layout import SOURCE_PAGE, page_templates
from bestowal.statistics.intervals import Interval
from bestowal.statistics.number_format import limits, plural, share

if TYPE_CHECKING:
    from bestowal.claims.claim_file import SourceClaim

GONE = (
    "This result is not in the store: it belongs to an earlier version of the model or its settings, or to another "
    "store. The command below runs the present version."
)


def write_answer(out: Path, item: Item, one: Checked | Asked, items: Sequence[Item], shown: Sequence[Item]) -> None:
    files = []
    if isinstance(one, Checked) and one.result.draws:
        write(out / "answers" / f"{item.id}.csv", draws_csv(one.result))
        files = [(f"{item.id}.csv", "every draw, as a table")]
    if isinstance(one, Asked):
        report.save(one.answer, out / "answers" / item.id)
        files = [(f"{item.id}/{name}", name) for name in (*DATA, SUMS)]
    position = [i.id for i in shown].index(item.id)
    common: dict[str, Any] = {
        "item": item,
        "family": family(item.theme),
        "root": "../",
        "here": "",
        "before": next((i for i in items if i.id == item.supersedes), None),
        "previous": shown[position - 1] if position else None,
        "next": shown[position + 1] if position + 1 < len(shown) else None,
        "related": related(item, shown),
        "files": files,
        "scope": SCOPE,
        "example": _example(),
        "day": day,
    }
    page = claim_page(item, one, common) if isinstance(one, Checked) else _question_page(item, one, common)
    write(out / "answers" / f"{item.id}.html", page)


def _example() -> str:
    return "russia" if "russia" in questions() else next(iter(questions()), "QUESTION")


def _question_page(item: Item, one: Asked, common: dict[str, Any]) -> str:
    from bestowal.report.figures.answer import draw

    answer, question = one.answer, one.answer.question
    levers = [lever for _, some in grouped(answer) for lever in some]
    told = (
        f"P(success) as the scenario states it: {share(answer.success.estimate)} ({limits(answer.success)}). "
        "With each change: "
        + "; ".join(f"{lever.label} {share(lever.success.estimate)} ({limits(lever.success)})" for lever in levers)
        + "."
    )
    return (
        page_templates()
        .get_template("site_question.html")
        .render(
            **common,
            answer=answer,
            asked=question,
            asks="",
            where=f"{answer.scenario_title}, {span(answer)}",
            because=because(answer),
            standing=sentences.standing_sentence(answer),
            test=sentences.test_sentence(answer),
            bundles=sentences.bundle_sentences(answer),
            figure=draw(answer)["levers"],
            told=told,
            causation=sentences.CAUSATION,
            limits=limits,
            plural=plural,
            full=f"{item.id}/{report.PAGE}",
            undecided=sentences.undecided_sentences(answer),
            sizes=sentences.SIZES,
            source=f"Question “{question.title}”, asked of scenario {question.scenario}.",
            command=answer.command,
            facts=[
                ("run", f"{answer.keys[HISTORY][:16]}, and {len(answer.keys) - 1} more: see the full answer"),
                ("scenario", f"{question.scenario}: {answer.scenario_title}"),
                ("worlds", f"{answer.worlds:,} in each run; seed {answer.seed}"),
                ("computed", day(item.updated)),
            ],
        )
    )


def mark(out: Path, item: Item, latest: Item) -> None:
    """Say on a page whether a later answer stands elsewhere."""
    file = out / "answers" / f"{item.id}.html"
    if not file.exists():
        return
    text = file.read_text(encoding="utf-8")
    notice = ""
    if item.id != latest.id:
        notice = (
            f'There is a later answer: <a rel="latest-version" href="{latest.id}.html">No.&nbsp;{latest.number}</a> '
            f"of {day(latest.updated)}, {html.escape(latest.verdict)}."
        )
    elif item.gone:
        notice = GONE
    if notice:
        notice = f'<p class="notice">{notice}</p>'
    marked = re.sub(
        r"<!--later-->.*?<!--/later-->", lambda _: f"<!--later-->{notice}<!--/later-->", text, flags=re.DOTALL
    )
    if marked != text:
        write(file, marked)


def index(
    shown: Sequence[Item],
    items: Sequence[Item],
    latest: dict[str, Item],
    unchecked: Sequence[tuple[SourceClaim, str]],
    common: dict[str, Any],
) -> str:
    claims = [item for item in shown if item.kind == "claim"]
    counts = [(side, phrase, sum(item.side == side for item in claims)) for side, phrase in PHRASES.items()]
    return (
        page_templates()
        .get_template("site_index.html")
        .render(
            **common,
            here="index",
            source_page=SOURCE_PAGE,
            scope=SCOPE,
            example=_example(),
            claims=claims,
            questions=[item for item in shown if item.kind == "question"],
            tally=[(side, phrase, count) for side, phrase, count in counts if count],
            unchecked=unchecked,
            earlier=[(item, latest.get(item.subject)) for item in reversed(items) if not item.latest],
            shares=_shares,
        )
    )


def _shares(item: Item) -> str:
    assert item.share is not None
    return limits(Interval(item.share[0], item.share[1], item.share[2], 0))


def themes(shown: Sequence[Item], common: dict[str, Any]) -> str:
    codes = sorted(
        {item.theme for item in shown}, key=lambda code: [int(n) if n.isdigit() else 0 for n in code.split(".")]
    )
    families = list(dict.fromkeys(code.partition(".")[0] for code in codes))
    themes = [
        (
            of_family,
            family(of_family),
            [
                (code, [item for item in shown if item.theme == code])
                for code in codes
                if code.partition(".")[0] == of_family
            ],
        )
        for of_family in families
    ]
    template = page_templates().get_template("site_themes.html")
    return template.render(**common, here="themes", scope=SCOPE, example=_example(), themes=themes)
