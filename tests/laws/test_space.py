"""What must hold of spatial statistics: neither the order of regions nor the unit of the values is theirs to see."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.explain.false_discovery import adjusted
from zhiyu.explain.getis_ord import getis_ord, local_getis_ord, readable
from zhiyu.explain.space import geary, local_moran, moran

N = 9
numbers = st.lists(st.integers(0, 60), min_size=N, max_size=N).filter(lambda x: len(set(x)) > 1).map(np.array)
weights = st.lists(st.integers(0, 3), min_size=N * N, max_size=N * N).map(lambda x: np.reshape(x, (N, N)).astype(float))
orders = st.permutations(range(N)).map(np.array)


def some(w: np.ndarray) -> np.ndarray:
    """Without a diagonal; each region's next is a neighbour at least."""
    w = w * (1 - np.eye(N))
    w[np.arange(N), (np.arange(N) + 1) % N] += 1.0
    return w


@given(numbers, weights, orders)
def test_the_order_of_regions_does_not_matter(x, w, order):
    w, there = some(w), np.ix_(order, order)
    for one, other in ((moran(x, w, 9), moran(x[order], w[there], 9)), (geary(x, w, 9), geary(x[order], w[there], 9))):
        for name in ("z", "p_normal", "variance_normal"):
            assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-7, atol=1e-9)
    a, b = local_moran(x, w, 9), local_moran(x[order], w[there], 9)
    for name in ("i", "variance", "lag"):
        assert_allclose(getattr(a, name)[order], getattr(b, name), atol=1e-9)


@given(numbers, weights, st.integers(1, 50), st.integers(-40, 40))
def test_the_unit_and_the_zero_of_values_do_not_matter(x, w, unit, zero):
    w, y = some(w), unit * x + zero
    one, other = moran(x, w, 99), moran(y, w, 99)
    assert_allclose([one.i, one.variance_random], [other.i, other.variance_random], atol=1e-9)
    assert one.p == other.p
    a, b = local_moran(x, w, 99), local_moran(y, w, 99)
    away = np.abs(x - x.mean()) > 1e-9  # at the mean, rounding decides on which side
    assert_array_equal(a.p[away], b.p[away])
    assert_allclose(a.i, b.i, atol=1e-9)


@given(numbers, weights, st.sampled_from([0.5, 2.0, 8.0]))
def test_the_scale_of_weights_does_not_matter(x, w, scale):
    w = some(w)
    one, other = moran(x, w, 99), moran(x, scale * w, 99)
    assert_allclose([one.i, one.z_normal], [other.i, other.z_normal])
    assert one.p == other.p
    assert geary(x, w, 99).p == geary(x, scale * w, 99).p
    assert_array_equal(local_moran(x, w, 99).p, local_moran(x, scale * w, 99).p)
    for star in (True, False) if readable(x) else ():
        assert_allclose(local_getis_ord(x, w, star, 9).z, local_getis_ord(x, scale * w, star, 9).z, atol=1e-9)


@given(numbers, weights)
def test_local_statistics_sum_to_the_whole(x, w):
    w = some(w)
    assert_allclose(local_moran(x, w, 9).i.sum() * N / (N - 1) / w.sum(), moran(x, w, 9).i, atol=1e-12)
    x = x + 1.0
    share = local_getis_ord(x, w, False, 9).g * (x.sum() - x)
    assert_allclose((x * share).sum() / (x.sum() ** 2 - (x**2).sum()), getis_ord(x, w, 9).g)


@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=30).map(np.array))
def test_adjusting_keeps_the_order_and_lowers_nothing(p):
    q = adjusted(p)
    assert (q >= p - 1e-15).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p)]) >= 0).all()
    assert q.min() <= len(p) * p.min() + 1e-15
