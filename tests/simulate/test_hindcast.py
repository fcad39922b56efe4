"""The hindcast: no origin knows its future, the reference has no skill against itself, the gate does what it says."""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import refused, small_panel

from zhiyu.simulate.hindcast import forecast, forecast_states, hindcast, last_chosen
from zhiyu.simulate.naive import NAIVE
from zhiyu.simulate.observe import Observed
from zhiyu.simulate.origins import CORE, NAIVE_STACK, REFERENCE, SHOWN, known_errors, outcomes
from zhiyu.simulate.skill import NO_TARGET

STATES = ("researchers", "patents", "adoption", "capital", "output")
CODES = tuple(f"r{i}" for i in range(10))


def observed(seed=0, years=range(2011, 2023)):
    """Five states of ten regions: growth that shrinks from year to year, with gaps."""
    rng = np.random.default_rng(seed)
    t = len(years)
    g = 0.1 + 0.1 * 0.8 ** np.arange(t) + rng.normal(0, 0.04, (5, 1, t)) + rng.normal(0, 0.05, (5, 10, t))
    x = g.cumsum(axis=2)
    x[3] = x[4] + 1.0 + 0.02 * np.arange(t)  # capital runs before output
    x[2, :, :2] = np.nan  # adoption begins later
    x[1, 3, 5] = np.nan  # a gap of a year
    x[0, :, 6] = np.nan  # a year without the series, as high-tech manufacturing has
    w = np.roll(np.eye(10), 1, axis=1) / 2 + np.roll(np.eye(10), -1, axis=1) / 2
    raw = Observed(STATES, x, np.isfinite(x), CODES, tuple(years), w, {})
    return raw.until(years[-1])  # bridges the gaps


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


def test_draws_of_the_years_ahead():
    found = forecast_states(observed(), horizon=2, draws=100, seed=3)
    assert found["output"].dims == ("draw", "region", "time")
    assert dict(found.sizes) == {"draw": 100, "region": 10, "time": 2}
    assert found.time.values.tolist() == [2023, 2024]
    assert (found.to_array() > 0).all()
    assert found["output"].attrs["shown"] in (SHOWN, NAIVE_STACK)
    assert found.equals(forecast_states(observed(), horizon=2, draws=100, seed=3))
    assert not found.equals(forecast_states(observed(), horizon=2, draws=100, seed=4))
    middle = np.log(found["output"].median("draw").values)
    last = observed().of("output")[:, -1]
    assert (np.abs(middle[:, 0] - last - 0.1) < 0.2).all()


@pytest.fixture
def study(tmp_path):
    table = "state,formula,unit,first,zh,en\noutput,gdp,,,产出,output\nresearchers,staff,,,研究人员,researchers\n"
    (tmp_path / "states.csv").write_text(table, encoding="utf-8")
    rng = np.random.default_rng(0)
    levels = np.exp(rng.normal(0.08, 0.05, (2, 6, 10)).cumsum(axis=2))

    class Stub:
        def __init__(self, change=1.0):
            values = levels.copy()
            values[..., 8:] *= change
            self.panel = small_panel({"gdp": values[0], "staff": values[1]}, range(2011, 2021))

        def history(self):
            return self.panel

        choices = SimpleNamespace(simulate=SimpleNamespace(states="states.csv"))
        inputs = {"states.csv": tmp_path / "states.csv"}  # noqa: RUF012

        def neighbours(self):
            return None

    return Stub


def test_a_study_is_forecast_from_what_it_knew(study):
    found = forecast(study(), until=2018, horizon=2, draws=50)
    assert sorted(found.data_vars) == ["output", "researchers"]
    assert found.time.values.tolist() == [2019, 2020]
    assert found.equals(forecast(study(change=5.0), until=2018, horizon=2, draws=50))
    assert not found.equals(forecast(study(change=5.0), until=2020, horizon=2, draws=50))


def test_the_first_origin_has_no_past_to_show_skill_on():
    found = forecast_states(observed().until(2014), horizon=1, draws=10)
    assert {found[state].attrs["shown"] for state in found.data_vars} == {NAIVE_STACK}
    assert np.isfinite(found["output"]).all()
    assert np.isnan(found["adoption"]).all()  # two years of it


def test_too_few_years_are_refused():
    with refused("hindcast_years") as caught:
        hindcast(observed().until(2013))
    assert caught.says("at least 4", "2011-2013")


def test_a_study_without_a_model_is_told_what_to_add(study):
    source = study()
    source.choices = SimpleNamespace(simulate=None)
    with refused("no_simulation") as caught:
        forecast(source, until=2018)
    assert caught.says("[simulate]")


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
