"""The page of one claim: its verdict, the table of reasons, the figures over its prior, every draw as a table."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bestowal.report.site.items import Checked, Item, command, day
from bestowal.report.site.layout import SOURCE_PAGE, page_templates
from bestowal.statistics.intervals import Interval, mean
from bestowal.statistics.number_format import limits, number, plural, share

if TYPE_CHECKING:
    from bestowal.claims.experiment import Experiment
    from bestowal.claims.source import Result


RULE = (
    "A draw takes every unknown parameter of the model from its prior, and all arms of a draw have common random "
    "numbers. Supported: the whole interval of the share of draws at which the claim holds lies above two thirds. "
    "Contradicted: it lies below one third. Depends: neither, but the draws with low and with high values of one "
    "parameter differ (adjusted for the number of parameters tried) and one side is beyond those limits. Not decided: "
    "otherwise."
)


STATUS = {"T": "testable", "T*": "testable once a reading of it is stated"}


def claim_page(item: Item, one: Checked, common: dict[str, Any]) -> str:
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
    return page_templates().get_template("site_claim.html").render(**common, **own)


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
    return f"{of} in worlds where {experiment.statistic.observable} is below {number(experiment.statistic.limit)}"


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
        name, at, below, above = result.split.parameter, result.split.at, result.split.below, result.split.above
        for side, words in zip((below, above), _sides(name, at), strict=True):
            rows.append((f"The claim holds, {words}", "", share(side.estimate), _limits(side, share), f"{side.n:,}"))
    if result.number is not None and result.number.estimate is not None:
        rows.append(
            ("Mean of the number", what, number(result.number.estimate), _limits(result.number, number), f"{used:,}")
        )
    if result.near is not None:
        near = "within the equivalence margin"
        rows.append(
            (f"Within {number(experiment.matters)} of the threshold", near, share(result.near), "", f"{used:,}")
        )
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
                "Monte Carlo error of one draw",
                "standard error, median over draws",
                number(result.noise) if result.noise else "0",
                "",
                f"{used:,}",
            )
        )
    if result.left_out:
        rows.append(("Left out", "nothing was measured", "", "", f"{result.left_out:,}"))
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
    return "all equal" if interval.low == interval.high else limits(interval, shown)


def _sides(name: str, at: float) -> tuple[str, str]:
    return (
        (f"{name} = 0", f"{name} above 0") if at == 0 else (f"{name} up to {number(at)}", f"{name} above {number(at)}")
    )


def _draws(result: Result, experiment: Experiment, what: str) -> dict[str, Any]:
    """The figures of a claim, their captions, and what they show to who can't see them."""
    from bestowal.report.figures.claim import draws_figure

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
        "grey: it does not. Shaded: the equivalence margin around the line. Diamond: the mean with its 95\u00a0% "
        "interval."
    )
    if several:
        caption += " Below: every arm, with one dot for each draw, and the mean with its interval."
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
        figures |= _split(result, experiment, what)
    return figures


def _split(result: Result, experiment: Experiment, what: str) -> dict[str, Any]:
    """The figure of a verdict that depends on one parameter, its caption, and its description."""
    from bestowal.report.figures.claim import split_figure

    holds = experiment.holds
    assert result.split is not None
    name, at, below, above = result.split.parameter, result.split.at, result.split.below, result.split.above
    sides = [
        f"{words}: {share(side.estimate)} ({limits(side)})"
        for words, side in zip(_sides(name, at), (below, above), strict=True)
    ]
    return {
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
        "split_caption": f"The same numbers against {name}, one dot for each draw. Above: the share of draws at "
        "which the claim holds on either side of the dashed line, with its 95\u00a0% interval.",
    }


def draws_csv(result: Result) -> str:
    """One row a draw: its number (empty where left out), the statistic in each arm, and the parameters drawn."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["draw", "number", *(f"arm: {label}" for label, _ in result.arms), *result.points])
    columns = [result.numbers, *(values for _, values in result.arms), *result.points.values()]
    for d, row in enumerate(zip(*columns, strict=True)):
        table.writerow([d, *("" if math.isnan(value) else repr(float(value)) for value in row)])
    return out.getvalue()
