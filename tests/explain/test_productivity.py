"""Growth accounts and TFP by hand; parts that sum; the labelled face against the kernels it is made of."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import recipe, refused, small_panel, tree

from zhiyu import Study
from zhiyu.explain.factor_shares import vary
from zhiyu.explain.of.productivity import GRID, STEPS, TREND, Productivity, productivity
from zhiyu.explain.productivity import growth_accounts, multilateral_tfp, trend
from zhiyu.measure import measure
from zhiyu.store import decode, encode

INPUTS = {"capital": "k", "labour": "l"}
HALVES = {"capital": 0.5, "labour": 0.5}


def test_one_region_by_hand():
    """Output doubles, capital quadruples, labour stands still, shares a half: capital explains all of it."""
    made = growth_accounts(np.array([[1.0, 2.0]]), np.array([[[1.0, 5.0], [4.0, 5.0]]]), np.array([0.5, 0.5]))
    assert_allclose(made.growth, [[np.log(2)]])
    assert_allclose(made.contributions, [[[np.log(2), 0.0]]])
    assert_allclose(made.tfp, [[0.0]], atol=1e-15)


def test_shares_that_move_are_taken_at_their_mean():
    shares = np.array([[[0.2, 0.8], [0.6, 0.4]]])
    made = growth_accounts(np.array([[1.0, np.e]]), np.array([[[1.0, 1.0], [np.e, 1.0]]]), shares)
    assert_allclose(made.contributions[0, 0], [0.4, 0.0])
    assert_allclose(made.tfp, [[0.6]])


def test_multilateral_index_by_hand():
    """Two regions, one year: A makes e**2 from (e, 1), B makes 1 from (1, 1); shares (.5, .5) and (.25, .75)."""
    shares = np.array([[[0.5, 0.5]], [[0.25, 0.75]]])
    found = multilateral_tfp(np.array([[np.e**2], [1.0]]), np.array([[[np.e, 1.0]], [[1.0, 1.0]]]), shares)
    mean = 0.375  # of capital's share
    assert_allclose(found[:, 0], [1 - 0.5 * (0.5 + mean) * 0.5, -1 + 0.5 * (0.25 + mean) * 0.5])


def test_trend_is_the_mean_of_slopes_and_its_error_holds_common_shocks():
    rng = np.random.default_rng(1)
    years, own = np.arange(2010.0, 2020.0), 0.01 * rng.standard_normal((30, 10))
    shock = rng.standard_normal(10)
    found = trend(0.3 * years + shock + own, years)
    line, rest, *_ = np.polyfit(years - years.mean(), (0.3 * years + shock + own).mean(axis=0), 1, full=True)
    assert_allclose(found.slope, line[0])
    assert_allclose(found.std_error, np.sqrt(rest[0] / 8 / 82.5))
    assert found.std_error > 20 * found.std_error_regions
    assert_allclose([found.low, found.high], found.slope + np.array([-1, 1]) * 2.306004135 * found.std_error)


def test_a_trend_of_two_years_is_refused():
    with refused("production_years"):
        trend(np.ones((3, 2)), np.array([1.0, 2.0]))
    with refused("production_shapes"):
        trend(np.full((3, 4), np.nan), np.arange(4.0))


def test_other_shares_keep_the_rest_in_proportion():
    rng = np.random.default_rng(2)
    y, x = rng.uniform(1, 2, (6, 5)), rng.uniform(1, 2, (6, 5, 3))
    stated = np.broadcast_to([0.4, 0.4, 0.2], x.shape)
    found = vary(y, x, stated, np.array([0.4, 0.7]))
    assert_allclose(found.tfp[0], growth_accounts(y, x, stated).tfp, atol=1e-15)
    assert_allclose(found.tfp[1], growth_accounts(y, x, np.array([0.7, 0.2, 0.1])).tfp, atol=1e-15)
    assert_allclose(found.correlation[0], [1.0, 1.0])
    assert vary(y, x[..., :1], np.ones((6, 5, 1)), np.array([0.4])).tfp.shape == (0, 6, 4)


@pytest.fixture(scope="module")
def china() -> Productivity:
    study = Study.open("china-provinces")
    return productivity(study.panel(), study.measure())


def test_the_parts_sum_in_every_table(china: Productivity):
    for cells in (china.accounts, china.whole, china.periods, china.by_region):
        assert_allclose(cells.sel(part=["capital", "labour", "tfp"]).sum("part"), cells.sel(part="growth"), atol=1e-15)
    assert_allclose(china.weights.sum("region"), 1.0)
    assert_allclose(china.accounts.weighted(china.weights).mean("region"), china.whole, atol=1e-15)


def test_periods_make_up_the_span(china: Productivity):
    assert china.spans == ("2013-2016", "2016-2019", "2019-2022", "2013-2022")
    parts = china.periods.isel(period=slice(0, 3)).mean("period")
    assert_allclose(parts, china.periods.sel(period="2013-2022"), atol=1e-15)


def test_productivity_of_a_region_grows_as_its_accounts_say(china: Productivity):
    assert_allclose(china.tfp.diff("year"), china.accounts.sel(part="tfp"), atol=1e-13)


def test_the_shares_tried_frame_the_stated_one(china: Productivity):
    share = china.sensitivity.sel(figure="share")
    span = china.periods.sel(period=china.spans[-1])
    assert_allclose(share.sel(share=50), span.sel(part="tfp") / span.sel(part="growth"))
    assert (np.diff(share.values) < 0).all()
    at_even = np.interp(china.break_even, [0.3, 0.6, 0.9], np.polyval(np.polyfit(GRID, share, 1), [30, 60, 90]))
    assert abs(float(at_even)) < 1e-12  # the whole's productivity is a straight line in the share
    low, stated, high = (china.ranks.sel(bound=bound) for bound in ("best", "estimate", "worst"))
    assert ((low <= stated) & (stated <= high)).all()


def test_the_population_is_said_to_stand_in_and_weak_data_are_named(china: Productivity):
    assert china.proxied
    assert list(china.doubts) == ["capital_stock_real2011_100m"]
    assert "extrapolation" in china.summary()
    assert "resident population stands in" in china.summary()
    assert "常住人口代替" in china.summary("zh")


def test_nodes_beside_the_inputs_grow_but_have_no_part(china: Productivity):
    assert china.factors["factor"].values.tolist() == ["capital", "labour", "data_factor", "ai_native"]
    assert china.accounts["part"].values.tolist() == ["growth", "capital", "labour", "tfp"]
    assert {"rate_data_factor", "share_tfp", "tfp"} <= set(china.trend["part"].values.tolist())


def test_tidy_glance_and_store(china: Productivity):
    tidy, glance = china.tidy(), china.glance()
    assert glance.shape[0] == 1
    assert set(tidy["term"]) >= {"contribution_tfp", "ln_tfp", "efficiency", "malmquist_index", "trend_tfp"}
    row = tidy.query("term == 'contribution_tfp' and region == '' and period == '2013-2022'")
    assert row["estimate"].item() == glance["tfp"].item()
    slope = tidy.query("term == 'trend_tfp'")
    assert slope["conf_low"].item() < slope["estimate"].item() < slope["conf_high"].item()
    arrays: dict[str, np.ndarray] = {}
    again = decode(encode(china, arrays), arrays)
    assert again.tidy().equals(tidy)
    assert again.sensitivity.identical(china.sensitivity)


def small(**more: object) -> object:
    """Eight provinces, five years; labour's last cell of region 2 missing, years 2015-2018 and 2020."""
    rng = np.random.default_rng(3)
    growing = np.cumprod(rng.uniform(1.0, 1.2, (3, 8, 5)), axis=2) * rng.uniform(1, 5, (3, 8, 1))
    growing[2, 2, 4] = np.nan
    columns = dict(zip(("y", "k", "l"), growing, strict=True))
    return small_panel({**columns, **more}, years=[2015, 2016, 2017, 2018, 2020])  # type: ignore[dict-item]


