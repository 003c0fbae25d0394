"""How fast the phases of a society's year are here and in plain C, on the same states, to the same bits.

    python benchmarks/society_phases.py [--rounds 7] [--cc clang]       CC in the environment names a compiler too

society_phases.c is compiled here for this very processor, by every compiler found. A world is lived to year 40 with
the project's own phases, and what it looked like before each phase of years 24 to 39 is kept. Each phase then starts
from these sixteen states in turn, many times, in ours and in C, round by round, each round in another world. A round
begins with a comparison: everything that a phase leaves for others must be the same bits, or nothing is timed. The
clock is the thread's processor time around the phase alone; what looking at the clock takes is taken off. Figures are
medians over rounds with the whole range, and ratios those within rounds.

What a fair competitor would object to:

- C shares the algorithm and the layout of the arrays with ours, and one hand wrote both. It shows what a compiler of C
  makes of this algorithm, not how fast a society could be computed by another.
- It is the plain C a programmer writes who looks at what the compiler made of it: rows as restrict pointers, loops
  fused where that saves a pass, sums without a pass of their own. There are no intrinsics, no threads, no blocks of
  several worlds at once. With intrinsics the sort, the sums and the few branches could be faster still.
- Flags are those under which C gives these bits: nothing reassociated, nothing contracted. That square roots set no
  errno and comparisons no trap is told the compiler, as Numba tells LLVM.
- Sixteen states in turn, over and over: a branch predictor may learn them, on both sides. Working memory is warm in the
  second-level cache, as it is in a run.
- Not every phase is here: the surroundings, offices, contests, votes and splitting have no C. The rows say what part
  of ours they are. Practice is the default, none.
- Seconds to compile are counted for neither.
"""

import argparse
import ctypes
import functools
import os
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from society_year import everything_on, middle, processor  # noqa: E402

if TYPE_CHECKING:
    from bestowal.scenario import Scenario

