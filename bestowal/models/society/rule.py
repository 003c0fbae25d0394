"""Rule: who holds office, and what rulers take.

Office falls to the member with the highest power_seeking·(1−m) + (1−power_seeking)·lot, and is held until departure.
Rent as a share of product: rent_limit·(1 − accountability)·(1 − rulers' mean motive) (Djilas 1957; Acemoglu &
Robinson 2006).
Limits: full accountability or rulers of motive 1 take nothing; power_seeking = 0 is a lottery among members.
"""

import numpy as np

from bestowal.kernels.compile import njit_no_refcount
from bestowal.kernels.rng import uniform
from bestowal.models.society.state import (
    MOTIVE,
    SCRATCH,
    count,
    living_total,
)


@njit_no_refcount
def rulers(p, s, c):
    return count(s.ruler[c * p.n_places : (c + 1) * p.n_places])


@njit_no_refcount
def fill_offices(p, s, c):
    lo = c * p.n_places
    held = rulers(p, s, c)
    while held < p.n_rulers:
        best = -1
        best_score = -1.0
        for place in range(p.n_places):
            i = lo + place
            if s.alive[i] == 1 and s.ruler[i] == 0:
                lot = uniform(s.words[2, 3, i])
                score = p.power_seeking * (1.0 - s.person[MOTIVE, i]) + (1.0 - p.power_seeking) * lot
                if score > best_score:
                    best = i
                    best_score = score
        if best < 0:
            return
        s.ruler[best] = 1
        held += 1


@njit_no_refcount
def rent_share(p, s, c):
    """Rent as a share of product, and the number of rulers (float)."""
    lo = c * p.n_places
    hi = lo + p.n_places
    held = np.float64(rulers(p, s, c))
    if held == 0.0:
        return 0.0, held
    motive = living_total(s.ruler[lo:hi], s.person[MOTIVE, lo:hi], s.person[SCRATCH, lo:hi])
    return p.rent_limit * (1.0 - p.accountability) * (1.0 - motive / held), held
