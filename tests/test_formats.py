"""The JSON Schemas of the files that users write: every key described, the catalogue's files valid, and bounds that are
the reader's. tests/test_docs.py holds the schemas that are shipped against what the code says."""

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import bestowal
from bestowal.core.errors import BestowalError
from bestowal.questions.question_file import question
from bestowal.questions.question_table import QuestionFile

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "bestowal" / "catalogue"
sys.path.insert(0, str(ROOT / "docs" / "site"))

import format_pages  # noqa: E402
import formats  # noqa: E402

FILES = {
    "scenario": "scenarios/*.toml",
    "question": "questions/*.toml",
    "claims": "claims/*.toml",
    "source-claim": "claims/source/*.toml",
    "prior": "priors/*.toml",
}
SCENARIO = {"model": "society", "years": 3}
QUESTION = {
    "title": "Why?",
    "words": "Why did it fail?",
    "scenario": "kibbutz",
    "levers": [{"name": "leave", "label": "Nobody may leave", "group": "institution", "values": {"exit_right": 0.4}}],
}


def shipped(name: str) -> Any:
    return json.loads((CATALOGUE / "schemas" / f"{name}.json").read_text(encoding="utf-8"))


def valid(name: str, table: Any) -> bool:
    return Draft202012Validator(shipped(name)).is_valid(table)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_key_has_a_meaning_and_every_meaning_a_key(name: str) -> None:
    Draft202012Validator.check_schema(shipped(name))
    for title, table in format_pages.tables(name).items():
        keys = table.get("properties", {})
        assert [key for key, of in keys.items() if not of["description"]] == [], title
        assert set(formats.MEANINGS.get(title, {})) <= set(keys), title


def test_the_schema_of_questions_is_that_of_their_reader() -> None:
    assert formats.FORMATS["question"] is QuestionFile


def test_no_schema_allows_null_which_toml_has_not() -> None:
    assert [name for name in formats.FORMATS if "null" in json.dumps(shipped(name))] == []


def test_every_table_with_meanings_is_of_some_format() -> None:
    known = {title for name in formats.FORMATS for title in format_pages.tables(name)}
    assert set(formats.MEANINGS) - {"data"} <= known


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_file_of_the_catalogue_is_valid(name: str) -> None:
    files = sorted(CATALOGUE.glob(FILES[name]))
    assert files
    for file in files:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        assert [error.message for error in Draft202012Validator(shipped(name)).iter_errors(table)] == [], file.name
        assert not valid(name, table | {"titel": "x"}), file.name


def test_every_line_of_a_data_files_head_is_described() -> None:
    described = set(formats.MEANINGS["data"]) - {"kinds"}
    for file in sorted((CATALOGUE / "data").glob("*.csv")):
        head = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        assert {line[2:].partition(":")[0].split()[0] for line in head} <= described, file.name


def test_a_value_outside_of_a_parameters_bounds_is_refused_where_the_model_is_named() -> None:
    assert valid("scenario", {"model": "society", "years": 5, "values": {"exit_right": 1.0}})
    assert not valid("scenario", {"model": "society", "years": 5, "values": {"exit_right": 1.5}})
    assert not valid("scenario", {"model": "society", "years": 5, "values": {"exit_rigth": 1.0}})
    changes = [{"year": 2, "values": {"exit_right": -0.5}}]
    assert not valid("scenario", {"model": "society", "years": 5, "changes": changes})
    assert not valid("scenario", {"values": {"exit_right": 1.0}})


def edges() -> Iterator[tuple[str, str, str, Any, bool]]:
    """Values at the bounds of every key that is a number, and beyond: format, table, key, value, allowed."""
    for name, titles in (("scenario", ("ScenarioFile", "Change")), ("question", ("QuestionFile", "Lever", "Test"))):
        for title in titles:
            for key, of in format_pages.tables(name)[title]["properties"].items():
                whole = of.get("type") == "integer"
                for end, out in (("minimum", -1), ("maximum", 1)):
                    if end in of:
                        yield name, title, key, of[end], True
                        yield name, title, key, of[end] + out, False
                for end, inside in (("exclusiveMinimum", 1e-9), ("exclusiveMaximum", -1e-9)):
                    if end in of:
                        yield name, title, key, of[end] + inside, True
                        yield name, title, key, float(of[end]), False
                if whole:
                    yield name, title, key, 3.5, False
                if of.get("type") in ("integer", "number", "string", "boolean"):
                    yield name, title, key, ["a list"], False


@pytest.mark.parametrize(("name", "title", "key", "value", "allowed"), list(edges()))
def test_the_reader_and_the_schema_refuse_the_same(
    name: str, title: str, key: str, value: Any, allowed: bool, tmp_path: Path
) -> None:
    table: dict[str, Any] = json.loads(json.dumps(SCENARIO if name == "scenario" else QUESTION))
    if title == "Change":
        table["changes"] = [{"year": 0, "values": {"exit_right": 0.5}, key: value}]
    elif title == "Test":
        table["test"] = {key: value}
    elif title == "Lever":
        table["levers"][0][key] = value
    else:
        table[key] = value
    if key == "most_worlds":
        table["worlds"] = 1
    if key == "worlds":
        table["most_worlds"] = 10_000_000
    file = tmp_path / "mine.toml"
    file.write_text(toml(table), encoding="utf-8")
    assert valid(name, table) == allowed
    complaint = refused(name, file)
    assert (complaint == "") == allowed and (allowed or key in complaint), complaint


def refused(name: str, file: Path) -> str:
    """What the reader of a format says against a file; nothing where it takes it."""
    try:
        bestowal.scenario(file) if name == "scenario" else question(file)
    except BestowalError as error:
        return str(error)
    return ""


def toml(table: dict[str, Any]) -> str:
    """A table as a TOML file: JSON's values are TOML's, and tables inside are written inline."""

    def inline(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key} = {inline(inner)}" for key, inner in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(inline(inner) for inner in value) + "]"
        return json.dumps(value)

    return "\n".join(f"{key} = {inline(value)}" for key, value in table.items()) + "\n"
