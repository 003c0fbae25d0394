"""P(success) over what isn't known, on societies whose right answer is known in closed form."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bestowal.questions.kinds.over_the_prior.compute import Uncertain, spreads, uncertain
from bestowal.questions.kinds.over_the_prior.section import over_draws
from bestowal.questions.outcomes import Evaluator, Outcome
from bestowal.questions.question import TESTED, Lever, Moment
from bestowal.questions.question_file import plain
from bestowal.simulation.scenario import Scenario, defaults, rows
from bestowal.statistics.intervals import proportion
from bestowal.uncertainty import prior as priors
from bestowal.uncertainty.draws import draw
from bestowal.uncertainty.prior import prior, states

BASE = defaults("society").clock(years=20, seed=9).but(guarantee=1.0, shock_sd=0.25)
ASKED = plain(BASE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The prior of the society as it stands, without a posterior beside it, in a folder of its own."""
    copy = tmp_path / "priors"
    copy.mkdir()
    (copy / "society.toml").write_bytes((priors.PRIORS / "society.toml").read_bytes())
    monkeypatch.setattr(priors, "PRIORS", copy)
    return copy


def lever(name: str, **values: float) -> Lever:
    return Lever(name, f"With {name}", "institution", [Moment(0, values)], [])


class Planted:
    """World w of n at the same luck succeeds where (w + 1/2) / n lies below what the law makes of the scenario."""

    def __init__(self, law: str, slope: float = 1.0) -> None:
        self.law, self.slope = law, slope
        self.judged: list[Scenario] = []

    def __call__(self, scenarios: Sequence[Scenario], worlds: range) -> list[Outcome]:
        self.judged += scenarios
        luck = (np.arange(len(worlds)) + 0.5) / len(worlds)
        shares = [self.slope * float(rows(s)[self.law][0]) for s in scenarios]
        return [Outcome((luck < share)[:, None], luck, luck < share) for share in shares]


def over(planted: Planted, *changes: Lever, **how: int) -> Uncertain:
    return uncertain(BASE, changes, ASKED, planted, **{"seed": 4, "worlds": 200, **how})


@pytest.mark.slow
def test_history_is_averaged_over_the_prior() -> None:
    """giver_share is uniform from 0 to 0.3, and three times it succeeds: 0.45 on average, sd 0.9 / √12."""
    found = over(Planted("giver_share", 3.0), draws=400)
    (history,) = found.runs
    assert (history.run, history.effect, history.raises, history.lowers) == (TESTED, None, None, None)
    assert history.success.estimate is not None and history.success.low is not None
    error = 0.9 / math.sqrt(12) / math.sqrt(400)
    assert history.success.estimate == pytest.approx(0.45, abs=4 * error)
    assert history.success.estimate - history.success.low == pytest.approx(1.966 * error, rel=0.1)
    beyond = [np.mean(np.array(history.each) < history.low), np.mean(np.array(history.each) > history.high)]
    assert beyond == [pytest.approx(0.1, abs=0.01)] * 2  # each worth 1/400, and ties
    drawn = [3 * draw(prior("society"), "society", 4, d)["giver_share"] for d in range(400)]
    np.testing.assert_allclose(history.each, drawn, atol=0.5 / 200 + 1e-9)
    assert history.noise == pytest.approx(math.sqrt(np.mean([p * (1 - p) for p in drawn]) / 199), rel=0.02)
    assert found.data == "" and found.calibrated == []


@pytest.mark.slow
def test_a_change_is_paired_and_stands_over_the_draws() -> None:
    """It sets 0.2: above a draw in two thirds, by 0.2 - 0.15 on average."""
    _, change, none = over(
        Planted("giver_share"), lever("givers", giver_share=0.2), lever("nothing", saving=0.06), draws=400
    ).runs
    assert set(change.each) == {0.2} and (change.low, change.high) == (0.2, 0.2)
    assert change.effect is not None and change.raises is not None and change.lowers is not None
    error = 0.3 / math.sqrt(12) / math.sqrt(400)
    assert change.effect.estimate == pytest.approx(0.05, abs=4 * error)
    assert change.raises.estimate == pytest.approx(2 / 3, abs=4 * math.sqrt(2 / 9 / 400))
    assert change.raises == proportion(round(400 * (change.raises.estimate or 0)), 400)
    equal = 1 - (change.raises.estimate or 0) - (change.lowers.estimate or 0)
    assert 0 <= equal < 0.06  # draws within half a world of 0.2
    assert none.effect is not None and none.raises is not None and none.lowers is not None
    assert none.effect.estimate == 0 and none.effect.low < 0 < none.effect.high < 0.01
    assert none.raises.estimate == none.lowers.estimate == 0


