"""The index: a whole measurement by hand, the scopes, who is judged, what is left out, and ranks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import recipe, refused, small_panel, tree

from zhiyu.data import panel as panels
from zhiyu.data import regions as region_sets
from zhiyu.data import repair
from zhiyu.data.panel import Mark
from zhiyu.measure import Index, measure
from zhiyu.measure.index import rank, worst_mark

NAN = np.nan
X = np.array([[0.0, 2.0], [4.0, 6.0], [8.0, 10.0]])
Y = np.array([[5.0, 5.0], [5.0, 1.0], [3.0, 3.0]])
EQUAL = {"method": "equal"}


def scores(index: Index, node: str) -> list[list[float]]:
    shown: list[list[float]] = index.scores.sel(node=node).values.round(10).tolist()
    return shown


def test_a_measurement_by_hand() -> None:
    framework = tree("r - -", "A r -", "B r -", "a A x", "b B y direction=-1")
    index = measure(small_panel({"x": X, "y": Y}), framework, recipe(weight=EQUAL))
    assert scores(index, "a") == scores(index, "A") == [[0, 20], [40, 60], [80, 100]]
    assert scores(index, "b") == scores(index, "B") == [[0, 0], [0, 100], [50, 50]]
    assert scores(index, "r") == [[0, 10], [20, 80], [65, 75]]
    assert index.ranks.sel(node="r").values.tolist() == [[3, 3], [2, 1], [1, 2]]
    assert index.ranks.sel(node="b").values.tolist() == [[2, 3], [2, 1], [1, 2]]  # ties share the better rank
    assert_allclose(index.thresholds.sel(node="r").values, np.quantile([0, 10, 20, 80, 65, 75], [0.2, 0.4, 0.6, 0.8]))
    assert index.stage.sel(node="r").values.tolist() == [[1, 2], [3, 5], [4, 5]]
    assert index.values.sel(indicator="b").values.tolist() == Y.tolist()
    assert float(index.effective.sel(node="a")[0]) == 0.5
    assert (index.coverage == 1.0).all()


def test_scope_year_forgets_growth_and_scope_base_does_not_cap_it() -> None:
    framework = tree("r - -", "a r x", "b r y")
    panel = small_panel({"x": X, "y": X[::-1] + 1})
    pooled, yearly, base = (
        measure(panel, framework, recipe(normalise={"scope": s, "base": b}, weight=EQUAL))
        for s, b in (("pooled", None), ("year", None), ("base", 2015))
    )
    assert scores(pooled, "a") == [[0, 20], [40, 60], [80, 100]]
    assert scores(yearly, "a") == [[0, 0], [50, 50], [100, 100]]
    assert scores(base, "a") == [[0, 25], [50, 75], [100, 125]]
    late = measure(panel, framework, recipe(normalise={"scope": "base", "base": 2016}, weight=EQUAL))
    assert scores(late, "a") == [[-25, 0], [25, 50], [75, 100]]


def test_weights_by_year_follow_the_year() -> None:
    framework = tree("r - -", "A r -", "a A x", "b A y")
    panel = small_panel({"x": [[1.0, 1.0], [2.0, 9.0], [3.0, 9.5]], "y": [[1.0, 9.0], [9.0, 2.0], [9.5, 1.0]]})
    yearly = measure(panel, framework, recipe(weight={"scope": "year"}))
    pooled = measure(panel, framework, recipe(weight={"scope": "pooled"}))
    assert_allclose(yearly.weights.sel(node=["a", "b"]).sum("node"), 1.0)
    assert float(yearly.weights.sel(node="a", year=2015)) != float(yearly.weights.sel(node="a", year=2016))
    assert float(pooled.weights.sel(node="a", year=2015)) == float(pooled.weights.sel(node="a", year=2016))
    based = measure(panel, framework, recipe(weight={"scope": "base", "base": 2016}))
    assert_allclose(based.weights.sel(year=2015), yearly.weights.sel(year=2016), rtol=1e-12)


def test_the_scale() -> None:
    framework = tree("r - -", "a r x")
    index = measure(small_panel({"x": X}), framework, recipe(normalise={"scale": 1.0}))
    assert scores(index, "r") == [[0, 0.2], [0.4, 0.6], [0.8, 1.0]]


def test_uneven_trees_weigh_each_leaf_by_its_own_numbers() -> None:
    """Leaves of different depth, in a file order that is not the order from above."""
    rng = np.random.default_rng(5)
    values = {name: rng.uniform(0, 1, (8, 3)) ** power for name, power in zip("xyz", (0.3, 1, 6), strict=True)}
    chosen = recipe(weight={"within": "root"}, normalise={"scale": 1.0})
    flat = measure(small_panel(values), tree("r - -", "a r x", "b r y", "c r z"), chosen)
    deep = measure(small_panel(values), tree("r - -", "A r -", "A2 A -", "c A2 z", "b A y", "a r x"), chosen)
    for leaf in "abc":
        assert_allclose(deep.effective.sel(node=leaf), flat.effective.sel(node=leaf), rtol=1e-12)
    assert_allclose(deep.scores.sel(node="r"), flat.scores.sel(node="r"), rtol=1e-12)


@pytest.mark.parametrize("within", ["root", "top", "parent"])
def test_order_of_a_trees_rows_does_not_matter(within: str) -> None:
    rng = np.random.default_rng(6)
    values = {name: rng.uniform(0, 1, (8, 3)) ** power for name, power in zip("wxyz", (0.3, 1, 3, 6), strict=True)}
    rows = ["r - -", "A r -", "B r -", "A2 A -", "c A2 z", "d A2 w", "a A x", "b B y"]
    indices = [
        measure(small_panel(values), tree(*order), recipe(weight={"within": within})) for order in (rows, rows[::-1])
    ]
    one, other = (index.scores.sel(node=["r", "A", "B", "A2", "a", "b", "c", "d"]) for index in indices)
    assert_allclose(one, other, rtol=1e-12)


def test_missing_cells_and_coverage() -> None:
    x = X.copy()
    x[0, 0] = NAN
    framework = tree("r - -", "a r x", "b r y", "c r z")
    panel = small_panel({"x": x, "y": Y, "z": X})
    chosen = recipe(coverage={"indicator": 0.8, "node": 0.6}, weight=EQUAL)
    index = measure(panel, framework, chosen)
    assert float(index.coverage.sel(node="r")[0, 0]) == pytest.approx(2 / 3)
    assert float(index.scores.sel(node="r")[0, 0]) == pytest.approx(50.0)  # of y = 100 and z = 0 alone
    strict = measure(panel, framework, chosen.replaced("coverage.node", 0.7))
    assert np.isnan(strict.scores.sel(node="r")[0, 0])
    assert np.isnan(strict.ranks.sel(node="r")[0, 0])
    assert strict.ranks.sel(node="r").values[1:, 0].tolist() == [2, 1]
    assert int(strict.stage.sel(node="r")[0, 0]) == 0
    assert int(strict.marks.sel(indicator="a")[0, 0]) == Mark.MISSING


def test_indicators_below_the_rule_are_left_out_by_name() -> None:
    x = np.where(np.arange(6).reshape(3, 2) < 2, NAN, X)
    framework = tree("r - -", "A r -", "a A x", "B r -", "b B y", "c B nowhere+y")
    index = measure(small_panel({"x": x, "y": Y}), framework, recipe(coverage={"indicator": 0.9}))
    assert [(gone.node.id, round(gone.coverage, 3), gone.missing) for gone in index.left_out] == [
        ("a", 0.667, ()),
        ("c", 0.0, ("nowhere",)),
    ]
    assert [node.id for node in index.tree.nodes] == ["r", "B", "b"]
    kept = measure(small_panel({"x": x, "y": Y}), framework, recipe(coverage={"indicator": 0.6}))
    assert [gone.node.id for gone in kept.left_out] == ["c"]


def test_given_weights_of_what_is_left() -> None:
    rows = ("r - -", "a r x weight={}", "b r y weight={}", "c r nowhere weight={}")
    for weights in ((0.6, 0.2, 0.2), (6, 2, 2)):
        framework = tree(*(row.format(w) if "{" in row else row for row, w in zip(rows, (0, *weights), strict=True)))
        index = measure(small_panel({"x": X, "y": Y}), framework, recipe(weight={"method": "given"}))
        assert_allclose(index.weights.sel(node=["a", "b"]).values, [[0.75, 0.25]] * 2)


def test_nothing_to_measure() -> None:
    with refused("no_indicator"):
        measure(small_panel({"x": X}), tree("r - -", "a r nowhere"))


def test_a_constant_indicator_is_named() -> None:
    with refused("constant_indicator") as caught:
        measure(small_panel({"x": X, "y": np.full((3, 2), 7.0)}), tree("r - -", "a r x", "b r y"))
    assert caught.says("node b", "7")


def test_a_constant_but_for_rounding_is_constant() -> None:
    x = np.random.default_rng(1).uniform(1, 100, (20, 5))
    with refused("constant_indicator"):
        measure(small_panel({"x": x}), tree("r - -", "a r x", "b r (x*0.1+x*0.2)/x"))


def test_a_zero_denominator_names_indicator_and_cell() -> None:
    with refused("divide_by_zero") as caught:
        measure(small_panel({"x": X, "y": Y}), tree("r - -", "a r y/x", "b r y"))
    assert caught.says("Beijing", "2015")


def test_aggregates_are_scored_but_set_no_scale_and_have_no_rank() -> None:
    europe = region_sets.load("eu-countries")
    total = next(region.code for region in europe.rows if region.aggregate)
    codes = ["AT", "BE", total]
    values = {
        "x": np.array([[0.0, 5.0], [10.0, 5.0], [20.0, -20.0]]),
        "y": np.array([[1.0, 2.0], [3.0, 4.0], [50.0, 0.0]]),
    }
    panel = panels.build(values, codes, [2020, 2021], europe)
    index = measure(panel, tree("r - -", "a r x", "b r y"), recipe(weight=EQUAL))
    assert index.scores.sel(node="a", region=["AT", "BE"]).values.tolist() == [[0, 50], [100, 50]]
    assert index.scores.sel(node="a", region=total).values.tolist() == [200, -200]
    assert np.isnan(index.ranks.sel(region=total)).all()
    assert index.ranks.sel(node="a", region=["AT", "BE"]).values.tolist() == [[2, 1], [1, 1]]
    alone = panels.build({name: array[:2] for name, array in values.items()}, codes[:2], [2020, 2021], europe)
    without = measure(alone, tree("r - -", "a r x", "b r y"), recipe(weight=EQUAL))
    assert_array_equal(without.thresholds, index.thresholds)


def test_goalposts() -> None:
    framework = tree("r - -", "a r x low=0 high=10", "b r y direction=-1 low=1 high=5")
    chosen = recipe(normalise={"method": "goalposts"}, weight=EQUAL)
    index = measure(small_panel({"x": X, "y": Y}), framework, chosen)
    assert scores(index, "a") == [[0, 20], [40, 60], [80, 100]]
    assert scores(index, "b") == [[0, 0], [0, 100], [50, 50]]
    with refused("goalposts_missing") as caught:
        measure(small_panel({"x": X, "y": Y}), tree("r - -", "a r x low=0 high=10", "b r y"), chosen)
    assert caught.says("node b")


def test_marks_are_the_worst_of_what_was_read() -> None:
    panel = small_panel({"x": [[1.0, NAN, 3.0]], "y": [[NAN, 2.0, 3.0]], "z": [[1.0, 1.0, 2.0]]})
    panel = repair.absent_until(repair.fill_gaps(panel, "linear-inside"), "y", 2015)
    assert worst_mark(panel, "x").tolist() == [[1, 2, 1]]
    assert worst_mark(panel, "x / y").tolist() == [[3, 2, 1]]
    assert worst_mark(panel, "z").tolist() == [[1, 1, 1]]
    assert worst_mark(panel, "3").tolist() == [[1, 1, 1]]
    missing = small_panel({"x": [[NAN, 1.0]], "y": [[1.0, 1.0]]})
    assert worst_mark(missing, "x * y").tolist() == [[0, 1]]


def test_ranks() -> None:
    shown = np.array([[3.0], [NAN], [5.0], [3.0], [9.0]])
    judged = np.array([True, True, True, True, False])
    assert_array_equal(rank(shown, judged)[:, 0], [2, NAN, 1, 2, NAN])


def test_an_attribute_without_any_score() -> None:
    even, odd = (np.where(np.arange(2) == k, NAN, X) for k in (0, 1))
    framework = tree("r - -", "A r -", "a A x", "b A y", "c r z")
    chosen = recipe(coverage={"indicator": 0.1, "node": 1.0}, weight=EQUAL)
    index = measure(small_panel({"x": even, "y": odd, "z": X}), framework, chosen)
    assert np.isnan(index.scores.sel(node="A")).all()
    assert (index.stage.sel(node="A") == 0).all()


def test_dominant_indicators() -> None:
    framework = tree("r - -", "A r -", "a A x weight=0.5", "b A y weight=0.3", "c A z weight=0.2", "d r w")
    rng = np.random.default_rng(2)
    panel = small_panel({name: rng.uniform(0, 1, (5, 2)) for name in "wxyz"})
    rows = tree(
        "r - -",
        "A r - weight=1",
        "B r - weight=1",
        "a A x weight=5",
        "b A y weight=3",
        "c A z weight=2",
        "d B w weight=1",
    )
    index = measure(panel, rows, recipe(weight={"method": "given"}))
    assert [(leaf.id, attribute.id, share) for leaf, attribute, share in index.dominant] == [
        ("a", "A", 0.5),
        ("d", "B", 1.0),
    ]
    with refused("weight_missing"):
        measure(panel, framework, recipe(weight={"method": "given"}))


def test_unknown_methods_are_refused() -> None:
    for path, word in (("normalise.method", "minmx"), ("weight.method", "entropie"), ("aggregate.method", "mean")):
        with refused("unknown_method") as caught:
            measure(
                small_panel({"x": X, "y": Y}), tree("r - -", "A r -", "a A x", "b A y"), recipe().replaced(path, word)
            )
        assert caught.says(word)


def test_years_the_data_lack_are_refused() -> None:
    with refused("years_not_in_data") as caught:
        chosen = recipe(normalise={"scope": "base", "base": 2011}, weight=EQUAL)
        measure(small_panel({"x": X}), tree("r - -", "a r x"), chosen)
    assert caught.says("2011", "2015-2016")
