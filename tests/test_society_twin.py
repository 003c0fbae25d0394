"""The society's fast kernel against its plain second version, person by person and year by year."""

import itertools
import math
import random
from types import SimpleNamespace

import pytest
from reference import society as second

pytestmark = pytest.mark.society

YEARS = 20
WORLDS = [(1, 0), (20240607, 3), (2**63 + 5, 2**32 - 1)]  # seed, world

# One group of mechanisms at a time is added to these people, who work, share, and do nothing else.
QUIET = dict(
    n_communities=3,
    n_places=14,
    n_founded=3,
    n_founders=10,
    minimum=2,
    hungry_limit=50,
    giver_share=0.2,
    giver_motive=0.7,
    ordinary_motive=0.25,
    motive_sd=0.5,
    founder_giver_share=0.6,
    founder_zeal=0.4,
    commitment=0.3,
    breadth=0.4,
    supremacy=0.05,
    inclusion=0.8,
    trait_sd=0.6,
    ability_sd=0.4,
    matching=0.85,
    belief_start=0.6,
    belief_rate=0,
    belief_sd=0,
    relapse=0,
    appetite_growth=0,
    imitation=0,
    imitation_step=0.4,
    selection=3,
    mixing=0,
    inherited=0.4,
    attachment=0.3,
    pay_link=0.3,
    synergy=0.15,
    coercion=0,
    coerced_effort=0,
    crowding_out=0,
    coercion_cost=0,
    pride=0,
    information_loss=0,
    information_half=50,
    planned_size=0,
    saving=0.05,
    capital_return=0.05,
    depreciation=0.04,
    start_capital=0.5,
    capital_use=0,
    guarantee=0,
    need=0.05,
    budget_softness=0,
    hoarding=0,
    credit=0,
    interest=0,
    repayment=0,
    n_rulers=0,
    accountability=1,
    rent_limit=0,
    power_seeking=0,
    revolt=0,
    arms_under_threat=0,
    outward_giving=0,
    mutual_aid=0,
    exit_right=0,
    exit_rate=0.3,
    exit_steepness=5,
    moving_cost=0.05,
    openness=0,
    applicants=0,
    screening=0,
    screening_bar=0,
    birth=0,
    death=0,
    split_size=0,
    vote_every=0,
    vote_step=0.1,
    majority=0.5,
    dissolution=0,
    annuity=0.05,
    outside_wage=0.9,
    threat=0,
    attack_rate=0,
    hostile_force=0,
    rivalry=0,
    spoils=0,
    devastation=0,
    casualties=0,
    crush_ratio=3,
    shock_sd=0,
    shock_common=0.4,
    luck_sd=0,
    readiness=0,
    practice=0,
    practice_start=0,
    practice_stop=65535,
    take_up=0,
    join=0.02,
    join_pull=0.2,
    join_steepness=10,
    critical_share=0.25,
    self_selection=1,
    quit=0.05,
    practice_hours=0.1,
    ten=10,
    least_ten=10,
    ten_weight=0.7,
    pull=0.3,
    prestige=1,
    importance=0.7,
    practice_effort=0.7,
    influence=0,
    protection=0.5,
    layer=0.2,
    commitment_growth=0.05,
    breadth_growth=0.05,
    inclusion_growth=0.05,
    stigma=0.1,
    club_norm=0.2,
    crisis_mean=0,
    crisis_sd=0.5,
    warm_glow=0.2,
    watcher=0,
)

