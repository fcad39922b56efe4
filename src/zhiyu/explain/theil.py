"""Theil's measures of disparity, split exactly over nested groupings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu.explain.disparity import checked, grouped
from zhiyu.terms import Refusal

INDEXES = ("T", "L")


@dataclass(frozen=True)
class Theil:
    """Theil's T or L and its parts: total = sum of `parts`.

    parts : (levels + 1,) between the groups of the coarsest level, then between the finer groups inside each group of
        the level above, and last between the members of the finest groups. None is negative.
    groups : (g,) names of the coarsest level; inside : (g,) what disparity within each adds to the total. Both empty
        where there are no levels.
    """

    index: str
    total: float
    parts: np.ndarray
    groups: np.ndarray
    inside: np.ndarray

    @property
    def between(self) -> float:
        """Between the groups of the coarsest level; 0 where there are none."""
        return float(self.parts[0]) if len(self.parts) > 1 else 0.0

    @property
    def within(self) -> float:
        """All that is not between the groups of the coarsest level."""
        return float(self.parts[1:].sum()) if len(self.parts) > 1 else float(self.parts[0])


def theil(
    values: np.ndarray, weights: np.ndarray | None = None, groups: Sequence[np.ndarray] = (), index: str = "T"
) -> Theil:
    """Theil's T = sum_i s_i ln(y_i / mu) or L = sum_i p_i ln(mu / y_i), over any number of nested groupings.

    part of a level: T: sum_c s_c ln(mu_c / mu_parent);  L: sum_c p_c ln(mu_parent / mu_c)

    with p and s the shares of weight and of value, c the groups of the level (at the last, single members) and parent
    the group of the level above that holds them (at the first, everything). A finer group is told apart by its label
    and those above it: labels may repeat in different parents. 0 ln 0 = 0 in T; L takes no zero.

    Parameters
    ----------
    values : (n,) zero or more (L: above zero); weights : (n,), such as populations
    groups : label arrays (n,), from coarse to fine; index : "T" or "L"

    Raises
    ------
    Refusal
        If a value is missing or negative, or zero for L, all are zero, shapes do not fit, or the index is unknown.

    Source: H. Theil, 1967, Economics and Information Theory; A. F. Shorrocks, 1980, The class of additively
    decomposable inequality measures, Econometrica 48(3).
    """
    if index not in INDEXES:
        raise Refusal("theil_index", word=index)
    y, w = checked(values, weights)
    if index == "L" and not (y > 0).all():
        raise Refusal("theil_zero", at=int(np.argmin(y > 0)) + 1)
    above = np.zeros(len(y), dtype=np.intp)  # the cell of the level above, of each member
    base = _means(y, w, above)
    parts, names, inside = [], np.array([]), np.array([])
    coarse = above
    for depth, labels in enumerate(groups):
        level_names, member = grouped(labels, y.shape)
        cell = np.unique(above * len(level_names) + member, return_inverse=True)[1]
        mean = _means(y, w, cell)
        parts.append(_terms(y, w, mean, base, index).sum())
        above, base = cell, mean
        if depth == 0:
            names, coarse = level_names, member
    parts.append(_terms(y, w, y, base, index).sum())
    if len(names):
        own = _terms(y, w, y, _means(y, w, coarse), index)
        inside = np.bincount(coarse, weights=own, minlength=len(names))
    return Theil(index, float(np.sum(parts)), np.array(parts, dtype=float), names, inside)


def _means(y: np.ndarray, w: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """(n,) weighted mean of each member's cell; 0 in a cell without weight, which counts for nothing."""
    weight = np.bincount(cell, weights=w)
    total = np.bincount(cell, weights=w * y)
    return np.asarray(np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)[cell])


def _terms(y: np.ndarray, w: np.ndarray, mean: np.ndarray, base: np.ndarray, index: str) -> np.ndarray:
    """(n,) each member's part of what `mean` differs from `base`; their sum over a cell is the cell's own term."""
    seen = (mean > 0) & (w > 0)
    ratio = np.log(np.divide(mean, base, out=np.ones_like(mean), where=seen))
    if index == "T":  # sum over a cell of w * mean = its value
        return np.asarray(w * mean * ratio / (w * y).sum())
    return np.asarray(-w * ratio / w.sum())
