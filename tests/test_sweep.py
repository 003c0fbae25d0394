"""Sweeps: a grid or a design of ordinary scenarios, each run once, through the store."""

import csv
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from toy import command, environment, walk

import bestowal
from bestowal import sweep as sweep_  # the function
from bestowal.core.errors import BestowalError
from bestowal.report import sweep_figure
from bestowal.report.sweep_files import save, table
from bestowal.simulation import engine, missing, reduction, store, summary
from bestowal.simulation.design import MOST_POINTS, Range, designed, parsed
from bestowal.simulation.scenario import Change, key
from bestowal.simulation.sweep import settings

pytestmark = pytest.mark.usefixtures("toy_models")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int]]]:
    """The key and the blocks of each call that ran any."""
    calls: list[tuple[str, list[int]]] = []

    look = missing._missing

    def spy(*of: Any) -> Any:
        found = look(*of)
        if found:
            calls.append((of[0].name, [task.block for task in found]))
        return found

    monkeypatch.setattr(missing, "_missing", spy)
    return calls


# ----------------------------------------------------------------------------------------------------------------- grid


def test_every_point_of_a_grid_is_the_scenario_with_those_values(tmp_path: Path) -> None:
    over = {"drift": [0.0, 0.5, 2.0], "people": [3, 8]}
    data = bestowal.sweep(walk(), over, 40, years=[1904, 1919], store=tmp_path)
    assert data["value"].dims == ("drift", "people", "observable", "year", "world")
    assert data["value"].shape == (3, 2, 2, 2, 40) and data["mean"].dims == data["value"].dims[:-1]
    for drift in over["drift"]:
        for people in (3, 8):
            truth = engine.simulate(walk(drift=drift, people=people), range(40))
            here = data.sel(drift=drift, people=people)
            assert here["key"].item() == key(walk(drift=drift, people=people))
            for k, name in enumerate(("place", "ahead")):
                for year in (1904, 1919):
                    of = truth[:, year - 1900, k]
                    cell = here.sel(observable=name, year=year)
                    assert np.array_equal(cell["value"].values, of)
                    assert cell["mean"].item() == pytest.approx(of.mean(), rel=1e-12)
                    # Student's t for 39 degrees of freedom, from a table: 2.0227.
                    half = 2.0227 * of.std(ddof=1) / np.sqrt(40)
                    assert cell["high"].item() - cell["mean"].item() == pytest.approx(half, rel=1e-4, abs=1e-15)
                    assert cell["n"].item() == 40
    assert data["unit"].values.tolist() == ["m", "1"] and data["drift"].attrs["units"] == "m/year"
    assert data["people"].dtype.kind == "i" and data.attrs["worlds"] == 40


def test_a_sweep_runs_nothing_twice_and_shares_with_every_other_run(tmp_path: Path, ran: list[Any]) -> None:
    store.run(walk(drift=0.5), 64, store=tmp_path)
    sweep_(walk(), {"drift": [0.0, 0.5]}, 64, store=tmp_path)
    sweep_(walk(), {"drift": [0.0, 0.25, 0.5]}, 64, store=tmp_path)
    sweep_(walk(drift=9.0), {"people": [5], "drift": [0.25, 0.5]}, 70, store=tmp_path)
    store.run(walk(drift=0.25), 96, store=tmp_path)
    names = {key(walk(drift=d)): d for d in (0.0, 0.25, 0.5)}
    told = [(names[k], blocks) for k, blocks in ran]
    assert told == [(0.5, [0, 1]), (0.0, [0, 1]), (0.25, [0, 1]), (0.25, [2]), (0.5, [2])]


def test_values_from_a_year_on_are_changes(tmp_path: Path) -> None:
    data = sweep_(walk(), {"drift": [1.0]}, 1, from_year=1904, store=tmp_path)
    assert data["key"].item() == key(walk().but(from_year=1904, drift=1.0))


