"""Sentences that report the numbers behind a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from bestowal.claims.experiment import Experiment
from bestowal.claims.judge import draws_to_decide
from bestowal.claims.verdict import Judgement, Verdict
from bestowal.statistics.number_format import decimals, mean_with_limits, number, p_value, percent, with_limits
from bestowal.uncertainty.prior import People


def because(judged: Judgement, experiment: Experiment, draws: int, ties: int, shaken: float | None, of: str) -> str:
    """Return the numbers behind a verdict in one sentence."""
    n = judged.share.n
    if n == 0 and ties < draws:
        return f"The claim's number is undefined in all {draws} draws from {of}."
    said = [
        f"the claim's number is {experiment.holds.asks} in {with_limits(judged.share, percent)} of {n} draws from {of}"
    ]
    if n < draws:
        few = ", too many for a verdict" if 2 * n < draws else ""
        nothing = draws - n - ties
        said += [f"it is undefined in {nothing} further draws{'' if ties else few}"] if nothing else []
        if ties:
            said.append(f"{ties} further draws are left out because all worlds are identical in the arms{few}")
    said.append(f"its mean over draws is {mean_with_limits(judged.number)}")
    if judged.near is not None:
        margin = f"the equivalence margin ({experiment.matters:g})"
        said.append(f"{percent(judged.near)} of draws lie within {margin} of the threshold")
    if shaken is not None:
        said.append(f"the Monte Carlo standard error of one draw's number is about {number(shaken)}")
    if judged.split is not None:
        s = judged.split
        sides = (f"{s.parameter} = 0", "> 0") if s.at == 0 else (f"{s.parameter} ≤ {number(s.at)}", f"> {number(s.at)}")
        said.append(
            f"the share is {with_limits(s.below, percent)} where {sides[0]} "
            f"and {with_limits(s.above, percent)} where {sides[1]} "
            f"(Fisher's exact test, {p_value(s.p, 'p')}, the smallest p of {judged.tried} parameters tested)"
        )
    elif judged.verdict is Verdict.UNDECIDED and 2 * n >= draws:
        needed = draws_to_decide(judged.share)
        said.append(
            f"about {needed} draws would decide the claim if the share stays the same"
            if needed is not None
            else "more draws do not decide a share between 1/3 and 2/3 unless a parameter is found to split them"
        )
    text = "; ".join(said) + "."
    return text[0].upper() + text[1:]


def who(people: People, weights: Sequence[float], kappa: Sequence[float]) -> str:
    """Return a sentence on the people of a claim: their source, and means over draws, with the range across arms."""
    said = [f"People: {people.says}"]
    for name, values in (("mean weight on another person", weights), ("commitment κ", kappa)):
        if values:
            least, most = decimals(min(values), 2), decimals(max(values), 2)
            said.append(f"{name} {least}" if least == most else f"{name} {least} to {most} across arms")
    return "; ".join(said) + "."
