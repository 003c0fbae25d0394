"""The examples in docstrings of what `import bestowal` offers run as they stand."""

import doctest
import importlib
from pathlib import Path

import pytest

MODULES = (
    "calibration.datasets",
    "claims.paper",
    pytest.param("questions.ask", marks=pytest.mark.society),
    "questions.question_file",
    "report.citation",
    "simulation.code_digest",
    "simulation.compare",
    "simulation.scenario",
    "simulation.scenario_file",
    "simulation.store",
    "simulation.summary",
    "simulation.sweep",
    "statistics.evolutionary_games",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run_as_they_stand(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BESTOWAL_STORE", str(tmp_path / "results"))
    done = doctest.testmod(importlib.import_module(f"bestowal.{name}"))
    assert done.attempted > 0 and done.failed == 0
