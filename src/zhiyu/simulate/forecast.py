"""Draws of the years ahead, in the units of a study, from what its data knew by a year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr

from zhiyu.data.neighbours import Neighbours
from zhiyu.data.panel import Panel
from zhiyu.simulate.hindcast import HORIZON, drawn_at, hindcast, refuse_unless_whole
from zhiyu.simulate.meaning import attributes
from zhiyu.simulate.observe import Observed, observe, read_columns
from zhiyu.terms import Place, Refusal, label

NAMES = ", "  # between names in an attribute, which a file format may want to be one text


class Source(Protocol):
    """What a forecast needs of a study."""

    @property
    def choices(self) -> Any: ...
    @property
    def inputs(self) -> Mapping[str, Path]: ...
    @property
    def name(self) -> str: ...
    def history(self) -> Panel: ...
    def neighbours(self) -> Neighbours | None: ...


def forecast(study: Source, until: int, horizon: int = HORIZON, draws: int = 1000, seed: int = 0) -> xr.Dataset:
    """Draws of each observable for the years after `until`, from what a study's data knew by then.

    Observables are drawn independently of one another: a draw is no joint future, and a band of a ratio or a sum of two
    of them is not to be had from it. Members of a simulation hang together, see `Simulation.trajectories`.

    Parameters
    ----------
    until : the last year that may be seen, none later than the data's last; later cells change nothing
    horizon : how many years, at least 1; draws : at least 1; seed : at least 0

    Returns
    -------
    Dataset in the units of the study's columns, dims draw, region, time, see `forecast_states`; attribute `study`

    Raises
    ------
    Refusal
        For a study without a model, a year that its data do not reach, no state by then, too few years for a hindcast,
        or an argument that is no such number.
    """
    chosen = study.choices.simulate
    if chosen is None:
        raise Refusal("no_simulation", Place(file="study.toml", key="[simulate]"))
    refuse_unless_whole("until", until, 1)
    panel = study.history()
    if until > panel.years[-1]:
        raise Refusal("forecast_until", until=until, last=panel.years[-1])
    known = observe(panel, read_columns(study.inputs[chosen.states]), study.neighbours(), until)
    return forecast_states(known, horizon, draws, seed).assign_attrs(study=study.name)


def forecast_states(observed: Observed, horizon: int = HORIZON, draws: int = 1000, seed: int = 0) -> xr.Dataset:
    """Draws of each observable in levels, dims draw, region, time, for the years after the last one observed.

    Whatever has not shown skill by that year is drawn about the naive stack. Observables are drawn independently of one
    another. A region of which fewer than three years of a state are seen is not forecast there; a state of no such
    region is left out. None is above its state's ceiling.

    Returns
    -------
    Dataset with attributes `base_year`, `seed`, and `silent`, the states that a column stands for but that are left
    out. Each variable has `shown`, stack or naive_stack; `lacking`, the regions without a forecast; and its units,
    names, formula and ceiling, see `meaning.attributes`. Several names are one text, with ", " between them.
    """
    done = hindcast(observed, horizon=horizon, draws=draws, seed=seed, bands=(), knock_outs=False)
    last = len(done.origins) - 1
    found: dict[str, Any] = {}
    for s, state in enumerate(done.states):
        shown = done.gate[state]
        there = np.isfinite(done.points[shown][last, s]).all(axis=-1)
        if not there.any():
            continue
        drawn = drawn_at(observed, done.points[shown], done.outcome, done.origins, last, s, draws, seed)
        levels = np.minimum(np.exp(drawn), observed.ceilings.get(state, np.inf))
        lacking = NAMES.join(code for code, known in zip(done.codes, there, strict=True) if not known)
        about = {"shown": shown, "lacking": lacking, **attributes(observed, state)}
        found[state] = (("draw", "region", "time"), levels, about)
    time = done.origins[-1] + np.arange(1, horizon + 1)
    whole = {"base_year": done.origins[-1], "seed": seed, "silent": NAMES.join(_silent(observed, found))}
    return xr.Dataset(found, {"draw": np.arange(draws), "region": list(done.codes), "time": time}, whole)


def _silent(observed: Observed, found: Mapping[str, Any]) -> list[str]:
    """States that a column stands for and that are not forecast."""
    named = {state for state, why in observed.silent.items() if why != label("simulate.silent.no_column")}
    return [*sorted(named), *(state for state in observed.states if state not in found)]
