"""The satellite: each equation by hand, and the loops as the theory has them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from simulate.runs import REGIONS, YEARS, held, many, middle, seen, start

from zhiyu.simulate import model, satellite
from zhiyu.simulate.present import Present


def of(**numbers):
    """The middle member with other parameters."""
    assumed = {name: np.array([value]) for name, value in numbers.items()}
    return replace(middle(), assumed={**middle().assumed, **assumed})


def path(members=None, policy=None, years=YEARS, **how):
    prepared = model.prepare(start(), members or middle(), policy or held(), years, shocks=False, **how)
    return prepared, list(model.run(prepared, years))


def seen_by(prepared, state, year):
    return Present(state.levels, state.last, seen().w, base=start(), years=float(year))


def one(parameters):
    return {name: float(np.squeeze(x)) for name, x in parameters.items()}


def test_compute_and_its_energy_by_hand():
    prepared, states = path()
    p = one(prepared.p)
    t = 5
    old, new, core = states[t - 1].memory, states[t].memory, states[t].levels
    since = {s: core[s] - start().levels[s] for s in ("patents", "papers", "adoption", "output")}
    pace = start().paces
    trend = p["demand_elasticity"] * p["efficiency_gain"] + pace["output"] + p["use_to_compute"] * pace["adoption"]
    trend += p["capability_to_compute"] * (pace["patents"] + pace["papers"]) / 2
    speed = 1 - np.exp(-1 / p["compute_lag"])
    demand = (
        p["demand_elasticity"] * p["efficiency_gain"] * t
        + p["capability_to_compute"] * (since["patents"] + since["papers"]) / 2
        + p["use_to_compute"] * since["adoption"]
        + since["output"]
        + trend * (1 / speed - 1)
    )
    ratio, base = (s / (1 - s) for s in (old["energy"], p["compute_energy_share"]))
    dear = np.log((1 + ratio / 0.05) / (1 + base / 0.05))
    assert_allclose(new["compute"], old["compute"] + speed * (demand - dear - old["compute"]), rtol=1e-12)
    energy = base * np.exp(new["compute"] - p["efficiency_gain"] * t - since["output"])
    assert_allclose(new["energy"], energy / (1 + energy), rtol=1e-12)
    assert (new["energy"] > 0).all()
    assert (new["energy"] < 1).all()


def test_risk_and_governance_by_hand():
    prepared, states = path()
    p = one(prepared.p)
    old, new = states[3].memory, states[4].memory
    now = seen_by(prepared, states[4], 4)
    exposed = now.index("adoption") * now.index("capability") * now.index("data")
    risk = old["risk"] + p["hazard"] * exposed * (1 - p["prevention"] * old["governance"])
    risk = risk - (p["risk_decay"] + p["cure"] * old["governance"]) * old["risk"]
    assert_allclose(new["risk"], risk, rtol=1e-12)
    square = (risk / p["incident_threshold"]) ** 2
    assert_allclose(new["incidents"], square / (1 + square), rtol=1e-12)
    expected = p["hazard"] * np.minimum(1, exposed * (exposed / old["exposure"]) ** p["governance_lag"])
    expected = expected * (1 - p["prevention"] * old["governance"]) / (p["risk_decay"] + p["cure"] * old["governance"])
    ahead = (expected / p["incident_threshold"]) ** 2
    signal = (1 - p["foresight"]) * old["incidents"] + p["foresight"] * np.maximum(
        old["incidents"], ahead / (1 + ahead)
    )
    aim = np.minimum(1, p["governance_base"] + p["governance_response"] * signal)
    followed = old["governance"] + (1 - np.exp(-1 / p["governance_lag"])) * (aim - old["governance"])
    assert_allclose(new["governance"], followed, rtol=1e-12)


def test_in_the_base_year_risk_and_governance_hold_each_other():
    """For 100 draws: with exposure as it is, nothing moves."""
    prepared = model.prepare(start(), many(100), held(), 1)
    state = model.begin(prepared)
    at_rest = satellite.advance(seen_by(prepared, state, 0), state.memory, prepared.p)
    for name in ("risk", "governance", "incidents"):
        assert_allclose(at_rest[name], np.broadcast_to(state.memory[name], at_rest[name].shape), atol=1e-9)
    assert (state.memory["governance"] < 1.0 + 1e-12).all()


def test_mismatch_is_what_skills_lack_of_what_use_asks():
    prepared, states = path(of(skill_need=0.8))
    now = seen_by(prepared, states[-1], YEARS)
    need = (satellite.use(now) / satellite.use(now, at_base=True)) ** 0.8
    skills = np.exp((now.since("researchers") + now.since("students")) / 2)
    assert_allclose(states[-1].memory["mismatch"], np.maximum(0, 1 - skills / need), atol=1e-14)
    assert (states[0].memory["mismatch"] == 0).all()


@pytest.mark.parametrize(
    ("coupling", "parameter", "state", "sign"),
    [
        ("compute_to_patents", "compute_to_patents", "patents", None),
        ("incidents_to_output", "incidents_to_output", "output", -1),
        ("mismatch_to_training", "mismatch_to_training", "researchers", 1),
        ("ai_saving_to_carbon", "ai_energy_saving", "carbon", None),
        ("warm_data", "warm_data", "data", None),
        ("governance_to_institutions", "governance_to_institutions", "institutions", None),
        ("mismatch_to_output", "mismatch_to_output", "output", -1),
        ("talent_mobility", "talent_mobility", "researchers", None),
    ],
)
def test_a_coupling_that_is_nothing_is_one_that_is_off(coupling, parameter, state, sign):
    null, off = path(of(**{parameter: 0.0}))[1][-1], path(off=(coupling,))[1][-1]
    on = path()[1][-1]
    for name, x in null.levels.items():
        assert_allclose(off.levels[name], x, atol=1e-14)
    apart = on.levels[state] - off.levels[state]
    assert np.abs(apart).max() > 0
    if sign is not None:
        assert (sign * apart >= -1e-15).all()


def test_trust_lost_lowers_the_ceiling_of_adoption_and_what_it_yields():
    safe, risky = (path(of(hazard=h, incident_threshold=0.3), years=20) for h in (0.2, 1.2))
    moved = [prepared_states[1][-1].levels["adoption"].mean() for prepared_states in (safe, risky)]
    grew = [s[1][-1].memory["incidents"].mean() - s[1][0].memory["incidents"].mean() for s in (safe, risky)]
    off = [
        path(of(hazard=h, incident_threshold=0.3), years=20, off=("trust_to_adoption", "trust_to_data"))[1][-1]
        for h in (0.2, 1.2)
    ]
    lost = [m - o.levels["adoption"].mean() for m, o in zip(moved, off, strict=True)]
    assert all(np.sign(one) == -np.sign(more) for one, more in zip(lost, grew, strict=True))


def test_dearer_energy_slows_compute_and_elastic_demand_rebounds():
    thrifty, elastic = (path(of(demand_elasticity=e, efficiency_gain=0.2))[1][-1].memory for e in (0.6, 1.5))
    assert (elastic["compute"] > thrifty["compute"]).all()
    assert (elastic["energy"] > thrifty["energy"]).all()
    cheap, dear = (path(of(compute_energy_share=s))[1][-1].memory["compute"] for s in (0.01, 0.04))
    assert (dear < cheap).all()


def test_foresight_acts_before_what_it_foresees():
    """Where exposure grows, governance that looks ahead stands higher, and fewer incidents happen."""
    reactive, ahead = (path(of(foresight=f), years=15)[1] for f in (0.0, 1.0))
    assert reactive[0].memory["governance"] == pytest.approx(ahead[0].memory["governance"])
    assert (ahead[8].memory["governance"] >= reactive[8].memory["governance"]).all()
    years = [sum(state.memory["incidents"].sum() for state in states) for states in (reactive, ahead)]
    assert years[1] < years[0]


def test_a_coupling_that_is_off_in_the_core_stays_as_in_the_base_year():
    """Growth of output by capital goes on at the pace of the past, whatever capital does."""
    off = ("capital_elasticity", "data_elasticity", "adoption_elasticity", "output_momentum")
    prepared, states = path(alone=True, off=off)
    assert all(prepared.p[name] == 0 for name in off)
    alone = [after.levels["output"] - before.levels["output"] for before, after in pairwise(states)]
    for later in alone[1:]:
        assert_allclose(later, alone[0], rtol=1e-10)
    expected = middle().draws.intercept["output"][0] + sum(
        float(middle().draws.theta[name][0]) * start().paces[state]
        for name, state in (
            ("capital_elasticity", "capital"),
            ("data_elasticity", "data"),
            ("adoption_elasticity", "adoption"),
            ("output_momentum", "output"),
        )
    )
    assert_allclose(alone[0][0, 0], expected, rtol=1e-10)


def test_a_study_without_columns_has_a_shorter_model():
    from simulate.planted import observed

    from zhiyu.simulate import parameters
    from zhiyu.simulate.base import base
    from zhiyu.simulate.calibrate import calibrate
    from zhiyu.simulate.members import members
    from zhiyu.simulate.observe import STATES

    for kept in (
        ("output", "carbon"),
        ("patents", "adoption"),
        ("researchers", "output"),
        ("papers", "data", "adoption"),
    ):
        states = tuple(s for s in STATES if s in kept)
        fewer = observed(seen().x[[STATES.index(s) for s in states]], seen().w, states)
        fitted = calibrate(fewer, parameters.core())
        there = base(fewer, fitted)
        drawn = members(fitted, parameters.satellite(), 4, 1)
        everything = held(dict.fromkeys(("1.1.1", "1.3.2", "2.1.1", "5.2.1", "4.2.1", "2.3.2", "3.3.2"), 1.0))
        *_, last = model.run(model.prepare(there, drawn, everything, 4), 4)
        assert set(last.levels) == set(kept)
        assert all(np.isfinite(x).all() for x in last.levels.values())
        assert last.levels[kept[-1]].shape[-1] == REGIONS
