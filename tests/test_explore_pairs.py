"""Two worlds person by person: the same people as the engine's, marked exactly where they differ."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bestowal.core.errors import BestowalError
from bestowal.explore import lattice, pairs
from bestowal.explore.frames import pack, unpack
from bestowal.models.registry import load
from bestowal.questions.kinds.divergence.compute import ids, lineage, who
from bestowal.simulation import engine
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import scenario

NAMES = [o.name for o in load("society").person_observables]
OBSERVED = [o.name for o in load("society").observables]

# Small, and yet people come, go, practise, split, and communities end.
BUSY = dict(
    n_communities=5, n_founded=3, n_places=40, n_founders=30, pay_link=0.2, coercion=0.2, threat=0.3, mutual_aid=0.5,
    rivalry=1.0, supremacy=0.2, vote_every=3, dissolution=0.05, split_size=36, shock_sd=0.4, need=0.2, birth=0.12,
    revolt=0.05, attack_rate=0.3, exit_right=0.3, death=0.03, practice=2, take_up=0.3, practice_start=4,
    practice_stop=1000, appetite_growth=0.02, n_rulers=2,
)  # fmt: skip


def society(years: int = 25, **values: float) -> Scenario:
    return scenario("society").clock(years=years, seed=7).but(**{**BUSY, **values})


def read(a: Scenario, b: Scenario, world: int = 0) -> tuple[dict, dict[str, np.ndarray]]:
    return unpack(pairs.pair(a, b, world))


def years_of(found: dict[str, np.ndarray], side: str) -> Iterator[dict[str, np.ndarray]]:
    start = found[f"{side}.start"].astype(int)
    for first, last in itertools.pairwise(start):
        yield {what: found[f"{side}.{what}"][first:last] for what in
               ("person", "community", "place", "motive", "effort", "practising", "differs")}  # fmt: skip


# ------------------------------------------------------------------------------------------------------- the engine


@pytest.mark.society
@pytest.mark.parametrize("name", ["society", "hutterite"])
def test_everybody_of_every_year_in_one_pass_is_what_a_look_at_the_year_gives(name: str) -> None:
    of = society() if name == "society" else scenario(name).clock(years=12).but(1880, pay_link=0.5)
    lived = list(engine.lives(of, 3))
    assert len(lived) == of.years
    for year, (table, _) in enumerate(lived):
        assert table.tobytes() == engine.people(of, 3, year).tobytes(), year
    assert np.stack([seen for _, seen in lived]).tobytes() == engine.simulate(of, [3])[0].tobytes()


def test_the_steps_of_a_course_are_those_of_a_run_wherever_it_begins() -> None:
    of = scenario("hammond_axelrod_2006").clock(years=40).but(side=10)
    straight = engine.simulate(of, [2])[0]
    for first in (0, 17):
        seen = [observed.copy() for _, observed in engine.course(of, 2, first, 40)]
        assert np.stack(seen).tobytes() == straight[first:].tobytes()


def test_a_model_without_persons_is_refused() -> None:
    with pytest.raises(BestowalError, match="can't be looked at one by one"):
        next(engine.lives(scenario("sen_1966"), 0))


# ---------------------------------------------------------------------------------------------------------- a pair


@pytest.mark.society
def test_persons_are_the_engines_in_both_worlds() -> None:
    a = society()
    b = pairs.twin(a, {"pay_link": 0.6}, 8)
    meta, found = read(a, b, 5)
    assert meta["years"] == 25 and len(meta["words"]) == meta["people"]
    for side, of in (("a", a), ("b", b)):
        for year, row in enumerate(years_of(found, side)):
            table = engine.people(of, 5, year)
            column = dict(zip(NAMES, table.T, strict=True))
            assert [meta["words"][p] for p in row["person"]] == [lineage(int(i)) for i in ids(table, NAMES)]
            for what in ("community", "place", "practising"):
                assert np.array_equal(row[what], column[what]), what
            for what in ("motive", "effort"):  # to the nearest 255th
                assert np.abs(row[what] / 255 - column[what]).max(initial=0) <= 0.5 / 255 + 1e-12
        seen = engine.simulate(of, [5])[0]
        assert np.array_equal(found[f"{side}.observables"], seen.astype(np.float32), equal_nan=True)
    assert meta["observables"] == OBSERVED


@pytest.mark.society
@pytest.mark.parametrize("change", [{}, {"pay_link": 0.2}])
def test_a_change_that_does_nothing_marks_nobody(change: dict[str, float]) -> None:
    a = society()
    meta, found = read(a, pairs.twin(a, change, 6))
    assert meta["same"] and meta["first_difference"] is None and meta["people"] > 90
    assert not found["a.differs"].any() and not found["b.differs"].any()
    for what in ("start", "person", "community", "place", "motive", "effort", "practising", "observables"):
        assert found[f"a.{what}"].tobytes() == found[f"b.{what}"].tobytes(), what
    assert meta["endings"]["a"] == meta["endings"]["b"]


@pytest.mark.society
@pytest.mark.parametrize(("change", "year"), [({"pay_link": 0.6}, 9), ({"relapse": 0.5}, 14), ({"birth": 0.0}, 3)])
def test_nothing_before_a_change_moves(change: dict[str, float], year: int) -> None:
    a = society()
    meta, found = read(a, pairs.twin(a, change, year), 1)
    assert not meta["same"] and meta["first_difference"] >= year
    for side in "ab":
        rows = list(years_of(found, side))
        assert not any(row["differs"].any() for row in rows[:year])
        assert any(row["differs"].any() for row in rows[year:])
    assert found["a.observables"][:year].tobytes() == found["b.observables"][:year].tobytes()


@pytest.mark.society
def test_the_first_difference_is_the_first_year_in_which_anything_recorded_differs() -> None:
    a = society()
    # Deaths come after work: they are counted in their year, and who died is missed at work a year later.
    for change, at_work in (({"pay_link": 0.6}, 10), ({"death": 0.0}, 11)):
        meta, found = read(a, pairs.twin(a, change, 10), 1)
        marked = [any(found[f"{s}.differs"][found[f"{s}.start"][y] : found[f"{s}.start"][y + 1]].any() for s in "ab")
                  for y in range(25)]  # fmt: skip
        assert (meta["first_difference"], marked.index(True)) == (10, at_work)


@pytest.mark.society
def test_whoever_differs_in_nothing_but_what_is_not_drawn_is_marked_too() -> None:
    a = society(12, practice=0)
    _, found = read(a, pairs.twin(a, {"warm_glow": 0.9}, 6))
    years = [list(years_of(found, side))[6] for side in "ab"]
    for what in ("person", "motive", "effort", "community", "place", "practising"):
        assert np.array_equal(years[0][what], years[1][what])
    assert years[0]["differs"].all() and years[1]["differs"].all() and len(years[0]["differs"]) > 20


@pytest.mark.society
def test_who_differs_is_who_differs_in_the_answer_to_who() -> None:
    a = society()
    b = pairs.twin(a, {"pay_link": 0.5, "need": 0.5}, 7)
    _, found = read(a, b, 2)
    told = who(a, b, 2)
    sides = [[set(row["person"][row["differs"] == 1]) for row in years_of(found, side)] for side in "ab"]
    assert [len(one | other) for one, other in zip(*sides, strict=True)] == [y.differing for y in told.by_year]
    assert told.ever > 50
    # One person, one index in both worlds: what is marked in one is marked in the other where they work there too.
    for one, other in zip(*(list(years_of(found, side)) for side in "ab"), strict=True):
        both = np.intersect1d(one["person"], other["person"])
        marks = [dict(zip(row["person"].tolist(), row["differs"].tolist(), strict=True)) for row in (one, other)]
        assert all(marks[0][p] == marks[1][p] for p in both.tolist())
        alone = set(one["person"].tolist()) ^ set(other["person"].tolist())
        assert all((marks[0] | marks[1])[p] == 1 for p in alone)


def test_a_change_holds_whatever_history_changes_later() -> None:
    history = society().but(12, pay_link=0.9)
    assert [c.values for c in pairs.twin(history, {"pay_link": 0.6}, 8).changes] == [{"pay_link": 0.6}]
    # From the start, also what is read when a world begins.
    assert pairs.twin(society(), {"n_founders": 20}, 0).values.n_founders == 20


@pytest.mark.society
def test_worlds_of_two_sizes_can_be_drawn_beside_each_other() -> None:
    a = society(8)
    meta, found = read(a, pairs.twin(a, {"n_communities": 7, "n_places": 50}, 0))
    assert (meta["communities"], meta["places"]) == (7, 50)
    assert found["a.place"].max() < 40


@pytest.mark.society
def test_endings_are_as_many_as_are_observed_and_in_communities_that_lose_everybody() -> None:
    told: dict[str, int] = {}
    for world in range(6):
        a = society(40)
        meta, found = read(a, a, world)
        endings = meta["endings"]["a"]
        ended = {
            name: found["a.observables"][:, OBSERVED.index(name)] for name in OBSERVED if name.startswith("ended_")
        }
        rows = list(years_of(found, "a"))
        for year in range(40):
            here = [e for e in endings if e["year"] == year]
            assert len(here) == sum(int(counts[year]) for counts in ended.values())
            ways = " or ".join(name.removeprefix("ended_") for name, counts in ended.items() if counts[year])
            assert all(e["how"] == ways for e in here)
            for e in here:
                told[e["how"]] = told.get(e["how"], 0) + 1
                if year == 39:
                    assert e["community"] is None
                    continue
                before, after = (set(r["person"][r["community"] == e["community"]]) for r in rows[year : year + 2])
                assert before and not before & after
    assert sum(told.values()) >= 5, "the case is busy enough to say something"


def test_what_is_too_much_or_unknown_is_refused_with_the_limit() -> None:
    a = society()
    with pytest.raises(BestowalError, match="10,000,000 at most"):
        pairs.pair(society(200, n_communities=1000, n_places=100), a, 0)
    with pytest.raises(BestowalError, match=r'pay_lonk: unknown parameter of society; did you mean "pay_link"\?'):
        pairs.twin(a, {"pay_lonk": 0.3}, 0)
    with pytest.raises(BestowalError, match="from_year: unknown parameter"):
        pairs.twin(a, {"from_year": 3}, 2)
    with pytest.raises(BestowalError, match=r"from_year = 25: must be a step from 0 to 24"):
        pairs.twin(a, {"pay_link": 0.3}, 25)
    with pytest.raises(BestowalError, match="n_founders: is read when a world begins"):
        pairs.twin(a, {"n_founders": 20}, 3)
    with pytest.raises(BestowalError, match="world = -1"):
        pairs.pair(a, a, -1)


@pytest.mark.society
def test_a_pair_nobody_waits_for_is_given_up() -> None:
    asked = iter([False, False, True])
    with pytest.raises(pairs.Stopped):
        pairs.pair(society(), society(), 0, lambda: next(asked))
    assert next(asked, None) is None, "asked again after it said yes"


# --------------------------------------------------------------------------------------------------------- a lattice


def test_a_lattice_goes_on_from_where_it_was_and_a_change_leaves_what_was_before() -> None:
    def seen(changes: list, first: int, count: int) -> tuple[dict, dict[str, np.ndarray]]:
        return unpack(lattice.frames("hammond_axelrod_2006", {"side": 12}, changes, 3, first, count))

    meta, whole = seen([], 0, 60)
    assert whole["cells"].shape == (60, 12, 12) and (meta["side"], meta["step"]) == (12, 0)
    for first, count in ((0, 20), (20, 40)):
        _, part = seen([], first, count)
        for what in ("cells", "observables"):
            assert part[what].tobytes() == whole[what][first : first + count].tobytes()
    _, changed = seen([(30, {"cost": 0.2, "death": 0.5})], 0, 60)
    assert changed["cells"][:30].tobytes() == whole["cells"][:30].tobytes()
    assert changed["cells"][30:].tobytes() != whole["cells"][30:].tobytes()


def test_cells_say_what_is_observed() -> None:
    meta, found = unpack(lattice.frames("hammond_axelrod_2006", {"side": 20, "immigrants": 5}, [], 0, 0, 50))
    strategy = {e["code"]: e["label"].partition(",")[0] for e in meta["legend"]}
    assert len(strategy) == 17 and strategy[0] == "nobody"
    for cells, observed in zip(found["cells"], found["observables"], strict=True):
        told = dict(zip(meta["observables"], observed.tolist(), strict=True))
        living = cells[cells > 0]
        assert told["density"] == pytest.approx(living.size / 400)
        for name in ("ethnocentric", "humanitarian", "selfish", "traitorous"):
            share = sum(strategy[int(code)] == name for code in living) / living.size
            assert told[name] == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize(
    ("model", "values", "changes", "first", "count", "said"),
    [
        ("sen_1966", {}, [], 0, 1, "has no lattice"),
        ("hammond_axelrod_2006", {"side": 1000}, [], 0, 21, "20,000,000"),
        ("hammond_axelrod_2006", {"side": 1000}, [], 400, 1, "400,000,000"),
        ("hammond_axelrod_2006", {"colours": 64}, [], 0, 1, "63 at most"),
        ("hammond_axelrod_2006", {}, [(5, {"colours": 100})], 0, 10, "63 at most"),
        ("hammond_axelrod_2006", {}, [], 65536, 1, "65,536 or fewer"),
        ("hammond_axelrod_2006", {"kost": 0.1}, [], 0, 1, "kost: unknown parameter"),
        ("hammond_axelrod_2006", {}, [(2, {"self": 0.1})], 0, 5, "self: unknown parameter"),
        ("hammond_axelrod_2006", {}, [(2, {"side": 9})], 0, 5, "is read when a world begins"),
    ],
)
def test_what_a_lattice_cannot_do_is_refused(model, values, changes, first, count, said) -> None:
    with pytest.raises(BestowalError, match=said):
        lattice.frames(model, values, changes, 0, first, count)


# ------------------------------------------------------------------------------------------------------------ frames

KINDS = st.sampled_from([np.dtype(kind) for kind in ("u1", "<u2", "<u4", "<f4", "<f8")])


@pytest.mark.slow
@given(
    st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=20), max_size=4),
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        arrays.arrays(KINDS, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)),
        max_size=5,
    ),
)
def test_frames_read_back_as_they_were_packed(meta: dict, given: dict[str, np.ndarray]) -> None:
    content = pack(meta, given)
    told, found = unpack(content)
    assert told == meta and list(found) == list(given) and len(content) % 8 == 0
    for name, array in given.items():
        assert found[name].shape == array.shape and found[name].dtype == array.dtype
        assert found[name].tobytes() == array.tobytes()


def test_frames_begin_where_the_contract_says() -> None:
    content = pack({"a": 1}, {"x": np.arange(3, dtype=np.uint16), "y": np.array([[0.5]], np.float32)})
    assert content[:4] == b"BSF1"
    length = int.from_bytes(content[4:8], "little")
    start = -(-(8 + length) // 8) * 8
    assert content[start : start + 8] == bytes([0, 0, 1, 0, 2, 0, 0, 0])
    assert content[start + 8 : start + 16] == bytes([0, 0, 0, 0x3F, 0, 0, 0, 0])
    assert len(content) == start + 16
