"""Density: the shape of a distribution in every year, smoothed alike, and how many peaks it has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.terms import Refusal

POINTS = 256
REACH = 3.0  # bandwidths beyond the outermost values
PEAK = 0.05  # a peak below this share of the highest one is not counted


@dataclass(frozen=True)
class Densities:
    """x : (m,) common grid; density : (t, m) integrates to 1 over the line; bandwidth : one for all years; modes : (t,)
    peaks."""

    x: np.ndarray
    density: np.ndarray
    bandwidth: float
    modes: np.ndarray


def densities(values: np.ndarray, bandwidth: float | None = None, points: int = POINTS) -> Densities:
    """Gaussian kernel densities of n regions in t years, all with one bandwidth, so that shapes can be compared.

    f_t(x) = 1 / (n h) sum_i phi((x - y_it) / h)

    Without a bandwidth, h is the median over the years of Silverman's rule, 0.9 min(sd, IQR / 1.34) n^(-1/5); pooling
    the years would take growth for spread. Peaks of at least 5 % of the year's highest are counted; with few regions a
    peak may be one outlying region, and how many there are hangs on h: they describe, and test nothing. A Gaussian has
    tails, so that some density lies beyond the outermost value.

    Parameters
    ----------
    values : (n, t) complete; bandwidth : in the values' unit, above zero

    Raises
    ------
    Refusal
        If a value is missing, or no year has any spread and no bandwidth is given, or it is not above zero.

    Source: B. W. Silverman, 1986, Density Estimation for Statistics and Data Analysis, equation 3.31.
    """
    y = np.asarray(values, dtype=float)
    if y.ndim != 2 or not y.size:
        raise Refusal("disparity_shape", shape="x".join(str(size) for size in y.shape), wanted="n x t")
    if not np.isfinite(y).all():
        raise Refusal("density_missing", number=int((~np.isfinite(y)).sum()))
    h = float(np.median(silverman(y))) if bandwidth is None else bandwidth
    if not (np.isfinite(h) and h > 0):
        raise Refusal("density_bandwidth", bandwidth=f"{h:g}")
    x = np.linspace(y.min() - REACH * h, y.max() + REACH * h, points)
    z = (x[None, :, None] - y.T[:, None, :]) / h
    density = np.exp(-0.5 * z * z).sum(axis=-1) / (y.shape[0] * h * np.sqrt(2 * np.pi))
    return Densities(x, density, h, modes(density))


def silverman(values: np.ndarray) -> np.ndarray:
    """(t,) Silverman's rule of thumb for each column of (n, t); sd alone where the quartiles agree."""
    y = np.asarray(values, dtype=float)
    sd = y.std(axis=0, ddof=1) if len(y) > 1 else np.zeros(y.shape[1])
    quarter = np.diff(np.quantile(y, [0.25, 0.75], axis=0), axis=0)[0] / 1.34
    spread = np.where(quarter > 0, np.minimum(sd, quarter), sd)
    return np.asarray(0.9 * spread * len(y) ** -0.2)


def modes(density: np.ndarray) -> np.ndarray:
    """(t,) peaks of densities (t, m) on a grid: rises followed by a fall, a flat top counted once."""
    found = []
    for row in density:
        kept = np.concatenate([[0.0], row[np.concatenate([[True], np.diff(row) != 0])], [0.0]])
        peak = (kept[1:-1] > kept[:-2]) & (kept[1:-1] > kept[2:]) & (kept[1:-1] >= PEAK * row.max())
        found.append(int(peak.sum()))
    return np.array(found)
