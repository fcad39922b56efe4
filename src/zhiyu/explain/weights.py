"""The spatial weights that a study asks for, among the regions of its panel that count."""

from __future__ import annotations

from zhiyu.data import neighbours
from zhiyu.data.neighbours import Neighbours, row_standardise
from zhiyu.data.panel import Panel
from zhiyu.explain.choice import SpaceChoice
from zhiyu.terms import Place, Refusal


def weights(choice: SpaceChoice, panel: Panel, contiguity: Neighbours | None) -> Neighbours | None:
    """Row-standardised weights by `[explain.space] weights`; None where "auto" finds neither edges nor coordinates.

    contiguity : of the file that `[data] neighbours` names, None without one
    """
    located = all(region.lon is not None and region.lat is not None for region in panel.regions.rows)
    kind = choice.weights
    if kind == "auto":
        kind = "contiguity" if contiguity is not None else "nearest"
        if contiguity is None and (not located or int(panel.judged.sum()) <= choice.k):
            return None
    place = Place(file="study.toml", key="[explain.space] weights")
    try:
        if kind == "contiguity":
            if contiguity is None:
                raise Refusal("no_contiguity", place)
            return row_standardise(contiguity)
        if kind == "nearest":
            return row_standardise(neighbours.from_coordinates(panel.regions, k=choice.k))
        return row_standardise(neighbours.from_coordinates(panel.regions, decay=choice.decay))
    except Refusal as refusal:
        raise refusal.at(place) from refusal
