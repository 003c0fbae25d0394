"""Fischbacher and Gächter 2010, "Social preferences, beliefs, and the dynamics of free riding in public goods
experiments": people of four types give by what they believe others will give, and learn from what they see.

Written from the paper's specification and the addresses of luck, without opening the model file. The version without
the experiment's data: types and first beliefs are drawn, schedules are formulas.

Luck, as draw(seed, world, period, person, purpose), person = session * session_size + place:

    START  once, period 0: w0 the type; w1, w2 the normal number of the first belief
    MATCH  w0 the priority by which the persons of a session are put into groups

Settled: beliefs are not rounded. "Other" people too have a schedule, rising by `other_slope` a unit. A schedule is
clipped to what a person can give before it is weighed. The mean of the others is the group's sum, in the order of the
priorities, less one's own. The spread is over all persons of all sessions, by the population formula. A triangle whose
peak is at 0 gives the peak at a belief of 0.
"""

import math

from reference.luck import draw, normals, uniform

START, MATCH = 1, 2
TYPES = ("conditional", "free_rider", "triangle", "other")


def clip(x, high):
    return min(max(x, 0.0), high)


def type_of(p, u):
    """The type at place u of the unit interval."""
    if u < p.share_conditional:
        return "conditional"
    if u < p.share_conditional + p.share_free:
        return "free_rider"
    if u < p.share_conditional + p.share_free + p.share_triangle:
        return "triangle"
    return "other"


def schedule(p, kind, belief):
    """What a person of this kind would give if the others gave `belief` on average."""
    if kind == "conditional":
        a = p.slope * belief
    elif kind == "free_rider":
        a = 0.0
    elif kind == "triangle":
        if belief <= p.peak_at:
            a = p.peak * belief / p.peak_at if p.peak_at > 0.0 else p.peak
        elif p.endowment > p.peak_at:
            a = p.peak * (p.endowment - belief) / (p.endowment - p.peak_at)
        else:
            a = 0.0
    else:
        a = p.other_base + p.other_slope * belief
    return clip(a, p.endowment)


def mean(values):
    return sum(values) / len(values) if values else math.nan


def simulate(p, steps, seed, world):
    """The observables of each of `steps` periods."""
    people = range(p.sessions * p.session_size)
    kinds, beliefs = [], []
    for i in people:
        w = draw(seed, world, 0, i, START)
        kinds.append(type_of(p, uniform(w[0])))
        beliefs.append(clip(p.first_belief + p.first_belief_sd * normals(w[1], w[2])[0], p.endowment))

    seen = []
    for period in range(steps):
        gives = []
        for kind, belief in zip(kinds, beliefs, strict=True):
            g = p.constant + p.schedule_weight * schedule(p, kind, belief) + p.belief_weight * belief
            gives.append(clip(g, p.endowment))

        priority = [draw(seed, world, period, i, MATCH)[0] for i in people]
        pot = [0.0 for _ in people]  # the sum given in each person's group
        for session in range(p.sessions):
            first = session * p.session_size
            order = sorted(range(first, first + p.session_size), key=lambda i: (priority[i], i))
            for start in range(0, p.session_size, p.group_size):
                group = order[start : start + p.group_size]
                total = 0.0
                for i in group:
                    total += gives[i]
                for i in group:
                    pot[i] = total

        average = mean(gives)
        now = {
            "contribution": average,
            "belief": mean(beliefs),
            "earnings": mean([p.endowment - gives[i] + p.return_rate * pot[i] for i in people]),
            "spread": math.sqrt(mean([(g - average) ** 2 for g in gives])),
        }
        for kind in TYPES:
            now[kind] = mean([gives[i] for i in people if kinds[i] == kind])
        seen.append(now)

        for i in people:
            others = (pot[i] - gives[i]) / (p.group_size - 1)
            beliefs[i] = clip(p.belief_constant + p.seen_weight * others + p.own_weight * beliefs[i], p.endowment)
    return seen


SETTINGS = [
    ({}, 10),
    # beliefs above the triangle's peak, many of them at the endowment
    (
        {
            "sessions": 3,
            "session_size": 15,
            "group_size": 5,
            "endowment": 13.0,
            "return_rate": 0.31,
            "share_conditional": 0.31,
            "share_free": 0.17,
            "share_triangle": 0.38,
            "slope": 1.27,
            "peak": 9.1,
            "peak_at": 4.3,
            "other_base": 11.6,
            "other_slope": -0.43,
            "first_belief": 10.7,
            "first_belief_sd": 3.9,
            "constant": 0.6,
            "schedule_weight": 0.47,
            "belief_weight": 0.58,
            "belief_constant": -0.21,
            "seen_weight": 0.62,
            "own_weight": 0.44,
        },
        17,
    ),
    # by schedule alone, as the counterfactuals have it
    (
        {
            "sessions": 2,
            "session_size": 21,
            "group_size": 3,
            "constant": 0.0,
            "schedule_weight": 1.0,
            "belief_weight": 0.0,
            "belief_constant": 0.0,
            "seen_weight": 0.42,
            "own_weight": 0.58,
        },
        25,
    ),
    # no "other" people; contributions and schedules at both ends; beliefs pushed below 0 and above the endowment
    (
        {
            "sessions": 1,
            "session_size": 22,
            "group_size": 2,
            "endowment": 7.5,
            "return_rate": 0.83,
            "share_conditional": 0.44,
            "share_free": 0.3,
            "share_triangle": 0.26,
            "slope": 1.9,
            "peak": 7.5,  # the whole endowment: more is refused
            "peak_at": 2.2,
            "first_belief": 3.1,
            "first_belief_sd": 6.5,
            "constant": -2.3,
            "schedule_weight": 1.6,
            "belief_weight": -0.35,
            "belief_constant": -1.7,
            "seen_weight": 0.97,
            "own_weight": 0.66,
        },
        20,
    ),
    # a peak beyond the endowment; everybody "other" or triangle; a schedule that would be negative
    (
        {
            "sessions": 4,
            "session_size": 8,
            "group_size": 8,
            "endowment": 9.0,
            "share_conditional": 0.0,
            "share_free": 0.0,
            "share_triangle": 0.57,
            "peak": 6.0,
            "peak_at": 12.5,
            "other_base": 3.2,
            "other_slope": -0.9,
            "first_belief": 6.3,
            "constant": 0.15,
            "belief_constant": 0.4,
        },
        12,
    ),
    ({"sessions": 7, "session_size": 4, "first_belief": 14.2, "first_belief_sd": 8.8, "other_slope": 1.3}, 15),
]
