"""What claims are put to: a study's data by recipe, and the sample and form in which a specification sees them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import numpy as np

from zhiyu.data.events import Events
from zhiyu.data.neighbours import Neighbours
from zhiyu.data.panel import Panel
from zhiyu.explain import multiverse
from zhiyu.explain.claims.question import Asking, Test
from zhiyu.explain.claims.variables import Variables
from zhiyu.explain.jackknife import Grounds
from zhiyu.framework.framework import Framework
from zhiyu.measure.index import Index, measure
from zhiyu.terms import Refusal

T = TypeVar("T")
PERTURB = 0.25  # how far each indicator's weight varies in draws of the index


@dataclass
class Inputs:
    """A study's data. grouping names a grouping of the regions; w is None where nobody is known to be a neighbour.

    weights : name -> neighbours by other definitions, for the multiverse of spatial claims.
    events : when policies began where; None where the study names none.
    grounds : cells and effects that regressions share.
    """

    index: Index
    panel: Panel
    framework: Framework
    w: Neighbours | None = None
    weights: Mapping[str, Neighbours] = field(default_factory=dict)
    grouping: str | None = None
    events: Events | None = None
    seed: int = 0
    _kept: dict[tuple[str, str, bool], Variables] = field(default_factory=dict)
    _once: dict[Hashable, Any] = field(default_factory=dict)
    grounds: Grounds = field(default_factory=Grounds)

    def variables(self, normalise: str = "", weight: str = "", even: bool = True) -> Variables:
        """The ledger's variables by the study's recipe, or with another method of scaling or of weighting."""
        recipe = self.index.recipe
        method, weighting = normalise or recipe.normalise.method, weight or recipe.weight.method
        key = (method, weighting, even)
        if key not in self._kept:
            index = self.index
            if (method, weighting) != (recipe.normalise.method, recipe.weight.method):
                other = recipe.replaced("normalise.method", method).replaced("weight.method", weighting)
                index = measure(self.panel, self.framework, other)
            self._kept[key] = Variables(index, self.panel, self.framework, even)
        return self._kept[key]

    def drawn(self, draws: int) -> tuple[Variables, ...]:
        """What the index might have been, the same draws for every claim: in each a method of scaling and one of
        weighting from the table of the multiverse, every indicator's weight multiplied by U(0.75, 1.25). A recipe that
        the data cannot bear is left out."""

        def made() -> tuple[Variables, ...]:
            table, rng = multiverse.read(), np.random.default_rng(self.seed)
            scalings, weightings = ([x.value for x in multiverse.of(table, name)] for name in ("normalise", "weight"))
            leaves, found = sorted(leaf.id for leaf in self.index.tree.leaves), []
            for _ in range(draws):
                scaling, weighting = divmod(int(rng.integers(len(scalings) * len(weightings))), len(weightings))
                factors = rng.uniform(1.0 - PERTURB, 1.0 + PERTURB, len(leaves)).tolist()
                try:
                    variables = self.variables(scalings[scaling], weightings[weighting])
                except Refusal:
                    continue
                found.append(variables.drawn(dict(zip(leaves, factors, strict=True))))
            return tuple(found)

        return self.once(("drawn", draws), made)

    def once(self, key: Hashable, build: Callable[[], T]) -> T:
        """What is built under a key that says all it rests on, kept for the specifications that share it."""
        if key not in self._once:
            self._once[key] = build()
        return cast(T, self._once[key])

    def bare(self) -> Inputs:
        """The same without what was computed on the way: what is sent to other processes."""
        return replace(self, _kept={}, _once={}, grounds=Grounds())


@dataclass(frozen=True)
class Sample:
    """Variables, and which part of them a specification looks at.

    kept : (n,) regions that take part; first : first year of the outcome; winsor : share of the cells at either end of
        the outcome and the driver that are drawn in to the next value; more : further controls.
    measure : of dispersion, "" = the claim's own; people : whether regions count by their population in it; lagging :
        share of the regions that count as the poorer ones.
    """

    variables: Variables
    kept: np.ndarray
    first: int = 0
    winsor: float = 0.0
    more: tuple[str, ...] = ()
    measure: str = ""
    people: bool = False
    lagging: float = 0.5

    @classmethod
    def whole(cls, variables: Variables) -> Sample:
        """All regions and years."""
        return cls(variables, np.ones(len(variables.codes), dtype=bool))

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the regions that take part."""
        return tuple(code for code, kept in zip(self.variables.codes, self.kept, strict=True) if kept)

    def cut(self, values: np.ndarray) -> np.ndarray:
        """(kept regions, t) of (n, t); nan before the first year."""
        late = np.array(self.variables.years) >= self.first
        return np.asarray(np.where(late, values, np.nan)[self.kept])

    def outcome(self, asked: Asking, form: str) -> np.ndarray:
        """(n, t) outcome in a form; nan where it is missing.

        Raises
        ------
        Refusal
            For the logarithm of what is not above zero.
        """
        values = self.variables.term(asked.outcome)
        seen = np.isfinite(values)
        positive = bool((values[seen] > 0).all())
        if form == "log" and not positive:
            raise Refusal("claim_log", name=asked.label)
        if form in ("log", "growth") and positive:
            values = np.asarray(np.log(np.where(seen, values, np.nan)))
        return np.asarray(values - self.variables.back(values, 1)) if form == "growth" else values

    def driver(self, asked: Asking, lag: int) -> np.ndarray:
        """(n, t) driver, so many years late."""
        return self.variables.back(self.variables.term(asked.driver), lag)

    def drawn_in(self, values: np.ndarray) -> np.ndarray:
        """Values (n, t) with the `winsor` share at either end set to the value next to them."""
        seen = values[np.isfinite(values)]
        if not self.winsor or not len(seen):
            return values
        low, high = np.quantile(seen, [self.winsor, 1.0 - self.winsor])
        return np.asarray(np.clip(values, low, high))

    def controls(self, asked: Asking, form: str, lag: int) -> np.ndarray:
        """(n, t, k) values of the claim's controls and of the further ones."""
        found = [self._control(asked, name, form, lag) for name in (*asked.controls, *self.more)]
        n, t = len(self.variables.codes), len(self.variables.years)
        return np.stack(found, axis=-1) if found else np.zeros((n, t, 0))

    def _control(self, asked: Asking, name: str, form: str, lag: int) -> np.ndarray:
        if name == "own":
            return self.variables.back(self.outcome(asked, form), 1)
        if name.startswith("@"):
            return self.variables.back(self.variables.term(name[1:]), lag)
        return self.variables.term(name)

    def test(self, asked: Asking) -> Test:
        """The regression as the claim itself states it."""
        form, lag = asked.forms[0], asked.lags[0]
        y, x = (self.drawn_in(self.cut(values)) for values in (self.outcome(asked, form), self.driver(asked, lag)))
        controls = self.controls(asked, form, lag)
        others = (
            np.stack([self.cut(controls[..., k]) for k in range(controls.shape[-1])], -1)
            if controls.size
            else (np.zeros((*y.shape, 0)))
        )
        x = np.concatenate([x[..., None], others], axis=-1)
        return Test(y, x, asked.effects[0], asked.sign, self.codes, self.variables.years)


def lacking(asked: Asking, variables: Variables) -> tuple[str, ...]:
    """Names that a claim's regression needs and the study does not have."""
    terms = [asked.outcome, asked.driver, *(name.lstrip("@") for name in asked.controls if name != "own")]
    return tuple(sorted({name for term in terms for name in variables.missing(term)}))
