"""A posterior in use: read and refused, drawn from jointly, in place of the prior wherever something is drawn."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_claims import LEVEL, PRIOR, STATED, check, claim, society
from typer.testing import CliRunner

import bestowal
from bestowal.claims.draws import identity
from bestowal.claims.plan import plan_of
from bestowal.cli.app import app
from bestowal.core.errors import BestowalError
from bestowal.core.files import kept
from bestowal.questions import full
from bestowal.questions.dose import scales
from bestowal.questions.kinds.sensitivity.compute import varied
from bestowal.questions.question import Lever, Moment
from bestowal.simulation.scenario import defaults
from bestowal.simulation.scenario_file import scenario as read_scenario
from bestowal.uncertainty import prior as priors
from bestowal.uncertainty.draws import draw
from bestowal.uncertainty.posterior import as_stated, copies, effective, near, weight_on_another
from bestowal.uncertainty.posterior import read as read_posterior
from bestowal.uncertainty.prior import Calibrated, People, content, known, prior

pytestmark = pytest.mark.usefixtures("toy_models", "catalogue")

HEAD = "# data: a made-up game, and 33 made-up communes\n# command: by hand\n# date: today\n"
N = 400
LUCK = np.random.default_rng(5)
DRIFT = 0.2 + 0.1 * LUCK.normal(size=N)
SPREAD = 0.05 * np.exp(2 * (DRIFT - 0.2))  # goes with the drift, to the last digit


def lines(columns: Mapping[str, Any], head: str = HEAD) -> str:
    rows = zip(*columns.values(), strict=True)
    return head + ",".join(columns) + "\n" + "".join(",".join(map(repr, map(float, row))) + "\n" for row in rows)


@pytest.fixture
def posterior(tmp_path: Path) -> Callable[..., None]:
    """Call it to write the posterior of a model, made up: beside the prior that `catalogue` writes."""

    def write(columns: Mapping[str, Any] | str | None = None, model: str = "walk") -> None:
        (tmp_path / "posteriors").mkdir(exist_ok=True)
        text = columns if isinstance(columns, str) else lines(columns or {"spread": SPREAD, "drift": DRIFT})
        (tmp_path / "posteriors" / f"{model}.csv").write_text(text, encoding="utf-8")

    return write


# -------------------------------------------------------------------------------------------------- what is known by it


def test_its_ranges_take_the_place_of_the_priors(posterior: Callable[..., None]) -> None:
    before = prior("walk")
    posterior()
    after = prior("walk")
    assert list(after) == list(before) and after["people"] == before["people"]
    assert prior("walk", calibrated=False) == before
    for name, values in (("drift", DRIFT), ("spread", SPREAD)):
        r = after[name]
        assert isinstance(r, Calibrated) and r.grade == "calibrated"
        assert (r.low, r.high) == pytest.approx(np.quantile(values, [0.025, 0.975])) and r.scale == before[name].scale
        assert r.why == "a made-up game, and 33 made-up communes" and r.draws == tuple(values)


def test_what_a_scenario_states_can_be_calibrated_too(
    catalogue: Callable[..., None], posterior: Callable[..., None]
) -> None:
    catalogue({"people": PRIOR["people"], "stated": STATED})
    posterior({"drift": DRIFT, "people": LUCK.integers(2, 9, N)})
    assert list(prior("walk")) == ["people", "drift"] and prior("walk")["drift"].scale == "linear"
    told = {of.parameter.name: of for of in known("walk")}
    middle, low, high = np.median(DRIFT), *np.quantile(DRIFT, [0.025, 0.975])
    assert told["drift"].law == f"{middle:.3g} ({low:.3g} to {high:.3g})" and told["drift"].grade == "calibrated"
    assert {type(d["people"]) for d in (draw(prior("walk"), "walk", 1, d) for d in range(9))} == {int}


def test_show_priors_marks_what_is_calibrated(catalogue: Callable[..., None], posterior: Callable[..., None]) -> None:
    catalogue({"relapse": {"low": 0.05, "high": 0.75, "why": "x", "grade": "read"}}, "society")
    posterior({"relapse": [0.1, 0.2, 0.3]}, "society")
    shown = CliRunner().invoke(app, ["show", "priors"]).stdout
    (line,) = (line for line in shown.splitlines() if "relapse" in line)
    assert line.split() == [
        "relapse",
        "0.2",
        "(0.105",
        "to",
        "0.295)",
        "0.1",
        "calibrated",
        "a",
        "made-up",
        "game,",
        "and",
        "33",
        "made-up",
        "communes",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "drit\n0.1\n0.2\n", 'drit: unknown parameter of walk; did you mean "drift"'),
        (HEAD + "drift,drift\n0.1,0.1\n0.2,0.2\n", "drift: stands there twice"),
        (HEAD + "drift,spread\n0.1,0.1\n0.2\n", "draw 2: has 1 values, not 2"),
        (HEAD + "drift\n0.1\nlittle\n", "draw 2: drift = little: must be a number from -10 to 10"),
        (HEAD + "drift\n0.1\nnan\n", "draw 2: drift = nan: must be a number from -10 to 10"),
        (HEAD + "drift\n11\n0.1\n", "draw 1: drift = 11: must be a number from -10 to 10"),
        (HEAD + "people\n3\n3.5\n", "draw 2: people = 3.5: must be an integer from 1 to 1000"),
        (HEAD + "drift\n0.1\n0.1\n", "drift = 0.1 in every draw: what is known belongs into a scenario"),
        (HEAD + "drift\n0.1\n", "needs a line of names and two draws or more"),
        (HEAD.replace("# data:", "# from:") + "drift\n0.1\n0.2\n", 'says no data: needs a line "# data: …"'),
    ],
)  # fmt: skip
def test_one_that_is_wrong_is_refused(posterior: Callable[..., None], text: str, said: str) -> None:
    posterior(text)
    with pytest.raises(BestowalError) as error:
        prior("walk")
    assert said in str(error.value) and "walk.csv: " in str(error.value) and "\n" not in str(error.value)


def test_nobody_calls_a_prior_calibrated_by_hand(catalogue: Callable[..., None]) -> None:
    catalogue({"drift": {**PRIOR["drift"], "grade": "calibrated"}})
    with pytest.raises(BestowalError, match=r"drift\.grade = 'calibrated': that is for the draws of a posterior alone"):
        prior("walk")


# ---------------------------------------------------------------------------------------------------------------- draws


def test_a_draw_is_one_row_of_it_whatever_else_is_uncertain(
    catalogue: Callable[..., None], posterior: Callable[..., None]
) -> None:
    plainly = [draw(prior("walk"), "walk", 1, d) for d in range(300)]
    posterior()
    drawn = [draw(prior("walk"), "walk", 1, d) for d in range(300)]
    rows = set(zip(DRIFT, SPREAD, strict=True))
    assert {(d["drift"], d["spread"]) for d in drawn} <= rows
    assert [d["people"] for d in drawn] == [d["people"] for d in plainly]  # what is not in it is drawn as ever
    catalogue({"people": PRIOR["people"]})
    fewer = {name: r for name, r in prior("walk").items() if name != "spread"}
    assert [draw(fewer, "walk", 1, d) for d in range(300)] == [
        {"people": d["people"], "drift": d["drift"]} for d in drawn
    ]
    assert draw(prior("walk"), "walk", 2, 0) != drawn[0]


@pytest.mark.slow
def test_draws_of_it_are_spread_as_its_rows_and_apart_from_all_else(posterior: Callable[..., None]) -> None:
    """Of 4000 draws: a share has a standard error of 0.008, a mean of 0.0016, a correlation of 0.016; five are let."""
    posterior()
    drawn = [draw(prior("walk"), "walk", 1, d) for d in range(4000)]
    drift, people = (np.array([d[name] for d in drawn]) for name in ("drift", "people"))
    assert abs(drift.mean() - DRIFT.mean()) < 0.008
    assert abs((drift < np.quantile(DRIFT, 0.1)).mean() - 0.1) < 0.04
    row = np.argsort(DRIFT)[np.searchsorted(np.sort(DRIFT), drift)]  # which row each came from
    assert abs(np.corrcoef(row, people)[0, 1]) < 0.08
    assert len(set(drift)) > 0.99 * N  # each row is left out of 4000 with a chance of exp(-10)


# ------------------------------------------------------------------------------------- conditioned on what is stated


def people(**values: float) -> tuple[dict[str, Any], People]:
    base = defaults("walk").but(**values)
    known, whose = priors.open_to(base)
    return {d: draw(known, "walk", 1, d) for d in range(300)}, whose


def test_nothing_stated_is_the_posterior_itself(posterior: Callable[..., None]) -> None:
    posterior()
    drawn, whose = people()
    assert (whose.drawn, whose.given, whose.effective, whose.draws) == ("posterior", {}, N, N)
    assert drawn == {d: draw(prior("walk"), "walk", 1, d) for d in range(300)}
    assert whose.says == "measured, 400 effective draws of 400"
    assert people(people=3)[1] == whose  # what the posterior doesn't have conditions nothing


def test_what_is_stated_conditions_the_rest(posterior: Callable[..., None]) -> None:
    """The spread goes with the drift to the last digit: at a stated drift it is known but for the kernel's reach."""
    posterior()
    for value in (0.15, 0.2, 0.25):
        drawn, whose = people(drift=value)
        assert all("drift" not in d for d in drawn.values())  # stated: not drawn
        spread = np.array([d["spread"] for d in drawn.values()])
        reach = 0.5 * DRIFT.std()
        assert (np.abs(np.log(spread / 0.05) / 2 - (value - 0.2)) <= reach + 1e-12).all()
        # The kernel's standard deviation is its reach over √5; the density's slope moves the mean by less than that.
        assert abs(np.log(spread / 0.05).mean() / 2 - (value - 0.2)) < reach / math.sqrt(5) / 2
        near = np.abs(DRIFT - value) < reach
        weight = (1 - ((DRIFT - value) / reach) ** 2)[near]
        assert whose.effective == pytest.approx(weight.sum() ** 2 / (weight**2).sum()) and whose.effective > 50
        assert whose.drawn == "posterior given what is stated" and whose.given == {"drift": value}
        assert f"measured, given drift = {value:g}: {whose.effective:.0f} effective draws of 400" == whose.says


