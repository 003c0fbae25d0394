"""Imports point one way, and what must start fast imports nothing slow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy import loaded

import bestowal

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "bestowal"

MODULES = sorted(PACKAGE.rglob("*.py"))


def part(dotted: str) -> str:
    """The part of the tree a dotted name is in: bestowal.models.society.work is in models."""
    return [*dotted.split("."), "__init__"][1]


def dotted(file: Path) -> str:
    return ".".join(("bestowal", *file.relative_to(PACKAGE).with_suffix("").parts))


def imports(file: Path) -> Iterator[str]:
    """What of ours a file imports, wherever in it: dotted names."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = dotted(file).split(".")[: -node.level] if node.level else []
            base = ".".join([*package, *filter(None, [node.module])])
            # `from bestowal import store` imports bestowal.simulation.store.
            names = [f"{base}.{alias.name}" for alias in node.names] if base == "bestowal" else [base]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] == "bestowal")


@pytest.mark.subprocess
def test_imports_point_down_the_floors() -> None:
    """The layers stand in `.importlinter`."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_a_model_does_not_import_another() -> None:
    for file in (PACKAGE / "models").rglob("*.py"):
        own = dotted(file).split(".")[2]
        others = {name.split(".")[2] for name in imports(file) if part(name) == "models" and name.count(".") > 1}
        assert others <= {own, "registry"}, file


# --------------------------------------------------------------------------------------------------------- what is lazy


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("code", "slow"),
    [
        (
            "import bestowal, bestowal.cli.app",
            {"numpy", "pydantic", "numba", "xarray", "scipy", "zarr", "rich.console", "fastapi"},
        ),
        (
            "import bestowal.models.registry as m; from bestowal.simulation.scenario import Scenario, key, rows\n"
            "s = Scenario('s', 's', '', 'society', m.load('society').params(), 10); rows(s); key(s)",
            {"numba", "xarray", "scipy", "zarr"},
        ),
    ],
    ids=["cli", "key"],
)
def test_nothing_slow_is_imported_by(code: str, slow: set[str]) -> None:
    assert loaded(code) & slow == set()


def test_the_public_names_are_what_they_say() -> None:
    for name in bestowal.__all__:
        assert getattr(bestowal, name).__name__ == name
    assert set(dir(bestowal)) == {*bestowal.__all__, *bestowal._MODULES}
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = bestowal.nothing_of_the_kind
