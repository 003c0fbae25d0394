"""The command line: what each verb prints, and what it says and returns when something is wrong."""

import csv
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
import xarray as xr
from toy import command, environment, walk
from typer.testing import CliRunner, Result

from bestowal import scenario as read
from bestowal.cli import app as cli
from bestowal.cli import console, progress, tables
from bestowal.core.errors import BestowalError
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import to_toml

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.usefixtures("toy_models")


def call(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario of the toy model, in an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BESTOWAL_STORE", raising=False)
    path = tmp_path / "w.toml"
    path.write_text(to_toml(walk(years=9)), encoding="utf-8")
    return path


def values(worlds: int = 3, years: int = 9) -> xr.Dataset:
    """A run with known numbers: world w, year y has place 10 w + y; nobody is ahead in the first year."""
    place = 10.0 * np.arange(worlds)[:, None] + np.arange(years)
    ahead = np.where(np.arange(years) == 0, np.nan, 0.5) + 0 * place
    return xr.Dataset(
        {"place": (("world", "year"), place, {"units": "m"}), "ahead": (("world", "year"), ahead, {"units": "1"})},
        coords={"world": np.arange(worlds), "year": ("year", 1900 + np.arange(years), {"long_name": "year"})},
        attrs={"key": "abc", "repaired": "worlds 0 to 31 were damaged", "scenario": "w"},
    )


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What store.run was called with, or would be for each of store.run_each; it gives `values()` at once."""
    calls: list[tuple[Any, ...]] = []

    def run(
        scenario: Any,
        worlds: int,
        *,
        threads: Any,
        store: Any,
        progress: Callable[[int, int], None],
        on: str | None,
        blocks: range | None = None,
    ) -> xr.Dataset:
        assert on is None and blocks is None
        progress(1, 2)
        calls.append((scenario, worlds, threads, store))
        return values().assign(place=values()["place"] + 2 * len(scenario.changes))

    def run_each(scenarios: Any, worlds: int, **of: Any) -> list[xr.Dataset]:
        return [run(scenario, worlds, **of) for scenario in scenarios]

    monkeypatch.setattr("bestowal.simulation.store.run", run)
    monkeypatch.setattr("bestowal.simulation.store.run_each", run_each)
    return calls


# ----------------------------------------------------------------------------------------------------------------- help


def verbs() -> list[str]:
    return sorted(getattr(typer.main.get_command(cli.app), "commands", {}))


def test_a_file_with_a_function_of_its_name_is_a_verb() -> None:
    files = {path.stem for path in Path(cli.__file__).parent.glob("[a-z]*.py")}
    named = {name for name in files if hasattr(import_module(f"bestowal.cli.{name}"), name)}
    assert verbs() == sorted(cli.VERBS) == sorted(named - {"app", "progress"})


@pytest.mark.parametrize("verb", verbs())
def test_every_option_and_argument_says_what_it_is(verb: str) -> None:
    command = typer.main.get_command(cli.app).commands[verb]  # type: ignore[attr-defined]
    for param in command.params:
        if param.name == "help" or param.hidden:
            continue
        said = param.help or ""
        assert re.match(r"[A-Z$]", said) and said.endswith("."), f"{verb} {param.opts}: {said!r}"
        # The site shows these in a table of Markdown.
        assert "|" not in said and said.count("`") % 2 == 0 and "\n" not in said, f"{verb} {param.opts}: {said!r}"
        assert "luck" not in said and "unless given" not in said, f"{verb} {param.opts}: {said!r}"


@pytest.mark.parametrize("verb", verbs())
def test_every_help_begins_with_a_sentence_and_has_its_examples_as_code(verb: str) -> None:
    said = typer.main.get_command(cli.app).commands[verb].help or ""  # type: ignore[attr-defined]
    first, *rest = said.split("\n\n")
    assert re.fullmatch(r"[A-Z][a-z]+ [^\n]+\.", first) and "luck" not in said, first
    assert [part in rest for part in ("Example:", "Examples:")].count(True) == 1
    assert rest[-1].startswith("\b\n") and all(line.startswith("    bestowal ") for line in rest[-1].split("\n")[1:])


@pytest.mark.parametrize("verb", verbs())
def test_every_help_has_an_example_that_parses(verb: str) -> None:
    told = call(verb, "--help")
    assert told.exit_code == 0
    examples = re.findall(rf"^ +bestowal {verb}\b(.*)$", told.stdout, flags=re.MULTILINE)
    assert examples
    for example in examples:
        words = example.partition(">")[0].split()
        typer.main.get_command(cli.app).commands[verb].make_context(verb, words)


def test_help_lists_the_verbs_and_no_arguments_is_help() -> None:
    assert all(f"\n  {verb} " in call("--help").stdout for verb in verbs())
    assert call().output == call("--help").output
    assert "bestowal ask russia" in call("--help").output


# ------------------------------------------------------------------------------------------------------------------ run


def test_run_prints_means_with_intervals_at_five_years_and_says_where_the_data_is(
    file: Path, runs: list[tuple[Any, ...]]
) -> None:
    told = call("run", "w.toml", "--worlds", "3", "--threads", "2", "--store", "there")
    assert told.exit_code == 0, told.output
    header = next(line for line in told.stdout.splitlines() if "observable" in line)
    assert header.split() == ["observable", "unit", "1900", "1902", "1904", "1906", "1908"]
    # Mean 10 of 0, 10, 20; Student's t for 2 degrees of freedom 4.3027 times 10/sqrt(3) is 24.84.
    place = next(line for line in told.stdout.splitlines() if "place" in line)
    assert place.split() == ["place", "m", *(w for y in range(0, 9, 2) for w in (f"{10 + y}", "±25"))]
    ahead = next(line for line in told.stdout.splitlines() if "ahead" in line)
    assert ahead.split() == ["ahead", "1", "–", *["0.5", "±0"] * 4]
    assert f"data: {Path('there') / 'abc'}" in told.stdout
    assert told.stderr == "bestowal: worlds 0 to 31 were damaged\n"
    assert runs == [(read("w.toml"), 3, 2, Path("there"))]


def test_run_sets_values_from_the_start_or_from_a_year(file: Path, runs: list[tuple[Any, ...]]) -> None:
    assert call("run", "w.toml", "--set", "drift=0.5", "--set", "people = 3").exit_code == 0
    assert call("run", "w.toml", "--set", "drift=1", "--from-year", "1904").exit_code == 0
    w = read("w.toml")
    assert [c[0] for c in runs] == [w.but(drift=0.5, people=3), w.but(from_year=1904, drift=1.0)]
    assert runs[0][1] == 500


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "drift"], "--set drift: must be NAME=VALUE"),
        (["--set", "=3"], "--set =3: must be NAME=VALUE"),
        (["--set", "drift=fast"], "--set drift=fast: 'fast' is not a number"),
        (["--set", "drift=nan"], "drift = nan: must be a number"),
        (["--set", "people=1.5"], "people = 1.5: must be an integer"),
        (["--set", "drfit=1"], 'drfit: unknown parameter of walk; did you mean "drift"?'),
        (["--set", "drift=1", "--from-year", "9"], "--from-year 9: years run from 1900 to 1908; 9 is not one"),
        (["--set", "drift=1", "--from-year", "8"], "did you mean 1908 (step 8)?"),
        (["--set", "drift=1", "--set", "drift=2"], "--set drift=2: drift is set twice, first to 1"),
        (["--hold"], "--hold: needs --set"),
        (["--years", "0"], "years = 0: must be an integer from 1 to 65536"),
        (["--seed", "-1"], "seed = -1: must be an integer from 0"),
        (["--years", "3", "--set", "drift=1", "--from-year", "1903"], "years run from 1900 to 1902; 1903 is not one"),
        (
            ["--set", "seed=3"],
            "--set seed=3: seed is the scenario's, not a parameter; say --seed 3",
        ),
        (
            ["--set", "years=3"],
            "--set years=3: years is the scenario's, not a parameter; say --years 3",
        ),
        (["--from-year", "3"], "--from-year 3: needs --set"),
        (["--worlds", "0"], "worlds = 0: must be"),
        (["--worlds", "99999999999"], "worlds = 99999999999: must be 1000000 or fewer"),
        (["--worlds", "-3"], "worlds = -3: must be"),
        (["--threads", "0"], "threads = 0: must be"),
    ],
)
def test_run_refuses_in_one_line(file: Path, words: list[str], message: str) -> None:
    told = call("run", "w.toml", *words)
    assert told.exit_code == 2
    assert told.stdout == "" and told.stderr.count("\n") == 1
    assert message in told.stderr


@pytest.mark.parametrize("verb", ["run", "compare", "ask", "show"])
def test_a_file_that_is_not_there_is_one_line(file: Path, verb: str) -> None:
    told = call(verb, *["none.toml"] * (1 + (verb == "compare")))
    assert told.exit_code == 2 and told.stderr.count("\n") == 1 and "none.toml" in told.stderr


# -------------------------------------------------------------------------------------------------------------- compare


def test_compare_prints_paired_differences_and_how_many_differ(file: Path, runs: list[tuple[Any, ...]]) -> None:
    told = call("compare", "w.toml", "--set", "drift=1", "--from-year", "1904", "--worlds", "3")
    assert told.exit_code == 0, told.output
    place = next(line for line in told.stdout.splitlines() if "place" in line)
    assert place.split() == ["place", "m", *["2", "±0"] * 5]
    ahead = next(line for line in told.stdout.splitlines() if "ahead" in line)
    assert ahead.split() == ["ahead", "1", "–", *["0", "±0"] * 4]
    assert (
        "the twins differ in 100 % of 3 worlds (95 %: 29 to 100 %); the first difference shows in 1900" in told.stdout
    )
    assert [c[0] for c in runs] == [read("w.toml"), read("w.toml").but(from_year=1904, drift=1.0)]


def test_an_interval_of_rounding_alone_is_none() -> None:
    shown = [tables.cell(0.9, 0.9 - half, 3, 3) for half in (0.0, 1e-15, 1e-9, 0.04)]
    assert shown == ["0.9 ±0", "0.9 ±0", "0.9 ±1e-09", "0.900 ±0.040"]


def test_a_cell_of_fewer_worlds_says_how_many_and_the_line_below_says_the_rest(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(scenario: Any, worlds: int, **of: Any) -> xr.Dataset:
        data = values(worlds)
        data["place"][1, 4:] = np.nan  # nobody lives in world 1 from 1904 on
        return data.assign_attrs(repaired="")

    monkeypatch.setattr("bestowal.simulation.store.run", run)
    monkeypatch.setattr("bestowal.simulation.store.run_each", lambda all, worlds, **of: [run(s, worlds) for s in all])
    for words in (["run"], ["compare", "--set", "drift=1"]):
        told = call(words[0], "w.toml", "--worlds", "3", *words[1:]).stdout
        place = next(line for line in told.splitlines() if "place" in line)
        assert place.count("(n 2)") == 3 and place.index("(n 2)") > place.index("±"), told
        assert "n = 3 in each cell unless it says otherwise; – where there is nothing to measure" in told
        assert "(n" not in next(line for line in told.splitlines() if "ahead" in line)
    over = ["--over", "drift=0,1", "--worlds", "3", "--observable", "place"]
    one = call("sweep", "w.toml", *over, "--year", "1900", "--year", "1908").stdout
    assert one.count("(n 2)") == 2 and "n = 3 in each cell unless it says otherwise" in one, one
    two = call("sweep", "w.toml", *over, "--over", "people=2,3").stdout
    assert two.count("(n 2)") == 4, two
    assert "n = 3 in each cell; –" in call("sweep", "w.toml", *over, "--year", "1900").stdout


def test_compare_takes_two_files_and_changes_the_second(file: Path, runs: list[tuple[Any, ...]]) -> None:
    told = call("compare", "w.toml", "w.toml", "--set", "people=2")
    assert [c[0] for c in runs] == [read("w.toml"), read("w.toml").but(people=2)]
    assert "the twins differ in 0 % of 3 worlds" in told.stdout and "first difference" not in told.stdout


def test_compare_needs_something_to_compare_with(file: Path) -> None:
    told = call("compare", "w.toml")
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1) and "needs a second scenario" in told.stderr


# ---------------------------------------------------------------------------------------------------- summary and sweep


def test_run_with_a_summary_prints_the_same_means_and_how_worlds_spread(file: Path) -> None:
    kept, brief = (
        call("run", "w.toml", "--worlds", "40", "--store", "there", "--keep", k) for k in ("worlds", "summary")
    )
    assert kept.exit_code == brief.exit_code == 0, brief.output
    table = kept.stdout.partition("40 worlds, at five years of 9")[0]
    assert "place" in table and brief.stdout.startswith(table)
    spread = brief.stdout.removeprefix(table)
    assert [line.split() for line in spread.splitlines() if "observable" in line] == [
        ["observable", "unit", "worlds", "sd", "least", "5", "%", "50", "%", "95", "%", "most"]
    ]
    place = next(line for line in spread.splitlines() if line.startswith(" place")).split()
    from bestowal.simulation.store import run

    truth = np.sort(run(read("w.toml"), 40, store="there")["place"].values[:, -1])
    assert place[:3] == ["place", "m", "40"]
    # Ranks 2, 20 and 38 of 40; within one part in 512.
    wanted = [truth.std(ddof=1), truth[0], truth[1], truth[19], truth[37], truth[-1]]
    assert [float(x) for x in place[3:]] == pytest.approx(wanted, rel=1 / 512 + 1e-3)
    assert "within one part in 512" in spread
    csv = Path("there") / key(read("w.toml")) / "summary" / "40.csv"
    assert f"data: {csv}" in spread and csv.exists()


def test_a_sweep_over_one_parameter_is_a_table_of_points(file: Path) -> None:
    told = call("sweep", "w.toml", "--over", "drift=0:1:3", "--worlds", "40", "--out", "out")
    assert told.exit_code == 0, told.output
    lines = [line.split() for line in told.stdout.splitlines()]
    assert ["year", "1908"] in lines and ["drift", "place", "ahead"] in lines
    rows = {
        float(words[0]): words for words in lines if words and re.fullmatch(r"[\d.]+", words[0]) and len(words) == 5
    }
    assert list(rows) == [0.0, 0.5, 1.0]
    from bestowal.simulation.store import run

    for drift, words in rows.items():
        place = run(read("w.toml").but(drift=drift), 40)["place"].values[:, -1]
        half = float(words[2].removeprefix("±"))
        assert float(words[1]) == pytest.approx(place.mean(), abs=half / 5)
        assert half == pytest.approx(2.0227 * place.std(ddof=1) / 40**0.5, rel=0.05)  # Student's t, 39 degrees
    assert "3 points of 40 worlds" in told.stdout
    files = [Path("out") / f"sweep.{kind}" for kind in ("svg", "csv", "nc")]
    assert all(f"written: {f}" in told.stdout and f.exists() for f in files)


def test_a_sweep_over_two_is_a_table_an_observable_and_a_design_a_list(file: Path) -> None:
    over = ["--over", "drift=0,1", "--over", "people=2:8:3"]
    told = call("sweep", "w.toml", *over, "--worlds", "4", "--observable", "ahead", "--year", "1900", "--year", "1908")
    assert told.exit_code == 0, told.output
    assert (
        "ahead (1), year 1900" in told.stdout and "ahead (1), year 1908" in told.stdout and "place" not in told.stdout
    )
    assert (
        told.stdout.count("people") == 2
        and [line.split() for line in told.stdout.splitlines() if line.startswith(" drift")]
        == [["drift", "2", "5", "8"]] * 2
    )
    assert len(list(Path("results/sweeps").glob("w-*/sweep.csv"))) == 1
    from bestowal.simulation.store import run

    last = [line.split() for line in told.stdout.splitlines() if line.startswith("     0 ")][-1]
    ahead = run(read("w.toml").but(drift=0.0, people=8), 4)["ahead"].values[:, -1]
    half = 3.1824 * ahead.std(ddof=1) / 2  # Student's t, 3 degrees of freedom
    assert half > 0.02 and [float(x.removeprefix("±")) for x in last[-2:]] == pytest.approx(
        [ahead.mean(), half], rel=0.05, abs=0.005
    )
    over = ["--over", "drift=0:1", "--over", "people=2:8"]
    told = call("sweep", "w.toml", *over, "--worlds", "4", "--design", "sobol", "--points", "64", "--keep", "summary")
    assert told.exit_code == 0, told.output
    assert "the first 60 of 64 points; all are in sweep.csv" in told.stdout and "64 points of 4 worlds" in told.stdout


def test_run_compare_and_sweep_take_another_clock(file: Path, runs: list[tuple[Any, ...]]) -> None:
    w = read("w.toml")
    assert call("run", "w.toml", "--years", "9", "--seed", "5").exit_code == 0
    assert call("compare", "w.toml", "--set", "drift=1", "--seed", "5").exit_code == 0
    assert [c[0] for c in runs] == [w.clock(seed=5), w.clock(seed=5), w.clock(seed=5).but(drift=1.0)]


def test_compare_refuses_two_calendars_before_it_runs(file: Path, runs: list[tuple[Any, ...]]) -> None:
    Path("later.toml").write_text('extends = "w.toml"\nfirst_year = 1901\n', encoding="utf-8")
    told = call("compare", "w.toml", "later.toml")
    assert told.exit_code == 2 and runs == []
    assert told.stderr == (
        "bestowal: compare: w and later are not twins: first_year is 1900 in one and 1901 in the other\n"
    )


def test_one_clock_in_one_command(file: Path) -> None:
    """--year and --from-year are both the calendar's: what begins in 20 shows in 20 and not before."""
    Path("ten.toml").write_text('extends = "w.toml"\nfirst_year = 10\nyears = 20\n', encoding="utf-8")
    wanted = read("ten.toml")
    command = ["sweep", "ten.toml", "--over", "drift=0,5", "--worlds", "4", "--observable", "place", "--out", "out"]
    assert call(*command, "--from-year", "20", "--year", "19", "--year", "20").exit_code == 0
    with Path("out/sweep.csv").open(encoding="utf-8") as lines:
        rows = {(row["drift"], row["year"]): row["mean"] for row in csv.DictReader(lines)}
    assert rows["0", "19"] == rows["5", "19"] and rows["0", "20"] != rows["5", "20"]
    from bestowal.simulation.store import run

    place = run(wanted.but(20, drift=5.0), 4)["place"].sel(year=20).values
    assert float(rows["5", "20"]) == pytest.approx(place.mean(), rel=1e-9)
    for option in ("--year", "--from-year"):
        told = call(*command, option, "9")
        assert told.exit_code == 2
        assert (
            told.stderr == f"bestowal: {option} 9: years run from 10 to 29; 9 is not one; did you mean 19 (step 9)?\n"
        )


@pytest.mark.parametrize(
    ("scenario", "first", "last"), [("kibbutz", 1920, 1999), ("russia", 1922, 1991), ("commons", 1, 60)]
)
def test_every_verb_names_the_calendar_of_the_scenario(
    file: Path, runs: list[tuple[Any, ...]], scenario: str, first: int, last: int
) -> None:
    for verb in ("run", "compare", "explore"):
        told = call(verb, scenario, "--set", "saving=0.2", "--from-year", str(last + 1))
        assert told.exit_code == 2 and runs == []
        assert told.stderr.startswith(
            f"bestowal: --from-year {last + 1}: years run from {first} to {last}; {last + 1} is "
        )
    assert call("compare", scenario, "--set", "saving=0.2", "--from-year", str(last)).exit_code in (0, 1)
    assert runs[-1][0].changes[-1].year == last - first


def test_what_a_change_of_the_scenario_sets_anew_is_said_and_hold_keeps_it(
    file: Path, runs: list[tuple[Any, ...]]
) -> None:
    file.write_text(to_toml(walk(years=9).but(from_year=1902, drift=3.0)), encoding="utf-8")
    told = call("compare", "w.toml", "--set", "drift=1")
    assert "drift: the scenario sets it anew in 1902; --hold keeps what is set\n" in told.stderr
    told = call("compare", "w.toml", "--set", "drift=1", "--from-year", "1901")
    assert "anew in 1902, which is left out: what is set from 1901 on stays to the end\n" in told.stderr
    assert "anew" not in call("compare", "w.toml", "--set", "drift=1", "--from-year", "1903").stderr
    told = call("compare", "w.toml", "--set", "drift=1", "--hold")
    assert "anew" not in told.stderr and runs[-1][0] == read("w.toml").hold(drift=1.0)
    assert [values.drift for _, values in runs[-1][0].spans] == [1.0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "w.toml", "--worlds", "5e3"), "--worlds 5e3: must be a whole number"),
        (("run", "w.toml", "--seed=1.5"), "--seed 1.5: must be a whole number"),
        (("run", "w.toml", "--keep", "foo"), "--keep foo: 'foo' is not one of 'worlds', 'summary'"),
        (("run", "w.toml", "--word", "9"), "No such option: --word"),
        (("run",), "Missing argument 'SCENARIO'"),
        (("walk",), "No such command 'walk'"),
        (("sweep", "w.toml", "--over", "drift=0,1", "--out", "w.toml"), "--out w.toml: w.toml is there; needs"),
        (("ask", "commune", "--out", "w.toml"), "--out w.toml: w.toml is there; needs a name that ends in .html"),
    ],
)
def test_a_word_of_the_command_that_is_off_is_one_line(
    file: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["bestowal", *words])
    before = file.read_bytes()
    told = call(*words)
    assert told.exit_code == 2 and told.stdout == "" and file.read_bytes() == before
    assert told.stderr.startswith(f"bestowal: {said}") and told.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_sweep_says_what_a_change_hides(file: Path) -> None:
    file.write_text(to_toml(walk(years=9).but(from_year=1902, drift=3.0)), encoding="utf-8")
    told = call("sweep", "w.toml", "--over", "drift=0,1", "--worlds", "2")
    assert told.stderr == "bestowal: drift: the scenario sets it anew in 1902; only the years before are swept\n"
    assert call("sweep", "w.toml", "--over", "drift=0,1", "--worlds", "2", "--from-year", "1903").stderr == ""
    told = call("sweep", "w.toml", "--over", "drift=0,1", "--worlds", "2", "--from-year", "1901")
    assert "anew in 1902, which is left out: what is swept from 1901 on stays to the end\n" in told.stderr
    told = call("sweep", "w.toml", "--over", "drift=0,1", "--worlds", "2", "--from-year", "1903", "--year", "1901")
    assert told.stderr == "bestowal: 1901 lies before 1903, when the values begin: every point is the same there\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--over", "drfit=0:1:3"], 'drfit: unknown parameter of walk; did you mean "drift"?'),
        (["--over", "people=1:2:3"], "people = 1.5: takes whole numbers only"),
        (
            ["--over", "drift=0:1:200", "--over", "spread=0:1:200"],
            "40,000 points of 200 worlds: 10,000 points is the most",
        ),
        (["--over", "drift=0:1", "--design", "sobol"], "points: a design needs their number"),
    ],
)
def test_a_sweep_refuses_in_one_line(file: Path, words: list[str], message: str) -> None:
    told = call("sweep", "w.toml", *words)
    assert (told.exit_code, told.stdout, told.stderr.count("\n")) == (2, "", 1) and message in told.stderr
    assert not Path("results").exists()


