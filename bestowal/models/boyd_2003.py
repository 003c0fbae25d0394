"""Boyd, Gintis, Bowles & Richerson 2003: altruistic punishment kept alive by conflict between groups.

R. Boyd, H. Gintis, S. Bowles & P. J. Richerson, "The evolution of altruistic punishment", PNAS 100 (2003), 3531-3535.

Question: can rare contests between groups, with people copying the better-off, sustain punishment that costs the
punisher, and through it cooperation, in groups too large for the contests to sustain cooperation alone?

N groups of n persons, each a defector D, a contributor C or a punisher P. In a period

    acting       D keeps back; C and P contribute, save for an error of chance e
    payoff       W = baseline - c·[contributed] - p·(other punishers)/n·[kept back] - (if P) k·(others who kept back)/n,
                 floored at 0; with fixed_cost a punisher pays k whatever the others do
    imitation    everyone looks at one other: with chance m in another group, else in the own; copies its type with
                 chance W_model / (W_model + W_own), ½ where both are 0. All at once, on the types and payoffs so far
    contest      groups are paired at random; a pair fights with chance eps, its first wins with chance
                 ½ + (d_second - d_first)/2, d = share of D after imitation; the loser becomes a copy of the winner
    mutation     with chance mu to one of the two other types

At the start one group is all P and the others all D. One step is one period; the paper ran 2,000 and took the mean of
the last 1,000.

Limits. With c = p = k = 0 imitation is neutral and only contests favour C and P over D, alike. With mu = m = 0 and
eps = 0 groups of D alone stay so for ever and the founding group stays without D. With contest 1 every pair fights, so
half the groups (of an even number) lose.

Sources. N, n, c, p, k, m, eps, mu and the clock were read in a published tutorial re-implementation, and the effects of
eps, m and a fixed punishing cost in it and in texts that quote the paper's figures; the paper itself was not at hand.
The error e has two values there, 0.02 in its code and 0.01 in its prose: 0.02 here. That cooperation is about 0.8 in
small groups is that tutorial's single run and the paper's graph from memory.

Settled here. The paper doesn't state a baseline payoff; 1 keeps payoffs positive at the defaults, and they are floored
at 0 beyond. A punisher who failed to contribute still punishes, and is punished by the others. Of an odd number of
groups one stays out of the contests.
"""

import numpy as np
from numba import njit
from pydantic import BaseModel

from bestowal.kernels.choice import order, other
from bestowal.kernels.rng import below, chance, fill
from bestowal.models.registry import STRICT, Model, Observable, param

READ = "read in a published tutorial re-implementation"


class Params(BaseModel):
    model_config = STRICT

    groups: int = param(
        128, "groups", unit="groups", low=2, high=10000, symbol="N", source=READ, group="size", fixed=True
    )
    size: int = param(
        32,
        "persons in a group",
        unit="persons",
        low=2,
        high=10000,
        symbol="n",
        source=READ + ": 4 to 256",
        group="size",
        fixed=True,
    )
    cost: float = param(
        0.2, "cost of contributing", unit="payoff", low=0, high=10, symbol="c", source=READ, group="payoff"
    )
    punished_loss: float = param(
        0.8,
        "loss of one who kept back where all the group punish",
        unit="payoff",
        low=0,
        high=10,
        symbol="p",
        source=READ,
        group="payoff",
    )
    punishing_cost: float = param(
        0.2,
        "cost of punishing where all the group kept back",
        unit="payoff",
        low=0,
        high=10,
        symbol="k",
        source=READ,
        group="payoff",
    )
    fixed_cost: int = param(
        0,
        "1: a punisher pays punishing_cost every period, however few kept back",
        unit="0 or 1",
        low=0,
        high=1,
        source="the paper's variant, read in texts that quote it",
        group="payoff",
    )
    error: float = param(
        0.02,
        "chance that C or P fails to contribute",
        unit="per period",
        low=0,
        high=1,
        symbol="e",
        source=READ + " (its code; its prose has 0.01)",
        group="payoff",
    )
    mixing: float = param(
        0.01,
        "chance that the model is of another group",
        unit="per period",
        low=0,
        high=1,
        symbol="m",
        source=READ,
        group="learning",
    )
    contest: float = param(
        0.015,
        "chance that a pair of groups fights",
        unit="per period",
        low=0,
        high=1,
        symbol="eps",
        source=READ + ": 0.0075 to 0.03",
        group="contests",
    )
    mutation: float = param(
        0.01,
        "chance of a change to one of the two other types",
        unit="per period",
        low=0,
        high=1,
        symbol="mu",
        source=READ,
        group="learning",
    )
    baseline: float = param(
        1.0,
        "payoff before everything else",
        unit="payoff",
        low=0,
        high=100,
        source=READ + "; not stated in the paper",
        group="payoff",
    )


MODEL = Model(
    name="boyd_2003",
    title="Boyd, Gintis, Bowles & Richerson 2003: altruistic punishment kept alive by conflict between groups",
    params=Params,
    observables=(
        Observable("cooperators", "share", "contributors and punishers, after mutation", 0, 1),
        Observable("punishers", "share", "punishers, after mutation", 0, 1),
        Observable("contributions", "share", "persons who contributed", 0, 1),
        Observable("conquered", "share", "groups that lost a contest", 0, 0.5),
    ),
    kernels=__name__,
    step="period",
    steps=2000,
)

ACT = 1  # w0 error, w1 does the type mutate, w2 to which of the two others
LOOK = 2  # w0 in another group?, w1 w2 at whom (own group: w1), w3 is it copied
PAIR = 3  # of a group: w0 its turn in pairing; the first of a pair: w1 do they fight, w2 does it win

D, C, P = np.int8(0), np.int8(1), np.int8(2)

