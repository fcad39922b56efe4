"""From a recipe to the weight of every node: where weights are formed, by what method, on which observations."""

from __future__ import annotations

import numpy as np

from zhiyu.data.panel import Panel
from zhiyu.framework.tree import Node, Tree
from zhiyu.measure import choices, hierarchy, weighting
from zhiyu.measure.judgement import ACCEPTED
from zhiyu.measure.recipe import Recipe
from zhiyu.methods import Method
from zhiyu.terms import Place, Refusal


def weigh(
    z: np.ndarray, panel: Panel, tree: Tree, recipe: Recipe, framework: Tree
) -> tuple[hierarchy.Weights, dict[str, tuple[int, int]]]:
    """Local weights of every node by the recipe, and how many complete observations each pool of leaves had.

    framework : the whole tree, of which `tree` is what can be measured
    """
    years = len(panel.years)
    choice = recipe.weight
    if choice.method == "given":
        steady = lambda siblings: np.tile(_given(framework, siblings), (years, 1))  # noqa: E731
        return hierarchy.by_parent(tree, steady), {}
    base = choices.year_index(panel, choice.base, "[measure] weight")
    position = {leaf.id: j for j, leaf in enumerate(tree.leaves)}
    complete: dict[str, tuple[int, int]] = {}

    def pool(name: str, leaves: tuple[Node, ...]) -> np.ndarray:
        """(t, leaves) weights of some leaves, formed on their complete observations."""
        parts = choice.method.split("+")
        chosen = [choices.chosen("weighting", "weight", part, ("given",)) for part in parts]
        part = z[..., [position[leaf.id] for leaf in leaves]]
        whole = np.isfinite(part).all(axis=-1)
        complete[name] = (int(whole.sum()), int(whole.size))
        rows = []
        for t in range(years if choice.scope == "year" else 1):
            take = {"pooled": slice(None), "year": slice(t, t + 1), "base": slice(base, base + 1)}[choice.scope]
            try:
                rows.append(_compromise(chosen, part[:, take][whole[:, take]]) if len(leaves) > 1 else np.ones(1))
            except Refusal as refusal:
                raise choices.named(refusal, leaves, tree[name].place) from refusal
        return np.tile(rows[0], (years, 1)) if len(rows) == 1 else np.stack(rows)

    if choice.within == "root":
        return hierarchy.nested(
            tree, None, {tree.root.id: pool(tree.root.id, tree.leaves_below(tree.root.id))}
        ), complete
    if choice.within == "top":
        top = np.tile(_across(tree, recipe, framework), (years, 1))
        pools = {node.id: pool(node.id, tree.leaves_below(node.id)) for node in tree.top}
        return hierarchy.nested(tree, top, pools), complete

    def siblings(nodes: tuple[Node, ...]) -> np.ndarray:
        leaves = tuple(node for node in nodes if node.is_leaf)
        return (
            pool(nodes[0].parent, leaves) if len(leaves) == len(nodes) else np.full((years, len(nodes)), 1 / len(nodes))
        )

    return hierarchy.by_parent(tree, siblings), complete


def _compromise(chosen: list[Method], x: np.ndarray) -> np.ndarray:
    """(p,) weights of one method, or the game-theoretic compromise of several (`entropy+critic`)."""
    sets = np.stack([_shares(one, x) for one in chosen])
    return sets[0] if len(sets) == 1 else weighting.game_weights(sets)


def _shares(chosen: Method, x: np.ndarray) -> np.ndarray:
    """(p,) weights that a method finds for the columns of x: not negative, summing to one."""
    weights = chosen.owes(chosen(x), (x.shape[1],))
    if not (weights >= 0).all() or not abs(weights.sum() - 1.0) <= 1e-9:
        raise Refusal("method_weights", chosen.place, name=chosen.name, total=f"{weights.sum():.6g}")
    return weights


def _given(framework: Tree, siblings: tuple[Node, ...]) -> np.ndarray:
    parent = siblings[0].parent
    return hierarchy.given_weights(framework.children[parent], parent, siblings)


def _across(tree: Tree, recipe: Recipe, framework: Tree) -> np.ndarray:
    across = recipe.weight.across
    if across == "equal":
        return np.full(len(tree.top), 1.0 / len(tree.top))
    if across == "given":
        return _given(framework, tree.top)
    if across == "ahp":
        judged, _ = expert_weights(framework, recipe)
        return hierarchy.table_weights(framework.top, judged, tree.top)
    return hierarchy.table_weights(framework.top, across, tree.top)


def expert_weights(framework: Tree, recipe: Recipe) -> tuple[dict[str, float], float]:
    """Weights of the top nodes by the recipe's judgements, and their consistency ratio (above 0.1 only if forced)."""
    place = Place(file="study.toml", key="[measure.weight] judgements")
    judgements, ids = recipe.weight.judgements, [node.id for node in framework.top]
    if any(len(row) != len(judgements) for row in judgements) or len(judgements) != len(ids):
        raise Refusal("judgements_size", place, number=len(ids), names=", ".join(ids))
    try:
        weights, ratio = weighting.ahp_weights(np.array(judgements))
    except Refusal as refusal:
        raise refusal.at(place) from refusal
    if ratio > ACCEPTED and not recipe.weight.force:
        raise Refusal("judgements_inconsistent", place, ratio=f"{ratio:.3f}")
    # the last bit of a rounding error would fail the check that a user's own table has to pass
    return dict(zip(ids, (weights / weights.sum()).tolist(), strict=True)), ratio
