"""Repairs: answers by hand, marks and changes complete, and what cannot be repaired refused."""

import numpy as np
import pytest
from support import refused, small_panel

from zhiyu.data import repair
from zhiyu.data.panel import Mark, Panel

NAN = np.nan
YEARS = np.array([2015, 2016, 2017, 2018, 2019])


def changed_cells(before: Panel, after: Panel) -> int:
    """How many cells differ, counted apart from the record."""
    return sum(
        int((~np.isclose(before.values(n), after.values(n), rtol=0, atol=0, equal_nan=True)).sum())
        for n in before.names
    )


def test_a_gap_is_a_straight_line() -> None:
    x = np.array([[1.0, NAN, NAN, 7.0, 8.0]])
    assert repair.interpolate_inside(x, YEARS).tolist() == [[1.0, 3.0, 5.0, 7.0, 8.0]]


def test_the_ends_stay_open() -> None:
    x = np.array([[NAN, 2.0, NAN, 4.0, NAN], [NAN, NAN, 3.0, NAN, NAN], [NAN] * 5])
    filled = repair.interpolate_inside(x, YEARS)
    assert np.array_equal(filled, [[NAN, 2, 3, 4, NAN], [NAN, NAN, 3, NAN, NAN], [NAN] * 5], equal_nan=True)


def test_years_of_unequal_distance_weigh_by_time() -> None:
    x = np.array([[0.0, NAN, 10.0]])
    assert repair.interpolate_inside(x, np.array([2010, 2012, 2020])).tolist() == [[0.0, 2.0, 10.0]]


@pytest.mark.parametrize(("longest", "filled"), [(1, 1), (2, 3), (3, 3), (None, 3)])
def test_the_longest_gap(longest: int | None, filled: int) -> None:
    x = np.array([[1.0, NAN, 3.0, NAN, NAN, 6.0]])
    out = repair.interpolate_inside(x, np.arange(2015, 2021), longest)
    assert int(np.isfinite(out).sum()) - 3 == filled


def test_the_longest_gap_counts_years_not_columns() -> None:
    x = np.array([[1.0, NAN, 3.0]])
    assert np.isnan(repair.interpolate_inside(x, np.array([2010, 2012, 2014]), longest=2)[0, 1])
    assert repair.interpolate_inside(x, np.array([2010, 2012, 2014]), longest=3)[0, 1] == 2.0


def test_filled_cells_are_marked_and_recorded() -> None:
    panel = small_panel({"x": [[1.0, NAN, 3.0], [NAN, 1.0, NAN]], "y": [[NAN, 1.0, 2.0], [5.0, NAN, 1.0]]})
    filled = repair.fill_gaps(panel, "linear-inside")
    assert filled.marks["x"].values.tolist() == [[1, 2, 1], [0, 1, 0]]
    assert filled.marks["y"].values.tolist() == [[0, 1, 1], [1, 2, 1]]
    assert [(c.variable, c.region, c.year, c.after) for c in filled.changes] == [
        ("x", "110000", 2016, 2.0),
        ("y", "120000", 2016, 3.0),
    ]
    assert len(filled.changes) == changed_cells(panel, filled)


def test_none_fills_nothing() -> None:
    panel = small_panel({"x": [[1.0, NAN, 3.0]]})
    assert repair.fill_gaps(panel, "none") is panel


def test_unknown_rules_are_refused() -> None:
    with refused("unknown_gap_rule") as caught:
        repair.fill_gaps(small_panel({"x": [[1.0, NAN]]}), "linear-insde")
    assert caught.says("linear-inside")


def test_absent_until() -> None:
    panel = small_panel({"x": [[NAN, NAN, 3.0], [NAN, 2.0, NAN]]})
    out = repair.absent_until(panel, "x", 2016)
    assert np.array_equal(out.values("x"), [[0.0, 0.0, 3.0], [0.0, 2.0, NAN]], equal_nan=True)
    assert out.marks["x"].values.tolist() == [[3, 3, 1], [3, 1, 0]]
    assert len(out.changes) == changed_cells(panel, out) == 3


def deflated(
    price: list[float], base: int, unit: str = "100m yuan2016", years: range | list[int] = range(2015, 2018)
) -> Panel:
    panel = small_panel(
        {"gdp": [[100.0, 110.0, 132.0]], "index": [price]}, years, units={"gdp": "100m yuan", "index": "%"}
    )
    return repair.deflate(panel, "gdp", "index", base, unit)


