"""References: the works that models, scenarios, questions and data name as their sources, as text and as BibTeX.

A published model opens with its paper, a data file with its citation; `catalogue/references.toml` holds the works that
other texts name by author and year alone. `named_in` finds such names in any text. Nothing here is written twice.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).parent.parent / "catalogue"

# A. K. Sen, "Labour allocation …", Review of Economic Studies 33 (1966) 361-371.   The head of a published model.
PAPER = re.compile(
    r"^((?:[A-Z]\.[ -]?)+ ?[A-Z][^\n\"“]*?),\s+\"([^\"]+)\",\s+(.+?)\s+(\d+)"
    r"(?::(\S+)\s+\((\d{4})\)|\s+\((\d{4})\),?\s+([\d-]+))\.",
    re.MULTILINE,
)
# Nordhoff, C. 1875. The Communistic Societies of the United States. New York: Harper.   The head of a data file.
CITED = re.compile(
    r"((?:[^\s.;,]+, (?:[A-Z]\. ?)+(?:, |& )?)+)(\d{4})\. ([^.]+)\. (.+?)\.?(?= [^\s.;,]+, [A-Z]\. .*\d{4}\.|$)"
)
PLACE = re.compile(r"^(.+?) (\d+)(?:\(\d+\))?:([\d-]+)$")


@dataclass(frozen=True)
class Reference:
    """One work. `authors` are "Last, F. M."; without a title only the name of the work is known."""

    authors: tuple[str, ...]
    year: int
    title: str = ""
    journal: str = ""
    volume: str = ""
    pages: str = ""
    publisher: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """How a text names the work: "Choi & Bowles 2007", "Aron et al. 1992", "Aron, Aron & Smollan 1992"."""
        last = [author.partition(",")[0] for author in self.authors]
        if len(last) == 1:
            return (f"{last[0]} {self.year}",)
        whole = f"{', '.join(last[:-1])} & {last[-1]} {self.year}"
        return (whole,) if len(last) == 2 else (whole, f"{last[0]} et al. {self.year}")

    @property
    def key(self) -> str:
        """The BibTeX key: the first author's last name and the year, in ASCII."""
        return f"{_ascii(self.authors[0].partition(',')[0])}{self.year}"

    def text(self) -> str:
        """Return the reference as one line."""
        authors = self.authors[0] if len(self.authors) == 1 else f"{', '.join(self.authors[:-1])} & {self.authors[-1]}"
        if not self.title:
            return f"{authors} ({self.year}). [No more than this name is recorded.]"
        place = " ".join(part for part in (self.journal or self.publisher, self.volume) if part)
        where = f"{place}{':' if self.volume else ', '}{self.pages}" if self.pages else place
        return f"{authors} ({self.year}). {self.title}{'' if self.title.endswith('?') else '.'} {where}."

    def bibtex(self, key: str) -> str:
        """Return the reference as a BibTeX entry under this key."""
        kind = "article" if self.volume else "inproceedings" if self.journal else "book" if self.title else "misc"
        fields = {
            "author": " and ".join(self.authors),
            "year": str(self.year),
            "title": f"{{{self.title}}}" if self.title else "",
            "booktitle" if kind == "inproceedings" else "journal": self.journal,
            "volume": self.volume,
            "pages": self.pages.replace("-", "--"),
            "publisher": self.publisher,
            "note": "" if self.title else "No more than this name is recorded",
        }
        lines = [f"  {name} = {{{value.replace('&', chr(92) + '&')}}}," for name, value in fields.items() if value]
        return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def bibliography(references: list[Reference]) -> str:
    """Return BibTeX entries; where two works would have one key, letters are added: Sen1966a, Sen1966b."""
    keys = [reference.key for reference in references]
    entries = []
    for i, reference in enumerate(references):
        letter = chr(ord("a") + keys[:i].count(keys[i])) if keys.count(keys[i]) > 1 else ""
        entries.append(reference.bibtex(keys[i] + letter))
    return "\n\n".join(entries)


def named_in(text: str) -> list[Reference]:
    """Return the works that a text names by author and year, by the first author's name."""
    plain = re.sub(r"\((\d{4})\)", r"\1", " ".join(text.replace("#", " ").split()).replace(" and ", " & "))
    plain = re.sub(r"['’]s (?=\d{4}\b)", " ", plain)
    found = set()
    names = {name: reference for reference in known() for name in reference.names}
    for name in sorted(names, key=len, reverse=True):  # the longest first: "Choi & Bowles 2007" is no "Bowles 2007"
        plain, times = re.subn(rf"(?<![\w-]){re.escape(name)}(?!\w)", "", plain)
        if times:
            found.add(names[name])
    return ordered(found)


def ordered(references: set[Reference] | list[Reference]) -> list[Reference]:
    """Return the references as a list of references has them: by author, year and title."""
    return sorted(
        set(references), key=lambda of: ([_ascii(author).casefold() for author in of.authors], of.year, of.title)
    )


@cache
def known() -> tuple[Reference, ...]:
    """Return every work that the package can name, each once: of models, of data, and of `references.toml`."""
    from bestowal.calibration.datasets import CATALOGUE as DATA
    from bestowal.core.files import toml
    from bestowal.models import registry

    models = [reference for name in registry.names() for reference in of_model(name)]
    data = [reference for file in sorted(DATA.glob("*.csv")) for reference in of_data(file)]
    works = toml(CATALOGUE / "references.toml")["works"]
    rest = [Reference(**{**work, "authors": tuple(work["authors"])}) for work in works]
    by_name = {reference.names[0]: reference for reference in reversed([*models, *data, *rest])}
    return tuple(by_name.values())


def of_model(name: str) -> list[Reference]:
    """Return the papers that a model is written from, read from the head of its file; none of a model of ours."""
    from bestowal.models import registry

    head = ast.get_docstring(ast.parse(registry.source(f"bestowal.models.{name}"))) or ""
    found = []
    for people, title, journal, volume, pages, year, other_year, other_pages in PAPER.findall(head):
        authors = [_last_first(person) for person in re.split(r",\s+|\s+(?:and|&)\s+", people)]
        words = " ".join(title.split())
        place = " ".join(journal.split())
        found.append(Reference(tuple(authors), int(year or other_year), words, place, volume, pages or other_pages))
    return found


def of_data(file: Path) -> list[Reference]:
    """Return the works that the head of a data file cites in full; what it cites in short stays text."""
    from bestowal.calibration.datasets import head

    found = []
    for people, year, title, where in CITED.findall(head(file).said["citation"]):
        authors = tuple(author.strip(" &,") for author in re.findall(r"[^\s,&]+, (?:[A-Z]\. ?)+", people))
        place = PLACE.match(where)
        more = dict(zip(("journal", "volume", "pages"), place.groups(), strict=True)) if place else {"publisher": where}
        found.append(Reference(authors, int(year), title, **more))
    return found


def _last_first(person: str) -> str:
    """ "A. K. Sen" as "Sen, A. K."."""
    initials = re.match(r"(?:[A-Z]\.[ -]?)+", person)
    assert initials is not None, person
    return f"{person[initials.end() :].strip()}, {initials[0].strip()}"


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().replace(" ", "").replace("'", "")
