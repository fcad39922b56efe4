"""From choices to a plan: what is kept to, what nothing buys, and the tables of the result."""

from functools import cache

import numpy as np
import pytest
from design.worlds import FIRST, regions
from numpy.testing import assert_allclose, assert_array_equal
from simulate.runs import MEASURES, YEARS, posterior, start
from support import refused

from zhiyu import store
from zhiyu.design.choice import DesignChoice
from zhiyu.design.designing import STEPS, design
from zhiyu.design.frame import Given, framed
from zhiyu.design.plan import Plan

FEW = [measure for measure in MEASURES if measure.id in ("1.1.1", "1.3.2", "2.3.1", "4.2.1", "4.3.2", "5.1.3")]


def given(measures=tuple(FEW)) -> Given:
    return Given(start(), posterior(), regions(), measures, start().year + YEARS, 3, "two")


TWO = ["growth", "carbon"]  # fewer programmes than four


def choice(**stated) -> DesignChoice:
    small = {"futures": 20, "population": 8, "generations": 2, "budget": {"total": 1.5}}
    return DesignChoice.model_validate(small | stated)


@cache
def plan() -> Plan:
    return design(given(), choice())


def test_a_budget_of_nothing_buys_the_baseline():
    found = design(given(), choice(budget={"total": 0}))
    assert len(found.plan) == 0
    assert (found.chosen.outcomes == 0).all()
    assert (found.front.outcomes == 0).all()
    assert (found.regional == 0).all()
    assert (found.rivals.outcomes == 0).all()
    assert found.spent == 0


def test_a_plan_keeps_to_its_budget_and_is_simulated():
    found = plan()
    assert 0 < found.spent <= 1.5 + 1e-9
    assert_allclose(found.plan.cost.sum(), found.spent)
    assert found.costs.assumed
    assert set(found.plan.columns) >= {"measure", "place", "year", "level", "cost"}
    assert set(found.plan.year) == {FIRST}
    assert set(found.plan.place) <= {"left", "right"}
    assert (found.frontier.cost <= 1.5 + 1e-6).all()
    assert found.grade == "D"
    assert_allclose(found.plan.level, np.round(found.plan.level, 2))


def test_linear_figures_stand_beside_simulated_ones():
    table = plan().frontier
    for name in ("growth", "equity", "carbon", "skills"):
        assert np.isfinite(table[[name, f"{name}_linear"]].to_numpy()).all()
    levels = plan().chosen.levels
    by_hand = sum(x * plan().slopes[k].mean(axis=0) for k, x in enumerate(levels[0]))
    told = plan().comparisons.iloc[0]
    assert_allclose(plan().plan[["growth", "equity", "carbon", "skills"]].sum(), by_hand, rtol=1e-9)
    assert_allclose([told[f"{one.id}_linear"] for one in plan().objectives], by_hand, rtol=1e-9)
    assert_allclose([told[one.id] for one in plan().objectives], plan().chosen.outcomes[0].mean(axis=0))


def test_the_plan_is_the_best_there_is_by_its_aim():
    table = plan().comparisons.set_index("name")
    assert (table.loc["plan", "cvar"] >= table.cvar - 1e-12).all()
    assert table.loc["plan", "cvar"] >= plan().frontier.cvar.max() - 0.05 * abs(plan().frontier.cvar.max())
    assert list(table.index) == ["plan", "equal", "mechanism-1", "mechanism-2", "mechanism-4", "mechanism-5"]
    assert (table.cost <= 1.5 + 1e-9).all()
    assert plan().volume >= max(plan().volumes.values()) * (1 - 1e-12)
    assert set(plan().volumes) == {"lp", "nsga2"}


def test_regions_and_conditions_are_told():
    table = plan().places
    assert set(table.verdict) <= {"gains", "loses", "open"}
    assert len(table) == 4 * 6
    losing = table[(table.objective == "carbon") & (table.verdict == "loses")]
    assert (losing.low > 0).all()
    assert plan().broken.fails.dtype == bool
    assert list(plan().conditions.columns) == ["parameter", "low", "high", "p", "grade"]


