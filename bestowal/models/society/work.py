"""Work: how much effort a person gives, and what it makes (Sen 1966; Holmström 1982; Kandel & Lazear 1992).

A member of a community of N chooses e to maximise own consumption, minus a²e²/2, plus α times the others' consumption:

  e = β + (1−β)(1+ρ)·[1/N + α·(1 − χk)(1 + ζT(1−ω))·(N−1)/N] + k·f + v, held in [0, 1],
  α = o·min(1, m/(1−m))·[κ + (1−κ)·μ·ĝ];

v is what a club's eyes add for one who practises in it. Practice takes part of the time: expected product is h·a²e.

Limits: α = 0, β = 0 gives (1+ρ)/N (Holmström); α = 1 gives 1+ρ, capped (Sen: care alone is enough at any N); β = 1
gives 1; with A = 1, β = 0, large N and no shocks, effort settles at κ/(1 − (1−κ)μ).
"""

import numpy as np
from numba import njit

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import clip, exp, normals, total
from bestowal.kernels.motives import care
from bestowal.models.society.practice import CLUB
from bestowal.models.society.state import (
    ABILITY,
    BELIEF,
    BENCHMARK,
    BREADTH,
    COMMITMENT,
    DAMAGE,
    DAMAGED,
    DESIRE,
    EFFORT,
    EXPECTED,
    INCLUSION,
    INFORMED,
    MEAN_BELIEF,
    MEAN_EFFORT,
    MOTIVE,
    NOISE,
    PAY,
    PRACTISERS,
    PRACTISING,
    PRODUCT,
    RATIO,
    SCREEN,
    SHOCK,
    WORKERS,
    lognormal,
    members,
    places,
)


@njit(error_model="numpy", forceinline=True)
def wished(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth, seen):
    """e before it is held in [0, 1]; n is the number of members (float), seen is v."""
    lift = (1.0 - crowding_out * coercion) * (1.0 + pride * threat * (1.0 - breadth))
    e = pay + (1.0 - pay) * (1.0 + synergy) * (1.0 / n + alpha * lift * (n - 1.0) / n) + coercion * coerced_effort
    return e + seen


@njit(error_model="numpy", forceinline=True)
def effort(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth, seen):
    """e, as a fraction of the efficient effort."""
    e = wished(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth, seen)
    return clip(e, 0.0, 1.0)


@njit(error_model="numpy", forceinline=True)
def information_kept(loss, half, planned, pay, n):
    """Share of product left when a pot is allotted without prices (Hayek 1945); 1 at β = 1, falls with size."""
    size = planned if planned > n else n
    return 1.0 - loss * (1.0 - pay) * size / (size + half)


@njit_no_alias
def bring(alive, screen, desire, ability, ratio, motive, benchmark):
    """m/(1−m), m and a²."""
    for i in range(ratio.size):
        odds = exp(screen[i] - desire[i])
        ratio[i] = odds
        motive[i] = alive[i] * (odds / (1.0 + odds))
        benchmark[i] = ability[i] * ability[i]


@njit_no_alias
def meet(word0, word1, luck_sd, product, noise):
    """Luck, and the noise of this year's perception."""
    for i in range(product.size):
        luck, noise[i] = normals(word0[i], word1[i])
        product[i] = lognormal(luck_sd, luck)


@njit_no_refcount
def prepare(p, s):
    """What each person brings to the year's work, for the whole world at once.

    Empty places get zeros where sums run over them.
    """
    screen, desire, ability = s.person[SCREEN], s.person[DESIRE], s.person[ABILITY]
    bring(s.alive, screen, desire, ability, s.person[RATIO], s.person[MOTIVE], s.person[BENCHMARK])
    meet(s.words[0, 0], s.words[0, 1], p.luck_sd, s.person[PRODUCT], s.person[NOISE])


@njit_no_alias
def give(
    p, lo, hi, n, pay, norm, shock, scale, alive, ratio, inclusion, commitment, belief, breadth, practising,
    given, expected, benchmark, product,
):  # fmt: skip
    """Effort, product as expected and as made, and what full effort would have made, of places lo to hi."""
    hours, matching, synergy, coercion = p.practice_hours, p.matching, p.synergy, p.coercion
    coerced_effort, crowding_out, pride, threat = p.coerced_effort, p.crowding_out, p.pride, p.threat
    for i in range(lo, hi):
        alpha = care(ratio[i], inclusion[i], commitment[i], belief[i], matching)
        seen = norm * practising[i]
        e = effort(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth[i], seen)
        e = alive[i] * e
        square, luck = benchmark[i], product[i]
        hoped = square * e * (1.0 - hours * practising[i])
        given[i] = e
        expected[i] = hoped
        benchmark[i] = square * luck * shock
        product[i] = hoped * luck * scale


@njit_no_refcount
def work(p, s, c):
    """Effort and product of community c."""
    lo, hi = places(p, c)
    commitment, belief, breadth = s.person[COMMITMENT], s.person[BELIEF], s.person[BREADTH]
    given, practising = s.person[EFFORT], s.person[PRACTISING]
    n = np.float64(members(p, s, c))
    pay = s.community[PAY, c]
    shock = s.community[SHOCK, c]
    kept = information_kept(p.information_loss, p.information_half, p.planned_size, pay, n)
    scale = shock * kept * (1.0 - s.community[DAMAGE, c]) * (1.0 - p.hoarding * p.budget_softness)
    norm = p.club_norm if p.practice == CLUB else 0.0
    give(
        p, lo, hi, n, pay, norm, shock, scale, s.alive, s.person[RATIO], s.person[INCLUSION], commitment, belief,
        breadth, practising, given, s.person[EXPECTED], s.person[BENCHMARK], s.person[PRODUCT],
    )  # fmt: skip
    s.community[MEAN_BELIEF, c] = total(belief[lo:hi]) / n
    s.community[WORKERS, c] = n
    s.community[INFORMED, c] = kept
    s.community[PRACTISERS, c] = total(practising[lo:hi])
    s.community[DAMAGED, c] = s.community[DAMAGE, c]
    s.community[MEAN_EFFORT, c] = total(given[lo:hi]) / n
