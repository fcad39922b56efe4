"""Disparity: the Gini coefficient, and Dagum's split of it within groups, between them and through their overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.terms import Refusal

PARTS = ("total", "within", "between", "transvariation")
CELLS = 2_000_000  # numbers held at once while draws are worked through; no figure depends on it


@dataclass(frozen=True)
class Dagum:
    """A Gini coefficient in its parts: total = within + between + transvariation. g groups in the order of their names.

    between : net of overlap, what the gaps of the groups' means make up; never negative.
    transvariation : what is left because groups overlap: members of the poorer ahead of members of the richer.
    groups : (g,) names; mean : (g,) weighted means.
    population, share : (g,) each group's part of the weights (p_j) and of the values (s_j).
    pairs : (g, g) Gini coefficients G_jh between groups, those within a group on the diagonal.
    affluence : (g, g) relative economic affluence D_jh, 0 (alike) .. 1 (no overlap), 0 on the diagonal.
    """

    total: float
    within: float
    between: float
    transvariation: float
    groups: np.ndarray
    mean: np.ndarray
    population: np.ndarray
    share: np.ndarray
    pairs: np.ndarray
    affluence: np.ndarray

    @property
    def ginis(self) -> np.ndarray:
        """(g,) Gini coefficient within each group."""
        return np.diagonal(self.pairs)


@dataclass(frozen=True)
class Replays:
    """Parts of the Gini of k samples when their regions are drawn anew; every sample sees the same draws.

    parts : (draws, k, 4), in the order of `PARTS`; mean : (draws, k) weighted means.
    """

    parts: np.ndarray
    mean: np.ndarray

    def interval(self, level: float = 0.95) -> np.ndarray:
        """(2, k, 4) percentile bounds that hold `level` of the draws."""
        return percentiles(self.parts, level)


def percentiles(replays: np.ndarray, level: float) -> np.ndarray:
    """(draws, ...) -> (2, ...) bounds that hold the middle `level` of the draws."""
    return np.asarray(np.quantile(replays, [(1 - level) / 2, (1 + level) / 2], axis=0))


def gini(values: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Gini coefficient, of the population form (no n / (n - 1)), in O(n log n).

    G = sum_ij w_i w_j |y_i - y_j| / (2 W^2 mu) = integral of F (1 - F) / mu

    Parameters
    ----------
    values : (n,) zero or more; weights : (n,) zero or more, such as populations; equal if left out

    Raises
    ------
    Refusal
        If a value is negative or missing, if all are zero, or if weights do not fit.

    Source: C. Gini, 1912, Variabilita e mutabilita; the form by the distribution function: R. Dorfman, 1979, A formula
    for the Gini coefficient, Review of Economics and Statistics 61.
    """
    y, w = checked(values, weights)
    order = np.argsort(y, kind="stable")
    return float(_total(y[order], w[order]))


def dagum(values: np.ndarray, groups: np.ndarray, weights: np.ndarray | None = None) -> Dagum:
    """Gini coefficient split by groups; one sort and two running sums a group, O(n log n + n g).

    G_jh = Delta_jh / (mu_j + mu_h), with Delta_jh the mean absolute gap of a member of j and one of h
    d_jh = E (Y_j - Y_h)+ and p_jh = E (Y_h - Y_j)+ for mu_j >= mu_h;  D_jh = (d_jh - p_jh) / (d_jh + p_jh)
    within = sum_j G_jj p_j s_j
    between = sum_{j<h} G_jh (p_j s_h + p_h s_j) D_jh;  transvariation = the same with 1 - D_jh

    d and p are sums of terms that are not negative (integrals of F_h (1 - F_j)), so that no part can come out negative:
    D_jh is taken from the richer group of each pair, whichever way the pair is named. Groups with the same distribution
    have D_jh = 0; where two groups hold nothing but zeros, G_jh is 0.

    Parameters
    ----------
    values : (n,) zero or more; groups : (n,) the group of each; weights : (n,) zero or more; equal if left out

    Raises
    ------
    Refusal
        If a value is negative or missing, all are zero, a group is not named or has no weight, or shapes do not fit.

    Source: C. Dagum, 1997, A new approach to the decomposition of the Gini income inequality ratio, Empirical Economics
    22(4), 515-531.
    """
    y, w = checked(values, weights)
    names, member = grouped(groups, y.shape)
    refuse_weightless(w[None], member, names)
    order = np.argsort(y, kind="stable")
    y, w, member = y[order], w[order], member[order]
    above, weight = _above(y, w[None], member)
    above, weight = above[0], weight[0]
    within, between, crossing = _split(above, weight, y, w)
    sums = np.bincount(member, weights=w * y)
    mean, gap = sums / weight, above + above.T
    both = mean[:, None] + mean[None, :]
    return Dagum(
        total=float(_total(y, w)),
        within=float(within),
        between=float(between),
        transvariation=float(crossing),
        groups=names,
        mean=mean,
        population=weight / weight.sum(),
        share=sums / sums.sum(),
        pairs=_ratio(gap, both),
        affluence=_ratio(np.abs(above - above.T), gap),
    )


