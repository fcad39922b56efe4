"""Tables of how it was done: the method of each step with its source, and the terms the report uses."""

from __future__ import annotations

from zhiyu.methods import find
from zhiyu.report import words
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label, catalogue


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
        (
            words.label("report.step.gaps"),
            words.label(f"report.how.gaps_{'none' if m.choices.data.gaps == 'none' else 'linear'}_name"),
            _gaps(m),
            words.DASH,
        ),
        (words.label("report.step.coverage"), words.label("report.how.coverage_name"), _coverage(m), words.DASH),
    ]
    for kind, name in (("impute", recipe.impute.method), ("treat", recipe.treat.method)):
        if name != "none":
            step, how = words.label(f"report.step.{kind}"), _altered(m, kind)
            rows.append((step, find(kind, name).label, how, find(kind, name).source or words.DASH))
    for kind, (name, scope) in chosen.items():
        given = kind == "weighting" and name == "given"
        label = words.label("report.how.given_name") if given else find(kind, name).label
        source = words.DASH if given else find(kind, name).source
        rows.append((words.label(f"report.step.{kind}"), label, _how(m, kind, name, scope), source or words.DASH))
    rows.append(
        (
            words.label("report.step.rank"),
            words.label("report.how.rank_name"),
            words.label("report.how.rank"),
            words.DASH,
        )
    )
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


def _altered(m: Material, kind: str) -> Label:
    """What imputation or outlier treatment does, by which rule, and to how many cells."""
    treat, cells = m.index.recipe.treat, m.index.imputed if kind == "impute" else m.index.treated
    values = {
        "groups": m.index.recipe.impute.groups,
        "skew": f"{treat.skew:g}",
        "kurtosis": f"{treat.kurtosis:g}",
        "most": treat.most,
        "cells": len(cells),
        "indicators": len({cell.indicator for cell in cells}),
    }
    name = m.index.recipe.impute.method if kind == "impute" else treat.method
    keys = [*(["report.how.treat"] if kind == "treat" else []), f"report.how.{kind}.{name}", f"report.how.{kind}_cells"]
    return _sum([words.label(key, **values) for key in keys if words.has(key)])


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
        "kind": m.kind,
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


def glossary(m: Material) -> Table:
    """The framework's terms that the report's own words use."""
    columns = (
        column("term", shown=False),
        column("term_name", "label", head=True),
        column("definition", "label", long=True),
        column("section", shown=False),
    )
    spoken = _spoken(m)
    rows = tuple(
        (row.id, words.heading(row.label), row.definition, row.section)
        for row in m.framework.glossary
        if row.zh in spoken
    )
    return Table("glossary", words.label("report.table.glossary"), columns, rows)


def _spoken(m: Material) -> str:
    """All Chinese words that the report shows: a term is found in them letter by letter, whatever its endings."""
    labels = [part for leaf in m.leaves for part in (leaf.label, leaf.note, leaf.proxy_for)]
    labels += [part for gone in m.index.left_out for part in (gone.node.label, gone.node.note)]
    labels += [part for stage in m.framework.stages for part in (stage.label, stage.definition)]
    labels += [node.label for node in (m.root, *m.top)]
    labels += [sentence for key, sentence in catalogue().items() if key.startswith("report.")]
    return "\n".join(part.zh for part in (*labels, m.kind))
