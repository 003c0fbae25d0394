import math
import os
import subprocess
import sys
from pathlib import Path

import bits
import numpy as np
import pytest
from numba import njit

from bestowal.kernels import elementary as numerics

MILLION = 1_000_000


def over(function):
    """A function of one number made a function of an array, in a loop such as the models write."""

    @njit(error_model="numpy")
    def loop(x, out):
        for i in range(x.shape[0]):
            out[i] = function(x[i])

    def call(x):
        out = np.empty(x.shape[0])
        loop(np.ascontiguousarray(x), out)
        return out

    return call


def over_pairs(function, inputs):
    @njit(error_model="numpy")
    def one(x, first, second):
        for i in range(x.shape[0]):
            first[i], second[i] = function(x[i])

    @njit(error_model="numpy")
    def two(x, y, first, second):
        for i in range(x.shape[0]):
            first[i], second[i] = function(x[i], y[i])

    def call(*arrays):
        first, second = np.empty((2, arrays[0].shape[0]))
        (one, two)[inputs - 1](*arrays, first, second)
        return first, second

    return call


exp = over(numerics.exp)
log = over(numerics.log)
logistic = over(numerics.logistic)
sincos = over_pairs(numerics.sincos, 1)
normals = over_pairs(numerics.normals, 2)

long = np.longdouble  # 64 bits of mantissa on x86-64; where it is float64, allow NumPy an error of one unit
SLACK = 0.0 if np.finfo(long).nmant > 52 else 1.0


def worst(values, true):
    """Largest error in units in the last place of the true value."""
    return float(np.max(np.abs((values - true) / np.spacing(np.abs(true).astype(np.float64)))))


def exact_sincos(u):
    """Sine and cosine of u turns: NumPy's, after the exact reduction to an eighth of a turn."""
    quarter = np.rint(u * 4)
    t = (u - quarter / 4).astype(long) * (8 * np.arctan(long(1)))
    s, c = np.sin(t), np.cos(t)
    which = quarter.astype(int) & 3
    return np.choose(which, [s, c, -s, -c]), np.choose(which, [c, -s, -c, s])


