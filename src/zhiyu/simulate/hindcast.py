"""The hindcast: what the model would have forecast from every past year, against what came and what needs no theory.

At each origin everything is fitted anew on what was known by then. The forecast shown is a stack of the core and the
naive forecasts; where it has not shown skill on targets that no choice was made on, the naive band is shown instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import xarray as xr

from zhiyu.data.neighbours import Neighbours
from zhiyu.data.panel import Panel
from zhiyu.simulate import parameters as table
from zhiyu.simulate.arguments import refuse_unless_whole
from zhiyu.simulate.bands import draws as draws_about
from zhiyu.simulate.bands import spread
from zhiyu.simulate.calibrate import DISCOUNT, HUBER, ROUNDS, calibrate
from zhiyu.simulate.meaning import attributes
from zhiyu.simulate.naive import ENOUGH, NAIVE, growth
from zhiyu.simulate.observe import STATES, Observed, observe, read_columns
from zhiyu.simulate.origins import (
    CORE,
    NAIVE_STACK,
    REFERENCE,
    SHOWN,
    at_origin,
    known_errors,
    outcomes,
    stacked_at,
)
from zhiyu.simulate.parameters import Parameter
from zhiyu.simulate.scores import covered, crps
from zhiyu.simulate.skill import skill_table
from zhiyu.terms import Place, Refusal, label

CHOSEN_UNTIL = 2019  # the last target year on which this package's choices were made
CHOSEN_SHARE = 2 / 3  # of the target years of a study that has none on one side of it
HORIZON = 3
CORE_SHARE = 2 / 3  # of the core in what is shown, before any past error is known; the rest is the naive stack
IDENTITIES = frozenset({"capital"})  # computed from partly extrapolated investment: never in a headline count
NAMES = ", "  # between names in an attribute, which a file format may want to be one text


@dataclass(frozen=True, eq=False)
class Hindcast:
    """Forecasts from every origin, the last of which is the last year known.

    points : forecaster -> (origin, state, region, horizon) logarithms; outcome : the same shape, nan where nothing was
    observed; low, high, score, within : forecaster -> bands, CRPS and coverage, of those that have bands.
    weights : stack -> (member, origin, state), members as in `members`. chosen_until : later targets were never used
    for a choice.
    """

    states: tuple[str, ...]
    codes: tuple[str, ...]
    origins: tuple[int, ...]
    horizon: int
    chosen_until: int
    level: float
    seed: int
    points: Mapping[str, np.ndarray]
    outcome: np.ndarray
    low: Mapping[str, np.ndarray]
    high: Mapping[str, np.ndarray]
    score: Mapping[str, np.ndarray]
    within: Mapping[str, np.ndarray]
    weights: Mapping[str, np.ndarray]
    members: Mapping[str, tuple[str, ...]]

    def errors(self, name: str) -> np.ndarray:
        """(origin, state, horizon, region) forecast - outcome."""
        return np.moveaxis(self.points[name] - self.outcome, 2, 3)

    def targets(self, later: bool) -> np.ndarray:
        """(origin, horizon) whether the target year is later than the choices, or not."""
        year = np.array(self.origins)[:, None] + np.arange(1, self.horizon + 1)
        return np.asarray((year > self.chosen_until) == later)

    @cached_property
    def later(self) -> bool:
        """Whether any target is later than every choice."""
        return bool((np.isfinite(self.outcome).any(axis=(1, 2)) & self.targets(True)).any())

    @property
    def tested(self) -> tuple[int, int]:
        """First and last target year that skill is told on."""
        at = np.isfinite(self.outcome).any(axis=(1, 2)) & self.targets(self.later)
        years = (np.array(self.origins)[:, None] + np.arange(1, self.horizon + 1))[at]
        return (int(years.min()), int(years.max())) if len(years) else (self.chosen_until + 1, self.origins[-1])

    @cached_property
    def skill(self) -> pd.DataFrame:
        """Of what is shown, on targets later than every choice, or on all there are where none is later."""
        return self.table(SHOWN)

    @cached_property
    def best_naive(self) -> Mapping[str, str]:
        """State -> the naive forecast of least RMSE on targets that choices saw; the reference where there is none."""
        chosen = self.targets(later=False)[:, None, :, None]
        square = np.array([np.where(chosen, self.errors(name), np.nan) ** 2 for name in NAIVE])
        seen = np.isfinite(square).all(axis=0)
        total = np.where(seen, square, 0.0).sum(axis=(1, 3, 4))
        known = seen.any(axis=(0, 2, 3))
        return {
            state: list(NAIVE)[int(np.argmin(total[:, s]))] if known[s] else REFERENCE
            for s, state in enumerate(self.states)
        }

    @cached_property
    def gate(self) -> Mapping[str, str]:
        """State -> which forecast is shown: the stack where its skill's interval lies above 0, else the naive stack.

        So it is the naive stack where there are too few regions for an interval, see `skill_table`.
        """
        pooled = self.skill[self.skill.horizon == 0].set_index("observable")
        return {
            state: SHOWN if state in pooled.index and pooled.low[state] > 0 else NAIVE_STACK for state in self.states
        }

    def table(self, name: str, later: bool | None = None) -> pd.DataFrame:
        """One forecaster's scores: a row an observable and horizon, 0 = all horizons together.

        Rows of horizon 0 hold the cells of all the others: no mean is to be taken over a whole column.

        later : targets later than the choices, the others, or (None) the later ones if there are any.
        """
        return skill_table(self, name, self.targets(self.later if later is None else later), REFERENCE, IDENTITIES)


def hindcast(
    observed: Observed,
    parameters: Sequence[Parameter] | None = None,
    *,
    horizon: int = HORIZON,
    chosen_until: int | None = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.9,
    bands: Sequence[str] = (SHOWN, NAIVE_STACK, CORE, REFERENCE),
    knock_outs: bool = True,
    discount: float = DISCOUNT,
    rounds: int = ROUNDS,
    huber: float = HUBER,
) -> Hindcast:
    """Forecast from every origin with enough years behind it, up to the last year known.

    Parameters
    ----------
    observed : the states, all years; each origin sees them `until` itself
    parameters : priors of the core; None = those of the package
    chosen_until : last target year that choices were made on; None as `last_chosen` says
    draws, seed, level : of the bands; bands : which forecasters get some
    knock_outs : forecast with the core less each logic's couplings, and less all, too
    discount, rounds, huber : of the core's calibration

    Raises
    ------
    Refusal
        If there are too few years for a single origin, or `horizon`, `draws` or `seed` is no such number.
    """
    for name, value, least in (("horizon", horizon, 1), ("draws", draws, 1), ("seed", seed, 0)):
        refuse_unless_whole(name, value, least)
    if len(observed.years) <= ENOUGH:
        span = f"{observed.years[0]}-{observed.years[-1]}"
        raise Refusal("hindcast_years", least=ENOUGH + 1, years=len(observed.years), span=span)
    priors = table.core() if parameters is None else tuple(parameters)
    fit = partial(calibrate, parameters=priors, discount=discount, rounds=rounds, huber=huber)
    origins = tuple(observed.years[ENOUGH:])
    actual = outcomes(observed, origins, horizon)
    chosen = last_chosen(origins, actual) if chosen_until is None else chosen_until
    per_origin = [at_origin(observed, origin, horizon, fit, knock_outs) for origin in origins]
    points = {name: np.stack([found[name] for found in per_origin]) for name in per_origin[0]}
    members = {NAIVE_STACK: tuple(NAIVE), SHOWN: (CORE, NAIVE_STACK)}
    centres = {NAIVE_STACK: np.full(len(NAIVE), 1 / len(NAIVE)), SHOWN: np.array([CORE_SHARE, 1 - CORE_SHARE])}
    weights = {}
    for name, of in members.items():
        stack, weights[name] = stacked_at([points[member] for member in of], centres[name], actual, origins)
        points[name] = observed.held(stack)
    found: dict[str, list[np.ndarray]] = {
        name: _banded(observed, points[name], actual, origins, draws, seed, level) for name in bands
    }
    low, high, score, within = ({name: arrays[k] for name, arrays in found.items()} for k in range(4))
    return Hindcast(
        observed.states,
        observed.codes,
        origins,
        horizon,
        chosen,
        level,
        seed,
        points,
        actual,
        low,
        high,
        score,
        within,
        weights,
        members,
    )


def last_chosen(origins: Sequence[int], outcome: np.ndarray) -> int:
    """2019 where target years lie on both sides of it, else the one that ends the first two thirds of them.

    outcome : (origin, state, region, horizon), see `outcomes`
    """
    seen = np.isfinite(outcome).any(axis=(1, 2))
    ahead = np.array(origins)[:, None] + np.arange(1, seen.shape[1] + 1)
    years = sorted({int(year) for year in ahead[seen]})
    if not years or years[0] <= CHOSEN_UNTIL < years[-1]:
        return CHOSEN_UNTIL
    return years[max(0, math.ceil(CHOSEN_SHARE * len(years)) - 1)]


def _banded(
    observed: Observed,
    points: np.ndarray,
    outcome: np.ndarray,
    origins: Sequence[int],
    n: int,
    seed: int,
    level: float,
) -> list[np.ndarray]:
    """Low and high ends of the band, CRPS and coverage: four arrays like points."""
    found = [np.full(points.shape, np.nan) for _ in range(4)]
    edges = ((1 - level) / 2, (1 + level) / 2)
    for k in range(len(origins)):
        for s in range(points.shape[1]):
            if np.isfinite(points[k, s]).any():
                drawn = drawn_at(observed, points, outcome, origins, k, s, n, seed)
                low, high = np.quantile(drawn, edges, axis=0)
                parts = (low, high, crps(drawn, outcome[k, s]), covered(low, high, outcome[k, s]))
                for into, part in zip(found, parts, strict=True):
                    into[k, s] = part
    return found


def drawn_at(
    observed: Observed,
    points: np.ndarray,
    outcome: np.ndarray,
    origins: Sequence[int],
    k: int,
    s: int,
    n: int,
    seed: int,
) -> np.ndarray:
    """(n, region, horizon) draws of state s about its forecast from the k-th origin, none above the state's ceiling."""
    seen = observed.years.index(origins[k]) + 1
    past = growth(np.where(observed.real[s], observed.x[s], np.nan)[:, :seen])
    around = spread(known_errors(points, outcome, origins, k)[:, s], past)
    state = observed.states[s]
    drawn = draws_about(points[k, s], around, n, (seed, origins[k], STATES.index(state)))
    return np.asarray(np.minimum(drawn, math.log(observed.ceilings.get(state, math.inf))))


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
