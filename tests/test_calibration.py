"""Held to data: what is compared with what, by which numbers, and how it is kept and said."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bestowal.calibration import Evidence, cities, commune_lives, communes, motives
from bestowal.calibration.commune_lives import (
    by_year,
    constant_hazard,
    ending,
    hazard,
    lives,
    printed,
    weibull_shape,
)
from bestowal.calibration.datasets import data
from bestowal.calibration.histories import Comparison, Course, History, Measured
from bestowal.calibration.motives import Coverage, Met, Motives
from bestowal.calibration.smc import Step
from bestowal.core.files import kept
from bestowal.models.registry import load, parameters
from bestowal.report import evidence
from bestowal.simulation import engine
from bestowal.simulation.scenario import defaults
from bestowal.statistics.intervals import Interval
from bestowal.uncertainty.posterior import read

# ------------------------------------------------------------------------------------------------------------- motives


def test_what_is_measured_is_what_the_experiment_had() -> None:
    known = motives.measured()
    assert [known[f"contribution {t}"] for t in (1, 10)] == [7.8929, 2.2357]
    assert [known[f"belief {t}"] for t in (1, 10)] == [9.8, 3.3214]
    assert known["free_rider_share"] == pytest.approx(32 / 140, abs=1e-4)
    assert known["conditional_slope"] == pytest.approx(0.74, abs=0.005)
    assert len(motives.statistics()) == 34 and set(motives.statistics()) <= set(known)
    assert set(motives.LOOKED_AT) & set(motives.statistics()) == set()


def test_every_error_is_a_twentieth_of_its_range() -> None:
    by_name = dict(zip(motives.statistics(), motives.errors(), strict=True))
    assert by_name["contribution 3"] == by_name["schedule_half"] == by_name["contribution_sd 1"] == 1.0
    assert by_name["none_share 1"] == by_name["conditional_slope"] == by_name["belief_r2"] == 0.05


def test_a_simulated_experiment_gives_the_statistics_it_names() -> None:
    scenario = defaults("public_goods").clock(seed=5)
    names = ["giver_share", "matching"]
    values = np.array([[0.3, 0.8], [0.9, 0.6]])
    observed = motives.experiment(values, 40, names=names, scenario=scenario, threads=2)
    taken = motives.taken(observed, motives.statistics())
    alone = engine.simulate(scenario.but(giver_share=0.9, matching=0.6), [41])[0]
    at = {o.name: k for k, o in enumerate(load("public_goods").observables)}
    for (observable, period), value in zip(motives.statistics().values(), taken[1], strict=True):
        assert value == np.nan_to_num(alone[period, at[observable]])


def test_the_priors_of_the_fit_hold_the_societys_parameters() -> None:
    bounds = {p.name: p for p in parameters(load("society"))}
    for u in motives.UNKNOWN:
        if u.name not in motives.LABORATORY:
            assert bounds[u.name].low <= u.low < u.high <= bounds[u.name].high


@pytest.mark.slow
def test_a_small_fit_finds_a_planted_truth() -> None:
    """Not a coverage: that is `calibrate`'s own, over 60 truths. Here one plain truth, with no error added."""
    scenario = defaults("public_goods").clock(seed=9)
    truth = {"giver_share": 0.8, "belief_rate": 0.7, "commitment": 0.3, "ordinary_motive": 0.02}
    observed = engine.simulate(scenario.but(**truth), [3])
    target = motives.taken(observed, motives.statistics())[0]
    draws, steps, _ = motives.fit(target, seed=11, threads=2, particles=120, repeats=6)
    assert steps[-1].power == 1.0
    at = [u.name for u in motives.UNKNOWN]
    for name, value in truth.items():
        low, high = np.quantile(draws[:, at.index(name)], [0.005, 0.995])
        assert low < value < high, name
    rate = draws[:, at.index("belief_rate")]
    assert 0.55 < np.median(rate) < 0.85  # the prior's middle is 0.5


# -------------------------------------------------------------------------------------------------------------- cities


