"""Which parameters move the answer, in words and a table."""

from __future__ import annotations

from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.questions.kinds.sensitivity import Sensitivity
from bestowal.report.number_format import plural
from bestowal.report.sections.section import Section, Table, both, size


def section(answer: Answer, full: Full) -> Section:
    title = "What the answer hangs on"
    found: Sensitivity | None = full.sensitivity
    if found is None:
        return Section("sensitivity", title, [full.why_not["sensitivity"]])
    change = full.changes[0].label
    screen = next(s for s in found.screens if s.of == "effect")
    shown = screen.parameters[:10]
    table = Table(
        ["Parameter of the prior", "μ*, points", "σ, points", "Of this chance", "At a quarter", "At half"],
        [
            [
                e.name,
                both(e.mu_star, size),
                size(e.sigma),
                size(e.noise),
                size(e.quarter.estimate),
                size(e.half.estimate),
            ]
            for e in (*shown, screen.dummy)
        ],
    )
    agreed = "; ".join(
        f"{a.one} and {a.other}: {a.common} of the {a.top} foremost in common"
        + (f", rank agreement {a.savage:.2f}" if a.savage is not None else "")
        for a in screen.agreement
    )
    return Section(
        "sensitivity",
        title,
        [f"The answer: what “{change}” does to P(success).", *found.says],
        [table],
        "sensitivity",
        "How much each parameter moves the effect of the change, foremost first",
        f"Elementary effects over the prior (Morris 1991): by how many points of P(success) the change's effect moves "
        f"when one parameter moves over its whole range, on average over {found.trajectories} starting points with "
        f"{found.worlds} worlds each. Hollow: what chance alone would show with so few worlds. Only parameters that "
        "neither the scenario nor the change states are moved.",
        [
            f"How settled the order is: {agreed}. The sentences above rest on {plural(found.walk_worlds, 'world')} a "
            "point, one parameter moved at a time."
        ],
        found.says[:1],
    )
