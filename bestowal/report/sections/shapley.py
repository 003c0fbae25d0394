"""Each group's Shapley share of the difference between two societies, in words and tables."""

from __future__ import annotations

from dataclasses import dataclass

from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.questions.kinds.shapley import Blame
from bestowal.report.number_format import limits, number, plural, points, share, years
from bestowal.report.sections.section import Section, Shown, Table, both


def section(answer: Answer, full: Full) -> Section:
    title = "Motives, institutions or surroundings?"
    if not full.blame:
        return Section("blame", title, [full.why_not["blame"]])
    says = [_blame_sentence(blame) for blame in full.blame]
    tables = []
    for blame in full.blame:
        shown = _shown(blame)
        tables.append(
            Table(
                [f"Shares of {shown.what}", "Share", "When it comes first", "When it comes last"],
                [
                    [
                        f"{s.player.capitalize()}\n{plural(len(s.parameters), 'parameter')}: {', '.join(s.parameters)}",
                        both(s.share, shown.signed),
                        both(s.first, shown.signed) if s.first else "",
                        both(s.last, shown.signed) if s.last else "",
                    ]
                    for s in blame.shares
                ],
            )
        )
    first = full.blame[0]
    if first.exact:
        plain = [_shown(blame).plain for blame in full.blame]
        tables.append(
            Table(
                [f"“{first.a}” with what of “{first.b}”", *(_shown(blame).name for blame in full.blame)],
                [
                    [" and ".join(mixture.players) or "nothing"]
                    + [both(blame.mixtures[k].worth, how) for blame, how in zip(full.blame, plain, strict=True)]
                    for k, mixture in enumerate(first.mixtures)
                ],
            )
        )
    return Section(
        "blame",
        title,
        says,
        tables,
        "blame",
        "Each group's share of the difference in P(success) and in years stood",
        f"Shapley shares over {plural(first.worlds, 'world')} with the same luck in every mixture (95\u00a0%); they "
        "add up to the whole difference. Hollow: what the group changes alone, and what is lost when it alone is "
        "missing; far apart, the groups work only together. It shares out the difference between these two "
        "societies as their files state them, and says nothing of a third.",
        [],
        says[:1],
    )


@dataclass(frozen=True)
class _Shown:
    name: str
    what: str
    unit: str
    plain: Shown
    signed: Shown


def _shown(blame: Blame) -> _Shown:
    if blame.of == "success":
        return _Shown("P(success)", "the difference in P(success), points", " points", share, points)
    return _Shown("Years stood", "the difference in years stood", " years", number, years)


def _blame_sentence(blame: Blame) -> str:
    shown = _shown(blame)
    gap = f"{shown.signed(blame.gap.estimate)}{shown.unit} (95\u00a0%: {limits(blame.gap, shown.signed)})"
    start = f"{shown.name}: with everything as in “{blame.b}” instead, {gap}"
    shared = "; ".join(
        f"{s.player} {shown.signed(s.share.estimate)} ({limits(s.share, shown.signed)})" for s in blame.shares
    )
    whole = "" if blame.gap.excludes(0) else ": no difference as a whole is seen"
    return f"{start}{whole}. Shared out over what differs: {shared}."
