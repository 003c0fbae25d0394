"""The smallest sufficient change, on planted societies whose answer is known."""

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from bestowal.core.errors import BestowalError
from bestowal.questions.kinds.smallest import compute, sizes
from bestowal.questions.kinds.smallest.compute import smallest
from bestowal.questions.kinds.smallest.result import Knob, Smallest
from bestowal.questions.kinds.smallest.search import FIRST, Search
from bestowal.questions.kinds.smallest.sizes import STEP

WORLDS = 256
Chance = Callable[[Mapping[str, float]], float]


class Society:
    """Each world succeeds with a change where its luck, a number of its own between 0 and 1, is below the chance.

    So sufficiency is known: (chance - chance in history) / (1 - chance in history). Two kinds of luck, since one alone
    would make any two changes of equal chance save the same worlds.
    """

    def __init__(self, chance: Chance, salt: int = 0) -> None:
        self.chance, self.salt = chance, salt
        self.asked: list[tuple[dict[str, float], range]] = []

    def __call__(self, changes: Sequence[Mapping[str, float]], worlds: range) -> np.ndarray:
        self.asked += [(dict(change), worlds) for change in changes]
        lucky = np.array([np.random.default_rng([self.salt, world]).random() for world in worlds])
        return np.array([lucky < self.chance(change) for change in changes])

    def lived(self) -> int:
        return sum(len(worlds) for _, worlds in self.asked)


def knobs(**distances: float) -> list[Knob]:
    return [Knob(name, distance) for name, distance in distances.items()]


def search(chance: Chance, some: Sequence[Knob], *, salt: int = 0, worlds: int = WORLDS, **how: int) -> Smallest:
    return smallest(some, Society(chance, salt), target=0.8, worlds=worlds, **{"seed": 1, **how})


def slope(size: float, enough: float) -> float:
    """From 0.05 at size 0 to 0.95 at the size that is plainly enough."""
    return 0.05 + 0.9 * min(size / enough, 1.0)


FOUR = knobs(a=1.0, b=2.0, c=3.0, d=4.0)


def test_one_lever_at_the_size_from_which_it_is_enough() -> None:
    found = search(lambda z: 0.95 if z.get("b", 0) >= 0.4 else 0.02, FOUR)
    assert found.status == "found" and found.answer is not None
    assert found.answer.sizes == {"b": 0.4} and found.answer.distance == pytest.approx(0.8)
    assert [set(one.sizes) for one in found.minimal] == [{"b"}]
    assert found.answer.sufficiency.low < (0.95 - 0.02) / 0.98 < found.answer.sufficiency.high


def test_a_lever_that_helps_by_degrees_is_as_small_as_its_interval_allows() -> None:
    found = search(lambda z: slope(z.get("b", 0), 0.6), FOUR)
    assert found.answer is not None and set(found.answer.sizes) == {"b"}
    # Sufficiency 0.8 needs chance 0.81, size 0.507. The lower limit on some 240 worlds needs about 0.05 more.
    assert 0.5 <= found.answer.sizes["b"] <= 0.6


def test_two_that_only_work_together() -> None:
    found = search(lambda z: 0.95 if z.get("a", 0) >= 0.3 and z.get("c", 0) >= 0.55 else 0.02, FOUR)
    assert found.answer is not None and found.answer.sizes == {"a": 0.3, "c": 0.55}
    assert [set(one.sizes) for one in found.minimal] == [{"a", "c"}]


def test_the_cheapest_mix_of_two_that_work_together() -> None:
    # Enough where size a + size c >= 1.2: a is three times nearer, so all of it and the rest from c.
    found = search(lambda z: 0.95 if z.get("a", 0) + z.get("c", 0) >= 1.2 - 1e-9 else 0.02, FOUR)
    assert found.answer is not None and found.answer.sizes == {"a": 1.0, "c": 0.2}


