"""One equation's regression: Gaussian, its prior informative, years' means and regions' deviations told apart.

    g_it = z_it theta + mu + mu_i + e_t + u_it,
    theta ~ N(m, s^2),  mu_i ~ N(0, tau^2),  e_t ~ N(0, n^2),  u_it ~ N(0, p^2)

e_t makes a year's regions err together, so the years' means and the deviations from them are two samples, each with a
variance of its own: n^2 rules the first, p^2 the second. Given variances and weights the posterior is closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DRIFT_MEAN, DRIFT_SD = 0.05, 0.1  # prior of national growth at average regressors, a year: things grow, slowly
REGIONAL_SD, REGIONAL_CELLS = 0.05, 5.0  # what is known of a region's shocks before any is seen, worth five of them
NATIONAL_SHARE, NATIONAL_YEARS = 1.0, 2.0  # of national shocks, against a region's: as large, worth two years
INTERCEPT_SHARE, INTERCEPT_REGIONS = 0.2, 5.0  # and of what sets a region apart for good: a fifth, worth five regions
ROBUST_SD = 1.4826  # median absolute deviation to standard deviation, for a Gaussian


@dataclass(frozen=True)
class Variances:
    """n^2 of a year's common shock, p^2 of a region's shock, tau^2 of the regions' intercepts."""

    national: float = (NATIONAL_SHARE * REGIONAL_SD) ** 2
    regional: float = REGIONAL_SD**2
    intercept: float = (INTERCEPT_SHARE * REGIONAL_SD) ** 2


@dataclass(frozen=True, eq=False)
class Sample:
    """k regressors of n regions in t years, split in years' means and deviations from them.

    y, weight : (t, n) deviations and what they weigh, 0 where a cell does not count; z : (t, n, k);
    year_y, year_weight : (t,); year_z : (t, k).
    """

    y: np.ndarray
    z: np.ndarray
    weight: np.ndarray
    year_y: np.ndarray
    year_z: np.ndarray
    year_weight: np.ndarray

    @property
    def centre(self) -> np.ndarray:
        """(k,) the years' average regressors."""
        return np.asarray(np.einsum("t,tk->k", self.year_weight, self.year_z) / (self.year_weight.sum() or 1.0))

    @property
    def year_design(self) -> np.ndarray:
        """(t, k + 1) regressors of the years' means: those about their average, and 1 for the drift."""
        return np.concatenate([self.year_z - self.centre, np.ones((len(self.year_z), 1))], axis=1)


