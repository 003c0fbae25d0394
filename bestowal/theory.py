"""Exact results for evolutionary games in finite and infinite populations, to set beside simulations.

A game is a payoff matrix (row: own strategy, column: the other's), or a `GroupGame` played in groups sampled without
replacement. Finite populations: pairwise comparison with the Fermi rule (Traulsen, Nowak & Pacheco 2006), or the Moran
process with fitness 1 − s + s·payoff (Nowak et al. 2004). Fixation follows Karlin & Taylor (1975),
ρ = 1 / (1 + Σ_k Π_{l≤k} T⁻_l/T⁺_l); rare mutation gives the embedded chain of Fudenberg & Imhof (2006).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Process = Literal["pairwise", "moran"]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class GroupGame:
    """A game among `size` players. payoff(strategy, group) is what a player of that strategy gets in a group whose
    members, the player included, number group[i] of strategy i."""

    n_strategies: int
    size: int
    payoff: Callable[[int, tuple[int, ...]], float]


Game = ArrayLike | GroupGame


def n_strategies(game: Game) -> int:
    return game.n_strategies if isinstance(game, GroupGame) else np.asarray(game).shape[0]


def mean_payoffs(game: Game, counts: tuple[int, ...]) -> Vector:
    """Mean payoff of each strategy in a population of counts[i] players of strategy i, never against oneself.

    NaN for a strategy that nobody plays: (n_strategies,).
    """
    population = np.asarray(counts)
    total = int(population.sum())
    out = np.full(len(population), np.nan)
    for own in np.flatnonzero(population):
        others = population.copy()
        others[own] -= 1
        if not isinstance(game, GroupGame):
            out[own] = np.asarray(game, dtype=float)[own] @ others / (total - 1)
            continue
        groups = comb(total - 1, game.size - 1)
        mean = 0.0
        for met in compositions(game.size - 1, len(population)):
            ways = 1
            for there, drawn in zip(others.tolist(), met, strict=True):
                ways *= comb(there, drawn)
            if ways:
                group = tuple(n + (i == own) for i, n in enumerate(met))
                mean += ways / groups * game.payoff(int(own), group)
        out[own] = mean
    return out


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to write total as an ordered sum of `parts` whole numbers."""
    for bars in combinations_with_replacement(range(total + 1), parts - 1):
        ends = (0, *bars, total)
        yield tuple(b - a for a, b in pairwise(ends))


def fixation(
    game: Game, mutant: int, resident: int, size: int, strength: float, process: Process = "pairwise"
) -> float:
    """Probability that one mutant among size − 1 residents takes over. `strength` is β, or s of the Moran process."""
    logs = []  # of Π T⁻/T⁺, as logarithms so that strong selection does not overflow
    log_product = 0.0
    for k in range(1, size):
        ours, theirs = _pair(game, mutant, resident, k, size)
        log_product += _log_ratio(ours, theirs, strength, process)
        logs.append(log_product)
    return float(1.0 / (1.0 + np.exp(np.array(logs)).sum()))


def gradient(game: Game, first: int, second: int, k: int, size: int, strength: float) -> float:
    """T⁺ − T⁻ of the number k of `first` among `size` players of two strategies, pairwise comparison."""
    ours, theirs = _pair(game, first, second, k, size)
    return float((size - k) / size * k / (size - 1) * np.tanh(0.5 * strength * (ours - theirs)))


def small_mutation(game: Game, size: int, strength: float, process: Process = "pairwise") -> Vector:
    """Shares of time at each pure state when mutations are so rare that each fixes or dies before the next."""
    n = n_strategies(game)
    step = np.zeros((n, n))
    for resident in range(n):
        for mutant in range(n):
            if mutant != resident:
                step[resident, mutant] = fixation(game, mutant, resident, size, strength, process) / (n - 1)
        step[resident, resident] = 1.0 - step[resident].sum()
    return long_run(step)


def stationary(game: Game, size: int, strength: float, mutation: float) -> tuple[NDArray[np.int64], Vector]:
    """States (n_states, n_strategies) and how often each is visited, pairwise comparison with a mutation probability.

    A randomly chosen player takes a random other strategy with probability `mutation`, else compares with a random
    other player. The chain is solved whole: fit for some thousands of states.
    """
    n = n_strategies(game)
    states = list(compositions(size, n))
    place = {state: i for i, state in enumerate(states)}
    step = np.zeros((len(states), len(states)))
    for here, state in enumerate(states):
        payoffs = mean_payoffs(game, state)
        for leaves in range(n):
            for takes in range(n):
                if takes == leaves or state[leaves] == 0:
                    continue
                rate = mutation / (n - 1)
                if state[takes]:
                    adopts = 1.0 / (1.0 + np.exp(-strength * (payoffs[takes] - payoffs[leaves])))
                    rate += (1.0 - mutation) * state[takes] / (size - 1) * adopts
                there = tuple(c + (i == takes) - (i == leaves) for i, c in enumerate(state))
                step[here, place[there]] = state[leaves] / size * rate
        step[here, here] = 1.0 - step[here].sum()
    return np.array(states), long_run(step)


def replicator(matrix: ArrayLike, shares: ArrayLike) -> Vector:
    """Rate of change of each strategy's share, ẋ_i = x_i((Ax)_i − xᵀAx) (Taylor & Jonker 1978)."""
    x = np.asarray(shares, dtype=float)
    payoffs = np.asarray(matrix, dtype=float) @ x
    return np.asarray(x * (payoffs - x @ payoffs))


def _pair(game: Game, first: int, second: int, k: int, size: int) -> tuple[float, float]:
    counts = [0] * n_strategies(game)
    counts[first] = k
    counts[second] = size - k
    payoffs = mean_payoffs(game, tuple(counts))
    return float(payoffs[first]), float(payoffs[second])


def _log_ratio(ours: float, theirs: float, strength: float, process: Process) -> float:
    """log T⁻/T⁺."""
    if process == "pairwise":
        return -strength * (ours - theirs)
    fit_ours, fit_theirs = 1.0 - strength + strength * ours, 1.0 - strength + strength * theirs
    if fit_ours <= 0.0 or fit_theirs <= 0.0:
        raise ValueError(f"strength = {strength}: makes a fitness negative, payoffs {ours:g} and {theirs:g}")
    return float(np.log(fit_theirs) - np.log(fit_ours))


def long_run(step: Vector) -> Vector:
    """The left eigenvector of eigenvalue 1, by elimination without subtraction (Grassmann, Taksar & Heyman 1985),
    which keeps small probabilities to full relative precision."""
    chain = step.copy()
    n = chain.shape[0]
    for k in range(n - 1, 0, -1):
        chain[:k, k] /= chain[k, :k].sum()
        chain[:k, :k] += np.outer(chain[:k, k], chain[k, :k])
    visits = np.zeros(n)
    visits[0] = 1.0
    for k in range(1, n):
        visits[k] = visits[:k] @ chain[:k, k]
    return np.asarray(visits / visits.sum())