def test_what_is_independent_of_the_stated_keeps_its_spread(posterior: Callable[..., None]) -> None:
    apart = np.random.default_rng(6).permutation(SPREAD)
    posterior({"spread": apart, "drift": DRIFT})
    spread = np.array([d["spread"] for d in people(drift=0.2)[0].values()])
    whose = people(drift=0.2)[1]
    error = apart.std() / math.sqrt(whose.effective)
    assert abs(spread.mean() - apart.mean()) < 4 * error
    assert spread.std() == pytest.approx(apart.std(), rel=4 / math.sqrt(2 * whose.effective))


def test_a_line_that_is_the_default_is_stated(tmp_path: Path, posterior: Callable[..., None]) -> None:
    posterior()
    path = tmp_path / "w.toml"
    path.write_text('model = "walk"\nyears = 10\n[values]\ndrift = 0.1\n')  # the toy's own default
    known, whose = priors.open_to(read_scenario(path))
    assert whose.given == {"drift": 0.1} and set(known) == {"people", "spread"}
    free = {"a": {"label": "a", "values": {"spread": 0.0}}}
    (result,) = check(claim({"scenario": str(path), "arms": free}), draws=20)
    np.testing.assert_allclose(result.numbers, 1.0)


def test_all_values_of_a_draw_are_that_draw(catalogue: Callable[..., None], posterior: Callable[..., None]) -> None:
    """Though few are near it; and a column that is a copy of a stated one follows it."""
    posterior({"drift": DRIFT, "spread": SPREAD})
    k = int(np.argmax(DRIFT))
    drawn, whose = people(drift=float(DRIFT[k]), spread=float(SPREAD[k]))
    assert whose.drawn == "stated" and not whose.refused and {tuple(d) for d in drawn.values()} == {("people",)}
    share = np.clip(DRIFT, 0.01, 0.99)
    catalogue({}, "society")
    posterior({"giver_share": share, "founder_giver_share": share, "relapse": share[::-1]}, "society")
    known, whose = priors.open_to(defaults("society").but(giver_share=float(share[7]), relapse=float(share[-8])))
    assert whose.drawn == "stated" and draw(known, "society", 1, 5)["founder_giver_share"] == share[7]
    known, whose = priors.open_to(defaults("society").but(founder_giver_share=0.9))
    assert whose.drawn == "posterior" and "founder_giver_share" not in known  # founders chose themselves


