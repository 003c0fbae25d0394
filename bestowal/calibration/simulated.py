"""What every fit takes of simulations: the column of an observable, and the median with the central 95 %."""

import numpy as np
from numpy.typing import ArrayLike

from bestowal.models.registry import load


def column(model: str, observable: str) -> int:
    """Return the index of an observable on the last axis of a run's array."""
    return [o.name for o in load(model).observables].index(observable)


def central(values: ArrayLike) -> tuple[float, float, float]:
    """Return the lower limit of the central 95 % of a sample, its median, and the upper limit; NaN is left out."""
    low, middle, high = np.nanquantile(np.asarray(values), [0.025, 0.5, 0.975])
    return float(low), float(middle), float(high)
