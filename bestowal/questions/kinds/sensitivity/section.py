"""Which parameters move the answer, in words and a table."""

from __future__ import annotations

from collections.abc import Sequence

from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.sensitivity.result import Sensitivity
from bestowal.questions.section import Section, Table
from bestowal.statistics.number_format import decimals, plural, size_in_points, with_limits_below

TITLE = "Which unknown parameters the answer depends on"


def section(answer: Answer, full: Full, results: Sequence[Sensitivity]) -> Section:
    found = results[0]
    change = full.changes[0].label
    screen = next(s for s in found.screens if s.of == "effect")
    shown = screen.parameters[:10]
    table = Table(
        ["Parameter of the prior", "μ*, points", "σ, points", "Expected by chance", "μ* at a quarter", "μ* at half"],
        [
            [
                e.name,
                with_limits_below(e.mu_star, size_in_points),
                size_in_points(e.sigma),
                size_in_points(e.noise),
                size_in_points(e.quarter.estimate),
                size_in_points(e.half.estimate),
            ]
            for e in (*shown, screen.dummy)
        ],
    )
    agreed = "; ".join(
        f"{a.one} and {a.other}: {a.common} of the first {a.top} in common"
        + (f", rank agreement {decimals(a.savage, 2)}" if a.savage is not None else "")
        for a in screen.agreement
    )
    return Section(
        "sensitivity",
        TITLE,
        [f"The answer is the effect of “{change}” on P(success).", *found.says],
        [table],
        "sensitivity",
        "How much each parameter moves the effect of the change, foremost first",
        f"Elementary effects over the prior (Morris 1991): the mean absolute change of the effect, in points of "
        f"P(success), when one parameter moves over its whole range, over {found.trajectories} starting points with "
        f"{found.worlds} worlds each. Hollow: the value expected by chance with so few worlds. Only parameters that "
        "neither the scenario nor the change states are moved.",
        [
            f"Agreement of the rankings by different numbers of trajectories: {agreed}. μ* at a quarter and at half: "
            "its value over a quarter and half of the trajectories. The sentences above rest on "
            f"{plural(found.walk_worlds, 'world')} a point, with one parameter moved at a time."
        ],
        found.says[:1],
    )
