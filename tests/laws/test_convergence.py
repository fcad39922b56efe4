"""What must hold of convergence whatever the numbers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from zhiyu.explain.convergence import absolute_beta, clubs, log_t, sigma


@st.composite
def panels(draw: st.DrawFn) -> np.ndarray:
    """(n, t) regions on noisy paths of their own, no two alike."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, years = draw(st.integers(6, 14)), draw(st.integers(8, 20))
    t = np.arange(years)
    path = rng.normal(0, 0.6, (n, 1)) * np.exp(-draw(st.floats(-0.05, 0.3)) * t) + rng.normal(0, 0.03, (n, years))
    return np.asarray(np.exp(1.0 + 0.05 * t + path))


@given(panels(), st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_unit_does_not_matter(x: np.ndarray, factor: float) -> None:
    one, other = log_t(x), log_t(factor * x)
    assert_allclose([other.b, other.se], [one.b, one.se], rtol=1e-12)
    assert_allclose(absolute_beta(factor * x).b, absolute_beta(x).b, rtol=1e-6, atol=1e-12)
    before, after = sigma(x, 20), sigma(factor * x, 20)
    assert_allclose(after.log.values, before.log.values, rtol=1e-9)
    assert_allclose(after.cv.values, before.cv.values, rtol=1e-12)
    assert_allclose(after.absolute.values, factor * before.absolute.values, rtol=1e-12)


@settings(deadline=None)
@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_regions_does_not_matter(x: np.ndarray, random: object) -> None:
    order = list(range(len(x)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = clubs(x), clubs(x[order])
    assert [sorted(order[i] for i in rows) for rows in other.members] == [list(rows) for rows in one.members]
    assert sorted(order[i] for i in other.divergent) == list(one.divergent)
    assert other.t.tolist() == one.t.tolist()
    assert_allclose(log_t(x[order]).b, log_t(x).b, rtol=1e-8, atol=1e-8)


@settings(deadline=None)
@given(panels(), st.sampled_from(["phillips-sul", "von-lyncker-thoennessen"]))
def test_clubs_share_no_region_and_none_is_lost(x: np.ndarray, merging: str) -> None:
    found = clubs(x, merging=merging)  # type: ignore[arg-type]
    assert found.merged is not None
    for told in (found, found.merged):
        assert sorted([*told.divergent, *(i for rows in told.members for i in rows)]) == list(range(len(x)))
        assert (told.t > -1.65).all()
        assert all(len(rows) > 1 for rows in told.members)
    assert len(found.merged.members) <= len(found.members)


@given(panels())
def test_dispersion_is_the_square_of_the_coefficient_of_variation(x: np.ndarray) -> None:
    assert_allclose(log_t(x).dispersion, sigma(x, 20).cv.values ** 2, rtol=1e-9)
