"""`bestowal report`: a static site of everything computed so far."""

from pathlib import Path
from typing import Annotated

import typer

from bestowal.cli import console
from bestowal.cli.options import Store
from bestowal.cli.progress import progress


def report(
    site: Annotated[Path, typer.Option(metavar="OUT", help="Folder of the site, which is created or updated.")],
    store: Store = None,
    address: Annotated[
        str | None, typer.Option(metavar="URL", help="Address of the published site, for absolute links in the feed.")
    ] = None,
) -> None:
    """Write all stored answers and checked claims as a small static site.

    The site has a page for each answer, an index by claim and one by theme, and an Atom feed. Nothing is run: claims
    that have not been checked are listed with their command. A changed result gets a new page that links to the
    earlier one.

    Examples:

    \b
        bestowal report --site answers/
        bestowal report --site public/ --address https://example.org/bestowal/
    """
    from bestowal.claims.claim_file import source_claims
    from bestowal.report import site as sites

    claims = source_claims()
    with progress("pages", "pages") as tell:
        built = sites.build(
            site,
            claims,
            [*sites.checked(claims, store), *sites.asked(store)],
            address=address,
            progress=tell,
        )
    console.show(f"{console.plural(len(built.new), 'new page')}, {len(built.kept)} brought up to date")
    for item in built.superseded:
        console.show(f"{item.subject}: a new answer supersedes No. {item.number} ({item.verdict})")
    if built.unchecked:
        names = ", ".join(name for name, _ in built.unchecked)
        console.show(f"not checked yet: {names}; for example: {built.unchecked[0][1]}")
    console.show(f"page: {built.index}")
