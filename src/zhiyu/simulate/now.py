"""What an equation looks at, as arrays (..., region): observations with a leading axis of years, or a run's states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from zhiyu.simulate.equations import Array


@dataclass(frozen=True)
class Now:
    """A year of arrays (..., region): a `Year` (see `equations`).

    levels : state -> x at the start of the year; last : state -> growth of the year before; w : (region, region)
    row-standardised weights, a row of zeros for an island; growing : state -> this year's growth, filled in the order of
    the equations. nan is a cell that is not there: means and neighbours are of those that are.
    """

    levels: Mapping[str, Array]
    last: Mapping[str, Array]
    w: np.ndarray
    growing: dict[str, Array] = field(default_factory=dict)

    def growth(self, state: str) -> Array | None:
        return self.growing.get(state)

    def grown(self, state: str) -> Array | None:
        return self.last.get(state)

    def level(self, state: str) -> Array | None:
        return self.levels.get(state)

    def gap(self, state: str, of: str | None = None) -> Array | None:
        x, other = self.levels.get(state), 0.0 if of is None else self.levels.get(of)
        return None if x is None or other is None else centred(x - other)

    def spill(self, state: str) -> Array | None:
        x = self.levels.get(state)
        if x is None:
            return None
        there = np.isfinite(x)
        weight = np.einsum("...j,ij->...i", there.astype(float), self.w)
        around = np.einsum("...j,ij->...i", np.where(there, x, 0.0), self.w)
        beside = weight > 0
        above = np.where(beside, around / np.where(beside, weight, 1.0) - x, np.nan)
        return np.where(there & ~beside, 0.0, centred(above))

    def capability(self) -> Array | None:
        there = [self.levels[state] for state in ("patents", "papers") if state in self.levels]
        return centred(sum(there) / len(there)) if there else None


def centred(x: Array) -> Array:
    """d(x) = x - mean over the regions that are there."""
    there = np.isfinite(x)
    count = np.maximum(there.sum(axis=-1, keepdims=True), 1)
    return x - np.where(there, x, 0.0).sum(axis=-1, keepdims=True) / count
