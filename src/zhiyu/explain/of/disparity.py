"""How unequal regions are, year by year, and how much of it stands between their groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from zhiyu.data.panel import Panel
from zhiyu.explain.density import POINTS
from zhiyu.explain.of.gaps import BOUNDS, LEVEL, SHOWN, SIZES, SPLIT, Asking, apart, contrast, labelled, over_years
from zhiyu.explain.of.gaps import shape as shaped
from zhiyu.explain.of.gaps import sizes as sized
from zhiyu.explain.of.samples import Sample, outcomes, scores, taking_part, totals
from zhiyu.explain.telling import summary
from zhiyu.explain.theil import INDEXES
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Locale, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

DRIVER, OUTPUT = "ai_native", "output_per_head"  # of claim C23


@dataclass(frozen=True)
class Disparity:
    """Disparity of the root, the top nodes and outcomes. Years a measure lacks are nan, as is the split if no grouping.

    groups : id -> name, in the study's order; measures, sizes : id -> name; left_out : measure -> regions that lack a
        year; unread : measures with negative values or none above zero, which no Gini takes.
    weights : variable the regions are weighted by, None = all alike; level : of the percentile intervals.
    parts : (measure, year, part, bound) Gini, its parts, the share of the net between part, and the mean difference
        2 G mu of two regions drawn at random, in the measure's own unit. Where the zero of a scale is a convention, as
        that of min-max scores is, adding a constant moves Gini and its parts, but neither share nor mean difference.
    change, trend : (measure, part, bound) last year less first, and least-squares slope a year.
    pairs, affluence : (measure, year, group, other) Gini between groups, and relative economic affluence.
    theil : (measure, year, index, part); between + within = total.
    divide : (part, year, bound) AI nativeness less output per head; divide_trend : (part, bound) its slope.
    concentrated : (size, year, figure) rank-size exponent with its asymptotic error, HHI, share of the three largest;
        regions at zero have no place in the rank-size line and are counted out of `regions`.
    x, density : (measure, point), (measure, year, point); bandwidth : (measure,), one for all years; modes :
        (measure, year).
    """

    grouping: str | None
    groups: Mapping[str, Label]
    measures: Mapping[str, Label]
    sizes: Mapping[str, Label]
    left_out: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...]
    root: str
    weights: str | None
    draws: int
    seed: int
    level: float
    parts: xr.DataArray
    change: xr.DataArray
    trend: xr.DataArray
    pairs: xr.DataArray
    affluence: xr.DataArray
    theil: xr.DataArray
    divide: xr.DataArray | None
    divide_trend: xr.DataArray | None
    concentrated: xr.DataArray
    x: xr.DataArray
    density: xr.DataArray
    bandwidth: xr.DataArray
    modes: xr.DataArray

    def years(self, measure: str) -> tuple[int, ...]:
        """Years in which a measure was taken."""
        there = np.isfinite(self.parts.sel(measure=measure, part="total", bound="estimate").values)
        return tuple(int(year) for year in self.parts["year"].values[there])

    def tidy(self) -> pd.DataFrame:
        """A row an estimate: measure, year (none for a trend), term, estimate and, where there is one, its interval."""
        import pandas as pd

        rows: list[dict[str, object]] = []
        for name, cells in (("", self.parts), ("change_", self.change), ("trend_", self.trend)):
            rows += _rows(cells, name, ("part",))
        rows += _rows(self.pairs, "gini ", ("group", "other"))
        rows += _rows(self.affluence, "affluence ", ("group", "other"))
        rows += _rows(self.theil, "theil_", ("index", "part"))
        for name, gap in (("", self.divide), ("trend_", self.divide_trend)):
            rows += [] if gap is None else _rows(gap.expand_dims(measure=["divide"]), name, ("part",))
        for size in self.sizes:
            for year in self.concentrated["year"].values:
                told = dict(zip(SIZES, self.concentrated.sel(size=size, year=year).values.tolist(), strict=True))
                one = {"measure": size, "year": int(year)}
                line = {"std_error": told["std_error"], "conf_low": told["low"], "conf_high": told["high"]}
                rows.append({**one, "term": "rank_size_exponent", "estimate": told["exponent"], **line})
                rows += [{**one, "term": term, "estimate": told[term]} for term in ("hhi", "leading")]
        rows += _rows(self.modes, "modes", ())
        columns = ["measure", "year", "term", "estimate", "std_error", "conf_low", "conf_high"]
        found = pd.DataFrame(rows, columns=columns).dropna(subset="estimate")
        return found.astype({"year": "Int64", "estimate": float, **dict.fromkeys(columns[4:], float)})

    def glance(self) -> pd.DataFrame:
        """One row: the root's Gini of the first and last year, its change with interval, its split in the last."""
        import pandas as pd

        years = self.years(self.root)
        root = self.parts.sel(measure=self.root, bound="estimate")
        change = self.change.sel(measure=self.root, part="total")
        row: dict[str, object] = {
            "measure": self.root,
            "years": f"{years[0]}-{years[-1]}",
            "grouping": self.grouping or "-",
            "weights": self.weights or "-",
            "gini_first": float(root.sel(year=years[0], part="total")),
            "gini_last": float(root.sel(year=years[-1], part="total")),
            "change": float(change.sel(bound="estimate")),
            "change_low": float(change.sel(bound="low")),
            "change_high": float(change.sel(bound="high")),
            **{f"{part}_last": float(root.sel(year=years[-1], part=part)) for part in SHOWN[1:]},
            "draws": self.draws,
            "seed": self.seed,
        }
        return pd.DataFrame([row])

    def summary(self, locale: Locale = "en") -> str:
        """Title, the root's figures, every estimate, and how intervals and years were taken."""
        title = Label(text("explain.disparity.title", "zh"), text("explain.disparity.title", "en"))
        note = {"draws": self.draws, "level": f"{100 * self.level:g}%"}
        notes = [Label(text("explain.disparity.note", "zh", **note), text("explain.disparity.note", "en", **note))]
        return summary(title, self.glance(), self.tidy(), notes, locale)


