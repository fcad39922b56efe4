"""Warm data: whether the panel can tell if data last longer where intelligence and institutions are strong.

The reversion l of the data row becomes l / (1 + om a I). The profile likelihood of om says what the panel knows of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from zhiyu.explain.claims.question import Implied, Word
from zhiyu.simulate.base import PAIRS
from zhiyu.simulate.equations import CORE
from zhiyu.simulate.implied import reason
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.parameters import read

GRID = np.round(np.concatenate([np.linspace(-0.9, 4.0, 99), np.linspace(4.25, 20.0, 64)]), 10)
LEVEL = 0.95
LEAST = 30  # cells, beyond the effects


@dataclass(frozen=True, eq=False)
class Profile:
    """at : (g,) values of om; ratio : (g,) likelihood ratio against the best of them; bar : what it may be within the
    interval; prior : the range that scenarios draw from; cells : used."""

    at: np.ndarray
    ratio: np.ndarray
    bar: float
    prior: tuple[float, float]
    cells: int

    @property
    def best(self) -> float:
        return float(self.at[int(np.argmin(self.ratio))])

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval, infinite where it leaves the grid."""
        inside = self.at[self.ratio <= self.bar]
        low, high = float(inside.min()), float(inside.max())
        return (-np.inf if low <= self.at[0] else low, np.inf if high >= self.at[-1] else high)

    @property
    def flat(self) -> bool:
        """Whether the whole range of the prior lies within the interval: the panel rules none of it out."""
        low, high = self.interval
        return low <= self.prior[0] and high >= self.prior[1]


def profile(observed: Observed, at: np.ndarray = GRID) -> Profile | None:
    """Profile likelihood of om in the growth of data, over all else; None where the states or cells for it lack.

    gD = -l d(D) / (1 + om a I) + its other terms + effects of years, a and I the indices of `satellite`. Effects of
    regions are left out: over a dozen years they make every reversion look fast, and the interval then holds a planted
    om in 72 to 88 % of panels of 31 regions instead of 93 to 100 %, whether or not regions differ for good.
    The bar of the likelihood ratio is the chi-squared's, times how much wider errors clustered by region make the
    variance of om at its best value, where they make it wider.

    Parameters
    ----------
    at : (g,) values of om, above -1

    Source: Venzon and Moolgavkar (1988), Applied Statistics 37; Pace, Salvan and Sartori (2011), Statistica Sinica 21.
    """
    able = [state for state in PAIRS["capability"] if state in observed.states]
    if not able or not {"data", "institutions"} <= set(observed.states):
        return None
    s = observed.states.index("data")
    y = np.where(observed.target[s], observed.growth[s], np.nan)  # (year, region)
    terms = dict(CORE["data"](observed.now))
    gap = terms.pop("data_reversion")
    strong = _index(np.mean([observed.of(state) for state in able], axis=0)) * _index(observed.of("institutions"))
    columns = np.stack([gap, *terms.values()])
    used = np.isfinite(y) & np.isfinite(columns).all(axis=0) & np.isfinite(strong)
    year, region = np.nonzero(used)
    dummies = np.eye(used.shape[0])[year]
    if used.sum() < dummies.shape[1] + LEAST:
        return None
    others = np.concatenate([columns[1:, used].T, dummies], axis=1)
    u, size, _ = np.linalg.svd(others, full_matrices=False)
    basis = u[:, size > 1e-10 * size[0]]

    def left(x: np.ndarray) -> np.ndarray:
        return np.asarray(x - basis @ (basis.T @ x))

    y_left, gap_used, q = left(y[used]), gap[used], strong[used]
    z = np.stack([left(gap_used / (1 + om * q)) for om in at])
    along = (z * y_left).sum(axis=1)
    errors = (y_left**2).sum() - along**2 / (z**2).sum(axis=1)
    ratio = used.sum() * np.log(errors / errors.min())
    k = int(np.argmin(ratio))
    slope = along[k] / (z[k] ** 2).sum()
    bend = left(gap_used * q / (1 + at[k] * q) ** 2)
    wide = _widening(bend - z[k] * ((bend * z[k]).sum() / (z[k] ** 2).sum()), y_left - slope * z[k], region)
    prior = next(p for p in read() if p.name == "warm_data")
    bar = float(chi2.ppf(LEVEL, 1)) * max(1.0, wide)
    return Profile(at, ratio, bar, (float(prior.low or 0.0), float(prior.high or 0.0)), int(used.sum()))


def warm_data(found: Profile) -> Implied:
    """C07: supported if the interval is positive, contradicted if negative, not to be tested where it is flat.

    An end of the interval that leaves the grid is nan.
    """
    low, high = found.interval
    word: Word = "supported" if low > 0 else "contradicted" if high < 0 else "untestable" if found.flat else "mixed"
    values = {
        "best": f"{found.best:.2f}",
        "low": "−∞" if np.isinf(low) else f"{low:.2f}",
        "high": "+∞" if np.isinf(high) else f"{high:.2f}",
        "from_": f"{found.prior[0]:.0f}",
        "to": f"{found.prior[1]:.0f}",
        "cells": found.cells,
    }
    why = reason("simulate.implied.warm_flat" if word == "untestable" else "simulate.implied.warm", **values)
    return Implied(found.best, _known(low), _known(high), word, why)


def _known(end: float) -> float:
    return end if np.isfinite(end) else np.nan


def _index(x: np.ndarray) -> np.ndarray:
    """(year - 1, region) index in (0, 1) of logarithms (region, year): one half is the last year's national mean."""
    return np.asarray(1 / (1 + np.exp(-(x - np.nanmean(x[:, -1])).T[:-1])))


def _widening(x: np.ndarray, error: np.ndarray, cluster: np.ndarray) -> float:
    """Variance of a coefficient of x clustered, over the variance as if errors were independent."""
    number = len(np.unique(cluster))
    within = np.bincount(cluster, weights=x * error)
    return float(number / (number - 1) * (within**2).sum() / ((error**2).mean() * (x**2).sum()))
