"""What the claim of clustering and spill-over reads off neighbours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zhiyu.explain.choice import SpaceChoice
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Found
from zhiyu.terms import Label, Refusal

PERMUTATIONS = 999
MOST = 0.5  # share of the years, and of the weights, that counts as most
NAN = float("nan")


def clusters(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Share of the years in which Moran's I of the whole index is positive and significant (two-sided, 5 %)."""
    from zhiyu.explain.space import moran

    w, codes = _weights(inputs, sample), sample.codes
    root = sample.cut(sample.variables.term(sample.variables.index.tree.root.id))
    found = [
        moran(column, w, PERMUTATIONS, inputs.seed) for column in root.T if np.isfinite(column).all() and np.ptp(column)
    ]
    if not found:
        raise Refusal("claim_incomplete", name="index", years=0, number=len(codes))
    share = float(np.mean([one.i > one.expected and one.p <= 0.05 for one in found]))
    return Found(name, told, "condition", 1, share, NAN, NAN, NAN, codes, holds=share > MOST)


def spill(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Indirect effect of last year's index on output per head, in the spatial Durbin model of `of.spatial_panel`."""
    from zhiyu.explain.of.spatial_panel import spatial_panel

    if inputs.w is None:
        raise Refusal("no_neighbours")
    if not sample.kept.all() or sample.first:
        return _fitted(name, told, inputs, sample, draws)
    found = spatial_panel(
        sample.variables.index, sample.variables.panel, inputs.w, SpaceChoice(), inputs.seed, min(draws, 1999)
    )
    at = found.resampled
    assert at is not None
    low, high = (float(end) for end in at.indirect_bounds[:, 0])
    estimate = float(found.effects.indirect[0])
    return Found(
        name, told, "resampled", 1, estimate, low, high, float(at.indirect_p[0]), found.regions, found.without[:, 0],
        observations=found.fit.n * found.fit.t, years=found.years, std_error=float(found.effects.indirect_se[0]),
    )  # fmt: skip


def most_weights(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Share of the other weights under which the indirect effect is positive and significant (5 %)."""
    held = []
    for w in inputs.weights.values():
        try:
            found = _fitted(name, told, replace(inputs, w=w), sample, draws)
        except Refusal:
            continue
        held.append(found.estimate > 0 and found.p <= 0.05)
    if not held:
        raise Refusal("no_neighbours")
    share = float(np.mean(held))
    return Found(name, told, "condition", 1, share, NAN, NAN, NAN, sample.codes, holds=share > MOST)


def _fitted(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """The Durbin model of part of the regions or years, with the effects' own errors: quick enough for many."""
    from zhiyu.explain.of.spatial_panel import default_question
    from zhiyu.explain.spatial_panel import fit

    variables = sample.variables
    default_question(variables.index, variables.panel)
    w = _weights(inputs, sample)
    root = variables.index.tree.root.id
    y = sample.cut(variables.term("log(gdp_real2011_100m / population_10k)"))
    index = sample.cut(variables.back(variables.term(root), 1))
    capital = sample.cut(variables.term("log(capital_stock_real2011_100m / population_10k)"))
    x = np.stack([index, capital], axis=-1)
    whole = np.isfinite(y).all(axis=0) & np.isfinite(x).all(axis=(0, 2))
    if whole.sum() < 4:
        raise Refusal("claim_incomplete", name=root, years=int(whole.sum()), number=len(y))
    effects = fit(y[:, whole], x[:, whole], w, "durbin", "two-way", "lee-yu").effects(max(draws, 199), inputs.seed)
    low, high = (float(end) for end in effects.indirect_bounds[:, 0])
    p = float(effects.indirect_p[0])
    return Found(name, told, "resampled", 1, float(effects.indirect[0]), low, high, p, sample.codes)


def _weights(inputs: Inputs, sample: Sample) -> np.ndarray:
    """(m, m) weights among the regions that take part, rows summing to one; refused for one without a neighbour."""
    if inputs.w is None:
        raise Refusal("no_neighbours")
    place = {code: i for i, code in enumerate(inputs.w.codes)}
    lost = [code for code in sample.codes if code not in place]
    if lost:
        raise Refusal("neighbours_region_missing", names=", ".join(lost))
    rows = [place[code] for code in sample.codes]
    matrix = inputs.w.matrix[np.ix_(rows, rows)]
    total = matrix.sum(axis=1, keepdims=True)
    if not (total > 0).all():
        raise Refusal("no_neighbours")
    return np.asarray(matrix / total)
