"""Hammond and Axelrod 2006: the evolution of ethnocentrism.

R. A. Hammond and R. Axelrod, "The Evolution of Ethnocentrism", Journal of Conflict Resolution 50 (2006) 926-936.

Question: can favour for one's own group evolve where the group is a colour that means nothing, people meet once, nobody
remembers, and nobody has a name?

People live on the sites of a torus, one a site, each with a colour and two bits: `ig`, to help neighbours of one's own
colour, and `og`, to help the others. One step is a period:

    1. immigrants with random traits come to empty sites drawn at random
    2. everyone meets the (up to four) neighbours: PTR = base_chance - cost * helps given + benefit * helps received
    3. one by one, in random order, each bears a child with chance PTR on an empty neighbouring site, if there is one;
       each trait of the child mutates on its own
    4. each dies with chance `death`, the newborn too

Traits (ig, og): ethnocentric (1, 0), humanitarian (1, 1), selfish (0, 0), traitorous (0, 1).

Limiting cases: with cost = benefit = 0 the traits are neutral, a quarter each; with one colour `og` never acts and what
is left is help among neighbours; without births (base_chance = benefit = 0) what lives is what came and has not died,
immigrants * (1 - death) / death on the mean while there is room.

Sources: all rules and defaults were read in projects that cite the paper; the 2,000 periods, the last 100 of which are
measured, partly recalled. The paper's own numbers: 76% ethnocentric in the standard case (read), 74% of the acts
cooperative and 88% in line with favour for one's own (recalled).

Left open, and settled here: a parent bears at most one child a period, and a child none in the period of its birth; a
site is drawn for an immigrant until an empty one comes up, 256 times at most, and then the next empty one in the order
of sites is taken, which matters only on a torus all but full; shares of acts are those of the period's meetings, shares
of people those after its deaths.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from pydantic import BaseModel

from bestowal.kernels.rng import below, chance, draw, fill
from bestowal.models.registry import STRICT, Model, Observable, param


class Params(BaseModel):
    model_config = STRICT

    side: int = param(
        50, "sites on a side of the torus", unit="sites", low=3, high=1000, symbol="L", source="read", fixed=True
    )
    colours: int = param(4, "colours there are", unit="colours", low=1, high=1000, symbol="K", source="read")
    cost: float = param(
        0.01, "chance of a child lost per help given", unit="chance per help", low=0, high=1, symbol="c", source="read"
    )
    benefit: float = param(
        0.03, "chance of a child gained per help had", unit="chance per help", low=0, high=1, symbol="b", source="read"
    )
    base_chance: float = param(
        0.12,
        "chance of a child without any help",
        unit="chance per period",
        low=0,
        high=1,
        symbol="PTR",
        source="read",
    )
    mutation: float = param(
        0.005,
        "chance that a trait of a child mutates",
        unit="chance per trait",
        low=0,
        high=1,
        symbol="mu",
        source="read; an appendix of the paper may print 0.05, said to be a misprint",
        needs={"immigrants": 500},
    )
    death: float = param(0.1, "chance of death", unit="chance per period", low=0, high=1, symbol="d", source="read")
    immigrants: int = param(1, "immigrants", unit="persons per period", low=0, high=1_000_000, source="read")


MODEL = Model(
    name="hammond_axelrod_2006",
    title="Hammond and Axelrod 2006: the evolution of ethnocentrism",
    params=Params,
    observables=(
        Observable("ethnocentric", "share", "help their own colour only", 0, 1, undefined="where nobody lives"),
        Observable("humanitarian", "share", "help everyone", 0, 1, undefined="where nobody lives"),
        Observable("selfish", "share", "help nobody", 0, 1, undefined="where nobody lives"),
        Observable("traitorous", "share", "help other colours only", 0, 1, undefined="where nobody lives"),
        Observable("cooperation", "share", "decisions to help among all", 0, 1, undefined="where nobody meets"),
        Observable(
            "consistent",
            "share",
            "decisions to help one's own or to refuse another, among all",
            0,
            1,
            undefined="where nobody meets",
        ),
        Observable("same_colour", "share", "meetings of two of one colour", 0, 1, undefined="where nobody meets"),
        Observable("density", "share", "sites with someone living on them, after deaths", 0, 1),
    ),
    kernels=__name__,
    step="period",
    steps=2000,
)

# Purposes of luck; the person of an address is a plain number.
IMMIGRANT = np.int64(1)  # immigrant k, index j: four candidates for the site
TRAITS = np.int64(2)  # immigrant k: colour, ig, og
LIFE = np.int64(3)  # site: turn, whether it bears, on which of the empty sites, death
MUTATION = np.int64(4)  # site of the newborn: colour, the new colour, ig, og

# A person is one number, (colour + 1) * 4 + og * 2 + ig, and an empty site 0: two of one colour differ in the last two
# bits at most, and an empty site gives no help.
EMPTY = np.uint16(0)
IG = np.uint16(1)
OG = np.uint16(2)
COLOUR = np.uint16(4)

# What a meeting comes to, packed: 3 bits for helps given, 3 for helps had, 1 for "lives and has an empty neighbour".
HAD = 8
ROOM = 64
CODES = 128

LIVING, ETHNOCENTRIC, TRAITOROUS, HUMANITARIAN, MEETINGS, SAME, HELPS, CONSISTENT = range(8)

CHUNK = 4096  # sites summed up in 16 bits before the sums are carried over: at most four a site

_1 = np.uint16(1)
_2 = np.uint16(2)
_32 = np.uint64(32)
_SITE = np.uint64(0xFFFFFFFF)


class State(NamedTuple):
    """Arrays of a world; n = side * side sites, number row * side + column."""

    ground: np.ndarray  # (n + 2 side,) who is on each site, between a copy of the last row and one of the first
    beside: np.ndarray  # (2, n) who is east and who is west of each site
    met: np.ndarray  # (n,) what its meetings came to, packed
    sites: np.ndarray  # (n,) 0, 1, 2 …, for bulk draws
    words: np.ndarray  # (4, n) a period's luck at each site
    turns: np.ndarray  # (2, n) turn << 32 | site of those who may bear, as found and in order
    heaps: np.ndarray  # (about n / 8,) where each heap of turns begins
    newborn: np.ndarray  # (n,) sites of the newborn
    mutations: np.ndarray  # (4, n) their luck
    chances: np.ndarray  # (CODES,) chance of a child
    tally: np.ndarray  # (8,) people and decisions


@njit(error_model="numpy")
def allocate(p):
    """An empty `State`."""
    n = p.side * p.side
    return State(
        np.zeros(n + 2 * p.side, np.uint16),
        np.zeros((2, n), np.uint16),
        np.zeros(n, np.uint8),
        np.arange(n).astype(np.uint64),
        np.zeros((4, n), np.uint32),
        np.zeros((2, n), np.uint64),
        np.zeros(n // 8 + 2, np.int64),
        np.zeros(n, np.uint64),
        np.zeros((4, n), np.uint32),
        np.zeros(CODES),
        np.zeros(8, np.int64),
    )


@njit(error_model="numpy")
def start(p, s, seed, world):
    """Nobody lives at the start."""
    s.ground[:] = EMPTY
    s.tally[:] = 0


@njit(error_model="numpy")
def step(p, s, seed, world, year):
    immigrate(p, s, seed, world, year)
    look(p, s)
    meet(p, s)
    fill(seed, world, year, s.sites, LIFE, 0, s.words)
    n_newborn = bear(p, s, line_up(p, s))
    mutate(p, s, n_newborn, seed, world, year)
    die(p, s)
    count(p, s)


@njit(error_model="numpy")
def immigrate(p, s, seed, world, year):
    n = p.side * p.side
    people = s.ground[p.side : p.side + n]
    for k in range(min(p.immigrants, n - s.tally[LIVING])):
        site = empty_site(people, seed, world, year, k)
        w0, w1, w2, _ = draw(seed, world, year, k, TRAITS, 0)
        ig = np.int64(chance(w1, 0.5))
        og = np.int64(chance(w2, 0.5))
        people[site] = (below(w0, p.colours) + 1) * 4 + og * 2 + ig


@njit(error_model="numpy")
def empty_site(people, seed, world, year, k):
    """An empty site for immigrant k; there is one."""
    n = np.int64(people.size)
    site = np.int64(0)
    for index in range(64):
        for word in draw(seed, world, year, k, IMMIGRANT, index):
            site = below(word, n)
            if people[site] == EMPTY:
                return site
    while people[site] != EMPTY:
        site = site + 1 if site + 1 < n else np.int64(0)
    return site


@njit(error_model="numpy")
def look(p, s):
    """Lay out each site's neighbours so that the loop over meetings knows no edges."""
    side = np.int64(p.side)
    n = side * side
    copy(s.ground[n:], s.ground[:side])
    copy(s.ground[side:], s.ground[n + side :])
    people, east, west = s.ground[side:], s.beside[0], s.beside[1]
    copy(people[1:], east)
    copy(s.ground[side - 1 :], west)
    for first in range(0, n, side):
        last = first + side - 1
        east[last] = people[first]
        west[first] = people[last]


