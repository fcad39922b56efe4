"""Panel regressions beside pyfixest, wildboottest and linearmodels, on one made panel, complete and with gaps.

Their numbers and the script that made them: tests/oracles/pyfixest.
"""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from zhiyu.explain.instrument import two_stage
from zhiyu.explain.panel_ols import fit
from zhiyu.explain.wild import wild_cluster

HERE = Path(__file__).parent / "pyfixest"
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))


def read() -> dict[str, np.ndarray]:
    """(24, 9) columns by name."""
    with (HERE / "panel.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]).reshape(24, 9) for name in rows[0]}


DATA = read()
X = np.stack([DATA["x1"], DATA["x2"]], axis=-1)
OUTCOME = {"balanced": DATA["y"], "unbalanced": np.where(DATA["kept"] == 1, DATA["y"], np.nan)}


@pytest.mark.parametrize("shape", ["balanced", "unbalanced"])
@pytest.mark.parametrize("effects", ["two-way", "region", "year", "none"])
@pytest.mark.parametrize("errors", ["cluster", "hc1"])
def test_coefficients_and_errors(shape, effects, errors):
    found, expected = fit(OUTCOME[shape], X, effects, errors), EXPECTED[f"{shape} {effects} {errors}"]
    assert_allclose(found.beta, expected["beta"], rtol=1e-8)
    assert_allclose(found.std_errors, expected["std_errors"], rtol=1e-8)
    assert_allclose(found.p, expected["p"], rtol=1e-6, atol=1e-12)
    assert_allclose(found.conf, expected["conf"], rtol=1e-7)
    assert found.observations == expected["observations"]
    if effects != "none":
        assert found.r2_within == pytest.approx(expected["r2_within"], rel=1e-8)


def test_driscoll_kraay_by_two_conventions():
    found, expected = fit(DATA["y"], X, errors="driscoll-kraay"), EXPECTED["balanced two-way driscoll-kraay"]
    assert_allclose(found.std_errors, expected["std_errors"], rtol=1e-8)
    assert_allclose(found.p, expected["p"], rtol=1e-6, atol=1e-12)
    # linearmodels has N / (N - parameters) in place of T / (T - 1) (N - 1) / (N - parameters)
    theirs = np.array(EXPECTED["linearmodels two-way driscoll-kraay"]["std_errors"])
    assert_allclose(found.std_errors, theirs * np.sqrt(9 / 8 * 215 / 216), rtol=1e-8)


@pytest.mark.parametrize("shape", ["balanced", "unbalanced"])
@pytest.mark.parametrize("weights", ["rademacher", "webb"])
def test_wild_bootstrap_within_its_own_noise(shape, weights):
    """Variant "11" with the null imposed: both sides draw, so that the difference has two variances."""
    expected = EXPECTED[f"wild {shape} {weights}"]
    found = wild_cluster(OUTCOME[shape], X, 1, draws=expected["reps"], weights=weights)
    noise = np.sqrt(2 * expected["p"] * (1 - expected["p"]) / expected["reps"])
    assert 0.005 < expected["p"] < 0.2
    assert found.p == pytest.approx(expected["p"], abs=4 * noise)


def test_wild_bootstrap_over_all_patterns():
    expected = EXPECTED["wild few"]
    found = wild_cluster(DATA["y"][:8], X[:8], 1)
    assert found.exact
    assert found.draws == 256
    assert found.p == pytest.approx(expected["p"], abs=2 / 256)  # whether a tie counts is a convention


def test_instruments():
    found, expected = two_stage(DATA["y"], X[..., :1], X[..., 1:], DATA["z"][..., None]), EXPECTED["iv"]
    assert_allclose(found.beta, expected["beta"], rtol=1e-8)
    assert_allclose(found.std_errors, expected["std_errors"], rtol=1e-6)
    assert found.first_stage[0].f == pytest.approx(expected["first_stage_f"], rel=1e-8)
    assert abs(found.ols[0]) > 0.4 > 10 * abs(found.beta[0])  # the truth of the script: 0.1, and what is common


def test_more_instruments_than_needed():
    z = np.stack([DATA["z"], DATA["z"] * DATA["x2"]], axis=-1)
    found, expected = (
        two_stage(DATA["y"], X[..., :1], X[..., 1:], z),
        EXPECTED["linearmodels iv, two instruments"],
    )
    assert_allclose(found.beta, expected["beta"], rtol=1e-7)
    # theirs are without a small-sample factor: G / (G - 1) (N - 1) / (N - 2 - 9) is ours
    assert_allclose(found.std_errors, np.array(expected["std_errors"]) * np.sqrt(24 / 23 * 215 / 205), rtol=1e-6)
