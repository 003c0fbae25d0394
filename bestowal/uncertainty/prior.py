"""Uncertainty of a model's parameters: prior ranges, and posterior draws conditioned on a scenario's values.

A prior's file says of each parameter that is varied between which values it lies, how it is distributed and why.
Where data have been held against the model, the draws of the posterior take the place of the ranges of its parameters,
conditioned on what a scenario states of them (`posterior.near`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError, model_validator

from bestowal.core.errors import BestowalError
from bestowal.core.files import STRICT, Number, complaint, content_digest, toml
from bestowal.models.registry import Parameter, load, parameters, unknown
from bestowal.simulation.scenario import Scenario
from bestowal.statistics.intervals import LEVEL
from bestowal.statistics.number_format import whole
from bestowal.uncertainty.posterior import ENOUGH, copies, effective, near, resampled
from bestowal.uncertainty.posterior import read as read_posterior

PRIORS = Path(__file__).parent.parent / "catalogue" / "priors"
Grade = Literal["measured", "read", "recalled", "assumed"]
STATED = "stated"  # the table of a prior's file with what is not varied


class Stated(BaseModel):
    """The basis of a parameter's default, for a parameter that is not varied because a scenario states it."""

    model_config = STRICT

    why: str = Field(min_length=1)
    grade: Grade


