"""Many regressions of the same region-years at once, each with its jackknife by region: what a multiverse is made of.

All specifications that share a sample, effects and controls share the effects' removal and the controls' inverses, the
whole sample's and those without each region. What is left of one more pair (y, x) is a few products of length n.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
    sets: np.ndarray | None = None,
    beside: np.ndarray | None = None,
    grounds: Grounds | None = None,
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
    sets : (u, w) sets of controls by position, -1 for no control; one set of all controls where None
    beside : (s,) which set stands beside each pair; the first where None. A pair whose set leaves too few cells is nan.
    grounds : those that regressions before this one stood on; None = none

    Raises
    ------
    Refusal
        For cells that are missing in some columns only, fewer than five regions, or too few cells for the effects
        and any of the sets.

    Source: MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38 (CRV3).
    """
    z = np.concatenate([controls, x, y], axis=-1)
    used = np.isfinite(z[..., -1])
    if (np.isfinite(z) != used[..., None]).any():
        raise Refusal("jackknife_cells")
    rows = used.any(axis=1)
    if int(rows.sum()) < FEWEST:
        raise Refusal("jackknife_few", number=int(rows.sum()), least=FEWEST)
    ground = (grounds or Grounds()).of(used[rows], effects, None if groups is None else groups[rows])
    z = _within(np.where(ground.used[..., None], z[rows], 0.0), ground.used, ground.local)
    c, b = controls.shape[-1], x.shape[-1]
    ends = np.stack([c + pairs[:, 1], c + b + pairs[:, 0]])
    sets = np.arange(c)[None] if sets is None else sets
    return _solved(ground, z, ends, sets, np.zeros(len(pairs), dtype=int) if beside is None else beside)


@dataclass(frozen=True)
class Ground:
    """Cells and effects that regressions share: what each region takes out for itself (0 nothing, 1 a mean, 2 a line),
    independent columns d (n, t, k) that regions share, and the inverses (n + 1, k, k) of d'd, of all regions first,
    then without each."""

    used: np.ndarray
    local: int
    d: np.ndarray
    inverse: np.ndarray

    @property
    def taken(self) -> int:
        """Constants that the effects take."""
        return len(self.used) * self.local + int(self.d.shape[-1])


@dataclass
class Grounds:
    """Grounds that were made, kept while they hold fewer than `most` numbers: many claims stand on the same few."""

    most: int = 2**23
    _kept: dict[tuple[object, ...], Ground] = field(default_factory=dict)

    def of(self, used: np.ndarray, effects: Effects, groups: np.ndarray | None) -> Ground:
        """The ground of these cells (n, t) and effects."""
        key = (used.tobytes(), used.shape, effects, None if groups is None else groups.tobytes())
        if key not in self._kept:
            if sum(one.d.size + one.inverse.size for one in self._kept.values()) > self.most:
                self._kept.clear()
            self._kept[key] = _ground(used, effects, groups)
        return self._kept[key]


def _ground(used: np.ndarray, effects: Effects, groups: np.ndarray | None) -> Ground:
    local, shared = _effects(used, effects, groups)
    d = _independent(_within(shared, used, local))
    return Ground(used, local, d, _inverse(_left(np.matmul(d.transpose(0, 2, 1), d))))


def _left(z: np.ndarray) -> np.ndarray:
    """(n + 1, ...) sums over regions of (n, ...): of all, then without each."""
    total = z.sum(axis=0)[None]
    return np.concatenate([total, total - z])


