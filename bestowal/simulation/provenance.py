"""What is written beside a run's worlds: the scenario, and which versions ran which blocks, on what machine, when."""

import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bestowal.core.files import write
from bestowal.core.version import NUMERICS, STORE
from bestowal.models.registry import load
from bestowal.simulation.code_digest import of_model
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import heading, to_toml, toml_text

DAY = 86_400  # seconds


def note(
    folder: Path, scenario: Scenario, blocks: Sequence[int | str], kind: str = "blocks", on: str | None = None
) -> None:
    """Write the scenario down, and add to the provenance that these blocks are being run now, here or on a cluster.

    Under the lock. `kind` is what they are called there, where they are not blocks of worlds kept whole. What killed
    processes left half-written goes.
    """
    _clear(folder)
    describe_run(folder, scenario)
    file = folder / "provenance.json"
    try:
        runs = list(json.loads(file.read_text(encoding="utf-8"))["runs"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # none yet, or of no use any more
        runs = []
    here = {**software_versions(), "python": platform.python_version(), "machine": platform.platform()}
    if on:
        here["cluster"] = on  # its workers have these versions, or are refused
    runs.append({"began": datetime.now(UTC).isoformat(timespec="seconds"), kind: list(blocks), **here})
    code = of_model(load(scenario.model))
    head = {"key": folder.name, "model": scenario.model, "code": code, "numerics": NUMERICS, "store": STORE}
    write(file, json.dumps({**head, "runs": runs}) + "\n")


def describe_run(folder: Path, scenario: Scenario) -> None:
    """Write the scenario beside its worlds, in place of one with another name, title or calendar (not in its key)."""
    file = folder / "scenario.toml"
    name = f"name = {toml_text(scenario.name)}\n"
    try:
        if file.read_bytes().startswith(f"{name}{heading(scenario)}".encode()):
            return
    except FileNotFoundError:
        pass
    write(file, name + to_toml(scenario))


def _clear(folder: Path) -> None:
    """Take away temporary files a day old: whoever was writing them was killed. Younger ones may be at work."""
    for here, _, names in os.walk(folder):
        for name in names:
            half = Path(here) / name
            if half.suffix == ".partial" and time.time() - half.stat().st_mtime > DAY:
                half.unlink(missing_ok=True)


@cache
def software_versions() -> dict[str, str]:
    """Of what decides numbers and how they are kept, as this process has them."""
    found = {name: importlib.metadata.version(name) for name in ("numba", "llvmlite", "numpy", "zarr")}
    try:
        return {"bestowal": importlib.metadata.version("bestowal"), **found}
    except importlib.metadata.PackageNotFoundError:
        return {"bestowal": "not installed", **found}
