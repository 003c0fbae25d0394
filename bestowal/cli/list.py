"""`bestowal list`: the names of what is there."""

from pathlib import Path

import typer

from bestowal.cli import console


def list() -> None:
    """List the scenarios, questions, models and data sets.

    Example:

    \b
        bestowal list
    """
    from bestowal.calibration.datasets import titles as data_titles
    from bestowal.claims import paper as claims
    from bestowal.core.errors import BestowalError
    from bestowal.core.files import toml
    from bestowal.models import registry as models
    from bestowal.questions.question_file import CATALOGUE as QUESTIONS
    from bestowal.simulation.scenario_file import CATALOGUE as SCENARIOS

    provisional = claims.provisional()

    def titles(folder: Path) -> dict[str, str]:
        found = {}
        for file in sorted(folder.glob("*.toml")):
            try:
                found[file.stem] = str(toml(file).get("title", ""))
            except BestowalError as error:
                console.say(str(error))
        return found

    for kind, verb, found in (
        ("scenarios", "run", titles(SCENARIOS)),
        ("questions", "ask", titles(QUESTIONS)),
        ("models", "run", {n: t + (" (provisional)" if n in provisional else "") for n, t in models.titles().items()}),
        ("models of other packages", "run", models.installed_titles()),
        ("data", "show", data_titles()),
    ):
        if kind == "models of other packages" and not found:
            continue
        typer.echo(f"{kind}  (bestowal {verb} NAME)")
        width = max(map(len, found), default=0)
        for name, title in found.items():
            typer.echo(f"  {name:{width}}  {title}")
    if provisional:
        typer.echo("provisional: a published model whose second reading is missing; see bestowal check")
