"""Questions: what a file may say, what is run for it, what the runs amount to, and how the answer is kept."""

import csv
import html
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import fabricate
import numpy as np
import pytest
import xarray as xr
from pydantic import TypeAdapter

from bestowal.core.errors import BestowalError
from bestowal.questions import levers
from bestowal.questions.answer import Answer, tells
from bestowal.questions.answer_files import DATA, SUMS
from bestowal.questions.ask import ask, question, questions
from bestowal.questions.judging import answered
from bestowal.questions.question import HISTORY, TESTED, Question, runs
from bestowal.questions.success import end_of, fell, successes
from bestowal.report import answer_page as report
from bestowal.simulation.scenario import Scenario, key, rows
from bestowal.statistics.intervals import Interval


def edited(file: Path, old: str, new: str) -> Path:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


# ------------------------------------------------------------------------------------------------------------ the file


@pytest.mark.parametrize("name", questions())
def test_what_is_kept_of_a_question_asks_the_same_again(name: str) -> None:
    asked, base = question(name)
    kept = TypeAdapter(Question).validate_json(TypeAdapter(Question).dump_json(asked))
    assert kept == asked
    assert [key(arm) for arm in runs(kept, base).values()] == [key(arm) for arm in runs(asked, base).values()]


@pytest.mark.parametrize("name", questions())
def test_the_catalogue_reads_and_every_lever_changes_something(name: str) -> None:
    asked, base = question(name)
    assert asked.name == name
    assert asked.horizon == base.years
    assert {lever.group for lever in asked.levers} >= {"motive", "institution", "surroundings"}
    assert [part.name for part in asked.success] == ["standing", "sharing", "need", "output"]
    everything = next(lever for lever in asked.levers if lever.name == "everything")
    assert everything.together == [lever.name for lever in asked.levers if not lever.together]


def test_the_catalogue_asks_the_defaults_of_the_design(file: Path) -> None:
    """Who leaves success and test out of a file asks what the catalogue asks, but for how it is put."""
    plain, _ = question(file)
    russia, _ = question("russia")
    assert [part.conditions for part in plain.success] == [part.conditions for part in russia.success]
    assert [part.when for part in plain.success] == [part.when for part in russia.success]
    assert plain.test.values == russia.test.values == {"coercion": 0, "exit_right": 1}
    assert (russia.worlds, russia.horizon - russia.test.year, plain.horizon - plain.test.year) == (400, 10, 10)


