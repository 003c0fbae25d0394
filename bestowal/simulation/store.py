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

import importlib.metadata
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BytesCodec, Crc32cCodec, ZstdCodec

from bestowal.core.errors import BestowalError
from bestowal.core.files import cluster as cluster_at
from bestowal.core.files import locked, read_only, results, write
from bestowal.core.version import NUMERICS, STORE
from bestowal.models.registry import Model, load
from bestowal.simulation.code_digest import of_model
from bestowal.simulation.engine import BLOCK, cores, course, in_threads, simulate
from bestowal.simulation.scenario import Scenario, heading, key, needs_scenario, room, to_toml
from bestowal.simulation.scenario import scenario as read_scenario

if TYPE_CHECKING:
    import xarray as xr

TRIES = 3
"""How often worlds are run again that were read back other than written, before the disk is blamed."""
DAY = 86_400  # seconds
MOST_WORLDS = 1_000_000
LARGE = 1_000_000
"""Person-years (places for persons times years) above which a world is large: about a second of one processor."""


def block_size(scenario: Scenario) -> int:
    """Worlds in a block of this scenario: 32, or one where its worlds are large.

    What one thread runs before anything is kept, what one file of the store holds, and what --blocks counts. It hangs
    on the scenario alone, so everybody who runs a scenario counts the same blocks.
    """
    communities, places = room(scenario)
    return 1 if communities * places * scenario.years > LARGE else BLOCK


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
    """Worlds 0 to worlds - 1 of a scenario, from the store where they are there, run and stored where not.

    One variable an observable, dims (world, year). `store` is a folder, else $BESTOWAL_STORE, else ./results;
    `threads`, else one a processor; `progress(done, worlds)` is called as blocks finish, and in large worlds after
    every year, with parts of worlds. What had to be run again because its file was damaged is said in
    attrs["repaired"], one sentence a line; attributes are text and numbers, which every file format holds.

    `on` is the address of a Dask scheduler, else $BESTOWAL_CLUSTER, else this machine: where what is missing is run,
    by the workers' own threads. `blocks`: of these worlds only those in these blocks (`block_size`), so that several
    processes with one store can share the work.
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
    """The worlds that lie in a run's folder, as `run` gives them; worlds that were never run are left out.

    Zarr itself shows those as NaN, which is also what a world in which nobody lives shows.
    """
    folder = Path(folder)
    scenario = read_scenario(folder / "scenario.toml")
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


def stored(folder: Path, scenario: Scenario, worlds: range) -> NDArray[np.float64] | None:
    """These worlds, (worlds, years, observables), if a run's folder has all of them, whole; else None. Blocks only."""
    if not are_present(folder, scenario, worlds):
        return None
    array = sound_array(folder / "worlds.zarr", scenario, load(scenario.model), block_size(scenario), mode="r")
    if array is None or array.shape[0] < worlds.stop:
        return None
    try:
        chunks = [np.asarray(array.get_block_selection((block, 0, 0))) for block in block_range(scenario, worlds)]
    except (ValueError, RuntimeError):  # damaged: whoever asks for the worlds themselves sets it aside
        return None
    # Zarr reads a file that went in the meantime as NaN.
    return np.concatenate(chunks) if are_present(folder, scenario, worlds) else None


class _Task(NamedTuple):
    """A block that no file holds."""

    scenario: Scenario
    array: "zarr.Array[Any]"
    """where it is kept"""
    block: int
    worlds: range
    asked: int
    """how many of its worlds are asked for"""


def run_missing(
    wanted: Sequence[tuple[Path, Scenario, range]],
    threads: int,
    on: str | None,
    progress: Callable[[float, int], None],
    repaired: list[str],
) -> None:
    """Run what no file holds of these worlds, each of a scenario and kept in a folder: of all of them side by side."""
    done = 0
    told: float = 0
    total = sum(len(worlds) for _, _, worlds in wanted)

    def tell(lived: float = 0) -> None:
        nonlocal told
        told = max(told, done + lived)  # never back, where worlds that were lived together are kept one by one
        progress(told, total)

    def missing(of: Sequence[tuple[Path, Scenario, range]]) -> Iterator[_Task]:
        """Folder by folder as they are come to: with thousands of them nothing waits until all are looked through."""
        nonlocal done
        for folder, scenario, worlds in of:
            tasks = _missing(folder, scenario, worlds, on, repaired)
            done += len(worlds) - sum(task.asked for task in tasks)
            tell()
            yield from tasks

    def keep(task: _Task, values: NDArray[np.float64]) -> None:
        nonlocal done
        task.array.set_block_selection((task.block, 0, 0), values)
        done += task.asked
        tell()

    if on:
        from bestowal.simulation import dask as cluster

        cluster.run(on, missing(wanted), lambda task: (task.scenario, task.worlds), keep)
        return
    in_threads(missing([of for of in wanted if block_size(of[1]) > 1]), _run, threads, keep)
    _run_large(missing([of for of in wanted if block_size(of[1]) == 1]), threads, keep, tell)


