"""The only loop over time: whole worlds on compiled kernels, in blocks, on a few threads.

Numba is imported when a world is run and not before, so that reading results never waits for it.
"""

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.models.registry import Model, load, parameters, unknown
from bestowal.simulation.driver import KERNEL, PEOPLE
from bestowal.simulation.loop import copied, loop
from bestowal.simulation.scenario import Scenario, rows

T = TypeVar("T")
R = TypeVar("R")

BLOCK = 32
"""Worlds in a block: what one thread runs at a time, and what one file of the store holds."""

POINTS = 256
"""Parameter points that one thread runs at a time."""


def simulate(scenario: Scenario, worlds: Sequence[int]) -> NDArray[np.float64]:
    """Run these worlds, any numbers in any order, on this thread: (len(worlds), years, observables)."""
    # NaN, not empty: an observable that a model forgets to write must not show what was in memory before.
    out = np.full((len(worlds), scenario.years, len(load(scenario.model).observables)), np.nan)
    simulate_into(scenario, worlds, out)
    return out


def simulate_into(scenario: Scenario, worlds: Sequence[int], out: NDArray[np.float64]) -> None:
    """Run these worlds into an array of shape (len(worlds), years, observables)."""
    numbers = np.array(worlds, dtype=np.uint32)
    _kernel(load(scenario.model)).simulate(rows(scenario), np.uint64(scenario.seed), numbers, out)


def simulate_at(
    scenario: Scenario, points: Mapping[str, NDArray[np.float64]], worlds: Sequence[int], threads: int
) -> NDArray[np.float64]:
    """One world at each point: (points, years, observables). World ``worlds[i]`` has value i of every parameter named.

    The values hold throughout, whatever the scenario changes. Whole batches of points are run without a scenario made
    of each; bit for bit what the scenario with these values gives.
    """
    model = load(scenario.model)
    kernel = _kernel(model)
    numbers = np.array(worlds, dtype=np.uint32)
    known = {p.name: p for p in parameters(model)}
    for name, values in points.items():
        if name not in known:
            raise BestowalError(unknown(name, model))
        p = known[name]
        if len(values) != numbers.size or not ((values >= p.low) & (values <= p.high)).all():
            raise BestowalError(f"{name}: needs {numbers.size} values from {p.low:g} to {p.high:g} ({p.unit})")
    base = rows(scenario)
    out = np.full((numbers.size, scenario.years, len(model.observables)), np.nan)
    seed = np.uint64(scenario.seed)
    simulate(scenario, [])  # compile on this thread

    def work(start: int) -> None:
        own = base.copy()
        for i in range(start, min(start + POINTS, numbers.size)):
            for name, values in points.items():
                own[name] = values[i]
            kernel.simulate(own, seed, numbers[i : i + 1], out[i : i + 1])

    in_threads(range(0, numbers.size, POINTS), work, threads, lambda start, _: None)
    return out


def branch(
    history: Scenario, branches: Sequence[tuple[int, Scenario]], worlds: Sequence[int], *, whole: bool = True
) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
    """Run history, and each branch from where it leaves history: its year, and a scenario that is history until then.

    Each world is lived once as history; at a branch's year its state is copied and lived on by the branch's values. So
    a branch costs the years after it and no others, and is bit for bit what a run of its scenario from the start gives.

    Yields
    ------
    (i, branch, array)
        For world ``worlds[i]``: (years, observables) of ``branches[branch]``, or of history where ``branch`` is -1.
        Without ``whole``, history is lived no further than to the last branch, and not told.
    """
    model = load(history.model)
    kernel = _kernel(model)
    base = rows(history)
    paths = [rows(scenario) for _, scenario in branches]
    for (year, scenario), path in zip(branches, paths, strict=True):
        if (scenario.model, scenario.seed, scenario.years) != (history.model, history.seed, history.years):
            raise BestowalError(f"{scenario.name}: no branch of {history.name}: another model, seed or number of years")
        if path[:year].tobytes() != base[:year].tobytes():
            raise BestowalError(f"{scenario.name}: no branch of {history.name} in year {year}: they differ before it")
    seed = np.uint64(history.seed)
    order = sorted(range(len(branches)), key=lambda k: branches[k][0])
    for i, number in enumerate(worlds):
        world = np.uint32(number)
        out = np.full((history.years, len(model.observables)), np.nan)
        now = 0
        state = kernel.begin(base, seed, world)
        for k in order:
            year = branches[k][0]
            kernel.advance(base, state, seed, world, now, year, out)
            now = year
            lived = out.copy()
            # A change in year 0 is there when the world begins.
            own = copied(state) if year else kernel.begin(paths[k], seed, world)
            kernel.advance(paths[k], own, seed, world, year, history.years, lived)
            yield i, k, lived
        if whole:
            kernel.advance(base, state, seed, world, now, history.years, out)
            yield i, -1, out


