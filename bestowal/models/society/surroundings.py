"""Surroundings: growth of appetite, the shock that meets a whole community, and readiness for common property.

S = exp(shock_sd·(√c·z_world + √(1−c)·z_community) − shock_sd²/2), mean 1; c = shock_common.
Limits: shock_sd = 0 gives S = 1; shock_common = 1 the same S for all. Appetite grows by a fixed step.
A community's pay link is 1 until the mean motive of its members has once reached readiness; readiness 0: never so.
"""

import math

import numpy as np

from bestowal.kernels.compile import njit_no_refcount
from bestowal.kernels.elementary import clip, logistic, normals, total
from bestowal.kernels.rng import draw, fill, site, whole
from bestowal.models.society.state import (
    COMMUNITY,
    DESIRE,
    FAMILY,
    LEARN,
    PAY,
    PAY_SHIFT,
    READY,
    SCRATCH,
    SCREEN,
    SHOCK,
    WORLD,
    YEAR,
    lognormal,
    members,
)


@njit_no_refcount
def draw_luck(s, seed, world, year):
    """The year's words for every place of the world, in bulk; at an empty place they are never looked at."""
    fill(seed, world, year, s.id, YEAR, 0, s.words[0])
    fill(seed, world, year, s.id, LEARN, 0, s.words[1])
    fill(seed, world, year, s.id, FAMILY, 0, s.words[2])


@njit_no_refcount
def surround(p, s, seed, world, year):
    s.appetite[0] += p.appetite_growth
    if p.appetite_growth != 0.0:
        for i in range(s.alive.size):
            s.person[DESIRE, i] += p.appetite_growth
    w0, w1, _, _ = draw(seed, world, year, whole(), WORLD, 0)
    z_world, _ = normals(w0, w1)
    common = math.sqrt(p.shock_common)
    apart = math.sqrt(1.0 - p.shock_common)
    for c in range(p.n_communities):
        if s.standing[c] == 1:
            w0, w1, _, _ = draw(seed, world, year, site(c), COMMUNITY, 0)
            z, _ = normals(w0, w1)
            s.community[SHOCK, c] = lognormal(p.shock_sd, common * z_world + apart * z)
            if s.community[READY, c] == 0.0 and mean_motive(p, s, c) >= p.readiness:
                s.community[READY, c] = 1.0
            pay = clip(p.pay_link + s.community[PAY_SHIFT, c], 0.0, 1.0)
            s.community[PAY, c] = pay if s.community[READY, c] == 1.0 else 1.0


@njit_no_refcount
def mean_motive(p, s, c):
    lo = c * p.n_places
    hi = lo + p.n_places
    alive, screen, desire = s.alive[lo:hi], s.person[SCREEN, lo:hi], s.person[DESIRE, lo:hi]
    motive = s.person[SCRATCH, lo:hi]
    for i in range(motive.size):
        motive[i] = np.float64(alive[i]) * logistic(screen[i] - desire[i])
    return total(motive) / members(p, s, c)
