"""The source's claims: files and what is wrong with them; draws, runs, numbers, verdicts, and whether all is fair."""

import functools
import io
import math
import random
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock, Timeout
from toy_claims import HEAD, LEVEL, PRIOR, STATED, check, claim, society, toml
from typer.testing import CliRunner

from bestowal.claims import claim_file
from bestowal.claims import draws as claim_draws
from bestowal.claims.claim_file import SourceClaim, source_claim, source_claims
from bestowal.claims.draws import CHUNK, identity, taken
from bestowal.claims.experiment import Holds, Statistic
from bestowal.claims.judge import draws_to_decide, judge
from bestowal.claims.numbers import noise, numbers, tied
from bestowal.claims.plan import plan_of
from bestowal.claims.source import Result, stored
from bestowal.claims.verdict import Judgement, Verdict
from bestowal.cli.app import app
from bestowal.core.errors import BestowalError
from bestowal.core.files import content_digest
from bestowal.models.registry import load, parameters
from bestowal.questions.question_file import plain
from bestowal.questions.question_table import DEFAULT_SUCCESS
from bestowal.questions.success import successes
from bestowal.simulation.scenario import Scenario, defaults, rows
from bestowal.simulation.scenario_file import scenario
from bestowal.statistics.intervals import Interval, proportion
from bestowal.uncertainty.draws import draw
from bestowal.uncertainty.prior import known, prior
from bestowal.uncertainty.prior import stated as stated_of

pytestmark = pytest.mark.usefixtures("toy_models", "catalogue")


def same(a: Result, b: Result) -> bool:
    """Whether two results have the same numbers, to the bit, whatever they are called."""
    arms = [np.array([values for _, values in r.arms]) for r in (a, b)]
    return (
        np.array_equal(a.numbers, b.numbers, equal_nan=True)
        and np.array_equal(*arms, equal_nan=True)
        and a.points == b.points
        and (a.verdict, a.share, a.number, a.near, a.split, a.because, a.key, a.noise)
        == (b.verdict, b.share, b.number, b.near, b.split, b.because, b.key, b.noise)
    )


# ------------------------------------------------------------------------------------------------- files and complaints


def written(tmp_path: Path, table: Mapping[str, Any], name: str = "C01") -> Path:
    path = tmp_path / "claims" / f"{name}.toml"
    path.write_text(toml(table), encoding="utf-8")
    return path


def test_a_claim_is_read_as_it_is_written(tmp_path: Path) -> None:
    arms = {"a": {"label": "A", "values": {"people": 3}, "changes": [{"year": 4, "values": {"drift": 0.5}}]}}
    path = written(tmp_path, {**HEAD, "experiment": {**LEVEL, "arms": arms}})
    read = source_claim(path)
    assert read.id == "C1" and read.experiment is not None and read.why_not == ""
    assert read.experiment.statistic.first == 9 and read.experiment.statistic.last is None
    assert read.experiment.arms["a"].changes[0].values == {"drift": 0.5}


def test_claims_come_in_order(tmp_path: Path) -> None:
    for name in ("P24", "C10", "C02"):
        id = name[0] + str(int(name[1:]))
        written(tmp_path, {**HEAD, "id": id, "experiment": LEVEL}, name)
    assert [c.id for c in source_claims()] == ["C2", "C10", "P24"]