def test_russia_asks_the_two_questions_of_the_source_in_its_words() -> None:
    assert question("russia")[0].words == (
        "Why has Russia failed to build a society based on love for others? Could have they done something in a "
        "different way for this experiment to be successful?"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "values.commitment",
            "values.comitment",
            'levers "commitment".values: comitment: unknown parameter.*"commitment"',
        ),
        (
            "commitment = 0.5",
            "commitment = 1.5",
            'levers "commitment".values: commitment = 1.5: must be .* from 0 to 1',
        ),
        ("year = 5", "year = 30", 'levers "guarantee".year: must be a whole number from 0 to 29, not 30'),
        ("year = 5", "year = 5.0", "year: must be a whole number"),
        ("year = 5", "yaer = 5", 'levers "guarantee".yaer: no such key here; did you mean "year"'),
        ('group = "institution"', 'group = "institutoin"', 'group: must be one of motive.*did you mean "institution"'),
        ('name = "givers"', 'name = "commitment"', "is taken by an earlier lever"),
        ('name = "givers"', 'name = "motive"', "no group's name"),
        ('name = "givers"', 'name = "More!"', "small letters"),
        ('label = "More givers"\n', "", 'levers "givers".label: is missing'),
        ("values.giver_share = 0.6", "values = {}", "values: is empty"),
        ("values.giver_share = 0.6", "values = 3", "values: must be a table, not 3"),
        ('together = ["motive"]', 'together = ["comitment"]', 'no single lever "comitment".*"commitment"'),
        ('together = ["motive"]', 'together = ["commitment"]', "a bundle needs at least two levers"),
        ('words = "Why did it fail?"\n', "", "words: is missing"),
        ("values.giver_share = 0.6", 'values.giver_share = 0.6\ntogether = ["motive"]', "values: a bundle takes its"),
        ("words =", "wrods =", 'wrods: no such key here; did you mean "words"'),
        ("\nworlds = 60", "\nworlds = 0", "worlds: must be a whole number from 1"),
        ("\nworlds = 60", "\nworlds = true", "worlds: must be a whole number from 1 to 10000000, not true"),
        ("\nworlds = 60", "\nworlds = 60\ntarget = 1.2", "target: must be a number between 0 and 1, not 1.2"),
        ("most_worlds = 60", "most_worlds = 59", "most_worlds: must be a whole number from 60 "),
        ("\nworlds = 60", "\nworlds = 60\nagainst = 'kibuz'", 'against: there is no scenario .*"kibbutz"|kibbutz'),
        ("\nworlds = 60", "\nworlds = 60\nagainst = 'sen_1966'", 'against: "sen_1966" is of model "sen_1966"'),
        ("values.giver_share = 0.6", "values.giver_share = 0.6\nweight = 0", "weight: must be a number above 0"),
        ("values.giver_share = 0.6", "values.giver_share = 0.6\nnot_offered = 1", "not_offered: must be true or false"),
        ("\nmost_worlds = 60", "\nmatters = 0", "matters: must be a number between 0 and 1"),
        ("\nmost_worlds = 60", "\nhorizon = 1", "horizon: must be a whole number from 2"),
        ("\nmost_worlds = 60", "\nhorizon = 65537", "horizon: must be a whole number from 2 to 65536, not 65537"),
        ("\nmost_worlds = 60", "\ntest.years = 30", "test.years: must be a whole number from 1 to 29"),
        ("\nmost_worlds = 60", "\ntest.values.coersion = 0", 'test.values: coersion: unknown parameter.*"coercion"'),
        (
            "most_worlds = 60",
            'success.a = {label = "a", all = ["standin >= 1"]}',
            'success.a.all: .*no "standin".*"standing"',
        ),
        ("most_worlds = 60", 'success.a = {label = "a", all = ["standing > 1"]}', "success.a.all: must read like"),
        ("most_worlds = 60", 'success.a = {label = "a"}', "success.a.all: is missing"),
        (
            "most_worlds = 60",
            'success.a = {label = "a", when = "now", all = ["gini <= 1"]}',
            'success.a.when: must be "last',
        ),
        ("\nmost_worlds = 60", "\nsuccess = {}", "success: has no part"),
        (
            "most_worlds = 60",
            'success.a = {label = "a", all = ["need_met >= 1.9"]}',
            'success.a.all: "need_met >= 1.9" can\'t be met: it lies between 0 and 1',
        ),
        (
            "most_worlds = 60",
            'success.a = {label = "a", all = ["gini <= 0.3"]}\nsuccess.b = {label = "b", all = ["gini >= 0.4"]}',
            'success.b.all: "gini >= 0.4" can\'t be met: what is asked before leaves it between 0 and 0.3',
        ),
        (
            "values.giver_share = 0.6",
            "values.giver_share = 0.6\nsmallest_size = 1.5",
            "smallest_size: must be a number between 0 and 1",
        ),
        ('together = ["motive"]', 'together = ["motive"]\nsmallest_size = 0.5', "smallest_size: a bundle takes its"),
        (
            "year = 5",
            "year = -1",
            'levers "guarantee".year: must be a whole number from 0 to one less than the hor.*not -1',
        ),
        (
            "most_worlds = 60",
            "most_worlds = true",
            "most_worlds: must be a whole number from that of worlds to 1.*not true",
        ),
        ("most_worlds = 60", 'success.title = "a"', 'success.title: must be a table, not "a"'),
        (
            "most_worlds = 60",
            'success.success = {label = "a", all = ["gini <= 1"]}',
            "success: is the name of the whole",
        ),
        (
            "most_worlds = 60",
            'success.a = {label = "a", all = []}',
            r"success.a.all: must be a list such as .*not \[\]",
        ),
        ("most_worlds = 60", 'success.a = {label = "a", al = ["gini <= 1"]}', 'success.a.al: no such .* mean "all"'),
        ("most_worlds = 60", "test.yaers = 3", 'test.yaers: no such key here; did you mean "years"'),
        ('words = "Why did it fail?"', 'words = " "', 'words: must be text, not " "'),
        (
            'together = ["motive"]',
            'together = ["motive", 3]',
            r'together: must be a list of names, not \["motive", 3\]',
        ),
        (
            'group = "institution"',
            'group = "mixed"',
            'group: must be one of motive, .*not "mixed", which is for bundles',
        ),
        ("\nworlds = 60", "\nworlds = ", "not TOML"),
        ("history.toml", "nowhere.toml", "scenario: there is no file"),
        ('"history.toml"', '"rusia"', 'scenario: there is no scenario .*"russia"'),
    ],
)
def test_a_mistake_is_named_in_one_line(old: str, new: str, message: str, file: Path) -> None:
    with pytest.raises(BestowalError, match=message) as raised:
        question(edited(file, old, new))
    assert str(raised.value).startswith(f"{file}: ")
    assert "\n" not in str(raised.value)


