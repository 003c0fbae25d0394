"""The page as it is served, and as one file: for a disk, or for a notebook."""

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

MODULES = (
    "dom",
    "frames",
    "address",
    "host_server",
    "host_recorded",
    "host_notebook",
    "state",
    "layout",
    "moves",
    "paint",
    "ground",
    "dots",
    "pixels",
    "world",
    "charts",
    "clock",
    "levers",
    "odds",
    "lives",
    "people",
    "twins",
    "presets",
    "experiment",
    "pair",
    "odds_run",
    "worlds",
    "sheet",
    "answers",
    "store",
    "lattice_view",
    "lattice",
    "models",
    "about",
    "shell",
    "watch",
    "app",
)
"""The order in which they are put one after another: each after those it imports."""

UPLOT = "vendor/uPlot.iife.min.js"
STYLES = ("vendor/uPlot.min.css", "style.css")


def document(recorded: dict[str, Any]) -> str:
    """The page with these answers in it, as one HTML text that needs nothing else; README.md says what they hold."""
    html = _read("index.html")
    for name in STYLES:
        html = _put(html, f'<link rel="stylesheet" href="{name}">', f"<style>\n{_read(name)}</style>")
    # In JSON "<" may be written as an escape, so that no text in it can end the element.
    answers = json.dumps(recorded, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    html = _put(
        html,
        f'<script src="{UPLOT}"></script>',
        f'<script type="application/json" id="recorded">{answers}</script>\n<script>{_read(UPLOT)}</script>',
    )
    script = joined((*MODULES, "start"))
    return _put(html, '<script type="module" src="start.js"></script>', f'<script type="module">\n{script}</script>')


def widget() -> tuple[str, str]:
    """The page as anywidget takes it: its module and its style."""
    script = f"{_read(UPLOT)}\n{joined((*MODULES, 'notebook'))}export default {{ render }};\n"
    return script, "\n".join(_read(name) for name in STYLES)


def joined(names: tuple[str, ...]) -> str:
    """These modules in one scope: without their imports, and with nothing exported."""
    return "\n".join(_bare(_read(f"{name}.js")) for name in names)


def _bare(module: str) -> str:
    module = re.sub(r'^import \{[^}]*\} from "\./[a-z_]+\.js";\n', "", module, flags=re.MULTILINE)
    return re.sub(r"^export (?=(?:async )?function|const|class)", "", module, flags=re.MULTILINE)


def _put(html: str, old: str, new: str) -> str:
    if html.count(old) != 1:
        raise ValueError(f"index.html has to hold this once: {old}")
    return html.replace(old, new)


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
