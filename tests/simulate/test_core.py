"""The core run forward: growth as the equations have it, capital as an identity, ends that do not meet, bytes."""

import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from simulate.planted import observed, ring, truths, world
from support import refused

from zhiyu.simulate import parameters
from zhiyu.simulate.calibrate import INVESTMENT, calibrate, investment
from zhiyu.simulate.core import forecast, shares
from zhiyu.simulate.draws import Draws
from zhiyu.simulate.equations import CORE
from zhiyu.simulate.now import Now
from zhiyu.simulate.observe import STATES, Column
from zhiyu.simulate.stability import stability
from zhiyu.terms import Label

X = world(truths(1, seed=5), regions=8, years=9, seed=6)[0]
SEEN = observed(X)
POSTERIOR = calibrate(SEEN, parameters.core())
DELTA = POSTERIOR.constants["capital_depreciation"]


def test_regressors_are_what_the_equations_name():
    now = Now({"patents": np.log([[1.0, 2.0, 4.0]])}, {}, ring(3))
    two = np.log(2)
    assert_allclose(now.gap("patents"), [[-two, 0, two]])
    assert_allclose(now.spill("patents"), [[1.5 * two, 0, -1.5 * two]], atol=1e-15)
    assert_allclose(now.capability(), now.gap("patents"))
    assert now.gap("papers") is None
    assert now.growth("patents") is None


def test_an_island_gets_no_spill_and_a_missing_neighbour_does_not_count():
    x, w = np.array([1.0, 2.0, 6.0, 3.0]), np.array([[0, 0.5, 0.5, 0], [1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 0]])
    assert Now({"patents": x}, {}, w).spill("patents")[3] == 0
    beside = Now({"patents": np.where(np.arange(4) == 2, np.nan, x)}, {}, w).spill("patents")
    assert_allclose(beside[:2], [1.0, -1.0])  # each other's only neighbour
    assert np.isnan(beside[2])


def test_a_step_is_the_sum_of_its_terms():
    """The point forecast of next year's papers, by hand from levels and last growth."""
    point = POSTERIOR.centre()
    ahead = dict(zip(SEEN.states, forecast(SEEN, POSTERIOR, 1, shocks=False)[:, 0, :, 0], strict=True))
    level, last = SEEN.of("papers")[:, -1], SEEN.of("papers")[:, -1] - SEEN.of("papers")[:, -2]
    by_hand = (
        point.theta["research_to_papers"] * (ahead["researchers"] - SEEN.of("researchers")[:, -1])
        - point.theta["paper_reversion"] * (level - level.mean())
        + point.theta["paper_momentum"] * last
        + point.intercept["papers"][0]
    )
    assert_allclose(ahead["papers"], level + by_hand, rtol=1e-12)


def test_regressors_of_a_calibration_are_those_of_a_step():
    """One implementation sees a year of observations and a year of a run alike."""
    t = 4
    levels = {state: X[k, :, t][None, None] for k, state in enumerate(STATES)}
    last = {state: (X[k, :, t] - X[k, :, t - 1])[None, None] for k, state in enumerate(STATES)}
    growing = {state: (X[k, :, t + 1] - X[k, :, t])[None, None] for k, state in enumerate(STATES)}
    for equation in CORE.values():
        seen, run = equation(SEEN.now), equation(Now(levels, last, SEEN.w, growing))
        assert seen.keys() == run.keys()
        for name, term in seen.items():
            assert_allclose(term[t], run[name][0, 0], rtol=1e-12, atol=1e-14)


def test_capital_is_an_identity():
    ahead = np.exp(forecast(SEEN, POSTERIOR, 3, shocks=False)[:, 0])  # state, region, horizon
    capital, output = (ahead[STATES.index(state)] for state in ("capital", "output"))
    before, made = (np.exp(SEEN.of(state)[:, -1]) for state in ("capital", "output"))
    s = shares(SEEN, POSTERIOR.centre(), DELTA, 3, None)[:, 0, 0]
    for h in range(3):
        assert_allclose(capital[:, h], (1 - DELTA) * before + s[h] * made, rtol=1e-12)
        before, made = capital[:, h], output[:, h]


