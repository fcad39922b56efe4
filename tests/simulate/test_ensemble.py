"""The ensemble: workers, pieces kept, what is wanted; trajectories and their differences."""

import math
import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from simulate.runs import HEADS, REGIONS, YEARS, held, many, plan, posterior, seen, start
from support import refused

from zhiyu.simulate import ensemble, model
from zhiyu.simulate.ensemble import simulate
from zhiyu.simulate.observe import STATES
from zhiyu.simulate.trajectories import SHOWN, Trajectories

DONE = {"1.1.1": 1.0, "5.1.1": 0.5}


def small(*scenarios, draws=12, **how) -> Trajectories:
    return simulate(seen(), posterior(), plan(*scenarios), draws=draws, seed=3, heads=HEADS, **how)


def test_trajectories_are_the_models_states_in_levels():
    found = small(DONE)
    data = found.trajectories
    assert set(data) == {*STATES, *SHOWN}
    assert dict(data.sizes) == {"draw": 12, "scenario": 2, "region": REGIONS, "time": YEARS + 1}
    assert data["output"].dtype == np.float32
    for state in STATES:
        at_base = data[state].isel(time=0).values
        assert_allclose(at_base, np.broadcast_to(np.exp(start().levels[state]), at_base.shape), rtol=1e-6)
    run = model.run(model.prepare(start(), many(12, 3), held(DONE), YEARS), YEARS)
    *_, last = run
    assert_allclose(data["patents"].isel(time=-1), np.exp(last.levels["patents"]), rtol=1e-6)
    assert_allclose(data["energy"].isel(time=-1), last.memory["energy"], rtol=1e-6)
    assert (data["compute"].isel(time=0) == 1).all()
    assert found.baseline == "baseline"


def test_a_scenario_is_the_same_whatever_stands_beside_it():
    one, two = small(DONE).trajectories, small({"2.2.1": 1.0}, DONE).trajectories
    for name in one:
        assert_array_equal(one[name].sel(scenario="s1"), two[name].sel(scenario="s2"))
        assert_array_equal(one[name].sel(scenario="baseline"), two[name].sel(scenario="baseline"))


@pytest.mark.slow
def test_workers_do_not_matter(monkeypatch):
    monkeypatch.setattr(ensemble, "CELLS", 5 * 2 * REGIONS)
    assert small(DONE).trajectories.identical(small(DONE, workers=2).trajectories)


def test_pieces_are_taken_up_where_they_were_left(monkeypatch):
    monkeypatch.setattr(ensemble, "CELLS", 5 * 2 * REGIONS)
    pieces, told = {}, []
    whole = small(DONE, keep=pieces.__setitem__, told=lambda done, of: told.append((done, of)))
    assert list(pieces) == ["0-5", "5-10", "10-12"]
    assert told == [(5, 12), (10, 12), (12, 12)]
    left = dict(list(pieces.items())[:2])
    again, done = small(DONE, found=left.get, keep=lambda name, piece: left.update({name: piece})), set(left)
    assert done == set(pieces)
    assert whole.trajectories.identical(again.trajectories)


def test_no_piece_is_held_once_it_is_in_the_result(monkeypatch):
    """Only the result and what is being added to it: no second copy of the members builds up."""
    monkeypatch.setattr(ensemble, "CELLS", 2 * 2 * REGIONS)
    held = []

    def watch(_: str, piece: dict[str, np.ndarray]) -> None:
        held.append(weakref.ref(piece["output"]))
        assert sum(one() is not None for one in held) == 1

    small(DONE, keep=watch)
    assert len(held) == 6
    small(DONE, found=lambda _: None, keep=watch)


def test_pieces_that_were_kept_are_not_held_either(monkeypatch):
    monkeypatch.setattr(ensemble, "CELLS", 2 * 2 * REGIONS)
    pieces, held = {}, []
    whole = small(DONE, keep=pieces.__setitem__)

    def found(name: str) -> dict[str, np.ndarray]:
        piece = {key: x.copy() for key, x in pieces[name].items()}
        assert sum(one() is not None for one in held) <= 1  # the last one, until this is returned
        held.append(weakref.ref(piece["output"]))
        return piece

    assert whole.trajectories.identical(small(DONE, found=found).trajectories)
    assert not any(one() is not None for one in held)


