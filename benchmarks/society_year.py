"""How fast a society lives.   make bench

What is compared is measured in turn, pass by pass, in one run, and the median over passes of the *ratio* is reported:
a machine that slows down half-way slows both sides. The yardstick is a Philox block drawn in bulk, so that figures
from two machines can be laid side by side.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent

# Everything on: each mechanism of the model has work to do in most years, and communities still stand at the end.
# Crowded: forty people look at each community of a hundred a year, and seven in a hundred members change.
EVERYTHING = {
    # institutions
    "pay_link": 0.1,
    "guarantee": 0.5,
    "saving": 0.1,
    "credit": 0.5,
    "budget_softness": 0.2,
    "planned_size": 300.0,
    "coercion": 0.1,
    "revolt": 0.01,
    "power_seeking": 0.5,
    "mutual_aid": 0.3,
    "screening": 0.5,
    "n_founded": 6,
    "split_size": 90,
    "vote_every": 5,
    "dissolution": 0.01,
    # people
    "founder_giver_share": 0.9,
    "giver_share": 0.4,
    "commitment": 0.7,
    "supremacy": 0.1,
    "inherited": 0.9,
    "birth": 0.05,
    "appetite_growth": 0.001,
    # surroundings
    "outside_wage": 0.5,
    "applicants": 0.4,
    "threat": 0.1,
}
# Settled: as crowded, but with the model's own ten lookers, and two or three in a hundred change.
SETTLED = {"applicants": 0.1, "exit_rate": 0.1}
YEARS = 70


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def middle(values: list[float], form: str) -> str:
    """Median, and the whole range in brackets."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def everything_on(settled: bool = False):
    """The scenario that is timed, independent of the catalogue: the model's defaults, then every mechanism on."""
    from bestowal.model import load
    from bestowal.scenario import Scenario

    model = load("society")
    scenario = Scenario("bench", "Everything on", "", "society", model.params(), years=YEARS)
    return scenario.but(**{**EVERYTHING, **(SETTLED if settled else {})})


def speed(passes: int, blocks: int, settled: bool) -> list[tuple[str, str]]:
    """Person-years a second on two threads, what the second thread brings, and the price in Philox blocks."""
    import numpy as np
    from numba import njit

    from bestowal import engine, streams
    from bestowal.model import load

    scenario = everything_on(settled)
    kind = "settled" if settled else "crowded"
    members = [o.name for o in load("society").observables].index("members")
    lived: dict[int, float] = {}

    def run(threads: int) -> None:
        def keep(block: int, values) -> None:  # type: ignore[no-untyped-def]
            lived[block] = float(np.nansum(values[:, :, members]))

        engine.run_blocks(scenario, list(range(blocks)), threads, keep)

    persons = np.arange(4096, dtype=np.uint64)
    words = np.empty((4, persons.size), dtype=np.uint32)

    @njit(nogil=True)
    def draw(persons, words, times):  # type: ignore[no-untyped-def]
        for i in range(times):
            streams.fill(np.uint64(1), np.uint32(2), np.uint32(i), persons, np.uint32(3), np.uint32(0), words)

    draws = 2000
    draw(persons, words, 1)
    start = seconds(lambda: run(2))  # compile, or load what is compiled
    person_years = sum(lived.values())
    one, two, yardstick = [], [], []
    for i in range(passes):
        yardstick.append(seconds(lambda: draw(persons, words, draws)) / (draws * persons.size))
        for threads in (1, 2) if i % 2 else (2, 1):
            (one if threads == 1 else two).append(seconds(lambda t=threads: run(t)))
    worlds = blocks * engine.BLOCK
    return [
        (f"person-years a second, 2 threads, everything on, {kind}", middle([person_years / t for t in two], ",.0f")),
        (f"person-years a second, 1 thread, {kind}", middle([person_years / t for t in one], ",.0f")),
        (f"2 threads against 1, {kind}", middle([a / b for a, b in zip(one, two, strict=True)], ".2f")),
        (
            "one person-year in bulk Philox blocks, 1 thread",
            middle([t / person_years / y for t, y in zip(one, yardstick, strict=True)], ".1f"),
        ),
        ("bulk Philox, ns a word", middle([y / 4 * 1e9 for y in yardstick], ".2f")),
        ("first block: compile or load, and run, seconds", f"{start:.1f}"),
        ("lived in each pass", f"{person_years:,.0f} person-years in {worlds} worlds of {YEARS} years"),
    ]