def test_two_small_changes_can_be_nearer_than_a_large_one() -> None:
    # d alone is enough at its full 4; half of a and half of b are too, 1.5 away, and at full size as well.
    def chance(z: Mapping[str, float]) -> float:
        return 0.95 if z.get("d", 0) == 1 or (z.get("a", 0) >= 0.5 and z.get("b", 0) >= 0.5) else 0.02

    found = search(chance, FOUR)
    assert found.answer is not None and found.answer.sizes == {"a": 0.5, "b": 0.5}
    assert {frozenset(one.sizes) for one in found.minimal} == {frozenset("d"), frozenset("ab")}


def test_a_part_is_traded_for_a_lever_that_does_nothing_alone() -> None:
    # a makes c work at a quarter of its size; c alone is enough at full size, so {a, c} is no minimal set.
    found = search(lambda z: 0.95 if z.get("c", 0) >= (0.25 if z.get("a", 0) >= 0.2 else 1.0) else 0.02, FOUR)
    assert found.answer is not None and found.answer.sizes == {"a": 0.2, "c": 0.25}


def test_all_minimal_sets_are_found() -> None:
    def chance(z: Mapping[str, float]) -> float:
        return 0.95 if "d" in z or {"a", "b"} <= set(z) or {"b", "c"} <= set(z) else 0.02

    found = search(chance, FOUR)
    assert {frozenset(one.sizes) for one in found.minimal} >= {frozenset("d"), frozenset("ab"), frozenset("bc")}


def test_a_set_larger_than_those_all_tried_is_reached_from_above() -> None:
    needed = set("abdef")
    some = knobs(a=1, b=1, c=1, d=1, e=1, f=1, g=1)
    found = search(lambda z: 0.95 if needed <= set(z) else 0.02, some, most=2)
    assert found.answer is not None and set(found.answer.sizes) == needed


def test_it_is_reached_also_where_all_together_do_harm() -> None:
    some = knobs(a=1, b=1, c=1, d=1, e=1)
    found = search(lambda z: 0.95 if {"a", "b", "c", "d"} <= set(z) and "e" not in z else 0.02, some, most=2)
    assert found.answer is not None and set(found.answer.sizes) == {"a", "b", "c", "d"}


def test_none_is_enough() -> None:
    found = search(lambda z: 0.02 + 0.12 * sum(z.values()), FOUR)
    assert found.status == "none" and found.answer is None and found.minimal == []
    assert found.frontier[-1].sizes == dict.fromkeys("abcd", 1.0)  # the best seen is shown
    assert found.frontier[0].sizes == {} and found.frontier[0].distance == 0


def test_an_optimum_inside_is_found_where_no_full_size_is_enough() -> None:
    found = search(lambda z: 0.95 if 0.4 <= z.get("b", 0) <= 0.5 else 0.02, FOUR)
    assert found.status == "found" and found.answer is not None and found.answer.sizes == {"b": 0.4}
    narrow = search(lambda z: 0.95 if abs(z.get("b", 0) - 0.45) < 0.01 else 0.02, FOUR)
    assert narrow.answer is not None and narrow.answer.sizes == {"b": 0.45}


def test_an_optimum_inside_is_found_beside_another_lever_in_full() -> None:
    found = search(lambda z: 0.95 if 0.4 <= z.get("b", 0) <= 0.5 and z.get("d", 0) >= 0.8 else 0.02, FOUR)
    assert found.answer is not None and found.answer.sizes == {"b": 0.4, "d": 0.8}


def test_an_optimum_inside_is_found_where_a_dearer_set_is_enough_at_full_size() -> None:
    def chance(z: Mapping[str, float]) -> float:
        return 0.95 if z.get("d", 0) == 1 or 0.4 <= z.get("a", 0) <= 0.5 else 0.02

    found = search(chance, FOUR)
    assert found.answer is not None and found.answer.sizes == {"a": 0.4}


