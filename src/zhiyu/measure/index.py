"""The index: a framework's tree measured on a panel by a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import xarray as xr

from zhiyu.data import formula
from zhiyu.data.panel import Mark, Panel
from zhiyu.data.regions import Regions
from zhiyu.framework.framework import Framework
from zhiyu.framework.tree import Node, Tree
from zhiyu.measure import aggregate, cells, choices, hierarchy, impute, normalise, stages, treat, weighting
from zhiyu.measure.draws import ranked
from zhiyu.measure.recipe import Recipe
from zhiyu.measure.weigh import weigh
from zhiyu.methods import Method
from zhiyu.terms import Place, Refusal

DOMINANT = 0.40  # an indicator above this share of its attribute is flagged

HOMES = (aggregate, impute, normalise, stages, treat, weighting)  # importing them fills the registry


@dataclass(frozen=True)
class LeftOut:
    """An indicator that did not enter: the share of its cells that are observed, and the variables it lacks."""

    node: Node
    coverage: float
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Index:
    """A measured tree. n regions, t years, k nodes (root, inner nodes and leaves), p leaves.

    scores : (region, year, node) on 0 .. recipe.normalise.scale; nan where coverage is below recipe.coverage.node.
    coverage : (region, year, node) share of a node's weight that rests on observed leaves. An imputed cell is not
        observed, though it counts where recipe.coverage.node asks for enough to show a score.
    weights : (year, node) weight among siblings; the same in every year unless the recipe weighs each year anew.
    effective : (year, node) weight in the whole.
    values : (region, year, indicator) leaves in their own units, imputed but not treated for outliers.
    marks : (region, year, indicator) worst `Mark` among the cells a leaf was computed from, or IMPUTED.
    ranks : (region, year, node) 1 = best; nan without a score; aggregates such as "EU" have none.
    stage : (region, year, node) 1 .. 5 of each top node and the root, 0 without a score.
    thresholds : (node, 4) scores at which stages 2 .. 5 begin.
    imputed, treated : every cell of an indicator that imputation filled, and that outlier treatment changed.
    """

    tree: Tree
    recipe: Recipe
    regions: Regions
    scores: xr.DataArray
    coverage: xr.DataArray
    weights: xr.DataArray
    effective: xr.DataArray
    values: xr.DataArray
    marks: xr.DataArray
    ranks: xr.DataArray
    stage: xr.DataArray
    thresholds: xr.DataArray
    left_out: tuple[LeftOut, ...] = ()
    imputed: tuple[cells.Altered, ...] = ()
    treated: tuple[cells.Altered, ...] = ()
    complete: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # pool -> complete observations, of all

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(int(year) for year in self.scores["year"].values)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(str(code) for code in self.scores["region"].values)

    @property
    def comparable(self) -> bool:
        """Whether scores of different years stand on one scale; per-year scaling or weighting forbids it."""
        recipe = self.recipe
        fixed = recipe.normalise.scope != "year" or recipe.normalise.method == "goalposts"
        return fixed and (recipe.weight.scope != "year" or recipe.weight.method in ("given", "equal"))

    @property
    def dominant(self) -> tuple[tuple[Node, Node, float], ...]:
        """Leaves above 40 % of their attribute, with that attribute and the greatest share of any year."""
        found = []
        for leaf in self.tree.leaves:
            attribute = self.tree.attribute(leaf.id)
            if attribute.id == leaf.id:
                continue
            total = self.effective.sel(node=attribute.id).values
            share = np.divide(self.effective.sel(node=leaf.id).values, total, out=np.zeros_like(total), where=total > 0)
            if share.max() > DOMINANT:
                found.append((leaf, attribute, float(share.max())))
        return tuple(found)


def measure(panel: Panel, framework: Framework, recipe: Recipe = Recipe()) -> Index:
    """Measure the framework's tree on a panel: coverage rules, impute, treat, normalise, weigh, aggregate, rank, stage.

    Raises
    ------
    Refusal
        If no indicator can be computed, one does not vary, a method is unknown, or a weighting refuses its input.
    """
    ready = prepare(panel, framework, recipe)
    z = normalised(panel, ready, recipe)
    weights, complete = weighed(panel, ready, z, recipe, framework.tree)
    shown, coverage = combined(ready.tree, z, weights, recipe)
    if ready.imputed:
        coverage = hierarchy.resting(ready.tree, cells.observed(ready.values, ready.imputed, panel), weights)
    index = _label(
        panel, ready.tree, recipe, ready.values, weights, shown, coverage, ready.judged, ready.left_out, complete
    )
    marks = cells.marked(index.marks, ready.imputed)
    return replace(index, marks=marks, imputed=ready.imputed, treated=ready.treated)


@dataclass(frozen=True)
class Ready:
    """What is measured, before it is normalised: n regions, t years, p leaves of `tree` (those that could be bound).

    values : leaf id -> (n, t) in its own units, imputed.
    x : (n, t, p) the leaves, imputed, treated for outliers and oriented: more is better.
    judged : (n,) whether a region is no aggregate such as "EU".
    imputed, treated : the cells that were.
    """

    tree: Tree
    values: dict[str, np.ndarray]
    x: np.ndarray
    judged: np.ndarray
    left_out: list[LeftOut]
    imputed: tuple[cells.Altered, ...] = ()
    treated: tuple[cells.Altered, ...] = ()


# The steps of `measure`, each reading the tables of the recipe that its words name. `replay` calls the same ones.


def prepare(panel: Panel, framework: Framework, recipe: Recipe) -> Ready:
    """Every step before normalising: bind the leaves, apply the coverage rule, impute, treat, orient."""
    tree, bound, left_out = _bind(panel, framework, recipe)
    values, imputed = cells.impute(panel, bound, recipe.impute)
    sound, treated = cells.treat(panel, values, recipe.treat)
    x = np.stack([leaf.direction * sound[leaf.id] for leaf in tree.leaves], axis=-1)
    return Ready(tree, values, x, panel.judged, left_out, imputed, treated)


def normalised(panel: Panel, ready: Ready, recipe: Recipe) -> np.ndarray:
    """(n, t, p) leaves on [0, 1] by `[measure.normalise]`."""
    base = choices.year_index(panel, recipe.normalise.base, "[measure] normalise")
    return _normalise(ready.x, ready.judged, ready.tree, recipe, base)


def weighed(
    panel: Panel, ready: Ready, z: np.ndarray, recipe: Recipe, framework: Tree
) -> tuple[hierarchy.Weights, dict[str, tuple[int, int]]]:
    """Local weights by `[measure.weight]`, from the regions that are judged."""
    return weigh(z[ready.judged], panel, ready.tree, recipe, framework)


def combined(
    tree: Tree, z: np.ndarray, weights: hierarchy.Weights, recipe: Recipe
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Scores of every node by `[measure.aggregate]`, shown where coverage suffices, and coverage; node id -> (n, t)."""
    leaves = {leaf.id: z[..., j] for j, leaf in enumerate(tree.leaves)}
    scores, coverage = hierarchy.carry_up(tree, leaves, weights, combiner(recipe))
    enough = {name: coverage[name] >= recipe.coverage.node - 1e-12 for name in scores}
    shown = {name: np.where(enough[name], scores[name] * recipe.normalise.scale, np.nan) for name in scores}
    return shown, coverage


