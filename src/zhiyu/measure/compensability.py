"""Compensability: how far strong attributes make good for weak ones, by replaying the root along the power means.

The family is applied at the root alone, over its children (the attributes); below them the recipe stands as it is, for
two reasons. What a reader of an index is told is that attributes make good for each other; indicators of an attribute
are aspects of one thing. And under min-max every indicator has a region at exactly 0, which a geometric mean among
indicators would sink for that indicator alone; among attributes an exact 0 is rare, and those that occur are counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from zhiyu.measure import hierarchy
from zhiyu.measure.aggregate import arithmetic, power_mean
from zhiyu.measure.draws import ranked
from zhiyu.measure.index import Index, combiner
from zhiyu.terms import Place, Refusal

FULL, GEOMETRIC, NONE = 1.0, 0.0, -np.inf
FAMILY = (FULL, 0.5, GEOMETRIC, -1.0, NONE)  # from full compensation to none


@dataclass(frozen=True)
class Compensability:
    """A root replayed along the power means over its children. p powers, n regions, t years.

    Scores are on the recipe's scale; everything is nan (or "") where the index has no rank, as for aggregates.

    scores : (power, region, year)
    ranks : (power, region, year) 1 = best; scores that differ by rounding alone are ties.
    loss : (region, year) `imbalance_loss`, within [0, 1].
    weakest, strongest : (region, year) ids of the children with the least and the greatest score, the first of equals.
    gain : (power, region, year) points the root gains if the weakest child is raised to the arithmetic mean.
    trade_off : (power, region, year) points of the strongest child that make good for a point of the weakest.
    zeros : (region, year) children of a score of exactly 0: from power 0 down such a region scores 0.
    """

    scores: xr.DataArray
    ranks: xr.DataArray
    loss: xr.DataArray
    weakest: xr.DataArray
    strongest: xr.DataArray
    gain: xr.DataArray
    trade_off: xr.DataArray
    zeros: xr.DataArray

    def moves(self, power: float = NONE) -> xr.DataArray:
        """(region, year) places gained (positive) or lost from the arithmetic mean to that power."""
        return self.ranks.sel(power=FULL, drop=True) - self.ranks.sel(power=power, drop=True)


def power_family(x: np.ndarray, weights: np.ndarray, powers: tuple[float, ...] = FAMILY) -> np.ndarray:
    """Power means of several powers: the lower, the less one child makes good for another.

    s_r = (sum_j w_j x_j^r / sum_j w_j)^(1/r);  r = 1 arithmetic, 0 geometric, -1 harmonic, -inf the least child

    Parameters
    ----------
    x : (..., k) array
        Non-negative scores; nan = not there, left out, the rest in proportion.
    weights : (..., k) array
        Non-negative, broadcast against x; a child of weight 0 counts nowhere, not even as the least.
    powers : p powers

    Returns
    -------
    (p, ...) array
        Falls from power to power. A child at 0 makes every s_r with r <= 0 zero. nan where no child is there.

    Raises
    ------
    Refusal
        If a score is negative.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 6; Decancq and Lugo (2013),
    Econometric Reviews 32.
    """
    return np.stack([_mean(x, weights, power) for power in powers])


def imbalance_loss(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of the arithmetic mean that the geometric mean does not reach: the part owed to compensation.

    l = 1 - s_0 / s_1;  0 where all children are equal (also all 0), 1 where one is 0 and another is not

    Parameters
    ----------
    x : (..., k) array
        Non-negative scores; nan = not there.
    weights : (..., k) array

    Returns
    -------
    (...) array
        Within [0, 1], unit-free: the same if all scores are multiplied, but not if their zero moves.

    Source: the index of Atkinson (1970), Journal of Economic Theory 2, with aversion 1, over a region's own children.
    """
    geometric, mean = _mean(x, weights, GEOMETRIC), _mean(x, weights, FULL)
    return np.asarray(np.maximum(0.0, 1.0 - np.divide(geometric, mean, out=np.ones_like(mean), where=mean != 0)))


def trade_off(weak: np.ndarray, strong: np.ndarray, ratio: np.ndarray, power: float) -> np.ndarray:
    """Points of one child that make good for the loss of one point of another, at the margin.

    m = (w_i / w_j) (x_i / x_j)^(r - 1):  under the arithmetic mean w_i / w_j, whatever the scores

    Parameters
    ----------
    weak, strong : (...) arrays
        x_i of the child that loses a point and x_j of the one that makes good for it, not negative.
    ratio : (...) array
        w_i / w_j
    power : r

    Returns
    -------
    (...) array
        w_i / w_j where the scores are equal; inf where no gain makes good: where x_i = 0 < x_j (below power 1), and at
        power -inf wherever x_i < x_j.

    Source: the marginal rate of substitution of the power mean; Decancq and Lugo (2013), Econometric Reviews 32.
    """
    if power == FULL:
        return np.array(ratio, dtype=float)
    relative = np.divide(weak, strong, out=np.ones_like(strong), where=strong != 0)
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(ratio * relative ** (power - 1.0))


