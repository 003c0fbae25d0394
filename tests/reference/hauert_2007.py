"""Hauert, Traulsen, Brandt, Nowak and Sigmund 2007 a second time: does the freedom to stay out let punishment emerge?

Written from the paper's specification and the addresses of luck alone, without opening the model file.

Types: X cooperator, Y defector, Z loner, W punisher. An epoch is `updates` births, one dead for each.

Luck addresses (year = the epoch, person = k, the number of the update within the epoch, index 0):
    UPDATE 1  mixed population: w0 parent (by count * fitness over X Y Z W), w1 mutation, w2 which other type,
              w3 the dead (counted over X Y Z W of the population before the birth)
    WAIT   2  population all of one type: w0 updates until the next mutation (geometric), w1 which other type

Ambiguities settled:
    - every fitness 0 in a mixed population: all living individuals are equally likely parents (so that a type that is
      absent, or not allowed, is never born except by mutation);
    - a mutation rate so small that 1 - mutation is 1 in floating point counts as no mutation;
    - a chain with two or more closed sets of states has no single stationary vector: its shares are nan.
"""

import math
from fractions import Fraction
from itertools import product

from reference.luck import below, chance, draw, uniform

X, Y, Z, W = TYPES = range(4)
UPDATE, WAIT = 1, 2


def allowed_types(p):
    return [X, Y] + ([Z] if p.loners else []) + ([W] if p.punishers else [])


# ------------------------------------------------------------------------------------------------------------- payoffs


def game(p, me, x, y, z, w):
    """What a player of type `me` gets in one sample that holds, besides itself, x, y, z, w players of each type."""
    if me == Z:
        return p.loner_payoff
    participants = 1 + x + y + w
    if participants == 1:
        return p.loner_payoff
    contributors = x + w + (1 if me in (X, W) else 0)
    payoff = p.multiplication * p.contribution * contributors / participants
    if me in (X, W):
        payoff -= p.contribution
    if me == Y:
        payoff -= p.fine * w
    if me == W:
        payoff -= p.fine_cost * y
    return payoff


def expected(p, me, counts):
    """Mean of `game` over all samples of sample - 1 others from the rest of the population, without replacement."""
    rest = list(counts)
    rest[me] -= 1
    size = p.sample - 1
    total = 0.0
    for x in range(min(size, rest[X]) + 1):
        for y in range(min(size - x, rest[Y]) + 1):
            for w in range(min(size - x - y, rest[W]) + 1):
                z = size - x - y - w
                if z > rest[Z]:
                    continue
                ways = math.comb(rest[X], x) * math.comb(rest[Y], y) * math.comb(rest[Z], z) * math.comb(rest[W], w)
                total += ways / math.comb(sum(rest), size) * game(p, me, x, y, z, w)
    return total


def fitness(p, me, counts):
    return max(0.0, 1.0 - p.selection + p.selection * expected(p, me, counts))


# -------------------------------------------------------------------------------------------- the chain of pure states


def fixation(p, resident, mutant):
    """The chance that one mutant among residents takes over."""
    total, ratios = 1.0, 1.0
    for mutants in range(1, p.population):
        counts = [0, 0, 0, 0]
        counts[resident], counts[mutant] = p.population - mutants, mutants
        theirs = fitness(p, mutant, counts)
        if theirs == 0.0:
            return 0.0
        ratios *= fitness(p, resident, counts) / theirs
        total += ratios
    return 1.0 / total


def leads_to(root, choice):
    """Whether following `choice` (state -> next state) from every state ends in the root."""
    for state in choice:
        seen = set()
        while state != root:
            if state in seen:
                return False
            seen.add(state)
            state = choice[state]
    return True


def stationary(p):
    """Shares of time in each pure state: sums over the trees that lead to it (Markov chain tree theorem), exactly.

    All moves are divided by the same number of possible mutants, which the shares do not feel.
    """
    states = allowed_types(p)
    move = {(i, j): Fraction(fixation(p, i, j)) for i in states for j in states if i != j}
    weight = {}
    for root in states:
        others = [state for state in states if state != root]
        weight[root] = Fraction(0)
        for targets in product(states, repeat=len(others)):
            choice = dict(zip(others, targets, strict=True))
            if all(i != j for i, j in choice.items()) and leads_to(root, choice):
                weight[root] += math.prod(move[i, j] for i, j in choice.items())
    total = sum(weight.values())
    if total == 0:
        return [math.nan if t in states else 0.0 for t in TYPES]
    return [float(weight[t] / total) if t in states else 0.0 for t in TYPES]


# --------------------------------------------------------------------------------------------------------- individuals


def pick(word, weights, counts):
    """A type by weight; if nobody has any, the type of anybody alive."""
    if sum(weights) == 0.0:
        return nth(below(word, sum(counts)), counts)
    r = uniform(word) * sum(weights)
    running, chosen = 0.0, None
    for t in TYPES:
        running += weights[t]
        if running > r:
            return t
        if weights[t] > 0.0:
            chosen = t
    return chosen


def nth(number, counts):
    """The type of individual `number` when individuals are lined up by type."""
    for t in TYPES:
        if number < counts[t]:
            return t
        number -= counts[t]


def other(word, parent, allowed):
    rest = [t for t in allowed if t != parent]
    return rest[below(word, len(rest))]


