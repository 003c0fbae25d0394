"""Results on disk: run what is missing, keep it, read it back.

    results/<key>/worlds.zarr       Zarr v3: `observed` (world, year, observable) float64, `observable` the names
                  scenario.toml     the scenario, to read and to run again
                  provenance.json   which versions ran which blocks, on what machine, when
                  set-aside/        damaged files, each moved here before its worlds were run again

`bestowal.read(folder)` gives all worlds there are. Open worlds.zarr elsewhere with `xr.open_zarr(path,
consolidated=False)`: year 0 is the scenario's first step, and worlds of blocks that were never run read as NaN there,
as do worlds in which nobody lives. A block was run if `observed/c/BLOCK/0/0` exists.

One chunk file of `observed` is one block of worlds, 32 of them, or one where worlds are large (`block_size`): written
under another name and renamed, so it is there whole or not at all, and ended by a CRC-32C, so that damage since then is
found. A block counts as run if its file is there: no list could disagree with that. The lock guards the metadata and
the reading; chunks are written without it, since two processes that run one block write the same bytes.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.core.files import cluster as cluster_at
from bestowal.core.files import results
from bestowal.core.version import NUMERICS, STORE
from bestowal.models.registry import load
from bestowal.simulation.blocks import are_present, block_size, present_blocks, read_blocks, stored
from bestowal.simulation.engine import cores
from bestowal.simulation.missing import run_missing
from bestowal.simulation.provenance import describe_run, software_versions
from bestowal.simulation.scenario import Scenario, key, needs_scenario
from bestowal.simulation.scenario_file import scenario as read_scenario

if TYPE_CHECKING:
    import xarray as xr

TRIES = 3
"""How often worlds are run again that were read back other than written, before the disk is blamed."""
MOST_WORLDS = 1_000_000


def run(
    scenario: Scenario,
    worlds: int = 500,
    *,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Callable[[float, int], None] | None = None,
    on: str | None = None,
    blocks: range | None = None,
) -> "xr.Dataset":
    """Run worlds 0 to worlds - 1 of a scenario, or read them from the store where they are there.

    Parameters
    ----------
    scenario : what to run.
    worlds : how many, from 1 to 1,000,000.
    threads : threads at work; one a processor unless given.
    store : folder of the results; $BESTOWAL_STORE, else ./results, unless given.
    progress : called as progress(done, worlds) as blocks finish, and in large worlds after every year, with parts of
        worlds. An exception that it raises ends the work; blocks that had finished are kept.
    on : address of a Dask scheduler, whose workers run what is missing by their own threads; $BESTOWAL_CLUSTER, else
        this machine, unless given.
    blocks : of these worlds only those in these blocks (`block_size`), so that several processes with one store can
        share the work.

    Returns
    -------
    Dataset
        One variable an observable, (world, year), with its unit, meaning and bounds as attributes; NaN where there is
        nothing to measure. ``attrs["key"]`` names the run's folder in the store; ``attrs["repaired"]`` says, a sentence
        a line, what was run again because its file was damaged.

    Raises
    ------
    BestowalError
        `scenario` is no Scenario; `worlds`, `threads` or `blocks` are out of bounds; the store can't be written; or the
        cluster does not answer, or runs other code.

    Examples
    --------
    >>> import bestowal
    >>> lattice = bestowal.scenario("nowak_may_1992").but(years=20, side=20)
    >>> data = bestowal.run(lattice, 4)
    >>> dict(data.sizes)
    {'world': 4, 'year': 20}
    """
    needs_scenario(scenario, "run")
    _check(worlds, threads)
    size = block_size(scenario)
    n_blocks = -(-worlds // size)
    if blocks is None:
        blocks = range(n_blocks)
    check_blocks(blocks, n_blocks, f"{worlds} worlds are blocks 0-{n_blocks - 1}, of {size} each")
    span = range(blocks[0] * size, min(worlds, (blocks[-1] + 1) * size))
    values, repaired = part(scenario, span, threads=threads, store=store, progress=progress, on=on)
    return described(scenario, ("world", "year"), values, {"world": np.array(span)}, repaired)


def read(folder: str | os.PathLike[str]) -> "xr.Dataset":
    """Read the worlds in a run's folder; worlds that were never run are left out.

    Parameters
    ----------
    folder : the folder in the store that a run's key names.

    Returns
    -------
    Dataset
        As `run` gives it, with the worlds that are there. Zarr itself would show the others as NaN, which is also what
        a world in which nobody lives shows.

    Raises
    ------
    BestowalError
        The folder holds no worlds of a run, or a block is damaged or of another version; or its model is a file that
        this process has not imported (reading runs no code: name the file first, `bestowal.scenario("my_model.py")`).

    Examples
    --------
    >>> import bestowal
    >>> lattice = bestowal.scenario("nowak_may_1992").but(years=20, side=20)
    >>> key = bestowal.run(lattice, 4, store="stored").attrs["key"]
    >>> bestowal.read(f"stored/{key}").attrs["scenario"]
    'nowak_may_1992'
    """
    folder = Path(folder)
    scenario = read_scenario(folder / "scenario.toml", imports=False)
    size = block_size(scenario)
    worlds, parts = list[int](), []
    for block in sorted(present_blocks(folder / "worlds.zarr")):
        span = range(block * size, (block + 1) * size)
        values = stored(folder, scenario, span)
        if values is None:
            raise BestowalError(f"{folder}: block {block}: damaged, or of another version; run the scenario again")
        worlds += span
        parts.append(values)
    if not parts:
        raise BestowalError(f"{folder}: holds no worlds of a run")
    data = described(
        scenario,
        ("world", "year"),
        np.ascontiguousarray(np.moveaxis(np.concatenate(parts), 2, 0)),
        {"world": np.array(worlds)},
        [],
    )
    return data.assign_attrs(key=folder.name)


def check_counts(worlds: int, threads: int | None, most: int, why: str) -> None:
    """Complain of worlds or threads that can't be so many; `why` no more than `most` worlds ends the sentence."""
    if worlds > most:
        raise BestowalError(f"worlds = {worlds}: must be {most} or fewer{why}")
    for name, count in (("worlds", worlds), ("threads", threads)):
        if count is not None and count < 1:
            raise BestowalError(f"{name} = {count}: must be 1 or more")


