"""Random placements of values on a map: the reference against which spatial statistics are judged.

Counts, never stored simulations. A draw as extreme as what was observed counts even where two sums of the same terms
differ in their last bits, so neither their order nor the number of threads can change a p-value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyu.terms import Refusal

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TIE = 1e-11  # of the largest value a statistic can take: differences below it are rounding
BLOCK = 2**22  # numbers held at a time
CALM = 2**18  # multiplications of a product so small that it is not shared among threads, which would cost more
DENSE = 0.25  # share of non-zero weights from which a full product is the faster one


def sparse(w: Any, n: int) -> csr_array:
    """Weights of n regions as sparse rows, checked: finite, none negative, none on the diagonal, some positive."""
    from scipy.sparse import csr_array

    shape = tuple(w.shape) if hasattr(w, "shape") else np.shape(w)
    if shape != (n, n):
        raise Refusal("space_weights_shape", shape="x".join(map(str, shape)), number=n)
    rows = csr_array(w, dtype=float)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    rows.sort_indices()
    if not (np.isfinite(rows.data) & (rows.data > 0)).all() or rows.diagonal().any() or not rows.nnz:
        raise Refusal("space_weights_values")
    return rows


def two_sided(above: np.ndarray, below: np.ndarray, permutations: int) -> np.ndarray:
    """Two-sided p-values: twice the smaller tail, min(1, 2 (1 + min(above, below)) / (permutations + 1)).

    Never 0: what was observed is itself one of the placements. Twice the smaller tail, and not the share of draws
    farther from the mean, since the reference of a local statistic is skewed.

    Parameters
    ----------
    above, below : counts of draws at least, and at most, as large as what was observed

    Source: Davison and Hinkley (1997), Bootstrap methods and their application, 4.3; Phipson and Smyth (2010).
    """
    return np.asarray(np.minimum(1.0, 2.0 * (1.0 + np.minimum(above, below)) / (permutations + 1.0)))


def placed(
    x: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], size: float, permutations: int, seed: int
) -> tuple[int, int]:
    """Draws at least, and at most, as large as observed, when all values are dealt anew to all regions.

    Parameters
    ----------
    x : (n,) array
    statistic : (n, b) placements, one a column -> (b,)
    size : the largest value the statistic can take
    """
    observed = statistic(x[:, None])[0]
    above = below = 0
    random = np.random.default_rng(seed)
    for rows in _blocks(len(x), permutations):
        drawn = statistic(random.permuted(np.broadcast_to(x, (rows, len(x))), axis=1).T)
        above += int(np.count_nonzero(drawn >= observed - TIE * size))
        below += int(np.count_nonzero(drawn <= observed + TIE * size))
    return above, below


def product(w: csr_array) -> Callable[[np.ndarray], np.ndarray]:
    """Spatial lags of many placements at once, (n, b) -> (n, b)."""
    n = w.shape[0]
    held = w.toarray() if w.nnz > DENSE * n * n else w
    return lambda x: np.asarray(held @ np.ascontiguousarray(x))


def neighbours_drawn(z: np.ndarray, w: csr_array, permutations: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws in which a region's lag is at least, and at most, what it is, its neighbours drawn from all other regions.

    lag_i* = sum_j w_ij z_{s(j)}, with s a draw without replacement from the n - 1 regions other than i.

    One table of draws from all n regions, one column wider than any region has neighbours, serves every region. Where
    region i itself was drawn, the draw of the spare column takes its place, which leaves i a uniform draw from the
    others. Lags of equally weighted rows with k neighbours are then one and the same running sum but for the few draws
    that hold i, so that sorting it once counts for all of them; other rows are one matrix product for each k.

    Parameters
    ----------
    z : (n,) array; w : (n, n) sparse rows

    Returns
    -------
    above, below : (n,) counts, both equal to `permutations` for a region without neighbours

    Source: Anselin (1995), Local indicators of spatial association, Geographical Analysis 27 (conditional permutation).
    """
    n, degree = len(z), np.diff(w.indptr)
    width = int(degree.max()) + 1
    lag = w @ z
    slack = TIE * (w.sum(axis=1) * np.abs(z).max())
    low, high = lag - slack, lag + slack
    first = np.repeat(w.indptr[:-1], degree)
    unequal = np.zeros(n, dtype=bool)
    unequal[np.repeat(np.arange(n), degree)[w.data != w.data[first]]] = True
    above, below = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for table in _tables(n, width, permutations, np.random.default_rng(seed)):
        drawn = z[table]
        for count, group in ((_equal, ~unequal), (_unequal, unequal)):
            if (group & (degree > 0)).any():
                more, less = count(z, w, degree, table, drawn, group & (degree > 0), low, high)
                above += more
                below += less
    above[degree == 0] = below[degree == 0] = permutations
    return above, below


