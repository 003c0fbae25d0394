"""What the store costs beside plain files on the same disk.

Blocks of the crowded society of `society_year.py`, run beforehand, are written through the store's own array as `run`
writes them and read back by the call that reads a store hit; beside it, in turn and in changing order, the very bytes
of the store's files are written and read as plain files, and so are the numbers uncompressed. MiB are of numbers
before compression, on every side.

The store asks for no fsync: a file is whole or not there, and one lost in a power cut is run again. So the first clock
stops when the last write returns, on all sides. The second goes on until every file, and every folder with one, is
fsynced. Files are read twice: from memory, and after the operating system was asked to forget them and does say that
it has, file by file (Linux; elsewhere that is not measured). Folders lie under `results/`, where `run` keeps its own.

What a fair competitor would object to:

- Until fsync, a disk's speed is that of memory: the page cache takes all that is written here. Only the rows with
  fsync are the disk's.
- The plain sides do less: no checksum, no metadata, no lock, no look whether each file is there, no second name that
  is renamed, and read into no array of all worlds. That is what is measured, but a competitor who needs those things
  would pay for some of them too.
- Small files: one of about a MiB of numbers a block, each in two folders of its own, which Zarr asks for. One large
  file is faster on any disk, and loses all when it is cut short.
- Compression: the same numbers take less room, so on a slow disk the store may win by writing less, and on a fast one
  lose by thinking more. The ratio hangs on how even the numbers are. Zstandard at another level was not tried.
- "Forgotten" means by this machine. The drive's own cache, or the host's of a virtual machine, may still have the
  files: a cold reading here is no slower than theirs.
- One thread writes. `run` writes while other threads live the next worlds, which hides most of what is measured here.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from measuring import ROOT, Row, faster, row, seconds
from society_year import everything_on, run_blocks

BLOCKS = 32


def plain(files: dict[Path, bytes]) -> None:
    """Write plain files, each in a folder as deep as the store's."""
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def settled(folder: Path) -> None:
    """On the disk: fsync of every file, and of every folder where the system lets one be opened."""
    for parent, _, names in os.walk(folder):
        for path in (*(Path(parent) / name for name in names), *([Path(parent)] if os.name == "posix" else [])):
            handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def forget(folder: Path) -> bool:
    """Ask that these files leave memory; whether all have."""
    if not hasattr(os, "posix_fadvise") or not hasattr(os, "RWF_NOWAIT"):
        return False
    files = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    return all([_forgotten(path) for path in files])


def _forgotten(path: Path) -> bool:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.preadv(handle, [bytearray(1)], 0, os.RWF_NOWAIT)
    except BlockingIOError:  # it would have to wait for the disk
        return True
    except OSError:  # a file system that can't say
        return False
    finally:
        os.close(handle)
    return False


def file_system(folder: Path) -> str:
    """Its type, as Linux tells it."""
    try:
        mounts = [line.split()[:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    here = str(folder.resolve())
    over = [(len(at), kind) for _, at, kind in mounts if here == at or here.startswith(at.rstrip("/") + "/")]
    return max(over)[1] if over else "unknown"


def measure(rounds: int = 7, blocks: int = BLOCKS, home: Path = ROOT / "results") -> list[Row]:
    import numpy as np

    from bestowal.simulation import store
    from bestowal.simulation.blocks import chunk_file, opened_array
    from bestowal.simulation.engine import BLOCK, cores
    from bestowal.simulation.scenario import key

    scenario = everything_on()
    values: dict[int, np.ndarray] = {}
    run_blocks(scenario, blocks, cores(), values.__setitem__)
    living = seconds(lambda: run_blocks(scenario, 4, 1, lambda block, of_block: None)) / 4
    size = sum(array.nbytes for array in values.values())
    worlds = range(blocks * BLOCK)
    home.mkdir(exist_ok=True)

    def through_store(folder: Path) -> None:
        run = folder / key(scenario)
        run.mkdir(parents=True)
        array = opened_array(run, scenario, range(blocks), [])
        for block, of_block in values.items():
            array.set_block_selection((block, 0, 0), of_block)

    def from_store(folder: Path) -> object:
        found, _ = store.part(scenario, worlds, store=folder)
        return found

    with tempfile.TemporaryDirectory(dir=home, prefix="store_disk-") as first:
        through_store(Path(first))
        if not np.array_equal(
            from_store(Path(first)),
            np.moveaxis(np.concatenate([values[b] for b in range(blocks)]), 2, 0),
            equal_nan=True,
        ):
            raise RuntimeError("the store gives back other numbers than were written")
        chunks = [chunk_file(Path(first) / key(scenario), block).read_bytes() for block in range(blocks)]
        where = file_system(Path(first))

    def as_files(contents: list[bytes]) -> Callable[[Path], None]:
        return lambda folder: plain({folder / "c" / str(i) / "0" / "0": content for i, content in enumerate(contents)})

    def from_files(folder: Path) -> object:
        return [path.read_bytes() for path in sorted(folder.rglob("0")) if path.is_file()]

    sides: dict[str, tuple[Callable[[Path], None], Callable[[Path], object]]] = {
        "the store": (through_store, from_store),
        "its bytes as plain files": (as_files(chunks), from_files),
        "the numbers as plain files": (as_files([values[b].tobytes() for b in range(blocks)]), from_files),
    }
    ways = ("written", "written and fsynced", "read from memory", "read from the disk")
    taken: dict[str, dict[str, list[float]]] = {way: {side: [] for side in sides} for way in ways}
    for i in range(rounds):
        for side in sides if i % 2 else reversed(sides):
            write, read = sides[side]
            with tempfile.TemporaryDirectory(dir=home, prefix="store_disk-") as name:
                folder = Path(name)
                written = seconds(lambda write=write, folder=folder: write(folder))
                synced = seconds(lambda folder=folder: settled(folder))
                taken["written"][side].append(written)
                taken["written and fsynced"][side].append(written + synced)
                read(folder)  # into memory
                taken["read from memory"][side].append(seconds(lambda read=read, folder=folder: read(folder)))
                if forget(folder):
                    taken["read from the disk"][side].append(seconds(lambda read=read, folder=folder: read(folder)))
    stored = sum(map(len, chunks))
    share = [t / blocks / living * 100 for t in taken["written"]["the store"]]
    rows = [
        Row(
            "in each pass",
            f"{blocks} blocks of {BLOCK} worlds, {size / 2**20:.0f} MiB of numbers, stored in {stored / 2**20:.0f} MiB;"
            f" {where}",
        ),
        row("writing a block through the store, in percent of what one thread takes to live it", share, ".1f"),
    ]
    for way, of_sides in taken.items():
        if any(len(each) < rounds for each in of_sides.values()):
            rows.append(Row(way, "not measured: this machine keeps the files in memory, or can't say"))
            continue
        for side, each in of_sides.items():
            rows.append(row(f"{way}, {side}: MiB a second", [size / 2**20 / t for t in each], ",.0f"))
        rows.append(row(f"{way}, the store: blocks a second", [blocks / t for t in of_sides["the store"]], ",.0f"))
        ours = of_sides["the store"]
        for side in list(sides)[1:]:
            rows.append(
                faster(f"**{way}: time of {side} against the store's**", of_sides[side], ours, ".3f", f"{side}, {way}")
            )
    return rows


if __name__ == "__main__":
    for line in measure():
        print(f"| {line.what} | {line.told} |")
