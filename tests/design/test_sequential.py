"""Refinement: a linear simulator leaves nothing to improve, a concave one is brought to its own optimum."""

import numpy as np
import pytest
from design.responses import OPTIONS, SOME, alone, linear, response, saturating
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from zhiyu.design import limits
from zhiyu.design.limits import Rules
from zhiyu.design.portfolio import best, table
from zhiyu.design.robust import Aim
from zhiyu.design.sequential import missed, refine

RULES = Rules(OPTIONS, (limits.budget(np.ones(OPTIONS), 6.0),))
AIM = Aim(np.array([1.0, 0.5]))


def started(evaluate, rules=RULES, aim=AIM):
    first = table(alone(evaluate))
    return first, best(first, rules, aim)[None]


@pytest.mark.parametrize("measure", ["mean", "cvar"])
def test_a_linear_simulator_is_left_as_it_is(measure):
    evaluate, aim = linear(response(1)), Aim(AIM.weights, measure)
    first, levels = started(evaluate, aim=aim)
    found = refine(evaluate, first, levels, (aim,), RULES)
    assert not found.improved.any()
    assert_allclose(found.levels, levels)
    assert_allclose(found.simulated, found.linear)
    assert found.simulations == 1 + 2 * OPTIONS or found.simulations <= 1 + 2 * (OPTIONS + 4)


@pytest.mark.parametrize("measure", ["mean", "cvar"])
def test_a_concave_simulator_is_brought_to_the_optimum_that_a_general_solver_finds(measure):
    evaluate, aim = saturating(2), Aim(AIM.weights, measure, 0.25)
    first, levels = started(evaluate, aim=aim)
    found = refine(evaluate, first, levels, (aim,), RULES, passes=12, radius=0.5)
    told = minimize(
        lambda x: -aim.score(evaluate(x[None]))[0],
        np.full(OPTIONS, 6.0 / OPTIONS),
        bounds=[(0, 1)] * OPTIONS,
        constraints={"type": "ineq", "fun": lambda x: 6.0 - x.sum()},
        method="SLSQP",
        options={"maxiter": 300, "ftol": 1e-12},
    )
    ours = aim.score(found.simulated)[0]
    assert found.improved.all()
    assert ours > aim.score(found.before)[0]
    assert ours >= -told.fun * (1 - 2e-3)
    assert RULES.excess(found.levels)[0] < 1e-7


def test_what_is_told_was_simulated_and_the_first_table_was_too_hopeful():
    evaluate = saturating(3)
    first, levels = started(evaluate)
    found = refine(evaluate, first, np.repeat(levels, 2, 0), (AIM, Aim(np.array([0.0, 1.0]))), RULES)
    assert_allclose(found.simulated, evaluate(found.levels), rtol=1e-12)
    assert_allclose(found.before, evaluate(np.repeat(levels, 2, 0)), rtol=1e-12)
    assert first.outcomes(levels).mean() > 1.3 * found.before[0].mean()
    gap = np.abs(found.linear - found.simulated)[found.improved]
    assert gap.mean() < np.abs(first.outcomes(levels) - found.before).mean() / 2  # the later table is nearer


def test_a_portfolio_below_its_floor_moves_towards_it():
    """The linear table says that the floor is kept; the simulator says that it is not."""
    evaluate = saturating(4)
    first = table(alone(evaluate))
    aim, other = Aim(np.array([1.0, 0.0])), Aim(np.array([0.0, 1.0]))
    reach = refine(evaluate, first, best(first, RULES, other)[None], (other,), RULES, passes=8)
    rules = Rules(OPTIONS, RULES.limits, (limits.floor(1, 0.995 * reach.simulated[..., 1].mean(), SOME),))
    levels = best(first, rules, aim)[None]
    found = refine(evaluate, first, levels, (aim,), rules, passes=8)
    before, after = missed(found.before, rules)[0], missed(found.simulated, rules)[0]
    assert before > 0.01
    assert after < before / 4


def test_options_that_the_rules_fix_are_not_varied():
    seen = []
    evaluate = saturating(5)

    def watched(levels):
        seen.append(levels)
        return evaluate(levels)

    rules = Rules(OPTIONS, (*RULES.limits, limits.required(OPTIONS, 3, SOME), limits.forbidden(OPTIONS, 7, SOME)))
    first, levels = started(evaluate, rules)
    refine(watched, first, levels, (AIM,), rules, passes=1)
    tried = np.concatenate(seen)
    assert (tried[:, 3] == 1).all()
    assert (tried[:, 7] == 0).all()
    assert tried.min() >= 0
    assert tried.max() <= 1
