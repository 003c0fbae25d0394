"""What the answer hangs on: screening and walks where the right answer is known in closed form."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pytest
from pydantic import TypeAdapter

from bestowal.core.errors import BestowalError
from bestowal.questions.kinds.sensitivity.compute import sensitivity, varied
from bestowal.questions.kinds.sensitivity.result import DUMMY, Range, Sensitivity
from bestowal.questions.kinds.sensitivity.screening import screened
from bestowal.questions.question import Lever, Moment
from bestowal.questions.question_file import question

Point = Mapping[str, float]


class Law:
    """Share of worlds that succeed at a point, without and with the change, in closed form.

    World w of n succeeds where (w + 1/2) / n lies below it: so luck is shared, and a share k/n is met exactly.
    What a point doesn't name is as in the scenario.
    """

    def __init__(
        self,
        ranges: Sequence[Range],
        after: Callable[[Point], float],
        before: Callable[[Point], float] = lambda point: 0.0,
    ) -> None:
        self.here = {r.name: r.here for r in ranges}
        self.after, self.before = after, before
        self.calls: list[list[dict[str, float]]] = []

    def __call__(self, points: Sequence[Point], worlds: range) -> tuple[np.ndarray, np.ndarray]:
        self.calls.append([dict(point) for point in points])
        luck = (np.arange(len(worlds)) + 0.5) / len(worlds)
        whole = [self.here | dict(point) for point in points]
        return np.array([luck < self.before(at) for at in whole]), np.array([luck < self.after(at) for at in whole])


def near(x: float) -> object:
    """With 6000 worlds a share is met to half a world, 1/12000; an effect is of two shares, over a step of 2/3."""
    return pytest.approx(x, abs=2.5e-4)


def test_of_a_linear_law_mu_star_is_the_slope_times_the_range_and_sigma_0() -> None:
    ranges = [Range("a", 1.0, 3.0, False, 1.5), Range("b", 0.01, 1.0, True, 0.1), Range("c", -1.0, 0.0, False, 0.0)]
    # Over its range a moves P(success) by 2 × 0.1, b by 2 decades × 0.15, c by -1 × 0.05.
    law = Law(
        ranges,
        lambda at: 0.45 + 0.1 * (at["a"] - 1) + 0.15 * math.log10(at["b"]) - 0.05 * at["c"],
        lambda at: 0.1 * (at["a"] - 1),
    )
    found = sensitivity(ranges, law, seed=3, matters=0.05, trajectories=8, worlds=6000)
    effect, success = found.screens
    assert (effect.of, success.of) == ("effect", "success")
    assert [e.name for e in success.parameters] == ["b", "a", "c"]
    for e, slope in zip(success.parameters, (0.3, 0.2, -0.05), strict=True):
        assert e.mu_star.estimate == near(abs(slope)) and e.mu == near(slope) and 0 <= e.sigma < 2.5e-4
        assert e.quarter.estimate == near(abs(slope)) and e.half.estimate == near(abs(slope))
        assert (e.quarter.n, e.half.n, e.mu_star.n) == (2, 4, 8)
        # All trajectories agree; a step of 2/3 moves a share of the 6000 worlds, whose standard error the interval
        # holds: at most that of one trajectory, times t(0.975, 7) = 2.365.
        moved = abs(slope) * 2 / 3
        most = 2.365 * math.sqrt(moved * (1 - moved) / 6000) * 3 / 2
        assert most / 4 < e.mu_star.high - abs(slope) < most + 2.5e-4 and e.mu_star.low == near(
            2 * e.mu_star.estimate - e.mu_star.high
        )
    assert [e.name for e in effect.parameters][:2] == ["b", "c"]  # without the change a does as much
    assert effect.parameters[2].mu_star.estimate == near(0)
    for agreement in success.agreement:
        assert (agreement.common, agreement.top) == (3, 3) and agreement.savage == pytest.approx(1)


def test_mu_star_covers_the_truth_where_the_same_worlds_are_run_at_every_point() -> None:
    """Worlds succeed where their random number is below 0.2 + 0.5 a: mu* is 0.5. Over trajectories alone an interval
    has no width for the chance of 16 worlds, and held it in 16 %. Of 60 at 0.95, fewer than 51 has chance 0.1 %."""
    held = 0
    for seed in range(60):
        lucky = np.random.default_rng([13, seed]).random(16)

        def number(points: Sequence[Point], among: range, lucky: np.ndarray = lucky) -> tuple[np.ndarray, np.ndarray]:
            chance = np.array([0.2 + 0.5 * point["a"] for point in points])[:, None]
            return np.zeros((len(points), len(among)), bool), lucky[None] < chance

        ranges = [Range("a", 0.0, 1.0, False, 0.5), Range("b", 0.0, 1.0, False, 0.5)]
        screen = screened(ranges, number, seed, 16, 16)[0]
        star = next(e.mu_star for e in screen.parameters if e.name == "a")
        held += star.low <= 0.5 <= star.high
    assert held >= 51


def test_all_points_are_asked_for_at_once_and_lie_in_the_prior() -> None:
    ranges = [Range("a", 1.0, 3.0, False, 1.5), Range("b", 0.01, 1.0, True, 0.1), Range("n", 3, 50, True, 10, True)]
    law = Law(ranges, lambda at: at["b"])
    sensitivity(ranges, law, seed=1, matters=0.05, trajectories=8, worlds=10)
    screening = law.calls[0]
    assert len(screening) == 8 * 5 and set(screening[0]) == {"a", "b", "n"}
    assert sorted({at["a"] for at in screening}) == pytest.approx([1, 5 / 3, 7 / 3, 3])
    # 0.01 to 1 in thirds of two decades; 3 to 50 in thirds of its logarithm, 3, 7.66, 19.6 and 50, to the nearest.
    assert sorted({round(math.log10(at["b"]) * 3, 9) for at in screening}) == [-6, -4, -2, 0]
    assert {at["n"] for at in screening} == {3, 8, 20, 50}
    for at in (at for call in law.calls[1:] for at in call):
        assert len(at) == 1 and isinstance(at.get("n", 3), int)


def test_a_law_with_an_interaction_has_sigma() -> None:
    ranges = [Range("a", 0.0, 1.0, False, 0.5), Range("b", 0.0, 1.0, False, 0.5)]
    found = sensitivity(
        ranges, Law(ranges, lambda at: at["a"] * at["b"]), seed=1, matters=0.05, trajectories=40, worlds=600
    )
    for e in found.screens[1].parameters:
        # Of a the elementary effect is b, which lies on 0, 1/3, 2/3, 1: mean 1/2, standard deviation sqrt(5/36).
        # Of 40 draws the mean is within 3 × 0.373 / sqrt(40); their standard deviation is within a quarter.
        assert e.mu == pytest.approx(0.5, abs=0.18) and e.sigma == pytest.approx(math.sqrt(5 / 36), rel=0.25)


def test_the_g_function_is_ranked_as_its_coefficients_are() -> None:
    """Sobol's g-function: the smaller a_i, the more x_i matters; its elementary effects change sign, so mu misleads."""
    weights = {"w": 9.0, "x": 0.0, "y": 99.0, "z": 1.0}
    ranges = [Range(name, 0.0, 1.0, False, 0.5) for name in weights]

    def g(at: Point) -> float:
        product = 1.0
        for name, a in weights.items():
            product *= (abs(4 * at[name] - 2) + a) / (1 + a)
        return product / 4  # at most 2 × 1.5 × 1.1 × 1.01 = 3.4

    found = sensitivity(ranges, Law(ranges, g), seed=2, matters=0.05, trajectories=64, worlds=4000)
    screen = found.screens[1]
    assert [e.name for e in screen.parameters] == ["x", "z", "w", "y"]
    # From 0 or 1 a step of 2/3 moves |4x - 2| from 2 to 2/3, from 1/3 or 2/3 to the end from 2/3 to 2: half of each.
    x = screen.parameters[0]
    assert x.mu_star.estimate is not None and abs(x.mu) < x.mu_star.estimate / 2
    last = screen.agreement[1]
    assert (last.one, last.other) == ("first half", "all") and last.common == 4 and last.savage == pytest.approx(1)


