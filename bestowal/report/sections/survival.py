"""How long societies stand, in words and tables."""

from __future__ import annotations

from bestowal.questions.answer import Answer
from bestowal.questions.kinds.survival import Standing
from bestowal.questions.question_file import HISTORY, TESTED
from bestowal.report.number_format import number, plural, years
from bestowal.report.sections.section import Section, Table, both


def section(answer: Answer, stood: Standing) -> Section:
    title = "How long it stands"
    labels = {lever.name: lever.label for lever in answer.levers}
    rows_ = [
        [
            labels.get(run.run, "The scenario with the test" if run.run == TESTED else "The scenario without the test"),
            f"{run.curve.median:.0f}" if run.curve.median is not None else f"> {stood.horizon}",
            both(run.years, number),
            both(run.difference, years) if run.difference else "",
            f"{both(run.longer)}\n{_pairs(run.longer.n)}" if run.longer and run.longer.n else "",
            _p(run.sign_p),
            _p(run.logrank_p),
        ]
        for run in stood.runs
        if run.run != HISTORY or not answer.test_changes_nothing
    ]
    reference = next(run for run in stood.runs if run.run == stood.reference)
    hazards = Table(
        ["Age, the scenario with the test", "Ends", "Years at risk", "Hazard a year"],
        [
            [f"{h.start} to {h.stop - 1} years", f"{h.ends:,}", f"{h.at_risk:,}", both(h.hazard)]
            for h in reference.hazards
        ],
    )
    return Section(
        "standing",
        title,
        [
            f"Full years stood within the {stood.horizon} watched, over {plural(stood.worlds, 'world')}; a world that "
            "never fell is censored there. Paired: of the worlds whose years differ, the share that stood longer with "
            "the change."
        ],
        [
            Table(["Run", "Median", "Mean years", "Gained", "Stood longer", "p, pairs", "p, log-rank"], rows_),
            hazards,
        ],
        "curves",
        "Share of worlds still standing by year, as it was and with the foremost changes",
        f"Kaplan–Meier estimates with 95\u00a0% bands, {plural(stood.worlds, 'world')} each, the same luck in each. It "
        "shows when worlds fall, not whether those that stand succeed in the rest.",
        [
            "p, pairs: exact sign test over worlds that differ; p, log-rank takes the runs as separate samples. "
            "Neither allows for the number of changes tried."
        ],
    )


def _pairs(n: int) -> str:
    return "1 pair differs" if n == 1 else f"{n:,} pairs differ"


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
