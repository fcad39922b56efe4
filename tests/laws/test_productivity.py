"""Laws of growth accounts, multilateral TFP and efficiency."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from zhiyu.explain.efficiency import distance, efficiency, malmquist
from zhiyu.explain.productivity import growth_accounts, multilateral_tfp

seeds = st.integers(0, 2**32 - 1)
units = st.floats(1e-6, 1e6)


def made(seed: int, n: int = 6, t: int = 4, k: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shares = rng.uniform(0, 1, (n, t, k))
    return rng.lognormal(0, 1, (n, t)), rng.lognormal(0, 1, (n, t, k)), shares / shares.sum(axis=2, keepdims=True)


@given(seeds)
def test_contributions_and_the_residual_sum_to_growth(seed: int):
    y, x, s = made(seed)
    found = growth_accounts(y, x, s)
    assert_allclose(found.contributions.sum(axis=2) + found.tfp, found.growth, rtol=0, atol=1e-14)


@given(seeds, units, units)
def test_units_do_not_matter(seed: int, a: float, b: float):
    y, x, s = made(seed)
    scaled = x * [a, 1.0, b]
    assert_allclose(growth_accounts(b * y, scaled, s).tfp, growth_accounts(y, x, s).tfp, atol=1e-12)
    constant = s[0, 0]
    assert_allclose(multilateral_tfp(b * y, scaled, constant), multilateral_tfp(y, x, constant), atol=1e-12)


@given(seeds)
def test_with_constant_shares_the_multilateral_index_grows_by_the_residual(seed: int):
    y, x, s = made(seed)
    level = multilateral_tfp(y, x, s[0, 0])
    assert_allclose(np.diff(level, axis=1), growth_accounts(y, x, s[0, 0]).tfp, atol=1e-13)
    assert abs(level.mean()) < 1e-13


@given(seeds, st.floats(0.1, 10.0))
def test_more_of_everything_in_proportion_is_no_productivity(seed: int, by: float):
    y, x, s = made(seed)
    found = growth_accounts(np.stack([y[:, 0], by * y[:, 0]], 1), np.stack([x[:, 0], by * x[:, 0]], 1), s[:, :2])
    assert_allclose(found.tfp, 0.0, atol=1e-14)


@given(seeds)
def test_cobb_douglas_productivity_is_found_exactly(seed: int):
    y, x, s = made(seed)
    planted = np.log(y)
    found = multilateral_tfp(np.exp(planted + (s[0, 0] * np.log(x)).sum(axis=2)), x, s[0, 0])
    assert_allclose(found, planted - planted.mean(), atol=1e-12)


@settings(max_examples=20)
@given(seeds, units, units)
def test_efficiency_is_in_bounds_whatever_the_units(seed: int, a: float, b: float):
    y, x, _ = made(seed, n=9, k=2)
    for returns in ("constant", "variable"):
        score = efficiency(x[:, 0], y[:, :2], returns)
        assert ((score > 0) & (score <= 1 + 1e-9)).all()
        assert score.max() > 1 - 1e-9
        assert_allclose(efficiency(x[:, 0] * [a, b], y[:, :2] * [b, a], returns), score, rtol=1e-7)


@settings(max_examples=20)
@given(seeds)
def test_variable_returns_never_lower_a_score_and_more_input_never_raises_it(seed: int):
    y, x, _ = made(seed, n=9, k=2)
    constant, variable = (efficiency(x[:, 0], y[:, :1], returns) for returns in ("constant", "variable"))
    assert (variable >= constant - 1e-9).all()
    more = distance(1.2 * x[:, 0], y[:, :1], x[:, 0], y[:, :1], "variable")
    assert (more <= variable + 1e-9).all()
    assert_allclose(distance(x[:, 0], 2 * y[:, :1], x[:, 0], y[:, :1]), 2 * constant, rtol=1e-9)


@settings(max_examples=20)
@given(seeds)
def test_malmquist_is_nothing_where_nothing_moves_and_its_inverse_backwards(seed: int):
    y, x, _ = made(seed, n=9, t=2, k=2)
    still = malmquist(np.repeat(x[:, :1], 2, axis=1), np.repeat(y[:, :1, None], 2, axis=1))
    assert_allclose(still.index, 1.0, rtol=1e-9)
    forward, back = malmquist(x, y[..., None]), malmquist(x[:, ::-1], y[:, ::-1, None])
    assert_allclose(forward.index * back.index, 1.0, rtol=1e-9)