def test_a_gap_of_two_years_counts_as_two_and_the_incomplete_stay_out():
    panel = small()
    found = productivity(panel, output="y", inputs=INPUTS, shares=HALVES, periods=2)
    assert found.left_out == (panel.codes[2],)
    y = panel.data["y"].sel(region=list(found.regions))
    assert_allclose(found.accounts.sel(part="growth", year=2020), np.log(y.sel(year=2020) / y.sel(year=2018)) / 2)
    total = (found.by_region.sel(part="growth", period="2015-2020") * 5).values
    assert_allclose(total, np.log(y.sel(year=2020) / y.sel(year=2015)))
    assert not found.proxied


def test_an_input_may_be_a_node_and_shares_may_be_a_variable():
    share = np.linspace(0.3, 0.5, 40).reshape(8, 5)
    d = np.linspace(1, 9, 40).reshape(8, 5)
    d[2] = 0.5  # the least score, of zero, falls to the region that takes no part
    panel = small(share=share, d=d)
    index = measure(panel, tree("all - -", "A all -", "a A d"), recipe(weight={"method": "equal"}))
    inputs = {**INPUTS, "data": "A"}
    shares = {"capital": "share", "labour": "0.9 - share", "data": 0.1}
    found = productivity(panel, index, output="y", inputs=inputs, shares=shares, beside=())
    assert found.labels["data"].en == "node A"
    assert found.left_out == (panel.codes[2],)
    assert_allclose(
        found.accounts.sel(part=["capital", "labour", "data", "tfp"]).sum("part"), found.accounts.sel(part="growth")
    )
    capital = np.diff(np.log(panel.values("k")[0])) * (share[0, 1:] + share[0, :-1]) / 2 / [1, 1, 1, 2]
    assert_allclose(found.accounts.sel(part="capital")[0], capital)
    assert np.isnan(found.break_even)


