"""Variance-based sensitivity: the share of each output's variance that each choice is answerable for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from zhiyu.data.panel import Panel
from zhiyu.framework.framework import Framework
from zhiyu.measure.recipe import Recipe
from zhiyu.measure.robustness import WEIGHTS, Steps, Vary, factors_of, outcomes, perturbations
from zhiyu.terms import Refusal

POOL = 4096  # sets of perturbed weights that the factor "weights" picks from


@dataclass(frozen=True)
class Sensitivity:
    """Shares of variance. k factors (the entries of `vary`), m outputs (regions that are ranked in every draw).

    first : (factor, output) share that the factor alone is answerable for.
    total : (factor, output) share that would be left if all other factors were settled: its interactions counted too.
    first_low, first_high, total_low, total_high : (factor, output) bounds of their bootstrap intervals.
    variance : (output,) variance of the output over the draws; where it is 0, all shares are 0.
    level : of the intervals.
    """

    first: xr.DataArray
    total: xr.DataArray
    first_low: xr.DataArray
    first_high: xr.DataArray
    total_low: xr.DataArray
    total_high: xr.DataArray
    variance: xr.DataArray
    level: float

    @property
    def overall(self) -> xr.DataArray:
        """(share, factor) "first" and "total" shares of all outputs together, each output by its variance."""
        weights = self.variance / max(float(self.variance.sum()), np.finfo(float).tiny)
        both = xr.concat([(self.first * weights).sum("output"), (self.total * weights).sum("output")], dim="share")
        return both.assign_coords(share=["first", "total"])


def sobol_design(n: int, k: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two independent samples of k factors, from a scrambled Sobol sequence.

    Parameters
    ----------
    n : rows; a power of two is balanced best
    k : factors
    seed : of the scrambling

    Returns
    -------
    a, b : (n, k) arrays in [0, 1)

    Source: Owen (1998), Journal of Complexity 14; Saltelli et al. (2010), Computer Physics Communications 181.
    """
    from scipy.stats import qmc  # takes over a second to import

    if n < 2:
        raise Refusal("sobol_samples", number=n)
    rows = qmc.Sobol(2 * k, scramble=True, seed=seed).random_base2(int(np.ceil(np.log2(n))))[:n]
    return rows[:, :k], rows[:, k:]


def crossed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(k, n, k) samples: the i-th is `a` with column i from `b`."""
    k = a.shape[1]
    return np.where(np.eye(k, dtype=bool)[:, None, :], b, a)


def sobol_indices(y_a: np.ndarray, y_b: np.ndarray, y_ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First-order and total shares of variance.

    S_i = mean((y_b - m) (y_abi - y_a)) / V,  T_i = mean((y_a - y_abi)^2) / (2 V),
    m and V the mean and variance of y_a and y_b together

    Parameters
    ----------
    y_a, y_b : (n, m) outputs at the two samples of `sobol_design`
    y_ab : (k, n, m) outputs at `crossed(a, b)`

    Returns
    -------
    first, total : (k, m) arrays; 0 where an output does not vary. The first-order estimate may be a little below 0.

    Source: Saltelli et al. (2010), Computer Physics Communications 181 (first order); Jansen (1999), ibid. 117 (total).
    """
    first, total = _resampled(np.full((1, len(y_a)), 1.0 / len(y_a)), y_a, y_b, y_ab)
    return first[0], total[0]


