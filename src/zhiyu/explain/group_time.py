"""Effects of a treatment that begins at different times, group by group and period by period (Callaway, Sant'Anna)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.explain.staggered import starts
from zhiyu.terms import Refusal

Controls = Literal["never", "not-yet"]
Base = Literal["universal", "varying", "mean"]
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error, two-sided p and 95 % bounds."""

    estimate: float
    std_error: float
    p: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """Several of them, with bounds that hold for all together."""

    estimate: np.ndarray
    std_error: np.ndarray
    p: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class GroupTime:
    """ATT(g, t) and their averages; G groups by first treated year, t periods, E event times, n regions.

    groups : (G,) first treated years; sizes : (G,) regions; att : (G, t), nan where there is no comparison; before the
        start it is a placebo, which should be zero.
    event : (E,) periods since the start, 0 = the first treated one; dynamic : its effects, with bounds that hold for
        all periods together (`reach` standard errors); the base period of a universal base is 0 by construction.
    simple : mean over all treated region-periods; overall : mean over groups of each group's mean; exposure : mean over
        event times from 0 on. Their bounds hold each by itself.
    pre_p : of the largest |t| among the placebos by event time; nan without any. A large one does not show that
        trends would have stayed alike, least of all with few regions.
    wald, wald_dof, wald_p : Wald test that ATT(g, t) is zero in all cells before the start, as the R package did has
        it; for hundreds of regions: of 31 without any effect it rejects up to 99 in a hundred times. nan where there
        are more cells than regions.
    without : (n,) `simple` with each region left out; nan for a region without which there is no estimate, and for
        those treated throughout, which take no part.
    treated, control : regions that are ever treated and that never are; left_out : those treated throughout.
    """

    groups: np.ndarray
    sizes: np.ndarray
    att: np.ndarray
    att_error: np.ndarray
    event: np.ndarray
    dynamic: Effect
    reach: float
    simple: Estimate
    overall: Estimate
    exposure: Estimate
    pre_p: float
    wald: float
    wald_dof: int
    wald_p: float
    without: np.ndarray
    treated: int
    control: int
    left_out: int
    draws: int
    seed: int


@dataclass(frozen=True)
class Cells:
    """The estimates of all groups and periods, flat: c cells of (group, period).

    influence : (c, n) what each region adds to n times the error of a cell's estimate.
    """

    group: np.ndarray
    period: np.ndarray
    att: np.ndarray
    influence: np.ndarray
    start: np.ndarray


def callaway_santanna(
    y: np.ndarray,
    first: np.ndarray,
    years: np.ndarray | None = None,
    controls: Controls = "never",
    base: Base = "universal",
    draws: int = 999,
    seed: int = 0,
    small_sample: bool = True,
) -> GroupTime:
    """Group-time effects without comparisons to regions that are treated already.

    ATT(g, t) = mean over g of (y_t - y_b) less mean over controls of (y_t - y_b), b the period before g starts.

    Parameters
    ----------
    y : (n, t) outcome, complete; first : (n,) first treated year, inf = never; years : (t,) of the columns
    controls : "never" treated within these years, or "not-yet" treated in either of the two periods compared
    base : what is compared with: "universal", the last period before the start; "varying", the same from the start on,
        and for placebos each period's own predecessor, the default of the R package did; "mean", the mean of all
        periods before the start, as the two-way coefficient has it: steadier, if trends were alike all that time.
    draws : of the multiplier bootstrap over regions (Rademacher), which gives p and bounds from the distribution of the
        largest |t|; seed : of the draws
    small_sample : a group's residuals are scaled by sqrt(m / (m - 1)), m its regions, as a variance's are; without, the
        errors are those of the paper, too small by that factor.

    Regions treated throughout have no period before and take no part. A start between two years is that of the next.
    A group of two or three regions makes the bounds wide, or infinite: so little can be told from it.

    Raises
    ------
    Refusal
        As `staggered.starts`; if a group, or the controls, are fewer than two regions (no spread can be told from one:
        `synthetic.synthetic_did` takes one); if nobody is left to compare with.

    Source: Callaway and Sant'Anna (2021), Difference-in-differences with multiple time periods, Journal of Econometrics
    225; Roth (2024), Interpreting event-studies from recent difference-in-differences methods, on the base.
    """
    start = starts(y, first, years)
    outcome = np.asarray(y, dtype=float)
    t = outcome.shape[1]
    kept = start > 0
    _check(start[kept], t, controls)
    cells = _cells(outcome[kept], start[kept], controls, base, small_sample)
    m, later = int(kept.sum()), cells.period >= cells.group
    groups, sizes = np.unique(start[kept & (start < t)], return_counts=True)
    event = np.unique(cells.period - cells.group)
    weight = {g: size / m for g, size in zip(groups.tolist(), sizes.tolist(), strict=True)}
    averaged = [_averaged(cells, (cells.period - cells.group) == e, weight) for e in event]
    by_group = [_averaged(cells, later & (cells.group == g), weight) for g in groups]
    parts = [
        _averaged(cells, later, weight),
        _over_groups(cells, groups, by_group, weight),
        _mean([one for one, e in zip(averaged, event, strict=True) if e >= 0]),
    ]
    rng = np.random.default_rng(seed)
    signs = rng.integers(0, 2, size=(draws, m)) * 2.0 - 1.0
    simple, overall, exposure = (_single(_effect([one], signs, start[kept])[0]) for one in parts)
    dynamic, drawn = _effect(averaged, signs, start[kept])
    att, errors = np.full((len(groups), t), np.nan), np.full((len(groups), t), np.nan)
    at = np.searchsorted(groups, cells.group), cells.period
    att[at], errors[at] = cells.att, _errors(cells.influence)
    chi2, dof, wald = _wald(cells, base)
    labels = np.arange(t) if years is None else np.asarray(years)
    return GroupTime(
        groups=labels[groups],
        sizes=sizes,
        att=att,
        att_error=errors,
        event=event,
        dynamic=dynamic,
        reach=quantile(drawn.max(axis=1)),
        simple=simple,
        overall=overall,
        exposure=exposure,
        pre_p=_pre(dynamic, drawn, event < 0),
        wald=chi2,
        wald_dof=dof,
        wald_p=wald,
        without=_without(outcome, start, controls),
        treated=int(sizes.sum()),
        control=int((start == t).sum()),
        left_out=int((~kept).sum()),
        draws=draws,
        seed=seed,
    )


