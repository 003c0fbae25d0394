"""Tables on a screen: every number in full, at every width, of every verb that prints a table."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console, RenderableType
from toy import command, environment, walk
from toy_claims import PAPER_CLAIM, PAPER_HEAD
from typer.testing import CliRunner

from bestowal.claims.claim_file import source_claims
from bestowal.claims.source import Result
from bestowal.claims.verdict import Split, Verdict
from bestowal.cli import app as cli
from bestowal.cli import check, console
from bestowal.questions.ask import ask
from bestowal.report import evidence
from bestowal.report.answer_text import terminal
from bestowal.report.tables import Stacked
from bestowal.simulation.scenario_file import to_toml
from bestowal.simulation.store import run
from bestowal.statistics.intervals import Interval

pytestmark = pytest.mark.usefixtures("toy_models")

WIDTHS = (40, 80, 200)
OVER = ["--over", "drift=0,0.5,1", "--over", "people=2:8:3", "--over", "spread=1,2.25"]
PRINTED = {
    "run": ["run", "w.toml", "--worlds", "40"],
    "run of one observable": ["run", "w.toml", "--worlds", "2", "--set", "drift=9.8765"],
    "run, a summary": ["run", "w.toml", "--worlds", "40", "--keep", "summary"],
    "compare": ["compare", "w.toml", "--set", "drift=0.9", "--worlds", "40"],
    "sweep of one": ["sweep", "w.toml", *OVER[:2], "--worlds", "4", "--year", "1900", "--year", "1908"],
    "sweep of two": ["sweep", "w.toml", *OVER[:4], "--worlds", "4"],
    "sweep of three": ["sweep", "w.toml", *OVER, "--worlds", "4"],
    "check": ["check", "claims.toml"],
    "show data": ["show", "oneida", "--data"],
    "show data with many columns": ["show", "pgg_fg2010_period_means", "--data"],
    "show priors": ["show", "priors"],
    "show results": ["show", "results", "--store", "there"],
}


def numbers(text: str) -> Counter[str]:
    """The words of a text that hold a digit."""
    return Counter(word for word in text.split() if re.search(r"\d", word))


def at(console: Console, shown: RenderableType) -> str:
    with console.capture() as said:
        console.print(shown)
    return said.get()


def in_full(text: str, whole: str, width: int) -> None:
    """Assert that a text has every number of the whole one, none of them cut, and fits."""
    assert "…" not in text
    assert numbers(whole) - numbers(text) == Counter()
    # An interval's half stands in no column that is repeated: as often as in the whole.
    halves = {word: n for word, n in numbers(text).items() if word.startswith("±")}
    assert halves == {word: n for word, n in numbers(whole).items() if word.startswith("±")}
    assert all(len(line) <= width for line in text.splitlines()), max(text.splitlines(), key=len)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BESTOWAL_STORE", raising=False)
    (tmp_path / "w.toml").write_text(to_toml(walk(years=9)), encoding="utf-8")
    run(walk(years=9), 3, store=tmp_path / "there")
    (tmp_path / "claims.toml").write_text(PAPER_HEAD + PAPER_CLAIM, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("words", PRINTED.values(), ids=PRINTED)
def test_every_verb_prints_every_number_in_full_at_every_width(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    from rich.table import Table

    tables: list[RenderableType] = []
    whole = console.show

    def spied(*parts: RenderableType) -> None:
        tables.extend(part for part in parts if isinstance(part, Table | Stacked))
        whole(*parts)

    monkeypatch.setattr(console, "show", spied)
    piped = CliRunner().invoke(cli.app, words)
    assert piped.exit_code in (0, 1) and tables, piped.output
    assert "…" not in piped.stdout
    plain = [table if isinstance(table, Stacked) else Stacked(table) for table in tables]
    for width in WIDTHS:
        for table in plain:
            cells = [str(cell) for column in table.table.columns for cell in column.cells if column.justify == "right"]
            text = at(Console(width=width, markup=False), table)
            in_full(text, "\n".join(cells), width)
        monkeypatch.setattr(console, "columns", lambda width=width: width)
        again = CliRunner().invoke(cli.app, words)
        assert "…" not in again.stdout and numbers(piped.stdout) - numbers(again.stdout) == Counter()


def test_an_answer_has_every_number_in_full_at_every_width(file: Path, made_up: list[str], tmp_path: Path) -> None:
    shown = terminal(ask(file, store=tmp_path / "store"), "here.html")
    whole = at(Console(width=1000), shown)
    for width in WIDTHS:
        text = at(Console(width=width), shown)
        assert "…" not in text
        for table in shown.renderables:
            inner = getattr(table, "renderable", table)
            if isinstance(inner, Stacked):
                cells = [str(cell) for c in inner.table.columns for cell in c.cells if c.justify == "right"]
                assert numbers("\n".join(cells)) - numbers(text) == Counter()
    assert numbers(whole)


def test_verdicts_on_the_source_and_a_calibration_are_whole_at_every_width() -> None:
    claims = source_claims()[:2]
    of = dict(because="", near=None, draws=200, left_out=0, numbers=(), arms=(), points={}, key="")
    found = [
        Result(
            claim,
            Verdict.DEPENDS,
            share=Interval(0.512345, 0.4321, 0.5987, 200),
            number=Interval(1081.9, 1042.25, 1121.55, 200),
            split=Split("altruism", 0.25, Interval(0.1, 0.05, 0.2, 100), Interval(0.9, 0.8, 0.95, 100), 0.001),
            **of,  # type: ignore[arg-type]
        )
        for claim in claims
    ]
    verdicts = Stacked(check._source_verdicts(found))
    fitted = SimpleNamespace(names=["a_rather_long_name_of_a_parameter"], draws=[[0.12345], [1081.9]], met=[])
    fitted.predictions = [SimpleNamespace(name="members_in_the_last_year", middle=1081.9, low=0.000123, high=2500.4)]
    cities = SimpleNamespace(off=1.0, off_low=0.5, off_high=2.0, inside=0.5)
    calibrated = evidence.terminal(
        SimpleNamespace(motives=fitted, communes=fitted, cities=cities, histories=[])  # type: ignore[arg-type]
    )
    for table in (verdicts, *(part for part in calibrated.renderables if isinstance(part, Stacked))):
        cells = "\n".join(str(cell) for c in table.table.columns for cell in c.cells if c.justify == "right")
        assert numbers(cells)
        for width in WIDTHS:
            in_full(at(Console(width=width, markup=False), table), cells, width)


def test_a_unit_and_the_names_of_rows_stand_whole_on_a_narrow_screen() -> None:
    from rich.table import Table

    table = Table()
    table.add_column("observable", no_wrap=True)
    table.add_column("unit")
    for year in range(1900, 1905):
        table.add_column(str(year), justify="right")
    table.add_row("members", "people", *["1081.9 ±12.3"] * 5)
    text = at(Console(width=40), Stacked(table))
    assert "people" in text and text.count("members") > 1 and text.count("1081.9 ±12.3") == 5
    assert all(text.count(str(year)) == 1 for year in range(1900, 1905))


def screen(words: list[str], columns: int | None, folder: Path, **more: str) -> str:
    """What a command prints in a process of its own: on a terminal so wide, or into a pipe."""
    line = command(f"import sys; from bestowal.cli.app import main; sys.argv[1:] = {words!r}; main()")
    env = {name: value for name, value in environment(**more).items() if name not in ("COLUMNS", "LINES")}
    if columns is None:
        return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=300).stdout
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(line, cwd=folder, env=env, stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            said += part
        assert process.wait(300) == 0
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", said.decode()).replace("\r\n", "\n")


@pytest.mark.subprocess
@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_real_terminal_of_forty_columns_and_a_coloured_pipe_show_what_a_file_does(folder: Path) -> None:
    words = PRINTED["run"]
    whole = screen(words, None, folder)
    assert numbers(screen(words, 40, folder)) - numbers(whole) == Counter()
    assert numbers(whole) - numbers(screen(words, 40, folder)) == Counter()
    coloured = screen(words, None, folder, FORCE_COLOR="1", COLUMNS="80")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == whole
