"""Coupling of an index's subsystems: the two wheels, factor and institutions, the four dimensions, or a tree's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from zhiyu.explain import coupling as kernel
from zhiyu.explain.lead_lag import FEWEST, LeadLag, lead_lag
from zhiyu.framework.framework import Framework
from zhiyu.measure.draws import ranked
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Locale, Place, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

LAGS = (1, 2)


@dataclass(frozen=True)
class Part:
    """A subsystem: the indicators its level is the mean of, and those that were not measured."""

    id: str
    label: Label
    indicators: tuple[str, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class System:
    """Subsystems that are held to be coupled, over n regions (aggregates such as "EU" left out) and t years.

    levels : (region, year, part) in [0, 1]
    coupling, coordination, comprehensive : (region, year), nan where a level is
    grade : (region, year) 1 .. 10, 0 without a coordination degree.
    lead : whose level of the years before goes with the other's change; None unless there are two parts and the years
        are enough, consecutive, and on one scale.

    Of two parts also (else None), (region, year):
    ratio : level of the first over that of the second; side : -1 the first lags, 0 in pace, 1 it leads.
    position : rank of the first among the regions of that year less the rank of the second: above zero, the first is
        where the region stands worse. Unlike `side`, it does not depend on how skewed the indicators of either are.
    """

    id: str
    label: Label
    parts: tuple[Part, ...]
    weights: np.ndarray
    levels: xr.DataArray
    coupling: xr.DataArray
    coordination: xr.DataArray
    comprehensive: xr.DataArray
    grade: xr.DataArray
    agreement: float  # Spearman correlation of the last year's coordination with that of the other variant
    ratio: xr.DataArray | None = None
    side: xr.DataArray | None = None
    position: xr.DataArray | None = None
    lead: LeadLag | None = None

    @property
    def shown(self) -> tuple[int, int]:
        """Positions of the first and the last year in which most regions have a coordination degree.

        The last year twice where no region has one in every year between them.
        """
        seen = np.isfinite(self.coordination.values)
        most = seen.mean(axis=0) > 0.5
        years = np.flatnonzero(most if most.any() else seen.any(axis=0))
        first, last = int(years[0]), int(years[-1])
        return (first, last) if seen[:, first : last + 1].all(axis=1).any() else (last, last)

    @property
    def whole(self) -> np.ndarray:
        """(region,) whether a region has a coordination degree in every year shown; means are over these."""
        first, last = self.shown
        return np.asarray(np.isfinite(self.coordination.values[:, first : last + 1]).all(axis=1))

    @property
    def mean(self) -> np.ndarray:
        """(year,) mean coordination degree of the whole regions; nan in years that are not shown."""
        return self._over_years(lambda d: d.mean(axis=0))

    def quartiles(self) -> np.ndarray:
        """(2, year) first and third quartile of the same regions."""
        return self._over_years(lambda d: np.quantile(d, [0.25, 0.75], axis=0))

    def _over_years(self, figure: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        first, last = self.shown
        d = self.coordination.values[self.whole, first : last + 1]
        found = figure(d)
        before, after = first, self.coordination.shape[1] - last - 1
        room = [(0, 0)] * (found.ndim - 1) + [(before, after)]
        return np.pad(found, room, constant_values=np.nan)


@dataclass(frozen=True)
class CouplingEvidence:
    """Coupling coordination of every system that the index can show.

    variant : of C; other : the variant whose ranking `agreement` compares with.
    comparable : whether levels of different years stand on one scale.
    absent : systems of the framework that lack a subsystem's every indicator.
    """

    variant: str
    other: str
    comparable: bool
    systems: tuple[System, ...]
    absent: tuple[Label, ...] = ()

    def tidy(self) -> pd.DataFrame:
        """One row a system, region and year: C, D, T, grade, the levels' ratio, side and position."""
        import pandas as pd

        return pd.concat([_cells(system) for system in self.systems], ignore_index=True)

    def glance(self) -> pd.DataFrame:
        """One row: variant, size; of each system the mean D of its first and last year and how firm its ranking is."""
        import pandas as pd

        d = self.systems[0].coordination
        years = [int(year) for year in d["year"].values]
        row: dict[str, object] = {"variant": self.variant, "regions": d.shape[0], "years": f"{years[0]}-{years[-1]}"}
        for system in self.systems:
            first, last = system.shown
            row |= {
                f"{system.id}_weights": " ".join(f"{w:.3g}" for w in system.weights),
                f"{system.id}_d_{years[first]}": float(system.mean[first]),
                f"{system.id}_d_{years[last]}": float(system.mean[last]),
                f"{system.id}_spearman_{self.other}": system.agreement,
            }
        return pd.DataFrame([row])

    def lead_lag(self) -> pd.DataFrame:
        """One row a system, lag and direction: cross-lagged correlation with its interval."""
        import pandas as pd

        return pd.DataFrame([row for system in self.systems for row in _leads(system)])

    def summary(self, locale: Locale = "en") -> str:
        """The figures of the fit and the last year's cells as plain text."""
        from zhiyu.explain.telling import summary

        title = Label(*(text("explain.coupling.title", spoken) for spoken in ("zh", "en")))
        cells = self.tidy()
        last = cells[cells["year"] == cells["year"].max()]
        values = {"variant": self.variant}
        note = Label(*(text("explain.coupling.note", spoken, **values) for spoken in ("zh", "en")))
        return summary(title, self.glance(), last, (note,), locale)