def _bind(panel: Panel, framework: Framework, recipe: Recipe) -> tuple[Tree, dict[str, np.ndarray], list[LeftOut]]:
    """Compute the leaves; those below the coverage rule, or lacking variables in the panel, are left out by name."""
    tree = framework.tree
    tree.refuse_unknown(panel)
    missing = tree.missing(panel)
    values: dict[str, np.ndarray] = {}
    left_out: list[LeftOut] = []
    for leaf in tree.leaves:
        if leaf.id in missing:
            left_out.append(LeftOut(leaf, 0.0, missing[leaf.id]))
            continue
        try:
            values[leaf.id] = panel.compute(leaf.formula, leaf.unit)
        except Refusal as refusal:
            place = refusal.message.place  # a variable's, or else the indicator's
            where = place if place.column else replace(leaf.place, region=place.region, year=place.year)
            raise refusal.at(where) from refusal
        share = float(np.isfinite(values[leaf.id]).mean())
        if share < recipe.coverage.indicator or share == 0.0:
            left_out.append(LeftOut(leaf, share))
            del values[leaf.id]
    if not values:
        raise Refusal("no_indicator", Place(file="study.toml", key="[framework]"), number=len(tree.leaves))
    return tree.without({gone.node.id for gone in left_out}), values, left_out


def _normalise(x: np.ndarray, judged: np.ndarray, tree: Tree, recipe: Recipe, base: int) -> np.ndarray:
    """(n, t, p) oriented values -> (n, t, p) on [0, 1]; aggregates do not set the scale."""
    chosen = choices.chosen("normalise", "normalise", recipe.normalise.method)
    pieces = []
    for t in range(x.shape[1]):
        if chosen.name == "goalposts":
            reference = _posts(tree)
        else:
            reference = normalise.reference_sample(x[judged], recipe.normalise.scope, t, base)
        try:
            pieces.append(chosen.owes(chosen(x[:, t], reference), x[:, t].shape))
        except Refusal as refusal:
            raise choices.named(refusal, tree.leaves, tree.root.place) from refusal
    return np.stack(pieces, axis=1)