PERCEPTION = dict(belief_rate=0.4, belief_sd=0.05)
LEARNING = dict(relapse=0.1, appetite_growth=0.02, imitation=0.4, mixing=0.3, luck_sd=0.2)
LUCK = dict(shock_sd=0.3, luck_sd=0.2)
LIVES = dict(birth=0.1, death=0.05)
# Who goes and who is let in depends on what everyone consumed, which isn't itself compared; births fill the room.
CHOICES = dict(exit_right=1, exit_rate=0.4, exit_steepness=8, birth=0.2, applicants=0.3, openness=0.7)
COMINGS = dict(
    exit_right=0.8, openness=0.7, applicants=0.25, screening=0.6, screening_bar=0.3, outside_wage=0.6, death=0.05
)
POWER = dict(
    n_rulers=2, accountability=0.3, rent_limit=0.2, power_seeking=0.6, coercion=0.5, coerced_effort=0.4,
    crowding_out=0.5, coercion_cost=0.1, revolt=0.05, **CHOICES,
)  # fmt: skip
PLANNING = dict(information_loss=0.3, information_half=30, planned_size=40, **CHOICES)
SOFT = dict(
    need=0.35, guarantee=0.5, budget_softness=0.3, hoarding=0.4, credit=0.1, interest=0.06, repayment=0.05,
    capital_use=0.1, hungry_limit=6, **LUCK, **CHOICES,
)  # fmt: skip
AID = dict(mutual_aid=0.8, outward_giving=0.1, **LUCK, **{**CHOICES, "openness": 0.8})
WAR = dict(
    supremacy=0.3, pride=0.5, threat=0.5, attack_rate=0.4, hostile_force=0.15, rivalry=0.9, spoils=0.2,
    devastation=0.3, casualties=0.3, crush_ratio=1.2, arms_under_threat=0.1, birth=0.08, minimum=4, **LUCK,
)  # fmt: skip
VOTES = dict(
    vote_every=3, vote_step=0.15, majority=0.5, dissolution=0.1, annuity=0.05, information_loss=0.2, outside_wage=1,
    **LIVES,
)  # fmt: skip
SPLIT = dict(n_communities=6, n_founded=2, split_size=10, birth=0.3, death=0.02, openness=0.8, applicants=0.1)
EVERYTHING = {
    **PERCEPTION, **LEARNING, **COMINGS, **POWER, **PLANNING, **SOFT, **AID, **WAR, **VOTES, **SPLIT,
    "coercion": 0.2, "revolt": 0.1, "casualties": 0.1, "death": 0.02, "supremacy": 0.1, "dissolution": 0.02,
    "applicants": 0.2, "openness": 0.8, "minimum": 3, "need": 0.25, "outside_wage": 0.6,
}  # fmt: skip

# Many communities that end, by each of the rules of the cause.
MANY = dict(n_communities=12, n_founded=12, n_places=16, n_founders=12, hungry_limit=2, birth=0.1, death=0.1, **LUCK)
IDLE_AND_HUNGRY = {
    **MANY, "luck_sd": 0.7, "shock_sd": 0.1, "pay_link": 0.1, "founder_giver_share": 0.3, "need": 1.05,
    "hungry_limit": 3, "minimum": 7, "death": 0.2, "dissolution": 0.3,
}  # fmt: skip
ENTRANTS = {
    **COMINGS, **MANY, "openness": 0.9, "applicants": 0.3, "screening": 0, "founder_giver_share": 1,
    "founder_zeal": 0.9, "pay_link": 0.1, "outside_wage": 0.45, "need": 0.35, "minimum": 5, "dissolution": 0.1,
    "birth": 0.15,
}  # fmt: skip
EVERY_CAUSE = {
    **COMINGS, **MANY, **PERCEPTION, "openness": 0.9, "applicants": 0.2, "screening": 0, "founder_giver_share": 0.8,
    "founder_zeal": 0.5, "pay_link": 0.45, "outside_wage": 0.9, "need": 0.4, "minimum": 6, "dissolution": 0.15,
    "coercion": 0.2, "coerced_effort": 0.3, "revolt": 0.5, "hostile_force": 0.2, "threat": 0.6, "attack_rate": 0.4,
    "crush_ratio": 1, "casualties": 0.4, "exit_right": 0.3,
}  # fmt: skip

