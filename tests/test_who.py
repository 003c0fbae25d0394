"""Who differs first: one person spared one departure, one change at a time, and a plain recount."""

import dataclasses
import json
import math

import numpy as np
import pytest

from bestowal.core.errors import BestowalError
from bestowal.models.registry import load
from bestowal.questions.kinds.divergence import compute as questions
from bestowal.questions.kinds.divergence.compute import CHANNELS, SHOWN, Who, choose, lineage, who
from bestowal.simulation import engine
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import scenario

NAMES = [o.name for o in load("society").person_observables]

# Nothing but a place to live and the number of heads binds people here; communities never meet.
APART = dict(
    n_communities=3, n_founded=3, n_places=40, n_founders=30, pay_link=0.3, belief_rate=0.0, belief_sd=0.0,
    imitation=0.0, mixing=0.0, attachment=0.0, capital_return=0.0, applicants=0.0, birth=0.0, death=0.1,
    exit_right=0.0, rivalry=0.0, mutual_aid=0.0, n_rulers=0, outward_giving=0.0, supremacy=0.0, information_loss=0.0,
    need=0.001, minimum=1, vote_every=0, dissolution=0.0, revolt=0.0, threat=0.0, split_size=0, relapse=0.0,
    practice=0, hungry_limit=1000, synergy=0.0, coercion=0.0,
)  # fmt: skip

BUSY = dict(
    n_communities=4, n_founded=3, n_places=40, n_founders=30, pay_link=0.2, guarantee=0.6, credit=0.5,
    budget_softness=0.3, coercion=0.2, threat=0.3, mutual_aid=0.5, rivalry=1.0, supremacy=0.2, accountability=0.3,
    vote_every=3, dissolution=0.2, split_size=36, shock_sd=0.4, need=0.4, birth=0.05, revolt=0.1, attack_rate=0.3,
    practice=2, take_up=0.3, practice_start=4, practice_stop=1000,
)  # fmt: skip


def society(years: int, **values: float) -> Scenario:
    return scenario("society").clock(years=years, seed=7).but(**values)


def table(of: Scenario, year: int, world: int = 0) -> dict[str, dict[str, float]]:
    """Everybody at work, by lineage in words."""
    everybody = {}
    for row in engine.people(of, world, year).tolist():
        person = dict(zip(NAMES, row, strict=True))
        everybody[lineage(int(person["id_high"]) << 32 | int(person["id_low"]))] = person
    return everybody


def spared(base: Scenario, year: int, community: int, world: int = 0) -> tuple[Scenario, str]:
    """The same with somebody of the community spared the departure of that year, and who that is."""
    before, after = table(base, year, world), table(base, year + 1, world)
    gone = [person for person, row in before.items() if row["community"] == community and person not in after]
    assert gone, "somebody departs"
    row = before[gone[-1]]
    place = int(row["place"])
    return base.but(spared_community=community, spared_place=place, spared_year=year), gone[-1]


def channels(found: Who) -> dict[str, int]:
    return {name: n for name, n in found.by_channel.items() if n}


@pytest.mark.society
@pytest.mark.parametrize("values", [APART, BUSY])
def test_a_change_that_does_nothing_touches_nobody(values: dict[str, float]) -> None:
    base = society(20, **values)
    found = who(base, base.but(5, need=values["need"]), 2)
    assert (found.first, found.at_once, found.ever, found.persons, channels(found)) == (None, None, 0, [], {})
    assert not found.died_out and found.people > 60
    assert all(year.at_work_a == year.at_work_b and year.differing == 0 for year in found.by_year)


@pytest.mark.society
def test_the_first_is_the_one_who_was_spared_and_no_other_community_is_touched() -> None:
    base = society(30, **APART)
    other, person = spared(base, 4, 1)
    found = who(base, other, 0)
    alive = [year for year in range(30) if person in table(other, year)]
    assert found.first is not None
    # Departures come after work, so the one spared in year 4 is at work alone in year 5.
    assert (found.first.year, found.first.person, found.first.community) == (5, person, 1)
    assert (found.first.channel, found.first.what, found.first.in_a, found.first.in_b) == ("leaver", "at work", 0, 1)
    # The others of that community give less, for there is one more to share with; nobody joins, so nobody follows.
    fellows = {name for name, row in table(base, 5).items() if row["community"] == 1}
    assert {p.person for p in found.persons if p.channel == "numbers"} == fellows and len(fellows) > 10
    assert all(p.what == "effort" and p.in_b < p.in_a for p in found.persons[1:])
    assert channels(found) == {"leaver": 1, "numbers": len(fellows)}
    assert found.ever == 1 + len(fellows) and found.people == 90
    assert found.at_once == (1 + len(fellows)) / (1 + len(table(base, 5)))
    # Once the spared person has died, everybody is as they would have been: until then all who are left there differ.
    for year in found.by_year:
        there = sum(row["community"] == 1 for row in table(other, year.year).values())
        assert year.differing == (there if 5 <= year.year <= alive[-1] else 0)
    assert 5 < alive[-1] < 29 and found.died_out


