"""Hansen's panel threshold: a slope that switches where another variable crosses a value found in the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.explain import panel_ols
from zhiyu.explain.least_squares import sandwich
from zhiyu.explain.spatial_within import solve_regressors
from zhiyu.explain.threshold_search import Splits, candidates
from zhiyu.terms import Refusal

MOST = 3
LEVELS = (0.10, 0.05, 0.01)
BLOCK = 1_000_000  # numbers held at a time by the bootstrap


@dataclass(frozen=True)
class Threshold:
    """A fixed-effects panel with m thresholds in one slope. k regressors, n regions, t years, G candidates.

    gamma : (m,) thresholds, ascending; a region-year at the threshold belongs to the regime below it
    interval : (m, 2) ends of the 95 % set of thresholds that the likelihood ratio does not reject
    ssr : sum of squared residuals; ssr_by_count : (m + 1,) of the models with 0, 1, ... m thresholds
    f, p : (m,) tests of j thresholds against j - 1, j = 1 ... m, by Hansen's bootstrap; nan where none was asked for
    p_wild : (m,) p of the same F where a region's errors keep their size and only their sign is drawn
    critical : (m, 3) what F exceeds under the null with probability 10, 5 and 1 %; simulated : (m, bootstraps) F
    beta : (k,) of the regressors that do not switch; regimes : (m + 1,) of the regime variable, lowest regime first
    covariance : (k + m + 1, k + m + 1) of beta and regimes, clustered by region as in
        `panel_ols.fit`, the thresholds taken as known
    observations : (m + 1,) in each regime; residuals : (n, t)
    candidates : (G,) thresholds tried; lr : (m, G) likelihood ratio of each, the other thresholds in place; nan where a
        candidate would leave too few observations between two thresholds
    cut : what lr is held against. trim, grid, bootstraps, seed : as asked for; n, t : of the panel.
    """

    gamma: np.ndarray
    interval: np.ndarray
    ssr: float
    ssr_by_count: np.ndarray
    f: np.ndarray
    p: np.ndarray
    p_wild: np.ndarray
    critical: np.ndarray
    simulated: np.ndarray
    beta: np.ndarray
    regimes: np.ndarray
    covariance: np.ndarray
    observations: np.ndarray
    residuals: np.ndarray
    candidates: np.ndarray
    lr: np.ndarray
    cut: float
    trim: float
    grid: int | str
    bootstraps: int
    seed: int
    n: int
    t: int

    @property
    def std_errors(self) -> np.ndarray:
        """(k + m + 1,) of beta and regimes."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)))

    def accepted(self, j: int) -> tuple[tuple[float, float, float], ...]:
        """Runs of neighbouring candidates that the likelihood ratio does not reject in the place of threshold j: least,
        greatest and best-fitting candidate of each, the run of the threshold itself first, then by their fit.

        `interval` holds all of them and whatever lies between: several runs are several places where the turn may be.
        """
        tried = np.flatnonzero(np.isfinite(self.lr[j]))
        values, lr = self.candidates[tried], self.lr[j, tried]
        own = values == self.gamma[j]
        inside = np.flatnonzero((lr <= self.cut) | own)
        runs = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1)
        runs.sort(key=lambda run: (not own[run].any(), float(lr[run].min())))
        return tuple((float(values[r[0]]), float(values[r[-1]]), float(values[r[lr[r].argmin()]])) for r in runs)

    def at_end(self, j: int) -> int:
        """-1 or 1 where threshold j is the least or the greatest candidate that was tried, so that a better one may lie
        beyond; else 0."""
        return int(self.gamma[j] == self.candidates[-1]) - int(self.gamma[j] == self.candidates[0])

    def supported(self, level: float = 0.05, wild: bool = False) -> int:
        """How many thresholds the tests support: of one, two, three in turn, up to the first null not rejected."""
        return int(np.cumprod((self.p_wild if wild else self.p) <= level).sum())


