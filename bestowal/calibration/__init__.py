"""The society model held to data: what is fitted, on what, and what is then tested without refit.

`calibrate` does all of it, keeps each part as it is done, and goes on where it was stopped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from bestowal.calibration import cities, communes, histories, motives
from bestowal.calibration.cities import Cities, Punished
from bestowal.calibration.communes import Communes
from bestowal.calibration.datasets import CATALOGUE as DATA
from bestowal.calibration.histories import History
from bestowal.calibration.motives import Coverage, Motives
from bestowal.core.files import digest, kept, results
from bestowal.core.version import NUMERICS
from bestowal.models.registry import load
from bestowal.simulation.code_digest import of_functions, of_model
from bestowal.simulation.engine import cores
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import scenario

T = TypeVar("T")
SEED = 1
PLANTED = 60  # truths, for the coverage of the posterior


@dataclass(frozen=True)
class Evidence:
    """What is calibrated, what was tested, what was said beforehand."""

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
    progress: Callable[[int, int, str], None] | None = None,
) -> Evidence:
    """Fit motives and the community level, test them without refit, and predict what is held out.

    Parameters
    ----------
    planted : truths for the coverage check, which takes most of the time.
    store : the folder of results; each part is kept under its ``calibration/``.
    progress : called with (thousandths done, 1000, the part) as each part goes on.
    """
    threads = threads or cores()
    folder = results(store) / "calibration"
    tell = progress or (lambda done, total, part: None)

    def part(name: str, of: type[T], make: Callable[[], T], code: str, also: str = "") -> T:
        tell(0, 1000, name)
        found = kept(folder / f"{name}.json", of, f"{code} {also}", make)
        tell(1000, 1000, name)
        return found

    def told(name: str) -> Callable[[float], None]:
        return lambda share: tell(round(1000 * share), 1000, name)

    people_code = _code(seed, "pgg_fg2010", motives.infer, motives.coverage)
    cities_code = _code(seed, "pgg_", cities.held_against, cities.punished)
    communes_code = _code(seed, "communes_", communes.infer)
    histories_code = _code(seed, "", histories.history)
    fitted = part(
        "motives", Motives, lambda: motives.infer(seed=seed, threads=threads, progress=told("motives")), people_code
    )
    people = digest_of(fitted)
    return Evidence(
        seed,
        fitted,
        part("cities", Cities, lambda: cities.held_against(fitted, seed=seed, threads=threads), cities_code, people),
        part("punished", Punished, lambda: cities.punished(fitted, seed=seed, threads=threads), cities_code, people),
        part(
            "coverage",
            Coverage,
            lambda: motives.coverage(seed=seed, threads=threads, planted=planted, progress=told("coverage")),
            people_code,
            f"{planted} planted",
        ),
        part(
            "communes",
            Communes,
            lambda: communes.infer(fitted, seed=seed, threads=threads, progress=told("communes")),
            communes_code,
            f"{people} {key(scenario('commune'))} {key(scenario('russia'))}",
        ),
        [
            part(
                name,
                History,
                lambda name=name: histories.history(  # type: ignore[misc]
                    name,
                    threads=threads,
                    store=store,
                    progress=lambda done, total: tell(int(1000 * done / total), 1000, name),
                ),
                histories_code,
                key(scenario(name)),
            )
            for name in histories.NAMES
        ],
    )


def digest_of(fitted: Motives) -> str:
    """What people are, as a text that changes whenever they do."""
    import hashlib

    return hashlib.sha256(repr(asdict(fitted)["draws"]).encode()).hexdigest()


def _code(seed: int, tables: str, *functions: Callable[..., object]) -> str:
    """Everything that decides a part's numbers but scenarios: its code, the models', the data it reads, the seed."""
    models = " ".join(of_model(load(name)) for name in ("public_goods", "society"))
    tables_digest = digest(sorted(DATA.glob(f"{tables}*.csv")))
    return f"{of_functions(*functions)} {tables_digest} {models} {NUMERICS} {seed}"