@pytest.mark.society
def test_a_difference_that_is_still_there_has_not_died_out_nor_one_in_an_empty_world() -> None:
    base = society(30, **APART)
    other, person = spared(base, 4, 1)
    last = [year for year in range(30) if person in table(other, year)][-1]
    found = who(base, other, 0, years=range(last + 1))
    assert found.by_year[-1].new == 0 < found.by_year[-1].differing and not found.died_out
    emptied = society(8, **APART)
    emptied = emptied.but(5, death=1.0)
    found = who(emptied, emptied.but(2, pay_link=0.6), 0)
    assert found.ever > 0 and found.by_year[-1] == questions.Year(7, 0, 0, 0, 0, {}) and not found.died_out


# Members look at each other, come, leave and practise, and small differences of payoff decide.
LIVELY = dict(
    n_communities=6, n_places=60, n_founders=40, birth=0.04, death=0.03, applicants=0.3, imitation=1.0, selection=100.0,
    belief_rate=0.4, exit_right=1.0, exit_steepness=50.0, outside_wage=1.0, moving_cost=0.3, start_capital=10.0,
    capital_return=0.1, saving=0.2, shock_sd=0.3, supremacy=0.3, practice=1, take_up=0.5, practice_start=0,
    practice_stop=1000, quit=0.4, join_pull=1.0, critical_share=0.6,
)  # fmt: skip
LINKS = [dict(rivalry=1.0, supremacy=0.8, crush_ratio=1.0), dict(mutual_aid=1.0), dict(split_size=40)]


@pytest.mark.society
@pytest.mark.parametrize("link", LINKS)
def test_other_communities_are_reached_only_where_something_joins_them(link: dict[str, float]) -> None:
    base = society(30, **{**APART, **LIVELY})

    def reached(of: Scenario, world: int) -> set[int]:
        other, _ = spared(of, 3, 1, world)
        found: set[int] = set()
        for year in range(30):
            one, two = table(of, year, world), table(other, year, world)
            unlike = [p for p in one.keys() | two.keys() if repr(one.get(p)) != repr(two.get(p))]
            found |= {int((two | one)[p]["community"]) for p in unlike}
        told = who(of, other, world)
        assert told.first is not None and told.first.community == 1
        assert {p.community for p in told.persons} <= found
        return found

    assert [reached(base, world) for world in range(2)] == [{1}, {1}]
    # One person need not turn a contest in every world; in one of eight they do.
    assert any(reached(base.but(6, **link), world) > {1} for world in range(8))


@pytest.mark.society
@pytest.mark.parametrize(
    ("change", "year", "channel", "what"),
    [
        # What acts on work is seen in its year, what acts after it a year later.
        (dict(pay_link=0.6), 6, "effort", "effort"),
        (dict(matching=0.2), 6, "belief", "effort"),
        (dict(belief_rate=0.5), 7, "belief", "effort"),
        (dict(relapse=0.5), 7, "motive", "motive"),
        (dict(appetite_growth=0.1), 6, "motive", "motive"),
        (dict(applicants=0.5), 7, "newcomer", "at work"),
        (dict(death=0.0), 7, "leaver", "at work"),
        (dict(split_size=10), 7, "community", "community"),
        (dict(practice=4, take_up=1.0, practice_start=6, practice_stop=100), 7, "practice", "practising"),
        (dict(warm_glow=0.9), 6, "unseen", "without_hand"),
    ],
)
def test_a_change_is_first_seen_in_its_year_and_through_what_it_moves(
    change: dict[str, float], year: int, channel: str, what: str
) -> None:
    # Members have come to like what they practise less, so that relapse has something to undo; one room is empty.
    values = {**APART, "n_communities": 4, "appetite_growth": 0.0, "practice": 1, "take_up": 1.0, "practice_start": 1}
    if "practice" in change:
        values["practice"] = 0
    base = society(12, **{**values, "practice_stop": 4})
    found = who(base, base.but(6, **change), 0)
    assert all(y.differing == 0 for y in found.by_year[:year])
    assert found.first is not None
    assert (found.first.year, found.first.channel, found.first.what) == (year, channel, what)
    one, two = table(base, year), table(base.but(6, **change), year)
    before, after = (t.get(found.first.person) for t in (one, two))
    if what == "at work":
        assert (found.first.in_a, found.first.in_b) == (before is not None, after is not None)
    else:
        assert (found.first.in_a, found.first.in_b) == (before[what], after[what])
    at_once = sum(repr(one.get(p)) != repr(two.get(p)) for p in one.keys() | two.keys())
    assert found.at_once == at_once / len(one.keys() | two.keys())
    if channel in ("effort", "belief", "motive", "practice", "unseen"):
        assert set(found.by_year[year].channels) == {channel}


