"""Every published model against its reference: the slow plain twin in reference/, same random numbers, to 1e-9.

The twin is written from the paper by somebody who has not opened the model. It gives `simulate(p, steps, seed, world)`
and `SETTINGS`, what to run: (values away from the defaults, steps).
"""

import importlib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from bestowal.claims import paper as claims
from bestowal.models.registry import load, names
from bestowal.simulation import engine
from bestowal.simulation.scenario import defaults

HERE = Path(__file__).parent
LUCK = [(1, 0), (20240607, 3), (2**63 + 5, 2**32 - 1)]  # seed, world: settings take them in turn
STEMS = sorted(p.stem for p in (HERE / "reference").glob("*.py") if p.stem not in ("luck", "society"))


def twin(stem: str) -> ModuleType:
    return importlib.import_module(f"reference.{stem}")


CASES = [(stem, n) for stem in STEMS for n in range(len(twin(stem).SETTINGS))]


@pytest.mark.slow
@pytest.mark.parametrize(("stem", "n"), CASES)
def test_the_model_and_its_second_reading_agree(stem: str, n: int) -> None:
    values, steps = twin(stem).SETTINGS[n]
    seed, world = LUCK[n % len(LUCK)]
    scenario = defaults(stem).but(**values).clock(years=steps, seed=seed)
    fast = engine.simulate(scenario, [world])[0]
    slow = twin(stem).simulate(SimpleNamespace(**scenario.values.model_dump()), steps, seed, world)
    assert len(slow) == steps
    for step, row in enumerate(slow):
        observables = [o.name for o in load(stem).observables]
        assert set(row) == set(observables)
        expected = np.array([row[o] for o in observables], dtype=float)
        np.testing.assert_allclose(fast[step], expected, rtol=1e-9, atol=1e-9, err_msg=f"{values}, step {step}")


def test_a_twin_shares_nothing_with_what_it_checks() -> None:
    for stem in [*STEMS, "luck", "society"]:
        text = (HERE / "reference" / f"{stem}.py").read_text(encoding="utf-8")
        assert not any(word in text.replace("`bestowal/", "") for word in ("import bestowal", "from bestowal", "numba"))


def test_the_record_of_the_second_reading_is_true() -> None:
    for name in names():
        if name != "society" and name not in claims.provisional():
            assert claims.paper(name).model == name
            assert claims.paper(name).twin == f"tests/reference/{name}.py" and name in STEMS
