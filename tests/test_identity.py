"""Identity: a run's key and an answer's id change with what they stand for, and with nothing else."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import bestowal
from bestowal.core.errors import BestowalError
from bestowal.questions import ask as questions
from bestowal.questions.question import runs
from bestowal.questions.question_file import question
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import scenario

PACKAGE = Path(bestowal.__file__).parent
IDS = """
import json
from bestowal.questions.ask import identity
from bestowal.questions.question_file import question
from bestowal.questions.question import runs
from bestowal.questions.full import _code
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import scenario, scenarios

found = {name: key(scenario(name)) for name in (*scenarios(), "boyd_2003")}
for name in ("russia", "commune"):
    asked, base = question(name)
    found["ask " + name] = identity(asked, {arm: key(of) for arm, of in runs(asked, base).items()})
found["full"] = _code("society")
print(json.dumps(found))
"""
SCENARIOS = {"commons", "commune", "cooperative", "hutterite", "kibbutz", "russia", "shakers"}
ANSWERS = {"ask russia", "ask commune"}


def ids(root: Path) -> dict[str, str]:
    """What the package under this folder calls the catalogue's runs and answers."""
    # A copy's digests are not for the cache of those who run the tests.
    own = {} if root == PACKAGE.parent else {"BESTOWAL_CACHE": str(root / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", IDS], cwd=root, env=os.environ | own, capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def before() -> dict[str, str]:
    return ids(PACKAGE.parent)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "vendor", "data")
    return Path(shutil.copytree(PACKAGE, tmp_path / "bestowal", ignore=ignored))


PINNED: dict[str, str] = {
    "ask commune": "fd014c87f7170e7a",
    "ask russia": "2926f454688ff97f",
    "commons": "0369dabe9a960b10",
    "commune": "0aae8b001b77955e",
    "cooperative": "f7b168e892053d35",
    "hutterite": "7e39e892c0f8d0d0",
    "kibbutz": "6093b13f45776fb2",
    "russia": "5d1ad062e19a104d",
    "shakers": "79ac9ae0fea449a8",
}
"""Our own output on 2026-11-30: no reference, but a promise. A move or a renaming leaves them as they are, so that what
users have stored is found; a commit that changes what the code says, or a catalogue file, brings new ones."""


@pytest.mark.subprocess
def test_stored_runs_and_answers_are_found_after_every_move(before: dict[str, str]) -> None:
    found = {name: before[name][:16] for name in sorted({*SCENARIOS, *ANSWERS})}
    assert found == PINNED


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} has no {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def rename(package: Path, old: str, new: str) -> None:
    (package / f"{old.replace('.', '/')}.py").rename(package / f"{new.replace('.', '/')}.py")
    for file in package.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(f"from bestowal.{old} import", f"from bestowal.{new} import"), encoding="utf-8")


def changed(package: Path, before: dict[str, str]) -> set[str]:
    after = ids(package.parent)
    assert set(after) == set(before)
    return {name for name in after if after[name] != before[name]}


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        ("report/figures/answer.py", "import", "# A comment.\nimport", set()),
        ("drawing/svg.py", '"soft": "', '"soft": "#123456', set()),
        ("report/answer_page.py", "def page(", "def another() -> None: ...\n\n\ndef page(", set()),
        ("report/templates/answer.html", "<h1", "<h1 id='top'", set()),
        ("questions/kinds/smallest/section.py", '"""', '"""Said otherwise. ', set()),
        ("questions/kinds/sensitivity/figure.py", "TOP = 10", "TOP = 11", set()),
        ("explore/pairs.py", "import", "# A comment.\nimport", set()),
        ("statistics/intervals.py", "LEVEL = 0.95", "LEVEL = 0.9", {*ANSWERS, "full"}),
        ("questions/kinds/shapley/compute.py", "PERMUTATIONS = ", "PERMUTATIONS = 1 + ", {"full"}),
        ("catalogue/priors/society.toml", "[imitation]\nlow = 0.0", "[imitation]\nlow = 0.01", {"full"}),
        ("models/society/params.py", "yearly return", "annual return", ANSWERS),
        ("models/society/work.py", "(n - 1.0) / n", "1.0", {*SCENARIOS, *ANSWERS}),
        ("models/boyd_2003.py", "others = punishers - punishes", "others = punishers", {"boyd_2003"}),
        ("simulation/driver.py", "range(first, last)", "range(first, last, 1)", {*SCENARIOS, "boyd_2003", *ANSWERS}),
        ("core/version.py", "NUMERICS = 1", "NUMERICS = 2", {*SCENARIOS, "boyd_2003", *ANSWERS}),
        ("catalogue/scenarios/commune.toml", 'title = "', 'title = "Another ', {"ask commune"}),
        ("catalogue/scenarios/commune.toml", "first_year = ", "first_year = 1", {"ask commune"}),
        ("catalogue/scenarios/kibbutz.toml", "seed = ", "seed = 1", {"kibbutz"}),
        ("catalogue/questions/russia.toml", "title = ", "narrow = 0.1\ntitle = ", {"ask russia"}),
        ("catalogue/claims/source/C01.toml", "claim = ", "# A comment.\nclaim = ", set()),
    ],
)
def test_an_edit_changes_exactly_the_ids_it_bears_on(
    copy: Path, before: dict[str, str], file: str, old: str, new: str, names: set[str]
) -> None:
    edit(copy / file, old, new)
    assert changed(copy, before) == names


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kernels.compile", "kernels.loops"),
        ("kernels.elementary", "numerics"),
        ("statistics.intervals", "statistics.sure"),
    ],
)
def test_a_module_of_another_name_changes_no_id(copy: Path, before: dict[str, str], old: str, new: str) -> None:
    rename(copy, old, new)
    assert changed(copy, before) == set()


