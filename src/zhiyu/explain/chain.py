"""Markov chains in the long run: the steady state and mean first-passage times of a matrix of probabilities.

A row of nan is a class whose departures nobody saw. What cannot be known without it is nan, never a guess.
"""

from __future__ import annotations

import numpy as np


def shares(counts: np.ndarray) -> np.ndarray:
    """(..., k, k) counted transitions over the sums of their rows; nan where a class has no departures."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0))


def steady_state(probabilities: np.ndarray) -> np.ndarray:
    """The one distribution pi with  pi P = pi,  by the subtraction-free elimination of Grassmann, Taksar and Heyman.

    Parameters
    ----------
    probabilities : (k, k), rows sum to one, or are nan where the departures of a class are not known

    Returns
    -------
    (k,) array
        Sums to one; 0 for classes that are left for good, and for unknown ones that nothing leads to. All nan where a
        class whose departures are not known can be reached, or where two or more sets of classes are never left, so
        that the long run depends on where a region begins.

    Source: Kemeny and Snell (1976), Finite Markov Chains; Grassmann, Taksar and Heyman (1985), Operations Research 33.
    """
    p = np.asarray(probabilities, dtype=float)
    known = np.isfinite(p).all(axis=-1)
    reach = _reach(p > 0)
    if not known.any() or reach[np.ix_(known, ~known)].any():
        return np.full(len(p), np.nan)
    kept = known & (reach <= reach.T).all(axis=1)  # what they lead to leads back: never left
    first = int(np.argmax(kept))
    if (kept != reach[first]).any():
        return np.full(len(p), np.nan)
    found = np.zeros(len(p))
    found[kept] = _eliminated(p[np.ix_(kept, kept)])
    return found


def first_passage(probabilities: np.ndarray) -> np.ndarray:
    """Expected steps from class i until class j is first entered, m_ij = 1 + sum_(l != j) p_il m_lj.

    Parameters
    ----------
    probabilities : (..., k, k), rows sum to one, or are nan where the departures of a class are not known

    Returns
    -------
    (..., k, k) array
        On the diagonal the steps until the class is entered again. inf where j may never be entered; nan where a class
        whose departures are not known may come before j.

    Source: Kemeny and Snell (1976), Finite Markov Chains, chapters 3 and 4.
    """
    p = np.asarray(probabilities, dtype=float)
    return np.stack([passage_to(p, target) for target in range(p.shape[-1])], axis=-1)


def passage_to(probabilities: np.ndarray, target: int) -> np.ndarray:
    """(..., k) column `target` of `first_passage`."""
    p = np.asarray(probabilities, dtype=float)
    k = p.shape[-1]
    target %= k
    known = np.isfinite(p).all(axis=-1)
    p = np.where(known[..., None], p, 0.0)
    before = p.copy()
    before[..., target, :] = 0.0
    reach = _reach(before > 0)  # (..., i, j): j can come after i, up to the first visit of the target
    dark = ~known & (np.arange(k) != target)
    unknown = (reach & dark[..., None, :]).any(axis=-1)
    lost = ~reach[..., target] & ~unknown
    never = (reach & lost[..., None, :]).any(axis=-1)
    sound = ~unknown & ~never
    sound[..., target] = False
    before[..., target] = 0.0
    system = np.eye(k) - np.where(sound[..., None], before, 0.0)
    steps = np.linalg.solve(system, sound[..., None].astype(float))[..., 0]
    steps = np.where(never, np.inf, np.where(unknown, np.nan, steps))
    steps[..., target] = 0.0
    leaving = p[..., target, :]
    again = 1.0 + np.where(leaving > 0, leaving * np.where(leaving > 0, steps, 0.0), 0.0).sum(axis=-1)
    steps[..., target] = np.where(known[..., target], again, np.nan)
    return np.asarray(steps)


def _reach(leads: np.ndarray) -> np.ndarray:
    """(..., k, k) whether j can be reached from i in any number of steps, none included."""
    k = leads.shape[-1]
    found = leads | np.eye(k, dtype=bool)
    for middle in range(k):
        found = found | (found[..., :, middle, None] & found[..., None, middle, :])
    return np.asarray(found)


def _eliminated(p: np.ndarray) -> np.ndarray:
    """Stationary distribution of an irreducible (k, k) matrix."""
    left = p.copy()
    for last in range(len(p) - 1, 0, -1):
        left[:last, last] /= left[last, :last].sum()
        left[:last, :last] += left[:last, last, None] * left[None, last, :last]
    found = np.ones(len(p))
    for later in range(1, len(p)):
        found[later] = (found[:later] * left[:later, later]).sum()
    return np.asarray(found / found.sum())
