"""What a model is: parameters, rows, discovery, and the digest of the code behind its numbers."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

import bestowal.models
from bestowal.core.errors import BestowalError
from bestowal.models import registry as models
from bestowal.models.registry import STRICT, Model, load, param, unknown


class Params(BaseModel):
    model_config = STRICT

    people: int = param(5, "people", unit="persons", low=1, high=100, symbol="N", source="nowhere", group="size")
    drift: float = param(1, "mean move", unit="m/year", low=-2, high=2)


TOY = Model("toy", "A toy", Params, (), "toy.kernels")


def test_a_parameter_carries_all_that_was_said_of_it() -> None:
    people, drift = models.parameters(TOY)
    assert people == models.Parameter(
        "people", "int", 5, "people", "persons", 1, 100, "N", "nowhere", "size", False, {}
    )
    assert (drift.kind, drift.default, drift.low, drift.high) == ("float", 1.0, -2.0, 2.0)
    assert [type(v) for v in (people.default, drift.default, drift.low)] == [int, float, float]


@pytest.mark.parametrize(
    "values",
    [
        {"people": 1.5},
        {"people": 2.0},
        {"people": True},
        {"people": "5"},
        {"people": 0},
        {"people": 101},
        {"drift": True},
        {"drift": "1"},
        {"drift": float("nan")},
        {"drift": float("inf")},
        {"drift": 2.0000001},
        {"drfit": 1.0},
    ],
)
def test_params_refuse(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Params(**values)


def test_params_take_the_bounds_themselves_and_an_integer_for_a_float() -> None:
    made = Params(people=100, drift=-2)
    assert (made.people, made.drift) == (100, -2.0) and type(made.drift) is float
    assert type(Params().drift) is float  # its default was written as an integer


def test_params_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Params().drift = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(("default", "low", "high"), [(3, 0, 2), (0, 0, float("inf")), (float("nan"), 0, 1)])
def test_a_parameter_needs_finite_bounds_around_its_default(default: float, low: float, high: float) -> None:
    with pytest.raises(ValueError, match="finite low <= default <= high"):
        param(default, "meaning", unit="1", low=low, high=high)


def test_a_field_not_made_with_param_is_refused() -> None:
    class Bare(BaseModel):
        x: float = 1.0

    with pytest.raises(TypeError, match="x must be"):
        models.parameters(Model("bare", "", Bare, (), "bare"))


def test_rows_are_one_record_a_step_in_the_order_of_the_parameters() -> None:
    rows = models.rows(TOY, [Params(), Params(people=7, drift=0.5)])
    assert rows.dtype.descr == [("people", "<i8"), ("drift", "<f8")]
    assert rows.people.tolist() == [5, 7]
    assert rows[1].drift == np.float64(0.5)


# ------------------------------------------------------------------------------------------------- discovery and digest


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `sample` among the models: kernels call `callee` through `between`, and nothing imports `apart`."""
    files = {
        "__init__": "from bestowal.models.registry import Model, Observable\n"
        "from bestowal.models.sample.params import Params\n"
        'X = Observable("x", "1", "x", 0, 1)\n'
        'MODEL = Model("sample", "A sample", Params, (X,), "bestowal.models.sample.kernels")\n',
        "params": "from pydantic import BaseModel\nfrom bestowal.models.registry import param\n"
        'class Params(BaseModel):\n    a: float = param(0.5, "meaning", unit="1", low=0, high=1)\n',
        "kernels": "from bestowal.models.sample import between\ndef step():\n    return between.f()\n",
        "between": "def f():\n    from . import callee\n    return callee.g()\n",
        "callee": "def g():\n    return 1.0\n",
        "apart": "def h():\n    return 1.0\n",
    }
    package = tmp_path / "sample"
    package.mkdir()
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.setattr(bestowal.models, "__path__", [*bestowal.models.__path__, str(tmp_path)])
    yield package
    for name in [m for m in sys.modules if m.startswith("bestowal.models.sample")]:
        del sys.modules[name]
    vars(bestowal.models).pop("sample", None)


def test_a_model_is_found_by_being_there(toy: Path) -> None:
    assert "sample" in models.names() and "society" in models.names()
    assert models.load("sample").title == "A sample"


def test_an_unknown_model_is_named_with_its_nearest(toy: Path) -> None:
    with pytest.raises(BestowalError, match="no model 'sampel'; did you mean \"sample\""):
        models.load("sampel")


def test_an_unknown_parameter_is_told_by_its_name_its_group_or_what_it_may_mean() -> None:
    society = load("society")
    assert unknown("pay_lnk", society) == 'pay_lnk: unknown parameter of society; did you mean "pay_link"?'
    assert unknown("wage", society) == 'wage: unknown parameter of society; did you mean "outside_wage"?'
    assert unknown("size", society).startswith("size: unknown parameter of society; of size there are: n_communities, ")
    told = unknown("members", society)
    assert told.startswith("members: unknown parameter of society; members are what these are about: minimum, ")
    assert told.count(",") <= 5
    assert unknown("xyzzy", society) == "xyzzy: unknown parameter of society"
