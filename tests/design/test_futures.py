"""Futures: members, and the parameters by which they differ."""

from numpy.testing import assert_array_equal
from simulate.runs import many, posterior

from zhiyu.design.futures import futures, uncertain
from zhiyu.simulate.parameters import read


def test_futures_are_drawn_from_the_seed():
    one, again, other = futures(posterior(), 20, 3), futures(posterior(), 20, 3), futures(posterior(), 20, 4)
    assert_array_equal(uncertain(one).x, uncertain(again).x)
    assert (uncertain(one).x != uncertain(other).x).all()


def test_what_is_uncertain_is_told_with_its_grade_and_a_constant_is_not():
    of = many(20)
    found = uncertain(of)
    rows = {row.name: row for row in read()}
    assert found.x.shape == (20, len(found.names))
    assert "capital_depreciation" not in found.names
    assert {"hazard", "policy_lag", "research_to_patents"} <= set(found.names)
    assert found.grades == tuple(rows[name].grade for name in found.names)
    assert_array_equal(found.x[:, found.names.index("hazard")], of.assumed["hazard"])
