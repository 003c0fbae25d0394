"""Files: what can't be read is said in one line; what is damaged is never taken for what was written."""

import functools
import importlib
import io
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import bestowal
from bestowal.claims import paper as claims
from bestowal.claims.claim_file import source_claim
from bestowal.cli import app as cli
from bestowal.core import files
from bestowal.core.errors import BestowalError, shown
from bestowal.core.files import arrays, toml
from bestowal.explore import catalogue
from bestowal.questions.question_file import question
from bestowal.report.evidence import held_out
from bestowal.uncertainty import posterior
from bestowal.uncertainty import prior as priors


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BestowalError) as error:
        toml(tmp_path)  # a folder
    assert str(error.value).startswith(f"{tmp_path}: ") and "\n" not in str(error.value)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_with_a_byte_changed_anywhere_are_nothing_or_themselves(save: Callable[..., None]) -> None:
    # More numbers than are read at once: of fewer the checksum is known before the header is looked at.
    right = {"a": np.random.default_rng(1).random(3000), "b": np.array([[1, 2]])}
    out = io.BytesIO()
    save(out, **right)
    good = out.getvalue()
    luck, nothing = random.Random(1), 0
    for at in (*range(400), *range(len(good) - 700, len(good))):
        for byte in (
            luck.randrange(256),
            ord("("),
            ord("'"),
            ord("\n"),
        ):  # brackets and quotes, for NumPy parses headers
            found = arrays(good[:at] + bytes([byte]) + good[at + 1 :], right)
            nothing += found is None
            assert found is None or all(np.array_equal(found[name], right[name]) for name in right), at
    assert nothing > 1000 and arrays(good, ["c"]) is None
    assert all(arrays(good[:n], right) is None for n in range(0, len(good), 11))


# ------------------------------------------------------------------------------------------- files that a user may have

MODEL = 'title = "T"\nmodel = "walk"\nyears = 9\n'
SHALLOW, DEEP = "[" * 40 + "]" * 40, "[" * 900 + "]" * 900
BROKEN = {
    "an integer of 5,000 digits": (f"{MODEL}seed = {'9' * 5000}\n", "line 4: an integer of more than 64 bits"),
    "a hexadecimal one": (f"{MODEL}seed = 0x{'f' * 5000}\n", "seed: an integer of more than 64 bits"),
    "one below": (f"{MODEL}seed = -9223372036854775809\n", "seed: an integer of more than 64 bits"),
    "900 nested lists": (f"{MODEL}values = {DEEP}\n", "tables and lists inside one another: 32 deep is the most"),
    "40 nested lists": (f"{MODEL}values = {SHALLOW}\n", "values: tables and lists inside one another: 32 deep"),
    "900 nested tables": (f"{MODEL}{'a.' * 900}b = 1\n", "a: tables and lists inside one another: 32 deep is the most"),
    "UTF-16": (f"{MODEL}".encode("utf-16"), "is text in UTF-16; save it as UTF-8"),
    "UTF-16 without a mark": (f"{MODEL}".encode("utf-16-le"), "is text in UTF-16; save it as UTF-8"),
    "Latin-1": (f"{MODEL}about = 'café'\n".encode("latin-1"), "line 4: is not UTF-8; save the file as UTF-8"),
    "no TOML": (f"{MODEL}years\n", "not TOML: Expected '=' after a key"),
}

