"""The pages: of a claim, of a question, and the two indexes."""

from __future__ import annotations

import csv
import html
import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bestowal.core.files import write
from bestowal.questions.answer import grouped
from bestowal.questions.answer_files import DATA, SUMS
from bestowal.questions.question_file import HISTORY, questions
from bestowal.report import answer_page as report
from bestowal.report.answer_page import SCOPE, span
from bestowal.report.number_format import limits, number, plural, share
from bestowal.report.site.items import PHRASES, Asked, Checked, Item, because, command, day, family, related, sentence
from bestowal.statistics.intervals import Interval, mean

if TYPE_CHECKING:
    from jinja2 import Environment

    from bestowal.claims.source import Experiment, Result, SourceClaim

SOURCE_PAGE = "“Egoistic Bestowal And Spiritual Bestowal” (laitman.com, January 2022)"
RULE = (
    "A draw takes every unknown of the model from the range that is thought possible, and all arms meet the same luck "
    "in it. Supported: the share of draws at which the claim holds is above two thirds with its whole interval; "
    "contradicted: below one third; depends: neither, but the draws with little and with much of one parameter "
    "differ, allowance made for the parameters tried, and one side lies beyond those limits; not decided: else."
)
GONE = (
    "This result is not among those stored now: it is of an earlier version of the model or its settings, or of "
    "another store. The command below runs it today."
)
STATUS = {"T": "testable", "T*": "testable once a reading of it is stated"}


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
    page = _claim_page(item, one, common) if isinstance(one, Checked) else _question_page(item, one, common)
    write(out / "answers" / f"{item.id}.html", page)


def _templates() -> Environment:
    environment = report.templates()
    environment.filters["sentence"] = sentence
    return environment


def _example() -> str:
    return "russia" if "russia" in questions() else next(iter(questions()), "QUESTION")


def _claim_page(item: Item, one: Checked, common: dict[str, Any]) -> str:
    result, claim, experiment = one.result, one.result.claim, one.result.claim.experiment
    own: dict[str, Any] = {
        "result": result,
        "claim": claim,
        "asks": "Can a model test it?" if claim.status == "N" else "Does it hold in the model?",
        "where": f"{claim.id} · {item.where}",
        "because": [_set_in_type(result.because)] if result.because else [],
        "source": f"Claim {claim.id}, "
        + ("from texts related to " if item.where.startswith("not on") else f"{item.where} of ")
        + f"{SOURCE_PAGE}, in our words.",
        "command": "",
        "facts": [("computed" if experiment else "written down", day(item.updated))],
    }
    if experiment:
        what = number_is(experiment)
        figure = _draws(result, experiment, what)
        own |= {
            "command": command(claim.id, result.draws, one.seed),
            "facts": [
                ("run", result.key),
                ("scenario", experiment.scenario),
                ("claim", f"{claim.id}, {item.where}; {STATUS[claim.status]}"),
                (
                    "draws",
                    f"{result.draws:,} of the prior, {plural(experiment.worlds, 'world')} in each arm; seed {one.seed}",
                ),
                ("computed", day(item.updated)),
            ],
            "rows": _rows(result, experiment, what),
            "rule": RULE,
            **figure,
        }
    return _templates().get_template("site_claim.html").render(**common, **own)


def number_is(experiment: Experiment) -> str:
    """What the number of a draw is, in words."""
    arms = [f"“{arm.label}”" for arm in experiment.arms.values()]
    of = statistic_is(experiment)
    if experiment.kind == "level":
        return f"{of}, {arms[0]}" if arms and arms[0] != "“”" else of
    if experiment.kind == "difference":
        return f"{of}: {arms[0]} minus {arms[1]}"
    if experiment.kind == "quotient":
        return f"{of}: {arms[0]} over {arms[1]}"
    if experiment.kind == "kept":
        return f"{of}: share of what {arms[1]} gained over {arms[2]} that is left in {arms[0]}"
    if experiment.kind == "best":
        return f"{of}: {arms[0]} minus the best of the others"
    if experiment.kind == "ablations":
        return f"{of}: smallest share of the effect that is lost by leaving one part out"
    if experiment.kind == "sweep":
        return f"{of} under the best of {experiment.bundles} bundles"
    return f"{of} in worlds where {experiment.statistic.observable} is below {experiment.statistic.limit:g}"


