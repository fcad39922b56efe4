"""Panel: labelled observations of regions over years; a variable has unit, source and quality, a cell has its mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import numpy as np
import xarray as xr

from zhiyu.data import formula, units
from zhiyu.data.regions import Regions
from zhiyu.terms import Label, Place, Refusal

QUALITIES = ("A", "A-", "B+", "B", "B-", "C", "")


class Mark(IntEnum):
    """What a cell is."""

    MISSING = 0
    OBSERVED = 1
    INTERPOLATED = 2
    ABSENT = 3  # did not exist yet: zero by statement of the study
    ADJUSTED = 4  # deflated, rebased or replaced by statement of the study
    IMPUTED = 5  # an indicator's cell, filled from other regions by the recipe


@dataclass(frozen=True)
class Variable:
    """A column's meaning."""

    name: str
    label: Label
    unit: str = ""
    source: Label = Label("", "")
    quality: str = ""
    note: Label = Label("", "")


@dataclass(frozen=True)
class Change:
    """One cell that a repair changed: `before` is nan where the cell was empty."""

    variable: str
    region: str
    year: int
    before: float
    after: float
    rule: str


@dataclass(frozen=True)
class Panel:
    """Observations of n regions over t years.

    data : Dataset of float64 (region, year), one entry a variable; coordinates are region codes and years, both sorted.
    marks : Dataset of int8 (region, year), the same entries: a `Mark` a cell.
    variables : meaning of each entry.
    changes : every cell a repair changed, in order.
    ignored : text columns of the input that were left out, as (file, column), and footnote rows, as (file, "#ROW").
    """

    data: xr.Dataset
    marks: xr.Dataset
    variables: Mapping[str, Variable]
    regions: Regions
    changes: tuple[Change, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(str(code) for code in self.data["region"].values)

    @cached_property
    def years(self) -> tuple[int, ...]:
        return tuple(int(year) for year in self.data["year"].values)

    @cached_property
    def judged(self) -> np.ndarray:
        """(region,) whether a region counts and is ranked: aggregates such as "EU" are not."""
        return np.array([not self.regions[code].aggregate for code in self.codes])

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self.data.data_vars)

    def values(self, name: str) -> np.ndarray:
        """(region, year) values of one variable."""
        # a copy: panels are frozen
        return np.array(self.data.variables[name].transpose("region", "year").values, dtype=float)

    def compute(self, expression: str, unit: str = "") -> np.ndarray:
        """(region, year) values of a formula over the panel's variables, in `unit`.

        Raises Refusal for unknown variables, units that do not fit, a share outside [0, 1] or a zero denominator (both
        with region and year).
        """
        needed = formula.names(expression)
        formula.order({"": expression}, self.names)
        for name in sorted(needed):
            self._refuse_share_outside(name)
        variables = {name: self.value(name) for name in needed}
        try:
            result = formula.evaluate(expression, variables, self.judged)
        except Refusal as refusal:  # of a formula's function, which knows the cell by its position alone
            cell = refusal.message.values.get("cell", ())
            raise refusal.at(self._cell(*cell) if len(cell) == 2 else refusal.message.place) from refusal
        numbers = np.broadcast_to(result.numbers, (len(self.codes), len(self.years)))
        if not np.isfinite(numbers).all():
            seen = np.all([np.isfinite(variable.numbers) for variable in variables.values()], axis=0)
            for i, t in np.argwhere(np.isinf(numbers) | (np.isnan(numbers) & seen)):  # x / 0, and 0 / 0
                raise Refusal("divide_by_zero", self._cell(i, t), formula=expression)
        return formula.convert(formula.Value(numbers, result.unit), unit)

    def value(self, name: str) -> formula.Value:
        """One variable's values with their unit, for a formula."""
        unit = self.variables[name].unit
        return formula.Value(self.values(name), units.parse(unit) if unit else None)

    def _refuse_share_outside(self, name: str) -> None:
        """A share is bound to [0, 1]; nothing is computed from one that is not."""
        if self.variables[name].unit == "share":
            x = self.values(name)
            for i, t in np.argwhere((x < 0) | (x > 1)):
                raise Refusal("share_outside", replace(self._cell(i, t), column=name), value=f"{x[i, t]:g}")

    def _cell(self, i: int, t: int) -> Place:
        return Place(region=self.regions.label(self.codes[i]), year=self.years[t])

    def cut(self, years: tuple[int, int]) -> Panel:
        """The panel within first and last year, both kept; refuses a span the data do not reach."""
        first, last = years
        if not self.years[0] <= first <= last <= self.years[-1]:
            place = Place(file="study.toml", key="[data] years")
            has = f"{self.years[0]}-{self.years[-1]}"
            raise Refusal("years_not_in_data", place, span=f"{first}-{last}", has=has)
        span = slice(first, last)
        return replace(self, data=self.data.sel(year=span), marks=self.marks.sel(year=span))

    def with_values(self, name: str, values: np.ndarray, mark: Mark, rule: str) -> Panel:
        """The panel with one variable's values replaced; every changed cell is marked and recorded."""
        before = self.values(name)
        changed = ~((before == values) | (np.isnan(before) & np.isnan(values)))
        marks = np.where(changed, np.where(np.isnan(values), int(Mark.MISSING), int(mark)), self.marks[name].values)
        record = tuple(
            Change(name, self.codes[i], self.years[t], float(before[i, t]), float(values[i, t]), rule)
            for i, t in np.argwhere(changed)
        )
        dims = ("region", "year")
        return replace(
            self,
            data=self.data.assign({name: (dims, np.array(values, dtype=float))}),
            marks=self.marks.assign({name: (dims, marks.astype(np.int8))}),
            changes=(*self.changes, *record),
        )


def build(
    values: Mapping[str, np.ndarray],
    codes: Iterable[str],
    years: Iterable[int],
    regions: Regions,
    variables: Mapping[str, Variable] | None = None,
    ignored: tuple[tuple[str, str], ...] = (),
) -> Panel:
    """A panel from arrays (region, year); cells with a number are marked observed, the others missing."""
    region, year = list(codes), list(years)
    coords = {"region": region, "year": np.asarray(year, dtype=np.int64)}
    dims = ("region", "year")
    data = xr.Dataset({name: (dims, np.asarray(array, dtype=float)) for name, array in values.items()}, coords)
    seen = {name: (dims, np.isfinite(np.asarray(array, dtype=float)).astype(np.int8)) for name, array in values.items()}
    known = dict(variables or {})
    meaning = {name: known.get(name, Variable(name, Label(name, name))) for name in values}
    order = {"region": sorted(region), "year": sorted(year)}
    return Panel(data.sel(order), xr.Dataset(seen, coords).sel(order), meaning, regions.select(region), ignored=ignored)
