"""Convergence of an index's scores and of output and income per head: dispersion, growth regressions, log t, clubs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from zhiyu.data.neighbours import Neighbours
from zhiyu.data.panel import Panel
from zhiyu.explain.clubs import Clubs, clubs
from zhiyu.explain.convergence import Sigma, sigma
from zhiyu.explain.growth import Beta, absolute_beta, conditional_beta
from zhiyu.explain.log_t import LogT, log_t
from zhiyu.explain.of import samples
from zhiyu.explain.spatial_growth import spatial_beta
from zhiyu.explain.telling import summary
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Locale, Refusal, text

if TYPE_CHECKING:
    import pandas as pd

REGIONS, YEARS = 10, 4  # fewest for a growth regression to be read at all
LOG_T_YEARS = 7  # five points after a third is left out


@dataclass(frozen=True)
class Drawing:
    """What one series says of convergence; n regions complete over t consecutive years.

    values : (region, year); left_out : codes of regions that lack a year of these.
    spatial : None without neighbours; log_t, clubs : None below the years that `log_t` asks for. Both are of levels,
        so that the unit does not matter. Rows of `clubs` are those of `values`.
    """

    id: str
    label: Label
    values: xr.DataArray
    left_out: tuple[str, ...]
    sigma: Sigma
    absolute: Beta
    conditional: Beta
    spatial: Beta | None = None
    log_t: LogT | None = None
    clubs: Clubs | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(str(code) for code in self.values["region"].values)

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(int(year) for year in self.values["year"].values)

    def members(self, merged: bool = True) -> tuple[tuple[str, ...], ...]:
        """Codes of each club's regions, after merging or before it."""
        found = self.clubs.merged if self.clubs is not None and merged else self.clubs
        return () if found is None else tuple(tuple(self.codes[int(i)] for i in rows) for rows in found.members)

    def divergent(self, merged: bool = True) -> tuple[str, ...]:
        """Codes of the regions in no club."""
        found = self.clubs.merged if self.clubs is not None and merged else self.clubs
        return () if found is None else tuple(self.codes[int(i)] for i in found.divergent)


@dataclass(frozen=True)
class ConvergenceEvidence:
    """Convergence by series: the root, the top nodes, output and income per head where the panel has them.

    series : the first is the one findings are told of. skipped : label of a series -> why it says nothing.
    names : region code -> name; groups : region code -> name of its group, empty without a grouping.
    neighbours : kind of the weights of the spatial regressions, "" without.
    """

    series: tuple[Drawing, ...]
    skipped: tuple[tuple[Label, Label], ...]
    names: dict[str, Label]
    groups: dict[str, Label]
    neighbours: str
    draws: int
    seed: int

    def tidy(self) -> pd.DataFrame:
        """A row an estimate: series, term, estimate, std_error, statistic, p_value, conf_low, conf_high, regions."""
        import pandas as pd

        return pd.DataFrame([{"series": one.id, **row} for one in self.series for row in _rows(one)])

    def glance(self) -> pd.DataFrame:
        """One row: the first series' regions, years and main figures."""
        import pandas as pd

        one = self.series[0]
        told: dict[str, object] = {
            "series": one.id,
            "regions": len(one.codes),
            "first": one.years[0],
            "last": one.years[-1],
            "sigma_change": one.sigma.log.change,
            "absolute_gap_change": one.sigma.absolute.change,
            "beta": one.absolute.b,
            "speed": one.absolute.speed,
            "half_life": one.absolute.half_life,
            "beta_conditional": one.conditional.b,
            "beta_conditional_if_none": one.conditional.null_b,
            "log_t_b": None if one.log_t is None else one.log_t.b,
            "log_t_t": None if one.log_t is None else one.log_t.t,
            "clubs": len(one.members(merged=False)),
            "clubs_merged": len(one.members()),
            "divergent": len(one.divergent()),
        }
        return pd.DataFrame([told])

    def summary(self, locale: Locale = "en") -> str:
        """Plain text with every estimate and the caveats."""
        keys = ("nickell", "short") if any(one.log_t is not None for one in self.series) else ("nickell",)
        notes = [_label(f"explain.convergence.{key}") for key in keys]
        return summary(_label("explain.convergence.title"), self.glance(), self.tidy(), notes, locale)


def convergence(
    index: Index,
    panel: Panel,
    grouping: str | None = None,
    w: Neighbours | None = None,
    seed: int = 0,
    draws: int = 1000,
) -> ConvergenceEvidence:
    """Sigma, beta (absolute, conditional, spatial), log t and clubs of the root, the top nodes, output and income.

    Aggregates such as "EU" never take part. A series keeps its longest run of consecutive years in which half of the
    regions have a value, and the regions that have one in all of them; the others are named in `left_out`. A series
    with a value that is not above zero, with fewer than 10 regions or 4 years is skipped, with the reason. The log t
    test and clubs need 7 years.

    Parameters
    ----------
    grouping : names groups for the clubs' description only
    w : neighbours, whose rows are matched by code and standardised; None leaves the spatial regression out
    seed, draws : of sigma's bootstrap

    Raises
    ------
    Refusal
        If no series can be read: scores of one year alone, or scaled anew in each year.

    Source: see `zhiyu.explain.convergence`.
    """
    codes = samples.taking_part(index, None)
    found: list[Drawing] = []
    skipped: list[tuple[Label, Label]] = []
    for taken in _samples(index, panel, codes):
        values, left_out = _consecutive(taken.values.transpose("region", "year")), taken.left_out
        why = _unfit(values)
        if why is None:
            found.append(_drawing(taken.id, taken.label, values, left_out, w, seed, draws))
        else:
            skipped.append((taken.label, why))
    if not index.comparable:
        skipped.insert(0, (index.tree.root.label, _label("explain.convergence.not_comparable")))
    if not found:
        name, why = skipped[0] if skipped else (index.tree.root.label, _label("explain.convergence.no_scores"))
        raise Refusal("convergence_nothing", name=name, why=why, regions=REGIONS, years=YEARS)
    names = {code: index.regions.label(code) for code in codes}
    groups: dict[str, Label] = {}
    if grouping is not None:
        for group, members in index.regions.grouping(grouping).items():
            groups |= dict.fromkeys(members, group.label)
    kind = "" if w is None else w.kind
    return ConvergenceEvidence(tuple(found), tuple(skipped), names, groups, kind, draws, seed)


