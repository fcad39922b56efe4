"""Planted spatial panels: found without bias where Lee and Yu correct it, with it where they do not; nulls are null."""

import numpy as np

from zhiyu.explain.spatial_checks import resample_regions
from zhiyu.explain.spatial_panel import fit
from zhiyu.explain.spatial_tests import lm_tests

N, T = 25, 10


def lattice() -> np.ndarray:
    at = np.stack(np.divmod(np.arange(N), 5), axis=1)
    near = (np.abs(at[:, None] - at).sum(axis=-1) == 1).astype(float)
    return near / near.sum(axis=1, keepdims=True)


W = lattice()


def planted(rng, rho, tau=0.0, eta=0.0, t=T, theta=0.5, serial=0.0):
    """(n, t) y and (n, t, 1) x: y = rho Wy + tau y[-1] + eta W y[-1] + x + theta Wx + effects + errors."""
    inverse, before = np.linalg.inv(np.eye(N) - rho * W), np.zeros(N)
    error, fixed = rng.standard_normal(N), rng.standard_normal(N)
    ys, xs = [], []
    for _ in range((40 if tau else 0) + t):
        x = rng.standard_normal(N)
        error = serial * error + np.sqrt(1 - serial**2) * rng.standard_normal(N)
        before = inverse @ (tau * before + eta * W @ before + x + theta * W @ x + fixed + rng.standard_normal() + error)
        ys.append(before)
        xs.append(x)
    return np.stack(ys[-t:], axis=1), np.stack(xs[-t:], axis=1)[..., None]


def test_rho_is_found_with_the_correction_and_missed_without():
    found = np.array(
        [
            [fit(*planted(np.random.default_rng(seed), 0.4), W, correction=how).rho for how in ("lee-yu", "none")]
            for seed in range(200)
        ]
    )
    corrected, direct = found.mean(axis=0)
    assert abs(corrected - 0.4) < 0.02
    assert direct < 0.34


def test_no_spatial_dependence_is_found_to_be_none():
    """At 5 % about one in twenty: rho by its standard error, and the multiplier tests, which without the correction
    reject far more often."""
    wald, multipliers, naive = 0, np.zeros(2), np.zeros(2)
    for seed in range(200):
        y, x = planted(np.random.default_rng(seed), 0.0, theta=0.0)
        found = fit(y, x, W, "lag")
        wald += found.p_values[-2] < 0.05
        for count, how in ((multipliers, "lee-yu"), (naive, "none")):
            tests = lm_tests(y, x, W, correction=how)
            count += [tests.lag.p < 0.05, tests.error.p < 0.05]
    assert wald <= 20
    assert (multipliers <= 20).all()
    assert (naive > multipliers).all()


def test_planted_dynamics_are_found_without_nickells_bias():
    truth = np.array([0.5, -0.1, 1.0, 0.5, 0.3])
    found: dict[str, list[np.ndarray]] = {"lee-yu": [], "none": []}
    one_step = 0
    for seed in range(60):
        y, x = planted(np.random.default_rng(seed), 0.3, 0.5, -0.1, t=9)
        for how, kept in found.items():
            one = fit(y, x, W, correction=how, dynamic=True)
            kept.append(one.coefficients[:5])
            one_step += one.one_step
    assert np.abs(np.mean(found["lee-yu"], axis=0) - truth).max() < 0.05
    assert np.mean(found["none"], axis=0)[0] < 0.43
    assert 1 <= one_step <= 3  # panels on which the equation has no solution are rare, and say so


def test_errors_that_persist_want_resampled_regions():
    """A regressor that persists too: the information matrix's interval of its direct effect misses the truth, that of
    errors resampled by regions far less often."""
    held = np.zeros(2)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        y, x = planted(rng, 0.3, serial=0.9)
        x = np.cumsum(x, axis=1) / 3
        inverse = np.linalg.inv(np.eye(N) - 0.3 * W)
        error = np.cumsum(rng.standard_normal((N, T)), axis=1)
        y = inverse @ (x[..., 0] + 0.5 * W @ x[..., 0] + error)
        truth = np.trace(inverse @ (np.eye(N) + 0.5 * W)) / N
        found = fit(y, x, W)
        for k, bounds in enumerate((found.effects(200).direct_bounds, resample_regions(x, W, found, 99).direct_bounds)):
            held[k] += bounds[0, 0] <= truth <= bounds[1, 0]
    assert held[1] >= held[0] + 4
    assert held[1] >= 33
