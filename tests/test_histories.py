"""Three histories beside their records: the scenarios run, the arithmetic is right on runs made up for it, the one
fitted statistic is met on worlds the fit never saw, and a wrong value is seen.

The records' own numbers stand here as the books print them, not as our code reckons them.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import xarray as xr

from bestowal.calibration import histories
from bestowal.calibration.datasets import data
from bestowal.calibration.histories import Comparison, Measured, history, hutterite, over_worlds, shaker_entry, shakers
from bestowal.core.errors import BestowalError
from bestowal.models.registry import load
from bestowal.report.history_figure import draw
from bestowal.simulation import engine, store
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import scenario
from bestowal.statistics.intervals import Interval

OBSERVABLES = [o.name for o in load("society").observables]

# Nordhoff (1875): members of 1823 and of 1874.
NINE = {
    "Alfred, ME": (200, 67.5),
    "New Gloucester, ME": (150, 70),
    "Canterbury, NH": (200, 145),
    "Enfield, NH": (200, 140),
    "Enfield, CT": (200, 115),
    "Harvard, MA": (200, 90),
    "Shirley, MA": (150, 48),
    "Mount Lebanon, NY": (550, 383),
    "Watervliet, NY": (200, 235),
}


def record(of: Scenario, worlds: int) -> dict[str, np.ndarray]:
    """Observable -> (worlds, years)."""
    out = engine.simulate(of, range(worlds))
    return {name: out[:, :, i] for i, name in enumerate(OBSERVABLES)}


def made_up(society: Scenario, worlds: int, members: Callable[..., np.ndarray], **more: Any) -> xr.Dataset:
    """A run with these members, (worlds, years), from members(world, year, society); everything else as given."""
    world, year = np.arange(worlds)[:, None], np.arange(society.years)[None, :]
    nothing = np.zeros((worlds, society.years))
    whole = {"standing": nothing + 1, "communities": nothing + 1, "joined": nothing, "left": nothing, "died": nothing}
    whole |= {"members": nothing + members(world, year, society)} | {name: nothing + v for name, v in more.items()}
    return xr.Dataset(
        {name: (("world", "year"), values) for name, values in whole.items()},
        coords={"world": np.arange(worlds), "year": society.first_year + np.arange(society.years)},
    )


def by_name(of: histories.History) -> dict[str, Comparison]:
    return {c.statistic: c for c in of.comparisons}


def instead(monkeypatch: pytest.MonkeyPatch, members: Callable[..., np.ndarray], **more: Any) -> list[Scenario]:
    """Let runs be made up; the scenarios asked for are listed."""
    asked: list[Scenario] = []

    def run(society: Scenario, worlds: int, *, progress: Any = None, **_: object) -> xr.Dataset:
        asked.append(society)
        if progress is not None:
            progress(worlds, worlds)
        return made_up(society, worlds, members, **more)

    monkeypatch.setattr(store, "run", run)
    return asked


# -- the rule --


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.4, 0.6, "within"),
        (0.59, 0.9, "within"),  # a part of the range is enough
        (0.0, 0.41, "within"),
        (0.7, 0.8, "off by -0.2"),  # from the nearest end, with its sign
        (0.1, 0.3, "off by +0.2"),
    ],
)
def test_a_comparison_is_within_where_range_and_central_worlds_meet(low: float, high: float, verdict: str) -> None:
    one = Comparison("x", "share", Measured(None, low, high), Interval(0.5, 0.4, 0.6, 100), "predicted")
    assert one.verdict == verdict


def test_without_worlds_a_comparison_cannot_tell() -> None:
    assert Comparison("x", "", Measured(1, 1, 1), over_worlds(np.full(3, np.nan)), "set").verdict == "cannot tell"


def test_worlds_are_told_by_their_own_middle_and_not_by_that_of_the_mean() -> None:
    told = over_worlds(np.arange(1001.0))
    assert (told.estimate, told.low, told.high) == pytest.approx((500, 25, 975))
    assert told.n == 1001


# -- Shakers --


@pytest.mark.society
def test_the_shaker_scenario_is_celibate_and_lives_of_those_who_come() -> None:
    was = record(scenario("shakers"), 16)
    assert was["born"].sum() == 0
    assert was["joined"].sum() > 0
    assert (was["communities"] <= 1).all()


@pytest.mark.society
def test_the_shaker_scenario_lets_in_at_most_a_tenth() -> None:
    v = scenario("shakers").values.model_dump()
    assert v["openness"] * (v["giver_share"] + (1 - v["giver_share"]) * (1 - v["screening"])) <= 0.1
    was = record(scenario("shakers"), 16)
    assert was["joined"].sum() < 0.1 * was["joined"].size * v["applicants"] * v["n_places"]


def test_the_shaker_scenario_begins_as_most_of_the_nine() -> None:
    v = scenario("shakers").values.model_dump()
    assert v["n_founders"] == sorted(first for first, _ in NINE.values())[4]
    assert v["n_places"] == 2 * v["n_founders"]


def test_shaker_ratios_are_those_of_the_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every society falls to one half, each differs from that half by its own ratio, and they by nothing."""
    instead(monkeypatch, lambda world, year, s: s.values.n_founders * 0.5 ** (year / 51))
    told = by_name(history("shakers", sets=3))
    for name, (first, last) in NINE.items():
        one = told[f"{name}, 1874 to 1823"]
        assert one.measured.value == pytest.approx(last / first)
        assert one.simulated.estimate == pytest.approx(0.5)
        assert one.how == "predicted"
    ratios = [last / first for first, last in NINE.values()]
    whole = told["members of nine societies, 1823 to 1874"]
    assert whole.how == "fitted" and sum(c.how == "fitted" for c in told.values()) == 1
    assert whole.measured.value == pytest.approx(100 * math.log(1293.5 / 2050) / 51)
    assert whole.simulated.estimate == pytest.approx(-100 * math.log(2) / 51)
    assert told["median of nine ratios, 1874 to 1823"].measured.value == pytest.approx(sorted(ratios)[4])
    assert told["least of nine ratios"].verdict == "off by +0.18"  # Shirley, 48 of 150
    assert told["greatest of nine ratios"].verdict == "off by -0.68"  # Watervliet, 235 of over 200
    assert told["spread of nine ratios (s.d. of their logs)"].simulated.estimate == pytest.approx(0, abs=1e-12)