def _samples(index: Index, panel: Panel, codes: list[str]) -> Iterator[samples.Sample]:
    if index.comparable:
        yield from samples.scores(index, codes)
    yield from samples.outcomes(panel, [code for code in codes if code in panel.codes])


def _consecutive(values: xr.DataArray) -> xr.DataArray:
    """The longest run of consecutive years, the later of two as long."""
    years = values["year"].values
    runs = np.split(np.arange(len(years)), np.flatnonzero(np.diff(years) != 1) + 1)
    return values.isel(year=max(runs, key=lambda run: (len(run), int(run[-1]))))


def _unfit(values: xr.DataArray) -> Label | None:
    n, years = values.shape
    if n < REGIONS or years < YEARS:
        return _label("explain.convergence.too_few", regions=n, years=years, least=REGIONS, least_years=YEARS)
    if (values.values <= 0).any():
        return _label("explain.convergence.not_positive")
    if (np.ptp(values.values, axis=0) == 0).any():
        return _label("explain.convergence.no_spread")
    return None


def _drawing(
    name: str,
    label: Label,
    values: xr.DataArray,
    left_out: tuple[str, ...],
    w: Neighbours | None,
    seed: int,
    draws: int,
) -> Drawing:
    x = np.ascontiguousarray(values.values)
    codes = [str(code) for code in values["region"].values]
    matrix = None if w is None else _weights(w, codes)
    long = x.shape[1] >= LOG_T_YEARS
    return Drawing(
        id=name,
        label=label,
        values=values,
        left_out=left_out,
        sigma=sigma(x, draws, seed),
        absolute=absolute_beta(x),
        conditional=conditional_beta(x),
        spatial=None if matrix is None else spatial_beta(x, matrix),
        log_t=log_t(x) if long else None,
        clubs=clubs(x) if long else None,
    )


def _weights(w: Neighbours, codes: list[str]) -> np.ndarray | None:
    """(n, n) weights of these regions in this order, rows summing to one; None if none of them are neighbours."""
    place = {code: i for i, code in enumerate(w.codes)}
    if any(code not in place for code in codes):
        return None
    rows = [place[code] for code in codes]
    matrix = w.matrix[np.ix_(rows, rows)]
    total = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0) if matrix.any() else None


def _rows(one: Drawing) -> Iterator[dict[str, object]]:
    for name in ("log", "cv", "absolute"):
        trend = getattr(one.sigma, name)
        yield _row(f"sigma_{name}_first", float(trend.values[0]))
        yield _row(f"sigma_{name}_last", float(trend.values[-1]))
        yield _row(f"sigma_{name}_slope", trend.slope, low=trend.slope_low, high=trend.slope_high)
        yield _row(f"sigma_{name}_change", trend.change, low=trend.change_low, high=trend.change_high)
    for found in (one.absolute, one.conditional, one.spatial):
        if found is not None:
            more = {"low": found.low, "high": found.high}
            yield _row(f"beta_{found.kind}", found.b, found.se, found.statistic, found.p, **more)
    first = one.absolute
    yield _row("speed", first.speed, low=first.speed_low, high=first.speed_high)
    yield _row("half_life", first.half_life)
    yield _row("beta_conditional_if_none", one.conditional.null_b)
    if one.spatial is not None:
        yield _row("beta_spatial_rho", one.spatial.rho, one.spatial.rho_se, p=one.spatial.lr_p)
        yield _row("beta_spatial_total", one.spatial.total, low=one.spatial.total_low, high=one.spatial.total_high)
    if one.log_t is not None:
        yield _row("log_t", one.log_t.b, one.log_t.se, one.log_t.t, one.log_t.p)
        yield _row("log_t_least_rate", one.log_t.least_rate)
    for kind, found_clubs in _club_sets(one):
        for k, rows in enumerate(found_clubs.members):
            members = " ".join(one.codes[int(i)] for i in rows)
            fit = (float(found_clubs.b[k]), float(found_clubs.se[k]), float(found_clubs.t[k]))
            yield {**_row(f"{kind}_{k + 1}", *fit), "regions": members}
        rest = " ".join(one.codes[int(i)] for i in found_clubs.divergent)
        yield {**_row(f"{kind}_none", found_clubs.divergent_b, statistic=found_clubs.divergent_t), "regions": rest}


def _club_sets(one: Drawing) -> Iterator[tuple[str, Clubs]]:
    if one.clubs is not None:
        yield "club", one.clubs
        if one.clubs.merged is not None:
            yield "merged_club", one.clubs.merged


def _row(
    term: str,
    estimate: float | None,
    std_error: float | None = None,
    statistic: float | None = None,
    p: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> dict[str, object]:
    cells = {"estimate": estimate, "std_error": std_error, "statistic": statistic, "p_value": p}
    cells |= {"conf_low": low, "conf_high": high}
    return {"term": term, **{name: np.nan if cell is None else cell for name, cell in cells.items()}, "regions": ""}


def _label(key: str, **values: object) -> Label:
    return Label(text(key, "zh", **values), text(key, "en", **values))
