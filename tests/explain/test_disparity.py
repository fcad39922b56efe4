"""Gini and Dagum's parts against all pairs written out, by hand, and in draws."""

import itertools

import numpy as np
import pytest
from explain.pairs import by_pairs
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.explain import disparity
from zhiyu.explain.disparity import Dagum, bootstrap, dagum, gini, resamples


def parts(found: Dagum) -> list[float]:
    return [found.total, found.within, found.between, found.transvariation]


@pytest.mark.parametrize("seed", range(12))
def test_equals_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 45))
    y = np.round(rng.lognormal(0, 1.2, n), int(rng.integers(0, 5)))  # some rounded so far that values tie
    y[0] = 0.0
    groups, w = rng.choice(["c", "a", "b"], n), rng.uniform(0.1, 3.0, n)
    for weights in (None, w):
        found = dagum(y, groups, weights)
        assert_allclose(parts(found), by_pairs(y, groups, weights), rtol=0, atol=1e-12)
        assert found.total == pytest.approx(found.within + found.between + found.transvariation, abs=1e-12)
        assert gini(y, weights) == pytest.approx(found.total, abs=1e-15)


def test_by_hand() -> None:
    """Groups {1, 3} and {2, 6}: mean gaps 1 and 2 within; of the four gaps across 1 - 2, 1 - 6, 3 - 2, 3 - 6 one is
    the poorer group's."""
    found = dagum(np.array([1.0, 3, 2, 6]), np.array(["p", "p", "r", "r"]))
    assert_array_equal(found.groups, ["p", "r"])
    assert_allclose(found.mean, [2, 4])
    assert_allclose(found.population, [0.5, 0.5])
    assert_allclose(found.share, [1 / 3, 2 / 3])
    assert_allclose(found.ginis, [1 / 4, 1 / 4])  # mean gap 1 over twice 2, 2 over twice 4
    assert found.pairs[0, 1] == pytest.approx((1 + 5 + 1 + 3) / 4 / 6)
    assert_allclose(found.affluence, [[0, (9 - 1) / 10], [(9 - 1) / 10, 0]])
    across = found.pairs[0, 1] * (0.5 * 2 / 3 + 0.5 / 3)
    assert found.within == pytest.approx(1 / 4 / 6 + 1 / 4 / 3)
    assert found.between == pytest.approx(across * 0.8)
    assert found.transvariation == pytest.approx(across * 0.2)


def test_the_part_between_groups_is_never_negative() -> None:
    """A current Python package takes d and p in the order the groups are listed in, and returns a negative part."""
    rng = np.random.default_rng(3)
    y = np.concatenate([rng.uniform(0, 5, 6), rng.uniform(2, 9, 5), rng.uniform(4, 20, 4)])
    seen = []
    for names in itertools.permutations("abc"):
        groups = np.repeat(names, [6, 5, 4])
        found, listed = dagum(y, groups), by_pairs(y, groups, listed=True)
        seen.append(listed[2])
        assert found.between > 0
        assert_allclose(parts(found), by_pairs(y, groups), rtol=0, atol=1e-12)
    assert min(seen) < 0 < max(seen)  # these data do tell the two apart


def test_groups_apart_do_not_overlap_and_groups_alike_are_not_apart() -> None:
    apart = dagum(np.array([1.0, 1.1, 7, 9]), np.array([0, 0, 1, 1]))
    assert apart.transvariation == 0.0
    assert apart.affluence[0, 1] == 1.0
    alike = dagum(np.array([1.0, 5, 5, 1]), np.array([0, 0, 1, 1]))
    assert alike.between == 0.0
    assert alike.affluence[0, 1] == 0.0
    assert alike.transvariation > 0


def test_each_its_own_group_and_all_one_group() -> None:
    y = np.array([3.0, 1, 4, 1, 5])
    every = dagum(y, np.arange(5))
    assert every.within == 0.0
    assert every.between == pytest.approx(gini(y))
    one = dagum(y, np.zeros(5))
    assert (one.between, one.transvariation) == (0.0, 0.0)
    assert one.within == pytest.approx(gini(y))