def test_subjects_are_read_off_the_means() -> None:
    assert cities.subjects(np.round(np.array([358, 277, 280]) / 44, 4)) == 44
    totals = np.array([1001, 1207, 1130, 977, 890, 801, 799, 643, 577, 444])
    assert cities.subjects(np.round(totals / 152, 4)) == 152  # a rounding wider than theirs would take less
    names, measured, sizes = cities.means()
    assert len(names) == 16 and measured.shape == (16, 10)
    assert measured[:, 0].mean() == pytest.approx(10.58, abs=0.005)
    assert measured[:, -1].mean() == pytest.approx(4.38, abs=0.005)
    assert dict(zip(names, sizes, strict=True))["Athens"] == 44 and all(n % 4 == 0 for n in sizes)


def test_a_citys_groups_stay_together() -> None:
    values = cities.city_scenario(44, 1).values.model_dump()
    assert (values["sessions"], values["session_size"], values["fixed_groups"]) == (1, 44, 1)


def test_a_city_of_the_models_own_people_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cities made of the very people predicted: the gap is what it is said to be were the model true."""
    draws = np.array([[0.6, 0.8, 0.02, 1.0, 0.04, 0.95, 0.95, 0.4, 0.15, 0.6, 0.3]] * 20)
    people = Motives([u.name for u in motives.UNKNOWN], draws.tolist(), [], 0, [], [])
    names, _, sizes = cities.means()
    made = np.empty((16, 10))
    for c, n in enumerate(sizes):
        values = dict(zip(people.names, draws[0], strict=True))
        made[c] = engine.simulate(cities.city_scenario(n, 77).but(**values), [c])[0][:, 0]
    monkeypatch.setattr(cities, "means", lambda: (names, made, sizes))
    found = cities.held_against(people, seed=1, threads=2)
    assert found.off_low < found.off < found.off_high and found.inside > 0.85
    monkeypatch.setattr(cities, "means", lambda: (names, made + 4.0, sizes))
    missed = cities.held_against(people, seed=1, threads=2)
    assert missed.off > missed.off_high and missed.inside < 0.5


def test_sanctions_without_force_change_nothing() -> None:
    people = Motives(
        [u.name for u in motives.UNKNOWN],
        [[0.6, 0.8, 0.02, 1.0, 0.04, 0.95, 0.95, 0.4, 0.15, 0.6, 0.3]] * 3,
        [],
        0,
        [],
        [],
    )
    none = np.column_stack([np.zeros(cities.REPLICATES), np.full((cities.REPLICATES, 2), 0.5)])
    without = cities.replicates(people, seed=1, threads=2)
    assert np.array_equal(without, cities.replicates(people, seed=1, threads=2, sanctions=none))


# ------------------------------------------------------------------------------------------------------------ communes


def commune_record(ends: list[int | None], years: int = 12) -> np.ndarray:
    """(worlds, years, observables): one community a world, gone from the year of its end on."""
    names = [o.name for o in load("society").observables]
    record = np.zeros((len(ends), years, len(names)))
    for i, end in enumerate(ends):
        record[i, : years if end is None else end, names.index("communities")] = 1
    return record


def test_lives_and_hazard_by_hand() -> None:
    years, ended = lives(commune_record([0, 2, None, 5]))
    assert years.tolist() == [0, 2, 12, 5] and ended.tolist() == [True, True, False, True]
    assert hazard(years, ended) == pytest.approx(3 / (1 + 3 + 12 + 6))
    assert hazard(np.array([12, 12]), np.array([False, False])) == pytest.approx(0.5 / 24)


def test_an_interval_of_months_is_shared_out_among_the_years_it_lies_in() -> None:
    first, last = np.array([3.0, 22.0, 12.0, 30.0, 33.0]), np.array([3.0, 26.0, 12.0, 36.0, 39.0])
    shares = by_year(first, last, 4)
    wanted = [[1, 0, 0, 0], [0, 0.5, 0.5, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0.5, 0.5]]
    np.testing.assert_allclose(shares, wanted, atol=1e-12)


def test_a_constant_hazard_of_whole_years_is_endings_over_years_begun() -> None:
    """The geometric law's maximum likelihood, n / (n + Σt); its interval is the likelihood ratio's."""
    years = np.array([0, 0, 0, 1, 1, 2, 4, 9])
    shares = np.eye(12)[years]
    rate, low, high = constant_hazard(shares)
    closed = len(years) / (len(years) + years.sum())
    assert rate == pytest.approx(closed, abs=1e-5) == pytest.approx(hazard(years, np.ones(8, dtype=bool)))
    for end in (low, high):
        lost = sum(math.log(closed * (1 - closed) ** t) - math.log(end * (1 - end) ** t) for t in years)
        assert lost == pytest.approx(1.9207, abs=1e-3)


def test_the_lives_that_are_printed_and_the_two_estimators_that_differ_on_them() -> None:
    """0.386 is 1 over the mean life in years and months; by whole years, rounded down, the same lives give 0.311."""
    table = data("communes_lives")
    reported = table[table["first_months"].notna()]
    assert len(table) == 45 and len(reported) == communes.COMMUNES
    first, last = (reported[name].to_numpy(dtype=float) for name in ("first_months", "last_months"))
    assert (first <= last).all() and last.max() == 216
    middle = (first + last) / 2
    assert len(middle) / (middle.sum() / 12) == pytest.approx(0.386, abs=0.006)
    whole = np.floor(middle / 12).astype(int)
    assert hazard(whole, np.ones(33, dtype=bool)) == pytest.approx(0.311, abs=0.0005)
    shares = printed()
    assert shares.sum(axis=1) == pytest.approx(np.ones(33))
    assert constant_hazard(shares)[0] == pytest.approx(33 / (33 + 68), rel=0.02)  # Σ of the years' middles is 68
    every = printed(unreported=True)
    assert every.shape[0] == 45 and every[33:, 0].tolist() == [1.0] * 12
    assert constant_hazard(every)[0] > constant_hazard(shares)[0]


@pytest.mark.parametrize("planted", [0.2, 0.33, 0.5])
def test_a_planted_hazard_is_recovered_from_lives_in_months_and_the_mixed_estimator_misses_it(planted: float) -> None:
    """Lives of a constant hazard within each year, printed in months: 400 records of 33, four standard errors.

    1 over the mean life in years is the hazard of a continuous clock, -log(1 - h), not that of the yearly one.
    """
    rng = np.random.default_rng(12)
    found, mixed = [], []
    for _ in range(400):
        months = rng.exponential(-12 / math.log(1 - planted), 33)
        printed_months = np.maximum(np.round(months), 1.0)
        found.append(constant_hazard(by_year(printed_months, printed_months, 60))[0])
        mixed.append(12 / months.mean())
    # Maximum likelihood of n geometric lives is biased by about h(1 - h) / n; rounding adds less.
    error = np.std(found) / math.sqrt(len(found))
    assert abs(np.mean(found) - planted - planted * (1 - planted) / 33) < 4 * error
    assert abs(np.mean(mixed) - planted) > 4 * np.std(mixed) / math.sqrt(len(mixed))


def test_a_life_table_of_simulated_lives_gives_their_chances_of_ending() -> None:
    """Of 40,000 lives with a hazard that falls with age: four binomial standard errors, and a half that is added."""
    rng = np.random.default_rng(13)
    rate = np.array([0.4, 0.3, 0.2, *[0.1] * 37])
    true = rate * np.concatenate([[1.0], np.cumprod(1 - rate)[:-1]])
    years = np.array([np.argmax(row) if row.any() else 40 for row in rng.random((40_000, 40)) < rate])
    found = ending(years, years < 40, 40)
    assert (np.abs(found - true) < 4 * np.sqrt(true / 40_000) + 1e-4).all()
    none = ending(np.full(10, 40), np.zeros(10, dtype=bool), 40)
    assert (none > 0).all()  # no year is impossible, so that no life is


@pytest.mark.society
def test_the_grid_finds_a_planted_wage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record of 400 communes made at a point of the prior is likeliest near there, and its draws are about it."""
    people = Motives(
        [u.name for u in motives.UNKNOWN],
        [[0.6, 0.8, 0.02, 1.0, 0.04, 0.95, 0.95, 0.4, 0.15, 0.6, 0.3]] * 3,
        [],
        0,
        [],
        [],
    )  # fmt: skip
    cells = (10, 3)
    over = communes.grid(people, seed=1, threads=2, cells=cells, runs=200)
    planted = {"outside_wage": 1.625, "shock_sd": 0.173}
    points = communes.people(people, 400) | {name: np.full(400, value) for name, value in planted.items()}
    years, ended = lives(engine.simulate_at(commune_lives.commune().clock(seed=77), points, list(range(400)), 2))
    shares = np.eye(41)[np.where(ended, years, 40)][:, :40]
    weight = communes.weights(over, shares[ended])
    assert weight.sum() == pytest.approx(1.0)
    draws = communes.draws_of(over, weight, seed=1, cells=cells)
    assert draws.shape == (communes.DRAWS, 2)
    assert abs(np.median(draws[:, 0]) - planted["outside_wage"]) < 0.25  # a cell is 0.25 wide
    low, high = np.array([[u.low, u.high] for u in communes.UNKNOWN]).T
    assert (draws >= low).all() and (draws <= high).all()


