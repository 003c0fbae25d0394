"""Kinds of question: each is found by being there, and brings its computation, its words and its figure."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bestowal
from bestowal.questions.kind import kinds

PACKAGE = Path(bestowal.__file__).parent
SCRATCH = '''
"""How many worlds were judged, and by how many changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from bestowal.drawing.svg import canvas
from bestowal.questions.answer import Answer
from bestowal.questions.kind import Case, Full, Kind
from bestowal.questions.section import Section


@dataclass(frozen=True)
class Count:
    worlds: int
    changes: int


def parts(case: Case) -> dict[str, Callable[[], Count]]:
    return {"": lambda: Count(case.worlds, len(case.changes))}


def section(answer: Answer, full: Full, results: Sequence[Count]) -> Section:
    return Section("scratch", "How many?", [f"{results[0].worlds} worlds, {results[0].changes} changes."])


def draw(answer: Answer, full: Full, results: Sequence[Count], wide: bool) -> Figure:
    return canvas(620 if wide else 350, 100)


KIND = Kind(order=15, title="How many?", result=Count, parts=parts, section=section, figure=__name__)
'''
ASK = """
import json
import sys
from dataclasses import replace
from pathlib import Path

from fabricate import HISTORY_TOML, QUESTION_TOML, run

from bestowal.questions import full as asking
from bestowal.questions import kind
from bestowal.questions.judging import answered
from bestowal.questions.question import runs
from bestowal.questions.question_file import question
from bestowal.report import kinds as report
from bestowal.simulation.scenario import key

folder = Path(sys.argv[1])
(folder / "history.toml").write_text(HISTORY_TOML)
(folder / "ask.toml").write_text(QUESTION_TOML)
asked, base = question(folder / "ask.toml")
arms = runs(asked, base)
data, keys = {name: run(arm) for name, arm in arms.items()}, {name: key(arm) for name, arm in arms.items()}
answer = answered(asked, base, data, keys)
every = kind.kinds()
only = {"scratch": every["scratch"]}
asking.kinds = report.kinds = lambda: only
full = asking.in_full(replace(answer, folder=str(folder)), base, worlds=32)
(section,) = report.sections(answer, full)
print(json.dumps({
    "names": list(every),
    "says": section.says,
    "figures": {name: sorted(drawn) for name, drawn in report.draw(answer, full).items()},
    "files": sorted(file.name for file in (folder / "full").iterdir()),
}))
"""


def test_every_kind_is_in_the_order_of_reading() -> None:
    names = ["smallest", "last_year", "shapley", "divergence", "survival", "sensitivity", "over_the_prior"]
    assert list(kinds()) == names


@pytest.mark.subprocess
def test_a_new_kind_is_one_file(tmp_path: Path) -> None:
    """It is computed, stored, put into words and drawn; no other file knows its name."""
    ignored = shutil.ignore_patterns("__pycache__", "vendor", "data")
    copy = Path(shutil.copytree(PACKAGE, tmp_path / "bestowal", ignore=ignored))
    (copy / "questions" / "kinds" / "scratch.py").write_text(SCRATCH, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parent)])
    env = os.environ | {"PYTHONPATH": path, "BESTOWAL_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path)], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["names"][:3] == ["smallest", "scratch", "last_year"]
    (said,) = told["says"]
    assert said.startswith("32 worlds, ") and said.endswith(" changes.")
    assert told["figures"] == {"scratch": ["narrow", "wide"]} and told["files"] == ["scratch-32.json"]