def compensability(index: Index) -> Compensability:
    """The root of an index replayed along `FAMILY` over its children, with the index's own weights.

    A child that is missing is left out and the rest count in proportion, as when the index was measured: the ranks at
    power 1 are the index's own if it adds up arithmetically. A region without its weakest child is flattered by that.

    Raises
    ------
    Refusal
        If children's scores are negative, as those from z-scores are: a geometric mean has no meaning for them.
    """
    x, weights = _judged(index)
    if (x < 0).any():
        place = Place(file="study.toml", key="[measure] normalise")
        raise Refusal("compensability_negative", place, low=f"{float(np.nanmin(x)):.3g}")
    names, scale = np.array([node.id for node in index.tree.top]), float(index.recipe.normalise.scale)
    there = np.isfinite(x) & (weights > 0)
    low = np.where(there, x, np.inf).argmin(axis=-1)[..., None]
    high = np.where(there, x, -np.inf).argmax(axis=-1)[..., None]
    weak, strong = (np.take_along_axis(x, at, axis=-1)[..., 0] for at in (low, high))
    wide = np.broadcast_to(weights, x.shape)
    light, heavy = (np.take_along_axis(wide, at, axis=-1)[..., 0] for at in (low, high))
    ratio = np.divide(light, heavy, out=np.full(light.shape, np.nan), where=there.any(axis=-1))
    scores, raised = power_family(x, weights), x.copy()
    np.put_along_axis(raised, low, scores[FAMILY.index(FULL), ..., None], axis=-1)
    none = ~there.any(axis=-1)

    cell = {"region": list(index.codes), "year": list(index.years)}
    family = {"power": list(FAMILY), **cell}

    def of_cells(values: np.ndarray) -> xr.DataArray:
        return xr.DataArray(values, cell, tuple(cell))

    def of_powers(values: np.ndarray) -> xr.DataArray:
        return xr.DataArray(values, family, tuple(family))

    judged = np.ones(len(index.codes), dtype=bool)  # those that are not have no score here
    return Compensability(
        scores=of_powers(scores * scale),
        ranks=of_powers(ranked(scores.transpose(0, 2, 1), judged, 1e-12).transpose(0, 2, 1)),
        loss=of_cells(imbalance_loss(x, weights)),
        weakest=of_cells(np.where(none, "", names[low[..., 0]])),
        strongest=of_cells(np.where(none, "", names[high[..., 0]])),
        gain=of_powers((power_family(raised, weights) - scores) * scale),
        trade_off=of_powers(np.stack([np.where(none, np.nan, trade_off(weak, strong, ratio, r)) for r in FAMILY])),
        zeros=of_cells((there & (x == 0)).sum(axis=-1)),
    )


def has_compensability(index: Index) -> bool:
    """Whether there are children to make good for each other, and none of their scores is negative."""
    x, _ = _judged(index)
    return len(index.tree.top) > 1 and not bool((x < 0).any())


def _mean(x: np.ndarray, weights: np.ndarray, power: float) -> np.ndarray:
    if power == NONE:
        least = np.where(np.isfinite(x) & (weights > 0), x, np.inf).min(axis=-1)
        return np.where(np.isinf(least), np.nan, least)
    if power == FULL:  # as the index itself adds up, to the last bit
        return arithmetic(x, weights)
    return power_mean(x, weights, power)


def _judged(index: Index) -> tuple[np.ndarray, np.ndarray]:
    """(region, year, k) scores of the root's children on [0, 1], nan without a rank, and their (year, k) weights.

    Carried up anew: a child whose coverage is too low to be shown still counts in the root.
    """
    tree, tops = index.tree, [node.id for node in index.tree.top]
    leaves = {leaf.id: index.scores.sel(node=leaf.id).values / index.recipe.normalise.scale for leaf in tree.leaves}
    weights = {node.id: index.weights.sel(node=node.id).values for node in tree.nodes}
    carried, _ = hierarchy.carry_up(tree, leaves, weights, combiner(index.recipe))
    without = ~np.isfinite(index.ranks.sel(node=tree.root.id).values)
    x = np.stack([carried[name] for name in tops], axis=-1)
    return np.where(without[..., None], np.nan, x), index.weights.sel(node=tops).values
