"""The programmes against brute force: all vertices, all tails, a fine grid; and the rules they keep to."""

from itertools import combinations, product

import numpy as np
import pytest
from design.responses import MEASURES, OPTIONS, PLACES, SOME, response
from numpy.testing import assert_allclose
from scipy.optimize import linprog
from support import refused

from zhiyu.design import limits
from zhiyu.design.limits import Rules
from zhiyu.design.portfolio import best, best_scores, frontier, lattice, table, with_best
from zhiyu.design.robust import Aim, cvar, weighted

PLACE = np.tile(np.arange(PLACES), MEASURES)
COSTS = np.random.default_rng(5).uniform(0.5, 2.0, OPTIONS)
WEIGHTS = np.array([1.0, 0.5])


def vertices(costs, most):
    """(k, option) all vertices of the box under one budget: options in full, and at most one in part."""
    full = np.array(list(product((0.0, 1.0), repeat=len(costs))))
    room = most - full @ costs
    full, room = full[room >= 0], room[room >= 0]
    found = [full]
    for option, cost in enumerate(costs):
        rows = (full[:, option] == 0) & (room < cost)
        part = full[rows].copy()
        part[:, option] = room[rows] / cost
        found.append(part)
    return np.concatenate(found)


@pytest.mark.parametrize("most", [0.7, 5.0, 14.0])
def test_the_mean_is_that_of_the_best_vertex_of_six_measures_in_three_regions(most):
    r = response(1)
    linear, aim = table(r), Aim(WEIGHTS)
    levels = best(linear, Rules(OPTIONS, (limits.budget(COSTS, most),)), aim)
    scores = vertices(COSTS, most) @ weighted(r, WEIGHTS).mean(axis=1)
    assert_allclose(aim.score(linear.outcomes(levels[None]))[0], scores.max(), rtol=1e-9)
    assert levels @ COSTS <= most + 1e-9


def test_regional_budgets_split_the_problem_by_region():
    r, most = response(2), (1.5, 3.0, 0.4)
    rules = Rules(OPTIONS, tuple(limits.budget(COSTS, m, p == PLACE) for p, m in enumerate(most)))
    levels, gain = best(table(r), rules, Aim(WEIGHTS)), weighted(r, WEIGHTS).mean(axis=1)
    for p, m in enumerate(most):
        own = p == PLACE
        assert_allclose((gain * levels)[own].sum(), (vertices(COSTS[own], m) @ gain[own]).max(), rtol=1e-9)


def test_the_worst_futures_are_those_of_every_pair_written_out():
    """With a tail of two futures of eight, the mean of the worst is the least mean of any pair: one row for each."""
    r, most = response(3), 5.0
    s = weighted(r, WEIGHTS)
    pairs = np.array([s[:, list(pair)].mean(axis=1) for pair in combinations(range(8), 2)])
    rows = np.concatenate([np.append(COSTS, 0.0)[None], np.concatenate([-pairs, np.ones((len(pairs), 1))], axis=1)])
    cost = np.append(np.zeros(OPTIONS), -1.0)
    bounds = [(0, 1)] * OPTIONS + [(None, None)]
    told = linprog(cost, rows, np.append(most, np.zeros(len(pairs))), bounds=bounds, method="highs-ipm")
    levels = best(table(r), Rules(OPTIONS, (limits.budget(COSTS, most),)), Aim(WEIGHTS, "cvar", 0.25))
    assert_allclose(cvar(levels @ s, 0.25), -told.fun, rtol=1e-8)


