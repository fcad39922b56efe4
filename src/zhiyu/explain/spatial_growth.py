"""Spatial beta convergence: growth on the initial level with the neighbours' growth beside, by maximum likelihood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zhiyu.explain.growth import Beta, cross_section, told
from zhiyu.explain.least_squares import interval, least_squares
from zhiyu.terms import Refusal


def spatial_beta(x: np.ndarray, w: np.ndarray, controls: np.ndarray | None = None) -> Beta:
    """Spatial beta convergence: the cross-section of `absolute_beta` with the neighbours' growth beside, by ML.

    g = rho W g + a + b ln x_0 [+ Z c] + e. The likelihood is concentrated on rho, with ln|I - rho W| = sum ln(1 -
    rho omega_j) over the eigenvalues of W, and searched between 1 / min omega and 1 / max omega. Standard errors from
    the information matrix, intervals by the normal.

    b is the effect before neighbours answer; with rows of W that sum to one, b / (1 - rho) is the total.

    Parameters
    ----------
    x : (n, t); w : (n, n), not negative, its rows in the order of x, usually summing to one; controls : (n, k)

    Raises
    ------
    Refusal
        As `absolute_beta`, or if w does not fit or has no neighbours in it.

    Source: Ord (1975, J. American Statistical Association 70: 120-126); Rey and Montouri (1999, Regional Studies 33:
    143-156).
    """
    growth, design = cross_section(x, controls)
    n, k = design.shape
    w = np.asarray(w, dtype=float)
    if w.shape != (n, n) or not np.isfinite(w).all() or (w < 0).any() or not w.any():
        raise Refusal("convergence_weights", regions=n)
    omega = np.linalg.eigvals(w)
    lagged = np.einsum("ij,j->i", w, growth)
    own, near = (least_squares(part, design)[2] for part in (growth, lagged))
    rho = _best_rho(own, near, omega)
    coefficients, _, residual = least_squares(growth - rho * lagged, design)
    variance = float((residual**2).mean())
    covariance = _information(design, w, coefficients, rho, variance)
    b, b_variance, rho_variance = coefficients[1], covariance[1, 1], covariance[k, k]
    slope = np.array([1.0 / (1.0 - rho), b / (1.0 - rho) ** 2])
    part = covariance[np.ix_([1, k], [1, k])]
    total, low, high = interval(b / (1.0 - rho), float((slope[:, None] * part * slope).sum()), None)
    gain = log_likelihood(rho, own, near, omega) - log_likelihood(0.0, own, near, omega)
    return replace(
        told("spatial", b, b_variance, None, n, n, np.asarray(x).shape[1] - 1),
        rho=rho,
        rho_se=float(np.sqrt(rho_variance)),
        total=total,
        total_low=low,
        total_high=high,
        lr_p=_chi_square_1(2.0 * max(gain, 0.0)),
    )


def log_likelihood(rho: float, own: np.ndarray, near: np.ndarray, omega: np.ndarray) -> float:
    """Concentrated log-likelihood of rho, up to a constant: own and near are the residuals of g and W g on X."""
    residual = own - rho * near
    log_det = float(np.log(np.abs(1.0 - rho * omega)).sum())
    return log_det - 0.5 * len(own) * float(np.log((residual**2).mean()))


def _best_rho(own: np.ndarray, near: np.ndarray, omega: np.ndarray) -> float:
    from scipy.optimize import minimize_scalar

    real = omega.real[np.abs(omega.imag) < 1e-9]
    low = 1.0 / real.min() if real.min() < -1e-9 else -1.0
    bounds = (low + 1e-6, 1.0 / real.max() - 1e-6)
    found = minimize_scalar(
        lambda rho: -log_likelihood(rho, own, near, omega), bounds=bounds, method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x)


def _information(
    design: np.ndarray, w: np.ndarray, coefficients: np.ndarray, rho: float, variance: float
) -> np.ndarray:
    """(k + 2, k + 2) covariance of (coefficients, rho, variance): the inverse of the information matrix (Ord 1975)."""
    n, k = design.shape
    g = np.einsum("ij,jk->ik", w, np.linalg.inv(np.eye(n) - rho * w))
    pulled = np.einsum("ij,j->i", g, np.einsum("ij,j->i", design, coefficients))
    found = np.zeros((k + 2, k + 2))
    found[:k, :k] = np.einsum("ij,ik->jk", design, design) / variance
    found[:k, k] = found[k, :k] = np.einsum("ij,i->j", design, pulled) / variance
    found[k, k] = (g * g.T).sum() + (g * g).sum() + (pulled**2).sum() / variance
    found[k, k + 1] = found[k + 1, k] = np.trace(g) / variance
    found[k + 1, k + 1] = n / (2.0 * variance**2)
    size = np.sqrt(np.diagonal(found))
    return np.asarray(np.linalg.inv(found / size[:, None] / size) / size[:, None] / size)


def _chi_square_1(value: float) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(1.0, value))
