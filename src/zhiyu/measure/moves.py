"""Big moves: a region's jump in rank from a year to the next, traced to indicators and to the state of their cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from zhiyu.data.panel import Mark
from zhiyu.framework.tree import Node
from zhiyu.measure.index import Index

WEAK = (
    Mark.MISSING,
    Mark.INTERPOLATED,
    Mark.ABSENT,
    Mark.IMPUTED,
)  # a change that rests on such a cell may be no change of the region


@dataclass(frozen=True)
class Driver:
    """An indicator's part in a move.

    change : points of the root's score that the indicator added, less what it added for the median region.
    before, after : the state of its cells in the two years.
    """

    node: Node
    change: float
    before: Mark
    after: Mark

    @property
    def weak(self) -> bool:
        return self.before in WEAK or self.after in WEAK


@dataclass(frozen=True)
class Move:
    """A region's jump in the root's ranking between two neighbouring years of an index.

    drivers : the indicators that changed most against the median region, greatest first.
    weak : indicators whose cells were missing, interpolated, declared absent or imputed in either year.
    coverage : share of the root's weight that rests on observed leaves, in the two years.
    """

    region: str
    since: int
    year: int
    before: int
    after: int
    drivers: tuple[Driver, ...]
    weak: tuple[Driver, ...]
    coverage: tuple[float, float]

    @property
    def places(self) -> int:
        """Places gained (positive) or lost."""
        return self.before - self.after


def contributions(index: Index) -> xr.DataArray:
    """Points that each leaf brings to the root's score.

    c_ijt = s_ijt prod_v (w_vt / sum_u w_ut),  v running from the leaf up to the root's child, u over the siblings of v
    (v among them) that have a score in that region and year. Under arithmetic aggregation sum_j c_ijt is the root's
    score.

    Returns
    -------
    (region, year, indicator) array in points of the root's scale; 0 where the leaf is missing.
    """
    tree, shape = index.tree, (len(index.codes), len(index.years))
    weights = {node.id: index.weights.sel(node=node.id).values[None, :] for node in tree.nodes}
    there = {leaf.id: np.isfinite(index.scores.sel(node=leaf.id).values) for leaf in tree.leaves}
    for node in reversed(tree.below(tree.root.id)):
        if not node.is_leaf:
            there[node.id] = np.any([there[c.id] & (weights[c.id] > 0) for c in tree.children[node.id]], axis=0)
    share = {tree.root.id: np.ones(shape)}
    for node in tree.below(tree.root.id):
        children = tree.children[node.id]
        held = {child.id: np.where(there[child.id], weights[child.id], 0.0) for child in children}
        total = np.sum(list(held.values()), axis=0) if children else np.ones(shape)
        for child in children:
            part = np.divide(held[child.id], total, out=np.zeros(shape), where=total > 0)
            share[child.id] = share[node.id] * part
    leaves = [leaf.id for leaf in tree.leaves]
    points = np.stack([share[leaf] * np.nan_to_num(index.scores.sel(node=leaf).values) for leaf in leaves], axis=-1)
    return xr.DataArray(
        points,
        {"region": list(index.codes), "year": list(index.years), "indicator": leaves},
        ("region", "year", "indicator"),
    )


def big_moves(index: Index, jump: int, most: int = 3) -> tuple[Move, ...]:
    """Every region-year whose root rank moved by more than `jump` places from the year before, the widest first.

    Parameters
    ----------
    most : how many drivers a move names
    """
    ranks = index.ranks.sel(node=index.tree.root.id).values
    points = contributions(index).values
    found = []
    for t in range(1, len(index.years)):
        both = np.isfinite(ranks[:, t]) & np.isfinite(ranks[:, t - 1])
        if not both.any():
            continue
        change = points[:, t] - points[:, t - 1]
        apart = change - np.median(change[both], axis=0)
        found += [
            _move(index, i, t, apart[i], most)
            for i in range(len(ranks))
            if both[i] and abs(ranks[i, t] - ranks[i, t - 1]) > jump
        ]
    return tuple(sorted(found, key=lambda move: (-abs(move.places), move.year, move.region)))


def _move(index: Index, i: int, t: int, apart: np.ndarray, most: int) -> Move:
    marks = index.marks.values
    root = index.tree.root.id
    ranks = index.ranks.sel(node=root).values[i]
    coverage = index.coverage.sel(node=root).values[i]
    drivers = [
        Driver(leaf, float(apart[j]), Mark(int(marks[i, t - 1, j])), Mark(int(marks[i, t, j])))
        for j, leaf in enumerate(index.tree.leaves)
    ]
    ordered = sorted(drivers, key=lambda driver: -abs(driver.change))
    return Move(
        region=index.codes[i],
        since=index.years[t - 1],
        year=index.years[t],
        before=int(ranks[t - 1]),
        after=int(ranks[t]),
        drivers=tuple(driver for driver in ordered[:most] if driver.change != 0.0),
        weak=tuple(driver for driver in drivers if driver.weak),
        coverage=(float(coverage[t - 1]), float(coverage[t])),
    )
