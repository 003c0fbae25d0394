"""What an experiment is: a scenario, arms to compare, the statistic of a world, and when the claim holds."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, model_validator

from bestowal.core.files import STRICT, Number

Array = NDArray[np.float64]
ARMS_NEEDED = {
    "level": 1,
    "difference": 2,
    "quotient": 2,
    "kept": 3,
    "best": 2,
    "ablations": 3,
    "ceiling": 1,
    "sweep": 0,
}


class Holds(BaseModel):
    """When the claim holds at a draw: its number is above, below, or between."""

    model_config = STRICT

    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _some(self) -> Holds:
        if self.above is None and self.below is None:
            raise ValueError("needs above, or below, or both")
        return self

    def at(self, numbers: Array) -> NDArray[np.bool_]:
        """Return at which draws the claim holds; false where there is no number."""
        above, below = self.ends
        return (numbers > above) & (numbers < below)

    def near(self, numbers: Array, matters: float) -> NDArray[np.bool_]:
        """Return which draws lie within the equivalence margin of a threshold."""
        away = [np.abs(numbers - end) for end in self.ends if math.isfinite(end)]
        return np.asarray(np.min(away, axis=0) <= matters)

    @property
    def ends(self) -> tuple[float, float]:
        """The exclusive lower and upper limit of the number."""
        return -math.inf if self.above is None else self.above, math.inf if self.below is None else self.below

    @property
    def asks(self) -> str:
        """The limits in words: above 0.1 and below 0.3."""
        named = zip(("above", "below"), self.ends, strict=True)
        return " and ".join(f"{word} {end:g}" for word, end in named if math.isfinite(end))


class Statistic(BaseModel):
    """The number taken of one world. The words are those of `taken`."""

    model_config = STRICT

    take: Literal["mean", "success", "years_standing", "half_life", "ratio"]
    observable: str | None = None
    first: int = Field(0, ge=0, alias="from")
    last: int | None = Field(None, ge=0, alias="to")
    limit: float | None = None


class Shift(BaseModel):
    """From this step on, these values."""

    model_config = STRICT

    year: int = Field(ge=0)
    values: dict[str, Number]


class Arm(BaseModel):
    """One way to set the society up, on top of the base and the draw: held whatever history did later."""

    model_config = STRICT

    label: str
    values: dict[str, Number] = Field(default_factory=dict)
    changes: tuple[Shift, ...] = ()


class Experiment(BaseModel):
    """What is run for a claim, and when the claim holds."""

    model_config = STRICT

    scenario: str
    years: int | None = Field(None, ge=1)
    worlds: int = Field(ge=1)
    kind: Literal["level", "difference", "quotient", "kept", "best", "ablations", "sweep", "ceiling"]
    holds: Holds
    matters: float = Field(ge=0)
    statistic: Statistic
    iso: bool = False
    arms: dict[str, Arm] = Field(default_factory=dict)
    levers: dict[str, tuple[Number, Number]] = Field(default_factory=dict)
    bundles: int | None = Field(None, ge=2)

    @model_validator(mode="after")
    def _whole(self) -> Experiment:
        sweep, ceiling = self.kind == "sweep", self.kind == "ceiling"
        needed = ARMS_NEEDED[self.kind]
        if len(self.arms) < needed:
            raise ValueError(f'arms: kind = "{self.kind}" needs {needed} of them, not {len(self.arms)}')
        if sweep != bool(self.levers) or sweep != (self.bundles is not None):
            raise ValueError('levers and bundles go with kind = "sweep", and it needs both')
        if sweep and (len(self.arms) > 1 or self.worlds % 2):
            raise ValueError("a sweep has at most one arm, under all its bundles, and an even number of worlds")
        wanted = self.statistic.take in ("mean", "half_life", "ratio") or ceiling
        if wanted != (self.statistic.observable is not None):
            how = "needs" if wanted else "takes no"
            raise ValueError(f'statistic: take = "{self.statistic.take}" {how} observable')
        if ceiling != (self.statistic.limit is not None) or (ceiling and self.statistic.take != "success"):
            raise ValueError('statistic: limit goes with kind = "ceiling" and take = "success"')
        n = {"level": self.worlds, "sweep": self.worlds // 2, "ceiling": self.worlds * len(self.arms)}.get(self.kind)
        for end in self.holds.ends:
            inner = min(end, 1 - end)
            if n is not None and self.statistic.take == "success" and 0 < inner < 1 and n * inner < 1:
                # Else "below 0.05" would mean "in none of 4 worlds", and hold in half the cases at a chance of 0.16.
                raise ValueError(f"worlds = {self.worlds}: a share of {n} worlds can't be told from {end:g}; needs "
                                 f"{math.ceil(self.worlds / n / inner)} worlds")  # fmt: skip
        return self
