"""Values that a user writes, checked against a model's parameters: type, bounds, and what one may be of another.

Every complaint is one line: the name, the value, and what it must be.
"""

import operator
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from bestowal.core.errors import BestowalError, shown
from bestowal.models import registry as models
from bestowal.models.registry import Model, unknown


def one_line(text: str) -> str:
    """Return the text with every run of white space as one blank."""
    return " ".join(text.split())


def checked_numbers(model: Model, values: Mapping[str, Any], where: str) -> dict[str, float]:
    """These values, checked one by one, of each parameter's own type; `where` begins the message."""
    known = {p.name: p for p in models.parameters(model)}
    numbers = dict[str, float]()
    for name, value in values.items():
        if name not in known:
            raise BestowalError(f"{where}{unknown(name, model)}")
        p = known[name]
        if hasattr(value, "dtype") and hasattr(value, "item"):  # one of NumPy's
            value = value.item() if value.ndim == 0 else value
        kinds = (int,) if p.kind == "int" else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not p.low <= value <= p.high:  # NaN fails too
            need = "an integer" if p.kind == "int" else "a number"
            raise BestowalError(
                f"{where}{name} = {shown_value(value)}: must be {need} from {p.low:.15g} to {p.high:.15g} ({p.unit})"
            )
        # -0.0 becomes 0.0: equal values must have one key and one row.
        numbers[name] = value if p.kind == "int" else float(value) + 0.0
    return numbers


def checked_params(model: Model, values: Mapping[str, float], where: str, begins: bool = True) -> BaseModel:
    """Values checked together: by the model's own rule where it has one, and by what each may be of another.

    What is read when a world begins is held only against what others are then.
    """
    try:
        params = model.params.model_validate(values)
    except ValidationError as error:
        raise BestowalError(where + one_line(error.errors()[0]["msg"].removeprefix("Value error, "))) from None
    for p in models.limited(model):
        if p.fixed and not begins:
            continue
        value, most = getattr(params, p.name), getattr(params, p.at_most or p.below)
        if value > most or (p.below and value == most):
            word = "less" if p.below else "no more"
            raise BestowalError(f"{where}{p.name} = {value!r}: must be {word} than {p.at_most or p.below} = {most!r}")
    return params


def shown_value(value: object) -> str:
    """Return a value as an error line shows it: true and false as TOML writes them."""
    return str(value).lower() if isinstance(value, bool) else shown(value)


def held_values(model: Model, values: Mapping[str, float]) -> dict[str, float]:
    """These values, and with them the values of others at which the model doesn't overrule them."""
    held = dict(values)
    for overruled in model.overruled:
        if overruled.parameter not in values:
            continue
        for name, value in overruled.hold:
            if held.setdefault(name, value) != value:
                raise BestowalError(
                    f"{name} = {shown_value(held[name])}: {overruled.parameter} is held only at {value:g}"
                )
    return held


def as_index(value: Any) -> int | None:
    """The value as an int (NumPy's too), or None where it is none."""
    return None if isinstance(value, bool) or not hasattr(value, "__index__") else operator.index(value)


def checked_whole(name: str, value: Any, low: int, high: int, called: str = "") -> int:
    """The value as an int (NumPy's too), if it is one within these bounds."""
    number = as_index(value)
    if number is None or not low <= number <= high:
        tail = f" ({called})" if called else ""
        raise BestowalError(f"{name} = {shown_value(value)}: must be an integer from {low} to {high}{tail}")
    return number
