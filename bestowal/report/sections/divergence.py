"""Who differs first between a world and its changed twin, and through what, in words and tables."""

from __future__ import annotations

from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.report.number_format import number, share
from bestowal.report.sections.section import Section, Table


def section(answer: Answer, full: Full) -> Section:
    title = "Who is touched first, and through what?"
    found = full.who
    if found is None:
        return Section("who", title, [full.why_not["who"]])
    start = answer.first_year
    change = full.changes[0].label
    if found.first is None:
        return Section("who", title, [f"In world {found.world}, nobody at work ever differs with “{change}”."])
    first = found.first
    channels = [name for name, count in found.by_channel.items() if count]
    at_once = found.at_once or 0.0
    says = [
        f"World {found.world}, as it was and with “{change}”: somebody first differs in {start + first.year} "
        f"({share(at_once)} of all at work that year"
        + (", so the change acts on nearly everybody at once" if at_once >= 0.9 else "")
        + f"). First by the rules: {first.person}, through {first.channel}. In all {found.ever:,} of "
        f"{found.people:,} persons ever differ" + (", and in the end nobody does." if found.died_out else "."),
    ]
    counts = Table(
        ["First differ through", "Persons"],
        [[f"{name.capitalize()}\n{found.channels[name]}", f"{found.by_channel[name]:,}"] for name in channels],
    )
    people = Table(
        ["Year", "Person", "Through", "What", "As it was", "With the change"],
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
        "who",
        title,
        says,
        [counts, people],
        "who",
        "Persons who differ between the two worlds by year, and those who newly differ by channel",
        "One pair of worlds, the first by number that failed as it was and succeeded with the change (or, where there "
        "is none, the first that differs): an illustration, not an estimate. Line: persons at work who differ that "
        "year. Bars: persons who differ for the first time, by what shows it.",
        [found.limits],
    )
