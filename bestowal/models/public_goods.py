"""The society's people in a public-goods experiment, so that motives can be held to people whose giving was measured.

    given      g = endowment·e in whole tokens, e = α·(1 − χk) + k·f held in [0, 1],
               α = o·min(1, m/(1−m))·[κ + (1−κ)·μ·ĝ]                                     (the society's care)
    belief     ĝ ← ĝ + b·(what the others in the group gave − ĝ) + noise                (the society's perception)

Persons are drawn as the society draws its ordinary people: native motive from two types, commitment κ and inclusion o
around their centres (`parts.motives`). A token given returns less than a token to its giver, so one's own part asks
for nothing: of the society's effort rule, at a pay link of 0, what care gives is left, and what sanctions add, with
force k and the giving f it gets. The experiment is Fischbacher & Gächter's (2010): 140 subjects in groups of four drawn
anew in each of ten periods, 20 tokens; with `fixed_groups` it is Herrmann, Thöni & Gächter's (2008).

Limits. κ = 0 and a first belief of 0 without noise: nobody gives. A = 1, all alike, no noise: giving settles at
κ/(1 − (1−κ)μ). b = 0 without noise: nothing changes. κ = 0, A = 1, μ = 1, all alike: no decay.

Departures from the experiments: five sessions of 28 for six of about 24; no reading of a schedule is wrong, and nobody
gives other than the schedule says. What the laboratory finds beside that (humped schedules, first contributions above
one's own schedule) this law can't show. `docs/reference/public-goods-equations.md` says it equation by equation.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from pydantic import BaseModel, model_validator

from bestowal.kernels.choice import order
from bestowal.kernels.elementary import clip, exp, normals
from bestowal.kernels.motives import believed, care, logit, spread
from bestowal.kernels.rng import chance, fill, founder
from bestowal.models.registry import STRICT, Model, Observable, param

LAB = "Fischbacher & Gächter 2010"
OURS = "the society model"


class Params(BaseModel):
    model_config = STRICT

    sessions: int = param(
        5,
        "sessions, whose people never meet",
        unit="sessions",
        low=1,
        high=1000,
        source=f"140 subjects in all ({LAB})",
        group="game",
        fixed=True,
    )
    session_size: int = param(
        28,
        "persons in a session (a multiple of group_size)",
        unit="persons",
        low=2,
        high=10000,
        source=f"140 subjects in all ({LAB})",
        group="game",
        fixed=True,
    )
    group_size: int = param(
        4, "persons in a group", unit="persons", low=2, high=100, source=LAB, group="game", fixed=True
    )
    fixed_groups: int = param(
        0,
        "1: groups stay together; 0: they are drawn anew each period",
        unit="choice",
        low=0,
        high=1,
        source=f"0 in {LAB}; 1 in Herrmann, Thöni & Gächter 2008",
        group="game",
        fixed=True,
    )
    endowment: int = param(
        20,
        "tokens each person gets every period",
        unit="tokens",
        low=1,
        high=1000,
        source=LAB,
        group="game",
        fixed=True,
    )

    giver_share: float = param(
        0.15, "share of born givers", unit="share", low=0, high=1, group="motive", fixed=True, source=OURS
    )
    giver_motive: float = param(
        0.7,
        "centre of a giver's motive m",
        unit="share",
        low=0.001,
        high=0.999,
        symbol="m",
        group="motive",
        fixed=True,
        source=OURS,
    )
    ordinary_motive: float = param(
        0.2,
        "centre of everyone else's motive m",
        unit="share",
        low=0.001,
        high=0.999,
        symbol="m",
        group="motive",
        fixed=True,
        source=OURS,
    )
    motive_sd: float = param(
        0.5, "spread of motive on the logit scale", unit="logit", low=0, high=5, group="motive", fixed=True, source=OURS
    )
    commitment: float = param(
        0.1,
        "centre of commitment: the unconditional part of giving",
        unit="share",
        low=0,
        high=1,
        symbol="κ",
        group="motive",
        fixed=True,
        source=OURS,
    )
    inclusion: float = param(
        0.9,
        "centre of inclusion: how much of others' need is perceived",
        unit="share",
        low=0,
        high=1,
        symbol="o",
        group="motive",
        fixed=True,
        source=OURS,
    )
    trait_sd: float = param(
        0.5,
        "spread of those two traits on the logit scale",
        unit="logit",
        low=0,
        high=5,
        group="motive",
        fixed=True,
        source=OURS,
    )
    matching: float = param(
        0.9,
        "how much of others' giving a conditional giver matches",
        unit="share",
        low=0,
        high=1,
        symbol="μ",
        group="motive",
        fixed=True,
        source=OURS,
    )
    belief_start: float = param(
        0.49,
        "mean first belief of others' giving",
        unit="share",
        low=0,
        high=1,
        symbol="ĝ",
        group="belief",
        fixed=True,
        source=f"9.8 of 20 tokens ({LAB})",
    )
    belief_start_sd: float = param(
        0.25,
        "spread of first beliefs",
        unit="share",
        low=0,
        high=2,
        group="belief",
        fixed=True,
        source="assumed: 5 of 20 tokens",
    )
    belief_rate: float = param(
        0.42, "weight on what was seen this period", unit="share", low=0, high=1, symbol="b", group="belief", source=LAB
    )
    belief_sd: float = param(0.05, "noise of perception", unit="share", low=0, high=1, group="belief", source=OURS)

    punishment: float = param(
        0.0, "force of sanctions", unit="share", low=0, high=1, symbol="k", group="sanctions", source=OURS
    )
    punished_giving: float = param(
        0.6,
        "giving got by full force from a person with no other reason",
        unit="share",
        low=0,
        high=1,
        symbol="f",
        group="sanctions",
        source=f"{OURS}: coerced_effort",
        needs={"punishment": 0.5},
    )
    crowding_out: float = param(
        0.6,
        "share of care that full force destroys",
        unit="share",
        low=0,
        high=1,
        symbol="χ",
        group="sanctions",
        source=OURS,
        needs={"punishment": 0.5},
    )

    @model_validator(mode="after")
    def _fits(self) -> "Params":
        if self.session_size % self.group_size != 0:
            raise ValueError(f"session_size {self.session_size} must be a multiple of group_size {self.group_size}")
        return self


INF = float("inf")
NONE = "where nobody is of that type"
TOO_FEW = "where the regressors don't vary"

MODEL = Model(
    name="public_goods",
    title="The society's people in a public-goods experiment",
    params=Params,
    observables=(
        Observable("contribution", "tokens", "mean contribution", 0, INF),
        Observable("belief", "tokens", "mean belief of the others' average on which it was based", 0, INF),
        Observable("contribution_sd", "tokens", "standard deviation of contributions over persons", 0, INF),
        Observable("none_share", "share", "persons who give nothing", 0, 1),
        Observable("all_share", "share", "persons who give everything", 0, 1),
        Observable("contribution_conditional", "tokens", "mean contribution of conditional persons", 0, INF, NONE),
        Observable("contribution_free_rider", "tokens", "mean contribution of free riders", 0, INF, NONE),
        Observable("conditional_share", "share", "persons whose schedule rises by a token or more", 0, 1),
        Observable("free_rider_share", "share", "persons whose schedule is 0 throughout", 0, 1),
        Observable("unconditional_share", "share", "persons whose schedule is flat above 0", 0, 1),
        Observable("schedule_none", "tokens", "mean scheduled contribution where the others give nothing", 0, INF),
        Observable("schedule_half", "tokens", "mean scheduled contribution where the others give half", 0, INF),
        Observable("schedule_all", "tokens", "mean scheduled contribution where the others give all", 0, INF),
        Observable("conditional_slope", "tokens per token", "mean rise of conditional persons' schedules", 0, 1, NONE),
        Observable("seen_weight", "1", "weight of what was seen in the next belief, so far", -INF, INF, TOO_FEW),
        Observable("own_weight", "1", "weight of the last belief in the next, so far", -INF, INF, TOO_FEW),
        Observable("belief_r2", "share", "R² of that regression", -INF, 1, TOO_FEW),
    ),
    kernels=__name__,
    step="period",
    steps=10,
)

PERSON, TRAITS, YEAR, FIRST, MATCH = (np.int64(k) for k in (1, 2, 3, 15, 16))

# Rows of people.
WEIGHT = 0  # A = o·min(1, m/(1−m))
COMMITMENT = 1
BELIEF = 2  # share
GIVEN = 3  # tokens
RISE = 4  # a(all) − a(none), tokens
TOP = 5  # a(all), tokens
SEEN = 6  # share
SCHEDULES = slice(7, 14)  # of what is observed: the same in every period
N_OBSERVED = 17


class State(NamedTuple):
    people: np.ndarray  # (7, persons) float64
    id: np.ndarray  # (persons,) uint64
    words: np.ndarray  # (4, persons) uint32
    turns: np.ndarray  # (session_size,) uint64
    record: np.ndarray  # (N_OBSERVED,) as observed
    moments: np.ndarray  # (10,): n, then sums of r, b, y, rr, bb, rb, ry, by, yy over persons and periods


@njit(error_model="numpy")
def allocate(p):
    n = p.sessions * p.session_size
    return State(
        np.zeros((7, n)),
        np.zeros(n, np.uint64),
        np.zeros((4, n), np.uint32),
        np.zeros(p.session_size, np.uint64),
        np.zeros(N_OBSERVED),
        np.zeros(10),
    )


@njit(error_model="numpy")
def start(p, s, seed, world):
    n = s.id.size
    s.record[:] = math.nan
    s.moments[:] = 0.0
    for i in range(n):
        s.id[i] = founder(i // p.session_size, i % p.session_size)
    weight, commitment, belief = s.people[WEIGHT], s.people[COMMITMENT], s.people[BELIEF]
    giver, ordinary = logit(p.giver_motive), logit(p.ordinary_motive)
    fill(seed, world, 0, s.id, TRAITS, 0, s.words)
    for i in range(n):
        commitment[i] = normals(s.words[0, i], s.words[1, i])[0]
        weight[i] = normals(s.words[2, i], s.words[3, i])[1]
    spread(commitment, n, p.commitment, p.trait_sd)
    spread(weight, n, p.inclusion, p.trait_sd)
    fill(seed, world, 0, s.id, PERSON, 0, s.words)
    for i in range(n):
        level = giver if chance(s.words[2, i], p.giver_share) else ordinary
        level += p.motive_sd * normals(s.words[0, i], s.words[1, i])[1]
        weight[i] *= min(1.0, exp(level))
    fill(seed, world, 0, s.id, FIRST, 0, s.words)
    for i in range(n):
        z = normals(s.words[0, i], s.words[1, i])[0]
        belief[i] = clip(p.belief_start + p.belief_start_sd * z, 0.0, 1.0)
    schedules(p, s)


@njit(error_model="numpy", forceinline=True)
def tokens(share, endowment):
    """Whole tokens, the nearest, half upwards."""
    return min(math.floor(endowment * share + 0.5), endowment)


@njit(error_model="numpy")
def scheduled(p, s, i, others):
    """What person i would give, in tokens, where the others give so many on average."""
    alpha = care(s.people[WEIGHT, i], 1.0, s.people[COMMITMENT, i], others / p.endowment, p.matching)
    return tokens(alpha, p.endowment)


@njit(error_model="numpy")
def schedules(p, s):
    """Types and mean schedules."""
    n = s.id.size
    conditional = 0
    free = 0
    none = 0.0
    half = 0.0
    every = 0.0
    rises = 0.0
    for i in range(n):
        low, high = scheduled(p, s, i, 0), scheduled(p, s, i, p.endowment)
        s.people[RISE, i], s.people[TOP, i] = high - low, high
        none += low
        half += scheduled(p, s, i, p.endowment // 2)
        every += high
        if high == 0.0:
            free += 1
        elif high - low >= 1.0:
            conditional += 1
            rises += high - low
    found = s.record[SCHEDULES]
    found[0] = conditional / n
    found[1] = free / n
    found[2] = (n - conditional - free) / n
    found[3] = none / n
    found[4] = half / n
    found[5] = every / n
    found[6] = rises / conditional / p.endowment if conditional > 0 else math.nan


@njit(error_model="numpy")
def step(p, s, seed, world, year):
    weight, commitment, belief, given = s.people[WEIGHT], s.people[COMMITMENT], s.people[BELIEF], s.people[GIVEN]
    for i in range(given.size):
        alpha = care(weight[i], 1.0, commitment[i], belief[i], p.matching)
        e = alpha * (1.0 - p.crowding_out * p.punishment) + p.punishment * p.punished_giving
        given[i] = tokens(clip(e, 0.0, 1.0), p.endowment)
    measure(p, s)  # before the beliefs move on
    s.words[0] = 0
    if p.fixed_groups == 0:
        fill(seed, world, year, s.id, MATCH, 0, s.words)
    meet(p, s)
    fill(seed, world, year, s.id, YEAR, 0, s.words)
    for i in range(given.size):
        seen = s.people[SEEN, i]
        noise = p.belief_sd * normals(s.words[0, i], s.words[1, i])[1]
        following = believed(belief[i], seen, p.belief_rate, noise)
        gather(s.moments, p.endowment * seen, p.endowment * belief[i], p.endowment * following)
        belief[i] = following
    s.record[14], s.record[15], s.record[16] = regressed(s.moments)


@njit(error_model="numpy")
def meet(p, s):
    """What each sees of the others in the group, as a share; equal words leave persons in their own order."""
    for session in range(p.sessions):
        first = session * p.session_size
        order(s.words[0, first : first + p.session_size], s.turns)
        for lo in range(0, p.session_size, p.group_size):
            pot = 0.0
            for k in range(lo, lo + p.group_size):
                pot += s.people[GIVEN, first + np.int64(s.turns[k])]
            for k in range(lo, lo + p.group_size):
                i = first + np.int64(s.turns[k])
                s.people[SEEN, i] = (pot - s.people[GIVEN, i]) / (p.group_size - 1) / p.endowment


@njit(error_model="numpy")
def measure(p, s):
    belief, given, rise, top = s.people[BELIEF], s.people[GIVEN], s.people[RISE], s.people[TOP]
    n = given.size
    conditional = 0
    free = 0
    none = 0
    every = 0
    whole = 0.0
    believing = 0.0
    from_conditional = 0.0
    from_free = 0.0
    for i in range(n):
        whole += given[i]
        believing += belief[i]
        none += np.int64(given[i] == 0.0)
        every += np.int64(given[i] == p.endowment)
        if top[i] == 0.0:
            free += 1
            from_free += given[i]
        elif rise[i] >= 1.0:
            conditional += 1
            from_conditional += given[i]
    mean = whole / n
    square = 0.0
    for i in range(n):
        square += (given[i] - mean) * (given[i] - mean)
    s.record[0] = mean
    s.record[1] = p.endowment * believing / n
    s.record[2] = math.sqrt(square / (n - 1))
    s.record[3] = none / n
    s.record[4] = every / n
    s.record[5] = from_conditional / conditional if conditional > 0 else math.nan
    s.record[6] = from_free / free if free > 0 else math.nan


@njit(error_model="numpy")
def gather(m, r, b, y):
    m[0] += 1.0
    m[1] += r
    m[2] += b
    m[3] += y
    m[4] += r * r
    m[5] += b * b
    m[6] += r * b
    m[7] += r * y
    m[8] += b * y
    m[9] += y * y


@njit(error_model="numpy")
def regressed(m):
    """Weights of r and b, and R², of least squares of y on a constant, r and b; NaN where they don't vary."""
    n = m[0]
    r, b, y = m[1] / n, m[2] / n, m[3] / n
    rr, bb, rb = m[4] / n - r * r, m[5] / n - b * b, m[6] / n - r * b
    ry, by, yy = m[7] / n - r * y, m[8] / n - b * y, m[9] / n - y * y
    apart = rr * bb - rb * rb
    if apart < 1e-9 or yy < 1e-9:
        return math.nan, math.nan, math.nan
    seen, own = (ry * bb - by * rb) / apart, (by * rr - ry * rb) / apart
    return seen, own, (seen * ry + own * by) / yy


@njit(error_model="numpy")
def observe(p, s, out):
    for k in range(N_OBSERVED):
        out[k] = s.record[k]
