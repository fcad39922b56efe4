"""The spatial weights that a study asks for, among the regions of its panel that count."""

from __future__ import annotations

from pathlib import Path

from zhiyu.data import economic, neighbours
from zhiyu.data.neighbours import Neighbours, row_standardise
from zhiyu.data.panel import Panel
from zhiyu.explain.choice import SpaceChoice
from zhiyu.terms import Place, Refusal


def weights(
    choice: SpaceChoice, panel: Panel, contiguity: Neighbours | None, flows: Path | None = None
) -> Neighbours | None:
    """Row-standardised weights by `[explain.space] weights`; None where "auto" finds neither edges nor coordinates.

    contiguity : of the file that `[data] neighbours` names, None without one; flows : the file of `[data] flows`
    """
    place = Place(file="study.toml", key="[explain.space] weights")
    try:
        found = _found(choice, panel, contiguity, flows)
    except Refusal as refusal:
        raise refusal if refusal.message.place.file else refusal.at(place) from refusal
    return None if found is None else row_standardise(found)


def _found(choice: SpaceChoice, panel: Panel, contiguity: Neighbours | None, flows: Path | None) -> Neighbours | None:
    counted = [region for region in panel.regions.rows if not region.aggregate]
    located = all(region.lon is not None and region.lat is not None for region in counted)
    if choice.weights == "contiguity" and contiguity is None:
        raise Refusal("no_contiguity")
    if choice.weights in ("auto", "contiguity") and contiguity is not None:
        return contiguity
    if choice.weights == "auto" and not (located and len(counted) > choice.k):
        return None
    if choice.weights in ("auto", "nearest"):
        return neighbours.from_coordinates(panel.regions, k=choice.k)
    if choice.weights == "flows":
        if flows is None:
            raise Refusal("no_flows")
        return economic.from_flows(flows, panel.regions)
    if choice.weights == "distance":
        return neighbours.from_coordinates(panel.regions, decay=choice.decay)
    if not choice.by:
        raise Refusal("weights_by_what")
    outcome = [choice.outcome] if choice.outcome else []
    alike = economic.from_variable(panel, choice.by, panel.years[0], outcome=outcome)
    if choice.weights == "economic":
        return alike
    return economic.nested(neighbours.from_coordinates(panel.regions, decay=choice.decay), alike)
