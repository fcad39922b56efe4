"""Aggregation of children's scores into their parent's."""

from __future__ import annotations

import numpy as np

from zhiyu.measure.judgement import bod_scores
from zhiyu.methods import method
from zhiyu.terms import Refusal


@method("aggregate", "arithmetic", zh="加权算术平均", en="Weighted arithmetic mean")
def arithmetic(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted arithmetic mean over the children that are there.

    s = sum_j w_j x_j / sum_j w_j,  over the j with a score

    Parameters
    ----------
    x : (..., k) array
        Scores of k children; nan = not there.
    weights : (..., k) array
        Non-negative, broadcast against x.

    Returns
    -------
    (...) array
        nan where no child is there (or only children of weight 0).

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 6.
    """
    there = np.where(np.isnan(x), 0.0, weights)
    total = there.sum(axis=-1)
    summed = (there * np.nan_to_num(x)).sum(axis=-1)
    return np.asarray(np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0))


@method("aggregate", "geometric", zh="加权几何平均", en="Weighted geometric mean")
def geometric(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted geometric mean over the children that are there: a weak child cannot be made good by a strong one.

    s = exp(sum_j w_j ln x_j / sum_j w_j);  0 if any child of positive weight is 0

    Parameters
    ----------
    x : (..., k) array
        Non-negative scores; nan = not there.
    weights : (..., k) array

    Returns
    -------
    (...) array

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 6.
    """
    return power_mean(x, weights, 0.0)


@method("aggregate", "power", zh="加权幂平均", en="Weighted power mean")
def power_mean(x: np.ndarray, weights: np.ndarray, power: float = 0.5) -> np.ndarray:
    """Weighted power mean over the children that are there: the lower the power, the less one makes good for another.

    s = (sum_j w_j x_j^r / sum_j w_j)^(1/r);  r = 1 arithmetic, r -> 0 geometric, r = -1 harmonic

    Parameters
    ----------
    x : (..., k) array
        Non-negative scores; nan = not there.
    weights : (..., k) array
    power : r

    Returns
    -------
    (...) array
        Between the least and the greatest child.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 6.
    """
    if (x < 0).any():
        raise Refusal("negative_score", method="power")
    with np.errstate(divide="ignore"):
        if power == 0.0:
            return np.asarray(np.exp(_skipping_zero_weight(np.log(x), weights)))
        return np.asarray(_skipping_zero_weight(x**power, weights) ** (1.0 / power))


def _skipping_zero_weight(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The arithmetic mean, in which an infinite value (ln 0) of weight zero counts for nothing."""
    shaped = np.broadcast_to(weights, x.shape)
    return _mean(np.where(shaped > 0, x, np.nan), shaped)


def _mean(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    there = ~np.isnan(x)
    total = np.where(there, weights, 0.0).sum(axis=-1)
    summed = np.where(there, weights * np.where(there, x, 0.0), 0.0).sum(axis=-1)
    return np.asarray(np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0))


@method("aggregate", "mazziotta-pareto", zh="马齐奥塔-帕累托指数", en="Mazziotta-Pareto")
def mazziotta_pareto(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Adjusted Mazziotta-Pareto index: the mean less a penalty for imbalance among the children.

    r = 70 + 60 x,  s = (m - v / m - 70) / 60,  m the weighted mean and v the weighted variance of r over the children
    that are there. On the scale of 70 to 130 the penalty is mild, and a score never falls below the least child.

    Parameters
    ----------
    x : (..., k) array
        Scores with 0 and 1 as their goalposts; nan = not there.
    weights : (..., k) array

    Returns
    -------
    (...) array
        At most the mean.

    Source: Mazziotta and Pareto (2016), Social Indicators Research 127 (penalty against imbalance).
    """
    r = 70.0 + 60.0 * x
    mean = arithmetic(r, weights)
    variance = arithmetic((r - mean[..., None]) ** 2, weights)
    return np.asarray((mean - variance / mean - 70.0) / 60.0)


@method("aggregate", "topsis", zh="逼近理想解法（TOPSIS）", en="TOPSIS")
def topsis(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Closeness to the best and distance from the worst of the sample, all leading axes pooled.

    c_i = d-_i / (d+_i + d-_i),  d+_i = |w (x_i - x+)|,  d-_i = |w (x_i - x-)|,  x+ and x- the best and worst per child

    Parameters
    ----------
    x : (..., k) array
        Oriented scores on a common scale, normalised by the caller; nan = not there, left out of both distances.
    weights : (..., k) or (k,) array

    Returns
    -------
    (...) array
        Within [0, 1]; relative to the sample.

    Source: Hwang and Yoon (1981), Multiple Attribute Decision Making.
    """
    flat = x.reshape(-1, x.shape[-1])
    squared = weights**2 if weights.ndim == 1 else np.broadcast_to(weights**2, x.shape).reshape(flat.shape)
    missing = np.isnan(flat)
    ends = (np.fmin.reduce(flat, axis=0), np.fmax.reduce(flat, axis=0))
    far, short = (_distance(flat - end, squared, missing) for end in ends)
    closeness = np.divide(far, far + short, out=np.full(len(far), 0.5), where=far + short > 0)
    return np.where(missing.all(axis=1), np.nan, closeness).reshape(x.shape[:-1])


def _distance(apart: np.ndarray, squared: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """sqrt(sum_j w_j^2 d_ij^2) over the d that are there."""
    apart *= apart
    if missing.any():
        apart[missing] = 0.0
    return np.asarray(np.sqrt(apart @ squared if squared.ndim == 1 else (apart * squared).sum(axis=1)))


@method("aggregate", "copeland", zh="Copeland法", en="Copeland")
def copeland(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Duels against every other observation of the sample, all leading axes pooled, each won by weighted majority.

    c_i = (1 + (won_i - lost_i) / (n - 1)) / 2,  i wins against k where sum_j w_j sign(x_ij - x_kj) > 0

    Parameters
    ----------
    x : (..., k) array
        Oriented scores, only their order counts; a child that either lacks takes no part in a duel.
    weights : (..., k) or (k,) array

    Returns
    -------
    (...) array
        Within [0, 1]; not compensatory.

    Source: Copeland (1951); OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 6.
    """
    flat = x.reshape(-1, x.shape[-1])
    shaped = np.broadcast_to(weights, x.shape).reshape(flat.shape)
    there = ~np.isnan(flat).all(axis=1)
    balance = np.zeros(len(flat))
    for i in np.flatnonzero(there):  # a row at a time: memory stays linear in the sample
        duel = np.nansum(shaped[i] * np.sign(flat[i] - flat), axis=1)
        balance[i] = np.sign(np.where(np.abs(duel) > 1e-12, duel, 0.0)).sum()
    others = max(1, int(there.sum()) - 1)
    return np.where(there, (1.0 + balance / others) / 2.0, np.nan).reshape(x.shape[:-1])


@method("aggregate", "bod", zh="效益怀疑法（BoD）", en="Benefit of the doubt")
def benefit_of_the_doubt(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Each observation under the weights that favour it most (`bod_scores`), all leading axes pooled.

    Parameters
    ----------
    x : (..., k) array
        Non-negative scores; an observation that lacks a child has no score.
    weights : (..., k) array, not looked at: every observation has its own

    Returns
    -------
    (...) array
        Within [0, 1]; 0 where every child is 0.

    Source: Cherchye et al. (2007), Social Indicators Research 82.
    """
    flat = x.reshape(-1, x.shape[-1])
    whole = np.isfinite(flat).all(axis=1)
    some = whole & (np.where(whole[:, None], flat, 0.0) > 0).any(axis=1)
    scores = np.where(whole, 0.0, np.nan)
    if some.any():
        scores[some] = bod_scores(flat[some])
    return scores.reshape(x.shape[:-1])
