"""Tables of productivity: the whole by period, shares tried, regions, trends; years and the frontier as files."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from zhiyu.explain.of.productivity import GRID, STEPS, Productivity
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Column, Table, column
from zhiyu.terms import Label

POINTS = 2  # digits of percentage points


def _part(found: Productivity, name: str) -> Column:
    return column(name, "number", POINTS, label=words.heading(found.labels[name]))


def _percent(values: Iterable[float]) -> tuple[Cell, ...]:
    return tuple(100.0 * float(value) for value in values)


def _input(found: Productivity) -> Label:
    return found.labels[next(iter(found.inputs))]


def ends(found: Productivity) -> dict[str, object]:
    return {"input": _input(found), "low": f"{GRID[0] / 100:.2f}", "high": f"{GRID[-1] / 100:.2f}"}


def stated(found: Productivity) -> Label:
    """`capital 0.5 and labour 0.5`."""
    return words.both(
        lambda locale: words.listed(
            [f"{found.labels[n].text(locale)}{'' if locale == 'zh' else ' '}{s}" for n, s in found.shares.items()],
            locale,
        )
    )


def _notes(m: Material, found: Productivity) -> tuple[Label, ...]:
    names = words.both(lambda locale: words.roll([m.index.regions.label(code) for code in found.left_out], locale))
    gone = (words.label("report.note.productivity_left_out", regions=names),) if found.left_out else ()
    return (*gone, *m.coverage)


def periods(m: Material, found: Productivity) -> Table:
    """Contributions of the whole by period; the last row is the whole span."""
    columns = (
        column("productivity_period", head=True),
        *[_part(found, str(name)) for name in found.periods["part"].values],
        column("productivity_share", "percent", 0),
    )
    rows = []
    for span in found.spans:
        told = found.periods.sel(period=span)
        growth, tfp = float(told.sel(part="growth")), float(told.sel(part="tfp"))
        rows.append((span, *_percent(told.values), tfp / growth if growth > 0 else None))
    notes = (words.label("report.note.productivity_periods", shares=stated(found)), *_notes(m, found))
    title = words.label("report.table.productivity_periods")
    return Table("productivity_periods", title, columns, tuple(rows), notes)


def shares(m: Material, found: Productivity) -> Table:
    """What each share tried would say."""
    columns = (
        column(
            "share", "percent", 0, head=True, label=words.label("report.column.productivity_tried", input=_input(found))
        ),
        column("productivity_tfp", "number", POINTS),
        column("productivity_share", "percent", 0),
        column("productivity_level_rank", "number", 2),
        column("productivity_growth_rank", "number", 2),
    )
    rows: list[tuple[Cell, ...]] = []
    for share in found.sensitivity["share"].values:
        tfp, part, level, growth = found.sensitivity.sel(share=share).values.tolist()
        rows.append((int(share) / 100, 100 * tfp, None if np.isnan(part) else part, level, growth))
    notes = (words.label("report.note.productivity_shares"), *m.coverage)
    return Table("productivity_shares", words.label("report.table.productivity_shares"), columns, tuple(rows), notes)


def regions(m: Material, found: Productivity) -> Table:
    """Every region by level of productivity in the last year: its accounts over the whole span, ranks, frontier."""
    first, last = found.years[0], found.years[-1]
    columns = (
        column("region", shown=False),
        column("region_name", "label", head=True),
        *[_part(found, str(name)) for name in found.by_region["part"].values],
        column("level_first", "number", 2, label=words.label("report.column.productivity_first", year=first)),
        column("level_last", "number", 2, label=words.label("report.column.productivity_last", year=last)),
        column("productivity_rank", "number", 0),
        column("productivity_best", "number", 0),
        column("productivity_worst", "number", 0),
        column("productivity_score", "number", 2),
        column("productivity_index", "number", 3),
    )
    level = np.exp(found.tfp.values)
    ranks = found.ranks.sel(kind="level").values
    index = np.exp(np.log(found.steps.sel(step="index").values).mean(axis=1))
    parts, score = found.by_region.sel(period=found.spans[-1]).values, found.scores.values[:, -1]
    rows = []
    for i in np.argsort(ranks[:, 0], kind="stable"):
        code = list(found.regions)[i]
        told = (float(level[i, 0]), float(level[i, -1]), *ranks[i].tolist(), float(score[i]), float(index[i]))
        rows.append((code, found.regions[code], *_percent(parts[i]), *told))
    notes = (words.label("report.note.productivity_regions", **ends(found)), *_notes(m, found))
    title = words.label("report.table.productivity_regions")
    return Table("productivity_regions", title, columns, tuple(rows), notes)


def trends(m: Material, found: Productivity) -> Table:
    """Slope a year of each part, of its share in growth and of each factor's own growth."""
    columns = (
        column("part", shown=False),
        column("productivity_part", "label", head=True),
        column("productivity_slope", "number", 3),
        column("productivity_low", "number", 3),
        column("productivity_high", "number", 3),
        column("productivity_p", "number", 3),
        column("productivity_error", "number", 3),
        column("productivity_own", "number", 3),
    )
    rows: list[tuple[Cell, ...]] = []
    for part in (str(name) for name in found.trend["part"].values):
        told = found.trend.sel(part=part)
        slope, low, high, error, own = (
            100 * float(told.sel(figure=name)) for name in ("slope", "low", "high", "std_error", "std_error_regions")
        )
        p = float(told.sel(figure="p_value"))
        rows.append((part, _named(found, part), slope, low, high, p, error, None if np.isnan(own) else own))
    notes = (words.label("report.note.productivity_trends"), *m.coverage)
    return Table("productivity_trends", words.label("report.table.productivity_trends"), columns, tuple(rows), notes)


