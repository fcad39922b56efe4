"""A small world with everything in it, and plans for it."""

from functools import cache

import numpy as np
from simulate.planted import observed, truths, world

from zhiyu.framework import load
from zhiyu.simulate import parameters
from zhiyu.simulate.base import Base, base
from zhiyu.simulate.calibrate import Posterior, calibrate
from zhiyu.simulate.channels import Policy, policy
from zhiyu.simulate.members import Members, centre, members
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.scenario import Plan
from zhiyu.terms import Label

MEASURES = load().measures
IDS = tuple(measure.id for measure in MEASURES)
REGIONS, YEARS = 6, 8
HEADS = np.array([3.0, 1.0, 2.0, 5.0, 1.5, 0.5])
SATELLITE = parameters.satellite()


@cache
def seen() -> Observed:
    return observed(world(truths(1, seed=25), regions=REGIONS, years=10, seed=26)[0])


@cache
def posterior() -> Posterior:
    return calibrate(seen(), parameters.core())


@cache
def start() -> Base:
    return base(seen(), posterior(), HEADS)


@cache
def many(n: int = 20, seed: int = 1) -> Members:
    return members(posterior(), SATELLITE, n, seed)


@cache
def middle() -> Members:
    """One member, at the priors' means: every coupling has the sign that the theory gives it."""
    prior = {p.name: p.mean for p in parameters.core() if p.mean is not None}
    found = centre(posterior(), SATELLITE)
    for name, mean in prior.items():
        found.draws.theta[name][:] = mean
    return found


def levels(*scenarios: dict[str, object]) -> np.ndarray:
    """(scenario, region, measure): nothing, and then each scenario's measure -> level or (region,) levels."""
    found = np.zeros((1 + len(scenarios), REGIONS, len(IDS)))
    for s, scenario in enumerate(scenarios, start=1):
        for measure, level in scenario.items():
            found[s, :, IDS.index(measure)] = level
    return found


def held(*scenarios: dict[str, object]) -> Policy:
    found = levels(*scenarios)
    return policy([f"s{k}" for k in range(len(found))], found, MEASURES)


def plan(*scenarios: dict[str, object], years: int = YEARS, **shocks: np.ndarray) -> Plan:
    found = levels(*scenarios)
    names = ("baseline", *[f"s{k}" for k in range(1, len(found))])
    over = np.repeat(found[:, None], years, axis=1)
    simulated = tuple(range(start().year + 1, start().year + 1 + years))
    return Plan(names, tuple(Label(n, n) for n in names), simulated, start().codes, IDS, over, shocks)
