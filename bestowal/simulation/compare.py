"""Two scenarios compared with common random numbers: the same worlds, run twice, with something changed between.

World number w has the same random numbers in both runs, so differences are taken world by world. What the change did
not touch cancels exactly, and the intervals are those of the paired differences.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bestowal.core.errors import BestowalError
from bestowal.core.files import texts
from bestowal.simulation.scenario import Scenario, needs_scenario
from bestowal.statistics.intervals import LEVEL, means, proportion

if TYPE_CHECKING:
    import xarray as xr

ROUNDING = 1e-12
"""Relative difference that is the last digits of arithmetic."""


def compare(
    a: Scenario,
    b: Scenario,
    worlds: int = 500,
    *,
    threads: int | None = None,
    store: Path | str | None = None,
    progress: Callable[[float, int], None] | None = None,
    on: str | None = None,
) -> xr.Dataset:
    """Run two scenarios with common random numbers and return ``differences(run of a, run of b)``.

    Parameters
    ----------
    a, b : scenarios of one model, with the same seed, years and first year.
    worlds, threads, store, progress, on : as for `bestowal.run`; progress of both together.

    Returns
    -------
    Dataset
        The differences b - a, paired world by world: see `differences`. ``attrs["not_held"]`` lists, one sentence a
        line, the values in which the scenarios differ that the model overruled (`bestowal.simulation.in_force`):
        the difference is then not the effect of that value.

    Raises
    ------
    BestowalError
        An argument is no Scenario, the scenarios differ in model, seed, years or first year, or `bestowal.run` fails.

    Examples
    --------
    >>> import bestowal
    >>> lattice = bestowal.scenario("nowak_may_1992").but(years=20, side=20)
    >>> twins = bestowal.compare(lattice, lattice.but(10, temptation=1.2), worlds=4)
    >>> int(twins["first_year"].min())
    10
    """
    from bestowal.simulation import store as results
    from bestowal.simulation.in_force import differing, not_held

    for scenario in (a, b):
        needs_scenario(scenario, "compare")
    ends = {what: (getattr(a, what), getattr(b, what)) for what in ("model", "seed", "years", "first_year")}
    unlike = [f"{what} is {of_a} in one and {of_b} in the other" for what, (of_a, of_b) in ends.items() if of_a != of_b]
    if unlike:
        raise BestowalError(f"compare: {a.name} and {b.name} are not twins: {'; '.join(unlike)}")

    run_a, run_b = results.run_each([a, b], worlds, threads=threads, store=store, progress=progress, on=on)
    data = differences(run_a, run_b)
    data.attrs["repaired"] = "\n".join(run.attrs["repaired"] for run in (run_a, run_b) if run.attrs["repaired"])
    sides = (("first", a, run_a), ("second", b, run_b))
    data.attrs["not_held"] = "\n".join(
        f"in the {side}, {overruled}"
        for name, since in differing(a, b).items()
        for side, scenario, run in sides
        for overruled in not_held(scenario, run, [name], since)
    )
    return data


def differences(a: xr.Dataset, b: xr.Dataset, level: float = LEVEL) -> xr.Dataset:
    """Return the differences b - a, paired world by world.

    Parameters
    ----------
    a, b : runs with one variable an observable, each (world, year), with the same worlds and years.

    Returns
    -------
    Dataset
        ``difference``, ``low``, ``high`` and ``n``, each (observable, year): the mean of b - a over the worlds in which
        both are numbers (somebody lives in both), Student's t limits, and the number of those worlds; a difference
        of less than 1e-12 of the two values is rounding, and counted as 0. ``unit`` (observable). ``first_year``
        (world): the first year in which any observable differs, compared exactly; NaN if none ever does.
        ``share_differing``: the share of worlds that differ in any year, with limits.
    """
    import xarray as xr

    names = [name for name in a.data_vars if name in b.data_vars]
    for what in ("world", "year"):
        if not np.array_equal(a[what].values, b[what].values):
            raise BestowalError(f"compare: the two runs don't have the same {what}s")
    first = stack(a, names)
    second = stack(b, names)
    n_worlds, n_years, n_observables = first.shape
    apart = second - first
    apart[np.abs(apart) <= ROUNDING * np.maximum(np.abs(first), np.abs(second))] = 0.0
    centre, low, high, n = means(apart.reshape(n_worlds, n_years * n_observables), level)

    same = (first == second) | (np.isnan(first) & np.isnan(second))
    differs = ~same.all(axis=2)
    ever = differs.any(axis=1)
    first_year = np.where(ever, a["year"].values[np.argmax(differs, axis=1)].astype(float), np.nan)
    share = proportion(int(ever.sum()), n_worlds, level)

    def by_observable(flat: np.ndarray) -> tuple[tuple[str, str], np.ndarray]:
        return ("observable", "year"), flat.reshape(n_years, n_observables).T

    return xr.Dataset(
        {
            "difference": by_observable(centre),
            "low": by_observable(low),
            "high": by_observable(high),
            "n": by_observable(n),
            "unit": ("observable", texts(a[name].attrs.get("units", "") for name in names)),
            "first_year": ("world", first_year),
            "share_differing": ("limit", [share.estimate, share.low, share.high]),
        },
        coords={
            "observable": texts(names),
            "year": a["year"],
            "world": a["world"].values,
            "limit": texts(["estimate", "low", "high"]),
        },
        attrs={"worlds": n_worlds, "level": level, "a": a.attrs.get("scenario", ""), "b": b.attrs.get("scenario", "")},
    )


def stack(run: xr.Dataset, names: Sequence[Hashable]) -> np.ndarray:
    """The named observables of a run as one array (world, year, observable)."""
    return np.stack([run[name].transpose("world", "year").values.astype(float) for name in names], axis=2)
