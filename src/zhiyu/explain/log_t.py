"""The log t test of Phillips and Sul: whether relative differences between regions die out over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from zhiyu.terms import Refusal

CRITICAL = -1.65  # one-sided 5 % point of the normal
POINTS = 5  # fewest points of the regression: below, a slope with a long-run variance says nothing
ROUNDING = 1e-26  # H below this is no difference but rounding

Decision = Literal["levels", "rates", "not-rejected", "rejected"]
Variance = Literal["andrews", "published"]
VARIANCES: tuple[Variance, ...] = ("andrews", "published")


@dataclass(frozen=True)
class LogT:
    """The regression log(H_1 / H_t) - 2 log log t = a + b log t + u_t. t years, p of them in the regression.

    a, b : coefficients; b / 2 is the speed at which relative differences shrink.
    se : of b, robust to heteroskedasticity and autocorrelation (see `log_t`); t = b / se; p : one-sided, of t (normal).
    decision : "rejected" (t <= critical: no convergence of all), else by the point estimate "levels" (b >= 2),
        "rates" (0 <= b < 2: relative differences shrink) or "not-rejected" (b < 0, but not clearly).
    dispersion : (t,) H_t, cross-section variance of the relative transition paths.
    discarded, points : years left out at the beginning, p.
    least_rate : the constant yearly rate at which relative differences must shrink, e^(-rate t), for b to reach 0 on
        these years: the penalty 2 log log t is heavy on a short panel, and a slower approach is told as none.
    bandwidth : of the quadratic spectral kernel.
    variance : which long-run variance.
    """

    a: float
    b: float
    se: float
    t: float
    p: float
    decision: Decision
    dispersion: np.ndarray
    discarded: int
    points: int
    least_rate: float
    bandwidth: float
    critical: float = CRITICAL
    variance: Variance = "andrews"

    @property
    def converges(self) -> bool:
        return self.decision != "rejected"


def log_t(x: np.ndarray, discard: float = 1 / 3, critical: float = CRITICAL, variance: Variance = "andrews") -> LogT:
    """Phillips-Sul log t test of convergence of all regions.

    h_it = x_it / mean_i x_it,  H_t = mean_i (h_it - 1)^2,  and by least squares over t = [rT] + 1, ..., T

        log(H_1 / H_t) - 2 log(log t) = a + b log t + u_t.

    Standard error: se(b)^2 = omega / sum_t (log t - mean log t)^2, omega the long-run variance of the residuals by
    Andrews (1991): gamma_0 + 2 sum_j k(j / S) gamma_j over all lags j = 1 .. p - 1, gamma_j = (1/p) sum_t u_t u_{t-j}
    over all p - j products, k the quadratic spectral kernel, S = 1.3221 (p 4 rho^2 / (1 - rho)^4)^(1/5) with rho of an
    AR(1) fitted to the residuals, |rho| <= 0.97; no degrees-of-freedom factor. `variance="published"` leaves the last
    residual out of the lagged products and does not bound rho, as the tables of Phillips and Sul (2009) and the
    packages that follow their program do: b is the same, t differs in the second or third digit, and clubs differ.

    Convergence is rejected where t <= critical. That value is the normal's; on ten years true but slow convergence is
    rejected far more often than one time in twenty (docs/explanation/convergence.md has the simulated shares).

    Parameters
    ----------
    x : (n, t) array
        Regions by consecutive years, positive. Taken as it is: pass logarithms of incomes (the oracle's 152 countries
        are logs of income per head, filtered by `hp_trend`), levels of scores. A common factor changes nothing, a
        constant added (another unit under the logarithm) does.
    discard : share r of the years left out at the beginning, rounded half up.
    variance : "andrews", or "published" to reproduce tables.

    Raises
    ------
    Refusal
        If a cell is missing or not positive, there are fewer than two regions or five points, or no region differs.

    Source: Phillips and Sul (2007, Econometrica 75: 1771-1855; 2009, J. Appl. Econometrics 24: 1153-1185); Andrews
    (1991, Econometrica 59: 817-858).
    """
    x = checked(x)
    start = first_point(x.shape[1], discard)
    spread = dispersion(x)
    if (spread <= ROUNDING).any():
        raise Refusal("convergence_no_spread", year=int(np.argmin(spread)) + 1)
    a, b, se, bandwidth = (float(part[0]) for part in _regress(spread[None, :], start, known(variance)))
    t = b / se if se > 0 else float(np.copysign(np.inf, b))
    told = decide(b, t, critical)
    points = x.shape[1] - start
    return LogT(
        a,
        b,
        se,
        t,
        _normal(t),
        told,
        spread,
        start,
        points,
        least_rate(start, x.shape[1]),
        bandwidth,
        float(critical),
        variance,
    )


def decide(b: float, t: float, critical: float) -> Decision:
    """What a slope and its t statistic say of convergence."""
    if not t > critical:
        return "rejected"
    return "levels" if b >= 2.0 else "rates" if b >= 0.0 else "not-rejected"


def known(variance: Variance) -> Variance:
    """The name of a long-run variance, or a refusal."""
    if variance not in VARIANCES:
        raise Refusal("convergence_option", name=variance, known=", ".join(VARIANCES))
    return variance


def checked(x: np.ndarray) -> np.ndarray:
    """Regions by years, every cell a positive number; else refused, with the cell's row and column counted from 1."""
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or x.shape[0] < 2:
        raise Refusal("convergence_shape", shape="x".join(str(k) for k in x.shape))
    for i, t in np.argwhere(~np.isfinite(x)):
        raise Refusal("convergence_missing", row=int(i) + 1, column=int(t) + 1)
    for i, t in np.argwhere(x <= 0):
        raise Refusal("convergence_not_positive", row=int(i) + 1, column=int(t) + 1, value=f"{x[i, t]:g}")
    return x


