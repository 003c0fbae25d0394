"""When was it too late: the curve where the answer is known, and the same as straight runs where it isn't."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bestowal.questions import question as records
from bestowal.questions.kinds.last_year.compute import last_year
from bestowal.questions.outcomes import Evaluator, Outcome
from bestowal.questions.question import Lever, Moment, Question, hold
from bestowal.questions.question_file import question
from bestowal.simulation.scenario import Scenario, rows

CHANGE = Lever("aid", "Aid", "institution", [Moment(0, {"mutual_aid": 1.0})], [])


@pytest.fixture(scope="module")
def asked() -> tuple[Question, Scenario]:
    return question("kibbutz")


def outcome(success: np.ndarray) -> Outcome:
    return Outcome(success[:, None], np.zeros(success.size), ~success)


class Planted:
    """World w succeeds by itself if w % 10 == 0, else if the change is made in year ``too_late[w]`` or before."""

    def __init__(self, base: Scenario, too_late: np.ndarray) -> None:
        self.base, self.too_late, self.tried = base, too_late, []

    def judge(self, scenarios: Sequence[Scenario], worlds: range) -> list[Outcome]:
        return [outcome(np.arange(len(self.too_late)) % 10 == 0) for _ in scenarios]

    def branches(self, history: Scenario, branches: Sequence[tuple[int, Scenario]], worlds: range) -> list[Outcome]:
        for year, scenario in branches:
            value = rows(scenario)["mutual_aid"]
            assert (value[:year] == 0.5).all() and (value[year:] == 1.0).all()
            assert rows(scenario)[:year].tobytes() == rows(history)[:year].tobytes()
            if len(worlds) == len(self.too_late):  # and not at a glance
                self.tried.append(year)
        known = self.too_late[: len(worlds)]
        return [outcome((known >= year) | (np.arange(len(known)) % 10 == 0)) for year, _ in branches]


@pytest.mark.parametrize("centre", [3, 31, 56])
def test_the_last_year_is_the_planted_one(centre: int, asked: tuple[Question, Scenario]) -> None:
    too_late = np.random.default_rng(5).integers(centre - 3, centre + 4, size=400)
    planted = Planted(asked[1], too_late)
    found = last_year(CHANGE, *asked, planted.judge, planted.branches, worlds=400)
    failed = too_late[np.arange(400) % 10 != 0]
    true = max(year for year in range(80) if (failed >= year).mean() >= 0.5)
    assert found.last == true
    assert found.low is not None and found.high is not None and found.low <= true <= found.high <= found.low + 3
    assert found.failed == 360 and found.worlds == 400
    for year in found.years:
        assert year.sufficiency.estimate == (failed >= year.year).mean() and year.sufficiency.n == 360
    assert found.surely_until is not None and found.surely_until <= true
    assert found.lost_from is not None and true < found.lost_from <= true + 3
    # Every year near the fall is tried, and far fewer than all.
    assert {true - 1, true, true + 1} <= set(planted.tried) and len(planted.tried) < 26
    assert len(planted.tried) == len(set(planted.tried))
    assert found.cost < 0.2


def test_a_change_that_never_suffices_has_no_last_year(asked: tuple[Question, Scenario]) -> None:
    planted = Planted(asked[1], np.full(200, -1))
    found = last_year(CHANGE, *asked, planted.judge, planted.branches, worlds=200)
    assert (found.last, found.low, found.high, found.surely_until, found.lost_from) == (None, None, None, None, 0)


class Window(Planted):
    """Every world is saved by a change made in years 12 to 15, and by no other."""

    def branches(self, history: Scenario, branches: Sequence[tuple[int, Scenario]], worlds: range) -> list[Outcome]:
        self.tried += [year for year, _ in branches if len(worlds) == len(self.too_late)]
        return [outcome(np.full(len(worlds), 12 <= year <= 15)) for year, _ in branches]

    def judge(self, scenarios: Sequence[Scenario], worlds: range) -> list[Outcome]:
        return [outcome(np.zeros(len(worlds), bool)) for _ in scenarios]


def test_a_window_of_years_between_those_of_the_grid_is_found(asked: tuple[Question, Scenario]) -> None:
    planted = Window(asked[1], np.zeros(256))
    found = last_year(CHANGE, *asked, planted.judge, planted.branches, worlds=256)
    assert (found.last, found.surely_until, found.lost_from) == (15, 15, 16)
    # Some years were run on all worlds, and every other one looked at; a glance is one block of 16.
    assert sorted({*planted.tried, *found.glanced}) == list(range(80)) and found.glance == 16
    assert len(planted.tried) < 26 and found.cost < 0.3


def test_too_late_is_claimed_in_the_first_year_that_is_seen_to_be(asked: tuple[Question, Scenario]) -> None:
    """Sufficiency falls from 0.9 by 0.1 a year and is one half in year 4, 0.4 in year 5: with 400 worlds the interval
    lies below one half from year 5 on (upper limit 0.45), which a grid to every fifth year doesn't say."""
    too_late = np.repeat(np.arange(10), 40) - 1
    planted = Planted(asked[1], too_late)
    found = last_year(CHANGE, *asked, planted.judge, planted.branches, worlds=400)
    shares = {year.year: year.sufficiency for year in found.years}
    assert found.lost_from is not None and {found.lost_from - 1, found.lost_from} <= set(shares)
    assert shares[found.lost_from].high < 0.5 <= shares[found.lost_from - 1].high


