"""The core's calibration finds what was planted, knows what it cannot find, and is the closed form it claims to be."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from simulate.planted import PRIORS, observed, ring, truths, world

from zhiyu.simulate import parameters
from zhiyu.simulate.calibrate import calibrate
from zhiyu.simulate.hierarchy import DRIFT_MEAN, DRIFT_SD, Sample, Variances, fit, solve, split

WORLDS = 100


@pytest.mark.slow
def test_planted_parameters_are_found():
    """In 100 worlds drawn from the priors, and what is identified lies within 2 sd in nine of ten."""
    theta = truths(WORLDS, seed=3)
    tables = [calibrate(observed(x), parameters.core()).tidy() for x in world(theta, seed=4)]
    names = list(tables[0]["parameter"])
    true = np.array([theta[name] for name in names]).T
    mean, sd, contraction = (np.array([table[part] for table in tables]) for part in ("mean", "sd", "contraction"))
    off = (mean - true) / sd
    identified = contraction.mean(axis=0) > 0.3
    assert identified.sum() >= 20
    within = (np.abs(off) < 2).mean(axis=0)
    assert within[identified].min() >= 0.9
    assert within[identified].mean() >= 0.94
    # the posterior is no wider than it need be, either
    assert 0.8 < np.sqrt((off**2).mean()) < 1.15
    # and what the data moved, they moved towards the truth
    prior = np.array([PRIORS[name].mean for name in names])
    better = np.abs(mean - true).mean(axis=0) < np.abs(prior - true).mean(axis=0)
    assert better[identified].all()


def test_what_no_data_can_tell_stays_at_its_prior():
    """Islands have no spill-over: its coefficient is reported as not identified, and is its prior exactly."""
    nobody = np.zeros((12, 12))
    x = world(truths(1, seed=5), regions=12, years=10, seed=6, w=nobody)[0]
    table = calibrate(observed(x, nobody), parameters.core()).tidy().set_index("parameter")
    for name in ("patent_spill", "adoption_spill"):
        assert abs(table.loc[name, "contraction"]) < 1e-12
        assert table.loc[name, "mean"] == pytest.approx(PRIORS[name].mean, abs=1e-15)
    assert table.loc["patent_reversion", "contraction"] > 0.1
    beside = calibrate(observed(world(truths(1, 5), 12, 10, 6, ring(12))[0]), parameters.core()).tidy()
    assert beside.set_index("parameter").loc["adoption_spill", "contraction"] > 0.05


def brute(sample: Sample, prior, v: Variances) -> tuple[np.ndarray, np.ndarray]:
    """Posterior of (theta, drift, mu_1 ... mu_n) by one dense solve: every cell a row, weighted by its precision."""
    t, n, k = sample.z.shape
    years = np.hstack([sample.year_z - sample.centre, np.ones((t, 1)), np.zeros((t, n))])
    cells = np.hstack([sample.z.reshape(t * n, k), np.zeros((t * n, 1)), np.tile(np.eye(n), (t, 1))])
    design, y = np.vstack([years, cells]), np.concatenate([sample.year_y, sample.y.ravel()])
    weight = np.concatenate([sample.year_weight / v.national, sample.weight.ravel() / v.regional])
    mean = np.concatenate([prior[0], [DRIFT_MEAN], np.zeros(n)])
    sd = np.concatenate([prior[1], [DRIFT_SD], np.full(n, np.sqrt(v.intercept))])
    precision = design.T @ (design * weight[:, None]) + np.diag(sd**-2)
    return np.linalg.solve(precision, design.T @ (weight * y) + mean / sd**2), np.linalg.inv(precision)


def test_the_closed_form_is_the_dense_posterior():
    rng = np.random.default_rng(0)
    t, n, k = 7, 5, 3
    y, z = rng.standard_normal((t, n)), rng.standard_normal((t, n, k)) + rng.standard_normal((t, 1, k))
    robust, age = rng.uniform(0.2, 1, (t, n)), 0.8 ** np.arange(t)[::-1]
    robust[2, 3] = 0  # a cell that does not count
    prior, v = (np.array([0.3, -0.1, 0.0]), np.array([0.2, 0.5, 1.0])), Variances(0.4, 0.3, 0.05)
    sample = split(y, z, robust, age)
    found, (mean, covariance) = solve(sample, prior, v), brute(split(y, z, robust, age), prior, v)
    assert_allclose(found.mean, mean[: k + 1], rtol=1e-10)
    assert_allclose(found.covariance, covariance[: k + 1, : k + 1], rtol=1e-10, atol=1e-14)
    own, spread = found.intercepts(found.mean[:-1])
    assert_allclose(own, mean[k + 1 :], rtol=1e-9)
    # law of total variance: theirs given theta, and what theta's doubt adds
    pull = 1 / (1 + v.regional / (found.region_n * v.intercept))
    doubt = np.einsum("nj,jk,nk->n", found.region_z, found.covariance[:-1, :-1], found.region_z)
    assert_allclose(spread + pull**2 * doubt, np.diag(covariance)[k + 1 :], rtol=1e-9)


def test_a_spike_is_weighed_down():
    rng = np.random.default_rng(1)
    z = rng.standard_normal((12, 20, 1))
    y = 0.5 * z[..., 0] + 0.05 * rng.standard_normal((12, 20))
    prior = (np.zeros(1), np.ones(1))
    clean = fit(y, z, prior)
    y[5, 5] += 30 * np.sign(z[5, 5, 0])
    robust, plain = fit(y, z, prior), fit(y, z, prior, huber=1e9)
    assert abs(robust.mean[0] - clean.mean[0]) < 0.01 < abs(plain.mean[0] - clean.mean[0])


def test_old_years_count_for_less():
    """Growth of 10 % a year for ten years, then of nothing for three: the discounted drift is nearer to nothing."""
    y = np.repeat([0.1, 0.0], [10, 3])[:, None] + np.zeros((13, 8))
    nothing = np.zeros((13, 8, 0)), (np.zeros(0), np.zeros(0))
    even, discounted = fit(y, *nothing), fit(y, *nothing, discount=0.8)
    assert 0 < discounted.mean[-1] < even.mean[-1] < 0.1
    assert discounted.years == pytest.approx((1 - 0.8**13) / 0.2)
