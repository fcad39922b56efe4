"""What to look at beside a panel regression: spread between and within, overlap, the region effects, unit roots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.explain.panel_ols import Effects, PanelFit, fit, reduce
from zhiyu.terms import Refusal


@dataclass(frozen=True)
class Joint:
    """A test of several coefficients at once: F with (numerator, denominator) degrees of freedom and its p."""

    f: float
    numerator: int
    denominator: int
    p: float


@dataclass(frozen=True)
class UnitRoot:
    """rho : of x_it on its value of the year before; rho_null : what that is on average under a unit root; z, p : of
    rho - rho_null, small values against the unit root."""

    rho: float
    rho_null: float
    z: float
    p: float


@dataclass(frozen=True)
class Spread:
    """Of each of k variables (k,): cells, mean, standard deviations and range.

    overall : of all cells; between : of the regions' means; within : of x_it less the region's mean, over N - 1.
    """

    cells: np.ndarray
    mean: np.ndarray
    overall: np.ndarray
    between: np.ndarray
    within: np.ndarray
    least: np.ndarray
    greatest: np.ndarray


def joint(found: PanelFit, positions: list[int]) -> Joint:
    """F = b'V^-1 b / q for the coefficients at `positions` all zero, with (q, G - 1) degrees of freedom.

    Source: Cameron and Miller (2015), Journal of Human Resources 50, on the denominator.
    """
    from scipy.special import fdtrc

    b = found.beta[positions]
    f = float(np.einsum("i,i->", b, np.linalg.solve(found.covariance[np.ix_(positions, positions)], b))) / len(b)
    return Joint(f, len(b), found.freedom, float(fdtrc(len(b), found.freedom, f)))


def mundlak(y: np.ndarray, x: np.ndarray, effects: Effects = "two-way") -> Joint:
    """Whether region effects go with the regressors: fixed or random effects, the robust form of Hausman's test.

    y_it = x_it b + xbar_i c + (tau_t) + e_it, errors clustered by region; H0: c = 0, under which random effects would
    do. The classical Hausman statistic supposes errors that are independent and alike, and can turn negative; this
    does neither. A small p speaks for region effects; a large one in a few regions does not speak for random ones.

    Parameters
    ----------
    y, x : as for `panel_ols.fit`; effects : "two-way" keeps year effects

    Source: Mundlak (1978), Econometrica 46; Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data,
    10.7.3.
    """
    k = x.shape[-1]
    used = np.isfinite(y) & np.isfinite(x).all(axis=-1)
    mask = used[..., None]
    means = np.where(mask, x, 0.0).sum(axis=1, keepdims=True) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    wide = np.concatenate([x, np.broadcast_to(means, x.shape)], axis=-1)
    if used.any(axis=1).sum() <= 2 * k + 1:
        raise Refusal("panel_too_small", rows=int(used.any(axis=1).sum()), parameters=2 * k + 1)
    return joint(fit(y, wide, "year" if effects in ("two-way", "year") else "none"), list(range(k, 2 * k)))


def vif(y: np.ndarray, x: np.ndarray, effects: Effects = "two-way") -> np.ndarray:
    """(k,) variance inflation of each regressor once the effects are out: 1 / (1 - R2_j), R2_j on the other regressors.

    Taken within, for that is the variation which the coefficients rest on. Over about 10 the regressors can hardly be
    told apart, and the coefficients must not be read one by one. y says which cells take part.

    Source: Belsley, Kuh and Welsch (1980), Regression Diagnostics.
    """
    found = reduce(y, x, effects)
    return np.asarray((found.x**2).sum(axis=(0, 1)) * np.diagonal(found.inverse))


def spread(x: np.ndarray, used: np.ndarray) -> Spread:
    """Mean and standard deviations of x (n, t, k) over the cells used (n, t)."""
    taken = used.any(axis=1)
    counts = np.maximum(used.sum(axis=1), 1)[:, None]
    means = np.where(used[..., None], x, 0.0).sum(axis=1) / counts
    cells, off = x[used], (x - means[:, None])[used]
    number = len(cells)
    return Spread(
        cells=np.full(x.shape[-1], number),
        mean=cells.mean(axis=0),
        overall=cells.std(axis=0, ddof=1),
        between=means[taken].std(axis=0, ddof=1),
        within=np.sqrt((off**2).sum(axis=0) / (number - 1)),
        least=cells.min(axis=0),
        greatest=cells.max(axis=0),
    )


def harris_tzavalis(x: np.ndarray, trend: bool = False, common: bool = True) -> UnitRoot:
    """Unit root test for few years and many regions, with region effects: H0 every region has a unit root.

    rho = sum x~_it-1 x~_it / sum x~_it-1^2 with region means (and trends) out; under H0 with T steps
    sqrt(n) (rho - 1 + 3/(T+1)) -> N(0, 3 (17T^2 - 20T + 17) / (5 (T-1) (T+1)^3)), with trends
    sqrt(n) (rho - 1 + 15/(2(T+2))) -> N(0, 15 (193T^2 - 728T + 1147) / (112 (T+2)^3 (T-2))).

    Exact in T, where tests that let T grow (Levin-Lin-Chu, Im-Pesaran-Shin) are far off at ten years. It supposes steps
    that are not serially correlated and of one variance; correlated regions make it too sure, of which the years' means
    (`common`) take a part.

    Parameters
    ----------
    x : (n, t) complete; T = t - 1
    trend : whether each region has a trend of its own; common : whether the years' means are taken out first

    Source: Harris and Tzavalis (1999), Journal of Econometrics 91.
    """
    from scipy.special import ndtr

    n, t = x.shape
    steps, least = t - 1, 4 if trend else 3
    if n < 2 or t < least or not np.isfinite(x).all():
        raise Refusal("unit_root_cells", least=least)
    if common:
        x = x - x.mean(axis=0, keepdims=True)
    time = np.arange(steps) - (steps - 1) / 2.0
    before, after = (_without(part, time if trend else None) for part in (x[:, :-1], x[:, 1:]))
    square = float((before**2).sum())
    if square == 0.0:
        raise Refusal("unit_root_cells", least=least)
    rho = float((before * after).sum()) / square
    if trend:
        null = 1.0 - 15.0 / (2.0 * (steps + 2))
        variance = 15.0 * (193.0 * steps**2 - 728.0 * steps + 1147.0) / (112.0 * (steps + 2) ** 3 * (steps - 2))
    else:
        null = 1.0 - 3.0 / (steps + 1)
        variance = 3.0 * (17.0 * steps**2 - 20.0 * steps + 17.0) / (5.0 * (steps - 1) * (steps + 1) ** 3)
    z = float(np.sqrt(n / variance)) * (rho - null)
    return UnitRoot(rho, null, z, float(ndtr(z)))


def _without(x: np.ndarray, time: np.ndarray | None) -> np.ndarray:
    x = x - x.mean(axis=1, keepdims=True)
    if time is None:
        return np.asarray(x)
    return np.asarray(x - (x * time).sum(axis=1, keepdims=True) / (time**2).sum() * time)
