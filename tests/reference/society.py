"""The society model a second time: slow, plain, and written from docs/reference/society-equations.md alone.

Nothing here is shared with the fast kernel, not even the random numbers' arithmetic. One function a numbered step.

`simulate(rows, seed, world)[year]["observed"]` holds every observable by name. The page did not state four of their
conventions, and this version first had others; the fast model's values settled them and the page now states them:
`standing` divides by the communities of the start and is held to 1; `common_share` is taken before deductions;
`capital` and `debt` include communities that end in the year; shares of a product of 0 are 0.
"""

import math
from dataclasses import dataclass, field
from types import SimpleNamespace

from reference.luck import WORD, below, chance, normals, philox, uniform

# ---------------------------------------------------------------------------------------------------------------- luck

PERSON, TRAITS, YEAR, LEARN, FAMILY, OUTSIDER, KNOCK, COMMUNITY, CONTEST, WORLD, CASUALTY, ATTACK, PRACTICE, CRISIS = (
    range(1, 15)
)
LINEAGE = 0x4C494E45  # "LINE", and the key "best" "owal"
LINEAGE_KEY = (0x62657374, 0x6F77616C)
EPSILON = 0.001
TRANSMISSION, LADDER, CLUB, PLACEBO, SCHOOLING, HARDSHIP = range(1, 7)  # the arms of practice
ENDINGS = ("revolt", "dissolved", "poor", "crushed", "dwindled")
CAUSES = ("poverty", "idleness", "entrants", "dissension", "other")


def founder(community, place):
    return community << 32 | place


def applicant(community, year, k):
    return 1 << 62 | community << 32 | year << 16 | k


def came_as_applicant(identity):
    return identity >> 62 == 1


def site(community):
    return 2 << 62 | community


def whole():
    return 2 << 62 | 1 << 32


def child(mother, year, order):
    w0, w1, _, _ = philox((mother & WORD, mother >> 32, year << 16 | order, LINEAGE), LINEAGE_KEY)
    return 3 << 62 | ((w1 << 32 | w0) & ((1 << 62) - 1))


# ----------------------------------------------------------------------------------------------------- small functions


def logit(p):
    return math.log(p / (1.0 - p))


def logistic(x):
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


def clamp(x):
    return min(1.0, max(0.0, x))


def spread(centre, z, p):
    if centre <= 0.0 or centre >= 1.0 or p.trait_sd == 0.0:
        return centre
    return logistic(logit(centre) + p.trait_sd * z)


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else 0.0


# ------------------------------------------------------------------------------------------------- persons, communities


@dataclass
class Person:
    id: int
    community: int
    place: int
    ability: float
    screen: float
    desire: float
    native: float
    commitment: float
    breadth: float
    supremacy: float
    inclusion: float
    belief: float
    age: float
    tenure: int = 0
    ruler: bool = False
    practising: bool = False
    height: float = 0.0  # the greatest s so far
    came: bool = False  # in this year's births or entry
    # This year's work.
    motive: float = 0.0
    effort: float = 0.0
    expected: float = 0.0  # q
    product: float = 0.0  # y
    alone: float = 0.0  # b
    own: float = 0.0
    consumption: float = 0.0  # x
    payoff: float = 0.0  # pi
    inside: float = 0.0  # v_in
    outside: float = 0.0  # v_out


STATE = (
    "id community place ability screen desire native commitment breadth supremacy inclusion belief age tenure ruler "
    "practising height"
).split()


@dataclass
class Community:
    number: int
    standing: bool = False
    capital: float = 0.0
    debt: float = 0.0
    pay_shift: float = 0.0
    damage: float = 0.0
    hungry: int = 0
    ready: bool = False
    # This year.
    shock: float = 1.0
    pay: float = 0.0  # beta
    workers: list = field(default_factory=list)
    acting_damage: float = 0.0  # on this year's work
    giving: float = 0.0  # mean effort
    total: float = 0.0  # Y
    pooled: float = 0.0  # Q
    deducted: float = 0.0  # D
    arms: float = 0.0  # share of Q
    gifts: float = 0.0  # share of Q
    rent: float = 0.0  # share of Q
    transfer: float = 0.0  # share_c
    strength: float = 0.0  # A
    new_damage: float = 0.0
    crushed: bool = False
    harm: float = 0.0


