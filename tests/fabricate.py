"""Runs made up from a scenario's rows, for tests of what reads runs: no engine, no model, the same luck in every twin.

A world stands while its support (some parameters, weighed by hand) and its luck outweigh a wear that grows by the year.
The numbers mean nothing; their shapes, names, units and NaN are those of a run of the society model.
"""

import numpy as np
import xarray as xr

from bestowal.model import load
from bestowal.scenario import Scenario, key, rows

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
    """Stands in for bestowal.store.run."""
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
        attrs={"scenario": scenario.name, "key": key(scenario), "repaired": []},
    )
