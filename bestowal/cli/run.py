"""`bestowal run`: one scenario, every observable at five years."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bestowal.cli import console, options, tables
from bestowal.cli.options import (
    FromYear,
    Hold,
    Keep,
    Kept,
    On,
    ScenarioName,
    Seed,
    Store,
    Threads,
    Values,
    Worlds,
    Years,
)
from bestowal.cli.progress import progress
from bestowal.statistics.number_format import number, whole

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from bestowal.simulation.scenario import Scenario


Blocks = Annotated[
    str | None,
    typer.Option(
        metavar="FIRST-LAST",
        help="Run only these blocks of 32 worlds (of one world, where worlds are large), counted from 0: "
        "one of several jobs on one folder of results.",
    ),
]


def run(
    scenario: ScenarioName,
    worlds: Worlds = 500,
    threads: Threads = None,
    store: Store = None,
    values: Values = None,
    from_year: FromYear = None,
    hold: Hold = False,
    years: Years = None,
    seed: Seed = None,
    keep: Kept = Keep.WORLDS,
    on: On = None,
    blocks: Blocks = None,
) -> None:
    """Run a scenario and print its observables at five years.

    A world that is stored is not run again, and an interrupted run resumes. Where a value of --set did not hold to the
    end, what was in force is printed.

    Examples:

    \b
        bestowal run kibbutz
        bestowal run mine.toml --worlds 200
        bestowal run my_model.py
        bestowal run kibbutz --set exit_right=0.5 --from-year 1940
        bestowal run kibbutz --years 40 --seed 2
        bestowal run commune --worlds 1000000 --keep summary
        bestowal run kibbutz --worlds 2000 --blocks 17-32
        bestowal run kibbutz --worlds 2000 --on tcp://10.0.0.1:8786
    """
    from bestowal.core.files import results
    from bestowal.simulation.scenario_file import scenario as read
    from bestowal.simulation.store import run as run_worlds

    changed = options.changed(read(scenario).clock(years=years, seed=seed), values, from_year, hold)
    options.say_if_slow(changed)
    part = _blocks(blocks) if blocks is not None else None
    if keep is Keep.SUMMARY:
        _run_summary(changed, worlds, threads, store, on, part, _set(changed, values, from_year))
        return
    with progress(changed.name) as tell:
        data = run_worlds(changed, worlds, threads=threads, store=store, progress=tell, on=on, blocks=part)
    for line in data.attrs["repaired"].splitlines():
        console.say(line)
    if part is not None:
        first, last = data["world"].values[[0, -1]]
        folder = results(store) / data.attrs["key"]
        console.show(f"blocks {blocks}: worlds {first} to {last} of {worlds} are there")
        console.show(f"data: {folder}")
        console.show(f"in Python: bestowal.read({str(folder)!r}), which leaves out worlds that were not run")
        return
    console.show(
        *_course(data, data.sizes["world"]),
        *_not_held(changed, data, _set(changed, values, from_year)),
    )
    console.show(f"data: {results(store) / data.attrs['key']}")


def _run_summary(
    scenario: "Scenario",
    worlds: int,
    threads: int | None,
    store: Path | None,
    on: str | None,
    blocks: range | None,
    names: dict[str, int],
) -> None:
    """Run a scenario, or some blocks of it, keep a summary over worlds, and print it."""
    from bestowal.core.files import results
    from bestowal.simulation import summary
    from bestowal.simulation.scenario import key

    if blocks is not None:
        with progress(scenario.name) as tell:
            present, lines = summary.fill(scenario, worlds, blocks, threads=threads, store=store, progress=tell, on=on)
        for line in lines:
            console.say(line)
        console.show(
            f"blocks {blocks[0]}-{blocks[-1]}: worlds {present[0]} to {present[-1]} of {worlds} are there, as a summary"
        )
        console.show(f"data: {results(store) / key(scenario) / 'summary'}")
        return
    with progress(scenario.name) as tell:
        data = summary.run(scenario, worlds, threads=threads, store=store, progress=tell, on=on)
    for line in data.attrs["repaired"].splitlines():
        console.say(line)
    console.show(
        *_course(data, worlds),
        *_not_held(scenario, data, names),
    )
    console.show(
        _spread(data),
        f"the {data['year'].attrs['long_name']} {int(data['year'].values[-1])} over worlds; "
        f"5 %, 50 %, 95 %: {data.attrs['quantiles']}",
    )
    console.show(f"data: {summary.save(data, store)}")


def _set(scenario: "Scenario", values: list[str] | None, from_year: int | None) -> dict[str, int]:
    """Return the parameters of --set, each with the step in which it begins."""
    return dict.fromkeys(options.set_values(values or ()), 0 if from_year is None else scenario.step(from_year))


def _not_held(scenario: "Scenario", data: "xr.Dataset", names: dict[str, int]) -> list[str]:
    """Return a line for each of these values that did not stay as set."""
    from bestowal.simulation.in_force import not_held

    lines = [str(of) for name, since in names.items() for of in not_held(scenario, data, [name], since)]
    return [f"{line}; --hold sets that" if "stops that" in line else line for line in lines]


def _blocks(text: str) -> range:
    """Return the blocks that a text such as 17-32, or 17 alone, names."""
    from bestowal.core.errors import BestowalError

    first, dash, last = text.partition("-")
    try:
        return range(int(first), int(last if dash else first) + 1)
    except ValueError:
        raise BestowalError(f"--blocks {text}: must be FIRST-LAST, such as --blocks 17-32, or one number") from None


def _course(data: "xr.Dataset", worlds: int) -> "tuple[Table, str]":
    """Return every observable of a run at five years as a table, and the line below it."""
    from bestowal.statistics.intervals import Interval, mean, mean_of

    at = tables.five(data.sizes["year"])
    years = [str(data["year"].values[i]) for i in at]
    table = tables.table(["observable", "unit", *years], folded=["unit"], right=years)

    def of(name: Any, year: int) -> Interval:
        if "world" in data.dims:
            return mean(data[name].transpose("world", "year").values[:, year])
        n, centre, sd = (float(data[name].sel(statistic=s).values[year]) for s in ("n", "mean", "sd"))
        return mean_of(int(n), centre, sd)

    counts = set[int]()
    for name in data.data_vars:
        cells = [of(name, i) for i in at]
        counts.update(c.n for c in cells)
        table.add_row(
            str(name), data[name].attrs["units"], *(tables.cell(c.estimate, c.low, c.n, worlds) for c in cells)
        )
    return table, f"{console.plural(worlds, 'world')}, {tables.when(data)}: {tables.legend(counts, worlds)}"


def _spread(data: "xr.Dataset") -> "Table":
    """Return the distribution over worlds of every observable of a summary in the last year."""
    shown = {"n": "worlds", "sd": "sd", "min": "least", "q0.05": "5 %", "q0.5": "50 %", "q0.95": "95 %", "max": "most"}
    table = tables.table(["observable", "unit", *shown.values()], folded=["unit"], right=shown.values())
    for name in data.data_vars:
        last = data[name].isel(year=-1)
        numbers = {s: float(last.sel(statistic=s)) for s in shown}
        cells = [whole(x) if s == "n" else number(x) for s, x in numbers.items()]
        table.add_row(str(name), data[name].attrs["units"], *cells)
    return table
