"""Traulsen, Nowak and Pacheco 2006, "Stochastic dynamics of invasion and fixation": in a well-mixed population with two
strategies somebody now and then compares payoffs with another and copies who does better, by the Fermi rule.

Written from the paper's specification and the addresses of luck, without opening the model file.

Luck, as draw(seed, world, epoch, person, purpose), updates k = 0, 1, 2 … of the epoch:

    WALK 1  person = chain << 32 | k // 4: word k % 4 is v = word / 2**32, up if v < T+, down if T+ <= v < T+ + T-
    WAIT 2  person = chain << 32 | k: w0 how many updates a pure state met at update k lasts (only with skip = 1)

Settled: a wait whose 1 - q rounds to 1 never ends, as one with q = 0. Exponents beyond 700 either way are taken as
700, so that no chance of copying overflows. The visits are counted anew in every epoch; the spread is that of the
visits themselves (divided by their number). Waiting at a pure state is counted there, update by update.
"""

import math
from collections import Counter

from reference.luck import draw, uniform

WALK, WAIT = 1, 2


def copying(advantage):
    """The Fermi function: the chance of copying somebody whose payoff times strength is so much the higher."""
    return 1.0 / (1.0 + math.exp(-min(700.0, max(-700.0, advantage))))


def moves(p, k):
    """The chances T+ and T- that one update makes one more or one fewer of the first strategy, now played by k."""
    z, mu = p.population, p.mutation
    f1 = (p.first_first * (k - 1) + p.first_second * (z - k)) / (z - 1)
    f2 = (p.second_first * k + p.second_second * (z - k - 1)) / (z - 1)
    up = (1.0 - mu) * (z - k) / z * k / (z - 1) * copying(p.strength * (f1 - f2)) + mu * (z - k) / z
    down = (1.0 - mu) * k / z * (z - k) / (z - 1) * copying(-p.strength * (f1 - f2)) + mu * k / z
    return up, down


def waiting(q, word):
    """How many updates go by before an event of probability q an update."""
    if q >= 1.0:
        return 0
    if 1.0 - q == 1.0:
        return math.inf
    return math.floor(math.log(uniform(word)) / math.log(1.0 - q))


def walk(p, n, chain, seed, world, epoch, chances, visits):
    """Take one chain through an epoch from n, counting in `visits` where it is after each update; where it ends."""
    k = 0
    words = None
    while k < p.updates:
        if p.skip and n in (0, p.population):
            q = chances(n)[0] if n == 0 else chances(n)[1]
            wait = waiting(q, draw(seed, world, epoch, chain << 32 | k, WAIT)[0])
            if k + wait >= p.updates:
                visits[n] += p.updates - k
                return n
            visits[n] += wait
            k += wait
            n += 1 if n == 0 else -1
            words = None
        else:
            if words is None or k % 4 == 0:
                words = draw(seed, world, epoch, chain << 32 | k // 4, WALK)
            v = words[k % 4] * 2.0**-32
            up, down = chances(n)
            if v < up:
                n += 1
            elif v < up + down:
                n -= 1
        visits[n] += 1
        k += 1
    return n


def simulate(p, steps, seed, world):
    """The observables of each of `steps` epochs."""
    z = p.population
    known = {}

    def chances(n):
        if n not in known:
            known[n] = moves(p, n)
        return known[n]

    at = [math.floor(p.start_share * z + 0.5)] * p.chains
    seen = []
    for epoch in range(steps):
        visits = Counter()
        at = [walk(p, n, chain, seed, world, epoch, chances, visits) for chain, n in enumerate(at)]

        every = p.updates * p.chains  # whole numbers up to the last division, so that nothing is lost
        total = sum(n * count for n, count in visits.items())
        squares = sum(n * n * count for n, count in visits.items())
        common = min(visits, key=lambda n: (-visits[n], n))
        seen.append(
            {
                "first": total / (every * z),
                "spread": math.sqrt(every * squares - total * total) / (every * z),
                "common": common / z,
                "common_share": visits[common] / every,
                "pure": (visits[0] + visits[z]) / every,
                "at_end": sum(at) / (p.chains * z),
            }
        )
    return seen


SETTINGS = [
    # Hawks and Doves, off the middle; epochs that do not end with a whole draw of four words
    (
        {"population": 23, "chains": 5, "updates": 1003, "strength": 0.7, "mutation": 0.013, "start_share": 0.37},
        12,
    ),
    # a coordination game with all four payoffs, jumping over short waits at both ends
    (
        {
            "population": 9,
            "chains": 6,
            "first_first": 1.3,
            "first_second": -0.2,
            "second_first": 0.4,
            "second_second": 0.3,
            "strength": 1.9,
            "mutation": 0.017,
            "updates": 1401,
            "start_share": 0.29,
            "skip": 1,
        },
        12,
    ),
    # no mutation: every chain comes to rest, at one end or the other, and stays
    ({"population": 12, "chains": 17, "mutation": 0.0, "updates": 150, "start_share": 0.08, "skip": 1}, 30),
    (
        {
            "population": 10,
            "chains": 13,
            "first_first": 0.7,
            "first_second": -0.3,
            "second_first": 1.0,
            "second_second": 0.1,
            "strength": 0.2,
            "mutation": 0.0,
            "updates": 75,
            "start_share": 0.62,
        },
        14,
    ),
    # the strategy always changes: nobody waits at an end
    ({"population": 5, "chains": 3, "mutation": 1.0, "updates": 333, "start_share": 0.0, "skip": 1}, 6),
    # two players, much mutation
    (
        {
            "population": 2,
            "chains": 4,
            "first_first": -3.0,
            "first_second": 0.8,
            "second_first": -0.6,
            "second_second": 1.1,
            "strength": 0.45,
            "mutation": 0.31,
            "updates": 517,
            "start_share": 1.0,
            "skip": 1,
        },
        8,
    ),
    # payoffs and strength so large that the exponent is cut off
    (
        {
            "population": 9,
            "chains": 4,
            "first_first": -950.0,
            "first_second": 700.0,
            "second_first": 300.0,
            "second_second": -1000.0,
            "strength": 1000.0,
            "mutation": 0.06,
            "updates": 611,
            "start_share": 0.9,
        },
        6,
    ),
    # a large population, moving a little
    ({"population": 70001, "chains": 3, "strength": 2.3, "updates": 4002, "start_share": 0.123}, 5),
    # epochs of one update
    (
        {"population": 31, "chains": 130, "strength": 0.4, "mutation": 0.21, "updates": 1, "start_share": 0.55},
        25,
    ),
    # a single visit an epoch, which has no spread
    ({"population": 7, "chains": 1, "mutation": 0.23, "updates": 1, "start_share": 0.45}, 40),
    # rare mutation: long waits within an epoch, across its end, and for ever
    (
        {
            "population": 8,
            "chains": 9,
            "first_first": 0.6,
            "second_second": 0.9,
            "strength": 1.3,
            "mutation": 3e-7,
            "updates": 5_000_000,
            "start_share": 0.5,
            "skip": 1,
        },
        10,
    ),
    # mutation too rare to tell 1 - q from 1
    ({"population": 6, "chains": 5, "mutation": 1e-17, "updates": 100, "start_share": 0.41, "skip": 1}, 4),
]
