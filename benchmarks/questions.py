"""The cost of questions: the curve of the last year against re-running every year, and the whole of `ask --full`.

The curve: "All of them together" in the russia question (but for what is read when a world begins), made in any of its
70 years. Straight: 70 runs, each from the first year, for the same worlds. Ours: worlds resumed from their state in the
year of the change, and only the years that the curve needs. Both judge with the same code and keep nothing; both use
all cores. A fair competitor would say that most of the saving is in the years left out where the curve is flat; so the
years both ran are timed too.

`ask russia --full`: the command as a user gives it, in an empty store, with what is compiled already there, and once
more with everything kept.

python benchmarks/questions.py
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bestowal import question_file
from bestowal.engine import BLOCK, cores
from bestowal.model import load, parameters
from bestowal.question import question
from bestowal.question_file import Moment, hold
from bestowal.questions.last_year import last_year
from bestowal.questions.outcomes import Court

WORLDS = 2 * BLOCK


def main() -> None:
    for name, value in measure(3):
        print(f"{name}: {value}")


def measure(rounds: int) -> list[tuple[str, str]]:
    """(what, figure) of the curve over some rounds, and of the whole command once."""
    asked, base = question("russia")
    change = next(lever for lever in asked.levers if lever.name == "everything")
    fixed = {p.name for p in parameters(load(base.model)) if p.fixed}
    values = {name: value for moment in change.moments for name, value in moment.values.items() if name not in fixed}
    history = question_file.tested(base, asked)
    made = [(year, question_file.tested(hold(base, Moment(year, values)), asked)) for year in range(base.years)]

    def court() -> Court:
        return Court(asked, store=tempfile.mkdtemp())

    def curve() -> list[int]:
        here = court()
        return [y.year for y in last_year(change, asked, base, here.judge, here.branches, worlds=WORLDS).years]

    years = curve()  # and what is compiled is
    some = [pair for pair in made if pair[0] in years]
    times: dict[str, list[float]] = {"curve": [], "straight": [], "branched": [], "rerun": []}
    work: dict[str, Callable[[], object]] = {
        "curve": curve,
        "straight": lambda: court().judge([history, *(scenario for _, scenario in made)], range(WORLDS)),
        "branched": lambda: court().branches(history, some, range(WORLDS)),
        "rerun": lambda: court().judge([scenario for _, scenario in some], range(WORLDS)),
    }
    for _ in range(rounds):
        for name, do in work.items():
            start = time.perf_counter()
            do()
            times[name].append(time.perf_counter() - start)

    def ratio(slow: str, fast: str) -> str:
        each = sorted(a / b for a, b in zip(times[slow], times[fast], strict=True))
        return f"{statistics.median(each):.1f} ({each[0]:.1f} to {each[-1]:.1f})"

    found = [
        (
            f"the curve of the last year, {WORLDS} worlds, {len(years)} of {len(made)} years run",
            _seconds(times["curve"]),
        ),
        (f"straight runs for all {len(made)} years", _seconds(times["straight"])),
        ("straight over curve", ratio("straight", "curve")),
        ("the same years alone: straight over resumed", ratio("rerun", "branched")),
    ]
    with tempfile.TemporaryDirectory() as store:
        command = [str(Path(sys.executable).with_name("bestowal")), "ask", "russia", "--full", "--store", store]
        for name in (f"`ask russia --full`, empty store, {cores()} cores", "the same again, everything kept"):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            found.append((name, f"{time.perf_counter() - start:.0f} s"))
    return found


def _seconds(times: list[float]) -> str:
    return f"{statistics.median(times):.1f} s ({min(times):.1f} to {max(times):.1f})"


if __name__ == "__main__":
    main()
