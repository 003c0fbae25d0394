"""Progress of long work on stderr: a bar on a terminal, else a line every ten seconds."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bestowal.cli import console
from bestowal.statistics.number_format import decimals, whole

EVERY = 10.0  # seconds between two lines of progress where stderr is no terminal


@contextmanager
def progress(what: str, unit: str = "worlds") -> Iterator[Callable[..., None]]:
    """A progress bar on stderr, gone when all is done; where stderr is no terminal, a line every ten seconds.

    Gives tell(done, total, what=None), to be called as work is done, `done` whole or not; `what` where the bar goes on
    to something else.
    """
    if not sys.stderr.isatty():
        with _progress_lines(what, unit) as tell:
            yield tell
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, count="")

        def tell(done: float, total: int, what: str | None = None) -> None:
            bar.update(task, description=what, completed=done, total=total, count=f"{_count(done)}/{total} {unit}")

        yield tell


@contextmanager
def _progress_lines(what: str, unit: str) -> Iterator[Callable[..., None]]:
    """Plain lines of progress on stderr, one every ten seconds; none where all is done sooner."""
    began, ended = time.monotonic(), threading.Event()
    now = f"{what}: nothing is done yet (the first run of a model compiles it)"

    def tell(done: float, total: int, name: str | None = None) -> None:
        nonlocal now
        now = f"{name or what}: {_count(done)} of {total} {unit}"

    def say() -> None:
        while not ended.wait(EVERY):
            console.say(f"{now}, {whole(time.monotonic() - began)} s")

    speaker = threading.Thread(target=say, daemon=True)
    speaker.start()
    try:
        yield tell
    finally:
        ended.set()
        speaker.join()


def _count(done: float) -> str:
    return decimals(done, 0 if done == round(done) else 2)
