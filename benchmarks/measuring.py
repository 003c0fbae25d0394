"""What every measurement here shares: rows of a table, medians with their range, ratios within rounds, this machine.

A section is a file with `measure(rounds)` that gives rows. The top of the file is printed with them: its first
paragraph as how it was measured, and the list after "What a fair competitor would object to:" as that.
"""

import os
import platform
import shlex
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parent
OBJECTIONS = "What a fair competitor would object to:"
BUSY = 0.3  # cores at work for others from which on a section is marked


class Row(NamedTuple):
    """A line of a table, and for a ratio to be drawn what the figure calls it."""

    what: str
    told: str
    rounds: Sequence[float] = ()  # every round, in the unit of `told`
    drawn: str = ""  # in the figure: the other side, as "C, gcc -O3"
    slower: bool = False  # the ratio is our time over theirs, not theirs over ours


def seconds(work: Callable[[], object]) -> float:
    """Time on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def middle(values: Sequence[float], form: str) -> str:
    """Median, and the whole range in brackets."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def row(what: str, values: Sequence[float], form: str) -> Row:
    return Row(what, middle(values, form), list(values))


def within(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """The ratio of each round: what slowed a round down slowed both of its sides."""
    return [a / b for a, b in zip(above, below, strict=True)]


def faster(what: str, theirs: Sequence[float], ours: Sequence[float], form: str, drawn: str) -> Row:
    """Their time against ours, to be drawn."""
    return row(what, within(theirs, ours), form)._replace(drawn=drawn)


def slower(what: str, ours: Sequence[float], theirs: Sequence[float], form: str, drawn: str) -> Row:
    """Our time against theirs, to be drawn."""
    return row(what, within(ours, theirs), form)._replace(drawn=drawn, slower=True)


def load() -> float | None:
    """Load average of the last minute; it counts what we did ourselves. None where the machine tells none."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def others(wait: float = 2.0) -> float | None:
    """Cores at work while we wait so many seconds and do nothing; None where the machine doesn't tell."""

    def at_work() -> float:
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

    try:
        before = at_work()
        time.sleep(wait)
        return (at_work() - before) / wait
    except (OSError, ValueError):
        return None


def top(doc: str) -> tuple[str, str]:
    """(how it was measured, what a competitor would object to) from the top of a section's file."""
    before, found, objections = doc.partition(OBJECTIONS)
    paragraphs = [p for p in before.split("\n\n")[1:] if p.strip() and not p.startswith(" ")]
    if not (found and paragraphs and objections.strip()):
        raise ValueError(f"the top of a section says how it is measured, and {OBJECTIONS!r}: not {doc[:60]!r}")
    return paragraphs[0].strip(), objections.strip()


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def compilers() -> list[list[str]]:
    """Commands of the C compilers: CC of the environment, else gcc and clang, those there are."""
    if os.environ.get("CC"):
        return [shlex.split(os.environ["CC"])]
    return [[name] for name in ("gcc", "clang") if shutil.which(name)]


def version(python: str | None, package: str) -> str:
    """Of a package in another Python; empty where that has none."""
    code = f"import {package}, importlib.metadata as m; print(m.version({package!r}))"
    try:
        done = subprocess.run(
            [python or "", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.split()[-1]
