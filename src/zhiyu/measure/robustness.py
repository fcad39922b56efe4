"""Robustness: the whole recipe replayed over other choices and perturbed weights, and ranks as intervals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import xarray as xr
from pydantic import BaseModel, ValidationError

from zhiyu.data.panel import Panel
from zhiyu.framework.framework import Framework
from zhiyu.measure import draws as many
from zhiyu.measure import hierarchy, index
from zhiyu.measure.recipe import Recipe
from zhiyu.terms import Label, Place, Refusal, suggestion

WEIGHTS = "weights"  # the entry of `vary` that perturbs the leaves' weights
EACH_ALONE = ("arithmetic", "geometric", "power", "mazziotta-pareto")  # a score here depends on its own children alone
UNWEIGHTED = ("bod",)  # a score here does not look at the weights: no draw of them changes it
LATER = {"normalise", "weight", "aggregate", "stages"}  # tables that `index.prepare` does not read

Vary = Mapping[str, Sequence[Any] | float]
T = TypeVar("T")


@dataclass(frozen=True)
class Robustness:
    """A recipe replayed. d draws, n regions, t years.

    ranks : (draw, region, year) of the root; 1 = best, nan without a score, aggregates such as "EU" have none.
    scores : (draw, region, year) of the root, on the recipe's scale.
    base : (region, year) ranks by the recipe itself.
    choices : what each draw chose, by path of the recipe.
    factors : (draw, indicator) what each draw multiplied the leaves' weights with; None if weights did not vary.
    """

    ranks: xr.DataArray
    scores: xr.DataArray
    base: xr.DataArray
    choices: tuple[dict[str, Any], ...]
    factors: xr.DataArray | None = None

    def interval(self, level: float = 0.9) -> xr.DataArray:
        """(bound, region, year) ranks that hold `level` of the draws: "low", "median", "high".

        Low and high are ranks that occurred, the nearest ones outwards; nan where a region is never ranked.
        """
        ordered = np.sort(self.ranks.values, axis=0)  # nan comes last
        number = np.isfinite(ordered).sum(axis=0)
        last = np.maximum(number - 1, 0)

        def at(position: np.ndarray) -> np.ndarray:
            return np.asarray(np.take_along_axis(ordered, position.astype(int)[None], axis=0)[0])

        tail = (1.0 - level) / 2
        low, high = at(np.floor(tail * last + 1e-9)), at(np.ceil((1.0 - tail) * last - 1e-9))
        median = (at(np.floor(0.5 * last)) + at(np.ceil(0.5 * last))) / 2
        place = {"bound": ["low", "median", "high"], "region": self.ranks["region"], "year": self.ranks["year"]}
        return xr.DataArray(np.stack([low, median, high]), place, ("bound", "region", "year"))

    def share_in_top(self, k: int) -> xr.DataArray:
        """(region, year) share of the draws that rank a region in which it is among the first k; nan without any."""
        number = np.isfinite(self.ranks.values).sum(axis=0)
        within = (self.ranks.values <= k).sum(axis=0)
        share = np.divide(within, number, out=np.full(number.shape, np.nan), where=number > 0)
        return self.base.copy(data=share)


@dataclass(frozen=True)
class Factor:
    """One entry of `vary`: a path of the recipe with its alternatives, in an order of their own."""

    path: str
    alternatives: tuple[Any, ...]


def replay(
    panel: Panel, framework: Framework, recipe: Recipe, vary: Vary, draws: int = 1000, seed: int = 0
) -> Robustness:
    """Measure again and again, each draw with alternatives and perturbed weights of its own.

    Parameters
    ----------
    vary : path of the recipe -> alternatives, drawn with equal chances: `{"normalise.method": ["minmax", "rank"]}`; a
        table's name -> whole tables; "weights" -> a: each leaf's weight is multiplied by U(1 - a, 1 + a), and its pool
        (its siblings, where weights are formed among siblings) sums to one again.
    draws : number of replays
    seed : the same arguments give the same draws, in whatever order `vary` and its alternatives stand

    Every draw equals `measure` with that draw's recipe. What draws share is computed once.

    Raises
    ------
    Refusal
        If a path is unknown or has no alternatives, or a combination of them is refused: it is named.

    Source: Saisana, Saltelli and Tarantola (2005), Journal of the Royal Statistical Society A 168.
    """
    chosen, amplitude = factors_of(recipe, vary)
    rng = np.random.default_rng(seed)
    picks = (
        np.stack([rng.integers(len(factor.alternatives), size=draws) for factor in chosen], axis=-1)
        if chosen
        else (np.zeros((draws, 0), dtype=int))
    )
    leaves = [leaf.id for leaf in framework.tree.leaves]
    drawn = None if amplitude is None else perturbations(rng, draws, len(leaves), amplitude)
    steps = Steps(panel, framework)
    scores, ranks = outcomes(steps, recipe, chosen, picks, drawn)
    base = outcomes(steps, recipe, (), picks[:1, :0], None)[1][0]
    place = xr.Coordinates({"region": list(panel.codes), "year": np.asarray(panel.years)})
    return Robustness(
        ranks=xr.DataArray(ranks.transpose(0, 2, 1), place, ("draw", "region", "year")),
        scores=xr.DataArray(scores.transpose(0, 2, 1), place, ("draw", "region", "year")),
        base=xr.DataArray(base.T, place, ("region", "year")),
        choices=choices_of(chosen, picks),
        factors=None if drawn is None else xr.DataArray(drawn, {"indicator": leaves}, ("draw", "indicator")),
    )


def choices_of(chosen: tuple[Factor, ...], picks: np.ndarray) -> tuple[dict[str, Any], ...]:
    """What each draw chose, by path; draws that chose the same share one dict."""
    combinations, member = _combinations(chosen, picks)
    return tuple(combinations[number] for number in member.tolist())


def _combinations(chosen: tuple[Factor, ...], picks: np.ndarray) -> tuple[list[dict[str, Any]], np.ndarray]:
    """The combinations of choices that occur, by path, and which of them each draw has."""
    code = np.zeros(len(picks), dtype=np.int64)
    for factor, column in zip(chosen, picks.T, strict=True):
        # numbered anew each time: the product of all numbers of alternatives may not fit an integer
        code = np.unique(code * len(factor.alternatives) + column, return_inverse=True)[1]
    _, first, member = np.unique(code, return_index=True, return_inverse=True)
    rows = picks[first].tolist()
    return [{f.path: f.alternatives[i] for f, i in zip(chosen, row, strict=True)} for row in rows], member


def perturbations(rng: np.random.Generator, draws: int, leaves: int, amplitude: float) -> np.ndarray:
    """(draws, leaves) factors, uniform between 1 - amplitude and 1 + amplitude."""
    return rng.uniform(1.0 - amplitude, 1.0 + amplitude, (draws, leaves))


def factors_of(recipe: Recipe, vary: Vary) -> tuple[tuple[Factor, ...], float | None]:
    """The choices of `vary`, by path, and its perturbation of weights (None = weights are not perturbed)."""
    if not vary:
        raise Refusal("vary_nothing", Place(key="vary"))
    known = _paths(recipe)
    chosen = []
    amplitude: float | None = None
    for path in sorted(vary):
        found, place = vary[path], Place(key=f"vary: {path}")
        if path == WEIGHTS:
            if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 1:
                raise Refusal("vary_weights", place, found=found)
            amplitude = float(found)
            continue
        if path not in known:
            raise Refusal("vary_unknown", place, name=path, known=", ".join(known), hint=suggestion(path, known))
        if isinstance(found, str | Mapping) or not isinstance(found, Sequence) or not len(found):
            raise Refusal("vary_empty", place, name=path)
        chosen.append(Factor(path, tuple(sorted(found, key=lambda one: json.dumps(one, sort_keys=True, default=str)))))
    return tuple(chosen), amplitude


def _paths(recipe: Recipe) -> list[str]:
    found = [WEIGHTS]
    for table in Recipe.model_fields:
        part = getattr(recipe, table)
        found += [
            table,
            *[f"{table}.{key}" for key in (type(part).model_fields if isinstance(part, BaseModel) else ())],
        ]
    return found


def _changed(recipe: Recipe, choice: Mapping[str, Any]) -> Recipe:
    """The recipe with some choices changed together."""
    tables = recipe.model_dump()
    for path, value in choice.items():
        table, _, key = path.partition(".")
        tables[table] = {**tables[table], key: value} if key else value
    try:
        return type(recipe).model_validate(tables)
    except ValidationError as trouble:
        raise Refusal(
            "vary_value", Place(key="vary"), choice=_said(choice), why=trouble.errors()[0]["msg"]
        ) from trouble


def _said(choice: Mapping[str, Any]) -> str:
    return ", ".join(f"{path} = {value}" for path, value in choice.items()) or "-"


class Steps:
    """The steps of `measure`, each done once for all recipes that agree in the tables it reads."""

    def __init__(self, panel: Panel, framework: Framework) -> None:
        self.panel, self.framework = panel, framework
        self.done: dict[str, Any] = {}

    def _once(self, step: str, recipe: Recipe, without: set[str], make: Callable[[], T]) -> T:
        key = step + recipe.model_dump_json(exclude=without)
        if key not in self.done:
            self.done[key] = make()
        found: T = self.done[key]
        return found

    def ready(self, recipe: Recipe) -> index.Ready:
        """What is measured, before it is normalised."""
        return self._once("ready", recipe, LATER, lambda: index.prepare(self.panel, self.framework, recipe))

    def leaves(self, recipe: Recipe) -> np.ndarray:
        """(n, t, p) normalised leaves."""
        make = lambda: index.normalised(self.panel, self.ready(recipe), recipe)  # noqa: E731
        return self._once("leaves", recipe, LATER - {"normalise"}, make)

    def weights(self, recipe: Recipe) -> hierarchy.Weights:
        """Local weights, of one year if all years have the same."""

        def make() -> hierarchy.Weights:
            found, _ = index.weighed(self.panel, self.ready(recipe), self.leaves(recipe), recipe, self.framework.tree)
            return many.steady(found)

        return self._once("weights", recipe, {"aggregate", "stages"}, make)

    def scores(self, recipe: Recipe, factors: np.ndarray | None, last: bool = False) -> np.ndarray:
        """(d, t, n) scores of the root; one draw if there are no factors (d, leaves of the framework).

        last : of the last year alone
        """
        ready, z, weights = self.ready(recipe), self.leaves(recipe), self.weights(recipe)
        method, least, tree = recipe.aggregate.method, recipe.coverage.node, ready.tree
        if factors is None:
            wide = {name: np.broadcast_to(column, z.shape[1]) for name, column in weights.items()}
            shown, _ = index.combined(tree, z, wide, recipe)
            return shown[tree.root.id].T[None, -1 if last else 0 :]
        if last and method in EACH_ALONE:
            z, weights = z[:, -1:], {name: column[-1:] for name, column in weights.items()}
        column = {leaf.id: j for j, leaf in enumerate(self.framework.tree.leaves)}
        mine = factors[:, [column[leaf.id] for leaf in tree.leaves]]
        drawn = many.perturbed(tree, weights, mine, _pools(ready, recipe))
        if method == "arithmetic":
            found = many.linear_scores(tree, z, drawn, least)
        elif method in UNWEIGHTED:
            found = many.steady_scores(tree, z, drawn, least, index.combiner(recipe))
        else:
            found = many.carried_scores(tree, z, drawn, least, index.combiner(recipe), method not in EACH_ALONE)
        found = found[:, -1 if last else 0 :]
        found *= recipe.normalise.scale
        return found


def _pools(ready: index.Ready, recipe: Recipe) -> tuple[str, ...]:
    """Nodes among whose leaves the recipe forms weights; none if it forms them among siblings."""
    if recipe.weight.method == "given" or recipe.weight.within == "parent":
        return ()
    return (ready.tree.root.id,) if recipe.weight.within == "root" else tuple(node.id for node in ready.tree.top)


def outcomes(
    steps: Steps,
    recipe: Recipe,
    chosen: tuple[Factor, ...],
    picks: np.ndarray,
    factors: np.ndarray | None,
    last: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and ranks of the root, both (draw, year, region), in every draw; in the last year alone if `last`.

    Parameters
    ----------
    picks : (draw, choice) which alternative of each choice
    factors : (draw, leaf of the framework) what the leaves' weights are multiplied with
    """
    years, regions = 1 if last else len(steps.panel.years), len(steps.panel.codes)
    scores, scales = np.empty((len(picks), years, regions)), np.empty((len(picks), 1))
    size = max(1, many.CELLS // max(years * regions, len(steps.framework.tree.leaves)))

    combinations, member = _combinations(chosen, picks)
    for number, choice in enumerate(combinations):
        here, draws = _changed(recipe, choice), np.flatnonzero(member == number)
        scales[draws] = here.normalise.scale
        with _telling(choice):
            for part in np.split(draws, range(size, len(draws), size)) if factors is not None else [draws]:
                scores[part] = steps.scores(here, None if factors is None else factors[part], last)
    # products of matrices may break the tie of two equal rows by a rounding error
    return scores, many.ranked(scores, steps.panel.judged, 0.0 if factors is None else scales * 1e-12)


@contextmanager
def _telling(choice: Mapping[str, Any]) -> Iterator[None]:
    """A refusal of what a combination of choices asks for names the combination."""
    try:
        yield
    except Refusal as refusal:
        if refusal.key == "unknown_method" or not choice:
            raise
        why = Label(refusal.message.what("zh"), refusal.message.what("en"))
        raise Refusal("vary_refused", refusal.message.place, choice=_said(choice), why=why) from refusal
