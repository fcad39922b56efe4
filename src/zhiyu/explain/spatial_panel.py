"""Spatial panel models: lag, error, Durbin, and without a spatial term; region, time and two-way effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from zhiyu.explain.spatial_dynamic import corrected
from zhiyu.explain.spatial_effects import Effects as AverageEffects
from zhiyu.explain.spatial_effects import Multipliers, average_effects
from zhiyu.explain.spatial_effects import effects as simulated
from zhiyu.explain.spatial_error import error_model
from zhiyu.explain.spatial_lag import Solved, lag_model, least_squares
from zhiyu.explain.spatial_spectrum import Spectrum, spectrum
from zhiyu.explain.spatial_within import Correction, Effects, Within, determinant, solve_regressors, within
from zhiyu.terms import Refusal, suggestion

Model = Literal["ols", "slx", "lag", "error", "durbin"]


@dataclass(frozen=True, eq=False)
class Fit:
    """An estimated spatial panel of n regions, t years (those that enter the likelihood) and k regressors.

    coefficients : (p,) tau and eta (dynamic models), beta (k,), theta (k,) (slx and durbin), rho, sigma2.
    names : p names: y[-1], W y[-1], x0 .., W x0 .., rho, sigma2.
    covariance : (p, p) inverse of the observed information; nan where the model has no rho.
    rho : of W y; of the errors in the error model; nan in ols and slx.
    interval : the admissible interval of rho. log_likelihood : with the correction, of the transformed panel.
    r2 : 1 - SSR / total variation of y; r2_within : of what the effects leave of it.
    residuals : (n, t) of the demeaned panel.
    one_step : whether a dynamic model's bias is corrected by one step, its equation having no solution.
    eigenvalues, ones : (n,) of W, as in `spatial_spectrum`. standardised : whether rows of W sum to one.
    """

    model: Model
    effects_of: Effects
    correction: Correction
    dynamic: bool
    n: int
    t: int
    k: int
    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    freedom: int
    interval: tuple[float, float]
    r2: float
    r2_within: float
    residuals: np.ndarray
    eigenvalues: np.ndarray
    ones: np.ndarray
    standardised: bool
    one_step: bool = False

    @property
    def rho(self) -> float:
        return float(self.coefficients[-2])

    @property
    def sigma2(self) -> float:
        return float(self.coefficients[-1])

    @property
    def tau(self) -> float:
        """Of last year's outcome; nan in a static model."""
        return float(self.coefficients[0]) if self.dynamic else np.nan

    @property
    def eta(self) -> float:
        """Of the spatial lag of last year's outcome; nan in a static model."""
        return float(self.coefficients[1]) if self.dynamic else np.nan

    @property
    def beta(self) -> np.ndarray:
        first = 2 if self.dynamic else 0
        return self.coefficients[first : first + self.k]

    @property
    def theta(self) -> np.ndarray:
        """(k,) of the neighbours' regressors; empty in a model without them."""
        return self.coefficients[(2 if self.dynamic else 0) + self.k : -2]

    @property
    def std_errors(self) -> np.ndarray:
        """(p,)"""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def statistics(self) -> np.ndarray:
        """(p,) coefficients over their standard errors."""
        return np.asarray(self.coefficients / self.std_errors)

    @property
    def p_values(self) -> np.ndarray:
        """(p,) two-sided, normal."""
        from scipy.special import ndtr

        return np.asarray(2.0 * ndtr(-np.abs(self.statistics)))

    def effects(self, draws: int = 1000, seed: int = 0, level: float = 0.95, long_run: bool = False) -> AverageEffects:
        """Direct, indirect and total effects with the spread over draws of the parameters from their distribution.

        long_run : of a lasting change once the dynamics have worked themselves out (dynamic models)

        Raises
        ------
        Refusal
            For fewer than 100 draws, dynamics that do not die out, or draws most of which are not admissible.
        """
        if draws < 100:
            raise Refusal("effects_draws", kept=draws, draws=draws)
        estimate = self.coefficients[None, :-1]
        used = np.flatnonzero(np.isfinite(self.coefficients[:-1]))
        spread = np.zeros((draws, len(self.coefficients) - 1))
        normal = np.random.default_rng(seed).standard_normal((draws, len(used)))
        root = np.linalg.cholesky(self.covariance[np.ix_(used, used)])
        spread[:, used] = self.coefficients[used] + np.einsum("ri,ji->rj", normal, root)
        at, drawn = (self._multipliers(rows, long_run) for rows in (estimate, spread))
        return simulated(at, drawn, self.eigenvalues, self.ones, self.interval, level)

    def point_effects(self, long_run: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(direct, indirect, total), (k,) each, at the estimate, without their spread."""
        at = self._multipliers(self.coefficients[None, :-1], long_run)
        direct, indirect, total = average_effects(at, self.eigenvalues, self.ones)
        return direct[0], indirect[0], total[0]

    def _multipliers(self, rows: np.ndarray, long_run: bool) -> Multipliers:
        first, none = 2 if self.dynamic else 0, np.zeros(len(rows))
        beta = rows[:, first : first + self.k]
        theta = rows[:, first + self.k : -1]
        feeds = self.model in ("lag", "durbin")
        own, lagged = (rows[:, 0], rows[:, 1]) if self.dynamic and long_run else (none, none)
        return Multipliers(
            rows[:, -1] if feeds else none, own, lagged, beta, theta if theta.size else np.zeros_like(beta)
        )


def fit(
    y: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    model: Model = "durbin",
    effects: Effects = "two-way",
    correction: Correction = "lee-yu",
    dynamic: bool = False,
) -> Fit:
    """Maximum likelihood of a spatial panel with fixed effects.

    durbin: y_t = rho W y_t + x_t beta + W x_t theta + mu + a_t 1 + e_t;  lag: theta = 0;  slx: rho = 0;  ols: both;
    error: y_t = x_t beta + mu + a_t 1 + u_t, u_t = rho W u_t + e_t;  dynamic: + tau y_{t-1} + eta W y_{t-1} (lag and
    durbin), for which the first year is given up.

    Estimating the effects costs the likelihood information: t regions' means leave t - 1 periods, year means n - 1
    regions. The direct approach ignores that, so sigma2 is too small, and with year means rho too low (a mean of 0.305
    for a true 0.40 at n = 31, t = 13). "lee-yu" takes the likelihood of the (n - 1)(t - 1) observations that are left:
    its log-determinant is ln |I - rho W| - ln(1 - rho). For weights whose rows do not sum to one, where no such
    transformation exists, the expectation of the score is taken out instead, which gives the same where one does. In
    dynamic models it also takes out the bias of order 1 / t that region means bring (Nickell 1981); "none" leaves it.

    Parameters
    ----------
    y : (n, t) outcome
    x : (n, t, k) regressors
    w : (n, n) weights, zero on the diagonal, not negative, no row empty
    effects : "region", "time", "two-way" or "none" (one constant)
    correction : "lee-yu" or "none"; without effects they are the same

    Raises
    ------
    Refusal
        For shapes that do not fit, a cell without a number, weights that are none, a regressor that the effects or the
        others explain, an outcome that they explain, or rho at the end of its interval.

    Source: Lee and Yu (2010), Journal of Econometrics 154; Elhorst (2014), Spatial Econometrics; Lee and Yu (2010),
    Econometric Theory 26.
    """
    for kind, name, known in (
        ("model", model, get_args(Model)),
        ("effects", effects, get_args(Effects)),
        ("correction", correction, get_args(Correction)),
    ):
        if name not in known:
            raise Refusal(
                "unknown_method", kind=kind, name=name, known=", ".join(known), hint=suggestion(str(name), known)
            )
    if dynamic and model not in ("lag", "durbin"):
        raise Refusal("dynamic_model", model=model)
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    found = spectrum(w)
    _refuse_cells(y, x, found, effects, dynamic)
    wx = found.lag(x) if model in ("slx", "durbin") else x[..., :0]
    k = x.shape[-1]
    names = (*[f"x{j}" for j in range(k)], *[f"W x{j}" for j in range(wx.shape[-1])])
    regressors = np.concatenate([x, wx], axis=-1)
    if dynamic:
        before = y[:, :-1]
        regressors = np.concatenate([before[..., None], found.lag(before)[..., None], regressors[:, 1:]], axis=-1)
        y, names = y[:, 1:], ("y[-1]", "W y[-1]", *names)
    space = within(len(y), y.shape[1], effects, correction)
    solved = _solved(y, regressors, names, model, found, space, dynamic)
    own, total = space.demean(y), y - y.mean()
    ssr = float((solved.residuals**2).sum())
    return Fit(
        model=model,
        effects_of=effects,
        correction=correction,
        dynamic=dynamic,
        n=space.n,
        t=space.t,
        k=k,
        names=(*names, "rho", "sigma2"),
        coefficients=np.concatenate([solved.coefficients, [solved.rho, solved.sigma2]]),
        covariance=solved.covariance,
        log_likelihood=solved.log_likelihood,
        freedom=space.freedom,
        interval=found.interval,
        r2=1.0 - ssr / float((total**2).sum()),
        r2_within=1.0 - ssr / float((own**2).sum()),
        residuals=solved.residuals,
        eigenvalues=found.eigenvalues,
        ones=found.ones,
        standardised=found.standardised,
        one_step=solved.one_step,
    )


def _solved(
    y: np.ndarray,
    regressors: np.ndarray,
    names: tuple[str, ...],
    model: Model,
    found: Spectrum,
    space: Within,
    dynamic: bool,
) -> Solved:
    own, z = space.demean(y), space.demean(regressors)
    flat = z.reshape(-1, z.shape[-1])
    q, r = solve_regressors(flat, regressors, names)
    left = own.ravel() - np.einsum("ij,j->i", q, (q * own.ravel()[:, None]).sum(axis=0))
    if (left**2).sum() <= 1e-20 * (y**2).sum():
        raise Refusal("outcome_explained")
    if model in ("ols", "slx"):
        return least_squares(own, q, r, space)
    if model == "error":
        return error_model(own, z, found, space)
    lagged, logdet = space.demean(found.lag(y)), determinant(found, space)
    solved = lag_model(own, lagged, flat, q, r, space, logdet, found.interval)
    if dynamic and space.region and space.periods < space.t:
        return corrected(solved, own, lagged, flat, space, logdet, found.interval)
    return solved


def _refuse_cells(y: np.ndarray, x: np.ndarray, found: Spectrum, effects: Effects, dynamic: bool) -> None:
    n = len(found.matrix)
    if y.ndim != 2 or x.ndim != 3 or x.shape[:2] != y.shape or len(y) != n or x.shape[2] < 1:
        shapes = ["x".join(str(size) for size in part.shape) for part in (y, x)]
        raise Refusal("spatial_shapes", y=shapes[0], x=shapes[1], n=n)
    least = (2 if effects in ("region", "two-way") else 1) + (2 if dynamic else 0)
    if y.shape[1] < least:
        raise Refusal("spatial_years", t=y.shape[1], least=least)
    for name, cells in (("y", y), *[(f"x{j}", x[..., j]) for j in range(x.shape[2])]):
        for i, t in np.argwhere(~np.isfinite(cells)):
            raise Refusal("spatial_cell", name=name, i=int(i), t=int(t))
