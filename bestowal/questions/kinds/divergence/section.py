"""Who differs first between a world and its changed twin, and through what, in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.divergence.compute import Who
from bestowal.questions.section import Section, Table
from bestowal.statistics.number_format import number, share

TITLE = "Who is affected first, and through which channel?"


def section(answer: Answer, full: Full, results: Sequence[Who]) -> Section:
    found = results[0]
    start = answer.first_year
    change = full.changes[0].label
    if found.first is None:
        return Section(
            "divergence", TITLE, [f"In world {found.world}, “{change}” changes nothing about anybody at work."]
        )
    first = found.first
    channels = [name for name, count in found.by_channel.items() if count]
    at_once = found.at_once or 0.0
    says = [
        f"World {found.world} without and with “{change}”: persons first differ in {start + first.year}, "
        f"{share(at_once)} of those at work"
        + (", so the change acts on nearly everybody at once" if at_once >= 0.9 else "")
        + f". The first by the order of the rules is {first.person}, through {first.channel}. {found.ever:,} of "
        f"{found.people:,} persons differ in at least one year"
        + ("; in the last year none does." if found.died_out else "."),
    ]
    counts = Table(
        ["First difference through", "Persons"],
        [[f"{name.capitalize()}\n{found.channels[name]}", f"{found.by_channel[name]:,}"] for name in channels],
    )
    people = Table(
        ["Year", "Person", "Through", "What", "Without the change", "With the change"],
        [
            [
                f"{start + p.year}",
                f"{p.person}\ncommunity {p.community}, place {p.place}",
                p.channel,
                p.what,
                number(p.in_a),
                number(p.in_b),
            ]
            for p in found.persons[:12]
        ],
        words=4,
    )
    return Section(
        "divergence",
        TITLE,
        says,
        [counts, people],
        "divergence",
        "Persons who differ between the two worlds by year, and those who newly differ by channel",
        "One pair of worlds: the lowest-numbered one that fails without the change and succeeds with it or, if none "
        "does so, the lowest-numbered one that differs. An illustration, not an estimate. Line: persons at work who "
        "differ in that year. Bars: persons who differ for the first time, by channel.",
        [found.limits],
    )
