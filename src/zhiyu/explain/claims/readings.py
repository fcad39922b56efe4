"""What claims read off data by other means than one regression: moves, shifts, thresholds, events; all in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from zhiyu.explain.claims import spatial
from zhiyu.explain.claims.gaps import OUTPUT, PEOPLE, between_trend, complete, dispersion, divide, lagging, one_club
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.pretrend import Series, pretrend
from zhiyu.explain.claims.question import Found
from zhiyu.explain.claims.resample import of_mean, of_years, resampled, slope
from zhiyu.terms import Label, Refusal, label

ATTRIBUTES = ("ai_native", "data_factor", "platform_system", "industry_convergence", "governance_foresight")
INCOME = "disposable_income_pc_yuan"
CAPITAL, LABOUR = "log(capital_stock_real2011_100m)", "log(population_10k)"
DIMENSIONS = ("digital_industrialisation", "industrial_digitalisation", "digital_governance", "data_valorisation")
BIG_DATA = "National Big Data Comprehensive Pilot Zone"
AI_ZONES = "National New-Generation AI Innovation and Development Pilot Zone"


@dataclass(frozen=True)
class Reading:
    """terms : what it reads; index : whether the index is among them; needs : "groups", "events", "neighbours" or "".

    condition : it holds or does not, and is not tested against chance. looks : further choices of the multiverse that
        it looks at; measures : of dispersion that stand for it.
    """

    run: Callable[[str, Label, Inputs, Sample, int], Found]
    terms: tuple[str, ...]
    index: bool
    needs: str = ""
    condition: bool = False
    looks: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


def named(name: str) -> Label:
    """A reading's name in both languages."""
    return label(f"explain.claims.{name}")


