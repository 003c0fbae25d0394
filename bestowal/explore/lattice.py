"""The lattice of a published model, step by step, with changes made while it runs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from bestowal.core.errors import BestowalError, nearest
from bestowal.explore.frames import pack
from bestowal.explore.pairs import Stopped, never
from bestowal.models.registry import load, parameters, unknown
from bestowal.simulation.engine import course
from bestowal.simulation.scenario import MAX_YEARS, Change, defaults

MODELS = ("hammond_axelrod_2006",)
SITES = 20_000_000  # sites times steps that are sent
LIVED = 400_000_000  # sites times steps that are lived for it: a world is lived from its first step at every call
COLOURS = 63  # times four strategies, and 0 for nobody, fit a byte

STRATEGIES = ("selfish", "ethnocentric", "traitorous", "humanitarian")  # by 2 og + ig


def frames(
    model: str,
    values: Mapping[str, float],
    changes: Iterable[tuple[int, Mapping[str, float]]],
    world: int,
    first: int,
    count: int,
    stopped: Callable[[], bool] = never,
) -> bytes:
    """Steps ``first`` to ``first + count - 1`` as frames: the contract of ``/api/lattice``.

    A cell is 0 where nobody lives, else 1 + 4 colour + 2 og + ig. ``changes``: from a step on, these values.
    """
    if model not in MODELS:
        raise BestowalError(f"model = {model!r}: has no lattice to watch{nearest(model, MODELS)}")
    last = first + count
    if not 0 < last <= MAX_YEARS:
        raise BestowalError(f"first + count = {last}: must be {MAX_YEARS:,} or fewer steps")
    known = [p.name for p in parameters(load(model))]
    changes = [(step, dict(now)) for step, now in changes]
    for name in (name for of in (values, *(now for _, now in changes)) for name in of):
        if name not in known:
            raise BestowalError(unknown(name, load(model)))
    scenario = defaults(model).clock(years=last).but(None, **values)
    lived = [Change(step, now) for step, now in changes if step < last and now]
    scenario = replace(scenario, changes=(*scenario.changes, *lived))
    side = int(getattr(scenario.values, "side"))  # noqa: B009 – of this model alone
    for limit, steps, what in ((SITES, count, "that are sent"), (LIVED, last, "that must be lived")):
        if side * side * steps > limit:
            raise BestowalError(
                f"side² × steps {what} = {side * side * steps:,}: must be {limit:,} or fewer; ask for fewer steps"
            )
    colours = max(int(getattr(span, "colours")) for _, span in scenario.spans)  # noqa: B009
    if colours > COLOURS:
        raise BestowalError(f"colours = {colours}: {COLOURS} at most can be shown")
    observables = [o.name for o in load(model).observables]
    cells = np.empty((count, side, side), np.uint8)
    observed = np.empty((count, len(observables)), np.float32)
    for k, (state, seen) in enumerate(course(scenario, world, first, last)):
        if stopped():
            raise Stopped
        people = state.ground[side : side + side * side]  # type: ignore[attr-defined]
        # A person is (colour + 1) * 4 + og * 2 + ig, an empty site 0.
        cells[k] = np.where(people > 0, people.astype(np.int64) - 3, 0).reshape(side, side)
        observed[k] = seen
    legend: list[dict[str, int | str]] = [{"code": 0, "label": "nobody"}]
    for colour in range(colours):
        for k, strategy in enumerate(STRATEGIES):
            legend.append({"code": 1 + 4 * colour + k, "label": f"{strategy}, colour {colour + 1}"})
    meta = {"side": side, "legend": legend, "step": first, "observables": observables}
    return pack(meta, {"cells": cells, "observables": observed})