def test_a_change_of_the_scenario_that_hides_what_is_swept_is_said(tmp_path: Path) -> None:
    hidden = walk().but(from_year=1907, drift=1.0)
    assert hidden.changes == (Change(7, {"drift": 1.0}),)
    told = sweep_(hidden, {"drift": [0.0]}, 1, store=tmp_path).attrs["said"]
    assert told == "drift: the scenario sets it anew in 1907; only the years before are swept"
    assert sweep_(hidden, {"people": [2]}, 1, store=tmp_path).attrs["said"] == ""


@pytest.mark.society
def test_the_usual_observables_at_the_last_year_unless_told(tmp_path: Path) -> None:
    society = bestowal.scenario("commune").clock(years=2)
    data = sweep_(society, {"pay_link": [0.0, 0.3]}, 2, store=tmp_path)
    assert data["observable"].values.tolist() == ["standing", "members", "output_ratio"]
    assert data["year"].values.tolist() == [1844]
    # What is swept may be measured, too: they don't hide each other.
    both = sweep_(society, {"pay_link": [0.0, 0.3]}, 2, observables=["pay_link"], years=[1843], store=tmp_path)
    assert both["mean"].sel(observable="pay_link", year=1843).values == pytest.approx([0.0, 0.3])


def test_a_summary_of_each_point_has_the_same_means(tmp_path: Path) -> None:
    over = {"drift": [0.0, 0.5]}
    kept = sweep_(walk(), over, 70, store=tmp_path / "a")
    brief = sweep_(walk(), over, 70, keep="summary", store=tmp_path / "b")
    for name in ("mean", "low", "high", "n"):
        assert np.allclose(kept[name].values, brief[name].values, rtol=1e-12, atol=1e-14), name
    assert brief["value"].sel(statistic="min").values.tolist() == kept["value"].min("world").values.tolist()
    assert brief["value"].sel(statistic="sd").values == pytest.approx(kept["value"].std("world", ddof=1).values)


def test_progress_counts_the_worlds_of_all_points(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    sweep_(walk(), {"drift": [0.0, 1.0]}, 40, store=tmp_path, progress=lambda *at: told.append(at))
    assert told[0] == (0, 80) and told[-1] == (80, 80) and [a for a, _ in told] == sorted(a for a, _ in told)


@pytest.mark.subprocess
@pytest.mark.parametrize("keep", ["worlds", "summary"])
def test_a_killed_sweep_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str) -> None:
    code = f"""if True:
        import os, signal, bestowal
        def progress(done, total):
            if done >= 96 + 64:
                os.kill(os.getpid(), signal.SIGKILL)
        bestowal.sweep(toy.walk(), {{"drift": [0.0, 0.5, 1.0]}}, 96, keep={keep!r}, threads=1, store=sys.argv[1],
                       progress=progress)
    """
    killed = subprocess.run([*command(code), str(tmp_path)], env=environment(), timeout=120)
    assert killed.returncode == -signal.SIGKILL
    worlds: list[tuple[float, int]] = []
    simulate = engine.simulate

    def spy(scenario: Any, numbers: Any) -> Any:
        worlds.extend((scenario.values.drift, w) for w in numbers)
        return simulate(scenario, numbers)

    monkeypatch.setattr(engine, "simulate", spy)
    monkeypatch.setattr(missing, "simulate", spy)
    for module in (summary, reduction):
        monkeypatch.setattr(module, "simulate", spy)
    monkeypatch.setattr(summary, "_task_size", lambda *_: 32)
    data = sweep_(walk(), {"drift": [0.0, 0.5, 1.0]}, 96, keep=keep, store=tmp_path)  # type: ignore[arg-type]
    # Of the second point 64 worlds were kept, or 64 and the tail of a power of two.
    assert {w for d, w in worlds if d == 0.0} == set()
    assert {w for d, w in worlds if d == 0.5} == set(range(64, 96))
    assert {w for d, w in worlds if d == 1.0} == set(range(96))
    whole = sweep_(walk(), {"drift": [0.0, 0.5, 1.0]}, 96, keep=keep, store=tmp_path / "whole")  # type: ignore[arg-type]
    assert data.identical(whole)


