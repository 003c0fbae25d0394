"""A world as flat arrays: a community's people side by side, n_communities * n_places in all. A person keeps one place
for life (but for a split), so that one departure moves nobody else."""

from typing import NamedTuple

import numpy as np
from numba import njit

from bestowal.kernels.compile import njit_no_alias, njit_no_refcount
from bestowal.kernels.elementary import exp, total
from bestowal.kernels.motives import logit

# np.int64 where a number is handed to a function: for a plain literal Numba compiles the function once a value.
# Purposes of luck. One address, one use: the table in docs/reference/society-equations.md says what each word decides.
PERSON = np.int64(1)
TRAITS = np.int64(2)
YEAR = np.int64(3)
LEARN = np.int64(4)
FAMILY = np.int64(5)
OUTSIDER = np.int64(6)
KNOCK = np.int64(7)
COMMUNITY = np.int64(8)
CONTEST = np.int64(9)
WORLD = np.int64(10)
CASUALTY = np.int64(11)
ATTACK = np.int64(12)
PRACTICE = np.int64(13)
CRISIS = np.int64(14)

# Rows of the person array.
ABILITY = 0
SCREEN = 1  # s
DESIRE = 2  # d
NATIVE = 3  # where s returns to
COMMITMENT = 4  # κ
BREADTH = 5  # ω
SUPREMACY = 6  # ψ
INCLUSION = 7  # o
BELIEF = 8  # ĝ
BIRTH = 9  # year of birth, a decimal: age in year t is t − BIRTH, and nobody need be aged
SINCE = 10  # the first year they took part: tenure in year t is t − SINCE
HEIGHT = 11  # greatest s so far
PRACTISING = 12  # 1 or 0
SUMMED = (ABILITY, COMMITMENT, BREADTH, SUPREMACY, INCLUSION, BELIEF, PRACTISING)  # 0 at an empty place
LASTING = 13  # the rows above go with a person; those below are this year's
MOTIVE = 13  # m at work; from here on 0 at an empty place
EFFORT = 14  # e
EXPECTED = 15  # q = h·a²e
PRODUCT = 16  # y
BENCHMARK = 17  # b
OWN = 18  # paid by own work
CONSUMPTION = 19  # x
PAYOFF = 20  # x − h·a²e²/2
INSIDE = 21  # v_in
OUTSIDE = 22  # v_out
SCRATCH = 23
ORDERED = 24  # consumption sorted
NOISE = 25  # standard normal, of this year's perception
RATIO = 26  # exp(s − d) = m/(1−m), at work
CARE = 27  # (1+ρ)·A·(N−1)/N: most that is given with every return off
GIVING = 28  # P: what is given with every return off
N_PERSON = 29

# Rows of the community array.
CAPITAL = 0
DEBT = 1
PAY_SHIFT = 2
DAMAGE = 3
READY = 4  # 1 once the mean motive has reached readiness
WORKERS = 5  # N at work; from here on this year's
PAY = 6  # β in force
SHOCK = 7
INFORMED = 8  # I(β)
MEAN_EFFORT = 9
MEAN_BELIEF = 10
MADE = 11  # Y
GROSS = 12  # Q
DEDUCTED = 13  # D, share of Q
ARMS = 14  # share of Q
RENT = 15  # share of Q
GIFTS = 16  # share of Q
TRANSFER = 17  # mean of x − own
RESCUED = 18
EATEN = 19
LOAN = 20
PAID = 21
DAMAGE_AFTER = 22
HARM = 23
WISHING = 24  # share with v_in < v_out
RIVALRY = 25  # mean supremacy
DAMAGED = 26  # the damage that acted on this year's work
PRACTISERS = 27  # members at work who practise
ATE = 28  # Σx, after relief
N_COMMUNITY = 29

# The year's counts.
JOINED = np.int64(0)
BORN = np.int64(1)
DIED = np.int64(2)
LEFT = np.int64(3)
DISPERSED = np.int64(4)
REVOLT = np.int64(5)
DISSOLVED = np.int64(6)
POOR = np.int64(7)
CRUSHED = np.int64(8)
DWINDLED = np.int64(9)
POVERTY = np.int64(10)  # what an ending is put down to, beside how it came
IDLENESS = np.int64(11)
ENTRANTS = np.int64(12)
DISSENSION = np.int64(13)
OTHER = np.int64(14)
N_TALLY = 15

LANES = 16
"""People that vector instructions take at a time; the few left over cost as much again, so crowds are rounded up."""

CROWD = 1024
"""People drawn at once, from as many communities as they come to: enough to fill vector instructions, and few enough
to stay in the cache."""

N_SUMS = 31  # measures.py names them


