"""What must hold of every treatment and imputation: order, bounds, few points, and no favour by position."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.measure.impute import group_mean
from zhiyu.measure.treat import Treated, kurtosis, logged, passes, skewness, winsorise, winsorise_boxcox, winsorise_log

METHODS = [winsorise_log, winsorise_boxcox, logged]
tailed = st.tuples(st.integers(5, 40), st.integers(0, 2**32 - 1), st.floats(0.5, 3.0), st.booleans()).map(
    lambda drawn: (
        np.round(np.exp(np.random.default_rng(drawn[1]).normal(0, drawn[2], drawn[0])), 2) * (-1.0 if drawn[3] else 1.0)
    )
)


@pytest.mark.parametrize("method", METHODS)
@given(x=tailed, most=st.integers(0, 6))
def test_order_is_kept(method: object, x: np.ndarray, most: int) -> None:
    assume(np.ptp(x) > 0.1)
    found: Treated = method(x, x, 2.0, 3.5, most)  # type: ignore[operator]
    order = np.argsort(x, kind="stable")
    assert (np.diff(found.values[order]) >= -1e-12).all()
    assert np.isfinite(found.values).all()


@given(tailed, st.integers(0, 6))
def test_winsorising_moves_few_points_inwards_to_values_that_are_there(x: np.ndarray, most: int) -> None:
    new = winsorise(x, most)
    assert (new != x).sum() <= most
    assert set(new) <= set(x)
    assert (np.abs(new - np.median(x)) <= np.abs(x - np.median(x))).all()
    assert len(set(new)) > 1 or len(set(x)) == 1
    if passes(x):
        assert_array_equal(new, x)


@given(tailed, st.integers(0, 6))
def test_more_points_allowed_never_undo_a_pass(x: np.ndarray, most: int) -> None:
    if passes(winsorise(x, most)):
        assert_array_equal(winsorise(x, most + 1), winsorise(x, most))


@pytest.mark.parametrize("method", METHODS)
@given(x=tailed, seed=st.integers(0, 2**32 - 1))
def test_position_does_not_matter(method: object, x: np.ndarray, seed: int) -> None:
    assume(np.ptp(x) > 0.1)
    assume(abs(abs(skewness(x)) - 2.0) > 1e-6)
    mixed = np.random.default_rng(seed).permutation(len(x))
    found, again = method(x, x), method(x[mixed], x[mixed])  # type: ignore[operator]
    assert_allclose(again.values, found.values[mixed], rtol=1e-6, atol=1e-9)
    assert_array_equal(again.how, found.how[mixed])


@given(tailed, st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_shape_has_no_unit(x: np.ndarray, scale: float, shift: float) -> None:
    assume(np.ptp(x) > 0.1)
    assert_allclose(skewness(scale * x + shift), skewness(x), rtol=1e-5, atol=1e-6)
    assert_allclose(kurtosis(scale * x + shift), kurtosis(x), rtol=1e-5, atol=1e-6)
    assert_allclose(skewness(-x), -skewness(x), rtol=1e-9, atol=1e-12)


@given(tailed)
def test_missing_stays_missing_and_moves_nobody(x: np.ndarray) -> None:
    assume(np.ptp(x) > 0.1)
    more = np.append(x, np.nan)
    found = winsorise_log(more, more)
    assert np.isnan(found.values[-1])
    assert found.how[-1] == ""
    assert_array_equal(found.values[:-1], winsorise_log(x, x).values)


@given(tailed, st.integers(0, 2**32 - 1))
def test_imputing_leaves_what_is_there_and_every_group_mean(x: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    holed = np.where(rng.random(len(x)) < 0.3, np.nan, x)[:, None]
    groups = rng.choice(["a", "b", "c"], len(x))
    filled = group_mean(holed, groups)
    seen = np.isfinite(holed)
    assert_array_equal(filled[seen], holed[seen])
    for name in set(groups.tolist()):
        here = groups == name
        if seen[here].any():
            assert np.isfinite(filled[here]).all()
            assert_allclose(filled[here].mean(), holed[here][seen[here]].mean())
