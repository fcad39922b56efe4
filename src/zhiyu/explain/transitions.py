"""Transitions between classes from year to year: the Markov chain, and the one that looks at the neighbours too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiyu.explain.chain import first_passage, shares, steady_state
from zhiyu.explain.homogeneity import Homogeneity, homogeneity, statistics
from zhiyu.terms import Refusal

MISSING = -1
TIE = 1e-12  # a neighbours' mean that is a cut but for rounding counts as the cut


@dataclass(frozen=True)
class Markov:
    """A first-order chain of k classes estimated from n regions and t years.

    counts : (k, k) transitions from row to column.
    probabilities : (k, k) counts over their row's sum, the maximum-likelihood estimate; a class that no region was
        seen leaving or staying in has a row of nan.
    standard_errors : (k, k) sqrt(p_ij (1 - p_ij) / n_i), for independent transitions; 0 where p_ij is 0 or 1, which
        says that the data hold no contrary case, not that there can be none.
    steady_state : (k,) the long run, see `zhiyu.explain.chain.steady_state`.
    first_passage : (k, k) expected steps from i until j is first entered, see `zhiyu.explain.chain.first_passage`.
    sojourn : (k,) expected steps in a class, 1 / (1 - p_ii); inf for one that was never left.
    """

    counts: np.ndarray
    probabilities: np.ndarray
    standard_errors: np.ndarray
    steady_state: np.ndarray
    first_passage: np.ndarray
    sojourn: np.ndarray


def markov(classes: np.ndarray, k: int, first: int | None = None) -> Markov:
    """The Markov chain of classes over the years, all regions and years pooled.

    p_ij = n_ij / sum_l n_il

    A missing cell breaks the chain: neither the step into it nor the step out of it counts.

    Parameters
    ----------
    classes : (n, t) whole numbers, one row a region; nan and -1 are missing
    k : number of classes
    first : the number of the lowest class. 0: classes are 0 .. k - 1. 1: classes are 1 .. k, and 0 is missing too.
        None reads it off: 0 where class 0 occurs, 1 where class k does.

    Raises
    ------
    Refusal
        For a table that is not regions by at least two years, k below 2, a number that is no class, or classes from
        which `first` cannot be read (both 0 and k occur, or neither).

    Source: Anderson and Goodman (1957), Annals of Mathematical Statistics 28; Quah (1993), European Economic Review 37.
    """
    return chain(region_counts(classes, k, first).sum(axis=0))


def chain(counts: np.ndarray) -> Markov:
    """The Markov chain of (k, k) counted transitions, from row to column."""
    counts = np.asarray(counts)
    p = shares(counts)
    stay = np.diagonal(p)
    sojourn = np.divide(1.0, 1.0 - stay, out=np.where(np.isnan(stay), np.nan, np.inf), where=stay < 1.0)
    return Markov(counts, p, _errors(counts, p), steady_state(p), first_passage(p), sojourn)


def region_counts(classes: np.ndarray, k: int, first: int | None = None) -> np.ndarray:
    """(n, k, k) transitions of each region; arguments as in `markov`."""
    code = numbered(classes, k, first)
    return _tally(code[:, :-1], code[:, 1:], np.arange(len(code))[:, None], len(code), k)


def period_counts(classes: np.ndarray, k: int, periods: int | None = None, first: int | None = None) -> np.ndarray:
    """(periods, k, k) transitions by period; other arguments as in `markov`.

    Parameters
    ----------
    periods : spans of steps as equal in length as can be, the earlier ones longer; None: every step is its own
    """
    code = numbered(classes, k, first)
    steps = code.shape[1] - 1
    number = steps if periods is None else min(periods, steps)
    spans = np.array_split(np.arange(steps), number)
    period = np.repeat(np.arange(number), [len(span) for span in spans])
    return _tally(code[:, :-1], code[:, 1:], period[None, :], number, k)


def over_time(classes: np.ndarray, k: int, periods: int | None = None, first: int | None = None) -> Homogeneity:
    """Whether periods share their transition probabilities, by `homogeneity` of `period_counts`.

    What is expected of the future by the chain supposes that they do.
    """
    return homogeneity(period_counts(classes, k, periods, first))


@dataclass(frozen=True)
class SpatialMarkov:
    """A Markov chain for every class of neighbours; k classes of both.

    counts : (k, k, k) transitions by the neighbours' class before the step, from, to.
    probabilities, standard_errors : (k, k, k); nan rows where nobody stood so.
    steady_states : (k, k) the long run among neighbours of each class, were they to stay so.
    cuts, lag_cuts : (k - 1,) upper ends of classes 0 .. k - 2 of values and of neighbours' means.
    tests : whether the neighbours' class makes no difference.
    lr_permuted, q_permuted : shares of `permutations` + 1 maps, the true one among them, whose LR and Q are at least
        as great; None without permutations.
    """

    counts: np.ndarray
    probabilities: np.ndarray
    standard_errors: np.ndarray
    steady_states: np.ndarray
    cuts: np.ndarray
    lag_cuts: np.ndarray
    tests: Homogeneity
    permutations: int
    lr_permuted: float | None
    q_permuted: float | None

    @property
    def beside(self) -> np.ndarray:
        """(3, 3) rows: the neighbours' class below, equal to, above the region's own; columns: steps, steps up, and
        steps up expected if only the region's own class counted. Which way neighbours matter, which `tests` do not say.
        """
        k = len(self.counts)
        left = self.counts.sum(axis=2)
        up = np.triu(self.counts, 1).sum(axis=2)
        expected = left * np.divide(up.sum(axis=0), left.sum(axis=0), out=np.zeros(k), where=left.sum(axis=0) > 0)
        side = np.sign(np.arange(k)[:, None] - np.arange(k)[None, :])
        return np.array([[part[side == way].sum() for part in (left, up, expected)] for way in (-1, 0, 1)])


def spatial_markov(
    values: np.ndarray,
    w: np.ndarray,
    k: int,
    cuts: Sequence[float] | np.ndarray | None = None,
    lag_cuts: Sequence[float] | np.ndarray | None = None,
    permutations: int = 0,
    seed: int = 0,
) -> SpatialMarkov:
    """Transitions of regions by the class of their neighbours' mean in the year before.

    lag_it = sum_j w_ij x_jt / sum_j w_ij   over the neighbours with a value in that year

    Values are taken as they are: divide by the year's mean first to follow standing rather than growth. Classes are
    quantiles of all values, years pooled, and those of the neighbours' means their own quantiles (as giddy does with
    fixed=True); a value on a cut belongs to the class below. A cell without a value, and a region whose neighbours
    have none or that has no neighbour, counts in no transition that would need it.

    The permutation places regions with their whole series anew on the map. Years stay together, so that a rise common
    to all regions is not taken for dependence on neighbours, as it may be by the chi-square of `tests`.

    Parameters
    ----------
    values : (n, t), nan = missing
    w : (n, n) weights, w_ij >= 0, zero diagonal; rows need not sum to one
    k : number of classes, of values and of neighbours' means
    cuts : k - 1 increasing upper ends of the classes instead of quantiles; they serve for the neighbours' means too,
        unless `lag_cuts` are given

    Raises
    ------
    Refusal
        For a table that is not regions by at least two years, weights of another size, negative or not numbers, a
        diagonal that is not zero, k below 2, cuts that are not k - 1 increasing numbers, or too few distinct values.

    Source: Rey (2001), Geographical Analysis 33; tests: Bickenbach and Bode (2003); permutation: Rey, Kang and Wolf
    (2016), Journal of Geographical Systems 18.
    """
    from scipy.sparse import csr_array

    x, weights = _table(values, k), csr_array(_weights(w, len(np.asarray(values))))
    own = _increasing(cuts, k) if cuts is not None else quantile_cuts(x, k)
    code = classified(x, own)
    given = _increasing(lag_cuts, k) if lag_cuts is not None else own if cuts is not None else None

    def counted(place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen = np.isfinite(x[place])
        total = weights @ seen.astype(float)
        lag = np.divide(weights @ np.where(seen, x[place], 0.0), total, out=np.full(x.shape, np.nan), where=total > 0)
        ends = quantile_cuts(lag, k) if given is None else given
        around, mine = classified(lag, ends), code[place]
        return _tally(mine[:, :-1], mine[:, 1:], around[:, :-1], k, k), ends

    counts, ends = counted(np.arange(len(x)))
    lr, q = (
        _permuted(counts, [counted(place)[0] for place in _places(len(x), permutations, seed)])
        if permutations
        else (None, None)
    )
    p = shares(counts)
    steady = np.stack([steady_state(one) for one in p])
    return SpatialMarkov(counts, p, _errors(counts, p), steady, own, ends, homogeneity(counts), permutations, lr, q)


def quantile_cuts(values: np.ndarray, k: int) -> np.ndarray:
    """(k - 1,) quantiles 1/k, 2/k, ... of all values, nan left out; refused where two of them are one.

    Source: Hyndman and Fan (1996), definition 7; the position is found in whole numbers, so that it is exact.
    """
    ordered = np.sort(values[np.isfinite(values)])
    if len(ordered) < k:
        raise Refusal("markov_few_values", k=k, number=len(np.unique(ordered)))
    at, rest = np.divmod((len(ordered) - 1) * np.arange(1, k), k)
    cuts = ordered[at] + (ordered[at + 1] - ordered[at]) * rest / k
    if (np.diff(cuts) <= 0).any() or cuts[-1] >= ordered[-1]:
        raise Refusal("markov_few_values", k=k, number=len(np.unique(ordered)))
    return np.asarray(cuts)


def classified(values: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Classes 0 .. k - 1 by k - 1 upper ends, -1 where there is no value; a value on a cut belongs below."""
    found = np.searchsorted(cuts + TIE * np.abs(cuts), values, side="left")
    return np.where(np.isfinite(values), found, MISSING)


