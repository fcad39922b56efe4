"""Tables of how firm the ranking is: rank intervals, which choice moves it, which indicator carries it."""

from __future__ import annotations

import numpy as np

from zhiyu.methods import REGISTRY
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.results import whole
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label

KINDS = {"normalise": "normalise", "weight": "weighting", "aggregate": "aggregate", "treat": "treat"}
HEAD = 10  # the head of the ranking, of which a region is or is not one


def intervals(m: Material) -> Table:
    """Rank of the last year by the recipe, and the ranks that hold the study's share of all replays."""
    columns = (
        column("rank", "integer"),
        column("region", shown=False),
        column("region_name", "label", head=True),
        column("rank_low", "integer"),
        column("rank_median", "number", 1),
        column("rank_high", "integer"),
        column("width", "integer"),
        column("share_in_head", "percent", 0, label=words.label("report.column.share_in_head", number=HEAD)),
    )
    rows: list[tuple[Cell, ...]] = []
    if m.robustness is not None:
        found = m.robustness.interval(m.choices.measure.robustness.level).values[:, :, m.span[1]]
        head = m.robustness.share_in_top(HEAD).values[:, m.span[1]]
        rank = m.rank(m.root)[:, m.span[1]]
        for i in m.ranked:
            low, median, high = found[:, i]
            width = whole(high - low)
            row: tuple[Cell, ...] = (whole(rank[i]), m.codes[i], m.name_of(i), whole(low), float(median), whole(high))
            rows.append((*row, width, float(head[i])))
    chosen = m.choices.measure.robustness
    level = words.percent(chosen.level, 0)
    notes = (words.label("report.note.robustness", level=level, draws=chosen.draws, varied=varied(m)), *m.coverage)
    title = words.label("report.table.robustness", year=m.last, level=level)
    return Table("robustness", title, columns, tuple(rows), notes, ordered=len(rows))


def shares(m: Material) -> Table:
    """What share of the variance of all last year's ranks each choice is answerable for."""
    columns = (
        column("factor", shown=False),
        column("factor_name", "label", head=True),
        column("alternatives", "label", long=True),
        column("first", "percent"),
        column("total", "percent"),
        column("regions_led", "integer"),
    )
    rows: list[tuple[Cell, ...]] = []
    if m.sensitivity is not None:
        overall = m.sensitivity.overall
        leads = m.sensitivity.total.values.argmax(axis=0)[m.sensitivity.variance.values > 0]
        for k, path in enumerate(str(name) for name in overall["factor"].values):
            first, total = (float(overall.sel(share=kind, factor=path)) for kind in ("first", "total"))
            rows.append((path, factor(path), _alternatives(m, path), max(0.0, first), total, int((leads == k).sum())))
        rows.sort(key=lambda row: -float(str(row[4])))
    notes = (words.label("report.note.sensitivity", samples=m.choices.measure.robustness.samples), *m.coverage)
    return Table("sensitivity", words.label("report.table.sensitivity", year=m.last), columns, tuple(rows), notes)


def regional_shares(m: Material) -> Table:
    """The shares of every region, with their bootstrap intervals."""
    kinds = ("first", "first_low", "first_high", "total", "total_low", "total_high")
    columns = (
        column("region"),
        column("region_name", "label"),
        column("factor"),
        column("factor_name", "label"),
        *[column(kind, "percent") for kind in kinds],
    )
    rows: list[tuple[Cell, ...]] = []
    if m.sensitivity is not None:
        found = np.stack([getattr(m.sensitivity, kind).values for kind in kinds])
        outputs = [str(code) for code in m.sensitivity.first["output"].values]
        factors = [str(path) for path in m.sensitivity.first["factor"].values]
        rows = [
            (code, m.index.regions.label(code), path, factor(path), *found[:, k, o].tolist())
            for o, code in enumerate(outputs)
            for k, path in enumerate(factors)
        ]
    title = words.label("report.table.sensitivity_regions", year=m.last)
    return Table("sensitivity_regions", title, columns, tuple(rows), m.coverage)


def drop_one(m: Material) -> Table:
    """How far the last year's ranks move when an indicator is left out."""
    columns = (
        column("attribute", "label", label=words.heading(m.kind), span=True),
        column("indicator", shown=False),
        column("indicator_name", "label", head=True),
        column("mean_move", "number", 1),
        column("largest_move", "integer"),
        column("region_most", "label"),
    )
    rows: list[tuple[Cell, ...]] = []
    if m.dropped is not None:
        moves = m.dropped.values[:, :, m.span[1]]
        for k, name in enumerate(str(leaf) for leaf in m.dropped["left_out"].values):
            size = np.where(np.isfinite(moves[k]), np.abs(moves[k]), -1.0)
            most = int(size.argmax())
            seen = size[size >= 0]
            leaf = m.index.tree[name]
            attribute = words.heading(m.index.tree.attribute(name).label)
            moved = m.name_of(most) if size[most] > 0 else Label(words.DASH, words.DASH)
            rows.append((attribute, name, words.heading(leaf.label), float(seen.mean()), int(size[most]), moved))
    title = words.label("report.table.drop_one", year=m.last)
    return Table("drop_one", title, columns, tuple(rows), (words.label("report.note.drop_one"), *m.coverage))


def factor(path: str) -> Label:
    """A choice in words."""
    key = f"report.factor.{path}"
    return words.label(key) if words.has(key) else Label(path, path)


def varied(m: Material) -> Label:
    """What was varied, in a sentence."""
    paths = m.choices.measure.robustness.factors
    return words.both(lambda locale: ("、" if locale == "zh" else ", ").join(factor(p).text(locale) for p in paths))


def _alternatives(m: Material, path: str) -> Label:
    chosen = m.choices.measure.robustness
    if path == "weights":
        return words.label("report.alternatives.weights", share=words.percent(chosen.weights or 0.0, 0))
    table, _, key = path.partition(".")
    known = REGISTRY.get(KINDS.get(table, ""), {}) if key == "method" else {}
    names = [known[one].label if one in known else _alternative(path, str(one)) for one in chosen.vary[path]]
    return words.both(lambda locale: ("、" if locale == "zh" else ", ").join(name.text(locale) for name in names))


def _alternative(path: str, name: str) -> Label:
    """An alternative in the catalogue's words, if it has some."""
    key = f"report.alternative.{path}.{name}"
    return words.label(key) if words.has(key) else Label(name, name)


def firmness(m: Material) -> tuple[int, int, int, int] | None:
    """(regions whose interval spans at most three places, of all; region of the widest interval, its width)."""
    if m.robustness is None or not m.ranked:
        return None
    bounds = m.robustness.interval(m.choices.measure.robustness.level).values[:, list(m.ranked), m.span[1]]
    width = bounds[2] - bounds[0]
    if not np.isfinite(width).all():
        return None
    widest = int(width.argmax())
    return int((width <= 3).sum()), len(m.ranked), m.ranked[widest], int(width[widest])
