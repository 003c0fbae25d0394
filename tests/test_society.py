"""The society model against closed forms, its own accounts, and the sign each lever has in its rival's account."""

import hashlib

import numpy as np
import pytest
from toy import run_blocks

from bestowal.core.errors import BestowalError
from bestowal.kernels import rng as streams
from bestowal.models.registry import rows
from bestowal.models.society import MODEL
from bestowal.models.society import intention as seen
from bestowal.models.society import state as at
from bestowal.models.society import year as kernel
from bestowal.models.society.params import Params
from bestowal.models.society.rule import fill_offices
from bestowal.models.society.sharing import aid, share
from bestowal.models.society.surroundings import draw_luck, surround
from bestowal.models.society.work import effort, information_kept, prepare, work
from bestowal.simulation import engine
from bestowal.simulation.scenario import Scenario, defaults
from bestowal.simulation.scenario_file import scenario, scenarios

pytestmark = pytest.mark.society

NAMES = [o.name for o in MODEL.observables]
SEED = np.uint64(20240607)

# Nobody comes, goes, learns or is struck by luck; everyone is the same but for ability.
STILL = dict(
    n_communities=1, n_founded=1, n_places=100, n_founders=100, exit_right=0.0, death=0.0, birth=0.0, applicants=0.0,
    shock_sd=0.0, luck_sd=0.0, belief_rate=0.0, belief_sd=0.0, imitation=0.0, relapse=0.0, motive_sd=0.0,
    trait_sd=0.0,
    giver_share=0.0, founder_giver_share=0.0, supremacy=0.0, outward_giving=0.0, rent_limit=0.0, information_loss=0.0,
    saving=0.0, depreciation=0.0, synergy=0.0, need=0.001,
)  # fmt: skip


def society(years: int = 30, changes: dict[int, dict[str, float]] | None = None, **values: float) -> Scenario:
    world = Scenario(
        name="test", title="", about="", model="society", values=Params.model_validate(values), changes=(),
        years=years, first_year=0, seed=int(SEED),
    )  # fmt: skip
    for year, then in (changes or {}).items():
        world = world.but(from_year=year, **then)
    return world


def record(scenario: Scenario, worlds: int = 60) -> dict[str, np.ndarray]:
    """Observable -> (worlds, years)."""
    out = engine.simulate(scenario, range(worlds))
    return {name: out[:, :, i] for i, name in enumerate(NAMES)}


def rise(
    name: str, less: dict[str, float], more: dict[str, float], year: int = -1, **base: float
) -> tuple[float, float]:
    """Mean paired difference of an observable from `less` to `more` in the last year, and its standard error."""
    low = record(society(**{**base, **less}))[name][:, -1]
    high = record(society(**{**base, **more}))[name][:, -1]
    both = ~(np.isnan(low) | np.isnan(high))
    difference = high[both] - low[both]
    assert difference.size > 30, "too few worlds stand to tell"
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(difference.size))


# -- closed forms --


def e(alpha: float, n: float, pay: float = 0.0, synergy: float = 0.0) -> float:
    return float(effort(alpha, n, pay, synergy, 0.0, 0.6, 0.6, 0.5, 0.0, 0.3, 0.0))


@pytest.mark.parametrize("n", [2.0, 10.0, 1000.0])
def test_without_care_or_pay_effort_is_one_nth(n: float) -> None:
    assert e(0.0, n, synergy=0.15) == pytest.approx(1.15 / n, rel=1e-15)  # Holmström 1982


@pytest.mark.parametrize("n", [2.0, 10.0, 1000.0])
def test_full_care_is_efficient_at_any_size(n: float) -> None:
    assert e(1.0, n) == pytest.approx(1.0, rel=1e-15)  # Sen 1966
    assert e(1.0, n, synergy=0.15) == 1.0  # 1 + synergy, capped


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_pay_for_own_work_alone_is_efficient(alpha: float) -> None:
    assert e(alpha, 50.0, pay=1.0, synergy=0.15) == 1.0


def test_information_is_lost_by_size_and_not_under_pay_for_own_work() -> None:
    assert information_kept(0.3, 1000.0, 0.0, 1.0, 100.0) == 1.0
    assert information_kept(0.3, 1000.0, 0.0, 0.0, 1000.0) == pytest.approx(0.85)
    assert information_kept(0.3, 1000.0, 1e9, 0.0, 100.0) == pytest.approx(0.7, abs=1e-5)


@pytest.mark.parametrize("commitment", [0.05, 0.1, 0.2])
def test_conditional_giving_settles_at_its_closed_form(commitment: float) -> None:
    still = {**STILL, "n_places": 1000, "n_founders": 1000, "belief_rate": 0.42, "inclusion": 1.0, "belief_start": 0.8}
    world = society(years=400, **still, ordinary_motive=0.9, commitment=commitment, matching=0.9)
    n, k, mu = 1000, commitment, 0.9
    exact = (1 / n + k * (n - 1) / n) / (1 - (1 - k) * mu * (n - 1) / n)
    settled = record(world, worlds=1)["effort"][0, -1]
    assert settled == pytest.approx(exact, rel=1e-9)
    assert settled == pytest.approx(k / (1 - (1 - k) * mu), rel=0.03)  # the limit of many members


def test_without_shocks_or_learning_nothing_moves() -> None:
    years = engine.simulate(society(years=20, **STILL), [0])[0]
    assert np.array_equal(years, np.tile(years[0], (20, 1)), equal_nan=True)


def test_equal_people_at_pay_link_one_make_the_benchmark() -> None:
    world = record(society(years=3, **{**STILL, "ability_sd": 0.0, "pay_link": 1.0}), worlds=2)
    assert world["output_ratio"] == pytest.approx(1.0, rel=1e-12)
    assert world["gini"] == pytest.approx(0.0, abs=1e-12)
    assert world["common_share"] == pytest.approx(0.0, abs=1e-12)


# -- accounts --

BUSY = dict(
    n_communities=4, n_founded=3, n_places=40, n_founders=30, pay_link=0.2, guarantee=0.6, credit=0.5,
    budget_softness=0.3,
    coercion=0.2, threat=0.3, mutual_aid=0.5, rivalry=1.0, supremacy=0.2, accountability=0.3, vote_every=3,
    dissolution=0.2,
    split_size=36, shock_sd=0.4, need=0.4, birth=0.05, revolt=0.1, attack_rate=0.3,
)  # fmt: skip


