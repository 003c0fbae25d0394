"""The documents say what is there: commands exist, verbs and links are right."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from toy import script

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "GLOSSARY.md", *sorted((ROOT / "docs").rglob("*.md"))]
HOME = ROOT / "docs" / "index.md"  # its links lead to generated pages; the strict build of the site checks them
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def code(page: Path) -> str:
    """What a page shows as code: fenced blocks and spans between backticks, one a line."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return "\n".join(blocks + spans)


def verbs() -> set[str]:
    """The verbs of the command line, as the program itself knows them."""
    from bestowal.cli import app as cli

    apps = [thing for thing in vars(cli).values() if isinstance(thing, typer.Typer)]
    assert apps, "bestowal.cli.app has no typer application at module level"
    return {name for app in apps for name in getattr(typer.main.get_command(app), "commands", {})}


@pytest.mark.subprocess
def test_every_name_of_the_readmes_python_column_is_there_after_import_bestowal() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = sorted(set(re.findall(r"\bbestowal(?:\.[A-Za-z_]+)+(?=[(`])", text)))
    assert "bestowal.summary.run" in names and "bestowal.explore.serve" in names
    code = "import bestowal\n" + "\n".join(name for name in names if not name.endswith((".md", ".py")))
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    column = re.findall(r"^\| [^|]+ \| `bestowal [^|]+ \| ([^|]+) \|$", text, flags=re.MULTILINE)
    assert len(column) > 15 and not any("import" in cell for cell in column)


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))], ids=lambda p: p.name
)
def test_the_command_line_accepts_every_command_shown(page: Path) -> None:
    """Arguments, options and the values of `--set` and `--over`; nothing is run."""
    from bestowal.cli import app as cli
    from bestowal.simulation.design import parsed
    from bestowal.simulation.scenario_file import scenario, scenarios

    (app,) = {thing for thing in vars(cli).values() if isinstance(thing, typer.Typer)}
    commands = getattr(typer.main.get_command(app), "commands", {})
    text = re.sub(r"\$\{?[A-Z_]+\}?|\$\(.*?\)", "1", code(page).replace("\\\n", " "))  # the shell's variables
    shown = re.findall(r"^(?:\.venv/bin/)?bestowal ([a-z]+ [^#\n]*)", text, flags=re.MULTILINE)
    for line in shown:
        verb, *arguments = shlex.split(line)
        with commands[verb].make_context(verb, list(arguments)) as context:
            options = context.params
        if arguments and arguments[0] in scenarios():
            named = scenario(arguments[0])
            year = options.get("from_year")
            for text in options.get("set") or options.get("sets") or []:
                name, _, value = text.partition("=")
                named.but(**{name: float(value)}, from_year=year)
            if options.get("over"):
                assert parsed(named, options["over"], options.get("design"))
    assert page.name != "README.md" or len(shown) > 20


def test_the_readmes_contents_lead_to_its_headings() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    anchors = [re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    (contents,) = re.findall(r"^\*\*Contents\.\*\*.*?\n\n", text, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"\(#([^)]+)\)", contents) == anchors


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_command_shown_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):(?!=)", MAKEFILE, flags=re.MULTILINE))
    shown = set(re.findall(r"^make ([a-z-]+)\b", code(page), flags=re.MULTILINE))
    assert shown <= targets


def test_the_readme_shows_the_two_commands() -> None:
    assert {"ask", "test"} <= set(re.findall(r"^make ([a-z-]+)\b", code(ROOT / "README.md"), flags=re.MULTILINE))


