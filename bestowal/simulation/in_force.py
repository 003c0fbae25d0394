"""What was set and what was in force: a model may overrule a parameter as its worlds go on (`Model.overruled`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestowal.models.registry import Overruled, load, parameters
from bestowal.simulation.scenario import Scenario, rows

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

SAME = 1e-6
"""Difference of a mean over members from the value set that rounding makes."""
SHOWN = 5  # years in a sentence


@dataclass(frozen=True)
class NotHeld:
    """A parameter that did not stay as set: in each year its value as set, and the mean over worlds of that in force.

    `let` are the parameters that let the model overrule it, with their values in the last of these years, and `hold`
    the same ones with values at which it stays. In a year with nothing to measure `in_force` is NaN.
    """

    parameter: str
    years: list[int]
    set: list[float]
    in_force: list[float]
    let: dict[str, float]
    hold: dict[str, float]

    def __str__(self) -> str:
        """One sentence, with some of the years in which it changes."""
        values = sorted(set(self.set))
        span = f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g} to {values[-1]:g}"
        there = [
            (y, round(value, 2) + 0.0) for y, value in zip(self.years, self.in_force, strict=True) if value == value
        ]
        steps = [here for i, here in enumerate(there) if i == 0 or here[1] != there[i - 1][1]]
        shown = [steps[i] for i in sorted({round(i * (len(steps) - 1) / (SHOWN - 1)) for i in range(SHOWN)})]
        shown += there[-1:] if there[-1] != shown[-1] else []
        course = ", ".join(f"{value:g} in {year}" for year, value in shown)
        because = "what was decided before still stands"
        if self.let:
            let, hold = (" and ".join(f"{k} = {v:g}" for k, v in of.items()) for of in (self.let, self.hold))
            because = f"{let} lets it change, {hold} stops that"
        return f"{self.parameter} = {span} from {self.years[0]} did not hold: in force {course}; {because}"


def not_held(scenario: Scenario, run: xr.Dataset, only: Iterable[str], since: int = 0) -> list[NotHeld]:
    """Which of the parameters named in `only` did not stay as the scenario sets them, from step `since` on.

    ``run`` is the scenario's own: every world, or a summary of them.
    """
    found = []
    for overruled in load(scenario.model).overruled:
        if overruled.parameter in only and overruled.observable in run:
            one = _not_held(scenario, run[overruled.observable], overruled, since)
            found += [] if one is None else [one]
    return found


def mean_in_force(measured: xr.DataArray) -> np.ndarray:
    """Return the mean over worlds of an observable by year, of a run or a summary; NaN where none measures it."""
    return _ends(measured)[1]


def differing(a: Scenario, b: Scenario) -> dict[str, int]:
    """The parameters that two scenarios of one clock don't set alike, with the first step in which they don't."""
    import numpy as np

    one, other = rows(a), rows(b)
    unlike = {p.name: np.flatnonzero(one[p.name] != other[p.name]) for p in parameters(load(a.model))}
    return {name: int(steps[0]) for name, steps in unlike.items() if steps.size}


def _not_held(scenario: Scenario, measured: xr.DataArray, overruled: Overruled, since: int) -> NotHeld | None:
    import numpy as np

    path = rows(scenario)[since:]
    least, mean, most = (of[since:] for of in _ends(measured))
    as_set = path[overruled.parameter].astype(float)
    there = ~np.isnan(mean)
    if not (np.abs(np.stack([least, most]) - as_set)[:, there] > SAME).any():
        return None
    let = {name: float(path[name][-1]) for name, value in overruled.hold if path[name][-1] != value}
    return NotHeld(
        parameter=overruled.parameter,
        years=[scenario.first_year + since + i for i in range(len(path))],
        set=as_set.tolist(),
        in_force=mean.tolist(),
        let=let,
        hold={name: value for name, value in overruled.hold if name in let},
    )


def _ends(measured: xr.DataArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least, mean and greatest over worlds, by year; NaN in a year in which there is nothing to measure."""
    import numpy as np

    if "statistic" in measured.dims:
        least, mean, most = (measured.sel(statistic=name).values for name in ("min", "mean", "max"))
        return least, mean, most
    values = measured.transpose("world", "year").values
    there = ~np.isnan(values)
    n = there.sum(axis=0)
    mean = np.where(n > 0, np.where(there, values, 0.0).sum(axis=0) / np.maximum(n, 1), np.nan)
    return (
        np.where(there, values, np.inf).min(axis=0),
        mean,
        np.where(there, values, -np.inf).max(axis=0),
    )