class Range(BaseModel):
    """Prior range and distribution of one parameter."""

    model_config = STRICT

    low: Number
    high: Number
    scale: Literal["linear", "log"] = "linear"
    zero: float | None = Field(None, gt=0, lt=1)
    why: str = Field(min_length=1)
    grade: Literal["measured", "read", "recalled", "assumed", "calibrated"]

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.low > self.high:
            raise ValueError(f"low = {self.low} is above high = {self.high}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"low = {self.low}: a logarithmic scale begins above 0")
        return self

    @property
    def law(self) -> str:
        """Return the range in words: "0.05 to 0.75, any factor"."""
        said = f"{self.low:g} to {self.high:g}{', any factor' if self.scale == 'log' else ''}"
        return said if self.zero is None else f"{said}; 0 with probability {self.zero:g}"


class Calibrated(Range):
    """Posterior of one parameter: its central 95 % interval, and its value in each joint draw."""

    grade: Literal["calibrated"] = "calibrated"
    draws: tuple[float, ...] = Field(min_length=2, repr=False)

    @property
    def law(self) -> str:
        """Return the median and the central 95 % interval in words: "0.11 (0.07 to 0.2)"."""
        # Not by `number_format`: this class is part of the identity of stored draws (claims.draws.identity).
        return f"{float(np.median(self.draws)):.3g} ({self.low:.3g} to {self.high:.3g})"


def prior(model: str, folder: Path | None = None, *, calibrated: bool = True) -> dict[str, Range]:
    """Return the prior or posterior of every varied parameter of a model, in the file's order.

    Where there is a posterior its ranges take the place of the prior's, and parameters that only it has come last;
    with ``calibrated`` false the prior alone.
    """
    file, varied, _ = _prior_file(model, folder)
    known = {p.name: p for p in parameters(load(model))}
    found = {}
    for name, table in varied.items():
        try:
            found[name] = r = Range.model_validate(table)
        except ValidationError as error:
            raise BestowalError(f"{file}: {complaint(error, Range, {}, name)}") from None
        p = known[name]
        ends = {"low": r.low, "high": r.high} | ({} if r.zero is None else {"zero": 0})
        for end, value in ends.items():
            if not p.low <= value <= p.high:
                raise BestowalError(f"{file}: {name}.{end} = {value}: must be from {p.low:.15g} to {p.high:.15g}")
        if r.grade == "calibrated":
            raise BestowalError(f"{file}: {name}.grade = 'calibrated': that is for the draws of a posterior alone")
    return found | _posterior(model, file, found) if calibrated else found


def _posterior(model: str, file: Path, prior: Mapping[str, Range]) -> dict[str, Range]:
    """What data have left of a model's parameters, beside the file of its prior; nothing where none were held to it."""
    posterior = read_posterior(file.parent.parent / "posteriors" / f"{model}.csv", model)
    found: dict[str, Range] = {}
    for name, draws in posterior.draws.items() if posterior is not None else ():
        assert posterior is not None
        low, high = (float(end) for end in np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
        was = prior.get(name)
        log = was is not None and was.scale == "log" and was.zero is None and min(draws) > 0
        found[name] = Calibrated(
            low=low, high=high, scale="log" if log else "linear", zero=None, why=posterior.said["data"], draws=draws
        )
    return found


def states(base: Scenario) -> set[str]:
    """Return the parameters that a scenario states: set from the start, or changed from some year on."""
    return {*base.stated, *(name for change in base.changes for name in change.values)}


@dataclass(frozen=True)
class People:
    """The source of the people a scenario is run with.

    ``drawn``: "posterior", "posterior given what is stated", "prior", or "stated" where nothing of people is drawn;
    ``given``: what is stated of the parameters of the posterior; ``effective``: draws of the posterior, of ``draws``,
    that are near to that; ``refused``: no measured people are like that, so that they are drawn from the prior.
    """

    drawn: str
    given: dict[str, float]
    effective: float
    draws: int
    refused: bool

    @property
    def says(self) -> str:
        """In one line."""
        given = ", ".join(f"{name} = {value:g}" for name, value in self.given.items())
        worth = f"{whole(self.effective)} effective draws of {self.draws}"
        if self.refused:
            return f"no measured people look like this ({given}: {worth}, {ENOUGH} needed): drawn from the prior"
        return {
            "prior": "drawn from the prior; none were measured",
            "stated": f"all stated ({given})",
            "posterior": f"measured, {worth}",
        }.get(self.drawn, f"measured, given {given}: {worth}")


def open_to(base: Scenario) -> tuple[dict[str, Range], People]:
    """Return the uncertainty of the parameters that a scenario leaves open, and the source of its people.

    Where there is a posterior its draws are conditioned on what the scenario states of its parameters
    (`posterior.near`). With fewer than ``ENOUGH`` effective draws there are no such people among the measured:
    the prior is then known of people, and nothing else. A parameter that in the posterior is another's copy conditions
    nothing, and is that other's value where the scenario leaves it open.
    """
    own = states(base)
    every = prior(base.model)
    measured = {name: r for name, r in every.items() if isinstance(r, Calibrated)}
    rest = {name: r for name, r in every.items() if name not in own}
    if not measured:
        return rest, People("prior", {}, 0.0, 0, False)
    draws = {name: r.draws for name, r in measured.items()}
    copied = copies(draws)
    values, stated_first = base.values.model_dump(), base.stated
    given = {name: float(values[name]) for name in draws if name in stated_first and name not in copied}
    weight = near(draws, given)
    n, worth = len(weight), effective(weight)
    if not given:
        return rest, People("posterior", {}, worth, n, False)
    if set(draws) - set(copied) <= own:
        drawn, rows_of = "stated", np.arange(n)
    elif worth < ENOUGH:
        known = prior(base.model, calibrated=False)
        return (
            {name: known[name] for name in rest if name in known},
            People("prior", given, worth, n, True),
        )
    else:
        drawn, rows_of = "posterior given what is stated", resampled(weight)
    return (
        {name: _conditioned(r, rows_of, given.get(copied.get(name, ""))) for name, r in rest.items()},
        People(drawn, given, worth, n, False),
    )


def _conditioned(r: Range, rows_of: NDArray[np.int64], value: float | None) -> Range:
    """What is left of a parameter in these rows of the posterior; ``value``: it is a copy of one that is stated."""
    if not isinstance(r, Calibrated):
        return r
    draws = tuple(r.draws[k] for k in rows_of) if value is None else (value,) * len(rows_of)
    low, high = (float(end) for end in np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return r.model_copy(update={"draws": draws, "low": low, "high": high})


def content(of: Mapping[str, Range]) -> dict[str, list[Any]]:
    """What draws depend on, parameter by parameter: not why something is known, nor how well."""
    return {
        name: [r.low, r.high, r.scale, r.zero, *([content_digest(r.draws)] if isinstance(r, Calibrated) else [])]
        for name, r in sorted(of.items())
    }


def stated(model: str, folder: Path | None = None) -> dict[str, Stated]:
    """Return the parameters of a model that are not varied, in the file's order."""
    file, _, tables = _prior_file(model, folder)
    found = {}
    for name, table in tables.items():
        try:
            found[name] = Stated.model_validate(table)
        except ValidationError as error:
            raise BestowalError(f"{file}: {complaint(error, Stated, {}, 'stated', name)}") from None
    return found


def _prior_file(model: str, folder: Path | None) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """A prior's file, its tables of what is varied, and those of what a scenario states; only of the model's own."""
    file = (folder or PRIORS) / f"{model}.toml"
    if not file.is_file():
        raise BestowalError(f"there is no prior for model {model!r}: no file {file}")
    known = [p.name for p in parameters(load(model))]
    varied = toml(file)
    stated = varied.pop(STATED, {})
    if not isinstance(stated, dict):
        raise BestowalError(f"{file}: {STATED} = {stated!r}: must be a table, [{STATED}]")
    for where, tables in (("", varied), (f"{STATED}.", stated)):
        for name in tables:
            if name not in known:
                raise BestowalError(f"{file}: {where}{unknown(name, load(model))}")
    for name in varied.keys() & stated.keys():
        raise BestowalError(f"{file}: {name}: is varied and stands under [{STATED}] too")
    return file, varied, stated


@dataclass(frozen=True)
class Known:
    """One parameter and its range, or None if a scenario states its value."""

    parameter: Parameter
    range: Range | None
    grade: str
    why: str

    @property
    def law(self) -> str:
        """What is known, in words: "0.05 to 0.75, any factor"."""
        return "stated by the scenario" if self.range is None else self.range.law


def known(model: str, folder: Path | None = None) -> list[Known]:
    """Return every parameter of a model in the prior's file or the posterior, in the model's order."""
    entries: dict[str, Range | Stated] = {**stated(model, folder), **prior(model, folder)}
    return [
        Known(p, of if isinstance(of, Range) else None, of.grade, of.why)
        for p in parameters(load(model))
        if (of := entries.get(p.name)) is not None
    ]
