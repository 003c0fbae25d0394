"""The community level from one number, and what the model then says of numbers it has not seen.

Fitted are the wage outside and the spread of shocks, on the mean yearly hazard of ending of 33 Owenite and Fourierist
communes (Noyes 1870): 0.386 a year. One number can't tell two parameters apart: the posterior is a ridge, and every
prediction is taken along it. People are draws of the posterior of motives (`motives`); founders are ordinary people
with the commune scenario's own zeal; everything else is the commune scenario's.

A simulated hazard is endings over communes begun in a year, summed over years; its sampling spread is that of 33
communes. Then, without refit: the shape of the hazard with age, whether size predicts life, what endings are put down
to, secular against religious, and the opening of a closed collective farm. Written down before any comparison.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import spearmanr

from bestowal.calibration.motives import LABORATORY, Motives
from bestowal.calibration.smc import Array, Step, Unknown, posterior
from bestowal.data import data
from bestowal.engine import simulate_at
from bestowal.model import load
from bestowal.scenario import Scenario
from bestowal.scenario import scenario as read_scenario

UNKNOWN = (Unknown("outside_wage", 0.5, 3.0), Unknown("shock_sd", 0.05, 0.6, log=True))
CAUSES = ("poverty", "idleness", "entrants", "dissension", "other")
DRAWS = 200  # of the ridge, at each of which
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


@dataclass(frozen=True)
class Predicted:
    """One number the model has not been shown: its median and 95 % over draws and luck, and what would be a miss."""

    name: str
    unit: str
    low: float
    middle: float
    high: float
    says: str


@dataclass(frozen=True)
class Communes:
    """The ridge, how it meets the hazard, and what it predicts. ``draws``: (draws, parameters)."""

    names: list[str]
    draws: list[list[float]]
    steps: list[Step]
    simulated: int
    correlation: float
    hazard: float
    met_low: float
    met_middle: float
    met_high: float
    predictions: list[Predicted]


def commune() -> Scenario:
    """The commune scenario."""
    return read_scenario("commune")


def people(found: Motives, n: int, first: int = 0) -> dict[str, Array]:
    """Draws of what people are, by parameter of the society: founders are drawn from ordinary people."""
    draws = np.array(found.draws)
    at = (first + np.arange(n)) % len(draws)
    values = {name: draws[at, k] for k, name in enumerate(found.names) if name not in LABORATORY}
    return values | {"founder_giver_share": values["giver_share"]}


def lives(observed: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Full years each commune stood, and whether it ended within those watched: one community a world."""
    standing = observed[:, :, _at("communities")] > 0
    ended = ~standing[:, -1]
    return np.where(ended, np.argmin(standing, axis=1), standing.shape[1]), ended


def hazard(years: NDArray[np.int64], ended: NDArray[np.bool_]) -> float:
    """Endings a year begun; half an ending where there is none, so that it has a logarithm."""
    endings = int(ended.sum())
    return max(endings, 0.5) / max(int(years.sum()) + endings, 1)


def fit(
    found: Motives, *, seed: int, threads: int, progress: Callable[[float], None] | None = None
) -> tuple[Array, list[Step], int]:
    """Draws of the ridge, (draws, 2)."""
    scenario = commune().clock(seed=seed)
    known = data("communes_hazard").iloc[0]

    def simulate(values: Array, first: int) -> Array:
        log = np.empty((len(values), 1))
        n = len(values) * COMMUNES
        points = people(found, n, first) | {u.name: np.repeat(values[:, k], COMMUNES) for k, u in enumerate(UNKNOWN)}
        worlds = [int(w) for w in (first * COMMUNES + np.arange(n)) % 2**32]
        years, ended = lives(simulate_at(scenario, points, worlds, threads))
        for i in range(len(values)):
            own = slice(i * COMMUNES, (i + 1) * COMMUNES)
            log[i, 0] = math.log(hazard(years[own], ended[own]))
        return log

    done = posterior(
        UNKNOWN,
        simulate,
        np.array([math.log(known["hazard"])]),
        np.zeros(1),
        seed=seed,
        particles=DRAWS,
        repeats=4,
        progress=progress,
    )
    return done.draws, done.steps, done.simulated


def infer(found: Motives, *, seed: int, threads: int, progress: Callable[[float], None] | None = None) -> Communes:
    """Fit, then everything predicted."""
    ridge, steps, simulated = fit(found, seed=seed, threads=threads, progress=progress)
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
    known = data("communes_hazard").iloc[0]
    low, middle, high = np.quantile(hazards, [0.025, 0.5, 0.975])
    return Communes(
        [u.name for u in UNKNOWN],
        ridge.tolist(),
        steps,
        simulated,
        float(np.corrcoef(ridge[:, 0], ridge[:, 1])[0, 1]),
        float(known["hazard"]),
        float(low),
        float(middle),
        float(high),
        predictions,
    )


def weibull_shape(years: NDArray[np.int64], ended: NDArray[np.bool_]) -> float:
    """The maximum-likelihood shape of a Weibull life known to the year: an ending in year t lies between t and t + 1.

    Limits: a constant hazard gives 1; the sample of one or no ending gives NaN.
    """
    if ended.sum() < 2:
        return math.nan

    def minus_log_likelihood(at: NDArray[np.float64]) -> float:
        shape, scale = np.exp(at)

        def survival(t: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(np.exp(-np.minimum((t / scale) ** shape, 700.0)))

        t = years.astype(float)
        chance = np.where(ended, survival(t) - survival(t + 1), survival(t))
        return float(-np.log(np.maximum(chance, 1e-300)).sum())

    start = np.array([0.0, math.log(max(float(years.mean()), 0.5))])
    best = minimize(minus_log_likelihood, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6})
    return float(np.exp(best.x[0]))


def _causes(observed: NDArray[np.float64], by_draw: list[slice]) -> list[Predicted]:
    told = []
    counts = np.array([[observed[own][:, :, _at(f"cause_{cause}")].sum() for cause in CAUSES] for own in by_draw])
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
    scenario = read_scenario("russia").clock(years=12, seed=seed + 2).but(11, coercion=0.0, exit_right=1.0)
    n = DRAWS
    observed = simulate_at(scenario, people(found, n), list(range(n)), threads)
    left, members = observed[:, 11, _at("left")], observed[:, 10, _at("members")]
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
    """33 communes at each draw of the ridge; the same people and luck whatever is set besides."""
    n = len(ridge) * COMMUNES
    points = people(found, n) | {u.name: np.repeat(ridge[:, k], COMMUNES) for k, u in enumerate(UNKNOWN)}
    points |= {name: np.broadcast_to(np.asarray(value), n) for name, value in values.items()}
    return simulate_at(scenario, points, list(range(n)), threads)


def _predicted(name: str, unit: str, values: NDArray[np.float64], says: str) -> Predicted:
    low, middle, high = np.nanquantile(values, [0.025, 0.5, 0.975])
    return Predicted(name, unit, float(low), float(middle), float(high), says)


def _at(observable: str) -> int:
    return [o.name for o in load("society").observables].index(observable)