def test_what_comes_in_goes_out() -> None:
    p = rows(MODEL, [Params(**BUSY)])[0]
    s = kernel.allocate(p)
    for world in range(5):
        kernel.start(p, s, SEED, np.uint32(world))
        for year in range(6):
            draw_luck(s, SEED, np.uint32(world), year)
            surround(p, s, SEED, np.uint32(world), year)
            prepare(p, s)
            standing = [c for c in range(p.n_communities) if s.standing[c]]
            for c in standing:
                work(p, s, c)
                fill_offices(p, s, c)
            before_aid = sum(gross(p, s, c) for c in standing)
            aid(p, s)
            assert sum(s.community[at.MADE, c] * (1 + (1 - s.community[at.PAY, c]) * p.synergy) for c in standing) == (
                pytest.approx(before_aid, rel=1e-13)
            )
            for c in standing:
                capital, debt = s.community[at.CAPITAL, c], s.community[at.DEBT, c]
                share(p, s, c)
                now = s.community[:, c]
                relief = now[at.RESCUED] + now[at.EATEN] + now[at.LOAN]
                eaten_up = s.person[at.CONSUMPTION, c * p.n_places : (c + 1) * p.n_places].sum()
                spent = eaten_up + (now[at.DEDUCTED] - now[at.RENT]) * now[at.GROSS] + now[at.PAID]
                assert now[at.GROSS] + p.capital_return * capital + relief == pytest.approx(spent, rel=1e-13)
                assert now[at.DEBT] == pytest.approx(debt * (1 + p.interest) - now[at.PAID] + now[at.LOAN], rel=1e-13)
                assert now[at.DEDUCTED] < 0.9  # else saving is scaled down with the rest
                kept = capital * (1 - p.depreciation) + p.saving * now[at.GROSS] - now[at.EATEN]
                assert now[at.CAPITAL] == pytest.approx(kept, rel=1e-13)
                assert now[at.CAPITAL] >= 0 and now[at.PAID] >= 0 and now[at.LOAN] >= 0
            kernel.step(p, s, SEED, np.uint32(world), year)  # go on from here; the accounts above were read, not kept


def gross(p: np.record, s: at.State, c: int) -> float:
    made = s.person[at.PRODUCT, c * p.n_places : (c + 1) * p.n_places].sum()
    return float(made * (1 + (1 - s.community[at.PAY, c]) * p.synergy))


def test_people_in_are_people_out() -> None:
    world = record(society(years=60, **BUSY), worlds=20)
    came = world["joined"] + world["born"]
    went = world["died"] + world["left"] + world["dispersed"]
    start = np.full((20, 1), 90.0)
    members = np.hstack([start, world["members"]])
    assert np.array_equal(np.diff(members, axis=1), came - went)
    assert came.sum() > 0 and went.sum() > 0


# -- the sign of every lever, from its rival's account --

QUIET = dict(
    years=15, n_communities=4, n_founded=4, n_places=60, n_founders=50, founder_giver_share=0.6, hungry_limit=999
)

