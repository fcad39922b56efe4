"""Maximum likelihood of the panel with a spatial lag of the outcome, and of the one without any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.explain.spatial_within import Determinant, Within, log_likelihood, peak


@dataclass(frozen=True)
class Solved:
    """Estimates of a model with q regressors: coefficients (q,), rho (nan where it has none), sigma2, ln L,
    covariance (q + 2, q + 2) of coefficients, rho and sigma2, residuals (n, t) of the demeaned panel; one_step: whether
    a dynamic model's bias is corrected by one step only."""

    coefficients: np.ndarray
    rho: float
    sigma2: float
    log_likelihood: float
    covariance: np.ndarray
    residuals: np.ndarray
    one_step: bool = False


def least_squares(y: np.ndarray, q: np.ndarray, r: np.ndarray, space: Within) -> Solved:
    """y = Z b + e by least squares; the covariance of the coefficients is s2 (Z'Z)^-1 with s2 = SSR / d."""
    flat = y.ravel()
    half = (q * flat[:, None]).sum(axis=0)
    left = flat - (q * half).sum(axis=1)
    ssr = float((left**2).sum())
    sigma2 = ssr / space.freedom
    k = len(half)
    covariance = np.full((k + 2, k + 2), np.nan)
    inverse = np.linalg.inv(r)
    covariance[:k, :k] = sigma2 * np.einsum("ik,jk->ij", inverse, inverse)
    covariance[k + 1, k + 1] = 2.0 * sigma2**2 / space.freedom
    coefficients = np.linalg.solve(r, half)
    value = log_likelihood(0.0, space.periods, space.freedom, ssr)
    return Solved(coefficients, np.nan, sigma2, value, covariance, left.reshape(y.shape))


def lag_model(
    y: np.ndarray,
    wy: np.ndarray,
    z: np.ndarray,
    q: np.ndarray,
    r: np.ndarray,
    space: Within,
    logdet: Determinant,
    interval: tuple[float, float],
) -> Solved:
    """y = rho W y + Z b + e; L(rho) = m logdet(rho) - d/2 ln SSR(rho), SSR quadratic in rho after Z is projected out.

    Parameters
    ----------
    y, wy : (n, t) outcome and its spatial lag, demeaned
    z : (n t, q) regressors, demeaned; q, r : their orthogonal factors
    """
    flat = np.stack([y.ravel(), wy.ravel()])
    half = (q[:, None, :] * flat.T[:, :, None]).sum(axis=0)
    left = flat - np.einsum("ij,kj->ki", q, half)
    a, b, c = float((left[0] ** 2).sum()), float((left[0] * left[1]).sum()), float((left[1] ** 2).sum())
    m, d = space.periods, space.freedom

    def value(rho: np.ndarray) -> np.ndarray:
        return np.asarray(m * logdet.value(rho) - d / 2.0 * np.log(a - 2.0 * b * rho + c * rho**2))

    def slope(rho: float) -> float:
        return m * logdet.slope(rho) - d * (c * rho - b) / (a - 2.0 * b * rho + c * rho**2)

    rho = peak(value, slope, interval)
    residual = left[0] - rho * left[1]
    ssr = float((residual**2).sum())
    covariance = np.linalg.inv(information(z, wy.ravel(), residual, ssr / d, rho, space, logdet))
    found = np.linalg.solve(r, half[0] - rho * half[1])
    peak_value = log_likelihood(float(logdet.value(np.array([rho]))[0]), m, d, ssr)
    return Solved(found, rho, ssr / d, peak_value, covariance, residual.reshape(y.shape))


def information(
    z: np.ndarray, wy: np.ndarray, e: np.ndarray, sigma2: float, rho: float, space: Within, logdet: Determinant
) -> np.ndarray:
    """(q + 2, q + 2) minus the second derivatives of ln L by coefficients, rho and sigma2, written out.

    The observed information needs traces of powers of W alone, which its eigenvalues give; the expected one needs
    tr(G'G) and so a dense inverse. The two agree as n (t - 1) grows.
    """
    k = z.shape[1]
    wide = np.concatenate([z, wy[:, None]], axis=1)
    found = np.zeros((k + 2, k + 2))
    found[: k + 1, : k + 1] = np.einsum("ij,ik->jk", wide, wide) / sigma2
    found[k, k] -= space.periods * logdet.curvature(rho)
    found[: k + 1, k + 1] = found[k + 1, : k + 1] = (wide * e[:, None]).sum(axis=0) / sigma2**2
    found[k + 1, k + 1] = float((e**2).sum()) / sigma2**3 - space.freedom / (2.0 * sigma2**2)
    return found
