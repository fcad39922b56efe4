"""The hindcast: no origin knows its future, the reference has no skill against itself, the gate does what it says."""

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.testing import assert_allclose
from simulate.gappy import CODES, STATES, observed
from support import refused

from zhiyu.simulate.hindcast import hindcast, last_chosen
from zhiyu.simulate.naive import NAIVE
from zhiyu.simulate.observe import Column, Observed
from zhiyu.simulate.origins import CORE, NAIVE_STACK, REFERENCE, SHOWN, known_errors, outcomes
from zhiyu.simulate.skill import FEW_REGIONS, LEAST, NO_TARGET
from zhiyu.terms import Label


@cache
def done():
    return hindcast(observed(), draws=100)


def test_later_data_change_no_forecast_by_a_bit():
    before, kept = done(), [k for k, origin in enumerate(done().origins) if origin <= 2018]
    seen = observed()
    later = np.array(seen.years) > 2018
    x = np.where(later, seen.x[..., ::-1] * 3.0 - 1.0, seen.x)
    real = np.where(later, True, seen.real)
    after = hindcast(replace(seen, x=x, real=real), draws=100)
    for name, points in before.points.items():
        assert np.array_equal(points[kept], after.points[name][kept], equal_nan=True), name
    for name in before.low:
        assert np.array_equal(before.low[name][kept], after.low[name][kept], equal_nan=True), name
    assert not np.array_equal(before.points[CORE][-1], after.points[CORE][-1], equal_nan=True)


def test_a_cell_bridged_with_the_future_is_not_known_at_the_origin():
    """2016 of region 3 is missing: whoever forecasts from 2016 must not see the line to 2017."""
    seen, whole = observed(), done()
    k, s = whole.origins.index(2016), STATES.index("patents")
    assert np.isfinite(seen.x[s, 3, 5])
    walk = whole.points["random_walk"][k, s, 3]
    assert_allclose(walk, seen.x[s, 3, 4])


def test_what_was_only_bridged_is_no_outcome():
    seen = observed()
    found = outcomes(seen, (2015, 2021, 2022), 3)
    assert np.isnan(found[0, 1, 3, 0])  # 2016 of region 3
    assert_allclose(found[0, 1, 4], seen.x[1, 4, 5:8])
    assert np.isfinite(found[1, 4, :, 0]).all()
    assert np.isnan(found[1, 4, :, 1:]).all()
    assert np.isnan(found[2]).all()


def test_errors_are_known_once_their_year_has_come():
    points, outcome = np.ones((4, 1, 1, 3)), np.zeros((4, 1, 1, 3))
    known = np.isfinite(known_errors(points, outcome, (2014, 2015, 2016, 2017), 3)[:, 0, 0])
    assert known.tolist() == [[True, True, True], [True, True, False], [True, False, False]]
    assert known_errors(points, outcome, (2014, 2015, 2016, 2017), 0).shape == (0, 1, 1, 3)


def test_the_reference_has_no_skill_against_itself():
    table = done().table(REFERENCE)
    assert (table[["rmse_skill", "low", "high", "deviation_skill"]] == 0.0).all(axis=None)


def test_a_stack_lies_between_its_members():
    whole = done()
    for name, members in whole.members.items():
        of = np.array([whole.points[member] for member in members])
        assert_allclose(whole.weights[name].sum(axis=0), 1)
        assert ((whole.points[name] >= of.min(axis=0) - 1e-9) | np.isnan(whole.points[name])).all()
        assert ((whole.points[name] <= of.max(axis=0) + 1e-9) | np.isnan(whole.points[name])).all()
    assert whole.members[SHOWN] == (CORE, NAIVE_STACK)
    assert set(whole.members[NAIVE_STACK]) == set(NAIVE)


def test_the_table_has_a_row_an_observable_and_horizon_and_adds_up():
    table = done().skill
    assert {"observable", "horizon", "rmse_skill", "low", "high", "crps", "coverage"} <= set(table.columns)
    assert sorted(table.horizon.unique()) == [0, 1, 2, 3]
    pooled, apart = table[table.horizon == 0], table[table.horizon > 0]
    assert pooled.n.sum() == apart.n.sum()
    assert not pooled.headline[pooled.observable == "capital"].any()
    assert pooled.headline.sum() == 4
    assert ((table.low <= table.rmse_skill) & (table.rmse_skill <= table.high)).mean() > 0.95


def test_targets_are_either_chosen_on_or_later():
    whole = done()
    assert (whole.targets(True) ^ whole.targets(False)).all()
    assert whole.targets(True)[whole.origins.index(2018)].tolist() == [False, True, True]
    both = whole.table(SHOWN, later=False).n.sum() + whole.table(SHOWN, later=True).n.sum()
    assert both == 4 * np.isfinite(whole.errors(SHOWN)).sum() / 2


def test_the_best_naive_is_chosen_before_the_test():
    whole = done()
    for s, state in enumerate(STATES):
        early = np.where(
            whole.targets(False)[:, None], whole.errors(whole.best_naive[state])[:, s].transpose(0, 2, 1), np.nan
        )
        for name in NAIVE:
            other = np.where(whole.targets(False)[:, None], whole.errors(name)[:, s].transpose(0, 2, 1), np.nan)
            assert np.nanmean(early**2) <= np.nanmean(other**2) + 1e-12


