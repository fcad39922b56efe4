"""Dagum's decomposition written out over all pairs of members, as in the paper: slow, and right."""

import numpy as np


def by_pairs(
    y: np.ndarray, groups: np.ndarray, w: np.ndarray | None = None, listed: bool = False
) -> tuple[float, float, float, float]:
    """Total, within, between, transvariation. `listed` takes d and p in the order of the groups' names, the error of
    programs whose part between groups can come out negative."""
    w = np.ones(len(y)) if w is None else w
    whole, mu = w.sum(), (w * y).sum() / w.sum()
    total = sum(w[i] * w[k] * abs(y[i] - y[k]) for i in range(len(y)) for k in range(len(y))) / (2 * whole**2 * mu)
    names = np.unique(groups)
    mean = {g: (w * y)[groups == g].sum() / w[groups == g].sum() for g in names}
    p = {g: w[groups == g].sum() / whole for g in names}
    s = {g: p[g] * mean[g] / mu for g in names}
    within = between = crossing = 0.0
    for at, j in enumerate(names):
        for h in names[: at + 1]:
            here, there = np.flatnonzero(groups == j), np.flatnonzero(groups == h)
            size = w[here].sum() * w[there].sum()
            ahead = sum(w[i] * w[k] * max(y[i] - y[k], 0) for i in here for k in there) / size
            behind = sum(w[i] * w[k] * max(y[k] - y[i], 0) for i in here for k in there) / size
            gini = (ahead + behind) / (mean[j] + mean[h]) if mean[j] + mean[h] > 0 else 0.0
            if j == h:
                within += gini * p[j] * s[j]
                continue
            d, q = (ahead, behind) if mean[j] >= mean[h] or listed else (behind, ahead)
            affluence = (d - q) / (d + q) if d + q > 0 else 0.0
            between += gini * (p[j] * s[h] + p[h] * s[j]) * affluence
            crossing += gini * (p[j] * s[h] + p[h] * s[j]) * (1 - affluence)
    return total, within, between, crossing
