"""Combinations of parameters that a kernel would have to cut to size are refused, with the value and its bound."""

from pathlib import Path

import pytest

from bestowal import scenario as read
from bestowal.core.errors import BestowalError
from bestowal.models import registry as models
from bestowal.models.registry import limited, load, parameters
from bestowal.simulation.scenario import Change, Scenario, defaults

PAIRS = [(name, p) for name in models.names() for p in limited(load(name))]


def test_what_the_society_cuts_to_size_is_limited() -> None:
    assert {(p.name, p.at_most, p.below) for p in limited(load("society"))} == {
        ("n_founded", "n_communities", ""),
        ("n_founders", "n_places", ""),
        ("n_rulers", "n_places", ""),
        ("spared_community", "", "n_communities"),
        ("spared_place", "", "n_places"),
    }


@pytest.mark.parametrize(("name", "p"), PAIRS, ids=lambda of: getattr(of, "name", of))
def test_a_parameter_is_held_against_the_other_one(name: str, p: models.Parameter) -> None:
    base = defaults(name)
    other = next(q for q in parameters(load(name)) if q.name == (p.at_most or p.below))
    most = getattr(base.values, other.name) - (1 if p.below else 0)
    assert getattr(base.but(None, **{p.name: most}).values, p.name) == most
    word = "less" if p.below else "no more"
    with pytest.raises(BestowalError, match=rf"{p.name} = {most + 1}: must be {word} than {other.name} = "):
        base.but(None, **{p.name: most + 1})


@pytest.mark.parametrize("founders", [90, 1000])
def test_founders_beyond_the_places_are_refused_with_file_key_value_and_bound(tmp_path: Path, founders: int) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'extends = "kibbutz"\n[values]\nn_places = 80\nn_founders = {founders}\n')
    with pytest.raises(BestowalError) as refused:
        read(file)
    assert str(refused.value) == f"{file}: [values] n_founders = {founders}: must be no more than n_places = 80"


def test_a_change_that_makes_a_combination_impossible_is_refused_by_its_year() -> None:
    kibbutz = read("kibbutz")
    with pytest.raises(BestowalError, match=r"^from 1950: n_rulers = 101: must be no more than n_places = 100$"):
        kibbutz.but(1950, n_rulers=101)
    with pytest.raises(BestowalError, match=r"^from 1950: n_rulers = 101: must be no more than n_places = 100$"):
        Scenario(name="k", title="", about="", model="society", values=kibbutz.values, years=80, first_year=1920,
                 changes=(Change(30, {"n_rulers": 101}),))  # fmt: skip


def test_a_society_may_take_a_size_of_splitting_that_it_never_reaches() -> None:
    """A community of no more than its places never splits; so the values of another society can be tried in it."""
    assert read("commune").but(None, split_size=150).values.model_dump()["n_places"] == 120


def test_what_is_read_when_a_world_begins_is_held_against_what_others_are_then() -> None:
    # The first belief is drawn once: an endowment that falls later can't cut it.
    game = defaults("fischbacher_gachter_2010")
    assert game.but(5, endowment=9.0, peak=9.0).spans[1][1].model_dump()["first_belief"] == 9.8
    with pytest.raises(BestowalError, match=r"^first_belief = 9.8: must be no more than endowment = 9.0$"):
        game.but(None, endowment=9.0, peak=9.0)
    with pytest.raises(BestowalError, match=r"^from 5: peak = 7.5: must be no more than endowment = 7.0$"):
        game.but(5, endowment=7.0)
