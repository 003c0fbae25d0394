"""Test bestowal's addressed random numbers with standard statistical tests. One command, one to two minutes:

    python verify/luck.py [--seed N] [--dieharder | --dieharder-all | --practrand SIZE]

Neighbouring addresses matter here, not one stream alone: a world's draws are read across persons, years,
purposes, worlds and seeds. So the battery compares draws at neighbouring addresses (chi-square of byte pairs,
correlation, Kolmogorov-Smirnov of the difference), flips each of the 192 address bits (avalanche), and reads streams
along one coordinate at a time (chi-square, Kolmogorov-Smirnov, runs, orders, serial correlation, birthday spacings,
ranks of 32 x 32 bit matrices). The normals made of the words are tested too.

A test fails when its p-value is below 0.001 divided by the number of tests (Bonferroni), so that a good generator fails
one battery in a thousand. The same battery is then turned on generators with a planted weakness, each of which must
fail. The last line is the verdict; the exit status is 0 only when our generator passes and every planted one fails.

With dieharder or PractRand's RNG_test on the path, --dieharder runs a choice of dieharder's tests through a pipe,
--dieharder-all runs all, and --practrand 1GB runs PractRand.
"""

import argparse
import contextlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import IO

import numpy as np
from numba import njit, vectorize
from scipy import stats

from bestowal.kernels import elementary as numerics
from bestowal.kernels import rng as streams

LEVEL = 0.001  # chance that a good generator fails the whole battery
PAIRS = 1 << 19
CALLS = 1 << 18
FLIPS = 1 << 13

Many = Callable[..., np.ndarray]  # (seed, world, year, person, purpose, index) columns, uint64 (n) -> words (4, n)
Result = tuple[str, float]  # what was tested, p-value
Columns = dict[str, np.ndarray]
FIELDS = ("seed", "world", "year", "person", "purpose", "index")
WIDTHS = {"seed": 64, "world": 32, "year": 16, "person": 64, "purpose": 8, "index": 8}  # bits


def many(draw) -> Many:
    """A function from columns of addresses to words (4, n)."""

    @njit(error_model="numpy")
    def loop(seed, world, year, person, purpose, index):
        out = np.empty((4, seed.shape[0]), dtype=np.uint32)
        for i in range(seed.shape[0]):
            out[0, i], out[1, i], out[2, i], out[3, i] = draw(
                seed[i], world[i], year[i], person[i], purpose[i], index[i]
            )
        return out

    return loop


# Generators with a planted weakness: each has the signature of streams.draw.


@njit(error_model="numpy")
def linear_key(seed, world, year, person, purpose, index):
    """A key that is a weighted sum of the address, multiplied out: the classical home-made hash."""
    key = np.uint64(seed) + np.uint64(person) * np.uint64(0x9E3779B97F4A7C15)
    key += np.uint64(year) * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(world) * np.uint64(0x165667B19E3779F9)
    key += np.uint64(purpose) * np.uint64(0x27D4EB2F165667C5) + np.uint64(index) * np.uint64(0x85EBCA77C2B2AE63)
    other = key * np.uint64(0xD6E8FEB86659FD93)
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    return np.uint32(key >> half), np.uint32(key & low), np.uint32(other >> half), np.uint32(other & low)


@njit(error_model="numpy")
def weak_key(seed, world, year, person, purpose, index):
    """Philox, but with seed, world and purpose added up into the key: neighbouring addresses share draws."""
    return streams.draw(np.uint64(seed) + np.uint64(world) + np.uint64(purpose), 0, year, person, 0, index)


@njit(error_model="numpy")
def short_seed(seed, world, year, person, purpose, index):
    """Philox, but the seed's lowest bit is lost."""
    return streams.draw(np.uint64(seed) | np.uint64(1), world, year, person, purpose, index)


