"""The verdict on a claim from the numbers of its draws, without reference to claims or arms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from bestowal.claims.experiment import Array, Holds
from bestowal.claims.verdict import Judgement, Split, Verdict
from bestowal.statistics.intervals import LEVEL, POWER_FACTOR, Interval, mean, proportion, round_up

MOST, LEAST = 2 / 3, 1 / 3


def judge(found: Array, points: Mapping[str, Array], zeros: Iterable[str], holds: Holds, matters: float) -> Judgement:
    """Return the verdict on the numbers of draws.

    Parameters
    ----------
    found : the number of each draw, (draws,); NaN is left out.
    points : each parameter's value at each draw.
    zeros : parameters split at 0; the others are split at their median.
    holds : the range of numbers for which the claim holds.
    matters : the equivalence margin, in the unit of the numbers.
    """
    used = ~np.isnan(found)
    seen = found[used]
    held = holds.at(seen)
    share = proportion(int(held.sum()), int(held.size))
    near = float(holds.near(seen, matters).mean()) if seen.size else None
    splits = _splits(held, {name: values[used] for name, values in points.items()}, frozenset(zeros))
    telling = [s for s in splits if s.p < (1 - LEVEL) / len(splits) and _beyond(s)]
    split = min(telling, key=lambda s: s.p, default=None)
    if 2 * seen.size < found.size:
        verdict, split = Verdict.UNDECIDED, None  # what is left of the prior may be unlike the rest
    elif share.low is not None and share.low > MOST:
        verdict, split = Verdict.SUPPORTED, None
    elif share.high is not None and share.high < LEAST:
        verdict, split = Verdict.CONTRADICTED, None
    elif split is not None:
        verdict = Verdict.DEPENDS
    else:
        verdict = Verdict.UNDECIDED
    return Judgement(verdict, share, mean(seen), near, split, len(splits))


def _splits(held: NDArray[np.bool_], points: Mapping[str, Array], zeros: frozenset[str]) -> list[Split]:
    from scipy.stats import fisher_exact

    splits = []
    for name, values in points.items():
        at = 0.0 if name in zeros else float(np.median(values)) if values.size else 0.0
        low = values == 0 if name in zeros else values <= at
        if low.all():  # more than half the draws have the largest value there is
            low = values < at
        counts = [(int(held[side].sum()), int(side.sum())) for side in (low, ~low)]
        if all(n for _, n in counts):
            p = float(fisher_exact([[k, n - k] for k, n in counts]).pvalue)
            splits.append(Split(name, at, proportion(*counts[0]), proportion(*counts[1]), p))
    return splits


def _beyond(split: Split) -> bool:
    shares = [side.estimate for side in (split.below, split.above) if side.estimate is not None]
    return max(shares) > MOST or min(shares) < LEAST


def draws_to_decide(share: Interval) -> int | None:
    """Return about how many draws with a number would decide, with power 0.8, if the share is as now estimated.

    None where the estimate lies between the two limits: no number of draws would then decide.
    """
    if share.estimate is None or share.low is None or share.high is None:
        return None
    if share.estimate > MOST:
        inner, away = share.estimate - share.low, share.estimate - MOST
    elif share.estimate < LEAST:
        inner, away = share.high - share.estimate, LEAST - share.estimate
    else:
        return None
    return round_up(max(share.n * (inner / away) ** 2 * POWER_FACTOR, share.n + 1))
