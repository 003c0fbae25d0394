"""Hauert et al. 2007: freedom to stay out lets costly punishment take hold.

C. Hauert, A. Traulsen, H. Brandt, M. A. Nowak and K. Sigmund, "Via freedom to coercion: the emergence of costly
punishment", Science 316 (2007) 1905-1907.

Question: contributors who punish at their own cost cannot invade defectors. Can they where joining is voluntary?

Rules. M individuals of four types: cooperator X, defector Y, loner Z, punisher W. Each plays public goods games with
N - 1 others drawn without replacement. A loner gets σ for certain. With S participants, the player included:

    S = 1    σ
    S > 1    r·c·(contributors X and W)/S, less c for a contributor,
             less β per punisher for a defector, less γ per defector for a punisher

Payoff π is the mean over all draws of co-players. With z loners about, S - 1 is hypergeometric, and the means are

    a = P(S = 1) = C(z, N-1)/C(M-1, N-1)        b = E[1/S; S > 1] = (M - a(z - N + 1))/(N(M - z)) - a

Fitness is 1 - s + s·π, and no less than 0. An update of the Moran process: a parent by fitness, its child of the same
type or, with chance μ, of another; the child takes the place of anybody, the parent included.

The exact chain: as μ goes to 0 the population is nearly always of one type, and goes from type i to type j with
ρ_ij/(types - 1), where ρ_ij = 1/(1 + Σ_k Π_{l≤k} f_i/f_j) is the chance that one j among M - 1 of i takes over.

Limits. s = 0: nothing is selected; ρ = 1/M and all types share time alike. Without defectors X and W are the same.
Without loners defectors have nearly all the time. μ = 0: the starting type stays for ever.

One step is an epoch of `updates` births. Observables are means over its updates; the exact ones are of the step's
parameters and owe nothing to luck or to μ.

Where the numbers come from. s = 0.249, M = 100, the process, and the shares of time with and without loners were read
in notes made from the paper. N, r, c, σ, β, γ and μ are recalled; given the rest the published shares single out s, but
they hardly depend on β and γ around these values.

Settled here. Fitness that would be negative is 0: the paper keeps to weak enough selection. Where everybody's fitness
is 0 anybody may be the parent, with equal chance. A mutant whose fitness is 0 on the way never takes over,
and neither does one whose chance of it is below 1e-290. Where some types can then never be left, the exact
shares are those of a history that begins with the starting type; elsewhere the start makes no difference. An epoch
without updates shows the population as it stands.
"""

from typing import NamedTuple, Self

import numpy as np
from numba import njit
from pydantic import BaseModel, model_validator

from bestowal.kernels.elementary import exp, log
from bestowal.kernels.rng import below, chance, draw, uniform
from bestowal.models.registry import STRICT, Model, Observable, param

READ = "Hauert et al. 2007, read in notes made from the paper"
RECALLED = "Hauert et al. 2007, recalled"


