"""What a history is made of: numbers of the record, comparisons with simulated worlds, courses of a figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bestowal.core.errors import BestowalError
from bestowal.core.progress import Progress
from bestowal.simulation.scenario import Scenario
from bestowal.statistics.intervals import LEVEL, Interval

if TYPE_CHECKING:
    import os

    import xarray as xr
    from numpy.typing import NDArray


SETS = 192  # of simulated societies, each set as large as the measured one
ROUND = 0.06  # "8,000" people: half a unit of its leading digit, as a share
How = Literal["fitted", "set", "predicted"]  # set: put in by hand from this very record


@dataclass(frozen=True)
class Measured:
    """A number of the record and the range it leaves (none: both limits are the number). Without a number, a bound."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """One statistic, measured and simulated. `simulated`: the mean over worlds, and their central 95 %."""

    statistic: str
    unit: str
    measured: Measured
    simulated: Interval
    how: How
    note: str = ""

    @property
    def off(self) -> float | None:
        """Simulated mean less the nearest end of the measured range; None where the two are within."""
        now = self.simulated
        if now.estimate is None or now.low is None or now.high is None:
            return math.nan
        if now.low <= self.measured.high and self.measured.low <= now.high:
            return None
        return now.estimate - min(max(now.estimate, self.measured.low), self.measured.high)

    @property
    def verdict(self) -> str:
        if self.off is None:
            return "within"
        return "cannot tell" if math.isnan(self.off) else f"off by {self.off:+.2g}"


@dataclass(frozen=True)
class Fitted:
    """A parameter, the value it was given, and the statistic of the record that decided it."""

    parameter: str
    value: float
    statistic: str


@dataclass(frozen=True)
class Course:
    """A line or band of a figure: one value, and its two limits, a year."""

    label: str
    years: tuple[int, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class History:
    """A scenario compared with its record. The figure shows the first of the observed courses strongest."""

    name: str
    title: str
    measure: str  # what the courses are, with unit
    fitted: tuple[Fitted, ...]
    comparisons: tuple[Comparison, ...]
    observed: tuple[Course, ...]
    simulated: tuple[Course, ...]
    notes: tuple[str, ...]  # what can't be compared, and what was left out
    logarithmic: bool = False


Runs = Mapping[int, "xr.Dataset"]  # founders -> run


def run_all(
    jobs: Sequence[tuple[Scenario, int]],
    threads: int | None,
    store: str | os.PathLike[str] | None,
    progress: Progress | None,
) -> list[xr.Dataset]:
    """Run scenarios, each with its number of worlds, or read them from the store; progress counts all of them."""
    from bestowal.simulation import store as results

    total, before = sum(worlds for _, worlds in jobs), 0
    runs: list[xr.Dataset] = []
    for society, worlds in jobs:

        def part(done: float, of: int, before: int = before) -> None:
            if progress is not None:
                progress(before + done, total)

        runs.append(results.run(society, worlds, threads=threads, store=store, progress=part))
        before += worlds
    return runs


def over_worlds(values: NDArray[np.float64]) -> Interval:
    """Return the mean over worlds with the limits of their central 95 % (NumPy's quantiles); NaN is left out."""
    seen = np.asarray(values, dtype=float)
    seen = seen[np.isfinite(seen)]
    if seen.size == 0:
        return Interval(None, None, None, 0)
    low, high = np.quantile(seen, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(seen.mean()), float(low), float(high), int(seen.size))


def exactly(value: float) -> Measured:
    return Measured(value, value, value)


def about(value: float) -> Measured:
    return Measured(value, value * (1 - ROUND), value * (1 + ROUND))


def scaled(measured: Measured, by: Callable[[float], float]) -> Measured:
    """Return the number and its range in another unit, by an increasing function."""
    return Measured(None if measured.value is None else by(measured.value), by(measured.low), by(measured.high))


def at_year(run: xr.Dataset, observable: str, year: int) -> NDArray[np.float64]:
    """Return an observable at a year's end, (worlds,); NaN for 0, so that ratios to it are undefined."""
    values = run[observable].sel(year=year).values.astype(float)
    return np.where(values == 0, np.nan, values)


def observed_course(label: str, told: Mapping[int, Measured]) -> Course:
    values = [(m.low + m.high) / 2 if m.value is None else m.value for m in told.values()]
    return Course(
        label, tuple(told), tuple(values), tuple(m.low for m in told.values()), tuple(m.high for m in told.values())
    )


def relative_course(label: str, run: xr.Dataset, base: int) -> Course:
    members = run["members"].values.astype(float)
    return course_of_worlds(label, run["year"].values, members / at_year(run, "members", base)[:, None])


def course_of_worlds(label: str, years: NDArray[np.int64], values: NDArray[np.float64]) -> Course:
    """Return the mean and the central 95 % over worlds in each year; ``values`` is (worlds, years)."""
    known = values[np.isfinite(values).all(axis=1)]
    if known.size == 0:
        raise BestowalError(f"{label}: there is no world to show")
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return Course(
        label, tuple(years.tolist()), tuple(known.mean(axis=0).tolist()), tuple(low.tolist()), tuple(high.tolist())
    )
