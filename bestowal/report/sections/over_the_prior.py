"""The answer over draws of what is not known, in words and a table."""

from __future__ import annotations

from bestowal.questions.kinds.over_the_prior import Spread, Uncertain
from bestowal.report.number_format import limits, plural, points, share
from bestowal.report.sections.section import Section, Table, both, size


def section(found: Uncertain) -> Section:
    history, *changes = found.runs
    asked = f"{plural(found.draws, 'draw')} of what isn't known"
    says = [
        f"Over {asked}, as it was and put to the test: P(success) is {share(history.success.estimate)} on average "
        f"(95\u00a0%: {limits(history.success)}); in the middle 80\u00a0% of draws {_middle(history)}.",
        *(_raises(change) for change in changes),
        f"People: {found.people}.",
    ]
    table = Table(
        ["Run", "P(success), mean", "Middle 80\u00a0% of draws", "Effect, points", "Raises", "Lowers"],
        [
            [
                run.label,
                both(run.success),
                _middle(run),
                both(run.effect, points) if run.effect else "",
                both(run.raises) if run.raises else "",
                both(run.lowers) if run.lowers else "",
            ]
            for run in found.runs
        ],
    )
    of = f"{plural(len(found.parameters), 'parameter')} that the scenario doesn't state"
    known = "each from its prior"
    if found.calibrated:
        names = ", ".join(found.calibrated)
        known = f"{names} jointly from what data have left of them ({found.data}), the others each from its prior"
    noisiest = max(run.noise for run in found.runs)
    return Section(
        "uncertain",
        "Over all that isn't known",
        says,
        [table],
        "uncertain",
        "P(success) at each draw of what isn't known, as it was and with each change, with the mean over draws",
        f"Each bubble is as large as the number of draws with that P(success), of {found.draws} with "
        f"{plural(found.worlds, 'world')} each; the bar is the middle 80\u00a0% of them, the diamond their mean "
        "(95\u00a0%). It shows how far the answer holds over what is stated to be unknown, and can't show what is "
        "wrong in those ranges or in the model.",
        [
            f"Drawn: {of}, {known}. A change's own values stand over the draws. The same draws, and at each the same "
            f"worlds with the same luck, in every run; by the luck of {plural(found.worlds, 'world')} alone a draw's "
            f"P(success) has a standard deviation of up to {size(noisiest)} points. Raises and lowers: of all draws, "
            "those where it is seen to be higher and lower with the change; in the others it is the same. In so few "
            "worlds a draw in which the change helps or harms a little is often not seen."
        ],
        says[:2],
    )


def _middle(run: Spread) -> str:
    return f"{share(run.low)} to {share(run.high)}"


def _raises(change: Spread) -> str:
    assert change.effect is not None and change.raises is not None and change.lowers is not None
    said = (
        f"“{change.label}” raises it in {share(change.raises.estimate)} of draws (95\u00a0%: {limits(change.raises)}) "
        f"and lowers it in {share(change.lowers.estimate)}"
    )
    return (
        f"{said}: by {points(change.effect.estimate)} points on average ({limits(change.effect, points)}), to "
        f"{share(change.success.estimate)} ({limits(change.success)})."
    )
