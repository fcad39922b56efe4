"""Many draws of one index at once: perturbed weights, scores as products of matrices, ranks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from zhiyu.framework.tree import Tree
from zhiyu.measure import hierarchy
from zhiyu.measure.hierarchy import Weights

BLOCK = 1 << 15  # numbers ranked at a time: they stay in the processor's cache through all steps
ALONE = 1 << 18  # multiplications that BLAS leaves to one thread: how many it has does not show in the last digits
CELLS = 1 << 22  # numbers that a step may hold at once: bounds memory whatever the number of draws


def steady(weights: Weights) -> Weights:
    """The weights of one year, node id -> (1,), where all years have the same; else the weights as they are."""
    same = all((column == column[..., :1]).all() for column in weights.values())
    return {name: column[..., :1] for name, column in weights.items()} if same else weights


def perturbed(tree: Tree, weights: Weights, factors: np.ndarray, pools: tuple[str, ...]) -> Weights:
    """Local weights in d draws: each leaf's weight in its pool times a factor, the pool summing to one again.

    w_v = m_v / m_parent(v),  m_v = sum_j m_j over the leaves j below v,
    m_j = f_j prod_u w_u,  u running from leaf j up to its pool's child

    Parameters
    ----------
    weights : node id -> (t,) weight among siblings
    factors : (d, p) positive, a column a leaf of the tree
    pools : nodes among whose leaves weights were formed; () = among siblings, where only leaves have factors

    Returns
    -------
    node id -> (d, t)
    """
    column = {leaf.id: j for j, leaf in enumerate(tree.leaves)}
    local: Weights = {}
    if not pools:
        untouched = np.ones((len(factors), 1))
        for node in tree.nodes:
            children = [child.id for child in tree.children[node.id]]
            if children:
                by = [factors[:, column[name], None] if name in column else untouched for name in children]
                local |= _shared_out(children, np.stack([weights[n] * f for n, f in zip(children, by, strict=True)]))
    for pool in pools:
        below, leaves = tree.below(pool), [leaf.id for leaf in tree.leaves_below(pool)]
        mean = {pool: np.ones(1)}
        for node in below[1:]:
            mean[node.id] = mean[node.parent] * weights[node.id]
        drawn = factors.T[[column[name] for name in leaves]]
        mass = dict(zip(leaves, drawn[..., None] * np.stack([mean[name] for name in leaves])[:, None], strict=True))
        for node in reversed(below):
            children = [child.id for child in tree.children[node.id]]
            if children:
                together = np.stack([mass[name] for name in children])
                mass[node.id] = together.sum(axis=0)
                local |= _shared_out(children, together)
    above = {
        name: np.broadcast_to(column, (len(factors), len(column)))
        for name, column in weights.items()
        if name not in local
    }
    return above | local


def _shared_out(names: Sequence[str], mass: np.ndarray) -> Weights:
    """Masses (k, ...) of siblings as shares of their sum, by name; 0 where it is 0."""
    return dict(zip(names, _shares(mass), strict=True))


def _shares(mass: np.ndarray) -> np.ndarray:
    total = mass.sum(axis=0)
    return np.asarray(np.divide(mass, total, out=np.zeros(mass.shape), where=total > 0))


def passed_on(tree: Tree, weights: Weights, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each leaf weighs in the root when missing leaves hand their weight to their siblings, level by level.

    e_j = prod_v w_v / sum_u w_u,  v running from leaf j up to the root's child, u over the siblings of v (v among
    them) that have a score

    Parameters
    ----------
    weights : node id -> (d,) weight among siblings
    seen : (g, p) patterns of leaves that are there

    Returns
    -------
    shares : (g, p, d), summing to one; nan where nothing of weight is there
    coverage : (g, d) share of the root's weight that rests on leaves that are there
    """
    column = {leaf.id: j for j, leaf in enumerate(tree.leaves)}
    below = [node.id for node in tree.below(tree.root.id) if tree.children[node.id]]
    if seen.all():  # nothing to hand on: the products of the weights on the way to the root
        whole = {tree.root.id: np.ones_like(next(iter(weights.values())))}
        for each in tree.below(tree.root.id)[1:]:
            whole[each.id] = whole[each.parent] * weights[each.id]
        shares = np.stack([whole[name] for name in column])
        return np.broadcast_to(shares, (len(seen), *shares.shape)), np.tile(shares.sum(axis=0), (len(seen), 1))
    there = {name: seen[:, j, None] for name, j in column.items()}
    coverage = {name: found.astype(float) for name, found in there.items()}
    held: dict[str, np.ndarray] = {}
    for node in reversed(below):
        children = [child.id for child in tree.children[node]]
        local = np.stack([weights[name] for name in children])[:, None]
        held[node] = np.where(_together(there, children), local, 0.0)
        there[node] = held[node].sum(axis=0) > 0
        coverage[node] = (_together(coverage, children) * local).sum(axis=0)
    share = {tree.root.id: np.where(there[tree.root.id], 1.0, np.nan)}
    for node in below:
        parts = share[node] * _shares(held[node])
        share |= {child.id: part for child, part in zip(tree.children[node], parts, strict=True)}
    return np.stack([share[name] for name in column], axis=1), coverage[tree.root.id]