def bootstrap(
    values: np.ndarray, groups: np.ndarray, weights: np.ndarray | None = None, draws: int = 1000, seed: int = 0
) -> Replays:
    """Dagum's parts with the regions of each group drawn anew, with replacement, as many as the group has.

    A draw is a count for every region, a weight; values are sorted once. The k samples (years, say, or indicators)
    share each draw, so that the difference of two can be read draw by draw. A region drawn twice is level with itself,
    which draws the part within a group of m regions down by about 1/m: intervals lean low where groups are small. A
    group of one region never varies. Where regions are all there are, and no sample, the interval says how far the
    figure hangs on which regions there are.

    Parameters
    ----------
    values : (k, n) samples of the same n regions; groups : (n,); weights : (n,) or (k, n); equal if left out

    Raises
    ------
    Refusal
        As `dagum` does, and if draws is below 2.

    Source: B. Efron and R. Tibshirani, 1993, An Introduction to the Bootstrap, sections 8.4 and 13.3 (percentiles).
    """
    y, w, names, member = _samples(values, groups, weights)
    refuse_weightless(w, member, names, every=True)
    return _replayed(y, w, member, resamples(member, draws, seed))


def without_each(values: np.ndarray, groups: np.ndarray, weights: np.ndarray | None = None) -> Replays:
    """Dagum's parts of all regions, in the first row, and then without each: `dagum` of the others, n + 1 rows at once.

    A group whose only region is left out is no group.

    Parameters
    ----------
    values : (k, n) samples of the same n regions; groups : (n,); weights : (n,) or (k, n); equal if left out

    Raises
    ------
    Refusal
        As `dagum` does.
    """
    y, w, names, member = _samples(values, groups, weights)
    refuse_weightless(w, member, names)
    return _replayed(y, w, member, 1.0 - np.eye(len(member) + 1, len(member), -1))


