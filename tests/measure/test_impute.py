"""Imputation with answers one can see, its marks, and what coverage says of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import recipe, refused, small_panel, tree

from zhiyu.data.panel import Mark
from zhiyu.measure import Index, measure
from zhiyu.measure.impute import group_mean, unfilled
from zhiyu.measure.moves import contributions

NAN = float("nan")


def test_the_mean_of_the_group_in_that_year() -> None:
    x = np.array([[1.0, NAN], [3.0, 8.0], [NAN, 6.0], [10.0, NAN], [NAN, NAN], [NAN, 5.0]])
    groups = np.array(["a", "a", "a", "b", "b", ""])
    assert_allclose(group_mean(x, groups), [[1, 7], [3, 8], [2, 6], [10, NAN], [10, NAN], [NAN, 5]])
    assert_allclose(group_mean(x[..., None], groups)[..., 0], group_mean(x, groups))
    assert_allclose(unfilled(x, groups), x)


TREE = tree("root - -", "a root x", "b root y", "c root z")
GROUPED = {"method": "group-mean", "groups": "region4"}
CHOICES = {"weight": {"method": "equal"}, "coverage": {"indicator": 0.5, "node": 0.9}}


@pytest.fixture
def index() -> Index:
    """Beijing, Tianjin, Hebei (East), Shanxi (Central): Tianjin lacks x and Shanxi y."""
    x, y, z = [[0.0], [NAN], [4.0], [10.0]], [[0.0], [5.0], [10.0], [NAN]], [[0.0], [5.0], [10.0], [10.0]]
    return measure(small_panel({"x": x, "y": y, "z": z}), TREE, recipe(**CHOICES, impute=GROUPED))


def test_filled_marked_and_listed(index: Index) -> None:
    assert_allclose(index.values.sel(indicator="a").values.ravel(), [0, 2, 4, 10])
    assert index.marks.sel(indicator="a").values.ravel().tolist() == [Mark.OBSERVED, Mark.IMPUTED, *[Mark.OBSERVED] * 2]
    [cell] = index.imputed
    assert (cell.indicator, cell.region, cell.year, cell.after, cell.how) == (
        *("a", index.codes[1], 2015),
        *(2.0, "group-mean"),
    )
    assert np.isnan(cell.before)


def test_where_the_group_has_no_value_it_stays_missing(index: Index) -> None:
    assert np.isnan(index.values.sel(indicator="b").values.ravel()[3])
    assert index.marks.sel(indicator="b").values.ravel()[3] == Mark.MISSING


def test_a_score_may_rest_on_imputed_cells_and_coverage_says_so(index: Index) -> None:
    rests, scores = index.coverage.sel(node="root").values.ravel(), index.scores.sel(node="root").values.ravel()
    assert_allclose(rests, [1, 2 / 3, 1, 2 / 3])
    assert_allclose(scores[:3], [0, (20 + 50 + 50) / 3, (40 + 100 + 100) / 3])
    assert np.isnan(scores[3])  # two thirds are there, and nothing was imputed: below 0.9
    assert index.coverage.sel(node="a").values.ravel().tolist() == [1, 0, 1, 1]


def test_contributions_of_imputed_cells_add_up_too(index: Index) -> None:
    points, scores = contributions(index).values.sum(axis=-1).ravel(), index.scores.sel(node="root").values.ravel()
    assert_allclose(points[:3], scores[:3])


def test_nothing_is_filled_unless_asked() -> None:
    panel = small_panel({name: [[0.0], [NAN], [4.0], [10.0]] for name in "xyz"})
    index = measure(panel, TREE, recipe(**CHOICES))
    assert index.imputed == ()
    assert np.isnan(index.values.values[1]).all()


@pytest.mark.parametrize("groups", ["", "region5"])
def test_a_grouping_that_is_not_there(groups: str) -> None:
    panel = small_panel({name: [[0.0], [NAN], [4.0], [10.0]] for name in "xyz"})
    with refused("unknown_grouping") as found:
        measure(panel, TREE, recipe(**CHOICES, impute={"method": "group-mean", "groups": groups}))
    assert found.says("[measure.impute] groups", "region4")