def test_make_help_tells_every_target() -> None:
    phony = re.search(r"^\.PHONY: (help.*)$", MAKEFILE, flags=re.MULTILINE)
    assert phony is not None
    told = set(re.findall(r"@echo 'make ([a-z-]+)\b", MAKEFILE))
    assert told == set(phony[1].split()) - {"help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_verb_shown_exists(page: Path) -> None:
    shown = set(re.findall(r"^(?:\.venv/bin/)?bestowal ([a-z]+)\b", code(page), flags=re.MULTILINE))
    assert shown <= verbs()


@pytest.mark.parametrize("page", [page for page in PAGES if page != HOME], ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken


def test_every_catalogue_name_asked_or_run_exists() -> None:
    catalogue = ROOT / "bestowal" / "catalogue"
    verbs, folders = ("ask", "check", "run", "show"), ("questions", "scenarios", "claims")
    text = "\n".join(code(page) for page in PAGES)
    named = {verb: set(re.findall(rf"bestowal {verb} ([a-z][a-z_0-9]*)(?![\w./])", text)) for verb in verbs}
    questions, scenarios, claims = ({f.stem for f in (catalogue / d).glob("*.toml")} for d in folders)
    models = {path.stem for path in (ROOT / "bestowal" / "models").iterdir()}
    data = {path.stem for path in (catalogue / "data").glob("*.csv")}
    assert named["ask"] <= questions and named["check"] <= claims | {"source"}
    assert named["run"] <= scenarios | models
    assert named["show"] <= scenarios | models | questions | data | {"priors", "results"}


def test_the_lock_names_no_index_and_pins_every_line_by_hash() -> None:
    assert not re.search(r"://|file:|--(extra-)?index-url|--find-links", LOCK)
    pins = re.findall(r"^[a-zA-Z][^\n]*", LOCK, flags=re.MULTILINE)
    assert pins and all("==" in pin and pin.endswith("\\") for pin in pins)


def test_the_lock_holds_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=!~ ;\[]", line)[0] for line in wanted}
    locked = set(re.findall(r"^([a-zA-Z][\w.-]*)==", LOCK, flags=re.MULTILINE))
    assert names <= locked


def test_the_generated_reference_is_what_the_models_say() -> None:
    spec = importlib.util.spec_from_file_location("write_reference", ROOT / "docs" / "write_reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for path, text in module.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is old: python docs/write_reference.py"


@pytest.mark.subprocess
def test_the_skeleton_of_a_model_keeps_its_limiting_cases(tmp_path: Path) -> None:
    """The file that contributors copy runs as it stands, found like any other model."""
    shutil.copy(ROOT / "docs" / "how-to" / "authors_year.py", tmp_path)
    code = """
import numpy as np
from bestowal.simulation.engine import simulate
from bestowal.simulation.scenario import defaults
s = defaults("authors_year")
end = lambda s: simulate(s, range(64))[:, :, 0]
neutral = end(s.but(advantage=0.0, people=400).clock(years=20))
assert abs(neutral[:, -1].mean() - 0.5) < 4 * neutral[:, -1].std() / 8 and neutral[:, -1].std() > 0
assert (end(s.but(start_share=1.0)) == 1).all() and (end(s.but(start_share=0.0)) == 0).all()
many = end(s.but(people=100000).clock(years=1))
assert abs(many.mean() - 1.1 * 0.5 / 1.05) < 0.002
print("kept")
"""
    assert script(code, tmp_path, BESTOWAL_CACHE=str(tmp_path / "cache")).strip() == "kept"


def test_the_claim_shown_to_contributors_is_one_of_the_catalogue() -> None:
    text = (ROOT / "docs" / "how-to" / "add-a-paper.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    file = ROOT / "bestowal" / "catalogue" / "claims" / "traulsen_nowak_pacheco_2006.toml"
    assert tomllib.loads(block)["claims"][0] in tomllib.loads(file.read_text(encoding="utf-8"))["claims"]


def test_the_sources_table_has_every_claim_and_the_readme_counts_its_newest_verdicts() -> None:
    import csv
    from collections import Counter

    from bestowal.claims.claim_file import source_claims

    with (ROOT / "docs" / "answers" / "source.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    newest = {row["claim"]: row for row in rows if row["date"] == max(row["date"] for row in rows)}
    assert list(newest) == [claim.id for claim in source_claims()]
    page = (ROOT / "docs" / "answers" / "source.md").read_text(encoding="utf-8")
    for claim, row in newest.items():
        (line,) = (line for line in page.splitlines() if line.startswith(f"| {claim} |"))
        assert f"| {row['verdict']}" in line and row["number"] in line and row["holds_at"] in line
    counts = Counter(row["verdict"].split()[0] for row in newest.values())
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    said = (
        f"{words[counts['supported']]} claims come out supported in the model, {words[counts['contradicted']]} "
        f"contradicted, {words[counts['depends']]} depend on one parameter, and {words[counts['not']]} are not decided"
    )
    assert said in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


@pytest.mark.subprocess
def test_make_test_all_names_what_passed_failed_and_is_missing(tmp_path: Path) -> None:
    """Stand-ins for the interpreters and for the make that each clone runs: 3.12 fails, 3.13 is under pyenv."""
    (tmp_path / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    for command in (
        ["init", "-q"],
        ["add", "Makefile"],
        ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qmx"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    stands_in = {name: f"echo {name}" for name in ("python3.11", "python3.12", "pyenv/versions/3.13.9/bin/python")}
    stands_in |= dict.fromkeys(("python3.13", "python3.14"), "exit 127")
    stands_in["make-here"] = 'echo "$@" >>"$CALLS"; test -f "$2/Makefile" && test "$4" != PYTHON=python3.12'
    for name, line in stands_in.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    places = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYENV_ROOT": str(tmp_path / "pyenv"),
        "TMPDIR": str(tmp_path),
    }
    run = subprocess.run(
        ["make", "--no-print-directory", "test-all", "MAKE=make-here"],
        cwd=tmp_path,
        env=os.environ | places | {"CALLS": str(tmp_path / "calls"), "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    assert run.stdout == "Python passed: 3.11 3.13. Failed: 3.12. Not tried, not installed here: 3.14.\n"
    assert "without the changes since" in run.stderr
    calls = [call.split() for call in (tmp_path / "calls").read_text(encoding="utf-8").splitlines()]
    assert [call[2:] for call in calls] == [["test", f"PYTHON={name}"] for name in list(stands_in)[:3]]
    assert not any(Path(call[1]).exists() for call in calls)
