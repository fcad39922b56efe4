"""A study's stages of simulation: what it brings to the model, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from zhiyu.simulate import ensemble, export, parameters
from zhiyu.simulate.carried import Carried, carried
from zhiyu.simulate.choice import Scenario
from zhiyu.simulate.hindcast import Hindcast, hindcast
from zhiyu.simulate.observe import Observed, observe
from zhiyu.simulate.scenario import Plan, World, plan
from zhiyu.simulate.simulation import Simulation, compare, heads
from zhiyu.simulate.stability import Stability, stability
from zhiyu.simulate.trajectories import SHOWN, Trajectories
from zhiyu.spec import FILE
from zhiyu.store import canonical
from zhiyu.terms import Place, Refusal

if TYPE_CHECKING:
    from zhiyu.study import Study

LONG = 20_000  # members under scenarios: from here on a run that is stopped is worth going on with


def observed(study: Study) -> Observed:
    """The model's states in a study's data, up to the year that it calibrates until."""
    panel, columns, w = study.history(), study.columns(), study.neighbours()
    try:
        return observe(panel, columns, w, study.simulating.calibrate.until)
    except Refusal as refusal:
        key = "[simulate.calibrate] until" if refusal.key == "states_no_year" else "[simulate] states"
        place = refusal.message.place
        raise refusal.at(replace(place, file=place.file or FILE, key=place.key or key)) from refusal


def calibrated(study: Study) -> Stability:
    """The core's posterior on all years, and again without each."""
    how = study.simulating.calibrate
    parts = [study.key("history"), canonical(how.model_dump())]

    def build() -> Stability:
        core = parameters.core()
        return stability(study.observed, core, discount=how.discount, rounds=how.rounds, huber=how.huber)

    return study.stage("calibration", parts, build)


def hindcasted(study: Study) -> Hindcast:
    """Forecasts from every past year, held against what came."""
    how, seed = study.simulating.hindcast, study.choices.seed
    level, until = study.simulating.level, study.simulating.calibrate.until
    parts = [study.key("history"), canonical(how.model_dump()), str(level), str(until), str(seed)]

    def build() -> Hindcast:
        return hindcast(study.observed, **how.model_dump(), seed=seed, level=level)

    try:
        return study.stage("hindcast", parts, build)
    except Refusal as refusal:
        raise refusal.at(Place(file=FILE, key="[simulate.hindcast]")) from refusal


def planned(
    study: Study,
    scenarios: Sequence[Scenario] | None,
    file: str,
    key: str,
    stated: Mapping[str, Place] | None = None,
) -> Plan:
    """Scenarios over a study's regions and the years to come; None for those of its study file.

    Parameters
    ----------
    file, key : where the scenarios stand; stated : where "horizon" and "draws" do, if not in the study file
    """
    choice, seen = study.simulating, study.observed
    places = {name: Place(file=FILE, key=f"[simulate] {name}") for name in ("horizon", "draws")} | dict(stated or {})
    shocked = tuple(state for state in seen.states if state != "capital")  # an identity
    regions, grouping = study.history().regions.select(seen.codes), study.choices.regions.groups
    ids, base = study.measures.ids, seen.years[-1]
    world = World(ids, regions, shocked, base, choice.horizon, grouping, places["horizon"])
    cells = (1 + len(choice.scenario)) * len(seen.codes) * (1 + len(world.years)) * len((*seen.states, *SHOWN))
    ensemble.check_memory(choice.draws, cells, places["draws"])
    return plan(choice.scenario if scenarios is None else scenarios, world, file, key)


def simulated(study: Study) -> Simulation:
    """A study's scenarios against its baseline; differences are kept, all members are run again when asked for."""
    choice, seed = study.simulating, study.choices.seed
    scenarios, counted = study.plan(), heads(study.history(), choice.heads, study.observed)
    core, tried = study.calibration(), study.hindcast()
    asked = choice.model_dump(mode="json", include={"heads", "horizon", "draws", "level", "scenario"})
    parts = [study.key("calibration"), canonical(asked), study.choices.framework.base, str(seed)]
    long = choice.draws * len(scenarios.names) >= LONG
    pieces = study.pieces("ensemble", parts) if long else None

    @cache
    def run() -> Trajectories:
        found = ensemble.simulate(
            study.observed,
            core.posterior,
            scenarios,
            draws=choice.draws,
            seed=seed,
            heads=counted,
            measures=study.measures,
            workers=study.compute.workers,
            cluster=study.compute.cluster,
            found=pieces.found if pieces else None,
            keep=pieces.keep if pieces else None,
        )
        found.trajectories.attrs["study"] = study.name
        if pieces is not None:
            pieces.cache.forget_pieces("ensemble")
        return found

    told = study.stage("ensemble", parts, lambda: compare(run(), choice.level))
    return Simulation(scenarios, tried, core, told, study.observed, study.columns(), study.measures, choice.draws, run)


def carrying(study: Study) -> Carried:
    """What carries the effects of a study's scenarios, and what its model implies of claims."""
    simulation = study.simulate()
    return study.stage("carried", [study.key("ensemble")], partial(carried, simulation))


def exported(study: Study, scenario: str) -> str:
    """A study's model under one of its scenarios, or "baseline", as a Vensim file: at its means, without chance."""
    counted = heads(study.history(), study.simulating.heads, study.observed)
    posterior = study.calibration().posterior
    return export.exported(study.observed, posterior, study.plan(), scenario, heads=counted, measures=study.measures)
