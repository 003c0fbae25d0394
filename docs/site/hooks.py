"""What MkDocs calls while it builds the site: adds the generated pages, the navigation, and the files linked to."""

import functools
import json
import posixpath
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import api_pages
import cli_pages
import format_pages
import model_pages
from links import DOCUMENTS, ROOT, files_linked, rewritten
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

DOCS = ROOT / "docs"
SECTIONS = (
    ("Tutorials", "tutorials"),
    ("How-to guides", "how-to"),
    ("Models", "models"),
    ("Command line", "cli"),
    ("Python", "python"),
    ("File formats", "formats"),
    ("Reference", "reference"),
    ("Answers", "answers"),
    ("Why", "why"),
)


@functools.cache
def generated() -> dict[str, str]:
    """Return the pages that have no file of their own in docs/, by the site's path."""
    pages = cli_pages.pages() | api_pages.pages() | format_pages.pages() | model_pages.pages()
    for document, page in DOCUMENTS.items():
        if document != "README.md" and (ROOT / document).is_file():
            pages[page] = rewritten((ROOT / document).read_text(encoding="utf-8"), document, page)
    pages["changelog.md"] = _changelog()
    for notebook in sorted((DOCS / "tutorials").glob("*.ipynb")):
        pages[f"tutorials/{notebook.stem}.md"] = _notebook(notebook)
    return pages


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write the navigation: the sections in their order, in each its index and then its pages by name."""
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    pages = sorted(written | generated().keys())
    nav: list[Any] = [{"Home": "index.md"}]
    for title, folder in SECTIONS:
        inside = [page for page in pages if posixpath.dirname(page) == folder]
        nav.append({title: sorted(inside, key=lambda page: (not page.endswith("/index.md"), page))})
    nav.append({"Project": [page for page in pages if "/" not in page and page != "index.md"]})
    config.nav = nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, and every file outside docs/ that a page links to."""
    for page, text in generated().items():
        files.append(File.generated(config, page, content=text))
    linked: set[str] = set()
    for path in DOCS.rglob("*.md"):
        linked |= files_linked(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    for document in DOCUMENTS:
        if document != "README.md" and (ROOT / document).is_file():
            linked |= files_linked((ROOT / document).read_text(encoding="utf-8"), document)
    for text in generated().values():
        linked |= {path for path in re.findall(r"files/([\w./-]+)", text) if (ROOT / path).is_file()}
    for path in sorted(linked):
        files.append(File.generated(config, f"files/{path}", abs_src_path=str(ROOT / path)))
    for notebook in (DOCS / "tutorials").glob("*.ipynb"):
        files.append(File.generated(config, f"files/{notebook.name}", abs_src_path=str(notebook)))
    return files


def on_page_markdown(markdown: str, page: Any, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the links of a page of docs/ to files outside of it."""
    path = page.file.src_uri
    return markdown if path in generated() else rewritten(markdown, f"docs/{path}", path)


def on_post_page(output: str, page: Any, config: MkDocsConfig) -> str:
    """Name the theme's search dialog, which screen readers announce."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )


def _changelog() -> str:
    """Return CHANGELOG.md with the changes since the last release, which are still in changelog.d/, before the rest."""
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "Unreleased"]
    unreleased = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    head, _, released = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition("<!-- towncrier")
    text = head + unreleased + released.partition("-->")[2]
    return rewritten(text, "CHANGELOG.md", "changelog.md")


def _notebook(file: Path) -> str:
    """Return a notebook's cells as a page: text as it is, code as code, each with its stored output."""
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    page = f"tutorials/{file.stem}.md"
    parts = []
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(rewritten(text, f"docs/tutorials/{file.name}", page))
        elif text.strip():
            parts.append(f"```python\n{text}\n```")
            parts += map(_output, cell["outputs"])
    note = f"This page shows the notebook [{file.name}](../files/{file.name}), which you can run."
    return "\n\n".join([parts[0], note, *parts[1:]]) + "\n"


def _output(output: dict[str, Any]) -> str:
    """Return a stored output of a cell: its picture, its table as HTML, or its text as a block."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = "".join(data["image/png"]).strip()
        return f'<img alt="Figure drawn by the cell above" src="data:image/png;base64,{picture}">'
    if "text/html" in data:
        return f'<div class="output">{"".join(data["text/html"])}</div>'
    text = "".join(output.get("text") or data.get("text/plain") or [])
    return f"```text\n{text.rstrip()}\n```"