def test_where_no_measured_people_are_like_those_stated_the_prior_is_drawn_and_it_is_said(
    tmp_path: Path, posterior: Callable[..., None]
) -> None:
    posterior()
    known, whose = priors.open_to(defaults("walk").but(drift=0.9))  # seven standard deviations off
    assert known == {name: r for name, r in prior("walk", calibrated=False).items() if name != "drift"}
    assert whose.refused and whose.effective == 0
    said = "no measured people look like this (drift = 0.9: 0 effective draws of 400, 50 needed): drawn from the prior"
    assert whose.says == said
    path = tmp_path / "w.toml"
    path.write_text('model = "walk"\nyears = 10\n[values]\ndrift = 0.9\n')
    (result,) = check(claim({"scenario": str(path), "arms": {"a": {"label": "a", "values": {"people": 2}}}}), draws=30)
    assert result.people == said and f"People: {said}." in result.because
    ranges = prior("walk", calibrated=False)
    low, high = ranges["spread"].low, ranges["spread"].high
    assert all(low <= value <= high for value in result.points["spread"]) and "drift" not in result.points


def test_russias_people_are_not_among_the_measured_and_ordinary_peoples_are() -> None:
    """The real posterior: a tenth of givers is nobody that was measured; 0.63 is in the middle of it."""
    file = Path(bestowal.__file__).parent / "catalogue" / "posteriors" / "society.csv"
    found = read_posterior(file, "society")
    assert found is not None and copies(found.draws) == {"founder_giver_share": "giver_share"}
    assert effective(near(found.draws, {"giver_share": 0.1})) == 0
    assert effective(near(found.draws, {"giver_share": 0.63})) > 200


