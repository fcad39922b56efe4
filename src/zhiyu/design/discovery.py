"""Scenario discovery: the ranges of assumptions in which a plan fails, and whether chance would show as much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PEEL = 0.08  # share of the futures left in the box that one peel takes off
LEAST = 0.08  # share of all futures that a box keeps
SHUFFLES = 199
CHANCE = 0.05  # a condition that chance would give more often than this is dropped


@dataclass(frozen=True)
class Condition:
    """One side of a box: parameter number, and the range within which the plan fails; an open end is -inf or inf.

    p : chance of the density gained by this condition alone, if it did nothing (binomial, one-sided, not corrected for
        the search that found it)
    """

    parameter: int
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Discovery:
    """A box of futures in which a plan fails more than elsewhere.

    conditions : the ranges, those that narrow most first; none where no plan fails, or all futures do
    inside : (future,) which futures lie in the box
    density : share of futures in the box that fail; coverage : share of failing futures that lie in it
    mass : share of futures in the box; base : share that fails anywhere
    p : share of shuffled failures whose own best box is as good or better; shuffles : how many
    path : (m, 3) coverage, density and mass after each peel, for a trade-off to be drawn
    """

    conditions: tuple[Condition, ...]
    inside: np.ndarray
    density: float
    coverage: float
    mass: float
    base: float
    p: float
    shuffles: int
    path: np.ndarray


def prim(
    x: np.ndarray,
    fails: np.ndarray,
    peel: float = PEEL,
    least: float = LEAST,
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> Discovery:
    """The box of parameter ranges in which failures gather: peeled, pasted, pruned, and held against chance.

    Peeling takes `peel` of the futures left off the low or the high end of one parameter, that which leaves the
    greatest density of failures, until fewer than `least` of all futures would stay. The box of the path with the
    greatest harmonic mean of coverage and density is kept; its sides are moved out again as long as that mean does not
    fall (pasting), and conditions are dropped on the same terms, or where chance gives as much more than one time in
    twenty (pruning). The same search on shuffled failures tells how good a box chance finds:
    p = (1 + shuffles as good) / (1 + shuffles).

    Parameters
    ----------
    x : (future, parameter) drawn values; fails : (future,) bool, such as a threshold that is not met

    Source: Friedman and Fisher (1999), Statistics and Computing 9; Bryant and Lempert (2010), Technological Forecasting
    and Social Change 77.
    """
    futures, _ = x.shape
    base = float(fails.mean())
    if not fails.any() or fails.all():
        everywhere = np.ones(futures, dtype=bool)
        return Discovery((), everywhere, base, float(fails.any()), 1.0, base, 1.0, 0, np.array([[1.0, base, 1.0]]))
    rank = _ranked(x)
    box, path = _box(rank, fails, peel, least)
    reached = _quality(_inside(rank, box), fails)
    rng = np.random.default_rng(seed)
    as_good = 0
    for _ in range(shuffles):
        other = rng.permutation(fails)
        as_good += _quality(_inside(rank, _box(rank, other, peel, least)[0]), other) >= reached
    inside = _inside(rank, box)
    held = fails[inside].sum()
    return Discovery(
        _conditions(x, rank, fails, box),
        inside,
        float(held / inside.sum()),
        float(held / fails.sum()),
        float(inside.mean()),
        base,
        (1 + as_good) / (1 + shuffles),
        shuffles,
        path,
    )


def _ranked(x: np.ndarray) -> np.ndarray:
    """(future, parameter) dense ranks, so that a search is over whole numbers and equals stay together."""
    return np.stack([np.unique(column, return_inverse=True)[1] for column in x.T], axis=1)


def _inside(rank: np.ndarray, box: np.ndarray) -> np.ndarray:
    return np.asarray(((rank >= box[0]) & (rank <= box[1])).all(axis=1))


def _quality(inside: np.ndarray, fails: np.ndarray) -> float:
    """Harmonic mean of coverage and density: 2 hits / (failures + futures in the box)."""
    return float(2.0 * (inside & fails).sum() / (fails.sum() + inside.sum()))


def _box(rank: np.ndarray, fails: np.ndarray, peel: float, least: float) -> tuple[np.ndarray, np.ndarray]:
    """The box (2, parameter) in ranks that the search ends with, and its path."""
    boxes = [np.stack([np.zeros(rank.shape[1], dtype=int), rank.max(axis=0)])]
    fewest = max(int(np.ceil(least * len(rank))), 2)
    while (further := _peeled(rank, fails, boxes[-1], peel, fewest)) is not None:
        boxes.append(further)
    inside = [_inside(rank, box) for box in boxes]
    path = np.array([[(i & fails).sum() / fails.sum(), fails[i].mean(), i.mean()] for i in inside])
    best = int(np.argmax([_quality(i, fails) for i in inside]))
    return _pruned(rank, fails, _pasted(rank, fails, boxes[best])), path


def _peeled(rank: np.ndarray, fails: np.ndarray, box: np.ndarray, peel: float, fewest: int) -> np.ndarray | None:
    """The box less one slice, or None where none may be cut."""
    inside = _inside(rank, box)
    own, bad = rank[inside], fails[inside]
    n = len(own)
    cut = max(1, int(peel * n))
    order = np.partition(own, (cut - 1, n - cut), axis=0)
    low, high = order[cut - 1], order[n - cut]  # the ranks taken off, with all that equal them
    stays = np.stack([own > low, own < high])
    number = stays.sum(axis=1)
    hits = (stays & bad[:, None]).sum(axis=1)
    density = np.where(number >= fewest, hits / np.maximum(number, 1), -1.0)
    side, at = np.unravel_index(int(density.argmax()), density.shape)
    if density[side, at] < 0:
        return None
    found = box.copy()
    left = own[stays[side, :, at], at]
    found[side, at] = left.min() if side == 0 else left.max()
    return found


def _alone(rank: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(future,) inside the box, and (future, parameter) inside it were it not for the parameter's own condition."""
    out = (rank < box[0]) | (rank > box[1])
    sides = out.sum(axis=1)
    return sides == 0, sides[:, None] == out


