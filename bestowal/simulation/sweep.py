"""Sweeps: one scenario at many values of its parameters, over a grid or a design.

Every point is an ordinary scenario, `scenario.but(...)`, and is run through the store. So a sweep goes on where it was
stopped, a finer one runs only its new points, and what was run before for any other purpose isn't run again.
"""

import itertools
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from bestowal.core.errors import BestowalError, nearest
from bestowal.core.files import texts
from bestowal.models.registry import Overruled, load
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
    """Run a scenario at every point of a grid, or of a design of so many `points`.

    Parameters
    ----------
    scenario : the scenario, with its own values of every parameter not in `over`.
    over : the parameters and their values: for a grid, a list of values, or a Range with `points`; for a design, a
        Range without.
    worlds : how many worlds at each point.
    design : "lhs", a Latin hypercube, or "sobol", scrambled Sobol' points, drawn with `design_seed`.
    from_year : let the values begin with this year of the scenario's calendar and not from the start.
    hold : keep the values as set, as `Scenario.hold` does.
    observables : all the usual ones the model has (standing, members, output_ratio), else all, unless given.
    years : of the scenario's calendar; the last unless given.
    keep : "worlds", or "summary", which reduces them as they run (`bestowal.simulation.summary`).
    threads, store, progress, on : as for `bestowal.run`; progress of all points together.

    Raises
    ------
    BestowalError
        A parameter is unknown, or a value of it not allowed (the line names the point); there are more than 10,000
        points, 10 million worlds or 200 million numbers.

    Returns
    -------
    Dataset
        `value` (…, observable, year, world), or with a summary `value` (…, observable, year, statistic); `mean`, `low`,
        `high` (95 %, Student's t) and `n`, the worlds in which there is something to measure, (…, observable, year);
        `unit` (observable). … is a dimension a parameter, or in a design `point`, along which the parameters'
        values are coordinates. `key` (…) is where in the store each point lies. Where the model may overrule a
        parameter, `NAME_in_force` (…, year) is the mean over worlds of what was in force, and `attrs["said"]` says
        where that was not what was set.

    Examples
    --------
    >>> import bestowal
    >>> lattice = bestowal.scenario("nowak_may_1992").but(years=20, side=20)
    >>> swept = bestowal.sweep(lattice, {"temptation": [1.2, 1.9]}, worlds=4, observables=["cooperators"])
    >>> swept["mean"].dims
    ('temptation', 'observable', 'year')
    """
    needs_scenario(scenario, "sweep")
    chosen = _chosen(scenario, observables)
    steps = _steps(scenario, years)
    columns = len(chosen) * len(steps)
    if design is None:
        if points is not None:
            raise BestowalError(f"points = {points}: goes with a design; a grid's points come with each parameter")
        layout = _grid(scenario, over, worlds, keep, columns)
    else:
        layout = _design(over, designed(scenario, over, design, points, design_seed, worlds, keep, columns))
    if not layout.settings or not over:
        raise BestowalError("sweep: needs a parameter to go over, such as pay_link")
    # All of them are sound, or none is run.
    scenarios = [_at(scenario, from_year, hold, setting) for setting in layout.settings]
    runs = _runs(scenarios, worlds, keep, threads, store, progress, on)
    since = 0 if from_year is None else scenario.step(from_year)
    overruled = [o for o in load(scenario.model).overruled if o.parameter in over]
    results = _collected(scenarios, runs, chosen, steps, overruled, since, keep)
    data = _dataset(scenario, over, layout, results, chosen, steps)
    notices = _notices(scenario, over, from_year, hold, steps)
    notices += [_overruled(not_held, len(scenarios)) for not_held in results.not_held.values() if not_held]
    return data.assign_attrs(
        worlds=worlds,
        over="; ".join(over),
        design=design or "grid",
        repaired="\n".join(results.repaired),
        said="\n".join(notices),
    )


def settings(data: "xr.Dataset") -> list[tuple[dict[str, int], dict[str, float]]]:
    """The points of a sweep in their order: where each is in the Dataset, and the values of its parameters."""
    over = data.attrs["over"].split("; ")
    dims = (POINT,) if POINT in data.dims else tuple(over)
    places = [dict(zip(dims, at, strict=True)) for at in itertools.product(*(range(data.sizes[d]) for d in dims))]
    return [(at, {name: data[name].isel({d: at[d] for d in data[name].dims}).item() for name in over}) for at in places]


# ------------------------------------------------------------------------------------------------------------ its parts


class _Layout(NamedTuple):
    """The points of a sweep: the parameters' values at each, and how they lie in the Dataset."""

    settings: list[dict[str, float]]
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    coords: dict[str, Any]