@pytest.mark.slow
def test_the_size_at_which_the_target_is_reached_is_estimated_without_the_search_for_certainty() -> None:
    """Chance z at size z, so 0.8 is reached at 0.8; over 30 societies the size found is too large by 0.05 or more on
    average, the estimate by less than 0.02 (its standard deviation is some 0.03), and its interval holds 0.8."""
    sizes, estimates, held = [], [], 0
    for salt in range(30):
        found = search(lambda z: z.get("a", 0), knobs(a=1.0), salt=salt)
        assert found.answer is not None and found.threshold is not None
        size, at = found.answer.sizes["a"], found.threshold
        sizes.append(size)
        estimates.append(size * at.estimate)
        held += size * at.low <= 0.8 + 1e-9 and (at.high is None or size * at.high + 1e-9 >= 0.8)
    assert np.mean(sizes) >= 0.85 and abs(np.mean(estimates) - 0.8) < 0.02
    assert held >= 25  # of 30 at 0.95: fewer has chance 0.3 %


def test_near_ties_are_named() -> None:
    # Two levers as near as one another, enough by the same chance: which comes out depends on the worlds.
    found = search(lambda z: max(slope(z.get("a", 0), 0.6), slope(z.get("b", 0), 0.59)), knobs(a=1.0, b=1.02))
    assert [sorted(rival.levers) for rival in found.rivals[:2]] in ([["a"], ["b"]], [["b"], ["a"]])
    assert 0.05 < found.rivals[0].share < 1 and sum(rival.share for rival in found.rivals) <= 1
    clear = search(lambda z: 0.95 if z.get("b", 0) >= 0.4 else 0.02, FOUR)
    assert [(rival.levers, rival.share) for rival in clear.rivals] == [(["b"], 1.0)]


def test_what_succeeds_already_needs_no_saving() -> None:
    society = Society(lambda z: 0.93)
    found = smallest(FOUR, society, target=0.8, worlds=WORLDS, seed=1)
    assert found.status == "nothing to save" and found.answer is None
    assert all(change == {} for change, _ in society.asked)


def test_a_lever_that_harms_is_left_out() -> None:
    found = search(lambda z: max(0.95 * (z.get("a", 0) >= 0.5) - 0.9 * z.get("b", 0), 0.02), FOUR)
    assert found.answer is not None and found.answer.sizes == {"a": 0.5}


def test_weights_say_which_is_nearer() -> None:
    def chance(z: Mapping[str, float]) -> float:
        return 0.95 if "a" in z or "b" in z else 0.02

    plain = search(chance, FOUR)
    dear = search(chance, [Knob("a", 1.0, weight=5.0), *FOUR[1:]])
    assert plain.answer is not None and set(plain.answer.sizes) == {"a"}
    assert dear.answer is not None and set(dear.answer.sizes) == {"b"}
    assert plain.answer.distance == pytest.approx(STEP * 1.0) and dear.answer.distance == pytest.approx(STEP * 2.0)


def test_a_switch_has_no_other_size() -> None:
    society = Society(lambda z: 0.95 if z.get("a", 0) > 0 and z.get("b", 0) >= 0.3 else 0.02)
    found = smallest([Knob("a", 1.0, whole=True), *FOUR[1:]], society, target=0.8, worlds=WORLDS, seed=1)
    assert found.answer is not None and found.answer.sizes == {"a": 1.0, "b": 0.3}
    assert {change["a"] for change, _ in society.asked if "a" in change} == {1.0}


def test_a_lever_is_never_smaller_than_it_can_be_had() -> None:
    def chance(z: Mapping[str, float]) -> float:
        return 0.95 if z.get("a", 0) + z.get("b", 0) >= 0.4 else 0.02

    society = Society(chance)
    found = smallest(
        [Knob("a", 1.0, least=0.72), Knob("b", 1.2, least=0.6)], society, target=0.8, worlds=WORLDS, seed=1
    )
    assert found.answer is not None and found.answer.sizes == {"b": 0.6}
    assert min(change["a"] for change, _ in society.asked if "a" in change) == 0.75
    assert min(change["b"] for change, _ in society.asked if "b" in change) == 0.6


