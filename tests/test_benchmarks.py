"""What `make bench` writes: ratios within rounds, every section in the page, and none lost to another's failure."""

import ast
import importlib
import os
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "benchmarks"))

import figure  # noqa: E402
import hammond_axelrod  # noqa: E402
import measuring  # noqa: E402
import memory  # noqa: E402
import pairwise_comparison  # noqa: E402
import store_disk  # noqa: E402
import threads  # noqa: E402
from measuring import Row, faster, slower  # noqa: E402

from bestowal.simulation import engine  # noqa: E402

results = importlib.import_module("results")  # as an import, its place would hang on whether there is a folder results/

DOC = (
    '"""Title.\n\n    usage\n\nHow it\nwas done.\n\nMore.\n\nWhat a fair competitor would object to:\n\n- It {}.\n"""\n'
)


def kept(row: Row) -> dict:
    return row._asdict()


def test_median_and_range() -> None:
    assert measuring.middle([3.0, 1.0, 20.0], ".1f") == "3.0 (1.0 to 20.0)"


def test_a_ratio_is_the_median_of_those_within_rounds() -> None:
    """Not the ratio of the medians, which would be 1.5: in the second round the machine was slow on one side only."""
    row = faster("theirs", [1.0, 10.0, 3.0], [1.0, 2.0, 3.0], ".1f", "them")
    assert row.told == "1.0 (1.0 to 5.0)"
    assert list(row.rounds) == [1, 5, 1]


def test_rounds_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        measuring.within([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (faster("", [2.0, 8.0, 3.0], [1.0, 2.0, 1.0], ".1f", "them"), "3.00 × as fast (2.00–4.00)"),
        (slower("", [20.0, 40.0, 10.0], [1.0, 1.0, 1.0], ".1f", "them"), "20.0 × as slow (10.0–40.0)"),
        (faster("", [1.0, 1.0, 1.0], [20.0, 40.0, 10.0], ".1f", "them"), "20.0 × as slow (10.0–40.0)"),
        (faster("", [0.9, 1.2, 1.1], [1.0, 1.0, 1.0], ".1f", "them"), "1.10 × (0.90–1.20)"),
        (faster("", [1500.0, 1501.0], [1.0, 1.0], ".1f", "them"), "1,500 × as fast (1,500–1,501)"),
    ],
)
def test_the_figure_says_in_words_what_it_draws(row: Row, told: str) -> None:
    assert figure.told(kept(row)) == told


def test_the_figure_holds_each_ratio_by_name_and_nothing_else() -> None:
    rows = [
        faster("", [2.0, 3.0], [1.0, 1.0], ".1f", "plain C"),
        slower("", [9.0, 8.0], [1.0, 1.0], ".1f", "bare Python"),
        measuring.row("seconds", [1.0, 2.0], ".1f"),
    ]
    svg = figure.draw([{"title": "One section", "rows": [kept(row) for row in rows]}, {"title": "Failed"}])
    for name in ("One section", "plain C", "bare Python", "2.50 × as fast (2.00–3.00)", "8.50 × as slow (8.00–9.00)"):
        assert svg.count(f">{name}<") == 1
    assert svg.count("×") == 2
    assert "Failed" not in svg and "seconds" not in svg and "var(--" not in svg


def test_no_ratio_no_figure() -> None:
    assert figure.draw([{"title": "Memory", "rows": [kept(Row("peak", "3"))]}]) == ""


def test_the_top_of_a_file_is_how_it_was_measured_and_the_objections() -> None:
    doc = ast.get_docstring(ast.parse(DOC.format("hurts")), clean=False) or ""
    assert measuring.top(doc) == ("How it\nwas done.", "- It hurts.")
    with pytest.raises(ValueError, match="fair competitor"):
        measuring.top("Title.\n\nHow.\n")


