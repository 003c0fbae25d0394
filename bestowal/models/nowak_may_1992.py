"""Nowak and May 1992: evolutionary games and spatial chaos.

M. A. Nowak and R. M. May, "Evolutionary games and spatial chaos", Nature 359 (1992) 826-829.

Question: can those who always cooperate hold out against those who always defect, without any memory, because they live
side by side?

Each cell of a square lattice is a cooperator C or a defector D. One step is a generation, for all cells at once:

    1. each plays with its up to eight neighbours and, as the paper has it, with itself: a C scores 1 for each C among
       them, a D scores `temptation` for each C, and nothing else pays
    2. each takes on the strategy of the highest score among itself and its neighbours

Nothing is random but the start: each cell is a D with chance `start_defectors`, or a single D stands in a sea of C.

Limiting cases: all C stays all C, all D all D. Away from edges and with itself included, a single D scores
8 * temptation against 8 of each C that touches it and 9 of those beyond: below a temptation of 1 it vanishes, up to 9/8
it stays alone, above it becomes a square of 3 by 3. Between 1.8 and 2 such squares grow on, and neither side dies out.

Sources: rules and numbers are recalled, not read: a share of C near 0.318 for 1.8 < temptation < 2 from any start that
holds clusters of both, and 12 log 2 - 8 = 0.317766 inside the square that grows from a single D (both with high
confidence); about 0.299 without self-interaction, for 8/5 < temptation < 5/3 (medium). Which edge the paper's 0.318 had
is recalled with medium confidence: fixed, the default here. `side` and `start_defectors` are assumed.

Left open, and settled here: on equal scores a cell keeps its own strategy, and of its neighbours the first counts, row
by row from the top left. That matters only where scores of C and D can be equal: at a temptation that is a ratio of two
counts (such as 1.5), or where both are 0.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from pydantic import BaseModel

from bestowal.kernels.rng import chance, fill
from bestowal.models.registry import STRICT, Model, Observable, param


class Params(BaseModel):
    model_config = STRICT

    side: int = param(
        200, "cells on a side of the lattice", unit="cells", low=3, high=2000, symbol="L", source="assumed", fixed=True
    )
    temptation: float = param(
        1.9, "what a D scores for each C", unit="score of two C", low=0, high=10, symbol="b", source="recalled"
    )
    start_defectors: float = param(
        0.1, "chance that a cell starts as D", unit="chance", low=0, high=1, source="assumed", fixed=True
    )
    single: int = param(
        0,
        "1: start from one D in the middle, all others C",
        unit="0 or 1",
        low=0,
        high=1,
        source="recalled",
        fixed=True,
    )
    self_included: int = param(1, "1: a cell plays with itself too", unit="0 or 1", low=0, high=1, source="recalled")
    wraps: int = param(
        0, "0: nothing lies beyond the edges; 1: a torus", unit="0 or 1", low=0, high=1, source="recalled"
    )


MODEL = Model(
    name="nowak_may_1992",
    title="Nowak and May 1992: evolutionary games and spatial chaos",
    params=Params,
    observables=(
        Observable("cooperators", "share", "cells that are C", 0, 1),
        Observable("changed", "share", "cells whose strategy changed in this step", 0, 1),
        Observable("inside", "share", "cells that are C among those within t rows and columns of the middle", 0, 1),
    ),
    kernels=__name__,
    step="generation",
    steps=1000,
)

# Purposes of luck; the person of an address is the cell's number, row * side + column.
START = np.int64(1)  # the first word: whether the cell starts as D

COUNTS = 10  # a cell meets 0 to 9 C
BEYOND = np.int8(0)  # below every rank


class State(NamedTuple):
    """Arrays of a world. Both lattices have a rim one cell wide."""

    cells: np.ndarray  # (side + 2, side + 2) 1 for C, 0 for D
    codes: np.ndarray  # (side + 2, side + 2) rank of the score * 2 + strategy
    ranks: np.ndarray  # (2 * COUNTS,) that code for each strategy and count of C
    persons: np.ndarray  # (side,) ids of a row's cells
    words: np.ndarray  # (4, side) their luck
    tally: np.ndarray  # (2,) steps made; cells changed in the last


@njit(error_model="numpy")
def allocate(p):
    """A `State` without a start."""
    n = p.side + 2
    return State(
        np.zeros((n, n), np.int8),
        np.zeros((n, n), np.int8),
        np.zeros(2 * COUNTS, np.int8),
        np.zeros(p.side, np.uint64),
        np.zeros((4, p.side), np.uint32),
        np.zeros(2, np.int64),
    )


@njit(error_model="numpy")
def start(p, s, seed, world):
    side = np.int64(p.side)
    s.tally[:] = 0
    for row in range(side):
        if p.single == 1:
            s.cells[row + 1, 1 : side + 1] = 1
        else:
            for column in range(side):
                s.persons[column] = np.uint64(row * side + column)
            fill(seed, world, 0, s.persons, START, 0, s.words)
            for column in range(side):
                s.cells[row + 1, column + 1] = 0 if chance(s.words[0, column], p.start_defectors) else 1
    if p.single == 1:
        s.cells[side // 2 + 1, side // 2 + 1] = 0


@njit(error_model="numpy")
def step(p, s, seed, world, year):
    rank(p, s.ranks)
    rim(p, s.cells)
    score(p, s)
    rim(p, s.codes)
    s.tally[0] = year + 1
    s.tally[1] = take_over(p, s)


@njit(error_model="numpy")
def rank(p, ranks):
    """The 20 possible scores in order, equal ones with equal rank: small numbers, so that many are compared at once."""
    for i in range(2 * COUNTS):
        mine = score_of(p, i)
        position = 1
        for j in range(2 * COUNTS):
            position += score_of(p, j) < mine
        ranks[i] = position * 2 + i // COUNTS


@njit(error_model="numpy")
def score_of(p, i):
    """Score of a D (i below COUNTS) or a C that meets i % COUNTS C."""
    met = np.float64(i % COUNTS)
    return met if i >= COUNTS else p.temptation * met


@njit(error_model="numpy")
def rim(p, lattice):
    """Nothing beyond the edges, or on a torus the cells from the other side."""
    last = p.side
    wraps = p.wraps == 1
    for row in range(1, last + 1):
        lattice[row, 0] = lattice[row, last] if wraps else BEYOND
        lattice[row, last + 1] = lattice[row, 1] if wraps else BEYOND
    for column in range(last + 2):
        lattice[0, column] = lattice[last, column] if wraps else BEYOND
        lattice[last + 1, column] = lattice[1, column] if wraps else BEYOND


@njit(error_model="numpy")
def score(p, s):
    """Everyone's code, from the C met."""
    side = p.side
    without_self = np.int8(1 - p.self_included)
    ranks = s.ranks
    for row in range(1, side + 1):
        above, here, below = s.cells[row - 1], s.cells[row], s.cells[row + 1]
        out = s.codes[row]
        # First a count, which runs over many cells at once, then the look-up, which can't.
        for i in range(side):
            met = np.int8(above[i] + above[i + 1] + above[i + 2])
            met = np.int8(met + here[i] + here[i + 1] + here[i + 2])
            met = np.int8(met + below[i] + below[i + 1] + below[i + 2])
            met = np.int8(met - (here[i + 1] & without_self))
            out[i + 1] = np.int8(met + here[i + 1] * np.int8(COUNTS))
        for i in range(side):
            out[i + 1] = ranks[out[i + 1]]


