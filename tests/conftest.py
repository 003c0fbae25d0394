"""Fixtures of more than one test file, and the guard of the wings: a test that starts a process or runs the society
model carries the marker that says so, so that `make quick` can leave it out. Plain modules beside this one:

`toy` (a toy model, and new interpreters that find it), `toy_claims` (claims about it), `fabricate` (runs, answers and
results made up without a model), `html_page` (a page as a browser finds it), `bits`, `exact_games`.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import fabricate
import pytest
import toy
import xarray as xr
from filelock import FileLock
from toy_claims import PRIOR, toml

import bestowal.models
from bestowal.claims import claim_file
from bestowal.models.registry import Model
from bestowal.simulation import engine
from bestowal.simulation.scenario import Scenario, key

WINGS = frozenset({"browser", "cluster", "slow", "society", "subprocess"})
"""The markers that `make quick` leaves out. Only a test with one of them may start a process or run the society."""


class Wing:
    """The test under way: what it is called, and its markers. Set anew for each test."""

    watched = False
    name = ""
    markers: frozenset[str] = frozenset()

    @classmethod
    def needs(cls, marker: str) -> None:
        """Fail where the test under way belongs to no wing; ``marker`` is the one it ought to have."""
        if cls.watched and not cls.markers & WINGS:
            pytest.fail(f"{cls.name}: needs the marker {marker}, or another wing's (pyproject.toml)")


def pytest_configure(config: pytest.Config) -> None:
    """Watch where wings are left out, as `make quick` does; a whole run needs no markers to be right."""
    Wing.watched = bool(config.getoption("markexpr"))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what takes the browser."""
    if "browser" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note the test's markers before its fixtures are made."""
    Wing.name, Wing.markers = item.nodeid, frozenset(mark.name for mark in item.iter_markers())


@pytest.fixture(scope="session", autouse=True)
def wings() -> Iterator[None]:
    """Watch the two places where a process starts and a model's compiled kernel is fetched."""
    with pytest.MonkeyPatch.context() as patch:
        start = subprocess.Popen.__init__

        def popen(self: Any, *args: Any, **named: Any) -> None:
            Wing.needs("subprocess")
            start(self, *args, **named)

        patch.setattr(subprocess.Popen, "__init__", popen)
        for name in ("_kernel", "_look"):
            patch.setattr(engine, name, _watched(getattr(engine, name)))
        yield


def _watched(fetch: Any) -> Callable[[Model], ModuleType]:
    def watched(model: Model) -> ModuleType:
        if model.name == "society":
            Wing.needs("society")
        kernel: ModuleType = fetch(model)
        return kernel

    watched.cache_clear = fetch.cache_clear  # type: ignore[attr-defined]
    return watched


@pytest.fixture(scope="session", autouse=True)
def one_compiler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let one worker of pytest-xdist compile a kernel while the others wait for it, and find it in the cache."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.dispatcher import Dispatcher

    from bestowal.simulation.compile_cache import _Cache

    locks = tmp_path_factory.getbasetemp().parent  # one folder for all workers of a session
    compile_ = Dispatcher.compile

    def locked(self: Any, signature: Any) -> Any:
        if not isinstance(self._cache, _Cache):
            return compile_(self, signature)
        folder = Path(self._cache.cache_path).parent
        # Numba's own lock first, always: another order could leave two threads waiting for each other.
        with global_compiler_lock, FileLock(locks / f"{folder.name}-{self.py_func.__name__}.lock"):
            return compile_(self, signature)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dispatcher, "compile", locked)
        yield


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
