"""The hierarchy: weights of any depth, coverage, missing children, the framework's own weights."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import refused, tree

from zhiyu.measure import hierarchy
from zhiyu.measure.aggregate import arithmetic

NAN = np.nan
DEEP = tree("r - -", "A r -", "B r -", "a1 A x", "A2 A -", "a2 A2 y", "a3 A2 z", "b B x").tree


def col(*numbers: float) -> np.ndarray:
    return np.array([numbers])


def test_the_mean_by_hand() -> None:
    assert arithmetic(np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.25, 0.25])) == 2.0
    assert arithmetic(np.array([1.0, NAN, 4.0]), np.array([0.5, 0.25, 0.25])) == 2.0  # (0.5 + 1) / 0.75
    assert np.isnan(arithmetic(np.array([NAN, NAN]), np.array([0.5, 0.5])))
    assert np.isnan(arithmetic(np.array([1.0, NAN]), np.array([0.0, 1.0])))


def test_nested_weights() -> None:
    pools = {"A": np.array([[0.5, 0.2, 0.3]]), "B": np.array([[1.0]])}
    local = hierarchy.nested(DEEP, np.array([[0.6, 0.4]]), pools)
    assert {name: float(w[0]) for name, w in local.items()} == pytest.approx(
        {"A": 0.6, "B": 0.4, "a1": 0.5, "A2": 0.5, "a2": 0.4, "a3": 0.6, "b": 1.0}
    )
    whole = hierarchy.effective(DEEP, local)
    assert {name: float(w[0]) for name, w in whole.items()} == pytest.approx(
        {"r": 1.0, "A": 0.6, "B": 0.4, "a1": 0.3, "A2": 0.3, "a2": 0.12, "a3": 0.18, "b": 0.4}
    )


def test_one_pool_for_the_whole_tree() -> None:
    assert [leaf.id for leaf in DEEP.leaves_below("r")] == ["a1", "b", "a2", "a3"]  # not the file's order
    local = hierarchy.nested(DEEP, None, {"r": np.array([[0.1, 0.4, 0.2, 0.3]])})
    whole = hierarchy.effective(DEEP, local)
    leaves = {leaf.id: float(whole[leaf.id][0]) for leaf in DEEP.leaves}
    assert leaves == pytest.approx({"a1": 0.1, "a2": 0.2, "a3": 0.3, "b": 0.4})
    assert float(local["A"][0]) == pytest.approx(0.6)


def test_a_pool_of_no_weight_gives_no_weight() -> None:
    local = hierarchy.nested(DEEP, np.array([[0.5, 0.5]]), {"A": np.array([[1.0, 0.0, 0.0]]), "B": np.array([[1.0]])})
    assert float(local["A2"][0]) == float(local["a2"][0]) == float(local["a3"][0]) == 0.0


def test_coverage_is_the_share_of_weight_that_rests_on_observations() -> None:
    local = {
        name: np.array([w])
        for name, w in {"A": 0.6, "B": 0.4, "a1": 0.5, "A2": 0.5, "a2": 0.4, "a3": 0.6, "b": 1.0}.items()
    }
    leaves = {"a1": col(10.0), "a2": col(NAN), "a3": col(30.0), "b": col(NAN)}
    scores, coverage = hierarchy.carry_up(DEEP, leaves, local, arithmetic)
    assert coverage["A2"].item() == pytest.approx(0.6)
    assert coverage["A"].item() == pytest.approx(0.5 + 0.5 * 0.6)
    assert coverage["B"].item() == 0.0
    assert coverage["r"].item() == pytest.approx(0.6 * 0.8)
    assert scores["A2"].item() == 30.0
    assert scores["A"].item() == pytest.approx(20.0)
    assert np.isnan(scores["B"].item())
    assert scores["r"].item() == pytest.approx(20.0)


def given(*weights: str) -> tuple[object, ...]:
    rows = [f"n{i} r x" + (f" weight={w}" if w else "") for i, w in enumerate(weights)]
    return tree("r - -", *rows).tree.top


@pytest.mark.parametrize(
    ("weights", "wanted"),
    [
        (("0.5", "0.3", "0.2"), [0.5, 0.3, 0.2]),
        (("2", "1", "1"), [0.5, 0.25, 0.25]),
        (("1", "1", "0"), [0.5, 0.5, 0.0]),
        (("1", "0"), [1.0, 0.0]),
        (("1",), [1.0]),
        (("5",), [1.0]),
        (("0.1",) * 10, [0.1] * 10),
    ],
)
def test_shares_and_points(weights: tuple[str, ...], wanted: list[float]) -> None:
    assert_allclose(hierarchy.given_weights(given(*weights), "r"), wanted, rtol=1e-14)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weights", "key", "words"),
    [
        (("0.5", "0.3"), "weights_do_not_sum", ("0.8", "n0, n1")),
        (("0.5", "0.6"), "weights_do_not_sum", ("1.1",)),
        (("2.5", "1"), "weights_do_not_sum", ("3.5",)),
        (("0", "0"), "weights_do_not_sum", ("0",)),
        (("0.5", ""), "weight_missing", ("n1",)),
    ],
)
def test_weights_that_do_not_fit(weights: tuple[str, ...], key: str, words: tuple[str, ...]) -> None:
    with refused(key) as caught:
        hierarchy.given_weights(given(*weights), "r")  # type: ignore[arg-type]
    assert caught.says(*words)


def test_what_is_left_is_taken_in_proportion() -> None:
    for weights in (("0.5", "0.3", "0.2"), ("5", "3", "2")):
        stated = given(*weights)
        left = hierarchy.given_weights(stated, "r", (stated[0], stated[2]))  # type: ignore[arg-type]
        assert_allclose(left, [5 / 7, 2 / 7], rtol=1e-14)
    stated = given("1", "0", "0")
    with refused("no_weight_left"):
        hierarchy.given_weights(stated, "r", stated[1:])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [
        ({"A": 0.5, "B": 0.6}, "weights_do_not_sum", ("1.1",)),
        ({"A": float("nan"), "B": 0.5}, "weights_do_not_sum", ()),
        ({"A": 1.0}, "weight_missing", ("B",)),
        ({"A": 1.2, "B": -0.2}, "negative_weight", ("-0.2",)),
        ({"A": 0.5, "B": 0.3, "AB": 0.2}, "not_a_top_node", ("AB",)),
    ],
)
def test_tables_of_weights_that_do_not_fit(table: dict[str, float], key: str, words: tuple[str, ...]) -> None:
    with refused(key) as caught:
        hierarchy.table_weights(DEEP.top, table)
    assert caught.says("study.toml", *words)


def test_a_table_of_weights_in_any_order() -> None:
    assert_array_equal(hierarchy.table_weights(DEEP.top, {"B": 0.3, "A": 0.7}), [0.7, 0.3])
