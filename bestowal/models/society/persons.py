"""Everybody at work in a year, one by one: who they are, what they give, and what of it stays under each switch."""

import math

import numpy as np
from numba import njit

from bestowal.models.society.intention import CAMP, REWARD, free, switched
from bestowal.models.society.state import (
    BELIEF,
    BREADTH,
    CARE,
    COMMITMENT,
    EFFORT,
    GIVING,
    INCLUSION,
    MOTIVE,
    PAY,
    PRACTISING,
    RATIO,
    WORKERS,
)
from bestowal.models.society.year import to_work


@njit(error_model="numpy")
def persons(p, s, seed, world, year):
    """A row for each, in the order of PERSON_OBSERVABLES; the state is left in the middle of the year."""
    to_work(p, s, seed, world, year)
    out = np.empty((np.int64(s.alive.sum()), 19))
    k = 0
    for i in range(s.alive.size):
        if s.alive[i] == 0:
            continue
        c = i // p.n_places
        n, pay = s.community[WORKERS, c], s.community[PAY, c]
        person = s.person[:, i]
        commitment, breadth, e, given = person[COMMITMENT], person[BREADTH], person[EFFORT], person[GIVING]
        unanswered = free(person[CARE], commitment, 0.0, p.matching)
        answered = free(person[CARE], commitment, 1.0, p.matching)
        row = out[k]
        row[0] = np.float64(s.id[i] >> np.uint64(32))
        row[1] = np.float64(s.id[i] & np.uint64(0xFFFFFFFF))
        row[2] = c
        row[3] = i - c * p.n_places
        row[4] = person[MOTIVE]
        row[5] = e
        for off in range(REWARD, CAMP + 1):
            row[5 + off] = switched(
                p,
                off,
                person[RATIO],
                person[INCLUSION],
                commitment,
                person[BELIEF],
                breadth,
                person[PRACTISING],
                n,
                pay,
            )
        row[14] = min(given, e) / e if e > 0.0 else math.nan
        row[15] = given * breadth / given if given > 0.0 else math.nan
        row[16] = unanswered / answered if answered > 0.0 else math.nan
        if row[14] >= 0.5 and row[15] >= 0.5 and row[16] >= 0.5:
            row[17] = 3.0
        elif row[14] >= 0.5:
            row[17] = 2.0
        else:
            row[17] = 1.0 if e >= 0.5 else 0.0
        row[18] = person[PRACTISING]
        k += 1
    return out
