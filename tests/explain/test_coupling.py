"""Coupling coordination: answers by hand, limits, grades, sides; the labelled face on small panels."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import recipe, refused, small_panel, tree

from zhiyu import Study, store
from zhiyu.explain.coupling import (
    VARIANTS,
    coupling_coordination,
    grade_table,
    grades,
    relative_development,
    wrong_standard,
)
from zhiyu.explain.of.coupling import coupling
from zhiyu.framework import load
from zhiyu.measure import measure

NAN = np.nan


def test_two_subsystems_by_hand() -> None:
    found = coupling_coordination(np.array([0.8, 0.2]))
    assert_allclose(found.coupling, np.sqrt((1 - 0.6) * 0.2 / 0.8))  # 0.3162
    assert_allclose(found.comprehensive, 0.5)
    assert_allclose(found.coordination, np.sqrt(np.sqrt(0.1) * 0.5))
    assert found.variant == "wang2021"
    assert_allclose(found.weights, [0.5, 0.5])
    assert_allclose(coupling_coordination(np.array([0.8, 0.2]), variant="standard").coupling, 2 * 0.4 / 1.0)
    assert_allclose(coupling_coordination(np.array([0.8, 0.2]), variant="liao1999").coupling, (0.16 / 0.25) ** 2)


def test_three_subsystems_by_hand() -> None:
    u = np.array([0.9, 0.6, 0.3])
    apart = (0.3 + 0.3 + 0.6) / 3
    assert_allclose(coupling_coordination(u).coupling, np.sqrt((1 - apart) * np.sqrt((0.6 / 0.9) * (0.3 / 0.9))))
    assert_allclose(coupling_coordination(u, variant="standard").coupling, 3 * 0.162 ** (1 / 3) / 1.8)
    assert_allclose(coupling_coordination(u, variant="liao1999").coupling, (0.162 / 0.6**3) ** 2)


def test_weights_enter_the_level_and_never_the_coupling() -> None:
    u = np.array([[0.8, 0.2], [0.2, 0.8]])
    found = coupling_coordination(u, weights=np.array([0.75, 0.25]))
    assert_allclose(found.comprehensive, [0.65, 0.35])
    assert_allclose(found.coupling, coupling_coordination(u).coupling)


@pytest.mark.parametrize("variant", VARIANTS)
def test_limits(variant: str) -> None:
    u = np.array([[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [1.0, 1.0, 1.0], [1e-300, 1e-300, 1e-300], [NAN, 0.5, 0.5]])
    found = coupling_coordination(u, variant=variant)
    assert_allclose(found.coupling, [1, 0, 1, 1, NAN])
    assert_allclose(found.coordination, [0, 0, 1, 0, NAN], atol=1e-149)


def test_any_shape_before_the_last_axis() -> None:
    u = np.random.default_rng(1).random((4, 3, 2, 5))
    found = coupling_coordination(u)
    assert found.coordination.shape == (4, 3, 2)
    assert_allclose(found.coordination[2, 1, 0], coupling_coordination(u[2, 1, 0]).coordination)


def test_the_wrong_form_is_bounded_by_a_half() -> None:
    u = np.array([[0.5, 0.5], [0.8, 0.2]])
    assert_allclose(wrong_standard(u), [0.5, 0.4])
    assert_allclose(wrong_standard(u) * 2, coupling_coordination(u, variant="standard").coupling)
    assert not any(word in VARIANTS for word in ("wrong", "wrong_standard"))


@pytest.mark.parametrize("u", [np.array([0.5]), np.float64(0.5), np.empty((3, 0))])
def test_fewer_than_two_subsystems_are_refused(u: np.ndarray) -> None:
    with refused("coupling_one_system"):
        coupling_coordination(u)


@pytest.mark.parametrize("bad", [-0.1, 1.1, np.inf])
def test_levels_outside_are_refused(bad: float) -> None:
    with refused("coupling_outside"):
        coupling_coordination(np.array([[0.5, 0.5], [bad, 0.5]]))


def test_unsound_weights_are_refused() -> None:
    u = np.array([0.5, 0.5])
    for weights, key in (
        ([1.0], "coupling_weights"),
        ([1.5, -0.5], "negative_weight"),
        ([1.0, 1.0], "weights_do_not_sum"),
        ([NAN, 1.0], "weights_do_not_sum"),
    ):
        with refused(key):
            coupling_coordination(u, weights=np.array(weights))


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with refused("coupling_variant") as caught:
        coupling_coordination(np.array([0.5, 0.5]), variant="standart")
    assert caught.says("standart", "standard", "wang2021")


def test_grades_hold_their_lower_bound() -> None:
    assert_array_equal(grades([0.0, 0.0999, 0.1, 0.5, 0.3, 0.89, 0.9, 1.0, NAN]), [1, 1, 2, 6, 4, 9, 10, 10, 0])
    assert [grade.level for grade in grade_table()] == list(range(1, 11))
    assert (grade_table()[0].label.zh, grade_table()[-1].label.zh) == ("极度失调", "优质协调")


def test_relative_development() -> None:
    found = relative_development([0.4, 0.5, 0.6, 0.0, 0.1, NAN], [0.5, 0.5, 0.5, 0.0, 0.0, 0.5])
    assert_allclose(found.ratio, [0.8, 1.0, 1.2, 1.0, np.inf, NAN])
    assert_array_equal(found.side, [-1, 0, 1, 0, 1, NAN])


# The face.

X = np.array([[1.0, 2, 3], [2, 4, 3], [5, 6, 9], [3, 3, 4]])
Y = np.array([[2.0, 1, 2], [2, 3, 4], [8, 9, 9], [1, 2, 3]])
TREE = tree("r - -", "a r x", "b r y")


def test_a_tree_of_its_own_couples_its_top_nodes_by_label() -> None:
    index = measure(small_panel({"x": X, "y": Y}), TREE, recipe(weight={"method": "equal"}))
    found = coupling(index, TREE)
    (system,) = found.systems
    levels = np.stack([(X - 1) / 8, (Y - 1) / 8], axis=-1)
    assert_allclose(system.levels.values, levels)
    assert_allclose(system.coordination.values, coupling_coordination(levels).coordination)
    assert [part.id for part in system.parts] == ["a", "b"]
    assert system.lead is None  # three years are too few
    assert found.glance().shape[0] == 1
    assert len(found.tidy()) == X.size
    assert "wang2021" in found.summary("en")
    assert "耦合协调度" in found.summary("zh")


def test_the_order_of_regions_does_not_matter() -> None:
    chosen = recipe(weight={"method": "equal"})
    one = coupling(measure(small_panel({"x": X, "y": Y}), TREE, chosen), TREE).systems[0].coordination
    turned = measure(small_panel({"x": X[::-1], "y": Y[::-1]}), TREE, chosen)
    other = coupling(turned, TREE).systems[0].coordination
    assert_allclose(other.values[::-1], one.values)


def test_z_scores_are_refused_with_the_remedy() -> None:
    chosen = recipe(weight={"method": "equal"}, normalise={"method": "zscore"})
    index = measure(small_panel({"x": X, "y": Y}), TREE, chosen)
    with refused("coupling_outside") as caught:
        coupling(index, TREE)
    assert caught.says("minmax")


def test_one_top_node_is_refused() -> None:
    one = tree("r - -", "top r -", "a top x", "b top y")
    with refused("coupling_one_system"):
        coupling(measure(small_panel({"x": X, "y": Y}), one, recipe(weight={"method": "equal"})), one)


def test_an_unknown_variant_names_the_study_file() -> None:
    index = measure(small_panel({"x": X, "y": Y}), TREE, recipe(weight={"method": "equal"}))
    with refused("coupling_variant") as caught:
        coupling(index, TREE, variant="wang2020")
    assert caught.says("study.toml", "[explain] coupling")


def test_scales_of_each_year_alone_are_not_compared() -> None:
    chosen = recipe(weight={"method": "equal"}, normalise={"method": "minmax", "scope": "year"})
    found = coupling(measure(small_panel({"x": X, "y": Y}), TREE, chosen), TREE)
    assert not found.comparable


@pytest.fixture(scope="module")
def china() -> Study:
    return Study.open("china-provinces")


def test_means_are_over_the_regions_seen_in_every_year() -> None:
    holed = X.copy()
    holed[0, 1] = NAN
    chosen = recipe(weight={"method": "equal"}, coverage={"indicator": 0.5})
    (system,) = coupling(measure(small_panel({"x": holed, "y": Y}), TREE, chosen), TREE).systems
    assert_array_equal(system.whole, [False, True, True, True])
    assert_allclose(system.mean, system.coordination.values[1:].mean(axis=0))


def test_where_no_region_is_seen_in_every_year_the_last_year_speaks_alone() -> None:
    x, y = np.random.default_rng(3).random((2, 5, 3))
    x[range(5), [0, 0, 1, 1, 2]] = NAN
    chosen = recipe(weight={"method": "equal"}, coverage={"indicator": 0.5})
    (system,) = coupling(measure(small_panel({"x": x, "y": y}), TREE, chosen), TREE).systems
    assert system.shown == (2, 2)
    assert_allclose(system.mean, [NAN, NAN, np.nanmean(system.coordination.values[:, 2])])


def test_china_has_three_systems_of_the_papers_subsystems(china: Study) -> None:
    index = china.measure()
    found = coupling(index, china.framework(), draws=99)
    assert [system.id for system in found.systems] == ["dual_wheel", "coevolution", "embedding"]
    dual = found.systems[0]
    leaves = ["ecommerce_ratio", "hightech_revenue_ratio", "software_product_ratio"]
    assert dual.parts[1].indicators == tuple(leaves)
    assert dual.parts[1].absent == ("new_product_ratio",)
    scores = index.scores.sel(node=leaves, region="110000", year=2022).values / 100
    assert_allclose(dual.levels.sel(region="110000", year=2022, part="industry"), scores.mean())
    assert dual.lead is not None
    assert dual.lead.regions == 31
    assert dual.mean[-1] > dual.mean[0]


def test_evidence_can_be_kept(china: Study) -> None:
    found = coupling(china.measure(), china.framework(), draws=99)
    arrays: dict[str, np.ndarray] = {}
    back = store.decode(store.encode(found, arrays), arrays)
    assert back.tidy().equals(found.tidy())
    assert back.lead_lag().equals(found.lead_lag())


def test_the_other_seed_moves_intervals_alone(china: Study) -> None:
    index, framework = china.measure(), load("paper")
    one, same, other = (coupling(index, framework, draws=99, seed=seed).lead_lag() for seed in (1, 1, 2))
    assert one.equals(same)
    assert_array_equal(one["estimate"], other["estimate"])
    assert not one["conf_low"].equals(other["conf_low"])


def test_the_union_itself_takes_no_part() -> None:
    study = Study.open("europe-desi")
    (system,) = coupling(study.measure(), study.framework()).systems
    assert "EU" not in system.coordination["region"].values
    assert system.coordination.shape[0] == 27
