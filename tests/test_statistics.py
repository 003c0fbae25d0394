"""Intervals against published numbers, and against what they promise."""

import numpy as np
import pytest

from bestowal.statistics.intervals import (
    Interval,
    mean,
    means,
    paired_difference,
    proportion,
    survival,
    worlds_to_decide,
)


def twins(both: int, gained: int, lost: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Successes before and after, from the four counts of a paired table."""
    after = np.repeat([True, True, False, False], [both, gained, lost, neither])
    before = np.repeat([True, False, True, False], [both, gained, lost, neither])
    return before, after


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_a_share_has_the_wilson_limits_of_newcombe_1998_table_1(
    successes: int, n: int, low: float, high: float
) -> None:
    got = proportion(successes, n)
    assert (got.estimate, got.n) == (successes / n, n)
    assert got.low == pytest.approx(low, abs=5e-5)
    assert got.high == pytest.approx(high, abs=5e-5)


def test_a_rare_share_has_the_poisson_limit_of_brown_cai_and_dasgupta_2001() -> None:
    # Half the 5 % quantile of chi-square with 2 x successes degrees of freedom (0.1026, 0.7107, 1.6354), over n.
    for successes, quantile in ((1, 0.1026), (2, 0.7107), (3, 1.6354)):
        rare, common = proportion(successes, 200), proportion(200 - successes, 200)
        assert rare.low == pytest.approx(quantile / 2 / 200, abs=1e-6)
        assert common.high == pytest.approx(1 - quantile / 2 / 200, abs=1e-6)
    assert proportion(1, 29).high == pytest.approx(0.1718, abs=5e-5)  # the other limit is Wilson's


def test_a_share_of_few_worlds_has_clopper_and_pearsons_limits() -> None:
    # 13 of 15 and 0 of 10: R's binom.test gives 0.5954 to 0.9834 and 0 to 0.3085.
    got, none = proportion(13, 15), proportion(0, 10)
    assert (got.low, got.high) == pytest.approx((0.5954, 0.9834), abs=5e-5)
    assert (none.low, none.high) == pytest.approx((0, 0.3085), abs=5e-5)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 12, 15, 16, 20, 33, 64, 100, 256, 400])
def test_a_share_covers_whatever_is_true(n: int) -> None:
    """Summed over all outcomes, so exactly; at 0.95 Wilson's alone falls to 0.84 where 0.17 successes are expected."""
    from scipy.stats import binom

    limits = [proportion(successes, n) for successes in range(n + 1)]
    true = np.concatenate([np.geomspace(0.001, 8, 400) / n, np.linspace(0.001, 0.5, 400)])
    true = np.unique(true[true <= 0.5])[:, None]
    held = np.array([one.low for one in limits]) <= true, true <= np.array([one.high for one in limits])
    covered = (binom.pmf(np.arange(n + 1), n, true) * (held[0] & held[1])).sum(axis=1)
    assert covered.min() >= 0.919


def test_a_share_of_nothing_is_no_estimate() -> None:
    assert proportion(0, 0) == Interval(None, None, None, 0)
    assert not proportion(0, 0).excludes(0)


def test_a_paired_difference_has_the_limits_of_the_contingencytables_package() -> None:
    # Cavo et al. (2012) in Fagerland, Lydersen & Laake's package, its test of chapter 8: Bonett & Price's, first minus
    # second column.
    got = paired_difference(*twins(59, 6, 16, 80))
    assert got.estimate == pytest.approx(-0.0621, abs=5e-5)
    assert got.low == pytest.approx(-0.1195, abs=5e-5)
    assert got.high == pytest.approx(-0.0032, abs=5e-5)


def test_a_paired_difference_turns_round_with_its_twins() -> None:
    before, after = twins(30, 11, 3, 56)
    one, other = paired_difference(before, after), paired_difference(after, before)
    assert one.estimate == 0.08
    assert (one.low, one.high) == pytest.approx((-(other.high or 0), -(other.low or 0)))


@pytest.mark.parametrize("n", [8, 64, 400])
@pytest.mark.parametrize("expected", [0.2, 1.0, 1.9, 2.7, 4.0])
def test_a_rare_paired_difference_covers_the_truth(n: int, expected: float) -> None:
    """So many worlds gained are expected, none lost, and half of the others succeed either way. 4000 samples at 0.92:
    below 0.907 has chance 0.1 %."""
    gained = expected / n
    draws = np.random.default_rng(4).multinomial(n, [(1 - gained) / 2, gained, 0, (1 - gained) / 2], size=4000)
    inside = [got.low <= gained <= got.high for got in (paired_difference(*twins(*draw)) for draw in draws)]
    assert np.mean(inside) >= 0.92


def test_pairing_narrows_the_interval_of_twins_that_agree() -> None:
    alike, unlike = paired_difference(*twins(45, 5, 0, 50)), paired_difference(*twins(0, 50, 45, 5))
    assert alike.estimate == unlike.estimate == 0.05
    assert alike.width() < unlike.width() / 3


def test_a_paired_difference_covers_the_truth_as_often_as_it_says() -> None:
    draws = np.random.default_rng(3).multinomial(60, [0.3, 0.25, 0.1, 0.35], size=400)
    inside = [got.low <= 0.15 <= got.high for got in (paired_difference(*twins(*draw)) for draw in draws)]
    assert 0.92 <= np.mean(inside) <= 0.99


def test_no_twins_no_difference() -> None:
    nobody = np.zeros(0, dtype=bool)
    assert paired_difference(nobody, nobody) == Interval(None, None, None, 0)


def test_a_mean_has_students_limits_and_leaves_out_worlds_where_nobody_lives() -> None:
    got = mean([1.0, 2.0, 3.0, np.nan])
    # t(0.975, 2) = 4.3027 times 1 / sqrt(3)
    assert (got.estimate, got.n) == (2.0, 3)
    assert (got.low, got.high) == pytest.approx((2 - 2.48414, 2 + 2.48414), abs=1e-5)
    assert mean([5.0]) == Interval(5.0, None, None, 1)
    assert mean([np.nan]) == Interval(None, None, None, 0)


def rare(worlds: int, chance: float, size: float, samples: int = 2000) -> np.ndarray:
    """(worlds, samples) of numbers that are 0 but with this chance."""
    return size * (np.random.default_rng(5).random((worlds, samples)) < chance)


@pytest.mark.parametrize(("worlds", "chance"), [(8, 0.05), (64, 0.01), (256, 0.002), (256, 0.02), (400, 0.005)])
@pytest.mark.parametrize(("size", "most"), [(1.0, 1.0), (0.5, 1.0), (30.0, 80.0)])
def test_a_mean_between_bounds_covers_a_rare_difference(worlds: int, chance: float, size: float, most: float) -> None:
    """Student's t alone has no width where no world differs, as at 256 worlds and 0.002 in 60 % of samples."""
    values = rare(worlds, chance, size)
    _, low, high, _ = means(values, bounds=(-most, most))
    assert ((low <= chance * size) & (chance * size <= high)).mean() >= 0.92
    _, low, high, _ = means(values)
    assert ((low <= chance * size) & (chance * size <= high)).mean() < 0.92


def test_a_mean_between_bounds_adds_two_worlds_to_the_median_by_hand() -> None:
    # 0 0 0 0 4 within ±10: one of five differs, so the two added lie sqrt((16 + 100) / 2) = sqrt(58) from 0. Sum 4 and
    # sum of squares 16 + 116 of seven: mean 4/7, variance (132 - 16/7) / 6 = 21.619, times t(0.975, 4) = 2.7764.
    got = mean([0, 0, 0, 0, 4], bounds=(-10, 10))
    half = 2.7764 * (21.6190 / 7) ** 0.5
    assert (got.estimate, got.low, got.high) == pytest.approx((0.8, 4 / 7 - half, 4 / 7 + half), abs=1e-3)


def test_a_mean_between_bounds_is_students_where_worlds_differ() -> None:
    values = np.random.default_rng(2).normal(3, 10, size=400)
    plain, bounded = mean(values), mean(values, bounds=(-80, 80))
    assert bounded.estimate == plain.estimate and bounded.width() == pytest.approx(plain.width(), rel=0.01)
    assert mean(values, bounds=(-np.inf, np.inf)) == plain


def test_a_mean_between_bounds_stays_between_them_and_holds_the_estimate() -> None:
    for values in ([1, 1, 1, 1], [0, 1, 1, 1], [0, 0, 0, np.nan, 1]):
        got = mean(values, bounds=(0, 1))
        assert 0 <= got.low <= got.estimate <= got.high <= 1 and got.low < got.high
    assert mean([0.5], bounds=(0, 1)) == Interval(0.5, None, None, 1)
    assert mean([np.nan], bounds=(0, 1)) == Interval(None, None, None, 0)


def test_means_are_the_mean_of_every_column() -> None:
    values = np.random.default_rng(1).normal(size=(12, 4))
    values[:, 1] = np.nan
    values[1:, 2] = np.nan
    values[3, 3] = np.nan
    for bounds in (None, (-9.0, 9.0)):
        same_as_mean(values, bounds)


def same_as_mean(values: np.ndarray, bounds: tuple[float, float] | None) -> None:
    centre, low, high, n = means(values, bounds=bounds)
    for k in range(4):
        one = mean(values[:, k], bounds=bounds)
        expected = [np.nan if value is None else value for value in (one.estimate, one.low, one.high)]
        np.testing.assert_allclose([centre[k], low[k], high[k]], expected, rtol=1e-12)
        assert n[k] == one.n


def test_survival_is_that_of_freireich_1963() -> None:
    # Times to relapse under 6-MP; S and the log-log limits of the median as R's survfit gives them.
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapsed = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], dtype=bool)
    got = survival(weeks, relapsed)
    at = dict(zip(got.times, got.share, strict=True))
    assert [round(at[week], 3) for week in (0, 6, 7, 10, 13, 16, 22, 23, 35)] == [
        *(1.0, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448, 0.448)
    ]
    assert (got.median, got.low, got.high, got.ended, got.n) == (23, 13, None, 9, 21)


