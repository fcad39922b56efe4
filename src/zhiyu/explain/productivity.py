"""Growth accounting and index-number total factor productivity (TFP): output less inputs weighted by shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.terms import Label, Refusal, text

SUMS_TO_ONE = 1e-9


@dataclass(frozen=True)
class Accounts:
    """Log growth between successive observations of n regions, in k inputs and what is left.

    growth : (n, t-1) of output; inputs : (n, t-1, k) growth of each input; shares : (n, t-1, k) mean of both ends;
    contributions : (n, t-1, k) share x growth; tfp : (n, t-1) the residual, so that contributions + tfp = growth.
    """

    growth: np.ndarray
    inputs: np.ndarray
    shares: np.ndarray
    contributions: np.ndarray
    tfp: np.ndarray


@dataclass(frozen=True)
class Trend:
    """Slope a step of the regions' mean, and how sure it is by two readings.

    std_error : of the least-squares line through the T means, T - 2 degrees of freedom: what all regions share in a
        year counts as noise, as it should.
    std_error_regions : of the mean of the regions' own slopes, as if they had nothing in common; nan if one region.
    """

    slope: float
    std_error: float
    statistic: float
    p_value: float
    low: float
    high: float
    std_error_regions: float


def growth_accounts(output: np.ndarray, inputs: np.ndarray, shares: np.ndarray) -> Accounts:
    """Törnqvist growth accounts: d ln y = sum_j s_j d ln x_j + d ln A, with s_j the mean share of both ends.

    The residual d ln A is TFP growth if shares are the output elasticities, which cost shares are under constant
    returns and markets that pay each input its marginal product. It also takes in what is not measured: utilisation,
    quality and any error in output or inputs.

    Parameters
    ----------
    output : (n, t) volumes above zero; inputs : (n, t, k) volumes above zero
    shares : (k,) constant, or (n, t, k); zero or more, summing to one

    Raises
    ------
    Refusal
        Shapes that do not fit, fewer than two observations, a cell not above zero, shares that do not sum to one.

    Source: Solow (1957); Törnqvist (1936); Diewert (1976), exact for a translog production function.
    """
    y, x, s = _checked(output, inputs, shares)
    growth, rates = np.diff(np.log(y), axis=1), np.diff(np.log(x), axis=1)
    mean = 0.5 * (s[:, 1:] + s[:, :-1])
    parts = mean * rates
    return Accounts(growth, rates, mean, parts, growth - parts.sum(axis=2))


def multilateral_tfp(output: np.ndarray, inputs: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """(n, t) ln TFP of every region and year against the mean of all of them: comparable across regions and years.

        ln A_it = (ln y_it - mean ln y) - sum_j (s_ijt + mean s_j) / 2 (ln x_ijt - mean ln x_j)

    The comparison of any two cells does not hang on a third chosen as base. With constant shares its change over time
    is the residual of `growth_accounts`.

    Parameters, Raises: as `growth_accounts`; one year will do.

    Source: Caves, Christensen and Diewert (1982), Economic Journal 92, equation 4.
    """
    y, x, s = _checked(output, inputs, shares, least=1)
    ln_y, ln_x = np.log(y), np.log(x)
    weights = 0.5 * (s + s.mean(axis=(0, 1)))
    return np.asarray(ln_y - ln_y.mean() - (weights * (ln_x - ln_x.mean(axis=(0, 1)))).sum(axis=2))


def trend(values: np.ndarray, years: np.ndarray, level: float = 0.95) -> Trend:
    """Slope a year of the mean over regions, with the errors that `Trend` tells of.

    Parameters
    ----------
    values : (n, T) complete; years : (T,) at least three

    Raises
    ------
    Refusal
        Fewer than three years, shapes that do not fit or missing values.
    """
    from scipy.special import stdtr, stdtrit

    v, at = np.atleast_2d(np.asarray(values, dtype=float)), np.asarray(years, dtype=float)
    if v.shape[1:] != at.shape or not np.isfinite(v).all():
        raise Refusal("production_shapes", output=v.shape, inputs=at.shape, shares="-")
    if len(at) < 3:
        raise Refusal("production_years", years=len(at), least=3)
    centred = at - at.mean()
    spread = float((centred * centred).sum())
    slopes = (v * centred).sum(axis=1) / spread
    mean, slope = v.mean(axis=0), float(slopes.mean())
    rest = mean - mean.mean() - slope * centred
    freedom = len(at) - 2
    error = float(np.sqrt((rest * rest).sum() / freedom / spread))
    statistic = slope / error if error > 0 else np.copysign(np.inf, slope) if slope else 0.0
    reach = float(stdtrit(freedom, 0.5 + level / 2)) * error
    own = float(slopes.std(ddof=1) / np.sqrt(len(slopes))) if len(slopes) > 1 else np.nan
    p = float(2.0 * stdtr(freedom, -abs(statistic)))
    return Trend(slope, error, float(statistic), p, slope - reach, slope + reach, own)


def _checked(
    output: np.ndarray, inputs: np.ndarray, shares: np.ndarray, least: int = 2
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, x, s = (np.asarray(array, dtype=float) for array in (output, inputs, shares))
    fits = y.ndim == 2 and x.ndim == 3 and x.shape[:2] == y.shape and s.shape in (x.shape[2:], x.shape)
    if not fits or y.size == 0 or x.size == 0:
        raise Refusal("production_shapes", output=y.shape, inputs=x.shape, shares=s.shape)
    if y.shape[1] < least:
        raise Refusal("production_years", years=y.shape[1], least=least)
    positive(y[:, :, None], "output")
    positive(x, "input")
    total = s.sum(axis=-1)
    if not (np.isfinite(s).all() and (s >= 0).all() and (abs(total - 1.0) <= SUMS_TO_ONE).all()):
        worst = float(total.flat[int(np.argmax(np.abs(np.nan_to_num(total, nan=np.inf) - 1.0)))])
        raise Refusal("factor_shares", total=f"{worst:g}", least=f"{s.min():g}")
    return y, x, np.broadcast_to(s, x.shape)


def positive(values: np.ndarray, kind: str) -> None:
    """Refuses the first cell of (n, t, k) volumes that is missing, zero or negative; `kind` names the array."""
    for i, t, j in np.argwhere(~(np.isfinite(values) & (values > 0)))[:1]:
        name = Label(text(f"explain.productivity.{kind}", "zh"), text(f"explain.productivity.{kind}", "en"))
        raise Refusal("production_cell", kind=name, j=int(j), i=int(i), t=int(t), value=f"{values[i, t, j]:g}")
