"""Options that several verbs share: their types and help, and the scenario that --set, --from-year and --hold make."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bestowal.cli import console

if TYPE_CHECKING:
    from bestowal.simulation.scenario import Scenario


class Keep(StrEnum):
    """What is kept of a run."""

    WORLDS = "worlds"
    SUMMARY = "summary"


ScenarioName = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A name from `bestowal list`, or the path of a .toml file, or of a .py file with a model.",
    ),
]
Worlds = Annotated[int, typer.Option(help="Number of worlds (replicates), each with random numbers of its own.")]
Threads = Annotated[int | None, typer.Option(help="Number of threads. Default: one for each processor.")]
Store = Annotated[Path | None, typer.Option(help="Folder of results. Default: $BESTOWAL_STORE, else ./results.")]
Values = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter to a value. May be repeated."),
]
Kept = Annotated[
    Keep,
    typer.Option(
        help="Store every world, or only a summary over worlds, made as they run: for millions, in bounded memory."
    ),
]
On = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="ADDRESS",
        help="Run on the Dask cluster whose scheduler has this address, such as `tcp://10.0.0.1:8786`. "
        "Default: $BESTOWAL_CLUSTER, else this machine.",
    ),
]
FromYear = Annotated[
    int | None, typer.Option(help="Year of the scenario's calendar in which --set begins. Default: the first.")
]
Hold = Annotated[
    bool,
    typer.Option(
        "--hold",
        help="Keep the values of --set to the end: no later change of the scenario and no vote overrules them.",
    ),
]
Years = Annotated[int | None, typer.Option(help="Number of years to run. Default: the scenario's.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the random numbers. Default: the scenario's.")]


def changed(scenario: "Scenario", values: list[str] | None, from_year: int | None, hold: bool) -> "Scenario":
    """Return the scenario with what --set, --from-year and --hold say; say which later changes this concerns."""
    from bestowal.core.errors import BestowalError

    if not values:
        if from_year is not None:
            raise BestowalError(f"--from-year {from_year}: needs --set NAME=VALUE, to say what begins then")
        if hold:
            raise BestowalError("--hold: needs --set NAME=VALUE, to say what is kept")
        return scenario
    in_calendar(scenario, "--from-year", [] if from_year is None else [from_year])
    changes = set_values(values)
    begins = None if from_year is None else scenario.step(from_year)
    for name, change in ((name, c) for c in scenario.changes for name in c.values if name in changes):
        anew = f"{name}: the scenario sets it anew in {scenario.first_year + change.year}"
        if begins is None and not hold:
            console.say(f"{anew}; --hold keeps what is set")
        elif begins is not None and not hold and change.year >= begins:
            console.say(f"{anew}, which is left out: what is set from {from_year} on stays to the end")
    return scenario.hold(from_year, **changes) if hold else scenario.but(from_year, **changes)


def say_if_slow(*scenarios: "Scenario") -> None:
    """Say which models are plain Python, which is slow."""
    from bestowal.models.registry import load
    from bestowal.simulation.loop import slow_notice

    for notice in dict.fromkeys(slow_notice(load(scenario.model)) for scenario in scenarios):
        if notice:
            console.say(notice)


def check_out(out: Path | None, ending: str = "") -> None:
    """Refuse, before any work, a place that nothing can be written to: a file, where a folder is meant."""
    from bestowal.core.errors import BestowalError
    from bestowal.core.files import expanded

    if out is None:
        return
    path = expanded(out)
    folder = path.parent if ending and path.suffix == ending else path
    taken = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    if taken.is_file() or (path != folder and path.is_dir()):
        meant = f"a name that ends in {ending}, or a folder" if ending else "a folder"
        raise BestowalError(f"--out {out}: {'a folder' if path.is_dir() else taken} is there; needs {meant}")


def in_calendar(scenario: "Scenario", option: str, years: Iterable[int]) -> None:
    """Refuse a year outside the scenario's calendar, by the option that gives it."""
    from bestowal.core.errors import BestowalError

    for year in years:
        try:
            scenario.step(year)
        except BestowalError as error:
            raise BestowalError(f"{option} {year}: {error}") from None


def set_values(texts: Iterable[str]) -> dict[str, float]:
    """Return the values of --set by parameter; refuse one that is set twice."""
    from bestowal.core.errors import BestowalError
    from bestowal.models.registry import CLOCK

    values = dict[str, float]()
    for text in texts:
        name, value = _assigned(text)
        if name in CLOCK:
            raise BestowalError(f"--set {text}: {name} is the scenario's, not a parameter; say --{name} {value:g}")
        if name in values:
            raise BestowalError(f"--set {text}: {name} is set twice, first to {values[name]:g}")
        values[name] = value
    return values


def _assigned(text: str) -> tuple[str, float]:
    """Return the name and the value of one --set."""
    from bestowal.core.errors import BestowalError

    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise BestowalError(f"--set {text}: must be NAME=VALUE, such as --set pay_link=0.3")
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    raise BestowalError(f"--set {text}: {value!r} is not a number")