def test_the_share_invested_is_taken_from_capital_and_drifts_ever_less():
    recovered = investment(SEEN, DELTA)
    k, y = np.exp(SEEN.of("capital")), np.exp(SEEN.of("output"))
    assert_allclose(np.exp(recovered[2]), (k[:, 3] - (1 - DELTA) * k[:, 2]) / y[:, 2])
    point = POSTERIOR.centre()
    drift = point.intercept[INVESTMENT].mean()
    path = np.log(shares(SEEN, point, DELTA, 60, None)[:, 0, 0])
    assert_allclose(path[0] - recovered[-1], 0.5 * drift, atol=1e-12)
    assert_allclose(path[1] - path[0], 0.4 * drift, atol=1e-12)
    assert_allclose(path[-1] - recovered[-1], 2.5 * drift, rtol=1e-5)


def test_a_series_that_ends_early_is_carried_on_beside_what_is_known():
    late = X.copy()
    late[STATES.index("hightech"), :, -1] = np.nan
    seen = observed(late)
    posterior = calibrate(seen, parameters.core())
    ahead = forecast(seen, posterior, 2, shocks=False)
    assert np.isfinite(ahead).all()
    before = forecast(seen.until(seen.years[-2]), posterior, 3, shocks=False)
    k = STATES.index("output")
    assert not np.allclose(ahead[k, ..., 0], before[k, ..., 1])  # the others start from what was observed
    whole = forecast(SEEN, posterior, 2, shocks=False)
    assert_array_equal(ahead[k], whole[k])  # and do not mind the one that is late


@pytest.mark.parametrize("state", ["capital", "output"])
def test_investment_beside_a_cell_that_was_bridged_is_no_target(state):
    """Without year 4 of capital s of years 3 and 4 is unknown, and so are three of its changes; without output, two."""
    hole = X.copy()
    hole[STATES.index(state), 2, 4] = np.nan
    bridged = observed(hole).until(SEEN.years[-1])
    assert np.isfinite(bridged.of(state)).all()
    used = calibrate(bridged, parameters.core()).equations[INVESTMENT].fit.used
    whole = POSTERIOR.equations[INVESTMENT].fit.used
    assert whole - used == {"capital": 3, "output": 2}[state]


@pytest.mark.parametrize("state", ["capital", "adoption"])
def test_a_series_that_ended_long_ago_is_given_up_and_the_others_go_on(state):
    old = X.copy()
    old[STATES.index(state), :, 4:] = np.nan
    seen = observed(old)
    posterior = calibrate(seen, parameters.core())
    ahead = forecast(seen, posterior, 2, posterior.draw(3, seed=1), seed=2)
    lost = {STATES[k] for k in np.flatnonzero(np.isnan(ahead).any(axis=(1, 2, 3)))}
    assert lost == {state}


def test_a_region_that_never_had_a_state_has_no_forecast_of_it_and_all_others():
    hole = X.copy()
    hole[STATES.index("carbon"), 3] = np.nan
    hole[STATES.index("papers"), 5] = np.nan
    seen = observed(hole)
    ahead = forecast(seen, calibrate(seen, parameters.core()), 2, shocks=False)[:, 0]
    lacking = np.argwhere(np.isnan(ahead).all(axis=2))
    assert {(STATES[k], int(i)) for k, i in lacking} == {("carbon", 3), ("papers", 5)}
    assert np.isnan(ahead).sum() == 4


def test_one_year_is_enough_to_say_nothing_with_wide_bands():
    short = calibrate(SEEN.cut(SEEN.years[0]), parameters.core())
    assert (short.tidy()["used"] == 0).all()
    assert_allclose(short.tidy()["contraction"], 0, atol=1e-12)
    early, late = (
        np.ptp(forecast(seen, posterior, 1, posterior.draw(300, 1), seed=2), axis=1).mean()
        for seen, posterior in ((SEEN.cut(SEEN.years[0]), short), (SEEN, POSTERIOR))
    )
    assert early > late


