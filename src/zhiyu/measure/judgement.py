"""Weights from people's judgement, and scores that let every region choose its own weights."""

from __future__ import annotations

import numpy as np

from zhiyu.terms import Refusal

# Mean consistency index of random reciprocal matrices of size 1, 2, ... 15 (Saaty 1980)
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
ACCEPTED = 0.1  # consistency ratio above which judgements contradict themselves too much


def ahp_weights(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights of an analytic hierarchy process, and how consistent the judgements are.

    A w = l w with l the greatest eigenvalue, sum w = 1;  CR = ((l - p) / (p - 1)) / RI(p)

    Parameters
    ----------
    matrix : (p, p) array of pairwise judgements: a_jk = how many times j matters as much as k, a_kj = 1 / a_jk

    Returns
    -------
    weights : (p,) array, summing to 1
    consistency ratio : 0 = perfectly consistent; above 0.1 the judgements are to be revised

    Raises
    ------
    Refusal
        If the matrix is not square, positive and reciprocal, or larger than 15.

    Source: Saaty (1980), The Analytic Hierarchy Process.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not 1 <= len(matrix) <= len(RANDOM_INDEX):
        raise Refusal("judgements_shape", found="x".join(map(str, matrix.shape)), most=len(RANDOM_INDEX))
    for j, k in np.argwhere(~(matrix > 0) | (np.abs(matrix * matrix.T - 1.0) > 1e-3)):
        raise Refusal("judgements_not_reciprocal", row=int(j) + 1, column=int(k) + 1)
    values, vectors = np.linalg.eig(matrix)
    greatest = int(values.real.argmax())
    weights = np.abs(vectors[:, greatest].real)
    p, random = len(matrix), RANDOM_INDEX[len(matrix) - 1]
    ratio = 0.0 if random == 0.0 else max(0.0, (float(values[greatest].real) - p) / (p - 1) / random)
    return weights / weights.sum(), ratio


def bod_scores(x: np.ndarray, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Benefit of the doubt: each observation under the weights that favour it most.

    s_i = max_w sum_j w_j x_ij  subject to  sum_j w_j x_kj <= 1 for every k,  w >= 0,
    and, if asked for,  low <= w_j x_ij / sum_l w_l x_il <= high  for every j

    Parameters
    ----------
    x : (n, p) array
        Oriented, non-negative indicators on a common scale; every row has a positive one.
    low, high : least and greatest share of an indicator in a score (no bounds: 0 and 1)

    Returns
    -------
    (n,) array
        Scores in (0, 1]; the best are 1.

    Source: Cherchye et al. (2007), Social Indicators Research 82; Melyn and Moesen (1991).
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or not np.isfinite(x).all() or (x < 0).any() or not (x.max(axis=1) > 0).all():
        raise Refusal("bod_needs_positive")
    if not (0.0 <= low <= 1.0 / x.shape[1] <= high <= 1.0):
        raise Refusal("bod_bounds", low=low, high=high, number=x.shape[1])
    greatest = x.max(axis=0)
    x = x / np.where(greatest > 0, greatest, 1.0)  # scores know no units, but the solver has absolute tolerances
    return np.array([_benefit(x, i, low, high) for i in range(len(x))])


def _benefit(x: np.ndarray, i: int, low: float, high: float) -> float:
    from scipy.optimize import linprog  # takes a while to import, and few studies need it

    own, limits = np.diag(x[i]), [x]
    if low > 0.0:
        limits.append(low * np.tile(x[i], (len(own), 1)) - own)
    if high < 1.0:
        limits.append(own - high * np.tile(x[i], (len(own), 1)))
    bounds = np.concatenate([np.ones(len(x)), np.zeros(sum(map(len, limits)) - len(x))])
    found = linprog(-x[i], A_ub=np.concatenate(limits), b_ub=bounds, bounds=(0, None), method="highs")
    if found.status != 0:
        raise Refusal("bod_unsolved", observation=i + 1)
    return float(min(1.0, -found.fun))
