"""P(success) over all that isn't known at once: as it was, and with each change, at joint draws of prior and posterior.

At each draw every parameter of the prior that the scenario doesn't state takes the value drawn, of people given what it
states of them (`bestowal.claims.source.open_to`); what the scenario states stands, and a change's own values stand over
both. All runs have the same draws and, at each, the
same worlds with the same luck; each draw has luck of its own. So an effect is paired, and draws are independent.

Of few worlds a draw's P(success) is known roughly: by luck alone it has a standard deviation of ``noise``, which is in
the spread over draws but averages out of the mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bestowal.questions.dose import sized
from bestowal.questions.kind import Case
from bestowal.questions.outcomes import Judge
from bestowal.questions.question import TESTED, Lever, Question, tested
from bestowal.simulation.scenario import Scenario
from bestowal.statistics.intervals import Interval, mean, proportion
from bestowal.uncertainty.draws import draw, luck
from bestowal.uncertainty.prior import Calibrated, open_to


@dataclass(frozen=True)
class Spread:
    """One run over the draws.

    ``each``: P(success) at each draw; ``success``: their mean; ``low``, ``high``: between them the middle 80 % of them.
    ``effect``: mean of P(success) with the change minus without; ``raises``, ``lowers``: shares of draws in which it is
    above and below 0. None of the three for history.
    """

    run: str
    label: str
    each: list[float]
    success: Interval
    low: float
    high: float
    noise: float
    effect: Interval | None = None
    raises: Interval | None = None
    lowers: Interval | None = None


@dataclass(frozen=True)
class Uncertain:
    """``runs``: history with the test, then the changes. ``parameters``: drawn; ``data``: what calibrated some.

    ``people``: whose people it is, in a line.
    """

    runs: list[Spread]
    parameters: list[str]
    calibrated: list[str]
    data: str
    draws: int
    worlds: int
    people: str = ""


def uncertain(
    base: Scenario,
    changes: Sequence[Lever],
    asked: Question,
    judge: Judge,
    *,
    seed: int,
    draws: int = 96,
    worlds: int = 16,
) -> Uncertain:
    """P(success) of history and with each change over what isn't known.

    Parameters
    ----------
    judge : what becomes of worlds: `bestowal.questions.outcomes.Evaluator.judge`.
    seed : of the draws and of their luck. More draws begin with those of fewer.
    """
    left, people = open_to(base)
    bases = [base.but(None, **draw(left, base.model, seed, d)).clock(seed=luck(seed, d)) for d in range(draws)]
    runs = [tested(b, asked) for b in bases]
    runs += [tested(sized(b, change, 1, {}), asked) for change in changes for b in bases]
    found = judge(runs, range(worlds))
    met = np.array([outcome.success for outcome in found]).reshape(1 + len(changes), draws, worlds)
    calibrated = {name: r for name, r in left.items() if isinstance(r, Calibrated)}
    return Uncertain(
        spreads([(TESTED, "The scenario with the test"), *((change.name, change.label) for change in changes)], met),
        list(left),
        list(calibrated),
        next((r.why for r in calibrated.values()), ""),
        draws,
        worlds,
        people.says,
    )


def spreads(names: Sequence[tuple[str, str]], met: NDArray[np.bool_]) -> list[Spread]:
    """(runs, draws, worlds) which worlds succeeded -> each run over the draws; the first is history."""
    shares = met.mean(axis=2)
    told = []
    for k, (run, label) in enumerate(names):
        each = shares[k]
        low, high = (float(end) for end in np.quantile(each, [0.1, 0.9]))
        noise = math.sqrt(float((each * (1 - each)).mean()) / (met.shape[2] - 1))
        one = Spread(run, label, each.tolist(), _mean_share(each), low, high, noise)
        if k:
            gain = each - shares[0]
            up, down = (proportion(int(some.sum()), some.size) for some in (gain > 0, gain < 0))
            one = Spread(run, label, one.each, one.success, low, high, noise, mean(gain, bounds=(-1, 1)), up, down)
        told.append(one)
    return told


def _mean_share(each: NDArray[np.float64]) -> Interval:
    """The mean over draws, within 0 and 1; as of so many worlds where each draw's is 0, or 1."""
    if (each == each[0]).all() and each[0] in (0, 1):
        return proportion(int(each.sum()), each.size)
    return mean(each, bounds=(0, 1))


def parts(case: Case) -> dict[str, Callable[[], Uncertain]]:
    """The scenario and each change examined closely, over draws of what is not known."""

    def compute() -> Uncertain:
        return uncertain(case.base, case.changes, case.asked, case.evaluator.judge, seed=case.seed)

    return {"": compute}