def change(**what: Any) -> dict[str, Any]:
    return {**HEAD, "experiment": {**LEVEL, **what}}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({**HEAD, "experiment": LEVEL, "rivall": 1}, "rivall = 1: Extra inputs are not permitted; did you mean"),
        ({**HEAD, "id": "C2", "experiment": LEVEL}, "id = 'C2': does not match the file's name"),
        ({**HEAD, "status": "M", "experiment": LEVEL}, "status = 'M': Input should be 'T', 'T*' or 'N'"),
        (HEAD, 'status = "T": needs an experiment'),
        ({**HEAD, "status": "N", "why_not": "because", "experiment": LEVEL}, 'status = "N": has no experiment'),
        ({**HEAD, "status": "N"}, "needs an experiment, or why_not to say why"),
        (change(scenario="wlak"), "experiment.scenario = 'wlak': there is no scenario 'wlak'"),
        (change(years=0), "experiment.years = 0: Input should be greater than"),
        (change(kind="levle"), "experiment.kind = 'levle': Input should be 'level'"),
        (change(kind="difference"), 'arms: kind = "difference" needs 2 of them, not 1'),
        (change(holds={}), "experiment.holds: needs above, or below, or both"),
        (change(holds={"abov": 1.0}), 'holds.abov = 1.0: Extra inputs are not permitted; did you mean "above"'),
        (
            change(statistic={"take": "mean", "observable": "plaec"}),
            "experiment.statistic.observable = 'plaec': walk observes no 'plaec'; did you mean \"place\"",
        ),
        (change(statistic={"take": "mean"}), 'statistic: take = "mean" needs observable'),
        (change(statistic={"take": "years_standing"}), "walk observes no 'standing'"),
        (change(statistic={"take": "success"}), 'the model observes no "standing"'),
        (
            change(statistic={"take": "mean", "observable": "place", "from": 10}),
            "experiment.statistic.from = 10, to = 9: must be two of the 10 steps",
        ),
        (change(arms={"a": {"label": "A", "values": {"drif": 1.0}}}), "arms.a: drif: unknown parameter of walk"),
        (change(arms={"a": {"label": "A", "values": {"drift": 11.0}}}), "11.0: must be a number from -10 to 10"),
        (change(arms={"a": {"label": "A", "values": {"drift": True}}}), "experiment.arms.a.values.drift"),
        (change(arms={"a": {"lable": "A"}}), 'did you mean "label"'),
        (
            change(arms={"a": {"label": "A", "changes": [{"year": 10, "values": {"drift": 1.0}}]}}),
            "experiment.arms.a: from_year = 10: years run from 0 to 9; 10 is not one",
        ),
        (change(iso=True), 'experiment.iso = true: model walk observes no "motive"'),
        (change(levers={"drift": [0.0, 1.0]}), 'levers and bundles go with kind = "sweep"'),
        (change(kind="sweep", bundles=3, arms={}), "it needs both"),
        (change(kind="sweep", levers={"drift": [0.0, 1.0]}, bundles=3), "an even number of worlds"),
        (change(kind="sweep", worlds=4, levers={"drit": [0.0, 1.0]}, bundles=3), "experiment.levers: drit: unknown"),
    ],
)  # fmt: skip
def test_a_complaint_is_one_line_with_file_key_value_and_the_nearest_name(
    tmp_path: Path, table: dict[str, Any], said: str
) -> None:
    path = written(tmp_path, table)
    with pytest.raises(BestowalError) as error:
        source_claim(path)
    assert said in str(error.value) and str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)
    assert ": : " not in str(error.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"drit": PRIOR["drift"]}, 'drit: unknown parameter of walk; did you mean "drift"'),
        ({"drift": {**PRIOR["drift"], "high": 11.0}}, "drift.high = 11.0: must be from -10 to 10"),
        ({"drift": {**PRIOR["drift"], "low": 2.0}}, "drift: low = 2.0 is above high = 1.0"),
        ({"drift": {**PRIOR["drift"], "scale": "log"}}, "low = -1.0: a logarithmic scale begins above 0"),
        ({"drift": {**PRIOR["drift"], "grade": "guessed"}}, "drift.grade = 'guessed': Input should be 'measured'"),
        ({"drift": {**PRIOR["drift"], "zero": 1.0}}, "drift.zero = 1.0: Input should be less than 1"),
        ({"people": {**PRIOR["people"], "zero": 0.5}}, "people.zero = 0: must be from 1 to 1000"),
        ({"drift": {**PRIOR["drift"], "hihg": 3}}, 'drift.hihg = 3: Extra inputs are not permitted; did you mean "hi'),
    ],
)  # fmt: skip
def test_a_complaint_about_a_prior(catalogue: Callable[..., None], table: dict[str, Any], said: str) -> None:
    catalogue(table)
    with pytest.raises(BestowalError) as error:
        prior("walk")
    assert said in str(error.value) and "walk.toml: " in str(error.value) and "\n" not in str(error.value)


def test_what_a_scenario_states_is_known_of_but_not_varied(catalogue: Callable[..., None]) -> None:
    ranges = {name: of for name, of in PRIOR.items() if name != "drift"}
    catalogue({**ranges, "stated": STATED})
    assert list(prior("walk")) == ["spread", "people"] and list(stated_of("walk")) == ["drift"]
    told = {of.parameter.name: of for of in known("walk")}
    assert list(told) == ["people", "drift", "spread"]  # the model's order
    assert (told["drift"].range, told["drift"].law) == (None, "stated by the scenario")
    assert (told["drift"].grade, told["drift"].why) == ("read", "as it was")
    assert (told["spread"].law, told["people"].law) == ("0.01 to 0.1, any factor", "1 to 9")
    catalogue({"drift": {**PRIOR["drift"], "zero": 0.25}})
    assert known("walk")[0].law == "-1 to 1; 0 with probability 0.25"


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"drit": STATED["drift"]}, 'stated.drit: unknown parameter of walk; did you mean "drift"'),
        ({"spread": STATED["drift"]}, "spread: is varied and stands under [stated] too"),
        ({"drift": {**STATED["drift"], "grade": "guessed"}}, "stated.drift.grade = 'guessed': Input should be"),
        ({"drift": {"grade": "read"}}, "stated.drift.why: Field required"),
        ({"drift": {**STATED["drift"], "hwy": "x"}}, 'did you mean "why"'),
        (3, "stated = 3: must be a table, [stated]"),
    ],
)  # fmt: skip
def test_a_complaint_about_what_is_stated(catalogue: Callable[..., None], stated: Any, said: str) -> None:
    catalogue({"spread": PRIOR["spread"], "stated": stated} if isinstance(stated, dict) else {"stated": stated})
    with pytest.raises(BestowalError) as error:
        known("walk")
    assert said in str(error.value) and "walk.toml: " in str(error.value) and "\n" not in str(error.value)


