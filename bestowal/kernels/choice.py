"""Choices by lot that models share: another than oneself, one of many by weight, and the order of all.

    another      each of the n - 1 others alike: a number below n - 1, one further from oneself on
    by weight    i with chance w_i / Σ w: the first i with w_0 + … + w_i > u · Σ w, u uniform in (0, 1)
    order        by a word each; of equal words the lower number is first

Limits. Of two, the other is the one that isn't oneself. Equal weights pick each alike, a weight of 0 never. In an order
of n each is as often in each place, but for equal words: some two are, with a chance of about n² / 2^33.

A running sum is always added up from the left, so that its bits don't depend on which weights changed.
"""

import numpy as np
from numba import njit

from bestowal.kernels.rng import below

_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@njit(error_model="numpy")
def other(word, own, n):
    """One of 0 .. n - 1 that is not `own`, int64; n is 2 or more."""
    j = below(word, n - 1)
    return j + np.int64(j >= own)


@njit(error_model="numpy")
def resum(weight, running, first):
    """Bring running sums of weights, both (n,) float64, up to date from `first` on: the bits of all summed anew."""
    total = running[first - 1] if first > 0 else 0.0
    for i in range(first, weight.size):
        total += weight[i]
        running[i] = total


@njit(error_model="numpy", forceinline=True)
def above(running, n, r):
    """The first of n whose running sum is above r, int64; r from 0 to below running[n - 1]."""
    low, high = np.int64(0), np.int64(n - 1)
    while low < high:
        middle = (low + high) >> 1
        if running[middle] > r:
            high = middle
        else:
            low = middle + 1
    return low


@njit(error_model="numpy")
def order(words, turns):
    """Write 0 .. n - 1 into `turns` (uint64, n) in an order drawn by lot, a word (uint32) each."""
    for i in range(turns.size):
        turns[i] = (np.uint64(words[i]) << _32) | np.uint64(i)
    turns.sort()
    for i in range(turns.size):
        turns[i] &= _LOW
