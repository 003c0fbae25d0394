"""Sweeps: one scenario at many values of its parameters, over a grid or a design.

Every point is an ordinary scenario, `scenario.but(...)`, and is run through the store. So a sweep goes on where it was
stopped, a finer one runs only its new points, and what was run before for any other purpose isn't run again.
"""

import itertools
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from bestowal.core.errors import BestowalError, nearest
from bestowal.core.files import texts
from bestowal.models.registry import load
from bestowal.simulation.design import Range, check_size, designed, grid_values, swept_parameter
from bestowal.simulation.in_force import NotHeld, mean_in_force, not_held
from bestowal.simulation.scenario import Scenario, needs_scenario

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray
USUAL = ("standing", "members", "output_ratio")
POINT = "point"


def sweep(
    scenario: Scenario,
    over: Mapping[str, Sequence[float] | Range],
    worlds: int = 200,
    *,
    design: Literal["lhs", "sobol"] | None = None,
    points: int | None = None,
    design_seed: int = 1,
    from_year: int | None = None,
    hold: bool = False,
    observables: Sequence[str] | None = None,
    years: Sequence[int] | None = None,
    keep: Literal["worlds", "summary"] = "worlds",
    threads: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: Callable[[float, int], None] | None = None,
    on: str | None = None,
) -> "xr.Dataset":
    """Run a scenario at every point of a grid, or of a design of so many `points`, in so many worlds each.

    Parameters
    ----------
    over : for a grid, a parameter's values, or a Range with `points`; for a design, a Range without.
    design : "lhs", a Latin hypercube, or "sobol", scrambled Sobol' points, drawn with `design_seed`.
    from_year : let the values begin with this year of the scenario's calendar and not from the start.
    hold : keep the values as set, as `Scenario.hold` does.
    observables : all the usual ones the model has (standing, members, output_ratio), else all, unless given.
    years : of the scenario's calendar; the last unless given.
    keep : "worlds", or "summary", which reduces them as they run (`bestowal.simulation.summary`).
    threads, store, progress, on : as for `bestowal.run`; progress of all points together.

    Returns
    -------
    Dataset
        `value` (…, observable, year, world), or with a summary `value` (…, observable, year, statistic); `mean`, `low`,
        `high` (95 %, Student's t) and `n`, the worlds in which there is something to measure, (…, observable, year);
        `unit` (observable). … is a dimension a parameter, or in a design `point`, along which the parameters'
        values are coordinates. `key` (…) is where in the store each point lies. Where the model may overrule a
        parameter, `NAME_in_force` (…, year) is the mean over worlds of what was in force, and `attrs["said"]` says
        where that was not what was set.
    """
    needs_scenario(scenario, "sweep")
    import numpy as np
    import xarray as xr

    chosen = _chosen(scenario, observables)
    steps = _steps(scenario, years)
    if design is None:
        if points is not None:
            raise BestowalError(f"points = {points}: goes with a design; a grid's points come with each parameter")
        axes = {name: grid_values(scenario, name, values) for name, values in over.items()}
        check_size(math.prod(map(len, axes.values())), worlds, keep, len(chosen) * len(steps))
        settings = [dict(zip(axes, at, strict=True)) for at in itertools.product(*axes.values())]
        dims, shape = tuple(axes), tuple(map(len, axes.values()))
        coords: dict[str, Any] = {name: (name, list(values)) for name, values in axes.items()}
    else:
        settings = designed(scenario, over, design, points, design_seed, worlds, keep, len(chosen) * len(steps))
        dims, shape = (POINT,), (len(settings),)
        coords = {POINT: (POINT, list(range(len(settings))))}
        coords |= {name: (POINT, [at[name] for at in settings]) for name in over}
    if not settings or not over:
        raise BestowalError("sweep: needs a parameter to go over, such as pay_link")
    # All of them are sound, or none is run.
    scenarios = [_at(scenario, from_year, hold, setting) for setting in settings]

    # The numbers of every point, (point, observable, year, world or statistic): made when the first has been run.
    values: NDArray[np.float64] | None = None
    means, keys, repaired, labels = [], [], list[str](), ("world", np.arange(worlds))
    overruled = [o for o in load(scenario.model).overruled if o.parameter in over]
    in_force: dict[str, list[NDArray[np.float64]]] = {o.parameter: [] for o in overruled}
    broken: dict[str, list[NotHeld]] = {o.parameter: [] for o in overruled}
    since = 0 if from_year is None else scenario.step(from_year)
    for done, run in enumerate(_runs(scenarios, worlds, keep, threads, store, progress, on)):
        table = np.stack([run[name].isel(year=steps).values for name in chosen])  # (observable, world, year), or so
        of_one = table.transpose(0, 2, 1)
        if values is None:
            values = np.empty((len(scenarios), *of_one.shape))
        values[done] = of_one
        means.append(_means(of_one, keep))
        keys.append(run.attrs["key"])
        repaired += run.attrs["repaired"].splitlines()
        for o in overruled:
            in_force[o.parameter].append(mean_in_force(run[o.observable])[steps])
            broken[o.parameter] += not_held(scenarios[done], run, [o.parameter], since)
        if keep == "summary":
            labels = ("statistic", run["statistic"].values)
    assert values is not None
    units = {o.name: o.unit for o in load(scenario.model).observables}
    of_point = np.stack(means)  # (point, 4, observable, year)

    def shaped(table: "NDArray[Any]") -> "NDArray[Any]":
        return table.reshape(*shape, *table.shape[1:])

    inner = ("observable", "year")
    for name in over:
        p = swept_parameter(scenario, name)
        coords[name] = (*coords[name], {"units": p.unit, "long_name": p.meaning})
    data = xr.Dataset(
        {
            "value": ((*dims, *inner, labels[0]), shaped(values)),
            **{name: ((*dims, *inner), shaped(of_point[:, i])) for i, name in enumerate(("mean", "low", "high"))},
            "n": ((*dims, *inner), shaped(of_point[:, 3]).astype(np.int64)),
            "unit": ("observable", texts(units[name] for name in chosen)),
            "key": (dims, shaped(texts(keys))),
            **{f"{name}_in_force": ((*dims, "year"), shaped(np.stack(of))) for name, of in in_force.items()},
        },
        coords={
            **coords,
            "observable": texts(chosen),
            "year": ("year", [scenario.first_year + s for s in steps], {"long_name": load(scenario.model).step}),
            labels[0]: labels[1],
        },
        attrs={"scenario": scenario.name, "model": scenario.model, "worlds": worlds, "over": "; ".join(over)},
    )
    said = _said(scenario, over, from_year, hold, steps)
    said += [_overruled(of, len(scenarios)) for of in broken.values() if of]
    data.attrs |= {"design": design or "grid", "repaired": "\n".join(repaired), "said": "\n".join(said)}
    return data


