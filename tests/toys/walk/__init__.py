"""A toy model for tests: people who wander on a line. Parameters and observables only; no Numba here."""

from pydantic import BaseModel

from bestowal.models.registry import STRICT, Model, Observable, param


class Params(BaseModel):
    model_config = STRICT

    people: int = param(5, "people who wander", unit="persons", low=1, high=1000)
    drift: float = param(0.1, "mean move", unit="m/year", low=-10.0, high=10.0)
    spread: float = param(1.0, "width of the moves", unit="m/year", low=0.0, high=10.0)


MODEL = Model(
    name="walk",
    title="People who wander on a line",
    params=Params,
    observables=(
        Observable("place", "m", "mean place", float("-inf"), float("inf")),
        Observable("ahead", "1", "share of people past the start", 0.0, 1.0),
    ),
    kernels="bestowal.models.walk.kernels",
)
