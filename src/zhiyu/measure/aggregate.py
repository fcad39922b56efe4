"""Aggregation of children's scores into their parent's."""

from __future__ import annotations

import numpy as np

from zhiyu.methods import method


@method("aggregate", "arithmetic", zh="加权算术平均", en="Weighted arithmetic mean")
def arithmetic(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted arithmetic mean over the children that are there.

    s = sum_j w_j x_j / sum_j w_j,  over the j with a score

    Parameters
    ----------
    x : (..., k) array
        Scores of k children; nan = not there.
    weights : (..., k) array
        Non-negative, broadcast against x.

    Returns
    -------
    (...) array
        nan where no child is there (or only children of weight 0).

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 6.
    """
    there = np.where(np.isnan(x), 0.0, weights)
    total = there.sum(axis=-1)
    summed = (there * np.nan_to_num(x)).sum(axis=-1)
    return np.asarray(np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0))
