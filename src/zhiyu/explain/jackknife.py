"""Many regressions of the same region-years at once, each with its jackknife by region: what a multiverse is made of.

All specifications that share a sample, effects and controls share the effects' removal and the controls' inverses, the
whole sample's and those without each region. What is left of one more pair (y, x) is a few products of length n.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.terms import Refusal

Effects = Literal["two-way", "region", "year", "none", "group-year", "trend"]
EFFECTS: tuple[Effects, ...] = ("two-way", "region", "year", "none", "group-year", "trend")
FEWEST = 5  # regions below which a jackknife by region says nothing
SMALL = 1e-9  # share of a column's squares below which it counts as explained by those before it


@dataclass(frozen=True)
class Fits:
    """s regressions, each of one outcome on one driver beside the same effects and controls.

    estimate, std_error : (s,), the error by jackknife over regions (CRV3); p : two-sided by t with G - 1 degrees.
    partial : (s,) correlation of outcome and driver given effects and controls, free of units.
    lowest, highest : (s,) least and greatest estimate without one region.
    """

    estimate: np.ndarray
    std_error: np.ndarray
    p: np.ndarray
    partial: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    regions: int
    observations: int


def fits(
    y: np.ndarray,
    x: np.ndarray,
    controls: np.ndarray,
    pairs: np.ndarray,
    effects: Effects = "two-way",
    groups: np.ndarray | None = None,
) -> Fits:
    """Every pair's coefficient, its jackknife error, and the estimates without each region.

    V = (G - 1) / G sum_g (b_(g) - b)^2, b_(g) without region g: cluster-robust by jackknife, which leans towards
    caution where few regions weigh much, as the wild cluster bootstrap does, and costs one small solve a region.
    Effects are taken out exactly, also of panels with gaps; "group-year": region effects and a year effect for each
    group of regions; "trend": two-way with a line of its own for each region.

    Parameters
    ----------
    y : (n, t, a) outcomes; x : (n, t, b) drivers; controls : (n, t, c); all missing (nan) in the same cells
    pairs : (s, 2) which outcome and which driver
    groups : (n,) group of each region, for "group-year"

    Raises
    ------
    Refusal
        For cells that are missing in some columns only, fewer than five regions, or too few cells for the effects.

    Source: MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38 (CRV3).
    """
    used = np.isfinite(y).all(axis=-1) & np.isfinite(x).all(axis=-1) & np.isfinite(controls).all(axis=-1)
    if any((np.isfinite(z) != used[..., None]).any() for z in (y, x, controls)):
        raise Refusal("jackknife_cells")
    rows = used.any(axis=1)
    used, regions = used[rows], int(rows.sum())
    if regions < FEWEST:
        raise Refusal("jackknife_few", number=regions, least=FEWEST)
    local, shared = _effects(used, effects, None if groups is None else groups[rows])
    y, x, w = (_within(np.where(used[..., None], z[rows], 0.0), used, local) for z in (y, x, controls))
    d = _independent(np.concatenate([_within(shared, used, local), w], axis=-1))
    taken = regions * local + d.shape[-1]
    if int(used.sum()) <= taken + 1:
        raise Refusal("panel_too_small", rows=int(used.sum()), parameters=taken + 1)
    return _solved(y, x, d, pairs, int(used.sum()))


def _solved(y: np.ndarray, x: np.ndarray, d: np.ndarray, pairs: np.ndarray, observations: int) -> Fits:
    """From columns (n, t, .) without local effects, zero where not used."""
    n = len(y)
    dd = np.einsum("ntk,ntl->nkl", d, d)
    dy, dx = np.einsum("ntk,nta->nka", d, y), np.einsum("ntk,ntb->nkb", d, x)
    ya, xb = pairs[:, 0], pairs[:, 1]
    xy = np.einsum("nta,ntb->nab", y, x)[:, ya, xb]
    xx, yy = np.einsum("ntb,ntb->nb", x, x), np.einsum("nta,nta->na", y, y)
    whole = _less(dd, dy, dx, xy, xx, pairs, each=False)
    inverse = _inverse(dd.sum(axis=0)[None])
    tall = yy.sum(axis=0) - np.einsum("ka,nkl,la->a", dy.sum(axis=0), inverse, dy.sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        wide = np.where(whole[1][0] > SMALL * xx.sum(axis=0), whole[1][0], np.nan)[xb]
        estimate = whole[0][0] / wide
        high = np.where(tall > SMALL * yy.sum(axis=0), tall, np.nan)[ya]
        partial = np.clip(whole[0][0] / np.sqrt(wide * high), -1.0, 1.0)
        cross, square = _less(dd, dy, dx, xy, xx, pairs, each=True)
        square = np.where(square > SMALL * xx.sum(axis=0), square, np.nan)
        without = cross / square[:, xb]
        se = np.sqrt((n - 1) / n * ((without - estimate) ** 2).sum(axis=0))
        t = np.abs(estimate) / se
    from scipy.special import stdtr

    p = np.asarray(2.0 * stdtr(n - 1, -t))
    return Fits(estimate, se, p, partial, without.min(axis=0), without.max(axis=0), n, observations)


def _less(
    dd: np.ndarray, dy: np.ndarray, dx: np.ndarray, xy: np.ndarray, xx: np.ndarray, pairs: np.ndarray, each: bool
) -> tuple[np.ndarray, np.ndarray]:
    """x'My (m, s) and x'Mx (m, b), with M what leaves the shared columns: of all regions, or without each."""

    def left(z: np.ndarray) -> np.ndarray:
        total = z.sum(axis=0)[None]
        return np.asarray(total - z if each else total)

    inverse = _inverse(left(dd))
    b, a = left(dx), np.einsum("mkl,mla->mka", inverse, left(dy))
    cross = left(xy) - np.einsum("mks,mks->ms", b[:, :, pairs[:, 1]], a[:, :, pairs[:, 0]])
    square = left(xx) - np.einsum("mkb,mkl,mlb->mb", b, inverse, b, optimize=["einsum_path", (0, 1), (0, 1)])
    return cross, square


def _inverse(gram: np.ndarray) -> np.ndarray:
    """(m, k, k) inverses; generalised where leaving a region out leaves a column nothing of its own."""
    if gram.shape[-1] == 0:
        return gram
    size = np.sqrt(np.einsum("mkk->mk", gram))
    size = np.where(size > 0, size, 1.0)
    scaled = gram / size[:, :, None] / size[:, None, :]
    try:
        found = np.linalg.inv(scaled)
    except np.linalg.LinAlgError:
        found = np.full_like(scaled, np.inf)
    bad = ~(np.abs(found).max(axis=(1, 2)) < 1e10)
    if bad.any():
        found[bad] = np.linalg.pinv(scaled[bad], rcond=1e-9, hermitian=True)
    return np.asarray(found / size[:, :, None] / size[:, None, :])


def _effects(used: np.ndarray, effects: Effects, groups: np.ndarray | None) -> tuple[int, np.ndarray]:
    """How much is taken out within each region (0 nothing, 1 a mean, 2 a line), and the columns that regions share."""
    n, t = used.shape
    if effects not in EFFECTS or (effects == "group-year" and groups is None):
        raise Refusal("jackknife_effects", effects=effects, known=", ".join(EFFECTS))
    local = {"region": 1, "two-way": 1, "group-year": 1, "trend": 2}.get(effects, 0)
    if effects == "region":
        return local, np.zeros((n, t, 0))
    if effects == "none":
        return local, used[..., None].astype(float)
    parts = np.zeros(n, dtype=int) if groups is None or effects != "group-year" else np.unique(groups, False, True)[1]
    number = int(parts.max()) + 1
    shared = np.zeros((n, t, number * t))
    for i, k in enumerate(parts):
        shared[i, np.arange(t), k * t + np.arange(t)] = used[i]
    return local, shared


def _within(z: np.ndarray, used: np.ndarray, local: int) -> np.ndarray:
    """(n, t, k) less each region's mean, or its line over the years; zero where not used."""
    if local == 0:
        return z
    count = np.maximum(used.sum(axis=1), 1)[:, None]
    z = np.where(used[..., None], z - (z.sum(axis=1) / count)[:, None], 0.0)
    if local == 1:
        return z
    time = np.arange(used.shape[1], dtype=float)
    time = np.where(used, time - (np.where(used, time, 0.0).sum(axis=1, keepdims=True) / count), 0.0)
    square = np.maximum((time**2).sum(axis=1), 1e-30)
    slope = np.einsum("nt,ntk->nk", time, z) / square[:, None]
    return np.asarray(z - time[..., None] * slope[:, None])


def _independent(d: np.ndarray) -> np.ndarray:
    """The columns (n, t, k) that those before them do not explain, by Gram and Schmidt twice over."""
    flat = d.reshape(d.shape[0] * d.shape[1], d.shape[2])
    kept: list[int] = []
    basis = np.zeros((flat.shape[1], flat.shape[0]))
    for j in range(flat.shape[1]):
        left, number = flat[:, j], len(kept)
        size = float((left**2).sum())
        for _ in range(2):
            part = np.einsum("ij,j->i", basis[:number], left)
            left = left - np.einsum("ij,i->j", basis[:number], part)
        square = float((left**2).sum())
        if size > 0 and square > SMALL * size:
            basis[number] = left / np.sqrt(square)
            kept.append(j)
    return d[..., kept]
