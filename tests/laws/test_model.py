"""Laws of the model: nothing done is the baseline, heads are kept, nothing is counted twice, all loops damp."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from simulate.runs import (
    HEADS,
    IDS,
    MEASURES,
    REGIONS,
    SATELLITE,
    YEARS,
    held,
    many,
    middle,
    plan,
    posterior,
    seen,
    start,
)

from zhiyu.simulate import channels, model, parameters, satellite
from zhiyu.simulate.core import forecast
from zhiyu.simulate.ensemble import simulate
from zhiyu.simulate.members import FEEDBACK, members
from zhiyu.simulate.present import Present

ids = st.sampled_from(IDS)
shares = st.floats(0, 1)


def path(of=None, policy=None, years=YEARS, **how):
    """States of a run, year by year."""
    return list(model.run(model.prepare(start(), of or many(), policy or held(), years, **how), years))


def wide(x, policy, of=None):
    return np.broadcast_to(x, ((of or many()).n, len(policy.ids), REGIONS))


@given(st.dictionaries(ids, shares, min_size=1, max_size=4), st.integers(0, 3))
def test_nothing_done_is_the_baseline_to_the_last_bit(done, empty):
    """Whatever stands beside it, a scenario without measures, or with measures at nought, is the run without any."""
    beside = held(done, *[dict.fromkeys(done, 0.0)] * empty)
    alone, with_ = path()[-1], path(policy=beside)[-1]
    for part in ("levels", "memory"):
        for name, x in getattr(alone, part).items():
            other = wide(getattr(with_, part)[name], beside)
            for s in (0, *range(2, 2 + empty)):
                assert_array_equal(other[:, s], np.broadcast_to(x, (many().n, 1, REGIONS))[:, 0], err_msg=name)


def test_with_every_coupling_off_the_core_runs_alone_to_the_last_bit():
    everything = held({"1.1.1": 1.0, "4.1.3": 0.5, "1.3.2": 1.0})
    alone = path(policy=everything, alone=True)
    off = path(policy=everything, off=(*satellite.COUPLINGS, *model.LEVERS))
    for one, other in zip(alone, off, strict=True):
        for name, x in one.levels.items():
            assert_array_equal(wide(x, everything), wide(other.levels[name], everything))


def test_the_core_alone_is_the_forecast_of_the_hindcast():
    """Without shocks it is what `core.forecast` says: the satellite runs on the same equations."""
    ours = np.array([[x[:, 0] for x in state.levels.values()] for state in path(alone=True, shocks=False)[1:]])
    theirs = forecast(seen(), posterior(), YEARS, many().draws, shocks=False)
    assert_allclose(ours.transpose(1, 2, 3, 0), theirs, rtol=1e-11, atol=1e-11)


def test_in_the_base_year_every_coupling_is_nought_or_one():
    """For 100 draws, exactly: the intercepts hold what the base year holds."""
    drawn = many(100)
    prepared = model.prepare(start(), drawn, held(), 1)
    state = model.begin(prepared)
    now = Present(state.levels, state.last, seen().w, base=start(), years=0.0)
    found = satellite.couple(now, state.memory, prepared.p)
    assert set(found.multipliers) | set(found.additions) | set(found.pulls) == set(satellite.COUPLINGS)
    for _, factor in found.multipliers.values():
        assert (np.asarray(factor) == 1.0).all()
    for name, (_, added) in found.additions.items():
        assert (np.asarray(added) == 0.0).all(), name
    for state_, pull in found.pulls.values():
        assert (now.redistributed(state_, pull, now.levels[state_]) == 0.0).all()


def test_at_the_pace_of_the_past_compute_moves_nothing():
    """If the core goes on as it did, compute follows its trend, and no growth is counted twice."""
    drawn = many(100)
    p = model.prepare(start(), drawn, held(), 1).p
    pace = {state: start().paces[state] for state in start().levels}
    base_levels = {state: x[None, None] for state, x in start().levels.items()}
    memory = satellite.start(Present(base_levels, base_levels, seen().w, base=start()), p)
    levels = {state: x + pace[state] for state, x in base_levels.items()}
    now = Present(levels, base_levels, seen().w, base=start(), years=1.0)
    after = satellite.advance(now, memory, p)
    assert_allclose(after["compute_growth"], wide(satellite.compute_trend(now, p), held(), drawn)[:, :, :], atol=1e-12)


@given(st.lists(st.floats(-0.5, 0.5), min_size=REGIONS, max_size=REGIONS))
def test_talent_moves_and_nobody_is_gained_or_lost(pull):
    state = path(years=2)[-1]
    now = Present(state.levels, state.last, seen().w, base=start())
    before = np.exp(state.levels["researchers"]) * HEADS
    after = before * np.exp(now.redistributed("researchers", np.array(pull), now.levels["researchers"]))
    assert_allclose(after.sum(axis=-1), before.sum(axis=-1), rtol=1e-12)
    if max(pull) - min(pull) > 1e-6:
        drawn = (after / before)[..., int(np.argmax(pull))]
        assert (drawn > 1).all()


@pytest.mark.parametrize("done", [{"1.3.2": 1.0}, {"1.3.2": 0.4, "1.1.1": 1.0, "4.1.3": 0.5}])
def test_every_year_of_a_run_has_as_many_heads_as_without_those_who_move(done):
    """The shocks, the core's growth and all else being there: who moves is neither gained nor lost on the way."""
    here = np.arange(REGIONS) == 0
    policy = held({measure: level * here for measure, level in done.items()})
    moving, staying = (
        model.prepare(start(), many(), policy, YEARS, off=off) for off in ((), ("tal", "talent_mobility"))
    )
    state, moved = model.begin(moving), 0.0
    for year in range(YEARS):
        after, still = model.step(moving, state, year), model.step(staying, state, year)
        heads, kept = (np.exp(x.levels["researchers"]) * HEADS for x in (after, still))
        assert_allclose(heads.sum(axis=-1), kept.sum(axis=-1), rtol=1e-12)
        moved = max(moved, float(np.abs(heads / kept - 1).max()))
        state = after
    assert moved > 0.005


