"""JSON Schemas of the files that users write: scenario, question, claims and prior.

`python docs/write_reference.py` writes them to bestowal/catalogue/schemas/, from where editors take them to complete
keys, and the site makes its pages of the file formats of them. Claims and priors are read by pydantic models, whose
schemas these are; the classes here describe the two formats that are read by hand. meanings.toml says what each key of
a pydantic model means where the model does not.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bestowal.claims.claim_file import SourceClaim
from bestowal.claims.paper import Paper
from bestowal.models.registry import Parameter, load, names, parameters
from bestowal.uncertainty.prior import Range, Stated

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MEANINGS = tomllib.loads((Path(__file__).parent / "meanings.toml").read_text(encoding="utf-8"))
FORBID = ConfigDict(extra="forbid", use_attribute_docstrings=True)

Whole = Annotated[int, Field(strict=True)]
Share = Annotated[float, Field(gt=0, lt=1)]
Values = dict[str, int | float]


class Change(BaseModel):
    model_config = FORBID

    year: Annotated[Whole, Field(ge=0)]
    """Step from which the values hold: 0 is the first year, whatever the calendar calls it."""
    values: Values
    """New values of parameters, one `values.NAME = VALUE` each. A later change in the file wins over an earlier one."""


class ScenarioFile(BaseModel):
    model_config = FORBID

    name: str = ""
    """What the scenario is called; the name of the file where it is missing."""
    title: str = ""
    """Title in one line; the name of the file where it is missing."""
    about: str = ""
    """Description of the society and the sources of its values."""
    model: str = ""
    """Name of the model, such as `society`, or the path of a Python file that holds one, from this file's folder.
    Required unless `extends` gives it."""
    extends: str = ""
    """Scenario that this one starts from: a name of the catalogue, a model, or the path of a file (.toml, or .py with a
    model) from this one's folder. Its values and changes are kept; this file's own come after them."""
    years: Annotated[Whole, Field(ge=1, le=65536)] = 1
    """Number of steps to run. Required unless `extends` gives it."""
    first_year: Annotated[Whole, Field(ge=-(10**9), le=10**9)] = 0
    """What the calendar calls step 0. Not with `extends` of a scenario that has changes: they are steps."""
    seed: Annotated[Whole, Field(ge=0, le=(1 << 64) - 1)] = 1
    """Seed of the random numbers."""
    values: Values = {}
    """Values of parameters from the start, one `NAME = VALUE` each; the model's defaults hold for the others."""
    changes: list[Change] = []
    """Changes of values in later years."""


class Test(BaseModel):
    model_config = FORBID

    years: Annotated[Whole, Field(ge=1)] = 10
    """Length of the test: the last so many years. At most the horizon less one."""
    values: Values = {"coercion": 0.0, "exit_right": 1.0}
    """Values that hold during the test, whatever the scenario changes."""


class Part(BaseModel):
    model_config = FORBID

    label: str
    """The part in words, printed in the answer."""
    when: Literal["last year", "last years"] = "last years"
    """Whether the conditions must hold in the last year, or on average over the years of the test."""
    all: Annotated[list[str], Field(min_length=1)]
    """Conditions such as `"standing >= 0.5"`: an observable, `>=` or `<=`, and a number. All must hold."""


class Lever(BaseModel):
    model_config = FORBID

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    """Short name, unique in the file."""
    label: str
    """The change in words, printed in the answer."""
    group: Literal["motive", "institution", "surroundings", "mixed"]
    """What kind of change it is; `mixed` only for a bundle."""
    year: Annotated[Whole, Field(ge=0)] = 0
    """Step from which the values hold, to the end. Must lie before the horizon."""
    values: Values = {}
    """Values that the lever sets. Required, at least one, unless `together` names other levers."""
    together: list[str] = []
    """Makes the lever a bundle: the names of single levers above it, or of groups, that are changed together."""
    weight: Annotated[float, Field(gt=0)] = 1.0
    """Price of one standard deviation of the lever in the search for the smallest change."""
    not_offered: bool = False
    """Try the lever alone and in bundles, but never offer it as the smallest change."""
    smallest_size: Annotated[float, Field(gt=0, lt=1)] = 0.0
    """Smallest share of its full size that the lever can have; any size where the key is missing."""