@pytest.mark.parametrize(("shape", "scale"), [(1.0, 3.0), (0.6, 4.0), (2.0, 6.0)])
def test_the_shape_of_known_lives_is_found(shape: float, scale: float) -> None:
    rng = np.random.default_rng(8)
    life = scale * rng.weibull(shape, 4000)
    years, ended = np.minimum(np.floor(life), 40).astype(int), life < 40
    assert weibull_shape(years, ended) == pytest.approx(shape, rel=0.06)


def test_a_shape_needs_endings() -> None:
    assert math.isnan(weibull_shape(np.array([3, 40, 40]), np.array([True, False, False])))


def test_founders_are_ordinary_people_and_the_laboratorys_own_numbers_stay_there() -> None:
    people = Motives(
        [u.name for u in motives.UNKNOWN], np.random.default_rng(1).random((5, 11)).tolist(), [], 0, [], []
    )
    at = communes.people(people, 7, first=3)
    assert np.array_equal(at["founder_giver_share"], at["giver_share"]) and not set(motives.LABORATORY) & set(at)
    assert at["giver_share"].tolist() == [people.draws[k][0] for k in (3, 4, 0, 1, 2, 3, 4)]


@pytest.mark.society
def test_every_ending_of_a_commune_has_one_cause() -> None:
    names = [o.name for o in load("society").observables]
    record = engine.simulate(commune_lives.commune().but(outside_wage=2.0), range(64))
    endings = record[:, :, [k for k, name in enumerate(names) if name.startswith("ended_")]].sum(axis=2)
    causes = record[:, :, [k for k, name in enumerate(names) if name.startswith("cause_")]].sum(axis=2)
    assert endings.sum() > 20 and np.array_equal(endings, causes)


