"""Tables of what came out: ranking, levels, scores of every node, group means."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from zhiyu.data.panel import Mark
from zhiyu.framework.tree import Node
from zhiyu.measure.stages import STAGES
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Column, Table, column
from zhiyu.terms import Label


@dataclass(frozen=True)
class Series:
    """A line of the trend: the mean score of some regions a year, and how many of them have one."""

    id: str
    label: Label
    values: np.ndarray  # (year,)
    numbers: np.ndarray  # (year,)


def whole(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None


def ranking(m: Material) -> Table:
    """Regions by the last year's rank, with every top node's score, the level, and the move since the first year."""
    a, z = m.span
    score, rank, level = m.score(m.root), m.rank(m.root), m.stages[m.root.id]
    columns = [
        column("rank", "integer"),
        column("region", shown=False),
        column("region_name", "label", head=True),
        *([column("group", "label")] if m.groups else []),
        column("score", "number", m.digits),
        *[column(f"score_{node.id}", "number", m.digits, label=words.heading(node.label)) for node in m.top],
        column("level", "integer"),
    ]
    if m.several:
        columns += [
            column("rank_first", "integer", label=words.label("report.column.rank_in", year=m.first)),
            column("change", "movement", label=words.label("report.column.change_since", year=m.first)),
        ]
    rows: list[tuple[Cell, ...]] = []
    for i in m.order:
        now, then = whole(rank[i, z]), whole(rank[i, a])
        group = m.group_of(i)
        tops = [float(m.score(node)[i, z]) for node in m.top]
        row: list[Cell] = [
            now,
            m.codes[i],
            m.name_of(i),
            *([group.label if group else Label("", "")] if m.groups else []),
        ]
        row += [float(score[i, z]), *tops, int(level[i, z]) or None]
        if m.several:
            row += [then, None if now is None or then is None else then - now]
        rows.append(tuple(row))
    key = "report.table.ranking" if m.several else "report.table.ranking_one_year"
    notes = [words.label("report.note.ranking", scale=words.number(m.scale, 0))]
    if m.several and not m.comparable:
        notes.append(words.label("report.note.not_comparable"))
    ranked = np.isfinite(rank[:, [a, z]]).sum(axis=0)
    if ranked[0] != ranked[1]:
        values = {"first": m.first, "last": m.last, "a": int(ranked[0]), "b": int(ranked[1])}
        notes.append(words.label("report.note.ranked_differ", **values))
    title = words.label(key, year=m.last, first=m.first)
    return Table("ranking", title, tuple(columns), tuple(rows), (*notes, *m.coverage), ordered=len(m.ranked))


def scores(m: Material) -> Table:
    """Every region, year and node: score, rank, coverage, level."""
    columns = (
        column("region"),
        column("region_name", "label"),
        column("year", "year"),
        column("node"),
        column("node_name", "label"),
        column("score", "number", m.digits),
        column("rank", "integer"),
        column("coverage", "percent"),
        column("stage", "integer"),
    )
    coverage = m.index.coverage.values
    rows: list[tuple[Cell, ...]] = []
    for i, code in enumerate(m.codes):
        for t, year in enumerate(m.years):
            for node in m.index.tree.nodes:
                k = m.node[node.id]
                level = int(m.stages[node.id][i, t]) or None if node.id in m.stages else None
                place: tuple[Cell, ...] = (code, m.name_of(i), year, node.id, node.label)
                found = float(m.scores[i, t, k]), whole(m.ranks[i, t, k]), float(coverage[i, t, k])
                rows.append((*place, *found, level))
    return Table("index", words.label("report.table.index"), columns, tuple(rows), m.coverage)


def values(m: Material) -> Table:
    """Every region, year and indicator in its own unit, with the state of its cells."""
    columns = (
        column("region"),
        column("region_name", "label"),
        column("year", "year"),
        column("indicator"),
        column("indicator_name", "label"),
        column("value", "value"),
        column("unit"),
        column("mark"),
    )
    numbers, marks = m.index.values.values, m.index.marks.values
    rows = tuple(
        (
            code,
            m.name_of(i),
            year,
            leaf.id,
            leaf.label,
            float(numbers[i, t, j]),
            leaf.unit,
            Mark(marks[i, t, j]).name.lower(),
        )
        for i, code in enumerate(m.codes)
        for t, year in enumerate(m.years)
        for j, leaf in enumerate(m.leaves)
    )
    return Table("values", words.label("report.table.values"), columns, rows, m.coverage)


def levels(m: Material) -> Table:
    """What each level means, where it begins, and which regions stand on it in the last year."""
    named = bool(m.framework.stages)
    columns: list[Column] = [
        column("node", shown=False),
        column("node_name", "label", span=True),
        column("level", "integer"),
    ]
    if named:
        columns += [column("stage_name", "label"), column("definition", "label", long=True)]
    columns += [
        column("from_score", "number", m.digits),
        column("regions", "integer"),
        column("region_names", "label", long=True),
    ]
    rows: list[tuple[Cell, ...]] = []
    for node in (m.root, *m.top):
        thresholds = m.index.thresholds.sel(node=node.id).values
        for level in range(1, STAGES + 1):
            here = [i for i in m.order if m.judged[i] and m.stages[node.id][i, m.span[1]] == level]
            stage = m.stage_of(node, level)
            row: list[Cell] = [node.id, words.heading(node.label), level]
            if named:
                row += [stage.label if stage else Label("", ""), stage.definition if stage else Label("", "")]
            row += [
                None if level == 1 else float(thresholds[level - 2]),
                len(here),
                words.cell([m.name_of(i) for i in here]),
            ]
            rows.append(tuple(row))
    notes = (words.label(f"report.note.levels_{m.index.recipe.stages.method}"),) if _told(m) else ()
    title = words.label("report.table.levels", year=m.last)
    return Table("levels", title, tuple(columns), tuple(rows), (*notes, *m.coverage))


def _told(m: Material) -> bool:
    return words.has(f"report.note.levels_{m.index.recipe.stages.method}")


def mean(scores: np.ndarray) -> np.ndarray:
    """(year,) mean over the regions that have a score; nan where none has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a year without scores is nan, which is what is wanted
        return np.asarray(np.nanmean(scores, axis=0))


