"""Births, entry from outside, and splitting.

A child takes `inherited` of the mother's screen, native level, commitment and breadth, and the rest anew. An applicant
comes only to gain, is screened on motive, and needs a free place; the k-th applicant of a community's year is the same
person whatever became of the others. Above split_size half found a daughter in an empty room (Hutterites; Traulsen &
Nowak 2006). Limits: inherited = 1 copies the mother; openness = 0 admits nobody; screening = 1 nobody below the bar.
"""

import numpy as np
from numba import njit

from bestowal.models.society.people import draw_people, free_place, settle
from bestowal.models.society.state import (
    ABILITY,
    BELIEF,
    BIRTH,
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
    INSIDE,
    JOINED,
    KNOCK,
    LANES,
    LASTING,
    MEAN_EFFORT,
    MOTIVE,
    NATIVE,
    OUTSIDE,
    PAY,
    PAY_SHIFT,
    READY,
    SCREEN,
    TRANSFER,
    WORKERS,
    depart,
    members,
)
from bestowal.models.society.work import effort
from bestowal.numerics import exp
from bestowal.parts.motives import care
from bestowal.streams import applicant, chance, child, fill


@njit(error_model="numpy")
def newcomers(p, s, c, seed, world, year):
    """Children first, then applicants, into the free places of community c. They are one crowd: drawn at once."""
    room = p.n_places - members(p, s, c)
    if room == 0:
        return
    n_children = children(p, s, c, year, room)
    n_applicants = 0
    if n_children < room:
        n_applicants = min(p.n_places, np.int64(p.applicants * p.n_places + 0.5))
    for k in range(n_applicants):
        s.crowd_id[n_children + k] = applicant(c, year, k)
    crowd = n_children + n_applicants
    if crowd == 0:
        return
    n = (crowd + LANES - 1) // LANES * LANES  # those beyond the crowd are drawn and never looked at
    draw_people(p, s, seed, world, year, n, p.giver_share, s.community[MEAN_EFFORT, c], year + 1)
    if n_applicants > 0:
        weigh(p, s, c, n)
        fill(seed, world, year, s.crowd_id[:n], KNOCK, 0, s.crowd_words[1])
    born(p, s, c, year, n_children)
    admit(p, s, c, n_children, crowd, room - n_children)


@njit(error_model="numpy")
def children(p, s, c, year, room):
    """Names the year's children; one with no place to come to goes elsewhere. Returns how many."""
    n = 0
    for mother in range(c * p.n_places, (c + 1) * p.n_places):
        if n == room:
            break
        if chance(s.words[2, 0, mother], p.birth) and s.alive[mother] == 1 and year - s.person[BIRTH, mother] < 45.0:
            s.crowd_id[n] = child(s.id[mother], year, 0)
            s.crowd_from[n] = mother
            n += 1
    return n


@njit(error_model="numpy")
def born(p, s, c, year, n):
    """The first n of the crowd take after their mothers, and a place."""
    own = 1.0 - p.inherited
    for k in range(n):
        mother = s.crowd_from[k]
        for row in (NATIVE, SCREEN, COMMITMENT, BREADTH):
            s.crowd[row, k] = p.inherited * s.person[row, mother] + own * s.crowd[row, k]
        s.crowd[BIRTH, k] = year + 1 - 20.0
        settle(s, k, free_place(p, s, c, s.words[2, 1, mother]))
    s.tally[BORN] += n


@njit(error_model="numpy")
def weigh(p, s, c, n):
    """What the n people of the crowd expect inside, net of moving, and outside; and their motive m."""
    crowd = s.crowd
    ability, screen, desire, inclusion = crowd[ABILITY], crowd[SCREEN], crowd[DESIRE], crowd[INCLUSION]
    commitment, belief, breadth = crowd[COMMITMENT], crowd[BELIEF], crowd[BREADTH]
    motive, inside, outside = crowd[MOTIVE], crowd[INSIDE], crowd[OUTSIDE]
    members_now, pay = s.community[WORKERS, c], s.community[PAY, c]
    matching, synergy, coercion, coerced_effort = p.matching, p.synergy, p.coercion, p.coerced_effort
    crowding_out, pride, threat = p.crowding_out, p.pride, p.threat
    paid = pay * s.community[INFORMED, c] * (1.0 - s.community[DEDUCTED, c])
    bond = p.attachment * s.community[MEAN_EFFORT, c]
    certain = s.community[TRANSFER, c] - p.moving_cost
    wage = 0.5 * p.outside_wage
    for k in range(n):
        outside[k] = exp(screen[k] - desire[k])
    for k in range(n):
        motive[k] = outside[k] / (1.0 + outside[k])
    for k in range(n):
        alpha = care(outside[k], inclusion[k], commitment[k], belief[k], matching)
        inside[k] = effort(
            alpha, members_now, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth[k], 0.0
        )
    for k in range(n):
        square = ability[k] * ability[k]
        inside[k] = paid * square * inside[k] + certain - 0.5 * square * inside[k] * inside[k] + bond * motive[k]
        outside[k] = wage * square


@njit(error_model="numpy")
def admit(p, s, c, first, last, room):
    """Of the crowd from first to last, those who gain, are considered and are not seen through, while there is room."""
    knock = s.crowd_words[1]
    for k in range(first, last):
        if room == 0:
            return
        if not chance(knock[0, k], p.openness) or s.crowd[INSIDE, k] <= s.crowd[OUTSIDE, k]:
            continue
        if s.crowd[MOTIVE, k] < p.screening_bar and chance(knock[1, k], p.screening):
            continue
        settle(s, k, free_place(p, s, c, knock[2, k]))
        s.tally[JOINED] += 1.0
        room -= 1


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
    move_words = s.words[2, 2]
    for place in range(p.n_places):
        i = c * p.n_places + place
        goes = s.alive[i] == 1 and s.fresh[i] == 0 and chance(move_words[i], 0.5)
        if goes and moved + 1.0 < total_members:  # somebody stays
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
    s.community[READY, room] = s.community[READY, c]
    s.hungry[room] = 0
    s.community[WORKERS, room] = 0.0


@njit(error_model="numpy")
def move(s, i, j):
    """The person at place i goes to the empty place j."""
    s.alive[j] = 1
    s.ruler[j] = s.ruler[i]
    s.fresh[j] = 0
    s.id[j] = s.id[i]
    for row in range(LASTING):
        s.person[row, j] = s.person[row, i]
    depart(s, i)
