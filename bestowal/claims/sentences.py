"""A verdict's numbers in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bestowal.claims.experiment import Experiment
from bestowal.claims.judge import draws_to_decide
from bestowal.claims.verdict import Judgement, Verdict
from bestowal.statistics.intervals import Interval
from bestowal.uncertainty.prior import People


def because(judged: Judgement, experiment: Experiment, draws: int, ties: int, shaken: float | None, of: str) -> str:
    """The numbers behind a verdict in one sentence."""
    n = judged.share.n
    if n == 0 and ties < draws:
        return f"At none of {draws} draws of {of} was there anything to measure."
    said = [f"the number is {experiment.holds.asks} at {percent(judged.share)} of {n} draws of {of}"]
    if n < draws:
        few = ", too many for a verdict" if 2 * n < draws else ""
        nothing = draws - n - ties
        said += [f"at {nothing} more there was nothing to measure{'' if ties else few}"] if nothing else []
        if ties:
            said.append(f"at {ties} more the arms are the same in every world, which is not counted against it{few}")
    said.append(f"its mean is {shown(judged.number)}")
    if judged.near is not None:
        said.append(f"{100 * judged.near:.0f} % of the draws lie within {experiment.matters:g} of the threshold")
    if shaken is not None:
        said.append(f"luck alone moves a draw's number by about {shaken:.2g}")
    if judged.split is not None:
        s = judged.split
        sides = (f"{s.parameter} = 0", "above") if s.at == 0 else (f"{s.parameter} up to {s.at:.3g}", "beyond")
        said.append(
            f"with {sides[0]} it is {percent(s.below)}, {sides[1]} {percent(s.above)} (Fisher's exact p = {s.p:.1g}, "
            f"the smallest of {judged.tried} parameters tried)"
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
    """Whose people a claim was run with, in a sentence: means over draws, from the least arm to the most."""
    said = [f"People: {people.says}"]
    for name, values in (("mean weight on another person", weights), ("commitment κ", kappa)):
        if values:
            least, most = f"{min(values):.2f}", f"{max(values):.2f}"
            said.append(f"{name} {least}" if least == most else f"{name} {least} to {most} by arm")
    return "; ".join(said) + "."


def percent(share: Interval) -> str:
    """A share with its interval: 81 % [75 %, 86 %]."""
    if share.estimate is None or share.low is None or share.high is None:
        return "–"
    return f"{100 * share.estimate:.0f} % [{100 * share.low:.0f} %, {100 * share.high:.0f} %]"


def shown(number: Interval) -> str:
    """A mean with its interval, to the digits the interval carries: 0.123 [0.101, 0.145]."""
    if number.estimate is None:
        return "–"
    if number.low is None or number.high is None:
        return f"{number.estimate:.3g}"
    width = number.high - number.low
    digits = min(max(1 - math.floor(math.log10(width)), 0), 6) if width > 0 else 3
    return f"{number.estimate:.{digits}f} [{number.low:.{digits}f}, {number.high:.{digits}f}]"
