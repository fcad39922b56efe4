"""The model handed on: what PySD makes of the file is what we computed; the file is complete and readable."""

import re
from dataclasses import replace

import numpy as np
import pytest
from simulate import elsewhere
from simulate.elsewhere import disagreement
from simulate.planted import observed, ring, truths, world
from simulate.runs import HEADS, IDS, MEASURES, REGIONS, SATELLITE, held, many, plan, posterior, seen, start
from support import refused

from zhiyu.simulate import model, parameters
from zhiyu.simulate.base import base
from zhiyu.simulate.calibrate import calibrate
from zhiyu.simulate.channels import policy
from zhiyu.simulate.export import export, exported
from zhiyu.simulate.members import members
from zhiyu.simulate.observe import Column
from zhiyu.terms import Label

EVERYTHING = {"1.1.1": 1.0, "1.1.3": np.array([1, 0, 0, 0.5, 0, 0]), "2.2.1": 0.6, "4.1.3": 1.0}
EVERYTHING |= {"5.1.1": 1.0, "5.2.1": 0.5}
AGREED = 1e-8


def prepared(**options: object) -> model.Run:
    """All kinds of measures, and shocks to output and to capital, of which one falls in a single region."""
    shocks = {state: np.zeros((2, 4, REGIONS)) for state in ("output", "capital")}
    shocks["output"][1, 1], shocks["capital"][1, 2, 3] = -0.05, -0.1
    planned = plan(EVERYTHING, years=4)
    return model.prepare(start(), many(), planned.policy(MEASURES), 4, shocks, **options)  # type: ignore[arg-type]


@pytest.mark.slow
def test_pysd_runs_the_small_world_as_we_do(tmp_path):
    assert max(disagreement(prepared(), 4, tmp_path, member=7, scenario=1).values()) < AGREED


@pytest.mark.slow
def test_pysd_agrees_where_couplings_are_off_regions_lack_states_and_one_is_an_island(tmp_path):
    x = world(truths(1, seed=27), regions=REGIONS, years=10, seed=28)[0]
    states = seen().states
    x[states.index("software"), 2] = np.nan
    w = ring(REGIONS)
    w[4] = 0.0
    panel = observed(x, w)
    found = calibrate(panel, parameters.core())
    drawn, off = members(found, SATELLITE, 3, 1), ("patent_spill", "warm_data")
    run = model.prepare(base(panel, found, HEADS), drawn, held(EVERYTHING), 3, off=off)
    assert max(disagreement(run, 3, tmp_path, member=2, scenario=1).values()) < AGREED


@pytest.mark.slow
def test_pysd_agrees_where_a_state_reaches_its_ceiling(tmp_path):
    top = float(np.exp(seen().x[seen().states.index("broadband")]).max()) * 1.001
    panel = replace(seen(), columns={"broadband": Column("broadband", "x", "", None, Label("x", "x"), ceiling=top)})
    found = calibrate(panel, parameters.core())
    run = model.prepare(base(panel, found, HEADS), members(found, SATELLITE, 3, 1), held(EVERYTHING), 6)
    paths = np.array([x.levels["broadband"] + np.zeros((3, 2, REGIONS)) for x in model.run(run, 6)])
    assert paths.max() <= np.log(top) + 1e-12
    assert (paths > np.log(top) - 1e-9).any()
    assert max(disagreement(run, 6, tmp_path, member=2, scenario=1).values()) < AGREED


@pytest.mark.slow
def test_the_core_alone_has_no_satellite(tmp_path):
    run = prepared(alone=True)
    assert "governance" not in export(run, 4)
    assert max(disagreement(run, 4, tmp_path, member=1).values()) < AGREED


@pytest.mark.slow
def test_a_wrong_file_is_found_out(tmp_path, monkeypatch):
    """The comparison can fail: one coefficient is altered in the file."""

    def altered(*args: object, **options: object) -> str:
        text = export(*args, **options)  # type: ignore[arg-type]
        return re.sub(r"(output to carbon=\n\t)(\S+)", lambda m: f"{m[1]}{float(m[2]) * 1.0001!r}", text)

    monkeypatch.setattr(elsewhere, "export", altered)
    found = elsewhere.disagreement(prepared(alone=True), 4, tmp_path, member=1)
    assert [name for name, worst in found.items() if worst > AGREED] == ["carbon"]


def test_names_are_unique_in_any_case_and_every_formula_is_defined():
    text = export(prepared(), 4, member=3, scenario=1)
    heads = re.findall(r"^([^\s{~|][^\n=]*?)(?:\[[^\]]*\])?=$", text, re.MULTILINE)
    assert len({head.lower() for head in heads}) == len(heads) > 100
    for title in ("growth of output", "term warm data", "deviation of data", "index of adoption", "next incidents"):
        assert title in heads


def test_a_baseline_carries_no_measures():
    text = export(prepared(), 4, member=3, scenario=0)
    assert "effect of measures" not in text
    assert "effect of measures on RD" in export(prepared(), 4, member=3, scenario=1)


def test_the_file_is_the_same_each_time():
    assert export(prepared(), 4, member=5, scenario=1) == export(prepared(), 4, member=5, scenario=1)


@pytest.mark.slow
@pytest.mark.parametrize(("regions", "years"), [(1, 3), (1, 1), (3, 1)])
def test_pysd_runs_a_world_of_one_region_or_of_one_year(tmp_path, regions, years):
    panel = observed(world(truths(1, seed=27), regions=regions, years=12, seed=28)[0], np.zeros((regions, regions)))
    found = calibrate(panel, parameters.core())
    levels = np.zeros((2, regions, len(IDS)))
    levels[1, :, [IDS.index(name) for name in EVERYTHING]] = 0.7
    shifts = {"output": np.zeros((2, years, regions))}
    shifts["output"][1, 0, 0] = -0.05
    asked = policy(("baseline", "s1"), levels, MEASURES)
    run = model.prepare(base(panel, found), members(found, SATELLITE, 3, 1), asked, years, shifts)
    assert max(disagreement(run, years, tmp_path, member=2, scenario=1).values()) < AGREED


@pytest.mark.parametrize("member", [-1, 20, 1000, 1.5, "a", True])
def test_a_member_is_one_of_the_draws(member):
    with refused("unknown_member") as caught:
        exported(seen(), posterior(), plan({}, years=2), "baseline", member=member, draws=20)
    assert caught.says(str(member), "19")


def test_a_study_hands_on_a_member_or_the_middle_and_refuses_an_unknown_scenario():
    planned = plan({"1.1.1": 1.0}, years=3)
    of = {"heads": HEADS, "measures": MEASURES}
    one = exported(seen(), posterior(), planned, "s1", member=4, draws=20, seed=1, **of)
    asked = planned.policy(MEASURES)
    assert one == export(model.prepare(start(), many(), asked, 3), 3, member=4, scenario=1)
    middle = exported(seen(), posterior(), planned, "baseline", **of)
    assert "shock of" in one
    assert "shock of" not in middle
    with refused("unknown_scenario") as caught:
        exported(seen(), posterior(), planned, "s2", **of)
    assert caught.says("s2")
