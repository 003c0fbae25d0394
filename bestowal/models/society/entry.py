"""Births, entry from outside, and splitting.

A child takes `inherited` of the mother's screen, native level, commitment and breadth, and the rest anew. An applicant
comes only to gain, is screened on motive, and needs a free place; the k-th applicant of a community's year is the same
person whatever became of the others. Above split_size half found a daughter in an empty room (Hutterites; Traulsen &
Nowak 2006). Limits: inherited = 1 copies the mother; openness = 0 admits nobody; screening = 1 nobody below the bar.
"""

import numpy as np
from numba import njit

from bestowal.models.society.state import (
    ABILITY,
    AGE,
    BELIEF,
    BORN,
    BREADTH,
    CAPITAL,
    COMMITMENT,
    DAMAGE,
    DEBT,
    DEDUCTED,
    DESIRE,
    INCLUSION,
    INFORMED,
    JOINED,
    KNOCK,
    MEAN_EFFORT,
    NATIVE,
    PAY,
    PAY_SHIFT,
    SCREEN,
    SUPREMACY,
    TENURE,
    TRANSFER,
    WORKERS,
    come,
    depart,
    members,
)
from bestowal.models.society.work import care, effort
from bestowal.numerics import exp
from bestowal.streams import applicant, below, chance, child, draw


@njit(error_model="numpy")
def free_place(p, s, c, word):
    """The first empty place from a drawn one upwards, wrapping; there must be one.

    Drawn, so that one departure shifts few newcomers.
    """
    first = below(word, p.n_places)
    for k in range(p.n_places):
        place = first + k
        if place >= p.n_places:
            place -= p.n_places
        if s.alive[c * p.n_places + place] == 0:
            return c * p.n_places + place
    return -1


@njit(error_model="numpy")
def births(p, s, c, seed, world, year):
    lo = c * p.n_places
    room = p.n_places - members(p, s, c)
    has_child, first_place = s.words[c, 2, 0], s.words[c, 2, 1]
    for place in range(p.n_places):
        mother = lo + place
        if (
            s.alive[mother] == 0
            or s.fresh[mother] == 1
            or s.person[AGE, mother] >= 45.0
            or not chance(has_child[place], p.birth)
        ):
            continue
        if room == 0:
            return  # a child with no place goes elsewhere
        room -= 1
        i = free_place(p, s, c, first_place[place])
        come(p, s, seed, world, year, child(s.id[mother], year, 0), p.giver_share, i)
        own = 1.0 - p.inherited
        s.person[NATIVE, i] = p.inherited * s.person[NATIVE, mother] + own * s.person[NATIVE, i]
        s.person[SCREEN, i] = p.inherited * s.person[SCREEN, mother] + own * s.person[SCREEN, i]
        s.person[COMMITMENT, i] = p.inherited * s.person[COMMITMENT, mother] + own * s.person[COMMITMENT, i]
        s.person[BREADTH, i] = p.inherited * s.person[BREADTH, mother] + own * s.person[BREADTH, i]
        s.person[AGE, i] = 20.0
        s.person[BELIEF, i] = s.community[MEAN_EFFORT, c]
        s.tally[BORN] += 1.0


@njit(error_model="numpy")
def wants_in(p, s, c, i):
    """Whether the person at place i, with what the year showed, expects to gain by coming; and the motive m."""
    n = s.community[WORKERS, c]
    pay = s.community[PAY, c]
    square = s.person[ABILITY, i] * s.person[ABILITY, i]
    alpha = care(
        s.person[SCREEN, i],
        s.person[DESIRE, i],
        s.person[INCLUSION, i],
        s.person[COMMITMENT, i],
        s.person[BELIEF, i],
        p.matching,
    )
    e = effort(
        alpha, n, pay, p.synergy, p.coercion, p.coerced_effort, p.crowding_out, p.pride, p.threat, s.person[BREADTH, i]
    )
    ratio = exp(s.person[SCREEN, i] - s.person[DESIRE, i])
    motive = ratio / (1.0 + ratio)
    own = pay * square * e * s.community[INFORMED, c] * (1.0 - s.community[DEDUCTED, c])
    value = own + s.community[TRANSFER, c] - 0.5 * square * e * e + p.attachment * motive * s.community[MEAN_EFFORT, c]
    return value - p.moving_cost > 0.5 * p.outside_wage * square, motive


@njit(error_model="numpy")
def entry(p, s, c, seed, world, year):
    room = p.n_places - members(p, s, c)
    for k in range(np.int64(p.applicants * p.n_places + 0.5)):
        if room == 0:
            return
        who = applicant(c, year, k)
        w0, w1, w2, _ = draw(seed, world, year, who, KNOCK, 0)
        if not chance(w0, p.openness):
            continue
        i = free_place(p, s, c, w2)
        come(p, s, seed, world, year, who, p.giver_share, i)
        s.person[BELIEF, i] = s.community[MEAN_EFFORT, c]
        gains, motive = wants_in(p, s, c, i)
        if gains and not (motive < p.screening_bar and chance(w1, p.screening)):
            s.tally[JOINED] += 1.0
            room -= 1
        else:
            depart(s, i)


@njit(error_model="numpy")
def split(p, s, c):
    """Half of c to the lowest empty room. A daughter founded this year has no workers yet, and so does not split."""
    if p.split_size == 0 or s.community[WORKERS, c] == 0.0 or members(p, s, c) <= p.split_size:
        return
    room = -1
    for e in range(p.n_communities):
        if s.standing[e] == 0:
            room = e
            break
    if room < 0:
        return
    total_members = float(members(p, s, c))
    moved = 0.0
    move_words = s.words[c, 2, 2]
    for place in range(p.n_places):
        i = c * p.n_places + place
        if s.alive[i] == 1 and s.fresh[i] == 0 and chance(move_words[place], 0.5):
            move(s, i, room * p.n_places + place)
            moved += 1.0
    if moved == 0.0:
        return
    part = moved / total_members
    s.standing[room] = 1
    s.community[CAPITAL, room] = part * s.community[CAPITAL, c]
    s.community[DEBT, room] = part * s.community[DEBT, c]
    s.community[CAPITAL, c] -= s.community[CAPITAL, room]
    s.community[DEBT, c] -= s.community[DEBT, room]
    s.community[PAY_SHIFT, room] = s.community[PAY_SHIFT, c]
    s.community[DAMAGE, room] = s.community[DAMAGE, c]
    s.hungry[room] = 0
    s.community[WORKERS, room] = 0.0


@njit(error_model="numpy")
def move(s, i, j):
    """The person at place i goes to the empty place j."""
    s.alive[j] = 1
    s.id[j] = s.id[i]
    s.person[ABILITY, j] = s.person[ABILITY, i]
    s.person[SCREEN, j] = s.person[SCREEN, i]
    s.person[DESIRE, j] = s.person[DESIRE, i]
    s.person[NATIVE, j] = s.person[NATIVE, i]
    s.person[COMMITMENT, j] = s.person[COMMITMENT, i]
    s.person[BREADTH, j] = s.person[BREADTH, i]
    s.person[SUPREMACY, j] = s.person[SUPREMACY, i]
    s.person[INCLUSION, j] = s.person[INCLUSION, i]
    s.person[BELIEF, j] = s.person[BELIEF, i]
    s.person[AGE, j] = s.person[AGE, i]
    s.person[TENURE, j] = s.person[TENURE, i]
    s.ruler[j] = s.ruler[i]
    s.fresh[j] = 0
    depart(s, i)
