"""What a report says of scenarios beyond their bands: where they differ, how sure the sign is, and what carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from zhiyu.explain.claims.question import Implied
from zhiyu.simulate import implied, loops, model, satellite
from zhiyu.simulate.base import base
from zhiyu.simulate.implied import Governed, World
from zhiyu.simulate.members import Members, members, normals
from zhiyu.simulate.parameters import satellite as satellite_parameters
from zhiyu.simulate.scenario import Plan
from zhiyu.simulate.simulation import Simulation
from zhiyu.simulate.trajectories import BAND, RATIOS, Trajectories, apart, tails
from zhiyu.simulate.warm_data import Profile, profile, warm_data

OUTCOMES = ("output", "patents", "adoption", "data", "carbon", "incidents", "mismatch")  # that are asked what carries
MEMBERS = 1000  # behind a claim and the ranking of what drives
CUT = 200  # of them for a knock-out
SPREAD = 50  # of them for the same under every scenario
MOVED = ("output", "carbon")  # that are asked what moves them under every scenario
CROSSED = 128  # of each sample of the shares of variance


@dataclass(frozen=True, eq=False)
class Carried:
    """regions : (scenario, outcome, band, region) difference in the last year; signs : (scenario, outcome) share of
    the members whose national difference has the median's sign; pace : (outcome, band, time) yearly growth of the
    nation in the baseline; widest : the scenario that does most, of which `cut` and `drivers` are; claims : what is
    implied of claims; profile, governed : behind C07 and C24, None where the study lacks their states; tables : columns
    of the frames below.
    """

    regions: xr.DataArray
    signs: xr.DataArray
    pace: xr.DataArray
    widest: str
    claims: Mapping[str, Implied]
    profile: Profile | None
    governed: Governed | None
    tables: Mapping[str, Mapping[str, tuple[Any, ...]]]

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Groups of parameters by the variance of each effect that they carry, see `loops.variance_shares`."""
        return pd.DataFrame(self.tables["shares"])

    @cached_property
    def cut(self) -> pd.DataFrame:
        """Couplings frozen one by one, see `loops.knock_outs`."""
        return pd.DataFrame(self.tables["cut"])

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Measures and the satellite's couplings frozen one by one under every scenario, see `loops.knock_outs`."""
        return pd.DataFrame(self.tables["moves"])

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """Parameters by how far each effect follows them, see `loops.drivers`."""
        return pd.DataFrame(self.tables["drivers"])


def carried(of: Simulation) -> Carried:
    """What a report asks of a simulation; runs all its members again, and some of them many times."""
    paths, level = of.paths, of.hindcast.level
    start = base(of.observed, of.stability.posterior, paths.heads)
    some = members(of.stability.posterior, satellite_parameters(), MEMBERS, of.hindcast.seed)
    years = len(of.plan.years)
    world = World(start, some, years)
    claims: dict[str, Implied] = {}
    judged, ruled = profile(of.observed), implied.foresight(world)
    if judged is not None:
        claims["C07"] = warm_data(judged)
    parts = {"C21": implied.rebound(world), "C22": implied.mismatch(world)}
    claims |= {name: found for name, found in parts.items() if found is not None}
    if ruled is not None:
        claims["C24"] = ruled[0]
    asked = _asked(start.levels, paths)
    question = loops.Question(start, of.plan.policy(of.measures), years)
    shares = loops.variance_shares(question, of.stability.posterior, asked, CROSSED, of.hindcast.seed)
    s = 1 + int(np.argmax(of.plan.levels[1:].sum(axis=(1, 2, 3)))) if len(of.plan.names) > 1 else 0
    widest = of.plan.names[s]
    alone = replace(question, policy=_only(of.plan, s).policy(of.measures))
    frames = {
        "shares": shares,
        "cut": loops.knock_outs(alone, some.take(np.arange(min(CUT, some.n))), asked),
        "moves": _moves(question, some.take(np.arange(min(SPREAD, some.n))), asked),
        "drivers": _drivers(alone, some, asked),
    }
    normals.cache_clear()  # hundreds of regions fill hundreds of megabytes
    return Carried(
        _regions(paths, level),
        _signs(paths),
        _pace(paths, level),
        widest,
        claims,
        judged,
        None if ruled is None else ruled[1],
        {name: {str(key): tuple(column.tolist()) for key, column in frame.items()} for name, frame in frames.items()},
    )


