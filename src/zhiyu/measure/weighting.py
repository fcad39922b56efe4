"""Weights of indicators: numbers in, numbers out. A weighting sees complete, oriented, normalised observations."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from zhiyu.methods import method
from zhiyu.terms import Refusal


@method("weighting", "entropy", zh="熵权法", en="Entropy")
def entropy_weights(x: np.ndarray) -> np.ndarray:
    """Entropy weights of indicators over pooled observations.

    w_j = d_j / sum_k d_k,  d_j = 1 - e_j,  e_j = -(1 / ln n) sum_i p_ij ln p_ij,  p_ij = x_ij / sum_i x_ij,
    with 0 ln 0 = 0 and n the number of observations pooled (regions x years), so that 0 <= e_j <= 1.

    Parameters
    ----------
    x : (n, p) array
        Oriented, non-negative indicators, one row an observation. Unit-free.

    Returns
    -------
    (p,) array
        Weights, summing to 1.

    Raises
    ------
    Refusal
        If an indicator has a missing or negative value or is zero throughout, if none varies, or n < 2.

    The pooled form for panels, and its common inversion, are explained in docs/explanation/entropy.md.

    Source: Shannon (1948), A Mathematical Theory of Communication, Bell System Technical Journal 27.
    """
    x = _observations(x, "entropy")
    _refuse_where(x < 0, "negative_value", "entropy")
    total = x.sum(axis=0)
    _refuse_where(total[None, :] == 0, "zero_indicator", "entropy")
    share = x / total
    entropy = -xlogy(share, share).sum(axis=0) / np.log(len(x))
    # rounding may carry e a hair beyond its bounds; a formula in error would carry it far beyond
    divergence = 1.0 - np.clip(entropy, 0.0, 1.0)
    if divergence.sum() <= 1e-12:
        raise Refusal("nothing_varies", method="entropy")
    return np.asarray(divergence / divergence.sum())


@method("weighting", "equal", zh="等权法", en="Equal")
def equal_weights(x: np.ndarray) -> np.ndarray:
    """Equal weights: w_j = 1 / p.

    Parameters
    ----------
    x : (n, p) array

    Returns
    -------
    (p,) array
        Weights, summing to 1.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 6.
    """
    return np.full(x.shape[1], 1.0 / x.shape[1])


def _observations(x: np.ndarray, name: str) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or len(x) < 2:
        raise Refusal("too_few_observations", method=name, number=len(x))
    _refuse_where(~np.isfinite(x), "missing_value", name)
    return x


def _refuse_where(bad: np.ndarray, key: str, name: str) -> None:
    if bad.any():
        row, position = (int(i) for i in np.argwhere(bad)[0])
        raise Refusal(key, method=name, position=position, name=str(position + 1), observation=row + 1)