def test_every_parameter_of_the_society_says_what_is_known_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One added without an entry fails here; an entry without a parameter is refused as the file is read."""
    monkeypatch.undo()
    assert [of.parameter for of in known("society")] == list(parameters(load("society")))


def test_few_worlds_may_not_stand_for_never() -> None:
    """Else "below 0.05" would mean "in none of 4 worlds"."""
    success = {"scenario": "commune", "statistic": {"take": "success"}, "holds": {"below": 0.05}, "worlds": 4}
    with pytest.raises(ValueError, match=r"a share of 4 worlds can't be told from 0\.05; needs 20 worlds"):
        claim(success)
    claim({**success, "worlds": 20})
    sweep = {"kind": "sweep", "arms": {}, "levers": {"drift": [0, 1]}, "bundles": 3}
    with pytest.raises(ValueError, match=r"a share of 10 worlds can't be told from 0\.05; needs 40 worlds"):
        claim({**success, **sweep, "worlds": 20})


def test_what_cant_be_tested_says_why_and_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_draws, "simulate", None)
    untestable = SourceClaim.model_validate({**HEAD, "status": "N", "why_not": "It is a goal."})
    (result,) = check(untestable)
    assert (result.verdict, result.because) == ("not a testable claim", "It is a goal.")
    assert result.share is result.number is result.near is result.split is None and result.numbers == ()
    assert result.key and stored(untestable)[0][0] == result


# ---------------------------------------------------------------------------------------------------------------- draws


def test_a_draw_is_the_same_whatever_else_is_uncertain(catalogue: Callable[..., None]) -> None:
    whole = [draw(prior("walk"), "walk", 1, d) for d in range(50)]
    catalogue(dict(reversed([item for item in PRIOR.items() if item[0] != "people"])))
    fewer = [draw(prior("walk"), "walk", 1, d) for d in range(50)]
    assert [{k: v for k, v in d.items() if k != "people"} for d in whole] == fewer
    assert len({d["drift"] for d in whole}) == 50
    assert draw(prior("walk"), "walk", 2, 0)["drift"] != fewer[0]["drift"]


def test_draws_have_the_distribution_that_the_file_says(catalogue: Callable[..., None]) -> None:
    """Of 2000 draws; a share has a standard error of 0.011 at most, 0.014 of those not 0: five are below 0.07."""
    catalogue({**PRIOR, "drift": {**PRIOR["drift"], "low": 0.5, "zero": 0.3}})
    drawn = [draw(prior("walk"), "walk", 1, d) for d in range(2000)]
    drift, spread, people = (np.array([d[name] for d in drawn]) for name in ("drift", "spread", "people"))
    assert abs((drift == 0).mean() - 0.3) < 0.07
    assert abs((drift[drift > 0] < 0.75).mean() - 0.5) < 0.07 and drift[drift > 0].min() >= 0.5 and drift.max() <= 1
    assert abs((spread < math.sqrt(0.01 * 0.1)).mean() - 0.5) < 0.07 and spread.min() >= 0.01 and spread.max() <= 0.1
    assert set(people) == set(range(1, 10)) and all(isinstance(d["people"], int) for d in drawn)
    # Parameters are drawn apart: a correlation of so many pairs has a standard error of 0.022.
    assert np.abs(np.corrcoef([drift, spread, people]) - np.eye(3)).max() < 0.11


def test_more_draws_only_add(tmp_path: Path) -> None:
    """In a store of its own, or on top of fewer, in one run or in three, on one thread or on four: the same numbers."""
    long = check(claim(), draws=60, store=tmp_path / "a", threads=1)[0]
    for draws in (10, 33, 60):
        grown = check(claim(), draws=draws, store=tmp_path / "b", threads=4)[0]
        assert grown.numbers == long.numbers[:draws]
    assert same(grown, long)
    assert long.folder.endswith(Path(grown.folder).name) and long.key != check(claim(), draws=10)[0].key


def watch_draws(monkeypatch: pytest.MonkeyPatch, ran: list[int] | None) -> None:
    """Note each draw that is run; None: none may be. The code that identifies what is kept stays the same."""
    run = claim_draws.run_draw

    @functools.wraps(run)
    def watched(plan: Any, d: int) -> Any:
        assert ran is not None, "nothing may be run"
        ran.append(d)
        return run(plan, d)

    monkeypatch.setattr(claim_draws, "run_draw", watched)


def test_stored_draws_are_found_after_every_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own output on 2026-11-30: no reference, but a promise, as `test_identity` makes of runs and answers."""
    monkeypatch.undo()
    pinned = {"C8": "2d1af055439326e7", "C3": "390c846810e55b04"}  # arms; levers
    of = {claim.id: claim.experiment for claim in source_claims()}
    assert {name: content_digest(identity(plan_of(of[name], 1))) for name in pinned} == pinned


def test_kept_draws_are_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = check(claim(), draws=60)[0]
    ran: list[int] = []
    watch_draws(monkeypatch, ran)
    assert same(check(claim(), draws=60)[0], first) and ran == []
    check(claim(), draws=63)
    assert sorted(ran) == [60, 61, 62]


def test_an_interrupt_loses_no_finished_chunk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    straight = check(claim(), draws=60, store=tmp_path / "a")[0]

    def tired(done: float, total: int, part: str | None = None) -> None:
        if done == 40 * total // 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(claim(), draws=60, store=tmp_path / "b", progress=tired)
    ran: list[int] = []
    watch_draws(monkeypatch, ran)
    resumed = check(claim(), draws=60, store=tmp_path / "b")[0]
    assert same(resumed, straight) and sorted(ran) == list(range(CHUNK, 60))


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "text", "shape"])
def test_a_damaged_file_is_run_again(damage: str) -> None:
    first = check(claim(), draws=30)[0]
    file = Path(first.folder) / "draws-000000.npz"
    good = file.read_bytes()
    bad = bytearray(good)
    bad[good.index(b"NUMPY") + 200] ^= 1  # in the numbers
    shape = io.BytesIO()
    np.savez(
        shape, stat=np.zeros((25, 1, 2)), seen=np.zeros((25, 1, 2)), others=np.zeros((25, 1))
    )  # two worlds, not three
    damaged = {"flip": bytes(bad), "cut": good[:400], "empty": b"", "text": b"nothing of the kind"}
    file.write_bytes((damaged | {"shape": shape.getvalue()})[damage])
    assert same(check(claim(), draws=30)[0], first) and file.read_bytes() == good


