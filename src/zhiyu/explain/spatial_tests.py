"""Which spatial model the data ask for: Lagrange multiplier, likelihood ratio and Wald tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.explain.spatial_panel import Fit, Model, fit
from zhiyu.explain.spatial_spectrum import spectrum
from zhiyu.explain.spatial_within import Correction, Effects, Within, solve_regressors, within
from zhiyu.terms import Refusal


@dataclass(frozen=True)
class Tested:
    """A statistic that is chi-squared with `df` degrees of freedom if the hypothesis named holds."""

    name: str
    statistic: float
    df: int
    p: float


@dataclass(frozen=True)
class MultiplierTests:
    """Of the panel without a spatial term against a spatial lag and spatial errors; robust: each allowing the other."""

    lag: Tested
    error: Tested
    robust_lag: Tested
    robust_error: Tested


@dataclass(frozen=True)
class DurbinTests:
    """Of the Durbin model against what it may be simplified to: the lag model (theta = 0), the error model
    (theta + rho beta = 0) and, by the likelihood ratio, the model without spatial lag of y (rho = 0)."""

    lr_lag: Tested
    lr_error: Tested
    lr_slx: Tested
    wald_lag: Tested
    wald_error: Tested


def lm_tests(
    y: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    effects: Effects = "two-way",
    correction: Correction = "lee-yu",
) -> MultiplierTests:
    """Lagrange multiplier tests on the residuals e of the panel without a spatial term.

    error: s_e^2 / (m T);  lag: s_l^2 / J;  robust lag: (s_l - s_e)^2 / (J - m T);
    robust error: (s_e - (m T / J) s_l)^2 / (m T (1 - m T / J)),
    with s_e = e'We / s2 - E, s_l = e'Wy / s2 - E, T = tr(B B + B'B), J = (Wyhat)'M(Wyhat) / s2 + m T.

    Year means make residuals of neighbours repel one another: with them B = QWQ, Q the projection off the mean, and the
    score has the expectation E = m tr B = -m (1'W1 / n), about one standard deviation at n = 31. "lee-yu" reckons with
    both (it is the test of the transformed panel); "none" is the usual form, E = 0 and B = W.

    Source: Anselin, Le Gallo and Jayet (2008), in Matyas and Sevestre; Elhorst (2010), in Fischer and Getis.
    """
    plain = fit(y, x, w, "ols", effects, correction)
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    found, space = spectrum(w), within(len(y), y.shape[1], effects, correction)
    z = space.demean(x).reshape(-1, x.shape[-1])
    q, _ = solve_regressors(z, x, plain.names)
    e, s2, m = plain.residuals, plain.sigma2, space.periods
    spread, mean = _traces(found.matrix, space)
    lagged = space.demean(found.lag(y))
    of_error = float((e * found.lag(e)).sum()) / s2 - m * mean
    of_lag = float((e * lagged).sum()) / s2 - m * mean
    fitted = space.demean(found.lag(space.demean(y) - e)).ravel()
    left = fitted - np.einsum("ij,j->i", q, (q * fitted[:, None]).sum(axis=0))
    info = m * spread
    whole = float((left**2).sum()) / s2 + info
    return MultiplierTests(
        lag=_test("LM lag", of_lag**2 / whole, 1),
        error=_test("LM error", of_error**2 / info, 1),
        robust_lag=_test("robust LM lag", (of_lag - of_error) ** 2 / (whole - info), 1),
        robust_error=_test(
            "robust LM error", (of_error - info / whole * of_lag) ** 2 / (info * (1.0 - info / whole)), 1
        ),
    )


def _traces(w: np.ndarray, space: Within) -> tuple[float, float]:
    """(tr(BB + B'B), tr B) of W in the dimensions that year means leave."""
    b = w
    if space.corrected:
        b = w - w.mean(axis=0) - w.mean(axis=1, keepdims=True) + w.mean()
    return float((b * b.T).sum() + (b * b).sum()), float(np.trace(b))


def durbin_tests(durbin: Fit, lag: Fit, error: Fit, slx: Fit) -> DurbinTests:
    """Likelihood ratio and Wald tests of a Durbin model's restrictions.

    Parameters
    ----------
    durbin, lag, error, slx : fits of the same data with the same effects and correction

    Source: Elhorst (2014), Spatial Econometrics, ch. 2; LeSage and Pace (2009), ch. 3 (the common factor).
    """
    for one, model in ((durbin, "durbin"), (lag, "lag"), (error, "error"), (slx, "slx")):
        same = (one.effects_of, one.correction, one.n, one.t, one.k, one.dynamic)
        if one.model != model or same != (durbin.effects_of, durbin.correction, durbin.n, durbin.t, durbin.k, False):
            raise Refusal("tests_fits", model=model)
    k = durbin.k

    def ratio(name: str, small: Fit, df: int) -> Tested:
        return _test(name, max(0.0, 2.0 * (durbin.log_likelihood - small.log_likelihood)), df)

    factor = np.concatenate(
        [durbin.rho * np.eye(k), np.eye(k), durbin.beta[:, None], np.zeros((k, 1))], axis=1
    )  # derivative of theta + rho beta by beta, theta, rho, sigma2
    return DurbinTests(
        lr_lag=ratio("LR lag", lag, k),
        lr_error=ratio("LR error", error, k),
        lr_slx=ratio("LR slx", slx, 1),
        wald_lag=_wald("Wald lag", durbin.theta, durbin.covariance[k : 2 * k, k : 2 * k]),
        wald_error=_wald(
            "Wald error",
            durbin.theta + durbin.rho * durbin.beta,
            np.einsum("ij,jk,lk->il", factor, durbin.covariance, factor),
        ),
    )


def all_models(
    y: np.ndarray, x: np.ndarray, w: np.ndarray, effects: Effects = "two-way", correction: Correction = "lee-yu"
) -> dict[Model, Fit]:
    """The five models of the same data."""
    models: tuple[Model, ...] = ("ols", "slx", "lag", "error", "durbin")
    return {model: fit(y, x, w, model, effects, correction) for model in models}


def _wald(name: str, at: np.ndarray, covariance: np.ndarray) -> Tested:
    return _test(name, float((at * np.linalg.solve(covariance, at)).sum()), len(at))


def _test(name: str, statistic: float, df: int) -> Tested:
    from scipy.special import chdtrc

    return Tested(name, statistic, df, float(chdtrc(df, statistic)))
