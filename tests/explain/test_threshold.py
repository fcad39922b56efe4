"""Panel thresholds: every split by brute force, the bootstrap by a plain loop, intervals, the chosen grid."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from zhiyu.explain.panel_ols import fit as least_squares
from zhiyu.explain.threshold import Threshold, fit

N, T = 9, 6


def data(seed: int = 0, n: int = N, t: int = T, k: int = 2, ties: bool = False):
    rng = np.random.default_rng(seed)
    x, regime = rng.standard_normal((n, t, k)), 1.0 + rng.standard_normal((n, t))
    threshold = rng.standard_normal((n, t))
    threshold = np.round(2 * threshold) / 2 if ties else threshold
    y = x.sum(axis=-1) + regime * np.where(threshold > 0.2, 1.2, 0.5) + 2 * rng.standard_normal((n, 1))
    return y + rng.standard_normal((n, t)), x, regime, threshold


def columns(x, regime, threshold, gammas):
    part = np.searchsorted(sorted(gammas), threshold, side="left")
    return np.concatenate([x, *((regime * (part == j))[..., None] for j in range(len(gammas) + 1))], axis=-1)


def ssr(y, x, regime, threshold, gammas=()):
    z = columns(x, regime, threshold, gammas)
    z, y = (v - v.mean(axis=1, keepdims=True) for v in (z, y))
    z, y = z.reshape(y.size, -1), y.ravel()
    return float(((y - z @ np.linalg.lstsq(z, y, rcond=None)[0]) ** 2).sum())


def splits(threshold, least):
    return [g for g in np.unique(threshold) if min((threshold <= g).sum(), (threshold > g).sum()) >= least]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("k", [0, 2])
def test_one_threshold_is_the_best_of_all_splits(ties, k):
    y, x, regime, threshold = data(k=k, ties=ties)
    found = fit(y, x, regime, threshold, trim=0.1, grid="all", bootstraps=0)
    places = splits(threshold, 6)
    each = [ssr(y, x, regime, threshold, (g,)) for g in places]
    assert_allclose(found.candidates, places)
    assert found.gamma[0] == places[int(np.argmin(each))]
    assert found.ssr == pytest.approx(min(each), rel=1e-12)
    none = ssr(y, x, regime, threshold)
    assert found.f[0] == pytest.approx((none - min(each)) / (min(each) / (N * (T - 1))), rel=1e-9)
    assert_allclose(found.lr[0], (np.array(each) - min(each)) / (min(each) / (N * (T - 1))), rtol=1e-7, atol=1e-8)
    inside = np.array(places)[found.lr[0] <= -2 * np.log(1 - np.sqrt(0.95))]
    assert_allclose(found.interval[0], [inside.min(), inside.max()])
    assert np.isnan(found.p[0])


def test_two_thresholds_are_no_worse_than_any_neighbour_and_here_the_best_of_all_pairs():
    y, x, regime, threshold = data(seed=3)
    y = y + 4 * regime * (threshold > 0.9)
    found = fit(y, x, regime, threshold, count=2, trim=0.1, grid="all", bootstraps=0)
    pairs = [
        pair
        for pair in combinations(splits(threshold, 6), 2)
        if ((threshold > pair[0]) & (threshold <= pair[1])).sum() >= 6
    ]
    each = [ssr(y, x, regime, threshold, pair) for pair in pairs]
    assert tuple(found.gamma) == pairs[int(np.argmin(each))]
    assert found.ssr == pytest.approx(min(each), rel=1e-12)
    for j in range(2):  # the other in place
        beside = {g: ssr(y, x, regime, threshold, (g, found.gamma[1 - j])) for g in found.candidates}
        told = [(beside[g] - found.ssr) / (found.ssr / (N * (T - 1))) for g in found.candidates]
        fair = np.isfinite(found.lr[j])
        assert_allclose(found.lr[j][fair], np.array(told)[fair], rtol=1e-7, atol=1e-8)
    assert found.observations.sum() == y.size
    assert found.observations.min() >= 6


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("grid", [12, "all"])
def test_the_bootstrap_is_that_of_a_plain_loop(count, grid):
    """Panels made one by one of whole regions' residuals on the model of the null, each fitted on its own."""
    y, x, regime, threshold = data(seed=1, n=12)
    chosen = {"trim": 0.05, "grid": grid}
    found = fit(y, x, regime, threshold, count, bootstraps=20, seed=5, **chosen)
    drawn = np.random.default_rng(5).integers(0, 12, (20, 12))
    for j in range(1, count + 1):
        one = fit(y, x, regime, threshold, j, bootstraps=0, **chosen)
        null = y * 0 if j == 1 else y - fit(y, x, regime, threshold, j - 1, bootstraps=0, **chosen).residuals
        simulated = [
            fit(null + one.residuals[who], x, regime, threshold, j, bootstraps=0, **chosen).f[-1] for who in drawn
        ]
        assert_allclose(found.simulated[j - 1], simulated, rtol=1e-7, atol=1e-9)
        assert found.p[j - 1] == (1 + np.sum(np.array(simulated) >= found.f[j - 1])) / 21
        kept = (
            least_squares(y, np.concatenate([x, regime[..., None]], axis=-1), "region").residuals
            if j == 1
            else y - null
        )
        wild = [
            fit(null + kept * sign[:, None], x, regime, threshold, j, bootstraps=0, **chosen).f[-1]
            for sign in 2 * np.random.default_rng([5, 1]).integers(0, 2, (20, 12)) - 1
        ]
        assert found.p_wild[j - 1] == (1 + np.sum(np.array(wild) >= found.f[j - 1])) / 21
        assert_allclose(found.critical[j - 1], np.quantile(simulated, [0.9, 0.95, 0.99]), rtol=1e-7)


