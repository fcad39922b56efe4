"""How far a spatial panel's answer leans on one region, and whether its errors remember the year before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.explain.spatial_effects import shown
from zhiyu.explain.spatial_panel import Fit, fit
from zhiyu.explain.spatial_spectrum import spectrum
from zhiyu.terms import Refusal


@dataclass(frozen=True)
class Resampled:
    """Effects of k regressors over refits to resampled errors: (2, k) percentiles, and two-sided p-values (k,).

    draws : made; kept : those that could be fitted.
    """

    direct_bounds: np.ndarray
    indirect_bounds: np.ndarray
    total_bounds: np.ndarray
    direct_p: np.ndarray
    indirect_p: np.ndarray
    total_p: np.ndarray
    level: float
    draws: int
    kept: int


def resample_regions(
    x: np.ndarray, w: np.ndarray, like: Fit, draws: int = 999, seed: int = 0, level: float = 0.95
) -> Resampled:
    """Effects refitted to errors whose sign is drawn once for a whole region, all of its years together.

    y* = (I - rho W)^-1 (x beta + W x theta + v_i e_i), v_i = 1 or -1, e_i the region's residuals, times sqrt(n t / d).
    What a region's errors remember from year to year, and how far regions differ in spread, stays as it is, where the
    information matrix supposes neither. Static models; in the error model (I - rho W) passes on the errors alone.

    Parameters
    ----------
    x : (n, t, k), w : (n, n), like : the fit of these data

    Raises
    ------
    Refusal
        For a dynamic fit, fewer than 99 draws, or if more than half of the draws cannot be fitted.

    Source: Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90 (the wild cluster bootstrap).
    """
    if like.dynamic:
        raise Refusal("dynamic_model", model=f"{like.model} (resample_regions)")
    if draws < 99:
        raise Refusal("effects_draws", kept=draws, draws=draws)
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    found = spectrum(w)
    mean = (x * like.beta).sum(axis=-1)
    if like.theta.size:
        mean = mean + (found.lag(x) * like.theta).sum(axis=-1)
    errors = like.residuals * np.sqrt(like.n * like.t / like.freedom)
    spread = np.eye(like.n) if np.isnan(like.rho) else np.linalg.inv(np.eye(like.n) - like.rho * w)
    base = mean if like.model == "error" else np.einsum("ij,jt->it", spread, mean)
    signs = 2.0 * np.random.default_rng(seed).integers(0, 2, (draws, like.n)) - 1.0
    effects = []
    for sign in signs:
        y = base + np.einsum("ij,jt->it", spread, sign[:, None] * errors)
        try:
            effects.append(np.stack(fit(y, x, w, like.model, like.effects_of, like.correction).point_effects()))
        except Refusal:
            continue
    if 2 * len(effects) < draws:
        raise Refusal("effects_draws", kept=len(effects), draws=draws)
    drawn = np.stack(effects, axis=1)  # (3, draws, k)
    return Resampled(**shown(drawn, level), level=level, draws=draws, kept=len(effects))


def without_each(y: np.ndarray, x: np.ndarray, w: np.ndarray, like: Fit) -> np.ndarray:
    """(n, k) indirect effects of the same model when one region after the other is left out.

    Weights that summed to one by rows are standardised anew. nan where leaving a region out leaves another without
    neighbours, or the model does not stand without it.
    """
    found = np.full((len(y), x.shape[2]), np.nan)
    for i in range(len(y)):
        rest = np.delete(np.arange(len(y)), i)
        near = w[np.ix_(rest, rest)]
        if not near.any(axis=1).all():
            continue
        if like.standardised:
            near = near / near.sum(axis=1, keepdims=True)
        try:
            one = fit(y[rest], x[rest], near, like.model, like.effects_of, like.correction, like.dynamic)
            found[i] = one.point_effects()[1]
        except Refusal:
            continue
    return found


def serial_correlation(residuals: np.ndarray) -> tuple[float, float]:
    """(r, r0): correlation of residuals (n, t) of successive years, and what region means alone give it, -1 / (t - 1).

    r = t sum e_t e_{t-1} / ((t - 1) sum e_t^2). Above r0 by much, errors persist, and standard errors that suppose they
    do not are too small.

    Source: Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, 10.5.4.
    """
    t = residuals.shape[1]
    product = float((residuals[:, 1:] * residuals[:, :-1]).sum())
    return t * product / ((t - 1) * float((residuals**2).sum())), -1.0 / (t - 1)
