"""Laws of the spatial panel: what must not matter does not, what scales scales."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from zhiyu.explain.spatial_panel import fit

N, T = 10, 6
MODELS = st.sampled_from(["ols", "slx", "lag", "error", "durbin"])


def made(seed):
    rng = np.random.default_rng(seed)
    near = np.triu(rng.random((N, N)) < 0.25, 1) + np.eye(N, k=1, dtype=bool)
    near = (near | near.T).astype(float)
    np.fill_diagonal(near, 0.0)
    x = rng.standard_normal((N, T, 2))
    y = x.sum(axis=-1) + rng.standard_normal((N, 1)) + rng.standard_normal((N, T))
    return y, x, near / near.sum(axis=1, keepdims=True)


@given(st.integers(0, 200), MODELS, st.permutations(range(N)), st.permutations(range(T)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_regions_and_years_does_not_matter(seed, model, regions, years):
    y, x, w = made(seed)
    other = fit(y[regions][:, years], x[regions][:, years], w[np.ix_(regions, regions)], model)
    one = fit(y, x, w, model)
    assert_allclose(other.coefficients, one.coefficients, rtol=1e-7, atol=1e-8)
    assert_allclose(other.std_errors, one.std_errors, rtol=1e-6, atol=1e-8)
    assert_allclose(other.effects(200).total, one.effects(200).total, rtol=1e-7, atol=1e-8)


@given(st.integers(0, 200), MODELS, st.sampled_from(["lee-yu", "none"]))
@settings(max_examples=25, deadline=None)
def test_effects_take_what_they_are_of(seed, model, correction):
    """A constant a region and a constant a year change nothing under two-way effects and rows that sum to one."""
    y, x, w = made(seed)
    rng = np.random.default_rng(seed + 1)
    shift = rng.standard_normal((N, 1)) + 3 * rng.standard_normal((1, T))
    other = fit(y + shift, x + shift[..., None], w, model, correction=correction)
    assert_allclose(other.coefficients, fit(y, x, w, model, correction=correction).coefficients, rtol=1e-7, atol=1e-8)


@given(st.integers(0, 200), MODELS, st.floats(0.01, 100))
@settings(max_examples=25, deadline=None)
def test_units_scale_coefficients_and_nothing_else(seed, model, scale):
    y, x, w = made(seed)
    one, other = fit(y, x, w, model), fit(scale * y, x, w, model)
    assert_allclose(other.beta, scale * one.beta, rtol=1e-6, atol=1e-9)
    assert_allclose(other.rho, one.rho, rtol=1e-7, atol=1e-8)
    assert_allclose(other.p_values[:-1], one.p_values[:-1], rtol=1e-5, atol=1e-9)


@given(st.integers(0, 200), MODELS)
@settings(max_examples=25, deadline=None)
def test_a_larger_model_is_never_less_likely(seed, model):
    y, x, w = made(seed)
    found = {name: fit(y, x, w, name) for name in ("ols", "lag", "error", "durbin")}
    assert found["durbin"].log_likelihood >= max(found[name].log_likelihood for name in ("ols", "lag", "error")) - 1e-8
    assert min(found[name].log_likelihood for name in ("lag", "error")) >= found["ols"].log_likelihood - 1e-8
    low, high = found["durbin"].interval
    assert low < found["durbin"].rho < high
