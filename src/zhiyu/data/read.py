"""From files to a panel: the variables of all tables, joined by region and year, with their meanings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from zhiyu.data import panel as panels
from zhiyu.data import regions as region_sets
from zhiyu.data import units
from zhiyu.data.columns import Column, Layout, columns_of, is_header, regions_named
from zhiyu.data.panel import QUALITIES, Panel, Variable
from zhiyu.data.regions import Regions
from zhiyu.data.tables import read_tables
from zhiyu.terms import Label, Place, Refusal


def read_panel(
    paths: Iterable[Path],
    regions: Regions | None,
    dictionary: Mapping[str, Variable] | None = None,
    layout: Layout = Layout(),
) -> Panel:
    """A panel of all files' variables; refuses whatever cannot be read with its file, row and column.

    `regions` None takes the regions' names as they stand in the files.
    """
    columns: dict[str, Column] = {}
    ignored: list[tuple[str, str]] = []
    tables = [table for path in paths for table in read_tables(path, lambda header: is_header(header, layout))]
    if regions is None:
        regions = region_sets.from_names(sorted({name for table in tables for name in regions_named(table, layout)}))
    for table in tables:
        found, left_out = columns_of(table, regions, layout)
        ignored += left_out
        for column in found:
            if column.name in columns:
                where = columns[column.name].file
                raise Refusal(
                    "variable_twice", Place(file=table.file, sheet=table.sheet), name=column.name, other=where
                )
            columns[column.name] = column
    codes = sorted({code for column in columns.values() for code, _ in column.cells})
    years = sorted({year for column in columns.values() for _, year in column.cells})
    return panels.build(
        {name: _spread(column, codes, years) for name, column in columns.items()},
        codes,
        years,
        regions,
        {name: _meaning(column, dictionary or {}) for name, column in columns.items()},
        tuple(ignored),
    )


def read_dictionary(path: Path) -> dict[str, Variable]:
    """Variable -> its meaning, from a table `variable,unit,zh,en,source_zh,source_en,quality,note_zh,note_en`."""
    tables = read_tables(path, lambda header: "variable" in header)
    rows = [(table, index, row) for table in tables for index, row in enumerate(table.cells.to_dict("records"))]
    meanings: dict[str, Variable] = {}
    for table, index, row in rows:
        if all(value is None for value in row.values()):
            continue
        cell = {str(column): str(value) if value is not None else "" for column, value in row.items()}
        name = cell["variable"].strip()
        unit = cell.get("unit", "").strip()
        if name in meanings and meanings[name].unit != unit:
            place = table.place(index, "unit")
            raise Refusal("two_units", place, name=name, one=meanings[name].unit, other=unit)
        if name in meanings:
            raise Refusal("dictionary_twice", table.place(index, "variable"), name=name)
        if unit:
            _checked_unit(unit, table.place(index, "unit"))
        if cell.get("quality", "") not in QUALITIES:
            place = table.place(index, "quality")
            raise Refusal("unknown_quality", place, found=cell["quality"], known=", ".join(filter(None, QUALITIES)))
        label = Label(cell.get("zh") or name, cell.get("en") or name)
        source = Label(cell.get("source_zh", ""), cell.get("source_en", ""))
        note = Label(cell.get("note_zh", ""), cell.get("note_en", ""))
        meanings[name] = Variable(name, label, unit, source, cell.get("quality", ""), note)
    return meanings


def _spread(column: Column, codes: list[str], years: list[int]) -> np.ndarray:
    out = np.full((len(codes), len(years)), np.nan)
    row = {code: i for i, code in enumerate(codes)}
    place = {year: t for t, year in enumerate(years)}
    for (code, year), value in column.cells.items():
        out[row[code], place[year]] = value
    return out


def _meaning(column: Column, dictionary: Mapping[str, Variable]) -> Variable:
    known = dictionary.get(column.name)
    if known is None:
        return Variable(column.name, Label(column.label, column.label), column.unit)
    if column.unit and known.unit and units.parse(column.unit) != units.parse(known.unit):
        place = Place(file=column.file, column=column.label)
        raise Refusal("two_units", place, name=column.name, one=known.unit, other=column.unit)
    return known


def _checked_unit(unit: str, place: Place) -> None:
    try:
        units.parse(unit)
    except Refusal as refusal:
        raise refusal.at(place) from refusal
