"""What must hold of measures of disparity whatever the numbers."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose

from zhiyu.explain.disparity import Dagum, dagum, gini
from zhiyu.explain.theil import theil

number = st.integers(0, 50_000).map(lambda whole: whole / 1000)


@st.composite
def grouped(draw: st.DrawFn, most: int = 25) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values (some tied, some zero, not all), groups and whole weights."""
    n = draw(st.integers(2, most))
    y = draw(npst.arrays(float, n, elements=number))
    assume(y.sum() > 0.01)
    groups = draw(npst.arrays(np.int64, n, elements=st.integers(0, 3)))
    return y, groups, draw(npst.arrays(np.int64, n, elements=st.integers(1, 4)))


def parts(found: Dagum) -> np.ndarray:
    return np.array([found.total, found.within, found.between, found.transvariation])


@given(grouped())
def test_parts_sum_and_none_is_negative(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    y, groups, w = case
    found = parts(dagum(y, groups, w))
    assert abs(found[0] - found[1:].sum()) < 1e-12
    assert (found >= 0).all()
    assert found[0] < 1


@given(grouped())
def test_a_weight_is_so_many_regions(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    y, groups, w = case
    many = parts(dagum(np.repeat(y, w), np.repeat(groups, w)))
    assert_allclose(parts(dagum(y, groups, w)), many, rtol=0, atol=1e-12)
    for index in ("T", "L") if (y > 0).all() else ("T",):
        whole = theil(np.repeat(y, w), groups=(np.repeat(groups, w),), index=index)
        assert_allclose(theil(y, w, (groups,), index).parts, whole.parts, rtol=0, atol=1e-12)


@given(grouped(), st.floats(0.01, 1e6))
def test_units_do_not_matter(case: tuple[np.ndarray, np.ndarray, np.ndarray], by: float) -> None:
    y, groups, w = case
    assert_allclose(parts(dagum(by * y, groups, w)), parts(dagum(y, groups, w)), rtol=0, atol=1e-12)
    assert_allclose(theil(by * y, w).total, theil(y, w).total, rtol=0, atol=1e-12)


@given(grouped(), st.floats(0.1, 1e3))
def test_adding_to_all_leaves_the_shares_and_the_mean_difference(
    case: tuple[np.ndarray, np.ndarray, np.ndarray], more: float
) -> None:
    y, groups, w = case
    before, after = (parts(dagum(x, groups, w)) * np.average(x, weights=w) for x in (y, y + more))
    assert_allclose(after, before, rtol=0, atol=1e-9)


@given(grouped(), st.data())
def test_a_transfer_to_a_poorer_one_lowers_disparity(
    case: tuple[np.ndarray, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    y, _, _ = case
    i, k = data.draw(st.integers(0, len(y) - 1)), data.draw(st.integers(0, len(y) - 1))
    assume(y[i] - y[k] > 0.01)
    passed = data.draw(st.floats(0.001, 0.49)) * (y[i] - y[k])
    after = y.copy()
    after[i] -= passed
    after[k] += passed
    assert gini(after) < gini(y)
    assert theil(after).total < theil(y).total


@given(grouped())
def test_merging_two_groups_lowers_no_part_within_and_leaves_the_whole(
    case: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """What was between the two, net or by overlap, is within their union; the rest stands."""
    y, groups, w = case
    merged = np.where(groups == 1, 0, groups)
    fine, rough = dagum(y, groups, w), dagum(y, merged, w)
    assert abs(fine.total - rough.total) < 1e-15
    assert rough.within >= fine.within - 1e-12
    assert rough.between <= fine.between + 1e-12
    names = fine.groups.tolist()
    if 0 in names and 1 in names:
        a, b = names.index(0), names.index(1)
        across = fine.pairs[a, b] * (fine.population[a] * fine.share[b] + fine.population[b] * fine.share[a])
        assert_allclose(rough.within, fine.within + across, rtol=0, atol=1e-12)


@given(grouped(), st.permutations([0, 1, 2, 3]))
def test_the_names_of_groups_do_not_matter(case: tuple[np.ndarray, np.ndarray, np.ndarray], order: list[int]) -> None:
    y, groups, w = case
    assert_allclose(parts(dagum(y, np.array(order)[groups], w)), parts(dagum(y, groups, w)), rtol=0, atol=1e-13)


@given(grouped(), st.data())
def test_parts_of_theil_sum_over_three_levels(
    case: tuple[np.ndarray, np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    y, groups, w = case
    finer = data.draw(npst.arrays(np.int64, len(y), elements=st.integers(0, 2)))
    finest = data.draw(npst.arrays(np.int64, len(y), elements=st.integers(0, 1)))
    for index in ("T", "L") if (y > 0).all() else ("T",):
        found = theil(y, w, (groups, finer, finest), index)
        assert abs(found.parts.sum() - theil(y, w, index=index).total) < 1e-12
        assert (found.parts > -1e-12).all()
