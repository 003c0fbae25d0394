"""People drawn as the society draws them, in a public-goods experiment: slow, plain, and written from
docs/reference/public-goods-equations.md alone, without opening the model.

Settled: "undefined" goes for all three of the regression's numbers. The determinant of the centred regressors over n²
is that of their covariances (divisor n), in tokens². ĝ′ doesn't vary where all of it so far is one number. A free
rider is one even where a_endowment − a_0 couldn't be less; a person alone in a group has seen nothing.
"""

import math
from types import SimpleNamespace

from reference.luck import chance, draw, normals
from reference.society import clamp, founder, logit, mean, spread

PERSON, TRAITS, YEAR, FIRST, MATCH = 1, 2, 3, 15, 16


def whole(x):
    """The nearest whole number of tokens, a half upwards."""
    return math.floor(x + 0.5)


def who_comes(p, seed, world, session, place):
    me = founder(session, place)
    w0, w1, w2, _ = draw(seed, world, 0, me, PERSON)
    _, z_motive = normals(w0, w1)
    native = logit(p.giver_motive if chance(w2, p.giver_share) else p.ordinary_motive) + p.motive_sd * z_motive
    t0, t1, t2, t3 = draw(seed, world, 0, me, TRAITS)
    z_commitment, _ = normals(t0, t1)
    _, z_inclusion = normals(t2, t3)
    f0, f1, _, _ = draw(seed, world, 0, me, FIRST)
    z_first, _ = normals(f0, f1)
    commitment = spread(p.commitment, z_commitment, p)
    weight = spread(p.inclusion, z_inclusion, p) * min(1.0, math.exp(native))
    schedule = []
    for j in range(int(p.endowment) + 1):
        a = weight * (commitment + (1.0 - commitment) * p.matching * j / p.endowment)
        schedule.append(min(int(p.endowment), whole(p.endowment * a)))
    return SimpleNamespace(
        id=me,
        place=place,
        commitment=commitment,
        weight=weight,
        belief=clamp(p.belief_start + p.belief_start_sd * z_first),
        schedule=schedule,
        kind=kind_of(schedule),
    )


def kind_of(schedule):
    if schedule[-1] == 0:
        return "free rider"
    return "conditional" if schedule[-1] - schedule[0] >= 1 else "unconditional"


def tokens(p, i):
    """g: what a person gives."""
    alpha = i.weight * (i.commitment + (1.0 - i.commitment) * p.matching * i.belief)
    e = clamp(alpha * (1.0 - p.crowding_out * p.punishment) + p.punishment * p.punished_giving)
    return whole(p.endowment * e)


def groups(p, people, seed, world, period):
    """One session's persons, cut into groups."""
    order = people
    if p.fixed_groups != 1:
        order = sorted(people, key=lambda i: (draw(seed, world, period, i.id, MATCH)[0], i.place))
    return [order[k : k + p.group_size] for k in range(0, len(order), p.group_size)]


def defined_mean(values):
    return mean(values) if values else math.nan


def least_squares(rows):
    """Weights of r and ĝ, and R², of ĝ′ on a constant and both: rows of (ĝ′, r, ĝ), all in tokens."""
    nothing = math.nan, math.nan, math.nan
    if not rows:
        return nothing
    n = len(rows)
    middle = [math.fsum(column) / n for column in zip(*rows, strict=True)]
    y, r, b = ([row[k] - middle[k] for row in rows] for k in range(3))

    def covariance(u, v):
        return math.fsum(x * z for x, z in zip(u, v, strict=True)) / n

    rr, rb, bb, ry, by, yy = (covariance(*pair) for pair in ((r, r), (r, b), (b, b), (r, y), (b, y), (y, y)))
    determinant = rr * bb - rb * rb
    if determinant < 1e-9 or len({row[0] for row in rows}) == 1:
        return nothing
    seen = (ry * bb - by * rb) / determinant
    own = (by * rr - ry * rb) / determinant
    return seen, own, (seen * ry + own * by) / yy


