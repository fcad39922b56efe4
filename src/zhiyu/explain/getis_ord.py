"""Where high values gather and where low ones do: Getis and Ord's statistics of the whole map and of each region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from zhiyu.explain.false_discovery import adjusted
from zhiyu.explain.spatial_draws import neighbours_drawn, placed, product, two_sided
from zhiyu.explain.spatial_moments import ROUNDING, checked, conditional, normal_p, score, scores, sums
from zhiyu.terms import Refusal


@dataclass(frozen=True)
class GetisOrd:
    """Global G of Getis and Ord: above its expectation where high values are neighbours, below where low ones are."""

    g: float
    expected: float
    variance_random: float
    z: float
    p_normal: float
    p: float
    permutations: int


@dataclass(frozen=True)
class LocalGetisOrd:
    """Local G or G* of n regions; all arrays (n,).

    g : share of the map's total that lies in the neighbourhood, weighted
    z : standardised, above 0 where values around are high; p_normal : of z
    p, adjusted, significant : as in LocalMoran
    """

    g: np.ndarray
    z: np.ndarray
    p_normal: np.ndarray
    p: np.ndarray
    adjusted: np.ndarray
    significant: np.ndarray
    permutations: int
    level: float


def getis_ord(values: np.ndarray, w: Any, permutations: int = 999, seed: int = 0) -> GetisOrd:
    """Global G, whether it is high or low values that are neighbours.

    G = sum_ij w_ij x_i x_j / sum_{i != j} x_i x_j,  E[G] = S0 / (n (n - 1))

    Parameters and refusals as in `zhiyu.explain.space.moran`; the values have a natural zero, none is negative,
    and two are above zero.

    Source: Getis and Ord (1992), The analysis of spatial association by use of distance statistics, Geographical
    Analysis 24, with its 1993 erratum.
    """
    _, rows = checked(values, w)
    x = _positive(values)
    n, s0, s1, s2 = sums(rows)
    m1, m2, m3, m4 = (float(np.sum(x**k)) for k in (1, 2, 3, 4))
    pairs = m1**2 - m2
    g, expected = float(np.sum(x * (rows @ x))) / pairs, s0 / (n * (n - 1))
    second = (
        ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) * m2**2
        - ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2) * m4
        - (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * m1**2 * m2
        + (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * m1 * m3
        + (s1 - s2 + s0**2) * m1**4
    )
    variance = second / (pairs**2 * n * (n - 1) * (n - 2) * (n - 3)) - expected**2
    lags, size = product(rows), s0 * float(np.max(x * x))
    above, below = placed(x, lambda y: np.sum(y * lags(y), axis=0), size, permutations, seed)
    away = score(g - expected, variance, expected)
    p = float(two_sided(np.array(above), np.array(below), permutations))
    return GetisOrd(g, expected, variance, away, normal_p(away), p, permutations)


def local_getis_ord(
    values: np.ndarray, w: Any, star: bool = True, permutations: int = 999, seed: int = 0, level: float = 0.05
) -> LocalGetisOrd:
    """Local G (neighbours only) or G* (the region too): where high values gather, and where low ones do.

    G_i = sum_j w_ij x_j / sum_j x_j, over j != i for G; z_i = (sum_j w_ij x_j - W_i m) / (s sqrt((N S_i - W_i^2) /
    (N - 1))), W_i = sum_j w_ij, S_i = sum_j w_ij^2, with mean m and standard deviation s over the N regions that j runs
    over. For G* the region weighs as much as its heaviest neighbour. p is by conditional permutation, and equal
    to that of `zhiyu.explain.space.local_moran` but where a region stands exactly at the mean. A region without
    neighbours has nan.

    Source: Ord and Getis (1995), Local spatial autocorrelation statistics, Geographical Analysis 27.
    """
    z, rows = checked(values, w)
    x = _positive(values)
    n, total, degree = len(x), float(np.sum(x)), np.diff(rows.indptr)
    alone = degree == 0
    p = two_sided(*neighbours_drawn(z, rows, permutations, seed), permutations)
    p[alone] = np.nan
    lag, (mean, variance) = rows @ x, conditional(z, rows)
    if star:
        own = rows.max(axis=1).toarray().ravel()
        weight, squares = rows.sum(axis=1) + own, (rows * rows).sum(axis=1) + own**2
        g = (lag + own * x) / total
        away = rows @ z + own * z
        apart = n * squares - weight**2
        variance = float(np.mean(z * z)) * np.where(apart < ROUNDING * n * squares, 0.0, apart) / (n - 1)
    else:
        g = lag / (total - x)
        away = rows @ z - mean
    standard = scores(away, np.where(alone, 0.0, variance))
    by_normal = np.array([normal_p(one) for one in standard])
    q = adjusted(p)
    return LocalGetisOrd(np.where(alone, np.nan, g), standard, by_normal, p, q, q <= level, permutations, level)


def readable(x: np.ndarray) -> bool:
    """Whether G can be told: no value is negative, and two at least are above zero."""
    return bool((x >= 0).all() and np.count_nonzero(x > 0) > 1)


def _positive(values: np.ndarray) -> np.ndarray:
    x = np.asarray(values, dtype=float)
    if not readable(x):
        raise Refusal("space_negative", value=f"{x.min():g}", number=int(np.count_nonzero(x > 0)))
    return x
