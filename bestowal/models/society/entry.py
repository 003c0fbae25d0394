"""Births, entry from outside, and splitting.

A child takes `inherited` of the mother's screen, native level, commitment and breadth, and the rest anew. An applicant
comes only to gain, is screened on motive, and needs a free place; the k-th applicant of a community's year is the same
person whatever became of the others. Above split_size half found a daughter in an empty room (Hutterites; Traulsen &
Nowak 2006). Limits: inherited = 1 copies the mother; openness = 0 admits nobody; screening = 1 nobody below the bar.
"""

import numpy as np

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import exp
from bestowal.kernels.motives import care
from bestowal.kernels.rng import applicant, chance, child, fill
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
    RATIO,
    READY,
    SCREEN,
    TRANSFER,
    WORKERS,
    depart,
    members,
    which,
)
from bestowal.models.society.work import effort


@njit_no_refcount
def newcomers(p, s, seed, world, year):
    """Children first, then applicants, into the free places of each community. They come in crowds, drawn at once."""
    mothers(p.birth, year, s.alive, s.person[BIRTH], s.words[2, 0], s.goes)
    n_applicants = min(p.n_places, np.int64(p.applicants * p.n_places + 0.5))
    begin, apply, end = s.parts[0], s.parts[1], s.parts[2]
    first = 0
    crowd = 0
    for c in range(p.n_communities):
        begin[c] = apply[c] = crowd
        if s.standing[c] == 1:
            room = p.n_places - members(p, s, c)
            apply[c] = crowd = children(p, s, c, year, room, crowd)
            if crowd - begin[c] < room:
                for k in range(n_applicants):
                    s.crowd_id[crowd + k] = applicant(c, year, k)
                crowd += n_applicants
        end[c] = crowd
        if c + 1 == p.n_communities or crowd + 2 * p.n_places > s.crowd_id.size - LANES:
            come(p, s, first, c + 1, crowd, seed, world, year)
            first = c + 1
            crowd = 0


@njit_no_refcount
def come(p, s, first, last, crowd, seed, world, year):
    """The crowd of communities first to last, drawn, and who of it stays."""
    if crowd == 0:
        return
    n = (crowd + LANES - 1) // LANES * LANES  # those beyond the crowd are drawn and never looked at
    draw_people(p, s, seed, world, year, n, p.giver_share, year + 1)
    believed = s.crowd[BELIEF]
    for c in range(first, last):
        believed[s.parts[0, c] : s.parts[2, c]] = s.community[MEAN_EFFORT, c]
    weigh(p, s, first, last, n)
    fill(seed, world, year, s.crowd_id[:n], KNOCK, 0, s.crowd_words[1])
    for c in range(first, last):
        if s.parts[2, c] > s.parts[0, c]:
            room = p.n_places - members(p, s, c)
            n_children = s.parts[1, c] - s.parts[0, c]
            born(p, s, c, year, s.parts[0, c], s.parts[1, c])
            admit(p, s, c, s.parts[1, c], s.parts[2, c], room - n_children)


@njit_no_alias
def mothers(birth, year, alive, born, words, bears):
    for i in range(bears.size):
        bears[i] = alive[i] * np.uint8(chance(words[i], birth) & (year - born[i] < 45.0))


@njit_no_refcount
def children(p, s, c, year, room, k):
    """Names the year's children of community c, from the k-th of the crowd on; one with no place to come to goes
    elsewhere. Returns where they end."""
    lo = c * p.n_places
    n = min(room, which(s.goes[lo : lo + p.n_places], s.listed))
    for order in range(n):
        mother = lo + s.listed[order]
        s.crowd_id[k + order] = child(s.id[mother], year, 0)
        s.crowd_from[k + order] = mother
    return k + n


@njit_no_refcount
def born(p, s, c, year, first, last):
    """Of the crowd from first to last, each takes after the mother, and a place."""
    own = 1.0 - p.inherited
    for k in range(first, last):
        mother = s.crowd_from[k]
        for row in (NATIVE, SCREEN, COMMITMENT, BREADTH):
            s.crowd[row, k] = p.inherited * s.person[row, mother] + own * s.crowd[row, k]
        s.crowd[BIRTH, k] = year + 1 - 20.0
        settle(s, k, free_place(p, s, c, s.words[2, 1, mother]))
    s.tally[BORN] += last - first


@njit_no_alias
def expect_motive(n, screen, desire, ratio, motive):
    for k in range(n):
        odds = exp(screen[k] - desire[k])
        ratio[k] = odds
        motive[k] = odds / (1.0 + odds)


@njit_no_alias
def expect(
    p, first, last, n, pay, paid, certain, bond, ability, inclusion, commitment, belief, breadth, ratio, motive,
    inside, outside,
):  # fmt: skip
    """What people first to last of the crowd expect inside, net of moving, and outside."""
    matching, synergy, coercion, coerced_effort = p.matching, p.synergy, p.coercion, p.coerced_effort
    crowding_out, pride, threat, wage = p.crowding_out, p.pride, p.threat, 0.5 * p.outside_wage
    for k in range(first, last):
        alpha = care(ratio[k], inclusion[k], commitment[k], belief[k], matching)
        e = effort(alpha, n, pay, synergy, coercion, coerced_effort, crowding_out, pride, threat, breadth[k], 0.0)
        square = ability[k] * ability[k]
        inside[k] = paid * square * e + certain - 0.5 * square * e * e + bond * motive[k]
        outside[k] = wage * square


@njit_no_refcount
def weigh(p, s, first, last, n):
    """What the crowd of communities first to last expects inside and outside; and their motive m, of all n."""
    crowd = s.crowd
    expect_motive(n, crowd[SCREEN], crowd[DESIRE], crowd[RATIO], crowd[MOTIVE])
    for c in range(first, last):
        pay, bond = s.community[PAY, c], p.attachment * s.community[MEAN_EFFORT, c]
        paid = pay * s.community[INFORMED, c] * (1.0 - s.community[DEDUCTED, c])
        certain = s.community[TRANSFER, c] - p.moving_cost
        expect(
            p, np.uint64(s.parts[1, c]), np.uint64(s.parts[2, c]), s.community[WORKERS, c], pay, paid, certain, bond,
            crowd[ABILITY], crowd[INCLUSION], crowd[COMMITMENT], crowd[BELIEF], crowd[BREADTH], crowd[RATIO],
            crowd[MOTIVE], crowd[INSIDE], crowd[OUTSIDE],
        )  # fmt: skip


@njit_no_refcount
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


@njit_no_refcount
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


@njit_no_refcount
def move(s, i, j):
    """The person at place i goes to the empty place j."""
    s.alive[j] = 1
    s.ruler[j] = s.ruler[i]
    s.fresh[j] = 0
    s.id[j] = s.id[i]
    for row in range(LASTING):
        s.person[row, j] = s.person[row, i]
    depart(s, i)
