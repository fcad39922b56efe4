"""Obstacle degree: which indicators a region's distance from the full score lies in.

A description of where the score is lost. It says nothing of why.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from zhiyu.measure.index import Index
from zhiyu.terms import Place, Refusal

ROUNDING = 1e-9  # a score this far beyond [0, 1] is rounding


def obstacle_degrees(z: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of each indicator in the weighted distance from the full score.

    O_j = f_j d_j / sum_k f_k d_k,  d_j = 1 - z_j,  over the k that are there; all 0 where nothing is lost

    Parameters
    ----------
    z : (..., p) array
        Oriented, normalised scores within [0, 1]; nan = missing, left out, the rest in proportion.
    weights : (..., p) array
        f_j, the factor contribution: the indicator's weight in the whole, not negative; broadcast against z.

    Returns
    -------
    (..., p) array
        Unit-free, within [0, 1], summing to 1 (or 0) where any indicator is there; nan where one is missing.

    Raises
    ------
    Refusal
        If a score lies outside [0, 1]: d is a distance from the best there can be. Beyond 1 it would be negative, and
        shares of such a sum may exceed 1 or change sign; capped, it would call a standing reached that the
        normalisation says is not the top (a z-score of 1 is one deviation above the mean, no more).

    Source: the obstacle degree model of Chinese evaluation studies (factor contribution, deviation, obstacle degree),
    in common use and without one agreed origin.
    """
    there = np.isfinite(z)
    if (np.where(there, np.abs(z - 0.5), 0.0) > 0.5 + ROUNDING).any():
        raise Refusal("scores_not_shares", low=f"{np.nanmin(z):.3g}", high=f"{np.nanmax(z):.3g}")
    lost = np.where(there, weights * (1.0 - np.clip(z, 0.0, 1.0)), 0.0)
    total = lost.sum(axis=-1, keepdims=True)
    shares = np.divide(lost, total, out=np.zeros(np.broadcast(lost, total).shape), where=total > 0)
    return np.where(there, shares, np.nan)


def obstacles(index: Index) -> xr.DataArray:
    """Obstacle degrees of every indicator of an index, with its weight in the whole as factor contribution.

    Returns
    -------
    (region, year, indicator) array
        Sums to 1 over indicators (to 0 where all are at their best); nan for a missing indicator, and throughout where
        the index gives no total score, as for aggregates such as "EU", which have no rank either.

    Raises
    ------
    Refusal
        If normalised scores lie outside [0, 1], as z-scores do, and scores beyond those of a base year.
    """
    z, weights = _judged(index)
    leaves = [leaf.id for leaf in index.tree.leaves]
    try:
        found = obstacle_degrees(z, weights)
    except Refusal as refusal:
        raise refusal.at(Place(file="study.toml", key="[measure] normalise")) from refusal
    place = {"region": list(index.codes), "year": list(index.years), "indicator": leaves}
    return xr.DataArray(found, place, ("region", "year", "indicator"))


def has_obstacles(index: Index) -> bool:
    """Whether all normalised scores lie within [0, 1], as obstacle degrees need."""
    z, _ = _judged(index)
    return bool((np.abs(z[np.isfinite(z)] - 0.5) <= 0.5 + ROUNDING).all())


def by_top(index: Index, found: xr.DataArray) -> xr.DataArray:
    """Obstacle degrees (region, year, indicator) summed to top nodes: (region, year, node), nan where none is known."""
    parts = [
        found.sel(indicator=[leaf.id for leaf in index.tree.leaves_below(node.id)]).sum("indicator", min_count=1)
        for node in index.tree.top
    ]
    tops = xr.concat(parts, dim="node").assign_coords(node=[node.id for node in index.tree.top])
    return tops.transpose("region", "year", "node")


def _judged(index: Index) -> tuple[np.ndarray, np.ndarray]:
    """(region, year, p) normalised scores of the leaves, nan without a rank, and their (year, p) weights."""
    leaves = [leaf.id for leaf in index.tree.leaves]
    ranked = np.isfinite(index.ranks.sel(node=index.tree.root.id).values)
    z = index.scores.sel(node=leaves).values / index.recipe.normalise.scale
    return np.where(ranked[..., None], z, np.nan), index.effective.sel(node=leaves).values
