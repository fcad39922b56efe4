"""Normalisation: answers by hand; the reference sample is what the scope says and nothing else."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import refused

from zhiyu.measure.normalise import goalposts, minmax, reference_sample

NAN = np.nan
X = np.array([[0.0, 5.0], [5.0, NAN], [10.0, 6.0]])


def test_minmax_by_hand() -> None:
    assert_array_equal(minmax(X, X), [[0.0, 0.0], [0.5, NAN], [1.0, 1.0]])


def test_minmax_against_another_sample_runs_beyond_its_ends() -> None:
    assert_array_equal(minmax(X[:, :1], np.array([[0.0], [5.0]])), [[0.0], [1.0], [2.0]])


def test_goalposts_cap() -> None:
    posts = np.array([[0.0], [10.0]])
    assert_array_equal(goalposts(np.array([[-3.0], [2.5], [10.0], [99.0], [NAN]]), posts)[:, 0], [0, 0.25, 1, 1, NAN])


def test_goalposts_of_a_reversed_indicator() -> None:
    """Less is better: -x against the posts -low and -high, which then stand the other way round."""
    x, posts = np.array([[0.0], [2.5], [10.0], [12.0], [-1.0]]), np.array([[0.0], [10.0]])
    assert_array_equal(goalposts(-x, -posts)[:, 0], [1.0, 0.75, 0.0, 0.0, 1.0])


@pytest.mark.parametrize("constant", [[[3.0], [3.0]], [[0.1 + 0.2], [0.3]], [[1e9], [1e9 + 1e-6]], [[0.0], [-0.0]]])
def test_a_constant_tells_no_region_from_another(constant: list[list[float]]) -> None:
    with refused("constant_indicator"):
        minmax(np.array(constant), np.array(constant))


@pytest.mark.parametrize("small", [[[1e-9], [2e-9]], [[-1e-300], [1e-300]], [[1e6], [1e6 + 1e-3]]])
def test_small_but_real_differences_count(small: list[list[float]]) -> None:
    assert_allclose(minmax(np.array(small), np.array(small)), [[0.0], [1.0]])


def test_no_observation_no_scale() -> None:
    with refused("indicator_all_missing"):
        minmax(X, np.array([[1.0, NAN], [2.0, NAN]]))


def test_reference_samples() -> None:
    x = np.arange(12.0).reshape(2, 3, 2)  # 2 regions, 3 years, 2 indicators
    assert reference_sample(x, "pooled", 1, 0).shape == (6, 2)
    assert reference_sample(x, "year", 1, 0).tolist() == [[2.0, 3.0], [8.0, 9.0]]
    assert reference_sample(x, "base", 1, 2).tolist() == [[4.0, 5.0], [10.0, 11.0]]