def test_bounds_of_other_years_do_not_contradict(file: Path) -> None:
    both = """success.a = {label = "a", all = ["gini <= 0.3"]}
success.b = {label = "b", when = "last year", all = ["gini >= 0.4"]}"""
    assert len(question(edited(file, "most_worlds = 60", both))[0].success) == 2


def test_levers_of_a_bundle_may_not_set_the_same_parameter(file: Path) -> None:
    edited(file, "values.giver_share = 0.6", "values.commitment = 0.6")
    with pytest.raises(BestowalError, match='together: "commitment" and "givers" both set commitment'):
        question(file)


def test_a_question_that_is_not_there() -> None:
    with pytest.raises(BestowalError, match='no question "rusia"; did you mean "russia"'):
        question("rusia")
    with pytest.raises(BestowalError, match=r"there is no file nowhere\.toml"):
        question("nowhere.toml")


# ------------------------------------------------------------------------------------------------------- what is run


def test_a_lever_holds_whatever_history_does_later(file: Path) -> None:
    arms = runs(*question(file))
    assert (rows(arms["no_force"])["coercion"] == 0).all()
    assert (rows(arms["no_force"])["threat"][8:] == 0.5).all()  # the rest of that change of history stays
    assert (rows(arms["guarantee"])["guarantee"] == [0] * 5 + [1] * 25).all()


def test_the_test_is_in_every_arm_but_history_as_it_was_and_only_at_the_end(file: Path) -> None:
    arms = runs(*question(file))
    assert rows(arms[HISTORY])["coercion"].tolist() == [0.6] * 8 + [0.8] * 22
    assert rows(arms[HISTORY])["exit_right"].tolist() == [0.0] * 25 + [0.3] * 5
    for name, arm in arms.items():
        at = rows(arm)
        if name != HISTORY:
            assert (at["coercion"][20:] == 0).all()
            assert (at["exit_right"][20:] == 1).all()  # history's own change of year 25 doesn't undo it
            assert (at["exit_right"][:20] == 0).all()
    assert (rows(arms[TESTED])["coercion"][:20] == rows(arms[HISTORY])["coercion"][:20]).all()


def test_a_bundle_is_all_its_levers(file: Path) -> None:
    at = rows(runs(*question(file))["all_motive"])
    assert (at["commitment"] == 0.5).all()
    assert (at["giver_share"] == 0.6).all()
    assert (at["coercion"][:8] == 0.6).all()


# -------------------------------------------------------------------------------------------------- what it amounts to


def ended(run: xr.Dataset, stands: np.ndarray) -> xr.Dataset:
    """The run, but standing at the end as said, and otherwise a success."""
    whole = {name: xr.zeros_like(run[name]) + 1 for name in ("standing", "need_met", "output_ratio", "common_share")}
    whole["pay_link"] = xr.zeros_like(run["pay_link"])
    out = run.assign({name: values.assign_attrs(run[name].attrs) for name, values in whole.items()})
    out["standing"][:, -1] = stands.astype(float)
    return out


@pytest.fixture
def asked(file: Path) -> tuple[Question, Scenario]:
    return question(file)


