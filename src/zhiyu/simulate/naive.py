"""Forecasts without a theory: what the model has to beat.

Each takes logarithms x (state, region, year), nan = missing, and gives (state, region, horizon) for the years after the
last. A region whose last observation is older is carried on from there. A state of which fewer than `ENOUGH` years
are seen in a region is not forecast there: nan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import numpy as np

Forecaster = Callable[[np.ndarray, int], np.ndarray]

ENOUGH = 3  # two growth rates: the least from which one can tell a drift from an accident


def random_walk(x: np.ndarray, horizon: int) -> np.ndarray:
    """Next year is like this one."""
    return carried(x, lambda steps: np.zeros((*x.shape[:2], steps)), horizon)


def drift(x: np.ndarray, horizon: int) -> np.ndarray:
    """Random walk with each region's own mean growth: the reference that skill is counted from."""
    return carried(x, lambda steps: _constant(region_means(growth(x))[0], steps), horizon)


def pooled_drift(x: np.ndarray, horizon: int) -> np.ndarray:
    """Random walk with the mean growth of all regions."""
    g = growth(x)
    common = mean(g, (1, 2))[:, None]
    return carried(x, lambda steps: _constant(np.broadcast_to(common, x.shape[:2]), steps), horizon)


def shrunk_drift(x: np.ndarray, horizon: int) -> np.ndarray:
    """Random walk with each region's mean growth drawn to that of all regions by what chance alone would scatter.

    m_i* = m + lambda_i (m_i - m), lambda_i = tau2 / (tau2 + s2 / n_i): empirical Bayes with the moments
    s2 = variance of growth within regions about the year's mean, tau2 = variance of m_i less its chance part.

    Source: Efron and Morris (1975).
    """
    g = growth(x)
    own, count = region_means(g)
    common = mean(own, 1)[:, None]
    rate = common + shrinkage(g, own, count) * (own - common)
    return carried(x, lambda steps: _constant(rate, steps), horizon)


def autoregression(x: np.ndarray, horizon: int) -> np.ndarray:
    """Growth as a pooled AR(1): g' = c + r g, one c and one r for all regions, r held within 0.9."""
    g = growth(x)
    before, after = g[..., :-1], g[..., 1:]
    both = np.isfinite(before) & np.isfinite(after)
    before, after = np.where(both, before, np.nan), np.where(both, after, np.nan)
    centre, target = mean(before, (1, 2), keep=True), mean(after, (1, 2), keep=True)
    r = _ratio(mean((before - centre) * (after - target), (1, 2)), mean((before - centre) ** 2, (1, 2)))
    r = np.clip(r, -0.9, 0.9)[:, None]
    c = target[..., 0] - r * centre[..., 0]

    def ahead(steps: int) -> np.ndarray:
        now, path = last(g)[0], []
        for _ in range(steps):
            now = c + r * now
            path.append(now)
        return np.stack(path, axis=-1)

    return carried(x, ahead, horizon)


GRID = tuple(product((0.3, 0.5, 0.7, 0.9, 1.0), (0.05, 0.1, 0.2, 0.4, 0.7), (0.7, 0.8, 0.9, 0.98)))


def pooled_holt(x: np.ndarray, horizon: int) -> np.ndarray:
    """Exponential smoothing with a damped trend; weights and damping common to all regions.

    l' = a x + (1 - a)(l + phi b), b' = beta (l' - l) + (1 - beta) phi b; forecast l + (phi + ... + phi^h) b. The grid
    point with the least squared one-step error over all regions is taken; the trend starts at the pooled mean growth
    of the first two years.

    Source: Gardner and McKenzie (1985).
    """
    return _holt(x, horizon, lambda loss: np.broadcast_to(loss.sum(axis=2, keepdims=True), loss.shape))


def damped_smoothing(x: np.ndarray, horizon: int) -> np.ndarray:
    """The same with weights and damping of its own for each region: ETS(A, Ad, N)."""
    return _holt(x, horizon, lambda loss: loss)


