"""Runs made up from a scenario's rows, for tests of what reads runs: no engine, no model, the same luck in every twin.
And results of claims made up from random numbers, for tests of what reads those; and questions, as files.

A world stands while its support (some parameters, weighed by hand) and its luck outweigh a wear that grows by the year.
The numbers mean nothing; their shapes, names, units and NaN are those of a run of the society model.
"""

import hashlib
from typing import Any

import numpy as np
import xarray as xr

from bestowal.claims.claim_file import SourceClaim
from bestowal.claims.experiment import Arm, Experiment, Holds, Statistic
from bestowal.claims.judge import judge
from bestowal.claims.source import Result
from bestowal.claims.verdict import Verdict
from bestowal.models.registry import load
from bestowal.simulation.scenario import Scenario, key, rows

HISTORY_TOML = """
title = "Made up"
model = "society"
years = 30
first_year = 1900
seed = 5
[values]
n_communities = 1
n_founded = 1
coercion = 0.6
exit_right = 0.0
accountability = 0.2
[[changes]]
year = 8
values.coercion = 0.8
values.threat = 0.5
[[changes]]
year = 25
values.exit_right = 0.3
"""

QUESTION_TOML = """
title = "Made up"
words = "Why did it fail?"
scenario = "history.toml"
worlds = 60
most_worlds = 60

[[levers]]
name = "commitment"
label = "More commitment"
group = "motive"
values.commitment = 0.5

[[levers]]
name = "givers"
label = "More givers"
group = "motive"
values.giver_share = 0.6

[[levers]]
name = "no_force"
label = "No force"
group = "institution"
values.coercion = 0.0

[[levers]]
name = "guarantee"
label = "Need first"
group = "institution"
year = 5
values.guarantee = 1.0

[[levers]]
name = "peace"
label = "Peace"
group = "surroundings"
values.threat = 0.0

[[levers]]
name = "all_motive"
label = "Both"
group = "motive"
together = ["motive"]
"""

# A question that is simulated, and small.
COMMUNE_TOML = """
title = "A commune in short"
words = "Why did it fail?"
scenario = "commune"
against = "kibbutz"
worlds = 32
horizon = 12
target = 0.6

[test]
years = 2

[success.standing]
label = "it stands"
when = "last year"
all = ["standing >= 0.5"]

[[levers]]
name = "no_dissolution"
label = "No right to dissolve"
group = "institution"
values.dissolution = 0.0

[[levers]]
name = "poor_outside"
label = "A poorer outside"
group = "surroundings"
values.outside_wage = 0.5

[[levers]]
name = "zeal"
label = "Three times the zeal"
group = "motive"
values.founder_zeal = 1.5

[[levers]]
name = "everything"
label = "All together"
group = "mixed"
together = ["no_dissolution", "poor_outside", "zeal"]
"""


HELPS = {
    "commitment": 3.0,
    "giver_share": 1.2,
    "guarantee": 1.5,
    "accountability": 0.6,
    "screening": 0.5,
    "mutual_aid": 0.15,
    "pay_link": 0.4,
    "coercion": 1.1,
    "threat": -0.5,
    "information_loss": -0.7,
    "budget_softness": -0.2,
}


