"""Findings about an index: what its recipe did to the indicators that a reader should know before the ranking."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from zhiyu.data.check import Finding
from zhiyu.framework.tree import Node
from zhiyu.measure.consistency import NEAR_ZERO, correlation
from zhiyu.measure.index import Index
from zhiyu.terms import Message, Place

REDUNDANT = 0.98  # correlation at which two indicators of one attribute say the same thing twice


def audit(index: Index) -> list[Finding]:
    """All findings, warnings first."""
    found = [
        *(Finding("indicator_dominant", "warning", m) for m in dominant(index)),
        *(Finding("indicators_redundant", "warning", m) for m in redundant(index)),
        *(Finding("direction_doubtful", "warning", m) for m in against_the_rest(index)),
        *(Finding("indicator_unrelated", "note", m) for m in unrelated(index)),
        *(Finding("beyond_goalposts", "warning", m) for m in beyond_goalposts(index)),
        *(Finding("indicator_lacking", "note", m) for m in lacking(index)),
        *(Finding("weights_from_part", "note", m) for m in incomplete(index)),
    ]
    return sorted(found, key=lambda finding: finding.severity != "warning")


def dominant(index: Index) -> Iterator[Message]:
    """Indicators above 40 % of their attribute."""
    for leaf, attribute, share in index.dominant:
        values = {"name": leaf.label, "attribute": attribute.label, "share": f"{share:.0%}"}
        yield Message("check.indicator_dominant", Place(key=leaf.id), values)


def redundant(index: Index) -> Iterator[Message]:
    """Pairs of one attribute whose pooled correlation is 0.98 or more: one fact weighted twice."""
    for top in index.tree.top:
        leaves = index.tree.leaves_below(top.id)
        for k, one in enumerate(leaves):
            for other in leaves[k + 1 :]:
                r = correlation(index.values.sel(indicator=one.id).values, index.values.sel(indicator=other.id).values)
                if abs(r) >= REDUNDANT:
                    values = {"one": one.label, "other": other.label, "r": f"{r:.3f}"}
                    yield Message("check.indicators_redundant", Place(key=one.id), values)


def against_the_rest(index: Index) -> Iterator[Message]:
    """Indicators that run against their own attribute: a wrong direction, or an indicator that belongs elsewhere."""
    for leaf, attribute, r in _with_attribute(index):
        if r < -NEAR_ZERO:
            values = {"name": leaf.label, "attribute": attribute.label, "r": f"{r:.2f}"}
            yield Message("check.direction_doubtful", Place(key=leaf.id), values)


def unrelated(index: Index) -> Iterator[Message]:
    """Indicators that hardly go with their own attribute, though they are part of it."""
    for leaf, attribute, r in _with_attribute(index):
        if abs(r) <= NEAR_ZERO:
            values = {"name": leaf.label, "attribute": attribute.label, "r": f"{r:.2f}"}
            yield Message("check.indicator_unrelated", Place(key=leaf.id), values)


def beyond_goalposts(index: Index) -> Iterator[Message]:
    """Values that goalposts cap."""
    if index.recipe.normalise.method != "goalposts":
        return
    for leaf in index.tree.leaves:
        x = index.values.sel(indicator=leaf.id).values
        number = int(np.sum((x < leaf.low) | (x > leaf.high)))
        if number:
            yield Message("check.beyond_goalposts", Place(key=leaf.id), {"name": leaf.label, "number": number})


def lacking(index: Index) -> Iterator[Message]:
    """Indicators that the coverage rule, or missing variables, kept out."""
    for gone in index.left_out:
        if gone.missing:
            values = {"name": gone.node.label, "missing": ", ".join(gone.missing)}
            yield Message("check.indicator_without_variable", Place(key=gone.node.id), values)
        else:
            need = f"{index.recipe.coverage.indicator:.0%}"
            values = {"name": gone.node.label, "share": f"{gone.coverage:.0%}", "need": need}
            yield Message("check.indicator_left_out", Place(key=gone.node.id), values)


def incomplete(index: Index) -> Iterator[Message]:
    """Pools of indicators whose weights rest on fewer than all region-years."""
    for name, (used, total) in index.complete.items():
        if used < total:
            values = {"name": index.tree[name].label, "used": used, "total": total}
            yield Message("check.weights_from_part", Place(key=name), values)


def _with_attribute(index: Index) -> Iterator[tuple[Node, Node, float]]:
    """Indicators of attributes with three or more, and their correlation with it (nan: none can be had)."""
    for leaf in index.tree.leaves:
        attribute = index.tree.attribute(leaf.id)
        if len(index.tree.leaves_below(attribute.id)) >= 3:
            pair = index.scores.sel(node=leaf.id).values, index.scores.sel(node=attribute.id).values
            yield leaf, attribute, correlation(*pair)