def simple_att(
    y: np.ndarray, first: np.ndarray, years: np.ndarray | None = None, controls: Controls = "never"
) -> float:
    """`callaway_santanna(...).simple.estimate` alone, without errors: for replays. Parameters as there."""
    start = starts(y, first, years)
    found = _simple(np.asarray(y, dtype=float), start, controls)
    if np.isnan(found):
        raise Refusal("staggered_no_control")
    return found


def _check(start: np.ndarray, t: int, controls: Controls) -> None:
    groups, sizes = np.unique(start[start < t], return_counts=True)
    never = int((start == t).sum())
    if never == 0 and (controls == "never" or len(groups) < 2):
        raise Refusal("staggered_no_control")
    if sizes.min() < 2 or (controls == "never" and never < 2):
        raise Refusal("staggered_single", number=int((sizes < 2).sum()), controls=never)


def _comparison(start: np.ndarray, g: int, latest: int, t: int, controls: Controls) -> np.ndarray:
    """(n,) who is compared with group g between two periods of which `latest` is the later."""
    return np.asarray(start == t if controls == "never" else (start > latest) & (start != g))


def _cells(y: np.ndarray, start: np.ndarray, controls: Controls, base: Base, small_sample: bool) -> Cells:
    n, t = y.shape
    group, period, att, influence = [], [], [], []
    for g in np.unique(start[start < t]).tolist():
        mine = start == g
        for s in range(t):
            reference = s - 1 if base == "varying" and s < g else g - 1
            if reference < 0:
                continue
            others = _comparison(start, g, max(s, reference), t, controls)
            if not others.any():
                continue
            change = y[:, s] - (y[:, :g].mean(axis=1) if base == "mean" else y[:, reference])
            estimate, added = 0.0, np.zeros(n)
            for sign, who in ((1.0, mine), (-1.0, others)):
                size = int(who.sum())
                mean = change[who].mean()
                scale = np.sqrt(size / (size - 1)) if small_sample and size > 1 else 1.0
                estimate += sign * mean
                added[who] += sign * scale * n / size * (change[who] - mean)
            group.append(g)
            period.append(s)
            att.append(estimate)
            influence.append(added)
    return Cells(np.array(group), np.array(period), np.array(att), np.array(influence), start)


def _averaged(cells: Cells, chosen: np.ndarray, weight: dict[int, float]) -> tuple[float, np.ndarray]:
    """Mean of chosen cells, each weighing as its group's share of the regions, and its influence (n,).

    The shares are estimates too: their part is (1{G = g} - p_g) / P - p_g / P^2 sum_h (1{G = h} - p_h).
    """
    groups = cells.group[chosen]
    p = np.array([weight[g] for g in groups.tolist()])
    total = float(p.sum())
    att = cells.att[chosen]
    estimate = float((p * att).sum() / total)
    influence = np.einsum("c,ci->i", p / total, cells.influence[chosen])
    off = (cells.start == groups[:, None]) - p[:, None]
    shares = off / total - p[:, None] * off.sum(axis=0) / total**2
    return estimate, influence + np.einsum("c,ci->i", att, shares)


