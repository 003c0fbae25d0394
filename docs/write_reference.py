"""Write what of the documents is generated: docs/reference (the society model's parameters and observables, and the
measured data), the JSON Schemas of the catalogue, and the README's numbers of claims and of planted faults.

python docs/write_reference.py          tests/test_docs.py fails when the pages are not what this writes
"""

import json
import re
import runpy
import sys
from collections import Counter
from pathlib import Path

from bestowal.calibration.datasets import data, names
from bestowal.claims import paper as claims
from bestowal.models.registry import Model, load, parameters

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
MEASURED = """# Measured data

Data to compare simulations with. Written by `docs/write_reference.py`.

`bs.data("oneida")` returns a pandas table; its `attrs` hold the entries below. `bs.data()` lists all tables, and
`bestowal show oneida --data` prints one. Grades: A, the primary data or text was read whole; B, an abstract, or a
reliable secondary table; C, weak, not for fitting. The tables hold facts, and statistics whose terms of use permit
it. They hold no individual records, and no tables whose owners set other terms, such as the irrigation systems of
Lam & Ostrom 2010 (in a GPL package) or the shares of violent deaths compiled by Our World in Data (no licence stated
with them).
"""


def number(value: float) -> str:
    return f"{value:g}"


def page(model: Model) -> str:
    lines = [f"# {model.name}: parameters and observables", ""]
    lines += [f"{model.title}. Written by `docs/write_reference.py`.", ""]
    groups = list(dict.fromkeys(p.group for p in parameters(model)))
    for group in groups:
        lines += [f"## Parameters: {group}", "", "| name | meaning | unit | default | bounds | symbol | source |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for p in parameters(model):
            if p.group == group:
                bounds = f"{number(p.low)} to {number(p.high)}"
                cells = [f"`{p.name}`", p.meaning, p.unit, number(p.default), bounds, p.symbol, p.source]
                lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    lines += ["## Observables, one value per world and year", "", "| name | meaning | unit |", "|---|---|---|"]
    lines += [f"| `{o.name}` | {o.meaning} | {o.unit} |" for o in model.observables]
    return "\n".join(lines) + "\n"


def measured() -> str:
    lines = [MEASURED]
    for name in names():
        table = data(name)
        attrs = table.attrs
        lines += [f"## `{name}`", "", f"{attrs['title']}. {len(table)} row{'' if len(table) == 1 else 's'}.", ""]
        lines += [f"- {key}: {attrs[key]}" for key in ("source", "citation", "grade", "licence", "note") if attrs[key]]
        lines += ["", "| column | unit | meaning |", "|---|---|---|"]
        lines += [
            f"| `{column}` | {attrs['units'][column]} | {attrs['meanings'][column]} |" for column in table.columns
        ]
        lines.append("")
    return "\n".join(lines)


def readme(text: str) -> str:
    """The README with its numbers of claims and of planted faults as they are in the catalogue and in verify."""
    known = claims.provenance()
    faults = Counter(
        fault.model == "society" for fault in runpy.run_path(str(ROOT / "verify/planted_faults.py"))["FAULTS"]
    )
    numbers = {
        r"\d+ claims: \d+ numbers read, \d+ recalled and \d+ computed": f"{known.total()} claims: {known['read']} "
        f"numbers read, {known['recalled']} recalled and {known['computed']} computed",
        r"plants \d+ in the society model and \d+ in the others": f"plants {faults[True]} in the society model and "
        f"{faults[False]} in the others",
    }
    for sentence, now in numbers.items():
        text, times = re.subn(sentence, now, text)
        if times != 1:
            raise ValueError(f"README.md: {times} sentences read {sentence!r}; must be 1")
    return text


def schemas() -> dict[Path, str]:
    """The JSON Schemas of the files that users write, each with the place it is shipped in."""
    sys.path.insert(0, str(ROOT / "docs" / "site"))
    import formats

    folder = ROOT / "bestowal" / "catalogue" / "schemas"
    known = formats.schemas().items()
    return {folder / f"{name}.json": json.dumps(of, indent=1, ensure_ascii=False) + "\n" for name, of in known}


def pages() -> dict[Path, str]:
    return {
        **schemas(),
        REFERENCE / "society-parameters.md": page(load("society")),
        REFERENCE / "data.md": measured(),
        ROOT / "README.md": readme((ROOT / "README.md").read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path)