def counted(scores: np.ndarray) -> np.ndarray:
    """(year,) how many regions have a score."""
    return np.asarray(np.isfinite(scores).sum(axis=0))


def extremes(scores: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """(year,) means of each year's `number` greatest and of its `number` least scores; nan where fewer have one."""
    high, low = np.full(scores.shape[1], np.nan), np.full(scores.shape[1], np.nan)
    for t, year in enumerate(scores.T):
        seen = np.sort(year[np.isfinite(year)])
        if len(seen) >= number:
            low[t], high[t] = seen[:number].mean(), seen[-number:].mean()
    return high, low


def series(m: Material, node: Node) -> tuple[Series, ...]:
    """Mean scores of the groups and of all regions; without groups, of each year's first and last and of all."""
    score = m.score(node)
    judged = score[m.judged]
    everyone = Series("all", words.label("report.all_regions"), mean(judged), counted(judged))
    if m.groups:
        found = [(group, score[list(rows)]) for group, rows in m.groups.items()]
        return (*[Series(group.id, group.label, mean(of), counted(of)) for group, of in found], everyone)
    high, low = extremes(judged, m.leaders)
    count, number = m.leaders, np.where(np.isfinite(high), m.leaders, 0)
    return (
        Series("leading", words.label("report.leading", number=count), high, number),
        everyone,
        Series("last", words.label("report.trailing", number=count), low, number),
    )


def groups(m: Material) -> Table:
    """Means of the groups for the root and every top node."""
    columns = (
        column("group"),
        column("group_name", "label"),
        column("year", "year"),
        column("node"),
        column("node_name", "label"),
        column("regions", "integer"),
        column("mean", "number", m.digits),
    )
    rows = tuple(
        (line.id, line.label, year, node.id, node.label, int(line.numbers[t]), float(line.values[t]))
        for node in (m.root, *m.top)
        for line in series(m, node)
        for t, year in enumerate(m.years)
    )
    return Table("groups", words.label("report.table.groups"), columns, rows, m.coverage)


def trends(m: Material) -> Table:
    """Mean scores of the root by group, one column a year."""
    shown = range(m.span[0], m.span[1] + 1)
    columns = [column("group", shown=False), column("group_name", "label", head=True), column("regions", "integer")]
    columns += [Column(f"y{m.years[t]}", Label(*[str(m.years[t])] * 2), "number", m.digits) for t in shown]
    change = m.several and m.comparable
    if change:
        columns.append(column("change_points", "number", m.digits))
    rows: list[tuple[Cell, ...]] = []
    for line in series(m, m.root):
        points = [float(line.values[t]) for t in shown]
        rows.append(
            (line.id, line.label, int(line.numbers[m.span[1]]), *points, *([points[-1] - points[0]] if change else []))
        )
    notes = [words.label("report.note.trends" if m.comparable else "report.note.not_comparable")]
    everyone = next(line for line in series(m, m.root) if line.id == "all").numbers[list(shown)]
    if everyone.min() < m.judged.sum():
        values = {"total": int(m.judged.sum()), "first": m.first, "last": m.last}
        values |= {"a": int(everyone[0]), "b": int(everyone[-1])}
        notes.append(words.label("report.note.trends_scored", **values))
    return Table("trends", words.label("report.table.trends"), tuple(columns), tuple(rows), (*notes, *m.coverage))