@njit(error_model="numpy")
def copy(source, target):
    """Fill `target` from the start of `source`: many times faster than assignment to a slice."""
    for i in range(target.size):
        target[i] = source[i]


@njit(error_model="numpy", forceinline=True)
def meeting(one, other):
    """Whether they are of one colour, of two, the one helps, the other helps; 0 or 1, all 0 where one isn't there.

    16 bits at every step and no branch: only so does a loop around it run over sixteen meetings at once.
    """
    both = np.uint16((one != EMPTY) & (other != EMPTY))
    same = np.uint16(both & np.uint16(np.uint16(one ^ other) < COLOUR))
    differ = np.uint16(both ^ same)
    gives = np.uint16(np.uint16(same & one) | np.uint16(differ & np.uint16(one >> _1)))
    gets = np.uint16(np.uint16(same & other) | np.uint16(differ & np.uint16(other >> _1)))
    return same, differ, gives, gets


@njit(error_model="numpy")
def meet(p, s):
    """Everyone's helps given and had, and the period's decisions. Each pair is met from both sides."""
    side = p.side
    n = side * side
    s.tally[MEETINGS:] = 0
    for first in range(0, n, CHUNK):
        end = min(first + CHUNK, n)
        here = s.ground[side + first : side + end]
        north = s.ground[first:end]
        south = s.ground[2 * side + first : 2 * side + end]
        east = s.beside[0, first:end]
        west = s.beside[1, first:end]
        met = s.met[first:end]
        sames = np.uint16(0)
        differs = np.uint16(0)
        helps = np.uint16(0)
        againsts = np.uint16(0)
        for i in range(end - first):
            one = here[i]
            n_same, n_differ, n_gives, n_gets = meeting(one, north[i])
            e_same, e_differ, e_gives, e_gets = meeting(one, east[i])
            s_same, s_differ, s_gives, s_gets = meeting(one, south[i])
            w_same, w_differ, w_gives, w_gets = meeting(one, west[i])
            same = np.uint16(n_same + e_same + s_same + w_same)
            differ = np.uint16(n_differ + e_differ + s_differ + w_differ)
            given = np.uint16(n_gives + e_gives + s_gives + w_gives)
            had = np.uint16(n_gets + e_gets + s_gets + w_gets)
            # Against the rule of one's own first: to help another, or to refuse one's own.
            against = np.uint16((n_same ^ n_gives) + (e_same ^ e_gives) + (s_same ^ s_gives) + (w_same ^ w_gives))
            room = np.uint16((one != EMPTY) & (np.uint16(same + differ) < np.uint16(4)))
            met[i] = np.uint8(given + had * np.uint16(HAD) + room * np.uint16(ROOM))
            sames = np.uint16(sames + same)
            differs = np.uint16(differs + differ)
            helps = np.uint16(helps + given)
            againsts = np.uint16(againsts + against)
        decisions = np.int64(sames) + np.int64(differs)
        s.tally[MEETINGS] += decisions
        s.tally[SAME] += np.int64(sames)
        s.tally[HELPS] += np.int64(helps)
        s.tally[CONSISTENT] += decisions - np.int64(againsts)