def _holt(x: np.ndarray, horizon: int, pool: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    a, beta, phi = (np.array(values)[:, None, None] for values in zip(*GRID, strict=True))
    g = growth(x)
    level = np.full((len(GRID), *x.shape[:2]), np.nan)
    trend = np.broadcast_to(_first_growth(g)[:, None], level.shape).copy()
    loss = np.zeros_like(level)
    for t in range(x.shape[2]):
        now = np.broadcast_to(x[..., t], level.shape)
        seen, started = np.isfinite(now), np.isfinite(level)
        ahead = level + phi * trend
        loss += np.where(seen & started, (np.where(seen, now, 0) - ahead) ** 2, 0.0)
        new = np.where(seen, a * now + (1 - a) * ahead, ahead)
        new_trend = np.where(seen, beta * (new - level) + (1 - beta) * phi * trend, phi * trend)
        trend = np.where(started, new_trend, trend)
        level = np.where(started, new, now)
    best = np.argmin(pool(loss), axis=0)
    at = (best, *np.ogrid[tuple(slice(n) for n in best.shape)])
    damping = np.broadcast_to(phi, level.shape)[at][..., None]
    weights = np.cumsum(damping ** np.arange(1, horizon + 1), axis=-1)
    found = level[at][..., None] + weights * trend[at][..., None]
    return np.where(enough(x)[..., None], found, np.nan)


def bayesian_var(x: np.ndarray, horizon: int, tight: float = 0.2, cross: float = 0.5) -> np.ndarray:
    """Growth of all states as one VAR(1) pooled over regions, with Litterman's prior about a random walk with drift.

    On growth standardised by the pooled mean and deviation, z' = A z + e: prior of A is N(0, tight^2) on its diagonal
    and N(0, (tight cross)^2) off it, and the posterior mean has a closed form, one equation at a time. A state not
    seen stands at its mean.

    Source: Litterman (1986); Kadiyala and Karlsson (1997).
    """
    g = growth(x)
    centre, scale = mean(g, (1, 2), keep=True), np.sqrt(_variance(g))
    scale = np.where(scale > 0, scale, 1.0)  # a state that grows by one rate everywhere
    z = (g - centre) / scale
    known = np.where(np.isfinite(z), z, 0.0)
    states = len(x)
    a = np.zeros((states, states))
    for s in range(states):
        rows = np.isfinite(z[s, :, 1:])
        if not rows.any():
            continue
        before, after = known[:, :, :-1][:, rows], z[s, :, 1:][rows]
        noise = max(float(np.mean(after**2)), 1e-12)
        prior = np.full(states, 1 / (tight * cross) ** 2)
        prior[s] = 1 / tight**2
        gram = np.einsum("in,jn->ij", before, before) / noise + np.diag(prior)
        a[s] = np.linalg.solve(gram, (before * after).sum(axis=1) / noise)

    def ahead(steps: int) -> np.ndarray:
        now, path = np.nan_to_num(last(z)[0]), []
        for _ in range(steps):
            now = np.einsum("ij,jr->ir", a, now)
            path.append(centre[..., 0] + scale[..., 0] * now)
        return np.stack(path, axis=-1)

    return carried(x, ahead, horizon)


NAIVE: Mapping[str, Forecaster] = {
    "random_walk": random_walk,
    "drift": drift,
    "pooled_drift": pooled_drift,
    "shrunk_drift": shrunk_drift,
    "pooled_holt": pooled_holt,
    "damped_smoothing": damped_smoothing,
    "autoregression": autoregression,
    "bayesian_var": bayesian_var,
}


def growth(x: np.ndarray) -> np.ndarray:
    """(..., year - 1) growth of logarithms; over a gap, the mean a year in each of its years."""
    inside = np.array(x)
    years = np.arange(x.shape[-1])
    for row in inside.reshape(-1, x.shape[-1]):
        seen = np.isfinite(row)
        if seen.any():
            first, final = np.flatnonzero(seen)[[0, -1]]
            row[first : final + 1] = np.interp(years[first : final + 1], years[seen], row[seen])
    return np.diff(inside, axis=-1)


def last(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(..., ) the last value seen, and its age in years; nan and 0 where nothing was seen."""
    seen = np.isfinite(x)
    age = np.where(seen.any(axis=-1), np.argmax(seen[..., ::-1], axis=-1), 0)
    return np.take_along_axis(x, (x.shape[-1] - 1 - age)[..., None], axis=-1)[..., 0], age


def carried(x: np.ndarray, ahead: Callable[[int], np.ndarray], horizon: int) -> np.ndarray:
    """(..., horizon) the last value plus the growth since it was seen; `ahead(steps)` gives growth (..., steps)."""
    start, age = last(x)
    total: np.ndarray = np.cumsum(ahead(horizon + int(age.max(initial=0))), axis=-1)
    at = np.arange(horizon) + age[..., None]
    found = start[..., None] + np.take_along_axis(total, at, axis=-1)
    return np.where(enough(x)[..., None], found, np.nan)


def enough(x: np.ndarray) -> np.ndarray:
    """(state, region) whether enough years are seen to forecast from."""
    return np.asarray(np.isfinite(x).sum(axis=-1) >= ENOUGH)


def region_means(g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(state, region) mean growth, and of how many years."""
    return mean(g, 2), np.isfinite(g).sum(axis=2)


def shrinkage(g: np.ndarray, own: np.ndarray, count: np.ndarray) -> np.ndarray:
    """(state, region) lambda: which part of a region's mean growth is its own and not chance."""
    within = g - mean(g, 1, keep=True)
    within = within - mean(within, 2, keep=True)
    freedom = np.maximum((count - 1).clip(0).sum(axis=1), 1)[:, None]
    s2 = np.nansum(within**2, axis=(1, 2))[:, None] / freedom
    chance = s2 / np.maximum(count, 1)
    between = _variance(own[..., None])[:, :, 0]
    tau2 = np.maximum(between - mean(np.where(count > 0, chance, np.nan), 1)[:, None], 0.0)
    return _ratio(tau2, tau2 + chance)


def mean(x: np.ndarray, axis: int | tuple[int, ...], keep: bool = False) -> np.ndarray:
    """Mean of what is seen; nan, without a warning, where nothing is."""
    seen = np.isfinite(x)
    count = seen.sum(axis=axis, keepdims=keep)
    return np.where(count > 0, np.where(seen, x, 0.0).sum(axis=axis, keepdims=keep) / np.maximum(count, 1), np.nan)


def _variance(x: np.ndarray) -> np.ndarray:
    """(state, 1, 1) pooled variance."""
    return mean((x - mean(x, (1, 2), keep=True)) ** 2, (1, 2), keep=True)


def _first_growth(g: np.ndarray) -> np.ndarray:
    """(state,) mean growth in each region's first two years."""
    seen = np.isfinite(g)
    early = seen & (np.cumsum(seen, axis=2) <= 2)
    return mean(np.where(early, g, np.nan), (1, 2))


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0))


def _constant(rate: np.ndarray, steps: int) -> np.ndarray:
    return np.repeat(rate[..., None], steps, axis=-1)
