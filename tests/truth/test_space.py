"""Planted likeness of neighbours is found, and none is found where there is none."""

import numpy as np
import pytest

from zhiyu.explain.getis_ord import getis_ord
from zhiyu.explain.space import geary, local_moran, moran

SIDE = 7


def lattice(side: int = SIDE) -> np.ndarray:
    """Rows sum to one; neighbours share an edge."""
    at = np.arange(side * side)
    apart = np.abs(at[:, None] // side - at // side) + np.abs(at[:, None] % side - at % side)
    w = (apart == 1).astype(float)
    return np.asarray(w / w.sum(axis=1, keepdims=True))


W = lattice()
N = len(W)


def test_where_nothing_is_planted_p_is_even():
    """Of 600 maps of noise about 5 % have p at most .05 and half at most .5, by each statistic; so have regions."""
    random = np.random.default_rng(0)
    maps = random.lognormal(size=(600, N))
    for statistic in (moran, geary, getis_ord):
        p = np.array([statistic(x, W, 199, seed=k).p for k, x in enumerate(maps)])
        assert 0.03 <= (p <= 0.05).mean() <= 0.072  # within 2.5 standard errors
        assert 0.45 <= (p <= 0.5).mean() <= 0.55
    local = np.array([local_moran(x, W, 199, seed=k).p for k, x in enumerate(maps)])
    assert 0.04 <= (local <= 0.05).mean() <= 0.06


def test_the_false_discovery_rate_is_kept():
    """Where nothing is planted, any finding is false: at most 5 % of maps have one (and neighbours' tests overlap)."""
    random = np.random.default_rng(1)
    found = [local_moran(x, W, 1999, seed=k).significant.any() for k, x in enumerate(random.normal(size=(300, N)))]
    assert np.mean(found) <= 0.09


@pytest.mark.parametrize(("rho", "sign"), [(0.7, 1), (-0.7, -1)])
def test_planted_likeness_is_found(rho: float, sign: int):
    """x = (I - rho W)^-1 e"""
    random = np.random.default_rng(2)
    maps = np.linalg.solve(np.eye(N) - rho * W, random.normal(size=(N, 40))).T
    found = [moran(x, W, 199) for x in maps]
    assert np.mean([m.p <= 0.05 for m in found]) > 0.8
    assert np.mean([sign * (m.i - m.expected) > 0 for m in found]) > 0.95


def test_a_planted_cluster_is_the_one_that_is_named():
    side = 15
    x = np.random.default_rng(3).normal(size=side * side)
    cluster = [side * r + c for r in range(5) for c in range(5)]
    x[cluster] += 4.0
    found = local_moran(x, lattice(side), 9999)
    named = np.flatnonzero(found.significant & (found.quadrant == 1))
    assert set(named) <= set(cluster)
    assert len(named) >= 12
