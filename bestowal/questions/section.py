"""A section of `ask --full`: sentences, tables and a figure with its caption, and what several sections share."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """Cells are text; after a line break stands what is said more softly."""

    columns: list[str]
    rows: list[list[str]]
    words: int = 1  # how many of the first columns are words


@dataclass(frozen=True)
class Section:
    """One kind of question: its heading, what is said first, what more, a figure with its caption, and tables.

    ``short``: what the summary says of it.
    """

    name: str
    title: str
    says: list[str]
    tables: list[Table] = field(default_factory=list)
    figure: str = ""
    shows: str = ""  # the figure in a few words, for those who don't see it
    caption: str = ""
    small: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