def _named(found: Productivity, part: str) -> Label:
    kind, _, name = part.partition("_")
    if kind == "share" and name in found.labels:
        return words.heading(words.label("report.productivity.of_growth", name=found.labels[name]))
    if kind == "rate" and name in found.labels:
        return words.heading(words.label("report.productivity.rate", name=found.labels[name]))
    if part in found.inputs:
        return words.heading(words.label("report.productivity.part", name=found.labels[part]))
    return words.heading(found.labels[part])


def accounts(m: Material, found: Productivity) -> Table:
    """Every region and year."""
    columns = (
        column("region"),
        column("region_name", "label"),
        column("year", "year"),
        *[_part(found, str(name)) for name in found.accounts["part"].values],
    )
    rows = [
        (code, label, int(year), *_percent(found.accounts.sel(region=code, year=year).values))
        for code, label in found.regions.items()
        for year in found.accounts["year"].values
    ]
    title = words.label("report.table.productivity_accounts")
    return Table("productivity_accounts", title, columns, tuple(rows), _notes(m, found))


def frontier(m: Material, found: Productivity) -> Table:
    """Efficiency and ln TFP of every region and year, and the Malmquist step that ends in it."""
    columns = (
        column("region"),
        column("region_name", "label"),
        column("year", "year"),
        column("productivity_score", "number", 4),
        column("productivity_index", "number", 4),
        column("productivity_catching", "number", 4),
        column("productivity_moving", "number", 4),
        column("tfp", "number", 4, label=words.heading(found.labels["tfp"])),
    )
    rows: list[tuple[Cell, ...]] = []
    for code, label in found.regions.items():
        for year in found.years:
            known = year > found.years[0]
            step = found.steps.sel(region=code, year=year, step=list(STEPS)).values.tolist() if known else [None] * 3
            score, ln = (float(one.sel(region=code, year=year)) for one in (found.scores, found.tfp))
            rows.append((code, label, year, score, *step, float(np.exp(ln))))
    title = words.label("report.table.productivity_frontier")
    return Table("productivity_frontier", title, columns, tuple(rows), _notes(m, found))
