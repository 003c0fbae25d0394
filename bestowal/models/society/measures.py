"""What is measured: sums over the members at work this year, turned into means by `observe`.

Gini by the sorted formula Σ(2k − n − 1)x_k / (n·Σx); need met of the worst-off tenth, ⌈n/10⌉ persons, is the mean of
min(1, x/need). Limits: equal consumption has Gini 0; one owner of everything (n−1)/n.
"""

import math

import numpy as np

from bestowal.loops import borrowing, loop
from bestowal.models.society.state import (
    ABILITY,
    ARMS,
    ATE,
    BENCHMARK,
    BREADTH,
    CAPITAL,
    COMMITMENT,
    CONSUMPTION,
    DEBT,
    GIFTS,
    GROSS,
    HARM,
    MADE,
    MEAN_BELIEF,
    MEAN_EFFORT,
    MOTIVE,
    ORDERED,
    PAY,
    POVERTY,
    PRACTISERS,
    RENT,
    SCRATCH,
    WISHING,
    WORKERS,
    count,
    places,
)
from bestowal.numerics import total

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


@borrowing
def compress(alive, values, out):
    """The values of the living side by side; returns how many. Each is kept or overwritten by the next, for a branch on
    whether a place is empty can't be guessed."""
    k = 0
    for i in range(values.size):
        out[k] = values[i]
        k += alive[i]
    return k


@loop
def least(values):
    """The smallest of integers: of a float64's bits, which keep the order of numbers that aren't negative."""
    low = values[0]
    for i in range(values.size):
        low = values[i] if values[i] < low else low
    return low


@loop
def into_buckets(values, low, per_unit, last, bucket):
    for i in range(bucket.size):
        at = (values[i] - low) * per_unit
        bucket[i] = np.int32(at if at < last else last)


@borrowing
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


@borrowing
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


@borrowing
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


@borrowing
def measure_after(s, c):
    """Adds what contests and departures decide."""
    s.sums[SUM_CAPITAL] += s.community[CAPITAL, c]
    s.sums[SUM_DEBT] += s.community[DEBT, c]
    s.sums[SUM_HARM] += s.community[HARM, c]
    s.sums[SUM_WISHING] += s.community[WISHING, c] * s.community[WORKERS, c]


@borrowing
def observe(p, s, out):
    """One year's record, in the order of OBSERVABLES."""
    standing = count(s.standing)
    living = count(s.alive)
    founded = min(p.n_founded, p.n_communities)
    out[0] = min(1.0, standing / founded)
    out[1] = standing
    out[2] = living
    sums = s.sums
    n = sums[SUM_PERSONS]
    if n == 0.0:
        for k in range(3, 23):
            out[k] = math.nan
        for k in range(33, 41):
            out[k] = math.nan
    else:
        out[3] = sums[SUM_EFFORT] / n
        out[4] = sums[SUM_OUTPUT] / n
        out[5] = sums[SUM_OUTPUT] / sums[SUM_BENCHMARK]
        out[6] = sums[SUM_CONSUMPTION] / n
        out[7] = sums[SUM_NEED_MET] / n
        out[8] = sums[SUM_GINI] / n
        out[9] = sums[SUM_MOTIVE] / n
        out[10] = sums[SUM_COMMITMENT] / n
        out[11] = sums[SUM_BREADTH] / n
        out[12] = sums[SUM_BELIEF] / n
        out[13] = sums[SUM_ABILITY] / n
        out[14] = sums[SUM_PAY] / n
        product = sums[SUM_OUTPUT]
        out[15] = sums[SUM_COMMON] / product if product > 0.0 else 0.0
        out[16] = sums[SUM_CAPITAL] / n
        out[17] = sums[SUM_DEBT] / n
        out[18] = sums[SUM_RENT] / product if product > 0.0 else 0.0
        out[19] = sums[SUM_ARMS] / product if product > 0.0 else 0.0
        out[20] = sums[SUM_GIFTS] / n
        out[21] = sums[SUM_HARM] / n
        out[22] = sums[SUM_WISHING] / n
        out[33] = sums[SUM_PRACTISING] / n
        out[34] = sums[SUM_INCLUSION] / n
        given, free = sums[SUM_EFFORT], sums[SUM_FREE]
        out[35] = min(1.0, sums[SUM_PURE] / given) if given > 0.0 else math.nan
        out[36] = min(1.0, sums[SUM_PURE_WITHOUT_GLOW] / given) if given > 0.0 else math.nan
        out[37] = sums[SUM_ACROSS] / free if free > 0.0 else math.nan
        out[38] = sums[SUM_UNANSWERED] / sums[SUM_ANSWERED] if free > 0.0 else math.nan
        out[39] = min(1.0, sums[SUM_UNWATCHED] / free) if free > 0.0 else math.nan
        out[40] = sums[SUM_TOP] / n
    for k in range(POVERTY):
        out[23 + k] = s.tally[k]
    for k in range(POVERTY, s.tally.size):
        out[41 + k - POVERTY] = s.tally[k]