def test_who_moves_takes_inventions_along_and_no_momentum():
    """Patents and papers follow the researchers there are in the same year; next year's growth does not carry on."""
    here = np.arange(REGIONS) == 0
    prepared = model.prepare(start(), middle(), held({"1.3.2": here * 1.0}), 1, off=("talent_mobility", "edu"))
    begun = model.begin(prepared)
    after = model.step(prepared, begun, 0)
    for state_ in ("researchers", "patents", "papers"):
        gained = (after.levels[state_][:, 1] - after.levels[state_][:, 0])[0]
        assert gained[0] > 0 > gained[1:].max(), state_
    last = wide(after.last["researchers"], prepared.policy, middle())
    assert_array_equal(last[:, 1], last[:, 0])


@given(shares)
def test_attracting_talent_everywhere_moves_nobody(level):
    """Exactly: the measure's other channels aside, the nation's regions compete for the same heads."""
    everywhere = held({"3.3.1": level})
    last, without = path(policy=everywhere, off=("core",))[-1], path(policy=everywhere, off=("core", "tal"))[-1]
    for name, x in last.levels.items():
        assert_array_equal(x, np.broadcast_to(without.levels[name], x.shape), err_msg=name)
    some = held({"3.3.1": np.array([level, 0, 0, 0, 0, 0])})
    moved = path(policy=some, off=("core",))[-1].levels["researchers"]
    if level > 1e-3:
        assert (moved[:, 1, 0] > moved[:, 0, 0]).all()
        assert (moved[:, 1, 1:] < moved[:, 0, 1:]).all()


@given(st.integers(0, 2**31))
def test_every_draw_is_stable_and_is_what_its_seed_says(seed):
    drawn, again = (members(posterior(), SATELLITE, 40, seed) for _ in range(2))
    p = {**drawn.draws.theta, **drawn.assumed}
    assert (p["adoption_saturation"] > 0).all()
    assert (satellite.feedback(p) < FEEDBACK).all()
    assert 0 <= drawn.rejected < 1
    for name, x in drawn.assumed.items():
        row = next(parameter for parameter in SATELLITE if parameter.name == name)
        assert ((row.low <= x) & (x <= row.high)).all()
        assert_array_equal(x, again.assumed[name])
    for state, x in drawn.shocks(3).items():
        assert_array_equal(x, again.shocks(3)[state])


