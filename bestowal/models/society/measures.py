"""What is measured: sums over the members at work this year, turned into means by `observe`.

Gini by the sorted formula Σ(2k − n − 1)x_k / (n·Σx); need met of the worst-off tenth, ⌈n/10⌉ persons, is the mean of
min(1, x/need). Limits: equal consumption has Gini 0; one owner of everything (n−1)/n.
"""

import math

import numpy as np

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import total
from bestowal.models.society.observables import COLUMN
from bestowal.models.society.state import (
    ABILITY,
    ARMS,
    ATE,
    BENCHMARK,
    BORN,
    BREADTH,
    CAPITAL,
    COMMITMENT,
    CONSUMPTION,
    CRUSHED,
    DEBT,
    DIED,
    DISPERSED,
    DISSENSION,
    DISSOLVED,
    DWINDLED,
    ENTRANTS,
    GIFTS,
    GROSS,
    HARM,
    IDLENESS,
    JOINED,
    LEFT,
    MADE,
    MEAN_BELIEF,
    MEAN_EFFORT,
    MOTIVE,
    ORDERED,
    OTHER,
    PAY,
    POOR,
    POVERTY,
    PRACTISERS,
    RENT,
    REVOLT,
    SCRATCH,
    WISHING,
    WORKERS,
    count,
    places,
)

# Places in the state's `sums`.
SUM_EFFORT = 0
SUM_OUTPUT = 1
SUM_BENCHMARK = 2
SUM_CONSUMPTION = 3
SUM_NEED_MET = 4
SUM_GINI = 5
SUM_MOTIVE = 6
SUM_COMMITMENT = 7
SUM_BREADTH = 8
SUM_BELIEF = 9
SUM_ABILITY = 10
SUM_PAY = 11
SUM_COMMON = 12
SUM_CAPITAL = 13
SUM_DEBT = 14
SUM_RENT = 15
SUM_ARMS = 16
SUM_GIFTS = 17
SUM_HARM = 18
SUM_WISHING = 19
SUM_PERSONS = 20
SUM_PRACTISING = 21
SUM_INCLUSION = 22
SUM_PURE = 23  # min(P, e)
SUM_PURE_WITHOUT_GLOW = 24
SUM_FREE = 25  # P
SUM_ACROSS = 26  # P·ω
SUM_UNANSWERED = 27  # P(κ, 0)
SUM_ANSWERED = 28  # P(κ, 1)
SUM_UNWATCHED = 29  # P(κ·(1 − watcher), ĝ)
SUM_TOP = 30


@njit_no_refcount
def compress(alive, values, out):
    """The values of the living side by side; returns how many. Each is kept or overwritten by the next, for a branch on
    whether a place is empty can't be guessed."""
    k = 0
    for i in range(values.size):
        out[k] = values[i]
        k += alive[i]
    return k


@njit_no_alias
def least(values):
    """The smallest of integers: of a float64's bits, which keep the order of numbers that aren't negative."""
    low = values[0]
    for i in range(values.size):
        low = values[i] if values[i] < low else low
    return low


@njit_no_alias
def into_buckets(values, low, per_unit, last, bucket):
    for i in range(bucket.size):
        at = (values[i] - low) * per_unit
        bucket[i] = np.int32(at if at < last else last)


@njit_no_refcount
def sort_upwards(values, mean, bucket, buckets, out):
    """Values, none negative, in rising order: into n buckets of equal width, then by insertion, as they nearly are.

    The buckets end at three times the mean above the least; the few beyond, rulers mostly, share the last.
    """
    n = values.size
    low = np.int64(least(values.view(np.int64))).view(np.float64)
    last = n - 1.0
    into_buckets(values, low, last / (3.0 * (mean - low)) if mean > low else 0.0, last, bucket)
    buckets[: n + 1] = 0
    for i in range(n):
        buckets[np.uint32(bucket[i] + 1)] += np.int32(1)
    before = np.int32(0)
    for k in range(n):
        before = np.int32(before + buckets[k])
        buckets[k] = before
    for i in range(n):
        k = np.uint32(bucket[i])
        out[np.uint32(buckets[k])] = values[i]
        buckets[k] += np.int32(1)
    for i in range(1, n):
        value = out[i]
        j = i
        while j > 0 and out[j - 1] > value:
            out[j] = out[j - 1]
            j -= 1
        out[j] = value


@njit_no_refcount
def spread_of(ordered, need):
    """Gini coefficient and need met for the worst-off tenth, of consumption sorted upwards."""
    n = ordered.size
    weighted = 0.0
    everything = 0.0
    for k in range(n):
        weighted += (2.0 * k - n + 1.0) * ordered[k]
        everything += ordered[k]
    gini = weighted / (n * everything) if everything > 0.0 else 0.0
    tenth = (n + 9) // 10
    met = 0.0
    for k in range(tenth):
        met += min(1.0, ordered[k] / need)
    return gini, met / tenth


