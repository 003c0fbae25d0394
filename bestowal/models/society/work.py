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
    SCRATCH,
    SCREEN,
    SHOCK,
    WORKERS,
    living_total,
    lognormal,
    members,
)
from bestowal.numerics import clip, exp, normals, total
from bestowal.parts.motives import care


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


@njit(error_model="numpy")
def prepare(p, s):
    """What each person brings to the year's work, for the whole world at once: m/(1−m), m, a² and luck.

    Empty places get zeros where sums run over them. A loop for each thing, over long rows: with many arrays in one, or
    few persons, the compiler's vector instructions come to nothing.
    """
    alive, screen, desire, ability = s.alive, s.person[SCREEN], s.person[DESIRE], s.person[ABILITY]
    ratio, motive, benchmark = s.person[RATIO], s.person[MOTIVE], s.person[BENCHMARK]
    product, noise = s.person[PRODUCT], s.person[NOISE]
    w0, w1 = s.words[0, 0], s.words[0, 1]
    luck_sd = p.luck_sd
    for i in range(ratio.size):
        ratio[i] = exp(screen[i] - desire[i])
    for i in range(ratio.size):
        motive[i] = alive[i] * (ratio[i] / (1.0 + ratio[i]))
    for i in range(ratio.size):
        benchmark[i] = alive[i] * ability[i] * ability[i]
    for i in range(ratio.size):
        product[i], noise[i] = normals(w0[i], w1[i])
    for i in range(ratio.size):
        product[i] = lognormal(luck_sd, product[i])


@njit(error_model="numpy")
def work(p, s, c):
    """Effort and product of community c."""
    lo = c * p.n_places
    hi = lo + p.n_places
    alive, ratio, inclusion = s.alive[lo:hi], s.person[RATIO, lo:hi], s.person[INCLUSION, lo:hi]
    commitment, belief, breadth = s.person[COMMITMENT, lo:hi], s.person[BELIEF, lo:hi], s.person[BREADTH, lo:hi]
    given, expected, product = s.person[EFFORT, lo:hi], s.person[EXPECTED, lo:hi], s.person[PRODUCT, lo:hi]
    benchmark, scratch = s.person[BENCHMARK, lo:hi], s.person[SCRATCH, lo:hi]
    practising = s.person[PRACTISING, lo:hi]
    n = np.float64(members(p, s, c))
    pay = s.community[PAY, c]
    shock = s.community[SHOCK, c]
    kept = information_kept(p.information_loss, p.information_half, p.planned_size, pay, n)
    scale = shock * kept * (1.0 - s.community[DAMAGE, c]) * (1.0 - p.hoarding * p.budget_softness)
    matching, synergy, coercion, coerced_effort = p.matching, p.synergy, p.coercion, p.coerced_effort
    crowding_out, pride, threat = p.crowding_out, p.pride, p.threat
    hours, norm = p.practice_hours, p.club_norm if p.practice == CLUB else 0.0
    for i in range(given.size):
        alpha = care(ratio[i], inclusion[i], commitment[i], belief[i], matching)
        e = effort(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth[i], 0.0)
        given[i] = alive[i] * e
    practisers = total(practising)
    if practisers > 0.0 and norm > 0.0:
        for i in range(given.size):
            alpha = care(ratio[i], inclusion[i], commitment[i], belief[i], matching)
            seen = norm * practising[i]
            e = effort(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth[i], seen)
            given[i] = alive[i] * e
    for i in range(given.size):
        expected[i] = benchmark[i] * given[i]
    if practisers > 0.0:
        for i in range(given.size):
            expected[i] *= 1.0 - hours * practising[i]
    for i in range(given.size):
        benchmark[i] = benchmark[i] * product[i] * shock
        product[i] = expected[i] * product[i] * scale
    s.community[MEAN_BELIEF, c] = living_total(alive, belief, scratch) / n
    s.community[WORKERS, c] = n
    s.community[INFORMED, c] = kept
    s.community[PRACTISERS, c] = practisers
    s.community[DAMAGED, c] = s.community[DAMAGE, c]
    s.community[MEAN_EFFORT, c] = total(given) / n
