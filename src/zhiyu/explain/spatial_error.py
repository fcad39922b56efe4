"""Maximum likelihood of the panel whose errors are spatially correlated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zhiyu.explain.spatial_lag import Solved
from zhiyu.explain.spatial_spectrum import Spectrum
from zhiyu.explain.spatial_within import Within, log_likelihood, peak


@dataclass(frozen=True)
class Filtered:
    """Products of [y, Z] and their spatial lags, from which every (I - r W)[y, Z] has its own by a quadratic in r.

    f : (n, t, k + 1) y and Z, demeaned; wf : their lags, not demeaned.
    What the year means (or the one mean) take out of (I - r W) f lies along s = (I - r W) 1, which is a constant where
    rows of W sum to one, and else is not: M = I - s s' / s's.
    """

    f: np.ndarray
    wf: np.ndarray
    w1: np.ndarray
    time: bool
    region: bool

    @cached_property
    def own(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coefficients of 1, r, r^2 in f'(I - rW)'(I - rW) f."""
        a = np.einsum("nti,ntj->ij", self.f, self.f)
        b = np.einsum("nti,ntj->ij", self.f, self.wf)
        return a, -(b + b.T), np.einsum("nti,ntj->ij", self.wf, self.wf)

    @cached_property
    def along(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(g, k + 1) coefficients of 1, r, r^2 in s'(I - rW) f, for each of the g means taken out."""
        w1 = self.w1[:, None, None]
        a, c = self.f.sum(axis=0), (w1 * self.wf).sum(axis=0)
        b = -(self.wf.sum(axis=0) + (w1 * self.f).sum(axis=0))
        if self.time:
            return a, b, c
        if self.region:  # no mean across regions is an effect
            return a[:0], b[:0], c[:0]
        root = np.sqrt(len(a))
        return (
            a.sum(axis=0, keepdims=True) / root,
            b.sum(axis=0, keepdims=True) / root,
            c.sum(axis=0, keepdims=True) / root,
        )

    def norm(self, r: float) -> tuple[float, float, float]:
        """s's and its first two derivatives."""
        one, two = float(self.w1.sum()), float((self.w1**2).sum())
        return len(self.w1) - 2.0 * r * one + r * r * two, -2.0 * one + 2.0 * r * two, 2.0 * two

    def products(self, r: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """f'(I - rW)'M(I - rW) f and its first two derivatives by r, (k + 1, k + 1) each."""
        a, b, c = self.own
        p, q, u = self.along
        v, dv, ddv = p + r * q + r * r * u, q + 2.0 * r * u, 2.0 * u
        s, ds, dds = self.norm(r)
        vv, vd, dd, vdd = (np.einsum("gi,gj->ij", x, y) for x, y in ((v, v), (v, dv), (dv, dv), (v, ddv)))
        cross, twice = vd + vd.T, 2.0 * dd + vdd + vdd.T
        value = a + r * b + r * r * c - vv / s
        first = b + 2.0 * r * c - cross / s + vv * ds / s**2
        second = 2.0 * c - twice / s + 2.0 * cross * ds / s**2 + vv * (dds / s**2 - 2.0 * ds**2 / s**3)
        return value, first, second

    def residuals(self, direction: np.ndarray, r: float) -> np.ndarray:
        """(n, t) M (I - rW) f times a direction."""
        left = ((self.f - r * self.wf) * direction).sum(axis=-1)
        s = 1.0 - r * self.w1
        if self.time:
            return np.asarray(left - s[:, None] * (s[:, None] * left).sum(axis=0) / (s**2).sum())
        return (
            left
            if self.region
            else np.asarray(left - s[:, None] * (s[:, None] * left).mean(axis=1).sum() / (s**2).sum())
        )


def error_model(y: np.ndarray, z: np.ndarray, found: Spectrum, space: Within) -> Solved:
    """y = Z b + u, u = r W u + e; L(r) = m [ln |I - rW| - ln(|s| / sqrt n)] - d/2 ln SSR(r), SSR by generalised least
    squares; the second term, with Lee and Yu's correction of time effects alone, is what year means take.

    Parameters
    ----------
    y : (n, t), z : (n, t, k), demeaned
    """
    k = z.shape[-1]
    f = np.concatenate([y[..., None], z], axis=-1)
    parts = Filtered(f, found.lag(f), found.matrix.sum(axis=1), space.time, space.region)
    m, d, n = space.periods, space.freedom, space.n
    values = found.eigenvalues

    def logdet(r: float) -> tuple[float, float, float]:
        g = values / (1.0 - r * values)
        told = [np.log(1.0 - r * values).sum().real, -g.sum().real, -(g**2).sum().real]
        if space.corrected:
            s, ds, dds = parts.norm(r)
            told = [told[0] - np.log(s / n) / 2, told[1] - ds / s / 2, told[2] - (dds / s - (ds / s) ** 2) / 2]
        return float(told[0]), float(told[1]), float(told[2])

    def direction(r: float) -> tuple[np.ndarray, float, float]:
        """(1, -b), SSR and its slope, which needs no derivative of b because b is optimal."""
        value, first, _ = parts.products(r)
        w = np.concatenate([[1.0], -np.linalg.solve(value[1:, 1:], value[1:, 0])])
        return w, float((w[:, None] * value * w).sum()), float((w[:, None] * first * w).sum())

    def height(r: float) -> float:
        return log_likelihood(logdet(r)[0], m, d, direction(r)[1])

    def slope(r: float) -> float:
        _, ssr, change = direction(r)
        return m * logdet(r)[1] - d / 2.0 * change / ssr

    rho = peak(lambda grid: np.array([height(float(r)) for r in grid]), slope, found.interval)
    w, ssr, _ = direction(rho)
    value, first, second = parts.products(rho)
    sigma2 = ssr / d
    told = np.zeros((k + 2, k + 2))
    told[:k, :k] = value[1:, 1:] / sigma2
    told[:k, k] = told[k, :k] = -(first[1:] * w).sum(axis=1) / sigma2
    told[k, k] = float((w[:, None] * second * w).sum()) / 2.0 / sigma2 - m * logdet(rho)[2]
    told[k, k + 1] = told[k + 1, k] = -float((w[:, None] * first * w).sum()) / 2.0 / sigma2**2
    told[k + 1, k + 1] = d / (2.0 * sigma2**2)
    return Solved(-w[1:], rho, sigma2, height(rho), np.linalg.inv(told), parts.residuals(w, rho))