def test_shaker_dates_between_and_first_dates_are_each_society_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a society loses a hundredth a year, what is left tells how many years were reckoned."""
    instead(monkeypatch, lambda world, year, s: s.values.n_founders * 0.99**year)
    told = by_name(history("shakers", sets=3))
    # Canterbury 1834, Enfield NH 1844, Enfield CT 1848, Shirley 1839, Watervliet 1844: 300, 330, 200, 150, 350.
    (between,) = (c for name, c in told.items() if "at a date between" in name)
    assert between.measured.value == pytest.approx((300 + 330 + 200 + 150 + 350) / (4 * 200 + 150))
    weighed = [(200, 11), (200, 21), (200, 25), (150, 16), (200, 21)]
    assert between.simulated.estimate == pytest.approx(sum(n * 0.99**years for n, years in weighed) / 950)
    # Groveland 1836, Union Village 1828, North Union 1840, Watervliet OH 1825, South Union 1827, Pleasant Hill 1822.
    (others,) = (c for name, c in told.items() if "other societies" in name)
    assert others.measured.value == pytest.approx(
        (57 + 215 + 102 + 55 + 230 + 245) / (150 + 600 + 200 + 100 + 349 + 490)
    )
    weighed = [(150, 38), (600, 46), (200, 34), (100, 49), (349, 47), (490, 51)]  # 1822 is taken for 1823
    assert others.simulated.estimate == pytest.approx(sum(n * 0.99**years for n, years in weighed) / 1889)


def test_shakers_who_fell_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Odd worlds fall in the last year; those that stand keep half, and only they are compared."""
    fallen = np.where((np.arange(10_000)[:, None] % 2 == 1) & (np.arange(52)[None, :] == 51), 0.0, 1.0)
    monkeypatch.setattr(
        store,
        "run",
        lambda s, worlds, **_: made_up(
            s, worlds, lambda w, y, s: 100 * 0.5 ** (y / 51) * fallen[:worlds], standing=fallen[:worlds]
        ),
    )
    told = history("shakers", sets=4)
    assert by_name(told)["Harvard, MA, 1874 to 1823"].simulated.estimate == pytest.approx(0.5)
    assert by_name(told)["Harvard, MA, 1874 to 1823"].simulated.n == 2
    assert "22 of 44 did not" in told.notes[0]


