"""A figure of whole regions, drawn anew and left out one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from zhiyu.explain.claims.question import Found
from zhiyu.explain.productivity import trend
from zhiyu.terms import Label, Refusal

Figure = Callable[[np.ndarray], np.ndarray]
TAILS = (0.025, 0.975)
FEWEST = 8  # regions below which drawing them anew says little
CELLS = 2_000_000


def p_value(drawn: np.ndarray) -> float:
    """Two-sided: twice the smaller share of draws on either side of zero, the observed counted in."""
    drawn = drawn[np.isfinite(drawn)]
    sides = ((drawn <= 0).sum(), (drawn >= 0).sum())
    return float(min(1.0, 2.0 * (1 + min(sides)) / (len(drawn) + 1))) if len(drawn) else float("nan")


def resampled(
    name: str,
    label: Label,
    sign: int,
    figure: Figure,
    codes: tuple[str, ...],
    draws: int,
    seed: int,
    strata: np.ndarray | None = None,
    each: bool = True,
) -> Found:
    """A figure with its percentile interval over regions drawn with replacement, and without each region.

    Parameters
    ----------
    figure : (m, k) positions of regions, a row a draw -> (m,) figures
    strata : (n,) group of each region: every group is drawn from its own
    each : whether to leave each region out

    Raises
    ------
    Refusal
        For fewer than eight regions.
    """
    n = len(codes)
    if n < FEWEST:
        raise Refusal("claim_few_regions", number=n, least=FEWEST)
    drawn = _figures(figure, positions(n, draws, seed, strata))
    estimate = float(figure(np.arange(n)[None])[0])
    low, high = (float(end) for end in np.nanquantile(drawn, TAILS))
    others = np.array([np.delete(np.arange(n), i) for i in range(n)])
    without = figure(others) if each else np.zeros(0)
    return Found(name, label, "resampled", sign, estimate, low, high, p_value(drawn), codes, without)


def positions(n: int, draws: int, seed: int, strata: np.ndarray | None) -> np.ndarray:
    """(draws, n) regions drawn with replacement, within strata where there are any."""
    rng = np.random.default_rng(seed)
    if strata is None:
        return rng.integers(n, size=(draws, n))
    found = np.empty((draws, n), dtype=int)
    for stratum in np.unique(strata):
        here = np.flatnonzero(strata == stratum)
        found[:, here] = here[rng.integers(len(here), size=(draws, len(here)))]
    return found


def _figures(figure: Figure, drawn: np.ndarray) -> np.ndarray:
    size = max(1, CELLS // (drawn.shape[1] * 20))
    return np.concatenate([figure(drawn[start : start + size]) for start in range(0, len(drawn), size)])


def of_years(found: Found, series: np.ndarray, years: np.ndarray) -> Found:
    """A trend's answer with the greater of two p-values: of which regions there are, and of the years' own noise.

    Whole regions drawn anew keep every year as it was; what all regions share in a year is noise to a trend too. Its
    p-value is of the least-squares line through the yearly figures (t,), with t - 2 degrees of freedom. The interval
    holds both intervals.
    """
    line = trend(series[None], years)
    return replace(
        found,
        p=max(found.p, line.p_value),
        low=min(found.low, line.low),
        high=max(found.high, line.high),
        observations=len(found.regions) * len(years),
        years=tuple(int(year) for year in years),
        ends=(float(series[0]), float(series[-1])),
    )


def of_mean(series: np.ndarray) -> float:
    """Two-sided p of the mean of yearly figures (t,) by Student's t: what all regions share in a year is noise."""
    from scipy.special import stdtr

    error = float(series.std(ddof=1)) / np.sqrt(len(series)) if len(series) > 1 else float("nan")
    return float(2.0 * stdtr(len(series) - 1, -abs(series.mean()) / error)) if error > 0 else float("nan")


def slope(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """(...,) least-squares slope a year of (..., t)."""
    centred = years - years.mean()
    return np.asarray((values * centred).sum(axis=-1) / (centred**2).sum())