def test_draws_are_run_under_the_lock_of_their_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run, locks = claim_draws.run_draw, []

    @functools.wraps(run)
    def watched(plan: Any, d: int) -> Any:
        (lock,) = tmp_path.glob("claims/*/lock")
        with pytest.raises(Timeout):
            FileLock(lock).acquire(timeout=0)
        locks.append(lock)
        return run(plan, d)

    monkeypatch.setattr(claim_draws, "run_draw", watched)
    check(claim(), draws=3, store=tmp_path)
    assert len(locks) == 3
    with FileLock(locks[0]).acquire(timeout=0):  # and free again
        pass


def test_what_is_stored_is_found_without_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stored(claim()) == []
    first, other = check(claim(), draws=30)[0], check(claim(), draws=10, seed=5)[0]
    watch_draws(monkeypatch, None)
    found = {seed: result for result, seed, _ in stored(claim())}
    assert set(found) == {1, 5} and same(found[1], first) and same(found[5], other)
    assert stored(claim({"worlds": 4})) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seed": [1]}', '{"seed": true}'])
def test_a_folder_that_names_no_seed_hides_no_other(text: str) -> None:
    first = check(claim(), draws=10)[0]
    file = Path(first.folder).parent / "0000000000000000" / "experiment.json"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    ((found, seed, _),) = stored(claim())
    assert same(found, first) and seed == 1 and type(seed) is int


def test_progress_counts_worlds() -> None:
    told: list[tuple[int, int, str]] = []
    check(claim(), draws=30, progress=lambda *a: told.append(a))
    assert told[-1] == (90, 90, "C1") and [done for done, *_ in told] == sorted(done for done, *_ in told)
    arms = {"kind": "difference", "arms": {n: {"label": n} for n in "ab"}}
    check(claim(arms), draws=10, progress=lambda *a: told.append(a))
    assert told[-1] == (60, 60, "C1")


@pytest.mark.parametrize("how", [{"draws": 0}, {"draws": 10**6}, {"threads": 0}, {"seed": -1}])
def test_numbers_that_cant_be(how: dict[str, int]) -> None:
    with pytest.raises(BestowalError, match=f"{next(iter(how))} = .*: must be from"):
        check(claim(), **how)


# ----------------------------------------------------------------------------------------------------------------- arms


def test_every_arm_has_the_same_luck_and_each_draw_its_own() -> None:
    arms = {
        name: {"label": name, "values": {"drift": drift, "spread": 5.0}} for name, drift in (("a", 0.3), ("b", 0.1))
    }
    (result,) = check(claim({"kind": "difference", "arms": arms}))
    np.testing.assert_allclose(result.numbers, 2.0, atol=1e-9)  # ten years of 0.2: the luck cancels
    assert len(set(result.arms[0][1])) == 60
    assert np.std(result.arms[0][1]) > 0.1


def test_an_arm_overrides_the_draw_and_its_changes_begin_in_their_year() -> None:
    arms: dict[str, Any] = {
        "a": {"label": "a", "values": {"drift": 0.2, "spread": 0.0}},
        "b": {"label": "b", "values": {"drift": 0.2, "spread": 0.0}},
    }
    arms["b"]["changes"] = [{"year": 4, "values": {"drift": 0.0}}]
    (result,) = check(claim({"kind": "difference", "arms": arms}))
    np.testing.assert_allclose(result.arms[0][1], 2.0)
    np.testing.assert_allclose(result.arms[1][1], 0.8)
    assert set(result.points) == {"people"}  # what no arm leaves free decides nothing


def test_what_a_scenario_writes_is_not_drawn_and_an_arm_is_over_it(tmp_path: Path) -> None:
    """From the start, though it be the default (0.1 for the drift), or from some year on."""
    path = tmp_path / "w.toml"
    arms: dict[str, Any] = {
        "a": {"label": "a", "values": {"drift": 0.2, "spread": 0.0}},
        "b": {"label": "b", "values": {"spread": 0.0}},
    }
    started = "[values]\ndrift = 0.1\n"
    later = "[[changes]]\nyear = 5\nvalues.drift = 0.4\nvalues.spread = 0.0\n"
    for written, moved in ((started, 1.0), (later, 2.5)):
        path.write_text(f'model = "walk"\nyears = 10\n{written}')
        (result,) = check(claim({"scenario": str(path), "kind": "difference", "arms": arms}))
        np.testing.assert_allclose(result.arms[0][1], 2.0)
        np.testing.assert_allclose(result.arms[1][1], moved)
        assert set(result.points) == {"people"}


