"""The community level from the lives of 33 communes, and what the model then says of numbers it has not seen.

Fitted are the wage outside and the spread of shocks, by the likelihood of the printed lives of Owenite and Fourierist
communes (Noyes 1870, `communes_lives`). The model counts whole years: a commune that ends in year t (from 0) lived
between t and t + 1 years. A printed life is an interval of months; its likelihood is the model's chance of an ending in
each year, weighted by the share of the interval that lies in that year:

    log L = sum over lives of log sum over years of share[life, year] · chance[year]

A single printed number of months is taken as rounded to the month, so that "12 months" lies half in the first year and
half in the second. Twelve of the 45 communes have no printed life; a second fit takes them as below one year.

With two parameters the posterior is computed on a grid over the prior: at the middle of each cell so many communes are
run, their chances of ending estimated by a life table, and the cell is weighted by its likelihood. Lives alone hardly
tell two parameters apart: the posterior is a ridge, and every prediction is taken along it. People are draws of the
posterior of motives (`motives`); founders are ordinary people with the commune scenario's own zeal; everything else is
the commune scenario's.

Then, without refit: the shape of the hazard with age, whether size predicts life, what endings are put down to, secular
against religious, and the opening of a closed collective farm. Written down before any comparison.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from bestowal.calibration.commune_lives import (
    commune,
    constant_hazard,
    ending,
    hazard,
    lives,
    log_likelihood,
    printed,
    weibull_shape,
)
from bestowal.calibration.datasets import data
from bestowal.calibration.motives import LABORATORY, Motives
from bestowal.calibration.simulated import central, column
from bestowal.calibration.smc import Array, Unknown
from bestowal.simulation.engine import simulate_at
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import scenario as read_scenario

UNKNOWN = (Unknown("outside_wage", 0.5, 3.0), Unknown("shock_sd", 0.05, 0.6, log=True))
CAUSES = ("poverty", "idleness", "entrants", "dissension", "other")
CELLS = (25, 16)  # of the grid over the prior, for each unknown
RUNS = 2500  # communes run in each cell: log L then has a Monte Carlo error of about 0.2
DRAWS = 200  # of the posterior, at each of which
COMMUNES = 33  # communes are run
SIZES = (20, 300)  # founders, log-uniform: most communes of the time began with so many; assumed
# Costly requirements are the model's club; "practice" besides is transmission in tens, at the same hours.
RELIGIOUS: Mapping[str, Mapping[str, float]] = {
    "religious: screening and costly requirements": {
        "screening": 0.95,
        "practice": 3,
        "take_up": 1.0,
        "join": 1.0,
        "quit": 0.0,
        "self_selection": 0.0,
    },
    "religious: screening and practice in tens": {
        "screening": 0.95,
        "practice": 1,
        "take_up": 1.0,
        "join": 1.0,
        "quit": 0.0,
        "self_selection": 0.0,
    },
}
MONTHS = 5
SURVIVED = (1, 2, 5)  # years: shares that live longer


@dataclass(frozen=True)
class Predicted:
    """One number the model has not been shown: its median and 95 % over draws and worlds, and what would be a miss."""

    name: str
    unit: str
    low: float
    middle: float
    high: float
    says: str


@dataclass(frozen=True)
class Survived:
    """The share of communes that live for more than so many years: measured, and of 33 in the model."""

    years: int
    measured: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Unreported:
    """The fit with the twelve unreported lives taken as below one year."""

    draws: list[list[float]]
    hazard: float
    hazard_low: float
    hazard_high: float


@dataclass(frozen=True)
class Communes:
    """The posterior, how it meets the lives, and what it predicts. ``draws``: (draws, parameters).

    ``hazard``: the constant yearly hazard that makes the printed lives most likely on the model's clock, and its
    likelihood-ratio interval; ``met_…``: the same of 33 simulated communes; ``months``: 1 over the mean life in years
    and months, which is another number of the same lives; ``effective``: cells of the grid that carry the posterior.
    """

    names: list[str]
    draws: list[list[float]]
    simulated: int
    effective: float
    correlation: float
    hazard: float
    hazard_low: float
    hazard_high: float
    months: float
    met_low: float
    met_middle: float
    met_high: float
    survived: list[Survived]
    unreported: Unreported
    predictions: list[Predicted]


def people(found: Motives, n: int, first: int = 0) -> dict[str, Array]:
    """Draws of what people are, by parameter of the society: founders are drawn from ordinary people."""
    draws = np.array(found.draws)
    at = (first + np.arange(n)) % len(draws)
    values = {name: draws[at, k] for k, name in enumerate(found.names) if name not in LABORATORY}
    return values | {"founder_giver_share": values["giver_share"]}


@dataclass(frozen=True)
class Grid:
    """``chances``: (cells, years), of an ending in each year; ``cells``: (cells, parameters), places in the prior."""

    cells: Array
    chances: Array
    simulated: int


def grid(
    found: Motives,
    *,
    seed: int,
    threads: int,
    cells: tuple[int, int] = CELLS,
    runs: int = RUNS,
    progress: Callable[[float], None] | None = None,
) -> Grid:
    """Communes run at the middle of every cell of the prior, and their life tables."""
    tell = progress or (lambda share: None)
    scenario = commune().clock(seed=seed)
    places = np.stack(np.meshgrid(*[(np.arange(n) + 0.5) / n for n in cells], indexing="ij"), axis=-1).reshape(-1, 2)
    chances = np.empty((len(places), scenario.years))
    for i, place in enumerate(places):
        tell(i / len(places))
        points = people(found, runs, i * runs) | {
            name: np.full(runs, value) for name, value in zip((u.name for u in UNKNOWN), _at_place(place), strict=True)
        }
        worlds = [int(w) for w in (i * runs + np.arange(runs)) % 2**32]
        years, ended = lives(simulate_at(scenario, points, worlds, threads))
        chances[i] = ending(years, ended, scenario.years)
    tell(1.0)
    return Grid(places, chances, runs * len(places))


def weights(over: Grid, shares: Array) -> Array:
    """The posterior's weight of each cell, summing to 1."""
    log = np.array([log_likelihood(shares, chance) for chance in over.chances])
    weight = np.exp(log - log.max())
    return np.asarray(weight / weight.sum())