# More people knock than are drawn at once, and at some communities none.
CROWDS = {
    **COMINGS, "n_communities": 7, "n_founded": 5, "n_places": 230, "n_founders": 215, "applicants": 0.9, "birth": 0.05,
    "death": 0.02, "inherited": 0.6, "openness": 0.3, "split_size": 225, "hungry_limit": 2, "need": 0.45, **LUCK,
}  # fmt: skip

NONE, TRANSMISSION, LADDER, CLUB, PLACEBO, SCHOOLING, CRISIS = range(7)
# People begin and stop, relapse and are protected, are born and die; groups of the last few stay small.
STUDY = dict(
    n_places=20, n_founders=15, practice_start=2, practice_stop=15, take_up=0.45, join=0.08, join_pull=0.35,
    join_steepness=7, critical_share=0.35, self_selection=0.6, quit=0.15, practice_hours=0.15, ten=4, least_ten=3,
    ten_weight=0.6, pull=0.4, prestige=1.4, importance=0.8, practice_effort=0.9, protection=0.7, layer=0.3,
    commitment_growth=0.12, breadth_growth=0.2, inclusion_growth=0.15, warm_glow=0.35, watcher=0.4, need=0.3,
    guarantee=0.6, relapse=0.15, appetite_growth=0.02, imitation=0.3, mixing=0.3, exit_right=0.5, exit_rate=0.4,
    exit_steepness=8, applicants=0.3, openness=0.7, **PERCEPTION, **LUCK, **LIVES,
)  # fmt: skip
FORCED = dict(
    coercion=0.3, coerced_effort=0.4, crowding_out=0.5, coercion_cost=0.1, pride=0.8, threat=0.6, arms_under_threat=0.1
)
MEMBERSHIP = dict(practice=CLUB, stigma=0.3, club_norm=0.25, exit_rate=0.8, pay_link=0.1)
SUFFERING = dict(
    practice=CRISIS, crisis_mean=0.3, crisis_sd=0.8, layer=0.5, imitation=0.3, mixing=0.3, commitment_growth=0.4,
    breadth_growth=0.5, inclusion_growth=0.3,
)  # fmt: skip
HALF_READY = dict(n_communities=7, n_places=24, n_founders=11, split_size=16, birth=0.2, death=0.02, readiness=0.52)
LAST_GENERATION = {
    **EVERYTHING, **STUDY, **FORCED, **{k: v for k, v in HALF_READY.items() if k != "birth"},
    "coercion": 0.2, "revolt": 0.1, "influence": 1.5, "stigma": 0.2, "casualties": 0.1, "death": 0.02, "need": 0.2,
    "applicants": 0.3, "birth": 0.25, "dissolution": 0.02, "minimum": 3, "outside_wage": 0.5, "readiness": 0.55,
    "crisis_mean": 0.4, "hungry_limit": 8,
}  # fmt: skip


def ended(*causes):
    return lambda records: any(cause in r["ended"] for r in records for cause in causes)


def put_down(*rules):
    """Each of these rules of the cause has decided some ending."""
    return lambda records: set(rules) <= {rule for r in records for _, rule in r["put down"]}


def counted(name):
    return lambda records: any(r[name] for r in records)


def anyone(has):
    return lambda records: any(has(i) for r in records for i in r["people"])


def any_community(has):
    return lambda records: any(has(c) for r in records for c in r["communities"])


def all_of(*checks):
    return lambda records: all(check(records) for check in checks)


def heightened(records):
    """Someone practising has gained desire beyond what everyone's appetite grew to."""
    least = [min((i["desire"] for i in r["people"]), default=math.nan) for r in records]
    return any(i["practising"] and i["desire"] > d for r, d in zip(records, least, strict=True) for i in r["people"])


