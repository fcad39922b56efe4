"""Searches for portfolios: the union archive beside each search alone, and beside a search from a random start."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.timing import Row
from zhiyu.design.archive import hypervolume
from zhiyu.design.evolve import Evolved, Start, evolve
from zhiyu.design.limits import Rules, budget
from zhiyu.design.portfolio import Evaluate
from zhiyu.design.search import Effort, search

LEVERS, PLACES, FUTURES, CHANNELS, OBJECTIVES = 45, 4, 200, 19, 4
SHARE = 0.1  # the budget, as a share of what all measures in full everywhere would cost
EFFORT, SEED = Effort(), 1
REFERENCE = np.zeros(OBJECTIVES)  # nothing done
LEAST = 3.0  # times the volume of an even random start with as many simulations


def saturating(seed: int = 0, against: float = 0.2) -> Evaluate:
    """A response like the model's: in each place and channel cap (1 - exp(-sum of weight x level)), by future.

    45 levers reach one to three of 19 channels each, one lever in six with a side effect; a channel moves each of four
    objectives with probability 0.6, for the worse in `against` of these. The second objective is the gap between
    places: what is done in the first two widens it. Futures differ in the size of every effect, and in sign of some.
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
    share = np.tile([0.4, 0.3, 0.2, 0.1], (OBJECTIVES, 1))
    share[1] = [-0.2, -0.1, 0.3, 0.4]
    effect = toward * np.exp(0.5 * rng.standard_normal((FUTURES, CHANNELS, OBJECTIVES)))
    effect += 0.3 * rng.standard_normal(effect.shape) * np.abs(toward)
    slopes = np.einsum("op,fco->pcfo", share, effect).reshape(PLACES * CHANNELS, FUTURES * OBJECTIVES)

    def evaluate(levels: np.ndarray) -> np.ndarray:
        done = levels.reshape(len(levels), LEVERS, PLACES).transpose(0, 2, 1)
        reached = caps * (1.0 - np.exp(-done @ weights))
        return np.asarray(reached.reshape(len(levels), -1) @ slopes).reshape(len(levels), FUTURES, OBJECTIVES)

    return evaluate


def from_random(evaluate: Evaluate, rules: Rules, simulations: int, start: Start) -> float:
    """Hypervolume of all that a random start finds with at least as many simulations."""
    found: Evolved = evolve(evaluate, rules, OBJECTIVES, None, EFFORT.size, -(-simulations // EFFORT.size), SEED, start)
    return hypervolume(found.objectives[found.kept], REFERENCE)


def rows() -> list[Row]:
    """Lines of the page, after the volumes are shown to be what they should."""
    evaluate, options = saturating(), LEVERS * PLACES
    rules = Rules(options, (budget(np.ones(options), SHARE * options),))
    began = time.perf_counter()
    found = search(evaluate, evaluate(np.eye(options)), rules, OBJECTIVES, EFFORT, seed=SEED)
    took = time.perf_counter() - began
    runs, archive = options + found.simulations, found.archive
    began = time.perf_counter()
    even = from_random(evaluate, rules, runs, "even")
    alone = time.perf_counter() - began
    sparse = from_random(evaluate, rules, runs, "sparse")
    assert archive.volume >= max(archive.volumes.values()) * (1 - 1e-12), archive
    assert archive.volume >= LEAST * even, (archive.volume, even)
    assert archive.volume > sparse, (archive.volume, sparse)
    lp, seeded = (archive.volumes[name] / archive.volume for name in ("lp", "nsga2"))
    said = (
        f"Portfolios of {options} options, {FUTURES} futures, {OBJECTIVES} objectives, {runs:,} simulations, budget "
        f"{SHARE:.0%}: hypervolume over nothing done {archive.volume / even:.1f} times that of NSGA-II from an even "
        f"random start, {archive.volume / sparse:.1f} times from a sparse one; LP alone {lp:.0%} of the union, seeded "
        f"NSGA-II {seeded:.0%}"
    )
    return [Row(said, took, "NSGA-II of pymoo, random start, as many simulations", alone)]