def test_no_simulated_shaker_society_stands_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a society's ratio tells its world, nine societies have nine worlds of their own in each set."""
    instead(monkeypatch, lambda world, year, s: np.where(year == 0, 1.0, s.values.n_founders + world / 100))
    nine, _ = shakers.shaker_societies(data("shakers_membership"))
    runs = {size: store.run(scenario("shakers").but(n_founders=size, n_places=2 * size), 18) for size in shakers.SIZES}
    lives, _ = shakers._lives(nine, runs)
    assert lives.shape[:2] == (3, 9)
    assert np.unique(lives[:, :, -1]).size == 27


def test_shakers_who_came_later_are_those_not_there_without_newcomers(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, lambda world, year, s: 100.0 if s.values.applicants > 0 else 40.0)
    told = by_name(history("shakers", sets=2))
    later = {name: c for name, c in told.items() if "came after 1823" in name}
    assert {c.measured.low for c in later.values()} == {0.333, 0.667, 0.75}
    assert all(c.simulated.estimate == pytest.approx(0.6) and c.measured.high == 1 for c in later.values())


def test_the_fit_finds_the_entry_that_meets_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a society keeps a quarter and twice what comes, 1,293.5 of 2,050 asks for an entry of 0.19."""
    asked = instead(
        monkeypatch,
        lambda world, year, s: s.values.n_founders * (1 - year / 51 * (0.75 - 2 * s.values.applicants)),
    )
    assert shaker_entry(sets=2) == pytest.approx((1293.5 / 2050 - 0.25) / 2, abs=0.5 / 400)
    assert {s.seed for s in asked} == {shakers.FIT_SEED} != {scenario("shakers").seed}


def test_the_fit_says_when_nothing_meets_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, lambda world, year, s: 100.0)
    with pytest.raises(BestowalError, match=r"shakers: applicants: none of 0 to 0\.5"):
        shaker_entry(sets=2)


def nine_together(society: Scenario, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    monkeypatch.setattr(histories, "scenario", lambda name: society)
    return by_name(history("shakers", sets=24, threads=2, store=folder))["members of nine societies, 1823 to 1874"]


@pytest.mark.society
def test_the_fitted_statistic_is_met_on_fresh_worlds_and_a_wrong_value_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Luck of neither the fit nor the scenario; the mean lies in what is printed, 2,000 to 2,100 and 1,291 to 1,296."""
    fresh = scenario("shakers").clock(seed=7)
    met = nine_together(fresh, tmp_path, monkeypatch)
    assert met.simulated.estimate is not None
    assert math.log(1291 / 2100) < met.simulated.estimate * 51 / 100 < math.log(1296 / 2000)
    assert met.verdict == "within"
    wrong = nine_together(fresh.but(applicants=2 * fresh.values.model_dump()["applicants"]), tmp_path, monkeypatch)
    assert wrong.verdict.startswith("off by +")


