"""Searches for portfolios: the union archive beside each search alone and beside a search from a random start."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.timing import Row
from zhiyu.design.archive import Archive, nondominated, spread, union
from zhiyu.design.evolve import evolve
from zhiyu.design.limits import Rules, budget
from zhiyu.design.portfolio import Evaluate, frontier, table
from zhiyu.design.sequential import refine

SIDE = np.array([-0.2,-0.1,0.3,0.4])
LEVERS, PLACES, FUTURES, CHANNELS, OBJECTIVES = 45, 4, 200, 19, 4
BUDGET, SIZE, GENERATIONS, REFINED, SEED = 27.0, 100, 40, 8, 1


@dataclass(frozen=True)
class Searched:
    """The archive, the hypervolume of a random start with as many simulations, and how many those were."""

    archive: Archive
    random: float
    simulations: int
    seconds: Mapping[str, float]


def saturating(seed: int = 0, against: float = 0.25) -> Evaluate:
    """A response like the model's: in each place and channel cap (1 - exp(-sum of weight x level)), by future.

    45 levers reach one to three of 19 channels each, one in six with a side effect; channels move four objectives, the
    second of them the gap between the first two places and the others, the third for the worse more often than not.
    """
    rng = np.random.default_rng(seed)
    weights = np.zeros((LEVERS, CHANNELS))
    for lever in range(LEVERS):
        reached = rng.choice(CHANNELS, rng.integers(1, 4), replace=False)
        weights[lever, reached] = rng.uniform(0.2, 1.0, len(reached))
        if rng.random() < 1 / 6:
            weights[lever, reached[-1]] *= -0.25
    caps = rng.uniform(0.05, 1.0, CHANNELS)
    toward = np.abs(rng.standard_normal((CHANNELS, OBJECTIVES))) * (rng.random((CHANNELS, OBJECTIVES)) < 0.6)
    toward *= np.where(rng.random(toward.shape) < against, -1.0, 1.0)
    size = np.array([0.4, 0.3, 0.2, 0.1])
    side = SIDE
    share = np.where(np.arange(OBJECTIVES)[:, None] == 1, side, size)  # objective, place
    effect = toward[None] * np.exp(0.5 * rng.standard_normal((FUTURES, CHANNELS, OBJECTIVES)))
    effect += 0.3 * rng.standard_normal(effect.shape) * np.abs(toward)
    slopes = np.einsum("op,fco->pcfo", share, effect).reshape(PLACES * CHANNELS, FUTURES * OBJECTIVES)

    def evaluate(levels: np.ndarray) -> np.ndarray:
        done = levels.reshape(len(levels), LEVERS, PLACES).transpose(0, 2, 1)
        reached = caps * (1.0 - np.exp(-done @ weights))
        return np.asarray(reached.reshape(len(levels), -1) @ slopes).reshape(len(levels), FUTURES, OBJECTIVES)

    return evaluate


def searched(evaluate: Evaluate, rules: Rules, generations: int = GENERATIONS, seed: int = SEED) -> Searched:
    """Programmes, their refinement, evolution from both, and evolution from a random start with as many runs."""
    began = time.perf_counter()
    linear = table(evaluate(np.eye(rules.options)))
    found = frontier(linear, rules, OBJECTIVES)
    programmed, first = time.perf_counter(), evaluate(found.levels).mean(axis=1)
    chosen = spread(first, REFINED)
    refined = refine(evaluate, linear, found.levels[chosen], tuple(found.aims[at] for at in chosen), rules)
    better, stepped = refined.simulated.mean(axis=1), time.perf_counter()
    seeds, of_seeds = np.concatenate([refined.levels, found.levels]), np.concatenate([better, first])
    front = np.flatnonzero(nondominated(of_seeds))
    front = front[spread(of_seeds[front], SIZE // 2)]
    seeded = evolve(evaluate, rules, OBJECTIVES, seeds[front], SIZE, generations, seed)
    bred = time.perf_counter()
    runs = rules.options + len(found.levels) + refined.simulations + len(seeded.levels)
    alone = evolve(evaluate, rules, OBJECTIVES, None, SIZE, -(-runs // SIZE), seed)
    parts = {
        "lp": (seeds, of_seeds),
        "nsga2": (seeded.levels[seeded.kept], seeded.objectives[seeded.kept]),
    }
    archive = union(parts)
    random = union({"random": (alone.levels[alone.kept], alone.objectives[alone.kept])}).volume
    took = {"lp": programmed - began, "refined": stepped - programmed, "nsga2": bred - stepped}
    return Searched(archive, random, runs, took)


def rows() -> list[Row]:
    """Lines of the page, after the volumes are shown to be what they should."""
    rules = Rules(LEVERS * PLACES, (budget(np.ones(LEVERS * PLACES), BUDGET),))
    began = time.perf_counter()
    found = searched(saturating(), rules)
    took = time.perf_counter() - began
    volumes = found.archive.volumes
    assert found.archive.volume >= max(volumes.values()) * (1 - 1e-12), volumes
    print(found.archive.volume, dict(volumes), found.random, found.simulations, found.seconds, took, len(found.archive.levels))
    return [Row("x", took)]
