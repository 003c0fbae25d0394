"""What surrounds the code: the changelog is gathered whole, and the citation names the version there is."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
KINDS = ("Results change", "New", "Changed", "Mended")
FRAGMENTS = sorted(file for file in (ROOT / "changelog.d").glob("*.md") if file.name != "README.md")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_fragment_begins_with_its_kind() -> None:
    begins = re.compile(rf"(?:- )?\*\*(?:{'|'.join(KINDS)})\*\*")
    for file in FRAGMENTS:
        lines = file.read_text(encoding="utf-8").splitlines()
        assert begins.match(lines[0]), f"{file.name}: {lines[0][:60]}"
        bold = [line for line in lines if line.removeprefix("- ").startswith("**")]
        assert [line[:60] for line in bold if not begins.match(line)] == [], file.name


@pytest.mark.subprocess
def test_the_changelog_gathers_every_fragment_whole_under_its_kind() -> None:
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "9.9.9", "--date", "2030-01-01"]
    draft = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert draft.lstrip().startswith("## 9.9.9 (2030-01-01)\n")
    headings = re.findall(r"^### (.*)$", draft, re.MULTILINE)
    assert headings == sorted(headings, key=["Results that change", "New", "Changed", "Mended"].index)
    text = "\n".join(file.read_text(encoding="utf-8") for file in FRAGMENTS)
    for kind, heading in zip(KINDS, ("Results that change", "New", "Changed", "Mended"), strict=True):
        begun = re.findall(rf"^(?:- )?\*\*{kind}\*\*", text, re.MULTILINE)
        section = re.search(rf"^### {heading}\n(.*?)(?=^### |\Z)", draft, re.MULTILINE | re.DOTALL)
        assert section is not None and section[1].count("\n- ") == len(begun)
    plain = re.sub(rf"^(?:- )?(?:\*\*(?:{'|'.join(KINDS)})\*\*[:. ]*)?", "", text, flags=re.MULTILINE)
    assert sorted(words(draft)) == sorted(
        [*words(plain), *words(" ".join(headings)), "9", "9", "9", "2030", "01", "01"]
    )


def words(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"\w+", text.replace("](../", "]("))]


def test_the_citation_is_of_this_version_under_this_licence() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"] and citation["license"] == PROJECT["license"]
    assert citation["authors"] == PROJECT["authors"]
    assert set(citation["keywords"]) == set(PROJECT["keywords"])
    assert {"cff-version", "message", "title", "type"} <= citation.keys()


def test_every_issue_template_is_a_form_with_a_name_and_required_fields() -> None:
    forms = [file for file in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if file.stem != "config"]
    assert {form.stem for form in forms} == {"bug", "claim", "second-reading"}
    for form in forms:
        of = yaml.safe_load(form.read_text(encoding="utf-8"))
        assert of["name"] and of["description"]
        fields = [field for field in of["body"] if field["type"] != "markdown"]
        assert len({field["id"] for field in fields}) == len(fields) >= 3
        assert all(field["attributes"]["label"] for field in fields)
        assert any(field.get("validations", {}).get("required") for field in fields)


def test_the_hooks_before_a_commit_run_what_make_test_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    entries = {hook["id"]: hook["entry"] for hook in hooks[0]["hooks"]}
    assert entries == {
        "ruff-format": ".venv/bin/python -m ruff format --force-exclude",
        "ruff": ".venv/bin/python -m ruff check --force-exclude",
        "mypy": ".venv/bin/python -m mypy",
        "import-linter": ".venv/bin/lint-imports",
        "prettier": "bestowal/explore/page/node_modules/.bin/prettier --check",
    }