@njit(error_model="numpy", forceinline=True)
def better(best, other):
    """The other if its rank is higher: the last bit, the strategy, doesn't count."""
    return other if other > np.int8(best | np.int8(1)) else best


@njit(error_model="numpy")
def take_over(p, s):
    """Everyone takes on the best strategy around; how many changed."""
    side = p.side
    changed = np.int64(0)
    for row in range(1, side + 1):
        above, here, below = s.codes[row - 1], s.codes[row], s.codes[row + 1]
        cells = s.cells[row]
        changes = np.int16(0)
        for i in range(side):
            best = here[i + 1]
            best = better(best, above[i])
            best = better(best, above[i + 1])
            best = better(best, above[i + 2])
            best = better(best, here[i])
            best = better(best, here[i + 2])
            best = better(best, below[i])
            best = better(best, below[i + 1])
            best = better(best, below[i + 2])
            strategy = np.int8(best & np.int8(1))
            changes = np.int16(changes + (strategy ^ cells[i + 1]))
            cells[i + 1] = strategy
        changed += np.int64(changes)
    return changed


@njit(error_model="numpy")
def cooperators(cells, low, high):
    """How many C live in rows and columns low to high - 1."""
    total = np.int64(0)
    for row in range(low, high):
        line = cells[row + 1, low + 1 : high + 1]
        count = np.int16(0)
        for i in range(high - low):
            count = np.int16(count + line[i])
        total += np.int64(count)
    return total


@njit(error_model="numpy")
def observe(p, s, out):
    side = p.side
    low = max(side // 2 - s.tally[0], 0)
    high = min(side // 2 + s.tally[0] + 1, side)
    out[0] = cooperators(s.cells, 0, side) / (side * side)
    out[1] = s.tally[1] / (side * side)
    out[2] = cooperators(s.cells, low, high) / ((high - low) * (high - low))
