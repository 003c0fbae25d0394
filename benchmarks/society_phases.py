"""How fast the phases of a society's year are here and in plain C, on the same states, to the same bits.

    python benchmarks/society_phases.py [--rounds 7]       CC in the environment names a compiler, else those found

Each phase starts from the same sixteen states of a world in turn, many times, in ours and in C, round by round, each
round in another world; the clock is the thread's processor time around the phase alone. A round begins with a
comparison: everything that a phase leaves for others must be the same bits, or nothing is timed.

society_phases.c is compiled here for this very processor, by every compiler found. The engine lives a world to
year 24, and what it looks like before each phase of the next sixteen years is kept. What looking at the clock
takes is taken off. Of a round's turns the least counts: the others were disturbed. ns a person-year are those for the
whole world over its living: its empty places cost as much.

Cycles and instructions are not counted: many virtual machines, ours among them, have no counters for `perf`, and
valgrind knows no AVX-512.

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
- On a machine with others at work, code of 512-bit vectors was seen to suffer more than the rest; alone it does better.
- Not every phase is here: the surroundings, offices, contests, votes and splitting have no C. The rows say what part
  of ours they are. Practice is the default, none.
- Seconds to compile are counted for neither.
"""

import argparse
import ctypes
import functools
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import measuring  # noqa: E402
from measuring import Row, middle, processor, row, slower, within  # noqa: E402
from society_year import everything_on  # noqa: E402

if TYPE_CHECKING:
    from bestowal.simulation.scenario import Scenario

FLAGS = ["-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"]
FIRST, LAST = 24, 40  # the years whose states are kept
TURNS = 15  # each side goes through the states so many times a round
# What phases use and leave anyhow, for no later one reads it before it has written it.
IDLE_ROWS = {"SCRATCH", "ORDERED", "INSIDE", "OUTSIDE"}
IDLE_ARRAYS = {"goes", "listed", "crowd", "crowd_id", "crowd_from", "crowd_words", "parts", "bucket", "buckets"}
HANDED_ON = {"value_lives": {"INSIDE", "OUTSIDE", "goes"}}  # but these a later phase reads
NOT_YET = {"measure_intention": {"OWN", "CONSUMPTION", "PAYOFF"}}  # and these are idle so early in the year


def compilers() -> list[list[str]]:
    """Commands of the C compilers there are.

    clang twice where there are vectors of 512 bits, which it uses only when told; gcc follows its tables.
    """
    found = measuring.compilers()
    info = Path("/proc/cpuinfo")
    if ["clang"] in found and info.exists() and "avx512vl" in info.read_text():
        found.append(["clang", "-mprefer-vector-width=512"])
    return found


def header() -> str:
    """Params, State and the rows in C, as ours has them."""
    import numpy as np

    from bestowal.models.society import measures, practice, state
    from bestowal.simulation.scenario import rows

    numbers = {**vars(practice), **vars(measures), **vars(state)}
    names = [f"{k} = {int(v)}" for k, v in numbers.items() if k.isupper() and isinstance(v, int | np.integer)]
    kinds = {"f8": "double", "i4": "int32_t", "i8": "int64_t", "u1": "uint8_t", "u4": "uint32_t", "u8": "uint64_t"}
    params = rows(everything_on()).dtype
    fields = [f"    {kinds[params[name].str[1:]]} {name};" for name in params.names]
    world = Kept(everything_on(), 0).state
    arrays = []
    for name, array in zip(world._fields, world, strict=True):
        arrays.append(f"    {kinds[array.dtype.str[1:]]} *{name};")
    return "\n".join(
        [
            *("enum {", ",\n".join(f"    {name}" for name in names), "};"),
            *("typedef struct {", *fields, "} Params;"),
            *("typedef struct {", *arrays, "} State;", ""),
        ]
    )


def built(cc: Sequence[str], folder: Path, source: Path = HERE / "society_phases.c") -> ctypes.CDLL:
    """The phases in C, compiled and loaded."""
    (folder / "society.h").write_text(header())
    file = folder / f"phases_{len(list(folder.iterdir()))}.so"
    subprocess.run(
        [
            *cc,
            *FLAGS,
            "-shared",
            "-fPIC",
            *(f"-I{where}" for where in (folder, HERE)),
            "-o",
            str(file),
            str(source),
            "-lm",
        ],
        check=True,
    )
    library = ctypes.CDLL(str(file))
    library.now.restype = library.lived.restype = ctypes.c_int64
    return library


