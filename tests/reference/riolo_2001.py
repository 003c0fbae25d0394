"""Riolo, Cohen and Axelrod 2001, "Evolution of cooperation without reciprocity": giving to those with a similar tag.

Written from the paper's specification and the addresses of luck, without opening the model file.

Luck, as draw(seed, world, generation, person, purpose, index), persons numbered 0 .. agents - 1:

    START    once, generation 0: w0 the tag, w1 the tolerance, both uniform
    PAIRING  index = pairing // 4, word number pairing % 4: the partner, one of the others
    HEIR     w0 the other agent compared with; w1 whether the tag mutates; w2 whether the tolerance does; w3 the new tag
    NOISE    w0, w1: the normal number added to a tolerance that mutates

Settled: in a tie the slot keeps its own tag and tolerance. A score is benefit * received - cost * given, from counts,
so that equal scores are exactly equal. A tolerance is floored at 0 and has no ceiling, although a tag is below 1. An
agent may meet the same partner more than once in a generation. The tolerance observed is that of the agents who played,
not of their heirs.
"""

import math

from reference.luck import below, chance, draw, normals, uniform

START, PAIRING, HEIR, NOISE = range(1, 5)


def other_than(i, word, n):
    """One of the n agents other than i, all alike."""
    j = below(word, n - 1)
    return j + 1 if j >= i else j


def gives(p, tags, tolerances, i, j):
    """Whether j's tag is near enough to i's for i to give."""
    distance = abs(tags[i] - tags[j])
    return distance < tolerances[i] if p.strict else distance <= tolerances[i]


def play(p, tags, tolerances, luck):
    """Everybody's pairings: the gifts given and received by each agent, and how many went to an equal tag."""
    given = [0] * p.agents
    received = [0] * p.agents
    to_clones = 0
    for i in range(p.agents):
        for pairing in range(p.pairings):
            word = luck(i, PAIRING, pairing // 4)[pairing % 4]
            j = other_than(i, word, p.agents)
            if gives(p, tags, tolerances, i, j):
                given[i] += 1
                received[j] += 1
                if tags[i] == tags[j]:
                    to_clones += 1
    return given, received, to_clones


def heir(p, i, tags, tolerances, scores, luck):
    """Tag and tolerance of the agent that fills slot i in the next generation."""
    w0, w1, w2, w3 = luck(i, HEIR)
    j = other_than(i, w0, p.agents)
    parent = j if scores[j] > scores[i] else i
    tag, tolerance = tags[parent], tolerances[parent]
    if chance(w1, p.tag_mutation):
        tag = uniform(w3)
    if chance(w2, p.tolerance_mutation):
        noise = luck(i, NOISE)
        tolerance = max(0.0, tolerance + p.tolerance_step * normals(noise[0], noise[1])[0])
    return tag, tolerance


def simulate(p, steps, seed, world):
    """The observables of each of `steps` generations."""
    tags, tolerances = [], []
    for i in range(p.agents):
        w = draw(seed, world, 0, i, START)
        tags.append(uniform(w[0]))
        tolerances.append(uniform(w[1]))

    seen = []
    for generation in range(steps):

        def luck(person, purpose, index=0, generation=generation):
            return draw(seed, world, generation, person, purpose, index)

        given, received, to_clones = play(p, tags, tolerances, luck)
        gifts = sum(given)
        seen.append(
            {
                "donation_rate": gifts / (p.agents * p.pairings),
                "tolerance": sum(tolerances) / p.agents,
                "gifts_to_clones": to_clones / gifts if gifts > 0 else math.nan,
            }
        )

        scores = [p.benefit * received[i] - p.cost * given[i] for i in range(p.agents)]
        heirs = [heir(p, i, tags, tolerances, scores, luck) for i in range(p.agents)]
        tags = [tag for tag, _ in heirs]
        tolerances = [tolerance for _, tolerance in heirs]
    return seen


SETTINGS = [
    ({}, 60),
    ({"agents": 17, "pairings": 5, "tag_mutation": 0.23, "tolerance_mutation": 0.37, "tolerance_step": 0.07}, 120),
    # tolerances of exactly 0 among clones, where `strict` decides; and the same without it
    (
        {
            "agents": 31,
            "benefit": 1.7,
            "cost": 0.35,
            "tag_mutation": 0.03,
            "tolerance_mutation": 0.41,
            "tolerance_step": 0.13,
            "strict": 1,
        },
        150,
    ),
    (
        {
            "agents": 31,
            "benefit": 1.7,
            "cost": 0.35,
            "tag_mutation": 0.03,
            "tolerance_mutation": 0.41,
            "tolerance_step": 0.13,
        },
        150,
    ),
    # giving costs more than it brings
    ({"agents": 13, "pairings": 2, "benefit": 0.4, "cost": 3.3, "tolerance_mutation": 0.6, "tolerance_step": 0.2}, 150),
    # ties, and a third block of words
    ({"agents": 23, "pairings": 11, "benefit": 0.7, "cost": 0.0, "tag_mutation": 0.007, "tolerance_step": 0.3}, 120),
    # the smallest world: often nobody gives
    ({"agents": 2, "pairings": 1, "tag_mutation": 0.3, "tolerance_mutation": 0.8, "tolerance_step": 0.4}, 150),
]
