"""Practice: who takes it up, in groups of ten, what it changes, and what rises with it. Seven arms, one of them none.

Those who practise give τ of their work time. A year moves s, with g = s − d, E the group's mean of g and τ̂ = τ/0.2, by

  transmission   τ̂·η·(w·E + (1−w)·ḡ + p·q·I − g)                  what people take from those around them
  ladder         the same + τ̂·λ·I·x·(1−m)·logistic(k(q − θ))·min(1, n/n_min)²     and what practice itself would add
  club           nothing: it holds its members by eyes and stigma, and selects them (Iannaccone 1992)
  placebo        transmission without the esteem p·q·I of giving
  schooling      τ̂·η·(ḡ + p·I − g)
  crisis         H·(mean + sd·z) for everybody, H = max(0, −ln S) + damage

and κ, ω, o grow toward 1 in all but club and placebo. One process of joining serves all: chance
f·(j₀ + j₁·logistic(k(Q − θ))), f = 1 − σ + σ·m/m̄ (threshold: Centola et al. 2018). A new height of s brings desire to
those who practise. Limits: τ = 0 moves nobody; λ = 0 makes the ladder transmission; p = 0 makes transmission a placebo
but for κ, ω, o; σ = 0 assigns by lot; H = 0 is no crisis.
"""

import numpy as np

from bestowal.kernels.compile import njit_no_refcount
from bestowal.kernels.elementary import log, logistic, normals, total
from bestowal.kernels.rng import chance, fill
from bestowal.models.society.state import (
    BREADTH,
    COMMITMENT,
    CRISIS,
    DAMAGED,
    DESIRE,
    HEIGHT,
    INCLUSION,
    INSIDE,
    OUTSIDE,
    PRACTICE,
    PRACTISERS,
    PRACTISING,
    SCRATCH,
    SCREEN,
    SHOCK,
    WORKERS,
    living_total,
)

# The arms.
NONE = 0
TRANSMISSION = 1
LADDER = 2
CLUB = 3
PLACEBO = 4
SCHOOLING = 5
HARDSHIP = 6

MOST_HOURS = 0.2
"""Hours at which the yearly rates hold in full."""


@njit_no_refcount
def practise(p, s, seed, world, year):
    """The year's practice in the whole world, after learning."""
    screen, desire, height, flag = s.person[SCREEN], s.person[DESIRE], s.person[HEIGHT], s.person[PRACTISING]
    highest = s.person[SCRATCH]
    crisis = p.practice == HARDSHIP
    in_force = p.practice != NONE and p.practice_start <= year < p.practice_stop
    if crisis or not in_force:
        for i in range(flag.size):
            flag[i] = 0.0
    if in_force:
        fill(seed, world, year, s.id, CRISIS if crisis else PRACTICE, 0, s.words[1])  # learning has done with its own
        look(s.alive, s.person)
        share = s.community[PRACTISERS].sum() / s.community[WORKERS].sum()
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                if crisis:
                    suffer(p, s, c)
                else:
                    turn_out(p, s, c, year, share)
                    change(p, s, c)
        for i in range(screen.size):
            rise = screen[i] - height[i]
            desire[i] += p.layer * flag[i] * (rise if rise > 0.0 else 0.0)
    for i in range(screen.size):  # into another row first: in place, the loop would not vectorise
        highest[i] = screen[i] if screen[i] > height[i] else height[i]
    for i in range(screen.size):
        height[i] = highest[i]


@njit_no_refcount
def look(alive, person):
    """g and m as learning has left them, so that all change at once; in rows that departures use only later."""
    screen, desire, gap, motive = person[SCREEN], person[DESIRE], person[INSIDE], person[OUTSIDE]
    for i in range(gap.size):
        gap[i] = screen[i] - desire[i]
    for i in range(gap.size):
        motive[i] = np.float64(alive[i]) * logistic(gap[i])


