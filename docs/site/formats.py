"""JSON Schemas of the files that users write: scenario, question, claims and prior.

`python docs/write_reference.py` writes them to bestowal/catalogue/schemas/, from where editors take them to complete
keys, and the site makes its pages of the file formats of them. Questions, claims and priors are read by pydantic
models, whose schemas these are; the classes here describe the two formats that are read by hand, scenarios and the top
of a prior. What a key means is the text under it in its model, or else stands in meanings.toml.
"""

import ast
import inspect
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bestowal.claims.claim_file import SourceClaim
from bestowal.claims.paper import Paper
from bestowal.models.registry import Parameter, load, names, parameters
from bestowal.questions.question_table import QuestionFile
from bestowal.uncertainty.prior import Range, Stated

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MEANINGS = tomllib.loads((Path(__file__).parent / "meanings.toml").read_text(encoding="utf-8"))
FORBID = ConfigDict(extra="forbid")

Whole = Annotated[int, Field(strict=True)]
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


class PriorFile(BaseModel):
    model_config = ConfigDict(extra="allow")

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
    said = _attribute_docstrings(FORMATS[name].__module__)
    tables = {FORMATS[name].__name__: out, **out.get("$defs", {})}
    for title, table in tables.items():
        for key in ("title", "description"):
            table.pop(key, None)
        for key, of in table.get("properties", {}).items():
            of.pop("title", None)
            meaning = said.get((title, key)) or MEANINGS.get(title, {}).get(key, "")
            of["description"] = " ".join(meaning.split())
            if of.get("default", "") is None:  # TOML has no null: a key that may be None is one to leave out
                del of["default"]
                options = [option for option in of.pop("anyOf", ()) if option != {"type": "null"}]
                of |= options[0] if len(options) == 1 else {"anyOf": options} if options else {}
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


def _attribute_docstrings(module: str) -> dict[tuple[str, str], str]:
    """Return the text under each key of each class in a module, which Python drops and pydantic is slow to find."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {
        (table.name, key.id): text
        for table in tree.body
        if isinstance(table, ast.ClassDef)
        for one, following in zip(table.body, table.body[1:], strict=False)
        if isinstance(one, ast.AnnAssign) and isinstance(following, ast.Expr)
        for key, constant in [(one.target, following.value)]
        if isinstance(key, ast.Name) and isinstance(constant, ast.Constant) and isinstance(text := constant.value, str)
    }


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