def test_a_members_shocks_are_its_own():
    """The same whoever else is drawn, and however far the run goes."""
    drawn = many()
    some = drawn.take(np.array([3, 11]))
    for state, x in drawn.shocks(5).items():
        assert_array_equal(some.shocks(9)[state][:5], x[:, [3, 11]])


@given(st.integers(1, 20))
def test_chunks_do_not_matter(size):
    import zhiyu.simulate.ensemble as ensemble

    asked = plan({"1.1.1": 1.0, "2.2.1": 0.3})
    whole = simulate(seen(), posterior(), asked, draws=20, seed=5, heads=HEADS)
    before = ensemble.CELLS
    ensemble.CELLS = size * 2 * REGIONS
    try:
        parts = simulate(seen(), posterior(), asked, draws=20, seed=5, heads=HEADS)
    finally:
        ensemble.CELLS = before
    assert whole.trajectories.identical(parts.trajectories)


@given(ids, ids)
def test_measures_that_share_a_channel_do_less_than_the_sum(one, other):
    weights = [MEASURES[IDS.index(measure)].weights for measure in (one, other)]
    effect = [channels.effects({c: held(done).sums[c] for c in held(done).sums}) for done in ({one: 1.0}, {other: 1.0})]
    both = channels.effects(held({one: 1.0} if one == other else {one: 1.0, other: 1.0}).sums)
    for channel in weights[0].keys() & weights[1].keys() if one != other else ():
        apart = effect[0][channel][0, 1, 0], effect[1][channel][0, 1, 0]
        together = both[channel][0, 1, 0]
        if min(apart) > 0:
            assert max(apart) < together < sum(apart)
            cap = next(c.cap for c in channels.channels() if c.id == channel)
            assert together < cap


# what a positive weight does to what it acts on, all else equal: core states, and states of the satellite
UP = {"research_to_patents": "patents"}
ACTS = {
    "RD": {"patents": 1},
    "push": {"adoption": 1},
    "pull": {"adoption": 1},
    "incl": {"adoption": 1},
    "data": {"data": 1},
    "oD": {"data": 1},
    "inst": {"institutions": 1},
    "sec": {"risk": -1, "incidents": -1},
    "oA": {"patents": 1},
    "oF": {"patents": 1},
    "plat": {"platform": 1},
    "gov": {"governance": 1},
    "fore": {"governance": 1},
    "edu": {"researchers": 1},
    "comp": {"compute": 1},
    "core": {"hightech": 1, "software": 1},
    "tc": {"output": 1},
    "green": {"carbon": -1},
}


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.id)
def test_a_measure_moves_what_its_channels_act_on_in_their_direction(measure):
    """Each channel of the measure by itself, at the priors' means: the nation's mean goes where the sign says."""
    assert measure.weights
    for channel, weight in measure.weights.items():
        if channel == "tal":  # moves heads to where it is done and nowhere else
            only = held({measure.id: np.eye(REGIONS)[2]})
            moved = [path(middle(), only, off=tuple(c for c in model.LEVERS if c != "tal"), shocks=False)[-1]][0]
            apart = moved.levels["researchers"][0, 1] - moved.levels["researchers"][0, 0]
            assert apart[2] > 0
            assert (np.delete(apart, 2) < 0).all()
            continue
        policy = held({measure.id: 1.0})
        off = tuple(c for c in model.LEVERS if c != channel)
        last = path(middle(), policy, off=off, shocks=False)[-1]
        for state, sign in ACTS[channel].items():
            x = last.levels.get(state, last.memory.get(state))
            moved = wide(x, policy, middle())[0].mean(axis=-1)
            assert np.sign(moved[1] - moved[0]) == sign * np.sign(weight), (channel, state, moved)


@given(st.integers(0, 99), st.floats(0.05, 0.9))
def test_reactive_and_foresight_governance_rest_at_one_level(member, exposed):
    """Under a constant exposure: strength is not confused with timing."""
    p = {name: x[member] for name, x in many(100).assumed.items()}

    class Still:
        xp, levers_before = np, {}

    def rest(foresight):
        q = {**p, "foresight": foresight}
        old = {"exposure": exposed, "risk": 0.0, "incidents": 0.0, "governance": q["governance_base"]}
        for _ in range(800):
            new = dict(old)
            new["risk"] = satellite.risk(Still, old, q, exposed)
            new["incidents"] = satellite.incidents(new["risk"], q)
            new["governance"] = satellite.governance(Still, old, q, exposed)
            old = new
        return old

    reactive, ahead = rest(0.0), rest(1.0)
    for name in ("risk", "incidents", "governance"):
        assert_allclose(ahead[name], reactive[name], rtol=1e-6, atol=1e-8)


