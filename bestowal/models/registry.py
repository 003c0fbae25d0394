"""What a model is: its parameters, its observables, and where its kernels are; and which models there are.

A model is a module in bestowal/models, a module that an installed package names in the entry-point group
`bestowal.models`, or a file that the user names (`model_files`).

Nothing here imports Numba, so that a scenario is read, checked and keyed without compiling anything.
"""

import ast
import functools
import hashlib
import importlib
import importlib.machinery
import math
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
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


ENTRY_POINTS = "bestowal.models"
"""The entry-point group in which an installed package names its models: `my_model = "my_package.my_model"`."""

_NO_MODELS = ("registry", "model_files")  # modules of bestowal/models that are none


def names() -> list[str]:
    """Return the names of the package's models: each module or package in bestowal/models is one by being there."""
    return list(_packaged(tuple(importlib.import_module("bestowal.models").__path__)))


@functools.cache
def _packaged(path: tuple[str, ...]) -> tuple[str, ...]:
    found = (m.name for m in pkgutil.iter_modules(path))
    return tuple(sorted(name for name in found if name not in _NO_MODELS and not name.startswith("_")))


def installed() -> dict[str, str]:
    """Return the models of other installed packages: the module of each, by its name. Imports none of them.

    A model of bestowal's own comes before one of the same name.
    """
    own = names()
    return {name: module for name, module in _entry_points().items() if name not in own}


@functools.cache
def _entry_points() -> dict[str, str]:
    from importlib.metadata import entry_points  # reads the metadata of every installed package

    modules: dict[str, str] = {}
    for entry in entry_points(group=ENTRY_POINTS):
        if modules.setdefault(entry.name, entry.module) != entry.module:
            raise BestowalError(
                f"model {entry.name!r}: two installed packages name one, {modules[entry.name]} and {entry.module}"
            )
    return dict(sorted(modules.items()))


def titles() -> dict[str, str]:
    """Return the title of each of the package's models.

    They are read from the source: importing a published model would import Numba, half a second.
    """
    return {name: _title(ast.parse(source(f"bestowal.models.{name}"))) or load(name).title for name in names()}


def installed_titles() -> dict[str, str]:
    """Return the title of each model of other installed packages, read from the source; empty where it can't be."""
    known = {}
    for name, module in installed().items():
        try:
            known[name] = _title(ast.parse(source(module)))
        except (ImportError, OSError, SyntaxError, ValueError):
            known[name] = ""
    return known


def _title(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Model":
            named = [keyword.value for keyword in node.keywords if keyword.arg == "title"]
            for value in (*named, *node.args[1:2]):  # the second argument is the title
                if isinstance(value, ast.Constant):
                    return str(value.value)
    return ""


def load(name: str) -> Model:
    """Return the model of that name: the package's, an installed one, or a file's that this process has imported.

    Raises
    ------
    BestowalError
        There is no such model; or it is a file, named by its path, that `model_files.import_model` has not imported.
    """
    if is_file(name):
        return _of_file(name)
    # A search asks thousands of times, and what is imported was there: only the first time is the folder looked at.
    module = f"bestowal.models.{name}"
    if not (name.isidentifier() and module in sys.modules) and name not in names():
        if name not in installed():
            raise BestowalError(f"there is no model {name!r}{nearest(name, [*names(), *installed()])}")
        module = installed()[name]
    model = getattr(_imported(name, module), "MODEL", None)
    if not isinstance(model, Model) or model.name != name:
        kind = TypeError if module.startswith("bestowal.models.") else BestowalError
        raise kind(f"{module}: MODEL must be a Model with name={name!r}")
    return model


def _imported(name: str, module: str) -> ModuleType:
    """The module of a model; one of another package that can't be imported is said in one line."""
    if module.startswith("bestowal.models.") or module in sys.modules:
        return importlib.import_module(module)
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise BestowalError(f"model {name!r}: {module}: {type(error).__name__}: {error}") from error


def is_file(name: str) -> bool:
    """Whether a model is named by the path of a Python file."""
    return name.endswith(".py")


def _of_file(name: str) -> Model:
    module = sys.modules.get(file_module(name))
    if module is None:
        raise BestowalError(
            f"model {name}: a file, whose code runs only where you name it: `bestowal run {name}`, or "
            f"bestowal.scenario({name!r}) before this"
        )
    model: Model = module.MODEL
    return model


@functools.cache
def file_module(name: str) -> str:
    """Return what the module of a model's file is called, given the file's absolute path."""
    return f"bestowal_file_{hashlib.sha256(name.encode()).hexdigest()[:16]}.{Path(name).stem}"


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
    origin: str | None = None
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        here = ".".join(parts[:depth])
        spec = importlib.machinery.PathFinder.find_spec(here, path)
        # A package already imported may have been given further places, or have been found in a way of its own.
        module = sys.modules.get(here)
        if spec is None and module is None:
            return None
        places = spec.submodule_search_locations if spec is not None else None
        origin = spec.origin if spec is not None else getattr(module, "__file__", None)
        path = getattr(module, "__path__", places)
        if path is None and depth < len(parts):
            return None
    return Path(origin) if origin is not None else None


def source(name: str) -> str:
    """Return the source of a module without importing it; ModuleNotFoundError where there is none."""
    file = source_file(name)
    if file is None:
        raise ModuleNotFoundError(f"no source for {name}, which bestowal reads", name=name)
    return file.read_text(encoding="utf-8")
