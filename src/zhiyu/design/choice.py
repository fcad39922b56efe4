"""What a study asks of `design`: the table `[design]` of the study file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from zhiyu.design.objectives import Objective, Statistic, When
from zhiyu.design.places import How
from zhiyu.design.robust import TAIL, Measure
from zhiyu.measure.recipe import Choice, Share, Title
from zhiyu.terms import Label

Word = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BudgetChoice(Choice):
    """What may be spent, in the unit of the costs.

    total : by default a tenth of the 45 units that all measures cost, half of what one mechanism does; unit : its name;
    groups : place -> the most that may be spent there; years : first year -> the most that may begin in it
    """

    total: Amount = 4.5
    unit: Title | None = None
    groups: dict[str, Amount] = Field(default_factory=dict)
    years: dict[int, Amount] = Field(default_factory=dict)


class ObjectiveChoice(Choice):
    """An objective of the study's own: more or less of an outcome in the nation, or less of its gap between regions."""

    id: Word
    outcome: Word
    statistic: Statistic = "nation"
    direction: Literal["more", "less"] = "more"
    title: Title | None = None

    @property
    def objective(self) -> Objective:
        """As `objectives` has it."""
        label = Label(self.id, self.id) if self.title is None else self.title.label
        return Objective(self.id, self.outcome, self.statistic, 1 if self.direction == "more" else -1, label, label)


class DesignChoice(Choice):
    """What a plan may be made of, what it is to move, and how futures are weighed.

    costs : file with the columns measure, place, cost; none = one unit a measure, which is assumed
    places : where measures may be taken: the groups of `[regions] groups`, every region, or "all" at once
    start : years in which measures may begin, empty = the first simulated one
    outside : also measures outside the paper
    objectives : ids of the bundled ones (`objectives.csv`) or own ones (`[[design.objective]]`), empty = growth,
        equity, carbon and skills, as far as the study has them
    weights : objective -> what it weighs, 1 where nothing is said, in shares of what the budget could do for it alone
    when : objectives in the last year ("horizon") or over all ("mean", later years worth less by `discount` a year)
    robust : the plan is best in the mean of the worst `tail` of futures ("cvar"), in greatest regret, or in the mean
    thresholds : objective -> what is good enough; empty = no worse than doing nothing
    floors : objective -> what its mean over futures must reach
    required, forbidden : measures, strategies or mechanisms; fair_share : of its equal part of spending that every
        place gets at least
    futures : members that every portfolio meets; generations, population : of the search; level : of all bands
    """

    budget: BudgetChoice = BudgetChoice()
    costs: str | None = None
    places: How = "group"
    start: tuple[int, ...] = ()
    outside: bool = False
    objectives: tuple[Word, ...] = ()
    objective: tuple[ObjectiveChoice, ...] = ()
    weights: dict[str, Amount] = Field(default_factory=dict)
    when: When = "horizon"
    discount: Share = 0.0
    robust: Measure = "cvar"
    tail: Annotated[float, Field(gt=0, le=1)] = TAIL
    thresholds: dict[str, Number] = Field(default_factory=dict)
    floors: dict[str, Number] = Field(default_factory=dict)
    required: tuple[Word, ...] = ()
    forbidden: tuple[Word, ...] = ()
    fair_share: Share = 0.0
    futures: Annotated[int, Field(ge=20)] = 200
    population: Annotated[int, Field(ge=4)] = 60
    generations: Annotated[int, Field(ge=1)] = 30
    level: Annotated[float, Field(gt=0, lt=1)] = 0.9
