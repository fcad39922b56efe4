"""Laws of transition matrices, whatever the classes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.explain.chain import first_passage, shares, steady_state
from zhiyu.explain.homogeneity import homogeneity
from zhiyu.explain.transitions import markov, period_counts, region_counts, spatial_markov

K = 4
SHAPES = st.tuples(st.integers(1, 8), st.integers(2, 7))
CLASSES = SHAPES.flatmap(lambda shape: npst.arrays(int, shape, elements=st.integers(-1, K - 1)))
COUNTS = npst.arrays(int, (K, K), elements=st.integers(0, 5))


@given(CLASSES)
def test_rows_sum_to_one_and_counts_to_the_valid_pairs(classes):
    found = markov(classes, K, first=0)
    assert found.counts.sum() == ((classes[:, :-1] >= 0) & (classes[:, 1:] >= 0)).sum()
    seen = found.counts.sum(axis=1) > 0
    assert_allclose(found.probabilities[seen].sum(axis=1), 1.0, rtol=1e-14)
    assert np.isnan(found.probabilities[~seen]).all()
    assert_array_equal(region_counts(classes, K, 0).sum(axis=0), found.counts)
    assert_array_equal(period_counts(classes, K, None, 0).sum(axis=0), found.counts)


@given(COUNTS)
def test_a_steady_state_is_stationary(counts):
    p = shares(counts)
    long_run = steady_state(p)
    if np.isfinite(long_run).all():
        assert_allclose(long_run.sum(), 1.0, rtol=1e-14)
        assert_allclose(long_run @ np.nan_to_num(p), long_run, atol=1e-13)
        again = np.diagonal(first_passage(p))
        kept = long_run > 0
        assert_allclose(again[kept], 1.0 / long_run[kept], rtol=1e-9)  # Kac: the return takes 1 / pi


@given(COUNTS, st.permutations(range(K)))
def test_a_relabelled_chain_is_the_same_chain(counts, order):
    p = shares(counts)
    turned = p[np.ix_(order, order)]
    assert_allclose(steady_state(turned), steady_state(p)[order], atol=1e-12)
    assert_allclose(first_passage(turned), first_passage(p)[np.ix_(order, order)], rtol=1e-9)


@given(CLASSES, st.randoms(use_true_random=False))
def test_the_order_of_regions_is_nothing(classes, random):
    order = random.sample(range(len(classes)), len(classes))
    assert_array_equal(markov(classes[order], K, first=0).counts, markov(classes, K, first=0).counts)


@given(npst.arrays(int, (3, K, K), elements=st.integers(0, 6)))
def test_regimes_merged_lose_nothing_and_scaling_scales(counts):
    found, twice = homogeneity(counts), homogeneity(2 * counts)
    assert found.lr >= -1e-9
    assert found.q >= 0
    assert (twice.dof, homogeneity(counts[::-1]).dof) == (found.dof, found.dof)
    assert_allclose([twice.lr, twice.q], [2 * found.lr, 2 * found.q], atol=1e-9)
    if found.dof == 0:
        assert_allclose([found.lr, found.q], 0.0, atol=1e-9)


@given(st.integers(0, 10_000), st.integers(4, 9))
def test_shuffled_regions_have_the_same_neighbours(seed, n):
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=(n, 5)), rng.integers(0, 2, (n, n)).astype(float)
    x[rng.random(x.shape) < 0.1] = np.nan
    np.fill_diagonal(w, 0.0)
    order = rng.permutation(n)
    cuts = (-0.5, 0.0, 0.5)
    found = spatial_markov(x, w, K, cuts)
    assert_array_equal(spatial_markov(x[order], w[np.ix_(order, order)], K, cuts).counts, found.counts)
    assert_array_equal(spatial_markov(x, 3.0 * w, K, cuts).counts, found.counts)
    assert (found.counts.sum(axis=0) <= markov(np.where(np.isnan(x), -1, np.searchsorted(cuts, x)), K, 0).counts).all()
