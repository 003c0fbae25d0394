"""The sentences of an answer, the same in a terminal and on a page.

Every sentence says what an interval carries and no more.
"""

from __future__ import annotations

from bestowal.questions.answer import Answer, Best, Setting, succeeds_already
from bestowal.statistics.intervals import Survival
from bestowal.statistics.number_format import (
    between,
    decimals,
    limits,
    number,
    percent,
    plural,
    points,
    share,
    whole,
    with_limits,
)


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
    """Say how often the scenario with the test is a success."""
    successes = round((answer.success.estimate or 0) * answer.worlds)
    met = f"{successes:,}" if successes else "none"
    told = (
        f"In {plural(answer.worlds, 'run')} of the scenario with the test, {met} met every criterion of success: "
        f"{share(answer.success.estimate)} (95\u00a0%: {limits(answer.success)})."
    )
    if succeeds_already(answer):
        target = answer.question.target
        told += f" The scenario reaches the target of {percent(target)} unchanged, so there is nothing to save."
    return told


def parts_sentence(answer: Answer) -> str:
    """Say how often each criterion of success is met on its own."""
    met = "; ".join(f"{part.label}: {with_limits(part.share)}" for part in answer.parts)
    return f"Each criterion on its own (share of worlds, 95\u00a0%): {met}."


def standing_sentence(answer: Answer) -> str:
    """Say how long the scenario survives without the test: the median with its interval, and the censored worlds."""
    stood: Survival = answer.standing
    simulated = answer.question.horizon
    if stood.median is None:
        fewer = "none" if stood.ended == 0 else f"{stood.ended:,}"
        start = f"Without the test, {fewer} of {plural(stood.n, 'world')} fell within the {simulated} years simulated"
        return start + (
            ": the median lies beyond them."
            if stood.low is None
            else f"; the median lies beyond them (95\u00a0%: {whole(stood.low)} or more)."
        )
    interval = (
        f"{whole(stood.low)} to more than {simulated}" if stood.high is None else between(stood.low, stood.high, whole)
    )
    return (
        f"Without the test, the median survival is {whole(stood.median)} full years (95\u00a0%: {interval}); "
        f"{stood.n - stood.ended:,} of {plural(stood.n, 'world')} still stood after {simulated} years."
    )


def best_sentence(best: Best, answer: Answer) -> str:
    """Say which single change of a group raises P(success) most, or that none does detectably."""
    lever = {result.name: result for result in answer.levers}
    if best.status == "none":
        adjusted = "" if best.levers == 1 else f", adjusted for {best.levers} comparisons"
        changes = (
            f"The single change of {best.group} did not raise"
            if best.levers == 1
            else (f"No single change of {best.group} raised")
        )
        return f"{changes} P(success) detectably ({plural(answer.worlds, 'world')}{adjusted})."
    top = lever[best.names[0]]
    reached = f"to {share(top.success.estimate)} (95\u00a0%: {limits(top.success)})"
    if best.levers == 1:
        return f"The single change of {best.group}, “{top.label}”, raised P(success) {reached}."
    if best.status == "best":
        assert best.lead is not None
        return (
            f"Of the {plural(best.levers, 'single change')} of {best.group}, “{top.label}” raised P(success) most, "
            f"{reached}. Its lead over the next, “{lever[best.runner_up].label}”, is {points(best.lead.estimate)} "
            f"points ({limits(best.lead, points)}; 95\u00a0%, simultaneous over all comparisons)."
        )
    names = ", ".join(f"“{lever[name].label}” ({share(lever[name].success.estimate)})" for name in best.names)
    return (
        f"Of the {plural(best.levers, 'single change')} of {best.group}, these {len(best.names)} raised P(success) "
        f"most and do not differ detectably at {plural(answer.worlds, 'world')}: {names}."
    )


def bundle_sentences(answer: Answer) -> list[str]:
    """Say what each bundle does; bundles are not compared with single changes."""
    return [
        f"Bundle “{lever.label}” ({len(lever.together)} changes together): P(success) {share(lever.success.estimate)} "
        f"(95\u00a0%: {limits(lever.success)})."
        for lever in answer.levers
        if lever.together
    ]


def undecided_sentences(answer: Answer) -> list[str]:
    """Say what is not decided, with the number of worlds that would about decide it."""
    return [
        point.what
        + (
            f": about {point.worlds:,} worlds would decide it"
            if point.worlds is not None
            else ": the number of worlds needed cannot be estimated"
        )
        for point in answer.undecided
    ]


def growth_sentences(answer: Answer) -> list[str]:
    """Say why there are as many worlds as there are, and how many runs common random numbers saved."""
    grown = answer.growth
    labels = {lever.name: lever.label for lever in answer.levers}
    which = f"the effect of “{labels[grown.what]}”" if grown.what else "P(success) of the scenario"
    width = f"{whole(100 * grown.widest)} points wide ({which})"
    ran = f"{plural(answer.worlds, 'world')} in each run"
    more = f"{grown.first_worlds:,} requested"
    if answer.worlds > grown.first_worlds:
        more += f", then more until no main interval was wider than {whole(100 * grown.narrow)} points"
    said = {
        "asked": f"{ran}, as requested; the widest main interval is {width}.",
        "narrow": f"{ran} ({more}); the widest main interval is {width}.",
        "budget": f"{ran}, the most that the question allows ({more}); the widest main interval is still {width}.",
    }[grown.stopped]
    saved = sorted(lever.saved for lever in answer.levers if lever.saved is not None)
    if not saved:
        return [said]
    middle = saved[len(saved) // 2]
    return [
        said,
        "Common random numbers: with independent random numbers in each run, intervals as narrow would need "
        f"{decimals(middle, 1)} times as many worlds (median of {plural(len(saved), 'change')}; range "
        f"{decimals(saved[0], 1)} to {decimals(saved[-1], 1)}).",
    ]


def people_sentence(answer: Answer) -> str:
    """Say which motives the persons of the scenario have."""
    return f"Motives of persons, by the scenario and the model's defaults: {answer.people}."


def test_sentence(answer: Answer) -> str:
    """Say what the test sets, and in which years."""
    asked = answer.question
    values = ", ".join(f"{name} = {number(value)}" for name, value in asked.test.values.items())
    length = asked.horizon - asked.test.year
    told = (
        f"The test: {values} in the last {plural(length, 'year')} (from {answer.first_year + asked.test.year}), in the "
        "scenario and with every change alike."
    )
    if answer.test_changes_nothing:
        told += " It changes nothing here: the scenario has these values already."
    return told


CAUSATION = (
    "Sufficiency: the share of the failed worlds that succeed with the change. Necessity: the share of the worlds that "
    "succeed with the change that fail without it, everything else equal; two changes that are each enough alone are "
    "both 100\u00a0% necessary. Ruined: the share of the successful worlds that fail with the change. Independent: the "
    "value of the same share if the two runs had independent random numbers. Where the three equal it, they say no "
    "more than the effect does, and with an effect of 0 they show random numbers only."
)
SIZES = (
    "Each change has the one size and the one starting year that the question file states. Other sizes could rank "
    "differently, and sizes of different changes have no common measure: the ranking compares the changes as stated, "
    "not the importance of their causes."
)
SCOPE = (
    "These are results in a model with stated parameters. They say what follows in the model; how well it represents "
    "the society named is a separate question."
)


def not_held_sentences(answer: Answer) -> list[str]:
    """A sentence for each value of a single change that did not stay as set."""
    return [f"{lever.label}: {said}." for lever in answer.levers if not lever.together for said in lever.not_held]
