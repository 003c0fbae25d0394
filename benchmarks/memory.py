"""What memory it takes, against worlds and against people.

Each figure is the peak resident memory of a process of its own that does this one thing on two threads, once, as the
operating system tells it when the process ends. The society is the crowded one of `society_year.py`; slopes are from
the first number of worlds to the last.

What a fair competitor would object to:

- A peak is a peak: it holds the interpreter, Numba's compiler and every library, most of it the same for one world and
  for a million. That floor is what a small model in plain C would not have.
- Measured once each. Two runs differ by a MiB or two, so a slope below 1 KiB a world can't be told from none.
- Records read back are 8 bytes for each world, year and observable, whatever the program: `run` gives all of them,
  so there the slope is that of the data, and only `--keep summary` is a promise.
- A person's bytes are places, not people: a place for somebody who is not there takes as much. Here all are taken.
- The large society lives three years, in communities of a thousand. Nothing in it grows with time, but that is read
  from the code, not measured.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measuring import HERE, ROOT, Row

ENGINE = "run_blocks(everything_on(), worlds // engine.BLOCK, 2, lambda block, values: None)"
STORE = "everything_on().run(worlds=worlds, threads=2, store=store)"
SUMMARY = "summary.run(everything_on(), worlds, threads=2, store=store)"
LARGE = (
    "engine.simulate(everything_on().but(n_communities=worlds // 1000, n_founded=worlds // 1000, n_places=1000,"
    " n_founders=1000).clock(years=3), [0])"
)
PROGRAM = """
import sys
sys.path.insert(0, {here!r})
from memory import own_peak
from society_year import everything_on, run_blocks
from bestowal.simulation import engine
from bestowal.simulation import summary
worlds, store = {worlds}, {store!r}
{work}
print(own_peak())
"""


def own_peak() -> int:
    """Bytes this process has had in memory at most.

    Linux also has it in getrusage, but there a process begins with the peak of the one that started it.
    """
    try:
        status = Path("/proc/self/status").read_text()
        return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    except (OSError, StopIteration):
        import resource

        kilo = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
        return kilo * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak(work: str, worlds: int) -> float:
    """Bytes at most in memory while a fresh process does this, with a fresh store."""
    with tempfile.TemporaryDirectory() as folder:
        text = PROGRAM.format(here=str(HERE), worlds=worlds, store=folder, work=work)
        done = subprocess.run([sys.executable, "-c", text], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    return float(done.stdout.splitlines()[-1])


def slope(counts: Sequence[int], peaks: Sequence[float]) -> float:
    """Bytes for each more, from the first to the last."""
    return (peaks[-1] - peaks[0]) / (counts[-1] - counts[0])


def against(what: str, work: str, counts: Sequence[int]) -> list[Row]:
    peaks = [peak(work, n) for n in counts]
    told = " · ".join(f"{n:,} worlds {p / 2**20:,.0f}" for n, p in zip(counts, peaks, strict=True))
    return [
        Row(f"{what}: peak, MiB", told, [p / 2**20 for p in peaks]),
        Row(f"{what}: KiB for each more world", f"{slope(counts, peaks) / 1024:.2f}"),
    ]


def measure(
    few: Sequence[int] = (64, 256, 1024),
    many: Sequence[int] = (512, 1024, 2048, 4096),
    people: Sequence[int] = (100_000, 1_000_000),
) -> list[Row]:
    """Worlds run one way and another, and people in one world."""
    peak(ENGINE, 64)  # compile
    rows = against("the engine alone, nothing kept", ENGINE, few)
    rows += against("`run` into a store and read back", STORE, few)
    rows += against("`run --keep summary`", SUMMARY, many)
    peaks = [peak(LARGE, n) for n in people]
    told = " · ".join(f"{n:,} people {p / 2**20:,.0f}" for n, p in zip(people, peaks, strict=True))
    return [
        *rows,
        Row("one large world: peak, MiB", told, [p / 2**20 for p in peaks]),
        Row("one large world: bytes for each more person", f"{slope(people, peaks):.0f}"),
    ]


if __name__ == "__main__":
    for line in measure():
        print(f"| {line.what} | {line.told} |")
