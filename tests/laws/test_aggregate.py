"""What must hold of means and of trees: bounds, monotony, missing children, and depth that changes nothing."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose
from support import tables, tree

from zhiyu.framework.tree import Tree
from zhiyu.measure import hierarchy
from zhiyu.measure.aggregate import arithmetic
from zhiyu.measure.index import rank
from zhiyu.measure.stages import quantile_thresholds, stage

scores = tables(rows=(1, 6), columns=(1, 6))


def weights(k: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(k))


seeds = st.integers(0, 2**32 - 1)


@given(scores, seeds)
def test_between_the_least_and_the_greatest(x: np.ndarray, seed: int) -> None:
    mean = arithmetic(x, weights(x.shape[1], seed))
    assert (mean >= x.min(axis=1) - 1e-9).all()
    assert (mean <= x.max(axis=1) + 1e-9).all()


@given(scores, seeds, st.integers(0, 5), st.floats(0.0, 50.0))
def test_a_child_that_rises_never_lowers_its_parent(x: np.ndarray, seed: int, child: int, more: float) -> None:
    w, up = weights(x.shape[1], seed), x.copy()
    up[:, child % x.shape[1]] += more
    assert (arithmetic(up, w) >= arithmetic(x, w) - 1e-9).all()


@given(scores, seeds, st.floats(0.1, 10.0))
def test_only_ratios_of_weights_count(x: np.ndarray, seed: int, factor: float) -> None:
    w = weights(x.shape[1], seed)
    assert_allclose(arithmetic(x, factor * w), arithmetic(x, w), rtol=1e-9, atol=1e-12)


@given(scores, seeds, st.data())
def test_a_missing_child_is_as_if_it_were_not_in_the_tree(x: np.ndarray, seed: int, data: st.DataObject) -> None:
    gone = data.draw(npst.arrays(bool, x.shape[1]))
    assume(not gone.all())
    w = weights(x.shape[1], seed)
    holed = np.where(gone, np.nan, x)
    assert_allclose(arithmetic(holed, w), arithmetic(x[:, ~gone], w[~gone] / w[~gone].sum()), rtol=1e-9, atol=1e-9)


def grown(depth: int, fan: int) -> Tree:
    """A full tree: `fan` children at each of `depth` levels."""
    rows, level = ["r - -"], ["r"]
    for d in range(depth):
        below = [f"{name}{i}" for name in level for i in range(fan)]
        formula = "x" if d == depth - 1 else "-"
        rows += [f"{name} {name[:-1]} {formula}" for name in below]
        level = below
    return tree(*rows).tree


@given(st.integers(1, 4), st.integers(1, 3), seeds)
def test_depth_changes_nothing_when_all_is_there(depth: int, fan: int, seed: int) -> None:
    """A tree of any depth is the flat mean under its effective weights."""
    rng = np.random.default_rng(seed)
    t = grown(depth, fan)
    local = hierarchy.by_parent(t, lambda siblings: rng.dirichlet(np.ones(len(siblings)), size=3))
    leaves = {leaf.id: rng.uniform(0, 100, (5, 3)) for leaf in t.leaves}
    shown, coverage = hierarchy.carry_up(t, leaves, local, arithmetic)
    whole = hierarchy.effective(t, local)
    assert_allclose(np.sum([whole[leaf.id] for leaf in t.leaves], axis=0), 1.0)
    flat = np.sum([whole[leaf.id][None] * leaves[leaf.id] for leaf in t.leaves], axis=0)
    assert_allclose(shown["r"], flat, rtol=1e-9)
    assert_allclose(coverage["r"], 1.0)


@given(st.integers(1, 4), st.integers(1, 3), seeds)
def test_coverage_is_the_effective_weight_that_is_there(depth: int, fan: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = grown(depth, fan)
    local = hierarchy.by_parent(t, lambda siblings: rng.dirichlet(np.ones(len(siblings)), size=2))
    leaves = {leaf.id: np.where(rng.random((4, 2)) < 0.4, np.nan, 1.0) for leaf in t.leaves}
    _, coverage = hierarchy.carry_up(t, leaves, local, arithmetic)
    whole = hierarchy.effective(t, local)
    there = np.sum([whole[leaf.id][None] * np.isfinite(leaves[leaf.id]) for leaf in t.leaves], axis=0)
    assert_allclose(coverage["r"], there, atol=1e-12)


@given(st.integers(1, 3), st.integers(1, 3), seeds)
def test_leaf_weights_come_back_as_effective_weights(depth: int, fan: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = grown(depth, fan)
    pool = rng.dirichlet(np.ones(len(t.leaves)), size=2)
    whole = hierarchy.effective(t, hierarchy.nested(t, None, {"r": pool}))
    for leaf, column in zip(t.leaves_below("r"), pool.T, strict=True):
        assert_allclose(whole[leaf.id], column, rtol=1e-9, atol=1e-15)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_stages_never_fall_as_scores_rise(given_scores: list[float]) -> None:
    x = np.array(sorted(given_scores))
    stages = stage(x, quantile_thresholds(x, (0.2, 0.4, 0.6, 0.8)))
    assert (np.diff(stages) >= 0).all()
    assert set(stages.tolist()) <= {1, 2, 3, 4, 5}


@given(st.lists(st.one_of(st.integers(0, 9).map(float), st.just(float("nan"))), min_size=1, max_size=20))
def test_a_rank_is_one_more_than_the_number_ahead(values: list[float]) -> None:
    x = np.array(values)
    ranks = rank(x[:, None], np.ones(len(x), dtype=bool))[:, 0]
    for value, place in zip(x, ranks, strict=True):
        assert np.isnan(place) if np.isnan(value) else place == 1 + (x > value).sum()
