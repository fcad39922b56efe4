"""Cigarette demand in 46 states and 30 years: published estimates, effects and tests, and what spreg makes of it."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from zhiyu.explain.spatial_panel import fit
from zhiyu.explain.spatial_tests import all_models, durbin_tests, lm_tests

HERE = Path(__file__).parent / "baltagi"
EXPECTED, PUBLISHED, SPREG = (
    json.loads((HERE / name).read_text(encoding="utf-8")) for name in ("expected.json", "published.json", "spreg.json")
)
ELHORST = EXPECTED["elhorst2014_table3_static_SDM_two_way_FE_quoted_from_memory_UNVERIFIED"]
SDPDMOD = EXPECTED["SDPDmod_0.0.6_vignette"]


def read() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(46, 30) ln sales, (46, 30, 2) ln real price and income, (46, 46) row-standardised contiguity, by name."""
    with (HERE / "cigar_46x30.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (HERE / "w46_contiguity.csv").open(encoding="utf-8", newline="") as file:
        head, *table = csv.reader(file)
    assert list(dict.fromkeys(row["state_name"] for row in rows)) == head[1:] == [row[0] for row in table]
    real = [np.log([float(row[name]) / float(row["cpi"]) for row in rows]) for name in ("price", "ndi")]
    y = np.log([float(row["sales"]) for row in rows])
    near = np.array([[float(cell) for cell in row[1:]] for row in table])
    return (
        y.reshape(46, 30),
        np.stack(real, axis=-1).reshape(46, 30, 2),
        near / near.sum(axis=1, keepdims=True),
    )


Y, X, W = read()


def test_two_way_fixed_effects():
    expected = EXPECTED["two_way_FE_OLS_recomputed"]
    assert_allclose(fit(Y, X, W, "ols").beta, [expected["logp"], expected["logy"]], atol=5e-8)
    assert_allclose(fit(Y, X, W, "ols").beta, [-1.035, 0.529], atol=5.5e-4)


def test_spatial_lag_with_region_effects():
    found = fit(Y, X, W, "lag", "region", "none")
    expected = EXPECTED["SAR_individual_recomputed"]
    assert_allclose(found.coefficients, [expected[k] for k in ("logp", "logy", "rho", "sige")], atol=5e-7)
    printed = SDPDMOD["mod1_SAR_individual_noLY"]
    assert_allclose(found.coefficients[:3], [printed[k][0] for k in ("logp", "logy", "rho")], atol=1e-3)
    assert found.r2 == pytest.approx(printed["R2"], abs=1e-4)
    # theirs are of the expected information, ours of the observed one
    assert_allclose(found.std_errors[2], printed["rho"][1], rtol=0.08)
    assert fit(Y, X, W, "lag", "region").rho == pytest.approx(found.rho, abs=1e-10)  # sigma2 alone is corrected
    assert fit(Y, X, W, "lag", "region").sigma2 == pytest.approx(found.sigma2 * 30 / 29, rel=1e-9)


def test_spatial_durbin_without_correction():
    found = fit(Y, X, W, correction="none")
    assert_allclose(found.coefficients[:5], [-1.0025, 0.6007, 0.0565, -0.2950, 0.2292], atol=6e-5)
    quoted = [ELHORST[k] for k in ("logp", "logy", "W_logp", "W_logy", "rho")]
    assert_allclose(found.coefficients[:5], quoted, atol=0.015)
    effects = found.effects()
    for kind in ("direct", "indirect", "total"):
        assert_allclose(getattr(effects, kind), [ELHORST[kind]["logp"], ELHORST[kind]["logy"]], atol=0.015)


def test_spatial_durbin_with_lee_and_yu():
    quoted = PUBLISHED["static_durbin_two_way_lee_yu_quoted_from_memory"]
    found, direct = fit(Y, X, W), fit(Y, X, W, correction="none")
    assert_allclose(
        np.r_[found.rho, found.beta, found.theta], np.r_[quoted["rho"], quoted["beta"], quoted["theta"]], atol=0.015
    )
    for kind in ("direct", "indirect", "total"):
        assert_allclose(getattr(found.effects(), kind), quoted[kind], atol=0.015)
    assert found.rho - direct.rho == pytest.approx(0.264 - 0.219, abs=0.005)  # the correction itself
    assert found.sigma2 > direct.sigma2 * 1.04


def test_dynamic_models():
    printed = SDPDMOD["mod2_dynSAR_individual_noLY"]
    found = fit(Y, X, W, "lag", "region", "none", dynamic=True)
    names = ("logc(t-1)", "W*logc(t-1)", "logp", "logy", "rho")
    assert_allclose(found.coefficients[:5], [printed[name][0] for name in names], atol=4e-3)  # their grid of rho
    quoted = PUBLISHED["dynamic_durbin_two_way_lee_yu_quoted_from_memory"]
    told = np.r_[quoted["tau"], quoted["eta"], quoted["beta"], quoted["theta"], quoted["rho"]]
    assert_allclose(fit(Y, X, W, dynamic=True).coefficients[:7], told, atol=0.004)
    assert abs(fit(Y, X, W, correction="none", dynamic=True).tau - quoted["tau"]) > 0.03  # the bias at 29 years


def test_likelihood_ratios_of_the_effects():
    found = {effects: fit(Y, X, W, "ols", effects, "none").log_likelihood for effects in ("region", "time", "two-way")}
    quoted = PUBLISHED["likelihood_ratio_of_effects"]
    assert 2 * (found["two-way"] - found["time"]) == pytest.approx(quoted["region"], abs=0.05)
    assert 2 * (found["two-way"] - found["region"]) == pytest.approx(quoted["time"], abs=0.05)


@pytest.mark.parametrize("effects", ["none", "region", "time", "two-way"])
def test_lagrange_multipliers(effects):
    quoted = PUBLISHED["lm_tests_quoted_from_memory"]
    found = vars(lm_tests(Y, X, W, effects, "none"))
    assert_allclose([found[name].statistic for name in quoted["columns"]], quoted[effects], rtol=0.01, atol=0.2)


def test_the_durbin_model_is_not_to_be_simplified():
    models = all_models(Y, X, W)
    tests = durbin_tests(models["durbin"], models["lag"], models["error"], models["slx"])
    assert max(test.p for test in vars(tests).values()) < 0.05
    assert_allclose(tests.lr_lag.statistic, tests.wald_lag.statistic, rtol=0.05)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("lag_region", ("lag", "region")),
        ("error_region", ("error", "region")),
        ("durbin_two_way", ("durbin", "two-way")),
    ],
)
def test_spreg_without_correction(name, chosen):
    found, expected = fit(Y, X, W, *chosen, correction="none"), SPREG[name]
    assert_allclose(found.coefficients[:-1], expected["coefficients"], atol=2e-7)
    assert found.sigma2 == pytest.approx(expected["sigma2"], rel=1e-6)
    # spreg leaves the observations' number out of its log-likelihood's variance, which shifts it by a constant
    count = Y.size / 2 * np.log(Y.size)
    assert found.log_likelihood == pytest.approx(expected["log_likelihood"] + count, abs=1e-5)
    # spreg prints those of the expected information
    assert_allclose(found.std_errors[:-1], expected["std_errors"], rtol=0.11)
