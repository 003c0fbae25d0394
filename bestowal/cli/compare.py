"""`bestowal compare`: two scenarios with common random numbers, and their paired differences."""

from typing import TYPE_CHECKING, Annotated

import typer

from bestowal.cli import console, options, tables
from bestowal.cli.options import FromYear, Hold, On, Seed, Store, Threads, Values, Worlds, Years
from bestowal.cli.progress import progress
from bestowal.statistics.number_format import between, percent

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A scenario: a name from `bestowal list`, or a .toml file.")],
    b: Annotated[str | None, typer.Argument(metavar="B", help="The second scenario. Default: A with --set.")] = None,
    worlds: Worlds = 500,
    threads: Threads = None,
    store: Store = None,
    values: Values = None,
    from_year: FromYear = None,
    hold: Hold = False,
    years: Years = None,
    seed: Seed = None,
    on: On = None,
) -> None:
    """Run two scenarios with common random numbers and print their paired differences.

    Differences are second minus first, paired world by world. --set changes B before it is run; without B it changes a
    copy of A. Where a value of --set did not hold to the end, what was in force is printed; --hold keeps it.

    Examples:

    \b
        bestowal compare kibbutz mine.toml
        bestowal compare kibbutz --set exit_right=0.5 --from-year 1940
        bestowal compare kibbutz --set pay_link=0.3 --from-year 1940 --hold
    """
    from bestowal.core.errors import BestowalError
    from bestowal.simulation.compare import compare as run_twins
    from bestowal.simulation.scenario_file import scenario as read

    if b is None and not values:
        raise BestowalError("compare: needs a second scenario, or --set NAME=VALUE to make one of the first")
    first = read(a).clock(years=years, seed=seed)
    other = first if b is None else read(b).clock(years=years, seed=seed)
    second = options.changed(other, values, from_year, hold)
    options.say_if_slow(first, second)
    with progress(f"{first.name}, {second.name}") as tell:
        data = run_twins(first, second, worlds, threads=threads, store=store, progress=tell, on=on)
    for line in data.attrs["repaired"].splitlines():
        console.say(line)
    console.show(
        _differences(data),
        f"second minus first, {tables.when(data)}: "
        + tables.legend(data["n"].values.flat, data.sizes["world"], "of paired differences"),
    )
    overruled = data.attrs["not_held"].splitlines()
    console.show(*(f"{line}{'' if hold else '; --hold keeps what --set sets'}" for line in overruled))
    share, low, high = (float(v) for v in data["share_differing"].values)
    first_years = data["first_year"].values
    differ = first_years[first_years == first_years]  # NaN where nothing ever differs
    step = "" if data["year"].attrs["long_name"] == "year" else f"{data['year'].attrs['long_name']} "
    since = f"; the first difference shows in {step}{int(differ.min())}" if differ.size else ""
    if differ.size and not data["difference"].fillna(0.0).any():
        since += ", and no difference of a mean is larger than rounding"
    worlds_run = console.plural(data.sizes["world"], "world")
    console.show(
        f"the twins differ in {percent(share)} of {worlds_run} (95\u00a0%: {between(low, high, percent)}){since}"
    )


def _differences(data: "xr.Dataset") -> "Table":
    """Return every observable's paired difference at five years."""
    at = tables.five(data.sizes["year"])
    years = [str(data["year"].values[i]) for i in at]
    table = tables.table(["observable", "unit", *years], folded=["unit"], right=years)
    for k, name in enumerate(data["observable"].values):
        centre, low = data["difference"].values[k], data["low"].values[k]
        n = data["n"].values[k]
        cells = [tables.cell(float(centre[i]), float(low[i]), int(n[i]), data.sizes["world"]) for i in at]
        table.add_row(str(name), str(data["unit"].values[k]), *cells)
    return table