def _samples(
    values: np.ndarray, groups: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    y = np.atleast_2d(np.asarray(values, dtype=float))
    w = np.ones_like(y) if weights is None else np.broadcast_to(np.asarray(weights, dtype=float), y.shape)
    names, member = grouped(groups, y.shape[-1:])
    for k in range(len(y)):
        checked(y[k], w[k])
    return y, w, names, member


def _replayed(y: np.ndarray, w: np.ndarray, member: np.ndarray, counts: np.ndarray) -> Replays:
    """Of k samples (k, n) under weights (k, n) when regions count as often as each row of counts (d, n) says."""
    draws = len(counts)
    parts, mean = np.empty((draws, len(y), len(PARTS))), np.empty((draws, len(y)))
    step = max(1, CELLS // (int(member.max() + 1) * y.shape[1]))
    for k in range(len(y)):
        order = np.argsort(y[k], kind="stable")
        sorted_y, sorted_w, sorted_member = y[k, order], w[k, order], member[order]
        for start in range(0, draws, step):
            drawn = np.take(counts[start : start + step], order, axis=1) * sorted_w
            above, weight = _above(sorted_y, drawn, sorted_member)
            parts[start : start + step, k, 1:] = np.stack(_split(above, weight, sorted_y, drawn), axis=-1)
            parts[start : start + step, k, 0] = _total(sorted_y, drawn)
            mean[start : start + step, k] = (drawn * sorted_y).sum(axis=-1) / drawn.sum(axis=-1)
    return Replays(parts, mean)


def resamples(member: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """(draws, n) how often each region is drawn when every group is drawn anew from its own regions."""
    if draws < 2:
        raise Refusal("disparity_draws", draws=draws)
    random = np.random.default_rng(seed)
    counts = np.empty((draws, len(member)))
    for group in np.unique(member):
        here = np.flatnonzero(member == group)
        counts[:, here] = random.multinomial(len(here), np.full(len(here), 1.0 / len(here)), size=draws)
    return counts


def checked(values: np.ndarray, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(n,) values and weights as floats, or a refusal: measures of disparity need complete values, zero or more."""
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or not len(y):
        raise Refusal("disparity_shape", shape="x".join(str(size) for size in y.shape) or "0", wanted="n")
    w = np.ones_like(y) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != y.shape:
        raise Refusal("disparity_shape", shape="x".join(str(size) for size in w.shape), wanted=len(y))
    sound = np.isfinite(y) & (y >= 0)
    if not sound.all():
        at = int(np.argmin(sound))
        raise Refusal("disparity_values", at=at + 1, value=_shown(y[at]))
    sound = np.isfinite(w) & (w >= 0)
    if not sound.all() or not w.sum() > 0:
        at = int(np.argmin(sound))
        raise Refusal("disparity_weights", at=at + 1, value=_shown(w[at]))
    if not (w * y).sum() > 0:
        raise Refusal("disparity_zero_mean")
    return y, w


def grouped(groups: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(g,) names of the groups in order, and (n,) the place of each region's group among them."""
    labels = np.asarray(groups)
    if labels.shape != shape:
        raise Refusal("disparity_shape", shape="x".join(str(size) for size in labels.shape), wanted=shape[0])
    if labels.dtype.kind == "O":
        nameless = np.array([label is None or label == "" or label != label for label in labels.tolist()], dtype=bool)
    else:
        nameless = (labels == "") if labels.dtype.kind == "U" else (labels != labels)
    if nameless.any():
        raise Refusal("disparity_groups", at=int(np.argmax(nameless)) + 1)
    names, member = np.unique(labels, return_inverse=True)
    return names, member


def refuse_weightless(weights: np.ndarray, member: np.ndarray, names: np.ndarray, every: bool = False) -> None:
    """Refuses a group that the weights (k, n) take out; with `every`, a region, since a draw may hold nothing else."""
    for row in weights:
        empty = member[row <= 0] if every else np.flatnonzero(np.bincount(member, weights=row) <= 0)
        if len(empty):
            raise Refusal("disparity_group_weightless", group=str(names[empty[0]]))


def _above(y: np.ndarray, w: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(d, g, g) E (Y_j - Y_h)+ at [h, j], and (d, g) weights of the groups; y (n,) sorted, w (d, n).

    E (y - Y_h)+ is the integral of F_h up to y: a running sum of gaps times a running sum of weights, both >= 0.
    """
    by_group = np.argsort(member, kind="stable")
    starts = np.searchsorted(member[by_group], np.arange(member.max() + 1))
    own = np.take(w, by_group, axis=1)  # keeps rows whole in memory, so that a row sums alike in any company
    weight = np.add.reduceat(own, starts, axis=-1)
    gaps = np.diff(y)
    found = np.empty((len(w), len(starts), len(starts)))
    behind = np.zeros_like(w)
    for h in range(len(starts)):
        below = np.cumsum(w[:, :-1] * (member[:-1] == h), axis=-1)
        below *= gaps
        np.cumsum(below, axis=-1, out=behind[:, 1:])
        found[:, h] = np.add.reduceat(np.take(behind, by_group, axis=1) * own, starts, axis=-1)
    return _ratio(found, weight[:, :, None] * weight[:, None, :]), weight


def _split(
    above: np.ndarray, weight: np.ndarray, y: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(...) within, between and transvariation from (..., g, g) `above` and (..., g) weights.

    G_jh (p_j s_h + p_h s_j) = p_j p_h Delta_jh / mu, so that no group's mean is ever divided by.
    """
    p = weight / weight.sum(axis=-1, keepdims=True)
    mean = (w * y).sum(axis=-1) / w.sum(axis=-1)
    pair = p[..., :, None] * p[..., None, :]
    turned = np.swapaxes(above, -1, -2)
    j, h = np.triu_indices(above.shape[-1], 1)
    between = _summed((pair * np.abs(above - turned))[..., j, h])
    crossing = _summed((pair * 2.0 * np.minimum(above, turned))[..., j, h])
    within = _summed(np.diagonal(pair * above, axis1=-2, axis2=-1))
    return tuple(_ratio(part, mean) for part in (within, between, crossing))  # type: ignore[return-value]


def _total(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """(...) Gini of sorted y (n,) under weights (..., n)."""
    below = np.cumsum(w, axis=-1)
    whole = below[..., -1:]
    spread = (below * (whole - below))[..., :-1] * np.diff(y)
    return _ratio(spread.sum(axis=-1) / whole[..., 0], (w * y).sum(axis=-1))


def _summed(x: np.ndarray) -> np.ndarray:
    """(..., k) -> (...) sums; a copy in row order, since numpy's order of adding follows the layout in memory."""
    return np.asarray(np.ascontiguousarray(x).sum(axis=-1))


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a / b, 0 where b is 0: there nothing differs."""
    return np.asarray(np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=np.asarray(b) > 0))


def _shown(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:g}"
