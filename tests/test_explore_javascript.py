"""The modules of the page of explore, read and checked without a browser: their size, types and layout."""

import json
import subprocess

import pytest

from bestowal.explore import page

LONGEST = 300  # lines of a module
TOOLS = page.FOLDER / "node_modules" / ".bin"
MODULES = sorted(file.name for file in page.FOLDER.glob("*.js"))


def tool(*command: str) -> None:
    """Run a tool of package.json in the folder of the page; it must find nothing."""
    file = TOOLS / command[0]
    if not file.exists():
        pytest.skip(f"no {command[0]}: npm ci --prefix bestowal/explore/page")
    run = subprocess.run([str(file), *command[1:]], cwd=page.FOLDER, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_and_its_types_are_checked(name: str) -> None:
    lines = (page.FOLDER / name).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "// @ts-check"
    assert lines[1].startswith("// "), "says what it holds"
    assert len(lines) <= LONGEST


def test_the_tools_are_pinned() -> None:
    wanted = json.loads((page.FOLDER / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((page.FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {"prettier", "typescript"} <= set(wanted)
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version


@pytest.mark.subprocess
def test_types_fit() -> None:
    tool("tsc", "--project", ".")


@pytest.mark.subprocess
def test_layout_is_prettiers() -> None:
    tool("prettier", "--check", "*.js", "*.d.ts", "tsconfig.json")