def numbered(classes: np.ndarray, k: int, first: int | None = None) -> np.ndarray:
    """(n, t) classes as 0 .. k - 1, and -1 where missing; arguments and refusals as in `markov`."""
    given = _table(classes, k)
    known = np.where(np.isnan(given), MISSING, given)
    wrong = known[(known != np.round(known)) | (known < MISSING) | (known > k)]
    if wrong.size:
        raise Refusal("markov_class", value=f"{wrong[0]:g}", k=k, last=k - 1)
    if first is None:
        zero, top = bool((known == 0).any()), bool((known == k).any())
        if zero == top and (known != MISSING).any():
            raise Refusal("markov_first", k=k, last=k - 1)
        first = 1 if top else 0
    code = known.astype(int)
    if first == 1:
        return np.where(code > 0, code - 1, MISSING)
    if (code == k).any():
        raise Refusal("markov_class", value=str(k), k=k, last=k - 1)
    return code


def _table(values: np.ndarray, k: int) -> np.ndarray:
    """(n, t) floats, t at least 2."""
    table = np.asarray(values, dtype=float)
    if table.ndim != 2 or not table.shape[0] or table.shape[1] < 2:
        raise Refusal("markov_shape", shape=" x ".join(map(str, table.shape)) or "-")
    if k < 2:
        raise Refusal("markov_k", k=k)
    return table


