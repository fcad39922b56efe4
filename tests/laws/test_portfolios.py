"""Laws of portfolios: no budget is the baseline, more is never worse, what is dominated is never chosen alone."""

import numpy as np
from design.responses import linear
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from zhiyu.design import limits
from zhiyu.design.archive import hypervolume, nondominated, union
from zhiyu.design.limits import Rules
from zhiyu.design.portfolio import best, frontier, table
from zhiyu.design.robust import Aim, cvar, places, regret, robustness

number = st.floats(-5, 5).map(lambda x: round(x, 3))
N, F = 6, 5
responses = npst.arrays(float, (N, F, 2), elements=number)
costs = npst.arrays(float, N, elements=st.floats(0.2, 3).map(lambda x: round(x, 3)))
gains = npst.arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=number)
measures = st.sampled_from(["mean", "cvar"])
WEIGHTS = np.array([1.0, 0.7])


def score(r, cost, most, aim, *more):
    levels = best(table(r), Rules(N, (limits.budget(cost, most), *more)), aim)
    return levels, aim.score(linear(r)(levels[None]))[0]


@given(responses, costs, st.sampled_from(["mean", "cvar", "regret"]))
def test_a_budget_of_zero_is_the_baseline(r, cost, measure):
    levels = best(table(r), Rules(N, (limits.budget(cost, 0.0),)), Aim(WEIGHTS, measure))
    assert_array_equal(np.abs(levels) < 1e-9, True)
    assert_allclose(linear(r)(levels[None]), 0, atol=1e-7)


@given(responses, costs, st.floats(0.1, 4), measures)
def test_doubling_the_budget_never_worsens_the_optimum(r, cost, most, measure):
    aim = Aim(WEIGHTS, measure, 0.4)
    once, twice = (score(r, cost, m, aim)[1] for m in (most, 2 * most))
    assert twice >= once - 1e-6
    assert once >= -1e-6  # doing nothing is open to all


@given(responses, costs, st.floats(0.1, 4), measures)
def test_one_more_rule_never_betters_the_optimum(r, cost, most, measure):
    aim = Aim(WEIGHTS, measure, 0.4)
    place = np.arange(N) % 2
    assert score(r, cost, most, aim, limits.fair_share(cost, place, 0.9))[1] <= score(r, cost, most, aim)[1] + 1e-6


@given(responses, costs, st.floats(0.1, 6), measures)
def test_a_dominated_measure_is_never_chosen_before_that_which_dominates_it(r, cost, most, measure):
    """The second does better than the first in every future and objective, at no more cost."""
    r, cost = r.copy(), cost.copy()
    r[1], cost[1] = r[0] + 0.5, cost[0]
    levels, _ = score(r, cost, most, Aim(WEIGHTS, measure, 0.4))
    assert levels[0] < 1e-6 or levels[1] > 1 - 1e-6


@given(gains, st.floats(0.05, 1))
def test_the_worst_futures_lie_between_the_least_and_the_mean_and_are_what_the_programme_says(x, tail):
    found = cvar(x, tail)
    assert (found >= x.min(axis=1) - 1e-9).all()
    assert (found <= x.mean(axis=1) + 1e-9).all()
    assert (cvar(x, min(1.0, 2 * tail)) >= found - 1e-9).all()
    for row, value in zip(x, found, strict=True):  # max over eta is reached at one of the values
        told = max(eta - np.maximum(eta - row, 0).sum() / (tail * len(row)) for eta in row)
        assert_allclose(value, told, atol=1e-9)


@given(gains)
def test_regret_is_never_negative_and_nought_for_the_best_plan_of_a_single_future(x):
    best_known = x.max(axis=0)
    found = regret(x, best_known)
    assert (found >= 0).all()
    single = regret(x[:, :1], best_known[:1])
    assert single[np.argmax(x[:, 0])] == 0
    assert (found >= single).all()


@given(responses, costs, st.floats(0.1, 6))
def test_with_one_future_the_least_regret_is_nought_and_the_plan_is_the_best(r, cost, most):
    one = r[:, :1]
    rules = Rules(N, (limits.budget(cost, most),))
    levels = best(table(one), rules, Aim(WEIGHTS, "regret"))
    _, told = score(one, cost, most, Aim(WEIGHTS))
    assert_allclose(Aim(WEIGHTS).score(linear(one)(levels[None]))[0], told, atol=1e-6)


@given(npst.arrays(float, (5, F, 2), elements=number), st.floats(-3, 3))
def test_a_higher_threshold_is_met_less_often(x, least):
    low, high = (robustness(x, WEIGHTS, np.array([least + by, np.nan])) for by in (0.0, 1.0))
    assert (high.share <= low.share).all()
    assert (low.ranks.min(axis=0) == 1).all()
    assert_array_equal(low.ranks[:, 0], places(low.share))


points = npst.arrays(float, st.tuples(st.integers(1, 12), st.just(3)), elements=number)


@given(points, points)
def test_the_union_is_behind_none_of_its_parts(one, two):
    found = union({"a": (one, one), "b": (two, two)})
    assert found.volume >= max(found.volumes.values()) * (1 - 1e-12)
    assert found.volume <= sum(found.volumes.values()) * (1 + 1e-9) + 1e-12
    assert nondominated(found.objectives).all()


@given(points, npst.arrays(float, 3, elements=st.floats(0.1, 10)))
def test_a_hypervolume_goes_with_the_units_and_not_with_the_order(x, unit):
    told = hypervolume(x, np.zeros(3))
    assert_allclose(hypervolume(x[::-1], np.zeros(3)), told, rtol=1e-9)
    assert_allclose(hypervolume(x * unit, np.zeros(3)), told * np.prod(unit), rtol=1e-9)


@given(responses, costs, st.floats(0.1, 6))
def test_portfolios_of_a_frontier_keep_to_the_budget_and_beat_nothing_done(r, cost, most):
    rules = Rules(N, (limits.budget(cost, most),))
    found = frontier(table(r), rules, 2, parts=2, steps=1)
    assert rules.excess(found.levels).max() <= 1e-6
    for levels, aim in zip(found.levels, found.aims, strict=True):
        assert aim.score(linear(r)(levels[None]))[0] >= -1e-6 or aim.weights.min() == 0
