"""Search by evolution: NSGA-II over portfolios, started from those of linear programmes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np

from zhiyu.design.limits import SLACK, Rules, brought_within
from zhiyu.design.portfolio import Evaluate
from zhiyu.design.sequential import missed
from zhiyu.store import digest

Found = Callable[[str], np.ndarray | None]
Keep = Callable[[str, np.ndarray], None]
Start = Literal["sparse", "even"]


@dataclass(frozen=True)
class Evolved:
    """All portfolios that were simulated, generation by generation.

    levels : (k, option); objectives : (k, objective) means over futures; missed : (k,) by how much rules are missed
    generation : (k,) from 0; last : (m,) positions of the last population
    """

    levels: np.ndarray
    objectives: np.ndarray
    missed: np.ndarray
    generation: np.ndarray
    last: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        """(k,) which portfolios keep to the rules."""
        return self.missed <= SLACK


def available() -> bool:
    """Whether pymoo is installed: it is optional, for a package it needs is under the LGPL."""
    return find_spec("pymoo") is not None


def evolve(
    evaluate: Evaluate,
    rules: Rules,
    objectives: int,
    seeds: np.ndarray | None = None,
    size: int = 100,
    generations: int = 50,
    seed: int = 0,
    start: Start = "sparse",
    progress: Callable[[int, int], None] | None = None,
    found: Found | None = None,
    keep: Keep | None = None,
) -> Evolved:
    """Portfolios by NSGA-II, the mean over futures of the first `objectives` outcomes being maximised.

    Simulated binary crossover (eta 15, 0.9) and polynomial mutation (eta 20), each child scaled down into budgets and
    other limits that it passes; floors and shares that it misses count against it by constrained domination. The first
    generation is `seeds` (k, option) and random portfolios up to `size`: "even", every level uniform on 0 to 1, as
    pymoo draws them, which a budget turns into a little of everything; "sparse", a random few options in full. Runs
    are size x generations, and more only by what the seeds exceed `size`.

    A run that was stopped goes on: the search is a function of its seed and of what the runs gave, so that it is walked
    again with what `found` has of each generation, by key, and only what is missing is simulated. `keep` is told of
    each generation's (m, 1 + objective) numbers: rules missed, means. Keys know levels, objectives and rules, but not
    the simulator; what is kept belongs to one simulator.

    Source: Deb, Pratap, Agarwal and Meyarivan (2002), IEEE Transactions on Evolutionary Computation 6; pymoo.
    """
    search = _search(rules, objectives, _first(rules, seeds, size, seed, start), size, seed)
    about = f"{objectives} {seed} {[(one.objective, one.least, one.tail) for one in rules.floors]}"
    levels, values = [], []
    for generation in range(generations):
        asked = search.ask()
        if asked is None or not len(asked):
            break  # nothing new can be bred
        x = np.asarray(asked.get("X"), dtype=float)
        key = f"{generation:04d}-{digest(about, x.tobytes())[:20]}"
        known = found(key) if found is not None else None
        y = _measured(evaluate, rules, objectives, x) if known is None else known
        if known is None and keep is not None:
            keep(key, y)
        asked.set("F", -y[:, 1:], "G", y[:, :1])
        search.tell(infills=asked)
        levels.append(x)
        values.append(y)
        if progress is not None:
            progress(generation + 1, generations)
    x, y = np.concatenate(levels), np.concatenate(values)
    at = {row.tobytes(): number for number, row in enumerate(x)}
    last = np.array([at[row.tobytes()] for row in np.asarray(search.pop.get("X"), dtype=float)])
    number = np.repeat(np.arange(len(levels)), [len(one) for one in levels])
    return Evolved(x, y[:, 1:], y[:, 0], number, last)


def _first(rules: Rules, seeds: np.ndarray | None, size: int, seed: int, start: Start) -> np.ndarray:
    """(m, option) the seeds, and random portfolios up to `size`."""
    given = np.zeros((0, rules.options)) if seeds is None else seeds
    rng = np.random.default_rng((seed, 1))
    random = rng.random((max(0, size - len(given)), rules.options))
    if start == "sparse":
        random = (random < rng.random((len(random), 1)) ** 2).astype(float)
    return brought_within(np.concatenate([given, random]), rules)


def _measured(evaluate: Evaluate, rules: Rules, objectives: int, levels: np.ndarray) -> np.ndarray:
    """(k, 1 + objective) by how much the rules are missed, and the means over futures."""
    outcomes = evaluate(levels)
    short = rules.excess(levels) + missed(outcomes, rules)
    short = np.where(short <= SLACK, 0.0, short)
    return np.concatenate([short[:, None], outcomes[:, :, :objectives].mean(axis=1)], axis=1)


def _search(rules: Rules, objectives: int, first: np.ndarray, size: int, seed: int) -> Any:
    """pymoo's NSGA-II, ready to be asked; imported here, for it takes a moment and few commands search."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem
    from pymoo.core.repair import Repair
    from pymoo.core.termination import NoTermination

    class Within(Repair):  # type: ignore[misc]
        def _do(self, problem: Any, X: np.ndarray, **_: Any) -> np.ndarray:  # noqa: N803
            return brought_within(X, rules)

    lower, upper = rules.bounds()
    problem = Problem(rules.options, n_obj=objectives, n_ieq_constr=1, xl=lower, xu=np.maximum(lower, upper))
    search = NSGA2(pop_size=size, sampling=first, repair=Within())
    return search.setup(problem, termination=NoTermination(), seed=seed, verbose=False)
