"""Measured data to compare simulations with: small tables, each with its units, source, grade and licence.

A table is one file, `catalogue/data/NAME.csv`. Its head, lines that begin with `#`, describes the table and each
column; the table follows. Grades: A, the primary data or text was read whole; B, an abstract, or a reliable secondary
table; C, weak, not for fitting. (Priors have grades of their own.)

pandas is imported inside the functions, because listing the names does not need it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bestowal.core.errors import BestowalError, nearest

if TYPE_CHECKING:
    import pandas as pd

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "data"
HEAD = ("title", "source", "citation", "grade", "licence")  # every table has these; some have a note
KINDS = ("whole", "number", "text")
FG2010 = "pgg_fg2010"  # three files at once
FG2010_PARTS = ("types", "conditional_schedule", "period_means")
FG2010_TITLE = "Types, schedules, contributions and beliefs of 140 subjects, in long form (Fischbacher & Gächter 2010)"
FG2010_COLUMNS = {
    "table": ("-", "which of the three tables the row is from"),
    "type": ("-", "contributor type; all: all subjects"),
    "at": ("see table", "in the schedule, the others' average contribution in tokens; in the means, the period"),
    "quantity": ("-", "quantity measured"),
    "value": ("see unit", "value of the quantity"),
    "unit": ("-", "unit of the value"),
}


@dataclass(frozen=True)
class Column:
    """A column as described in the head of a file. Text has the unit "-"."""

    name: str
    kind: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Head:
    """The contents of the head of a file, and its number of lines."""

    said: dict[str, str]
    columns: tuple[Column, ...]
    lines: int


def data(name: str | None = None) -> pd.DataFrame:
    """Return a table of measured data, or without a name the list of all tables.

    Whole numbers are int64, or Int64 if some are missing; other numbers are float64, NaN if missing; missing text is
    empty. `attrs` has title, source, citation, grade, licence and note (text), and units and meanings (column ->
    text). `pgg_fg2010` joins the three tables `pgg_fg2010_*` in long form: see its `attrs["note"]`.

    Parameters
    ----------
    name : one of the list's names, as `bestowal show data` prints them.

    Raises
    ------
    BestowalError
        There is no such table.

    Examples
    --------
    >>> import bestowal
    >>> oneida = bestowal.data("oneida")
    >>> oneida.attrs["units"]["members"], len(oneida)
    ('persons', 15)
    """
    if name is None:
        return _contents()
    if name == FG2010:
        return _fg2010()
    return _read(_file(name))


def names() -> list[str]:
    """Return every name that `data` accepts."""
    return sorted([*(file.stem for file in CATALOGUE.glob("*.csv")), FG2010])


def titles() -> dict[str, str]:
    """Return the title of each table, by name."""
    return {name: FG2010_TITLE if name == FG2010 else head(_file(name)).said["title"] for name in names()}


def head(file: Path) -> Head:
    """Read the head of a file; raise BestowalError if it is incomplete."""
    said, columns, lines = dict[str, str](), list[Column](), 0
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines += 1
        key, _, text = (part.strip() for part in line.removeprefix("#").partition(":"))
        if key.startswith("column "):
            kind, unit, meaning = (*(part.strip() for part in text.split("|", 2)), "", "")[:3]
            columns.append(Column(key.removeprefix("column "), kind, unit, meaning))
        else:
            said[key] = text
    for key in HEAD:
        if not said.get(key):
            raise BestowalError(f"{file}: its head says no {key}")
    for column in columns:
        if column.kind not in KINDS or not column.unit or not column.meaning:
            raise BestowalError(f"{file}: column {column.name}: needs a kind ({', '.join(KINDS)}) | unit | meaning")
    return Head(said, tuple(columns), lines)


def _file(name: str) -> Path:
    if name not in names():
        raise BestowalError(f"there is no data {name!r}{nearest(name, names())}")
    return CATALOGUE / f"{name}.csv"


def _read(file: Path) -> pd.DataFrame:
    import pandas as pd

    of = head(file)
    text = file.read_text(encoding="utf-8").splitlines(keepends=True)[of.lines :]
    # Read as text first: what is missing is told by the column's kind, not by what looks like a number.
    table = pd.read_csv(io.StringIO("".join(text)), dtype=str, keep_default_na=False)
    if list(table.columns) != [column.name for column in of.columns]:
        raise BestowalError(f"{file}: its head describes other columns than the table has")
    for column in of.columns:
        if column.kind == "text":
            continue
        try:
            values = pd.to_numeric(table[column.name].replace("", None))
            values = values.astype("float64" if column.kind == "number" else "Int64")  # which refuses halves
            gaps = column.kind == "number" or values.isna().any()
            table[column.name] = values if gaps else values.astype("int64")
        except (ValueError, TypeError):
            raise BestowalError(f"{file}: column {column.name}: not all {column.kind} numbers") from None
    return _told(table, of.said, {column.name: (column.unit, column.meaning) for column in of.columns})


def _told(table: pd.DataFrame, said: dict[str, str], columns: dict[str, tuple[str, str]]) -> pd.DataFrame:
    table.attrs = {key: said.get(key, "") for key in (*HEAD, "note")} | {
        "units": {name: unit for name, (unit, _) in columns.items()},
        "meanings": {name: meaning for name, (_, meaning) in columns.items()},
    }
    return table


def _contents() -> pd.DataFrame:
    import pandas as pd

    known = [(name, data(name)) for name in names()]
    table = pd.DataFrame(
        {
            "name": [name for name, _ in known],
            "title": [of.attrs["title"] for _, of in known],
            "rows": [len(of) for _, of in known],
            "grade": [of.attrs["grade"] for _, of in known],
            "licence": [of.attrs["licence"] for _, of in known],
        }
    )
    said = {
        "title": "Measured data",
        "source": "see each table",
        "grade": "see each table",
        "licence": "see each table",
    }
    columns = {
        "name": ("-", "name that `data` accepts"),
        "title": ("-", "contents of the table"),
        "rows": ("rows", "number of rows"),
        "grade": ("-", "A, B or C: quality of the source as read"),
        "licence": ("-", "terms of use"),
    }
    return _told(table, said | {"citation": "see each table"}, columns)


def _fg2010() -> pd.DataFrame:
    """Join the three tables of Fischbacher & Gächter 2010 to which motives are fitted."""
    import pandas as pd

    types, schedule, course = (_read(_file(f"{FG2010}_{part}")) for part in FG2010_PARTS)
    kinds = set(types["type"])
    columns = course.drop(columns="n").melt("period", var_name="column")
    of = columns["column"].str.removeprefix("mean_")
    long = [
        types.rename(columns={"share": "value"}).assign(at=float("nan"), quantity="share", unit="share"),
        schedule.melt("others_average", var_name="type").assign(quantity="contribution", unit="tokens of 20"),
        columns.assign(
            type=of.where(of.isin(kinds), "all"),
            quantity=of.where(~of.isin(kinds), "contribution"),
            unit=columns["column"].map(course.attrs["units"]),
        ),
    ]
    for part, table in zip(FG2010_PARTS, long, strict=True):
        table.insert(0, "table", part)
        table.attrs = {}  # pandas would compare them
    whole = pd.concat([t.rename(columns={"others_average": "at", "period": "at"}) for t in long], ignore_index=True)
    whole = whole[["table", "type", "at", "quantity", "value", "unit"]].astype({"at": "float64"})
    said = head(_file(f"{FG2010}_types")).said
    note = "the tables pgg_fg2010_types, _conditional_schedule and _period_means in long form; design: "
    return _told(whole, said | {"title": FG2010_TITLE, "note": note + said["note"]}, FG2010_COLUMNS)
