"""`bestowal cite`: references and a methods paragraph, to paste into a paper."""

from typing import Annotated

import typer

from bestowal.cli import console
from bestowal.cli.options import Store


def cite(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="An answer's id or a run's key, or their first six characters; the name of a question, scenario, "
            "model or data set; or the path of a .toml file or of an answer's folder.",
        ),
    ],
    worlds: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Number of worlds that the result rests on. Default: all stored worlds of a run, the question's own.",
        ),
    ] = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print the references as BibTeX, and nothing else.")] = False,
    store: Store = None,
) -> None:
    """Print the references and a methods paragraph for an answer or a run.

    The references are those that the model, the scenario, the question and the data name as their sources, with the
    methods that the paragraph names. The paragraph says what was simulated, in how many worlds, with which random
    numbers and intervals, by which version, and under which id or key. Nothing is run: a question that is not yet
    answered, and a scenario that is not yet run, have references alone.

    Examples:

    \b
        bestowal cite russia
        bestowal cite 4d1fbb0197daff08
        bestowal cite kibbutz --worlds 500
        bestowal cite hammond_axelrod_2006 --bibtex > references.bib
    """
    from bestowal.report.citation import cite as citation_of

    citation = citation_of(name, worlds, store=store)
    for note in citation.notes:
        console.say(note)
    if bibtex:
        typer.echo(citation.bibtex())
        return
    if citation.methods:
        console.show("Methods", "", citation.methods, "")
    console.show("References", "", citation.software())
    console.show(*(reference.text() for reference in citation.references))
    if citation.texts:
        console.show("", "Sources as the catalogue words them", "", *citation.texts)
