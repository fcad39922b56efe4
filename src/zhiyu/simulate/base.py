"""The base year: what a run starts from, decided once, and measured against ever after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from zhiyu.simulate.calibrate import DISCOUNT, Posterior
from zhiyu.simulate.core import forecast
from zhiyu.simulate.observe import STATES, Observed

PAIRS: Mapping[str, tuple[str, ...]] = {"capability": ("patents", "papers"), "skills": ("researchers", "students")}


@dataclass(frozen=True, eq=False)
class SpatialLag:
    """W of one state: sparse rows of w over the regions that have it; beside : (region,) has it and a neighbour."""

    rows: sparse.csr_array
    beside: np.ndarray


@dataclass(frozen=True, eq=False)
class Base:
    """The last observed year of n regions.

    levels, last : state -> (n,) logarithm, and growth into the year; a region that never had the state stands at the
    others' mean. there : state -> (n,) which have it. pace : state -> national growth of the years seen, discounted as
    in the calibration. heads : (n,) inhabitants, by which talent is counted; depreciation : of capital.
    """

    observed: Observed
    levels: Mapping[str, np.ndarray]
    last: Mapping[str, np.ndarray]
    there: Mapping[str, np.ndarray]
    paces: Mapping[str, float]
    heads: np.ndarray
    depreciation: float

    @property
    def year(self) -> int:
        return self.observed.years[-1]

    @property
    def codes(self) -> tuple[str, ...]:
        return self.observed.codes

    @cached_property
    def gappy(self) -> frozenset[str]:
        """States that some region lacks."""
        return frozenset(state for state, there in self.there.items() if not there.all())

    def of(self, name: str) -> tuple[str, ...]:
        """The states there are that "capability" or "skills" is the mean of, or the state itself."""
        return tuple(state for state in PAIRS.get(name, (name,)) if state in self.levels)

    def having(self, *states: str) -> np.ndarray | None:
        """(n,) which regions have all these states; None for all regions."""
        if self.gappy.isdisjoint(states):
            return None
        return np.asarray(np.all([self.there[state] for state in states], axis=0))

    @cached_property
    def spatial_lags(self) -> Mapping[str, SpatialLag]:
        """State -> its neighbours; an island, or a region whose neighbours lack the state, has none."""
        w = sparse.csr_array(self.observed.w)
        found = {}
        for state, there in self.there.items():
            weight = w @ there.astype(float)
            beside = there & (weight > 0)
            scale = beside / np.where(weight > 0, weight, 1.0)
            rows = sparse.diags_array(scale) @ w @ sparse.diags_array(there.astype(float))
            found[state] = SpatialLag(rows.tocsr(), beside)
        return found

    @cached_property
    def centred(self) -> Mapping[str, np.ndarray]:
        """State -> (n,) d(x0), also of "capability" and "skills"; 0 where a region lacks the state."""
        gaps = {}
        for name in (*self.levels, *PAIRS):
            if states := self.of(name):
                x = np.mean([self.levels[state] for state in states], axis=0)
                there = np.all([self.there[state] for state in states], axis=0)
                gaps[name] = (x - x[there].mean()) * there
        return gaps

    @cached_property
    def index(self) -> Mapping[str, np.ndarray]:
        """State -> (n,) 1 / (1 + exp(-d(x0)))."""
        return {state: 1 / (1 + np.exp(-gap)) for state, gap in self.centred.items()}

    @cached_property
    def lead(self) -> np.ndarray | None:
        """(n,) how far the most capable region stands above."""
        gap = self.centred.get("capability")
        return None if gap is None else gap.max() - gap

    def pace(self, state: str) -> float | None:
        """Yearly national growth, of "capability" too."""
        found = [self.paces[one] for one in self.of(state)]
        return sum(found) / len(found) if found else None


def base(observed: Observed, posterior: Posterior, heads: np.ndarray | None = None) -> Base:
    """The base year of a study.

    What is not yet observed in the last year, where other series are, is the core's point forecast.

    Parameters
    ----------
    heads : (region,) inhabitants in the last year; None counts every region as one
    """
    now, before = (_filled(observed, posterior, back) for back in (0, 1))
    there = {state: np.isfinite(observed.of(state)).any(axis=1) for state in observed.states}
    levels, last = {}, {}
    for state in STATES:
        if state in there:
            levels[state] = _bridged(now[state], there[state])
            growth = np.where(np.isfinite(before[state]), now[state] - before[state], np.nan)
            last[state] = _bridged(growth, np.isfinite(growth) & there[state])
    counted = np.ones(len(observed.codes)) if heads is None else np.asarray(heads, dtype=float)
    paces = {state: _pace(observed, state) for state in observed.states}
    depreciation = posterior.constants.get("capital_depreciation", 0.0)
    fresh = replace(observed)  # without what it has computed already, which cannot be sent to a worker
    return Base(fresh, levels, last, there, paces, counted, depreciation)


def _filled(observed: Observed, posterior: Posterior, back: int) -> dict[str, np.ndarray]:
    """State -> (region,) logarithms of the last year, or of the one before, with the core's forecast in its gaps."""
    t = len(observed.years) - 1 - back
    if t < 0:
        return {state: np.full(len(observed.codes), np.nan) for state in observed.states}
    found = {state: observed.of(state)[:, t] for state in observed.states}
    for wait in range(1, t + 1):
        lacking = [s for s, x in found.items() if (np.isnan(x) & np.isfinite(observed.of(s)[:, :t]).any(axis=1)).any()]
        if not lacking:
            break
        earlier = observed.cut(observed.years[t - wait])
        ahead = forecast(earlier, posterior, wait, shocks=False)[:, 0, :, -1]
        for state in lacking:
            if state in earlier.states:
                found[state] = np.where(np.isnan(found[state]), ahead[earlier.states.index(state)], found[state])
    return found


def _bridged(x: np.ndarray, there: np.ndarray) -> np.ndarray:
    """The others' mean where a region has none, 0 where nobody has."""
    mean = x[there].mean() if there.any() else 0.0
    return np.where(there, np.where(np.isfinite(x), x, mean), mean)


def _pace(observed: Observed, state: str) -> float:
    """Discounted mean over the years of the regions' mean growth."""
    growth = np.diff(observed.of(state), axis=1)
    seen = np.isfinite(growth)
    count = seen.sum(axis=0)
    yearly = np.where(seen, growth, 0.0).sum(axis=0) / np.maximum(count, 1)
    weight = DISCOUNT ** np.arange(growth.shape[1])[::-1] * (count > 0)
    return float((weight * yearly).sum() / weight.sum()) if weight.any() else 0.0
