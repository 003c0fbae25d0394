"""The society's fast kernel against its plain second version, person by person and year by year."""

import math
import random

import pytest
from second import society as second

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


def ended(*causes):
    return lambda records: any(cause in r["ended"] for r in records for cause in causes)


def counted(name):
    return lambda records: any(r[name] for r in records)


def any_community(has):
    return lambda records: any(has(c) for r in records for c in r["communities"])


def all_of(*checks):
    return lambda records: all(check(records) for check in checks)


# The changes to QUIET in each year (a list of pairs: from this year on), and what must happen in some world of it.
CASES = {
    "quiet": ([(0, {})], lambda records: True),
    "perception": ([(0, PERCEPTION)], lambda records: True),
    "learning": ([(0, LEARNING)], lambda records: True),
    "luck": ([(0, {**LUCK, **CHOICES})], counted("left")),
    "births and deaths": ([(0, LIVES)], all_of(counted("born"), counted("died"))),
    "exit and entry": ([(0, COMINGS)], all_of(counted("left"), counted("joined"))),
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
    "splitting": ([(0, SPLIT)], lambda records: any(c["standing"] for c in records[-1]["communities"][2:])),
    "everything": ([(0, EVERYTHING)], all_of(counted("born"), counted("died"), counted("joined"), counted("left"))),
    "everything, and a change": (
        [(0, EVERYTHING), (8, {**EVERYTHING, "pay_link": 0.7, "threat": 0, "exit_right": 0.2, "spared_year": 12,
                               "spared_community": 0, "spared_place": 1})],
        counted("born"),
    ),
}  # fmt: skip


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


def test_philox_known_answers():
    # From the authors' own list (Random123, kat_vectors).
    ones = 0xFFFFFFFF
    assert second.philox((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    assert second.philox((ones,) * 4, (ones,) * 2) == (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)


def test_streams_agree_with_the_second_version():
    from bestowal import streams

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
    table = state.community if name in ("capital", "debt", "pay_shift", "damage") else state.person
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


@pytest.mark.parametrize("case", CASES)
def test_the_kernel_agrees_with_the_second_version(case):
    from bestowal.model import load, rows
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
            compare(state, record, int(table[0].n_places), year, f"{case}, seed {seed}, world {world}, year {year}")
    assert happened, "the case doesn't test what it is for"


if __name__ == "__main__":  # the second version alone, to see that each case has something in it
    for name, (changes, happens) in CASES.items():
        for seed, world in WORLDS:
            table = [{"spared_community": -1, "spared_place": -1, "spared_year": -1, **v} for v in values(changes)]
            records = second.simulate(table, seed, world)
            total = {k: sum(r[k] for r in records) for k in ("joined", "born", "died", "left", "dispersed")}
            ends = [(y, r["ended"]) for y, r in enumerate(records) if r["ended"]]
            print(f"{name:28}", happens(records), len(records[-1]["people"]), total, ends)
