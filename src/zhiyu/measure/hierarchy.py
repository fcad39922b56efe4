"""From leaves to the root: local weights of every node, and scores and coverage carried up a tree of any depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from zhiyu.framework.tree import Node, Tree
from zhiyu.terms import Place, Refusal, suggestion

Weights = dict[str, np.ndarray]  # node id -> (t,) weight among its siblings, summing to one over them


def given_weights(stated: tuple[Node, ...], parent: str, left: tuple[Node, ...] | None = None) -> np.ndarray:
    """The framework's own weights of siblings: shares that sum to one, or whole-number points taken in proportion.

    stated : all siblings of the framework, whose weights must be sound
    left : those of them that are measured (None = all): their weights in proportion, summing to one
    """
    place = Place(file=stated[0].file or None, key=parent)
    weights = np.array([np.nan if node.weight is None else node.weight for node in stated])
    missing = [node.id for node, weight in zip(stated, weights, strict=True) if np.isnan(weight)]
    if missing:
        raise Refusal("weight_missing", Place(file=stated[0].file or None, key=missing[0]), name=missing[0])
    points = bool(np.all(weights == np.round(weights))) and weights.sum() > 1
    if not points and abs(weights.sum() - 1.0) > 1e-9:
        names = ", ".join(node.id for node in stated)
        raise Refusal("weights_do_not_sum", place, names=names, total=f"{weights.sum():.6g}")
    kept = {node.id for node in (stated if left is None else left)}
    weights = weights[[node.id in kept for node in stated]]
    if not weights.sum() > 0:
        raise Refusal("no_weight_left", place, names=", ".join(sorted(kept)))
    return np.asarray(weights / weights.sum())


def table_weights(
    nodes: tuple[Node, ...], table: Mapping[str, float], left: tuple[Node, ...] | None = None
) -> np.ndarray:
    """Weights by node id as the study states them; they must name every node and sum to one.

    left : those of the nodes that are measured (None = all): their weights in proportion, summing to one
    """
    place = Place(file="study.toml", key="[measure.weight] across")
    ids = [node.id for node in nodes]
    for name in table:
        if name not in ids:
            raise Refusal("not_a_top_node", place, name=name, known=", ".join(ids), hint=suggestion(name, ids))
    missing = [name for name in ids if name not in table]
    if missing:
        raise Refusal("weight_missing", place, name=missing[0])
    weights = np.array([table[name] for name in ids])
    if (weights < 0).any():
        raise Refusal("negative_weight", place, found=float(weights.min()))
    if not abs(weights.sum() - 1.0) <= 1e-9:  # nan, which TOML can spell, does not sum either
        raise Refusal("weights_do_not_sum", place, names=", ".join(ids), total=f"{weights.sum():.6g}")
    kept = {node.id for node in (nodes if left is None else left)}
    weights = weights[[name in kept for name in ids]]
    if not weights.sum() > 0:
        raise Refusal("no_weight_left", place, names=", ".join(sorted(kept)))
    return np.asarray(weights / weights.sum())


def nested(tree: Tree, top: np.ndarray | None, pools: Mapping[str, np.ndarray]) -> Weights:
    """Local weights from leaf weights formed in pools.

    Parameters
    ----------
    top : (t, k) weights of the root's k children, or None where the one pool is the whole tree
    pools : pool's node id -> (t, leaves below it) weights summing to one

    Returns
    -------
    node id -> (t,) weight among its siblings: a node carries the sum of its leaves
    """
    mass: Weights = {}
    for name, weights in pools.items():
        for leaf, column in zip(tree.leaves_below(name), weights.T, strict=True):
            mass[leaf.id] = column
    inner = [node.id for node in tree.nodes if not node.is_leaf]
    for name in inner:
        mass[name] = np.sum([mass[leaf.id] for leaf in tree.leaves_below(name)], axis=0)
    local: Weights = {}
    for name in inner:
        children = [child.id for child in tree.children[name]]
        together, total = np.stack([mass[child] for child in children]), mass[name]
        local |= zip(children, np.divide(together, total, out=np.zeros_like(together), where=total > 0), strict=True)
    if top is not None:
        local |= {node.id: column for node, column in zip(tree.top, top.T, strict=True)}
    return local


def by_parent(tree: Tree, form: Callable[[tuple[Node, ...]], np.ndarray]) -> Weights:
    """Local weights formed among siblings at every level: form(siblings) -> (t, k)."""
    local: Weights = {}
    for node in tree.nodes:
        siblings = tree.children[node.id]
        if siblings:
            local |= {child.id: column for child, column in zip(siblings, form(siblings).T, strict=True)}
    return local


def carry_up(
    tree: Tree,
    leaves: Mapping[str, np.ndarray],
    weights: Weights,
    aggregate: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Scores and coverage of every node.

    Parameters
    ----------
    leaves : leaf id -> (n, t) normalised scores, nan = missing; or (d, n, t), with weights (d, t), for d draws at once

    Returns
    -------
    scores : node id -> (n, t), the aggregate of the children that have a score
    coverage : node id -> (n, t) in [0, 1], the share of the node's weight that rests on observed leaves
    """
    scores, coverage = dict(leaves), {name: np.isfinite(x).astype(float) for name, x in leaves.items()}
    for node in reversed(tree.below(tree.root.id)):
        children = tree.children[node.id]
        if not children:
            continue
        local = np.stack([weights[child.id] for child in children], axis=-1)[..., None, :, :]
        scores[node.id] = aggregate(np.stack([scores[child.id] for child in children], axis=-1), local)
        coverage[node.id] = (np.stack([coverage[child.id] for child in children], axis=-1) * local).sum(axis=-1)
    return scores, coverage


def resting(tree: Tree, leaves: Mapping[str, np.ndarray], weights: Weights) -> dict[str, np.ndarray]:
    """Node id -> (n, t) share of its weight that rests on the leaves that are there (leaf id -> (n, t), 1 or 0)."""
    found = dict(leaves)
    for node in reversed(tree.below(tree.root.id)):
        if tree.children[node.id]:
            found[node.id] = np.sum([found[child.id] * weights[child.id] for child in tree.children[node.id]], axis=0)
    return found


def effective(tree: Tree, weights: Weights) -> Weights:
    """Weight of every node in the whole: the product of the local weights on its way to the root."""
    length = len(next(iter(weights.values())))
    whole = {tree.root.id: np.ones(length)}
    for node in tree.below(tree.root.id)[1:]:
        whole[node.id] = whole[node.parent] * weights[node.id]
    return whole
