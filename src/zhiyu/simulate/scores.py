"""How good a forecast was: RMSE skill and its interval, national and province parts, CRPS and coverage.

Errors are logarithms, forecast - outcome, (..., region); nan where there was no outcome to be held against.
"""

from __future__ import annotations

import numpy as np


def rmse(error: np.ndarray) -> float:
    """Root mean square of all errors there are; nan if there is none."""
    seen = error[np.isfinite(error)]
    return float(np.sqrt(np.mean(seen**2))) if seen.size else np.nan


def skill(error: np.ndarray, reference: np.ndarray) -> float:
    """RMSE skill, 1 - rmse(error) / rmse(reference), over the cells both have.

    1 = perfect, 0 = no better than the reference, below 0 = worse. nan without a common cell.

    Source: Murphy (1988), on root mean squares instead of mean squares.
    """
    return float(_skill(*_sums(error, reference)))


def skill_interval(
    error: np.ndarray, reference: np.ndarray, draws: int = 1000, seed: int = 0, level: float = 0.9
) -> tuple[float, float]:
    """Percentile interval of the skill when whole regions are drawn anew.

    Regions are the clusters: their errors go together over origins and horizons. What is common to all regions in a
    year is not drawn anew, so the interval says how far the finding depends on which regions there are, and not what
    another decade would have shown.

    Parameters
    ----------
    error, reference : (..., region) arrays
    """
    own, other = _sums(error, reference)
    times = drawn_regions(len(own), draws, seed)
    found = _skill(own * times, other * times)
    edges = ((1 - level) / 2, (1 + level) / 2)
    low, high = np.quantile(found, edges) if np.isfinite(found).all() else (np.nan, np.nan)
    return float(low), float(high)


def drawn_regions(regions: int, draws: int, seed: int) -> np.ndarray:
    """(draws, regions) how many times each region is in a bootstrap sample of as many regions."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(regions, np.full(regions, 1 / regions), size=draws)


def national(error: np.ndarray) -> np.ndarray:
    """(..., 1) mean error of the regions there are: what all regions have in common."""
    seen = np.isfinite(error)
    count = seen.sum(axis=-1, keepdims=True)
    total = np.where(seen, error, 0.0).sum(axis=-1, keepdims=True)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def deviation(error: np.ndarray) -> np.ndarray:
    """(..., region) error less the national one. Mean squares add up: error^2 = national^2 + deviation^2."""
    return np.asarray(error - national(error))


def national_share(error: np.ndarray) -> float:
    """Share of the mean square error that is common to all regions."""
    common = np.broadcast_to(national(error), error.shape)[np.isfinite(error)]
    return float(np.mean(common**2) / rmse(error) ** 2) if common.size else np.nan


def crps(draws: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of a sample, exact, in the unit of y; less is better.

    With x sorted, E|X - X'| = 2 / n^2 sum_k (2 k - n - 1) x_k, k = 1 ... n, so sorting is all the work: O(n log n).

    Parameters
    ----------
    draws : (n, ...) array
    outcome : (...) array, nan = none

    Returns
    -------
    (...) array

    Source: Gneiting and Raftery (2007), eq. 21; Hersbach (2000).
    """
    n = len(draws)
    ordered = np.sort(draws, axis=0)
    rank = (2.0 * np.arange(1, n + 1) - n - 1).reshape((n,) + (1,) * outcome.ndim)
    spread = (rank * ordered).sum(axis=0) / n**2
    return np.asarray(np.abs(ordered - outcome).mean(axis=0) - spread)


def covered(low: np.ndarray, high: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """1 where the outcome lies within the band, ends included, 0 outside, nan without an outcome."""
    return np.where(np.isfinite(outcome), (low <= outcome) & (outcome <= high), np.nan)


def _sums(error: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(region,) sums of squares of both, over the cells both have."""
    both = np.isfinite(error) & np.isfinite(reference)
    axes = tuple(range(error.ndim - 1))
    own, other = (np.where(both, x, 0.0) ** 2 for x in (error, reference))
    return own.sum(axis=axes), other.sum(axis=axes)


def _skill(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Skill from sums of squares (..., region)."""
    above, below = own.sum(axis=-1), other.sum(axis=-1)
    return np.where(below > 0, 1 - np.sqrt(above / np.where(below > 0, below, 1.0)), np.nan)