def simulate(p, steps, seed, world):
    """The observables of each of `steps` periods."""
    sessions = [[who_comes(p, seed, world, k, j) for j in range(p.session_size)] for k in range(p.sessions)]
    everyone = [i for session in sessions for i in session]
    n = len(everyone)
    conditional = [i for i in everyone if i.kind == "conditional"]
    riders = [i for i in everyone if i.kind == "free rider"]
    half = int(p.endowment) // 2
    always = {
        "conditional_share": len(conditional) / n,
        "free_rider_share": len(riders) / n,
        "unconditional_share": sum(i.kind == "unconditional" for i in everyone) / n,
        "schedule_none": mean(i.schedule[0] for i in everyone),
        "schedule_half": mean(i.schedule[half] for i in everyone),
        "schedule_all": mean(i.schedule[-1] for i in everyone),
        "conditional_slope": defined_mean([(i.schedule[-1] - i.schedule[0]) / p.endowment for i in conditional]),
    }
    records, rows = [], []
    for period in range(steps):
        for i in everyone:
            i.gives = tokens(p, i)

        for session in sessions:
            for group in groups(p, session, seed, world, period):
                for i in group:
                    others = [k.gives / p.endowment for k in group if k is not i]
                    i.seen = defined_mean(others)

        for i in everyone:
            w0, w1, _, _ = draw(seed, world, period, i.id, YEAR)
            _, z_belief = normals(w0, w1)
            told = 0.0 if math.isnan(i.seen) else p.belief_rate * (i.seen - i.belief)
            i.next = clamp(i.belief + told + p.belief_sd * z_belief)
            if not math.isnan(i.seen):
                rows.append((p.endowment * i.next, p.endowment * i.seen, p.endowment * i.belief))

        gifts = [i.gives for i in everyone]
        average = mean(gifts)
        seen_weight, own_weight, r2 = least_squares(rows)
        records.append(
            {
                "contribution": average,
                "belief": mean(p.endowment * i.belief for i in everyone),
                "contribution_sd": math.sqrt(sum((g - average) ** 2 for g in gifts) / (n - 1)) if n > 1 else math.nan,
                "none_share": sum(g == 0 for g in gifts) / n,
                "all_share": sum(g == p.endowment for g in gifts) / n,
                "contribution_conditional": defined_mean([i.gives for i in conditional]),
                "contribution_free_rider": defined_mean([i.gives for i in riders]),
                **always,
                "seen_weight": seen_weight,
                "own_weight": own_weight,
                "belief_r2": r2,
            }
        )
        for i in everyone:
            i.belief = i.next
    return records


# Mixed people who notice, err and learn; what each setting changes is named above it.
PEOPLE = {
    "giver_share": 0.37,
    "giver_motive": 0.83,
    "ordinary_motive": 0.29,
    "motive_sd": 0.71,
    "commitment": 0.17,
    "inclusion": 0.81,
    "trait_sd": 0.9,
    "matching": 0.87,
    "belief_start": 0.53,
    "belief_start_sd": 0.27,
    "belief_rate": 0.37,
    "belief_sd": 0.083,
    "punishment": 0.0,
    "punished_giving": 0.43,
    "crowding_out": 0.57,
}

