"""The union archive: portfolios that no other beats in every objective, whoever found them, and their hypervolume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zhiyu.design.evolve import available

ROUNDING = 10  # digits of an objective's greatest size: the same portfolio simulated twice is one


@dataclass(frozen=True)
class Archive:
    """Non-dominated portfolios of several searches.

    levels : (k, option); objectives : (k, objective) simulated, larger is better; origin : (k,) the search of each
    reference : (objective,) where hypervolumes are counted from: zero, nothing done, unless another is stated
    volume : of the union; volumes : of each search alone, from the same reference; nan without pymoo
    """

    levels: np.ndarray
    objectives: np.ndarray
    origin: np.ndarray
    reference: np.ndarray
    volume: float
    volumes: Mapping[str, float]


def union(parts: Mapping[str, tuple[np.ndarray, np.ndarray]], reference: np.ndarray | None = None) -> Archive:
    """The archive of parts, each (levels (k, option), objectives (k, objective)); the earliest of equals stays."""
    levels = np.concatenate([one for one, _ in parts.values()])
    objectives = np.concatenate([one for _, one in parts.values()])
    origin = np.repeat(list(parts), [len(one) for _, one in parts.values()])
    zero = np.zeros(objectives.shape[1]) if reference is None else reference
    size = np.maximum(np.abs(objectives).max(axis=0, initial=0.0), 1e-300)
    kept = nondominated(np.round(objectives / size, ROUNDING))
    volumes = {name: hypervolume(one, zero) for name, (_, one) in parts.items()}
    return Archive(levels[kept], objectives[kept], origin[kept], zero, hypervolume(objectives, zero), volumes)


def nondominated(x: np.ndarray) -> np.ndarray:
    """(k,) whether no other row of x (k, objective) is as good everywhere and better somewhere; equals count once."""
    left = np.lexsort((np.arange(len(x)), -x.sum(axis=1)))  # what beats a row has a greater sum, so it comes before
    kept = np.zeros(len(x), dtype=bool)
    while len(left):
        first, rest = left[0], left[1:]
        kept[first] = True
        left = rest[(x[rest] > x[first]).any(axis=1)]
    return kept


def hypervolume(x: np.ndarray, reference: np.ndarray) -> float:
    """Volume of all that lies above `reference` (objective,) and below a row of x (k, objective): larger is better.

    Exact, in the product of the objectives' units; rows that do not pass the reference in every objective add nothing.
    nan where pymoo is not installed.

    Source: Zitzler and Thiele (1999), IEEE Transactions on Evolutionary Computation 3; computed by pymoo.
    """
    above = x[(x > reference).all(axis=1)]
    if not len(above):
        return 0.0
    if not available():
        return float("nan")
    from pymoo.indicators.hv import HV

    size = above.max(axis=0) - reference  # in shares, so that no unit is lost beside another
    shares = (above[nondominated(above)] - reference) / size
    return float(HV(ref_point=np.zeros(x.shape[1]))(-shares) * np.prod(size))


def spread(x: np.ndarray, most: int) -> np.ndarray:
    """Positions of at most `most` rows of x (k, objective) that lie far apart.

    Each objective's best comes first, then whatever is farthest from those chosen, by Euclidean distance with every
    objective in units of its range.
    """
    width = x.max(axis=0) - x.min(axis=0)
    shares = (x - x.min(axis=0)) / np.where(width > 0, width, 1.0)
    chosen = list(dict.fromkeys(int(at) for at in x.argmax(axis=0)))[:most]
    far = np.min([((shares - shares[at]) ** 2).sum(axis=1) for at in chosen], axis=0)
    while len(chosen) < min(most, len(x)) and far.max() > 0:
        chosen.append(int(far.argmax()))
        far = np.minimum(far, ((shares - shares[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)
