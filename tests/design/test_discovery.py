"""Scenario discovery: a planted box is found with its limits, and noise is told from it."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.design.discovery import prim


def planted(seed=0, futures=400, parameters=10, within=0.9, outside=0.05):
    """Futures that fail where parameter 2 is above 0.6 and parameter 5 below 30 of 100."""
    rng = np.random.default_rng(seed)
    x = rng.random((futures, parameters))
    x[:, 5] *= 100
    box = (x[:, 2] > 0.6) & (x[:, 5] < 40)
    return x, box, rng.random(futures) < np.where(box, within, outside)


def test_a_planted_box_is_found_with_its_limits():
    x, box, fails = planted()
    found = prim(x, fails, shuffles=99)
    assert {one.parameter for one in found.conditions} == {2, 5}
    by = {one.parameter: one for one in found.conditions}
    assert abs(by[2].low - 0.6) < 0.04
    assert by[2].high == np.inf
    assert abs(by[5].high - 40) < 4
    assert by[5].low == -np.inf
    assert all(one.p < 1e-6 for one in found.conditions)
    assert (found.inside == box).mean() > 0.96
    assert found.p == 0.01
    assert_allclose(found.density, fails[found.inside].mean())
    assert_allclose(found.coverage, fails[found.inside].sum() / fails.sum())
    assert_allclose(found.base, fails.mean())
    assert found.density > 0.8 > 0.6 < found.coverage


def test_the_conditions_say_which_futures_lie_inside():
    x, _, fails = planted(3)
    found = prim(x, fails, shuffles=0)
    told = np.all([(x[:, c.parameter] > c.low) & (x[:, c.parameter] < c.high) for c in found.conditions], axis=0)
    assert_array_equal(told, found.inside)


def test_noise_is_told_as_noise():
    """Where failures have nothing to do with the parameters, p is small as seldom as it says."""
    rng = np.random.default_rng(7)
    p = [prim(rng.random((120, 6)), rng.random(120) < 0.3, shuffles=19).p for _ in range(20)]
    assert np.mean(np.array(p) <= 0.1) <= 0.25
    assert np.mean(p) > 0.3


def test_a_plan_that_never_or_always_fails_has_no_conditions():
    x = np.random.default_rng(0).random((50, 3))
    for share in (0.0, 1.0):
        found = prim(x, np.full(50, share == 1.0))
        assert found.conditions == ()
        assert (found.density, found.coverage, found.p) == (share, share, 1.0)


def test_a_parameter_of_few_values_is_cut_between_them():
    rng = np.random.default_rng(2)
    x = np.stack([rng.integers(0, 3, 300), rng.random(300)], axis=1).astype(float)
    found = prim(x, x[:, 0] == 2, shuffles=19)
    assert [(one.parameter, one.low, one.high) for one in found.conditions] == [(0, 1.5, np.inf)]
    assert (found.density, found.coverage) == (1.0, 1.0)


def test_a_parameter_that_never_moves_is_no_condition():
    x, _, fails = planted(4)
    x[:, 0] = 3.0
    assert 0 not in {one.parameter for one in prim(x, fails, shuffles=0).conditions}


def test_the_order_of_parameters_and_units_moves_nothing():
    x, _, fails = planted(5)
    one, two = prim(x, fails, shuffles=9), prim(np.exp(x[:, ::-1] / 50), fails, shuffles=9)
    assert_array_equal(one.inside, two.inside)
    assert {9 - c.parameter for c in two.conditions} == {c.parameter for c in one.conditions}


def test_the_path_trades_coverage_for_density():
    x, _, fails = planted(6)
    path = prim(x, fails, shuffles=0).path
    assert_allclose(path[0], [1, fails.mean(), 1])
    assert (np.diff(path[:, 0]) <= 0).all()
    assert (np.diff(path[:, 2]) < 0).all()
    assert path[-1, 1] > 0.9