def _posts(tree: Tree) -> np.ndarray:
    """(2, p) goalposts of the leaves, oriented."""
    for leaf in tree.leaves:
        if leaf.low is None or leaf.high is None:
            raise Refusal("goalposts_missing", leaf.place, name=leaf.label)
    oriented = [(leaf.direction * (leaf.low or 0.0), leaf.direction * (leaf.high or 0.0)) for leaf in tree.leaves]
    return np.array(oriented).T


def combiner(recipe: Recipe) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The aggregation of the recipe, as a function of children's scores (..., k) and weights (..., k)."""
    chosen = choices.chosen("aggregate", "aggregate", recipe.aggregate.method)
    return partial(_combine, chosen, (recipe.aggregate.power,) if chosen.name == "power" else ())


def _combine(chosen: Method, more: tuple[float, ...], x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    try:
        return np.asarray(chosen(x, weights, *more))
    except Refusal as refusal:  # of scores that the method cannot take: another method is the remedy
        place = Place(file="study.toml", key="[measure.aggregate] method")
        raise Refusal(refusal.key, place, **{**refusal.message.values, "method": chosen.name}) from refusal


def _label(
    panel: Panel,
    tree: Tree,
    recipe: Recipe,
    values: Mapping[str, np.ndarray],
    weights: hierarchy.Weights,
    scores: Mapping[str, np.ndarray],
    coverage: Mapping[str, np.ndarray],
    judged: np.ndarray,
    left_out: list[LeftOut],
    complete: dict[str, tuple[int, int]],
) -> Index:
    ids = [node.id for node in tree.nodes]
    tops = [tree.root.id, *[node.id for node in tree.top]]
    leaves = [leaf.id for leaf in tree.leaves]
    place = {"region": list(panel.codes), "year": np.asarray(panel.years)}
    cell = ("region", "year", "node")
    local = {tree.root.id: np.ones(len(panel.years)), **weights}
    whole = hierarchy.effective(tree, weights)
    stacked = np.stack([scores[name] for name in ids], axis=-1)
    threshold = choices.chosen("stages", "stages", recipe.stages.method)
    levels = recipe.stages.levels
    cuts = np.stack([threshold.owes(threshold(scores[name][judged], levels), (len(levels),)) for name in tops])
    stage = np.stack([stages.stage(scores[name], cut) for name, cut in zip(tops, cuts, strict=True)], axis=-1)
    marks = np.stack([worst_mark(panel, tree[name].formula) for name in leaves], axis=-1)
    return Index(
        tree=tree,
        recipe=recipe,
        regions=panel.regions,
        scores=xr.DataArray(stacked, {**place, "node": ids}, cell),
        coverage=xr.DataArray(np.stack([coverage[name] for name in ids], axis=-1), {**place, "node": ids}, cell),
        weights=xr.DataArray(np.stack([local[n] for n in ids], -1), {"year": place["year"], "node": ids}, cell[1:]),
        effective=xr.DataArray(np.stack([whole[n] for n in ids], -1), {"year": place["year"], "node": ids}, cell[1:]),
        values=xr.DataArray(
            np.stack([values[name] for name in leaves], -1), {**place, "indicator": leaves}, (*cell[:2], "indicator")
        ),
        marks=xr.DataArray(marks, {**place, "indicator": leaves}, (*cell[:2], "indicator")),
        ranks=xr.DataArray(rank(stacked, judged), {**place, "node": ids}, cell),
        stage=xr.DataArray(stage, {**place, "node": tops}, cell),
        thresholds=xr.DataArray(cuts, {"node": tops}, ("node", "threshold")),
        left_out=tuple(left_out),
        complete=complete,
    )


def rank(scores: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Ranks along the first axis, 1 = greatest; ties share the better rank; nan where not judged or without a score."""
    return np.moveaxis(ranked(np.moveaxis(scores, 0, -1), judged), -1, 0)


def worst_mark(panel: Panel, expression: str) -> np.ndarray:
    """(region, year) int8: missing if any cell a formula reads is, else the least direct mark among them."""
    read = sorted(formula.names(expression))
    if not read:  # a constant
        return np.full((len(panel.codes), len(panel.years)), int(Mark.OBSERVED), dtype=np.int8)
    seen = np.stack([panel.marks[name].values for name in read])
    return np.where((seen == Mark.MISSING).any(axis=0), int(Mark.MISSING), seen.max(axis=0)).astype(np.int8)
