"""Boyd, Gintis, Bowles and Richerson 2003, "The evolution of altruistic punishment": contests between groups, imitation
of the better paid, and punishers who pay to punish.

Written from the paper's specification and the addresses of luck, without opening the model file.

Luck, as draw(seed, world, period, person, purpose), person = group * size + place:

    ACT   w0 whether a contributor or punisher fails to contribute; w1 whether the type mutates; w2 to which
    LOOK  w0 whether the model is of another group; w1, w2 which model; w3 whether it is copied
    PAIR  the "person" is a group's number: w0 its priority; of a pair's first group also w1 whether the two fight and
          w2 whether the first wins

Settled: whoever did not contribute is punished, whether from type or in error, and a punisher who erred too, by the
others. A punisher does not punish itself. Payoffs are floored at 0; where model and learner both have 0 the chance of
copying is one half. Everybody imitates at once, from the types and payoffs before imitation. Contests follow
imitation, and mutation follows contests and starts from the type a person has by then. A group conquered by a copy of
itself counts as conquered.
"""

from reference.luck import below, chance, draw

ACT, LOOK, PAIR = range(1, 4)
DEFECTOR, CONTRIBUTOR, PUNISHER = range(3)


def payoffs(p, types, contributed):
    """What each person of one group earns, from the group's types and deeds."""
    earned = []
    for i in range(p.size):
        others = [j for j in range(p.size) if j != i]
        punishers = sum(types[j] == PUNISHER for j in others)
        shirkers = sum(not contributed[j] for j in others)
        w = p.baseline
        if contributed[i]:
            w -= p.cost
        else:
            w -= p.punished_loss * punishers / p.size
        if types[i] == PUNISHER:
            w -= p.punishing_cost if p.fixed_cost else p.punishing_cost * shirkers / p.size
        earned.append(max(0.0, w))
    return earned


def imitated(p, g, place, types, earned, look):
    """The type of a person after a look at somebody else, in the own group or another."""
    w0, w1, w2, w3 = look
    if chance(w0, p.mixing):
        group = below(w1, p.groups - 1)
        if group >= g:
            group += 1
        model = below(w2, p.size)
    else:
        group = g
        model = below(w1, p.size - 1)
        if model >= place:
            model += 1
    theirs, own = earned[group][model], earned[g][place]
    copies = theirs / (theirs + own) if theirs + own > 0.0 else 0.5
    return types[group][model] if chance(w3, copies) else types[g][place]


def contests(p, types, luck):
    """Pair the groups and let some pairs fight: the types afterwards, and how many groups were conquered."""
    words = [luck(g, PAIR) for g in range(p.groups)]
    order = sorted(range(p.groups), key=lambda g: (words[g][0], g))
    after = [list(group) for group in types]
    conquered = 0
    for first, second in zip(order[0::2], order[1::2], strict=False):
        _, w1, w2, _ = words[first]
        if chance(w1, p.contest):
            d_first = types[first].count(DEFECTOR) / p.size
            d_second = types[second].count(DEFECTOR) / p.size
            if chance(w2, 0.5 + (d_second - d_first) / 2):
                winner, loser = first, second
            else:
                winner, loser = second, first
            after[loser] = list(types[winner])
            conquered += 1
    return after, conquered


def simulate(p, steps, seed, world):
    """The observables of each of `steps` periods."""
    groups, places = range(p.groups), range(p.size)
    people = p.groups * p.size
    types = [[PUNISHER if g == 0 else DEFECTOR] * p.size for g in groups]

    seen = []
    for period in range(steps):

        def luck(person, purpose, period=period):
            return draw(seed, world, period, person, purpose)

        act = [[luck(g * p.size + i, ACT) for i in places] for g in groups]
        contributed = [[types[g][i] != DEFECTOR and not chance(act[g][i][0], p.error) for i in places] for g in groups]

        earned = [payoffs(p, types[g], contributed[g]) for g in groups]

        types = [[imitated(p, g, i, types, earned, luck(g * p.size + i, LOOK)) for i in places] for g in groups]

        types, conquered = contests(p, types, luck)

        for g in groups:
            for i in places:
                _, w1, w2, _ = act[g][i]
                if chance(w1, p.mutation):
                    types[g][i] = (types[g][i] + 1 + below(w2, 2)) % 3

        punishers = sum(group.count(PUNISHER) for group in types)
        defectors = sum(group.count(DEFECTOR) for group in types)
        seen.append(
            {
                "cooperators": (people - defectors) / people,
                "punishers": punishers / people,
                "contributions": sum(sum(group) for group in contributed) / people,
                "conquered": conquered / p.groups,
            }
        )
    return seen


SETTINGS = [
    ({"groups": 9, "size": 4, "contest": 0.3, "mutation": 0.03}, 120),
    (
        {
            "groups": 7,
            "size": 5,
            "cost": 0.13,
            "punished_loss": 0.6,
            "punishing_cost": 0.35,
            "error": 0.17,
            "mixing": 0.23,
            "contest": 0.4,
            "mutation": 0.08,
            "baseline": 1.3,
        },
        150,
    ),
    # payoffs at the floor, often both
    (
        {
            "groups": 6,
            "size": 7,
            "cost": 0.31,
            "punished_loss": 5.5,
            "punishing_cost": 2.1,
            "error": 0.35,
            "mixing": 0.31,
            "contest": 0.2,
            "mutation": 0.17,
            "baseline": 0.3,
        },
        100,
    ),
    # a punisher pays every period
    (
        {
            "groups": 5,
            "size": 6,
            "punishing_cost": 0.27,
            "fixed_cost": 1,
            "error": 0.06,
            "mixing": 0.12,
            "contest": 0.35,
            "mutation": 0.11,
        },
        150,
    ),
    ({"groups": 2, "size": 23, "error": 0.09, "mixing": 0.07, "contest": 0.7, "mutation": 0.02}, 100),
    ({"groups": 11, "size": 2, "punished_loss": 1.4, "mixing": 0.4, "contest": 0.55, "mutation": 0.06}, 150),
]