def some_ready(records):
    """Of the communities standing some are ready and some aren't; one that wasn't becomes so; a daughter is."""
    mixed = grown = daughter = False
    for before, after in itertools.pairwise(r["communities"] for r in records):
        mixed = mixed or {c["ready"] for c in after if c["standing"]} == {False, True}
        for old, new in zip(before, after, strict=True):
            grown = grown or (old["standing"] and new["ready"] and not old["ready"])
            daughter = daughter or (not old["standing"] and new["ready"])
    return mixed and grown and daughter


studied = all_of(counted("begun"), counted("stopped"), heightened)

# The changes to QUIET in each year (a list of pairs: from this year on), and what must happen in some world of it.
CASES = {
    "quiet": ([(0, {})], lambda records: True),
    "perception": ([(0, PERCEPTION)], lambda records: True),
    "learning": ([(0, LEARNING)], lambda records: True),
    "luck": ([(0, {**LUCK, **CHOICES})], counted("left")),
    "births and deaths": ([(0, LIVES)], all_of(counted("born"), counted("died"))),
    "exit and entry": ([(0, COMINGS)], all_of(counted("left"), counted("joined"))),
    "crowds": (
        [(0, CROWDS)],
        all_of(counted("born"), counted("joined"), ended("poor", "dwindled", "dissolved")),
    ),
    "power": ([(0, POWER)], lambda records: any(i["ruler"] for r in records for i in r["people"])),
    "revolt": ([(0, {**POWER, "coercion": 0.9, "revolt": 0.8, "outside_wage": 2})], ended("revolt")),
    "planning": ([(0, PLANNING)], counted("left")),
    "aid": ([(0, AID)], counted("joined")),
    "soft budgets": ([(0, SOFT)], all_of(any_community(lambda c: c["debt"] > 0.0), counted("left"))),
    "poverty": ([(0, {"need": 0.8, "hungry_limit": 3, **LUCK})], ended("poor")),
    "war": ([(0, WAR)], all_of(counted("died"), any_community(lambda c: c["damage"] > 0.0), ended("crushed"))),
    "one community under attack": (
        [(0, {**WAR, "n_communities": 1, "n_founded": 1})],
        any_community(lambda c: c["damage"] > 0.0),
    ),
    "votes": ([(0, VOTES)], any_community(lambda c: c["pay_shift"] != 0.0)),
    "dissolution": ([(0, {**VOTES, "dissolution": 0.5, "outside_wage": 2})], ended("dissolved")),
    "idle and hungry": ([(0, IDLE_AND_HUNGRY)], put_down(4, 5)),
    "entrants": ([(0, ENTRANTS)], put_down(3, 4)),
    "every cause": ([(0, EVERY_CAUSE)], put_down(1, 2, 5, 7)),
    "splitting": ([(0, SPLIT)], lambda records: any(c["standing"] for c in records[-1]["communities"][2:])),
    "everything": ([(0, EVERYTHING)], all_of(counted("born"), counted("died"), counted("joined"), counted("left"))),
    "everything, and a change": (
        [(0, EVERYTHING), (8, {**EVERYTHING, "pay_link": 0.7, "threat": 0, "exit_right": 0.2, "spared_year": 12,
                               "spared_community": 0, "spared_place": 1})],
        counted("born"),
    ),
    "transmission": ([(0, {**STUDY, "practice": TRANSMISSION})], studied),
    "ladder": ([(0, {**STUDY, "practice": LADDER, "influence": 2})], studied),
    "ladder, small groups": ([(0, {**STUDY, "practice": LADDER, "influence": 2, "ten": 3, "least_ten": 6})], studied),
    "ladder, groups of one": ([(0, {**STUDY, "practice": LADDER, "influence": 2, "ten": 1, "least_ten": 1})], studied),
    "ladder, one large group": (
        [(0, {**STUDY, "practice": LADDER, "influence": 3, "ten": 1000, "least_ten": 5, "practice_hours": 0.2})],
        studied,
    ),
    "club": ([(0, {**STUDY, **MEMBERSHIP})], all_of(counted("begun"), counted("stopped"), counted("left"))),
    "club, forced and threatened": (
        [(0, {**STUDY, **MEMBERSHIP, **FORCED, "revolt": 0.3})], all_of(counted("begun"), ended("revolt"))
    ),
    "club and dissolution": (
        [(0, {**STUDY, **MEMBERSHIP, "dissolution": 0.2, "outside_wage": 1.3, "exit_rate": 0.1})],
        all_of(counted("begun"), ended("dissolved")),
    ),
    "placebo": ([(0, {**STUDY, "practice": PLACEBO})], studied),
    "schooling": ([(0, {**STUDY, "practice": SCHOOLING})], studied),
    "schooling, assigned": ([(0, {**STUDY, "practice": SCHOOLING, "self_selection": 0, "take_up": 1})], studied),
    "crisis of shocks": ([(0, {**SUFFERING, **LUCK, **LIVES})], anyone(lambda i: i["height"] > i["native"] + 1)),
    "crisis of war": ([(0, {**WAR, **SUFFERING, "practice_start": 3})], any_community(lambda c: c["damage"] > 0.0)),
    "crisis of war alone": (
        [(0, {**WAR, **SUFFERING, "practice_stop": 14, "shock_sd": 0})], anyone(lambda i: i["height"] > i["native"] + 1)
    ),
    "war among the practising": ([(0, {**STUDY, **WAR, "practice": LADDER, "influence": 1, "minimum": 2})], studied),
    "readiness": ([(0, {**HALF_READY, **LUCK, **LEARNING, "appetite_growth": -0.03})], some_ready),
    "readiness through practice": (
        [(0, {**STUDY, **HALF_READY, "practice": LADDER, "influence": 2, "practice_stop": 65535, "readiness": 0.6,
              "layer": 0.1, "vote_every": 4, "vote_step": 0.15})],
        all_of(studied, some_ready),
    ),
    "intention": (
        [(0, {**PERCEPTION, **FORCED, **LEARNING, "warm_glow": 0.4, "watcher": 0.6, "breadth": 0.6})],
        lambda records: any(0 < r["observed"]["top_rung"] < 1 for r in records),
    ),
    "intention of givers": (
        [(0, {**PERCEPTION, "warm_glow": 0.6, "watcher": 0.9, "commitment": 0.6, "breadth": 0.7, "pay_link": 0,
              "giver_motive": 0.9, "inclusion": 1, "synergy": 1.2})],
        lambda records: any(0 < r["observed"]["top_rung"] < 1 for r in records),
    ),
    "intention crowded out": (
        [(0, {**PERCEPTION, **FORCED, "coercion": 0.9, "crowding_out": 1, "coerced_effort": 0.1, "pay_link": 0,
              "warm_glow": 0.3, "synergy": 0.6, "inclusion": 1})],
        lambda records: all(r["observed"]["purity"] > 0.9 for r in records),
    ),
    "intention of none": (
        [(0, {"inclusion": 0, "matching": 0, "commitment": 0, "warm_glow": 1, "watcher": 1})],
        lambda records: all(math.isnan(r["observed"]["scope"]) for r in records),
    ),
    "nobody gives yet": (
        [(0, {**PERCEPTION, "commitment": 0, "belief_start": 0, "matching": 0.85})],
        lambda records: records[0]["observed"]["unconditionality"] == 0.0
        and math.isnan(records[0]["observed"]["scope"]),
    ),
    "no product": (
        [(0, {**SOFT, "hoarding": 1, "budget_softness": 1})],
        lambda records: any(r["observed"]["output"] == 0.0 and r["observed"]["rent"] == 0.0 for r in records),
    ),
    "one arm after another": (
        [(0, {**STUDY, "practice": TRANSMISSION}), (5, {**STUDY, **MEMBERSHIP}), (8, {**STUDY, **SUFFERING}),
         (11, {**STUDY, "practice": LADDER, "influence": 1, "practice_start": 11, "ten": 3, "practice_stop": 17}),
         (14, {**STUDY, "practice": SCHOOLING, "practice_start": 14, "practice_stop": 17})],
        studied,
    ),
    "everything and no practice": ([(0, LAST_GENERATION)], counted("born")),
    **{
        f"everything and arm {arm}": ([(0, {**LAST_GENERATION, "practice": arm})], counted("begun"))
        for arm in range(TRANSMISSION, CRISIS)
    },
    "everything and crisis": ([(0, {**LAST_GENERATION, "practice": CRISIS})], counted("born")),
    "everything, arm after arm": (
        [(0, {**LAST_GENERATION, "practice": LADDER}), (6, {**LAST_GENERATION, "practice": CLUB, "readiness": 0.6}),
         (12, {**LAST_GENERATION, "practice": CRISIS, "readiness": 0.2})],
        all_of(counted("begun"), counted("left")),
    ),
}  # fmt: skip


