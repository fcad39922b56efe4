"""What a plan may be made of and has to keep to: a study's choices as options, costs, objectives and rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhiyu.data.regions import Regions
from zhiyu.design import costs, levers, limits, objectives, places
from zhiyu.design.choice import DesignChoice
from zhiyu.design.costs import Costs
from zhiyu.design.levers import Options
from zhiyu.design.limits import Limit, Rules
from zhiyu.design.objectives import Objective
from zhiyu.framework.rows import Measure
from zhiyu.simulate.base import Base
from zhiyu.simulate.calibrate import Posterior
from zhiyu.simulate.scenario import World
from zhiyu.terms import Label, Place, Refusal, suggestion

FILE = "study.toml"


@dataclass(frozen=True, eq=False)
class Given:
    """What a study brings: its base year, calibration, regions as the model has them, measures, and the last year.

    grouping : whose groups are meant, None = none
    """

    base: Base
    posterior: Posterior
    regions: Regions
    measures: Sequence[Measure]
    horizon: int
    seed: int
    grouping: str | None = None


@dataclass(frozen=True, eq=False)
class Frame:
    """What is asked. weights, thresholds : (objective,); counts : (year,) what each simulated year counts."""

    options: Options
    costs: Costs
    objectives: tuple[Objective, ...]
    rules: Rules
    weights: np.ndarray
    thresholds: np.ndarray
    counts: np.ndarray


def framed(given: Given, choice: DesignChoice, stated: Path | None = None) -> Frame:
    """A study's choices, checked against what it has.

    Parameters
    ----------
    stated : the file of costs that the study names

    Raises
    ------
    Refusal
        For a measure, place, year, objective or cost that does not fit the study.
    """
    base = given.base
    found = levers.levers(given.measures, choice.outside)
    ids = tuple(lever.id for lever in found)
    world = World(ids, given.regions, (), base.year, given.horizon, given.grouping)
    output = np.exp(base.levels["output"]) if "output" in base.levels else base.heads
    lagging = output / base.heads < output.sum() / base.heads.sum()
    sites = places.sites(given.regions, choice.places, given.grouping)
    options = levers.options(found, sites, _starts(choice, world), lagging)
    cost = costs.equal(options, output) if stated is None else costs.stated(options, output, stated)
    own = [row.objective for row in choice.objective]
    wanted = objectives.chosen(choice.objectives or None, own, base, Place(file=FILE, key="[design] objectives"))
    floors = _by_objective(choice.floors, wanted, "floors")
    rules = Rules(
        len(options),
        tuple(_limits(options, cost, choice, world, output)),
        tuple(limits.floor(j, least, wanted[j].label) for j, least in floors.items()),
    )
    weights, thresholds = np.ones(len(wanted)), np.zeros(len(wanted))
    for j, weight in _by_objective(choice.weights, wanted, "weights").items():
        weights[j] = weight
    for j, least in _by_objective(choice.thresholds, wanted, "thresholds").items():
        thresholds[j] = least
    counts = objectives.year_weights(choice.when, len(world.years), choice.discount)
    return Frame(options, cost, wanted, rules, weights, thresholds, counts)


def _starts(choice: DesignChoice, world: World) -> tuple[int, ...]:
    for year in choice.start:
        if year not in world.years:
            place = Place(file=FILE, key="[design] start")
            raise Refusal("scenario_year", place, year=year, first=world.years[0], last=world.years[-1])
    return tuple(sorted(set(choice.start))) or world.years[:1]


def _limits(options: Options, cost: Costs, choice: DesignChoice, world: World, output: np.ndarray) -> list[Limit]:
    spent = choice.budget
    found = [limits.budget(cost.each, spent.total)]
    for name, most in spent.groups.items():
        inside = options.reach & world.reached([name], Place(file=FILE, key="[design.budget.groups]"))
        part = (inside * output).sum(axis=1) / (options.reach * output).sum(axis=1)  # of a place that lies in several
        found.append(limits.budget(cost.each * part, most, of=Label(name, name)))
    for year, most in spent.years.items():
        if year not in options.year:
            known = ", ".join(str(one) for one in np.unique(options.year))
            raise Refusal("budget_year", Place(file=FILE, key="[design.budget.years]"), year=year, known=known)
        found.append(limits.budget(cost.each, most, options.year == year, Label(str(year), str(year))))
    if len(np.unique(options.year)) > 1:
        found.append(limits.one_start(options.lever, options.site))
    if choice.fair_share:
        found.append(limits.fair_share(cost.each, options.site, choice.fair_share))
    first = options.year == options.year.min()
    for name in choice.required:
        at = options.of(_meant(world, name, "required")) & first
        found += [limits.required(len(options), int(k), _label(options, int(k))) for k in np.flatnonzero(at)]
    for name in choice.forbidden:
        at = options.of(_meant(world, name, "forbidden"))
        found += [limits.forbidden(len(options), int(k), _label(options, int(k))) for k in np.flatnonzero(at)]
    return found


def _meant(world: World, name: str, key: str) -> set[str]:
    return {world.measures[k] for k in world.meant(name, Place(file=FILE, key=f"[design] {key}"))}


def _label(options: Options, k: int) -> Label:
    """An option by the names of its measure and place."""
    lever, site = options.levers[options.lever[k]], options.sites[options.site[k]]
    return Label(f"{lever.id} {lever.label.zh}（{site.label.zh}）", f"{lever.id} {lever.label.en} ({site.label.en})")


def _by_objective(stated: dict[str, float], wanted: Sequence[Objective], key: str) -> dict[int, float]:
    """Position of the objective -> what is stated of it."""
    ids = [row.id for row in wanted]
    for name in stated:
        if name not in ids:
            place = Place(file=FILE, key=f"[design] {key}")
            raise Refusal("objective_unknown", place, name=name, known=", ".join(ids), hint=suggestion(name, ids))
    return {ids.index(name): number for name, number in stated.items()}
