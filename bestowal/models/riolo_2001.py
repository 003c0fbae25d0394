"""Riolo, Cohen & Axelrod 2001: giving to whoever bears a similar tag.

R. L. Riolo, M. D. Cohen & R. Axelrod, "Evolution of cooperation without reciprocity", Nature 414 (2001), 441-443.

Question: can giving evolve where nobody is remembered and nobody has a reputation, only because people give to those
whose arbitrary mark resembles their own?

Agent i has a tag τ and a tolerance T, both uniform on [0, 1] at the start. In a generation

    pairing      i meets `pairings` random others j and gives where |τ_i - τ_j| <= T_i
    score        benefit · (gifts received) - cost · (gifts given)
    heirs        slot i is compared with one random other j and goes to the one with the higher score (a tie: i stays)
    mutation     each heir's tag is redrawn with chance tag_mutation; its tolerance gets + tolerance_step · N(0, 1) with
                 chance tolerance_mutation and is floored at 0 (it has no ceiling)

All slots are filled at once. One step is one generation; the paper ran 30 runs of 30,000.

Limits. With T = 0 everywhere only exact copies of one another get gifts, and with `strict` nobody does. With benefit 0
and cost 0 all scores tie, so everyone keeps its slot and traits only drift by mutation. While cost · pairings < benefit
a gift received outweighs all that one can give, so scores order agents by gifts received and then by gifts given: every
such cost above 0 gives the same history bit for bit. The table's rows for cost 0.05 to 0.3 at 3 pairings are such.

Sources. The rules, N, pairings, benefit, cost and both mutations were read in re-implementations of the model, and the
donation rates in the tables of Edmonds & Hales 2003, "Replication, replication and replication", JASSS 6(4) 11; the
Nature paper itself was not at hand. With ties left to the own copy, as here, those tables come out.

Settled here. The tolerance reported is that of the agents who played, before heirs take over. `strict` is an addition:
it takes away the giving that no tolerance can refuse, that to exact copies, on which the result has been said to rest.
"""

import numpy as np
from numba import njit
from pydantic import BaseModel

from bestowal.kernels.choice import other
from bestowal.kernels.elementary import normals
from bestowal.kernels.rng import chance, draw, fill, uniform
from bestowal.models.registry import STRICT, Model, Observable, param

READ = "Riolo et al. 2001, as read in re-implementations"


class Params(BaseModel):
    model_config = STRICT

    agents: int = param(
        100, "agents", unit="agents", low=2, high=100000, symbol="N", source=READ, group="size", fixed=True
    )
    pairings: int = param(
        3,
        "others each agent meets in a generation",
        unit="pairings",
        low=1,
        high=1000,
        symbol="P",
        source=READ,
        group="giving",
    )
    # While cost · pairings < benefit neither number matters, only that order.
    benefit: float = param(
        1.0,
        "what a gift is worth to the one who gets it",
        unit="score",
        low=0,
        high=100,
        symbol="b",
        source=READ,
        group="giving",
        needs={"pairings": 30},
    )
    cost: float = param(
        0.1,
        "what a gift costs the giver",
        unit="score",
        low=0,
        high=100,
        symbol="c",
        source=READ,
        group="giving",
        needs={"pairings": 30},
    )
    tag_mutation: float = param(
        0.1, "chance that an heir's tag is drawn anew", unit="per generation", low=0, high=1, source=READ, group="heirs"
    )
    tolerance_mutation: float = param(
        0.1,
        "chance that an heir's tolerance is changed",
        unit="per generation",
        low=0,
        high=1,
        source=READ,
        group="heirs",
    )
    tolerance_step: float = param(
        0.01, "standard deviation of that change", unit="tag", low=0, high=1, source=READ, group="heirs"
    )
    # A tag is exactly as far as the tolerance reaches only between copies of tolerance 0.
    strict: int = param(
        0,
        "1: gives only if the tags differ by strictly less than the tolerance",
        unit="0 or 1",
        low=0,
        high=1,
        source="an addition: 0 is the paper's rule",
        group="giving",
        needs={"tolerance_mutation": 1, "tolerance_step": 1},
    )


MODEL = Model(
    name="riolo_2001",
    title="Riolo, Cohen & Axelrod 2001: giving to whoever bears a similar tag",
    params=Params,
    observables=(
        Observable("donation_rate", "share", "pairings that end in a gift", 0, 1),
        Observable("tolerance", "tag", "mean tolerance of the agents who played", 0, float("inf")),
        Observable(
            "gifts_to_clones", "share", "gifts to an agent of exactly the same tag", 0, 1, "where no gift is made"
        ),
    ),
    kernels=__name__,
    step="generation",
    steps=30000,
)

