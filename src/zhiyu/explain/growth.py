"""Beta convergence: whether regions that began lower grew faster, across regions and within them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from zhiyu.explain.least_squares import interval, least_squares, sandwich
from zhiyu.explain.log_t import checked
from zhiyu.terms import Refusal

Kind = Literal["absolute", "conditional", "spatial"]
Effects = Literal["region", "two-way"]


@dataclass(frozen=True)
class Beta:
    """A growth regression: b < 0 says that regions with a lower level grew faster.

    b : coefficient of the initial log level; se, statistic, p (two-sided), low, high (95 %) of it.
    speed, speed_low, speed_high : lambda = -ln(1 + bT) / T a year and its interval, half_life : ln 2 / lambda in years;
        None where they are not to be read off (conditional, spatial) or b says no convergence (half_life).
    observations, regions, years : of the regression; years is T, over which growth is taken.
    r2 : share of the variance of growth (within, for a panel; None for the spatial model).
    null_b : conditional only: the b that this regression gives on average where nothing converges at all, -3/(T+1).
    rho, rho_se, total, total_low, total_high, lr_p : spatial only: the lag's coefficient, the total effect
        b / (1 - rho) with its interval by the delta method, and the p-value of the likelihood ratio test of rho = 0.
    """

    kind: Kind
    b: float
    se: float
    statistic: float
    p: float
    low: float
    high: float
    observations: int
    regions: int
    years: int
    r2: float | None = None
    speed: float | None = None
    speed_low: float | None = None
    speed_high: float | None = None
    half_life: float | None = None
    null_b: float | None = None
    rho: float | None = None
    rho_se: float | None = None
    total: float | None = None
    total_low: float | None = None
    total_high: float | None = None
    lr_p: float | None = None


def absolute_beta(x: np.ndarray, controls: np.ndarray | None = None) -> Beta:
    """Absolute beta convergence: a cross-section of average growth on the initial level, by least squares.

    (ln x_iT - ln x_i0) / T = a + b ln x_i0 [+ z_i c] + e_i,  b = -(1 - e^(-lambda T)) / T,  so
    lambda = -ln(1 + b T) / T,  half-life = ln 2 / lambda.

    Standard errors are HC3 (MacKinnon and White 1985), intervals by Student's t with n - k degrees of freedom; that of
    lambda is the image of b's. Noise in the initial level alone makes b negative, and a log level depends on where the
    scale has its zero.

    Parameters
    ----------
    x : (n, t) positive levels of n regions in t consecutive years; T = t - 1
    controls : (n, k) of the regions, or None

    Raises
    ------
    Refusal
        If a cell is missing or not positive, or there are fewer regions than coefficients and two.

    Source: Barro and Sala-i-Martin (1992, J. Political Economy 100: 223-251).
    """
    growth, design = cross_section(x, controls)
    years = np.asarray(x).shape[1] - 1
    coefficients, inverse, residual = least_squares(growth, design)
    leverage = (np.einsum("ij,jk->ik", design, inverse) * design).sum(axis=1)
    weighted = design * (residual / np.maximum(1.0 - leverage, 1e-12))[:, None]
    covariance = sandwich(inverse, np.einsum("ij,ik->jk", weighted, weighted))
    n, k = design.shape
    b, low, high = interval(coefficients[1], covariance[1, 1], n - k)
    speed, speed_high, speed_low = (_speed(value, years) for value in (b, low, high))
    half = None if speed is None or speed <= 0 else float(np.log(2.0) / speed)
    return replace(
        told("absolute", coefficients[1], covariance[1, 1], n - k, n, n, years),
        r2=_r2(growth - growth.mean(), residual),
        speed=speed,
        speed_low=speed_low,
        speed_high=speed_high,
        half_life=half,
    )


def conditional_beta(x: np.ndarray, controls: np.ndarray | None = None, effects: Effects = "two-way") -> Beta:
    """Conditional beta convergence: a panel of yearly growth on last year's level, with region (and year) effects.

    ln x_it - ln x_i,t-1 = a_i [+ g_t] + b ln x_i,t-1 [+ z_i,t-1 c] + e_it, t = 1 .. T, within regions; standard errors
    clustered by region, intervals by Student's t with n - 1 degrees of freedom.

    Every region has a steady state of its own here, so b < 0 says that it returns to that, not that regions come
    together. And b is biased downwards by about -(1 + rho) / T, rho = 1 + b (Nickell 1981): where nothing converges at
    all, rho = 1, the regression still gives b = -3 / (T + 1) on average (Harris and Tzavalis 1999), -0.3 on ten years.
    That number stands beside b as `null_b`, and no speed is read off.

    Parameters
    ----------
    x : (n, t), t = T + 1; controls : (n, t, k), of which last year's values enter

    Raises
    ------
    Refusal
        If a cell is missing or not positive, there are fewer than three years, or the controls' shape does not fit.

    Source: Islam (1995, Q. J. Economics 110: 1127-1170); Nickell (1981, Econometrica 49: 1417-1426); Harris and
    Tzavalis (1999, J. Econometrics 91: 201-226).
    """
    if effects not in ("region", "two-way"):
        raise Refusal("convergence_option", name=effects, known="region, two-way")
    log = np.log(checked(x))
    n, years = log.shape[0], log.shape[1] - 1
    if years < 2:
        raise Refusal("convergence_too_few", regions=n, years=years + 1, least_regions=3, least_years=3)
    parts = [log[:, :-1, None]]
    if controls is not None:
        parts.append(_fitting(controls, (n, years + 1), 3)[:, :-1])
    design, growth = np.concatenate(parts, axis=2), np.diff(log, axis=1)[:, :, None]
    inner, y = (_within(part, effects) for part in (design, growth))
    k = inner.shape[2]
    coefficients, inverse, residual = least_squares(y.ravel(), inner.reshape(-1, k))
    scores = (inner * residual.reshape(n, years, 1)).sum(axis=1)
    counted = k + (years if effects == "two-way" else 1)
    factor = n / (n - 1.0) * (n * years - 1.0) / max(n * years - counted, 1)
    covariance = factor * sandwich(inverse, np.einsum("ij,ik->jk", scores, scores))
    found = told("conditional", coefficients[0], covariance[0, 0], n - 1, n * years, n, years)
    return replace(found, r2=_r2(y.ravel(), residual), null_b=-3.0 / (years + 1.0))


def cross_section(x: np.ndarray, controls: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(n,) average growth of the logarithm, (n, 2 + k) constant, initial log level, controls."""
    log = np.log(checked(x))
    n, years = log.shape[0], log.shape[1] - 1
    parts = [np.ones((n, 1)), log[:, :1]]
    if controls is not None:
        parts.append(_fitting(controls, (n,), 2))
    design = np.concatenate(parts, axis=1)
    if years < 1 or n < design.shape[1] + 2:
        raise Refusal(
            "convergence_too_few", regions=n, years=years + 1, least_regions=design.shape[1] + 2, least_years=2
        )
    return (log[:, -1] - log[:, 0]) / years, design


