"""Scenarios: what a file may say, what is refused and in which words, and what the key is a digest of."""

import hashlib
import importlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, model_validator

from bestowal import scenario as read
from bestowal.core.errors import BestowalError
from bestowal.core.version import NUMERICS
from bestowal.models import registry as models
from bestowal.models.registry import STRICT, Model, Observable, param
from bestowal.simulation.scenario import Change, Scenario, key, rows
from bestowal.simulation.scenario_file import scenarios, to_toml

SCENARIO, FILE, VALUES = (
    importlib.import_module(f"bestowal.simulation.{name}") for name in ("scenario", "scenario_file", "values")
)


class Params(BaseModel):
    model_config = STRICT

    people: int = param(5, "people", unit="persons", low=1, high=100, group="size")
    places: int = param(100, "places", unit="persons", low=1, high=1000, group="size")
    drift: float = param(0.1, "mean\nmove", unit="m/year", low=-2, high=2, symbol="δ", source="a paper", group="move")
    spread: float = param(1, "width", unit="m/year", low=0, high=1e9, group="move")

    @model_validator(mode="after")
    def fits(self) -> "Params":
        if self.people > self.places:
            raise ValueError("people: no more than places")
        return self


TOY = Model("toy", "A toy", Params, (Observable("x", "1", "x", 0, 1),), "toy.kernels")


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy model is the only one that scenarios know, with code of a digest of its own.

    Only `bestowal.scenario` sees it: a module imported during a test would keep a `load` that was set for the test.
    """

    def load(name: str) -> Model:
        if name != "toy":
            raise BestowalError(f"there is no model {name!r}")
        return TOY

    for module in (SCENARIO, FILE, VALUES):
        monkeypatch.setattr(module, "models", SimpleNamespace(**{**vars(models), "load": load}))
    monkeypatch.setattr(SCENARIO, "of_model", lambda model: "code")


def walk(**changed: Any) -> Scenario:
    return replace(Scenario("walk", "A walk", "", "toy", Params(), 50), **changed)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "mine.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


BARE = 'model = "toy"\nyears = 50\n'

# --------------------------------------------------------------------------------------------------------- what is read


def test_a_bare_file_is_filled_with_defaults(file: Callable[..., Path]) -> None:
    found = read(file(BARE))
    assert found == Scenario("mine", "mine", "", "toy", Params(), 50, (), 0, 1)
    assert read(str(file(BARE))) == found


def test_a_full_file_is_read_as_it_stands(file: Callable[..., Path]) -> None:
    found = read(
        file(
            'title = "T"\nabout = "A"\nmodel = "toy"\nyears = 30\nfirst_year = 1917\nseed = 7\n'
            "[values]\ndrift = 1\npeople = 3\n"
            "[[changes]]\nyear = 20\nvalues.drift = 0.5\n[[changes]]\nyear = 25\nvalues = {people = 4, drift = 2}\n"
        )
    )
    assert (found.title, found.about, found.years, found.first_year, found.seed) == ("T", "A", 30, 1917, 7)
    assert found.values == Params(drift=1.0, people=3)
    assert found.changes == (Change(20, {"drift": 0.5}), Change(25, {"people": 4, "drift": 2.0}))
    assert type(found.changes[1].values["drift"]) is float


def test_a_file_extends_another_beside_it_and_says_only_what_differs(file: Callable[..., Path]) -> None:
    file(
        BARE + "seed = 3\nfirst_year = 1900\n[values]\ndrift = 0.5\npeople = 9\n[[changes]]\nyear=5\nvalues.drift=1",
        "a.toml",
    )
    child = read(file('extends = "a.toml"\n[values]\npeople = 2\n[[changes]]\nyear = 5\nvalues.drift = 0\n'))
    assert (child.name, child.title, child.years, child.seed, child.first_year) == ("mine", "mine", 50, 3, 1900)
    assert child.values == Params(drift=0.5, people=2)
    assert rows(child).drift.tolist() == [0.5] * 5 + [0.0] * 45  # its own changes come after those it extends
    short = read(file('extends = "a.toml"\nyears = 4\n'))
    assert (short.years, short.changes) == (4, ())


def test_another_first_year_would_move_the_changes_of_what_is_extended(file: Callable[..., Path]) -> None:
    file(BARE + "first_year = 1910\n[[changes]]\nyear = 30\nvalues.drift = 1\n", "a.toml")
    file(BARE + "first_year = 1910\n", "b.toml")
    with pytest.raises(BestowalError) as refused:
        read(file('extends = "a.toml"\nfirst_year = 1900\n'))
    assert str(refused.value).endswith(
        "mine.toml: first_year = 1900: what it extends, a, has changes, whose years are steps from 1910: its change of "
        "1940 would fall in 1930; leave first_year out, or write the changes anew without extends"
    )
    assert read(file('extends = "a.toml"\nfirst_year = 1910\n')).changes == (Change(30, {"drift": 1.0}),)
    assert read(file('extends = "b.toml"\nfirst_year = 1900\n')).first_year == 1900


def test_a_file_may_name_its_scenario(file: Callable[..., Path]) -> None:
    assert read(file(BARE + 'name = "another"\n')).name == "another"
    file(BARE + 'name = "another"\n', "above.toml")
    assert read(file('extends = "above.toml"\n')).name == "mine"  # no child has its parent's


def test_a_file_extends_one_of_the_catalogue(file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = file(BARE + "[values]\ndrift = 0.5\n", "base.toml").parent
    monkeypatch.setattr(FILE, "CATALOGUE", folder)
    assert scenarios() == ["base"]
    (folder / "sub").mkdir()
    assert read(file('extends = "base"\n', "sub/mine.toml")).values == Params(drift=0.5)
    assert read("base").name == "base"


# ------------------------------------------------------------------------------------------------------ what is refused

REFUSED = [
    ("[values]\npeopel = 5", 'mine.toml: [values] peopel: unknown parameter of toy; did you mean "people"?'),
    ("[values]\ndrift = 2.5", "mine.toml: [values] drift = 2.5: must be a number from -2 to 2 (m/year)"),
    ("[values]\nspread = 1.1e9", "[values] spread = 1100000000.0: must be a number from 0 to 1000000000 (m/year)"),
    ("[values]\ndrift = nan", "[values] drift = nan: must be a number from -2 to 2"),
    ("[values]\ndrift = -inf", "[values] drift = -inf: must be a number from -2 to 2"),
    ('[values]\ndrift = "1"', "[values] drift = '1': must be a number"),
    ("[values]\ndrift = true", "[values] drift = true: must be a number"),
    ("[values]\ndrift = [1]", "[values] drift = [1]: must be a number"),
    ("[values]\npeople = 1.5", "[values] people = 1.5: must be an integer from 1 to 100 (persons)"),
    ("[values]\npeople = 2.0", "[values] people = 2.0: must be an integer"),
    ("[values]\npeople = false", "[values] people = false: must be an integer"),
    ("[values]\npeople = 0", "[values] people = 0: must be an integer from 1 to 100"),
    ("[values]\npeople = 50\nplaces = 40", "mine.toml: [values] people: no more than places"),
    ("values = 3", "values: must be a table"),
    ("yeers = 3", 'mine.toml: yeers: unknown key; did you mean "years"?'),
    ("drift = 0.1", "drift: unknown key; a parameter belongs under [values]"),
    ("seed = -1", "seed = -1: must be an integer from 0 to 18446744073709551615"),
    ("seed = 1.0", "seed = 1.0: must be an integer"),
    ("first_year = true", "first_year = true: must be an integer"),
    ("title = 3", "title = 3: must be text"),
    ("changes = 3", "changes: must be tables, [[changes]]"),
    ("[[changes]]\nyear = 50\nvalues.drift = 1", "[[changes]] 1: year = 50: must be an integer from 0 to 49 (the last"),
    ("[[changes]]\nyear = -1\nvalues.drift = 1", "[[changes]] 1: year = -1: must be an integer from 0 to 49"),
    ("[[changes]]\nyear = 1.5\nvalues.drift = 1", "[[changes]] 1: year = 1.5: must be an integer"),
    ("[[changes]]\nvalues.drift = 1", "[[changes]] 1: year: missing"),
    ("[[changes]]\nyear = 3", "[[changes]] 1: names no parameter"),
    ("[[changes]]\nyear = 3\nvalues = 2", "[[changes]] 1: values: must be a table"),
    ("[[changes]]\nyear = 3\ndrift = 2", "[[changes]] 1: drift: unknown key; a change has year and values.NAME"),
    (
        "[[changes]]\nyear = 3\nvalues.drfit = 2",
        '[[changes]] 1: drfit: unknown parameter of toy; did you mean "drift"?',
    ),
    ("[[changes]]\nyear = 3\nvalues.drift = 9", "[[changes]] 1: drift = 9: must be a number from -2 to 2"),
    # One that a later change hides is checked all the same.
    ("[[changes]]\nyear=3\nvalues.drift=9\n[[changes]]\nyear=3\nvalues.drift=1", "[[changes]] 1: drift = 9"),
    ("[[changes]]\nyear = 3\nvalues.places = 4", "from 3: people: no more than places"),
    ('extends = "nowhere.toml"', "extends: there is no file"),
    ('extends = "nowhere"', "extends: there is no scenario 'nowhere'"),
    ('extends = "mine.toml"', "extends: a circle, mine -> mine"),
    ("extends = 3", "extends = 3: must be text"),
]


@pytest.mark.parametrize(("more", "message"), REFUSED, ids=[m for m, _ in REFUSED])
def test_a_file_is_refused_in_one_line(file: Callable[..., Path], more: str, message: str) -> None:
    with pytest.raises(BestowalError) as told:
        read(file(BARE + more))
    assert message in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('model = "toy"', "years: missing"),
        ("years = 3", "model: missing"),
        ('model = "toy"\nyears = 0', "years = 0: must be an integer from 1 to 65536"),
        ('model = "toy"\nyears = "x"', "years = 'x': must be an integer"),
        ('model = "toi"\nyears = 3', "there is no model 'toi'"),
        ("years = = 3", "mine.toml: not TOML: Invalid value (at line 1, column 9)"),
    ],
)
def test_a_file_must_be_whole(file: Callable[..., Path], text: str, message: str) -> None:
    with pytest.raises(BestowalError) as told:
        read(file(text))
    assert message in str(told.value) and "\n" not in str(told.value)


def test_a_file_that_is_not_utf8_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(BARE.encode() + b"# caf\xe9\n")
    with pytest.raises(BestowalError, match=r"latin\.toml: line 3: is not UTF-8"):
        read(tmp_path / "latin.toml")
    for missing in (tmp_path / "none.toml", tmp_path / "none"):
        with pytest.raises(BestowalError, match="there is no file"):
            read(missing)
    with pytest.raises(BestowalError, match=r"is a folder, not a \.toml file"):
        read(tmp_path)


def test_a_circle_through_two_files_is_refused(file: Callable[..., Path]) -> None:
    file('extends = "b.toml"', "a.toml")
    with pytest.raises(BestowalError, match="a circle, a -> b -> a"):
        read(file('extends = "a.toml"', "b.toml").with_name("a.toml"))


def test_an_unknown_name_says_the_nearest_and_that_a_file_needs_its_ending(
    file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = file(BARE, "kibbutz.toml").parent
    monkeypatch.setattr(FILE, "CATALOGUE", folder)
    with pytest.raises(BestowalError, match='did you mean "kibbutz"'):
        read("kibutz")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(FILE, "CATALOGUE", folder / "none")
    with pytest.raises(BestowalError, match=r'say "kibbutz\.toml"'):
        read("kibbutz")


def test_a_scenario_of_another_models_values_is_refused() -> None:
    class Other(BaseModel):
        people: int = 5

    with pytest.raises(BestowalError, match="must be the Params of model 'toy'"):
        walk(values=Other())


# ----------------------------------------------------------------------------------------------------------- variations


def test_but_changes_the_start_or_adds_a_change() -> None:
    assert walk().but(drift=1).values == Params(drift=1.0)
    later = walk().but(from_year=20, drift=1).but(from_year=10, drift=2)
    assert later.changes == (Change(20, {"drift": 1.0}), Change(10, {"drift": 2.0}))
    assert walk().changes == () and walk().values == Params()  # what it was made from is as it was


def test_but_sets_the_clock_too_before_a_change() -> None:
    base = walk(years=9).but(from_year=8, drift=2.0)
    assert base.but(years=5, seed=7) == base.clock(years=5, seed=7)
    assert base.but(first_year=1800, drift=0.25) == base.clock(first_year=1800).but(drift=0.25)
    longer = base.but(20, years=30, drift=0.5)
    assert (longer.years, longer.changes[-1]) == (30, Change(20, {"drift": 0.5}))
    with pytest.raises(BestowalError, match=r"^years = 0\.5: must be an integer"):
        base.but(years=0.5)


def test_a_file_extends_the_defaults_of_a_model(file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FILE.models, "names", lambda: ["toy"])
    defaults = read("toy")
    child = read(file('extends = "toy"\n[values]\ndrift = 0.75\n'))
    assert child.values == defaults.values.model_copy(update={"drift": 0.75})
    assert (child.model, child.years, child.seed) == ("toy", defaults.years, defaults.seed)
    assert key(child) == key(defaults.but(drift=0.75))


def test_but_takes_numpys_numbers() -> None:
    found = walk().but(from_year=np.int64(3), drift=np.float32(0.5), people=np.int16(4))  # type: ignore[arg-type]
    assert found.changes == (Change(3, {"drift": 0.5, "people": 4}),)
    assert [type(v) for v in found.changes[0].values.values()] == [float, int]
    assert read_back(found) == found
    with pytest.raises(BestowalError, match="drift"):
        walk().but(drift=np.array([0.5]))  # type: ignore[arg-type]


def test_a_year_is_the_calendars() -> None:
    here = walk(first_year=10)
    assert here.but(from_year=20, drift=1).changes == (Change(10, {"drift": 1.0}),)
    assert [here.step(10), here.step(59), here.step(np.int64(20))] == [0, 49, 10]  # type: ignore[arg-type]
    for year, hint in ((9, "; did you mean 19 (step 9)?"), (60, ""), (-1, ""), (0, "; did you mean 10 (step 0)?")):
        with pytest.raises(BestowalError) as refused:
            here.but(from_year=year, drift=1)
        assert str(refused.value) == f"from_year = {year}: years run from 10 to 59; {year} is not one{hint}"
    for wrong in (True, 20.0, "20"):
        with pytest.raises(BestowalError, match=r"is not one$"):
            here.step(wrong)  # type: ignore[arg-type]
    with pytest.raises(BestowalError, match=r"years run from 0 to 49; 50 is not one$"):
        walk().step(50)


def test_what_is_wrong_with_a_change_is_said_by_its_year_and_not_by_a_table_nobody_wrote() -> None:
    here = walk(first_year=1910).but(1920, drift=1)
    with pytest.raises(BestowalError, match=r"^from 1930: drift = 9: must be a number from -2 to 2"):
        here.but(1930, drift=9)
    with pytest.raises(BestowalError, match=r"^from 1930: people: no more than places$"):
        here.but(1930, places=4)
    with pytest.raises(BestowalError, match=r"^change 2: year = 50: must be an integer from 0 to 49 \(the last step; "):
        replace(here, changes=(*here.changes, Change(50, {"drift": 1})))


def test_a_files_changes_are_counted_in_that_file_and_its_year_is_told_from_the_calendars(
    file: Callable[..., Path],
) -> None:
    file(BARE + "first_year = 1910\n[[changes]]\nyear = 1\nvalues.drift = 1\n", "above.toml")
    child = 'extends = "above.toml"\n[[changes]]\nyear = 1940\nvalues.drift = 1\n'
    with pytest.raises(BestowalError) as refused:
        read(file(child))
    assert str(refused.value).endswith(
        "mine.toml: [[changes]] 1: year = 1940: must be an integer from 0 to 49 "
        "(the last step; step 0 is 1910, 1940 is step 30)"
    )


def test_clock_keeps_what_is_not_named_and_drops_changes_after_a_shorter_end() -> None:
    long = walk(first_year=1900, seed=4).but(from_year=1930, drift=1)
    assert long.clock(years=30) == walk(first_year=1900, seed=4, years=30)
    assert long.clock(years=31).changes == long.changes
    assert long.clock(seed=9) == replace(long, seed=9)
    assert long.clock(first_year=0) == replace(long, first_year=0)


def test_rows_apply_changes_in_the_order_of_the_list() -> None:
    found = walk(years=6).but(from_year=4, drift=1).but(from_year=2, drift=2, people=7)
    assert rows(found).drift.tolist() == [0.1, 0.1, 2, 2, 2, 2]  # the later in the list has the last word
    assert rows(found).people.tolist() == [5, 5, 7, 7, 7, 7]
    assert rows(walk(years=6).but(from_year=2, drift=2).but(from_year=4, drift=1)).drift.tolist()[3:] == [2, 1, 1]


def test_rows_from_before_a_change_are_as_without_it() -> None:
    assert (rows(walk().but(from_year=20, drift=1))[:20] == rows(walk())[:20]).all()


def test_run_hands_on_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    import bestowal.simulation.store

    given: list[object] = []
    monkeypatch.setattr(
        "bestowal.simulation.store.run",
        lambda s, worlds, *, threads, store, progress, on: given.extend([s, worlds, threads, store, progress, on]),
    )
    walk().run(7, threads=2, store="there", progress=print, on="tcp://x")  # type: ignore[arg-type]
    assert given == [walk(), 7, 2, Path("there"), print, "tcp://x"]
    assert bestowal.simulation.store is not None


# ----------------------------------------------------------------------------------------------------------------- keys


def test_the_key_is_the_digest_of_this_text() -> None:
    text = (
        '{"changes":[[9,{"drift":0.25}]],"code":"code","format":1,"model":"toy","numerics":%d,"seed":3,'
        '"values":{"drift":0.1,"people":5,"places":100,"spread":1.0},"years":50}'
    )
    wanted = hashlib.sha256((text % NUMERICS).encode()).hexdigest()
    assert key(walk(seed=3, name="any").but(from_year=9, drift=0.25)) == wanted


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.but(drift=0.2),
        lambda s: s.but(people=6),
        lambda s: s.but(from_year=49, drift=0.2),
        lambda s: s.but(from_year=9, drift=0.2),
        lambda s: s.clock(years=51),
        lambda s: s.clock(seed=2),
    ],
    ids=["float", "integer", "a change in the last year", "a change", "years", "seed"],
)
def test_the_key_sees(change: Callable[[Scenario], Scenario]) -> None:
    assert key(change(walk())) != key(walk())


def test_the_key_sees_when_a_change_comes() -> None:
    assert key(walk().but(from_year=9, drift=0.2)) != key(walk().but(from_year=10, drift=0.2))


def test_the_key_sees_the_code_and_the_numerics(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(walk())
    with monkeypatch.context() as patch:
        patch.setattr(SCENARIO, "NUMERICS", -1)
        assert key(walk()) != before
    monkeypatch.setattr(SCENARIO, "of_model", lambda model: "other code")
    assert key(walk()) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda s: replace(s, title="B", about="b", name="b"),
        lambda s: s.clock(first_year=1900),
        lambda s: s.but(drift=0.1),
        lambda s: s.but(spread=1),
        lambda s: s.but(from_year=20, drift=0.1),
        lambda s: s.but(from_year=0, spread=1),
    ],
    ids=[
        "name",
        "first year",
        "its own value",
        "an integer for a float",
        "a null change",
        "a null change at the start",
    ],
)
def test_the_key_does_not_see(change: Callable[[Scenario], Scenario]) -> None:
    assert key(change(walk())) == key(walk())


def test_two_ways_to_say_one_thing_have_one_key() -> None:
    one = walk().but(from_year=10, drift=0.5).but(from_year=20, people=7)
    assert key(walk().but(from_year=20, people=7).but(from_year=10, drift=0.5)) == key(one)
    assert key(walk().but(from_year=10, drift=0.5).but(from_year=20, people=7, drift=0.5)) == key(one)
    assert key(walk().but(from_year=0, drift=0.2)) == key(walk().but(drift=0.2))


def test_minus_zero_is_zero_in_key_and_rows() -> None:
    for made in (walk().but(drift=-0.0), walk(values=Params(drift=-0.0)), walk().but(from_year=0, drift=-0.0)):
        assert key(made) == key(walk().but(drift=0.0))
        assert not np.signbit(rows(made).drift).any()


# -------------------------------------------------------------------------------------------------------------- to_toml


def read_back(made: Scenario, full: bool = True) -> Scenario:
    data = tomllib.loads(to_toml(made, full=full))
    return FILE._build(made.name, data, None)  # type: ignore[no-any-return]


def test_full_toml_says_everything_of_every_parameter_once() -> None:
    text = to_toml(walk(first_year=1900).but(from_year=1920, drift=0.5).but(spread=1.0))
    assert "# mean move · m/year, -2 to 2 · δ · a paper\n# drift = 0.1\n" in text  # not stated: a comment
    assert "# width · m/year, 0 to 1000000000\nspread = 1.0\n" in text  # stated, though it is the default
    assert text.count("# -- size --") == text.count("# -- move --") == 1
    assert "[[changes]]\nyear = 20  # 1920\nvalues.drift = 0.5\n" in text


def test_short_toml_says_only_what_is_not_default() -> None:
    text = to_toml(walk().but(people=7), full=False)
    assert set(tomllib.loads(text)["values"]) == {"people"} and "meaning" not in text
    assert read_back(walk().but(people=7), full=False) == walk().but(people=7)


def test_what_a_file_writes_is_stated_and_is_no_part_of_what_the_scenario_amounts_to(tmp_path: Path) -> None:
    """A line equal to the default is stated, along `extends` and with `but`; equality and key don't know of it."""
    (tmp_path / "a.toml").write_text('model = "toy"\nyears = 9\n[values]\ndrift = 0.1\n')
    more = "[values]\npeople = 3\n[[changes]]\nyear = 2\nvalues.spread = 2.0\n"
    (tmp_path / "b.toml").write_text(f'extends = "./a.toml"\n{more}')
    a, b = (FILE.scenario(tmp_path / f"{name}.toml") for name in "ab")
    assert a.stated == {"drift"} and b.stated == {"drift", "people"}  # a change is not from the start
    plain = walk(years=9)
    assert plain.stated == set() and plain.but(spread=1.0).stated == {"spread"}
    assert plain.but(from_year=3, spread=2.0).stated == set() and b.clock(years=4, seed=2).stated == b.stated
    assert plain == plain.but(spread=1.0) and key(plain) == key(plain.but(spread=1.0))
    made = replace(plain, values=b.values)
    assert made.stated == {"people"}  # however it was made, what isn't the default is stated
    for full in (True, False):
        assert read_back(a, full).stated == a.stated


