"""Neighbours by economy: closeness in a base-year variable, joined with geography, or flows between regions.

Weights must not be made from what they are to explain. An outcome, or a variable read after the start of the years
studied, would put the answer into the matrix, so both are refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

import numpy as np

from zhiyu.data import formula
from zhiyu.data.neighbours import Islands, Neighbours, checked, counted, names_of, pair_of, row_standardise
from zhiyu.data.panel import Panel
from zhiyu.data.regions import Regions
from zhiyu.data.tables import decode
from zhiyu.terms import Place, Refusal


def from_variable(
    panel: Panel,
    variable: str,
    base_year: int | None = None,
    start: int | None = None,
    outcome: Collection[str] = (),
    least: float = 0.0,
) -> Neighbours:
    """Neighbours by likeness in one year's values of a variable, w_ij = 1 / max(|x_i - x_j|, least).

    Every other region is a neighbour. The unit of x cancels once rows are standardised, which they are not here.

    Parameters
    ----------
    variable : a variable of the panel, or a formula over its variables
    base_year : the year read; may be left out only for what does not change over the years, such as an area
    start : first year of what the weights will explain, the panel's first if not given; no later year may be read
    outcome : variables or formulas that the weights will explain
    least : difference below which two regions count as equally alike, in the unit of x

    Raises
    ------
    Refusal
        For a variable that is, or reads, an outcome; one that changes while no base year is named; a base year after
        the start or outside the data; a region without a value; two regions with the same value while `least` is 0.

    Source: Case, Rosen and Hines (1993), Budget spillovers and fiscal policy interdependence, Journal of Public
    Economics 52.
    """
    read = formula.names(variable)
    explained = {name for one in outcome for name in (one, *formula.names(one))}
    if read & explained:
        raise Refusal("economic_outcome", name=variable, names=", ".join(sorted(read & explained)))
    _check_bound("least", least, 0.0 <= least < np.inf, ">= 0")
    regions = counted(panel.regions)
    values = panel.compute(variable)[[panel.codes.index(code) for code in regions.codes]]
    x = _at(panel, regions, variable, values, base_year, panel.years[0] if start is None else start)
    apart = np.abs(x[:, None] - x)
    np.fill_diagonal(apart, np.inf)
    if least == 0.0:
        for i, j in np.argwhere(apart == 0):
            raise Refusal("economic_tie", pair=pair_of(regions, regions.codes[i], regions.codes[j]), name=variable)
    return checked(1.0 / np.maximum(apart, least), regions, "economic", "refuse", Place())


def nested(geographic: Neighbours, economic: Neighbours) -> Neighbours:
    """Both at once, w_ij = g_ij e_ij: neighbours in space, the more so the more alike their economies.

    Pairs are matched by code. Not standardised, whatever its parts are; islands remain those of either part.

    Source: the product form of Case, Rosen and Hines (1993).
    """
    other = _matched(geographic, economic)
    matrix = geographic.matrix * other
    alone = tuple(code for code, row in zip(geographic.codes, matrix, strict=True) if not row.any())
    matrix.setflags(write=False)
    return Neighbours(geographic.codes, matrix, "nested", standardised=False, islands=alone)


def mixed(geographic: Neighbours, economic: Neighbours, share: float) -> Neighbours:
    """A share of the one and the rest of the other, share g_ij + (1 - share) e_ij.

    Rows of both, and of the sum, are divided by their sums; an island of one part has the other's neighbours.
    """
    _check_bound("share", share, 0.0 < share < 1.0, "0-1")
    one, other = row_standardise(geographic), row_standardise(economic)
    matrix = share * one.matrix + (1.0 - share) * _matched(one, other)
    alone = tuple(code for code in geographic.codes if code in geographic.islands and code in economic.islands)
    matrix.setflags(write=False)
    found = Neighbours(geographic.codes, matrix, "mixed", standardised=False, islands=alone)
    return row_standardise(found)


def from_flows(path: Path, regions: Regions, received: bool = True, islands: Islands = "refuse") -> Neighbours:
    """Neighbours by flows: a CSV whose first three columns are origin, destination and amount, a flow a row.

    Row i holds what reaches i: w_ij is the flow from j to i (`received`), or else from i to j. Directed, and with rows
    divided by their sums, so that w_ij is the share of i's flows. Pairs not listed have no flow; flows within a region
    are left out, since a region is no neighbour of itself; other columns are not read.

    Raises
    ------
    Refusal
        For fewer than three columns, an unknown region, a pair listed twice, an amount that is no number or negative,
        or a region without flows that is not kept.
    """
    regions = counted(regions)
    index = {code: i for i, code in enumerate(regions.codes)}
    matrix = np.zeros((len(regions), len(regions)))
    rows: dict[tuple[str, str], int] = {}
    for number, cells in _flow_rows(path):
        place = Place(file=path.name, row=number)
        pair = (regions.match(cells[0], place), regions.match(cells[1], place))
        if pair in rows:
            raise Refusal("flow_twice", place, pair=pair_of(regions, *pair), row=rows[pair])
        rows[pair] = number
        matrix[index[pair[1]], index[pair[0]]] = _amount(cells[2], place)
    np.fill_diagonal(matrix, 0.0)
    return row_standardise(checked(matrix if received else matrix.T, regions, "flows", islands, Place(file=path.name)))


def _at(
    panel: Panel, regions: Regions, variable: str, values: np.ndarray, base_year: int | None, start: int
) -> np.ndarray:
    """The values that count, one a region."""
    if base_year is None:
        seen = np.where(np.isfinite(values), values, np.nan)
        if np.isfinite(values).any() and not np.nanmax(np.nanmax(seen, 1) - np.nanmin(seen, 1)) == 0.0:
            raise Refusal("economic_varies", name=variable, year=panel.years[0])
        x = np.nanmax(seen, axis=1)
    else:
        if base_year not in panel.years:
            _check_bound("base_year", base_year, False, f"{panel.years[0]}-{panel.years[-1]}")
        if base_year > start:
            raise Refusal("economic_late", name=variable, year=base_year, start=start)
        x = values[:, panel.years.index(base_year)]
    lacking = [code for code, value in zip(regions.codes, x, strict=True) if not np.isfinite(value)]
    if lacking:
        raise Refusal("economic_missing", name=variable, names=names_of(regions, lacking))
    return np.asarray(x)


def _matched(one: Neighbours, other: Neighbours) -> np.ndarray:
    """The other's matrix in the one's order."""
    different = sorted(set(one.codes) ^ set(other.codes))
    if different:
        raise Refusal("neighbours_differ", names=", ".join(different))
    order = [other.codes.index(code) for code in one.codes]
    return np.asarray(other.matrix[np.ix_(order, order)])


def _flow_rows(path: Path) -> list[tuple[int, list[str]]]:
    """(row number, [origin, destination, amount]) of each flow."""
    if not path.is_file():
        raise Refusal("file_not_found", Place(file=path.name), folder=str(path.parent))
    reader = csv.reader(io.StringIO(decode(path.read_bytes(), path.name), newline=""))
    if len(next(reader, [])) < 3:
        raise Refusal("flows_three_columns", Place(file=path.name, row=1))
    rows = [(reader.line_num, [*cells, "", ""][:3]) for cells in reader if any(cells)]
    if not rows:
        raise Refusal("no_rows", Place(file=path.name))
    return rows


def _amount(cell: str, place: Place) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = np.nan
    if not 0 <= value < np.inf:
        raise Refusal("flow_amount", place, found=cell)
    return value


def _check_bound(name: str, value: float, sound: bool, bound: str) -> None:
    if not sound:
        raise Refusal("neighbours_bound", name=name, value=value, bound=bound)
