"""How an answer is kept: its numbers, its data as tables, and checksums that vouch for them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bestowal.core.files import write
from bestowal.questions.answer import MEASURES, Answer
from bestowal.questions.question import HISTORY, TESTED, Question
from bestowal.questions.success import end_of, fell, successes
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import to_toml

if TYPE_CHECKING:
    import xarray as xr

SUMS = "SHA256SUMS"
DATA = ("answer.json", "worlds.csv", "years.csv", "scenario.toml")


def save(answer: Answer, data: Mapping[str, xr.Dataset], folder: Path, base: Scenario) -> None:
    """Write the answer and its data, each file whole or not at all, and last the checksums that vouch for them."""
    write(folder / "answer.json", _json(answer))
    write(folder / "worlds.csv", _worlds_csv(answer.question, data))
    write(folder / "years.csv", _years_csv(data))
    write(folder / "scenario.toml", to_toml(base))
    sums = "".join(f"{_sha256(folder / name)}  {name}\n" for name in DATA)
    write(folder / SUMS, sums)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def load_answer(folder: Path) -> Answer | None:
    """The answer kept in this folder, or None where a file is missing or isn't what the checksums say."""
    from pydantic import TypeAdapter, ValidationError

    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
        if set(sums) != set(DATA) or any(_sha256(folder / name) != digest for name, digest in sums.items()):
            return None
        return TypeAdapter(Answer).validate_json((folder / "answer.json").read_bytes())
    except (OSError, UnicodeDecodeError, ValidationError):
        return None


def _json(answer: Answer) -> str:
    from pydantic import TypeAdapter

    of_this_call = {"folder", "command", "said"}
    content = TypeAdapter(Answer).dump_python(answer, mode="json", exclude=of_this_call)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _worlds_csv(asked: Question, data: Mapping[str, xr.Dataset]) -> str:
    """One row a run and world: success and its parts (1 or 0), full years stood, whether it fell, the end numbers.

    History as it was is not put to the test, so its success is left empty.
    """
    import numpy as np

    parts = [part.name for part in asked.success]
    shown = [name for name in MEASURES if name in data[TESTED]]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(
        [
            "run",
            "world",
            "success",
            *(f"met_{name}" for name in parts),
            "years_standing",
            "fell",
            *(f"end_{name}" for name in shown),
        ]
    )
    for run, values in data.items():
        met = successes(asked, values)
        whole = np.logical_and.reduce(list(met.values()))
        years, ended = fell(asked, values)
        ends = [end_of(values, name, "last year" if name == "standing" else "last years", asked) for name in shown]
        for i, world in enumerate(values["world"].values):
            flags = ["" if run == HISTORY else int(flag[i]) for flag in (whole, *met.values())]
            numbers = ["" if math.isnan(end[i]) else repr(float(end[i])) for end in ends]
            table.writerow([run, int(world), *flags, int(years[i]), int(ended[i]), *numbers])
    return out.getvalue()


def _years_csv(data: Mapping[str, xr.Dataset]) -> str:
    """One row a run, observable and year: the mean over worlds in which anybody lives, its interval, those worlds."""
    from bestowal.statistics.intervals import means

    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["run", "observable", "unit", "year", "mean", "low", "high", "worlds"])
    for run, values in data.items():
        years = [int(year) for year in values["year"].values]
        for name in values.data_vars:
            numbers = means(values[name].transpose("world", "year").values.astype(float))
            unit = values[name].attrs.get("units", "")
            for year, centre, low, high, n in zip(years, *numbers, strict=True):
                limits = ["" if math.isnan(value) else f"{value:.10g}" for value in (centre, low, high)]
                table.writerow([run, name, unit, year, *limits, int(n)])
    return out.getvalue()
