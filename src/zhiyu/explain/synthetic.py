"""Synthetic difference in differences: the treated beside a weighted mean of the untreated that moved alike before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.explain.staggered import starts
from zhiyu.terms import Refusal

STEPS, FIRST_STEPS = 10_000, 100


@dataclass(frozen=True)
class SyntheticDid:
    """One block of treated regions against the untreated.

    att : mean effect over treated regions and periods. std_error, low, high : by placebos, 95 %; nan where there are
        not more untreated than treated regions.
    unit_weights : (untreated,) and time_weights : (periods before,), each summing to one.
    path : (periods,) treated mean less synthetic mean, both less their weighted mean before the start.
    zeta : ridge of the unit weights; placebos : (draws,) effects in untreated regions taken for treated.
    """

    att: float
    std_error: float
    low: float
    high: float
    unit_weights: np.ndarray
    time_weights: np.ndarray
    path: np.ndarray
    zeta: float
    placebos: np.ndarray


@dataclass(frozen=True)
class StaggeredSynthetic:
    """The blocks of all starts and their mean by treated region-periods; std_error, low, high by placebos, 95 %."""

    att: float
    std_error: float
    low: float
    high: float
    groups: np.ndarray
    shares: np.ndarray
    blocks: tuple[SyntheticDid, ...]


def synthetic_did(y: np.ndarray, treated: np.ndarray, start: int, draws: int = 0, seed: int = 0) -> SyntheticDid:
    """Synthetic difference in differences of regions that all start in one period, e.g. a single one.

    att = sum_i w_i sum_t l_t y_it with w = 1/N1 on the treated and minus the unit weights on the others, l = 1/T1 on
    the periods after and minus the time weights on those before. Unit weights w >= 0, summing to one, minimise
    mean_t (w0 + sum_j w_j y_jt - mean treated y_t)^2 + zeta^2 |w|^2 over the T0 periods before;
    zeta = (N1 T1)^(1/4) sd of the untreated's changes before. Time weights likewise over regions, with a ridge of
    1e-6 sd. Both by Frank-Wolfe steps with exact line search, weights below a quarter of the largest set to zero after
    the first hundred, stopping when a step gains less than (1e-5 sd)^2: the rule of the authors' package, whose digits
    depend on it.

    Parameters
    ----------
    y : (n, t) outcome, complete; treated : (n,) bool; start : first treated column
    draws : placebo replays: as many untreated regions as are treated, drawn at random, are taken for treated; each
        untreated region once, where one is treated and there are no more of them than draws. That holds if untreated
        and treated regions vary alike; with few untreated the error is rough.

    Raises
    ------
    Refusal
        For missing cells or shapes that do not fit, fewer than two periods before or untreated regions, none treated.

    Source: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), Synthetic difference-in-differences, American
    Economic Review 111: algorithm 1, and 4 for the placebos.
    """
    outcome, on = np.asarray(y, dtype=float), np.asarray(treated, dtype=bool)
    if outcome.ndim != 2 or on.shape != outcome.shape[:1]:
        raise Refusal("staggered_shape", shape=str(outcome.shape), starts=str(on.shape))
    if not np.isfinite(outcome).all():
        raise Refusal("staggered_incomplete", number=int((~np.isfinite(outcome)).sum()))
    n1, t = int(on.sum()), outcome.shape[1]
    if n1 == 0 or len(on) - n1 < 2 or not 2 <= start < t:
        raise Refusal("synthetic_few", treated=n1, untreated=len(on) - n1, before=min(max(start, 0), t))
    others, mean = outcome[~on], outcome[on].mean(axis=0)
    units, times, zeta = (one[0] for one in _weights(others[None], mean[None], start, n1))
    path = mean - np.einsum("j,jt->t", units, others)
    path = path - float((times * path[:start]).sum())
    order = _orders(len(others), draws if len(others) > n1 + 1 else 0, seed)
    if n1 == 1 and len(order) >= len(others):
        order = np.array([[i, *(j for j in range(len(others)) if j != i)] for i in range(len(others))])
    few = not len(order)
    placebos = np.zeros(0) if few else _atts(others[order[:, n1:]], others[order[:, :n1]].mean(axis=1), start, n1)
    att = float(path[start:].mean())
    return SyntheticDid(att, *_spread(att, placebos), units, times, path, float(zeta), placebos)


def staggered_synthetic(
    y: np.ndarray, first: np.ndarray, years: np.ndarray | None = None, draws: int = 0, seed: int = 0
) -> StaggeredSynthetic:
    """Synthetic difference in differences of each group of regions with one start against those never treated.

    The groups' effects are averaged by their treated region-periods. Each placebo replay draws never-treated regions
    for all groups at once, so the groups' errors are not taken for unrelated. Groups with fewer than two periods before
    their start, and regions treated throughout, take no part.

    Parameters and refusals as in `staggered.starts` and `synthetic_did`.

    Source: Arkhangelsky et al. (2021), appendix A; Clarke, Pailanir, Athey and Imbens (2023).
    """
    start = starts(y, first, years)
    outcome = np.asarray(y, dtype=float)
    t = outcome.shape[1]
    labels = np.arange(t) if years is None else np.asarray(years)
    never = start == t
    groups = [int(g) for g in np.unique(start) if 2 <= g < t]
    sizes = [int((start == g).sum()) for g in groups]
    if not groups or never.sum() < 2:
        raise Refusal("synthetic_few", treated=sum(sizes), untreated=int(never.sum()), before=int(start.min()))
    shares = np.array([size * (t - g) for g, size in zip(groups, sizes, strict=True)], dtype=float)
    shares = shares / shares.sum()
    blocks = []
    for g in groups:
        kept = never | (start == g)
        blocks.append(synthetic_did(outcome[kept], start[kept] == g, g))
    att = float((shares * np.array([block.att for block in blocks])).sum())
    pool, needed = outcome[never], sum(sizes)
    order = _orders(len(pool), draws if len(pool) > needed + 1 else 0, seed)
    used, drawn = 0, np.zeros(len(order))
    for g, size, share in zip(groups, sizes, shares.tolist(), strict=True):
        if len(order):
            taken = pool[order[:, used : used + size]].mean(axis=1)
            drawn += share * _atts(pool[order[:, needed:]], taken, g, size)
        used += size
    return StaggeredSynthetic(att, *_spread(att, drawn), labels[groups], shares, tuple(blocks))


def _spread(att: float, placebos: np.ndarray) -> tuple[float, float, float]:
    """Standard error and 95 % bounds; the effect in the placebos is none, so their mean is no estimate of it."""
    if not len(placebos):
        return float("nan"), float("nan"), float("nan")
    error = float(placebos.std())
    return error, att - 1.959963984540054 * error, att + 1.959963984540054 * error


def _orders(number: int, draws: int, seed: int) -> np.ndarray:
    """(draws, number) untreated regions in random orders: the first of each are taken for treated."""
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(number) for _ in range(draws)], dtype=int).reshape(draws, number)


def _atts(others: np.ndarray, mean: np.ndarray, start: int, n1: int) -> np.ndarray:
    """(d,) effects of d replays: others (d, k, t), mean of the treated (d, t)."""
    units, times, _ = _weights(others, mean, start, n1)
    path = mean - np.einsum("dj,djt->dt", units, others)
    return np.asarray(path[:, start:].mean(axis=1) - (times * path[:, :start]).sum(axis=1))


def _weights(others: np.ndarray, mean: np.ndarray, start: int, n1: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit weights (d, k), time weights (d, start) and ridges (d,)."""
    before, t1 = others[:, :, :start], others.shape[2] - start
    noise = np.diff(before, axis=2).reshape(len(others), -1).std(axis=1, ddof=1)
    zeta = (n1 * t1) ** 0.25 * noise
    gain = (1e-5 * noise) ** 2
    times = _simplex(before, others[:, :, start:].mean(axis=2), 1e-6 * noise, gain)
    return _simplex(before.transpose(0, 2, 1), mean[:, :start], zeta, gain), times, zeta


