"""Table: raw values under labelled columns, shown as a three-line table or kept as CSV or Parquet, the same numbers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import Markup

from zhiyu.report import few, words
from zhiyu.report.page import fill
from zhiyu.terms import LOCALES, Label, Locale, text

Kind = Literal["text", "label", "integer", "year", "number", "value", "percent", "movement"]
Cell = str | Label | int | float | None

TEXTS = ("text", "label")
WHOLE = ("integer", "year", "movement")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


@dataclass(frozen=True)
class Column:
    """A column: `id` heads it in files, `label` on a page.

    kind : text (as it is), label (in both languages), integer, year, number (with `digits`), value (of any size),
        percent (a share of 1), or movement (places gained or lost).
    head : names the row.
    shown : False keeps the column in files only.
    long : prose, which gets room.
    span : equal cells one under the other are shown as one.
    anchor : the page can link to a row by the cell, as `#TABLE-CELL`; of equal ones to the first.
    """

    id: str
    label: Label
    kind: Kind = "text"
    digits: int = 1
    head: bool = False
    shown: bool = True
    long: bool = False
    span: bool = False
    anchor: bool = False


def column(
    name: str,
    kind: Kind = "text",
    digits: int = 1,
    *,
    head: bool = False,
    shown: bool = True,
    long: bool = False,
    span: bool = False,
    anchor: bool = False,
    label: Label | None = None,
) -> Column:
    """A column whose label is the catalogue's `report.column.NAME`, unless it is given."""
    return Column(name, label or words.label(f"report.column.{name}"), kind, digits, head, shown, long, span, anchor)


@dataclass(frozen=True)
class Table:
    """Rows of raw values under columns; notes and sources stand beneath. `id` is its file's name.

    ordered : how many of the rows, from the first, are regions in an order; of very many a page shows both ends, and
        none of the rows behind, which have no place in it.
    style : class of the table on a page, such as "regression", whose errors stand close under their coefficients.
    """

    id: str
    title: Label
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Label, ...] = ()
    sources: tuple[Label, ...] = ()
    style: str = ""
    ordered: int = 0

    def __post_init__(self) -> None:
        wrong = next((row for row in self.rows if len(row) != len(self.columns)), None)
        if wrong is not None:
            raise ValueError(f"table {self.id}: {len(self.columns)} columns, but a row of {len(wrong)}")

    def column(self, name: str) -> list[Cell]:
        """The cells of one column."""
        position = [column.id for column in self.columns].index(name)
        return [row[position] for row in self.rows]

    def html(self, locale: Locale, heading: str = "") -> Markup:
        """A three-line table: title above (after `heading`, such as `Table 1`), notes and sources beneath."""
        shown = [j for j, column in enumerate(self.columns) if column.shown]
        kept, gaps = self._kept(locale)
        return fill(
            "table.html",
            table=self,
            locale=locale,
            heading=heading,
            columns=[self.columns[j] for j in shown],
            rows=[
                [(self.columns[j], display(row[j], self.columns[j], locale), self._height(i, j)) for j in shown]
                for i, row in ((i, self.rows[i]) for i in kept)
            ],
            gaps=gaps,
            anchors=self.anchors(),
            notes=[note.text(locale) for note in self.notes if note.text(locale)],
            sources=[source.text(locale) for source in self.sources],
            text=text,
        )

    def _kept(self, locale: Locale) -> tuple[Sequence[int], dict[int, str]]:
        """Positions of the rows that a page shows, and what to say after how many of them of those it does not."""
        found = few.ends(range(self.ordered))
        if not found.hidden:
            return range(len(self.rows)), {}
        rest = len(self.rows) - self.ordered
        gaps = {len(found.rows): text("report.rows_unplaced", locale, number=rest)} if rest else {}
        return found.rows, {few.ENDS: text("report.rows_hidden", locale, number=found.hidden)} | gaps

    def anchors(self) -> list[str]:
        """Of each row the id by which a page can link to it, empty where there is none."""
        chosen = [str(row[j]) for row in self.rows for j, column in enumerate(self.columns) if column.anchor]
        return [f"{self.id}-{name}" if name not in chosen[:i] else "" for i, name in enumerate(chosen)]

    def _height(self, i: int, j: int) -> int:
        """Rows that a cell stands for: 0 if it is part of the one above."""
        if not self.columns[j].span:
            return 1
        cells = [row[j] for row in self.rows]
        if i and cells[i - 1] == cells[i]:
            return 0
        return next((k for k, cell in enumerate(cells[i:]) if cell != cells[i]), len(cells) - i)

    def csv(self, locale: Locale | None = None) -> bytes:
        """UTF-8 with BOM, column ids as header; labels in one language, or in both (`ID_zh`, `ID_en`) if none is named.

        Numbers keep full precision, missing ones are empty. A text that a spreadsheet would take for a formula gets a
        leading apostrophe; numbers do not.
        """
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow([name for column in self.columns for name in _headers(column, locale)])
        for row in self.rows:
            writer.writerow(
                [part for column, cell in zip(self.columns, row, strict=True) for part in _parts(column, cell, locale)]
            )
        return buffer.getvalue().encode("utf-8-sig")

    def parquet(self) -> bytes:
        """One Parquet file: labels in two columns, whole numbers as int64, numbers as float64, nulls where missing."""
        names: list[str] = []
        arrays = []
        for j, column in enumerate(self.columns):
            cells = [row[j] for row in self.rows]
            if column.kind == "label":
                names += _headers(column, None)
                arrays += [pa.array([_label(cell).text(locale) for cell in cells], pa.string()) for locale in LOCALES]
                continue
            names.append(column.id)
            kept = [None if _missing(cell) else cell for cell in cells]
            if column.kind == "text":
                arrays.append(pa.array([None if cell is None else str(cell) for cell in kept], pa.string()))
            elif column.kind in WHOLE:
                arrays.append(pa.array(kept, pa.int64()))
            else:
                arrays.append(pa.array(kept, pa.float64()))
        about = {"title_zh": self.title.zh, "title_en": self.title.en}
        table = pa.table(arrays, names=names).replace_schema_metadata(about)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        return bytes(sink.getvalue().to_pybytes())


