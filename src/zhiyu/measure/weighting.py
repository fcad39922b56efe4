"""Weights of indicators: numbers in, numbers out. A weighting sees complete, oriented, normalised observations."""

from __future__ import annotations

import numpy as np

from zhiyu.measure.judgement import ahp_weights, bod_scores
from zhiyu.methods import method
from zhiyu.terms import Refusal

LEAST = np.finfo(float).tiny

__all__ = [
    "ahp_weights",
    "bod_scores",
    "critic_weights",
    "cv_weights",
    "entropy_weights",
    "equal_weights",
    "game_weights",
    "pca_weights",
]


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
    # the logarithm of the least positive number stands in for that of 0: times 0 it is 0, and no other share is touched
    logarithm = np.maximum(share, LEAST)
    np.log(logarithm, out=logarithm)
    entropy = -np.einsum("ij,ij->j", share, logarithm) / np.log(len(x))
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


@method("weighting", "critic", zh="CRITIC法", en="CRITIC")
def critic_weights(x: np.ndarray) -> np.ndarray:
    """Contrast times conflict: an indicator weighs more the more it varies and the less it agrees with the others.

    w_j = c_j / sum_k c_k,  c_j = s_j sum_k (1 - r_jk),  s_j the standard deviation, r_jk the correlation

    Parameters
    ----------
    x : (n, p) array
        Oriented, normalised indicators on a common scale, one row an observation.

    Returns
    -------
    (p,) array
        Weights, summing to 1.

    Source: Diakoulaki, Mavrotas and Papayannakis (1995), Computers and Operations Research 22.
    """
    x = _varying(x, "critic")
    conflict = (1.0 - correlations(x)).sum(axis=0)
    return _proportional(x.std(axis=0, ddof=1) * np.maximum(conflict, 0.0), "critic")


@method("weighting", "cv", zh="变异系数法", en="Coefficient of variation")
def cv_weights(x: np.ndarray) -> np.ndarray:
    """Weights by relative spread: w_j = v_j / sum_k v_k, v_j = s_j / m_j.

    Parameters
    ----------
    x : (n, p) array
        Oriented, non-negative indicators; standard deviation s_j (n - 1), mean m_j > 0.

    Returns
    -------
    (p,) array
        Weights, summing to 1.

    Source: Pearson (1896); as a weighting: Zardari et al. (2015), Weighting Methods and their Effects.
    """
    x = _varying(x, "cv")
    _refuse_where(x < 0, "negative_value", "cv")
    return _proportional(x.std(axis=0, ddof=1) / x.mean(axis=0), "cv")


@method("weighting", "pca", zh="主成分法", en="Principal components")
def pca_weights(x: np.ndarray, least: float = 0.1) -> np.ndarray:
    """Weights from rotated principal components.

    Components of the correlation matrix that explain at least `least` of the variance are rotated by varimax (with
    Kaiser normalisation); an indicator takes the component on which it loads most and weighs

    w_j ~ (l_jc^2 / v_c) (v_c / sum_d v_d) ~ l_jc^2,  v_c = sum_k l_kc^2

    Parameters
    ----------
    x : (n, p) array
        Oriented indicators; their units do not matter.
    least : share of variance a component needs to be kept; the first always is

    Returns
    -------
    (p,) array
        Weights, summing to 1.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 6, after Nicoletti et al. (2000).
    """
    x = _varying(x, "pca")
    values, vectors = eigen(x)
    kept = max(1, int((values / len(values) >= least).sum()))
    loadings = varimax(vectors[:, :kept] * np.sqrt(values[:kept]))
    return _proportional((loadings**2).max(axis=1), "pca")


def correlations(x: np.ndarray) -> np.ndarray:
    """(p, p) Pearson correlations of the columns of x (n, p), none of which is constant.

    By plain sums: a library's matrix product may differ in the last bit between runs, and a study replays bit for bit.
    """
    apart = x - x.mean(axis=0)
    unit = apart / np.sqrt((apart * apart).sum(axis=0))
    return np.asarray(np.clip(np.stack([(unit * column[:, None]).sum(axis=0) for column in unit.T]), -1.0, 1.0))


def eigen(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (p,) of the correlation matrix, greatest first, summing to p, and their vectors (p, p) by column."""
    values, vectors = np.linalg.eigh(correlations(x))
    return np.maximum(values[::-1], 0.0), vectors[:, ::-1]


def varimax(loadings: np.ndarray, tolerance: float = 1e-12, rounds: int = 1000) -> np.ndarray:
    """Loadings (p, k) rotated so that the variance of their squares within components is greatest.

    Source: Kaiser (1958), Psychometrika 23; iteration by singular values.
    """
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    unit = np.divide(loadings, length, out=np.zeros_like(loadings), where=length > 0)
    turn, reached = np.eye(loadings.shape[1]), 0.0
    for _ in range(rounds):
        turned = unit @ turn
        left, singular, right = np.linalg.svd(unit.T @ (turned**3 - turned * (turned**2).mean(axis=0)))
        turn = left @ right
        if singular.sum() <= reached * (1.0 + tolerance):
            break
        reached = float(singular.sum())
    return np.asarray(unit @ turn * length)


def game_weights(sets: np.ndarray) -> np.ndarray:
    """A compromise of several sets of weights: the combination that departs least from all of them.

    w ~ sum_k a_k w_k,  a solving  sum_l (w_k . w_l) a_l = w_k . w_k  for every k,  a >= 0 normalised

    Parameters
    ----------
    sets : (k, p) array of weights, each row summing to 1

    Returns
    -------
    (p,) array
        Weights, summing to 1.

    Source: the game-theoretic combination of weights (Nash equilibrium of the sets), Chen and Li (2003), written out.
    """
    products = sets @ sets.T
    shares, *_ = np.linalg.lstsq(products, np.diag(products), rcond=None)
    return _proportional(np.abs(shares) @ sets, "game")


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


def _varying(x: np.ndarray, name: str) -> np.ndarray:
    x = _observations(x, name)
    spread = np.ptp(x, axis=0)
    _refuse_where((spread <= 1e-12 * np.abs(x).max(axis=0))[None, :], "constant_in_sample", name)
    return x


def _proportional(mass: np.ndarray, name: str) -> np.ndarray:
    if not mass.sum() > 0:
        raise Refusal("nothing_varies", method=name)
    return np.asarray(mass / mass.sum())
