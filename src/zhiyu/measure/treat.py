"""Outlier treatment: indicators whose few extreme values would set the scale of all, by skewness and kurtosis.

An indicator passes if |skewness| or kurtosis is below its threshold. One that does not is winsorised, a few points at
most; one that still does not pass is transformed as a whole, from its original values. Every treatment keeps the order
of the values, and every changed cell is known by name.

All treatments of the registry take and return the same:

x : (n,) array of one indicator, any unit; nan stays nan
reference : (r,) array, the observations that decide and that set the ends: x without aggregates; values of x beyond it
    are held at its ends wherever it is treated
skew, kurtosis : thresholds of `passes`
most : the greatest number of cells of the reference that winsorising may change
returns : `Treated`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from zhiyu.methods import method

SKEW, KURTOSIS, MOST = 2.0, 3.5, 5
SHIFT = 0.01  # of the range, by which the least value stands above zero before a logarithm
WINSORISED, LOGGED, BOXCOXED = "winsorised", "log", "boxcox"


class Treated(NamedTuple):
    """values : (n,) after treatment, nan where there was none; how : (n,) what was done to a cell, "" = nothing."""

    values: np.ndarray
    how: np.ndarray


def skewness(x: np.ndarray) -> float:
    """Bias-adjusted skewness of the values that are there.

    G1 = sqrt(n (n - 1)) / (n - 2) m3 / m2^1.5,  m_k = (1/n) sum_i (x_i - mean)^k

    Parameters
    ----------
    x : (n,) array
        Any unit; nan is left out.

    Returns
    -------
    float
        nan for fewer than three values or values that do not vary.

    Source: Joanes and Gill (1998), Comparing Measures of Sample Skewness and Kurtosis, The Statistician 47.
    """
    x = x[np.isfinite(x)]
    n = len(x)
    if n < 3 or _constant(x):
        return float("nan")
    z = _standard(x)
    return float(np.sqrt(n * (n - 1)) / (n - 2) * (z**3).mean())


def kurtosis(x: np.ndarray) -> float:
    """Bias-adjusted excess kurtosis of the values that are there: 0 for a normal distribution.

    G2 = (n - 1) / ((n - 2) (n - 3)) ((n + 1) g2 + 6),  g2 = m4 / m2^2 - 3,  x and m_k as of `skewness`

    Returns
    -------
    float
        nan where `skewness` is, and for three values.

    Source: as of `skewness`.
    """
    x = x[np.isfinite(x)]
    n = len(x)
    if n < 4 or _constant(x):
        return float("nan")
    excess = (_standard(x) ** 4).mean() - 3.0
    return float((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6.0))


_tails = kurtosis  # where a threshold has the name


def passes(x: np.ndarray, skew: float = SKEW, kurtosis: float = KURTOSIS) -> bool:
    """Whether x needs no treatment: |skewness| < skew or kurtosis < kurtosis, or too little to judge.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5; thresholds by Groeneveld and
    Meeden (1984) as the JRC uses them.
    """
    found = skewness(x)
    if not np.isfinite(found) or abs(found) < skew:
        return True
    tails = _tails(x)
    return not np.isfinite(tails) or tails < kurtosis


def winsorise(x: np.ndarray, most: int = MOST, skew: float = SKEW, kurtosis: float = KURTOSIS) -> np.ndarray:
    """Bring in the extreme tail one value at a time until x passes.

    While x does not pass: if its skewness is not negative, its greatest value becomes its next greatest, else its least
    the next least. Equal values move together and each counts. It stops before more than `most` cells would have
    changed, and before all values would be one.

    Parameters
    ----------
    x : (n,) array
        Any unit; nan stays nan.
    most : the greatest number of cells that may change

    Returns
    -------
    (n,) array
        x with at most `most` cells changed, in the same order.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    x = np.asarray(x, dtype=float)
    new = x.copy()
    seen = np.isfinite(x)
    while not passes(new, skew, kurtosis):
        levels = np.unique(new[seen])
        end, then = (levels[-1], levels[-2]) if skewness(new) >= 0 else (levels[0], levels[1])
        moved = np.where(new == end, then, new)
        if len(levels) == 2 or int((moved[seen] != x[seen]).sum()) > most:
            break
        new = moved
    return new