def test_savage_correlation_of_a_known_table() -> None:
    from bestowal.questions.kinds.sensitivity.screening import _agreement

    # Ranks 1, 2, 3 against 2, 1, 3: scores 11/6, 5/6, 1/3 (mean 1) and 5/6, 11/6, 1/3; worked by hand, 1/6 over 7/6.
    found = _agreement("one", "other", np.array([0.9, 0.5, 0.1]), np.array([0.5, 0.9, 0.1]))
    assert found.savage == pytest.approx(1 / 7)
    # Four, two of them tied for ranks 2 and 3: scores less their mean, in twelfths, 13, 1, -5, -9 and 13, -2, -2, -9.
    tied = _agreement("one", "other", np.array([0.9, 0.5, 0.3, 0.1]), np.array([0.9, 0.2, 0.2, 0.1]))
    assert tied.savage == pytest.approx(math.sqrt(258 / 276))
    flat = _agreement("one", "other", np.array([0.9, 0.5, 0.1]), np.zeros(3))
    assert (flat.common, flat.top, flat.savage) == (0, 3, None)


def test_parts_of_the_trajectories_that_disagree_are_seen_to() -> None:
    """A number that hangs on another parameter in each quarter of what is asked: 0.4 a, then b, then twice a."""
    ranges = [Range("a", 0.0, 1.0, False, 0.5), Range("b", 0.0, 1.0, False, 0.5)]
    laws = (("a", 0.4), ("b", 1.0), ("a", 1.0), ("a", 1.0))

    def number(points: Sequence[Point], worlds: range) -> tuple[np.ndarray, np.ndarray]:
        luck = (np.arange(len(worlds)) + 0.5) / len(worlds)
        shares = [laws[4 * i // len(points)][1] * p.get(laws[4 * i // len(points)][0], 0) for i, p in enumerate(points)]
        return np.zeros((len(points), len(worlds)), bool), np.array([luck < share for share in shares])

    # 60 worlds meet every share exactly. mu* of a and b: (0.4, 0) at a quarter, (0.2, 0.5) at half, (0.6, 0.25).
    screen = sensitivity(ranges, number, seed=1, matters=0.05, trajectories=8, worlds=60).screens[1]
    a, b = screen.parameters
    assert [e.quarter.estimate for e in (a, b)] == [pytest.approx(0.4), 0]
    assert [e.half.estimate for e in (a, b)] == [pytest.approx(0.2), pytest.approx(0.5)]
    assert [e.mu_star.estimate for e in (a, b)] == [pytest.approx(0.6), pytest.approx(0.25)]
    assert [(x.one, x.other, x.common, x.top) for x in screen.agreement] == [
        ("first quarter", "all", 1, 2),
        ("first half", "all", 2, 2),
        ("first half", "second half", 1, 2),
    ]
    assert [x.savage for x in screen.agreement] == [pytest.approx(1), pytest.approx(-1), pytest.approx(-1)]


def test_a_dummy_does_exactly_nothing_as_long_as_luck_is_shared() -> None:
    ranges = [Range("a", 0.0, 1.0, False, 0.5), Range("b", 0.0, 1.0, False, 0.5)]
    shared = sensitivity(ranges, Law(ranges, lambda at: at["a"]), seed=1, matters=0.05, worlds=50)
    for screen in shared.screens:
        d = screen.dummy
        assert (d.name, d.mu_star.estimate, d.mu_star.high, d.mu, d.sigma, d.noise) == (DUMMY, 0, 0, 0, 0, 0)
        assert DUMMY not in [e.name for e in screen.parameters]
    rng = np.random.default_rng(4)

    def unshared(points: Sequence[Point], worlds: range) -> tuple[np.ndarray, np.ndarray]:
        shape = (len(points), len(worlds))
        return np.zeros(shape, bool), rng.random(shape) < 0.5

    own = sensitivity(ranges, unshared, seed=1, matters=0.05, trajectories=64, worlds=50)
    d = own.screens[0].dummy
    assert d.mu_star.estimate is not None and d.mu_star.estimate > 0
    # A law that moves nothing but by chance: each mean of 50 has variance 1/200, a difference of two 1/100, its mean
    # absolute value over a step of 2/3 is 0.1 × sqrt(2/pi) × 1.5 = 0.120; over 64 steps to 3 × 0.09 / 8 = 0.034.
    assert d.noise == pytest.approx(0.1197, rel=0.05)
    assert d.mu_star.estimate == pytest.approx(0.1197, abs=0.034)


@pytest.mark.parametrize(("log", "here"), [(False, 0.1), (True, 0.1)])
def test_the_flip_is_found_within_the_resolution(log: bool, here: float) -> None:
    """The change saves every world below 0.31 and loses all above."""
    ranges = [Range("relapse", 0.05, 0.75, log, here)]
    law = Law(ranges, lambda at: float(at["relapse"] < 0.31), lambda at: float(at["relapse"] >= 0.31))
    found = sensitivity(ranges, law, seed=1, matters=0.05, worlds=4)
    effect, success = found.flips
    assert (effect.name, effect.of, effect.way, effect.here, effect.there) == (
        "relapse",
        "effect",
        ">",
        "raises",
        "lowers",
    )
    assert (success.of, success.here, success.there) == ("success", "at least one half", "below one half")
    # The gap between two of five points, halved twice, is a sixteenth of the range: a factor of 15^(1/16) or 0.04375.
    assert effect.low <= 0.31 <= effect.high
    if log:
        assert effect.high / effect.low == pytest.approx(15 ** (1 / 16))
    else:
        assert effect.high - effect.low == pytest.approx(0.7 / 16)
    assert effect.low < effect.value < effect.high
    assert len(law.calls) == 4 and [len(call) for call in law.calls[1:]] == [6, 1, 1]
    assert found.says[0].startswith(f'The answer would be "lowers" if relapse > {effect.value:.3g} (here 0.1: "raises"')
    assert found.says[0].endswith("prior 0.05 to 0.75).") and len(found.says) == 2


def test_a_flip_below_here_and_one_in_whole_numbers() -> None:
    ranges = [Range("ten", 1, 9, False, 8, True)]
    law = Law(ranges, lambda at: float(at["ten"] > 4))
    found = sensitivity(ranges, law, seed=1, matters=0.05, worlds=4)
    effect = found.flips[0]
    # 1, 3, 5, 7, 9, and 4 between 3 and 5: it turns between the neighbours 4 and 5.
    assert (effect.way, effect.low, effect.high, effect.there) == ("<", 4, 5, "no difference that matters")
    assert effect.value == 5


def test_a_band_has_an_end() -> None:
    """Below 0.3 nothing saves, above 0.7 nothing needs saving: the change matters between."""
    ranges = [Range("a", 0.0, 1.0, False, 0.1)]
    law = Law(ranges, lambda at: float(at["a"] > 0.3), lambda at: float(at["a"] > 0.7))
    effect, success = sensitivity(ranges, law, seed=1, matters=0.05, worlds=4).flips
    assert (effect.here, effect.there, effect.way) == ("no difference that matters", "raises", ">")
    # 0, 1/4, 1/2, 3/4 and 1, each gap with a turn halved twice: 1/4 to 5/16, and back from 11/16 to 3/4.
    assert (effect.low, effect.high, effect.back) == (0.25, 0.3125, 0.75)
    assert (success.low, success.high, success.back) == (0.25, 0.3125, None)
    # Between 0.45 and 0.55 only 0.5 is seen: it turns from 7/16, and is back at 9/16.
    law = Law(ranges, lambda at: float(at["a"] > 0.45), lambda at: float(at["a"] > 0.55))
    effect = sensitivity(ranges, law, seed=1, matters=0.05, worlds=4).flips[0]
    assert (effect.low, effect.high, effect.back) == (0.4375, 0.5, 0.5625)


def test_where_nothing_flips_it_says_so() -> None:
    ranges = [Range(name, 0.0, 1.0, False, 0.5) for name in "abc"]
    law = Law(ranges, lambda at: 0.9, lambda at: 0.2)
    found = sensitivity(ranges, law, seed=1, matters=0.05)
    assert found.flips == [] and len(found.says) == 2 and len(law.calls) == 2
    assert found.says[0] == "The answer: no value in the prior of these, alone, flips it: a, b, c."
    for screen in found.screens:
        assert all(e.mu_star.estimate == 0 for e in screen.parameters)
        assert all((a.common, a.top, a.savage) == (0, 0, None) for a in screen.agreement)
    for walk in found.walks:
        assert [point.value for point in walk.points] == [0, 0.25, 0.5, 0.75, 1]
        for point in walk.points:
            assert (point.reading, point.half) == ("raises", "at least one half") and point.effect.n == 256


def test_what_is_only_no_longer_decided_is_no_flip() -> None:
    """Up to 0.5 the change saves other worlds and more of them: 0.8 after 0.3. Above it is 0.33 after 0.3, none of them
    the same: of 256 worlds the difference has a standard error of sqrt(0.63 / 256) = 0.05, which decides nothing."""
    ranges = [Range("a", 0.0, 1.0, False, 0.2)]

    def number(points: Sequence[Point], worlds: range) -> tuple[np.ndarray, np.ndarray]:
        luck = (np.arange(len(worlds)) + 0.5) / len(worlds)
        after = [1 - luck < (0.8 if point["a"] <= 0.5 else 0.33) for point in points]
        return np.array([luck < 0.3 for _ in points]), np.array(after)

    found = sensitivity(ranges, number, seed=1, matters=0.03)
    readings = [point.reading for point in found.walks[0].points]
    assert (readings[0], readings[-1], set(readings)) == ("raises", "not decided", {"raises", "not decided"})
    assert [(flip.of, flip.there) for flip in found.flips] == [("success", "below one half")]
    assert "The answer is not flipped, but not decided everywhere with 256 worlds, by: a." in found.says
    assert len(found.says) == 2


def test_the_foremost_of_both_numbers_are_walked() -> None:
    """The effect hangs on a and b, P(success) on c and a: without the change c does as much."""
    ranges = [Range(name, 0.0, 1.0, False, 0.5) for name in "fedcba"]
    law = Law(ranges, lambda at: 0.5 * at["c"] + 0.3 * at["a"] + 0.1 * at["b"], lambda at: 0.5 * at["c"])
    found = sensitivity(ranges, law, seed=1, matters=0.05, worlds=1000, walked=3)
    assert [walk.name for walk in found.walks] == ["a", "c", "b"]


def test_the_same_seed_gives_the_same_answer_and_a_longer_screening_goes_on_from_a_shorter() -> None:
    ranges = [Range(name, 0.0, 1.0, False, 0.5) for name in "abcd"]

    def found(seed: int, trajectories: int) -> tuple[Law, Sensitivity]:
        law = Law(ranges, lambda at: at["a"] * at["b"] * (1 - 0.5 * at["c"]))
        return law, sensitivity(ranges, law, seed=seed, matters=0.05, trajectories=trajectories, worlds=40)

    (law, first), (_, again), (other, _) = found(1, 8), found(1, 8), found(2, 8)
    longer, long = found(1, 16)
    assert first == again and law.calls[0] != other.calls[0]
    assert longer.calls[0][: len(law.calls[0])] == law.calls[0]
    halves = {e.name: e.half.estimate for e in long.screens[0].parameters}
    assert halves == {e.name: e.mu_star.estimate for e in first.screens[0].parameters}


def test_it_is_kept_as_json() -> None:
    ranges = [Range("a", 0.0, 1.0, False, 0.5)]
    found = sensitivity(ranges, Law(ranges, lambda at: at["a"]), seed=1, matters=0.05)
    text = json.dumps(asdict(found), allow_nan=False)
    assert TypeAdapter(Sensitivity).validate_python(json.loads(text)) == found


def test_what_the_scenario_or_the_change_states_is_not_varied() -> None:
    _, base = question("kibbutz")
    nothing = Lever("nothing", "", "mixed", [], [])
    names = {r.name for r in varied(base, nothing)}
    assert {"ability_sd", "crowding_out", "ten"} <= names
    assert names.isdisjoint({"relapse", "exit_rate", "synergy"})  # stated from the start
    assert names.isdisjoint({"shock_sd"})  # the model's default until the crisis of 1985
    change = Lever("change", "", "mixed", [Moment(0, {"crowding_out": 0.1}), Moment(9, {"hoarding": 0.1})], [])
    assert {r.name for r in varied(base, change)} == names - {"crowding_out", "hoarding"}
    assert {r.name for r in varied(base.but(ability_sd=0.31), nothing)} == names - {"ability_sd"}
    by_name = {r.name: r for r in varied(base, nothing)}
    assert by_name["ability_sd"] == Range("ability_sd", 0.3, 0.6, False, 0.45)
    assert (by_name["ten"].low, by_name["ten"].high, by_name["ten"].log, by_name["ten"].whole) == (3, 50, True, True)
    # Every value of the screening and the walks is one that the model takes.
    asked: list[Point] = []

    def number(points: Sequence[Point], worlds: range) -> tuple[np.ndarray, np.ndarray]:
        asked.extend(points)
        none = np.zeros((len(points), len(worlds)), bool)
        return none, none

    sensitivity([by_name["ten"], by_name["ability_sd"]], number, seed=1, matters=0.05)
    for point in asked:
        base.but(**point)  # type: ignore[arg-type]


def test_what_cannot_be_asked_is_refused() -> None:
    law = Law([], lambda at: 0.5)
    with pytest.raises(BestowalError, match="no parameter"):
        sensitivity([], law, seed=1, matters=0.05)
    with pytest.raises(BestowalError, match="trajectories"):
        sensitivity([Range("a", 0.0, 1.0, False, 0.5)], law, seed=1, matters=0.05, trajectories=10)
    with pytest.raises(BestowalError, match="a: no range"):
        sensitivity([Range("a", 0.0, 1.0, True, 0.5)], law, seed=1, matters=0.05)