@njit_no_refcount
def turn_out(p, s, c, year, in_world):
    """Who of community c practises from now on; in_world is the share of all who did so far."""
    lo = c * p.n_places
    hi = lo + p.n_places
    flag, motive = s.person[PRACTISING, lo:hi], s.person[OUTSIDE, lo:hi]
    n = s.community[WORKERS, c]
    mean = total(motive) / n
    seen = (1.0 - p.mixing) * s.community[PRACTISERS, c] / n + p.mixing * in_world
    drawn = p.join + p.join_pull * logistic(p.join_steepness * (seen - p.critical_share))
    begins, word = p.take_up if year == p.practice_start else drawn, 2 if year == p.practice_start else 0
    for place in range(p.n_places):
        i = lo + place
        if s.alive[i] == 0:
            continue
        if flag[place] == 1.0:
            if chance(s.words[1, 1, i], p.quit):
                flag[place] = 0.0
        else:
            inclined = 1.0 - p.self_selection + p.self_selection * motive[place] / mean
            if chance(s.words[1, word, i], inclined * begins):
                flag[place] = 1.0


@njit_no_refcount
def change(p, s, c):
    """What a year of practice makes of those of community c who practise."""
    lo = c * p.n_places
    hi = lo + p.n_places
    if p.practice == CLUB:
        return
    gap, motive = s.person[INSIDE], s.person[OUTSIDE]
    n = s.community[WORKERS, c]
    pace = p.practice_hours / MOST_HOURS
    share = total(s.person[PRACTISING, lo:hi]) / n
    mean = living_total(s.alive[lo:hi], gap[lo:hi], s.person[SCRATCH, lo:hi]) / n
    tipped = logistic(p.join_steepness * (share - p.critical_share))
    own_group = p.ten_weight
    esteem = p.prestige * share * p.importance
    if p.practice == SCHOOLING:
        own_group = 0.0
        esteem = p.prestige * p.importance
    elif p.practice == PLACEBO:
        esteem = 0.0
    k = 0
    for i in range(lo, hi):
        if s.person[PRACTISING, i] == 1.0:
            s.crowd_from[k] = i
            k += 1
    for first in range(0, k, p.ten):
        group = s.crowd_from[first : min(first + p.ten, k)]
        level = 0.0
        for i in group:
            level += gap[i]
        level /= group.size
        size = min(1.0, group.size / p.least_ten)
        added = p.influence * p.importance * p.practice_effort * tipped * size * size if p.practice == LADDER else 0.0
        for i in group:
            pulled = p.pull * (own_group * level + (1.0 - own_group) * mean + esteem - gap[i])
            s.person[SCREEN, i] += pace * pulled + pace * added * (1.0 - motive[i])
            if p.practice != PLACEBO:
                grow(p, s.person, i, motive[i], pace)


@njit_no_refcount
def suffer(p, s, c):
    """What hardship makes of everybody in community c."""
    shock = -log(s.community[SHOCK, c])
    hardship = (shock if shock > 0.0 else 0.0) + s.community[DAMAGED, c]
    if hardship <= 0.0:
        return
    for i in range(c * p.n_places, (c + 1) * p.n_places):
        if s.alive[i] == 1:
            z, _ = normals(s.words[1, 0, i], s.words[1, 1, i])
            s.person[SCREEN, i] += hardship * (p.crisis_mean + p.crisis_sd * z)
            grow(p, s.person, i, s.person[OUTSIDE, i], min(1.0, hardship))


@njit_no_refcount
def grow(p, person, i, motive, pace):
    """κ, ω and o of the person at place i; κ waits for a motive of about ½."""
    commitment, breadth, inclusion = person[COMMITMENT, i], person[BREADTH, i], person[INCLUSION, i]
    willing = logistic(10.0 * (motive - 0.5))
    person[COMMITMENT, i] += p.commitment_growth * pace * willing * (1.0 - commitment)
    person[BREADTH, i] += p.breadth_growth * pace * inclusion * (1.0 - breadth)
    person[INCLUSION, i] += p.inclusion_growth * pace * (1.0 - inclusion)
