"""The site: pages that name what they are, numbers that stay, links that lead somewhere, a feed that readers read."""

import csv
import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import fabricate
import pytest
from html_page import Page, words
from typer.testing import CliRunner

from bestowal.claims.verdict import Verdict
from bestowal.cli import app as cli
from bestowal.core.errors import BestowalError
from bestowal.questions.ask import ask
from bestowal.report import site
from bestowal.report.site.items import Item, related

WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NOT_TESTABLE = {"status": "N", "experiment": None, "why_not": "A duty is not a number.", "theme": "5.2"}
CLAIMS = {
    "C1": fabricate.claim("C1", sentence="title", claim="Two kinds of giving differ", theme="2.2"),
    "C8": fabricate.claim("C8"),
    "C10": fabricate.claim("C10", sentence="7", claim="A <b>rule</b> & no reckoning", rival="Alger & Weibull 2013"),
    "C16": fabricate.claim("C16", sentence="12", claim="Humanity must come to this", **NOT_TESTABLE),
    "P24": fabricate.claim("P24", sentence="not on the page: related texts", theme="4.1"),
}
CENTRES = {"C1": 0.4, "C8": 0.5, "C10": -0.2, "C16": 0.0}


def checked(name: str, centre: float | None = None, later: float = 0.0, **more: Any) -> site.Checked:
    found = fabricate.result(CLAIMS[name], CENTRES[name] if centre is None else centre, **more)
    return site.Checked(found, 1, WHEN + timedelta(days=later, hours=list(CLAIMS).index(name)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of four claims, one of them superseded, and one claim not checked; built once."""
    out = tmp_path_factory.mktemp("site")
    site.build(out, list(CLAIMS.values()), [checked("C8", 0.11, later=-9)])
    site.build(out, list(CLAIMS.values()), [checked(name) for name in CENTRES])
    return out


def copied(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "out"))


def answers(out: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((out / "answers.json").read_text(encoding="utf-8"))["answers"]
    return found


def of(out: Path, subject: str, latest: bool = True) -> dict[str, Any]:
    return next(item for item in answers(out) if item["subject"] == subject and item["latest"] is latest)


def text(out: Path, subject: str, latest: bool = True) -> str:
    return (out / "answers" / f"{of(out, subject, latest)['id']}.html").read_text(encoding="utf-8")


def said(out: Path, subject: str, latest: bool = True) -> str:
    return words(text(out, subject, latest)).replace("\u00a0", " ")


# ---------------------------------------------------------------------------------------------------------------- pages


def test_every_link_leads_to_something_in_the_folder(whole: Path) -> None:
    pages = [*whole.glob("*.html"), *whole.glob("answers/*.html")]
    assert len(pages) == 2 + 5
    read = {page.resolve(): Page(page.read_text(encoding="utf-8")) for page in pages}
    for page in (page.resolve() for page in pages):
        found = read[page]
        assert len(found.ids) == len(set(found.ids))
        assert {"script", "iframe", "object", "img"} & set(found.tags) == set()
        for target in found.fetched:
            name, _, fragment = target.partition("#")
            there = (page.parent / unquote(name)).resolve() if name else page
            assert there.is_file(), (page, target)
            assert there.is_relative_to(whole.resolve())
            if fragment and there.suffix == ".html":
                assert fragment in read[there].ids, (page, target)


def test_headings_go_down_by_one_and_there_is_one_first(whole: Path) -> None:
    for page in [*whole.glob("*.html"), *whole.glob("answers/*.html")]:
        levels = [int(tag[1]) for tag in Page(page.read_text(encoding="utf-8")).tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_page_has_the_form_of_the_source(whole: Path) -> None:
    page, item = said(whole, "C8"), of(whole, "C8")
    in_order = [
        "2.1",
        "No. 3",
        "To think only of giving to people is not enough.",
        "Short answer",
        "Supported in the model.",
        "Reasons",
        "Sen 1966",
        "What would change this",
        "once relapse is known to be quick.",
        "Limits",
        "no children.",
        "Source",
        "sentence 5 of “Egoistic",
        "bestowal check source --claim C8 --draws 200",
        item["id"],
        "Related answers",
    ]
    places = [page.index(part) for part in in_order]
    assert places == sorted(places)


def test_the_reasons_have_every_number_with_its_interval(whole: Path) -> None:
    from bestowal.statistics.intervals import mean
    from bestowal.statistics.number_format import limits, number, share

    result, page = checked("C8").result, said(whole, "C8")
    assert result.share is not None and result.number is not None
    for shown in (
        share(result.share.estimate),
        limits(result.share),
        number(result.number.estimate),
        limits(result.number, number),
        *(limits(mean(values), number) for _, values in result.arms),
        share(result.near),
    ):
        assert shown.replace("\u00a0", " ") in page


def test_figures_are_told_in_numbers_to_who_cannot_see_them(whole: Path) -> None:
    for name in ("C1", "C8", "C10"):
        page = text(whole, name)
        alts = re.findall(r'role="img" aria-label="([^"]+)"', page)
        assert len(alts) == page.count("<svg aria-hidden") == 2  # one figure, for a wide and for a narrow screen
        assert all(re.search(r"half below −?\d", alt) and "ladder practised by all: mean" in alt for alt in alts)


def test_a_verdict_that_depends_shows_on_what(tmp_path: Path) -> None:
    one = checked("C8", 0.1, slope=0.9)
    assert one.result.phrase == "depends on relapse"
    site.build(tmp_path, [CLAIMS["C8"]], [one])
    page = text(tmp_path, "C8")
    assert page.count("<svg aria-hidden") == 4
    assert "The number of every draw against relapse" in page
    assert "The claim holds, relapse up to" in page


def test_what_cannot_be_tested_says_why_and_has_no_number(whole: Path) -> None:
    page = said(whole, "C16")
    assert "Not a testable claim." in page and "A duty is not a number." in page
    assert "<figure" not in text(whole, "C16")
    assert "bestowal check" not in page


def test_what_this_model_has_no_experiment_for_is_not_called_unchecked(tmp_path: Path) -> None:
    claim = fabricate.claim("C6", status="T", experiment=None, why_not="Nobody votes for the order in it.")
    found = replace(fabricate.result(claim), verdict=Verdict.UNDECIDED)
    assert site.build(tmp_path, [claim], [site.Checked(found, 1, WHEN)]).unchecked == []
    assert "Nobody votes for the order in it." in said(tmp_path, "C6")
    assert "no experiment in this model" in words((tmp_path / "index.html").read_text("utf-8"))
    assert site.build(tmp_path / "other", [claim], []).unchecked == []


def test_what_a_claim_says_cannot_write_on_a_page(whole: Path) -> None:
    assert "A <b>rule</b> & no reckoning." in said(whole, "C10")
    assert "A <b>rule</b> & no reckoning." in words((whole / "index.html").read_text(encoding="utf-8"))


def test_the_draws_are_there_as_a_table(whole: Path) -> None:
    result = checked("C8").result
    rows = list(csv.reader(io.StringIO((whole / "answers" / f"{of(whole, 'C8')['id']}.csv").read_text("utf-8"))))
    assert rows[0] == ["draw", "number", "arm: ladder practised by all", "arm: no practice", "relapse", "growth"]
    assert len(rows) == 1 + result.draws
    assert rows[1][1] == ""  # left out
    assert float(rows[9][1]) == result.numbers[8]
    assert float(rows[9][4]) == result.points["relapse"][8]


# ------------------------------------------------------------------------------------------------------ ids and numbers


@pytest.mark.slow
def test_building_again_changes_no_byte(whole: Path, tmp_path: Path) -> None:
    out = copied(whole, tmp_path)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    built = site.build(out, list(CLAIMS.values()), [checked(name, later=30) for name in CENTRES])
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert (len(built.new), len(built.kept), built.superseded) == (0, 4, [])


def test_the_id_follows_the_result_and_not_the_words(tmp_path: Path) -> None:
    def built(*found: site.Checked) -> str:
        site.build(tmp_path, [], found)
        return str(of(tmp_path, "C8")["id"])

    one = checked("C8")
    first = built(one)
    reworded = one.result.claim.model_copy(update={"claim": "Otherwise said", "reading": "And otherwise read"})
    assert built(replace(one, result=replace(one.result, claim=reworded))) == first
    assert "Otherwise said." in said(tmp_path, "C8")
    assert built(replace(one, result=replace(one.result, key="f" * 16))) != first
    assert built(replace(one, result=replace(one.result, near=0.5))) != first


def test_a_changed_result_gets_a_new_page_and_the_two_know_of_each_other(whole: Path) -> None:
    old, new = of(whole, "C8", latest=False), of(whole, "C8")
    assert (old["number"], new["supersedes"]) == (1, old["id"])
    assert f'<a href="{old["id"]}.html">No.&nbsp;1</a> of 11 November 2026, which said: not decided' in text(
        whole, "C8"
    )
    assert f'<a rel="latest-version" href="{new["id"]}.html">' in text(whole, "C8", latest=False)
    assert "latest-version" not in text(whole, "C8")
    assert "superseded by No. 3" in words((whole / "index.html").read_text("utf-8")).replace("\u00a0", " ")


def test_numbers_are_given_once(whole: Path, tmp_path: Path) -> None:
    out = copied(whole, tmp_path)
    numbers = {item["id"]: item["number"] for item in answers(out)}
    assert sorted(numbers.values()) == [1, 2, 3, 4, 5]
    changed = [checked("C10", 0.6), *(checked(name) for name in ("C1", "C8", "C16"))]
    site.build(out, list(CLAIMS.values()), changed)
    after = {item["id"]: item["number"] for item in answers(out)}
    assert numbers.items() < after.items()
    assert of(out, "C10")["number"] == 6


@pytest.mark.slow
def test_a_result_that_is_gone_stays_and_is_said_to_be(whole: Path, tmp_path: Path) -> None:
    out = copied(whole, tmp_path)
    for _ in range(2):
        site.build(out, list(CLAIMS.values()), [checked("C1")])
        assert text(out, "C8").count("This result is not in the store") == 1
        assert "from an earlier version, or another store" in (out / "index.html").read_text("utf-8")
    site.build(out, list(CLAIMS.values()), [checked(name) for name in CENTRES])
    assert "not among those stored now" not in text(out, "C8")


def test_a_folder_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(BestowalError, match=r"index\.html that isn't"):
        site.build(tmp_path, [], [])
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    (tmp_path / "answers.json").write_text("{", encoding="utf-8")
    with pytest.raises(BestowalError, match=r"answers\.json: can't be read"):
        site.build(tmp_path, [], [])


# -------------------------------------------------------------------------------------------------------------- indexes


def test_the_index_has_every_claim_in_order_and_the_command_of_what_is_missing(whole: Path) -> None:
    page = words((whole / "index.html").read_text(encoding="utf-8"))
    places = [page.index(CLAIMS[name].claim) for name in ("C1", "C8", "C10", "C16")]
    assert places == sorted(places)
    assert "bestowal check source --claim P24" in page
    assert "1 contradicted in the model" in page and "2 supported in the model" in page
    assert "No question has been asked yet" in page


def test_themes_are_browsed_by_family_and_code(whole: Path) -> None:
    found = Page((whole / "themes.html").read_text(encoding="utf-8"))
    assert {"t2", "t2.1", "t2.2", "t5", "t5.2"} <= set(found.ids)
    assert found.words.index("Motive") < found.words.index("Aim")


def item(subject: str, side: str, share: float, **more: Any) -> Item:
    whole: dict[str, Any] = {
        "id": subject * 4, "number": 1, "subject": subject, "kind": "claim", "theme": "2.1", "words": "?", "title": "",
        "verdict": side, "side": side, "because": "", "updated": "2026-11-20T09:30:00Z", "where": "",
        "scenario": "commune", "rival": "Sen", "levers": ["pay_link"], "share": (share, share - 0.1, share + 0.1),
        "tops": [],
    }  # fmt: skip
    return Item(**(whole | more))


def test_related_are_another_rival_the_lever_elsewhere_and_the_strongest_contrary() -> None:
    mine = item("C1", "supported", 0.8)
    others = [
        item("C2", "undecided", 0.5),
        item("C3", "undecided", 0.5, rival="Hayek"),
        item("C4", "contradicted", 0.2, theme="3.1"),
        item("C5", "contradicted", 0.1, theme="3.1"),
        item("C6", "contradicted", 0.0, theme="4.1", levers=[], scenario="russia"),
        item("C7", "supported", 0.9, theme="3.1", scenario="russia", rival="Hayek"),
        item("C9", "contradicted", 0.0, latest=False),
    ]
    found = related(mine, others)
    assert [(why.partition(" (")[0], other and other.subject) for why, other, _ in found] == [
        ("The same family, another rival account", "C3"),
        ("The same lever in another society", "C7"),
        ("The strongest opposing answer", "C5"),
    ]
    assert "pay_link" in found[1][0]
    assert found[2][2] == "contradicted; it holds at 10\u00a0% of draws"
    undecided = related(item("C1", "undecided", 0.5), others)[-1]
    assert undecided[1] is None and "neither supported nor contradicted" in undecided[2]


# ------------------------------------------------------------------------------------------------------------ questions


@pytest.mark.slow
def test_a_question_has_a_page_with_the_whole_answer_beside_it(file: Path, made_up: list[str], tmp_path: Path) -> None:
    answer = ask(file, store=tmp_path / "store")
    [found] = site.asked(tmp_path / "store")
    assert not found.stale
    out = tmp_path / "out"
    site.build(out, [], [found])
    one = of(out, answer.question.name)
    assert one["id"] == answer.id
    page = said(out, answer.question.name)
    assert "Why did it fail?" in page and f"bestowal ask {answer.question.name} --worlds 60" in page
    assert all(f"{lever.label} " in text(out, answer.question.name) for lever in answer.levers)
    whole = out / "answers" / answer.id / "answer.html"
    assert whole.read_bytes() == (Path(answer.folder) / "answer.html").read_bytes()
    for target in Page(text(out, answer.question.name)).fetched:
        assert target.startswith("#") or (out / "answers" / target.partition("#")[0]).is_file(), target


def test_of_several_answers_the_one_of_most_worlds_is_shown(file: Path, made_up: list[str], tmp_path: Path) -> None:
    for worlds in (60, 20):
        ask(file, worlds, store=tmp_path)
    assert [found.answer.worlds for found in site.asked(tmp_path)] == [60]


# ----------------------------------------------------------------------------------------------------------------- feed

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.mark.parametrize("address", [None, "https://example.org/bestowal"])
def test_the_feed_has_what_atom_asks_for(whole: Path, tmp_path: Path, address: str | None) -> None:
    out = copied(whole, tmp_path)
    site.build(out, list(CLAIMS.values()), [checked(name) for name in CENTRES], address=address)
    raw = (out / "feed.xml").read_bytes()
    assert raw.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    root = ET.fromstring(raw)
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
            assert (element.findtext(f"{ATOM}{name}") or "").strip()
        assert RFC3339.fullmatch(element.findtext(f"{ATOM}updated") or "")
        assert re.fullmatch(r"tag:[a-z.]+,\d{4}(-\d\d){0,2}:[\w:.-]+", element.findtext(f"{ATOM}id") or "")
        assert len([link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) == 1
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    base = "" if address is None else f"{address}/"
    [own] = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own == f"{base}feed.xml"
    entries = root.findall(f"{ATOM}entry")
    latest = {item["id"]: item for item in answers(out) if item["latest"]}
    assert {entry.findtext(f"{ATOM}id", "").rpartition(":")[2] for entry in entries} == set(latest)
    for entry in entries:
        one = latest[entry.findtext(f"{ATOM}id", "").rpartition(":")[2]]
        assert entry.findtext(f"{ATOM}updated") == one["updated"]
        links = {link.get("rel"): link.get("href") for link in entry.findall(f"{ATOM}link")}
        assert links["alternate"] == urljoin(base, f"answers/{one['id']}.html")
        assert links.get("predecessor-version") == (
            one["supersedes"] and urljoin(base, f"answers/{one['supersedes']}.html")
        )
        assert one["theme"] in [category.get("term") for category in entry.findall(f"{ATOM}category")]
        assert (entry.findtext(f"{ATOM}summary") or "").lower().startswith(one["verdict"])
    dates = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert dates == sorted(dates, reverse=True)
    assert root.findtext(f"{ATOM}updated") == dates[0]  # when a result was computed, and not when the site was built


# ------------------------------------------------------------------------------------------------------------- the verb


@pytest.mark.slow
def test_the_verb_builds_from_the_store_and_says_what_is_missing(
    file: Path, made_up: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bestowal.claims.claim_file.source_claims", lambda: [CLAIMS["C16"], CLAIMS["P24"]])
    ask(file, store=tmp_path / "store")
    told = CliRunner().invoke(cli.app, ["report", "--site", str(tmp_path / "out"), "--store", str(tmp_path / "store")])
    assert told.exit_code == 0, told.output
    told_words = " ".join(told.stdout.split())
    assert "2 new pages, 0 brought up to date" in told_words
    assert "not checked yet: P24; for example: bestowal check source --claim P24" in told_words
    assert (tmp_path / "out" / "index.html").is_file()
