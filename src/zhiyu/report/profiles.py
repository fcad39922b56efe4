"""One card a region: where it stands, in which attributes, against whom, on which values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from zhiyu.data.panel import Mark
from zhiyu.report import diagnosis, few, radar, words
from zhiyu.report.material import Material
from zhiyu.report.results import whole
from zhiyu.report.tables import Cell, Column, Table, column
from zhiyu.terms import Label, Locale, text


@dataclass(frozen=True)
class Profile:
    """What a region's card shows. levels : (name, level) of each top node; level 0 = none."""

    code: str
    name: str
    full: str
    rank: str
    group: str
    group_rank: str
    score: str
    level: int
    levels: tuple[tuple[str, int], ...]
    sentences: tuple[str, ...]
    drawing: Markup
    attributes: Markup
    indicators: Markup


def profiles(m: Material, locale: Locale) -> tuple[Profile, ...]:
    """Cards of all regions, by the last year's rank; of very many, of the first and the last ranked."""
    top, chosen = radar.ceiling(m), few.ends(m.ranked)
    return tuple(_profile(m, i, top, locale) for i in (chosen.rows if chosen.hidden else m.order))


def _profile(m: Material, i: int, top: float, locale: Locale) -> Profile:
    z = m.span[1]
    region, group = m.index.regions[m.codes[i]], m.group_of(i)
    rank = whole(m.rank(m.root)[i, z])
    return Profile(
        code=region.code,
        name=region.label.text(locale),
        full=region.full.text(locale),
        rank=words.DASH if rank is None else str(rank),
        group=group.label.text(locale) if group else "",
        group_rank=_group_rank(m, i, locale),
        score=words.number(float(m.score(m.root)[i, z]), m.digits),
        level=int(m.stages[m.root.id][i, z]),
        levels=tuple((words.headline(n.label.text(locale), locale), int(m.stages[n.id][i, z])) for n in m.top),
        sentences=_sentences(m, i, locale),
        drawing=radar.profile(m, i, top, locale),
        attributes=attributes(m, i).html(locale),
        indicators=indicators(m, i).html(locale),
    )


def _group_rank(m: Material, i: int, locale: Locale) -> str:
    group, rank = m.group_of(i), m.group_rank(i)
    if group is None or rank is None:
        return ""
    number = int(np.isfinite(m.rank(m.root)[list(m.groups[group]), m.span[1]]).sum())
    return text("report.profile.group_rank", locale, group=group.label, rank=rank, number=number)


def _sentences(m: Material, i: int, locale: Locale) -> tuple[str, ...]:
    """The top nodes furthest from the median region, the move since the first year, and where the score is lost."""
    z = m.span[1]
    apart = [float(m.score(node)[i, z]) - middle for node, middle in zip(m.top, radar.medians(m), strict=True)]
    known = [(gap, node) for gap, node in zip(apart, m.top, strict=True) if np.isfinite(gap)]
    parts = []
    if known:
        best, worst = max(known, key=lambda pair: pair[0]), min(known, key=lambda pair: pair[0])
        for (gap, node), key in ((best, "above"), (worst, "below")):
            if (gap > 0) == (key == "above") and round(abs(gap), m.digits) > 0:
                points = words.number(abs(gap), m.digits)
                parts.append(text(f"report.profile.{key}", locale, name=node.label, points=points))
    then, now = whole(m.rank(m.root)[i, m.span[0]]), whole(m.rank(m.root)[i, z])
    if m.several and then is not None and now is not None:
        way = "rose" if now < then else "fell" if now > then else "stayed"
        parts.append(text(f"report.profile.{way}", locale, first=m.first, places=abs(then - now), a=then, b=now))
    named = [
        text("report.profile.obstacle", locale, name=leaf.label, share=words.percent(share, 0))
        for leaf, share in diagnosis.greatest(m, i)
    ]
    if named:
        parts.append(text("report.profile.obstacles", locale, names=words.listed(named, locale)))
    if now is not None and m.resting[i, z] < 1.0 - 1e-9:
        share = words.percent(float(m.resting[i, z]), 0)
        parts.append(text("report.profile.coverage", locale, share=share))
    return tuple(parts)


def attributes(m: Material, i: int) -> Table:
    """A region's top nodes in the last year: score, rank, level, the stage's name and meaning.

    The coverage is said where a score lacks some of its data.
    """
    z, named = m.span[1], bool(m.framework.stages)
    columns: list[Column] = [
        column("attribute", "label", head=True, label=words.heading(m.kind)),
        column("score", "number", m.digits, label=words.label("report.column.points")),
        column("median", "number", m.digits),
        column("rank", "integer"),
        column("level", "integer"),
    ]
    coverage = [float(m.index.coverage.sel(node=node.id).values[i, z]) for node in m.top]
    partial = min(coverage) < 1.0 - 1e-9
    if partial:
        columns.append(column("coverage", "percent", 0))
    if named:
        columns += [column("stage_name", "label"), column("definition", "label", long=True)]
    rows: list[tuple[Cell, ...]] = []
    for node, middle, share in zip(m.top, radar.medians(m), coverage, strict=True):
        level = int(m.stages[node.id][i, z])
        stage = m.stage_of(node, level)
        row: list[Cell] = [words.heading(node.label), float(m.score(node)[i, z]), middle, whole(m.rank(node)[i, z])]
        row += [level or None, *([share] if partial else [])]
        if named:
            row += [stage.label if stage else Label("", ""), stage.definition if stage else Label("", "")]
        rows.append(tuple(row))
    title = words.label("report.profile.attributes", region=m.name_of(i), year=m.last)
    return Table(f"attributes-{m.codes[i]}", title, tuple(columns), tuple(rows), m.coverage)


def indicators(m: Material, i: int) -> Table:
    """A region's indicators in the last year in their own units, with score, rank and the state of their cells."""
    z = m.span[1]
    columns = (
        column("indicator_name", "label", head=True),
        column("value", "value"),
        column("unit", "label"),
        column("score", "number", m.digits, label=words.label("report.column.points")),
        column("rank", "integer"),
        column("mark", "label"),
    )
    values, marks = m.index.values.values[i, z], m.index.marks.values[i, z]
    rows = tuple(
        (
            words.heading(leaf.label),
            float(values[j]),
            words.unit_label(leaf.unit),
            float(m.score(leaf)[i, z]),
            whole(m.rank(leaf)[i, z]),
            words.label(f"report.mark.{Mark(int(marks[j])).name.lower()}"),
        )
        for j, leaf in enumerate(m.leaves)
    )
    title = words.label("report.profile.indicators", region=m.name_of(i), year=m.last)
    return Table(f"indicators-{m.codes[i]}", title, columns, rows, m.coverage)
