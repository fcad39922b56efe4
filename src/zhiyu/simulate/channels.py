"""From measures to channels: what scenarios hold, how it ramps up, and the effect it has at most."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from zhiyu.framework.rows import Measure
from zhiyu.simulate.equations import Array
from zhiyu.terms import Label

TABLE = Path(__file__).with_suffix(".csv")


@dataclass(frozen=True)
class Channel:
    """One row: the most that measures can do through it, the core or satellite states it acts on, and how."""

    id: str
    cap: float
    acts_on: tuple[str, ...]
    label: Label
    how: Label


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


def policy(ids: Sequence[str], levels: np.ndarray, measures: Sequence[Measure]) -> Policy:
    """Levels that are held from the first year on, as the sums of the channels that they move.

    Parameters
    ----------
    levels : (scenario, measure) or (scenario, region, measure), in [0, 1]: 0 as today, 1 in full
    """
    sums: dict[str, np.ndarray] = {}
    for k, measure in enumerate(measures):
        for channel, weight in measure.weights.items() if levels[..., k].any() else ():
            sums[channel] = sums.get(channel, 0.0) + weight * levels[..., k].reshape(1, len(ids), -1)
    narrow = {name: x[..., :1] if (x == x[..., :1]).all() else x for name, x in sorted(sums.items())}
    return Policy(tuple(ids), narrow, np.zeros(len(ids)))


def ramped(before: Array, aim: Array, lag: Array, xp: Array = np) -> Array:
    """s' = s + (1 - e^(-1 / lag)) (aim - s): the sums, since a lag of levels is a lag of their sum."""
    return before + (1 - xp.exp(-1 / lag)) * (aim - before)


def effects(sums: Mapping[str, Array], xp: Array = np) -> dict[str, Array]:
    """cap (1 - exp(-sum)): measures that overlap do not count twice; a side effect's sum is negative."""
    caps = {channel.id: channel.cap for channel in channels()}
    return {channel: caps[channel] * (1 - xp.exp(-x)) for channel, x in sums.items()}
