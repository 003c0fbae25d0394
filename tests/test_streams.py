import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numba import njit

from bestowal.kernels import rng as streams

# The generator's published known answers: Random123's tests/kat_vectors, "philox4x32 10".
KNOWN = [
    ((0,) * 4, (0,) * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def sized(count):
    """Integers below count, with the ends and the small ones often."""
    return st.one_of(st.sampled_from([0, 1, 2, count - 2, count - 1]), st.integers(0, count - 1))


COMMUNITY = sized(streams.COMMUNITIES)
PLACE = sized(streams.PLACES)
YEAR = sized(streams.YEARS)
NAMES = st.one_of(
    st.tuples(st.just("founder"), COMMUNITY, PLACE),
    st.tuples(st.just("applicant"), COMMUNITY, YEAR, sized(streams.APPLICANTS)),
    st.tuples(st.just("site"), COMMUNITY),
    st.tuples(st.just("whole")),
)
MOMENT = (YEAR, sized(streams.PURPOSES), sized(streams.INDICES), sized(streams.WORLDS))
SEED = sized(1 << 64)
PATIENT = settings(deadline=None)  # the first call of each signature compiles


def identity(name):
    kind, *fields = name
    return int(getattr(streams, kind)(*fields))


def name_of(person):
    """The packing undone, in plain integers."""
    kind, low = person >> 62, person & ((1 << 62) - 1)
    if kind == 0:
        return ("founder", low >> 32, low & 0xFFFFFFFF)
    if kind == 1:
        return ("applicant", low >> 32, low >> 16 & 0xFFFF, low & 0xFFFF)
    if kind == 2:
        return ("whole",) if low >> 32 else ("site", low)
    return ("child",)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_published_answers(counter, key, answer):
    assert " ".join(f"{word:08x}" for word in streams.philox(*counter, *key)) == answer


@PATIENT
@given(SEED, *MOMENT, st.integers(0, 2**64 - 1))
def test_a_draw_is_philox_of_the_documented_address(seed, year, purpose, index, world, person):
    moment = year << 16 | purpose << 8 | index
    counter = (person & 0xFFFFFFFF, person >> 32, moment, world)
    assert streams.draw(np.uint64(seed), world, year, np.uint64(person), purpose, index) == streams.philox(
        *counter, seed & 0xFFFFFFFF, seed >> 32
    )


@pytest.mark.parametrize("n", [0, 1, 3, 8, 17, 1000])
def test_fill_is_draw_person_by_person(n):
    persons = np.array([streams.child(i, 2, 1) for i in range(n)], dtype=np.uint64)
    out = np.full((4, n + 3), 77, dtype=np.uint32)
    seed = np.uint64(0xFEDCBA9876543210)
    streams.fill(seed, 2**32 - 1, 2**16 - 1, persons, 255, 254, out)
    for i in range(n):
        assert tuple(out[:, i]) == streams.draw(seed, 2**32 - 1, 2**16 - 1, persons[i], 255, 254)
    assert (out[:, n:] == 77).all()


@PATIENT
@given(NAMES)
def test_an_id_can_be_read_back(name):
    assert name_of(identity(name)) == name


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_no_two_named_draws_share_an_address(data):
    # Under one seed Philox is a bijection of its counter: two draws are equal only where their addresses are.
    one = (data.draw(NAMES), *data.draw(st.tuples(*MOMENT)))
    other = list(one)
    for place in data.draw(st.sets(st.integers(0, 4), min_size=1)):
        other[place] = data.draw((NAMES, *MOMENT)[place])
    assume(tuple(other) != one)
    seed = np.uint64(data.draw(SEED))

    def words(name, year, purpose, index, world):
        return streams.draw(seed, world, year, np.uint64(identity(name)), purpose, index)

    assert words(*one) != words(*other)


@PATIENT
@given(st.integers(0, 63), SEED)
def test_every_bit_of_the_seed_counts(bit, seed):
    person = streams.founder(1, 2)
    assert streams.draw(np.uint64(seed), 3, 4, person, 5, 6) != streams.draw(
        np.uint64(seed ^ 1 << bit), 3, 4, person, 5, 6
    )


@njit
def _descend(mothers, years, orders):
    """Ids of `years` x `orders` children of each mother, then of one child of each of those."""
    first = np.empty(mothers.shape[0] * years * orders, dtype=np.uint64)
    i = 0
    for mother in mothers:
        for year in range(years):
            for order in range(orders):
                first[i] = streams.child(mother, year, order)
                i += 1
    second = np.empty_like(first)
    for i in range(first.shape[0]):
        second[i] = streams.child(first[i], 25, 0)
    return first, second


@pytest.mark.slow
def test_two_million_children_have_ids_of_their_own():
    mothers = [streams.founder(c, p) for c in range(10) for p in range(400)]
    mothers += [streams.applicant(c, y, k) for c in range(10) for y in range(10) for k in range(10)]
    children = np.concatenate(_descend(np.array(mothers, dtype=np.uint64), 40, 5))
    assert children.shape == (2_000_000,)
    assert np.unique(children).shape == children.shape
    assert (children >> np.uint64(62) == 3).all()
    # the hash reaches every one of the other 62 bits, about half the time
    ones = [int((children >> np.uint64(bit) & np.uint64(1)).sum()) for bit in range(62)]
    assert min(ones) > 995_000 and max(ones) < 1_005_000


def test_a_child_is_hashed_from_its_lineage_alone():
    # pinned: these ids are in the address of every draw a child makes
    mother = np.uint64(0x0123456789ABCDEF)
    x0, x1, _, _ = streams.philox(0x89ABCDEF, 0x01234567, 30 << 16 | 2, 0x4C494E45, 0x62657374, 0x6F77616C)
    assert int(streams.child(mother, 30, 2)) == 3 << 62 | ((int(x1) << 32 | int(x0)) & ((1 << 62) - 1))


@PATIENT
@given(sized(1 << 32))
def test_uniform_is_the_middle_of_the_words_cell(word):
    value = streams.uniform(np.uint32(word))
    assert 0.0 < value < 1.0
    assert value * 2.0**33 == 2 * word + 1


@PATIENT
@given(sized(1 << 32), st.floats(0, 1), st.floats(0, 1))
def test_chance_is_never_always_and_monotone(word, p, more):
    word = np.uint32(word)
    assert not streams.chance(word, 0.0)
    assert streams.chance(word, 1.0)
    assert streams.chance(word, max(p, more)) or not streams.chance(word, min(p, more))
    assert streams.chance(word, p) == (int(word) < p * 2**32)


@PATIENT
@given(sized(1 << 32), st.integers(1, 2**32))
def test_below_is_the_high_half_of_the_product(word, n):
    assert streams.below(np.uint32(word), n) == word * n >> 32
    assert streams.below(np.uint32(2**32 - 1), n) == n - 1
    assert streams.below(np.uint32(0), n) == 0
