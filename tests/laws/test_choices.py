"""Laws of every weighting, normaliser and aggregator."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from support import tables

from zhiyu.measure import index
from zhiyu.methods import REGISTRY
from zhiyu.terms import Refusal

assert index.HOMES  # importing the rooms fills the registry
WEIGHTINGS = sorted(
    name for name, method in REGISTRY["weighting"].items() if method.function.__module__.startswith("zhiyu")
)
NORMALISERS = ["minmax", "zscore", "rank", "frontier"]
MEANS = ["arithmetic", "geometric", "power"]
AGGREGATORS = [*MEANS, "mazziotta-pareto", "topsis", "copeland"]


def weigh(name: str, x: np.ndarray) -> np.ndarray:
    try:
        return REGISTRY["weighting"][name].function(x)
    except Refusal:
        assume(False)
        raise


def scale(name: str, x: np.ndarray) -> np.ndarray:
    try:
        return REGISTRY["normalise"][name].function(x, x)
    except Refusal:
        assume(False)
        raise


@pytest.mark.parametrize("name", WEIGHTINGS)
@given(x=tables(rows=(4, 12), columns=(2, 5)))
def test_weights_are_shares(name, x):
    weights = weigh(name, x)
    assert (weights >= 0).all()
    assert_allclose(weights.sum(), 1.0)


@pytest.mark.parametrize("name", [name for name in WEIGHTINGS if name != "pca"])
@given(x=tables(rows=(4, 12), columns=(2, 5)), seed=st.integers(0, 99))
def test_the_order_of_observations_does_not_matter(name, x, seed):
    shuffled = np.random.default_rng(seed).permutation(x)
    assert_allclose(weigh(name, shuffled), weigh(name, x), atol=1e-9)


@given(seed=st.integers(0, 9999))
def test_the_order_of_observations_does_not_matter_to_components_that_are_distinct(seed):
    """Where two rotations are equally good, rounding decides between them; data with noise have one best."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 2)) @ np.array([[1.0, 0.8, 0.1], [0.0, 0.3, 1.0]]) + 0.2 * rng.normal(size=(40, 3))
    assert_allclose(weigh("pca", rng.permutation(x)), weigh("pca", x), atol=1e-6)


@pytest.mark.parametrize("name", ["entropy", "cv"])
@given(x=tables(rows=(4, 12), columns=(2, 5)), factor=st.floats(0.5, 20))
def test_relative_spread_does_not_know_units(name, x, factor):
    scaled = x.copy()
    scaled[:, 0] *= factor
    assert_allclose(weigh(name, scaled), weigh(name, x), atol=1e-9)


@pytest.mark.parametrize("name", NORMALISERS)
@given(x=tables(rows=(3, 12), columns=(1, 4)))
def test_a_scale_keeps_the_order(name, x):
    z = scale(name, x)
    for column, scaled in zip(x.T, z.T, strict=True):
        assert (np.diff(scaled[np.argsort(column, kind="stable")]) >= -1e-12).all()


@pytest.mark.parametrize("name", ["minmax", "zscore", "rank"])
@given(x=tables(rows=(3, 12), columns=(1, 4)), factor=st.floats(0.5, 20), shift=st.floats(0, 50))
def test_a_scale_does_not_know_affine_units(name, x, factor, shift):
    spread = np.ptp(x, axis=0)
    assume((spread > 1e-2).all())
    tolerance = 1.0 if name == "rank" else 1e-6  # rounding may tie or untie two places
    assert np.abs(scale(name, factor * x + shift) - scale(name, x)).max() <= tolerance


@pytest.mark.parametrize("name", AGGREGATORS)
@given(x=tables(rows=(3, 10), columns=(2, 4)), seed=st.integers(0, 99))
def test_more_is_never_worse_for_means_and_ranks_do_not_turn(name, x, seed):
    """A region that is at least as good everywhere has the best score, unless imbalance is punished."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(x.shape[1]))
    better = x.copy()
    better[0] = x.max(axis=0)
    scores = REGISTRY["aggregate"][name].function(better, weights)
    if name != "mazziotta-pareto":
        assert scores[0] >= scores.max() - 1e-9


@pytest.mark.parametrize("name", MEANS)
@given(x=tables(rows=(2, 10), columns=(1, 4)), seed=st.integers(0, 99))
def test_a_mean_lies_between_its_children(name, x, seed):
    weights = np.random.default_rng(seed).dirichlet(np.ones(x.shape[1]))
    scores = REGISTRY["aggregate"][name].function(x, weights)
    assert (scores >= x.min(axis=1) - 1e-9).all()
    assert (scores <= x.max(axis=1) + 1e-9).all()


@pytest.mark.parametrize("name", AGGREGATORS)
@given(x=tables(rows=(2, 8), columns=(2, 4)), seed=st.integers(0, 99))
def test_the_order_of_children_does_not_matter(name, x, seed):
    rng = np.random.default_rng(seed)
    weights, order = rng.dirichlet(np.ones(x.shape[1])), rng.permutation(x.shape[1])
    combine = REGISTRY["aggregate"][name].function
    assert_allclose(combine(x[:, order], weights[order]), combine(x, weights), atol=1e-9)


@given(x=tables(rows=(2, 10), columns=(2, 4)))
def test_a_lower_power_never_scores_higher(x):
    power, weights = REGISTRY["aggregate"]["power"].function, np.full(x.shape[1], 1 / x.shape[1])
    assert (power(x, weights, 0.3) <= power(x, weights, 0.9) + 1e-9).all()
