"""Concentration: how far a total is in the hands of a few regions, and how steeply size falls with rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.explain.disparity import checked
from zhiyu.terms import Refusal

LEADING = 3


@dataclass(frozen=True)
class RankSize:
    """log(rank - 1/2) = a - exponent log(size). A smaller exponent is a more unequal set; 1 is Zipf's law.

    std_error : asymptotic; r2 : of the regression, high by construction (ranks are sorted), no test of a power law.
    """

    exponent: float
    std_error: float
    intercept: float
    r2: float
    n: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Normal bounds of the exponent."""
        from statistics import NormalDist

        reach = NormalDist().inv_cdf((1 + level) / 2) * self.std_error
        return self.exponent - reach, self.exponent + reach


@dataclass(frozen=True)
class Concentration:
    """shares : (n,) of the total; hhi : sum of their squares, 1/n .. 1; hhi_normalised : 0 .. 1; leading : share of the
    `LEADING` largest."""

    shares: np.ndarray
    hhi: float
    hhi_normalised: float
    leading: float


def rank_size(sizes: np.ndarray) -> RankSize:
    """Slope of log(rank - 1/2) on log(size) by least squares, with the standard error exponent * sqrt(2 / n).

    The shift of 1/2 takes away the small-sample bias of the plain rank; the printed error of least squares is far too
    small, because ranks depend on each other. Tied sizes may be ranked in any order: the slope is the same.

    Parameters
    ----------
    sizes : (n,) above zero, n >= 3, not all alike

    Raises
    ------
    Refusal
        If a size is missing, negative or zero, or there is nothing to fit.

    Source: X. Gabaix and R. Ibragimov, 2011, Rank - 1/2: a simple way to improve the OLS estimation of tail exponents,
    Journal of Business & Economic Statistics 29(1), 24-39.
    """
    size, _ = checked(sizes)
    if not (size > 0).all():
        raise Refusal("rank_size_zero", at=int(np.argmin(size > 0)) + 1)
    if len(size) < 3 or size.min() == size.max():
        raise Refusal("rank_size_few", number=len(np.unique(size)))
    x = np.log(np.sort(size)[::-1])
    y = np.log(np.arange(1, len(x) + 1) - 0.5)
    dx, dy = x - x.mean(), y - y.mean()
    slope = float((dx * dy).sum() / (dx * dx).sum())
    error = dy - slope * dx
    return RankSize(
        exponent=-slope,
        std_error=-slope * float(np.sqrt(2 / len(x))),
        intercept=float(y.mean() - slope * x.mean()),
        r2=float(1 - (error * error).sum() / (dy * dy).sum()),
        n=len(x),
    )


def concentration(sizes: np.ndarray) -> Concentration:
    """Shares of a total, the Herfindahl-Hirschman index and the share of the three largest.

    HHI = sum_i s_i^2;  normalised: (HHI - 1/n) / (1 - 1/n), which does not depend on how many regions there are

    Raises
    ------
    Refusal
        If a size is missing or negative, or all are zero.

    Source: A. O. Hirschman, 1964, The paternity of an index, American Economic Review 54(5).
    """
    size, _ = checked(sizes)
    shares = size / size.sum()
    hhi, n = float((shares * shares).sum()), len(size)
    normalised = (hhi - 1 / n) / (1 - 1 / n) if n > 1 else 1.0
    return Concentration(shares, hhi, normalised, float(np.sort(shares)[::-1][:LEADING].sum()))