def judged(asked: tuple[Question, Scenario], stands: dict[str, np.ndarray]) -> Answer:
    """The answer where the worlds that succeed in each run are as said; all fail where nothing is said."""
    arms = runs(*asked)
    n = len(next(iter(stands.values())))
    nobody = np.zeros(n, dtype=bool)
    data = {name: ended(fabricate.run(arm, n), stands.get(name, nobody)) for name, arm in arms.items()}
    return answered(*asked, data, {name: key(arm) for name, arm in arms.items()})


def test_former_keys_of_a_lever_are_read_with_a_warning(file: Path) -> None:
    text = file.read_text()
    table = "values.giver_share = 0.6\n"
    assert table in text
    file.write_text(text.replace(table, f"{table}not_offered = true\nsmallest_size = 0.5\n"))
    asked, _ = question(file)
    assert [(lever.forbidden, lever.least) for lever in asked.levers].count((True, 0.5)) == 1
    file.write_text(text.replace(table, f"{table}forbidden = true\nsmallest_size = 0.5\n"))
    with pytest.warns(FutureWarning, match="forbidden: is now called not_offered"):
        assert question(file)[0] == asked
    file.write_text(text.replace(table, f"{table}not_offered = true\nleast = 0.5\n"))
    with pytest.warns(FutureWarning, match="least: is now called smallest_size"):
        assert question(file)[0] == asked
    file.write_text(text.replace(table, f"{table}least = 0.5\nsmallest_size = 0.5\n"))
    with pytest.raises(BestowalError, match="least: is the former name of smallest_size, which is set too"):
        question(file)


def test_a_lever_that_the_members_overrule_says_what_was_in_force(file: Path) -> None:
    lever = '[[levers]]\nname = "pay"\nlabel = "Pay by work"\ngroup = "institution"\nyear = 4\nvalues.pay_link = 0.4\n'
    votes = 'values.vote_every = 3\n[[levers]]\nname = "commitment"'
    text = fabricate.QUESTION_TOML.replace('[[levers]]\nname = "commitment"', lever + votes, 1)
    file.write_text(text, encoding="utf-8")
    asked, base = question(file)
    arms = runs(asked, base)
    # Told apart by the year alone: 0.4 is in force from the lever's year, 1904, and voted away in 1910.
    data = {name: ended(fabricate.run(arm, 4), np.ones(4, dtype=bool)) for name, arm in arms.items()}
    data["pay"]["pay_link"][:, 4:10] = 0.4
    levers = {lever.name: lever for lever in answered(asked, base, data, {n: key(a) for n, a in arms.items()}).levers}
    assert levers["pay"].not_held == [
        "pay_link = 0.4 from 1904 did not hold: in force 0.4 in 1904, 0 in 1910, 0 in 1929; "
        "vote_every = 3 lets it change, vote_every = 0 stops that"
    ]
    assert levers["commitment"].not_held == []


def test_sufficiency_and_necessity_are_counted_over_the_right_worlds(asked: tuple[Question, Scenario]) -> None:
    # 100 worlds: both 10, gained 30, lost 5, neither 55.
    before = np.repeat([True, False, True, False], [10, 30, 5, 55])
    after = np.repeat([True, True, False, False], [10, 30, 5, 55])
    got = judged(asked, {TESTED: before, "commitment": after})
    lever = got.levers[0]
    assert (lever.both, lever.gained, lever.lost, lever.neither) == (10, 30, 5, 55)
    assert (got.success.estimate, lever.success.estimate) == (0.15, 0.40)
    assert lever.effect.estimate == pytest.approx(0.25)
    assert lever.reading == "raises"
    assert (lever.sufficiency.estimate, lever.sufficiency.n) == (pytest.approx(30 / 85), 85)
    assert (lever.necessity.estimate, lever.necessity.n) == (pytest.approx(30 / 40), 40)


def test_nothing_is_told_from_no_worlds_or_too_few(asked: tuple[Question, Scenario]) -> None:
    few = np.arange(100) < 2
    got = judged(asked, {TESTED: np.zeros(100, dtype=bool), "commitment": few})
    by_name = {lever.name: lever for lever in got.levers}
    assert by_name["givers"].necessity.n == 0
    assert not tells(by_name["givers"].necessity)
    assert not tells(by_name["commitment"].necessity)  # 2 of 2
    assert tells(by_name["commitment"].sufficiency)
    open_points = " / ".join(point.what for point in got.undecided)
    assert "necessity (too few worlds to judge by) of “More commitment”" in open_points
    assert "necessity (no world succeeded with the change) of every change but “More commitment”" in open_points


