"""The page and the terminal: whole, self-contained, and saying no more than the numbers."""

import errno
import html
import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import fabricate
import numpy as np
import pytest
from html_page import Page, words
from marks import rounded, segments
from rich.console import Console

from bestowal.core.errors import BestowalError
from bestowal.questions.answer import Answer, Best, Undecided, grouped, tells
from bestowal.questions.answer_files import DATA, SUMS
from bestowal.questions.ask import ask
from bestowal.questions.question import TESTED
from bestowal.report import answer_page as report
from bestowal.report import answer_sentences as sentences
from bestowal.report.answer_text import terminal
from bestowal.report.figures import answer as answer_figures
from bestowal.statistics import number_format as wording
from bestowal.statistics.intervals import Interval, Survival


@pytest.fixture
def answer(file: Path, made_up: list[str], tmp_path: Path) -> Answer:
    return ask(file, store=tmp_path / "store")


def printed(answer: Answer, width: int = 160) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    with console.file:
        console.print(terminal(answer, "here.html"))
        return " ".join(console.export_text().split())


def test_an_answer_says_why_more_worlds_were_run_than_asked(answer: Answer) -> None:
    def told(worlds: int, **growth: object) -> str:
        grown = replace(answer.growth, narrow=0.12, widest=0.113, what="", first_worlds=200, **growth)
        return sentences.growth_sentences(replace(answer, worlds=worlds, growth=grown))[0]

    widest = "11 points wide (P(success) of the scenario)."
    more = "200 requested, then more until no main interval was wider than 12 points"
    assert told(296, stopped="narrow", most_worlds=1000) == (
        f"296 worlds in each run ({more}); the widest main interval is {widest}"
    )
    assert told(200, stopped="narrow", most_worlds=1000) == (
        f"200 worlds in each run (200 requested); the widest main interval is {widest}"
    )
    assert told(1000, stopped="budget", most_worlds=1000) == (
        f"1,000 worlds in each run, the most that the question allows ({more}); the widest main interval is still "
        f"{widest}"
    )
    assert told(200, stopped="asked", most_worlds=200) == (
        f"200 worlds in each run, as requested; the widest main interval is {widest}"
    )


def test_an_answer_is_shown_in_one_line_and_its_changes_as_a_table(answer: Answer) -> None:
    assert len(repr(answer)) < 500 and "\n" not in repr(answer)
    assert answer.id in repr(answer) and f"{answer.worlds} worlds" in repr(answer)
    assert f"P(success) {answer.success.estimate:.3f} [{answer.success.low:.3f}, " in repr(answer)
    assert len(repr(replace(answer, question=replace(answer.question, title="why " * 1000)))) < 500
    table = answer.to_dataframe()
    assert list(table.index) == [lever.name for lever in answer.levers] and table.index.name == "lever"
    for lever in answer.levers:
        row = table.loc[lever.name]
        assert (row["label"], row["group"], row["reading"]) == (lever.label, lever.group, lever.reading)
        for name in ("success", "effect", "sufficiency", "necessity", "ruined", "years"):
            interval = getattr(lever, name)
            assert row[f"{name}_n"] == interval.n
            for column, number in zip(
                (name, f"{name}_low", f"{name}_high"), (interval.estimate, interval.low, interval.high), strict=True
            ):
                assert row[column] == number or (number is None and row[column] != row[column])
    assert set(table.dtypes[["effect", "effect_low", "necessity_high"]]) == {np.dtype(float)}


def test_no_answer_calls_a_scenario_history(answer: Answer) -> None:
    assert "histor" not in printed(answer).lower().replace("history.toml", "")
    page = words(report.page(answer)).lower().replace("history.toml", "")
    for name, key in answer.keys.items():  # runs by their names in worlds.csv
        page = page.replace(f"{name} {key}", "")
    assert "histor" not in page


def test_the_page_needs_nothing_but_itself(answer: Answer) -> None:
    page = report.page(answer)
    found = Page(page)
    assert {"script", "link", "iframe", "img", "object"} & set(found.tags) == set()
    assert all(target.startswith("#") for target in found.fetched)
    assert re.findall(r"url\((?!#)[^)]*\)|@import", page) == []
    assert found.tags.count("svg") == 6  # three figures, each for a wide and for a narrow screen


def test_every_reference_on_the_page_is_to_one_thing_on_it(answer: Answer) -> None:
    page = report.page(answer)
    found = Page(page)
    assert len(found.ids) == len(set(found.ids))
    wanted = [target[1:] for target in found.fetched] + re.findall(r"url\(#([^)]+)\)", page)
    assert set(wanted) <= set(found.ids)
    assert wanted


