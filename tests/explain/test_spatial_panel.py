"""Spatial panel kernels: the likelihood by brute force, the transformation by hand, effects, tests, dynamics."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import null_space
from scipy.optimize import approx_fprime

from zhiyu.explain import spatial_spectrum
from zhiyu.explain.spatial_checks import resample_regions, serial_correlation, without_each
from zhiyu.explain.spatial_dynamic import score_bias
from zhiyu.explain.spatial_panel import fit
from zhiyu.explain.spatial_spectrum import spectrum, symmetriser
from zhiyu.explain.spatial_tests import all_models, durbin_tests, lm_tests
from zhiyu.explain.spatial_within import determinant, within

N, T = 12, 6


def ring(n: int = N) -> np.ndarray:
    """Neighbours on both sides of a ring and one chord, rows summing to one: symmetric in pattern, not in weight."""
    near = np.eye(n, k=1) + np.eye(n, k=-1)
    near[0, -1] = near[-1, 0] = near[0, n // 2] = near[n // 2, 0] = 1.0
    return near / near.sum(axis=1, keepdims=True)


def directed(n: int = N) -> np.ndarray:
    """Weights that are neither symmetric nor sum to one."""
    near = np.random.default_rng(5).uniform(0.05, 0.3, (n, n)) * (ring(n) > 0)
    return near + 0.1 * np.eye(n, k=3)


def data(seed: int = 0, rho: float = 0.4, n: int = N, t: int = T, k: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, t, k)) + rng.standard_normal((n, 1, k))
    fixed = rng.standard_normal((n, 1)) + rng.standard_normal((1, t))
    right = x.sum(axis=-1) + fixed + 0.5 * rng.standard_normal((n, t))
    return np.linalg.solve(np.eye(n) - rho * ring(n), right), x


def brute(y, x, w, model, effects, transformed=False):
    """ln L of all parameters, as the textbook writes it; `transformed`: of the panel in n - 1 by t - 1 dimensions."""
    if transformed:
        across, along = null_space(np.ones((1, len(y)))), null_space(np.ones((1, y.shape[1])))
        w = across.T @ w @ across
        y = across.T @ y @ along
        x = np.stack([across.T @ x[..., j] @ along for j in range(x.shape[-1])], axis=-1)
    n, t = y.shape

    def value(p):
        coefficients, rho, sigma2 = p[:-2], p[-2], p[-1]
        z = np.concatenate([x, np.einsum("ij,jtk->itk", w, x)], axis=-1) if model == "durbin" else x
        inside = np.eye(n) - rho * w
        e = inside @ (y - z @ coefficients) if model == "error" else inside @ y - z @ coefficients
        s = inside @ np.ones(n) if model == "error" else np.ones(n)
        if not transformed:
            if effects == "none":
                e = e - s[:, None] * (s @ e).sum() / (t * s @ s)
            if effects in ("region", "two-way"):
                e = e - e.mean(axis=1, keepdims=True)
            if effects in ("time", "two-way"):
                e = e - s[:, None] * (s @ e) / (s @ s)
        logdet = np.linalg.slogdet(inside)[1]
        return -n * t / 2 * np.log(2 * np.pi * sigma2) + t * logdet - (e**2).sum() / (2 * sigma2)

    return value


def curvature(value, at):
    """Second derivatives by differences."""
    k = len(at)
    steps = np.diag(1e-4 * np.abs(at) + 1e-6)
    found = np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            a, b = steps[i], steps[j]
            four = value(at + a + b) - value(at + a - b) - value(at - a + b) + value(at - a - b)
            found[i, j] = four / (4 * a[i] * b[j])
    return found


@pytest.mark.parametrize("model", ["lag", "error", "durbin"])
@pytest.mark.parametrize("effects", ["none", "region", "time", "two-way"])
@pytest.mark.parametrize("weights", [ring, directed], ids=lambda make: make.__name__)
def test_direct_likelihood_is_that_of_the_textbook_and_greatest(model, effects, weights):
    y, x = data()
    found = fit(y, x, weights(), model, effects, "none")
    value = brute(y, x, weights(), model, effects)
    assert found.log_likelihood == pytest.approx(value(found.coefficients), abs=1e-9)
    slope = approx_fprime(found.coefficients, value, 1e-7) * found.std_errors
    assert np.abs(slope).max() < 1e-3
    numeric = np.sqrt(np.diag(np.linalg.inv(-curvature(value, found.coefficients))))
    assert_allclose(found.std_errors, numeric, rtol=2e-3)


@pytest.mark.parametrize("model", ["lag", "error", "durbin"])
def test_lee_and_yu_is_the_likelihood_of_the_transformed_panel(model):
    y, x = data()
    found = fit(y, x, ring(), model)
    value = brute(y, x, ring(), model, "two-way", transformed=True)
    assert found.log_likelihood == pytest.approx(value(found.coefficients), abs=1e-9)
    assert np.abs(approx_fprime(found.coefficients, value, 1e-7) * found.std_errors).max() < 1e-3
    numeric = np.linalg.inv(-curvature(value, found.coefficients))
    assert_allclose(np.sqrt(np.diag(numeric)), found.std_errors, rtol=2e-3)
    assert found.freedom == (N - 1) * (T - 1)


@pytest.mark.parametrize("model", ["lag", "durbin"])
def test_weights_that_do_not_sum_to_one_get_the_score_without_its_expectation(model):
    """E score = -(T - 1) tr(QG), Q off the mean: the estimate is where the score by brute force equals that."""
    y, x = data()
    w = directed()
    found = fit(y, x, w, model)
    direct = brute(y, x, w, model, "two-way")
    slope = approx_fprime(found.coefficients, direct, 1e-7)
    g = w @ np.linalg.inv(np.eye(N) - found.rho * w)
    inside = np.trace(g) - g.sum() / N
    assert slope[-2] == pytest.approx((T - 1) * inside - T * np.trace(g), abs=1e-3)
    assert_allclose(slope[:-2] * found.std_errors[:-2], 0.0, atol=1e-3)


def test_the_two_ways_to_the_constants_share_agree_where_both_stand():
    w = ring()
    known = spectrum(w)
    _, shares = spatial_spectrum._symmetric(w, np.sqrt(symmetriser(w)), standardised=False)
    values, general = spatial_spectrum._general(w, standardised=False)
    assert_allclose(shares, known.ones, atol=1e-12)
    assert general[np.abs(values - 1).argmin()].real == pytest.approx(1.0)
    assert_allclose(np.abs(general).sum(), 1.0, atol=1e-9)


def test_the_determinant_leaves_out_the_constants_share():
    w, rho = ring(), 0.37
    space = within(N, T, "two-way", "lee-yu")
    inside = np.linalg.slogdet(np.eye(N) - rho * w)[1] - np.log(1 - rho)
    assert determinant(spectrum(w), space).value(np.array([rho]))[0] == pytest.approx(inside, abs=1e-12)


def test_eigenvalues_and_interval():
    found = spectrum(ring())
    assert_allclose(np.sort(found.eigenvalues), np.sort(np.linalg.eigvals(ring()).real), atol=1e-10)
    assert found.interval == (pytest.approx(1 / found.eigenvalues.min()), 1.0)
    circle = np.roll(np.eye(5), 1, axis=1)  # no negative eigenvalue is real: the spectral radius bounds rho
    assert spectrum(circle).interval == (-1.0, 1.0)
    assert symmetriser(circle) is None


def test_the_spectrum_of_a_matrix_is_found_once(monkeypatch):
    y, x = data()
    fit(y, x, ring())
    monkeypatch.setattr(spatial_spectrum, "_made", None)
    assert fit(y, x, ring().copy()).rho == fit(y, x, ring()).rho  # known by content
    with pytest.raises(TypeError):
        fit(y, x, directed() * 0.99)


def test_a_change_of_the_callers_matrix_reaches_nothing():
    y, x = data()
    w = ring()
    before = fit(y, x, w).rho
    w[0, 1], w[0, -1] = w[0, 1] + 0.1, w[0, -1] - 0.1
    assert fit(y, x, w).rho != before
    assert fit(y, x, ring()).rho == before


def by_matrix(found, w, long_run=False):
    own, lagged = (found.tau, found.eta) if long_run else (0.0, 0.0)
    spread = np.linalg.inv((1 - own) * np.eye(len(w)) - (found.rho + lagged) * w)
    parts = [spread @ (b * np.eye(len(w)) + c * w) for b, c in zip(found.beta, found.theta, strict=True)]
    direct = np.array([np.trace(part) / len(w) for part in parts])
    total = np.array([part.sum() / len(w) for part in parts])
    return direct, total - direct, total


@pytest.mark.parametrize("weights", [ring, directed], ids=lambda make: make.__name__)
def test_effects_are_those_of_the_whole_matrix(weights):
    y, x = data()
    found = fit(y, x, weights())
    effects = found.effects(draws=200)
    told = by_matrix(found, weights())
    for kind, values in zip(("direct", "indirect", "total"), told, strict=True):
        assert_allclose(getattr(effects, kind), values, atol=1e-10)
    assert_allclose(effects.direct + effects.indirect, effects.total, atol=1e-12)
    assert (effects.indirect_bounds[0] < effects.indirect).all()
    assert (effects.indirect < effects.indirect_bounds[1]).all()


def test_standard_errors_of_effects_are_those_of_the_delta_method():
    y, x = data(t=40)
    found = fit(y, x, ring())
    at = found.coefficients[:-1]

    def total(p):
        return (p[0] + p[2]) / (1 - p[-1])

    slope = approx_fprime(at, total, 1e-7)
    expected = np.sqrt(slope @ found.covariance[:-1, :-1] @ slope)
    assert found.effects(draws=20000).total_se[0] == pytest.approx(expected, rel=0.05)


def test_models_without_feedback_have_the_plain_effects():
    y, x = data()
    for model in ("ols", "error"):
        effects = fit(y, x, ring(), model).effects(draws=200)
        assert_allclose(effects.indirect, 0.0, atol=1e-12)
        assert_allclose(effects.direct, fit(y, x, ring(), model).beta)
        assert (effects.indirect_p == 1.0).all()
    slx = fit(y, x, ring(), "slx")
    assert_allclose(slx.effects(draws=200).indirect, slx.theta, atol=1e-12)


def test_the_same_seed_gives_the_same_draws():
    found = fit(*data(), ring())
    assert (found.effects(seed=3).indirect_se == found.effects(seed=3).indirect_se).all()
    assert (found.effects(seed=3).indirect_se != found.effects(seed=4).indirect_se).any()


def test_lagged_outcomes_and_the_long_run():
    y, x = data(t=25)
    found = fit(y, x, ring(), dynamic=True)
    assert found.names == ("y[-1]", "W y[-1]", "x0", "x1", "W x0", "W x1", "rho", "sigma2")
    assert found.t == 24
    for long_run in (False, True):
        told = by_matrix(found, ring(), long_run)
        assert_allclose(found.effects(draws=200, long_run=long_run).total, told[2], atol=1e-9)
        assert_allclose(found.point_effects(long_run), told, atol=1e-9)


def test_the_expected_scores_of_a_dynamic_panel_are_exact():
    """Against the sums over years and regions written out with matrices."""
    w, (rho, tau, eta, t) = ring(), (0.3, 0.5, -0.1, 5)
    logdet = determinant(spectrum(w), within(N, t, "two-way", "lee-yu"))
    inverse = np.linalg.inv(np.eye(N) - rho * w)
    off = np.eye(N) - 1 / N
    passed = inverse @ (tau * np.eye(N) + eta * w)
    before = np.zeros((N, N))  # sum over t and s < t of A^(t - 1 - s) S^-1, which region means multiply into 1 / t
    for year in range(1, t + 1):
        for shock in range(1, year):
            before += np.linalg.matrix_power(passed, year - 1 - shock) @ inverse / t
    told = score_bias(rho, tau, eta, t, logdet)
    through = w @ inverse @ (tau * np.eye(N) + eta * w)
    expected = [-np.trace(off @ part @ before) for part in (np.eye(N), w, through)]
    assert_allclose(told, expected, atol=1e-12)


def test_lagrange_multipliers_are_scores_of_the_transformed_panel():
    """s^2 / I of the likelihood in n - 1 by t - 1 dimensions at rho = 0, the score by differences."""
    y, x = data(rho=0.1)
    plain = fit(y, x, ring(), "ols")
    at = np.r_[plain.beta, 0.0, plain.sigma2]
    tests = lm_tests(y, x, ring())
    across = null_space(np.ones((1, N)))
    inside = across.T @ ring() @ across
    spread = np.trace(inside @ inside + inside.T @ inside)
    slope = approx_fprime(at, brute(y, x, ring(), "error", "two-way", transformed=True), 1e-7)[-2]
    assert tests.error.statistic == pytest.approx(slope**2 / ((T - 1) * spread), rel=1e-4)
    slope = approx_fprime(at, brute(y, x, ring(), "lag", "two-way", transformed=True), 1e-7)[-2]
    assert tests.lag.statistic < slope**2 / ((T - 1) * spread)  # the regressors' part adds to the information
    lag = fit(y, x, ring(), "lag")
    assert tests.lag.statistic == pytest.approx(2 * (lag.log_likelihood - plain.log_likelihood), rel=0.3)


def test_restrictions_of_the_durbin_model():
    y, x = data(t=30)
    models = all_models(y, x, ring())
    tests = durbin_tests(models["durbin"], models["lag"], models["error"], models["slx"])
    assert tests.wald_lag.df == tests.lr_error.df == 2
    assert tests.lr_slx.df == 1
    assert tests.lr_slx.p < 1e-6  # rho is 0.4
    assert tests.lr_lag.p > 0.05  # theta is 0
    assert tests.lr_error.p < 1e-6  # and there is no common factor
    assert_allclose(tests.wald_lag.statistic, tests.lr_lag.statistic, rtol=0.2)


def test_one_region_left_out():
    y, x = data()
    found = without_each(y, x, ring(), fit(y, x, ring()))
    rest = np.arange(1, N)
    near = ring()[1:, 1:] / ring()[1:, 1:].sum(axis=1, keepdims=True)
    assert_allclose(found[0], fit(y[rest], x[rest], near).point_effects()[1])
    island = np.zeros((N, N))
    island[:-1, :-1] = ring(N - 1)
    island[-1, 0] = island[0, -1] = 0.5
    island /= island.sum(axis=1, keepdims=True)
    assert np.isnan(without_each(y, x, island, fit(y, x, island))[0]).all()  # the last has no other neighbour


def test_memory_of_residuals():
    e = np.array([[1.0, 1.0, -1.0, -1.0]])
    assert serial_correlation(e) == (pytest.approx(4 * 1 / (3 * 4)), -1 / 3)


def test_resampled_regions():
    y, x = data(n=N, t=15)
    found = fit(y, x, ring())
    one, other = (resample_regions(x, ring(), found, 199, seed) for seed in (1, 1))
    assert (one.indirect_bounds == other.indirect_bounds).all()
    assert one.kept == 199
    assert ((one.total_bounds[0] < found.effects().total) & (found.effects().total < one.total_bounds[1])).all()