def test_a_sweep_holds_its_bundles_and_judges_the_best_on_fresh_worlds() -> None:
    sweep = {
        "kind": "sweep",
        "worlds": 4,
        "arms": {"a": {"label": "a", "values": {"people": 3}}},
        "levers": {"drift": [0.0, 0.5], "spread": [1.0, 2.0]},
        "bundles": 12,
        "holds": {"above": 4.0},
    }
    (result,) = check(claim(sweep), draws=30)
    fresh, chosen = (np.array(values) for _, values in result.arms)
    assert result.numbers == tuple(fresh) and set(result.points) == set()
    # Of 12 bundles the best has the most drift there is, but for (2/3)^12 = 0.8 % of draws, or much luck.
    assert np.median(fresh) > 4 and (fresh != chosen).all()
    # Chosen for its luck too, so better where it was chosen: 30 differences of sd about 1, one side nearly sure.
    assert (chosen - fresh).mean() > 0
    (again,) = check(claim({**sweep, "bundles": 13}), draws=30)
    assert (np.array(again.arms[1][1]) >= chosen).all()  # one more bundle is one more chance


SMALL_PRIOR = {"relapse": {"low": 0.05, "high": 0.75, "why": "x", "grade": "read"}}


@pytest.mark.society
def test_iso_refuses_arms_that_begin_with_unequal_weight_on_others(catalogue: Callable[..., None]) -> None:
    catalogue(SMALL_PRIOR, "society")
    effort = {"statistic": {"take": "mean", "observable": "effort"}, "kind": "difference"}
    equal = {"a": {"commitment": 0.0}, "b": {"commitment": 0.9}}
    more = {"a": {"founder_giver_share": 0.15}, "b": {"founder_giver_share": 0.9}}
    check(society(arms=equal, iso=True, **effort), draws=3)
    check(society(arms=more, **effort), draws=3)
    with pytest.raises(
        BestowalError, match=r"C1: iso = true, but at draw 0 arm 2 begins with 0\.\d+ of weight on others"
    ):
        check(society(arms=more, iso=True, **effort), draws=3)


# ----------------------------------------------------------------------------------------------------------- statistics


def course(*worlds: list[float]) -> np.ndarray:
    return np.array(worlds)[:, :, None]


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ({"take": "mean"}, [(8 + 6 + 3) / 3, 2.0, np.nan]),
        ({"take": "mean", "from": 1, "to": 2}, [4.5, 2.0, np.nan]),
        ({"take": "ratio"}, [np.nan, 1.0, np.nan]),
        ({"take": "ratio", "to": 2}, [3 / 8, 1.0, np.nan]),
        ({"take": "half_life"}, [2, 4, np.nan]),
        ({"take": "half_life", "from": 1}, [1, 3, np.nan]),
        ({"take": "half_life", "from": 2}, [1, 2, np.nan]),  # gone with those who gave
        ({"take": "half_life", "to": 1}, [2, 2, np.nan]),  # not yet: at least two
    ],
)
def test_a_statistic_of_worlds(what: dict[str, Any], found: list[float]) -> None:
    values = course([8.0, 6.0, 3.0, np.nan], [2.0, 2.0, 2.0, 2.0], [np.nan] * 4)
    statistic = Statistic.model_validate({"observable": "x", **what})
    np.testing.assert_array_equal(taken(statistic, values, {"x": 0}, None), found)


def test_years_standing_counts_years_with_half_of_the_communities() -> None:
    values = course([1.0, 0.5, 0.49, 0.0], [1.0, 1.0, 1.0, 1.0])
    statistic = Statistic.model_validate({"take": "years_standing"})
    np.testing.assert_array_equal(taken(statistic, values, {"standing": 0}, None), [2, 4])


MEASURED = "purity purity_without_glow scope unconditionality unwatched top_rung inclusion practising"
INTENTION = {*MEASURED.split(), "motive", "commitment", "breadth", "belief"}


def test_success_has_no_part_of_intention() -> None:
    """Taken out of the record, or filled with anything, the columns of intention change no success."""
    base = scenario("commune")
    asked = plain(base)
    names = [*{o.name for o in load("society").observables} | INTENTION]
    luck = np.random.default_rng(3)
    values = luck.uniform(0, 1, (400, base.years, len(names)))
    at = {name: i for i, name in enumerate(names)}
    for name in ("need_met", "output_ratio", "common_share"):
        values[:, :, at[name]] += 0.4
    values[:, :, at["pay_link"]] *= 0.9
    success = Statistic.model_validate({"take": "success"})
    found = taken(success, values, at, asked)
    assert 0.1 < found.mean() < 0.9
    without = {name: i for name, i in at.items() if name not in INTENTION}
    np.testing.assert_array_equal(taken(success, values, without, asked), found)
    values[:, :, [at[name] for name in INTENTION]] = np.nan
    np.testing.assert_array_equal(taken(success, values, at, asked), found)
    rules = " ".join(rule for part in DEFAULT_SUCCESS.values() for rule in part["all"])
    assert not any(name in rules for name in INTENTION)