SETTINGS = [
    # as it stands, and as it stands but punished
    ({}, 12),
    ({"punishment": 0.3}, 12),
    # redrawn groups of 3, several sessions of an odd size, an odd endowment
    (
        {**PEOPLE, "sessions": 4, "session_size": 15, "group_size": 3, "fixed_groups": 0, "endowment": 13},
        15,
    ),
    # fixed groups of 5, punished: care is crowded out, and force adds to it
    (
        {
            **PEOPLE,
            "sessions": 3,
            "session_size": 25,
            "group_size": 5,
            "fixed_groups": 1,
            "endowment": 37,
            "punishment": 0.64,
        },
        11,
    ),
    # one fixed pair a session; people alike in motive; hardly anybody cares, so that many are free riders
    (
        {
            **PEOPLE,
            "sessions": 23,
            "session_size": 2,
            "group_size": 2,
            "fixed_groups": 1,
            "endowment": 10,
            "giver_share": 0.21,
            "ordinary_motive": 0.04,
            "motive_sd": 0.0,
        },
        14,
    ),
    # commitment 0 for all, inclusion 1 for all, every first belief at an end, beliefs that don't err
    (
        {
            **PEOPLE,
            "sessions": 2,
            "session_size": 24,
            "group_size": 6,
            "fixed_groups": 0,
            "endowment": 17,
            "commitment": 0.0,
            "inclusion": 1.0,
            "belief_start": 0.38,
            "belief_start_sd": 2.0,
            "belief_sd": 0.0,
        },
        18,
    ),
    # commitment 1: schedules are flat, and conditional people there are none
    (
        {
            **PEOPLE,
            "sessions": 1,
            "session_size": 21,
            "group_size": 7,
            "fixed_groups": 0,
            "endowment": 9,
            "commitment": 1.0,
        },
        10,
    ),
    # inclusion 0: all are free riders, who give for force alone; beliefs far from what is seen, much noise
    (
        {
            **PEOPLE,
            "sessions": 2,
            "session_size": 12,
            "group_size": 4,
            "fixed_groups": 0,
            "endowment": 26,
            "inclusion": 0.0,
            "punishment": 0.77,
            "belief_sd": 0.62,
        },
        13,
    ),
    # nobody gives and nobody learns: nothing to regress on
    (
        {
            **PEOPLE,
            "sessions": 3,
            "session_size": 6,
            "group_size": 3,
            "fixed_groups": 0,
            "endowment": 11,
            "inclusion": 0.0,
            "belief_rate": 0.0,
            "belief_sd": 0.0,
        },
        7,
    ),
    # everybody alike, and no noise: the same belief for all, which moves
    (
        {
            **PEOPLE,
            "sessions": 2,
            "session_size": 9,
            "group_size": 3,
            "fixed_groups": 1,
            "endowment": 23,
            "giver_share": 1.0,
            "motive_sd": 0.0,
            "trait_sd": 0.0,
            "belief_start_sd": 0.0,
            "belief_sd": 0.0,
            "belief_rate": 1.0,
        },
        16,
    ),
    # one group, three people, whose next beliefs are all thrown to 0 at first
    (
        {
            **PEOPLE,
            "sessions": 1,
            "session_size": 3,
            "group_size": 3,
            "fixed_groups": 0,
            "endowment": 31,
            "belief_start": 0.0,
            "belief_start_sd": 0.03,
            "belief_rate": 0.01,
            "belief_sd": 1.0,
        },
        9,
    ),
    # full force that leaves no care: everybody gives what force asks for
    (
        {
            **PEOPLE,
            "sessions": 2,
            "session_size": 8,
            "group_size": 4,
            "fixed_groups": 1,
            "endowment": 19,
            "punishment": 1.0,
            "punished_giving": 0.34,
            "crowding_out": 1.0,
        },
        6,
    ),
    # force on top of care that nothing crowds out: some would give more than they have
    (
        {
            **PEOPLE,
            "sessions": 2,
            "session_size": 15,
            "group_size": 5,
            "fixed_groups": 1,
            "endowment": 12,
            "commitment": 0.66,
            "punishment": 0.92,
            "punished_giving": 0.51,
            "crowding_out": 0.0,
        },
        12,
    ),
    # one token each
    (
        {
            **PEOPLE,
            "sessions": 2,
            "session_size": 16,
            "group_size": 8,
            "fixed_groups": 0,
            "endowment": 1,
            "commitment": 0.66,
            "punishment": 0.55,
            "punished_giving": 0.41,
            "crowding_out": 0.0,
        },
        12,
    ),
    # many tokens, the largest endowment
    (
        {
            **PEOPLE,
            "sessions": 3,
            "session_size": 14,
            "group_size": 2,
            "fixed_groups": 0,
            "endowment": 1000,
            "motive_sd": 2.3,
            "trait_sd": 2.1,
        },
        12,
    ),
]
