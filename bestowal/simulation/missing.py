"""Runs the requested worlds that no file holds, of all scenarios side by side, and stores them block by block."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray

from bestowal.core.files import locked
from bestowal.models.registry import load
from bestowal.simulation.blocks import are_present, block_range, block_size, chunk_file, opened_array
from bestowal.simulation.engine import course, in_threads, simulate
from bestowal.simulation.provenance import note
from bestowal.simulation.scenario import Scenario


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
    requests: Sequence[tuple[Path, Scenario, range]],
    threads: int,
    on: str | None,
    progress: Callable[[float, int], None],
    repaired: list[str],
) -> None:
    """Run the requested worlds that no file holds, of all scenarios side by side.

    Parameters
    ----------
    requests : the folder, the scenario and the worlds of each run.
    threads, on : as for `store.run`.
    progress : called as progress(done, total), of all requests together.
    repaired : a sentence is added for each damaged file.
    """
    done = 0
    reported: float = 0
    total = sum(len(worlds) for _, _, worlds in requests)

    def tell(lived: float = 0) -> None:
        nonlocal reported
        reported = max(reported, done + lived)  # never back, where worlds lived together are kept one by one
        progress(reported, total)

    def missing(requests: Sequence[tuple[Path, Scenario, range]]) -> Iterator[_Task]:
        """Folder by folder as they are come to: with thousands of them nothing waits until all are looked through."""
        nonlocal done
        for folder, scenario, worlds in requests:
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

        cluster.run(on, missing(requests), lambda task: (task.scenario, task.worlds), keep)
        return
    small = [request for request in requests if block_size(request[1]) > 1]
    large = [request for request in requests if block_size(request[1]) == 1]
    in_threads(missing(small), _run, threads, keep)
    _run_large(missing(large), threads, keep, tell)


def _missing(folder: Path, scenario: Scenario, worlds: range, on: str | None, repaired: list[str]) -> list[_Task]:
    """What no file holds of these worlds, written down as being run now."""
    if are_present(folder, scenario, worlds):  # nothing to write, so a store that may only be read will do
        return []
    size = block_size(scenario)
    blocks = block_range(scenario, worlds)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        array = opened_array(folder, scenario, blocks, repaired)
        gaps = [b for b in blocks if not chunk_file(folder, b).exists()]
        if gaps:
            note(folder, scenario, gaps, on=on)
    if gaps and not on:  # what these will need is compiled here, on this thread
        if size > 1:
            simulate(scenario, [])
        else:
            next(course(scenario, gaps[0], 0, 0), None)
    return [_Task(scenario, array, b, range(b * size, (b + 1) * size), min(size, worlds.stop - b * size)) for b in gaps]


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