def test_figures_take_the_colours_of_the_page(answer: Answer) -> None:
    figures = "".join(re.findall(r"<svg.*?</svg>", report.page(answer), flags=re.DOTALL))
    assert set(re.findall(r"#[0-9a-f]{6}\b", figures)) <= {"#ffffff", "#000000"}
    assert set(re.findall(r"var\(--(\w+)\)", figures)) >= {"ink", "soft", "motive", "institution", "surroundings"}
    assert "<text" in figures  # text, and not outlines of it
    assert "DejaVu" not in figures


def test_the_page_and_the_terminal_give_every_number_of_every_lever(answer: Answer) -> None:
    for text in (words(report.page(answer)), printed(answer)):
        text = text.replace("\u00a0", " ")
        assert answer.question.words in text
        assert answer.id in text
        assert answer.command in text
        for lever in answer.levers:
            assert lever.label in text
            assert wording.share(lever.success.estimate).replace("\u00a0", " ") in text
            assert wording.points(lever.effect.estimate) in text
            assert wording.limits(lever.effect, wording.points) in text
            assert f"{lever.gained} of {lever.sufficiency.n}" in text
        for measure in answer.measures:
            assert measure.name in text
            assert wording.number(measure.mean.estimate) in text
        for part in answer.parts:
            assert part.rule in text
        for sentence in [
            *sentences.undecided_sentences(answer),
            *(sentences.best_sentence(best, answer) for best in answer.best),
            *sentences.bundle_sentences(answer),
            sentences.success_sentence(answer),
            sentences.standing_sentence(answer),
            sentences.test_sentence(answer),
            sentences.SIZES,
            sentences.SCOPE,
        ]:
            assert sentence.replace("\u00a0", " ") in text


def test_what_cannot_be_told_is_said_so_in_both(answer: Answer) -> None:
    shares = [share for lever in answer.levers for share in (lever.sufficiency, lever.necessity, lever.ruined)]
    untold = sum(not tells(share) for share in shares)
    assert 0 < untold < len(shares)
    tables = re.sub(r"<svg.*?</svg>", "", report.page(answer), flags=re.DOTALL)
    assert words(tables).count("cannot tell") == untold
    assert printed(answer).count("cannot tell") == untold


def test_what_was_not_in_force_as_set_is_said_on_page_and_terminal(answer: Answer) -> None:
    first, *others = answer.levers
    there = replace(answer, levers=[replace(first, not_held=["pay_link = 0.4 from 1904 did not hold"]), *others])
    for text in (printed(there), words(report.page(there))):
        assert f"{first.label}: pay_link = 0.4 from 1904 did not hold." in text
    assert "did not hold" not in printed(answer)


def test_the_same_answer_draws_the_same_page(answer: Answer) -> None:
    assert report.page(answer) == report.page(answer)


@pytest.mark.slow
def test_what_a_file_says_cannot_write_on_the_page(file: Path, made_up: list[str], tmp_path: Path) -> None:
    label = "<script>1</script> & $x_1$"
    text = fabricate.QUESTION_TOML.replace("More givers", label).replace("Why did", "<b>Why</b> did")
    file.write_text(text, encoding="utf-8")
    page = report.page(ask(file, store=tmp_path))
    found = Page(page)
    assert "script" not in found.tags
    assert label in found.words
    assert "<b>Why</b> did it fail?" in found.words
    figures = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert sum(label in html.unescape(figure) for figure in figures) == 2  # as it is, and not as mathematics


@pytest.mark.slow
def test_bundles_are_marked_and_never_the_best(answer: Answer) -> None:
    text = words(report.page(answer))
    assert text.index("Bundles: several changes at once") > text.index("Single changes of motive")
    assert "Bundle of 2" in text
    assert all("all_motive" not in best.names for best in answer.best)