def coupling(
    index: Index, framework: Framework, variant: str = "wang2021", draws: int = 999, seed: int = 0
) -> CouplingEvidence:
    """Coupling coordination of the framework's systems on an index.

    A subsystem's level is the plain mean of its indicators' normalised scores in [0, 1]: what the recipe normalised
    and treated, with equal weights inside, since entropy weights would make one skewed indicator most of a subsystem.
    Indicators that the index left out do not count; a level is nan where a smaller share of the others is observed
    than recipe.coverage.node. T weighs subsystems equally.

    A study with a tree of its own has one system: its root's top nodes, with the scores that the index gives them.

    Raises
    ------
    Refusal
        If scores are not within [0, 1] (z-scores, or a base year's scale), the variant is unknown, or the tree has
        fewer than two top nodes with a score.
    """
    if variant not in kernel.VARIANTS:
        place = Place(file="study.toml", key="[explain] coupling")
        try:
            kernel.coupling_coordination(np.zeros(2), variant=variant)
        except Refusal as refusal:
            raise refusal.at(place) from refusal
    judged = np.array([not index.regions[code].aggregate for code in index.codes])
    rows = index.scores.isel(region=np.flatnonzero(judged)) / index.recipe.normalise.scale
    framed, absent = _framed(index, framework)
    found = [_system(index, rows, named, variant, draws, seed) for named in framed or [_own(index)]]
    systems = tuple(system for system in found if system is not None)
    unseen = tuple(named[1] for named, system in zip(framed, found, strict=False) if system is None)
    if not systems:
        raise Refusal("coupling_no_level", share=f"{index.recipe.coverage.node:.0%}")
    return CouplingEvidence(
        variant=variant,
        other="wang2021" if variant == "standard" else "standard",
        comparable=index.comparable,
        systems=systems,
        absent=(*absent, *unseen) if framed else (),
    )


Named = tuple[str, Label, tuple[Part, ...]]


def _framed(index: Index, framework: Framework) -> tuple[list[Named], tuple[Label, ...]]:
    """The framework's systems each of whose subsystems has an indicator that the index measured; the others' names."""
    measured = {leaf.id for leaf in index.tree.leaves}
    found: list[Named] = []
    absent = []
    for logic in dict.fromkeys(row.logic for row in framework.subsystems):
        parts = tuple(
            Part(
                row.id,
                row.label,
                tuple(leaf for leaf in row.leaves if leaf in measured),
                tuple(leaf for leaf in row.leaves if leaf not in measured),
            )
            for row in framework.subsystems.where(logic=logic)
        )
        label = framework.logics[logic].label
        if all(part.indicators for part in parts):
            found.append((logic, label, parts))
        else:
            absent.append(label)
    return found, tuple(absent)


def _own(index: Index) -> Named:
    """The tree's top nodes as one system."""
    root = index.tree.root
    if len(index.tree.top) < 2:
        raise Refusal("coupling_one_system", number=len(index.tree.top))
    return root.id, root.label, tuple(Part(node.id, node.label, (node.id,)) for node in index.tree.top)