class State(NamedTuple):
    """Few arrays with named rows: each array handed on costs every compiled function time to compile."""

    alive: np.ndarray  # (persons,) uint8
    ruler: np.ndarray  # (persons,) uint8
    fresh: np.ndarray  # (persons,) uint8: came this year
    goes: np.ndarray  # (persons,) uint8: would die or leave this year
    id: np.ndarray  # (persons,) uint64: identity by lineage
    person: np.ndarray  # (N_PERSON, persons) float64
    words: np.ndarray  # (3, 4, persons) uint32: luck for YEAR, LEARN (then PRACTICE or CRISIS), FAMILY
    standing: np.ndarray  # (communities,) uint8
    crushed: np.ndarray  # (communities,) uint8: this year
    hungry: np.ndarray  # (communities,) int64: years in a row
    community: np.ndarray  # (N_COMMUNITY, communities) float64
    listed: np.ndarray  # (persons + 1,) int64: places of a community that something happens at
    crowd: np.ndarray  # (N_PERSON, crowd) float64: people about to come, the same rows as `person`
    crowd_id: np.ndarray  # (crowd,) uint64
    crowd_from: np.ndarray  # (crowd,) int64: the place of a mother, or of one who imitates
    crowd_words: np.ndarray  # (2, 4, crowd) uint32
    parts: np.ndarray  # (3, communities) int64: in the crowd, the first child, first applicant and end of each
    bucket: np.ndarray  # (places,) int32: for sorting
    buckets: np.ndarray  # (places + 1,) int32: for sorting
    appetite: np.ndarray  # (1,)
    tally: np.ndarray  # (N_TALLY,) this year's counts
    sums: np.ndarray  # (N_SUMS,) this year's sums over members at work


@njit(error_model="numpy")
def allocate(p):
    """Empty arrays for one world; `start` fills them, so one set serves any number of worlds in turn."""
    n = p.n_communities * p.n_places
    m = p.n_communities
    crowd = max(2 * p.n_places, CROWD) + LANES  # children and applicants, and room to round up
    return State(
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint64),
        np.zeros((N_PERSON, n)),
        np.zeros((3, 4, n), np.uint32),
        np.zeros(m, np.uint8),
        np.zeros(m, np.uint8),
        np.zeros(m, np.int64),
        np.zeros((N_COMMUNITY, m)),
        np.zeros(n + 1, np.int64),
        np.zeros((N_PERSON, crowd)),
        np.zeros(crowd, np.uint64),
        np.zeros(crowd, np.int64),
        np.zeros((2, 4, crowd), np.uint32),
        np.zeros((3, m), np.int64),
        np.zeros(p.n_places, np.int32),
        np.zeros(p.n_places + 1, np.int32),
        np.zeros(1),
        np.zeros(N_TALLY),
        np.zeros(N_SUMS),
    )


@njit(error_model="numpy")
def level(p, giver, z):
    """Native level of log screen for a born giver or an ordinary person."""
    centre = p.giver_motive if giver else p.ordinary_motive
    return logit(centre) + p.motive_sd * z


@njit(error_model="numpy", forceinline=True)
def lognormal(sd, z):
    """A factor of mean 1 from a standard normal number: ability, a person's luck, a community's shock."""
    return exp(sd * z - 0.5 * sd * sd)


@njit_no_refcount
def depart(s, i):
    """The place falls empty; whatever is summed over places finds zeros here."""
    s.alive[i] = 0
    s.ruler[i] = 0
    for row in SUMMED:
        s.person[row, i] = 0.0


@njit_no_refcount
def count(flags):
    """How many flags are 1: int64."""
    n = np.uint32(0)
    for i in range(flags.size):
        n = np.uint32(n + flags[i])
    return np.int64(n)


@njit_no_refcount
def members(p, s, c):
    """Living members of community c."""
    return count(s.alive[c * p.n_places : (c + 1) * p.n_places])


@njit(error_model="numpy")
def places(p, c):
    """The first place of community c, and the first after it: uint64, so that an index made of them needs no look at
    its sign, which would keep a loop from vector instructions."""
    return np.uint64(c * p.n_places), np.uint64((c + 1) * p.n_places)


@njit_no_alias
def living(alive, values, out):
    """The values of the living, and 0 at an empty place."""
    for i in range(out.size):
        out[i] = np.float64(alive[i]) * values[i]


@njit_no_refcount
def living_total(alive, values, scratch):
    """Sum of values over the living, in the fixed order of `total`. For rows that aren't 0 at an empty place."""
    living(alive, values, scratch)
    return total(scratch)


@njit_no_refcount
def which(flags, out):
    """Write where flags are 1 into `out`, upwards; returns how many. Each place is noted or overwritten by the next,
    for a branch on it can't be guessed."""
    k = np.uint64(0)
    for i in range(flags.size):
        out[k] = i
        k += np.uint64(flags[i])
    return np.int64(k)
