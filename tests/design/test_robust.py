"""How portfolios hold up: three measures by hand, and rankings that differ."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import kendalltau

from zhiyu.design.robust import Aim, agreement, cvar, places, robustness

# steady, daring and average, in four futures and one objective
STEADY, DARING, LATE = [2.0, 2, 2, 2], [9.0, 9, 9, -3], [3.0, 3, 3, 1.5]


def test_three_measures_rank_three_plans_in_three_ways():
    y = np.array([STEADY, DARING, LATE])[..., None]
    found = robustness(y, np.ones(1), np.array([1.9]), tail=0.25)
    assert_allclose(found.share, [1, 0.75, 0.75])
    assert_allclose(found.tail_score, [2, -3, 1.5])
    assert_allclose(found.regret, [7, 5, 6])
    assert_array_equal(found.ranks, [[1, 1, 3], [2, 3, 1], [2, 2, 2]])
    assert_allclose(found.agreement[1, 2], -1)
    assert_allclose(found.score, found.mean[:, 0])
    assert_allclose(found.worst[:, 0], found.tail_score)


def test_thresholds_that_are_not_set_ask_nothing_and_all_must_be_met_at_once():
    y = np.array([[[1.0, -1], [-1, 1], [1, 1]]])
    assert_allclose(robustness(y, np.ones(2), np.array([0.0, 0.0])).share, 1 / 3)
    half = robustness(y, np.ones(2), np.array([0.0, np.nan]))
    assert_allclose(half.share, 2 / 3)
    assert_allclose(half.met, [[2 / 3, np.nan]])


def test_regret_is_counted_from_the_best_that_is_known():
    y = np.array([STEADY, LATE])[..., None]
    assert_allclose(robustness(y, np.ones(1), np.zeros(1)).regret, [1, 0.5])
    assert_allclose(robustness(y, np.ones(1), np.zeros(1), best=np.array([5.0, 0, 0, 0])).regret, [3, 2])


def test_the_worst_futures_count_by_the_remainder_too():
    x = np.array([4.0, 1, 3, 2])
    assert_allclose(cvar(x, 0.25), 1)
    assert_allclose(cvar(x, 0.5), 1.5)
    assert_allclose(cvar(x, 0.375), (1 + 0.5 * 2) / 1.5)
    assert_allclose(cvar(x, 1.0), 2.5)
    assert_allclose(cvar(x, 0.01), 1)


def test_agreement_is_kendalls_tau_b():
    ranks = np.random.default_rng(0).integers(1, 6, (20, 3))
    told = [[kendalltau(a, b).statistic for b in ranks.T] for a in ranks.T]
    assert_allclose(agreement(ranks), told)


def test_rounding_does_not_rank():
    assert_array_equal(places(np.array([0.3, 0.1 + 0.2, 0.4])), [2, 2, 1])


def test_regret_without_a_best_is_a_mistake_of_the_code():
    with pytest.raises(ValueError, match="best score"):
        Aim(np.ones(1), "regret").score(np.ones((1, 2, 1)))