SPARING = dict(spared_community=-1, spared_place=-1, spared_year=-1)  # nobody, where a case doesn't say


def values(changes):
    """What to give Params, a year each."""
    out = []
    for year in range(YEARS):
        changed = {}
        for since, change in changes:
            if year >= since:
                changed = change
        out.append({**QUIET, **changed})
    return out


def alone(case, world=(1, 0), **over):
    """The second version's records of a case, with some values changed throughout."""
    changes, _ = CASES[case]
    table = values([(year, {**change, **over}) for year, change in changes])
    return second.simulate([{**SPARING, **v} for v in table], *world)


def test_every_cause_and_every_rule_of_it_occurs():
    cases = ("idle and hungry", "entrants", "every cause", "dissolution", "poverty")
    endings = [found for case in cases for world in WORLDS for r in alone(case, world) for found in r["put down"]]
    assert {cause for cause, _ in endings} == set(second.CAUSES)
    assert {rule for _, rule in endings} == set(range(1, 8))


def test_the_cases_tell_every_observable_from_every_other():
    """So that the comparison sees any two that are exchanged, and any that is always 0."""
    cases = ("everything and arm 3", "every cause")
    observed = [r["observed"] for case in cases for world in WORLDS for r in alone(case, world)]
    known = [row for row in observed if not any(math.isnan(value) for value in row.values())]
    assert [name for name in known[0] if not any(row[name] for row in known)] == []
    pairs = itertools.combinations(known[0], 2)
    assert [(a, b) for a, b in pairs if all(close(row[a], row[b]) for row in known)] == []


