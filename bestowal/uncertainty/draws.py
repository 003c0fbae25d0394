"""Draws of what is not known: the value of each parameter in draw d, addressed by seed, draw and name."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from bestowal.models.registry import load, parameters
from bestowal.uncertainty.prior import Calibrated, Range


def draw(of: Mapping[str, Range], model: str, seed: int, d: int) -> dict[str, float]:
    """Draw d of the prior: the same whatever the number of draws, and whichever other parameters are uncertain.

    Of those that are calibrated all come from one draw of the posterior.
    """
    whole = {p.name for p in parameters(load(model)) if p.kind == "int"}
    joint = uniform(seed, d, crc("the posterior"))
    return {
        name: _value(r, name in whole, joint if isinstance(r, Calibrated) else uniform(seed, d, crc(name)))
        for name, r in of.items()
    }


def _value(r: Range, whole: bool, u: float) -> float:
    """Return the u-quantile of a parameter's prior, or the draw at the share u of its posterior draws."""
    if isinstance(r, Calibrated):
        value = r.draws[int(u * len(r.draws))]
        return round(value) if whole else value
    if r.zero is not None:
        if u < r.zero:
            return 0 if whole else 0.0
        u = (u - r.zero) / (1 - r.zero)
    value = r.low * (r.high / r.low) ** u if r.scale == "log" else r.low + (r.high - r.low) * u
    value = min(max(value, r.low), r.high)  # rounding must not lead out
    return round(value) if whole else float(value)


def uniform(*address: int) -> float:
    """Return a number in [0, 1) determined by the address alone."""
    return float(np.random.SeedSequence(address).generate_state(1, np.uint64)[0] >> np.uint64(11)) * 2.0**-53


def luck(seed: int, d: int) -> int:
    """Return the seed of the worlds of draw d, the same in every arm."""
    return int(np.random.SeedSequence((seed, d, crc("the worlds"))).generate_state(1, np.uint64)[0])


def crc(name: str) -> int:
    """A number for a name, for the address of a draw."""
    return zlib.crc32(name.encode())
