"""What growth accounts are read from: output, inputs, shares and the growth of nodes beside them, by label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from zhiyu.data import formula
from zhiyu.data.panel import QUALITIES, Panel
from zhiyu.explain.of import samples
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Place, Refusal, text

INPUTS = {"capital": "capital_stock_real2011_100m", "labour": "population_10k"}
TRUSTED = "A-"  # a variable graded below is named with its note
LEAST_YEARS = 4  # three steps, the fewest that a trend can be told from


def read(panel: Panel, index: Index | None, wanted: str) -> xr.DataArray:
    """(region, year) values of a formula over the panel, or scores of a node if its years compare."""
    if index is not None and index.comparable and wanted in index.tree.by_id and wanted not in panel.names:
        scores = index.scores.sel(node=wanted, drop=True).transpose("region", "year")
        return scores.reindex(region=list(panel.codes), year=list(panel.years))
    missing = sorted(formula.names(wanted) - set(panel.names))
    if missing:
        raise Refusal("production_variables", names=", ".join(missing))
    return samples.labelled(panel, panel.compute(wanted))


def share(panel: Panel, index: Index | None, wanted: float | str) -> xr.DataArray:
    if isinstance(wanted, str):
        return read(panel, index, wanted)
    return samples.labelled(panel, np.full((len(panel.codes), len(panel.years)), float(wanted)))


def complete(panel: Panel, arrays: list[xr.DataArray], output: xr.DataArray) -> samples.Sample:
    """Regions complete in everything over the years that count, under the codes of the panel."""
    there = np.all([np.isfinite(one.values) for one in arrays], axis=0)
    codes = [code for code, counts in zip(panel.codes, panel.judged, strict=True) if counts]
    found = samples.sample("output", Label("", ""), output.where(there), codes)
    if found is None or len(found.years) < LEAST_YEARS:
        seen = there[panel.judged]
        counted = seen.mean(axis=0) >= samples.HALF if len(seen) else np.zeros(len(panel.years), dtype=bool)
        regions, years = int(seen[:, counted].all(axis=1).sum() if counted.any() else 0), int(counted.sum())
        raise Refusal("production_few", regions=regions, years=years, least=LEAST_YEARS)
    return found


def placed(
    refusal: Refusal, panel: Panel, codes: list[str], years: np.ndarray, output: str, inputs: list[str]
) -> Refusal:
    """The refusal of a cell, with its region, year and formula."""
    told = refusal.message.values
    if refusal.key != "production_cell":
        return refusal
    outputs = told["kind"].en == text("explain.productivity.output", "en")
    name = output if outputs else inputs[told["j"]]
    return refusal.at(Place(column=name, region=panel.regions.label(codes[told["i"]]), year=int(years[told["t"]])))


def rates(
    index: Index | None, codes: list[str], years: np.ndarray, beside: Sequence[str], inputs: np.ndarray, own: list[str]
) -> dict[str, np.ndarray]:
    """factor -> (n, t-1) growth a year; nan where a node has no score above zero at both ends."""
    found = {name: inputs[..., j] for j, name in enumerate(own)}
    for node in beside if index is not None and index.comparable else ():
        assert index is not None
        if node in index.tree.by_id and node not in own:
            scores = index.scores.sel(node=node, drop=True).reindex(region=codes, year=years.tolist())
            values = scores.transpose("region", "year").values
            with np.errstate(invalid="ignore", divide="ignore"):
                ln = np.log(np.where(values > 0, values, np.nan))
            found[node] = np.diff(ln, axis=1) / np.diff(years)
    return found


def labels(
    asked: Mapping[str, str], growing: Mapping[str, np.ndarray], panel: Panel, index: Index | None
) -> dict[str, Label]:
    """Part or factor -> its name: capital and labour by their own, others by the variable's or the node's."""
    found = {"growth": said("explain.productivity.growth"), "tfp": said("explain.productivity.tfp")}
    for name in growing:
        wanted = asked.get(name, name)
        if name in INPUTS:
            found[name] = said(f"explain.productivity.{name}")
        elif index is not None and wanted in index.tree.by_id and wanted not in panel.names:
            found[name] = index.tree[wanted].label
        else:
            found[name] = panel.variables[wanted].label if wanted in panel.names else Label(name, name)
    return found


def doubts(panel: Panel, formulas: Sequence[str]) -> dict[str, tuple[Label, str, Label]]:
    """Variables graded below `TRUSTED`, in the panel's order."""
    used = {name for one in formulas for name in formula.names(one)}
    meant = [panel.variables[name] for name in panel.names if name in used]
    weak = [one for one in meant if one.quality and QUALITIES.index(one.quality) > QUALITIES.index(TRUSTED)]
    return {one.name: (one.label, one.quality, one.note) for one in weak}


def said(key: str, **values: object) -> Label:
    return Label(text(key, "zh", **values), text(key, "en", **values))
