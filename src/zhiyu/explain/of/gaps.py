"""What the kernels say of one sample, year by year, and how the years' answers are put under their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from zhiyu.data.panel import Panel
from zhiyu.explain.density import POINTS, Densities, densities
from zhiyu.explain.disparity import PARTS, Dagum, bootstrap, dagum, percentiles
from zhiyu.explain.of.samples import Sample, weighing
from zhiyu.explain.rank_size import concentration, rank_size
from zhiyu.explain.theil import INDEXES, theil

LEVEL = 0.95
BOUNDS = ("estimate", "low", "high")
SHOWN = (*PARTS, "between_share", "mean_difference")
SPLIT = ("total", "between", "within")
SIZES = ("exponent", "std_error", "low", "high", "regions", "hhi", "leading")


@dataclass(frozen=True)
class Asking:
    """members : region code -> place of its group among the g groups, empty without a grouping."""

    panel: Panel
    members: Mapping[str, int]
    g: int
    weights: str | None
    draws: int
    seed: int

    def member(self, taken: Sample) -> np.ndarray:
        """(n,) group of each region; one group of all where there is no grouping."""
        return np.array([self.members.get(code, 0) for code in taken.regions])

    def weighed(self, taken: Sample) -> np.ndarray | None:
        """(t, n) weights, or None."""
        return None if self.weights is None else weighing(self.panel, self.weights, taken)

    def parted(self, parts: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """(..., 4) parts and (...) means -> (..., 6) of `SHOWN`; without a grouping, nan for what needs groups."""
        total = parts[..., :1]
        share = np.divide(parts[..., 2:3], total, out=np.zeros_like(total), where=total > 0)
        if not self.members:
            parts, share = np.where(np.arange(len(PARTS)) == 0, parts, np.nan), np.full_like(share, np.nan)
        return np.concatenate([parts, share, 2.0 * total * mean[..., None]], axis=-1)

    def measured(self, taken: Sample) -> tuple[np.ndarray, np.ndarray, list[Dagum]]:
        """(t, 6) what is shown of a sample, (draws, t, 6) of its replays, and the split of each year."""
        y, member, w = taken.values.values, self.member(taken), self.weighed(taken)
        weights = np.ones_like(y) if w is None else w
        split = [dagum(row, member, weights[t]) for t, row in enumerate(y)]
        parts = np.array([[s.total, s.within, s.between, s.transvariation] for s in split])
        replays = bootstrap(y, member, weights, self.draws, self.seed)
        now = self.parted(parts, (weights * y).sum(axis=1) / weights.sum(axis=1))
        return now, self.parted(replays.parts, replays.mean), split


@dataclass(frozen=True)
class Apart:
    """One sample of t years. parts (t, 6, 3); change, trend (6, 3); pairs, affluence (t, g, g); theil (t, 2, 3)."""

    parts: np.ndarray
    change: np.ndarray
    trend: np.ndarray
    pairs: np.ndarray
    affluence: np.ndarray
    theil: np.ndarray


def apart(taken: Sample, asking: Asking) -> Apart:
    """Everything that is told of one sample by groups."""
    now, replays, split = asking.measured(taken)
    y, member, w = taken.values.values, asking.member(taken), asking.weighed(taken)
    grouped, years = bool(asking.members), np.array(taken.years, dtype=float)
    return Apart(
        parts=bounded(now, replays),
        change=bounded(now[-1] - now[0], replays[:, -1] - replays[:, 0], len(years) > 1),
        trend=bounded(slope(now, years), slope(replays, years), len(years) > 1),
        pairs=_table(split, "pairs", asking),
        affluence=_table(split, "affluence", asking),
        theil=np.stack([theils(row, member, None if w is None else w[t], grouped) for t, row in enumerate(y)]),
    )


def contrast(one: Sample, other: Sample, asking: Asking) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """What is shown of one sample less another's, (t, 6, 3), its slope a year (6, 3), and the years both have.

    Both are cut to the regions and years they share, and each draw takes the same regions in both.
    """
    years = tuple(year for year in one.years if year in other.years)
    codes = [code for code in one.regions if code in other.regions]
    cut = [Sample(s.id, s.label, s.values.sel(year=list(years), region=codes), ()) for s in (one, other)]
    (now, replays, _), (then, drawn, _) = (asking.measured(taken) for taken in cut)
    gap, moved, at = now - then, replays - drawn, np.array(years, dtype=float)
    return bounded(gap, moved), bounded(slope(gap, at), slope(moved, at), len(years) > 1), years


def theils(y: np.ndarray, member: np.ndarray, w: np.ndarray | None, grouped: bool) -> np.ndarray:
    """(2, 3) Theil's T and L: total, between groups, within; L is nan where a value is zero."""
    found = np.full((len(INDEXES), len(SPLIT)), np.nan)
    for k, index in enumerate(INDEXES):
        if index == "T" or (y > 0).all():
            split = theil(y, w, (member,) if grouped else (), index)
            found[k] = (split.total, split.between, split.within) if grouped else (split.total, np.nan, np.nan)
    return found


