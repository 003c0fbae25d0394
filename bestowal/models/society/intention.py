"""Intention, read off by switches: what of a person's giving stays when its returns are taken away.

Each switch is the effort of the same person in the same state with one thing off (experiments of the kind: dictator
against public goods, anonymity, third party; Andreoni 1990 on warm glow). With pay, own part, sanctions and audience
all off there is left

  P(κ, ĝ) = min(1, (1+ρ)·o·min(1, m/(1−m))·(κ + (1−κ)·μ·ĝ)·(N−1)/N).

Purity is min(P, e)/e, scope P·ω/P, unconditionality P(κ, 0)/P(κ, 1); of a society, sums over those at work stand for
single terms. Nothing in the model reads any of it. Limits: an egoist under force has purity 0; care that ends at the
camp's border (ω = 0) scope 0; a merely conditional giver (κ = 0) unconditionality 0; κ = ω = 1 at m ≥ ½ all three 1.
"""

import numpy as np
from numba import njit

from bestowal.models.society.measures import (
    SUM_ACROSS,
    SUM_ANSWERED,
    SUM_FREE,
    SUM_INCLUSION,
    SUM_PURE,
    SUM_PURE_WITHOUT_GLOW,
    SUM_TOP,
    SUM_UNANSWERED,
    SUM_UNWATCHED,
)
from bestowal.models.society.practice import CLUB
from bestowal.models.society.state import (
    BELIEF,
    BREADTH,
    CARE,
    COMMITMENT,
    EFFORT,
    GIVING,
    INCLUSION,
    INSIDE,
    OUTSIDE,
    RATIO,
    SCRATCH,
    WORKERS,
    living_total,
)
from bestowal.models.society.work import wished
from bestowal.numerics import clip, total
from bestowal.parts.motives import care

# What is off.
NOTHING = 0
REWARD = 1  # R: pay
REPAYMENT = 2  # Q: one's own part of the pot
SANCTION = 3  # S
AUDIENCE = 4  # A: pride, and a club's eyes
HAND = 5  # W: one's own hand; a third party gives
WATCHER = 6  # H: the believed watcher
OTHERS = 7  # D: the others' giving
CAMP = 8  # K: the other is an outsider


@njit(error_model="numpy")
def switched(p, off, ratio, inclusion, commitment, belief, breadth, practising, n, pay):
    """The effort e of a person with one thing off; ratio is exp(s − d), n the number of members (float)."""
    pay = 0.0 if off == REWARD else pay
    coercion = 0.0 if off == SANCTION else p.coercion
    pride = 0.0 if off == AUDIENCE or off == CAMP else p.pride
    seen = p.club_norm * practising if p.practice == CLUB and off != AUDIENCE else 0.0
    commitment = commitment * (1.0 - p.watcher) if off == WATCHER else commitment
    alpha = care(ratio, inclusion, commitment, 0.0 if off == OTHERS else belief, p.matching)
    if off == HAND:
        alpha *= 1.0 - p.warm_glow
    if off == CAMP:
        alpha *= breadth
    e = wished(alpha, n, pay, p.synergy, coercion, p.coerced_effort, p.crowding_out, pride, p.threat, breadth, seen)
    if off == REPAYMENT:
        e -= (1.0 - pay) * (1.0 + p.synergy) / n
    return clip(e, 0.0, 1.0)


@njit(error_model="numpy", forceinline=True)
def free(most, commitment, belief, matching):
    """P: what is given with every return off; most is (1+ρ)·A·(N−1)/N."""
    given = most * (commitment + (1.0 - commitment) * matching * belief)
    return given if given < 1.0 else 1.0


@njit(error_model="numpy")
def measure_intention(p, s):
    """This year's sums, right after work. A short loop for each, as in `work.prepare`."""
    alive, ratio, inclusion, most = s.alive, s.person[RATIO], s.person[INCLUSION], s.person[CARE]
    commitment, belief, breadth = s.person[COMMITMENT], s.person[BELIEF], s.person[BREADTH]
    given, giving, scratch = s.person[EFFORT], s.person[GIVING], s.person[SCRATCH]
    unanswered, answered = s.person[INSIDE], s.person[OUTSIDE]  # rows that departures use only later
    matching, glowing, unwatched = p.matching, 1.0 - p.warm_glow, 1.0 - p.watcher
    for i in range(most.size):
        weight = 1.0 if ratio[i] > 1.0 else ratio[i]
        most[i] = np.float64(alive[i]) * inclusion[i] * weight
    for c in range(p.n_communities):
        n = s.community[WORKERS, c]
        others = (1.0 + p.synergy) * (n - 1.0) / n if n > 0.0 else 0.0
        for i in range(c * p.n_places, (c + 1) * p.n_places):
            most[i] *= others
    for i in range(most.size):
        giving[i] = free(most[i], commitment[i], belief[i], matching)
    for i in range(most.size):
        unanswered[i] = free(most[i], commitment[i], 0.0, matching)
    for i in range(most.size):
        answered[i] = free(most[i], commitment[i], 1.0, matching)
    s.sums[SUM_INCLUSION] = living_total(alive, inclusion, scratch)
    s.sums[SUM_FREE] = total(giving)
    s.sums[SUM_UNANSWERED] = total(unanswered)
    s.sums[SUM_ANSWERED] = total(answered)
    for i in range(most.size):
        scratch[i] = given[i] if given[i] < giving[i] else giving[i]
    s.sums[SUM_PURE] = total(scratch)
    for i in range(most.size):
        left = giving[i] * glowing
        scratch[i] = given[i] if given[i] < left else left
    s.sums[SUM_PURE_WITHOUT_GLOW] = total(scratch)
    for i in range(most.size):
        scratch[i] = giving[i] * breadth[i]
    s.sums[SUM_ACROSS] = total(scratch)
    for i in range(most.size):
        scratch[i] = free(most[i], commitment[i] * unwatched, belief[i], matching)
    s.sums[SUM_UNWATCHED] = total(scratch)
    top = 0
    for i in range(most.size):
        pure = (giving[i] > 0.0) & (giving[i] >= 0.5 * given[i])
        top += np.int64(pure & (breadth[i] >= 0.5) & (unanswered[i] >= 0.5 * answered[i]))
    s.sums[SUM_TOP] = top
