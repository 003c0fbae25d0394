"""How fast Hammond and Axelrod (2006) is here, in plain C and in Mesa, on a 50 x 50 torus in one run.

    python benchmarks/hammond_axelrod.py [--mesa PATH] [--agree 20]      PATH: a Python that has Mesa 3.3

The same 2,000 periods, luck and all, are lived by bestowal and by plain C (every observable of the last period must be
the same bits, in every round), and 200 periods of a full torus by Mesa in its own luck, one thread each. Sides take
turns, round by round, each round in another world; the clock is processor time.

Ours is the model hammond_axelrod_2006 through simulation.engine.simulate, its kernel compiled beforehand (that has a
row). C is hammond_axelrod.c, compiled here for this very processor. Mesa is hammond_axelrod_mesa.py, run as a program
of its own: nothing of Mesa (Apache licence) comes into ours. Processor time of one thread with nothing to wait for is
the time on the wall of a quiet machine; from C's the start of its process, timed beside it, is taken off.

Mesa's torus fills at another pace: it is timed from period 500 on, when the torus is as full as it gets, against ours
over periods 500 to 2,000 (a run of 2,000 less a run of the first 500). `--agree` checks that its numbers are the same
in distribution.

What a fair competitor would object to:

- Mesa is not made for this. Agents are Python objects that can be anything, and what it offers (data collection,
  visualization, any space, any agent) is of no use here and not counted. The factor is Python's against machine code
  times what Mesa asks for a birth and a death. Mesa with an agent for each site instead of each person, where nobody is
  born or removed, is three to four times as fast, about as fast as the same loops over plain objects without Mesa.
  So both ways are timed; the first is how one would write it, and the second is the number to doubt the first by.
- Ours was written for this model: a person is 16 bits, a meeting a few of them, everything a pass over an array. Who
  writes a model of their own in bestowal the plain way will not get that factor.
- Somebody could write the meetings and deaths in NumPy, over a property layer of Mesa's or none; only births go one by
  one. That may be faster again and has no agents of Mesa's in it. So may PyPy be, or mesa-frames. None is timed.
- The Mesa program is fast rather than plain (its top says how). It leaves out what ours does work out in every period,
  the eight observables, and shuffles only those who have a child, which the rules allow. A plainer one takes longer.
- Mesa runs on whatever Python it is given; the table says which.
- Ours draws four Philox numbers for every site, empty or not; Mesa's Mersenne Twister is asked only when needed.
- C: one compiler with one set of flags, here the first of $CC, gcc and clang. The program is the same algorithm as ours
  in plain C, written by us, without intrinsics. With gcc 12 and AVX2 all that it was slower by lay in the one loop that
  draws the period's luck, of which LLVM, underneath Numba, makes code more than twice as fast; all the rest together
  took as long in both. A few lines of intrinsics would probably draw level: nothing here says that Numba beats C.
- Seconds to compile are counted for neither; ours has them in every fresh installation and after every change of code.
- One world on one thread. With many worlds all three can use every processor; here that needs no further code.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from measuring import Row, compilers, faster, load, processor, row  # noqa: E402

if TYPE_CHECKING:
    from bestowal.simulation.scenario import Scenario

FLAGS = ["-O3", "-march=native", "-ffp-contract=off"]
SEED = 1
SIDE = 50
PERIODS = 2000
FULL = 500  # periods after which the torus is as full as it gets: 0.1 of its sites at 100, 0.6 at 300, 0.63 at 500
MESA_PERIODS = 200
WAYS = {"people": (), "sites": ("--places",)}  # what is an agent in Mesa, and how it is asked for
PAIRS = 6  # ours and C so many times in a round, half before Mesa and half after
MISSING = "not measured: no Python with Mesa was given"


def spent(work: Callable[[], object]) -> float:
    """Processor time of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def run(*command: object) -> tuple[str, float]:
    """What a program prints, and its processor time."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    began = used()
    done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout, used() - began


def mesa(python: str, *options: object) -> dict[str, float]:
    return json.loads(run(python, HERE / "hammond_axelrod_mesa.py", "--side", SIDE, *options)[0])


def pairs(program: Path | None, whole: "Scenario", world: int, times: int) -> list[tuple[float, float, float]]:
    """Seconds of ours for all periods and for the first, and of C, which goes first every other time (NaN: no C)."""
    from bestowal.simulation.engine import simulate

    filling = whole.clock(years=FULL)
    last = simulate(whole, [world])[0, -1].tolist()
    taken = []
    for i in range(times):
        c_first = i % 2 == 1
        told, there = run(program, SIDE, PERIODS, SEED, world) if program and c_first else ("", float("nan"))
        here = spent(lambda: simulate(whole, [world]))
        first = spent(lambda: simulate(filling, [world]))
        if program is None:
            taken.append((here, first, there))
            continue
        if not c_first:
            told, there = run(program, SIDE, PERIODS, SEED, world)
        starting = run(program, SIDE, 1, SEED, world)[1]
        if [float(x) for x in told.split()[:-1]] != last:
            raise RuntimeError(f"world {world}: ours ends with {last}, C with {told}")
        taken.append((here, first, there - starting))
    return taken


def measure(mesa_python: str | None = None, rounds: int = 5, cc: str | None = None) -> list[Row]:
    """The rows of the table; `cc` is a C compiler, else the first there is."""
    from bestowal.simulation import engine
    from bestowal.simulation.scenario import defaults

    whole = defaults("hammond_axelrod_2006").but(side=SIDE).clock(years=PERIODS, seed=SEED)
    began = time.perf_counter()
    engine.simulate(whole, [])
    compiling = time.perf_counter() - began

    ours: list[float] = []
    steady: list[float] = []
    c: list[float] = []
    against_c: list[float] = []
    theirs: dict[str, list[float]] = {kind: [] for kind in WAYS}
    told: dict[str, dict[str, float]] = {}
    command = [cc] if cc else next(iter(compilers()), [])
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "hammond_axelrod" if command else None
        if program:
            subprocess.run([*command, *FLAGS, "-o", program, HERE / "hammond_axelrod.c"], check=True)
        for world in range(rounds):
            taken = pairs(program, whole, world, PAIRS // 2)
            for kind in WAYS if mesa_python else ():
                options = ("--warm-up", FULL, "--periods", MESA_PERIODS, "--seed", SEED + world)
                told[kind] = mesa(mesa_python, *WAYS[kind], *options)
                theirs[kind].append(told[kind]["seconds_per_period"])
            taken += pairs(program, whole, world, PAIRS - PAIRS // 2)
            ours.append(statistics.median(here for here, _, _ in taken))
            c.append(statistics.median(there for _, _, there in taken))
            against_c.append(statistics.median(there / here for here, _, there in taken))
            steady.append(statistics.median(here - first for here, first, _ in taken) / (PERIODS - FULL))

    rows = [row(f"ours, {PERIODS:,} periods, ms", [x * 1e3 for x in ours], ".1f")]
    if command:
        by = run(*command, "--version")[0].splitlines()[0]
        rows += [
            row(f"C, {PERIODS:,} periods, ms: {by}, {' '.join(FLAGS)}", [x * 1e3 for x in c], ".1f"),
            row("**C's time against ours**", against_c, ".2f")._replace(drawn=f"plain C, {command[0]} -O3"),
            Row("… observables of the last period", f"the same bits in {rounds} worlds"),
        ]
    else:
        rows.append(Row("C", "not measured: no C compiler here"))
    rows.append(row(f"ours, a period from {FULL} on, µs", [x * 1e6 for x in steady], ".1f"))
    for kind, there in theirs.items() if mesa_python else ():
        mesa_version, python = told[kind]["mesa"], told[kind]["python"]
        rows += [
            row(
                f"Mesa {mesa_version}, Python {python}, {kind} are agents, a period from {FULL} on, µs",
                [x * 1e6 for x in there],
                ",.0f",
            ),
            faster(
                f"**Mesa's time against ours, {kind} are agents**", there, steady, ".0f", f"Mesa, {kind} are agents"
            ),
        ]
    if not mesa_python:
        rows.append(Row("Mesa", MISSING))
    return [*rows, Row("ours: compile, or load what is compiled, seconds", f"{compiling:.1f}")]


def agreement(mesa_python: str, worlds: int) -> list[Row]:
    """Observables of the last 100 periods, ours in ten times as many worlds, and the difference in standard errors."""
    from bestowal.models.registry import load
    from bestowal.simulation import engine
    from bestowal.simulation.scenario import defaults

    whole = defaults("hammond_axelrod_2006").but(side=SIDE).clock(years=PERIODS, seed=SEED)
    ours = engine.simulate(whole, range(10 * worlds))[:, -100:].mean(axis=1)
    options = ("--statistics", "--warm-up", PERIODS - 100, "--periods", 100)
    rows = []
    for kind, way in WAYS.items():
        theirs = [mesa(mesa_python, *options, *way, "--seed", SEED + i) for i in range(worlds)]
        for observable, here in zip(load(whole.model).observables, ours.T, strict=True):
            there = [told[observable.name] for told in theirs]
            error = (statistics.variance(here) * (1 / len(here) + 1 / worlds)) ** 0.5  # as if both were one process
            a, b = statistics.fmean(here), statistics.fmean(there)
            name = f"{observable.name}: ours, Mesa's ({kind} are agents), z"
            rows.append(Row(name, f"{a:.3f}, {b:.3f}, {(b - a) / error:+.1f}"))
    return rows


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--mesa", help="a Python that has Mesa 3.3")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--cc", help="C compiler; else the first of those there are")
    options.add_argument(
        "--agree", type=int, default=0, help="worlds of Mesa's to compare observables with, ~15 s each"
    )
    given = options.parse_args()

    import numba

    rows = [Row("others at work when this began (load average)", f"{load()}")]
    rows += measure(given.mesa, given.rounds, given.cc)
    if given.mesa and given.agree:
        rows += agreement(given.mesa, given.agree)
    print(f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, Numba {numba.__version__}\n")
    print("| what | median (range) |\n|---|---|")
    for line in rows:
        print(f"| {line.what} | {line.told} |")


if __name__ == "__main__":
    main()
