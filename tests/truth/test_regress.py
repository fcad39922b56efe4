"""What is planted is found: size of the wild bootstrap with 31 regions, its interval's coverage, unit roots."""

import numpy as np
import pytest

from zhiyu.explain.panel_ols import fit
from zhiyu.explain.panel_tests import harris_tzavalis
from zhiyu.explain.wild import wild_cluster, wild_interval

RUNS = 600


def lasting(rng: np.random.Generator, n: int, t: int, rho: float = 0.7) -> np.ndarray:
    """(n, t) errors that persist, each region with a variance of its own."""
    e = rng.standard_normal((n, t))
    for s in range(1, t):
        e[:, s] += rho * e[:, s - 1]
    return e * np.linspace(0.5, 2.0, n)[:, None]


def test_size_of_the_wild_test_with_31_regions():
    """At 5 %, on errors and a regressor that both persist: the bootstrap near 5 %, errors of single cells far above."""
    rng = np.random.default_rng(0)
    wild, single = 0, 0
    for r in range(RUNS):
        y, x = lasting(rng, 31, 10), lasting(rng, 31, 10)[..., None]
        wild += wild_cluster(y, x, draws=399, seed=r).p <= 0.05
        single += fit(y, x, errors="hc1").p[0] <= 0.05
    noise = np.sqrt(0.05 * 0.95 / RUNS)
    assert wild / RUNS == pytest.approx(0.05, abs=3.5 * noise)
    assert single / RUNS > 0.05 + 5 * noise


def test_its_interval_covers():
    rng = np.random.default_rng(1)
    covered = 0
    for r in range(RUNS // 2):
        x = lasting(rng, 31, 10)[..., None]
        low, high = wild_interval(x[..., 0] * 0.5 + lasting(rng, 31, 10), x, draws=399, seed=r)
        covered += low <= 0.5 <= high
    assert covered / (RUNS // 2) == pytest.approx(0.95, abs=3.5 * np.sqrt(0.05 * 0.95 / (RUNS // 2)))


@pytest.mark.parametrize("trend", [False, True])
@pytest.mark.parametrize("t", [6, 10])
def test_unit_root_test_is_exact_in_t(t, trend):
    """Mean and variance of z over panels of random walks with drifts of their own."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(RUNS):
        steps = rng.standard_normal((60, t)) + (rng.standard_normal((60, 1)) if trend else 0.0)
        found.append(harris_tzavalis(steps.cumsum(axis=1), trend))
    z = np.array([one.z for one in found])
    # common year means leave n - 1 of n regions: z is larger by a little
    assert z.mean() == pytest.approx(0.0, abs=0.2)
    assert z.std() == pytest.approx(1.0, abs=0.12)


def test_a_stationary_panel_has_no_unit_root():
    rng = np.random.default_rng(3)
    assert harris_tzavalis(lasting(rng, 60, 12, 0.3)).p < 0.001
