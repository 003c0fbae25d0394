"""Traulsen & Nowak 2006: groups that split let cooperation spread.

A. Traulsen & M. A. Nowak, "Evolution of cooperation by multilevel selection", PNAS 103:10952-10955 (2006).

Question. Individuals reproduce, and groups that grow too large sometimes split in two and displace another group.
Nobody rewards a group and groups never fight. When does one cooperator among defectors take over more often than luck
alone would have it, which is once in N = groups * size?

Rules. Everybody plays the donation game with everybody else of the own group of s, k of them cooperators (C):

    payoff of C = b (k - 1)/(s - 1) - c      payoff of D = b k/(s - 1)      fitness f = 1 - w + w payoff, at least 0

One birth: a parent is picked from the whole population with weight f; its copy joins the same group, or with
probability λ another one. If that group now has more than n members, then with probability q it splits, each member
going to either half with probability 1/2 (again until both have somebody), and one of the other groups vanishes to
make room; otherwise a random member of it dies, the newborn among the candidates.

Limits. w = 0: a cooperator takes over with probability 1/N. q → 0 without migration, for any w: groups are uniform
between splits, so that it is the product of fixation inside one group, 1/(1 + Σ_{k<n} Π_{i≤k} f_D(i)/f_C(i)), and of
groups among groups, (1 - 1/r)/(1 - r^-m) with r = (1 - w + w(b - c))/(1 - w). For w → 0 too, that exceeds 1/N when
b/c > 1 + n/(m - 2); for many groups 1 + n/m; with migration, z = λ/q, 1 + z + n/m.

One step is a trial: everybody a defector but one, all groups full, until one type is left or `most_births` births are
made. Trials are independent, so that means over worlds and steps are probabilities.

Sources. The condition for large m was read in the abstract and in texts that quote it; that with migration in a text
that quotes the article; the one with m - 2 is recalled, and follows from the product above, which was derived anew.
The defaults are small numbers of the paper's kind for which that product is easy to reach; none was read.

Settled here: the paper says nothing of fitness below zero (held at 0) or of a person alone in a group (plays nobody,
payoff 0). If nobody can reproduce, every group is as likely to give the parent, and where it has both types that is a
defector. A split may leave small groups; they grow back without deaths. A trial that can't end, because groups neither
split nor exchange members, is given up like one that takes too long.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from pydantic import BaseModel

from bestowal.kernels.choice import above, other, resum
from bestowal.kernels.rng import below, chance, draw, fill, uniform
from bestowal.models.registry import STRICT, Model, Observable, param

ASSUMED = "assumed: small, so that the exact value can be reached"


# fmt: off
class Params(BaseModel):
    model_config = STRICT

    groups: int = param(
        5, "groups", unit="groups", low=2, high=1000, symbol="m", source=ASSUMED, group="population", fixed=True
    )
    size: int = param(
        5, "most members of a group", unit="persons", low=2, high=127, symbol="n", source=ASSUMED, group="population",
        fixed=True,
    )
    benefit: float = param(
        5.0, "what a cooperator gives to its group, shared by the others", unit="payoff", low=0, high=100, symbol="b",
        source=ASSUMED, group="game",
    )
    cost: float = param(
        1.0, "what that costs the cooperator", unit="payoff", low=0, high=100, symbol="c", source=ASSUMED, group="game"
    )
    selection: float = param(
        0.1, "weight of payoff in fitness", unit="share", low=0, high=1, symbol="w", source=ASSUMED, group="game"
    )
    splitting: float = param(
        0.001, "chance that a group which has grown too large splits rather than lose a member", unit="probability",
        low=0, high=1, symbol="q", source=ASSUMED, group="groups",
    )
    migration: float = param(
        0.0, "chance that a newborn joins another group", unit="probability", low=0, high=1, symbol="λ",
        source="the paper's first case: no migration", group="groups",
    )
    most_births: int = param(
        10_000_000, "births after which a trial is given up", unit="births", low=1, high=1_000_000_000,
        source="assumed", group="computing", needs={"splitting": 0.0},
    )
# fmt: on


MODEL = Model(
    name="traulsen_nowak_2006",
    title="Traulsen and Nowak 2006: evolution of cooperation by multilevel selection",
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
        Observable("births", "births", "births until one type was left or the trial was given up", 0, float("inf")),
        Observable("splits", "splits", "groups that split", 0, float("inf")),
    ),
    kernels=__name__,
    step="trial",
    steps=1000,
)

# Purposes of luck.
BIRTH = np.int64(1)  # person = number of the birth; w0 parent, w1 whether it migrates, w2 where to, w3 whether to split
FATE = np.int64(2)  # person = number of the birth; w0 who dies, w1 which group a split removes
SPLIT = np.int64(3)  # person = number of the birth, index = attempt; one bit a member

NONE = np.int64(0)  # np.int64 where a number is handed to a function: one compilation, not one a value
BLOCK = 64  # births whose luck is drawn at once, which is several times faster than one by one
ATTEMPTS = 256
FIXED, BIRTHS, SPLITS = 0, 1, 2


class State(NamedTuple):
    cooperators: np.ndarray  # (m,) int64, persons
    members: np.ndarray  # (m,) int64, persons
    weight: np.ndarray  # (m,) fitness summed over the group
    running: np.ndarray  # (m,) those, summed from group 0 to this one
    table: np.ndarray  # (2, n + 1, n + 1): fitness of all cooperators, of all, in a group of [members, cooperators]
    tabled: np.ndarray  # (3,) benefit, cost and selection for which the table was made; NaN at first
    births: np.ndarray  # (BLOCK,) uint64, numbers of the births whose luck is in `words`
    words: np.ndarray  # (4, BLOCK) uint32
    result: np.ndarray  # (3,) the observables


@njit(error_model="numpy")
def allocate(p):
    """The arrays of a `State`, shapes and units as there."""
    m, n = p.groups, p.size
    return State(
        np.empty(m, np.int64),
        np.empty(m, np.int64),
        np.empty(m),
        np.empty(m),
        np.empty((2, n + 1, n + 1)),
        np.empty(3),
        np.empty(BLOCK, np.uint64),
        np.empty((4, BLOCK), np.uint32),
        np.empty(3),
    )


@njit(error_model="numpy")
def start(p, state, seed, world):
    """Nothing is drawn: each trial sets up its own population. Only the table outlives a trial."""
    state.tabled[:] = np.nan
    state.result[:] = np.nan


@njit(error_model="numpy")
def tabulate(p, state):
    """Fill the table, which saves a division or two at every birth that changes something."""
    b, c, w = p.benefit, p.cost, p.selection
    if state.tabled[0] == b and state.tabled[1] == c and state.tabled[2] == w:
        return
    for s in range(1, p.size + 1):
        for k in range(s + 1):
            payoff_c = b * (k - 1) / (s - 1) - c if s > 1 else 0.0
            payoff_d = b * k / (s - 1) if s > 1 else 0.0
            all_c = k * max(1.0 - w + w * payoff_c, 0.0)
            state.table[0, s, k] = all_c
            state.table[1, s, k] = all_c + (s - k) * max(1.0 - w + w * payoff_d, 0.0)
    state.tabled[0] = b
    state.tabled[1] = c
    state.tabled[2] = w


@njit(error_model="numpy")
def settle(p, state, g, k, s):
    """Group g now has s members, k of them cooperators. Returns by how much that moves the number of open groups."""
    was = is_open(p, state.cooperators[g], state.members[g])
    state.cooperators[g] = k
    state.members[g] = s
    state.weight[g] = state.table[1, s, k]
    return is_open(p, k, s) - was


@njit(error_model="numpy")
def is_open(p, k, s):
    """1 where a birth that neither migrates nor splits can change the group: both types there, or not full."""
    return np.int64((k > 0 and k < s) or s < p.size)


@njit(error_model="numpy")
def parent(state, word):
    """The parent's group, and 1 if a cooperator is the parent, else 0."""
    m = state.running.size
    total = state.running[m - 1]
    r = uniform(word) * total
    g = above(state.running, m, r) if total > 0.0 else below(word, m)
    k, s = state.cooperators[g], state.members[g]
    if k == 0 or k == s:
        return g, np.int64(k == s)
    within = r - state.running[g - 1] if g > 0 else r
    return g, np.int64(within < state.table[0, s, k])


