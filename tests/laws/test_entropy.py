"""What must hold of entropy weights whatever the numbers."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from support import tables

from zhiyu.measure.weighting import entropy_weights


def assert_close(weights: np.ndarray, wanted: np.ndarray) -> None:
    assert_allclose(weights, wanted, rtol=1e-9, atol=1e-10)


def weighable(x: np.ndarray) -> bool:
    """Whether weights exist, and rest on more than rounding."""
    if not (x.sum(axis=0) > 0).all():
        return False
    share = x / x.sum(axis=0)
    return bool(((share.max(axis=0) - share.min(axis=0)) > 1e-3).any())


samples = tables(rows=(2, 15), columns=(2, 5)).filter(weighable)


@given(samples)
def test_weights_are_shares(x: np.ndarray) -> None:
    weights = entropy_weights(x)
    assert (weights >= 0).all()
    assert abs(weights.sum() - 1.0) < 1e-12


@given(samples, st.randoms(use_true_random=False))
def test_order_of_observations_does_not_matter(x: np.ndarray, random: object) -> None:
    order = list(range(len(x)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert_close(entropy_weights(x[order]), entropy_weights(x))


@given(samples, st.randoms(use_true_random=False))
def test_weights_follow_their_columns(x: np.ndarray, random: object) -> None:
    order = list(range(x.shape[1]))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert_close(entropy_weights(x[:, order]), entropy_weights(x)[order])


@given(samples, st.lists(st.floats(1e-6, 1e6), min_size=5, max_size=5))
def test_the_unit_of_a_column_does_not_matter(x: np.ndarray, units: list[float]) -> None:
    assert_close(entropy_weights(x * np.array(units)[: x.shape[1]]), entropy_weights(x))


@given(samples, st.integers(2, 4))
def test_a_sample_repeated_weighs_the_same(x: np.ndarray, times: int) -> None:
    """e' = (H + ln m) / (ln n + ln m), so 1 - e' = (1 - e) ln n / ln mn: every divergence shrinks by one factor.

    The entropies themselves do change; only the weights are the same.
    """
    assert_allclose(entropy_weights(np.tile(x, (times, 1))), entropy_weights(x), rtol=1e-8, atol=1e-9)


@given(samples)
def test_a_column_more_leaves_the_others_ratios(x: np.ndarray) -> None:
    more = np.column_stack([x, np.arange(1.0, len(x) + 1)])
    rest = entropy_weights(more)[:-1]
    assert_allclose(rest / rest.sum(), entropy_weights(x), rtol=1e-8, atol=1e-9)


@given(samples)
def test_a_copied_column_shares_out_like_its_original(x: np.ndarray) -> None:
    weights = entropy_weights(np.column_stack([x, x[:, 0]]))
    assert abs(weights[0] - weights[-1]) < 1e-12


@given(samples)
def test_a_constant_column_weighs_nothing(x: np.ndarray) -> None:
    weights = entropy_weights(np.column_stack([x, np.full(len(x), 3.0)]))
    assert weights[-1] < 1e-10
    assert_allclose(weights[:-1], entropy_weights(x), rtol=1e-8, atol=1e-9)


@given(samples, st.integers(0, 4), st.floats(0.1, 0.9))
def test_evening_out_a_column_lowers_its_weight(x: np.ndarray, column: int, towards: float) -> None:
    """Moving a column towards its mean raises its entropy; the other columns stand as they stood."""
    j = column % x.shape[1]
    even = x.copy()
    even[:, j] = (1 - towards) * x[:, j] + towards * x[:, j].mean()
    assume(weighable(even))
    assert entropy_weights(even)[j] <= entropy_weights(x)[j] + 1e-9


@given(tables(rows=(2, 15), columns=(2, 4), low=0.001))
def test_against_the_formula_written_out(x: np.ndarray) -> None:
    assume(weighable(x))
    n, p = x.shape
    divergence = []
    for j in range(p):
        shares = [x[i, j] / sum(x[:, j]) for i in range(n)]
        divergence.append(1 + sum(share * np.log(share) for share in shares) / np.log(n))
    assert_allclose(entropy_weights(x), np.array(divergence) / sum(divergence), rtol=1e-6, atol=1e-9)
