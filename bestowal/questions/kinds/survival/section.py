"""How long societies stand, in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.survival.compute import Standing
from bestowal.questions.question import HISTORY, TESTED
from bestowal.questions.section import Section, Table
from bestowal.statistics.number_format import number, p_value, plural, whole, with_limits_below, years

TITLE = "How long the society lasts"


def section(answer: Answer, full: Full, results: Sequence[Standing]) -> Section:
    stood = results[0]
    labels = {lever.name: lever.label for lever in answer.levers}
    rows_ = [
        [
            labels.get(run.run, "The scenario with the test" if run.run == TESTED else "The scenario without the test"),
            whole(run.curve.median) if run.curve.median is not None else f"> {stood.horizon}",
            with_limits_below(run.years, number),
            with_limits_below(run.difference, years) if run.difference else "",
            f"{with_limits_below(run.longer)}\n{_pairs(run.longer.n)}" if run.longer and run.longer.n else "",
            p_value(run.sign_p),
            p_value(run.logrank_p),
        ]
        for run in stood.runs
        if run.run != HISTORY or not answer.test_changes_nothing
    ]
    reference = next(run for run in stood.runs if run.run == stood.reference)
    hazards = Table(
        ["Age (scenario with the test)", "Failures", "Years at risk", "Hazard per year"],
        [
            [f"{h.start} to {h.stop - 1} years", f"{h.ends:,}", f"{h.at_risk:,}", with_limits_below(h.hazard)]
            for h in reference.hazards
        ],
    )
    return Section(
        "survival",
        TITLE,
        [
            f"Full years of survival within the {stood.horizon} simulated, over {plural(stood.worlds, 'world')}; "
            "worlds still standing at the end are censored. Survived longer: of the worlds whose years differ, "
            "the share that survive longer with the change."
        ],
        [
            Table(["Run", "Median", "Mean years", "Gained", "Survived longer", "p, sign test", "p, log-rank"], rows_),
            hazards,
        ],
        "survival",
        "Share of worlds still standing by year, for the scenario and for the foremost changes",
        f"Kaplan–Meier estimates with 95\u00a0% bands over {plural(stood.worlds, 'world')} each, with common random "
        "numbers. The curves show when worlds fall, not whether those that stand meet the other criteria of success.",
        [
            "p, sign test: exact, over the worlds whose years differ. p, log-rank: treats the runs as independent "
            "samples. Neither is adjusted for the number of changes tried."
        ],
    )


def _pairs(n: int) -> str:
    return "1 pair differs" if n == 1 else f"{n:,} pairs differ"
