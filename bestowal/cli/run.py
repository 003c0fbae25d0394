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
from bestowal.statistics.number_format import half_width, number, whole

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from bestowal.simulation.scenario import Scenario


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
    blocks: Annotated[
        str | None,
        typer.Option(
            metavar="FIRST-LAST",
            help="Run only these blocks of 32 worlds (of one, where worlds are large), counted from 0, into the store: "
            "for one of several jobs.",
        ),
    ] = None,
) -> None:
    """Run a scenario and show how it went.

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

    wanted = options.changed(read(scenario).clock(years=years, seed=seed), values, from_year, hold)
    options.say_if_slow(wanted)
    part = _blocks(blocks) if blocks is not None else None
    if keep is Keep.SUMMARY:
        _run_summary(wanted, worlds, threads, store, on, part, _set(wanted, values, from_year))
        return
    with progress(wanted.name) as tell:
        data = run_worlds(wanted, worlds, threads=threads, store=store, progress=tell, on=on, blocks=part)
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
        _course(data),
        f"{console.plural(data.sizes['world'], 'world')}, {tables.when(data)}: "
        "mean ± half a 95 % interval over worlds; – where there is nothing to measure",
        *_not_held(wanted, data, _set(wanted, values, from_year)),
    )
    console.show(f"data: {results(store) / data.attrs['key']}")


def _run_summary(
    wanted: "Scenario",
    worlds: int,
    threads: int | None,
    store: Path | None,
    on: str | None,
    blocks: range | None,
    names: dict[str, int],
) -> None:
    from bestowal.core.files import results
    from bestowal.simulation import summary
    from bestowal.simulation.scenario import key

    if blocks is not None:
        with progress(wanted.name) as tell:
            there, said = summary.fill(wanted, worlds, blocks, threads=threads, store=store, progress=tell, on=on)
        for line in said:
            console.say(line)
        console.show(
            f"blocks {blocks[0]}-{blocks[-1]}: worlds {there[0]} to {there[-1]} of {worlds} are there, as a summary"
        )
        console.show(f"data: {results(store) / key(wanted) / 'summary'}")
        return
    with progress(wanted.name) as tell:
        data = summary.run(wanted, worlds, threads=threads, store=store, progress=tell, on=on)
    for line in data.attrs["repaired"].splitlines():
        console.say(line)
    console.show(
        _course(data),
        f"{console.plural(worlds, 'world')}, {tables.when(data)}: mean ± half a 95 % interval over worlds; "
        "– where there is nothing to measure",
        *_not_held(wanted, data, names),
    )
    console.show(
        _spread(data),
        f"the {data['year'].attrs['long_name']} {int(data['year'].values[-1])} over worlds; "
        f"5 %, 50 %, 95 %: {data.attrs['quantiles']}",
    )
    console.show(f"data: {summary.save(data, store)}")


def _set(scenario: "Scenario", values: list[str] | None, from_year: int | None) -> dict[str, int]:
    """What --set names, each with the step it begins in."""
    return dict.fromkeys(options.set_values(values or ()), 0 if from_year is None else scenario.step(from_year))


def _not_held(scenario: "Scenario", data: "xr.Dataset", names: dict[str, int]) -> list[str]:
    """A line for each of these values that did not stay as set."""
    from bestowal.simulation.in_force import not_held

    lines = [str(of) for name, since in names.items() for of in not_held(scenario, data, [name], since)]
    return [f"{line}; --hold sets that" if "stops that" in line else line for line in lines]


def _blocks(text: str) -> range:
    """17-32, or 17 alone."""
    from bestowal.core.errors import BestowalError

    first, dash, last = text.partition("-")
    try:
        return range(int(first), int(last if dash else first) + 1)
    except ValueError:
        raise BestowalError(f"--blocks {text}: must be FIRST-LAST, such as --blocks 17-32, or one number") from None


def _course(data: "xr.Dataset") -> "Table":
    """Every observable of a run, at five years."""
    from bestowal.statistics.intervals import Interval, mean, mean_of

    at = tables.five(data.sizes["year"])
    years = [str(data["year"].values[i]) for i in at]
    table = tables.table(["observable", "unit", *years], folded=["unit"], right=years)

    def of(name: Any, year: int) -> Interval:
        if "world" in data.dims:
            return mean(data[name].transpose("world", "year").values[:, year])
        n, centre, sd = (float(data[name].sel(statistic=s).values[year]) for s in ("n", "mean", "sd"))
        return mean_of(int(n), centre, sd)

    for name in data.data_vars:
        cells = [of(name, i) for i in at]
        table.add_row(str(name), data[name].attrs["units"], *(half_width(c.estimate, c.low) for c in cells))
    return table


def _spread(data: "xr.Dataset") -> "Table":
    """Every observable of a summary in the last year: how it spreads over worlds."""
    shown = {"n": "worlds", "sd": "sd", "min": "least", "q0.05": "5 %", "q0.5": "50 %", "q0.95": "95 %", "max": "most"}
    table = tables.table(["observable", "unit", *shown.values()], folded=["unit"], right=shown.values())
    for name in data.data_vars:
        last = data[name].isel(year=-1)
        numbers = {s: float(last.sel(statistic=s)) for s in shown}
        cells = [whole(x) if s == "n" else number(x) for s, x in numbers.items()]
        table.add_row(str(name), data[name].attrs["units"], *cells)
    return table