def test_the_best_single_lever_is_named_only_if_its_lead_excludes_nothing(asked: tuple[Question, Scenario]) -> None:
    n = np.arange(100)
    clear = judged(asked, {TESTED: n < 5, "commitment": n < 60, "givers": n < 20, "all_motive": n < 99})
    best = {result.group: result for result in clear.best}
    assert (best["motive"].status, best["motive"].names) == ("best", ["commitment"])  # and never the bundle
    assert best["motive"].runner_up == "givers"
    assert best["motive"].lead is not None and best["motive"].lead.estimate == pytest.approx(0.4)
    assert (best["institution"].status, best["institution"].names) == ("none", [])

    close = judged(asked, {TESTED: n < 5, "commitment": n < 40, "givers": (n + 3) % 100 < 39})
    best = {result.group: result for result in close.best}
    assert (best["motive"].status, best["motive"].names) == ("tied", ["commitment", "givers"])
    assert any(point.what.startswith("which single change of motive does most") for point in close.undecided)


def test_the_best_of_many_allows_for_many(asked: tuple[Question, Scenario]) -> None:
    """A lead whose own 95 % interval excludes 0 isn't enough with two rivals: the level is Bonferroni's."""
    question_, base = asked
    third = replace(
        question_.levers[1], name="third", label="A third", moments=[replace(question_.levers[1].moments[0])]
    )
    moment = replace(third.moments[0], values={"breadth": 0.9})
    question_ = replace(question_, levers=[*question_.levers, replace(third, moments=[moment])])
    n = np.arange(200)
    top, rival = n < 60, (n >= 8) & (n < 60) | (n >= 199)
    from bestowal.statistics.intervals import paired_difference

    assert paired_difference(rival, top).excludes(0)
    assert not paired_difference(rival, top, 0.975).excludes(0)
    got = judged((question_, base), {TESTED: n < 0, "commitment": top, "givers": rival, "third": n < 2})
    assert {result.group: result for result in got.best}["motive"].names == ["commitment", "givers"]


def test_an_effect_says_only_what_its_interval_carries() -> None:
    assert levers.read(Interval(0.1, 0.02, 0.2, 99), 0.05) == "raises"
    assert levers.read(Interval(-0.1, -0.2, -0.02, 99), 0.05) == "lowers"
    assert levers.read(Interval(0.0, -0.04, 0.04, 99), 0.05) == "no difference that matters"
    assert levers.read(Interval(0.0, -0.04, 0.06, 99), 0.05) == "not decided"
    assert levers.read(Interval(None, None, None, 0), 0.05) == "not decided"


def test_success_is_every_part_at_its_own_time(asked: tuple[Question, Scenario]) -> None:
    question_, base = asked
    run = ended(fabricate.run(base, 6), np.ones(6, dtype=bool))
    run["standing"][0, :-1] = 0.0  # stands in the last year, which is what counts
    run["need_met"][1, 20:] = [0.79] * 5 + [1.0] * 5  # a mean of 0.895
    run["need_met"][2, 20:] = [0.80] * 5 + [1.0] * 5  # a mean of 0.9
    run["output_ratio"][3, :20] = 0.0  # before the last ten years
    for name in ("need_met", "output_ratio", "pay_link", "common_share"):
        run[name][4, 20:] = np.nan  # nobody lives
    run["pay_link"][5, :] = 0.51
    met = successes(question_, run)
    assert np.logical_and.reduce(list(met.values())).tolist() == [True, False, True, True, False, False]
    assert not any(met[name][4] for name in ("need", "output", "sharing"))
    assert met["sharing"].tolist() == [True, True, True, True, False, False]


def test_years_standing_end_with_the_first_fall(asked: tuple[Question, Scenario]) -> None:
    question_, base = asked
    run = fabricate.run(base, 3)
    run["standing"][:] = 1.0
    run["standing"][1, 12:] = 0.4
    run["standing"][2, 0] = 0.0  # and stands up again: it has fallen
    years, ever = fell(question_, run)
    assert years.tolist() == [30, 12, 0]
    assert ever.tolist() == [False, True, True]


