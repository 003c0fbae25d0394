"""Perception: ĝ ← ĝ + b·(ḡ − ĝ) + noise, held in [0, 1] (Fischbacher & Gächter 2010: b about 0.42).

Limits: b = 0 without noise keeps the belief; b = 1 without noise is last year's mean.
"""

from numba import njit

from bestowal.models.society.state import (
    BELIEF,
    MEAN_EFFORT,
    NOISE,
)
from bestowal.parts.motives import believed


@njit(error_model="numpy")
def perceive(p, s, c):
    lo = c * p.n_places
    belief = s.person[BELIEF, lo : lo + p.n_places]
    noise = s.person[NOISE, lo : lo + p.n_places]
    seen, rate, sd = s.community[MEAN_EFFORT, c], p.belief_rate, p.belief_sd
    for i in range(belief.size):
        belief[i] = believed(belief[i], seen, rate, sd * noise[i])
