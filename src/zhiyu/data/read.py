"""From files to a panel: long tables (a row a region-year) and yearbooks (years across, a sheet a variable)."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from zhiyu.data import panel as panels
from zhiyu.data import regions as region_sets
from zhiyu.data import units
from zhiyu.data.panel import QUALITIES, Panel, Variable
from zhiyu.data.regions import Regions
from zhiyu.data.tables import RawTable, read_tables
from zhiyu.terms import Label, Place, Refusal

REGION_COLUMNS = (
    *("adcode", "code", "region_code", "geo", "nuts2", "nuts", "iso3", "iso2", "行政区划代码", "代码"),
    *("province_cn", "province", "region", "state", "county", "city", "country", "name"),
    *("省份", "省", "地区", "区域", "城市", "县", "国家"),
)
YEAR_COLUMNS = ("year", "time", "年份", "年度", "年")
YEAR = re.compile(r"^(\d{4})\s*年?$")
FIRST_YEAR, LAST_YEAR = 1900, 2100
THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")


@dataclass(frozen=True)
class Layout:
    """What the study says of its files: the key columns if their names are unusual, and words that mean 'missing'."""

    region: str | None = None
    year: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One variable of one table: values by (code, year), with its name, label and the unit its header states."""

    name: str
    label: str
    unit: str
    file: str
    cells: dict[tuple[str, int], float]


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
    tables = [table for path in paths for table in read_tables(path, lambda header: _is_header(header, layout))]
    names: set[str] = set()
    if regions is None:
        for table in tables:
            full = table.cells[table.cells.notna().sum(axis=1) > 1]
            names |= {_clean(cell) for cell in full[_region_column(table, layout)] if cell is not None}
        regions = region_sets.from_names(sorted(names))
    for table in tables:
        found, left_out = _read_table(table, regions, layout)
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


def numbers(table: RawTable, column: str, missing: tuple[str, ...]) -> np.ndarray | None:
    """A column's numbers, nan where empty; None if it holds no number at all; a refusal at the first cell that is text.

    Full-width digits and thousands separators are read as what they mean.
    """
    cells = table.cells[column]
    blank = cells.isna() | cells.isin(missing)
    coerced = pd.to_numeric(cells.where(~blank, None), errors="coerce")
    out = np.array(coerced.to_numpy(dtype=float, na_value=np.nan))  # pandas may hand out a read-only view
    doubtful = np.flatnonzero(np.isnan(out) & ~blank.to_numpy())
    bad: list[int] = []
    for index in doubtful:
        word = _clean(cells.iloc[index])
        if word == "" or word in missing or word.casefold() == "nan":
            continue
        try:
            if "_" in word:  # 1_000 is a number to Python and to nobody else
                raise ValueError
            out[index] = float(word.replace(",", "") if THOUSANDS.match(word) else word)
        except ValueError:
            bad.append(int(index))
    if bad and np.isnan(out).all():
        return None
    if bad:
        place = table.place(int(cells.index[bad[0]]), column)
        raise Refusal("not_a_number", place, text=cells.iloc[bad[0]])
    if np.isinf(out).any():
        endless = int(cells.index[np.flatnonzero(np.isinf(out))[0]])
        raise Refusal("not_a_number", table.place(endless, column), text="inf")
    return out


def variable_name(header: str) -> tuple[str, str]:
    """(name, unit) of a header: `GDP（亿元）` -> (GDP, 亿元); what formulas cannot spell becomes `_`."""
    found = re.match(r"^(.+?)\s*[(（]([^()（）]+)[)）]$", header)
    unit = found[2] if found and _is_unit(found[2]) else ""
    name = re.sub(r"\W+", "_", found[1] if found and unit else header).strip("_") or "_"
    return (name if name.isidentifier() and not keyword.iskeyword(name) else f"_{name}", unit)


def _is_header(header: list[str], layout: Layout) -> bool:
    lower = [name.casefold() for name in header]
    region = layout.region.casefold() if layout.region else None
    has_region = region in lower if region else any(name in REGION_COLUMNS for name in lower)
    year = layout.year.casefold() if layout.year else None
    has_year = year in lower if year else any(name in YEAR_COLUMNS for name in lower)
    return has_region and (has_year or any(YEAR.match(name) for name in header))


def _region_column(table: RawTable, layout: Layout) -> str:
    if layout.region:
        return next(name for name in table.columns if name.casefold() == layout.region.casefold())
    return min(
        (name for name in table.columns if name.casefold() in REGION_COLUMNS),
        key=lambda name: REGION_COLUMNS.index(name.casefold()),
    )


def _read_table(table: RawTable, regions: Regions, layout: Layout) -> tuple[list[Column], list[tuple[str, str]]]:
    region_column = _region_column(table, layout)
    wanted = (layout.year.casefold(),) if layout.year else tuple(YEAR_COLUMNS)
    year_column = next((name for name in table.columns if name.casefold() in wanted), None)
    notes = _notes(table, region_column, regions)
    ignored = [(table.file, f"#{table.first_row + i}") for i in notes if table.cells.loc[i].notna().any()]
    table = RawTable(table.file, table.sheet, table.columns, table.cells.drop(index=notes), table.first_row)
    codes = _codes(table, region_column, regions)
    if year_column is None:
        wide, left_out = _wide(table, region_column, codes, regions, layout)
        return [wide], ignored + left_out
    years = _years(table, year_column)
    _refuse_duplicates(table, codes, years, regions)
    found = []
    for name in table.columns:
        if name in (region_column, year_column):
            continue
        if _same_regions(table, name, codes, regions):
            continue
        values = numbers(table, name, layout.missing)
        if values is None:
            ignored.append((table.file, name))
            continue
        short, unit = variable_name(name)
        cells = {key: float(v) for key, v in zip(zip(codes, years, strict=True), values, strict=True)}
        found.append(Column(short, name, unit, table.file, cells))
    return found, ignored


