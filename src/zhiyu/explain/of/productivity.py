"""How much of growth comes from more inputs and how much from productivity (TFP), by region, year and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from zhiyu.data.panel import Panel
from zhiyu.explain.efficiency import malmquist
from zhiyu.explain.factor_shares import correlation, vary
from zhiyu.explain.of import factors
from zhiyu.explain.of.factors import INPUTS, said
from zhiyu.explain.of.gaps import labelled
from zhiyu.explain.productivity import growth_accounts, multilateral_tfp, trend
from zhiyu.explain.telling import summary
from zhiyu.measure.index import Index
from zhiyu.terms import Label, Locale, Refusal

if TYPE_CHECKING:
    import pandas as pd

OUTPUT = "gdp_real2011_100m"
SHARES: dict[str, float | str] = {"capital": 0.5, "labour": 0.5}
BESIDE = ("data_factor", "ai_native")  # of claim C06
GRID = (30, 35, 40, 45, 50, 55, 60)  # shares in per cent of the first input that the field uses for China
PERIODS = 3
ALIKE = 1e-7  # scores no farther apart are one
TREND = ("slope", "std_error", "statistic", "p_value", "low", "high", "std_error_regions")
FIGURES = ("tfp", "share", "level_correlation", "growth_correlation")
STEPS = ("index", "efficiency_change", "technical_change")


@dataclass(frozen=True)
class Productivity:
    """Growth accounts and TFP of regions complete in output and inputs. Growth is the log difference a year.

    output, inputs, shares : formulas (or a node of the index) and shares as asked; labels : part or factor -> name.
    doubts : variable -> (its name, its grade, the dictionary's note), of those below A-.
    accounts : (region, year, part) growth = the inputs' contributions + tfp, in the year that ends a step.
    weights : (region, year) share in the regions' output, mean of both ends; whole : (year, part) accounts so weighted.
    rates : (region, factor) growth of the inputs and of nodes beside them over the whole span.
    periods : (period, part) of the whole, and by_region : (region, period, part), a year on average; the last period is
        the whole span. factors : (period, factor) growth of the inputs and of nodes beside them, so weighted.
    trend : (part, figure) slope a year of the regions' mean; of `share_PART`, the part's share in the whole's growth;
        of `rate_FACTOR`, the growth of a factor. Its interval takes what all regions share in a year as noise.
    tfp : (region, year) ln TFP against the mean of all regions and years (multilateral index).
    sensitivity : (share, figure) with the first input's share set anew: the whole's TFP growth, its share of growth,
        and rank correlations of the regions' TFP (last level, growth) with those at the stated shares.
    ranks : (region, kind, bound) rank by last level and by growth: at the stated shares, best and worst over `GRID`.
    break_even : share of the first input at which the whole's TFP would stand still; nan unless two inputs.
    mirror : correlation over regions of TFP growth with the first input's growth. Errors in that input push it below 0.
    scores, steps : (region, year) DEA efficiency, and (region, year, step) Malmquist index and its two factors, a year.
    alone : (year, input) regions whose efficiency that input alone settles, so that the others count for nothing.
    """

    output: str
    inputs: dict[str, str]
    shares: dict[str, str]
    labels: dict[str, Label]
    doubts: dict[str, tuple[Label, str, Label]]
    regions: dict[str, Label]
    left_out: tuple[str, ...]
    accounts: xr.DataArray
    weights: xr.DataArray
    whole: xr.DataArray
    periods: xr.DataArray
    by_region: xr.DataArray
    factors: xr.DataArray
    rates: xr.DataArray
    trend: xr.DataArray
    tfp: xr.DataArray
    sensitivity: xr.DataArray
    ranks: xr.DataArray
    break_even: float
    mirror: float
    scores: xr.DataArray
    steps: xr.DataArray
    alone: xr.DataArray

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(int(year) for year in self.tfp["year"].values)

    @property
    def spans(self) -> tuple[str, ...]:
        """Names of the periods, the last the whole span."""
        return tuple(str(name) for name in self.periods["period"].values)

    def tidy(self) -> pd.DataFrame:
        """A row an estimate: term, region ("" for the whole), period (a year or a span), estimate, trend's errors."""
        import pandas as pd

        columns = ["term", "region", "period", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
        rows: list[dict[str, object]] = []
        for name, cells in (
            ("contribution_", self.periods),
            ("contribution_", self.by_region),
            ("contribution_", self.accounts),
            ("rate_", self.factors),
            ("", self.tfp.expand_dims(term=["ln_tfp"])),
            ("", self.scores.expand_dims(term=["efficiency"])),
            ("malmquist_", self.steps),
        ):
            rows += _rows(cells, name)
        for part in self.trend["part"].values:
            told = dict(zip(TREND, self.trend.sel(part=part).values.tolist(), strict=True))
            line = {"estimate": told["slope"], "conf_low": told["low"], "conf_high": told["high"]}
            line |= {name: told[name] for name in TREND[1:4]}
            rows.append({"term": f"trend_{part}", "region": "", "period": self.spans[-1], **line})
        found = pd.DataFrame(rows, columns=columns).dropna(subset="estimate", ignore_index=True)
        return found.astype(dict.fromkeys(columns[3:], float))

    def glance(self) -> pd.DataFrame:
        """One row: growth and TFP of the whole, TFP's share over the shares tried, the frontier's reading."""
        import pandas as pd

        whole = self.periods.sel(period=self.spans[-1])
        growth, tfp = (float(whole.sel(part=part)) for part in ("growth", "tfp"))
        tried = self.sensitivity.sel(figure="share")
        row: dict[str, object] = {
            "regions": len(self.regions),
            "years": self.spans[-1],
            "output": self.output,
            "inputs": ", ".join(f"{name} = {self.inputs[name]} ({share})" for name, share in self.shares.items()),
            "growth": growth,
            "tfp": tfp,
            "tfp_share": tfp / growth if growth > 0 else np.nan,
            "tfp_share_least": float(tried.min()) if tried.size else np.nan,
            "tfp_share_most": float(tried.max()) if tried.size else np.nan,
            "break_even_share": self.break_even,
            "mirror": self.mirror,
            "malmquist": self.frontier_growth["index"],
        }
        return pd.DataFrame([row])

    def summary(self, locale: Locale = "en") -> str:
        """Title, the whole's figures, the accounts of the whole and the trends, and what they rest on."""
        kept = self.tidy().query("region == ''")
        notes = [said("explain.productivity.residual"), said("explain.productivity.share")]
        notes += [said("explain.productivity.proxy")] if self.proxied else []
        notes += [said("explain.productivity.doubt", name=n, grade=g, note=w) for n, g, w in self.doubts.values()]
        return summary(said("explain.productivity.title"), self.glance(), kept, notes, locale)

    @property
    def input_growth(self) -> xr.DataArray:
        """(region,) growth a year of the first input over the whole span."""
        return self.rates.isel(factor=0, drop=True)

    @property
    def frontier_growth(self) -> dict[str, float]:
        """Log growth a year of the Malmquist index and its factors, regions weighted as the whole's are."""
        moves = (self.weights * np.log(self.steps)).sum("region").mean("year")
        return {name: float(moves.sel(step=name)) for name in STEPS}

    @property
    def proxied(self) -> bool:
        """Whether the people of a region stand in for those who work."""
        return self.inputs.get("labour") == INPUTS["labour"]


def productivity(
    panel: Panel,
    index: Index | None = None,
    output: str = OUTPUT,
    inputs: Mapping[str, str] | None = None,
    shares: Mapping[str, float | str] | None = None,
    periods: int = PERIODS,
    beside: Sequence[str] = BESIDE,
) -> Productivity:
    """Growth accounts, multilateral TFP, their hang on the capital share, and DEA with its Malmquist index.

    Regions take part that have output and every input in all years in which at least half of them do; aggregates never
    do. Shares are assumed, not estimated: the defaults give capital and labour a half each, and `sensitivity` and
    `ranks` show what other shares would say. The population stands in for labour by default, which leaves hours,
    schooling and who works at all in TFP.

    Parameters
    ----------
    output : formula over the panel's variables, a volume at constant prices
    inputs : name -> formula, or a node of the index (such as {"data": "data_factor"}); by default capital and labour
    shares : name -> number, or formula for shares that vary; needed with inputs of one's own
    periods : so many spans of about equal length
    beside : nodes of the index whose growth is told beside the inputs', without a share

    Raises
    ------
    Refusal
        If the panel lacks a variable, a cell is not above zero, shares do not sum to one or name other inputs, or fewer
        than three regions or four years are complete.

    Source: as `zhiyu.explain.productivity` and `zhiyu.explain.efficiency`.
    """
    asked = dict(INPUTS if inputs is None else inputs)
    stated = dict(SHARES if shares is None and inputs is None else shares or {})
    if set(stated) != set(asked):
        raise Refusal("factor_shares_named", inputs=", ".join(asked), shares=", ".join(stated) or "-")
    arrays = {name: factors.read(panel, index, wanted) for name, wanted in {"": output, **asked}.items()}
    given = {name: factors.share(panel, index, stated[name]) for name in asked}
    taken = factors.complete(panel, [*arrays.values(), *given.values()], arrays[""])
    codes, years = list(taken.regions), np.array(taken.years)
    place = {"region": codes, "year": list(taken.years)}
    y, *xs = (np.ascontiguousarray(one.sel(place).values) for one in arrays.values())
    x, s = np.stack(xs, axis=2), np.stack([one.sel(place).values for one in given.values()], axis=2)
    try:
        made = growth_accounts(y, x, s)
    except Refusal as refusal:
        raise factors.placed(refusal, panel, codes, years, output, list(asked.values())) from refusal
    gaps = np.diff(years).astype(float)
    parts = np.concatenate([made.growth[..., None], made.contributions, made.tfp[..., None]], axis=2) / gaps[:, None]
    share = y / y.sum(axis=0)
    weights = 0.5 * (share[:, 1:] + share[:, :-1])
    whole = (weights[..., None] * parts).sum(axis=0)
    rates = factors.rates(index, codes, years, beside, made.inputs / gaps[:, None], list(asked))
    names, steps, spans = ("growth", *asked, "tfp"), years[1:].tolist(), _spans(years, periods)
    at, over = {"region": codes}, {"period": list(spans)}
    sensitivity, ranks = _sensitivity(y, x, s, weights, gaps)
    scores, moves, alone = _frontier(y, x, gaps)
    pooled = np.stack([_weighted(rate, weights) for rate in rates.values()], axis=1)
    return Productivity(
        output=output,
        inputs=asked,
        shares={name: share if isinstance(share := stated[name], str) else f"{share:g}" for name in asked},
        labels=factors.labels(asked, rates, panel, index),
        doubts=factors.doubts(panel, [output, *asked.values()]),
        regions={code: panel.regions.label(code) for code in codes},
        left_out=taken.left_out,
        accounts=labelled(list(parts), {**at, "year": steps, "part": names}),
        weights=labelled(list(weights), {**at, "year": steps}),
        whole=labelled(list(whole), {"year": steps, "part": names}),
        periods=labelled([_mean(whole, gaps, k) for k in spans.values()], {**over, "part": names}),
        by_region=labelled(
            [np.stack([_mean(one, gaps, k) for k in spans.values()]) for one in parts], {**at, **over, "part": names}
        ),
        factors=labelled([_mean(pooled, gaps, k) for k in spans.values()], {**over, "factor": list(rates)}),
        rates=labelled(
            list(np.stack([(rate * gaps).sum(axis=1) / gaps.sum() for rate in rates.values()], axis=1)),
            {**at, "factor": list(rates)},
        ),
        trend=_trends(names, parts, whole, rates, years),
        tfp=labelled(list(multilateral_tfp(y, x, s)), {**at, "year": years.tolist()}),
        sensitivity=labelled(list(sensitivity), {"share": GRID[: len(sensitivity)], "figure": FIGURES}),
        ranks=labelled(list(ranks), {**at, "kind": ("level", "growth"), "bound": ("estimate", "best", "worst")}),
        break_even=_break_even(whole, made.inputs, weights, gaps),
        mirror=correlation(made.tfp.sum(axis=1), made.inputs[..., 0].sum(axis=1)),
        scores=labelled(list(scores), {**at, "year": years.tolist()}),
        steps=labelled(list(moves), {**at, "year": steps, "step": STEPS}),
        alone=labelled(list(alone), {"year": years.tolist(), "input": list(asked)}),
    )


def _sensitivity(
    y: np.ndarray, x: np.ndarray, s: np.ndarray, weights: np.ndarray, gaps: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(g, 4) `FIGURES` by share tried, and (n, 2, 3) ranks: as stated, best and worst."""
    tried = vary(y, x, s, np.array(GRID) / 100.0)
    growth = float((weights * np.diff(np.log(y), axis=1)).sum() / gaps.sum())
    tfp = (weights * tried.tfp).sum(axis=(1, 2)) / gaps.sum()
    figures = np.column_stack([tfp, tfp / growth if growth > 0 else np.full_like(tfp, np.nan), tried.correlation])
    every = np.concatenate([tried.stated[None], tried.ranks])
    return figures, np.stack([tried.stated, every.min(axis=0), every.max(axis=0)], axis=2)


def _frontier(y: np.ndarray, x: np.ndarray, gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, t) efficiency, (n, t-1, 3) `STEPS` a year, (t, k) regions whose efficiency one input alone settles."""
    found = malmquist(x, y[..., None])
    moves = np.stack([getattr(found, step) for step in STEPS], axis=2) ** (1.0 / gaps[:, None])
    ratios = y[..., None] / x  # with one input and one output the frontier is the best ratio
    alone = np.abs(ratios / ratios.max(axis=0) - found.scores[..., None]) < ALIKE
    return found.scores, moves, alone.sum(axis=0)


def _weighted(rate: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(T,) mean over the regions that have a value, by weight; nan where none has."""
    there = np.isfinite(rate)
    total = (weights * there).sum(axis=0)
    summed = (weights * np.where(there, rate, 0.0)).sum(axis=0)
    return np.asarray(np.divide(summed, total, out=np.full_like(total, np.nan), where=total > 0))


def _spans(years: np.ndarray, periods: int) -> dict[str, np.ndarray]:
    """Name -> positions of its steps; the whole span comes last."""
    count = len(years) - 1
    edges = [round(k * count / periods) for k in range(periods + 1)] if 1 < periods <= count else []
    found = {f"{years[a]}-{years[b]}": np.arange(a, b) for a, b in pairwise(edges)}
    return {**found, f"{years[0]}-{years[-1]}": np.arange(count)}


def _mean(rates: np.ndarray, gaps: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(T, p) rates a year -> (p,) their mean over the years of some steps."""
    return np.asarray((rates[steps] * gaps[steps, None]).sum(axis=0) / gaps[steps].sum())


def _trends(
    names: tuple[str, ...], parts: np.ndarray, whole: np.ndarray, rates: Mapping[str, np.ndarray], years: np.ndarray
) -> xr.DataArray:
    """Slopes of the parts (regions' mean), of their shares in the whole's growth, and of the factors' growth."""
    middle = 0.5 * (years[1:] + years[:-1])
    series = {name: parts[..., j] for j, name in enumerate(names)}
    if (whole[:, 0] > 0).all():
        series |= {f"share_{name}": (whole[:, j] / whole[:, 0])[None] for j, name in enumerate(names) if j}
    for name, rate in rates.items():
        complete = np.isfinite(rate).all(axis=1)
        if complete.any():
            series[f"rate_{name}"] = rate[complete]
    found = [trend(values, middle) for values in series.values()]
    figures = [np.array([getattr(one, name) for name in TREND]) for one in found]
    return labelled(figures, {"part": list(series), "figure": TREND})


def _break_even(whole: np.ndarray, inputs: np.ndarray, weights: np.ndarray, gaps: np.ndarray) -> float:
    """Share of the first of two inputs at which growth would leave nothing over."""
    if inputs.shape[2] != 2:
        return float("nan")
    growth = float((whole[:, 0] * gaps).sum())
    first, second = (float((weights * inputs[..., j]).sum()) for j in (0, 1))
    return (growth - second) / (first - second) if first != second else float("nan")


def _rows(cells: xr.DataArray, name: str) -> list[dict[str, object]]:
    """A row a cell, its term from whatever coordinate is neither region nor time."""
    rows = []
    for place in np.ndindex(cells.shape):
        at = {dim: str(cells[dim].values[i]) for dim, i in zip(cells.dims, place, strict=True)}
        term = next(at[dim] for dim in ("part", "factor", "term", "step") if dim in at)
        row: dict[str, object] = {"term": f"{name}{term}", "region": at.get("region", "")}
        rows.append({**row, "period": at.get("period", at.get("year", "")), "estimate": float(cells.values[place])})
    return rows
