"""Links between the site's pages, the repository's other documents, and files outside docs/.

A page of docs/ may link to any file of the repository, as it does when read in the repository itself. The site shows
documents outside docs/ as pages of its own, and copies every other file that is linked to under `files/`.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "GLOSSARY.md": "glossary.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/RESULTS.md": "why/benchmarks.md",
}
"""Documents outside docs/, and the page of the site that each is shown as."""

_LINK = re.compile(r"(?<!\\)\]\((?!\w+:|#|/)([^)\s#]+)(#[^)\s]*)?((?:\s+\"[^\"]*\")?)\)")
_CODE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*?$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def target(repository_path: str) -> str | None:
    """Return the site's path of a file of the repository, None where it is a folder or does not exist."""
    if repository_path in DOCUMENTS:
        return DOCUMENTS[repository_path]
    if not (ROOT / repository_path).is_file():
        return None
    inside = repository_path.removeprefix("docs/")
    if inside != repository_path and inside.endswith(".ipynb"):
        return f"{inside[:-6]}.md"
    return inside if inside != repository_path else f"files/{repository_path}"


def rewritten(markdown: str, repository_path: str, page: str) -> str:
    """Return a document's text with its links to files of the repository made into links of the site's page.

    A link to a folder becomes plain text; a link to a file that does not exist stays, for MkDocs to complain about.
    """
    here = posixpath.dirname(repository_path)

    def link(match: re.Match[str]) -> str:
        path, anchor, title = match[1], match[2] or "", match[3]
        full = posixpath.normpath(posixpath.join(here, path))
        if (ROOT / full).is_dir():
            full = f"{full}/README.md" if (ROOT / full / "README.md").is_file() else full
        to = target(full)
        if to is None:
            return match[0]
        return f"]({posixpath.relpath(to, posixpath.dirname(page) or '.')}{anchor}{title})"

    return "".join(part if is_code else _LINK.sub(link, part) for part, is_code in _parts(markdown))


def files_linked(markdown: str, repository_path: str) -> set[str]:
    """Return the files of the repository that a document links to and the site has to copy."""
    here = posixpath.dirname(repository_path)
    text = "".join(part for part, is_code in _parts(markdown) if not is_code)
    paths = {posixpath.normpath(posixpath.join(here, match[1])) for match in _LINK.finditer(text)}
    return {path for path in paths if (target(path) or "").startswith("files/")}


def _parts(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in parts, each with whether it is code, in which nothing is a link."""
    end = 0
    for match in _CODE.finditer(markdown):
        yield markdown[end : match.start()], False
        yield match[0], True
        end = match.end()
    yield markdown[end:], False
