"""Tables of the indicators' cells that the recipe itself changed: imputed, or treated for outliers."""

from __future__ import annotations

from collections import Counter, defaultdict

from zhiyu.measure.cells import Altered
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.sources import spans
from zhiyu.report.tables import Table, column
from zhiyu.terms import Label


def treatment(m: Material) -> Table:
    """The changed cells of indicators, by indicator and rule."""
    columns = (
        column("indicator", shown=False),
        column("indicator_name", "label", head=True),
        column("rule", shown=False),
        column("rule_name", "label"),
        column("years", "label"),
        column("cells_changed", "integer"),
    )
    every = (*m.index.imputed, *m.index.treated)
    counted = Counter((cell.indicator, cell.how) for cell in every)
    years = defaultdict(set)
    for cell in every:
        years[cell.indicator, cell.how].add(cell.year)
    rows = tuple(
        (leaf.id, words.heading(leaf.label), how, rule_name(how), spans(sorted(years[leaf.id, how])), number)
        for leaf in m.leaves
        for (name, how), number in counted.items()
        if name == leaf.id
    )
    return Table("treatment", words.label("report.table.treatment"), columns, rows, m.coverage)


def imputed(m: Material) -> Table:
    """Every missing cell of an indicator that the recipe filled."""
    return _cells(m, "imputed_cells", m.index.imputed)


def treated(m: Material) -> Table:
    """Every cell of an indicator that outlier treatment changed, before and after."""
    return _cells(m, "treated_cells", m.index.treated)


def rule_name(how: str) -> Label:
    """What was done to a cell, in words."""
    key = f"report.rule.{how}"
    return words.label(key) if words.has(key) else Label(how, how)


def _cells(m: Material, name: str, cells: tuple[Altered, ...]) -> Table:
    columns = (
        column("indicator"),
        column("indicator_name", "label"),
        column("region"),
        column("region_name", "label"),
        column("year", "year"),
        column("before", "value"),
        column("after", "value"),
        column("rule"),
    )
    rows = tuple(
        (
            cell.indicator,
            m.index.tree[cell.indicator].label,
            cell.region,
            m.index.regions.label(cell.region),
            cell.year,
            cell.before,
            cell.after,
            cell.how,
        )
        for cell in cells
    )
    return Table(name, words.label(f"report.table.{name}"), columns, rows, m.coverage)
