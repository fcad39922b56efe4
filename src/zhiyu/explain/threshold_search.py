"""Where a panel switches: every candidate threshold at once, by running sums over the observations in its order.

A threshold g adds one column to the model without it, c_g = regime x 1(threshold <= g). With M the projection off
region means and regressors, e = M y and a_g = c_g'e, d_g = c_g'M c_g, it lowers the sum of squares by a_g^2 / d_g. Both
follow from one pass over the observations in the order of the threshold, for any number of outcomes side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

TINY = 1e-10  # a column of less than this share of the largest is none
SETTLED = 1e-12  # a refinement that gains less, relatively, is rounding
PASSES = 20
SMALL = 1024  # candidates up to which all their products are kept


def candidates(threshold: np.ndarray, least: int, grid: int | None) -> tuple[np.ndarray, np.ndarray]:
    """(values, number of observations at or below) of the thresholds that leave `least` observations on either side.

    grid : how many of the distinct values, evenly spaced by rank, the ends included; None = all of them
    """
    values, counts = np.unique(threshold, return_counts=True)
    below = np.cumsum(counts)
    fair = np.flatnonzero((below >= least) & (threshold.size - below >= least))
    if grid is not None and len(fair) > grid:
        fair = fair[np.round(np.linspace(0, len(fair) - 1, grid)).astype(int)]
    return values[fair], below[fair]


@dataclass(frozen=True)
class Splits:
    """A panel of n regions by t years and G candidate thresholds.

    basis : (n t, k) orthonormal columns of what is in the model without a threshold, without region means
    regime : (n, t); order : (n t,) observations in the order of the threshold; below : (G,) how many each takes in
    least : observations that must lie between two thresholds
    """

    basis: np.ndarray
    regime: np.ndarray
    order: np.ndarray
    below: np.ndarray
    least: int

    @cached_property
    def sorted_regime(self) -> np.ndarray:
        return np.asarray(self.regime.ravel()[self.order])

    @cached_property
    def basis_sums(self) -> np.ndarray:
        """(G, k) c_g' of the basis."""
        return self.sums(self.basis)

    @cached_property
    def spread(self) -> np.ndarray:
        """(G,) c_g'c_g less region means; what an observation adds is known without forming the column."""
        n, t = self.regime.shape
        seat = np.argsort(self.order // t, kind="stable").reshape(n, t)  # each region's observations, in order
        own = self.sorted_regime[seat]
        before = np.cumsum(own, axis=1) - own
        grown = np.empty(n * t)
        grown[seat.ravel()] = (own**2 - ((before + own) ** 2 - before**2) / t).ravel()
        return np.asarray(np.cumsum(grown)[self.below - 1])

    @cached_property
    def squares(self) -> np.ndarray:
        """(G,) d_g = c_g'M c_g"""
        return np.asarray(self.spread - (self.basis_sums**2).sum(axis=1))

    @cached_property
    def _all(self) -> np.ndarray:
        return self._products(np.arange(len(self.below)))

    def sums(self, v: np.ndarray) -> np.ndarray:
        """(G, b) c_g'v of columns (n t, b) in the panel's order."""
        return self.sorted_sums(v[self.order])

    def sorted_sums(self, v: np.ndarray) -> np.ndarray:
        """The same of columns in the order of the threshold."""
        last = self.below[-1]
        starts = np.concatenate([[0], self.below[:-1]])
        parts = np.add.reduceat(v[:last] * self.sorted_regime[:last, None], starts, axis=0)
        return np.asarray(np.cumsum(parts, axis=0))

    def column(self, at: np.ndarray) -> np.ndarray:
        """(n t, u) columns c_g less region means, of candidates (u,)."""
        rank = np.empty(self.order.size, dtype=int)
        rank[self.order] = np.arange(self.order.size)
        raw = self.regime[..., None] * (rank.reshape(*self.regime.shape, 1) < self.below[at])
        return np.asarray(raw - raw.mean(axis=1, keepdims=True)).reshape(self.order.size, len(at))

    def products(self, at: np.ndarray) -> np.ndarray:
        """(G, u) c_g'M c_h of all candidates g with candidates h (u,)."""
        few = len(at) == 0 or len(self.below) > SMALL
        return self._products(at) if few else np.asarray(self._all[:, at])

    def _products(self, at: np.ndarray) -> np.ndarray:
        return np.asarray(self.sums(self.column(at)) - np.einsum("gk,hk->gh", self.basis_sums, self.basis_sums[at]))

    def lowered(self, a: np.ndarray, chosen: list[np.ndarray]) -> np.ndarray:
        """(G, b) by how much each candidate and those chosen lower the sums of squares; nan where it may not stand.

        a : (G, b) c_g'e of b outcomes; chosen : candidates (b,) of each threshold that is in
        """
        each, total = np.arange(a.shape[1]), np.zeros(a.shape[1])
        taken: list[tuple[np.ndarray, np.ndarray]] = []
        least = TINY * self.spread.max()
        d = self.squares[:, None]
        fair = d > least
        for at in chosen:
            distinct, where = np.unique(at, return_inverse=True)
            h = self.products(distinct)[:, where]
            for other, inverse in taken:
                h = h - other * (other[at, each] * inverse)
            own = h[at, each]
            inverse = np.where(own > least, 1.0 / np.maximum(own, least), 0.0)
            total = total + a[at, each] ** 2 * inverse
            a = a - h * (a[at, each] * inverse)
            d = d - h**2 * inverse
            fair = fair & (d > least) & (np.abs(self.below[:, None] - self.below[at]) >= self.least)
            taken.append((h, inverse))
        return np.asarray(np.where(fair, total + a**2 / np.where(fair, d, 1.0), np.nan))

    def next(self, a: np.ndarray, chosen: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """(b,) the best candidate beside those chosen, and by how much all together lower the sum of squares: -1 where
        there is no place left."""
        gain = np.nan_to_num(self.lowered(a, chosen), nan=-1.0)
        best = gain.argmax(axis=0)
        return best, gain[best, np.arange(a.shape[1])]

    def search(self, a: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of one threshold to `count`: candidates (m, b) and by how much they lower the sums of squares (b,).

        Each further threshold is sought with the former in place; then each in turn is sought again with the others in
        place, until none moves (Bai 1997; Hansen 1999 goes round once).
        """
        found, chosen = [], np.empty((0, a.shape[1]), dtype=int)
        for m in range(1, count + 1):
            at, gain = self.next(a, list(chosen))
            chosen = np.vstack([chosen, at])
            for _ in range(PASSES if m > 1 else 0):
                moved = False
                for j in range(m):
                    at, better = self.next(a, list(np.delete(chosen, j, axis=0)))
                    moves = better > gain * (1.0 + SETTLED)
                    chosen[j] = np.where(moves, at, chosen[j])
                    gain = np.where(moves, better, gain)
                    moved = moved or bool(moves.any())
                if not moved:
                    break
            found.append((chosen.copy(), gain))
        return found
