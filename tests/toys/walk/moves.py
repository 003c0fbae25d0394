"""A callee in a module of its own, for the test that edits it."""

from numba import njit


@njit
def moved(place, luck, drift, spread):
    return place + drift + spread * (luck - 0.5)
