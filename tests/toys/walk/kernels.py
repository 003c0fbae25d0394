"""Kernels of the toy model. The state is (places (n,) float64 in m, persons (n,) uint64, words (4, n) uint32)."""

import numpy as np
from bestowal.models.walk.moves import moved
from numba import njit

from bestowal.kernels.rng import fill, founder, uniform

MOVE = 1


@njit
def allocate(row):
    n = row.people
    return np.empty(n), np.empty(n, np.uint64), np.empty((4, n), np.uint32)


@njit
def start(row, state, seed, world):
    places, persons, _ = state
    for i in range(places.size):
        places[i] = 0.0
        persons[i] = founder(0, i)


@njit
def step(row, state, seed, world, year):
    places, persons, words = state
    fill(seed, world, year, persons, MOVE, 0, words)
    for i in range(places.size):
        places[i] = moved(places[i], uniform(words[0, i]), row.drift, row.spread)


@njit
def observe(row, state, out):
    places = state[0]
    total = 0.0
    ahead = 0
    for i in range(places.size):
        total += places[i]
        ahead += places[i] > 0.0
    out[0] = total / places.size
    out[1] = ahead / places.size
