"""Ohtsuki et al. 2006: a simple rule for the evolution of cooperation on graphs.

H. Ohtsuki, C. Hauert, E. Lieberman & M. A. Nowak, "A simple rule for the evolution of cooperation on graphs and social
networks", Nature 441:502-505 (2006).

Question. People on the nodes of a graph help their neighbours or don't. When does one cooperator among defectors take
over more often than luck alone would have it, which is once in N nodes?

Rules. A cooperator (C) pays c for each neighbour, and each neighbour gets b. With n cooperators among d neighbours:

    payoff P of C = b n - c d      payoff of D = b n      fitness f = 1 - w + w P, at least 0

One event, by `update`:

    0 death-birth  a random node dies; a neighbour, picked with weight f, puts its own type there
    1 birth-death  a parent, picked with weight f among all, puts its type in place of a random neighbour
    2 imitation    a random node takes the type of itself or a neighbour, picked with weight f

Fitness is what it was before the event: whoever is about to die still counts in the neighbours' payoffs.

Limits. w = 0, on any graph in one piece: a cooperator takes over with probability 1/N. For N much larger than k and
w → 0, cooperation is favoured when b/c > k (death-birth) or b/c > k + 2 (imitation), and never under birth-death.
Death-birth on a graph that looks the same from every node (ring, lattice), exact to first order in w (Taylor, Day &
Wild 2007; Allen et al. 2017):

    ρ = 1/N + w (k/(2N)) [b (N/k - 2) - c (N - 2)],      so that (b/c)* = (N - 2)/(N/k - 2)

One step is a trial: everybody a defector but one at a random node, until all are alike or `most_events` events are
made. Trials are independent, so that means over worlds and steps are probabilities; but a world draws its random graph
once, for all its trials, so that with random graphs only the worlds are independent.

Sources. The three rules were read in a text checked against the supplement by others. N = 100 and w = 0.01 of the
simulations, and that they were made on rings, lattices, random regular and scale-free graphs with thresholds a little
above k, are recalled. The finite-N value is a later result, checked against the full Markov chain on small rings.

Settled here: the paper says nothing of fitness below zero (held at 0; if nobody in question has any, all are as likely)
nor of how its graphs were drawn. Random regular: a ring of that degree, then 20 tries an edge to exchange the ends of
two random edges (those that would give a loop or a double edge are dropped); it may, rarely, fall in two, and then
trials that end with one type in each part are given up. Scale-free: Barabási & Albert 1999, from k/2 + 1 nodes all
linked, k/2 links a newcomer; its mean degree falls a little short of k.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from pydantic import BaseModel, model_validator

from bestowal.kernels.choice import above, resum
from bestowal.kernels.rng import below, chance, draw, fill, uniform
from bestowal.models.registry import STRICT, Model, Observable, param

RING, LATTICE, REGULAR, SCALE_FREE = 0, 1, 2, 3
DEATH_BIRTH, BIRTH_DEATH, IMITATION = 0, 1, 2


# fmt: off
class Params(BaseModel):
    model_config = STRICT

    nodes: int = param(
        100, "nodes of the graph, a person on each", unit="persons", low=3, high=100_000, symbol="N",
        source="the paper's simulations (recalled)", group="graph", fixed=True,
    )
    degree: int = param(
        4, "neighbours of a node; about their mean in a scale-free graph", unit="persons", low=2, high=1000,
        symbol="k", source="one of the paper's 2 to 10 (recalled)", group="graph", fixed=True,
    )
    graph: int = param(
        0, "0 ring, 1 square lattice on a torus, 2 random regular, 3 scale-free", unit="kind", low=0, high=3,
        source="one of the paper's (recalled)", group="graph", fixed=True,
    )
    update: int = param(
        0, "0 death-birth, 1 birth-death, 2 imitation", unit="kind", low=0, high=2, source="the paper's first case",
        group="rule",
    )
    benefit: float = param(
        8.0, "what a cooperator gives each neighbour", unit="payoff", low=0, high=1000, symbol="b",
        source="assumed: well above the threshold", group="game",
    )
    cost: float = param(
        1.0, "what that costs the cooperator, for each neighbour", unit="payoff", low=0, high=1000, symbol="c",
        source="the paper's unit of payoff (recalled)", group="game",
    )
    selection: float = param(
        0.01, "weight of payoff in fitness", unit="share", low=0, high=1, symbol="w",
        source="the paper's simulations (recalled)", group="game",
    )
    most_events: int = param(
        10_000_000, "events after which a trial is given up", unit="events", low=1, high=1_000_000_000,
        source="assumed", group="computing", needs={"nodes": 5000, "degree": 2, "benefit": 100},
    )

    @model_validator(mode="after")
    def _fits(self) -> "Params":
        nodes, degree = self.nodes, self.degree
        side = round(nodes**0.5)
        if degree >= nodes:
            raise ValueError(f"degree = {degree}: must be less than nodes = {nodes}")
        if self.graph == RING and degree % 2:
            raise ValueError(f"degree = {degree}: must be even on a ring")
        if self.graph == LATTICE and degree != 4:
            raise ValueError(f"degree = {degree}: must be 4 on a lattice")
        if self.graph == LATTICE and (side * side != nodes or side < 3):
            raise ValueError(f"nodes = {nodes}: must be the square of 3 or more on a lattice")
        if self.graph == REGULAR and (degree < 3 or 2 * degree >= nodes):
            raise ValueError(f"degree = {degree}: must be from 3 to less than half of nodes in a random regular graph")
        if self.graph == REGULAR and degree % 2 and nodes % 2:
            raise ValueError(f"nodes = {nodes}: must be even in a random regular graph of odd degree")
        if self.graph == SCALE_FREE and degree % 2:
            raise ValueError(f"degree = {degree}: must be even in a scale-free graph")
        if self.graph == SCALE_FREE and nodes <= degree // 2 + 1:
            raise ValueError(f"nodes = {nodes}: must be more than degree / 2 + 1 in a scale-free graph")
        return self
# fmt: on


MODEL = Model(
    name="ohtsuki_2006",
    title="Ohtsuki and others 2006: a simple rule for the evolution of cooperation on graphs",
    params=Params,
    observables=(
        Observable(
            "fixed",
            "1",
            "1 if cooperators took over, 0 if defectors did",
            0,
            1,
            undefined="where the trial was given up",
        ),
        Observable("events", "events", "events until all were alike or the trial was given up", 0, float("inf")),
        Observable("mean_degree", "persons", "mean number of neighbours in this world's graph", 0, float("inf")),
    ),
    kernels=__name__,
    step="trial",
    steps=1000,
)

# Purposes of luck.
GRAPH = np.int64(1)  # year 0. Random regular: person = try; w0, w1 the edges, w2 whether the second is turned round.
#                      Scale-free: person = newcomer * LINKS + link, index = try; w0 whom it links to
MUTANT = np.int64(2)  # person 0; w0 the first cooperator's node
EVENT = np.int64(3)  # person = number of the event. Death-birth and imitation: w0 the node, w1 whom it takes after.
#                      Birth-death: w0 the parent, w1 which neighbour it replaces

NONE = np.int64(0)  # np.int64 where a number is handed to a function: one compilation, not one a value
BLOCK = 64  # events whose luck is drawn at once, which is several times faster than one by one
LINKS = 1024
TRIES = 256
TRIES_AN_EDGE = 20
FIXED, EVENTS, DEGREE = 0, 1, 2


class State(NamedTuple):
    starts: np.ndarray  # (N + 1,) int64: the neighbours of i are neighbours[starts[i]:starts[i + 1]]
    neighbours: np.ndarray  # (2 * edges,) int32, nodes, ascending for each node
    ends: np.ndarray  # (2 * edges,) int32, nodes: both ends of each edge, while the graph is made
    kind: np.ndarray  # (N,) int8: 1 C, 0 D
    unlike: np.ndarray  # (N,) int32: neighbours of the other type
    weight: np.ndarray  # (N,) fitness, kept up under birth-death only
    running: np.ndarray  # (N,) sums of fitness from the left: of all under birth-death, else of one neighbourhood
    persons: np.ndarray  # (BLOCK,) uint64, persons of the draws in `words`
    words: np.ndarray  # (4, BLOCK) uint32
    result: np.ndarray  # (3,) the observables


@njit(error_model="numpy")
def edges(p):
    """How many edges the graph has."""
    if p.graph == SCALE_FREE:
        g = p.degree // 2
        return g * (g + 1) // 2 + (p.nodes - g - 1) * g
    return p.nodes * p.degree // 2


@njit(error_model="numpy")
def allocate(p):
    """The arrays of a `State`, shapes and units as there."""
    n, e = p.nodes, edges(p)
    return State(
        np.empty(n + 1, np.int64),
        np.empty(2 * e, np.int32),
        np.empty(2 * e, np.int32),
        np.empty(n, np.int8),
        np.empty(n, np.int32),
        np.empty(n),
        np.empty(n),
        np.empty(BLOCK, np.uint64),
        np.empty((4, BLOCK), np.uint32),
        np.empty(3),
    )


# ------------------------------------------------------------------------------------------------------ graphs


@njit(error_model="numpy")
def start(p, state, seed, world):
    """Make this world's graph. Types and fitness are set by each trial."""
    if p.graph == LATTICE:
        link_lattice(p, state)
    elif p.graph == SCALE_FREE:
        link_scale_free(p, state, seed, world)
    else:
        link_ring(p, state)
    adjoin(state)
    if p.graph == REGULAR:
        exchange(p, state, seed, world)
    order(state)
    state.result[:] = np.nan
    state.result[DEGREE] = state.neighbours.size / p.nodes


