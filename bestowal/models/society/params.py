"""Every lever of the society model: meaning, unit, bounds, symbol, source.

Defaults describe a voluntary equal-sharing community of ordinary people with open exit. A source "assumed" is a
starting value of the design, not a measurement.
"""

from pydantic import BaseModel

from bestowal.models.registry import STRICT, param


# fmt: off
# A table: one parameter a line.
class Params(BaseModel):
    model_config = STRICT

    # size
    n_communities: int = param(8, "rooms for communities in the world", unit="communities", low=1, high=1000, group="size", fixed=True, source="assumed")
    n_places: int = param(100, "places in each community", unit="persons", low=2, high=10000, group="size", fixed=True, source="assumed")
    n_founded: int = param(8, "communities that stand at the start (no more than the rooms)", unit="communities", low=1, high=1000, group="size", fixed=True, source="assumed", needs={"n_founded": 2}, at_most="n_communities")
    n_founders: int = param(100, "founders of each (no more than its places)", unit="persons", low=1, high=10000, group="size", fixed=True, source="assumed", needs={"n_founders": 20}, at_most="n_places")
    minimum: int = param(10, "members below which a community ends", unit="persons", low=1, high=10000, group="size", source="assumed", needs={"n_founders": 15})
    hungry_limit: int = param(3, "years of mean consumption below need after which a community ends", unit="years", low=1, high=1000, group="size", source="assumed")

    # motive
    giver_share: float = param(0.15, "share of born givers among ordinary people", unit="share", low=0, high=1, group="motive", source="the source tradition says about 0.10 by birth (laitman.com 2010); prior 0-0.3")
    giver_motive: float = param(0.7, "centre of a giver's motive m", unit="share", low=0.001, high=0.999, symbol="m", group="motive", source="assumed: two types, as the source tradition has them")
    ordinary_motive: float = param(0.2, "centre of everyone else's motive m", unit="share", low=0.001, high=0.999, symbol="m", group="motive", source="assumed: two types, as the source tradition has them")
    motive_sd: float = param(0.5, "spread of motive on the logit scale", unit="logit", low=0, high=5, group="motive", source="assumed")
    founder_giver_share: float = param(0.15, "share of born givers among founders (communes select themselves)", unit="share", low=0, high=1, group="motive", fixed=True, source="assumed")
    founder_zeal: float = param(0.0, "founders' start above their nature, on the logit scale; relapses", unit="logit", low=-10, high=10, group="motive", fixed=True, source="assumed")
    commitment: float = param(0.1, "centre of commitment: the unconditional part of giving", unit="share", low=0, high=1, symbol="κ", group="motive", source="Sen 1977; assumed value")
    breadth: float = param(0.3, "centre of breadth: share of other-regard that crosses the camp's border", unit="share", low=0, high=1, symbol="ω", group="motive", source="Enke et al. 2021 (trait); assumed value")
    supremacy: float = param(0.02, "centre of the wish that one's camp be the stronger", unit="share", low=0, high=1, symbol="ψ", group="motive", source="assumed")
    inclusion: float = param(0.9, "centre of inclusion: how much of others' need is perceived", unit="share", low=0, high=1, symbol="o", group="motive", source="Aron et al. 1992 (trait); assumed value")
    trait_sd: float = param(0.5, "spread of those four traits on the logit scale", unit="logit", low=0, high=5, group="motive", source="assumed")
    matching: float = param(0.9, "how much of others' giving a conditional giver matches", unit="share", low=0, high=1, symbol="μ", group="motive", source="Fischbacher & Gächter 2010 (0.74 by type); prior 0.7-0.95")
    belief_start: float = param(0.5, "founders' first belief of others' giving", unit="share", low=0, high=1, symbol="ĝ", group="motive", fixed=True, source="Fischbacher & Gächter 2010: 9.8 of 20")
    belief_rate: float = param(0.42, "weight on what was seen this year", unit="share", low=0, high=1, symbol="b", group="motive", source="Fischbacher & Gächter 2010")
    belief_sd: float = param(0.05, "noise of perception", unit="share", low=0, high=1, group="motive", source="assumed")
    relapse: float = param(0.1, "yearly return to one's native level", unit="per year", low=0, high=1, group="motive", source="assumed; prior: half-life 0.5-15 years")
    appetite_growth: float = param(0.0, "yearly growth of desire", unit="logit per year", low=-0.1, high=0.1, symbol="g", group="motive", source="assumed; prior -0.01 to 0.03")
    imitation: float = param(0.1, "chance a year of looking at a model", unit="per year", low=0, high=1, group="motive", source="assumed")
    imitation_step: float = param(0.5, "part of the way to the model when accepted", unit="share", low=0, high=1, group="motive", source="assumed")
    selection: float = param(2.0, "how sharply success draws imitation (Fermi)", unit="per unit of payoff", low=0, high=100, group="motive", source="Traulsen & Nowak 2006 (rule); assumed value")
    mixing: float = param(0.2, "share of looks that go to someone outside", unit="share", low=0, high=1, group="motive", source="assumed")
    inherited: float = param(0.5, "mother's part in a child's motive, commitment and breadth", unit="share", low=0, high=1, group="motive", source="assumed")
    attachment: float = param(0.3, "worth of belonging per unit of motive and of others' giving", unit="product of a person-year", low=0, high=10, group="motive", source="assumed")

    # people
    ability_sd: float = param(0.45, "spread of log ability", unit="log", low=0, high=3, symbol="a", group="people", source="assumed")
    birth: float = param(0.02, "children coming of age, per member under 45", unit="per year", low=0, high=1, group="people", source="assumed")
    death: float = param(0.02, "chance of death", unit="per year", low=0, high=1, group="people", source="assumed")
    luck_sd: float = param(0.2, "spread of a person's log luck in product", unit="log", low=0, high=3, group="people", source="assumed")
    need: float = param(0.25, "consumption below which need is unmet", unit="product of a person-year", low=0.001, high=10, symbol="n", group="people", source="assumed")

    # institution
    pay_link: float = param(0.0, "share of product paid by own work; the rest is shared", unit="share", low=0, high=1, symbol="β", group="institution", source="Sen 1966")
    readiness: float = param(0.0, "mean motive at which property becomes common; pay by own work until then (0: at once)", unit="share", low=0, high=1, group="institution", source="our reading of the source tradition's claims; assumed value", needs={"readiness": 0.4, "appetite_growth": -0.1})
    synergy: float = param(0.15, "gain of shared work", unit="share", low=0, high=2, symbol="ρ", group="institution", source="assumed")
    guarantee: float = param(0.0, "share of the gap to need topped up before the pot is split", unit="share", low=0, high=1, symbol="G", group="institution", source="Baal HaSulam, The Arvut: mutual guarantee")
    saving: float = param(0.05, "share of product saved in common", unit="share", low=0, high=0.9, group="institution", source="assumed")
    start_capital: float = param(1.0, "common capital per founder", unit="product of a person-year", low=0, high=100, symbol="K", group="surroundings", fixed=True, source="assumed")
    capital_return: float = param(0.05, "yearly return on common capital", unit="per year", low=0, high=1, group="institution", source="assumed")
    depreciation: float = param(0.04, "yearly loss of capital", unit="per year", low=0, high=1, group="institution", source="assumed")
    capital_use: float = param(0.1, "most capital eaten in a year of want (no more than depreciation leaves)", unit="share", low=0, high=1, group="institution", source="assumed")
    credit: float = param(0.0, "most debt, in years of product", unit="years of product", low=0, high=10, group="institution", source="assumed")
    interest: float = param(0.05, "interest on debt", unit="per year", low=0, high=1, group="institution", source="assumed", needs={"credit": 1.0, "need": 2.0})
    repayment: float = param(0.1, "debt repaid a year beside interest", unit="per year", low=0, high=1, group="institution", source="assumed", needs={"credit": 1.0, "need": 2.0})
    budget_softness: float = param(0.0, "share of unmet need covered from outside", unit="share", low=0, high=1, group="institution", source="Kornai 1980")
    hoarding: float = param(0.2, "share of product wasted where every want is bailed out", unit="share", low=0, high=1, group="institution", source="Kornai 1980; assumed value", needs={"budget_softness": 0.5, "need": 2.0})
    information_loss: float = param(0.3, "share of product lost when a very large pot is allotted without prices", unit="share", low=0, high=1, symbol="λ", group="institution", source="Hayek 1945; assumed value")
    information_half: float = param(1000.0, "size at which half of that is lost", unit="persons", low=1, high=1e9, group="institution", source="assumed")
    planned_size: float = param(0.0, "persons planned for from one centre (0, or fewer than the members: the community itself)", unit="persons", low=0, high=1e9, group="institution", source="Hayek 1945")
    coercion: float = param(0.0, "force behind work", unit="share", low=0, high=1, symbol="k", group="institution", source="rule by force; Falk & Kosfeld 2006")
    coerced_effort: float = param(0.6, "effort got by full force from a person with no other reason", unit="share", low=0, high=1, symbol="f", group="institution", source="assumed", needs={"coercion": 0.5})
    crowding_out: float = param(0.6, "share of other-regard that full force destroys", unit="share", low=0, high=1, symbol="χ", group="institution", source="Bowles & Polania-Reyes 2012; assumed value", needs={"coercion": 0.5})
    coercion_cost: float = param(0.1, "share of product that full force costs", unit="share", low=0, high=0.9, group="institution", source="assumed", needs={"coercion": 0.5})
    revolt: float = param(0.0, "chance a year of revolt at full force when all would leave", unit="per year", low=0, high=1, group="institution", source="Baal HaSulam, Last Generation: rule by force falls; assumed value", needs={"coercion": 1.0, "revolt": 0.2})
    n_rulers: int = param(3, "members who rule (no more than the places)", unit="persons", low=0, high=1000, group="institution", source="assumed", at_most="n_places")
    accountability: float = param(0.8, "how far rulers answer to the ruled", unit="share", low=0, high=1, group="institution", source="Acemoglu & Robinson 2006; assumed value")
    rent_limit: float = param(0.3, "share of product that selfish, unaccountable rulers take", unit="share", low=0, high=0.9, group="institution", source="assumed")
    power_seeking: float = param(0.0, "how far office goes to the least other-regarding rather than by lot", unit="share", low=0, high=1, group="institution", source="Djilas 1957; assumed value")
    pride: float = param(0.5, "lift of camp care under full threat", unit="share", low=0, high=5, symbol="ζ", group="motive", source="Choi & Bowles 2007 (mechanism); assumed value", needs={"threat": 0.5})
    arms_under_threat: float = param(0.1, "share of product armed under full threat", unit="share", low=0, high=0.5, group="surroundings", source="assumed", needs={"threat": 0.5})
    outward_giving: float = param(0.1, "share of product given outside by a society of universal givers", unit="share", low=0, high=0.9, group="institution", source="assumed")
    mutual_aid: float = param(0.0, "share of shocks pooled between open communities", unit="share", low=0, high=1, group="institution", source="laitman.com 2015: kibbutzim lacked ties to each other")
    exit_right: float = param(1.0, "how free members are to leave", unit="share", low=0, high=1, group="institution", source="Lin 1990; Abramitzky 2008")
    exit_rate: float = param(0.25, "chance a year of leaving when it pays without doubt", unit="per year", low=0, high=1, group="people", source="assumed")
    exit_steepness: float = param(6.0, "how sharply gain decides leaving", unit="per unit of payoff", low=0, high=100, symbol="k", group="people", source="assumed")
    moving_cost: float = param(0.05, "cost of moving out or in", unit="product of a person-year", low=0, high=10, group="surroundings", source="assumed")
    openness: float = param(1.0, "chance that an applicant is considered", unit="share", low=0, high=1, group="institution", source="assumed")
    applicants: float = param(0.1, "people who look at a community, per place", unit="per year", low=0, high=1, group="surroundings", source="assumed")
    screening: float = param(0.0, "chance that an applicant below the bar is seen through", unit="share", low=0, high=1, group="institution", source="Iannaccone 1992 (mechanism)")
    screening_bar: float = param(0.5, "motive asked of applicants", unit="share", low=0, high=1, group="institution", source="assumed", needs={"screening": 1.0, "screening_bar": 0.2})
    split_size: int = param(0, "members beyond which half found a daughter community (0, or as many as the places: never)", unit="persons", low=0, high=10000, group="institution", source="Hutterites: near 150", needs={"n_founded": 2, "n_founders": 20, "exit_right": 0.0, "outside_wage": 0.0, "hungry_limit": 1000, "split_size": 60})
    vote_every: int = param(0, "years between votes on the pay link (0: never)", unit="years", low=0, high=1000, group="institution", source="assumed", needs={"vote_every": 2, "majority": 0.3})
    vote_step: float = param(0.1, "step of an amendment of the pay link", unit="share", low=0, high=1, group="institution", source="assumed", needs={"vote_every": 2, "majority": 0.3})
    majority: float = param(0.5, "share of members that an amendment must exceed", unit="share", low=0, high=1, group="institution", source="assumed", needs={"vote_every": 2, "majority": 0.3})
    dissolution: float = param(0.0, "chance a year that a majority for dissolving gets it (0: no right)", unit="per year", low=0, high=1, group="institution", source="assumed")
    annuity: float = param(0.05, "yearly worth of one's part of the capital when dissolved", unit="per year", low=0, high=1, group="institution", source="assumed", needs={"dissolution": 0.5})

    # surroundings
    outside_wage: float = param(0.8, "pay outside per unit of product", unit="share", low=0, high=10, group="surroundings", source="assumed; 1 is the same technology")
    threat: float = param(0.0, "hostility of the surroundings", unit="share", low=0, high=1, symbol="T", group="surroundings", source="Jervis 1978 (mechanism)")
    attack_rate: float = param(0.05, "attacks from outside under full threat", unit="per year", low=0, high=1, group="surroundings", source="assumed", needs={"threat": 0.5})
    hostile_force: float = param(0.02, "force of such an attack per member attacked", unit="product of a person-year", low=0, high=10, group="surroundings", source="assumed", needs={"threat": 1.0, "attack_rate": 0.5})
    rivalry: float = param(1.0, "chance a year that a community of full supremacy starts a contest", unit="per year", low=0, high=1, group="surroundings", source="Choi & Bowles 2007 (structure)")
    spoils: float = param(0.2, "share of capital that the loser loses", unit="share", low=0, high=1, group="surroundings", source="assumed")
    devastation: float = param(0.2, "share of next year's product that the loser loses", unit="share", low=0, high=1, group="surroundings", source="assumed")
    casualties: float = param(0.1, "chance of death for members of a crushed community", unit="share", low=0, high=1, group="surroundings", source="assumed", needs={"threat": 1.0, "attack_rate": 0.5, "hostile_force": 10.0})
    crush_ratio: float = param(3.0, "ratio of strengths beyond which the loser is crushed", unit="ratio", low=0, high=1e6, group="surroundings", source="assumed", needs={"supremacy": 0.5, "crush_ratio": 1.0, "casualties": 0.5})
    shock_sd: float = param(0.1, "spread of the log shock to a community's product", unit="log", low=0, high=3, group="surroundings", source="assumed")
    shock_common: float = param(0.5, "share of that variance common to all communities", unit="share", low=0, high=1, group="surroundings", source="assumed")

    # practice
    practice: int = param(0, "what changes people: 0 none, 1 transmission, 2 ladder, 3 club, 4 placebo, 5 schooling, 6 crisis", unit="arm", low=0, high=6, group="practice", source="design: the tradition's practice, the same without its claim, and rivals")
    practice_start: int = param(0, "first step in force", unit="step", low=0, high=65535, group="practice", source="design", needs={"practice": 1})
    practice_stop: int = param(65535, "step from which it is no longer in force", unit="step", low=0, high=65535, group="practice", source="design", needs={"practice": 1, "practice_stop": 4})
    take_up: float = param(0.0, "share that begins at once in the first year in force", unit="share", low=0, high=1, group="practice", source="assumed", needs={"practice": 1, "practice_start": 5})
    join: float = param(0.02, "chance of beginning without contacts who practise", unit="per year", low=0, high=1, symbol="j₀", group="practice", source="assumed", needs={"practice": 1})
    join_pull: float = param(0.2, "further chance where contacts practise", unit="per year", low=0, high=1, symbol="j₁", group="practice", source="assumed", needs={"practice": 1})
    join_steepness: float = param(10.0, "how sharply the share of contacts who practise decides", unit="per share", low=0, high=100, symbol="k", group="practice", source="assumed", needs={"practice": 1})
    critical_share: float = param(0.25, "share who practise at which others tip", unit="share", low=0.01, high=1, symbol="θ", group="practice", source="Centola et al. 2018: 0.25; prior 0.01-0.55", needs={"practice": 1})
    self_selection: float = param(1.0, "how far motive decides who begins: 1 in proportion, 0 by lot", unit="share", low=0, high=1, group="practice", source="design", needs={"practice": 1})
    quit: float = param(0.05, "chance of stopping", unit="per year", low=0, high=1, group="practice", source="assumed", needs={"practice": 1})
    practice_hours: float = param(0.1, "time that practice takes from work", unit="share of work time", low=0, high=0.2, symbol="τ", group="practice", source="assumed", needs={"practice": 1})
    ten: int = param(10, "size of a practice group", unit="persons", low=1, high=1000, symbol="n", group="practice", source="our reading of the source tradition's claims; assumed value", needs={"practice": 1})
    least_ten: int = param(10, "size below which a group's influence falls with the square", unit="persons", low=1, high=1000, group="practice", source="our reading of the source tradition's claims; assumed value", needs={"practice": 2, "influence": 1.0})
    ten_weight: float = param(0.7, "weight of one's group against the whole community", unit="share", low=0, high=1, symbol="w", group="practice", source="assumed", needs={"practice": 1})
    pull: float = param(0.3, "pull of others' level", unit="per year at full hours", low=0, high=2, symbol="η", group="practice", source="assumed", needs={"practice": 1})
    prestige: float = param(1.0, "esteem of giving where all practise", unit="logit", low=0, high=10, symbol="p", group="practice", source="assumed", needs={"practice": 1})
    importance: float = param(0.7, "importance that those who practise give to the goal", unit="share", low=0, high=1, symbol="I", group="practice", source="assumed", needs={"practice": 1})
    practice_effort: float = param(0.7, "effort put into practice", unit="share", low=0, high=1, symbol="x", group="practice", source="assumed", needs={"practice": 2, "influence": 1.0})
    influence: float = param(0.0, "what practice does beyond social influence (0: the ladder is transmission)", unit="logit per year at full hours", low=0, high=5, symbol="λ", group="practice", source="the source tradition claims it above 0; default: none", needs={"practice": 2})
    protection: float = param(0.5, "how far the guarantee of need protects those who practise from relapse", unit="share", low=0, high=1, symbol="r", group="practice", source="our reading of the source tradition's claims; assumed value", needs={"practice": 1, "guarantee": 0.5})
    layer: float = param(0.2, "desire gained per unit of new height", unit="share", low=0, high=2, symbol="c", group="practice", source="our reading of the source tradition's claims; assumed value", needs={"practice": 1})
    commitment_growth: float = param(0.05, "growth of commitment at full hours", unit="per year", low=0, high=1, group="practice", source="assumed", needs={"practice": 1})
    breadth_growth: float = param(0.05, "growth of breadth at full hours", unit="per year", low=0, high=1, group="practice", source="assumed", needs={"practice": 1})
    inclusion_growth: float = param(0.05, "growth of inclusion at full hours", unit="per year", low=0, high=1, group="practice", source="assumed", needs={"practice": 1})
    stigma: float = param(0.1, "what the world outside is worth less to a club's practising member", unit="product of a person-year", low=0, high=10, group="practice", source="Iannaccone 1992 (mechanism); assumed value", needs={"practice": 3})
    club_norm: float = param(0.2, "effort that a club's eyes add", unit="share", low=0, high=1, symbol="v", group="practice", source="Iannaccone 1992 (mechanism); assumed value", needs={"practice": 3})
    crisis_mean: float = param(0.0, "mean change by hardship", unit="logit per unit of hardship", low=-5, high=5, group="practice", source="assumed", needs={"practice": 6})
    crisis_sd: float = param(0.5, "spread of change by hardship", unit="logit per unit of hardship", low=0, high=5, group="practice", source="assumed", needs={"practice": 6})

    # intention: what is counted as a return; nothing else changes
    warm_glow: float = param(0.2, "part of care that is warm glow (measured only)", unit="share", low=0, high=1, group="intention", source="Andreoni 1990 (idea); assumed value")
    watcher: float = param(0.0, "part of commitment that rests on a believed watcher (measured only)", unit="share", low=0, high=1, group="intention", source="assumed")

    # one exemption, to see what a single departure causes
    spared_community: int = param(-1, "community of a person spared one departure (-1: nobody)", unit="index", low=-1, high=1000, group="probe", source="ours: to see what one departure causes", needs={"death": 0.9, "minimum": 1, "hungry_limit": 1000, "applicants": 1.0, "outside_wage": 0.0, "spared_community": 0, "spared_place": 0, "spared_year": 5}, below="n_communities")
    spared_place: int = param(-1, "that person's place", unit="index", low=-1, high=10000, group="probe", source="ours: to see what one departure causes", needs={"death": 0.9, "minimum": 1, "hungry_limit": 1000, "applicants": 1.0, "outside_wage": 0.0, "spared_community": 0, "spared_place": 0, "spared_year": 5}, below="n_places")
    spared_year: int = param(-1, "the step in which that person neither dies nor leaves", unit="step", low=-1, high=100000, group="probe", source="ours: to see what one departure causes", needs={"death": 0.9, "minimum": 1, "hungry_limit": 1000, "applicants": 1.0, "outside_wage": 0.0, "spared_community": 0, "spared_place": 0, "spared_year": 5})
