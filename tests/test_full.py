"""`ask --full`: every kind of question, each kept, resumed where it was stopped, and laid out in full."""

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from fabricate import COMMUNE_TOML
from html_page import Page
from marks import band, bars, course, points, rounded, segments
from rich.console import Console

from bestowal.drawing.svg import MARKERS
from bestowal.questions import outcomes
from bestowal.questions.answer import Answer
from bestowal.questions.ask import ask, question
from bestowal.questions.full import in_full
from bestowal.questions.kind import Full
from bestowal.questions.kinds.divergence import figure as divergence_figure
from bestowal.questions.kinds.divergence.compute import Who
from bestowal.questions.kinds.last_year import figure as last_year_figure
from bestowal.questions.kinds.last_year.compute import LastYear
from bestowal.questions.kinds.over_the_prior import figure as over_the_prior_figure
from bestowal.questions.kinds.over_the_prior.compute import Uncertain
from bestowal.questions.kinds.sensitivity import compute as sensitivity
from bestowal.questions.kinds.sensitivity import figure as sensitivity_figure
from bestowal.questions.kinds.sensitivity.result import Sensitivity
from bestowal.questions.kinds.shapley import figure as shapley_figure
from bestowal.questions.kinds.shapley.compute import Blame
from bestowal.questions.kinds.smallest import compute as search
from bestowal.questions.kinds.smallest import figure as smallest_figure
from bestowal.questions.kinds.smallest.result import Smallest
from bestowal.questions.kinds.survival import figure as survival_figure
from bestowal.questions.kinds.survival.compute import Standing
from bestowal.questions.question import TESTED
from bestowal.report import answer_page as report
from bestowal.report import answer_sentences as sentences
from bestowal.report.answer_text import terminal
from bestowal.report.kinds import sections
from bestowal.simulation.scenario import Scenario
from bestowal.statistics.intervals import Interval

pytestmark = pytest.mark.society

