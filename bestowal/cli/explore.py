"""`bestowal explore`: two worlds side by side on a page in the browser."""

from pathlib import Path
from typing import Annotated

import typer

from bestowal.cli import console, options
from bestowal.cli.options import FromYear, Store, Values
from bestowal.cli.progress import progress


def explore(
    scenario: Annotated[
        str,
        typer.Argument(metavar="SCENARIO", help="A name from `bestowal list`, or the path of a .toml file."),
    ] = "kibbutz",
    values: Values = None,
    from_year: FromYear = None,
    world: Annotated[int, typer.Option(help="Number of the world to open.")] = 0,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on. Default: the first free one from 8765.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="Address of this machine to open to other machines; each of them then needs the printed token."
        ),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    store: Store = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the page with this comparison as one HTML file, and serve nothing."),
    ] = None,
) -> None:
    """Show two worlds with common random numbers side by side, on a page in the browser.

    The page is served to this machine alone, needs no network, and ends with Ctrl-C. It offers everything that
    `bestowal list` names, and the scenarios and questions in the current folder.

    Examples:

    \b
        bestowal explore
        bestowal explore kibbutz --set exit_right=0.5 --from-year 1940
        bestowal explore kibbutz --set exit_right=0.5 --from-year 1940 --export kibbutz.html
    """
    from bestowal import explore as pages
    from bestowal.core.errors import BestowalError
    from bestowal.explore.catalogue import place
    from bestowal.explore.catalogue import scenario as listed
    from bestowal.explore.pairs import check_world, twin
    from bestowal.explore.requests import state_of

    if from_year is not None and not values:
        raise BestowalError(f"--from-year {from_year}: needs --set NAME=VALUE, to say what begins then")
    name, folder = place(scenario)
    changed = options.set_values(values or ())
    base = listed(name, folder)
    options.in_calendar(base, "--from-year", [] if from_year is None else [from_year])
    step = 0 if from_year is None else base.step(from_year)
    twin(base, changed, step)  # what can't be is said here
    check_world(world)
    if export is not None:
        with progress(name) as tell:
            pages.export(export, name, changed, from_year, world, folder=folder, store=store, progress=tell)
        console.show(f"page: {export}")
        return
    state = state_of(name, changed, step, world)
    pages.serve(state, port=port, host=host, browser=browser, store=store, folder=folder, say=typer.echo)
    console.say("stopped; blocks that had finished are kept")
