"""The recipe: every choice of an index, explicit, checked, replaceable one at a time."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from zhiyu.measure.normalise import Scope
from zhiyu.terms import Label

Share = Annotated[float, Field(ge=0, le=1)]


class Choice(BaseModel):
    """A table of choices in a study file: unknown keys are refused, values cannot change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(Choice):
    """A name in both languages, as a file states it."""

    zh: str
    en: str

    @property
    def label(self) -> Label:
        return Label(self.zh, self.en)


class Normalise(Choice):
    """How indicators come onto one scale of 0 to `scale`. `base` is the year that scope "base" refers to."""

    method: str = "minmax"
    scope: Scope = "pooled"
    base: int | None = None
    scale: Annotated[float, Field(gt=0)] = 100.0

    @model_validator(mode="after")
    def _base_named(self) -> Normalise:
        if (self.scope == "base") != (self.base is not None):
            raise ValueError("base_with_scope")
        return self


class Weight(Choice):
    """How leaves are weighted.

    within : where weights are formed: among all leaves of the tree ("root"), of each top node ("top"), or siblings
        at every level ("parent"; siblings that are not all leaves weigh the same). Nodes between carry the sum of
        their leaves.
    across : weights of the top nodes where `within` is "top": "equal", "given" (the framework's), a table of
        them, or "ahp": from `judgements`, how many times each top node matters as much as each other, in tree order;
        refused if their consistency ratio is above 0.1, unless `force`.
    """

    method: str = "entropy"
    scope: Scope = "pooled"
    base: int | None = None
    within: Literal["root", "top", "parent"] = "top"
    across: Literal["equal", "given", "ahp"] | dict[str, float] = "equal"
    judgements: tuple[tuple[Annotated[float, Field(gt=0)], ...], ...] = ()
    force: bool = False

    @model_validator(mode="after")
    def _base_named(self) -> Weight:
        if (self.scope == "base") != (self.base is not None):
            raise ValueError("base_with_scope")
        return self


class Aggregate(Choice):
    """How children make their parent's score; `power` is the exponent of method "power"."""

    method: str = "arithmetic"
    power: float = 0.5


class Coverage(Choice):
    """Least share of observations an indicator needs to enter, and least share of weight a score needs to be shown."""

    indicator: Share = 0.9
    node: Share = 0.6


class Impute(Choice):
    """How missing cells of indicators are filled: "none", or "group-mean" of the regions' grouping `groups`."""

    method: str = "none"
    groups: str = ""


class Treat(Choice):
    """How outliers are treated where an indicator has |skewness| >= skew and kurtosis >= kurtosis.

    most : the greatest number of cells of an indicator that winsorising may change.
    """

    method: str = "none"
    skew: Annotated[float, Field(gt=0)] = 2.0
    kurtosis: float = 3.5
    most: Annotated[int, Field(ge=0)] = 5


class Stages(Choice):
    """Thresholds of the stages of each top node, as quantiles of its scores, as fixed scores, or at natural breaks.

    levels : the quantiles or the scores; natural breaks find their own and do not use them.
    """

    method: str = "quantile"
    levels: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8)

    @model_validator(mode="after")
    def _increasing(self) -> Stages:
        if list(self.levels) != sorted(set(self.levels)) or len(self.levels) != 4:
            raise ValueError("levels_not_increasing")
        if self.method == "quantile" and not all(0 < level < 1 for level in self.levels):
            raise ValueError("levels_not_increasing")
        return self


class Recipe(Choice):
    """All choices of an index, in the order they are made."""

    coverage: Coverage = Coverage()
    impute: Impute = Impute()
    treat: Treat = Treat()
    normalise: Normalise = Normalise()
    weight: Weight = Weight()
    aggregate: Aggregate = Aggregate()
    stages: Stages = Stages()

    def replaced(self, path: str, value: Any) -> Recipe:
        """The recipe with one choice changed: `recipe.replaced("normalise.method", "rank")`."""
        table, _, key = path.partition(".")
        part = {**getattr(self, table).model_dump(), key: value}
        return type(self).model_validate({**self.model_dump(), table: part})
