"""The cost of questions: the curve of the last year against re-running every year, and the whole of `ask --full`.

The curve, "All of them together" in the russia question made in any of its 70 years, is had in two ways in turn: by 70
runs from the first year on, and by worlds resumed from their state in the year of the change, for only the years that
the curve needs. `ask russia --full` is the command as a user gives it, once in an empty store and once more.

Both ways live the same worlds, judge with the same code, keep nothing, use all cores, and leave out what is read when a
world begins. What is compiled is there already.

    python benchmarks/questions.py

What a fair competitor would object to:

- Most of the saving is in the years left out where the curve is flat; so the years that both ran are timed too.
- It is ours against ours. Nobody else asks this question, so the straight way stands for what others would do; it is
  our own engine, not a slower one.
- The saving hangs on when the change comes: the later, the more of history is shared.
- `ask --full` is measured once, with everybody's work in it: searching, judging, drawing. Half its time is questions
  that a reader may not have.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measuring import Row, faster, row, seconds

from bestowal.models.registry import load, parameters
from bestowal.questions.ask import question
from bestowal.questions.kinds.last_year.compute import last_year
from bestowal.questions.outcomes import Evaluator
from bestowal.questions.question import Moment, hold, tested
from bestowal.simulation.engine import BLOCK, cores

WORLDS = 2 * BLOCK


def main() -> None:
    for line in measure(3):
        print(f"{line.what}: {line.told}")


def measure(rounds: int) -> list[Row]:
    """(what, figure) of the curve over some rounds, and of the whole command once."""
    asked, base = question("russia")
    change = next(lever for lever in asked.levers if lever.name == "everything")
    fixed = {p.name for p in parameters(load(base.model)) if p.fixed}
    values = {name: value for moment in change.moments for name, value in moment.values.items() if name not in fixed}
    history = tested(base, asked)
    made = [(year, tested(hold(base, Moment(year, values)), asked)) for year in range(base.years)]

    def court() -> Evaluator:
        return Evaluator(asked, store=tempfile.mkdtemp())

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
    for i in range(rounds):
        for name, do in work.items() if i % 2 else reversed(work.items()):
            times[name].append(seconds(do))

    found = [
        row(
            f"the curve of the last year, {WORLDS} worlds, {len(years)} of {len(made)} years run, seconds",
            times["curve"],
            ".1f",
        ),
        row(f"straight runs for all {len(made)} years, seconds", times["straight"], ".1f"),
        faster(
            "**straight against curve**",
            times["straight"],
            times["curve"],
            ".1f",
            "every year from the start: the curve",
        ),
        faster(
            "**the same years alone: straight against resumed**",
            times["rerun"],
            times["branched"],
            ".1f",
            "the same years from the start: resumed",
        ),
    ]
    with tempfile.TemporaryDirectory() as store:
        command = [str(Path(sys.executable).with_name("bestowal")), "ask", "russia", "--full", "--store", store]
        for name in (f"`ask russia --full`, empty store, {cores()} cores, seconds", "the same again, everything kept"):
            taken = seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
            found.append(Row(name, f"{taken:.0f}", [taken]))
    return found


if __name__ == "__main__":
    main()
