"""What spatial statistics share: checked data, sums of weights, moments over placements, standard scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyu.explain.spatial_draws import sparse
from zhiyu.terms import Refusal

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FEWEST = 4  # regions: the variances divide by n - 3
ROUNDING = 1e-12  # a variance below this share of its terms is none


def conditional(z: np.ndarray, w: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each region's lag when its neighbours are drawn from the others."""
    others = len(z) - 1
    mean = -z / others
    spread = (np.sum(z * z) - z * z) / others - mean**2
    sums, squares = w.sum(axis=1), (w * w).sum(axis=1)
    apart = others * squares - sums**2
    spread[spread < ROUNDING * np.sum(z * z) / others] = 0.0
    apart[apart < ROUNDING * others * squares] = 0.0
    return mean * sums, spread * apart / (others - 1)


def checked(values: np.ndarray, w: Any) -> tuple[np.ndarray, csr_array]:
    """Deviations from the mean, and the weights as sparse rows."""
    x = np.asarray(values, dtype=float)
    lacking = int(np.count_nonzero(~np.isfinite(x)))
    if lacking:
        raise Refusal("space_missing", number=lacking)
    if x.ndim != 1 or len(x) < FEWEST:
        raise Refusal("space_few", number=x.size, least=FEWEST)
    rows = sparse(w, len(x))
    if np.ptp(x) == 0:
        raise Refusal("space_constant", value=f"{x[0]:g}")
    return x - np.mean(x), rows


def sums(w: csr_array) -> tuple[int, float, float, float]:
    """n; S0 = sum w_ij; S1 = sum (w_ij + w_ji)^2 / 2; S2 = sum_i (sum_j w_ij + sum_j w_ji)^2."""
    both = w + w.T
    ends = w.sum(axis=1) + w.sum(axis=0)
    return w.shape[0], float(np.sum(w.data)), float(np.sum(both.data**2)) / 2, float(np.sum(ends * ends))


def score(away: float, variance: float, expected: float) -> float:
    """A deviation in standard deviations; nan where every placement gives the same."""
    return away / math.sqrt(variance) if variance > ROUNDING * expected**2 else math.nan


def scores(away: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Deviations in standard deviations; nan where the variance is 0."""
    some = variance > 0
    return np.asarray(
        np.divide(away, np.sqrt(np.where(some, variance, 1.0)), out=np.full(len(away), np.nan), where=some)
    )


def normal_p(score: float) -> float:
    """Two-sided p-value of a standard score."""
    return math.erfc(abs(score) / math.sqrt(2.0))
