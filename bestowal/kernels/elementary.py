"""Elementary functions with the same bits on every machine, and sums in a fixed order.

libm differs between machines, and these functions decide events, so each is written out in additions,
multiplications, divisions and square roots, which IEEE 754 rounds alike everywhere. None is ever built with fast-math.
Loops over arrays around them vectorise: they hold no branch and no table, and they round to an integer by adding and
subtracting 1.5 * 2**52, which leaves the integer in the low bits.

Largest errors, in units in the last place of the true value (tests/test_numerics.py measures them):

    exp        1 on [-700, 700]          log       1 on positive normal numbers
    logistic   3 on [-700, 700]          sincos    2 on [0, 1]
    normals    4; none is larger than 6.77 in size

A change of any result here is a change of bestowal.core.version.NUMERICS.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from bestowal.kernels.compile import njit_no_refcount

_ROUND = 1.5 * 2.0**52
_LOG2_E = 1.4426950408889634
# log 2 in two parts. The first ends in 21 zero bits, so that a whole number up to 2**20 times it is exact.
_LN2_HIGH = 0.6931471803691238
_LN2_LOW = 1.9082149292705877e-10
_TWO_PI = 6.283185307179586

_BIAS = np.int64(1023)
_MANTISSA_BITS = np.int64(52)
_ROOT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)  # the number just above the square root of 1/2
_ROUND_BITS = np.int64(0x4338000000000000)  # _ROUND
_EXPONENT_MASK = np.int64(-(1 << 52))


@njit(error_model="numpy", forceinline=True)
def clip(x, lo, hi):
    """x, or the nearer end where it lies outside [lo, hi]; NaN stays NaN."""
    y = lo if x < lo else x
    return hi if y > hi else y


@njit(error_model="numpy", forceinline=True)
def exp(x):
    """e**x for x in [-700, 700]; beyond, the value at the nearer end (about 1e-304 and 1e304, never 0 or infinite)."""
    x = clip(np.float64(x), -700.0, 700.0)
    shifted = np.float64(x * _LOG2_E + _ROUND)
    k = shifted - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    # Taylor's series: on |r| <= 0.347 the first term left out is below 2**-57. Paired up, so that no step waits long.
    z = r * r
    z2 = z * z
    q0 = 1.0 / 2.0 + r * (1.0 / 6.0)
    q1 = 1.0 / 24.0 + r * (1.0 / 120.0)
    q2 = 1.0 / 720.0 + r * (1.0 / 5040.0)
    q3 = 1.0 / 40320.0 + r * (1.0 / 362880.0)
    q4 = 1.0 / 3628800.0 + r * (1.0 / 39916800.0)
    q5 = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    y = 1.0 + (r + z * ((q0 + z * q1) + z2 * ((q2 + z * q3) + z2 * (q4 + z * q5))))
    scale = np.int64((shifted.view(np.int64) + _BIAS) << _MANTISSA_BITS).view(np.float64)
    return y * scale


@njit(error_model="numpy", forceinline=True)
def log(x):
    """Natural logarithm of a positive normal float64; exactly 0 at 1. Anything else has no defined result."""
    bits = np.float64(x).view(np.int64)
    # x = m * 2**k with m between the square roots of 1/2 and 2
    above = (bits - _ROOT_HALF_BITS) & _EXPONENT_MASK
    m = np.int64(bits - above).view(np.float64)
    k = np.int64((above >> _MANTISSA_BITS) + _ROUND_BITS).view(np.float64) - _ROUND
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    # log(1 + f) = 2 atanh(s), Taylor's series in z <= 0.0295
    z2 = z * z
    q0 = 2.0 / 3.0 + z * (2.0 / 5.0)
    q1 = 2.0 / 7.0 + z * (2.0 / 9.0)
    q2 = 2.0 / 11.0 + z * (2.0 / 13.0)
    q3 = 2.0 / 15.0 + z * (2.0 / 17.0)
    q4 = 2.0 / 19.0 + z * (2.0 / 21.0)
    r = z * (q0 + z2 * (q1 + z2 * (q2 + z2 * (q3 + z2 * q4))))
    # f stands alone and exact: log(1 + f) = f - (h - s (h + r)) with h = f**2 / 2
    h = 0.5 * f * f
    return k * _LN2_HIGH - ((h - (s * (h + r) + k * _LN2_LOW)) - f)


@njit(error_model="numpy", forceinline=True)
def logistic(x):
    """1 / (1 + e**-x): exactly 1/2 at 0, and it never falls as x grows; constant beyond -700 and 700."""
    return 1.0 / (1.0 + exp(-x))


@njit(error_model="numpy", forceinline=True)
def sincos(u):
    """Sine and cosine of u turns (2 pi u), u in [0, 1]; exact at the quarters."""
    u = np.float64(u)
    shifted = np.float64(u * 4.0 + _ROUND)
    quarter = shifted.view(np.int64)
    t = (u - (shifted - _ROUND) * 0.25) * _TWO_PI  # within an eighth of a turn; the difference is exact
    z = t * t
    s = -1.0 / 1307674368000.0
    s = s * z + 1.0 / 6227020800.0
    s = s * z - 1.0 / 39916800.0
    s = s * z + 1.0 / 362880.0
    s = s * z - 1.0 / 5040.0
    s = s * z + 1.0 / 120.0
    s = s * z - 1.0 / 6.0
    s = t + t * z * s
    c = 1.0 / 20922789888000.0
    c = c * z - 1.0 / 87178291200.0
    c = c * z + 1.0 / 479001600.0
    c = c * z - 1.0 / 3628800.0
    c = c * z + 1.0 / 40320.0
    c = c * z - 1.0 / 720.0
    c = c * z + 1.0 / 24.0
    c = 1.0 - (0.5 * z - z * z * c)
    odd = (quarter & 1) != 0
    sine = c if odd else s
    cosine = s if odd else c
    sine = -sine if (quarter & 2) != 0 else sine
    cosine = -cosine if ((quarter + 1) & 2) != 0 else cosine
    return sine, cosine


@njit(error_model="numpy", forceinline=True)
def normals(word0, word1):
    """Two independent standard normal numbers from two 32-bit words (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * log((np.float64(word0) + 0.5) * 2.0**-32))
    sine, cosine = sincos((np.float64(word1) + 0.5) * 2.0**-32)
    return radius * cosine, radius * sine