SIGNS = [
    # lever, from, to, other values, observable, sign, whose account
    ("exit_right", 0.0, 1.0, {"birth": 0.0, "applicants": 0.0}, "ability", -1, "Abramitzky: the able leave"),
    ("outside_wage", 0.6, 1.2, {"years": 1}, "left", +1, "Abramitzky: the outside option"),
    ("pay_link", 0.0, 0.4, {}, "effort", +1, "Holmström: incentives"),
    ("crowding_out", 0.0, 1.0, {"coercion": 0.5, "exit_right": 0.0}, "effort", -1, "Bowles: control crowds out"),
    ("coercion", 0.0, 0.8, {"crowding_out": 0.0, "founder_giver_share": 0.0}, "effort", +1, "force gets work out"),
    ("budget_softness", 0.0, 1.0, {"need": 0.5}, "output_ratio", -1, "Kornai: soft budgets waste"),
    ("budget_softness", 0.0, 1.0, {"need": 0.5}, "need_met", +1, "Kornai: and rescue"),
    ("accountability", 0.1, 0.9, {}, "rent", -1, "Acemoglu & Robinson: capture"),
    ("power_seeking", 0.0, 1.0, {"accountability": 0.0}, "rent", +1, "Djilas: the less other-regarding rule"),
    ("threat", 0.0, 1.0, {"attack_rate": 0.0}, "effort", +1, "Choi & Bowles: threat binds the camp"),
    ("threat", 0.0, 1.0, {"attack_rate": 0.0}, "arms", +1, "Jervis: siege forces arms"),
    ("supremacy", 0.0, 0.3, {}, "harm", +1, "contests: the wish to be stronger"),
    ("breadth", 0.05, 0.9, {}, "gifts", +1, "universal givers give outside"),
    ("breadth", 0.05, 0.9, {"exit_right": 0.0, "threat": 0.5, "attack_rate": 0.0}, "consumption", -1, "and pay for it"),
    ("commitment", 0.0, 0.6, {}, "effort", +1, "Sen 1977: giving that doesn't wait"),
    ("appetite_growth", 0.0, 0.03, {}, "motive", -1, "rising appetite"),
    ("relapse", 0.02, 0.5, {"founder_zeal": 2.0}, "motive", -1, "enthusiasm fades"),
    ("screening", 0.0, 1.0, {"applicants": 0.3}, "motive", +1, "Iannaccone: screening"),
    ("openness", 0.0, 1.0, {}, "joined", +1, "entry"),
    ("guarantee", 0.0, 1.0, {"pay_link": 0.6, "need": 0.4, "capital_use": 0.0}, "need_met", +1, "insurance"),
    ("saving", 0.0, 0.2, {}, "capital", +1, "accumulation"),
    ("revolt", 0.0, 0.5, {"coercion": 0.9, "exit_right": 0.0, "outside_wage": 1.5}, "standing", -1, "force falls"),
    ("synergy", 0.0, 0.4, {}, "output_ratio", +1, "gain of shared work"),
    ("ordinary_motive", 0.2, 0.5, {}, "effort", +1, "care"),
    ("selection", 0.0, 20.0, {"imitation": 0.5, "mixing": 0.0, "relapse": 0.0}, "motive", -1, "the idle do better"),
    ("stigma", 0.0, 1.0, {"practice": 3, "take_up": 1.0, "outside_wage": 1.2, "years": 3}, "left", -1, "a club holds"),
    ("club_norm", 0.0, 0.5, {"practice": 3, "take_up": 1.0}, "effort", +1, "a club's eyes"),
    ("practice", 0, 3, {"take_up": 1.0, "self_selection": 0.0, "years": 3}, "effort", +1, "a club's eyes"),
    ("influence", 0.0, 2.0, {"practice": 2, "take_up": 1.0}, "motive", +1, "the tradition: the ladder lifts"),
    ("prestige", 0.0, 3.0, {"practice": 1, "take_up": 1.0}, "motive", +1, "esteem lifts"),
    ("layer", 0.0, 2.0, {"practice": 1, "take_up": 1.0}, "motive", -1, "every height brings desire"),
    ("protection", 0.0, 1.0, {"practice": 4, "take_up": 1.0, "guarantee": 1.0, "practice_hours": 0.0,
                              "founder_zeal": 2.0, "layer": 0.0}, "motive", +1, "the guarantee holds them up"),
    ("practice_hours", 0.0, 0.2, {"practice": 3, "take_up": 1.0}, "output_ratio", -1, "practice takes time"),
    ("practice", 0, 1, {"take_up": 1.0, "ordinary_motive": 0.5}, "commitment", +1, "giving becomes its own ground"),
    ("practice", 0, 5, {"take_up": 1.0, "ordinary_motive": 0.5}, "commitment", +1, "or is taught"),
    ("practice", 0, 6, {"shock_sd": 0.5, "ordinary_motive": 0.5}, "commitment", +1, "or is learnt in need"),
    ("crisis_mean", -1.0, 1.0, {"practice": 6, "shock_sd": 0.5}, "motive", +1, "need brings people together"),
    ("join_pull", 0.0, 1.0, {"practice": 1, "take_up": 0.3}, "practising", +1, "a critical share draws others"),
    ("breadth", 0.1, 0.9, {"exit_right": 0.0, "outward_giving": 0.0}, "scope", +1, "universal care crosses the border"),
    ("commitment", 0.05, 0.8, {"exit_right": 0.0}, "unconditionality", +1, "commitment doesn't wait"),
    ("coercion", 0.0, 0.8, {"exit_right": 0.0}, "purity", -1, "forced effort is not given"),
    ("pay_link", 0.0, 0.5, {"exit_right": 0.0, "years": 2}, "purity", -1, "nor is paid effort"),
    ("watcher", 0.0, 0.5, {}, "unwatched", -1, "part of commitment fears"),
    ("warm_glow", 0.0, 0.5, {}, "purity_without_glow", -1, "glow is a return"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lever", "low", "high", "other", "name", "sign", "account"), SIGNS, ids=[f"{s[0]}-{s[4]}" for s in SIGNS]
)
def test_a_lever_moves_what_its_account_says(
    lever: str, low: float, high: float, other: dict[str, float], name: str, sign: int, account: str
) -> None:
    mean, error = rise(name, {lever: low}, {lever: high}, **{**QUIET, **other})
    assert sign * mean > 4 * error, f"{account}: {mean:+.4g} ± {error:.2g}"


def test_information_loss_grows_with_the_size_planned_for() -> None:
    def loss(size: float) -> float:
        return -rise("output_ratio", {"information_loss": 0.0}, {"information_loss": 0.4}, planned_size=size, **QUIET)[
            0
        ]

    assert loss(1e8) > 3 * loss(0.0) > 0


def test_cohesion_under_threat_falls_back_when_the_threat_goes() -> None:
    calm = {**QUIET, "attack_rate": 0.0, "exit_right": 0.0}
    years = record(society(**{**calm, "changes": {5: {"threat": 1.0}, 8: {"threat": 0.0}}}))["effort"].mean(axis=0)
    same = record(society(**calm))["effort"].mean(axis=0)
    assert years[7] > same[7] + 0.02
    assert abs(years[14] - same[14]) < (years[7] - same[7]) / 2


def test_mutual_aid_pools_shocks() -> None:
    shocks = {**QUIET, "years": 2, "shock_sd": 0.4, "shock_common": 0.0, "n_communities": 8, "n_founded": 8}
    alone = record(society(**shocks), 200)["output"][:, 0]
    pooled = record(society(**shocks, mutual_aid=1.0), 200)["output"][:, 0]
    assert pooled == pytest.approx(alone, rel=1e-12)  # product is only moved about


def test_a_vote_moves_pay_to_what_the_majority_gains_by() -> None:
    ballot = {**QUIET, "vote_every": 2, "synergy": 0.0, "exit_right": 0.0, "information_loss": 0.4, "planned_size": 1e8}
    assert np.all(record(society(**ballot))["pay_link"][:, -1] > 0.0)  # information lost to sharing: most gain by pay
    assert np.all(record(society(**{**ballot, "information_loss": 0.0, "synergy": 1.0}))["pay_link"][:, -1] == 0.0)


def test_a_growing_community_splits_into_an_empty_room() -> None:
    grown = record(society(years=30, n_communities=6, n_founded=1, n_places=80, n_founders=60, split_size=70, birth=0.1,
                           exit_right=0.0, hungry_limit=999, ordinary_motive=0.5))  # fmt: skip
    assert grown["communities"][:, -1].min() > 1
    assert np.all(grown["standing"] <= 1.0)


# -- practice --

PRACTISED = dict(practice=1, take_up=0.5, join=0.1, guarantee=0.5)

# One community without spread of anything but motive, in which everybody practises from the first year on.
TOGETHER = {
    **STILL, "motive_sd": 1.0, "ability_sd": 0.0, "practice": 1, "take_up": 1.0, "self_selection": 0.0, "quit": 0.0,
    "layer": 0.0, "prestige": 0.0, "ten_weight": 1.0, "pull": 0.3, "practice_hours": 0.1,
}  # fmt: skip


def moved(values: dict[str, float]) -> tuple[np.ndarray, np.ndarray, at.State, np.record]:
    """g of everybody before and after the year's practice, and the state after."""
    before, _ = people(values, 0, 0)
    after, p = people(values, 0, 1)
    s = after.person
    assert np.array_equal(after.alive, before.alive)
    living = after.alive == 1
    assert np.array_equal(s[at.DESIRE, living], before.person[at.DESIRE, living]) or p.layer > 0
    start = before.person[at.SCREEN, living] - before.person[at.DESIRE, living]
    return start, s[at.SCREEN, living] - s[at.DESIRE, living], after, p


def logistic(x: float | np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(x)))


