"""`bestowal sweep`: a scenario over a grid or a design of parameter values."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bestowal.cli import console, options, tables
from bestowal.cli.options import Hold, Keep, Kept, On, ScenarioName, Seed, Store, Threads, Years
from bestowal.cli.progress import progress

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from bestowal.report.tables import Stacked


WIDEST, LONGEST = 8, 60  # columns and rows of a sweep's table


class Design(StrEnum):
    """How points are spread over ranges."""

    LHS = "lhs"
    SOBOL = "sobol"


Over = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=VALUES",
        help="Parameter and its values: `a:b:n`, `a:b:n:log` or `v,v,v`; with --design its range, `a:b` or `a:b:log`. "
        "May be repeated.",
    ),
]
PointWorlds = Annotated[int, typer.Option(help="Number of worlds (replicates) at each point.")]
DesignOption = Annotated[
    Design | None, typer.Option(help="Spread points over the ranges: a Latin hypercube, or Sobol' points.")
]
Points = Annotated[int | None, typer.Option(help="Number of points of the design; of sobol a power of 2.")]
DesignSeed = Annotated[int, typer.Option(help="Seed of the design's points.")]
Observables = Annotated[
    list[str] | None,
    typer.Option(help="Observable to show. Default: standing, members, output_ratio. May be repeated."),
]
CalendarYears = Annotated[
    list[int] | None,
    typer.Option(help="Year of the scenario's calendar to show. Default: the last. May be repeated."),
]
Begin = Annotated[
    int | None,
    typer.Option(help="Year of the scenario's calendar in which the values begin. Default: the first."),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder for the figure, the table and the data. Default: one in the folder of results."),
]


def sweep(
    scenario: ScenarioName,
    over: Over,
    worlds: PointWorlds = 200,
    design: DesignOption = None,
    points: Points = None,
    design_seed: DesignSeed = 1,
    observable: Observables = None,
    year: CalendarYears = None,
    from_year: Begin = None,
    hold: Hold = False,
    years: Years = None,
    seed: Seed = None,
    keep: Kept = Keep.WORLDS,
    threads: Threads = None,
    store: Store = None,
    on: On = None,
    out: Out = None,
) -> None:
    """Run a scenario over values of its parameters.

    Prints a table; writes a figure, the table as CSV, and an xarray dataset. A stored point is not run again.

    Examples:

    \b
        bestowal sweep kibbutz --over exit_right=0:1:21
        bestowal sweep kibbutz --over pay_link=0:1:21 --hold
        bestowal sweep commune --over pay_link=0:1:5 --over n_founders=20,40,80 --observable members --year 1853
        bestowal sweep commune --over pay_link=0:1 --over founder_zeal=0:2 --design sobol --points 64
    """
    from bestowal.simulation.design import parsed
    from bestowal.simulation.scenario_file import scenario as read
    from bestowal.simulation.sweep import sweep as sweep_over

    base = read(scenario).clock(years=years, seed=seed)
    options.say_if_slow(base)
    options.in_calendar(base, "--from-year", [] if from_year is None else [from_year])
    options.in_calendar(base, "--year", year or [])
    options.check_out(out)
    ranges = parsed(base, over, design)
    with progress(base.name) as tell:
        data = sweep_over(
            base,
            ranges,
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
    _show(data, out, store)


def _show(data: "xr.Dataset", out: Path | None, store: Path | None) -> None:
    """Print the sweep as tables, write its files, and say where they are."""
    from bestowal.report.sweep_files import save

    for line in [*data.attrs["repaired"].splitlines(), *data.attrs["said"].splitlines()]:
        console.say(line)
    console.show(*_tables(data))
    files = save(data, out, store)  # after the table, which a folder that can't be written does not take away
    worlds = data.attrs["worlds"]
    console.show(
        f"{console.plural(data['key'].size, 'point')} of {console.plural(worlds, 'world')}: "
        f"{tables.legend(data['n'].values.flat, worlds)}",
        *(f"written: {file}" for file in files),
    )


def _tables(data: "xr.Dataset") -> "Iterator[Table | Stacked | str]":
    """Yield a sweep in tables: over two parameters one for each observable and year, else one with a row a point."""
    from bestowal.report.tables import Stacked

    over = data.attrs["over"].split("; ")
    shown = [(k, t) for k in range(data.sizes["observable"]) for t in range(data.sizes["year"])]
    step = data["year"].attrs["long_name"]
    if "point" not in data.dims and len(over) == 2 and data.sizes[over[1]] <= WIDEST:
        for k, t in shown:
            observable, unit, year = (data[name].values[i] for name, i in (("observable", k), ("unit", k), ("year", t)))
            yield f"{observable} ({unit}), {step} {year}; columns: {over[1]}"
            yield _grid(data, over, k, t)
        return
    if data.sizes["year"] == 1:
        yield f"{step} {data['year'].values[0]}"
    yield Stacked(_rows(data, over, shown), keys=len(over))
    if (points := data["key"].size) > LONGEST:
        yield f"the first {LONGEST} of {points} points; all are in sweep.csv"


def _grid(data: "xr.Dataset", over: list[str], observable: int, year: int) -> "Table":
    """Return one observable in one year: the first parameter down, the second across."""
    columns = [f"{value:g}" for value in data[over[1]].values]
    table = tables.table([over[0], *columns], right=[over[0], *columns])
    here = data.isel(observable=observable, year=year).transpose(*over, ...)
    for i, value in enumerate(data[over[0]].values):
        triples = zip(*(here[name].values[i].tolist() for name in ("mean", "low", "n")), strict=True)
        table.add_row(f"{value:g}", *(tables.cell(m, low, n, data.attrs["worlds"]) for m, low, n in triples))
    return table


def _rows(data: "xr.Dataset", over: list[str], shown: list[tuple[int, int]]) -> "Table":
    """Return the first points as rows: the parameters, then every observable in every year."""
    from bestowal.simulation.sweep import settings

    names, years = data["observable"].values, data["year"].values
    columns = [f"{names[k]}\n{years[t]}" if len(years) > 1 else str(names[k]) for k, t in shown]
    table = tables.table([*over, *columns], right=[*over, *columns])
    for at, setting in settings(data)[:LONGEST]:
        mean, low, n = (data[name].isel(at) for name in ("mean", "low", "n"))
        cells = [
            tables.cell(mean.values[k, t].item(), low.values[k, t].item(), n.values[k, t].item(), data.attrs["worlds"])
            for k, t in shown
        ]
        table.add_row(*(f"{setting[name]:g}" for name in over), *cells)
    return table