@njit(error_model="numpy")
def few_rounds(seed, world, year, person, purpose, index):
    """Philox with three rounds of the ten."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    x0 = np.uint64(person) & low
    x1 = np.uint64(person) >> half
    x2 = (np.uint64(year) << np.uint64(16)) | (np.uint64(purpose) << np.uint64(8)) | np.uint64(index)
    x3 = np.uint64(world)
    k0 = np.uint64(seed) & low
    k1 = np.uint64(seed) >> half
    for _ in range(3):
        p0 = np.uint64(0xD2511F53) * x0
        p1 = np.uint64(0xCD9E8D57) * x2
        x0, x1, x2, x3 = (p1 >> half) ^ x1 ^ k0, p1 & low, (p0 >> half) ^ x3 ^ k1, p0 & low
        k0 = (k0 + np.uint64(0x9E3779B9)) & low
        k1 = (k1 + np.uint64(0xBB67AE85)) & low
    return np.uint32(x0), np.uint32(x1), np.uint32(x2), np.uint32(x3)


PLANTED = {
    "linear key": linear_key,
    "weak key": weak_key,
    "short seed": short_seed,
    "three rounds": few_rounds,
}


# Ids from columns of numbers
founders = vectorize(streams.founder.py_func)
applicants = vectorize(streams.applicant.py_func)
sites = vectorize(streams.site.py_func)
children = vectorize(streams.child.py_func)


def addresses(n: int, seed: int) -> Columns:
    """n different addresses of the kind a run uses. Every number is even, so that a step of one leaves the set."""
    i = np.arange(n, dtype=np.uint64)
    columns = {"seed": np.full(n, seed, dtype=np.uint64)}
    for name, count in (("place", 128), ("community", 8), ("purpose", 4), ("index", 2), ("year", 16)):
        columns[name] = i % np.uint64(count) * np.uint64(2)
        i = i // np.uint64(count)
    columns["world"] = i * np.uint64(2)
    columns["person"] = founders(columns["community"], columns["place"])
    return columns


def neighbours(n: int, seed: int) -> Iterator[tuple[str, Columns, Columns]]:
    """Pairs of sets of addresses, each address one step from its partner along the named coordinate."""
    base = addresses(n, seed)
    for name in ("world", "year", "purpose", "index", "seed"):
        yield name, base, {**base, name: base[name] ^ np.uint64(1)}
    yield "seed, high half", base, {**base, "seed": base["seed"] ^ np.uint64(1 << 32)}
    community, place, year = base["community"], base["place"], base["year"]
    mothers, nought = base["person"], np.zeros(n, dtype=np.uint64)
    for name, make, fields, step in (
        ("place", founders, (community, place), 1),
        ("community", founders, (community, place), 0),
        ("applicant", applicants, (community, year, place), 2),
        ("applicant's year", applicants, (community, year, place), 1),
        ("site", sites, (community + place * np.uint64(16),), 0),
        ("birth order", children, (mothers, year, nought), 2),
        ("birth year", children, (mothers, year, nought), 1),
    ):
        stepped = tuple(column + np.uint64(i == step) for i, column in enumerate(fields))
        yield name, {**base, "person": make(*fields)}, {**base, "person": make(*stepped)}
    yield "mother and child", base, {**base, "person": children(mothers, year, nought)}


def lines(calls: int, seed: int) -> Iterator[tuple[str, Columns]]:
    """Sets of addresses that run along one coordinate, in order, the rest held still."""
    still = {
        name: np.full(calls, value, dtype=np.uint64) for name, value in zip(FIELDS, (seed, 3, 5, 7, 2, 1), strict=True)
    }
    i = np.arange(calls, dtype=np.uint64)
    yield "person after person", {**still, "person": i}
    yield "world after world", {**still, "world": i}
    yield "seed after seed", {**still, "seed": i}
    yield "year after year", {**still, "year": i % np.uint64(streams.YEARS), "person": i // np.uint64(streams.YEARS)}
    used = {"index": i % np.uint64(256), "purpose": i // np.uint64(256) % np.uint64(256), "person": i >> np.uint64(16)}
    yield "purpose after purpose", {**still, **used}
    yield (
        "child after child",
        {**still, "person": children(i // np.uint64(8), still["year"], i % np.uint64(8))},
    )


def words(draw: Many, columns: Columns) -> np.ndarray:
    return draw(*(columns[name] for name in FIELDS))


# Tests: each gives one p-value.


def chi_square(counts: np.ndarray, expected: np.ndarray | float) -> float:
    return float(stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), counts.size - 1))


def two_sided(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))


def poisson(count: int, mean: float) -> float:
    return min(1.0, 2 * float(min(stats.poisson.sf(count - 1, mean), stats.poisson.cdf(count, mean))))


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return uncorrelated(a @ b / np.sqrt((a @ a) * (b @ b)), a.size)


def uncorrelated(coefficient: float, n: int) -> float:
    """p-value of a correlation coefficient of n pairs."""
    return two_sided(coefficient * np.sqrt(n))


def uniformity(w: np.ndarray) -> float:
    return float(stats.kstest((w + 0.5) * 2.0**-32, "uniform", method="asymp").pvalue)


def byte_pairs(a: np.ndarray, b: np.ndarray, shift: int) -> float:
    cells = (a >> shift & 255) * 256 + (b >> shift & 255)
    return chi_square(np.bincount(cells, minlength=65536), a.size / 65536)


def duplicates(both: np.ndarray) -> float:
    """Equal first 64 bits among all draws: none are expected."""
    first = both[0].astype(np.uint64) << np.uint64(32) | both[1]
    return poisson(int((np.diff(np.sort(first)) == 0).sum()), first.size**2 / 2.0**65)


def each_bit(w: np.ndarray) -> float:
    z = [(2 * int((w >> bit & 1).sum()) - w.size) / np.sqrt(w.size) for bit in range(32)]
    return float(stats.chi2.sf(np.square(z).sum(), 32))


def runs(w: np.ndarray) -> float:
    """Wald and Wolfowitz: runs above and below the middle."""
    above = w >= np.uint32(1 << 31)
    n, m = above.size, int(above.sum())
    if m in (0, n):
        return 0.0
    mean = 2 * m * (n - m) / n + 1
    return two_sided((1 + int((above[1:] != above[:-1]).sum()) - mean) / np.sqrt((mean - 1) * (mean - 2) / (n - 1)))


def orders(w: np.ndarray) -> float:
    """The 120 orders of five in a row."""
    five = w[: w.size // 5 * 5].reshape(-1, 5)
    ranks = np.argsort(np.argsort(five, axis=1, kind="stable"), axis=1, kind="stable")
    found, counts = np.unique(ranks @ 5 ** np.arange(5), return_counts=True)
    return chi_square(np.pad(counts, (0, 120 - found.size)), five.shape[0] / 120)


def birthdays(w: np.ndarray) -> float:
    """Marsaglia's birthday spacings: 4096 birthdays in a year of 2**32 days, four equal spacings expected."""
    years = np.sort(w[: w.size // 4096 * 4096].reshape(-1, 4096), axis=1)
    spacings = np.sort(np.diff(years, axis=1), axis=1)
    return poisson(int((np.diff(spacings, axis=1) == 0).sum()), 4096**3 / 2.0**34 * years.shape[0])


@njit
def _ranks(w):
    """How many 32 x 32 bit matrices, 32 words each, have rank 32, 31, and less."""
    counts = np.zeros(3)
    for start in range(0, w.shape[0] - 31, 32):
        rows = w[start : start + 32].copy()
        rank = 0
        for bit in range(32):
            mask = np.uint32(1 << bit)
            for i in range(rank, 32):
                if rows[i] & mask:
                    rows[rank], rows[i] = rows[i], rows[rank]
                    for j in range(rank + 1, 32):
                        if rows[j] & mask:
                            rows[j] ^= rows[rank]
                    rank += 1
                    break
        counts[min(32 - rank, 2)] += 1
    return counts


def ranks(w: np.ndarray) -> float:
    """Ranks of 32 x 32 bit matrices over the field of two elements."""
    counts = _ranks(w)
    full = np.prod(1 - 0.5 ** np.arange(1, 33))
    less = full * (1 - 0.5**32) ** 2 / (1 - 0.5) ** 2 * 0.5  # rank 31
    return chi_square(counts, np.array([full, less, 1 - full - less]) * counts.sum())


@njit
def _normals(w):
    out = np.empty((2, w.shape[1]))
    for i in range(w.shape[1]):
        out[0, i], out[1, i] = numerics.normals(w[0, i], w[1, i])
    return out


# The battery.


def test_pairs(draw: Many, seed: int) -> Iterator[Result]:
    for name, here, there in neighbours(PAIRS, seed):
        a, b = words(draw, here), words(draw, there)
        coefficients = np.corrcoef(a, b)[:4, 4:]
        for i in range(4):
            for shift in (0, 24):
                yield f"{name}: byte pairs, word {i}, bit {shift}", byte_pairs(a[i], b[i], shift)
            yield f"{name}: difference, word {i}", uniformity(b[i] - a[i])
            for j in range(4):
                yield f"{name}: correlation of words {i} and {j}", uncorrelated(coefficients[i, j], PAIRS)
        yield f"{name}: duplicates", duplicates(np.concatenate([a, b], axis=1))


def test_avalanche(draw: Many, seed: int) -> Iterator[Result]:
    """Flip each bit of the address: each bit of the draw must flip half the time, over addresses near and far."""
    base = addresses(4 * FLIPS, seed)
    # Only addresses with an even number of one bits: a flip then leaves the set, and no pair is counted twice.
    odd = np.sum([np.bitwise_count(base[name]) for name in FIELDS], axis=0) % 2
    base = {name: base[name][odd == odd[0]][:FLIPS] for name in FIELDS}
    generator = np.random.default_rng(seed)
    for name in FIELDS:
        base[name][::2] = generator.integers(0, (1 << WIDTHS[name]) - 1, FLIPS // 2, dtype=np.uint64, endpoint=True)
    before = words(draw, base)
    for name in FIELDS:
        z = []
        for bit in range(WIDTHS[name]):
            change = before ^ words(draw, {**base, name: base[name] ^ np.uint64(1 << bit)})
            flips = np.unpackbits(change.view(np.uint8).reshape(4, FLIPS, 4), axis=2).sum(axis=1, dtype=np.int64)
            z.append((2.0 * flips - FLIPS) / np.sqrt(FLIPS))
        cells = np.abs(np.array(z)).ravel()
        yield f"avalanche of {name}: all cells", float(stats.chi2.sf(np.square(cells).sum(), cells.size))
        yield f"avalanche of {name}: worst cell", min(1.0, two_sided(cells.max()) * cells.size)


def test_lines(draw: Many, seed: int) -> Iterator[Result]:
    for name, columns in lines(CALLS, seed):
        by_word = words(draw, columns)
        w = np.ascontiguousarray(by_word.T).ravel()
        yield f"{name}: bytes", chi_square(np.bincount(w.view(np.uint8), minlength=256), w.size / 64)
        yield f"{name}: uniform", uniformity(w)
        yield f"{name}: each bit", each_bit(w)
        yield f"{name}: runs", runs(w)
        yield f"{name}: orders of five", orders(w)
        yield f"{name}: birthday spacings", birthdays(w)
        yield f"{name}: ranks", ranks(w)
        yield f"{name}: birthday spacings, first words alone", birthdays(by_word[0])
        yield f"{name}: ranks, first words alone", ranks(by_word[0])
        numbers = w * 2.0**-32
        for lag in (1, 2, 3, 4, 8, 16, 64):
            yield f"{name}: correlation at lag {lag}", correlation(numbers[lag:], numbers[:-lag])


def test_normals(draw: Many, seed: int) -> Iterator[Result]:
    first, second = _normals(words(draw, addresses(PAIRS, seed)))
    for name, z in (("cosine", first), ("sine", second)):
        yield f"normals, {name}: distribution", float(stats.kstest(z, "norm", method="asymp").pvalue)
        yield f"normals, {name}: variance", two_sided((np.square(z).mean() - 1) * np.sqrt(z.size / 2))
        yield f"normals, {name}: beyond 3", poisson(int((np.abs(z) > 3).sum()), 2 * stats.norm.sf(3) * z.size)
    yield "normals: correlation", correlation(first, second)
    yield "normals: correlation of squares", correlation(first**2, second**2)


BATTERY = (
    ("neighbouring addresses", test_pairs),
    ("flipped address bits", test_avalanche),
    ("streams along a coordinate", test_lines),
    ("normals", test_normals),
)


def battery(name: str, draw: Many, seed: int) -> bool:
    """Run every test, print a line a group and the failures, and say whether all passed."""
    groups = [(title, list(test(draw, seed))) for title, test in BATTERY]
    count = sum(len(results) for _, results in groups)
    failed = 0
    for title, results in groups:
        bad = [result for result in results if not result[1] >= LEVEL / count]
        failed += len(bad)
        what, p = min(results, key=lambda result: result[1])
        verdict = f"{len(bad)} FAIL" if bad else "pass"
        print(f"{name:14} {title:28} {len(results):4} tests  least p {p:8.2g} ({what})  {verdict}", flush=True)
    return not failed


def pipe(command: list[str], seed: int) -> bool:
    """Feed a program draws until it has enough, persons fastest, then worlds, then years. Did it report no failure?"""
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdin and program.stdout

    def feed(sink: IO[bytes], n: int = 1 << 16) -> None:
        place = np.arange(n, dtype=np.uint64)
        out = np.zeros((4, n), dtype=np.uint32)
        with contextlib.suppress(BrokenPipeError), sink:  # a broken pipe: the program has had enough
            for year in range(streams.YEARS):
                for world in range(64):
                    streams.fill(np.uint64(seed), world, year, place, 2, 1, out)
                    sink.write(np.ascontiguousarray(out.T).tobytes())

    feeder = threading.Thread(target=feed, args=(program.stdin,), daemon=True)
    feeder.start()
    passed = True
    with program.stdout as lines_out:
        for line in lines_out:  # as it comes: some of these run for an hour
            text = line.decode(errors="replace")
            print(text, end="", flush=True)
            passed = passed and "FAIL" not in text
    feeder.join()
    return program.wait() == 0 and passed


def main() -> int:
    parser = argparse.ArgumentParser(description="Statistical tests of bestowal's random numbers.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dieharder", action="store_true", help="run a choice of dieharder's tests too")
    parser.add_argument("--dieharder-all", action="store_true", help="run all of dieharder's tests too (an hour)")
    parser.add_argument("--practrand", metavar="SIZE", help="run PractRand's RNG_test too, up to SIZE (1GB)")
    chosen = parser.parse_args()

    good = battery("Philox4x32-10", many(streams.draw), chosen.seed)
    for name, draw in PLANTED.items():
        caught = not battery(name, many(draw), chosen.seed)
        print(f"{name:14} planted, so it must fail: {'caught' if caught else 'NOT CAUGHT'}", flush=True)
        good = good and caught

    if chosen.dieharder or chosen.dieharder_all:
        if not shutil.which("dieharder"):
            parser.error("dieharder is not on the path")
        tests = [["-a"]] if chosen.dieharder_all else [["-d", test] for test in ("0", "2", "8", "15", "100", "101")]
        for test in tests:
            good = pipe(["dieharder", "-g", "200", *test], chosen.seed) and good
    if chosen.practrand:
        if not shutil.which("RNG_test"):
            parser.error("PractRand's RNG_test is not on the path")
        good = pipe(["RNG_test", "stdin32", "-tlmax", chosen.practrand], chosen.seed) and good

    print("verdict: " + ("luck passes, and every planted weakness was caught" if good else "FAIL"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