def _grid(
    scenario: Scenario, over: Mapping[str, Sequence[float] | Range], worlds: int, keep: str, columns: int
) -> _Layout:
    axes = {name: grid_values(scenario, name, values) for name, values in over.items()}
    check_size(math.prod(map(len, axes.values())), worlds, keep, columns)
    settings = [dict(zip(axes, at, strict=True)) for at in itertools.product(*axes.values())]
    coords = {name: (name, list(values)) for name, values in axes.items()}
    return _Layout(settings, tuple(axes), tuple(map(len, axes.values())), coords)


def _design(over: Iterable[str], settings: list[dict[str, float]]) -> _Layout:
    coords: dict[str, Any] = {POINT: (POINT, list(range(len(settings))))}
    coords |= {name: (POINT, [at[name] for at in settings]) for name in over}
    return _Layout(settings, (POINT,), (len(settings),), coords)


@dataclass
class _Results:
    """What the points' runs gave; first axis of each array: the point."""

    values: "NDArray[np.float64]"  # (point, observable, year, world or statistic)
    means: "NDArray[np.float64]"  # (point, 4, observable, year): mean, low, high, n
    label: tuple[str, "NDArray[Any]"]  # what the last axis of `values` is called, and its coordinate
    keys: list[str]
    repaired: list[str]
    in_force: dict[str, "NDArray[np.float64]"]  # (point, year) of each parameter that the model may overrule
    not_held: dict[str, list[NotHeld]]


def _collected(
    scenarios: Sequence[Scenario],
    runs: Iterable["xr.Dataset"],
    chosen: Sequence[str],
    steps: Sequence[int],
    overruled: Sequence[Overruled],
    since: int,
    keep: str,
) -> _Results:
    """Take what a sweep keeps from each point's run, one at a time: only that stays in memory."""
    import numpy as np

    values: NDArray[np.float64] | None = None  # made when the first has been run
    label = ("world", np.arange(0))
    point_means, keys, repaired = [], [], list[str]()
    in_force: dict[str, list[NDArray[np.float64]]] = {o.parameter: [] for o in overruled}
    broken: dict[str, list[NotHeld]] = {o.parameter: [] for o in overruled}
    for point, run in enumerate(runs):
        table = np.stack([run[name].isel(year=steps).values for name in chosen]).transpose(0, 2, 1)
        if values is None:
            values = np.empty((len(scenarios), *table.shape))
            label = ("statistic", run["statistic"].values) if keep == "summary" else ("world", run["world"].values)
        values[point] = table
        point_means.append(_means(table, keep))
        keys.append(run.attrs["key"])
        repaired += run.attrs["repaired"].splitlines()
        for o in overruled:
            in_force[o.parameter].append(mean_in_force(run[o.observable])[steps])
            broken[o.parameter] += not_held(scenarios[point], run, [o.parameter], since)
    assert values is not None
    courses = {name: np.stack(of_points) for name, of_points in in_force.items()}
    return _Results(values, np.stack(point_means), label, keys, repaired, courses, broken)


def _dataset(
    scenario: Scenario,
    over: Iterable[str],
    layout: _Layout,
    results: _Results,
    chosen: Sequence[str],
    steps: Sequence[int],
) -> "xr.Dataset":
    import numpy as np
    import xarray as xr

    def shaped(table: "NDArray[Any]") -> "NDArray[Any]":
        return table.reshape(*layout.shape, *table.shape[1:])

    model = load(scenario.model)
    units = {o.name: o.unit for o in model.observables}
    coords = dict(layout.coords)
    for name in over:
        p = swept_parameter(scenario, name)
        coords[name] = (*coords[name], {"units": p.unit, "long_name": p.meaning})
    inner = (*layout.dims, "observable", "year")
    label, labels = results.label
    return xr.Dataset(
        {
            "value": ((*inner, label), shaped(results.values)),
            **{name: (inner, shaped(results.means[:, i])) for i, name in enumerate(("mean", "low", "high"))},
            "n": (inner, shaped(results.means[:, 3]).astype(np.int64)),
            "unit": ("observable", texts(units[name] for name in chosen)),
            "key": (layout.dims, shaped(texts(results.keys))),
            **{f"{name}_in_force": ((*layout.dims, "year"), shaped(of)) for name, of in results.in_force.items()},
        },
        coords={
            **coords,
            "observable": texts(chosen),
            "year": ("year", [scenario.first_year + s for s in steps], {"long_name": model.step}),
            label: labels,
        },
        attrs={"scenario": scenario.name, "model": model.name},
    )


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
    for i, scenario in enumerate(scenarios):
        part = None if progress is None else partial(_part, progress, i * worlds, len(scenarios) * worlds)
        yield summary.run(scenario, worlds, threads=threads, store=store, progress=part, on=on)


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
    table = np.full((4, *n.shape), np.nan)
    for at in np.ndindex(n.shape):
        interval = mean_of(int(n[at]), float(centre[at]), float(sd[at]))
        ends = (interval.estimate, interval.low, interval.high, interval.n)
        table[(slice(None), *at)] = [np.nan if x is None else x for x in ends]
    return table


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


def _notices(
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