# ------------------------------------------------------------------------------------------------------- kept and said


def test_what_is_kept_is_made_once_and_again_when_code_or_content_changed(tmp_path: Path) -> None:
    made = []

    def make() -> Step:
        made.append(1)
        return Step(0.5, 0.25)

    file = tmp_path / "kept.json"
    assert kept(file, Step, "a", make) == kept(file, Step, "a", make) == Step(0.5, 0.25) and len(made) == 1
    kept(file, Step, "b", make)
    assert len(made) == 2
    file.write_text(file.read_text().replace("0.25", "0.75"))
    assert kept(file, Step, "b", make) == Step(0.5, 0.25) and len(made) == 3


def made_up() -> Evidence:
    """Evidence that never was."""
    rng = np.random.default_rng(3)
    names = [u.name for u in motives.UNKNOWN]
    draws = [
        [u.low + (u.high - u.low) * float(x) for u, x in zip(motives.UNKNOWN, row, strict=True)]
        for row in rng.random((40, 11))
    ]
    met = [
        Met(name, "tokens", 5.0, 4.0, 5.5, 7.0 if k else 4.5, name in motives.statistics())
        for k, name in enumerate(motives.measured())
    ]
    people = Motives(names, draws, [Step(1.0, 0.25)], 1000, np.corrcoef(np.array(draws).T).tolist(), met)
    period = cities.Period(1, 10.5, 6.0, 7.0, 8.0, 2.0, 0.5, 0.8, 1.1)
    spans = [replace(period, period=t) for t in range(1, 11)]
    city = cities.City("Athens", 44, 6.4, 3.0, 4.3, 6.1, 4)
    ridge = communes.Communes(
        ["outside_wage", "shock_sd"], rng.random((40, 2)).tolist(), 10, 8.0, -0.3, 0.33, 0.24, 0.43, 0.386, 0.2, 0.4,
        0.8, [communes.Survived(1, 0.61, 0.4, 0.6, 0.8)],
        communes.Unreported(rng.random((40, 2)).tolist(), 0.4, 0.3, 0.5),
        [communes.Predicted("hazard_shape", "Weibull shape", 0.4, 0.7, 1.3, "shape of the hazard")],
    )  # fmt: skip
    course = Course("all", (1900, 1910), (1.0, 0.8), (0.9, 0.7), (1.1, 0.9))
    comparison = Comparison("members", "persons", Measured(10.0, 10.0, 10.0), Interval(9.0, 8.0, 11.0, 40), "predicted")
    history = History("shakers", "Shakers", "members", (), (comparison,), (course,), (course,), ("a note",))
    return Evidence(
        1, people, cities.Cities(spans, [city], 4.3, 0.5, 1.5, 0.24, 0.11, 0.3, 0.7, 0.9),
        cities.Punished([replace(p, measured=None, spread=None) for p in spans], 0.9, 0.0, 0.95, 0.5, 400),
        Coverage(names, 60, [0.5] * 11, [0.95] * 10 + [0.5], rng.random((11, 60)).tolist()), ridge, [history],
    )  # fmt: skip