def test_a_change_that_always_suffices_is_never_too_late(asked: tuple[Question, Scenario]) -> None:
    planted = Planted(asked[1], np.full(200, 99))
    found = last_year(CHANGE, *asked, planted.judge, planted.branches, worlds=200)
    assert found.last == found.low == found.high == found.surely_until == 79 and found.lost_from is None


def test_where_no_world_failed_nothing_is_said(asked: tuple[Question, Scenario]) -> None:
    planted = Planted(asked[1], np.arange(1))  # world 0 succeeds by itself
    found = last_year(CHANGE, *asked, planted.judge, planted.branches, worlds=1)
    assert found.failed == 0 and (found.last, found.surely_until, found.lost_from) == (None, None, None)
    assert found.years[0].sufficiency.estimate is None


@pytest.mark.slow
def test_the_interval_covers_the_true_year(asked: tuple[Question, Scenario]) -> None:
    """Over 60 draws of 150 worlds from one law whose median is year 30 (75th percentile 40): at 0.95, fewer than 10
    misses but for one draw of sixty in a thousand (binomial), and the interval isn't simply everything."""
    misses = widths = 0
    for draw in range(60):
        too_late = np.floor(30.5 + 15 * np.random.default_rng([7, draw]).standard_normal(150)).clip(-1, 79)
        planted = Planted(asked[1], too_late)
        found = last_year(CHANGE, *asked, planted.judge, planted.branches, worlds=150)
        assert found.low is not None and found.high is not None
        misses += not found.low <= 30 <= found.high
        widths += found.high - found.low
    assert misses < 10 and widths / 60 < 15


def test_what_is_read_when_a_world_begins_is_changed_only_then(asked: tuple[Question, Scenario]) -> None:
    both = replace(CHANGE, moments=[Moment(0, {"mutual_aid": 1.0, "founder_zeal": 3.0})])
    planted = Planted(asked[1], np.full(50, 99))
    assert last_year(both, *asked, planted.judge, planted.branches, worlds=50).left_out == ["founder_zeal"]
    only = replace(CHANGE, moments=[Moment(0, {"start_capital": 2.0})])

    def branches(history: Scenario, made: Sequence[tuple[int, Scenario]], worlds: range) -> list[Outcome]:
        assert [year for year, _ in made] == [0] and made[0][1].values.start_capital == 2.0
        return [outcome(np.ones(50, bool))]

    assert [y.year for y in last_year(only, *asked, planted.judge, branches, worlds=50).years] == [0]


@pytest.mark.society
def test_it_is_what_straight_runs_say(tmp_path: Path) -> None:
    asked, base = question("commune")
    change = Lever("pay", "Pay", "institution", [Moment(0, {"pay_link": 0.4, "outside_wage": 0.3})], [])
    court = Evaluator(replace(asked, success=asked.success[:1]), store=tmp_path)
    found = last_year(change, court.asked, base, court.judge, court.branches, worlds=64)
    other = Evaluator(court.asked, store=tmp_path / "straight")
    history = other.judge([records.tested(base, asked)], range(64))[0].success
    shares = set()
    for year in found.years:
        made = hold(base, Moment(year.year, change.moments[0].values))
        success = other.judge([records.tested(made, asked)], range(64))[0].success
        assert year.sufficiency.estimate == success[~history].mean()
        shares.add(year.sufficiency.estimate)
    assert len(shares) > 2 and found.last is not None and found.last > 0
