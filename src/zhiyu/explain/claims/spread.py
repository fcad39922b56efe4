"""How far apart regions are in a year, by the measures that the field uses."""

from __future__ import annotations

import numpy as np


def spread(values: np.ndarray, weights: np.ndarray, measure: str) -> np.ndarray:
    """(m, t) dispersion over regions: "log" (standard deviation of logarithms), "cv", "gini" or "theil" (T).

    Parameters
    ----------
    values : (m, n, t) above zero, a draw of regions a row; weights : (m, n, t), such as populations

    Source: Theil (1967), Economics and Information Theory; the Gini coefficient as `disparity.gini`, its two-sums form.
    """
    w = weights / weights.sum(axis=1, keepdims=True)
    if measure == "log":
        logs = np.log(values)
        return np.asarray(np.sqrt((w * (logs - (w * logs).sum(axis=1, keepdims=True)) ** 2).sum(axis=1)))
    ratio = values / (w * values).sum(axis=1, keepdims=True)
    if measure == "cv":
        return np.asarray(np.sqrt((w * (ratio - 1.0) ** 2).sum(axis=1)))
    if measure == "theil":
        return np.asarray((w * ratio * np.log(ratio)).sum(axis=1))
    order = np.argsort(ratio, axis=1, kind="stable")
    w, ratio = np.take_along_axis(w, order, axis=1), np.take_along_axis(ratio, order, axis=1)
    below = np.cumsum(w, axis=1) - 0.5 * w
    return np.asarray((w * ratio * (2.0 * below - 1.0)).sum(axis=1))
