"""Decisions in common: amendment of the pay link, and the ways a community ends.

Amendment: at others' current efforts a member values pay link β' at I(β')·[β'q + (1−β')(1+ρ)·mean q] and votes for the
best of staying, one step up, one step down. Dissolution: a bare majority for whom v_out + own part of the capital as an
annuity beats v_in (communes have dissolved while solvent). Revolt: yearly chance revolt·k·share who would leave.
Every ending is put down to a cause, by the first rule of `cause` that fits (names after Noyes 1870, rules ours).
Limits: with equal abilities and synergy nobody votes up; with no information loss and no synergy the above-average do.
"""

import numpy as np
from numba import njit

from bestowal.kernels.compile import njit_no_refcount
from bestowal.kernels.elementary import clip, total
from bestowal.kernels.rng import admitted, chance, draw, site
from bestowal.models.society.state import (
    CAPITAL,
    COMMUNITY,
    CONSUMPTION,
    CRUSHED,
    DAMAGE,
    DEBT,
    DISPERSED,
    DISSENSION,
    DISSOLVED,
    DWINDLED,
    EFFORT,
    ENTRANTS,
    EXPECTED,
    IDLENESS,
    INSIDE,
    MEAN_EFFORT,
    OTHER,
    OUTSIDE,
    PAY,
    PAY_SHIFT,
    POOR,
    POVERTY,
    READY,
    REVOLT,
    SCRATCH,
    WISHING,
    WORKERS,
    depart,
    living_total,
    members,
)
from bestowal.models.society.work import information_kept


@njit(error_model="numpy")
def worth(p, pay, n, mean):
    """(slope, level): pay link `pay` is worth slope·q + level to a member of expected product q.

    The factor 1 − D, common to all, is left out.
    """
    kept = information_kept(p.information_loss, p.information_half, p.planned_size, pay, n)
    return kept * pay, kept * (1.0 - pay) * (1.0 + p.synergy) * mean


@njit_no_refcount
def amend(p, s, c, n):
    lo = c * p.n_places
    hi = lo + p.n_places
    alive, expected = s.alive[lo:hi], s.person[EXPECTED, lo:hi]
    mean = living_total(alive, expected, s.person[SCRATCH, lo:hi]) / n
    pay = s.community[PAY, c]
    higher = clip(pay + p.vote_step, 0.0, 1.0)
    lower = clip(pay - p.vote_step, 0.0, 1.0)
    slope, level = worth(p, pay, n, mean)
    slope_up, level_up = worth(p, higher, n, mean)
    slope_down, level_down = worth(p, lower, n, mean)
    up = 0
    down = 0
    for i in range(expected.size):
        stay = slope * expected[i] + level
        rise = slope_up * expected[i] + level_up
        fall = slope_down * expected[i] + level_down
        wants_up = (rise > stay) & (rise >= fall)
        up += alive[i] * np.int64(wants_up)
        down += alive[i] * np.int64((fall > stay) & (not wants_up))
    if up > p.majority * n:
        s.community[PAY_SHIFT, c] = higher - p.pay_link
    elif down > p.majority * n:
        s.community[PAY_SHIFT, c] = lower - p.pay_link


@njit_no_refcount
def for_dissolving(p, s, c, n):
    wealth = s.community[CAPITAL, c] - s.community[DEBT, c]
    part = p.annuity * (wealth if wealth > 0.0 else 0.0) / n
    lo = c * p.n_places
    hi = lo + p.n_places
    alive, inside, outside = s.alive[lo:hi], s.person[INSIDE, lo:hi], s.person[OUTSIDE, lo:hi]
    votes = 0
    for i in range(inside.size):
        votes += alive[i] * np.int64(outside[i] + part > inside[i])
    return votes


@njit_no_refcount
def decide(p, s, c, seed, world, year):
    """Votes, then the first ending that holds, of community c."""
    count = members(p, s, c)
    n = float(count)
    if count > 0 and p.vote_every > 0 and (year + 1) % p.vote_every == 0:
        amend(p, s, c, n)
    _, _, w2, w3 = draw(seed, world, year, site(c), COMMUNITY, 0)
    if chance(w2, p.revolt * p.coercion * s.community[WISHING, c]):
        how = REVOLT
    elif count > 0 and chance(w3, p.dissolution) and 2 * for_dissolving(p, s, c, n) > count:
        how = DISSOLVED
    elif s.hungry[c] >= p.hungry_limit:
        how = POOR
    elif count < p.minimum:
        how = CRUSHED if s.crushed[c] == 1 else DWINDLED
    else:
        return
    end(p, s, c, how, n)


@njit_no_refcount
def unsuitable(p, s, c):
    """Whether a quarter or more of the members left came as applicants and give less than 0.9 of what the others do."""
    admissions = 0
    others = 0
    theirs = 0.0
    rest = 0.0
    for i in range(c * p.n_places, (c + 1) * p.n_places):
        if s.alive[i] == 1 and admitted(s.id[i]):
            admissions += 1
            theirs += s.person[EFFORT, i]
        elif s.alive[i] == 1:
            others += 1
            rest += s.person[EFFORT, i]
    if others == 0 or 4 * admissions < admissions + others:
        return False
    return theirs / admissions < 0.9 * (rest / others)


@njit_no_refcount
def cause(p, s, c, how):
    """What an ending is put down to, from what this year's work left."""
    if how == CRUSHED:
        return OTHER
    if how == REVOLT:
        return DISSENSION
    if unsuitable(p, s, c):
        return ENTRANTS
    effort = s.community[MEAN_EFFORT, c]
    ate = total(s.person[CONSUMPTION, c * p.n_places : (c + 1) * p.n_places]) / s.community[WORKERS, c]
    if effort < 0.5 and ate >= p.need * effort:  # with full effort there would have been enough
        return IDLENESS
    if s.hungry[c] > 0:
        return POVERTY
    return DISSENSION if how == DISSOLVED else OTHER


@njit_no_refcount
def end(p, s, c, how, n):
    s.tally[how] += 1.0
    s.tally[cause(p, s, c, how)] += 1.0
    s.tally[DISPERSED] += n
    for i in range(c * p.n_places, (c + 1) * p.n_places):
        depart(s, i)
    s.standing[c] = 0
    s.community[CAPITAL, c] = 0.0
    s.community[DEBT, c] = 0.0
    s.community[PAY_SHIFT, c] = 0.0
    s.community[DAMAGE, c] = 0.0
    s.community[READY, c] = 0.0
    s.hungry[c] = 0
