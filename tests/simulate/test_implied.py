"""Verdicts within the model: by the ledger's rules, with the sign that a planted assumption gives them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from simulate.runs import YEARS, many, start

from zhiyu.simulate import model
from zhiyu.simulate.implied import MOST, NOTHING, World, _percent, decided, foresight, mismatch, rebound


@pytest.fixture(scope="module")
def world() -> World:
    return World(start(), many(), YEARS)


def held(world: World, **assumed: float) -> World:
    """The world in which parameters of the satellite have one value in every member."""
    some = {name: np.full(world.members.n, value) for name, value in assumed.items()}
    return replace(world, members=replace(world.members, assumed={**world.members.assumed, **some}))


def without(world: World, *states: str) -> World:
    levels = {state: x for state, x in world.base.levels.items() if state not in states}
    return replace(world, base=replace(world.base, levels=levels))


def test_per_cent_show_what_two_decimals_would_hide():
    assert _percent(np.full(3, -0.000005), 2) == "-0.0005% [-0.0005%, -0.0005%]"
    assert _percent(np.zeros(3), 2) == "+0.00% [+0.00%, +0.00%]"
    assert _percent(np.full(3, -0.12), 0) == "-12% [-12%, -12%]"


def test_most_members_decide():
    claimed, other = np.arange(100) < 67, np.arange(100) >= 67
    assert decided(claimed, other) == "supported"
    assert decided(other, claimed) == "contradicted"
    half = np.arange(100) < 50
    assert decided(half, ~half) == "mixed"
    assert decided(np.zeros(9, dtype=bool), np.zeros(9, dtype=bool)) == "mixed"
    assert 0.5 < MOST < 1


def test_paths_are_the_models_own(world):
    path = world.paths(("output", "incidents"))
    last = list(model.run(model.prepare(world.base, world.members, NOTHING, YEARS), YEARS))[-1]
    assert path["output"].shape == (YEARS + 1, world.members.n, 1, len(world.base.codes))
    assert (path["output"][-1] == last.levels["output"]).all()
    assert (path["incidents"][-1] == last.memory["incidents"]).all()


def test_foresight_has_the_sign_that_its_equation_gives_it(world):
    found = foresight(world)
    assert found is not None
    told, paths = found
    assert told.low <= told.estimate <= told.high < 0  # foresight never asks for less than reaction
    assert (paths.governance[1, 1] >= paths.governance[0, 1] - 1e-12).all()
    assert_allclose(paths.incidents[0, :, 0], paths.incidents[1, :, 0])  # one base year
    assert "rest on no data" in told.why.en
    assert "没有任何数据" in told.why.zh


def test_foresight_is_worth_nothing_where_governance_does_nothing(world):
    found = foresight(held(world, prevention=0.0, cure=0.0, governance_to_institutions=0.0))
    assert found is not None
    assert_allclose([found[0].low, found[0].estimate, found[0].high], 0.0, atol=1e-9)
    assert found[0].verdict == "mixed"


@pytest.mark.parametrize(("elasticity", "word"), [(1.6, "supported"), (0.5, "contradicted")])
def test_rebound_follows_the_elasticity(world, elasticity, word):
    found = rebound(held(world, demand_elasticity=elasticity))
    assert found is not None
    assert found.verdict == word
    assert np.sign(found.estimate) == np.sign(elasticity - 1)
    assert found.kind == "both"


def test_mismatch_costs_only_what_it_is_assumed_to(world):
    found = mismatch(world)
    assert found is not None
    assert found.verdict == "untestable"  # the claim's own rule: assumed parameters alone carry it
    nothing = mismatch(held(world, mismatch_to_output=0.0, mismatch_to_training=0.0))
    assert nothing is not None
    assert_allclose([nothing.low, nothing.estimate, nothing.high], 0.0, atol=1e-12)
    dear = mismatch(held(world, mismatch_to_output=0.2, mismatch_to_training=0.0, skill_need=0.8))
    assert dear is not None
    assert dear.high <= 1e-12


def test_what_a_study_lacks_leaves_the_claim_waiting(world):
    assert foresight(without(world, "data")) is None
    assert mismatch(without(world, "adoption")) is None
    assert rebound(without(world, "output")) is None