class World:
    def __init__(self, p, seed, number):
        self.seed = seed
        self.number = number
        self.appetite = 0.0
        self.year = 0
        self.n_places = int(p.n_places)
        self.communities = [Community(c) for c in range(int(p.n_communities))]
        self.at = {}  # (community, place) -> Person
        self.founded = 0  # communities that stood at the start
        self.counts = {}

    def words(self, who, purpose):
        moment = self.year << 16 | purpose << 8
        return philox((who & WORD, who >> 32, moment, self.number), (self.seed & WORD, self.seed >> 32))

    def members(self, c):
        return [self.at[c, place] for place in range(self.n_places) if (c, place) in self.at]

    def standing(self):
        return [c for c in self.communities if c.standing]

    def free_place(self, c, first):
        for step in range(self.n_places):
            place = (first + step) % self.n_places
            if (c, place) not in self.at:
                return place
        return None

    def settle(self, person, c, place):
        person.community = c
        person.place = place
        self.at[c, place] = person

    def remove(self, person):
        del self.at[person.community, person.place]


def a_person_comes(world, identity, giver_share, p):
    """Someone not yet in any place, with belief still to be given."""
    w0, w1, w2, w3 = world.words(identity, PERSON)
    z_ability, z_motive = normals(w0, w1)
    t0, t1, t2, t3 = world.words(identity, TRAITS)
    z_commitment, z_breadth = normals(t0, t1)
    z_supremacy, z_inclusion = normals(t2, t3)
    native = logit(p.giver_motive if chance(w2, giver_share) else p.ordinary_motive) + p.motive_sd * z_motive
    return Person(
        id=identity,
        community=-1,
        place=-1,
        ability=math.exp(p.ability_sd * z_ability - p.ability_sd**2 / 2.0),
        screen=native,
        height=native,
        desire=world.appetite,
        native=native,
        commitment=spread(p.commitment, z_commitment, p),
        breadth=spread(p.breadth, z_breadth, p),
        supremacy=spread(p.supremacy, z_supremacy, p),
        inclusion=spread(p.inclusion, z_inclusion, p),
        belief=0.0,
        age=20.0 + 25.0 * uniform(w3),
    )


def effort(person, n, pay, p, off=""):
    """e, from the person's own belief, among n members at pay link `pay`, with the switches named in `off` turned."""
    if "R" in off:
        pay = 0.0
    repayment = 0.0 if "Q" in off else 1.0 / n
    coercion = 0.0 if "S" in off else p.coercion
    pride = 0.0 if "A" in off or "K" in off else p.pride
    norm = p.club_norm if p.practice == CLUB and person.practising and "A" not in off else 0.0
    commitment = person.commitment * (1.0 - p.watcher) if "H" in off else person.commitment
    belief = 0.0 if "D" in off else person.belief
    alpha = perceived(person) * (commitment + (1.0 - commitment) * p.matching * belief)
    if "W" in off:
        alpha *= 1.0 - p.warm_glow
    if "K" in off:
        alpha *= person.breadth
    lift = (1.0 - p.crowding_out * coercion) * (1.0 + pride * p.threat * (1.0 - person.breadth))
    for_others = alpha * lift * (n - 1) / n
    e = pay + (1.0 - pay) * (1.0 + p.synergy) * (repayment + for_others) + coercion * p.coerced_effort + norm
    return clamp(e)


def perceived(person):
    """A"""
    x = person.screen - person.desire
    return person.inclusion * (1.0 if x >= 0.0 else math.exp(x))


def hours(person, p):
    """h"""
    return 1.0 - p.practice_hours if person.practising else 1.0


def information_kept(pay, n, p):
    m = max(n, p.planned_size)
    return 1.0 - p.information_loss * (1.0 - pay) * m / (m + p.information_half)


# --------------------------------------------------------------------------------------------------------------- start


def start(p, seed, number):
    world = World(p, seed, number)
    for c in world.communities[: int(p.n_founded)]:
        c.standing = True
        world.founded += 1
        founders = min(int(p.n_founders), world.n_places)
        for place in range(founders):
            person = a_person_comes(world, founder(c.number, place), p.founder_giver_share, p)
            person.screen = person.native + p.founder_zeal
            person.height = person.screen
            person.belief = p.belief_start
            world.settle(person, c.number, place)
        c.capital = p.start_capital * founders
    return world


# ------------------------------------------------------------------------------------------------------------ the year