def disparity(
    index: Index,
    panel: Panel,
    grouping: str | None,
    draws: int = 1000,
    seed: int = 0,
    weights: str | None = None,
) -> Disparity:
    """Gini with Dagum's parts, Theil, densities and concentration of an index and of the outcomes the panel has.

    Each measure is taken from the regions that have a value in every year in which at least half of them do, so that
    no change is one of membership; aggregates, and regions outside the grouping, take no part. Regions are drawn anew
    within their groups, the same draw for every year and measure of the same regions.

    Parameters
    ----------
    grouping : a grouping of the region set; None: one undivided set
    draws : replays of the bootstrap; weights : a variable such as the population, above zero everywhere

    Raises
    ------
    Refusal
        If the grouping or the weights are unknown, or the root has too few complete regions, or negative scores.

    Source: as `zhiyu.explain.disparity.dagum`, `theil`, `rank_size` and `density.densities`.
    """
    codes = taking_part(index, grouping)
    groups, members = _groups(index, grouping)
    found = [*scores(index, codes), *outcomes(panel, codes)]
    root = index.tree.root
    if not found or found[0].id != root.id:
        raise Refusal("disparity_few", name=root.label)
    taken = [one for one in found if (one.values >= 0).all() and (one.values.sum("region") > 0).all()]
    if not taken or taken[0].id != root.id:
        raise Refusal("disparity_negative_index", name=root.label)
    asking = Asking(panel, members, len(groups), weights, draws, seed)
    years = sorted({year for one in taken for year in one.years})
    split = [apart(one, asking) for one in taken]
    shapes = [shaped(one) for one in taken]
    large = list(totals(panel, codes))
    large_years = sorted({year for one in large for year in one.years})
    measure: dict[str, Sequence[object]] = {"measure": [one.id for one in taken]}
    bounds: dict[str, Sequence[object]] = {"part": SHOWN, "bound": BOUNDS}
    sides: dict[str, Sequence[object]] = {"group": list(groups), "other": list(groups)}
    point: dict[str, Sequence[object]] = {"point": range(POINTS)}
    nothing = [np.full((len(one.years), POINTS), np.nan) for one in taken]
    divide, divide_trend = _divide(taken, asking)
    return Disparity(
        grouping=grouping,
        groups=groups,
        measures={one.id: one.label for one in taken},
        sizes={one.id: one.label for one in large},
        left_out={one.id: one.left_out for one in (*taken, *large) if one.left_out},
        unread=tuple(one.id for one in found if one not in taken),
        root=root.id,
        weights=weights,
        draws=draws,
        seed=seed,
        level=LEVEL,
        parts=over_years([one.parts for one in split], taken, years, bounds),
        change=labelled([one.change for one in split], measure | bounds),
        trend=labelled([one.trend for one in split], measure | bounds),
        pairs=over_years([one.pairs for one in split], taken, years, sides),
        affluence=over_years([one.affluence for one in split], taken, years, sides),
        theil=over_years([one.theil for one in split], taken, years, {"index": INDEXES, "part": SPLIT}),
        divide=divide,
        divide_trend=divide_trend,
        concentrated=over_years([sized(one) for one in large], large, large_years, {"figure": SIZES}, "size"),
        x=labelled([none[0] if s is None else s.x for s, none in zip(shapes, nothing, strict=True)], measure | point),
        density=over_years(
            [none if s is None else s.density for s, none in zip(shapes, nothing, strict=True)], taken, years, point
        ),
        bandwidth=labelled([np.array(np.nan if s is None else s.bandwidth) for s in shapes], measure),
        modes=over_years(
            [none[:, 0] if s is None else s.modes for s, none in zip(shapes, nothing, strict=True)], taken, years, {}
        ),
    )


