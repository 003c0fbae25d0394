"""Everything that is measured, side by side in one run: benchmarks/RESULTS.md, results.svg, and every round's numbers.

    python benchmarks/results.py [--rivals PYTHON] [--rounds 7] [--only store_disk --out FOLDER]
    python benchmarks/results.py --draw        the figure anew from results.json, nothing measured

PYTHON has mesa and egttools; without it only ours is measured. A section that fails says so; the others are kept.
"""

import argparse
import datetime
import importlib
import json
import os
import platform
import re
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import measuring  # noqa: E402
from measuring import BUSY, Row  # noqa: E402

ROUNDS = 7


class Section(NamedTuple):
    """A file of this folder that measures, and what it is given beside the number of rounds."""

    title: str
    file: str
    rivals: bool = False  # takes a Python with the rivals first
    most: int = 1000  # rounds at most
    once: bool = False  # takes no rounds


SECTIONS = [
    Section("Hammond & Axelrod 2006 beside Mesa and C", "hammond_axelrod", rivals=True),
    Section("Pairwise comparison beside EGTtools", "pairwise_comparison", rivals=True),
    Section("The phases of a society's year beside C", "society_phases"),
    Section("The society's year", "society_year"),
    Section("More threads", "threads"),
    Section("Memory", "memory", once=True),
    Section("The store beside plain files", "store_disk"),
    Section("Start-up", "start_up", rivals=True),
    Section("Questions in full", "questions", most=3),
]


def measured(section: Section, rivals: str | None, rounds: int) -> dict[str, Any]:
    """A section as it goes into results.json; what went wrong stands in "failed"."""
    began = time.perf_counter()
    at_work = {"load": measuring.load(), "others": measuring.others()}
    found: dict[str, Any] = {"title": section.title, "file": section.file, **at_work, "rounds": 0}
    try:
        module = importlib.import_module(section.file)
        found["how"], found["objections"] = measuring.top(module.__doc__ or "")
        given: list[Any] = [rivals] if section.rivals else []
        if not section.once:
            found["rounds"] = min(rounds, section.most)
            given.append(found["rounds"])
        found["rows"] = [_kept(Row(*row)) for row in module.measure(*given)]
    except (Exception, SystemExit) as error:  # the others are measured all the same
        traceback.print_exc()
        lines = str(error).split()
        found["failed"] = f"{type(error).__name__}: {' '.join(lines)}"[:300]
    found["seconds"] = round(time.perf_counter() - began)
    return found


def _kept(row: Row) -> dict[str, Any]:
    """Six digits of each round: nothing here is known better."""
    return {**row._asdict(), "rounds": [float(f"{x:.6g}") for x in row.rounds]}


def markdown(run: dict[str, Any]) -> str:
    """RESULTS.md of a run."""
    lines = [
        "# Measured",
        "",
        f"Written by `{run['command']}` on {run['date']}: {run['machine']}.",
        f"{run['versions']}.",
        "",
        f"Medians over {run['rounds']} rounds unless a section says otherwise, with the whole range in brackets. A",
        "ratio is taken within each round, where both sides met the same machine; what is told is the median of these",
        "ratios. Every round's number is in [results.json](results.json). A section is marked busy where others used",
        f"more than {BUSY:g} of a core in the two seconds before it; the load average counts the section before, too.",
    ]
    if run["figure"]:
        lines += ["", "![How many times as fast as others, on a log axis](results.svg)"]
    for section in run["sections"]:
        lines += ["", f"## {section['title']} (`{section['file']}.py`)", ""]
        if "how" in section:
            lines += [section["how"], ""]
        lines += [circumstances(section), ""]
        if "failed" in section:
            lines += [f"**Not measured: this failed.** {section['failed']}"]
        else:
            lines += ["| what | |", "|---|---|", *(f"| {row['what']} | {row['told']} |" for row in section["rows"])]
        if "objections" in section:
            lines += ["", "**A fair competitor would object:**", "", section["objections"]]
    return "\n".join([*lines, ""])


