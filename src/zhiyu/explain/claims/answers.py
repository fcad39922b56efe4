"""A claim's parts answered on a study's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np

from zhiyu.explain import panel_ols, wild
from zhiyu.explain.claims.inputs import Inputs, Sample, lacking
from zhiyu.explain.claims.plans import Plan
from zhiyu.explain.claims.question import Asking, Found, Test
from zhiyu.explain.claims.readings import READINGS, named
from zhiyu.explain.claims.rules import NOTHING, Answered, lacks
from zhiyu.explain.claims.variables import Variables
from zhiyu.explain.jackknife import Fits, Grounds, fits
from zhiyu.explain.productivity import trend
from zhiyu.framework.rows import Claim
from zhiyu.terms import Label, Refusal

DRAWS = 60  # of the index, behind the interval that carries its uncertainty


def answer(
    claim: Claim,
    plan: Plan | None,
    asked: Mapping[str, Asking],
    inputs: Inputs,
    draws: int,
    own: bool = False,
    index_draws: int = DRAWS,
) -> Answered:
    """Every part of a claim, or why one of them cannot be answered here.

    Where any one part would do, those that can be answered are. index_draws : behind the intervals that carry the
    index's uncertainty, 0 = none.
    """
    if plan is None:
        return Answered(claim, None, own=own)
    parts, why = [], NOTHING
    for name in plan.parts:
        try:
            parts.append(part(name, asked, inputs, draws, index_draws))
        except Refusal as refusal:
            why = why if why.en else lacks(refusal)
    if not parts or (plan.need == "all" and len(parts) < len(plan.parts)):
        return Answered(claim, plan, lacking=why, own=own)
    if plan.need == "any" or all(one.how == "condition" for one in parts):
        parts = parts if any(one.how != "condition" for one in parts) else []
    return Answered(claim, plan, tuple(parts), why if not parts else NOTHING, own)


def part(name: str, asked: Mapping[str, Asking], inputs: Inputs, draws: int, index_draws: int = DRAWS) -> Found:
    """One part by the claim's own specification, with all that its verdict needs.

    Raises
    ------
    Refusal
        If the study lacks a variable, or the data cannot bear the method.
    """
    variables = inputs.variables()
    if name in asked:
        return regression(asked[name], variables, inputs, draws, index_draws)
    reading = READINGS[name]
    refuse_missing(named(name), [x for term in reading.terms for x in variables.missing(term)])
    refuse_incomparable(named(name), reading.index, variables)
    return reading.run(name, named(name), inputs, Sample.whole(variables), draws)


def regression(asked: Asking, variables: Variables, inputs: Inputs, draws: int, index_draws: int = DRAWS) -> Found:
    """The claim's own regression, by two readings of chance, and without each region.

    p is the larger of the wild cluster bootstrap's and the jackknife's over regions, and the interval holds both of
    theirs: with few, unequal regions each alone calls chance a finding too often in some panels, both together in none
    that we tried (docs/decisions/0009). A trend of all regions is held against the years' own noise too.
    """
    refuse_missing(asked.label, lacking(asked, variables))
    refuse_incomparable(asked.label, uses_index(asked, variables), variables)
    test = Sample.whole(variables).test(asked)
    main = cast(panel_ols.Effects, asked.effects[0])
    found = panel_ols.fit(test.y, test.x, main)
    from scipy.special import stdtrit

    left = jackknifed(test, inputs.grounds)
    reach = float(stdtrit(left.regions - 1, 0.975)) * float(left.std_error[0])
    estimate, p_jackknife = float(found.beta[0]), float(left.p[0])
    p_wild = wild.wild_cluster(test.y, test.x, 0, main, draws, seed=inputs.seed).p
    bounds = [
        wild.wild_interval(test.y, test.x, 0, main, min(draws, 1999), seed=inputs.seed),
        (estimate - reach, estimate + reach),
    ]
    index_low, index_high = carried(asked, inputs, index_draws)
    used = np.flatnonzero(found.used.any(axis=0))
    chances = [p_wild, p_jackknife]
    if asked.driver == "year":  # what all regions share in a year is noise to a trend too
        line = trend(np.nanmean(test.y[:, used], axis=0)[None], np.array(test.years)[used])
        chances.append(line.p_value)
        bounds.append((estimate - line.slope + line.low, estimate - line.slope + line.high))
    return Found(
        id=asked.id,
        label=asked.label,
        how="regression",
        sign=asked.sign,
        estimate=estimate,
        low=float(np.min([low for low, _ in bounds])),
        high=float(np.max([high for _, high in bounds])),
        p=float(np.max(chances)),
        regions=test.regions,
        without=wild.leave_one_out(test.y, test.x, 0, main),
        observations=found.observations,
        years=tuple(test.years[t] for t in used),
        std_error=float(found.std_errors[0]),
        p_cluster=float(found.p[0]),
        p_wild=p_wild,
        p_jackknife=p_jackknife,
        index_low=index_low,
        index_high=index_high,
    )


def carried(asked: Asking, inputs: Inputs, draws: int = DRAWS) -> tuple[float, float]:
    """95 % bounds of the coefficient that also hold what the index might have been.

    Each draw is a recipe (a method of scaling and one of weighting from the table of the multiverse) with every
    indicator's weight multiplied by U(0.75, 1.25); driver and outcome keep the spread they have by the study's recipe,
    so that another unit does not pass for another effect. With m draws, mean b, mean squared error U and variance B
    over draws: b +- t sqrt(U + (1 + 1/m) B). nan where no index enters.

    Source: Rubin (1987), Multiple imputation for nonresponse in surveys, chapter 3.
    """
    variables = inputs.variables()
    if draws < 2 or not uses_index(asked, variables):
        return float("nan"), float("nan")
    main = Sample.whole(variables).test(asked)
    base = _spread(main.x[..., 0]), _spread(main.y)
    estimates, errors, regions = [], [], []
    for drawn in inputs.drawn(draws):
        try:
            test = Sample.whole(drawn).test(asked)
            scale = (_spread(test.x[..., 0]) / base[0]) * (base[1] / _spread(test.y))
            found = jackknifed(test, inputs.grounds)
        except Refusal:
            continue
        estimates.append(scale * float(found.estimate[0]))
        errors.append(scale * float(found.std_error[0]))
        regions.append(found.regions)
    return pooled(np.array(estimates), np.array(errors), min(regions, default=1) - 1)


def jackknifed(test: Test, grounds: Grounds | None = None) -> Fits:
    """The regression with its jackknife over regions."""
    seen = np.isfinite(test.y) & np.isfinite(test.x).all(axis=-1)
    y, x = np.where(seen, test.y, np.nan)[..., None], np.where(seen[..., None], test.x, np.nan)
    controls, pair = x[..., 1:], np.array([[0, 0]])
    return fits(y, x[..., :1], controls, pair, test.effects, grounds=grounds)  # type: ignore[arg-type]


def pooled(estimates: np.ndarray, errors: np.ndarray, freedom: int) -> tuple[float, float]:
    """Rubin's 95 % bounds of estimates (m,) with errors (m,), the t's degrees capped by the regions' `freedom`."""
    from scipy.special import stdtrit

    m = len(estimates)
    if m < 2 or not np.isfinite(estimates).all() or not np.isfinite(errors).all():
        return float("nan"), float("nan")
    within, between = float((errors**2).mean()), float(estimates.var(ddof=1)) * (1.0 + 1.0 / m)
    own = (m - 1) * (1.0 + within / between) ** 2 if between > 0 else np.inf
    reach = float(stdtrit(min(own, freedom), 0.975)) * float(np.sqrt(within + between))
    centre = float(estimates.mean())
    return centre - reach, centre + reach


def _spread(values: np.ndarray) -> float:
    return float(np.nanstd(values))


def refuse_missing(name: Label, missing: Sequence[str]) -> None:
    """Refuses where the study has no variable of these names."""
    if missing:
        raise Refusal("claim_lacks", name=name, names=", ".join(sorted(set(missing))))


def refuse_incomparable(name: Label, uses: bool, variables: Variables) -> None:
    """Refuses scores that are scaled anew each year: their years do not stand on one scale."""
    if uses and not variables.index.comparable:
        raise Refusal("claim_incomparable", name=name)


def uses_index(asked: Asking, variables: Variables) -> bool:
    """Whether a term of the claim is made from the index."""
    return bool(index_names(asked, variables))


def index_names(asked: Asking, variables: Variables) -> frozenset[str]:
    """The index nodes, subsystems and logics among a claim's names."""
    terms = [asked.outcome, asked.driver, *(name.lstrip("@") for name in asked.controls if name != "own")]
    return frozenset(name for term in terms for name in variables.made(term))
