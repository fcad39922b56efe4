"""Portfolios by linear programming on a response table: best on average, in the worst futures, or in regret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from zhiyu.design import clash
from zhiyu.design.limits import Floor, Rules
from zhiyu.design.program import Program, aimed, held
from zhiyu.design.robust import TAIL, Aim, Measure
from zhiyu.terms import Label, Refusal

# levels (k, option) -> differences from nothing done (k, future, objective)
Evaluate = Callable[[np.ndarray], np.ndarray]

SAME = 1e-6  # levels that differ by less are one portfolio
OURS = Label("", "")  # a floor of our own making, which no refusal names


@dataclass(frozen=True)
class Table:
    """A linear stand-in for the simulator: outcomes = base + sum of slope x level.

    slopes : (option, future, objective) each option's difference from nothing done, in full and alone
    base : (future, objective) outcomes at levels of zero; zero for a table of differences
    """

    slopes: np.ndarray
    base: np.ndarray

    def outcomes(self, levels: np.ndarray) -> np.ndarray:
        """(k, future, objective) of levels (k, option), by a plain sum that no threads can reorder."""
        return np.asarray(self.base + np.einsum("ki,ifo->kfo", levels, self.slopes))


@dataclass(frozen=True)
class Portfolios:
    """k portfolios: levels (k, option), the aims they are best by, their linear outcomes (k, future, objective)."""

    levels: np.ndarray
    aims: tuple[Aim, ...]
    linear: np.ndarray


def table(response: np.ndarray) -> Table:
    """The table of a response (option, future, objective), or a refusal where a number is missing."""
    missing = int((~np.isfinite(response)).sum())
    if missing:
        raise Refusal("design_response", number=missing)
    return Table(response, np.zeros(response.shape[1:]))


def best(linear: Table, rules: Rules, aim: Aim, near: tuple[np.ndarray, np.ndarray] | None = None) -> np.ndarray:
    """(option,) levels of the best portfolio by the aim, of those that keep to the rules.

    mean: max of sum x mean over futures.  cvar: max eta - sum u / (tail F), u_f >= eta - s_f, u >= 0.
    regret: min z, z >= best_f - s_f; the best of each future is found first where the aim does not bring it.
    Here s_f = sum over objectives of weight x outcome. Solved by HiGHS.

    Parameters
    ----------
    near : (option,) least and greatest levels to stay between, as a trust region

    Raises
    ------
    Refusal
        For a response that is missing, and for rules that no portfolio keeps to, named, with what would do.

    Source: Rockafellar and Uryasev (2000), Journal of Risk 2; Aissi, Bazgan and Vanderpooten (2009), EJOR 197 (regret).
    """
    found = within(linear, rules, aim, near)
    if found is None:
        raise clash.refusal(rules.options, held(linear.slopes, linear.base, rules))
    return found


def best_scores(linear: Table, rules: Rules, weights: np.ndarray) -> np.ndarray:
    """(future,) the best weighted score that any one portfolio has in each future: what regret is counted from."""
    one = Program(rules.options, held(linear.slopes, linear.base, rules))
    scores, start = (linear.slopes * weights).sum(axis=-1), (linear.base * weights).sum(axis=-1)
    found = np.empty(len(start))
    for f in range(len(start)):
        levels = one.solve(scores[:, f])
        if levels is None:
            raise clash.refusal(rules.options, one.blocks)
        found[f] = start[f] + (scores[:, f] * levels).sum()
    return found


def with_best(linear: Table, rules: Rules, aim: Aim) -> Aim:
    """The aim with the best score of each future, where it is one of regret that lacks it."""
    if aim.measure != "regret" or aim.best is not None:
        return aim
    return replace(aim, best=best_scores(linear, rules, aim.weights))


def within(
    linear: Table, rules: Rules, aim: Aim, near: tuple[np.ndarray, np.ndarray] | None = None
) -> np.ndarray | None:
    """As `best`, or nothing where no portfolio keeps to the rules: no search for those that clash."""
    gain, blocks = aimed(linear.slopes, linear.base, with_best(linear, rules, aim))
    found = Program(rules.options, [*held(linear.slopes, linear.base, rules), *blocks], near).solve(gain)
    return None if found is None else np.clip(found, *rules.bounds())


def frontier(
    linear: Table,
    rules: Rules,
    objectives: int,
    parts: int = 6,
    steps: int = 3,
    measure: Measure = "mean",
    tail: float = TAIL,
    progress: Callable[[int, int], None] | None = None,
) -> Portfolios:
    """The trade-off between the first `objectives` outcomes: a sweep of weights, then of floors between the vertices.

    Weights lie on a lattice of `parts` over the range that each objective has among the best of the others; weights
    alone find vertices only, so each objective is then maximised with the others held at `steps` levels between their
    least and their best. Twice the same portfolio counts once. progress(done, all) is told after each programme.

    Source: Das and Dennis (1998), SIAM Journal on Optimization 8 (lattice); Haimes, Lasdon and Wismer (1971).
    """
    ones = np.eye(objectives, linear.base.shape[1])
    alone = [with_best(linear, rules, Aim(one, measure, tail)) for one in ones]
    low, width = _reach(linear, rules, alone)
    tasks = [*_weighed(rules, alone, width, parts), *_between(rules, alone, low, width, steps)]
    levels: list[np.ndarray] = []
    aims: list[Aim] = []
    for done, (aim, kept_to) in enumerate(tasks, start=1):
        aim = with_best(linear, rules, aim)
        found = within(linear, kept_to, aim)
        if found is not None and not any(np.abs(found - one).max() < SAME for one in levels):
            levels.append(found)
            aims.append(aim)
        if progress is not None:
            progress(done, len(tasks))
    return Portfolios(np.stack(levels), tuple(aims), linear.outcomes(np.stack(levels)))


def lattice(objectives: int, parts: int) -> np.ndarray:
    """(k, objective) all weights that are multiples of 1 / parts and sum to one."""
    whole = [w for w in product(range(parts + 1), repeat=objectives) if sum(w) == parts]
    return np.array(whole, dtype=float) / parts


def _reach(linear: Table, rules: Rules, alone: list[Aim]) -> tuple[np.ndarray, np.ndarray]:
    """(objective,) the least that each objective has among the portfolios best by one, and how far above it goes."""
    outcomes = linear.outcomes(np.stack([best(linear, rules, aim) for aim in alone]))
    read = [replace(aim, measure="mean") if aim.measure == "regret" else aim for aim in alone]
    pay = np.stack([aim.score(outcomes) for aim in read], axis=1)
    return pay.min(axis=0), np.maximum(pay.max(axis=0) - pay.min(axis=0), 0.0)


def _weighed(rules: Rules, alone: list[Aim], width: np.ndarray, parts: int) -> Iterator[tuple[Aim, Rules]]:
    """The lattice of weights, each objective in units of how far it reaches."""
    scale = np.where(width > 0, width, 1.0)
    for weight in lattice(len(alone), parts) / scale:
        weights = np.zeros(len(alone[0].weights))
        weights[: len(alone)] = weight
        yield replace(alone[0], weights=weights, best=None), rules


def _between(
    rules: Rules, alone: list[Aim], low: np.ndarray, width: np.ndarray, steps: int
) -> Iterator[tuple[Aim, Rules]]:
    """Each objective's aim with the others held at levels between their least and their best."""
    inner = np.arange(1, steps + 1) / (steps + 1)
    for o, aim in enumerate(alone):
        others = [p for p in range(len(alone)) if p != o and width[p] > 0]
        tail = aim.tail if aim.measure == "cvar" else None
        for shares in product(inner, repeat=len(others)) if others else ():
            rows = [Floor(OURS, p, low[p] + share * width[p], tail) for p, share in zip(others, shares, strict=True)]
            yield aim, replace(rules, floors=(*rules.floors, *rows))