def _groups(index: Index, grouping: str | None) -> tuple[dict[str, Label], dict[str, int]]:
    """Names of the groups that have a region, in the study's order, and the place of each region's group."""
    if grouping is None:
        return {}, {}
    part = set(taking_part(index, grouping))
    found = [(group, part & set(codes)) for group, codes in index.regions.grouping(grouping).items()]
    kept = [(group, codes) for group, codes in found if codes]
    return {group.id: group.label for group, _ in kept}, {c: k for k, (_, codes) in enumerate(kept) for c in codes}


def _divide(taken: Sequence[Sample], asking: Asking) -> tuple[xr.DataArray | None, xr.DataArray | None]:
    """AI nativeness less output per head, by part and year, and its slope; None where one of them is not there."""
    named = {one.id: one for one in taken}
    if DRIVER not in named or OUTPUT not in named or not set(named[DRIVER].years) & set(named[OUTPUT].years):
        return None, None
    gap, slope, years = contrast(named[DRIVER], named[OUTPUT], asking)
    part: dict[str, Sequence[object]] = {"part": SHOWN[:-1]}  # a difference of two units has none
    bound: dict[str, Sequence[object]] = {"bound": BOUNDS}
    year: dict[str, Sequence[object]] = {"year": years}
    by_part = np.swapaxes(gap, 0, 1)[: len(SHOWN) - 1]
    return labelled([*by_part], part | year | bound), labelled([*slope[: len(SHOWN) - 1]], part | bound)


def _rows(cells: xr.DataArray, prefix: str, inner: tuple[str, ...]) -> list[dict[str, object]]:
    """Cells (measure, [year], *inner, [bound]) as rows of `tidy`."""
    timed, bounded = "year" in cells.dims, "bound" in cells.dims
    at = [dim for dim in ("measure", "year", *inner) if dim in cells.dims]
    rows: list[dict[str, object]] = []
    names = {dim: cells[dim].values.tolist() for dim in at}
    ordered = cells.transpose(*at, *(["bound"] if bounded else [])).values
    for place in product(*(range(cells.sizes[dim]) for dim in at)):
        named = {dim: names[dim][k] for dim, k in zip(at, place, strict=True)}
        found = ordered[place]
        told = dict(zip(("estimate", "conf_low", "conf_high"), found, strict=True)) if bounded else {"estimate": found}
        term = prefix + "-".join(str(named[dim]) for dim in inner)
        rows.append({"measure": named["measure"], "year": named["year"] if timed else None, "term": term, **told})
    return rows
