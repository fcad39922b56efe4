"""Outlier treatment with answers one can see, and its place in an index."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import recipe, refused, small_panel, tree

from zhiyu.data import regions
from zhiyu.data.panel import build
from zhiyu.measure import measure
from zhiyu.measure.treat import (
    boxcox,
    kurtosis,
    log_shift,
    passes,
    skewness,
    winsorise,
    winsorise_boxcox,
    winsorise_log,
    winsorised,
)

ONE = np.array([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 100])
NAN = float("nan")


def test_skewness_and_kurtosis_of_a_spreadsheet() -> None:
    x = np.array([3.0, 4, 5, 2, 3, 4, 5, 6, 4, 7])  # the example of Excel's help for SKEW and KURT
    assert skewness(x) == pytest.approx(0.359543071, abs=1e-9)
    assert kurtosis(x) == pytest.approx(-0.151799637, abs=1e-9)
    assert skewness(np.append(x, NAN)) == skewness(x)


def test_by_hand() -> None:
    x = np.array([0.0, 0, 0, 4])  # m2 = 3, m3 = 6, m4 = 21
    assert skewness(x) == pytest.approx(math.sqrt(12) / 2 * 6 / 3**1.5)
    assert skewness(x) == pytest.approx(2.0)
    assert kurtosis(x) == pytest.approx(3 / 2 * (5 * (21 / 9 - 3) + 6))
    assert kurtosis(x) == pytest.approx(4.0)
    assert not passes(x)
    assert passes(x, skew=2.1)
    assert passes(x, kurtosis=4.1)


@pytest.mark.parametrize("x", [[], [1.0], [1.0, 2.0], [5.0] * 9, [0.1 + 0.2, 0.3, 0.3, 0.3], [NAN] * 5])
def test_too_little_to_judge_passes(x: list[float]) -> None:
    assert math.isnan(skewness(np.array(x)))
    assert passes(np.array(x))


def test_one_value_stands_out() -> None:
    assert winsorise(ONE).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 8]
    assert winsorise(-ONE).tolist() == [0, -1, -2, -3, -4, -5, -6, -7, -8, -8]
    assert_allclose(winsorise(np.append(ONE, NAN)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, NAN])


def test_until_it_passes_and_no_further() -> None:
    x = np.array([*range(1, 11), 30, 100], dtype=float)  # the example of COINr's help
    assert winsorise(x).tolist() == [*range(1, 11), 30, 30]


def test_equal_values_move_together_and_each_counts() -> None:
    x = np.array([*range(20), 500, 500], dtype=float)
    assert not passes(x)
    assert winsorise(x, most=1).tolist() == x.tolist()
    assert winsorise(x, most=2).tolist() == [*range(20), 19, 19]


def test_never_to_a_constant() -> None:
    x = np.array([0.0] * 30 + [1.0])
    assert winsorise(x).tolist() == x.tolist()
    found = winsorise_log(x, x)
    assert set(found.how) == {"log"}


def test_log_and_boxcox() -> None:
    x = np.array([0.0, 50.0, 100.0, NAN])
    assert_allclose(log_shift(x), [0.0, math.log(51), math.log(101), NAN])
    assert_allclose(boxcox(x, 0.0), np.log([0.01, 0.51, 1.01, NAN]))
    assert_allclose(boxcox(x, 1.0), [-0.99, -0.49, 0.01, NAN])
    assert_allclose(boxcox(x, 2.0), [(v**2 - 1) / 2 for v in (0.01, 0.51, 1.01)] + [NAN])


def test_boxcox_finds_the_power_of_greatest_likelihood() -> None:
    x = np.exp(np.random.default_rng(3).normal(0, 1.2, 400))
    assert abs(skewness(boxcox(x))) < 0.3 < skewness(x)


def test_what_passes_is_left_as_it_is() -> None:
    x = np.array([3.0, 4, 20, 0, 0])
    for method in (winsorised, winsorise_log, winsorise_boxcox):
        found = method(x, x)
        assert found.values.tolist() == x.tolist()
        assert found.how.tolist() == [""] * 5


def test_each_changed_cell_says_how() -> None:
    found = winsorise_log(ONE, ONE)
    assert found.how.tolist() == [""] * 9 + ["winsorised"]
    wild = np.exp(np.arange(12.0) ** 1.4)
    logged = winsorise_log(wild, wild, 2.0, 3.5, 0)
    assert logged.how.tolist() == ["log"] * 12
    assert_allclose(logged.values, log_shift(wild))
    assert winsorise_boxcox(wild, wild, 2.0, 3.5, 0).how.tolist() == ["boxcox"] * 12


def test_what_lies_beyond_the_reference_is_held_at_its_ends() -> None:
    found = winsorise_log(np.array([200.0, 7.5, NAN]), ONE)
    assert_allclose(found.values, [8.0, 7.5, NAN])
    assert found.how.tolist() == ["winsorised", "", ""]


TREE = tree("root - -", "a root x", "b root y direction=-1")
Y = np.arange(10.0)[:, None]


def test_before_direction_and_scale() -> None:
    panel = small_panel({"x": ONE[:, None], "y": ONE[::-1, None]})
    choices = {"weight": {"method": "equal"}, "coverage": {"indicator": 0, "node": 0}}
    plain = measure(panel, TREE, recipe(**choices))
    index = measure(panel, TREE, recipe(**choices, treat={"method": "winsorise-log"}))
    assert plain.treated == ()
    assert [(c.indicator, c.region, c.year, c.before, c.after, c.how) for c in index.treated] == [
        ("a", panel.codes[9], 2015, 100.0, 8.0, "winsorised"),
        ("b", panel.codes[0], 2015, 100.0, 8.0, "winsorised"),
    ]
    assert index.scores.sel(node="a").values.ravel().tolist() == pytest.approx([12.5 * k for k in range(9)] + [100])
    assert index.scores.sel(node="b").values.ravel().tolist() == pytest.approx([0] + [12.5 * k for k in range(9)])
    assert index.values.sel(indicator="a").values.ravel().tolist() == ONE.tolist()  # in its own unit, as it was


def test_pooled_over_years() -> None:
    panel = small_panel({"x": ONE.reshape(5, 2), "y": Y.reshape(5, 2)})
    index = measure(panel, TREE, recipe(weight={"method": "equal"}, treat={"method": "winsorise"}))
    assert [(cell.region, cell.year) for cell in index.treated] == [(panel.codes[4], 2016)]


def test_an_aggregate_neither_decides_nor_stands_out() -> None:
    eu = regions.load("eu-countries")
    codes = [*[code for code in eu.codes if not eu[code].aggregate][:9], "EU"]
    panel = build({"x": ONE[:, None], "y": Y}, codes, [2020], eu)
    index = measure(panel, TREE, recipe(weight={"method": "equal"}, treat={"method": "winsorise"}))
    assert index.treated == ()


def test_a_method_that_is_not_there() -> None:
    panel = small_panel({"x": ONE[:, None], "y": Y})
    with refused("unknown_method") as found:
        measure(panel, TREE, recipe(treat={"method": "winsorize"}))
    assert found.says("[measure.treat] method", "winsorise")
