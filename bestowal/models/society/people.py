"""People who come: founders, children, applicants. Traits are drawn for a crowd at once; who stays takes a place.

Ability is lognormal with mean 1. Motive starts at the native level, logit(giver's or ordinary centre) + motive_sd·z.
Commitment, breadth, supremacy and inclusion spread around their centres on the logit scale; centres 0 and 1 are exact.
"""

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import normals
from bestowal.kernels.motives import logit, spread
from bestowal.kernels.rng import below, chance, fill, uniform
from bestowal.models.society.state import (
    ABILITY,
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


@njit_no_alias
def draw_natures(w0, w1, w2, w3, ability_sd, giver_share, giver, ordinary, motive_sd, since, ability, native, birth):
    for i in range(w0.size):
        z_ability, z_motive = normals(w0[i], w1[i])
        centre = giver if chance(w2[i], giver_share) else ordinary
        ability[i] = lognormal(ability_sd, z_ability)
        native[i] = centre + motive_sd * z_motive
        birth[i] = since - (20.0 + 25.0 * uniform(w3[i]))


@njit_no_alias
def draw_normals(word0, word1, first, second):
    for i in range(word0.size):
        first[i], second[i] = normals(word0[i], word1[i])


@njit_no_refcount
def draw_people(p, s, seed, world, year, n, giver_share, since):
    """Traits of the n people whose identities stand in s.crowd_id, into the rows of s.crowd; all but their belief.

    They come in `year` and take part from year `since`, at an age of 20 to 45.
    """
    who = s.crowd_id[:n]
    words = s.crowd_words[0]
    fill(seed, world, year, who, PERSON, 0, words)
    ability, native, birth = s.crowd[ABILITY], s.crowd[NATIVE], s.crowd[BIRTH]
    giver, ordinary = logit(p.giver_motive), logit(p.ordinary_motive)
    w0, w1, w2, w3 = words[0, :n], words[1, :n], words[2, :n], words[3, :n]
    draw_natures(w0, w1, w2, w3, p.ability_sd, giver_share, giver, ordinary, p.motive_sd, since, ability, native, birth)
    screen, desire, first = s.crowd[SCREEN], s.crowd[DESIRE], s.crowd[SINCE]
    for i in range(n):
        screen[i] = native[i]
    desire[:n] = s.appetite[0]
    first[:n] = since
    fill(seed, world, year, who, TRAITS, 0, words)
    commitment, breadth = s.crowd[COMMITMENT], s.crowd[BREADTH]
    supremacy, inclusion = s.crowd[SUPREMACY], s.crowd[INCLUSION]
    draw_normals(w0, w1, commitment, breadth)
    draw_normals(w2, w3, supremacy, inclusion)
    spread(commitment, n, p.commitment, p.trait_sd)
    spread(breadth, n, p.breadth, p.trait_sd)
    spread(supremacy, n, p.supremacy, p.trait_sd)
    spread(inclusion, n, p.inclusion, p.trait_sd)


@njit_no_refcount
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


@njit_no_refcount
def free_place(p, s, c, word):
    """The first empty place from a drawn one upwards, wrapping; there must be one.

    Drawn, so that one departure shifts few newcomers.
    """
    place = below(word, p.n_places)
    while s.alive[c * p.n_places + place] == 1:
        place = place + 1 if place + 1 < p.n_places else 0
    return c * p.n_places + place
