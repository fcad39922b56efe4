"""The wild cluster bootstrap beside the same thing refitted draw by draw, its interval, and regions left out."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import refused

from zhiyu.explain import wild
from zhiyu.explain.panel_ols import Effects, fit
from zhiyu.explain.wild import leave_one_out, wider_interval, wild_cluster, wild_interval

EFFECTS: tuple[Effects, ...] = ("two-way", "region", "year", "none")


def drawn(n: int, t: int, gaps: float = 0.0, seed: int = 0, k: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y, x = rng.standard_normal((n, t)), rng.standard_normal((n, t, k))
    y[rng.random((n, t)) < gaps] = np.nan
    return y + 0.3 * x[..., 0], x


def refitted(y: np.ndarray, x: np.ndarray, effects: Effects, null: float) -> float:
    """p over all patterns of signs, each outcome made and fitted anew."""
    n = len(y)
    rest = fit(y - null * x[..., 0], x[..., 1:], effects)
    made = np.where(rest.used, y - rest.residuals, np.nan)
    seen = fit(y, x, effects)
    taken = np.flatnonzero(seen.used.any(axis=1))
    limit = abs((seen.beta[0] - null) / seen.std_errors[0]) * (1 - 1e-9)
    count = 0
    for signs in itertools.product([-1.0, 1.0], repeat=len(taken)):
        v = np.zeros(n)
        v[taken] = signs
        one = fit(made + v[:, None] * rest.residuals, x, effects)
        count += abs((one.beta[0] - null) / one.std_errors[0]) >= limit
    return count / 2 ** len(taken)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("gaps", [0.0, 0.25])
def test_all_patterns_as_if_each_was_fitted(effects, gaps):
    y, x = drawn(7, 5, gaps)
    for null in (0.0, 0.4):
        found = wild_cluster(y, x, 0, effects, null=null)
        assert found.exact
        assert found.p == pytest.approx(refitted(y, x, effects, null))
        assert found.t == pytest.approx((fit(y, x, effects).beta[0] - null) / fit(y, x, effects).std_errors[0])


def test_draws_come_near_all_patterns():
    y, x = drawn(12, 6, 0.1)
    exact, some = wild_cluster(y, x, draws=4096), wild_cluster(y, x, draws=4095)
    assert exact.exact
    assert exact.draws == 4096
    assert not some.exact
    assert some.p == pytest.approx(exact.p, abs=4 * np.sqrt(exact.p * (1 - exact.p) / 4095))


def test_webb_draws_have_six_points_of_variance_one():
    drawn_of, points, exact = wild._patterns(6, 60_000, "webb", 0)
    assert not exact
    assert len(points) == 6
    assert (points**2).mean() == pytest.approx(1.0)
    assert points.mean() == pytest.approx(0.0)
    assert_allclose(np.bincount(drawn_of.ravel()) / drawn_of.size, 1 / 6, atol=0.003)


def test_the_same_seed_and_any_size_of_block_the_same_answer(monkeypatch):
    y, x = drawn(31, 8)
    first = wild_cluster(y, x, 1, draws=999)
    assert wild_cluster(y, x, 1, draws=999, seed=1).p != first.p
    monkeypatch.setattr(wild, "CALM", 2**30)
    assert wild_cluster(y, x, 1, draws=999) == first


def test_a_region_that_takes_no_part_changes_nothing():
    y, x = drawn(20, 6)
    wide = np.concatenate([y[:10], np.full((1, 6), np.nan), y[10:]]), np.concatenate([x[:10], x[:1], x[10:]])
    with_it, without = wild_cluster(*wide, draws=499), wild_cluster(y, x, draws=499)
    assert (with_it.p, with_it.draws) == (without.p, without.draws)
    assert with_it.t == pytest.approx(without.t, rel=1e-12)  # sums may part in the last bit


@pytest.mark.parametrize("effects", EFFECTS)
def test_the_interval_is_where_p_falls_to_five_percent(effects):
    y, x = drawn(14, 6, 0.1)
    low, high = wild_interval(y, x, 0, effects, draws=999)
    assert low < fit(y, x, effects).beta[0] < high
    for bound, outwards in ((low, -1e-6), (high, 1e-6)):
        assert wild_cluster(y, x, 0, effects, 999, null=bound + outwards).p <= 0.05
        assert wild_cluster(y, x, 0, effects, 999, null=bound - outwards).p > 0.05


def test_with_four_regions_no_value_is_rejected():
    """Of 16 patterns two are always as extreme as what was seen: p is never below 1/8."""
    y, x = drawn(4, 6)
    assert wild_cluster(y, x).p >= 1 / 8
    assert wild_interval(y, x) == (-np.inf, np.inf)


def test_a_perfect_fit_has_an_interval_of_one_point():
    x = drawn(8, 5)[1]
    y = 3.0 * x[..., 0]
    low, high = wild_interval(y, x)
    assert_allclose([low, high], 3.0, atol=1e-6)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_leaving_out_is_refitting(effects, gaps):
    y, x = drawn(8, 5, gaps)
    for which in (0, 1):
        found = leave_one_out(y, x, which, effects)
        for g in range(8):
            without = np.where(np.arange(8)[:, None] == g, np.nan, y)
            assert found[g] == pytest.approx(fit(without, x, effects).beta[which], abs=1e-10)


def test_a_coefficient_that_one_region_alone_carries():
    y, x = drawn(8, 5, k=1)
    only = np.where(np.arange(8)[:, None, None] == 3, x, 0.0)
    found = leave_one_out(y, np.concatenate([x, only], axis=-1), 1)
    assert np.isnan(found[3])
    assert np.isfinite(np.delete(found, 3)).all()


def test_refusals():
    y, x = drawn(6, 5)
    with refused("no_such_regressor"):
        wild_cluster(y, x, 2)
    with refused("draws_few"):
        wild_cluster(y, x, draws=0)


@pytest.mark.parametrize("effects", EFFECTS)
def test_the_wider_interval_holds_the_bootstraps_and_the_jackknifes(effects):
    y, x = drawn(9, 5, gaps=0.1, seed=4)
    b = fit(y, x, effects).beta[1]
    without = np.array([fit(np.delete(y, g, 0), np.delete(x, g, 0), effects).beta[1] for g in range(9)])
    half = 2.3060041350333704 * np.sqrt(8 / 9 * ((without - b) ** 2).sum())  # t of 8 degrees, 97.5 %
    low, high = wild_interval(y, x, 1, effects, 199, seed=3)
    found = wider_interval(y, x, 1, effects, 199, seed=3)
    assert_allclose(found, (min(low, b - half), max(high, b + half)), rtol=1e-9)


def test_a_region_that_takes_no_part_does_not_widen_it():
    y, x = drawn(8, 5, seed=2)
    idle = np.concatenate([y, np.full((1, 5), np.nan)]), np.concatenate([x, np.zeros((1, 5, 2))])
    assert_allclose(wider_interval(*idle, draws=199), wider_interval(y, x, draws=199), rtol=1e-12)