def test_what_an_ending_is_put_down_to():
    some, half, less = ([member(applicant, e) for e in efforts] for applicant, *efforts in (
        (False, 0.6, 0.6, 0.6), (True, 0.5), (True, 0.56)))  # fmt: skip

    def put(members, ending="dwindled", workers=None, giving=0.6, hungry=0, need=0.4):
        c = SimpleNamespace(workers=members if workers is None else workers, giving=giving, hungry=hungry)
        return second.cause(c, members, ending, SimpleNamespace(need=need))[0]

    assert put(some + half) == "entrants" and put(some + half, hungry=1, giving=0.4) == "entrants"
    assert put(some + less) == put([*some, *some[:1], *half]) == put(half * 4) == "other"  # not lazier; too few; alone
    assert put(some + half, "revolt") == "dissension" and put(some + half, "crushed", hungry=2) == "other"
    assert put(some, giving=0.4) == put(some, "dissolved", giving=0.4) == "idleness"
    assert put(some, "dissolved") == "dissension" and put(some, "dissolved", hungry=1) == "poverty"
    assert put([], "dwindled", some) == "other"
    # All consumed 0.3 at work, and one of them, who had 0.6, is gone: 0.36 a head.
    gone = member(False, 0.1)
    gone.consumption = 0.6
    left = [member(False, 0.1) for _ in range(4)]
    for need, found in ((0.88, "idleness"), (0.92, "poverty")):
        assert put(left, "poor", [*left, gone], giving=0.4, hungry=2, need=need) == found


