"""Designing: from a response table to a plan, by linear programmes, their refinement, evolution and re-simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from zhiyu import store
from zhiyu.design import portfolio, response
from zhiyu.design.archive import Archive, spread
from zhiyu.design.choice import DesignChoice
from zhiyu.design.discovery import prim
from zhiyu.design.evolve import Found, Keep
from zhiyu.design.frame import Frame, Given, framed
from zhiyu.design.futures import futures, uncertain
from zhiyu.design.limits import SLACK, brought_within
from zhiyu.design.plan import PLAN, Broken, Plan, Portfolio
from zhiyu.design.portfolio import Table
from zhiyu.design.response import Evaluator
from zhiyu.design.robust import Aim, weighted
from zhiyu.design.search import Effort, Search, search
from zhiyu.design.sequential import missed, refine
from zhiyu.simulate.members import Members
from zhiyu.terms import Label

REFINED = 4  # programmes that are refined by simulation, beside the one of the plan's own aim
SHOWN = 60  # portfolios of the archive that are simulated in every future once more, and told
FEW = 0.02  # share of futures that must miss a threshold, and meet it, for the difference to be told
WORST = 0.25  # share of futures that count as failing where thresholds tell nothing
ROUNDED = 0.01  # a plan's levels are multiples of this
STEPS = ("response", "lp", "refine", "nsga2", "archive")

Told = Callable[[str, int, int], None]  # step, how many of how many


@dataclass(frozen=True, eq=False)
class _Search:
    """What the searches share."""

    frame: Frame
    choice: DesignChoice
    evaluate: Evaluator
    linear: Table
    aim: Aim
    seed: int
    told: Told


def design(
    given: Given,
    choice: DesignChoice,
    stated: Path | None = None,
    *,
    workers: int = 1,
    cluster: str = "",
    found: Found | None = None,
    keep: Keep | None = None,
    told: Told = lambda step, done, total: None,
) -> Plan:
    """The plan that holds up best, by the study's choices.

    Every option alone is simulated in all futures; linear programmes on that table propose portfolios; a few are
    refined where they stand, NSGA-II breeds from them, and what no other beats is simulated once more. The plan is the
    best of all by the aim: the weighted score's worst futures, greatest regret or mean, each objective counted in
    shares of what the budget could do for it alone.

    Parameters
    ----------
    stated : the file of costs, None = one unit a measure, assumed
    found, keep : arrays of a run before, by a name that holds what they hang on beside `given`
    told : is told how far which of `STEPS` has come

    Raises
    ------
    Refusal
        For choices that do not fit the study, and rules that no portfolio keeps to.
    """
    frame = framed(given, choice, stated)
    members = futures(given.posterior, choice.futures, given.seed)
    of_response = _kept_under(_content(frame, choice, given), found, keep)
    of_search = _kept_under(store.canonical(choice.model_dump(mode="json")), *of_response)
    evaluate = response.evaluator(
        given.base,
        members,
        frame.options,
        frame.objectives,
        frame.counts,
        workers=workers,
        cluster=cluster,
        found=of_response[0],
        keep=of_response[1],
    )
    alone = response.table(replace(evaluate, told=lambda done, total: told(STEPS[0], done, total)))
    linear = portfolio.table(alone.values)
    aim = _aim(frame, choice, linear)
    asked = _Search(frame, choice, evaluate, linear, aim, given.seed, told)
    searched = _searched(asked, *of_search)
    front, simulations = _front(asked, None if searched is None else searched.archive)
    chosen = _chosen(asked, front)
    rivals = _rivals(asked)
    return Plan(
        frame.options,
        frame.costs,
        None if choice.budget.unit is None else choice.budget.unit.label,
        choice.budget.total,
        frame.objectives,
        given.base.year,
        given.horizon,
        aim.weights,
        frame.thresholds,
        choice.robust,
        choice.tail,
        choice.level,
        alone.values,
        chosen,
        front,
        rivals,
        given.base.codes,
        tuple(given.regions.label(code) for code in given.base.codes),
        evaluate.regions(chosen.levels[0]),
        _broken(asked, chosen, members),
        0.0 if searched is None else searched.archive.volume,
        {} if searched is None else dict(searched.archive.volumes),
        simulations + (0 if searched is None else searched.simulations) + len(frame.options) + len(rivals.names),
    )


def _content(frame: Frame, choice: DesignChoice, given: Given) -> str:
    """What responses hang on, beside the base year and the calibration: another budget asks for the same ones."""
    levers = [[lever.id, *map(str, sorted(lever.weights.items()))] for lever in frame.options.levers]
    rows = [[row.lever, row.place, row.year] for row in frame.options.rows]
    asked = [[row.id, row.outcome, row.statistic, row.direction] for row in frame.objectives]
    numbers = [choice.futures, given.seed, choice.when, choice.discount, given.horizon]
    reach = frame.options.reach.astype(int).tolist()
    return store.canonical([levers, rows, reach, asked, numbers])


def _kept_under(content: str, found: Found | None, keep: Keep | None) -> tuple[Found | None, Keep | None]:
    """found, keep with names that hold the content."""
    prefix = store.digest(content)[:16]
    return (
        None if found is None else lambda name: found(f"{prefix}-{name}"),
        None if keep is None else lambda name, piece: keep(f"{prefix}-{name}", piece),
    )


def _aim(frame: Frame, choice: DesignChoice, linear: Table) -> Aim:
    """The score: sum of weight x outcome / what the budget could do for the outcome alone, by the linear table."""
    each = np.eye(len(frame.objectives))
    ideal = [linear.outcomes(portfolio.best(linear, frame.rules, Aim(one))[None])[0].mean(axis=0) for one in each]
    most = np.diagonal(np.array(ideal))
    usable = most > 1e-12
    weights = np.where(usable, frame.weights / np.where(usable, most, 1.0), 0.0)
    return portfolio.with_best(linear, frame.rules, Aim(weights, choice.robust, choice.tail))


def _searched(of: _Search, found: Found | None, keep: Keep | None) -> Search | None:
    """The search for what no other portfolio beats; None where there is nothing to spend."""
    if of.choice.budget.total == 0:
        return None
    effort = Effort(refined=REFINED, size=of.choice.population, generations=of.choice.generations)
    wide, slopes = len(of.frame.objectives), of.linear.slopes
    return search(
        of.evaluate, slopes, of.frame.rules, wide, effort, seed=of.seed, progress=of.told, found=found, keep=keep
    )


def _front(of: _Search, archive: Archive | None) -> tuple[Portfolio, int]:
    """The programme of the plan's own aim, refined, and of the archive portfolios that lie far apart and those with the
    best mean scores, in every future; and how many were simulated for it."""
    rules = of.frame.rules
    own = portfolio.best(of.linear, rules, of.aim)[None]
    levels, origin, runs = own, ["lp"], 0
    if archive is not None:
        refined = refine(of.evaluate, of.linear, own, (of.aim,), rules)
        scores = weighted(archive.objectives, of.aim.weights)
        best = np.argsort(-scores, kind="stable")[: SHOWN // 4].tolist()
        at = list(dict.fromkeys([*best, *spread(archive.objectives, SHOWN).tolist()]))[:SHOWN]
        levels = np.vstack([own, refined.levels, archive.levels[at]])
        origin, runs = ["lp", "lp", *(str(archive.origin[k]) for k in at)], refined.simulations
    of.told(STEPS[4], 0, len(levels))
    outcomes = of.evaluate(levels)
    of.told(STEPS[4], len(levels), len(levels))
    names = tuple(f"p{k:02d}" for k in range(1, len(levels) + 1))
    return Portfolio(names, tuple(Label(n, n) for n in names), tuple(origin), levels, outcomes), runs + len(levels)


def _chosen(of: _Search, front: Portfolio) -> Portfolio:
    """The best of the front by the aim, its levels rounded down to what a reader can hold, where no rule minds."""
    short = missed(front.outcomes, of.frame.rules)
    best = int(np.argmax(np.where(short <= short.min() + SLACK, of.aim.score(front.outcomes), -np.inf)))
    levels, outcomes = front.levels[[best]], front.outcomes[[best]]
    lower, _ = of.frame.rules.bounds()
    rounded = np.maximum(np.floor(levels / ROUNDED + 1e-6) * ROUNDED, lower)
    again = of.evaluate(rounded)
    within = of.frame.rules.excess(rounded) <= max(1e-9, float(of.frame.rules.excess(levels)[0]))
    if within.all() and missed(again, of.frame.rules)[0] <= missed(outcomes, of.frame.rules)[0] + 1e-9:
        levels, outcomes = rounded, again
    return Portfolio((PLAN,), (Label("方案", "plan"),), (front.origin[best],), levels, outcomes)


def _rivals(of: _Search) -> Portfolio:
    """The budget split equally over everything, and spent on each mechanism alone."""
    options, rules = of.frame.options, of.frame.rules
    first = options.year == options.year.min()
    among = {"equal": (first, Label("平均分配", "split equally"))}
    for mechanism in dict.fromkeys(lever.mechanism for lever in options.levers if lever.mechanism):
        ids = {lever.id for lever in options.levers if lever.mechanism == mechanism}
        label = Label(f"仅机制{mechanism}", f"mechanism {mechanism} alone")
        among[f"mechanism-{mechanism}"] = first & options.of(ids), label
    levels = np.array([_equal(of, held) for held, _ in among.values()])
    levels = brought_within(levels, rules)
    labels = tuple(label for _, label in among.values())
    return Portfolio(tuple(among), labels, ("rule",) * len(among), levels, of.evaluate(levels))


def _equal(of: _Search, among: np.ndarray) -> np.ndarray:
    """(option,) one level for all, as high as the budget and a measure's full strength allow."""
    _, upper = of.frame.rules.bounds()
    usable = among & (upper > 0)
    cost = float(of.frame.costs.each[usable].sum())
    return np.where(usable, min(1.0, of.choice.budget.total / cost) if cost else 0.0, 0.0)


def _broken(of: _Search, chosen: Portfolio, members: Members) -> Broken:
    """The futures in which the plan fails, and what they have in common."""
    outcomes = chosen.outcomes[0]
    fails = (outcomes < of.frame.thresholds).any(axis=-1)
    told = FEW <= fails.mean() <= 1 - FEW
    if not told:
        scores = weighted(outcomes, of.aim.weights)
        fails = (scores < np.quantile(scores, WORST)) if np.ptp(scores) > 0 else np.zeros(len(scores), dtype=bool)
    of_what = uncertain(members)
    return Broken("thresholds" if told else "worst", fails, prim(of_what.x, fails, seed=of.seed), of_what)
