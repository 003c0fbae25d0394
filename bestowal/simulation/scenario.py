"""Scenarios: a model, values, changes, a clock and a seed. Data only: checked, laid out by year, and given a key."""

import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel

from bestowal.core.errors import BestowalError, shown
from bestowal.core.version import NUMERICS
from bestowal.models import registry as models
from bestowal.models.registry import Model
from bestowal.simulation.code_digest import of_model
from bestowal.simulation.values import (
    as_index,
    checked_numbers,
    checked_params,
    checked_whole,
    held_values,
    shown_value,
)

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
FORMAT = 1  # of the text a key is the digest of
MAX_YEARS = 1 << 16  # a draw's address holds the year in 16 bits


@dataclass(frozen=True)
class Change:
    """New values of parameters from a step on.

    Parameters
    ----------
    year : the step in which the values take effect: from 0, the first year, to the scenario's years - 1.
    values : the parameters' values by name; parameters read only when a world begins are not allowed.

    >>> import bestowal
    >>> bestowal.Change(30, {"exit_right": 0.5}).year
    30
    """

    year: int
    values: Mapping[str, float]

    def __hash__(self) -> int:
        return hash((self.year, frozenset(self.values.items())))


@dataclass(frozen=True)
class Scenario:
    """A society to simulate: a model, parameter values, changes of them, a clock and a seed; validated on creation.

    Parameters
    ----------
    name, title, about : its name, a one-line title and a description; not part of the run's key.
    model : the model's name.
    values : the model's complete Params.
    years : number of steps, 1 to 65,536: steps 0 … years - 1.
    changes : applied in the order listed; if two set the same parameter, the later in the list wins.
    first_year : calendar year of step 0.
    seed : seed of the random numbers, 0 to 2**64 - 1.

    Raises
    ------
    BestowalError
        A value is out of its bounds, a parameter unknown, or a change outside the years.

    Examples
    --------
    >>> import bestowal
    >>> kibbutz = bestowal.scenario("kibbutz")
    >>> freer = kibbutz.but(1940, exit_right=0.5)
    >>> freer.changes[-1]
    Change(year=20, values={'exit_right': 0.5})
    """

    name: str
    title: str
    about: str
    model: str
    values: BaseModel
    years: int
    changes: tuple[Change, ...] = ()
    first_year: int = 0
    seed: int = 1
    # What a file or `but` gives a value from the start; no part of equality or of the key.
    written: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    # What each step takes, worked out once: (first step, Params), ascending.
    spans: tuple[tuple[int, BaseModel], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "years", checked_whole("years", self.years, 1, MAX_YEARS))
        object.__setattr__(self, "seed", checked_whole("seed", self.seed, 0, (1 << 64) - 1))
        object.__setattr__(self, "first_year", checked_whole("first_year", self.first_year, -(10**9), 10**9))
        model = models.load(self.model)
        if type(self.values) is not model.params:
            raise BestowalError(f"values: must be the Params of model {self.model!r}")
        base = checked_numbers(model, self.values.model_dump(), "")
        wheres = [f"change {number}: " for number in range(1, len(self.changes) + 1)]
        changes = tuple(settled_changes(self.changes, wheres, model, self.years, self.first_year))
        object.__setattr__(self, "changes", changes)
        object.__setattr__(self, "spans", tuple(_spans(base, changes, model, self.first_year)))

    def but(self, from_year: int | None = None, **values: float) -> "Scenario":
        """Return the scenario with these values, from the start or from a year of its calendar on.

        Parameters
        ----------
        from_year : calendar year in which the values take effect; the start unless given. A value set from the start
            does not alter later Changes.
        values : values of parameters by name. `years`, `seed` and `first_year` are accepted too, as in `clock`, and
            applied first.

        Raises
        ------
        BestowalError
            A parameter is unknown, a value out of its bounds, or the year outside the calendar.

        Examples
        --------
        >>> import bestowal
        >>> bestowal.scenario("boyd_2003").but(years=50, seed=2).years
        50
        """
        clock: dict[str, Any] = {name: values.pop(name) for name in ("years", "seed", "first_year") if name in values}
        if clock:
            scenario = self.clock(**clock)
            return scenario if not values and from_year is None else scenario.but(from_year, **values)
        model = models.load(self.model)
        if from_year is None:
            given = checked_params(model, self.values.model_dump() | checked_numbers(model, values, ""), "")
            return replace(self, values=given, written=self.written | values.keys())
        change = Change(self.step(from_year, "from_year"), dict(values))
        settled = settled_changes([change], [f"from {from_year}: "], model, self.years, self.first_year)
        return replace(self, changes=(*self.changes, *settled))

    def hold(self, from_year: int | None = None, **values: float) -> "Scenario":
        """Return the scenario with these values, which stay: `but`, and nothing overrules them.

        No later Change sets them anew, and what would let the model overrule them (`Model.overruled`) is switched off
        from the same year on.
        """
        held = held_values(models.load(self.model), values)
        if from_year is not None:
            return self.but(from_year, **held)  # listed last, it has the last word
        kept = [Change(c.year, {name: v for name, v in c.values.items() if name not in held}) for c in self.changes]
        return replace(self, changes=tuple(change for change in kept if change.values)).but(None, **held)

    def step(self, year: int, name: str = "") -> int:
        """Return the step, counted from 0, that the calendar calls this year.

        A year outside the calendar raises BestowalError; `name` is what the line calls it.
        """
        last = self.first_year + self.years - 1
        number = as_index(year)
        if number is not None and self.first_year <= number <= last:
            return number - self.first_year
        hint = ""
        if number is not None and 0 <= number < self.years:
            hint = f"; did you mean {self.first_year + number} (step {number})?"
        unit = models.load(self.model).step
        where = f"{name} = {shown_value(year)}: " if name else ""
        raise BestowalError(
            f"{where}{unit}s run from {self.first_year} to {last}; {shown_value(year)} is not one{hint}"
        )

    @property
    def stated(self) -> frozenset[str]:
        """Names of the parameters with a value of the scenario's own, which no draw from a prior replaces.

        Those that a file or `but` gives a value, though it be the default; and those whose value isn't the default.
        """
        values = self.values.model_dump()
        other = (p.name for p in models.parameters(models.load(self.model)) if values[p.name] != p.default)
        return self.written.union(other)

    def clock(self, years: int | None = None, seed: int | None = None, first_year: int | None = None) -> "Scenario":
        """Return the scenario over another span, or with another seed.

        A shorter span loses the Changes after its end. With another `first_year` Changes keep their steps, and so fall
        in other years of the calendar.
        """
        years = self.years if years is None else years
        return replace(
            self,
            years=years,
            seed=self.seed if seed is None else seed,
            first_year=self.first_year if first_year is None else first_year,
            changes=tuple(c for c in self.changes if c.year < years) if years < self.years else self.changes,
        )

    def run(
        self,
        worlds: int = 500,
        *,
        threads: int | None = None,
        store: str | os.PathLike[str] | None = None,
        progress: Callable[[float, int], None] | None = None,
        on: str | None = None,
    ) -> "xr.Dataset":
        """Run worlds of this scenario, or read them from the store, by `bestowal.run`."""
        # The one import against the direction of the tree, and lazy for that: a scenario is data, the store runs it.
        from bestowal.simulation.store import run

        folder = Path(store) if store is not None else None
        return run(self, worlds, threads=threads, store=folder, progress=progress, on=on)


