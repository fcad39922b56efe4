"""Neighbours by economy: small answers by eye, the outcome kept out of the weights, flows, and the refusals."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import MAINLAND, refused, small_panel

from zhiyu import Study
from zhiyu.data import economic, neighbours
from zhiyu.data.economic import from_flows, from_variable, mixed, nested
from zhiyu.data.neighbours import Neighbours, row_standardise

FOUR = MAINLAND.select(MAINLAND.codes[:4])
PANEL = small_panel(
    {
        "x": [[1.0, 9.0], [2.0, 1.0], [4.0, 3.0], [8.0, 7.0]],
        "area": [[5.0, 5.0], [6.0, 6.0], [8.0, 8.0], [9.0, np.nan]],
        "gap": [[1.0, 1.0], [np.nan, 2.0], [3.0, 3.0], [4.0, 4.0]],
        "tie": [[1.0, 1.0], [1.0, 2.0], [3.0, 3.0], [4.0, 4.0]],
    }
)


def test_closeness_in_the_base_year():
    w = from_variable(PANEL, "x", base_year=2015)
    assert_allclose(w.matrix[0], [0, 1, 1 / 3, 1 / 7])
    assert_allclose(w.matrix[3], [1 / 7, 1 / 6, 1 / 4, 0])
    assert np.array_equal(w.matrix, w.matrix.T)
    assert (w.kind, w.standardised, w.islands) == ("economic", False, ())


def test_a_later_year_changes_nothing():
    """Weights are fixed before what they explain: they cannot follow it."""
    later = small_panel({"x": [[1.0, -50.0], [2.0, 60.0], [4.0, 0.0], [8.0, 1.0]]})
    one, other = (row_standardise(from_variable(p, "x", 2015)).matrix for p in (PANEL, later))
    assert np.array_equal(one, other)


def test_units_cancel_and_formulas_are_read():
    one, other = (row_standardise(from_variable(PANEL, name, 2015)).matrix for name in ("x", "x * 1000"))
    assert_allclose(one, other)


def test_ties_are_as_near_as_the_least_difference():
    w = from_variable(PANEL, "tie", 2015, least=0.5)
    assert_allclose(w.matrix[0], [0, 2, 1 / 2, 1 / 3])


def test_what_does_not_change_needs_no_base_year():
    assert_allclose(from_variable(PANEL, "area").matrix[0], [0, 1, 1 / 3, 1 / 4])


@pytest.mark.parametrize(
    ("key", "call", "words"),
    [
        ("economic_outcome", lambda: from_variable(PANEL, "x", 2015, outcome=["x"]), ("x",)),
        ("economic_outcome", lambda: from_variable(PANEL, "x / area", 2015, outcome=["log(x)"]), ("x / area", ": x")),
        ("economic_varies", lambda: from_variable(PANEL, "x"), ('"x"', "2015")),
        ("economic_late", lambda: from_variable(PANEL, "x", 2016), ("2016", "2015")),
        ("economic_tie", lambda: from_variable(PANEL, "tie", 2015), ("Beijing - Tianjin",)),
        ("economic_missing", lambda: from_variable(PANEL, "gap", 2015), ("Tianjin", '"gap"')),
        ("neighbours_bound", lambda: from_variable(PANEL, "x", 1999), ("base_year", "2015-2016")),
        ("neighbours_bound", lambda: from_variable(PANEL, "x", 2015, least=-1.0), ("least",)),
    ],
)
def test_refusals(key: str, call: Callable[[], object], words: tuple[str, ...]):
    with refused(key) as caught:
        call()
    assert caught.says(*words)


def test_a_base_year_within_what_came_before():
    assert from_variable(PANEL, "x", 2016, start=2016).matrix[0, 1] == 1 / 8


def border() -> Neighbours:
    matrix = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], dtype=float)
    return Neighbours(FOUR.codes, matrix, "contiguity", False, ())


def test_nested_by_code():
    economy = from_variable(PANEL, "x", 2015)
    w = nested(border(), economy)
    assert_allclose(w.matrix, border().matrix * economy.matrix)
    assert (w.kind, w.standardised) == ("nested", False)
    order = [2, 0, 3, 1]
    mixed_up = Neighbours(
        tuple(economy.codes[i] for i in order), economy.matrix[np.ix_(order, order)], "economic", False, ()
    )
    assert np.array_equal(nested(border(), mixed_up).matrix, w.matrix)
    with refused("neighbours_differ") as caught:
        nested(border(), economy.select(MAINLAND.select(FOUR.codes[:3])))
    assert caught.says(FOUR.codes[3])


def test_mixed_shares():
    economy = from_variable(PANEL, "x", 2015)
    w = mixed(border(), economy, 0.25)
    wanted = 0.25 * row_standardise(border()).matrix + 0.75 * row_standardise(economy).matrix
    assert_allclose(w.matrix, wanted)
    assert w.standardised
    assert (w.kind, w.islands) == ("mixed", ())
    for share in (0.0, 1.0, 2.0):
        with refused("neighbours_bound"):
            mixed(border(), economy, share)


def test_an_island_on_the_map_has_the_neighbours_of_its_economy():
    alone = border().matrix.copy()
    alone[3] = alone[:, 3] = 0.0
    w = mixed(Neighbours(FOUR.codes, alone, "contiguity", False, FOUR.codes[3:]), from_variable(PANEL, "x", 2015), 0.5)
    assert w.islands == ()
    assert_allclose(w.matrix.sum(axis=1), 1.0)


# flows


def flows(folder: Path, *rows: str) -> Path:
    path = folder / "flows.csv"
    path.write_text("\n".join(["from,to,amount,note", *rows, ""]), encoding="utf-8")
    return path


FLOWS = (
    "北京,Tianjin,30,x",
    "河北,Tianjin,10,",
    "Tianjin,北京,5,",
    "Beijing,Beijing,99,",
    "山西,河北,2,",
    "Beijing,山西,1,",
)


def test_flows_received(tmp_path: Path):
    w = from_flows(flows(tmp_path, *FLOWS), FOUR)
    assert_allclose(w.matrix, [[0, 1, 0, 0], [0.75, 0, 0.25, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
    assert (w.kind, w.standardised) == ("flows", True)


def test_flows_sent(tmp_path: Path):
    w = from_flows(flows(tmp_path, *FLOWS), FOUR, received=False)
    assert_allclose(w.matrix[0], [0, 30 / 31, 0, 1 / 31])


@pytest.mark.parametrize(
    ("key", "rows", "words"),
    [
        ("flow_twice", ("Beijing,Hebei,1", "北京,河北,2"), ("row 3", "row 2", "Beijing - Hebei")),
        ("flow_amount", ("Beijing,Hebei,-1",), ("row 2", '"-1"')),
        ("flow_amount", ("Beijing,Hebei,",), ("row 2",)),
        ("flow_amount", ("Beijing,Hebei,inf",), ("row 2",)),
        ("unknown_region", ("Beijing,Atlantis,1",), ("row 2", "Atlantis")),
        ("islands", ("Beijing,Hebei,1", "Hebei,Beijing,1"), ("Tianjin", "Shanxi")),
        ("no_rows", (), ()),
    ],
)
def test_broken_flows(key: str, rows: tuple[str, ...], words: tuple[str, ...], tmp_path: Path):
    with refused(key) as caught:
        from_flows(flows(tmp_path, *rows), FOUR)
    assert caught.says("flows.csv", *words)


def test_files_that_hold_no_flows(tmp_path: Path):
    with refused("file_not_found"):
        from_flows(tmp_path / "no.csv", FOUR)
    (tmp_path / "two.csv").write_text("a,b\nBeijing,Hebei\n")
    with refused("flows_three_columns"):
        from_flows(tmp_path / "two.csv", FOUR)


def test_likeness_of_the_provinces_in_the_first_year():
    panel = Study.open("china-provinces").panel()
    w = economic.from_variable(panel, "gdp_real2011_100m / population_10k", base_year=panel.years[0])
    assert w.codes == MAINLAND.codes
    near = MAINLAND.codes[int(w.matrix[MAINLAND.codes.index("110000")].argmax())]
    assert near in ("120000", "310000")  # of Beijing's income were Tianjin and Shanghai
    borders = neighbours.from_edges(
        Path(economic.__file__).parents[1] / "studies" / "china-provinces" / "contiguity.csv", MAINLAND
    )
    assert ((nested(borders, w).matrix > 0) == (borders.matrix > 0)).all()
