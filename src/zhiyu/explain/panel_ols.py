"""Least squares on a panel with region and year effects, complete or with gaps, and errors that hold within regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.explain.least_squares import sandwich
from zhiyu.terms import Refusal

Effects = Literal["two-way", "region", "year", "none"]
Errors = Literal["cluster", "driscoll-kraay", "hc1"]


@dataclass(frozen=True)
class Absorbed:
    """The effects of a panel, as a projection that takes them out of n regions and t years of which some are used.

    used : (n, t) cells that take part; region, year : which effects are taken out, one constant where neither.
    between : (t, t) generalised inverse of the year dummies' cross products, once region effects are out of them.
    parameters : number of independent constants taken out.
    """

    used: np.ndarray
    region: bool
    year: bool
    between: np.ndarray
    parameters: int

    def remove(self, x: np.ndarray) -> np.ndarray:
        """(n, t, ...) less the effects, exactly; zero where a cell is not used."""
        mask = self.used.reshape(*self.used.shape, *(1,) * (x.ndim - 2)).astype(float)
        x = np.where(mask > 0, x, 0.0)
        x = (x - x.sum(axis=(0, 1)) / mask.sum()) * mask  # else a large level costs digits
        if self.region:
            x = self._within(x, mask)
        if self.year:
            sums = x.sum(axis=0)
            x = (x - np.einsum("st,t...->s...", self.between, sums)) * mask
        return self._within(x, mask) if self.region and self.year else x

    @staticmethod
    def _within(x: np.ndarray, mask: np.ndarray) -> np.ndarray:
        counts = np.maximum(mask.sum(axis=1, keepdims=True), 1.0)
        return np.asarray((x - x.sum(axis=1, keepdims=True) / counts) * mask)

    def shared(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n, m) and (n, m) arrays L, R of x (n, t), less the effects, whose products L_g'R_h are x_g'P x_h: what the
        effects common to regions carry from region h to region g. Region effects carry nothing."""
        if self.year:
            return x, np.einsum("nt,ts->ns", x, self.between)
        if self.region:
            return np.zeros((len(x), 0)), np.zeros((len(x), 0))
        sums = x.sum(axis=1, keepdims=True)
        return sums, sums / self.used.sum()


@dataclass(frozen=True)
class PanelFit:
    """Coefficients of k regressors with their errors.

    beta (k,), covariance (k, k), std_errors (k,); t = beta / std_errors; p two-sided by Student's t with `freedom`
    degrees; conf (k, 2) at 95 %.
    factor : the small-sample factor that covariance contains. freedom : G - 1 for clusters, T - 1 for Driscoll-Kraay.
    residuals : (n, t), nan where a cell is not used; used : (n, t) cells in the regression.
    observations, regions, years : used. parameters : regressors and independent effects together.
    r2_within : share of the variance left by the effects that the regressors explain.
    """

    beta: np.ndarray
    covariance: np.ndarray
    std_errors: np.ndarray
    t: np.ndarray
    p: np.ndarray
    conf: np.ndarray
    factor: float
    freedom: int
    residuals: np.ndarray
    used: np.ndarray
    observations: int
    regions: int
    years: int
    parameters: int
    r2_within: float
    effects: Effects
    errors: Errors


@dataclass(frozen=True)
class Reduced:
    """A regression with its effects taken out: y (n, t), x (n, t, k), zero where a cell is not used.

    inverse : (x'x)^-1; beta (k,); residuals (n, t).
    """

    absorbed: Absorbed
    y: np.ndarray
    x: np.ndarray
    inverse: np.ndarray
    beta: np.ndarray
    residuals: np.ndarray