def step_1_surroundings(world, p):
    world.appetite += p.appetite_growth
    for person in world.at.values():
        person.desire += p.appetite_growth
    w0, w1, _, _ = world.words(whole(), WORLD)
    z_world, _ = normals(w0, w1)
    for c in world.communities:
        w0, w1, _, _ = world.words(site(c.number), COMMUNITY)
        z_own, _ = normals(w0, w1)
        z = math.sqrt(p.shock_common) * z_world + math.sqrt(1.0 - p.shock_common) * z_own
        c.shock = math.exp(p.shock_sd * z - p.shock_sd**2 / 2.0)
        if c.standing and not c.ready:
            c.ready = mean(logistic(i.screen - i.desire) for i in world.members(c.number)) >= p.readiness
        c.pay = clamp(p.pay_link + c.pay_shift) if c.ready else 1.0
        c.crushed = False
        c.new_damage = 0.0


def step_2_work(world, p):
    for c in world.communities:
        c.workers = world.members(c.number) if c.standing else []
        c.acting_damage = c.damage
        n = len(c.workers)
        for i in c.workers:
            i.motive = logistic(i.screen - i.desire)
            i.effort = effort(i, n, c.pay, p)
            i.expected = hours(i, p) * i.ability**2 * i.effort
            w0, w1, _, _ = world.words(i.id, YEAR)
            z_luck, _ = normals(w0, w1)
            luck = math.exp(p.luck_sd * z_luck - p.luck_sd**2 / 2.0)
            wasted = (1.0 - c.damage) * (1.0 - p.hoarding * p.budget_softness)
            i.product = i.expected * c.shock * luck * information_kept(c.pay, n, p) * wasted
            i.alone = i.ability**2 * c.shock * luck
        c.giving = mean(i.effort for i in c.workers)


def step_3_office(world, p):
    for c in world.standing():

        def fitness(i):
            lot = uniform(world.words(i.id, FAMILY)[3])
            return p.power_seeking * (1.0 - i.motive) + (1.0 - p.power_seeking) * lot

        while sum(i.ruler for i in c.workers) < p.n_rulers:
            others = [i for i in c.workers if not i.ruler]
            if not others:
                break
            max(others, key=fitness).ruler = True  # max() keeps the first, the lowest place


def step_4_aid(world, p):
    fund = at_shock_one = 0.0
    for c in world.standing():
        pooled = sum(i.product for i in c.workers) * (1.0 + (1.0 - c.pay) * p.synergy)
        if pooled > 0.0:
            fund += pooled
            at_shock_one += pooled / c.shock
    if at_shock_one > 0.0:
        eta = p.mutual_aid * p.openness
        for c in world.standing():
            factor = (1.0 - eta) + eta * (fund / at_shock_one) / c.shock
            for i in c.workers:
                i.product *= factor


def step_5_sharing(world, p):
    for c in world.standing():
        n = len(c.workers)
        c.total = sum(i.product for i in c.workers)
        c.pooled = c.total * (1.0 + (1.0 - c.pay) * p.synergy)
        if n == 0:
            nobody_works(c, p)
            continue
        rulers = [i for i in c.workers if i.ruler]
        saving = p.saving
        arms = min(0.5, mean(i.supremacy for i in c.workers) + p.arms_under_threat * p.threat)
        force = p.coercion_cost * p.coercion
        gifts = p.outward_giving * mean(i.breadth * i.motive for i in c.workers)
        rent = 0.0
        if rulers:
            rent = p.rent_limit * (1.0 - p.accountability) * (1.0 - mean(i.motive for i in rulers))
        wanted = saving + arms + force + gifts + rent
        if wanted > 0.9:
            scale = 0.9 / wanted
            saving, arms, force, gifts, rent = (share * scale for share in (saving, arms, force, gifts, rent))
        c.deducted = min(0.9, wanted)
        c.arms, c.gifts, c.rent = arms, gifts, rent

        for i in c.workers:
            i.own = c.pay * i.product * (1.0 - c.deducted)
        pot = (1.0 - c.pay) * (1.0 + p.synergy) * c.total * (1.0 - c.deducted) + p.capital_return * c.capital

        paid = min(c.debt * (p.interest + p.repayment), pot)
        pot -= paid
        c.debt = c.debt * (1.0 + p.interest) - paid

        gaps = [max(0.0, p.need - i.own) for i in c.workers]
        claim = p.guarantee * sum(gaps)
        for i, gap in zip(c.workers, gaps, strict=True):
            if pot >= claim:
                i.consumption = i.own + p.guarantee * gap + (pot - claim) / n
            else:
                i.consumption = i.own + p.guarantee * gap * pot / claim
        for i in rulers:
            i.consumption += rent * c.pooled / len(rulers)

        shorts = [max(0.0, p.need - i.consumption) for i in c.workers]
        shortage = sum(shorts)
        bail_out = p.budget_softness * shortage
        eaten = min(shortage - bail_out, min(p.capital_use, 1.0 - p.depreciation) * c.capital)
        loan = min(shortage - bail_out - eaten, max(0.0, p.credit * c.pooled - c.debt))
        if shortage > 0.0:
            for i, short in zip(c.workers, shorts, strict=True):
                i.consumption += short * (bail_out + eaten + loan) / shortage
        c.capital = c.capital * (1.0 - p.depreciation) + saving * c.pooled - eaten
        c.debt += loan

        for i in c.workers:
            i.payoff = i.consumption - hours(i, p) * i.ability**2 * i.effort**2 / 2.0
        c.hungry = c.hungry + 1 if sum(i.consumption for i in c.workers) < p.need * n * (1 - 1e-9) else 0
        c.transfer = sum(i.consumption - i.own for i in c.workers) / n


