"""Rank-size slope and concentration, by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from zhiyu.explain.rank_size import concentration, rank_size


def test_a_set_made_to_the_law_has_its_exponent() -> None:
    size = (np.arange(1, 41) - 0.5) ** (-1 / 1.3)
    found = rank_size(np.random.default_rng(0).permutation(size))
    assert found.exponent == pytest.approx(1.3)
    assert found.std_error == pytest.approx(1.3 * np.sqrt(2 / 40))
    assert found.r2 == pytest.approx(1.0)
    assert found.n == 40
    assert_allclose(found.interval(0.95), [1.3 - 1.959964 * found.std_error, 1.3 + 1.959964 * found.std_error])


def test_the_slope_is_that_of_least_squares_and_has_no_unit() -> None:
    size = np.random.default_rng(1).pareto(1.0, 60) + 1
    y = np.log(np.arange(1, 61) - 0.5)
    slope, intercept = np.polyfit(np.log(np.sort(size)[::-1]), y, 1)
    found = rank_size(size)
    assert (found.exponent, found.intercept) == (pytest.approx(-slope), pytest.approx(intercept))
    assert rank_size(1000 * size).exponent == pytest.approx(found.exponent)


def test_concentration() -> None:
    found = concentration(np.array([5.0, 1, 2, 2]))
    assert_allclose(found.shares, [0.5, 0.1, 0.2, 0.2])
    assert found.hhi == pytest.approx(0.34)
    assert found.hhi_normalised == pytest.approx((0.34 - 0.25) / 0.75)
    assert found.leading == pytest.approx(0.9)
    assert concentration(np.ones(7)).hhi_normalised == pytest.approx(0.0)
    assert concentration(np.array([0.0, 0, 3])).hhi_normalised == pytest.approx(1.0)
