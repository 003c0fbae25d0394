"""How long a command takes to begin.

Each command is a process of its own, timed from its start to its end and set against a bare interpreter started in the
same round; `run` is of one block of the scenario `commune`. "Nothing compiled" has an empty BESTOWAL_CACHE and is done
three times at most.

What a fair competitor would object to:

- A bare interpreter does nothing. Any program with NumPy and pandas behind it begins ten times as late or more; hence
  `import mesa` and `import egttools` beside it, under the Python that has them.
- Those are imports only, and ours is set against them with a run and its output: they come out better than a script
  that also makes a model would. But neither of them ever compiles. Ours does, after installation and after every change
  of a model's code, and for that there is only the row "nothing compiled".
- Everything is in the page cache and every .pyc is written. The first start after the machine's own takes longer, for
  all of them.
- 32 worlds of the commune are lived in less than a second, so that "everything compiled" is nearly all imports and the
  loading of what is compiled.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from measuring import Row, faster, row, seconds, slower, version

COLD = 3
BESTOWAL = (sys.executable, "-c", "from bestowal.cli.app import main; main()")
RUN = (*BESTOWAL, "run", "commune", "--worlds", "32", "--store")


def start(command: Sequence[str], **environment: str) -> float:
    """Seconds from start to end of a process that says nothing."""
    env: Mapping[str, str] = {**os.environ, **environment}
    return seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=sys.stderr, env=env))


def measure(rivals: str | None = None, rounds: int = 7) -> list[Row]:
    """`rivals` is a Python that has mesa and egttools; without it ours alone is measured."""
    versions = {package: version(rivals, package) for package in ("mesa", "egttools")}
    bare, compiled = "a bare interpreter", "`bestowal run`, everything compiled"
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        start((*RUN, str(home / "kept")))  # compiles, and keeps

        work: dict[str, Callable[[int], float]] = {
            bare: lambda i: start((sys.executable, "-c", "pass")),
            "`bestowal --help`": lambda i: start((*BESTOWAL, "--help")),
            "`bestowal run`, a store hit": lambda i: start((*RUN, str(home / "kept"))),
            compiled: lambda i: start((*RUN, str(home / f"warm{i}"))),
        }
        cold = "`bestowal run`, nothing compiled"
        work[cold] = lambda i: start((*RUN, str(home / f"cold{i}")), BESTOWAL_CACHE=str(home / f"cache{i}"))
        for package, found in versions.items():
            if found:
                work[f"`import {package}`"] = lambda i, package=package: start(
                    (rivals or "", "-c", f"import {package}")
                )
        taken: dict[str, list[float]] = {what: [] for what in work}
        for i in range(rounds):
            for what, begin in work.items():
                if what != cold or i < COLD:
                    taken[what].append(begin(i))
    rows = [row(f"{bare}, seconds", taken[bare], ".3f")]
    for what in list(work)[1:5]:
        each = taken[what]
        rows += [
            row(f"{what}, seconds", each, ".2f"),
            slower(
                f"**{what}, against {bare}**",
                each,
                taken[bare][: len(each)],
                ".1f",
                f"bare Python: {plain(what).removeprefix('bestowal ')}",
            ),
        ]
    for package, found in versions.items():
        what = f"`import {package}`"
        if not found:
            rows.append(Row(what, "not measured: no Python that has it was given"))
            continue
        rows += [
            row(f"{what} ({found}), seconds", taken[what], ".2f"),
            faster(
                f"**{what}, against {compiled}**",
                taken[what],
                taken[compiled],
                ".2f",
                f"{plain(what)}: run, everything compiled",
            ),
        ]
    return rows


def plain(what: str) -> str:
    return what.replace("`", "")


if __name__ == "__main__":
    for line in measure(sys.argv[1] if sys.argv[1:] else None):
        print(f"| {line.what} | {line.told} |")
