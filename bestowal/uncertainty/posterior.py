"""What data have left of a model's parameters: joint draws, in a file.

    # data: the public-goods game of Fischbacher & Gächter 2010, and the hazard of 33 communes
    # command: python verify/calibrate.py --seed 1
    # date: 2026-11-24
    giver_share,commitment,relapse
    0.12,0.08,0.11
    …

A row is one draw of all of them, and each is as likely as another; so what goes together in the data's light stays
together. `data` says in a few words what was held against, and is shown wherever the posterior is.

Where a scenario states some of the parameters, the others are drawn given those: `near` weighs each row by the distance
of its values from the stated ones, with a product of Epanechnikov kernels whose half-width is half of a parameter's
standard deviation over the rows. A kernel, and no regression: rows beyond the half-width have no weight, so that the
effective number of draws falls to 0 where no row resembles what is stated, while a regression would extrapolate. With a
thousand rows it suffices for two or three stated parameters in the middle of the posterior. Limits: with nothing
stated all rows weigh the same; with everything stated nothing is left to draw; a parameter that is independent of the
stated ones keeps its distribution.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.core.files import text as text_of
from bestowal.models.registry import load, parameters, unknown

SAID = ("data", "command", "date")
REACH = 0.5  # of the kernel about a stated value, in standard deviations of the parameter over the rows
ENOUGH = 50  # effective draws
WEIGHS = ("giver_share", "giver_motive", "ordinary_motive", "motive_sd", "inclusion")  # of `weight_on_another`

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Posterior:
    """`draws`: parameter -> its value in each row, in the file's order. `said`: what the comment lines say."""

    draws: dict[str, tuple[float, ...]]
    said: dict[str, str]


def read(file: Path, model: str) -> Posterior | None:
    """The posterior in a file; None where there is no file. A complaint in one line where it isn't one of the model."""
    if not file.exists():
        return None
    lines = text_of(file).splitlines()
    comments = [line.removeprefix("#").partition(":") for line in lines if line.startswith("#")]
    said = {key.strip().lower(): text.strip() for key, _, text in comments if text.strip()}
    for key in SAID:
        if key not in said:
            raise BestowalError(f'{file}: says no {key}: needs a line "# {key}: …"')
    try:
        table = list(csv.reader(line for line in lines if line.strip() and not line.startswith("#")))
    except csv.Error as error:
        raise BestowalError(f"{file}: not a table: {error}") from None
    if len(table) < 3:
        raise BestowalError(f"{file}: needs a line of names and two draws or more")
    columns = [name.strip() for name in table[0]]
    known = {p.name: p for p in parameters(load(model))}
    for name in columns:
        if name not in known:
            raise BestowalError(f"{file}: {unknown(name, load(model))}")
        if columns.count(name) > 1:
            raise BestowalError(f"{file}: {name}: stands there twice")
    draws: dict[str, list[float]] = {name: [] for name in columns}
    for number, row in enumerate(table[1:], 1):
        if len(row) != len(columns):
            raise BestowalError(f"{file}: draw {number}: has {len(row)} values, not {len(columns)}")
        for name, text in zip(columns, row, strict=True):
            p = known[name]
            value = _number(text)
            if not p.low <= value <= p.high or (p.kind == "int" and value != round(value)):
                need = "an integer" if p.kind == "int" else "a number"
                raise BestowalError(
                    f"{file}: draw {number}: {name} = {text.strip()}: must be {need} from {p.low:.15g} to {p.high:.15g}"
                )
            draws[name].append(value)
    for name, values in draws.items():
        if len(set(values)) == 1:
            raise BestowalError(f"{file}: {name} = {values[0]:g} in every draw: what is known belongs into a scenario")
    return Posterior({name: tuple(values) for name, values in draws.items()}, said)


def copies(draws: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """Columns that repeat an earlier one in every row, with that one's name: they say nothing of their own."""
    found: dict[str, str] = {}
    names = list(draws)
    for k, name in enumerate(names):
        earlier = next((other for other in names[:k] if other not in found and draws[other] == draws[name]), None)
        if earlier is not None:
            found[name] = earlier
    return found


def near(draws: Mapping[str, Sequence[float]], values: Mapping[str, float]) -> Array:
    """The weight of each row, given these values of some columns: 1 at the values themselves, 0 beyond the reach."""
    rows = len(next(iter(draws.values())))
    weight = np.ones(rows)
    for name, value in values.items():
        column = np.asarray(draws[name], dtype=float)
        weight *= np.maximum(1.0 - ((column - value) / (REACH * column.std())) ** 2, 0.0)
    return weight


def effective(weight: Array) -> float:
    """How many equally weighted draws these weights are worth (Kish): (Σw)² / Σw²."""
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares > 0 else 0.0


def resampled(weight: Array) -> NDArray[np.int64]:
    """As many rows as there are, each as often as its weight says; in order, and the same every time."""
    n = len(weight)
    places = (np.arange(n) + 0.5) / n
    return np.searchsorted(np.cumsum(weight) / weight.sum(), places, side="right").clip(0, n - 1)


def weight_on_another(
    giver_share: Array, giver_motive: Array, ordinary_motive: Array, motive_sd: Array, inclusion: Array
) -> Array:
    """The mean weight that ordinary people give to another person's good, their own being 1: E[o·min(1, m/(1−m))].

    Motives m are logistic-normal about the two types' means, mixed by the share of givers; inclusion is taken at its
    mean. Limits: with no spread it is o·min(1, m/(1−m)) of each type; with all motives above a half it is o.
    """
    from scipy.special import log_ndtr, ndtr

    def of(motive: Array) -> Array:
        m = np.clip(motive, 1e-9, 1 - 1e-9)
        centre, sd = np.log(m / (1 - m)), np.maximum(motive_sd, 1e-9)
        below = log_ndtr(-(centre + sd**2) / sd) + centre + sd**2 / 2
        return np.asarray(ndtr(centre / sd) + np.exp(below))

    return np.asarray(inclusion * (giver_share * of(giver_motive) + (1 - giver_share) * of(ordinary_motive)))


def as_stated(values: Mapping[str, float]) -> str:
    """The people of a society with these values, in a few words; empty where the model has other parameters."""
    if not {*WEIGHS, "commitment"} <= values.keys():
        return ""
    weight = float(weight_on_another(*(np.asarray(float(values[name])) for name in WEIGHS)))
    return f"mean weight on another person {weight:.2f}, commitment κ {values['commitment']:.2g}"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