def test_at_the_target_it_can_not_tell() -> None:
    found = search(lambda z: 0.8 if "a" in z else 0.0, knobs(a=1.0))
    assert found.status == "none" and found.undecided == [["a"]]


def test_fresh_worlds_are_kept_for_the_end() -> None:
    society = Society(lambda z: slope(z.get("b", 0), 0.6))
    found = smallest(FOUR, society, target=0.8, worlds=WORLDS, seed=1)
    fresh = [k for k, (_, worlds) in enumerate(society.asked) if worlds.stop > WORLDS]
    assert fresh and fresh == list(range(fresh[0], len(society.asked)))
    assert {society.asked[k][1] for k in fresh} == {range(WORLDS, 2 * WORLDS)}
    assert found.answer is not None
    lucky = np.array([np.random.default_rng([0, world]).random() for world in range(WORLDS, 2 * WORLDS)])
    saved = lucky[lucky >= 0.05] < slope(found.answer.sizes["b"], 0.6)
    assert found.answer.sufficiency.estimate == pytest.approx(saved.mean())


def test_what_does_not_hold_up_on_fresh_worlds_is_not_the_answer() -> None:
    class Fickle(Society):
        """A lever that works in the worlds of the search, and in few others; another that works."""

        def __call__(self, changes: Sequence[Mapping[str, float]], worlds: range) -> np.ndarray:
            found = super().__call__(changes, worlds)
            for k, change in enumerate(changes):
                if "a" in change and "b" not in change:
                    found[k] &= np.array(worlds) < WORLDS
            return found

    society = Fickle(lambda z: 0.95 if "a" in z or z.get("b", 0) >= 0.5 else 0.02)
    found = smallest(FOUR, society, target=0.8, worlds=WORLDS, seed=1)
    assert found.answer is not None and found.answer.sizes == {"b": 0.5}
    assert [one.held_up for one in found.minimal] == [False, True]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answer_however_the_worlds_are_run() -> None:
    class Backwards(Society):
        def __call__(self, changes: Sequence[Mapping[str, float]], worlds: range) -> np.ndarray:
            return np.array([super(Backwards, self).__call__([change], worlds)[0] for change in changes[::-1]])[::-1]

    def chance(z: Mapping[str, float]) -> float:
        return slope(z.get("a", 0) + 0.7 * z.get("c", 0), 1.4)

    first = smallest(FOUR, Society(chance), target=0.8, worlds=WORLDS, seed=1)
    assert first == smallest(FOUR, Backwards(chance), target=0.8, worlds=WORLDS, seed=1)
    assert first == smallest(FOUR, Society(chance), target=0.8, worlds=WORLDS, seed=1)


def test_the_hopeless_get_few_worlds() -> None:
    some = knobs(**dict.fromkeys("abcdefghij", 1.0))
    society = Society(lambda z: 0.95 if {"a", "b"} <= set(z) else 0.02)
    found = smallest(some, society, target=0.8, worlds=1024, seed=1)
    assert found.answer is not None and set(found.answer.sizes) == {"a", "b"}
    # Nearly all of the 10 + 45 + 112 sets without the pair are left after the first worlds.
    assert found.spent[str(FIRST)] == found.judged and found.spent["1024"] < found.judged / 4
    assert society.lived() < found.judged * FIRST * 5


@pytest.mark.slow
def test_what_is_not_quite_enough_is_seldom_claimed() -> None:
    # Sufficiency 0.75 whichever of three levers is turned: enough in the search with chance below 2.5 % each, and then
    # 80 % of the fresh worlds with chance below 5 %. Twice in 40 would have chance below 1 % even at 0.4 % a time.
    claimed = 0
    for salt in range(40):
        found = search(lambda z: 0.75 if z else 0.0, knobs(a=1.0, b=2.0, c=3.0), salt=salt)
        claimed += found.status == "found"
    assert claimed <= 1