READERS: dict[str, Callable[[Path], object]] = {
    "scenario": bestowal.scenario,
    "question": question,
    "claims": lambda file: claims.paper(str(file)),
    "a claim of the source": source_claim,
    "prior": lambda file: priors.prior("society", file.parent),
    "predictions": held_out,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("broken", BROKEN)
def test_every_reader_of_toml_refuses_it_in_one_line(tmp_path: Path, broken: str, reader: str) -> None:
    content, message = BROKEN[broken]
    file = tmp_path / "society.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BestowalError) as refused:
        READERS[reader](file)
    assert str(refused.value).startswith(f"{file}: {message}")
    assert "\n" not in str(refused.value) and len(str(refused.value)) < len(str(file)) + 120


def test_a_byte_order_mark_is_skipped(tmp_path: Path, toy_models: None) -> None:
    (tmp_path / "w.toml").write_bytes(b"\xef\xbb\xbf" + MODEL.replace("\n", "\r\n").encode())
    assert bestowal.scenario(tmp_path / "w.toml").years == 9
    table = b"# data: d\n# command: c\n# date: t\nfounder_zeal\n0.5\n0.6\n"
    (tmp_path / "p.csv").write_bytes(b"\xef\xbb\xbf" + table)
    found = posterior.read(tmp_path / "p.csv", "society")
    assert found is not None and found.draws == {"founder_zeal": (0.5, 0.6)}
    (tmp_path / "p.csv").write_bytes(table.decode().encode("utf-16"))
    with pytest.raises(BestowalError, match=r"p\.csv: is text in UTF-16"):
        posterior.read(tmp_path / "p.csv", "society")
    (tmp_path / "p.csv").write_bytes(table + b'"' + b"0" * 200_000)
    with pytest.raises(BestowalError, match=r"p\.csv: not a table: field larger"):
        posterior.read(tmp_path / "p.csv", "society")


def test_a_chain_of_files_that_extend_one_another_has_an_end(tmp_path: Path, toy_models: None) -> None:
    (tmp_path / "s0.toml").write_text(MODEL)
    for i in range(1, 1500):
        (tmp_path / f"s{i}.toml").write_text(f'extends = "s{i - 1}.toml"\n')
    assert bestowal.scenario(tmp_path / "s100.toml").years == 9
    with pytest.raises(BestowalError) as refused:
        bestowal.scenario(tmp_path / "s1499.toml")
    first, last = (tmp_path / f"s{i}.toml" for i in (1499, 1398))
    assert str(refused.value) == f"{first}: extends: a chain of more than 100 files, the last {last}"


@pytest.mark.parametrize("name", ["a\\u0000", "x" * 5000])
def test_no_file_can_have_such_a_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "w.toml").write_text(f'extends = "{name}.toml"\n')
    with pytest.raises(BestowalError, match=r"w\.toml: extends: "):
        bestowal.scenario(tmp_path / "w.toml")
    lever = '[[levers]]\nname = "a"\nlabel = "A"\ngroup = "motive"\nvalues.commitment = 0.5\n'
    (tmp_path / "q.toml").write_text(f'title = "Q"\nwords = "?"\nscenario = "{name}.toml"\n{lever}')
    with pytest.raises(BestowalError, match=r"q\.toml: scenario: "):
        question(tmp_path / "q.toml")


def test_a_broken_file_in_the_folder_stops_no_other(tmp_path: Path, toy_models: None) -> None:
    (tmp_path / "good.toml").write_text(MODEL)
    for i, (content, _) in enumerate(BROKEN.values()):
        (tmp_path / f"b{i}.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "long.toml").write_text(f'extends = "{"x" * 5000}.toml"\n')
    (tmp_path / "null.toml").write_text('levers = []\nscenario = "a\\u0000.toml"\n')
    offered = catalogue.catalogue(tmp_path)
    assert "good" in [s["name"] for s in offered["scenarios"] if s["own"]]
    assert len(offered["problems"]) == len(BROKEN) + 2
    assert catalogue.scenario("good", tmp_path).years == 9


def test_a_broken_file_of_the_catalogue_leaves_the_others_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.toml").write_text(f"seed = {'9' * 5000}\n")
    (tmp_path / "b.toml").write_text(MODEL)
    monkeypatch.setattr(importlib.import_module("bestowal.simulation.scenario_file"), "CATALOGUE", tmp_path)
    listed = CliRunner().invoke(cli.app, ["list"])
    assert listed.exit_code == 0 and "  b  T\n" in listed.stdout
    assert listed.stderr == f"bestowal: {tmp_path / 'a.toml'}: line 1: an integer of more than 64 bits\n"


def test_a_value_in_a_message_is_cut() -> None:
    deep = functools.reduce(lambda inner, _: [inner], range(5000), [1])
    values: list[object] = [10**5000, "x" * 100_000, [[]] * 1000, deep]
    assert [len(shown(value)) <= 110 for value in values] == [True] * 4


# ------------------------------------------------------------------------------------------------------ where files are


@pytest.mark.slow
def test_a_tilde_is_the_home_folder_wherever_a_path_is_taken(
    tmp_path: Path, toy_models: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(home))
    (home / "w.toml").write_text(MODEL)
    told = CliRunner().invoke(cli.app, ["run", "~/w.toml", "--worlds", "2", "--store=~/there"])
    assert told.exit_code == 0 and f"data: {home}/there" in told.stdout, told.output
    swept = ["sweep", "~/w.toml", "--over", "drift=0:1:2", "--worlds", "2", "--store=~/there", "--out=~/sweep"]
    assert CliRunner().invoke(cli.app, swept).exit_code == 0
    assert (home / "sweep" / "sweep.csv").is_file()
    monkeypatch.setenv("BESTOWAL_STORE", "~/other")
    monkeypatch.setenv("BESTOWAL_CACHE", "~/cache")
    assert (files.results(), files.cache()) == (home / "other", home / "cache")
    assert catalogue.place("~/w.toml") == ("w", home)
    assert CliRunner().invoke(cli.app, ["report", "--site=~/site"]).exit_code == 0
    assert (home / "site" / "index.html").is_file()
    assert list(work.iterdir()) == []
    assert files.expanded("~nobody-of-this-name.toml") == Path("~nobody-of-this-name.toml")