def test_the_mean_weight_on_another_is_that_of_people_drawn_by_the_models_own_law() -> None:
    """E[o·min(1, m/(1−m))] against 200,000 people; and without spread, by hand."""
    z = np.random.default_rng(7).normal(size=200_000)
    for share, giver, ordinary, sd, inclusion in ((0.63, 0.84, 0.016, 1.28, 0.98), (0.1, 0.7, 0.3, 0.5, 0.9)):
        mean = 0.0
        for part, m in ((share, giver), (1 - share, ordinary)):
            mean += part * np.minimum(1.0, m / (1 - m) * np.exp(sd * z)).mean()
        found = weight_on_another(*(np.array([v]) for v in (share, giver, ordinary, sd, inclusion)))
        assert found[0] == pytest.approx(inclusion * mean, abs=4 * 0.5 / math.sqrt(len(z)))
    flat = weight_on_another(*(np.array([v]) for v in (0.5, 0.9, 0.2, 0.0, 0.8)))
    assert flat[0] == pytest.approx(0.8 * (0.5 + 0.5 * 0.25))
    values = {"giver_share": 0.5, "giver_motive": 0.9, "ordinary_motive": 0.2, "motive_sd": 0.0, "inclusion": 0.8}
    assert as_stated({**values, "commitment": 0.15}) == "mean weight on another person 0.50, commitment κ 0.15"
    assert as_stated(values) == ""  # of a model without commitment nothing is said


@pytest.mark.society
def test_a_claim_says_the_weight_of_the_people_it_was_run_with(
    catalogue: Callable[..., None], posterior: Callable[..., None]
) -> None:
    catalogue({"pull": {"low": 0.05, "high": 0.8, "why": "x", "grade": "read"}}, "society")
    posterior({"giver_share": [0.2, 0.4], "commitment": [0.1, 0.3]}, "society")
    effort = {"statistic": {"take": "mean", "observable": "effort", "from": 2}}
    (result,) = check(society(**effort), draws=10)
    values = defaults("society").values.model_dump()
    rest = [np.full(10, values[name]) for name in ("giver_motive", "ordinary_motive", "motive_sd", "inclusion")]
    wanted = weight_on_another(np.array(result.points["giver_share"]), *rest).mean()
    assert result.weight == (pytest.approx(wanted),) * len(result.arms)
    kappa = np.mean(result.points["commitment"])
    said = f"mean weight on another person {wanted:.2f}; commitment κ {kappa:.2f}."
    assert f"People: measured, 2 effective draws of 2; {said}" in result.because


# ------------------------------------------------------------------------------------------------ everything that draws


def test_a_check_draws_from_it_and_is_kept_apart(posterior: Callable[..., None]) -> None:
    quiet = claim({"arms": {"only": {"label": "as it is", "values": {"people": 5}}}})
    (before,) = check(quiet, draws=30)
    posterior()
    (after,) = check(quiet, draws=30)
    assert set(zip(after.points["drift"], after.points["spread"], strict=True)) <= set(zip(DRIFT, SPREAD, strict=True))
    assert "of 30 draws from the prior;" in before.because
    assert "of 30 draws from the prior and the posterior;" in after.because
    assert after.numbers != before.numbers and after.folder != before.folder
    posterior({"spread": SPREAD, "drift": DRIFT[::-1]})  # the same numbers of each, going together otherwise
    (other,) = check(quiet, draws=30)
    assert len({before.folder, after.folder, other.folder}) == 3
    posterior()
    assert check(quiet, draws=30)[0] == after


