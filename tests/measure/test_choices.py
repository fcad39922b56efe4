"""Visible answers of the normalisers, weightings and aggregators, and what they refuse."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import recipe, refused, small_panel, tree

from zhiyu.measure import measure
from zhiyu.measure.aggregate import (
    benefit_of_the_doubt,
    copeland,
    geometric,
    mazziotta_pareto,
    power_mean,
    topsis,
)
from zhiyu.measure.normalise import frontier, rank, zscore
from zhiyu.measure.weighting import ahp_weights, bod_scores, critic_weights, cv_weights, game_weights, pca_weights

COLUMN = np.array([[1.0], [2.0], [3.0], [2.0]])
HALVES = np.array([0.5, 0.5])


def test_normalisers():
    assert_allclose(zscore(COLUMN, COLUMN)[:, 0], np.array([-1, 0, 1, 0]) / np.sqrt(2 / 3))
    assert_allclose(rank(COLUMN, COLUMN)[:, 0], [0.0, 0.5, 1.0, 0.5])
    assert_allclose(rank(np.array([[0.0], [2.5], [9.0]]), COLUMN)[:, 0], [0.0, 2.5 / 3, 1.0])
    assert_allclose(frontier(COLUMN, COLUMN)[:, 0], [1 / 3, 2 / 3, 1.0, 2 / 3])
    assert_allclose(frontier(-COLUMN, -COLUMN)[:, 0], [1.0, 1 / 2, 1 / 3, 1 / 2])  # less is better
    with refused("frontier_of_two_signs"):
        frontier(COLUMN - 2, COLUMN - 2)


def test_an_indicator_that_says_what_another_says_shares_its_conflict():
    x = np.array([[0.0, 0.0, 1.0], [0.5, 0.5, 0.0], [1.0, 1.0, 0.5]])
    weights = critic_weights(x)
    # columns 1 and 2 are the same: their conflict with each other is 0; r with column 3 is -0.5
    assert_allclose(weights, np.array([1.5, 1.5, 3.0]) / 6.0)


def test_weights_by_relative_spread():
    x = np.array([[1.0, 10.0], [3.0, 12.0]])  # s/m: sqrt2/2, sqrt2/11
    assert_allclose(cv_weights(x), np.array([1 / 2, 1 / 11]) / (1 / 2 + 1 / 11))


def test_components_of_two_equal_columns_and_one_apart():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 400))
    weights = pca_weights(np.column_stack([a, a, b]))
    assert_allclose(weights, [1 / 3, 1 / 3, 1 / 3], atol=0.01)  # two loadings of 1 on one component, one on the other


def test_judgements():
    weights, ratio = ahp_weights(np.array([[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]]))
    assert_allclose(weights, np.array([4, 2, 1]) / 7)
    assert ratio == pytest.approx(0.0, abs=1e-12)
    with refused("judgements_not_reciprocal"):
        ahp_weights(np.array([[1, 2], [2, 1]]))


def test_a_compromise_of_a_set_with_itself_is_that_set():
    one = np.array([0.2, 0.3, 0.5])
    assert_allclose(game_weights(np.stack([one, one])), one)


def test_benefit_of_the_doubt_by_hand():
    assert_allclose(bod_scores(np.array([[1.0, 0.0], [0.0, 1.0], [0.25, 0.25]])), [1.0, 1.0, 0.5])
    with refused("bod_needs_positive"):
        bod_scores(np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert_allclose(benefit_of_the_doubt(np.array([[1.0, 0.0], [0.0, 0.0], [np.nan, 1.0]]), HALVES), [1.0, 0.0, np.nan])


def test_aggregators_by_hand():
    x = np.array([[1.0, 4.0], [0.0, 4.0], [4.0, np.nan]])
    assert_allclose(geometric(x, HALVES), [2.0, 0.0, 4.0])
    assert_allclose(power_mean(x, HALVES, -1.0)[:1], [1.6])
    assert_allclose(power_mean(x, HALVES, 1.0), [2.5, 2.0, 4.0])
    # 70 and 130: mean 100, variance 900, penalty 9, so (91 - 70) / 60
    assert_allclose(mazziotta_pareto(np.array([[0.0, 1.0], [0.5, 0.5], [0.2, np.nan]]), HALVES), [0.35, 0.5, 0.2])
    assert_allclose(geometric(np.array([[0.0, 4.0]]), np.array([0.0, 1.0])), [4.0])  # weight 0 counts for nothing
    with refused("negative_score"):
        geometric(np.array([[-1.0, 1.0]]), HALVES)


def test_topsis_and_copeland_by_hand():
    x = np.array([[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    assert_allclose(topsis(x, HALVES), [1.0, 0.0, 0.5])
    assert_allclose(copeland(x, HALVES), [1.0, 0.0, 0.5])
    assert_allclose(topsis(x, np.array([0.9, 0.1]))[2], 0.9)


@pytest.mark.parametrize(
    "aggregate", ["arithmetic", "geometric", "power", "mazziotta-pareto", "topsis", "copeland", "bod"]
)
@pytest.mark.parametrize("normalise", ["minmax", "rank", "frontier"])
def test_every_aggregation_runs_through_the_whole_tree(aggregate, normalise):
    rng = np.random.default_rng(3)
    panel = small_panel({name: rng.uniform(1, 9, (6, 4)) for name in "abcd"})
    shape = tree("root - -", "A root -", "B root -", "a A a", "b A b", "c B c", "d B d direction=-1")
    index = measure(panel, shape, recipe(normalise={"method": normalise}, aggregate={"method": aggregate}))
    found = index.scores.sel(node="root").values
    assert np.isfinite(found).all()
    assert found.max() <= 100 + 1e-9
    assert_array_equal(index.ranks.sel(node="root").values.min(axis=0), np.ones(4))


@pytest.mark.parametrize("weighting", ["entropy", "critic", "cv", "pca", "equal", "entropy+critic"])
def test_every_weighting_sums_to_one_in_every_attribute(weighting):
    rng = np.random.default_rng(4)
    panel = small_panel({name: rng.uniform(1, 9, (6, 4)) for name in "abc"})
    shape = tree("root - -", "A root -", "a A a", "b A b", "c A c")
    index = measure(panel, shape, recipe(weight={"method": weighting}))
    assert_allclose(index.weights.sel(node=["a", "b", "c"]).sum("node"), 1.0)


def test_judgements_weigh_the_top_nodes_and_contradictions_are_refused():
    rng = np.random.default_rng(5)
    panel = small_panel({name: rng.uniform(1, 9, (6, 4)) for name in "abc"})
    shape = tree("root - -", "A root -", "B root -", "C root -", "a A a", "b B b", "c C c")
    sound = [[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]]
    index = measure(panel, shape, recipe(weight={"across": "ahp", "judgements": sound}))
    assert_allclose(index.weights.sel(node=["A", "B", "C"]).values[0], np.array([4, 2, 1]) / 7)
    contrary = [[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]
    with refused("judgements_inconsistent"):
        measure(panel, shape, recipe(weight={"across": "ahp", "judgements": contrary}))
    measure(panel, shape, recipe(weight={"across": "ahp", "judgements": contrary, "force": True}))
    with refused("judgements_size"):
        measure(panel, shape, recipe(weight={"across": "ahp", "judgements": [[1]]}))
