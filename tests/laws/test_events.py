"""Laws of estimates of events and of splits, whatever the numbers."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.explain.group_time import callaway_santanna, simple_att
from zhiyu.explain.mechanism import shapley
from zhiyu.explain.panel_ols import fit
from zhiyu.explain.staggered import bacon, starts, treated, twfe
from zhiyu.explain.synthetic import synthetic_did
from zhiyu.terms import Refusal

WHOLE = st.integers(-50, 50).map(float)
STARTS = st.sampled_from([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, np.inf])


@st.composite
def panels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n, t = draw(st.integers(4, 9)), draw(st.integers(3, 6))
    return draw(npst.arrays(float, (n, t), elements=WHOLE)), draw(npst.arrays(float, n, elements=STARTS))


@st.composite
def grouped(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Groups of two or three regions, and two to four that never start."""
    t = draw(st.integers(3, 6))
    began = draw(st.lists(st.integers(1, t - 1), min_size=1, max_size=3, unique=True))
    sizes = [draw(st.integers(2, 3)) for _ in began]
    always, never = draw(st.integers(0, 1)), draw(st.integers(2, 4))
    first = np.array([0.0] * always + [float(g) for g, k in zip(began, sizes, strict=True) for _ in range(k)])
    first = np.concatenate([first, np.full(never, np.inf)])
    return draw(npst.arrays(float, (len(first), t), elements=WHOLE)), first


@given(panels())
def test_weights_sum_to_one_and_the_split_to_the_coefficient(panel):
    y, first = panel
    try:
        start = starts(y, first)
    except Refusal:
        assume(False)
    found = bacon(y, first)
    assert (found.weights > 0).all()
    assert_allclose(found.weights.sum(), 1.0, rtol=1e-12)
    assert_allclose(found.estimate, twfe(y, first), atol=1e-10)
    regression = fit(y, treated(start, y.shape[1])[..., None]) if y.size > sum(y.shape) + 1 else None
    if regression is not None:
        assert_allclose(found.estimate, regression.beta[0], atol=1e-9)
    assert_allclose(sum(weight for weight, _ in found.by_type().values()), 1.0, rtol=1e-12)


@given(grouped(), st.integers(-9, 9), npst.arrays(float, 6, elements=WHOLE))
@settings(max_examples=50)
def test_common_years_regions_own_levels_and_order_change_nothing(panel, scale, years):
    y, first = panel
    one = callaway_santanna(y, first, draws=19)
    moved = scale * y + years[: y.shape[1]] + 7.0 * np.arange(len(y))[:, None]
    other = callaway_santanna(moved, first, draws=19)
    assert_allclose(other.att, scale * one.att, atol=1e-9)
    assert_allclose(other.simple.std_error, abs(scale) * one.simple.std_error, atol=1e-9)
    back = callaway_santanna(y[::-1], first[::-1], draws=19)
    assert_allclose(back.att, one.att, atol=1e-10)
    assert_allclose(back.without[::-1], one.without, atol=1e-10)
    treated_cells = one.sizes[:, None] * (np.arange(y.shape[1]) >= one.groups[:, None])
    assert_allclose(np.nansum(treated_cells * one.att) / treated_cells.sum(), one.simple.estimate, atol=1e-9)


@given(grouped(), st.sampled_from(["never", "not-yet"]))
@settings(max_examples=50)
def test_each_left_out_region_is_as_if_it_had_not_been_there(panel, controls):
    y, first = panel
    whole = callaway_santanna(y, first, controls=controls, draws=1)
    assert_allclose(simple_att(y, first, controls=controls), whole.simple.estimate, atol=1e-10)
    for i in (0, len(y) - 1):
        if starts(y, first)[i] == 0:
            assert np.isnan(whole.without[i])
            assert_allclose(simple_att(y[1:], first[1:], controls=controls), whole.simple.estimate, atol=1e-10)
        else:
            kept = np.arange(len(y)) != i
            assert_allclose(whole.without[i], simple_att(y[kept], first[kept], controls=controls), atol=1e-10)


@given(npst.arrays(float, (8, 7), elements=WHOLE), st.integers(2, 6), st.integers(1, 5))
@settings(max_examples=40)
def test_synthetic_weights_lie_on_the_simplex_and_levels_drop_out(y, start, n1):
    on = np.arange(8) < n1
    found = synthetic_did(y, on, start)
    for weights in (found.unit_weights, found.time_weights):
        assert (weights >= 0).all()
        assert_allclose(weights.sum(), 1.0, rtol=1e-9)
    shifted = synthetic_did(y + 3.0 * np.arange(8)[:, None], on, start)
    assert_allclose(shifted.att, found.att, atol=1e-6)


@given(npst.arrays(float, (4, 9, 7), elements=WHOLE), st.permutations([0, 1, 2]))
@settings(max_examples=40)
def test_shapley_parts_sum_and_follow_their_blocks(cells, order):
    y, *blocks = cells
    try:
        found = shapley(y, blocks)
    except Refusal:
        assume(False)
    assume(np.isfinite(found.total))
    assert_allclose(found.parts.sum(), found.total, atol=1e-12)
    assert (found.parts > -1e-9).all()
    assert (found.last <= found.parts + 1e-9).all() or found.total <= 1
    turned = shapley(y, [blocks[k] for k in order])
    assert_allclose(turned.parts, found.parts[list(order)], atol=1e-8)
    assert_array_equal(found.alone > -1e-9, True)


def test_the_same_seed_gives_the_same_bounds():
    rng = np.random.default_rng(0)
    y, first = rng.normal(size=(12, 8)), np.repeat([3.0, 5.0, np.inf], 4)
    one, other = (callaway_santanna(y, first, draws=99, seed=4) for _ in range(2))
    assert (one.simple, one.reach) == (other.simple, other.reach)
    assert callaway_santanna(y, first, draws=99, seed=5).reach != one.reach
