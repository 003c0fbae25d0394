"""What became of the worlds: run, judged by a question's success, and forgotten; only the verdicts are kept.

A search asks about hundreds of scenarios, whose full record would fill a disk. Here a world leaves a few numbers:
which parts of success it met, how long it stood, whether it fell. They are kept under ``<store>/outcomes/<id>.npy``, a
row a world, by blocks of worlds; what is there is not run again.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bestowal.core.files import cluster as cluster_at
from bestowal.core.files import results, write
from bestowal.models.registry import load
from bestowal.questions.question import Question
from bestowal.questions.success import fell, successes
from bestowal.simulation.code_digest import of_functions
from bestowal.simulation.engine import branch, cores, in_threads, simulate
from bestowal.simulation.scenario import Scenario, key

T = TypeVar("T")
Judged = tuple[int, list[tuple[str, NDArray[np.float64]]]]
"""A block, and for each scenario run on it its name and its rows."""
Keep = Callable[[T, Judged], None]

BLOCK = 16  # worlds judged together; fewer than the engine's, since a search often asks for few
SAVE_EVERY = 128  # blocks between writes: at most so much is run again after a kill


@dataclass(frozen=True)
class Outcome:
    """What became of some worlds of one scenario; the same position is the same luck.

    ``met``: (worlds, parts) which parts of success each met; ``stood``: (worlds,) full years stood within the horizon;
    ``ended``: (worlds,) whether it then fell.
    """

    met: NDArray[np.bool_]
    stood: NDArray[np.float64]
    ended: NDArray[np.bool_]

    @property
    def success(self) -> NDArray[np.bool_]:
        """(worlds,) whether every part was met."""
        return np.asarray(self.met.all(axis=1))


Judge = Callable[[Sequence[Scenario], range], list[Outcome]]
Branches = Callable[[Scenario, Sequence[tuple[int, Scenario]], range], list[Outcome]]


class Evaluator:
    """Says what became of worlds, for one question: see ``judge`` and ``branches``.

    Parameters
    ----------
    asked : what counts as success.
    threads, store, on : as for `bestowal.run`. ``judge`` has worlds run on a cluster, ``branches`` never: it resumes
        them from states that only this process has.
    progress : called with (blocks of worlds done so far, blocks asked for so far).
    """

    def __init__(
        self,
        asked: Question,
        *,
        threads: int | None = None,
        store: Path | str | None = None,
        progress: Callable[[int, int], None] | None = None,
        on: str | None = None,
    ) -> None:
        self.asked = asked
        self.threads = threads or cores()
        self.on = cluster_at(on)
        self.folder = results(store) / "outcomes"
        self.progress = progress or (lambda done, total: None)
        self.done = self.total = 0
        self.kept: dict[str, NDArray[np.float64]] = {}
        judged = json.dumps([asdict(part) for part in asked.success] + [asdict(asked.test), asked.horizon])
        self.judged = hashlib.sha256(f"{judged}\n{of_functions(_rows)}".encode()).hexdigest()

    def judge(self, scenarios: Sequence[Scenario], worlds: range) -> list[Outcome]:
        """What became of these worlds of each scenario, from the store where it is there, run where not."""
        names = [self._name(scenario) for scenario in scenarios]
        unique = dict(zip(names, scenarios, strict=True))
        tasks = [(name, block) for name in unique for block in self._missing(name, worlds)]

        def judged(task: tuple[str, int], observed: NDArray[np.float64]) -> Judged:
            name, block = task
            return block, [(name, _rows(self.asked, unique[name], observed))]

        def here(keep: Keep[tuple[str, int]]) -> None:
            simulate(scenarios[0], [])  # compile on this thread
            in_threads(tasks, lambda t: judged(t, simulate(unique[t[0]], _block(t[1]))), self.threads, keep)

        def there(keep: Keep[tuple[str, int]]) -> None:
            from bestowal.simulation import dask as cluster

            def sent(task: tuple[str, int]) -> tuple[Scenario, range]:
                return unique[task[0]], _block(task[1])

            cluster.run(str(self.on), tasks, sent, lambda task, observed: keep(task, judged(task, observed)))

        self._run(len(tasks), there if self.on else here)
        return [self._outcome(name, worlds) for name in names]

    def branches(self, history: Scenario, branches: Sequence[tuple[int, Scenario]], worlds: range) -> list[Outcome]:
        """``judge`` for scenarios that leave history in a year: each world is lived once up to where they leave it."""
        names = [self._name(scenario) for _, scenario in branches]
        missing = {name: set(self._missing(name, worlds)) for name in names}
        blocks = sorted(set().union(*missing.values())) if names else []

        def work(block: int) -> Judged:
            wanted = [k for k, name in enumerate(names) if block in missing[name]]
            lived = np.full((len(wanted), BLOCK, history.years, len(load(history.model).observables)), np.nan)
            for i, k, array in branch(history, [branches[k] for k in wanted], _block(block), whole=False):
                lived[k, i] = array
            return block, [(names[k], _rows(self.asked, history, lived[j])) for j, k in enumerate(wanted)]

        def here(keep: Keep[int]) -> None:
            simulate(history, [])
            in_threads(blocks, work, self.threads, keep)

        self._run(len(blocks), here)
        return [self._outcome(name, worlds) for name in names]

    def _run(self, tasks: int, through: Callable[[Keep[Any]], None]) -> None:
        """Work ``through`` so many tasks, which hands each that is done to what it is given."""
        self.total += tasks
        self.progress(self.done, self.total)
        unsaved: set[str] = set()

        def keep(task: Any, found: Judged) -> None:
            block, verdicts = found
            for name, rows in verdicts:
                self._keep(name, block, rows)
                unsaved.add(name)
            self.done += 1
            self.progress(self.done, self.total)
            if self.done % SAVE_EVERY == 0:
                self._save(unsaved)

        try:
            if tasks:
                through(keep)
        finally:
            self._save(unsaved)

    def _name(self, scenario: Scenario) -> str:
        return hashlib.sha256(f"{key(scenario)} {self.judged}".encode()).hexdigest()[:32]

    def _missing(self, name: str, worlds: range) -> list[int]:
        if name not in self.kept:
            self.kept[name] = self._read(name)
        kept = self.kept[name]
        return [b for b in _blocks(worlds) if (b + 1) * BLOCK > len(kept) or np.isnan(kept[b * BLOCK, 0])]

    def _keep(self, name: str, block: int, rows: NDArray[np.float64]) -> None:
        kept = self.kept[name]
        end = (block + 1) * BLOCK
        if len(kept) < end:
            kept = np.concatenate([kept, np.full((end - len(kept), rows.shape[1]), np.nan)])
            self.kept[name] = kept
        kept[end - BLOCK : end] = rows

    def _outcome(self, name: str, worlds: range) -> Outcome:
        rows = self.kept[name][worlds.start : worlds.stop]
        return Outcome(rows[:, :-2] > 0, rows[:, -2].copy(), rows[:, -1] > 0)

    def _read(self, name: str) -> NDArray[np.float64]:
        """What is kept; nothing where the file is missing or isn't what was written."""
        nothing = np.empty((0, len(self.asked.success) + 2))
        try:
            content = (self.folder / f"{name}.npy").read_bytes()
            if zlib.crc32(content[4:]).to_bytes(4, "little") != content[:4]:
                return nothing
            rows: NDArray[np.float64] = np.load(io.BytesIO(content[4:]), allow_pickle=False)
        except (OSError, ValueError):
            return nothing
        return rows if rows.ndim == 2 and rows.shape[1] == nothing.shape[1] else nothing

    def _save(self, names: set[str]) -> None:
        for name in sorted(names):
            out = io.BytesIO()
            np.save(out, self.kept[name], allow_pickle=False)
            content = out.getvalue()
            write(self.folder / f"{name}.npy", zlib.crc32(content).to_bytes(4, "little") + content)
        names.clear()


def _block(block: int) -> range:
    return range(block * BLOCK, (block + 1) * BLOCK)


def _blocks(worlds: range) -> range:
    return range(worlds.start // BLOCK, -(-worlds.stop // BLOCK))


def _rows(asked: Question, scenario: Scenario, observed: NDArray[np.float64]) -> NDArray[np.float64]:
    """What became of worlds, (worlds, parts + 2): the parts met, full years stood, whether it fell."""
    import xarray as xr

    names = [o.name for o in load(scenario.model).observables]
    run = xr.Dataset({name: (("world", "year"), observed[:, :, k]) for k, name in enumerate(names)})
    stood, ended = fell(asked, run)
    return np.column_stack([*successes(asked, run).values(), stood, ended]).astype(float)
