"""The commune scenario's mean yearly hazard of ending, against the one number it is set to.

33 Owenite and Fourierist communes in the United States: constant hazard 0.386 a year [0.266, 0.542], mean life 2.59
years (Noyes 1870, ch. II, as reckoned in the project's data notes). `outside_wage` was found by bisection at a shock
of 0.5; to find it again:  python verify/commune_hazard.py --find
"""

import sys

import numpy as np

from bestowal.engine import simulate
from bestowal.model import load
from bestowal.scenario import Scenario, scenario

TARGET = 0.386
NEAR = 0.02  # a twentieth of the target, and a tenth of its interval's width


def hazard(society: Scenario, worlds: int, first: int = 0) -> tuple[float, float]:
    """Endings per commune-year begun, and its standard error (exponential lives: hazard / √endings)."""
    names = [o.name for o in load(society.model).observables]
    record = simulate(society, range(first, first + worlds))
    endings = record[:, :, [i for i, name in enumerate(names) if name.startswith("ended_")]].sum()
    begun = record[:, :, names.index("communities")].sum() + endings
    return float(endings / begun), float(endings / begun / np.sqrt(endings))


def check() -> bool:
    """On worlds other than those the wage was set on."""
    rate, error = hazard(scenario("commune"), worlds=4000, first=100_000)
    agrees = abs(rate - TARGET) < NEAR and error < NEAR / 2
    print(f"commune: hazard {rate:.3f} ± {error:.3f} a year, to be {TARGET}: {'agrees' if agrees else 'DISAGREES'}")
    return agrees


def find() -> None:
    low, high = 0.8, 1.6
    for _ in range(10):
        middle = (low + high) / 2
        rate, error = hazard(scenario("commune").but(outside_wage=middle), worlds=2000)
        print(f"outside_wage {middle:.4f}: hazard {rate:.3f} ± {error:.3f}")
        low, high = (middle, high) if rate < TARGET else (low, middle)


if __name__ == "__main__":
    if "--find" in sys.argv:
        find()
    else:
        sys.exit(0 if check() else 1)
