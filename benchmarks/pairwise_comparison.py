"""How fast two strategies drift: our pairwise comparison beside EGTtools', on the same tasks in one run.

    python benchmarks/pairwise_comparison.py --egttools PATH      PATH: a Python that has egttools; about three minutes

Ours is the model traulsen_nowak_pacheco_2006 with one chain and with 64; theirs is
`PairwiseComparisonNumerical.estimate_stationary_distribution` (Fernández Domingos, Santos & Lenaerts 2023, iScience
26:106419). EGTtools is under the GPL: it is run as a program of its own and nothing of it comes into ours. Sides
take turns, round by round, in changing order, one thread each. The clock is processor time of the call alone, with
everything imported and compiled, so that others at work on the machine take little from either. Every side goes
through the same number of updates, the first eleventh of which is not counted into the distribution.

In EGTtools a generation is one update: in 100,000 generations of run_with_mutation on the Hawk-Dove task 0.14012 moved,
where the exact chances at the states it was in expect 0.14007. `transitory` is part of nb_generations: raising it
leaves the time as it was.

What a fair competitor would object to:

- EGTtools takes any number of strategies and any game, ours only two strategies and a matrix. That is why we can keep
  a state in one number and every chance in a table; it picks players and works out their fitness at each update.
- Most of its time in 0.1.14.2 is one thing that could be mended: under `perf`, string streams and memory allocation,
  which its cache of fitness appears to use for keys, take about six parts in seven. Without them the factor on
  Hawk-Dove would be perhaps seven times smaller. No size of the cache from 1 to 10**6 and neither way of stating the
  game made it much faster.
- It always skips through pure states, so that where these dominate most of "its" updates are never carried out. The
  same goes for ours with skip = 1, and not for ours with skip = 0.
- It comes as a wheel for any processor of the kind; Numba compiles for the one at hand, and the seconds that takes are
  not counted (they have a row).
- It starts in a random state, ours half and half. Where one call can't reach the long run, as in the coordination game,
  where it stays says nothing but where it began, and neither side is judged on it there. It then lands now on one side,
  now on the other, which differ in how much there is to skip: hence the wide range of its speed.
- For two strategies nobody needs to simulate: detailed balance gives the distribution at once (EGTtools has it too).
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from society_year import middle, processor  # noqa: E402

POPULATION = 100
CHAINS = 64
PARTS = 11  # epochs of a call, of which the first is not counted
UNIT = PARTS * CHAINS
MISSING = (
    "not measured: make an environment of its own, `python -m venv egt; egt/bin/pip install egttools==0.1.14.2`, and"
    " give `--egttools egt/bin/python`"
)


class Task(NamedTuple):
    name: str
    matrix: list[list[float]]
    strength: float
    mutation: float
    updates: int
    skips: bool  # whether ours with skip = 1 takes part
    reached: bool  # whether so many updates come near the long run


TASKS = [
    Task("Hawk-Dove, μ 1e-3", [[-0.5, 2.0], [0.0, 0.0]], 1.0, 1e-3, 8_000 * UNIT, False, True),
    Task("coordination, μ 1e-4", [[2.0, 0.0], [0.0, 1.0]], 1.0, 1e-4, 80_000 * UNIT, True, False),
    Task("dominance, μ 1e-4", [[0.0, 0.0], [1.0, 1.0]], 1.0, 1e-4, 80_000 * UNIT, True, True),
]


class Call(NamedTuple):
    """One timed call: seconds of processor time, mean and standard deviation of the first strategy's players."""

    seconds: float
    mean: float
    sd: float


# Runs under the other Python: the task on standard input, [seconds, mean, sd] on standard output.
THEIRS = """
import json, sys, time
import numpy as np
import egttools
from egttools.games import Matrix2PlayerGameHolder
from egttools.numerical import PairwiseComparisonNumerical
size, matrix, strength, mutation, updates, burnt = json.load(sys.stdin)
game = Matrix2PlayerGameHolder(2, np.array(matrix))  # kept by name: EGTtools holds no reference to it
solver = PairwiseComparisonNumerical(size, game, size + 1)
began = time.process_time()
shares = solver.estimate_stationary_distribution(1, updates, burnt, strength, mutation)
seconds = time.process_time() - began
first = np.array([float(egttools.sample_simplex(i, size, 2)[0]) for i in range(size + 1)])
shares = np.asarray(shares) / np.sum(shares)  # a last skip that reaches past the end leaves the sum a little off 1
mean = float(shares @ first)
print(json.dumps([seconds, mean, float(shares @ (first - mean) ** 2) ** 0.5]))
"""