def _only(plan: Plan, s: int) -> Plan:
    """The baseline and the s-th scenario."""
    kept = sorted({0, s})
    return replace(
        plan,
        names=tuple(plan.names[k] for k in kept),
        labels=tuple(plan.labels[k] for k in kept),
        levels=plan.levels[kept],
        shocks={state: size[kept] for state, size in plan.shocks.items()},
    )


def _asked(levels: Mapping[str, np.ndarray], paths: Trajectories) -> tuple[str, ...]:
    there = {str(name) for name in paths.trajectories.data_vars}
    return tuple(name for name in OUTCOMES if name in there and (name in levels or name in satellite.STATES))


def _moves(question: loops.Question, some: Members, asked: Sequence[str]) -> pd.DataFrame:
    moved = [name for name in MOVED if name in asked]
    return loops.knock_outs(question, some, moved, {*satellite.COUPLINGS, *model.LEVERS})


def _drivers(question: loops.Question, some: Members, asked: tuple[str, ...]) -> pd.DataFrame:
    found = question.outcomes(some, asked)
    if not asked:
        return loops.drivers(some, np.zeros(some.n)).assign(outcome="").iloc[:0]
    tables = [loops.drivers(some, found[name][:, -1] - found[name][:, 0]).assign(outcome=name) for name in asked]
    return pd.concat(tables, ignore_index=True)


def _regions(of: Trajectories, level: float) -> xr.DataArray:
    names, scenarios = _names(of)
    region = of.trajectories.region
    found = np.full((len(scenarios), len(names), len(BAND), len(region)), np.nan)
    for k, name in enumerate(names):
        last = of.trajectories[name].isel(time=-1).transpose("scenario", "draw", "region").values.astype(float)
        for s, scenario in enumerate(scenarios):
            moved = apart(name, last[_at(of, scenario)], last[_at(of, of.baseline)])
            found[s, k] = np.quantile(moved, tails(level), axis=0)
    coordinates = {"scenario": scenarios, "outcome": names, "band": list(BAND), "region": region}
    return xr.DataArray(found, coordinates, tuple(coordinates))


def _signs(of: Trajectories) -> xr.DataArray:
    names, scenarios = _names(of)
    found = np.full((len(scenarios), len(names)), np.nan)
    for k, name in enumerate(names):
        without = of.national(name, of.baseline).isel(time=-1).values
        for s, scenario in enumerate(scenarios):
            moved = apart(name, of.national(name, scenario).isel(time=-1).values, without)
            found[s, k] = (np.sign(moved) == np.sign(np.median(moved))).mean()
    return xr.DataArray(found, {"scenario": scenarios, "outcome": names}, ("scenario", "outcome"))


def _pace(of: Trajectories, level: float) -> xr.DataArray:
    names, _ = _names(of)
    kept = [name for name in names if name in RATIOS]
    grown = []
    for name in kept:
        x = of.national(name, of.baseline).transpose("draw", "time").values
        grown.append(np.quantile(x[:, 1:] / x[:, :-1] - 1, tails(level), axis=0))
    coordinates = {"outcome": kept, "band": list(BAND), "time": of.trajectories.time.values[1:]}
    return xr.DataArray(np.array(grown), coordinates, tuple(coordinates))


def _names(of: Trajectories) -> tuple[list[str], list[str]]:
    scenarios = [str(name) for name in of.trajectories.scenario.values if str(name) != of.baseline]
    return [str(name) for name in of.trajectories.data_vars], scenarios


def _at(of: Trajectories, scenario: str) -> int:
    return [str(name) for name in of.trajectories.scenario.values].index(scenario)
