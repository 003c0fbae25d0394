"""Files of summaries: which worlds each covers, which are missing, two neighbours joined as one; read and written."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bestowal.core.files import arrays, write
from bestowal.simulation.blocks import set_aside
from bestowal.simulation.engine import BLOCK
from bestowal.simulation.reduction import Summary, joined

LARGEST = 1 << 16  # worlds in a file: what one damaged file costs
FORMAT = 1


# ------------------------------------------------------------------------------------------------- the tree over worlds


def trees_of(worlds: range) -> Iterator[tuple[int, int]]:
    """Whole blocks of worlds as the largest trees there are, from the first on: (first world, how many)."""
    first = worlds.start
    while first < worlds.stop:
        size = 1 << (worlds.stop - first).bit_length() - 1
        if first:
            size = min(size, first & -first)  # a tree begins at a multiple of its size
        yield first, size
        first += size


def gaps_in(folder: Path, first: int, size: int) -> list[tuple[int, int]]:
    """What of these worlds no file holds."""
    if summary_file(folder, first, size).exists():
        return []
    if size == BLOCK:
        return [(first, size)]
    half = size // 2
    gaps = [*gaps_in(folder, first, half), *gaps_in(folder, first + half, half)]
    return [(first, size)] if gaps == [(first, half), (first + half, half)] else gaps


def is_within(folder: Path, first: int, size: int) -> bool:
    """Whether a larger file holds these worlds."""
    while size < LARGEST:
        size *= 2
        if summary_file(folder, first - first % size, size).exists():
            return True
    return False


def keep_summary(folder: Path, first: int, size: int, summary: Summary, columns: int, repaired: list[str]) -> None:
    """Write the file of these worlds; where its neighbour is there, of both as one, and so on. Under the lock."""
    gone: list[Path] = []
    while size < LARGEST:
        other = first ^ size
        beside = summary_file(folder, other, size)
        known = read_summary(beside, columns, repaired) if beside.exists() else None
        if known is None:
            break
        summary = joined(summary, known) if first < other else joined(known, summary)
        gone += [beside, summary_file(folder, first, size)]
        first, size = min(first, other), 2 * size
    write_summary(summary_file(folder, first, size), summary, columns)
    for file in gone:
        file.unlink(missing_ok=True)


def stored_summary(folder: Path, first: int, size: int, columns: int, repaired: list[str]) -> Summary | None:
    """The summary of these worlds from its file or those it would be made of; None if a part is damaged or gone."""
    file = summary_file(folder, first, size)
    if file.exists():
        return read_summary(file, columns, repaired)
    if size == BLOCK:
        return None
    one = stored_summary(folder, first, size // 2, columns, repaired)
    two = stored_summary(folder, first + size // 2, size // 2, columns, repaired)
    return joined(one, two) if one is not None and two is not None else None


# --------------------------------------------------------------------------------------------------------------- files


def summary_file(folder: Path, first: int, size: int) -> Path:
    """Return the file of so many worlds from `first` on."""
    return folder / f"{first}-{first + size - 1}.npz"


def write_summary(file: Path, summary: Summary, columns: int) -> None:
    """As differences, bins are small numbers, which take little room."""
    out = io.BytesIO()
    np.savez_compressed(
        out,
        format=np.array([FORMAT, columns]),
        n=summary.n,
        mean=summary.mean,
        squares=summary.squares,
        low=summary.low,
        high=summary.high,
        steps=np.diff(summary.bins, prepend=0),
        counts=summary.counts,
    )
    write(file, out.getvalue())


def read_summary(file: Path, columns: int, repaired: list[str]) -> Summary | None:
    """What is in a file; None where it is damaged, and then it is set aside."""
    names = ("format", "n", "mean", "squares", "low", "high", "steps", "counts")
    parts = arrays(file.read_bytes(), names)
    if parts is not None and parts["format"].tolist() == [FORMAT, columns]:
        return Summary(
            n=parts["n"],
            mean=parts["mean"],
            squares=parts["squares"],
            low=parts["low"],
            high=parts["high"],
            bins=np.cumsum(parts["steps"]),
            counts=parts["counts"],
        )
    kept = set_aside(file.parent.parent, file)
    repaired.append(f"the summary of worlds {file.stem} was damaged: run again, the old file is {kept}")
    return None