def defaults(name: str) -> Scenario:
    """Return a model with its defaults, for as long as they run."""
    model = models.load(name)
    return Scenario(name=model.name, title=model.title, about="", model=name, values=model.params(), years=model.steps)


def needs_scenario(value: object, name: str) -> None:
    """Refuse what is no Scenario, where a name or a path is given in place of one."""
    if not isinstance(value, Scenario):
        said = shown(value)
        raise BestowalError(f"{name}: needs a Scenario, such as bestowal.scenario({said}), not {said}")


def rows(scenario: Scenario) -> "np.recarray[Any, Any]":
    """Return the values in force in each step: one record a step, (years,), a field a parameter."""
    ends = [start for start, _ in scenario.spans[1:]] + [scenario.years]
    lengths = [end - start for (start, _), end in zip(scenario.spans, ends, strict=True)]
    spans = models.rows(models.load(scenario.model), [values for _, values in scenario.spans])
    return cast("np.recarray[Any, Any]", spans.repeat(lengths))  # a span written once: an experiment has thousands


def room(scenario: Scenario) -> tuple[int, int]:
    """Return the number of communities and of places for persons in each; 1 and 1 for a model without."""
    values = scenario.values
    return int(getattr(values, "n_communities", 1)), int(getattr(values, "n_places", 1))


def key(scenario: Scenario) -> str:
    """Return what a run is stored under, 64 hex digits: a digest of all its numbers depend on and of nothing else.

    Values and changes enter as what they amount to, so that two ways to say the same thing have the same key.
    """
    model = models.load(scenario.model)
    dumps = [(start, values.model_dump()) for start, values in scenario.spans]
    changes = [
        [start, {name: value for name, value in now.items() if value != before[name]}]
        for (_, before), (start, now) in itertools.pairwise(dumps)
    ]
    text = {
        "format": FORMAT,
        "numerics": NUMERICS,
        "code": of_model(model),
        "model": model.name,  # wherever its file lies
        "values": dumps[0][1],
        "changes": [c for c in changes if c[1]],
        "years": scenario.years,
        "seed": scenario.seed,
    }
    canonical = json.dumps(text, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def settled_changes(
    changes: Sequence[Change], wheres: Sequence[str], model: Model, years: int, first_year: int
) -> Iterator[Change]:
    """Yield the changes, checked, with values of each parameter's own type; each error begins with its `where`."""
    for change, where in zip(changes, wheres, strict=True):
        number = as_index(change.year)
        last = "the last step"
        if first_year:
            last += f"; step 0 is {first_year}"
        if number is not None and number >= years and 0 <= number - first_year < years:
            last += f", {number} is step {number - first_year}"
        year = checked_whole(f"{where}year", change.year, 0, years - 1, last)
        if not change.values:
            raise BestowalError(f"{where}names no parameter, such as values.NAME = VALUE")
        values = checked_numbers(model, change.values, where)
        for p in models.parameters(model):
            if p.fixed and p.name in values:
                raise BestowalError(f"{where}{p.name}: is read when a world begins; set it from the start")
        yield Change(year, values)


def _spans(
    base: Mapping[str, float], changes: tuple[Change, ...], model: Model, first_year: int
) -> Iterator[tuple[int, BaseModel]]:
    for start in sorted({0, *(c.year for c in changes)}):
        values = dict(base)
        for change in changes:
            if change.year <= start:
                values |= change.values
        yield start, checked_params(model, values, f"from {first_year + start}: " if start else "", begins=not start)
