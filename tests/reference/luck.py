"""Addressed luck a second time, in plain integers; addresses as `bestowal/streams.py` states them."""

import math

WORD = 0xFFFFFFFF


def philox(counter, key):
    """Philox4x32-10 (Salmon et al. 2011): four words from a counter of four and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 1 << 32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 1 << 32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 = (k0 + 0x9E3779B9) & WORD
        k1 = (k1 + 0xBB67AE85) & WORD
    return c0, c1, c2, c3


def draw(seed, world, step, person, purpose, index=0):
    """The four words (integers below 2**32) at one address."""
    moment = step << 16 | purpose << 8 | index
    return philox((person & WORD, person >> 32, moment, world), (seed & WORD, seed >> 32))


def uniform(word):
    """Strictly between 0 and 1."""
    return (word + 0.5) * 2.0**-32


def chance(word, p):
    """Whether an event of probability p happens."""
    return word * 2.0**-32 < p


def below(word, n):
    """An integer in 0 .. n - 1."""
    return word * n >> 32


def normals(word, other):
    """Two independent standard normal numbers."""
    r = math.sqrt(-2.0 * math.log(uniform(word)))
    angle = 2.0 * math.pi * uniform(other)
    return r * math.cos(angle), r * math.sin(angle)
