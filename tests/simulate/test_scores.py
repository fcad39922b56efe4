"""Scores of forecasts against brute force, closed forms and nulls that are exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose

from zhiyu.simulate.scores import (
    covered,
    crps,
    deviation,
    drawn_regions,
    national,
    national_share,
    rmse,
    skill,
    skill_interval,
)

numbers = st.floats(-10, 10, allow_nan=False)


def test_half_the_error_is_skill_one_half():
    assert skill(np.array([1.0, -1.0]), np.array([2.0, -2.0])) == 0.5
    assert skill(np.array([0.0, 0.0]), np.array([2.0, -2.0])) == 1.0
    assert skill(np.array([3.0]), np.array([2.0])) == -0.5


def test_a_forecast_equal_to_its_reference_has_no_skill_and_no_doubt_about_it():
    e = np.random.default_rng(0).normal(size=(4, 3, 9))
    assert skill(e, e) == 0.0
    assert skill_interval(e, e) == (0.0, 0.0)


def test_only_cells_that_both_have_count():
    assert skill(np.array([1.0, np.nan, 50.0]), np.array([2.0, 9.0, np.nan])) == 0.5
    assert np.isnan(skill(np.array([np.nan]), np.array([1.0])))
    assert np.isnan(rmse(np.array([np.nan])))


@given(npst.arrays(float, (5, 4), elements=numbers))
def test_national_and_deviation_add_up_to_the_error(e):
    assert_allclose(national(e) + deviation(e), e, atol=1e-12)
    parts = np.mean(np.broadcast_to(national(e), e.shape) ** 2) + np.mean(deviation(e) ** 2)
    assert_allclose(parts, rmse(e) ** 2, atol=1e-12)


def test_the_national_share():
    assert_allclose(national_share(np.array([[1.0, 1.0], [-1.0, -1.0]])), 1.0)
    assert_allclose(national_share(np.array([[1.0, -1.0]])), 0.0)
    assert_allclose(national_share(np.array([[3.0, 1.0]])), 4 / 5)  # mean 2, deviations 1


def test_the_interval_is_that_of_whole_regions_drawn_anew():
    rng = np.random.default_rng(1)
    e, r = rng.normal(0, 0.8, (2, 3, 7)), rng.normal(size=(2, 3, 7))
    times = drawn_regions(7, 1000, 3)
    assert (times.sum(axis=1) == 7).all()
    by_hand = []
    for drawn in times:
        rows = np.repeat(np.arange(7), drawn)
        by_hand.append(1 - rmse(e[..., rows]) / rmse(r[..., rows]))
    assert_allclose(skill_interval(e, r, seed=3), np.quantile(by_hand, (0.05, 0.95)))
    assert skill_interval(e, r, seed=3) == skill_interval(e, r, seed=3)


def test_the_interval_widens_where_one_region_decides():
    rng = np.random.default_rng(2)
    e, r = rng.normal(0, 0.7, (8, 20)), rng.normal(0, 1, (8, 20))
    low, high = skill_interval(e, r)
    jump = np.zeros((8, 20))
    jump[:, 0] = 20.0
    wide_low, wide_high = skill_interval(e, r + jump)
    assert wide_high - wide_low > 2 * (high - low)


@pytest.mark.parametrize("n", [1, 2, 7, 50])
def test_crps_is_what_the_definition_says(n):
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(n, 3, 2)), rng.normal(size=(3, 2))
    brute = np.abs(x - y).mean(axis=0) - np.abs(x[:, None] - x[None]).mean(axis=(0, 1)) / 2
    assert_allclose(crps(x, y), brute, atol=1e-13)


def test_crps_of_a_gaussian():
    """Closed form of Gneiting and Raftery (2007, eq. 21): s (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))."""
    x = np.random.default_rng(0).normal(size=(200_000, 1))
    assert_allclose(crps(x, np.array([0.0])), (np.sqrt(2) - 1) / np.sqrt(np.pi), atol=2e-3)
    assert_allclose(crps(x, np.array([1.0])), 0.6024414, atol=3e-3)


def test_crps_of_one_draw_is_the_absolute_error_and_needs_an_outcome():
    assert_allclose(crps(np.array([[2.0, 2.0]]), np.array([5.0, np.nan])), [3.0, np.nan])


def test_covered_counts_the_ends_in():
    low, high = np.array([0.0, 0, 0, 0]), np.array([1.0, 1, 1, 1])
    assert_allclose(covered(low, high, np.array([0.0, 1.0, 1.1, np.nan])), [1, 1, 0, np.nan])


def test_crps_as_properscoring_gives_it():
    """properscoring 0.1: crps_ensemble(0.3, [1, -2, .5, 4, 0]) and crps_ensemble(-3, [1, -2, .5, 4, 0])."""
    draws = np.array([1, -2, 0.5, 4, 0])
    assert_allclose(crps(draws[:, None], np.array([0.3])), 0.4)
    assert_allclose(crps(draws[:, None], np.array([-3.0])), 2.66)
