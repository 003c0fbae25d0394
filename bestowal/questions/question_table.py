"""The tables of a question file as pydantic models, and a complaint about one in one line.

The JSON Schema of the format is that of these models, with the text under each key as its description
(docs/site/formats.py). What depends on the scenario or on other
levers is checked in question_file.py.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bestowal.core.errors import BestowalError, nearest
from bestowal.questions.question import BUDGET, MATTERS, NARROW, TARGET, WORLDS
from bestowal.simulation.scenario import MAX_YEARS

MAX_WORLDS = 10_000_000
TEST_YEARS = 10  # of the test, where the horizon is longer
DEFAULT_TEST: dict[str, Any] = {"values": {"coercion": 0.0, "exit_right": 1.0}}
DEFAULT_SUCCESS: dict[str, Any] = {
    "standing": {"label": "it stands", "when": "last year", "all": ["standing >= 0.5"]},
    "sharing": {
        "label": "it still shares",
        "when": "last years",
        "all": ["pay_link <= 0.5", "common_share >= 0.5"],
    },
    "need": {"label": "the worst-off tenth's need is met", "when": "last years", "all": ["need_met >= 0.9"]},
    "output": {"label": "output holds up", "when": "last years", "all": ["output_ratio >= 0.7"]},
}
RENAMED = {"forbidden": "not_offered", "least": "smallest_size"}  # keys of levers that are read for one more release

TABLE = ConfigDict(extra="forbid", frozen=True)
Text = Annotated[str, Field(pattern=r"\S")]
Whole = Annotated[int, Field(strict=True)]
Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
Values = dict[str, Any]
"""Values of parameters, one `NAME = VALUE` each; the scenario checks them against its model."""


class Test(BaseModel):
    """The table `[test]`."""

    model_config = TABLE

    years: Annotated[Whole, Field(ge=1)] = TEST_YEARS
    """Length of the test: the last so many years. At most the horizon less one."""
    values: Values = DEFAULT_TEST["values"]
    """Values that hold during the test, whatever the scenario changes."""


class Part(BaseModel):
    """A table `[success.NAME]`."""

    model_config = TABLE

    label: Text
    """The part in words, printed in the answer."""
    when: Literal["last year", "last years"] = "last years"
    """Whether the conditions must hold in the last year, or on average over the years of the test."""
    all: Annotated[list[str], Field(min_length=1)]
    """Conditions such as `"standing >= 0.5"`: an observable, `>=` or `<=`, and a number. All must hold."""


class Lever(BaseModel):
    """A table `[[levers]]`."""

    model_config = TABLE

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    """Short name, unique in the file."""
    label: Text
    """The change in words, printed in the answer."""
    group: Literal["motive", "institution", "surroundings", "mixed"]
    """What kind of change it is; `mixed` only for a bundle."""
    year: Annotated[Whole, Field(ge=0)] = 0
    """Step from which the values hold, to the end. Must lie before the horizon."""
    values: Values = {}
    """Values that the lever sets. Required, at least one, unless `together` names other levers."""
    together: list[str] = []
    """Makes the lever a bundle: the names of single levers above it, or of groups, that are changed together."""
    weight: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] = 1.0
    """Price of one standard deviation of the lever in the search for the smallest change."""
    not_offered: Annotated[bool, Field(strict=True)] = False
    """Try the lever alone and in bundles, but never offer it as the smallest change."""
    smallest_size: Share = 0.0
    """Smallest share of its full size that the lever can have; any size where the key is missing."""


DEFAULT_PARTS = {name: Part.model_validate(table) for name, table in DEFAULT_SUCCESS.items()}


class QuestionFile(BaseModel):
    """The top of a question file."""

    model_config = TABLE

    title: Text
    """The question in one line."""
    words: Text
    """The question as it is asked, printed at the top of the answer."""
    source: str = ""
    """Where the question was read."""
    about: str = ""
    """Remarks on the setting and the levers."""
    scenario: Text
    """The scenario it asks about: a name of the catalogue or the path of a file, from the folder of the question."""
    horizon: Annotated[Whole, Field(ge=2, le=MAX_YEARS)] | None = None
    """Number of years that are run and judged; the scenario's own years where it is missing."""
    worlds: Annotated[Whole, Field(ge=1, le=MAX_WORLDS)] = WORLDS
    """Number of worlds in each run to begin with."""
    most_worlds: Annotated[Whole, Field(ge=1, le=MAX_WORLDS)] | None = None
    """Number of worlds in each run at most: worlds are added while an interval is wider than `narrow`. Five times
    `worlds` where it is missing, and never less than `worlds`."""
    narrow: Share = NARROW
    """Width of the widest interval at which no more worlds are added."""
    matters: Share = MATTERS
    """Smallest difference of a probability that matters (the equivalence margin)."""
    target: Share = TARGET
    """Probability of sufficiency that the smallest sufficient change must reach."""
    against: str = ""
    """A second scenario of the same model, whose difference in outcome is divided into shares."""
    test: Test = Test()
    """What is done to the society in the last years, before it is judged."""
    success: Annotated[dict[str, Part], Field(min_length=1)] = DEFAULT_PARTS
    """The parts of success, one table `[success.NAME]` each; success is all of them. Four default parts where it is
    missing: it stands, it shares, need is met, output holds up."""
    levers: Annotated[list[Lever], Field(min_length=1)]
    """The changes that are tried, each alone, and bundles of them."""

    def most(self) -> int:
        """Return the number of worlds in each run at most, which the file may leave out."""
        return self.most_worlds or min(BUDGET * self.worlds, MAX_WORLDS)