def _wide(
    table: RawTable, region_column: str, codes: list[str], regions: Regions, layout: Layout
) -> tuple[Column, list[tuple[str, str]]]:
    """A yearbook sheet: the sheet (or the file) names the variable, the header names the years."""
    cells: dict[tuple[str, int], float] = {}
    ignored: list[tuple[str, str]] = []
    years: set[int] = set()
    for name in table.columns:
        year = YEAR.match(name)
        if year is None:
            if name != region_column and not _same_regions(table, name, codes, regions):
                ignored.append((table.file, name))
            continue
        _check_year(int(year[1]), table.place(column=name))
        if int(year[1]) in years:  # 2020 and 2020年 are two columns and one year
            raise Refusal("duplicate_column", table.place(column=name), name=year[1])
        years.add(int(year[1]))
        values = numbers(table, name, layout.missing)
        if values is None:
            ignored.append((table.file, name))
        spread = values if values is not None else np.full(len(codes), np.nan)
        cells |= {(code, int(year[1])): float(v) for code, v in zip(codes, spread, strict=True)}
    twice = next((i for i, code in enumerate(codes) if code in codes[:i]), None)
    if twice is not None:
        place = table.place(int(table.cells.index[twice]), region_column)
        raise Refusal("duplicate_region", place, region=regions.label(codes[twice]))
    title = table.sheet if table.sheet and not re.match(r"^(Sheet|工作表)\s*\d*$", table.sheet) else None
    name, unit = variable_name(title or Path(table.file).stem)
    return Column(name, title or Path(table.file).stem, unit, table.file, cells), ignored


def _notes(table: RawTable, region_column: str, regions: Regions) -> list[int]:
    """Blank rows, and rows that hold but one text that is no region: footnotes and source lines of yearbooks."""
    few = table.cells.notna().sum(axis=1) <= 1
    return [int(i) for i in table.cells.index[few] if not _is_region(table.cells.at[i, region_column], regions)]


def _is_region(cell: object, regions: Regions) -> bool:
    try:
        regions.match(_clean(cell))
    except Refusal:
        return False
    return True


def _codes(table: RawTable, column: str, regions: Regions) -> list[str]:
    known: dict[str, str] = {}
    codes = []
    for index, cell in zip(table.cells.index, table.cells[column], strict=True):
        word = _clean(cell)
        if word not in known:
            place = table.place(int(index), column)
            if not word:
                raise Refusal("row_without_region", place)
            known[word] = regions.match(word, place)
        codes.append(known[word])
    return codes


def _years(table: RawTable, column: str) -> list[int]:
    years = []
    for index, cell in zip(table.cells.index, table.cells[column], strict=True):
        place = table.place(int(index), column)
        found = YEAR.match(_clean(cell).removesuffix(".0"))
        if cell is not None and hasattr(cell, "year"):
            found = YEAR.match(str(cell.year))
        if not found:
            raise Refusal("not_a_year", place, text="" if cell is None else cell)
        years.append(_check_year(int(found[1]), place))
    return years


def _check_year(year: int, place: Place) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refusal("year_outside_range", place, year=year, first=FIRST_YEAR, last=LAST_YEAR)
    return year


def _refuse_duplicates(table: RawTable, codes: list[str], years: list[int], regions: Regions) -> None:
    seen: dict[tuple[str, int], int] = {}
    for index, key in zip(table.cells.index, zip(codes, years, strict=True), strict=True):
        if key in seen:
            first = table.first_row + seen[key]
            place = table.place(int(index))
            raise Refusal("duplicate_region_year", place, region=regions.label(key[0]), year=key[1], first=first)
        seen[key] = int(index)


def _same_regions(table: RawTable, column: str, codes: list[str], regions: Regions) -> bool:
    """Whether a column only names the same regions again (code and name side by side); refuses if they disagree."""
    if column.casefold() not in REGION_COLUMNS:
        return False
    for index, cell, code in zip(table.cells.index, table.cells[column], codes, strict=True):
        try:
            other = regions.match(_clean(cell))
        except Refusal:
            return False
        if other != code:
            place = table.place(int(index), column)
            raise Refusal("region_disagrees", place, one=regions.label(code), other=regions.label(other))
    return True


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


def _is_unit(word: str) -> bool:
    """Whether the words in a header's brackets are a unit: `GDP (2019)` names a year, not a unit of 2019."""
    if re.fullmatch(r"[\d.]+", word):
        return False
    try:
        units.parse(word)
    except Refusal:
        return False
    return True


def _clean(cell: object) -> str:
    return "" if cell is None else unicodedata.normalize("NFKC", str(cell)).strip()