def member(applicant, effort):
    identity = second.applicant(3, 7, 1) if applicant else second.founder(3, 1)
    return SimpleNamespace(id=identity, effort=effort, consumption=0.3)


def test_a_ladder_without_influence_is_transmission():
    for case in ("ladder", "everything and arm 2"):
        ladder, transmission = (alone(case, influence=0, practice=arm) for arm in (LADDER, TRANSMISSION))
        assert repr(ladder) == repr(transmission)  # to the bit, and NaN like NaN
        assert repr(ladder) != repr(alone(case))


def test_what_is_given_is_effort_with_every_return_off():
    some = random.Random(9)
    share = some.random
    for _ in range(300):
        v = {
            **QUIET,
            "coercion": share(),
            "crowding_out": share(),
            "pride": share(),
            "threat": share(),
            "synergy": share(),
        }
        v |= {
            "practice": CLUB,
            "warm_glow": share(),
            "watcher": share(),
            "coerced_effort": share(),
            "club_norm": share(),
        }
        p = SimpleNamespace(**v)
        i = SimpleNamespace(
            screen=some.gauss(0, 1), desire=share(), inclusion=share(), commitment=share(), breadth=share(),
            belief=share(), practising=some.getrandbits(1) == 1, effort=0.5,
        )  # fmt: skip
        n, pay = some.randrange(1, 30), share()

        def e(off, i=i, n=n, pay=pay, p=p):
            return second.effort(i, n, pay, p, off)

        assert close(second.given(i, n, i.commitment, i.belief, p), e("RQSA"))
        assert close(min(1.0, second.given(i, n, i.commitment * (1 - p.watcher), i.belief, p)), e("RQSAH"))
        assert close(second.given(i, n, i.commitment, 0.0, p), e("RQSAD"))
        scope = second.intention(i, n, p)[2]
        assert scope[0] >= e("RQSAK") - 1e-12 or scope[1] == 1.0  # one's scope; beyond full effort P is cut first
        p.warm_glow = p.watcher = 0.0
        assert e("W") == e("H") == e("")
        i.breadth = 1.0
        assert close(e("K"), e(""))
        i.commitment = 1.0
        assert e("D") == e("") and second.rung(i, n, p) in (0, 1, 3)  # what needs no return, for all, is never rung 2
        i.inclusion = 0.0
        assert e("W") == e("D") == e("K") == e("") and second.rung(i, n, p) == 1