@njit_no_refcount
def measure_sharing(p, s, c):
    """Adds community c's year, right after sharing."""
    lo, hi = places(p, c)
    alive, scratch = s.alive[lo:hi], s.person[SCRATCH, lo:hi]
    n = s.community[WORKERS, c]
    sums = s.sums
    sums[SUM_PERSONS] += n
    sums[SUM_EFFORT] += n * s.community[MEAN_EFFORT, c]
    sums[SUM_OUTPUT] += s.community[GROSS, c]
    sums[SUM_BENCHMARK] += total(s.person[BENCHMARK, lo:hi])
    eaten = s.community[ATE, c]
    sums[SUM_CONSUMPTION] += eaten
    sums[SUM_MOTIVE] += total(s.person[MOTIVE, lo:hi])
    sums[SUM_COMMITMENT] += total(s.person[COMMITMENT, lo:hi])
    sums[SUM_BREADTH] += total(s.person[BREADTH, lo:hi])
    sums[SUM_PRACTISING] += s.community[PRACTISERS, c]
    sums[SUM_ABILITY] += total(s.person[ABILITY, lo:hi])
    sums[SUM_BELIEF] += n * s.community[MEAN_BELIEF, c]
    sums[SUM_PAY] += n * s.community[PAY, c]
    sums[SUM_COMMON] += (1.0 - s.community[PAY, c]) * (1.0 + p.synergy) * s.community[MADE, c]
    sums[SUM_RENT] += s.community[RENT, c] * s.community[GROSS, c]
    sums[SUM_ARMS] += s.community[ARMS, c] * s.community[GROSS, c]
    sums[SUM_GIFTS] += s.community[GIFTS, c] * s.community[GROSS, c]
    ordered = s.person[ORDERED, lo:hi]
    k = compress(alive, s.person[CONSUMPTION, lo:hi], scratch)
    sort_upwards(scratch[:k], eaten / n, s.bucket[:k], s.buckets, ordered)
    gini, met = spread_of(ordered[:k], p.need)
    sums[SUM_GINI] += n * gini
    sums[SUM_NEED_MET] += n * met


@njit_no_refcount
def measure_after(s, c):
    """Adds what contests and departures decide."""
    s.sums[SUM_CAPITAL] += s.community[CAPITAL, c]
    s.sums[SUM_DEBT] += s.community[DEBT, c]
    s.sums[SUM_HARM] += s.community[HARM, c]
    s.sums[SUM_WISHING] += s.community[WISHING, c] * s.community[WORKERS, c]


@njit_no_refcount
def observe(p, s, out):
    """Writes one year's record: every observable, by its name; NaN where there is nothing to measure."""
    out[:] = math.nan
    standing = count(s.standing)
    founded = min(p.n_founded, p.n_communities)
    out[COLUMN.standing] = min(1.0, standing / founded)
    out[COLUMN.communities] = standing
    out[COLUMN.members] = count(s.alive)
    tally = s.tally
    out[COLUMN.joined] = tally[JOINED]
    out[COLUMN.born] = tally[BORN]
    out[COLUMN.died] = tally[DIED]
    out[COLUMN.left] = tally[LEFT]
    out[COLUMN.dispersed] = tally[DISPERSED]
    out[COLUMN.ended_revolt] = tally[REVOLT]
    out[COLUMN.ended_dissolved] = tally[DISSOLVED]
    out[COLUMN.ended_poor] = tally[POOR]
    out[COLUMN.ended_crushed] = tally[CRUSHED]
    out[COLUMN.ended_dwindled] = tally[DWINDLED]
    out[COLUMN.cause_poverty] = tally[POVERTY]
    out[COLUMN.cause_idleness] = tally[IDLENESS]
    out[COLUMN.cause_entrants] = tally[ENTRANTS]
    out[COLUMN.cause_dissension] = tally[DISSENSION]
    out[COLUMN.cause_other] = tally[OTHER]
    sums = s.sums
    n = sums[SUM_PERSONS]
    if n > 0.0:
        out[COLUMN.effort] = sums[SUM_EFFORT] / n
        out[COLUMN.output] = sums[SUM_OUTPUT] / n
        out[COLUMN.output_ratio] = sums[SUM_OUTPUT] / sums[SUM_BENCHMARK]
        out[COLUMN.consumption] = sums[SUM_CONSUMPTION] / n
        out[COLUMN.need_met] = sums[SUM_NEED_MET] / n
        out[COLUMN.gini] = sums[SUM_GINI] / n
        out[COLUMN.motive] = sums[SUM_MOTIVE] / n
        out[COLUMN.commitment] = sums[SUM_COMMITMENT] / n
        out[COLUMN.breadth] = sums[SUM_BREADTH] / n
        out[COLUMN.belief] = sums[SUM_BELIEF] / n
        out[COLUMN.ability] = sums[SUM_ABILITY] / n
        out[COLUMN.pay_link] = sums[SUM_PAY] / n
        product = sums[SUM_OUTPUT]
        out[COLUMN.common_share] = sums[SUM_COMMON] / product if product > 0.0 else 0.0
        out[COLUMN.capital] = sums[SUM_CAPITAL] / n
        out[COLUMN.debt] = sums[SUM_DEBT] / n
        out[COLUMN.rent] = sums[SUM_RENT] / product if product > 0.0 else 0.0
        out[COLUMN.arms] = sums[SUM_ARMS] / product if product > 0.0 else 0.0
        out[COLUMN.gifts] = sums[SUM_GIFTS] / n
        out[COLUMN.harm] = sums[SUM_HARM] / n
        out[COLUMN.wish_to_leave] = sums[SUM_WISHING] / n
        out[COLUMN.practising] = sums[SUM_PRACTISING] / n
        out[COLUMN.inclusion] = sums[SUM_INCLUSION] / n
        given, free = sums[SUM_EFFORT], sums[SUM_FREE]
        out[COLUMN.purity] = min(1.0, sums[SUM_PURE] / given) if given > 0.0 else math.nan
        out[COLUMN.purity_without_glow] = min(1.0, sums[SUM_PURE_WITHOUT_GLOW] / given) if given > 0.0 else math.nan
        out[COLUMN.scope] = sums[SUM_ACROSS] / free if free > 0.0 else math.nan
        answered = sums[SUM_ANSWERED]
        out[COLUMN.unconditionality] = sums[SUM_UNANSWERED] / answered if answered > 0.0 else math.nan
        out[COLUMN.unwatched] = min(1.0, sums[SUM_UNWATCHED] / free) if free > 0.0 else math.nan
        out[COLUMN.top_rung] = sums[SUM_TOP] / n