NOW, NEXT, CONTRIBUTED, SHIFT = range(4)  # rows of small


@njit(error_model="numpy")
def allocate(p):
    """(small (4, N·n) int8: types now and next, contributed (0 or 1), shift of type by mutation (0: none);
    payoff (N·n,) float64; persons (N·n,) uint64; words (4, N·n) uint32; group_words (4, N) uint32;
    turns (N,) uint64; tally (4,) float64, as observed). A group's persons lie together.
    """
    n = p.groups * p.size
    return (
        np.empty((4, n), np.int8),
        np.empty(n),
        np.arange(n).astype(np.uint64),
        np.empty((4, n), np.uint32),
        np.empty((4, p.groups), np.uint32),
        np.empty(p.groups, np.uint64),
        np.empty(4),
    )


@njit(error_model="numpy")
def start(p, state, seed, world):
    small, payoff, _, _, _, _, tally = state
    small[:] = 0
    small[NOW, : p.size] = P
    payoff[:] = 0.0
    tally[:] = np.nan


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    act(p, state, seed, world, year)
    imitate(p, state, seed, world, year)
    contests(p, state, seed, world, year)
    mutate(state)


@njit(error_model="numpy")
def act(p, state, seed, world, year):
    """Contributions, payoffs, and already who will mutate: the words are the same draw."""
    small, payoff, persons, words, _, _, tally = state
    types, contributed, shift = small[NOW], small[CONTRIBUTED], small[SHIFT]
    fill(seed, world, year, persons, ACT, 0, words)
    w0, w1, w2 = words[0], words[1], words[2]
    # In names of their own: the compiler can't know that writing to an array leaves p alone, and would not vectorise.
    size, error, mutation, baseline, cost = p.size, p.error, p.mutation, p.baseline, p.cost
    punished_loss, punishing_cost, is_fixed = p.punished_loss, p.punishing_cost, p.fixed_cost == 1
    for i in range(types.size):
        contributed[i] = np.int8((types[i] != D) & (not chance(w0[i], error)))
        shift[i] = np.int8(1 + below(w2[i], 2)) if chance(w1[i], mutation) else np.int8(0)
    whole = np.int64(0)
    for g in range(p.groups):
        # Slices, counted from 0: an index that might be negative costs a test each time.
        kinds = types[g * size : (g + 1) * size]
        gave = contributed[g * size : (g + 1) * size]
        paid = payoff[g * size : (g + 1) * size]
        contributors = np.int64(0)
        punishers = np.int64(0)
        for k in range(size):
            contributors += np.int64(gave[k])
            punishers += np.int64(kinds[k] == P)
        whole += contributors
        kept_back = size - contributors
        for k in range(size):
            does = np.float64(gave[k])
            punishes = np.float64(kinds[k] == P)
            others = punishers - punishes
            faults = kept_back - (1.0 - does)
            effort = punishing_cost if is_fixed else punishing_cost * faults / size
            w = baseline - cost * does - punished_loss * others / size * (1.0 - does) - effort * punishes
            paid[k] = w if w > 0.0 else 0.0
    tally[2] = whole / types.size


@njit(error_model="numpy")
def imitate(p, state, seed, world, year):
    small, payoff, persons, words, _, _, _ = state
    types, after = small[NOW], small[NEXT]
    fill(seed, world, year, persons, LOOK, 0, words)
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    groups, size, mixing = p.groups, p.size, p.mixing
    for g in range(groups):
        lo = g * size
        for place in range(size):
            i = lo + place
            if chance(w0[i], mixing):
                model = other(w1[i], g, groups) * size + below(w2[i], size)
            else:
                model = lo + other(w1[i], place, size)
            both = payoff[model] + payoff[i]
            share = payoff[model] / both if both > 0.0 else 0.5
            after[i] = types[model] if chance(w3[i], share) else types[i]


@njit(error_model="numpy")
def contests(p, state, seed, world, year):
    small, _, persons, _, words, turns, tally = state
    after = small[NEXT]
    fill(seed, world, year, persons[: p.groups], PAIR, 0, words)
    # Only the first of a pair can start a fight: where no group would, the order of groups needn't be known.
    would = np.int64(0)
    for g in range(p.groups):
        would += np.int64(chance(words[1, g], p.contest))
    lost = np.int64(0)
    if would > 0:
        order(words[0], turns)
        for pair in range(p.groups // 2):
            a = np.int64(turns[2 * pair])
            b = np.int64(turns[2 * pair + 1])
            if chance(words[1, a], p.contest):
                d_a = defectors(p, after, a)
                d_b = defectors(p, after, b)
                winner, loser = (a, b) if chance(words[2, a], 0.5 + (d_b - d_a) / 2.0) else (b, a)
                for place in range(p.size):
                    after[loser * p.size + place] = after[winner * p.size + place]
                lost += 1
    tally[3] = lost / p.groups


@njit(error_model="numpy")
def defectors(p, types, g):
    """Share of D in group g."""
    count = np.int64(0)
    for i in range(g * p.size, (g + 1) * p.size):
        count += np.int64(types[i] == D)
    return count / p.size


@njit(error_model="numpy")
def mutate(state):
    small, tally = state[0], state[6]
    types, after, shift = small[NOW], small[NEXT], small[SHIFT]
    cooperators = np.int64(0)
    punishers = np.int64(0)
    for i in range(types.size):
        kind = np.int8(after[i] + shift[i])
        kind = np.int8(kind - np.int8(3)) if kind > P else kind
        types[i] = kind
        cooperators += np.int64(kind != D)
        punishers += np.int64(kind == P)
    tally[0] = cooperators / types.size
    tally[1] = punishers / types.size


@njit(error_model="numpy")
def observe(p, state, out):
    tally = state[6]
    for k in range(4):
        out[k] = tally[k]
