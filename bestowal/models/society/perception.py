"""Perception: ĝ ← ĝ + b·(ḡ − ĝ) + noise, held in [0, 1] (Fischbacher & Gächter 2010: b about 0.42).

Limits: b = 0 without noise keeps the belief; b = 1 without noise is last year's mean.
"""

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.motives import believed
from bestowal.models.society.state import (
    BELIEF,
    MEAN_EFFORT,
    NOISE,
    places,
)


@njit_no_alias
def perceive_from(lo, hi, seen, rate, sd, alive, noise, belief):
    for i in range(lo, hi):
        belief[i] = alive[i] * believed(belief[i], seen, rate, sd * noise[i])


@njit_no_refcount
def perceive(p, s, c):
    lo, hi = places(p, c)
    seen = s.community[MEAN_EFFORT, c]
    perceive_from(lo, hi, seen, p.belief_rate, p.belief_sd, s.alive, s.person[NOISE], s.person[BELIEF])
