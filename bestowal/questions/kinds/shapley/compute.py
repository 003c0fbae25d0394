"""Shares of blame: how much of the gap between two societies each of their differences carries.

The gap is in P(success), or in mean full years stood. The differences are players; the worth of a set of them is that
of the first society with the second's values for these. A player's share is its Shapley (1953) value: what it adds,
averaged over all orders of joining. It is linear in the worth, so it is worked out world by world (world w has the same
luck in every mixture), and the shares of each world add up to that world's gap. With few players every mixture is run.
With many, orders are drawn (Castro, Gómez & Tejada 2009), each on a block of worlds of its own, so that they are
independent; their shares add up to the gap on those worlds.

Limits: a player that changes nothing has share 0; with additive worth a share is what the player does alone.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.models.registry import load, parameters
from bestowal.questions.kind import Case
from bestowal.questions.outcomes import Judge, Outcome
from bestowal.questions.question import tested
from bestowal.simulation.engine import BLOCK
from bestowal.simulation.scenario import Change, Scenario, rows
from bestowal.statistics.intervals import Interval, mean, paired_difference, proportion

GROUPS = {"motive": "motive", "practice": "motive", "institution": "institution"}
"""A parameter's own group -> the player it belongs to; every other group is surroundings."""

MOST_EXACT = 5
PERMUTATIONS = 64


@dataclass(frozen=True)
class Share:
    """One player's part of the gap, and its effect when it joins first or last."""

    player: str
    parameters: list[str]
    share: Interval
    first: Interval | None
    last: Interval | None


@dataclass(frozen=True)
class Mixture:
    """The worth of the first society with the second's values for these players."""

    players: list[str]
    worth: Interval


@dataclass(frozen=True)
class Blame:
    """Shares that add up to ``gap``: the worth of ``b`` minus that of ``a``. ``exact``: every mixture was run.

    ``of``: "success" (a share of worlds, 0 to 1) or "years" (full years stood).
    """

    of: str
    a: str
    b: str
    gap: Interval
    shares: list[Share]
    mixtures: list[Mixture]
    exact: bool
    worlds: int


def differing(a: Scenario, b: Scenario) -> dict[str, list[str]]:
    """The parameters whose values differ in some step, by player: motive, institution, surroundings."""
    one, other = rows(a), rows(b)
    found: dict[str, list[str]] = {"motive": [], "institution": [], "surroundings": []}
    for p in parameters(load(a.model)):
        if (one[p.name] != other[p.name]).any():
            found[GROUPS.get(p.group, "surroundings")].append(p.name)
    return {player: names for player, names in found.items() if names}


def mixed(a: Scenario, b: Scenario, names: Sequence[str]) -> Scenario:
    """``a`` with the values of ``b`` for these parameters, at every step."""
    one, other = rows(a), rows(b)
    fields = {p.name: p.kind for p in parameters(load(a.model))}
    at = {name: (other if name in names else one)[name] for name in fields}
    starts = [year for year in range(1, a.years) if any(values[year] != values[year - 1] for values in at.values())]

    def number(name: str, year: int) -> float:
        return int(at[name][year]) if fields[name] == "int" else float(at[name][year])

    try:
        return Scenario(
            name=f"{a.name} with {len(names)} of {b.name}",
            title=a.title,
            about="",
            model=a.model,
            values=type(a.values)(**{name: number(name, 0) for name in fields}),
            years=a.years,
            changes=tuple(
                Change(year, {name: number(name, year) for name in fields if at[name][year] != at[name][year - 1]})
                for year in starts
            ),
            first_year=a.first_year,
            seed=a.seed,
        )
    except (BestowalError, ValueError) as error:
        raise BestowalError(f"{a.name} can't take {', '.join(names)} from {b.name}: {error}") from None