@njit(error_model="numpy")
def link_ring(p, state):
    """Each node with those up to degree/2 further on; if the degree is odd, also with the node across."""
    n, half = p.nodes, p.degree // 2
    for i in range(n):
        for d in range(1, half + 1):
            at = 2 * (i * half + d - 1)
            state.ends[at] = i
            state.ends[at + 1] = (i + d) % n
    if p.degree % 2 == 1:
        for i in range(n // 2):
            at = 2 * (n * half + i)
            state.ends[at] = i
            state.ends[at + 1] = i + n // 2


@njit(error_model="numpy")
def link_lattice(p, state):
    """Each node with the one to the right and the one below."""
    n = p.nodes
    side = np.int64(math.sqrt(n) + 0.5)
    for i in range(n):
        row, column = i // side, i % side
        state.ends[4 * i] = i
        state.ends[4 * i + 1] = row * side + (column + 1) % side
        state.ends[4 * i + 2] = i
        state.ends[4 * i + 3] = (i + side) % n


@njit(error_model="numpy")
def link_scale_free(p, state, seed, world):
    """Newcomers link to those who have many links: to a random end of the edges there are."""
    ends, g = state.ends, p.degree // 2
    at = 0
    for i in range(g + 1):
        for j in range(i + 1, g + 1):
            ends[at] = i
            ends[at + 1] = j
            at += 2
    for v in range(g + 1, p.nodes):
        there = np.int64(at)  # the newcomer's own links don't count until it has all of them
        for a in range(g):
            target = np.int64(-1)
            for attempt in range(TRIES):
                w0, _, _, _ = draw(seed, world, NONE, v * LINKS + a, GRAPH, attempt)
                candidate = np.int64(ends[below(w0, there)])
                if not linked(ends, there, at, candidate):
                    target = candidate
                    break
            if target < 0:
                target = np.int64(0)
                while linked(ends, there, at, target):
                    target += 1
            ends[at] = v
            ends[at + 1] = target
            at += 2


@njit(error_model="numpy")
def linked(ends, first, last, node):
    """Whether a node is the far end of an edge in ends[first:last]."""
    for at in range(first + 1, last, 2):
        if ends[at] == node:
            return True
    return False


@njit(error_model="numpy")
def adjoin(state):
    """The neighbours of each node, in any order, from the ends of the edges."""
    starts, ends, place = state.starts, state.ends, state.unlike
    starts[:] = 0
    for at in range(ends.size):
        starts[ends[at] + 1] += 1
    for i in range(1, starts.size):
        starts[i] += starts[i - 1]
    place[:] = starts[:-1]
    for at in range(ends.size):
        i = ends[at]
        state.neighbours[place[i]] = ends[at ^ 1]
        place[i] += 1


@njit(error_model="numpy")
def order(state):
    """Sort everybody's neighbours: each node, in ascending order, is handed to those it is linked with."""
    starts, neighbours, ordered, place = state.starts, state.neighbours, state.ends, state.unlike
    place[:] = starts[:-1]
    for i in range(place.size):
        for at in range(starts[i], starts[i + 1]):
            j = neighbours[at]
            ordered[place[j]] = i
            place[j] += 1
    neighbours[:] = ordered


@njit(error_model="numpy")
def exchange(p, state, seed, world):
    """Mix a regular graph: two random edges exchange ends, over and over, and all degrees stay as they are."""
    ends, k = state.ends, p.degree
    count = ends.size // 2
    for s in range(TRIES_AN_EDGE * count):
        i = s & (BLOCK - 1)
        if i == 0:
            draw_block(seed, world, NONE, s, GRAPH, state)
        e, f = 2 * below(state.words[0, i], count), 2 * below(state.words[1, i], count)
        a, b, x, y = ends[e], ends[e + 1], ends[f], ends[f + 1]
        if chance(state.words[2, i], 0.5):
            x, y = y, x
        if a == x or a == y or b == x or b == y or find(state.neighbours, a, k, y) >= 0:
            continue
        if find(state.neighbours, x, k, b) >= 0:
            continue
        ends[e + 1] = y
        ends[f] = x
        ends[f + 1] = b
        state.neighbours[find(state.neighbours, a, k, b)] = y
        state.neighbours[find(state.neighbours, b, k, a)] = x
        state.neighbours[find(state.neighbours, x, k, y)] = b
        state.neighbours[find(state.neighbours, y, k, x)] = a


@njit(error_model="numpy")
def find(neighbours, node, k, other):
    """Where `other` stands among the k neighbours of a node of a regular graph; -1 if they are not linked."""
    first = np.int64(node) * k
    for at in range(first, first + k):
        if neighbours[at] == other:
            return at
    return np.int64(-1)


@njit(error_model="numpy")
def draw_block(seed, world, year, first, purpose, state):
    """The luck of persons `first` and the next, a block of them, into `words`."""
    for j in range(BLOCK):
        state.persons[j] = first + j
    fill(seed, world, year, state.persons, purpose, NONE, state.words)


# ----------------------------------------------------------------------------------------------------- trials


@njit(error_model="numpy", forceinline=True)
def fitness(p, state, i):
    degree = state.starts[i + 1] - state.starts[i]
    if state.kind[i] == 1:
        payoff = p.benefit * (degree - state.unlike[i]) - p.cost * degree
    else:
        payoff = p.benefit * state.unlike[i]
    return max(1.0 - p.selection + p.selection * payoff, 0.0)


@njit(error_model="numpy", forceinline=True)
def picked(running, n, word):
    """One of n by weight, from the running sums of their weights; all alike where nobody weighs anything."""
    total = running[n - 1]
    if total <= 0.0:
        return below(word, n)
    return above(running, n, uniform(word) * total)


@njit(error_model="numpy")
def flip(state, i):
    """Node i turns to the other type. Returns by how much that moves the number of cooperators."""
    now = 1 - state.kind[i]
    state.kind[i] = now
    first, last = state.starts[i], state.starts[i + 1]
    state.unlike[i] = last - first - state.unlike[i]
    for at in range(first, last):
        j = state.neighbours[at]
        state.unlike[j] += -1 if state.kind[j] == now else 1
    return np.int64(2 * now - 1)


@njit(error_model="numpy")
def reweigh(p, state, i):
    """Under birth-death, bring fitness and its running sums up to date after node i turned."""
    first, last = state.starts[i], state.starts[i + 1]
    state.weight[i] = fitness(p, state, i)
    for at in range(first, last):
        j = state.neighbours[at]
        state.weight[j] = fitness(p, state, j)
    resum(state.weight, state.running, min(np.int64(i), np.int64(state.neighbours[first])))


@njit(error_model="numpy")
def heir(p, state, i, own, word):
    """The node whose type node i takes: one of its neighbours or, if `own` is 1, itself, by fitness."""
    first = state.starts[i]
    n = state.starts[i + 1] - first
    total = 0.0
    if own == 1:
        total += fitness(p, state, i)
        state.running[0] = total
    for a in range(n):
        total += fitness(p, state, state.neighbours[first + a])
        state.running[own + a] = total
    a = picked(state.running, n + own, word) - own
    return np.int64(state.neighbours[first + a]) if a >= 0 else i


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    """One trial."""
    n, most = p.nodes, p.most_events
    by_birth, own = p.update == BIRTH_DEATH, np.int64(p.update == IMITATION)
    state.kind[:] = 0
    state.unlike[:] = 0
    w0, _, _, _ = draw(seed, world, year, NONE, MUTANT, NONE)
    cooperators, t = flip(state, below(w0, n)), np.int64(0)
    if by_birth:
        for i in range(n):
            state.weight[i] = fitness(p, state, i)
        resum(state.weight, state.running, NONE)
    while 0 < cooperators and cooperators < n and t < most:
        at = t & (BLOCK - 1)
        if at == 0:
            draw_block(seed, world, year, t, EVENT, state)
        t += 1
        if by_birth:
            parent = picked(state.running, n, state.words[0, at])
            if state.unlike[parent] == 0:
                continue
            first = state.starts[parent]
            i = np.int64(state.neighbours[first + below(state.words[1, at], state.starts[parent + 1] - first)])
        else:
            i = below(state.words[0, at], n)
            if state.unlike[i] == 0:
                continue  # all around are like it: whoever is picked, nothing changes
            parent = heir(p, state, i, own, state.words[1, at])
        if state.kind[parent] != state.kind[i]:
            cooperators += flip(state, i)
            if by_birth:
                reweigh(p, state, i)
    state.result[FIXED] = np.nan if 0 < cooperators and cooperators < n else np.float64(cooperators > 0)
    state.result[EVENTS] = t


@njit(error_model="numpy")
def observe(p, state, out):
    out[:] = state.result
