"""Scenarios become levels, sums over channels and shocks, exactly where and when they say."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from support import CN, MAINLAND, refused

from zhiyu.framework import load
from zhiyu.simulate import channels
from zhiyu.simulate.choice import Applied, Scenario, Shock
from zhiyu.simulate.scenario import BASELINE, World, plan
from zhiyu.terms import Place

MEASURES = load().measures
WORLD = World(MEASURES.ids, MAINLAND, ("output", "data"), 2022, 2026, "region4")


def applied(**given):
    return Scenario(name="a", measures=[Applied(**{"id": "2.1.1", "start": 2023, **given})])


def held(**given):
    """(year, region) levels of measure 2.1.1."""
    return plan([applied(**given)], WORLD).levels[1, :, :, MEASURES.ids.index("2.1.1")]


def test_the_first_scenario_is_a_baseline_in_which_nothing_is_done():
    found = plan([applied(), Scenario(name="b")], WORLD)
    assert found.names == (BASELINE, "a", "b")
    assert not found.levels[0].any()
    assert not found.levels[2].any()
    assert found.levels.shape == (3, 4, 31, 45)
    assert (found.base_year, found.years) == (2022, (2023, 2024, 2025, 2026))


def test_a_level_holds_in_its_years_and_regions_alone():
    found = held(start=2024, until=2025, level=0.5, where=["广东", "Beijing Municipality", "44"])
    expected = np.zeros((4, 31))
    expected[1:3, [MAINLAND.codes.index("110000"), MAINLAND.codes.index("440000")]] = 0.5
    assert (found == expected).all()


@pytest.mark.parametrize("given", [{"start": 2022}, {"start": 2023, "until": 2022}, {"start": 2027}])
def test_measures_work_in_simulated_years_alone(given):
    with refused("scenario_year") as caught:
        held(**given)
    assert caught.says("2023", "2026")


def test_a_horizon_lies_after_the_base_year_and_within_a_century():
    assert len(replace(WORLD, horizon=2122).years) == 100
    place = Place(file="--until")
    for horizon, key in ((2022, "horizon_passed"), (2123, "horizon_far"), (99999, "horizon_far")):
        with refused(key) as caught:
            replace(WORLD, horizon=horizon, stated=place)
        assert caught.says("--until", str(horizon), "2022")


@pytest.mark.parametrize("where", ["East", "东部", "east"])
def test_a_group_is_of_the_studys_own_grouping_first(where):
    four = {region.code for region in MAINLAND.rows if region.group("region4") == "East"}
    three = {region.code for region in MAINLAND.rows if region.group("region3") == "East"}
    assert four != three
    assert set(np.array(MAINLAND.codes)[held(where=where)[0] > 0]) == four
    other = World(MEASURES.ids, MAINLAND, (), 2022, 2026, "region3")
    assert set(np.array(MAINLAND.codes)[other.reached([where])]) == three


def test_a_group_without_any_of_the_studys_regions_is_refused_and_never_suggested():
    few = replace(WORLD, regions=MAINLAND.select(["110000", "440000"]))
    with refused("scenario_place_empty") as caught:
        few.reached(["Northeast"])
    assert caught.says("Northeast")
    with refused("scenario_place") as caught:
        few.reached(["Northeas"])
    assert "Northeast" not in caught.value.text("en")


@pytest.mark.parametrize("level", ["0.5", True, 1.1, float("nan")])
def test_a_level_is_a_number_from_nought_to_one(level):
    with pytest.raises(ValidationError):
        applied(level=level)


@pytest.mark.parametrize("size", [5.1, -1000, float("inf"), "0.1", True])
def test_a_shock_is_a_number_within_five_log_points(size):
    with pytest.raises(ValidationError):
        Shock(state="output", year=2024, size=size)


def test_a_name_is_more_than_spaces():
    with pytest.raises(ValidationError):
        Scenario(name="  ")
    assert Scenario(name=" a ").name == "a"


def test_a_region_without_data_is_no_place_of_the_study():
    assert "810000" in CN.codes
    with refused("scenario_place") as caught:
        held(where="香港")
    assert caught.says("香港")


@pytest.mark.parametrize(("name", "number"), [("2.1.1", 1), ("2.1", 3), ("2", 9)])
def test_an_id_means_itself_or_all_beneath_it(name, number):
    found = plan([applied(id=name)], WORLD).levels[1, 0, 0]
    assert found.sum() == number
    assert all(MEASURES.ids[k].startswith(name) for k in np.flatnonzero(found))


def test_the_higher_of_two_levels_holds():
    both = [Applied(id="1", start=2023, level=0.3), Applied(id="1.1.1", start=2025, level=0.8, where="West")]
    one = plan([Scenario(name="a", measures=both)], WORLD)
    other = plan([Scenario(name="a", measures=both[::-1])], WORLD)
    assert (one.levels == other.levels).all()
    assert one.levels[1, 0].max() == 0.3
    assert set(np.unique(one.levels[1, 3, :, MEASURES.ids.index("1.1.1")])) == {0.3, 0.8}


def test_shocks_fall_once_and_add_up():
    shocks = [
        Shock(state="output", year=2024, size=-0.05),
        Shock(state="output", year=2024, size=-0.01, where="天津"),
        Shock(state="data", year=2026, size=0.2, where="120000"),
    ]
    found = plan([applied(), Scenario(name="b", shocks=shocks)], WORLD).shocks
    tianjin = MAINLAND.codes.index("120000")
    assert set(found) == {"output", "data"}
    assert not found["output"][:2].any()
    assert found["output"][2].sum() == pytest.approx(-0.05 * 31 - 0.01)
    assert found["output"][2, 1, tianjin] == pytest.approx(-0.06)
    assert np.argwhere(found["data"]).tolist() == [[2, 3, tianjin]]


def test_a_policy_ramps_towards_sums_of_weight_and_level_in_each_year():
    other = Scenario(name="b", measures=[Applied(id="2.2.1", start=2023, where="西部")])
    found = plan([applied(id="1.1.1", start=2024, until=2025, level=0.5), other], WORLD)
    policy = found.policy(MEASURES)
    assert set(policy.aims) == {"RD", "comp", "sec", "data"}
    for year, expected in ((2023, 0.0), (2024, 0.5), (2025, 0.5), (2026, 0.0)):
        assert policy.aim("RD", year).shape == (1, 3, 1)
        assert policy.aim("RD", year).ravel().tolist() == [0.0, expected, 0.0]
        assert policy.aim("comp", year).ravel().tolist() == [0.0, 0.3 * expected, 0.0]
    west = np.array([region.group("region4") == "West" for region in MAINLAND.rows])
    assert policy.aim("sec", 2023).shape == (1, 3, 31)
    assert (policy.aim("sec", 2023)[0, 2] == west).all()
    assert (policy.aim("data", 2023)[0, 2] == -0.2 * west).all()


def test_a_policy_that_never_changes_is_that_of_the_channels():
    scenarios = [Scenario(name=name, measures=[Applied(id=name, start=2023, level=0.7)]) for name in "12345"]
    found = plan(scenarios, WORLD)
    steady = channels.policy(found.names, found.levels[:, 0], MEASURES)
    timed = found.policy(MEASURES)
    assert set(timed.aims) == set(steady.sums)
    for channel in steady.sums:
        for year in found.years:
            np.testing.assert_array_equal(timed.aim(channel, year), steady.aim(channel, year))
