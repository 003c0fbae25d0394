"""Authors year: the title in short.

A. Author & B. Author, "The title", Journal volume (year), pages.

Question: what the paper asks, in one sentence.

The rules, as formulas. Here, to have something that runs, Wright (1931) and Fisher (1930) with selection: of n people,
each of the next generation is an A with chance

    p = (1 + advantage) x / (1 + advantage x),     x the share of A now

Limiting cases: advantage 0 leaves the mean share as it is; a share of 0 or 1 never changes; with n large the share
follows x -> p exactly. They are the model's first tests.

Sources: where each number was read, and whether read or recalled. What the paper leaves open, and what was settled.
"""

import numpy as np
from numba import njit
from pydantic import BaseModel

from bestowal.kernels.rng import chance, fill
from bestowal.models.registry import STRICT, Model, Observable, param


class Params(BaseModel):
    model_config = STRICT

    # `fixed`: arrays are made from it, so no Change may move it.
    people: int = param(100, "people", unit="persons", low=2, high=100000, symbol="n", source="Table 1", fixed=True)
    advantage: float = param(0.1, "advantage of A", unit="share", low=-0.9, high=10, symbol="s", source="Table 1")
    start_share: float = param(0.5, "share of A at the start", unit="share", low=0, high=1, source="text", fixed=True)


MODEL = Model(
    name="authors_year",
    title="Authors year: the title in short",
    params=Params,
    observables=(Observable("share", "share", "people who are A", 0, 1),),
    kernels=__name__,
    step="generation",
    steps=100,
)

# Purposes of luck: each random number is named by who, when and what for. One use, one purpose.
BIRTH = np.int64(1)  # person: place among the people; w0: is the newborn an A?


@njit(error_model="numpy")
def allocate(p):
    """(is_a (people,) uint8, persons (people,) uint64, words (4, people) uint32): a few arrays, made once."""
    return np.zeros(p.people, np.uint8), np.arange(p.people).astype(np.uint64), np.empty((4, p.people), np.uint32)


@njit(error_model="numpy")
def start(p, state, seed, world):
    """Writes over every trace of the world before."""
    is_a, _, _ = state
    n_a = np.int64(p.start_share * p.people + 0.5)
    for i in range(p.people):
        is_a[i] = i < n_a


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    """`year` is the step's number, whatever a step is called."""
    is_a, persons, words = state
    x = share_of(is_a)
    birth = (1.0 + p.advantage) * x / (1.0 + p.advantage * x)
    fill(seed, world, year, persons, BIRTH, 0, words)  # luck in bulk, then decide
    for i in range(p.people):
        is_a[i] = chance(words[0, i], birth)


@njit(error_model="numpy")
def observe(p, state, out):
    """Fills the observables, in their order."""
    out[0] = share_of(state[0])


@njit(error_model="numpy")
def share_of(is_a):
    n = 0
    for i in range(is_a.size):
        n += is_a[i]
    return n / is_a.size
