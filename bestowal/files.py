"""Files on disk: where results lie, files written whole or not at all, and TOML read with a complaint in one line."""

import hashlib
import io
import json
import os
import shutil
import tomllib
import uuid
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StrictFloat, StrictInt, TypeAdapter, ValidationError

from bestowal.model import BestowalError, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

STRICT = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
"""Give this to the pydantic model of a table in a file; in code its keys go by their Python names."""

Number = StrictInt | StrictFloat
"""A number of a file, whole or not as it stands there."""


def expanded(path: str | os.PathLike[str]) -> Path:
    """The path with a leading ~ or ~user replaced by that home folder, where the shell has not done it."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise BestowalError(f"{path}: there is no home folder of that user; write the path out") from None


def results(store: str | os.PathLike[str] | None = None) -> Path:
    """The folder of results: the one named, else $BESTOWAL_STORE, else ./results."""
    return expanded(store or os.environ.get("BESTOWAL_STORE") or "results")


def cache() -> Path:
    """The folder of compiled kernels: $BESTOWAL_CACHE, else ~/.cache/bestowal."""
    return expanded(os.environ.get("BESTOWAL_CACHE") or "~/.cache/bestowal").resolve()


def unwritable_cache(path: Path, error: OSError) -> BestowalError:
    """The message where compiled kernels can't be written."""
    return BestowalError(f"{path}: {error.strerror or error}; set BESTOWAL_CACHE to a writable folder with free space")


def cluster(on: str | None = None) -> str | None:
    """The address of the Dask scheduler: the one given, else $BESTOWAL_CLUSTER; None is this machine."""
    return on or os.environ.get("BESTOWAL_CLUSTER") or None


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; of several processes that write at once, one wins.

    Text is UTF-8 with its line ends as they stand, so that a checksum of it holds everywhere.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    try:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; nothing where neither is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def kept(file: Path, of: type[T], code: str, make: Callable[[], T]) -> T:
    """The dataclass kept in a file, if it was made by this code and is whole; else made, and kept.

    ``code`` is a digest of everything that decides what is made.
    """
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
        if table["sum"] == _sum(code, table["found"]):
            return TypeAdapter(of).validate_python(table["found"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        pass
    found = make()
    content = asdict(found)  # type: ignore[call-overload]
    table = {"sum": _sum(code, content), "found": content}
    write(file, json.dumps(table, ensure_ascii=False, allow_nan=False, indent=1))
    return found


def _sum(code: str, content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(f"{code}\n{text}".encode()).hexdigest()


def digest(files: Iterable[Path]) -> str:
    """SHA-256 (hex) over the contents of these files, in this order."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def arrays(content: bytes, names: Collection[str]) -> "dict[str, NDArray[Any]] | None":
    """The arrays of these names in an .npz; None where it is damaged, or holds others.

    Checksums first, of all of it: what NumPy raises while it makes sense of a damaged header is of many kinds, none of
    them promised.
    """
    import numpy as np

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            sound = parts.testzip() is None
        if sound:
            with np.load(io.BytesIO(content), allow_pickle=False) as found:
                return {name: found[name] for name in names}
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, RuntimeError, NotImplementedError):
        pass
    return None


def toml(file: Path) -> dict[str, Any]:
    """What is in a TOML file, or a complaint in one line."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BestowalError(f"{file}: not TOML: {' '.join(str(error).split())}") from None
    except OSError as error:
        raise BestowalError(f"{file}: {error.strerror or error}") from None


def complaint(error: ValidationError, top: type[BaseModel], tables: Mapping[str, type[BaseModel]], *above: str) -> str:
    """The first complaint about a table with its key, what stands above it, and its value.

    A name misspelt comes before the one it isn't. `tables` has what the keys inside of `top` hold, by their names.
    """
    said = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    where = [*above, *(str(part + 1) if isinstance(part, int) else str(part) for part in said["loc"])]
    hint = ""
    if said["type"] == "extra_forbidden":
        table = next((tables[part] for part in reversed(where[:-1]) if part in tables), top)
        hint = nearest(where[-1], [field.alias or name for name, field in table.model_fields.items()])
    value = "" if isinstance(said["input"], dict | list) else f" = {said['input']!r}"
    return f"{'.'.join(where)}{value}: {said['msg'].removeprefix('Value error, ')}{hint}".removeprefix(": ")
