"""Files on disk: where results lie, files written whole or not at all, and TOML read with a complaint in one line."""

import codecs
import errno
import hashlib
import io
import json
import os
import re
import shutil
import sys
import time
import tomllib
import uuid
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StrictFloat, StrictInt, TypeAdapter, ValidationError

from bestowal.core.errors import BestowalError, nearest, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")

STRICT = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
"""Give this to the pydantic model of a table in a file; in code its keys go by their Python names."""

DEEPEST = 32
"""Tables and lists inside one another, in a TOML file."""

Number = StrictInt | StrictFloat
"""A number of a file, whole or not as it stands there."""


def expanded(path: str | os.PathLike[str]) -> Path:
    """The path with a leading ~ or ~user replaced by that home folder, where the shell has not done it."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # there is no such user: a file may be called so
        return Path(path)


def is_path(name: str) -> bool:
    """Whether what a user names is a file, and not a name of the catalogue."""
    return name == "-" or name.lower().endswith((".toml", ".py")) or "/" in name or os.sep in name


def absent(path: Path) -> str:
    """Why there is no file to read at a path, in one line, with the .toml file beside it that may have been meant."""
    if path.name == "-" or (path.exists() and not path.is_dir()):
        return f"{path}: a pipe or a device can't be read again; save it as a .toml file, and name that"
    if path.is_dir():
        return f"{path}: is a folder, not a .toml file"
    beside = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    meant = [p for p in beside if p.suffix.lower() == ".toml" and p.is_file()]
    names = {path.name.casefold(), f"{path.name}.toml".casefold(), f"{path.stem}.toml".casefold()}
    same = next((p for p in meant if p.name.casefold() in names), None)
    if same is not None:
        return f"there is no file {path}; did you mean {same}?"
    return f"there is no file {path}"


def results(store: str | os.PathLike[str] | None = None) -> Path:
    """The folder of results: the one named, else $BESTOWAL_STORE, else ./results."""
    return expanded(store or os.environ.get("BESTOWAL_STORE") or "results")


def cache() -> Path:
    """The folder of compiled kernels: $BESTOWAL_CACHE, else ~/.cache/bestowal."""
    folder = expanded(os.environ.get("BESTOWAL_CACHE") or "~/.cache/bestowal")
    if str(folder).startswith("~"):
        raise BestowalError(f"{folder}: no home folder is known; set BESTOWAL_CACHE to a writable folder")
    return folder.resolve()


def unwritable_cache(path: Path, error: OSError) -> BestowalError:
    """The message where compiled kernels can't be written."""
    return BestowalError(f"{path}: {error.strerror or error}; set BESTOWAL_CACHE to a writable folder with free space")


def cluster(on: str | None = None) -> str | None:
    """The address of the Dask scheduler: the one given, else $BESTOWAL_CLUSTER; None is this machine."""
    return on or os.environ.get("BESTOWAL_CLUSTER") or None


PATIENCE, EVERY = 3.0, 60.0
"""Seconds that a lock is waited for without a word, and between the words then."""


@contextmanager
def locked(folder: Path, reading: bool = False) -> Iterator[None]:
    """Hold the lock of a folder of results. While another process has it, stderr says which file is waited for.

    ``reading``: where the folder may only be read, go on without the lock.
    """
    from filelock import FileLock, Timeout

    lock, began, patience = FileLock(folder / "lock"), time.monotonic(), PATIENCE
    while not lock.is_locked:
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            waited, patience = time.monotonic() - began, EVERY
            print(
                f"bestowal: waiting for {lock.lock_file}, {waited:.0f} s so far: {_holder(folder / 'lock')} holds it; "
                "Ctrl-C stops waiting",
                file=sys.stderr,
            )
        except OSError as error:
            if reading and read_only(error):
                break
            raise
    try:
        yield
    finally:
        lock.release()


def _holder(lock: Path) -> str:
    """Who holds a lock, as far as this machine knows (Linux)."""
    try:
        inode = lock.stat().st_ino
        held = [line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()]
    except OSError:
        return "another process"
    processes = [parts[4] for parts in held if parts[1] == "FLOCK" and parts[5].endswith(f":{inode}")]
    return f"process {processes[0]}" if processes else "another process, perhaps on another machine,"


def read_only(error: OSError) -> bool:
    """Whether a file could not be written for want of permission, and not because something is wrong with the disk."""
    return error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; of several processes that write at once, one wins.

    Text is UTF-8 with its line ends as they stand, so that a checksum of it holds everywhere. Where the folder may only
    be read, a file that holds this content already will do.
    """
    whole = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    try:
        try:
            partial.write_bytes(whole)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        if not (read_only(error) and path.is_file() and path.read_bytes() == whole):
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


def content_digest(content: object) -> str:
    """Return 16 hex digits of the SHA-256 of plain data, as JSON with sorted keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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


def text(file: Path) -> str:
    """The text of a UTF-8 file, or a complaint in one line. A byte-order mark at its start is skipped."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BestowalError(f"{file}: {error.strerror or error}") from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:4]:  # UTF-32 too
        raise BestowalError(f"{file}: is text in UTF-16; save it as UTF-8")
    try:
        return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig").read()  # with line ends of every kind
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BestowalError(f"{file}: line {line}: is not UTF-8; save the file as UTF-8") from None


def texts(names: Iterable[object]) -> "NDArray[Any]":
    """Names as an array of Python's strings: the kind of text that NetCDF 3 and both formats of Zarr hold."""
    import numpy as np

    return np.array([str(name) for name in names], dtype=object)


def toml(file: Path) -> dict[str, Any]:
    """What is in a TOML file, or a complaint in one line. No integer beyond 64 bits, nothing nested deeper than 32."""
    content = text(file)
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise BestowalError(f"{file}: not TOML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise BestowalError(f"{file}: tables and lists inside one another: {DEEPEST} deep is the most") from None
    except ValueError:  # Python reads no integer of so many digits
        lines = content.splitlines()
        line = next((i for i, line in enumerate(lines, 1) if re.search(r"[0-9_]{4300}", line)), 0)
        raise BestowalError(f"{file}: line {line}: an integer of more than 64 bits") from None
    ahead: list[tuple[tuple[str, ...], Any]] = [((), table)]
    while ahead:
        where, value = ahead.pop()
        if len(where) > DEEPEST:
            raise BestowalError(f"{file}: {where[0]}: tables and lists inside one another: {DEEPEST} deep is the most")
        if isinstance(value, dict):
            ahead += [((*where, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            ahead += [((*where, str(i)), inner) for i, inner in enumerate(value, 1)]
        elif isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
            raise BestowalError(f"{file}: {'.'.join(where)}: an integer of more than 64 bits")
    return table


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
    value = "" if isinstance(said["input"], dict | list) else f" = {shown(said['input'])}"
    return f"{'.'.join(where)}{value}: {said['msg'].removeprefix('Value error, ')}{hint}".removeprefix(": ")