def nobody_works(c, p):
    """A community that stands with no one in it: only its capital wears out (the page doesn't say)."""
    c.deducted = c.arms = c.transfer = 0.0
    c.hungry = 0
    c.capital *= 1.0 - p.depreciation


def step_6_contests(world, p):
    standing = world.standing()
    for c in standing:
        c.strength = c.arms * c.pooled
        c.harm = 0.0
    for c in standing:
        w0, w1, w2, w3 = world.words(site(c.number), CONTEST)
        if len(world.communities) > 1 and chance(w0, p.rivalry * mean(i.supremacy for i in c.workers)):
            opponent = below(w1, len(world.communities) - 1)
            o = world.communities[opponent + 1 if opponent >= c.number else opponent]
            if o.standing:
                odds = (c.strength + EPSILON) / (c.strength + o.strength + 2.0 * EPSILON)
                winner, loser = (c, o) if chance(w2, odds) else (o, c)
                loot = p.spoils * loser.capital
                loser.capital -= loot
                winner.capital += loot
                devastate(loser, p)
                if winner.strength > p.crush_ratio * loser.strength:
                    loser.crushed = True
                winner.harm += loot + p.devastation * loser.pooled
        if chance(w3, p.threat * p.attack_rate):
            force = p.hostile_force * len(c.workers)
            odds = (force + EPSILON) / (c.strength + force + 2.0 * EPSILON)
            if chance(world.words(site(c.number), ATTACK)[0], odds):
                c.capital -= p.spoils * c.capital
                devastate(c, p)
                if force > p.crush_ratio * c.strength:
                    c.crushed = True
    for c in standing:
        c.damage = c.new_damage


def devastate(c, p):
    c.new_damage = 1.0 - (1.0 - c.new_damage) * (1.0 - p.devastation)


def step_7_perception(world, p):
    for c in world.standing():
        for i in c.workers:
            w0, w1, _, _ = world.words(i.id, YEAR)
            _, z_belief = normals(w0, w1)
            i.belief = clamp(i.belief + p.belief_rate * (c.giving - i.belief) + p.belief_sd * z_belief)


def step_8_learning(world, p):
    for c in world.standing():
        for i in c.workers:
            shielded = p.protection * p.guarantee if i.practising else 0.0
            i.screen += p.relapse * (1.0 - shielded) * (i.native - i.screen)
    learnt = []
    for c in world.standing():
        for i in c.workers:
            w0, w1, w2, w3 = world.words(i.id, LEARN)
            if not chance(w0, p.imitation):
                continue
            if chance(w1, p.mixing):
                model = an_outsider(world, i, p)
            else:
                model = world.at.get((c.number, below(w2, world.n_places)))
            if model is None or model is i:
                continue
            if chance(w3, logistic(p.selection * (model.payoff - i.payoff))):
                learnt.append((i, *(toward(i, model, name, p) for name in ("screen", "commitment", "breadth"))))
    for i, screen, commitment, breadth in learnt:
        i.screen = screen
        i.commitment = commitment
        i.breadth = breadth


def an_outsider(world, looker, p):
    w0, w1, w2, _ = world.words(looker.id, OUTSIDER)
    z_motive, z_ability = normals(w0, w1)
    centre = p.giver_motive if chance(w2, p.giver_share) else p.ordinary_motive
    ability = math.exp(p.ability_sd * z_ability - p.ability_sd**2 / 2.0)
    return SimpleNamespace(
        screen=logit(centre) + p.motive_sd * z_motive,
        payoff=p.outside_wage * ability**2 / 2.0,
        commitment=p.commitment,
        breadth=p.breadth,
    )


def toward(i, model, name, p):
    return getattr(i, name) + p.imitation_step * (getattr(model, name) - getattr(i, name))


