"""What must hold of obstacle degrees, of Cronbach's alpha and of natural breaks."""

import math
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose
from support import tables

from zhiyu.measure.consistency import cronbach_alpha, standardised_alpha
from zhiyu.measure.obstacle import obstacle_degrees
from zhiyu.measure.stages import natural_thresholds, stage

shares = tables(rows=(1, 5), columns=(1, 6), high=1.0)
items = tables(rows=(3, 12), columns=(2, 5))
seeds = st.integers(0, 2**32 - 1)


def weights(k: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(k))


@given(shares, seeds)
def test_degrees_are_shares_of_what_is_lost(z: np.ndarray, seed: int) -> None:
    w = weights(z.shape[1], seed)
    found = obstacle_degrees(z, w)
    lost = ((1 - z) * w).sum(axis=1)
    assert ((found >= 0) & (found <= 1)).all()
    assert_allclose(found.sum(axis=1), np.where(lost > 0, 1.0, 0.0), atol=1e-12)
    assert_allclose(found * lost[:, None], (1 - z) * w, atol=1e-12)


@given(shares, seeds, st.floats(0.1, 10.0))
def test_only_ratios_of_weights_count_for_degrees(z: np.ndarray, seed: int, factor: float) -> None:
    w = weights(z.shape[1], seed)
    assert_allclose(obstacle_degrees(z, factor * w), obstacle_degrees(z, w), rtol=1e-9, atol=1e-12)


@given(shares, seeds)
def test_degrees_follow_their_indicators(z: np.ndarray, seed: int) -> None:
    w, order = weights(z.shape[1], seed), np.random.default_rng(seed).permutation(z.shape[1])
    assert_allclose(obstacle_degrees(z[:, order], w[order]), obstacle_degrees(z, w)[:, order], rtol=1e-9, atol=1e-12)


@given(shares, seeds, st.integers(0, 5))
def test_an_indicator_that_rises_is_less_of_an_obstacle(z: np.ndarray, seed: int, child: int) -> None:
    w, j, up = weights(z.shape[1], seed), child % z.shape[1], z.copy()
    up[:, j] = (1 + z[:, j]) / 2
    assert (obstacle_degrees(up, w)[:, j] <= obstacle_degrees(z, w)[:, j] + 1e-12).all()


@given(shares, seeds, st.data())
def test_a_missing_indicator_is_as_if_it_were_not_there(z: np.ndarray, seed: int, data: st.DataObject) -> None:
    gone, w = data.draw(npst.arrays(bool, z.shape[1])), weights(z.shape[1], seed)
    found = obstacle_degrees(np.where(gone, np.nan, z), w)
    assert np.isnan(found[:, gone]).all()
    assert_allclose(found[:, ~gone], obstacle_degrees(z[:, ~gone], w[~gone]), rtol=1e-9, atol=1e-12)


@given(items, seeds, st.integers(1, 100), st.integers(-50, 50))
def test_alpha_knows_no_unit_no_order_and_no_origin(x: np.ndarray, seed: int, factor: int, shift: int) -> None:
    order = np.random.default_rng(seed).permutation(x.shape[1])
    for alpha in (cronbach_alpha, standardised_alpha):
        found = alpha(x)
        if math.isnan(found) or abs(found) > 1e3:  # a sum that hardly varies amplifies rounding
            continue
        assert found <= 1 + 1e-9
        assert_allclose(alpha(factor * x[:, order] + shift), found, rtol=1e-6, atol=1e-6)


@given(items)
def test_an_item_repeated_is_perfectly_consistent(x: np.ndarray) -> None:
    twice = np.repeat(x[:, :1], 3, axis=1)
    for alpha in (cronbach_alpha, standardised_alpha):
        assert math.isnan(alpha(twice)) if np.ptp(x[:, 0]) == 0 else abs(alpha(twice) - 1) < 1e-9


def within(scores: np.ndarray, kinds: np.ndarray) -> float:
    return sum(float(((scores[kinds == k] - scores[kinds == k].mean()) ** 2).sum()) for k in np.unique(kinds))


@given(st.lists(st.integers(0, 300), min_size=1, max_size=12), st.integers(1, 4))
def test_natural_breaks_vary_least_within_of_all_partitions(whole: list[int], number: int) -> None:
    x = np.sort(np.array(whole) / 3)
    cuts = natural_thresholds(x, tuple(range(number)))
    found = within(x, stage(x, cuts))
    classes = range(min(number, len(x) - 1) + 1)
    every = (parts for k in classes for parts in combinations(range(1, len(x)), k))
    least = min(within(x, np.searchsorted(parts, np.arange(len(x)), side="right")) for parts in every)
    assert abs(found - least) <= 1e-9 * (1 + least)
    known = cuts[np.isfinite(cuts)]
    assert len(known) == min(number, len(set(whole)) - 1)
    assert (np.diff(known) > 0).all()
    assert np.isnan(cuts[len(known) :]).all()


@given(st.lists(st.integers(0, 300), min_size=1, max_size=40), seeds)
def test_natural_breaks_know_no_order_and_move_with_the_scale(whole: list[int], seed: int) -> None:
    x = np.array(whole, dtype=float)
    cuts = natural_thresholds(x, (1, 2, 3, 4))
    shuffled = np.random.default_rng(seed).permutation(x)
    assert_allclose(natural_thresholds(shuffled, (1, 2, 3, 4)), cuts)
    moved = natural_thresholds(4 * x + 8, (1, 2, 3, 4))
    assert abs(within(4 * x + 8, stage(4 * x + 8, moved)) - 16 * within(x, stage(x, cuts))) <= 1e-6