def circumstances(section: dict[str, Any]) -> str:
    """Rounds, and what else was at work."""
    rounds = f"{section['rounds']} rounds" if section["rounds"] else "Once each"
    load, others = section["load"], section["others"]
    told = f"{rounds}, {section['seconds']} s; at the start "
    told += "no load average is told here" if load is None else f"load average {load:.1f}"
    told += "" if others is None else f", others on {others:.1f} cores"
    busy = (others if others is not None else load or 0.0) > BUSY
    return f"{told}.{' **Busy: others were at work.**' if busy else ''}"


def versions(rivals: str | None) -> str:
    """Everything that has a part in the numbers."""
    import numba
    import numpy
    import zarr

    ours = {"Python": platform.python_version(), "Numba": numba.__version__, "NumPy": numpy.__version__}
    theirs = {
        name: measuring.version(rivals, package) for name, package in (("Mesa", "mesa"), ("EGTtools", "egttools"))
    }
    told = [f"{name} {number}" for name, number in {**ours, "Zarr": zarr.__version__}.items()]
    return ", ".join([*told, *(f"{name} {number or 'not there'}" for name, number in theirs.items())])


def run(sections: Iterable[Section], rivals: str | None, rounds: int) -> dict[str, Any]:
    chosen = list(sections)
    found = []
    for i, section in enumerate(chosen, 1):
        print(f"{i}/{len(chosen)}  {section.title} …", file=sys.stderr, flush=True)
        found.append(measured(section, rivals, rounds))
        print(f"     {found[-1].get('failed', 'done')}, {found[-1]['seconds']} s", file=sys.stderr, flush=True)
    return {
        "command": f"make bench{'' if rounds == ROUNDS else f' ROUNDS={rounds}'}",
        "date": str(datetime.date.today()),
        "machine": f"{measuring.processor()}, {os.cpu_count()} cores, {platform.platform()}",
        "versions": versions(rivals),
        "rounds": rounds,
        "sections": found,
    }


def write(found: dict[str, Any], out: Path) -> None:
    """The table, the figure if there is a ratio to draw, and the numbers."""
    import figure

    from bestowal.core.files import write

    drawn = figure.draw(found["sections"])
    found["figure"] = bool(drawn)
    if drawn:
        write(out / "results.svg", drawn)
    write(out / "RESULTS.md", markdown(found))
    text = json.dumps(found, ensure_ascii=False, indent=1)
    on_one_line = re.sub(r"\[\s+([-+.\de,\s]+?)\s+\]", lambda rounds: f"[{' '.join(rounds[1].split())}]", text)
    write(out / "results.json", on_one_line + "\n")


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rivals", metavar="PYTHON", help="a Python that has Mesa and EGTtools")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="at least 2")
    options.add_argument("--only", action="append", choices=[s.file for s in SECTIONS], help="this section; repeatable")
    options.add_argument("--out", type=Path, default=HERE, help="folder for RESULTS.md, results.svg and results.json")
    options.add_argument("--draw", action="store_true", help="only write anew from results.json in that folder")
    given = options.parse_args()
    if given.rounds < 2:
        options.error(f"--rounds {given.rounds}: at least 2, or there is no range")
    if given.only and given.out.resolve() == HERE:
        options.error("--only would leave RESULTS.md without the other sections: name another folder with --out")
    if given.draw:
        found = json.loads((given.out / "results.json").read_text(encoding="utf-8"))
    else:
        chosen = [s for s in SECTIONS if given.only is None or s.file in given.only]
        found = run(chosen, given.rivals, given.rounds)
    write(found, given.out)
    failed = [s["title"] for s in found["sections"] if "failed" in s]
    print(f"{given.out / 'RESULTS.md'}{': failed: ' + ', '.join(failed) if failed else ''}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
