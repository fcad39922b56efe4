"""Panel effects taken out, and the likelihood of rho that is left: shared by all spatial panel models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.explain.spatial_spectrum import Spectrum
from zhiyu.terms import Refusal

Effects = Literal["region", "time", "two-way", "none"]
Correction = Literal["lee-yu", "none"]

GRID = 97  # places at which the likelihood of rho is looked at before its peak is sought


@dataclass(frozen=True)
class Within:
    """Which effects are taken out of n regions and t years, and what is left to learn from.

    periods : m, what multiplies the log-determinant: t, or t - 1 where the Lee-Yu correction counts the region means.
    freedom : d, observations left for sigma2.
    region, time : effects taken out; corrected : whether the constant's share leaves the log-determinant too.
    """

    n: int
    t: int
    periods: int
    freedom: int
    region: bool
    time: bool
    corrected: bool

    def demean(self, x: np.ndarray) -> np.ndarray:
        """(n, t, ...) less the means of regions and of years that are effects; less the one mean without effects."""
        if not (self.region or self.time):
            return np.asarray(x - x.mean(axis=(0, 1)))
        if self.region:
            x = x - x.mean(axis=1, keepdims=True)
        return np.asarray(x - x.mean(axis=0, keepdims=True)) if self.time else x


def within(n: int, t: int, effects: Effects, correction: Correction) -> Within:
    """The count of what remains: by Lee and Yu (2010), t - 1 of t periods after region effects and n - 1 of n regions
    after time effects; by the direct approach, all of both."""
    region, time = effects in ("region", "two-way"), effects in ("time", "two-way")
    corrected = correction == "lee-yu"
    periods = t - 1 if region and corrected else t
    return Within(n, t, periods, (n - 1 if time and corrected else n) * periods, region, time, corrected and time)


@dataclass(frozen=True)
class Determinant:
    """sum_k a_k ln(1 - rho l_k) and its derivatives; a_k = 1, or 1 - c_k where the constant's share is left out.

    With rows that sum to one and time effects that is ln |I - rho W| - ln(1 - rho), the determinant in the n - 1
    dimensions that year means leave (Lee and Yu 2010). For other weights it takes from the score of rho its known
    expectation, of which that determinant is the special case.
    """

    eigenvalues: np.ndarray
    share: np.ndarray

    def value(self, rho: np.ndarray) -> np.ndarray:
        """(r,) values at r places."""
        return np.asarray((self.share * np.log(1.0 - np.asarray(rho)[:, None] * self.eigenvalues)).sum(axis=-1).real)

    def slope(self, rho: float) -> float:
        """- sum_k a_k g_k, g_k = l_k / (1 - rho l_k)"""
        return -float((self.share * self.eigenvalues / (1.0 - rho * self.eigenvalues)).sum().real)

    def curvature(self, rho: float) -> float:
        """- sum_k a_k g_k^2"""
        return -float((self.share * (self.eigenvalues / (1.0 - rho * self.eigenvalues)) ** 2).sum().real)

    def trace(self, f: np.ndarray) -> float:
        """Trace, in the dimensions that are left, of the function of W whose value at l_k is f_k."""
        return float((self.share * f).sum().real)


def determinant(found: Spectrum, space: Within) -> Determinant:
    """The log-determinant in the dimensions that the effects leave.

    Raises
    ------
    Refusal
        If the constant's share is needed and the weights have no full set of eigenvectors.
    """
    refuse_defective(found.ones if space.corrected else np.zeros(1))
    share = 1.0 - found.ones if space.corrected else np.ones(len(found.eigenvalues))
    kept = share != 0.0  # else 0 x inf at the edge of the interval
    return Determinant(found.eigenvalues[kept], share[kept])


def refuse_defective(ones: np.ndarray) -> None:
    """Weights that are neither symmetric nor standardised may lack the eigenvectors that the constant's share needs."""
    if np.isnan(ones).any():
        raise Refusal("weights_defective")


def log_likelihood(logdet: float, periods: int, freedom: int, ssr: float) -> float:
    """m logdet - d/2 (ln(2 pi s2) + 1), s2 = ssr / d"""
    return periods * logdet - freedom / 2.0 * (float(np.log(2.0 * np.pi * ssr / freedom)) + 1.0)


def peak(
    value: Callable[[np.ndarray], np.ndarray], slope: Callable[[float], float], interval: tuple[float, float]
) -> float:
    """Where a function with a slope is greatest: the best place of a grid, then the root of the slope beside it.

    Raises
    ------
    Refusal
        If it rises up to an end of the interval.
    """
    from scipy.optimize import brentq

    low, high = interval
    grid = low + (high - low) * np.linspace(1e-6, 1.0 - 1e-6, GRID)
    best = int(value(grid).argmax())
    if best in (0, GRID - 1):
        raise Refusal("rho_at_bound", rho=f"{grid[best]:.3f}", low=f"{low:.3f}", high=f"{high:.3f}")
    here = slope(float(grid[best]))
    if here == 0.0:
        return float(grid[best])
    other = float(grid[best + 1] if here > 0 else grid[best - 1])
    if here * slope(other) > 0:  # more than one peak between two places: look closer
        return peak(value, slope, (float(grid[best - 1]), float(grid[best + 1])))
    return float(brentq(slope, float(grid[best]), other, xtol=1e-13, rtol=1e-14))


def solve_regressors(z: np.ndarray, raw: np.ndarray, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(q, r) of demeaned regressors (rows, k); a regressor that the effects or those before it explain is refused."""
    if len(z) < z.shape[1]:
        raise Refusal("regressors_too_many", k=z.shape[1], rows=len(z))
    q, r = np.linalg.qr(z)
    left, own = np.abs(np.diag(r)), np.sqrt((z**2).sum(axis=0))
    floor = np.maximum(1e-11 * np.sqrt((raw.reshape(-1, z.shape[1]) ** 2).sum(axis=0)), 1e-8 * own)
    for j in np.flatnonzero(left <= floor):
        raise Refusal("regressor_explained", name=names[j])
    return q, r
