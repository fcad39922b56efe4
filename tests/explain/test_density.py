"""Kernel densities: against scipy's, one bandwidth for all years, peaks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import gaussian_kde

from zhiyu.explain.density import densities, modes, silverman


def test_equals_scipy_at_the_same_bandwidth_and_integrates_to_one() -> None:
    y = np.random.default_rng(0).normal(10, 3, (31, 4)) * np.array([1, 1.2, 1.5, 2])
    found = densities(y)
    assert found.bandwidth == pytest.approx(np.median(silverman(y)))
    for t in range(4):
        peer = gaussian_kde(y[:, t], bw_method=found.bandwidth / y[:, t].std(ddof=1))
        assert_allclose(found.density[t], peer(found.x), rtol=1e-10, atol=1e-14)
    assert_allclose(np.trapezoid(found.density, found.x, axis=1), 1.0, atol=2e-3)


def test_silverman_by_hand() -> None:
    y = np.array([[1.0], [2], [3], [4], [100]])  # quartiles 2 and 4: the interquartile range counts, not the outlier
    assert silverman(y)[0] == pytest.approx(0.9 * 2 / 1.34 * 5**-0.2)
    assert silverman(np.array([[1.0], [1], [1], [1], [6]]))[0] == pytest.approx(0.9 * np.sqrt(5) * 5**-0.2)


def test_peaks() -> None:
    heights = np.array([[0, 1, 0, 2, 0], [0, 1, 2, 1, 0], [3, 2, 1, 0, 0], [0, 2, 2, 2, 0], [0, 9, 0, 0.4, 0.0]])
    assert_array_equal(modes(heights), [2, 1, 1, 1, 1])


def test_two_crowds_are_two_peaks() -> None:
    rng = np.random.default_rng(4)
    y = np.concatenate([rng.normal(20, 2, (20, 2)), rng.normal([22, 60], 2, (20, 2))])  # together, then apart
    assert_array_equal(densities(y, bandwidth=3.0).modes, [1, 2])