def test_coefficients_are_those_of_least_squares_with_the_thresholds_known():
    y, x, regime, threshold = data(seed=2)
    found = fit(y, x, regime, threshold, 2, trim=0.1, bootstraps=0)
    plain = least_squares(y, columns(x, regime, threshold, found.gamma), effects="region")
    assert_allclose(np.r_[found.beta, found.regimes], plain.beta, rtol=1e-9)
    assert_allclose(found.covariance, plain.covariance, rtol=1e-8)
    assert_allclose(found.residuals, plain.residuals, atol=1e-10)
    assert found.ssr == pytest.approx((found.residuals**2).sum(), rel=1e-12)


def test_chunks_do_not_change_the_answer(monkeypatch):
    whole = fit(*data(), 2, trim=0.1, bootstraps=30)
    monkeypatch.setattr("zhiyu.explain.threshold.BLOCK", 1)
    monkeypatch.setattr("zhiyu.explain.threshold_search.SMALL", 0)
    parts = fit(*data(), 2, trim=0.1, bootstraps=30)
    assert_allclose(parts.simulated, whole.simulated, rtol=1e-9)
    assert (parts.p == whole.p).all()


def test_p_is_never_zero_and_supported_counts_up_to_the_first_failure():
    y, x, regime, threshold = data(n=40)
    found = fit(y + 9 * regime * (threshold > 0), x, regime, threshold, bootstraps=99)
    assert found.p[0] == 1 / 100
    assert found.supported() == 1
    three = Threshold(**{**vars(found), "p": np.array([0.01, 0.2, 0.01])})
    assert three.supported() == 1
    assert three.supported(0.5) == 3


def test_a_grid_is_made_of_observed_values():
    *_, threshold = data(n=40)
    found = fit(*data(n=40), trim=0.05, grid=17, bootstraps=0)
    assert len(found.candidates) == 17
    assert np.isin(found.candidates, threshold).all()
    assert (threshold <= found.candidates[0]).sum() == 12


def told(lr: list[float], at: int) -> Threshold:
    """A fit whose likelihood ratio is what the test says, with its threshold at one of the candidates."""
    found = fit(*data(), trim=0.1, grid=len(lr), bootstraps=0)
    values = np.arange(float(len(lr)))
    return replace(found, candidates=values, lr=np.array([lr]), gamma=values[[at]])


def test_what_fits_is_told_run_by_run_the_thresholds_own_first():
    found = told([3.0, 1.0, 9.0, 0.0, 8.0, 2.0, 0.5], 3)
    assert found.accepted(0) == ((3.0, 3.0, 3.0), (5.0, 6.0, 6.0), (0.0, 1.0, 1.0))
    assert found.at_end(0) == 0
    assert told([9.0, 3.0, 0.0, 1.0], 2).accepted(0) == ((1.0, 3.0, 2.0),)


def test_candidates_that_may_not_stand_part_no_run():
    assert told([9.0, 3.0, np.nan, 0.0, 1.0], 3).accepted(0) == ((1.0, 4.0, 3.0),)


def test_a_threshold_at_the_end_of_the_search_is_known_as_such():
    assert told([0.0, 1.0, 9.0], 0).at_end(0) == -1
    assert told([9.0, 9.0, 0.0], 2).at_end(0) == 1
    assert told([9.0, 9.0, 0.0], 2).accepted(0) == ((2.0, 2.0, 2.0),)


def test_the_interval_reaches_over_all_runs():
    found = fit(*data(seed=5), trim=0.1, grid="all", bootstraps=0)
    runs = found.accepted(0)
    assert found.interval[0].tolist() == [min(low for low, _, _ in runs), max(high for _, high, _ in runs)]
    assert runs[0][0] <= found.gamma[0] <= runs[0][1]