def draws_of(over: Grid, weight: Array, *, seed: int, cells: tuple[int, int] = CELLS, n: int = DRAWS) -> Array:
    """Draws of the posterior, (n, parameters): cells by their weight, anywhere within a cell."""
    rng = np.random.default_rng([seed, 30])
    places = (np.arange(n) + rng.random()) / n
    chosen = np.searchsorted(np.cumsum(weight), places, side="right").clip(0, len(weight) - 1)
    within = (rng.random((n, 2)) - 0.5) / np.array(cells)
    draws = np.array([_at_place(place) for place in over.cells[chosen] + within])
    return np.asarray(rng.permutation(draws))


def _at_place(place: Array) -> list[float]:
    """Values of the unknown at shares of the way through their priors."""
    return [
        float(u.low * (u.high / u.low) ** share if u.log else u.low + (u.high - u.low) * share)
        for u, share in zip(UNKNOWN, place, strict=True)
    ]


def infer(found: Motives, *, seed: int, threads: int, progress: Callable[[float], None] | None = None) -> Communes:
    """Fit, then everything predicted."""
    over = grid(found, seed=seed, threads=threads, progress=progress)
    shares = printed()
    weight = weights(over, shares)
    ridge = draws_of(over, weight, seed=seed)
    every = printed(unreported=True)
    other = draws_of(over, weights(over, every), seed=seed)
    scenario = commune().clock(seed=seed + 1)
    plain = _observed(scenario, ridge, found, {}, threads)
    years, ended = lives(plain)
    by_draw = [slice(i * COMMUNES, (i + 1) * COMMUNES) for i in range(len(ridge))]
    hazards = np.array([hazard(years[own], ended[own]) for own in by_draw])
    predictions = [
        _predicted(
            "hazard_shape",
            "Weibull shape",
            np.array([weibull_shape(years[own], ended[own]) for own in by_draw]),
            "shape of the hazard with age of 33 communes (1: constant; above: rising), lives known by the year",
        ),
        *_causes(plain, by_draw),
        *_sizes(scenario, ridge, found, threads),
    ]
    for name, values in RELIGIOUS.items():
        their_years, their_end = lives(_observed(scenario, ridge, found, values, threads))
        ratio = [hazards[i] / hazard(their_years[own], their_end[own]) for i, own in enumerate(by_draw)]
        predictions.append(
            _predicted(
                f"ratio secular to {name}",
                "ratio",
                np.array(ratio),
                "yearly hazard of secular communes over that of religious ones, 33 of each",
            )
        )
    predictions.append(_opened(found, seed=seed, threads=threads))
    survived = []
    for age in SURVIVED:
        share = np.array([(years[own] >= age).mean() for own in by_draw])
        survived.append(Survived(age, float(shares[:, age:].sum() / len(shares)), *central(share)))
    return Communes(
        [u.name for u in UNKNOWN],
        ridge.tolist(),
        over.simulated,
        float(1.0 / (weight**2).sum()),
        float(np.corrcoef(ridge[:, 0], ridge[:, 1])[0, 1]),
        *constant_hazard(shares),
        float(data("communes_hazard").iloc[0]["hazard"]),
        *central(hazards),
        survived,
        Unreported(other.tolist(), *constant_hazard(every)),
        predictions,
    )


