"""Membership: who leaves and who dies (Abramitzky 2008: the able leave equal sharing).

v_in = π + attachment·m·ḡ; v_out = wage·a²/2 − moving cost; leaves with probability
exit_right·exit_rate·logistic(k·(v_out − v_in)).
Limits: exit_right = 0 keeps everyone; k = 0 makes leaving blind to gain.
"""

import numpy as np
from numba import njit

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
    SCRATCH,
    WISHING,
    WORKERS,
    depart,
)
from bestowal.numerics import logistic
from bestowal.streams import chance, draw


@njit(error_model="numpy")
def departures(p, s, c, seed, world, year):
    lo = c * p.n_places
    hi = lo + p.n_places
    alive, motive, ability, payoff = (
        s.alive[lo:hi],
        s.person[MOTIVE, lo:hi],
        s.person[ABILITY, lo:hi],
        s.person[PAYOFF, lo:hi],
    )
    inside, outside, leaving = s.person[INSIDE, lo:hi], s.person[OUTSIDE, lo:hi], s.person[SCRATCH, lo:hi]
    bond = p.attachment * s.community[MEAN_EFFORT, c]
    wage, moving, steepness, most = p.outside_wage, p.moving_cost, p.exit_steepness, p.exit_right * p.exit_rate
    for i in range(inside.size):
        inside[i] = payoff[i] + bond * motive[i]
        outside[i] = 0.5 * wage * ability[i] * ability[i] - moving
    for i in range(inside.size):
        leaving[i] = most * logistic(steepness * (outside[i] - inside[i]))
    wishing = 0
    for i in range(inside.size):
        wishing += alive[i] * np.int64(inside[i] < outside[i])
    s.community[WISHING, c] = wishing / s.community[WORKERS, c]
    leave_words, death_words = s.words[c, 0, 2], s.words[c, 0, 3]
    death = p.death
    crushed = s.crushed[c] == 1
    spared = p.spared_place if p.spared_year == year and p.spared_community == c else -1
    for place in range(p.n_places):
        i = lo + place
        dies = chance(death_words[place], death)
        if not (dies | chance(leave_words[place], leaving[place]) | crushed) or s.alive[i] == 0 or place == spared:
            continue
        if crushed:
            w0, _, _, _ = draw(seed, world, year, s.id[i], CASUALTY, 0)
            dies = dies or chance(w0, p.casualties)
        if dies:
            depart(s, i)
            s.tally[DIED] += 1.0
        elif chance(leave_words[place], leaving[place]):
            depart(s, i)
            s.tally[LEFT] += 1.0