# ------------------------------------------------------------------------------------------------------------------ ask


def test_ask_prints_the_answer_and_what_was_said_and_leaves_the_page(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Answer:
        said = ("an old answer was damaged",)

    calls: list[object] = []

    def ask(name: str, worlds: Any, *, threads: Any, store: Any, progress: Any, on: Any) -> type[Answer]:
        progress(1, 2)
        calls.append((name, worlds, threads, store))
        return Answer

    def save(answer: type[Answer], out: Path | None, full: None) -> Path:
        assert full is None
        calls.append(out)
        return Path("page.html")

    monkeypatch.setattr("bestowal.questions.ask.ask", ask)
    monkeypatch.setattr("bestowal.report.answer_page.save", save)
    monkeypatch.setattr("bestowal.report.answer_text.terminal", lambda answer, page, full: f"the answer, on {page}")
    told = call("ask", "why.toml", "--worlds", "7", "--threads", "1", "--store", "there", "--out", "mine.html")
    assert told.exit_code == 0, told.output
    assert calls == [("why.toml", 7, 1, Path("there")), Path("mine.html")]
    assert told.stdout == "the answer, on page.html\n"
    assert told.stderr == "bestowal: an old answer was damaged\n"


def test_ask_in_full_asks_the_rest_and_says_how_to_ask_it_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Answer:
        said: tuple[str, ...] = ()
        command: str = "bestowal ask commune"

    asked_for: list[int] = []

    def in_full(answer: Answer, base: Any, *, threads: Any, store: Any, worlds: int, progress: Any, on: Any) -> str:
        asked_for.append(worlds)
        progress(3, 9, "smallest")
        return f"the rest of {base.name}, {threads} thread, {store}"

    monkeypatch.setattr("bestowal.questions.ask.ask", lambda *some, **more: Answer())
    monkeypatch.setattr("bestowal.questions.full.in_full", in_full)
    monkeypatch.setattr("bestowal.report.answer_page.save", lambda answer, out, full: full)
    monkeypatch.setattr("bestowal.report.answer_text.terminal", lambda answer, page, full: f"{answer.command}: {page}")
    told = call("ask", "commune", "--full", "--threads", "1", "--store", "there")
    assert told.exit_code == 0, told.output
    assert told.stdout == "bestowal ask commune --full: the rest of commune, 1 thread, there\n"
    assert call("ask", "commune", "--full", "--worlds", "64").exit_code == 0
    assert asked_for == [256, 64]


def test_the_version_is_the_packages_own() -> None:
    import bestowal

    assert call("--version").stdout == f"bestowal {bestowal.__version__}\n"
    assert bestowal.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (ROOT / "bestowal" / "py.typed").is_file()
    assert call("--show-completion", "bash").exit_code == 0


# -------------------------------------------------------------------------------------------------------- list and show


def test_list_names_models_scenarios_and_questions() -> None:
    told = call("list")
    assert told.exit_code == 0
    assert re.search(r"^  walk +People who wander on a line \(provisional\)$", told.stdout, flags=re.MULTILINE)
    for folder, verb in (("scenarios", "run"), ("questions", "ask")):
        assert f"{folder}  (bestowal {verb} NAME)\n" in told.stdout
        for path in (ROOT / "bestowal" / "catalogue" / folder).glob("*.toml"):
            title = tomllib.loads(path.read_text(encoding="utf-8"))["title"]
            assert re.search(rf"^  {path.stem} +{re.escape(title)}$", told.stdout, flags=re.MULTILINE)


def test_show_prints_a_file_that_reads_back_to_the_same_key(file: Path) -> None:
    shown = call("show", "w.toml")
    assert shown.exit_code == 0
    (file.parent / "mine.toml").write_bytes(shown.stdout_bytes)
    assert key(read("mine.toml")) == key(read("w.toml"))
    assert "# mean move · m/year, -10 to 10\n# drift = 0.1\n" in shown.stdout


@pytest.mark.parametrize("name", sorted(p.stem for p in (ROOT / "bestowal/catalogue/scenarios").glob("*.toml")))
def test_show_of_the_catalogue_reads_back_to_the_same_key(name: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(call("show", name).stdout_bytes)
    assert key(read(tmp_path / "mine.toml")) == key(read(name))


def test_show_prints_a_model_as_its_defaults_and_what_it_measures(file: Path) -> None:
    shown = call("show", "walk").stdout
    assert "people = 5\n" in shown and "# ahead: share of people past the start · 1, 0 to 1\n" in shown
    (file.parent / "defaults.toml").write_text(shown, encoding="utf-8")
    assert read("defaults.toml").values == walk().values


def test_list_names_data_and_show_prints_it_with_its_source() -> None:
    assert re.search(r"^  oneida +The Oneida Community", call("list").stdout, flags=re.MULTILINE)
    shown = call("show", "oneida", "--data").stdout
    assert "source: Noyes 1870" in shown and "grade: A" in shown and "US dollars" not in shown
    assert re.search(r"^ 1857 +5470\.11 +67272\.22 ", shown, flags=re.MULTILINE)  # no members counted that year
    wide = call("show", "pgg_fg2010_period_means").stdout
    assert "…" not in wide and "2.2357" in wide


def test_show_priors_tells_what_is_known_of_every_parameter() -> None:
    shown = call("show", "priors").stdout
    assert re.search(r"^ relapse +0\.05 to 0\.75, any factor +0\.1 +read +half-life 0\.5", shown, flags=re.MULTILINE)
    assert re.search(r"^ pay_link +stated by the scenario +0 +assumed ", shown, flags=re.MULTILINE)


def test_show_takes_a_scenario_before_a_question_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("scenarios", "questions"):
        (tmp_path / folder).mkdir()
    (tmp_path / "scenarios" / "walk.toml").write_text('model = "walk"\nyears = 3\ntitle = "S"\n')
    (tmp_path / "questions" / "walk.toml").write_text('title = "Why?"  # as it stands\n')
    (tmp_path / "questions" / "only.toml").write_text('title = "Only a question"\n')
    monkeypatch.setattr(sys.modules["bestowal.simulation.scenario_file"], "CATALOGUE", tmp_path / "scenarios")
    monkeypatch.setattr("bestowal.questions.question_file.CATALOGUE", tmp_path / "questions")
    assert call("show", "walk").stdout.startswith('title = "S"\n')
    assert call("show", "walk", "--question").stdout == 'title = "Why?"  # as it stands\n'
    assert call("show", "only").stdout == 'title = "Only a question"\n'
    assert call("show", "walk", "--model").stdout.startswith('title = "People who wander on a line"\n')
    assert "walk  S\n" in call("list").stdout and "only  Only a question\n" in call("list").stdout


def test_show_of_nothing_there_names_the_nearest() -> None:
    told = call("show", "wlk")
    assert (told.exit_code, told.stderr) == (
        2,
        "bestowal: there is no scenario or question or model or data 'wlk'; did you mean \"walk\"?\n",
    )


# ---------------------------------------------------------------------------------------------- when something is wrong


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (BestowalError("too much\nof it"), 2, "bestowal: too much of it"),
        (OSError(28, "No space left on device", "results/x"), 2, "bestowal: results/x: No space left on device"),
        (OSError("no number"), 2, "bestowal: no number"),
        (MemoryError("big"), 2, "bestowal: not enough memory; try fewer worlds (big)"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_no_traceback(
    file: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, line: str
) -> None:
    def run(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("bestowal.simulation.store.run", run)
    told = call("run", "w.toml")
    assert (told.exit_code, told.stdout, told.stderr) == (code, "", f"{line}\n")


def test_a_fault_of_ours_is_no_message_but_a_traceback(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bestowal.simulation.store.run", run)
    assert isinstance(call("run", "w.toml").exception, ZeroDivisionError)


def test_interrupted_it_says_how_to_go_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bestowal.simulation.store.run", run)
    monkeypatch.setattr(sys, "argv", ["/somewhere/bestowal", "run", "my walk.toml"])
    told = call("run", "w.toml")
    assert told.exit_code == 130 and told.stderr.count("\n") == 1
    assert "blocks that had finished are kept" in told.stderr
    assert "the same command goes on from there: bestowal run 'my walk.toml'" in told.stderr


# ---------------------------------------------------------------------------------------------------- as a real process


@pytest.mark.subprocess
def test_a_real_run_prints_its_table_and_a_second_reads_the_store(file: Path) -> None:
    code = "import sys; from bestowal.cli.app import main; sys.argv[1:] = ['run', 'w.toml', '--worlds', '2']; main()"
    spied = "import sys, atexit; atexit.register(lambda: print('numba' in sys.modules, file=sys.stderr))\n" + code
    first, second = (
        subprocess.run(command(spied), env=environment(), capture_output=True, text=True, timeout=300) for _ in range(2)
    )
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stdout == second.stdout and "place" in first.stdout
    assert f"data: {Path('results') / key(read('w.toml'))}" in first.stdout
    assert (first.stderr, second.stderr) == ("True\n", "False\n")


HEARD = (
    "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in what a shell begins with &
)


@pytest.mark.subprocess
def test_ctrl_c_while_it_is_still_importing_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(f"{HEARD}import os, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(30)\n")
    words = [sys.executable, "-m", "bestowal", "list"]
    env = environment()
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), env["PYTHONPATH"]])
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    shown = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert shown["project"]["scripts"] == {"bestowal": "bestowal.__main__:main"}


@pytest.mark.subprocess
@pytest.mark.parametrize(
    "met",
    [
        "    half = opened()\n    raise KeyboardInterrupt\n",  # upon something half begun
        # Python 3.11 makes another error of it where it comes while a class is made.
        "    raise RuntimeError('Error calling __set_name__') from KeyboardInterrupt()\n",
    ],
    ids=["half begun", "another error"],
)
def test_ctrl_c_is_one_line_whatever_it_comes_upon(file: Path, met: str) -> None:
    code = (
        "import sys, bestowal.simulation.store as store\n"
        "async def opened(): pass\n"
        f"def run(*arguments, **settings):\n{met}"
        "store.run = run\n"
        "from bestowal.cli.app import main; sys.argv[1:] = ['run', 'w.toml', '--worlds', '2']; main()"
    )
    done = subprocess.run(command(code), env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 130 and done.stderr.startswith("bestowal: stopped; ") and done.stderr.count("\n") == 1


@pytest.mark.subprocess
def test_ctrl_c_ends_a_real_run_with_one_line_and_the_finished_blocks_stay(file: Path) -> None:
    # Interrupt from within, when the first block is on disk, by the signal that Ctrl-C sends.
    code = (
        f"{HEARD}import os, sys, time, bestowal.simulation.missing as missing\n"
        "whole = missing.in_threads\n"
        "def cut(tasks, work, threads, keep):\n"
        "    def once(task, values):\n"
        "        keep(task, values)\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(30)\n"
        "    whole(tasks, work, threads, once)\n"
        "missing.in_threads = cut\n"
        "sys.argv[1:] = ['run', 'w.toml', '--worlds', '96', '--threads', '1']\n"
        "from bestowal.cli.app import main; main()"
    )
    done = subprocess.run(command(code), env=environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 130, done.stderr
    assert done.stdout == "" and done.stderr.count("\n") == 1 and "goes on from there" in done.stderr
    kept = list((file.parent / "results").glob("*/worlds.zarr/observed/c/*"))
    assert [path.name for path in kept] == ["0"]


def test_blocks_of_a_run_are_run_alone_and_found_by_the_next(file: Path) -> None:
    told = call("run", "w.toml", "--worlds", "100", "--blocks", "2-3")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("blocks 2-3: worlds 64 to 99 of 100 are there\ndata: results")
    chunks = file.parent / "results" / key(read("w.toml")) / "worlds.zarr" / "observed" / "c"
    assert sorted(path.name for path in chunks.iterdir()) == ["2", "3"]
    assert call("run", "w.toml", "--worlds", "100", "--blocks", "0").stdout.startswith("blocks 0: worlds 0 to 31 of")
    assert "100 worlds, at five" in call("run", "w.toml", "--worlds", "100").stdout
    for wrong, says in (
        ("3-4", "blocks 3-4: 100 worlds are blocks 0-3, of 32 each"),
        ("x", "--blocks x: must be FIRST-LAST"),
        ("1-", "--blocks 1-: must be FIRST-LAST"),
    ):
        told = call("run", "w.toml", "--worlds", "100", "--blocks", wrong)
        assert told.exit_code == 2 and told.stderr.startswith(f"bestowal: {says}") and told.stderr.count("\n") == 1


@pytest.mark.subprocess
@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="no pipes that break here")
def test_a_reader_that_goes_away_is_no_traceback(file: Path) -> None:
    code = "import sys; from bestowal.cli.app import main; sys.argv[1:] = ['show', 'society']; main()"
    with subprocess.Popen(command(code), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_blocks_of_a_summary_are_made_alone_and_found_by_the_next(file: Path) -> None:
    told = call("run", "w.toml", "--worlds", "100", "--keep", "summary", "--blocks", "1-2")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("blocks 1-2: worlds 32 to 95 of 100 are there, as a summary\ndata: results")
    folder = file.parent / "results" / key(read("w.toml")) / "summary"
    assert sorted(path.name for path in folder.iterdir()) == ["32-63.npz", "64-95.npz"]
    assert "100 worlds, at five" in call("run", "w.toml", "--worlds", "100", "--keep", "summary").stdout
    told = call("run", "w.toml", "--worlds", "100", "--keep", "summary", "--blocks", "3")
    assert told.exit_code == 2 and "blocks 3-3: 100 worlds are blocks 0-2, of 32 each, for a summary" in told.stderr


# ------------------------------------------------------------------------------------------- names, files and progress


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "W.TOML"], "there is no file W.TOML; did you mean w.toml?"),
        (["run", "./w"], "there is no file w; did you mean w.toml?"),
        (["run", "./w.yaml"], "there is no file w.yaml; did you mean w.toml?"),
        (["run", "."], "there is no scenario '.' in the catalogue"),
        (["run", "./"], ".: is a folder, not a .toml file"),
        (["run", "KIBBUTZ"], "there is no scenario 'KIBBUTZ' in the catalogue; did you mean \"kibbutz\"?"),
        (["run", "-"], "-: a pipe or a device can't be read again; save it as a .toml file, and name that"),
        (["run", "/dev/null"], "/dev/null: a pipe or a device can't be read again; save it as a .toml file"),
        (["show", "/dev/null"], "/dev/null: a pipe or a device can't be read again; save it as a .toml file"),
        (["show", "WALK"], "data 'WALK'; did you mean \"walk\"?"),
        (["ask", "RUSSIA"], 'there is no question "RUSSIA"; did you mean "russia"?'),
        (["ask", "-"], "-: a pipe or a device can't be read again; save it as a .toml file, and name that"),
        (["ask", "W.Toml"], "there is no file W.Toml; did you mean w.toml?"),
        (["check", "RIOLO_2001"], "there are no claims 'RIOLO_2001'; did you mean \"riolo_2001\"?"),
        (["check", "W.TOML"], "there is no file W.TOML; did you mean w.toml?"),
        (["sweep", "W.TOML", "--over", "drift=0,1"], "there is no file W.TOML; did you mean w.toml?"),
        (["compare", "w.toml", "W.TOML"], "there is no file W.TOML; did you mean w.toml?"),
        (["explore", "Kibbutz"], "there is no scenario 'Kibbutz'; did you mean \"kibbutz\"?"),
        # A file of the other kind.
        (["ask", "w.toml"], "w.toml: is a scenario, not a question; run it: bestowal run w.toml; to ask about it"),
        (["ask", "shakers"], 'there is no question "shakers"; it is a scenario: bestowal run shakers'),
        (["run", "why.toml"], "why.toml: is a question, not a scenario; ask it: bestowal ask why.toml"),
        (["run", "notes.txt"], "in the catalogue; the file notes.txt is neither a scenario (.toml) nor a model (.py)"),
    ],
)
def test_a_name_in_the_wrong_case_or_of_the_wrong_kind_is_told_the_right_one(
    file: Path, words: list[str], says: str
) -> None:
    (file.parent / "why.toml").write_text('title = "Why?"\nwords = "Why?"\nscenario = "kibbutz"\n', encoding="utf-8")
    (file.parent / "notes.txt").touch()
    told = call(*words)
    assert (told.exit_code, told.stdout, told.stderr.count("\n")) == (2, "", 1) and says in told.stderr, told.stderr


