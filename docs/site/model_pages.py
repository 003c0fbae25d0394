"""Pages of the models: a gallery with one picture each, and a page a model with its parameters and observables."""

import ast
import inspect

from docstrings import markdown
from gallery import setting, shown

from bestowal.claims import paper
from bestowal.models.registry import Model, Observable, load, parameters, source, titles

EQUATIONS = {
    "society": "Equation by equation: [the year](../reference/society-equations.md). By the ODD protocol: "
    "[the model described](../reference/society.md).",
    "public_goods": "Equation by equation: [the experiment](../reference/public-goods-equations.md).",
}


def pages() -> dict[str, str]:
    """Return the gallery and the page of each model by the site's path."""
    gallery = ["# The models", "", '<div class="gallery" markdown>', ""]
    out = {}
    for name, title in titles().items():
        picture = f"[![{shown(name).says}](pictures/{name}.svg)]({name}.md)"
        gallery += [
            '<div class="model" markdown>',
            "",
            picture,
            "",
            f"[`{name}`]({name}.md)",
            "",
            title,
            "",
            "</div>",
            "",
        ]
        out[f"models/{name}.md"] = _page(load(name))
    gallery += ["</div>", "", "A model of your own is one file: [add a published model](../how-to/add-a-paper.md)."]
    return out | {"models/index.md": "\n".join(gallery) + "\n"}


def _page(model: Model) -> str:
    lines = [f"# {model.name}", "", model.title, ""]
    lines += [f"![{shown(model.name).says}](pictures/{model.name}.svg){{ .model-picture }}", ""]
    lines += [f"{setting(model.name)} Numbers: [{model.name}.csv](pictures/{model.name}.csv).", ""]
    lines += ["```sh", f"bestowal run {model.name}", f"bestowal show {model.name} --model   # as a file to edit"]
    if model.name in paper.papers():
        lines.append(f"bestowal check {model.name}   # {len(paper.paper(model.name).claims)} claims of its paper")
    lines += ["```", "", "## What it computes", "", markdown(_docstring(model.name)), ""]
    lines += [EQUATIONS[model.name], ""] if model.name in EQUATIONS else []
    lines += parameters_tables(model)
    lines += observables_table(model.observables)
    return "\n".join(lines) + "\n"


def parameters_tables(model: Model) -> list[str]:
    """Return the lines of one table a group of parameters."""
    lines = []
    for group in dict.fromkeys(p.group for p in parameters(model)):
        lines += [f"## Parameters{': ' if group else ''}{group}", ""]
        lines += ["| name | meaning | unit | default | bounds | symbol | source |", "|---|---|---|---|---|---|---|"]
        for p in parameters(model):
            if p.group == group:
                bounds = f"{p.low:g} to {p.high:g}"
                cells = [f"`{p.name}`", p.meaning, p.unit, f"{p.default:g}", bounds, p.symbol, p.source]
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return lines


def observables_table(observables: tuple[Observable, ...]) -> list[str]:
    """Return the lines of the table of observables."""
    lines = ["## Observables, one value a world and step", "", "| name | meaning | unit |", "|---|---|---|"]
    return lines + [f"| `{o.name}` | {o.meaning} | {o.unit} |".replace("||", "\\|\\|") for o in observables]


def _docstring(name: str) -> str:
    """Return the docstring of a model's module, read from its source."""
    return inspect.cleandoc(ast.get_docstring(ast.parse(source(f"bestowal.models.{name}"))) or "")
