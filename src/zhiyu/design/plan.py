"""A plan: what to do, where and from when, what it changes in every future, and what else could have been done."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from zhiyu.design.costs import Costs
from zhiyu.design.discovery import Discovery
from zhiyu.design.futures import Uncertain
from zhiyu.design.levers import Options
from zhiyu.design.objectives import Objective
from zhiyu.design.robust import Measure, Robustness, robustness
from zhiyu.terms import Label

DONE = 1e-9  # a level that counts as something done
PLAN = "plan"
Failing = Literal["thresholds", "worst"]


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Several portfolios, simulated: names, origin (k,), levels (k, option), outcomes (k, future, objective)."""

    names: tuple[str, ...]
    labels: tuple[Label, ...]
    origin: tuple[str, ...]
    levels: np.ndarray
    outcomes: np.ndarray


@dataclass(frozen=True, eq=False)
class Broken:
    """What breaks a plan.

    failing : what counts as failing: a threshold missed, or, where all futures or none miss one, a score in the worst
    quarter; fails : (future,); found : the box of futures in which failures gather; of : the parameters it speaks of
    """

    failing: Failing
    fails: np.ndarray
    found: Discovery
    of: Uncertain


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan with all that it was chosen from; everything is simulated, and the linear figures stand beside.

    chosen : the plan, one portfolio; front : portfolios that no other beats; rivals : the budget split equally, and
        spent on each mechanism alone; slopes : (option, future, objective) of every option alone and in full
    weights : (objective,) of the score, per unit of each; thresholds : (objective,) what is good enough
    regional : (objective, future, region) differences in the last year, of states in per cent, of indices in points
    volume, volumes : hypervolume of the front, and of each search alone; simulations : portfolios simulated in all
    """

    options: Options
    costs: Costs
    unit: Label | None
    budget: float
    objectives: tuple[Objective, ...]
    base_year: int
    last_year: int
    weights: np.ndarray
    thresholds: np.ndarray
    robust: Measure
    tail: float
    level: float
    slopes: np.ndarray
    chosen: Portfolio
    front: Portfolio
    rivals: Portfolio
    codes: tuple[str, ...]
    regions: tuple[Label, ...]
    regional: np.ndarray
    broken: Broken
    volume: float
    volumes: dict[str, float]
    simulations: int

    @cached_property
    def plan(self) -> pd.DataFrame:
        """A row an option that is taken: measure, place, year, level, cost, grade, whether the paper lacks it, and by
        objective what it changes alone at that level, in the mean over futures."""
        alone = self.chosen.levels[0, :, None] * self.slopes.mean(axis=1)
        rows = [
            {
                "measure": self.options.rows[k].lever,
                "place": self.options.rows[k].place,
                "year": self.options.rows[k].year,
                "level": self.chosen.levels[0, k],
                "cost": self.chosen.levels[0, k] * self.costs.each[k],
                "grade": self.options.levers[self.options.lever[k]].grade,
                "outside": self.options.levers[self.options.lever[k]].outside,
                **{objective.id: alone[k, j] for j, objective in enumerate(self.objectives)},
            }
            for k in np.flatnonzero(self.chosen.levels[0] > DONE)
        ]
        columns = ["measure", "place", "year", "level", "cost", "grade", "outside"]
        columns += [objective.id for objective in self.objectives]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def frontier(self) -> pd.DataFrame:
        """A row a portfolio of the union archive, as `told`."""
        return self._told(self.front, slice(1, 1 + len(self.front.names)))

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """The plan, the budget split equally, and each mechanism alone, as `told`."""
        both = [self._told(self.chosen, slice(0, 1)), self._told(self.rivals, slice(1 + len(self.front.names), None))]
        return pd.concat(both, ignore_index=True)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """A row a portfolio of the comparisons and objective: mean and band, simulated, and the linear mean beside."""
        rows = []
        for of in (self.chosen, self.rivals):
            linear = self.linear(of.levels)
            low, high = np.quantile(of.outcomes, ((1 - self.level) / 2, (1 + self.level) / 2), axis=1)
            rows += [
                {
                    "name": name,
                    "objective": objective.id,
                    "mean": of.outcomes[k, :, j].mean(),
                    "low": low[k, j],
                    "high": high[k, j],
                    "linear": linear[k, :, j].mean(),
                }
                for k, name in enumerate(of.names)
                for j, objective in enumerate(self.objectives)
            ]
        return pd.DataFrame(rows)

    @cached_property
    def places(self) -> pd.DataFrame:
        """A row a region and objective: the band of its outcome's difference in the last year, and whether it is good.

        verdict : "gains" or "loses" where the band lies on one side of nought, else "open". The outcome is the region's
        own: of an objective on a gap, the state whose gap it is, more of which is good.
        """
        shares = ((1 - self.level) / 2, 0.5, (1 + self.level) / 2)
        bands = np.quantile(self.regional, shares, axis=1)  # (band, objective, region)
        rows = []
        for j, objective in enumerate(self.objectives):
            good = objective.direction if objective.statistic == "nation" else 1
            for i, code in enumerate(self.codes):
                low, middle, high = bands[:, j, i]
                sign = good * (int(low > 0) - int(high < 0))
                verdict = {1: "gains", -1: "loses"}.get(sign, "open")
                rows.append(
                    {
                        "region": code,
                        "objective": objective.id,
                        "outcome": objective.outcome,
                        "low": low,
                        "middle": middle,
                        "high": high,
                        "verdict": verdict,
                    }
                )
        return pd.DataFrame(rows).dropna(ignore_index=True)

    @cached_property
    def conditions(self) -> pd.DataFrame:
        """A row a condition of the box in which the plan fails: the parameter's range, and its chance."""
        of = self.broken.of
        rows = [
            {
                "parameter": of.names[one.parameter],
                "low": one.low,
                "high": one.high,
                "p": one.p,
                "grade": of.grades[one.parameter],
            }
            for one in self.broken.found.conditions
        ]
        return pd.DataFrame(rows, columns=["parameter", "low", "high", "p", "grade"])

    @cached_property
    def response(self) -> pd.DataFrame:
        """A row an option: its cost, and what it does alone and in full, in the mean over futures."""
        rows = [(row.lever, row.place, row.year) for row in self.options.rows]
        table = pd.DataFrame(rows, columns=["measure", "place", "year"])
        table["cost"] = self.costs.each
        means = self.slopes.mean(axis=1)
        return table.assign(**{objective.id: means[:, j] for j, objective in enumerate(self.objectives)})

    @property
    def grade(self) -> str:
        """The weakest evidence grade among the measures that are taken; "D" = assumed."""
        return max((str(one) for one in self.plan.grade), default="")

    @property
    def spent(self) -> float:
        """What the plan costs."""
        return float((self.chosen.levels[0] * self.costs.each).sum())

    def linear(self, levels: np.ndarray) -> np.ndarray:
        """(k, future, objective) the sum of what options do alone, at their levels."""
        return np.asarray(np.einsum("ki,ifo->kfo", levels, self.slopes))

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that a run writes, by name."""
        return {
            "plan": self.plan,
            "frontier": self.frontier,
            "comparisons": self.comparisons,
            "differences": self.differences,
            "regions": self.places,
            "conditions": self.conditions,
            "response": self.response,
        }

    @cached_property
    def held_up(self) -> Robustness:
        """The plan, the front and the rivals, in this order, by the three readings of robustness.

        Regret is counted from the best of them in each future.
        """
        every = np.concatenate([self.chosen.outcomes, self.front.outcomes, self.rivals.outcomes])
        return robustness(every, self.weights, self.thresholds, self.tail)

    def _told(self, of: Portfolio, at: slice) -> pd.DataFrame:
        """A row a portfolio: cost; each objective's mean, simulated and linear; score, its worst tail, greatest regret,
        and the share of futures in which every threshold is met."""
        held, linear = self.held_up, self.linear(of.levels).mean(axis=1)
        table = pd.DataFrame({"name": of.names, "origin": of.origin, "cost": (of.levels * self.costs.each).sum(axis=1)})
        for j, objective in enumerate(self.objectives):
            table[objective.id] = held.mean[at, j]
            table[f"{objective.id}_linear"] = linear[:, j]
        return table.assign(
            score=held.score[at], cvar=held.tail_score[at], regret=held.regret[at], satisficing=held.share[at]
        )