def spread(seed, ends, n=MILLION):
    """n numbers between the ends, evenly and near 0, and the ends themselves."""
    generator = np.random.default_rng(seed)
    low, high = ends
    x = generator.uniform(low, high, n)
    x[: n // 4] = generator.uniform(-1, 1, n // 4) * 10.0 ** generator.uniform(-20, 0, n // 4)
    return np.concatenate([np.clip(x, low, high), ends])


def test_exp_is_within_its_stated_error():
    x = spread(1, (-700.0, 700.0))
    assert worst(exp(x), np.exp(x.astype(long))) <= 1 + SLACK


def test_exp_stops_at_its_ends():
    x = np.array([0.0, -0.0, 700.0, 700.1, 1e300, np.inf, -700.0, -700.1, -1e300, -np.inf, np.nan])
    low, high = exp(np.array([-700.0, 700.0]))
    assert 0 < low < 1e-303 and 1e303 < high < np.inf
    np.testing.assert_array_equal(exp(x), [1, 1, high, high, high, high, low, low, low, low, np.nan])


def test_logistic_is_within_its_stated_error():
    x = spread(2, (-700.0, 700.0))
    assert worst(logistic(x), 1 / (1 + np.exp(-x.astype(long)))) <= 3 + SLACK
    near = spread(3, (-40.0, 40.0))
    assert worst(logistic(near), 1 / (1 + np.exp(-near.astype(long)))) <= 3 + SLACK


def test_logistic_at_zero_and_the_ends():
    np.testing.assert_array_equal(
        logistic(np.array([0.0, -0.0, np.inf, 1e9, 700.0, np.nan])), [0.5, 0.5, 1.0, 1.0, 1.0, np.nan]
    )
    assert 0 < logistic(np.array([-np.inf]))[0] < 1e-303


def neighbourhoods(seed, reach=200):
    """Rows of adjacent float64 numbers, rising, where exp changes its power of two and elsewhere."""
    generator = np.random.default_rng(seed)
    middles = np.concatenate(
        [
            (np.arange(-1010, 1010) + 0.5) * math.log(2),
            generator.uniform(-700, 700, 1000),
            generator.uniform(-2, 2, 1000),
            generator.normal(size=500) * 1e-3,
        ]
    )
    size = (np.abs(middles).view(np.int64)[:, None] + np.arange(-reach, reach + 1)).view(np.float64)
    return np.sort(size * np.sign(middles)[:, None], axis=1)


@pytest.mark.parametrize("function", [exp, logistic], ids=["exp", "logistic"])
def test_never_falls_between_adjacent_numbers(function):
    x = neighbourhoods(4)
    y = function(x.ravel()).reshape(x.shape)
    assert (np.diff(y, axis=1) >= 0).all()


def test_log_never_falls_between_adjacent_numbers():
    x = np.sort(np.abs(neighbourhoods(5)), axis=1)
    y = log(x.ravel()).reshape(x.shape)
    assert (np.diff(y, axis=1) >= 0).all()


def test_logistic_never_falls_over_a_million_points():
    assert (np.diff(logistic(np.sort(spread(6, (-50.0, 50.0))))) >= 0).all()


def test_log_is_within_its_stated_error():
    generator = np.random.default_rng(7)
    tiny, huge = np.finfo(np.float64).tiny, np.finfo(np.float64).max
    for x in (
        np.append(np.exp(generator.uniform(-708, 709, MILLION)), [tiny, huge]),
        generator.uniform(0.5, 2, MILLION),
        1 + generator.uniform(-1, 1, MILLION) * 10.0 ** generator.uniform(-16, -1, MILLION),
        (np.append(generator.integers(0, 2**32, MILLION), [0, 2**32 - 1]) + 0.5) * 2.0**-32,
    ):
        x = x[x != 1]
        assert worst(log(x), np.log(x.astype(long))) <= 1 + SLACK
    assert log(np.ones(1))[0] == 0


def test_sincos_is_within_its_stated_error():
    generator = np.random.default_rng(8)
    for u in (
        generator.random(MILLION),
        (generator.integers(0, 2**32, MILLION) + 0.5) * 2.0**-32,
        generator.random(MILLION) * 1e-6,
        0.25 + generator.normal(size=MILLION) * 1e-9,
    ):
        for ours, true in zip(sincos(u), exact_sincos(u), strict=True):
            assert worst(ours, true) <= 2 + SLACK


def test_sincos_is_exact_at_the_quarters():
    sine, cosine = sincos(np.array([0, 0.25, 0.5, 0.75, 1]))
    np.testing.assert_array_equal(sine, [0, 1, 0, -1, 0])
    np.testing.assert_array_equal(cosine, [1, 0, -1, 0, 1])


def test_normals_are_within_their_stated_error():
    generator = np.random.default_rng(9)
    words = generator.integers(0, 2**32, (2, MILLION), dtype=np.uint32)
    words[0, :4], words[1, :4] = [0, 0, 2**32 - 1, 2**32 - 1], [0, 2**32 - 1, 0, 2**32 - 1]
    first, second = normals(*words)
    sine, cosine = exact_sincos((words[1] + 0.5) * 2.0**-32)
    radius = np.sqrt(-2 * np.log((words[0].astype(long) + 0.5) / 2**32))
    assert worst(first, radius * cosine) <= 4 + SLACK
    assert worst(second, radius * sine) <= 4 + SLACK
    assert 6.76 < np.abs(first).max() < 6.77


def test_clip():
    assert numerics.clip(2.0, 0.0, 1.0) == 1.0
    assert numerics.clip(-2.0, 0.0, 1.0) == 0.0
    assert numerics.clip(0.25, 0.0, 1.0) == 0.25
    assert math.isnan(numerics.clip(math.nan, 0.0, 1.0))


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 31, 32, 1000, 4099])
def test_total_adds_in_its_documented_order(n):
    values = np.random.default_rng(n).normal(size=n) * 10.0 ** np.random.default_rng(n + 1).uniform(-9, 9, n)
    lanes = [0.0] * 16
    for i in range(n - n % 16):
        lanes[i % 16] += values[i]
    lanes = [a + b for a, b in zip(lanes[:8], lanes[8:], strict=True)]
    lanes = [a + b for a, b in zip(lanes[:4], lanes[4:], strict=True)]
    rest = 0.0
    for i in range(n - n % 16, n):
        rest += values[i]
    assert numerics.total(values) == ((lanes[0] + lanes[2]) + (lanes[1] + lanes[3])) + rest
    assert numerics.total(values) == pytest.approx(math.fsum(values), rel=1e-9, abs=1e-3)


@pytest.mark.subprocess
@pytest.mark.parametrize("setting", [{"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_CPU_NAME": "generic"}])
def test_the_same_bits_uncompiled_and_for_other_processors(setting):
    # An interpreter fuses, reorders and shortens nothing: what it gives is what the source says.
    root = Path(__file__).parent
    ran = subprocess.run(
        [sys.executable, str(root / "bits.py"), "400"],
        env={**os.environ, "PYTHONPATH": str(root.parent), **setting},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == bits.digest(400)


@pytest.mark.slow
def test_the_bits_of_this_numerics_version():
    # A new value here needs a new bestowal.core.version.NUMERICS: stored results no longer match fresh ones.
    assert bits.digest() == "d68c71da74144f6d9b114cd291f41db4a169fc8ddd0dbe9221e1e12349a76f64"