def fit(
    y: np.ndarray,
    x: np.ndarray,
    effects: Effects = "two-way",
    errors: Errors = "cluster",
    lags: int | None = None,
) -> PanelFit:
    """Least squares with fixed effects and errors clustered by region.

    y_it = x_it b + mu_i + tau_t + e_it;  V = c (X'X)^-1 (sum_g X_g'e_g e_g'X_g) (X'X)^-1,
    c = G / (G - 1) (N - 1) / (N - K), K = k + t with year effects, k + 1 without: region effects lie within clusters
    and are not counted (the convention of fixest and pyfixest, "nonnested").

    Parameters
    ----------
    y : (n, t) outcome; nan is a missing cell
    x : (n, t, k) regressors; nan is a missing cell
    effects : "none" keeps one constant
    errors : "cluster" by region; "hc1", c = N / (N - all parameters), which supposes that a region's errors of
        different years are unrelated; "driscoll-kraay", by year with Bartlett weights over `lags` years and
        c = T / (T - 1) (N - 1) / (N - all parameters), which is for long panels: at ten years it is far too sure.
    lags : of Driscoll-Kraay; floor(4 (T / 100)^(2/9)) where None

    A cell with a nan in y or in any regressor is left out; so is, one after the other, a region (with region effects)
    or a year (with year effects) of which one cell is left, since its effect explains it: `used` tells.

    Raises
    ------
    Refusal
        For an infinite value, a regressor that the effects or those before it explain (by position from 0), fewer
        than two regions or, for Driscoll-Kraay, three years, or no more observations than parameters.

    Source: Cameron and Miller (2015), Journal of Human Resources 50; Correia (2015) on single cells; Driscoll and
    Kraay (1998), Review of Economics and Statistics 80.
    """
    found = reduce(y, x, effects)
    space, k = found.absorbed, x.shape[-1]
    number, parameters = int(space.used.sum()), space.parameters + k
    regions, years = (int(space.used.any(axis=axis).sum()) for axis in (1, 0))
    if errors == "cluster":
        factor = cluster_factor(found)
        middle, freedom = _middle(np.einsum("ntk,nt->nk", found.x, found.residuals)), regions - 1
    elif errors == "driscoll-kraay":
        if years < 3:
            raise Refusal("panel_years_few", years=years)
        factor = years / (years - 1) * (number - 1) / (number - parameters)
        middle, freedom = _serial(found, lags), years - 1
    else:
        factor, freedom = number / (number - parameters), number - parameters
        middle = _middle((found.x * found.residuals[..., None])[space.used])
    covariance = factor * sandwich(found.inverse, middle)
    se = np.sqrt(np.diagonal(covariance))
    t, p, conf = student(found.beta, se, freedom)
    total = float((found.y**2).sum())
    return PanelFit(
        beta=found.beta,
        covariance=covariance,
        std_errors=se,
        t=t,
        p=p,
        conf=conf,
        factor=factor,
        freedom=freedom,
        residuals=np.where(space.used, found.residuals, np.nan),
        used=space.used,
        observations=number,
        regions=regions,
        years=years,
        parameters=parameters,
        r2_within=1.0 - float((found.residuals**2).sum()) / total if total > 0 else float("nan"),
        effects=effects,
        errors=errors,
    )


def reduce(y: np.ndarray, x: np.ndarray, effects: Effects) -> Reduced:
    """The regression after its effects are out, solved; refuses as `fit` does."""
    if np.isinf(y).any() or np.isinf(x).any():
        raise Refusal("panel_infinite")
    y, x = np.ascontiguousarray(y), np.ascontiguousarray(x)  # sums in one order, whatever the layout in memory
    k = x.shape[-1]
    seen = np.isfinite(y) & np.isfinite(x).all(axis=-1)
    if (regions := int(seen.any(axis=1).sum())) < 2:
        raise Refusal("panel_regions_few", regions=regions)
    space = absorb(seen, effects)
    if (number := int(space.used.sum())) <= space.parameters + k:
        raise Refusal("panel_too_small", rows=number, parameters=space.parameters + k)
    raw = np.where(space.used[..., None], x, 0.0)
    inner = space.remove(x)
    root = triangle(inner.reshape(-1, k), np.sqrt((raw**2).sum(axis=(0, 1))))
    outer = np.linalg.inv(root)
    outcome = space.remove(y)
    beta, inverse = np.zeros(k), np.einsum("ij,kj->ik", outer, outer)
    left = outcome
    for _ in range(2):  # the second step takes away what rounding left of the first
        step = np.einsum("jk,k->j", inverse, np.einsum("ntk,nt->k", inner, left))
        beta, left = beta + step, left - np.einsum("ntk,k->nt", inner, step)
    return Reduced(space, outcome, inner, inverse, beta, left)


