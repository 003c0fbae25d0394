"""Decisions in common: amendment of the pay link, and the ways a community ends.

Amendment: at others' current efforts a member values pay link β' at I(β')·[β'q + (1−β')(1+ρ)·mean q] and votes for the
best of staying, one step up, one step down. Dissolution: a bare majority for whom v_out + own part of the capital as an
annuity beats v_in (communes have dissolved while solvent). Revolt: yearly chance revolt·k·share who would leave.
Limits: with equal abilities and synergy nobody votes up; with no information loss and no synergy the above-average do.
"""

from numba import njit

from bestowal.models.society.state import (
    CAPITAL,
    COMMUNITY,
    CRUSHED,
    DAMAGE,
    DEBT,
    DISPERSED,
    DISSOLVED,
    DWINDLED,
    EXPECTED,
    INSIDE,
    OUTSIDE,
    PAY,
    PAY_SHIFT,
    POOR,
    REVOLT,
    WISHING,
    depart,
    members,
)
from bestowal.models.society.work import information_kept
from bestowal.numerics import clip
from bestowal.streams import chance, draw, site


@njit(error_model="numpy")
def worth(p, pay, n, expected, mean):
    """What a member of expected product `expected` values in pay link `pay`; the common factor (1 − D) is left out."""
    kept = information_kept(p.information_loss, p.information_half, p.planned_size, pay, n)
    return kept * (pay * expected + (1.0 - pay) * (1.0 + p.synergy) * mean)


@njit(error_model="numpy")
def amend(p, s, c, n):
    lo = c * p.n_places
    mean = 0.0
    for i in range(lo, lo + p.n_places):
        if s.alive[i] == 1:
            mean += s.person[EXPECTED, i]
    mean /= n
    pay = s.community[PAY, c]
    higher = clip(pay + p.vote_step, 0.0, 1.0)
    lower = clip(pay - p.vote_step, 0.0, 1.0)
    up = 0
    down = 0
    for i in range(lo, lo + p.n_places):
        if s.alive[i] == 1:
            stay = worth(p, pay, n, s.person[EXPECTED, i], mean)
            rise = worth(p, higher, n, s.person[EXPECTED, i], mean)
            fall = worth(p, lower, n, s.person[EXPECTED, i], mean)
            if rise > stay and rise >= fall:
                up += 1
            elif fall > stay:
                down += 1
    if up > p.majority * n:
        s.community[PAY_SHIFT, c] = higher - p.pay_link
    elif down > p.majority * n:
        s.community[PAY_SHIFT, c] = lower - p.pay_link


@njit(error_model="numpy")
def for_dissolving(p, s, c, n):
    wealth = s.community[CAPITAL, c] - s.community[DEBT, c]
    part = p.annuity * (wealth if wealth > 0.0 else 0.0) / n
    votes = 0
    for i in range(c * p.n_places, (c + 1) * p.n_places):
        if s.alive[i] == 1 and s.person[OUTSIDE, i] + part > s.person[INSIDE, i]:
            votes += 1
    return votes


@njit(error_model="numpy")
def decide(p, s, c, seed, world, year):
    """Votes, then the first ending that holds, of community c."""
    count = members(p, s, c)
    n = float(count)
    if count > 0 and p.vote_every > 0 and (year + 1) % p.vote_every == 0:
        amend(p, s, c, n)
    _, _, w2, w3 = draw(seed, world, year, site(c), COMMUNITY, 0)
    if chance(w2, p.revolt * p.coercion * s.community[WISHING, c]):
        end(p, s, c, REVOLT, n)
    elif count > 0 and 2 * for_dissolving(p, s, c, n) > count and chance(w3, p.dissolution):
        end(p, s, c, DISSOLVED, n)
    elif s.hungry[c] >= p.hungry_limit:
        end(p, s, c, POOR, n)
    elif count < p.minimum:
        end(p, s, c, CRUSHED if s.crushed[c] == 1 else DWINDLED, n)


@njit(error_model="numpy")
def end(p, s, c, cause, n):
    s.tally[cause] += 1.0
    s.tally[DISPERSED] += n
    for i in range(c * p.n_places, (c + 1) * p.n_places):
        depart(s, i)
    s.standing[c] = 0
    s.community[CAPITAL, c] = 0.0
    s.community[DEBT, c] = 0.0
    s.community[PAY_SHIFT, c] = 0.0
    s.community[DAMAGE, c] = 0.0
    s.hungry[c] = 0