def _sum_in_sixteens(values, full):
    """Sum of the first `full` values, a multiple of 16, of a contiguous float64 array."""
    sums = np.zeros(16)
    for i in range(0, full, 16):
        sums += values[i : i + 16]
    while sums.size > 1:
        half = sums.size // 2
        sums = sums[:half] + sums[half:]
    return sums[0]


@intrinsic
def _in_sixteens(typing: Any, values: Any, full: Any) -> Any:
    """`_sum_in_sixteens` in LLVM's own vectors of sixteen: it may not reorder additions, so of any loop it would make a
    chain of single ones."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        sixteen = ir.VectorType(ir.DoubleType(), 16)
        sums = cgutils.alloca_once_value(builder, ir.Constant(sixteen, [0.0] * 16))
        step, zero = ir.Constant(arguments[1].type, 16), ir.Constant(arguments[1].type, 0)
        with cgutils.for_range_slice(builder, zero, arguments[1], step, inc=True) as (first, _):
            place = builder.bitcast(builder.gep(array.data, [first]), sixteen.as_pointer())
            values = builder.load(place, align=8)
            builder.store(builder.fadd(builder.load(sums), values), sums)
        sums = builder.load(sums)
        for half in (8, 4, 2, 1):
            lower = ir.Constant(ir.VectorType(ir.IntType(32), half), list(range(half)))
            upper = ir.Constant(ir.VectorType(ir.IntType(32), half), list(range(half, 2 * half)))
            sums = builder.fadd(builder.shuffle_vector(sums, sums, lower), builder.shuffle_vector(sums, sums, upper))
        return builder.extract_element(sums, ir.Constant(ir.IntType(32), 0))

    return types.float64(values, full), generate


@overload(_sum_in_sixteens)
def _compiled_sum(values, full):
    return lambda values, full: _in_sixteens(values, full)


@njit_no_refcount
def total(values):
    """Sum of a contiguous one-dimensional float64 array in a fixed order.

    Sixteen running sums, one for each place in a group of sixteen, added half to half: 0 to 8, 1 to 9 …, then 0 to 4 …,
    0 to 2 …, 0 to 1; then what is left over, in turn.
    """
    n = values.shape[0]
    full = n - n % 16
    left_over = values[full:]
    rest = 0.0
    for i in range(left_over.size):
        rest += left_over[i]
    return _sum_in_sixteens(values, full) + rest
