"""Worlds of which the truth is known: panels that the core's own equations made."""

from __future__ import annotations

import numpy as np

from zhiyu.simulate import parameters
from zhiyu.simulate.core import grow
from zhiyu.simulate.now import Now
from zhiyu.simulate.observe import STATES, Observed

PRIORS = {parameter.name: parameter for parameter in parameters.core()}
START = {"platform": 5.0, "output": 9.0, "capital": 9.6, "hightech": 6.0, "software": 5.0, "carbon": 5.0}
SHARE = 0.45  # of output, invested


def ring(n: int) -> np.ndarray:
    """Regions in a ring, each with two neighbours."""
    return (np.roll(np.eye(n), 1, axis=1) + np.roll(np.eye(n), -1, axis=1)) / 2


def observed(x: np.ndarray, w: np.ndarray | None = None, states: tuple[str, ...] = STATES) -> Observed:
    """States (state, region, year) that are all real."""
    n, t = x.shape[1:]
    codes, years = tuple(f"{i:02d}" for i in range(n)), tuple(range(2001, 2001 + t))
    return Observed(states, x, np.isfinite(x), codes, years, ring(n) if w is None else w, {})


def truths(worlds: int, seed: int) -> dict[str, np.ndarray]:
    """(world,) parameters, drawn from their priors."""
    rng = np.random.default_rng(seed)
    return {name: p.mean + p.sd * rng.standard_normal(worlds) for name, p in PRIORS.items()}


def world(
    theta: dict[str, np.ndarray], regions: int = 31, years: int = 14, seed: int = 1, w: np.ndarray | None = None
) -> np.ndarray:
    """(world, state, region, year) logarithms that the equations made, with national and regional shocks."""
    rng = np.random.default_rng(seed)
    n = len(next(iter(theta.values())))
    shape = (n, 1, regions)
    weights = ring(regions) if w is None else w
    coefficients = {name: value[:, None, None] for name, value in theta.items()}
    drift = {state: 0.03 + 0.02 * rng.standard_normal((n, 1, 1)) for state in STATES}
    intercept = {state: mu + 0.01 * rng.standard_normal(shape) for state, mu in drift.items()}
    levels = {state: START.get(state, 0.0) + 0.5 * rng.standard_normal(shape) for state in STATES}
    levels["capital"] = levels["output"] + 0.6 + 0.1 * rng.standard_normal(shape)
    last = {state: 0.03 + 0.05 * rng.standard_normal(shape) for state in STATES}
    path = [levels]
    for _ in range(years - 1):
        shock = {s: 0.03 * rng.standard_normal((n, 1, 1)) + 0.06 * rng.standard_normal(shape) for s in STATES}
        now = Now(levels, last, weights)
        share = SHARE * np.exp(0.1 * rng.standard_normal(shape))
        last = grow(now, coefficients, intercept, share, shocks=shock)
        levels = {state: levels[state] + last[state] for state in STATES}
        path.append(levels)
    return np.array([[year[state][:, 0] for state in STATES] for year in path]).transpose(2, 1, 3, 0)