def test_no_nearer_change_is_left_on_a_small_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every mix of three levers in quarters can be tried here; the search must find the nearest.
    for module in (sizes, compute):
        monkeypatch.setattr(module, "STEP", 0.25)
    quarters = [0, 0.25, 0.5, 0.75, 1]
    hit = 0
    for salt in range(12):
        need = np.random.default_rng(salt).uniform(0.2, 1.5, 3)
        some = knobs(a=1.0, b=1.3, c=1.7)

        def chance(z: Mapping[str, float], need: np.ndarray = need) -> float:
            total = sum(float(n) * z.get(name, 0) for name, n in zip("abc", need, strict=True))
            return 0.97 if total >= 1.0 else 0.02

        mixes = [dict(zip("abc", z, strict=True)) for z in itertools.product(quarters, repeat=3)]
        enough = [mix for mix in mixes if chance(mix) > 0.5]
        found = search(chance, some, salt=salt)
        if not enough:
            assert found.status == "none"
            hit += 1
            continue
        nearest = min(mix["a"] + 1.3 * mix["b"] + 1.7 * mix["c"] for mix in enough)
        assert found.answer is not None and found.answer.distance >= nearest - 1e-9
        hit += found.answer.distance <= nearest + 1e-9
    assert hit >= 10  # no proof of the nearest is claimed; it is found nearly always


@pytest.mark.parametrize("target", [0.0, 1.0, 1.2])
def test_a_target_outside_of_0_and_1_is_refused(target: float) -> None:
    with pytest.raises(BestowalError, match=f"target must lie between 0 and 1, not {target:g}"):
        smallest(FOUR, Society(lambda z: 0.5), target=target, worlds=64, seed=1)


def test_worlds_that_succeed_anyway_are_not_counted_as_saved() -> None:
    # 60 % succeed in history; with a 88 % do, which saves 70 % of the rest.
    found = search(lambda z: 0.88 if z else 0.6, knobs(a=1.0))
    assert found.status == "none" and found.frontier[-1].success.estimate > 0.8
    assert found.frontier[-1].sufficiency.estimate < 0.8 and found.frontier[-1].searched.estimate < 0.8


def test_a_lever_is_made_smaller_again_where_another_now_allows_it() -> None:
    def chance(z: Mapping[str, float]) -> float:
        return 0.95 if z.get("a", 0) == 1 or (z.get("a", 0) >= 0.3 and 0 < z.get("b", 0) <= 0.5) else 0.02

    society = Search(knobs(a=2, b=1), Society(lambda z: chance(z) if "b" in z else 0.02), 0.8, WORLDS)
    society.judged([()], WORLDS)
    assert sizes.shrunk(society, (("a", 1.0), ("b", 1.0))) == (("a", 0.3), ("b", STEP))


def test_a_lever_is_left_out_where_the_others_do_better_when_smaller() -> None:
    # Too much of a spoils it, and b mends that; a little of a needs no mending.
    found = search(lambda z: 0.95 if 0.3 <= z.get("a", 0) <= 0.6 or ("a" in z and "b" in z) else 0.02, knobs(a=1, b=1))
    assert found.answer is not None and found.answer.sizes == {"a": STEP, "b": STEP}
    found = search(lambda z: 0.95 if 0.3 <= z.get("a", 0) <= (1.0 if "b" in z else 0.6) else 0.02, knobs(a=1, b=1))
    assert found.answer is not None and found.answer.sizes == {"a": 0.3}


def test_on_the_way_down_from_all_what_harms_most_goes_first() -> None:
    some = knobs(a=1, b=1, c=1, d=1, e=1, f=1)

    def chance(z: Mapping[str, float]) -> float:
        return max(0.95 - 0.35 * (("e" in z) + ("f" in z)), 0.02) if set("abcd") <= set(z) else 0.02

    found = search(chance, some, most=2)
    assert found.answer is not None and set(found.answer.sizes) == set("abcd")


@pytest.mark.slow
def test_what_is_enough_is_not_lost_on_its_first_worlds() -> None:
    for salt in range(40):
        found = search(lambda z: 0.87 if z else 0.0, [Knob("a", 1.0, whole=True)], salt=salt, worlds=1024)
        assert found.status == "found"