def test_survival_where_all_ended_at_once() -> None:
    got = survival([7] * 100, np.ones(100, dtype=bool))
    assert (got.median, got.low, got.high) == (7, 7, 7)
    few = survival([7, 7], np.ones(2, dtype=bool))
    assert (few.median, few.high) == (7, None)  # two worlds say little of the rest


def test_survival_where_none_ended() -> None:
    got = survival([40] * 10, np.zeros(10, dtype=bool))
    assert (got.median, got.low, got.high, got.ended) == (None, None, None, 0)
    assert got.share[-1] == 1
    assert got.share_low[-1] == pytest.approx(proportion(10, 10).low)


def test_the_worlds_named_decide_if_things_are_as_they_seem() -> None:
    small = paired_difference(*twins(40, 9, 5, 46))
    assert small.low is not None and small.low < 0
    needed = worlds_to_decide(small, matters=0.01)
    assert needed is not None
    times = needed // 100 + 1
    assert paired_difference(*twins(40 * times, 9 * times, 5 * times, 46 * times)).excludes(0)


def test_a_difference_of_nothing_is_decided_by_being_small_enough() -> None:
    nothing = paired_difference(*twins(0, 0, 0, 64))
    needed = worlds_to_decide(nothing, matters=0.05)
    assert needed is not None
    assert needed > 64
    grown = paired_difference(*twins(0, 0, 0, needed))
    assert grown.high is not None
    assert grown.high < 0.05
    assert worlds_to_decide(Interval(None, None, None, 0), 0.05) is None
