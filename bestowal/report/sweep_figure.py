"""The figure of a sweep: a curve over one parameter, a map over two, maps side by side over more, dots for a design."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bestowal.drawing.svg import COLOURS, canvas, few, twice
from bestowal.statistics.number_format import number

if TYPE_CHECKING:
    import xarray as xr

MOST_PANELS = 12
MOST_MAPS = 6
"""Maps side by side for each observable; beyond that, one at the middle value of every further parameter."""

Panel = tuple[str, Callable[[Axes], None]]


def draw(data: xr.Dataset) -> dict[str, str]:
    """The figure, by screen: "wide" or "narrow"."""
    panels, together, note = _panels(data)
    if len(panels) > MOST_PANELS:
        note += f" The first {MOST_PANELS} of {len(panels)} panels; the others are in the table."
    shown = panels[:MOST_PANELS]

    def drawn(wide: bool) -> Figure:
        most = 3 if wide else 1
        columns = min(together if 1 < together < most else most, len(shown))
        lines = -(-len(shown) // columns)
        told = textwrap.wrap(note, 115 if wide else 62)
        foot, line = 14.0 + 12 * len(told), 190.0
        height = lines * line + foot
        width = 620 if wide else 350
        figure = canvas(width, height)
        for i, (title, fill) in enumerate(shown):
            row, column = divmod(i, columns)
            left, bottom = width / columns * column + 44, height - line * (row + 1) + 40
            axes = figure.add_axes(
                (left / width, bottom / height, (width / columns - 66) / width, (line - 74) / height)
            )
            fill(axes)
            said = [part for text in title.split("\n") for part in textwrap.wrap(text, 38 if columns > 1 else 60)]
            axes.set_title("\n".join(said[:2]))
        for i, text in enumerate(told):
            figure.text(8 / width, (foot - 14 - 12 * i) / height, text, color=COLOURS["soft"], fontsize=8)
        return figure

    return twice(drawn)


def _panels(data: xr.Dataset) -> tuple[list[Panel], int, str]:
    """What stands in each panel, how many of one observable and year follow each other, what is said beneath."""
    over = data.attrs["over"].split("; ")
    worlds = f"{data.attrs['worlds']:,} worlds a point."
    years = [int(year) for year in data["year"].values]
    names = [
        f"{str(o).replace('_', ' ')} ({u})" for o, u in zip(data["observable"].values, data["unit"].values, strict=True)
    ]
    cells = [
        (f"{name}, {year}" if len(years) > 1 else name, data.isel(observable=k, year=t))
        for k, name in enumerate(names)
        for t, year in enumerate(years)
    ]
    when = f" {str(data['year'].attrs['long_name']).capitalize()} {years[0]}." if len(years) == 1 else ""
    if "point" in data.dims:
        panels = [(title, _dots(cell, name)) for title, cell in cells for name in over]
        return panels, len(over), f"Mean over worlds at each point of the design; {worlds}{when}"
    if len(over) == 1:
        return [(title, _curve(cell, over[0])) for title, cell in cells], 1, f"Mean and 95 % interval; {worlds}{when}"
    across, up, rest = over[0], over[1], over[2:]
    note = f"Mean over worlds; {worlds}{when} Blank where there is nothing to measure."
    places = list(itertools.product(*(range(data.sizes[name]) for name in rest)))
    if len(places) > MOST_MAPS:
        places = [tuple((data.sizes[name] - 1) // 2 for name in rest)]
        at = ", ".join(f"{n} = {data[n].values[i]:g}" for n, i in zip(rest, places[0], strict=True))
        note += f" Of {', '.join(rest)} only the middle is drawn: {at}; all the others are in the table."
    panels = []
    for title, cell in cells:
        for place in places:
            held = dict(zip(rest, place, strict=True))
            said = ", ".join(f"{name} = {data[name].values[i]:g}" for name, i in held.items())
            within = cell["mean"].values
            limits = (float(np.nanmin(within)), float(np.nanmax(within))) if np.isfinite(within).any() else (0.0, 1.0)
            panels.append((f"{title}\n{said}" if said else title, _map(cell.isel(held), across, up, limits)))
    return panels, len(places), note


def _curve(cell: xr.Dataset, name: str) -> Callable[[Axes], None]:
    def fill(axes: Axes) -> None:
        x = cell[name].values.astype(float)
        order = np.argsort(x)
        x, mean, low, high = x[order], *(cell[part].values[order] for part in ("mean", "low", "high"))
        bounded = np.isfinite(low)
        axes.fill_between(x[bounded], low[bounded], high[bounded], color=COLOURS["ink"], alpha=0.13, lw=0)
        axes.plot(x, mean, "o-", color=COLOURS["ink"], lw=1.5, ms=3)
        if _even_in_logarithm(x):
            axes.set_xscale("log")
            axes.minorticks_off()
        _dress(axes, cell, name)

    return fill


def _dots(cell: xr.Dataset, name: str) -> Callable[[Axes], None]:
    def fill(axes: Axes) -> None:
        axes.plot(cell[name].values, cell["mean"].values, "o", color=COLOURS["ink"], ms=3.2, alpha=0.6, mew=0)
        _dress(axes, cell, name)

    return fill


def _dress(axes: Axes, cell: xr.Dataset, name: str) -> None:
    axes.yaxis.set_major_locator(few())
    if axes.get_xscale() != "log":
        axes.xaxis.set_major_locator(few())
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.set_xlabel(_label(cell, name))


def _map(cell: xr.Dataset, across: str, up: str, limits: tuple[float, float]) -> Callable[[Axes], None]:
    """Cells of one size, whatever lies between the values, each labelled by its value."""

    def fill(axes: Axes) -> None:
        values = np.ma.masked_invalid(cell["mean"].transpose(up, across).values)
        low, high = limits
        drawn = axes.pcolormesh(values, cmap="cividis", vmin=low, vmax=high if high > low else low + 1)
        for name, axis in ((across, axes.xaxis), (up, axes.yaxis)):
            n = cell.sizes[name]
            shown = range(0, n, -(-n // 5))
            axis.set_ticks([i + 0.5 for i in shown], [number(cell[name].values[i]) for i in shown])
        axes.set_xlabel(_label(cell, across))
        axes.set_ylabel(_label(cell, up), labelpad=2)
        bar: Any = axes.figure.colorbar(drawn, ax=axes, fraction=0.08, pad=0.03)
        bar.outline.set_visible(False)
        bar.ax.yaxis.set_major_locator(few())

    return fill


def _label(cell: xr.Dataset, name: str) -> str:
    unit = str(cell[name].attrs.get("units", ""))
    return f"{name} ({unit})" if unit and len(unit) < 20 else name


def _even_in_logarithm(x: np.ndarray) -> bool:
    """Whether values were laid out evenly in the logarithm."""
    if len(x) < 3 or not (x > 0).all():
        return False
    steps, ratios = np.diff(x), np.diff(np.log(x))
    return bool(np.ptp(ratios) / ratios.mean() < 0.5 * np.ptp(steps) / steps.mean())