def test_a_variable_that_does_not_grow_gives_a_mirror_of_nothing():
    found = productivity(small(k=np.ones((8, 5))), output="y", inputs=INPUTS, shares=HALVES)
    assert np.isnan(found.mirror)


def test_names_of_the_arrays_are_the_kernels():
    found = productivity(small(), output="y", inputs=INPUTS, shares=HALVES)
    assert found.steps["step"].values.tolist() == list(STEPS)
    assert found.trend["figure"].values.tolist() == list(TREND)
    product = found.steps.sel(step="efficiency_change") * found.steps.sel(step="technical_change")
    assert_allclose(product, found.steps.sel(step="index"), rtol=1e-14)


def test_a_score_of_zero_has_no_growth_and_is_refused_with_its_place():
    panel = small(d=np.linspace(1, 9, 40).reshape(8, 5))
    index = measure(panel, tree("all - -", "A all -", "a A d"), recipe(weight={"method": "equal"}))
    with refused("production_cell") as caught:
        shares = {"capital": 0.4, "labour": 0.4, "data": 0.2}
        productivity(panel, index, output="y", inputs={**INPUTS, "data": "A"}, shares=shares)
    assert caught.says("column A", "Beijing", "2015")


def test_a_panel_without_the_variables_is_refused_by_their_names():
    with refused("production_variables") as caught:
        productivity(small())
    assert caught.says("gdp_real2011_100m")


def test_scores_scaled_anew_each_year_have_no_growth():
    panel = small(d=np.linspace(1, 9, 40).reshape(8, 5))
    chosen = recipe(weight={"method": "equal"}, normalise={"scope": "year"})
    index = measure(panel, tree("all - -", "A all -", "a A d"), chosen)
    shares = {"capital": 0.4, "labour": 0.4, "data": 0.2}
    with refused("production_variables"):
        productivity(panel, index, output="y", inputs={**INPUTS, "data": "A"}, shares=shares)
    found = productivity(panel, index, output="y", inputs=INPUTS, shares=HALVES, beside=("A",))
    assert found.factors["factor"].values.tolist() == ["capital", "labour"]
