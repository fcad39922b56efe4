"""Imputation: missing cells of indicators filled by a stated rule, each marked and listed."""

from __future__ import annotations

import numpy as np

from zhiyu.methods import method


@method("impute", "none", zh="不填补", en="None")
def unfilled(x: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Missing cells stay missing.

    Parameters and what is returned: as of `group_mean`.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 4.
    """
    return np.array(x, dtype=float)


@method("impute", "group-mean", zh="组均值", en="Mean of the group")
def group_mean(x: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Fill a missing cell by the mean of the region's group in that year.

    x_it = sum_k x_kt / m_gt,  k over the m_gt regions of i's group g that have a value in year t

    Parameters
    ----------
    x : (n, t) or (n, t, p) array
        Indicators of n regions over t years, any unit; nan = missing.
    groups : (n,) array
        The group of each region; "" = of none, neither filled nor counted.

    Returns
    -------
    array of the shape of x
        Observed cells as they are; nan where the group has no value in that year, and for regions of no group.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 4.
    """
    x, groups = np.asarray(x, dtype=float), np.asarray(groups)
    filled = x.copy()
    for name in sorted(set(groups.tolist()) - {""}):
        here = groups == name
        part = x[here]
        seen = np.isfinite(part)
        number = seen.sum(axis=0)
        total = np.where(seen, part, 0.0).sum(axis=0)
        mean = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
        filled[here] = np.where(seen, part, mean)
    return filled
