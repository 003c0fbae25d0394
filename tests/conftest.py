"""Fixtures of more than one test file. What is no fixture stands in plain modules beside this one:

`toy` (a toy model, and new interpreters that find it), `toy_claims` (claims about it), `fabricate` (runs, answers and
results made up without a model), `html_page` (a page as a browser finds it), `bits`, `exact_games`.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import fabricate
import pytest
import toy
import xarray as xr
from toy_claims import PRIOR, toml

import bestowal.models
from bestowal.claims import claim_file
from bestowal.simulation.scenario import Scenario, key


@pytest.fixture
def toy_models() -> Iterator[None]:
    """The toy models, for one test."""
    before = bestowal.models.__path__
    toy.install()
    yield
    bestowal.models.__path__ = before


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A question about a made-up history, in files."""
    (tmp_path / "history.toml").write_text(fabricate.HISTORY_TOML, encoding="utf-8")
    path = tmp_path / "why.toml"
    path.write_text(fabricate.QUESTION_TOML, encoding="utf-8")
    return path


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs are made up and not simulated; the scenarios asked for, in order, by key."""
    asked: list[str] = []

    def run_each(scenarios: list[Scenario], worlds: int, **named: object) -> Iterator[xr.Dataset]:
        for done, scenario in enumerate(scenarios, start=1):
            asked.append(key(scenario))
            progress = named["progress"]
            if callable(progress):
                progress(done * worlds, len(scenarios) * worlds)
            yield fabricate.run(scenario, worlds).assign_attrs(repaired="")

    monkeypatch.setattr("bestowal.simulation.store.run_each", run_each)
    return asked


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """An empty catalogue and store; call it to write the prior of the toy model."""
    monkeypatch.setattr(claim_file, "CATALOGUE", tmp_path / "claims")
    monkeypatch.setattr("bestowal.uncertainty.prior.PRIORS", tmp_path / "priors")
    monkeypatch.setenv("BESTOWAL_STORE", str(tmp_path / "results"))
    (tmp_path / "priors").mkdir()
    (tmp_path / "claims").mkdir()

    def write(of: Mapping[str, Any] = PRIOR, model: str = "walk") -> None:
        (tmp_path / "priors" / f"{model}.toml").write_text(toml(of), encoding="utf-8")

    write()
    return write