def sizes(taken: Sample) -> np.ndarray:
    """(t, 7) of `SIZES`; a region at zero has no logarithm and is left out of the slope, not of the shares."""
    found = np.full((len(taken.years), len(SIZES)), np.nan)
    for t, row in enumerate(taken.values.values):
        there = row[row > 0]
        if len(np.unique(there)) >= 3:
            line = rank_size(there)
            found[t, :5] = (line.exponent, line.std_error, *line.interval(LEVEL), line.n)
        whole = concentration(row)
        found[t, 5:] = (whole.hhi, whole.leading)
    return found


def shape(taken: Sample) -> Densities | None:
    """Kernel densities of a sample; None where its middle year has no spread."""
    y = taken.values.values.T
    return densities(y, points=POINTS) if np.median(np.ptp(y, axis=0)) > 0 else None


def bounded(estimate: np.ndarray, replays: np.ndarray, known: bool = True) -> np.ndarray:
    """(...,) and (draws, ...) -> (..., 3) estimate, low, high; nan where it cannot be known, as a slope of one year."""
    found = np.stack([estimate, *percentiles(replays, LEVEL)], axis=-1)
    return found if known else np.full_like(found, np.nan)


def slope(values: np.ndarray, years: np.ndarray) -> np.ndarray:
    """(..., t, parts) -> (..., parts) least-squares slope a year; 0 for a single year."""
    centred = years - years.mean()
    return np.asarray((values * centred[:, None]).sum(axis=-2) / max(float((centred * centred).sum()), 1.0))


def labelled(arrays: Sequence[np.ndarray], coords: Mapping[str, Sequence[object]]) -> xr.DataArray:
    """Arrays, one a name of the first coordinate, under all coordinates."""
    known = {name: np.array(list(values)) if len(values) else np.array([], str) for name, values in coords.items()}
    shape = tuple(len(values) for values in known.values())
    stacked = np.stack([np.asarray(a, dtype=float) for a in arrays]) if arrays else np.empty(shape)
    return xr.DataArray(stacked.reshape(shape), known, tuple(known))


def over_years(
    arrays: Sequence[np.ndarray],
    samples: Sequence[Sample],
    years: Sequence[int],
    coords: Mapping[str, Sequence[object]],
    first: str = "measure",
) -> xr.DataArray:
    """Arrays (t, ...) of samples under their names and all years; nan in years a sample lacks."""
    placed = []
    for array, taken in zip(arrays, samples, strict=True):
        row = np.full((len(years), *np.shape(array)[1:]), np.nan)
        row[[list(years).index(year) for year in taken.years]] = array
        placed.append(row)
    return labelled(placed, {first: [taken.id for taken in samples], "year": years, **coords})


def _table(split: Sequence[Dagum], field: str, asking: Asking) -> np.ndarray:
    """(t, g, g) a table of the groups in the study's order; nan for a group without a region."""
    found = np.full((len(split), asking.g, asking.g), np.nan)
    for t, one in enumerate(split if asking.members else ()):
        found[t][np.ix_(one.groups, one.groups)] = getattr(one, field)
    return found
