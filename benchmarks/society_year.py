"""How fast a society lives, on one thread.

A society with every mechanism at work lives 70 years in worlds run in turn; its person-years a second are set beside
Philox numbers drawn in bulk by the same random numbers' code, in the same pass, so that figures from two machines can
be laid side by side.

"Crowded": forty people look at each community of a hundred a year, and seven in a hundred members change. "Settled":
the model's own ten lookers, and two or three in a hundred change.

What a fair competitor would object to:

- This is no comparison: nobody else has this model. What plain C does of it stands in the section on its phases.
- Philox in bulk is a yardstick of arithmetic in the cache. A machine with slower memory loses more on the society.
- Person-years count members only. Those who look at a community and are not taken in cost time and count nothing, so
  the crowded society looks slower than it works.
- One scenario, two settings of it. Who switches mechanisms off is faster by as much as they cost.
"""

import sys

from measuring import ROOT, Row, row, seconds, within

sys.path.insert(0, str(ROOT))

# Each mechanism of the model has work to do in most years, and communities still stand at the end.
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
SETTLED = {"applicants": 0.1, "exit_rate": 0.1}
YEARS = 70


def everything_on(settled: bool = False):  # type: ignore[no-untyped-def]
    """The scenario that is timed, independent of the catalogue: the model's defaults, then every mechanism on."""
    from bestowal.models.registry import load
    from bestowal.simulation.scenario import Scenario

    model = load("society")
    scenario = Scenario("bench", "Everything on", "", "society", model.params(), years=YEARS)
    return scenario.but(**{**EVERYTHING, **(SETTLED if settled else {})})


def lived(scenario, blocks: int, threads: int) -> float:  # type: ignore[no-untyped-def]
    """Person-years lived in so many blocks of worlds, which is what the run is timed by."""
    import numpy as np

    from bestowal.models.registry import load

    members = [o.name for o in load(scenario.model).observables].index("members")
    of_block: dict[int, float] = {}

    def keep(block: int, values) -> None:  # type: ignore[no-untyped-def]
        of_block[block] = float(np.nansum(values[:, :, members]))

    run_blocks(scenario, blocks, threads, keep)
    return sum(of_block.values())


def run_blocks(scenario, blocks: int, threads: int, keep) -> None:  # type: ignore[no-untyped-def]
    """So many blocks of worlds, compiled before, in threads, as the store has them run; keep(block, values)."""
    from bestowal.simulation.engine import BLOCK, in_threads, simulate

    simulate(scenario, [])
    in_threads(range(blocks), lambda b: simulate(scenario, range(b * BLOCK, (b + 1) * BLOCK)), threads, keep)


def yardstick():  # type: ignore[no-untyped-def]
    """Draws Philox numbers in bulk, and gives seconds a block of four words."""
    import numpy as np
    from numba import njit

    from bestowal.kernels import rng as streams

    persons = np.arange(4096, dtype=np.uint64)
    words = np.empty((4, persons.size), dtype=np.uint32)

    @njit(nogil=True)
    def draw(persons, words, times):  # type: ignore[no-untyped-def]
        for i in range(times):
            streams.fill(np.uint64(1), np.uint32(2), np.uint32(i), persons, np.uint32(3), np.uint32(0), words)

    draws = 2000
    draw(persons, words, 1)
    return lambda: seconds(lambda: draw(persons, words, draws)) / (draws * persons.size)


def measure(rounds: int = 7, blocks: int = 4) -> list[Row]:
    from bestowal.simulation.engine import BLOCK

    kinds = {"settled": everything_on(settled=True), "crowded": everything_on()}
    person_years = {kind: lived(scenario, blocks, 1) for kind, scenario in kinds.items()}  # and what is compiled is
    stick = yardstick()
    philox: list[float] = []
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for i in range(rounds):
        philox.append(stick())
        for kind in kinds if i % 2 else reversed(kinds):
            taken[kind].append(seconds(lambda kind=kind: lived(kinds[kind], blocks, 1)) / person_years[kind])
    rows = []
    for kind, each in taken.items():
        rows += [
            row(f"person-years a second, {kind}", [1 / t for t in each], ",.0f"),
            row(f"one person-year in Philox blocks of four words, {kind}", within(each, philox), ".1f"),
            Row(
                f"lived in each pass, {kind}",
                f"{person_years[kind]:,.0f} person-years in {blocks * BLOCK} worlds of {YEARS} years",
            ),
        ]
    return [*rows, row("bulk Philox, ns a word", [t / 4 * 1e9 for t in philox], ".2f")]


if __name__ == "__main__":
    for line in measure():
        print(f"| {line.what} | {line.told} |")
