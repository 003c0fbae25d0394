"""Ohtsuki, Hauert, Lieberman & Nowak 2006: on a graph cooperation is favoured if b/c exceeds the number of neighbours.

Slow and plain, written from the specification of the paper and the addresses of luck alone, without opening the model
file. A step is a trial: one cooperator (C) on a random node, run until all are alike. Graphs: 0 ring, 1 square lattice,
2 random regular, 3 scale-free. Updates: 0 death-birth, 1 birth-death, 2 imitation.

Luck: person = a plain number
    GRAPH  1  year 0. Random regular: person = swap; w0 and w1 the two edges, w2 whether the second is turned round.
              Scale-free: person = node * 1024 + target, index = try; w0 the place in the list of ends
    MUTANT 2  year = the trial, person 0; w0 the node of the cooperator
    EVENT  3  year = the trial, person = event; w0 who dies (or is the parent, or thinks again), w1 whom it follows

Settled where the text is silent:
  - the one who dies still counts in its neighbours' payoffs: they have played before it dies;
  - an edge looked at but not swapped is left as it lay, not turned round;
  - if all who compete have fitness 0, each is equally likely;
  - an event counts whether or not it changes a type; nothing sees to it that a random graph is in one piece: a trial
    on one that is not is given up unless it ends by itself.
"""

import math

from reference.luck import below, chance, draw, uniform

GRAPH, MUTANT, EVENT = 1, 2, 3
RING, LATTICE, RANDOM_REGULAR, SCALE_FREE = range(4)
DEATH_BIRTH, BIRTH_DEATH, IMITATION = range(3)

# -------------------------------------------------------------------------------------------------------------- graphs