def fit(
    y: np.ndarray,
    x: np.ndarray,
    regime: np.ndarray,
    threshold: np.ndarray,
    count: int = 1,
    trim: float = 0.01,
    grid: int | Literal["all"] = 400,
    bootstraps: int = 300,
    seed: int = 0,
) -> Threshold:
    """y_it = mu_i + x_it'beta + delta_j regime_it + e_it, where gamma_{j-1} < threshold_it <= gamma_j.

    gamma minimises the sum of squares over the candidates; of several, each further one is sought with the former in
    place, then each again with the others in place until none moves. F_j = (S_{j-1} - S_j) / (S_j / (n (t - 1))).

    Its distribution is Hansen's bootstrap. Under the null of j - 1 thresholds, x, regime and threshold are held and the
    errors of a region are the residuals of all years of a region drawn with replacement, so that their dependence over
    years is kept; residuals are those of the model with j thresholds. p = (1 + number of F* >= F) / (bootstraps + 1),
    never 0; Hansen's own is the plain share. Regions that change places must have errors alike in variance whatever
    their regressors: where they are not, it rejects far too often. So p_wild stands beside: the residuals of the model
    with j - 1 thresholds, all years of a region with one random sign, which supposes neither.

    The interval holds the gamma whose LR(gamma) = (S(gamma) - S) / (S / (n (t - 1))) is at most
    -2 ln(1 - sqrt(0.95)) = 7.35; it too supposes errors alike in variance. All suppose errors independent between
    regions and regressors that do not answer to past outcomes. Year effects are had by dummies in x.

    Parameters
    ----------
    y, regime, threshold : (n, t)
    x : (n, t, k), k may be 0; without the regime variable
    count : 1 to 3 thresholds
    trim : least share of the observations in every regime
    grid : number of distinct values of the threshold that are tried, evenly spaced by rank, or "all"
    bootstraps : draws; 0 = no test
    seed : of the draws; neither chunks nor threads change them

    Raises
    ------
    Refusal
        If shapes differ, a cell is missing, count, trim, grid or bootstraps make no sense, the threshold leaves no
        candidate, a regressor is explained by the others and the region means, or the model leaves no residual.

    Source: Hansen (1999), J. Econometrics 93, 345-368, equations 10-14, 24 and sections 3-5; Bai (1997), Econometric
    Theory 13, 315-352 (refinement).
    """
    y, x, regime, threshold = (np.asarray(values, dtype=float) for values in (y, x, regime, threshold))
    _check(y, x, regime, threshold, count, trim, grid, bootstraps)
    least = max(int(np.ceil(trim * y.size - 1e-9)), 1)
    values, below = candidates(threshold, least, None if grid == "all" else int(grid))
    if len(values) < count:
        raise Refusal("threshold_few", number=len(np.unique(threshold)), least=least, count=count)

    fixed = np.concatenate([x, regime[..., None]], axis=-1)
    names = (*(f"x{j}" for j in range(x.shape[2])), "regime")
    basis, _ = solve_regressors(_within(fixed).reshape(y.size, -1), fixed, names)
    order = np.argsort(threshold, axis=None, kind="stable")
    splits = Splits(basis, regime, order, below, least)
    e = _within(y).ravel()
    e = e - np.einsum("pk,k->p", basis, np.einsum("pk,p->k", basis, e))
    if (e**2).sum() <= 1e-16 * (_within(y) ** 2).sum():
        raise Refusal("outcome_explained")
    a = splits.sums(e[:, None])
    found = splits.search(a, count)
    if min(float(gain[0]) for _, gain in found) < 0:
        raise Refusal("threshold_few", number=len(np.unique(threshold)), least=least, count=count)
    path = [np.empty(0, dtype=int), *(at[:, 0] for at, _ in found)]

    models = [_beside(splits, e, at) for at in path]
    ssr = np.array([(residuals**2).sum() for _, residuals in models])
    freedom = y.size - len(y)
    f = (ssr[:-1] - ssr[1:]) / (ssr[1:] / freedom)
    simulated = _simulated(splits, path, models, _by_region(splits, bootstraps, seed), bootstraps, wild=False)
    wild = _simulated(splits, path, models, _by_sign(splits, bootstraps, seed), bootstraps, wild=True)
    final = np.sort(path[-1])
    lr = _ratios(splits, a, final, ssr, freedom)
    cut = -2.0 * float(np.log(1.0 - np.sqrt(0.95)))
    inside = [values[np.append(np.flatnonzero(row <= cut), at)] for row, at in zip(lr, final, strict=True)]
    known = panel_ols.reduce(y, _parted(x, regime, threshold, values[final]), "region")
    scores = np.einsum("itk,it->ik", known.x, known.residuals)
    middle = panel_ols.cluster_factor(known) * np.einsum("ij,ik->jk", scores, scores)
    k = x.shape[2]
    return Threshold(
        gamma=values[final],
        interval=np.array([[held.min(), held.max()] for held in inside]),
        ssr=float(ssr[-1]),
        ssr_by_count=ssr,
        f=f,
        p=_share(simulated, f),
        p_wild=_share(wild, f),
        critical=_quantiles(simulated),
        simulated=simulated,
        beta=known.beta[:k],
        regimes=known.beta[k:],
        covariance=sandwich(known.inverse, middle),
        observations=np.diff(np.concatenate([[0], below[final], [y.size]])),
        residuals=known.residuals,
        candidates=values,
        lr=lr,
        cut=cut,
        trim=trim,
        grid=grid,
        bootstraps=bootstraps,
        seed=seed,
        n=len(y),
        t=y.shape[1],
    )


