"""Traulsen, Nowak & Pacheco 2006: two strategies, and people who copy whoever does better.

A. Traulsen, M. A. Nowak & J. M. Pacheco, "Stochastic dynamics of invasion and fixation", Physical Review E 74:011909
(2006).

Question. In a finite population where anybody meets anybody, people now and then compare themselves with another and
may copy them. How does a mix of two strategies move, and how often is it where?

Rules. Of Z people k play the first strategy. Payoffs a, b (first against first, second) and c, d (second against
first, second), averaged over everybody but oneself:

    f1(k) = (a (k - 1) + b (Z - k)) / (Z - 1)        f2(k) = (c k + d (Z - k - 1)) / (Z - 1)

One update: somebody is taken at random. With probability μ they change to the other strategy; otherwise they look at
a random other person, and if that one plays differently, copy with probability 1/(1 + e^(-β (f_other - f_own))). So

    k + 1 with T+(k) = (1 - μ) (Z - k)/Z k/(Z - 1) / (1 + e^(-β (f1 - f2))) + μ (Z - k)/Z
    k - 1 with T-(k) = (1 - μ) k/Z (Z - k)/(Z - 1) / (1 + e^(+β (f1 - f2))) + μ k/Z

Limits. For any μ > 0 the chain is in detailed balance: in the long run p(k) ∝ Π_{l<k} T+(l)/T-(l + 1), exactly. Without
mutation one person of the first strategy takes over with probability 1/(1 + Σ_{j<Z} Π_{l≤j} e^(-β (f1(l) - f2(l)))),
which is 1/Z at β = 0. Equal payoffs or β = 0: half of each on average, and for small μ mostly one or the other alone.
Z → ∞ with μ = 0: rest where the payoffs are equal, or at an end. `statistics.evolutionary_games` has all of these.

One step is an epoch of `updates` updates, in each of `chains` populations that have nothing to do with one another;
`updates / population` is how often each person comes to decide. Observables are over all updates and chains.

Sources. The transition probabilities and the fixation probability are the paper's, recalled. Detailed balance is
textbook (Karlin & Taylor 1975). The paper's dynamics were recalled as having no mutation; μ is put in here, as is
usual, so that there is a long run. The default game, Z, β and μ are a Hawk-Dove game that independent software
(EGTtools 0.1.14.2) has been run on; they are not the paper's.

Settled here: the three choices of an update (who, whom, whether) are drawn as one event with the probabilities above,
not one by one; the law of k is the same. With `skip` the waiting at the two ends, where only mutation moves, is drawn
as one geometric number: the same law again with other luck. A chance of leaving below 1.1e-16 counts there as none.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from pydantic import BaseModel

from bestowal.kernels.elementary import log, logistic
from bestowal.kernels.rng import draw, fill, uniform
from bestowal.models.registry import STRICT, Model, Observable, param

HAWK_DOVE = "a Hawk-Dove game whose exact long run independent software gives"
ASSUMED = "assumed"


# fmt: off
class Params(BaseModel):
    model_config = STRICT

    population: int = param(
        100, "people in a population", unit="persons", low=2, high=100_000, symbol="Z", source=HAWK_DOVE,
        group="population", fixed=True,
    )
    chains: int = param(
        64, "populations of a world, which have nothing to do with one another", unit="populations", low=1, high=4096,
        source=ASSUMED, group="computing", fixed=True,
    )
    first_first: float = param(
        -0.5, "payoff of the first strategy against the first", unit="payoff", low=-1000, high=1000, symbol="a",
        source=HAWK_DOVE, group="game",
    )
    first_second: float = param(
        2.0, "payoff of the first strategy against the second", unit="payoff", low=-1000, high=1000, symbol="b",
        source=HAWK_DOVE, group="game",
    )
    second_first: float = param(
        0.0, "payoff of the second strategy against the first", unit="payoff", low=-1000, high=1000, symbol="c",
        source=HAWK_DOVE, group="game",
    )
    second_second: float = param(
        0.0, "payoff of the second strategy against the second", unit="payoff", low=-1000, high=1000, symbol="d",
        source=HAWK_DOVE, group="game",
    )
    strength: float = param(
        1.0, "how sharply a difference in payoff decides whether somebody is copied", unit="1/payoff", low=0,
        high=1000, symbol="β", source=HAWK_DOVE, group="learning",
    )
    mutation: float = param(
        0.001, "chance that whoever decides changes strategy without looking at anybody", unit="probability", low=0,
        high=1, symbol="μ", source=HAWK_DOVE, group="learning",
    )
    updates: int = param(
        10_000, "updates of each population in an epoch", unit="updates", low=1, high=100_000_000, source=ASSUMED,
        group="computing",
    )
    start_share: float = param(
        0.5, "share of the first strategy when a world begins, rounded to whole persons", unit="share", low=0, high=1,
        source=ASSUMED, group="population", fixed=True,
    )
    skip: int = param(
        0, "1: draw the waiting of a population where all are alike as one number, 0: wait update by update",
        unit="switch", low=0, high=1, source=ASSUMED, group="computing", needs={"start_share": 1.0},
    )
# fmt: on


MODEL = Model(
    name="traulsen_nowak_pacheco_2006",
    title="Traulsen, Nowak and Pacheco 2006: stochastic dynamics of invasion and fixation",
    params=Params,
    observables=(
        Observable("first", "share", "first strategy, mean over updates and populations", 0, 1),
        Observable("spread", "share", "standard deviation of that share over updates and populations", 0, 0.5),
        Observable("common", "share", "share of the first strategy seen most often, the lowest of several", 0, 1),
        Observable("common_share", "share", "share of updates after which a population had just that", 0, 1),
        Observable("pure", "share", "share of updates after which all of a population were alike", 0, 1),
        Observable("at_end", "share", "first strategy, mean over populations at the end of the epoch", 0, 1),
    ),
    kernels=__name__,
    step="epoch",
    steps=100,
)

# Purposes of luck. Update k of a chain takes word k % 4 of the draw of its number k // 4.
WALK = np.int64(1)  # person = chain << 32 | draw; where the update leads
WAIT = np.int64(2)  # person = chain << 32 | update; w0 how long a chain stays where all are alike, only with `skip`

NONE = np.int64(0)  # np.int64 where a number is handed to a function: one compilation, not one a value
LANES = 8  # chains that go side by side, so that the processor works on the others while one waits for its look-up
BATCH = 256  # draws in one bulk fill: little enough to stay in the first-level cache
AHEAD = 16  # draws filled at once for a chain that goes alone

# Counts and limits are unsigned, and whatever meets them is: a signed index costs a test for "from the end" each time,
# and Numba turns a sum of signed and unsigned into a float.
_0 = np.uint64(0)
_1 = np.uint64(1)
_32 = np.uint64(32)
_LANES = np.uint64(LANES)


class State(NamedTuple):
    firsts: np.ndarray  # (chains,) uint64, persons of the first strategy now
    limits: np.ndarray  # (Z + 1, 2) uint64: a word below the first leads up, another below the second down
    visits: np.ndarray  # (Z + 1, LANES) int64, updates of this epoch that ended there, chain c counted in c % LANES
    persons: np.ndarray  # (BATCH,) uint64, whose luck is in `words`
    words: np.ndarray  # (4, BATCH) uint32


@njit(error_model="numpy")
def allocate(p):
    """The arrays of a `State`, shapes and units as there."""
    return State(
        np.empty(p.chains, np.uint64),
        np.empty((p.population + 1, 2), np.uint64),
        np.empty((p.population + 1, LANES), np.int64),
        np.empty(BATCH, np.uint64),
        np.empty((4, BATCH), np.uint32),
    )


@njit(error_model="numpy")
def start(p, state, seed, world):
    """Nothing is drawn: every chain starts alike."""
    state.firsts[:] = np.uint64(math.floor(p.start_share * p.population + 0.5))
    state.visits[:] = 0


@njit(error_model="numpy")
def rates(p, k):
    """T+ and T- where k persons play the first strategy."""
    z, mu = p.population, p.mutation
    f1 = (p.first_first * (k - 1) + p.first_second * (z - k)) / (z - 1)
    f2 = (p.second_first * k + p.second_second * (z - k - 1)) / (z - 1)
    up = (1.0 - mu) * (z - k) / z * k / (z - 1) * logistic(p.strength * (f1 - f2)) + mu * (z - k) / z
    down = (1.0 - mu) * k / z * (z - k) / (z - 1) * logistic(-(p.strength * (f1 - f2))) + mu * k / z
    return up, down


@njit(error_model="numpy")
def tabulate(p, limits):
    """Fill the table of limits, so that an update is two look-ups.

    A word w is an event of probability t when w * 2**-32 < t; that is w < ceil(t * 2**32), to the bit, since scaling by
    a power of two is exact. 2**32 itself, for what always happens, is why limits have more than 32 bits.
    """
    for k in range(p.population + 1):
        up, down = rates(p, k)
        limits[k, 0] = np.uint64(math.ceil(up * 2.0**32))
        limits[k, 1] = np.uint64(math.ceil((up + down) * 2.0**32))


@njit(error_model="numpy", forceinline=True)
def moved(limits, n, word):
    """Where a chain at n is after an update with this word. No branch: nobody can predict it."""
    w = np.uint64(word)
    return n + (np.uint64(w < limits[n, 0]) << _1) - np.uint64(w < limits[n, 1])


@njit(error_model="numpy")
def name(chain, number):
    """The person under which a chain draws."""
    return (np.uint64(chain) << _32) | np.uint64(number)


@njit(error_model="numpy")
def together(state, seed, world, year, first, lanes, draws):
    """Chains first to first + lanes - 1 side by side through `draws` draws, four updates each."""
    persons, limits = state.persons, state.limits
    w0, w1, w2, w3 = state.words[0], state.words[1], state.words[2], state.words[3]
    visits = state.visits.reshape(-1)
    count = state.firsts[first : first + lanes]
    batch = BATCH // lanes
    for t in range(batch):
        for c in range(lanes):
            persons[t * lanes + c] = name(first + c, t)
    for done in range(0, draws, batch):
        now = min(batch, draws - done)
        fill(seed, world, year, persons[: now * lanes], WALK, NONE, state.words)
        for i in range(batch * lanes):
            persons[i] += np.uint64(batch)
        i = _0
        for _ in range(now):
            for c in range(np.uint64(lanes)):
                n = moved(limits, count[c], w0[i])
                visits[n * _LANES + c] += 1
                n = moved(limits, n, w1[i])
                visits[n * _LANES + c] += 1
                n = moved(limits, n, w2[i])
                visits[n * _LANES + c] += 1
                n = moved(limits, n, w3[i])
                visits[n * _LANES + c] += 1
                count[c] = n
                i += _1


@njit(error_model="numpy")
def waiting(leaving, word):
    """How many updates pass before one of probability `leaving` happens; infinite where it never does."""
    if leaving >= 1.0:
        return 0.0
    if 1.0 - leaving >= 1.0:  # the logarithm would be 0, and one over it has no meaning
        return np.inf
    return math.floor(log(uniform(word)) / log(1.0 - leaving))


@njit(error_model="numpy")
def alone(p, state, seed, world, year, chain, k):
    """One chain from update k to the end of the epoch: jumping with `skip`, else the last few."""
    last = np.uint64(p.population)
    up, _ = rates(p, 0)
    _, down = rates(p, p.population)
    lane = chain % LANES
    n, filled = state.firsts[chain], np.int64(-1)
    while k < p.updates:
        if p.skip == 1 and (n == _0 or n == last):
            w, _, _, _ = draw(seed, world, year, name(chain, k), WAIT, NONE)
            wait = waiting(up if n == _0 else down, w)
            if wait >= p.updates - k:
                state.visits[n, lane] += p.updates - k
                break
            state.visits[n, lane] += np.int64(wait)
            n = _1 if n == _0 else last - _1
            k += np.int64(wait)
        else:
            at = k // 4
            if at // AHEAD != filled:
                filled = at // AHEAD
                for i in range(AHEAD):
                    state.persons[i] = name(chain, filled * AHEAD + i)
                fill(seed, world, year, state.persons[:AHEAD], WALK, NONE, state.words)
            n = moved(state.limits, n, state.words[k % 4, at % AHEAD])
        state.visits[n, lane] += 1
        k += 1
    state.firsts[chain] = n


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    """One epoch of every chain."""
    tabulate(p, state.limits)
    state.visits[:] = 0
    draws = 0 if p.skip == 1 else p.updates // 4
    for first in range(0, p.chains, LANES):
        together(state, seed, world, year, first, min(LANES, p.chains - first), draws)
    for chain in range(p.chains):
        alone(p, state, seed, world, year, chain, draws * 4)


@njit(error_model="numpy")
def observe(p, state, out):
    z, visits = p.population, state.visits
    updates = np.float64(p.updates) * p.chains
    mean, common, most = 0.0, 0, np.int64(0)
    for k in range(z + 1):
        here = visits[k].sum()
        mean += np.float64(here) * k
        if here > most:
            common, most = k, here
    mean /= updates
    square = 0.0
    for k in range(z + 1):
        square += visits[k].sum() * (k - mean) ** 2
    end = _0
    for chain in range(p.chains):
        end += state.firsts[chain]
    out[0] = mean / z
    out[1] = math.sqrt(square / updates) / z
    out[2] = common / z
    out[3] = most / updates
    out[4] = (visits[0].sum() + visits[z].sum()) / updates
    out[5] = end / (z * p.chains)