def _together(found: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Siblings one after another, (k, g, d or 1)."""
    return np.stack(np.broadcast_arrays(*[found[name] for name in names]))


def linear_scores(tree: Tree, z: np.ndarray, weights: Weights, least: float) -> np.ndarray:
    """The root's arithmetic score in d draws of weights: what `carry_up` finds, as a product of matrices.

    s = z E',  E the weights that leaves have in the root; rows that lack the same leaves share one E

    Parameters
    ----------
    z : (n, t, p) leaves, nan = missing
    weights : node id -> (d, t) weight among siblings, or (d, 1) if all years have the same
    least : share of weight that must rest on observed leaves for a score to be shown

    Returns
    -------
    (d, t, n) array
    """
    n, t, p = z.shape
    years, draws = next(iter(weights.values())).shape[-1], len(next(iter(weights.values())))
    by_year = np.ascontiguousarray(z.transpose(1, 0, 2))
    blocks = by_year.reshape(1, -1, p) if years == 1 else by_year
    out = np.empty((draws, t * n))
    for b, block in enumerate(blocks):
        here = {name: column[:, b] for name, column in weights.items()}
        part = out[:, b * len(block) : (b + 1) * len(block)]
        filled = np.nan_to_num(block)
        for patterns, members in _patterns(block, CELLS // (draws * p)):
            shares, coverage = passed_on(tree, here, patterns)
            shares = np.where((coverage < least - 1e-12)[:, None], np.nan, shares)
            for share, rows in zip(shares, members, strict=True):
                if len(rows) == len(block):
                    _multiply(share, filled, part)
                else:
                    part[:, rows] = _multiply(share, filled[rows], np.empty((draws, len(rows))))
    return out.reshape(draws, t, n)


def _multiply(shares: np.ndarray, rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Write the products of shares (p, d) and rows (m, p) into out (d, m), a few draws at a time."""
    step = max(1, ALONE // rows.size)
    for start in range(0, len(out), step):
        some = slice(start, start + step)
        np.matmul(shares[:, some].T, rows.T, out=out[some])
    return out


def _patterns(rows: np.ndarray, most: int) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Patterns (g, p) of what is there in the rows, g at most `most` at a time, with the rows that have each."""
    seen = np.isfinite(rows)
    bits = np.packbits(seen, axis=1)
    _, first, member = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    member = member.reshape(-1)
    order = np.argsort(member, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(member))[:-1])
    step = max(1, most)
    for start in range(0, len(first), step):
        yield seen[first[start : start + step]], groups[start : start + step]


def carried_scores(
    tree: Tree,
    z: np.ndarray,
    weights: Weights,
    least: float,
    combine: Callable[[np.ndarray, np.ndarray], np.ndarray],
    alone: bool,
) -> np.ndarray:
    """The root's score in d draws of weights (d, t) under any aggregation; (d, t, n).

    alone : each draw in a call of its own, for aggregations that compare an observation with the rest of the sample
    """
    draws = len(next(iter(weights.values())))
    pieces = []
    step = 1 if alone else max(1, CELLS // z.size)
    for start in range(0, draws, step):
        some = {name: column[start : start + step] for name, column in weights.items()}
        size = len(next(iter(some.values())))
        if alone:
            some = {name: column[0] for name, column in some.items()}
        shape = z.shape[:2] if alone else (size, *z.shape[:2])
        leaves = {leaf.id: np.broadcast_to(z[..., j], shape) for j, leaf in enumerate(tree.leaves)}
        scores, coverage = hierarchy.carry_up(tree, leaves, some, combine)
        root = tree.root.id
        shown = np.where(coverage[root] >= least - 1e-12, scores[root], np.nan)
        pieces.append(shown.reshape(size, *z.shape[:2]))
    return np.concatenate(pieces).transpose(0, 2, 1)


def steady_scores(
    tree: Tree, z: np.ndarray, weights: Weights, least: float, combine: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> np.ndarray:
    """`carried_scores` under an aggregation that looks at no weights: one score for all draws, shown as theirs say."""
    leaves = {leaf.id: z[..., j] for j, leaf in enumerate(tree.leaves)}
    one = {name: np.broadcast_to(column[0], z.shape[1]) for name, column in weights.items()}
    scores, _ = hierarchy.carry_up(tree, leaves, one, combine)
    seen = {name: np.isfinite(x).astype(float) for name, x in leaves.items()}
    coverage = hierarchy.resting(tree, seen, {name: column[:, None] for name, column in weights.items()})
    shown = np.where(coverage[tree.root.id] >= least - 1e-12, scores[tree.root.id], np.nan)
    return shown.transpose(0, 2, 1)


def ranked(scores: np.ndarray, judged: np.ndarray, tie: float | np.ndarray = 0.0) -> np.ndarray:
    """Ranks along the last axis, 1 = greatest; ties share the better rank; nan where not judged or without a score.

    Parameters
    ----------
    scores : (..., n) array
    judged : (n,) bool
    tie : scores are rounded to multiples of this before they are compared, a number or (...) one a row; 0 = not at all

    Returns
    -------
    (..., n) array of float
    """
    if not judged.all():
        out = np.full(scores.shape, np.nan)
        if judged.any():
            out[..., judged] = ranked(scores[..., judged], np.ones(int(judged.sum()), dtype=bool), tie)
        return out
    flat = scores.reshape(-1, scores.shape[-1])
    ties = np.broadcast_to(tie, scores.shape[:-1]).reshape(-1, 1)
    out = np.empty(flat.shape)
    step = max(1, BLOCK // flat.shape[1])
    for start in range(0, len(flat), step):
        block = slice(start, start + step)
        _rank_rows(flat[block], out[block], ties[block])
    return out.reshape(scores.shape)


def _rank_rows(scores: np.ndarray, out: np.ndarray, tie: np.ndarray) -> None:
    """Write the ranks of each row of scores (m, n) into out; tie (m, 1), all of them 0 or none."""
    rounds = bool(tie.all())
    falling = scores * (-1.0 / tie if rounds else -1.0)
    if rounds:
        np.rint(falling, out=falling)
    missing = np.isnan(falling) if np.isnan(falling.min()) else None
    placed, origin = (_sorted_whole(falling, missing) if rounds else None) or _sorted(falling)
    place = np.broadcast_to(np.arange(1.0, scores.shape[1] + 1), scores.shape)
    tied = placed[:, 1:] == placed[:, :-1]
    if tied.any():
        place = place.copy()
        place[:, 1:][tied] = 0.0
        place = np.maximum.accumulate(place, axis=1)
    out.reshape(-1)[origin] = place
    if missing is not None:
        out[missing] = np.nan


def _sorted(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row of x in ascending order, nan last, and the positions in x.ravel() that its entries come from."""
    first = np.arange(len(x))[:, None] * x.shape[1]
    return np.sort(x, axis=1), np.argsort(x, axis=1) + first  # faster than to take the entries by their order


def _sorted_whole(x: np.ndarray, missing: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
    """`_sorted` of whole numbers by one sort, the position riding in the low bits; None if there is no room for it."""
    bits = x.size.bit_length()
    most = float(1 << (62 - bits))
    x = x if missing is None else np.where(missing, most, x)
    if x.min() < -most or x.max() > most:
        return None
    keys = x.astype(np.int64)
    keys <<= bits
    keys |= np.arange(x.size).reshape(x.shape)
    keys.sort(axis=1)
    origin = keys & ((1 << bits) - 1)
    keys >>= bits
    return keys, origin
