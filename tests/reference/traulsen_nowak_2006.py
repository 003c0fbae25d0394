"""Traulsen & Nowak 2006, multilevel selection: groups that grow and split let one cooperator take over.

Slow and plain, written from the specification of the paper and the addresses of luck alone, without opening the model
file. A step is a trial: one cooperator (C) in group 0, everybody else a defector (D), run until one type is left.

Luck: year = the trial, person = the birth t = 0, 1, 2 …
    BIRTH 1  w0 the parent, w1 whether the copy migrates, w2 where to, w3 whether an overfull group splits
    FATE  2  w0 who dies (C's counted first), or w1 which other group makes room for the second daughter
    SPLIT 3  index = attempt; bit j of the 128 bits (lowest first, word by word): 1 = member j (C's first) goes to A

Settled where the text is silent:
  - if everybody's fitness is 0, all groups are equally likely, whatever their size, and a D of the group is the parent
    if it has one;
  - the group that may split is the one that received the copy, not the parent's; a migrant's new group may be the one
    that splits, and the parent's group may be the one removed;
  - a split is drawn again until both daughters have a member, so a daughter may be one person, who plays nobody and
    has payoff 0;
  - births made is all births of the trial, the last included; a trial given up has births and splits, but no `fixed`.
"""

import math

from reference.luck import below, chance, draw, uniform

BIRTH, FATE, SPLIT = 1, 2, 3


def fitness(p, cooperators, size):
    """Of a C and of a D in a group of `size` with so many cooperators; nobody plays with himself."""
    payoff_c = payoff_d = 0.0
    if size > 1:
        payoff_c = p.benefit * (cooperators - 1) / (size - 1) - p.cost
        payoff_d = p.benefit * cooperators / (size - 1)
    return (
        max(0.0, 1.0 - p.selection + p.selection * payoff_c),
        max(0.0, 1.0 - p.selection + p.selection * payoff_d),
    )


def pick(weights, word):
    """A place in the list in proportion to weight (any place if there is no weight), and how far into it we fall."""
    total = 0.0
    for weight in weights:
        total += weight
    if total == 0.0:
        return below(word, len(weights)), 0.0
    r = uniform(word) * total
    before = 0.0
    for place, weight in enumerate(weights):
        after = before + weight
        if after > r:
            return place, r - before
        before = after
    last = max(place for place, weight in enumerate(weights) if weight > 0.0)
    return last, weights[last]


def choose_parent(p, groups, word):
    """The parent's group and whether the parent is a C, in proportion to fitness over the whole population."""
    of_c, of_all = [], []
    for c, d in groups:
        fit_c, fit_d = fitness(p, c, c + d)
        of_c.append(c * fit_c)
        of_all.append(c * fit_c + d * fit_d)
    home, into = pick(of_all, word)
    c, d = groups[home]
    if c == 0 or d == 0:
        return home, d == 0
    return home, into < of_c[home]


def other(word, groups, own):
    """A group other than `own`."""
    g = below(word, len(groups) - 1)
    return g + 1 if g >= own else g


def divide(c, d, address):
    """The two daughters [C's, D's] of a group; `address` is (seed, world, trial, birth)."""
    for attempt in range(256):
        words = draw(*address, SPLIT, attempt)
        daughters = [0, 0], [0, 0]
        for member in range(c + d):
            to_a = words[member // 32] >> (member % 32) & 1
            daughters[0 if to_a else 1][0 if member < c else 1] += 1
        if sum(daughters[0]) > 0 and sum(daughters[1]) > 0:
            return daughters
    return ([1, 0], [c - 1, d]) if c > 0 else ([0, 1], [0, d - 1])


def trial(p, seed, world, year):
    groups = [[0, p.size] for _ in range(p.groups)]  # [cooperators, defectors] of each
    groups[0] = [1, p.size - 1]
    births = splits = 0
    while births < p.most_births:
        if sum(c for c, _ in groups) == 0 or sum(d for _, d in groups) == 0:
            break
        address = seed, world, year, births
        w0, w1, w2, w3 = draw(*address, BIRTH)
        births += 1

        home, cooperates = choose_parent(p, groups, w0)
        if chance(w1, p.migration):
            home = other(w2, groups, home)
        groups[home][0 if cooperates else 1] += 1

        c, d = groups[home]
        if c + d <= p.size:
            continue
        f0, f1, _, _ = draw(*address, FATE)
        if chance(w3, p.splitting):
            splits += 1
            removed = other(f1, groups, home)
            groups[home], groups[removed] = divide(c, d, address)
        else:
            dies = below(f0, c + d)
            groups[home][0 if dies < c else 1] -= 1

    fixed = math.nan
    if sum(d for _, d in groups) == 0:
        fixed = 1.0
    elif sum(c for c, _ in groups) == 0:
        fixed = 0.0
    return {"fixed": fixed, "births": float(births), "splits": float(splits)}


def simulate(p, steps, seed, world):
    return [trial(p, seed, world, year) for year in range(steps)]


SETTINGS = [
    # the paper's rules at work: rare splits, no migration
    ({"groups": 5, "size": 5, "benefit": 6.3, "cost": 1.2, "selection": 0.13, "splitting": 0.03}, 300),
    # many splits, groups short of members
    ({"groups": 3, "size": 4, "benefit": 3.1, "cost": 0.7, "selection": 0.37, "splitting": 0.41}, 400),
    # everything splits, pairs and loners; migration
    (
        {
            "groups": 4,
            "size": 2,
            "benefit": 2.3,
            "cost": 1.6,
            "selection": 0.21,
            "splitting": 1.0,
            "migration": 0.17,
        },
        400,
    ),
    # two groups only (the other group is certain), strong migration
    (
        {
            "groups": 2,
            "size": 7,
            "benefit": 9.0,
            "cost": 0.4,
            "selection": 0.08,
            "splitting": 0.07,
            "migration": 0.63,
        },
        300,
    ),
    # fitness at its floor: a lone cooperator has none, nor has a group of defectors
    ({"groups": 3, "size": 3, "benefit": 4.5, "cost": 2.5, "selection": 1.0, "splitting": 0.2, "migration": 0.35}, 400),
    # nobody is fit: all groups equally likely
    ({"groups": 3, "size": 3, "benefit": 0.0, "cost": 0.3, "selection": 1.0, "splitting": 0.6, "migration": 0.45}, 400),
    # trials given up
    (
        {"groups": 7, "size": 3, "benefit": 5.5, "cost": 0.9, "selection": 0.3, "splitting": 0.15, "most_births": 37},
        300,
    ),
    # groups of more than 64 members: bits from three words of luck
    ({"groups": 3, "size": 70, "benefit": 40.0, "cost": 0.0, "selection": 0.6, "splitting": 0.11}, 150),
    # groups of up to 127, with 128 bits for a split
    (
        {
            "groups": 2,
            "size": 127,
            "benefit": 90.0,
            "cost": 0.1,
            "selection": 0.9,
            "splitting": 0.35,
            "migration": 0.02,
            "most_births": 2000,
        },
        25,
    ),
]