@njit(error_model="numpy")
def line_up(p, s):
    """Those whose luck gives them a child, if a site is still empty at their turn, in order of turn; how many."""
    chances, met, words, found, line, heaps = s.chances, s.met, s.words, s.turns[0], s.turns[1], s.heaps
    for given in range(5):
        for had in range(5):
            chances[given + HAD * had + ROOM] = p.base_chance - p.cost * given + p.benefit * had
    # The chance of whoever has no room, and of empty sites, stays 0.
    n_found = 0
    turn, bears = words[0], words[1]
    for i in range(met.size):
        if chance(bears[i], chances[met[i]]):
            found[n_found] = (np.uint64(turn[i]) << _32) | np.uint64(i)
            n_found += 1
    # Turns are uniform, so heaps by size hold about one each, and what is left to sort is next to nothing.
    n_heaps = heaps.size - 1
    heaps[:] = 0
    for j in range(n_found):
        heaps[below(found[j] >> _32, n_heaps) + 1] += 1
    for h in range(1, n_heaps):
        heaps[h] += heaps[h - 1]
    for j in range(n_found):
        h = below(found[j] >> _32, n_heaps)
        line[heaps[h]] = found[j]
        heaps[h] += 1
    for j in range(1, n_found):
        this = line[j]
        k = j
        while k > 0 and line[k - 1] > this:
            line[k] = line[k - 1]
            k -= 1
        line[k] = this
    return n_found


