"""Is one matrix of transition probabilities enough, or do regimes (neighbourhoods, periods) differ?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Homogeneity:
    """Likelihood-ratio and Pearson tests that m regimes share one matrix of transition probabilities.

    dof : degrees of freedom of both; lr_p, q_p : upper tails of the chi-square, nan with 0 degrees.
    """

    lr: float
    lr_p: float
    q: float
    q_p: float
    dof: int


def homogeneity(counts: np.ndarray) -> Homogeneity:
    """Whether regimes share their transition probabilities.

    LR = 2 sum n_ij|m ln(p_ij|m / p_ij)     Q = sum n_i|m (p_ij|m - p_ij)^2 / p_ij
    dof = sum_i (a_i - 1)(b_i - 1),  a_i = classes that i led to in any regime, b_i = regimes in which i was left

    Cells that nobody could fill thus cost no degree, and a class that nobody left counts for nothing. The chi-square
    is an approximation for many transitions a cell; with few, permute instead.

    Parameters
    ----------
    counts : (m, k, k) transitions by regime, from row to column

    Source: Bickenbach and Bode (2003), International Regional Science Review 26; Anderson and Goodman (1957).
    """
    from scipy.special import chdtrc

    lr, q = statistics(counts)
    dof = int(degrees(counts))
    tails = [float(chdtrc(dof, value)) if dof else float("nan") for value in (lr, q)]
    return Homogeneity(float(lr), tails[0], float(q), tails[1], dof)


def statistics(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """LR and Q of `homogeneity` for (..., m, k, k) counts."""
    n = np.asarray(counts, dtype=float)
    whole = n.sum(axis=-3, keepdims=True)
    total = whole.sum(axis=-1, keepdims=True)
    expected = n.sum(axis=-1, keepdims=True) * np.divide(whole, total, out=np.zeros_like(whole), where=total > 0)
    ratio = np.divide(n, expected, out=np.ones_like(n), where=n > 0)
    pearson = np.divide((n - expected) ** 2, expected, out=np.zeros_like(n), where=expected > 0)
    return 2.0 * (n * np.log(ratio)).sum(axis=(-3, -2, -1)), pearson.sum(axis=(-3, -2, -1))


def degrees(counts: np.ndarray) -> np.ndarray:
    """Degrees of freedom of `homogeneity` for (..., m, k, k) counts."""
    n = np.asarray(counts)
    led_to = (n.sum(axis=-3) > 0).sum(axis=-1)
    left_in = (n.sum(axis=-1) > 0).sum(axis=-2)
    return np.asarray((np.maximum(led_to - 1, 0) * np.maximum(left_in - 1, 0)).sum(axis=-1))