def step_8a_practice(world, p):
    arm = p.practice if p.practice_start <= world.year < p.practice_stop else 0
    communities = world.standing()
    everyone = [i for c in communities for i in c.workers]
    motive = {i.id: logistic(i.screen - i.desire) for i in everyone}
    gained = {i.id: i.screen - i.desire for i in everyone}  # g
    if TRANSMISSION <= arm <= SCHOOLING:
        everywhere = mean(i.practising for i in everyone)  # q_w
        for c in communities:
            who_practises(world, c, motive, everywhere, p)
            practise(c, arm, motive, gained, p)
    else:
        for i in everyone:
            i.practising = False
    if arm == HARDSHIP:
        for c in communities:
            suffer(world, c, motive, p)
    for i in everyone:
        if i.screen > i.height:
            if i.practising:
                i.desire += p.layer * (i.screen - i.height)
            i.height = i.screen


def who_practises(world, c, motive, everywhere, p):
    here = mean(i.practising for i in c.workers)  # q_c
    contacts = (1.0 - p.mixing) * here + p.mixing * everywhere
    average = mean(motive[i.id] for i in c.workers)
    for i in c.workers:
        w0, w1, w2, _ = world.words(i.id, PRACTICE)
        fit = 1.0 - p.self_selection + p.self_selection * motive[i.id] / average
        drawn = p.join + p.join_pull * logistic(p.join_steepness * (contacts - p.critical_share))
        if i.practising:
            i.practising = not chance(w1, p.quit)
            world.counts["stopped"] += not i.practising
        else:
            i.practising = chance(w2, p.take_up * fit) if world.year == p.practice_start else chance(w0, fit * drawn)
            world.counts["begun"] += i.practising


def groups(practising, ten):
    """In place order, `ten` at a time."""
    return [practising[k : k + ten] for k in range(0, len(practising), ten)]


def practise(c, arm, motive, gained, p):
    practising = [i for i in c.workers if i.practising]
    if not practising:
        return
    q = len(practising) / len(c.workers)
    full = p.practice_hours / 0.2
    average = mean(gained[i.id] for i in c.workers)
    for group in groups(practising, int(p.ten)):
        n = len(group)
        of_ten = mean(gained[i.id] for i in group)
        around = p.ten_weight * of_ten + (1.0 - p.ten_weight) * average
        for i in group:
            g, m = gained[i.id], motive[i.id]
            if arm in (TRANSMISSION, LADDER):
                i.screen += full * p.pull * (around + p.prestige * q * p.importance - g)
            if arm == PLACEBO:
                i.screen += full * p.pull * (around - g)
            if arm == SCHOOLING:
                i.screen += full * p.pull * (average + p.prestige * p.importance - g)
            if arm == LADDER:
                size = 1.0 if n >= p.least_ten else (n / p.least_ten) ** 2
                tipped = logistic(p.join_steepness * (q - p.critical_share))
                i.screen += full * p.influence * p.importance * p.practice_effort * (1.0 - m) * tipped * size
            if arm in (TRANSMISSION, LADDER, SCHOOLING):
                grow(i, full, m, p)


def grow(i, u, motive, p):
    """κ, ω and o rise, ω by the o from before."""
    i.commitment += p.commitment_growth * u * logistic(10.0 * (motive - 0.5)) * (1.0 - i.commitment)
    i.breadth += p.breadth_growth * u * i.inclusion * (1.0 - i.breadth)
    i.inclusion += p.inclusion_growth * u * (1.0 - i.inclusion)


def suffer(world, c, motive, p):
    hardship = max(0.0, -math.log(c.shock)) + c.acting_damage
    if not hardship > 0.0:
        return
    for i in c.workers:
        w0, w1, _, _ = world.words(i.id, CRISIS)
        z_crisis, _ = normals(w0, w1)
        i.screen += hardship * (p.crisis_mean + p.crisis_sd * z_crisis)
        grow(i, min(1.0, hardship), motive[i.id], p)


def step_9_departures(world, p):
    for c in world.standing():
        for i in c.workers:
            i.inside = i.payoff + p.attachment * i.motive * c.giving
            i.outside = p.outside_wage * i.ability**2 / 2.0 - p.moving_cost
            if p.practice == CLUB and i.practising:
                i.outside -= p.stigma
            if (c.number, i.place, world.year) == (p.spared_community, p.spared_place, p.spared_year):
                continue
            _, _, w2, w3 = world.words(i.id, YEAR)
            leaving = p.exit_right * p.exit_rate * logistic(p.exit_steepness * (i.outside - i.inside))
            if (c.crushed and chance(world.words(i.id, CASUALTY)[0], p.casualties)) or chance(w3, p.death):
                world.counts["died"] += 1
                world.remove(i)
            elif chance(w2, leaving):
                world.counts["left"] += 1
                world.remove(i)