def bootstrap(
    y_a: np.ndarray, y_b: np.ndarray, y_ab: np.ndarray, resamples: int, seed: int, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile intervals of `sobol_indices`, all resamples as one product of matrices.

    A resample draws n rows of n with replacement; its mean is the rows times (how often each was drawn) / n.

    Returns
    -------
    first, total : (2, k, m) lower and upper bounds

    Source: Archer, Saltelli and Sobol (1997), Journal of Statistical Computation and Simulation 58.
    """
    n = len(y_a)
    rows = np.random.default_rng(seed).integers(n, size=(resamples, n))
    drawn = np.bincount((rows + n * np.arange(resamples)[:, None]).ravel(), minlength=n * resamples)
    first, total = _resampled(drawn.reshape(resamples, n) / n, y_a, y_b, y_ab)
    tails = ((1.0 - level) / 2, (1.0 + level) / 2)
    return _quantiles(first, tails), _quantiles(total, tails)


def _resampled(
    weights: np.ndarray, y_a: np.ndarray, y_b: np.ndarray, y_ab: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First and total shares (r, k, m) under r sets of weights (r, n) of the rows."""
    k, _, m = y_ab.shape
    middle = (y_a.mean(axis=0) + y_b.mean(axis=0)) / 2
    a, b = y_a - middle, y_b - middle  # what is near 0 loses no digits when squared
    mean = weights @ (a + b) / 2
    variance = weights @ (a**2 + b**2) / 2 - mean**2
    least = 1e-12 * np.maximum(middle**2, np.finfo(float).tiny)
    varies = variance > least
    first, total = (np.zeros((len(weights), k, m)) for _ in range(2))
    for i in range(k):
        change = y_ab[i] - y_a
        covered = weights @ (b * change) - mean * (weights @ change)
        np.divide(covered, variance, out=first[:, i], where=varies)
        np.divide(weights @ change**2, 2.0 * variance, out=total[:, i], where=varies)
    return first, total


def _quantiles(x: np.ndarray, shares: tuple[float, float]) -> np.ndarray:
    """(2, ...) quantiles along the first axis, by straight lines between neighbours."""
    ordered = np.sort(x, axis=0)
    found = []
    for share in shares:
        position = share * (len(x) - 1)
        below = int(position)
        above = min(below + 1, len(x) - 1)
        found.append(ordered[below] + (position - below) * (ordered[above] - ordered[below]))
    return np.stack(found)


def sensitivity(
    panel: Panel,
    framework: Framework,
    recipe: Recipe,
    vary: Vary,
    n: int = 512,
    seed: int = 0,
    resamples: int = 100,
    of: Literal["rank", "score"] = "rank",
    level: float = 0.95,
) -> Sensitivity:
    """Shares of the variance of each region's rank in the last year, by what varies: n (k + 2) replays.

    Parameters
    ----------
    vary : as in `replay`; each entry is a factor, the perturbation of all weights together being one
    n : rows of the design, a power of two best
    of : what is explained: the root's rank, or its score

    Raises
    ------
    Refusal
        As `replay` does.

    Source: Saisana, Saltelli and Tarantola (2005), Journal of the Royal Statistical Society A 168.
    """
    chosen, amplitude = factors_of(recipe, vary)
    names = [*[factor.path for factor in chosen], *([] if amplitude is None else [WEIGHTS])]
    choices, k = [len(factor.alternatives) for factor in chosen] + ([] if amplitude is None else [POOL]), len(names)
    a, b = sobol_design(n, k, seed)
    rows = np.concatenate([a[None], b[None], crossed(a, b)]).reshape(-1, k)
    picks = (rows * choices).astype(int)
    once, back = np.unique(picks, axis=0, return_inverse=True)
    drawn = None
    if amplitude is not None:
        pool = perturbations(np.random.default_rng(seed), POOL, len(framework.tree.leaves), amplitude)
        drawn = pool[once[:, -1]]
    scores, ranks = outcomes(Steps(panel, framework), recipe, chosen, once[:, : len(chosen)], drawn, last=True)
    found = (ranks if of == "rank" else np.where(np.isnan(ranks), np.nan, scores))[:, 0]
    whole = np.isfinite(found).all(axis=0)
    y = found[:, whole][back.reshape(-1)].reshape(k + 2, n, -1)
    shares = sobol_indices(y[0], y[1], y[2:])
    bounds = bootstrap(y[0], y[1], y[2:], resamples, seed, level)
    place = {"factor": names, "output": [code for code, kept in zip(panel.codes, whole, strict=True) if kept]}

    def labelled(x: np.ndarray) -> xr.DataArray:
        return xr.DataArray(x, place, ("factor", "output"))

    return Sensitivity(
        first=labelled(shares[0]),
        total=labelled(shares[1]),
        first_low=labelled(bounds[0][0]),
        first_high=labelled(bounds[0][1]),
        total_low=labelled(bounds[1][0]),
        total_high=labelled(bounds[1][1]),
        variance=xr.DataArray(y[:2].reshape(2 * n, -1).var(axis=0), {"output": place["output"]}, ("output",)),
        level=level,
    )
