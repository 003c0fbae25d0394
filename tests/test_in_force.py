"""What was set and what was in force: said where they differ, by a value that is known to be so."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import bestowal
from bestowal import scenario as read
from bestowal import sweep as sweep_
from bestowal.core.errors import BestowalError
from bestowal.simulation.in_force import differing, not_held
from bestowal.simulation.scenario import Change, Scenario

KIBBUTZ = read("kibbutz")


def measured(scenario: Scenario, *worlds: list[float]) -> xr.Dataset:
    """A run of these pay links by world, each going on with its last value."""
    rows = [[*world, *world[-1:] * (scenario.years - len(world))] for world in worlds]
    years = scenario.first_year + np.arange(scenario.years)
    return xr.Dataset({"pay_link": (("world", "year"), np.array(rows))}, coords={"year": years})


def test_a_value_that_was_voted_away_is_said_with_its_course() -> None:
    short = KIBBUTZ.clock(years=8).but(1922, pay_link=0.3)
    (found,) = not_held(short, measured(short, [0, 0, 0.3, 0.3, 0.1, 0], [0, 0, 0.3, 0.3, 0.3, 0]), ["pay_link"], 2)
    assert (found.years, found.set) == (list(range(1922, 1928)), [0.3] * 6)
    assert found.in_force == pytest.approx([0.3, 0.3, 0.2, 0, 0, 0])
    assert (found.let, found.hold) == ({"vote_every": 5.0}, {"vote_every": 0})
    assert str(found) == (
        "pay_link = 0.3 from 1922 did not hold: in force 0.3 in 1922, 0.2 in 1924, 0 in 1925, 0 in 1927; "
        "vote_every = 5 lets it change, vote_every = 0 stops that"
    )


def test_a_value_that_held_is_not_said_whatever_rounding_does_and_where_nobody_works() -> None:
    short = KIBBUTZ.clock(years=4).but(None, pay_link=0.3)
    run = measured(short, [0.1 + 0.2, 0.3, np.nan], [0.3])
    assert not_held(short, run, ["pay_link"]) == []
    assert not_held(short, measured(short, [0.3, np.nan], [np.nan]), ["pay_link"]) == []
    assert not_held(short, measured(short, [0.0]), ["guarantee"]) == []  # nothing measures it, nothing overrules it


def test_worlds_that_depart_both_ways_are_said_though_their_mean_does_not() -> None:
    short = KIBBUTZ.clock(years=3).but(None, pay_link=0.3)
    (found,) = not_held(short, measured(short, [0.3, 0.4], [0.3, 0.2]), ["pay_link"])
    assert found.in_force == pytest.approx([0.3, 0.3, 0.3])


def test_a_summary_is_read_by_its_least_and_greatest_world() -> None:
    short = KIBBUTZ.clock(years=2).but(None, pay_link=0.3)
    table = xr.DataArray(
        [[0.3, 0.25], [0.3, 0.2], [0.3, 0.3]],
        dims=("statistic", "year"),
        coords={"statistic": ["mean", "min", "max"]},
    )
    (found,) = not_held(short, xr.Dataset({"pay_link": table}), ["pay_link"])
    assert found.in_force == [0.3, 0.25]
    assert not_held(short, xr.Dataset({"pay_link": 0.3 + 0 * table}), ["pay_link"]) == []


def test_what_stands_from_before_is_not_laid_to_a_vote() -> None:
    short = KIBBUTZ.clock(years=4).hold(1922, pay_link=0.3)
    (found,) = not_held(short, measured(short, [0, 0.1, 0.4]), ["pay_link"], 2)
    assert found.let == {} and str(found).endswith(
        "in force 0.4 in 1922, 0.4 in 1923; what was decided before still stands"
    )


def test_what_differs_is_known_with_the_step_it_begins_in() -> None:
    assert differing(KIBBUTZ, KIBBUTZ.but(1940, pay_link=0.3).but(None, saving=0.2)) == {"saving": 0, "pay_link": 20}
    assert differing(KIBBUTZ, KIBBUTZ) == {}


def test_hold_keeps_a_value_from_later_changes_and_from_the_model() -> None:
    held = KIBBUTZ.hold(outside_wage=0.9, pay_link=0.3)
    assert all(values.model_dump()["outside_wage"] == 0.9 for _, values in held.spans)
    assert [change.values.keys() for change in held.changes] == [{"interest", "shock_sd"}]  # the others stay
    assert held.values.model_dump()["vote_every"] == 0
    late = KIBBUTZ.hold(1940, outside_wage=0.9)
    assert late.changes == (*KIBBUTZ.changes, Change(20, {"outside_wage": 0.9}))
    assert [v.model_dump()["outside_wage"] for _, v in late.spans] == [0.7, 0.9, 0.9, 0.9]
    with pytest.raises(BestowalError, match=r"^vote_every = 3: pay_link is held only at 0$"):
        KIBBUTZ.hold(pay_link=0.3, vote_every=3)


@pytest.mark.society
def test_twins_and_sweeps_say_what_the_members_overruled_and_hold_keeps_it(tmp_path: Path) -> None:
    base = KIBBUTZ.clock(years=20)
    data = bestowal.compare(base, base.but(1930, pay_link=0.3), 4, store=tmp_path)
    (said,) = data.attrs["not_held"].splitlines()
    assert said.startswith("in the second, pay_link = 0.3 from 1930 did not hold: in force 0.3 in 1930, ")
    assert bestowal.compare(base, base.hold(1930, pay_link=0.3), 4, store=tmp_path).attrs["not_held"] == ""

    over = {"pay_link": [0.0, 0.3]}
    swept = sweep_(base, over, 4, from_year=1930, years=[1929, 1930, 1939], store=tmp_path)
    before, said = swept.attrs["said"].splitlines()
    assert before == "1929 lies before 1930, when the values begin: every point is the same there"
    assert said.startswith("at 1 of 2 points a value did not stay as set; the farthest: pay_link = 0.3 from 1930 ")
    in_force = swept["pay_link_in_force"]
    assert in_force.dims == ("pay_link", "year")
    assert in_force.sel(pay_link=0.3).values[:2] == pytest.approx([0, 0.3]) and in_force.values[1, 2] < 0.3
    held = sweep_(base, over, 4, from_year=1930, hold=True, store=tmp_path)
    assert held.attrs["said"] == "" and held["pay_link_in_force"].values[:, 0] == pytest.approx([0, 0.3])