def _solved(ground: Ground, z: np.ndarray, ends: np.ndarray, sets: np.ndarray, beside: np.ndarray) -> Fits:
    """From columns z (n, t, k) without local effects, zero where not used; ends (2, s) : where driver and outcome are.

    All that is needed are products of columns, summed by region: of all regions and without each, less what the shared
    columns explain, then less what a pair's controls do.
    """
    n, (xs, ys), observations = len(z), ends, int(ground.used.sum())
    raw = _left(np.matmul(z.transpose(0, 2, 1), z))
    along = _left(np.matmul(ground.d.transpose(0, 2, 1), z))
    net = raw - np.matmul(along.transpose(0, 2, 1), np.matmul(ground.inverse, along))
    squares = np.diagonal(raw, axis1=1, axis2=2)
    held, inverse = _controls(net, squares, sets)
    enough = observations > ground.taken + held.sum(axis=1) + 1
    if not enough.any():
        raise Refusal("panel_too_small", rows=observations, parameters=ground.taken + int(held.sum(axis=1).min()) + 1)
    at, known = np.maximum(sets, 0)[beside], held[beside]
    wx, wy = (np.where(known, net[:, at, end[:, None]], 0.0)[..., None] for end in (xs, ys))
    solved = np.matmul(inverse[:, beside], np.concatenate([wx, wy], axis=-1))
    cross = net[:, xs, ys] - (wx * solved[..., 1:])[..., 0].sum(axis=-1)
    square = net[:, xs, xs] - (wx * solved[..., :1])[..., 0].sum(axis=-1)
    tall = net[0, ys, ys] - (wy[0] * solved[0, ..., 1:])[..., 0].sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = np.where((square > SMALL * squares[0, xs]) & enough[beside], square, np.nan)
        tall = np.where(tall > SMALL * squares[0, ys], tall, np.nan)
        found = cross / square
        estimate, without = found[0], found[1:]
        partial = np.clip(cross[0] / np.sqrt(square[0] * tall), -1.0, 1.0)
        se = np.sqrt((n - 1) / n * ((without - estimate) ** 2).sum(axis=0))
        t = np.abs(estimate) / se
    from scipy.special import stdtr

    p = np.asarray(2.0 * stdtr(n - 1, -t))
    return Fits(estimate, se, p, partial, without.min(axis=0), without.max(axis=0), n, observations)


def _controls(net: np.ndarray, squares: np.ndarray, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, w) which columns of each set are used, those that earlier ones explain being left out, and the inverses
    (m, u, w, w) of the rest's products, zero elsewhere."""
    at, held = np.maximum(sets, 0), sets >= 0
    products = net[:, at[:, :, None], at[:, None, :]]
    size = np.sqrt(squares[:, at])
    size = np.where(size > 0, size, 1.0)
    scaled = products / size[..., :, None] / size[..., None, :]

    def inverses() -> np.ndarray:
        both = held[:, :, None] & held[:, None, :]
        return _inverted(np.where(both, scaled, np.eye(sets.shape[1])))

    found = inverses()
    if not (np.einsum("ukk->uk", found[0]) < 1.0 / SMALL).all():
        held = np.stack([_pivots(one, own) for one, own in zip(scaled[0], held, strict=True)])
        found = inverses()
    both = held[:, :, None] & held[:, None, :]
    return held, np.where(both, found / size[..., :, None] / size[..., None, :], 0.0)


def _pivots(gram: np.ndarray, held: np.ndarray) -> np.ndarray:
    """(w,) which columns of a gram matrix scaled to squares of one those before them do not explain."""
    kept, left = held.copy(), gram.copy()
    for j in np.flatnonzero(held):
        kept[j] = left[j, j] > SMALL
        if kept[j]:
            left = left - np.outer(left[:, j], left[j]) / left[j, j]
    return kept


def _inverse(gram: np.ndarray) -> np.ndarray:
    """(m, k, k) inverses; generalised where leaving a region out leaves a column nothing of its own."""
    size = np.sqrt(np.einsum("mkk->mk", gram))
    size = np.where(size > 0, size, 1.0)
    found = _inverted(gram / size[:, :, None] / size[:, None, :])
    return np.asarray(found / size[:, :, None] / size[:, None, :])


def _inverted(scaled: np.ndarray) -> np.ndarray:
    """(..., k, k) inverses of grams of columns of about the same size."""
    if scaled.shape[-1] == 0:
        return scaled
    try:
        found = np.linalg.inv(scaled)
    except np.linalg.LinAlgError:
        found = np.full_like(scaled, np.inf)
    bad = ~(np.abs(found).max(axis=(-2, -1)) < 1e10)
    if bad.any():
        found[bad] = np.linalg.pinv(scaled[bad], rcond=1e-9, hermitian=True)
    return np.asarray(found)


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
