"""Planted thresholds are found, with intervals that hold them; where there is none the test says so."""

import numpy as np

from zhiyu.explain.threshold import fit


def planted(seed, slopes, gammas, n=60, t=8, dependence=0.0):
    """y = x + slope of the regime x + region + errors that may last over the years."""
    rng = np.random.default_rng(seed)
    x, regime, threshold = (
        rng.standard_normal(shape) + rng.standard_normal((n, 1, 1)[: len(shape)])
        for shape in ((n, t, 1), (n, t), (n, t))
    )
    error, errors = rng.standard_normal(n), []
    for _ in range(t):
        error = dependence * error + np.sqrt(1 - dependence**2) * rng.standard_normal(n)
        errors.append(error)
    slope = np.array(slopes)[np.searchsorted(gammas, threshold, side="left")]
    return x[..., 0] + slope * regime + rng.standard_normal((n, 1)) + np.stack(errors, axis=1), x, regime, threshold


def test_one_threshold_is_found_and_its_interval_holds_it():
    found = [fit(*planted(seed, (0.0, 0.5), (0.4,)), grid="all", bootstraps=0) for seed in range(200)]
    gamma = np.array([one.gamma[0] for one in found])
    assert abs(np.median(gamma) - 0.4) < 0.02
    held = np.mean([one.interval[0, 0] <= 0.4 < one.interval[0, 1] + 0.05 for one in found])
    assert held > 0.93
    slopes = np.array([one.regimes for one in found]).mean(axis=0)
    assert np.abs(slopes - [0.0, 0.5]).max() < 0.02


def test_two_thresholds_are_found_and_a_third_is_not_asked_for():
    found = [fit(*planted(s, (0.0, 1.0, -0.5), (-0.5, 0.8)), 3, trim=0.05, bootstraps=99, seed=s) for s in range(20)]
    two = [fit(*planted(s, (0.0, 1.0, -0.5), (-0.5, 0.8)), 2, trim=0.05, bootstraps=0) for s in range(20)]
    assert np.abs(np.median([one.gamma for one in two], axis=0) - [-0.5, 0.8]).max() < 0.05
    assert np.mean([one.supported() == 2 for one in found]) >= 0.8


def test_without_a_threshold_the_test_rejects_about_five_in_a_hundred():
    for dependence in (0.0, 0.7):
        p = [
            fit(*planted(s, (0.5,), (), dependence=dependence), trim=0.05, grid=100, bootstraps=99, seed=s).p[0]
            for s in range(300)
        ]
        assert 0.015 <= np.mean(np.array(p) <= 0.05) <= 0.085
        assert abs(np.mean(p) - 0.5) < 0.08


def test_one_planted_threshold_does_not_look_like_two():
    p = [fit(*planted(s, (0.0, 0.8), (0.3,)), 2, 0.05, 100, 99, s).p for s in range(150)]
    rejected = np.mean(np.array(p) <= 0.05, axis=0)
    assert rejected[0] > 0.98
    assert rejected[1] <= 0.10


def test_where_the_spread_goes_with_the_regime_variable_only_signs_of_regions_keep_the_size():
    p = []
    for seed in range(200):
        y, x, regime, threshold = planted(seed, (0.0,), ())
        noise = np.random.default_rng(1000 + seed).standard_normal(y.shape)
        found = fit(y + 2 * np.exp(0.6 * regime) * noise, x, regime, threshold, 1, 0.05, 100, 99, seed)
        p.append((found.p[0], found.p_wild[0]))
    hansen, signs = np.mean(np.array(p) <= 0.05, axis=0)
    assert hansen > 0.2
    assert 0.01 <= signs <= 0.10
