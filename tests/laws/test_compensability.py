"""What must hold of power means from full compensation to none, and of what imbalance loses."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose
from support import recipe, small_panel, tables, tree

from zhiyu.measure import measure
from zhiyu.measure.compensability import FAMILY, compensability, imbalance_loss, power_family, trade_off

scores = tables(rows=(1, 5), columns=(1, 6), high=1.0)
seeds = st.integers(0, 2**32 - 1)
TREE = tree("r - -", "A r -", "B r -", "C r -", "a A x", "b A y", "c B z", "d C u", "e C v")


def weights(k: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(k))


@given(scores, seeds)
def test_the_less_is_made_good_the_lower_the_score(x: np.ndarray, seed: int) -> None:
    found = power_family(x, weights(x.shape[1], seed))
    assert (np.diff(found, axis=0) <= 1e-12).all()
    assert (found >= x.min(axis=1) - 1e-12).all()
    assert (found <= x.max(axis=1) + 1e-12).all()


@given(st.integers(0, 1000), st.integers(1, 6), seeds)
def test_equal_children_lose_nothing_at_any_power(level: int, k: int, seed: int) -> None:
    x, w = np.full((1, k), level / 1000), weights(k, seed)
    assert_allclose(power_family(x, w), level / 1000, rtol=1e-12)
    assert_allclose(imbalance_loss(x, w), 0.0, atol=1e-12)


@given(scores, seeds)
def test_the_order_of_children_does_not_matter(x: np.ndarray, seed: int) -> None:
    w, order = weights(x.shape[1], seed), np.random.default_rng(seed).permutation(x.shape[1])
    assert_allclose(power_family(x[:, order], w[order]), power_family(x, w), rtol=1e-9, atol=1e-12)
    assert_allclose(imbalance_loss(x[:, order], w[order]), imbalance_loss(x, w), atol=1e-9)


@given(scores, seeds, st.floats(0.1, 10.0))
def test_loss_is_a_share_that_knows_no_unit(x: np.ndarray, seed: int, factor: float) -> None:
    w = weights(x.shape[1], seed)
    loss = imbalance_loss(x, w)
    assert ((loss >= 0) & (loss <= 1)).all()
    assert_allclose(imbalance_loss(factor * x, w), loss, atol=1e-9)
    assert_allclose(power_family(factor * x, 3 * w), factor * power_family(x, w), rtol=1e-9, atol=1e-12)


@given(scores, seeds, st.data())
def test_a_missing_child_is_as_if_it_were_not_there(x: np.ndarray, seed: int, data: st.DataObject) -> None:
    gone, w = data.draw(npst.arrays(bool, x.shape[1])), weights(x.shape[1], seed)
    found = power_family(np.where(gone, np.nan, x), w)
    if gone.all():
        assert np.isnan(found).all()
    else:
        assert_allclose(found, power_family(x[:, ~gone], w[~gone]), rtol=1e-9, atol=1e-12)


@given(st.floats(0.001, 1.0), st.floats(0.001, 1.0), st.floats(0.1, 10.0))
def test_the_less_is_made_good_the_dearer_the_weak_point(one: float, other: float, ratio: float) -> None:
    weak, strong = np.array([min(one, other)]), np.array([max(one, other)])
    rates = [float(trade_off(weak, strong, np.array([ratio]), power)[0]) for power in FAMILY]
    assert rates[0] == ratio
    assert all(low <= high * (1 + 1e-12) for low, high in pairwise(rates))


@settings(max_examples=20)
@given(npst.arrays(float, (5, 6, 2), elements=st.integers(0, 1000).map(lambda whole: whole / 1000)), seeds)
def test_an_index_and_its_regions_in_another_order(values: np.ndarray, seed: int) -> None:
    """Full compensation is the index itself, and results follow their regions."""
    values = values + np.linspace(0, 1, 6)[None, :, None]  # every indicator varies
    order = np.random.default_rng(seed).permutation(6)
    found = []
    for part in (values, values[:, order]):
        measured = measure(small_panel(dict(zip("xyzuv", part, strict=True))), TREE, recipe(weight={"method": "equal"}))
        found.append(compensability(measured))
        assert_allclose(found[-1].scores.sel(power=1.0), measured.scores.sel(node="r"), atol=1e-9)
    here, there = found
    for name in ("scores", "loss", "gain", "zeros"):
        axis = getattr(here, name).dims.index("region")
        expected = np.take(getattr(here, name).values, order, axis=axis)
        assert_allclose(getattr(there, name).values, expected, atol=1e-9)
    assert (there.ranks.values == here.ranks.values[:, order]).all()
    assert (there.weakest.values == here.weakest.values[order]).all()
    assert (here.gain.values >= -1e-9).all()
