"""Convergence: answers seen by eye, the labelled face, the report's room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support import refused

from zhiyu import Study, store
from zhiyu.explain.clubs import clubs
from zhiyu.explain.convergence import absolute_beta, beta, conditional_beta, hp_trend, log_t, sigma, spatial_beta
from zhiyu.explain.log_t import least_rate, long_run_variance
from zhiyu.explain.of.convergence import ConvergenceEvidence, convergence
from zhiyu.measure import measure


def test_sigma_by_hand():
    found = sigma(np.array([[1.0, 2.0], [np.e, 2.0 * np.e], [np.e**2, 2.0]]), draws=20)
    assert_allclose(found.log.values, [np.sqrt(2 / 3), np.sqrt(2 / 9)])
    assert_allclose(found.log.change, np.sqrt(1 / 3) - 1.0)
    assert_allclose(found.log.slope, np.sqrt(2 / 9) - np.sqrt(2 / 3))
    x = np.array([1.0, np.e, np.e**2])
    assert_allclose(found.cv.values[0], x.std() / x.mean())
    assert_allclose(found.absolute.values[0], x.std())


def test_a_gap_that_halves_has_an_interval_of_one_point():
    """Every draw of regions sees the same rate, so there is nothing to be unsure of."""
    start = np.random.default_rng(0).normal(size=12)
    x = np.exp(1.0 + start[:, None] * 0.5 ** np.arange(3))
    found = sigma(x, draws=200).log
    assert_allclose([found.change, found.change_low, found.change_high], -0.75)


def test_sigma_does_not_depend_on_how_many_draws_are_held_at_once(monkeypatch: pytest.MonkeyPatch):
    x = np.random.default_rng(1).lognormal(size=(9, 5))
    whole = sigma(x, draws=50, seed=4)
    monkeypatch.setattr("zhiyu.explain.convergence.CELLS", 100)
    assert sigma(x, draws=50, seed=4).cv.slope_low == whole.cv.slope_low
    assert sigma(x, draws=50, seed=5).cv.slope_low != whole.cv.slope_low


def test_absolute_beta_reads_the_speed():
    """ln x_T = mean + (ln x_0 - mean) e^(-lambda T), without noise: lambda comes back."""
    level = np.random.default_rng(2).normal(2.0, 0.5, 15)
    x = np.exp(2.0 + (level - 2.0)[:, None] * np.exp(-0.05 * np.arange(9)))
    found = absolute_beta(x)
    assert_allclose(found.speed, 0.05)
    assert_allclose(found.half_life, np.log(2.0) / 0.05)
    assert_allclose(found.b, -(1.0 - np.exp(-0.4)) / 8.0)
    assert found.r2 == pytest.approx(1.0)


def test_hc3_by_hand():
    rng = np.random.default_rng(3)
    log = rng.normal(size=(12, 2)) + 1.0
    found = absolute_beta(np.exp(log))
    x = np.column_stack([np.ones(12), log[:, 0]])
    y = log[:, 1] - log[:, 0]
    bread = np.linalg.inv(x.T @ x)
    e = (y - x @ (bread @ x.T @ y)) / (1.0 - np.diag(x @ bread @ x.T))
    assert_allclose(found.se, np.sqrt((bread @ (x.T * e**2) @ x @ bread)[1, 1]))
    assert found.low < found.b < found.high


def test_divergence_has_no_half_life():
    level = np.linspace(1.0, 3.0, 8)
    found = absolute_beta(np.exp(2.0 + (level - 2.0)[:, None] * np.exp(0.05 * np.arange(5))))
    assert found.b > 0
    assert found.speed == pytest.approx(-0.05)
    assert found.half_life is None


def test_conditional_beta_is_that_of_dummies():
    rng = np.random.default_rng(4)
    log = rng.normal(size=(8, 6)).cumsum(axis=1) / 5 + 2.0
    z = rng.normal(size=(8, 6, 1))
    found = conditional_beta(np.exp(log), z)
    region = np.kron(np.eye(8), np.ones((5, 1)))
    year = np.kron(np.ones((8, 1)), np.eye(5))[:, 1:]
    design = np.column_stack([log[:, :-1].ravel(), z[:, :-1].ravel(), region, year])
    wanted = np.linalg.lstsq(design, np.diff(log, axis=1).ravel(), rcond=None)[0]
    assert_allclose(found.b, wanted[0], rtol=1e-9)
    assert (found.years, found.observations) == (5, 40)
    assert found.null_b == -0.5
    assert found.speed is None


def test_spatial_beta_is_at_the_top_of_the_likelihood():
    rng = np.random.default_rng(5)
    n = 20
    w = np.roll(np.eye(n), 1, 1) + np.roll(np.eye(n), -1, 1)
    w /= w.sum(axis=1, keepdims=True)
    x = np.exp(rng.normal(size=(n, 2)) * 0.3 + 2.0)
    found = spatial_beta(x, w)
    log = np.log(x)
    growth, design = log[:, 1] - log[:, 0], np.column_stack([np.ones(n), log[:, 0]])

    def likelihood(rho: float) -> float:
        y = growth - rho * w @ growth
        e = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return float(np.linalg.slogdet(np.eye(n) - rho * w)[1] - n / 2 * np.log(e @ e / n))

    grid = np.linspace(-0.95, 0.95, 191)
    best = max(likelihood(rho) for rho in grid)
    assert found.rho is not None
    assert likelihood(found.rho) >= best - 1e-12
    assert_allclose(found.total, found.b / (1.0 - found.rho))
    step = 1e-4
    curve = -(likelihood(found.rho + step) - 2 * likelihood(found.rho) + likelihood(found.rho - step)) / step**2
    assert found.rho_se == pytest.approx(curve**-0.5, rel=0.15)  # observed beside expected information


def test_without_neighbours_that_matter_the_spatial_slope_is_the_plain_one():
    x = np.random.default_rng(6).lognormal(size=(15, 4))
    w = np.zeros((15, 15))
    w[0, 1] = w[1, 0] = 1.0
    assert spatial_beta(x, w).b == pytest.approx(absolute_beta(x).b, rel=0.3)
    assert beta(x, w=w) == spatial_beta(x, w)
    assert beta(x) == absolute_beta(x)
    assert beta(x, effects="region") == conditional_beta(x, effects="region")


def test_log_t_by_hand():
    x = np.array([[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [3.0, 2.5, 2.2, 2.0, 1.9, 1.8, 1.75]])
    found = log_t(x)
    h = x / x.mean(axis=0)
    spread = ((h - 1) ** 2).mean(axis=0)
    t = np.arange(3, 8)
    slope, level = np.polyfit(np.log(t), np.log(spread[0] / spread[2:]) - 2 * np.log(np.log(t)), 1)
    assert_allclose([found.b, found.a], [slope, level])
    assert found.discarded == 2


def test_all_lagged_products_count():
    """An alternating series by hand: gamma_0 = 1, gamma_1 = -(p - 1) / p, ..., and white noise has its variance."""
    u = np.array([[1.0, -1.0, 1.0, -1.0]])
    omega, bandwidth = long_run_variance(u)
    z = 6 * np.pi / 5 * np.arange(1, 4) / bandwidth[0]
    weights = 3 / z**2 * (np.sin(z) / z - np.cos(z))
    assert_allclose(omega, max(0.0, 1.0 + 2 * (weights * [-3 / 4, 2 / 4, -1 / 4]).sum()))
    assert long_run_variance(u, "published")[0] != omega


def test_the_least_rate_is_where_the_slope_is_nothing():
    rate = least_rate(3, 10)
    assert rate == pytest.approx(0.0842, abs=1e-4)
    gap = 0.01 * np.exp(-rate * np.arange(1, 11))
    assert log_t(np.stack([1.0 + gap, 1.0 - gap])).b == pytest.approx(0.0, abs=1e-10)


def test_the_filter_leaves_a_line_alone_and_hardly_bends_with_much_smoothing():
    line = 3.0 + 0.2 * np.arange(10.0)
    assert_allclose(hp_trend(line[None], 400.0)[0], line)
    bent = hp_trend((line + np.sin(np.arange(10.0)))[None], 1e7)[0]
    assert np.abs(np.diff(bent, n=2)).max() < 1e-5


def test_regions_that_are_all_the_same_make_one_club():
    found = clubs(np.tile(np.linspace(1.0, 2.0, 9), (4, 1)))
    assert [list(rows) for rows in found.members] == [[0, 1, 2, 3]]
    assert np.isinf(found.t[0])


@pytest.fixture(scope="module")
def found() -> ConvergenceEvidence:
    study = Study.open("china-provinces")
    return convergence(study.measure(), study.panel(), "region4", study.neighbours(), seed=1, draws=200)


def test_the_china_study(found: ConvergenceEvidence):
    one = found.series[0]
    assert [s.id for s in found.series][:2] == ["index", "ai_native"]
    assert [s.id for s in found.series][-2:] == ["output_per_head", "income_per_head"]
    assert one.years == tuple(range(2013, 2023))
    assert one.sigma.log.change < 0 < one.sigma.absolute.change  # the relative gap narrows, the gap itself grows
    assert one.conditional.low < one.conditional.null_b < one.conditional.high  # type: ignore[operator]
    assert one.log_t is not None
    assert one.log_t.decision == "rejected"
    tibet = next(s for s in found.series if s.id == "data_factor").left_out
    assert [found.names[code].en for code in tibet] == ["Tibet"]
    everyone = sorted([*one.divergent(), *(code for club in one.members() for code in club)])
    assert everyone == sorted(one.codes)


def test_rows_are_matched_by_code(found: ConvergenceEvidence):
    study = Study.open("china-provinces")
    near = study.neighbours()
    assert near is not None
    turned = replace(near, codes=near.codes[::-1], matrix=near.matrix[::-1, ::-1])
    again = convergence(study.measure(), study.panel(), "region4", turned, seed=1, draws=200)
    assert again.series[0].spatial == found.series[0].spatial


def test_its_tables_and_words(found: ConvergenceEvidence):
    tidy, glance = found.tidy(), found.glance()
    assert list(tidy.columns[:8]) == [
        "series", "term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high",
    ]  # fmt: skip
    assert len(glance) == 1
    row = tidy[(tidy["series"] == "index") & (tidy["term"] == "beta_absolute")].iloc[0]
    assert row["estimate"] == glance["beta"].iloc[0] == found.series[0].absolute.b
    for locale, word in (("en", "Nickell"), ("zh", "收敛")):
        assert word in found.summary(locale)  # type: ignore[arg-type]


def test_it_can_be_kept(found: ConvergenceEvidence):
    arrays: dict[str, np.ndarray] = {}
    kept = store.decode(store.encode(found, arrays), arrays)
    assert kept.tidy().equals(found.tidy())
    assert_array_equal(kept.series[0].values.values, found.series[0].values.values)


@pytest.mark.parametrize("name", ["europe-desi", "asem"])
def test_one_year_is_silent_with_its_reason(name: str):
    study = Study.open(name)
    with refused("convergence_nothing") as caught:
        convergence(study.measure(), study.panel(), w=study.neighbours())
    assert caught.says("1 consecutive years")


def test_scores_scaled_anew_each_year_say_nothing():
    study = Study.open("china-provinces")
    yearly = study.choices.measure.recipe.replaced("normalise.scope", "year")
    told = convergence(measure(study.panel(), study.framework(), yearly), study.panel(), draws=20)
    assert [s.id for s in told.series] == ["output_per_head", "income_per_head"]
    assert "within each year" in told.skipped[0][1].en
