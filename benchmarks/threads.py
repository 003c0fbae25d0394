"""What more threads bring.

Each number of threads, 1, 2, 4 and so on up to the cores, runs four blocks of 32 worlds for every thread, in turn and
in changing order; person-years a second of each are set against those of one thread in the same round. The societies
are those of `society_year.py`.

What a fair competitor would object to:

- Worlds have nothing to do with one another, so anything less than one core's worth for each thread is lost somewhere:
  to memory they share, to the clock of the processor that falls when all cores are at work, or to the last block, for
  which the other threads wait.
- The work grows with the threads. A run of few blocks gains less: its last block is waited for by all.
- Where two "cores" are two threads of one core, the second can bring little, and this says so of the machine, not of
  the program. A neighbour on a shared machine takes from the second thread first.
"""

from measuring import Row, faster, row, seconds
from society_year import everything_on, lived

BLOCKS = 4  # for each thread


def counts(cores: int) -> list[int]:
    """1, 2, 4 and so on, and all cores."""
    powers = [2**i for i in range(cores.bit_length())]
    return powers if powers[-1] == cores else [*powers, cores]


def measure(rounds: int = 7, blocks: int = BLOCKS) -> list[Row]:
    from bestowal.simulation.engine import cores

    threads = counts(cores())
    rows = []
    for kind in ("settled", "crowded"):
        scenario = everything_on(settled=kind == "settled")
        person_years = {n: lived(scenario, n * blocks, cores()) for n in threads}
        cost: dict[int, list[float]] = {n: [] for n in threads}  # seconds a person-year
        for i in range(rounds):
            for n in threads if i % 2 else reversed(threads):
                cost[n].append(seconds(lambda n=n, s=scenario: lived(s, n * blocks, n)) / person_years[n])
        for n in threads:
            rows.append(row(f"person-years a second, {kind}, threads: {n}", [1 / t for t in cost[n]], ",.0f"))
        rows += [
            faster(f"**{n} threads against 1, {kind}**", cost[1], cost[n], ".2f", f"1 thread: {n} threads, {kind}")
            for n in threads[1:]
        ]
    return rows if len(threads) > 1 else [*rows, Row("more threads", "not measured: this process may use one core")]


if __name__ == "__main__":
    for line in measure():
        print(f"| {line.what} | {line.told} |")
