"""A year of a run, as equations, satellite and levers look at it: (draw, scenario, region), against the base year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zhiyu.simulate import now
from zhiyu.simulate.base import PAIRS, Base, SpatialLag
from zhiyu.simulate.equations import Array


@dataclass(frozen=True, kw_only=True)
class Present(now.Now):
    """A `satellite.Now`. Which cells there are is known from the base year, so that no number is asked again.

    A region that lacks a state carries the others' mean of it: its gaps are nought, and no mean counts it.
    What is looked at more than once a year is computed once.

    Parameters
    ----------
    base : the base year; years : since then; levers, levers_before : channel -> (draw, scenario, region or 1) effect at
        the end and at the start of the year
    """

    base: Base
    years: Array = 0.0
    levers: Mapping[str, Array] = field(default_factory=dict)
    levers_before: Mapping[str, Array] = field(default_factory=dict)
    kept: dict[tuple[str, ...], Array] = field(default_factory=dict)

    def growth(self, state: str) -> Array | None:
        found = self.growing.get(state)
        return found if found is None or state not in self.base.gappy else self.mended(state, found)

    def gap(self, state: str, of: str | None = None) -> Array | None:
        x, other = self.levels.get(state), 0.0 if of is None else self.levels.get(of)
        if x is None or other is None:
            return None
        there = self.base.having(state, of or state)
        return self._once(("gap", state, of or ""), lambda: self._apart(x - other if of else x, there))

    def spill(self, state: str) -> Array | None:
        x = self.levels.get(state)
        return None if x is None else self._once(("spill", state), lambda: self._spilt(x, state))

    def capability(self) -> Array | None:
        states = self.base.of("capability")
        if not states:
            return None
        mean = [self.levels[state] for state in states]
        return self._once(("capability",), lambda: self._apart(_mean(mean), self.base.having(*states)))

    def since(self, state: str) -> Array | None:
        if state in PAIRS:
            found = [self.since(one) for one in self.base.of(state)]
            return self._once(("since", state), lambda: _mean(found)) if found else None
        x = self.levels.get(state)
        return None if x is None else self._once(("since", state), lambda: x - self.base.levels[state])

    def index(self, state: str, at_base: bool = False) -> Array | None:
        moved = self.since(state)
        if moved is None:
            return None
        if at_base:
            return self.base.index[state]
        exp = self.xp.exp
        return self._once(("index", state), lambda: 1 / (1 + exp(-(self.base.centred[state] + moved))))

    def parted(self, state: str) -> Array | None:
        moved, there = self.since(state), self.base.having(*self.base.of(state))
        return None if moved is None else self._once(("parted", state), lambda: self._apart(moved, there))

    def pace(self, state: str) -> float | None:
        return self.base.pace(state)

    def lead(self) -> Array | None:
        return self.base.lead

    def redistributed(self, state: str, pull: Array, level: Array) -> Array:
        """What moves heads n = e^level towards `pull` and leaves their sum: pull - ln(sum n e^pull / sum n)."""
        there = self.base.there[state]
        heads = self.xp.exp(level) * (self.base.heads * there)
        drawn = _summed(self.xp, heads * self.xp.exp(pull)) / _summed(self.xp, heads)
        return (pull - self.xp.log(drawn)) * there

    def mended(self, state: str, x: Array) -> Array:
        """x with the others' mean where a region lacks the state."""
        return self.xp.where(self.base.there[state], x, self._averaged(x, self.base.there[state]))

    def _apart(self, x: Array, there: np.ndarray | None) -> Array:
        """d(x), 0 where a region is not there; None = all are."""
        return x - self._averaged(x, there) if there is None else (x - self._averaged(x, there)) * there

    def _averaged(self, x: Array, there: np.ndarray | None) -> Array:
        if there is None:
            return _summed(self.xp, x) / x.shape[-1]
        return _summed(self.xp, x * there) / there.sum()

    def _spilt(self, x: Array, state: str) -> Array:
        lag = self.base.spatial_lags[state]
        beside = lag.beside
        if not beside.any():
            return 0.0 * x
        return self._apart(self._around(x, lag) - x, None if beside.all() else beside)

    def _around(self, x: Array, lag: SpatialLag) -> Array:
        if self.xp is not np:
            return self.xp.einsum("...j,ij->...i", x, lag.rows.toarray())
        # a product of sparse rows adds up in one order whatever the number of members, and a matrix library's does not
        members = np.ascontiguousarray(x.reshape(-1, x.shape[-1]).T)
        return np.ascontiguousarray((lag.rows @ members).T).reshape(x.shape)

    def _once(self, key: tuple[str, ...], compute: Callable[[], Array]) -> Array:
        if key not in self.kept:
            self.kept[key] = compute()
        return self.kept[key]


def _summed(xp: Any, x: Array) -> Array:
    """Sum over the regions, kept as an axis; several times faster than `sum`, and as indifferent to other members."""
    return xp.einsum("...i->...", x)[..., None]


def _mean(found: list[Array]) -> Array:
    return sum(found[1:], start=found[0]) / len(found)