def _over_groups(
    cells: Cells, groups: np.ndarray, parts: list[tuple[float, np.ndarray]], weight: dict[int, float]
) -> tuple[float, np.ndarray]:
    """Mean over groups of their means: cells of one per group."""
    flat = Cells(groups, groups, np.array([one[0] for one in parts]), np.array([one[1] for one in parts]), cells.start)
    return _averaged(flat, np.ones(len(groups), dtype=bool), weight)


def _mean(parts: list[tuple[float, np.ndarray]]) -> tuple[float, np.ndarray]:
    return float(np.mean([one[0] for one in parts])), np.asarray(np.mean([one[1] for one in parts], axis=0))


def _errors(influence: np.ndarray) -> np.ndarray:
    """(c,) standard errors; rounding alone is none."""
    n = influence.shape[-1]
    return np.asarray(np.sqrt((influence**2).mean(axis=-1) / n))


def _effect(parts: list[tuple[float, np.ndarray]], signs: np.ndarray, start: np.ndarray) -> tuple[Effect, np.ndarray]:
    """Estimates with bounds from the largest |t| of all parts in each draw, and the drawn |t| (d, parts).

    Each draw has standard errors of its own, with group means taken off: with five regions in a group a draw's own
    error varies, and bounds that took it for known would be too narrow.
    """
    estimate = np.array([one[0] for one in parts])
    influence = np.array([one[1] for one in parts])
    n = influence.shape[1]
    error = _errors(influence)
    moving = error > 1e-12 * max(1.0, float(np.abs(influence).max(initial=0.0)))
    drawn = np.einsum("di,ci->dc", signs, influence[moving]) / n
    square = np.zeros_like(drawn)
    for g in np.unique(start):
        of = start == g
        size = int(of.sum())
        mean = np.einsum("di,ci->dc", signs[:, of], influence[moving][:, of]) / size
        whole = (influence[moving][:, of] ** 2).sum(axis=1) - size * mean**2
        square += whole * size / max(size - 1, 1)
    spread = np.sqrt(np.maximum(square, 0.0)) / n
    t = np.zeros((len(signs), len(parts)))
    t[:, moving] = np.abs(drawn) / np.where(spread > 0, spread, np.nan)
    t = np.where(np.isnan(t), np.inf, t)
    seen = np.abs(estimate) / np.where(moving, error, np.nan)
    p = np.where(moving, (1 + (t >= seen).sum(axis=0)) / (1 + len(signs)), np.nan)
    reach = quantile(t.max(axis=1))
    error = np.where(moving, error, 0.0)
    wide = np.zeros(len(parts))
    wide[moving] = reach * error[moving]
    return Effect(estimate, error, p, estimate - wide, estimate + wide), t


def quantile(largest: np.ndarray) -> float:
    """What at most 5 % of draws exceed."""
    return float(np.sort(largest)[min(int(np.ceil(LEVEL * (len(largest) + 1))), len(largest)) - 1])


def _single(found: Effect) -> Estimate:
    whole = (found.estimate, found.std_error, found.p, found.low, found.high)
    return Estimate(*(float(one[0]) for one in whole))


def _pre(dynamic: Effect, drawn: np.ndarray, before: np.ndarray) -> float:
    told = before & (dynamic.std_error > 0)
    if not told.any():
        return float("nan")
    largest = float((np.abs(dynamic.estimate[told]) / dynamic.std_error[told]).max())
    return float((1 + (drawn[:, told].max(axis=1) >= largest).sum()) / (1 + len(drawn)))


def _wald(cells: Cells, base: Base) -> tuple[float, int, float]:
    from scipy.special import chdtrc

    before = cells.period < cells.group - (base == "universal")
    n = cells.influence.shape[1]
    dof = int(before.sum())
    if dof == 0 or dof >= n:
        return float("nan"), dof, float("nan")
    added = cells.influence[before]
    v = np.einsum("ci,di->cd", added, added) / n / n
    if np.linalg.cond(v) > 1e12:
        return float("nan"), dof, float("nan")
    chi2 = float(np.einsum("c,c->", cells.att[before], np.linalg.solve(v, cells.att[before])))
    return chi2, dof, float(chdtrc(dof, chi2))


def _simple(y: np.ndarray, start: np.ndarray, controls: Controls) -> float:
    t = y.shape[1]
    kept = start > 0
    start, y = start[kept], y[kept]
    total, size = 0.0, 0
    for g in np.unique(start[start < t]).tolist():
        mine = start == g
        for s in range(g, t):
            others = _comparison(start, g, s, t, controls)
            if others.any():
                change = y[:, s] - y[:, g - 1]
                total += int(mine.sum()) * float(change[mine].mean() - change[others].mean())
                size += int(mine.sum())
    return total / size if size else float("nan")


def _without(y: np.ndarray, start: np.ndarray, controls: Controls) -> np.ndarray:
    def left(i: int) -> float:
        return _simple(np.delete(y, i, axis=0), np.delete(start, i), controls) if start[i] > 0 else float("nan")

    return np.array([left(i) for i in range(len(y))])
