"""Neighbours: who borders or stands near whom, as a matrix of spatial weights whose rows and columns are named.

Built from a list of edges, from coordinates, or from a user's matrix. A region with no neighbour is an island: it is
refused by name unless it is kept on purpose, because every spatial statistic would silently leave it out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from zhiyu.data.distance import great_circle_km, nearest
from zhiyu.data.regions import Regions
from zhiyu.data.tables import READERS, decode
from zhiyu.terms import Label, Place, Refusal

Islands = Literal["refuse", "keep"]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Spatial weights of n regions.

    codes : n region codes, naming rows and columns.
    matrix : (n, n) float array, read-only; w_ij >= 0 is the weight of j as a neighbour of i, w_ii = 0.
    kind : how it was made: contiguity, edges (weighted), nearest, band, decay, matrix, economic, nested, mixed, flows.
    standardised : whether every row that is not an island's sums to one.
    islands : codes of regions that have no neighbour.
    """

    codes: tuple[str, ...]
    matrix: np.ndarray
    kind: str
    standardised: bool
    islands: tuple[str, ...]

    def of(self, code: str) -> tuple[str, ...]:
        """Codes of a region's neighbours."""
        return tuple(self.codes[j] for j in np.flatnonzero(self.matrix[self.codes.index(code)]))

    def select(self, regions: Regions, islands: Islands | None = None) -> Neighbours:
        """The weights among some of the regions, in their order; a region whose neighbours are all gone is an island.

        Standardised weights are standardised anew. Unless said otherwise, islands are kept where there are some.
        """
        regions = counted(regions)
        position = {code: i for i, code in enumerate(self.codes)}
        for code in regions.codes:
            if code not in position:
                raise Refusal("neighbours_region_missing", Place(region=regions.label(code)), names=regions.label(code))
        rows = [position[code] for code in regions.codes]
        left = islands or ("keep" if self.islands else "refuse")
        chosen = checked(self.matrix[np.ix_(rows, rows)], regions, self.kind, left, Place())
        return row_standardise(chosen) if self.standardised else chosen


def from_edges(path: Path, regions: Regions, islands: Islands = "refuse") -> Neighbours:
    """Neighbours from a list of edges: a CSV whose first two columns name regions in any form, `a,b[,type][,weight]`.

    A list in which no pair occurs reversed is undirected, and its matrix is symmetric; one in which any pair occurs
    reversed must hold all of them, since otherwise half of a table has been lost. Without a column `weight` each edge
    weighs 1. Other columns (`type`) are not read.

    Raises
    ------
    Refusal
        For an unknown region, a self loop, one edge with two weights, a list half reversed, a weight that is no
        positive number, or an island that is not kept.
    """
    regions = counted(regions)
    index = {code: i for i, code in enumerate(regions.codes)}
    edges: dict[tuple[str, str], tuple[float, int]] = {}
    rows, weighted = _edge_rows(path)
    for number, cells in rows:
        place = Place(file=path.name, row=number)
        a, b = (regions.match(cell, place) for cell in cells[:2])
        if a == b:
            raise Refusal("edge_to_itself", place, region=regions.label(a))
        weight = _weight(cells[2], place) if weighted else 1.0
        for pair in ((a, b), (b, a)):
            if pair in edges and edges[pair][0] != weight:
                first, row = edges[pair]
                names = pair_of(regions, a, b)
                raise Refusal("edge_two_weights", place, pair=names, one=f"{first:g}", other=f"{weight:g}", row=row)
        edges.setdefault((a, b), (weight, number))
    _refuse_half_reversed(edges, regions, path.name)
    matrix = np.zeros((len(regions), len(regions)))
    for (a, b), (weight, _) in edges.items():
        matrix[index[a], index[b]] = matrix[index[b], index[a]] = weight
    return checked(matrix, regions, "edges" if weighted else "contiguity", islands, Place(file=path.name))