WORLDS = 32


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A question file and a store."""
    folder = tmp_path_factory.mktemp("full")
    file = folder / "small.toml"
    file.write_text(COMMUNE_TOML)
    return file, folder / "store"


@pytest.fixture(scope="module", autouse=True)
def few_parameters() -> object:
    """Sensitivity to all parameters would take most of the time, and is tested in its own place."""
    every = sensitivity.varied
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sensitivity, "varied", lambda base, change: every(base, change)[:4])
        yield


def asked_in_full(file: Path, store: Path) -> tuple[Answer, Scenario, Full]:
    answer, base = ask(file, store=store), question(file)[1]
    return answer, base, in_full(answer, base, store=store, worlds=WORLDS)


@pytest.fixture(scope="module")
def whole(small: tuple[Path, Path], few_parameters: object) -> tuple[Answer, Scenario, Full]:
    return asked_in_full(*small)


def test_everything_is_asked(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    assert full.why_not == {}
    (least,), (who,), (sensitive,) = full.every(Smallest), full.every(Who), full.every(Sensitivity)
    (stood,), (uncertain,) = full.every(Standing), full.every(Uncertain)
    assert least.answer is not None and least.worlds == WORLDS
    assert full.changes[0].together == list(least.answer.sizes) or full.changes[0].name in answer.keys
    assert [curve.name for curve in full.every(LastYear)] == [change.name for change in full.changes]
    assert [blame.of for blame in full.every(Blame)] == ["success", "years"]
    assert who.first is not None
    assert len(sensitive.screens[0].parameters) == 4
    assert {run.run for run in stood.runs} == set(answer.keys)
    assert [run.run for run in uncertain.runs] == [TESTED, *(change.name for change in full.changes)]
    assert (uncertain.draws, uncertain.worlds) == (96, 16) and len(uncertain.parameters) > 40


def test_the_smallest_change_does_what_it_says(whole: tuple[Answer, Scenario, Full], small: tuple[Path, Path]) -> None:
    from bestowal.questions.dose import distance, scales, sized
    from bestowal.questions.outcomes import Evaluator
    from bestowal.questions.question import tested
    from bestowal.uncertainty.prior import prior

    answer, base, full = whole
    least = full.first(Smallest)
    assert least is not None and least.answer is not None
    best = least.answer
    levers = {lever.name: lever for lever in answer.question.levers}
    scale = scales(base.model, prior(base.model))
    changed, far = base, 0.0
    for name, size in best.sizes.items():
        changed = sized(changed, levers[name], size, scale)
        far += size * distance(base, levers[name], scale)
    history = tested(base, answer.question)
    fresh = Evaluator(answer.question, store=small[1]).judge(
        [history, tested(changed, answer.question)], range(WORLDS, 2 * WORLDS)
    )
    saved = fresh[1].success[~fresh[0].success]
    assert best.sufficiency.estimate == saved.mean() >= answer.question.target
    assert best.distance == pytest.approx(far)


def test_asked_again_nothing_is_run(
    whole: tuple[Answer, Scenario, Full], small: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, base, full = whole
    for name in ("simulate", "branch"):
        monkeypatch.setattr(outcomes, name, None)
    monkeypatch.setattr(search, "smallest", None)
    assert in_full(answer, base, store=small[1], worlds=WORLDS) == full


def test_it_says_that_no_measured_people_are_like_the_communes(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    said = "no measured people look like this (giver_share = 0.15: 0 effective draws of 1000, 50 needed)"
    uncertain = full.first(Uncertain)
    assert uncertain is not None and uncertain.people.startswith(said) and uncertain.calibrated == []
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(terminal(answer, "here.html", full))
    assert said in " ".join(console.export_text().split())


def test_where_the_file_writes_every_parameter_none_is_varied_and_all_else_is_asked(
    whole: tuple[Answer, Scenario, Full], small: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, base, full = whole
    monkeypatch.setattr(sensitivity, "varied", lambda base, change: [])
    found = in_full(answer, base, store=small[1], worlds=WORLDS)
    assert found.first(Sensitivity) is None and found.first(Uncertain) == full.first(Uncertain)
    (section,) = (section for section in sections(answer, found) if section.name == "sensitivity")
    assert section.says == [found.why_not["sensitivity"]] and "none is left to vary" in section.says[0]


def test_what_was_damaged_is_worked_out_again(whole: tuple[Answer, Scenario, Full], small: tuple[Path, Path]) -> None:
    answer, base, full = whole
    kept = sorted((Path(answer.folder) / "full").glob("*.json"))
    assert len(kept) == 6 + len(full.changes) + 1
    for file in kept:
        text = file.read_text(encoding="utf-8")
        assert "0." in text
        file.write_text(text.replace("0.", "1.", 1), encoding="utf-8")
    assert in_full(answer, base, store=small[1], worlds=WORLDS) == full
    kept[0].write_text("{", encoding="utf-8")
    assert in_full(answer, base, store=small[1], worlds=WORLDS) == full


def test_stopped_anywhere_it_goes_on_to_the_same_answer(
    whole: tuple[Answer, Scenario, Full], small: tuple[Path, Path], tmp_path: Path
) -> None:
    answer, base = ask(small[0], store=tmp_path), question(small[0])[1]
    stops = 0
    before = 0
    for _ in range(200):
        at = 0

        def stop(done: int, total: int, kind: str) -> None:
            nonlocal at
            at = done
            if done >= 40:
                raise KeyboardInterrupt

        try:
            found = in_full(answer, base, store=tmp_path, worlds=WORLDS, progress=stop)
            break
        except KeyboardInterrupt:
            stops += 1
            before += at
    assert stops >= 5
    assert found == whole[2]


def test_what_succeeds_has_nothing_to_save(small: tuple[Path, Path], tmp_path: Path) -> None:
    file = tmp_path / "well.toml"
    file.write_text(COMMUNE_TOML.replace('"standing >= 0.5"', '"standing >= 0"').replace('against = "kibbutz"\n', ""))
    answer, _, full = asked_in_full(file, tmp_path / "store")
    assert "nothing to save" in sentences.success_sentence(answer)
    assert full.first(Smallest) is None and full.every(LastYear) == [] and full.every(Blame) == []
    assert "nothing to save" in full.why_not["smallest"] and "against" in full.why_not["shapley"]
    told = {section.name: section for section in sections(answer, full)}
    assert told["smallest"].says == [full.why_not["smallest"]] and told["shapley"].says == [full.why_not["shapley"]]


def test_page_and_terminal_say_the_same(whole: tuple[Answer, Scenario, Full], tmp_path: Path) -> None:
    answer, _, full = whole
    page = report.save(replace(answer, command="again"), tmp_path / "page.html", full)
    read = Page(page.read_text(encoding="utf-8"))
    assert read.open == [] and len(read.ids) == len(set(read.ids))
    assert all(address.startswith("#") for address in read.fetched)
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(terminal(answer, page, full))
    printed = " ".join(console.export_text().split())
    for width in (40, 80):
        narrow = Console(width=width, record=True, file=io.StringIO())
        narrow.print(terminal(answer, page, full))
        words = set(narrow.export_text().split())
        for table in (table for section in sections(answer, full) for table in section.tables):
            numbers = {word for row in table.rows for cell in row[table.words :] for word in cell.split()}
            assert numbers <= words and "…" not in "".join(words)
    text = " ".join(read.words.split())
    told = sections(answer, full)
    assert [section.name for section in told] == [name for name in read.ids if name in {s.name for s in told}]
    for section in told:
        assert section.figure and section.shows and section.caption
        for sentence in (section.title, *section.says, *section.small):
            assert " ".join(sentence.split()) in text, sentence
            assert " ".join(sentence.split()) in printed, sentence
        assert " ".join(section.caption.split()) in text
        for table in section.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
            for row in table.rows:
                for line in "\n".join(row).split("\n"):
                    assert " ".join(line.split()) in text, line
        for sentence in section.short:
            assert text.count(" ".join(sentence.split())) == 2  # in short, and in its place


def test_every_figure_is_drawn_for_both_screens(whole: tuple[Answer, Scenario, Full]) -> None:
    from bestowal.report.kinds import draw

    answer, _, full = whole
    figures = draw(answer, full)
    assert set(figures) == {section.figure for section in sections(answer, full)}
    for drawn in figures.values():
        assert set(drawn) == {"wide", "narrow"} and all(
            "<svg" in svg and "#111112" not in svg for svg in drawn.values()
        )
    assert figures == draw(answer, full)


def within(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None and interval.high is not None
    return interval.low, interval.high


def test_the_figure_of_the_smallest_change_shows_its_data(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    found = full.first(Smallest)
    assert found is not None and found.answer is not None
    (axes,) = smallest_figure.draw(answer, full, full.every(Smallest), True).axes
    sizes = [change.sizes for change in found.frontier]
    apart = [change for change in found.minimal if change.sizes not in sizes]
    sufficient = [found.answer.sizes, *(change.sizes for change in found.minimal if change.held_up)]
    enough = [change for change in found.frontier if change.sizes in sufficient]
    others = [change for change in found.frontier if change.sizes not in sufficient]
    assert enough or others
    assert points(axes, "D", True) == rounded((c.distance, c.success.estimate) for c in enough)
    assert points(axes, "o") == rounded((c.distance, c.success.estimate) for c in others)
    assert points(axes, "D", False) == rounded((c.distance, c.success.estimate) for c in apart)
    intervals = [(c.distance, within(c.success)) for c in (*found.frontier, *apart)]
    assert segments(axes, 1.4) == rounded((x, low, x, high) for x, (low, high) in intervals)


def test_the_figure_of_the_last_year_shows_its_data(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    drawn = last_year_figure.draw(answer, full, full.every(LastYear), True).axes
    for axes, curve in zip(drawn, full.every(LastYear), strict=True):
        start = answer.first_year
        years = [(start + y.year, y.sufficiency) for y in curve.years]
        joined = years[1:] if curve.left_out else years
        assert points(axes, "o") == rounded((x, share.estimate) for x, share in years)
        corners = {(float(x), round(limit, 9)) for x, share in joined for limit in within(share)}
        assert corners <= band(axes, 0)
        if curve.last is not None:
            assert (start + curve.last, 0.0, start + curve.last, 1.0) in segments(axes)
    assert [axes.get_title().startswith("Sufficiency of") for axes in drawn] == [True] * len(full.every(LastYear))


def test_the_figure_of_shares_shows_its_data(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    for axes, blame in zip(
        shapley_figure.draw(answer, full, full.every(Blame), True).axes, full.every(Blame), strict=True
    ):
        rows = [*((share.player, share.share) for share in blame.shares), ("all together", blame.gap)]
        assert [label.get_text() for label in axes.get_yticklabels()] == [name for name, _ in rows]
        bars_drawn = [(low, y, high, y) for y, (_, share) in enumerate(rows) for low, high in [within(share)]]
        assert segments(axes, 2.0) == rounded(bars_drawn)
        for marker, name in ((">", "first"), ("<", "last")):
            alone = [(getattr(share, name), y) for y, share in enumerate(blame.shares)]
            expected = [(value.estimate, y + 0.28) for value, y in alone if value is not None]
            assert points(axes, marker, False) == rounded(expected)
        filled = [p for marker in {*MARKERS.values(), "o", "|"} for p in points(axes, marker, True)]
        assert rounded(filled) == rounded((share.estimate, y) for y, (_, share) in enumerate(rows))


def test_the_figure_of_persons_shows_its_data(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    found = full.first(Who)
    assert found is not None
    lines, columns = divergence_figure.draw(answer, full, full.every(Who), True).axes
    start = answer.first_year
    for k, name in enumerate(("at_work_a", "at_work_b", "differing")):
        assert course(lines, k) == rounded((start + y.year, getattr(y, name)) for y in found.by_year)
    names = sorted((name for name, count in found.by_channel.items() if count), key=lambda n: -found.by_channel[n])[:5]
    expected = []
    for year in found.by_year:
        bottom = 0.0
        for name in names:
            expected += [(start + year.year, bottom, year.channels[name])] if year.channels.get(name) else []
            bottom += year.channels.get(name, 0)
    assert expected
    assert bars(columns) == rounded(expected)
    assert [text.get_text() for text in columns.get_legend().get_texts()] == names


def test_the_figure_of_survival_shows_its_data(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    (axes,) = survival_figure.draw(answer, full, full.every(Standing), True).axes
    labels = {lever.name: lever.label for lever in answer.levers}
    shown = [TESTED, *(change.name for change in full.changes if change.name in labels)]
    (stood,) = full.every(Standing)
    runs = {run.run: run.curve for run in stood.runs}
    end = answer.question.horizon
    lines = [line for line in axes.lines if len(line.get_xydata()) > 1]
    for line, name in zip(lines, shown, strict=True):
        curve = runs[name]
        steps = [*zip(curve.times, curve.share, strict=True), (end, curve.share[-1])]
        assert line.get_xydata().tolist() == [[answer.first_year + time, share] for time, share in steps]
        assert line.get_drawstyle() == "steps-post"
        assert line.get_label() == labels.get(name, "The scenario with the test")


def test_the_figure_of_sensitivity_shows_its_data(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    (sensitive,) = full.every(Sensitivity)
    screen = next(screen for screen in sensitive.screens if screen.of == "effect")
    (axes,) = sensitivity_figure.draw(answer, full, full.every(Sensitivity), True).axes
    rows = [*screen.parameters[:10], screen.dummy]
    assert [label.get_text() for label in axes.get_yticklabels()] == [row.name for row in rows]
    assert points(axes, "o", True) == rounded((row.mu_star.estimate, y) for y, row in enumerate(rows))
    assert points(axes, "o", False) == rounded((row.noise, y) for y, row in enumerate(rows))
    intervals = [(low, y, high, y) for y, row in enumerate(rows) for low, high in [within(row.mu_star)]]
    assert segments(axes) == rounded(intervals)


def test_the_figure_over_the_prior_shows_its_data(whole: tuple[Answer, Scenario, Full]) -> None:
    answer, _, full = whole
    (axes,) = over_the_prior_figure.draw(answer, full, full.every(Uncertain), True).axes
    (uncertain,) = full.every(Uncertain)
    runs = uncertain.runs
    for y, (run, bubbles) in enumerate(zip(runs, axes.collections, strict=True)):
        places, sizes = bubbles.get_offsets(), bubbles.get_sizes()
        areas = {round(float(x), 9): area for (x, _), area in zip(places, sizes, strict=True)}
        assert {at for _, at in places} == {y}
        expected = {round(value, 9): 320 * count / uncertain.draws for value, count in Counter(run.each).items()}
        assert areas == pytest.approx(expected)
    assert points(axes, "D") == rounded((run.success.estimate, y) for y, run in enumerate(runs))
    assert segments(axes, 5.0) == rounded((run.low, y, run.high, y) for y, run in enumerate(runs))
    intervals = [(low, y, high, y) for y, run in enumerate(runs) for low, high in [within(run.success)]]
    assert segments(axes, 1.6) == rounded(intervals)