def test_transmission_draws_a_group_to_its_mean() -> None:
    before, after, _, _ = moved({**TOGETHER, "n_founders": 95})  # nine tens, and five
    for first in range(0, 95, 10):
        ten, now = before[first : first + 10], after[first : first + 10]
        assert now == pytest.approx(ten + 0.5 * 0.3 * (ten.mean() - ten), rel=1e-12)


def test_transmission_draws_also_to_the_community_and_to_esteem() -> None:
    before, after, _, _ = moved({**TOGETHER, "ten_weight": 0.0, "prestige": 2.0, "importance": 0.6})
    assert after == pytest.approx(before + 0.5 * 0.3 * (before.mean() + 2.0 * 0.6 - before), rel=1e-12)
    part = {**TOGETHER, "ten_weight": 0.0, "prestige": 2.0, "importance": 0.6, "take_up": 0.4}
    before, after, s, _ = moved(part)
    share = s.person[at.PRACTISING].mean()
    assert 0.2 < share < 0.6
    expected = before + 0.15 * s.person[at.PRACTISING] * (before.mean() + 2.0 * share * 0.6 - before)
    assert after == pytest.approx(expected, rel=1e-12)


def test_schooling_needs_no_group_and_no_company() -> None:
    school = {**TOGETHER, "practice": 5, "prestige": 2.0, "importance": 0.6, "take_up": 0.4}
    before, after, s, _ = moved(school)
    expected = before + 0.15 * s.person[at.PRACTISING] * (before.mean() + 2.0 * 0.6 - before)
    assert after == pytest.approx(expected, rel=1e-12)


def test_the_ladder_lifts_a_small_group_by_the_square_of_its_size() -> None:
    ladder = {
        **TOGETHER, "n_founders": 95, "practice": 2, "pull": 0.0, "influence": 2.0, "importance": 0.6,
        "practice_effort": 0.4, "critical_share": 0.7, "join_steepness": 5.0,
    }  # fmt: skip
    before, after, _, _ = moved(ladder)
    size = np.r_[np.ones(90), np.full(5, 0.25)]
    expected = 0.5 * 2.0 * 0.6 * 0.4 * (1 - logistic(before)) * logistic(5.0 * 0.3) * size
    assert after - before == pytest.approx(expected, rel=1e-9)
    before, after, _, _ = moved({**ladder, "least_ten": 20})
    assert after - before == pytest.approx(expected * np.r_[np.full(90, 0.25), np.full(5, 0.25)], rel=1e-9)


def test_the_ladder_without_influence_is_transmission_to_the_bit() -> None:
    for more in ({}, {"practice_hours": 0.2, "ten": 3, "layer": 1.0}):
        one, two = (
            engine.simulate(society(years=25, **{**BUSY, **PRACTISED, **more, "practice": arm}), range(5))
            for arm in (1, 2)
        )
        assert np.array_equal(one, two, equal_nan=True)


def test_practice_without_hours_moves_nothing() -> None:
    idle = {**BUSY, **PRACTISED, "practice_hours": 0.0, "layer": 0.0, "protection": 0.0, "influence": 2.0}
    none = engine.simulate(society(years=25, **{**idle, "practice": 0}), range(4))
    for arm in (1, 2, 3, 4, 5):
        for more in ({}, {"stigma": 0.0, "club_norm": 0.0}):
            got = engine.simulate(society(years=25, **{**idle, "practice": arm, **more}), range(4))
            assert np.nanmax(got[:, :, NAMES.index("practising")]) > 0.3
            same = [i for i, name in enumerate(NAMES) if name != "practising"]
            moves = arm == 3 and not more
            assert np.array_equal(got[:, :, same], none[:, :, same], equal_nan=True) is not moves


def test_the_placebo_is_transmission_without_esteem_and_growth() -> None:
    still = {**BUSY, **PRACTISED, "commitment_growth": 0.0, "breadth_growth": 0.0, "inclusion_growth": 0.0}
    one, two = (
        engine.simulate(society(years=25, **{**still, "practice": arm, "prestige": 0.0}), range(4)) for arm in (1, 4)
    )
    assert np.array_equal(one, two, equal_nan=True)
    esteemed = engine.simulate(society(years=25, **{**still, "practice": 4, "prestige": 3.0}), range(4))
    assert np.array_equal(two, esteemed, equal_nan=True)
    grown = engine.simulate(society(years=25, **{**BUSY, **PRACTISED, "prestige": 0.0}), range(4))
    assert not np.array_equal(one, grown, equal_nan=True)


def test_commitment_breadth_and_inclusion_grow_by_their_rates() -> None:
    grow = {
        **TOGETHER, "commitment": 0.2, "breadth": 0.4, "inclusion": 0.7, "commitment_growth": 0.3,
        "breadth_growth": 0.2, "inclusion_growth": 0.1,
    }  # fmt: skip
    before, _, s, _ = moved(grow)
    willing = logistic(10 * (logistic(before) - 0.5))
    assert s.person[at.COMMITMENT] == pytest.approx(0.2 + 0.3 * 0.5 * willing * 0.8, rel=1e-12)
    assert s.person[at.BREADTH] == pytest.approx(0.4 + 0.2 * 0.5 * 0.7 * 0.6, rel=1e-12)
    assert s.person[at.INCLUSION] == pytest.approx(0.7 + 0.1 * 0.5 * 0.3, rel=1e-12)
    _, _, s, _ = moved({**grow, "practice": 4})
    assert np.all(s.person[at.COMMITMENT] == 0.2) and np.all(s.person[at.INCLUSION] == 0.7)


def test_hours_are_charged_to_product_and_toil() -> None:
    hours = {**TOGETHER, "pull": 0.0, "practice_hours": 0.15, "breadth_growth": 0.0, "commitment_growth": 0.0,
             "inclusion_growth": 0.0, "ability_sd": 0.5}  # fmt: skip
    world = record(society(years=3, **hours), worlds=3)
    for name in ("output", "output_ratio"):
        assert world[name][:, 1] == pytest.approx(0.85 * world[name][:, 0], rel=1e-12)
    assert np.array_equal(world["effort"][:, 1], world["effort"][:, 0])
    assert np.array_equal(world["practising"][0], [0.0, 1.0, 1.0])  # seen at work, taken up after it
    s = people(hours, 0, 2)[0].person
    toil = s[at.CONSUMPTION] - s[at.PAYOFF]
    assert toil == pytest.approx(0.85 * (s[at.ABILITY] * s[at.EFFORT]) ** 2 / 2, rel=1e-9)


