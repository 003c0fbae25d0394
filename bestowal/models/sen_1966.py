"""Sen 1966, Holmström 1982, Kandel & Lazear 1992: how hard people work who share their product.

A. K. Sen, "Labour allocation in a cooperative enterprise", Review of Economic Studies 33 (1966) 361-371.
B. Holmström, "Moral hazard in teams", Bell Journal of Economics 13 (1982) 324-340.
E. Kandel and E. P. Lazear, "Peer pressure and partnerships", Journal of Political Economy 100 (1992) 801-817.

Question. A team divides its product by need, by work, or in between. Do its members work too little or too much? What
do care for one another (Sen), a rule that may waste the product (Holmström) and pressure (Kandel & Lazear) change?

Rules. N members, efforts l_j with sum L, product F = K·L^η. A part α is divided equally (by need), the rest by work:

    y_j = α·F/N + (1 - α)·F·l_j/L        u_j = y_j - l_j²/2        P_j = g·(mean effort - l_j)

Member j maximises u_j + a·(the others' sum of u) - P_j. Pressure is felt by the member alone and is in nobody's u.
With c = (1 + a(N - 1))/N, the others' efforts M and L = M + l, the best answer is the root of the decreasing

    D(l) = K·η·(α·c + 1 - α)·L^(η-1) + K·(1 - α)(1 - η)(1 - a)·M·L^(η-2) - l + h

    h = g·(1 - 1/N) where the mean has the member in it, g where it is of the others, 0 for N = 1

(the derivative of the member's aim; what it gains by work and loses by others' lower pay per effort put together).
Efficient is l* = (K·η·N^(η-1))^(1/(2-η)). Equal efforts rest where

    l = K·(N·l)^(η-1)·η·φ + h        φ = c + (1 - a)(1 - α)(N - 1)/(N·η)

Forcing, Holmström's way out: everybody gets F/N if the product reaches the efficient F*, and nobody gets anything if it
falls short. A member fills what the others leave of N·l* if (1 + a(N - 1))·F*/N pays for it, and else does nothing.

Limits. h = 0: l/l* = φ^(1/(2-η)). a = 1: efficient for every α. a < 1: too little at α = 1, too much at α = 0 if η < 1.
Holmström's case is η = K = α = 1, a = g = 0: l = 1/N of the efficient. With pressure there, l = 1/N + g(1 - 1/N).

One step is a round: in an order drawn by lot each member moves to its best answer, or `adjustment` of the way, and sees
what those before it did.

Sources. Sen's division by need and by work and his weight on others' utility were read in the paper's opening and in a
text that sets it out; the conditions were derived again. The 1/N result, forcing and pressure are recalled. The papers
hold for general functions: the power, the square and the linear pressure are chosen here, for closed forms.

Settled here. One and the same a for every pair of members. Care doesn't reach to what pressure does to others. Efforts
at the start are drawn evenly between 0 and twice `start_effort`, so that members differ. The product counts as
reached within one part in 1e9 of effort, as sums are rounded. Pressure with forcing is refused rather than ignored.
"""

from typing import NamedTuple, Self

import numpy as np
from numba import njit
from pydantic import BaseModel, model_validator

from bestowal.kernels.choice import order
from bestowal.kernels.elementary import exp, log
from bestowal.kernels.rng import fill, uniform
from bestowal.models.registry import STRICT, Model, Observable, param

INF = float("inf")
SEN = "Sen 1966, read in its opening and in a text that sets it out"
HOLMSTROM = "Holmström 1982, recalled"
KANDEL = "Kandel & Lazear 1992, recalled; linear form assumed"
PRESSED = {"pressure": 0.5}


