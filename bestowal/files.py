"""Files on disk: where results lie, and files written whole or not at all."""

import os
import uuid
from pathlib import Path


def results(store: str | os.PathLike[str] | None = None) -> Path:
    """The folder of results: the one named, else $BESTOWAL_STORE, else ./results."""
    return Path(store or os.environ.get("BESTOWAL_STORE") or "results")


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
