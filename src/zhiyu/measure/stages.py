"""Stages: where a score stands on an attribute's scale of five, by stated thresholds."""

from __future__ import annotations

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


def stage(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Stage of each score: 1 + number of thresholds at or below it; 0 where there is no score.

    Parameters
    ----------
    scores : (...) array
    thresholds : (k,) increasing array

    Returns
    -------
    (...) array of int8, values 0 (no score), 1 ... k + 1
    """
    found = 1 + np.searchsorted(thresholds, scores, side="right")
    return np.where(np.isnan(scores), 0, found).astype(np.int8)
