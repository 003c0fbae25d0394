"""How fast two strategies drift: our pairwise comparison beside EGTtools', on the same tasks in one run.

    python benchmarks/pairwise_comparison.py --egttools PATH      PATH: a Python that has egttools; about three minutes

Three games of two strategies are lived for the same number of updates by bestowal, in one chain and in 64, and by
EGTtools' `PairwiseComparisonNumerical.estimate_stationary_distribution`, one thread each. Sides take turns, round by
round, in changing order; the clock is processor time of the call alone, with everything imported and compiled.

Ours is the model traulsen_nowak_pacheco_2006; EGTtools is Fernández Domingos, Santos & Lenaerts 2023, iScience
26:106419. It is under the GPL: it is run as a program of its own and nothing of it comes into ours. By processor time
others at work on the machine take little from either. The first eleventh of the updates is not counted into the
distribution.

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

from measuring import Row, faster, load, processor, row, version  # noqa: E402

POPULATION = 100
CHAINS = 64
PARTS = 11  # epochs of a call, of which the first is not counted
UNIT = PARTS * CHAINS
MISSING = "not measured: no Python with EGTtools was given"


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
    from bestowal.models.registry import load
    from bestowal.simulation.engine import simulate
    from bestowal.simulation.scenario import Scenario

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


def around(values: list[float], form: str) -> str:
    """Mean and its standard error."""
    return f"{statistics.mean(values):{form}} ± {statistics.stdev(values) / math.sqrt(len(values)):{form}}"


def compare(task: Task, python: str | None, rounds: int) -> list[Row]:
    """Rows of one task; without EGTtools where `python` is None."""
    from bestowal.statistics import evolutionary_games as theory

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
    rows = [Row(f"{task.name}", f"{task.updates:,} updates")]
    taken = {side: [call.seconds for call in made] for side, made in calls.items()}
    for side, each in taken.items():
        rows.append(row(f"{side}: million updates a second", [task.updates / t / 1e6 for t in each], ",.2f"))
    for side in list(sides)[:-1] if python is not None else ():
        against = f"**EGTtools' time against {side}**"
        rows.append(
            faster(against, taken["EGTtools"], taken[side], ",.1f", f"{task.name}: {side.removeprefix('ours, ')}")
        )
    if not task.reached:
        rows.append(Row("players of the first strategy", "not compared: no call comes near the long run"))
        return rows
    states, shares = theory.stationary(task.matrix, POPULATION, task.strength, task.mutation)
    mean = float(shares @ states[:, 0])
    sd = math.sqrt(float(shares @ (states[:, 0] - mean) ** 2))
    rows.append(Row("players of the first strategy: exact mean, sd", f"{mean:.4f}, {sd:.4f}"))
    for side, made in calls.items():
        rows.append(Row(f"… {side}", f"{around([c.mean for c in made], '.4f')}, {around([c.sd for c in made], '.4f')}"))
    return rows


def measure(python: str | None = None, rounds: int = 5) -> list[Row]:
    """(what, how much) for every task; `python` is one that has egttools, None to measure only ours."""
    found = version(python, "egttools")
    rows = [Row("EGTtools", found or MISSING)]
    began = time.process_time()
    for skip in (0, 1):
        ours(TASKS[0]._replace(updates=UNIT), 1, skip, 0)
    rows.append(Row("ours: compile or load, seconds, once", f"{time.process_time() - began:.1f}"))
    for task in TASKS:
        rows += compare(task, python if found else None, rounds)
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
    print(f"load average {load()} after it\n\n| what | |\n|---|---|")
    for line in rows:
        print(f"| {line.what} | {line.told} |")


if __name__ == "__main__":
    main()
