"""What carries a simulation: the same figures as the runs themselves, kept without loss."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose
from simulate.simulated import simulation, told

from zhiyu import store


def test_regional_differences_are_those_of_the_members():
    paths, found = simulation().paths, told()
    for name in ("output", "incidents"):
        want = paths.difference("s1")[name].isel(time=-1)
        got = found.regions.sel(scenario="s1", outcome=name)
        assert_allclose(got.values, want.transpose("band", "region").values)


def test_signs_are_shares_of_members_that_agree():
    paths, found = simulation().paths, told()
    apart = (paths.national("patents", "s1") / paths.national("patents", "baseline") - 1).isel(time=-1).values
    share = max((apart > 0).mean(), (apart < 0).mean())
    assert_allclose(found.signs.sel(scenario="s1", outcome="patents"), share)
    assert ((found.signs.values >= 0) & (found.signs.values <= 1)).all()


def test_the_pace_is_the_baselines():
    paths, found = simulation().paths, told()
    nation = paths.national("output", "baseline").transpose("draw", "time").values
    want = np.median(nation[:, 1:] / nation[:, :-1] - 1, axis=0)
    assert_allclose(found.pace.sel(outcome="output", band="middle").values, want)


def test_cuts_and_drivers_are_of_the_scenario_that_does_most():
    found = told()
    assert found.widest == "s1"
    assert set(found.cut.scenario) == {"s1"}
    assert {"grade D", "research_to_patents", "RD"} <= set(found.cut.coupling)
    assert "oA" not in set(found.cut.coupling)  # a lever of the other scenario
    assert set(found.drivers.outcome) == set(found.cut.outcome)


def test_what_moves_is_asked_of_every_scenario_and_of_what_is_assumed():
    found = told().moves
    assert set(found.scenario) == {"s1", "s2"}
    assert set(found.outcome) == {"output", "carbon"}
    assert set(found.layer.dropna()) == {"satellite", "lever"}  # the core is calibrated
    assert {"incidents_to_output", "compute_to_carbon", "oA"} <= set(found.coupling)
    by = found.set_index(["coupling", "scenario", "outcome"])
    assert by.loc[("comp", "s1", "carbon"), "effect"] > by.loc[("comp", "s1", "carbon"), "without"]
    away = by.loc[("comp", "s2", "carbon")]  # no measure of it adds compute
    assert_allclose(away["effect"], away["without"])


def test_claims_are_those_that_wait_for_the_simulator():
    assert set(told().claims) <= {"C07", "C21", "C22", "C24"}
    assert {"C21", "C22", "C24"} <= set(told().claims)


def test_it_is_kept_without_loss():
    arrays: dict[str, np.ndarray] = {}
    found = told()
    kept = store.decode(store.encode(found, arrays), arrays)
    assert kept.claims == found.claims or all(kept.claims[k].why == found.claims[k].why for k in found.claims)
    assert kept.cut.drop(columns=["layer", "parameter", "grade"]).equals(
        found.cut.drop(columns=["layer", "parameter", "grade"])
    )
    assert (kept.regions.values == found.regions.values)[np.isfinite(found.regions.values)].all()
