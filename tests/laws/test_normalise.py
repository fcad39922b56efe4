"""What must hold of every scale: bounds, invariance to units, order, and that scope means what it says."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from support import tables

from zhiyu.measure.normalise import goalposts, minmax, reference_sample


def varies(x: np.ndarray) -> bool:
    return bool((np.ptp(x, axis=0) > 1e-3).all())


samples = tables(rows=(2, 12), columns=(1, 4), low=-50.0, high=50.0).filter(varies)


@given(samples)
def test_within_its_own_sample_minmax_is_from_0_to_1(x: np.ndarray) -> None:
    z = minmax(x, x)
    assert (z >= 0).all()
    assert (z <= 1).all()
    assert (z.min(axis=0) == 0).all()
    assert (z.max(axis=0) == 1).all()


@given(samples, st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_a_change_of_unit_does_not_matter(x: np.ndarray, scale: float, shift: float) -> None:
    assert_allclose(minmax(scale * x + shift, scale * x + shift), minmax(x, x), atol=1e-6)


@given(samples, st.floats(0.01, 100.0))
def test_turning_an_indicator_round_turns_its_scale_round(x: np.ndarray, scale: float) -> None:
    assert_allclose(minmax(-scale * x, -scale * x), 1 - minmax(x, x), atol=1e-9)


@given(samples)
def test_order_is_kept(x: np.ndarray) -> None:
    z = minmax(x, x)
    for j in range(x.shape[1]):
        order = np.argsort(x[:, j], kind="stable")
        assert (np.diff(z[order, j]) >= 0).all()
        assert (np.sign(np.diff(z[order, j])) == np.sign(np.diff(x[order, j]))).all()


@given(samples)
def test_missing_stays_missing_and_moves_nobody(x: np.ndarray) -> None:
    more = np.vstack([x, np.full((1, x.shape[1]), np.nan)])
    z = minmax(more, more)
    assert np.isnan(z[-1]).all()
    assert_allclose(z[:-1], minmax(x, x), rtol=0, atol=0)


@given(samples, tables(rows=(2, 12), columns=(4, 4), low=-500.0, high=500.0))
def test_goalposts_never_leave_their_bounds(posts: np.ndarray, x: np.ndarray) -> None:
    p = posts.shape[1]
    z = goalposts(x[:, :p], posts[:2]) if varies(posts[:2]) else np.zeros((1, 1))
    assert (z >= 0).all()
    assert (z <= 1).all()


@given(samples)
def test_goalposts_stand_in_either_order(x: np.ndarray) -> None:
    assume(varies(x[:2]))
    assert_allclose(goalposts(x, x[:2]), goalposts(x, x[1::-1]), rtol=0, atol=0)


@given(st.integers(2, 6), st.integers(2, 5), st.integers(0, 2**32 - 1), st.floats(0.5, 5.0))
def test_common_growth_shows_in_pooled_scores_and_not_in_yearly_ones(n: int, t: int, seed: int, growth: float) -> None:
    level = np.random.default_rng(seed).uniform(0, 10, (n, 1, 1))
    assume(np.ptp(level) > 0.1)
    x = level + growth * np.arange(t)[None, :, None]
    pooled = np.stack([minmax(x[:, k], reference_sample(x, "pooled", k, 0)) for k in range(t)], axis=1)
    yearly = np.stack([minmax(x[:, k], reference_sample(x, "year", k, 0)) for k in range(t)], axis=1)
    base = np.stack([minmax(x[:, k], reference_sample(x, "base", k, 0)) for k in range(t)], axis=1)
    assert (np.diff(pooled, axis=1) > 0).all()
    assert_allclose(yearly, yearly[:, :1].repeat(t, axis=1), atol=1e-9)
    assert_allclose(base[:, 0], yearly[:, 0], atol=1e-12)
    assert (np.diff(base, axis=1) > 0).all()
    assert base[:, 1:].max() > 1.0
