"""Draw the floors of the package, its modules and their imports, and count the arrows.

    python docs/draw_architecture.py            # writes docs/architecture.svg and the counts in docs/architecture.md
    python docs/draw_architecture.py --arrows   # prints the modules with most arrows

All of it is read from the code: the floors from `.importlinter`, the imports from the files' syntax trees.
"""

import ast
import configparser
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "bestowal"
PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "architecture.svg"
GROUND = ("models", "kernels")
"""Floors whose arrows are counted apart: a model's file imports the kernels, and nothing imports a model by name."""
WIDTH, MARGIN, BOX, GAP, LETTER = 1280, 130, 18, 6, 5.6
COLOURS = ("#1b6b80", "#b3541e", "#5b4a8a", "#3d7a3d", "#a03050", "#806515", "#2f5fa8", "#555555")


@dataclass(frozen=True, order=True)
class Arrow:
    """One module imports another. ``lazy``: inside a function. ``typing``: only for the type checker."""

    importer: str
    imported: str
    lazy: bool
    typing: bool


def modules() -> dict[str, Path]:
    """Return the package's Python files by their dotted names, without the package's own name in front."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name and parts[0] not in ("catalogue", "__main__.py"):
            found[name] = file
    return found


def floors() -> list[list[str]]:
    """Return the floors, the highest first; those that stand side by side share one."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    lines = config["importlinter:contract:floors"]["layers"].split("\n")
    return [[name.strip() for name in re.split(r"[:|]", line)] for line in lines if line.strip()]


def arrows(files: dict[str, Path]) -> list[Arrow]:
    """Return every import of one module of the package by another: one arrow a pair, top level before lazy."""
    found: dict[tuple[str, str], Arrow] = {}
    for importer, file in files.items():
        package = importer.split(".") if file.name == "__init__.py" else importer.split(".")[:-1]
        for node, lazy, typing in _imports(ast.parse(file.read_text(encoding="utf-8")), False, False):
            for imported in _targets(node, package, files):
                arrow = Arrow(importer, imported, lazy, typing)
                if imported != importer:
                    pair = (importer, imported)
                    found[pair] = min(found.get(pair, arrow), arrow, key=lambda a: (a.typing, a.lazy))
    return sorted(found.values())


def _imports(node: ast.AST, lazy: bool, typing: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node, lazy, typing
    inside = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    checked = typing or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, inside, checked)


