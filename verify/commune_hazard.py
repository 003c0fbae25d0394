"""The commune scenario's wage outside, against the likelihood of the lives of 33 communes.

The printed lives of Owenite and Fourierist communes in the United States (Noyes 1870, `communes_lives`), each known by
an interval of months, are likeliest at some `outside_wage`, with the scenario's shock of 0.5 (the likelihood:
`bestowal.calibration.communes`). The scenario's own wage must lie within the likelihood's 95 % interval, 1.92 below its
greatest. To print the likelihood over the wage:  python verify/commune_hazard.py --find
"""

import sys

import numpy as np

from bestowal.calibration.commune_lives import constant_hazard, ending, hazard, lives, log_likelihood, printed
from bestowal.simulation.engine import simulate
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import scenario

WAGES = (1.0, 1.1, 1.2, 1.25, 1.3, 1.35, 1.4, 1.5, 1.6)
WORLDS = 4000
WITHIN = 1.92  # half of the 95 % point of chi-square with one degree of freedom


def fit(society: Scenario, first: int) -> tuple[float, float]:
    """The log-likelihood of the printed lives, and the simulated endings over years begun."""
    years, ended = lives(simulate(society, range(first, first + WORLDS)))
    return log_likelihood(printed(), ending(years, ended, society.years)), hazard(years, ended)


def check() -> bool:
    """The scenario's wage, on other worlds than the wages it is compared with."""
    own, rate = fit(scenario("commune"), 100_000)
    best = max(fit(scenario("commune").but(outside_wage=wage), 0)[0] for wage in WAGES)
    agrees = own > best - WITHIN
    measured, low, high = constant_hazard(printed())
    print(
        f"commune: log L of 33 lives {own:.2f}, greatest over wages {best:.2f}: {'agrees' if agrees else 'DISAGREES'}; "
        f"endings over years begun {rate:.3f}, printed lives {measured:.3f} ({low:.3f} to {high:.3f})"
    )
    return agrees


def find() -> None:
    """Print the likelihood over the wage, with and without the twelve communes that have no printed life."""
    for wage in WAGES:
        society = scenario("commune").but(outside_wage=wage)
        years, ended = lives(simulate(society, range(WORLDS)))
        chance = ending(years, ended, society.years)
        every = log_likelihood(printed(unreported=True), chance)
        print(
            f"outside_wage {wage:.2f}: log L {log_likelihood(printed(), chance):.2f}, of all 45 {every:.2f}; "
            f"endings over years begun {hazard(years, ended):.3f}; live longer than 1, 2, 5 years "
            + ", ".join(f"{np.mean(years >= age):.3f}" for age in (1, 2, 5))
        )


if __name__ == "__main__":
    if "--find" in sys.argv:
        find()
    else:
        sys.exit(0 if check() else 1)
