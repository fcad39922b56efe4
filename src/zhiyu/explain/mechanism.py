"""Mechanisms: what a driver does to a mechanism, what changes a driver's effect, and who shares in an explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from zhiyu.explain.panel_ols import Effects, PanelFit, absorb, fit
from zhiyu.explain.wild import leave_one_out, wild_cluster, wild_interval
from zhiyu.terms import Refusal

MOST_BLOCKS = 12  # 4096 subsets


@dataclass(frozen=True)
class Coefficient:
    """A coefficient b with its clustered error, the wild cluster bootstrap's p and the 95 % bounds of the same draws,
    and b without each region (n,).

    The error is for comparison with what papers print: with few regions it is on the small side, and p and bounds do
    not follow from it. A bound is infinite where the bootstrap rejects no value on that side."""

    estimate: float
    std_error: float
    low: float
    high: float
    p: float
    without: np.ndarray
    observations: int
    regions: int

    @property
    def one_sign(self) -> bool:
        """Whether the sign stays, whichever region is left out."""
        left = self.without[np.isfinite(self.without)]
        return bool(len(left) and (np.sign(left) == np.sign(self.estimate)).all())


@dataclass(frozen=True)
class Product:
    """a b, from x -> m and m -> y given x, with percentile bounds over draws of whole regions."""

    estimate: float
    low: float
    high: float
    first: float
    second: float
    draws: int
    seed: int


@dataclass(frozen=True)
class Moderation:
    """y on x, z and x z, each centred within years: the coefficients of all three, in that order, and that of x z."""

    fit: PanelFit
    interaction: Coefficient


@dataclass(frozen=True)
class Shapley:
    """Shares of blocks in R2: parts (b,) sum to total; alone (b,) each block's R2 by itself, last (b,) what it adds to
    all others; low, high (b,) percentile bounds over draws of whole regions, nan without draws."""

    total: float
    parts: np.ndarray
    alone: np.ndarray
    last: np.ndarray
    low: np.ndarray
    high: np.ndarray
    observations: int
    draws: int
    seed: int


def coefficient(
    y: np.ndarray,
    x: np.ndarray,
    which: int = 0,
    effects: Effects = "two-way",
    draws: int = 9999,
    seed: int = 0,
) -> Coefficient:
    """One coefficient of a panel regression with all that a verdict needs.

    Parameters
    ----------
    y, x, effects : as for `panel_ols.fit`; which : position of the regressor; draws, seed : of the wild bootstrap

    Refusals as `panel_ols.fit`. Source: as `panel_ols.fit`, `wild.wild_cluster`, `wild.wild_interval`.
    """
    found = fit(y, x, effects)
    low, high = wild_interval(y, x, which, effects, draws, seed=seed)
    return Coefficient(
        estimate=float(found.beta[which]),
        std_error=float(found.std_errors[which]),
        low=low,
        high=high,
        p=wild_cluster(y, x, which, effects, draws, seed=seed).p,
        without=leave_one_out(y, x, which, effects),
        observations=found.observations,
        regions=found.regions,
    )


def effect_on_mechanism(
    m: np.ndarray,
    x: np.ndarray,
    controls: np.ndarray | None = None,
    effects: Effects = "two-way",
    draws: int = 9999,
    seed: int = 0,
) -> Coefficient:
    """The first half of a mechanism, m_it = a x_it + c'w_it + mu_i + tau_t + e_it; the second half rests on literature.

    Regressing the outcome on mechanism and driver together, and calling the product of the coefficients the mediated
    effect, supposes that nothing unseen moves mechanism and outcome. That cannot be supposed of regions, so it is not
    done here; `product` does it on request.

    Parameters
    ----------
    m : (n, t) mechanism; x : (n, t) driver, which must not contain parts of m; controls : (n, t, k)

    Refusals as `panel_ols.fit`. Source: Jiang Ting (2022), Mediation and moderation effects in empirical studies of
    causal inference, China Industrial Economics 2022 (5).
    """
    return coefficient(m, _columns(x, controls), 0, effects, draws, seed)


def product(
    y: np.ndarray,
    m: np.ndarray,
    x: np.ndarray,
    controls: np.ndarray | None = None,
    effects: Effects = "two-way",
    draws: int = 999,
    seed: int = 0,
    level: float = 0.95,
) -> Product:
    """The product a b of m = a x + ... and y = b m + c x + ..., with bounds from draws of whole regions.

    A mediated effect only if no unseen thing moves both m and y, which these data cannot show; no finding rests on it.
    All arrays (n, t), controls (n, t, k); only cells with all of them count. A draw in which a coefficient is not
    determined is left out.

    Source: Preacher and Hayes (2008), Behavior Research Methods 40; regions drawn as clusters.
    """
    first, second = _columns(x, controls), _columns(m, x[..., None], controls)
    whole = np.isfinite(y) & np.isfinite(second).all(axis=-1)
    m, y = np.where(whole, m, np.nan), np.where(whole, y, np.nan)

    def both(rows: np.ndarray) -> tuple[float, float]:
        a = fit(m[rows], first[rows], effects).beta[0]
        return float(a), float(fit(y[rows], second[rows], effects).beta[0])

    a, b = both(np.arange(len(y)))
    drawn = []
    for rows in np.random.default_rng(seed).integers(len(y), size=(draws, len(y))):
        try:
            one, two = both(rows)
        except Refusal:
            continue
        drawn.append(one * two)
    ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]) if drawn else np.full(2, np.nan)
    return Product(a * b, float(ends[0]), float(ends[1]), a, b, len(drawn), seed)


def moderation(
    y: np.ndarray,
    x: np.ndarray,
    z: np.ndarray,
    controls: np.ndarray | None = None,
    effects: Effects = "two-way",
    draws: int = 9999,
    seed: int = 0,
) -> Moderation:
    """Whether x does more where z is high: y = b x + g z + d x z + c'w + effects, x and z less their year's mean.

    Centring leaves d as it is asked: between regions of one year, not through the common rise of x and z, and makes b
    the effect of x where z is average. x, z, y : (n, t); controls : (n, t, k). Only cells with all of them count, also
    in the means.

    Refusals as `panel_ols.fit`. Source: Balli and Sorensen (2013), Interaction effects in econometrics, Empirical
    Economics 45.
    """
    every = _columns(x, z[..., None], controls)
    whole = np.isfinite(y) & np.isfinite(every).all(axis=-1)
    a, b = centred(x, whole), centred(z, whole)
    design = _columns(a, b[..., None], (a * b)[..., None], controls)
    return Moderation(fit(y, design, effects), coefficient(y, design, 2, effects, draws, seed))


def centred(x: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """(n, t) x less the mean of each year over the cells that count; nan where a cell does not."""
    counts = np.maximum(whole.sum(axis=0), 1)
    return np.asarray(np.where(whole, x, np.nan) - np.where(whole, x, 0.0).sum(axis=0) / counts)


def shapley(
    y: np.ndarray,
    blocks: Sequence[np.ndarray],
    effects: Effects = "two-way",
    draws: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Shapley:
    """R2, after the effects, shared among blocks of regressors: what a block adds, averaged over all orders.

    part_j = sum over sets S without j of |S|! (b - |S| - 1)! / b! (R2(S with j) - R2(S)), over all 2^b sets; the parts
    sum to R2 of all blocks. Each is at least about zero and above it even for a block of noise, which adds about
    1 / (observations - parameters) a column: bounds, not the sign, tell a share from none.

    Parameters
    ----------
    y : (n, t); blocks : b arrays (n, t) or (n, t, k_b), at most 12; only cells with all of them count
    draws : of whole regions with replacement, each its own region; seed : of the draws

    Raises
    ------
    Refusal
        For more than 12 blocks, or as `panel_ols.fit` on all blocks together.

    Source: Shorrocks (2013), Decomposition procedures for distributional analysis, Journal of Economic Inequality 11;
    Shapley (1953).
    """
    if not 1 <= len(blocks) <= MOST_BLOCKS:
        raise Refusal("shapley_blocks", number=len(blocks), most=MOST_BLOCKS)
    wide = [one if one.ndim == 3 else one[..., None] for one in map(np.asarray, blocks)]
    owner = np.repeat(np.arange(len(wide)), [one.shape[-1] for one in wide])
    x = np.concatenate(wide, axis=-1)
    whole = fit(y, x, effects)
    value = _explained(_products(y, x, effects), owner)
    parts, alone, last = _shared(value, len(wide))
    replays = np.random.default_rng(seed).integers(len(y), size=(draws, len(y)))
    products = [_products(y[rows], x[rows], effects) for rows in replays]
    ends = np.full((2, len(wide)), np.nan)
    if products:
        drawn = _shared(_explained(np.stack(products), owner), len(wide))[0]
        ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    total = float(value[-1])
    return Shapley(total, parts, alone, last, ends[0], ends[1], whole.observations, draws, seed)


def _products(y: np.ndarray, x: np.ndarray, effects: Effects) -> np.ndarray:
    """(k + 1, k + 1) correlations of the regressors and, last, the outcome, less the effects."""
    space = absorb(np.isfinite(y) & np.isfinite(x).all(axis=-1), effects)
    w = space.remove(np.concatenate([x, y[..., None]], axis=-1))
    products = np.einsum("nti,ntj->ij", w, w)
    size = np.sqrt(np.diagonal(products))
    size = np.where(size > 0, size, 1.0)
    return np.asarray(products / size / size[:, None])


def _explained(products: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """(..., 2^b) R2 of every set of blocks, the set's bits its number, from tables of products (..., k + 1, k + 1)."""
    value = np.zeros((*products.shape[:-2], 2 ** (int(owner.max()) + 1)))
    for s in range(1, value.shape[-1]):
        chosen = np.flatnonzero((s >> owner) & 1)
        cross = products[..., chosen, -1]
        # a pseudo-inverse: in a draw of few regions columns may coincide
        solved = np.linalg.pinv(products[..., chosen[:, None], chosen], rcond=1e-12, hermitian=True)
        value[..., s] = np.einsum("...i,...ij,...j->...", cross, solved, cross)
    return value


def _shared(value: np.ndarray, b: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parts, alone and last (..., b) of R2 by sets of blocks (..., 2^b)."""
    sets = np.arange(2**b)
    count = np.array([s.bit_count() for s in range(2**b)])
    weight = np.array([factorial(k) * factorial(b - k - 1) / factorial(b) for k in range(b)])
    parts = []
    for j in range(b):
        without = sets[(sets >> j) & 1 == 0]
        added = np.take(value, without | 1 << j, axis=-1) - np.take(value, without, axis=-1)
        parts.append((weight[count[without]] * added).sum(axis=-1))
    single = 1 << np.arange(b)
    last = value[..., -1:] - np.take(value, 2**b - 1 - single, axis=-1)
    return np.stack(parts, axis=-1), np.take(value, single, axis=-1), last


def _columns(x: np.ndarray, *more: np.ndarray | None) -> np.ndarray:
    """(n, t, k) a regressor (n, t) and further columns (n, t, ...)."""
    return np.concatenate([np.asarray(x, dtype=float)[..., None], *(one for one in more if one is not None)], axis=-1)
