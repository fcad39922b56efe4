"""What each forecaster would have said at a past year, from what was known by then, and what came after."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from zhiyu.simulate.calibrate import Posterior
from zhiyu.simulate.core import forecast as run_core
from zhiyu.simulate.naive import NAIVE
from zhiyu.simulate.observe import COUPLINGS, Observed
from zhiyu.simulate.stack import stacked

REFERENCE, NAIVE_STACK, CORE, SHOWN = "drift", "naive_stack", "core", "stack"
WITHOUT = "core_without_"  # core_without_dual_wheel ..., core_without_couplings


def outcomes(observed: Observed, origins: Sequence[int], horizon: int) -> np.ndarray:
    """(origin, state, region, horizon) what was observed in the target years; nan where it was not, or only bridged."""
    x = np.where(observed.real, observed.x, np.nan)
    ahead = np.full((*x.shape[:2], horizon), np.nan)
    padded = np.concatenate([x, ahead], axis=2)
    start = [observed.years.index(origin) + 1 for origin in origins]
    return np.stack([padded[:, :, t : t + horizon] for t in start])


def at_origin(
    observed: Observed, origin: int, horizon: int, fit: Callable[..., Posterior], knock_outs: bool = True
) -> dict[str, np.ndarray]:
    """Forecaster -> (state, region, horizon) from what was known by `origin`: naive, core, core less couplings."""
    known = observed.cut(origin)
    x = np.full((len(observed.states), len(observed.codes), len(known.years)), np.nan)
    rows = [observed.states.index(state) for state in known.states]
    x[rows] = np.where(known.real, known.x, np.nan)
    found = {name: forecaster(x, horizon) for name, forecaster in NAIVE.items()}
    some = np.isfinite(found[REFERENCE])
    off: dict[str, frozenset[str]] = {CORE: frozenset()}
    if knock_outs:
        off |= {f"{WITHOUT}{logic}": frozenset(terms) for logic, terms in COUPLINGS.items()}
        off[f"{WITHOUT}couplings"] = frozenset().union(*COUPLINGS.values())
    for name, couplings in off.items():
        whole = np.full(some.shape, np.nan)
        if rows:  # a study's states may begin after its first years
            whole[rows] = run_core(known, fit(known, off=couplings), horizon, shocks=False)[:, 0]
        found[name] = np.where(some, whole, np.nan)
    return {name: observed.held(x) for name, x in found.items()}


def known_errors(points: np.ndarray, outcome: np.ndarray, origins: Sequence[int], k: int) -> np.ndarray:
    """(..., k, state, region, horizon) errors of the origins before the k-th, of targets known by then."""
    year = np.array(origins)[:k, None] + np.arange(1, outcome.shape[-1] + 1)
    known = (year <= origins[k])[:, None, None, :]
    return np.where(known, points[..., :k, :, :, :] - outcome[:k], np.nan)


def stacked_at(
    members: Sequence[np.ndarray], centre: np.ndarray, outcome: np.ndarray, origins: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """(origin, state, region, horizon) stack of m members of that shape, and its weights (m, origin, state)."""
    points = np.stack(members)
    found = [stacked(points[:, k], known_errors(points, outcome, origins, k), centre) for k in range(len(origins))]
    return np.stack([point for point, _ in found]), np.stack([weight for _, weight in found], axis=1)