@njit(error_model="numpy")
def halve(seed, world, year, t, k, s):
    """Members of the half that stays, of a group of s with k cooperators: how many are cooperators, how many in all."""
    for attempt in range(ATTEMPTS):
        words = draw(seed, world, year, t, SPLIT, attempt)
        stay, stay_k = np.int64(0), np.int64(0)
        for j in range(s):
            bit = np.int64(words[j >> 5] >> np.uint32(j & 31)) & 1
            stay += bit
            stay_k += bit if j < k else 0
        if 0 < stay and stay < s:
            return stay_k, stay
    return np.int64(k > 0), np.int64(1)


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    """One trial."""
    tabulate(p, state)
    m, n, most = p.groups, p.size, p.most_births
    state.cooperators[:] = 0
    state.members[:] = n
    state.weight[:] = state.table[1, n, 0]
    open_groups = settle(p, state, NONE, np.int64(1), np.int64(n))
    resum(state.weight, state.running, NONE)
    cooperators, people, splits, t = np.int64(1), m * n, np.int64(0), np.int64(0)
    shut = p.splitting <= 0.0 and p.migration <= 0.0
    while 0 < cooperators and cooperators < people and t < most:
        if shut and open_groups == 0:
            t = most
            break
        i = t & (BLOCK - 1)
        if i == 0:
            for j in range(BLOCK):
                state.births[j] = t + j
            fill(seed, world, year, state.births, BIRTH, NONE, state.words)
        now = t
        t += 1
        migrates = chance(state.words[1, i], p.migration)
        splitting = chance(state.words[3, i], p.splitting)
        if open_groups == 0 and not migrates and not splitting:
            continue  # in a uniform, full group one of a kind replaces another, whoever they are
        g, kind = parent(state, state.words[0, i])
        if migrates:
            g = other(state.words[2, i], g, m)
        k, s = state.cooperators[g] + kind, state.members[g] + 1
        if s <= n:
            open_groups += settle(p, state, g, k, s)
            resum(state.weight, state.running, g)
            cooperators += kind
            people += 1
        elif splitting or (0 < k and k < s):  # else the one who dies is like all the others
            w0, w1, _, _ = draw(seed, world, year, now, FATE, NONE)
            if splitting:
                gone = other(w1, g, m)
                cooperators += kind - state.cooperators[gone]
                people += 1 - state.members[gone]
                stay_k, stay = halve(seed, world, year, now, k, s)
                open_groups += settle(p, state, g, stay_k, stay)
                open_groups += settle(p, state, gone, k - stay_k, s - stay)
                resum(state.weight, state.running, min(g, gone))
                splits += 1
            else:
                kind -= np.int64(below(w0, s) < k)
                if kind != 0:
                    open_groups += settle(p, state, g, state.cooperators[g] + kind, np.int64(n))
                    resum(state.weight, state.running, g)
                    cooperators += kind
    state.result[FIXED] = np.nan if 0 < cooperators and cooperators < people else np.float64(cooperators > 0)
    state.result[BIRTHS] = t
    state.result[SPLITS] = splits


@njit(error_model="numpy")
def observe(p, state, out):
    out[:] = state.result
