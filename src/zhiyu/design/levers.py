"""Levers and options: what may be done, where, and from when. Weights and caps are assumed (grade D)."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from zhiyu.design.places import Site
from zhiyu.framework.rows import Measure
from zhiyu.simulate.channels import Channel, channels
from zhiyu.simulate.parameters import satellite
from zhiyu.terms import Label, Place, Refusal

EXTENSIONS = Path(__file__).with_name("extension_levers.csv")
CHANNELS = tuple(channel.id for channel in channels())


@dataclass(frozen=True, eq=False)
class Lever:
    """Something that can be done, in part or in full.

    weights : channel -> weight, negative for a side effect; mechanism : of the paper, "" for one outside it; grade : of
    the weights; overlaps : levers that say much the same; outside : not in the paper; lagging : only where output per
    head lies below the nation's; fills : the gap of the paper that one outside it fills
    """

    id: str
    label: Label
    weights: Mapping[str, float]
    mechanism: str
    grade: str
    overlaps: tuple[str, ...]
    outside: bool
    note: Label
    lagging: bool = False
    fills: Label = Label("", "")


@dataclass(frozen=True)
class Option:
    """A lever at a place from a year on."""

    lever: str
    place: str
    year: int


@dataclass(frozen=True, eq=False)
class Options:
    """All that a plan may be made of, in the order of levers, places and years.

    rows : (option,); lever, site : (option,) positions in `levers` and `sites`; reach : (option, region) where it acts
    """

    levers: tuple[Lever, ...]
    sites: tuple[Site, ...]
    rows: tuple[Option, ...]
    lever: np.ndarray
    site: np.ndarray
    reach: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def year(self) -> np.ndarray:
        """(option,) first years."""
        return np.array([row.year for row in self.rows])

    @cached_property
    def weights(self) -> np.ndarray:
        """(option, channel) weights, channels in the order of `CHANNELS`."""
        by_lever = np.array([[lever.weights.get(channel, 0.0) for channel in CHANNELS] for lever in self.levers])
        return np.asarray(by_lever[self.lever])

    def of(self, ids: Collection[str]) -> np.ndarray:
        """(option,) whether an option is one of these levers."""
        return np.isin(self.lever, [k for k, lever in enumerate(self.levers) if lever.id in ids])


def levers(measures: Sequence[Measure], outside: bool = False) -> tuple[Lever, ...]:
    """The measures of the framework, and those outside the paper if they are wanted.

    Raises
    ------
    Refusal
        If there are none.
    """
    found = tuple(
        Lever(
            row.id,
            row.label,
            row.weights,
            row.id.partition(".")[0],
            row.grade,
            row.overlapping,
            False,
            Label(row.note_zh, row.note_en),
        )
        for row in measures
    )
    if not found and not outside:
        raise Refusal("design_no_measures", Place(file="study.toml", key="[framework] base"))
    return found + (extensions() if outside else ())


@cache
def extensions() -> tuple[Lever, ...]:
    """Levers outside the paper, each with the gap of the paper that it fills."""
    with EXTENSIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Lever(
            row["id"],
            Label(row["zh"], row["en"]),
            {name: float(weight) for name, weight in (part.split(":") for part in row["channels"].split(";"))},
            "",
            row["grade"],
            tuple(row["overlaps"].split(";")) if row["overlaps"] else (),
            True,
            Label(row["note_zh"], row["note_en"]),
            row["lagging"] == "1",
            Label(row["fills_zh"], row["fills_en"]),
        )
        for row in rows
    )


def options(
    of: Sequence[Lever], sites: Sequence[Site], years: Sequence[int], lagging: np.ndarray | None = None
) -> Options:
    """Every lever at every place from every year.

    Parameters
    ----------
    lagging : (region,) whose output per head lies below the nation's, to which some levers are kept; None = unknown,
        and these levers fall away
    """
    rows, lever, site, reach = [], [], [], []
    for k, one in enumerate(of):
        for j, place in enumerate(sites):
            where = place.reach & (lagging if lagging is not None else False) if one.lagging else place.reach
            for year in years if where.any() else ():
                rows.append(Option(one.id, place.id, int(year)))
                lever.append(k)
                site.append(j)
                reach.append(where)
    return Options(tuple(of), tuple(sites), tuple(rows), np.array(lever), np.array(site), np.array(reach))


def told(of: Sequence[Lever]) -> pd.DataFrame:
    """A row a lever and channel: weight, the most that measures can do through the channel, and how soon.

    effect : cap (1 - exp(-weight)), of the lever alone in full; ramp : years of the first-order lag, from and to
    """
    known: dict[str, Channel] = {channel.id: channel for channel in channels()}
    lag = next(p for p in satellite() if p.name == "policy_lag")
    rows = [
        {
            "measure": lever.id,
            "channel": name,
            "weight": weight,
            "cap": known[name].cap,
            "effect": known[name].cap * (1 - np.exp(-weight)),
            "ramp_from": lag.low,
            "ramp_to": lag.high,
            "overlaps": " ".join(lever.overlaps),
            "grade": lever.grade,
            "outside": lever.outside,
        }
        for lever in of
        for name, weight in lever.weights.items()
    ]
    return pd.DataFrame(rows)