def shares(
    a: Scenario,
    b: Scenario,
    judge: Judge,
    *,
    worlds: int,
    seed: int,
    of: str = "success",
    players: Mapping[str, Sequence[str]] | None = None,
    most_exact: int = MOST_EXACT,
    permutations: int = PERMUTATIONS,
) -> Blame:
    """The shares of the gap between two societies of one model, clock and seed.

    Parameters
    ----------
    of : "success" or "years": what the societies differ in.
    players : player -> its parameters; `differing` by default.
    worlds : in each mixture, where every mixture is run; drawn orders take a block each instead.
    """
    for what in ("model", "years", "seed"):
        if getattr(a, what) != getattr(b, what):
            raise BestowalError(
                f"shares of blame: {what} is {getattr(a, what)} in {a.name} and {getattr(b, what)} in {b.name}"
            )
    players = players or differing(a, b)
    names = list(players)
    if not names:
        raise BestowalError(f"shares of blame: {a.name} and {b.name} don't differ")

    def scenario(joined: frozenset[str]) -> Scenario:
        return mixed(a, b, [p for player in names if player in joined for p in players[player]])

    worth = _success if of == "success" else _years
    most = 1.0 if of == "success" else float(a.years)  # the largest worth of a world
    if len(names) > most_exact:
        return _sampled(of, a.name, b.name, players, scenario, judge, worth, most, seed, permutations)
    return _exact(of, a.name, b.name, players, scenario, judge, worth, most, worlds)


def _success(outcome: Outcome) -> NDArray[np.float64]:
    return outcome.success.astype(float)


def _years(outcome: Outcome) -> NDArray[np.float64]:
    return outcome.stood


def _exact(
    of: str,
    a: str,
    b: str,
    players: Mapping[str, Sequence[str]],
    scenario: Callable[[frozenset[str]], Scenario],
    judge: Judge,
    worth_of: Callable[[Outcome], NDArray[np.float64]],
    most: float,
    worlds: int,
) -> Blame:
    names = list(players)
    k = len(names)
    sets = [frozenset(some) for size in range(k + 1) for some in combinations(names, size)]
    found = judge([scenario(some) for some in sets], range(worlds))
    worth = {some: worth_of(outcome) for some, outcome in zip(sets, found, strict=True)}
    nobody: frozenset[str] = frozenset()
    everybody = frozenset(names)

    def gap(before: frozenset[str], after: frozenset[str]) -> Interval:
        if of == "success":
            return paired_difference(worth[before] > 0, worth[after] > 0)
        return mean(worth[after] - worth[before], bounds=(-most, most))

    told = []
    for player in names:
        share = np.zeros(worlds)
        for some in sets:
            if player not in some:
                weight = math.factorial(len(some)) * math.factorial(k - len(some) - 1) / math.factorial(k)
                share += weight * (worth[some | {player}] - worth[some])
        first, last = gap(nobody, frozenset({player})), gap(everybody - {player}, everybody)
        told.append(Share(player, list(players[player]), mean(share, bounds=(-most, most)), first, last))
    mixtures = [
        Mixture(
            sorted(some, key=names.index),
            proportion(int(worth[some].sum()), worlds) if of == "success" else mean(worth[some], bounds=(0, most)),
        )
        for some in sets
    ]
    return Blame(of, a, b, gap(nobody, everybody), told, mixtures, True, worlds)


def _sampled(
    of: str,
    a: str,
    b: str,
    players: Mapping[str, Sequence[str]],
    scenario: Callable[[frozenset[str]], Scenario],
    judge: Judge,
    worth_of: Callable[[Outcome], NDArray[np.float64]],
    most: float,
    seed: int,
    permutations: int,
) -> Blame:
    names = list(players)
    rng = np.random.default_rng(seed)
    added = np.zeros((permutations, len(names)))
    for turn in range(permutations):
        order = [int(i) for i in rng.permutation(len(names))]
        chain = [scenario(frozenset(names[i] for i in order[:joined])) for joined in range(len(names) + 1)]
        found = judge(chain, range(turn * BLOCK, (turn + 1) * BLOCK))
        added[turn, order] = np.diff([worth_of(outcome).mean() for outcome in found])
    bounds = (-most, most)
    told = [
        Share(player, list(players[player]), mean(added[:, i], bounds=bounds), None, None)
        for i, player in enumerate(names)
    ]
    return Blame(of, a, b, mean(added.sum(axis=1), bounds=bounds), told, [], False, permutations * BLOCK)


def parts(case: Case) -> dict[str, Callable[[], Blame]] | str:
    """Shares of the difference in P(success) and in years stood, from the scenario to the one compared."""
    if case.asked.other is None:
        return 'The question names no society to compare: against = "…" does.'
    return {of: functools.partial(_of_case, of, case, case.asked.other) for of in ("success", "years")}


def _of_case(of: str, case: Case, other: Scenario) -> Blame:
    first, second = (tested(scenario, case.asked) for scenario in (case.base, other))
    return shares(first, second, case.evaluator.judge, worlds=case.worlds, seed=case.seed, of=of)