def test_a_new_height_brings_desire_to_those_who_practise() -> None:
    high = {**TOGETHER, "practice": 2, "pull": 0.0, "influence": 2.0, "layer": 0.4, "take_up": 0.5,
            "founder_zeal": -1.0, "relapse": 0.1}  # fmt: skip
    before, _ = people(high, 0, 0)
    after, _ = people(high, 0, 1)
    rise = after.person[at.SCREEN] - before.person[at.SCREEN]
    practising = after.person[at.PRACTISING] == 1
    assert np.all(rise > 0) and practising.any() and not practising.all()  # the others rise back to their nature
    assert after.person[at.DESIRE] == pytest.approx(0.4 * rise * practising, rel=1e-12)
    assert np.array_equal(after.person[at.HEIGHT], after.person[at.SCREEN])


def test_no_desire_comes_from_rising_to_an_old_height() -> None:
    zeal = {**TOGETHER, "practice": 4, "layer": 0.4, "founder_zeal": 3.0, "relapse": 0.9, "ten_weight": 0.5}
    after, _ = people(zeal, 0, 8)
    assert np.all(after.person[at.DESIRE] == 0.0)
    assert np.array_equal(after.person[at.HEIGHT], people(zeal, 0, 0)[0].person[at.SCREEN])


def test_crisis_moves_everybody_by_the_hardship_of_their_community() -> None:
    need = {**STILL, "practice": 6, "shock_sd": 0.6, "crisis_mean": 0.7, "crisis_sd": 0.0, "motive_sd": 1.0,
            "n_communities": 4, "n_founded": 4, "inclusion": 0.6, "take_up": 1.0}  # fmt: skip
    before, p = people(need, 0, 0)
    after, _ = people(need, 0, 1)
    hardship = np.repeat(np.maximum(0.0, -np.log(after.community[at.SHOCK])), p.n_places)
    assert (hardship > 0).any() and (hardship == 0).any()
    assert after.person[at.SCREEN] - before.person[at.SCREEN] == pytest.approx(0.7 * hardship, rel=1e-9)
    assert after.person[at.INCLUSION] == pytest.approx(0.6 + 0.05 * np.minimum(1, hardship) * 0.4, rel=1e-12)
    assert not after.person[at.PRACTISING].any()
    spread, _ = people({**need, "crisis_mean": 0.0, "crisis_sd": 0.5}, 0, 1)
    hit = hardship > 0
    z = (spread.person[at.SCREEN] - before.person[at.SCREEN])[hit] / (0.5 * hardship[hit])
    assert abs(z.mean()) < 5 / np.sqrt(z.size) and abs(z.std() - 1) < 5 / np.sqrt(2 * z.size)


def test_the_damage_of_the_year_before_is_hardship() -> None:
    war = {**STILL, "practice": 6, "crisis_mean": 0.7, "crisis_sd": 0.0, "threat": 1.0, "attack_rate": 1.0,
           "hostile_force": 10.0, "devastation": 0.3, "crush_ratio": 1e6}  # fmt: skip
    one, two = people(war, 0, 1)[0], people(war, 0, 2)[0]
    assert one.community[at.DAMAGE, 0] == pytest.approx(0.3)
    assert np.all(one.person[at.SCREEN] == people(war, 0, 0)[0].person[at.SCREEN])  # it has not acted yet
    assert two.person[at.SCREEN] - one.person[at.SCREEN] == pytest.approx(0.7 * 0.3, rel=1e-12)


def test_all_flags_fall_when_practice_stops() -> None:
    stopped = record(society(**{**QUIET, **PRACTISED, "years": 14, "practice_start": 3, "practice_stop": 8}))
    share = np.nanmin(stopped["practising"], axis=0), np.nanmax(stopped["practising"], axis=0)
    assert np.all(share[1][:4] == 0.0)
    assert np.all(share[0][4:9] > 0.2)  # a year at work is the year after
    assert np.all(share[1][9:] == 0.0)


@pytest.mark.parametrize("selection", [0.0, 0.5, 1.0])
def test_motive_decides_who_begins_or_the_lot_does(selection: float) -> None:
    values = {**STILL, "motive_sd": 1.5, "practice": 3, "take_up": 0.3, "self_selection": selection}
    gap = []
    for world in range(40):
        s, _ = people(values, world, 1)
        m = logistic(s.person[at.SCREEN] - s.person[at.DESIRE])
        inclined = 1 - selection + selection * m / m.mean()
        gap.append(m[s.person[at.PRACTISING] == 1].mean() - (m * inclined).sum() / inclined.sum())
    assert abs(np.mean(gap)) < 5 * np.std(gap, ddof=1) / np.sqrt(40)
    assert np.std(gap, ddof=1) / np.sqrt(40) < 0.01  # m has a spread of 0.2, so that the lot and motive are told apart


def test_joining_and_stopping_keep_to_their_chances() -> None:
    flow = {**STILL, "n_communities": 8, "n_founded": 8, "practice": 3, "take_up": 0.4, "self_selection": 0.0,
            "join": 0.1, "join_pull": 0.5, "join_steepness": 7.0, "critical_share": 0.3, "quit": 0.2, "mixing": 0.0,
            "n_places": 400, "n_founders": 400}  # fmt: skip
    for mixing in (0.0, 0.6):
        one, _ = people({**flow, "mixing": mixing}, 0, 1)
        two, _ = people({**flow, "mixing": mixing}, 0, 2)
        before, after = (s.person[at.PRACTISING].reshape(8, 400) for s in (one, two))
        seen_share = (1 - mixing) * before.mean(axis=1) + mixing * before.mean()
        begins = 0.1 + 0.5 * logistic(7.0 * (seen_share - 0.3))
        new, expected = ((1 - before) * after).sum(), ((1 - before).sum(axis=1) * begins).sum()
        assert abs(new - expected) < 5 * np.sqrt(expected)
        left, expected = (before * (1 - after)).sum(), 0.2 * before.sum()
        assert abs(left - expected) < 5 * np.sqrt(expected)


