"""Pages of the file formats: every key with its type, default, bounds and meaning, generated from the JSON Schemas."""

import json
from typing import Any

from formats import FORMATS, MEANINGS, schema

from bestowal.calibration import datasets

INTRODUCTIONS = {
    "scenario": "One society to run. `bestowal show kibbutz > mine.toml` writes one to edit, "
    "`bestowal run mine.toml` runs it.",
    "question": "A scenario, what counts as success, a test, and the changes to try. "
    "`bestowal show kibbutz --question > mine.toml` writes one to edit, `bestowal ask mine.toml` answers it.",
    "claims": "Claims of a published paper, each a number to expect. `bestowal check NAME` holds the model against "
    "them. How they are written is told in [add a paper](../how-to/add-a-paper.md).",
    "source-claim": "One claim of the source tradition as an experiment. `bestowal check source` runs all of them.",
    "prior": "What is known of the parameters of a model. The tables of the file are named by the parameters. "
    "`bestowal show priors` prints it.",
}
EXAMPLES = {
    "scenario": ("scenarios", "kibbutz.toml"),
    "question": ("questions", "kibbutz.toml"),
    "claims": ("claims", "hauert_2007.toml"),
    "source-claim": ("claims/source", "C08.toml"),
    "prior": ("priors", "society.toml"),
}
HEADINGS = {
    "Change": "[[changes]]",
    "Test": "[test]",
    "Part": "[success.NAME]",
    "Lever": "[[levers]]",
    "Claim": "[[claims]]",
    "Experiment": "[experiment]",
    "Holds": "holds, a table of the experiment",
    "Statistic": "statistic, a table of the experiment",
    "Arm": "[experiment.arms.NAME]",
    "Shift": "[[experiment.arms.NAME.changes]]",
    "Range": "[NAME], a parameter that is varied",
    "Stated": "[stated.NAME], a parameter that is not varied",
}


def pages() -> dict[str, str]:
    """Return the pages of the file formats by the site's path."""
    lines = [
        "# The file formats",
        "",
        "Scenarios, questions, claims and priors are TOML files; data are CSV files. A key that a format does not have "
        "is refused, with the nearest one that it has.",
        "",
        "| format | example | JSON Schema |",
        "|---|---|---|",
    ]
    out = {}
    for name in FORMATS:
        lines.append(f"| [{name}]({name}.md) | {_example(name)} | {_schema_link(name)} |")
        out[f"formats/{name}.md"] = _page(name)
    lines += [f"| [data](data.md) | [oneida.csv]({_catalogue('data/oneida.csv')}) | |", ""]
    lines += [
        "The schemas are in the package, in `bestowal/catalogue/schemas/`. An editor with TOML support (such as the "
        "Even Better TOML extension) completes and checks keys after this first line in a file:",
        "",
        "```toml",
        "#:schema /path/to/bestowal/catalogue/schemas/scenario.json",
        "```",
        "",
        "`python -c 'import bestowal; print(bestowal.__path__[0])'` prints where the package is.",
    ]
    return out | {"formats/index.md": "\n".join(lines) + "\n", "formats/data.md": _data_page()}


def tables(name: str) -> dict[str, dict[str, Any]]:
    """Return the tables of a format, each with its schema: the file's top first, then those inside."""
    whole = schema(name)
    inner = {title: table for title, table in whole.get("$defs", {}).items() if "parameters of" not in title}
    order = [title for title in HEADINGS if title in inner]
    return {FORMATS[name].__name__: whole} | {title: inner[title] for title in order} | inner


def _page(name: str) -> str:
    lines = [f"# {name.capitalize()} files", "", INTRODUCTIONS[name], ""]
    lines += [f"Example: {_example(name)}. JSON Schema: {_schema_link(name)}.", ""]
    for title, table in tables(name).items():
        if table.get("properties"):
            lines += [f"## {HEADINGS.get(title, 'The top of the file')}", ""]
            lines += ["| key | type | default | bounds | meaning |", "|---|---|---|---|---|"]
            required = table.get("required", [])
            for key, of in table["properties"].items():
                default = "required" if key in required else _default(of)
                cells = [f"`{key}`", _kind(of), default, _bounds(of), of["description"]]
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
            lines.append("")
    if name in ("scenario", "question"):
        lines.append("The parameters that `values` may hold are on the page of each [model](../models/index.md).")
    return "\n".join(lines) + "\n"