def _fitting(controls: np.ndarray, shape: tuple[int, ...], dimensions: int) -> np.ndarray:
    z = np.asarray(controls, dtype=float)
    if z.ndim != dimensions or z.shape[:-1] != shape or not np.isfinite(z).all():
        wanted = "x".join([*(str(size) for size in shape), "k"])
        raise Refusal("convergence_controls", shape="x".join(str(size) for size in z.shape), wanted=wanted)
    return z


def _within(part: np.ndarray, effects: Effects) -> np.ndarray:
    inner: np.ndarray = part - part.mean(axis=1, keepdims=True)
    if effects == "two-way":
        inner = inner - inner.mean(axis=0, keepdims=True)
    return inner


def _r2(y: np.ndarray, residual: np.ndarray) -> float:
    total = float((y**2).sum())
    return float("nan") if total == 0 else 1.0 - float((residual**2).sum()) / total


def told(
    kind: Kind, b: float, variance: float, freedom: int | None, observations: int, regions: int, years: int
) -> Beta:
    """A slope with its test and interval, by Student's t or, without degrees of freedom, by the normal."""
    from scipy.special import ndtr, stdtr

    se = float(np.sqrt(variance))
    statistic = float(b) / se if se > 0 else float(np.copysign(np.inf, b))
    tail = ndtr(-abs(statistic)) if freedom is None else stdtr(freedom, -abs(statistic))
    value, low, high = interval(b, variance, freedom)
    return Beta(kind, value, se, statistic, float(2.0 * tail), low, high, observations, regions, years)


def _speed(b: float, years: int) -> float | None:
    """lambda; None where 1 + bT <= 0, that is where regions would have overtaken one another."""
    return float(-np.log1p(b * years) / years) if 1.0 + b * years > 0 else None
