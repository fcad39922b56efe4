"""Shares of variance: functions whose shares are known, resampling by hand, outputs that do not vary."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import refused

from zhiyu.measure.sobol import bootstrap, crossed, sobol_design, sobol_indices


def ishigami(u: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * u - 1)
    return np.asarray(np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0]))


def outputs(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    a, b = sobol_design(n, 3, seed)
    return tuple(ishigami(one)[..., None] for one in (a, b, crossed(a, b)))  # type: ignore[return-value]


def test_ishigami() -> None:
    first, total = sobol_indices(*outputs(1 << 13))
    v1, v2, v13 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    v = v1 + v2 + v13
    assert_allclose(first[:, 0], [v1 / v, v2 / v, 0], atol=0.01)
    assert_allclose(total[:, 0], [(v1 + v13) / v, v2 / v, v13 / v], atol=0.01)


def test_intervals_hold_the_truth_and_equal_resampling_by_hand() -> None:
    y = outputs(512)
    first, total = bootstrap(*y, resamples=60, seed=7)
    rows = np.random.default_rng(7).integers(512, size=(60, 512))
    slow = np.array([sobol_indices(y[0][r], y[1][r], y[2][:, r]) for r in rows])
    assert_allclose(np.quantile(slow, [0.025, 0.975], axis=0)[:, 0], first, atol=1e-12)
    assert_allclose(np.quantile(slow, [0.025, 0.975], axis=0)[:, 1], total, atol=1e-12)
    for truth, (low, high) in zip((0.3139, 0.4424, 0.0), first[..., 0].T, strict=True):
        assert low <= truth <= high


def test_an_output_that_does_not_vary_has_no_shares() -> None:
    y = [np.concatenate([one, np.full_like(one, 1e9), np.full_like(one, 0.1 + 0.2)], axis=-1) for one in outputs(64)]
    for found in (*sobol_indices(*y), *bootstrap(*y, resamples=10, seed=0)):
        assert np.isfinite(found).all()
        assert_array_equal(found[..., 1:], 0.0)


def test_the_design() -> None:
    a, b = sobol_design(100, 4, seed=3)
    assert a.shape == b.shape == (100, 4)
    assert ((a >= 0) & (a < 1)).all()
    assert_array_equal(a, sobol_design(100, 4, seed=3)[0])
    ab = crossed(a, b)
    assert_array_equal(ab[2][:, 2], b[:, 2])
    assert_array_equal(ab[2][:, [0, 1, 3]], a[:, [0, 1, 3]])
    assert abs(np.corrcoef(np.hstack([sobol_design(1024, 3)[i] for i in (0, 1)]).T) - np.eye(6)).max() < 0.05


@pytest.mark.parametrize("n", [0, 1])
def test_too_few(n: int) -> None:
    with refused("sobol_samples"):
        sobol_design(n, 2)