def test_philox_known_answers():
    # From the authors' own list (Random123, kat_vectors).
    ones = 0xFFFFFFFF
    assert second.philox((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    assert second.philox((ones,) * 4, (ones,) * 2) == (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)


def test_streams_agree_with_the_second_version():
    from bestowal.kernels import rng as streams

    some = random.Random(5)
    for _ in range(200):
        seed, who = some.getrandbits(64), some.getrandbits(64)
        world, year, purpose = some.getrandbits(32), some.getrandbits(16), some.getrandbits(8)
        theirs = tuple(int(w) for w in _draw(streams, seed, world, year, who, purpose))
        moment = year << 16 | purpose << 8
        ours = second.philox((who & second.WORD, who >> 32, moment, world), (seed & second.WORD, seed >> 32))
        assert theirs == ours
        c, k = some.getrandbits(16), some.getrandbits(16)
        assert int(streams.founder(c, k)) == second.founder(c, k)
        assert int(streams.applicant(c, year, k)) == second.applicant(c, year, k)
        assert int(streams.child(_u64(who), year, k)) == second.child(who, year, k)
        assert int(streams.site(c)) == second.site(c)
    assert int(streams.whole()) == second.whole()


def _u64(number):
    import numpy as np

    return np.uint64(number)


def _u32(number):
    import numpy as np

    return np.uint32(number)


def _draw(streams, seed, world, year, who, purpose):
    return streams.draw(_u64(seed), world, year, _u64(who), purpose, 0)


def close(fast, slow):
    return fast == slow or math.isclose(fast, slow, rel_tol=1e-9, abs_tol=1e-12)


def field(state, name, year):
    """The kernel's array of that name: one of its own, or a named row of the person or community array."""
    from bestowal.models.society import state as names

    if name in ("age", "tenure"):  # kept as the year of birth and the first year, here read at the year's end
        return year + 1 - state.person[names.BIRTH if name == "age" else names.SINCE]
    if name in state._fields:
        return getattr(state, name)
    table = state.community if name in ("capital", "debt", "pay_shift", "damage", "ready") else state.person
    return table[getattr(names, name.upper())]


def compare(state, record, n_places, year, where):
    """The kernel's state after a year against the second version's record of it."""
    people = {(i["community"], i["place"]): i for i in record["people"]}
    n = len(record["communities"]) * n_places
    living = {divmod(int(slot), n_places) for slot in range(n) if state.alive[slot]}
    assert living == set(people), f"{where}: only one has {sorted(living ^ set(people))}"
    for (c, place), i in people.items():
        slot = c * n_places + place
        assert int(state.id[slot]) == i["id"], f"{where}: another person at {c, place}"
        for name in second.STATE:
            if name in ("id", "community", "place"):
                continue
            fast = float(field(state, name, year)[slot])
            assert close(fast, float(i[name])), f"{where}: {name} at {c, place}: {fast!r}, not {i[name]!r}"
    for c, community in enumerate(record["communities"]):
        for name, slow in community.items():
            fast = float(field(state, name, year)[c])
            assert close(fast, float(slow)), f"{where}: {name} of community {c}: {fast!r}, not {slow!r}"


def compare_measured(model, row, kernel, state, record, where):
    """Every observable of a year by its name; none may be missing from either."""
    import numpy as np

    out = np.full(len(model.observables), np.nan)
    kernel.observe(row, state, out)
    fast = dict(zip((o.name for o in model.observables), out.tolist(), strict=True))
    assert set(record["observed"]) == set(fast), f"{where}: only one has {set(record['observed']) ^ set(fast)}"
    for name, slow in record["observed"].items():
        same = (math.isnan(fast[name]) and math.isnan(slow)) or close(fast[name], slow)
        assert same, f"{where}: {name}: {fast[name]!r}, not {slow!r}"


@pytest.mark.parametrize("case", CASES)
def test_the_kernel_agrees_with_the_second_version(case):
    from bestowal.models.registry import load, rows
    from bestowal.models.society import year as kernel

    changes, happens = CASES[case]
    model = load("society")
    table = rows(model, [model.params(**v) for v in values(changes)])
    plain = [dict(zip(table.dtype.names, row.tolist(), strict=True)) for row in table]
    happened = False
    for seed, world in WORLDS:
        records = second.simulate(plain, seed, world)
        happened = happened or happens(records)
        state = kernel.allocate(table[0])
        kernel.start(table[0], state, _u64(seed), _u32(world))
        for year, record in enumerate(records):
            kernel.step(table[year], state, _u64(seed), _u32(world), year)
            where = f"{case}, seed {seed}, world {world}, year {year}"
            compare(state, record, int(table[0].n_places), year, where)
            compare_measured(model, table[year], kernel, state, record, where)
    assert happened, "the case doesn't test what it is for"


if __name__ == "__main__":  # the second version alone, to see that each case has something in it
    for name, (changes, happens) in CASES.items():
        for seed, world in WORLDS:
            records = second.simulate([{**SPARING, **v} for v in values(changes)], seed, world)
            some = ("joined", "born", "died", "left", "dispersed", "begun", "stopped")
            total = {k: sum(r[k] for r in records) for k in some}
            ends = [(y, r["ended"]) for y, r in enumerate(records) if r["ended"]]
            print(f"{name:28}", happens(records), len(records[-1]["people"]), total, ends)