# --------------------------------------------------------------------------------------------------------------- design


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_a_design_spreads_its_points_evenly(kind: str) -> None:
    over = {"drift": Range(-2.0, 6.0), "spread": Range(0.01, 1.0, log=True), "people": Range(3, 6)}
    points = designed(walk(), over, kind, 64, 7, 1, "worlds", 1)
    assert points == designed(walk(), over, kind, 64, 7, 1, "worlds", 1)
    assert points != designed(walk(), over, kind, 64, 8, 1, "worlds", 1)
    # Either kind has one point in each 64th of each parameter.
    drift = sorted((p["drift"] + 2) / 8 * 64 for p in points)
    spread = sorted(np.log(p["spread"] / 0.01) / np.log(100) * 64 for p in points)
    assert [int(x) for x in drift] == [int(x) for x in spread] == list(range(64))
    # Whole numbers are as likely one as the other: 64 points over four of them.
    assert [[p["people"] for p in points].count(n) for n in (3, 4, 5, 6)] == [16] * 4
    assert all(type(p["people"]) is int for p in points)


def test_sobol_grows_by_its_new_points_only() -> None:
    over = {"drift": Range(0.0, 1.0), "spread": Range(0.0, 1.0)}
    assert (
        designed(walk(), over, "sobol", 8, 1, 1, "worlds", 1)
        == designed(walk(), over, "sobol", 16, 1, 1, "worlds", 1)[:8]
    )


def test_the_points_of_a_design_carry_their_values(tmp_path: Path) -> None:
    over = {"drift": Range(0.0, 1.0), "people": Range(1, 90, log=True)}
    data = sweep_(walk(), over, 8, design="lhs", points=5, design_seed=3, store=tmp_path)
    assert data["value"].dims == ("point", "observable", "year", "world") and data["drift"].dims == ("point",)
    for at, setting in settings(data):
        truth = engine.simulate(walk(**setting), range(8))[:, -1, 0]
        assert np.array_equal(data.isel(at).sel(observable="place", year=1919)["value"].values, truth)


# --------------------------------------------------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("drift=0:1:5", [0, 0.25, 0.5, 0.75, 1]),
        ("drift=0:0.3:4", [0, 0.1, 0.2, 0.3]),
        ("drift=1:0:3", [1, 0.5, 0]),
        ("spread=0.01:1:3:log", [0.01, 0.1, 1]),
        ("people=50,100,200", [50, 100, 200]),
        ("people=2:10:3", [2, 6, 10]),
        (" drift = -1 , 0.5 ", [-1, 0.5]),
    ],
)
def test_over_says_a_range_or_a_list(text: str, values: list[float], tmp_path: Path) -> None:
    over = parsed(walk(), [text], None)
    (name,) = over
    data = sweep_(walk(years=1), over, 1, store=tmp_path)
    # To the bit: 0.30000000000000004 would be another run than 0.3.
    assert data[name].values.tolist() == values


