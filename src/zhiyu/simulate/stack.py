"""A weighted mean of forecasts, its weights learnt from how each did at earlier origins."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

SHRINK = 32.0  # origins at which the past weighs as much as the centre; a few years tell members hardly apart


def weights(errors: np.ndarray, evidence: float, centre: np.ndarray, shrink: float = SHRINK) -> np.ndarray:
    """Non-negative weights, summing to one, of least squared error, drawn towards a centre.

    min_w  w'Gw + (shrink / evidence) |w - c|^2,  G = mean of e e' over the cells that all members have, over the mean
    square of all errors.

    Parameters
    ----------
    errors : (m, cells) array
        Past errors of m members; nan = none.
    evidence : how many origins they are from; 0 gives the centre
    centre : (m,) weights c, summing to one

    Returns
    -------
    (m,) array

    Source: Breiman (1996), stacked regressions; Diebold and Shin (2019) on shrinking towards equal weights.
    """
    m = len(errors)
    seen = errors[:, np.isfinite(errors).all(axis=0)]
    scale = float(np.mean(seen**2)) if seen.size else 0.0
    if evidence <= 0 or scale == 0.0:
        return centre
    pull = shrink / evidence
    gram = np.einsum("ic,jc->ij", seen, seen) / (seen.shape[1] * scale)
    root = np.linalg.cholesky(gram + pull * np.eye(m)).T  # the objective as one sum of squares |root w - target|^2
    target = np.linalg.solve(root.T, pull * centre)
    sure = 1e4 * np.sqrt(np.trace(gram) + pull)  # the sum to one, as a row that outweighs all others
    found, _ = nnls(np.vstack([root, np.full(m, sure)]), np.append(target, sure))
    return np.asarray(found / found.sum())


def stacked(
    points: np.ndarray, errors: np.ndarray, centre: np.ndarray, shrink: float = SHRINK
) -> tuple[np.ndarray, np.ndarray]:
    """One forecast a state out of m, each state weighing them by its own past.

    Parameters
    ----------
    points : (m, state, region, horizon) array
    errors : (m, origin, state, region, horizon) array
        Forecast - outcome at earlier origins, nan where the outcome is not known yet.
    centre : (m,) weights without a past

    Returns
    -------
    (state, region, horizon) forecasts and (m, state) weights
    """
    m, states = points.shape[:2]
    found = np.empty((m, states))
    for s in range(states):
        past = errors[:, :, s]
        evidence = int(np.isfinite(past).all(axis=0).any(axis=(1, 2)).sum())
        found[:, s] = weights(past.reshape(m, -1), evidence, centre, shrink)
    return np.einsum("ms,msrh->srh", found, points), found