def _moves(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Steps up less steps down of the five attributes, as a share of all steps; p as of a trend, over years too."""
    variables = sample.variables
    stage = variables.index.stage.reindex(region=list(variables.codes), year=list(variables.years), fill_value=0)
    missing = [node for node in ATTRIBUTES if node not in stage["node"].values]
    if missing:
        raise Refusal("claim_unknown_name", name=", ".join(missing), formula=", ".join(ATTRIBUTES))
    levels = stage.sel(node=list(ATTRIBUTES)).transpose("node", "region", "year").values.astype(float)
    levels = np.stack([sample.cut(one) for one in np.where(levels > 0, levels, np.nan)])
    step = np.diff(levels, axis=-1)
    net, number = np.nansum(np.sign(step), axis=0), np.isfinite(step).sum(axis=0).astype(float)
    shown = np.flatnonzero(number.sum(axis=1) > 0)
    codes = tuple(sample.codes[i] for i in shown)
    net, number = net[shown], number[shown]
    share = lambda rows: net[rows].sum(axis=(1, 2)) / number[rows].sum(axis=(1, 2))  # noqa: E731
    found = resampled(name, told, 1, share, codes, draws, inputs.seed)
    years = number.sum(axis=0) > 0
    p = max(found.p, of_mean(net.sum(axis=0)[years] / number.sum(axis=0)[years]))
    return replace(found, p=p, observations=int(number.sum()))


def _combination(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Shapley share of R2 that falls to the fourfold product beside the four levels; holds if surely above noise."""
    from zhiyu.explain.mechanism import shapley

    terms = [f"lag({term})" for term in (*DIMENSIONS, " : ".join(DIMENSIONS))]
    (y, *x), codes, _ = complete(sample, f"log({OUTPUT})", *terms)
    found = shapley(y, [one[..., None] for one in x], draws=min(draws, 199), seed=inputs.seed)
    part, low, high = float(found.parts[-1]), float(found.low[-1]), float(found.high[-1])
    size = found.observations
    return Found(
        name, told, "condition", 1, part, low, high, float("nan"), codes, holds=low > 1.0 / size, observations=size
    )  # fmt: skip


def _shift(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
    """Yearly change of the part of growth that data and intelligence account for, as a share of mean growth.

    Elasticities by first differences of ln output on those of capital, labour, data and AI nativeness with region
    and year effects; a term's part in a year's growth is its elasticity times its mean change in the year.
    """
    terms = ("log(gdp_real2011_100m)", CAPITAL, LABOUR, "data_factor", "ai_native")
    values, codes, years = complete(sample, *terms)
    change = np.diff(np.stack(values, axis=-1), axis=1)

    def parts(rows: np.ndarray) -> np.ndarray:
        drawn = change[rows]
        mean = drawn.mean(axis=1, keepdims=True)
        within = drawn - mean - drawn.mean(axis=2, keepdims=True) + mean.mean(axis=2, keepdims=True)
        gram = np.einsum("bntk,bntl->bkl", within, within)
        slopes = np.linalg.solve(gram[:, 1:, 1:], gram[:, 1:, :1])[..., 0]
        part = np.einsum("bk,btk->bt", slopes[:, 2:], mean[:, 0, :, 3:])
        return np.asarray(part / mean[:, 0, :, 0].mean(axis=1, keepdims=True))

    figure = lambda rows: slope(parts(rows), years[1:])  # noqa: E731
    found = resampled(name, told, 1, figure, codes, draws, inputs.seed)
    return of_years(found, parts(np.arange(len(codes))[None])[0], years[1:])


def _event(policy: str, term: str) -> Callable[..., Found]:
    """Mean effect of a staggered event, free of comparisons with regions already treated."""

    def run(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
        from zhiyu.explain.group_time import callaway_santanna

        if inputs.events is None:
            raise Refusal("claim_no_event", name=policy)
        (y,), codes, years = complete(sample, term)
        first = inputs.events.first(policy, codes)
        found = callaway_santanna(y, first, years, "not-yet", draws=min(draws, 999), seed=inputs.seed)
        one = found.simple
        return Found(
            name, told, "resampled", 1, one.estimate, one.low, one.high, one.p, codes, found.without,
            observations=y.size, std_error=one.std_error,
        )  # fmt: skip

    return run


def _whole(term: str) -> Series:
    def series(sample: Sample) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
        (y,), codes, years = complete(sample, term)
        return y, codes, years

    return series


def _threshold(outcome: str, regime: str, by: str, others: tuple[str, ...], sign: int) -> Callable[..., Found]:
    """Coefficient above the threshold less that below; p of the threshold itself, by whole-region residuals.

    The regressor is less its mean of the year, so that a change of slope at the threshold brings no jump with it. The
    interval holds the jackknife's at every threshold that the likelihood ratio does not reject: one at the threshold
    found would take it for known.

    Source: Hansen (2000), Econometrica 68, on intervals of slopes.
    """

    def run(name: str, told: Label, inputs: Inputs, sample: Sample, draws: int) -> Found:
        from scipy.special import stdtrit

        from zhiyu.explain.jackknife import fits
        from zhiyu.explain.threshold import fit
        from zhiyu.explain.wild import leave_one_out

        (y, x, q, *more), codes, years = complete(sample, outcome, regime, by, *others)
        x = x - x.mean(axis=0)
        dummies = np.broadcast_to(np.eye(len(years))[None, :, 1:], (*y.shape, len(years) - 1))
        controls = np.concatenate([*(z[..., None] for z in more), dummies], axis=-1)
        found = fit(y, controls, x, q, trim=0.1, bootstraps=min(draws, 499), seed=inputs.seed)
        gap, possible = float(found.regimes[1] - found.regimes[0]), found.candidates[found.lr[0] <= found.cut]
        above = x[..., None] * (q[..., None] > np.concatenate([found.gamma, possible]))
        beside = np.concatenate([x[..., None], *(z[..., None] for z in more)], axis=-1)
        pairs = np.stack([np.zeros(above.shape[-1], dtype=int), np.arange(above.shape[-1])], axis=-1)
        left = fits(y[..., None], above, beside, pairs, "two-way", grounds=inputs.grounds)
        reach = float(stdtrit(left.regions - 1, 0.975)) * left.std_error
        bounds = float(np.nanmin(left.estimate - reach)), float(np.nanmax(left.estimate + reach))
        without = leave_one_out(y, np.concatenate([above[..., :1], beside], axis=-1), 0, "two-way")
        p = max(float(found.p[0]), float(found.p_wild[0]))
        return Found(
            name, told, "resampled", sign, gap, *bounds, p, codes, without, observations=y.size,
            std_error=float(left.std_error[0]), at=float(found.gamma[0]),
        )  # fmt: skip

    return run


READINGS: dict[str, Reading] = {
    "C05.threshold": Reading(
        _threshold("log(gdp_real2011_100m)", "lag(data_factor)", "lag(institutions)", (CAPITAL, LABOUR), 1),
        ("gdp_real2011_100m", "data_factor", "institutions", CAPITAL, LABOUR),
        True,
    ),
    "C06": Reading(_shift, ("gdp_real2011_100m", CAPITAL, LABOUR, "data_factor", "ai_native"), True),
    "C08.clusters": Reading(spatial.clusters, (), True, "neighbours", condition=True),
    "C08.weights": Reading(
        spatial.most_weights, ("gdp_real2011_100m", CAPITAL, LABOUR), True, "neighbours", condition=True
    ),
    "C08.spill": Reading(spatial.spill, ("gdp_real2011_100m", CAPITAL, LABOUR), True, "neighbours"),
    "C09.threshold": Reading(
        _threshold(
            f"log({OUTPUT})",
            "log(trade_goods_100m / gdp_100m)",
            "log(trade_goods_100m / gdp_100m)",
            (f"{CAPITAL} - {LABOUR}",),
            -1,
        ),
        (OUTPUT, "trade_goods_100m / gdp_100m", CAPITAL),
        False,
    ),
    "C10.researchers": Reading(
        dispersion("rd_researchers_fte", 1, "herfindahl"),
        ("rd_researchers_fte",),
        False,
        looks=("measure",),
        measures=("gini", "theil"),
    ),
    "C10.contracts": Reading(
        dispersion("tech_market_output_10k", 1, "herfindahl"),
        ("tech_market_output_10k",),
        False,
        looks=("measure",),
        measures=("gini", "theil"),
    ),
    "C10.lagging": Reading(lagging, ("rd_researchers_fte", OUTPUT), False, looks=("lagging",)),
    "C11.combination": Reading(_combination, ("gdp_real2011_100m", LABOUR, *DIMENSIONS), True, condition=True),
    "C12.moves": Reading(_moves, ATTRIBUTES, True),
    "C14.event": Reading(_event(BIG_DATA, "data_factor"), ("data_factor",), True, "events"),
    "C14.before": Reading(pretrend(BIG_DATA, _whole("data_factor")), ("data_factor",), True, "events", condition=True),
    "C15.before": Reading(
        pretrend(AI_ZONES, _whole("industry_convergence")), ("industry_convergence",), True, "events", condition=True
    ),
    "C15.event": Reading(_event(AI_ZONES, "industry_convergence"), ("industry_convergence",), True, "events"),
    "C19.output_spread": Reading(
        dispersion(OUTPUT, -1, "log"),
        (OUTPUT,),
        False,
        looks=("measure", "people"),
        measures=("cv", "gini", "theil"),
    ),
    "C19.income_spread": Reading(
        dispersion(INCOME, -1, "log"),
        (INCOME, PEOPLE),
        False,
        looks=("measure", "people"),
        measures=("cv", "gini", "theil"),
    ),
    "C19.output_between": Reading(between_trend(OUTPUT, -1), (OUTPUT,), False, "groups", looks=("groups",)),
    "C19.income_between": Reading(between_trend(INCOME, -1), (INCOME,), False, "groups", looks=("groups",)),
    "C19.output_club": Reading(one_club(OUTPUT), (OUTPUT,), False, condition=True),
    "C19.income_club": Reading(one_club(INCOME), (INCOME,), False, condition=True),
    "C23.level": Reading(divide, ("ai_native", OUTPUT), True, "groups", looks=("groups",)),
    "C23.trend": Reading(between_trend("ai_native", 1), ("ai_native",), True, "groups", looks=("groups",)),
}
