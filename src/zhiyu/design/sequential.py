"""Sequential linear programming: re-simulate, linearise where the portfolio stands, improve inside a trust region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zhiyu.design.limits import Floor, Rules
from zhiyu.design.portfolio import Evaluate, Table, within
from zhiyu.design.robust import Aim, cvar

STEP = 0.01  # of a level, for the finite differences: the model is smooth, and common draws leave no noise
RADIUS = 0.25  # how far a level may move in a pass
SHRINKS = 3  # how often a step that does not improve is halved


@dataclass(frozen=True)
class Refined:
    """k portfolios after the passes, each the best that was simulated on its way.

    levels : (k, option); simulated, linear : (k, future, objective) what the simulator says of them, and what the
        linear table that proposed them said
    before : (k, future, objective) simulated outcomes of the portfolios that were handed in
    improved : (k,) whether any step was better; simulations : portfolios simulated in all
    """

    levels: np.ndarray
    simulated: np.ndarray
    linear: np.ndarray
    before: np.ndarray
    improved: np.ndarray
    simulations: int


@dataclass
class _Walk:
    """Where one portfolio stands."""

    levels: np.ndarray
    outcomes: np.ndarray
    linear: np.ndarray
    radius: float
    moved: bool = False


def refine(
    evaluate: Evaluate,
    start: Table,
    levels: np.ndarray,
    aims: tuple[Aim, ...],
    rules: Rules,
    passes: int = 2,
    radius: float = RADIUS,
    step: float = STEP,
    progress: Callable[[int, int], None] | None = None,
) -> Refined:
    """Portfolios improved by one or two linearisations each: all of a pass's runs are one batch.

    Each pass takes slopes (f(x + h e_i) - f(x)) / h by simulation, solves the programme within `radius` of x, and
    simulates its answer; an answer that is no better is retried at half the radius, three times. Where no step reaches
    all floors, the step is towards the one that is missed most, in shares of itself. Options that the rules fix are not
    varied.

    Parameters
    ----------
    start : the table that the portfolios handed in were chosen by
    levels : (k, option), aims : k, one for each
    step : h, in levels; backwards where x + h would pass 1

    Source: Fletcher and Sainz de la Maza (1989), Mathematical Programming 43 (sequential LP in a trust region).
    """
    simulated = evaluate(levels)
    linear = start.outcomes(levels)
    walks = [_Walk(x, y, z, radius) for x, y, z in zip(levels, simulated, linear, strict=True)]
    runs = len(levels)
    for number in range(passes):
        tables, used = _linearised(evaluate, walks, rules, step)
        runs += used
        waiting = list(range(len(walks)))
        for _ in range(SHRINKS + 1):
            waiting, used = _stepped(evaluate, walks, tables, aims, rules, waiting)
            runs += used
        if progress is not None:
            progress(number + 1, passes)
    return Refined(
        np.stack([one.levels for one in walks]),
        np.stack([one.outcomes for one in walks]),
        np.stack([one.linear for one in walks]),
        simulated,
        np.array([one.moved for one in walks]),
        runs,
    )


def _linearised(evaluate: Evaluate, walks: list[_Walk], rules: Rules, step: float) -> tuple[list[Table], int]:
    """Each walk's table around where it stands, from one batch, and how many runs that took."""
    lower, upper = rules.bounds()
    free = np.flatnonzero(upper > lower)
    h = np.stack([np.where(one.levels[free] + step <= upper[free], step, -step) for one in walks])
    batch = np.repeat(np.stack([one.levels for one in walks])[:, None], len(free), axis=1)
    batch[:, np.arange(len(free)), free] += h
    found = evaluate(batch.reshape(-1, rules.options))
    found = found.reshape(len(walks), len(free), *found.shape[1:])
    tables = []
    for one, y, by in zip(walks, found, h, strict=True):
        slopes = np.zeros((rules.options, *y.shape[1:]))
        slopes[free] = (y - one.outcomes) / by[:, None, None]
        tables.append(Table(slopes, one.outcomes - np.einsum("i,ifo->fo", one.levels, slopes)))
    return tables, batch.shape[0] * batch.shape[1]


def _stepped(
    evaluate: Evaluate,
    walks: list[_Walk],
    tables: list[Table],
    aims: tuple[Aim, ...],
    rules: Rules,
    waiting: list[int],
) -> tuple[list[int], int]:
    """Walks that wait try their programme's answer; those it does not improve wait on, with half the radius."""
    tried: list[tuple[int, np.ndarray]] = []
    for k in waiting:
        one = walks[k]
        near = np.clip(one.levels - one.radius, 0.0, 1.0), np.clip(one.levels + one.radius, 0.0, 1.0)
        found = within(tables[k], rules, aims[k], near)
        if found is None and rules.floors:
            found = within(tables[k], _reachable(rules, one.outcomes), _rescue(rules, one.outcomes), near)
        if found is not None and np.abs(found - one.levels).max() > 1e-9:
            tried.append((k, found))
    if not tried:
        return [], 0
    outcomes = evaluate(np.stack([levels for _, levels in tried]))
    left = []
    for (k, levels), y in zip(tried, outcomes, strict=True):
        if _is_better(y, walks[k].outcomes, aims[k], rules):
            predicted = tables[k].outcomes(levels[None])[0]
            walks[k] = _Walk(levels, y, predicted, walks[k].radius, True)
        else:
            walks[k].radius /= 2
            left.append(k)
    return left, len(tried)


def _reachable(rules: Rules, outcomes: np.ndarray) -> Rules:
    """The rules with every floor lowered to where the portfolio stands, if that is below it."""
    floors = [
        Floor(one.name, one.objective, min(one.least, reached(outcomes[None], one)[0]), one.tail)
        for one in rules.floors
    ]
    return Rules(rules.options, rules.limits, tuple(floors))


def _rescue(rules: Rules, outcomes: np.ndarray) -> Aim:
    """The aim that brings a portfolio nearer to the floor that it misses most."""
    short = [(one.least - float(reached(outcomes[None], one)[0])) / (abs(one.least) or 1.0) for one in rules.floors]
    floor = rules.floors[int(np.argmax(short))]
    weights = np.eye(outcomes.shape[1])[floor.objective]
    return Aim(weights) if floor.tail is None else Aim(weights, "cvar", floor.tail)


def reached(outcomes: np.ndarray, floor: Floor) -> np.ndarray:
    """(k,) what the floor speaks of, of outcomes (k, future, objective)."""
    own = outcomes[..., floor.objective]
    return np.asarray(own.mean(axis=1) if floor.tail is None else cvar(own, floor.tail))


def missed(outcomes: np.ndarray, rules: Rules) -> np.ndarray:
    """(k,) by how much outcomes (k, future, objective) miss the floors in all, each in shares of it; a floor of zero in
    the outcome's unit."""
    short = [np.maximum(one.least - reached(outcomes, one), 0.0) / (abs(one.least) or 1.0) for one in rules.floors]
    return np.sum(short, axis=0) if short else np.zeros(len(outcomes))


def _is_better(new: np.ndarray, old: np.ndarray, aim: Aim, rules: Rules) -> bool:
    """Nearer to the floors, or no further and with a better score."""
    short, score = missed(np.stack([new, old]), rules), aim.score(np.stack([new, old]))
    small = 1e-9 * max(1.0, abs(float(score[1])))
    if short[0] < short[1] - small:
        return True
    return bool(short[0] <= short[1] + small and score[0] > score[1] + small)