@pytest.mark.society
def test_success_is_that_of_a_question_with_its_test(catalogue: Callable[..., None], tmp_path: Path) -> None:
    """Every part of a question's success, in the run of a question's test, world by world."""
    from bestowal.questions.question import tested
    from bestowal.simulation.engine import simulate
    from bestowal.simulation.store import run

    catalogue(SMALL_PRIOR, "society")
    base = defaults("society").clock(years=14, seed=5)
    base = base.but(n_communities=2, n_founded=2, n_places=30, n_founders=30, coercion=0.9, commitment=0.6)
    asked = plain(base)
    ran = run(tested(base, asked), 32, store=tmp_path)
    at = {o.name: i for i, o in enumerate(load("society").observables)}
    found = taken(Statistic.model_validate({"take": "success"}), simulate(tested(base, asked), range(32)), at, asked)
    np.testing.assert_array_equal(found, np.logical_and.reduce(list(successes(asked, ran).values())))
    assert tested(base, asked).spans[-1][0] == 4 and tested(base, asked).spans[-1][1].coercion == 0


@pytest.mark.parametrize("kind", ["level", "sweep"])
def test_success_in_an_arm_is_under_the_test_whatever_arm_or_bundle_set(
    catalogue: Callable[..., None], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Russia's history eases force in year 32; the arm doesn't; the test ends it ten years before the end."""
    catalogue(SMALL_PRIOR, "society")
    ran: list[Scenario] = []

    def fake(scenario: Scenario, worlds: range) -> np.ndarray:
        ran.extend([scenario] * bool(len(worlds)))
        return np.full((len(worlds), scenario.years, len(load("society").observables)), 0.5)

    monkeypatch.setattr(claim_draws, "simulate", fake)
    ways = {
        "level": {"arms": {"a": {"label": "a", "values": {"coercion": 0.9}}}},
        "sweep": {"arms": {}, "levers": {"coercion": [0.9, 0.9]}, "bundles": 3},
    }
    what = {"scenario": "russia", "years": 70, "worlds": 4, "statistic": {"take": "success"}, "holds": {"above": 0.5}}
    check(claim({**what, "kind": kind, **ways[kind]}), draws=2)
    assert len(ran) == {"level": 2, "sweep": 8}[kind]
    for made in ran:
        assert rows(made).coercion.tolist() == [0.9] * 60 + [0.0] * 10
        assert rows(made).exit_right.tolist() == [0.02] * 60 + [1.0] * 10


# -------------------------------------------------------------------------------------------------------------- numbers


def means(*draws: list[float]) -> np.ndarray:
    """Statistics of two worlds an arm with these means: (draws, arms, worlds)."""
    middle = np.array(draws)[:, :, None]
    return middle + np.array([-0.125, 0.125])


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("level", [5.0, 1.0, 2.0]),
        ("difference", [2.0, 0.0, 3.0]),
        ("quotient", [5 / 3, 1.0, np.nan]),
        ("kept", [2.0, np.nan, np.nan]),
        ("best", [1.0, 0.0, -1.0]),
        ("ablations", [0.5, np.nan, 1 / 3]),
        ("sweep", [5.0, 1.0, 2.0]),
        ("ceiling", [3.75, 1.0, 1.25]),
    ],
)
def test_a_number_of_arms(kind: str, found: list[float]) -> None:
    stat = means([5.0, 3.0, 4.0, 3.0], [1.0, 1.0, 1.0, 1.0], [2.0, -1.0, 1.0, 3.0])
    if kind == "kept":
        found = [(5 - 4) / (3 - 4) if 3 - 4 > 0.1 else np.nan, np.nan, np.nan]
    if kind == "ablations":
        found = [min(1 - (4 - 3) / 2, 1 - 0 / 2), np.nan, min(1 - 2 / 3, 1 - 4 / 3)]
    np.testing.assert_allclose(numbers(kind, stat, 0.1), found)


def test_what_is_kept_is_a_share_of_the_gain() -> None:
    np.testing.assert_allclose(numbers("kept", means([3.0, 5.0, 1.0], [3.0, 1.05, 1.0]), 0.1), [0.5, np.nan])


def test_an_arm_where_nobody_lives_leaves_no_number() -> None:
    stat = means([5.0, 3.0], [5.0, 3.0])
    stat[0, 0, :] = np.nan
    stat[1, 0, 0] = np.nan
    np.testing.assert_allclose(numbers("difference", stat, 0.1), [np.nan, 2.125])


def test_noise_is_the_standard_error_of_a_mean() -> None:
    """For a level, the jackknife is the textbook's standard error."""
    stat = np.random.default_rng(1).normal(0, 1, (1, 1, 12))
    assert noise("level", stat, 0.0) == pytest.approx(stat.std(ddof=1) / math.sqrt(12))
    assert noise("level", stat[:, :, :1], 0.0) is None


# ------------------------------------------------------------------------------------------------------------- verdicts


def judged(found: list[float] | np.ndarray, zeros: tuple[str, ...] = (), **points: Any) -> Judgement:
    points = {name: np.asarray(values, dtype=float) for name, values in points.items()}
    return judge(np.asarray(found, dtype=float), points, zeros, Holds(above=0.0), 0.1)


@pytest.mark.parametrize(
    ("held", "n", "verdict"),
    [
        (60, 60, "supported in the model"),
        (200 - 52, 200, "supported in the model"),  # Wilson [0.676, 0.796]
        (200 - 55, 200, "not decided"),  # [0.659, 0.782]: the interval holds 2/3
        (55, 200, "not decided"),
        (52, 200, "contradicted in the model"),
        (100, 200, "not decided"),
        (3, 3, "not decided"),  # three draws say nothing
        (0, 0, "not decided"),
    ],
)
def test_a_verdict_needs_the_whole_interval(held: int, n: int, verdict: str) -> None:
    found = judged([1.0] * held + [-1.0] * (n - held))
    assert found.verdict == verdict and found.share == proportion(held, n)


def test_draws_without_a_number_are_left_out_of_the_share() -> None:
    found = judged([1.0, np.nan] * 60, x=[0.0, 1.0] * 60)
    assert found.share.n == 60 and found.verdict == "supported in the model" and found.split is None


def test_a_draw_whose_arms_are_the_same_in_every_world_is_not_counted_against() -> None:
    """C23's kind: a success seldom reached, and the change in favour wherever the arms differ at all."""
    both = np.zeros((10, 3, 4))
    both[7:, 0] = 1.0  # three draws are informative, all in favour; the third arm is not compared
    both[:, 2] = 5.0
    assert tied("difference", both).tolist() == [True] * 7 + [False] * 3
    assert not tied("best", both).any() and not tied("level", both).any()
    both[0, 1] = [1.0, 0.0, 0.0, 0.0]
    both[0, 0] = [0.0, 1.0, 0.0, 0.0]  # the same mean, of other worlds: no tie
    assert not tied("difference", both)[0]


def test_ties_make_no_verdict() -> None:
    """No world differs: neither for a difference, where ties would speak against it, nor of one that must be small."""
    same = {"a": {"label": "a", "values": {"drift": 0.2}}, "b": {"label": "b", "values": {"drift": 0.2}}}
    (result,) = check(claim({"kind": "difference", "arms": same, "holds": {"above": 0.1}}))
    assert (result.verdict, result.left_out) == ("not decided", 60)
    assert "60 further draws are left out because all worlds are identical in the arms" in result.because
    (small,) = check(claim({"kind": "difference", "arms": same, "holds": {"below": 0.1}}))
    assert (small.verdict, small.left_out) == ("supported in the model", 0)


def test_the_share_near_the_threshold() -> None:
    assert judged([0.05, -0.1, 0.2, 5.0]).near == 0.5
    both = Holds(above=0.0, below=1.0)
    assert judge(np.array([0.05, 0.5, 0.95, 1.05]), {}, (), both, 0.1).near == 0.75
    assert both.at(np.array([-1.0, 0.0, 0.5, 1.0, np.nan])).tolist() == [False, False, True, False, False]


def test_the_threshold_in_words() -> None:
    assert Holds(above=0.0).asks == "above 0" and Holds(below=-0.25).asks == "below -0.25"
    assert Holds(above=-0.1, below=0.3).asks == "above -0.1 and below 0.3"


def test_a_split_at_the_median_and_one_at_zero() -> None:
    x = np.arange(100.0)
    found = judged(np.where(x < 50, -1.0, 1.0), x=x, y=x % 7)
    assert found.split is not None and (found.split.parameter, found.split.at) == ("x", 49.5)
    assert (found.split.below, found.split.above) == (proportion(0, 50), proportion(50, 50)) and found.tried == 2
    z = np.where(x % 4 < 3, 0.0, x)  # three quarters are zero: the median too
    zero = judged(np.where(z == 0, 1.0, -1.0) * np.where(x % 5, 1, -1), zeros=("z",), z=z)
    assert zero.verdict is Verdict.DEPENDS and zero.split is not None
    assert (zero.split.parameter, zero.split.at) == ("z", 0)
    assert zero.split.below.n == 75 and zero.split.above.n == 25


def test_a_split_within_the_limits_is_none() -> None:
    """0.36 and 0.64 differ beyond doubt, but neither side is told by it."""
    x = np.arange(1000.0)
    found = judged(np.where((x * 7919 % 100) / 100 < np.where(x < 500, 0.36, 0.64), 1.0, -1.0), x=x)
    assert found.split is None and found.verdict == "not decided"


def test_noise_is_rarely_said_to_depend_on_anything() -> None:
    """With ten parameters that do nothing, in 150 trials: at most 5 %, and 13 more is five standard errors."""
    luck = np.random.default_rng(0)
    said = 0
    for _ in range(150):
        points = {f"x{i}": luck.uniform(size=60) for i in range(10)}
        said += judged(luck.normal(0.2, 1, 60), **points).verdict is Verdict.DEPENDS
    assert said <= 7.5 + 13


@pytest.mark.parametrize(
    ("share", "low", "high", "needed"), [(0.75, 0.6, 0.85, 670), (0.2, 0.1, 0.3, 120), (0.5, 0.4, 0.6, None)]
)
def test_how_many_draws_would_decide(share: float, low: float, high: float, needed: int | None) -> None:
    assert draws_to_decide(Interval(share, low, high, 100)) == needed


# ------------------------------------------------------------------------------------------ planted claims, by the code


def test_a_claim_right_by_construction_is_supported_and_its_negation_contradicted() -> None:
    arms = {"a": {"label": "faster", "values": {"drift": 0.3}}, "b": {"label": "slower", "values": {"drift": 0.2}}}
    for holds, verdict in (({"above": 0.5}, "supported"), ({"below": 0.5}, "contradicted")):
        (result,) = check(claim({"kind": "difference", "arms": arms, "holds": holds}))
        assert result.verdict == f"{verdict} in the model" and result.left_out == 0
        assert result.number is not None and result.number.estimate == pytest.approx(1.0)


def test_a_claim_that_hangs_on_a_parameter_by_construction_depends_on_it() -> None:
    for holds in ({"above": 0.0}, {"below": 0.0}):
        (result,) = check(claim({"holds": holds}))
        assert (result.verdict, result.phrase) == (Verdict.DEPENDS, "depends on drift")
        assert result.split is not None and abs(result.split.at) < 0.3
        assert "where drift ≤" in result.because


def test_a_claim_about_luck_alone_is_not_decided() -> None:
    """Over 20 seeds; each may be wrong once in 20 (a split) or so (a share), and 6 of them in one run in 3000."""
    arms = {"a": {"label": "a", "values": {"drift": 0.0, "spread": 5.0, "people": 3}}}
    verdicts = [check(claim({"arms": arms}), draws=40, seed=seed)[0].verdict for seed in range(20)]
    assert verdicts.count("not decided") >= 15
    assert "supported in the model" not in verdicts and "contradicted in the model" not in verdicts


def test_names_of_arms_decide_nothing(tmp_path: Path) -> None:
    """Renamed at random, with other labels and other words around them: the same numbers, verdict and key."""
    values = [{"drift": 0.3}, {}, {"spread": 0.0}, {"people": 9}]
    luck = random.Random(4)

    def named(kind: str, names: list[str]) -> SourceClaim:
        arms = {name: {"label": name[::-1], "values": own} for name, own in zip(names, values, strict=True)}
        return claim({"kind": kind, "arms": arms}, claim=luck.choice(["Up.", "Down."]), rival=names[0])

    for kind in ("level", "difference", "quotient", "kept", "best", "ablations"):
        plainly = check(named(kind, ["method", "nothing", "placebo", "rival"]), draws=30, store=tmp_path / "a")[0]
        for _ in range(3):
            names = ["".join(luck.choices("abcdefghij", k=8)) for _ in values]
            assert same(check(named(kind, names), draws=30)[0], plainly)


def test_the_key_follows_what_decides_and_nothing_else() -> None:
    (first,) = check(claim(), draws=5)
    others = [
        claim({"holds": {"above": 0.1}}),
        claim({"matters": 0.06}),
        claim({"worlds": 4}),
        claim({"years": 11}),
        claim({"statistic": {"take": "mean", "observable": "ahead", "from": 9}}),
        claim({"arms": {"only": {"label": "as it is", "values": {"people": 5}}}}),
    ]
    keys = [check(other, draws=5)[0].key for other in others]
    keys += [check(claim(), draws=6)[0].key, check(claim(), draws=5, seed=2)[0].key]
    assert len({first.key, *keys}) == len(keys) + 1
    assert check(claim(reading="put otherwise", theme="3.3"), draws=5)[0].key == first.key


# ---------------------------------------------------------------------------------------------------------- the command


def call(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def two(tmp_path: Path, catalogue: Callable[..., None]) -> None:
    written(tmp_path, {**HEAD, "experiment": LEVEL})
    written(tmp_path, {**HEAD, "id": "C16", "status": "N", "why_not": "It is a goal.", "claim": "It must be."}, "C16")


@pytest.mark.usefixtures("two")
def test_check_source_prints_a_table_and_counts_verdicts() -> None:
    done = call("check", "source", "--draws", "40")
    assert done.exit_code == 0, done.output
    assert (
        "depends on drift" in done.output
        and "not a testable claim" in done.output
        and "People get ahead." in done.output
    )
    assert "2 claims: 1 depends on a parameter, 1 not a testable claim" in done.output
    assert "People of walk: drawn from the prior; none were measured (C1)\n" in done.output
    assert "somebody" not in done.output


@pytest.mark.usefixtures("two")
def test_one_claim_in_full_with_its_figure() -> None:
    done = call("check", "source", "--claim", "C1", "--draws", "40")
    assert done.exit_code == 0, done.output
    for word in ("the mean place after ten years", "somebody", "they do not", "another drift", "a line", "of 40 draws"):
        assert word in done.output
    (path,) = [line.removeprefix("figure: ") for line in done.output.splitlines() if line.startswith("figure: ")]
    svg = Path(path).read_text(encoding="utf-8")
    assert path.endswith("C1.svg") and "as it is" in svg and "var(--" not in svg
    call("check", "source", "--claim", "C1", "--draws", "40")
    assert Path(path).read_text(encoding="utf-8") == svg
    untestable = call("check", "source", "--claim", "C16")
    assert untestable.exit_code == 0 and "It is a goal." in untestable.output and "figure" not in untestable.output


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["source", "--claim", "C61"], 'there is no such claim of the source; did you mean "C1'),
        (["riolo_2001", "--claim", "C1"], "riolo_2001: there is no claim 'C1'"),
        (["--draws", "5"], "--draws: goes with `bestowal check source`"),
        (["source", "--draws", "0"], "draws = 0: must be from 1 to"),
    ],
)
def test_what_the_command_complains_of(words: list[str], said: str) -> None:
    done = call("check", *words)
    assert done.exit_code == 2 and said in done.stderr and done.stderr.count("\n") == 1


# -------------------------------------------------------------------------------------------------------- the catalogue


def test_the_catalogue_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    found = source_claims()
    assert len({c.id for c in found}) == len(found)
    for file in sorted(claim_file.CATALOGUE.glob("*.toml")):
        assert tomllib.loads(file.read_text(encoding="utf-8"))["id"]
