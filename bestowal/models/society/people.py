"""People who come: founders, children, applicants. Traits are drawn for a crowd at once; who stays takes a place.

Ability is lognormal with mean 1. Motive starts at the native level, logit(giver's or ordinary centre) + motive_sd·z.
Commitment, breadth, supremacy and inclusion spread around their centres on the logit scale; centres 0 and 1 are exact.
"""

from numba import njit

from bestowal.models.society.state import (
    ABILITY,
    BELIEF,
    BIRTH,
    BREADTH,
    COMMITMENT,
    DESIRE,
    HEIGHT,
    INCLUSION,
    NATIVE,
    PERSON,
    PRACTISING,
    SCREEN,
    SINCE,
    SUPREMACY,
    TRAITS,
    lognormal,
)
from bestowal.numerics import normals
from bestowal.parts.motives import logit, spread
from bestowal.streams import below, chance, fill, uniform


@njit(error_model="numpy")
def draw_people(p, s, seed, world, year, n, giver_share, belief, since):
    """Traits of the n people whose identities stand in s.crowd_id, into the rows of s.crowd.

    They come in `year` and take part from year `since`, at an age of 20 to 45.
    """
    who = s.crowd_id[:n]
    words = s.crowd_words[0]
    fill(seed, world, year, who, PERSON, 0, words)
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    ability, native, screen = s.crowd[ABILITY], s.crowd[NATIVE], s.crowd[SCREEN]
    desire, believed, birth, first = s.crowd[DESIRE], s.crowd[BELIEF], s.crowd[BIRTH], s.crowd[SINCE]
    giver, ordinary, motive_sd = logit(p.giver_motive), logit(p.ordinary_motive), p.motive_sd
    ability_sd, appetite = p.ability_sd, s.appetite[0]
    for i in range(n):
        ability[i], native[i] = normals(w0[i], w1[i])
    for i in range(n):
        ability[i] = lognormal(ability_sd, ability[i])
    for i in range(n):
        centre = giver if chance(w2[i], giver_share) else ordinary
        native[i] = centre + motive_sd * native[i]
    for i in range(n):
        screen[i] = native[i]
        birth[i] = since - (20.0 + 25.0 * uniform(w3[i]))
    desire[:n] = appetite
    believed[:n] = belief
    first[:n] = since
    fill(seed, world, year, who, TRAITS, 0, words)
    commitment, breadth = s.crowd[COMMITMENT], s.crowd[BREADTH]
    supremacy, inclusion = s.crowd[SUPREMACY], s.crowd[INCLUSION]
    for i in range(n):
        commitment[i], breadth[i] = normals(w0[i], w1[i])
    for i in range(n):
        supremacy[i], inclusion[i] = normals(w2[i], w3[i])
    spread(commitment, n, p.commitment, p.trait_sd)
    spread(breadth, n, p.breadth, p.trait_sd)
    spread(supremacy, n, p.supremacy, p.trait_sd)
    spread(inclusion, n, p.inclusion, p.trait_sd)


@njit(error_model="numpy")
def settle(s, k, i):
    """The k-th of the crowd takes the empty place i."""
    s.alive[i] = 1
    s.ruler[i] = 0
    s.fresh[i] = 1
    s.id[i] = s.crowd_id[k]
    for row in range(SINCE + 1):
        s.person[row, i] = s.crowd[row, k]
    s.person[HEIGHT, i] = s.crowd[SCREEN, k]
    s.person[PRACTISING, i] = 0.0


@njit(error_model="numpy")
def free_place(p, s, c, word):
    """The first empty place from a drawn one upwards, wrapping; there must be one.

    Drawn, so that one departure shifts few newcomers.
    """
    place = below(word, p.n_places)
    while s.alive[c * p.n_places + place] == 1:
        place = place + 1 if place + 1 < p.n_places else 0
    return c * p.n_places + place
