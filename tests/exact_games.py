"""The exact results of finite populations written a second time, in mpmath at 60 digits, and random games to compare.

Written from the definitions: products of transition ratios for fixation, the Markov chain tree theorem (Freidlin &
Wentzell 1984) for the limit of rare mutation, and balance equations for the chain with mutation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from math import comb

import numpy as np
from mpmath import mp, mpf

from bestowal.statistics import evolutionary_games as theory

WITHIN = 1e-9  # relative, of a probability; absolute, of a logarithm below 1 (which is the same), above it relative
SMALLEST = 1e-300  # below, only the logarithm is compared


@dataclass(frozen=True)
class Case:
    """payoffs[own][other] between two players or, with groups of `players`, payoffs[own][others of strategy 0]."""

    payoffs: list[list[float]]
    players: int
    size: int
    strength: float
    process: theory.Process
    mutation: float | None  # None where the whole chain is not compared

    @cached_property
    def exact(self) -> list[list[mpf]]:
        return [[mpf(value) for value in row] for row in self.payoffs]

    @property
    def n(self) -> int:
        return len(self.payoffs)

    @property
    def game(self) -> theory.Game:
        if self.players == 2:
            return self.payoffs
        return theory.GroupGame(2, self.players, lambda own, group: self.payoffs[own][group[0] - (own == 0)])


def mean_payoff(case: Case, own: int, counts: list[int]) -> mpf:
    others = [count - (i == own) for i, count in enumerate(counts)]
    row = case.exact[own]
    if case.players == 2:
        return sum(value * count for value, count in zip(row, others, strict=True)) / sum(others)
    drawn = case.players - 1
    ways = [comb(others[0], i) * comb(others[1], drawn - i) for i in range(drawn + 1)]
    return sum(value * way for value, way in zip(row, ways, strict=True)) / sum(ways)


def fixation(case: Case, mutant: int, resident: int) -> mpf:
    strength = mpf(case.strength)
    total = ratio = mpf(1)
    for k in range(1, case.size):
        counts = [0] * case.n
        counts[mutant], counts[resident] = k, case.size - k
        ours, theirs = (mean_payoff(case, own, counts) for own in (mutant, resident))
        if case.process == "moran":
            ratio *= (1 - strength + strength * theirs) / (1 - strength + strength * ours)
        else:
            ratio *= mp.exp(-strength * (ours - theirs))
        total += ratio
    return 1 / total


def small_mutation(fixations: dict[tuple[int, int], mpf], n: int) -> list[mpf]:
    """fixations[mutant, resident]. Each state weighs the sum, over trees that lead to it, of their edges' product."""
    weights = []
    for root in range(n):
        weight = mpf(0)
        for nexts in product(*[[root] if i == root else [j for j in range(n) if j != i] for i in range(n)]):
            ends = list(range(n))
            for _ in range(n):
                ends = [nexts[end] for end in ends]
            if set(ends) == {root}:
                weight += mp.fprod(fixations[nexts[i], i] for i in range(n) if i != root)
        weights.append(weight)
    return [weight / sum(weights) for weight in weights]


def change(case: Case, state: tuple[int, ...], leaves: int, takes: int) -> mpf:
    """Probability that a player of one strategy takes another in one step."""
    mutation = mpf(case.mutation)
    rate = mutation / (case.n - 1)
    if state[takes] and state[leaves]:
        gap = mean_payoff(case, takes, list(state)) - mean_payoff(case, leaves, list(state))
        rate += (1 - mutation) * mpf(state[takes]) / (case.size - 1) / (1 + mp.exp(-mpf(case.strength) * gap))
    return mpf(state[leaves]) / case.size * rate


