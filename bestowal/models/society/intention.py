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

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import clip, total
from bestowal.kernels.motives import care
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
    CONSUMPTION,
    EFFORT,
    GIVING,
    INCLUSION,
    INSIDE,
    OUTSIDE,
    OWN,
    PAYOFF,
    RATIO,
    SCRATCH,
    WORKERS,
    places,
)
from bestowal.models.society.work import wished

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


@njit_no_alias
def switch_off(
    p, lo, hi, others, alive, ratio, inclusion, commitment, belief, breadth, given,
    most, giving, unanswered, answered, pure, without_glow, across, unwatched,
):  # fmt: skip
    """What is given with returns off, of places lo to hi; returns how many are pure, broad and unconditional."""
    matching, glowing, seen = p.matching, 1.0 - p.warm_glow, 1.0 - p.watcher
    top = 0
    for i in range(lo, hi):
        e, kappa, omega = given[i], commitment[i], breadth[i]
        weight = 1.0 if ratio[i] > 1.0 else ratio[i]
        care_for_all = np.float64(alive[i]) * inclusion[i] * weight * others
        free_giving = free(care_for_all, kappa, belief[i], matching)
        alone = free(care_for_all, kappa, 0.0, matching)
        together = free(care_for_all, kappa, 1.0, matching)
        left = free_giving * glowing
        most[i] = care_for_all
        giving[i] = free_giving
        unanswered[i] = alone
        answered[i] = together
        pure[i] = e if e < free_giving else free_giving
        without_glow[i] = e if e < left else left
        across[i] = free_giving * omega
        unwatched[i] = free(care_for_all, kappa * seen, belief[i], matching)
        mostly = (free_giving > 0.0) & (free_giving >= 0.5 * e)
        top += np.int64(mostly & (omega >= 0.5) & (alone >= 0.5 * together))
    return top


@njit_no_refcount
def measure_intention(p, s):
    """This year's sums, right after work; in rows that are used only later in the year."""
    unanswered, answered, pure, without_glow = s.person[INSIDE], s.person[OUTSIDE], s.person[OWN], s.person[CONSUMPTION]
    across, unwatched, giving = s.person[PAYOFF], s.person[SCRATCH], s.person[GIVING]
    commitment, belief, breadth = s.person[COMMITMENT], s.person[BELIEF], s.person[BREADTH]
    top = 0
    for c in range(p.n_communities):
        lo, hi = places(p, c)
        n = s.community[WORKERS, c]
        others = (1.0 + p.synergy) * (n - 1.0) / n if n > 0.0 else 0.0
        top += switch_off(
            p, lo, hi, others, s.alive, s.person[RATIO], s.person[INCLUSION], commitment, belief, breadth,
            s.person[EFFORT], s.person[CARE], giving, unanswered, answered, pure, without_glow, across, unwatched,
        )  # fmt: skip
    s.sums[SUM_INCLUSION] = total(s.person[INCLUSION])
    s.sums[SUM_FREE] = total(giving)
    s.sums[SUM_UNANSWERED] = total(unanswered)
    s.sums[SUM_ANSWERED] = total(answered)
    s.sums[SUM_PURE] = total(pure)
    s.sums[SUM_PURE_WITHOUT_GLOW] = total(without_glow)
    s.sums[SUM_ACROSS] = total(across)
    s.sums[SUM_UNWATCHED] = total(unwatched)
    s.sums[SUM_TOP] = top
