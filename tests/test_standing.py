"""Collapse as survival data: by hand, in closed form, and at the edges."""

import numpy as np
import pytest

from bestowal.questions.kinds.survival.compute import standing
from bestowal.questions.outcomes import Outcome


def outcome(stood: list[float], ended: list[bool]) -> Outcome:
    fallen = np.array(ended, dtype=bool)
    return Outcome(~fallen[:, None], np.array(stood, dtype=float), fallen)


def area(times: list[float], share: list[float], horizon: float) -> float:
    """Under a step curve that starts at 1."""
    edges = [*times, horizon]
    total, last, height = 0.0, 0.0, 1.0
    for time, level in zip(edges, [*share, 0.0], strict=True):
        total += (time - last) * height
        last, height = time, level
    return total


def test_a_small_example_by_hand() -> None:
    # Five worlds over 20 years: ended after 3, 3 and 10 full years; two stand out.
    found = standing(
        {"a": outcome([3, 3, 10, 20, 20], [1, 1, 1, 0, 0]), "b": outcome([3, 5, 20, 20, 20], [1, 1, 0, 0, 0])}, 20, "a"
    )
    a, b = found.runs
    first, second = a.hazards
    # Years begun from 0 to before 10: 4 + 4 + 10 + 10 + 10; from 10: 1 + 10 + 10.
    assert (first.ends, first.at_risk, first.hazard.estimate) == (2, 38, 2 / 38)
    assert (second.ends, second.at_risk, second.hazard.estimate) == (1, 21, 1 / 21)
    assert a.years.estimate == pytest.approx(56 / 5)
    assert area(a.curve.times, a.curve.share, 20) == pytest.approx(56 / 5)
    assert a.difference is a.longer is a.sign_p is a.logrank_p is None
    assert b.difference.estimate == pytest.approx((0 + 2 + 10) / 5)
    assert (b.longer.estimate, b.longer.n) == (1.0, 2)
    assert b.sign_p == pytest.approx(0.5)  # two of two: twice a quarter
    # Mantel's log-rank by hand: at 3, 3 of 10 end (5 of b at risk), at 5 one of 7 (4 of b), at 10 one of 6 (3 of b).
    expected = 3 * 5 / 10 + 1 * 4 / 7 + 1 * 3 / 6
    variance = 3 * 0.5 * 0.5 * 7 / 9 + (4 / 7) * (3 / 7) + 0.25
    from scipy.stats import norm

    assert b.logrank_p == pytest.approx(2 * norm.sf(abs(2 - expected) / np.sqrt(variance)))


def test_intervals_of_a_constant_hazard_hold_it_as_often_as_they_say() -> None:
    held = bands = 0
    for seed in range(100):
        lives = np.random.default_rng(seed).geometric(0.08, 300) - 1  # full years before the year that ends it
        found = standing({"a": outcome(list(np.minimum(lives, 40)), list(lives < 40))}, 40, "a").runs[0]
        held += sum(band.hazard.low < 0.08 < band.hazard.high for band in found.hazards)
        bands += len(found.hazards)
        assert found.years.estimate == pytest.approx(area(found.curve.times, found.curve.share, 40))
    # 400 intervals at 95 %: fewer than 360 held has chance below 1e-4 (binomial); all 400, below 1e-8.
    assert bands == 400 and 360 <= held < 400


def test_the_same_run_twice_differs_in_nothing() -> None:
    a = outcome([3, 9, 20, 20], [1, 1, 0, 0])
    twin = standing({"a": a, "same": a}, 20, "a").runs[1]
    assert twin.difference.estimate == 0 and twin.longer.n == 0 and twin.sign_p is None
    assert twin.logrank_p == pytest.approx(1)


def test_nothing_ended() -> None:
    a = outcome([20] * 4, [0] * 4)
    found = standing({"a": a, "b": a}, 20, "a")
    for one in found.runs:
        assert one.curve.median is None and one.years.estimate == 20
        assert [band.ends for band in one.hazards] == [0, 0] and one.hazards[0].hazard.high < 0.1
    assert found.runs[1].logrank_p is None


def test_everything_ended_in_the_first_year() -> None:
    none = standing({"a": outcome([0] * 4, [1] * 4)}, 20, "a").runs[0]
    assert none.years.estimate == 0
    assert (none.hazards[0].ends, none.hazards[0].at_risk, none.hazards[0].hazard.estimate) == (4, 4, 1)
    assert none.hazards[1].at_risk == 0 and none.hazards[1].hazard.estimate is None
