"""A rumour: whoever knows it meets one person a day, and may forget it. Run it: bestowal run my_model.py"""

import numpy as np
from pydantic import BaseModel

from bestowal.kernels.rng import below, chance, draw
from bestowal.models.registry import STRICT, Model, Observable, param


class Params(BaseModel):
    model_config = STRICT
    people: int = param(100, "people", unit="persons", low=2, high=10_000, fixed=True)
    tell: float = param(0.3, "chance to tell the person met", unit="chance a day", low=0, high=1)
    forget: float = param(0.1, "chance to forget", unit="chance a day", low=0, high=1)


HEARD = Observable("heard", "share", "people who know the rumour", 0, 1)
MODEL = Model("my_model", "A rumour that spreads and fades", Params, (HEARD,), __name__, step="day", steps=50)


def allocate(p):  # the arrays of one world: who knows the rumour
    return (np.zeros(p.people, np.int64),)


def start(p, state, seed, world):  # one person knows; nothing of an earlier world is left
    state[0][:] = np.arange(p.people) == 0


def step(p, state, seed, world, day):
    for i in np.flatnonzero(state[0]):  # those who know it this morning
        words = draw(seed, world, day, i, 1, 0)  # four random numbers: person i, this day, purpose 1
        if chance(words[0], p.tell):
            state[0][below(words[1], p.people)] = 1
        if chance(words[2], p.forget):
            state[0][i] = 0


def observe(p, state, out):  # one number for each observable
    out[0] = state[0].sum() / p.people
