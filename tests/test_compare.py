"""Twin worlds compared: paired, exact, and only where both live."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from toy import walk

from bestowal.core.errors import BestowalError
from bestowal.simulation import store
from bestowal.simulation.compare import compare, differences
from bestowal.simulation.scenario import key


def run(values: np.ndarray, name: str = "effort") -> xr.Dataset:
    worlds, years = values.shape
    return xr.Dataset(
        {name: (("world", "year"), values, {"units": "share"})},
        coords={"world": np.arange(worlds), "year": 1900 + np.arange(years)},
        attrs={"scenario": "toy"},
    )


def values(worlds: int = 30, years: int = 8) -> np.ndarray:
    return np.random.default_rng(5).normal(size=(worlds, years))


def test_a_null_change_differs_nowhere() -> None:
    here = values()
    here[4, 3:] = np.nan
    got = differences(run(here), run(here.copy()))
    assert np.isnan(got["first_year"].values).all()
    assert float(got["share_differing"].sel(limit="estimate")) == 0
    assert (got["difference"].values == 0).all()


def test_the_last_digits_of_arithmetic_are_no_difference() -> None:
    here = values(30)
    got = differences(run(here), run(here * (1 + 4e-16)))
    assert (got["difference"].values == 0).all() and (got["high"].values == got["low"].values).all()
    assert got["share_differing"].values[0] == 1, "worlds are compared exactly"
    apart = differences(run(here), run(here * (1 + 1e-9)))
    assert (apart["difference"].values != 0).all()


def test_the_difference_is_second_minus_first_world_by_world() -> None:
    here = values()
    there = here + 0.25
    got = differences(run(here), run(there))
    np.testing.assert_allclose(got["difference"].values, 0.25)
    # The worlds differ by far more than the twins do: only a paired interval can be this narrow.
    np.testing.assert_allclose(got["low"].values, 0.25, atol=1e-9)
    np.testing.assert_allclose(got["high"].values, 0.25, atol=1e-9)
    assert got["unit"].values.tolist() == ["share"]


def test_the_first_year_is_where_a_world_first_differs_by_anything_at_all() -> None:
    here = values()
    there = here.copy()
    there[3, 5] = np.nextafter(there[3, 5], 2)
    there[7, 2:] = np.nan  # nobody lives there any more: that is a difference too
    got = differences(run(here), run(there))
    first = got["first_year"].values
    assert (first[3], first[7]) == (1905, 1902)
    assert np.isnan(np.delete(first, [3, 7])).all()
    assert float(got["share_differing"].sel(limit="estimate")) == pytest.approx(2 / 30)
    assert float(got["share_differing"].sel(limit="low")) < 2 / 30 < float(got["share_differing"].sel(limit="high"))


def test_means_are_over_worlds_where_both_live() -> None:
    here = values()
    there = here + 1
    there[:10, 4] = np.nan
    here[5:12, 4] = np.nan
    got = differences(run(here), run(there)).isel(observable=0, year=4)
    assert int(got["n"]) == 18
    assert float(got["difference"]) == pytest.approx(1)


def test_observables_of_one_run_only_are_left_out() -> None:
    here = values()
    got = differences(run(here), run(here).assign(extra=run(here)["effort"]))
    assert got["observable"].values.tolist() == ["effort"]


def test_other_worlds_are_no_twins() -> None:
    with pytest.raises(BestowalError, match="same worlds"):
        differences(run(values(30)), run(values(29)))


def test_all_that_keeps_two_scenarios_from_being_twins_is_named(toy_models: None) -> None:
    with pytest.raises(BestowalError) as refused:
        compare(walk(), walk(seed=3, years=4))
    named = "not twins: seed is 1 in one and 3 in the other; years is 20 in one and 4 in the other"
    assert str(refused.value).endswith(named)
    with pytest.raises(BestowalError, match=r"^compare: needs a Scenario, such as bestowal\.scenario\('walk'\), not"):
        compare("walk", walk())  # type: ignore[arg-type]


@pytest.mark.parametrize(("what", "value"), [("seed", 2), ("years", 19)])
def test_scenarios_of_other_luck_or_length_are_refused(what: str, value: int, toy_models: None) -> None:
    with pytest.raises(BestowalError, match=f"not twins: {what} is .* in one and {value} in the other"):
        compare(walk(), walk().clock(**{what: value}))


def test_compare_runs_both_and_counts_them_as_one(toy_models: None, tmp_path: Path) -> None:
    store.run(walk(), 64, store=tmp_path)
    chunks = tmp_path / key(walk()) / "worlds.zarr" / "observed" / "c"
    (chunks / "1" / "0" / "0").write_bytes(b"rust")
    seen: list[tuple[float, int]] = []
    got = compare(walk(), walk(drift=0.4), 64, store=tmp_path, progress=lambda *at: seen.append(at))
    np.testing.assert_allclose(got["difference"].sel(observable="place"), 0.3 * np.arange(1, 21))
    assert seen[0] == (64, 128) and seen[-1] == (128, 128) and seen == sorted(seen)
    (said,) = got.attrs["repaired"].splitlines()
    assert said.startswith("worlds 32 to 63 were damaged")
