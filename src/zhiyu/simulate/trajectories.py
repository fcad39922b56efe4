"""Trajectories of an ensemble, and what is said of them: differences from the baseline, with bands, never levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import xarray as xr

from zhiyu.simulate import satellite
from zhiyu.simulate.observe import STATES
from zhiyu.simulate.scenario import refuse_unknown

T = TypeVar("T", np.ndarray, xr.DataArray)
DIMS = ("draw", "scenario", "region", "time")
NATION = "nation"
BAND = ("low", "middle", "high")
# satellite states that are shown; compute is a ratio to the base year
SHOWN = tuple(state for state in satellite.STATES if state not in ("exposure", "use"))
SUMMED = frozenset({"telecom", "capital", "output", "hightech", "software", "carbon"})
PER_HEAD = frozenset({"researchers", "students", "patents", "papers", "mobile", "broadband", "platform"})
RATIOS = frozenset({*STATES, "compute"})  # whose difference is a share of the baseline; others' are points


@dataclass(frozen=True, eq=False)
class Trajectories:
    """Paths of every member.

    trajectories : variables (draw, scenario, region, time), the core's states in levels and the satellite's as they
        are, float32; nan where a region lacks the state
    baseline : the scenario that others are held against; heads : (region,) inhabitants of the base year
    rejected : share of the draws whose loops would explode, which were drawn anew
    """

    trajectories: xr.Dataset
    baseline: str
    heads: np.ndarray
    rejected: float

    def difference(self, scenario: str, level: float = 0.9) -> xr.Dataset:
        """Scenario against baseline, member by member: low, middle and high of a band of `level`.

        x / x0 - 1 for the core's states and compute, x - x0 for shares and indices.

        Returns
        -------
        the variables (band, region, time), and each as NAME:nation (band, time)

        Raises
        ------
        Refusal
            For a scenario that was not run.
        """
        found: dict[str, xr.DataArray] = {}
        for name in self.trajectories:
            with_, without = self.of(str(name), scenario), self.of(str(name), self.baseline)
            found[str(name)] = _band(apart(str(name), with_, without), level)
            both = (self.national(str(name), one) for one in (scenario, self.baseline))
            found[f"{name}:{NATION}"] = _band(apart(str(name), *both), level)
        return xr.Dataset(found)

    def of(self, name: str, scenario: str) -> xr.DataArray:
        """(draw, region, time) of one variable, in double precision."""
        refuse_unknown([scenario], [str(one) for one in self.trajectories.scenario.values])
        return self.trajectories[name].sel(scenario=scenario, drop=True).astype(float)

    def national(self, name: str, scenario: str) -> xr.DataArray:
        """(draw, time) of the nation: the sum, the mean by heads or by output, or the plain mean, as the state is made.

        Heads are those of the base year.
        """
        x = self.of(name, scenario)
        if name in SUMMED:
            return x.sum("region")
        weight = xr.ones_like(x)
        if name in PER_HEAD:
            weight = weight * xr.DataArray(self.heads, dims="region", coords={"region": x.region})
        elif name in ("data", "adoption") and "output" in self.trajectories:
            weight = self.of("output", scenario)
        weight = weight.where(x.notnull(), 0.0)
        return (x * weight).sum("region") / weight.sum("region")


def put(into: dict[str, np.ndarray], piece: Mapping[str, np.ndarray], low: int, high: int, total: int) -> None:
    """Copy a chunk, (time, draw, scenario, region) of the members from `low` to `high`, into arrays of all `total`.

    The first chunk makes the arrays, so that no more is held than the result and what is being copied.
    """
    if not into:
        into |= {name: np.empty((len(x), total, *x.shape[2:]), dtype=x.dtype) for name, x in piece.items()}
    for name, whole in into.items():
        whole[:, low:high] = piece[name]


def assembled(found: Mapping[str, np.ndarray], coordinates: Mapping[str, object]) -> xr.Dataset:
    """Variables (time, draw, scenario, region) as a dataset."""
    return xr.Dataset({name: (DIMS, np.moveaxis(x, 0, -1)) for name, x in found.items()}, coordinates)


def apart(name: str, with_: T, without: T) -> T:
    """Of two runs of a variable: x / x0 - 1 of a ratio (`RATIOS`), x - x0 of a share or index."""
    difference: T = with_ / without - 1 if name in RATIOS else with_ - without
    return difference


def tails(level: float) -> tuple[float, float, float]:
    """Quantiles of `BAND`: both ends of the central band of `level`, and the median between them."""
    return (1 - level) / 2, 0.5, (1 + level) / 2


def _band(x: xr.DataArray, level: float) -> xr.DataArray:
    bounds = np.quantile(x.values, tails(level), axis=0)
    dims = ("band", *(dim for dim in x.dims if dim != "draw"))
    return xr.DataArray(bounds, dims=dims, coords={"band": list(BAND), **_coordinates(x)})


def _coordinates(x: xr.DataArray) -> dict[str, xr.DataArray]:
    return {str(dim): x[dim] for dim in x.dims if dim != "draw"}
