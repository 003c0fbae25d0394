"""`bestowal sweep`: a scenario over a grid or a design of parameter values."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bestowal.cli import console, options, tables
from bestowal.cli.options import Hold, Keep, Kept, On, ScenarioName, Seed, Store, Threads, Years
from bestowal.cli.progress import progress
from bestowal.statistics.number_format import half_width

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from bestowal.report.tables import Stacked


WIDEST, LONGEST = 8, 60  # columns and rows of a sweep's table


class Design(StrEnum):
    """How points are spread over ranges."""

    LHS = "lhs"
    SOBOL = "sobol"


def sweep(
    scenario: ScenarioName,
    over: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=VALUES",
            help="A parameter and its values: a:b:n, a:b:n:log or v,v,v; with --design a:b or a:b:log. "
            "May be repeated.",
        ),
    ],
    worlds: Annotated[int, typer.Option(help="How many worlds at each point.")] = 200,
    design: Annotated[
        Design | None, typer.Option(help="Spread points over the ranges: a Latin hypercube, or Sobol' points.")
    ] = None,
    points: Annotated[int | None, typer.Option(help="How many, with --design; of sobol a power of 2.")] = None,
    design_seed: Annotated[int, typer.Option(help="Seed of the design's points.")] = 1,
    observable: Annotated[
        list[str] | None,
        typer.Option(help="What to look at; standing, members, output_ratio unless given. May be repeated."),
    ] = None,
    year: Annotated[
        list[int] | None, typer.Option(help="When, by the scenario's calendar; the last unless given. May be repeated.")
    ] = None,
    from_year: Annotated[
        int | None,
        typer.Option(help="Let the values begin in this year of the scenario's calendar, not from the start."),
    ] = None,
    hold: Hold = False,
    years: Years = None,
    seed: Seed = None,
    keep: Kept = Keep.WORLDS,
    threads: Threads = None,
    store: Store = None,
    on: On = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of figure, table and data; one in the store unless given.")
    ] = None,
) -> None:
    """Run a scenario over values of its parameters.

    Prints a table; leaves a figure, the table as CSV, and all of it as an xarray dataset. Each point is a run like any
    other, kept in the store: what is there isn't run again, and what is stopped goes on where it was.

    Examples:

    \b
        bestowal sweep kibbutz --over exit_right=0:1:21
        bestowal sweep kibbutz --over pay_link=0:1:21 --hold
        bestowal sweep commune --over pay_link=0:1:5 --over n_founders=20,40,80 --observable members --year 1853
        bestowal sweep commune --over pay_link=0:1 --over founder_zeal=0:2 --design sobol --points 64
    """
    from bestowal import sweep as sweep_over
    from bestowal.report.sweep_files import save
    from bestowal.simulation.design import parsed
    from bestowal.simulation.scenario_file import scenario as read

    wanted = read(scenario).clock(years=years, seed=seed)
    options.say_if_slow(wanted)
    options.in_calendar(wanted, "--from-year", [] if from_year is None else [from_year])
    options.in_calendar(wanted, "--year", year or [])
    options.check_out(out)
    asked = parsed(wanted, over, design)
    with progress(wanted.name) as tell:
        data = sweep_over(
            wanted,
            asked,
            worlds,
            design=design.value if design else None,
            points=points,
            design_seed=design_seed,
            from_year=from_year,
            hold=hold,
            observables=observable,
            years=year,
            keep=keep.value,
            threads=threads,
            store=store,
            progress=tell,
            on=on,
        )
    for line in [*data.attrs["repaired"].splitlines(), *data.attrs["said"].splitlines()]:
        console.say(line)
    for told in _swept(data):
        console.show(told)
    files = save(data, out, store)  # after the table, which a folder that can't be written does not take away
    console.show(
        f"{console.plural(data['key'].size, 'point')} of {console.plural(worlds, 'world')}: "
        "mean ± half a 95 % interval over worlds; – where there is nothing to measure",
        *(f"written: {file}" for file in files),
    )


def _swept(data: "xr.Dataset") -> "Iterator[Table | Stacked | str]":
    """A sweep in tables: over two parameters one an observable and year, else one with a row a point."""
    from bestowal.report.tables import Stacked
    from bestowal.simulation.sweep import settings

    over = data.attrs["over"].split("; ")
    cells = [
        (f"{o}\n{y}" if data.sizes["year"] > 1 else str(o), k, t)
        for k, o in enumerate(data["observable"].values)
        for t, y in enumerate(data["year"].values)
    ]
    units = dict(zip(data["observable"].values, data["unit"].values, strict=True))
    if "point" not in data.dims and len(over) == 2 and data.sizes[over[1]] <= WIDEST:
        for _, k, t in cells:
            columns = [f"{value:g}" for value in data[over[1]].values]
            table = tables.table([over[0], *columns], right=[over[0], *columns])
            cell = data.isel(observable=k, year=t)
            for i, value in enumerate(data[over[0]].values):
                row = cell.isel({over[0]: i})
                table.add_row(f"{value:g}", *map(half_width, row["mean"].values.tolist(), row["low"].values.tolist()))
            observable, year = data["observable"].values[k], data["year"].values[t]
            yield f"{observable} ({units[observable]}), {data['year'].attrs['long_name']} {year}; columns: {over[1]}"
            yield table
        return
    headings = [*over, *(name for name, _, _ in cells)]
    table = tables.table(headings, right=headings)
    places = settings(data)
    for at, setting in places[:LONGEST]:
        here = data.isel(at)
        numbers = [(here["mean"].values[k, t], here["low"].values[k, t]) for _, k, t in cells]
        table.add_row(
            *(f"{setting[name]:g}" for name in over), *(half_width(float(m), float(low)) for m, low in numbers)
        )
    if data.sizes["year"] == 1:
        yield f"{data['year'].attrs['long_name']} {data['year'].values[0]}"
    yield Stacked(table, keys=len(over))
    if len(places) > LONGEST:
        yield f"the first {LONGEST} of {len(places)} points; all are in sweep.csv"
