"""Write the generated part of docs/reference: parameters and observables of the society model, from the model itself.

python docs/write_reference.py          tests/test_docs.py fails when the pages are not what this writes
"""

from pathlib import Path

from bestowal.model import Model, load, parameters

REFERENCE = Path(__file__).parent / "reference"


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
    lines += ["## Observables, one value a world and year", "", "| name | meaning | unit |", "|---|---|---|"]
    lines += [f"| `{o.name}` | {o.meaning} | {o.unit} |" for o in model.observables]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    return {REFERENCE / "society-parameters.md": page(load("society"))}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path)