def test_best_sentences_say_what_was_found(answer: Answer) -> None:
    lead = Interval(0.2, 0.1, 0.3, 60, 0.975)
    found = Best("motive", "best", ["commitment"], "givers", lead, 2)
    sentence = sentences.best_sentence(found, answer)
    top = next(lever for lever in answer.levers if lever.name == "commitment")
    assert f"“More commitment” raised P(success) most, to {wording.share(top.success.estimate)} (95" in sentence
    assert "over the next, “More givers”, is +20.0 points (+10.0 to +30.0" in sentence
    tied = replace(found, status="tied", names=["commitment", "givers"])
    assert (
        "these 2 raised P(success) most and do not differ detectably at 60 worlds: “More commitment”"
        in sentences.best_sentence(tied, answer)
    )
    none = replace(found, status="none", names=[])
    assert sentences.best_sentence(none, answer) == (
        "No single change of motive raised P(success) detectably (60 worlds, adjusted for 2 comparisons)."
    )
    one = replace(none, levers=1)
    assert sentences.best_sentence(one, answer) == (
        "The single change of motive did not raise P(success) detectably (60 worlds)."
    )


def test_years_standing_are_told_with_what_was_not_seen(answer: Answer) -> None:
    def told(**changed: object) -> str:
        whole = Survival([0.0], [1.0], [1.0], [1.0], 12.0, 10.0, None, 40, 60)
        return sentences.standing_sentence(replace(answer, standing=replace(whole, **changed)))  # type: ignore[arg-type]

    assert "survival is 12 full years (95\u00a0%: 10 to more than 30); 20 of 60 worlds still stood after 30" in told()
    assert "12 full years (95\u00a0%: 10 to 14);" in told(high=14.0)
    assert (
        "20 of 60 worlds fell within the 30 years simulated; the median lies beyond them (95\u00a0%: 25 or more)"
        in told(median=None, low=25.0, ended=20)
    )
    assert "none of 60 worlds fell" in told(median=None, low=None, ended=0)


def test_numbers_are_shown_as_exactly_as_they_are_known() -> None:
    shares = [wording.share(value).replace("\u00a0", " ") for value in (0, 0.0125, 0.346, 0.955, 1, None)]
    assert shares == ["0 %", "1.2 %", "35 %", "95.5 %", "100 %", "–"]
    shown = [wording.points(value) for value in (0.0, -0.0001, 0.034, -0.2, None)]
    assert shown == ["0.0", "0.0", "+3.4", "−20.0", "–"]
    assert [wording.number(value) for value in (0.12345, 1e8, -2.5, None)] == ["0.123", "100,000,000", "−2.5", "–"]
    assert wording.limits(Interval(0.1, 0.05, 0.2, 9)).replace("\u00a0", " ") == "5.0 to 20 %"
    assert wording.limits(Interval(1.0, None, None, 1)) == "no interval"


@pytest.mark.slow
def test_what_is_open_comes_with_the_worlds_that_would_close_it(answer: Answer) -> None:
    opened = replace(answer, undecided=[Undecided("this", 1200), Undecided("that", None)])
    assert sentences.undecided_sentences(opened) == [
        "this: about 1,200 worlds would decide it",
        "that: the number of worlds needed cannot be estimated",
    ]
    closed = replace(answer, undecided=[])
    assert "Every comparison is decided" in words(report.page(closed))
    assert "Every comparison is decided" in printed(closed)