# fmt: off
class Params(BaseModel):
    model_config = STRICT

    # team
    members: int = param(
        10, "members", unit="persons", low=1, high=10000, symbol="N", source="assumed", group="team", fixed=True
    )
    elasticity: float = param(
        0.6, "elasticity of the product to labour", unit="1", low=0.05, high=1, symbol="η", source="assumed",
        group="team",
    )
    productivity: float = param(
        1.0, "product of one unit of labour (it sets the scale, and with it how much a given pressure is)",
        unit="product", low=0.01, high=100, symbol="K", source="assumed", group="team", needs=PRESSED,
    )

    # sharing
    by_need: float = param(
        1.0, "share of the product divided equally; the rest is divided by work", unit="share", low=0, high=1,
        symbol="α", source=SEN, group="sharing",
    )
    forcing: int = param(
        0, "whether nobody is paid unless the efficient product is reached (0, 1)", unit="1", low=0, high=1,
        source=HOLMSTROM, group="sharing",
    )

    # motive
    care: float = param(
        0.0, "weight of each other member's utility", unit="share", low=0, high=1, symbol="a", source=SEN,
        group="motive",
    )
    pressure: float = param(
        0.0, "what a unit of effort below the mean costs in pressure felt", unit="product per effort", low=0, high=10,
        symbol="g", source=KANDEL, group="motive",
    )
    pressure_mean_includes_self: int = param(
        1, "whether that mean has the member's own effort in it (0, 1)", unit="1", low=0, high=1, source="assumed",
        group="motive", needs=PRESSED,
    )

    # search
    adjustment: float = param(
        1.0, "part of the way to the best answer made in a round", unit="share", low=0.01, high=1, source="assumed",
        group="search",
    )
    start_effort: float = param(
        0.5, "mean effort at the start, efficient effort = 1", unit="ratio", low=0, high=5, source="assumed",
        group="search", fixed=True,
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.forcing == 1 and self.pressure > 0.0:
            raise ValueError(f"pressure = {self.pressure}: must be 0 with forcing = 1, where it is not felt")
        return self
# fmt: on


MODEL = Model(
    name="sen_1966",
    title="Work in a team that shares its product",
    params=Params,
    # The order is the order in which `observe` writes them.
    observables=(
        Observable("effort", "ratio", "mean effort, efficient effort = 1", 0, INF),
        Observable("solved", "ratio", "effort at which equal members rest, efficient effort = 1", 0, INF),
        Observable("surplus", "ratio", "product less the cost of effort, at the efficient effort = 1", -INF, INF),
        Observable("spread", "ratio", "largest less smallest effort, efficient effort = 1", 0, INF),
        Observable("moved", "ratio", "largest change of an effort in the round, efficient effort = 1", 0, INF),
    ),
    kernels=__name__,
    step="round",
    steps=60,
)

# Purposes of luck; the person is the member's number. Word 0: the effort at the start; the place in the round's order.
START = np.int64(1)
ORDER = np.int64(2)
INDEX = np.int64(0)

ENOUGH = 1e-9  # effort short of the efficient, as a part of it, that still counts as reaching it
FIRST = 1e-6  # least first guess of a best answer, efficient effort = 1: powers of less could overflow
NEAR = 1e-12  # a step of Newton's method so small leaves an error of about its square


class State(NamedTuple):
    effort: np.ndarray  # (N,) float64
    moved: np.ndarray  # (1,) float64: largest change of an effort in the round
    person: np.ndarray  # (N,) uint64: 0 .. N - 1, under which members draw
    turns: np.ndarray  # (N,) uint64: the members in the round's order
    words: np.ndarray  # (4, N) uint32: luck


@njit(error_model="numpy")
def allocate(p):
    """Efforts in units of the model, not of the efficient effort: see `State`."""
    n = p.members
    return State(
        np.zeros(n), np.zeros(1), np.arange(n).astype(np.uint64), np.zeros(n, np.uint64), np.zeros((4, n), np.uint32)
    )


@njit(error_model="numpy")
def start(p, state, seed, world):
    effort, words = state.effort, state.words
    mean = p.start_effort * efficient(p)
    fill(seed, world, np.int64(0), state.person, START, INDEX, words)
    for j in range(effort.size):
        effort[j] = mean * 2.0 * uniform(words[0, j])
    state.moved[0] = 0.0


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    effort, person, turns, words = state.effort, state.person, state.turns, state.words
    n = effort.size
    fill(seed, world, year, person, ORDER, INDEX, words)
    order(words[0], turns)
    goal = efficient(p)
    shared, raced, push = motives(p)
    # Summed afresh each round, so that the rounding of the running sum below never adds up.
    total = 0.0
    for j in range(n):
        total += effort[j]
    moved = 0.0
    for place in range(n):
        j = np.int64(turns[place])
        old = effort[j]
        others = max(total - old, 0.0)
        if p.forcing == 1:
            best = filled(p, others, goal)
        else:
            best = answer(p, shared, raced * others, others, push, max(old, FIRST * goal))
        effort[j] = old + p.adjustment * (best - old)
        total = others + effort[j]
        moved = max(moved, abs(effort[j] - old))
    state.moved[0] = moved


@njit(error_model="numpy")
def observe(p, state, out):
    effort = state.effort
    n = effort.size
    goal = efficient(p)
    total = cost = 0.0
    least = most = effort[0]
    for j in range(n):
        total += effort[j]
        cost += 0.5 * effort[j] * effort[j]
        least = min(least, effort[j])
        most = max(most, effort[j])
    product = produce(p, total)
    if p.forcing == 1:
        solved = 1.0
        if total < n * goal * (1.0 - ENOUGH):
            product = 0.0  # nobody is paid
    else:
        _, _, push = motives(p)
        solved = answer(p, together(p), 0.0, 0.0, push, goal) / goal
    out[0] = total / n / goal
    out[1] = solved
    out[2] = (product - cost) / (produce(p, n * goal) - n * 0.5 * goal * goal)
    out[3] = (most - least) / goal
    out[4] = state.moved[0] / goal


@njit(error_model="numpy")
def power(x, y):
    """x to the power y, x positive."""
    return exp(y * log(x))


@njit(error_model="numpy")
def produce(p, labour):
    return p.productivity * power(labour, p.elasticity) if labour > 0.0 else 0.0


@njit(error_model="numpy")
def efficient(p):
    """l*: the effort at which another's cost is what it adds to the product, the same for all."""
    eta = p.elasticity
    return power(p.productivity * eta * power(np.float64(p.members), eta - 1.0), 1.0 / (2.0 - eta))


@njit(error_model="numpy")
def regard(p):
    """c: what a member minds of a product divided equally, its own part and that of others as far as it cares."""
    return (1.0 + p.care * (p.members - 1.0)) / p.members


@njit(error_model="numpy")
def motives(p):
    """What moves a member, as D(l) has it: the factor of L^(η-1), that of M·L^(η-2), and h."""
    made = p.productivity * p.elasticity * (p.by_need * regard(p) + (1.0 - p.by_need))
    taken = p.productivity * (1.0 - p.by_need) * (1.0 - p.elasticity) * (1.0 - p.care)
    if p.members == 1:
        push = 0.0
    elif p.pressure_mean_includes_self == 1:
        push = p.pressure * (1.0 - 1.0 / p.members)
    else:
        push = p.pressure
    return made, taken, push


@njit(error_model="numpy")
def together(p):
    """The factor of l^(η-1) where all efforts are l: K·N^(η-1)·η·φ."""
    n, eta = np.float64(p.members), p.elasticity
    phi = regard(p) + (1.0 - p.care) * (1.0 - p.by_need) * (n - 1.0) / (n * eta)
    return p.productivity * power(n, eta - 1.0) * eta * phi


@njit(error_model="numpy")
def answer(p, made, taken, others, push, guess):
    """The l > 0 at which made·L^(η-1) + taken·L^(η-2) - l + push is 0, L = others + l, none of the factors negative.

    It is above 0 at l = 0 and falls, ever less steeply (η ≤ 1) but never more slowly than l grows. So no step of
    Newton's method ends right of the root: after the first, or the halvings that stand in for steps below 0, each
    further one comes nearer from the left.
    """
    eta = p.elasticity
    effort = guess
    for _ in range(200):
        labour = others + effort
        first = power(labour, eta - 1.0)
        second = first / labour
        value = made * first + taken * second - effort + push
        slope = made * (eta - 1.0) * second + taken * (eta - 2.0) * second / labour - 1.0
        better = effort - value / slope
        if better <= 0.0:
            better = 0.5 * effort
        small = abs(better - effort) <= NEAR * effort
        effort = better
        if small:
            break
    return effort


@njit(error_model="numpy")
def filled(p, others, goal):
    """The best answer under forcing: what is missing, if that is something and worth it, else nothing."""
    missing = p.members * goal - others
    worth = regard(p) * produce(p, p.members * goal)
    return missing if missing > ENOUGH * goal and worth - 0.5 * missing * missing >= 0.0 else 0.0
