"""The whole search: programmes on the response table, refined by simulation, evolved from there, and their union."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zhiyu.design.archive import Archive, nondominated, spread, union
from zhiyu.design.clash import joined
from zhiyu.design.evolve import Evolved, Found, Keep, available, evolve
from zhiyu.design.limits import SLACK, Rules, shown
from zhiyu.design.portfolio import Evaluate, Portfolios, frontier, table
from zhiyu.design.robust import TAIL, Measure
from zhiyu.design.sequential import Refined, missed, reached, refine
from zhiyu.terms import LOCALES, Label, Refusal, text


@dataclass(frozen=True)
class Effort:
    """How far the search goes: parts of the lattice of weights, steps of the floors between, programmes that are
    refined and in how many passes, and size and generations of the evolution."""

    parts: int = 6
    steps: int = 3
    refined: int = 12
    passes: int = 2
    size: int = 100
    generations: int = 40


@dataclass(frozen=True)
class Search:
    """What each part found, and the archive of all; origins "lp" (programmes and their refinement) and "nsga2".

    evolved : None where pymoo, which is optional, is not installed: the search then ends with the programmes
    simulations : portfolios simulated, beside the response table itself
    """

    programmes: Portfolios
    refined: Refined
    evolved: Evolved | None
    archive: Archive
    simulations: int


def search(
    evaluate: Evaluate,
    response: np.ndarray,
    rules: Rules,
    objectives: int,
    effort: Effort | None = None,
    measure: Measure = "mean",
    tail: float = TAIL,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
    found: Found | None = None,
    keep: Keep | None = None,
) -> Search:
    """Portfolios on the trade-off between the mean outcomes of the first `objectives`, all of them simulated.

    Parameters
    ----------
    response : (option, future, objective) every option alone in full; columns past `objectives` are for floors only
    progress : told (part, done, all) of "lp", "refine" and "nsga2"; found, keep : see `evolve`

    Raises
    ------
    Refusal
        For rules that clash, and where no portfolio keeps to the floors once it is simulated.
    """
    effort = effort or Effort()
    linear = table(response)
    tell = _telling(progress)
    lp = frontier(linear, rules, objectives, effort.parts, effort.steps, measure, tail, tell("lp"))
    first = evaluate(lp.levels)
    chosen = spread(first[:, :, :objectives].mean(axis=1), effort.refined)
    aims = tuple(lp.aims[at] for at in chosen)
    refined = refine(evaluate, linear, lp.levels[chosen], aims, rules, effort.passes, progress=tell("refine"))
    levels, outcomes = np.concatenate([refined.levels, lp.levels]), np.concatenate([refined.simulated, first])
    means, kept = outcomes[:, :, :objectives].mean(axis=1), missed(outcomes, rules) <= SLACK
    seeds = _seeds(levels, means, kept, effort.size // 2)
    parts = {"lp": (levels[kept], means[kept])}
    runs, evolved, nearest = len(lp.levels) + refined.simulations, None, levels[missed(outcomes, rules).argmin()]
    if available():
        told = tell("nsga2")
        size, generations = effort.size, effort.generations
        evolved = evolve(evaluate, rules, objectives, seeds, size, generations, seed, "sparse", told, found, keep)
        parts["nsga2"] = (evolved.levels[evolved.kept], evolved.objectives[evolved.kept])
        runs, nearest = runs + len(evolved.levels), evolved.levels[evolved.missed.argmin()]
    if not any(len(one) for one, _ in parts.values()):
        raise _floors_missed(evaluate, rules, nearest)
    return Search(lp, refined, evolved, union(parts), runs)


def _seeds(levels: np.ndarray, means: np.ndarray, kept: np.ndarray, most: int) -> np.ndarray:
    """(m, option) what evolution starts from: the best that keep to the rules, far apart; else all that there is."""
    own = np.flatnonzero(kept) if kept.any() else np.arange(len(levels))
    front = own[nondominated(means[own])]
    return np.asarray(levels[front[spread(means[front], most)]])


def _telling(progress: Callable[[str, int, int], None] | None) -> Callable[[str], Callable[[int, int], None] | None]:
    def of(part: str) -> Callable[[int, int], None] | None:
        return None if progress is None else lambda done, whole: progress(part, done, whole)

    return of


def _floors_missed(evaluate: Evaluate, rules: Rules, levels: np.ndarray) -> Refusal:
    """The floors, each with what the portfolio nearest to them all, `levels` (option,), reaches."""
    nearest = evaluate(levels[None])
    told = [(one.name, shown(float(reached(nearest, one)[0]))) for one in rules.floors]
    floors = [
        Label(*(text("design.limit.reached", locale, name=name, value=value) for locale in LOCALES))
        for name, value in told
    ]
    return Refusal("design_floors", floors=joined(floors))
