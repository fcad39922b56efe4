"""The model run forward: satellite, levers and core, a year at a time, over (draw, scenario, region)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from zhiyu.simulate import channels, satellite
from zhiyu.simulate.base import Base
from zhiyu.simulate.calibrate import INVESTMENT
from zhiyu.simulate.channels import Policy
from zhiyu.simulate.core import grow, shares
from zhiyu.simulate.equations import CORE, Array
from zhiyu.simulate.members import Members
from zhiyu.simulate.parameters import core as core_parameters
from zhiyu.simulate.present import Present
from zhiyu.terms import Refusal, suggestion

Numbers = Mapping[str, Array]
Found = dict[str, Array]
LEVERS = tuple(channel.id for channel in channels.channels())
CORE_COUPLINGS = tuple(p.name for p in core_parameters() if p.name != "capital_depreciation")
NAMES = (*CORE_COUPLINGS, *satellite.COUPLINGS, *LEVERS)  # all that can be switched off


@dataclass(frozen=True, eq=False)
class State:
    """The model at the start of a year: arrays (draw, scenario, region), or what broadcasts to them.

    levels : core state -> logarithm; last : growth of the year before; memory : of the satellite, empty without it;
    sums : channel -> what its measures come to so far; kept : what has been computed of `levels` already
    """

    levels: Numbers
    last: Numbers
    memory: Numbers
    sums: Numbers
    kept: dict[tuple[str, ...], Array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Run:
    """What stays the same through a run.

    p : parameter -> (draw, 1, 1), 0 for one of the core that is off; theta : those whose terms are on; held : core
    state -> growth by terms that are off, which stay as in the base year; intercept : state -> (draw, 1, region);
    share : (year, draw, 1, region) invested, None without capital; shocks : state -> (year, draw, 1, region) of the
    members; shifts : state -> (year, 1, scenario, region) of the scenarios; alone : without satellite and levers;
    xp : numpy or jax.numpy
    """

    base: Base
    policy: Policy
    p: Numbers
    theta: Numbers
    held: Numbers
    intercept: Numbers
    share: Array | None
    shocks: Numbers
    shifts: Numbers
    off: frozenset[str]
    alone: bool
    xp: Any


def prepare(
    base: Base,
    members: Members,
    policy: Policy,
    years: int,
    shifts: Numbers | None = None,
    *,
    shocks: bool = True,
    off: Collection[str] = (),
    alone: bool = False,
    xp: Any = np,
) -> Run:
    """What a run needs, drawn and sized.

    A coupling that is off stays as it was in the base year: a term of the core is frozen there, one of the satellite or
    of the levers is nought then. So its loop is cut, and the intercepts need no other calibration.

    Raises
    ------
    Refusal
        For a coupling to be switched off that there is not.
    """
    for name in off:
        if name not in NAMES:
            raise Refusal("unknown_coupling", name=name, known=", ".join(NAMES), hint=suggestion(name, NAMES))
    drawn = members.draws.theta | members.assumed
    theta = {name: xp.asarray(x[:, None, None]) for name, x in drawn.items()}
    intercept = {state: xp.asarray(x[:, None, :]) for state, x in members.draws.intercept.items()}
    shaken = members.shocks(years) if shocks else {}
    share = None
    if INVESTMENT in members.draws.intercept:
        found = shares(base.observed, members.draws, base.depreciation, years, shaken.get(INVESTMENT))
        share = xp.asarray(found)
    return Run(
        base,
        policy,
        _unseen(theta) | {name: 0.0 * x if name in off and name in CORE_COUPLINGS else x for name, x in theta.items()},
        {name: x for name, x in theta.items() if name not in off},
        _held(base, theta, frozenset(off)),
        intercept,
        share,
        {state: xp.asarray(x) for state, x in shaken.items()},
        {state: xp.asarray(x.swapaxes(0, 1)[:, None]) for state, x in (shifts or {}).items() if x.any()},
        frozenset(off),
        alone,
        xp,
    )


def run(prepared: Run, years: int) -> Iterator[State]:
    """The model in the base year and in each of the `years` after it."""
    state = begin(prepared)
    yield state
    for year in range(years):
        state = step(prepared, state, year)
        yield state


def begin(of: Run) -> State:
    """The base year."""
    levels, last = (
        {k: of.xp.asarray(x)[None, None] for k, x in part.items()} for part in (of.base.levels, of.base.last)
    )
    if of.alone:
        return State(levels, last, {}, {})
    sums = {k: 0.0 * of.xp.asarray(x) * of.p["policy_lag"] for k, x in of.policy.sums.items() if k not in of.off}
    state = State(levels, last, {}, sums)
    return replace(state, memory=satellite.start(_present(of, state, 0, sums), of.p))


def step(of: Run, state: State, year: int) -> State:
    """The year after `year`, which is counted from the base year: the core grows, then the satellite follows."""
    sums = _ramped(of, state.sums, year + 1)
    present = _present(of, state, year, sums)
    couplings = None if of.alone else satellite.couple(present, state.memory, of.p)
    multipliers, additions, pulls = _moved(of, couplings)
    theta, share = of.theta, None if of.share is None else of.share[year]
    for name, x in of.shifts.items():
        additions[name] = additions.get(name, 0.0) + x[year]
    if "capital" in additions and share is not None:  # an identity has no room for added growth but in its own terms
        kept = (1 - theta["capital_depreciation"]) * of.xp.exp(additions["capital"])
        theta = {**theta, "capital_depreciation": 1 - kept}
        share = share * of.xp.exp(additions["capital"])
    shocks = {name: x[year] for name, x in of.shocks.items()}
    ceilings = of.base.observed.ceilings
    movers = {name: partial(present.redistributed, name, pull) for name, pull in pulls.items()}
    growth = grow(present, theta, of.intercept, share, multipliers, additions, shocks, ceilings, movers)
    levels = {name: x + growth[name] for name, x in state.levels.items()}
    last = growth | present.stayed  # who has moved is no growth that would carry on
    after = State(_mended(present, levels), _mended(present, last), state.memory, sums)
    if of.alone:
        return after
    return replace(after, memory=satellite.advance(_present(of, after, year + 1, sums), state.memory, of.p))


def _present(of: Run, state: State, year: int, sums: Numbers) -> Present:
    effects = channels.effects(sums, of.xp)
    before = effects if sums is state.sums else channels.effects(state.sums, of.xp)
    return Present(
        state.levels,
        state.last,
        of.base.observed.w,
        xp=of.xp,
        base=of.base,
        years=year,
        levers=effects,
        levers_before=before,
        kept=state.kept,
    )


def _ramped(of: Run, sums: Numbers, year: int) -> Numbers:
    lag, calendar = of.p["policy_lag"], of.base.year + year
    return {
        channel: channels.ramped(x, of.xp.asarray(of.policy.aim(channel, calendar)), lag, of.xp)
        for channel, x in sums.items()
    }


def _moved(of: Run, couplings: satellite.Couplings | None) -> tuple[Found, Found, Found]:
    """Factors by core parameter, added growth and pulls on heads by core state, of the couplings that are on."""
    multipliers: Found = {}
    additions: Found = dict(of.held)
    pulls: Found = {}
    if couplings is None:
        return multipliers, additions, pulls
    for name, (parameter, factor) in couplings.multipliers.items():
        if name not in of.off:
            multipliers[parameter] = multipliers.get(parameter, 1.0) * factor
    for name, (state, added) in couplings.additions.items():
        if name not in of.off:
            additions[state] = additions.get(state, 0.0) + added
    for name, (state, pull) in couplings.pulls.items():
        if name not in of.off:
            # only differences move anybody: a pull that is the same everywhere is nought to the last bit
            pulls[state] = pulls.get(state, 0.0) + (pull - of.xp.max(pull, axis=-1, keepdims=True))
    return multipliers, additions, pulls


def _mended(present: Present, numbers: Numbers) -> dict[str, Array]:
    return {state: present.mended(state, x) if state in present.base.gappy else x for state, x in numbers.items()}


def _unseen(theta: Numbers) -> Found:
    """Prior means of the core's parameters that the study lacks the columns for: levers may act through them."""
    return {p.name: p.mean for p in core_parameters() if p.name not in theta and p.mean is not None}


def _held(base: Base, theta: Numbers, off: frozenset[str]) -> dict[str, Array]:
    """Growth by the core's terms that are off: at the base year's levels, and at the nation's pace of growth."""
    if off.isdisjoint(CORE_COUPLINGS):
        return {}
    pace = {state: np.full(len(base.codes), base.paces[state]) for state in base.levels}
    year = Present(dict(base.levels), pace, base.observed.w, dict(pace), base=base)
    found: dict[str, Array] = {}
    for state in base.levels:
        for name, term in CORE[state](year).items() if state in CORE else ():
            if name in off and name in theta:
                found[state] = found.get(state, 0.0) + theta[name] * term
    return found
