"""Tables of disparity: the root by year, its groups pair by pair, every measure, concentration; the rest as files."""

from __future__ import annotations

from itertools import product

import numpy as np

from zhiyu.explain.of.disparity import Disparity
from zhiyu.explain.of.gaps import SHOWN
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label

DIGITS = 3


def years(m: Material, found: Disparity) -> Table:
    """Dagum's parts of the root by year."""
    grouped = bool(found.groups)
    columns = (
        column("year", "year", head=True),
        column("gini", "number", DIGITS),
        column("gini_low", "number", DIGITS),
        column("gini_high", "number", DIGITS),
        column("gini_within", "number", DIGITS, shown=grouped),
        column("gini_between", "number", DIGITS, shown=grouped),
        column("transvariation", "number", DIGITS, shown=grouped),
        column("between_share", "percent", 0, shown=grouped),
        column("share_low", "percent", 0, shown=grouped),
        column("share_high", "percent", 0, shown=grouped),
        column("mean_difference", "number", m.digits),
        column("peaks", "integer"),
    )
    rows: list[tuple[Cell, ...]] = []
    for year in found.years(found.root):
        cells = found.parts.sel(measure=found.root, year=year)
        whole, share = cells.sel(part="total").values.tolist(), cells.sel(part="between_share").values.tolist()
        parts = [float(cells.sel(part=part, bound="estimate")) for part in ("within", "between", "transvariation")]
        points = float(cells.sel(part="mean_difference", bound="estimate"))
        peaks = float(found.modes.sel(measure=found.root, year=year))
        rows.append((year, *whole, *parts, *share, points, None if np.isnan(peaks) else int(peaks)))
    level = words.percent(found.level, 0)
    notes = [words.label("report.note.disparity_years", level=level, draws=found.draws)]
    notes.append(words.label("report.note.disparity_peaks", width=_width(m, found)))
    notes += _left_out(m, found, found.root)
    title = words.label("report.table.disparity_years", name=m.root.label)
    return Table("disparity_years", title, columns, tuple(rows), (*notes, *m.coverage))


def _width(m: Material, found: Disparity) -> str:
    return words.number(float(found.bandwidth.sel(measure=found.root)), m.digits)


def _left_out(m: Material, found: Disparity, measure: str) -> list[Label]:
    """Who takes no part for want of a year."""
    codes = found.left_out.get(measure, ())
    names = words.both(lambda locale: words.roll([m.index.regions.label(code) for code in codes], locale))
    return [words.label("report.note.disparity_left_out", name=_name(found, measure), regions=names)] if codes else []


def _name(found: Disparity, measure: str) -> Label:
    return found.measures[measure] if measure in found.measures else found.sizes[measure]


def pairs(m: Material, found: Disparity) -> Table:
    """Every pair of groups in the last year, and every group with itself."""
    year = found.years(found.root)[-1]
    columns = (
        column("group", shown=False),
        column("group_name", "label", head=True),
        column("other", shown=False),
        column("other_name", "label"),
        column("gini_pair", "number", DIGITS),
        column("affluence", "number", 2),
    )
    rows = [row[2:] for row in _pairs(found, found.root, year, upper=True)]
    title = words.label("report.table.disparity_pairs", name=m.root.label, year=year)
    return Table(
        "disparity_pairs", title, columns, tuple(rows), (words.label("report.note.disparity_pairs"), *m.coverage)
    )


def _pairs(found: Disparity, measure: str, year: int, upper: bool) -> list[tuple[Cell, ...]]:
    gini, affluence = (x.sel(measure=measure, year=year).values for x in (found.pairs, found.affluence))
    named = list(found.groups.items())
    rows: list[tuple[Cell, ...]] = []
    for j, h in product(range(len(named)), repeat=2):
        if np.isfinite(gini[j, h]) and (h >= j or not upper):
            own = None if j == h else float(affluence[j, h])
            rows.append((measure, year, *named[j], *named[h], float(gini[j, h]), own))
    return rows


def theil(m: Material, found: Disparity) -> Table:
    """Theil's T and L of the root by year, between groups and within."""
    columns = (
        column("year", "year", head=True),
        column("theil_t_total", "number", 4),
        column("theil_t_between", "number", 4),
        column("theil_t_within", "number", 4),
        column("theil_l_total", "number", 4),
        column("theil_l_between", "number", 4),
        column("theil_l_within", "number", 4),
        column("theil_share", "percent", 0),
    )
    rows: list[tuple[Cell, ...]] = []
    for year in found.years(found.root):
        cells = found.theil.sel(measure=found.root, year=year).values
        numbers = [None if np.isnan(value) else float(value) for value in cells.ravel()]
        rows.append((year, *numbers, float(cells[0, 1] / cells[0, 0]) if cells[0, 0] > 0 else None))
    title = words.label("report.table.disparity_theil", name=m.root.label)
    return Table(
        "disparity_theil", title, columns, tuple(rows), (words.label("report.note.disparity_theil"), *m.coverage)
    )


