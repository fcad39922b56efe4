"""The ensemble: all members under all scenarios, in chunks, here or by workers, with the same figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu import workers as labour
from zhiyu.framework import load
from zhiyu.framework.rows import Measure
from zhiyu.simulate import model
from zhiyu.simulate.base import Base, base
from zhiyu.simulate.calibrate import Posterior
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.members import Members, members
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.parameters import satellite as satellite_parameters
from zhiyu.simulate.scenario import Plan
from zhiyu.simulate.trajectories import SHOWN, Trajectories, assembled
from zhiyu.terms import Refusal, suggestion

CELLS = 2**14  # members x scenarios x regions that are computed at once: an array stays in the processor's cache
Piece = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Ask:
    """What all chunks share: the base year, all members, scenarios and the shocks they state (scenario, year, region),
    years to go, what is off, and what is kept."""

    base: Base
    members: Members
    policy: Policy
    shifts: Mapping[str, np.ndarray]
    years: int
    off: frozenset[str]
    alone: bool
    shocks: bool
    kept: tuple[str, ...]


def simulate(
    observed: Observed,
    posterior: Posterior,
    plan: Plan,
    *,
    draws: int = 1000,
    seed: int = 0,
    heads: np.ndarray | None = None,
    measures: Sequence[Measure] | None = None,
    off: Collection[str] = (),
    alone: bool = False,
    shocks: bool = True,
    kept: Sequence[str] | None = None,
    workers: int = 1,
    cluster: str = "",
    found: Callable[[str], Piece | None] | None = None,
    keep: Callable[[str, Piece], None] | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Trajectories:
    """All members under the baseline and all scenarios, from the last observed year to the plan's last.

    A member has the same parameters and shocks in every scenario. Figures hang on the seed, the number of draws and the
    question alone, not on chunks or workers.

    Parameters
    ----------
    heads : (region,) inhabitants in the last observed year; off : couplings that stay as in the base year; alone : the
        core without satellite and levers; kept : variables that are wanted, None = all; found, keep : pieces of a run
        before, by name (see `workers.mapped`); told : is told how many members of how many are done

    Raises
    ------
    Refusal
        For a plan that does not go on from the last observed year or is for other regions, a variable or coupling that
        there is not, and if hardly any draw is stable.
    """
    start = base(observed, posterior, heads)
    if (plan.base_year, plan.codes) != (start.year, start.codes):
        raise Refusal("plan_other", planned=plan.base_year, last=start.year)
    drawn = members(posterior, satellite_parameters(), draws, seed)
    asked, years = plan.policy(measures or load().measures), len(plan.years)
    names = variables(start, kept, alone)
    ask = Ask(start, drawn, asked, plan.shocks, years, frozenset(off), alone, shocks, names)
    pieces = _pieces(ask, workers, cluster, found, keep, told)
    coordinates = {
        "draw": np.arange(draws),
        "scenario": list(asked.ids),
        "region": list(start.codes),
        "time": [start.year, *plan.years],
    }
    return Trajectories(assembled(pieces, coordinates), asked.ids[0], start.heads, drawn.rejected)


def variables(start: Base, kept: Sequence[str] | None, alone: bool) -> tuple[str, ...]:
    """The variables of a run: all there are, or those that are wanted of them."""
    there = (*start.levels, *(() if alone else SHOWN))
    for name in kept or ():
        if name not in there:
            raise Refusal("unknown_trajectory", name=name, known=", ".join(there), hint=suggestion(name, there))
    return there if kept is None else tuple(name for name in there if name in kept)


def chunk(ask: Ask, bounds: tuple[int, int]) -> Piece:
    """variable -> (time, draw, scenario, region) of the members from bounds[0] to bounds[1], in single precision."""
    some = ask.members.take(np.arange(*bounds))
    prepared = model.prepare(
        ask.base, some, ask.policy, ask.years, ask.shifts, shocks=ask.shocks, off=ask.off, alone=ask.alone
    )
    shape = (ask.years + 1, some.n, len(ask.policy.ids), len(ask.base.codes))
    out = {name: np.empty(shape, dtype=np.float32) for name in ask.kept}
    for t, state in enumerate(model.run(prepared, ask.years)):
        for name in out:
            out[name][t] = _shown(name, state)
    for name, there in ask.base.there.items():
        if name in out and not there.all():
            out[name][..., ~there] = np.nan
    return {name: x for name, x in out.items() if name not in SHOWN or np.isfinite(x).any()}


def _shown(name: str, state: model.State) -> np.ndarray:
    if name in state.levels:
        return np.asarray(np.exp(state.levels[name]))
    if name == "compute":
        return np.asarray(np.exp(state.memory[name]))
    return np.asarray(state.memory.get(name, np.nan))


def _pieces(
    ask: Ask,
    workers: int,
    cluster: str,
    found: Callable[[str], Piece | None] | None,
    keep: Callable[[str, Piece], None] | None,
    told: Callable[[int, int], None] | None,
) -> list[Mapping[str, np.ndarray]]:
    size = max(1, CELLS // (len(ask.policy.ids) * len(ask.base.codes)))
    total = ask.members.n
    tasks = {f"{low}-{min(low + size, total)}": (low, min(low + size, total)) for low in range(0, total, size)}
    done = 0

    def kept(name: str, piece: Piece) -> None:
        nonlocal done
        done += tasks[name][1] - tasks[name][0]
        if keep is not None:
            keep(name, piece)
        if told is not None:
            told(done, total)

    return list(labour.mapped(chunk, ask, tasks, workers, cluster, found, kept).values())
