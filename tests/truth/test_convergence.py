"""Clubs, speeds and biases that were planted are found again."""

import numpy as np
import pytest

from zhiyu.explain.convergence import absolute_beta, clubs, conditional_beta, log_t, spatial_beta


def club(rng: np.random.Generator, n: int, years: int, level: float, rate: float = 0.15) -> np.ndarray:
    """Regions that approach one growing path from scattered starts."""
    t = np.arange(years)
    start = rng.normal(0.0, 0.25, (n, 1))
    noise = rng.normal(0.0, 0.01, (n, years)) * np.exp(-rate * t)
    return level * np.exp(0.03 * t) * np.exp(start * np.exp(-rate * t) + noise)


@pytest.mark.parametrize("seed", range(5))
def test_two_clubs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.concatenate([club(rng, 9, 30, 1.0), club(rng, 12, 30, 3.0)])
    order = rng.permutation(21)
    found = clubs(x[order])
    assert log_t(x).decision == "rejected"
    assert [sorted(order[rows]) for rows in found.members] == [list(range(9, 21)), list(range(9))]
    assert len(found.divergent) == 0
    assert found.merged is not None
    assert [len(rows) for rows in found.merged.members] == [12, 9]


@pytest.mark.parametrize("seed", range(5))
def test_one_club(seed: int) -> None:
    x = club(np.random.default_rng(seed), 15, 30, 2.0)
    assert log_t(x).converges
    found = clubs(x)
    assert [list(rows) for rows in found.members] == [list(range(15))]


def test_one_that_leaves_is_in_no_club() -> None:
    rng = np.random.default_rng(1)
    away = 4.0 * np.exp(0.08 * np.arange(30))[None]
    found = clubs(np.concatenate([club(rng, 10, 30, 1.0), away]))
    assert list(found.divergent) == [10]
    assert [list(rows) for rows in found.members] == [list(range(10))]


def test_a_planted_speed_is_covered_about_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(2)
    hit = 0
    for _ in range(300):
        level = rng.normal(2.0, 0.5, 31)
        growth = -(1 - np.exp(-0.3)) / 10 * level + rng.normal(0, 0.01, 31) * (1 + (level > 2.0))
        found = absolute_beta(np.exp(np.stack([level + growth * t for t in range(11)], axis=1)))
        assert found.speed_low is not None
        assert found.speed_high is not None
        hit += found.speed_low < 0.03 < found.speed_high
    assert 0.91 < hit / 300 < 0.985


def test_where_nothing_converges_the_panel_says_minus_three_over_t_plus_one() -> None:
    """Random walks without any return: the bias that is reported beside the slope."""
    rng = np.random.default_rng(3)
    slopes = [conditional_beta(np.exp(rng.normal(0, 0.05, (31, 10)).cumsum(axis=1) + 2.0)).b for _ in range(300)]
    assert np.mean(slopes) == pytest.approx(-0.3, abs=0.015)


def test_a_planted_spatial_lag() -> None:
    rng = np.random.default_rng(4)
    n = 60
    w = np.roll(np.eye(n), 1, 1) + np.roll(np.eye(n), -1, 1)
    w /= w.sum(axis=1, keepdims=True)
    spread = np.linalg.inv(np.eye(n) - 0.5 * w)
    rho, b, covered = [], [], 0
    for _ in range(200):
        level = rng.normal(2.0, 0.5, n)
        growth = spread @ (0.1 - 0.03 * level + rng.normal(0, 0.01, n))
        found = spatial_beta(np.exp(np.stack([level + growth * t for t in range(9)], axis=1)), w)
        rho.append(found.rho)
        b.append(found.b)
        assert found.total_low is not None
        assert found.total_high is not None
        covered += found.total_low < -0.06 < found.total_high
    assert np.mean(rho) == pytest.approx(0.5, abs=0.03)
    assert np.mean(b) == pytest.approx(-0.03, abs=0.002)
    assert 0.89 < covered / 200 < 0.99