def test_property_becomes_common_when_motive_is_ready() -> None:
    calm = dict(years=25, n_communities=1, n_founded=1, exit_right=0.0, hungry_limit=999, readiness=0.4,
                appetite_growth=-0.1, changes={14: {"appetite_growth": 0.1}})  # fmt: skip
    world = record(society(**calm), 20)
    for motive, pay in zip(world["motive"], world["pay_link"], strict=True):
        ready = int(np.argmax(motive >= 0.4))
        assert ready > 2 and np.all(pay[:ready] == 1.0) and np.all(pay[ready:] == 0.0)
    assert np.any(world["motive"][:, -1] < 0.4)  # and common it stays


def test_a_daughter_is_as_ready_as_its_mother() -> None:
    for early, pay in ((0.05, 0.0), (1.0, 1.0)):
        grown = society(years=30, n_communities=6, n_founded=1, n_places=80, n_founders=60, split_size=70, birth=0.1,
                        exit_right=0.0, hungry_limit=999, ordinary_motive=0.5, readiness=early)  # fmt: skip
        grown = record(grown.but(from_year=2, readiness=1.0))
        assert grown["communities"][:, -1].min() > 1
        assert np.all(grown["pay_link"] == pay)


# -- intention --


def given_by(values: dict[str, float]) -> dict[str, float]:
    """What intention shows in the first year, in a community of a hundred alike."""
    first = record(society(years=1, **{**STILL, "ability_sd": 0.0, "synergy": 0.15, **values}), 1)
    return {name: float(first[name][0, 0]) for name in NAMES}


def test_a_pure_egoist_under_force_gives_nothing() -> None:
    egoist = given_by({"coercion": 1.0, "inclusion": 0.0, "ordinary_motive": 0.001})
    assert egoist["effort"] > 0.5 and egoist["purity"] == 0.0 and egoist["top_rung"] == 0.0
    assert np.isnan(egoist["scope"]) and np.isnan(egoist["unconditionality"]) and np.isnan(egoist["unwatched"])


def test_a_camp_altruist_has_no_scope() -> None:
    camp = given_by({"ordinary_motive": 0.8, "inclusion": 1.0, "commitment": 1.0, "breadth": 0.0})
    assert camp["purity"] > 0.98 and camp["scope"] == 0.0 and camp["unconditionality"] == 1.0
    assert camp["top_rung"] == 0.0


def test_a_conditional_universalist_waits_for_others() -> None:
    waiting = given_by({"ordinary_motive": 0.8, "inclusion": 1.0, "commitment": 0.01, "breadth": 1.0})
    assert waiting["scope"] == 1.0 and waiting["unconditionality"] < 0.02 and waiting["top_rung"] == 0.0


def test_an_unconditional_universalist_stands_on_the_top_rung() -> None:
    free = given_by({"ordinary_motive": 0.8, "inclusion": 1.0, "commitment": 1.0, "breadth": 1.0})
    for name in ("purity", "scope", "unconditionality", "top_rung"):
        assert free[name] == 1.0
    assert free["purity_without_glow"] == pytest.approx(0.8, rel=1e-12)


def test_inside_a_camp_camp_care_and_universal_care_look_alike() -> None:
    calm = {"ordinary_motive": 0.6, "commitment": 0.5, "threat": 0.8, "attack_rate": 0.0, "coercion": 0.2}
    camp, all_ = given_by({**calm, "breadth": 0.0, "pride": 0.0}), given_by({**calm, "breadth": 1.0, "pride": 0.0})
    for name in ("effort", "purity", "unconditionality"):
        assert camp[name] == all_[name]
    assert (camp["scope"], all_["scope"]) == (0.0, 1.0)
    assert given_by({**calm, "breadth": 0.0})["effort"] > given_by({**calm, "breadth": 1.0})["effort"]


@pytest.mark.parametrize("name", ["warm_glow", "watcher"])
def test_what_is_only_measured_moves_nothing(name: str) -> None:
    world = society(years=20, **BUSY)
    one, two = engine.simulate(world, range(4)), engine.simulate(world.but(from_year=0, **{name: 0.9}), range(4))
    shown = NAMES.index({"warm_glow": "purity_without_glow", "watcher": "unwatched"}[name])
    rest = [i for i in range(len(NAMES)) if i != shown]
    assert np.array_equal(one[:, :, rest], two[:, :, rest], equal_nan=True)
    assert np.nanmean(two[:, :, shown]) < np.nanmean(one[:, :, shown])


# A person away from every corner, in a community of fifty at pay link 0.1.
SOMEBODY = dict(ratio=0.7, inclusion=0.8, commitment=0.3, belief=0.4, breadth=0.6, practising=1.0)
PRESSED = dict(coercion=0.2, threat=0.5, practice=3, club_norm=0.07, warm_glow=0.3, watcher=0.25, matching=0.9)


def shown(off: int, somebody: dict[str, float] = SOMEBODY, pay: float = 0.1, **values: float) -> float:
    p = rows(MODEL, [Params(**{**PRESSED, **values})])[0]
    return float(seen.switched(p, off, *somebody.values(), 50.0, pay))


def test_each_switch_takes_one_thing_away() -> None:
    """Against the formula written out here, and e itself as the kernel has it."""
    care, lift, others = 0.8 * 0.7 * (0.3 + 0.7 * 0.9 * 0.4), (1 - 0.6 * 0.2) * (1 + 0.5 * 0.5 * 0.4), 0.9 * 1.15
    given, own, forced, eyes = others * care * lift * 49 / 50, others / 50, 0.2 * 0.6, 0.07
    whole = 0.1 + own + given + forced + eyes
    assert whole < 1
    free = others * care * 49 / 50
    expected = {
        seen.NOTHING: whole,
        seen.REWARD: (own + given) / 0.9 + forced + eyes,
        seen.REPAYMENT: whole - own,
        seen.SANCTION: whole - forced - given + given / (1 - 0.6 * 0.2),
        seen.AUDIENCE: whole - eyes - given + free * (1 - 0.6 * 0.2),
        seen.HAND: whole - 0.3 * given,
        seen.WATCHER: whole - given + given * (0.225 + 0.775 * 0.9 * 0.4) / (0.3 + 0.7 * 0.9 * 0.4),
        seen.OTHERS: whole - given + given * 0.3 / (0.3 + 0.7 * 0.9 * 0.4),
        seen.CAMP: whole - given + 0.6 * free * (1 - 0.6 * 0.2),
    }
    for off, e_off in expected.items():
        assert shown(off) == pytest.approx(e_off, rel=1e-12), off


