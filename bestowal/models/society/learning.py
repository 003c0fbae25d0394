"""Learning without practice: relapse to one's native level, and imitation of success (Fermi: Traulsen & Nowak 2006).

s ← s + relapse·(native − s); a look at a model is accepted with probability logistic(selection·(π_model − π)), and then
s, κ and ω move imitation_step of the way. All look at the same moment. Limits: relapse 0 and imitation 0 leave everyone
as they are; relapse 1 undoes a year's change; selection 0 accepts half.
"""

from numba import njit

from bestowal.models.society.state import (
    BREADTH,
    BREADTH_BEFORE,
    COMMITMENT,
    COMMITMENT_BEFORE,
    NATIVE,
    OUTSIDER,
    PAYOFF,
    SCREEN,
    SCREEN_BEFORE,
    ability_of,
    level,
)
from bestowal.numerics import logistic, normals
from bestowal.streams import below, chance, draw


@njit(error_model="numpy")
def learn(p, s, c, seed, world, year):
    lo = c * p.n_places
    hi = lo + p.n_places
    screen, native = s.person[SCREEN, lo:hi], s.person[NATIVE, lo:hi]
    relapse = p.relapse
    commitment, breadth = s.person[COMMITMENT, lo:hi], s.person[BREADTH, lo:hi]
    screen_before, commitment_before = s.person[SCREEN_BEFORE, lo:hi], s.person[COMMITMENT_BEFORE, lo:hi]
    breadth_before = s.person[BREADTH_BEFORE, lo:hi]
    for i in range(screen.size):
        screen[i] += relapse * (native[i] - screen[i])
    for i in range(screen.size):
        screen_before[i] = screen[i]
        commitment_before[i] = commitment[i]
    for i in range(screen.size):
        breadth_before[i] = breadth[i]
    if p.imitation == 0.0:
        return
    looks, outwards = s.words[c, 1, 0], s.words[c, 1, 1]
    places, accepts = s.words[c, 1, 2], s.words[c, 1, 3]
    for place in range(p.n_places):
        i = lo + place
        if not chance(looks[place], p.imitation) or s.alive[i] == 0:
            continue
        if chance(outwards[place], p.mixing):
            w0, w1, w2, _ = draw(seed, world, year, s.id[i], OUTSIDER, 0)
            z_motive, z_ability = normals(w0, w1)
            ability = ability_of(p, z_ability)
            payoff = 0.5 * p.outside_wage * ability * ability
            model_screen = level(p, chance(w2, p.giver_share), z_motive)
            model_commitment = p.commitment
            model_breadth = p.breadth
        else:
            j = lo + below(places[place], p.n_places)
            if j == i or s.alive[j] == 0:
                continue
            payoff = s.person[PAYOFF, j]
            model_screen = s.person[SCREEN_BEFORE, j]
            model_commitment = s.person[COMMITMENT_BEFORE, j]
            model_breadth = s.person[BREADTH_BEFORE, j]
        if chance(accepts[place], logistic(p.selection * (payoff - s.person[PAYOFF, i]))):
            s.person[SCREEN, i] += p.imitation_step * (model_screen - s.person[SCREEN, i])
            s.person[COMMITMENT, i] += p.imitation_step * (model_commitment - s.person[COMMITMENT, i])
            s.person[BREADTH, i] += p.imitation_step * (model_breadth - s.person[BREADTH, i])