def test_a_state_comes_to_its_ceiling_and_no_further():
    """The state held is the observed one: its growth is nought there, and what hangs on others' growth is unmoved."""
    k = SEEN.states.index("telecom")  # in no other state's equation
    top = float(np.exp(SEEN.x[k].max() + 0.01))
    column = Column("telecom", "x", "", None, Label("甲", "a"), ceiling=top)
    free, held = (forecast(seen, POSTERIOR, 3) for seen in (SEEN, replace(SEEN, columns={"telecom": column})))
    assert free[k].max() > np.log(top) + 0.01
    assert held[k].max() <= np.log(top) + 1e-12
    assert_array_equal(np.delete(free, k, axis=0), np.delete(held, k, axis=0))


def test_bands_widen_with_the_horizon_and_hold_the_point():
    draws = forecast(SEEN, POSTERIOR, 3, POSTERIOR.draw(800, seed=1), seed=2)
    point = forecast(SEEN, POSTERIOR, 3, shocks=False)[:, 0]
    spread = draws.std(axis=1)
    assert (spread[..., 2] > spread[..., 0]).mean() > 0.95
    assert (np.abs(draws.mean(axis=1) - point) < 0.25 * spread).all()


def test_shocks_are_common_to_a_year_and_own_to_a_region():
    drawn = POSTERIOR.draw(4000, seed=1)
    common, own = ({state: np.full(4000, size) for state in drawn.national_sd} for size in (0.2, 0.1))
    members = replace(drawn, national_sd=common, province_sd=own)
    still = forecast(SEEN, POSTERIOR, 1, members, shocks=False)
    k = STATES.index("researchers")  # nothing of the same year enters it
    shock = (forecast(SEEN, POSTERIOR, 1, members, seed=2) - still)[k, ..., 0]
    assert shock.var() == pytest.approx(0.05, rel=0.1)
    assert np.cov(shock[:, 0], shock[:, 4])[0, 1] == pytest.approx(0.04, rel=0.1)


def test_few_years_make_the_national_shock_uncertain():
    few, many = calibrate(SEEN.until(2003), parameters.core()), POSTERIOR
    wide, narrow = (np.ptp(np.log(p.draw(2000, 1).national_sd["students"]), axis=0) for p in (few, many))
    assert wide > narrow


def test_what_is_knocked_out_is_gone():
    off = calibrate(SEEN, parameters.core(), off=("patent_spill", "use_to_patents"))
    assert {"patent_spill", "use_to_patents"}.isdisjoint(off.tidy()["parameter"])
    ahead, full = (forecast(SEEN, p, 2, shocks=False) for p in (off, POSTERIOR))
    assert not np.array_equal(ahead[STATES.index("patents")], full[STATES.index("patents")])
    assert_array_equal(ahead[STATES.index("telecom")], full[STATES.index("telecom")])


def test_a_file_of_draws_that_was_altered_or_is_none_is_refused():
    content = POSTERIOR.draw(20, seed=7).parquet()
    table = pq.read_table(io.BytesIO(content))
    numbers = table.column(0).to_numpy().copy()
    numbers[3] += 1e-12
    altered, plain = io.BytesIO(), io.BytesIO()
    pq.write_table(table.set_column(0, table.column_names[0], pa.array(numbers)), altered)
    pq.write_table(table.replace_schema_metadata({}), plain)
    with refused("draws_altered"):
        Draws.from_parquet(altered.getvalue())
    for broken in (b"abc", b"", content[:-20], content[:200], plain.getvalue()):
        with refused("draws_file"):
            Draws.from_parquet(broken)