def from_coordinates(
    regions: Regions,
    k: int | None = None,
    band_km: float | None = None,
    decay: float | None = None,
    islands: Islands = "refuse",
) -> Neighbours:
    """Neighbours from great-circle distances between the regions' coordinates.

    Parameters
    ----------
    k : the k nearest regions are neighbours (ties in the order of codes); the matrix is in general not symmetric
    band_km : regions within this distance are neighbours; not together with k
    decay : a neighbour's weight is d_ij ** -decay, d in km; alone, every other region is a neighbour

    Without decay each neighbour weighs 1.

    Raises
    ------
    Refusal
        For choices that do not fit together or exceed their bounds, a region without coordinates, two regions at one
        point under decay, or an island that is not kept.
    """
    regions = counted(regions)
    _check_choices(k, band_km, decay, len(regions))
    lon, lat = _coordinates(regions)
    apart = great_circle_km(lon, lat)
    if k is not None:
        near = nearest(lon, lat, k, regions.codes)
    else:
        near = (apart <= band_km) if band_km is not None else np.ones(apart.shape, dtype=bool)
        np.fill_diagonal(near, False)
    matrix = near.astype(float)
    if decay is not None:
        for i, j in np.argwhere(near & (apart == 0)):
            raise Refusal("same_point", pair=pair_of(regions, regions.codes[i], regions.codes[j]))
        matrix = np.where(near, np.where(near, apart, 1.0) ** -decay, 0.0)
    kind = "nearest" if k is not None else "band" if band_km is not None else "decay"
    return checked(matrix, regions, kind, islands, Place())


def from_matrix(path: Path, regions: Regions, directed: bool = False, islands: Islands = "refuse") -> Neighbours:
    """Neighbours from a user's matrix: CSV or XLSX (first sheet), region names in the first row and the first column.

    Rows and columns may stand in any order, which need not be the same: both are matched by name.

    Raises
    ------
    Refusal
        For names missing, unknown or twice, rows and columns that name different regions, a cell that is no number
        or negative, a diagonal that is not zero, asymmetry unless `directed`, or an island that is not kept.
    """
    regions = counted(regions)
    grid = _grid(path)
    rows = _names(grid.iloc[1:, 0], regions, path.name, down=True)
    columns = _names(grid.iloc[0, 1:], regions, path.name, down=False)
    different = sorted(set(rows) ^ set(columns))
    if different:
        raise Refusal("matrix_not_square", Place(file=path.name), names=names_of(regions, different))
    missing = [code for code in regions.codes if code not in rows]
    if missing:
        raise Refusal("neighbours_region_missing", Place(file=path.name), names=names_of(regions, missing))
    values = _numbers(grid.iloc[1:, 1:], path.name)
    across = {code: j for j, code in enumerate(columns)}
    down = {code: i for i, code in enumerate(rows)}
    matrix = values[np.ix_([down[code] for code in regions.codes], [across[code] for code in regions.codes])]
    for i in np.flatnonzero(np.diag(matrix)):
        region = regions.label(regions.codes[i])
        raise Refusal("matrix_diagonal", Place(file=path.name, region=region), value=f"{matrix[i, i]:g}")
    if not directed:
        for i, j in np.argwhere(~np.isclose(matrix, matrix.T, rtol=1e-9, atol=0.0)):
            pair = pair_of(regions, regions.codes[i], regions.codes[j])
            there, back = f"{matrix[i, j]:g}", f"{matrix[j, i]:g}"
            raise Refusal("matrix_asymmetric", Place(file=path.name), pair=pair, there=there, back=back)
    return checked(matrix, regions, "matrix", islands, Place(file=path.name))


def row_standardise(neighbours: Neighbours) -> Neighbours:
    """Each row divided by its sum, w_ij / sum_k w_ik, so that a spatial lag is a mean; rows of islands stay zero."""
    total = neighbours.matrix.sum(axis=1, keepdims=True)
    matrix = np.divide(neighbours.matrix, total, out=np.zeros_like(neighbours.matrix), where=total > 0)
    matrix.setflags(write=False)
    return replace(neighbours, matrix=matrix, standardised=True)


def checked(matrix: np.ndarray, regions: Regions, kind: str, islands: Islands, place: Place) -> Neighbours:
    """Weights of regions, after the choice of what becomes of islands."""
    alone = tuple(code for code, row in zip(regions.codes, matrix, strict=True) if not row.any())
    if alone and islands == "refuse":
        raise Refusal("islands", place, names=names_of(regions, alone))
    matrix = np.array(matrix, dtype=float)
    matrix.setflags(write=False)
    return Neighbours(regions.codes, matrix, kind, standardised=False, islands=alone)


def counted(regions: Regions) -> Regions:
    """The regions less aggregates such as "EU", which border nothing."""
    return regions.select(region.code for region in regions.rows if not region.aggregate)


