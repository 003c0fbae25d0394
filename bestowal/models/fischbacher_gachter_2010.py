"""Fischbacher & Gächter 2010: why giving decays among people most of whom are not selfish.

U. Fischbacher & S. Gächter, "Social preferences, beliefs, and the dynamics of free riding in public goods experiments",
American Economic Review 100 (2010), 541-556.

Question: contributions to a public good fall from round to round although most people would match the others. Is it
enough that they match a little less than they expect, and learn from what they see?

Person i believes that the others give b on average, and has a schedule a(b) of what it would give then:

    conditional  slope·b
    free rider   0
    triangle     up to `peak` at b = peak_at, then down to 0 at the endowment
    other        other_base + other_slope·b                                                  each held in [0, endowment]

In a period

    contribution  g = constant + schedule_weight·a(b) + belief_weight·b                      held in [0, endowment]
    groups        of group_size, drawn afresh within each session
    belief        b' = belief_constant + seen_weight·(mean of the others in the group) + own_weight·b, held likewise
    earnings      endowment - g + return_rate·(sum of the group)

One step is one period; the experiment had 10, in 6 sessions of groups of four.

Limits. constant 0, schedule_weight 1 and belief_weight 0 is the "schedule" model: people give just what they said they
would. Then, with everyone conditional and belief weights that sum to 1 (constant 0), slope 1 keeps the mean of giving
where it began, and a slope s below 1 shrinks the mean belief by the factor own_weight + seen_weight·s a period. With
seen_weight 0, own_weight 1 and belief_constant 0 nobody learns and nothing changes.

Sources. The design, the shares of the types, the conditional slope, the mean first belief and both regressions
(contribution on schedule and belief; belief on what was seen and the last belief) were computed from the experiment's
data in a public replication archive; the regressions' weights also agree with the paper as recalled. The shapes of
"triangle" and "other" and the spread of first beliefs are round figures chosen after those data.

Departures. The paper simulates with each subject's own elicited schedule and first belief. This model carries no data
file: four kinds of schedule stand for the 140 subjects, with first beliefs from a normal distribution held in
[0, endowment], and 144 persons instead of 140, so that sessions are equal. Beliefs are not rounded. With peak_at 0 the
triangle starts at its peak.
"""

import math

import numpy as np
from numba import njit
from pydantic import BaseModel, model_validator

from bestowal.kernels.choice import order
from bestowal.kernels.elementary import clip, normals
from bestowal.kernels.rng import fill, uniform
from bestowal.models.registry import STRICT, Model, Observable, param

DATA = "the experiment's data"
STAND_IN = "stand-in for the elicited schedules, after the experiment's data"
BOTH = "the experiment's data; recalled from the paper"


