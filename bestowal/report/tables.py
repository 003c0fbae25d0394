"""Tables on a screen of any width: no number is cut, and the columns that do not fit stand in further blocks below.

Rich alone shortens what does not fit: "0.828 ±0…" for 0.828 ±0.012.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

FOLD = 20  # characters that a column of words keeps, before columns go to a further block
ENDLESS = 100_000  # columns


class Stacked:
    """A table whose columns stand in as many blocks as the width needs, the first `keys` columns in each of them.

    Columns set to the right or declared `no_wrap` are never folded, save a key that takes more than two fifths of the
    width. Where the keys leave no room, the rows are numbered, and the numbers stand in each block.
    """

    def __init__(self, table: Table, keys: int = 1) -> None:
        self.table, self.keys = table, keys

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for block, least in self.blocks(console, options.max_width):
            # A number that is wider than the screen is left to the terminal to wrap.
            yield from console.render(block, options.update(width=max(options.max_width, least)))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        columns = range(len(self.table.columns))
        least = _width(console, _part(self.table, columns, [_need(column, ENDLESS) for column in self.table.columns]))
        return Measurement(least, max(least, _width(console, self.table)))

    def blocks(self, console: Console, width: int) -> Iterator[tuple[Table, int]]:
        """The tables to print one below the other, each with the width it needs."""
        table, keys = self.table, list(range(self.keys))
        widths = [_need(column, width) for column in table.columns]
        for k in keys:
            widths[k] = min(widths[k], max(2 * width // 5, 8))
        rest = range(self.keys, len(widths))
        widest = [*keys, max(rest, key=widths.__getitem__)] if rest else keys
        too_wide = _width(console, _part(table, [*keys, *rest], widths)) > width and self.keys > 1
        if too_wide and _width(console, _part(table, widest, widths)) > width:
            table, keys, rest = _numbered(table), [0], range(1, len(widths) + 1)
            widths = [_need(column, width) for column in table.columns]
        block = list(keys)
        for k in rest:
            if len(block) > len(keys) and _width(console, _part(table, [*block, k], widths)) > width:
                yield _fitted(console, table, block, widths, width)
                block = list(keys)
            block.append(k)
        yield _fitted(console, table, block, widths, width)


def _need(column: Column, width: int) -> int:
    """The least width at which a column shows what it holds: all of a number, some words of a line at a time."""
    cells = [line for cell in column.cells for line in _plain(cell).split("\n")]
    heading = _plain(column.header).split()
    if column.no_wrap:
        heading = _plain(column.header).split("\n")
    whole = max(map(cell_len, [*cells, *heading]), default=0)
    if column.no_wrap or column.justify == "right":
        return whole
    return min(max(whole, cell_len(_plain(column.header))), FOLD, 2 * width // 5)


def _plain(cell: object) -> str:
    return cell.plain if isinstance(cell, Text) else str(cell)


def _empty(table: Table) -> Table:
    return Table(box=table.box, padding=table.padding, pad_edge=table.pad_edge, header_style=table.header_style)


def _part(table: Table, columns: Sequence[int], widths: Sequence[int | None]) -> Table:
    """Some columns of a table, as wide as given; where no width is, as wide as there is room for."""
    part = _empty(table)
    for k in columns:
        column = table.columns[k]
        part.add_column(column.header, justify=column.justify, style=column.style, overflow="fold", width=widths[k])
    for row, cells in zip(table.rows, zip(*([*table.columns[k].cells] for k in columns), strict=True), strict=True):
        part.add_row(*cells, style=row.style)
    return part


def _fitted(
    console: Console, table: Table, columns: Sequence[int], widths: Sequence[int], width: int
) -> tuple[Table, int]:
    """Columns of a table, those of words as wide as the others leave room for; and the width they need."""
    part = _part(table, columns, widths)
    least = _width(console, part)
    if least <= width:
        fixed = [column.no_wrap or column.justify == "right" for column in table.columns]
        part = _part(table, columns, [w if whole else None for w, whole in zip(widths, fixed, strict=True)])
    return part, least


def _numbered(table: Table) -> Table:
    numbered = _empty(table)
    numbered.add_column("row", justify="right")
    for column in table.columns:
        numbered.add_column(column.header, justify=column.justify, style=column.style, no_wrap=column.no_wrap)
    cells = zip(*([*column.cells] for column in table.columns), strict=True)
    for number, (row, texts) in enumerate(zip(table.rows, cells, strict=True), 1):
        numbered.add_row(str(number), *texts, style=row.style)
    return numbered


def _width(console: Console, table: Table) -> int:
    return console.measure(table, options=console.options.update(max_width=ENDLESS)).maximum
