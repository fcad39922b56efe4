"""Weights: answers by hand, and every input that has no answer refused with its indicator."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import refused

from zhiyu.measure.weighting import entropy_weights, equal_weights

NAN = np.nan


def test_equal_shares_carry_no_information() -> None:
    assert_allclose(entropy_weights(np.array([[1.0, 1.0], [1.0, 3.0]])), [0.0, 1.0], atol=1e-12)


def test_three_observations_by_hand() -> None:
    # p = (1/2, 1/2, 0): e = ln 2 / ln 3; p = (1, 0, 0): e = 0; p = (1/3, 1/3, 1/3): e = 1
    x = np.array([[1.0, 5.0, 2.0], [1.0, 0.0, 2.0], [0.0, 0.0, 2.0]])
    first, second, third = 1 - np.log(2) / np.log(3), 1.0, 0.0
    assert_allclose(entropy_weights(x), np.array([first, second, third]) / (first + second), rtol=1e-14, atol=1e-15)


def test_the_normaliser_is_the_number_of_observations_not_of_years() -> None:
    """31 regions x 9 years pooled are 279 observations; dividing by ln 9 instead would turn the weights round."""
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.uniform(0.9, 1.0, 279), rng.uniform(0.0, 1.0, 279) ** 8])
    weights = entropy_weights(x)
    assert weights[1] > 0.9  # what sets regions apart weighs most
    share = x / x.sum(axis=0)
    entropy = -(share * np.log(share)).sum(axis=0)
    wrong = 1 - entropy / np.log(9)
    assert (wrong < 0).all()
    assert (wrong / wrong.sum())[0] > (wrong / wrong.sum())[1]


def test_a_zero_is_a_zero_and_never_shifted() -> None:
    x = np.array([[0.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    tiny = x + np.array([[1e-4, 0.0], [0.0, 0.0], [0.0, 0.0]])
    assert np.isfinite(entropy_weights(x)).all()
    assert entropy_weights(x)[0] > entropy_weights(tiny)[0]


@pytest.mark.parametrize(
    ("key", "x", "words"),
    [
        ("negative_value", [[1.0, 1.0], [2.0, -1e-12]], ('"2"',)),
        ("missing_value", [[1.0, NAN], [2.0, 1.0]], ('"2"',)),
        ("missing_value", [[np.inf, 1.0], [2.0, 1.0]], ('"1"',)),
        ("zero_indicator", [[1.0, 0.0], [2.0, 0.0]], ('"2"',)),
        ("nothing_varies", [[1.0, 5.0], [1.0, 5.0]], ()),
        ("nothing_varies", [[1.0, 3.0], [1.0 + 1e-15, 3.0]], ()),
        ("too_few_observations", [[1.0, 3.0]], ("1",)),
        ("too_few_observations", np.empty((0, 2)), ("0",)),
    ],
)
def test_entropy_refuses(key: str, x: list[list[float]], words: tuple[str, ...]) -> None:
    with refused(key) as caught:
        entropy_weights(np.array(x))
    assert caught.says(*words)


def test_the_input_is_left_as_it_was() -> None:
    x = np.array([[1.0, 2.0], [3.0, 0.0]])
    entropy_weights(x)
    assert x.tolist() == [[1.0, 2.0], [3.0, 0.0]]


def test_equal() -> None:
    assert equal_weights(np.zeros((3, 4))).tolist() == [0.25] * 4
