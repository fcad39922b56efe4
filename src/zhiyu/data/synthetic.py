"""Synthetic panels with a planted truth: what a method should find is known, so it can be tested and taught.

A region's latent level in each attribute is drawn once, raised by its group's gap, and grows; indicators are straight
lines in it, plus noise, in the units and directions of real statistics.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from zhiyu.data import panel as panels
from zhiyu.data.panel import Panel, Variable
from zhiyu.data.regions import Group, Region, Regions
from zhiyu.terms import Label

POPULATION = "population_10k"
SOURCE = Label("合成数据", "planted")


@dataclass(frozen=True)
class Truth:
    """What was planted. n regions, t years, k attributes, p indicators, g groups.

    attributes : (region, year, attribute) latent scores, unit-free, more is better.
    index : (region, year) mean of the attributes, each scaled to [0, 1] over all regions and years.
    loadings : (indicator,) slope of the indicator's signal on its attribute, above 0.
    directions : (indicator,) 1 = more is better, -1 = less is better.
    noise : standard deviation of each indicator's noise; a region's level in an attribute has 1.
    growth : (attribute,) what every region gains a year.
    gaps : (group,) what every region of the group has above its drawn level.
    """

    attributes: xr.DataArray
    index: xr.DataArray
    loadings: xr.DataArray
    directions: xr.DataArray
    noise: float
    growth: xr.DataArray
    gaps: xr.DataArray


@dataclass(frozen=True)
class Planted:
    """A panel, the rows of the tree that measures it (columns as in a tree's CSV), and the truth behind both.

    The framework is `zhiyu.framework.of_rows(planted.rows)`: data know nothing of frameworks.
    """

    panel: Panel
    rows: tuple[Mapping[str, str], ...]
    truth: Truth


@dataclass(frozen=True)
class Form:
    """How an indicator with values v is published: the variable's unit, the leaf's formula and unit."""

    variable_unit: str
    formula: str
    unit: str
    per_head: float | None  # the variable is v * population * this, where it is a total

    def raw(self, values: np.ndarray, population: np.ndarray) -> np.ndarray:
        return values if self.per_head is None else values * population * self.per_head


FORMS = (
    Form("%", "{x}", "%", None),
    Form("100m yuan", f"{{x}} / {POPULATION}", "yuan/person", 1e-4),  # 亿元 over 万人 in 元 a head
    Form("10k count", f"{{x}} / {POPULATION}", "count/(10k person)", 1e-4),
    Form("1", "{x}", "%", None),
)


def panel(
    regions: int = 31,
    years: int = 10,
    *,
    attributes: int = 5,
    indicators: int = 3,
    groups: int = 3,
    gap: float = 1.0,
    growth: float = 0.1,
    noise: float = 0.3,
    less_is_better: float = 0.3,
    inside: float = 0.0,
    ends: float = 0.0,
    convert: bool = True,
    first: int = 2013,
    seed: int = 0,
) -> Planted:
    """A panel with a planted truth; the same arguments give the same panel, to the bit.

    a_rtk = level_rk + gap_g(r) + growth_k t,  level ~ N(0, 1)
    s_rtj = loading_j a_rtk(j) + noise e_rtj,  e ~ N(0, 1)
    v_rtj = 1 + s_rtj - min s_j  where more is better,  1 + max s_j - s_rtj  where less is

    Parameters
    ----------
    attributes, indicators : number of attributes, and of indicators of each
    groups, gap : number of groups, and what the first has above the last, those between in equal steps
    growth : gain a year of the average attribute; attributes differ between half and one and a half of it
    less_is_better : share of the indicators that run backwards
    inside : share of the cells between first and last year that are missing
    ends : share of the series (a region's indicator) that begin a year late or end a year early
    convert : whether some indicators are totals that must be divided by population, with units to convert
    """
    rng = np.random.default_rng(seed)
    where = _regions(regions, groups)
    names = [f"a{k + 1}" for k in range(attributes)]
    leaves = [f"a{k + 1}_{j + 1}" for k in range(attributes) for j in range(indicators)]
    step = growth * rng.uniform(0.5, 1.5, attributes)
    above = gap * np.linspace(1.0, 0.0, groups) if groups > 1 else np.zeros(1)
    level = rng.standard_normal((regions, attributes)) + above[np.arange(regions) % groups][:, None]
    latent = level[:, None, :] + step * np.arange(years)[None, :, None]
    loadings = rng.uniform(0.5, 1.0, len(leaves))
    directions = np.where(rng.permutation(len(leaves)) < round(less_is_better * len(leaves)), -1, 1)
    population = np.outer(rng.uniform(300.0, 9000.0, regions), 1.005 ** np.arange(years))
    values: dict[str, np.ndarray] = {}
    for j, leaf in enumerate(leaves):
        signal = loadings[j] * latent[..., j // indicators] + noise * rng.standard_normal((regions, years))
        shown = 1.0 + (signal - signal.min() if directions[j] > 0 else signal.max() - signal)
        values[leaf] = _with_gaps(_form(j, convert).raw(shown, population), inside, ends, rng)
    values[POPULATION] = population
    span = range(first, first + years)
    place = {"region": list(where.codes), "year": list(span)}
    truth = Truth(
        attributes=xr.DataArray(latent, {**place, "attribute": names}, ("region", "year", "attribute")),
        index=xr.DataArray(_scaled(latent).mean(axis=2), place, ("region", "year")),
        loadings=xr.DataArray(loadings, {"indicator": leaves}, ("indicator",)),
        directions=xr.DataArray(directions, {"indicator": leaves}, ("indicator",)),
        noise=noise,
        growth=xr.DataArray(step, {"attribute": names}, ("attribute",)),
        gaps=xr.DataArray(above, {"group": [group.id for group in where.groups]}, ("group",)),
    )
    meanings = {leaf: _meaning(leaf, _form(j, convert).variable_unit) for j, leaf in enumerate(leaves)}
    meanings[POPULATION] = Variable(POPULATION, Label("人口", "population"), "10k person", SOURCE, "A")
    made = panels.build(values, where.codes, span, where, meanings)
    return Planted(made, _rows(names, leaves, indicators, directions, convert), truth)


def _form(j: int, convert: bool) -> Form:
    return FORMS[j % len(FORMS)] if convert else FORMS[0]


def _regions(number: int, groups: int) -> Regions:
    """Made-up regions on a square grid, dealt out to the groups in turn."""
    side = math.ceil(math.sqrt(number))
    width = len(str(number))
    rows = [
        Region(
            code=f"R{i + 1:0{width}}",
            label=Label(f"地区{i + 1:0{width}}", f"Region {i + 1:0{width}}"),
            full=Label(f"合成地区{i + 1:0{width}}", f"Planted region {i + 1:0{width}}"),
            lon=100.0 + i % side,
            lat=30.0 + i // side,
            tile=(i % side, i // side),
            groups=(("planted", f"g{i % groups + 1}"),),
        )
        for i in range(number)
    ]
    named = [Group("planted", f"g{g + 1}", Label(f"第{g + 1}组", f"Group {g + 1}"), g + 1) for g in range(groups)]
    return Regions("planted", tuple(rows), tuple(named))


def _with_gaps(x: np.ndarray, inside: float, ends: float, rng: np.random.Generator) -> np.ndarray:
    """(n, t) values with cells taken out: inside the series, and at one end of some series."""
    out = x.copy()
    n, t = x.shape
    if t > 2:
        out[:, 1:-1][rng.random((n, t - 2)) < inside] = np.nan
        cut = rng.random(n) < ends
        out[cut, np.where(rng.random(n) < 0.5, 0, t - 1)[cut]] = np.nan
    return out


def _scaled(x: np.ndarray) -> np.ndarray:
    """(n, t, k) on [0, 1] for each k; 0.5 where it does not vary."""
    low, high = x.min(axis=(0, 1)), x.max(axis=(0, 1))
    return np.asarray(np.divide(x - low, high - low, out=np.full(x.shape, 0.5), where=high > low))


def _meaning(leaf: str, unit: str) -> Variable:
    return Variable(leaf, Label(f"变量{leaf}", f"variable {leaf}"), unit, SOURCE, "A")


def _rows(
    names: list[str], leaves: list[str], indicators: int, directions: np.ndarray, convert: bool
) -> tuple[Mapping[str, str], ...]:
    rows = [{"id": "index", "parent": "", "zh": "指数", "en": "index"}]
    rows += [{"id": name, "parent": "index", "zh": f"属性{name}", "en": f"attribute {name}"} for name in names]
    for j, leaf in enumerate(leaves):
        form = _form(j, convert)
        rows.append(
            {
                "id": f"i_{leaf}",
                "parent": names[j // indicators],
                "zh": f"指标{leaf}",
                "en": f"indicator {leaf}",
                "formula": form.formula.format(x=leaf),
                "unit": form.unit,
                "direction": str(int(directions[j])),
            }
        )
    return tuple(rows)