class Params(BaseModel):
    model_config = STRICT

    sessions: int = param(
        6, "sessions, whose people never meet", unit="sessions", low=1, high=1000, source=DATA, group="size", fixed=True
    )
    session_size: int = param(
        24,
        "persons in a session (a multiple of group_size)",
        unit="persons",
        low=2,
        high=10000,
        source="140 persons in the experiment, 144 here",
        group="size",
        fixed=True,
    )
    group_size: int = param(
        4, "persons in a group", unit="persons", low=2, high=100, source=DATA, group="size", fixed=True
    )
    endowment: float = param(
        20.0, "what each person gets every period", unit="points", low=0.1, high=1000, source=DATA, group="game"
    )
    return_rate: float = param(
        0.4,
        "what a point contributed returns to each of the group",
        unit="points per point",
        low=0,
        high=1,
        source=DATA,
        group="game",
    )
    # Shares must sum to at most 1, so each is moved with the others at 0.
    share_conditional: float = param(
        0.55,
        "share of conditional contributors",
        unit="share",
        low=0,
        high=1,
        source=BOTH,
        group="types",
        fixed=True,
        needs={"share_free": 0, "share_triangle": 0},
    )
    share_free: float = param(
        0.23,
        "share of free riders",
        unit="share",
        low=0,
        high=1,
        source=BOTH,
        group="types",
        fixed=True,
        needs={"share_conditional": 0, "share_triangle": 0},
    )
    share_triangle: float = param(
        0.12,
        "share whose giving rises and then falls (those left over: other)",
        unit="share",
        low=0,
        high=1,
        source=BOTH,
        group="types",
        fixed=True,
        needs={"share_conditional": 0, "share_free": 0},
    )
    slope: float = param(
        0.74,
        "conditional: points given per point that the others give",
        unit="points per point",
        low=0,
        high=2,
        source=DATA,
        group="schedules",
    )
    peak: float = param(
        7.5,
        "triangle: highest contribution",
        unit="points",
        low=0,
        high=1000,
        source=STAND_IN,
        group="schedules",
        at_most="endowment",
    )
    peak_at: float = param(
        10.0,
        "triangle: the others' average at which it is given",
        unit="points",
        low=0,
        high=1000,
        source=STAND_IN,
        group="schedules",
    )
    other_base: float = param(
        7.7,
        "other: contribution where the others give nothing",
        unit="points",
        low=0,
        high=1000,
        source=STAND_IN,
        group="schedules",
    )
    other_slope: float = param(
        0.1,
        "other: points given per point that the others give",
        unit="points per point",
        low=-2,
        high=2,
        source=STAND_IN,
        group="schedules",
    )
    first_belief: float = param(
        9.8,
        "centre of first beliefs of the others' average",
        unit="points",
        low=0,
        high=1000,
        source=DATA,
        group="beliefs",
        fixed=True,
        at_most="endowment",
    )
    first_belief_sd: float = param(
        5.0,
        "their spread, before they are held in [0, endowment]",
        unit="points",
        low=0,
        high=1000,
        source="stand-in for the stated first beliefs",
        group="beliefs",
        fixed=True,
    )
    constant: float = param(
        -0.473, "contribution: constant", unit="points", low=-100, high=100, source=BOTH, group="contribution"
    )
    schedule_weight: float = param(
        0.242,
        "contribution: weight of the schedule",
        unit="points per point",
        low=-5,
        high=5,
        source=BOTH,
        group="contribution",
    )
    belief_weight: float = param(
        0.666,
        "contribution: weight of the belief itself",
        unit="points per point",
        low=-5,
        high=5,
        source=BOTH,
        group="contribution",
    )
    belief_constant: float = param(
        0.118, "next belief: constant", unit="points", low=-100, high=100, source=BOTH, group="beliefs"
    )
    seen_weight: float = param(
        0.415,
        "next belief: weight of what the others gave",
        unit="points per point",
        low=0,
        high=1,
        source=BOTH,
        group="beliefs",
    )
    own_weight: float = param(
        0.569,
        "next belief: weight of the last belief",
        unit="points per point",
        low=0,
        high=1,
        source=BOTH,
        group="beliefs",
    )

    @model_validator(mode="after")
    def _fits(self) -> "Params":
        if self.session_size % self.group_size != 0:
            raise ValueError(f"session_size {self.session_size} must be a multiple of group_size {self.group_size}")
        total = self.share_conditional + self.share_free + self.share_triangle
        if total > 1.0 + 1e-9:  # decimal shares that sum to 1 may pass it by a rounding
            raise ValueError(f"share_conditional, share_free and share_triangle sum to {total:g}; at most 1")
        return self


INF = float("inf")
NOBODY = "where nobody is of that type"

MODEL = Model(
    name="fischbacher_gachter_2010",
    title="Fischbacher & Gächter 2010: why giving decays among people most of whom are not selfish",
    params=Params,
    observables=(
        Observable("contribution", "points", "mean contribution", 0, INF),
        Observable("belief", "points", "mean belief of the others' average on which it was based", 0, INF),
        Observable("earnings", "points", "mean earnings of the period", 0, INF),
        Observable("conditional", "points", "mean contribution of conditional contributors", 0, INF, NOBODY),
        Observable("free_rider", "points", "mean contribution of free riders", 0, INF, NOBODY),
        Observable("triangle", "points", "mean contribution of triangle contributors", 0, INF, NOBODY),
        Observable("other", "points", "mean contribution of the others", 0, INF, NOBODY),
        Observable("spread", "points", "standard deviation of contributions over persons", 0, INF),
    ),
    kernels=__name__,
    step="period",
    steps=10,
)

START = 1  # w0 type, w1 w2 first belief
MATCH = 2  # w0 turn in forming groups

