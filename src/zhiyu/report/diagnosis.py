"""Tables that look into a score: where each region loses it, and whether what is added up goes together."""

from __future__ import annotations

import math

import numpy as np

from zhiyu.framework.tree import Node
from zhiyu.measure.consistency import NEAR_ZERO, Alpha, Consistency, consistency
from zhiyu.measure.obstacle import by_top
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.results import whole
from zhiyu.report.tables import Cell, Column, Table, column
from zhiyu.terms import Label

NAMED = 3  # obstacles that are named for each region


def greatest(m: Material, i: int, number: int = NAMED) -> list[tuple[Node, float]]:
    """The last year's greatest obstacles of region i with their degrees, the greatest first; none that is zero."""
    if m.obstacles is None:
        return []
    degrees = np.nan_to_num(m.obstacles.values[i, m.span[1]])
    order = np.argsort(-degrees, kind="stable")[:number]
    return [(m.leaves[j], float(degrees[j])) for j in order if degrees[j] > 0]


def obstacles(m: Material) -> Table:
    """The three greatest obstacles of every ranked region in the last year; no rows where degrees cannot be had."""
    columns: list[Column] = [column("rank", "integer"), column("region", shown=False)]
    columns.append(column("region_name", "label", head=True))
    for k in range(1, NAMED + 1):
        name = words.label("report.column.obstacle_number", number=k)
        columns += [
            column(f"obstacle_{k}", shown=False, label=name),
            column(f"obstacle_{k}_name", "label", label=name),
            column(f"degree_{k}", "percent", label=words.label("report.column.degree")),
        ]
    ranks = m.rank(m.root)[:, m.span[1]]
    rows: list[tuple[Cell, ...]] = []
    for i in m.ranked if m.obstacles is not None else ():
        row: list[Cell] = [whole(ranks[i]), m.codes[i], m.name_of(i)]
        found = greatest(m, i)
        for leaf, share in found:
            row += [leaf.id, words.heading(leaf.label), share]
        dash = Label(words.DASH, words.DASH)
        rows.append((*row, *("", dash, None) * (NAMED - len(found))))
    notes = (words.label("report.note.obstacles"), *m.coverage)
    title = words.label("report.table.obstacles", year=m.last)
    return Table("obstacles", title, tuple(columns), tuple(rows), notes, ordered=len(rows))


def obstacle_degrees(m: Material) -> Table:
    """The degree of every indicator and top node of every ranked region and year."""
    columns = (
        column("region"),
        column("region_name", "label"),
        column("year", "year"),
        column("node"),
        column("node_name", "label"),
        column("degree", "percent"),
    )
    rows: list[tuple[Cell, ...]] = []
    if m.obstacles is not None:
        tops = by_top(m.index, m.obstacles).values
        shares = [(node, tops[..., k]) for k, node in enumerate(m.top) if not node.is_leaf]
        shares += [(leaf, m.obstacles.values[..., j]) for j, leaf in enumerate(m.leaves)]
        rows = [
            (code, m.name_of(i), year, node.id, node.label, float(share[i, t]))
            for i, code in enumerate(m.codes)
            for t, year in enumerate(m.years)
            for node, share in shares
            if math.isfinite(share[i, t])
        ]
    return Table("obstacle_degrees", words.label("report.table.obstacle_degrees"), columns, tuple(rows), m.coverage)


def consistencies(m: Material) -> tuple[Table, Table]:
    """Cronbach's alphas, and every indicator's correlations."""
    found = consistency(m.index)
    return alphas(m, found), items(m, found)


def alphas(m: Material, found: Consistency) -> Table:
    """Alpha of the indicators below every top node and the root, and of inner nodes' children of other kinds."""
    columns = (
        column("node", shown=False),
        column("node_name", "label", head=True, label=words.label("report.column.node_name")),
        column("scope", "label"),
        column("items", "integer"),
        column("cases", "integer"),
        column("alpha", "number", 2),
        column("alpha_standardised", "number", 2),
    )

    def row(alpha: Alpha, scope: str) -> tuple[Cell, ...]:
        name = (alpha.node.id, words.heading(alpha.node.label), words.label(f"report.consistency.{scope}"))
        return (*name, alpha.items, alpha.cases, alpha.covariance, alpha.standardised)

    tree = m.index.tree
    inner = [alpha for alpha in found.groups if alpha.items < len(tree.leaves_below(alpha.node.id))]
    shown = {alpha.node.id for alpha in found.leaves}
    below = [alpha for alpha in found.groups if alpha.node.id not in shown and alpha not in inner]
    rows = [row(alpha, "leaves") for alpha in (*found.leaves, *below)] + [row(alpha, "children") for alpha in inner]
    notes = (words.label("report.note.consistency"), *m.coverage)
    return Table("consistency", words.label("report.table.consistency"), columns, tuple(rows), notes)


def items(m: Material, found: Consistency) -> Table:
    """Every indicator's correlations with its siblings, its parent and the root; what runs against them is flagged."""
    columns = (
        column("parent", shown=False, label=words.label("report.column.parent_name")),
        column("parent_name", "label", span=True),
        column("indicator", shown=False),
        column("indicator_name", "label", head=True),
        column("with_siblings", "number", 2),
        column("with_parent", "number", 2),
        column("with_root", "number", 2),
        column("remark", "label"),
    )
    rows = tuple(
        (
            item.parent.id,
            words.heading(item.parent.label),
            item.node.id,
            words.heading(item.node.label),
            item.siblings,
            item.with_parent,
            item.with_root,
            words.label(f"report.flag.{item.flag}") if item.flag else Label("", ""),
        )
        for item in found.items
    )
    notes = (words.label("report.note.item_correlations", limit=f"{NEAR_ZERO:g}"), *m.coverage)
    return Table("item_correlations", words.label("report.table.item_correlations"), columns, rows, notes)
