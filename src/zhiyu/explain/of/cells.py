"""Numbers of a model's terms: formulas over a panel's variables and an index's nodes, lags and products of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zhiyu.data.panel import Mark, Panel, Variable
from zhiyu.explain.of.formulas import apart
from zhiyu.measure.index import Index
from zhiyu.terms import Label

LAGGED = re.compile(r"lag\((.*)\)", re.DOTALL)


def with_nodes(panel: Panel, index: Index | None) -> Panel:
    """The panel with an index's nodes beside its variables, matched by region and year; a variable of the same name
    stays."""
    if index is None:
        return panel
    read = {name: x for name, x in scores(panel, index).items() if name not in panel.names}
    dims = ("region", "year")
    marks = {name: np.where(np.isnan(x), int(Mark.MISSING), int(Mark.OBSERVED)) for name, x in read.items()}
    labels = {name: index.tree[name].label for name in read}
    return replace(
        panel,
        data=panel.data.assign({name: (dims, x) for name, x in read.items()}),
        marks=panel.marks.assign({name: (dims, x.astype(np.int8)) for name, x in marks.items()}),
        variables={**panel.variables, **{name: Variable(name, labels[name], "1") for name in read}},
    )


def scores(panel: Panel, index: Index) -> dict[str, np.ndarray]:
    """(region, year) scores of each node, matched to the panel; nan where the index has none."""
    found = index.scores.reindex(region=list(panel.codes), year=list(panel.years))
    return dict(zip(map(str, found["node"].values), found.transpose("node", "region", "year").values, strict=True))


def before(values: np.ndarray, years: Sequence[int], by: int = 1) -> np.ndarray:
    """(region, year) values of so many years before; nan where that year is not there."""
    found, place = np.full(values.shape, np.nan), {year: t for t, year in enumerate(years)}
    for t, year in enumerate(years):
        if year - by in place:
            found[:, t] = values[:, place[year - by]]
    return found


def values(panel: Panel, written: str) -> np.ndarray:
    """(region, year) numbers of a term: a formula; lag(term), its value of the year before, nan where that year is not
    in the panel; term:term, a product.

    Raises
    ------
    Refusal
        As `Panel.compute`: unknown names, units that do not fit, a zero denominator, a logarithm at or below zero.
    """
    factors = apart(written, ":")
    if len(factors) > 1:
        return np.asarray(np.prod([values(panel, factor) for factor in factors], axis=0))
    lagged = LAGGED.fullmatch(written.strip())
    if not lagged:
        return panel.compute(written)
    return before(values(panel, lagged[1]), panel.years)


def term_label(panel: Panel, written: str) -> Label:
    """A variable's or node's own name; any other term as it is written."""
    known = panel.variables.get(written)
    return known.label if known is not None and known.label.en else Label(written, written)
