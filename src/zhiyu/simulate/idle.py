"""Measures that change nothing: what they act on is not there, or only differences between regions would count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zhiyu.framework.rows import Measure
from zhiyu.simulate import model
from zhiyu.simulate.base import Base, base
from zhiyu.simulate.calibrate import Posterior
from zhiyu.simulate.members import Members, members
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.parameters import satellite as satellite_parameters
from zhiyu.simulate.scenario import Plan
from zhiyu.simulate.trajectories import SHOWN

EVERY = slice(None)
TRIED = 4  # members that a measure must move, of which one would do but for what is bounded at nought


def idle(
    observed: Observed, posterior: Posterior, plan: Plan, measures: Sequence[Measure], seed: int = 0
) -> dict[str, tuple[str, ...]]:
    """Scenario -> the ids of its measures without which every variable is the same to the last bit.

    Each scenario is run with all its measures and without each, by a few members and without their shocks.
    """
    start = base(observed, posterior)
    some = members(posterior, satellite_parameters(), TRIED, seed)
    found = {}
    for s, name in enumerate(plan.names):
        used = np.flatnonzero(plan.levels[s].any(axis=(0, 1))).tolist()
        if used:
            moved = _moves(start, some, _without(plan, s, used), measures)
            found[name] = tuple(measures[k].id for k, moves in zip(used, moved, strict=True) if not moves)
    return {name: ids for name, ids in found.items() if ids}


def _without(plan: Plan, s: int, used: list[int]) -> Plan:
    """The s-th scenario, and it without each of the measures."""
    levels = np.repeat(plan.levels[[s]], 1 + len(used), axis=0)
    levels[np.arange(len(used)) + 1, ..., used] = 0.0
    names = (plan.names[s], *(plan.measures[k] for k in used))
    shocks = {state: np.repeat(size[[s]], len(levels), axis=0) for state, size in plan.shocks.items()}
    return replace(plan, names=names, labels=plan.labels[:1] * len(names), levels=levels, shocks=shocks)


def _moves(start: Base, some: Members, plan: Plan, measures: Sequence[Measure]) -> np.ndarray:
    """(scenario - 1,) whether each scenario after the first differs from it, in anything that is shown."""
    years = len(plan.years)
    prepared = model.prepare(start, some, plan.policy(measures), years, plan.shocks, shocks=False)
    shape = (some.n, len(plan.names), len(start.codes))
    found: np.ndarray = np.zeros(len(plan.names) - 1, dtype=bool)
    for state in model.run(prepared, years):
        shown = {name: x for name, x in state.memory.items() if name in SHOWN}
        for name, numbers in {**state.levels, **shown}.items():
            x = np.broadcast_to(numbers, shape)[..., start.there.get(name, EVERY)]
            found |= (x[:, 1:] != x[:, :1]).any(axis=(0, 2))
    return found