def theirs(python: str, task: Task) -> Call:
    given = [POPULATION, task.matrix, task.strength, task.mutation, task.updates, task.updates // PARTS]
    done = subprocess.run(
        [python, "-c", THEIRS],
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return Call(*json.loads(done.stdout.splitlines()[-1]))


def ours(task: Task, chains: int, skip: int, world: int) -> Call:
    from bestowal.engine import simulate
    from bestowal.model import load
    from bestowal.scenario import Scenario

    model = load("traulsen_nowak_pacheco_2006")
    (a, b), (c, d) = task.matrix
    values = model.params(
        population=POPULATION,
        chains=chains,
        first_first=a,
        first_second=b,
        second_first=c,
        second_second=d,
        strength=task.strength,
        mutation=task.mutation,
        updates=task.updates // (PARTS * chains),
        skip=skip,
    )
    scenario = Scenario("bench", "Pairwise comparison", "", model.name, values, years=PARTS)
    began = time.process_time()
    found = simulate(scenario, [world])
    seconds = time.process_time() - began
    first, spread = found[0, 1:, 0], found[0, 1:, 1]
    mean = first.mean()
    return Call(seconds, float(mean * POPULATION), math.sqrt((spread**2 + first**2).mean() - mean**2) * POPULATION)


def egttools_version(python: str | None) -> str:
    """Of the egttools which that Python has; empty where there is none."""
    if python is None:
        return ""
    try:
        code = "import egttools, importlib.metadata as m; print(m.version('egttools'))"
        done = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def around(values: list[float], form: str) -> str:
    """Mean and its standard error."""
    return f"{statistics.mean(values):{form}} ± {statistics.stdev(values) / math.sqrt(len(values)):{form}}"


def compare(task: Task, python: str | None, rounds: int) -> list[tuple[str, str]]:
    """Rows of one task; without EGTtools where `python` is None."""
    from bestowal import theory

    sides: dict[str, Callable[[int], Call]] = {
        "ours, 1 chain": lambda i: ours(task, 1, 0, i),
        f"ours, {CHAINS} chains": lambda i: ours(task, CHAINS, 0, i),
    }
    if task.skips:
        sides["ours, 1 chain, skip"] = lambda i: ours(task, 1, 1, i)
        sides[f"ours, {CHAINS} chains, skip"] = lambda i: ours(task, CHAINS, 1, i)
    if python is not None:
        sides["EGTtools"] = lambda i: theirs(python, task)
    calls: dict[str, list[Call]] = {side: [] for side in sides}
    for i in range(rounds):
        turn = list(sides)
        for side in turn[i % len(turn) :] + turn[: i % len(turn)]:
            calls[side].append(sides[side](i))
    rows = [(f"**{task.name}**, {task.updates:,} updates", "")]
    for side, made in calls.items():
        rows.append(
            (f"{side}: million updates a second", middle([task.updates / c.seconds / 1e6 for c in made], ",.2f"))
        )
    if python is not None:
        for side in list(sides)[:-1]:
            both = zip(calls["EGTtools"], calls[side], strict=True)
            rows.append(
                (f"{side}: times as fast as EGTtools", middle([t.seconds / o.seconds for t, o in both], ",.1f"))
            )
    if not task.reached:
        rows.append(("players of the first strategy", "not compared: no call comes near the long run"))
        return rows
    states, shares = theory.stationary(task.matrix, POPULATION, task.strength, task.mutation)
    mean = float(shares @ states[:, 0])
    sd = math.sqrt(float(shares @ (states[:, 0] - mean) ** 2))
    rows.append(("players of the first strategy: exact mean, sd", f"{mean:.4f}, {sd:.4f}"))
    for side, made in calls.items():
        rows.append((f"… {side}", f"{around([c.mean for c in made], '.4f')}, {around([c.sd for c in made], '.4f')}"))
    return rows


def measure(python: str | None = None, rounds: int = 5) -> list[tuple[str, str]]:
    """(what, how much) for every task; `python` is one that has egttools, None to measure only ours."""
    version = egttools_version(python)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    rows = [("others at work when this began (load average)", f"{load:.1f}")]
    rows.append(("EGTtools", version or MISSING))
    began = time.process_time()
    for skip in (0, 1):
        ours(TASKS[0]._replace(updates=UNIT), 1, skip, 0)
    rows.append(("ours: compile or load, seconds, once", f"{time.process_time() - began:.1f}"))
    for task in TASKS:
        rows += compare(task, python if version else None, rounds)
    return rows


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--egttools", metavar="PYTHON", help="a Python that has egttools")
    options.add_argument("--rounds", type=int, default=5, help="at least 2")
    given = options.parse_args()
    rows = measure(given.egttools, given.rounds)
    print(
        f"{processor()}, one thread each; medians of {given.rounds} rounds, with the whole range; a ratio is the median"
    )
    print("of the ratios within rounds; means over rounds with their standard errors.\n")
    print("| what | |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