CONDITIONAL, FREE_RIDER, TRIANGLE, OTHER = (np.int64(k) for k in range(4))

BELIEF, GIVEN = range(2)  # rows of people


@njit(error_model="numpy")
def allocate(p):
    """(people (2, n) float64: belief and contribution in points; types (n,) int64; persons (n,) uint64;
    words (4, n) uint32; turns (session_size,) uint64; tally (8,) float64, as observed). n = sessions · session_size.
    """
    n = p.sessions * p.session_size
    return (
        np.empty((2, n)),
        np.empty(n, np.int64),
        np.arange(n).astype(np.uint64),
        np.empty((4, n), np.uint32),
        np.empty(p.session_size, np.uint64),
        np.empty(8),
    )


@njit(error_model="numpy")
def start(p, state, seed, world):
    people, types, persons, words, _, tally = state
    people[:] = 0.0
    tally[:] = np.nan
    fill(seed, world, 0, persons, START, 0, words)
    for i in range(persons.size):
        u = uniform(words[0, i])
        if u < p.share_conditional:
            types[i] = CONDITIONAL
        elif u < p.share_conditional + p.share_free:
            types[i] = FREE_RIDER
        elif u < p.share_conditional + p.share_free + p.share_triangle:
            types[i] = TRIANGLE
        else:
            types[i] = OTHER
        z = normals(words[1, i], words[2, i])[0]
        people[BELIEF, i] = clip(p.first_belief + p.first_belief_sd * z, 0.0, p.endowment)


@njit(error_model="numpy")
def schedule(p, kind, b):
    """What a person of this type says it would give where the others give b on average."""
    if kind == CONDITIONAL:
        a = p.slope * b
    elif kind == FREE_RIDER:
        a = 0.0
    elif kind == TRIANGLE:
        if b <= p.peak_at and p.peak_at > 0.0:
            a = p.peak * b / p.peak_at
        elif p.endowment > p.peak_at:
            a = p.peak * (p.endowment - b) / (p.endowment - p.peak_at)
        else:
            a = 0.0
    else:
        a = p.other_base + p.other_slope * b
    return clip(a, 0.0, p.endowment)


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    people, types, persons, words, turns, tally = state
    belief, given = people[BELIEF], people[GIVEN]
    for i in range(persons.size):
        g = p.constant + p.schedule_weight * schedule(p, types[i], belief[i]) + p.belief_weight * belief[i]
        given[i] = clip(g, 0.0, p.endowment)
    measure(people, types, tally)  # before the beliefs move on
    fill(seed, world, year, persons, MATCH, 0, words)
    earnings = 0.0
    for session in range(p.sessions):
        first = session * p.session_size
        order(words[0, first : first + p.session_size], turns)
        for lo in range(0, p.session_size, p.group_size):
            pot = 0.0
            for k in range(lo, lo + p.group_size):
                pot += given[first + np.int64(turns[k])]
            for k in range(lo, lo + p.group_size):
                i = first + np.int64(turns[k])
                seen = (pot - given[i]) / (p.group_size - 1)
                earnings += p.endowment - given[i] + p.return_rate * pot
                belief[i] = clip(p.belief_constant + p.seen_weight * seen + p.own_weight * belief[i], 0.0, p.endowment)
    tally[2] = earnings / persons.size


@njit(error_model="numpy")
def measure(people, types, tally):
    """Means and spread of the period, over everybody and over each type."""
    n = types.size
    believed = 0.0
    whole = 0.0
    for i in range(n):
        believed += people[BELIEF, i]
        whole += people[GIVEN, i]
    mean = whole / n
    square = 0.0
    for i in range(n):
        square += (people[GIVEN, i] - mean) * (people[GIVEN, i] - mean)
    tally[0] = mean
    tally[1] = believed / n
    tally[7] = math.sqrt(square / n)
    for kind in range(4):
        count = np.int64(0)
        sum_of_kind = 0.0
        for i in range(n):
            if types[i] == kind:
                count += 1
                sum_of_kind += people[GIVEN, i]
        tally[3 + kind] = sum_of_kind / count if count > 0 else np.nan


@njit(error_model="numpy")
def observe(p, state, out):
    tally = state[5]
    for k in range(8):
        out[k] = tally[k]
