"""Lead and lag: an answer by hand, what is refused, and that a third of the regions cannot speak for all unseen."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import refused

from zhiyu.explain.lead_lag import lead_lag


def series(n: int = 12, t: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, t)), rng.normal(size=(n, t))


def residual(x: np.ndarray, n: int) -> np.ndarray:
    """x (n t,) less its fit on region dummies, year dummies."""
    t = len(x) // n
    dummies = np.column_stack([np.kron(np.eye(n), np.ones((t, 1))), np.kron(np.ones((n, 1)), np.eye(t))])
    return np.asarray(x - dummies @ np.linalg.lstsq(dummies, x, rcond=None)[0])


@pytest.mark.parametrize("lag", [1, 2])
def test_it_is_the_partial_correlation_given_region_year_and_start(lag: int) -> None:
    a, b = series()
    x = a[:, : 8 - lag]
    y, z = (b[:, 1:] - b[:, :-1])[:, lag - 1 :], b[:, lag - 1 : 7]
    x, y, z = (residual(one.ravel(), 12) for one in (x, y, z))
    x, y = x - z * (x @ z) / (z @ z), y - z * (y @ z) / (z @ z)
    found = lead_lag(a, b, (lag,), draws=50)
    assert_allclose(found.forward[0], (x @ y) / np.sqrt((x @ x) * (y @ y)))
    assert found.observations[0] == 12 * (8 - lag)


def test_exchanging_the_series_turns_the_answer_round() -> None:
    a, b = series()
    one, other = lead_lag(a, b, (1, 2), draws=50), lead_lag(b, a, (1, 2), draws=50)
    assert_array_equal(one.forward, other.backward)
    assert_array_equal(one.difference, -other.difference)


def test_region_and_year_shifts_do_not_matter() -> None:
    a, b = series()
    shifted = b + 5.0 * np.arange(12)[:, None] + 3.0 * np.arange(8)
    one, other = lead_lag(a, b, draws=50), lead_lag(a, shifted, draws=50)
    assert_allclose(one.forward, other.forward)
    assert_allclose(one.difference_interval, other.difference_interval)


def test_leaving_a_region_out_is_leaving_its_rows_out() -> None:
    a, b = series()
    found = lead_lag(a, b, draws=10)
    assert_allclose(found.without[0, 3], lead_lag(np.delete(a, 3, 0), np.delete(b, 3, 0), draws=10).difference[0])


def test_a_region_with_a_gap_is_left_out_whole() -> None:
    a, b = series()
    holed = a.copy()
    holed[4, 2] = np.nan
    found, rest = lead_lag(holed, b, draws=10), lead_lag(np.delete(a, 4, 0), np.delete(b, 4, 0), draws=10)
    assert found.regions == 11
    assert_array_equal(found.forward, rest.forward)


def test_what_is_refused() -> None:
    a, b = series()
    with refused("lead_lag_shapes"):
        lead_lag(a, b[:, 1:])
    with refused("lead_lag_shapes"):
        lead_lag(a[0], b[0])
    for args in ((a[:4], b[:4], (1,)), (a[:, :3], b[:, :3], (1,)), (a, b, (0,)), (a, b, ())):
        with refused("lead_lag_short"):
            lead_lag(*args)
    with refused("lead_lag_flat"):
        lead_lag(a, np.add.outer(np.arange(12.0), np.arange(8.0)))
