"""Counter-based random numbers: each is addressed by where it is used, and none is drawn in order.

A draw is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") of

    counter  (person low half, person high half, year << 16 | purpose << 8 | index, world)
    key      (seed low half, seed high half)

and gives four 32-bit words. For a fixed seed Philox is a bijection of the counter, and the counter holds the whole
address, so two different addresses never share a draw.

A person is named by lineage, never by a slot. The top two bits of the 64-bit id say which kind it is:

    00  founder    community in bits 32-47, place in bits 0-31
    01  applicant  community in bits 32-47, year in bits 16-31, k in bits 0-15
    10  site       community in bits 0-15; the whole world is bit 32
    11  child      62 hashed bits of (mother, year, order), the same in every world and under every seed

Founders, applicants and sites are packed exactly. Children are hashed: among n children of one world the chance of any
two sharing an id is about n**2 / 2**63, 1e-7 for a million.

Nothing here checks its arguments, so that the loops stay vectorised: callers keep within the sizes below.
"""

import numpy as np
from numba import njit

from bestowal.kernels.compile import njit_no_refcount

YEARS = 1 << 16
"""How many years an address has room for; below, the same for the rest (applicants: to one community in one year)."""
COMMUNITIES = 1 << 16
PLACES = 1 << 32
APPLICANTS = 1 << 16
PURPOSES = 1 << 8
INDICES = 1 << 8
WORLDS = 1 << 32

# Integer constants are typed once: Numba widens uint32 arithmetic to uint64 and mixes badly with signed literals.
_MULTIPLY_0 = np.uint64(0xD2511F53)
_MULTIPLY_1 = np.uint64(0xCD9E8D57)
_BUMP_0 = np.uint64(0x9E3779B9)
_BUMP_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_8 = np.uint64(8)
_16 = np.uint64(16)
_32 = np.uint64(32)
_62 = np.uint64(62)

_APPLICANT = np.uint64(1 << 62)
_SITE = np.uint64(2 << 62)
_CHILD = np.uint64(3 << 62)
_WHOLE = np.uint64(2 << 62 | 1 << 32)
_LAST_62 = np.uint64((1 << 62) - 1)
# The children's hash: any fixed words will do. In ASCII, "LINE" in the place of a world, under the key "best" "owal".
_LINEAGE = np.uint64(0x4C494E45)
_LINEAGE_KEY_0 = np.uint64(0x62657374)
_LINEAGE_KEY_1 = np.uint64(0x6F77616C)

_PER_WORD = 2.0**-32


@njit(error_model="numpy", forceinline=True)
def _round(x0, x1, x2, x3, k0, k1):
    """One Philox round on the low halves of uint64 words, whose high halves are rubbish and stay so."""
    p0 = _MULTIPLY_0 * (x0 & _LOW)
    p1 = _MULTIPLY_1 * (x2 & _LOW)
    return (p1 >> _32) ^ x1 ^ k0, p1, (p0 >> _32) ^ x3 ^ k1, p0


@njit(error_model="numpy", forceinline=True)
def _ten(x0, x1, x2, x3, k0, k1):
    """Ten rounds, unrolled so that a loop over persons vectorises; only the low halves count, in and out."""
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, k0, k1)
    k0 = (k0 + _BUMP_0) & _LOW
    k1 = (k1 + _BUMP_1) & _LOW
    return _round(x0, x1, x2, x3, k0, k1)


@njit(error_model="numpy", forceinline=True)
def _moment(year, purpose, index):
    """Third counter word: year in the high half, then purpose, then index."""
    return (np.uint64(year) << _16) | (np.uint64(purpose) << _8) | np.uint64(index)


@njit(error_model="numpy")
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10: four uint32 words from a 128-bit counter and a 64-bit key, given as 32-bit words."""
    x0, x1, x2, x3 = _ten(np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3), np.uint64(k0), np.uint64(k1))
    return np.uint32(x0), np.uint32(x1), np.uint32(x2), np.uint32(x3)


@njit(error_model="numpy")
def draw(seed, world, year, person, purpose, index):
    """Four uint32 words for one person at one address. In loops over persons use `fill`, many times faster."""
    who = np.uint64(person)
    key = np.uint64(seed)
    x0, x1, x2, x3 = _ten(
        who & _LOW, who >> _32, _moment(year, purpose, index), np.uint64(world), key & _LOW, key >> _32
    )
    return np.uint32(x0), np.uint32(x1), np.uint32(x2), np.uint32(x3)


@njit_no_refcount
def fill(seed, world, year, persons, purpose, index, out):
    """Write the four words of each person in `persons` (uint64, n) into the columns of `out` (uint32, 4 x n or wider).

    Column i is what `draw` returns for persons[i]; columns past n are left alone.
    """
    key = np.uint64(seed)
    k0 = key & _LOW
    k1 = key >> _32
    moment = _moment(year, purpose, index)
    where = np.uint64(world)
    out0 = out[0]
    out1 = out[1]
    out2 = out[2]
    out3 = out[3]
    for i in range(persons.shape[0]):
        who = persons[i]
        x0, x1, x2, x3 = _ten(who & _LOW, who >> _32, moment, where, k0, k1)
        out0[i] = np.uint32(x0)
        out1[i] = np.uint32(x1)
        out2[i] = np.uint32(x2)
        out3[i] = np.uint32(x3)


@njit(error_model="numpy")
def uniform(word):
    """A number strictly between 0 and 1, the middle of the word's cell: (word + 1/2) / 2**32, exactly."""
    return (np.float64(word) + 0.5) * _PER_WORD


@njit(error_model="numpy")
def chance(word, p):
    """Whether an event of probability p happens: never at 0, always at 1, and never un-happens as p grows."""
    return np.float64(word) * _PER_WORD < p


@njit(error_model="numpy")
def below(word, n):
    """An integer in 0 .. n-1 (n from 1 to 2**32), int64: the high half of word * n; bias below n / 2**32."""
    return np.int64((np.uint64(word) * np.uint64(n)) >> _32)


@njit(error_model="numpy")
def founder(community, place):
    """Id of the person who holds `place` in `community` when a world begins."""
    return (np.uint64(community) << _32) | np.uint64(place)


@njit(error_model="numpy")
def applicant(community, year, k):
    """Id of the k-th person who knocks at `community` in `year`, admitted or not."""
    return _APPLICANT | (np.uint64(community) << _32) | (np.uint64(year) << _16) | np.uint64(k)


@njit(error_model="numpy")
def admitted(person):
    """Whether this is the id of somebody who once knocked."""
    return (np.uint64(person) >> _62) == (_APPLICANT >> _62)


@njit(error_model="numpy")
def site(community):
    """Id under which a community itself draws."""
    return _SITE | np.uint64(community)


@njit(error_model="numpy")
def whole():
    """Id under which the whole world draws."""
    return _WHOLE


@njit(error_model="numpy")
def child(mother, year, order):
    """Id of the child born to `mother` (an id) in `year` as the `order`-th of that year; order is below 2**16."""
    who = np.uint64(mother)
    x0, x1, _, _ = _ten(
        who & _LOW, who >> _32, (np.uint64(year) << _16) | np.uint64(order), _LINEAGE, _LINEAGE_KEY_0, _LINEAGE_KEY_1
    )
    return _CHILD | (((x1 << _32) | (x0 & _LOW)) & _LAST_62)
