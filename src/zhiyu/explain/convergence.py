"""Convergence: whether regions draw together: dispersion over the years, growth regressions, the log t test and clubs.

The room's front: sigma convergence is here, beta convergence in `growth` and `spatial_growth`, Phillips and Sul in
`log_t` and `clubs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from zhiyu.explain.clubs import Clubs, clubs
from zhiyu.explain.growth import Beta, Effects, absolute_beta, conditional_beta
from zhiyu.explain.log_t import LogT, checked, hp_trend, log_t
from zhiyu.explain.spatial_growth import spatial_beta
from zhiyu.terms import Refusal

__all__ = [
    "Beta",
    "Clubs",
    "LogT",
    "Sigma",
    "Trend",
    "absolute_beta",
    "beta",
    "clubs",
    "conditional_beta",
    "hp_trend",
    "log_t",
    "sigma",
    "spatial_beta",
]

CELLS = 4_000_000  # cells of resampled panels held at once
LEVEL = 0.95


@dataclass(frozen=True)
class Trend:
    """A measure of dispersion by year (t,), its least-squares slope a year, and its change from first to last year as a
    share of the first, each with the percentile interval of a bootstrap over regions."""

    values: np.ndarray
    slope: float
    slope_low: float
    slope_high: float
    change: float
    change_low: float
    change_high: float


@dataclass(frozen=True)
class Sigma:
    """Dispersion between n regions in t years.

    log : standard deviation of logarithms; cv : standard deviation over mean; absolute : standard deviation, in x's
        unit. The first two are relative gaps, the third is the gap itself: they can move apart.
    draws, seed, level : of the bootstrap and its intervals.
    """

    log: Trend
    cv: Trend
    absolute: Trend
    draws: int
    seed: int
    level: float = LEVEL


def beta(
    x: np.ndarray,
    controls: np.ndarray | None = None,
    w: np.ndarray | None = None,
    effects: Effects | None = None,
) -> Beta:
    """`conditional_beta` if effects are named, `spatial_beta` if w is given, else `absolute_beta`."""
    if effects is not None:
        return conditional_beta(x, controls, effects)
    return absolute_beta(x, controls) if w is None else spatial_beta(x, w, controls)


def sigma(x: np.ndarray, draws: int = 1000, seed: int = 0) -> Sigma:
    """Sigma convergence: the dispersion between regions by year, and whether it falls.

    log: sqrt(mean_i (ln x_it - mean ln x_t)^2);  cv: sqrt(mean_i (x_it - mean x_t)^2) / mean x_t.  All regions are
    observed, so sums are divided by n. Intervals: whole regions are drawn with replacement, `draws` times, and each
    measure's slope and change computed again; they say how far the trend hangs on single regions.

    Parameters
    ----------
    x : (n, t) positive values, n regions in t consecutive years

    Raises
    ------
    Refusal
        If a cell is missing or not positive, there are fewer than three regions or two years, or no region differs.

    Source: Barro and Sala-i-Martin (1992, J. Political Economy 100: 223-251).
    """
    x = checked(x)
    n, years = x.shape
    if n < 3 or years < 2:
        raise Refusal("convergence_too_few", regions=n, years=years, least_regions=3, least_years=2)
    found = _dispersions(x[None])[:, 0]
    if (found[2] <= 1e-13 * np.abs(x).max()).any():
        raise Refusal("convergence_no_spread", year=int(found[2].argmin()) + 1)
    drawn = np.concatenate([_dispersions(part) for part in _resampled(x, draws, seed)], axis=1)
    log, cv, absolute = (_trend(values, again) for values, again in zip(found, drawn, strict=True))
    return Sigma(log, cv, absolute, draws, seed)


def _dispersions(x: np.ndarray) -> np.ndarray:
    """(3, m, t) of m panels (m, n, t): of logarithms, relative to the mean, in x's unit."""
    absolute = x.std(axis=1)
    return np.stack([np.log(x).std(axis=1), absolute / x.mean(axis=1), absolute])


def _resampled(x: np.ndarray, draws: int, seed: int) -> Iterator[np.ndarray]:
    """Panels of regions drawn with replacement, some at a time; which are drawn does not hang on how many at a time."""
    picked = np.random.default_rng(seed).integers(len(x), size=(draws, len(x)))
    at_once = max(1, CELLS // x.size)
    for begin in range(0, draws, at_once):
        yield x[picked[begin : begin + at_once]]


def _trend(values: np.ndarray, drawn: np.ndarray) -> Trend:
    slope, change = _slope(values[None])[0], _change(values[None])[0]
    tails = [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0]
    low, high = np.quantile(_slope(drawn), tails)
    change_low, change_high = np.quantile(_change(drawn), tails)
    return Trend(values, float(slope), float(low), float(high), float(change), float(change_low), float(change_high))


def _slope(values: np.ndarray) -> np.ndarray:
    """(m,) slopes a year of m series (m, t)."""
    year = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2.0
    return np.asarray((values * year).sum(axis=1) / (year**2).sum())


def _change(values: np.ndarray) -> np.ndarray:
    first = values[:, 0]
    return np.asarray(np.divide(values[:, -1], first, out=np.ones_like(first), where=first > 0) - 1.0)
