"""The society model's year: its phases in order, each in its own file."""

import numpy as np

from bestowal.kernels.compile import njit_no_refcount
from bestowal.kernels.rng import founder
from bestowal.models.society.contests import contests
from bestowal.models.society.entry import newcomers, split
from bestowal.models.society.intention import measure_intention
from bestowal.models.society.learning import imitate, relapse
from bestowal.models.society.measures import measure_after, measure_sharing, observe
from bestowal.models.society.membership import departures, value_lives
from bestowal.models.society.people import draw_people, settle
from bestowal.models.society.perception import perceive
from bestowal.models.society.practice import practise
from bestowal.models.society.rule import fill_offices
from bestowal.models.society.sharing import aid, share
from bestowal.models.society.state import (
    BELIEF,
    CAPITAL,
    PRACTISERS,
    SCREEN,
    WORKERS,
    allocate,
)
from bestowal.models.society.surroundings import draw_luck, surround
from bestowal.models.society.votes import decide
from bestowal.models.society.work import prepare, work

__all__ = ["allocate", "observe", "start", "step", "to_work"]


@njit_no_refcount
def start(p, s, seed, world):
    """The founders take their places; every trace of an earlier world in the arrays is removed."""
    s.appetite[0] = 0.0
    s.alive[:] = 0
    s.ruler[:] = 0
    s.id[:] = 0
    s.person[:] = 0.0
    s.standing[:] = 0
    s.hungry[:] = 0
    s.community[:] = 0.0
    n_founders = min(p.n_founders, p.n_places)
    first = np.int64(0)
    for c in range(min(p.n_founded, p.n_communities)):
        s.standing[c] = 1
        s.community[CAPITAL, c] = p.start_capital * n_founders
        for place in range(n_founders):
            s.crowd_id[place] = founder(c, place)
        draw_people(p, s, seed, world, first, np.int64(n_founders), p.founder_giver_share, first)
        s.crowd[BELIEF, :n_founders] = p.belief_start
        for place in range(n_founders):
            s.crowd[SCREEN, place] += p.founder_zeal
            settle(s, place, c * p.n_places + place)


@njit_no_refcount
def to_work(p, s, seed, world, year):
    """The year as far as work; false where nobody is left to live it."""
    n = p.n_communities
    s.fresh[:] = 0
    s.tally[:] = 0.0
    s.sums[:] = 0.0
    s.community[WORKERS] = 0.0
    s.community[PRACTISERS] = 0.0
    if s.standing.sum() == 0:
        return False  # an empty world stays empty
    draw_luck(s, seed, world, year)
    surround(p, s, seed, world, year)
    prepare(p, s)
    for c in range(n):
        if s.standing[c] == 1:
            work(p, s, c)
            fill_offices(p, s, c)
    measure_intention(p, s)
    return True


@njit_no_refcount
def step(p, s, seed, world, year):
    if not to_work(p, s, seed, world, year):
        return
    n = p.n_communities
    aid(p, s)
    for c in range(n):
        if s.standing[c] == 1:
            share(p, s, c)
            measure_sharing(p, s, c)
    contests(p, s, seed, world, year)
    relapse(p, s)
    for c in range(n):
        if s.standing[c] == 1:
            perceive(p, s, c)
    imitate(p, s, seed, world, year)
    practise(p, s, seed, world, year)
    value_lives(p, s)
    departures(p, s, seed, world, year)
    for c in range(n):
        if s.standing[c] == 1:
            measure_after(s, c)
            decide(p, s, c, seed, world, year)
    newcomers(p, s, seed, world, year)
    for c in range(n):
        if s.standing[c] == 1:
            split(p, s, c)
