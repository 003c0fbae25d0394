"""A lever at part of its size, and how far that is from history.

At size z a lever sets, in each year, the value that lies the share z of the way from history's to its own; on a
logarithmic scale where the prior's is. Its distance from history is the sum over its parameters of that move in
standard deviations of the prior, averaged over the years from the lever's year on; so it is linear in z. Distances of
levers add. (A norm would call a little of everything nearer than a single clear change.)

Where data have left a posterior of a parameter, its standard deviation takes the place of the prior's. A parameter
without either is taken as uniform between the bounds its model gives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bestowal.models.registry import load, parameters
from bestowal.questions.question import Lever, Moment, hold
from bestowal.simulation.scenario import Scenario, rows
from bestowal.uncertainty.prior import Calibrated, Range


@dataclass(frozen=True)
class Scale:
    """Standard deviation of what is known of a parameter; of its logarithm where ``log``."""

    name: str
    sd: float
    log: bool
    known: bool  # whether there is a prior, or only the model's bounds


def scales(model: str, prior: Mapping[str, Range]) -> dict[str, Scale]:
    """For every parameter of the model."""
    found = {}
    for p in parameters(load(model)):
        r = prior.get(p.name)
        low, high = (r.low, r.high) if r is not None else (p.low, p.high)
        log = r is not None and r.scale == "log" and r.zero is None
        if log:
            low, high = math.log(low), math.log(high)
        sd = (high - low) / math.sqrt(12)
        if isinstance(r, Calibrated):
            sd = float(np.std(np.log(r.draws) if log else r.draws))
        found[p.name] = Scale(p.name, sd, log, r is not None)
    return found


def sized(base: Scenario, lever: Lever, size: float, scale: Mapping[str, Scale]) -> Scenario:
    """History with the lever at a size from 0 (history) to 1 (as the question file states it)."""
    if size == 1:
        for moment in lever.moments:
            base = hold(base, moment)
        return base
    history = rows(base)
    whole = {p.name for p in parameters(load(base.model)) if p.kind == "int"}
    for moment in lever.moments:
        for name, value in moment.values.items():
            was = history[name]
            years = [moment.year, *(year for year in range(moment.year + 1, base.years) if was[year] != was[year - 1])]
            base = hold(base, Moment(moment.year, {name: value}))
            for year in years:
                part = _part(float(was[year]), value, size, scale[name])
                begins = base.first_year + year if year else None
                base = base.but(begins, **{name: round(part) if name in whole else part})
    return base


def _part(was: float, value: float, size: float, scale: Scale) -> float:
    if scale.log and was > 0 and value > 0:
        return float(was * (value / was) ** size)
    return float(was + size * (value - was))


def distance(base: Scenario, lever: Lever, scale: Mapping[str, Scale]) -> float:
    """From history to the lever at full size, in standard deviations of the prior."""
    history = rows(base)
    far = 0.0
    for moment in lever.moments:
        for name, value in moment.values.items():
            was = history[name][moment.year :].astype(float)
            s = scale[name]
            if s.log and value > 0 and (was > 0).all():
                far += float(np.abs(np.log(was / value)).mean()) / s.sd
            else:
                sd = s.sd * max(float(was.mean()), value) if s.log else s.sd
                far += float(np.abs(was - value).mean()) / sd
    return far


def unsized(lever: Lever, model: str) -> bool:
    """Whether it can't be sized: it sets a whole number, which may be a choice and not an amount."""
    whole = {p.name for p in parameters(load(model)) if p.kind == "int"}
    return any(name in whole for moment in lever.moments for name in moment.values)