def _check(worlds: int, threads: int | None) -> None:
    check_counts(worlds, threads, MOST_WORLDS, ", which is as many as memory holds")


def check_blocks(blocks: range, n_blocks: int, there: str) -> None:
    """Complain of blocks that are not among so many; `there` says which there are."""
    if not (blocks and blocks.step == 1 and blocks[0] >= 0 and blocks[-1] < n_blocks):
        raise BestowalError(f"blocks {blocks.start}-{blocks.stop - 1}: {there}")


def run_each(
    scenarios: Sequence[Scenario],
    worlds: int = 500,
    *,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Callable[[float, int], None] | None = None,
    on: str | None = None,
) -> "Iterator[xr.Dataset]":
    """`run` of each scenario, in their order, one at a time. All are of one model.

    What is missing of any is run first, of all of them side by side: no processor waits for the end of each. `progress`
    is called with the worlds done, of all together.
    """
    _check(worlds, threads)
    home = results(store)
    wanted = {key(scenario): scenario for scenario in scenarios}  # one by two names is run once
    tasks = [(home / name, scenario, range(worlds)) for name, scenario in wanted.items()]
    repaired: list[str] = []
    with complaints(home):
        run_missing(tasks, threads or cores(), cluster_at(on), progress or silent, repaired)
    for scenario in scenarios:
        data = run(scenario, worlds, threads=threads, store=store, on=on)
        data.attrs["repaired"] = "\n".join([*repaired, *data.attrs["repaired"].splitlines()])
        repaired = []  # said once, with the first
        yield data


def part(
    scenario: Scenario,
    worlds: range,
    *,
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Callable[[float, int], None] | None = None,
    on: str | None = None,
) -> tuple[NDArray[np.float64], list[str]]:
    """These worlds alone, as `run` would run and keep them: (observables, worlds, years), and what was repaired.

    ``worlds`` begins with the first world of a block. An exception that ``progress`` raises ends the work, with the
    blocks that had finished kept.
    """
    if worlds.start % block_size(scenario) or worlds.step != 1:
        raise ValueError(f"{worlds}: a part of a run begins with a block, of {block_size(scenario)} worlds")
    folder = results(store) / key(scenario)
    repaired: list[str] = []
    with complaints(folder):
        for tried in range(TRIES + 1):
            if (
                are_present(folder, scenario, worlds)
                and (values := read_blocks(folder, scenario, worlds, repaired)) is not None
            ):
                with suppress(OSError):  # a store may be there to read only
                    describe_run(folder, scenario)
                if progress and not tried:
                    progress(len(worlds), len(worlds))
                return values, repaired
            if tried < TRIES:
                run_missing(
                    [(folder, scenario, worlds)], threads or cores(), cluster_at(on), progress or silent, repaired
                )
    raise failing(folder)


def failing(folder: Path) -> BestowalError:
    """What to say after `TRIES`."""
    return BestowalError(f"{folder}: worlds read back are not what was written, {TRIES} times; is the disk failing?")


def silent(done: float, total: int) -> None:
    """For work whose progress nobody asked about."""


@contextmanager
def complaints(folder: Path) -> Iterator[None]:
    """What the disk complains of, in one line."""
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise BestowalError(f"{where}: {error.strerror or error}; worlds already stored are kept") from error


def described(
    scenario: Scenario,
    dims: tuple[str, str],
    values: NDArray[np.float64],
    labels: dict[str, Any],
    repaired: list[str],
) -> "xr.Dataset":
    """Values, (observables, *dims), with names, units and bounds; `labels` are the coordinates beside the year."""
    import xarray as xr  # a second to import: not before the worlds are there

    def plain(dims: tuple[str, ...], data: NDArray[Any], attrs: dict[str, Any]) -> xr.Variable:
        # They are NumPy arrays: fastpath spares looking for other kinds, for which xarray would import dask.array.
        return xr.Variable(dims, data, attrs, fastpath=True)

    model = load(scenario.model)
    variables = {}
    for observable, of_one in zip(model.observables, values, strict=True):
        attrs: dict[str, Any] = {"units": observable.unit, "long_name": observable.meaning}
        attrs |= {n: x for n, x in (("valid_min", observable.low), ("valid_max", observable.high)) if np.isfinite(x)}
        variables[observable.name] = plain(dims, of_one, attrs)
    years = scenario.first_year + np.arange(scenario.years)
    return xr.Dataset(
        variables,
        coords={
            **{name: plain((name,), np.asarray(label), {}) for name, label in labels.items()},
            "year": plain(("year",), years, {"long_name": model.step}),
        },
        attrs={
            "scenario": scenario.name,
            "key": key(scenario),
            "model": model.name,
            "versions": f"bestowal {software_versions()['bestowal']}, numerics {NUMERICS}, store {STORE}",
            "repaired": "\n".join(repaired),
        },
    )