class QuestionFile(BaseModel):
    model_config = FORBID

    title: Annotated[str, Field(min_length=1)]
    """The question in one line."""
    words: Annotated[str, Field(min_length=1)]
    """The question as it is asked, printed at the top of the answer."""
    source: str = ""
    """Where the question was read."""
    about: str = ""
    """Remarks on the setting and the levers."""
    scenario: Annotated[str, Field(min_length=1)]
    """The scenario it asks about: a name of the catalogue or the path of a file, from the folder of the question."""
    horizon: Annotated[Whole, Field(ge=2, le=65536)] = 2
    """Number of years that are run and judged; the scenario's own years where it is missing."""
    worlds: Annotated[Whole, Field(ge=1, le=10_000_000)] = 400
    """Number of worlds in each run to begin with."""
    most_worlds: Annotated[Whole, Field(ge=1, le=10_000_000)] = 2000
    """Number of worlds in each run at most: worlds are added while an interval is wider than `narrow`. Five times
    `worlds` where it is missing, and never less than `worlds`."""
    narrow: Share = 0.12
    """Width of the widest interval at which no more worlds are added."""
    matters: Share = 0.05
    """Smallest difference of a probability that matters (the equivalence margin)."""
    target: Share = 0.8
    """Probability of sufficiency that the smallest sufficient change must reach."""
    against: str = ""
    """A second scenario of the same model, whose difference in outcome is divided into shares."""
    test: Test = Test()
    """What is done to the society in the last years, before it is judged."""
    success: dict[str, Part] = {}
    """The parts of success, one table `[success.NAME]` each; success is all of them. Four default parts where it is
    missing: it stands, it shares, need is met, output holds up."""
    levers: Annotated[list[Lever], Field(min_length=1)]
    """The changes that are tried, each alone, and bundles of them."""


class PriorFile(BaseModel):
    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    __pydantic_extra__: dict[str, Range]
    stated: dict[str, Stated] = {}
    """Parameters that are not varied, since a scenario states them: one table `[stated.NAME]` each."""


FORMATS: dict[str, type[BaseModel]] = {
    "scenario": ScenarioFile,
    "question": QuestionFile,
    "claims": Paper,
    "source-claim": SourceClaim,
    "prior": PriorFile,
}
WITHOUT_DEFAULT = {
    "ScenarioFile": {"name", "title", "model", "extends", "years"},
    "QuestionFile": {"horizon", "most_worlds"},
}
"""Keys whose default depends on the rest of the file; the text says on what."""
WITH_VALUES = {"ScenarioFile": "values", "Change": "values", "Test": "values", "Lever": "values"}
"""Tables whose key holds values of a model's parameters."""


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each format, by its name."""
    return {name: schema(name) for name in FORMATS}


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of one format, with the meaning of every key and the parameters of every model."""
    out = FORMATS[name].model_json_schema(by_alias=True)
    tables = {FORMATS[name].__name__: out, **out.get("$defs", {})}
    for title, table in tables.items():
        for key in ("title", "description"):
            table.pop(key, None)
        for key, of in table.get("properties", {}).items():
            of.pop("title", None)
            meaning = of.get("description") or MEANINGS.get(title, {}).get(key, "")
            of["description"] = " ".join(meaning.split())
            if key in WITHOUT_DEFAULT.get(title, ()):
                of.pop("default", None)
            if WITH_VALUES.get(title) == key:
                of.pop("additionalProperties", None)
                of["anyOf"] = [{"$ref": f"#/$defs/parameters of {model}"} for model in names()]
                out.setdefault("$defs", {})
    if any(title in WITH_VALUES for title in tables):
        out["$defs"] |= {f"parameters of {model}": _parameters(model) for model in names()}
    if name == "scenario":
        out["allOf"] = [_of_model(model) for model in names()]
        out["anyOf"] = [{"required": ["extends"]}, {"required": ["model", "years"]}]
    return {"$schema": DIALECT, "title": f"bestowal: {name} file", **out}


def _of_model(model: str) -> dict[str, Any]:
    """Return the rule that a scenario of this model has values of its parameters alone."""
    values = {"$ref": f"#/$defs/parameters of {model}"}
    change = {"items": {"properties": {"values": values}}}
    return {
        "if": {"properties": {"model": {"const": model}}, "required": ["model"]},
        "then": {"properties": {"values": values, "changes": change}},
    }


def _parameters(model: str) -> dict[str, Any]:
    properties = {p.name: _parameter(p) for p in parameters(load(model))}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _parameter(p: Parameter) -> dict[str, Any]:
    kind = "integer" if p.kind == "int" else "number"
    meaning = f"{p.meaning} ({p.unit})"
    return {"type": kind, "minimum": p.low, "maximum": p.high, "default": p.default, "description": meaning}
