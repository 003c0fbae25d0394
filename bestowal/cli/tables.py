"""Parts that the tables of all verbs share: a table to fill, the years it shows, and a mean with its interval."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from bestowal.statistics.number_format import half_width

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table


def table(headings: list[str], *, folded: Collection[str] = (), right: Collection[str] = ()) -> "Table":
    """A table to fill: columns in `folded` may take several lines, those in `right` are set to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(
            heading,
            no_wrap=heading not in folded,
            justify="right" if heading in right else "left",
            style="dim" if heading == "unit" else "",
        )
    return table


def cell(centre: float | None, low: float | None, n: int, worlds: int) -> str:
    """Return a mean with half its interval, and the number of worlds behind it where it isn't all of them."""
    return half_width(centre, low) + (f" (n {n})" if 0 < n < worlds else "")


def legend(counts: Iterable[int], worlds: int, what: str = "over worlds") -> str:
    """Return what stands below a table of such cells: what the numbers are, and how many worlds are behind each."""
    fewer = any(0 < n < worlds for n in counts)
    behind = f"n = {worlds} in each cell{' unless it says otherwise' if fewer else ''}"
    return f"mean ± half a 95 % interval {what}; {behind}; – where there is nothing to measure"


def when(data: "xr.Dataset") -> str:
    return f"at five {data['year'].attrs['long_name']}s of {data.sizes['year']}"


def five(years: int) -> list[int]:
    """The first step, the last, and a quarter, a half and three quarters of the way."""
    return sorted({round(q * (years - 1) / 4) for q in range(5)})
