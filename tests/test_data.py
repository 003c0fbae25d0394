"""The measured data: what is there, what each column is, and numbers against those that the sources' reading states."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import bestowal as bs
from bestowal.calibration.datasets import CATALOGUE, HEAD, head, names, titles
from bestowal.models import registry as model

NAMES = names()


def test_all_that_there_is_is_listed() -> None:
    table = bs.data()
    assert list(table["name"]) == NAMES and list(table["title"]) == list(titles().values())
    assert set(table["grade"]) <= {"A", "B", "C"} and (table["rows"] > 0).all()
    assert {file.stem for file in CATALOGUE.glob("*")} | {"pgg_fg2010"} == set(NAMES)


@pytest.mark.parametrize("name", ["", *NAMES], ids=lambda name: name or "all")
def test_every_table_says_what_it_is_and_every_column_its_unit(name: str) -> None:
    table = bs.data(name or None)
    attrs = table.attrs
    assert all(attrs[key] for key in HEAD)
    for said in (attrs["units"], attrs["meanings"]):
        assert list(said) == list(table.columns) and all(said.values())
    for column, unit in attrs["units"].items():
        numeric = pd.api.types.is_numeric_dtype(table[column])
        assert (unit == "-") == (not numeric), column
        if table[column].dtype == "int64":
            continue
        if numeric:
            assert table[column].dtype in ("float64", "Int64"), column
            assert table[column].dtype != "Int64" or table[column].isna().any(), column
        else:
            assert all(isinstance(cell, str) for cell in table[column]), column
    text = " ".join([str(attrs), table.to_csv()])
    assert not [mark for mark in ("http", "www.", ".com", "github", "commit ", "stored copy") if mark in text.lower()]


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(model.BestowalError, match=r"there is no data 'shaker_membership'; did you mean \"shakers_mem"):
        bs.data("shaker_membership")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# title: T\na\n1\n", "its head says no source"),
        ("{head}# column a: whole | years\na\n1\n", "column a: needs a kind"),
        ("{head}# column a: whole | | age\na\n1\n", "column a: needs a kind"),
        ("{head}# column a: real | years | age\na\n1\n", "column a: needs a kind"),
        ("{head}# column b: whole | years | age\na\n1\n", "its head describes other columns than the table has"),
        ("{head}# column a: whole | years | age\na\nold\n", "column a: not all whole numbers"),
        ("{head}# column a: whole | years | age\na\n1.5\n", "column a: not all whole numbers"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.setattr(sys.modules["bestowal.calibration.datasets"], "CATALOGUE", tmp_path)
    (tmp_path / "x.csv").write_text(text.replace("{head}", "".join(f"# {key}: x\n" for key in HEAD)))
    with pytest.raises(model.BestowalError, match=said):
        bs.data("x")


# ------------------------------------------------------------------ numbers, against those stated where they were read


def test_the_types_of_the_laboratory() -> None:
    table = bs.data("pgg_fg2010_types").set_index("type")
    assert table["count"].sum() == 140
    stated = {"conditional_cooperator": 55.0, "free_rider": 22.9, "hump_shaped": 12.1, "other": 10.0}
    assert (100 * table["share"]).round(1).to_dict() == stated
    np.testing.assert_allclose(table["share"], table["count"] / 140, atol=5e-5)


def test_the_schedules_of_the_laboratory() -> None:
    table = bs.data("pgg_fg2010_conditional_schedule")
    assert list(table["others_average"]) == list(range(21))
    for column, slope in (("conditional_cooperator", 0.74), ("all", 0.42)):
        assert np.polyfit(table["others_average"], table[column], 1)[0] == pytest.approx(slope, abs=0.005)
    shares = bs.data("pgg_fg2010_types").set_index("type")["count"] / 140
    np.testing.assert_allclose(sum(table[kind] * share for kind, share in shares.items()), table["all"], atol=1e-3)


def test_the_periods_of_the_laboratory() -> None:
    table = bs.data("pgg_fg2010_period_means").set_index("period")
    assert list(table.index) == list(range(1, 11)) and set(table["n"]) == {140}
    assert [round(table["mean_contribution"][t], 2) for t in (1, 10)] == [7.89, 2.24]
    assert [round(table["mean_belief_about_others"][t], 2) for t in (1, 10)] == [9.80, 3.32]
    shares = bs.data("pgg_fg2010_types").set_index("type")["count"] / 140
    by_type = sum(table[f"mean_{kind}"] * share for kind, share in shares.items())
    np.testing.assert_allclose(by_type, table["mean_contribution"], atol=1e-3)


def test_the_three_tables_in_one_hold_the_same_numbers() -> None:
    whole = bs.data("pgg_fg2010")
    assert len(whole) == 4 + 21 * 5 + 10 * 9 and not whole["value"].isna().any() and not whole.duplicated().any()
    at = whole.set_index(["table", "quantity", "type", "at"])["value"].sort_index()
    assert at["types", "share", "free_rider"].item() == 0.2286
    assert at["conditional_schedule", "contribution", "conditional_cooperator", 20] == 14.9221
    assert at["period_means", "contribution", "all", 10] == 2.2357
    assert at["period_means", "contribution", "free_rider", 1] == 4.875
    assert at["period_means", "belief_about_others", "all", 1] == 9.8
    units = whole.set_index("quantity")["unit"]
    assert set(units["share_contributing_0"]) == {"share"} and set(units["contribution"]) == {"tokens of 20"}


def test_sixteen_cities() -> None:
    table = bs.data("pgg_herrmann2008_no_punishment").pivot(index="city", columns="period", values="mean_contribution")
    assert table.shape == (16, 10) and not table.isna().any(axis=None)
    assert [round(table[t].mean(), 2) for t in (1, 10)] == [10.58, 4.38]
    assert table.mean(axis=1).std() == pytest.approx(1.93, abs=0.005)
    assert np.corrcoef(table[1], table[10])[0, 1] == pytest.approx(0.11, abs=0.005)


def test_the_hazard_of_communes_and_its_exact_limits() -> None:
    (row,) = bs.data("communes_hazard").to_dict("records")
    assert (row["communes"], row["mean_life"], row["hazard"]) == (33, 2.59, 0.386)
    years = row["communes"] * row["mean_life"]
    assert row["hazard"] == pytest.approx(row["communes"] / years, abs=5e-4)
    n = row["communes"]
    limits = chi2.ppf([0.025, 0.975], [2 * n, 2 * n + 2]) / 2 / years  # of a Poisson count (Garwood 1936)
    assert [row["hazard_low"], row["hazard_high"]] == pytest.approx(
        list(limits), abs=1e-3
    )  # the mean life has three digits


def test_nine_shaker_societies_shrink_and_sixteen_are_there() -> None:
    table = bs.data("shakers_membership")
    assert len(table) == 41 and len(table[["society", "state"]].drop_duplicates()) == 16
    members = table[["members_low", "members_high"]].mean(axis=1)  # the middle; the one where there is one
    by_year = table.assign(members=members).pivot_table(index=["society", "state"], columns="year", values="members")
    both = by_year[[1823, 1874]].dropna()
    assert len(both) == 9
    assert both.sum().round().astype(int).tolist() == [2050, 1294]
    assert (both[1874].sum() / both[1823].sum()) ** (1 / 51) - 1 == pytest.approx(-0.0090, abs=5e-5)
    assert (both[1874] / both[1823]).median() == pytest.approx(0.58, abs=0.0051)


def test_who_stays_with_the_shakers() -> None:
    table = bs.data("shakers_retention").set_index(["society", "of"])
    assert len(table) == 8
    for society, of, relation, value in [
        ("Union Village, OH", "children trained who stay", "<=", 0.1),
        ("Shirley, MA", "children taken in or reared who become members", "<", 0.1),
        ("North Union, OH", "young people brought up who stay", "<", 0.25),
    ]:
        assert table.loc[(society, of), ["relation", "value"]].tolist() == [relation, value]


def test_hutterites_and_amish_grow() -> None:
    table = bs.data("hutterite_amish_population")
    hutterites = table[(table["group"] == "Hutterite") & (table["grade"] == "B")]
    start = hutterites[hutterites["note"].str.contains("in common")]["people"].item()
    end = hutterites[hutterites["year"] == 1990]["people"].item()
    assert (start, end) == (443, 31521)
    assert (end / start) ** (1 / 116) - 1 == pytest.approx(0.037, abs=5e-4)
    amish = table[table["group"] == "Amish"].set_index("year")["people"]
    assert (amish[2000], amish[2025]) == (177910, 404575)
    assert (amish[2025] / amish[2000]) ** (1 / 25) - 1 == pytest.approx(0.033, abs=5e-4)


def test_kibbutzim() -> None:
    table = bs.data("kibbutz_population").set_index("year")
    assert len(table) == 25 and table.index.is_monotonic_increasing
    assert [table["population"][year] for year in (1983, 1990, 2000, 2013)] == [115500, 125100, 115300, 157525]


def test_oneida() -> None:
    table = bs.data("oneida").set_index("year")
    assert table["members"].dropna().to_dict() == {1847: 40, 1869: 277, 1874: 283}
    earned = table["net_earnings"].dropna()
    assert len(earned) == 12 and (earned.iloc[0], earned.iloc[-1]) == (5470.11, 55100.83)


def test_soviet_farming() -> None:
    grain = bs.data("soviet_grain")
    year = grain[grain["first_year"] == grain["last_year"]].set_index("first_year")["western_low"]
    assert [year[y] for y in (1928, 1931, 1932, 1935)] == [63, 56, 56, 75]
    assert round(100 * (year[1931] / year[1928] - 1)) == -11
    plots = bs.data("soviet_private_plots").set_index(["first_year", "item"])["private"]
    assert [plots[1966, item] for item in ("all sown land", "potatoes", "meat", "eggs")] == [3, 64, 40, 66]
    assert plots[1980, "all agriculture"] == 25


def test_facts_of_studies() -> None:
    communes = bs.data("communes_facts").set_index(["study", "quantity"]).sort_index()
    assert communes.loc[("Sosis 2000", "communes in the sample"), "value"].tolist() == [200, 88, 112]
    assert communes.loc[("Sosis 2000", "yearly rate of ending, secular over religious"), "value"].item() == 4
    directions = communes[communes["relation"] == "sign"]["value"]
    assert set(directions) == {-1, 0, 1}
    assert directions["Bader et al. 2006"].item() == 0
    china = bs.data("china_agriculture_facts").set_index(["study", "first_year"]).sort_index()
    grain = china[china["quantity"] == "change of grain output on the year before"]["value"]
    assert grain.tolist() == [-15, -16, 0]
    assert china.loc["Li & Yang 2005", "value"].tolist() == [0.61, 0.8]


@pytest.mark.subprocess
def test_the_heads_are_read_without_pandas() -> None:
    from toy import loaded

    assert "pandas" not in loaded("from bestowal.calibration.datasets import titles\ntitles()")
    assert head(CATALOGUE / "oneida.csv").columns[1].unit == "persons"
