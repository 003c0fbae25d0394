"""The loop over time, as text: a module for each model, which the engine compiles; a model in plain Python runs it too.

A decorator there stands on a line of its own, so that `uncompiled` can leave it out.
"""

KERNEL = '''\
"""Written by bestowal for one state of the code; safe to delete."""

from numba import njit

from bestowal.simulation.compile_cache import on_disk
from {kernels} import allocate, observe, start, step


@on_disk
@njit(nogil=True, error_model="numpy")
def advance(rows, state, seed, world, first, last, out):
    for year in range(first, last):
        step(rows[year], state, seed, world, year)
        observe(rows[year], state, out[year])


@on_disk
@njit(nogil=True, error_model="numpy")
def simulate(rows, seed, worlds, out):
    state = allocate(rows[0])
    for i in range(worlds.size):
        start(rows[0], state, seed, worlds[i])
        advance(rows, state, seed, worlds[i], 0, rows.size, out[i])


@on_disk
@njit(nogil=True, error_model="numpy")
def begin(rows, seed, world):
    state = allocate(rows[0])
    start(rows[0], state, seed, world)
    return state
'''

PEOPLE = '''\
"""Written by bestowal for one state of the code; safe to delete."""

from numba import njit

from bestowal.simulation.compile_cache import on_disk
from {kernels} import allocate, start, step
from {persons} import persons


@on_disk
@njit(nogil=True, error_model="numpy")
def people(rows, seed, world):
    state = allocate(rows[0])
    start(rows[0], state, seed, world)
    last = rows.size - 1
    for year in range(last):
        step(rows[year], state, seed, world, year)
    return persons(rows[last], state, seed, world, last)


@on_disk
@njit(nogil=True, error_model="numpy")
def look(rows, state, seed, world, year):
    return persons(rows[year], state, seed, world, year)
'''


def uncompiled(text: str) -> str:
    """Return one of these texts for a model in plain Python: the same loop, not compiled."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("@"))