def step_10_votes_and_endings(world, p):
    for c in world.standing():
        members = world.members(c.number)
        if p.vote_every > 0 and (world.year + 1) % p.vote_every == 0:
            amend(c, members, p)
        ending = how_it_ends(world, c, members, p)
        if ending:
            world.counts["ended"][ending] = world.counts["ended"].get(ending, 0) + 1
            world.counts["put down"].append(cause(c, members, ending, p))
            world.counts["dispersed"] += len(members)
            for i in members:
                world.remove(i)
            c.standing = False
            c.capital = c.debt = c.pay_shift = c.damage = 0.0
            c.hungry = 0
            c.ready = False


def amend(c, members, p):
    n = len(members)
    average = mean(i.expected for i in members)

    def worth(i, pay):
        return information_kept(pay, n, p) * (pay * i.expected + (1.0 - pay) * (1.0 + p.synergy) * average)

    higher = clamp(c.pay + p.vote_step)
    lower = clamp(c.pay - p.vote_step)
    up = down = 0
    for i in members:
        stay_worth, up_worth, down_worth = worth(i, c.pay), worth(i, higher), worth(i, lower)
        if up_worth > stay_worth and up_worth >= down_worth:
            up += 1
        elif down_worth > stay_worth:
            down += 1
    if up > p.majority * n:
        c.pay_shift = higher - p.pay_link
    elif down > p.majority * n:
        c.pay_shift = lower - p.pay_link


def how_it_ends(world, c, members, p):
    n = len(members)
    _, _, w2, w3 = world.words(site(c.number), COMMUNITY)
    unhappy = mean(i.inside < i.outside for i in c.workers)
    if chance(w2, p.revolt * p.coercion * unhappy):
        return "revolt"
    if n > 0:
        annuity = p.annuity * max(0.0, c.capital - c.debt) / n
        if sum(i.outside + annuity > i.inside for i in members) > n / 2.0 and chance(w3, p.dissolution):
            return "dissolved"
    if c.hungry >= p.hungry_limit:
        return "poor"
    if n < p.minimum:
        return "crushed" if c.crushed else "dwindled"
    return None


def cause(c, members, ending, p):
    """What an ending is put down to, and the number of the rule that says so."""
    admitted = [i for i in members if came_as_applicant(i.id)]
    others = [i for i in members if not came_as_applicant(i.id)]
    consumed = mean(i.consumption for i in c.workers)
    if ending == "crushed":
        return "other", 1
    if ending == "revolt":
        return "dissension", 2
    many = len(admitted) >= len(members) / 4.0
    if many and others and mean(i.effort for i in admitted) < 0.9 * mean(i.effort for i in others):
        return "entrants", 3
    if c.giving < 0.5 and (not c.hungry or consumed >= p.need * c.giving):
        return "idleness", 4
    if c.hungry or ending == "poor":
        return "poverty", 5
    if ending == "dissolved":
        return "dissension", 6
    return "other", 7


def step_11_births(world, p):
    for c in world.standing():
        for mother in world.members(c.number):  # as they were before anyone came this year
            w0, w1, _, _ = world.words(mother.id, FAMILY)
            if not (mother.age < 45.0 and chance(w0, p.birth)):
                continue
            place = world.free_place(c.number, below(w1, world.n_places))
            if place is None:
                continue
            baby = a_person_comes(world, child(mother.id, world.year, 0), p.giver_share, p)
            for name in ("screen", "native", "commitment", "breadth"):
                of_both = p.inherited * getattr(mother, name) + (1.0 - p.inherited) * getattr(baby, name)
                setattr(baby, name, of_both)
            baby.height = baby.screen
            baby.age = 20.0
            baby.belief = c.giving
            baby.came = True
            world.settle(baby, c.number, place)
            world.counts["born"] += 1


