"""Tables of what went in: weights, data quality, changed cells, what was left out, proxies, methods, terms."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from zhiyu.data.panel import Mark
from zhiyu.framework.tree import Node
from zhiyu.measure.index import DOMINANT
from zhiyu.methods import find
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Column, Table, column
from zhiyu.terms import LOCALES, Label


def weights(m: Material) -> Table:
    """Every indicator with its weight within its attribute and in the whole, its data and their quality."""
    flagged = {leaf.id for leaf, _, _ in m.index.dominant}
    deep = any(m.index.tree[leaf.parent].id != m.index.tree.attribute(leaf.id).id for leaf in m.leaves)
    columns: list[Column] = [
        column("attribute", "label"),
        *([column("aspect", "label")] if deep else []),
        column("indicator", shown=False),
        column("indicator_name", "label", head=True),
        column("weight_within", "percent"),
        column("weight", "percent"),
        column("flag", "label"),
        column("complete", "percent", 0),
        column("unit", "label"),
        column("source", "label", long=True),
        column("quality"),
        column("formula", shown=False),
    ]
    numbers = m.index.values.values
    rows: list[tuple[Cell, ...]] = []
    for j, leaf in enumerate(m.leaves):
        attribute = m.index.tree.attribute(leaf.id)
        total, share = m.effective(attribute), m.effective(leaf)
        flag = words.label("report.flag", share=words.percent(DOMINANT, 0)) if leaf.id in flagged else Label("", "")
        aspect = [words.heading(m.index.tree[leaf.parent].label)] if deep else []
        seen = float(np.isfinite(numbers[..., j]).mean())
        unit = words.unit_label(leaf.unit)
        row = (words.heading(attribute.label), *aspect, leaf.id, words.heading(leaf.label), share / total if total else 0.0, share, flag)
        rows.append((*row, seen, unit, _source(m, leaf), m.quality(leaf) or words.DASH, leaf.formula))
    pools = [
        words.label("report.note.pool", name=m.index.tree[name].label, complete=complete, total=total)
        for name, (complete, total) in m.index.complete.items()
        if complete < total
    ]
    notes = (words.label("report.note.weights", share=words.percent(DOMINANT, 0)), *pools, *m.coverage)
    return Table("weights", words.label("report.table.weights"), tuple(columns), tuple(rows), notes)


def _source(m: Material, leaf: Node) -> Label:
    """Where a leaf's variables come from, each source once."""
    found = dict.fromkeys(v.source for v in m.variables(leaf) if v.source.zh or v.source.en)
    return words.both(lambda locale: ("；" if locale == "zh" else "; ").join(s.text(locale) for s in found) or words.DASH)


def cells(m: Material) -> dict[Mark, int]:
    """Cells of the variables in use by what they are."""
    marks = [m.panel.marks[name].values for name in m.used]
    return {mark: int(sum((seen == int(mark)).sum() for seen in marks)) for mark in Mark}


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
        column("note", "label", long=True),
        column("source", "label", long=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, meaning in m.used.items():
        marks = m.panel.marks[name].values
        count = {mark: int((marks == int(mark)).sum()) for mark in Mark}
        unit = words.unit_label(meaning.unit)
        repaired = [count[mark] for mark in (Mark.INTERPOLATED, Mark.ABSENT, Mark.ADJUSTED, Mark.MISSING)]
        grade = meaning.quality or words.DASH
        observed = count[Mark.OBSERVED] / marks.size
        rows.append((name, words.heading(meaning.label), unit, observed, *repaired, grade, meaning.note, meaning.source))
    notes = (words.label("report.note.quality"), *m.coverage)
    return Table("data_quality", words.label("report.table.data_quality"), columns, tuple(rows), notes)


def left_out(m: Material) -> Table:
    """Indicators of the framework that did not enter, each with its reason."""
    columns = (
        column("attribute", "label"),
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
        column("before", "number", 4),
        column("after", "number", 4),
        column("rule"),
        column("used"),
    )
    rows = tuple(
        (c.variable, m.panel.variables[c.variable].label, c.region, m.index.regions.label(c.region), c.year)
        + (c.before, c.after, c.rule, "yes" if c.variable in m.used else "no")
        for c in m.panel.changes
    )
    return Table("changed_cells", words.label("report.table.changed_cells"), columns, rows, m.coverage)


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
        column("attribute", "label"),
        column("indicator", shown=False),
        column("indicator_name", "label", head=True),
        column("proxy_for", "label", long=True),
        column("note", "label", long=True),
    )
    rows = tuple(
        (words.heading(m.index.tree.attribute(leaf.id).label), leaf.id, words.heading(leaf.label), words.heading(leaf.proxy_for), leaf.note)
        for leaf in m.leaves
        if leaf.proxy_for.zh or leaf.proxy_for.en
    )
    return Table("proxies", words.label("report.table.proxies"), columns, rows, m.coverage)