def test_what_is_left_with_every_return_off_is_given_freely() -> None:
    bare = shown(seen.REPAYMENT, pay=0.0, coercion=0.0, pride=0.0, club_norm=0.0)
    most = 1.15 * 0.8 * 0.7 * 49 / 50
    assert float(seen.free(most, 0.3, 0.4, 0.9)) == pytest.approx(bare, rel=1e-12)
    assert float(seen.free(1.2, 1.0, 0.4, 0.9)) == 1.0


def test_a_look_at_persons_adds_up_to_what_is_observed() -> None:
    world = society(years=9, **{**BUSY, **PRACTISED, "practice": 3, "commitment": 0.6, "breadth": 0.6})
    seen_world = dict(zip(NAMES, engine.simulate(world, [5])[0, 7], strict=True))
    one = engine.people(world, 5, 7).T
    assert len(one) == len(MODEL.person_observables)
    one = dict(zip([o.name for o in MODEL.person_observables], one, strict=True))
    e, pure, scope = one["effort"], one["purity"] * one["effort"], one["scope"]
    assert e.size > 30 and set(one["community"]) <= set(range(4)) and one["place"].max() < 40
    for name in ("motive", "effort", "practising"):
        assert one[name].mean() == pytest.approx(seen_world[name], rel=1e-12)
    assert pure.sum() / e.sum() == pytest.approx(seen_world["purity"], rel=1e-12)
    assert (one["rung"] == 3).mean() == pytest.approx(seen_world["top_rung"], rel=1e-12) and seen_world["top_rung"] > 0
    assert np.all(scope[one["rung"] == 3] >= 0.5) and np.all((one["rung"] >= 2) == (one["purity"] >= 0.5))
    # every return off at once leaves no more than any one of them
    for name in ("without_reward", "without_repayment", "without_sanction", "without_audience"):
        assert np.all(one[name] >= pure - 1e-12) and (name == "without_reward" or np.any(one[name] != e))
    ids = one["id_high"].astype(np.uint64) << np.uint64(32) | one["id_low"].astype(np.uint64)
    s, _ = people(dict(world.values), 5, 7)
    assert sorted(ids) == sorted(s.id[s.alive == 1])
    for o in MODEL.person_observables:
        known = one[o.name][~np.isnan(one[o.name])]
        assert np.all((known >= o.low) & (known <= o.high)) and (o.undefined or known.size == e.size), o.name


def test_each_switch_of_a_person_stands_under_its_name() -> None:
    world = society(years=9, **{**BUSY, **PRACTISED, "practice": 3, "warm_glow": 0.3, "watcher": 0.4, "vote_every": 0})
    one = dict(zip([o.name for o in MODEL.person_observables], engine.people(world, 5, 7).T, strict=True))
    s, p = people(dict(world.values), 5, 7)
    kernel.to_work(p, s, SEED, np.uint32(5), 7)
    here = np.flatnonzero(s.alive)
    community = here // p.n_places
    assert here.size > 30 and np.array_equal(one["place"], here % p.n_places)
    columns = {
        "effort": seen.NOTHING,
        "without_reward": seen.REWARD,
        "without_repayment": seen.REPAYMENT,
        "without_sanction": seen.SANCTION,
        "without_audience": seen.AUDIENCE,
        "without_hand": seen.HAND,
        "without_watcher": seen.WATCHER,
        "without_others": seen.OTHERS,
        "without_camp": seen.CAMP,
    }
    traits = (at.RATIO, at.INCLUSION, at.COMMITMENT, at.BELIEF, at.BREADTH, at.PRACTISING)
    for name, off in columns.items():
        expected = [
            seen.switched(p, off, *s.person[traits, i], s.community[at.WORKERS, c], s.community[at.PAY, c])
            for i, c in zip(here, community, strict=True)
        ]
        assert one[name] == pytest.approx(expected, rel=1e-12), name
    differ = {name: one[name].tobytes() for name in columns}
    assert len(set(differ.values())) == len(columns), "an exchange of two would go unseen"


def test_persons_of_a_model_without_them_are_told_so() -> None:
    with pytest.raises(BestowalError, match="can't be looked at one by one"):
        engine.people(defaults("sen_1966"), 0, 0)
    with pytest.raises(BestowalError, match="year = 9: must be an integer from 0 to 8"):
        engine.people(society(years=9), 0, 9)


# -- luck --


def people(values: dict[str, float], world: int, years: int) -> tuple[at.State, np.record]:
    table = rows(MODEL, [Params(**values)] * max(years, 1))
    s = kernel.allocate(table[0])
    kernel.start(table[0], s, SEED, np.uint32(world))
    for year in range(years):
        kernel.step(table[year], s, SEED, np.uint32(world), year)
    return s, table[0]


def a_death(values: dict[str, float], year: int, community: int) -> int:
    """A place in the community whose holder departs in that year."""
    before, p = people(values, 0, year)
    after, _ = people(values, 0, year + 1)
    here = slice(community * p.n_places, (community + 1) * p.n_places)
    gone = np.flatnonzero(
        (before.alive[here] == 1) & (before.id[here] != after.id[here]) | (before.alive[here] > after.alive[here])
    )
    assert gone.size > 0
    return int(gone[0])


def test_sparing_one_person_changes_only_that_person_where_nothing_binds_people() -> None:
    alone = dict(
        n_communities=3, n_founded=3, n_places=40, n_founders=40, pay_link=1.0, belief_rate=0.0, imitation=0.0,
        attachment=0.0,
        capital_return=0.0, applicants=0.0, birth=0.0, death=0.1, rivalry=0.0, n_rulers=0, outward_giving=0.0,
        supremacy=0.0,
        information_loss=0.0, need=0.001, minimum=1,
    )  # fmt: skip
    place = a_death(alone, 3, 1)
    spared = {**alone, "spared_community": 1, "spared_place": place, "spared_year": 3}
    one, p = people(alone, 0, 12)
    two, _ = people(spared, 0, 12)
    rest = np.ones(one.alive.size, bool)
    rest[p.n_places + place] = False
    living = rest & (one.alive == 1)
    assert np.array_equal(one.alive[rest], two.alive[rest]) and np.array_equal(one.id[living], two.id[living])
    lasting = [
        at.ABILITY,
        at.SCREEN,
        at.DESIRE,
        at.BELIEF,
        at.COMMITMENT,
        at.BREADTH,
        at.BIRTH,
        at.SINCE,
        at.EFFORT,
        at.PAYOFF,
    ]
    assert np.array_equal(one.person[lasting][:, living], two.person[lasting][:, living])
    three, _ = people(spared, 0, 4)
    assert three.alive[p.n_places + place] == 1


