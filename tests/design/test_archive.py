"""The archive: which portfolios no other beats, and hypervolumes against slices, inclusion and exclusion, and dice."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.design.archive import hypervolume, nondominated, spread, union


def sliced(x, reference):
    """Hypervolume by slices along the last objective: plain, exact and slow."""
    x = x[(x > reference).all(axis=1)]
    if not len(x):
        return 0.0
    if x.shape[1] == 1:
        return float(x.max() - reference[0])
    ends = np.unique(np.append(x[:, -1], reference[-1]))
    return sum((high - low) * sliced(x[x[:, -1] >= high, :-1], reference[:-1]) for low, high in pairwise(ends))


def written_out(x, reference):
    """Hypervolume by inclusion and exclusion over all sets of points."""
    return sum(
        (-1) ** (size + 1) * np.prod(np.maximum(x[list(rows)].min(axis=0) - reference, 0))
        for size in range(1, len(x) + 1)
        for rows in combinations(range(len(x)), size)
    )


@pytest.mark.parametrize("objectives", [2, 3, 4])
def test_the_hypervolume_is_that_of_slices_and_of_inclusion_and_exclusion(objectives):
    rng = np.random.default_rng(objectives)
    x, reference = rng.normal(1, 1, (9, objectives)) * 10.0 ** np.arange(-3, objectives - 3), np.zeros(objectives)
    assert_allclose(hypervolume(x, reference), sliced(x, reference), rtol=1e-9)
    assert_allclose(hypervolume(x, reference), written_out(x, reference), rtol=1e-9)


def test_the_hypervolume_of_many_points_is_the_share_of_dice_under_them():
    rng = np.random.default_rng(0)
    x = rng.dirichlet(np.ones(4), 60)
    dice = rng.random((100_000, 4)) * x.max(axis=0)
    under = np.zeros(len(dice), dtype=bool)
    for row in x:
        under |= (dice <= row).all(axis=1)
    share = under.mean()
    told, error = share * np.prod(x.max(axis=0)), np.sqrt(share * (1 - share) / len(dice)) * np.prod(x.max(axis=0))
    assert abs(hypervolume(x, np.zeros(4)) - told) < 4 * error
    assert_allclose(hypervolume(x, np.zeros(4)), sliced(x, np.zeros(4)), rtol=1e-9)


def test_points_that_do_not_pass_the_reference_add_nothing():
    x = np.array([[2.0, 3.0], [5.0, -1.0], [1.0, 1.0]])
    assert_allclose(hypervolume(x, np.zeros(2)), 6)
    assert hypervolume(x - 10, np.zeros(2)) == 0
    assert_allclose(hypervolume(x, np.array([0.0, -1.0])), 8)  # [5, -1] lies on the reference's own level


def test_what_is_dominated_or_a_copy_is_left_out():
    x = np.array([[1.0, 2], [2, 1], [1, 1], [2, 1], [0, 3], [0, 2]])
    assert_array_equal(nondominated(x), [True, True, False, False, True, False])
    y = np.random.default_rng(1).integers(0, 6, (80, 3)).astype(float)
    beaten = ((y[None] >= y[:, None]).all(axis=-1) & (y[None] > y[:, None]).any(axis=-1)).any(axis=1)
    kept = nondominated(y)
    assert not (kept & beaten).any()
    assert {tuple(row) for row in y[kept]} == {tuple(row) for row in y[~beaten]}
    assert len({tuple(row) for row in y[kept]}) == kept.sum()


def test_the_union_says_who_found_what_and_from_where_it_counts():
    one, two = np.array([[3.0, 1.0], [1.0, 1.0]]), np.array([[1.0, 3.0], [3.0, 1.0]])
    found = union({"lp": (np.eye(2), one), "nsga2": (2 * np.eye(2), two)})
    assert list(found.origin) == ["lp", "nsga2"]
    assert_array_equal(found.levels, [[1, 0], [2, 0]])
    assert_array_equal(found.reference, 0)
    assert (found.volume, found.volumes) == (5.0, {"lp": 3.0, "nsga2": 5.0})


def test_a_copy_that_rounding_lifts_does_not_take_the_credit():
    one = np.array([[3.0, 1.0], [1.0, 3.0]])
    found = union({"lp": (np.eye(2), one), "nsga2": (np.eye(2), one * (1 + 1e-14))})
    assert list(found.origin) == ["lp", "lp"]
    assert found.volume >= max(found.volumes.values())


def test_those_spread_apart_hold_the_best_of_each_objective():
    x = np.random.default_rng(2).random((200, 3)) * np.array([1, 100, 1e-4])
    chosen = spread(x, 10)
    assert len(set(chosen)) == 10
    assert set(x.argmax(axis=0)) <= set(chosen)
    shares = (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))
    apart = ((shares[chosen][:, None] - shares[chosen][None]) ** 2).sum(axis=-1)
    assert np.sqrt(apart[np.triu_indices(10, 1)].min()) > 0.25
    assert len(spread(np.zeros((5, 2)), 4)) == 1
