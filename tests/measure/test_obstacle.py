"""Obstacle degree: by hand, what is missing, what is refused, and the labelled face of a measured index."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import recipe, refused, small_panel, tree

from zhiyu.data import regions as region_sets
from zhiyu.measure import Index, measure
from zhiyu.measure.obstacle import by_top, has_obstacles, obstacle_degrees, obstacles

NAN = np.nan
X = np.array([[0.0, 2.0], [4.0, 6.0], [8.0, 10.0]])
Y = np.array([[5.0, 5.0], [5.0, 1.0], [3.0, 3.0]])
TREE = tree("r - -", "A r -", "B r -", "a A x", "b A y", "c B u")
EQUAL = {"method": "equal"}


def index(**chosen: object) -> Index:
    return measure(small_panel({"x": X, "y": Y, "u": X[::-1]}), TREE, recipe(weight=EQUAL, **chosen))


def test_by_hand() -> None:
    """d = (0.5, 0, 0.8), f d = (0.25, 0, 0.16) / 0.41."""
    found = obstacle_degrees(np.array([0.5, 1.0, 0.2]), np.array([0.5, 0.3, 0.2]))
    assert_allclose(found, [0.25 / 0.41, 0.0, 0.16 / 0.41], rtol=1e-15)


def test_a_missing_indicator_is_left_out_and_the_rest_in_proportion() -> None:
    found = obstacle_degrees(np.array([0.5, NAN, 0.2]), np.array([0.5, 0.3, 0.2]))
    assert np.isnan(found[1])
    assert_allclose(found[[0, 2]], [0.25 / 0.41, 0.16 / 0.41], rtol=1e-15)
    assert np.isnan(obstacle_degrees(np.array([NAN, NAN]), np.array([0.5, 0.5]))).all()


def test_where_nothing_is_lost_there_is_no_obstacle() -> None:
    assert obstacle_degrees(np.ones((2, 3)), np.full(3, 1 / 3)).tolist() == [[0.0] * 3] * 2
    assert obstacle_degrees(np.array([0.0, 1.0]), np.array([0.0, 1.0])).tolist() == [0.0, 0.0]  # no weight, no obstacle


@pytest.mark.parametrize("z", [[1.2, 0.5], [-0.3, 0.5], [NAN, 1.1]])
def test_scores_outside_zero_and_one_are_refused_not_clipped(z: list[float]) -> None:
    with refused("scores_not_shares"):
        obstacle_degrees(np.array(z), np.array([0.5, 0.5]))


def test_rounding_beyond_the_bounds_is_no_refusal() -> None:
    found = obstacle_degrees(np.array([1.0 + 1e-12, -1e-12]), np.array([0.5, 0.5]))
    assert found.tolist() == [0.0, 1.0]


def test_of_an_index() -> None:
    found = obstacles(index())
    assert found.dims == ("region", "year", "indicator")
    assert_allclose(found.sum("indicator"), 1.0)
    # the first region in the first year: z = 0, 1, 0.8 with weights 1/4, 1/4, 1/2
    assert_allclose(found.values[0, 0], [0.25 / 0.35, 0.0, 0.1 / 0.35])
    tops = by_top(index(), found)
    assert tops.dims == ("region", "year", "node")
    assert_allclose(tops.values[0, 0], [0.25 / 0.35, 0.1 / 0.35])


def test_of_an_index_with_holes() -> None:
    holed = X.copy()
    holed[1, 0] = NAN
    framework = tree("r - -", "A r -", "B r -", "a A x", "b A y", "c B u")
    panel = small_panel({"x": holed, "y": Y, "u": X[::-1]})
    found = obstacles(measure(panel, framework, recipe(weight=EQUAL, coverage={"indicator": 0.5, "node": 0.6})))
    assert np.isnan(found.values[1, 0, 0])
    assert_allclose(found.sum("indicator"), 1.0)
    strict = obstacles(measure(panel, framework, recipe(weight=EQUAL, coverage={"indicator": 0.5, "node": 1})))
    assert np.isnan(strict.values[1, 0]).all()  # no total score, no obstacles of it
    assert np.isnan(by_top(measure(panel, framework, recipe(weight=EQUAL)), strict).values[1, 0]).all()


def test_weights_by_year_are_those_of_the_year() -> None:
    yearly = measure(small_panel({"x": X, "y": Y, "u": X[::-1]}), TREE, recipe(weight={"scope": "year"}))
    found, leaves = obstacles(yearly), ["a", "b", "c"]
    for t, year in enumerate(yearly.years):
        z = yearly.scores.sel(node=leaves, year=year).values / 100
        expected = obstacle_degrees(z, yearly.effective.sel(node=leaves, year=year).values)
        assert_allclose(found.values[:, t], expected)


def test_growth_beyond_the_base_year_has_no_obstacles() -> None:
    base = index(normalise={"scope": "base", "base": 2015})
    assert not has_obstacles(base)
    assert has_obstacles(index())
    with refused("scores_not_shares") as told:
        obstacles(base)
    assert told.says("study.toml", "[measure] normalise", "goalposts")


def test_an_aggregate_has_none_and_refuses_nothing() -> None:
    """It does not set the scale, so it may lie beyond; like a rank, it has no obstacles."""
    europe = region_sets.load("eu-countries")
    whole = next(region.code for region in europe.rows if region.aggregate)
    regions = europe.select([*[region.code for region in europe.rows if not region.aggregate][:3], whole])
    values = np.array([[90.0, 99.0] if code == whole else [k, k + 2.0] for k, code in enumerate(regions.codes)])
    measured = measure(small_panel({"x": values}, regions=regions), tree("r - -", "a r x"), recipe(weight=EQUAL))
    found, total = obstacles(measured), regions.codes.index(whole)
    assert np.isnan(found.values[total]).all()
    assert np.isfinite(np.delete(found.values, total, axis=0)).all()