@pytest.mark.parametrize("measure", ["cvar", "regret"])
def test_no_point_of_a_fine_grid_is_better(measure):
    r = response(4, options=3, futures=7)
    rules = Rules(3, (limits.budget(np.ones(3), 1.3),))
    linear = table(r)
    aim = with_best(linear, rules, Aim(WEIGHTS, measure, 0.3))
    grid = np.array(list(product(np.linspace(0, 1, 61), repeat=3)))
    grid = grid[grid.sum(axis=1) <= 1.3 + 1e-12]
    scores, ours = aim.score(linear.outcomes(grid)), aim.score(linear.outcomes(best(linear, rules, aim)[None]))[0]
    assert ours >= scores.max() - 1e-9
    assert ours <= scores.max() + 3 * np.abs(weighted(r, WEIGHTS)).max() / 60
    if measure == "regret":
        assert_allclose(aim.best, (grid @ weighted(r, WEIGHTS)).max(axis=0), atol=0.05)


def test_the_best_of_each_future_is_found_where_the_aim_does_not_bring_it():
    r = response(5, futures=4)
    rules, linear = Rules(OPTIONS, (limits.budget(COSTS, 4.0),)), table(r)
    told = best_scores(linear, rules, WEIGHTS)
    assert_allclose(told, (vertices(COSTS, 4.0) @ weighted(r, WEIGHTS)).max(axis=0), rtol=1e-9)
    given = best(linear, rules, Aim(WEIGHTS, "regret", best=told))
    assert_allclose(best(linear, rules, Aim(WEIGHTS, "regret")), given)


def test_floors_hold_in_the_mean_and_in_the_worst_futures():
    r = response(6)
    linear, spend = table(r), limits.budget(COSTS, 4.0)
    free = linear.outcomes(best(linear, Rules(OPTIONS, (spend,)), Aim(np.array([1.0, 0.0])))[None])
    reach = linear.outcomes(best(linear, Rules(OPTIONS, (spend,)), Aim(np.array([0.0, 1.0])))[None])
    least = (free[..., 1].mean() + reach[..., 1].mean()) / 2
    for tail in (None, 0.3):
        rules = Rules(OPTIONS, (spend,), (limits.floor(1, least, SOME, tail),))
        held = linear.outcomes(best(linear, rules, Aim(np.array([1.0, 0.0])))[None])[0]
        reached = held[:, 1].mean() if tail is None else cvar(held[:, 1], tail)
        assert_allclose(reached, least, rtol=1e-7)  # it binds
        assert held[:, 0].mean() < free[..., 0].mean()