@pytest.mark.parametrize("file", [section.file for section in results.SECTIONS])
def test_every_section_says_how_and_what_speaks_against_it(file: str) -> None:
    tree = ast.parse((ROOT / "benchmarks" / f"{file}.py").read_text(encoding="utf-8"))
    how, objections = measuring.top(ast.get_docstring(tree, clean=False) or "")
    assert how and objections.startswith("- ") and objections.count("\n- ") >= 1


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three sections that fail, each in its own way, around one that doesn't; and what was written of them."""
    (tmp_path / "bench_raises.py").write_text(DOC.format("raises") + "def measure(n): raise KeyError('x')\n")
    (tmp_path / "bench_ends.py").write_text(DOC.format("ends") + "def measure(n): raise SystemExit('no\\nbits')\n")
    (tmp_path / "bench_works.py").write_text(DOC.format("works") + "def measure(r, n): return [(r, f'{n} rounds')]\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(measuring, "others", lambda: 0.0)
    sections = [
        results.Section("Raises", "bench_raises"),
        results.Section("Isn't there", "bench_nowhere"),
        results.Section("Works", "bench_works", rivals=True, most=4),
        results.Section("Ends", "bench_ends"),
    ]
    results.write(results.run(sections, sys.executable, 9), tmp_path)
    return tmp_path


@pytest.mark.subprocess
def test_a_section_that_fails_says_so_and_the_others_stay(written: Path) -> None:
    page = (written / "RESULTS.md").read_text(encoding="utf-8")
    raises, nowhere, works, ends = page.split("\n## ")[1:]
    assert "this failed.** KeyError: 'x'" in raises and "- It raises." in raises
    assert "this failed.** ModuleNotFoundError: No module named 'bench_nowhere'" in nowhere
    assert "this failed.** SystemExit: no bits" in ends
    assert f"| {sys.executable} | 4 rounds |" in works and "this failed" not in works
    assert works.startswith("Works (`bench_works.py`)\n\nHow it\nwas done.\n\n4 rounds, ")
    assert "**A fair competitor would object:**\n\n- It works." in works
    assert "make bench ROUNDS=9" in page and "results.svg" not in page


@pytest.mark.subprocess
def test_the_page_comes_anew_from_the_numbers(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (written / "RESULTS.md").read_text(encoding="utf-8")
    (written / "RESULTS.md").unlink()
    monkeypatch.setattr(sys, "argv", ["results.py", "--draw", "--out", str(written)])
    assert results.main() == 1  # sections had failed
    assert (written / "RESULTS.md").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("load", "others", "busy"),
    [(2.0, 0.1, False), (0.0, 0.9, True), (2.0, None, True), (0.1, None, False), (None, None, False)],
)
def test_a_section_is_busy_where_others_work(load: float | None, others: float | None, busy: bool) -> None:
    """The load average counts our own section before; it decides only where nothing better is known."""
    section = {"rounds": 3, "seconds": 1, "load": load, "others": others}
    assert ("Busy" in results.circumstances(section)) == busy


def test_threads_double_up_to_the_cores() -> None:
    assert [threads.counts(n) for n in (1, 2, 6, 8)] == [[1], [1, 2], [1, 2, 4, 6], [1, 2, 4, 8]]


def test_bytes_for_each_more() -> None:
    assert memory.slope([100, 150, 300], [1000.0, 9999.0, 1500.0]) == 2.5


@pytest.mark.skipif(not hasattr(os, "RWF_NOWAIT"), reason="this system can't say whether a file is in memory")
def test_a_file_still_in_memory_does_not_count_as_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(bytes(100_000))
    monkeypatch.setattr(os, "posix_fadvise", lambda *given: None)  # the system takes no advice
    assert not store_disk.forget(tmp_path)


@pytest.mark.society
def test_the_store_beside_plain_files(tmp_path: Path) -> None:
    rows = {row.what: row for row in store_disk.measure(rounds=2, blocks=2, home=tmp_path)}
    assert "2 blocks of 32 worlds" in rows["in each pass"].told
    for side in ("its bytes as plain files", "the numbers as plain files"):
        ours = rows["written, the store: MiB a second"].rounds
        theirs = rows[f"written, {side}: MiB a second"].rounds
        ratio = rows[f"**written: time of {side} against the store's**"]
        assert ratio.drawn and list(ratio.rounds) == pytest.approx([a / b for a, b in zip(ours, theirs, strict=True)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.subprocess
@pytest.mark.skipif(sys.platform == "win32", reason="no peak of memory is told there")
def test_peak_memory_is_in_bytes() -> None:
    """400 MiB written to are 400 MiB more, whatever the process that asks holds; 4 for what two starts differ by."""
    held = bytes(range(256)) * (500 << 12)
    more = memory.peak("held = bytes(range(256)) * (400 << 12)", 1) - memory.peak("pass", 1)
    assert more / 2**20 == pytest.approx(400, abs=4)
    assert len(held) == 500 << 20


def test_without_a_compiler_and_without_mesa_ours_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hammond_axelrod, "compilers", list)
    for name, value in (("SIDE", 10), ("PERIODS", 40), ("FULL", 20), ("PAIRS", 4)):
        monkeypatch.setattr(hammond_axelrod, name, value)
    rows = {row.what: row for row in hammond_axelrod.measure(None, rounds=2)}
    assert rows["C"].told == "not measured: no C compiler here"
    assert rows["Mesa"].told.startswith("not measured")
    assert len(rows["ours, 40 periods, ms"].rounds) == 2 and min(rows["ours, 40 periods, ms"].rounds) > 0


@pytest.mark.subprocess
@pytest.mark.skipif(not measuring.compilers(), reason="no C compiler here")
def test_c_lives_the_same_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SIDE", 10), ("PERIODS", 200), ("FULL", 20), ("PAIRS", 2)):
        monkeypatch.setattr(hammond_axelrod, name, value)
    rows = {row.what: row for row in hammond_axelrod.measure(None, rounds=2)}
    assert rows["… observables of the last period"].told == "the same bits in 2 worlds"
    assert rows["**C's time against ours**"].drawn.startswith("plain C, ")


def test_without_egttools_ours_is_measured() -> None:
    task = pairwise_comparison.TASKS[2]._replace(updates=20 * pairwise_comparison.UNIT)
    rows = {row.what: row for row in pairwise_comparison.compare(task, None, 2)}
    fast = [what for what in rows if what.endswith("million updates a second")]
    assert [what.split(":")[0] for what in fast] == [
        f"ours, {n}" for n in ("1 chain", "64 chains", "1 chain, skip", "64 chains, skip")
    ]
    assert not any("EGTtools" in what for what in rows)


@pytest.mark.society
@pytest.mark.parametrize("cores", [1, 2])
def test_threads_against_one(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "cores", lambda: cores)
    rows = {row.what: row for row in threads.measure(rounds=2, blocks=1)}
    if cores == 1:
        assert rows["more threads"].told.startswith("not measured")
        return
    one, two = (rows[f"person-years a second, crowded, threads: {n}"].rounds for n in (1, 2))
    gain = rows["**2 threads against 1, crowded**"]
    assert list(gain.rounds) == pytest.approx([b / a for a, b in zip(one, two, strict=True)])


def test_one_pin_of_mesa_for_each_python() -> None:
    lines = (ROOT / "benchmarks" / "rivals.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    here = {"sys_platform": "linux", "platform_machine": "x86_64"}
    for python, expected in (
        ("3.11", ["egttools", "mesa"]),
        ("3.12", ["egttools", "mesa"]),
        ("3.13", ["mesa"]),
        ("3.14", ["mesa"]),
    ):
        chosen = [p.name for p in pins if p.marker and p.marker.evaluate({**here, "python_version": python})]
        assert sorted(chosen) == expected
