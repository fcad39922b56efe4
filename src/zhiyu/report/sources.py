"""Tables of what went in: weights, data quality, changed cells, what was left out, proxies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from zhiyu.data.panel import Mark, Variable
from zhiyu.measure.index import DOMINANT
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Column, Table, column
from zhiyu.terms import Label


def weights(m: Material) -> Table:
    """Every indicator with its weight within its attribute and in the whole, its data and their quality."""
    flagged = {leaf.id for leaf, _, _ in m.index.dominant}
    deep = any(m.index.tree[leaf.parent].id != m.index.tree.attribute(leaf.id).id for leaf in m.leaves)
    columns: list[Column] = [
        column("attribute", "label", label=words.heading(m.kind), span=True),
        *([column("aspect", "label", shown=False)] if deep else []),
        column("indicator", shown=False),
        column("indicator_name", "label", head=True),
        column("weight_within", "percent", label=words.label("report.column.weight_within", kind=m.kind)),
        column("weight", "percent"),
        column("flag"),
        column("complete", "percent", 0),
        column("unit", "label"),
        column("quality"),
        column("cited"),
        column("source", "label", shown=False),
        column("formula", shown=False),
    ]
    seen = np.isfinite(m.index.values.values) & (m.index.marks.values != int(Mark.IMPUTED))
    observed = seen.mean(axis=(0, 1))
    rows: list[tuple[Cell, ...]] = []
    for j, leaf in enumerate(m.leaves):
        attribute = m.index.tree.attribute(leaf.id)
        total, share = m.effective(attribute), m.effective(leaf)
        flag = "▲" if leaf.id in flagged else ""
        aspect: list[Cell] = [words.heading(m.index.tree[leaf.parent].label)] if deep else []
        name = (words.heading(attribute.label), *aspect, leaf.id, words.heading(leaf.label))
        weight = (share / total if total else 0.0, share, flag)
        source, numbers = _source(m, m.variables(leaf))
        data = (float(observed[j]), words.unit_label(leaf.unit), m.quality(leaf) or words.DASH)
        rows.append((*name, *weight, *data, numbers, source, leaf.formula))
    pools = [
        words.label("report.note.pool", name=m.index.tree[name].label, complete=complete, total=total)
        for name, (complete, total) in m.index.complete.items()
        if complete < total
    ]
    notes = (words.label("report.note.weights", kind=m.kind, share=words.percent(DOMINANT, 0)), *pools, *m.coverage)
    return Table("weights", words.label("report.table.weights"), tuple(columns), tuple(rows), notes, cited(m))


def citations(m: Material) -> dict[Label, int]:
    """Each source of the variables in use with its number; those that give most variables come first."""
    counted = Counter(v.source for v in m.used.values() if v.source.zh or v.source.en)
    return {source: number for number, (source, _) in enumerate(counted.most_common(), start=1)}


def cited(m: Material) -> tuple[Label, ...]:
    """The numbered sources as they stand under a table."""
    numbered = citations(m).items()
    return tuple(words.label("report.citation", number=number, source=source) for source, number in numbered)


def _source(m: Material, variables: Iterable[Variable]) -> tuple[Label, str]:
    """Where variables come from, each source once: in words, and as numbers of `citations`."""
    known = citations(m)
    found = dict.fromkeys(v.source for v in variables if v.source in known)
    spelt = words.both(lambda locale: ("；" if locale == "zh" else "; ").join(s.text(locale) for s in found))
    return spelt, ", ".join(f"[{number}]" for number in sorted(known[source] for source in found)) or words.DASH


def data_quality(m: Material) -> Table:
    """Variables in use: how much of each was observed, what was filled, its grade and what to beware of."""
    columns = (
        column("variable", shown=False),
        column("variable_name", "label", head=True),
        column("unit", "label"),
        column("observed", "percent"),
        column("interpolated", "integer"),
        column("absent", "integer"),
        column("adjusted", "integer"),
        column("missing", "integer"),
        column("quality"),
        column("cited"),
        column("note", "label", long=True),
        column("source", "label", shown=False),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, meaning in m.used.items():
        marks = m.panel.marks[name].values
        count = {mark: int((marks == int(mark)).sum()) for mark in Mark}
        what = words.heading(meaning.label), words.unit_label(meaning.unit)
        repaired = [count[mark] for mark in (Mark.INTERPOLATED, Mark.ABSENT, Mark.ADJUSTED, Mark.MISSING)]
        grade = meaning.quality or words.DASH
        observed = count[Mark.OBSERVED] / marks.size
        source, numbers = _source(m, [meaning])
        rows.append((name, *what, observed, *repaired, grade, numbers, meaning.note, source))
    notes = (words.label("report.note.quality"), *m.coverage)
    return Table("data_quality", words.label("report.table.data_quality"), columns, tuple(rows), notes, cited(m))


def left_out(m: Material) -> Table:
    """Indicators of the framework that did not enter, each with its reason."""
    columns = (
        column("attribute", "label", label=words.heading(m.kind), span=True),
        column("indicator", shown=False),
        column("indicator_name", "label", head=True),
        column("complete", "percent", 0),
        column("reason", "label", long=True),
        column("note", "label", long=True),
    )
    least = words.percent(m.index.recipe.coverage.indicator, 0)
    rows = []
    for gone in m.index.left_out:
        names = ", ".join(gone.missing)
        reason = (
            words.label("report.left_out.missing", names=names)
            if gone.missing
            else words.label("report.left_out.coverage", share=words.percent(gone.coverage, 0), least=least)
        )
        attribute = words.heading(m.framework.tree.attribute(gone.node.id).label)
        rows.append((attribute, gone.node.id, words.heading(gone.node.label), gone.coverage, reason, gone.node.note))
    return Table("left_out", words.label("report.table.left_out"), columns, tuple(rows), m.coverage)


def changes(m: Material) -> Table:
    """Every cell that a rule of the study changed."""
    columns = (
        column("variable"),
        column("variable_name", "label"),
        column("region"),
        column("region_name", "label"),
        column("year", "year"),
        column("before", "value"),
        column("after", "value"),
        column("rule"),
        column("used"),
    )
    rows = []
    for c in m.panel.changes:
        name, region = m.panel.variables[c.variable].label, m.index.regions.label(c.region)
        used = "yes" if c.variable in m.used else "no"
        rows.append((c.variable, name, c.region, region, c.year, c.before, c.after, c.rule, used))
    return Table("changed_cells", words.label("report.table.changed_cells"), columns, tuple(rows), m.coverage)


def repairs(m: Material) -> Table:
    """The changed cells of the variables in use, by variable and rule."""
    columns = (
        column("variable", shown=False),
        column("variable_name", "label", head=True),
        column("rule", shown=False),
        column("rule_name", "label"),
        column("years", "label"),
        column("cells_changed", "integer"),
    )
    counted = Counter((c.variable, c.rule) for c in m.panel.changes if c.variable in m.used)
    rows = []
    for (name, rule), number in counted.items():
        years = sorted({c.year for c in m.panel.changes if (c.variable, c.rule) == (name, rule)})
        rows.append((name, words.heading(m.panel.variables[name].label), rule, rule_name(rule), spans(years), number))
    return Table("repairs", words.label("report.table.repairs"), columns, tuple(rows), m.coverage)


def rule_name(rule: str) -> Label:
    """A repair's rule in words; `deflate:INDEX:BASE` says its base."""
    name, _, rest = rule.partition(":")
    key = f"report.rule.{name}"
    return words.label(key, base=rest.rpartition(":")[2]) if words.has(key) else Label(rule, rule)


def spans(years: list[int]) -> Label:
    """[2013, 2014, 2015, 2018] -> `2013–2015, 2018`."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return Label("、".join(shown), ", ".join(shown))


def proxies(m: Material) -> Table:
    """Indicators that stand in for what cannot be had, and what to beware of."""
    columns = (
        column("attribute", "label", label=words.heading(m.kind), span=True),
        column("indicator", shown=False),
        column("indicator_name", "label", head=True),
        column("proxy_for", "label", long=True),
        column("note", "label", long=True),
    )
    rows = tuple(
        (
            words.heading(m.index.tree.attribute(leaf.id).label),
            leaf.id,
            words.heading(leaf.label),
            words.heading(leaf.proxy_for),
            leaf.note,
        )
        for leaf in m.leaves
        if leaf.proxy_for.zh or leaf.proxy_for.en
    )
    return Table("proxies", words.label("report.table.proxies"), columns, rows, m.coverage)
