"""Sequential Monte Carlo over a synthetic likelihood: a posterior from a simulator that runs whole batches.

    observed ~ Normal(μ(θ), (1 + 1/M)·Σ + D)        (Wood 2010; Price, Drovandi, Lee & Nott 2018)

μ is the mean of the statistics over M simulations at θ, Σ their covariance, pooled over the population. D is the
model's own error, a standard deviation stated for every statistic beforehand: without it a model that can't meet all
of the data would be as sure of itself as one that can (Wilkinson 2013). The population of particles is led from the
prior to the posterior by raising the likelihood to powers from 0 to 1, each step as long as leaves an effective half of
it, then resampled and moved by Metropolis steps with the population's own covariance (Del Moral, Doucet & Jasra 2006).

All of it in the logit of each parameter's place in its prior, so that bounds hold by themselves. A batch is asked for
at once and every random number comes from a generator seeded by its step, so that the answer depends on the seed alone,
not on threads. Our own for that: of the libraries, sbi brings PyTorch; PyMC's simulator and pyABC ask for one particle
at a time and seed by themselves; blackjax wants a likelihood in JAX. Plain approximate Bayesian computation was tried
first: with 34 statistics that the model can't all meet, its regressions left the posterior where no statistic was met.

Limits. With an infinite D the posterior is the prior; with statistics that are normal with a mean linear in θ it is
Gauss's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Simulate = Callable[[Array, int], Array]
"""(points, parameters) in natural units and the number of the first simulation -> (points, statistics), all finite."""

PARTICLES = 1000
REPEATS = 16
MOVES = 6  # after each step towards the posterior
LAST_MOVES = 24  # at the posterior itself
STEP = 2.38  # Roberts, Gelman & Gilks 1997, over the root of the number of parameters


@dataclass(frozen=True)
class Unknown:
    """One parameter's prior: uniform between low and high, or its logarithm is."""

    name: str
    low: float
    high: float
    log: bool = False

    def value(self, x: Array) -> Array:
        """The value at a logit of its place in the prior."""
        share = 1.0 / (1.0 + np.exp(-x))
        if self.log:
            return np.asarray(self.low * (self.high / self.low) ** share)
        return np.asarray(self.low + (self.high - self.low) * share)


@dataclass(frozen=True)
class Step:
    """One step: the power of the likelihood reached, the share of moves accepted."""

    power: float
    accepted: float


@dataclass(frozen=True)
class Posterior:
    """Equally weighted draws, (draws, parameters), in natural units, and how they were come by."""

    names: list[str]
    draws: Array
    steps: list[Step]
    simulated: int


def posterior(
    unknown: Sequence[Unknown],
    simulate: Simulate,
    observed: Array,
    error: Array,
    *,
    seed: int,
    particles: int = PARTICLES,
    repeats: int = REPEATS,
    progress: Callable[[float], None] | None = None,
) -> Posterior:
    """Return draws of the posterior of the parameters given the observed statistics.

    Parameters
    ----------
    simulate : statistics of the same meaning as ``observed``, in the same order.
    error : the model's own error of each, a standard deviation.
    seed : of everything drawn here; the random numbers of a simulation follow from its own number.
    progress : called with the power of the likelihood reached, 0 to 1.
    """
    tell = progress or (lambda power: None)
    rng = np.random.default_rng([seed, 0])
    share = rng.random((particles, len(unknown)))
    likelihood = _Likelihood(unknown, simulate, observed, error, repeats)
    x = np.log(share) - np.log1p(-share)
    middle, spread = likelihood.simulated_at(x)
    population = _Population(x, middle, likelihood.log(middle, spread))
    power = 0.0
    scale = STEP / np.sqrt(len(unknown))
    steps: list[Step] = []
    while power < 1.0:
        tell(power)
        rng = np.random.default_rng([seed, len(steps) + 1])
        power, weight = _further(power, population.fits)
        places = (np.arange(particles) + rng.random()) / particles
        chosen = np.searchsorted(np.cumsum(weight), places, side="right").clip(0, particles - 1)
        population = _Population(population.x[chosen], population.middle[chosen], population.fits[chosen])
        moves = LAST_MOVES if power == 1.0 else MOVES
        population, scale, accepted = _moved(likelihood, population, power, scale, moves, rng)
        steps.append(Step(power, accepted))
    tell(1.0)
    return Posterior([u.name for u in unknown], _values(unknown, population.x), steps, likelihood.simulations)