def _system(index: Index, rows: xr.DataArray, named: Named, variant: str, draws: int, seed: int) -> System | None:
    """A system's figures; None where no region has a level of every subsystem."""
    name, label, parts = named
    levels = np.stack([_level(rows.sel(node=list(p.indicators)).values, index.recipe.coverage.node) for p in parts], -1)
    place = {"region": list(rows["region"].values), "year": rows["year"].values}
    cell = ("region", "year")
    found = kernel.coupling_coordination(levels, variant=variant)
    if not np.isfinite(found.coordination).any():
        return None
    other = "wang2021" if variant == "standard" else "standard"
    held = kernel.coupling_coordination(levels, variant=other).coordination

    def labelled(x: np.ndarray) -> xr.DataArray:
        return xr.DataArray(x, place, cell)

    system = System(
        id=name,
        label=label,
        parts=parts,
        weights=found.weights,
        levels=xr.DataArray(levels, {**place, "part": [part.id for part in parts]}, (*cell, "part")),
        coupling=labelled(found.coupling),
        coordination=labelled(found.coordination),
        comprehensive=labelled(found.comprehensive),
        grade=labelled(kernel.grades(found.coordination)),
        agreement=np.nan,
    )
    last = system.shown[1]
    system = replace(system, agreement=_spearman(found.coordination[:, last], held[:, last]))
    if len(parts) != 2:
        return system
    relative = kernel.relative_development(levels[..., 0], levels[..., 1])
    both = np.where(np.isfinite(levels).all(axis=-1, keepdims=True), levels, np.nan)
    ranks = [_ranks(both[..., k]) for k in (0, 1)]
    return replace(
        system,
        ratio=labelled(relative.ratio),
        side=labelled(relative.side),
        position=labelled(ranks[0] - ranks[1]),
        lead=_lead(index, levels, draws, seed),
    )


def _level(x: np.ndarray, need: float) -> np.ndarray:
    """(n, t) mean of the indicators (n, t, p) that are there; nan where their share is below what is needed."""
    seen = np.isfinite(x)
    number = seen.sum(axis=-1)
    mean = np.divide(np.where(seen, x, 0.0).sum(axis=-1), number, out=np.full(number.shape, np.nan), where=number > 0)
    return np.where(number >= need * x.shape[-1] - 1e-12, mean, np.nan)


def _lead(index: Index, levels: np.ndarray, draws: int, seed: int) -> LeadLag | None:
    """Lead and lag over the years, where they follow one another on one scale and enough regions are complete."""
    years = np.array(index.years)
    lags = tuple(lag for lag in LAGS if len(years) >= lag + 3)
    whole = np.isfinite(levels).all(axis=(1, 2)).sum() >= FEWEST
    if not (index.comparable and lags and whole and (np.diff(years) == 1).all()):
        return None
    try:
        return lead_lag(levels[..., 0], levels[..., 1], lags, draws, seed)
    except Refusal:  # a level that does not move
        return None


def _ranks(x: np.ndarray) -> np.ndarray:
    """(n, t) ranks among the regions of each year, 1 = greatest, ties share the better rank; nan stays nan."""
    return np.moveaxis(ranked(np.moveaxis(x, 0, -1), np.ones(len(x), dtype=bool)), -1, 0)


def _spearman(x: np.ndarray, y: np.ndarray) -> float:
    from scipy.stats import rankdata

    both = np.isfinite(x) & np.isfinite(y)
    a, b = rankdata(x[both]), rankdata(y[both])
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else float("nan")


def _cells(system: System) -> pd.DataFrame:
    import pandas as pd

    n, t = system.coordination.shape
    years = system.coordination["year"].values
    codes = [str(code) for code in system.coordination["region"].values]
    columns: dict[str, object] = {
        "system": [system.id] * (n * t),
        "region": np.repeat(codes, t),
        "year": np.tile(years, n),
        "coupling": system.coupling.values.ravel(),
        "comprehensive": system.comprehensive.values.ravel(),
        "coordination": system.coordination.values.ravel(),
        "grade": system.grade.values.ravel(),
    }
    for name in ("ratio", "side", "position"):
        found = getattr(system, name)
        columns[name] = np.full(n * t, np.nan) if found is None else found.values.ravel()
    return pd.DataFrame(columns)


def _leads(system: System) -> list[dict[str, object]]:
    if system.lead is None:
        return []
    first, second = (part.id for part in system.parts)
    lead, rows = system.lead, []
    kinds = (
        (f"{first} -> {second}", lead.forward, lead.forward_interval),
        (f"{second} -> {first}", lead.backward, lead.backward_interval),
        ("difference", lead.difference, lead.difference_interval),
    )
    for k, lag in enumerate(lead.lags):
        for term, found, interval in kinds:
            where: dict[str, object] = {"system": system.id, "lag": lag, "term": term, "estimate": float(found[k])}
            rows.append(where | {"conf_low": float(interval[k, 0]), "conf_high": float(interval[k, 1])})
    return rows
