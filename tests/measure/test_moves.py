"""Big moves: contributions add up, the indicator that moved is named first, and doubtful cells are said."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import recipe, small_panel, tree

from zhiyu.data import repair
from zhiyu.data.panel import Mark
from zhiyu.measure import Index, measure
from zhiyu.measure.moves import big_moves, contributions

NAN = np.nan
STILL = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0], [4.0, 4.0, 4.0], [5.0, 5.0, 5.0]])
JUMP = np.array([[0.0, 9.0, 9.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
FRAMEWORK = tree("r - -", "A r -", "B r -", "a A x", "b B y")
EQUAL = {"weight": {"method": "equal"}, "coverage": {"indicator": 0.5, "node": 0.3}}


def index(x: np.ndarray = STILL, y: np.ndarray = JUMP, gaps: str = "none") -> Index:
    panel = repair.fill_gaps(small_panel({"x": x, "y": y}), gaps)
    return measure(panel, FRAMEWORK, recipe(**EQUAL))


def test_contributions_by_hand():
    points = contributions(index()).sel(region="110000", year=2016)
    assert points.values.tolist() == [0.0, 50.0]  # a at its least; b at 100 with half of the weight


def test_contributions_sum_to_the_score_also_where_cells_are_missing():
    hole = JUMP.copy()
    hole[2, 1] = hole[4, 0] = NAN
    gone = STILL.copy()
    gone[3, 1] = NAN
    found = index(gone, hole)
    total = contributions(found).sum("indicator").values
    assert_allclose(total, found.scores.sel(node="r").values, atol=1e-12)


def test_the_indicator_that_jumped_is_named_first():
    (move,) = big_moves(index(), 1)
    assert (move.region, move.since, move.year) == ("110000", 2015, 2016)
    assert (move.before, move.after, move.places) == (5, 2, 3)
    assert [driver.node.id for driver in move.drivers] == ["b"]
    assert move.drivers[0].change == pytest.approx(50.0)
    assert move.drivers[0].before is Mark.OBSERVED
    assert move.weak == ()
    assert move.coverage == (1.0, 1.0)


def test_only_moves_of_more_places_than_asked_for():
    assert big_moves(index(), 3) == ()
    ranks = index().ranks.sel(node="r").values
    for jump in (0, 1, 2):
        expected = int((np.abs(np.diff(ranks, axis=1)) > jump).sum())
        assert len(big_moves(index(), jump)) == expected


def test_a_move_on_filled_or_missing_cells_is_said():
    filled = JUMP.copy()
    filled[0] = [0.0, NAN, 18.0]
    (move,) = big_moves(index(y=filled, gaps="linear-inside"), 1)
    assert (move.region, move.year, move.places) == ("110000", 2017, 2)
    assert [(d.node.id, d.before, d.after) for d in move.weak] == [("b", Mark.INTERPOLATED, Mark.OBSERVED)]
    gone = JUMP.copy()
    gone[3, 1] = NAN
    moves = {(move.region, move.year): move for move in big_moves(index(y=gone), 0)}
    fourth = moves["140000", 2016]
    assert fourth.coverage == (1.0, 0.5)
    assert fourth.weak[0].after is Mark.MISSING


def test_the_widest_moves_come_first():
    places = [abs(move.places) for move in big_moves(index(), 0)]
    assert places == sorted(places, reverse=True)