def _simplex(a: np.ndarray, b: np.ndarray, zeta: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """(d, k) weights on the simplex that minimise mean((c0 + a w - b)^2) + zeta^2 |w|^2, c0 free, of d problems.

    a : (d, m, k); b : (d, m); zeta, gain : (d,)
    """
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    d, m, k = a.shape
    given = np.einsum("dmi,dmj->dij", a, a), np.einsum("dmi,dm->di", a, b), (b**2).sum(axis=1), zeta**2 * m, gain * m
    w = _frank_wolfe(*given, np.full((d, k), 1.0 / k), FIRST_STEPS)
    w = np.where(w > w.max(axis=1, keepdims=True) / 4, w, 0.0)
    return _frank_wolfe(*given, w / w.sum(axis=1, keepdims=True), STEPS)


def _frank_wolfe(
    gram: np.ndarray, cross: np.ndarray, own: np.ndarray, ridge: np.ndarray, gain: np.ndarray, w: np.ndarray, steps: int
) -> np.ndarray:
    """Steps towards the vertex with the steepest descent, each as long as is best, until one gains too little.

    All in products with the Gram matrices (d, k, k), which a step changes by one of their columns. Problems that are
    done drop out, so that one's answer does not depend on the others'.
    """
    found, live = w.copy(), np.arange(len(w))
    at = np.einsum("dij,dj->di", gram, w)
    before = np.full(len(w), np.inf)
    for _ in range(steps):
        half = at - cross + ridge[:, None] * w
        i = half.argmin(axis=1)
        toward = -w
        toward[np.arange(len(w)), i] += 1.0
        down = (half * toward).sum(axis=1)
        moved = gram[live, :, i] - at
        curve = (toward * moved).sum(axis=1) + ridge * (toward**2).sum(axis=1)
        going = (down < 0.0) & (curve > 0.0)
        length = np.where(going, np.minimum(1.0, -down / np.where(going, curve, 1.0)), 0.0)[:, None]
        w, at = w + length * toward, at + length * moved
        value = (w * at).sum(axis=1) - 2 * (w * cross).sum(axis=1) + own + ridge * (w**2).sum(axis=1)
        on = going & (before - value > gain)
        if not on.all():
            found[live[~on]] = w[~on]
            if not on.any():
                return found
            live, w, at, value = live[on], w[on], at[on], value[on]
            cross, own, ridge, gain = cross[on], own[on], ridge[on], gain[on]
        before = value
    found[live] = w
    return found
