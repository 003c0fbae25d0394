"""The gallery: every model has a small picture, drawn from numbers that a run gives again."""

import sys
from pathlib import Path

import pytest

from bestowal.models.registry import names

sys.path.insert(0, str(Path(__file__).parent.parent / "docs" / "site"))

import gallery


@pytest.mark.parametrize("name", names())
def test_every_model_has_a_picture_of_its_numbers(name: str) -> None:
    table = (gallery.PICTURES / f"{name}.csv").read_text(encoding="utf-8")
    picture = (gallery.PICTURES / f"{name}.svg").read_text(encoding="utf-8")
    assert picture == gallery.draw(name, table), f"old: python docs/site/gallery.py {name}"
    assert len(picture) <= 60_000
    drawn = {line.split(",")[1] for line in table.splitlines()[1:]}
    assert drawn == set(gallery.shown(name).observables)


def test_no_picture_is_of_a_model_that_is_gone() -> None:
    assert {file.stem for file in gallery.PICTURES.iterdir()} == set(names()) >= set(gallery.SHOWN)


def test_a_model_that_says_nothing_of_its_picture_has_its_first_observables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(gallery.SHOWN, "sen_1966")
    assert gallery.shown("sen_1966").observables == ("effort", "solved", "surplus", "spread")
    assert gallery.draw("sen_1966", gallery.data("sen_1966")).count("<polyline") == 4


def test_a_run_gives_the_numbers_of_a_picture_again() -> None:
    assert gallery.data("sen_1966") == (gallery.PICTURES / "sen_1966.csv").read_text(encoding="utf-8")
