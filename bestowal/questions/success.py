"""Which worlds met each part of success, and how long each stood: from runs, world by world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bestowal.questions.question import Part, Question

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr


def successes(asked: Question, run: xr.Dataset) -> dict[str, np.ndarray]:
    """Which worlds met each part of success: part name -> (worlds,) bool. Where nobody lives, nothing is met."""
    import numpy as np

    met = {}
    for part in asked.success:
        held = [
            end_of(run, c.observable, part.when, asked) >= c.bound
            if c.sign == ">="
            else end_of(run, c.observable, part.when, asked) <= c.bound
            for c in part.conditions
        ]
        met[part.name] = np.logical_and.reduce(held)
    return met


def end_of(run: xr.Dataset, observable: str, when: str, asked: Question) -> np.ndarray:
    """An observable at the end, (worlds,): in the last year, or averaged over the test's years when anybody lives."""
    import numpy as np

    values = run[observable].transpose("world", "year").values.astype(float)
    if when == "last year":
        return np.asarray(values[:, -1])
    last = values[:, asked.test.year :]
    seen = ~np.isnan(last)
    n = seen.sum(axis=1)
    return np.where(n > 0, np.where(seen, last, 0.0).sum(axis=1) / np.maximum(n, 1), np.nan)


def rule(part: Part, asked: Question) -> str:
    """A part of success in words: "need_met ≥ 0.9, mean of the last 10 years"."""
    signs = {">=": "≥", "<=": "≤"}
    conditions = " and ".join(f"{c.observable} {signs[c.sign]} {c.bound:g}" for c in part.conditions)
    years = asked.horizon - asked.test.year
    return f"{conditions}, {'in the last year' if part.when == 'last year' else f'mean of the last {years} years'}"


def fell(asked: Question, run: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Full years stood in each world, and whether it then fell: (worlds,) float and bool.

    It stands while `standing` keeps the bound that success asks of it.
    """
    import numpy as np

    bounds = [
        c.bound for part in asked.success for c in part.conditions if (c.observable, c.sign) == ("standing", ">=")
    ]
    values = run["standing"].transpose("world", "year").values
    fallen = np.logical_not(values >= max(bounds, default=0.5))
    ended: np.ndarray = np.any(fallen, axis=1)
    return np.where(ended, np.argmax(fallen, axis=1), values.shape[1]).astype(float), ended
