"""Loops: what is cut is gone, what drives an outcome is found, and shares of variance are those of a known sum."""

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose
from simulate.runs import YEARS, held, many, posterior, start

from zhiyu.simulate import model
from zhiyu.simulate.loops import Question, couplings, drivers, knock_outs, variance_shares

ASKED = Question(start(), held({"1.1.1": 1.0, "4.1.1": 0.5}), YEARS)


def test_every_coupling_is_there_with_its_grade():
    table = couplings(start())
    assert list(table["coupling"]) == list(model.NAMES)
    grade = table.set_index("coupling")["grade"]
    assert (grade["warm_data"], grade["capital_elasticity"], grade["compute_to_carbon"], grade["RD"]) == tuple("DACD")


def test_a_coupling_that_carries_all_of_an_effect_has_all_of_it():
    """Transaction costs reach output directly: without the lever only what less risk gives is left of 4.1.1."""
    told = []
    cut = ("tc", "incidents_to_output", "patent_spill")
    asked = replace(ASKED, policy=held({"4.1.1": 1.0}))
    table = knock_outs(asked, many(), ["output", "incidents"], cut, told=lambda *done: told.append(done))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    by = table.set_index(["coupling", "outcome"])
    assert by.loc[("tc", "output"), "share"] > 0.5
    assert abs(by.loc[("patent_spill", "output"), "share"]) < 0.05
    assert_allclose(by.loc[("tc", "output"), "baseline"], 0, atol=1e-15)  # the baseline has no lever
    assert by.loc[("incidents_to_output", "output"), "baseline"] != 0
    both = by["effect"] - by["without"]
    assert_allclose(by["share"], both / by["effect"])
    whole = asked.outcomes(many(), ["output"])["output"]
    assert_allclose(by.loc[("tc", "output"), "effect"], (whole[:, 1] - whole[:, 0]).mean())
    assert set(table["layer"].dropna()) == {"core", "satellite", "lever"}


def test_drivers_are_found():
    """An effect that is a sum of two parameters has these two at its head, and shares by their variances."""
    drawn = many(2000, 5)
    hazard, lag = drawn.assumed["hazard"], drawn.assumed["compute_lag"]
    z = [(x - x.mean()) / x.std() for x in (hazard, lag)]
    table = drivers(drawn, 2.0 * z[0] - z[1])
    assert list(table["parameter"][:2]) == ["hazard", "compute_lag"]
    assert_allclose(table["first_order"][:2], [0.8, 0.2], atol=0.03)
    assert table["rank_correlation"][0] > 0.8 > 0 > table["rank_correlation"][1]
    assert table["first_order"][2:].max() < 0.02
    assert table["rank_correlation"][2:].abs().max() < 0.1
    assert drivers(drawn, np.zeros(2000))["rank_correlation"].isna().all()


def test_variance_is_shared_out():
    """What no assumption reaches none carries: 1.3.1 moves patents by research effort, which the core calibrates."""
    asked = Question(start(), held({"1.3.1": 1.0}), YEARS, shocks=False)
    table = variance_shares(asked, posterior(), ["patents"], n=128, seed=2).set_index("group")
    assert list(table.index) == ["calibrated", "supported", "assumed"]
    assert table["total"]["calibrated"] > 0.7
    assert table["total"]["supported"] < 0.3
    assumed = variance_shares(replace(asked, policy=held({"2.2.1": 1.0})), posterior(), ["risk"], n=128, seed=2)
    assert assumed.set_index("group")["first"]["assumed"] > 0.6
