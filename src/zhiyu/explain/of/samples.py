"""Samples for measures of disparity: the same regions in every year, taken from an index or a panel by their codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from zhiyu.data import formula
from zhiyu.data.panel import Panel
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Refusal, text

OUTCOMES = {"output_per_head": "gdp_real2011_100m / population_10k", "income_per_head": "disposable_income_pc_yuan"}
TOTALS = ("rd_researchers_fte", "tech_market_output_10k", "tech_market_absorb_10k")  # of claim C10
HALF = 0.5  # a year belongs to a sample if this share of the regions has a value


@dataclass(frozen=True)
class Sample:
    """values : (year, region) complete; regions : codes; left_out : codes of those that lack a year."""

    id: str
    label: Label
    values: xr.DataArray
    left_out: tuple[str, ...]

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(int(year) for year in self.values["year"].values)

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(str(code) for code in self.values["region"].values)


def scores(index: Index, codes: list[str]) -> Iterator[Sample]:
    """The root and each top node."""
    for node in (index.tree.root, *index.tree.top):
        found = sample(node.id, node.label, index.scores.sel(node=node.id, drop=True), codes)
        if found is not None:
            yield found


def outcomes(panel: Panel, codes: list[str]) -> Iterator[Sample]:
    """What the panel has of `OUTCOMES`."""
    for name, expression in OUTCOMES.items():
        if formula.names(expression) <= set(panel.names):
            label = Label(text(f"explain.outcome.{name}", "zh"), text(f"explain.outcome.{name}", "en"))
            found = sample(name, label, labelled(panel, panel.compute(expression)), codes)
            if found is not None:
                yield found


def totals(panel: Panel, codes: list[str]) -> Iterator[Sample]:
    """What the panel has of `TOTALS`."""
    for name in TOTALS:
        if name in panel.names:
            found = sample(name, panel.variables[name].label, labelled(panel, panel.values(name)), codes)
            if found is not None:
                yield found


def taking_part(index: Index, grouping: str | None) -> list[str]:
    """Codes of the regions that are no aggregates and, where there is a grouping, belong to a group of it."""
    known = None if grouping is None else {c for codes in index.regions.grouping(grouping).values() for c in codes}
    return [c for c in index.codes if not index.regions[c].aggregate and (known is None or c in known)]


def labelled(panel: Panel, values: np.ndarray) -> xr.DataArray:
    """(region, year) values of a panel under its codes and years."""
    return xr.DataArray(values, {"region": list(panel.codes), "year": np.asarray(panel.years)}, ("region", "year"))


def sample(name: str, label: Label, values: xr.DataArray, codes: list[str]) -> Sample | None:
    """The years in which half of the regions have a value, and the regions that have one in all of those years.

    None where fewer than three regions remain: no distribution can be told from two.
    """
    whole = values.reindex(region=codes).transpose("year", "region")
    seen = np.isfinite(whole.values)
    years = seen.mean(axis=1) >= HALF
    kept = seen[years].all(axis=0)
    if not years.any() or kept.sum() < 3:
        return None
    left_out = tuple(code for code, stays in zip(codes, kept, strict=True) if not stays)
    return Sample(name, label, whole.isel(year=np.flatnonzero(years), region=np.flatnonzero(kept)), left_out)


def weighing(panel: Panel, name: str, taken: Sample) -> np.ndarray:
    """(year, region) weights of a sample from a variable of the panel, or a refusal."""
    if name not in panel.names:
        raise Refusal("disparity_weight_variable", name=name)
    found = labelled(panel, panel.values(name)).sel(region=list(taken.regions), year=list(taken.years))
    weights = np.asarray(found.transpose("year", "region").values)
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise Refusal("disparity_weight_variable", name=name)
    return weights