def commands(passes: int) -> list[tuple[str, str]]:
    """Start of the command line and of a store hit, each against a bare interpreter started just before."""
    hit = (
        "import sys; sys.path.insert(0, {here!r}); from society_year import everything_on;"
        "everything_on().run(worlds={worlds}, store={store!r}){check}"
    )
    with tempfile.TemporaryDirectory() as folder:

        def code(worlds: int, check: str = "") -> list[str]:
            return [sys.executable, "-c", hit.format(here=str(HERE), worlds=worlds, store=folder, check=check)]

        def start(command: list[str]) -> float:
            return seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT))

        start(code(64))
        start(code(64, "; assert 'numba' not in sys.modules, 'a store hit imported Numba'"))
        help_, bare, found = [], [], []
        for _ in range(passes):
            bare.append(start([sys.executable, "-c", "pass"]))
            help_.append(start([sys.executable, "-c", "from bestowal.cli import main; main()", "--help"]))
            found.append(start(code(64)))

        scenario = everything_on()
        inside = [seconds(lambda: scenario.run(worlds=64, store=folder)) for _ in range(passes)]
    return [
        ("`bestowal --help`, seconds", middle(help_, ".2f")),
        ("… against a bare interpreter", middle([a / b for a, b in zip(help_, bare, strict=True)], ".1f")),
        ("store hit of 64 worlds, from the shell, seconds", middle(found, ".2f")),
        ("… against a bare interpreter", middle([a / b for a, b in zip(found, bare, strict=True)], ".1f")),
        ("store hit of 64 worlds, inside one process, seconds", middle(inside, ".3f")),
    ]


def memory(counts: list[int]) -> list[tuple[str, str]]:
    """Peak memory of a process that runs so many worlds into a fresh store, with and without asking for the numbers."""
    program = """
import json, resource, sys
sys.path.insert(0, {here!r})
from society_year import everything_on
from bestowal import engine
scenario = everything_on()
if {stored}:
    scenario.run(worlds={worlds}, threads=2, store={store!r})
else:
    engine.run_blocks(scenario, list(range({worlds} // engine.BLOCK)), 2, lambda block, values: None)
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
"""
    rows = []
    for stored, what in ((False, "the engine alone"), (True, "run into a store and read back")):
        peaks = []
        for worlds in counts:
            with tempfile.TemporaryDirectory() as folder:
                text = program.format(here=str(HERE), stored=stored, worlds=worlds, store=folder)
                command = [sys.executable, "-c", text]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            kilo = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, KiB elsewhere
            peaks.append(json.loads(done.stdout.splitlines()[-1]) * kilo / 2**20)
        told = " · ".join(f"{n} worlds {p:.0f}" for n, p in zip(counts, peaks, strict=True))
        rows.append((f"peak memory, MiB: {what}", told))
    return rows


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def measure(passes: int = 7, blocks: int = 4, worlds: Sequence[int] = (64, 256, 1024)) -> list[tuple[str, str]]:
    """The rows of the table; `blocks` of worlds make one timed pass (even: two threads), `worlds` are weighed."""
    rows = speed(passes, blocks, settled=True) + speed(passes, blocks, settled=False)
    return rows + commands(passes) + memory(list(worlds))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--passes", type=int, default=7)
    for name, value in measure(options.parse_args().passes):
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