NUMBERS = {"drift": st.floats(-2, 2), "spread": st.floats(0, 1e9), "people": st.integers(1, 100)}


@settings(max_examples=60, deadline=None)
@given(
    title=st.text(st.characters(exclude_categories=["Cs"])),
    about=st.text(st.characters(exclude_categories=["Cs"])),
    values=st.fixed_dictionaries({}, optional=NUMBERS),
    changes=st.lists(
        st.builds(Change, st.integers(0, 49), st.fixed_dictionaries({}, optional=NUMBERS).filter(bool)), max_size=4
    ),
    seed=st.integers(0, 2**64 - 1),
    first_year=st.integers(-5000, 5000),
    full=st.booleans(),
)
def test_what_is_written_reads_back_the_same(
    title: str,
    about: str,
    values: dict[str, float],
    changes: list[Change],
    seed: int,
    first_year: int,
    full: bool,
) -> None:
    made = walk(title=title, about=about, seed=seed, first_year=first_year, changes=tuple(changes)).but(**values)
    back = read_back(made, full)
    assert key(back) == key(made)
    assert rows(back).tobytes() == rows(made).tobytes()
    assert back == made
    json.dumps([dict(c.values) for c in back.changes])  # plain numbers


def test_equal_scenarios_have_one_hash_with_changes_too() -> None:
    changed = walk().but(from_year=3, drift=0.5)
    assert len({walk(), walk(), changed, walk().but(from_year=3, drift=0.5)}) == 2
    assert hash(changed) == hash(replace(changed)) and {Change(3, {"drift": 0.5}): 1}[changed.changes[0]] == 1