# ---------------------------------------------------------------------------------------- the files that a question has

FILES = {
    "ask.toml": 'title = "T"\nwords = "W?"\nscenario = "mine.toml"\nagainst = "./other.toml"\nworlds = 32\n'
    '[[levers]]\nname = "pay"\nlabel = "pay"\ngroup = "institution"\nvalues.pay_link = 0.5\n',
    "mine.toml": 'title = "Mine"\nextends = "ground.toml"\n',
    "ground.toml": 'title = "Ground"\nextends = "commune"\nyears = 30\nfirst_year = 1800\n',
    "other.toml": 'title = "Other"\nextends = "shakers"\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def identity(file: Path) -> str:
    asked, base = question(file)
    return questions.identity(asked, {name: key(arm) for name, arm in runs(asked, base).items()})


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ask.toml", '"T"', '"Another"'),
        ("ask.toml", "worlds = 32", "worlds = 64"),
        ("ask.toml", "pay_link = 0.5", "pay_link = 0.6"),
        ("ask.toml", '"./other.toml"', '"commune"'),
        ("mine.toml", '"Mine"', '"Another"'),
        ("ground.toml", "first_year = 1800", "first_year = 1801"),
        ("ground.toml", "years = 30", "years = 31"),
        ("other.toml", '"Other"', '"Another"'),
        ("other.toml", '"shakers"\n', '"shakers"\nvalues.pay_link = 0.25\n'),
        ("other.toml", '"shakers"\n', '"shakers"\nfirst_year = 1911\n'),
    ],
)
def test_every_file_that_a_question_reaches_is_in_its_id(folder: Path, name: str, old: str, new: str) -> None:
    before = identity(folder / "ask.toml")
    edit(folder / name, old, new)
    assert identity(folder / "ask.toml") != before


def test_what_a_question_does_not_print_is_not_in_its_id(folder: Path) -> None:
    before = identity(folder / "ask.toml")
    edit(folder / "ground.toml", 'title = "Ground"', "# a comment\ntitle = 'Ground, which mine.toml calls otherwise'")
    edit(folder / "mine.toml", 'title = "Mine"\n', f'title = "Mine"\nseed = {scenario("commune").seed}\n')
    assert identity(folder / "ask.toml") == before
    moved = folder / "elsewhere"
    moved.mkdir()
    for file in FILES:
        (folder / file).rename(moved / file)
    assert identity(moved / "ask.toml") == before


def test_scenarios_are_sought_beside_the_question_wherever_one_stands(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "other.toml").write_text('title = "Decoy"\nextends = "commune"\n')
    (elsewhere / "mine.toml").write_text('title = "Decoy"\nextends = "commune"\n')
    monkeypatch.chdir(elsewhere)
    asked, base = question(folder / "ask.toml")
    assert asked.other is not None
    assert (base.title, asked.base, asked.other.title) == ("Mine", base, "Other")
    assert (asked.other.years, asked.other.seed) == (30, base.seed)


def test_a_path_without_its_ending_is_a_path(folder: Path) -> None:
    edit(folder / "ask.toml", '"mine.toml"', '"./mine"')
    with pytest.raises(BestowalError, match=r"ask\.toml: scenario: there is no file .*mine; did you mean .*mine\.toml"):
        question(folder / "ask.toml")


def test_worlds_are_in_the_id(folder: Path) -> None:
    asked, base = question(folder / "ask.toml")
    keys = {name: key(arm) for name, arm in runs(asked, base).items()}
    assert questions.identity(replace(asked, most_worlds=64), keys) != questions.identity(asked, keys)