def in_threads(tasks: Iterable[T], work: Callable[[T], R], threads: int, on_done: Callable[[T, R], None]) -> None:
    """Work through tasks, no more than ``threads`` at a time; ``on_done`` is called on this thread as each finishes.

    A thread is given its next one only after that, and takes it from ``tasks`` only then: so what is done is kept
    before more begins, no more results than threads are in memory, and an interrupt waits for those under way and
    begins no others. What tasks need compiled is compiled before, on this thread (``simulate(scenario, [])``): threads
    would only queue for the compiler, deaf to Ctrl-C.
    """
    ahead = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        running = {pool.submit(work, task): task for task in islice(ahead, threads)}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            while done:
                future = done.pop()
                on_done(running.pop(future), future.result())
                del future  # and its array, before the next one is made
                running.update((pool.submit(work, task), task) for task in islice(ahead, 1))


def people(scenario: Scenario, world: int, year: int) -> NDArray[np.float64]:
    """Everybody at work in one world in a year (counted from 0): (persons, person_observables)."""
    model = load(scenario.model)
    if not model.persons:
        raise BestowalError(f"{model.name}: its persons can't be looked at one by one")
    if not 0 <= year < scenario.years:
        raise BestowalError(f"year = {year}: must be an integer from 0 to {scenario.years - 1} (the last step)")
    table: NDArray[np.float64] = _look(model).people(
        rows(scenario)[: year + 1], np.uint64(scenario.seed), np.uint32(world)
    )
    return table


def lives(scenario: Scenario, world: int) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """One world lived once, and everybody at work in it looked at every year, year by year.

    Yields
    ------
    (persons, observed)
        (persons, person_observables), bit for bit what ``people`` gives of that year; (observables,) of that year.
    """
    model = load(scenario.model)
    if not model.persons:
        raise BestowalError(f"{model.name}: its persons can't be looked at one by one")
    kernel, look, path = _kernel(model), _look(model).look, rows(scenario)
    seed, number = np.uint64(scenario.seed), np.uint32(world)
    out = np.full((scenario.years, len(model.observables)), np.nan)
    state = kernel.begin(path, seed, number)
    for year in range(scenario.years):
        # The look leaves a state in the middle of its year, so it gets a copy.
        table: NDArray[np.float64] = look(path, copied(state), seed, number, year)
        kernel.advance(path, state, seed, number, year, year + 1, out)
        yield table, out[year]


def course(
    scenario: Scenario, world: int, first: int, last: int
) -> Iterator[tuple[tuple[Any, ...], NDArray[np.float64]]]:
    """One world step by step: its state after each step from ``first`` to ``last`` - 1, and (observables,) of the step.

    The state is the model's own, by the names its kernels give it, and the same arrays every time: copy what is kept.
    """
    model = load(scenario.model)
    kernel, path = _kernel(model), rows(scenario)
    seed, number = np.uint64(scenario.seed), np.uint32(world)
    out = np.full((scenario.years, len(model.observables)), np.nan)
    state = kernel.begin(path, seed, number)
    kernel.advance(path, state, seed, number, 0, first, out)
    for step in range(first, last):
        kernel.advance(path, state, seed, number, step, step + 1, out)
        yield state, out[step]


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@functools.cache
def _kernel(model: Model) -> ModuleType:
    """The loop for a model, compiled unless the model is plain Python."""
    return loop(model, KERNEL.format(kernels=model.kernels))


@functools.cache
def _look(model: Model) -> ModuleType:
    """The compiled look at persons: apart, under the digest of what it reaches, so that it costs `simulate` nothing."""
    return loop(model, PEOPLE.format(kernels=model.kernels, persons=model.persons))
