"""`bestowal calibrate`: the society model fitted to measured people and communes."""

from pathlib import Path
from typing import Annotated

import typer

from bestowal.cli import console
from bestowal.cli.options import Store, Threads
from bestowal.cli.progress import progress


def calibrate(
    out: Annotated[
        Path | None, typer.Option(help="Folder for the evidence page, its figures and the dated predictions.")
    ] = None,
    posterior: Annotated[
        Path | None, typer.Option(help="File for the posterior draws of motives, in the catalogue's format.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the fits and of the random numbers.")] = 1,
    threads: Threads = None,
    store: Store = None,
) -> None:
    """Fit the society model to measured people and communes, and test it without refit.

    Motives are fitted to the subjects of a public-goods experiment, the community level to the lives of 33 communes.
    The fit is then tested on sixteen cities, on societies that lasted, and on data held out. Takes some minutes; an
    interrupted calibration resumes.

    Examples:

    \b
        bestowal calibrate
        bestowal calibrate --out evidence/ --posterior society.csv
    """
    from bestowal import calibration
    from bestowal.core.files import expanded, write
    from bestowal.report import evidence

    with progress("calibrate", "thousandths") as tell:
        found = calibration.calibrate(seed=seed, threads=threads, store=store, progress=tell)
    console.show(evidence.terminal(found))
    if out is not None:
        for file in evidence.save(found, out):
            console.show(f"written: {file}")
    if posterior is not None:
        write(expanded(posterior), evidence.posterior(found))
        console.show(f"written: {posterior}")