def test_a_group_of_zeros_has_no_gap_within() -> None:
    found = dagum(np.array([0.0, 0, 2, 4]), np.array(["z", "z", "y", "y"]))
    assert found.ginis[1] == 0.0
    assert found.share[1] == 0.0
    assert found.total == pytest.approx(found.within + found.between)


def test_shuffled_rows_give_the_same_answer() -> None:
    rng = np.random.default_rng(0)
    y, groups, w = rng.lognormal(size=60), rng.integers(0, 4, 60), rng.uniform(1, 2, 60)
    order = rng.permutation(60)
    assert_allclose(parts(dagum(y[order], groups[order], w[order])), parts(dagum(y, groups, w)), rtol=0, atol=1e-14)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_draw_is_the_decomposition_of_the_regions_drawn(weighted: bool) -> None:
    rng = np.random.default_rng(1)
    y, groups = rng.lognormal(size=(3, 14)), np.repeat(["b", "a", "c"], [5, 6, 3])
    w = rng.uniform(1, 3, (3, 14)) if weighted else None
    found = bootstrap(y, groups, w, draws=20, seed=4)
    counts = resamples(np.unique(groups, return_inverse=True)[1], 20, 4).astype(int)
    for draw, k in itertools.product(range(20), range(3)):
        rows = np.repeat(np.arange(14), counts[draw])
        own = None if w is None else w[k, rows]
        assert_allclose(found.parts[draw, k], parts(dagum(y[k, rows], groups[rows], own)), rtol=0, atol=1e-12)
        assert found.mean[draw, k] == pytest.approx(np.average(y[k, rows], weights=own))


def test_draws_keep_to_groups_and_their_seed() -> None:
    member = np.repeat([0, 1, 2], [5, 1, 8])
    counts = resamples(member, 50, 9)
    for group, size in enumerate((5, 1, 8)):
        assert_array_equal(counts[:, member == group].sum(axis=1), size)
    assert_array_equal(counts, resamples(member, 50, 9))
    assert (counts != resamples(member, 50, 10)).any()


def test_draws_do_not_depend_on_how_many_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    y, groups = rng.lognormal(size=(2, 30)), rng.integers(0, 3, 30)
    whole = bootstrap(y, groups, draws=40, seed=5)
    monkeypatch.setattr(disparity, "CELLS", 300)
    assert_array_equal(bootstrap(y, groups, draws=40, seed=5).parts, whole.parts)


def test_intervals_hold_the_middle_of_the_draws() -> None:
    rng = np.random.default_rng(0)
    found = bootstrap(rng.lognormal(size=(1, 40)), rng.integers(0, 2, 40), draws=400, seed=1)
    low, high = found.interval(0.9)
    inside = ((found.parts >= low) & (found.parts <= high)).mean(axis=0)
    assert_allclose(inside, 0.9, atol=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_leaving_each_region_out_is_dagum_of_the_others(seed: int) -> None:
    """Rows of one batch equal the single function, also where a group's only region goes, and where values tie."""
    rng = np.random.default_rng(seed)
    y = np.round(rng.lognormal(0, 1, (3, 13)), 1)
    groups, w = np.array([*"aaaabbbbbcccd"]), rng.uniform(0.5, 2.0, 13)
    for weights in (None, w):
        found = disparity.without_each(y, groups, weights)
        assert found.parts.shape == (14, 3, 4)
        for k, column in enumerate(y):
            assert_array_equal(found.parts[0, k], parts(dagum(column, groups, weights)))
            for i in range(13):
                rest = np.arange(13) != i
                one = dagum(column[rest], groups[rest], None if weights is None else weights[rest])
                assert_allclose(found.parts[i + 1, k], parts(one), rtol=1e-12, atol=1e-15)
