"""The last year in which a change would still have been enough, in words and a table."""

from __future__ import annotations

from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.questions.kinds.last_year import LastYear
from bestowal.report.number_format import limits, plural, share
from bestowal.report.sections.section import Section, Table, both


def section(answer: Answer, full: Full) -> Section:
    title = "When was it too late?"
    if not full.last_years:
        return Section("last_year", title, [full.why_not["last_years"]])
    start = answer.first_year
    says = [_last_sentence(curve, start) for curve in full.last_years]
    shown = [{year.year: both(year.sufficiency) for year in curve.years} for curve in full.last_years]
    rows_ = [[f"{start + year}", *(cells.get(year, "") for cells in shown)] for year in sorted(set().union(*shown))]
    small = [
        f"“{curve.label}”: {', '.join(curve.left_out)} {'is' if len(curve.left_out) == 1 else 'are'} read when a world "
        f"begins, and so changed in {start} and in no later year: the first point is another change than the rest, and "
        "stands apart."
        for curve in full.last_years
        if curve.left_out
    ]
    small += [
        f"“{curve.label}”: run in {', '.join(str(start + y.year) for y in curve.years)} on all worlds, and looked at "
        f"in {plural(len(curve.glanced), 'year')} between on the first {curve.glance}; a window of little more, or "
        "little less, saved than in the years about it can be missed."
        for curve in full.last_years
        if curve.glanced
    ]
    small.append(
        "What people are by nature is settled when they come into the world: a change of that, made later, reaches "
        "only those who come later."
    )
    first = full.last_years[0]
    return Section(
        "last_year",
        title,
        says,
        [Table(["Made in", *(curve.label for curve in full.last_years)], rows_)],
        "last_year",
        "Sufficiency of a change against the year it is made in",
        f"The same {plural(first.worlds, 'world')}, with the change made in that year and kept: of the "
        f"{first.failed:,} that failed, the share that succeed with it (95\u00a0%). Dots are years that were run; "
        "where the curve is flat, those between are not. It is no forecast: what people would do if they saw the "
        "change coming is not in it.",
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
        f"{said} With {', '.join(curve.left_out)} too, which can be set in {start} alone, it saves "
        f"{share(whole.estimate)} (95\u00a0%: {limits(whole)}) if made then."
    )


def _too_late(curve: LastYear, start: int) -> str:
    if curve.failed == 0:
        return f"“{curve.label}”: no world failed, so nothing could come too late."
    if [y.year for y in curve.years] == [0]:
        saved = curve.years[0].sufficiency
        return (
            f"“{curve.label}” can be made at the start alone, so there is no year in which it comes too late: made in "
            f"{start} it saves {share(saved.estimate)} of the worlds that failed (95\u00a0%: {limits(saved)})."
        )
    if curve.last is None:
        first = min(y.year for y in curve.years if y.year or not curve.left_out)
        lost = (
            "in no year that was run does it save one half of the worlds that failed"
            if curve.lost_from != first
            else "in every year that was run, it is seen to save less than one half of the worlds that failed"
        )
        return f"“{curve.label}”: {lost}."
    low = f"{start + curve.low}" if curve.low is not None else "never"
    high = f"{start + curve.high}" if curve.high is not None else "never"
    said = (
        f"“{curve.label}” made as late as {start + curve.last} (95\u00a0%: {low} to {high}) still saves at least one "
        "half of the worlds that failed"
    )
    if curve.lost_from is not None:
        said += (
            f"; it is seen to be too late from {start + curve.lost_from} on, where every interval lies below one half"
        )
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
            + " it saves less than one half"
        )
    return said + "."