def first_point(years: int, discard: float) -> int:
    """How many years are left out at the beginning: at least one, log log 1 being minus infinity."""
    if not 0.0 <= discard < 1.0:
        raise Refusal("convergence_discard", discard=f"{discard:g}")
    start = max(1, int(np.floor(discard * years + 0.5)))
    if years - start < POINTS:
        raise Refusal("convergence_too_short", years=years, points=max(years - start, 0), needed=POINTS)
    return start


def least_rate(start: int, years: int) -> float:
    """The rate lambda at which H_t ~ e^(-2 lambda t) gives b = 0 in the regression over t = start + 1 .. years."""
    t = np.arange(start + 1, years + 1, dtype=float)
    z = np.log(t) - np.log(t).mean()
    return float((z * np.log(np.log(t))).sum() / (z * t).sum())


def dispersion(x: np.ndarray) -> np.ndarray:
    """(..., t) H_t of (..., n, t): the mean squared distance of x_it / mean_i x_it from 1."""
    relative = x / x.mean(axis=-2, keepdims=True)
    return np.asarray(((relative - 1.0) ** 2).mean(axis=-2))


def slopes(spread: np.ndarray, start: int, variance: Variance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(b, se, t), each (m,), of m dispersion paths (m, t); regions that end the same converge: t = inf."""
    same = spread[:, -1] <= ROUNDING
    _, b, se, _ = _regress(np.maximum(spread, ROUNDING), start, variance)
    t = np.divide(b, se, out=np.copysign(np.inf, b), where=se > 0)
    return np.where(same, np.inf, b), se, np.where(same, np.inf, t)


def _regress(spread: np.ndarray, start: int, variance: Variance) -> tuple[np.ndarray, ...]:
    """(a, b, se, bandwidth), each (m,)."""
    log = np.log(np.arange(start + 1, spread.shape[1] + 1, dtype=float))
    y = np.log(spread[:, :1] / spread[:, start:]) - 2.0 * np.log(log)
    z = log - log.mean()
    b = (y * z).sum(axis=1) / (z * z).sum()
    a = y.mean(axis=1) - b * log.mean()
    omega, bandwidth = long_run_variance(y - a[:, None] - b[:, None] * log, variance)
    return a, b, np.sqrt(omega / (z * z).sum()), bandwidth


def long_run_variance(u: np.ndarray, variance: Variance = "andrews") -> tuple[np.ndarray, np.ndarray]:
    """Long-run variances (m,) of residuals (m, p) and the bandwidths (m,), by the formulas in `log_t`."""
    p = u.shape[1]
    before = (u[:, :-1] ** 2).sum(axis=1)
    rho = np.divide((u[:, 1:] * u[:, :-1]).sum(axis=1), before, out=np.zeros_like(before), where=before > 0)
    bounded = np.clip(rho, -0.97, 0.97) if variance == "andrews" else np.where(rho == 1.0, 0.97, rho)
    bandwidth = 1.3221 * (p * 4.0 * bounded**2 / (1.0 - bounded) ** 4) ** 0.2
    lagged = u if variance == "andrews" else u[:, :-1]
    omega = (u * u).mean(axis=1)
    for lag in range(1, lagged.shape[1]):
        weight = quadratic_spectral(lag / np.maximum(bandwidth, 1e-6))
        omega = omega + 2.0 * weight * (lagged[:, lag:] * lagged[:, :-lag]).sum(axis=1) / p
    return np.maximum(omega, 0.0), bandwidth


def quadratic_spectral(z: np.ndarray) -> np.ndarray:
    """k(z) = 25 / (12 pi^2 z^2) (sin(6 pi z / 5) / (6 pi z / 5) - cos(6 pi z / 5)), z > 0."""
    angle = 6.0 * np.pi * z / 5.0
    return np.asarray(3.0 / angle**2 * (np.sin(angle) / angle - np.cos(angle)))


def hp_trend(x: np.ndarray, smoothing: float = 400.0) -> np.ndarray:
    """Hodrick-Prescott trend of every row: the minimum of sum (x - g)^2 + smoothing sum (second difference of g)^2.

    Parameters
    ----------
    x : (n, t), t >= 4, without gaps
    smoothing : 400 is Phillips and Sul's choice for yearly data, 6.25 Ravn and Uhlig's (2002). On ten years 400 is
        nearly a straight line.

    Source: Hodrick and Prescott (1997, J. Money, Credit and Banking 29: 1-16).
    """
    from scipy.linalg import solveh_banded

    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or x.shape[1] < 4:
        raise Refusal("convergence_shape", shape="x".join(str(k) for k in x.shape))
    for i, t in np.argwhere(~np.isfinite(x)):
        raise Refusal("convergence_missing", row=int(i) + 1, column=int(t) + 1)
    years = x.shape[1]
    second = np.diff(np.eye(years), n=2, axis=0)
    penalty = np.eye(years) + smoothing * (second[:, :, None] * second[:, None, :]).sum(axis=0)
    bands = np.zeros((3, years))
    for k in range(3):
        bands[k, : years - k] = np.diagonal(penalty, -k)
    return np.asarray(solveh_banded(bands, x.T, lower=True)).T


def _normal(t: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(t))