def test_what_has_not_shown_skill_shows_the_naive_band():
    whole = done()
    pooled = whole.skill[whole.skill.horizon == 0].set_index("observable")
    for state, shown in whole.gate.items():
        assert shown == (SHOWN if pooled.low[state] > 0 else NAIVE_STACK)
    noise = observed(1)
    x = np.array(noise.x)
    x[0] = np.random.default_rng(9).normal(size=x[0].shape).cumsum(axis=1)  # nothing to be known
    x[0, :, -4:] += np.random.default_rng(5).normal(size=(1, 4)) * 5
    mixed = hindcast(replace(noise, x=x), draws=50, bands=(), knock_outs=False)
    assert set(mixed.gate.values()) <= {SHOWN, NAIVE_STACK}


def test_too_few_years_are_refused():
    with refused("hindcast_years") as caught:
        hindcast(observed().until(2013))
    assert caught.says("at least 4", "2011-2013")


def outcome_of(first: int, last: int, horizon: int = 3) -> tuple[tuple[int, ...], np.ndarray]:
    """Origins first ... last and an outcome in every target year up to the last."""
    origins = tuple(range(first, last + 1))
    target = np.array(origins)[:, None] + np.arange(1, horizon + 1)
    return origins, np.where(target <= last, 0.0, np.nan)[:, None, None]


def test_choices_end_in_2019_or_after_two_thirds_of_the_target_years():
    assert last_chosen(*outcome_of(2015, 2022)) == 2019
    assert last_chosen(*outcome_of(2010, 2018)) == 2016  # 2011 ... 2018: six of eight
    assert last_chosen(*outcome_of(2010, 2019)) == 2016  # none is later than 2019: six of nine
    assert last_chosen(*outcome_of(2019, 2022)) == 2021  # all are later: two of three
    origins, nothing = outcome_of(2015, 2022)
    assert last_chosen(origins, np.full_like(nothing, np.nan)) == 2019


def test_a_state_without_a_target_keeps_a_row_with_the_reason():
    whole = done()
    s = whole.states.index("output")
    unseen = whole.outcome.copy()
    unseen[:, s] = np.nan
    without = replace(whole, outcome=unseen)
    row = without.skill.set_index("observable").loc["output"]
    assert (row.horizon, row.n, row.reason) == (0, 0, NO_TARGET)
    assert np.isnan(row.rmse_skill)
    assert without.gate["output"] == NAIVE_STACK
    assert without.best_naive["output"] == REFERENCE
    assert (whole.skill.reason == "").all()


def test_years_that_skill_is_told_on_are_years_with_a_target():
    whole = done()
    assert whole.tested == (2020, whole.origins[-1])
    late = replace(whole, chosen_until=2100)
    assert not late.later
    assert late.tested == (whole.origins[0] + 1, whole.origins[-1])


def some(regions: int) -> Observed:
    """The first regions alone."""
    seen = observed()
    x, real = seen.x[:, :regions], seen.real[:, :regions]
    return replace(seen, x=x, real=real, codes=CODES[:regions], w=np.zeros((regions, regions)))


def test_few_regions_are_too_few_to_be_drawn_anew():
    few, enough = (hindcast(some(n), bands=(), knock_outs=False) for n in (LEAST - 1, LEAST))
    intervals = ["low", "high", "deviation_low", "deviation_high", "best_low", "best_high"]
    assert few.skill[intervals].isna().all(axis=None)
    assert (few.skill.reason == FEW_REGIONS).all()
    assert few.skill.rmse_skill.notna().all()
    assert set(few.gate.values()) == {NAIVE_STACK}
    assert enough.skill[intervals].notna().all(axis=None)
    assert (enough.skill.reason == "").all()
    assert SHOWN in enough.gate.values()


def test_regions_that_lack_an_observable_do_not_count_for_its_interval():
    seen = observed()
    real = seen.real.copy()
    real[STATES.index("output"), LEAST - 1 :] = False
    table = hindcast(replace(seen, real=real), bands=(), knock_outs=False).skill.set_index("observable")
    assert (table.reason["output"] == FEW_REGIONS).all()
    assert table.low["output"].isna().all()
    assert table.low["researchers"].notna().all()


def test_nothing_is_forecast_above_a_ceiling():
    """A ceiling just above all that was seen binds in points, bands and draws, and moves no other state."""
    seen, s = observed(), STATES.index("researchers")
    top = float(np.exp(np.nanmax(seen.x[s]))) * 1.01
    column = Column("researchers", "staff", "", None, Label("人员", "staff"), ceiling=top)
    held = hindcast(replace(seen, columns={"researchers": column}), draws=100)
    free = done()
    for name in held.points:
        if name != "random_walk":
            assert np.nanmax(free.points[name][:, s]) > np.log(top)
        assert np.nanmax(held.points[name][:, s]) <= np.log(top)
    for name in held.high:
        assert np.nanmax(free.high[name][:, s]) > np.log(top)
        assert np.nanmax(held.high[name][:, s]) <= np.log(top)
    for name in NAIVE:
        others = np.delete(np.arange(len(STATES)), s)
        assert np.array_equal(free.points[name][:, others], held.points[name][:, others], equal_nan=True)


def test_states_may_begin_after_the_first_origins():
    """Whoever had no column then has no forecast from then, and one from later on."""
    seen = observed()
    x = np.where(np.array(seen.years) < 2017, np.nan, seen.x)
    late = replace(seen, x=x, real=np.isfinite(x)).until(2022)
    found = hindcast(late, draws=20)
    assert found.origins[0] == 2014
    for points in found.points.values():
        assert np.isnan(points[: found.origins.index(2017)]).all()
        assert np.isfinite(points[found.origins.index(2019) :, STATES.index("output")]).all()
