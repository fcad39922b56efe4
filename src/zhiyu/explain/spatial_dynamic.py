"""The dynamic panel: the bias that region means bring into the coefficients of last year's outcome, taken out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zhiyu.explain.spatial_lag import Solved, information
from zhiyu.explain.spatial_within import Determinant, Within, log_likelihood
from zhiyu.terms import Refusal

STEPS = 60
CLOSE = 1e-10
BIASED = [0, 1, -1]  # tau, eta and rho among the coefficients
BIASED_TOO = [0, 1, -2]  # and among these with sigma2


def score_bias(rho: float, tau: float, eta: float, t: int, logdet: Determinant) -> tuple[float, float, float]:
    """Expectation of the scores of tau, eta and rho at the truth, which is not zero after region means are taken out.

    With A = (I - rho W)^-1 (tau I + eta W) and H = (1/T) sum_{h=0}^{T-2} (T - 1 - h) A^h (I - rho W)^-1:
    E = -(tr H, tr WH, tr W (I - rho W)^-1 (tau I + eta W) H), exact for any T given the first outcome.
    """
    values = logdet.eigenvalues
    inside = 1.0 / (1.0 - rho * values)
    passed = (tau + eta * values) * inside
    summed = np.zeros_like(passed)
    power = inside.copy()
    for h in range(t - 1):
        summed = summed + (t - 1 - h) * power
        power = power * passed
    summed = summed / t
    return (
        -logdet.trace(summed),
        -logdet.trace(values * summed),
        -logdet.trace(values * inside * (tau + eta * values) * summed),
    )


def corrected(
    start: Solved,
    y: np.ndarray,
    wy: np.ndarray,
    z: np.ndarray,
    space: Within,
    logdet: Determinant,
    interval: tuple[float, float],
) -> Solved:
    """The estimates at which the scores equal the expectation that they have at the truth, by Newton's steps.

    With I the information and b the expectation, Lee and Yu (2010) take one step from the likelihood's peak, I^-1 b;
    going on until nothing moves removes what one step leaves at small T. With D the derivative of b the covariance is
    (I + D)^-1 I (I + D)^-1'. On some panels, mostly with a root near one, no such place exists: then the one step is
    what is given, with I^-1, and `one_step` says so. The first two columns of z are last year's outcome and its lag.

    Raises
    ------
    Refusal
        If even the one step leads out of where rho is admissible.

    Source: Lee and Yu (2010), Econometric Theory 26; Yu, de Jong and Lee (2008), Journal of Econometrics 146.
    """
    at = np.append(start.coefficients, start.rho)
    first: np.ndarray | None = None
    for _ in range(STEPS):
        score, told, _, _ = _score(at, y, wy, z, space, logdet)
        bias = np.zeros_like(score)
        bias[BIASED] = score_bias(float(at[-1]), float(at[0]), float(at[1]), space.t, logdet)
        if first is None:
            first = at - np.linalg.solve(told[:-1, :-1], bias)
        turned = told.copy()
        turned[np.ix_(BIASED_TOO, BIASED_TOO)] += _derivative(at[BIASED], space.t, logdet)
        step = np.linalg.solve(turned[:-1, :-1], score - bias)
        if np.abs(step).max() < CLOSE:
            inverse = np.linalg.inv(turned)
            return _at(at, np.einsum("ij,jk,lk->il", inverse, told, inverse), y, wy, z, space, logdet)
        while _inside(at, interval) and not _inside(at + step, interval):
            step = step / 2.0
        if not _inside(at + step, interval):  # the likelihood's peak itself is beyond reach
            break
        at = at + step
    if first is None or not _inside(first, interval):
        raise Refusal("dynamic_no_root", tau=f"{float(start.coefficients[0]):.3f}", t=space.t)
    told = _score(first, y, wy, z, space, logdet)[1]
    return replace(_at(first, np.linalg.inv(told), y, wy, z, space, logdet), one_step=True)


def _score(
    at: np.ndarray, y: np.ndarray, wy: np.ndarray, z: np.ndarray, space: Within, logdet: Determinant
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """(score of coefficients and rho, information, residuals, SSR), sigma2 = SSR / d."""
    lagged = wy.ravel()
    e = y.ravel() - at[-1] * lagged - (z * at[:-1]).sum(axis=1)
    ssr = float((e**2).sum())
    sigma2 = ssr / space.freedom
    score = np.append((z * e[:, None]).sum(axis=0), float((lagged * e).sum())) / sigma2
    score[-1] += space.periods * logdet.slope(float(at[-1]))
    return score, information(z, lagged, e, sigma2, float(at[-1]), space, logdet), e, ssr


def _at(
    at: np.ndarray,
    covariance: np.ndarray,
    y: np.ndarray,
    wy: np.ndarray,
    z: np.ndarray,
    space: Within,
    logdet: Determinant,
) -> Solved:
    _, _, e, ssr = _score(at, y, wy, z, space, logdet)
    value = log_likelihood(float(logdet.value(at[-1:])[0]), space.periods, space.freedom, ssr)
    return Solved(at[:-1], float(at[-1]), ssr / space.freedom, value, covariance, e.reshape(y.shape))


def _inside(at: np.ndarray, interval: tuple[float, float]) -> bool:
    """Whether the sums over years stay within reach: rho is admissible, tau and eta are not far beyond one."""
    return interval[0] < at[-1] < interval[1] and float(np.abs(at[:2]).max()) < 1.5


def _bias(at: np.ndarray, t: int, logdet: Determinant) -> np.ndarray:
    return np.array(score_bias(float(at[2]), float(at[0]), float(at[1]), t, logdet))


def _derivative(at: np.ndarray, t: int, logdet: Determinant) -> np.ndarray:
    """(3, 3) of the expectations of the scores of tau, eta and rho by those three, from differences."""
    steps = 1e-5 * np.eye(3)
    return np.stack([_bias(at + step, t, logdet) - _bias(at - step, t, logdet) for step in steps], axis=1) / 2e-5