def statistic_is(experiment: Experiment) -> str:
    """What is taken of a world, in words."""
    taken = experiment.statistic
    last = taken.last if taken.last is not None else (experiment.years - 1 if experiment.years else None)
    steps = f"years {taken.first} to {last}" if last is not None else f"year {taken.first} to the last"
    if taken.take == "mean":
        if taken.first == last:
            return f"{taken.observable} in year {last}"
        return f"{taken.observable}, mean of {steps}"
    if taken.take == "success":
        return "P(success)"
    if taken.take == "years_standing":
        return f"years standing, {steps}"
    if taken.take == "half_life":
        return f"half-life of {taken.observable} from year {taken.first}, in years"
    return f"{taken.observable} in year {last if last is not None else 'the last'} over year {taken.first}"


def _rows(result: Result, experiment: Experiment, what: str) -> list[tuple[str, str, str, str, str]]:
    """The table of reasons: what, about it, estimate, interval, draws."""
    assert result.share is not None
    used = result.draws - result.left_out
    rows = [
        (
            "The claim holds",
            f"the number is {_set_in_type(experiment.holds.asks)}",
            share(result.share.estimate),
            _limits(result.share, share),
            f"{used:,}",
        )
    ]
    if result.split is not None:
        name, at, below, above = result.split
        for side, words in zip((below, above), _sides(name, at), strict=True):
            rows.append((f"The claim holds, {words}", "", share(side.estimate), _limits(side, share), f"{side.n:,}"))
    if result.number is not None and result.number.estimate is not None:
        rows.append(
            ("Mean of the number", what, number(result.number.estimate), _limits(result.number, number), f"{used:,}")
        )
    if result.near is not None:
        near = "so near that the difference would not matter"
        rows.append((f"Within {experiment.matters:g} of the threshold", near, share(result.near), "", f"{used:,}"))
    for label, values in result.arms:
        at_arm = _mean(values, experiment)
        rows.append(
            (
                label or "The arm",
                statistic_is(experiment),
                number(at_arm.estimate),
                _limits(at_arm, number),
                f"{at_arm.n:,}",
            )
        )
    if result.noise is not None:
        rows.append(
            (
                "Luck in the number of one draw",
                "standard error, median over draws",
                number(result.noise) if result.noise else "none seen",
                "",
                f"{used:,}",
            )
        )
    if result.left_out:
        rows.append(("Left out", "nothing to measure", "", "", f"{result.left_out:,}"))
    return rows


def _set_in_type(text: str) -> str:
    """A sentence of the terminal with true minus signs, and no number parted from its sign or its per cent."""
    return re.sub(r"(?<![\w.])-(?=\d)", "−", text).replace(" %", "\u00a0%")


def _mean(values: Sequence[float], experiment: Experiment) -> Interval:
    """The mean over draws; of a probability, with an interval that stays within 0 and 1."""
    found = mean(list(values))
    if experiment.statistic.take != "success" or found.low is None or found.high is None:
        return found
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))


def _limits(interval: Interval, shown: Callable[[float | None], str]) -> str:
    if interval.low is None:
        return ""
    return "all alike" if interval.low == interval.high else limits(interval, shown)


def _sides(name: str, at: float) -> tuple[str, str]:
    return (f"{name} = 0", f"{name} above 0") if at == 0 else (f"{name} up to {at:.3g}", f"{name} above {at:.3g}")