@pytest.mark.parametrize(
    ("texts", "design", "message"),
    [
        (["drfit=0:1:3"], None, 'drfit: unknown parameter of walk; did you mean "drift"?'),
        (["drift"], None, "--over drift: must be NAME=VALUES"),
        (["drift=0:1"], None, "--over drift=0:1: must be NAME=a:b:n"),
        (["drift=0:1:2:3"], None, "must be NAME=a:b:n"),
        (["drift=0:1:x"], None, "'x' must be how many values"),
        (["drift=a,b"], None, "'a' is not a number"),
        (["drift=0:1:3"], "lhs", "--over drift=0:1:3: must be NAME=a:b or a:b:log"),
        (["drift=0,1"], "lhs", "drift: a design takes its lowest and highest value"),
        (["drift=0,1", "drift=2,3"], None, "drift is there twice"),
        (["drift=0,1,0"], None, "drift: the value 0 is there 2 times"),
        (["drift=0:1:1"], None, "drift: 1 values: must be 2 or more"),
        (["drift=0:1:3:log"], None, "both ends must be above 0"),
        (["people=1:2:4"], None, "people = 1.33333: takes whole numbers only"),
        (["people=1.5,2"], None, "people = 1.5: takes whole numbers only"),
        (["people=1.5:2"], "sobol", "people = 1.5: takes whole numbers only"),
        (["drift=nan"], None, "at drift = nan: drift = nan: must be a number"),
        (["drift=3:2"], "lhs", "the second must be the higher"),
        (["drift=0,11"], None, "at drift = 11: drift = 11: must be a number from -10 to 10"),
        ([], None, "needs a parameter to go over"),
        (["drift=0:1:101", "spread=0:1:100"], None, "10,100 points of 1 worlds: 10,000 points is the most"),
    ],
)
def test_what_can_not_be_swept_is_refused_before_anything_is_run(
    tmp_path: Path, texts: list[str], design: Any, message: str
) -> None:
    with pytest.raises(BestowalError) as told:
        sweep_(walk(), parsed(walk(), texts, design), 1, design=design, points=4 if design else None, store=tmp_path)
    assert message in str(told.value) and "\n" not in str(told.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"worlds": 5_000_001}, "2 points of 5,000,001 worlds are 10,000,002 worlds: 10,000,000 is the most"),
        ({"worlds": 4_000_000, "years": list(range(1900, 1920))}, "are 320,000,000 numbers: 200,000,000 is the most"),
        ({"observables": ["plaice"]}, 'observable plaice: walk doesn\'t measure it; did you mean "place"?'),
        ({"years": [1920]}, "year = 1920: years run from 1900 to 1919; 1920 is not one"),
        ({"points": 3}, "points = 3: goes with a design"),
        ({"design": "grid"}, "design = grid: must be lhs or sobol"),
        ({"design": "lhs"}, "points: a design needs their number"),
        ({"design": "sobol", "points": 100}, "points = 100: Sobol' points come in powers of 2, such as 64 or 128"),
        ({"design": "lhs", "points": 4, "design_seed": -1}, "design_seed = -1"),
    ],
)
def test_what_else_is_wrong_is_one_line(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    over = {"drift": Range(0, 1) if more.get("design") else [0, 1]}
    with pytest.raises(BestowalError) as told:
        sweep_(walk(), over, store=tmp_path, **more)
    assert message in str(told.value) and "\n" not in str(told.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_grid_of_very_many_points_is_refused_at_once() -> None:
    over = {name: Range(0.1, 1, MOST_POINTS) for name in ("drift", "spread")}
    with pytest.raises(BestowalError, match=r"100,000,000 points of 200 worlds"):
        sweep_(walk(), over)
    with pytest.raises(BestowalError, match=r"10,000 points is the most"):
        sweep_(walk(), {"drift": Range(0, 1, 10**15)})


# -------------------------------------------------------------------------------------------------------- what is left


def test_the_files_hold_the_sweep(tmp_path: Path) -> None:
    data = sweep_(walk(), {"drift": [0.0, 0.5], "people": [3, 8]}, 33, keep="summary", store=tmp_path)
    files = save(data, store=tmp_path)
    assert [f.name for f in files] == ["sweep.svg", "sweep.csv", "sweep.nc"]
    assert files[0].parent.parent == tmp_path / "sweeps" and files == save(data, store=tmp_path)
    read = xr.open_dataset(files[2], engine="scipy").load()
    for name in ("value", "mean", "low", "high", "n", "key"):
        assert read[name].values.tolist() == data[name].values.tolist(), name
    assert read["people"].values.tolist() == [3, 8] and read.attrs["over"] == "drift; people"
    with files[1].open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 2 * 2 * 2
    last = rows[-1]
    assert (last["drift"], last["people"], last["observable"], last["unit"], last["year"]) == (
        "0.5",
        "8",
        "ahead",
        "1",
        "1919",
    )
    truth = engine.simulate(walk(drift=0.5, people=8), range(33))[:, -1, 1]
    assert float(last["mean"]) == pytest.approx(truth.mean(), rel=1e-9) and last["worlds"] == "33"
    assert float(last["max"]) == truth.max()
    assert files[0].read_text(encoding="utf-8").startswith("<svg ")


def made(shape: dict[str, int], years: int = 1, observables: int = 2) -> xr.Dataset:
    """A sweep of known numbers: the mean at a point is the sum of its values; nothing to measure where that is 3."""
    values = np.meshgrid(*(np.arange(n, dtype=float) for n in shape.values()), indexing="ij")
    mean = np.broadcast_to(sum(values)[..., None, None], (*shape.values(), observables, years)).copy()  # type: ignore[index]
    mean[mean == 3] = np.nan
    dims = (*shape, "observable", "year")
    return xr.Dataset(
        {
            "mean": (dims, mean),
            "low": (dims, mean - 1),
            "high": (dims, mean + 1),
            "unit": ("observable", ["m"] * observables),
        },
        coords={
            **{name: (name, np.arange(n, dtype=float), {"units": "u"}) for name, n in shape.items()},
            "observable": [f"thing_{i}" for i in range(observables)],
            "year": ("year", [1900 + i for i in range(years)], {"long_name": "year"}),
        },
        attrs={"over": "; ".join(shape), "worlds": 5},
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "words", "panels", "bars"),
    [
        (made({"a": 5}), ["thing 0 (m)", "thing 1 (m)", "Year 1900.", "a (u)"], 2, 0),
        (made({"a": 5}, years=2), ["thing 1 (m), 1901"], 4, 0),
        (made({"a": 2, "b": 3}), ["b (u)", "Blank where there is nothing to measure"], 2, 2),
        (made({"a": 2, "b": 3, "c": 3}), ["thing 0 (m) c = 2"], 6, 6),
        (made({"a": 2, "b": 2, "c": 9}), ["only the middle is drawn: c = 4;"], 2, 2),
        (made({"a": 5}, observables=14), ["The first 12 of 14 panels"], 12, 0),
    ],
    ids=["curve", "years", "map", "maps", "middle", "many"],
)
def test_the_figure_shows_every_panel_and_says_what_it_leaves_out(
    data: xr.Dataset, words: list[str], panels: int, bars: int
) -> None:
    drawn = sweep_figure.draw(data)
    for svg in drawn.values():
        assert len(re.findall(r'id="f[0-9a-f]{8}axes_\d+"', svg)) == panels + bars
    text = " ".join(re.sub(r"<[^>]+>", " ", drawn["wide"]).split())
    assert [w for w in words if w not in text] == []


def test_a_curve_is_drawn_where_its_numbers_are() -> None:
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    panels, _, _ = sweep_figure._panels(made({"a": 6}))
    panels[0][1](axes)
    x, y = axes.lines[0].get_data()
    assert list(x) == [0, 1, 2, 3, 4, 5] and np.array_equal(y, [0, 1, 2, np.nan, 4, 5], equal_nan=True)


def test_a_map_has_its_first_parameter_across() -> None:
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    panels, _, _ = sweep_figure._panels(made({"a": 2, "b": 3}))
    panels[0][1](axes)
    drawn = axes.collections[0].get_array()
    assert drawn.filled(-1).tolist() == [[0, 1], [1, 2], [2, -1]]


def test_the_table_is_a_row_a_point(tmp_path: Path) -> None:
    data = sweep_(walk(), {"drift": [0.0, 0.1]}, 1, observables=["place"], store=tmp_path)
    headings, rows = table(data)
    assert headings == ["drift", "observable", "unit", "year", "mean", "low", "high", "worlds"]
    place = engine.simulate(walk(drift=0.1), [0])[0, -1, 0]
    # Of one world there is a mean and no interval.
    assert rows[1] == ["0.1", "place", "m", "1919", f"{place:.10g}", "", "", "1"]
