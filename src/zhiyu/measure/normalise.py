"""Normalisation: indicators of any unit onto one scale, against a stated reference sample.

Every normaliser takes the values and the reference they are held against, so that the scope of a scale (all years
pooled, each year alone, a base year, published goalposts) is one visible argument and never hidden in a default.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from zhiyu.methods import method
from zhiyu.terms import Refusal

Scope = Literal["pooled", "year", "base"]


@method("normalise", "minmax", zh="极差标准化", en="Min-max")
def minmax(x: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Position between the least and the greatest value of the reference.

    z_ij = (x_ij - min_r x_rj) / (max_r x_rj - min_r x_rj)

    Parameters
    ----------
    x : (m, p) array
        Oriented indicators (more is better), any unit; nan stays nan.
    reference : (r, p) array
        The sample that sets the scale; nan is left out. Values of x beyond it fall outside [0, 1].

    Returns
    -------
    (m, p) array
        Unit-free; within [0, 1] wherever x lies within the reference.

    Raises
    ------
    Refusal
        If an indicator does not vary in the reference.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    low, high = _range(reference)
    return np.asarray((x - low) / (high - low))


@method("normalise", "goalposts", zh="目标区间标准化", en="Goalposts")
def goalposts(x: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Position between two published goalposts, values beyond them capped.

    z_ij = min(1, max(0, (x_ij - low_j) / (high_j - low_j)))

    Parameters
    ----------
    x : (m, p) array
        Oriented indicators, any unit; nan stays nan.
    reference : (2, p) array
        The goalposts, oriented as x, in either order.

    Returns
    -------
    (m, p) array
        Within [0, 1].

    Source: UNDP Human Development Report (technical notes); European Commission, DESI 2022 methodological note.
    """
    low, high = _range(reference)
    return np.asarray(np.clip((x - low) / (high - low), 0.0, 1.0))


@method("normalise", "zscore", zh="Z分数标准化", en="Z-score")
def zscore(x: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Distance from the reference's mean in its standard deviations.

    z_ij = (x_ij - m_j) / s_j,  m_j the mean and s_j the standard deviation (n - 1) of the reference

    Parameters
    ----------
    x : (m, p) array
        Oriented indicators, any unit; nan stays nan.
    reference : (r, p) array
        The sample that sets the scale; nan is left out.

    Returns
    -------
    (m, p) array
        Unit-free, unbounded; negative below the mean, so weightings that rest on shares refuse it.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    _range(reference)  # refuses what does not vary
    return np.asarray((x - np.nanmean(reference, axis=0)) / np.nanstd(reference, axis=0, ddof=1))


@method("normalise", "rank", zh="秩次标准化", en="Rank")
def rank(x: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Place among the reference, 0 for the least and 1 for the greatest; ties share the middle of their places.

    z_ij = (r_ij - 1) / (n_j - 1),  r_ij = 1 + #{reference below x_ij} + (#{reference equal to x_ij} - 1) / 2

    Parameters
    ----------
    x : (m, p) array
        Oriented indicators, any unit; nan stays nan.
    reference : (r, p) array
        The sample whose order counts; nan is left out. A value that is not in it stands between its neighbours.

    Returns
    -------
    (m, p) array
        Within [0, 1].

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    _range(reference)
    order = np.argsort(x, axis=0)
    asked = np.take_along_axis(x, order, axis=0).T.copy()  # to search in ascending order is several times as fast
    ordered = np.sort(reference, axis=0).T.copy()  # nan comes last
    number = np.isfinite(reference).sum(axis=0)
    places = np.empty(asked.shape)
    for place, column, some in zip(places, ordered, asked, strict=True):
        place[:] = np.searchsorted(column, some, side="left") + np.searchsorted(column, some, side="right")
    z = np.empty(x.shape)
    np.put_along_axis(z, order, places.T, axis=0)
    z = np.clip((z - 1.0) / (2.0 * (number - 1)), 0.0, 1.0)
    return np.where(np.isnan(x), np.nan, z)


@method("normalise", "frontier", zh="前沿距离标准化", en="Distance to the frontier")
def frontier(x: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Ratio to the best of the reference.

    z_ij = x_ij / max_r x_rj  where more is better;  z_ij = min_r c_rj / c_ij  where less of c = -x is better

    Parameters
    ----------
    x : (m, p) array
        Oriented indicators of one sign: not negative where more is better, negative where less is; nan stays nan.
    reference : (r, p) array
        The sample that holds the frontier; nan is left out.

    Returns
    -------
    (m, p) array
        Within [0, 1] wherever x lies within the reference; keeps ratios, unlike min-max.

    Raises
    ------
    Refusal
        If an indicator has both signs, or its frontier is zero.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5, distance to a reference.
    """
    low, high = _range(reference)
    rising = low >= 0
    for j in np.flatnonzero(~rising & (high >= 0)):
        raise Refusal("frontier_of_two_signs", position=int(j), name=str(int(j) + 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(rising, x / high, high / x))


def reference_sample(x: np.ndarray, scope: Scope, year: int, base: int) -> np.ndarray:
    """The rows of x (n, t, p) that set the scale for year `year` (an index): all, that year's, or the base year's."""
    if scope == "pooled":
        return x.reshape(-1, x.shape[2])
    return np.asarray(x[:, year if scope == "year" else base])


def _range(reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    seen = np.isfinite(reference)
    low = np.where(seen, reference, np.inf).min(axis=0)
    high = np.where(seen, reference, -np.inf).max(axis=0)
    empty = np.flatnonzero(~seen.any(axis=0))
    if len(empty):
        raise Refusal("indicator_all_missing", position=int(empty[0]), name=str(int(empty[0]) + 1))
    # what differs only by rounding (0.1 + 0.2 and 0.3) is constant, and no scale may blow it up
    flat = np.flatnonzero(high - low <= 1e-12 * np.maximum(np.abs(low), np.abs(high)))
    if len(flat):
        raise Refusal(
            "constant_indicator", position=int(flat[0]), name=str(int(flat[0]) + 1), value=float(low[flat[0]])
        )
    return low, high