def _alternatives(of: dict[str, Any]) -> list[dict[str, Any]]:
    return [option for option in of.get("anyOf", [of]) if option.get("type") != "null"]


def _kind(of: dict[str, Any]) -> str:
    """Return what a key holds, in words."""
    options = _alternatives(of)
    if any("parameters of" in option.get("$ref", "") for option in options):
        return "table of numbers"
    words = {"integer": "whole number", "string": "text", "boolean": "true or false", "object": "table"}
    kinds = []
    for option in options:
        if "enum" in option:
            kinds.append(", ".join(f"`{value}`" for value in option["enum"]))
        elif "$ref" in option:
            kinds.append("table")
        elif option["type"] == "array" and "prefixItems" in option:
            kinds.append(f"list of {len(option['prefixItems'])} numbers")
        elif option["type"] == "array":
            inner = _kind(option["items"])
            kinds.append(f"list of {'tables' if inner == 'table' else inner + 's' if inner != 'text' else 'texts'}")
        elif option["type"] == "object":
            entries = option.get("additionalProperties")
            kind = _kind(entries) if isinstance(entries, dict) else ""
            kinds.append(f"table of {kind}s" if kind in ("table", "number") else "table")
        else:
            kinds.append(words.get(option["type"], option["type"]))
    unique = dict.fromkeys(kinds)
    return "number" if unique.keys() == {"whole number", "number"} else " or ".join(unique)


def _default(of: dict[str, Any]) -> str:
    default = of.get("default")
    if default is None or default in ("", [], {}) or isinstance(default, dict):
        return ""
    return f"`{json.dumps(default, ensure_ascii=False)}`"


def _bounds(of: dict[str, Any]) -> str:
    for option in _alternatives(of):
        low, high = option.get("minimum"), option.get("maximum")
        above, below = option.get("exclusiveMinimum"), option.get("exclusiveMaximum")
        if low is not None or high is not None or above is not None or below is not None:
            ends = [f"at least {low:,}" if low is not None else "", f"at most {high:,}" if high is not None else ""]
            ends += [f"above {above:,}" if above is not None else "", f"below {below:,}" if below is not None else ""]
            return ", ".join(end for end in ends if end)
        if option.get("minItems"):
            return f"at least {option['minItems']} of them"
        if option.get("pattern"):
            return f"matches `{option['pattern']}`"
        if option.get("minLength"):
            return "not empty"
    return ""


def _example(name: str) -> str:
    folder, file = EXAMPLES[name]
    return f"[{file}]({_catalogue(f'{folder}/{file}')})"


def _schema_link(name: str) -> str:
    return f"[{name}.json]({_catalogue(f'schemas/{name}.json')})"


def _catalogue(path: str) -> str:
    return f"../files/bestowal/catalogue/{path}"


def _data_page() -> str:
    said = MEANINGS["data"]
    lines = ["# Data files", "", "A table of measurements: a head of lines that begin with `#`, then a CSV table. "]
    lines += ["`bestowal show oneida --data` prints one. What is there: [measured data](../reference/data.md).", ""]
    lines += ["## The head", "", "| line | | meaning |", "|---|---|---|"]
    for key in (*datasets.HEAD, "note"):
        needed = "required" if key in datasets.HEAD else "optional"
        lines.append(f"| `# {key}: …` | {needed} | {said[key]} |")
    lines.append(f"| `# column NAME: KIND \\| UNIT \\| MEANING` | required, one a column | {said['column']} |")
    lines += ["", "KIND is one of:", ""]
    lines += [f"- `{kind}`: {said['kinds'][kind]}" for kind in datasets.KINDS]
    return "\n".join(lines) + "\n"
