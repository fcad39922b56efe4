"""The whole search: everything told is simulated, the union is behind none of its parts, floors hold once simulated."""

import numpy as np
from design.responses import OPTIONS, SOME, alone, saturating
from numpy.testing import assert_allclose, assert_array_equal
from support import refused

from zhiyu.design import limits
from zhiyu.design.limits import Rules
from zhiyu.design.search import Effort, search

EVALUATE = saturating(1)
RESPONSE = alone(EVALUATE)
SPEND = limits.budget(np.ones(OPTIONS), 5.0)
SMALL = Effort(4, 1, 3, 1, 20, 6)


def test_the_union_holds_simulated_portfolios_and_is_behind_none_of_its_parts():
    told, rules = set(), Rules(OPTIONS, (SPEND,))

    def tell(part, done, whole):
        told.add((part, done == whole))

    found = search(EVALUATE, RESPONSE, rules, 2, SMALL, progress=tell)
    archive = found.archive
    assert_allclose(archive.objectives, EVALUATE(archive.levels).mean(axis=1), rtol=1e-12)
    assert archive.volume >= max(archive.volumes.values()) > 0
    assert set(archive.origin) <= {"lp", "nsga2"}
    assert rules.excess(archive.levels).max() < 1e-6
    assert {("lp", True), ("refine", True), ("nsga2", True)} <= told
    again = search(EVALUATE, RESPONSE, rules, 2, SMALL)
    assert_array_equal(again.archive.levels, archive.levels)


def test_floors_hold_once_simulated_or_the_nearest_is_told():
    reach = search(EVALUATE, RESPONSE, Rules(OPTIONS, (SPEND,)), 1, SMALL).archive.objectives.max()
    own = Rules(OPTIONS, (SPEND,), (limits.floor(0, 0.97 * reach, SOME),))
    assert search(EVALUATE, RESPONSE, own, 2, SMALL).archive.objectives[:, 0].min() >= 0.97 * reach - 1e-6
    beyond = Rules(OPTIONS, (SPEND,), (limits.floor(0, 1.1 * reach, SOME),))
    with refused("design_floors") as trouble:
        search(EVALUATE, RESPONSE, beyond, 2, SMALL)
    assert trouble.says("mean of something at least")


def test_a_budget_of_zero_is_the_baseline():
    nothing = search(EVALUATE, RESPONSE, Rules(OPTIONS, (limits.budget(np.ones(OPTIONS), 0.0),)), 2, SMALL)
    assert_array_equal(nothing.archive.levels, np.zeros((1, OPTIONS)))
    assert_array_equal(nothing.archive.objectives, 0)
    assert nothing.archive.volume == 0