@pytest.mark.society
def test_runs_are_kept_and_progress_is_of_all_of_them(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    first = history("shakers", sets=2, threads=2, store=tmp_path, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (34, 34)  # twice 2 of 150, 6 and again 6 of 200, and 3 of 550
    assert seen == sorted(seen)
    kept = len(list(tmp_path.glob("*/provenance.json")))
    assert kept == 4
    assert history("shakers", sets=2, threads=2, store=tmp_path) == first
    assert len(list(tmp_path.glob("*/provenance.json"))) == kept


# -- Hutterites --


def grown(world: np.ndarray, year: np.ndarray, society: Scenario) -> np.ndarray:
    return 120 * np.exp(0.04 * year)


def test_hutterite_growth_is_reckoned_between_the_dates_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, grown, died=1.0)
    told = by_name(history("hutterite", sets=2))
    for first, last, start, end in ((1874, 1954, 443, 8000), (1954, 1990, 8000, 31521), (1874, 1990, 443, 31521)):
        one = told[f"people, {first} to {last}"]
        assert one.measured.value == pytest.approx(100 * math.log(end / start) / (last - first))
        assert one.simulated.estimate == pytest.approx(4.0)
    assert told["people, 1874 to 1990"].how == "fitted"
    assert told["colonies, 1954 to 1989"].measured.value == pytest.approx(100 * math.log(356 / 98) / 35)
    assert told["people to a colony, 1954"].measured.value == pytest.approx(8000 / 98)
    assert told["people to a colony, 1989"].measured.high == pytest.approx(31521 / 356)


def test_hutterite_years_with_a_full_world_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """One world of two takes its tenth room in 1894, and one of the wide ones its last; growth stops for them there."""

    def run(s: Scenario, worlds: int, **_: object) -> xr.Dataset:
        full = (np.arange(worlds)[:, None] == 1) & (np.arange(s.years)[None, :] >= 20)
        rooms = np.where(full, s.values.n_communities, 2)  # type: ignore[attr-defined]
        return made_up(
            s, worlds, lambda w, y, s: np.where(full, 120 * math.exp(0.8), grown(w, y, s)), communities=rooms, died=1.0
        )

    monkeypatch.setattr(store, "run", run)
    told = history("hutterite", sets=2)
    (until,) = (c for c in told.comparisons if "while no world is full" in c.statistic)
    assert until.statistic.endswith("1874 to 1893")
    assert (until.simulated.low, until.simulated.high, until.simulated.n) == (pytest.approx(4), pytest.approx(4), 2)
    assert told.simulated[1].years[-1] == 1893
    whole = by_name(told)["people, 1874 to 1990"].simulated
    assert whole.n == 1 and whole.estimate == pytest.approx(4.0)
    assert "1 of 2 left out" in told.notes[0]


def test_hutterite_leavers_are_reckoned_a_year_and_in_a_life(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, lambda world, year, s: 1000.0, left=3.0, died=12.0)
    told = by_name(history("hutterite", sets=2))
    assert told["members who leave"].simulated.estimate == pytest.approx(0.003)
    assert told["members who leave"].verdict == "within"
    assert told["members who leave in their lives"].simulated.estimate == pytest.approx(0.2)
    assert told["members who leave in their lives"].verdict == "off by +0.05"


def test_hutterite_first_division_is_the_year_with_two_colonies() -> None:
    s = scenario("hutterite").clock(years=4)
    run = made_up(s, 2, lambda w, y, s: 140 + 10 * y, communities=np.array([[1, 1, 2, 2], [1, 1, 1, 1]]))
    sizes = hutterite._first_split(run)
    assert sizes[0] == 160 and np.isnan(sizes[1])


@pytest.mark.society
def test_colonies_that_divide_in_halves_hold_150_log_2_on_average() -> None:
    """By theory: in steady growth sizes from S/2 to S are as many as 1/size², so their mean is S·ln 2 = 104."""
    was = record(scenario("hutterite").but(n_communities=hutterite.HUTTERITE_ROOMS).clock(years=117), 6)
    sizes = was["members"][:, 80:] / was["communities"][:, 80:]
    assert sizes.mean() == pytest.approx(150 * math.log(2), rel=0.05)


# -- kibbutzim --


def test_kibbutz_courses_are_relative_to_1983(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members grow by the rooms' number a year: who is compared with which worlds shows in the slope."""
    instead(monkeypatch, lambda world, year, s: 1000 + s.values.n_communities * (year - 63), left=10.0)
    told = history("kibbutz", sets=2)
    compared = by_name(told)
    for year, people, rooms in ((1950, 66708, 48), (1972, 89700, 48), (1990, 125100, 12), (2000, 115300, 12)):
        one = compared[f"people in {year}, 1983 = 1"]
        assert one.measured.value == pytest.approx(people / 115500)
        assert one.simulated.estimate == pytest.approx(1 + rooms * (year - 1983) / 1000)
    leaves = compared["members who leave, 1983 to 1994, to those of 1982"]
    assert leaves.simulated.estimate == pytest.approx(12 * 10 / (1000 - 12))
    assert compared["kibbutzim in 2000 to those of 1990"].measured.value == pytest.approx(268 / 270)
    (seen,) = told.observed
    assert dict(zip(seen.years, seen.values, strict=True))[2013] == pytest.approx(157525 / 115500)


def test_what_cannot_be_compared_with_kibbutzim_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Founding and immigration before 1950, new neighbours after 2005."""
    instead(monkeypatch, lambda world, year, s: 1000.0, left=10.0)
    years = [int(c.statistic.split()[2].strip(",")) for c in history("kibbutz", sets=2).comparisons if c.unit == "ratio"
             and c.statistic.startswith("people in")]  # fmt: skip
    assert min(years) == 1950 and max(years) == 2005


def test_a_world_without_people_in_1983_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, lambda world, year, s: np.where((world == 0) & (year >= 60), 0.0, 1000.0), left=10.0)
    told = history("kibbutz", sets=3)
    assert by_name(told)["people in 1990, 1983 = 1"].simulated == Interval(1.0, 1.0, 1.0, 2)
    assert set(told.simulated[0].values) == {1.0}


# -- all three --


@pytest.mark.parametrize("name", histories.NAMES)
def test_a_figure_shows_every_course_on_both_screens(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, lambda world, year, s: 100.0 + year + world, left=1.0, died=3.0)
    told = history(name, sets=3)
    figure = draw(told)
    assert set(figure) == {"wide", "narrow"}
    for svg in figure.values():
        text = " ".join(ElementTree.fromstring(svg).itertext())
        assert all(f"simulated: {course.label}" in text for course in told.simulated)
        assert f"measured: {told.observed[0].label}" in text and told.title in text
        assert "var(--motive)" in svg and "var(--institution)" in svg
    assert draw(told) == figure
    first = told.observed[0]
    from matplotlib.axes import Axes

    points, plain = [], Axes.errorbar

    def errorbar(axes: Axes, x: Any, y: Any, *rest: Any, **style: Any) -> Any:
        points.append((tuple(x), tuple(y)))
        return plain(axes, x, y, *rest, **style)

    monkeypatch.setattr(Axes, "errorbar", errorbar)
    wider = replace(first, high=tuple(2 * high for high in first.high))
    moved = replace(wider, values=(*first.values[:-1], 1.5 * first.values[-1]))
    figures = [draw(replace(told, observed=(one, *told.observed[1:]))) for one in (first, wider, moved)]
    assert points == [(one.years, one.values) for one in (first, wider, moved) for _ in range(2)]
    assert len({drawn["wide"] for drawn in figures}) == 3


@pytest.mark.parametrize("name", histories.NAMES)
def test_every_comparison_says_how_and_every_course_has_its_limits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, lambda world, year, s: 100.0 + year + world, left=1.0, died=3.0)
    told = history(name, sets=3)
    assert told.fitted and told.notes
    assert {c.how for c in told.comparisons} <= {"fitted", "set", "predicted"}
    assert len(by_name(told)) == len(told.comparisons)
    values = scenario(name).values.model_dump()
    assert all(values[f.parameter] == f.value for f in told.fitted)
    for course in (*told.observed, *told.simulated):
        assert len(course.years) == len(course.values) == len(course.low) == len(course.high) > 0
        between = zip(course.low, course.values, course.high, strict=True)
        assert all(low <= value + 1e-9 and value <= high + 1e-9 for low, value, high in between)


def test_a_history_that_is_not_there_is_refused() -> None:
    with pytest.raises(BestowalError, match=r"there is no history 'shaker'.*shakers"):
        history("shaker")
    with pytest.raises(BestowalError, match="sets = 1: must be 2 or more"):
        history("kibbutz", sets=1)


def test_the_nine_of_the_data_are_the_nine_of_the_book() -> None:
    nine, others = shakers.shaker_societies(data("shakers_membership"))
    assert {one.name: (one.at(1823), one.at(1874)) for one in nine} == NINE
    assert {one.name for one in others} == {"Groveland, NY", "Union Village, OH", "North Union, OH", "Watervliet, OH",
                                            "South Union, KY", "Pleasant Hill, KY"}  # fmt: skip
