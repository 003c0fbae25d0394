"""The contract of every model (`bestowal.simulation.contract`), kept by every model in bestowal/models."""

import pytest

from bestowal.models.registry import load, names, parameters
from bestowal.simulation.contract import CHECKS, Check, short_run

MODELS = names()
WINGS = [pytest.param(name, marks=[pytest.mark.society] if name == "society" else []) for name in MODELS]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_says_what_it_is(name: str) -> None:
    model = load(name)
    assert model.title and model.step.isalpha() and model.steps >= 1
    assert len({o.name for o in model.observables}) == len(model.observables) > 0
    for o in model.observables:
        assert o.name.isidentifier() and o.unit and o.meaning and o.low < o.high, o
    for p in parameters(model):
        assert p.meaning and p.unit and p.source, p
        assert set(p.needs) <= {other.name for other in parameters(model)}, p


@pytest.mark.parametrize("check", CHECKS, ids=[check.name.replace(" ", "-") for check in CHECKS])
@pytest.mark.parametrize("name", WINGS)
def test_a_model_keeps_the_contract(name: str, check: Check) -> None:
    assert check.breach(short_run(name)) == "", check.rule
