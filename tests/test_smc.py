"""Posteriors where they are known: Gauss's, the prior, and a curve in two parameters."""

import numpy as np
import pytest

from bestowal.calibration.smc import Unknown, posterior

pytestmark = pytest.mark.slow

FLAT = Unknown("mean", -50.0, 50.0)


def normal(mean_of: object, spread: float, *, ignore: bool = False):  # type: ignore[no-untyped-def]
    """A simulator: three statistics, linear in the parameter, each with its own luck by the simulation's number."""

    def simulate(values: np.ndarray, first: int) -> np.ndarray:
        luck = np.array([np.random.default_rng([7, first + i]).standard_normal(3) for i in range(len(values))])
        middle = 0.0 if ignore else values[:, :1] * np.array([1.0, 2.0, -1.0])
        return middle + spread * luck

    return simulate


def test_a_normal_mean_has_gausss_posterior() -> None:
    # Three statistics with slopes 1, 2, -1 and variances 1 + 0.5²: precision 6 / 1.25 (and 1/16 more of luck for μ).
    observed, error = np.array([3.0, 6.4, -2.6]), np.full(3, 0.5)
    found = posterior([FLAT], normal(None, 1.0), observed, error, seed=3, particles=600)
    precision = 6 / (1.0 * (1 + 1 / 16) + 0.25)
    mean = (3.0 + 2 * 6.4 + 2.6) / 6
    assert found.draws[:, 0].mean() == pytest.approx(mean, abs=4 * precision**-0.5 / np.sqrt(300))
    assert found.draws[:, 0].std() == pytest.approx(precision**-0.5, rel=0.15)
    assert found.steps[-1].power == 1.0 and len(found.steps) > 1
    assert len(np.unique(found.draws)) > 0.98 * 600  # whoever was taken twice has moved on


def test_statistics_that_say_nothing_leave_the_prior() -> None:
    unknown = [Unknown("a", 2.0, 6.0), Unknown("b", 0.01, 1.0, log=True)]
    found = posterior(unknown, normal(None, 1.0, ignore=True), np.zeros(3), np.full(3, 0.5), seed=1, particles=600)
    a, b = found.draws.T
    assert a.mean() == pytest.approx(4.0, abs=0.2) and a.std() == pytest.approx(4 / np.sqrt(12), rel=0.12)
    assert np.log10(b).mean() == pytest.approx(-1.0, abs=0.12)
    assert a.min() >= 2.0 and a.max() <= 6.0 and b.min() >= 0.01 and b.max() <= 1.0


def test_the_models_own_error_widens_what_is_said() -> None:
    observed = np.array([3.0, 6.0, -3.0])
    sharp, wide = (
        posterior([FLAT], normal(None, 1.0), observed, np.full(3, error), seed=2, particles=400).draws.std()
        for error in (0.1, 3.0)
    )
    assert wide > 2 * sharp


def test_the_answer_is_the_seeds_alone() -> None:
    def asked(seed: int) -> np.ndarray:
        return posterior(
            [FLAT], normal(None, 1.0), np.array([3.0, 6.0, -3.0]), np.ones(3), seed=seed, particles=64
        ).draws

    assert np.array_equal(asked(1), asked(1)) and not np.array_equal(asked(1), asked(2))


def test_two_parameters_of_which_only_the_sum_is_known_stay_a_ridge() -> None:
    def simulate(values: np.ndarray, first: int) -> np.ndarray:
        luck = np.array([np.random.default_rng([5, first + i]).standard_normal() for i in range(len(values))])
        return (values.sum(axis=1) + 0.2 * luck)[:, None]

    unknown = [Unknown("a", 0.0, 10.0), Unknown("b", 0.0, 10.0)]
    found = posterior(unknown, simulate, np.array([10.0]), np.array([0.1]), seed=4, particles=500)
    a, b = found.draws.T
    assert np.corrcoef(a, b)[0, 1] < -0.9
    assert (a + b).std() == pytest.approx(np.hypot(0.2 * np.sqrt(1 + 1 / 16), 0.1), rel=0.2)
    assert a.std() == pytest.approx(10 / np.sqrt(12), rel=0.2)  # along the ridge, the prior
