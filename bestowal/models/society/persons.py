"""Everybody at work in a year, one by one: who they are, what they give, and what of it stays under each switch."""

import math

import numpy as np
from numba import njit

from bestowal.models.society.intention import (
    AUDIENCE,
    CAMP,
    HAND,
    OTHERS,
    REPAYMENT,
    REWARD,
    SANCTION,
    WATCHER,
    free,
    switched,
)
from bestowal.models.society.observables import PERSON_COLUMN
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

SWITCHES = (
    (REWARD, PERSON_COLUMN.without_reward),
    (REPAYMENT, PERSON_COLUMN.without_repayment),
    (SANCTION, PERSON_COLUMN.without_sanction),
    (AUDIENCE, PERSON_COLUMN.without_audience),
    (HAND, PERSON_COLUMN.without_hand),
    (WATCHER, PERSON_COLUMN.without_watcher),
    (OTHERS, PERSON_COLUMN.without_others),
    (CAMP, PERSON_COLUMN.without_camp),
)


@njit(error_model="numpy")
def persons(p, s, seed, world, year):
    """Writes a row for each, every observable of a person by its name; leaves the state in the middle of the year."""
    to_work(p, s, seed, world, year)
    out = np.full((np.int64(s.alive.sum()), len(PERSON_COLUMN)), math.nan)
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
        row[PERSON_COLUMN.id_high] = np.float64(s.id[i] >> np.uint64(32))
        row[PERSON_COLUMN.id_low] = np.float64(s.id[i] & np.uint64(0xFFFFFFFF))
        row[PERSON_COLUMN.community] = c
        row[PERSON_COLUMN.place] = i - c * p.n_places
        row[PERSON_COLUMN.motive] = person[MOTIVE]
        row[PERSON_COLUMN.effort] = e
        for off, column in SWITCHES:
            row[column] = switched(
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
        purity = min(given, e) / e if e > 0.0 else math.nan
        scope = given * breadth / given if given > 0.0 else math.nan
        unconditionality = unanswered / answered if answered > 0.0 else math.nan
        row[PERSON_COLUMN.purity] = purity
        row[PERSON_COLUMN.scope] = scope
        row[PERSON_COLUMN.unconditionality] = unconditionality
        if purity >= 0.5 and scope >= 0.5 and unconditionality >= 0.5:
            rung = 3.0
        elif purity >= 0.5:
            rung = 2.0
        else:
            rung = 1.0 if e >= 0.5 else 0.0
        row[PERSON_COLUMN.rung] = rung
        row[PERSON_COLUMN.practising] = person[PRACTISING]
        k += 1
    return out