def _causes(observed: NDArray[np.float64], by_draw: list[slice]) -> list[Predicted]:
    told = []
    counts = np.array(
        [[observed[own][:, :, column("society", f"cause_{cause}")].sum() for cause in CAUSES] for own in by_draw]
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for k, cause in enumerate(CAUSES):
        told.append(
            _predicted(f"cause_{cause}", "share", shares[:, k], f"share of 33 communes' endings put down to {cause}")
        )
    return told


def _sizes(scenario: Scenario, ridge: Array, found: Motives, threads: int) -> list[Predicted]:
    """Rank correlation of founders with years stood, over 33 communes of many sizes."""
    rng = np.random.default_rng([scenario.seed, 31])
    low, high = SIZES
    founders = np.floor(np.exp(rng.uniform(math.log(low), math.log(high + 1), len(ridge) * COMMUNES))).astype(int)
    roomy = scenario.but(n_places=int(1.5 * high))
    years, _ = lives(_observed(roomy, ridge, found, {"n_founders": founders}, threads))
    found_by_draw = []
    for i in range(len(ridge)):
        own = slice(i * COMMUNES, (i + 1) * COMMUNES)
        if np.ptp(years[own]) > 0:
            found_by_draw.append(float(spearmanr(founders[own], years[own]).statistic))
    says = f"Spearman's correlation of founders ({low} to {high}) with full years stood, over 33 communes"
    return [_predicted("size_and_life", "rank correlation", np.array(found_by_draw), says)]


def _opened(found: Motives, *, seed: int, threads: int) -> Predicted:
    """Members who leave within months of the opening of a closed, coercive farm with all force withdrawn."""
    closed = read_scenario("russia").clock(years=12, seed=seed + 2)
    scenario = closed.but(closed.first_year + 11, coercion=0.0, exit_right=1.0)
    n = DRAWS
    observed = simulate_at(scenario, people(found, n), list(range(n)), threads)
    left, members = observed[:, 11, column("society", "left")], observed[:, 10, column("society", "members")]
    share = left / np.maximum(members, 1)
    # A year's chance of leaving, spread evenly over it; those of communities that end within the year are not leavers.
    return _predicted(
        "opened_farm_leavers",
        "share of members",
        1.0 - (1.0 - np.minimum(share, 1.0)) ** (MONTHS / 12),
        f"members who leave within {MONTHS} months of the opening of closed, coercive farms (russia, twelfth year)",
    )


def _observed(
    scenario: Scenario,
    ridge: Array,
    found: Motives,
    values: Mapping[str, float | NDArray[np.int64]],
    threads: int,
) -> NDArray[np.float64]:
    """Run 33 communes at each draw of the ridge, with common random numbers whatever else is set."""
    n = len(ridge) * COMMUNES
    points = people(found, n) | {u.name: np.repeat(ridge[:, k], COMMUNES) for k, u in enumerate(UNKNOWN)}
    points |= {name: np.broadcast_to(np.asarray(value), n) for name, value in values.items()}
    return simulate_at(scenario, points, list(range(n)), threads)


def _predicted(name: str, unit: str, values: NDArray[np.float64], says: str) -> Predicted:
    return Predicted(name, unit, *central(values), says)
