"""Everything that is measured, in one go, into benchmarks/RESULTS.md: ratios side by side, with their spread.

python benchmarks/results.py [--rivals PYTHON]        PYTHON has mesa and egttools; without it only ours is measured
"""

import argparse
import datetime
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import hammond_axelrod  # noqa: E402
import pairwise_comparison  # noqa: E402
import questions  # noqa: E402
import society_phases  # noqa: E402
import society_year  # noqa: E402


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rivals", help="a Python that has Mesa 3.3 and EGTtools")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    given = options.parse_args()

    import numba
    import numpy

    text = [
        "# Measured",
        "",
        f"Written by `make bench` on {datetime.date.today()}: {society_year.processor()}, {os.cpu_count()} cores,",
        f"Python {platform.python_version()}, Numba {numba.__version__}, NumPy {numpy.__version__}.",
        f"Medians of {given.rounds} rounds, with the whole range;",
        "a ratio is the median of the ratios within rounds. What a fair competitor would object to stands at the top",
        "of each file.",
    ]
    for title, file, measure in (
        ("The society's year", "society_year.py", lambda: society_year.measure(given.rounds)),
        (
            "The phases of the society's year beside C",
            "society_phases.py",
            lambda: society_phases.measure(given.rounds),
        ),
        (
            "Hammond & Axelrod 2006 beside Mesa and C",
            "hammond_axelrod.py",
            lambda: hammond_axelrod.measure(given.rivals, given.rounds),
        ),
        (
            "Pairwise comparison beside EGTtools",
            "pairwise_comparison.py",
            lambda: pairwise_comparison.measure(given.rivals, given.rounds),
        ),
        ("Questions in full", "questions.py", lambda: questions.measure(3)),
    ):
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
        print(f"{title} …", file=sys.stderr)
        text += ["", f"## {title} (`{file}`)", "", "| what | |", "|---|---|"]
        text.append(f"| others at work when this began (load average) | {load:.1f}{'; busy' if load > 0.5 else ''} |")
        text += [f"| {name} | {value} |" for name, value in measure() if not name.startswith("others at work")]
    given.out.write_text("\n".join([*text, ""]), encoding="utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