def test_a_fair_share_a_start_year_and_orders_are_kept():
    r = response(7)
    lever = np.repeat(np.arange(MEASURES // 2), PLACES * 2)  # each lever in each place in two years
    fixed = (limits.required(OPTIONS, 4, SOME, 0.6), limits.forbidden(OPTIONS, 0, SOME))
    share = (limits.budget(COSTS, 5.0), limits.fair_share(COSTS, PLACE, 0.8), limits.one_start(lever, PLACE))
    rules = Rules(OPTIONS, (*fixed, *share))
    levels = best(table(r), rules, Aim(WEIGHTS))
    spent = np.array([(COSTS * levels)[p == PLACE].sum() for p in range(PLACES)])
    assert levels[0] == 0
    assert levels[4] >= 0.6 - 1e-9
    assert spent.min() >= 0.8 * spent.sum() / 3 - 1e-7
    assert all(levels[(lever == a) & (p == PLACE)].sum() <= 1 + 1e-7 for a in range(3) for p in range(PLACES))
    assert rules.excess(levels[None])[0] < 1e-7
    assert rules.excess(np.ones((1, OPTIONS)))[0] > 1  # and a portfolio of everything passes them


def test_scaled_down_portfolios_keep_to_budgets_and_keep_what_is_required():
    fixed = limits.required(OPTIONS, 4, SOME)
    spends = [limits.budget(COSTS, 2.5), *(limits.budget(COSTS, 1.2, p == PLACE) for p in (0, 2))]
    rules = Rules(OPTIONS, (fixed, *spends, limits.forbidden(OPTIONS, 2, SOME)))
    x = np.random.default_rng(0).random((50, OPTIONS)) * 2
    held = limits.brought_within(x, rules)
    assert rules.excess(held).max() < 1e-9
    assert (held[:, 4] == 1).all()
    assert (held[:, 2] == 0).all()
    assert_allclose(held @ COSTS, 2.5)  # no more is taken than the budget asks
    inside = held * 0.5
    inside[:, 4] = 1
    assert_allclose(limits.brought_within(inside, rules), inside, atol=1e-15)


def test_rules_that_clash_are_named_with_what_would_do():
    r = np.abs(response(8, options=4))
    most = r[:, :, 0].mean(axis=1).sum()
    idle = limits.budget(np.ones(4), 3.5, of=SOME)
    rules = Rules(4, (idle, limits.budget(np.ones(4), 1.0)), (limits.floor(0, 0.9 * most, SOME),))
    with refused("design_infeasible") as trouble:
        best(table(r), rules, Aim(WEIGHTS))
    assert trouble.says("budget 1;", "mean of something")
    assert not trouble.says("budget 3.5")  # that one is no part of it
    both = Rules(4, (limits.required(4, 1, SOME), limits.forbidden(4, 1, SOME), idle))
    with refused("design_infeasible") as orders:
        best(table(r), both, Aim(WEIGHTS, "regret"))
    assert orders.says("required: something", "not allowed: something", "(by 1)")


def test_what_would_do_does():
    r = np.abs(response(9, options=4))
    floor = limits.floor(0, 0.9 * float(cvar(r[:, :, 0].sum(axis=0), 0.3)), SOME, 0.3)
    tight = Rules(4, (limits.budget(np.ones(4), 1.0),), (floor,))
    with refused("design_infeasible") as trouble:
        best(table(r), tight, Aim(WEIGHTS))
    gives = trouble.value.message.values["loosen"].en
    by = float(gives.rsplit("(by ", 1)[1].rstrip(")")) * 1.01
    if gives.startswith("budget"):
        loose = Rules(4, (limits.budget(np.ones(4), 1.0 + by),), (floor,))
    else:
        loose = Rules(4, tight.limits, (limits.floor(0, floor.least - by, SOME, 0.3),))
    assert best(table(r), loose, Aim(WEIGHTS)).sum() > 0
    assert ";" not in gives  # one rule is enough


def test_a_response_with_gaps_is_refused():
    r = response()
    r[2, 3, 1] = np.nan
    with refused("design_response"):
        table(r)


def test_the_frontier_holds_each_objectives_best_and_points_between_vertices():
    r, told = response(10, objectives=3), []
    rules, linear = Rules(OPTIONS, (limits.budget(COSTS, 4.0),)), table(r)
    found = frontier(linear, rules, 3, parts=3, steps=2, progress=lambda done, whole: told.append((done, whole)))
    means = found.linear.mean(axis=1)
    for o in range(3):
        ends = linear.outcomes(best(linear, rules, Aim(np.eye(3)[o]))[None]).mean(axis=1)[0]
        assert_allclose(means[:, o].max(), ends[o], rtol=1e-9)
    assert told[-1] == (10 + 3 * 4, 10 + 3 * 4)
    assert len(found.levels) == len(found.aims) > 10
    beaten = (means[:, None] > means[None] + 1e-7).all(axis=-1).any(axis=0)
    assert not beaten.any()  # weakly efficient, all of them
    corners = frontier(linear, rules, 3, parts=3, steps=0)
    assert len(corners.levels) <= 10


def test_a_frontier_of_regret_brings_the_best_of_each_future():
    r = response(11, options=5, futures=4)
    found = frontier(table(r), Rules(5, (limits.budget(np.ones(5), 2.0),)), 2, 3, 1, "regret")
    assert all(aim.best is not None and len(aim.best) == 4 for aim in found.aims)


def test_weights_of_a_lattice_sum_to_one():
    assert len(lattice(4, 6)) == 84
    assert_allclose(lattice(4, 6).sum(axis=1), 1)
