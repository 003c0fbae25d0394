"""Each group's Shapley share of the difference between two societies, in words and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.shapley.compute import Blame
from bestowal.questions.section import Section, Table
from bestowal.statistics.number_format import (
    Shown,
    limits,
    number,
    plural,
    points,
    share,
    with_limits,
    with_limits_below,
    years,
)

TITLE = "Motives, institutions or surroundings?"


def section(answer: Answer, full: Full, results: Sequence[Blame]) -> Section:
    says = [_blame_sentence(blame) for blame in results]
    tables = []
    for blame in results:
        shown = _shown(blame)
        tables.append(
            Table(
                [f"Shares of {shown.what}", "Share", "Added first", "Added last"],
                [
                    [
                        f"{s.player.capitalize()}\n{plural(len(s.parameters), 'parameter')}: {', '.join(s.parameters)}",
                        with_limits_below(s.share, shown.signed),
                        with_limits_below(s.first, shown.signed) if s.first else "",
                        with_limits_below(s.last, shown.signed) if s.last else "",
                    ]
                    for s in blame.shares
                ],
            )
        )
    first = results[0]
    if first.exact:
        plain = [_shown(blame).plain for blame in results]
        tables.append(
            Table(
                [f"“{first.a}” with these groups as in “{first.b}”", *(_shown(blame).name for blame in results)],
                [
                    [" and ".join(mixture.players) or "none"]
                    + [
                        with_limits_below(blame.mixtures[k].worth, how)
                        for blame, how in zip(results, plain, strict=True)
                    ]
                    for k, mixture in enumerate(first.mixtures)
                ],
            )
        )
    return Section(
        "shapley",
        TITLE,
        says,
        tables,
        "shapley",
        "Each group's share of the difference in P(success) and in years of survival",
        f"Shapley shares over {plural(first.worlds, 'world')} with common random numbers in every mixture "
        "(95\u00a0% intervals); they sum to the whole difference. Hollow: the effect of the group when it is added "
        "first and when it is added last; where these differ much, the groups interact. The shares decompose the "
        "difference between these two societies as their files state them, and hold for no other pair.",
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
    return _Shown("Years of survival", "the difference in years of survival", " years", number, years)


def _blame_sentence(blame: Blame) -> str:
    shown = _shown(blame)
    gap = f"{shown.signed(blame.gap.estimate)}{shown.unit} (95\u00a0%: {limits(blame.gap, shown.signed)})"
    shares = "; ".join(f"{s.player} {with_limits(s.share, shown.signed)}" for s in blame.shares)
    whole = "" if blame.gap.excludes(0) else ", which does not exclude 0"
    swapped = f"with everything as in “{blame.b}” instead of “{blame.a}”"
    return f"{shown.name}: {swapped}, {gap}{whole}. Shapley shares: {shares}."
