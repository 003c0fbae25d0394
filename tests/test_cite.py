"""What `bestowal cite` prints: every source that is named is found, and the paragraph says what was run."""

import re
from pathlib import Path

import pytest
from toy import walk
from typer.testing import CliRunner

from bestowal.calibration.datasets import CATALOGUE as DATA
from bestowal.claims import paper as claims
from bestowal.cli import app as cli
from bestowal.core.errors import BestowalError
from bestowal.core.files import toml
from bestowal.models import registry
from bestowal.questions.ask import ask
from bestowal.report.citation import cite
from bestowal.report.references import (
    CATALOGUE,
    Reference,
    bibliography,
    known,
    named_in,
    of_data,
    of_model,
)
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import to_toml
from bestowal.simulation.store import run

OURS = {"society", "public_goods"}
NAME = r"[A-Z][\w’'-]+"
NAMED = re.compile(rf"\b({NAME}(?:(?:, {NAME})*,? (?:&|and) {NAME}| et al\.)?) \(?((?:18|19|20)\d\d)\)?(?![\w:])")
NO_WORK = {"January"}


def mentions(text: str) -> set[str]:
    """The works that a text seems to name, by a pattern of this test's own."""
    text = " ".join(text.replace("#", " ").split())
    found = {(re.sub(r"['’]s$", "", a).replace(" and ", " & "), year) for a, year in NAMED.findall(text)}
    return {f"{a} {year}" for a, year in found if a not in NO_WORK}


@pytest.mark.parametrize("file", sorted([*CATALOGUE.glob("scenarios/*.toml"), *CATALOGUE.glob("questions/*.toml")]))
def test_every_work_that_a_file_names_is_found(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    found = {name for reference in named_in(text) for name in reference.names}
    assert mentions(text) <= found


def test_every_work_that_a_parameter_names_is_found() -> None:
    sources = "\n".join(p.source for p in registry.parameters(registry.load("society")))
    found = {name for reference in named_in(sources) for name in reference.names}
    assert mentions(sources) >= {"Sen 1977", "Enke et al. 2021", "Falk & Kosfeld 2006"} and mentions(sources) <= found


def test_no_work_is_written_twice() -> None:
    written = [
        *(reference for name in registry.names() for reference in of_model(name)),
        *{reference for file in DATA.glob("*.csv") for reference in of_data(file)},
        *(Reference(tuple(w["authors"]), w["year"]) for w in toml(CATALOGUE / "references.toml")["works"]),
    ]
    names = [reference.names[0] for reference in written]
    # An experiment that is a model too is cited by its data as well.
    assert {name for name in names if names.count(name) > 1} == {"Fischbacher & Gächter 2010"}
    assert len({reference.key for reference in known()}) > 30


@pytest.mark.parametrize("name", sorted(set(claims.papers()) - OURS))
def test_the_paper_of_a_published_model_is_the_one_its_claims_are_from(name: str) -> None:
    papers = of_model(name)
    assert papers
    for reference in papers:
        said = claims.paper(name).paper.casefold()
        assert reference.title.casefold() in said and f"{reference.volume}:{reference.pages}" in said
        assert str(reference.year) in said and reference.authors[0].partition(",")[0].casefold() in said


def test_a_work_is_known_by_the_ways_in_which_texts_name_it() -> None:
    def names(text: str) -> list[str]:
        return [reference.names[0] for reference in named_in(text)]

    assert names("as Choi and Bowles (2007) have it") == ["Choi & Bowles 2007"]
    assert names("# Aron et\n# al. 1992") == ["Aron, Aron & Smollan 1992"]
    assert names("Sen's 1966, not Sen 1967") == ["Sen 1966"]
    assert names("Iannaccone 1992 and Peters 1976") == ["Iannaccone 1992", "Peters 1976"]
    assert names("Besen 1966; Sen 19667") == []


def test_bibtex_has_a_key_and_balanced_braces_for_each_work() -> None:
    twins = [Reference(("Sen, A.",), 1966, "One & all", "J", "1", "2-3"), Reference(("Sen, A.",), 1966, "A book")]
    text = bibliography(twins)
    assert re.findall(r"@(\w+)\{(\w+),", text) == [("article", "Sen1966a"), ("book", "Sen1966b")]
    assert "title = {{One \\& all}}" in text and "pages = {2--3}" in text
    whole = bibliography(list(known()))
    assert whole.count("{") == whole.count("}") and "Gachter" not in whole and "@article{Fischbacher2010," in whole


def test_an_answer_says_what_was_simulated_and_how_it_was_judged(
    file: Path, made_up: list[str], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    answer = ask(file, 40, store=store)
    citation = cite(answer.id[:8], store=store)
    base = answer.question.base
    for said in (
        f"in 40 worlds (independent replicates; seed {base.seed})",
        f"{base.years} years from {base.first_year}",
        f"each of {len(answer.levers)} changes was run in the same worlds",
        "common random numbers",
        "The number of worlds was set beforehand.",
        f"The answer's id is {answer.id}; the key of the scenario's run is {made_up[0]}",
        *(part.label for part in answer.question.success),
    ):
        assert said in citation.methods
    assert mentions(citation.methods) <= {name for of in citation.references for name in of.names}
    assert {"Wilson1927", "Bonett2012", "Salmon2011", "Pearl1999"} <= {of.key for of in citation.references}
    assert cite(str(file), 40, store=store) == cite(answer.folder, store=store) == citation


def test_a_question_without_an_answer_has_references_and_says_what_is_missing(tmp_path: Path) -> None:
    citation = cite("russia", store=tmp_path)
    assert citation.methods == "" and "after `bestowal ask russia`" in citation.notes[0]
    assert citation.texts == [
        "“Egoistic Bestowal And Spiritual Bestowal”, the two questions it answers (laitman.com, January 2022)"
    ]
    assert "Kornai1980" in {reference.key for reference in citation.references}


@pytest.mark.usefixtures("toy_models")
def test_a_run_says_its_worlds_and_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("w.toml").write_text(f"# After Sosis & Bressler (2003).\n{to_toml(walk())}", encoding="utf-8")
    run(walk(), 40, store="results")
    of_file, of_key = (CliRunner().invoke(cli.app, ["cite", *words]) for words in (["w.toml"], [key(walk())[:10]]))
    assert (
        "in 64 worlds (independent replicates" in of_file.stdout
        and f"The key of the run is {key(walk())}." in of_file.stdout
    )
    assert "64 worlds of it are stored; --worlds says" in of_file.stderr
    assert "Sosis, R. & Bressler, E. R. (2003)." in of_file.stdout and "Salmon" in of_file.stdout
    assert of_key.stdout == of_file.stdout.replace(
        next(line for line in of_file.stdout.splitlines(keepends=True) if line.startswith("Sosis")), ""
    )
    told = CliRunner().invoke(cli.app, ["cite", "w.toml", "--worlds", "40", "--bibtex"])
    assert told.stdout.startswith("@software{bestowal,") and told.stderr == "" and "@article{Sosis2003," in told.stdout
    told = CliRunner().invoke(cli.app, ["cite", "w.toml", "--worlds", "65"])
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1) and "--worlds 65" in told.stderr


def test_a_name_that_is_nothing_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BestowalError, match=r"^cite kibutz: .*did you mean .?kibbutz"):
        cite("kibutz", store=tmp_path)
    for name in ("abcdef1", "abcdef2"):
        (tmp_path / "answers" / name).mkdir(parents=True)
    with pytest.raises(BestowalError, match=r"cite abcdef: 2 in .* begin so; give more characters"):
        cite("abcdef", store=tmp_path)
