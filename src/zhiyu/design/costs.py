"""What options cost, in the user's unit: stated by the user, or assumed equal and said to be so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhiyu.data.regions import fold
from zhiyu.data.tables import RawTable, read_tables
from zhiyu.design.levers import Options
from zhiyu.terms import Place, Refusal, suggestion

UNIT_COST = 1.0  # of a lever in full and everywhere; assumed, and no datum


@dataclass(frozen=True, eq=False)
class Costs:
    """each : (option,) in the budget's unit, for the lever in full; assumed : equal unit costs, which nobody stated."""

    each: np.ndarray
    assumed: bool


def equal(options: Options, sizes: np.ndarray) -> Costs:
    """One unit a lever in full and everywhere, and at a place as much of it as the place's share of `sizes`.

    c = sum_(regions reached) s / sum s

    Parameters
    ----------
    sizes : (region,) output of the base year. A lever acts in proportion to what a region has: the same level moves a
        state by the same per cent. So a cost in proportion to output favours no place by assumption, while one by heads
        would make growth cheap where output per head is high.
    """
    return Costs(UNIT_COST * _shares(options, sizes), True)


def stated(options: Options, sizes: np.ndarray, path: Path) -> Costs:
    """Costs of a file with the columns measure, cost and, if it likes, place.

    A row without a place is the cost everywhere, of which a place has its share; one with a place is that place's own,
    and goes before.

    Raises
    ------
    Refusal
        For columns that lack, a measure or place that is not in question, a cost that is not a number above zero, a row
        that stands twice, and measures without a cost.
    """
    (table, *_) = read_tables(path, lambda header: {"measure", "cost"} <= set(header))
    found: dict[tuple[str, str], float] = {}
    for number, cells in enumerate(table.cells.to_dict("records")):
        row = {str(name): cell for name, cell in cells.items()}
        measure, site = _measure(row, options, table, number), _site(row.get("place"), options, table, number)
        if (measure, site) in found:
            raise Refusal("cost_twice", table.place(number), name=measure)
        found[measure, site] = _cost(row["cost"], table, number)
    lacking = [row.lever for row in options.rows if not found.keys() & {(row.lever, row.place), (row.lever, "")}]
    if lacking:
        raise Refusal("cost_missing", Place(file=path.name), names=", ".join(dict.fromkeys(lacking)))
    shares = _shares(options, sizes)
    each = [
        found[option.lever, option.place] if (option.lever, option.place) in found else found[option.lever, ""] * share
        for option, share in zip(options.rows, shares, strict=True)
    ]
    return Costs(np.array(each), False)


def _shares(options: Options, sizes: np.ndarray) -> np.ndarray:
    return np.asarray((options.reach * (sizes / sizes.sum())).sum(axis=1))


def _measure(row: dict[str, object], options: Options, table: RawTable, number: int) -> str:
    name, known = str(row["measure"] or "").strip(), [lever.id for lever in options.levers]
    if name not in known:
        raise Refusal("cost_measure", table.place(number, "measure"), name=name, hint=suggestion(name, known))
    return name


def _site(cell: object, options: Options, table: RawTable, number: int) -> str:
    """The id of the place that a cell means; "" where it is empty."""
    if cell is None or not str(cell).strip():
        return ""
    name = str(cell).strip()
    for site in options.sites:
        if fold(name) in {fold(word) for word in (site.id, site.label.zh, site.label.en)}:
            return site.id
    known = [word for site in options.sites for word in (site.id, site.label.zh, site.label.en)]
    listed = ", ".join(site.id for site in options.sites)
    raise Refusal("cost_place", table.place(number, "place"), name=name, known=listed, hint=suggestion(name, known))


def _cost(cell: object, table: RawTable, number: int) -> float:
    place = table.place(number, "cost")
    try:
        cost = float(str(cell))
    except ValueError:
        cost = np.nan
    if not np.isfinite(cost):
        raise Refusal("number_expected", place, text="" if cell is None else cell)
    if cost <= 0:
        raise Refusal("cost_not_above_zero", place, cost=cost)
    return cost
