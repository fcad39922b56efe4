"""Laws of the panel threshold: order, units and levels do not move it; only the threshold's ranks count."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from zhiyu.explain.threshold import fit

N, T = 12, 5
CHOSEN = {"trim": 0.1, "grid": "all", "bootstraps": 19}


def made(seed):
    rng = np.random.default_rng(seed)
    x, regime, threshold = rng.standard_normal((N, T, 2)), 2 + rng.standard_normal((N, T)), rng.standard_normal((N, T))
    y = x.sum(axis=-1) + regime * (threshold > 0) + rng.standard_normal((N, 1)) + rng.standard_normal((N, T))
    return y, x, regime, threshold


@given(st.integers(0, 300), st.permutations(range(N)), st.permutations(range(T)), st.integers(1, 2))
@settings(max_examples=25)
def test_the_order_of_regions_and_years_does_not_matter(seed, regions, years, count):
    one = fit(*made(seed), count, **CHOSEN)
    other = fit(*(v[regions][:, years] for v in made(seed)), count, **CHOSEN)
    assert_allclose(other.gamma, one.gamma)
    assert_allclose(other.f, one.f, rtol=1e-7)
    assert_allclose(other.interval, one.interval)
    assert_allclose(other.std_errors, one.std_errors, rtol=1e-6)


@given(st.integers(0, 300), st.floats(0.01, 100), st.floats(0.01, 100), st.integers(1, 3))
@settings(max_examples=25)
def test_units_and_regions_levels_change_nothing_but_the_scale(seed, scale, other_scale, count):
    y, x, regime, threshold = made(seed)
    one = fit(y, x, regime, threshold, count, **CHOSEN)
    level = np.arange(N)[:, None]
    other = fit(scale * y + level, x + level[..., None], other_scale * regime, threshold, count, **CHOSEN)
    assert_allclose(other.gamma, one.gamma)
    assert_allclose(other.f, one.f, rtol=1e-6)
    assert_allclose(other.p, one.p)
    assert_allclose(other.regimes, scale / other_scale * one.regimes, rtol=1e-6, atol=1e-9)


@given(st.integers(0, 300))
@settings(max_examples=25)
def test_only_the_order_of_the_threshold_counts(seed):
    y, x, regime, threshold = made(seed)
    one, other = (fit(y, x, regime, q, 2, **CHOSEN) for q in (threshold, np.exp(threshold)))
    assert_allclose(other.gamma, np.exp(one.gamma))
    assert_allclose(other.simulated, one.simulated, rtol=1e-9, atol=1e-12)


@given(st.integers(0, 300))
@settings(max_examples=25)
def test_more_thresholds_fit_no_worse_and_more_candidates_neither(seed):
    found = [fit(*made(seed), 3, trim=0.1, grid=grid, bootstraps=0) for grid in (5, "all")]
    for one in found:
        assert (np.diff(one.ssr_by_count) <= 1e-9).all()
        assert (np.diff(one.gamma) > 0).all()
        assert one.observations.min() >= 0.1 * N * T - 1e-9
    assert found[1].ssr_by_count[1] <= found[0].ssr_by_count[1] * (1 + 1e-12)


@given(st.integers(0, 300), st.integers(0, 5))
@settings(max_examples=25)
def test_the_same_seed_gives_the_same_draws(seed, other):
    one, two = (fit(*made(seed), seed=other, **CHOSEN) for _ in range(2))
    assert (one.simulated == two.simulated).all()
    assert ((one.p > 0) & (one.p <= 1)).all()
