"""Clubs: which regions converge with which, by the clustering algorithm of Phillips and Sul."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from zhiyu.explain.log_t import CRITICAL, Variance, checked, dispersion, first_point, known, slopes
from zhiyu.terms import Refusal

Merging = Literal["phillips-sul", "von-lyncker-thoennessen", "none"]
MERGINGS: tuple[Merging, ...] = ("phillips-sul", "von-lyncker-thoennessen", "none")


@dataclass(frozen=True)
class Clubs:
    """Convergence clubs of n regions, k clubs, the highest found first.

    members : k arrays of row numbers of x, ascending; no region is in two.
    b, se, t : (k,) the log t regression within each club; inf where its members end the same.
    divergent : rows that belong to no club; divergent_b, divergent_t : the log t regression among them (nan below two).
    merged : the clubs after merging adjacent ones, None if no merging was asked for.
    """

    members: list[np.ndarray]
    b: np.ndarray
    se: np.ndarray
    t: np.ndarray
    divergent: np.ndarray
    divergent_b: float
    divergent_t: float
    merged: Clubs | None = None

    def of(self, n: int) -> np.ndarray:
        """(n,) number of each region's club, counted from 1; 0 = in none."""
        found = np.zeros(n, dtype=int)
        for number, rows in enumerate(self.members, start=1):
            found[rows] = number
        return found


@dataclass(frozen=True)
class _Sorted:
    """The panel in the algorithm's order, highest last; sets of its rows are always kept in that order, so that the
    order in which regions were given cannot change a sum."""

    x: np.ndarray
    start: int
    critical: float
    variance: Variance

    def fit(self, rows: np.ndarray) -> tuple[float, float, float]:
        """(b, se, t) of the log t regression among these rows."""
        b, se, t = slopes(dispersion(self.x[np.sort(rows)])[None, :], self.start, self.variance)
        return float(b[0]), float(se[0]), float(t[0])

    def converge(self, rows: np.ndarray) -> bool:
        return self.fit(rows)[2] > self.critical

    def joined(self, core: np.ndarray, others: np.ndarray) -> np.ndarray:
        """(m,) t of the core with each of m others added alone."""
        spread = np.stack([dispersion(self.x[np.sort(np.append(core, one))]) for one in others])
        return slopes(spread, self.start, self.variance)[2]


def clubs(
    x: np.ndarray,
    critical: float = CRITICAL,
    discard: float = 1 / 3,
    *,
    sieve: float = 0.0,
    step: float = 0.05,
    ordering: float = 0.0,
    merging: Merging = "phillips-sul",
    variance: Variance = "andrews",
) -> Clubs:
    """Phillips-Sul clubs: order, core group, sieve, the same among the rest, then merging.

    0. If the log t test does not reject convergence of all regions, they are one club.
    1. Regions are ordered by their last value, the highest first.
    2. Core group: from the first adjacent pair with t > critical, further regions join in order while t > critical;
       the core is the group with the largest t on the way.
    3. Sieve: every other region with t > c* when added alone to the core joins it; c* begins at `sieve` and rises by
       `step` until the whole club has t > critical.
    4. The rest is tested as one club; if it is rejected, 2 and 3 are put to it. Where no pair is left, it diverges.
    5. Merging. "phillips-sul" (2009): from the top, a club is joined to the one above if t > critical for both
       together, else a new one begins there. "von-lyncker-thoennessen" (2017): adjacent clubs i, i+1 are joined where
       their joint t > critical and exceeds that of i+1, i+2, from the top and again until none is; then divergent
       regions, the one with the largest t first, join the club they fit best where t > critical.

    Parameters
    ----------
    x : (n, t) as `log_t` takes it
    sieve : c* to begin with; Phillips and Sul take 0 where t is small
    variance : as in `log_t`; near the critical value it decides who joins whom, so say which was used
    ordering : share of the years at the end whose mean orders the regions; 0 = the last year alone

    Raises
    ------
    Refusal
        As `log_t` does, or if the name of a merging is unknown.

    Source: Phillips and Sul (2007, section 4; 2009, appendix B); von Lyncker and Thoennessen (2017, Empirical
    Economics 52: 525-553). Written from the papers.
    """
    x = checked(x)
    if merging not in MERGINGS:
        raise Refusal("convergence_option", name=merging, known=", ".join(MERGINGS))
    years = x.shape[1]
    tail = x[:, years - max(1, int(np.floor(ordering * years + 0.5))) :].mean(axis=1)
    order = np.lexsort((*x.T, tail))[::-1]
    panel = _Sorted(x[order], first_point(years, discard), critical, known(variance))
    groups, rest = _cluster(panel, np.arange(len(x)), sieve, max(step, 1e-6))
    found = _told(panel, groups, rest, order)
    if merging == "none":
        return found
    if merging == "phillips-sul":
        groups = _merge_downwards(panel, groups)
    else:
        groups, rest = _rejoin(panel, _merge_best(panel, groups), rest)
    return replace(found, merged=_told(panel, groups, rest, order))


