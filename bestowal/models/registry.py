"""What a model is: its parameters, its observables, and where its kernels are.

Nothing here imports Numba, so that a scenario is read, checked and keyed without compiling anything.
"""

import ast
import functools
import importlib
import importlib.machinery
import math
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from bestowal.core.errors import BestowalError, nearest

if TYPE_CHECKING:
    import numpy as np


STRICT = ConfigDict(extra="forbid", frozen=True)
"""Give this to a model's parameters: `class Params(BaseModel): model_config = STRICT`."""


@dataclass(frozen=True)
class Observable:
    """One number measured in each world each year; `low` and `high` are the values it can't pass (inf where none).

    `undefined` says where there is nothing to measure and it is NaN; empty where there always is.
    """

    name: str
    unit: str
    meaning: str
    low: float
    high: float
    undefined: str = ""


@dataclass(frozen=True)
class Overruled:
    """A parameter whose set value a world may replace as it goes on, by a vote for example.

    `observable` measures the mean of what is in force; at the values `hold` of other parameters it stays as set.
    """

    parameter: str
    observable: str
    hold: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Model:
    """A model by its parts.

    `kernels` is the dotted name of the module with the Numba functions allocate, start, step and observe; only the
    engine imports it. `step` is what one step of time is called, `steps` how many its defaults run for. A model whose
    persons can be looked at names the module with the Numba function persons, and what it shows of each.
    """

    name: str
    title: str
    params: type[BaseModel]
    observables: tuple[Observable, ...]
    kernels: str
    step: str = "year"
    steps: int = 100
    persons: str = ""
    person_observables: tuple[Observable, ...] = ()
    overruled: tuple[Overruled, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One parameter, as a reader of a scenario sees it."""

    name: str
    kind: str  # "int" or "float"
    default: float
    meaning: str
    unit: str
    low: float
    high: float
    symbol: str
    source: str
    group: str
    fixed: bool
    needs: Mapping[str, float]
    at_most: str = ""  # another parameter, which this one may not exceed
    below: str = ""  # another parameter, which this one must be less than


def param(
    default: float,
    meaning: str,
    *,
    unit: str,
    low: float,
    high: float,
    symbol: str = "",
    source: str = "",
    group: str = "",
    fixed: bool = False,
    needs: Mapping[str, float] | None = None,
    at_most: str = "",
    below: str = "",
) -> Any:
    """A field of a model's Params, annotated `int` or `float`: `pay_link: float = param(0.0, "…", unit="1", …)`.

    `low` and `high` are allowed values themselves; both are needed and finite. `symbol` is the paper's letter,
    `source` where the default was read, `group` the heading it stands under in a scenario file. `fixed`: it is read
    when a world begins, and no Change may set it. `needs`: the values of others at which it matters, where it does
    nothing at their defaults. `at_most` and `below` name another parameter that this one may not exceed, or must be
    less than: what a kernel would otherwise have to cut to size.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low <= default <= high):
        raise ValueError(f"param: needs finite low <= default <= high, got {low}, {default}, {high} for: {meaning}")
    return Field(
        default,
        ge=low,
        le=high,
        strict=True,  # no bool and no text for a number; an int for a float is fine
        allow_inf_nan=False,
        validate_default=True,  # so that `param(1, …)` of a float is 1.0, whoever wrote it
        description=meaning,
        json_schema_extra={
            "unit": unit,
            "low": low,
            "high": high,
            "symbol": symbol,
            "source": source,
            "group": group,
            "fixed": fixed,
            "needs": dict(needs or {}),
            "at_most": at_most,
            "below": below,
        },
    )


@functools.cache
def parameters(model: Model) -> tuple[Parameter, ...]:
    """The model's parameters, in the order they are declared."""
    return tuple(_parameters(model))


@functools.cache
def limited(model: Model) -> tuple[Parameter, ...]:
    """The parameters that are held against another one."""
    return tuple(p for p in parameters(model) if p.at_most or p.below)


