"""A sweep written down: a figure, a table and a Dataset."""

import csv
import hashlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bestowal.core.files import expanded, results, write
from bestowal.drawing.svg import standalone
from bestowal.report import sweep_figure
from bestowal.simulation.sweep import settings

if TYPE_CHECKING:
    import xarray as xr


def save(
    data: "xr.Dataset", folder: str | os.PathLike[str] | None = None, store: str | os.PathLike[str] | None = None
) -> list[Path]:
    """Write a sweep down: sweep.svg, sweep.csv (a row a point, observable and year), sweep.nc (all, NetCDF 3).

    Into `folder`, else into one of its own in the store.
    """
    told = [*data["key"].values.flat, *data["observable"].values, *data["year"].values, *data["value"].dims]
    digest = hashlib.sha256(" ".join([*map(str, told), str(data.attrs["worlds"])]).encode()).hexdigest()
    place = expanded(folder or results(store) / "sweeps" / f"{data.attrs['scenario']}-{digest[:12]}")
    out = io.StringIO()
    headings, rows = table(data)
    csv.writer(out, lineterminator="\n").writerows([headings, *rows])
    content: dict[str, str | bytes] = {
        "sweep.svg": standalone(sweep_figure.draw(data)["wide"]),
        "sweep.csv": out.getvalue(),
        "sweep.nc": bytes(memoryview(data.to_netcdf(engine="scipy"))),
    }
    for name, text in content.items():
        write(place / name, text)
    return [place / name for name in content]


def table(data: "xr.Dataset") -> tuple[list[str], list[list[str]]]:
    """A sweep as headings and rows: one row a point, observable and year, with every digit; an empty text for NaN."""
    import numpy as np

    over = data.attrs["over"].split("; ")
    statistics = [str(s) for s in data["statistic"].values] if "statistic" in data.dims else []
    more = [s for s in statistics if s not in ("n", "mean")]  # which stand before them
    headings = [*over, "observable", "unit", "year", "mean", "low", "high", "worlds", *more]
    rows = []
    for at, setting in settings(data):
        here = data.isel(at)
        for k, observable in enumerate(data["observable"].values):
            for t, year in enumerate(data["year"].values):
                cell = here.isel(observable=k, year=t)
                numbers = [cell[name].item() for name in ("mean", "low", "high", "n")]
                numbers += cell["value"].sel(statistic=more).values.tolist() if more else []
                shown = ["" if np.isnan(x) else f"{x:.10g}" for x in numbers]
                unit = str(data["unit"].values[k])
                rows.append([*(f"{setting[n]:.10g}" for n in over), str(observable), unit, str(int(year)), *shown])
    return headings, rows