def _draws(result: Result, experiment: Experiment, what: str) -> dict[str, Any]:
    """The figures of a claim, their captions, and what they show to who can't see them."""
    from bestowal.report.figures import draws_figure, split_figure

    holds, asks = experiment.holds, _set_in_type(experiment.holds.asks)
    seen = sorted(value for value in result.numbers if math.isfinite(value))
    arms = [(label or "the arm", values, _mean(values, experiment)) for label, values in result.arms]
    several = arms if len(arms) > 1 else []
    assert result.share is not None
    told = f"Histogram of {what}, at {len(seen)} draws"
    if seen:
        tenth = [seen[min(int(q * len(seen)), len(seen) - 1)] for q in (0.1, 0.5, 0.9)]
        told += (
            f": one draw in ten lies below {number(tenth[0])}, half below {number(tenth[1])}, nine in ten below "
            f"{number(tenth[2])}. The claim holds where the number is {asks}: at "
            f"{share(result.share.estimate)} of draws"
        )
    told += (
        "".join(
            f". {label}: mean {number(centre.estimate)} ({_limits(centre, number)})" for label, _, centre in several
        )
        + "."
    )
    caption = (
        f"Each draw of the prior gives one number: {what}. Blue: the claim holds ({asks}, the line); "
        "grey: it does not. Shaded: so near the line that the difference does not matter. Diamond: the mean with its "
        "95\u00a0% interval."
    )
    if several:
        caption += " Below: every draw in every arm, one dot a draw, with the mean and its interval."
    figures = {
        "figure": draws_figure(
            result.numbers,
            several,
            above=holds.above,
            below=holds.below,
            matters=experiment.matters,
            mean=result.number,
            label=what,
            arms_label=statistic_is(experiment),
        ),
        "told": told,
        "caption": caption,
        "split_figure": None,
        "split_told": "",
        "split_caption": "",
    }
    if result.split is not None:
        name, at, below, above = result.split
        sides = [
            f"{words}: {share(side.estimate)} ({limits(side)})"
            for words, side in zip(_sides(name, at), (below, above), strict=True)
        ]
        figures |= {
            "split_figure": split_figure(
                result.numbers,
                result.points[name],
                name=name,
                at=at,
                shares=(sides[0].partition(": ")[2], sides[1].partition(": ")[2]),
                above=holds.above,
                below=holds.below,
                label=what,
            ),
            "split_told": f"The number of every draw against {name}. The claim holds, " + "; ".join(sides) + ".",
            "split_caption": f"The same numbers against {name}, one dot a draw. Above: the share of draws at which the "
            "claim holds on either side of the dashed line, with its 95\u00a0% interval.",
        }
    return figures


def draws_csv(result: Result) -> str:
    """One row a draw: its number (empty where left out), the statistic in each arm, and the parameters drawn."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["draw", "number", *(f"arm: {label}" for label, _ in result.arms), *result.points])
    columns = [result.numbers, *(values for _, values in result.arms), *result.points.values()]
    for d, row in enumerate(zip(*columns, strict=True)):
        table.writerow([d, *("" if math.isnan(value) else repr(float(value)) for value in row)])
    return out.getvalue()


def _question_page(item: Item, one: Asked, common: dict[str, Any]) -> str:
    from bestowal.report.figures import draw

    answer, question = one.answer, one.answer.question
    levers = [lever for _, some in grouped(answer) for lever in some]
    told = (
        f"P(success) as the scenario states it: {share(answer.success.estimate)} ({limits(answer.success)}). "
        "With each change: "
        + "; ".join(f"{lever.label} {share(lever.success.estimate)} ({limits(lever.success)})" for lever in levers)
        + "."
    )
    return (
        _templates()
        .get_template("site_question.html")
        .render(
            **common,
            answer=answer,
            asked=question,
            asks="",
            where=f"{answer.scenario_title}, {span(answer)}",
            because=because(answer),
            standing=report.standing_sentence(answer),
            test=report.test_sentence(answer),
            bundles=report.bundle_sentences(answer),
            figure=draw(answer)["levers"],
            told=told,
            causation=report.CAUSATION,
            limits=limits,
            plural=plural,
            full=f"{item.id}/{report.PAGE}",
            undecided=report.undecided_sentences(answer),
            sizes=report.SIZES,
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
        _templates()
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
    template = _templates().get_template("site_themes.html")
    return template.render(**common, here="themes", scope=SCOPE, example=_example(), themes=themes)