def run(scenario: Scenario, worlds: int = 500, **_: object) -> xr.Dataset:
    """Stands in for bestowal.simulation.store.run."""
    at = rows(scenario)
    years = scenario.years
    luck = np.random.default_rng(7).normal(0, 0.5, size=(worlds, 1)) + np.random.default_rng(8).normal(
        0, 0.12, size=(worlds, years)
    )
    support = sum(weight * at[name] for name, weight in HELPS.items())
    wear = np.linspace(0, 2.0, years)
    stands = np.logical_and.accumulate(support + luck > wear - 0.4, axis=1)
    level = 1 / (1 + np.exp(-(support + 0.5 * luck - 0.5 * wear)))
    alive = np.where(stands, 1.0, np.nan)
    unlike = {
        "standing": stands.astype(float),
        "communities": stands.astype(float),
        "members": np.where(stands, np.round(60 + 40 * level), 0.0),
        "effort": alive * (0.2 + 0.6 * level),
        "output_ratio": alive * (0.45 + 0.7 * level),
        "need_met": alive * np.minimum(1.0, 0.55 + 0.6 * level),
        "gini": alive * (0.1 + 0.2 * at["pay_link"] + 0.02 * luck**2),
        "pay_link": alive * at["pay_link"],
        "common_share": alive * (1 - at["pay_link"]),
        "motive": alive * (0.2 + 0.5 * at["giver_share"] + 0.05 * level),
        "wish_to_leave": alive * (1 - level),
        "ended_dwindled": np.diff(~stands, axis=1, prepend=False).astype(float),
    }
    known = {o.name: o for o in load(scenario.model).observables}
    ended = {name: np.zeros((worlds, years)) for name in known if name.startswith("ended_")}
    whole = {name: alive * 0.1 * level for name in known} | ended | unlike
    return xr.Dataset(
        {
            name: (("world", "year"), values, {"units": known[name].unit, "long_name": known[name].meaning})
            for name, values in whole.items()
        },
        coords={"world": np.arange(worlds), "year": scenario.first_year + np.arange(years)},
        attrs={"scenario": scenario.name, "key": key(scenario), "repaired": ""},
    )


def claim(name: str = "C8", **changed: Any) -> SourceClaim:
    """A claim on the commune scenario, two arms, that holds where their difference is above 0.1."""
    experiment = Experiment(
        scenario="commune",
        years=70,
        worlds=4,
        kind="difference",
        holds=Holds(above=0.1),
        matters=0.05,
        statistic=Statistic.model_validate({"take": "mean", "observable": "effort", "from": 60, "to": 69}),
        arms={
            "method": Arm(label="ladder practised by all", values={"practice": 2, "pay_link": 0.0}),
            "nothing": Arm(label="no practice", values={"practice": 0, "pay_link": 0.0}),
        },
    )
    whole: dict[str, Any] = {
        "id": name,
        "sentence": "5",
        "claim": "To think only of giving to people is not enough",
        "reading": "Two societies begin alike; one practises and the other does not.",
        "rival": "Sen 1966: people who care for one another as for themselves work efficiently at any sharing rule",
        "rival_predicts": "no difference once concern for all is full",
        "status": "T",
        "theme": "2.1",
        "would_change": "A share of draws below one third once relapse is known to be quick.",
        "limits": "The model has one community, and no children.",
        "experiment": experiment,
    }
    return SourceClaim(**(whole | changed))


def result(of: SourceClaim, centre: float = 0.3, slope: float = 0.0, draws: int = 200, luck: int = 3) -> Result:
    """A result whose numbers lie round `centre`, higher by `slope` from little to much relapse."""
    if of.experiment is None:
        nothing: dict[str, Any] = dict.fromkeys(("share", "number", "near", "split"))
        return Result(of, Verdict.UNTESTABLE, of.why_not, **nothing, draws=0, left_out=0, numbers=(), arms=(),
                      points={}, key="0" * 16)  # fmt: skip
    random = np.random.default_rng(luck)
    points = {"relapse": 0.05 * 15 ** random.random(draws), "growth": random.uniform(-0.01, 0.03, draws)}
    numbers = centre + slope * (np.argsort(np.argsort(points["relapse"])) / draws - 0.5) + random.normal(0, 0.15, draws)
    numbers[:2] = np.nan
    judged = judge(numbers, points, [], of.experiment.holds, of.experiment.matters)
    none = random.uniform(0.1, 0.5, draws)
    labels = [arm.label for arm in of.experiment.arms.values()] or ["the best bundle"]
    return Result(
        of,
        judged.verdict,
        "The number is on the asked side at some draws of the prior, and its mean is what the table says.",
        judged.share,
        judged.number,
        judged.near,
        judged.split,
        draws,
        2,
        tuple(numbers.tolist()),
        tuple((label, tuple((none + (numbers if i == 0 else 0 * numbers)).tolist())) for i, label in enumerate(labels)),
        {name: tuple(values.tolist()) for name, values in points.items()},
        hashlib.sha256(repr((of.id, centre, slope, draws, luck)).encode()).hexdigest()[:16],
        0.02,
    )
