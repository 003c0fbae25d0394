"""The Zarr array of a run: one chunk file a block of worlds, made, grown, read, and mended where it is damaged.

A block counts as run if its file is there: no list could disagree with that. Zarr reads a file that is not there as
NaN, which is also what a world in which nobody lives shows: so the files are looked for, under the lock.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BytesCodec, Crc32cCodec, ZstdCodec

from bestowal.core.errors import BestowalError
from bestowal.core.files import locked, read_only
from bestowal.core.version import STORE
from bestowal.models.registry import Model, load
from bestowal.simulation.engine import BLOCK
from bestowal.simulation.scenario import Scenario, room

LARGE = 1_000_000
"""Person-years (places for persons times years) above which a world is large: about a second of one processor."""


def block_size(scenario: Scenario) -> int:
    """Worlds in a block of this scenario: 32, or one where its worlds are large.

    What one thread runs before anything is kept, what one file of the store holds, and what --blocks counts. It depends
    on the scenario alone, so everybody who runs a scenario counts the same blocks.
    """
    communities, places = room(scenario)
    return 1 if communities * places * scenario.years > LARGE else BLOCK


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


def block_range(scenario: Scenario, worlds: range) -> range:
    """Return the blocks that hold these worlds."""
    size = block_size(scenario)
    return range(worlds.start // size, -(-worlds.stop // size))


def are_present(folder: Path, scenario: Scenario, worlds: range) -> bool:
    """Whether every block of these worlds has a file."""
    return all(chunk_file(folder, block).exists() for block in block_range(scenario, worlds))


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
    """Return the file of a block in a run's folder."""
    return folder / "worlds.zarr" / "observed" / "c" / str(block) / "0" / "0"


def set_aside(folder: Path, path: Path) -> Path:
    """Move a damaged file of a run's folder out of the way, never over another one."""
    aside = folder / "set-aside"
    aside.mkdir(exist_ok=True)
    name = "-".join(path.relative_to(folder).parts).removeprefix("worlds.zarr-")
    return path.rename(aside / f"{name}.{len(list(aside.iterdir()))}")
