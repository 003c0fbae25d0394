"""Claims: how a file is read, what a statistic is, when a verdict falls, and what the command says."""

import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy import loaded
from toy_claims import PAPER_CLAIM as CLAIM
from toy_claims import PAPER_HEAD as HEAD
from typer.testing import CliRunner

from bestowal.claims import paper as claims
from bestowal.claims.paper import judge, statistic
from bestowal.claims.verdict import Verdict
from bestowal.cli.app import app
from bestowal.core.errors import BestowalError
from bestowal.models.registry import names
from bestowal.statistics.intervals import Interval


@pytest.fixture
def file(tmp_path: Path, toy_models: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("BESTOWAL_STORE", str(tmp_path / "results"))

    def write(text: str, head: str = HEAD) -> str:
        path = tmp_path / "walk.toml"
        path.write_text(head + text, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [
        ((2.85, 3.15), "agrees"),
        ((2.8, 3.2), "agrees"),  # the ends themselves agree
        ((2.79, 3.1), "cannot tell"),
        ((3.1, 3.21), "cannot tell"),
        ((2.7, 3.3), "cannot tell"),
        ((3.21, 3.3), "disagrees"),
        ((2.0, 2.79), "disagrees"),
        ((None, None), "cannot tell"),
    ],
)
def test_a_verdict(interval: tuple[float | None, float | None], outcome: str) -> None:
    assert judge(Interval(3.0, *interval, 32), 2.8, 3.2) == outcome


def test_a_statistic_is_each_worlds_mean_over_its_steps_without_nan() -> None:
    values = np.array([[1.0, 2.0, np.nan, 6.0], [np.nan] * 4, [1.0, 1.0, 1.0, 9.0]])
    np.testing.assert_array_equal(statistic(values, 0, None), [3.0, np.nan, 3.0])
    np.testing.assert_array_equal(statistic(values, 1, 2), [2.0, np.nan, 1.0])
    np.testing.assert_array_equal(statistic(values, 3, 3), [6.0, np.nan, 9.0])


def test_a_claim_is_run_and_judged(file: Any) -> None:
    told = []
    (result,) = claims.check(file(CLAIM), threads=1, progress=lambda *a: told.append(a))
    assert result.verdict is Verdict.AGREES and result.number.n == 32
    assert abs(result.number.estimate - 3.0) < 0.1
    assert told[-1] == (32, 32, "drifts")
    wrong = CLAIM.replace("paper = 3.0", "paper = 2.0")
    assert [v.verdict for v in claims.check(file(wrong))] == ["disagrees"]
    fuzzy = CLAIM.replace("paper = 3.0", f"paper = {result.number.estimate + 0.2!r}")
    assert [v.verdict for v in claims.check(file(fuzzy))] == ["cannot tell"]


def test_a_difference_is_paired(file: Any) -> None:
    """Under the same luck the two settings differ by their drifts and nothing else."""
    text = CLAIM.replace("paper = 3.0\nwithin = 0.2", "paper = 1.0\nwithin = 1e-9").replace(
        "steps", "minus = { drift = 0.2, spread = 0.5, people = 50 }\nsteps"
    )
    assert [v.verdict for v in claims.check(file(text))] == ["agrees"]


def test_above_and_below_are_ends_of_the_range(file: Any) -> None:
    for ends, outcome in (
        ("above = 2.5", "agrees"),
        ("above = 3.5", "disagrees"),
        ("below = 3.5", "agrees"),
        ("below = 2.5", "disagrees"),
        ("above = 2.5\nbelow = 3.5", "agrees"),
    ):
        text = CLAIM.replace("paper = 3.0\nwithin = 0.2", ends)
        assert [v.verdict for v in claims.check(file(text))] == [outcome], ends


@pytest.mark.parametrize(
    ("there", "planted", "complaint"),
    [
        ('known = "read"', 'known = "guessed"', "claims.1.known = 'guessed': Input should be 'read', 'recalled' or"),
        ("within = 0.2", "", "claims.1: paper and within go together"),
        ("paper = 3.0\nwithin = 0.2", "", "claims.1: needs paper and within, or above, or below"),
        ("paper = 3.0\nwithin = 0.2", "above = 2\nbelow = 1", "its range is empty"),
        (
            "observable",
            "obsrvable",
            "claims.1.obsrvable = 'place': Extra inputs are not permitted; did you mean \"observable",
        ),
        ('where = "Table 1"', "", "claims.1.where: Field required"),
        ("why =", "why_so =", "claims.1.why_so = 'rounding': Extra inputs are not permitted; did you mean"),
        ('observable = "place"', 'observable = "plase"', "drifts: observable = 'plase': walk has none; did you mean"),
        ("drift = 0.3", "drft = 0.3", "drifts: drft: unknown parameter of walk"),
        ("drift = 0.3", "drift = 30", "drifts: drift = 30: must be a number from"),
        ("people = 50", "people = 50.5", "drifts: people = 50.5: must be an integer from 1"),
        ("drift = 0.3", 'drift = "0.3"', "claims.1.values.drift.int = '0.3': Input should be a valid integer"),
        ("from = 9", "from = 10", "drifts: from = 10, to = 9: must be two of the 10 steps"),
        ("from = 9", "from = 5\nto = 4", "drifts: from = 5, to = 4"),
        ("[[claims]]", "[[claims", "not TOML"),
        (
            'observable = "place"\nfrom = 9\npaper = 3.0\nwithin = 0.2',
            'observable = "ahead"\nabove = -0.1\nbelow = 1',
            "drifts: its range, -0.1 to 1, holds every value of ahead, 0 to 1",
        ),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(file: Any, there: str, planted: str, complaint: str) -> None:
    assert there in CLAIM
    with pytest.raises(BestowalError) as error:
        claims.paper(file(CLAIM.replace(there, planted, 1)))
    assert complaint in str(error.value) and "walk.toml: " in str(error.value) and "\n" not in str(error.value)


@pytest.mark.subprocess
def test_to_name_what_is_provisional_nothing_slow_is_imported() -> None:
    assert (
        loaded("from bestowal.claims import paper; paper.provisional()") & {"numpy", "numba", "xarray", "zarr"} == set()
    )


def test_two_claims_of_one_id_are_refused(file: Any) -> None:
    with pytest.raises(BestowalError, match="drifts: two claims have this id"):
        claims.paper(file(CLAIM + CLAIM))


def test_two_claims_of_one_statistic_are_refused(file: Any) -> None:
    """However the run and its steps are written, and whichever of two runs is taken away."""
    again = CLAIM.replace('"drifts"', '"again"')
    same = "again: takes the same statistic of the same run as drifts"
    with pytest.raises(BestowalError, match=same):
        claims.paper(file(CLAIM + again.replace("within = 0.2", "within = 0.1")))
    longer = again.replace("steps = 10", "steps = 20").replace("from = 9", "from = 9\nto = 9")
    with pytest.raises(BestowalError, match=same):  # step 9 of more steps, and values in another order
        claims.paper(file(CLAIM + longer.replace("drift = 0.3, spread = 0.5", "spread = 0.5, drift = 0.3")))
    less = CLAIM.replace("steps", "minus = { drift = 0.2, spread = 0.5, people = 50 }\nsteps")
    more = again.replace("drift = 0.3", "drift = 0.2").replace(
        "steps", "minus = { drift = 0.3, spread = 0.5, people = 50 }\nsteps"
    )
    with pytest.raises(BestowalError, match=same):
        claims.paper(file(less + more))
    for other in ("from = 8", "from = 9\nto = 9\nminus = { drift = 0.2 }"):
        assert len(claims.paper(file(CLAIM + again.replace("from = 9", other))).claims) == 2


def test_one_run_under_two_names_is_named(file: Any) -> None:
    """Twice the drift and the spread take everybody twice as far, and leave those past the start as they were."""
    share = CLAIM.replace('"place"', '"ahead"').replace("paper = 3.0\nwithin = 0.2", "above = 0.5")
    share = share.replace("drift = 0.3", "drift = 0.1")
    again = share.replace('"drifts"', '"again"').replace("drift = 0.1, spread = 0.5", "drift = 0.2, spread = 1.0")
    found = list(claims.check(file(share + again), threads=1))
    assert [v.repeats for v in found] == ["", "drifts"]
    told = CliRunner().invoke(app, ["check", file(share + again)])
    assert told.exit_code == 1 and "again: the same numbers in every world as drifts" in told.stdout


def test_named_claims_alone_are_run(file: Any) -> None:
    other = CLAIM.replace('"drifts"', '"later"').replace("from = 9", "from = 8")
    assert [v.claim.id for v in claims.check(file(CLAIM + other), only=["later"])] == ["later"]
    with pytest.raises(BestowalError, match=r"there is no claim 'latr'; did you mean \"later\""):
        list(claims.check(file(CLAIM + other), only=["latr"]))
    told = CliRunner().invoke(app, ["check", file(CLAIM + other), "--claim", "later"])
    assert told.exit_code == 0 and "later" in told.stdout and "drifts" not in told.stdout


def test_every_fault_planted_in_a_published_model_names_the_claim_that_sees_it_or_why_none_does() -> None:
    """verify/planted_faults.py runs them; here only that its table holds together, and has five faults a model."""
    planted = runpy.run_path(str(Path(__file__).parent.parent / "verify" / "planted_faults.py"))
    faults = [fault for fault in planted["FAULTS"] if fault.model != "society"]
    ids = {name: {claim.id for claim in claims.paper(name).claims} for name in claims.papers()}
    for fault in faults:
        assert (fault.claim in ids[fault.model]) != (fault.words in planted["NO_CLAIM"]), fault.words
        text = (Path(claims.__file__).parent.parent / "models" / fault.file).read_text(encoding="utf-8")
        assert text.count(fault.there) == fault.times and fault.planted != fault.there, fault.words
    assert set(planted["NO_CLAIM"]) <= {fault.words for fault in faults}
    counts = Counter(fault.model for fault in faults if fault.claim)
    assert set(counts) == set(claims.papers()) and min(counts.values()) >= 5 and counts["boyd_2003"] >= 9


def test_an_unknown_paper_is_answered_with_the_nearest() -> None:
    with pytest.raises(BestowalError, match=r'there are no claims .*; did you mean "sen_1966"'):
        claims.paper("sen1966")


def test_what_has_no_twin_or_no_record_is_provisional(file: Any) -> None:
    assert not claims.paper(file(CLAIM)).provisional
    for line in HEAD.strip().splitlines()[2:]:
        assert claims.paper(file(CLAIM, HEAD.replace(line, ""))).provisional
    assert "walk" in claims.provisional()  # nothing in the catalogue about it


def test_every_paper_in_the_catalogue_is_about_a_model_there_is() -> None:
    for name in claims.papers():
        paper = claims.paper(name)
        assert paper.model == name and name in names() and paper.about


def test_how_many_worlds_would_decide(file: Any) -> None:
    (claim,) = claims.paper(file(CLAIM)).claims  # agrees from 2.8 to 3.2
    verdict = claims.Result(claim, Interval(3.1, 2.9, 3.3, 100), Verdict.CANNOT_TELL)
    assert (
        claims.worlds_to_decide(verdict) == 820
    )  # the half width 0.2 must shrink to 0.1: 4 times, for power 2.04 more
    assert claims.worlds_to_decide(claims.Result(claim, Interval(3.2, 3.1, 3.3, 100), Verdict.CANNOT_TELL)) is None
    assert claims.worlds_to_decide(claims.Result(claim, Interval(3.0, 2.9, 3.1, 100), Verdict.AGREES)) is None


def test_the_command_shows_the_table_and_fails_only_on_disagreement(file: Any) -> None:
    def call(text: str) -> Any:
        return CliRunner().invoke(app, ["check", file(text)])

    told = call(CLAIM)
    assert told.exit_code == 0, told.output
    for shown in ("Nobody 1900, On wandering", "drifts", "People drift by 0.3 m a year", "Table 1", "read", "3 ±0.2"):
        assert shown in told.stdout
    assert "agrees" in told.stdout and "1 claim: 1 agrees" in told.stdout
    long = " ".join(f"word{n}" for n in range(60))  # longer than any line: all of it is shown, in several
    told = call(CLAIM.replace("People drift by 0.3 m a year", long))
    assert all(word in told.stdout for word in long.split())
    text = CLAIM.replace("paper = 3.0", 'doubt = "a misprint in Table 1"\npaper = 2.0')
    told = call(text)
    assert told.exit_code == 1 and "disagrees" in told.stdout and "drifts: a misprint in Table 1" in told.stdout
    assert call(CLAIM.replace("paper = 3.0", "paper = 3.2")).exit_code == 0  # cannot tell
