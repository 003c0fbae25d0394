"""The checks of the contract, each on a small model that keeps it, and with a fault that this check finds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bestowal.models.model_files import import_model
from bestowal.simulation import contract
from bestowal.simulation.contract import CHECKS, check_contract

SOUND = '''"""People on a line, in plain Python."""
import numpy as np
from pydantic import BaseModel
from bestowal.kernels.rng import draw, uniform
from bestowal.models.registry import STRICT, Model, Observable, param

class Params(BaseModel):
    model_config = STRICT
    people: int = param(3, "people", unit="persons", low=1, high=9, fixed=True)
    drift: float = param(0.5, "mean move", unit="m", low=-9, high=9)

MODEL = Model(
    "line", "People on a line", Params,
    (Observable("place", "m", "mean place", -1e4, 1e4), Observable("ahead", "share", "people past 0", 0, 1)),
    __name__,
)

def allocate(p):
    return np.zeros(p.people), np.zeros(1)

def start(p, state, seed, world):
    state[0][:] = 0
    state[1][0] = 0

def step(p, state, seed, world, year):
    for i in range(len(state[0])):
        state[0][i] += p.drift + uniform(draw(seed, world, year, i, 1, 0)[0]) - 0.5

def observe(p, state, out):
    out[0] = state[0].mean()
    out[1] = (state[0] > 0).mean()
'''


@pytest.fixture
def breaches(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """The breaches that the checks find in the sound model with some lines replaced, by the check's name."""

    def find(*edits: tuple[str, str]) -> dict[str, str]:
        text = SOUND
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "line.py").write_text(text, encoding="utf-8")
        model = import_model(tmp_path / "line.py")
        return {finding.check.name: finding.breach for finding in check_contract(model) if finding.breach}

    return find


def test_a_sound_model_keeps_every_rule(breaches: Callable[..., dict[str, str]]) -> None:
    assert breaches() == {}


MOVE = "state[0][i] += p.drift + uniform(draw(seed, world, year, i, 1, 0)[0]) - 0.5"
FAULTS: dict[str, tuple[tuple[tuple[str, str], ...], str, str]] = {
    "a generator of its own": (
        ((MOVE, "state[0][i] += p.drift + np.random.default_rng().normal()"),),
        "repeats",
        "a second run of the same worlds: place differs from step 0 on",
    ),
    "start leaves a trace": (
        (("    state[0][:] = 0\n", ""),),
        "world alone",
        "world 7 run alone: place differs from step 0 on",
    ),
    "a count over worlds": (
        (
            ("def allocate", "WORLDS = []\n\ndef allocate"),
            ("state[1][0] = 0", "WORLDS.append(len(WORLDS))"),
            ("p.drift +", "p.drift + len(WORLDS) +"),
        ),
        "blocks and threads",
        "blocks of 2 worlds on 2 threads: place differs from step 0 on",
    ),
    "no world in the draw": (
        (("draw(seed, world,", "draw(seed, 0,"),),
        "random numbers",
        "worlds 0 and 7, or seeds 20261122 and 1, give the same numbers: does a draw leave out seed or world?",
    ),
    "a state that is not in its arrays": (
        (
            ("def allocate", "LAST = {}\n\ndef allocate"),
            ("state[1][0] = 0", "LAST[int(world)] = 0"),
            ("for i in", "LAST[int(world)] += 1\n    for i in"),
            ("p.drift +", "p.drift + LAST[int(world)] +"),
        ),
        "branches",
        "the world gone on with from step 3: place differs from step 0 on",
    ),
    "a share past 1": (
        (("(state[0] > 0).mean()", "(state[0] > 0).sum()"),),
        "bounds of observables",
        "ahead: from 3 to 3, and its bounds are 0 to 1",
    ),
    "NaN that is not said": (
        (("out[1] = (state[0] > 0).mean()", "out[1] = np.nan"),),
        "bounds of observables",
        "ahead: is NaN; say in `undefined` where there is nothing to measure",
    ),
    "an observable forgotten": (
        (("    out[1] = (state[0] > 0).mean()\n", ""),),
        "observables written",
        "observe leaves out: ahead",
    ),
    "an observable that is always NaN": (
        (("past 0\", 0, 1)", "past 0\", 0, 1, \"never\")"), ("out[1] = (state[0] > 0).mean()", "out[1] = np.nan")),
        "observables known",
        "NaN in every run tried: ahead",
    ),
    "a bound that can't be run": (
        (("    out[0] = state[0].mean()", "    out[0] = state[0].mean() + (1e5 if p.drift == 9 else 0)"),),
        "ends of parameters",
        "drift = 9: place: from 100009 to 100036, and its bounds are -10000 to 10000",
    ),
    "a look ahead": (
        (
            ("def allocate", "AHEAD = []\n\ndef allocate"),
            ("import numpy as np", "import sys\nimport numpy as np"),
            ("    for i in", "    p = sys._getframe(1).f_locals['rows'][-1]\n    for i in"),
        ),
        "nothing before",
        "drift changed in step 5: place differs from step 0 on",
    ),
    "a parameter that does nothing": (
        ((" p.drift +", ""),),
        "parameters matter",
        "drift: makes no difference in 400 steps, from the start and from step 2 on; say in `needs` beside which "
        "values of others it does, or in `fixed` that it is read when a world begins",
    ),
    "a parameter read only at the start, and not `fixed`": (
        (("state[1][0] = 0", "state[1][0] = p.drift"), (" p.drift +", " state[1][0] +")),
        "parameters matter",
        "drift: makes no difference in 400 steps, from the start and from step 2 on; say in `needs` beside which "
        "values of others it does, or in `fixed` that it is read when a world begins",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_said(fault: str, breaches: Callable[..., dict[str, str]]) -> None:
    edits, check, breach = FAULTS[fault]
    assert breaches(*edits).get(check) == breach


def test_a_key_that_a_null_change_moves_is_found(
    breaches: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract, "key", lambda scenario: repr(scenario.changes))
    assert breaches() == {"null change": "a change to the values there already gives another key"}


def test_every_check_is_named_once() -> None:
    assert len({check.name for check in CHECKS}) == len({check.rule for check in CHECKS}) == len(CHECKS)