def test_it_is_kept_and_comes_back_as_it_was():
    arrays: dict[str, np.ndarray] = {}
    again = store.decode(store.encode(plan(), arrays), arrays)
    for name, table in plan().tables().items():
        assert table.equals(again.tables()[name]), name


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_to_the_same_plan():
    kept: dict[str, np.ndarray] = {}
    steps = []
    asked = choice(objectives=TWO)
    first = design(given(), asked, keep=kept.__setitem__, told=lambda step, done, of: steps.append((step, done, of)))
    assert list(dict.fromkeys(step for step, _, _ in steps)) == list(STEPS)
    made: dict[str, np.ndarray] = {}
    half = dict(list(kept.items())[: len(kept) // 2])
    again = design(given(), asked, found=half.get, keep=made.__setitem__)
    assert_array_equal(again.front.outcomes, first.front.outcomes)
    assert again.plan.equals(first.plan)
    assert 0 < len(made) < len(kept)
    other: dict[str, np.ndarray] = {}
    design(given(), choice(objectives=TWO, budget={"total": 1.0}), found=kept.get, keep=other.__setitem__)
    assert next(iter(kept)) not in other  # the response of every option alone hangs on no budget


@pytest.mark.slow
def test_more_money_is_never_worse():
    scores = []
    weights = np.array([1.0, 0.5])
    for total in (0.5, 1.0, 2.0):
        found = design(given(), choice(budget={"total": total}, generations=1, robust="mean", objectives=TWO))
        outcomes = np.concatenate([found.front.outcomes, found.chosen.outcomes])
        scores.append((outcomes.mean(axis=1) * weights).sum(axis=1).max())
    assert scores == sorted(scores)


def test_rules_are_kept():
    stated = {
        "budget": {"total": 1.5, "groups": {"left": 0.4}, "years": {str(FIRST): 1.0}},
        "start": [FIRST, FIRST + 2],
        "required": ["5.1.3"],
        "forbidden": ["4.3"],
        "generations": 1,
        "objectives": TWO,
    }
    cost = framed(given(), choice()).costs.each
    assert_allclose(cost.sum(), len(FEW))
    left = cost[0]
    stated["budget"]["groups"]["left"] = left * 1.2
    found = design(given(), choice(**stated))
    table = found.plan
    assert table[table.place == "left"].cost.sum() <= 1.2 * left + 1e-6
    assert table[table.year == FIRST].cost.sum() <= 1.0 + 1e-6
    assert "4.3.2" not in set(table.measure)
    assert_allclose(table[table.measure == "5.1.3"].groupby("place")["level"].sum(), 1)
    assert (table.groupby(["measure", "place"])["level"].sum() <= 1 + 1e-9).all()


def test_thresholds_weights_and_own_objectives_are_taken():
    own = [{"id": "machines", "outcome": "compute", "direction": "less"}]
    asked = choice(
        objective=own, objectives=["growth", "machines"], weights={"machines": 0}, thresholds={"growth": 0.5}
    )
    found = framed(given(), asked)
    assert [one.id for one in found.objectives] == ["growth", "machines"]
    assert found.weights.tolist() == [1, 0]
    assert found.thresholds.tolist() == [0.5, 0]


@pytest.mark.parametrize(
    ("key", "stated"),
    [
        ("scenario_year", {"start": [FIRST - 1]}),
        ("budget_year", {"budget": {"total": 1, "years": {"2099": 1}}}),
        ("scenario_place", {"budget": {"total": 1, "groups": {"middle": 1}}}),
        ("scenario_measure", {"required": ["9.9"]}),
        ("scenario_measure", {"forbidden": ["9.9"]}),
        ("objective_unknown", {"weights": {"jobs": 1}}),
        ("objective_unknown", {"floors": {"carbn": 1}}),
        ("objective_unseen", {"objectives": ["jobs"]}),
    ],
)
def test_choices_that_do_not_fit_are_refused(key, stated):
    with refused(key) as caught:
        framed(given(), choice(**stated))
    assert caught.says("study.toml")


def test_a_framework_without_measures_is_refused():
    with refused("design_no_measures"):
        framed(given(()), choice())
    assert len(framed(given(()), choice(outside=True)).options) > 0
