"""The nine ways to settle a question before asking it, each looked for.

They are those of the project's reading of its source: what would make a claim true, or false, by construction. Where
another file tests the mechanism, this one tests that the catalogue keeps to it.
"""

import tomllib
from pathlib import Path

import pytest

import bestowal
from bestowal.claims.claim_file import source_claims
from bestowal.claims.judge import judge
from bestowal.questions.question_file import question, questions
from bestowal.questions.question_table import DEFAULT_SUCCESS
from bestowal.simulation import engine
from bestowal.simulation.scenario import Scenario, defaults

CLAIMS = source_claims()
PRIOR = Path(bestowal.__file__).parent / "catalogue" / "priors" / "society.toml"
INTENTION = {"purity", "purity_without_glow", "scope", "unconditionality", "unwatched", "top_rung"}
DIRECTION = {"commitment", "breadth", "supremacy"}  # what says whom giving is for, and on what terms
ARMS = {"transmission": 1, "ladder": 2, "club": 3, "placebo": 4, "schooling": 5}


def society(**values: float) -> Scenario:
    small = dict(n_communities=3, n_founded=3, n_places=40, n_founders=40, exit_right=0.0, openness=0.0)
    small |= dict(hungry_limit=1000, minimum=1)  # nobody's society ends
    return defaults("society").but(**(small | values)).clock(years=25)


def last(scenario: Scenario, observable: str) -> float:
    from bestowal.models.registry import load

    names = [o.name for o in load("society").observables]
    return float(engine.simulate(scenario, range(4))[:, -1, names.index(observable)].mean())


@pytest.mark.society
@pytest.mark.parametrize("arm", [1, 5, 6], ids=["transmission", "schooling", "crisis"])
def test_1_rivals_can_raise_motive_and_commitment(arm: int) -> None:
    practising = dict(practice=arm, take_up=1.0, self_selection=0.0, quit=0.0, pull=1.0, practice_hours=0.2)
    some = dict(commitment_growth=0.5, prestige=4.0, crisis_mean=2.0, shock_sd=0.5, relapse=0.05, giver_share=0.5)
    for observable in ("motive", "commitment"):
        raised = last(society(**practising, **some), observable)
        assert raised > last(society(**some), observable) + 0.02, observable


@pytest.mark.society
def test_1_so_can_selection() -> None:
    open_to_all = dict(
        openness=1.0, exit_right=1.0, applicants=0.5, outside_wage=0.3, death=0.1, founder_giver_share=0.0
    )
    screened = society(**open_to_all, screening=1.0, screening_bar=0.5)
    assert last(screened, "motive") > last(society(**open_to_all), "motive") + 0.05


def test_2_success_never_asks_for_intention() -> None:
    asked = [condition for part in DEFAULT_SUCCESS.values() for condition in part["all"]]
    asked += [c.observable for name in questions() for part in question(name)[0].success for c in part.conditions]
    assert not any(word in text for text in asked for word in INTENTION)


@pytest.mark.society
def test_3_purity_is_had_with_warm_glow_as_a_return_and_without() -> None:
    glowing = society(warm_glow=0.5, giver_share=1.0, commitment=0.5)
    assert 0 < last(glowing, "purity_without_glow") < last(glowing, "purity")
    assert any("purity_without_glow" in str(claim) for claim in CLAIMS if claim.id == "C14")


def test_4_no_correlation_is_read_off_a_fixed_budget() -> None:
    (claim,) = (claim for claim in CLAIMS if claim.id == "C25")
    assert claim.experiment is None and "budget" in claim.why_not


def test_5_what_outsiders_cost_and_give_back_is_drawn() -> None:
    drawn = tomllib.loads(PRIOR.read_text(encoding="utf-8"))
    for name in ("outward_giving", "mutual_aid", "rivalry"):
        assert drawn[name]["low"] == 0 < drawn[name]["high"]


def test_6_arms_that_differ_in_direction_have_equal_care() -> None:
    """`iso` makes the code refuse arms whose people care differently in all; it must stand where direction differs."""
    for claim in CLAIMS:
        if claim.experiment is None or len(claim.experiment.arms) < 2 or claim.experiment.kind == "ablations":
            continue
        arms = [arm.values for arm in claim.experiment.arms.values()]
        differs = {name for name in DIRECTION if len({arm.get(name) for arm in arms}) > 1}
        assert not differs or claim.experiment.iso, (claim.id, differs)


def test_7_practice_time_is_never_free() -> None:
    assert tomllib.loads(PRIOR.read_text(encoding="utf-8"))["practice_hours"]["low"] >= 0
    for claim in CLAIMS:
        for name, arm in claim.experiment.arms.items() if claim.experiment else ():
            free = arm.values.get("practice", 0) in ARMS.values() and arm.values.get("practice_hours", 1) == 0
            # without study there must be no effect: the one arm that may be without hours is the one that says so
            assert not free or "study" in name or "hours" in name, (claim.id, name)


def test_8_selection_is_not_counted_as_effect() -> None:
    """Who practises is assigned by lot in every contrast of arms, or a twin by lot stands beside it."""
    for claim in CLAIMS:
        if claim.experiment is None:
            continue
        practising = [a.values for a in claim.experiment.arms.values() if a.values.get("practice", 0) in ARMS.values()]
        if practising:
            lots = [arm.get("self_selection", 1.0) == 0 or arm.get("take_up") == 1 for arm in practising]
            assert any(lots), claim.id


def test_9_names_decide_nothing() -> None:
    """The verdict code takes numbers only; `test_experiments` renames arms at random and gets the same verdicts."""
    import inspect

    given = inspect.signature(judge).parameters
    assert set(given) == {"found", "points", "zeros", "holds", "matters"}