@functools.cache
def phases() -> dict[str, Any]:
    """The year in its order: phases by the names of their C functions; the name of one that has none ends in a dot."""
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
    # What a kernel says of counting references its callees take over, so the phases are compiled as the year is.
    compiled = njit(error_model="numpy", _nrt=society.step.targetoptions.get("_nrt", True))

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
        take_up(p, s, seed, world, year)

    @compiled
    def practise(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        take_part(p, s, seed, world, year)

    @compiled
    def value_lives(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        value(p, s)

    @compiled
    def departures(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        leave(p, s, seed, world, year)
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                after(s, c)

    @compiled
    def decide(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        for c in range(p.n_communities):
            if s.standing[c] == 1:
                vote(p, s, c, seed, world, year)

    @compiled
    def newcomers(p, s, seed, world, year):  # type: ignore[no-untyped-def]
        come(p, s, seed, world, year)

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

        from bestowal.simulation import engine
        from bestowal.simulation.scenario import rows

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
    from bestowal.simulation import engine

    kept = Kept(scenario, world)
    kept.begin(next(engine.course(scenario, world, FIRST - 1, FIRST))[0])
    return kept


def leaves(state: Any, phase: str) -> Iterator[tuple[str, bytes]]:
    """All that a phase leaves for others, by name; not what the next one may find there and mustn't use."""
    from bestowal.models.society import state as names

    kept = HANDED_ON.get(phase, set())
    idle = {getattr(names, row) for row in (IDLE_ROWS - kept) | NOT_YET.get(phase, set())}
    for name, array in zip(state._fields, state, strict=True):
        if name == "person":
            for row in range(len(array)):
                if row not in idle:
                    yield f"person row {row}", array[row].tobytes()
        elif name not in IDLE_ARRAYS - kept:
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


def c_time(library: ctypes.CDLL, name: str, kept: Kept, before: Any, years: Any) -> float:
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
        ctypes.c_uint64(int(kept.seed)),
        ctypes.c_uint32(int(kept.world)),
    )
    return float(spent / years.size)


def drivers(library: ctypes.CDLL) -> dict[str, Callable[..., int]]:
    """The same loop as C's `lived` around each phase of ours, by name; "nothing" has an empty phase."""
    from numba import njit

    now = library.now
    now.argtypes = []

    def driver(phase: Any) -> Any:
        @njit(error_model="numpy")
        def lived(rows, s, flat, kept, years, seed, world):  # type: ignore[no-untyped-def]
            spent = 0
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


def times(kept: Kept, before: "dict[str, Any]", drive: Any, libraries: dict[str, ctypes.CDLL]) -> "dict[str, dict]":
    """Of each side and phase, ns a state: the least of the turns, in which the sides go one after the other."""
    import numpy as np

    stamps = np.arange(FIRST, LAST)
    sides: dict[str, dict[str, float]] = {side: {} for side in ("ours", *libraries)}
    for name in ("nothing", *phases()):
        states = before.get(name, before["draw_luck"])
        taken: dict[str, list[float]] = {side: [] for side in sides if side == "ours" or not name.endswith(".")}
        for turn in range(TURNS):
            for side in taken if turn % 2 else reversed(taken):
                if side == "ours":
                    spent = drive[name](kept.rows, kept.state, kept.flat, states, stamps, kept.seed, kept.world)
                    taken[side].append(spent / stamps.size)
                else:
                    taken[side].append(c_time(libraries[side], name, kept, states, stamps))
        for side, values in taken.items():
            sides[side][name] = min(values)
    for side in sides.values():
        clock = side.pop("nothing")
        for name in side:
            side[name] -= clock
    return sides


def measure(rounds: int = 7) -> list[Row]:
    """The rows of the table."""
    found = compilers()
    if not found:
        return [Row("C", "not measured: no C compiler here")]
    table: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        libraries = {" ".join(cc): built(cc, Path(folder)) for cc in found}
        drive = drivers(next(iter(libraries.values())))
        for kind in ("settled", "crowded"):
            scenario = everything_on(kind == "settled")
            taken = []
            for world in range(rounds):
                kept = kept_from(scenario, world)
                before = kept.live(range(FIRST, LAST))
                for cc, library in libraries.items():
                    wrong = differing(kept, before, library, range(FIRST, LAST))
                    if wrong:
                        raise SystemExit(f"{cc}, {kind}, world {world}: " + "; ".join(wrong[:5]))
                taken.append(times(kept, before, drive, libraries))
                living = float(before["prepare"][:, : kept.state.alive.size].sum()) / (LAST - FIRST)
                for side in taken[-1].values():
                    for name in side:
                        side[name] /= living
            table += told(kind, taken)
    return [*table, *(Row(f"C, {' '.join(cc)}", f"{version(cc)}, {' '.join(FLAGS)}") for cc in found)]


def told(kind: str, taken: "list[dict[str, dict[str, float]]]") -> list[Row]:
    """A row a phase, and the sums, from ns a person-year of each round, side and phase."""
    twins = [name for name in taken[0]["ours"] if not name.endswith(".")]
    alone = [name for name in taken[0]["ours"] if name.endswith(".")]
    rivals = [side for side in taken[0] if side != "ours"]

    def sums(side: str, names: list[str]) -> list[float]:
        return [sum(one[side][name] for name in names) for one in taken]

    def against(cc: str, names: list[str]) -> list[float]:
        return within(sums("ours", names), sums(cc, names))

    table = []
    for title, names in [*((name, [name]) for name in twins), ("**all of these**", twins)]:
        there = [
            f"{cc} {middle(sums(cc, names), '.2f')}, ours in its time {middle(against(cc, names), '.2f')}"
            for cc in rivals
        ]
        ours = middle(sums("ours", names), ".2f")
        table.append(Row(f"{kind}, {title}: ns a person-year, ours and C", "; ".join([f"ours {ours}", *there])))
    fastest = min(rivals, key=lambda cc: statistics.median(sums(cc, twins)))
    table += [
        slower(
            f"**{kind}: ours in the time of C, the fastest ({fastest})**",
            sums("ours", twins),
            sums(fastest, twins),
            ".2f",
            f"plain C, {fastest.split()[0]}: all phases, {kind}",
        ),
        row(f"{kind}: ours, phases that have no C, ns a person-year", sums("ours", alone), ".2f"),
        Row(f"{kind}: states compared", f"the same bits in {len(taken)} worlds, {LAST - FIRST} years of each"),
    ]
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
    for line in measure(given.rounds):
        print(f"| {line.what} | {line.told} |")


if __name__ == "__main__":
    main()