def test_deflation_by_hand() -> None:
    # prices 2015 = 1, 2016 = 1.1, 2017 = 1.1 * 1.2 = 1.32; at prices of 2016: 1 / 1.1, 1, 1.2
    out = deflated([NAN, 110.0, 120.0], 2016)
    assert np.allclose(out.values("gdp"), [[110.0, 110.0, 110.0]], rtol=1e-14)
    assert out.variables["gdp"].unit == "100m yuan2016"
    assert out.marks["gdp"].values.tolist() == [[4, 1, 4]]
    assert {(c.year, c.rule) for c in out.changes} == {(2015, "deflate:index:2016"), (2017, "deflate:index:2016")}
    first = deflated([NAN, 110.0, 120.0], 2015, "100m yuan2015")
    assert np.allclose(first.values("gdp"), [[100.0, 100.0, 100.0]], rtol=1e-14)
    last = deflated([99.0, 110.0, 120.0], 2017, "100m yuan2017")  # the first year's own index is not read
    assert np.allclose(last.values("gdp"), [[132.0, 132.0, 132.0]], rtol=1e-14)


def test_real_values_no_longer_mix_with_nominal_ones() -> None:
    out = deflated([NAN, 110.0, 120.0], 2016)
    with refused("unit_mismatch"):
        small = out.with_values("index", out.values("index"), Mark.ADJUSTED, "same")
        small.compute("gdp + gdp / index", "100m yuan")


@pytest.mark.parametrize("hole", [NAN, 0.0, -101.0])
def test_a_hole_in_the_price_index_is_refused_not_spread(hole: float) -> None:
    with refused("deflator_missing") as caught:
        deflated([NAN, hole, 120.0], 2015, "100m yuan2015")
    assert caught.says("Beijing", "2016", "index")


def test_a_hole_where_nothing_is_deflated_does_no_harm() -> None:
    panel = small_panel({"gdp": [[100.0, 110.0, NAN]], "index": [[NAN, 110.0, NAN]]})
    out = repair.deflate(panel, "gdp", "index", 2015, "yuan2015")
    assert np.allclose(out.values("gdp"), [[100.0, 100.0, NAN]], equal_nan=True)


def test_a_missing_year_breaks_the_chain() -> None:
    with refused("deflate_gap") as caught:
        deflated([NAN, 110.0, 120.0], 2015, "100m yuan2015", [2015, 2016, 2018])
    assert caught.says("2016", "2018")


@pytest.mark.parametrize("unit", ["10k yuan2016", "100m yuan2015", "yuan2016", "furlong"])
def test_the_real_unit_must_be_the_nominal_one_at_base_prices(unit: str) -> None:
    with refused("unknown_unit" if unit == "furlong" else "deflate_unit"):
        deflated([NAN, 110.0, 120.0], 2016, unit)


def test_a_base_year_the_data_lack_is_refused() -> None:
    with refused("years_not_in_data"):
        deflated([NAN, 110.0, 120.0], 2011, "100m yuan2011")


def test_splice_by_hand() -> None:
    panel = small_panel({"x": [[1.0, 2.0, 30.0, 40.0, 500.0], [NAN, 2.0, 3.0, 4.0, 5.0]]})
    out = repair.splice(panel, "x", {2017: 10.0, 2019: 2.0})
    assert np.array_equal(
        out.values("x"), [[20.0, 40.0, 60.0, 80.0, 500.0], [NAN, 40.0, 6.0, 8.0, 5.0]], equal_nan=True
    )
    assert out.marks["x"].values.tolist() == [[4, 4, 4, 4, 1], [0, 4, 4, 4, 1]]
    assert len(out.changes) == changed_cells(panel, out) == 7


@pytest.mark.parametrize("do", ["absent", "deflate", "splice"])
def test_unknown_variables_are_refused_with_a_hint(do: str) -> None:
    panel = small_panel({"telecom": [[1.0, 2.0]], "index": [[100.0, 100.0]]})
    with refused("unknown_variable") as caught:
        if do == "absent":
            repair.absent_until(panel, "telecon", 2015)
        elif do == "deflate":
            repair.deflate(panel, "telecom", "indx", 2015, "yuan2015")
        else:
            repair.splice(panel, "telecon", {2016: 2.0})
    assert caught.says("Did you mean")