# fmt: off
class Params(BaseModel):
    model_config = STRICT

    # population
    population: int = param(
        100, "individuals", unit="persons", low=4, high=10000, symbol="M", source=READ, group="population", fixed=True
    )
    selection: float = param(
        0.249, "weight of payoff in fitness", unit="share", low=0, high=1, symbol="s", source=READ, group="population"
    )
    mutation: float = param(
        0.001, "chance that a child is of another type", unit="share", low=0, high=1, symbol="μ", source=RECALLED,
        group="population",
    )
    updates: int = param(
        10000, "births in an epoch (0: only the exact chain)", unit="births", low=0, high=1000000000,
        source="assumed: a hundred births an individual", group="population",
    )
    start_type: int = param(
        1, "everybody's type at the start: 0 cooperator, 1 defector, 2 loner, 3 punisher (1 where that is missing)",
        unit="type", low=0, high=3, source="assumed: the hardest start", group="population", fixed=True,
    )
    loners: int = param(
        1, "whether anybody may stay out (0, 1)", unit="1", low=0, high=1, source=READ, group="population", fixed=True
    )
    punishers: int = param(
        1, "whether there are punishers (0, 1)", unit="1", low=0, high=1, source=READ, group="population", fixed=True
    )

    # game
    sample: int = param(
        5, "individuals offered a game, no more than the population", unit="persons", low=2, high=100, symbol="N",
        source=RECALLED, group="game",
    )
    multiplication: float = param(
        3.0, "what a contribution grows to", unit="ratio", low=0, high=100, symbol="r", source=RECALLED, group="game"
    )
    contribution: float = param(
        1.0, "cost of contributing", unit="payoff", low=0, high=100, symbol="c", source=RECALLED, group="game"
    )
    loner_payoff: float = param(
        1.0, "payoff of staying out, and of being left without partners", unit="payoff", low=-100, high=100,
        symbol="σ", source=RECALLED, group="game",
    )
    fine: float = param(
        1.0, "what a defector loses to each punisher in the game", unit="payoff", low=0, high=100, symbol="β",
        source=RECALLED, group="game",
    )
    fine_cost: float = param(
        0.3, "what a punisher pays for each defector in the game", unit="payoff", low=0, high=100, symbol="γ",
        source=RECALLED, group="game",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.sample > self.population:
            raise ValueError(f"sample = {self.sample}: must be no more than population = {self.population}")
        return self
# fmt: on


MODEL = Model(
    name="hauert_2007",
    title="Public goods with loners and costly punishers",
    params=Params,
    # The order is the order in which `observe` writes them.
    observables=(
        Observable("cooperators", "share", "cooperators X, mean over the epoch", 0, 1),
        Observable("defectors", "share", "defectors Y, mean over the epoch", 0, 1),
        Observable("loners_share", "share", "loners Z, mean over the epoch", 0, 1),
        Observable("punishers_share", "share", "punishers W, mean over the epoch", 0, 1),
        Observable("pure", "share", "updates after which all were of one type", 0, 1),
        Observable("exact_cooperators", "share", "time at all X as mutation goes to 0", 0, 1),
        Observable("exact_defectors", "share", "time at all Y as mutation goes to 0", 0, 1),
        Observable("exact_loners", "share", "time at all Z as mutation goes to 0; 0 where there are none", 0, 1),
        Observable("exact_punishers", "share", "time at all W as mutation goes to 0; 0 where there are none", 0, 1),
    ),
    kernels=__name__,
    step="epoch",
    steps=1000,
)

# Types, in the paper's order x, y, z, w.
X = np.int64(0)
Y = np.int64(1)
Z = np.int64(2)
W = np.int64(3)

# Purposes of luck. The person is the number of the update in its epoch.
UPDATE = np.int64(1)  # 0 the parent, 1 whether its child is a mutant, 2 of what type, 3 who dies
WAIT = np.int64(2)  # of a population of one type: 0 how many updates until a mutant, 1 of what type
INDEX = np.int64(0)

LEAST = 1e-290  # a chance of taking over below this is none: far above the smallest numbers, where precision ends
RETURN = 1e-300  # see `settle`


class State(NamedTuple):
    counts: np.ndarray  # (4,) int64: individuals of each type
    tally: np.ndarray  # (6,) int64: counts summed over the epoch's updates, updates at one type, updates
    draws: np.ndarray  # (3, M + 1) float64, by number of loners: a, b and (1 - a - b) per other participant
    known: np.ndarray  # (7,) float64: the parameters of which `draws` and `exact` are
    exact: np.ndarray  # (4,) float64: shares of time of the types
    chain: np.ndarray  # (4, 4) float64: scratch


@njit(error_model="numpy")
def allocate(p):
    """Counts in individuals, shares of time: see `State`."""
    return State(
        np.zeros(4, np.int64),
        np.zeros(6, np.int64),
        np.zeros((3, p.population + 1)),
        np.zeros(7),
        np.zeros(4),
        np.zeros((4, 4)),
    )


@njit(error_model="numpy")
def start(p, state, seed, world):
    state.counts[:] = 0
    state.counts[first(p)] = p.population
    state.tally[:] = 0
    state.known[:] = np.nan  # unlike any parameters: the first step works everything out
    state.exact[:] = 0.0


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    if changed(p, state.known):
        tabulate(p, state.draws)
        settle(p, state)
    births(p, state, seed, world, year)


@njit(error_model="numpy")
def observe(p, state, out):
    counts, tally, exact = state.counts, state.tally, state.exact
    if tally[5] > 0:
        whole = np.float64(tally[5]) * np.float64(p.population)
        for i in range(4):
            out[i] = tally[i] / whole
        out[4] = tally[4] / tally[5]
    else:
        for i in range(4):
            out[i] = counts[i] / p.population
        out[4] = 1.0 if counts[resident(counts)] == p.population else 0.0
    for i in range(4):
        out[5 + i] = exact[i]


@njit(error_model="numpy")
def allowed(p, kind):
    return kind < Z or (kind == Z and p.loners == 1) or (kind == W and p.punishers == 1)


@njit(error_model="numpy")
def n_allowed(p):
    return np.int64(2) + p.loners + p.punishers


@njit(error_model="numpy")
def first(p):
    """The type of everybody at the start."""
    kind = np.int64(p.start_type)
    return kind if allowed(p, kind) else Y


@njit(error_model="numpy")
def other(p, own, number):
    """The allowed type with that number, in order and leaving out `own` (-1: none is left out)."""
    passed = np.int64(0)
    for kind in range(4):
        if kind != own and allowed(p, kind):
            if passed == number:
                return np.int64(kind)
            passed += 1
    return own


@njit(error_model="numpy")
def resident(counts):
    """The most frequent type, the first of equals."""
    best = X
    for kind in range(1, 4):
        if counts[kind] > counts[best]:
            best = np.int64(kind)
    return best


@njit(error_model="numpy")
def changed(p, known):
    """Whether what `draws` and `exact` depend on is different from last time; noted for the next."""
    now = (
        np.float64(p.sample),
        p.multiplication,
        p.contribution,
        p.loner_payoff,
        p.fine,
        p.fine_cost,
        p.selection,
    )
    different = False
    for i in range(7):
        if known[i] != now[i]:
            different = True
        known[i] = now[i]
    return different


@njit(error_model="numpy")
def tabulate(p, draws):
    """For a participant in a population with z loners: a, b, and E[(S - 1)/S; S > 1] per other participant there is.

    The last, times the number of other contributors, is the mean of their share among the S in the game: the co-players
    who take part are drawn evenly from all other participants.
    """
    size, sample = np.float64(p.population), np.float64(p.sample)
    alone = 1.0
    for z in range(p.population - 1, -1, -1):
        share = (size - alone * (z - sample + 1.0)) / (sample * (size - z)) - alone
        others = size - z - 1.0
        draws[0, z] = alone
        draws[1, z] = share
        draws[2, z] = ((1.0 - alone) - share) / others if others > 0.0 else 0.0
        # Down from certainty by C(z - 1, N - 1)/C(z, N - 1): exactly 0 once there are too few loners to fill a game.
        alone *= max(z - sample + 1.0, 0.0) / z if z > 0 else 0.0
    draws[:, p.population] = 0.0  # nobody takes part


@njit(error_model="numpy", forceinline=True)
def fitness(p, draws, x, y, z, w):
    """Fitness of each type in a population of these counts; without meaning for a type that is not there."""
    alone, share, each = draws[0, z], draws[1, z], draws[2, z]
    pool = p.multiplication * p.contribution
    met = (p.sample - 1.0) / (p.population - 1.0)
    stays = p.loner_payoff * alone
    contributors = np.float64(x + w)
    gives = stays + pool * (share + (contributors - 1.0) * each) - p.contribution * (1.0 - alone)
    takes = stays + pool * (contributors * each)
    base, s = 1.0 - p.selection, p.selection
    return (
        max(base + s * gives, 0.0),
        max(base + s * (takes - p.fine * met * w), 0.0),
        max(base + s * p.loner_payoff, 0.0),
        max(base + s * (gives - p.fine_cost * met * y), 0.0),
    )


@njit(error_model="numpy")
def takeover(p, draws, mutant, common):
    """ρ: the chance that one mutant among M - 1 of the common type takes over."""
    size = np.int64(p.population)
    total = 1.0
    product = 0.0  # its logarithm, so that it may pass through very small values and come back
    over = False  # the product is 0 from here on
    for n in range(1, size):
        x = n if mutant == X else (size - n if common == X else np.int64(0))
        y = n if mutant == Y else (size - n if common == Y else np.int64(0))
        z = n if mutant == Z else (size - n if common == Z else np.int64(0))
        w = n if mutant == W else (size - n if common == W else np.int64(0))
        f = fitness(p, draws, x, y, z, w)
        if f[mutant] <= 0.0:
            return 0.0
        if f[common] <= 0.0:
            over = True
        if not over:
            product += log(f[common]) - log(f[mutant])
            total += exp(product)
    rho = 1.0 / total
    return rho if rho >= LEAST else 0.0


@njit(error_model="numpy")
def settle(p, state):
    """Exact shares of time, by elimination without subtraction (Grassmann, Taksar and Heyman 1985).

    Every type but the first has a chance RETURN of going back to it. That is too small to move any share where each
    type can be left, and gives the shares of a history from the first type where some cannot: nothing is divided by 0.
    """
    chain, exact = state.chain, state.exact
    n = n_allowed(p)
    begin = first(p)
    for i in range(n):
        common = begin if i == 0 else other(p, begin, i - 1)
        for j in range(n):
            if j != i:
                mutant = begin if j == 0 else other(p, begin, j - 1)
                chain[i, j] = takeover(p, state.draws, mutant, common) / (n - 1)
        if i > 0:
            chain[i, 0] += RETURN
    for k in range(n - 1, 0, -1):
        leaves = 0.0
        for j in range(k):
            leaves += chain[k, j]
        for i in range(k):
            chain[i, k] /= leaves
        for i in range(k):
            for j in range(k):
                if j != i:
                    chain[i, j] += chain[i, k] * chain[k, j]
    exact[:] = 0.0
    exact[begin] = 1.0
    whole = 1.0
    for k in range(1, n):
        visits = 0.0
        for i in range(k):
            visits += exact[begin if i == 0 else other(p, begin, i - 1)] * chain[i, k]
        exact[other(p, begin, k - 1)] = visits
        whole += visits
    for i in range(4):
        exact[i] /= whole


@njit(error_model="numpy")
def pause(word, mutation, left):
    """Updates without a mutant before the next, or `left` where it does not come within so many."""
    if mutation >= 1.0:
        return np.int64(0)
    rate = log(1.0 - mutation)
    if rate == 0.0:
        return left
    updates = log(uniform(word)) / rate
    return left if updates >= left else np.int64(updates)


@njit(error_model="numpy")
def births(p, state, seed, world, year):
    """The epoch's updates. A population of one type waits for its next mutant in one draw."""
    counts, tally, draws = state.counts, state.tally, state.draws
    size, n_updates, mutation = np.int64(p.population), np.int64(p.updates), p.mutation
    n_other = n_allowed(p) - 1
    x, y, z, w = counts[X], counts[Y], counts[Z], counts[W]
    sum_x = sum_y = sum_z = sum_w = sum_pure = np.int64(0)
    k = np.int64(0)
    while k < n_updates:
        if x == size or y == size or z == size or w == size:
            word, kind, _, _ = draw(seed, world, year, k, WAIT, INDEX)
            wait = pause(word, mutation, n_updates - k)
            sum_x += wait * x
            sum_y += wait * y
            sum_z += wait * z
            sum_w += wait * w
            sum_pure += wait
            k += wait
            if k == n_updates:
                break
            dead = Y if y == size else (X if x == size else (Z if z == size else W))
            child = other(p, dead, below(kind, n_other))
        else:
            word, odd, kind, death = draw(seed, world, year, k, UPDATE, INDEX)
            f = fitness(p, draws, x, y, z, w)
            to_x = x * f[0]
            to_y = to_x + y * f[1]
            to_z = to_y + z * f[2]
            to_w = to_z + w * f[3]
            if to_w > 0.0:
                at = uniform(word) * to_w
                child = np.int64(at >= to_x) + np.int64(at >= to_y) + np.int64(at >= to_z)
            else:  # nobody is fit: everybody alike
                at_place = below(word, size)
                child = np.int64(at_place >= x) + np.int64(at_place >= x + y) + np.int64(at_place >= x + y + z)
            if chance(odd, mutation):
                child = other(p, child, below(kind, n_other))
            place = below(death, size)
            dead = np.int64(place >= x) + np.int64(place >= x + y) + np.int64(place >= x + y + z)
        x += np.int64(child == X) - np.int64(dead == X)
        y += np.int64(child == Y) - np.int64(dead == Y)
        z += np.int64(child == Z) - np.int64(dead == Z)
        w += np.int64(child == W) - np.int64(dead == W)
        sum_x += x
        sum_y += y
        sum_z += z
        sum_w += w
        sum_pure += np.int64(x == size or y == size or z == size or w == size)
        k += 1
    counts[X], counts[Y], counts[Z], counts[W] = x, y, z, w
    tally[0], tally[1], tally[2], tally[3], tally[4], tally[5] = sum_x, sum_y, sum_z, sum_w, sum_pure, n_updates
