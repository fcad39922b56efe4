"""Objectives: read off a run's states as trajectories read them, and turned so that larger is better."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from simulate.runs import HEADS, YEARS, held, many, plan, posterior, seen, start
from support import refused

from zhiyu.design import objectives
from zhiyu.design.choice import ObjectiveChoice
from zhiyu.simulate import model
from zhiyu.simulate.ensemble import simulate

DONE = {"1.1.1": 1.0, "4.3.2": 0.5, "1.3.2": 1.0}


@pytest.fixture(scope="module")
def last():
    *_, state = model.run(model.prepare(start(), many(12, 3), held(DONE), YEARS), YEARS)
    return state


@pytest.fixture(scope="module")
def paths():
    return simulate(seen(), posterior(), plan(DONE), draws=12, seed=3, heads=HEADS)


@pytest.mark.parametrize(
    "name", ["output", "patents", "data", "adoption", "institutions", "mismatch", "compute", "carbon"]
)
def test_the_nations_value_is_that_of_trajectories(last, paths, name):
    found = np.broadcast_to(objectives.nation(name, last, start()), (12, 2))
    for s, scenario in enumerate(("baseline", "s1")):
        assert_allclose(found[:, s], paths.national(name, scenario).isel(time=-1), rtol=1e-5)


def test_the_gap_is_the_deviation_of_logarithms_per_head(last, paths):
    output = paths.of("output", "s1").isel(time=-1).values / HEADS
    assert_allclose(objectives.gap("output", last, start())[:, 1], np.log(output).std(axis=1), rtol=1e-4)
    both = [paths.of(name, "s1").isel(time=-1).values for name in ("patents", "papers")]
    mean = (np.log(both[0]) + np.log(both[1])) / 2
    assert_allclose(objectives.gap("capability", last, start())[:, 1], mean.std(axis=1), rtol=1e-4)


def test_larger_is_better_whatever_the_direction():
    growth, carbon, skills, equity = objectives.chosen(["growth", "carbon", "skills", "equity"], (), start())
    assert_allclose(objectives.difference(growth, 110.0, 100.0), 10)
    assert_allclose(objectives.difference(carbon, 110.0, 100.0), -10)
    assert_allclose(objectives.difference(skills, 0.3, 0.1), -20)
    assert_allclose(objectives.difference(equity, 0.5, 0.7), 20)


def test_years_count_alone_or_together():
    assert objectives.year_weights("horizon", 3).tolist() == [0, 0, 1]
    assert_allclose(objectives.year_weights("mean", 4), 0.25)
    assert_allclose(objectives.year_weights("mean", 3, 1.0), np.array([4, 2, 1]) / 7)


def test_the_four_of_the_model_and_ones_own():
    own = ObjectiveChoice(id="machines", outcome="compute", direction="less").objective
    found = objectives.chosen(None, (own,), start())
    assert [row.id for row in found] == ["growth", "equity", "carbon", "skills", "machines"]
    assert found[-1].direction == -1
    assert [row.id for row in objectives.chosen(["machines", "growth"], (own,), start())] == ["machines", "growth"]


def test_what_a_study_cannot_tell_is_left_out_and_refused_when_asked_for():
    levels = {state: x for state, x in start().levels.items() if state != "carbon"}
    without = replace(start(), levels=levels)
    assert [row.id for row in objectives.chosen(None, (), without)] == ["growth", "equity", "skills"]
    with refused("objective_outcome") as caught:
        objectives.chosen(["carbon"], (), without)
    assert caught.says("carbon", "output")
    with refused("objective_none"):
        objectives.chosen([], (), start())


@pytest.mark.parametrize("state", ["adoption", "data", "researchers"])
def test_outcomes_are_those_that_a_run_holds(state):
    few = [name for name in seen().states if name != state]
    kept = [seen().states.index(name) for name in few]
    observed = replace(seen(), states=tuple(few), x=seen().x[kept], real=seen().real[kept])
    from zhiyu.simulate.base import base
    from zhiyu.simulate.calibrate import calibrate
    from zhiyu.simulate.members import centre
    from zhiyu.simulate.parameters import core, satellite

    fitted = calibrate(observed, core())
    at = base(observed, fitted, HEADS)
    *_, last = model.run(model.prepare(at, centre(fitted, satellite()), held(DONE), 2, shocks=False), 2)
    for name in objectives.outcomes(at):
        assert np.isfinite(objectives.regional(name, last)).all(), name
    shown = {name for name in ("risk", "incidents", "governance", "mismatch") if name in last.memory}
    assert shown == {*objectives.outcomes(at)} & {"risk", "incidents", "governance", "mismatch"}


def test_jobs_are_refused_with_what_to_do_instead():
    with refused("objective_unseen") as caught:
        objectives.chosen(["growth", "jobs"], (), start())
    assert caught.says("jobs", "skills", "[[design.objective]]")
    with refused("objective_unknown") as caught:
        objectives.chosen(["groth"], (), start())
    assert caught.says("groth", "growth")