def ring(nodes, degree):
    return [(i, (i + d) % nodes) for i in range(nodes) for d in range(1, degree // 2 + 1)]


def lattice(nodes):
    side = math.isqrt(nodes)
    edges = []
    for i in range(nodes):
        row, col = divmod(i, side)
        edges.append((i, row * side + (col + 1) % side))
        edges.append((i, (row + 1) % side * side + col))
    return edges


def random_regular(nodes, degree, seed, world):
    """A ring whose edges change ends in pairs, 20 times as often as there are edges; degrees stay as they are."""
    edges = ring(nodes, degree)
    if degree % 2 == 1:
        edges += [(i, i + nodes // 2) for i in range(nodes // 2)]
    present = {frozenset(edge) for edge in edges}
    for swap in range(20 * len(edges)):
        w0, w1, w2, _ = draw(seed, world, 0, swap, GRAPH)
        first, second = below(w0, len(edges)), below(w1, len(edges))
        a, b = edges[first]
        x, y = edges[second]
        if chance(w2, 0.5):
            x, y = y, x
        if len({a, b, x, y}) == 4 and frozenset((a, y)) not in present and frozenset((x, b)) not in present:
            present -= {frozenset((a, b)), frozenset((x, y))}
            present |= {frozenset((a, y)), frozenset((x, b))}
            edges[first] = a, y
            edges[second] = x, b
    return edges


def scale_free(nodes, degree, seed, world):
    """Barabási and Albert: each new node links to earlier ones in proportion to the links they have."""
    each = degree // 2
    edges = [(u, v) for u in range(each + 1) for v in range(u + 1, each + 1)]
    ends = [end for edge in edges for end in edge]
    for v in range(each + 1, nodes):
        targets = []
        for a in range(each):
            for attempt in range(256):
                candidate = ends[below(draw(seed, world, 0, v * 1024 + a, GRAPH, attempt)[0], len(ends))]
                if candidate not in targets:
                    break
            else:
                candidate = min(u for u in range(v) if u not in targets)
            targets.append(candidate)
        for target in targets:
            edges.append((v, target))
            ends += [v, target]
    return edges


def neighbourhoods(p, seed, world):
    """Of every node the list of its neighbours, in ascending order."""
    if p.graph == RING:
        edges = ring(p.nodes, p.degree)
    elif p.graph == LATTICE:
        edges = lattice(p.nodes)
    elif p.graph == RANDOM_REGULAR:
        edges = random_regular(p.nodes, p.degree, seed, world)
    else:
        edges = scale_free(p.nodes, p.degree, seed, world)
    links = [[] for _ in range(p.nodes)]
    for u, v in edges:
        links[u].append(v)
        links[v].append(u)
    return [sorted(who) for who in links]


# -------------------------------------------------------------------------------------------------------------- trials


def fitness(p, links, cooperates, i):
    """A cooperator pays for each neighbour; everybody gets from each cooperating neighbour. Payoffs are summed."""
    payoff = p.benefit * sum(cooperates[j] for j in links[i])
    if cooperates[i]:
        payoff -= p.cost * len(links[i])
    return max(0.0, 1.0 - p.selection + p.selection * payoff)


def pick(weights, word):
    """A place in the list, in proportion to weight; if there is no weight at all, any place."""
    total = 0.0
    for weight in weights:
        total += weight
    if total == 0.0:
        return below(word, len(weights))
    r = uniform(word) * total
    running = 0.0
    for place, weight in enumerate(weights):
        running += weight
        if running > r:
            return place
    return max(place for place, weight in enumerate(weights) if weight > 0.0)


def trial(p, links, seed, world, year):
    cooperates = [False] * p.nodes
    cooperates[below(draw(seed, world, year, 0, MUTANT)[0], p.nodes)] = True
    events = 0
    while 0 < sum(cooperates) < p.nodes and events < p.most_events:
        w0, w1, _, _ = draw(seed, world, year, events, EVENT)
        events += 1
        if p.update == BIRTH_DEATH:
            parent = pick([fitness(p, links, cooperates, j) for j in range(p.nodes)], w0)
            replaced = links[parent][below(w1, len(links[parent]))]
        else:
            replaced = below(w0, p.nodes)
            models = links[replaced] if p.update == DEATH_BIRTH else [replaced, *links[replaced]]
            parent = models[pick([fitness(p, links, cooperates, j) for j in models], w1)]
        cooperates[replaced] = cooperates[parent]

    share = sum(cooperates)
    fixed = 1.0 if share == p.nodes else 0.0 if share == 0 else math.nan
    return {"fixed": fixed, "events": float(events), "mean_degree": sum(len(who) for who in links) / p.nodes}


def simulate(p, steps, seed, world):
    links = neighbourhoods(p, seed, world)
    return [trial(p, links, seed, world, year) for year in range(steps)]


SETTINGS = [
    # ring, each update
    ({"nodes": 11, "degree": 2, "benefit": 3.7, "cost": 1.3, "selection": 0.11, "update": 0}, 480),
    ({"nodes": 11, "degree": 4, "benefit": 4.3, "cost": 0.6, "selection": 0.07, "update": 1}, 200),
    ({"nodes": 13, "degree": 6, "benefit": 5.9, "cost": 0.8, "selection": 0.15, "update": 2}, 200),
    # the complete graph
    ({"nodes": 7, "degree": 6, "benefit": 2.6, "cost": 0.3, "selection": 0.09, "update": 0}, 320),
    # lattices, the smallest and a larger one
    ({"nodes": 9, "degree": 4, "graph": 1, "benefit": 6.1, "cost": 1.1, "selection": 0.06, "update": 1}, 200),
    ({"nodes": 25, "degree": 4, "graph": 1, "benefit": 9.7, "cost": 1.7, "selection": 0.043, "update": 0}, 240),
    # random regular graphs, odd and even degrees
    ({"nodes": 14, "degree": 3, "graph": 2, "benefit": 5.3, "cost": 0.9, "selection": 0.12, "update": 0}, 240),
    ({"nodes": 17, "degree": 4, "graph": 2, "benefit": 7.7, "cost": 1.4, "selection": 0.05, "update": 2}, 200),
    # scale-free, degrees differ
    ({"nodes": 19, "degree": 6, "graph": 3, "benefit": 8.3, "cost": 0.7, "selection": 0.08, "update": 0}, 200),
    ({"nodes": 15, "degree": 4, "graph": 3, "benefit": 3.3, "cost": 0.45, "selection": 0.17, "update": 1}, 120),
    # no fitness left: some competitors, then all of them
    ({"nodes": 12, "degree": 4, "graph": 3, "benefit": 2.7, "cost": 1.9, "selection": 1.0, "update": 2}, 320),
    ({"nodes": 10, "degree": 2, "benefit": 0.0, "cost": 0.7, "selection": 1.0, "update": 1}, 200),
    # trials given up
    ({"nodes": 16, "degree": 4, "graph": 1, "benefit": 7.0, "cost": 0.5, "selection": 0.3, "most_events": 41}, 320),
]