@njit(error_model="numpy")
def bear(p, s, n_found):
    """One after another, each puts a child with the parent's traits on one of the empty sites around; how many did."""
    side = np.int64(p.side)
    n = side * side
    people = s.ground[side : side + n]
    where = s.words[2]
    n_newborn = 0
    for j in range(n_found):
        i = np.int64(s.turns[1, j] & _SITE)
        column = i % side
        north = i - side if i >= side else i + n - side
        east = i + 1 if column < side - 1 else i + 1 - side
        south = i + side if i + side < n else i + side - n
        west = i - 1 if column > 0 else i - 1 + side
        a = np.int64(people[north] == EMPTY)
        b = a + np.int64(people[east] == EMPTY)
        c = b + np.int64(people[south] == EMPTY)
        empty = c + np.int64(people[west] == EMPTY)
        if empty == 0:
            continue
        # The first site at which the count of empty ones passes the one drawn.
        drawn = below(where[i], empty)
        site = north if a > drawn else east if b > drawn else south if c > drawn else west
        people[site] = people[i]
        s.newborn[n_newborn] = np.uint64(site)
        n_newborn += 1
    return n_newborn


@njit(error_model="numpy")
def mutate(p, s, n_newborn, seed, world, year):
    people = s.ground[p.side :]
    words = s.mutations
    fill(seed, world, year, s.newborn[:n_newborn], MUTATION, 0, words)
    for j in range(n_newborn):
        site = np.int64(s.newborn[j])
        if p.colours > 1 and chance(words[0, j], p.mutation):
            colour = np.int64(people[site] >> _2) - 1
            other = below(words[1, j], p.colours - 1)
            other += np.int64(other >= colour)
            people[site] = (other + 1) * 4 + np.int64(people[site] & np.uint16(3))
        if chance(words[2, j], p.mutation):
            people[site] ^= IG
        if chance(words[3, j], p.mutation):
            people[site] ^= OG


@njit(error_model="numpy")
def die(p, s):
    n = p.side * p.side
    people, fate = s.ground[p.side : p.side + n], s.words[3]
    for i in range(n):
        one = people[i]  # read whatever the fate: without a branch the loop vectorises
        people[i] = EMPTY if chance(fate[i], p.death) else one


@njit(error_model="numpy")
def count(p, s):
    """Those who live on, by what they do."""
    side = p.side
    n = side * side
    s.tally[:MEETINGS] = 0
    for first in range(0, n, CHUNK):
        people = s.ground[side + first : side + min(first + CHUNK, n)]
        living = np.uint16(0)
        help_own = np.uint16(0)
        help_others = np.uint16(0)
        help_all = np.uint16(0)
        for i in range(people.size):
            one = people[i]
            ig = np.uint16(one & _1)
            og = np.uint16(np.uint16(one >> _1) & _1)
            living = np.uint16(living + np.uint16(one != EMPTY))
            help_own = np.uint16(help_own + ig)
            help_others = np.uint16(help_others + og)
            help_all = np.uint16(help_all + np.uint16(ig & og))
        s.tally[LIVING] += np.int64(living)
        s.tally[ETHNOCENTRIC] += np.int64(help_own) - np.int64(help_all)
        s.tally[TRAITOROUS] += np.int64(help_others) - np.int64(help_all)
        s.tally[HUMANITARIAN] += np.int64(help_all)


@njit(error_model="numpy")
def observe(p, s, out):
    t = s.tally
    living = np.float64(t[LIVING])
    meetings = np.float64(t[MEETINGS])
    out[0] = t[ETHNOCENTRIC] / living
    out[1] = t[HUMANITARIAN] / living
    out[2] = (t[LIVING] - t[ETHNOCENTRIC] - t[HUMANITARIAN] - t[TRAITOROUS]) / living
    out[3] = t[TRAITOROUS] / living
    out[4] = t[HELPS] / meetings
    out[5] = t[CONSISTENT] / meetings
    out[6] = t[SAME] / meetings
    out[7] = living / (p.side * p.side)