def test_history_is_judged_with_the_test_and_its_years_without(file: Path) -> None:
    asked, base = question(file)
    arms = runs(asked, base)
    n = 40
    data = {name: fabricate.run(arm, n) for name, arm in arms.items()}
    data[HISTORY] = ended(data[HISTORY], np.ones(n, dtype=bool))
    data[TESTED] = ended(data[TESTED], np.arange(n) < 10)
    got = answered(asked, base, data, {name: key(arm) for name, arm in arms.items()})
    assert got.success.estimate == 0.25
    assert got.standing.median is None and got.standing.ended == 0
    standing = next(measure for measure in got.measures if measure.name == "standing")
    assert standing.mean.estimate == 0.25
    assert [measure.name for measure in got.measures] == [
        *("standing", "output_ratio", "need_met", "gini", "harm", "gifts")
    ]


def test_end_numbers_leave_out_years_when_nobody_lives(asked: tuple[Question, Scenario]) -> None:
    question_, base = asked
    run = fabricate.run(base, 2)
    run["gini"][0, 20:] = [0.2] * 4 + [np.nan] * 6
    run["gini"][1, 20:] = np.nan
    np.testing.assert_allclose(end_of(run, "gini", "last years", question_), [0.2, np.nan])


# ------------------------------------------------------------------------------------------------- asking and keeping


def test_a_second_asking_runs_nothing_and_says_the_same(file: Path, made_up: list[str], tmp_path: Path) -> None:
    first = ask(file, store=tmp_path / "store")
    assert len(made_up) == 8  # history twice and six levers
    again = ask(file, 60, store=tmp_path / "store")
    assert len(made_up) == 8
    assert replace(again, command=first.command) == first
    assert again.said == []
    assert first.command == f"bestowal ask {file}" and again.command == f"bestowal ask {file} --worlds 60"


@pytest.mark.slow
def test_the_id_follows_the_content(file: Path, made_up: list[str], tmp_path: Path) -> None:
    ids = [ask(file, store=tmp_path).id]
    edited(file, "[[levers]]", "# a remark\n[[levers]]")
    assert ask(file, store=tmp_path).id == ids[0]
    ids.append(ask(file, 61, store=tmp_path).id)
    edited(file, '"More givers"', '"Many more givers"')
    ids.append(ask(file, store=tmp_path).id)
    edited(tmp_path / "history.toml", "seed = 5", "seed = 6")
    ids.append(ask(file, store=tmp_path).id)
    assert len(set(ids)) == 4


@pytest.mark.parametrize("name", [*DATA, SUMS])
@pytest.mark.parametrize("damage", ["gone", "cut", "changed"])
def test_a_damaged_answer_is_worked_out_again(
    name: str, damage: str, file: Path, made_up: list[str], tmp_path: Path
) -> None:
    first = ask(file, store=tmp_path)
    hurt = Path(first.folder) / name
    whole = hurt.read_bytes()
    if damage == "gone":
        hurt.unlink()
    else:
        hurt.write_bytes(whole[:-20] if damage == "cut" else whole.replace(b"0", b"1", 1))
    before = len(made_up)
    again = ask(file, store=tmp_path)
    assert len(made_up) > before
    assert hurt.read_bytes() == whole
    assert again.said == [f"{first.folder}: damaged or unfinished, so it was worked out again"]
    assert replace(again, said=[]) == first


def test_half_an_answer_is_never_there(file: Path, made_up: list[str], tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """A full disk at any file leaves no answer that reads as one, no scrap, and one line."""
    real, calls = Path.replace, iter(range(99))

    def full(source: Path, target: Path) -> None:
        if next(calls) == 2:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BestowalError, match="can't be written: No space left on device"):
        ask(file, store=tmp_path / "store")
    folder = next((tmp_path / "store" / "answers").iterdir())
    assert sorted(path.name for path in folder.iterdir()) == ["answer.json", "worlds.csv"]
    assert ask(file, store=tmp_path / "store").said  # and it is worked out again
    assert sorted(path.name for path in folder.iterdir()) == sorted([*DATA, SUMS])


