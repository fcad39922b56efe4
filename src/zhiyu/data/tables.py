"""Raw tables from files: CSV (UTF-8, BOM, UTF-16, GB18030), XLSX, DTA, Parquet; cells keep their places."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from zhiyu.terms import Place, Refusal


@dataclass(frozen=True)
class RawTable:
    """One sheet as it stands: header names, cells (text or numbers, None = empty), and where the first row stood."""

    file: str
    sheet: str | None
    columns: tuple[str, ...]
    cells: pd.DataFrame
    first_row: int

    def place(self, index: int | None = None, column: str | None = None) -> Place:
        """Where a row (by its index) or a column stands in the file."""
        row = None if index is None else self.first_row + index
        return Place(file=self.file, sheet=self.sheet, row=row, column=column)


def read_tables(path: Path, is_header: Callable[[list[str]], bool]) -> list[RawTable]:
    """All tables of a file. `is_header` finds the header among the first rows, below any title."""
    if not path.is_file():
        raise Refusal("file_not_found", Place(file=path.name), folder=str(path.parent))
    if path.stat().st_size == 0:
        raise Refusal("empty_file", Place(file=path.name))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise Refusal("unknown_format", Place(file=path.name), suffix=path.suffix, known=", ".join(READERS))
    sheets = reader(path)
    tables = [_table(path.name, name, grid, is_header) for name, grid in sheets.items() if not grid.empty]
    if not tables:
        raise Refusal("empty_file", Place(file=path.name))
    return tables


def decode(raw: bytes, file: str) -> str:
    """Text of a file in UTF-8 (with or without BOM), UTF-16 (Excel's 'Unicode text') or GB18030, else a refusal."""
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            decoded = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in decoded:
            return decoded
    raise Refusal("wrong_encoding", Place(file=file))


def _csv(path: Path) -> dict[str | None, pd.DataFrame]:
    content = decode(path.read_bytes(), path.name)
    head = content[:4096]
    separator = max(",;\t", key=head.count)
    try:
        grid = pd.read_csv(
            io.StringIO(content),
            header=None,
            dtype=str,
            sep=separator,
            keep_default_na=False,
            skip_blank_lines=False,
            names=[str(number) for number in range(_width(content, separator))],
        )
    except pd.errors.ParserError as trouble:
        raise _not_a_table(str(trouble), path.name) from trouble
    grid.columns = pd.Index(range(grid.shape[1]))
    return {None: grid.replace("", None)}


def _not_a_table(why: str, file: str) -> Refusal:
    """What the CSV parser says, with the row it means."""
    if quote := re.search(r"EOF inside string starting at row (\d+)", why):
        return Refusal("quote_not_closed", Place(file=file, row=int(quote[1]) + 1))
    if cells := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", why):
        return Refusal("row_too_long", Place(file=file, row=int(cells[2])), wanted=cells[1], found=cells[3])
    return Refusal("unreadable_file", Place(file=file), why=why)


def _width(content: str, separator: str) -> int:
    """Columns of the widest line among the first, so that a title line above the header does not cut the table."""
    return max(line.count(separator) + 1 for line in content.splitlines()[:50] or [""])


def _xlsx(path: Path) -> dict[str | None, pd.DataFrame]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about formats and validations, which are not data
            book = openpyxl.load_workbook(path, data_only=True, read_only=True)
            # not pandas' reader: it takes cells that Excel shows as an error (#DIV/0!) for empty ones
            sheets = {sheet.title: pd.DataFrame(list(sheet.values), dtype=object) for sheet in book.worksheets}
            book.close()
    except Exception as trouble:  # a damaged file raises whatever its bytes happen to run into
        raise Refusal("unreadable_file", Place(file=path.name), why=type(trouble).__name__) from trouble
    return {str(name): grid.replace("", None) for name, grid in sheets.items()}


def _framed(frame: pd.DataFrame) -> dict[str | None, pd.DataFrame]:
    """A file that has a header by its format, as a grid with the header in its first row."""
    body = frame.astype(object).where(frame.notna(), None)
    top = pd.DataFrame([list(frame.columns)], columns=frame.columns, dtype=object)
    grid = pd.concat([top, body], ignore_index=True)
    grid.columns = pd.Index(range(grid.shape[1]))
    return {None: grid}


def _dta(path: Path) -> dict[str | None, pd.DataFrame]:
    try:
        return _framed(pd.read_stata(path, convert_categoricals=True))
    except Exception as trouble:  # a damaged file raises whatever its bytes happen to run into
        raise Refusal("unreadable_file", Place(file=path.name), why=type(trouble).__name__) from trouble


def _parquet(path: Path) -> dict[str | None, pd.DataFrame]:
    try:
        frame = pd.read_parquet(path)
    except Exception as trouble:  # a damaged file raises whatever its bytes happen to run into
        raise Refusal("unreadable_file", Place(file=path.name), why=type(trouble).__name__) from trouble
    named = [name for name in frame.index.names if name is not None]
    return _framed(frame.reset_index() if named else frame)


READERS: dict[str, Callable[[Path], dict[str | None, pd.DataFrame]]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _csv,
    ".xlsx": _xlsx,
    ".dta": _dta,
    ".parquet": _parquet,
}


def _table(file: str, sheet: str | None, grid: pd.DataFrame, is_header: Callable[[list[str]], bool]) -> RawTable:
    for index in range(min(len(grid), 15)):
        header = [_name(cell) for cell in grid.iloc[index]]
        if is_header(header):
            break
    else:
        found = next((", ".join(n for n in map(_name, grid.iloc[i]) if n) for i in range(len(grid))), "")
        raise Refusal("missing_header", Place(file=file, sheet=sheet), found=found[:200])
    used = [position for position, name in enumerate(header) if name]
    twice = [header[p] for p in used if header.count(header[p]) > 1]
    if twice:
        raise Refusal("duplicate_column", Place(file=file, sheet=sheet, row=index + 1), name=twice[0])
    for position, name in enumerate(header):
        cells = grid.iloc[index + 1 :, position]
        if not name and cells.notna().any():
            row = int(np.flatnonzero(cells.notna().to_numpy())[0]) + index + 2
            raise Refusal("column_without_name", Place(file=file, sheet=sheet, row=row), number=position + 1)
    body = grid.iloc[index + 1 :, used].reset_index(drop=True).astype(object)
    body = body.where(body.notna(), None)  # one kind of empty cell, whatever the reader made of it
    body.columns = pd.Index([header[p] for p in used])
    filled = np.flatnonzero(body.notna().any(axis=1).to_numpy())
    if not len(filled):
        raise Refusal("no_rows", Place(file=file, sheet=sheet))
    return RawTable(file, sheet, tuple(header[p] for p in used), body.iloc[: filled[-1] + 1], first_row=index + 2)


def _name(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    word = unicodedata.normalize("NFKC", str(cell)).strip()
    return word.removesuffix(".0") if word.replace(".", "", 1).isdigit() else word
