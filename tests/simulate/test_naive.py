"""Naive forecasts: answers by hand, and panels planted so that the right one wins."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from zhiyu.simulate.naive import (
    NAIVE,
    autoregression,
    bayesian_var,
    damped_smoothing,
    drift,
    growth,
    last,
    pooled_drift,
    pooled_holt,
    random_walk,
    shrunk_drift,
)
from zhiyu.simulate.scores import rmse


def one(*rows):
    """(1, region, year) logarithms."""
    return np.array([rows], dtype=float)


def test_answers_by_hand():
    x = one([0, 1, 2, 3], [5, 5, 5, 5])
    assert_allclose(random_walk(x, 2)[0], [[3, 3], [5, 5]])
    assert_allclose(drift(x, 2)[0], [[4, 5], [5, 5]])
    assert_allclose(pooled_drift(x, 2)[0], [[3.5, 4], [5.5, 6]])
    assert_allclose(shrunk_drift(x, 2)[0], drift(x, 2)[0])  # growth without any scatter is all its own


def test_a_region_that_ends_early_is_carried_on_from_there():
    x = one([0, 1, 2, np.nan], [0, 1, 2, 3])
    assert_allclose(drift(x, 2)[0], [[4, 5], [4, 5]])
    assert_allclose(random_walk(x, 1)[0], [[2], [3]])
    value, age = last(x)
    assert_allclose(value, [[2, 3]])
    assert age.tolist() == [[1, 0]]


def test_growth_over_a_gap_is_the_mean_a_year():
    assert_allclose(growth(np.array([1.0, np.nan, np.nan, 7.0, np.nan])), [2, 2, 2, np.nan])


@pytest.mark.parametrize("name", NAIVE)
def test_two_years_are_not_enough(name):
    x = np.stack([np.full((3, 5), np.nan), np.full((3, 5), np.nan)])
    x[0] = np.random.default_rng(0).normal(size=(3, 5)).cumsum(axis=1)
    x[1, :, 3:] = 1.0, 2.0
    found = NAIVE[name](x, 3)
    assert found.shape == (2, 3, 3)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


@pytest.mark.parametrize("name", NAIVE)
def test_what_grows_by_one_rate_everywhere_goes_on(name):
    x = one(0.1 * np.arange(8), 1 + 0.1 * np.arange(8))
    ahead = 0.1 * (7 + np.arange(1, 4)) if name != "random_walk" else np.full(3, 0.7)
    damped = name in ("pooled_holt", "damped_smoothing")
    assert_allclose(NAIVE[name](x, 3)[0], [ahead, 1 + ahead], atol=0.1 if damped else 1e-9)


@pytest.mark.parametrize("name", NAIVE)
def test_a_level_added_is_a_level_added(name):
    x = np.random.default_rng(3).normal(0.05, 0.1, (2, 6, 9)).cumsum(axis=2)
    assert_allclose(NAIVE[name](x + 7.0, 3), NAIVE[name](x, 3) + 7.0, atol=1e-9)


def planted(kind, seed, states=3, regions=30, years=16):
    """(state, region, year) logarithms of a known process."""
    rng = np.random.default_rng(seed)
    e = rng.normal(0, 0.05, (states, regions, years))
    if kind == "walk":
        g = e
    elif kind == "own_drift":
        g = e + rng.normal(0.05, 0.03, (states, regions, 1))
    elif kind == "common_drift":
        g = e + 0.1
    elif kind == "momentum":
        g = np.zeros_like(e)
        for t in range(1, years):
            g[..., t] = 0.02 + 0.8 * g[..., t - 1] + e[..., t]
    elif kind == "noise":  # a smooth path seen through errors
        return 0.06 * np.arange(years) + rng.normal(size=(states, regions, 1)) + 2 * e
    elif kind == "cross":  # the first state leads the others
        g = e.copy()
        g[1:, :, 1:] += 0.9 * e[:1, :, :-1]
    return g.cumsum(axis=2)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("walk", random_walk, (drift, shrunk_drift, autoregression)),
        ("own_drift", shrunk_drift, (random_walk, drift, pooled_drift)),
        ("common_drift", pooled_drift, (random_walk, drift)),
        ("momentum", autoregression, (random_walk, drift, pooled_drift, shrunk_drift)),
        ("noise", pooled_holt, (random_walk, drift, damped_smoothing)),
        ("cross", bayesian_var, (random_walk, drift, pooled_drift, autoregression)),
    ],
)
def test_the_right_forecaster_wins_on_its_own_process(kind, right, wrong):
    errors = {f: [] for f in (right, *wrong)}
    for seed in range(12):
        x = planted(kind, seed)
        for f, found in errors.items():
            found.append(f(x[..., :-1], 1)[..., 0] - x[..., -1])
    scores = {f.__name__: rmse(np.array(found)) for f, found in errors.items()}
    assert min(scores, key=scores.get) == right.__name__, scores
