"""Print a SHA-256 of many draws, exponentials, logarithms, sines and normals: the same on every machine and Python.

python tests/bits.py [how many of each, 100000]
"""

import hashlib
import sys

import numpy as np
from numba import njit

from bestowal.kernels import elementary as numerics
from bestowal.kernels import rng as streams


@njit(error_model="numpy")
def _compute(words, x, results):
    for i in range(x.shape[0]):
        results[0, i] = numerics.exp(x[i])
        results[1, i] = numerics.log(numerics.exp(x[i]) + 1e-9)
        results[2, i] = numerics.logistic(x[i])
        results[3, i], results[4, i] = numerics.sincos(streams.uniform(words[2, i]))
        results[5, i], results[6, i] = numerics.normals(words[0, i], words[1, i])
        results[7, i] = streams.below(words[3, i], 1000) + streams.chance(words[3, i], numerics.logistic(x[i]))


def digest(n: int = 100_000) -> str:
    """SHA-256 in hex over n draws of founders and children, and n values of each function."""
    persons = np.array([streams.founder(i % 7, i) for i in range(n)], dtype=np.uint64)
    persons[1::3] = [streams.child(mother, 3, 1) for mother in persons[1::3]]
    words = np.zeros((4, n), dtype=np.uint32)
    streams.fill(20250101, 5, 41, persons, 9, 2, words)
    # exact in binary, so that NumPy's own rounding has no part in them
    x = np.linspace(-(2.0**14), 2.0**14, n, endpoint=False) * 2.0**-6
    x[::2] = words[0, ::2] * 2.0**-29 - 4.0
    results = np.zeros((8, n))
    _compute(words, x, results)
    results[7, :16] = [numerics.total(results[k % 7, : n - k]) for k in range(16)]
    parts = (persons.astype("<u8"), words.astype("<u4"), results.astype("<f8"))
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


if __name__ == "__main__":
    print(digest(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
