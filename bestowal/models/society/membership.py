"""Membership: who leaves and who dies (Abramitzky 2008: the able leave equal sharing).

v_in = π + attachment·m·ḡ; v_out = wage·a²/2 − moving cost (− stigma for a club's member); leaves with probability
exit_right·exit_rate·logistic(k·(v_out − v_in)).
Limits: exit_right = 0 keeps everyone; k = 0 makes leaving blind to gain.
"""

import numpy as np
from numba import njit

from bestowal.models.society.practice import CLUB
from bestowal.models.society.state import (
    ABILITY,
    CASUALTY,
    DIED,
    INSIDE,
    LEAVING,
    LEFT,
    MEAN_EFFORT,
    MOTIVE,
    OUTSIDE,
    PAYOFF,
    PRACTISING,
    WISHING,
    WORKERS,
    depart,
)
from bestowal.numerics import logistic
from bestowal.streams import chance, draw


@njit(error_model="numpy")
def value_lives(p, s):
    """v_in, v_out and the chance of leaving, for the whole world."""
    payoff, motive, ability = s.person[PAYOFF], s.person[MOTIVE], s.person[ABILITY]
    inside, outside, leaving = s.person[INSIDE], s.person[OUTSIDE], s.person[LEAVING]
    wage, moving, steepness, most = p.outside_wage, p.moving_cost, p.exit_steepness, p.exit_right * p.exit_rate
    practising = s.person[PRACTISING]
    stigma = p.stigma if p.practice == CLUB else 0.0
    for c in range(p.n_communities):
        bond = p.attachment * s.community[MEAN_EFFORT, c]
        for i in range(c * p.n_places, (c + 1) * p.n_places):
            inside[i] = payoff[i] + bond * motive[i]
    for i in range(outside.size):
        outside[i] = 0.5 * wage * ability[i] * ability[i] - moving - stigma * practising[i]
    for i in range(leaving.size):
        leaving[i] = most * logistic(steepness * (outside[i] - inside[i]))


@njit(error_model="numpy")
def departures(p, s, c, seed, world, year):
    lo = c * p.n_places
    hi = lo + p.n_places
    alive, inside, outside = s.alive[lo:hi], s.person[INSIDE, lo:hi], s.person[OUTSIDE, lo:hi]
    leaving = s.person[LEAVING, lo:hi]
    wishing = 0
    for i in range(inside.size):
        wishing += alive[i] * np.int64(inside[i] < outside[i])
    s.community[WISHING, c] = wishing / s.community[WORKERS, c]
    leave_words, death_words = s.words[0, 2, lo:hi], s.words[0, 3, lo:hi]
    death = p.death
    crushed = s.crushed[c] == 1
    spared = p.spared_place if p.spared_year == year and p.spared_community == c else -1
    goes = s.goes[lo:hi]
    for place in range(goes.size):
        goes[place] = np.uint8(chance(death_words[place], death) | chance(leave_words[place], leaving[place]))
    for place in range(p.n_places):
        i = lo + place
        if (goes[place] == 0 and not crushed) or s.alive[i] == 0 or place == spared:
            continue
        dies = chance(death_words[place], death)
        if crushed:
            w0, _, _, _ = draw(seed, world, year, s.id[i], CASUALTY, 0)
            dies = dies or chance(w0, p.casualties)
        if dies:
            depart(s, i)
            s.tally[DIED] += 1.0
        elif goes[place] == 1:
            depart(s, i)
            s.tally[LEFT] += 1.0
