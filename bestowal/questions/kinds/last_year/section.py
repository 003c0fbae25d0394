"""The last year in which a change would still have been enough, in words and a table."""

from __future__ import annotations

from collections.abc import Sequence

from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.last_year.compute import LastYear
from bestowal.questions.section import Section, Table
from bestowal.statistics.number_format import PERCENT, limits, plural, share, with_limits_below

TITLE = "When was it too late?"


def section(answer: Answer, full: Full, results: Sequence[LastYear]) -> Section:
    start = answer.first_year
    says = [_last_sentence(curve, start) for curve in results]
    shown = [{year.year: with_limits_below(year.sufficiency) for year in curve.years} for curve in results]
    rows_ = [[f"{start + year}", *(cells.get(year, "") for cells in shown)] for year in sorted(set().union(*shown))]
    small = [
        f"“{curve.label}”: {', '.join(curve.left_out)} can be set only when a world begins, so the first point "
        f"({start}) includes {'it' if len(curve.left_out) == 1 else 'them'} and the later points do not. It is drawn "
        "apart."
        for curve in results
        if curve.left_out
    ]
    small += [
        f"“{curve.label}”: run in {', '.join(str(start + y.year) for y in curve.years)} on all worlds and, in "
        f"{plural(len(curve.glanced), 'year')} between these, on the first {curve.glance} worlds only. A short span of "
        "years in which the share saved differs little from that of its neighbours can be missed."
        for curve in results
        if curve.glanced
    ]
    small.append(
        "A person's innate dispositions are fixed on entering the society: a later change of them affects only those "
        "who enter afterwards."
    )
    first = results[0]
    return Section(
        "last_year",
        TITLE,
        says,
        [Table(["Made in", *(curve.label for curve in results)], rows_)],
        "last_year",
        "Sufficiency of a change against the year it is made in",
        f"The same {plural(first.worlds, 'world')} in every run, with the change made in the year shown and kept: the "
        f"share of the {first.failed:,} failed worlds that succeed with it (95\u00a0% intervals). Dots mark the years "
        "that were run; between two dots of equal height no other year was run. People do not anticipate the change in "
        "the model.",
        small,
        [says[0]],
    )


def _last_sentence(curve: LastYear, start: int) -> str:
    """When the change was too late; where part of it can be made in the first year alone, what it does then too."""
    said = _too_late(curve, start)
    if not curve.left_out or curve.failed == 0 or len(curve.years) == 1:
        return said
    whole = curve.years[0].sufficiency
    return (
        f"{said} Made in {start}, together with {', '.join(curve.left_out)}, which can be set only then, it saves "
        f"{share(whole.estimate)} (95\u00a0%: {limits(whole)})."
    )


def _too_late(curve: LastYear, start: int) -> str:
    if curve.failed == 0:
        return f"“{curve.label}”: no world failed, so there is nothing to save."
    if [y.year for y in curve.years] == [0]:
        saved = curve.years[0].sufficiency
        return (
            f"“{curve.label}” can be made only when a world begins, so no later year was tried: made in {start}, it "
            f"saves {share(saved.estimate)} of the failed worlds (95\u00a0%: {limits(saved)})."
        )
    if curve.last is None:
        first = min(y.year for y in curve.years if y.year or not curve.left_out)
        lost = (
            "in no year that was run does it save half of the failed worlds"
            if curve.lost_from != first
            else "in every year that was run it saves less than half of the failed worlds (every interval lies below "
            f"50{PERCENT})"
        )
        return f"“{curve.label}”: {lost}."
    low = f"{start + curve.low}" if curve.low is not None else "never"
    high = f"{start + curve.high}" if curve.high is not None else "never"
    said = (
        f"The last year in which “{curve.label}” saves at least half of the failed worlds is {start + curve.last} "
        f"(95\u00a0%: {low} to {high})"
    )
    if curve.lost_from is not None:
        said += f"; from {start + curve.lost_from} on it is too late: every interval lies below 50{PERCENT}"
    early = [
        y
        for y in curve.years
        if (y.year or not curve.left_out)
        and y.year < curve.last
        and y.sufficiency.high is not None
        and y.sufficiency.high < 0.5
    ]
    if early:
        said += (
            f". It can also come too early: made in {start + early[0].year}"
            + (f" to {start + early[-1].year}" if len(early) > 1 else "")
            + ", it saves less than half"
        )
    return said + "."
