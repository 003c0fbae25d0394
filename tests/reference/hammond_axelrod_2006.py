"""Hammond and Axelrod 2006, "The Evolution of Ethnocentrism": tags that mean nothing, one-shot help, local birth.

Written from the specification of the paper and the addresses of luck, without opening the model file.

Luck (year = the period, index 0 unless said):

    IMMIGRANT = 1  person = immigrant k, index = 0 .. 63: each of the four words is a candidate site
    TRAITS = 2     person = immigrant k: w0 colour, w1 helps its own colour, w2 helps other colours (even chances)
    LIFE = 3       person = site: w0 priority, w1 reproduces, w2 which empty neighbour, w3 death
    MUTATION = 4   person = site of the birth: w0 colour mutates, w1 into which, w2 and w3 the two helping bits flip

Settled where the paper is silent: an immigrant takes the first empty of 256 candidate sites, and when there is none the
first empty site at or after the last candidate; immigrants come one after another; agents reproduce in ascending
(priority, site), children of the same pass do not; the mutant colour is the w1-th of the colours other than the
parent's; death is drawn for the site, so a newborn dies by the word of the site it was born on.
"""

from math import nan

from reference.luck import below, chance, draw

IMMIGRANT, TRAITS, LIFE, MUTATION = 1, 2, 3, 4
CANDIDATE_DRAWS = 64


def neighbours(site, side):
    """North, east, south, west, wrapping round."""
    row, column = divmod(site, side)
    return [
        (row - 1) % side * side + column,
        row * side + (column + 1) % side,
        (row + 1) % side * side + column,
        row * side + (column - 1) % side,
    ]


def landing_site(agents, sites, seed, world, year, k):
    """Where immigrant k settles; there is at least one empty site."""
    for index in range(CANDIDATE_DRAWS):
        for word in draw(seed, world, year, k, IMMIGRANT, index):
            candidate = below(word, sites)
            if candidate not in agents:
                return candidate
    while candidate in agents:
        candidate = (candidate + 1) % sites
    return candidate


def immigration(p, agents, seed, world, year):
    sites = p.side * p.side
    for k in range(p.immigrants):
        if len(agents) == sites:
            break
        site = landing_site(agents, sites, seed, world, year, k)
        w0, w1, w2, _ = draw(seed, world, year, k, TRAITS)
        agents[site] = (below(w0, p.colours), chance(w1, 0.5), chance(w2, 0.5))


def interaction(p, agents):
    """Chance to reproduce of every agent, and the decisions: all, helping, consistent, towards the same colour."""
    given = dict.fromkeys(agents, 0)
    received = dict.fromkeys(agents, 0)
    decisions = helping = consistent = same_colour = 0
    for site, (colour, helps_same, helps_other) in agents.items():
        for other in neighbours(site, p.side):
            if other not in agents:
                continue
            same = agents[other][0] == colour
            helps = helps_same if same else helps_other
            decisions += 1
            same_colour += same
            helping += helps
            consistent += helps == same
            given[site] += helps
            received[other] += helps
    ptr = {site: p.base_chance - p.cost * given[site] + p.benefit * received[site] for site in agents}
    return ptr, decisions, helping, consistent, same_colour


def mutated(p, parent, seed, world, year, birthplace):
    colour, helps_same, helps_other = parent
    w0, w1, w2, w3 = draw(seed, world, year, birthplace, MUTATION)
    if chance(w0, p.mutation) and p.colours > 1:
        different = below(w1, p.colours - 1)
        colour = different + 1 if different >= colour else different
    if chance(w2, p.mutation):
        helps_same = not helps_same
    if chance(w3, p.mutation):
        helps_other = not helps_other
    return colour, helps_same, helps_other


def reproduction(p, agents, ptr, life, seed, world, year):
    for site in sorted(ptr, key=lambda site: (life[site][0], site)):
        _, reproduces, which, _ = life[site]
        if not chance(reproduces, ptr[site]):
            continue
        empty = [other for other in neighbours(site, p.side) if other not in agents]
        if empty:
            birthplace = empty[below(which, len(empty))]
            agents[birthplace] = mutated(p, agents[site], seed, world, year, birthplace)


def death(p, agents, life):
    for site in list(agents):
        if chance(life[site][3], p.death):
            del agents[site]


def shares(agents):
    strategies = [(helps_same, helps_other) for _, helps_same, helps_other in agents.values()]
    names = {
        "ethnocentric": (True, False),
        "humanitarian": (True, True),
        "selfish": (False, False),
        "traitorous": (False, True),
    }
    return {name: strategies.count(bits) / len(agents) if agents else nan for name, bits in names.items()}


def simulate(p, steps, seed, world):
    sites = p.side * p.side
    agents = {}  # site -> (colour, helps its own colour, helps other colours)
    history = []
    for year in range(steps):
        immigration(p, agents, seed, world, year)
        ptr, decisions, helping, consistent, same_colour = interaction(p, agents)
        life = {site: draw(seed, world, year, site, LIFE) for site in range(sites)}
        reproduction(p, agents, ptr, life, seed, world, year)
        death(p, agents, life)
        history.append(
            {
                **shares(agents),
                "cooperation": helping / decisions if decisions else nan,
                "consistent": consistent / decisions if decisions else nan,
                "same_colour": same_colour / decisions if decisions else nan,
                "density": len(agents) / sites,
            }
        )
    return history


SETTINGS = [
    # the paper's own numbers on a small lattice
    ({"side": 17}, 120),
    # many mutations, many immigrants, a lattice that stays about half full
    ({"side": 13, "colours": 3, "mutation": 0.31, "immigrants": 7, "death": 0.27, "base_chance": 0.17}, 80),
    # the smallest torus: north and south, east and west meet; it fills and empties
    ({"side": 3, "colours": 2, "cost": 0.07, "benefit": 0.19, "immigrants": 2, "death": 0.23, "mutation": 0.13}, 150),
    # one colour: a mutation of colour changes nothing, nobody is of another colour
    ({"side": 11, "colours": 1, "cost": 0.02, "mutation": 0.37, "immigrants": 3}, 80),
    # immigrants fill the lattice: candidates run out, and more come than there is room for
    ({"side": 23, "colours": 5, "immigrants": 541, "death": 0.03, "cost": 0.013}, 5),
    # nearly fills it each time: candidates run out and the walk to the next empty site wraps round
    ({"side": 29, "colours": 7, "immigrants": 700, "death": 0.71, "base_chance": 0.83}, 6),
    # chances to reproduce below zero and above one
    (
        {"side": 10, "colours": 4, "cost": 0.33, "benefit": 0.61, "base_chance": 0.29, "death": 0.19, "immigrants": 4},
        60,
    ),
    # helping costs more than it gives; many colours, few alive, periods with nobody to meet or nobody alive
    ({"side": 9, "colours": 41, "cost": 0.11, "benefit": 0.05, "base_chance": 0.21, "death": 0.43}, 120),
    # every child mutates in everything; no cost
    ({"side": 12, "colours": 6, "cost": 0.0, "benefit": 0.09, "mutation": 1.0, "death": 0.15, "immigrants": 5}, 60),
    # nobody comes
    ({"side": 5, "immigrants": 0}, 3),
]