def epoch(p, counts, seed, world, year, known):
    """Play one epoch in place; sums over its updates of each type's number and of `all alike`, after each update."""
    allowed = allowed_types(p)
    sums, pure = [0, 0, 0, 0], 0
    k = 0
    while k < p.updates:
        if max(counts) < p.population:
            words = draw(seed, world, year, k, UPDATE)
            now = tuple(counts)
            if now not in known:
                known[now] = [fitness(p, t, now) if now[t] else 0.0 for t in TYPES]
            parent = pick(words[0], [now[t] * known[now][t] for t in TYPES], now)
            child = other(words[2], parent, allowed) if chance(words[1], p.mutation) else parent
            counts[nth(below(words[3], p.population), now)] -= 1
            counts[child] += 1
        else:
            resident = counts.index(p.population)
            words = draw(seed, world, year, k, WAIT)
            if p.mutation >= 1.0:
                wait = 0
            elif 1.0 - p.mutation == 1.0:
                wait = p.updates - k
            else:
                wait = min(p.updates - k, math.floor(math.log(uniform(words[0])) / math.log(1.0 - p.mutation)))
            sums[resident] += wait * p.population
            pure += wait
            k += wait
            if k == p.updates:
                break
            counts[resident] -= 1
            counts[other(words[1], resident, allowed)] += 1
        for t in TYPES:
            sums[t] += counts[t]
        pure += max(counts) == p.population
        k += 1
    return sums, pure


def simulate(p, steps, seed, world):
    """One dict of observables an epoch."""
    counts = [0, 0, 0, 0]
    counts[p.start_type if p.start_type in allowed_types(p) else Y] = p.population
    exact = stationary(p)
    known = {}
    result = []
    for year in range(steps):
        sums, pure = epoch(p, counts, seed, world, year, known)
        if p.updates:
            shares = [total / (p.updates * p.population) for total in sums]
            pure /= p.updates
        else:
            shares = [number / p.population for number in counts]
            pure = 1.0
        result.append(
            {
                "cooperators": shares[X],
                "defectors": shares[Y],
                "loners_share": shares[Z],
                "punishers_share": shares[W],
                "pure": pure,
                "exact_cooperators": exact[X],
                "exact_defectors": exact[Y],
                "exact_loners": exact[Z],
                "exact_punishers": exact[W],
            }
        )
    return result


SETTINGS = [
    # all four types, everything away from the defaults, long enough for takeovers
    (
        dict(
            population=13,
            sample=4,
            multiplication=2.7,
            contribution=1.3,
            loner_payoff=0.8,
            fine=1.4,
            fine_cost=0.45,
            selection=0.31,
            mutation=0.017,
            updates=1500,
            start_type=2,
        ),
        4,
    ),
    # compulsory, from all cooperators
    (
        dict(population=11, sample=3, loners=0, mutation=0.04, fine=0.7, fine_cost=0.2, updates=700, start_type=0),
        4,
    ),
    # compulsory with start_type loner, which is absent: all defect; strong punishment helps the punishers
    (
        dict(
            population=9,
            sample=5,
            multiplication=4.1,
            loners=0,
            mutation=0.06,
            fine=2.2,
            fine_cost=0.1,
            selection=0.4,
            updates=501,
            start_type=2,
        ),
        3,
    ),
    # no punishers; start_type punisher is absent
    (
        dict(
            population=17,
            sample=5,
            punishers=0,
            loner_payoff=1.2,
            multiplication=3.4,
            mutation=0.03,
            selection=0.6,
            updates=900,
            start_type=3,
        ),
        3,
    ),
    # two types only, sample of two
    (
        dict(
            population=10,
            sample=2,
            loners=0,
            punishers=0,
            multiplication=1.7,
            mutation=0.09,
            selection=0.17,
            updates=333,
        ),
        3,
    ),
    # strongest selection: fitness floored at 0, some takeovers impossible
    (
        dict(
            population=12,
            sample=6,
            multiplication=2.2,
            selection=1.0,
            fine=1.9,
            fine_cost=0.9,
            loner_payoff=0.37,
            mutation=0.07,
            updates=600,
            start_type=3,
        ),
        4,
    ),
    # everybody's fitness 0 at times (dear punishment in a compulsory game); no way out of all defecting in the chain
    (
        dict(
            population=8,
            sample=7,
            multiplication=2.3,
            selection=1.0,
            fine=3.1,
            fine_cost=2.3,
            loners=0,
            mutation=0.13,
            updates=400,
            start_type=3,
        ),
        4,
    ),
    # the whole population plays together; every child a mutant; negative loner payoff
    (
        dict(
            population=5,
            sample=5,
            mutation=1.0,
            loner_payoff=-0.6,
            multiplication=6.5,
            selection=0.22,
            updates=57,
            start_type=0,
        ),
        3,
    ),
    # no mutation: nothing ever happens
    (dict(population=23, sample=6, mutation=0.0, fine=0.3, selection=0.05, updates=40, start_type=3), 2),
    # no individuals: the chain alone, at the paper's size
    (dict(updates=0, multiplication=3.3, loner_payoff=0.9, fine=0.8, fine_cost=0.37, selection=0.13), 2),
    # the paper's size, rare mutation, most of the epoch waited through
    (dict(mutation=0.0023, updates=2000, start_type=2), 3),
]
