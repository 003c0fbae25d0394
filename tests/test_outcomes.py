"""What became of worlds: the same as the full runs say, kept, mended, and never run twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bestowal.questions import outcomes
from bestowal.questions import question as records
from bestowal.questions.outcomes import Evaluator
from bestowal.questions.question import Question, hold
from bestowal.questions.question_file import question
from bestowal.questions.success import fell, successes
from bestowal.simulation.engine import simulate
from bestowal.simulation.scenario import Scenario, rows
from bestowal.simulation.store import run


@pytest.fixture(scope="module")
def asked() -> tuple[Question, Scenario]:
    asked, base = question("commune")
    return asked, records.tested(base, asked)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of worlds that are run, call by call."""
    seen: list[int] = []

    def simulate_and_count(scenario: Scenario, worlds: range) -> np.ndarray:
        seen.extend(worlds)
        return simulate(scenario, worlds)

    monkeypatch.setattr(outcomes, "simulate", simulate_and_count)
    return seen


@pytest.mark.society
def test_the_verdicts_are_those_of_the_full_runs(asked: tuple[Question, Scenario], tmp_path: Path) -> None:
    question, base = asked
    # Pay by work, so that some worlds stand: 0s alone would hide a verdict in the wrong place.
    scenarios = [base, base.but(pay_link=0.4, outside_wage=0.9), base.but(outside_wage=0.5)]
    found = Evaluator(question, store=tmp_path).judge(scenarios, range(40, 70))
    mixed = 0
    for scenario, outcome in zip(scenarios, found, strict=True):
        data = run(scenario, 70, store=tmp_path).isel(world=slice(40, 70))
        met = np.column_stack(list(successes(question, data).values()))
        stood, ended = fell(question, data)
        assert (outcome.met == met).all() and (outcome.stood == stood).all() and (outcome.ended == ended).all()
        assert (outcome.success == met.all(axis=1)).all()
        mixed += 0 < ended.sum() < ended.size
    assert mixed


@pytest.mark.society
def test_what_is_kept_is_not_run_again(
    asked: tuple[Question, Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, base = asked
    ran = counted(monkeypatch)
    court = Evaluator(question, store=tmp_path)
    first = court.judge([base, base], range(33))  # the same scenario twice is run once
    assert sorted(ran) == list(range(48))
    ran.clear()
    again = Evaluator(question, store=tmp_path).judge([base], range(20, 96))
    assert sorted(ran) == list(range(48, 96))  # only the blocks that weren't there
    assert (again[0].stood[:13] == first[1].stood[20:]).all()
    ran.clear()
    other = replace(question, success=question.success[:1])
    assert Evaluator(other, store=tmp_path).judge([base], range(32))[0].met.shape == (32, 1)
    assert sorted(ran) == list(range(32))  # another success, another verdict


@pytest.mark.society
@pytest.mark.parametrize("damage", ["cut", "flipped", "gone"])
def test_a_damaged_file_is_run_again(
    asked: tuple[Question, Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    question, base = asked
    first = Evaluator(question, store=tmp_path).judge([base], range(32))[0]
    (file,) = (tmp_path / "outcomes").iterdir()
    content = bytearray(file.read_bytes())
    content[-9] ^= 255
    file.write_bytes(content[:-20] if damage == "cut" else content)
    if damage == "gone":
        file.unlink()
    ran = counted(monkeypatch)
    again = Evaluator(question, store=tmp_path).judge([base], range(32))[0]
    assert len(ran) == 32 and (again.stood == first.stood).all()


@pytest.mark.society
def test_branches_are_judged_as_straight_runs(asked: tuple[Question, Scenario], tmp_path: Path) -> None:
    question, base = asked
    changed = [
        (year, base.but(base.first_year + year if year else None, pay_link=0.4, outside_wage=0.5))
        for year in (25, 0, 7)
    ]
    straight = Evaluator(question, store=tmp_path / "a").judge([scenario for _, scenario in changed], range(40))
    court = Evaluator(question, store=tmp_path / "b", threads=2)
    found = court.branches(base, changed, range(40))
    for one, other in zip(straight, found, strict=True):
        assert (one.met == other.met).all() and (one.stood == other.stood).all() and (one.ended == other.ended).all()
    assert len({outcome.stood.tobytes() for outcome in found}) == 3
    assert court.done == court.total == 3  # three blocks, whatever the number of branches
    kept = Evaluator(question, store=tmp_path / "b").judge([changed[0][1]], range(40))[0]  # one file serves both
    assert (kept.stood == found[0].stood).all()


@pytest.mark.society
def test_an_interrupt_loses_no_more_than_what_was_under_way(
    asked: tuple[Question, Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, base = asked

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Evaluator(question, store=tmp_path, threads=1, progress=stop).judge([base], range(192))
    ran = counted(monkeypatch)
    Evaluator(question, store=tmp_path).judge([base], range(192))
    assert sorted(ran) == list(range(48, 192))


def test_a_moment_held_from_a_year_is_a_branch() -> None:
    """`hold` undoes later changes of history and nothing before its year: what `branches` needs."""
    asked, base = question("kibbutz")
    kibbutz = records.tested(base, asked)
    held = hold(kibbutz, replace(asked.test, year=40, values={"outside_wage": 0.5}))
    assert rows(held)[:40].tobytes() == rows(kibbutz)[:40].tobytes()
    assert (rows(held)["outside_wage"][40:] == 0.5).all() and (rows(kibbutz)["outside_wage"][65:] == 1.0).all()