def test_progress_counts_all_runs_as_one(file: Path, made_up: list[str], tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    ask(file, 10, store=tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(10 * k, 80) for k in range(1, 9)]


def test_a_test_that_alters_nothing_needs_no_run_of_its_own(file: Path, made_up: list[str], tmp_path: Path) -> None:
    edited(tmp_path / "history.toml", "coercion = 0.6", "coercion = 0.0")
    edited(tmp_path / "history.toml", "exit_right = 0.0", "exit_right = 1.0")
    edited(tmp_path / "history.toml", "values.coercion = 0.8", "values.revolt = 0.1")
    edited(tmp_path / "history.toml", "values.exit_right = 0.3", "values.saving = 0.1")
    edited(file, "values.coercion = 0.0", "values.accountability = 0.9")
    got = ask(file, store=tmp_path)
    assert got.test_changes_nothing
    assert len(made_up) == 7


@pytest.mark.slow
def test_worlds_are_added_until_intervals_are_narrow_or_the_budget_is_spent(
    file: Path, made_up: list[str], tmp_path: Path
) -> None:
    edited(file, "most_worlds = 60", "most_worlds = 3000\nnarrow = 0.11")
    enough = ask(file, store=tmp_path)
    assert enough.growth.stopped == "narrow" and enough.growth.widest <= 0.11
    assert 60 < enough.worlds < 3000 and enough.success.n == enough.worlds
    # One less world than it took from the last step back would not have done: it isn't simply all of them.
    fewer = ask(file, enough.worlds // 2, store=tmp_path)
    assert fewer.growth.stopped == "asked" and fewer.growth.widest > 0.11 and fewer.worlds == enough.worlds // 2
    edited(file, "most_worlds = 3000", f"most_worlds = {enough.worlds // 2}")
    spent = ask(file, store=tmp_path)
    assert spent.growth.stopped == "budget" and spent.worlds == enough.worlds // 2
    widths = {"": spent.success.width(), **{lever.name: lever.effect.width() for lever in spent.levers}}
    assert spent.growth.widest == max(widths.values()) == widths[spent.growth.what]


def test_what_pairs_save_is_a_ratio_of_variances() -> None:
    # 100 worlds: both 40, gained 20, lost 10, neither 30. Var(before) = 0.25, Var(after) = 0.24, Var(difference) =
    # 0.3 - 0.1^2 = 0.29.
    before = np.repeat([True, False, True, False], [40, 20, 10, 30])
    after = np.repeat([True, True, False, False], [40, 20, 10, 30])
    assert levers.saved_by_pairs(before, after) == pytest.approx(0.49 / 0.29)
    assert levers.saved_by_pairs(before, before) is None
    # Luck of its own: nothing is saved.
    rng = np.random.default_rng(3)
    apart = levers.saved_by_pairs(rng.random(100_000) < 0.4, rng.random(100_000) < 0.6)
    assert apart == pytest.approx(1, abs=0.02)  # standard error about 0.005


@pytest.mark.slow
def test_a_lever_that_moves_no_number_is_left_out_with_a_line(file: Path, made_up: list[str], tmp_path: Path) -> None:
    # No made-up number depends on the pull of a neighbour, so "peace" is a lever only in name.
    file.write_text(fabricate.QUESTION_TOML.replace("values.threat = 0.0", "values.pull = 0.9"), encoding="utf-8")
    got = ask(file, store=tmp_path)
    line = 'why.toml: levers "peace": left out, since it changes nothing: '
    line += "in 60 worlds every number is that of the scenario"
    assert got.question.dropped == [line]
    assert [lever.name for lever in got.levers] == ["commitment", "givers", "no_force", "guarantee", "all_motive"]
    assert "peace" not in got.keys and line in html.unescape(report.page(got))
    assert ask(file, store=tmp_path) == got  # as it was kept


def test_a_lever_that_says_what_history_has_is_left_out_of_its_bundle_too(file: Path, made_up: list[str]) -> None:
    file.write_text(fabricate.QUESTION_TOML.replace("commitment = 0.5", "commitment = 0.1"), encoding="utf-8")
    asked = question(file)[0]
    assert [lever.name for lever in asked.levers] == ["givers", "no_force", "guarantee", "peace"]
    assert [line.removeprefix("why.toml: ") for line in asked.dropped] == [
        'levers "commitment": left out, since it changes nothing: the scenario already has commitment = 0.1',
        'levers "all_motive": left out, since no two of its levers change anything',
    ]
    three = fabricate.QUESTION_TOML.replace('together = ["motive"]', 'together = ["motive", "peace"]').replace(
        '"Both"\ngroup = "motive"', '"All"\ngroup = "mixed"'
    )
    file.write_text(three.replace("commitment = 0.5", "commitment = 0.1"), encoding="utf-8")
    assert question(file)[0].levers[-1].together == ["givers", "peace"]


def test_a_short_horizon_has_a_test_of_all_its_years_but_one(file: Path) -> None:
    text = re.sub(r"\[test\].*?(?=\n\[)", "", fabricate.QUESTION_TOML, flags=re.DOTALL)
    assert "[test]" not in text and "horizon" not in text
    file.write_text(text.replace("worlds = 60", "worlds = 60\nhorizon = 10", 1), encoding="utf-8")
    asked = question(file)[0]
    assert (asked.horizon, asked.test.year) == (10, 1)


def test_where_no_lever_changes_anything_nothing_is_asked(
    file: Path, made_up: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = fabricate.run(question(file)[1], 60).assign_attrs(repaired="")
    monkeypatch.setattr("bestowal.simulation.store.run_each", lambda scenarios, *_, **__: [same] * len(scenarios))
    with pytest.raises(BestowalError, match=r'why.toml: levers "commitment": left out, .* in 60 .*; no lever is left'):
        ask(file, store=tmp_path)


def test_worlds_must_be_some(file: Path, made_up: list[str], tmp_path: Path) -> None:
    with pytest.raises(BestowalError, match="worlds must be at least 1, not 0"):
        ask(file, 0, store=tmp_path)


def test_one_world_is_an_answer_too(file: Path, made_up: list[str], tmp_path: Path) -> None:
    got = ask(file, 1, store=tmp_path)
    assert got.worlds == 1
    assert all(result.status == "none" for result in got.best)
    assert ask(file, 1, store=tmp_path) == got


def test_the_tables_say_what_the_answer_says(file: Path, made_up: list[str], tmp_path: Path) -> None:
    got = ask(file, store=tmp_path)
    folder = Path(got.folder)
    with (folder / "worlds.csv").open(encoding="utf-8", newline="") as lines:
        worlds = list(csv.DictReader(lines))
    assert len(worlds) == 8 * 60
    for lever in got.levers:
        of_lever = [row for row in worlds if row["run"] == lever.name]
        assert sum(int(row["success"]) for row in of_lever) == lever.both + lever.gained
        met = [sum(int(row[f"met_{part.name}"]) for row in of_lever) / 60 for part in got.question.success]
        assert met == pytest.approx([part.estimate for part in lever.parts])
    history = [row for row in worlds if row["run"] == HISTORY]
    assert {row["success"] for row in history} == {""}
    assert sum(int(row["fell"]) for row in history) == got.standing.ended
    with (folder / "years.csv").open(encoding="utf-8", newline="") as lines:
        years = list(csv.DictReader(lines))
    course = next(course for course in got.courses if (course.run, course.observable) == (TESTED, "effort"))
    table = [row for row in years if (row["run"], row["observable"]) == (TESTED, "effort")]
    assert [int(row["year"]) for row in table] == course.years == list(range(1900, 1930))
    assert [float(row["mean"]) if row["mean"] else None for row in table] == pytest.approx(course.mean)
    assert [int(row["worlds"]) for row in table] == course.worlds
    assert json.loads((folder / "answer.json").read_text(encoding="utf-8"))["id"] == got.id


@pytest.mark.subprocess
def test_a_stored_answer_is_read_without_what_is_slow_to_import(file: Path, made_up: list[str], tmp_path: Path) -> None:
    ask(file, store=tmp_path)
    code = f"""
import sys
from rich.console import Console
from bestowal.questions import ask as question
from bestowal.report.answer_text import terminal
answer = question.ask({str(file)!r}, store={str(tmp_path)!r})
Console().print(terminal(answer))
slow = {{"numba", "scipy", "matplotlib", "xarray", "zarr", "pandas", "jinja2"}} & set(sys.modules)
print("slow:", sorted(slow))
"""
    here = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": here, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("slow: []")
    assert "Why did it fail?" in done.stdout
