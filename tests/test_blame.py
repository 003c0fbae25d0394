"""Shares of blame: games whose Shapley values are known, and mixtures of two societies row by row."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from bestowal.core.errors import BestowalError
from bestowal.questions.kinds.shapley import compute as blame
from bestowal.questions.outcomes import Outcome
from bestowal.simulation.scenario import Scenario, rows
from bestowal.simulation.scenario_file import scenario

# Each of these parameters is a player; a game reads from a mixture which of them have joined.
PLAYERS = ["pay_link", "outside_wage", "relapse", "rivalry", "imitation", "mutual_aid"]
HERE = dict.fromkeys(PLAYERS, 0.1)
THERE = dict.fromkeys(PLAYERS, 0.6)
KINDS = ("success", "years")
Game = Callable[[set[str], np.ndarray], np.ndarray]


def luck(worlds: range, salt: int) -> np.ndarray:
    return np.array([np.random.default_rng([salt, world]).random() for world in worlds])


def judged_by(game: Game, salt: int = 0) -> Callable[[Sequence[Scenario], range], list[Outcome]]:
    def judge(scenarios: Sequence[Scenario], worlds: range) -> list[Outcome]:
        found = []
        for some in scenarios:
            joined = {name for name in PLAYERS if rows(some)[name][0] == THERE[name]}
            met = game(joined, luck(worlds, salt))
            found.append(Outcome(met[:, None], np.where(met, 40.0, 10.0), ~met))
        return found

    return judge


def shared(game: Game, players: Sequence[str], worlds: int = 400, salt: int = 0, **how: Any) -> blame.Blame:
    a = scenario("commune").but(**HERE)
    b = a.but(**{name: THERE[name] for name in players})
    return blame.shares(
        a, b, judged_by(game, salt), worlds=worlds, players={name: [name] for name in players}, **{"seed": 1, **how}
    )


def found(result: blame.Blame) -> list[float]:
    return [share.share.estimate or 0.0 for share in result.shares]


def test_additive_worth_gives_each_what_it_does_alone() -> None:
    gains = {"pay_link": 0.1, "outside_wage": 0.2, "relapse": 0.4}

    def game(joined: set[str], lucky: np.ndarray) -> np.ndarray:
        # Each player saves the worlds of a stretch of its own.
        saved = np.zeros(lucky.size, dtype=bool)
        start = 0.0
        for player, gain in gains.items():
            saved |= (player in joined) & (lucky >= start) & (lucky < start + gain)
            start += gain
        return saved

    result = shared(game, list(gains), worlds=4000)
    assert result.exact and len(result.mixtures) == 8
    for share, gain in zip(result.shares, gains.values(), strict=True):
        assert share.share.low <= gain <= share.share.high
        assert share.share.estimate == pytest.approx(share.first.estimate, abs=1e-12)
        assert share.share.estimate == pytest.approx(share.last.estimate, abs=1e-12)


@pytest.mark.parametrize(
    ("game", "values"),
    [
        # All three are needed: a third each. Any is enough: a third each. Two gloves and a hand without one.
        (lambda j, u: np.full(u.size, len(j) == 3), [1 / 3, 1 / 3, 1 / 3]),
        (lambda j, u: np.full(u.size, len(j) >= 1), [1 / 3, 1 / 3, 1 / 3]),
        # Glove game: pay_link holds the left glove, the others a right one (Osborne & Rubinstein 1994): 2/3, 1/6, 1/6.
        (lambda j, u: np.full(u.size, "pay_link" in j and len(j) >= 2), [2 / 3, 1 / 6, 1 / 6]),
        # The third does nothing.
        (lambda j, u: np.full(u.size, {"pay_link", "outside_wage"} <= j), [1 / 2, 1 / 2, 0]),
        # The second undoes what the first does.
        (lambda j, u: np.full(u.size, "pay_link" in j and "outside_wage" not in j), [1 / 2, -1 / 2, 0]),
    ],
)
def test_games_of_known_value(game: Game, values: list[float]) -> None:
    result = shared(game, PLAYERS[:3])
    assert found(result) == pytest.approx(values, abs=1e-12)
    assert sum(found(result)) == pytest.approx(result.gap.estimate, abs=1e-12)
    for share in result.shares:
        assert share.share.low <= share.share.estimate <= share.share.high


def test_years_stood_are_shared_out_as_success_is() -> None:
    by = {of: shared(lambda j, u: np.full(u.size, "pay_link" in j and len(j) >= 2), PLAYERS[:3], of=of) for of in KINDS}
    assert found(by["years"]) == pytest.approx([30 * value for value in found(by["success"])])
    assert by["years"].gap.estimate == pytest.approx(30)
    assert by["years"].mixtures[0].worth.estimate == 10 and by["success"].mixtures[-1].worth.estimate == 1


def noisy(joined: set[str], lucky: np.ndarray) -> np.ndarray:
    """Two that help together, one that hurts, and three that do little or nothing."""
    p = 0.1 + 0.6 * ({"pay_link", "rivalry"} <= joined) - 0.1 * ("relapse" in joined) + 0.1 * ("imitation" in joined)
    return lucky < p


VALUES = [0.3, 0.0, -0.1, 0.3, 0.1, 0.0]


def test_shares_add_up_to_the_gap_exactly_and_sampled() -> None:
    for players, how in ((PLAYERS[:4], {}), (PLAYERS, {"permutations": 16})):
        result = shared(noisy, players, **how)
        assert result.exact == (len(players) <= blame.MOST_EXACT)
        assert sum(found(result)) == pytest.approx(result.gap.estimate, abs=1e-12)


@pytest.mark.slow
def test_drawn_orders_hold_the_exact_value_as_often_as_they_say() -> None:
    held = runs = 0
    for salt in range(40):
        result = shared(noisy, PLAYERS, salt=salt, seed=salt, permutations=24)
        for share, value in zip(result.shares, VALUES, strict=True):
            if value:  # what does nothing in any order is exactly 0, whatever the orders
                held += share.share.low <= value <= share.share.high
                runs += 1
            else:
                assert share.share.estimate == 0 and share.share.low < 0 < share.share.high
    # 160 intervals at 95 %: fewer than 140 held has chance below 0.1 % (binomial; the four of a run sum to the gap).
    assert runs == 160 and held >= 140


def test_the_same_seed_gives_the_same_shares() -> None:
    assert shared(noisy, PLAYERS, permutations=8) == shared(noisy, PLAYERS, permutations=8)
    assert shared(noisy, PLAYERS, permutations=8) != shared(noisy, PLAYERS, permutations=8, seed=2)


def test_a_mixture_has_each_value_from_its_society_at_every_step() -> None:
    a = scenario("russia").but(1923, relapse=0.2)  # a change in the first year that can have one
    b = scenario("kibbutz").clock(years=a.years, seed=a.seed)
    players = blame.differing(a, b)
    assert list(players) == ["motive", "institution", "surroundings"]
    one, other = rows(a), rows(b)
    changed = [name for name in one.dtype.names or () if (one[name] != other[name]).any()]
    assert sorted(changed) == sorted(name for names in players.values() for name in names)
    assert (rows(blame.mixed(a, b, [])) == one).all()
    assert (rows(blame.mixed(a, b, changed)) == other).all()
    half = rows(blame.mixed(a, b, players["institution"]))
    for name in one.dtype.names or ():
        assert (half[name] == (other if name in players["institution"] else one)[name]).all()


def test_what_can_not_be_compared_is_refused() -> None:
    a = scenario("commune")
    judge = judged_by(noisy)
    with pytest.raises(BestowalError, match=f"years is {a.years} in commune and 7 in commune"):
        blame.shares(a, a.clock(years=7), judge, worlds=8, seed=1)
    with pytest.raises(BestowalError, match="commune and commune don't differ"):
        blame.shares(a, a, judge, worlds=8, seed=1)
