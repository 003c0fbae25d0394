"""Every column of every table that is written is documented, and every column documented is written."""

import csv
import io
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from toy import walk

from bestowal.claims.claim_file import source_claims
from bestowal.claims.source import Result
from bestowal.claims.verdict import Verdict
from bestowal.questions.ask import ask
from bestowal.report.site.claim_page import draws_csv
from bestowal.report.sweep_files import save
from bestowal.simulation import summary
from bestowal.simulation.sweep import sweep
from bestowal.statistics.intervals import Interval

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "results.md"


def documented(name: str) -> list[str]:
    """The columns that the page names for a table, as patterns; "the parameters" among them."""
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")
    (section,) = (text for text in sections if text.startswith(f"`{name}`"))
    cells = [row.split(" | ")[0].removeprefix("| ") for row in section.splitlines() if row.startswith("| ")][1:]
    return [column for cell in cells for column in re.findall(r"`([^`]+)`", cell) or [cell]]


def agree(name: str, headings: list[str], parameters: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    known = documented(name)
    assert len(headings) == len(set(headings))
    for heading in headings:
        matched = [column for column in known if fnmatch(heading, column)]
        assert matched or (heading in parameters and "the parameters" in known), f"{name}: {heading}"
    for column in set(known) - {"the parameters"}:
        assert any(fnmatch(heading, column) for heading in headings), f"{name}: {column} is not written"


def headings(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text)))


def test_the_tables_of_an_answer(file: Path, made_up: list[str], tmp_path: Path) -> None:
    folder = Path(ask(file, store=tmp_path).folder)
    for name in ("worlds.csv", "years.csv"):
        agree(name, headings((folder / name).read_text(encoding="utf-8")))
    assert {path.name for path in folder.glob("*.csv")} == {"worlds.csv", "years.csv"}


@pytest.mark.usefixtures("toy_models")
def test_the_tables_of_a_summary_and_a_sweep(tmp_path: Path) -> None:
    table = summary.save(summary.run(walk(years=3), 32, store=tmp_path), tmp_path)
    agree("summary/<worlds>.csv", headings(table.read_text(encoding="utf-8")))
    over = {"drift": [0.0, 1.0], "people": [2, 3]}
    found = []
    for keep in ("worlds", "summary"):
        files = save(sweep(walk(years=3), over, 32, keep=keep, store=tmp_path), tmp_path / keep, tmp_path)
        (table,) = (path for path in files if path.suffix == ".csv")
        found.append(headings(table.read_text(encoding="utf-8")))
    plain, full = found
    assert set(plain) < set(full) and len(full) == len(set(full))
    agree("sweep.csv", full, {"drift", "people"})


def test_the_table_of_a_sites_draws() -> None:
    claim = source_claims()[0]
    half = Interval(0.5, 0.4, 0.6, 2)
    result = Result(
        claim,
        Verdict.UNDECIDED,
        "",
        half,
        half,
        None,
        None,
        2,
        0,
        (0.1, 0.2),
        (("pay", (0.3, 0.4)),),
        {"zeal": (1, 2)},
        "",
    )
    agree("answers/*.csv", headings(draws_csv(result)), {"zeal"})