def test_what_the_scenario_states_stands_and_the_rest_is_the_same_draw_and_luck_in_every_run() -> None:
    planted = Planted("giver_share")
    found = over(planted, lever("givers", giver_share=0.2), draws=5)
    assert set(found.parameters) == set(prior("society")) - {"shock_sd"} and "shock_sd" in states(BASE)
    history, change = planted.judged[:5], planted.judged[5:]
    assert len({s.seed for s in history}) == 5 and [s.seed for s in history] == [s.seed for s in change]
    for d, (a, b) in enumerate(zip(history, change, strict=True)):
        drawn = draw(prior("society"), "society", 4, d)
        one, other = rows(a), rows(b)
        assert set(one["shock_sd"]) == set(other["shock_sd"]) == {0.25} and set(one["guarantee"]) == {1.0}
        assert {name: one[name][0] for name in found.parameters} == {name: drawn[name] for name in found.parameters}
        differ = [name for name in one.dtype.names if (one[name] != other[name]).any()]
        assert differ == ["giver_share"]
        assert one["exit_right"][-1] == 1 and one["coercion"][-1] == 0  # and put to the test


def test_more_draws_begin_with_those_of_fewer() -> None:
    few, more = (over(Planted("giver_share"), draws=draws).runs[0].each for draws in (7, 11))
    assert more[:7] == few


def test_where_all_draws_are_alike_the_interval_is_not_a_point() -> None:
    met = np.zeros((2, 96, 16), dtype=bool)
    met[1] = True
    history, change = spreads([("a", "A"), ("b", "B")], met)
    assert history.success == proportion(0, 96) and change.success == proportion(96, 96)
    # No draw differs from 1: of 96 + 2 the two added ones do, by up to the whole of 2, 1.96 x sqrt(2 x 4) / 98 = 0.057.
    assert change.effect is not None and change.effect.estimate == 1.0 and change.effect.high == 1.0
    assert change.effect.low == pytest.approx(1 - 0.057, abs=0.002)
    assert change.raises == proportion(96, 96) and change.lowers == proportion(0, 96) and history.noise == 0


def test_a_mean_share_stays_within_0_and_1() -> None:
    met = np.zeros((1, 8, 4), dtype=bool)
    met[0, 0] = True
    (rare,) = spreads([("a", "A")], met)
    (common,) = spreads([("a", "A")], ~met)
    assert rare.success.low == 0 and common.success.high == 1


def test_luck_alone_spreads_the_draws_by_its_noise() -> None:
    """Where every draw's chance is 0.3, the standard deviation over 4000 draws is the noise told: error 0.0013."""
    met = np.random.default_rng(2).random((1, 4000, 16)) < 0.3
    (found,) = spreads([("a", "A")], met)
    assert found.noise == pytest.approx(math.sqrt(0.21 / 16), abs=0.002)
    assert np.std(found.each) == pytest.approx(found.noise, abs=0.006)


def test_a_posterior_is_drawn_from_jointly_and_said(folder: Path, tmp_path: Path) -> None:
    (folder / "society.toml").write_text('[pull]\nlow = 0.1\nhigh = 0.8\nwhy = "x"\ngrade = "read"\n')
    (tmp_path / "posteriors").mkdir()
    text = "# data: a made-up game\n# command: by hand\n# date: today\ngiver_share,relapse\n0.1,0.3\n0.2,0.6\n"
    (tmp_path / "posteriors" / "society.csv").write_text(text)
    planted = Planted("giver_share")
    found = over(planted, draws=30)
    pairs = {(float(rows(s)["giver_share"][0]), float(rows(s)["relapse"][0])) for s in planted.judged}
    assert pairs == {(0.1, 0.3), (0.2, 0.6)} and set(found.runs[0].each) == {0.1, 0.2}
    assert (found.parameters, found.calibrated) == (["pull", "giver_share", "relapse"], ["giver_share", "relapse"])
    told = " ".join(over_draws(found).small)
    assert "giver_share, relapse jointly from their posterior (a made-up game)" in told


def test_it_says_what_the_intervals_carry() -> None:
    found = over(Planted("giver_share"), lever("givers", giver_share=0.2), lever("nothing", saving=0.06), draws=96)
    history, change, none, people = over_draws(found).says
    assert people == "People: drawn from the prior; none were measured."
    start = "Over 96 draws of the unknown parameters, P(success) of the scenario with the test has a mean of 1"
    assert history.startswith(start)
    assert change.startswith("“With givers” raises P(success) at 6") and "the mean effect is +" in change
    assert (
        none == "“With nothing” raises P(success) at 0\u00a0% of draws (95\u00a0%: 0 to 3.8\u00a0%) and lowers it at "
        "0\u00a0%; the mean effect is 0.0 points (−2.9 to +2.9), " + none[none.index("to a mean of 1") :]
    )


@pytest.mark.society
def test_real_societies_are_judged_alike(tmp_path: Path) -> None:
    """By the court, a change that does nothing does nothing at any draw."""
    base = defaults("society").clock(years=12, seed=3)
    base = base.but(n_communities=1, n_founded=1, n_places=20, n_founders=20)
    asked = plain(base)
    court = Evaluator(asked, store=tmp_path, threads=2)
    same = lever("nothing", saving=base.values.model_dump()["saving"])
    found = uncertain(base, [same], asked, court.judge, seed=1, draws=6, worlds=16)
    history, nothing = found.runs
    assert history.each == nothing.each and "n_places" not in found.parameters
    assert court.done == 6  # the same scenarios are run once