@pytest.mark.slow
def test_a_society_that_is_gone_draws_and_prints(
    file: Path, made_up: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody lives from early on, every mean is missing, and the page says so and not 0."""
    monkeypatch.setattr(fabricate, "HELPS", {"coercion": -9.0, "commitment": -9.0})
    gone = ask(file, 3, store=tmp_path)
    assert gone.standing.median == 0
    assert all(measure.mean.estimate is None for measure in gone.measures if measure.name != "standing")
    assert "no interval" in words(report.page(gone))
    assert "no interval" in printed(gone)


@pytest.mark.slow
def test_the_page_lies_beside_the_data_and_is_drawn_once(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    page = report.save(answer)
    assert page == Path(answer.folder) / "answer.html"
    whole = page.read_bytes()
    monkeypatch.setattr(report, "page", lambda answer, full: "drawn again")
    assert report.save(answer).read_bytes() == whole
    page.write_bytes(whole[:-9])
    assert report.save(answer).read_text(encoding="utf-8") == "drawn again"


def test_a_page_is_laid_out_anew_by_other_code(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    file = report.save(answer)
    before = file.read_text(encoding="utf-8")
    monkeypatch.setattr(report, "page", lambda *of: "another layout")
    assert report.save(answer).read_text(encoding="utf-8") == before, "the same code: the page that is there"
    monkeypatch.setattr(report, "_drawing", lambda: "other code")
    assert report.save(answer).read_text(encoding="utf-8") == "another layout"


def test_out_takes_the_page_or_everything(answer: Answer, tmp_path: Path) -> None:
    alone = report.save(answer, tmp_path / "new" / "mine.html")
    assert alone == tmp_path / "new" / "mine.html"
    assert [path.name for path in alone.parent.iterdir()] == ["mine.html"]
    whole = report.save(answer, tmp_path / "all")
    assert whole == tmp_path / "all" / "answer.html"
    assert sorted(path.name for path in whole.parent.iterdir()) == sorted([*DATA, SUMS, "answer.html"])
    assert whole.read_bytes() == alone.read_bytes()


@pytest.mark.slow
def test_an_answer_that_one_may_only_read_is_shown_without_its_page(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(answer, folder=str(tmp_path / "answer"))
    shutil.copytree(answer.folder, elsewhere.folder)
    (Path(elsewhere.folder) / "answer.html").unlink(missing_ok=True)
    real = report.write

    def refused(path: Path, content: str) -> None:
        if path.is_relative_to(elsewhere.folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        real(path, content)

    monkeypatch.setattr(report, "write", refused)
    assert report.save(elsewhere) is None
    copy = report.save(elsewhere, tmp_path / "mine.html")
    assert copy == tmp_path / "mine.html" and copy.read_text(encoding="utf-8") == report.page(elsewhere)


@pytest.mark.slow
def test_a_page_that_cannot_be_written_is_one_line(answer: Answer, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(BestowalError, match=r"taken.*: can't be written"):
        report.save(answer, tmp_path / "taken" / "mine.html")


def test_it_says_whose_people_history_was_run_with(answer: Answer) -> None:
    assert answer.people.startswith("mean weight on another person ") and ", commitment κ " in answer.people
    said = f"Motives of persons, by the scenario and the model's defaults: {answer.people}."
    assert said in printed(answer) and said in words(report.page(answer))
    without = replace(answer, people="")
    assert "Motives of persons" not in printed(without) and "Motives of persons" not in words(report.page(without))


def test_brackets_and_tags_in_a_users_words_are_printed_as_they_stand(answer: Answer) -> None:
    odd = "[/red] [see appendix] <script>alert(1)</script> :warning: $x$ é"
    asked = replace(answer.question, title=odd, words=odd, source=odd)
    levers = [replace(lever, label=odd) for lever in answer.levers]
    strange = replace(answer, question=asked, scenario_title=odd, levers=levers, best=[])
    out = io.StringIO()
    Console(file=out, width=400, emoji=False).print(terminal(strange, "page.html"))
    assert out.getvalue().count(odd) >= 4 + len(levers)
    html_page = report.page(strange)
    assert "<script>alert" not in html_page and html_page.count("[see appendix] &lt;script&gt;") > len(levers)
    assert odd in Page(html_page).words


def test_the_figures_of_an_answer_show_its_data(answer: Answer) -> None:
    (axes,) = answer_figures.survival(answer, True).axes
    stood, start, end = answer.standing, answer.first_year, answer.question.horizon
    steps = [*zip(stood.times, stood.share, strict=True), (end, stood.share[-1])]
    assert axes.lines[0].get_xydata().tolist() == [[start + time, share] for time, share in steps]
    for axes, name in zip(
        answer_figures.course(answer, True).axes, dict.fromkeys(c.observable for c in answer.courses), strict=False
    ):
        courses = [c for c in answer.courses if c.observable == name]
        assert len(axes.lines) == len(courses)
        for line, c in zip(axes.lines, courses, strict=True):
            first = answer.question.test.year - 1 if c.run == TESTED else 0
            known = [(x, y) for x, y in zip(c.years[first:], c.mean[first:], strict=True) if y is not None]
            assert line.get_xydata().tolist() == [list(point) for point in known]


def test_the_figure_of_changes_shows_every_interval(answer: Answer) -> None:
    panels = answer_figures.changes(answer, True).axes
    levers = [lever for _, group in grouped(answer) for lever in group]
    shown = [
        [answer.success, *(lever.success for lever in levers)],
        [lever.years for lever in levers],
        [lever.sufficiency for lever in levers if tells(lever.sufficiency)],
        [lever.necessity for lever in levers if tells(lever.necessity)],
    ]
    for axes, intervals in zip(panels, shown, strict=True):
        assert intervals
        drawn = [(low, high) for low, _, high, _ in segments(axes, 1.6)]
        assert drawn == rounded((interval.low, interval.high) for interval in intervals)
        marks = [line for line in axes.lines if line.get_marker() not in ("None", "")]
        assert rounded(line.get_xdata() for line in marks) == rounded([interval.estimate] for interval in intervals)
