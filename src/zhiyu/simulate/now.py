"""What an equation looks at, as arrays (..., region): observations with a leading axis of years, or a run's states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zhiyu.simulate.equations import Array


@dataclass(frozen=True)
class Now:
    """A year of arrays (..., region): a `Year` (see `equations`).

    levels : state -> x at the start of the year; last : state -> growth of the year before; w : (region, region)
    row-standardised weights, a row of zeros for an island; growing : state -> this year's growth, filled in the order
    of the equations; stayed : of states whose heads move, growth without movers; xp : numpy or jax.numpy. nan is a cell
    that is not there: means are of those that are.
    """

    levels: Mapping[str, Array]
    last: Mapping[str, Array]
    w: np.ndarray
    growing: dict[str, Array] = field(default_factory=dict)
    stayed: dict[str, Array] = field(default_factory=dict)
    xp: Any = np

    def growth(self, state: str) -> Array | None:
        return self.growing.get(state)

    def grown(self, state: str) -> Array | None:
        return self.last.get(state)

    def level(self, state: str) -> Array | None:
        return self.levels.get(state)

    def gap(self, state: str, of: str | None = None) -> Array | None:
        x, other = self.levels.get(state), 0.0 if of is None else self.levels.get(of)
        return None if x is None or other is None else self._centred(x - other)

    def spill(self, state: str) -> Array | None:
        x, xp = self.levels.get(state), self.xp
        if x is None:
            return None
        there = xp.isfinite(x)
        weight = xp.einsum("...j,ij->...i", there.astype(float), self.w)
        around = xp.einsum("...j,ij->...i", xp.where(there, x, 0.0), self.w)
        beside = weight > 0
        above = self._centred(xp.where(beside, around / xp.where(beside, weight, 1.0) - x, np.nan))
        return xp.where(there & ~beside, 0.0, above)

    def capability(self) -> Array | None:
        there = [self.levels[state] for state in ("patents", "papers") if state in self.levels]
        return self._centred(sum(there) / len(there)) if there else None

    def _centred(self, x: Array) -> Array:
        """d(x) = x - mean over the regions that are there."""
        there = self.xp.isfinite(x)
        count = self.xp.maximum(there.sum(axis=-1, keepdims=True), 1)
        return x - self.xp.where(there, x, 0.0).sum(axis=-1, keepdims=True) / count