def settings(data: "xr.Dataset") -> list[tuple[dict[str, int], dict[str, float]]]:
    """The points of a sweep in their order: where each is in the Dataset, and the values of its parameters."""
    over = data.attrs["over"].split("; ")
    dims = (POINT,) if POINT in data.dims else tuple(over)
    places = [dict(zip(dims, at, strict=True)) for at in itertools.product(*(range(data.sizes[d]) for d in dims))]
    return [(at, {name: data[name].isel({d: at[d] for d in data[name].dims}).item() for name in over}) for at in places]


# ------------------------------------------------------------------------------------------------------------ its parts


def _runs(
    scenarios: Sequence[Scenario],
    worlds: int,
    keep: str,
    threads: int | None,
    store: str | os.PathLike[str] | None,
    progress: Callable[[float, int], None] | None,
    on: str | None,
) -> Iterator["xr.Dataset"]:
    """The run of each point, one at a time."""
    from bestowal.simulation import store as results
    from bestowal.simulation import summary

    if keep == "worlds":
        yield from results.run_each(scenarios, worlds, threads=threads, store=store, progress=progress, on=on)
        return
    for i, one in enumerate(scenarios):
        part = None if progress is None else partial(_part, progress, i * worlds, len(scenarios) * worlds)
        yield summary.run(one, worlds, threads=threads, store=store, progress=part, on=on)


def _part(progress: Callable[[float, int], None], before: int, total: int, done: float, _: int) -> None:
    progress(before + done, total)


def _means(values: "NDArray[np.float64]", keep: str) -> "NDArray[np.float64]":
    """Mean, low, high and n of each observable in each year: (observable, year, world or statistic) -> (4, …)."""
    import numpy as np

    from bestowal.statistics.intervals import mean_of, means

    if keep == "worlds":
        flat = values.reshape(-1, values.shape[2]).T
        return np.stack(means(flat)).reshape(4, *values.shape[:2])
    n, centre, sd = (values[:, :, i] for i in range(3))
    found = np.full((4, *n.shape), np.nan)
    for at in np.ndindex(n.shape):
        interval = mean_of(int(n[at]), float(centre[at]), float(sd[at]))
        ends = (interval.estimate, interval.low, interval.high, interval.n)
        found[(slice(None), *at)] = [np.nan if x is None else x for x in ends]
    return found


def _at(scenario: Scenario, from_year: int | None, hold: bool, setting: Mapping[str, float]) -> Scenario:
    try:
        return scenario.hold(from_year, **setting) if hold else scenario.but(from_year, **setting)
    except BestowalError as error:
        where = ", ".join(f"{name} = {value:g}" for name, value in setting.items())
        raise BestowalError(f"at {where}: {error}") from None


def _overruled(points: Sequence[NotHeld], n: int) -> str:
    """At how many points a value did not stay as set, and the farthest of them."""
    worst = max(points, key=lambda of: max(abs(s - f) for s, f in zip(of.set, of.in_force, strict=True) if f == f))
    return f"at {len(points)} of {n} points a value did not stay as set; the farthest: {worst}"


def _said(
    scenario: Scenario, over: Mapping[str, object], from_year: int | None, hold: bool, steps: Sequence[int]
) -> list[str]:
    """What a reader of the sweep may not expect: which Changes of the scenario have the last word, or lose it."""
    begins = None if from_year is None else scenario.step(from_year)
    lines = [
        f"{scenario.first_year + step} lies before {from_year}, when the values begin: every point is the same there"
        for step in steps
        if begins is not None and step < begins
    ]
    for name, change in ((name, change) for name in over for change in scenario.changes if name in change.values):
        anew = f"{name}: the scenario sets it anew in {scenario.first_year + change.year}"
        if begins is None and not hold:
            lines.append(f"{anew}; only the years before are swept")
        elif begins is not None and not hold and change.year >= begins:
            lines.append(f"{anew}, which is left out: what is swept from {from_year} on stays to the end")
    return lines


def _chosen(scenario: Scenario, observables: Sequence[str] | None) -> list[str]:
    known = [o.name for o in load(scenario.model).observables]
    if not observables:
        return [name for name in USUAL if name in known] or known
    for name in observables:
        if name not in known:
            raise BestowalError(f"observable {name}: {scenario.model} doesn't measure it{nearest(name, known)}")
    return list(dict.fromkeys(observables))


def _steps(scenario: Scenario, years: Sequence[int] | None) -> list[int]:
    last = scenario.first_year + scenario.years - 1
    return sorted({scenario.step(year, "year") for year in years or (last,)})