def table_files(made: Mapping[str, Table]) -> dict[str, bytes]:
    """Tables as CSV and Parquet, by relative path."""
    files = {}
    for name, table in made.items():
        files[f"tables/{name}.csv"] = table.csv()
        files[f"tables/{name}.parquet"] = table.parquet()
    return files


def display(cell: Cell, column: Column, locale: Locale) -> str:
    """A cell as it is shown."""
    if isinstance(cell, words.Listed):
        return cell.short.text(locale)
    if isinstance(cell, Label):
        return cell.text(locale)
    if _missing(cell):
        return words.DASH
    if not isinstance(cell, int | float):
        return str(cell)
    if column.kind == "year":
        return str(int(cell))
    if column.kind == "movement":
        return "0" if cell == 0 else f"{'▲' if cell > 0 else '▼'} {abs(int(cell))}"
    if column.kind == "value":
        return words.significant(cell)
    if column.kind == "percent":
        return words.percent(cell, column.digits)
    return words.number(cell, 0 if column.kind == "integer" else column.digits)


def _missing(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def _headers(column: Column, locale: Locale | None) -> list[str]:
    both = column.kind == "label" and locale is None
    return [f"{column.id}_{language}" for language in LOCALES] if both else [column.id]


def _parts(column: Column, cell: Cell, locale: Locale | None) -> list[str]:
    """A cell as CSV fields: one, or two for a label in both languages."""
    if column.kind == "label":
        return [guarded(_label(cell).text(language)) for language in (LOCALES if locale is None else (locale,))]
    if _missing(cell):
        return [""]
    if isinstance(cell, int | float):
        return [str(int(cell)) if column.kind in WHOLE else repr(float(cell))]
    return [guarded(str(cell))]


def _label(cell: Cell) -> Label:
    return cell if isinstance(cell, Label) else Label(str(cell or ""), str(cell or ""))


def guarded(word: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{word}" if word.startswith(FORMULA) else word
