"""Imports point one way, and what must start fast imports nothing slow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bestowal

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "bestowal"

# Each module, and what of ours it may import: everything on the lines above it that it names.
MAY: dict[str, set[str]] = {
    "version": set(),
    "model": {"version"},
    "loops": set(),
    "numerics": {"loops"},
    "streams": {"loops", "numerics"},
    "statistics": set(),
    "wording": {"statistics"},
    "tables": set(),
    "drawing": set(),
    "theory": set(),
    "files": {"model"},
    "driver": set(),
    "code_text": set(),
    "code_digest": {"code_text", "driver", "files", "model"},
    "compile_cache": {"model", "files"},
    "data": {"model"},
    "parts": {"model", "streams", "numerics", "loops"},
    "models": {"parts", "model", "streams", "numerics", "loops"},
    "scenario": {"code_digest", "model", "version", "files"},
    "engine": {"compile_cache", "code_digest", "driver", "streams", "model", "scenario", "version", "files"},
    "cluster": {"code_digest", "engine", "scenario", "model", "version", "files"},
    "store": {"code_digest", "cluster", "engine", "scenario", "model", "version", "files"},
    "summary": {"store", "cluster", "engine", "scenario", "model", "files"},
    "in_force": {"scenario", "model"},
    "sweep_figure": {"drawing"},
    "sweep": {"in_force", "sweep_figure", "summary", "store", "drawing", "scenario", "model", "statistics", "files"},
    "compare": {"in_force", "store", "scenario", "model", "statistics", "files"},
    "claims": {"store", "scenario", "model", "statistics", "files"},
    "question_file": {"scenario", "model", "files"},
    "posterior": {"model", "files"},
    "answer": {"in_force", "posterior", "question_file", "scenario", "model", "statistics"},
    "keeping": {"answer", "question_file", "scenario", "model", "statistics", "files"},
    "question": {
        "code_digest",
        "keeping",
        "answer",
        "question_file",
        "store",
        "scenario",
        "model",
        "statistics",
        "files",
    },
    "experiments": {
        "code_digest",
        "posterior",
        "answer",
        "question_file",
        "engine",
        "scenario",
        "model",
        "statistics",
        "version",
        "files",
    },
    "figures": {"drawing", "answer", "question_file", "statistics"},
    "calibration": {
        "code_digest",
        "tables",
        "drawing",
        "data",
        "wording",
        "store",
        "engine",
        "scenario",
        "model",
        "statistics",
        "version",
        "files",
    },
    "questions": {
        "code_digest",
        "experiments",
        "drawing",
        "wording",
        "answer",
        "question_file",
        "cluster",
        "engine",
        "scenario",
        "model",
        "statistics",
        "files",
    },
    "report": {
        "tables",
        "questions",
        "figures",
        "keeping",
        "wording",
        "answer",
        "question_file",
        "model",
        "statistics",
        "files",
    },
    "site": {
        "question",
        "report",
        "wording",
        "figures",
        "experiments",
        "keeping",
        "answer",
        "question_file",
        "scenario",
        "model",
        "statistics",
        "files",
    },
    "explore": {
        "site",
        "report",
        "questions",
        "experiments",
        "keeping",
        "answer",
        "question_file",
        "store",
        "engine",
        "scenario",
        "model",
        "statistics",
        "files",
    },
    "cli": {
        "tables",
        "calibration",
        "explore",
        "site",
        "report",
        "questions",
        "figures",
        "drawing",
        "experiments",
        "question",
        "question_file",
        "claims",
        "compare",
        "in_force",
        "sweep",
        "summary",
        "store",
        "scenario",
        "data",
        "model",
        "statistics",
        "files",
    },
    "__main__": {"cli"},
    # The public names, each from where it lives, loaded at its first use.
    "__init__": {"claims", "compare", "data", "model", "question", "scenario", "store", "sweep"},
}
# `Scenario.run` is worth more than the rule; it stands inside the function.
EXCEPTIONS = {("scenario", "store")}

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
            # `from bestowal import store` imports bestowal.store.
            names = [f"{base}.{alias.name}" for alias in node.names] if base == "bestowal" else [base]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] == "bestowal")


@pytest.mark.parametrize("file", MODULES, ids=dotted)
def test_imports_point_one_way(file: Path) -> None:
    here = part(dotted(file))
    assert here in MAY, f"say in MAY where {here} stands"
    wrong = {name for name in imports(file) if part(name) not in MAY[here] | {here}}
    assert {name for name in wrong if (here, part(name)) not in EXCEPTIONS} == set()


def test_the_exception_is_inside_a_function() -> None:
    tree = ast.parse((PACKAGE / "scenario.py").read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert not any((node.module or "").startswith("bestowal.store") for node in top)


def test_the_rule_has_no_circle() -> None:
    done: set[str] = set()
    while ready := [name for name in MAY if name not in done and MAY[name] <= done]:
        done.update(ready)
    assert done == set(MAY)


def test_a_model_does_not_import_another() -> None:
    for file in (PACKAGE / "models").rglob("*.py"):
        own = dotted(file).split(".")[2]
        others = {name.split(".")[2] for name in imports(file) if part(name) == "models" and name.count(".") > 1}
        assert others <= {own}, file


# --------------------------------------------------------------------------------------------------------- what is lazy


def loaded(code: str) -> set[str]:
    """The modules that a new interpreter has imported after this code."""
    show = "import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "slow"),
    [
        ("import bestowal", {"numpy", "pydantic", "numba", "xarray", "scipy", "zarr"}),
        ("import bestowal.cli", {"numpy", "pydantic", "numba", "xarray", "scipy", "zarr", "rich.console", "fastapi"}),
        ("import bestowal.scenario", {"numba", "xarray", "scipy", "zarr"}),
        (
            "import bestowal.model as m; from bestowal.scenario import Scenario, key, rows\n"
            "s = Scenario('s', 's', '', 'society', m.load('society').params(), 10); rows(s); key(s)",
            {"numba", "xarray", "scipy", "zarr"},
        ),
    ],
    ids=["bestowal", "cli", "scenario", "key"],
)
def test_nothing_slow_is_imported_by(code: str, slow: set[str]) -> None:
    assert loaded(code) & slow == set()


def test_the_public_names_are_what_they_say() -> None:
    for name in bestowal.__all__:
        assert getattr(bestowal, name).__name__ == name
    assert set(dir(bestowal)) == {*bestowal.__all__, *bestowal._MODULES}
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = bestowal.nothing_of_the_kind


@pytest.mark.parametrize("name", ["scenario", "compare", "data", "sweep"])
def test_a_function_named_as_its_module_stays_the_function(name: str) -> None:
    code = f"import bestowal, bestowal.{name}, importlib\nimportlib.import_module('bestowal.{name}')\n"
    loaded(code + f"assert callable(bestowal.{name}) and bestowal.{name}.__name__ == '{name}'")