def stationary(case: Case, states: list[tuple[int, ...]]) -> list[mpf]:
    if case.n == 2:  # flows between neighbours balance
        visits = [mpf(1)]
        for here, there in pairwise(states):
            visits.append(visits[-1] * change(case, here, 1, 0) / change(case, there, 0, 1))
        total = sum(visits)
        return [visit / total for visit in visits]
    with mp.workdps(400):  # subtraction cancels
        place = {state: i for i, state in enumerate(states)}
        balance = mp.zeros(len(states))
        for here, state in enumerate(states):
            for leaves, takes in product(range(case.n), repeat=2):
                if leaves != takes and state[leaves]:
                    there = place[tuple(c + (i == takes) - (i == leaves) for i, c in enumerate(state))]
                    flow = change(case, state, leaves, takes)
                    balance[there, here] += flow
                    balance[here, here] -= flow
        for here in range(len(states)):
            balance[0, here] = 1  # in place of one balance, which follows from the others: they sum to 1
        sums = mp.zeros(len(states), 1)
        sums[0] = 1
        return list(mp.lu_solve(balance, sums))


def errors(case: Case) -> Iterator[float]:
    """Errors of every result of a game, in units of what is allowed; an infinite one where a number is missing."""
    with mp.workdps(60):
        pairs = [pair for pair in product(range(case.n), repeat=2) if pair[0] != pair[1]]
        exact = {pair: fixation(case, *pair) for pair in pairs}
        settings = (case.size, case.strength, case.process)
        for pair in pairs:
            found = theory.fixation(case.game, *pair, *settings)
            yield error(found, theory.fixation(case.game, *pair, *settings, log=True), exact[pair])
        shares = theory.small_mutation(case.game, *settings)
        logs = theory.small_mutation(case.game, *settings, log=True)
        for values in zip(shares, logs, small_mutation(exact, case.n), strict=True):
            yield error(*values)
        if case.mutation is not None:
            states, shares = theory.stationary(case.game, case.size, case.strength, case.mutation)
            _, logs = theory.stationary(case.game, case.size, case.strength, case.mutation, log=True)
            in_full = stationary(case, [tuple(map(int, state)) for state in states])
            for values in zip(shares, logs, in_full, strict=True):
                yield error(*values)


def error(value: float, log: float, exact: mpf) -> float:
    exact_log = mp.log(exact)
    parts = [abs(mpf(float(log)) - exact_log) / max(1, abs(exact_log))]
    if exact > SMALLEST:
        parts.append(abs(mpf(float(value)) / exact - 1))
    elif not 0.0 <= value <= 2 * SMALLEST:
        return np.inf
    return float(max(parts)) / WITHIN if all(map(mp.isfinite, parts)) else np.inf


def cases(sizes: list[int], seed: int, whole: tuple[int, int]) -> Iterator[Case]:
    """One random game a size. Payoffs are normal, or whole numbers from 0 to 2 (ties), or tenths with two strategies
    alike. `whole`: the largest populations, of two strategies and of more, whose chain with mutation is compared."""
    random = np.random.default_rng(seed)
    for i, size in enumerate(sizes):
        players = int(random.integers(3, 6)) if i % 4 == 3 and size >= 5 else 2
        n = 2 if players > 2 or size > 200 else int(random.choice([2, 3, 4], p=[0.6, 0.3, 0.1]))
        shape = (n, n) if players == 2 else (2, players)
        if i % 3 == 0:
            payoffs = random.normal(size=shape)
        elif i % 3 == 1:
            payoffs = random.integers(0, 3, size=shape).astype(float)
        else:
            payoffs = random.integers(0, 10, size=shape) / 10
            payoffs[1] = payoffs[0]
            if players == 2:
                payoffs[:, 1] = payoffs[:, 0]
        moran = i % 5 == 4
        strength = float(random.uniform()) if moran else 1000.0 if i % 7 == 0 else float(10 ** random.uniform(-3, 3))
        if moran:
            payoffs = np.abs(payoffs) + 0.1
        mutation = float(10 ** random.uniform(-12, 0)) if not moran and size <= whole[n > 2] else None
        yield Case(payoffs.tolist(), players, size, strength, "moran" if moran else "pairwise", mutation)