def _beside(splits: Splits, e: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(coefficients (m,), residuals (n t,)) with the columns of thresholds `at` in; e : residuals without them."""
    c = splits.column(at)
    c = c - np.einsum("pk,km->pm", splits.basis, np.einsum("pk,pm->km", splits.basis, c))
    theta = np.linalg.solve(np.einsum("pm,pl->ml", c, c), np.einsum("pm,p->m", c, e))
    return theta, e - np.einsum("pm,m->p", c, theta)


def _simulated(
    splits: Splits,
    path: list[np.ndarray],
    models: list[tuple[np.ndarray, np.ndarray]],
    drawn: Callable[[np.ndarray, slice], np.ndarray],
    bootstraps: int,
    wild: bool,
) -> np.ndarray:
    """(m, bootstraps) F_j of panels with j - 1 thresholds and errors drawn by whole regions.

    drawn : (residuals (n, t), which draws) -> errors (n t, b) in the order of the threshold
    """
    n, t = splits.regime.shape
    basis = splits.basis[splits.order]
    found = np.zeros((len(path) - 1, bootstraps))
    step = max(BLOCK // (n * t + 4 * len(splits.below)), 1)
    for j in range(1, len(path)) if bootstraps else ():
        residuals, (theta, _), null = models[j - wild][1].reshape(n, t), models[j - 1], path[j - 1]
        shift = np.einsum("gm,m->g", splits.products(null), theta)
        for start in range(0, bootstraps, step):
            part = slice(start, min(start + step, bootstraps))
            errors = drawn(residuals, part)
            share = np.einsum("pk,pb->kb", basis, errors)
            a = splits.sorted_sums(errors) - np.einsum("gk,kb->gb", splits.basis_sums, share)
            whole = np.einsum("pb,pb->b", errors, errors) - (share**2).sum(axis=0)
            whole += 2.0 * np.einsum("mb,m->b", a[null], theta) + float(shift[null] @ theta)
            gains = [np.zeros(len(whole)), *(gain for _, gain in splits.search(a + shift[:, None], j))]
            gains = list(np.maximum.accumulate(gains))  # where no place is left for one more
            found[j - 1, part] = (gains[j] - gains[j - 1]) / ((whole - gains[j]) / (n * t - n))
    return found


def _by_region(splits: Splits, bootstraps: int, seed: int) -> Callable[[np.ndarray, slice], np.ndarray]:
    """Hansen's: all years of regions drawn with replacement."""
    n, t = splits.regime.shape
    region, year = np.divmod(splits.order, t)
    who = np.random.default_rng(seed).integers(0, n, (bootstraps, n))
    return lambda residuals, part: np.take(residuals.ravel(), (t * who[part]).T[region] + year[:, None])


def _by_sign(splits: Splits, bootstraps: int, seed: int) -> Callable[[np.ndarray, slice], np.ndarray]:
    """Wild: each region keeps its own residuals, all years with one sign."""
    n, t = splits.regime.shape
    signs = 2.0 * np.random.default_rng([seed, 1]).integers(0, 2, (bootstraps, n)) - 1.0
    return lambda residuals, part: np.asarray(residuals.ravel()[splits.order, None] * signs[part].T[splits.order // t])


def _share(simulated: np.ndarray, f: np.ndarray) -> np.ndarray:
    """(m,) p = (1 + number of F* >= F) / (draws + 1); nan without draws."""
    draws = simulated.shape[1]
    return (1.0 + (simulated >= f[:, None]).sum(axis=1)) / (draws + 1.0) if draws else np.full(len(f), np.nan)


def _quantiles(simulated: np.ndarray) -> np.ndarray:
    """(m, 3) what the simulated F exceed with the probabilities of LEVELS; nan without draws."""
    if not simulated.shape[1]:
        return np.full((len(simulated), len(LEVELS)), np.nan)
    return np.asarray(np.quantile(simulated, [1 - level for level in LEVELS], axis=1).T)


def _ratios(splits: Splits, a: np.ndarray, at: np.ndarray, ssr: np.ndarray, freedom: int) -> np.ndarray:
    """(m, G) LR of each candidate in the place of each threshold."""
    rows = [splits.lowered(a, list(np.delete(at, j)[:, None]))[:, 0] for j in range(len(at))]
    return np.stack([np.maximum(ssr[0] - row - ssr[-1], 0.0) / (ssr[-1] / freedom) for row in rows])


def _parted(x: np.ndarray, regime: np.ndarray, threshold: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """(n, t, k + m + 1) x and the regime variable in each regime, zero elsewhere."""
    inside = np.searchsorted(gamma, threshold, side="left")[..., None] == np.arange(len(gamma) + 1)
    return np.concatenate([x, regime[..., None] * inside], axis=-1)


def _within(v: np.ndarray) -> np.ndarray:
    return np.asarray(v - v.mean(axis=1, keepdims=True))


def _check(
    y: np.ndarray, x: np.ndarray, regime: np.ndarray, threshold: np.ndarray, count: int, trim: float,
    grid: int | str, bootstraps: int,
) -> None:  # fmt: skip
    if y.ndim != 2 or x.ndim != 3 or not x.shape[:2] == y.shape == regime.shape == threshold.shape or min(y.shape) < 2:
        shapes = ["x".join(map(str, values.shape)) for values in (y, x, regime, threshold)]
        raise Refusal("threshold_shapes", y=shapes[0], x=shapes[1], regime=shapes[2], threshold=shapes[3])
    columns = {"y": y, "regime": regime, "threshold": threshold} | {f"x{j}": x[..., j] for j in range(x.shape[2])}
    for name, values in columns.items():
        for i, t in np.argwhere(~np.isfinite(values)):
            raise Refusal("threshold_cell", name=name, i=int(i), t=int(t))
    if (threshold == threshold[0, 0]).all():
        raise Refusal("threshold_constant", value=f"{threshold[0, 0]:g}")
    if count not in range(1, MOST + 1):
        raise Refusal("threshold_count", count=count, most=MOST)
    if not 0 <= trim < 1 / (2 * count):
        raise Refusal("threshold_trim", trim=trim, most=f"1/{2 * count}")
    if bootstraps < 0 or (grid != "all" if isinstance(grid, str) else grid < 2):
        raise Refusal("threshold_search", grid=grid, bootstraps=bootstraps)
