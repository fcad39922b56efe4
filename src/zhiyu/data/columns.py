"""From a table's cells to its variables: which columns name regions and years, and what the others hold.

Long tables have a row a region-year; yearbooks have years across and a sheet a variable.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from zhiyu.data import units
from zhiyu.data.regions import Regions
from zhiyu.data.tables import RawTable
from zhiyu.terms import Place, Refusal

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


def is_header(header: list[str], layout: Layout) -> bool:
    """Whether a row names a column of regions and one of years, or columns that are years."""
    lower = [name.casefold() for name in header]
    region = layout.region.casefold() if layout.region else None
    has_region = region in lower if region else any(name in REGION_COLUMNS for name in lower)
    year = layout.year.casefold() if layout.year else None
    has_year = year in lower if year else any(name in YEAR_COLUMNS for name in lower)
    return has_region and (has_year or any(YEAR.match(name) for name in header))


def regions_named(table: RawTable, layout: Layout) -> set[str]:
    """Names in the column of regions, as they stand; a row of one cell is a note and names none."""
    full = table.cells[table.cells.notna().sum(axis=1) > 1]
    return {_clean(cell) for cell in full[_region_column(table, layout)] if cell is not None}


def columns_of(table: RawTable, regions: Regions, layout: Layout) -> tuple[list[Column], list[tuple[str, str]]]:
    """The variables of a table, and (file, what) of each row and column left out of them: notes, and columns of text.

    Raises
    ------
    Refusal
        For an unknown region, a year that is none, a region-year that stands twice, or text among a column's numbers.
    """
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


def _region_column(table: RawTable, layout: Layout) -> str:
    if layout.region:
        return next(name for name in table.columns if name.casefold() == layout.region.casefold())
    return min(
        (name for name in table.columns if name.casefold() in REGION_COLUMNS),
        key=lambda name: REGION_COLUMNS.index(name.casefold()),
    )


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
