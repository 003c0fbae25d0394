"""`bestowal check --contract`: the rules that every model keeps, one line each."""

from pathlib import Path

import typer

from bestowal.cli import console


def check_contract(name: str | None) -> None:
    """Print what each check of the contract finds of a model; exit status 1 where a rule is broken."""
    from bestowal.core.errors import BestowalError
    from bestowal.core.files import expanded
    from bestowal.models.model_files import import_model
    from bestowal.models.registry import is_file, load
    from bestowal.simulation.contract import CHECKS, check_contract
    from bestowal.simulation.loop import slow_notice

    if name is None:
        raise BestowalError(
            "--contract: needs a model, or the path of its file, as in bestowal check --contract my_model.py"
        )
    model = import_model(Path(expanded(name))) if is_file(name) else name
    if notice := slow_notice(load(model)):
        console.say(notice)
    broken = 0
    for finding in check_contract(model):
        typer.echo(f"{'broken' if finding.breach else 'kept':6}  {finding.check.rule}")
        if finding.breach:
            broken += 1
            typer.echo(f"        {finding.breach}")
    typer.echo(f"{load(model).name}: {len(CHECKS) - broken} of {len(CHECKS)} rules kept")
    if broken:
        raise typer.Exit(1)
