"""Channels: the table, the ramp, caps, and that they are the channels of the measures."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from simulate.runs import IDS, MEASURES

from zhiyu.simulate import model, parameters, satellite
from zhiyu.simulate.channels import Channel, channels, effects, policy, ramped
from zhiyu.simulate.observe import STATES

NAMES = [channel.id for channel in channels()]


def test_channels_are_those_that_measures_move():
    assert {name for measure in MEASURES for name in measure.weights} == set(NAMES)
    assert len(set(NAMES)) == len(NAMES) == 19
    for channel in channels():
        assert isinstance(channel, Channel)
        assert channel.cap > 0
        assert set(channel.acts_on) <= {*STATES, *satellite.STATES}


def test_caps_are_those_of_the_design():
    caps = {channel.id: channel.cap for channel in channels()}
    assert caps == {
        "RD": 0.5,
        "push": 0.8,
        "pull": 0.4,
        "data": 0.4,
        "inst": 0.35,
        "sec": 0.6,
        "oD": 0.4,
        "oA": 0.5,
        "oF": 0.4,
        "plat": 1,
        "gov": 0.3,
        "fore": 0.7,
        "edu": 1,
        "tal": 0.15,
        "comp": 0.5,
        "core": 0.35,
        "tc": 0.04,
        "incl": 0.2,
        "green": 1,
    }


def test_an_effect_is_bounded_by_its_cap_and_a_side_effect_is_negative():
    found = effects({"RD": np.array([0.0, 0.7, 50.0]), "sec": np.array([-0.2, 0.0, 1.0])})
    assert_allclose(found["RD"], [0, 0.5 * (1 - np.exp(-0.7)), 0.5])
    assert_allclose(found["sec"], [0.6 * (1 - np.exp(0.2)), 0, 0.6 * (1 - np.exp(-1))])


def test_a_ramp_is_a_first_order_lag():
    lag, x = np.array([2.0, 4.0]), np.zeros(2)
    for year in range(1, 9):
        x = ramped(x, 0.9, lag)
        assert_allclose(x, 0.9 * (1 - np.exp(-year / lag)), rtol=1e-13)


def test_a_policy_sums_weights_times_levels():
    levels = np.zeros((3, 2, len(IDS)))
    levels[1, :, IDS.index("1.1.1")] = 0.5  # RD 1.0, comp 0.3
    levels[2, 0, IDS.index("1.3.1")] = 1.0  # RD 0.7
    found = policy(["none", "everywhere", "in one"], levels, MEASURES)
    assert set(found.sums) == {"RD", "comp"}
    assert_allclose(found.aim("RD", 2030), [[[0, 0], [0.5, 0.5], [0.7, 0]]])
    assert_allclose(found.aim("comp", 2030), [[[0], [0.15], [0]]])
    assert found.ids == ("none", "everywhere", "in one")


@pytest.mark.parametrize("name", model.NAMES)
def test_every_coupling_has_a_grade(name):
    grades = {parameter.name: parameter.grade for parameter in parameters.read()}
    carried = satellite.COUPLINGS.get(name, name)
    assert name in model.LEVERS or carried in grades


def test_names_of_couplings_do_not_clash():
    assert set(model.LEVERS).isdisjoint(satellite.COUPLINGS)
    # a satellite's coupling may be called as the parameter that carries it, never as one of the core's
    assert set(satellite.COUPLINGS).isdisjoint(model.CORE_COUPLINGS)