def _told(panel: _Sorted, groups: list[np.ndarray], rest: np.ndarray, order: np.ndarray) -> Clubs:
    b, se, t = np.array([panel.fit(rows) for rows in groups]).reshape(-1, 3).T
    alone = panel.fit(rest) if len(rest) > 1 else (np.nan, np.nan, np.nan)
    return Clubs([np.sort(order[rows]) for rows in groups], b, se, t, np.sort(order[rest]), alone[0], alone[2])


def _cluster(panel: _Sorted, rest: np.ndarray, sieve: float, step: float) -> tuple[list[np.ndarray], np.ndarray]:
    groups: list[np.ndarray] = []
    while len(rest) > 1:
        if panel.converge(rest):
            return [*groups, rest], rest[:0]
        core = _core(panel, rest)
        if core is None:
            break
        club = _sieve(panel, core, np.setdiff1d(rest, core), sieve, step)
        groups.append(club)
        rest = np.setdiff1d(rest, club)
    return groups, rest


def _core(panel: _Sorted, rest: np.ndarray) -> np.ndarray | None:
    pair = next((k for k in range(len(rest) - 1) if panel.converge(rest[k : k + 2])), None)
    if pair is None:
        return None
    best = rest[pair : pair + 2]
    largest = panel.fit(best)[2]
    for end in range(pair + 2, len(rest) + 1):
        t = panel.fit(rest[pair:end])[2]
        if not t > panel.critical:
            break
        if t > largest:
            best, largest = rest[pair:end], t
    return best


def _sieve(panel: _Sorted, core: np.ndarray, others: np.ndarray, sieve: float, step: float) -> np.ndarray:
    if not len(others):
        return core
    t = panel.joined(core, others)
    raised = sieve
    while (t > raised).any():
        club = np.sort(np.append(core, others[t > raised]))
        if panel.converge(club):
            return club
        finite = t[(t > raised) & np.isfinite(t)]
        if not len(finite):  # those left end exactly as the core does
            break
        raised = max(raised + step, float(finite.min()))  # steps that would leave no one out change nothing
    return core


def _merge_downwards(panel: _Sorted, groups: list[np.ndarray]) -> list[np.ndarray]:
    merged: list[np.ndarray] = []
    for rows in groups:
        if merged and panel.converge(np.append(merged[-1], rows)):
            merged[-1] = np.sort(np.append(merged[-1], rows))
        else:
            merged.append(rows)
    return merged


def _merge_best(panel: _Sorted, groups: list[np.ndarray]) -> list[np.ndarray]:
    merged = list(groups)
    while len(merged) > 1:
        t = [panel.fit(np.append(a, b))[2] for a, b in pairwise(merged)]
        after = [*t[1:], -np.inf]
        k = next((k for k in range(len(t)) if t[k] > panel.critical and t[k] > after[k]), None)
        if k is None:
            break
        merged[k : k + 2] = [np.sort(np.append(merged[k], merged[k + 1]))]
    return merged


def _rejoin(panel: _Sorted, groups: list[np.ndarray], rest: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    groups = list(groups)
    while len(rest) and groups:
        t = np.stack([panel.joined(rows, rest) for rows in groups])
        club, one = np.unravel_index(int(t.argmax()), t.shape)
        if not t[club, one] > panel.critical:
            break
        groups[club] = np.sort(np.append(groups[club], rest[one]))
        rest = np.delete(rest, one)
    return groups, rest
