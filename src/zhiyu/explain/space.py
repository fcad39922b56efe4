"""Are neighbours alike: Moran's I of the whole map and of each region, and Geary's c.

Weights are taken as given: rows divided by their sums (`zhiyu.data.neighbours.row_standardise`) make a region's spatial
lag the mean of its neighbours. All p-values are two-sided.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhiyu.explain.false_discovery import adjusted
from zhiyu.explain.spatial_draws import neighbours_drawn, placed, product, two_sided
from zhiyu.explain.spatial_moments import checked, conditional, normal_p, score, scores, sums


@dataclass(frozen=True)
class Moran:
    """Global Moran's I.

    i, expected : the statistic, and -1 / (n - 1) without spatial pattern
    variance_normal, variance_random : were values normal; over all placements of these values
    z_normal, z : (i - expected) over the root of either variance
    p_normal : two-sided, of z_normal
    p : two-sided, by permutation
    """

    i: float
    expected: float
    variance_normal: float
    variance_random: float
    z_normal: float
    z: float
    p_normal: float
    p: float
    permutations: int


@dataclass(frozen=True)
class Geary:
    """Global Geary's c: 1 without spatial pattern, less where neighbours are alike. z and p_normal are of c's."""

    c: float
    expected: float
    variance_normal: float
    z: float
    p_normal: float
    p: float
    permutations: int


@dataclass(frozen=True)
class LocalMoran:
    """Local Moran's I of n regions; all arrays (n,).

    i, expected, variance, z : the statistic, and its exact moments when the neighbours are drawn from all others
    p : two-sided, by conditional permutation; adjusted : by Benjamini-Hochberg; significant : adjusted <= level
    quadrant : 1 high among high, 2 low among high, 3 low among low, 4 high among low; 0 without neighbours
    value, lag : deviation from the mean in standard deviations, and its weighted sum over neighbours
    """

    i: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    z: np.ndarray
    p: np.ndarray
    adjusted: np.ndarray
    significant: np.ndarray
    quadrant: np.ndarray
    value: np.ndarray
    lag: np.ndarray
    permutations: int
    level: float


def moran(values: np.ndarray, w: Any, permutations: int = 999, seed: int = 0) -> Moran:
    """Global Moran's I.

    I = (n / S0) sum_ij w_ij z_i z_j / sum_i z_i^2,  z_i = x_i - mean x,  S0 = sum_ij w_ij,  E[I] = -1 / (n - 1)

    A region without neighbours counts in n, the mean and the variance, and has no part in the numerator.

    Parameters
    ----------
    values : (n,) array, complete
    w : (n, n) array or sparse array; w_ij >= 0 is the weight of j as a neighbour of i, w_ii = 0
    permutations : placements of the values drawn for p

    Raises
    ------
    Refusal
        For a missing value, values all equal, fewer than four regions, weights that are none, or no permutation.

    Source: Moran (1950), Biometrika 37; variances: Cliff and Ord (1981), Spatial processes, 2.3.
    """
    z, rows = checked(values, w)
    n, s0, s1, s2 = sums(rows)
    squares, expected = float(np.sum(z * z)), -1.0 / (n - 1)
    i = n / s0 * float(np.sum(z * (rows @ z))) / squares
    normal = (n * n * s1 - n * s2 + 3 * s0**2) / ((n * n - 1) * s0**2) - expected**2
    tail = n * float(np.sum(z**4)) / squares**2
    shuffled = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) - tail * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    random = shuffled / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    lags, size = product(rows), s0 * float(np.max(z * z))
    above, below = placed(z, lambda x: np.sum(x * lags(x), axis=0), size, permutations, seed)
    by_normal, by_random = (score(i - expected, variance, expected) for variance in (normal, random))
    p = float(two_sided(np.array(above), np.array(below), permutations))
    return Moran(i, expected, normal, random, by_normal, by_random, normal_p(by_normal), p, permutations)


def geary(values: np.ndarray, w: Any, permutations: int = 999, seed: int = 0) -> Geary:
    """Global Geary's c.

    c = (n - 1) sum_ij w_ij (x_i - x_j)^2 / (2 S0 sum_i z_i^2),  E[c] = 1

    More sensitive than Moran's I to differences between single neighbours. Parameters and refusals as in `moran`.

    Source: Geary (1954), The Incorporated Statistician 5; variance: Cliff and Ord (1981), Spatial processes, 2.3.
    """
    z, rows = checked(values, w)
    n, s0, s1, s2 = sums(rows)
    ends = (rows.sum(axis=1) + rows.sum(axis=0))[:, None]
    lags, scale = product(rows), (n - 1) / (2 * s0 * float(np.sum(z * z)))
    gaps = np.repeat(z, np.diff(rows.indptr)) - z[rows.indices]
    c = scale * float(np.sum(rows.data * gaps * gaps))
    variance = ((2 * s1 + s2) * (n - 1) - 4 * s0**2) / (2 * (n + 1) * s0**2)
    size = 4 * s0 * float(np.max(z * z))
    above, below = placed(z, lambda x: np.sum(ends * x * x - 2 * x * lags(x), axis=0), size, permutations, seed)
    away = score(c - 1.0, variance, 1.0)
    p = float(two_sided(np.array(above), np.array(below), permutations))
    return Geary(c, 1.0, variance, away, normal_p(away), p, permutations)


def local_moran(values: np.ndarray, w: Any, permutations: int = 999, seed: int = 0, level: float = 0.05) -> LocalMoran:
    """Local Moran's I: is a region like its neighbours, and are both high or low.

    I_i = (n - 1) z_i sum_j w_ij z_j / sum_k z_k^2

    p by conditional permutation: the region keeps its value, its neighbours are drawn without replacement from the
    n - 1 others. The moments of z are those of exactly these draws: with N = n - 1 values of mean m and variance v
    (over N), E = m sum_j w_ij and Var = v (N sum_j w_ij^2 - (sum_j w_ij)^2) / (N - 1), times the factor before the sum.
    Where no draw can differ (the region stands at the mean, or all others are its neighbours with equal weights) p = 1
    and z is nan. A region without neighbours has quadrant 0 and nan otherwise, and is no test among those adjusted for.
    All regions share one table of draws. The smallest p possible is 2 / (permutations + 1): fewer than 2 n / level
    permutations may find nothing.

    Parameters
    ----------
    values, w : as in `moran`
    level : of the false discovery rate over regions

    Source: Anselin (1995), Geographical Analysis 27; moments: Sokal, Oden and Thomson (1998), Geographical Analysis 30.
    """
    z, rows = checked(values, w)
    n, squares, lag = len(z), float(np.sum(z * z)), rows @ z
    factor = (n - 1) * z / squares
    mean, variance = conditional(z, rows)
    alone = np.diff(rows.indptr) == 0
    p = two_sided(*neighbours_drawn(z, rows, permutations, seed), permutations)
    p[z == 0] = 1.0  # whoever the neighbours are, the product is 0
    p[alone] = np.nan
    q = adjusted(p)
    deviation = math.sqrt(squares / n)
    quadrant = np.where(z > 0, np.where(lag > 0, 1, 4), np.where(lag > 0, 2, 3))
    return LocalMoran(
        i=np.where(alone, np.nan, factor * lag),
        expected=np.where(alone, np.nan, factor * mean),
        variance=np.where(alone, np.nan, factor**2 * variance),
        z=scores(factor * (lag - mean), np.where(alone, 0.0, factor**2 * variance)),
        p=p,
        adjusted=q,
        significant=q <= level,
        quadrant=np.where(alone, 0, quadrant),
        value=z / deviation,
        lag=np.where(alone, np.nan, lag / deviation),
        permutations=permutations,
        level=level,
    )
