"""The table of a hindcast: a row an observable and horizon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd

from zhiyu.simulate.scores import deviation, national, skill, skill_interval

COLUMNS = (
    "observable",
    "horizon",
    "headline",
    "n",
    "rmse",
    "rmse_skill",
    "low",
    "high",
    "crps",
    "coverage",
    "national_skill",
    "deviation_skill",
    "deviation_low",
    "deviation_high",
    "best_naive",
    "skill_best",
    "best_low",
    "best_high",
    "skill_naive_stack",
    "reason",
)
Interval = Callable[[np.ndarray, np.ndarray], tuple[float, float]]
NO_TARGET = "no_target"  # an observable without a target has only this reason
FEW_REGIONS = "few_regions"  # and one of fewer regions than `LEAST` has skill, and no interval
LEAST = 5  # regions to be drawn anew: of one every sample is the same, of a few nearly so


class Forecasts(Protocol):
    """What a table needs of a hindcast."""

    @property
    def states(self) -> tuple[str, ...]: ...
    @property
    def horizon(self) -> int: ...
    @property
    def level(self) -> float: ...
    @property
    def seed(self) -> int: ...
    @property
    def best_naive(self) -> Mapping[str, str]: ...
    @property
    def score(self) -> Mapping[str, np.ndarray]: ...
    @property
    def within(self) -> Mapping[str, np.ndarray]: ...
    def errors(self, name: str) -> np.ndarray: ...


def skill_table(
    done: Forecasts, name: str, targets: np.ndarray, reference: str, identities: frozenset[str]
) -> pd.DataFrame:
    """Scores of one forecaster on some targets (origin, horizon): columns `COLUMNS`, horizon 0 = all together.

    rmse_skill, with its interval, is against `reference`; skill_best against the naive forecast that was best before;
    national and deviation skill are of the regions' common error and of what is left. An observable without any target
    has one row, n = 0, with the reason; one of fewer regions than `LEAST` has no interval, with the reason.
    """
    rows = []
    own, other = (_kept(done.errors(which), targets) for which in (name, reference))
    stack = _kept(done.errors("naive_stack"), targets)
    for s, state in enumerate(done.states):
        if not (np.isfinite(own[:, s]) & np.isfinite(other[:, s])).any():
            nothing = (np.nan,) * (len(COLUMNS) - 5)
            rows.append((state, 0, state not in identities, 0, *nothing, NO_TARGET))
            continue
        best = _kept(done.errors(done.best_naive[state]), targets)[:, s]
        for horizon in range(done.horizon + 1):
            at = slice(None) if horizon == 0 else slice(horizon - 1, horizon)
            e, r = own[:, s, at], other[:, s, at]
            both = np.isfinite(e) & np.isfinite(r)
            if not both.any():
                continue
            few = int(both.any(axis=(0, 1)).sum()) < LEAST
            interval: Interval = _no_interval if few else partial(skill_interval, seed=done.seed, level=done.level)
            rows.append(
                (
                    state,
                    horizon,
                    state not in identities,
                    int(both.sum()),
                    float(np.sqrt(np.mean(e[both] ** 2))),
                    skill(e, r),
                    *interval(e, r),
                    _mean(done.score, name, s, at, targets),
                    _mean(done.within, name, s, at, targets),
                    skill(national(e), national(r)),
                    skill(deviation(e), deviation(r)),
                    *interval(deviation(e), deviation(r)),
                    done.best_naive[state],
                    skill(e, best[:, at]),
                    *interval(e, best[:, at]),
                    skill(e, stack[:, s, at]),
                    FEW_REGIONS if few else "",
                )
            )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.assign(best_naive=[done.best_naive[state] for state in table.observable])


def _no_interval(error: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    return np.nan, np.nan


def _kept(errors: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(origin, state, horizon, region) errors of the targets asked for, nan elsewhere."""
    return np.where(targets[:, None, :, None], errors, np.nan)


def _mean(of: Mapping[str, np.ndarray], name: str, s: int, at: slice, targets: np.ndarray) -> float:
    """Mean over the targets of an array (origin, state, region, horizon); nan for a forecaster without bands."""
    if name not in of:
        return np.nan
    x = np.where(targets[:, :, None], np.moveaxis(of[name][:, s], 1, 2), np.nan)[:, at]
    seen = x[np.isfinite(x)]
    return float(seen.mean()) if seen.size else np.nan
