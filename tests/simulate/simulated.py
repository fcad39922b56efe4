"""A small simulation with everything in it, over six provinces."""

from dataclasses import replace
from functools import cache

from simulate.runs import HEADS, MEASURES, plan, seen
from support import MAINLAND

from zhiyu.simulate import carried as carrying
from zhiyu.simulate import ensemble, parameters
from zhiyu.simulate.carried import Carried, carried
from zhiyu.simulate.hindcast import hindcast
from zhiyu.simulate.simulation import Simulation, compare
from zhiyu.simulate.stability import stability
from zhiyu.terms import Label

DRAWS = 30


@cache
def simulation() -> Simulation:
    observed = replace(seen(), codes=MAINLAND.codes[:6])
    fitted = stability(observed, parameters.core())
    planned = replace(
        plan({"1.3.1": 1.0, "4.1.3": 1.0, "2.3.1": 1.0}, {"5.1.1": 1.0, "5.1.2": 1.0}),
        codes=observed.codes,
        labels=(Label("基线", "baseline"), Label("多措并举", "much of it"), Label("开放", "open")),
    )

    @cache
    def run():
        return ensemble.simulate(
            observed, fitted.posterior, planned, draws=DRAWS, seed=3, heads=HEADS, measures=MEASURES
        )

    tried = hindcast(observed, draws=60, seed=3, chosen_until=2007)
    return Simulation(planned, tried, fitted, compare(run(), 0.9), observed, (), MEASURES, DRAWS, run)


@cache
def told() -> Carried:
    """With few members: the figures are rough, the parts are all there."""
    sizes = {name: getattr(carrying, name) for name in ("MEMBERS", "CUT", "CROSSED")}
    for name, size in {"MEMBERS": 60, "CUT": 12, "CROSSED": 16}.items():
        setattr(carrying, name, size)
    try:
        return carried(simulation())
    finally:
        for name, size in sizes.items():
            setattr(carrying, name, size)
