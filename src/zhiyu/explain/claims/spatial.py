"""What the claim of clustering and spill-over reads off neighbours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zhiyu.explain.choice import SpaceChoice
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.question import Found
from zhiyu.explain.spatial_draws import CALM, TIE, two_sided
from zhiyu.terms import Label, Refusal

PERMUTATIONS = 999
MOST = 0.5  # share of the years, and of the weights, that counts as most
NAN = float("nan")


def clusters(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Share of the years in which Moran's I of the whole index is positive and significant (two-sided, 5 %)."""
    w, codes = _weights(inputs, sample), sample.codes
    root = sample.variables.term(sample.variables.index.tree.root.id)[sample.kept]
    key = ("clusters", root.tobytes(), w.tobytes(), inputs.seed)
    alike = inputs.once(key, lambda: clustered(root, w, PERMUTATIONS, inputs.seed))
    found = alike[np.isfinite(alike) & (np.array(sample.variables.years) >= sample.first)]
    if not len(found):
        raise Refusal("claim_incomplete", name="index", years=0, number=len(codes))
    share = float(np.mean(found))
    return Found(name, told, "condition", 1, share, NAN, NAN, NAN, codes, holds=share > MOST)


def clustered(values: np.ndarray, w: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """(t,) 1 where `space.moran` of a column of (n, t) is above its expectation with p <= 0.05, else 0; nan where the
    column has gaps or does not vary. All columns see the same placements, as they do one by one."""
    told = np.full(values.shape[1], np.nan)
    seen = np.isfinite(values).all(axis=0) & (np.ptp(values, axis=0) > 0)
    z = values[:, seen] - values[:, seen].mean(axis=0)
    n, total = len(z), w.sum()
    observed = (z * np.einsum("ij,jt->it", w, z)).sum(axis=0)
    slack = TIE * total * (z**2).max(axis=0, initial=0.0)
    random = np.random.default_rng(seed)
    places = random.permuted(np.broadcast_to(np.arange(n), (permutations, n)), axis=1)
    above, below = np.zeros(z.shape[1], dtype=int), np.zeros(z.shape[1], dtype=int)
    for rows in np.array_split(places, -(-permutations * n * n // CALM)):
        for t, column in enumerate(z.T):
            dealt = column[rows]
            drawn = (dealt * (dealt @ w.T)).sum(axis=1)
            above[t] += int((drawn >= observed[t] - slack[t]).sum())
            below[t] += int((drawn <= observed[t] + slack[t]).sum())
    p = two_sided(above, below, permutations)
    told[seen] = (n / total * observed / (z**2).sum(axis=0) > -1.0 / (n - 1)) & (p <= 0.05)
    return told


def spill(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Indirect effect of last year's index on output per head, in the spatial Durbin model of `of.spatial_panel`."""
    from zhiyu.explain.of.spatial_panel import DRAWS, spatial_panel

    if inputs.w is None:
        raise Refusal("no_neighbours")
    if not sample.kept.all() or sample.first:
        return _fitted(name, told, inputs, sample, draws)
    found = spatial_panel(
        sample.variables.index, sample.variables.panel, inputs.w, SpaceChoice(), inputs.seed, min(draws, DRAWS)
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
    y, x = y[:, whole], x[:, whole]
    effects = inputs.once(
        ("durbin", y.tobytes(), x.tobytes(), w.tobytes(), max(draws, 199), inputs.seed),
        lambda: fit(y, x, w, "durbin", "two-way", "lee-yu").effects(max(draws, 199), inputs.seed),
    )
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