def test_sparing_one_person_touches_no_community_that_theirs_does_not_touch() -> None:
    apart = {**BUSY, "mutual_aid": 0.0, "rivalry": 0.0, "split_size": 0}
    place = a_death(apart, 2, 1)
    one, p = people(apart, 0, 25)
    two, _ = people({**apart, "spared_community": 1, "spared_place": place, "spared_year": 2}, 0, 25)
    theirs = slice(p.n_places, 2 * p.n_places)
    assert not np.array_equal(one.person[:, theirs], two.person[:, theirs])
    for c in (0, 2):
        here = slice(c * p.n_places, (c + 1) * p.n_places)
        assert np.array_equal(one.person[:, here], two.person[:, here]) and np.array_equal(one.id[here], two.id[here])


def test_the_kth_applicant_is_the_same_person_in_both_twins() -> None:
    values = dict(
        n_communities=2, n_founded=2, n_places=30, n_founders=20, applicants=0.5, exit_right=0.0, hungry_limit=999
    )
    one, _ = people(values, 0, 8)
    two, _ = people({**values, "pay_link": 0.5, "openness": 0.6}, 0, 8)
    shared = np.intersect1d(one.id[one.alive == 1], two.id[two.alive == 1])
    kinds = shared >> np.uint64(62)
    assert (kinds == 1).sum() > 5, "some applicants must be in both"
    for who in shared[kinds == 1]:
        i, j = (int(np.flatnonzero((s.id == who) & (s.alive == 1))[0]) for s in (one, two))
        for trait in (at.ABILITY, at.NATIVE, at.SUPREMACY, at.INCLUSION):
            assert one.person[trait, i] == two.person[trait, j]
    first = streams.applicant(0, 0, 0)
    assert streams.draw(SEED, 0, 0, first, at.PERSON, 0) == streams.draw(SEED, 0, 0, first, at.PERSON, 0)


# -- what every run promises --


def test_a_null_change_is_bit_identical() -> None:
    world = society(years=25, **BUSY)
    assert np.array_equal(
        engine.simulate(world, range(5)), engine.simulate(world.but(from_year=7, need=0.4), range(5)), equal_nan=True
    )


def test_a_change_leaves_every_earlier_year_as_it_was() -> None:
    world = society(years=25, **BUSY)
    before = engine.simulate(world, range(5))
    after = engine.simulate(world.but(from_year=11, pay_link=0.6), range(5))
    assert np.array_equal(before[:, :11], after[:, :11], equal_nan=True)
    assert not np.array_equal(before[:, 11], after[:, 11], equal_nan=True)


def test_a_world_alone_is_that_world_of_an_ensemble_in_any_order() -> None:
    world = society(years=25, **BUSY)
    many = engine.simulate(world, [730, 3, 731, 0])
    assert np.array_equal(engine.simulate(world, [731])[0], many[2], equal_nan=True)
    assert np.array_equal(engine.simulate(world, [0, 730])[1], many[0], equal_nan=True)


def test_threads_and_blocks_change_no_bit() -> None:
    world = society(years=25, **BUSY)
    straight = engine.simulate(world, range(12))
    for threads, size, order in ((1, 12, [0]), (2, 3, [2, 0, 3, 1]), (2, 5, [1, 0])):
        got: dict[int, np.ndarray] = {}
        run_blocks(world, order, threads, got.__setitem__, block_size=size)
        for block, values in got.items():
            there = straight[block * size : (block + 1) * size]
            assert np.array_equal(values[: len(there)], there, equal_nan=True)


def test_everything_measured_stays_within_what_it_declares() -> None:
    arms = [{**BUSY, **PRACTISED, "practice": arm, "influence": 3.0, "prestige": 5.0} for arm in range(1, 7)]
    for values in (BUSY, {}, {**BUSY, "pay_link": 1.0}, {**BUSY, "coercion": 1.0, "exit_right": 0.0}, *arms):
        for o, measured in zip(
            MODEL.observables, np.moveaxis(engine.simulate(society(**values), range(20)), 2, 0), strict=True
        ):
            known = measured[~np.isnan(measured)]
            # the Gini coefficient of equal people is 0 to rounding, on either side
            assert np.all((known >= o.low - 1e-15) & (known <= o.high)), o.name
            assert o.undefined or known.size == measured.size, f"{o.name} is missing where it can be counted"


# Digests of our own output: they refer to no truth, only to the same bits on every Python, processor and machine. A
# change of the model or of numerics changes them knowingly, and then results in every store are run anew.
BUSY_BITS = "26e3b759362fa6989df5f7669eee34db"
ARM_BITS = "7a5a131b3f5965f3691ea926b70cd856"
CATALOGUE_BITS = {
    "commons": "41f30d5e8957057f02d4e776fd44bb1d",
    "commune": "1521658f31ac2edd8373fe4f20c72685",
    "cooperative": "3489f66ccdde6454fdd68a2410548ee0",
    "hutterite": "43ce6d9c170464652e7c85fa9e51c15d",
    "kibbutz": "de6f749ddbffd171ea98826804ae699d",
    "russia": "13bec64aafc4fae6c0b3f8487a0b6046",
    "shakers": "48216d7e0010fdc76e7963f9db2b273b",
}


def digest(record: np.ndarray) -> str:
    record = np.where(np.isnan(record), -1.0, record)  # a NaN has many bit patterns
    return hashlib.sha256(record.tobytes()).hexdigest()[:32]


def test_the_bits_are_those_of_every_other_machine() -> None:
    assert digest(engine.simulate(society(years=40, **BUSY), range(6))) == BUSY_BITS


def test_the_bits_of_every_arm_are_those_of_every_other_machine() -> None:
    arms = [{**BUSY, **PRACTISED, "practice": arm, "influence": 1.0, "readiness": 0.1 * arm} for arm in range(1, 7)]
    assert digest(np.stack([engine.simulate(society(years=20, **values), range(3)) for values in arms])) == ARM_BITS


@pytest.mark.parametrize("name", scenarios())
def test_the_bits_of_the_catalogue_are_those_of_every_other_machine(name: str) -> None:
    """Every observable of worlds 0, 1 and 2, over all years."""
    assert digest(engine.simulate(scenario(name), range(3))) == CATALOGUE_BITS[name]
