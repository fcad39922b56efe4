"""From measures to channels: what scenarios ask for, how it ramps up, and the effect it has at most."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from zhiyu.framework.rows import Measure
from zhiyu.simulate.equations import Array
from zhiyu.terms import Label, Refusal, suggestion

TABLE = Path(__file__).with_suffix(".csv")
EVERYWHERE = "*"


@dataclass(frozen=True)
class Channel:
    """One row: the most that measures can do through it, the core or satellite states it acts on, and how."""

    id: str
    cap: float
    acts_on: tuple[str, ...]
    label: Label
    how: Label


@dataclass(frozen=True)
class Scenario:
    """What is done: measure -> level from 0 (as today) to 1 (in full), everywhere or by region.

    levels : measure -> level, or {code: level} with "*" for all other regions; first : the first year in which it is done,
    None = the first that is simulated. A scenario without levels is the baseline.
    """

    id: str
    levels: Mapping[str, float | Mapping[str, float]] = field(default_factory=dict)
    first: int | None = None
    label: Label = Label("", "")


@dataclass(frozen=True, eq=False)
class Policy:
    """Scenarios as sums over channels: channel -> (1, scenario, region or 1) sum of weight x level, and (scenario,) the
    first year of each. A channel that no scenario moves is not there."""

    ids: tuple[str, ...]
    sums: Mapping[str, np.ndarray]
    first: np.ndarray

    def aim(self, channel: str, year: int) -> np.ndarray:
        """(1, scenario, region or 1) sum that the channel ramps towards in a year."""
        return np.asarray(np.where((year >= self.first)[:, None], self.sums[channel], 0.0))


@cache
def channels() -> tuple[Channel, ...]:
    """The channels of measures, with their caps (grade D)."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Channel(
            row["id"],
            float(row["cap"]),
            tuple(row["acts_on"].split()),
            Label(row["zh"], row["en"]),
            Label(row["how_zh"], row["how_en"]),
        )
        for row in rows
    )


def policy(
    scenarios: Sequence[Scenario], measures: Sequence[Measure], codes: Sequence[str], base_year: int = 0
) -> Policy:
    """The sums of weight x level of each channel that any scenario moves.

    Raises
    ------
    Refusal
        For a scenario named twice, an unknown measure or region, or a level outside [0, 1].
    """
    weights = {measure.id: measure.weights for measure in measures}
    ids = tuple(scenario.id for scenario in scenarios)
    for name in ids:
        if ids.count(name) > 1:
            raise Refusal("scenario_twice", name=name)
    sums: dict[str, np.ndarray] = {}
    for s, scenario in enumerate(scenarios):
        for measure, level in scenario.levels.items():
            if measure not in weights:
                hint = suggestion(measure, list(weights))
                raise Refusal("scenario_measure", name=measure, scenario=scenario.id, hint=hint)
            held = _levels(level, codes, scenario.id, measure)
            for channel, weight in weights[measure].items():
                sums.setdefault(channel, np.zeros((len(scenarios), len(codes))))[s] += weight * held
    first = [base_year if scenario.first is None else scenario.first for scenario in scenarios]
    return Policy(ids, {channel: _narrow(sums[channel])[None] for channel in sorted(sums)}, np.array(first))


def ramped(before: Array, aim: Array, lag: Array, xp: Array = np) -> Array:
    """s' = s + (1 - e^(-1 / lag)) (aim - s): the sums, since a lag of levels is a lag of their sum."""
    return before + (1 - xp.exp(-1 / lag)) * (aim - before)


def effects(sums: Mapping[str, Array], xp: Array = np) -> dict[str, Array]:
    """cap (1 - exp(-sum)): measures that overlap do not count twice; a side effect's sum is negative."""
    caps = {channel.id: channel.cap for channel in channels()}
    return {channel: caps[channel] * (1 - xp.exp(-x)) for channel, x in sums.items()}


def _levels(level: float | Mapping[str, float], codes: Sequence[str], scenario: str, measure: str) -> np.ndarray:
    """(region,) levels of a measure."""
    given = level if isinstance(level, Mapping) else {EVERYWHERE: level}
    for code, value in given.items():
        if code != EVERYWHERE and code not in codes:
            raise Refusal("scenario_region", code=code, scenario=scenario, hint=suggestion(code, list(codes)))
        if not 0.0 <= value <= 1.0:
            raise Refusal("scenario_level", level=value, measure=measure, scenario=scenario)
    return np.array([given.get(code, given.get(EVERYWHERE, 0.0)) for code in codes], dtype=float)


def _narrow(x: np.ndarray) -> np.ndarray:
    """(scenario, 1) of (scenario, region) that are the same everywhere: nothing is computed region by region then."""
    return x[:, :1].copy() if (x == x[:, :1]).all() else x
