"""Panels: sorted, exactly aligned, frozen, and honest about every changed cell."""

import numpy as np
import pytest
from support import CN, MAINLAND, refused, small_panel

from zhiyu.data import panel as panels
from zhiyu.data.panel import Change, Mark

X = np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]])


def test_rows_and_columns_are_sorted_with_their_values() -> None:
    panel = panels.build({"x": X}, ["310000", "110000"], [2021, 2019, 2020], CN)
    assert panel.codes == ("110000", "310000")
    assert panel.years == (2019, 2020, 2021)
    assert np.array_equal(panel.values("x"), [[5.0, 6.0, 4.0], [2.0, np.nan, 1.0]], equal_nan=True)
    assert panel.marks["x"].values.tolist() == [[1, 1, 1], [1, 0, 1]]
    assert panel.regions.codes == panel.codes


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="conflicting sizes"):
        panels.build({"x": X}, ["110000"], [2019, 2020, 2021], MAINLAND)
    for short in (X[:, :2], X[:1], X[:, :1], X[0]):
        with pytest.raises((ValueError, IndexError)):
            small_panel({"x": X}).with_values("x", short, Mark.ADJUSTED, "short")


def test_variables_align_exactly() -> None:
    panel = small_panel({"x": X, "y": 10 * X})
    assert panel.data["x"].coords.equals(panel.data["y"].coords)
    assert np.array_equal(panel.compute("y / x"), np.where(np.isnan(X), np.nan, 10.0), equal_nan=True)


def test_every_change_is_recorded_and_marked() -> None:
    panel = small_panel({"x": X})
    new = np.array([[1.0, 7.0, 3.0], [np.nan, 5.0, 6.0]])
    changed = panel.with_values("x", new, Mark.ADJUSTED, "by hand")
    assert np.array_equal(changed.values("x"), new, equal_nan=True)
    assert changed.marks["x"].values.tolist() == [[1, 4, 4], [0, 1, 1]]
    assert [(c.region, c.year, c.after, c.rule) for c in changed.changes if c.after == c.after] == [
        ("110000", 2016, 7.0, "by hand"),
        ("110000", 2017, 3.0, "by hand"),
    ]
    assert len(changed.changes) == 3
    assert changed.changes[0] == Change("x", "110000", 2016, 2.0, 7.0, "by hand")
    assert np.isnan(changed.changes[1].before)
    assert panel.changes == ()
    assert np.array_equal(panel.values("x"), X, equal_nan=True)


def test_values_that_stay_are_no_change() -> None:
    panel = small_panel({"x": X})
    same = panel.with_values("x", X.copy(), Mark.ADJUSTED, "nothing")
    assert same.changes == ()
    assert same.marks.identical(panel.marks)


def test_changes_add_up_over_repairs() -> None:
    panel = small_panel({"x": X, "y": X})
    panel = panel.with_values("x", X + 1, Mark.ADJUSTED, "one").with_values("y", X * 2, Mark.ADJUSTED, "two")
    assert [change.rule for change in panel.changes] == ["one"] * 5 + ["two"] * 5


def test_nobody_changes_a_panel_from_outside() -> None:
    given = X.copy()
    panel = small_panel({"x": given})
    given[:] = -1.0
    panel.values("x")[:] = -2.0
    replaced = X + 1
    changed = panel.with_values("x", replaced, Mark.ADJUSTED, "rule")
    replaced[:] = -3.0
    assert np.array_equal(panel.values("x"), X, equal_nan=True)
    assert np.array_equal(changed.values("x"), X + 1, equal_nan=True)


def test_cut_keeps_both_ends() -> None:
    panel = small_panel({"x": X}).cut((2016, 2017))
    assert panel.years == (2016, 2017)
    assert panel.marks["x"].values.tolist() == [[1, 0], [1, 1]]


@pytest.mark.parametrize("span", [(2001, 2003), (2030, 2031), (2017, 2015), (2014, 2016), (2016, 2018)])
def test_cut_refuses_years_the_data_do_not_reach(span: tuple[int, int]) -> None:
    with refused("years_not_in_data") as caught:
        small_panel({"x": X}).cut(span)
    assert caught.says("2015-2017")


def test_a_share_outside_its_bounds_enters_no_formula() -> None:
    panel = small_panel({"x": [[0.2, 1.2]], "y": [[1.0, 2.0]]}, units={"x": "share"})
    with refused("share_outside") as caught:
        panel.compute("x * y")
    assert caught.says("1.2", "2016", "Beijing")
    assert panel.compute("y").tolist() == [[1.0, 2.0]]