FLAGS = ["-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
FIRST, LAST = 24, 40  # the years whose states are kept
TIMES = 20  # each state so many times in a row of both
WORKING = ("SCRATCH", "ORDERED", "INSIDE", "OUTSIDE", "LEAVING")  # rows that a phase may use and leave anyhow
FILLING = ("goes", "crowd", "crowd_id", "crowd_from", "crowd_words", "buckets")  # whole arrays likewise


def compilers() -> list[list[str]]:
    """Commands of the C compilers: CC of the environment, else gcc and clang, those there are."""
    if os.environ.get("CC"):
        return [shlex.split(os.environ["CC"])]
    return [[cc] for cc in ("gcc", "clang") if shutil.which(cc)]


def header() -> str:
    """Params, State and the rows in C, as ours has them."""
    import numpy as np

    from bestowal.models.society import measures, practice, state
    from bestowal.scenario import rows

    numbers = {**vars(practice), **vars(measures), **vars(state)}
    names = [f"{k} = {int(v)}" for k, v in numbers.items() if k.isupper() and isinstance(v, int | np.integer)]
    kinds = {"f": "double", "i": "int64_t", "u1": "uint8_t", "u4": "uint32_t", "u8": "uint64_t"}
    params = rows(everything_on()).dtype
    fields = [f"    {kinds[params[name].kind]} {name};" for name in params.names]
    world = Kept(everything_on(), 0).state
    arrays = []
    for name, array in zip(world._fields, world, strict=True):
        kind = array.dtype.kind
        arrays.append(f"    {kinds[f'u{array.itemsize}' if kind == 'u' else kind]} *{name};")
    return "\n".join(
        ["enum {", ",\n".join(f"    {name}" for name in names), "};", "typedef struct {", *fields, "} Params;"]
        + ["typedef struct {", *arrays, "} State;", ""]
    )


def built(cc: Sequence[str], folder: Path, source: Path = HERE / "society_phases.c") -> ctypes.CDLL:
    """The phases in C, compiled and loaded."""
    (folder / "society.h").write_text(header())
    file = folder / f"phases_{len(list(folder.iterdir()))}.so"
    subprocess.run([*cc, *FLAGS, "-shared", "-fPIC", f"-I{folder}", "-o", str(file), str(source), "-lm"], check=True)
    library = ctypes.CDLL(str(file))
    library.now.restype = library.lived.restype = ctypes.c_int64
    return library


@functools.cache
def phases() -> dict[str, Any]:
    """The year in its order: phases that have a C twin by its name, and the others between them by a name with a dot."""
    from numba import njit

    from bestowal.models.society import year as society
    from bestowal.models.society.intention import measure_intention
    from bestowal.models.society.state import PRACTISERS, WORKERS
    from bestowal.models.society.surroundings import draw_luck as draw
    from bestowal.models.society.work import prepare as bring
    from bestowal.models.society.work import work as work_of

    aid_all, share_of, measure_of, meet = society.aid, society.share, society.measure_sharing, society.contests
    go_back, look, take_up, take_part = society.relapse, society.perceive, society.imitate, society.practise
    value, leave, after, vote = society.value_lives, society.departures, society.measure_after, society.decide
    come, half, around, offices = society.newcomers, society.split, society.surround, society.fill_offices
    compiled = njit(error_model="numpy")

    @compiled
    def begin(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        s.fresh[:] = 0
        s.tally[:] = 0.0
        s.sums[:] = 0.0
        s.community[WORKERS] = 0.0
        s.community[PRACTISERS] = 0.0

    @compiled
    def draw_luck(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        draw(s, seed, world, year)

    @compiled
    def surround(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        around(p, s, seed, world, year)

    @compiled
    def prepare(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        bring(p, s)

    @compiled
    def work(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                work_of(p, s, c)

    @compiled
    def fill_offices(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                offices(p, s, c)

    @compiled
    def intention(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        measure_intention(p, s)

    @compiled
    def aid(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        aid_all(p, s)

    @compiled
    def share(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                share_of(p, s, c)

    @compiled
    def measure_sharing(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                measure_of(p, s, c)

    @compiled
    def contests(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        meet(p, s, seed, world, year)

    @compiled
    def relapse(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        go_back(p, s)

    @compiled
    def perceive(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                look(p, s, c)

    @compiled
    def imitate(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                take_up(p, s, c, seed, world, year)

    @compiled
    def practise(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        take_part(p, s, seed, world, year)

    @compiled
    def value_lives(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        value(p, s)

    @compiled
    def departures(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                leave(p, s, c, seed, world, year)
                after(s, c)

    @compiled
    def decide(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                vote(p, s, c, seed, world, year)

    @compiled
    def newcomers(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                come(p, s, c, seed, world, year)

    @compiled
    def split(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                half(p, s, c)

    return {
        "begin.": begin,
        "draw_luck": draw_luck,
        "surround.": surround,
        "prepare": prepare,
        "work": work,
        "fill_offices.": fill_offices,
        "measure_intention": intention,
        "aid": aid,
        "share": share,
        "measure_sharing": measure_sharing,
        "contests.": contests,
        "relapse": relapse,
        "perceive": perceive,
        "imitate": imitate,
        "practise": practise,
        "value_lives": value_lives,
        "departures": departures,
        "decide.": decide,
        "newcomers": newcomers,
        "split.": split,
    }


class Kept:
    """One world in one stretch of memory, so that one copy puts it back."""

    def __init__(self, scenario: "Scenario", world: int) -> None:
        import numpy as np

        from bestowal import engine
        from bestowal.scenario import rows

        self.rows, self.seed, self.world = rows(scenario), np.uint64(scenario.seed), np.uint32(world)
        start, _ = next(engine.course(scenario, world, 0, 1))
        self.begin(start)

    def begin(self, start: Any) -> None:
        """Take this state."""
        import numpy as np

        from bestowal.models.society.state import State

        places = np.cumsum([0, *((array.nbytes + 63) // 64 * 64 for array in start)])
        memory = np.zeros(places[-1] + 64, np.uint8)
        self.flat = memory[-memory.ctypes.data % 64 :][: places[-1]]
        arrays = []
        for place, array in zip(places, start, strict=False):
            mine = self.flat[place : place + array.nbytes].view(array.dtype).reshape(array.shape)
            mine[...] = array
            arrays.append(mine)
        self.state = State(*arrays)
        self.pointers = (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))

    def live(self, years: range) -> "dict[str, Any]":
        """What the world looked like before each phase of these years: (years, bytes) each."""
        import numpy as np

        before = {name: np.empty((len(years), self.flat.size), np.uint8) for name in phases()}
        for k, year in enumerate(years):
            for name, phase in phases().items():
                before[name][k] = self.flat
                phase(self.rows[year], self.state, self.seed, self.world, year)
        return before


def kept_from(scenario: "Scenario", world: int) -> Kept:
    """The world after year FIRST - 1, lived by the engine."""
    from bestowal import engine

    kept = Kept(scenario, world)
    kept.begin(next(engine.course(scenario, world, FIRST - 1, FIRST))[0])
    return kept


def leaves(state: Any, phase: str) -> Iterator[tuple[str, bytes]]:
    """All that a phase leaves for others, by name."""
    from bestowal.models.society import state as names

    working = () if phase == "value_lives" else WORKING[2:]
    idle = {getattr(names, row) for row in (*WORKING[:2], *working)}
    for name, array in zip(state._fields, state, strict=True):
        if name == "person":
            for row in range(len(array)):
                if row not in idle:
                    yield f"person row {row}", array[row].tobytes()
        elif name not in FILLING:
            yield name, array.tobytes()


def differing(kept: Kept, before: "dict[str, Any]", library: ctypes.CDLL, years: range) -> list[str]:
    """Where C leaves other bits than ours, one line each; and, as a check of the check, phases that do nothing."""
    wrong = []
    for name, phase in phases().items():
        if name.endswith("."):
            continue
        moved = False
        for k, year in enumerate(years):
            kept.flat[:] = before[name][k]
            phase(kept.rows[year], kept.state, kept.seed, kept.world, year)
            ours = dict(leaves(kept.state, name))
            kept.flat[:] = before[name][k]
            start = dict(leaves(kept.state, name))
            c_call(library, name, kept, year)
            moved |= ours != start
            wrong += [
                f"{name}, year {year}: {what} differs" for what, bits in leaves(kept.state, name) if bits != ours[what]
            ]
        if not moved:
            wrong.append(f"{name}: nothing happened in {len(years)} years")
    return wrong


def c_call(library: ctypes.CDLL, name: str, kept: Kept, year: int) -> None:
    row = ctypes.c_void_p(kept.rows.ctypes.data + year * kept.rows.itemsize)
    getattr(library, name)(
        row, kept.pointers, ctypes.c_uint64(int(kept.seed)), ctypes.c_uint32(int(kept.world)), ctypes.c_int64(year)
    )


def c_time(library: ctypes.CDLL, name: str, kept: Kept, before: Any, years: Any, times: int) -> float:
    """ns per state of a phase in C."""
    spent = library.lived(
        getattr(library, name),
        ctypes.c_void_p(kept.rows.ctypes.data),
        kept.pointers,
        ctypes.c_void_p(kept.flat.ctypes.data),
        ctypes.c_void_p(before.ctypes.data),
        ctypes.c_int64(kept.flat.size),
        ctypes.c_void_p(years.ctypes.data),
        ctypes.c_int64(years.size),
        ctypes.c_int64(times),
        ctypes.c_uint64(int(kept.seed)),
        ctypes.c_uint32(int(kept.world)),
    )
    return spent / (times * years.size)


def drivers(library: ctypes.CDLL) -> dict[str, Callable[..., int]]:
    """The same loop as C's `lived` around each phase of ours, by name; "nothing" has an empty phase."""
    from numba import njit

    now = library.now
    now.argtypes = []

    def driver(phase: Any) -> Any:
        @njit(error_model="numpy")
        def lived(rows, s, flat, kept, years, times, seed, world):  # type: ignore[no-untyped-def]
            spent = 0
            for _ in range(times):
                for k in range(years.size):
                    flat[:] = kept[k]
                    began = now()
                    phase(rows[years[k]], s, seed, world, years[k])
                    spent += now() - began
            return spent

        return lived

    @njit(error_model="numpy")
    def nothing(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        pass

    return {name: driver(phase) for name, phase in {**phases(), "nothing": nothing}.items()}


def measure(rounds: int = 7) -> list[tuple[str, str]]:
    """The rows of the table."""
    import numpy as np

    found = compilers()
    if not found:
        return [("C", "not measured: no C compiler found; CC names one")]
    years = range(FIRST, LAST)
    stamps = np.arange(FIRST, LAST)
    table: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        libraries = {" ".join(cc): built(cc, Path(folder)) for cc in found}
        drive = drivers(next(iter(libraries.values())))
        told = {cc: version(shlex.split(cc)) for cc in libraries}
        for settled in (True, False):
            kind = "settled" if settled else "crowded"
            scenario = everything_on(settled)
            places = scenario.values.n_communities * scenario.values.n_places  # type: ignore[attr-defined]
            ours: dict[str, list[float]] = {name: [] for name in phases()}
            c: dict[str, dict[str, list[float]]] = {cc: {name: [] for name in phases()} for cc in libraries}
            living: list[float] = []
            for world in range(rounds):
                kept = kept_from(scenario, world)
                before = kept.live(years)
                for cc, library in libraries.items():
                    wrong = differing(kept, before, library, years)
                    if wrong:
                        raise SystemExit(f"{cc}, world {world}, {kind}: " + "; ".join(wrong[:5]))
                alive = slice(0, kept.state.alive.size)
                living.append(float(before["draw_luck"][:, alive].mean()))
                clock = {"ours": 0.0, **dict.fromkeys(libraries, 0.0)}
                for name in ("nothing", *phases()):
                    states = before["draw_luck" if name == "nothing" else name]
                    sides = ["ours"] if name.endswith(".") else ["ours", *libraries]
                    taken: dict[str, list[float]] = {side: [] for side in sides}
                    for turn in range(TIMES // 4):
                        for side in sides if turn % 2 else sides[::-1]:
                            if side == "ours":
                                spent = drive[name](
                                    kept.rows, kept.state, kept.flat, states, stamps, 4, kept.seed, kept.world
                                )
                                taken[side].append(spent / (4 * stamps.size))
                            else:
                                taken[side].append(c_time(libraries[side], name, kept, states, stamps, 4))
                    for side, values in taken.items():
                        ns = statistics.median(values) - clock[side]
                        if name == "nothing":
                            clock[side] = ns
                        elif side == "ours":
                            ours[name].append(ns / places)
                        else:
                            c[side][name].append(ns / places)
            table += reported(kind, ours, c, told, places, living)
    return table


def reported(
    kind: str,
    ours: dict[str, list[float]],
    c: dict[str, dict[str, list[float]]],
    told: dict[str, str],
    places: int,
    living: list[float],
) -> list[tuple[str, str]]:
    """A row a phase, and the sums."""
    twins = [name for name in ours if not name.endswith(".")]
    rounds = range(len(living))
    table = [(f"{kind}: living, share of {places} places", middle(living, ".2f"))]
    for name in twins:
        there = "; ".join(f"{middle(c[cc][name], '.2f')} {cc}" for cc in c)
        against = "; ".join(
            f"{middle([a / b for a, b in zip(ours[name], c[cc][name], strict=True)], '.2f')} {cc}" for cc in c
        )
        table.append((f"{kind}, {name}: ns a place; C; ours / C", f"{middle(ours[name], '.2f')}; {there}; {against}"))
    here = [sum(ours[name][i] for name in twins) for i in rounds]
    rest = [sum(ours[name][i] for name in ours if name.endswith(".")) for i in rounds]
    table.append((f"{kind}: ours, sum of these phases, ns a place and year", middle(here, ".1f")))
    table.append((f"{kind}: ours, phases without a C twin", middle(rest, ".1f")))
    best = [sum(min(statistics.median(c[cc][name]) for cc in c) for name in twins)]
    for cc in c:
        total = [sum(c[cc][name][i] for name in twins) for i in rounds]
        table.append((f"{kind}: C, {told[cc]}: sum of these phases", middle(total, ".1f")))
        table.append(
            (f"**{kind}: ours in C's time ({cc})**", middle([a / b for a, b in zip(here, total, strict=True)], ".2f"))
        )
    if len(c) > 1:
        table.append((f"{kind}: C, each phase by the compiler that is faster there", f"{best[0]:.1f}"))
    return table


def version(cc: Sequence[str]) -> str:
    done = subprocess.run([*cc, "--version"], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()[0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=7)
    given = options.parse_args()

    import numba

    print(f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, Numba {numba.__version__}")
    print(f"load average {os.getloadavg()[0]:.1f}; C {' '.join(FLAGS)}\n")
    print("| what | median (range) |\n|---|---|")
    for name, value in measure(given.rounds):
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
