"""Costs: assumed equal, or stated in a file."""

import numpy as np
import pytest
from design.worlds import lever, options
from numpy.testing import assert_allclose
from support import refused

from zhiyu.design.costs import equal, stated

SIZES = np.array([1.0, 2.0, 1.0, 3.0, 2.0, 1.0])  # 4 on the left, 6 on the right
TWO = options(lever("a", RD=1.0), lever("b", sec=1.0))


def write(folder, *lines):
    path = folder / "costs.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_lever_everywhere_costs_one_unit_and_a_place_its_share():
    found = equal(TWO, SIZES)
    assert_allclose(found.each, [0.4, 0.6, 0.4, 0.6])
    assert found.assumed
    assert_allclose(equal(options(lever(RD=1.0), how="region"), SIZES).each.sum(), 1)


def test_stated_costs_are_shared_out_unless_a_place_has_its_own(tmp_path):
    path = write(tmp_path, "measure,place,cost", "a,,10", "b,left,3", "b,右,5", "a,Right,1")
    found = stated(TWO, SIZES, path)
    assert_allclose(found.each, [4, 1, 3, 5])
    assert not found.assumed


def test_the_column_place_may_be_left_out(tmp_path):
    assert_allclose(stated(TWO, SIZES, write(tmp_path, "measure,cost", "a,10", "b,20")).each, [4, 6, 8, 12])


@pytest.mark.parametrize(
    ("key", "lines", "words"),
    [
        ("cost_missing", ["measure,place,cost", "a,,10", "b,left,1"], ["b"]),
        ("cost_not_above_zero", ["measure,cost", "a,-1", "b,1"], ["row 2", "-1"]),
        ("cost_not_above_zero", ["measure,cost", "a,0", "b,1"], ["row 2", "0"]),
        ("number_expected", ["measure,cost", "a,much", "b,1"], ["row 2", "much"]),
        ("number_expected", ["measure,cost", "a,", "b,1"], ["row 2"]),
        ("number_expected", ["measure,cost", "a,nan", "b,1"], ["row 2"]),
        ("cost_measure", ["measure,cost", "a,1", "bb,1"], ["row 3", "bb"]),
        ("cost_place", ["measure,place,cost", "a,lef,1", "b,,1"], ["row 2", "lef", "left"]),
        ("cost_twice", ["measure,place,cost", "a,left,1", "a,左,1", "b,,1"], ["row 3", "a"]),
        ("missing_header", ["measure,price", "a,1"], []),
    ],
)
def test_what_is_no_cost_is_refused(tmp_path, key, lines, words):
    with refused(key) as caught:
        stated(TWO, SIZES, write(tmp_path, *lines))
    assert caught.says("costs.csv", *words)
