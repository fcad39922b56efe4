"""Indicators made ready for a scale: missing cells imputed, outliers treated, each changed cell recorded.

Both act on indicators in their own units, before direction and normalisation. Imputation goes by year, treatment by all
region-years pooled; aggregates such as "EU" take no part in either, and are treated by what the others show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from zhiyu.data.panel import Mark, Panel
from zhiyu.measure.recipe import Impute, Treat
from zhiyu.methods import find
from zhiyu.terms import Place, Refusal

Values = dict[str, np.ndarray]  # indicator -> (n, t)


@dataclass(frozen=True)
class Altered:
    """An indicator's cell that imputation or treatment changed; `before` is nan where it was missing.

    how : the rule: "group-mean" of an imputation; "winsorised", "log" or "boxcox" of a treatment.
    """

    indicator: str
    region: str
    year: int
    before: float
    after: float
    how: str


def impute(panel: Panel, values: Mapping[str, np.ndarray], choice: Impute) -> tuple[Values, tuple[Altered, ...]]:
    """Indicators with missing cells filled by the recipe's rule, and the cells that were.

    Parameters
    ----------
    values : indicator -> (n, t), nan = missing

    Raises
    ------
    Refusal
        If the method is unknown, or the region set has no such grouping.
    """
    fill = find("impute", choice.method, Place(file="study.toml", key="[measure.impute] method"))
    if fill.name == "none":
        return dict(values), ()
    groups = _groups(panel, choice.groups)
    filled = {name: fill.owes(fill(x, groups), x.shape) for name, x in values.items()}
    record = [
        _altered(panel, name, i, t, x, filled[name], fill.name)
        for name, x in values.items()
        for i, t in np.argwhere(np.isnan(x) & np.isfinite(filled[name]))
    ]
    return filled, tuple(record)


def treat(panel: Panel, values: Mapping[str, np.ndarray], choice: Treat) -> tuple[Values, tuple[Altered, ...]]:
    """Indicators with their outliers treated by the recipe's method, and every cell that changed.

    Parameters
    ----------
    values : indicator -> (n, t), nan = missing, which stays so
    """
    method = find("treat", choice.method, Place(file="study.toml", key="[measure.treat] method"))
    if method.name == "none":
        return dict(values), ()
    judged = np.array([not panel.regions[code].aggregate for code in panel.codes])
    ready: Values = {}
    record: list[Altered] = []
    for name, x in values.items():
        after, how = method(x.ravel(), x[judged].ravel(), choice.skew, choice.kurtosis, choice.most)
        ready[name] = method.owes(after, (x.size,)).reshape(x.shape)
        told = np.reshape(how, x.shape)
        record += [_altered(panel, name, i, t, x, ready[name], str(told[i, t])) for i, t in np.argwhere(told != "")]
    return ready, tuple(record)


def marked(marks: xr.DataArray, imputed: Iterable[Altered]) -> xr.DataArray:
    """(region, year, indicator) marks, with those of imputed cells."""
    new = marks.copy()
    for cell in imputed:
        new.loc[{"region": cell.region, "year": cell.year, "indicator": cell.indicator}] = int(Mark.IMPUTED)
    return new


def observed(values: Mapping[str, np.ndarray], imputed: Iterable[Altered], panel: Panel) -> Values:
    """Indicator -> (n, t): 1 where a cell was observed, 0 where it is missing or was imputed."""
    found = {name: np.isfinite(x).astype(float) for name, x in values.items()}
    region, year = ({name: k for k, name in enumerate(names)} for names in (panel.codes, panel.years))
    for cell in imputed:
        found[cell.indicator][region[cell.region], year[cell.year]] = 0.0
    return found


def _groups(panel: Panel, grouping: str) -> np.ndarray:
    """(n,) the group of each region, "" for none and for aggregates."""
    try:
        panel.regions.grouping(grouping)
    except Refusal as refusal:
        raise refusal.at(Place(file="study.toml", key="[measure.impute] groups")) from refusal
    regions = [panel.regions[code] for code in panel.codes]
    return np.array(["" if region.aggregate else region.group(grouping) or "" for region in regions])


def _altered(panel: Panel, name: str, i: int, t: int, before: np.ndarray, after: np.ndarray, how: str) -> Altered:
    return Altered(name, panel.codes[i], panel.years[t], float(before[i, t]), float(after[i, t]), how)