START = 1  # w0 tag, w1 tolerance
PAIRING = 2  # word k of index q: the other met in pairing 4 q + k
HEIR = 3  # w0 the one compared with, w1 does the tag mutate, w2 does the tolerance, w3 the new tag
NOISE = 4  # w0, w1: the change of tolerance

TAG, TOLERANCE, NEXT_TAG, NEXT_TOLERANCE, SCORE = range(5)  # rows of traits
GIVEN, RECEIVED = range(2)  # rows of gifts
RATE, MEAN, CLONES = range(3)  # of the tally, as observed


@njit(error_model="numpy")
def allocate(p):
    """(traits (5, N) float64, tags and scores; gifts (2, N) int64; persons (N,) uint64; words (4, N) uint32;
    tally (3,) float64).
    """
    n = p.agents
    return (
        np.empty((5, n)),
        np.empty((2, n), np.int64),
        np.arange(n).astype(np.uint64),
        np.empty((4, n), np.uint32),
        np.empty(3),
    )


@njit(error_model="numpy")
def start(p, state, seed, world):
    traits, gifts, persons, words, tally = state
    traits[:] = 0.0
    gifts[:] = 0
    tally[:] = np.nan
    fill(seed, world, 0, persons, START, 0, words)
    for i in range(persons.size):
        traits[TAG, i] = uniform(words[0, i])
        traits[TOLERANCE, i] = uniform(words[1, i])


@njit(error_model="numpy")
def step(p, state, seed, world, year):
    traits, _, persons, _, tally = state
    mean = 0.0
    for i in range(persons.size):
        mean += traits[TOLERANCE, i]
    tally[MEAN] = mean / persons.size
    give(p, state, seed, world, year)
    inherit(p, state, seed, world, year)


@njit(error_model="numpy")
def give(p, state, seed, world, year):
    """Counts of gifts, not running scores: so that scores which tie on paper tie here."""
    traits, gifts, persons, words, tally = state
    n = persons.size
    tag, tolerance = traits[TAG], traits[TOLERANCE]
    given, received = gifts[GIVEN], gifts[RECEIVED]
    gifts[:] = 0
    reaches_equal = p.strict == 0
    total = np.int64(0)
    clones = np.int64(0)
    for q in range((p.pairings + 3) // 4):
        fill(seed, world, year, persons, PAIRING, q, words)
        for k in range(min(4, p.pairings - 4 * q)):
            met = words[k]
            # No branch on the outcome: it is as good as random, and a processor that guesses wrong loses most here.
            for i in range(n):
                j = other(met[i], i, n)
                apart = abs(tag[i] - tag[j])
                gift = np.int64((apart < tolerance[i]) | ((apart == tolerance[i]) & reaches_equal))
                given[i] += gift
                received[j] += gift
                total += gift
                clones += gift & np.int64(apart == 0.0)
    tally[RATE] = total / (n * p.pairings)
    tally[CLONES] = clones / total if total > 0 else np.nan


@njit(error_model="numpy")
def inherit(p, state, seed, world, year):
    traits, gifts, persons, words, _ = state
    n = persons.size
    score = traits[SCORE]
    benefit, cost = p.benefit, p.cost
    for i in range(n):
        score[i] = benefit * gifts[RECEIVED, i] - cost * gifts[GIVEN, i]
    fill(seed, world, year, persons, HEIR, 0, words)
    for i in range(n):
        j = other(words[0, i], i, n)
        parent = j if score[j] > score[i] else i
        tag = traits[TAG, parent]
        tolerance = traits[TOLERANCE, parent]
        if chance(words[1, i], p.tag_mutation):
            tag = uniform(words[3, i])
        # Drawn one by one: mutants are few, and a normal number costs more than the rest of an heir.
        if chance(words[2, i], p.tolerance_mutation):
            w0, w1, _, _ = draw(seed, world, year, persons[i], NOISE, 0)
            tolerance = max(0.0, tolerance + p.tolerance_step * normals(w0, w1)[0])
        traits[NEXT_TAG, i] = tag
        traits[NEXT_TOLERANCE, i] = tolerance
    for i in range(n):
        traits[TAG, i] = traits[NEXT_TAG, i]
        traits[TOLERANCE, i] = traits[NEXT_TOLERANCE, i]


@njit(error_model="numpy")
def observe(p, state, out):
    tally = state[4]
    out[0] = tally[RATE]
    out[1] = tally[MEAN]
    out[2] = tally[CLONES]