def log_shift(x: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
    """Logarithm after a shift that stands the least value a hundredth of the range above zero.

    y_i = ln(x_i - min + 0.01 (max - min))

    Parameters
    ----------
    x : (n,) array
        Any unit; nan stays nan.
    reference : (r,) array
        The sample whose least and greatest value are meant, None = x itself; x beyond it is held at its ends.

    Returns
    -------
    (n,) array
        In the order of x; -inf nowhere, unless x does not vary.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    x, low, high = _within(x, reference)
    return np.asarray(np.log(x - low + SHIFT * (high - low)))


def boxcox(x: np.ndarray, power: float | None = None, reference: np.ndarray | None = None) -> np.ndarray:
    """Box-Cox transform of x brought onto 0.01 .. 1.01, so that it is positive and without unit.

    y_i = (u_i^power - 1) / power, or ln u_i if power = 0,  u_i = (x_i - min) / (max - min) + 0.01

    Parameters
    ----------
    x, reference : as of `log_shift`
    power : the exponent (lambda); None = the one of greatest likelihood in the reference (`scipy.stats.boxcox`)

    Returns
    -------
    (n,) array
        In the order of x.

    Source: Box and Cox (1964), An Analysis of Transformations, Journal of the Royal Statistical Society B 26.
    """
    from scipy import special

    sample = np.asarray(x if reference is None else reference, dtype=float)
    x, low, high = _within(x, sample)
    if power is None:
        from scipy import stats  # takes a second to import

        power = float(stats.boxcox((sample[np.isfinite(sample)] - low) / (high - low) + SHIFT)[1])
    return np.asarray(special.boxcox((x - low) / (high - low) + SHIFT, power))


@method("treat", "none", zh="不处理", en="None")
def untreated(
    x: np.ndarray, reference: np.ndarray, skew: float = SKEW, kurtosis: float = KURTOSIS, most: int = MOST
) -> Treated:
    """Every value as it is.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    return _told(x, np.asarray(x, dtype=float), "")


@method("treat", "winsorise", zh="缩尾", en="Winsorise")
def winsorised(
    x: np.ndarray, reference: np.ndarray, skew: float = SKEW, kurtosis: float = KURTOSIS, most: int = MOST
) -> Treated:
    """An indicator that does not pass is winsorised, whether it passes then or not.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    ends = winsorise(reference, most, skew, kurtosis)
    return _told(x, _clipped(x, reference, ends), WINSORISED)


@method("treat", "log", zh="对数", en="Logarithm")
def logged(
    x: np.ndarray, reference: np.ndarray, skew: float = SKEW, kurtosis: float = KURTOSIS, most: int = MOST
) -> Treated:
    """An indicator that does not pass becomes its shifted logarithm (`log_shift`).

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    if passes(reference, skew, kurtosis):
        return untreated(x, reference)
    return _told(x, log_shift(x, reference), LOGGED)


@method("treat", "winsorise-log", zh="缩尾，不足则取对数", en="Winsorise, or else logarithm")
def winsorise_log(
    x: np.ndarray, reference: np.ndarray, skew: float = SKEW, kurtosis: float = KURTOSIS, most: int = MOST
) -> Treated:
    """An indicator that does not pass is winsorised; if that is not enough, its original values are logged instead.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), section 5.
    """
    return _winsorised_or(log_shift, LOGGED, x, reference, skew, kurtosis, most)


@method("treat", "winsorise-boxcox", zh="缩尾，不足则作Box-Cox变换", en="Winsorise, or else Box-Cox")
def winsorise_boxcox(
    x: np.ndarray, reference: np.ndarray, skew: float = SKEW, kurtosis: float = KURTOSIS, most: int = MOST
) -> Treated:
    """An indicator that does not pass is winsorised; if that is not enough, its original values take Box-Cox instead.

    Source: Box and Cox (1964), An Analysis of Transformations, Journal of the Royal Statistical Society B 26.
    """
    return _winsorised_or(lambda x, within: boxcox(x, None, within), BOXCOXED, x, reference, skew, kurtosis, most)


def _winsorised_or(
    transform: Callable[[np.ndarray, np.ndarray], np.ndarray],
    how: str,
    x: np.ndarray,
    reference: np.ndarray,
    skew: float,
    kurtosis: float,
    most: int,
) -> Treated:
    """x winsorised if the reference then passes, else transformed from its original values."""
    ends = winsorise(reference, most, skew, kurtosis)
    if passes(ends, skew, kurtosis):
        return _told(x, _clipped(x, reference, ends), WINSORISED)
    return _told(x, transform(x, reference), how)


def _clipped(x: np.ndarray, reference: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """x held at the ends that winsorising left the reference; x as it is where it left the reference as it was."""
    seen = np.isfinite(reference)
    if not (ends[seen] != reference[seen]).any():
        return np.asarray(x, dtype=float)
    return np.asarray(np.clip(x, ends[seen].min(), ends[seen].max()))


def _told(before: np.ndarray, after: np.ndarray, how: str) -> Treated:
    changed = np.isfinite(before) & (before != after)
    return Treated(after, np.where(changed, how, ""))


def _within(x: np.ndarray, reference: np.ndarray | None) -> tuple[np.ndarray, float, float]:
    sample = np.asarray(x if reference is None else reference, dtype=float)
    sample = sample[np.isfinite(sample)]
    low, high = float(sample.min()), float(sample.max())
    return np.clip(np.asarray(x, dtype=float), low, high), low, high


def _standard(x: np.ndarray) -> np.ndarray:
    """Deviations in population standard deviations; taken by the greatest first, so that no square underflows."""
    apart = x - x.mean()
    apart = apart / np.abs(apart).max()
    return np.asarray(apart / np.sqrt((apart**2).mean()))


def _constant(x: np.ndarray) -> bool:
    """Whether values differ by no more than rounding."""
    return bool(np.ptp(x) <= 1e-12 * np.abs(x).max())