def _parameters(model: Model) -> Iterator[Parameter]:
    for name, field in model.params.model_fields.items():
        extra = field.json_schema_extra
        if field.annotation not in (int, float) or not isinstance(extra, dict):
            raise TypeError(f"{model.params.__module__}: {name} must be an int or a float made with param()")
        kind = field.annotation
        low, high = extra["low"], extra["high"]
        needs = extra["needs"]
        assert isinstance(low, int | float) and isinstance(high, int | float) and isinstance(needs, dict)
        yield Parameter(
            name=name,
            kind=kind.__name__,
            default=kind(field.default),
            meaning=field.description or "",
            unit=str(extra["unit"]),
            low=kind(low),
            high=kind(high),
            symbol=str(extra["symbol"]),
            source=str(extra["source"]),
            group=str(extra["group"]),
            fixed=bool(extra["fixed"]),
            needs={other: float(value) for other, value in needs.items() if isinstance(value, int | float)},
            at_most=str(extra["at_most"]),
            below=str(extra["below"]),
        )


def rows(model: Model, values: Sequence[BaseModel]) -> "np.recarray[Any, Any]":
    """One record a step, shape (len(values),): a field a parameter, in order, int64 or float64, little-endian."""
    import numpy as np

    ps = parameters(model)
    out = np.empty(len(values), dtype=[(p.name, "<i8" if p.kind == "int" else "<f8") for p in ps])
    for p in ps:
        out[p.name] = [getattr(v, p.name) for v in values]
    return out.view(np.recarray)


def names() -> list[str]:
    """Every model there is: each module or package in bestowal/models is one by being there."""
    package = importlib.import_module("bestowal.models")
    found = (m.name for m in pkgutil.iter_modules(package.__path__))
    return sorted(name for name in found if name != "registry" and not name.startswith("_"))


def titles() -> dict[str, str]:
    """Every model's title, read from its source: importing a published model would import Numba, half a second."""
    return {name: _title(ast.parse(source(f"bestowal.models.{name}"))) or load(name).title for name in names()}


def _title(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Model":
            for keyword in node.keywords:
                if keyword.arg == "title" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return ""


def load(name: str) -> Model:
    """The model of that name."""
    # A search asks thousands of times, and what is imported was there: only the first time is the folder looked at.
    module = f"bestowal.models.{name}"
    if not (name.isidentifier() and module in sys.modules) and name not in (known := names()):
        raise BestowalError(f"there is no model {name!r}{nearest(name, known)}")
    model = importlib.import_module(module).MODEL
    if not isinstance(model, Model) or model.name != name:
        raise TypeError(f"bestowal.models.{name}: MODEL must be a Model with name={name!r}")
    return model


CLOCK = ("years", "seed")
"""Keys of a scenario that are set by options of their own and not as parameters."""


def unknown(name: str, model: Model) -> str:
    """What to say of a parameter that a model hasn't: that, and which may have been meant.

    All of a group so named; or one that has the word in its name or is near to it; or those whose meaning has the word.
    """
    known = parameters(model)
    if name in CLOCK:
        how = f"set it at the top of a file, by --{name}, or by .clock({name}=…)"
        return f"{name}: no parameter of {model.name} but the scenario's: {how}"
    group = [p.name for p in known if p.group == name]
    part = [p.name for p in known if name in p.name.split("_")]
    about = [p.name for p in known if name in re.findall(r"\w+", p.meaning)]
    hint = nearest(name, part or (p.name for p in known))
    if group:
        hint = f"; of {name} there are: {', '.join(group)}"
    elif about and not hint:
        hint = f"; {name} are what these are about: {', '.join(about[:6])}"
    return f"{name}: unknown parameter of {model.name}{hint}"


def source_file(name: str) -> Path | None:
    """Return the file of a module, found without importing it; None where there is no such module."""
    path: Sequence[str] | None = None
    spec = None
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        here = ".".join(parts[:depth])
        spec = importlib.machinery.PathFinder.find_spec(here, path)
        if spec is None:
            return None
        # A package already imported may have been given further places.
        path = getattr(sys.modules.get(here), "__path__", spec.submodule_search_locations)
        if path is None and depth < len(parts):
            return None
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def source(name: str) -> str:
    """Return the source of a module without importing it; ModuleNotFoundError where there is none."""
    file = source_file(name)
    if file is None:
        raise ModuleNotFoundError(f"no source for {name}, which bestowal reads", name=name)
    return file.read_text(encoding="utf-8")