def cluster_factor(found: Reduced) -> float:
    """G / (G - 1) (N - 1) / (N - K), K = k + t with year effects, k + 1 without."""
    space = found.absorbed
    regions, years = (int(space.used.any(axis=axis).sum()) for axis in (1, 0))
    number, counted = int(space.used.sum()), found.x.shape[-1] + (years if space.year else 1)
    return float(regions / (regions - 1) * (number - 1) / (number - counted))


def absorb(used: np.ndarray, effects: Effects) -> Absorbed:
    """The projection for the cells (n, t) that are used, less those which an effect of their own would explain."""
    region, year = effects in ("region", "two-way"), effects in ("year", "two-way")
    used = _without_singles(used, region, year)
    mask = used.astype(float)
    n, t = mask.shape
    present = mask.any(axis=0)
    if region and year and used.all():  # a complete panel has the inverse in closed form
        return Absorbed(used, region, year, (np.eye(t) - 1.0 / t) / n, n + t - 1)
    if not (region and year):
        counts = mask.sum(axis=0)
        between = np.diag(np.where(present, 1.0 / np.maximum(counts, 1.0), 0.0)) if year else np.zeros((t, t))
        parameters = int(mask.any(axis=1).sum()) if region else int(present.sum()) if year else 1
        return Absorbed(used, region, year, between, parameters)
    share = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1.0)
    cross = np.diag(mask.sum(axis=0)) - np.einsum("ns,nt->st", mask, share)
    values, vectors = np.linalg.eigh(cross)
    kept = values > 1e-10 * max(float(values.max(initial=0.0)), 1.0)
    between = np.einsum("si,i,ti->st", vectors[:, kept], 1.0 / values[kept], vectors[:, kept])
    return Absorbed(used, region, year, between, int(mask.any(axis=1).sum()) + int(kept.sum()))


def _without_singles(used: np.ndarray, region: bool, year: bool) -> np.ndarray:
    used = used.copy()
    while True:
        alone = np.zeros_like(used)
        if region:
            alone |= used & (used.sum(axis=1, keepdims=True) == 1)
        if year:
            alone |= used & (used.sum(axis=0, keepdims=True) == 1)
        if not alone.any():
            return used
        used &= ~alone


def triangle(z: np.ndarray, raw: np.ndarray) -> np.ndarray:
    """(k, k) upper triangle R with z'z = R'R, of columns z (rows, k) from which effects are out, by plain sums.

    raw : (k,) lengths of the columns before the effects were taken out
    """
    k = z.shape[1]
    q, r = np.zeros((k, len(z))), np.zeros((k, k))
    own = np.sqrt(np.einsum("ij,ij->j", z, z))
    for j in range(k):
        left = z[:, j]
        for _ in range(2):  # once more: the first pass leaves rounding along the columns before
            part = np.einsum("ij,j->i", q[:j], left)
            r[:j, j] += part
            left = left - np.einsum("ij,i->j", q[:j], part)
        length = float(np.sqrt(np.einsum("i,i->", left, left)))
        if length <= max(1e-11 * raw[j], 1e-8 * own[j]):
            raise Refusal("collinear_regressor", position=j)
        q[j], r[j, j] = left / length, length
    return r


def student(beta: np.ndarray, se: np.ndarray, freedom: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(t, two-sided p, 95 % bounds (k, 2)) by Student's t."""
    from scipy.special import stdtr, stdtrit

    with np.errstate(divide="ignore", invalid="ignore"):
        t = beta / se
    reach = float(stdtrit(freedom, 0.975)) * se
    return t, np.asarray(2.0 * stdtr(freedom, -np.abs(t))), np.stack([beta - reach, beta + reach], axis=-1)


def _middle(scores: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("gk,gl->kl", scores, scores))


def _serial(found: Reduced, lags: int | None) -> np.ndarray:
    """(k, k) sum of products of the years' scores, Bartlett weights; years are taken in their order."""
    scores = np.einsum("ntk,nt->tk", found.x, found.residuals)[found.absorbed.used.any(axis=0)]
    longest = int(np.floor(4.0 * (len(scores) / 100.0) ** (2.0 / 9.0))) if lags is None else lags
    middle = _middle(scores)
    for lag in range(1, min(longest, len(scores) - 1) + 1):
        product = np.einsum("tk,tl->kl", scores[lag:], scores[:-lag])
        middle = middle + (1.0 - lag / (longest + 1.0)) * (product + product.T)
    return middle