def test_an_arm_is_over_it_and_so_is_what_a_scenario_states(tmp_path: Path, posterior: Callable[..., None]) -> None:
    posterior()
    still = {"a": {"label": "a", "values": {"drift": 0.5, "spread": 0.0}}}
    (result,) = check(claim({"arms": still}), draws=20)
    np.testing.assert_allclose(result.numbers, 5.0)  # ten years
    path = tmp_path / "w.toml"
    path.write_text('model = "walk"\nyears = 10\n[values]\ndrift = 0.7\n')
    free = {"a": {"label": "a", "values": {"spread": 0.0}}}
    (result,) = check(claim({"scenario": str(path), "arms": free}), draws=20)
    np.testing.assert_allclose(result.numbers, 7.0)
    assert set(result.points) == {"people"}
    (tmp_path / "posteriors" / "walk.csv").unlink()
    (result,) = check(claim({"scenario": str(path), "arms": free}), draws=20)
    np.testing.assert_allclose(result.numbers, 7.0)  # nor does a draw of the prior undo it


def test_what_draws_depend_on_is_the_priors_alone_where_there_is_none() -> None:
    """So that what was kept before there could be a posterior is still found."""
    assert content(prior("walk")) == {
        "drift": [-1.0, 1.0, "linear", None],
        "people": [1, 9, "linear", None],
        "spread": [0.01, 0.1, "log", None],
    }
    plan = plan_of(claim(LEVEL).experiment or pytest.fail("no experiment"), 1)
    assert identity(plan)["prior"] == content(prior("walk"))


def test_sensitivity_goes_over_its_middle(catalogue: Callable[..., None], posterior: Callable[..., None]) -> None:
    prior_of = {"low": 0.05, "high": 0.75, "why": "x", "grade": "read"}
    catalogue({"relapse": prior_of, "pull": prior_of}, "society")
    posterior({"relapse": [0.1, 0.2, 0.3, 0.4]}, "society")
    lever = Lever("it", "It", "motive", [Moment(0, {"commitment": 0.5})], [])
    ranges = {r.name: (r.low, r.high) for r in varied(defaults("society"), lever)}
    assert ranges == {"relapse": (pytest.approx(0.1075), pytest.approx(0.3925)), "pull": (0.05, 0.75)}
    assert [r.name for r in varied(defaults("society").but(relapse=0.3), lever)] == ["pull"]


def test_distances_are_in_its_standard_deviations(posterior: Callable[..., None]) -> None:
    posterior()
    scale = scales("walk", prior("walk"))
    assert scale["drift"].sd == pytest.approx(DRIFT.std()) and not scale["drift"].log
    assert scale["spread"].sd == pytest.approx(np.log(SPREAD).std()) and scale["spread"].log
    assert scale["people"].sd == pytest.approx(8 / math.sqrt(12))


def test_what_is_kept_of_a_full_answer_is_of_one_posterior(tmp_path: Path, posterior: Callable[..., None]) -> None:
    from bestowal.statistics.intervals import Interval

    made: list[int] = []

    def part() -> Interval:
        made.append(1)
        return Interval(0.5, 0.4, 0.6, 7)

    def ask() -> Interval:
        return kept(tmp_path / "part.json", Interval, full._code("walk"), part)

    assert ask() == ask() and len(made) == 1
    posterior()
    assert ask() == ask() and len(made) == 2
    posterior({"spread": SPREAD, "drift": DRIFT[::-1]})
    ask()
    assert len(made) == 3


@pytest.mark.society
def test_the_society_takes_it(catalogue: Callable[..., None], posterior: Callable[..., None]) -> None:
    """A run of the society at each draw: what nobody gives when nothing is given for its own sake."""
    catalogue({"pull": {"low": 0.05, "high": 0.8, "why": "x", "grade": "read"}}, "society")
    posterior({"commitment": [0.0, 0.9, 0.45], "matching": [0.2, 1.0, 0.6]}, "society")
    effort = {"statistic": {"take": "mean", "observable": "effort", "from": 2}}
    (result,) = check(society(**effort), draws=40)
    commitment = np.array(result.points["commitment"])
    assert set(commitment) == {0.0, 0.45, 0.9}
    means = [np.array(result.numbers)[commitment == level].mean() for level in (0.0, 0.45, 0.9)]
    assert means == sorted(means) and means[2] > means[0]
