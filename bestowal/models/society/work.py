"""Work: how much effort a person gives, and what it makes (Sen 1966; Holmström 1982; Kandel & Lazear 1992).

A member of a community of N chooses e to maximise own consumption, minus a²e²/2, plus α times the others' consumption:

  e = β + (1−β)(1+ρ)·[1/N + α·(1 − χk)(1 + ζT(1−ω))·(N−1)/N] + k·f, held in [0, 1],
  α = o·min(1, m/(1−m))·[κ + (1−κ)·μ·ĝ].

Limits: α = 0, β = 0 gives (1+ρ)/N (Holmström); α = 1 gives 1+ρ, capped (Sen: care alone is enough at any N); β = 1
gives 1; with A = 1, β = 0, large N and no shocks, effort settles at κ/(1 − (1−κ)μ).
"""

import numpy as np
from numba import njit

from bestowal.models.society.state import (
    ABILITY,
    BELIEF,
    BENCHMARK,
    BREADTH,
    COMMITMENT,
    DAMAGE,
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
    PRODUCT,
    SCRATCH,
    SCREEN,
    SHOCK,
    WORKERS,
    living_total,
)
from bestowal.numerics import clip, exp, normals, total


@njit(error_model="numpy", forceinline=True)
def care(ratio, inclusion, commitment, belief, matching):
    """α: weight on each other member's consumption relative to one's own; ratio is exp(s − d), that is m/(1−m)."""
    weight = 1.0 if ratio > 1.0 else ratio
    return inclusion * weight * (commitment + (1.0 - commitment) * matching * belief)


@njit(error_model="numpy", forceinline=True)
def effort(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth):
    """e, as a fraction of the efficient effort; n is the number of members (float)."""
    lift = (1.0 - crowding_out * coercion) * (1.0 + pride * threat * (1.0 - breadth))
    e = pay + (1.0 - pay) * (1.0 + synergy) * (1.0 / n + alpha * lift * (n - 1.0) / n) + coercion * coerced_effort
    return clip(e, 0.0, 1.0)


@njit(error_model="numpy", forceinline=True)
def information_kept(loss, half, planned, pay, n):
    """Share of product left when a pot is allotted without prices (Hayek 1945); 1 at β = 1, falls with size."""
    size = planned if planned > n else n
    return 1.0 - loss * (1.0 - pay) * size / (size + half)


@njit(error_model="numpy")
def work(p, s, c):
    """Effort and product of community c. Empty places get zeros, so that sums run over whole rows."""
    lo = c * p.n_places
    hi = lo + p.n_places
    alive = s.alive[lo:hi]
    screen, desire, inclusion = s.person[SCREEN, lo:hi], s.person[DESIRE, lo:hi], s.person[INCLUSION, lo:hi]
    commitment, belief, breadth, ability = (
        s.person[COMMITMENT, lo:hi],
        s.person[BELIEF, lo:hi],
        s.person[BREADTH, lo:hi],
        s.person[ABILITY, lo:hi],
    )
    motive, given, expected = s.person[MOTIVE, lo:hi], s.person[EFFORT, lo:hi], s.person[EXPECTED, lo:hi]
    product, benchmark, scratch = s.person[PRODUCT, lo:hi], s.person[BENCHMARK, lo:hi], s.person[SCRATCH, lo:hi]
    noise = s.person[NOISE, lo:hi]
    w0, w1 = s.words[c, 0, 0], s.words[c, 0, 1]
    count = 0
    for i in range(p.n_places):
        count += alive[i]
    n = np.float64(count)
    pay = s.community[PAY, c]
    kept = information_kept(p.information_loss, p.information_half, p.planned_size, pay, n)
    scale = s.community[SHOCK, c] * kept * (1.0 - s.community[DAMAGE, c]) * (1.0 - p.hoarding * p.budget_softness)
    shock = s.community[SHOCK, c]
    # Plain locals, and a loop for each thing: with many arrays in one, the compiler gives up working on four at a time.
    matching, synergy, coercion, coerced_effort = p.matching, p.synergy, p.coercion, p.coerced_effort
    crowding_out, pride, threat, luck_sd = p.crowding_out, p.pride, p.threat, p.luck_sd
    for i in range(given.size):
        scratch[i] = exp(screen[i] - desire[i])
    for i in range(given.size):
        motive[i] = alive[i] * (scratch[i] / (1.0 + scratch[i]))
    for i in range(given.size):
        alpha = care(scratch[i], inclusion[i], commitment[i], belief[i], matching)
        e = effort(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth[i])
        given[i] = alive[i] * e
    for i in range(given.size):
        benchmark[i] = alive[i] * ability[i] * ability[i]
        expected[i] = benchmark[i] * given[i]
    for i in range(given.size):
        product[i], noise[i] = normals(w0[i], w1[i])
    for i in range(given.size):
        product[i] = exp(luck_sd * product[i] - 0.5 * luck_sd * luck_sd)
    for i in range(given.size):
        benchmark[i] = benchmark[i] * product[i] * shock
        product[i] = expected[i] * product[i] * scale
    s.community[MEAN_BELIEF, c] = living_total(alive, belief, scratch) / n
    s.community[WORKERS, c] = n
    s.community[INFORMED, c] = kept
    s.community[MEAN_EFFORT, c] = total(given) / n
