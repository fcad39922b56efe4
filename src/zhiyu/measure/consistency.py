"""Internal consistency: whether indicators that are added up go together, with each other, their parent and the root.

Region-years are pooled, as they are for the weights: what all indicators share by growing together over the years is in
these figures too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.framework.tree import Node
from zhiyu.measure.index import Index
from zhiyu.measure.weighting import correlations

NEAR_ZERO = 0.1  # a correlation closer to nothing than this says that two things do not go together

Flag = Literal["", "negative", "near_zero"]


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha of some items of one node.

    items : how many; cases : complete region-years.
    covariance : alpha of the scores as they are added up; standardised : of scores of equal variance.
    Both are nan with fewer than two items, or where nothing varies.
    """

    node: Node
    items: int
    cases: int
    covariance: float
    standardised: float


@dataclass(frozen=True)
class Item:
    """An indicator's correlations, nan where they are not defined.

    siblings : with the sum of its siblings' scores, itself left out (the corrected item-total correlation).
    with_parent, with_root : with the scores of its parent and of the root, which it is part of; an only child is its
    parent, and has neither siblings nor a correlation with it.
    """

    node: Node
    parent: Node
    siblings: float
    with_parent: float
    with_root: float

    @property
    def flag(self) -> Flag:
        """What the least of the correlations says: that the indicator runs against the others, or stands apart."""
        known = [r for r in (self.siblings, self.with_parent, self.with_root) if math.isfinite(r)]
        if not known or min(known) >= NEAR_ZERO:
            return ""
        return "negative" if min(known) <= -NEAR_ZERO else "near_zero"


@dataclass(frozen=True)
class Consistency:
    """What an index's scores say of its tree.

    groups : alpha of the children of every inner node with two or more, parents first.
    leaves : alpha of the indicators below the root and below every top node that has two or more.
    items : correlations of every indicator.
    """

    groups: tuple[Alpha, ...]
    leaves: tuple[Alpha, ...]
    items: tuple[Item, ...]


def consistency(index: Index) -> Consistency:
    """Alphas and correlations of an index's scores, oriented and normalised, over all ranked regions and years."""
    tree = index.tree
    judged = np.array([not index.regions[code].aggregate for code in index.codes])
    scores = {node.id: index.scores.sel(node=node.id).values[judged].ravel() for node in tree.nodes}

    def alpha(node: Node, items: tuple[Node, ...]) -> Alpha:
        x = complete(np.stack([scores[item.id] for item in items], axis=-1))
        return Alpha(node, len(items), len(x), cronbach_alpha(x), standardised_alpha(x))

    def item(leaf: Node) -> Item:
        others = [scores[node.id] for node in tree.children[leaf.parent] if node.id != leaf.id]
        beside = correlation(scores[leaf.id], np.sum(others, axis=0)) if others else math.nan
        parent = correlation(scores[leaf.id], scores[leaf.parent]) if others else math.nan
        return Item(leaf, tree[leaf.parent], beside, parent, correlation(scores[leaf.id], scores[tree.root.id]))

    inner = [node for node in tree.below(tree.root.id) if len(tree.children[node.id]) > 1]
    wide = [node for node in (tree.root, *tree.top) if len(tree.leaves_below(node.id)) > 1]
    return Consistency(
        groups=tuple(alpha(node, tree.children[node.id]) for node in inner),
        leaves=tuple(alpha(node, tree.leaves_below(node.id)) for node in wide),
        items=tuple(item(leaf) for leaf in tree.leaves),
    )


def cronbach_alpha(x: np.ndarray) -> float:
    """Cronbach's alpha from covariances.

    alpha = k / (k - 1) * (1 - sum_j s_j^2 / s_T^2),  s_j^2 the variance of item j, s_T^2 that of the sum of all k

    Parameters
    ----------
    x : (n, k) array
        n cases of k items, oriented alike, in one unit; cases with a nan are left out.

    Returns
    -------
    float
        At most 1; below 0 where items run against each other; nan with fewer than two items or complete cases, or where
        the sum does not vary.

    Source: Cronbach (1951), Coefficient Alpha and the Internal Structure of Tests, Psychometrika 16.
    """
    x = complete(x)
    n, k = x.shape
    if n < 2 or k < 2 or _flat(x.sum(axis=1), x):
        return math.nan
    return float(k / (k - 1) * (1.0 - x.var(axis=0, ddof=1).sum() / x.sum(axis=1).var(ddof=1)))


def standardised_alpha(x: np.ndarray) -> float:
    """Cronbach's alpha of items brought to one variance, from correlations.

    alpha = k r / (1 + (k - 1) r),  r the mean correlation of the k (k - 1) / 2 pairs

    Parameters
    ----------
    x : (n, k) array
        n cases of k items, oriented alike, in any units; cases with a nan are left out.

    Returns
    -------
    float
        At most 1; nan with fewer than two items or complete cases, where an item or the sum does not vary.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 4.
    """
    x = complete(x)
    n, k = x.shape
    if n < 2 or k < 2 or any(_flat(column, column) for column in x.T):
        return math.nan
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    return cronbach_alpha(z)


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation over the cases that have both; nan with fewer than three, or where one does not vary.

    r = sum_i (x_i - mean x)(y_i - mean y) / sqrt(sum_i (x_i - mean x)^2 sum_i (y_i - mean y)^2)

    Source: Pearson (1896), Philosophical Transactions of the Royal Society A 187.
    """
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < 3 or _flat(x, x) or _flat(y, y):
        return math.nan
    return float(correlations(np.column_stack([x, y]))[0, 1])


def complete(x: np.ndarray) -> np.ndarray:
    """The rows of (n, k) without a nan."""
    return np.asarray(x[np.isfinite(x).all(axis=1)])


def _flat(values: np.ndarray, size: np.ndarray) -> bool:
    """Whether values differ by no more than the rounding of numbers of that size."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(size).max())
