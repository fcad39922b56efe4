"""Laws of the panel regression: what effects take in, units, order, and gaps change only what they must."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from zhiyu.explain.panel_ols import fit
from zhiyu.explain.wild import leave_one_out, wild_cluster

EFFECTS = st.sampled_from(["two-way", "region", "year", "none"])


@st.composite
def panels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Some regions and years with gaps, two regressors."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, t = draw(st.integers(6, 12)), draw(st.integers(5, 9))
    y, x = rng.standard_normal((n, t)), rng.standard_normal((n, t, 2))
    y[rng.random((n, t)) < draw(st.sampled_from([0.0, 0.15]))] = np.nan
    return y, x


@given(panels(), st.integers(0, 9))
def test_constants_of_regions_and_years_change_nothing(panel, seed):
    y, x = panel
    rng = np.random.default_rng(seed)
    n, t = y.shape
    more = 10 * rng.standard_normal((n, 1)) + 10 * rng.standard_normal((1, t))
    own = 10 * rng.standard_normal((n, 1, 2)) + 10 * rng.standard_normal((1, t, 2))
    one, two = fit(y, x), fit(y + more, x + own)
    assert_allclose(two.beta, one.beta, atol=1e-9)
    assert_allclose(two.std_errors, one.std_errors, atol=1e-9)
    assert_allclose(leave_one_out(y + more, x + own), leave_one_out(y, x), atol=1e-8)
    assert wild_cluster(y + more, x + own, draws=199).p == wild_cluster(y, x, draws=199).p


@given(panels(), EFFECTS, st.floats(0.001, 1000), st.floats(0.001, 1000))
def test_units_pass_through(panel, effects, of_y, of_x):
    y, x = panel
    one, two = fit(y, x, effects), fit(y * of_y, x * [of_x, 1.0], effects)
    assert_allclose(two.beta, one.beta * of_y / [of_x, 1.0], rtol=1e-7)
    assert_allclose(two.t, one.t, rtol=1e-7)
    assert wild_cluster(y * of_y, x * of_x, 0, effects, 199).p == wild_cluster(y, x, 0, effects, 199).p


@given(panels(), EFFECTS, st.integers(0, 9))
def test_the_order_of_regions_and_regressors_does_not_matter(panel, effects, seed):
    y, x = panel
    order = np.random.default_rng(seed).permutation(len(y))
    one, two = fit(y, x, effects), fit(y[order], x[order][..., ::-1], effects)
    assert_allclose(two.beta[::-1], one.beta, rtol=1e-8, atol=1e-11)
    assert_allclose(two.std_errors[::-1], one.std_errors, rtol=1e-7, atol=1e-11)
    assert_allclose(leave_one_out(y[order], x[order], 0, effects), leave_one_out(y, x, 0, effects)[order], atol=1e-8)


@given(panels(), EFFECTS)
def test_residuals_owe_nothing_to_regressors_and_effects(panel, effects):
    y, x = panel
    found = fit(y, x, effects)
    left = np.where(found.used, found.residuals, 0.0)
    assert_allclose(np.einsum("nt,ntk->k", left, np.where(found.used[..., None], x, 0.0)), 0.0, atol=1e-9)
    assert abs(left.sum()) < 1e-9
    if effects in ("region", "two-way"):
        assert_allclose(left.sum(axis=1), 0.0, atol=1e-9)
    if effects in ("year", "two-way"):
        assert_allclose(left.sum(axis=0), 0.0, atol=1e-9)


@given(panels(), EFFECTS)
def test_p_of_a_hypothesis_that_is_the_estimate_is_one(panel, effects):
    y, x = panel
    found = fit(y, x, effects)
    assert wild_cluster(y, x, 0, effects, 199, null=float(found.beta[0])).p == 1.0