def _weights(w: np.ndarray, n: int) -> np.ndarray:
    weights = np.asarray(w, dtype=float)
    if weights.shape != (n, n):
        raise Refusal("markov_weights_shape", shape=" x ".join(map(str, weights.shape)), n=n)
    if not np.isfinite(weights).all() or (weights < 0).any() or np.diagonal(weights).any():
        raise Refusal("markov_weights")
    return weights


def _increasing(cuts: Sequence[float] | np.ndarray, k: int) -> np.ndarray:
    given = np.asarray(cuts, dtype=float)
    if given.shape != (k - 1,) or not np.isfinite(given).all() or (np.diff(given) <= 0).any():
        raise Refusal("markov_cuts", cuts=", ".join(f"{cut:g}" for cut in given.ravel()), k=k, number=k - 1)
    return given


def _tally(here: np.ndarray, there: np.ndarray, regime: np.ndarray, number: int, k: int) -> np.ndarray:
    """(number, k, k) transitions by regime; a missing class or regime counts in none."""
    regime = np.broadcast_to(regime, here.shape)
    sound = (here != MISSING) & (there != MISSING) & (regime != MISSING)
    cell = (regime[sound] * k + here[sound]) * k + there[sound]
    return np.bincount(cell, minlength=number * k * k).reshape(number, k, k)


def _errors(counts: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Standard errors of the (..., k, k) shares p of counted transitions."""
    total = counts.sum(axis=-1, keepdims=True)
    variance = np.divide(p * (1.0 - p), total, out=np.full(p.shape, np.nan), where=total > 0)
    return np.asarray(np.sqrt(variance))


def _places(n: int, permutations: int, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.permutation(n) for _ in range(permutations)]


def _permuted(counts: np.ndarray, others: list[np.ndarray]) -> tuple[float, float]:
    """One-sided: only a great statistic speaks against sameness. Equal but for rounding counts as equal."""
    true, found = statistics(counts), statistics(np.stack(others))
    lr, q = (
        float((1 + (f >= t - 1e-9 * (1.0 + t)).sum()) / (1 + len(others))) for t, f in zip(true, found, strict=True)
    )
    return lr, q
