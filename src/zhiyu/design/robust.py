"""How portfolios hold up over futures: satisficing share, mean of the worst futures, greatest regret, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

TAIL = 0.1  # share of futures that count as the worst
Measure = Literal["mean", "cvar", "regret"]
MEASURES: tuple[Measure, ...] = ("mean", "cvar", "regret")


@dataclass(frozen=True)
class Aim:
    """What a portfolio is chosen by: a weighted sum of objectives, and how its futures are taken together.

    weights : (objective,) in units of score per unit of objective
    measure : "mean", "cvar" (mean of the worst `tail`) or "regret" (least greatest regret)
    best : (future,) best score that can be had in each future, which regret is counted from
    """

    weights: np.ndarray
    measure: Measure = "mean"
    tail: float = TAIL
    best: np.ndarray | None = None

    def score(self, outcomes: np.ndarray) -> np.ndarray:
        """(...,) of outcomes (..., future, objective): larger is better, so that regret counts below zero."""
        scores = weighted(outcomes, self.weights)
        if self.measure == "regret":
            if self.best is None:
                raise ValueError("regret is counted from the best score in each future")
            return -regret(scores, self.best)
        return cvar(scores, self.tail) if self.measure == "cvar" else np.asarray(scores.mean(axis=-1))


@dataclass(frozen=True)
class Robustness:
    """k portfolios over the same futures, by three measures that need not agree.

    share : (k,) futures in which every threshold is met; met : (k, objective) each threshold alone, nan where none
    mean, worst : (k, objective) means over all futures and over the worst `tail` of them, by objective
    score, tail_score : (k,) the same of the weighted score; regret : (k,) greatest regret of the weighted score
    ranks : (k, 3) place of each by share, tail_score and regret, 1 = best, ties share the better place
    agreement : (3, 3) Kendall's tau-b between the three rankings
    """

    share: np.ndarray
    met: np.ndarray
    mean: np.ndarray
    worst: np.ndarray
    score: np.ndarray
    tail_score: np.ndarray
    regret: np.ndarray
    ranks: np.ndarray
    agreement: np.ndarray


def weighted(outcomes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(..., future) weighted sums of outcomes (..., future, objective)."""
    return np.asarray((outcomes * weights).sum(axis=-1))


def cvar(x: np.ndarray, tail: float = TAIL, axis: int = -1) -> np.ndarray:
    """Mean of the worst (smallest) `tail` of futures along an axis: conditional value at risk of a gain.

    With m = tail x F futures, the worst floor(m) count in full and the next one by the remainder, which is the value of
    max over eta of eta - sum (eta - x)+ / m.  0 < tail <= 1; tail = 1 is the mean, tail <= 1/F the least.

    Source: Rockafellar and Uryasev (2000), Journal of Risk 2; (2002), Journal of Banking and Finance 26 (atoms).
    """
    ordered = np.sort(np.moveaxis(x, axis, -1), axis=-1)
    number = max(tail * ordered.shape[-1], 1e-12)
    weight = np.clip(number - np.arange(ordered.shape[-1]), 0.0, 1.0) / number
    return np.asarray((ordered * weight).sum(axis=-1))


def regret(scores: np.ndarray, best: np.ndarray) -> np.ndarray:
    """(...,) max over futures of best (future,) - scores (..., future); never below zero."""
    return np.asarray(np.maximum(best - scores, 0.0).max(axis=-1))


def robustness(
    outcomes: np.ndarray,
    weights: np.ndarray,
    thresholds: np.ndarray,
    tail: float = TAIL,
    best: np.ndarray | None = None,
) -> Robustness:
    """Three readings of how portfolios hold up, with their rankings, which often differ.

    Parameters
    ----------
    outcomes : (k, future, objective) simulated, larger is better
    thresholds : (objective,) what the user calls good enough; nan = no threshold
    best : (future,) best score known in each future; by default the best among these k, so that regret is relative to
        the portfolios at hand and grows as more are added

    Source: Lempert, Groves, Popper and Bankes (2006), Management Science 52; McPhail et al. (2018), Earth's Future 6.
    """
    asked = np.isfinite(thresholds)
    meets = (outcomes >= thresholds) | ~asked
    met = np.where(asked, meets.mean(axis=1), np.nan)
    scores = weighted(outcomes, weights)
    known = scores.max(axis=0) if best is None else np.maximum(best, scores.max(axis=0))
    share, tails, lost = meets.all(axis=-1).mean(axis=1), cvar(scores, tail), regret(scores, known)
    ranks = np.stack([places(share), places(tails), places(-lost)], axis=1)
    return Robustness(
        share,
        met,
        outcomes.mean(axis=1),
        cvar(outcomes, tail, axis=1),
        scores.mean(axis=1),
        tails,
        lost,
        ranks,
        agreement(ranks),
    )


def places(x: np.ndarray) -> np.ndarray:
    """(k,) 1 + how many are larger; those that differ by rounding alone share a place."""
    near = 1e-9 * max(float(np.abs(x).max(initial=0.0)), 1e-300)
    return np.asarray(1 + (x[None, :] > x[:, None] + near).sum(axis=1))


def agreement(ranks: np.ndarray) -> np.ndarray:
    """(m, m) Kendall's tau-b between m rankings (k, m); nan where one ranks nothing."""
    sign = np.sign(ranks[:, None, :] - ranks[None, :, :]).astype(float)
    both = np.einsum("ijm,ijn->mn", sign, sign)
    size = np.sqrt(np.einsum("mm->m", both))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(both / (size[:, None] * size[None, :]))
