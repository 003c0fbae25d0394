"""A verdict's numbers in sentences."""

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
        return f"None of {draws} draws of {of} has a number."
    said = [f"the number is {experiment.holds.asks} at {with_limits(judged.share, percent)} of {n} draws of {of}"]
    if n < draws:
        few = ", too many for a verdict" if 2 * n < draws else ""
        nothing = draws - n - ties
        said += [f"{nothing} more have no number{'' if ties else few}"] if nothing else []
        if ties:
            said.append(f"at {ties} more the arms are identical in every world, which is not counted against it{few}")
    said.append(f"its mean is {mean_with_limits(judged.number)}")
    if judged.near is not None:
        said.append(f"{percent(judged.near)} of the draws lie within {experiment.matters:g} of the threshold")
    if shaken is not None:
        said.append(f"the Monte Carlo error of a draw's number is about {number(shaken)}")
    if judged.split is not None:
        s = judged.split
        sides = (f"{s.parameter} = 0", "above") if s.at == 0 else (f"{s.parameter} up to {number(s.at)}", "beyond")
        said.append(
            f"with {sides[0]} it is {with_limits(s.below, percent)}, {sides[1]} {with_limits(s.above, percent)} "
            f"(Fisher's exact test, {p_value(s.p, 'p')}, the smallest of {judged.tried} parameters tried)"
        )
    elif judged.verdict is Verdict.UNDECIDED and 2 * n >= draws:
        needed = draws_to_decide(judged.share)
        said.append(
            f"about {needed} draws would decide, if the share is what it seems"
            if needed is not None
            else "a share between 1/3 and 2/3 is not decided by more draws, unless a parameter comes to divide them"
        )
    text = "; ".join(said) + "."
    return text[0].upper() + text[1:]


def who(people: People, weights: Sequence[float], kappa: Sequence[float]) -> str:
    """Return which people a claim was run with, in a sentence: means over draws, by arm from least to most."""
    said = [f"People: {people.says}"]
    for name, values in (("mean weight on another person", weights), ("commitment κ", kappa)):
        if values:
            least, most = decimals(min(values), 2), decimals(max(values), 2)
            said.append(f"{name} {least}" if least == most else f"{name} {least} to {most} by arm")
    return "; ".join(said) + "."
