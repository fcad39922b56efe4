"""How far a forecast may be off: a variance for what all regions share, and one for each region's own part.

Both are learnt from the errors made at earlier origins, helped while these are few by how growth has scattered so far.
Few origins make few degrees of freedom, and the national part is drawn from Student's t with as many: a country has one
history.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.simulate.naive import mean
from zhiyu.simulate.scores import deviation, national

# Chosen on targets up to 2019: docs/explanation/hindcast.md
SHOCK_SD, SHOCK_YEARS = 0.05, 2.0  # what is known of a national shock before any year is seen, worth two years
NATIONAL_WIDENING = 0.5  # a national error grows as horizon^this: shocks of successive years are independent
DISCOUNT = 0.8  # weight of an origin's errors against those of the origin after it: the young series calm down
REGION_WIDENING = 0.75  # a region's as this: between a random walk and a wrong trend
GROWTH_YEARS = 3.0  # errors that past growth about its mean is worth, for the national part
REGION_GROWTH_YEARS = 2.0  # and for a region's own, less the errors that are known: then these tell more
REGION_WORTH = 4.0  # errors at which a region's variance is half its own, half that of all regions
REGION_FREEDOM = 5.0  # of the t that regions' own parts are drawn from: small regions jump


@dataclass(frozen=True, eq=False)
class Spread:
    """One state's uncertainty at an origin.

    common : (horizon,) scale of the national part; freedom : its degrees of freedom; own : (region, horizon) standard
    deviation of each region's part.
    """

    common: np.ndarray
    freedom: float
    own: np.ndarray


def spread(errors: np.ndarray, growth: np.ndarray) -> Spread:
    """The spread of a state's forecasts, from the errors of the past and the growth seen so far.

    common_h = h^w ((a s0^2 + b v + sum_o c_o e_o^2) / f)^(1/2),  f = a + b + sum_o c_o its degrees of freedom

    over earlier origins o: e_o^2 the mean over horizons of the national error squared over h^(2 w), c_o = `DISCOUNT` to
    the origin's age; v the variance of national growth, worth b years; s0 the prior of a national shock, worth a years.
    A region's own variance is likewise of its deviations from the nation, drawn towards that of all regions.

    Parameters
    ----------
    errors : (origin, region, horizon) forecast - outcome at earlier origins, nan where the outcome is not known yet
    growth : (region, year) growth seen so far, nan = missing
    """
    steps = np.arange(1, errors.shape[2] + 1)
    by_region = np.moveaxis(errors, 1, -1)  # (origin, horizon, region)
    age = DISCOUNT ** np.arange(len(errors))[::-1]
    common = mean(national(by_region)[..., 0] ** 2 / steps ** (2 * NATIONAL_WIDENING), 1)
    weight = np.where(np.isfinite(common), age, 0.0)
    years = national(growth.T)[:, 0]
    years = years[np.isfinite(years)]
    worth = min(GROWTH_YEARS, max(len(years) - 1, 0))
    scatter = float(np.var(years, ddof=1)) if len(years) > 1 else 0.0
    freedom = SHOCK_YEARS + worth + float(weight.sum())
    total = SHOCK_YEARS * SHOCK_SD**2 + worth * scatter + float(np.nansum(weight * common))
    own = _own_variance(deviation(by_region) / steps[:, None] ** REGION_WIDENING, age, deviation(growth.T))
    return Spread(
        float(np.sqrt(total / freedom)) * steps**NATIONAL_WIDENING,
        freedom,
        np.sqrt(own)[:, None] * steps**REGION_WIDENING,
    )


def _own_variance(errors: np.ndarray, age: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """(region,) from scaled deviations of errors (origin, horizon, region), origins weighing `age`, and of growth."""
    squares = mean(errors**2, 1)
    weight = np.where(np.isfinite(squares), age[:, None], 0.0)
    years = np.isfinite(growth).sum(axis=0)
    about = growth - mean(growth, 0)
    scatter = np.nansum(about**2, axis=0) / np.maximum(years - 1, 1)
    worth = np.where(years > 1, np.maximum(REGION_GROWTH_YEARS - weight.sum(axis=0), 0.0), 0.0)
    total = np.nansum(weight * squares, axis=0) + worth * scatter
    seen = weight.sum(axis=0) + worth
    typical = total.sum() / max(float(seen.sum()), 1.0)
    return np.asarray((REGION_WORTH * typical + total) / (REGION_WORTH + seen))


def draws(point: np.ndarray, around: Spread, n: int, seed: int | tuple[int, ...]) -> np.ndarray:
    """(n, region, horizon) forecasts about the point (region, horizon).

    A draw is a path: its errors at horizons h < k correlate by (h / k)^(1/2), as the positions of a random walk do.
    """
    rng = np.random.default_rng(seed)
    region, horizon = point.shape
    common = _walks(rng.standard_normal((n, horizon))) * np.sqrt(around.freedom / rng.chisquare(around.freedom, (n, 1)))
    heavy = np.sqrt((REGION_FREEDOM - 2) / rng.chisquare(REGION_FREEDOM, (n, region, 1)))  # of variance one
    own = _walks(rng.standard_normal((n, region, horizon))) * heavy
    return np.asarray(point + common[:, None] * around.common + own * around.own)


def _walks(shocks: np.ndarray) -> np.ndarray:
    """Standard normal at every horizon, correlated as a random walk's positions."""
    return np.asarray(np.cumsum(shocks, axis=-1) / np.sqrt(np.arange(1, shocks.shape[-1] + 1)))