def step_12_entry(world, p):
    for c in world.standing():
        n = len(c.workers)
        if n == 0:
            continue
        for k in range(math.floor(p.applicants * world.n_places + 0.5)):
            i = a_person_comes(world, applicant(c.number, world.year, k), p.giver_share, p)
            w0, w1, w2, _ = world.words(i.id, KNOCK)
            i.belief = c.giving
            motive = logistic(i.screen - i.desire)
            e = effort(i, n, c.pay, p)
            keep = c.pay * i.ability**2 * e * information_kept(c.pay, n, p) * (1.0 - c.deducted)
            v = keep + c.transfer - i.ability**2 * e**2 / 2.0 + p.attachment * motive * c.giving
            if not v - p.moving_cost > p.outside_wage * i.ability**2 / 2.0:
                continue
            if not chance(w0, p.openness) or (motive < p.screening_bar and chance(w1, p.screening)):
                continue
            place = world.free_place(c.number, below(w2, world.n_places))
            if place is None:
                continue
            i.came = True
            world.settle(i, c.number, place)
            world.counts["joined"] += 1


def step_13_splitting(world, p):
    if not p.split_size > 0:
        return
    for c in world.standing():  # a list made before any room is founded
        members = world.members(c.number)
        if not len(members) > p.split_size:
            continue
        room = next((r for r in world.communities if not r.standing and not world.members(r.number)), None)
        movers = [i for i in members if not i.came and chance(world.words(i.id, FAMILY)[2], 0.5)]
        if len(movers) == len(members):
            movers.pop()
        if room is None or not movers:
            continue
        for i in movers:
            world.remove(i)
            world.settle(i, room.number, i.place)
        part = len(movers) / len(members)
        room.standing = True  # from next year's start: nothing more happens to it this year
        room.capital = part * c.capital
        room.debt = part * c.debt
        c.capital -= room.capital
        c.debt -= room.debt
        room.pay_shift = c.pay_shift
        room.damage = c.damage
        room.hungry = 0
        room.ready = c.ready


def step_14_ageing(world):
    for i in world.at.values():
        if not i.came:
            i.age += 1.0
            i.tenure += 1
        i.came = False


# ----------------------------------------------------------------------------------------------------------- intention


def given(i, n, commitment, belief, p):
    """P: what is given for others alone."""
    alpha = perceived(i) * (commitment + (1.0 - commitment) * p.matching * belief)
    return min(1.0, (1.0 + p.synergy) * alpha * (n - 1) / n)


def intention(i, n, p):
    """Numerators and denominators of a person at work: purity, without glow, scope, unconditionality, unwatched."""
    all_given = given(i, n, i.commitment, i.belief, p)
    return (
        (min(all_given, i.effort), i.effort),
        (min(all_given * (1.0 - p.warm_glow), i.effort), i.effort),
        (all_given * i.breadth, all_given),
        (given(i, n, i.commitment, 0.0, p), given(i, n, i.commitment, 1.0, p)),
        (given(i, n, i.commitment * (1.0 - p.watcher), i.belief, p), all_given),
    )


def ratio(part, of):
    return part / of if of else math.nan


def rung(i, n, p):
    purity, _, scope, unconditionality, _ = (ratio(*pair) for pair in intention(i, n, p))
    if purity >= 0.5 and scope >= 0.5 and unconditionality >= 0.5:  # never of one that is undefined
        return 3
    return 2 if purity >= 0.5 else 1 if i.effort >= 0.5 else 0


def at_work(world):
    return [(i, c) for c in world.communities for i in c.workers]


def measure_work(world, p):
    """What is observed of people as they work, before anything of this year has changed them."""
    workers = at_work(world)
    people = len(workers)
    pairs = [intention(i, len(c.workers), p) for i, c in workers]
    sums = [[sum(pair[k][side] for pair in pairs) for side in (0, 1)] for k in range(5)]
    purity, without_glow, scope, unconditionality, unwatched = (ratio(*pair) for pair in sums)
    return {
        "effort": ratio(sum(i.effort for i, _ in workers), people),
        "motive": ratio(sum(i.motive for i, _ in workers), people),
        "commitment": ratio(sum(i.commitment for i, _ in workers), people),
        "breadth": ratio(sum(i.breadth for i, _ in workers), people),
        "belief": ratio(sum(i.belief for i, _ in workers), people),
        "ability": ratio(sum(i.ability for i, _ in workers), people),
        "pay_link": ratio(sum(c.pay for _, c in workers), people),
        "practising": ratio(sum(i.practising for i, _ in workers), people),
        "inclusion": ratio(sum(i.inclusion for i, _ in workers), people),
        "purity": purity,
        "purity_without_glow": without_glow,
        "scope": scope,
        "unconditionality": unconditionality,
        "unwatched": unwatched,
        "top_rung": ratio(sum(rung(i, len(c.workers), p) == 3 for i, c in workers), people),
    }


