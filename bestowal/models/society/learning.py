"""Learning without practice: relapse to one's native level, and imitation of success (Fermi: Traulsen & Nowak 2006).

s ← s + relapse·(native − s), less under the guarantee for those who practise. A look at a model is accepted with
probability logistic(selection·(π_model − π)), and then s, κ and ω move imitation_step of the way. All look at the same
moment. Limits: relapse 0 and imitation 0 leave everyone as they are; relapse 1 undoes a year's change; selection 0
accepts half.
"""

import numpy as np

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import logistic, normals
from bestowal.kernels.rng import below, chance, draw
from bestowal.models.society.state import (
    BREADTH,
    COMMITMENT,
    NATIVE,
    OUTSIDER,
    PAYOFF,
    PRACTISING,
    SCREEN,
    level,
    lognormal,
    which,
)


@njit_no_refcount
def relapse(p, s):
    """For the whole world at once."""
    screen, native, practising = s.person[SCREEN], s.person[NATIVE], s.person[PRACTISING]
    rate, guarded = p.relapse, p.protection * p.guarantee
    for i in range(screen.size):
        screen[i] += (1.0 - guarded * practising[i]) * rate * (native[i] - screen[i])


@njit_no_alias
def lookers(alive, words, imitation, looks):
    for i in range(looks.size):
        looks[i] = alive[i] * np.uint8(chance(words[i], imitation))


@njit_no_refcount
def imitate(p, s, seed, world, year):
    """Whom each takes up is noted first and followed after, so that all look at the same moment."""
    if p.imitation == 0.0:
        return
    lookers(s.alive, s.words[1, 0], p.imitation, s.goes)
    outwards, places, accepts = s.words[1, 1], s.words[1, 2], s.words[1, 3]
    screen, commitment, breadth, gain = s.crowd[SCREEN], s.crowd[COMMITMENT], s.crowd[BREADTH], s.crowd[PAYOFF]
    step = p.imitation_step
    for c in range(p.n_communities):
        lo = c * p.n_places
        n = 0
        for k in range(which(s.goes[lo : lo + p.n_places], s.listed)):
            i = lo + s.listed[k]
            if chance(outwards[i], p.mixing):
                w0, w1, w2, _ = draw(seed, world, year, s.id[i], OUTSIDER, 0)
                z_motive, z_ability = normals(w0, w1)
                ability = lognormal(p.ability_sd, z_ability)
                payoff = 0.5 * p.outside_wage * ability * ability
                screen[n] = level(p, chance(w2, p.giver_share), z_motive)
                commitment[n] = p.commitment
                breadth[n] = p.breadth
            else:
                j = lo + below(places[i], p.n_places)
                if j == i or s.alive[j] == 0:
                    continue
                payoff = s.person[PAYOFF, j]
                screen[n] = s.person[SCREEN, j]
                commitment[n] = s.person[COMMITMENT, j]
                breadth[n] = s.person[BREADTH, j]
            gain[n] = payoff - s.person[PAYOFF, i]
            s.crowd_from[n] = i
            n += 1
        for k in range(n):
            gain[k] = logistic(p.selection * gain[k])
        for k in range(n):
            i = s.crowd_from[k]
            if chance(accepts[i], gain[k]):
                s.person[SCREEN, i] += step * (screen[k] - s.person[SCREEN, i])
                s.person[COMMITMENT, i] += step * (commitment[k] - s.person[COMMITMENT, i])
                s.person[BREADTH, i] += step * (breadth[k] - s.person[BREADTH, i])