def _targets(node: ast.Import | ast.ImportFrom, package: list[str], files: dict[str, Path]) -> set[str]:
    """Return the modules that an import loads: `from bestowal.core import files` loads core.files."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        above = ["bestowal", *package][: len(package) + 2 - node.level] if node.level else []
        base = ".".join([*above, *filter(None, [node.module])])
        names = [f"{base}.{alias.name}" for alias in node.names]
    found = set()
    for name in names:
        top, _, inside = name.partition(".")
        while top == "bestowal" and inside and inside not in files:
            inside = inside.rpartition(".")[0]
        if top == "bestowal" and inside:
            found.add(inside)
    return found


def circles(found: list[Arrow]) -> list[list[str]]:
    """Return the groups of modules that import one another at top level, straight or round about."""
    follows: dict[str, set[str]] = {}
    for arrow in found:
        if not (arrow.lazy or arrow.typing):
            follows.setdefault(arrow.importer, set()).add(arrow.imported)

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        rest = [start]
        while rest:
            new = follows.get(rest.pop(), set()) - seen
            seen |= new
            rest += new
        return seen

    reach = {name: reached(name) for name in follows}
    groups = {tuple(sorted(other for other in reach[name] if name in reach.get(other, ()))) for name in reach}
    return sorted(list(group) for group in groups if group)


def outside_the_ground(found: list[Arrow]) -> list[Arrow]:
    """Return the arrows with neither end in models/ or kernels/."""
    return [a for a in found if not {a.importer.split(".")[0], a.imported.split(".")[0]} & set(GROUND)]


def counts(files: dict[str, Path], found: list[Arrow]) -> str:
    """Return the counts as the page prints them."""
    outside = outside_the_ground(found)
    lazy = sum(arrow.lazy for arrow in outside)
    typing = sum(arrow.typing for arrow in outside)
    across = sum(arrow.importer.split(".")[0] != arrow.imported.split(".")[0] for arrow in outside)
    taken = Counter(arrow.imported for arrow in outside).most_common(5)
    takes = Counter(arrow.importer for arrow in outside).most_common(5)
    return (
        f"{len(files)} modules, {len(found)} arrows. Outside `models/` and `kernels/` there are **{len(outside)}** "
        f"arrows: {across} from one folder to another and {len(outside) - across} within one; {lazy} of them are "
        f"imports inside functions and {typing} are for the type checker alone. Most often imported: {_list(taken)}. "
        f"Import most: {_list(takes)}."
    )


def _list(pairs: list[tuple[str, int]]) -> str:
    return ", ".join(f"`{name}` ({n})" for name, n in pairs)


def picture(files: dict[str, Path], found: list[Arrow]) -> str:
    """Return the picture: a band a floor, a box a module, an arrow an import from one floor to another."""
    middle: dict[str, tuple[float, float]] = {}
    bands, boxes = [], []
    y = 44.0
    for names in floors():
        top = y
        y += GAP
        for folder in names:
            x = float(MARGIN)
            bands.append(f'<text class="floor" x="12" y="{y + 13:.0f}">{folder}/</text>')
            for name in (name for name in files if name.split(".")[0] == folder):
                label = name.partition(".")[2] or "__init__"
                width = LETTER * len(label) + 10
                if x + width > WIDTH - 12:
                    x, y = float(MARGIN), y + BOX + GAP
                middle[name] = (x + width / 2, y + BOX / 2)
                boxes.append(_box(name, label, x, y, width, found))
                x += width + GAP
            y += BOX + GAP
        bands.insert(0, f'<rect class="band" x="4" y="{top:.0f}" width="{WIDTH - 8}" height="{y - top:.0f}"/>')
        y += 22
    lines = [
        _line(arrow, middle)
        for arrow in found
        if arrow.importer in middle and arrow.imported in middle and not arrow.typing
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" font-family="sans-serif" role="img">'
        "<title>The floors of bestowal, their modules, and who imports whom</title><style>"
        ".band{fill:#f4f1ea;stroke:#d8d2c4}.floor{font-size:13px;font-weight:bold;fill:#222}"
        ".box rect{fill:#fff;stroke:#999}"
        ".box text{font-size:10px;fill:#222}path{fill:none;stroke-width:.7;opacity:.35}"
        f".note{{font-size:12px;fill:#444}}</style>"
        f'<rect width="{WIDTH}" height="{y:.0f}" fill="#fffdf8"/>'
        f'<text class="note" x="12" y="26">Each line is an import by the upper module of the lower one, in the colour '
        "of the importer's folder; dashed: inside a function.</text>"
    )
    return "\n".join([head, *bands, *lines, *boxes, "</svg>"]) + "\n"


def _box(name: str, label: str, x: float, y: float, width: float, found: list[Arrow]) -> str:
    imports = ", ".join(arrow.imported for arrow in found if arrow.importer == name) or "nothing"
    return (
        f'<g class="box"><title>{escape(f"{name} imports {imports}")}</title>'
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{BOX}" rx="3"/>'
        f'<text x="{x + 5:.0f}" y="{y + 13:.0f}">{escape(label)}</text></g>'
    )


def _line(arrow: Arrow, middle: dict[str, tuple[float, float]]) -> str:
    (x1, y1), (x2, y2) = middle[arrow.importer], middle[arrow.imported]
    folders = [name for names in floors() for name in names]
    colour = COLOURS[folders.index(arrow.importer.split(".")[0]) % len(COLOURS)]
    y1, y2 = (y1 + BOX / 2, y2 - BOX / 2) if y2 > y1 else (y1, y2)
    bend = (y1 + y2) / 2 if abs(y1 - y2) > BOX else min(y1, y2) - BOX * 1.5
    dash = ' stroke-dasharray="3 3"' if arrow.lazy else ""
    return (
        f'<path d="M{x1:.0f} {y1:.0f}C{x1:.0f} {bend:.0f} {x2:.0f} {bend:.0f} {x2:.0f} {y2:.0f}" '
        f'stroke="{colour}"{dash}/>'
    )


def page(text: str, files: dict[str, Path], found: list[Arrow]) -> str:
    """Return the text of the page with its counts written anew."""
    marks = r"(<!-- counts -->\n).*?(\n<!-- end of counts -->)"
    return re.sub(marks, lambda m: m[1] + counts(files, found) + m[2], text, flags=re.DOTALL)


def main() -> None:
    """Write the picture and the counts, or print the modules with most arrows."""
    files = modules()
    found = arrows(files)
    if "--arrows" in sys.argv[1:]:
        outside = outside_the_ground(found)
        print("imported by:", *Counter(arrow.imported for arrow in outside).most_common(25), sep="\n  ")
        print("imports:", *Counter(arrow.importer for arrow in outside).most_common(25), sep="\n  ")
        print("circles:", circles(found))
        return
    PICTURE.write_text(picture(files, found), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), files, found), encoding="utf-8")


if __name__ == "__main__":
    main()