def _equal(
    z: np.ndarray,
    w: csr_array,
    degree: np.ndarray,
    table: np.ndarray,
    drawn: np.ndarray,
    group: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the rows whose weights are all equal: against sums of the first k draws, sorted once for each k."""
    n = len(z)
    weight = np.ones(n)
    weight[group] = w.data[w.indptr[:-1][group]]
    least, most = low / weight, high / weight
    sums = np.cumsum(drawn, axis=1)
    above, below = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for k in np.unique(degree[group]):
        rows = group & (degree == k)
        ordered = np.sort(sums[:, k - 1])
        above[rows] = len(ordered) - np.searchsorted(ordered, least[rows], side="left")
        below[rows] = np.searchsorted(ordered, most[rows], side="right")
    p, q = np.nonzero(np.where(group, degree, 0)[table] > np.arange(table.shape[1]))
    i = table[p, q]
    k = degree[i]
    before = sums[p, k - 1]
    after = before + (drawn[p, k] - z[i])
    above += _each(i[after >= least[i]], n) - _each(i[before >= least[i]], n)
    below += _each(i[after <= most[i]], n) - _each(i[before <= most[i]], n)
    return above, below


def _unequal(
    z: np.ndarray,
    w: csr_array,
    degree: np.ndarray,
    table: np.ndarray,
    drawn: np.ndarray,
    group: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the rows with weights of their own: their lags in all draws, some rows at a time."""
    n = len(z)
    above, below = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for k in np.unique(degree[group]):
        rows = np.flatnonzero(group & (degree == k))
        weights, columns = w.data[w.indptr[rows][:, None] + np.arange(k)], np.ascontiguousarray(drawn[:, :k].T)
        position = np.full(n, -1)
        position[rows] = np.arange(len(rows))
        p, q = np.nonzero(position[table[:, :k]] >= 0)
        order = np.argsort(position[table[p, q]], kind="stable")
        p, q = p[order], q[order]
        at = position[table[p, q]]
        spare = weights[at, q] * (drawn[p, k] - z[rows[at]])
        step = max(CALM // (len(table) * int(k)), 16 if k > 16 else 1)
        for start in range(0, len(rows), step):
            part, held = rows[start : start + step], slice(*np.searchsorted(at, (start, start + step)))
            lags = weights[start : start + step] @ columns
            lags[at[held] - start, p[held]] += spare[held]
            above[part] += np.count_nonzero(lags >= low[part, None], axis=1)
            below[part] += np.count_nonzero(lags <= high[part, None], axis=1)
    return above, below


def _each(i: np.ndarray, n: int) -> np.ndarray:
    return np.bincount(i, minlength=n)


def _blocks(n: int, permutations: int) -> Iterator[int]:
    """Sizes of blocks of draws of n numbers that sum to `permutations`."""
    if permutations < 1:
        raise Refusal("permutations", number=permutations)
    step = max(1, BLOCK // n)
    yield from (min(step, permutations - start) for start in range(0, permutations, step))


def _tables(n: int, width: int, permutations: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Draws of `width` different regions out of n, one draw a row."""
    if 2 * width * width > n:  # too many would hold a region twice
        for rows in _blocks(n, permutations):
            yield random.permuted(np.broadcast_to(np.arange(n), (rows, n)), axis=1)[:, :width]
        return
    next(_blocks(n, permutations))
    table = random.integers(n, size=(permutations, width))
    again = np.arange(permutations)
    while len(again):
        ordered = np.sort(table[again], axis=1)
        again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        table[again] = random.integers(n, size=(len(again), width))
    yield table
