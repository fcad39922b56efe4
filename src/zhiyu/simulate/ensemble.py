"""The ensemble: all members under all scenarios, in chunks, here or by workers, with the same figures."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu import workers as labour
from zhiyu.framework import load
from zhiyu.framework.rows import Measure
from zhiyu.simulate import model
from zhiyu.simulate.arguments import whole
from zhiyu.simulate.base import Base, base
from zhiyu.simulate.calibrate import Posterior
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.meaning import as_shown
from zhiyu.simulate.members import Members, members
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.parameters import satellite as satellite_parameters
from zhiyu.simulate.scenario import Plan
from zhiyu.simulate.trajectories import SHOWN, Trajectories, assembled, put
from zhiyu.terms import NOWHERE, Place, Refusal, suggestion

CELLS = 2**13  # members x scenarios x regions that are computed at once: an array stays in the processor's cache
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
        there is not, no draw at all or more than the machine's memory holds, if hardly any draw is stable, and for
        levels that pass what single precision holds.
    """
    check_draws(draws)
    start = base(observed, posterior, heads)
    if (plan.base_year, plan.codes) != (start.year, start.codes):
        raise Refusal("plan_other", planned=plan.base_year, last=start.year)
    names, years = variables(start, kept, alone), len(plan.years)
    check_memory(draws, len(plan.names) * len(plan.codes) * (years + 1) * len(names))
    drawn = members(posterior, satellite_parameters(), draws, seed)
    asked = plan.policy(measures or load().measures)
    ask = Ask(start, drawn, asked, plan.shocks, years, frozenset(off), alone, shocks, names)
    joined = _joined(ask, workers, cluster, found, keep, told)
    coordinates = {
        "draw": np.arange(draws),
        "scenario": list(asked.ids),
        "region": list(start.codes),
        "time": [start.year, *plan.years],
    }
    shown = as_shown(assembled(joined, coordinates), observed, seed)
    return Trajectories(shown, asked.ids[0], start.heads, drawn.rejected)


def check_draws(draws: int) -> None:
    """Raises Refusal unless it is a whole number above nought."""
    if not whole(draws) or draws < 1:
        raise Refusal("members_few", draws=draws)


def check_memory(draws: int, cells: int, place: Place = NOWHERE) -> None:
    """Raises Refusal for members whose trajectories, of so many cells each, this machine's memory does not hold."""
    need, there = cells * np.dtype(np.float32).itemsize, memory()
    if draws * need > there:
        sizes = {name: f"{size / 2**30:,.1f}" for name, size in (("need", draws * need), ("has", there))}
        raise Refusal("members_many", place, draws=draws, most=int(there // need), **sizes)


def memory() -> float:
    """Bytes of memory that this machine has; infinite where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return math.inf


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
    states = model.run(prepared, ask.years)
    for t in range(ask.years + 1):
        try:
            with np.errstate(over="raise", divide="raise"):
                state = next(states)
                for name in out:
                    # a level of nought could not be compared with another; an index may come as near to it as it will
                    with np.errstate(under="raise" if name in state.levels else "ignore"):
                        out[name][t] = _shown(name, state)
        except FloatingPointError as trouble:
            raise Refusal("trajectory_unbounded", year=ask.base.year + t) from trouble
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


def _joined(
    ask: Ask,
    workers: int,
    cluster: str,
    found: Callable[[str], Piece | None] | None,
    keep: Callable[[str, Piece], None] | None,
    told: Callable[[int, int], None] | None,
) -> Piece:
    """variable -> (time, draw, scenario, region) of all members."""
    size = max(1, CELLS // (len(ask.policy.ids) * len(ask.base.codes)))
    total = ask.members.n
    tasks = {f"{low}-{min(low + size, total)}": (low, min(low + size, total)) for low in range(0, total, size)}
    joined: Piece = {}
    done = 0

    def before(name: str) -> Piece | None:
        piece = found(name) if found is not None else None
        if piece is None:
            return None
        put(joined, piece, *tasks[name], total)
        return {}

    def kept(name: str, piece: Piece) -> None:
        nonlocal done
        done += tasks[name][1] - tasks[name][0]
        if keep is not None:
            keep(name, dict(piece))
        put(joined, piece, *tasks[name], total)
        piece.clear()  # `mapped` holds all results to the end, which would be the whole a second time
        if told is not None:
            told(done, total)

    labour.mapped(chunk, ask, tasks, workers, cluster, before, kept)
    return joined
