"""The sentences of an answer, the same in a terminal and on a page.

Every sentence says what an interval carries and no more.
"""

from __future__ import annotations

from bestowal.questions.answer import Answer, Best, Setting, succeeds_already
from bestowal.report.number_format import limits, number, plural, points, share
from bestowal.statistics.intervals import Survival


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