def _pasted(rank: np.ndarray, fails: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The box with sides moved out, one value at a time, as long as its quality does not fall."""
    top, moved = rank.max(axis=0), True
    while moved:
        moved = False
        for side, end in ((0, np.zeros_like(top)), (1, top)):
            for at in np.flatnonzero(box[side] != end):
                inside, others = _alone(rank, box)
                own = rank[others[:, at], at]
                beyond = own[own < box[0, at]] if side == 0 else own[own > box[1, at]]
                wider = box.copy()
                wider[side, at] = end[at] if not len(beyond) else beyond.max() if side == 0 else beyond.min()
                if _quality(_inside(rank, wider), fails) >= _quality(inside, fails):
                    box, moved = wider, True
    return box


def _pruned(rank: np.ndarray, fails: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The box without the conditions that its quality does not need, or that chance alone would give, least first."""
    box, top = box.copy(), rank.max(axis=0)
    while True:
        own = np.flatnonzero((box[0] > 0) | (box[1] < top))
        if not len(own):
            return box
        inside, others = _alone(rank, box)
        after = np.array([_quality(others[:, at], fails) for at in own])
        chance = np.array([_chance(inside, others[:, at], fails) for at in own])
        if after.max() >= _quality(inside, fails):
            at = own[int(after.argmax())]
        elif chance.max() > CHANCE:
            at = own[int(chance.argmax())]
        else:
            return box
        box[:, at] = 0, top[at]


def _chance(inside: np.ndarray, without: np.ndarray, fails: np.ndarray) -> float:
    """Chance of as many failures inside, were they as frequent as in the box without the condition."""
    from scipy.special import bdtrc

    hits = int(fails[inside].sum())
    return float(bdtrc(hits - 1, int(inside.sum()), fails[without].mean())) if hits else 1.0


def _conditions(x: np.ndarray, rank: np.ndarray, fails: np.ndarray, box: np.ndarray) -> tuple[Condition, ...]:
    """The box in the parameters' own units; a limit lies midway between the last value inside and the next outside."""
    top = rank.max(axis=0)
    inside, others = _alone(rank, box)
    found = []
    for at in np.flatnonzero((box[0] > 0) | (box[1] < top)):
        values = np.unique(x[:, at])
        low = -np.inf if box[0, at] == 0 else (values[box[0, at]] + values[box[0, at] - 1]) / 2
        high = np.inf if box[1, at] == top[at] else (values[box[1, at]] + values[box[1, at] + 1]) / 2
        chance = _chance(inside, others[:, at], fails)
        found.append(Condition(int(at), float(low), float(high), chance))
    return tuple(sorted(found, key=lambda one: (one.p, one.parameter)))
