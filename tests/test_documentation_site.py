"""The documentation site, built strictly: every verb, option and public name has its place, and no page needs a
network."""

import inspect
import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bestowal.models.registry import load, names, parameters

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs" / "site"))

import api_pages  # noqa: E402
import cli_pages  # noqa: E402
from links import rewritten  # noqa: E402

pytestmark = pytest.mark.subprocess


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once; MkDocs ends with an error at a broken link or anchor and at a page outside of the menu."""
    folder = tmp_path_factory.mktemp("documentation")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


def text(page: Path) -> str:
    return unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_every_verb_has_a_page_with_every_option_that_its_help_prints(site: Path) -> None:
    from bestowal.cli.app import app

    run = CliRunner()
    verbs = re.findall(r"^  ([a-z]\w*)\s{2,}\w", run.invoke(app, ["--help"]).output.partition("Commands:")[2], re.M)
    assert set(verbs) == set(cli_pages.commands()) and len(verbs) >= 10
    for verb in verbs:
        printed = set(re.findall(r"^  (--[a-z-]+)(?: / (--[a-z-]+))?", run.invoke(app, [verb, "--help"]).output, re.M))
        page = (site / "cli" / f"{verb}.html").read_text(encoding="utf-8")
        shown = set(re.findall(r"<td><code>(--[a-z-]+)</code>(?:, <code>(--[a-z-]+)</code>)?</td>", page))
        assert shown == printed and ("--help", "") in shown, verb


def test_every_model_has_a_page_with_its_parameters_and_observables(site: Path) -> None:
    gallery = (site / "models" / "index.html").read_text(encoding="utf-8")
    for name in names():
        model = load(name)
        page = (site / "models" / f"{name}.html").read_text(encoding="utf-8")
        told = set(re.findall(r"<tr>\s*<td><code>(\w+)</code></td>", page))
        assert told == {p.name for p in parameters(model)} | {o.name for o in model.observables}
        assert f"pictures/{name}.svg" in page and f"pictures/{name}.svg" in gallery and f'href="{name}.html"' in gallery


def test_every_environment_variable_that_the_code_reads_is_described(site: Path) -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bestowal").rglob("*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)\"(BESTOWAL_\w+)\"", code))
    page = (site / "cli" / "index.html").read_text(encoding="utf-8")
    assert read and read == set(re.findall(r"<td><code>(BESTOWAL_\w+)</code></td>", page))


def test_every_public_name_has_a_docstring_and_a_heading(site: Path) -> None:
    pages = {"index": list(api_pages.names().values())}
    pages |= {name: list(api_pages.public(module).values()) for name, module in api_pages.modules().items()}
    assert len(pages) >= 9 and "bestowal.simulation.scenario.Scenario" in pages["index"]
    undescribed = [place for places in pages.values() for place in places if not _docstring(place)]
    assert not undescribed
    for page, places in pages.items():
        html = (site / "python" / f"{page}.html").read_text(encoding="utf-8")
        assert [place for place in places if f'id="{place}"' not in html] == []


def test_every_public_method_has_a_docstring_and_a_heading(site: Path) -> None:
    for page, module in {"index": None, **api_pages.modules()}.items():
        html = (site / "python" / f"{page}.html").read_text(encoding="utf-8")
        for place in (api_pages.names() if module is None else api_pages.public(module)).values():
            for name, value in vars(api_pages.resolved(place)).items():
                function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
                if not name.startswith("_") and inspect.isfunction(function):
                    assert inspect.getdoc(function) and f'id="{place}.{name}"' in html, f"{place}.{name}"


def _docstring(place: str) -> str:
    """A docstring of its own: none inherited, and not the signature that a dataclass is given in place of one."""
    value = api_pages.resolved(place)
    own = getattr(value, "__doc__", None) if inspect.isfunction(value) else vars(value).get("__doc__")
    return "" if own is None or own.startswith(f"{place.rpartition('.')[2]}(") else str(own)


def test_every_key_of_every_file_format_is_on_its_page(site: Path) -> None:
    for schema in (ROOT / "bestowal" / "catalogue" / "schemas").glob("*.json"):
        whole = json.loads(schema.read_text(encoding="utf-8"))
        tables = [whole, *(table for name, table in whole["$defs"].items() if not name.startswith("parameters of"))]
        keys = {key for table in tables for key in table.get("properties", {})}
        page = (site / "formats" / f"{schema.stem}.html").read_text(encoding="utf-8")
        shown = re.findall(r"<tr>\s*<td><code>(\w+)</code></td>", page)
        assert keys and set(shown) == keys, schema.stem


def test_no_page_loads_anything_from_a_network(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    loads = re.compile(
        r'<(?:script|img|iframe|source)[^>]*\bsrc="?(?:https?:)?//[^>]*|<link[^>]*href="?(?:https?:)?//[^>]*'
    )
    found = {page.name: loads.findall(page.read_text(encoding="utf-8")) for page in pages}
    assert {name: urls for name, urls in found.items() if urls} == {}
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//|@import", style.read_text(encoding="utf-8")), style.name


def test_links_out_of_the_documents_lead_to_the_page_or_to_a_copy() -> None:
    markdown = "[a](../../README.md) [b](../../bestowal/__init__.py#x) `[c](../../LICENSE)` [d](sweep.md) [e](../why/)"
    shown = rewritten(markdown, "docs/how-to/x.md", "how-to/x.md")
    assert shown == (
        "[a](../index.md) [b](../files/bestowal/__init__.py#x) `[c](../../LICENSE)` [d](sweep.md) [e](../why/)"
    )
