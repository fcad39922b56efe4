"""How much a chain moves and which way: mobility indices, up-moves against down-moves, time to a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyu.explain.chain import passage_to, shares


@dataclass(frozen=True)
class Mobility:
    """Mobility of a chain of k classes.

    prais : (k,) 1 - p_ii, the probability of leaving; 1 / prais is the mean stay. nan without departures.
    prais_errors : (k,) standard errors.
    shorrocks : (k' - trace) / (k' - 1) over the k' classes with departures: 0 = nobody moves, 1 = where a region goes
        has nothing to do with where it stands (as far as the diagonal tells).
    shorrocks_error : its standard error.
    """

    prais: np.ndarray
    prais_errors: np.ndarray
    shorrocks: float
    shorrocks_error: float


def mobility(counts: np.ndarray) -> Mobility:
    """Mobility indices of a matrix of counted transitions, with delta-method standard errors.

    M = (k - trace P) / (k - 1),   var M = sum_i p_ii (1 - p_ii) / n_i / (k - 1)^2

    Moves are taken as independent, as in every error of this kind. Classes without departures do not count.

    Parameters
    ----------
    counts : (k, k), from row to column

    Source: Prais (1955), JRSS A 118; Shorrocks (1978), Econometrica 46; errors: Schluter (1998), Economics Letters 59.
    """
    counts = np.asarray(counts, dtype=float)
    leaving = counts.sum(axis=1)
    seen = leaving > 0
    stay = np.divide(np.diagonal(counts), leaving, out=np.full(len(leaving), np.nan), where=seen)
    variance = np.divide(stay * (1.0 - stay), leaving, out=np.full(len(leaving), np.nan), where=seen)
    number = int(seen.sum())
    if number < 2:
        return Mobility(1.0 - stay, np.sqrt(variance), float("nan"), float("nan"))
    index = (number - float(stay[seen].sum())) / (number - 1)
    error = float(np.sqrt(variance[seen].sum())) / (number - 1)
    return Mobility(1.0 - stay, np.sqrt(variance), index, error)


@dataclass(frozen=True)
class Moves:
    """Moves up and down, the share of up-moves among all moves, its exact interval and the exact sign test.

    p : two-sided, of "up and down are equally likely"; nan without moves.
    """

    up: int
    down: int
    stay: int
    share: float
    low: float
    high: float
    p: float


def moves(counts: np.ndarray, level: float = 0.95) -> Moves:
    """Moves above and below the diagonal of counted transitions, however far each goes.

    The test takes moves as independent; those of one region are not quite, and a common year moves many at once, so
    that the interval is too narrow rather than too wide.

    Parameters
    ----------
    counts : (k, k), from row to column

    Source: sign test: Conover (1999), Practical Nonparametric Statistics, 3.4; interval: Clopper and Pearson (1934).
    """
    counts = np.asarray(counts)
    up, down = int(np.triu(counts, 1).sum()), int(np.tril(counts, -1).sum())
    return sign(up, down, int(np.trace(counts)), level)


def sign(up: int, down: int, stay: int = 0, level: float = 0.95) -> Moves:
    """The exact sign test and interval of `up` against `down`; ties (`stay`) do not count."""
    from scipy.special import bdtr, betaincinv

    number, tail = up + down, (1.0 - level) / 2.0
    if not number:
        return Moves(up, down, stay, *[float("nan")] * 4)
    low = float(betaincinv(up, down + 1, tail)) if up else 0.0
    high = float(betaincinv(up + 1, down, 1.0 - tail)) if down else 1.0
    p = min(1.0, 2.0 * float(bdtr(min(up, down), number, 0.5)))
    return Moves(up, down, stay, up / number, low, high, p)


@dataclass(frozen=True)
class Passage:
    """Expected steps to a class from each of k classes: estimate, percentile interval over regions, share undefined.

    undefined : (k,) share of the draws in which no departure from that class, or from one on its way, was seen.
    """

    steps: np.ndarray
    low: np.ndarray
    high: np.ndarray
    undefined: np.ndarray


def passage(
    counts: np.ndarray, target: int = -1, draws: int = 1000, seed: int = 0, level: float = 0.95, chunk: int = 4096
) -> Passage:
    """Expected steps to class `target` with a bootstrap interval that draws whole regions with replacement.

    Whole regions, since the moves of one region hang together. The interval's ends are order statistics of the draws,
    which may be inf: a draw in which the class cannot be reached counts as never.

    Parameters
    ----------
    counts : (n, k, k) transitions of each of n regions

    Returns
    -------
    Passage
        On `target` itself the steps until it is entered again. See `zhiyu.explain.chain.first_passage`.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    counts = np.asarray(counts, dtype=np.int64)
    n, k, _ = counts.shape
    steps = passage_to(shares(counts.sum(axis=0)), target)
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=draws)
    flat = counts.reshape(n, k * k)
    found = np.concatenate(
        [
            passage_to(shares((times[a : a + chunk] @ flat).reshape(-1, k, k)), target)  # whole numbers: exact
            for a in range(0, draws, chunk)
        ]
    )
    tail = (1.0 - level) / 2.0
    ends = np.array([_ends(column[~np.isnan(column)], tail) for column in found.T])
    return Passage(steps, ends[:, 0], ends[:, 1], np.isnan(found).mean(axis=0))


def _ends(values: np.ndarray, tail: float) -> tuple[float, float]:
    """Order statistics, which need no differences: inf - inf is none."""
    if not len(values):
        return float("nan"), float("nan")
    ordered = np.sort(values)
    at = int(np.floor(tail * (len(ordered) - 1)))
    return float(ordered[at]), float(ordered[len(ordered) - 1 - at])
