"""The answer over draws of what is not known, in words and a table."""

from __future__ import annotations

from collections.abc import Sequence

from bestowal.questions.answer import Answer
from bestowal.questions.kind import Full
from bestowal.questions.kinds.over_the_prior.compute import Spread, Uncertain
from bestowal.questions.section import Section, Table
from bestowal.statistics.number_format import (
    between,
    limits,
    plural,
    points,
    share,
    size_in_points,
    with_limits,
    with_limits_below,
)

TITLE = "Over the unknown parameters"


def section(answer: Answer, full: Full, results: Sequence[Uncertain]) -> Section:
    return over_draws(results[0])


def over_draws(found: Uncertain) -> Section:
    history, *changes = found.runs
    says = [
        f"Over {plural(found.draws, 'draw')} of the unknown parameters, P(success) of the scenario with the test has a "
        f"mean of {share(history.success.estimate)} (95\u00a0%: {limits(history.success)}); the middle 80\u00a0% of "
        f"draws range from {_middle(history)}.",
        *(_raises(change) for change in changes),
        f"People: {found.people}.",
    ]
    table = Table(
        ["Run", "P(success), mean", "Middle 80\u00a0% of draws", "Effect, points", "Draws raised", "Draws lowered"],
        [
            [
                run.label,
                with_limits_below(run.success),
                _middle(run),
                with_limits_below(run.effect, points) if run.effect else "",
                with_limits_below(run.raises) if run.raises else "",
                with_limits_below(run.lowers) if run.lowers else "",
            ]
            for run in found.runs
        ],
    )
    drawn = f"{plural(len(found.parameters), 'parameter')} that the scenario does not state"
    source = "each from its prior"
    if found.calibrated:
        names = ", ".join(found.calibrated)
        source = f"{names} jointly from their posterior ({found.data}), each of the others from its prior"
    noisiest = max(run.noise for run in found.runs)
    return Section(
        "over_the_prior",
        TITLE,
        says,
        [table],
        "over_the_prior",
        "P(success) at each draw of the unknown parameters, for the scenario and for each change, with the mean over "
        "draws",
        f"The area of a bubble is the number of draws with that P(success), of {found.draws} draws with "
        f"{plural(found.worlds, 'world')} each. Bar: the middle 80\u00a0% of draws. Diamond: their mean with its "
        "95\u00a0% interval. The figure shows how far the answer holds over the stated ranges of the unknown "
        "parameters; it cannot show errors in those ranges or in the model.",
        [
            f"Drawn are {drawn}: {source}. A value set by a change replaces the drawn one. All runs share the draws "
            "and, at each draw, the random numbers. Draws raised and lowered: shares of draws at which P(success) is "
            "higher and lower with the change; at the others it is equal. The standard error of a draw's P(success) is "
            f"at most {size_in_points(noisiest)} points ({plural(found.worlds, 'world')}), so a small effect at a draw "
            "often shows no difference."
        ],
        says[:2],
    )


def _middle(run: Spread) -> str:
    return between(run.low, run.high, share)


def _raises(change: Spread) -> str:
    assert change.effect is not None and change.raises is not None and change.lowers is not None
    return (
        f"“{change.label}” raises P(success) at {share(change.raises.estimate)} of draws (95\u00a0%: "
        f"{limits(change.raises)}) and lowers it at {share(change.lowers.estimate)}; the mean effect is "
        f"{points(change.effect.estimate)} points ({limits(change.effect, points)}), to a mean of "
        f"{with_limits(change.success)}."
    )
