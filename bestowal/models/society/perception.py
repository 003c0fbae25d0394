"""Perception: ĝ ← ĝ + b·(ḡ − ĝ) + noise, held in [0, 1] (Fischbacher & Gächter 2010: b about 0.42).

Limits: b = 0 without noise keeps the belief; b = 1 without noise is last year's mean.
"""

from numba import njit

from bestowal.models.society.state import (
    BELIEF,
    MEAN_EFFORT,
)
from bestowal.numerics import clip, normals


@njit(error_model="numpy")
def perceive(p, s, c):
    lo = c * p.n_places
    belief = s.person[BELIEF, lo : lo + p.n_places]
    w0, w1 = s.words[c, 0, 0], s.words[c, 0, 1]
    seen, rate, sd = s.community[MEAN_EFFORT, c], p.belief_rate, p.belief_sd
    for i in range(belief.size):
        _, z = normals(w0[i], w1[i])
        belief[i] = clip(belief[i] + rate * (seen - belief[i]) + sd * z, 0.0, 1.0)
