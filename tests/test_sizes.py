"""A lever at part of its size, and how far it is from history."""

import math

import numpy as np
import pytest

from bestowal.questions import question as records
from bestowal.questions.dose import distance, scales, sized, unsized
from bestowal.questions.question import Lever, Moment, Question, runs
from bestowal.questions.question_file import question
from bestowal.simulation.scenario import Scenario, key, rows
from bestowal.simulation.scenario_file import scenario
from bestowal.uncertainty.prior import Range, prior


def lever(year: int = 0, **values: float) -> Lever:
    return Lever("it", "It", "institution", [Moment(year, values)], [])


def given(low: float, high: float, scale: str = "linear") -> Range:
    return Range.model_validate({"low": low, "high": high, "scale": scale, "why": "test", "grade": "assumed"})


@pytest.fixture(scope="module")
def russia() -> tuple[Question, Scenario]:
    return question("russia")


def test_full_size_is_the_lever_and_no_size_is_history(russia: tuple[Question, Scenario]) -> None:
    asked, base = russia
    scale = scales("society", prior("society"))
    full = runs(asked, base)
    for each in asked.levers:
        assert key(records.tested(sized(base, each, 1, scale), asked)) == key(full[each.name])
        if not unsized(each, "society"):
            assert key(sized(base, each, 0.0, scale)) == key(base)


def test_half_size_is_halfway_in_every_year() -> None:
    base = scenario("russia")
    scale = scales("society", {})
    half = rows(sized(base, lever(coercion=0.0), 0.5, scale))["coercion"]
    assert np.allclose(half[:32], 0.35) and np.allclose(half[32:], 0.2)
    late = rows(sized(base, lever(20, threat=0.1), 0.25, scale))["threat"]
    was = rows(base)["threat"]
    assert (late[:20] == was[:20]).all() and np.allclose(late[20:], was[20:] + 0.25 * (0.1 - was[20:]))
    assert rows(sized(base, lever(n_rulers=0), 0.5, scale))["n_rulers"][0] == 2  # a whole number stays whole


def test_half_size_of_a_factor_is_its_root() -> None:
    base = scenario("commune")  # relapse 0.1
    scale = scales("society", {"relapse": given(0.05, 0.75, "log")})
    assert np.allclose(rows(sized(base, lever(relapse=0.4), 0.5, scale))["relapse"], 0.2)


def test_distance_is_in_standard_deviations_of_the_prior_and_grows_with_size() -> None:
    base = scenario("russia")
    scale = scales("society", {"breadth": given(0.0, 0.6), "relapse": given(0.05, 0.75, "log")})
    sd = 0.6 / math.sqrt(12)  # of a uniform law
    assert distance(base, lever(breadth=0.3 + 2 * sd), scale) == pytest.approx(2)
    log_sd = math.log(15) / math.sqrt(12)
    assert distance(base, lever(relapse=0.1 * math.exp(-1.5 * log_sd)), scale) == pytest.approx(1.5)
    both = lever(breadth=0.3 + 2 * sd, relapse=0.1 * math.exp(-1.5 * log_sd))
    assert distance(base, both, scale) == pytest.approx(3.5)
    # Without a prior: the model's bounds, and the mean over the years (0.7 for 32 years, 0.4 for 38).
    unknown = scale["coercion"]
    assert not unknown.known and unknown.sd == pytest.approx(1 / math.sqrt(12))
    assert distance(base, lever(coercion=0.0), scale) == pytest.approx((32 * 0.7 + 38 * 0.4) / 70 * math.sqrt(12))
    assert distance(base, lever(40, coercion=0.0), scale) == pytest.approx(0.4 * math.sqrt(12))


def test_a_choice_has_no_size() -> None:
    assert unsized(lever(practice=2), "society") and not unsized(lever(pay_link=0.4), "society")