def test_a_file_with_its_suffix_in_capitals_is_read(file: Path, runs: list[tuple[Any, ...]]) -> None:
    file.rename(file.parent / "W.TOML")
    assert call("run", "W.TOML").exit_code == 0
    assert [c[0].model for c in runs] == ["walk"]


def test_a_pipe_is_refused_and_not_read(file: Path) -> None:
    os.mkfifo("pipe.toml")
    for verb in ("run", "ask", "check"):
        told = call(verb, "pipe.toml")
        assert (told.exit_code, told.stderr) == (
            2,
            "bestowal: pipe.toml: a pipe or a device can't be read again; save it as a .toml file, and name that\n",
        )


def test_work_that_takes_long_says_how_far_it_is_where_there_is_no_terminal(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    heard = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        heard.set()

    def next_line() -> str:
        heard.clear()
        assert heard.wait(60)
        return said[-1]

    monkeypatch.setattr(console, "say", say)
    monkeypatch.setattr(progress, "EVERY", 0.01)
    with progress.progress("walk") as tell:
        assert re.fullmatch(r"walk: nothing is done yet \(the first run of a model compiles it\), \d+ s", next_line())
        tell(1.5, 40)
        next_line()
        assert re.fullmatch(r"walk: 1\.50 of 40 worlds, \d+ s", next_line())
        tell(32, 40, "the second")
        next_line()
        assert re.fullmatch(r"the second: 32 of 40 worlds, \d+ s", next_line())
    lines = len(said)
    monkeypatch.setattr(progress, "EVERY", 3600.0)
    with progress.progress("walk") as tell:
        tell(40, 40)
    assert len(said) == lines  # nothing more once it has ended, and nothing of quick work


# --------------------------------------------------------------------------------------------- terminals of other kinds


def shell(folder: Path, line: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    """A line of shell in which `bestowal` is the command, with the toy models."""
    code = "from bestowal.cli.app import main; sys.argv[0] = 'bestowal'; main()"
    alone = "bestowal() { " + shlex.join(command(code)) + ' "$@"; }; '
    return subprocess.run(
        ["bash", "-c", alone + line], cwd=folder, env=environment(**more), capture_output=True, timeout=300
    )


@pytest.mark.subprocess
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_output_in_an_encoding_without_our_signs_says_the_same(file: Path, encoding: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("A walk", "Une école – 会"), encoding="utf-8")
    told = shell(file.parent, "bestowal run w.toml --worlds 3; bestowal run ../nix–/a–.toml", PYTHONIOENCODING=encoding)
    half = "+-" if encoding == "ascii" else "±"
    assert f" {half}" in told.stdout.decode(encoding) and f"mean {half} half a 95 %" in told.stdout.decode(encoding)
    assert "- where there is nothing to measure" in told.stdout.decode(encoding)
    assert told.stderr.decode(encoding) == "bestowal: there is no file ../nix-/a-.toml\n" and told.returncode == 2


@pytest.mark.subprocess
@pytest.mark.parametrize("ends", [">&-", ">&- 2>&-", "| head -1"])
def test_nobody_reads_on_and_the_run_is_kept(file: Path, ends: str) -> None:
    told = shell(file.parent, f"bestowal run w.toml --worlds 3 {ends}")
    assert (told.returncode, told.stderr) == (0, b"")
    assert list((file.parent / "results").rglob("c/0/0/0"))


def test_show_results_lists_each_run_with_its_scenario_and_the_start_of_its_key(file: Path) -> None:
    from bestowal.simulation import summary
    from bestowal.simulation.store import run

    run(read("w.toml"), 64, store="there")
    summary.run(read("w.toml").but(drift=0.5), 64, store="there")
    told = call("show", "results", "--store", "there")
    assert told.exit_code == 0, told.output
    assert told.stdout.endswith(f"2 runs, each in the folder named by its whole key: {Path('there').resolve()}\n")
    rows = [line for line in told.stdout.splitlines() if line.endswith("MB ")]
    kept, brief = (key(scenario)[:12] for scenario in (read("w.toml"), read("w.toml").but(drift=0.5)))
    assert any(line.startswith(" w: A walk ") and kept in line and " 64 " in line for line in rows), told.stdout
    assert any(brief in line and " summary " in line for line in rows), told.stdout
    assert call("show", "results", "--store", "nothing").stdout.endswith(f"{Path('nothing').resolve()}\n")
