"""`bestowal show`: one scenario, question, model or data set; the priors; the stored runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bestowal.cli import console, tables
from bestowal.cli.options import Store
from bestowal.statistics.number_format import decimals

if TYPE_CHECKING:
    from bestowal.simulation.scenario import Scenario


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A name from `bestowal list`, the path of a scenario, `priors` or `results`."
        ),
    ],
    question: Annotated[bool, typer.Option("--question", help="Print the question of that name.")] = False,
    model: Annotated[
        bool, typer.Option("--model", help="Print the model of that name: its defaults as a scenario.")
    ] = False,
    data: Annotated[bool, typer.Option("--data", help="Print the data set of that name.")] = False,
    store: Store = None,
) -> None:
    """Print a scenario as a file to edit, or a question, a model, a data set, the priors or the stored runs.

    A scenario has each value with its meaning, unit, bounds and source. A question is printed as its file, a model as a
    scenario of its defaults, data as a table with its source. Of a shared name the scenario is printed, else the
    question, else the model. `priors` lists how each parameter of the society is known; `results` lists stored runs.

    Examples:

    \b
        bestowal show kibbutz > mine.toml
        bestowal show kibbutz --question
        bestowal show society
        bestowal show oneida --data
        bestowal show priors
        bestowal show results
    """
    from bestowal.calibration.datasets import names as data_names
    from bestowal.core.errors import BestowalError, nearest
    from bestowal.core.files import is_path
    from bestowal.models import registry as models
    from bestowal.questions.question_file import questions
    from bestowal.simulation.scenario_file import scenarios

    path = is_path(name)
    known = {
        "scenario": scenarios(),
        "question": questions(),
        "model": [*models.names(), *models.installed()],
        "data": data_names(),
    }
    chosen = [kind for kind, given in (("question", question), ("model", model), ("data", data)) if given]
    kinds = chosen[:1] or (["scenario"] if path else list(known))
    kind = next((k for k in kinds if path or name in known[k]), None)
    if kind is None and name == "priors" and not chosen:
        _print_priors()
        return
    if kind is None and name == "results" and not chosen:
        _print_results(store)
        return
    if kind is None:
        names = sorted({n for k in kinds for n in known[k]})
        raise BestowalError(f"there is no {' or '.join(kinds)} {name!r}{nearest(name, names)}")
    if kind == "data":
        _print_data(name)
        return
    # As bytes: a scenario file is UTF-8, whatever the terminal is.
    typer.echo(_as_file(kind, name).encode(), nl=False)


def _as_file(kind: str, name: str) -> str:
    """Return a scenario, a question, or a model's defaults as the text of a file."""
    from bestowal.core.files import expanded, is_path, text
    from bestowal.models import registry as models
    from bestowal.questions.question_file import CATALOGUE as QUESTIONS
    from bestowal.simulation.scenario import defaults
    from bestowal.simulation.scenario_file import scenario, to_toml

    if kind == "question":
        return text(expanded(name) if is_path(name) else QUESTIONS / f"{name}.toml")
    if kind == "model":
        return _defaults(defaults(name))
    return _defaults(scenario(name)) if models.is_file(name) else to_toml(scenario(name))


def _print_priors() -> None:
    from bestowal.uncertainty.prior import known

    table = tables.table(["parameter", "law", "default", "grade", "why"], folded=["law", "why"], right=["default"])
    group = ""
    for of in known("society"):
        if of.parameter.group != group:
            group = of.parameter.group
            table.add_row(f"– {group} –", style="dim")
        style = "bold" if of.grade == "calibrated" else ""
        table.add_row(of.parameter.name, of.law, f"{of.parameter.default:g}", of.grade, of.why, style=style)
    console.show("What is known of each parameter of the society: the prior, or what the scenario states", table)


def _print_results(store: Path | None) -> None:
    from bestowal.explore.catalogue import titles
    from bestowal.explore.stored import runs

    listed = runs(store, titles(Path.cwd()))
    table = tables.table(
        ["scenario", "key", "worlds", "steps", "begun (UTC)", "size"],
        folded=["scenario"],
        right=["worlds", "steps", "size"],
    )
    for run in listed["runs"]:
        name = run["title"] if run["scenario"] is None else f"{run['scenario']}: {run['title']}"
        begun = run["when"][:16].replace("T", " ")
        size = f"{decimals(run['bytes'] / 1e6, 1)} MB"
        worlds = f"{run['worlds']:,}" if run["worlds"] else "summary"
        table.add_row(name, run["key"][:12], worlds, str(run["years"]), begun, size)
    count = console.plural(len(listed["runs"]), "run")
    console.show(table, f"{count}, each in the folder named by its whole key: {listed['folder']}")


def _print_data(name: str) -> None:
    from bestowal.calibration.datasets import data

    found = data(name)
    told = ("source", "citation", "grade", "licence", "note")
    console.show(found.attrs["title"], *(f"{key}: {found.attrs[key]}" for key in told if found.attrs[key]))
    units = found.attrs["units"]
    headings = {
        column: f"{column}\n{'' if units[column] in ('-', column) else units[column]}".replace("_", "_\n").replace(
            " ", "\n"
        )
        for column in found.columns
    }
    numbers = {heading for column, heading in headings.items() if found[column].dtype.kind in "if"}
    table = tables.table([*headings.values()], folded=set(headings.values()) - numbers, right=numbers)
    for row in found.astype(object).where(found.notna(), "").itertuples(index=False):
        table.add_row(*(f"{value:.10g}" if isinstance(value, float) else str(value) for value in row))
    console.show(table)


def _defaults(scenario: "Scenario") -> str:
    """A model as a scenario of its defaults, with what it measures."""
    from bestowal.models.registry import load
    from bestowal.simulation.scenario_file import to_toml

    model = load(scenario.model)
    measured = [
        f"# {o.name}: {o.meaning} · {o.unit}, {o.low:g} to {o.high:g}{o.undefined and f' · nothing {o.undefined}'}"
        for o in model.observables
    ]
    return "\n".join([to_toml(scenario), f"# -- measured each {model.step} --", *measured, ""])
