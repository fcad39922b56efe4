"""Stages: where a score stands on an attribute's scale of five, by stated thresholds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from zhiyu.methods import method

STAGES = 5


@method("stages", "quantile", zh="分位数", en="Quantiles")
def quantile_thresholds(scores: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Thresholds at quantiles of all scores, regions and years pooled, so that a stage means the same in every year.

    Parameters
    ----------
    scores : (m,) array, nan left out
    levels : k increasing shares in (0, 1), e.g. (0.2, 0.4, 0.6, 0.8)

    Returns
    -------
    (k,) array
        nan where there is no score at all.

    Source: Hyndman and Fan (1996), definition 7.
    """
    seen = scores[np.isfinite(scores)]
    return np.asarray(np.quantile(seen, levels)) if seen.size else np.full(len(levels), np.nan)


@method("stages", "fixed", zh="固定阈值", en="Fixed thresholds")
def fixed_thresholds(scores: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Thresholds as given, on the scale of the scores.

    Parameters
    ----------
    scores : (m,) array, not looked at
    levels : k increasing scores

    Returns
    -------
    (k,) array

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5, categorical scales.
    """
    return np.asarray(levels, dtype=float)


@method("stages", "natural", zh="自然断点", en="Natural breaks")
def natural_thresholds(scores: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Thresholds at natural breaks of all scores, regions and years pooled: the classes that vary least within.

    Classes C_1 < ... < C_(k+1) that minimise  sum_c sum_(i in C_c) (s_i - mean_c)^2;  threshold c is the least score
    of C_(c+1). Equal scores are never parted. The least is exact, not sampled, for any number of scores: time grows
    as k m log m (90,000 scores take well under a second).

    Parameters
    ----------
    scores : (m,) array, nan left out
    levels : k numbers, of which only how many they are is used: natural breaks ask for no levels

    Returns
    -------
    (k,) array
        Increasing. With fewer than k + 1 distinct scores each is a class of its own, and the thresholds of the classes
        that there are none for are nan, which no score reaches.

    Source: Fisher (1958), On Grouping for Maximum Homogeneity, Journal of the American Statistical Association 53;
    Jenks (1967), The Data Model Concept in Statistical Mapping.
    """
    distinct, counts = np.unique(scores[np.isfinite(scores)], return_counts=True)
    thresholds = np.full(len(levels), np.nan)
    if distinct.size:
        cuts = _breaks(distinct, counts, min(len(levels) + 1, len(distinct)))
        thresholds[: len(cuts)] = distinct[cuts]
    return thresholds


def _breaks(values: np.ndarray, counts: np.ndarray, classes: int) -> np.ndarray:
    """Where classes 2 .. begin among increasing values, each counted `counts` times.

    best_c(i) = min_j best_(c-1)(j) + cost(j, i),  cost(j, i) = sum of squares of values j .. i - 1 about their mean.
    """
    centred = values - np.average(values, weights=counts)  # small numbers, so that differences of sums keep digits
    sums = [np.concatenate([[0.0], np.cumsum(counts * centred**power)]) for power in range(3)]

    def cost(j: np.ndarray, i: np.ndarray) -> np.ndarray:
        number, total, squares = (known[i] - known[j] for known in sums)
        return np.asarray(np.maximum(squares - total**2 / number, 0.0))

    ends = np.arange(1, len(values) + 1)
    best = np.concatenate([[0.0], cost(np.zeros_like(ends), ends)])
    begins = []
    for _ in range(classes - 1):
        best, begin = _one_class_more(best, cost)
        begins.append(begin)
    cuts, end = [], len(values)
    for begin in reversed(begins):
        end = int(begin[end])
        cuts.append(end)
    return np.unique([cut for cut in cuts if cut > 0]).astype(int)


def _one_class_more(
    before: np.ndarray, cost: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Least cost of the first i values in one class more, and where that class begins, for i = 0 .. n.

    The best beginning never falls as i grows, so those of every second i bound those between: each round of ever finer
    strides looks at no more than 2 n candidates, all at once.
    """
    n = len(before) - 1
    best, begin = np.zeros(n + 1), np.zeros(n + 1, dtype=int)
    stride = 1 << (n.bit_length() - 1)
    while stride:
        ends = np.arange(stride, n + 1, 2 * stride)
        after = ends + stride
        low = begin[ends - stride]
        high = np.minimum(np.where(after <= n, begin[np.minimum(after, n)], n), ends - 1)
        lengths = high - low + 1
        starts = np.cumsum(lengths) - lengths
        owner = np.repeat(np.arange(len(ends)), lengths)
        candidate = np.arange(len(owner)) - starts[owner] + low[owner]
        found = before[candidate] + cost(candidate, ends[owner])
        least = np.minimum.reduceat(found, starts)
        first = np.flatnonzero(found == least[owner])
        best[ends] = least
        begin[ends] = candidate[first[np.searchsorted(owner[first], np.arange(len(ends)))]]
        stride //= 2
    return best, begin


def stage(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Stage of each score: 1 + number of thresholds at or below it; 0 where there is no score.

    Parameters
    ----------
    scores : (...) array
    thresholds : (k,) increasing array; nan at its end = no such stage

    Returns
    -------
    (...) array of int8, values 0 (no score), 1 ... k + 1
    """
    found = 1 + np.searchsorted(thresholds, scores, side="right")
    return np.where(np.isnan(scores), 0, found).astype(np.int8)
