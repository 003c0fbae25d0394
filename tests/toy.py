"""A toy model, `walk`, for tests of everything that doesn't care which model it runs; see toys/walk.

In a test: take the fixture `toy_models` (conftest.py), and run `walk(drift=0.2)`.
In a process of its own: `script("...")`, which finds the same model.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

import bestowal.models
from bestowal.simulation import engine
from bestowal.simulation.scenario import Scenario

HERE = Path(__file__).parent
TOYS = HERE / "toys"


def install(folder: Path = TOYS) -> None:
    """Let this process find the models in `folder` as if they stood in bestowal/models."""
    bestowal.models.__path__ = [*bestowal.models.__path__, str(folder)]


def walk(years: int = 20, seed: int = 1, **values: float) -> Scenario:
    """A scenario of the toy model; parameters people (5), drift (0.1), spread (1.0). Needs the toy models found."""
    from bestowal.models.walk import Params  # type: ignore[import-not-found]

    return Scenario(
        name="walk",
        title="A walk",
        about="",
        model="walk",
        values=Params(**values),
        changes=(),
        years=years,
        first_year=1900,
        seed=seed,
    )


def run_blocks(
    scenario: Scenario,
    blocks: Iterable[int],
    threads: int,
    keep: Callable[[int, np.ndarray], None],
    block_size: int = engine.BLOCK,
) -> None:
    """Blocks of worlds in threads, as the store has them run; block b has worlds from b * block_size on."""
    engine.simulate(scenario, [])

    def live(block: int) -> np.ndarray:
        return engine.simulate(scenario, range(block * block_size, (block + 1) * block_size))

    engine.in_threads(blocks, live, threads, keep)


def command(code: str, toys: Path = TOYS) -> list[str]:
    """A command line that runs `code` in a new interpreter where the toy models in `toys` are found."""
    lines = ["import sys, pathlib, toy", f"toy.install(pathlib.Path({str(toys)!r}))", code]
    return [sys.executable, "-c", "\n".join(lines)]


def environment(**more: str) -> dict[str, str]:
    """This process's environment, with what a new interpreter needs to find bestowal and this file."""
    path = os.pathsep.join([str(HERE.parent), str(HERE), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, **more}


def script(code: str, toys: Path = TOYS, **more: str) -> str:
    """What `code` prints in a new interpreter, given further environment variables; it must end well."""
    done = subprocess.run(command(code, toys), env=environment(**more), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded(code: str) -> set[str]:
    """The modules that a new interpreter has imported after this code."""
    show = "import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return set(done.stdout.split())


def read_only(folder: Path) -> None:
    """Take away the permission to write in a folder, and in those inside it."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def bound(command: list[str]) -> list[str]:
    """The command, run so that permissions bind it: root without the capabilities that override them (Linux)."""
    if os.getuid() != 0:
        return command
    code = """if True:
        import ctypes, os, sys
        for capability in (1, 2, 3):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
            assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP
        os.execv(sys.argv[1], sys.argv[1:])
    """
    return [sys.executable, "-c", code, *command]
