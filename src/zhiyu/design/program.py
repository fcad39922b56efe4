"""A linear programme put together from blocks of rows, each with auxiliary variables of its own; solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from zhiyu.design.limits import EVERYTHING, Rules
from zhiyu.design.robust import Aim
from zhiyu.terms import Label


@dataclass(frozen=True)
class Block:
    """rows (r, option) x levels + own (r, m) x auxiliary <= most (r,); `cost` (m,) of the auxiliaries is minimised.

    low : (m,) least values of the auxiliaries, -inf where they are free
    name : what the block is to the user, who may be asked to loosen the rows that `gives` (r,) marks; None for an aim
    unit : (r,) how much of the user's unit one of a row is; rows come scaled, so that the solver's tolerances mean the
        same for percentages and for billions
    """

    rows: np.ndarray
    most: np.ndarray
    name: Label | None = None
    own: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    low: np.ndarray = field(default_factory=lambda: np.zeros(0))
    cost: np.ndarray = field(default_factory=lambda: np.zeros(0))
    gives: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    unit: np.ndarray = field(default_factory=lambda: np.ones(1))

    @property
    def loose(self) -> np.ndarray:
        """(r,) which rows may give; all of them where nothing else is said."""
        return self.gives if len(self.gives) else np.ones(len(self.rows), dtype=bool)


@dataclass(frozen=True)
class Program:
    """Levels between 0 and 1, and between `near`'s two ends, that keep to all blocks."""

    options: int
    blocks: list[Block]
    near: tuple[np.ndarray, np.ndarray] | None = None

    @cached_property
    def matrix(self) -> Any:
        """All rows over levels and auxiliaries, sparse."""
        from scipy import sparse

        rows = sparse.csr_array(np.concatenate([np.zeros((0, self.options)), *[one.rows for one in self.blocks]]))
        wide = [sparse.csr_array((len(one.rows), len(one.low)) if not len(one.low) else one.own) for one in self.blocks]
        return sparse.hstack([rows, sparse.block_diag(wide, format="csr")], format="csc") if wide else rows.tocsc()

    @cached_property
    def most(self) -> np.ndarray:
        return np.concatenate([np.zeros(0), *[one.most for one in self.blocks]])

    @cached_property
    def ends(self) -> np.ndarray:
        """(variable, 2) least and greatest value of each variable."""
        low, high = self.near or (np.zeros(self.options), np.full(self.options, EVERYTHING))
        free = np.concatenate([np.zeros(0), *[one.low for one in self.blocks]])
        return np.stack([np.append(low, free), np.append(high, np.full(len(free), np.inf))], axis=1)

    def solve(self, gain: np.ndarray) -> np.ndarray | None:
        """(option,) levels with the greatest gain (option,) less the blocks' own costs; None where nothing holds."""
        from scipy.optimize import linprog

        cost = np.concatenate([-gain, *[one.cost for one in self.blocks]])
        size = max(float(np.abs(cost).max(initial=0.0)), 1e-300)
        found = linprog(cost / size, self.matrix, self.most, bounds=self.ends, method="highs")
        return np.asarray(found.x[: self.options]) if found.status == 0 else None


def held(slopes: np.ndarray, base: np.ndarray, rules: Rules) -> list[Block]:
    """The rules as blocks, for outcomes base (future, objective) + slopes (option, future, objective) x levels."""
    blocks = [_rows(limit.rows, limit.most, limit.name) for limit in rules.limits if len(limit.rows)]
    for floor in rules.floors:
        one, start = slopes[:, :, floor.objective], base[:, floor.objective]
        if floor.tail is None:
            blocks.append(_rows(-one.mean(axis=1)[None], np.array([start.mean() - floor.least]), floor.name))
        else:
            size = _size(one)
            tail = _tail(one.T / size, start / size, floor.tail, floor.name, floor.least / size)
            blocks.append(replace(tail, unit=np.full(len(tail.rows), size)))
    return blocks


def _size(x: np.ndarray) -> float:
    return float(np.abs(x).max(initial=0.0)) or 1.0


def _rows(rows: np.ndarray, most: np.ndarray, name: Label) -> Block:
    size = np.array([_size(row) for row in rows])
    return Block(rows / size[:, None], most / size, name, unit=size)


def aimed(slopes: np.ndarray, base: np.ndarray, aim: Aim) -> tuple[np.ndarray, list[Block]]:
    """What is maximised: gain (option,) of the levels themselves, and the block of the aim's auxiliaries."""
    scores, start = (slopes * aim.weights).sum(axis=-1).T, (base * aim.weights).sum(axis=-1)
    none = np.zeros(len(slopes))
    size = _size(scores)
    if aim.measure == "mean":
        return scores.mean(axis=0), []
    if aim.measure == "cvar":
        return none, [_tail(scores / size, start / size, aim.tail)]
    behind = (np.zeros(len(start)) if aim.best is None else aim.best) - start
    ones = np.ones((1, 1))
    return none, [Block(-scores / size, -behind / size, None, -np.repeat(ones, len(start), 0), np.zeros(1), np.ones(1))]


def _tail(scores: np.ndarray, start: np.ndarray, tail: float, name: Label | None = None, least: float = 0.0) -> Block:
    """eta - u_f - scores x levels <= start_f, and what eta - sum u / (tail F) is: an aim to maximise, or a floor."""
    futures = len(start)
    own = np.concatenate([np.ones((futures, 1)), -np.eye(futures)], axis=1)
    low = np.append(-np.inf, np.zeros(futures))
    cost = np.append(-1.0, np.full(futures, 1.0 / (tail * futures)))
    if name is None:
        return Block(-scores, start, None, own, low, cost)
    rows = np.concatenate([-scores, np.zeros((1, scores.shape[1]))])
    gives = np.append(np.zeros(futures, dtype=bool), True)
    return Block(
        rows, np.append(start, -least), name, np.concatenate([own, cost[None]]), low, np.zeros(len(low)), gives
    )
