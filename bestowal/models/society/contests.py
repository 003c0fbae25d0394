"""Contests between communities, and attacks from outside (structure: Choi & Bowles 2007; odds: Hirshleifer 1991).

Strength A = arms share × product. The starter wins with probability (A + ε)/(A + A' + 2ε); the loser loses capital,
part of next year's product and, when crushed (ratio above crush_ratio), members. Limits: no supremacy, no contests;
equal arms, even odds; no threat, no attack.
"""

from bestowal.kernels.compile import njit_no_refcount
from bestowal.kernels.rng import below, chance, draw, site
from bestowal.models.society.state import (
    ARMS,
    ATTACK,
    CAPITAL,
    CONTEST,
    DAMAGE,
    DAMAGE_AFTER,
    GROSS,
    HARM,
    RIVALRY,
    WORKERS,
)

LEAST = 0.001
"""ε, product of a person-year: keeps the odds of two unarmed communities even."""


@njit_no_refcount
def contests(p, s, seed, world, year):
    n = p.n_communities
    after = s.community[DAMAGE_AFTER]
    for c in range(n):
        after[c] = 0.0
        s.crushed[c] = 0
        s.community[HARM, c] = 0.0
    for c in range(n):
        if s.standing[c] == 0:
            continue
        w0, w1, w2, w3 = draw(seed, world, year, site(c), CONTEST, 0)
        strength = s.community[ARMS, c] * s.community[GROSS, c]
        if n > 1 and chance(w0, p.rivalry * s.community[RIVALRY, c]):
            other = below(w1, n - 1)
            if other >= c:
                other += 1
            if s.standing[other] == 1:
                theirs = s.community[ARMS, other] * s.community[GROSS, other]
                if chance(w2, (strength + LEAST) / (strength + theirs + 2.0 * LEAST)):
                    defeat(p, s, after, c, other, strength, theirs)
                else:
                    defeat(p, s, after, other, c, theirs, strength)
        if chance(w3, p.threat * p.attack_rate):
            force = p.hostile_force * s.community[WORKERS, c]
            w0, _, _, _ = draw(seed, world, year, site(c), ATTACK, 0)
            if chance(w0, (force + LEAST) / (strength + force + 2.0 * LEAST)):
                s.community[CAPITAL, c] -= p.spoils * s.community[CAPITAL, c]
                after[c] = 1.0 - (1.0 - after[c]) * (1.0 - p.devastation)
                if force > p.crush_ratio * strength:
                    s.crushed[c] = 1
    for c in range(n):
        s.community[DAMAGE, c] = after[c]


@njit_no_refcount
def defeat(p, s, after, winner, loser, strength, theirs):
    loot = p.spoils * s.community[CAPITAL, loser]
    s.community[CAPITAL, loser] -= loot
    s.community[CAPITAL, winner] += loot
    after[loser] = 1.0 - (1.0 - after[loser]) * (1.0 - p.devastation)
    if strength > p.crush_ratio * theirs:
        s.crushed[loser] = 1
    s.community[HARM, winner] += loot + p.devastation * s.community[GROSS, loser]