def _edge_rows(path: Path) -> tuple[list[tuple[int, list[str]]], bool]:
    """(row number, [a, b, weight or nothing]) of each edge, and whether the list has weights."""
    if not path.is_file():
        raise Refusal("file_not_found", Place(file=path.name), folder=str(path.parent))
    reader = csv.reader(io.StringIO(decode(path.read_bytes(), path.name), newline=""))
    header = [name.strip().casefold() for name in next(reader, [])]
    if len(header) < 2:
        raise Refusal("edges_two_columns", Place(file=path.name, row=1))
    position = header.index("weight") if "weight" in header[2:] else None
    rows = []
    for cells in reader:
        if any(cells):
            padded = [*cells, *[""] * len(header)]
            rows.append((reader.line_num, [*padded[:2], "" if position is None else padded[position]]))
    if not rows:
        raise Refusal("no_rows", Place(file=path.name))
    return rows, position is not None


def _weight(cell: str, place: Place) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = np.nan
    if not 0 < value < np.inf:
        raise Refusal("edge_weight", replace(place, column="weight"), found=cell)
    return value


def _refuse_half_reversed(edges: dict[tuple[str, str], tuple[float, int]], regions: Regions, file: str) -> None:
    alone = [pair for pair in edges if pair[::-1] not in edges]
    if alone and len(alone) < len(edges):
        pair = pair_of(regions, *alone[0])
        raise Refusal("edges_half_reversed", Place(file=file, row=edges[alone[0]][1]), pair=pair, number=len(alone))


def _check_choices(k: int | None, band_km: float | None, decay: float | None, n: int) -> None:
    if (k is None and band_km is None and decay is None) or (k is not None and band_km is not None):
        raise Refusal("neighbours_choice")
    if k is not None and not 1 <= k < n:
        raise Refusal("neighbours_bound", name="k", value=k, bound=f"1-{n - 1}")
    for name, value in (("band_km", band_km), ("decay", decay)):
        if value is not None and not 0 < value < np.inf:
            raise Refusal("neighbours_bound", name=name, value=value, bound="> 0")


def _coordinates(regions: Regions) -> tuple[np.ndarray, np.ndarray]:
    lacking = [region.code for region in regions.rows if region.lon is None or region.lat is None]
    if lacking:
        raise Refusal("no_coordinates", names=names_of(regions, lacking))
    return np.array([r.lon for r in regions.rows], dtype=float), np.array([r.lat for r in regions.rows], dtype=float)


def _grid(path: Path) -> pd.DataFrame:
    """The first sheet as it stands, without empty rows and columns."""
    if not path.is_file():
        raise Refusal("file_not_found", Place(file=path.name), folder=str(path.parent))
    if path.suffix.lower() not in (".csv", ".tsv", ".txt", ".xlsx"):
        raise Refusal("unknown_format", Place(file=path.name), suffix=path.suffix, known=".csv, .xlsx")
    grid = next(iter(READERS[path.suffix.lower()](path).values())) if path.stat().st_size else pd.DataFrame()
    filled = grid.notna() & (grid != "")
    grid = grid.loc[filled.any(axis=1), filled.any(axis=0)]
    if min(grid.shape, default=0) < 3:
        raise Refusal("empty_file", Place(file=path.name))
    return grid


def _names(cells: pd.Series, regions: Regions, file: str, down: bool) -> list[str]:
    codes: list[str] = []
    for index, cell in cells.items():
        number = int(str(index)) + 1
        place = Place(file=file, row=number) if down else Place(file=file, row=1, column=str(number))
        code = regions.match(_text(cell), place)
        if code in codes:
            raise Refusal("duplicate_region", place, region=regions.label(code))
        codes.append(code)
    return codes


def _numbers(cells: pd.DataFrame, file: str) -> np.ndarray:
    values: np.ndarray = cells.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    for i, j in np.argwhere(~(np.isfinite(values) & (values >= 0))):
        place = Place(file=file, row=int(cells.index[i]) + 1, column=str(int(cells.columns[j]) + 1))
        raise Refusal(
            "matrix_negative" if values[i, j] < 0 else "matrix_not_a_number", place, text=_text(cells.iat[i, j])
        )
    return values


def _text(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell)


def names_of(regions: Regions, codes: Iterable[str]) -> Label:
    """Regions listed by name."""
    chosen = list(codes)
    return Label(regions.names(chosen, "zh"), regions.names(chosen, "en"))


def pair_of(regions: Regions, a: str, b: str) -> Label:
    """Two regions by name."""
    one, other = regions.label(a), regions.label(b)
    return Label(f"{one.zh}—{other.zh}", f"{one.en} - {other.en}")