@given(st.permutations(range(REGIONS)))
def test_the_order_of_regions_does_not_matter(order):
    from zhiyu.simulate.base import base

    moved = replace(seen(), x=seen().x[:, order], real=seen().real[:, order], w=seen().w[np.ix_(order, order)])
    there = base(moved, posterior(), HEADS[list(order)])
    draws = replace(
        middle(),
        draws=replace(middle().draws, intercept={s: x[:, order] for s, x in middle().draws.intercept.items()}),
    )
    policy = held({"1.1.1": 1.0, "5.1.1": 0.5})
    prepared = model.prepare(there, draws, policy, YEARS, shocks=False)
    *_, other = model.run(prepared, YEARS)
    one = path(middle(), policy, shocks=False)[-1]
    for name, x in one.levels.items():
        assert_allclose(wide(other.levels[name], policy, middle()), wide(x, policy, middle())[..., order], atol=1e-10)


@pytest.mark.parametrize(
    ("measure", "channel", "state", "carried"),
    [
        ("1.3.1", "RD", "patents", "research_to_patents"),
        ("2.1.1", "inst", "institutions", None),
        ("3.2.1", "core", "software", None),
        ("4.3.2", "tc", "output", None),
    ],
)
def test_a_level_channel_moves_its_state_once(measure, channel, state, carried):
    """By its effect, when nothing else moves the state: not again every year."""
    kept = [c for c in model.LEVERS if c != channel]
    own = [p.name for p in parameters.core() if p.state == state and p.name != carried]
    policy = held({measure: 1.0})
    last = path(middle(), policy, off=(*kept, *own, *satellite.COUPLINGS), shocks=False)[-1]
    effect = channels.effects(last.sums)[channel][:, 1] * (middle().draws.theta[carried] if carried else 1.0)
    assert (effect > 0).all()
    apart = last.levels[state][:, 1] - last.levels[state][:, 0]
    assert_allclose(apart, np.broadcast_to(effect, apart.shape), rtol=1e-9)


def test_education_adds_as_many_heads_a_year_as_in_the_base_year():
    own = [p.name for p in parameters.core() if p.state == "researchers"]
    off = (*[c for c in model.LEVERS if c != "edu"], *own, *satellite.COUPLINGS)
    states = path(middle(), held({"1.3.2": 1.0}), off=off, shocks=False)
    e1 = middle().assumed["mismatch_to_training"]
    found = [np.asarray(state.levels["researchers"])[:, -1] for state in states]  # the base year has one scenario
    added = sum(
        channels.effects(state.sums)["edu"][:, 1] * e1 * np.exp(found[0] - before)
        for before, state in zip(found, states[1:], strict=False)
    )
    apart = states[-1].levels["researchers"][:, 1] - states[-1].levels["researchers"][:, 0]
    assert_allclose(apart, np.broadcast_to(added, apart.shape), rtol=1e-9)


def test_shocks_are_national_and_regional_and_of_their_size():
    drawn = members(posterior(), SATELLITE, 1500, 4)
    shocks = drawn.shocks(2)["output"][:, :, 0]  # year, draw, region
    common, own = drawn.draws.national_sd["output"], drawn.draws.province_sd["output"]
    z = shocks / np.sqrt(common**2 + own**2)[:, None]
    assert_allclose(z.mean(axis=1), 0, atol=0.1)
    assert_allclose(z.std(axis=1), 1, atol=0.06)
    together = np.cov(shocks[0, :, 0], shocks[0, :, 3])[0, 1]
    assert together == pytest.approx((common**2).mean(), rel=0.25)
    assert abs(np.corrcoef(shocks[0, :, 0], shocks[1, :, 0])[0, 1]) < 0.08
    assert len(np.unique(shocks)) == shocks.size