def measure_sharing(world, p):
    """What is observed once the product is shared, before contests."""
    workers = at_work(world)
    people = len(workers)
    communities = [c for c in world.communities if c.workers]
    product = sum(c.pooled for c in communities)

    def of_product(part):
        return 0.0 if people and product == 0.0 else ratio(part, product)

    return {
        "output": ratio(product, people),
        "output_ratio": ratio(product, sum(i.alone for i, _ in workers)),
        "consumption": ratio(sum(i.consumption for i, _ in workers), people),
        "need_met": ratio(sum(len(c.workers) * need_met(c, p) for c in communities), people),
        "gini": ratio(sum(len(c.workers) * gini(c) for c in communities), people),
        "common_share": of_product(sum((1.0 - c.pay) * (1.0 + p.synergy) * c.total for c in communities)),
        "rent": of_product(sum(c.rent * c.pooled for c in communities)),
        "arms": of_product(sum(c.arms * c.pooled for c in communities)),
        "gifts": ratio(sum(c.gifts * c.pooled for c in communities), people),
    }


def need_met(c, p):
    """Of the tenth of a community that consumes least."""
    consumed = sorted(i.consumption for i in c.workers)
    worst_off = consumed[: math.ceil(len(consumed) / 10)]
    return mean(min(1.0, x / p.need) for x in worst_off)


def gini(c):
    """Half the mean difference between two members' consumption, over its mean."""
    consumed = [i.consumption for i in c.workers]
    differences = sum(abs(x - y) for x in consumed for y in consumed)
    return differences / (2.0 * len(consumed) * sum(consumed)) if sum(consumed) else 0.0


def measure_contests(world):
    """What is observed once contests are over and before any community ends."""
    communities = [c for c in world.communities if c.workers]
    people = len(at_work(world))
    return {
        "capital": ratio(sum(c.capital for c in communities), people),
        "debt": ratio(sum(c.debt for c in communities), people),
        "harm": ratio(sum(c.harm for c in communities), people),
    }


def measure_year(world):
    """What is observed when the year is over. c.workers are still those who were at work."""
    workers = at_work(world)
    people = len(workers)
    ended = world.counts["ended"]
    return {
        "standing": min(1.0, len(world.standing()) / world.founded),
        "communities": len(world.standing()),
        "members": len(world.at),
        "wish_to_leave": ratio(sum(i.inside < i.outside for i, _ in workers), people),
        **{name: world.counts[name] for name in ("joined", "born", "died", "left", "dispersed")},
        **{f"ended_{how}": ended.get(how, 0) for how in ENDINGS},
        **{f"cause_{name}": sum(of == name for of, _ in world.counts["put down"]) for name in CAUSES},
    }


# ------------------------------------------------------------------------------------------------------------- records


def a_year(world, p):
    world.counts = {"joined": 0, "born": 0, "died": 0, "left": 0, "dispersed": 0, "begun": 0, "stopped": 0, "ended": {}}
    world.counts["put down"] = []  # (cause, rule) of each ending
    step_1_surroundings(world, p)
    step_2_work(world, p)
    observed = measure_work(world, p)
    step_3_office(world, p)
    step_4_aid(world, p)
    step_5_sharing(world, p)
    observed |= measure_sharing(world, p)
    work = {i.id: (i.effort, i.consumption, i.payoff) for c in world.standing() for i in c.workers}
    step_6_contests(world, p)
    observed |= measure_contests(world)
    step_7_perception(world, p)
    step_8_learning(world, p)
    step_8a_practice(world, p)
    step_9_departures(world, p)
    step_10_votes_and_endings(world, p)
    step_11_births(world, p)
    step_12_entry(world, p)
    step_13_splitting(world, p)
    step_14_ageing(world)
    observed |= measure_year(world)
    return work, observed


def simulate(rows, seed, world):
    """The records of each year, from one mapping of parameter values a year."""
    years = [SimpleNamespace(**row) for row in rows]
    society = start(years[0], seed, world)
    records = []
    for year, p in enumerate(years):
        society.year = year
        work, observed = a_year(society, p)
        people = [i for c in society.communities for i in society.members(c.number)]
        records.append(
            {
                "people": [{name: getattr(i, name) for name in STATE} for i in people],
                "communities": [
                    {
                        "standing": c.standing,
                        "capital": c.capital,
                        "debt": c.debt,
                        "pay_shift": c.pay_shift,
                        "damage": c.damage,
                        "hungry": c.hungry,
                        "ready": c.ready,
                    }
                    for c in society.communities
                ],
                **society.counts,
                "work": work,
                "observed": observed,
            }
        )
    return records
