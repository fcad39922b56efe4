"""Treatments that begin at different times: the two-way fixed-effects number, and what it is an average of.

Where regions start in different years, the coefficient of "treated by now" in a two-way regression also compares
regions that start late with regions that have long started. If an effect grows with time, that growth is subtracted as
if it were a common trend, and the coefficient can have the wrong sign. Hence it never stands alone here: `bacon` takes
it apart, and `zhiyu.explain.group_time` estimates the effect without those comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.terms import Refusal

NEVER, EARLIER, LATER, ALWAYS = "treated_never", "earlier_later", "later_earlier", "later_always"
TYPES = (NEVER, EARLIER, LATER, ALWAYS)


@dataclass(frozen=True)
class Bacon:
    """Two-way fixed-effects coefficient as a weighted mean of comparisons of two groups over two spans of years.

    type : (p,) one of `TYPES`; treated, control : (p,) first treated period of either group, inf = never, and for
        `later_always` the control's start, which lies at or before the first period.
    weights : (p,) at least 0, summing to one; estimates : (p,) difference in differences of each pair.
    estimate : sum of weights x estimates, which is the two-way coefficient.
    """

    estimate: float
    type: tuple[str, ...]
    treated: np.ndarray
    control: np.ndarray
    weights: np.ndarray
    estimates: np.ndarray

    def by_type(self) -> dict[str, tuple[float, float]]:
        """Type -> (its weight, the weighted mean of its estimates), of the types that occur."""
        found = {}
        for name in TYPES:
            of = np.array([kind == name for kind in self.type])
            weight = float(self.weights[of].sum())
            if weight > 0:
                found[name] = (weight, float((self.weights[of] * self.estimates[of]).sum() / weight))
        return found

    @property
    def forbidden(self) -> float:
        """Share of the weight on comparisons with regions that are treated already."""
        return float(sum(self.by_type().get(name, (0.0, 0.0))[0] for name in (LATER, ALWAYS)))


def starts(y: np.ndarray, first: np.ndarray, years: np.ndarray | None = None) -> np.ndarray:
    """(n,) column in which each region's treatment begins: 0 = treated throughout, t = not within these years.

    Parameters
    ----------
    y : (n, t) outcome, complete; first : (n,) first treated year, inf = never
    years : (t,) years of the columns, rising; the columns' numbers if None. A start between two of them is that of the
        next.

    Raises
    ------
    Refusal
        For an incomplete outcome, shapes that do not fit, no start within these years, or all regions starting at once.
    """
    outcome, began = np.asarray(y, dtype=float), np.asarray(first, dtype=float)
    if outcome.ndim != 2 or began.shape != outcome.shape[:1] or np.isnan(began).any():
        raise Refusal("staggered_shape", shape=str(outcome.shape), starts=str(began.shape))
    if not np.isfinite(outcome).all():
        raise Refusal("staggered_incomplete", number=int((~np.isfinite(outcome)).sum()))
    t = outcome.shape[1]
    columns = np.arange(t) if years is None else np.asarray(years)
    if columns.shape != (t,) or (np.diff(columns) <= 0).any():
        raise Refusal("staggered_shape", shape=str(outcome.shape), starts=str(columns.shape))
    start = np.searchsorted(columns, began, side="left").astype(int)
    if len(np.unique(start)) < 2 or not ((start > 0) & (start < t)).any():
        raise Refusal("staggered_alike")
    return start


def treated(start: np.ndarray, t: int) -> np.ndarray:
    """(n, t) 1 from the start on."""
    return (np.arange(t) >= start[:, None]).astype(float)


def twfe(y: np.ndarray, first: np.ndarray, years: np.ndarray | None = None) -> float:
    """Coefficient of D in y_it = a_i + l_t + b D_it + e_it, by double demeaning: the number that `bacon` takes apart.

    Parameters and refusals as in `starts`.
    """
    start = starts(y, first, years)
    d = _demeaned(treated(start, np.shape(y)[1]))
    return float((d * np.asarray(y, dtype=float)).sum() / (d**2).sum())


def bacon(y: np.ndarray, first: np.ndarray, years: np.ndarray | None = None) -> Bacon:
    """The two-way coefficient as a weighted mean of all two-by-two comparisons.

    With n_k the share of a group among the regions and D_k the share of periods in which it is treated, groups k and l
    (l later or never, or treated throughout) weigh, over their span of periods,

        (span x (n_k + n_l))^2 n_kl (1 - n_kl) D (1 - D),   n_kl = n_k / (n_k + n_l), D treated share within the span

    divided by the variance of D_it after both effects. An early group is compared with a late one before that starts,
    and a late group with an early one after that has started: the comparison which a growing effect spoils.

    Parameters and refusals as in `starts`.

    Source: Goodman-Bacon (2021), Difference-in-differences with variation in treatment timing, Journal of
    Econometrics 225.
    """
    start = starts(y, first, years)
    outcome = np.asarray(y, dtype=float)
    n, t = outcome.shape
    groups = np.unique(start)
    means = {k: outcome[start == k].mean(axis=0) for k in groups}
    share = {k: float((start == k).mean()) for k in groups}
    began = {k: float(np.asarray(first, dtype=float)[start == k].min()) if k < t else np.inf for k in groups}
    rows = []
    for i, k in enumerate(groups):
        for late in groups[i + 1 :]:
            for kind, on, off, low, cut, high in _pairs(int(k), int(late), t):
                span = high - low
                within = (high - cut) / span
                pair = share[on] + share[off]
                of = share[on] / pair
                weight = (span / t * pair) ** 2 * of * (1 - of) * within * (1 - within)
                gap = means[on] - means[off]
                estimate = gap[cut:high].mean() - gap[low:cut].mean()
                rows.append((kind, began[on], began[off], weight, estimate))
    variance = float((_demeaned(treated(start, t)) ** 2).sum() / (n * t))
    weights = np.array([row[3] for row in rows]) / variance
    estimates = np.array([row[4] for row in rows])
    treat, control = (np.array([row[k] for row in rows]) for k in (1, 2))
    return Bacon(float((weights * estimates).sum()), tuple(row[0] for row in rows), treat, control, weights, estimates)


def _pairs(k: int, late: int, t: int) -> list[tuple[str, int, int, int, int, int]]:
    """(type, treated group, control, first column, column of the start, end) of the comparisons of k and a later one.

    A group treated throughout has no before, one never treated no after: each such pair is one comparison.
    """
    if k == 0:
        return [] if late == t else [(ALWAYS, late, k, 0, late, t)]
    if late == t:
        return [(NEVER, k, late, 0, k, t)]
    return [(EARLIER, k, late, 0, k, late), (LATER, late, k, k, late, t)]


def _demeaned(x: np.ndarray) -> np.ndarray:
    """(n, t) less the means of rows and of columns."""
    return np.asarray(x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean())
