"""Membership: who leaves and who dies (Abramitzky 2008: the able leave equal sharing).

v_in = π + attachment·m·ḡ; v_out = wage·a²/2 − moving cost (− stigma for a club's member); leaves with probability
exit_right·exit_rate·logistic(k·(v_out − v_in)).
Limits: exit_right = 0 keeps everyone; k = 0 makes leaving blind to gain.
"""

import numpy as np

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import logistic
from bestowal.kernels.rng import chance, draw
from bestowal.models.society.practice import CLUB
from bestowal.models.society.state import (
    ABILITY,
    CASUALTY,
    DIED,
    INSIDE,
    LEFT,
    MEAN_EFFORT,
    MOTIVE,
    OUTSIDE,
    PAYOFF,
    PRACTISING,
    WISHING,
    WORKERS,
    depart,
    places,
    which,
)


@njit_no_alias
def compare(p, lo, hi, bond, most, stigma, alive, payoff, motive, ability, practising, words, inside, outside, goes):
    """v_in, v_out and who goes, of places lo to hi; returns how many wish to leave."""
    wage, moving, steepness, death = 0.5 * p.outside_wage, p.moving_cost, p.exit_steepness, p.death
    leave_words, death_words = words[2], words[3]
    wishing = 0
    for i in range(lo, hi):
        stay = payoff[i] + bond * motive[i]
        leave = wage * ability[i] * ability[i] - moving - stigma * practising[i]
        leaving = most * logistic(steepness * (leave - stay))
        inside[i] = stay
        outside[i] = leave
        wishing += alive[i] * np.int64(stay < leave)
        goes[i] = alive[i] * np.uint8(chance(death_words[i], death) | chance(leave_words[i], leaving))
    return wishing


@njit_no_refcount
def value_lives(p, s):
    """v_in and v_out, and who would go, in the whole world."""
    most = p.exit_right * p.exit_rate
    stigma = p.stigma if p.practice == CLUB else 0.0
    inside, outside = s.person[INSIDE], s.person[OUTSIDE]
    payoff, motive, ability, practising = s.person[PAYOFF], s.person[MOTIVE], s.person[ABILITY], s.person[PRACTISING]
    for c in range(p.n_communities):
        lo, hi = places(p, c)
        bond = p.attachment * s.community[MEAN_EFFORT, c]
        wishing = compare(
            p, lo, hi, bond, most, stigma, s.alive, payoff, motive, ability, practising, s.words[0],
            inside, outside, s.goes,
        )  # fmt: skip
        if s.standing[c] == 1:
            s.community[WISHING, c] = wishing / s.community[WORKERS, c]


@njit_no_refcount
def departures(p, s, seed, world, year):
    """Who would go does, but one who is spared; where a community is crushed some fall besides."""
    spared = p.spared_community * p.n_places + p.spared_place if p.spared_year == year else -1
    for c in range(p.n_communities):
        if s.crushed[c] == 1:
            for place in range(p.n_places):
                i = c * p.n_places + place
                if s.alive[i] == 1 and i != spared:
                    w0, _, _, _ = draw(seed, world, year, s.id[i], CASUALTY, 0)
                    if chance(w0, p.casualties):
                        depart(s, i)
                        s.goes[i] = 0
                        s.tally[DIED] += 1.0
    death_words = s.words[0, 3]
    for k in range(which(s.goes, s.listed)):
        i = s.listed[k]
        if i != spared:
            s.tally[DIED if chance(death_words[i], p.death) else LEFT] += 1.0
            depart(s, i)
