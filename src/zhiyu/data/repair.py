"""Repairs stated by the study, each changed cell recorded: gaps, zeros before a beginning, deflation, price bases."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np

from zhiyu.data import units
from zhiyu.data.panel import Mark, Panel
from zhiyu.terms import Place, Refusal, suggestion

GAP_RULES = ("linear-inside", "none")


def interpolate_inside(x: np.ndarray, years: np.ndarray, longest: int | None = None) -> np.ndarray:
    """Fill gaps between two observed years by a straight line; the ends are never extended.

    x_t = x_a + (x_b - x_a) (t - a) / (b - a),  a < t < b the observed years around the gap.

    Parameters
    ----------
    x : (n, t) array, nan = missing
    years : (t,) array
    longest : gaps of more years than this stay open; None = no limit

    Returns
    -------
    (n, t) array
    """
    filled = x.copy()
    for i, row in enumerate(x):
        seen = np.flatnonzero(~np.isnan(row))
        if len(seen) < 2:
            continue
        inside = np.arange(seen[0], seen[-1] + 1)
        line = np.interp(years[inside], years[seen], row[seen])
        gap = np.diff(years[seen]) - 1
        for a, b, width in zip(seen[:-1], seen[1:], gap, strict=True):
            if width and (longest is None or width <= longest):
                filled[i, a + 1 : b] = line[a + 1 - seen[0] : b - seen[0]]
    return filled


def fill_gaps(panel: Panel, rule: str, longest: int | None = None) -> Panel:
    """The panel with inner gaps of every variable filled by `rule` (linear-inside or none)."""
    if rule not in GAP_RULES:
        place = Place(file="study.toml", key="[data] gaps")
        raise Refusal(
            "unknown_gap_rule", place, name=rule, known=", ".join(GAP_RULES), hint=suggestion(rule, GAP_RULES)
        )
    if rule == "none":
        return panel
    years = np.asarray(panel.years, dtype=float)
    for name in panel.names:
        values = panel.values(name)
        filled = interpolate_inside(values, years, longest)
        if not np.array_equal(filled, values, equal_nan=True):
            panel = panel.with_values(name, filled, Mark.INTERPOLATED, "linear-inside")
    return panel


def absent_until(panel: Panel, name: str, year: int) -> Panel:
    """Empty cells up to `year` become zero: the thing did not exist yet (5G before launch), and the study says so."""
    values = panel.values(_known(panel, name, "[data.absent_until]"))
    early = np.asarray(panel.years) <= year
    return panel.with_values(
        name, np.where(np.isnan(values) & early[None, :], 0.0, values), Mark.ABSENT, "absent-until"
    )


def deflate(panel: Panel, name: str, index: str, base: int, unit: str) -> Panel:
    """Current values at prices of `base`: x_t / (P_t / P_base), P chained from an index with the previous year = 100.

    The first year's index is not needed: P_first = 1 and P_t = P_{t-1} index_t / 100. The unit becomes `unit`.
    """
    values = panel.values(_known(panel, name, "[data.deflate]"))
    growth = panel.values(_known(panel, index, "[data.deflate]"))
    if base not in panel.years:
        place = Place(file="study.toml", key="[data.deflate]")
        raise Refusal("years_not_in_data", place, span=str(base), has=f"{panel.years[0]}-{panel.years[-1]}")
    _check_deflation(panel, name, unit, base)
    growth = np.where(growth > 0, growth, np.nan)
    price = np.cumprod(np.column_stack([np.ones(len(growth)), growth[:, 1:] / 100.0]), axis=1)
    deflator = price / price[:, [panel.years.index(base)]]
    for i in np.flatnonzero((np.isfinite(values) & np.isnan(deflator)).any(axis=1)):
        t = 1 + int(np.flatnonzero(np.isnan(growth[i, 1:]))[0])
        place = Place(column=index, region=panel.regions.label(panel.codes[i]), year=panel.years[t])
        raise Refusal("deflator_missing", place, name=name)
    real = panel.with_values(name, values / deflator, Mark.ADJUSTED, f"deflate:{index}:{base}")
    return _reunit(real, name, unit)


def splice(panel: Panel, name: str, breaks: dict[int, float]) -> Panel:
    """Undo changes of price base: values before each break year are multiplied by its factor (new over old base)."""
    values = panel.values(_known(panel, name, "[data.splice]"))
    years = np.asarray(panel.years)
    factor: np.ndarray = np.ones(len(years))
    for year, by in breaks.items():
        factor[years < year] *= by
    return panel.with_values(name, values * factor[None, :], Mark.ADJUSTED, "splice")


def _known(panel: Panel, name: str, key: str) -> str:
    if name not in panel.names:
        place = Place(file="study.toml", key=key)
        raise Refusal("unknown_variable", place, name=name, hint=suggestion(name, panel.names))
    return name


def _check_deflation(panel: Panel, name: str, unit: str, base: int) -> None:
    """A chain of yearly indices needs every year; the real unit must be the nominal one at prices of the base year."""
    place = Place(file="study.toml", key=f"[data.deflate.{name}]")
    for before, after in pairwise(panel.years):
        if after != before + 1:
            raise Refusal("deflate_gap", place, before=before, after=after)
    stated = panel.variables[name].unit
    years = re.findall(r"(?:yuan|euro|dollar|元)(\d{4})", unit)
    if any(int(year) != base for year in years) or (stated and _scale(stated) != _scale(unit)):
        raise Refusal("deflate_unit", place, unit=unit, stated=stated or "-", base=base)


def _scale(unit: str) -> float:
    return float(units.parse(unit).to_base_units().magnitude)


def _reunit(panel: Panel, name: str, unit: str) -> Panel:
    return replace(panel, variables={**panel.variables, name: replace(panel.variables[name], unit=unit)})
