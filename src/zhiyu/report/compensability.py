"""How far strong attributes make good for weak ones: a table of the last year, and what it says in words."""

from __future__ import annotations

import math

import numpy as np

from zhiyu.measure.compensability import FAMILY, FULL, GEOMETRIC, NONE, Compensability
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.results import whole
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, Locale, text

FIRM = 3  # places a region may move without being named among those that do, as in the rank intervals
NAMES = dict(zip(("arithmetic", "half", "geometric", "harmonic", "weakest"), FAMILY, strict=True))


def compensability(m: Material) -> Table:
    """Every ranked region's rank along the power means over the top nodes, and what its weakest top node costs it."""
    columns = (
        column("region", shown=False),
        column("region_name", "label", head=True),
        *[column(f"rank_{name}", "integer", label=_rank(power)) for name, power in NAMES.items()],
        column("moves_without", "movement"),
        column("imbalance_loss", "percent"),
        column("weakest", shown=False, label=words.label("report.column.weakest_name")),
        column("weakest_name", "label"),
        column("gain_arithmetic", "number", m.digits),
        column("gain_geometric", "number", m.digits, shown=False),
        column("strongest", shown=False, label=words.label("report.column.strongest_name")),
        column("strongest_name", "label", shown=False),
        column("trade_off_arithmetic", "number", 2, shown=False),
        column("trade_off_geometric", "number", 2, shown=False),
    )
    rows = () if m.compensability is None else tuple(_row(m, m.compensability, i) for i in m.ranked)
    notes = [words.label("report.note.compensability", kind=m.kind)]
    if m.index.recipe.aggregate.method != "arithmetic":
        notes.append(words.label("report.note.compensability_other"))
    title = words.label("report.table.compensability", year=m.last, kind=m.kind)
    return Table("compensability", title, columns, rows, (*notes, *m.coverage), ordered=len(rows))


def _rank(power: float) -> Label:
    if power == NONE:
        return words.label("report.column.rank_without")
    return words.label("report.column.rank_power", power=words.number(power, 1 if power % 1 else 0))


def _row(m: Material, found: Compensability, i: int) -> tuple[Cell, ...]:
    t, tree = m.span[1], m.index.tree
    weakest, strongest = (tree[str(node.values[i, t])] for node in (found.weakest, found.strongest))
    ranks = [whole(rank) for rank in found.ranks.values[:, i, t]]
    both = [FAMILY.index(FULL), FAMILY.index(GEOMETRIC)]
    return (
        m.codes[i],
        m.name_of(i),
        *ranks,
        whole(found.moves(NONE).values[i, t]),
        float(found.loss.values[i, t]),
        weakest.id,
        words.heading(weakest.label),
        *found.gain.values[both, i, t].tolist(),
        strongest.id,
        words.heading(strongest.label),
        *[rate if math.isfinite(rate) else None for rate in found.trade_off.values[both, i, t].tolist()],
    )


def told(m: Material, locale: Locale) -> list[str]:
    """What the table says: who moves without compensation and by how much, and who owes most to it."""
    found = m.compensability
    if found is None or not m.ranked:
        return []
    kind, here = m.kind, list(m.ranked)
    moves = found.moves(NONE).values[here, m.span[1]]
    moved, values = int((np.abs(moves) > FIRM).sum()), {"kind": kind, "number": len(here), "year": m.last}
    parts = [text("report.compensability_moved", locale, moved=moved, places=FIRM, **values)]
    for key, most in (("fell", moves.min()), ("rose", moves.max())):
        if (most < 0) == (key == "fell") and most != 0:
            names = words.names([m.name_of(i) for i, move in zip(here, moves, strict=True) if move == most], locale)
            parts.append(text(f"report.compensability_{key}", locale, names=names, places=int(abs(most))))
    loss = found.loss.values[here, m.span[1]]
    worst = here[int(loss.argmax())]
    node = m.index.tree[str(found.weakest.values[worst, m.span[1]])]
    shares = {"median": words.percent(float(np.median(loss))), "share": words.percent(float(loss.max()))}
    parts.append(
        text("report.compensability_loss", locale, name=m.name_of(worst), kind=kind, node=node.label, **shares)
    )
    zeros = int((found.zeros.values[here, m.span[1]] > 0).sum())
    if zeros:
        parts.append(text("report.compensability_zeros", locale, zeros=zeros, kind=kind))
    return parts