@pytest.mark.parametrize("draws", [0, -5, 1.5, True])
def test_members_are_a_whole_number_above_nought(draws):
    with refused("members_few") as caught:
        small(DONE, draws=draws)
    assert caught.says(str(draws))


def test_what_the_machine_has_no_memory_for_is_refused_before_anything_is_drawn(monkeypatch):
    monkeypatch.setattr(ensemble, "members", None)
    with refused("members_many") as caught:
        small(DONE, draws=10**10)
    assert caught.says("10000000000", "GB")
    cells = 2 * REGIONS * (YEARS + 1) * 2
    monkeypatch.setattr(ensemble, "memory", lambda: 4.0 * cells * 20)
    ensemble.check_memory(20, cells)
    with refused("members_many") as caught:
        small(DONE, draws=21, kept=["output", "carbon"])
    assert caught.says("to 20 or")
    monkeypatch.setattr(ensemble, "memory", lambda: math.inf)
    ensemble.check_memory(10**10, cells)


@pytest.mark.parametrize("size", [100.0, -100.0, 1000.0])
def test_levels_that_single_precision_cannot_hold_are_refused(size):
    hit = np.zeros((2, YEARS, REGIONS))
    hit[1, 2] = size
    with refused("trajectory_unbounded") as caught:
        simulate(seen(), posterior(), plan({}, output=hit), draws=3)
    assert caught.says(str(start().year + 3))


def test_only_what_is_wanted_is_kept():
    found = small(kept=["carbon", "output"])
    assert list(found.trajectories) == ["output", "carbon"]
    assert set(small(alone=True).trajectories) == set(STATES)
    with refused("unknown_trajectory") as caught:
        small(kept=["outptu"])
    assert caught.says("outptu", "output")


def test_a_shock_of_a_scenario_is_met_in_its_year_and_region():
    hit = np.zeros((2, YEARS, REGIONS))
    hit[1, 2, 4] = -0.1
    found = simulate(
        seen(), posterior(), plan({}, output=hit), draws=8, seed=3, heads=HEADS, off=("output_momentum",)
    ).trajectories["output"]
    apart = np.log(found.sel(scenario="s1") / found.sel(scenario="baseline")).values
    assert (apart[..., :3] == 0).all()
    assert_allclose(apart[:, 4, 3], -0.1, atol=1e-5)
    assert_allclose(apart[:, :4, 3], 0, atol=1e-6)


def test_a_shock_to_capital_is_one_to_capital():
    hit = np.zeros((2, YEARS, REGIONS))
    hit[1, 0] = np.log(0.9)
    data = simulate(seen(), posterior(), plan({}, capital=hit), draws=8, seed=3).trajectories
    ratio = (data["capital"].sel(scenario="s1") / data["capital"].sel(scenario="baseline")).values
    assert_allclose(ratio[..., 1], 0.9, rtol=1e-5)
    assert (ratio[..., 0] == 1).all()


def test_differences_are_taken_member_by_member():
    found = small(DONE, draws=40)
    apart = found.difference("s1", level=0.8)
    with_, without = (found.trajectories["patents"].sel(scenario=s).values.astype(float) for s in ("s1", "baseline"))
    assert_allclose(apart["patents"].sel(band="low"), np.quantile(with_ / without - 1, 0.1, axis=0))
    points = found.trajectories["incidents"].astype(float)
    middle = np.median((points.sel(scenario="s1") - points.sel(scenario="baseline")).values, axis=0)
    assert_allclose(apart["incidents"].sel(band="middle"), middle)
    national = (with_ * HEADS[:, None]).sum(axis=1) / (without * HEADS[:, None]).sum(axis=1) - 1
    assert_allclose(apart["patents:nation"].sel(band="high"), np.quantile(national, 0.9, axis=0), rtol=1e-6)
    total = found.trajectories["output"].astype(float).sum("region")
    ratio = (total.sel(scenario="s1") / total.sel(scenario="baseline") - 1).values
    assert_allclose(apart["output:nation"].sel(band="middle"), np.median(ratio, axis=0))
    assert (apart["patents"].isel(time=0) == 0).all()
    nothing = found.difference("baseline")
    assert all((nothing[name] == 0).all() for name in nothing)


def test_what_was_not_run_is_refused():
    with refused("unknown_scenario") as caught:
        small(DONE).difference("s2")
    assert caught.says("s2", "s1")
    with refused("unknown_coupling") as caught:
        small(DONE, off=["warm_dta"])
    assert caught.says("warm_dta", "warm_data")