@dataclass(frozen=True, eq=False)
class Fit:
    """Posterior of one equation.

    mean : (k + 1,) of theta and the drift, which is national growth at average regressors `centre` (k,); covariance :
    (k + 1, k + 1); region_y : (n,), region_z : (n, k), region_n : (n,) weighted means of a region's deviations and the
    weight behind them; years, cells : weight of all years and of all cells; used : how many cells are targets.
    """

    mean: np.ndarray
    covariance: np.ndarray
    centre: np.ndarray
    region_y: np.ndarray
    region_z: np.ndarray
    region_n: np.ndarray
    variances: Variances
    years: float
    cells: float
    used: int

    def national(self, found: np.ndarray) -> np.ndarray:
        """(...) mu given theta and drift (..., k + 1): the drift less what average regressors explain of it."""
        return np.asarray(found[..., -1] - np.einsum("...k,k->...", found[..., :-1], self.centre))

    def intercepts(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean (..., n) and variance (n,) of the mu_i given theta (..., k): what is left of a region, shrunk to 0."""
        left = self.region_y - np.einsum("...k,nk->...n", theta, self.region_z)
        data = self.region_n / self.variances.regional
        precision = data + 1 / self.variances.intercept
        return left * data / precision, 1 / precision


def fit(
    y: np.ndarray,
    z: np.ndarray,
    prior: tuple[np.ndarray, np.ndarray],
    discount: float = 1.0,
    rounds: int = 5,
    huber: float = 2.5,
) -> Fit:
    """The posterior of an equation, by `rounds` of iteratively reweighted least squares.

    A round solves for theta given variances and weights, then takes the variances from expected squared residuals, each
    with a weak prior, and the weights anew: discount^age min(1, huber / |u / p|), p by the median absolute residual.

    Parameters
    ----------
    y : (t, n) growth, nan where it is no target; z : (t, n, k) regressors; a cell with any nan is left out
    prior : mean (k,) and standard deviation (k,), which is above 0

    Source: Huber (1964); empirical Bayes: Morris (1983); discounting: West and Harrison (1997).
    """
    counts = np.isfinite(y) & np.isfinite(z).all(axis=-1)
    y, z = np.where(counts, y, 0.0), np.where(counts[..., None], z, 0.0)
    age = discount ** np.arange(len(y))[::-1]
    robust, variances = counts.astype(float), Variances()
    for _ in range(rounds):
        sample = split(y, z, robust, age)
        found = solve(sample, prior, variances)
        variances = _variances(sample, found)
        _, u = residuals(sample, found)
        scale = ROBUST_SD * float(np.median(np.abs(u[counts]))) if counts.any() else 0.0
        if scale > 0:
            robust = counts * np.minimum(1.0, huber * scale / np.maximum(np.abs(u), huber * scale))
    return solve(split(y, z, robust, age), prior, variances)


def split(y: np.ndarray, z: np.ndarray, robust: np.ndarray, age: np.ndarray) -> Sample:
    """Years' means of cells weighted by `robust` (t, n), and the deviations from them; years weigh `age` (t,)."""
    total = robust.sum(axis=1)
    there = total > 0
    share = robust / np.where(there, total, 1.0)[:, None]
    year_y, year_z = np.einsum("tn,tn->t", share, y), np.einsum("tn,tnk->tk", share, z)
    return Sample(y - year_y[:, None], z - year_z[:, None], robust * age[:, None], year_y, year_z, there * age)


def solve(sample: Sample, prior: tuple[np.ndarray, np.ndarray], variances: Variances) -> Fit:
    """The closed posterior given variances and weights w; the regions' intercepts are integrated out.

    precision = S^-2 + sum_t w_t a_t a_t' / n^2 + (sum_it w_it z_it z_it' - sum_i s_i s_i' / (w_i + p^2 / tau^2)) / p^2,
    a_t the years' design, s_i = sum_t w_it z_it, w_i = sum_t w_it, and the moment accordingly.

    Source: Lindley and Smith (1972).
    """
    k = len(prior[0])
    mean, sd = np.append(prior[0], DRIFT_MEAN), np.append(prior[1], DRIFT_SD)
    a, w, p = sample.year_design, sample.weight, variances.regional
    precision = np.diag(sd**-2.0) + np.einsum("t,tj,tk->jk", sample.year_weight, a, a) / variances.national
    moment = mean * sd**-2.0 + np.einsum("t,tj,t->j", sample.year_weight, a, sample.year_y) / variances.national

    weight = w.sum(axis=0)
    y, z = np.einsum("tn,tn->n", w, sample.y), np.einsum("tn,tnk->nk", w, sample.z)
    taken = 1 / (weight + p / variances.intercept)  # what a region's own intercept explains away
    within = np.einsum("tn,tnj,tnk->jk", w, sample.z, sample.z) - np.einsum("n,nj,nk->jk", taken, z, z)
    precision[:k, :k] += within / p
    moment[:k] += (np.einsum("tn,tnk,tn->k", w, sample.z, sample.y) - np.einsum("n,nk,n->k", taken, z, y)) / p

    covariance = np.linalg.inv(precision)
    covariance = (covariance + covariance.T) / 2
    some = np.where(weight > 0, weight, 1.0)
    return Fit(
        np.asarray(np.einsum("jk,k->j", covariance, moment)),
        covariance,
        sample.centre,
        y / some,
        z / some[:, None],
        weight,
        variances,
        float(sample.year_weight.sum()),
        float(w.sum()),
        int((w > 0).sum()),
    )


def residuals(sample: Sample, found: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Residuals of the years (t,) and of the regions' deviations (t, n), at the posterior's mean."""
    theta = found.mean[:-1]
    own, _ = found.intercepts(theta)
    e = sample.year_y - np.einsum("tk,k->t", sample.year_design, found.mean)
    return e, sample.y - np.einsum("tnk,k->tn", sample.z, theta) - own


def _variances(sample: Sample, found: Fit) -> Variances:
    """From expected squared residuals; each is drawn to its prior by the prior's weight."""
    e, u = residuals(sample, found)
    a, years, cells = sample.year_design, sample.year_weight, sample.weight
    own, spread = found.intercepts(found.mean[:-1])
    theta = found.covariance[:-1, :-1]
    squares_e = e**2 + np.einsum("tj,jk,tk->t", a, found.covariance, a)
    squares_u = u**2 + spread + np.einsum("tnj,jk,tnk->tn", sample.z, theta, sample.z)
    seen = found.region_n > 0

    def drawn(squares: np.ndarray, weight: np.ndarray, prior: float, worth: float) -> float:
        return float(((weight * squares).sum() + worth * prior) / (weight.sum() + worth))

    regional = drawn(squares_u, cells, REGIONAL_SD**2, REGIONAL_CELLS)
    return Variances(
        drawn(squares_e, years, NATIONAL_SHARE**2 * regional, NATIONAL_YEARS),
        regional,
        drawn(own**2 + spread, seen, INTERCEPT_SHARE**2 * regional, INTERCEPT_REGIONS),
    )
