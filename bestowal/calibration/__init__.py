"""Calibration of the society model to data, and tests of the calibrated model without refitting.

`calibrate` runs every part, stores each when it is finished, and resumes an interrupted calibration.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bestowal.calibration import cities, communes, histories, motives
from bestowal.calibration.cities import Cities, Punished
from bestowal.calibration.communes import Communes
from bestowal.calibration.datasets import CATALOGUE as DATA
from bestowal.calibration.histories import History
from bestowal.calibration.motives import Coverage, Motives
from bestowal.core.files import content_digest, digest, kept, results
from bestowal.core.progress import Progress
from bestowal.core.version import NUMERICS
from bestowal.models.registry import load
from bestowal.simulation.code_digest import of_functions, of_model
from bestowal.simulation.engine import cores
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import scenario

T = TypeVar("T")
Share = Callable[[float], None]  # progress of one part, from 0 to 1
SEED = 1
PLANTED = 60  # truths, for the coverage of the posterior


@dataclass(frozen=True)
class Evidence:
    """Results of the calibration, of the tests without refitting, and of the predictions."""

    seed: int
    motives: Motives
    cities: Cities
    punished: Punished
    coverage: Coverage
    communes: Communes
    histories: list[History]


def calibrate(
    *,
    seed: int = SEED,
    planted: int = PLANTED,
    threads: int | None = None,
    store: Path | str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Evidence:
    """Fit motives and the community level, test them without refit, and predict what is held out.

    Parameters
    ----------
    seed : seed of all random numbers.
    planted : number of known parameter sets for the coverage check, which takes most of the time.
    threads : of the simulations; one a processor unless given.
    store : the folder of results; each part is stored under its ``calibration/``, and read from there if nothing that
        decides it has changed.
    progress : called with (thousandths done, 1000, the part) as each part goes on.
    """
    n = threads or cores()
    parts = _Parts(results(store) / "calibration", progress)
    motives_code = _code(seed, "pgg_fg2010", motives.infer, motives.coverage)
    fitted = parts.stored(
        "motives", Motives, motives_code, "", lambda tell: motives.infer(seed=seed, threads=n, progress=tell)
    )
    people = content_digest(fitted.draws)
    cities_code = _code(seed, "pgg_", cities.held_against, cities.punished)
    return Evidence(
        seed,
        fitted,
        parts.stored(
            "cities", Cities, cities_code, people, lambda _: cities.held_against(fitted, seed=seed, threads=n)
        ),
        parts.stored(
            "punished", Punished, cities_code, people, lambda _: cities.punished(fitted, seed=seed, threads=n)
        ),
        parts.stored(
            "coverage",
            Coverage,
            motives_code,
            f"{planted} planted",
            lambda tell: motives.coverage(seed=seed, threads=n, planted=planted, progress=tell),
        ),
        parts.stored(
            "communes",
            Communes,
            _code(seed, "communes_", communes.infer),
            f"{people} {key(scenario('commune'))} {key(scenario('russia'))}",
            lambda tell: communes.infer(fitted, seed=seed, threads=n, progress=tell),
        ),
        _histories(parts, seed, n, store),
    )


def _histories(parts: _Parts, seed: int, threads: int, store: Path | str | os.PathLike[str] | None) -> list[History]:
    code = _code(seed, "", histories.history)

    def made(name: str, tell: Share) -> History:
        def share_done(done: float, total: float, part: str | None = None) -> None:
            tell(done / total)

        return histories.history(name, threads=threads, store=store, progress=share_done)

    return [
        parts.stored(name, History, code, key(scenario(name)), functools.partial(made, name))
        for name in histories.NAMES
    ]


@dataclass(frozen=True)
class _Parts:
    """The folder in which the parts of the evidence are stored, and whom their progress is reported to."""

    folder: Path
    progress: Progress | None

    def stored(self, name: str, of: type[T], code: str, also: str, make: Callable[[Share], T]) -> T:
        """Return a part as stored, or make and store it; ``code`` and ``also`` name everything that decides it."""

        def tell(share: float) -> None:
            if self.progress is not None:
                self.progress(round(1000 * share), 1000, name)

        tell(0.0)
        part = kept(self.folder / f"{name}.json", of, f"{code} {also}", lambda: make(tell))
        tell(1.0)
        return part


def _code(seed: int, tables: str, *functions: Callable[..., object]) -> str:
    """Return what decides a part's numbers, scenarios apart: its code, the models', the data it reads, the seed."""
    models = " ".join(of_model(load(name)) for name in ("public_goods", "society"))
    tables_digest = digest(sorted(DATA.glob(f"{tables}*.csv")))
    return f"{of_functions(*functions)} {tables_digest} {models} {NUMERICS} {seed}"
