"""Drop-one: how ranks move when an indicator, or a whole top node, is left out of the index."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import xarray as xr

from zhiyu.data.panel import Panel
from zhiyu.framework.framework import Framework
from zhiyu.measure import draws, index
from zhiyu.measure.recipe import Recipe


def drop_one(
    panel: Panel, framework: Framework, recipe: Recipe, what: Literal["indicator", "top"] = "indicator"
) -> xr.DataArray:
    """How a region's rank changes when one indicator, or one top node with all of its indicators, is left out.

    Weights are formed anew among what is left.

    Returns
    -------
    (left_out, region, year) array of places lost (positive) or gained; nan where a region is not ranked in both.
    """
    ready = index.prepare(panel, framework, recipe)
    leaves = [leaf.id for leaf in ready.tree.leaves]

    def ranks(kept: list[str]) -> np.ndarray:
        tree = ready.tree.without(set(leaves) - set(kept))
        columns = [leaves.index(leaf.id) for leaf in tree.leaves]
        values = {name: ready.values[name] for name in kept}
        part = replace(ready, tree=tree, x=ready.x[..., columns], values=values)
        z = index.normalised(panel, part, recipe)
        weights, _ = index.weighed(panel, part, z, recipe, framework.tree)
        shown, _ = index.combined(tree, z, weights, recipe)
        return draws.ranked(shown[tree.root.id].T, ready.judged).T

    nodes = ready.tree.leaves if what == "indicator" else ready.tree.top
    gone = {node.id: {leaf.id for leaf in ready.tree.leaves_below(node.id)} for node in nodes}
    gone = {name: lost for name, lost in gone.items() if len(lost) < len(leaves)}
    base = ranks(leaves)
    changes = [ranks([leaf for leaf in leaves if leaf not in lost]) - base for lost in gone.values()]
    place = {"left_out": list(gone), "region": list(panel.codes), "year": np.asarray(panel.years)}
    return xr.DataArray(np.stack(changes) if changes else np.empty((0, *base.shape)), place, tuple(place))