def _missing(folder: Path, scenario: Scenario, worlds: range, on: str | None, repaired: list[str]) -> list[_Task]:
    """What no file holds of these worlds, written down as being run now."""
    if are_present(folder, scenario, worlds):  # nothing to write, so a store that may only be read will do
        return []
    size = block_size(scenario)
    blocks = block_range(scenario, worlds)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        array = opened_array(folder, scenario, blocks, repaired)
        found = [b for b in blocks if not chunk_file(folder, b).exists()]
        if found:
            note(folder, scenario, found, on=on)
    if found and not on:  # what these will need is compiled here, on this thread
        if size > 1:
            simulate(scenario, [])
        else:
            next(course(scenario, found[0], 0, 0), None)
    return [
        _Task(scenario, array, b, range(b * size, (b + 1) * size), min(size, worlds.stop - b * size)) for b in found
    ]


def block_range(scenario: Scenario, worlds: range) -> range:
    size = block_size(scenario)
    return range(worlds.start // size, -(-worlds.stop // size))


def are_present(folder: Path, scenario: Scenario, worlds: range) -> bool:
    """Whether every block of these worlds has a file."""
    return all(chunk_file(folder, block).exists() for block in block_range(scenario, worlds))


def _run(task: _Task) -> NDArray[np.float64]:
    return simulate(task.scenario, task.worlds)


def _run_large(
    tasks: Iterator[_Task],
    threads: int,
    keep: Callable[[_Task, NDArray[np.float64]], None],
    on_year: Callable[[float], None],
) -> None:
    """Run large worlds, one a thread, and look up after every year: so an interrupt waits for a year, not for a world.

    On this thread `on_year(lived)` is called after a year, with how many worlds' worth those now under way have lived,
    and `keep` as each finishes. Those begun together take turns by the year.
    """
    while together := list(islice(tasks, threads)):
        lives = [_life(task.scenario, task.worlds[0]) for task in together]
        values = [np.full((t.scenario.years, len(load(t.scenario.model).observables)), np.nan) for t in together]
        for year in range(max(task.scenario.years for task in together)):
            in_threads(range(len(lives)), partial(_live, lives, values, year), threads, lambda i, _: None)
            on_year(sum(min(1.0, (year + 1) / task.scenario.years) for task in together))
        for task, array in zip(together, values, strict=True):
            keep(task, array[None])


def _life(scenario: Scenario, world: int) -> Iterator[NDArray[np.float64]]:
    """(observables,) year by year."""
    for _, observed in course(scenario, world, 0, scenario.years):
        yield observed


def _live(
    lives: Sequence[Iterator[NDArray[np.float64]]], values: Sequence[NDArray[np.float64]], year: int, i: int
) -> None:
    """One year of one of the worlds, if it has so many."""
    if year < len(values[i]):
        values[i][year] = next(lives[i])


def opened_array(folder: Path, scenario: Scenario, blocks: Iterable[int], repaired: list[str]) -> "zarr.Array[Any]":
    """The array, made or mended or grown to hold these blocks and all that are there. Call it under the lock."""
    model = load(scenario.model)
    path = folder / "worlds.zarr"
    size = block_size(scenario)
    if size != BLOCK and sound_array(path, scenario, model, BLOCK) is not None:
        path.rename(folder / _OLD)
    n_worlds = size * (1 + max([*blocks, *present_blocks(path)]))
    array = sound_array(path, scenario, model, size)
    if array is None:
        for part in ("zarr.json", "observed/zarr.json", "observable"):
            if (path / part).exists():
                kept = set_aside(folder, path / part)
                repaired.append(f"{path / part} was damaged: written again, the old one is {kept}")
        array = _made(path, scenario, model, n_worlds, size)
    if array.shape[0] < n_worlds:
        array.resize((n_worlds, *array.shape[1:]))
    if (folder / _OLD).exists():
        _take_over(folder, scenario, model, array)
    return array


_OLD = "worlds-by-32.zarr"


def present_blocks(path: Path) -> list[int]:
    """The blocks of an array whose files are there."""
    return [int(p.name) for p in (path / "observed" / "c").glob("*") if p.name.isdigit()]


def _take_over(folder: Path, scenario: Scenario, model: Model, array: "zarr.Array[Any]") -> None:
    """Large worlds that an earlier version kept 32 to a file, one to a file. Under the lock.

    The old array has been moved aside, and goes when all is done: after a kill this begins again. What is damaged there
    is left out, and run again where it is asked for.
    """
    old = sound_array(folder / _OLD, scenario, model, BLOCK)
    for block in present_blocks(folder / _OLD):
        if old is None:
            break
        try:
            values = np.asarray(old.get_block_selection((block, 0, 0)))
        except (ValueError, RuntimeError):
            continue
        first = block * BLOCK
        if array.shape[0] < first + BLOCK:
            array.resize((first + BLOCK, *array.shape[1:]))
        array[first : first + BLOCK] = values
    shutil.rmtree(folder / _OLD)


def sound_array(
    path: Path, scenario: Scenario, model: Model, size: int, mode: Literal["r", "r+"] = "r+"
) -> "zarr.Array[Any] | None":
    """The array if all its metadata is what this version writes for blocks of this size, else None."""
    try:
        group = zarr.open_group(path, mode="r")
        version = group.attrs["bestowal_store"]
        if isinstance(version, int) and version != STORE:
            raise BestowalError(f"{path}: store format {version}; this bestowal reads and writes format {STORE}")
        array = zarr.open_array(path / "observed", mode=mode)
        sound = (
            version == STORE
            and array.shape[0] % size == 0
            and array.shape[1:] == (scenario.years, len(model.observables))
            and array.chunks == (size, *array.shape[1:])
            and array.dtype == np.dtype("<f8")
            and array.compressors == _COMPRESSORS
            and (array.filters, array.serializer) == ((), BytesCodec(endian="little"))
            and array.metadata.to_dict()["chunk_key_encoding"] == _NAMES
            and array.metadata.dimension_names == _DIMS  # type: ignore[union-attr]
            and _labels(path, len(model.observables)) == [o.name for o in model.observables]
        )
    except (BestowalError, PermissionError):
        raise
    except Exception:  # what zarr raises on broken metadata is of many kinds, none of them promised
        return None
    return array if sound else None


def _labels(path: Path, n: int) -> list[str]:
    """The names of n observables; none where there are not so many, or a checksum of theirs is missing.

    Damaged metadata, or a damaged text without a checksum, can claim billions of names, and Zarr makes room for them.
    """
    labels = zarr.open_array(path / "observable", mode="r")
    sound = labels.shape == (n,) and labels.compressors == _COMPRESSORS
    return [str(name) for name in labels[:]] if sound else []  # type: ignore[union-attr]


_DIMS = ("world", "year", "observable")
_NAMES = {"name": "default", "configuration": {"separator": "/"}}  # of chunk files, as chunk_file has them
_COMPRESSORS = (ZstdCodec(level=0), Crc32cCodec())


def _made(path: Path, scenario: Scenario, model: Model, n_worlds: int, size: int) -> "zarr.Array[Any]":
    """New metadata, around chunks that may be there already."""
    names = [o.name for o in model.observables]
    group = zarr.create_group(path, attributes={"bestowal_store": STORE})
    labels = group.create_array(
        "observable",
        shape=(len(names),),
        dtype="string",
        compressors=_COMPRESSORS,
        dimension_names=("observable",),
    )
    labels[:] = np.array(names, dtype=object)
    shape = (n_worlds, scenario.years, len(names))
    return group.create_array(
        "observed",
        shape=shape,
        chunks=(size, *shape[1:]),
        dtype="float64",
        fill_value=np.nan,
        compressors=_COMPRESSORS,
        dimension_names=_DIMS,
    )


def read_blocks(folder: Path, scenario: Scenario, worlds: range, repaired: list[str]) -> NDArray[np.float64] | None:
    """The values, (observables, worlds, years), or None if a block is not there or damaged; that is set aside.

    Under the lock: Zarr reads a file that is not there as NaN, so no file may go between the look and the reading.
    A folder that may only be read is read without, and the files are looked for again afterwards.
    """
    try:
        with locked(folder):
            array = opened_array(folder, scenario, block_range(scenario, worlds), repaired)
            return _values(folder, array, scenario, worlds, repaired)
    except OSError as error:
        if not read_only(error):
            raise
        found = sound_array(folder / "worlds.zarr", scenario, load(scenario.model), block_size(scenario), mode="r")
        if found is None or found.shape[0] < worlds.stop:
            raise
        values = _values(folder, found, scenario, worlds, None)
        if values is None or not are_present(folder, scenario, worlds):
            raise
        return values


def _values(
    folder: Path, array: "zarr.Array[Any]", scenario: Scenario, worlds: range, repaired: list[str] | None
) -> NDArray[np.float64] | None:
    """As `read_blocks` gives them; without `repaired` nothing is set aside."""
    size = block_size(scenario)
    values = np.empty((array.shape[2], len(worlds), array.shape[1]))
    whole = True
    for block in block_range(scenario, worlds):
        first, last = block * size, (block + 1) * size - 1
        file = chunk_file(folder, block)
        if not file.exists():  # another process found it damaged
            whole = False
            continue
        try:
            chunk = np.asarray(array.get_block_selection((block, 0, 0)))
        except (ValueError, RuntimeError):
            whole = False
            if repaired is not None:
                kept = set_aside(folder, file)
                what = f"worlds {first} to {last} were" if last > first else f"world {first} was"
                repaired.append(f"{what} damaged: run again, the old file is {kept}")
        else:
            at = first - worlds.start
            values[:, at : at + size] = np.moveaxis(chunk, 2, 0)[:, : worlds.stop - first]
    return values if whole else None


def chunk_file(folder: Path, block: int) -> Path:
    return folder / "worlds.zarr" / "observed" / "c" / str(block) / "0" / "0"


def set_aside(folder: Path, path: Path) -> Path:
    """Move a damaged file of a run's folder out of the way, never over another one."""
    aside = folder / "set-aside"
    aside.mkdir(exist_ok=True)
    name = "-".join(path.relative_to(folder).parts).removeprefix("worlds.zarr-")
    return path.rename(aside / f"{name}.{len(list(aside.iterdir()))}")


def note(
    folder: Path, scenario: Scenario, blocks: Sequence[int | str], kind: str = "blocks", on: str | None = None
) -> None:
    """Write the scenario down, and add to the provenance that these blocks are being run now, here or on a cluster.

    Under the lock. `kind` is what they are called there, where they are not blocks of worlds kept whole. What killed
    processes left half-written goes.
    """
    _clear(folder)
    describe_run(folder, scenario)
    file = folder / "provenance.json"
    try:
        runs = list(json.loads(file.read_text(encoding="utf-8"))["runs"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # none yet, or of no use any more
        runs = []
    here = {**software_versions(), "python": platform.python_version(), "machine": platform.platform()}
    if on:
        here["cluster"] = on  # its workers have these versions, or are refused
    runs.append({"began": datetime.now(UTC).isoformat(timespec="seconds"), kind: list(blocks), **here})
    code = of_model(load(scenario.model))
    head = {"key": folder.name, "model": scenario.model, "code": code, "numerics": NUMERICS, "store": STORE}
    write(file, json.dumps({**head, "runs": runs}) + "\n")


def describe_run(folder: Path, scenario: Scenario) -> None:
    """Write the scenario beside its worlds, in place of one with another title or calendar (not in its key)."""
    file = folder / "scenario.toml"
    try:
        if file.read_bytes().startswith(heading(scenario).encode()):
            return
    except FileNotFoundError:
        pass
    write(file, to_toml(scenario))


def _clear(folder: Path) -> None:
    """Take away temporary files a day old: whoever was writing them was killed. Younger ones may be at work."""
    for here, _, names in os.walk(folder):
        for name in names:
            half = Path(here) / name
            if half.suffix == ".partial" and time.time() - half.stat().st_mtime > DAY:
                half.unlink(missing_ok=True)


@cache
def software_versions() -> dict[str, str]:
    """Of what decides numbers and how they are kept, as this process has them."""
    found = {name: importlib.metadata.version(name) for name in ("numba", "llvmlite", "numpy", "zarr")}
    try:
        return {"bestowal": importlib.metadata.version("bestowal"), **found}
    except importlib.metadata.PackageNotFoundError:
        return {"bestowal": "not installed", **found}


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
            "model": scenario.model,
            "versions": f"bestowal {software_versions()['bestowal']}, numerics {NUMERICS}, store {STORE}",
            "repaired": "\n".join(repaired),
        },
    )