def methods(m: Material) -> Table:
    """Each step of the index: the method chosen, what it does, its source."""
    recipe = m.index.recipe
    columns = (
        column("step", "label", head=True),
        column("method", "label"),
        column("how", "label", long=True),
        column("reference", long=True),
    )
    chosen = {
        "normalise": (recipe.normalise.method, recipe.normalise.scope),
        "weighting": (recipe.weight.method, recipe.weight.scope),
        "aggregate": (recipe.aggregate.method, ""),
        "stages": (recipe.stages.method, ""),
    }
    rows: list[tuple[Cell, ...]] = [
        (words.label("report.step.gaps"), words.label("report.how.gaps_name"), _gaps(m), words.DASH),
        (words.label("report.step.coverage"), words.label("report.how.coverage_name"), _coverage(m), words.DASH),
    ]
    for kind, (name, scope) in chosen.items():
        given = kind == "weighting" and name == "given"
        label = words.label("report.how.given_name") if given else find(kind, name).label
        source = words.DASH if given else find(kind, name).source
        rows.append((words.label(f"report.step.{kind}"), label, _how(m, kind, name, scope), source or words.DASH))
    rows.append((words.label("report.step.rank"), words.label("report.how.rank_name"), words.label("report.how.rank"), words.DASH))
    return Table("methods", words.label("report.table.methods"), columns, tuple(rows))


def _gaps(m: Material) -> Label:
    data = m.choices.data
    parts = [words.label("report.how.gaps_none" if data.gaps == "none" else "report.how.gaps_linear")]
    if data.gaps != "none" and data.longest_gap is not None:
        parts.append(words.label("report.how.longest_gap", years=data.longest_gap))
    if data.absent_until:
        parts.append(words.label("report.how.absent", number=len(data.absent_until)))
    if data.deflate:
        parts.append(words.label("report.how.deflate", number=len(data.deflate)))
    return _sum(parts)


def _coverage(m: Material) -> Label:
    least = m.index.recipe.coverage
    shares = {"indicator": words.percent(least.indicator, 0), "node": words.percent(least.node, 0)}
    return words.label("report.how.coverage", **shares)


def _how(m: Material, kind: str, name: str, scope: str) -> Label:
    """What a method does and on which sample, as far as the catalogue has words for it."""
    recipe = m.index.recipe
    values = {
        "scale": words.number(m.scale, 0),
        "base": recipe.normalise.base if kind == "normalise" else recipe.weight.base,
        "levels": ", ".join(f"{level:g}" for level in recipe.stages.levels),
    }
    keys = [f"report.how.{kind}.{name}"]
    if scope and name not in ("goalposts", "given", "equal"):
        keys.append(f"report.how.{kind}_scope.{scope}")
    if kind == "weighting" and name != "given":
        keys.append(f"report.how.within.{recipe.weight.within}")
        if recipe.weight.within == "top":
            across = recipe.weight.across if isinstance(recipe.weight.across, str) else "table"
            keys.append(f"report.how.across.{across}")
    return _sum([words.label(key, **values) for key in keys if words.has(key)])


def _sum(parts: list[Label]) -> Label:
    return words.both(lambda locale: words.joined([part.text(locale) for part in parts], locale) or words.DASH)


def data_sources(m: Material) -> tuple[Label, ...]:
    """Each source of the variables in use once, with how many it gives; those with the most first."""
    counted = Counter(v.source for v in m.used.values() if v.source.zh or v.source.en)
    return tuple(words.label("report.source_line", source=source, number=n) for source, n in counted.most_common())


def glossary(m: Material) -> Table:
    """The framework's terms that the report's own words use."""
    columns = (
        column("term", shown=False),
        column("term_name", "label", head=True),
        column("definition", "label", long=True),
        column("section", shown=False),
    )
    spoken = {locale: _spoken(m, locale == "zh") for locale in LOCALES}
    rows = tuple(
        (row.id, words.heading(row.label), row.definition, row.section)
        for row in m.framework.glossary
        if row.zh in spoken["zh"] or re.search(rf"\b{re.escape(row.en.casefold())}\b", spoken["en"])
    )
    return Table("glossary", words.label("report.table.glossary"), columns, rows)


def _spoken(m: Material, zh: bool) -> str:
    """All labels, definitions and notes that the report shows, in one language."""
    nodes = m.index.tree.nodes
    labels = [part for node in nodes for part in (node.label, node.definition, node.note, node.proxy_for)]
    labels += [part for stage in m.framework.stages for part in (stage.label, stage.definition)]
    labels += [gone.node.label for gone in m.index.left_out]
    return "\n".join(part.zh if zh else part.en.casefold() for part in labels)

