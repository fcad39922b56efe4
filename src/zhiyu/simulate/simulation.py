"""A simulation as a whole: paths under every scenario, the skill behind them, and what they differ by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from zhiyu.data.panel import Panel
from zhiyu.framework.rows import Measure
from zhiyu.simulate.hindcast import Hindcast
from zhiyu.simulate.idle import idle
from zhiyu.simulate.observe import Column, Observed
from zhiyu.simulate.scenario import Plan
from zhiyu.simulate.stability import Stability
from zhiyu.simulate.trajectories import BAND, NATION, RATIOS, Trajectories, apart, tails
from zhiyu.terms import Label, Place, Refusal

GAP = "gap"
PARTS = (NATION, GAP)  # of an outcome: the nation's value, and the standard deviation of logarithms between regions


@dataclass(frozen=True, eq=False)
class Compared:
    """Scenarios against the baseline, member by member.

    differences : (scenario, outcome, part, band, time), of the nation a share of the baseline or, for indices, points;
    of the gap between regions log points. rejected : share of draws that were unstable, and drawn anew.
    """

    differences: xr.DataArray
    rejected: float


@dataclass(frozen=True, eq=False)
class Simulation:
    """What a study's model says, and how far it can be trusted.

    columns : what stands for each state; draws : members under each scenario; run : runs them all, the same each time
    """

    plan: Plan
    hindcast: Hindcast
    stability: Stability
    compared: Compared
    observed: Observed
    columns: Sequence[Column]
    measures: Sequence[Measure]
    draws: int
    run: Callable[[], Trajectories] = field(repr=False)

    @cached_property
    def paths(self) -> Trajectories:
        """All members under all scenarios, run when first asked for."""
        return self.run()

    @property
    def trajectories(self) -> xr.Dataset:
        """Variables (draw, scenario, region, time): the core's states in levels, the satellite's as they are."""
        return self.paths.trajectories

    @property
    def skill(self) -> pd.DataFrame:
        """A row an observable and horizon: RMSE skill with its interval, CRPS, coverage.

        Horizon 0 is no year but all horizons together: take `skill[skill.horizon == 0]`, or those above 0, never a mean
        over both. `reason` says what a row lacks: "no_target" or, without intervals, "few_regions".
        """
        return self.hindcast.skill

    @cached_property
    def posterior(self) -> pd.DataFrame:
        """A row a coefficient: prior against posterior, contraction, stability of its sign."""
        return self.stability.tidy()

    @property
    def silent(self) -> Mapping[str, Label]:
        """State -> why the model does without it."""
        return self.observed.silent

    @cached_property
    def idle(self) -> Mapping[str, tuple[str, ...]]:
        """Scenario -> its measures that change nothing, see `idle.idle`."""
        return idle(self.observed, self.stability.posterior, self.plan, self.measures, self.hindcast.seed)

    def tidy(self) -> pd.DataFrame:
        """A row a scenario, outcome, part and year after the base year: the band of the difference."""
        found = self.compared.differences.sel(time=list(self.plan.years))
        rows = found.transpose("scenario", "outcome", "part", "time", "band").values.reshape(-1, len(BAND))
        places = pd.MultiIndex.from_product(
            [found[name].values for name in ("scenario", "outcome", "part", "time")],
            names=["scenario", "outcome", "part", "year"],
        )
        return pd.DataFrame(rows, places, list(BAND)).dropna().reset_index()

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that a run writes, by name."""
        return {"differences": self.tidy(), "skill": self.skill, "posterior": self.posterior}


def compare(of: Trajectories, level: float) -> Compared:
    """Every scenario against the baseline, with bands of `level`."""
    data = of.trajectories
    names, every = [str(name) for name in data.data_vars], [str(name) for name in data.scenario.values]
    scenarios = [name for name in every if name != of.baseline]
    found = np.full((len(scenarios), len(names), len(PARTS), len(BAND), data.sizes["time"]), np.nan)
    for k, name in enumerate(names):
        nation = {scenario: of.national(name, scenario).transpose("draw", "time").values for scenario in every}
        gap = {scenario: _gap(of.of(name, scenario)) for scenario in every} if name in RATIOS else {}
        base = nation[of.baseline]
        for s, scenario in enumerate(scenarios):
            found[s, k, 0] = np.quantile(apart(name, nation[scenario], base), tails(level), axis=0)
            if gap:
                found[s, k, 1] = np.quantile(gap[scenario] - gap[of.baseline], tails(level), axis=0)
    told = np.array(scenarios, dtype=str)  # also where there is none
    coordinates = {"scenario": told, "outcome": names, "part": list(PARTS), "band": list(BAND), "time": data.time}
    return Compared(xr.DataArray(found, coordinates, tuple(coordinates)), of.rejected)


def heads(panel: Panel, formula: str, observed: Observed) -> np.ndarray | None:
    """(region,) inhabitants by a formula, in the last year up to the last observed that has all; None for no formula.

    Raises
    ------
    Refusal
        If no year has all of them above zero, or the formula is none.
    """
    if not formula:
        return None
    place = Place(file="study.toml", key="[simulate] heads")
    try:
        every = panel.compute(formula)
    except Refusal as refusal:
        raise refusal.at(place) from refusal
    found = every[[panel.codes.index(code) for code in observed.codes]]
    whole = [t for t, year in enumerate(panel.years) if year <= observed.years[-1] and (found[:, t] > 0).all()]
    if not whole:
        raise Refusal("heads_incomplete", place, formula=formula)
    return np.asarray(found[:, whole[-1]])


def _gap(x: xr.DataArray) -> np.ndarray:
    """(draw, time) standard deviation of ln x over the regions that have it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(x.transpose("draw", "time", "region").values)
    there = np.isfinite(log).all(axis=(0, 1))
    return np.asarray(np.std(log[..., there], axis=-1))
