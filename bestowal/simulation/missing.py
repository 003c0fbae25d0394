"""What no file holds of the worlds asked for is run, of all scenarios side by side, and kept block by block."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray

from bestowal.core.files import locked
from bestowal.models.registry import load
from bestowal.simulation.blocks import are_present, block_range, block_size, chunk_file, opened_array
from bestowal.simulation.engine import course, in_threads, simulate
from bestowal.simulation.provenance import note
from bestowal.simulation.scenario import Scenario

if TYPE_CHECKING:
    pass


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