@dataclass
class _Likelihood:
    """The synthetic likelihood of the observed statistics, and a count of the simulations it has taken."""

    unknown: Sequence[Unknown]
    simulate: Simulate
    observed: Array
    error: Array
    repeats: int
    simulations: int = 0

    def simulated_at(self, x: Array) -> tuple[Array, Array]:
        """Return the mean statistics at each point, and the covariance of the statistics about them."""
        statistics = self.simulate(_values(self.unknown, np.repeat(x, self.repeats, axis=0)), self.simulations)
        self.simulations += len(statistics)
        statistics = statistics.reshape(len(x), self.repeats, -1)
        middle = statistics.mean(axis=1)
        apart = (statistics - middle[:, None]).reshape(-1, statistics.shape[2])
        return middle, apart.T @ apart / (len(x) * (self.repeats - 1))

    def log(self, middle: Array, spread: Array) -> Array:
        """Return the logarithm of the likelihood at each point, but for a constant."""
        root = np.linalg.cholesky((1.0 + 1.0 / self.repeats) * spread + np.diag(self.error**2))
        away = np.linalg.solve(root, (middle - self.observed).T)
        return np.asarray(-0.5 * (away**2).sum(axis=0))


@dataclass(frozen=True)
class _Population:
    """Particles: their places in the prior (logit), mean statistics there, and log likelihood."""

    x: Array
    middle: Array
    fits: Array


def _moved(
    likelihood: _Likelihood, start: _Population, power: float, scale: float, moves: int, rng: np.random.Generator
) -> tuple[_Population, float, float]:
    """Move the particles by Metropolis steps; also return the adapted scale and the share of moves accepted."""
    x, middle = start.x, start.middle
    particles, k = x.shape
    accepted = 0.0
    _, spread = likelihood.simulated_at(x)  # where the population now is; the first proposals lie there too
    fits = likelihood.log(middle, spread)
    for _ in range(moves):
        root = np.linalg.cholesky(np.cov(x.T).reshape(k, k) + 1e-9 * np.eye(k))
        proposed = x + scale * rng.standard_normal(x.shape) @ root.T
        there, _ = likelihood.simulated_at(proposed)
        fits_there = likelihood.log(there, spread)
        gain = power * (fits_there - fits) + _prior_density(proposed) - _prior_density(x)
        taken = np.log(rng.random(particles)) < gain
        x, middle, fits = (
            np.where(taken[:, None], proposed, x),
            np.where(taken[:, None], there, middle),
            np.where(taken, fits_there, fits),
        )
        accepted += taken.mean() / moves
        scale *= np.exp(taken.mean() - 0.25)
    return _Population(x, middle, fits), scale, float(accepted)


def _further(power: float, fits: Array) -> tuple[float, Array]:
    """The next power, at which half of the population counts (or 1), and the weights that lead there."""

    def weights(to: float) -> Array:
        log = (to - power) * fits
        w = np.exp(log - log.max())
        return np.asarray(w / w.sum())

    low, high = power, 1.0
    if 1.0 / (weights(1.0) ** 2).sum() >= 0.5 * len(fits):
        return 1.0, weights(1.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        if 1.0 / (weights(middle) ** 2).sum() >= 0.5 * len(fits):
            low = middle
        else:
            high = middle
    return high, weights(high)


def _prior_density(x: Array) -> Array:
    """Logarithm of the prior's density, a standard logistic in every coordinate."""
    return np.asarray((-np.abs(x) - 2.0 * np.log1p(np.exp(-np.abs(x)))).sum(axis=1))


def _values(unknown: Sequence[Unknown], x: Array) -> Array:
    return np.column_stack([u.value(x[:, k]) for k, u in enumerate(unknown)])