def read(file: str, table: Mapping[str, Any]) -> QuestionFile:
    """Return the tables of a file, each key checked by itself.

    Raises
    ------
    BestowalError
        A key is unknown or missing, or its value is none that it can have; one line names the file and the key, the
        value and what it must be, or the nearest key.
    """
    table = _with_present_names(file, table)
    try:
        return QuestionFile.model_validate(table)
    except ValidationError as error:
        raise complaint(file, error, table) from None


def wrong(file: str, where: str, message: str) -> BestowalError:
    """Return the complaint about a place in a file."""
    return BestowalError(f"{file}: {where}: {message}")


def complaint(file: str, error: ValidationError, table: Mapping[str, Any]) -> BestowalError:
    """Return the first complaint about a question file; a name misspelt comes before the one it isn't."""
    said = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    model, place, inside, key = _place(said["loc"], table)
    where = f"{place}.{key}" if place else key
    if said["type"] == "extra_forbidden":
        return wrong(file, where, f"no such key here{nearest(key, model.model_fields)}")
    if said["type"] == "missing":
        return wrong(file, where, "is missing" + (f": {NEEDED[key]}" if key == "all" else ""))
    if (said["type"], key) == ("too_short", "success"):
        return wrong(file, where, "has no part")
    value = inside[key]
    if place == "success":  # a part, whose name is a key of no model
        return wrong(file, where, f"must be a table, not {shown_value(value)}")
    of = model.model_json_schema()["properties"][key]
    hint = nearest(value, of["enum"]) if key == "group" and isinstance(value, str) else ""
    return wrong(file, where, f"must be {NEEDED.get(key) or _needed(of)}, not {shown_value(value)}{hint}")


NEEDED = {
    "levers": "a list of [[levers]]",
    "name": "small letters, digits and _, and no group's name",
    "most_worlds": f"a whole number from that of worlds to {MAX_WORLDS}",
    "all": 'a list such as ["standing >= 0.5"]',
}
"""What a key must hold, where its JSON Schema does not say it well."""


def _needed(of: Mapping[str, Any]) -> str:
    """Return what a key must hold, in words, by its JSON Schema."""
    of = next(iter(of.get("anyOf", ())), of)  # the other is null, which TOML can't say
    if "enum" in of:
        options = of["enum"]
        return " or ".join(map(json.dumps, options)) if len(options) == 2 else f"one of {', '.join(options)}"
    if of.get("type") == "integer":
        return f"a whole number from {of['minimum']} to {of.get('maximum', 'one less than the horizon')}"
    if of.get("type") == "number":
        low = of["exclusiveMinimum"]
        return (
            f"a number between {low} and {of['exclusiveMaximum']}" if "exclusiveMaximum" in of else "a number above 0"
        )
    words = {"string": "text", "boolean": "true or false", "array": "a list of names"}
    return words.get(of.get("type", ""), "a table")


def _place(loc: tuple[int | str, ...], table: Mapping[str, Any]) -> tuple[type[BaseModel], str, Mapping[str, Any], str]:
    """Return the model of the table that pydantic complains of, its place, the table itself, and the key in it."""
    top, *rest = loc
    match top, rest:
        case "levers", [int(index), str(key), *_]:
            lever = table["levers"][index]
            name = lever.get("name")
            return Lever, lever_place(name if isinstance(name, str) else index + 1), lever, key
        case "success", [str(name), str(key), *_]:
            return Part, f"success.{name}", table["success"][name], key
        case "success", [str(name)]:
            return QuestionFile, "success", table["success"], name
        case "test", [str(key), *_]:
            return Test, "test", table["test"], key
    return QuestionFile, "", table, str(top)


def lever_place(name: str | int) -> str:
    """Return how a complaint names a lever: by its name, or its number where it has none."""
    return f"levers {json.dumps(name)}"


def _with_present_names(file: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table with the former keys of levers renamed, and warn of each."""
    levers = table.get("levers")
    if not isinstance(levers, list) or not all(isinstance(lever, Mapping) for lever in levers):
        return table
    renamed = []
    for index, lever in enumerate(levers, 1):
        name = lever.get("name")
        place = lever_place(name if isinstance(name, str) else index)
        for old in sorted(RENAMED.keys() & lever.keys()):
            new = RENAMED[old]
            if new in lever:
                raise wrong(file, f"{place}.{old}", f"is the former name of {new}, which is set too")
            message = f"{file}: {place}.{old}: is now called {new}; the former name is read for one more release"
            warnings.warn(message, FutureWarning, stacklevel=4)
        renamed.append({RENAMED.get(key, key): value for key, value in lever.items()})
    return {**table, "levers": renamed}


def shown_value(value: Any) -> str:
    """Return a value as a file writes it, cut where it is long."""
    text = json.dumps(value, default=str) if not isinstance(value, float) else repr(value)
    return text if len(text) <= 100 else f"{text[:80]}… ({len(text):,} characters)"