def test_the_posterior_is_read_back_as_the_societys(tmp_path: Path) -> None:
    found = made_up()
    (tmp_path / "society.csv").write_text(evidence.posterior(found))
    again = read(tmp_path / "society.csv", "society")
    assert again is not None and set(motives.LABORATORY).isdisjoint(again.draws)
    assert again.draws["giver_share"] == again.draws["founder_giver_share"]
    assert again.draws["matching"] == pytest.approx([row[6] for row in found.motives.draws], rel=1e-5)


def test_the_page_says_what_was_found(tmp_path: Path) -> None:
    found = made_up()
    files = evidence.save(found, tmp_path)
    assert all(file.is_file() for file in files)
    text = (tmp_path / "evidence.md").read_text()
    missed = sum(one.missed for one in found.motives.met if one.fitted)
    assert missed == 1 and f"{34 - missed} of 34 fitted statistics are met" in text
    assert "**The prediction fails.**" in text
    assert "Coverage differs from nominal" in text and "`belief_start_sd`" in text
    for link in ("evidence/periods.svg", "evidence/cities.svg", "evidence/shakers.svg"):
        assert f"({link})" in text and (tmp_path / link).read_text().startswith("<svg")
    assert "{{" not in text and "nan" not in text.lower().replace("finance", "")


def test_predictions_are_dated_and_never_overwritten(tmp_path: Path) -> None:
    found = made_up()
    first = evidence.predictions(found, tmp_path)
    assert evidence.held_out(first)["hazard_shape"] == (0.4, 1.3)
    earlier = first.rename(tmp_path / "2020-01-01.toml")
    assert evidence.predictions(found, tmp_path) == earlier  # the same said again is not said anew
    other = replace(
        found, communes=replace(found.communes, predictions=[replace(found.communes.predictions[0], high=1.4)])
    )
    later = evidence.predictions(other, tmp_path)
    assert later != earlier and evidence.held_out(earlier)["hazard_shape"] == (0.4, 1.3)
    assert evidence.held_out(later)["hazard_shape"] == (0.4, 1.4)