def measures(m: Material, found: Disparity) -> Table:
    """The root, the top nodes and outcomes in their first and last year."""
    columns = (
        column("measure", shown=False),
        column("measure_name", "label", head=True),
        column("years", "text"),
        column("gini_first", "number", DIGITS),
        column("gini_last", "number", DIGITS),
        column("gini_change", "number", DIGITS),
        column("change_low", "number", DIGITS),
        column("change_high", "number", DIGITS),
        column("between_share", "percent", 0, shown=bool(found.groups)),
        column("difference_change", "percent", 0),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, label in found.measures.items():
        seen = found.years(name)
        first, last = (found.parts.sel(measure=name, year=year, bound="estimate") for year in (seen[0], seen[-1]))
        ends = [float(row.sel(part="total")) for row in (first, last)]
        span = f"{seen[0]}–{seen[-1]}" if len(seen) > 1 else str(seen[0])
        change = found.change.sel(measure=name, part="total").values.tolist()
        before, after = (float(row.sel(part="mean_difference")) for row in (first, last))
        grown = after / before - 1 if len(seen) > 1 and before > 0 else None
        own = float(last.sel(part="between_share"))
        rows.append((name, words.heading(label), span, *ends, *change, own, grown))
    notes = [words.label("report.note.disparity_measures")]
    notes += [note for name in found.measures if name != found.root for note in _left_out(m, found, name)]
    title = words.label("report.table.disparity_measures")
    return Table("disparity_measures", title, columns, tuple(rows), (*notes, *m.coverage))


def concentration(m: Material, found: Disparity) -> Table:
    """How far totals are in few hands, by year."""
    columns = (
        column("measure", shown=False),
        column("measure_name", "label", head=True, span=True),
        column("year", "year"),
        column("leading", "percent", 1),
        column("hhi", "number", DIGITS),
        column("exponent", "number", 2),
        column("exponent_low", "number", 2),
        column("exponent_high", "number", 2),
        column("regions", "integer"),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, label in found.sizes.items():
        for year in (int(y) for y in found.concentrated["year"].values):
            told = found.concentrated.sel(size=name, year=year)
            if np.isfinite(told.sel(figure="hhi")):
                numbers = [float(told.sel(figure=figure)) for figure in ("leading", "hhi", "exponent", "low", "high")]
                count = float(told.sel(figure="regions"))
                rows.append((name, words.heading(label), year, *numbers, None if np.isnan(count) else int(count)))
    notes = [words.label("report.note.disparity_concentration")]
    notes += [note for name in found.sizes for note in _left_out(m, found, name)]
    title = words.label("report.table.disparity_concentration")
    return Table("disparity_concentration", title, columns, tuple(rows), (*notes, *m.coverage))


def parts(m: Material, found: Disparity) -> Table:
    """Every measure, year and part with its interval."""
    columns = (
        column("measure"),
        column("measure_name", "label"),
        column("year", "year"),
        column("part"),
        column("part_name", "label"),
        column("value", "value"),
        column("value_low", "value"),
        column("value_high", "value"),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, label in found.measures.items():
        for year, part in product(found.years(name), SHOWN):
            numbers = found.parts.sel(measure=name, year=year, part=part).values.tolist()
            if np.isfinite(numbers[0]):
                rows.append((name, label, year, part, words.label(f"report.disparity.part_{part}"), *numbers))
    return Table("disparity_parts", words.label("report.table.disparity_parts"), columns, tuple(rows), m.coverage)


def all_pairs(m: Material, found: Disparity) -> Table:
    """Every measure, year and pair of groups."""
    columns = (
        column("measure"),
        column("year", "year"),
        column("group"),
        column("group_name", "label"),
        column("other"),
        column("other_name", "label"),
        column("gini_pair", "number", DIGITS),
        column("affluence", "number", 2),
    )
    rows = [row for name in found.measures for year in found.years(name) for row in _pairs(found, name, year, False)]
    title = words.label("report.table.disparity_pairs_all")
    return Table("disparity_pairs_all", title, columns, tuple(rows), m.coverage)


def densities(m: Material, found: Disparity) -> Table:
    """Kernel densities of the root by year, point by point."""
    columns = (column("year", "year"), column("score", "number", 3), column("density", "number", 6))
    x = found.x.sel(measure=found.root).values
    density = found.density.sel(measure=found.root)
    rows = [
        (year, float(at), float(height))
        for year in found.years(found.root)
        for at, height in zip(x, density.sel(year=year).values, strict=True)
        if np.isfinite(height)
    ]
    notes = (words.label("report.note.disparity_peaks", width=_width(m, found)), *m.coverage)
    title = words.label("report.table.disparity_densities", name=m.root.label)
    return Table("disparity_densities", title, columns, tuple(rows), notes)