def test_draws_are_the_same_by_seed_and_survive_their_file():
    one, other = POSTERIOR.draw(20, seed=7), POSTERIOR.draw(20, seed=7)
    assert one.hash == other.hash
    assert one.parquet() == other.parquet()
    assert one.hash != POSTERIOR.draw(20, seed=8).hash
    back = Draws.from_parquet(one.parquet())
    assert back.hash == one.hash
    assert back.codes == one.codes
    assert_array_equal(back.intercept["output"], one.intercept["output"])
    assert_array_equal(forecast(SEEN, POSTERIOR, 2, back, seed=3), forecast(SEEN, POSTERIOR, 2, one, seed=3))
    moved = replace(one, intercept=one.intercept | {"output": one.intercept["output"] + 1e-12})
    assert moved.hash != one.hash


def test_draws_have_the_posteriors_moments():
    members, table = POSTERIOR.draw(4000, seed=1), POSTERIOR.tidy().set_index("parameter")
    for name in ("capital_elasticity", "patent_reversion"):
        assert members.theta[name].mean() == pytest.approx(table.loc[name, "mean"], abs=0.08 * table.loc[name, "sd"])
        assert members.theta[name].std() == pytest.approx(table.loc[name, "sd"], rel=0.06)
    assert (members.theta["capital_depreciation"] == 0.096).all()


def test_draws_of_intercepts_hold_the_doubt_of_the_mean_and_their_own():
    """A region's intercept is linear in theta and drift, and what is left of it has a variance of its own."""
    members, fit = POSTERIOR.draw(6000, seed=1), POSTERIOR.equations["patents"].fit
    pull = 1 / (1 + fit.variances.regional / (fit.region_n * fit.variances.intercept))
    line = np.hstack([-fit.centre - pull[:, None] * fit.region_z, np.ones((8, 1))])
    variance = np.einsum("nj,jk,nk->n", line, fit.covariance, line) + fit.intercepts(fit.mean[:-1])[1]
    assert_allclose(members.intercept["patents"].var(axis=0), variance, rtol=0.1)
    assert_allclose(members.intercept["patents"].mean(axis=0), POSTERIOR.centre().intercept["patents"][0], atol=0.003)


def test_a_size_of_shocks_is_as_uncertain_as_the_years_behind_it():
    """Precision is chi-squared over its degrees of freedom: mean 1 / variance, relative variance 2 / freedom."""
    members, fit = POSTERIOR.draw(20000, seed=1), POSTERIOR.equations["students"].fit
    relative = fit.variances.national / members.national_sd["students"] ** 2
    assert relative.mean() == pytest.approx(1, rel=0.02)
    assert relative.var() == pytest.approx(2 / (fit.years + 2), rel=0.06)
    assert (fit.variances.regional / members.province_sd["students"] ** 2).var() < relative.var() / 4


def test_stability_leaves_out_each_year_once():
    found = stability(SEEN, parameters.core())
    table = found.tidy()
    assert found.years == SEEN.years[1:]
    assert list(table["parameter"]) == list(POSTERIOR.tidy()["parameter"])
    assert (table["lowest"] <= table["highest"]).all()
    assert table["same_sign"].between(0, 1).all()
    assert not table.loc[table["prior_mean"] == 0, "supported"].any()
    moved = replace(found, neutral_means=np.where(np.arange(8)[:, None] == 3, -1, 1) * np.abs(found.neutral_means))
    flipped = replace(moved, neutral=np.abs(found.neutral)).tidy()
    assert (flipped["data_same_sign"] == 7 / 8).all()
    assert not flipped["supported"].any()
    steady = replace(found, neutral_means=np.abs(found.neutral_means), neutral=np.abs(found.neutral)).tidy()
    assert_array_equal(steady["supported"], table["prior_mean"] > 0)
    without = calibrate(SEEN.without(2005), parameters.core()).tidy()["mean"]
    assert_array_equal(found.means[found.years.index(2005)], without)
    assert (calibrate(SEEN.without(2005), parameters.core()).tidy()["used"] == POSTERIOR.tidy()["used"] - 8).all()


def test_a_draw_is_nobody_elses():
    before = POSTERIOR.centre().theta["capital_elasticity"].copy()
    POSTERIOR.centre().theta["capital_elasticity"][:] = 9.0
    assert_array_equal(POSTERIOR.centre().theta["capital_elasticity"], before)