def recount(a: Scenario, b: Scenario, world: int) -> tuple[list[dict[str, int]], list[int]]:
    """The rules once more, person by person."""
    seen: set[str] = set()
    differed: set[str] = set()
    new, differing = [], []
    for year in range(a.years):
        one, two = table(a, year, world), table(b, year, world)
        heads = [
            {c: sum(row["community"] == c for row in t.values()) for c in range(int(a.values.n_communities))}
            for t in (one, two)
        ]
        counts = dict.fromkeys(CHANNELS, 0)
        now = 0
        for person in one.keys() | two.keys():
            x, y = one.get(person), two.get(person)
            if repr(x) == repr(y):
                continue
            now += 1
            if person in differed:
                continue
            differed.add(person)
            if x is None or y is None:
                counts["leaver" if person in seen else "newcomer"] += 1
            elif x["community"] != y["community"]:
                counts["community"] += 1
            elif x["place"] != y["place"]:
                counts["place"] += 1
            elif x["practising"] != y["practising"]:
                counts["practice"] += 1
            elif x["motive"] != y["motive"]:
                counts["motive"] += 1
            elif x["effort"] == y["effort"]:
                counts["unseen"] += 1
            elif x["without_others"] == y["without_others"]:
                counts["belief"] += 1
            elif heads[0][x["community"]] != heads[1][x["community"]]:
                counts["numbers"] += 1
            else:
                counts["effort"] += 1
        seen |= one.keys() | two.keys()
        new.append({name: n for name, n in counts.items() if n})
        differing.append(now)
    return new, differing


@pytest.mark.society
def test_counts_add_up_and_are_those_of_a_plain_recount() -> None:
    base = society(25, **{**APART, **LIVELY, "mutual_aid": 0.5, "rivalry": 0.5, "mixing": 0.2}).but(6, split_size=40)
    other, person = spared(base, 3, 1)
    told: list[tuple[int, int]] = []
    found = who(base, other, 0, progress=lambda done, total: told.append((done, total)))
    new, differing = recount(base, other, 0)
    assert [year.channels for year in found.by_year] == new
    assert [year.differing for year in found.by_year] == differing
    assert found.first is not None and found.first.person == person
    assert found.ever == sum(year.new for year in found.by_year) == sum(found.by_channel.values())
    assert all(year.new == sum(year.channels.values()) <= year.differing for year in found.by_year)
    assert len([n for n in found.by_channel.values() if n]) >= 6, "the case is busy enough to say something"
    assert len(found.persons) == min(SHOWN, found.ever) == len({p.person for p in found.persons})
    order = [(p.year, list(CHANNELS).index(p.channel), p.community, p.place) for p in found.persons]
    assert order == sorted(order)
    assert told == [(year, 25) for year in range(1, 26)]
    assert not any(isinstance(v, float) and math.isnan(v) for p in found.persons for v in (p.in_a, p.in_b))
    assert json.loads(json.dumps(dataclasses.asdict(found), allow_nan=False))["ever"] == found.ever


@pytest.mark.society
def test_a_person_is_a_lineage_and_not_a_place() -> None:
    # Of a place taken by somebody else, both are told: who went, and who came.
    base = society(25, **{**APART, "birth": 0.1, "applicants": 0.5, "n_founders": 40})
    other, person = spared(base, 3, 1)
    found = who(base, other, 0)
    place = found.first.place
    assert person == f"founder {place} of community 1"
    after = [row for row in table(base, 4).items() if (row[1]["community"], row[1]["place"]) == (1, place)]
    assert [p.person for p in found.persons if p.place == place and p.year == 4] == [person, *(p for p, _ in after)]
    assert len(after) == 1 and after[0][0] != person


def test_lineage_in_words() -> None:
    from bestowal.kernels import rng as streams

    assert lineage(int(streams.founder(3, 17))) == "founder 17 of community 3"
    assert lineage(int(streams.applicant(2, 40, 5))) == "applicant 5 of year 40 to community 2"
    one, two = (lineage(int(streams.child(streams.founder(3, 17), year, 0))) for year in (4, 5))
    assert one.startswith("child ") and one != two


@pytest.mark.society
def test_years_can_be_chosen_and_what_are_no_twins_is_refused() -> None:
    base = society(12, **APART)
    found = who(base, base.but(6, pay_link=0.6), 0, years=range(4, 8))
    assert [y.year for y in found.by_year] == [4, 5, 6, 7] and found.first.year == 6
    with pytest.raises(BestowalError, match="who: seed is 7 in society and 8 in society"):
        who(base, base.clock(seed=8), 0)
    with pytest.raises(BestowalError, match="who: no years to look at"):
        who(base, base, 0, years=range(0))
    with pytest.raises(BestowalError, match="can't be looked at one by one"):
        who(scenario("sen_1966"), scenario("sen_1966"), 0)


def test_which_world_is_shown() -> None:
    stood = np.array([5.0, 5.0, 5.0, 5.0])
    longer = np.array([5.0, 9.0, 5.0, 9.0])
    no = np.zeros(4, bool)
    assert choose(stood, longer, no, np.array([False, False, True, True])) == 2
    assert choose(stood, longer, no, no) == 1
    assert choose(stood, stood, np.array([False, False, False, True]), no) == 3
    assert choose(stood, stood, ~no, ~no) is None
    # One lost by the change is shown only where none is saved.
    assert choose(stood, stood, np.array([True, True, False, False]), np.array([False, True, False, True])) == 3
